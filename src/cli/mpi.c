/* mpi.c - `crossover-mpi`: one sweep, map or curve on the ranks of an MPI run (campaign/ranks.h).
 *
 * Rank 0 owns the study, keeps the journal and writes the files; the others read the scenario
 * themselves and work for it. Before anything is handed out, all ranks have to have read the same
 * study (all_agree). Started with one rank, it works alone. When a rank dies, mpirun ends the
 * others; rank 0 is told by SIGTERM, says how to go on and closes its journal.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "campaign.h"

#include "campaign/ranks.h"

#include <gsl/gsl_errno.h>
#include <mpi.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

/* ---- the run ---- */

/* SIGTERM is what mpirun sends when a rank has died, and SIGKILL a second later: rank 0 may be
 * waiting for the disk for longer, so a thread of its own waits for the signal and tells. The other
 * ranks just end. */
static volatile sig_atomic_t told_to_end;

static void mask_sigterm(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(how, &set, NULL);
}

static void *wait_for_sigterm(void *advice)
{
    sigset_t set;
    int signal_number;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    if (sigwait(&set, &signal_number) != 0)
        return NULL;
    told_to_end = 1;
    cli_stop = 1;
    fprintf(stderr, "crossover: told to end (a rank died, or the job was cancelled): %s\n",
            (const char *)advice);
    return NULL;
}

static void watch_for_sigterm(bool is_campaign)
{
    static char kept[] = "what is finished is on disk, and the same command with --resume goes on",
                lost[] = "a curve keeps nothing; begin again";
    pthread_t thread;
    if (pthread_create(&thread, NULL, wait_for_sigterm, is_campaign ? kept : lost) == 0)
        pthread_detach(thread);
    else
        mask_sigterm(SIG_UNBLOCK);
}

static const char *ended_by(void)
{
    return told_to_end ? "told to end" : "interrupted";
}

/* Whether every rank has the same work; rank 0 says which has not. `mine` 0: there is none. */
static bool all_agree(const struct cli_request *request, uint64_t mine, int n_ranks)
{
    int other;
    const bool agree = campaign_ranks_agree(mine, n_ranks, &other);
    if (other >= 0 && mine != 0)
        cli_tell(request, CLI_ERROR,
                 "rank %d does not read the scenario that rank 0 reads: are the files on all "
                 "machines the same?",
                 other);
    return agree && mine != 0;
}

/* Of fewer ranks, rank 0 makes the lines of samples itself, as fast as it would take them. */
enum { LINES_APART = 4 };

/* How a verb is run. */
struct verb {
    enum cli_verb_bit bit;
    cli_study_fn *make; /* NULL: a curve */
    bool (*lines)(const void *study, const void *job, size_t n, struct xo_bytes *lines,
                  struct xo_error *err);
};

static int manage(const struct cli_request *request, const struct campaign_duty *duty,
                  const struct cli_study *study, struct cli_progress *progress,
                  struct campaign_ranks *ranks)
{
    const struct xo_campaign_crew crew = campaign_ranks_crew(ranks);
    const int status = duty->work != NULL
                           ? cli_campaign(study, duty->options, progress,
                                          ranks->n_ranks > 1 ? &crew : NULL, ended_by)
                           : cli_curve_of(request, duty->scenario, duty->options, progress);
    fflush(stdout);
    campaign_ranks_stop(ranks, status);
    return status;
}

static void work(const struct campaign_duty *duty)
{
    struct xo_error err = { 0 };
    if (campaign_rank_work(duty, &err))
        return;
    fprintf(stderr, "crossover-mpi: %s\n", err.text);
    MPI_Abort(MPI_COMM_WORLD, CLI_FAILED);
}

static uint64_t hash_of(const struct campaign_duty *duty)
{
    return duty->work != NULL ? duty->work->hash : xo_scenario_hash(duty->scenario);
}

