/* sweep_shared.c - the error that all samples share, added to every interval of a sweep.
 *
 * Samples differ in their inputs and rest on the same simulations. Where these say 1 % too much
 * capacity, they do so in all samples, and no number of samples shows it. So some samples are
 * priced again in worlds whose capacities are off: by the ladder's 95 % interval to both sides, and
 * by 1.96 times what a surrogate may be off by everywhere. Every answer is read off each of these
 * sets, and every interval is widened by what its answer moves (docs/model.md, "Sweeps").
 *
 * The ends of the interval are tried, not one standard error: where all samples share a staircase,
 * a small error moves nothing and a larger one a whole replica. What is left out: errors of the
 * exponent of the step time, and errors of several options that go different ways.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep_stats.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum { SHARED_ROWS = 500, N_SOURCES = 2, N_ENDS = 2 };
static const double Z95 = 1.96;

static const struct capacity_error ends_of[N_SOURCES][N_ENDS] = {
    { { .z_ladder = -Z95 }, { .z_ladder = Z95 } },
    { { .z_shared = -Z95 }, { .z_shared = Z95 } },
};

/* ---- one interval ---- */

/* The part of an interval on one side, with what else moves its end that way. */
static double reach(double side, double moved)
{
    return isinf(moved) ? INFINITY : hypot(side, fmax(moved, 0));
}

static void widen_volume(struct xo_interval *i, double without, double least, double most)
{
    const bool inside = i->mean > 0 && isfinite(i->mean) && without > 0 && isfinite(without);
    if (!inside) { /* of a volume outside the range there is no ratio */
        i->lo = fmin(i->lo, least);
        i->hi = fmax(i->hi, most);
        return;
    }
    i->lo = i->mean * exp(-reach(log(i->mean / i->lo), log(without / least)));
    i->hi = i->mean * exp(reach(log(i->hi / i->mean), log(most / without)));
}

void interval_widen(struct xo_interval *i, double without, const double ends[], int n, bool volume)
{
    double least = without, most = without;
    for (int k = 0; k < n; k++) {
        least = fmin(least, ends[k]);
        most = fmax(most, ends[k]);
    }
    if (isnan(i->lo) || isnan(i->hi) || isnan(without))
        return;
    if (volume) {
        widen_volume(i, without, least, most);
        return;
    }
    i->lo = i->mean - reach(i->mean - i->lo, without - least);
    i->hi = i->mean + reach(i->hi - i->mean, most - without);
}

void interval_clamp(struct xo_interval *i, double least, double most)
{
    if (!isnan(i->lo))
        i->lo = fmax(i->lo, least);
    if (!isnan(i->hi))
        i->hi = fmin(i->hi, most);
}

/* ---- all intervals of a result ---- */

struct field {           /* of struct xo_sweep_result, or of struct xo_sweep_answer */
    size_t offset, from; /* the interval, and the one that shows how it moves */
    bool volume;
    double least, most;
};
#define ANSWER(field, ...)                                                                         \
    offsetof(struct xo_sweep_result, field), offsetof(struct xo_sweep_result, field), __VA_ARGS__
#define INPUT(field, from, ...)                                                                    \
    offsetof(struct xo_sweep_answer, field), offsetof(struct xo_sweep_answer, from), __VA_ARGS__

static const struct field of_result[] = {
    { ANSWER(crossover.p05, true, 0, INFINITY) },
    { ANSWER(crossover.p50, true, 0, INFINITY) },
    { ANSWER(crossover.p95, true, 0, INFINITY) },
    { ANSWER(stays_above.p05, true, 0, INFINITY) },
    { ANSWER(stays_above.p50, true, 0, INFINITY) },
    { ANSWER(stays_above.p95, true, 0, INFINITY) },
    { ANSWER(exists, false, 0, 1) },
    { ANSWER(below, false, 0, 1) },
    { ANSWER(never, false, 0, 1) },
    { ANSWER(build_wins, false, 0, 1) },
    { ANSWER(saving_mean, false, -INFINITY, INFINITY) },
    { ANSWER(saving_p05, false, -INFINITY, INFINITY) },
    { ANSWER(saving_p50, false, -INFINITY, INFINITY) },
    { ANSWER(saving_p95, false, -INFINITY, INFINITY) },
    { ANSWER(regret_buy, false, 0, INFINITY) },
    { ANSWER(regret_build, false, 0, INFINITY) },
    { ANSWER(evpi, false, 0, INFINITY) },
};

/* The shifted sets have no pick-freeze rows: a total index moves as its first-order one does. */
#define INDEX(o)                                                                                   \
    { INPUT(indices[o].first, indices[o].first, false, -INFINITY, INFINITY) },                     \
    {                                                                                              \
        INPUT(indices[o].total, indices[o].first, false, -INFINITY, INFINITY)                      \
    }
