/* sweep_stats.c - from rows to answers: distributions, regrets, convergence, the fan of costs.
 *
 * The state is a struct answers (sweep_stats.h): the rows, how they are grouped, and room for one
 * column and its order. Rows A and B of each base point are the distribution; they stand in the
 * order of base points, so that groups (randomizations) are runs of them. Invariant: a->y holds the
 * column that was gathered last, and what reads it (standard_error) has to follow at once.
 *
 * A saving is NAN where no fleet meets the SLO, and NANs are left out of means and quantiles. A
 * crossing below the range is 0, one above it or none INFINITY: quantiles are taken by rank, so
 * that both stay what they are.
 *
 * Of plain Monte Carlo the rows are independent. Of hypercubes and Sobol' points they are not, and
 * intervals are Student's t over the groups; a bootstrap of such points would cover 100 %. A share
 * that all groups agree on knows no more than as many independent rows (share_interval). Begin with
 * xo_sweep_finish, answer_distributions and quantile_intervals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep_stats.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAN_ROWS = 1000, LEAST_BASE_FOR_INDICES = 500, TAIL_OF = 200 };
enum { MOST_QUANTILES = 3, MOST_GROUPS = 1024 };
static const double LEVEL = 0.95;

/* ---- columns ---- */

int64_t distribution_rows(const struct xo_sweep *sweep, int64_t n_base)
{
    return sweep->design.rows_per_base == 1 ? n_base : 2 * n_base;
}

int64_t distribution_row(const struct xo_sweep *sweep, int64_t i)
{
    const int per_base = sweep->design.rows_per_base;
    return per_base == 1 ? i : i / 2 * per_base + i % 2;
}

int64_t answer_number(const struct answers *a, int64_t i)
{
    return distribution_row(a->sweep, a->step > 0 ? i * a->step : i);
}

const struct xo_sweep_row *answer_row(const struct answers *a, int64_t i)
{
    return &a->rows[a->step > 0 ? i : distribution_row(a->sweep, i)];
}

void gather(const struct answers *a, column_fn *column, double y[])
{
    for (int64_t i = 0; i < a->n; i++)
        y[i] = column(a, answer_row(a, i));
}

static double get_crossover(const struct answers *a, const struct xo_sweep_row *r)
{
    (void)a;
    return r->crossover;
}

static double get_stays_above(const struct answers *a, const struct xo_sweep_row *r)
{
    (void)a;
    return r->stays_above;
}

static double get_saving(const struct answers *a, const struct xo_sweep_row *r)
{
    (void)a;
    return r->saving_usd;
}

static double get_wins(const struct answers *a, const struct xo_sweep_row *r)
{
    (void)a;
    return r->saving_usd > 0; /* not where it is NAN: no fleet meets the SLO */
}

static double get_exists(const struct answers *a, const struct xo_sweep_row *r)
{
    (void)a;
    return r->crossover > 0 && isfinite(r->crossover);
}

static double get_below(const struct answers *a, const struct xo_sweep_row *r)
{
    (void)a;
    return r->crossover == 0;
}

static double get_never(const struct answers *a, const struct xo_sweep_row *r)
{
    (void)a;
    return isinf(r->crossover);
}

static double get_regret_buy(const struct answers *a, const struct xo_sweep_row *r)
{
    (void)a;
    return isnan(xo_sweep_chosen_usd(r)) ? NAN : fmax(xo_sweep_chosen_usd(r), 0);
}

static double get_regret_build(const struct answers *a, const struct xo_sweep_row *r)
{
    (void)a;
    return isnan(xo_sweep_chosen_usd(r)) ? NAN : fmax(-xo_sweep_chosen_usd(r), 0);
}

/* ---- intervals over rows or over groups ---- */

/* Rows of group g, by position among the distribution rows. */
static void group_bounds(const struct grouping *g, int64_t n, int group, int64_t *from, int64_t *to)
{
    const int64_t rows = n / g->n_base * g->base_per_group;
    *from = group * rows;
    *to = *from + rows < n ? *from + rows : n;
}

/* The mean of what is not NAN; NAN of nothing. */
static double mean_of(const double y[], int64_t from, int64_t to)
{
    double sum = 0;
    int64_t n = 0;
    for (int64_t i = from; i < to; i++)
        if (!isnan(y[i])) {
            sum += y[i];
            n++;
        }
    return n > 0 ? sum / (double)n : NAN;
}

