/* draws.c - how sure: the curve over what is not known; see draws.h.
 *
 * The state is one struct draw for each draw: every bill at every point of the curve and at the
 * volume that the draw itself plans, and where its crossings lie. All are kept until the end, since
 * quantiles need them together; what takes long, or much memory, is announced (say_how_much).
 *
 * Invariant: draw k is a function of the scenario, the simulations and k alone, so threads cannot
 * change it. It is row k of a plain Monte Carlo sweep, visited by the same code, with errors of the
 * capacities added (docs/model.md, "Draws").
 *
 * Quantiles of volumes are taken by rank, so that "above the range" stays what it is, and shares
 * have Wilson's error, which is not 0 where all draws agree. Tried before: worlds of the draws'
 * own, where capacities answered to one input at a time, by three points. What two inputs do
 * together was left out, and a sweep of the same scenario said something else. Begin with draw_one,
 * draw_bills and summarize.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "draws.h"

#include "xo/clock.h"
#include "xo/stats.h"
#include "xo/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- one draw ---- */

/* Rows behind the bills of a draw where the scenario has a unit: what one costs at the volume that
 * the draw plans, and leaves of its price; first and last, as of crossings, of the volume from
 * which it leaves anything. Draws without a unit do not carry them. */
enum { UNIT_USD, MARGIN_FRAC, PAYS_FIRST, PAYS_LAST, N_UNIT_ROWS };

/* What a draw leaves behind; the lines at every point of a whole curve, and at the volume that the
 * draw plans. */
struct draw {
    double (*usd)[XO_N_WAYS]; /* [draw_rows]; owned by the table of draws */
    double plan_volume, plan_usd[XO_N_WAYS];
    /* by pair: first crossing to its second way, and stays_above; 0: below the range, INFINITY:
     * above it or never */
    double first[XO_N_PAIRS], last[XO_N_PAIRS];
    bool exists[XO_N_PAIRS];
};

/* The points at which every draw is priced: none, unless the curve is whole. */
static int n_drawn(const struct xo_curve *curve)
{
    return curve->depth == XO_WHOLE ? curve->n_points : 0;
}

static int draw_rows(const struct xo_curve *curve)
{
    return n_drawn(curve) + (curve->scenario->unit.calls > 0 ? N_UNIT_ROWS : 0);
}

static bool draw_crossings(const struct xo_curve *curve, const struct world *w, struct draw *d,
                           struct xo_error *err)
{
    const double min = curve->points[0].volume, max = curve->points[curve->n_points - 1].volume;
    for (int k = 0; k < XO_N_PAIRS; k++) {
        struct xo_crossings c;
        if (!ways_cross(w, xo_pairs[k].from, xo_pairs[k].to, min, max, &c, err))
            return false;
        crossings_ends(&c, &d->first[k], &d->last[k]);
        d->exists[k] = c.n > 0;
    }
    return true;
}

/* What units cost and leave in a draw whose bills are known; nothing where there is no unit. */
static bool draw_units(const struct xo_curve *curve, const struct world *w, struct draw *d,
                       struct xo_error *err)
{
    const struct xo_unit *unit = &w->scenario->unit;
    const double min = curve->points[0].volume, max = curve->points[curve->n_points - 1].volume;
    double(*row)[XO_N_WAYS] = d->usd + n_drawn(curve);
    for (int way = 0; way < XO_N_WAYS && unit->calls > 0; way++) {
        const struct xo_unit_figures f = xo_unit_figures(unit, d->plan_usd[way], d->plan_volume);
        struct xo_crossings c;
        row[UNIT_USD][way] = f.usd;
        row[MARGIN_FRAC][way] = f.margin_frac;
        if (!(unit->price_usd > 0))
            continue;
        if (!ways_cross(w, WAY_SALES, way, min, max, &c, err))
            return false;
        crossings_ends(&c, &row[PAYS_FIRST][way], &row[PAYS_LAST][way]);
    }
    return true;
}

/* Every bill in the visitor's world, whose capacities are worked out once. The volume that the
 * world plans may be one of the uncertain inputs, or follow from them where the scenario gives it
 * in tokens. */
