/* targets.c - what the model is held to, and how near it comes: one row each.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate.h"
#include "xo/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors of the rows that a target means ---- */

static bool is_any(const struct xo_measured_row *r, const struct xo_prediction *p)
{
    (void)r;
    (void)p;
    return true;
}

static bool is_saturated(const struct xo_measured_row *r, const struct xo_prediction *p)
{
    (void)r;
    return p->saturation == XO_SATURATED;
}

static bool is_below(const struct xo_measured_row *r, const struct xo_prediction *p)
{
    (void)r;
    return p->saturation == XO_BELOW_SATURATION;
}

static bool is_open_vllm(const struct xo_measured_row *r, const struct xo_prediction *p)
{
    (void)p;
    return r->engine == XO_ENGINE_VLLM && r->load == XO_LOAD_RATE;
}

typedef bool row_filter(const struct xo_measured_row *, const struct xo_prediction *);

/* Of each dataset's rows the quantile, then the mean over datasets. */
struct errors {
    double frac, absolute;
    double near_frac; /* share of rows that are within limit_frac or limit_abs */
    int n_rows, n_datasets;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_dataset(const struct xo_validation *v, const char *dataset, enum xo_measure measure,
                        row_filter *means, const struct xo_target *target, double *work,
                        struct errors *e)
{
    const size_t rows = v->measured->n;
    double *frac = work, *absolute = work + rows;
    size_t n = 0, near = 0;
    for (size_t i = 0; i < rows; i++) {
        const struct xo_measured_row *r = &v->measured->rows[i];
        const double error = scored_error(v, i, measure);
        if (!isfinite(error) || !row_counts(r) || strcmp(r->dataset, dataset) != 0 ||
            !means(r, &v->rows[i]))
            continue;
        frac[n] = fabs(error);
        absolute[n] = fabs(error) * r->measured[measure];
        near += frac[n] <= target->limit || absolute[n] <= target->limit_s;
        n++;
    }
    if (n == 0)
        return;
    xo_sort(frac, n);
    xo_sort(absolute, n);
    e->frac += xo_sorted_quantile(frac, n, target->quantile);
    e->absolute += xo_sorted_quantile(absolute, n, target->quantile);
    e->near_frac += (double)near / (double)n;
    e->n_rows += (int)n;
    e->n_datasets++;
}

static bool errors_of(const struct xo_validation *v, enum xo_measure measure, row_filter *means,
                      const struct xo_target *target, struct errors *e, struct xo_error *err)
{
    const size_t n = v->measured->n;
    const char **names = malloc((n + 1) * sizeof *names);
    double *work = malloc((2 * n + 1) * sizeof *work);
    const bool ok = (names != NULL && work != NULL) ||
                    xo_fail(err, XO_ERR_MEMORY, "out of memory for the errors of %zu rows", n);
    *e = (struct errors){ 0 };
    for (size_t i = 0; ok && i < n; i++)
        names[i] = v->measured->rows[i].dataset;
    if (ok)
        qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; ok && i < n; i++)
        if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
            add_dataset(v, names[i], measure, means, target, work, e);
    e->frac = e->n_datasets > 0 ? e->frac / e->n_datasets : NAN;
    e->absolute = e->n_datasets > 0 ? e->absolute / e->n_datasets : NAN;
    e->near_frac = e->n_datasets > 0 ? e->near_frac / e->n_datasets : NAN;
    free(names);
    free(work);
    return ok;
}

/* ---- the targets ---- */

static const enum xo_measure log_means[] = { XO_MEASURE_TTFT, XO_MEASURE_TPOT, XO_MEASURE_E2E };
static const enum xo_measure log_percentiles[] = { XO_MEASURE_TTFT_P50, XO_MEASURE_TTFT_P90,
                                                   XO_MEASURE_TTFT_P99, XO_MEASURE_TPOT_P50,
                                                   XO_MEASURE_TPOT_P90, XO_MEASURE_TPOT_P99,
                                                   XO_MEASURE_E2E_P50,  XO_MEASURE_E2E_P90,
                                                   XO_MEASURE_E2E_P99 };

/* The farthest of those measures over all request logs. */
static void judge_logs(const struct xo_validation *v, const enum xo_measure measures[], size_t n,
                       struct xo_target *target)
{
    for (size_t i = 0; i < v->measured->n; i++) {
        if (v->measured->rows[i].served.n == 0 || !v->rows[i].simulated ||
            !row_counts(&v->measured->rows[i]))
            continue;
        target->n++;
        for (size_t k = 0; k < n; k++)
            target->reached = fmax(target->reached, fabs(xo_row_error(v, i, measures[k])));
    }
    target->met = target->reached <= target->limit;
}

static void judge_knees(const struct xo_validation *v, struct xo_target *target)
{
    int near = 0;
    for (size_t i = 0; i < v->n_series; i++)
        if (v->series[i].kv_limited) {
            target->n++;
            near += v->series[i].steps <= 1;
        }
    target->reached = target->n > 0 ? (double)near / target->n : NAN;
    target->met = target->reached >= target->limit;
}

static bool judge_errors(const struct xo_validation *v, enum xo_measure measure, row_filter *means,
                         struct xo_target *target, struct xo_error *err)
{
    struct errors e;
    if (!errors_of(v, measure, means, target, &e, err))
        return false;
    target->n = e.n_rows;
    target->n_datasets = e.n_datasets;
    target->reached = e.frac;
    target->reached_s = e.absolute;
    target->near_frac = e.near_frac;
    target->met = e.frac <= target->limit || e.absolute <= target->limit_s;
    return true;
}

bool judge_targets(struct xo_validation *v, struct xo_error *err)
{
    static const struct {
        struct xo_target target;
        enum xo_measure measure;
        row_filter *means;
    } rows[] = {
        { { .name = "TPOT", .limit = 0.10, .quantile = 0.5 }, XO_MEASURE_TPOT, is_any },
        { { .name = "TPOT, 90 % point", .limit = 0.25, .quantile = 0.9 }, XO_MEASURE_TPOT, is_any },
        { { .name = "output at saturation", .limit = 0.12, .quantile = 0.5 },
          XO_MEASURE_OUTPUT,
          is_saturated },
        { { .name = "TTFT below saturation", .limit = 0.15, .limit_s = 0.020, .quantile = 0.5 },
          XO_MEASURE_TTFT,
          is_below },
        { { .name = "E2E, open-loop vLLM", .limit = 0.08, .quantile = 0.5 },
          XO_MEASURE_E2E,
          is_open_vllm },
    };
    struct xo_target *t = v->targets;
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof rows / sizeof *rows; i++, t++) {
        *t = rows[i].target;
        ok = judge_errors(v, rows[i].measure, rows[i].means, t, err);
    }
    if (!ok)
        return false;
    *t = (struct xo_target){ .name = "request logs: means", .limit = 0.05, .reached = NAN };
    judge_logs(v, log_means, sizeof log_means / sizeof *log_means, t++);
    *t = (struct xo_target){ .name = "request logs: p50 to p99", .limit = 0.10, .reached = NAN };
    judge_logs(v, log_percentiles, sizeof log_percentiles / sizeof *log_percentiles, t++);
    *t = (struct xo_target){ .name = "knee within one step", .limit = 0.90, .at_least = true };
    judge_knees(v, t++);
    v->n_targets = (int)(t - v->targets);
    return true;
}