/* The mean of all rows, and about it Student's t of the groups' means. */
static struct xo_interval interval_of_groups(const double y[], int64_t n, const struct grouping *g)
{
    struct xo_moments m;
    xo_moments_init(&m);
    for (int k = 0; k < g->n_groups; k++) {
        int64_t from, to;
        group_bounds(g, n, k, &from, &to);
        const double mean = mean_of(y, from, to);
        if (!isnan(mean))
            xo_moments_add(&m, mean);
    }
    const double mean = mean_of(y, 0, n);
    const double t = m.n > 1 ? gsl_cdf_tdist_Pinv(0.5 + LEVEL / 2, (double)m.n - 1) : NAN;
    const double half = t * sqrt(xo_moments_variance(&m) / (double)m.n);
    return (struct xo_interval){ mean, mean - half, mean + half };
}

static struct xo_interval mean_interval(const double y[], int64_t n, const struct grouping *g)
{
    if (!g->bootstrap)
        return interval_of_groups(y, n, g);
    struct xo_moments m;
    xo_moments_init(&m);
    for (int64_t i = 0; i < n; i++)
        if (!isnan(y[i]))
            xo_moments_add(&m, y[i]);
    if (m.n < 2)
        return (struct xo_interval){ m.n > 0 ? m.mean : NAN, NAN, NAN };
    const double t = gsl_cdf_tdist_Pinv(0.5 + LEVEL / 2, (double)m.n - 1);
    const double half = t * sqrt(xo_moments_variance(&m) / (double)m.n);
    return (struct xo_interval){ m.mean, m.mean - half, m.mean + half };
}

/* y[i] is 0 or 1. Groups that all say the same know no more than as many independent rows. */
static struct xo_interval share_interval(const double y[], int64_t n, const struct grouping *g)
{
    int64_t hits = 0;
    for (int64_t i = 0; i < n; i++)
        hits += y[i] > 0;
    if (g->bootstrap || hits == 0 || hits == n)
        return xo_share_interval(hits, n, LEVEL);
    struct xo_interval i = interval_of_groups(y, n, g);
    interval_clamp(&i, 0, 1);
    return i;
}

static double sorted_quantile(const double sorted[], int64_t n, double q)
{
    return n > 0 ? sorted[(int64_t)ceil(q * (double)n) - 1] : NAN;
}

/* Copy what is not NAN of y[from..to) into out, sorted. */
static int64_t sorted_copy(const double y[], int64_t from, int64_t to, double out[])
{
    int64_t n = 0;
    for (int64_t i = from; i < to; i++)
        if (!isnan(y[i]))
            out[n++] = y[i];
    xo_sort(out, (size_t)n);
    return n;
}

/* Student's t of the groups' quantiles about that of all rows. Volumes vary by ratios, and where
 * some group has none in the range the interval goes from the least to the largest of the groups'.
 */
static struct xo_interval quantile_of_groups(double all, const double of_group[], int n,
                                             bool volume)
{
    struct xo_moments m;
    double least = INFINITY, largest = -INFINITY;
    bool inside = !volume || (all > 0 && isfinite(all));
    xo_moments_init(&m);
    for (int k = 0; k < n; k++) {
        least = fmin(least, of_group[k]);
        largest = fmax(largest, of_group[k]);
        inside &= !volume || (of_group[k] > 0 && isfinite(of_group[k]));
    }
    if (!inside)
        return (struct xo_interval){ all, fmin(least, all), fmax(largest, all) };
    for (int k = 0; k < n; k++)
        xo_moments_add(&m, volume ? log(of_group[k]) : of_group[k]);
    const double t = n > 1 ? gsl_cdf_tdist_Pinv(0.5 + LEVEL / 2, n - 1) : NAN;
    const double half = t * sqrt(xo_moments_variance(&m) / n);
    return volume ? (struct xo_interval){ all, all * exp(-half), all * exp(half) }
                  : (struct xo_interval){ all, all - half, all + half };
}

/* Quantiles q[n_q] of y[n], NANs left out, sorted once for all; scratch[n]. */
static void quantile_intervals(const double y[], int64_t n, const struct grouping *g,
                               const double q[], int n_q, bool volume, double scratch[],
                               struct xo_interval *const out[])
{
    double of_group[MOST_QUANTILES][MOST_GROUPS];
    int n_groups = 0;
    for (int k = 0; !g->bootstrap && k < g->n_groups && k < MOST_GROUPS; k++) {
        int64_t from, to;
        group_bounds(g, n, k, &from, &to);
        const int64_t m = sorted_copy(y, from, to, scratch);
        for (int i = 0; m > 0 && i < n_q; i++)
            of_group[i][n_groups] = sorted_quantile(scratch, m, q[i]);
        n_groups += m > 0;
    }
    const int64_t m = sorted_copy(y, 0, n, scratch);
    for (int i = 0; i < n_q; i++)
        *out[i] = m == 0         ? (struct xo_interval){ NAN, NAN, NAN }
                  : g->bootstrap ? xo_quantile_interval(scratch, (size_t)m, q[i], LEVEL)
                                 : quantile_of_groups(sorted_quantile(scratch, m, q[i]),
                                                      of_group[i], n_groups, volume);
}

