/* sobol_indices.c - which input moves an output; see sobol_indices.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sobol_indices.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

enum { JACKKNIFE_GROUPS = 20, MAX_BLOCKS = 1000, N_RESAMPLES = 400 };

struct grouping grouping_of_points(int64_t n_base, uint64_t seed)
{
    struct grouping g = { .n_base = n_base, .bootstrap = true, .seed = seed };
    g.base_per_group = (n_base + JACKKNIFE_GROUPS - 1) / JACKKNIFE_GROUPS;
    g.n_groups = (int)((n_base + g.base_per_group - 1) / g.base_per_group);
    return g;
}

struct xo_interval jackknife_interval(double all, const double without[], int n_groups)
{
    if (n_groups < 2)
        return (struct xo_interval){ all, NAN, NAN };
    double mean = 0, sum = 0;
    for (int g = 0; g < n_groups; g++)
        mean += without[g] / n_groups;
    for (int g = 0; g < n_groups; g++)
        sum += (without[g] - mean) * (without[g] - mean);
    const double se = sqrt(sum * (n_groups - 1) / n_groups);
    const double t = gsl_cdf_tdist_Pinv(0.975, n_groups - 1);
    return (struct xo_interval){ all, all - t * se, all + t * se };
}

/* ---- pick-freeze ---- */

/* Sums over a block of base points. The products of each input follow in an array of their own. */
struct block {
    double n, sum, squares; /* over rows A and B */
};
struct product {
    double first, total;
};

struct table {
    int d, n_blocks;
    struct block *blocks;     /* [n_blocks] */
    struct product *products; /* [n_blocks][d] */
};

/* y is centred on its mean over A and B, which leaves first the estimator's expectation alone and
 * takes most of its variance away. */
static void fill_table(struct table *t, const double y[], int64_t n_base, int64_t per_block)
{
    const int d = t->d, width = d + 2;
    double mean = 0;
    for (int64_t j = 0; j < n_base; j++)
        mean += (y[j * width] + y[j * width + 1]) / (2 * (double)n_base);
    for (int64_t j = 0; j < n_base; j++) {
        const double *row = y + j * width, a = row[0] - mean, b = row[1] - mean;
        struct block *block = &t->blocks[j / per_block];
        struct product *products = &t->products[j / per_block * d];
        block->n += 2;
        block->sum += a + b;
        block->squares += a * a + b * b;
        for (int i = 0; i < d; i++) {
            const double change = row[2 + i] - row[0];
            products[i].first += b * change;
            products[i].total += change * change / 2;
        }
    }
}

/* Indices from blocks taken weight[block] times each (NULL: once). out[2 i], out[2 i + 1]: first
 * and total of input i. */
static void estimate(const struct table *t, const int *weight, double out[])
{
    double n = 0, sum = 0, squares = 0;
    for (int i = 0; i < 2 * t->d; i++)
        out[i] = 0;
    for (int b = 0; b < t->n_blocks; b++) {
        const double w = weight == NULL ? 1 : weight[b];
        if (w == 0)
            continue;
        n += w * t->blocks[b].n;
        sum += w * t->blocks[b].sum;
        squares += w * t->blocks[b].squares;
        for (int i = 0; i < t->d; i++) {
            out[2 * i] += w * t->products[b * t->d + i].first;
            out[2 * i + 1] += w * t->products[b * t->d + i].total;
        }
    }
    const double variance = squares / n - sum / n * (sum / n);
    for (int i = 0; i < 2 * t->d; i++)
        out[i] = variance > 1e-12 * squares / n ? out[i] / (n / 2) / variance : NAN;
}

/* Percentile intervals: resample blocks with replacement. runs[N_RESAMPLES][2 d]. */
static void bootstrap(const struct table *t, uint64_t seed, int *weight, double *runs,
                      double *column, struct xo_interval intervals[])
{
    const struct xo_stream stream = { seed, 0, XO_PURPOSE_BOOTSTRAP };
    for (int r = 0; r < N_RESAMPLES; r++) {
        for (int b = 0; b < t->n_blocks; b++)
            weight[b] = 0;
        for (int b = 0; b < t->n_blocks; b++)
            weight[(int)(xo_uniform(&stream, (uint64_t)r, (uint32_t)b) * t->n_blocks)]++;
        estimate(t, weight, runs + r * 2 * t->d);
    }
    for (int i = 0; i < 2 * t->d; i++) {
        for (int r = 0; r < N_RESAMPLES; r++)
            column[r] = runs[r * 2 * t->d + i];
        xo_sort(column, N_RESAMPLES);
        intervals[i].lo = xo_sorted_quantile(column, N_RESAMPLES, 0.025);
        intervals[i].hi = xo_sorted_quantile(column, N_RESAMPLES, 0.975);
    }
}

