/* calibration.c - what calibration is worth: every deployment of a file of measurements, fitted to
 * some of its rows and held against the others.
 *
 *   calibration MEASURED.csv [ROWS [REPEATS [spread]]]
 *
 * A deployment is a dataset, GPU, model, engine and version, data types and parallelism. ROWS rows
 * (8) are drawn REPEATS times (1), without a look at what they are. Prints tables in Markdown; with
 * "spread" also how far the fitted constants of the deployments lie apart: the spreads of
 * xo_constants.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence/calibrate.h"
#include "xo/random.h"
#include "xo/stats.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_MARGIN = 3, MAX_ROWS = 4096, MAX_GROUPS = 512, N_SHOWN = 4 };
static const enum xo_measure shown[N_SHOWN] = { XO_MEASURE_TPOT, XO_MEASURE_OUTPUT, XO_MEASURE_TTFT,
                                                XO_MEASURE_E2E };

struct group {
    char name[240];
    const struct xo_measured_row *rows[MAX_ROWS];
    int n;
};

static void name_of(const struct xo_measured_row *r, char name[240])
{
    static const char *const engines[XO_N_ENGINES] = { "vllm", "sglang", "trtllm" };
    snprintf(name, 240, "%s: %s %s, %s tp%d ep%d dp%d of %d, %s %s", r->dataset,
             r->model->model.name, xo_dtype_name(r->weights), r->gpu->gpu.name, r->tp, r->ep,
             r->notes.attention_dp, r->n_gpus, engines[r->engine], r->engine_version);
}

/* Medians of |predicted/measured - 1| over trials, by shown measure; NAN where there are none. */
static void errors_of(struct trial *trials, int n, const struct xo_calibration *c, double out[])
{
    double *work = malloc((size_t)n * N_SHOWN * sizeof *work);
    size_t count[N_SHOWN] = { 0 };
    for (int i = 0; i < n; i++) {
        struct xo_prediction p = { .plan = trials[i].plan };
        for (int k = 0; c != NULL && k < c->n_fitted; k++) {
            const int constant = xo_constant_find(c->fitted[k].name);
            if (constant >= 0)
                *xo_constant_at(&p.plan.deployment.efficiency, constant) = c->fitted[k].after;
            else
                p.plan.engine.frontend_s = c->fitted[k].after;
        }
        if (!row_simulate(trials[i].row, NULL, &p, NULL))
            continue;
        for (int m = 0; m < N_SHOWN; m++) {
            const double e = p.predicted[shown[m]] / trials[i].row->measured[shown[m]] - 1;
            if (isfinite(e))
                work[m * n + (int)count[m]++] = fabs(e);
        }
    }
    for (int m = 0; m < N_SHOWN; m++) {
        xo_sort(work + m * n, count[m]);
        out[m] = xo_sorted_quantile(work + m * n, count[m], 0.5);
    }
    free(work);
}

/* Mean, over repeats, of the errors on the rows not drawn: before[], after[]. */
static int try_group(const struct group *g, int n_rows, int repeats, double before[],
                     double after[], int *kept)
{
    const struct xo_study_options options = { .n_threads = 2 };
    gsl_rng *rng = gsl_rng_alloc(xo_rng_philox);
    int count[N_SHOWN] = { 0 }, n_done = 0;
    for (int m = 0; m < N_SHOWN; m++)
        before[m] = after[m] = 0;
    for (int rep = 0; rep < repeats; rep++) {
        const struct xo_stream stream = { 20261122, (uint32_t)rep, XO_PURPOSE_SAMPLE };
        struct trial *trials = calloc((size_t)g->n, sizeof *trials);
        const struct xo_measured_row **order = malloc((size_t)g->n * sizeof *order);
        int n = 0;
        memcpy(order, g->rows, (size_t)g->n * sizeof *order);
        xo_rng_set(rng, &stream, 0);
        gsl_ran_shuffle(rng, order, (size_t)g->n, sizeof *order);
        for (int i = 0; i < g->n; i++) {
            struct xo_prediction p = { 0 };
            trials[n].row = order[i];
            if (xo_row_plan(order[i], &p.plan, NULL) && row_simulate(order[i], NULL, &p, NULL))
                trials[n++].plan = p.plan;
        }
        struct xo_calibration c = { .rows = calloc((size_t)n_rows, sizeof *c.rows),
                                    .n_rows = (size_t)n_rows };
        struct xo_error err = { 0 };
        double b[N_SHOWN], a[N_SHOWN];
        if (n >= n_rows + N_MARGIN && calibrate_trials(&c, trials, n_rows, &options, &err)) {
            errors_of(trials + n_rows, n - n_rows, NULL, b);
            errors_of(trials + n_rows, n - n_rows, &c, a);
            for (int m = 0; m < N_SHOWN; m++)
                if (!isnan(b[m]) && !isnan(a[m])) {
                    before[m] += b[m];
                    after[m] += a[m];
                    count[m]++;
                }
            *kept += c.kept;
            n_done++;
        } else if (err.kind != XO_OK) {
            fprintf(stderr, "%s: %s\n", g->name, err.text);
        }
        free(c.rows);
        free(trials);
        free(order);
    }
    for (int m = 0; m < N_SHOWN; m++) {
        before[m] = count[m] > 0 ? before[m] / count[m] : NAN;
        after[m] = count[m] > 0 ? after[m] / count[m] : NAN;
    }
    gsl_rng_free(rng);
    return n_done;
}