/* P5, P50 and P95 of the column that was gathered last. */
static void spread_of(const struct answers *a, bool volume, struct xo_interval *p05,
                      struct xo_interval *p50, struct xo_interval *p95)
{
    static const double q[MOST_QUANTILES] = { 0.05, 0.5, 0.95 };
    struct xo_interval *const out[MOST_QUANTILES] = { p05, p50, p95 };
    quantile_intervals(a->y, a->n, &a->groups, q, MOST_QUANTILES, volume, a->scratch, out);
}

/* ---- distributions ---- */

static struct xo_interval share_of(const struct answers *a, column_fn *column)
{
    gather(a, column, a->y);
    return share_interval(a->y, a->n, &a->groups);
}

static struct xo_interval mean_of_column(const struct answers *a, column_fn *column)
{
    gather(a, column, a->y);
    return mean_interval(a->y, a->n, &a->groups);
}

static void volumes_of(const struct answers *a, column_fn *column, struct xo_sweep_volumes *out)
{
    gather(a, column, a->y);
    spread_of(a, true, &out->p05, &out->p50, &out->p95);
}

static double standard_error(const struct answers *a, const struct xo_interval *i)
{
    if (a->groups.bootstrap)
        return sqrt(i->mean * (1 - i->mean) / (double)a->n);
    const struct xo_interval t = interval_of_groups(a->y, a->n, &a->groups);
    return (t.hi - t.lo) / 2 / gsl_cdf_tdist_Pinv(0.5 + LEVEL / 2, a->groups.n_groups - 1);
}

static void describe_saving(const struct answers *a, struct xo_sweep_result *r)
{
    gather(a, get_saving, a->y);
    struct xo_moments m;
    double noise = 0;
    int64_t infeasible = 0, limited = 0;
    xo_moments_init(&m);
    for (int64_t i = 0; i < a->n; i++) {
        const struct xo_sweep_row *row = answer_row(a, i);
        noise += row->noise_usd * row->noise_usd;
        infeasible += isnan(row->saving_usd);
        limited += row->buy_limited > 0;
        if (!isnan(row->saving_usd))
            xo_moments_add(&m, row->saving_usd);
    }
    r->saving_mean = mean_interval(a->y, a->n, &a->groups);
    spread_of(a, false, &r->saving_p05, &r->saving_p50, &r->saving_p95);
    r->infeasible_share = (double)infeasible / (double)a->n;
    r->buy_limited_share = (double)limited / (double)a->n;
    r->input_variance = xo_moments_variance(&m);
    r->noise_variance = m.n > 0 ? noise / (double)m.n : NAN;
}

/* The share that the n_tail largest make of the sum of |y|; NAN where the sum is 0. Sorts y. */
static double tail_share(double y[], int64_t n, int64_t n_tail)
{
    double all = 0, tail = 0;
    for (int64_t i = 0; i < n; i++)
        y[i] = isnan(y[i]) ? 0 : fabs(y[i]);
    xo_sort(y, (size_t)n);
    for (int64_t i = 0; i < n; i++) {
        all += y[i];
        tail += i >= n - n_tail ? y[i] : 0;
    }
    return all > 0 ? tail / all : NAN;
}

static void describe_tails(const struct answers *a, struct xo_sweep_result *r)
{
    column_fn *const columns[] = { get_regret_buy, get_regret_build, get_saving };
    double *shares[] = { &r->tail_of_regret_buy, &r->tail_of_regret_build, &r->tail_of_saving };
    r->n_tail = (a->n + TAIL_OF - 1) / TAIL_OF;
    for (int i = 0; i < 3; i++) {
        gather(a, columns[i], a->y);
        *shares[i] = tail_share(a->y, a->n, r->n_tail);
    }
}

/* A loss that no sample shows may be that of a sample not drawn: of at most this share of samples
 * (95 %), and of the size by which savings differ. */
