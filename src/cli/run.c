/* run.c - `crossover run`: the bills at the planned volume.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "xo/text.h"

/* Files first, so that a reader who closes the pipe early costs nothing. */
static int deliver(const struct cli_request *request, const struct xo_run *run,
                   const struct xo_folder_lock *lock)
{
    struct xo_error err = { 0 }, late = { 0 };
    struct xo_output output = { .folder = request->out, .command = request->command, .lock = lock };
    const bool written = request->out == NULL || xo_run_write(run, &output, &err);
    if (!written)
        cli_failed(request, &err);
    const bool printed = xo_run_print(stdout, run, request->format, &late);
    const int status =
        cli_end_output(request, &output, written ? NULL : &err, printed ? NULL : &late);
    return status != CLI_OK ? status
                            : cli_judge(request, cli_run_conditions(run), "at the planned volume");
}

int cli_run(const struct cli_request *request)
{
    int status;
    struct xo_scenario *scenario = cli_read_scenario(request, &status);
    if (scenario == NULL)
        return status;
    struct cli_progress progress;
    struct xo_error err = { 0 };
    struct xo_run *run = NULL;
    struct xo_folder_lock lock = { .fd = -1 };
    cli_catch_interrupts();
    cli_progress_begin(&progress, request);
    struct xo_study_options options = cli_study_options(request, scenario, &progress);
    options.tell = cli_warn;
    options.tell_self = request;
    const bool ok = (request->out == NULL || cli_folder_open(request, scenario, request->out,
                                                             XO_FOLDER_ALONE, &lock, &err)) &&
                    xo_run_run(&run, scenario, &options, &err);
    cli_progress_end(&progress);
    status = ok ? deliver(request, run, &lock) : cli_failed(request, &err);
    xo_folder_unlock(&lock);
    xo_run_free(run);
    xo_scenario_free(scenario);
    return status;
}
