/* curve.c - where the answer flips: three lines over volume, their crossings, and how sure.
 *
 * The state is a struct study: the curve that is made, the sizing of each build option with its
 * ladder in the curve, the base world that prices any volume, and the worlds that the draws visit.
 * study_run has the order: ladders, the fleets that are drawn, what the step time does to capacity,
 * worlds, crossings, points and corners, draws, what is said at plan.
 *
 * Invariant: once the ladders stand, a bill at any volume is read off them and simulates nothing.
 * Points rise by volume, and one of them is the plan, whose fleet, load and bill are those that
 * `run` gives. Corners are both sides of each riser, since a line jumps there.
 *
 * Fleets that are drawn with little headroom are observed first (check_all_drawn): at the edge of a
 * capacity one is otherwise as likely to miss the SLO as to hold it. An option that fails leaves
 * the others be. Latencies over volume are simulations that do not wait for each other, so they run
 * at once (measure_points). Begin with study_run, cross_all and price_point.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve.h"

#include "xo/clock.h"
#include "xo/memory.h"
#include "xo/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    GRID_POINTS = 41,
    METRICS_EVERY = 4,
    MAX_POINTS = GRID_POINTS + 1 + XO_N_PAIRS * XO_MAX_CROSSINGS
};

/* Everything a curve is made from, freed together. */
struct study {
    const struct xo_scenario *scenario;
    const struct xo_study_options *options;
    struct xo_curve *curve;
    struct option_sizing *sizings; /* [n_options] owned; NULL: of a world that is visited */
    struct demand demand;
    struct world base; /* that prices lines: the scenario's own, or the one visited */
    struct inputs inputs;
    struct xo_worlds worlds; /* that the draws visit */
    double min_volume, max_volume;
};

static void progress(const struct xo_study_options *o, double frac, const char *what)
{
    if (o->progress != NULL)
        o->progress(o->progress_self, frac, what);
}

/* Where the bar stands when fleets are sized, and when bills and draws begin. */
static const double CLIMBED = 0.7, PRICED = 0.85;

/* A climb, for the progress bar: rungs cost more the higher they are. */
struct climb {
    const struct study *study;
    int option;
    double needed;
};

static void climbed(void *self, double volume)
{
    const struct climb *c = self;
    double share = fmin(volume / c->needed, 1) / 2 + fmin(sqrt(volume / c->needed), 1) / 2;
    progress(c->study->options, CLIMBED * (c->option + share) / c->study->scenario->n_options,
             "sizing fleets");
}

static bool climb(struct study *st, int o, struct xo_error *err)
{
    const struct xo_scenario *s = st->scenario;
    struct option_sizing *b = &st->sizings[o];
    const double top = st->curve->depth == XO_AT_PLAN ? s->requests_per_month : st->max_volume;
    struct climb c = { st, o, top * (1 + s->headroom_frac) };
    if (!sizing_simulate(b, s, o, st->options, top, climbed, &c, err) ||
        !sim_find_remedies(&b->sim, err))
        return false;
    b->ladder->infeasible = b->sim.infeasible;
    return true;
}

/* Points of the grid lie evenly by ratio from end to end. */
static double grid_volume(const struct study *st, int i)
{
    const double t = (double)i / (GRID_POINTS - 1);
    return i == GRID_POINTS - 1 ? st->max_volume
                                : st->min_volume * pow(st->max_volume / st->min_volume, t);
}

/* ---- fleets that are drawn ---- */

static bool meets_slo(const struct xo_scenario *s, const struct option_sim *sim,
                      const struct xo_tally *tally)
{
    for (int c = 0; c < s->workload.n_classes; c++)
        for (int t = 0; t < s->slo[c].n_targets; t++) {
            const struct xo_class_tally *k = &tally->classes[c];
            const double needed = s->slo[c].targets[t].quantile * (double)k->n_counted[t];
            if (sim->judged[c][t] && (double)k->n_met[t] < needed)
                return false;
        }
    return true;
}