static bool draw_bills(const struct xo_curve *curve, struct visitor *v, struct draw *d,
                       struct xo_error *err)
{
    struct world *w = &v->world;
    const struct xo_curve_point *p = curve->points;
    const double max = p[curve->n_points - 1].volume;
    d->plan_volume = v->own->requests_per_month;
    if (!world_treads(w, fmax(max, d->plan_volume), v->treads, err))
        return false;
    w->treads = v->treads;
    for (int i = 0; i < n_drawn(curve); i++)
        ways_usd(w, p[i].volume, d->usd[i]);
    if (n_drawn(curve) > 0 && d->plan_volume == p[curve->plan].volume)
        memcpy(d->plan_usd, d->usd[curve->plan], sizeof d->plan_usd);
    else
        ways_usd(w, d->plan_volume, d->plan_usd);
    const bool ok = draw_crossings(curve, w, d, err) && draw_units(curve, w, d, err);
    w->treads = NULL;
    return ok;
}

/* ---- one input at a time ---- */

/* The bills where `input` is at its quantile p and all else as the scenario has it; -1: nothing is
 * changed. */
static bool draw_alone(const struct xo_curve *curve, const struct xo_worlds *worlds, int input,
                       double p, struct draw *d, struct xo_error *err)
{
    double values[XO_SWEEP_MAX_INPUTS];
    struct visitor v;
    for (int i = 0; i < worlds->n_inputs; i++)
        values[i] = i == input ? input_quantile(worlds->inputs[i].drawn, p) : (double)NAN;
    const bool ok = visitor_init(&v, worlds, err) && visitor_go(&v, values, err) &&
                    draw_bills(curve, &v, d, err);
    visitor_fini(&v);
    return ok;
}

/* Are two draws alike to the bit, where NANs are alike too? */
static bool is_same_draw(const struct draw *a, const struct draw *b, int n_rows)
{
    return memcmp(a->usd, b->usd, (size_t)n_rows * sizeof *a->usd) == 0 &&
           memcmp(a->plan_usd, b->plan_usd, sizeof a->plan_usd) == 0 &&
           memcmp(a->first, b->first, sizeof a->first) == 0 &&
           memcmp(a->last, b->last, sizeof a->last) == 0;
}

/* An input moves something when it does at its far ends. A value that cannot be while the others
 * are as they are says nothing here: the draws will tell. */
static bool find_effect(struct xo_curve *curve, const struct xo_worlds *worlds, int input,
                        struct draw room[2], struct xo_error *err)
{
    static const double at[4] = { 0.1, 0.9, 0.001, 0.999 };
    struct xo_effect *e = &curve->effects[input];
    *e = (struct xo_effect){ .key = worlds->inputs[input].key, .saving_usd = { NAN, NAN } };
    for (int i = 0; i < 4; i++) {
        struct xo_error why = { 0 };
        struct draw *d = &room[1];
        const bool can = draw_alone(curve, worlds, input, at[i], d, &why);
        if (!can && why.kind != XO_ERR_INPUT)
            return xo_fail(err, why.kind, "%s", why.text);
        e->moves |= !can || !is_same_draw(d, &room[0], draw_rows(curve));
        if (can && i < 2)
            e->saving_usd[i] = d->plan_usd[XO_WAY_BUY] - d->plan_usd[XO_WAY_BUILD];
    }
    return true;
}

static bool find_effects(struct xo_curve *curve, const struct xo_worlds *worlds,
                         struct xo_error *err)
{
    const size_t n = (size_t)draw_rows(curve);
    double(*usd)[XO_N_WAYS] = calloc(2 * n + 1, sizeof *usd);
    struct draw room[2] = { { .usd = usd }, { .usd = usd == NULL ? NULL : usd + n } };
    bool ok = usd != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for effects");
    ok = ok && draw_alone(curve, worlds, -1, 0, &room[0], err);
    for (int i = 0; ok && i < curve->n_uncertain; i++)
        ok = find_effect(curve, worlds, i, room, err);
    free(usd);
    return ok;
}

/* ---- what the draws say ---- */

static const double Z95 = 1.959963984540054; /* half-width of a 95 % interval in standard errors */

