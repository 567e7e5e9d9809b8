/* session.c - what several verbs do: read the scenario, open the output, obey Ctrl-C, judge.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"
#include "xo/table.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the scenario ---- */

/* Errors of options, whose lines begin with the option. */
static int count_typed(const struct xo_problems *problems)
{
    int n = 0;
    for (size_t i = 0; i < problems->n; i++)
        n += strncmp(problems->lines[i], "--", 2) == 0 &&
             strstr(problems->lines[i], ": warning: ") == NULL;
    return n;
}

int cli_tell_problems(const struct cli_request *request, const char *path, const char *more,
                      const struct xo_problems *problems)
{
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    const int n_errors = (int)problems->n - problems->n_warnings, n_typed = count_typed(problems);
    if (problems->out_of_memory) { /* then lines may tell of what was not read, not of the file */
        cli_tell(request, CLI_ERROR, "out of memory while reading %s", name);
        return CLI_FAILED;
    }
    for (size_t i = 0; i < problems->n; i++)
        cli_tell(request, CLI_PLAIN, "%s", problems->lines[i]);
    if (n_errors > 0)
        cli_tell(request, CLI_ERROR, "%d error%s in %s%s; %s", n_errors, n_errors == 1 ? "" : "s",
                 n_typed == n_errors ? "the options" : name,
                 n_typed > 0 && n_typed < n_errors ? " and the options" : "", more);
    return n_errors > 0 ? CLI_BAD : CLI_OK;
}

struct xo_scenario *cli_read_scenario(const struct cli_request *request, int *status)
{
    const struct xo_scenario_options options = { request->sets, request->n_sets,
                                                 request->typed_as };
    struct xo_problems problems = { 0 };
    struct xo_scenario *scenario = NULL;
    if (!xo_scenario_read(&scenario, request->operands[0], &options, &problems))
        scenario = NULL;
    *status = cli_tell_problems(request, request->operands[0],
                                "every key and its unit: crossover help scenario", &problems);
    xo_problems_fini(&problems);
    return scenario;
}

int cli_read_measured(const struct cli_request *request, const char *path,
                      const struct xo_scenario *scenario, struct xo_measured *measured)
{
    struct xo_problems problems = { 0 };
    const bool ok = xo_measured_read_for(measured, path, scenario, &problems);
    const int status =
        cli_tell_problems(request, path, "its columns: crossover data validate --help", &problems);
    xo_problems_fini(&problems);
    return ok ? CLI_OK : status;
}

/* ---- where a page goes ---- */

bool cli_target_open(struct cli_target *target, const struct cli_request *request,
                     struct xo_error *err)
{
    *target = (struct cli_target){ .stream = stdout, .to_file = request->out != NULL };
    if (!target->to_file)
        return true;
    struct stat there; /* /dev/stdout and its like are written to, not replaced */
    if (!request->force && stat(request->out, &there) == 0 && S_ISREG(there.st_mode))
        return xo_fail(err, XO_ERR_IO, "%.200s exists already; another name, or --force, would do",
                       request->out);
    if (!xo_file_create(&target->file, request->out, err))
        return false;
    target->stream = target->file.stream;
    return true;
}

int cli_target_close(struct cli_target *target, const struct cli_request *request, bool printed,
                     const struct xo_error *err)
{
    struct xo_error late = { 0 };
    if (!printed) {
        if (target->to_file)
            xo_file_discard(&target->file);
        return cli_failed(request, err);
    }
    if (target->to_file && !xo_file_commit(&target->file, &late))
        return cli_failed(request, &late);
    if (target->to_file)
        cli_tell(request, CLI_NOTE, "Wrote %s.", request->out);
    return CLI_OK;
}

/* ---- Ctrl-C ---- */

volatile int cli_stop;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    if (cli_stop != 0)
        _exit(CLI_INTERRUPTED);
    cli_stop = 1;
}

/* A program that was started with SIGINT ignored (in the background, by nohup) keeps ignoring it.
 */
void cli_catch_interrupts(void)
{
    struct sigaction before;
    struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART };
    if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGINT, &action, NULL);
}

/* ---- --fail-on ---- */

static unsigned condition_of(enum xo_call call)
{
    static const unsigned holds[] = { CLI_IF_INFEASIBLE, 0, /* no winner */
                                      CLI_IF_TOO_CLOSE, CLI_IF_BUY, CLI_IF_BUILD };
    XO_TABLE_OF(holds, XO_N_CALLS);
    return holds[call];
}

/* Of bills at one volume. */
static enum xo_call call_of_bills(double buy_usd, double build_usd, bool buy_limited,
                                  double materiality_frac, enum xo_parity parity)
{
    return xo_judge(&(struct xo_comparison){ .saving_usd = buy_usd - build_usd,
                                             .cheaper_usd = fmin(buy_usd, build_usd),
                                             .materiality_frac = materiality_frac,
                                             .build_wins_share = NAN,
                                             .buy_limited = buy_limited,
                                             .parity = parity });
}