/* Serving and headroom replicas: those that share the load. */
static int sharing_replicas(const struct study *st, double volume, int option)
{
    struct xo_sized sized;
    world_sized(&st->base, volume, option, &sized);
    return sized.serving_replicas + sized.headroom_replicas;
}

/* Observe the fleet of one volume as its point will be, and lower its capacity where it misses. The
 * fleet of the plan stays what `run` says, which observes it by all replications. */
static bool check_drawn(struct study *st, double volume, bool *holds, struct xo_error *err)
{
    struct xo_tally *tally;
    int option = -1;
    *holds = true;
    way_usd(&st->base, XO_WAY_BUILD, volume, &option);
    if (option < 0)
        return true;
    const double plan = st->scenario->requests_per_month;
    const int n = sharing_replicas(st, volume, option);
    if (volume <= plan * (1 + st->scenario->headroom_frac) * (1 + 1e-6) &&
        n >= sharing_replicas(st, plan, option))
        return true;
    struct option_sim *sim = &st->sizings[option].sim;
    if (!sim_observe(sim, n, volume, 1, point_requests(n), 1, &tally, err))
        return false;
    *holds = meets_slo(st->scenario, sim, tally);
    xo_tally_free(tally);
    return *holds || ladder_lower(st->sizings[option].ladder, sim, n, volume, err);
}

/* A fleet sized to the edge may miss the SLO at its own check, by the noise of its capacity. Where
 * headroom does not stand between, it takes a replica more. */
static bool check_all_drawn(struct study *st, struct xo_error *err)
{
    enum { TRIES = 8 };
    static const double ENOUGH = 0.05;
    const struct xo_scenario *s = st->scenario;
    if (s->headroom_frac >= ENOUGH || s->fixed_replicas > 0)
        return true;
    for (int i = 0; i < GRID_POINTS; i += METRICS_EVERY) {
        bool holds = false;
        for (int k = 0; !holds && k < TRIES; k++)
            if (!check_drawn(st, grid_volume(st, i), &holds, err))
                return false;
    }
    return true;
}

/* An option that fails leaves the others be. */
static bool climb_all(struct study *st, struct xo_error *err)
{
    for (int o = 0; o < st->scenario->n_options; o++) {
        struct xo_error why = { 0 };
        st->sizings[o].ladder = &st->curve->ladders[o];
        if (!climb(st, o, &why) &&
            !option_is_left_out(&why, &st->sizings[o].ladder->infeasible, err))
            return false;
    }
    return sizings_some_ran(st->sizings, st->scenario->n_options, err);
}

/* ---- crossings of the base case ---- */

/* The most that the answer changes by between the first and the last crossing. */
static void measure_gap(const struct study *st, const struct xo_pair *pair, struct xo_crossings *c)
{
    enum { SAMPLES = 400 };
    c->largest_gap_usd = c->largest_gap_frac = NAN;
    if (c->n < 2)
        return;
    const double lo = c->at[0].volume, hi = c->at[c->n - 1].volume;
    c->largest_gap_usd = c->largest_gap_frac = 0;
    for (int i = 0; i <= SAMPLES; i++) {
        double v = lo * pow(hi / lo, (double)i / SAMPLES);
        const double from = way_contending_usd(&st->base, pair->from, v);
        const double to = way_contending_usd(&st->base, pair->to, v);
        const double gap = fabs(from - to);
        if (gap > c->largest_gap_usd) {
            c->largest_gap_usd = gap;
            c->largest_gap_frac = gap / fmin(from, to);
        }
    }
}

