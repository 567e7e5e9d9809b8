/* check.c - `crossover check`: a scenario as it was understood, or all that is wrong with it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <math.h>

/* Above this share the rebuilt bill is too far from the invoice to go unsaid. */
static const double reconcile_warn_frac = 0.05;

static void warn_of_difference(const struct cli_request *request,
                               const struct xo_reconciliation *actual)
{
    if (actual->given && fabs(actual->difference_frac) > reconcile_warn_frac)
        cli_tell(request, CLI_WARNING,
                 "the bill rebuilt from [actual] is %.0f %% %s the invoice: a verdict can be no "
                 "better than that",
                 100 * fabs(actual->difference_frac),
                 actual->difference_frac > 0 ? "above" : "below");
}

static bool print(FILE *out, const struct cli_request *request, const struct xo_scenario *scenario,
                  struct xo_error *err)
{
    struct xo_reconciliation actual = { 0 };
    if (request->resolved)
        return xo_scenario_write_resolved(scenario, out, err);
    if (!xo_reconcile(scenario, &actual, err) ||
        !xo_check_print(out, scenario, &actual, request->format, err))
        return false;
    warn_of_difference(request, &actual);
    return true;
}

int cli_check(const struct cli_request *request)
{
    struct cli_target target;
    struct xo_error err = { 0 };
    int status;
    struct xo_scenario *scenario = cli_read_scenario(request, &status);
    if (scenario == NULL)
        return status;
    if (!cli_target_open(&target, request, &err))
        status = cli_failed(request, &err);
    else
        status =
            cli_target_close(&target, request, print(target.stream, request, scenario, &err), &err);
    xo_scenario_free(scenario);
    return status;
}