unsigned cli_curve_conditions(const struct xo_curve *curve)
{
    const struct xo_curve_point *plan = &curve->points[curve->plan];
    unsigned holds =
        condition_of(call_of_bills(plan->usd[XO_WAY_BUY], plan->usd[XO_WAY_BUILD],
                                   plan->limited[XO_WAY_BUY], 0, curve->scenario->parity));
    if (curve->verdict == XO_VERDICT_INFEASIBLE)
        holds = CLI_IF_INFEASIBLE;
    if (curve->verdict == XO_VERDICT_TOO_CLOSE)
        holds = CLI_IF_TOO_CLOSE;
    return curve->crossings[XO_BUY_BUILD].n == 0 ? holds | CLI_IF_NO_CROSSOVER : holds;
}

unsigned cli_run_conditions(const struct xo_run *run)
{
    const struct xo_scenario *s = run->scenario;
    return condition_of(call_of_bills(run->usd[XO_WAY_BUY], run->usd[XO_WAY_BUILD],
                                      run->limited[XO_WAY_BUY], s->materiality_frac, s->parity));
}

unsigned cli_sweep_conditions(const struct xo_sweep_report *report)
{
    const unsigned none = report->result->exists.mean > 0 ? 0 : CLI_IF_NO_CROSSOVER;
    return condition_of(xo_sweep_call(report)) | none;
}

unsigned cli_horizon_conditions(const struct xo_horizon *horizon)
{
    static const unsigned holds[] = {
        [XO_HORIZON_INFEASIBLE] = CLI_IF_INFEASIBLE,
        [XO_HORIZON_NO_WINNER] = 0,
        [XO_HORIZON_LATER] = CLI_IF_BUY,
        [XO_HORIZON_TOO_CLOSE] = CLI_IF_TOO_CLOSE,
        [XO_HORIZON_NOW] = CLI_IF_BUILD,
        [XO_HORIZON_STAY] = CLI_IF_BUY,
    };
    XO_TABLE_OF(holds, XO_N_HORIZON_CODES);
    return holds[horizon->verdict];
}

int cli_judge(const struct cli_request *request, unsigned conditions, const char *where)
{
    static const char *const findings[] = { "buying is cheaper", "this build is cheaper",
                                            "one side cannot be done",
                                            "the two are too close to call",
                                            "there is no crossing in the volumes simulated" };
    XO_TABLE_OF(findings, CLI_N_CONDITIONS);
    const unsigned met = request->fail_on & conditions;
    for (int i = 0; i < CLI_N_CONDITIONS; i++) {
        const bool crosses = 1u << i == CLI_IF_NO_CROSSOVER; /* at any volume */
        if ((met & (1u << i)) != 0)
            cli_tell(request, CLI_ERROR, "--fail-on %s: %s%s%s", cli_conditions[i], findings[i],
                     crosses ? "" : " ", crosses ? "" : where);
    }
    return met != 0 ? CLI_CONDITION : CLI_OK;
}

/* ---- the files of a study ---- */

const char *cli_folder(const struct cli_request *request)
{
    return request->out != NULL ? request->out : "out";
}

bool cli_folder_open(const struct cli_request *request, const struct xo_scenario *scenario,
                     const char *folder, enum xo_folder_use use, struct xo_folder_lock *lock,
                     struct xo_error *err)
{
    char theirs[XO_PATH_SIZE];
    if (!xo_folder_lock(lock, folder, use, err))
        return false;
    if (request->force || scenario == NULL || !xo_folder_is_of_another(folder, scenario, theirs))
        return true;
    if (request->out != NULL)
        return xo_fail(err, XO_ERR_INPUT,
                       "%.60s holds results of %.80s: --force replaces them, --out names another "
                       "folder",
                       folder, theirs);
    cli_tell(request, CLI_NOTE,
             "%s held results of %s, which this study replaces; --out keeps both.", folder, theirs);
    return true;
}

static void tell_output(const struct cli_request *request, const struct xo_output *output,
                        bool written)
{
    cli_tell_lines(request, CLI_WARNING, output->notes);
    if (written && output->wrote != NULL)
        cli_tell(request, CLI_NOTE, "Wrote %s%s: %s.", output->folder,
                 output->folder[strlen(output->folder) - 1] == '/' ? "" : "/", output->wrote);
}

static bool is_of_memory(const struct xo_error *err)
{
    return err != NULL && err->kind == XO_ERR_MEMORY;
}

int cli_end_output(const struct cli_request *request, struct xo_output *output,
                   const struct xo_error *unwritten, const struct xo_error *unprinted)
{
    const bool no_memory = is_of_memory(unwritten) || is_of_memory(unprinted);
    int status = unwritten == NULL ? CLI_OK : cli_status_of(unwritten);
    fflush(stdout); /* the answer, then the notes on it, where both go to one terminal */
    if (unprinted != NULL && (unwritten == NULL || !no_memory))
        status = cli_failed(request, unprinted);
    if (!no_memory)
        tell_output(request, output, unwritten == NULL);
    free(output->notes);
    free(output->wrote);
    output->notes = output->wrote = NULL;
    return status;
}