static void not_quite_zero(const struct answers *a, struct xo_interval *i, double sd)
{
    if (i->mean == 0 && isfinite(sd))
        i->hi = fmax(i->hi, xo_share_interval(0, a->n, LEVEL).hi * sd);
}

void answer_distributions(const struct answers *a, struct xo_sweep_result *r)
{
    volumes_of(a, get_crossover, &r->crossover);
    volumes_of(a, get_stays_above, &r->stays_above);
    r->exists = share_of(a, get_exists);
    r->below = share_of(a, get_below);
    r->never = share_of(a, get_never);
    r->build_wins = share_of(a, get_wins);
    r->build_wins_se = standard_error(a, &r->build_wins); /* of the column gathered last */
    describe_saving(a, r);
    r->regret_buy = mean_of_column(a, get_regret_buy);
    r->regret_build = mean_of_column(a, get_regret_build);
    interval_clamp(&r->regret_buy, 0, INFINITY);
    interval_clamp(&r->regret_build, 0, INFINITY);
    not_quite_zero(a, &r->regret_buy, sqrt(r->input_variance));
    not_quite_zero(a, &r->regret_build, sqrt(r->input_variance));
    r->evpi = r->regret_buy.mean <= r->regret_build.mean ? r->regret_buy : r->regret_build;
    describe_tails(a, r);
}

/* ---- convergence ---- */

void sweep_centre(const struct xo_sweep *sweep, const struct xo_sweep_row rows[], int64_t n_base,
                  double scratch[], struct xo_interval *median, struct xo_interval *build_wins)
{
    const int64_t n = distribution_rows(sweep, n_base);
    struct answers a = { .sweep = sweep,
                         .rows = rows,
                         .n = n,
                         .groups = design_groups(&sweep->design, n_base),
                         .y = scratch,
                         .scratch = scratch + n };
    gather(&a, get_crossover, a.y);
    quantile_intervals(a.y, n, &a.groups, &(const double){ 0.5 }, 1, true, a.scratch,
                       (struct xo_interval *const[]){ median });
    *build_wins = share_of(&a, get_wins);
}

/* Base points at step k of the plot: rising by equal ratios, whole randomizations. */
static int64_t convergence_base(const struct design *g, int64_t n_base, int k)
{
    const int64_t unit = g->sampling == XO_SAMPLING_RANDOM ? 1 : g->base_per_randomization;
    const int64_t most = n_base / unit, least = unit == 1 ? (most < 20 ? most : 20) : 2;
    const double at = (double)k / (XO_MAX_CONVERGENCE - 1);
    if (k == XO_MAX_CONVERGENCE - 1)
        return n_base;
    return (int64_t)((double)least * pow((double)most / (double)least, at)) * unit;
}

static void converge(const struct answers *a, int64_t n_base, struct xo_sweep_result *r)
{
    int64_t before = 0;
    for (int k = 0; k < XO_MAX_CONVERGENCE; k++) {
        const int64_t base = convergence_base(&a->sweep->design, n_base, k);
        struct xo_interval median, wins;
        if (base <= before)
            continue;
        before = base;
        sweep_centre(a->sweep, a->rows, base, a->both, &median, &wins);
        r->convergence[r->n_convergence++] = (struct xo_convergence){
            .n_rows = base * a->sweep->design.rows_per_base,
            .median = median.mean,
            .lo = median.lo,
            .hi = median.hi,
            .build_wins = wins.mean,
            .build_wins_lo = wins.lo,
            .build_wins_hi = wins.hi,
        };
    }
}

/* ---- the fan of cost lines ---- */

static double fan_volume(const struct xo_sweep *sweep, int k)
{
    return sweep->min_volume *
           pow(sweep->max_volume / sweep->min_volume, (double)k / (XO_N_FAN - 1));
}

struct fan_lines {
    const struct xo_sweep *sweep;
    double (*usd)[XO_N_WAYS]; /* [n rows of the distribution][XO_N_FAN] */
};

/* The lines of one row's world. */
static bool draw_lines(struct visitor *v, int64_t i, void *self, struct xo_error *err)
{
    const struct fan_lines *f = self;
    double(*usd)[XO_N_WAYS] = f->usd + i * XO_N_FAN;
    double values[XO_SWEEP_MAX_INPUTS];
    xo_sweep_values(f->sweep, distribution_row(f->sweep, i), values);
    if (!visitor_go(v, values, err))
        return false;
    for (int k = 0; k < XO_N_FAN; k++)
        ways_usd(&v->world, fan_volume(f->sweep, k), usd[k]);
    return true;
}

