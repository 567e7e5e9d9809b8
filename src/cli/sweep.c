/* sweep.c - `crossover sweep`: how sure is the answer, and what moves it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "campaign.h"

#include <stdlib.h>

struct sweep_work {
    const struct cli_request *request;
    const struct xo_scenario *scenario;
    struct xo_sweep *sweep;          /* owned */
    struct xo_sweep_result *result;  /* owned */
    const struct xo_sweep_row *rows; /* of the result; borrowed */
};

static bool finish(void *self, const void *rows, int64_t n, struct xo_error *err)
{
    struct sweep_work *w = self;
    w->rows = rows;
    return xo_sweep_finish(w->sweep, rows, n, &w->result, err);
}

static int deliver(void *self, struct xo_output *output, bool *written)
{
    struct sweep_work *w = self;
    int n_inputs = 0;
    const struct xo_sweep_report report = { .scenario = w->scenario,
                                            .sweep = w->sweep,
                                            .inputs = xo_sweep_inputs(w->sweep, &n_inputs),
                                            .rows = w->rows,
                                            .result = w->result };
    struct xo_error err = { 0 }, late = { 0 };
    *written = xo_sweep_write(&report, output, &err);
    if (!*written)
        cli_failed(w->request, &err);
    const bool printed = xo_sweep_print(stdout, &report, w->request->format, &late);
    const int status =
        cli_end_output(w->request, output, *written ? NULL : &err, printed ? NULL : &late);
    return status != CLI_OK
               ? status
               : cli_judge(w->request, cli_sweep_conditions(&report), "at the planned volume");
}

static void free_work(void *self)
{
    struct sweep_work *w = self;
    if (w == NULL)
        return;
    xo_sweep_free(w->sweep);
    free(w->result);
    free(w);
}

int cli_sweep_study(struct cli_study *study, const struct cli_request *request,
                    const struct xo_scenario *scenario, const struct xo_study_options *options)
{
    static const struct cli_ending ending = { finish, deliver, free_work };
    const struct xo_sweep_settings settings = xo_sweep_settings_of(scenario);
    struct xo_error err = { 0 };
    struct sweep_work *w = calloc(1, sizeof *w);
    *study = (struct cli_study){ .request = request, .ending = &ending, .self = w };
    if (w == NULL)
        xo_fail(&err, XO_ERR_MEMORY, "out of memory for a sweep");
    if (w == NULL || !xo_sweep_new(&w->sweep, scenario, &settings, options, &err))
        return cli_failed(request, &err);
    w->request = request;
    w->scenario = scenario;
    study->work = xo_campaign_of_sweep(w->sweep);
    return CLI_OK;
}

int cli_sweep(const struct cli_request *request)
{
    return cli_campaign_here(request, cli_sweep_study);
}