double share_se(int hits, int n)
{
    const struct xo_interval i = xo_share_interval(hits, n, 0.95);
    return (i.hi - i.lo) / (2 * Z95);
}

/* The standard error of quantile q of sorted values, whatever their distribution: of the 95 %
 * interval between order statistics, which lie Z95 sqrt(n q (1 - q)) ranks to both sides (David and
 * Nagaraja, Order Statistics, 7.1). NAN where an end lies outside the range of volumes. */
static double quantile_se(const double sorted[], int n, double q)
{
    const double reach = Z95 * sqrt(n * q * (1 - q));
    const int lo = (int)fmax(0, floor(n * q - reach)), hi = (int)fmin(n - 1, ceil(n * q + reach));
    const double se = n > 0 ? (sorted[hi] - sorted[lo]) / (2 * Z95) : (double)NAN;
    return isfinite(se) ? se : (double)NAN;
}

struct xo_band band_of(double values[], int n)
{
    int finite = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(values[i]))
            values[finite++] = values[i];
    const size_t m = (size_t)finite;
    xo_sort(values, m);
    return (struct xo_band){ xo_sorted_quantile(values, m, 0.1), xo_sorted_quantile(values, m, 0.5),
                             xo_sorted_quantile(values, m, 0.9), quantile_se(values, finite, 0.1),
                             quantile_se(values, finite, 0.5),   quantile_se(values, finite, 0.9) };
}

static double by_rank(const double sorted[], int n, double q)
{
    return sorted[(int)fmax(1, ceil(q * n)) - 1];
}

struct xo_band band_of_volumes(double values[], int n)
{
    xo_sort(values, (size_t)n);
    return (struct xo_band){ by_rank(values, n, 0.1),     by_rank(values, n, 0.5),
                             by_rank(values, n, 0.9),     quantile_se(values, n, 0.1),
                             quantile_se(values, n, 0.5), quantile_se(values, n, 0.9) };
}

/* Where the share of draws in which a pair's second wins passes `odds` for the last time: that
 * quantile of their last crossings, sorted[n], where it lies between the same points, else in
 * between in log volume. */
static double volume_of_odds(const struct xo_curve *curve, const double sorted[], int pair,
                             double odds)
{
    const double quantile = by_rank(sorted, curve->n_draws, odds);
    for (int i = curve->n_points - 1; i > 0; i--) {
        const struct xo_curve_point *a = &curve->points[i - 1], *b = &curve->points[i];
        const double pa = a->wins_share[pair], pb = b->wins_share[pair];
        if (pa < odds && pb >= odds)
            return quantile >= a->volume && quantile <= b->volume
                       ? quantile
                       : a->volume * pow(b->volume / a->volume, (odds - pa) / (pb - pa));
    }
    return NAN;
}

/* Even odds, and their error, which is read off the volumes at which the share is a half and 1.96
 * of its standard errors more or less. */
static void read_odds(const struct xo_curve *curve, const double sorted[], int pair,
                      struct xo_crossings *c)
{
    const double off = Z95 * 0.5 / sqrt(curve->n_draws);
    c->even_odds = volume_of_odds(curve, sorted, pair, 0.5);
    c->even_odds_se = (volume_of_odds(curve, sorted, pair, 0.5 + off) -
                       volume_of_odds(curve, sorted, pair, 0.5 - off)) /
                      (2 * Z95);
}

/* The bills of draw k: at a point of the curve, or at the volume that it plans. */
static const double *usd_of(const struct draw *d, int point)
{
    return point < 0 ? d->plan_usd : d->usd[point];
}

/* The bands of every way, and how often the second of each pair is cheaper; point -1: the plan. */
static void summarize_bills(const struct draw *draws, int n, int point, struct xo_band band[],
                            double wins_share[], double wins_se[], double *scratch)
{
    for (int way = 0; way < XO_N_WAYS; way++) {
        for (int k = 0; k < n; k++)
            scratch[k] = usd_of(&draws[k], point)[way];
        band[way] = band_of(scratch, n);
    }
    for (int pair = 0; pair < XO_N_PAIRS; pair++) {
        int wins = 0;
        for (int k = 0; k < n; k++) {
            const double *usd = usd_of(&draws[k], point);
            wins += usd[xo_pairs[pair].to] < usd[xo_pairs[pair].from];
        }
        wins_share[pair] = (double)wins / n;
        wins_se[pair] = share_se(wins, n);
    }
}

