/* sweep.c - `crossover sweep`: how sure is the answer, and what moves it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "campaign.h"

int cli_sweep(const struct cli_request *request)
{
    struct xo_scenario *scenario = cli_read_scenario(request);
    if (scenario == NULL)
        return CLI_BAD;
    struct cli_progress progress;
    struct xo_error err = { 0 };
    struct xo_sweep *sweep = NULL;
    cli_catch_interrupts();
    cli_progress_begin(&progress, request);
    const struct xo_study_options options = cli_study_options(request, scenario, &progress);
    const struct xo_sweep_settings settings = xo_sweep_settings_of(scenario);
    struct cli_local local = { &options };
    const struct cli_crew crew = cli_local_crew(&local);
    const int status = xo_sweep_new(&sweep, scenario, &settings, &options, &err)
                           ? cli_campaign(request, scenario, sweep, &options, &progress, &crew)
                           : cli_failed(request, &err);
    cli_progress_end(&progress);
    xo_sweep_free(sweep);
    xo_scenario_free(scenario);
    return status;
}
