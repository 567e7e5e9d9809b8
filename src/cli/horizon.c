/* horizon.c - `crossover horizon`: month by month.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "xo/text.h"

/* Files first, as for a curve. */
static int deliver(const struct cli_request *request, const struct xo_horizon *horizon,
                   const struct xo_folder_lock *lock)
{
    struct xo_error err = { 0 }, late = { 0 };
    char requests[32];
    struct xo_output output = { .folder = cli_folder(request),
                                .command = request->command,
                                .plots = !request->no_plots,
                                .stop = &cli_stop,
                                .lock = lock };
    const bool written = xo_horizon_write(horizon, &output, &err);
    if (!written)
        cli_failed(request, &err);
    const bool printed = xo_horizon_print(stdout, horizon, request->format, &late);
    const int status =
        cli_end_output(request, &output, written ? NULL : &err, printed ? NULL : &late);
    if (status != CLI_OK)
        return status;
    cli_tell(request, CLI_NOTE, "Simulated %s requests, and went over %d months, in %.1f s.",
             xo_text_count(requests, sizeof requests, (double)horizon->n_simulated, 3),
             horizon->n_months, horizon->wall_s);
    return cli_stop != 0 ? CLI_INTERRUPTED
                         : cli_judge(request, cli_horizon_conditions(horizon), "over the horizon");
}

int cli_horizon(const struct cli_request *request)
{
    int status;
    struct xo_error err = { 0 };
    struct xo_horizon *horizon = NULL;
    struct xo_folder_lock lock;
    struct cli_progress progress;
    struct xo_scenario *scenario = cli_read_scenario(request, &status);
    if (scenario == NULL)
        return status;
    cli_catch_interrupts();
    cli_progress_begin(&progress, request);
    struct xo_study_options options = cli_study_options(request, scenario, &progress);
    options.tell = cli_warn;
    options.tell_self = request;
    const bool ok =
        cli_folder_open(request, scenario, cli_folder(request), XO_FOLDER_ALONE, &lock, &err) &&
        xo_horizon_run(&horizon, scenario, &options, &err);
    cli_progress_end(&progress);
    status = ok ? deliver(request, horizon, &lock) : cli_failed(request, &err);
    xo_folder_unlock(&lock);
    xo_horizon_free(horizon);
    xo_scenario_free(scenario);
    return status;
}