static void jackknife(const struct table *t, int *weight, double *runs, double *column,
                      struct xo_interval intervals[])
{
    for (int g = 0; g < t->n_blocks; g++) {
        for (int b = 0; b < t->n_blocks; b++)
            weight[b] = b != g;
        estimate(t, weight, runs + g * 2 * t->d);
    }
    for (int i = 0; i < 2 * t->d; i++) {
        for (int g = 0; g < t->n_blocks; g++)
            column[g] = runs[g * 2 * t->d + i];
        intervals[i] = jackknife_interval(intervals[i].mean, column, t->n_blocks);
    }
}

bool indices_pick_freeze(const double y[], int d, const struct grouping *g,
                         struct xo_sweep_indices out[], struct xo_error *err)
{
    assert(d >= 1 && g->n_base >= 1);
    const int64_t per_block =
        g->bootstrap ? (g->n_base + MAX_BLOCKS - 1) / MAX_BLOCKS : g->base_per_group;
    struct table t = { .d = d, .n_blocks = (int)((g->n_base + per_block - 1) / per_block) };
    const int n_runs = g->bootstrap ? N_RESAMPLES : t.n_blocks;
    const size_t wide = 2 * (size_t)d;
    t.blocks = calloc((size_t)t.n_blocks, sizeof *t.blocks);
    t.products = calloc((size_t)t.n_blocks * (size_t)d, sizeof *t.products);
    int *weight = malloc((size_t)t.n_blocks * sizeof *weight);
    double *runs = malloc((size_t)n_runs * wide * sizeof *runs);
    double *column = malloc(((size_t)n_runs + wide) * sizeof *column);
    struct xo_interval *intervals = calloc(wide, sizeof *intervals);
    const bool ok = t.blocks != NULL && t.products != NULL && weight != NULL && runs != NULL &&
                    column != NULL && intervals != NULL;
    if (ok) {
        double *all = column + n_runs;
        fill_table(&t, y, g->n_base, per_block);
        estimate(&t, NULL, all);
        for (size_t i = 0; i < wide; i++)
            intervals[i] = (struct xo_interval){ all[i], NAN, NAN };
        if (g->bootstrap && !isnan(all[0]))
            bootstrap(&t, g->seed, weight, runs, column, intervals);
        else if (!isnan(all[0]))
            jackknife(&t, weight, runs, column, intervals);
        for (int i = 0; i < d; i++)
            out[i] = (struct xo_sweep_indices){ intervals[2 * i], intervals[2 * i + 1] };
    }
    free(intervals);
    free(column);
    free(runs);
    free(weight);
    free(t.products);
    free(t.blocks);
    return ok || xo_fail(err, XO_ERR_MEMORY, "out of memory for Sobol' indices");
}

/* ---- given data ---- */

bool index_given_data(const double u[], const double y[], int64_t n, const struct grouping *g,
                      struct xo_interval *first, struct xo_error *err)
{
    const int64_t rows_per_group = g->base_per_group * (n / g->n_base);
    struct xo_smooth *groups = calloc((size_t)g->n_groups, sizeof *groups);
    double *without = malloc((size_t)g->n_groups * sizeof *without);
    if (groups == NULL || without == NULL) {
        free(groups);
        free(without);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for first-order indices");
    }
    struct xo_smooth all = { 0 };
    double mean = 0; /* sums of squares about a mean near 0 keep their digits */
    for (int64_t i = 0; i < n; i++)
        mean += y[i] / (double)n;
    for (int64_t i = 0; i < n; i++)
        xo_smooth_add(&groups[i / rows_per_group], u[i], y[i] - mean);
    for (int k = 0; k < g->n_groups; k++)
        xo_smooth_merge(&all, &groups[k], 1);
    for (int k = 0; k < g->n_groups; k++) {
        struct xo_smooth rest = all;
        xo_smooth_merge(&rest, &groups[k], -1);
        without[k] = xo_smooth_share(&rest);
    }
    *first = jackknife_interval(xo_smooth_share(&all), without, g->n_groups);
    free(groups);
    free(without);
    return true;
}
