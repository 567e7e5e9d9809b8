/* calibration.c - what calibration is worth: every deployment of a file of measurements, fitted to
 * some of its rows and held against the others.
 *
 *   calibration MEASURED.csv [ROWS [REPEATS]]
 *
 * A deployment is a dataset, GPU, model, engine and version, data types and parallelism. ROWS rows
 * (8) are drawn REPEATS times (3), without a look at what they are. Prints a table in Markdown and,
 * below it, how far the fitted constants of the deployments lie apart: the spreads of xo_constants.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibrate.h"
#include "xo/random.h"
#include "xo/stats.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_MARGIN = 3, MAX_ROWS = 4096, N_SHOWN = 4 };
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
            for (int j = 0; j < XO_N_CONSTANTS; j++)
                if (strcmp(xo_constants[j].name, c->fitted[k].name) == 0)
                    *xo_constant_at(&p.plan.deployment.efficiency, j) = c->fitted[k].after;
            if (strcmp(c->fitted[k].name, "frontend") == 0)
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

static void put_percent(double x)
{
    if (isnan(x))
        printf(" | ");
    else
        printf(" | %.1f", 100 * x);
}

static void put_summary(double (*table)[2 * N_SHOWN], int n, double q, const char *what)
{
    double *work = malloc((size_t)n * sizeof *work);
    printf("| %s |", what);
    for (int m = 0; m < 2 * N_SHOWN; m++) {
        size_t k = 0;
        for (int i = 0; i < n; i++)
            if (!isnan(table[i][m]))
                work[k++] = table[i][m];
        xo_sort(work, k);
        put_percent(xo_sorted_quantile(work, k, q));
    }
    printf(" | |\n");
    free(work);
}

int main(int argc, char *argv[])
{
    const int n_rows = argc > 2 ? atoi(argv[2]) : 8, repeats = argc > 3 ? atoi(argv[3]) : 3;
    struct xo_measured measured;
    struct xo_problems problems;
    gsl_set_error_handler_off();
    if (argc < 2 || n_rows < XO_LEAST_ROWS || !xo_measured_read(&measured, argv[1], &problems))
        return 1;
    struct group *groups = calloc(512, sizeof *groups);
    int n_groups = 0, n_shown = 0, kept = 0, n_worse = 0;
    for (size_t i = 0; i < measured.n; i++) {
        const struct xo_measured_row *r = &measured.rows[i];
        char name[240];
        if (r->gpu == NULL || r->model == NULL || r->load == XO_LOAD_TRACE ||
            strchr("AB", r->quality) == NULL || strcmp(r->dataset, "llm_inference_bench") == 0)
            continue;
        name_of(r, name);
        int g = 0;
        while (g < n_groups && strcmp(groups[g].name, name) != 0)
            g++;
        if (g == n_groups && n_groups < 512)
            strcpy(groups[n_groups++].name, name);
        if (g < n_groups && groups[g].n < MAX_ROWS)
            groups[g].rows[groups[g].n++] = r;
    }
    double(*table)[2 * N_SHOWN] = calloc(512, sizeof *table);
    double sums[XO_MAX_FITTED] = { 0 };
    int counts[XO_MAX_FITTED] = { 0 };
    puts(
        "| deployment | rows | TPOT before | output before | TTFT before | E2E before | TPOT after "
        "| output after | TTFT after | E2E after | kept "
        "|\n|---|---|---|---|---|---|---|---|---|---|"
        "---|");
    for (int g = 0; g < n_groups; g++) {
        double *row = table[n_shown];
        int own_kept = 0;
        if (groups[g].n < n_rows + N_MARGIN ||
            try_group(&groups[g], n_rows, repeats, row, row + N_SHOWN, &own_kept) == 0)
            continue;
        printf("| %s | %d", groups[g].name, groups[g].n);
        for (int m = 0; m < 2 * N_SHOWN; m++)
            put_percent(row[m]);
        printf(" | %d |\n", own_kept);
        fflush(stdout);
        kept += own_kept;
        n_worse += row[N_SHOWN] > row[0] || row[N_SHOWN + 1] > row[1];
        add_spread(&groups[g], sums, counts);
        n_shown++;
    }
    put_summary(table, n_shown, 0.5, "median | ");
    put_summary(table, n_shown, 0.9, "90 % of deployments below | ");
    printf("\n%d deployments, worse after: %d, defaults kept: %d of %d\n\n", n_shown, n_worse, kept,
           n_shown * repeats);
    for (int i = 0; i < XO_MAX_FITTED; i++)
        if (counts[i] > 0)
            printf("spread of %-18s %.2f (seen in %d)\n",
                   i < XO_N_CONSTANTS ? xo_constants[i].name : "frontend, s",
                   sqrt(sums[i] / counts[i]), counts[i]);
    free(table);
    free(groups);
    xo_problems_fini(&problems);
    xo_measured_fini(&measured);
    return 0;
}