static void read_fan(const double (*usd)[XO_N_WAYS], int n, struct xo_fan fan[XO_N_FAN],
                     double *column)
{
    for (int k = 0; k < XO_N_FAN; k++)
        for (int way = 0; way < XO_N_WAYS; way++) {
            int m = 0;
            for (int i = 0; i < n; i++)
                if (!isnan(usd[i * XO_N_FAN + k][way]))
                    column[m++] = usd[i * XO_N_FAN + k][way];
            xo_sort(column, (size_t)m);
            fan[k].p05[way] = sorted_quantile(column, m, 0.05);
            fan[k].p50[way] = sorted_quantile(column, m, 0.5);
            fan[k].p95[way] = sorted_quantile(column, m, 0.95);
        }
}

static bool draw_fan(const struct answers *a, struct xo_sweep_result *r, struct xo_error *err)
{
    const int n = a->n < FAN_ROWS ? (int)a->n : FAN_ROWS;
    double(*usd)[XO_N_WAYS] = malloc((size_t)n * XO_N_FAN * sizeof *usd);
    double *column = malloc((size_t)n * sizeof *column);
    struct fan_lines lines = { a->sweep, usd };
    const bool room = usd != NULL && column != NULL;
    const bool ok = room ? visitors_run(&a->sweep->worlds, 0, n, draw_lines, &lines, err)
                         : xo_fail(err, XO_ERR_MEMORY, "out of memory for a fan of %d rows", n);
    for (int k = 0; k < XO_N_FAN; k++)
        r->fan[k].volume = fan_volume(a->sweep, k);
    if (ok)
        read_fan((const double(*)[XO_N_WAYS])usd, n, r->fan, column);
    r->n_fan_rows = n;
    free(usd);
    free(column);
    return ok;
}

/* ---- tornado ---- */

/* One input at a value, the others as the scenario has them; input -1: all of them. */
static bool tornado_end(const struct xo_sweep *sweep, int input, double value, double *saving,
                        double *crossover, struct xo_error *err)
{
    double values[XO_SWEEP_MAX_INPUTS];
    struct visitor v;
    struct xo_sweep_row row;
    for (int i = 0; i < sweep->n_inputs; i++)
        values[i] = i == input ? value : NAN;
    const bool ok =
        visitor_init(&v, &sweep->worlds, err) && sweep_row(sweep, &v, values, &row, err);
    if (ok) {
        *saving = row.saving_usd;
        *crossover = row.crossover;
    }
    visitor_fini(&v);
    return ok;
}

static bool draw_tornado(const struct xo_sweep *sweep, struct xo_sweep_result *r,
                         struct xo_error *err)
{
    if (!tornado_end(sweep, -1, NAN, &r->base_saving_usd, &r->base_crossover, err))
        return false;
    for (int i = 0; i < sweep->n_inputs; i++) {
        struct xo_tornado *t = &r->inputs[i].tornado;
        t->low = sweep->inputs[i].p10;
        t->high = sweep->inputs[i].p90;
        if (!tornado_end(sweep, i, t->low, &t->saving_low_usd, &t->crossover_low, err) ||
            !tornado_end(sweep, i, t->high, &t->saving_high_usd, &t->crossover_high, err))
            return false;
    }
    return true;
}

/* ---- what was done, and what to know about it ---- */