/* With the noise of the simulations. */
static bool cross_noisily(const struct study *st, int from, int to, struct xo_crossings *out,
                          struct xo_error *err)
{
    static const double ends[2] = { -1.96, 1.96 }; /* of 95 % */
    const double min = st->min_volume, max = st->max_volume;
    if (!ways_cross(&st->base, from, to, min, max, out, err))
        return false;
    for (int i = 0; i < 2; i++) {
        struct world noisy = st->base;
        struct xo_crossings c;
        noisy.noise_z = ends[i];
        if (!ways_cross(&noisy, from, to, min, max, &c, err))
            return false;
        crossings_add_noise(out, &c);
    }
    return true;
}

static bool cross_pair(struct study *st, const struct xo_pair *pair, struct xo_crossings *out,
                       struct xo_error *err)
{
    if (!cross_noisily(st, pair->from, pair->to, out, err))
        return false;
    measure_gap(st, pair, out);
    return true;
}

/* Where each way costs as much as what its units bring in. */
static bool cross_margins(struct study *st, struct xo_error *err)
{
    for (int way = 0; way < XO_N_WAYS && st->scenario->unit.price_usd > 0; way++)
        if (!cross_noisily(st, WAY_SALES, way, &st->curve->margin[way], err))
            return false;
    return true;
}

static bool cross_all(struct study *st, struct xo_error *err)
{
    struct xo_curve *curve = st->curve;
    const double min = st->min_volume, max = st->max_volume;
    struct world alone = st->base;
    alone.without_people = true;
    struct xo_crossings napkin;
    for (int i = 0; i < XO_N_PAIRS; i++)
        if (!cross_pair(st, &xo_pairs[i], &curve->crossings[i], err))
            return false;
    if (!ways_cross(&alone, XO_WAY_BUY, XO_WAY_BUILD, min, max, &curve->without_people, err) ||
        !ways_cross(&st->base, XO_WAY_BUY, XO_WAY_SAME, min, max, &curve->changing_model, err) ||
        !ways_cross(&st->base, WAY_TOKENS, WAY_NAPKIN, min, max, &napkin, err))
        return false;
    curve->napkin_crossing = napkin.build_cheaper_at_min ? 0
                             : napkin.n > 0              ? napkin.at[0].volume
                                                         : (double)NAN;
    curve->napkin_crossing_usd =
        curve->napkin_crossing > 0 ? napkin.at[0].usd : (double)NAN; /* false for NAN */
    return true;
}

/* ---- points ---- */

static int compare_points(const void *a, const void *b)
{
    double x = ((const struct xo_curve_point *)a)->volume;
    double y = ((const struct xo_curve_point *)b)->volume;
    return (x > y) - (x < y);
}

/* Points that stand so close that a plot cannot tell them apart become one, with both their marks.
 */
static void merge_close(struct xo_curve *curve)
{
    int n = 0;
    for (int i = 0; i < curve->n_points; i++) {
        struct xo_curve_point *p = &curve->points[i];
        struct xo_curve_point *last = n > 0 ? &curve->points[n - 1] : NULL;
        if (last == NULL || p->volume / last->volume > 1 + 1e-6) {
            curve->points[n++] = *p;
            continue;
        }
        last->is_plan |= p->is_plan;
        last->is_crossing |= p->is_crossing;
        last->has_metrics |= p->has_metrics;
        if (p->is_plan)
            last->volume = p->volume;
    }
    curve->n_points = n;
    for (int i = 0; i < n; i++)
        if (curve->points[i].is_plan)
            curve->plan = i;
}

static void choose_volumes(struct study *st)
{
    struct xo_curve *curve = st->curve;
    const bool whole = curve->depth == XO_WHOLE;
    for (int i = 0; i < GRID_POINTS && curve->depth > XO_AT_PLAN; i++)
        curve->points[curve->n_points++] =
            (struct xo_curve_point){ .volume = grid_volume(st, i),
                                     .has_metrics = whole && i % METRICS_EVERY == 0 };
    curve->points[curve->n_points++] = (struct xo_curve_point){
        .volume = st->scenario->requests_per_month, .is_plan = true, .has_metrics = whole
    };
    for (int k = 0; k < XO_N_PAIRS; k++)
        for (int i = 0; i < curve->crossings[k].n; i++)
            curve->points[curve->n_points++] =
                (struct xo_curve_point){ .volume = curve->crossings[k].at[i].volume,
                                         .is_crossing = k == XO_BUY_BUILD };
    qsort(curve->points, (size_t)curve->n_points, sizeof *curve->points, compare_points);
    merge_close(curve);
}