/* Fit all rows of a group; adds (fit^2 + sd^2) of each constant to sums[], in logarithms. */
static void add_spread(const struct group *g, double sums[], int counts[])
{
    const struct xo_study_options options = { .n_threads = 2 };
    struct trial *trials = calloc((size_t)g->n, sizeof *trials);
    struct fitting f;
    struct estimate e;
    int n = 0;
    for (int i = 0; i < g->n; i++) {
        struct xo_prediction p = { 0 };
        trials[n].row = g->rows[i];
        if (xo_row_plan(g->rows[i], &p.plan, NULL) && row_simulate(g->rows[i], NULL, &p, NULL))
            trials[n++].plan = p.plan;
    }
    if (n > 0 && fitting_init(&f, trials, n, &options, NULL)) {
        if (fitting_run(&f, &e, NULL))
            for (int i = 0; i < f.n_parameters; i++) {
                const double wide = e.sd[i] / f.parameters[i].sd;
                if (wide > XO_UNKNOWN_WIDTH)
                    continue;
                sums[f.parameters[i].constant] += e.at[i] * e.at[i] + e.sd[i] * e.sd[i];
                counts[f.parameters[i].constant]++;
            }
        fitting_fini(&f);
    }
    free(trials);
}

/* Errors of one deployment, before and after by shown measure. */
struct outcome {
    const struct group *group;
    double before[N_SHOWN], after[N_SHOWN];
};

/* " 8.7 → 2.4 |" */
static void put_change(double before, double after)
{
    if (isnan(before) || isnan(after))
        printf(" |");
    else
        printf(" %.1f → %.1f |", 100 * before, 100 * after);
}

/* Quantile q over the outcomes of one dataset (NULL: of all); NAN where none has the measure. */
static double over_deployments(const struct outcome *outcomes, int n, const char *dataset, int m,
                               bool after, double q)
{
    double work[MAX_GROUPS];
    size_t k = 0;
    for (int i = 0; i < n; i++) {
        const double x = after ? outcomes[i].after[m] : outcomes[i].before[m];
        if (!isnan(x) &&
            (dataset == NULL || strcmp(outcomes[i].group->rows[0]->dataset, dataset) == 0))
            work[k++] = x;
    }
    xo_sort(work, k);
    return xo_sorted_quantile(work, k, q);
}

static void put_line(const struct outcome *outcomes, int n, const char *dataset, double q,
                     const char *what)
{
    int count = 0;
    for (int i = 0; i < n; i++)
        count += dataset == NULL || strcmp(outcomes[i].group->rows[0]->dataset, dataset) == 0;
    printf("| %s | %d |", what, count);
    for (int m = 0; m < N_SHOWN; m++)
        put_change(over_deployments(outcomes, n, dataset, m, false, q),
                   over_deployments(outcomes, n, dataset, m, true, q));
    printf("\n");
}

/* Medians by dataset, their mean, and what is asked; the groups of a dataset stand together. */
static void put_summary(const struct outcome *outcomes, int n)
{
    static const double asked[N_SHOWN] = { 0.04, 0.05, 0.10, 0.04 };
    double before[N_SHOWN] = { 0 }, after[N_SHOWN] = { 0 };
    int count[N_SHOWN] = { 0 };
    puts("| | deployments | TPOT | output | TTFT | E2E |\n| --- | --- | --- | --- | --- | --- |");
    for (int i = 0; i < n; i++) {
        const char *dataset = outcomes[i].group->rows[0]->dataset;
        if (i > 0 && strcmp(outcomes[i - 1].group->rows[0]->dataset, dataset) == 0)
            continue;
        put_line(outcomes, n, dataset, 0.5, dataset);
        for (int m = 0; m < N_SHOWN; m++) {
            const double b = over_deployments(outcomes, n, dataset, m, false, 0.5);
            if (isnan(b))
                continue;
            before[m] += b;
            after[m] += over_deployments(outcomes, n, dataset, m, true, 0.5);
            count[m]++;
        }
    }
    printf("| **mean over datasets** | |");
    for (int m = 0; m < N_SHOWN; m++)
        put_change(count[m] > 0 ? before[m] / count[m] : NAN,
                   count[m] > 0 ? after[m] / count[m] : NAN);
    printf("\n| asked | |");
    for (int m = 0; m < N_SHOWN; m++)
        printf(" %.0f |", 100 * asked[m]);
    printf("\n");
    put_line(outcomes, n, NULL, 0.9, "90 % of deployments are below");
}