static void note(struct xo_sweep_result *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void note(struct xo_sweep_result *r, const char *format, ...)
{
    va_list args;
    if (r->n_notes == XO_MAX_SWEEP_NOTES)
        return;
    va_start(args, format);
    vsnprintf(r->notes[r->n_notes++], sizeof r->notes[0], format, args);
    va_end(args);
}

static void note_surrogates(const struct xo_sweep *sweep, struct xo_sweep_result *r)
{
    const struct xo_worlds *w = &sweep->worlds;
    r->n_surrogates = worlds_surrogates(w, r->surrogates);
    for (int o = 0; o < w->n_sizings; o++) {
        const char *label = sweep->scenario->options[o].label;
        char text[XO_SWEEP_NOTE_SIZE];
        if (w->ladders[o].infeasible.holds)
            note(r, "%s", worlds_say_infeasible(w, o, "sample", text));
        if (w->ladders[o].infeasible.holds || w->n_coordinates == 0)
            continue;
        const struct xo_surrogate_report *s = &w->fits[o].report;
        if (!w->fits[o].has_capacity)
            note(r,
                 "%s: hardly any point of the design meets the SLO; it is left out of every "
                 "sample",
                 label);
        else if (!s->precise)
            note(r,
                 "%s: the surrogate of capacity is %.1f %% off on points it has not seen (3 %% "
                 "is wanted) after %d points",
                 label, 100 * s->held_out_rms, s->n_design);
    }
}

/* Say by how much the precision that was asked for is not reached. */
static void note_precision(const struct xo_sweep *sweep, struct xo_sweep_result *r)
{
    const double wanted = sweep->settings.precision_frac;
    const struct xo_interval *m = &r->crossover.p50, *p = &r->build_wins;
    const bool inside = m->mean > 0 && isfinite(m->mean);
    const double got =
        inside ? fmax(m->hi / m->mean - 1, 1 - m->lo / m->mean) : (p->hi - p->lo) / 2;
    if (wanted > 0 && got > wanted)
        note(r, "%s to within %.2g %%, not the %.2g %% of study.precision: that takes more samples",
             inside ? "the median crossover is known"
                    : "the share of samples that this build wins is known",
             100 * got, 100 * wanted);
}

static void account(const struct answers *a, int64_t n_base, struct xo_sweep_result *r)
{
    const struct xo_sweep *sweep = a->sweep;
    const struct design *g = &sweep->design;
    r->n_base = n_base;
    r->n_rows = r->n_reused = n_base * g->rows_per_base;
    r->n_distribution = a->n;
    r->n_randomizations = (int)(n_base / g->base_per_randomization);
    if (g->sampling == XO_SAMPLING_RANDOM)
        r->n_randomizations = 1;
    r->sampling = g->sampling;
    r->indices = g->indices;
    r->stopped_early = r->n_rows < design_rows(g);
    r->min_volume = sweep->min_volume;
    r->max_volume = sweep->max_volume;
    r->n_inputs = sweep->n_inputs;
    r->n_confirmed = sweep->worlds.n_confirmed;
    r->n_searches = sweep->worlds.n_searches;
    r->n_simulated = sweep->worlds.n_simulated;
    if (sweep->note.text[0] != '\0')
        note(r, "%s", sweep->note.text);
    if (g->indices == XO_INDICES_PICK_FREEZE && n_base < LEAST_BASE_FOR_INDICES)
        note(r,
             "Sobol' indices rest on %lld points (%d are advised): study.samples = %d gives them, "
             "or study.indices = given-data",
             (long long)n_base, LEAST_BASE_FOR_INDICES, LEAST_BASE_FOR_INDICES * g->rows_per_base);
    if (r->buy_limited_share > 0)
        note(r,
             "in %.0f %% of samples the API cannot serve it as listed (a rate limit below the "
             "busiest "
             "minute, or requests longer than its context); its bill stands as if it could",
             100 * r->buy_limited_share);
    if (r->infeasible_share > 0)
        note(r,
             "in %.3g %% of samples no fleet meets the SLO: buying wins there. Savings leave these "
             "samples out; regrets of building count the fleet of the plan, which then costs its "
             "rent and serves nobody",
             100 * r->infeasible_share);
    note_precision(sweep, r);
    note_surrogates(sweep, r);
}

bool xo_sweep_finish(const struct xo_sweep *sweep, const struct xo_sweep_row rows[], int64_t n_rows,
                     struct xo_sweep_result **out, struct xo_error *err)
{
    const int64_t n_base = n_rows / sweep->design.rows_per_base;
    const int64_t n = distribution_rows(sweep, n_base);
    assert(n_base >= 1 && n_base * sweep->design.rows_per_base == n_rows);
    struct xo_sweep_result *r = calloc(1, sizeof *r);
    double *both = malloc(2 * (size_t)n * sizeof *both);
    bool ok = r != NULL && both != NULL;
    if (!ok)
        xo_fail(err, XO_ERR_MEMORY, "out of memory for statistics of %lld samples",
                (long long)n_rows);
    struct answers a = { .sweep = sweep,
                         .rows = rows,
                         .n = n,
                         .groups = design_groups(&sweep->design, n_base),
                         .both = both,
                         .y = both,
                         .scratch = both + n };
    if (ok) {
        answer_distributions(&a, r);
        converge(&a, n_base, r);
        account(&a, n_base, r);
    }
    ok = ok && draw_fan(&a, r, err) && draw_tornado(sweep, r, err) && answer_inputs(&a, r, err) &&
         widen_intervals(&a, r, err);
    free(both);
    if (ok)
        *out = r;
    else
        free(r);
    return ok;
}