static void price_point(const struct study *st, struct xo_curve_point *p)
{
    const struct world *w = &st->base;
    struct world alone = st->base;
    alone.without_people = true;
    p->tokens = p->volume * st->curve->tokens_per_request;
    for (int way = 0; way < XO_N_WAYS; way++) {
        p->usd[way] = way_usd(w, way, p->volume, &p->pick[way]);
        p->without_people_usd[way] = way_usd(&alone, way, p->volume, NULL);
        p->limited[way] = way_is_limited(w, way, p->volume, p->pick[way]);
    }
    p->napkin_usd = way_usd(w, WAY_NAPKIN, p->volume, NULL);
    p->build = (struct xo_sized){ .option = -1 };
    if (!isnan(p->usd[XO_WAY_BUILD]))
        world_sized(w, p->volume, p->pick[XO_WAY_BUILD], &p->build);
}

/* The plan as `run` observes it, by all replications. */
static bool measure_plan(struct study *st, struct xo_error *err)
{
    struct xo_curve_point *p = &st->curve->points[st->curve->plan];
    if (!p->has_metrics)
        return true;
    const int n = p->build.serving_replicas + p->build.headroom_replicas;
    struct option_sim *sim = &st->sizings[p->build.option].sim;
    struct xo_tally *tally;
    if (!sim_observe(sim, n, p->volume, 1, point_requests(n), st->scenario->n_replications, &tally,
                     err))
        return false;
    metrics_of(tally, sim, sim_cell_parts(sim, n), &p->metrics);
    xo_tally_free(tally);
    return true;
}

/* Latency and load at the points that show them: simulations that do not wait for each other. */
static bool measure_points(struct study *st, struct xo_error *err)
{
    struct xo_curve *curve = st->curve;
    struct observing of[MAX_POINTS];
    int point[MAX_POINTS], n = 0;
    for (int i = 0; i < curve->n_points; i++) {
        struct xo_curve_point *p = &curve->points[i];
        p->has_metrics = p->has_metrics && p->build.feasible;
        if (!p->has_metrics || p->is_plan)
            continue;
        const int replicas = p->build.serving_replicas + p->build.headroom_replicas;
        point[n] = i;
        of[n++] = (struct observing){ &st->sizings[p->build.option].sim, replicas, p->volume, 1,
                                      point_requests(replicas),          NULL };
    }
    if (!sim_observe_all(of, n, st->options, err))
        return false;
    for (int k = 0; k < n; k++) {
        metrics_of(of[k].tally, of[k].sim, sim_cell_parts(of[k].sim, of[k].n_replicas),
                   &curve->points[point[k]].metrics);
        xo_tally_free(of[k].tally);
    }
    return measure_plan(st, err);
}

/* ---- corners ---- */

static struct xo_curve_corner corner_at(const struct study *st, double volume)
{
    struct xo_curve_corner corner = { .volume = volume };
    ways_usd(&st->base, volume, corner.usd);
    corner.napkin_usd = way_usd(&st->base, WAY_NAPKIN, volume, NULL);
    return corner;
}

static int compare_corners(const void *a, const void *b)
{
    double x = ((const struct xo_curve_corner *)a)->volume;
    double y = ((const struct xo_curve_corner *)b)->volume;
    return (x > y) - (x < y);
}