/* Bills, shares and the saving at the volume that each draw plans. */
static void summarize_plan(struct xo_curve *curve, const struct draw *draws, double *scratch)
{
    const int n = curve->n_draws;
    summarize_bills(draws, n, -1, curve->plan_band, curve->wins_share, curve->wins_se, scratch);
    for (int k = 0; k < n; k++)
        scratch[k] = draws[k].plan_usd[XO_WAY_BUY] - draws[k].plan_usd[XO_WAY_BUILD];
    curve->saving = band_of(scratch, n);
    int infeasible = 0;
    for (int k = 0; k < n; k++)
        infeasible += isnan(draws[k].plan_usd[XO_WAY_BUILD]);
    curve->infeasible_share = (double)infeasible / n;
    curve->infeasible_se = share_se(infeasible, n);
    for (int k = 0; k < n; k++)
        scratch[k] = draws[k].plan_volume;
    curve->plan_volume = band_of(scratch, n);
}

static void summarize_crossings(struct xo_curve *curve, int pair, const struct draw *draws,
                                double *scratch)
{
    struct xo_crossings *c = &curve->crossings[pair];
    const int n = curve->n_draws;
    int exists = 0;
    for (int k = 0; k < n; k++) {
        scratch[k] = draws[k].first[pair];
        exists += draws[k].exists[pair];
    }
    c->exists_share = (double)exists / n;
    c->exists_se = share_se(exists, n);
    c->first = band_of_volumes(scratch, n);
    for (int k = 0; k < n; k++)
        scratch[k] = draws[k].last[pair];
    c->last = band_of_volumes(scratch, n);
    if (curve->depth == XO_WHOLE)
        read_odds(curve, scratch, pair, c);
}

/* Gather one figure of a way, of all draws, into values[n]. */
static void gather_units(const struct xo_curve *curve, const struct draw *draws, int row, int way,
                         double values[])
{
    for (int k = 0; k < curve->n_draws; k++)
        values[k] = draws[k].usd[n_drawn(curve) + row][way];
}

static void summarize_units(struct xo_curve *curve, int way, const struct draw *draws,
                            double *scratch)
{
    const int n = curve->n_draws;
    gather_units(curve, draws, UNIT_USD, way, scratch);
    curve->unit_band[way] = band_of(scratch, n);
    gather_units(curve, draws, MARGIN_FRAC, way, scratch);
    curve->margin_band[way] = band_of(scratch, n);
    if (!(curve->scenario->unit.price_usd > 0))
        return;
    gather_units(curve, draws, PAYS_FIRST, way, scratch);
    curve->margin[way].first = band_of_volumes(scratch, n);
    gather_units(curve, draws, PAYS_LAST, way, scratch);
    curve->margin[way].last = band_of_volumes(scratch, n);
}

static void summarize(struct xo_curve *curve, const struct draw *draws, double *scratch)
{
    for (int i = 0; i < n_drawn(curve); i++) {
        struct xo_curve_point *p = &curve->points[i];
        summarize_bills(draws, curve->n_draws, i, p->band, p->wins_share, p->wins_se, scratch);
    }
    summarize_plan(curve, draws, scratch);
    for (int pair = 0; pair < XO_N_PAIRS; pair++)
        summarize_crossings(curve, pair, draws, scratch);
    for (int way = 0; way < XO_N_WAYS && curve->scenario->unit.calls > 0; way++)
        summarize_units(curve, way, draws, scratch);
}

/* ---- all draws ---- */

struct drawing {
    const struct xo_curve *curve;
    const struct design *design;
    struct draw *draws;
};