static int run(const struct cli_request *request, const struct verb *verb, int rank, int n_ranks)
{
    struct cli_progress progress;
    struct cli_study study = { 0 };
    int status;
    struct xo_scenario *scenario = cli_read_scenario(request, &status);
    cli_keep_freed_memory();
    if (rank == 0) {
        cli_catch_interrupts();
        watch_for_sigterm(verb->make != NULL);
    }
    cli_progress_begin(&progress, request);
    struct xo_study_options options = cli_study_options(request, scenario, &progress);
    struct campaign_ranks ranks = { .n_ranks = n_ranks, .options = &options };
    const struct xo_crew jobs = campaign_ranks_jobs(&ranks), lines = campaign_ranks_lines(&ranks);
    options.n_threads = request->n_threads > 0 ? request->n_threads : 1;
    options.crew = rank == 0 && n_ranks > 1 ? &jobs : NULL;
    if (rank > 0)
        options.progress = NULL;
    if (status == CLI_OK && verb->make != NULL)
        status = verb->make(&study, request, scenario, &options);
    study.lines = n_ranks >= LINES_APART ? &lines : NULL;
    const struct campaign_duty duty = { scenario, &options, verb->make != NULL ? &study.work : NULL,
                                        verb->lines };
    if (!all_agree(request, status == CLI_OK ? hash_of(&duty) : 0, n_ranks))
        status = status != CLI_OK ? status : CLI_BAD;
    else if (rank == 0)
        status = manage(request, &duty, &study, &progress, &ranks);
    else
        work(&duty);
    cli_progress_end(&progress);
    cli_study_free(&study);
    xo_scenario_free(scenario);
    return status;
}

/* ---- what is asked ---- */

static bool lines_of_sweep(const void *study, const void *job, size_t n, struct xo_bytes *lines,
                           struct xo_error *err)
{
    return xo_sweep_lines(study, job, n, lines, err);
}

static const struct verb verbs[] = { { CLI_SWEEP, cli_sweep_study, lines_of_sweep },
                                     { CLI_MAP, cli_map_study, NULL },
                                     { CLI_CURVE, NULL, NULL } };

static const char help[] =
    "Run `crossover sweep`, `map` or `curve` on the ranks of an MPI run.\n\n"
    "  mpirun -n 64 crossover-mpi sweep my.ini --out big --resume\n\n"
    "The options are those of the commands; --threads are those of one rank, 1 unless given.\n"
    "Rank 0 hands out the work and writes the files, the same to the byte as those of one\n"
    "process.\n";

static int start(const struct cli_request *request, int rank, int n_ranks)
{
    if (request->show_version || request->show_help || request->verb == NULL) {
        if (rank == 0 && request->show_version)
            cli_print_version(stdout);
        else if (rank == 0)
            fputs(help, stdout);
        return CLI_OK;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (request->verb->bit == verbs[i].bit && strcmp(request->operands[0], "-") != 0)
            return run(request, &verbs[i], rank, n_ranks);
    cli_tell(request, CLI_ERROR, "crossover-mpi runs sweep, map and curve, on a scenario file");
    return CLI_BAD;
}

int main(int argc, char *argv[])
{
    struct cli_request request = { 0 };
    struct xo_error err = { 0 };
    int provided = 0, rank = 0, n_ranks = 1, status = CLI_BAD;
    mask_sigterm(SIG_BLOCK); /* for the threads of MPI too */
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    gsl_set_error_handler_off();
    signal(SIGXFSZ, SIG_IGN); /* as main.c has it */
    if (rank > 0)
        mask_sigterm(SIG_UNBLOCK);
    const bool parsed = cli_parse(&request, argc, argv, &err);
    request.mute = rank > 0; /* rank 0 tells the problems, which all ranks have */
    if (parsed)
        status = start(&request, rank, n_ranks);
    else
        cli_tell(&request, CLI_ERROR, "%s", err.text);
    cli_request_fini(&request);
    MPI_Finalize();
    return rank == 0 ? status : CLI_OK;
}