/* Both sides of each riser of a way. */
static bool add_corners(struct study *st, int way, size_t *room, struct xo_error *err)
{
    static const double TELL_APART = 1.002, JUST_ABOVE = 1 + 1e-9;
    struct xo_curve *curve = st->curve;
    double *riser, last = 0;
    size_t n;
    if (!way_risers(&st->base, way, st->min_volume, st->max_volume, &riser, &n, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        if (riser[i] < last * TELL_APART)
            continue;
        last = riser[i];
        ok = xo_array_reserve((void **)&curve->corners, room, (size_t)curve->n_corners + 2,
                              sizeof *curve->corners, err);
        if (!ok)
            break;
        curve->corners[curve->n_corners++] = corner_at(st, last);
        curve->corners[curve->n_corners++] = corner_at(st, last * JUST_ABOVE);
    }
    free(riser);
    return ok;
}

static bool fill_corners(struct study *st, struct xo_error *err)
{
    struct xo_curve *curve = st->curve;
    size_t room = 0;
    for (int way = 0; way <= WAY_NAPKIN; way++)
        if (!add_corners(st, way, &room, err))
            return false;
    if (curve->n_corners > 0)
        qsort(curve->corners, (size_t)curve->n_corners, sizeof *curve->corners, compare_corners);
    return true;
}

static bool fill_points(struct study *st, struct xo_error *err)
{
    struct xo_curve *curve = st->curve;
    for (int i = 0; i < curve->n_points; i++)
        price_point(st, &curve->points[i]);
    if (curve->depth < XO_WHOLE)
        return true;
    progress(st->options, PRICED, "latencies over volume");
    return measure_points(st, err);
}

/* ---- what is said at plan ---- */

static double round_micro(double usd) /* as bills are */
{
    return round(usd * 1e6) / 1e6;
}

/* What one more million tokens costs at the top of the range on full replicas, whole fleets and
 * people aside: from twice the fleet there, which carries twice the volume. */
static void read_marginal(struct study *st)
{
    struct xo_curve *curve = st->curve;
    struct world alone = st->base;
    alone.without_people = true;
    const double top = st->max_volume;
    const double mtok = top * curve->tokens_per_request / 1e6;
    curve->marginal_buy_usd_per_mtok =
        (way_usd(&alone, XO_WAY_BUY, 2 * top, NULL) - way_usd(&alone, XO_WAY_BUY, top, NULL)) /
        mtok;
    curve->marginal_build_usd_per_mtok =
        world_marginal_usd(&alone, top) / curve->tokens_per_request * 1e6;
}

/* What a month loses against buying with the fleet of the plan, grown where `volume` needs it. */
static double month_loss(const struct world *w, double volume, const struct xo_sized *fleet)
{
    return world_kept_usd(w, volume, fleet) - way_usd(w, XO_WAY_BUY, volume, NULL);
}

/* What signing for the fleet at plan commits to, and what that loses against buying when the volume
 * turns out otherwise: the same fleet at half the plan, the one it grows to at twice. One-offs are
 * paid off by the end of the commitment; servers that are bought stay until the end of their life.
 */
static void read_commitment(struct study *st)
{
    static const double factors[3] = { 0.5, 1, 2 };
    struct xo_curve *curve = st->curve;
    const struct xo_curve_point *p = &curve->points[curve->plan];
    struct world later = st->base;
    later.without_one_offs = true;
    curve->obligation_usd = curve->loss_usd[0] = curve->loss_usd[1] = curve->loss_usd[2] = NAN;
    if (!p->build.feasible)
        return;
    const struct xo_obligation *o = &curve->obligation;
    curve->obligation = world_obligation(&st->base, &p->build);
    curve->obligation_usd = xo_obligation_usd(o);
    const double months = st->scenario->commitment_months;
    for (int i = 0; i < 3; i++) {
        const double v = p->volume * factors[i];
        curve->loss_usd[i] = round_micro(months * month_loss(&st->base, v, &p->build) +
                                         (o->months - months) * month_loss(&later, v, &p->build));
    }
}

static void read_plan(struct study *st)
{
    struct xo_curve *curve = st->curve;
    const struct xo_curve_point *p = &curve->points[curve->plan];
    const double buy = p->usd[XO_WAY_BUY], same = p->usd[XO_WAY_SAME], build = p->usd[XO_WAY_BUILD];
    for (int way = 0; way < XO_N_WAYS; way++)
        if (!isnan(p->usd[way]))
            way_types[way]->bill(&st->base, p->volume, p->pick[way], &curve->bills[way]);
    curve->saving_base_usd = round_micro(buy - build);
    curve->saving_changing_model_usd = round_micro(buy - same);
    curve->saving_owning_usd = round_micro(same - build);
    curve->breakeven_load_frac = NAN;
    for (int i = 0; i < curve->n_points && curve->crossings[XO_BUY_BUILD].n > 0; i++)
        if (curve->points[i].is_crossing && isnan(curve->breakeven_load_frac))
            curve->breakeven_load_frac = curve->points[i].build.load_frac;
    read_marginal(st);
    read_commitment(st);
}

static enum xo_verdict_code judge(const struct xo_curve *curve)
{
    const struct xo_curve_point *p = &curve->points[curve->plan];
    const double buy = p->usd[XO_WAY_BUY], build = p->usd[XO_WAY_BUILD];
    if (isnan(build) && p->limited[XO_WAY_BUY])
        return XO_VERDICT_NO_WINNER;
    const enum xo_call call =
        xo_judge(&(struct xo_comparison){ .saving_usd = curve->saving_base_usd,
                                          .cheaper_usd = fmin(buy, build),
                                          .materiality_frac = curve->scenario->materiality_frac,
                                          .build_wins_share = curve->wins_share[XO_BUY_BUILD],
                                          .buy_limited = p->limited[XO_WAY_BUY],
                                          .parity = curve->scenario->parity });
    if (call == XO_CALL_INFEASIBLE)
        return XO_VERDICT_INFEASIBLE;
    if (call == XO_CALL_NO_WINNER)
        return XO_VERDICT_NO_WINNER;
    if (call == XO_CALL_TOO_CLOSE)
        return XO_VERDICT_TOO_CLOSE;
    if (curve->crossings[XO_BUY_BUILD].n > 1)
        return XO_VERDICT_SEVERAL;
    if (curve->crossings[XO_BUY_BUILD].n == 1)
        return XO_VERDICT_CROSSING;
    return curve->crossings[XO_BUY_BUILD].build_cheaper_at_min ? XO_VERDICT_BUILD_ALWAYS
                                                               : XO_VERDICT_BUY_ALWAYS;
}

/* ---- the study ---- */

/* What only draws tell, and what only crossings do: not known, until they have. */
static void clear_ranges(struct xo_curve *curve)
{
    static const struct xo_band none = { NAN, NAN, NAN, NAN, NAN, NAN };
    curve->plan_volume = curve->saving = none;
    curve->infeasible_share = curve->infeasible_se = NAN;
    curve->napkin_crossing = curve->napkin_crossing_usd = NAN;
    for (int way = 0; way < XO_N_WAYS; way++)
        curve->plan_band[way] = none;
    for (int pair = 0; pair < XO_N_PAIRS; pair++)
        curve->wins_share[pair] = curve->wins_se[pair] = NAN;
}

/* A curve over the volumes of its scenario, with no lines in it yet. */
static bool study_begin(struct study *st, const struct xo_scenario *s,
                        const struct xo_study_options *options, enum xo_depth depth,
                        struct xo_error *err)
{
    *st = (struct study){ .scenario = s, .options = options };
    struct xo_curve *curve = st->curve = calloc(1, sizeof *curve);
    if (curve == NULL || (curve->points = calloc(MAX_POINTS, sizeof *curve->points)) == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a curve");
    curve->scenario = s;
    curve->depth = depth;
    curve->n_draws = depth < XO_RANGES ? 0 : s->n_draws;
    curve->n_uncertain = s->n_uncertain;
    st->min_volume = s->requests_per_month * s->min_volume_factor;
    st->max_volume = s->requests_per_month * s->max_volume_factor;
    clear_ranges(curve);
    return true;
}

static void take_demand(struct study *st, const struct demand *demand)
{
    struct xo_curve *curve = st->curve;
    curve->prompt_per_request = demand->prompt;
    curve->cached_per_request = demand->cached;
    curve->output_per_request = demand->output;
    curve->tokens_per_request = demand->prompt + demand->output;
}

bool curve_can_be_drawn(const struct xo_scenario *s, struct xo_error *err)
{
    if (s->workload.n_clients > 0)
        return xo_fail(
            err, XO_ERR_INPUT,
            "%s: a closed loop of %d client%s has no volume to vary; use `crossover run`, "
            "or give workload.volume in place of workload.clients",
            s->path, s->workload.n_clients, s->workload.n_clients == 1 ? "" : "s");
    if (s->n_apis == 0 || s->n_options == 0)
        return xo_fail(
            err, XO_ERR_INPUT,
            "%s: there is no [%s] to compare with; `crossover run` prices one side alone", s->path,
            s->n_apis == 0 ? "buy" : "build");
    return true;
}

static bool study_init(struct study *st, const struct xo_scenario *s,
                       const struct xo_study_options *options, enum xo_depth depth,
                       struct xo_error *err)
{
    const size_t n = (size_t)s->n_options;
    *st = (struct study){ .scenario = s };
    if (!curve_can_be_drawn(s, err) || !study_begin(st, s, options, depth, err))
        return false;
    st->sizings = calloc(n, sizeof *st->sizings);
    st->curve->ladders = calloc(n, sizeof *st->curve->ladders);
    if (st->sizings == NULL || st->curve->ladders == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a curve");
    st->curve->n_ladders = s->n_options;
    if (!demand_init(&st->demand, s, err))
        return false;
    take_demand(st, &st->demand);
    st->base = (struct world){
        .scenario = s, .demand = &st->demand, .sizings = st->sizings, .n_sizings = s->n_options
    };
    return true;
}

static void study_fini(struct study *st)
{
    worlds_fini(&st->worlds);
    inputs_fini(&st->inputs);
    for (int o = 0; st->sizings != NULL && o < st->scenario->n_options; o++)
        sim_fini(&st->sizings[o].sim);
    free(st->sizings);
    xo_curve_free(st->curve);
}

/* Capacities in worlds whose inputs reach the simulation, as a sweep of the scenario has them. */
static bool simulate_worlds(struct study *st, struct xo_error *err)
{
    struct xo_worlds *w = &st->worlds;
    struct xo_curve *curve = st->curve;
    if (!inputs_init(&st->inputs, st->scenario, false, err) ||
        !worlds_init_on(w, st->scenario, st->options, st->inputs.at, st->inputs.n, st->max_volume,
                        st->sizings, curve->ladders, err))
        return false;
    w->progress_from = CLIMBED;
    w->progress_to = PRICED;
    if (!xo_worlds_simulate(w, err))
        return false;
    curve->n_simulated += w->n_simulated;
    curve->n_surrogates = worlds_surrogates(w, curve->surrogates);
    return true;
}

/* Everything that is simulated before lines are drawn. */
static bool simulate(struct study *st, struct xo_error *err)
{
    struct xo_curve *curve = st->curve;
    const struct xo_scenario *s = st->scenario;
    if (!climb_all(st, err))
        return false;
    if (curve->depth > XO_AT_PLAN && !check_all_drawn(st, err))
        return false;
    return curve->depth < XO_RANGES ||
           (sizings_measure_step(st->sizings, s->n_options, s, &curve->n_simulated, err) &&
            simulate_worlds(st, err));
}

/* Lines, and where they cross. */
static bool draw_lines(struct study *st, struct xo_error *err)
{
    struct xo_curve *curve = st->curve;
    progress(st->options, PRICED, "crossings");
    curve->peak_factor = st->base.sizings[0].sim.peak_factor;
    if (curve->depth > XO_AT_PLAN && !(cross_all(st, err) && cross_margins(st, err)))
        return false;
    choose_volumes(st);
    return fill_points(st, err) && (curve->depth == XO_AT_PLAN || fill_corners(st, err));
}

static bool study_run(struct study *st, struct xo_error *err)
{
    struct xo_curve *curve = st->curve;
    const struct xo_scenario *s = st->scenario;
    if (!draw_lines(st, err) ||
        (curve->depth >= XO_RANGES && !draws_run(curve, &st->worlds, &st->inputs, err)) ||
        !xo_api_unserved(s, curve->points[curve->plan].pick[XO_WAY_BUY], &curve->buy_unserved, err))
        return false;
    read_plan(st);
    const struct xo_sized *plan = &curve->points[curve->plan].build;
    curve->step_error_frac = step_sigma_of(s, plan->feasible ? plan->option : 0);
    if (curve->depth > XO_AT_PLAN)
        flips_find(curve->flips, &st->base, curve->points[curve->plan].volume,
                   curve->saving_base_usd, &curve->crossings[XO_BUY_BUILD], curve->points[0].volume,
                   curve->points[curve->n_points - 1].volume);
    curve->verdict = judge(curve);
    progress(st->options, 1, "done");
    return true;
}

/* Hand the curve over where it is whole; free the rest. */
static bool study_end(struct study *st, bool ok, double start_s, struct xo_curve **curve)
{
    if (ok) {
        *curve = st->curve;
        (*curve)->wall_s = xo_now_s() - start_s;
        st->curve = NULL;
    }
    study_fini(st);
    return ok;
}

bool curve_to(struct xo_curve **curve, const struct xo_scenario *scenario,
              const struct xo_study_options *options, const struct curve_wish *wish,
              struct xo_error *err)
{
    const double start_s = xo_now_s();
    struct study st;
    bool ok = study_init(&st, scenario, options, wish->depth, err);
    st.max_volume = fmax(st.max_volume, wish->volume);
    ok = ok && simulate(&st, err) && study_run(&st, err);
    for (int o = 0; ok && o < scenario->n_options; o++)
        st.curve->n_simulated += st.sizings[o].sim.n_simulated;
    if (ok && wish->then != NULL) {
        const struct curve_ground ground = { st.curve, &st.base, &st.worlds, &st.inputs,
                                             st.max_volume };
        ok = wish->then(&ground, wish->self, err);
    }
    return study_end(&st, ok, start_s, curve);
}

bool curve_of_world(struct xo_curve **curve, const struct visitor *v, struct xo_error *err)
{
    const double start_s = xo_now_s();
    struct study st;
    bool ok = study_begin(&st, v->own, v->worlds->options, XO_LINES, err);
    if (ok) {
        st.base = v->world;
        take_demand(&st, v->demand);
        ok = study_run(&st, err);
    }
    return study_end(&st, ok, start_s, curve);
}

bool xo_curve_run(struct xo_curve **curve, const struct xo_scenario *scenario,
                  const struct xo_study_options *options, struct xo_error *err)
{
    return curve_to(curve, scenario, options, &(struct curve_wish){ .depth = XO_WHOLE }, err);
}

void xo_curve_free(struct xo_curve *curve)
{
    if (curve == NULL)
        return;
    for (int o = 0; curve->ladders != NULL && o < curve->n_ladders; o++)
        ladder_fini(&curve->ladders[o]);
    free(curve->ladders);
    free(curve->points);
    free(curve->corners);
    free(curve);
}
