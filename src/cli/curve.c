/* curve.c - `crossover curve`, and `crossover FILE.ini`: where the answer flips.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "xo/text.h"

static void tell_effort(const struct cli_request *request, const struct xo_curve *curve)
{
    char requests[32];
    cli_tell(request, CLI_NOTE, "Simulated %s requests in %.1f s.",
             xo_text_count(requests, sizeof requests, (double)curve->n_simulated, 3),
             curve->wall_s);
}

/* Files first, so that a reader who closes the pipe early costs nothing; and a folder that cannot
 * be written does not cost the answer on stdout. */
static int deliver(const struct cli_request *request, const struct xo_curve *curve,
                   const struct xo_folder_lock *lock)
{
    struct xo_error err = { 0 }, late = { 0 };
    struct xo_output output = { .folder = cli_folder(request),
                                .command = request->command,
                                .plots = !request->no_plots,
                                .stop = &cli_stop,
                                .lock = lock };
    const bool written = xo_curve_write(curve, &output, &err);
    if (!written)
        cli_failed(request, &err);
    const bool printed = xo_curve_print(stdout, curve, request->format, &late);
    const int status =
        cli_end_output(request, &output, written ? NULL : &err, printed ? NULL : &late);
    if (status != CLI_OK)
        return status;
    tell_effort(request, curve);
    return cli_stop != 0 ? CLI_INTERRUPTED
                         : cli_judge(request, cli_curve_conditions(curve), "at the planned volume");
}

int cli_curve_of(const struct cli_request *request, const struct xo_scenario *scenario,
                 const struct xo_study_options *options, struct cli_progress *progress)
{
    struct xo_error err = { 0 };
    struct xo_curve *curve = NULL;
    struct xo_folder_lock lock;
    const bool ok =
        cli_folder_open(request, scenario, cli_folder(request), XO_FOLDER_ALONE, &lock, &err) &&
        xo_curve_run(&curve, scenario, options, &err);
    cli_progress_end(progress);
    const int status = ok ? deliver(request, curve, &lock) : cli_failed(request, &err);
    xo_folder_unlock(&lock);
    xo_curve_free(curve);
    return status;
}

int cli_curve(const struct cli_request *request)
{
    int status;
    struct xo_scenario *scenario = cli_read_scenario(request, &status);
    if (scenario == NULL)
        return status;
    struct cli_progress progress;
    cli_catch_interrupts();
    cli_progress_begin(&progress, request);
    struct xo_study_options options = cli_study_options(request, scenario, &progress);
    options.tell = cli_warn;
    options.tell_self = request;
    status = cli_curve_of(request, scenario, &options, &progress);
    xo_scenario_free(scenario);
    return status;
}