/* How often, and how far at most, the left rows came out worse: of TPOT, else of throughput. */
static void put_worse(const struct outcome *outcomes, int n, int n_kept, int n_fits)
{
    int n_worse = 0;
    double most = 0;
    for (int i = 0; i < n; i++) {
        const int m = isnan(outcomes[i].before[0]) ? 1 : 0;
        const double lost = outcomes[i].after[m] - outcomes[i].before[m];
        n_worse += lost > 0;
        most = fmax(most, lost);
    }
    printf("\nThe left rows of %d of %d deployments came out worse, by %.1f points at most; the "
           "defaults were kept in %d of %d fits.\n\n",
           n_worse, n, 100 * most, n_kept, n_fits);
}

static void put_tables(const struct outcome *outcomes, int n, int n_kept, int n_fits)
{
    put_summary(outcomes, n);
    put_worse(outcomes, n, n_kept, n_fits);
    puts("| deployment | rows | TPOT | output | TTFT | E2E |\n"
         "| --- | --- | --- | --- | --- | --- |");
    for (int i = 0; i < n; i++) {
        printf("| %s | %d |", outcomes[i].group->name, outcomes[i].group->n);
        for (int m = 0; m < N_SHOWN; m++)
            put_change(outcomes[i].before[m], outcomes[i].after[m]);
        printf("\n");
    }
}

int main(int argc, char *argv[])
{
    const int n_rows = argc > 2 ? atoi(argv[2]) : 8, repeats = argc > 3 ? atoi(argv[3]) : 1;
    const bool spread = argc > 4 && strcmp(argv[4], "spread") == 0;
    struct xo_measured measured;
    struct xo_problems problems;
    gsl_set_error_handler_off();
    if (argc < 2 || n_rows < XO_LEAST_ROWS || !xo_measured_read(&measured, argv[1], &problems))
        return 1;
    struct group *groups = calloc(MAX_GROUPS, sizeof *groups);
    int n_groups = 0, n_shown = 0, kept = 0;
    for (size_t i = 0; i < measured.n; i++) {
        const struct xo_measured_row *r = &measured.rows[i];
        char name[240];
        if (r->why[0] != '\0' || r->gpu == NULL || r->model == NULL || r->load == XO_LOAD_TRACE ||
            strchr("AB", r->quality) == NULL || strcmp(r->dataset, "llm_inference_bench") == 0)
            continue;
        name_of(r, name);
        int g = 0;
        while (g < n_groups && strcmp(groups[g].name, name) != 0)
            g++;
        if (g == n_groups && n_groups < MAX_GROUPS)
            strcpy(groups[n_groups++].name, name);
        if (g < n_groups && groups[g].n < MAX_ROWS)
            groups[g].rows[groups[g].n++] = r;
    }
    struct outcome *outcomes = calloc(MAX_GROUPS, sizeof *outcomes);
    double sums[XO_MAX_FITTED] = { 0 };
    int counts[XO_MAX_FITTED] = { 0 };
    for (int g = 0; g < n_groups; g++) {
        struct outcome *o = &outcomes[n_shown];
        o->group = &groups[g];
        if (groups[g].n < n_rows + N_MARGIN ||
            try_group(&groups[g], n_rows, repeats, o->before, o->after, &kept) == 0)
            continue;
        if (spread)
            add_spread(&groups[g], sums, counts);
        n_shown++;
    }
    if (n_shown == 0)
        printf("No deployment of this file has the %d rows that this takes.\n", n_rows + N_MARGIN);
    else
        put_tables(outcomes, n_shown, kept, n_shown * repeats);
    for (int i = 0; i < XO_MAX_FITTED; i++)
        if (counts[i] > 0)
            printf("spread of %-18s %.2f (seen in %d)\n",
                   i < XO_N_CONSTANTS ? xo_constants[i].name : "frontend, s",
                   sqrt(sums[i] / counts[i]), counts[i]);
    free(outcomes);
    free(groups);
    xo_problems_fini(&problems);
    xo_measured_fini(&measured);
    return 0;
}