bool draws_go(struct visitor *v, const struct design *design, int64_t index, struct xo_error *err)
{
    const struct xo_worlds *w = v->worlds;
    double values[XO_SWEEP_MAX_INPUTS];
    design_uniforms(design, index, values);
    for (int i = 0; i < w->n_inputs; i++)
        values[i] = input_quantile(w->inputs[i].drawn, values[i]);
    if (!visitor_go(v, values, err))
        return false;
    const struct capacity_error error = capacity_error_of(w, index);
    visitor_shift(v, &error);
    return true;
}

static bool draw_one(struct visitor *v, int64_t index, void *self, struct xo_error *err)
{
    const struct drawing *d = self;
    return draws_go(v, d->design, index, err) && draw_bills(d->curve, v, &d->draws[index], err);
}

/* Where what is left takes more than a minute, or all of it more than a gigabyte, so it is said
 * before it begins, with the key that makes it less. */
static void say_how_much(const struct xo_curve *curve, const struct xo_study_options *options,
                         int n_left, double left_s)
{
    static const double LONG_S = 60, MUCH_BYTES = 1e9;
    const struct draw *one = NULL;
    const double bytes = curve->n_draws * ((double)sizeof *one + sizeof(double) +
                                           (double)draw_rows(curve) * sizeof *one->usd);
    char place[XO_PLACE_SIZE], time[32], text[XO_PLACE_SIZE + 200];
    if (options->tell == NULL || (left_s < LONG_S && bytes < MUCH_BYTES))
        return;
    snprintf(text, sizeof text,
             "%s: %d draws take about %s more and up to %.2g GB of memory; a smaller study.draws "
             "takes less",
             xo_scenario_place(curve->scenario, xo_key_find("study.draws"), place), n_left,
             xo_text_duration(time, sizeof time, left_s), bytes / 1e9);
    options->tell(options->tell_self, text);
}

/* The first of many draws say how long the others take. */
static bool run_all(struct drawing *d, const struct xo_worlds *worlds, struct xo_error *err)
{
    enum { FIRST = 2000 };
    const int n = d->curve->n_draws, first = n < FIRST ? n : FIRST;
    const double start_s = xo_now_s();
    if (!visitors_run(worlds, 0, first, draw_one, d, err))
        return false;
    if (n > first)
        say_how_much(d->curve, worlds->options, n - first,
                     (xo_now_s() - start_s) / first * (n - first));
    return visitors_run(worlds, first, n, draw_one, d, err);
}

bool draws_design(struct design *g, const struct inputs *inputs, const struct xo_scenario *s,
                  struct xo_error *err)
{
    const struct xo_sweep_settings settings = { .n_samples = s->n_draws,
                                                .sampling = XO_SAMPLING_RANDOM,
                                                .indices = XO_INDICES_GIVEN_DATA };
    uint32_t slots[XO_SWEEP_MAX_INPUTS];
    struct design_note note;
    struct xo_copula *copula;
    inputs_slots(inputs, slots);
    return xo_scenario_copula(s, inputs->n_implied, &copula, err) &&
           design_init(g, &settings, inputs->n, slots, copula, s->seed, &note, err);
}

bool draws_run(struct xo_curve *curve, const struct xo_worlds *worlds, const struct inputs *inputs,
               struct xo_error *err)
{
    const int n = curve->n_draws;
    const size_t n_rows = (size_t)draw_rows(curve);
    struct design design = { 0 };
    struct draw *draws = calloc((size_t)n, sizeof *draws);
    double(*usd)[XO_N_WAYS] = calloc((size_t)n * n_rows + 1, sizeof *usd);
    double *scratch = calloc((size_t)n, sizeof *scratch);
    struct drawing drawing = { curve, &design, draws };
    bool ok = (draws != NULL && usd != NULL && scratch != NULL) ||
              xo_fail(err, XO_ERR_MEMORY, "out of memory for %d draws", n);
    for (int i = 0; ok && i < n; i++)
        draws[i].usd = usd + (size_t)i * n_rows;
    ok = ok && draws_design(&design, inputs, curve->scenario, err) &&
         (curve->depth < XO_WHOLE || find_effects(curve, worlds, err)) &&
         run_all(&drawing, worlds, err);
    if (ok)
        summarize(curve, draws, scratch);
    design_fini(&design);
    free(scratch);
    free(usd);
    free(draws);
    return ok;
}
