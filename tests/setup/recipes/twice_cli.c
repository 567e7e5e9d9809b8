/* twice.c - `crossover twice`: what buying costs at the plan, and at twice the plan.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

int cli_twice(const struct cli_request *request)
{
    int status;
    struct xo_twice twice;
    struct xo_error err = { 0 };
    struct xo_scenario *scenario = cli_read_scenario(request, &status);
    if (scenario == NULL)
        return status;
    if (!xo_twice_run(&twice, scenario, &err) ||
        !xo_twice_print(stdout, &twice, request->format, &err))
        status = cli_failed(request, &err);
    xo_scenario_free(scenario);
    return status;
}