static const struct field of_input[] = {
    { INPUT(prcc_saving, prcc_saving, false, -1, 1) },
    { INPUT(prcc_crossover, prcc_crossover, false, -1, 1) },
    { INPUT(evppi_usd, evppi_usd, false, 0, INFINITY) },
    INDEX(XO_OUTPUT_SAVING),
    INDEX(XO_OUTPUT_BUILD_WINS),
    INDEX(XO_OUTPUT_CROSSOVER),
};

static const struct xo_interval *interval_at(const void *base, size_t offset)
{
    return (const struct xo_interval *)((const char *)base + offset);
}

static void widen_field(const struct field *f, void *base, const void *without, const void *low,
                        const void *high)
{
    struct xo_interval *i = (struct xo_interval *)((char *)base + f->offset);
    const double ends[N_ENDS] = { interval_at(low, f->from)->mean,
                                  interval_at(high, f->from)->mean };
    interval_widen(i, interval_at(without, f->from)->mean, ends, N_ENDS, f->volume);
    interval_clamp(i, f->least, f->most);
}

/* Both ends are 1.96 standard errors from the middle. */
static void widen_error(double *se, double low, double high)
{
    *se = hypot(*se, (high - low) / (2 * Z95));
}

static void widen_source(struct xo_sweep_result *r, const struct xo_sweep_result *without,
                         const struct xo_sweep_result *low, const struct xo_sweep_result *high)
{
    for (size_t f = 0; f < sizeof of_result / sizeof of_result[0]; f++)
        widen_field(&of_result[f], r, without, low, high);
    for (int k = 0; k < r->n_inputs; k++)
        for (size_t f = 0; f < sizeof of_input / sizeof of_input[0]; f++)
            widen_field(&of_input[f], &r->inputs[k], &without->inputs[k], &low->inputs[k],
                        &high->inputs[k]);
    widen_error(&r->build_wins_se, low->build_wins.mean, high->build_wins.mean);
}

/* ---- samples priced again ---- */

struct again {
    const struct answers *answers;
    int64_t step;
    struct capacity_error error;
    struct xo_sweep_row *rows;
};

static bool price_again(struct visitor *v, int64_t i, void *self, struct xo_error *err)
{
    const struct again *again = self;
    const struct xo_sweep *sweep = again->answers->sweep;
    double values[XO_SWEEP_MAX_INPUTS];
    xo_sweep_values(sweep, distribution_row(sweep, i * again->step), values);
    if (!visitor_go(v, values, err))
        return false;
    visitor_shift(v, &again->error);
    return sweep_price(sweep, v, &again->rows[i], err);
}

/* What samples with these capacities answer, intervals aside. */
static bool answer_again(const struct answers *a, int64_t n, int64_t step,
                         const struct capacity_error *error, struct xo_sweep_result *r,
                         struct xo_error *err)
{
    struct xo_sweep_row *rows = malloc((size_t)n * sizeof *rows);
    double *both = malloc(2 * (size_t)n * sizeof *both);
    struct again again = { a, step, *error, rows };
    struct answers of = { .sweep = a->sweep,
                          .rows = rows,
                          .n = n,
                          .step = step,
                          .groups = grouping_of_points(n, a->sweep->design.seed),
                          .both = both,
                          .y = both,
                          .scratch = both + n };
    bool ok = rows != NULL && both != NULL;
    if (!ok)
        xo_fail(err, XO_ERR_MEMORY, "out of memory for %lld samples", (long long)n);
    ok = ok && visitors_run(&a->sweep->worlds, 0, n, price_again, &again, err);
    if (ok) {
        answer_distributions(&of, r);
        ok = answer_inputs(&of, r, err);
    }
    free(rows);
    free(both);
    return ok;
}

static bool has_surrogate(const struct xo_worlds *w)
{
    for (int o = 0; o < w->n_sizings; o++)
        if (w->fits[o].has_capacity)
            return true;
    return false;
}

bool widen_intervals(const struct answers *a, struct xo_sweep_result *r, struct xo_error *err)
{
    static const struct capacity_error none = { 0 };
    const int64_t step = (a->n + SHARED_ROWS - 1) / SHARED_ROWS, n = a->n / step;
    const int n_sources = has_surrogate(&a->sweep->worlds) ? N_SOURCES : 1;
    struct xo_sweep_result *sets = calloc(1 + N_ENDS, sizeof *sets);
    if (sets == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for the error of capacities");
    for (int k = 0; k <= N_ENDS; k++) {
        sets[k].n_inputs = r->n_inputs;
        sets[k].n_base = n;
        sets[k].indices = XO_INDICES_GIVEN_DATA;
        sets[k].min_volume = r->min_volume;
        sets[k].max_volume = r->max_volume;
    }
    bool ok = answer_again(a, n, step, &none, &sets[0], err);
    for (int s = 0; ok && s < n_sources; s++) {
        for (int k = 0; ok && k < N_ENDS; k++)
            ok = answer_again(a, n, step, &ends_of[s][k], &sets[1 + k], err);
        if (ok)
            widen_source(r, &sets[0], &sets[1], &sets[2]);
    }
    free(sets);
    return ok;
}
