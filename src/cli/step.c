/* step.c - `crossover data step SCENARIO`: what one step takes, part by part.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

/* Options that belong together: either all of them are given, or none. */
static bool is_whole(const struct xo_step_question *q, struct xo_error *err)
{
    if (q->n_decode + q->prefill_tokens == 0)
        return xo_fail(err, XO_ERR_INPUT,
                       "data step needs a step: --batch B --kv K, --prefill P, or all of them");
    if (q->kv_tokens < q->n_decode)
        return xo_fail(err, XO_ERR_INPUT,
                       "--kv %lld is too few for --batch %lld: each sequence attends to a token at "
                       "least",
                       (long long)q->kv_tokens, (long long)q->n_decode);
    if (q->kv_tokens > 0 && q->n_decode == 0)
        return xo_fail(err, XO_ERR_INPUT, "--kv belongs to --batch, the sequences that attend");
    if (q->reread_tokens > 0 && q->prefill_tokens == 0)
        return xo_fail(err, XO_ERR_INPUT, "--reread belongs to --prefill, the chunk that reads");
    return true;
}

int cli_step(const struct cli_request *request)
{
    struct xo_error err = { 0 };
    if (!is_whole(&request->step, &err))
        return cli_failed(request, &err);
    int status;
    struct xo_scenario *scenario = cli_read_scenario(request, &status);
    if (scenario == NULL)
        return status;
    if (!xo_step_print(stdout, scenario, &request->step, request->format, &err))
        status = cli_failed(request, &err);
    xo_scenario_free(scenario);
    return status;
}
