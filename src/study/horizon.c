/* horizon.c - month by month: what each way costs over time, and when to go from one to another.
 *
 * In one world (the scenario's own, or a draw's) every way has its months: what each of them pays,
 * and which machines it needs (struct months). They are read once; a plan - go to this way in that
 * month - is then arithmetic on them (plan_flows), so that a switch in every month is tried at next
 * to no cost, in every draw. A plan against buying all along is a stream of cash, of which cost.h
 * knows the rest.
 *
 * Nothing is simulated: the curve of the scenario is, and it is kept. A month is its world with an
 * overlay of prices and capacities, so the first month of today's prices has the bill of the curve.
 * Draw k is a function of the scenario, the simulations and k alone, and visits the world that draw
 * k of the curve does. The build option of the plan is chosen once, by the base case: whoever
 * decides does not know the draw.
 *
 * Begin with months_read, plan_flows and figures_of.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/horizon.h"
#include "curve.h"

#include "xo/clock.h"
#include "xo/stats.h"
#include "xo/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const int xo_horizon_waits[2] = { 6, 12 };

/* ---- the months of one world ---- */

struct months {
    const struct xo_horizon_terms *terms;
    const int32_t *day; /* [n] of its prices: that of the first month of as many */
    struct dated dated; /* owned: room for the world of a later one; empty where there is none */
    int n;
    double volume[XO_MOST_MONTHS];
    struct overlay overlay[XO_MOST_MONTHS];
    struct way_month of[XO_N_WAYS][XO_MOST_MONTHS];
    struct xo_hold_month units[XO_N_WAYS][XO_MOST_MONTHS]; /* of them, in a row */
    struct xo_hold_terms hold[XO_N_WAYS];
    double economic_usd[XO_N_WAYS][XO_MOST_MONTHS];
};

static struct overlay overlay_of(const struct xo_horizon_terms *t, int month)
{
    struct overlay o = NO_OVERLAY;
    o.api_price = o.host_price = xo_drift_factor(&t->api, month);
    o.rent = xo_drift_factor(&t->rent, month);
    o.energy = xo_drift_factor(&t->power, month);
    o.capacity = xo_drift_factor(&t->capacity, month);
    return o;
}

/* The volumes of a world's path, times a factor; the largest of them. */
static double read_volumes(struct months *ms, const struct xo_scenario *s, double factor)
{
    double most = 0;
    ms->terms = &s->horizon;
    ms->n = s->horizon.n_months;
    for (int m = 0; m < ms->n; m++) {
        ms->volume[m] = fmin(factor * xo_horizon_volume(s, m), XO_MOST_REQUESTS);
        most = fmax(most, ms->volume[m]);
    }
    return most;
}

/* Months [from, to) of a way, of one world. */
static void read_way(struct months *ms, const struct world *w, int way, int pick, int from, int to,
                     bool with_economic)
{
    const bool there = pick >= 0 || !way_holds(way);
    struct world now = *w;
    for (int m = from; m < to; m++) {
        struct way_month *month = &ms->of[way][m];
        now.month = &ms->overlay[m];
        *month = (struct way_month){ .pick = -1, .running_usd = NAN };
        if (there)
            way_month_read(&now, way, ms->volume[m], pick, month);
        ms->units[way][m] = month->units;
        if (with_economic)
            ms->economic_usd[way][m] = way_usd(&now, way, ms->volume[m], NULL);
    }
}

static int pick_of(int way, int option)
{
    return way_holds(way) ? option : -1;
}

/* The months of ways[n], in a world whose volumes are there already: its own prices, and those that
 * tariffs have announced for later days. */
static void read_ways(struct months *ms, const struct world *w, const int ways[], int n, int option,
                      bool with_economic)
{
    for (int m = 0; m < ms->n; m++)
        ms->overlay[m] = overlay_of(ms->terms, m);
    for (int i = 0; i < n; i++)
        if (pick_of(ways[i], option) >= 0 || !way_holds(ways[i]))
            ms->hold[ways[i]] = way_hold_terms(w, ways[i], pick_of(ways[i], option));
    for (int from = 0, to; from < ms->n; from = to) {
        struct world then = *w;
        for (to = from + 1; to < ms->n && ms->day[to] == ms->day[from];)
            to++;
        if (ms->day[from] > xo_scenario_day(w->scenario))
            world_on(w, ms->day[from], &ms->dated, &then);
        for (int i = 0; i < n; i++)
            read_way(ms, &then, ways[i], pick_of(ways[i], option), from, to, with_economic);
    }
}

/* Those of every way. */
static void months_read(struct months *ms, const struct world *w, int option, bool with_economic)
{
    int all[XO_N_WAYS];
    for (int way = 0; way < XO_N_WAYS; way++)
        all[way] = way;
    read_ways(ms, w, all, XO_N_WAYS, option, with_economic);
}

/* The day whose prices each month has: a month that changes no tariff has those of the one before.
 * Whether any of them is a later one than today. */
static bool read_days(const struct xo_scenario *s, int32_t day[])
{
    const int32_t today = xo_scenario_day(s);
    int32_t last = today;
    for (int m = 0; m < s->horizon.n_months; m++) {
        const int32_t first = xo_horizon_day(&s->horizon, m);
        if (first > last && xo_scenario_prices_move(s, last, first))
            last = first;
        day[m] = last;
    }
    return last > today;
}

static struct months *months_new(const int32_t day[], bool is_dated, struct xo_error *err)
{
    struct months *ms = malloc(sizeof *ms);
    if (ms == NULL) {
        xo_fail(err, XO_ERR_MEMORY, "out of memory for the months of a horizon");
        return NULL;
    }
    ms->day = day;
    ms->dated = (struct dated){ NULL, NULL };
    if (!is_dated || dated_init(&ms->dated, err))
        return ms;
    free(ms);
    return NULL;
}

static void months_free(struct months *ms)
{
    if (ms != NULL)
        dated_fini(&ms->dated);
    free(ms);
}

/* ---- plans ---- */

/* What flows by the month, gains positive. */
struct flows {
    double at_usd[XO_MOST_MONTHS + 1], over_usd[XO_MOST_MONTHS];
    int64_t held[XO_MOST_MONTHS];
};

static struct xo_cash cash_of(const struct months *ms, const struct flows *f)
{
    return (struct xo_cash){ ms->n, f->at_usd, f->over_usd };
}

/* What a way pays in months [from, to), with one-offs where it begins and where its model ends. */
static void add_way(const struct months *ms, int way, int from, int to, struct flows *f)
{
    const struct xo_horizon_terms *t = ms->terms;
    const int retires = way == XO_WAY_BUY ? t->api_retire_month : t->retire_month;
    if (from >= to)
        return;
    f->at_usd[from] -= ms->of[way][from].one_off_usd;
    if (retires > from && retires < to)
        f->at_usd[retires] -= way == XO_WAY_BUY ? t->api_retire_usd : t->retire_usd;
    for (int m = from; m < to; m++)
        f->over_usd[m] -= ms->of[way][m].running_usd;
}

/* Buying until month `from`, and through the parallel run after it; from then on the way. */
static void plan_flows(const struct months *ms, int way, int from, struct flows *f)
{
    const int end = from + ms->terms->parallel_months;
    memset(f->at_usd, 0, ((size_t)ms->n + 1) * sizeof *f->at_usd);
    memset(f->over_usd, 0, (size_t)ms->n * sizeof *f->over_usd);
    memset(f->held, 0, (size_t)ms->n * sizeof *f->held);
    if (way == XO_WAY_BUY) {
        add_way(ms, way, 0, ms->n, f);
        return;
    }
    add_way(ms, XO_WAY_BUY, 0, end < ms->n ? end : ms->n, f);
    add_way(ms, way, from, ms->n, f);
    if (way_holds(way) && from < ms->n && !isnan(f->over_usd[ms->n - 1]))
        xo_hold(&ms->hold[way], ms->units[way], ms->n, from, f->at_usd, f->over_usd, f->held);
}

static int earliest_of(const struct months *ms, int way)
{
    return way_holds(way) ? ms->terms->lead_months : 0;
}

static double plan_value(const struct months *ms, int way, int from, struct flows *f)
{
    plan_flows(ms, way, from, f);
    const struct xo_cash cash = cash_of(ms, f);
    return xo_present_value(&cash, ms->terms->discount_per_year);
}

/* ---- one world's figures ---- */

/* By way; of a draw they are all that is kept. */
enum series { BILLS, SUMS, SWITCHES, N_SERIES };
enum scalar { COST, NPV, PAYBACK, DISCOUNTED_PAYBACK, IRR, PEAK, BEST, WAIT_6, WAIT_12, N_SCALARS };
struct figures {
    double *series[N_SERIES]; /* [XO_N_WAYS][n_months], borrowed */
    double scalar[N_SCALARS][XO_N_WAYS];
};

static double *series_of(const struct figures *f, enum series series, int way, int n)
{
    return f->series[series] + (size_t)way * (size_t)n;
}

/* The plan of a way month by month. */
static void put_plan(const struct months *ms, int way, const struct flows *plan,
                     struct figures *out)
{
    const bool economic = ms->terms->basis == XO_BASIS_ECONOMIC;
    double *bills = series_of(out, BILLS, way, ms->n), *sums = series_of(out, SUMS, way, ms->n);
    double sum = 0;
    for (int m = 0; m < ms->n; m++) {
        const double cash = -(plan->at_usd[m] + plan->over_usd[m]);
        sum += cash - (m == ms->n - 1 ? plan->at_usd[ms->n] : 0);
        bills[m] = economic ? ms->economic_usd[way][m] : cash;
        sums[m] = sum;
    }
}

/* Switching in each month that it can be. */
static void put_switches(const struct months *ms, int way, double buying_usd, struct flows *room,
                         struct figures *out)
{
    double *npv = series_of(out, SWITCHES, way, ms->n), best = 0;
    const int earliest = way == XO_WAY_BUY ? ms->n : earliest_of(ms, way);
    out->scalar[BEST][way] = INFINITY;
    for (int m = 0; m < ms->n; m++) {
        npv[m] = m < earliest ? (double)NAN : plan_value(ms, way, m, room) - buying_usd;
        if (npv[m] > best) {
            best = npv[m];
            out->scalar[BEST][way] = m;
        }
    }
    for (int k = 0; k < 2; k++) {
        const int later = earliest + xo_horizon_waits[k];
        out->scalar[WAIT_6 + k][way] = later < ms->n ? npv[earliest] - npv[later] : (double)NAN;
    }
}

/* What a plan saves against buying all along, as one stream of cash. */
static void put_saving(const struct months *ms, int way, const struct flows *plan,
                       const struct flows *buying, struct figures *out, struct xo_irr *irr,
                       int *peak_month)
{
    struct flows saved;
    const struct xo_cash cash = cash_of(ms, &saved);
    for (int m = 0; m <= ms->n; m++)
        saved.at_usd[m] = plan->at_usd[m] - buying->at_usd[m];
    for (int m = 0; m < ms->n; m++)
        saved.over_usd[m] = plan->over_usd[m] - buying->over_usd[m];
    *irr = xo_internal_rate(&cash);
    out->scalar[PAYBACK][way] = xo_payback_months(&cash, 0);
    out->scalar[DISCOUNTED_PAYBACK][way] = xo_payback_months(&cash, ms->terms->discount_per_year);
    out->scalar[IRR][way] = irr->kind == XO_IRR_ONE ? irr->per_year : (double)NAN;
    out->scalar[PEAK][way] = xo_peak_exposure(&cash, peak_month);
}

/* Figures of one way; `room` is scratch. */
static void figures_of_way(const struct months *ms, int way, const struct flows *buying,
                           double buying_usd, struct flows *room, struct figures *out,
                           struct xo_irr *irr, int *peak_month)
{
    const double value = plan_value(ms, way, way == XO_WAY_BUY ? 0 : earliest_of(ms, way), room);
    out->scalar[COST][way] = -value;
    out->scalar[NPV][way] = value - buying_usd;
    put_plan(ms, way, room, out);
    *irr = (struct xo_irr){ XO_IRR_NONE, NAN };
    *peak_month = 0;
    if (isnan(out->scalar[NPV][way])) {
        out->scalar[PAYBACK][way] = out->scalar[DISCOUNTED_PAYBACK][way] = INFINITY;
        out->scalar[IRR][way] = out->scalar[PEAK][way] = NAN;
    } else {
        put_saving(ms, way, room, buying, out, irr, peak_month);
    }
    put_switches(ms, way, buying_usd, room, out);
}

static void figures_of(const struct months *ms, struct figures *out, struct xo_irr irr[XO_N_WAYS],
                       int peak_month[XO_N_WAYS])
{
    struct flows buying, room;
    const double buying_usd = plan_value(ms, XO_WAY_BUY, 0, &buying);
    for (int way = 0; way < XO_N_WAYS; way++)
        figures_of_way(ms, way, &buying, buying_usd, &room, out, &irr[way], &peak_month[way]);
}

/* ---- the study ---- */

struct study {
    struct xo_horizon *horizon;
    const struct xo_study_options *options;
    const struct curve_ground *ground;
    struct months *base;   /* owned */
    double *room;          /* [n_draws + 1][N_SERIES][XO_N_WAYS][n_months], owned */
    struct figures *draws; /* [n_draws + 1], the last is the base case; owned */
    struct design design;
    bool with_treads; /* capacities are worked out once a draw: the fleets are small enough */
    int32_t day[XO_MOST_MONTHS]; /* [n_months] whose prices they have */
    bool is_dated;               /* any is later than today */
};

/* The option whose plan costs least over all months; -1: none serves them all. */
static int cheapest_option(struct study *st)
{
    const struct world *w = st->ground->base;
    struct flows room;
    double least = INFINITY;
    int best = -1;
    for (int o = 0; o < w->scenario->n_options; o++) {
        months_read(st->base, w, o, false);
        const int from = earliest_of(st->base, XO_WAY_BUILD);
        const double usd = -plan_value(st->base, XO_WAY_BUILD, from, &room);
        if (usd < least) {
            least = usd;
            best = o;
        }
    }
    return best;
}

/* What to do about a month that takes too many replicas: a path that has not grown until then is
 * undone by engines that get slower. */
struct remedy {
    const char *verb, *key;
};
static struct remedy remedy_of(const struct xo_scenario *s, const struct months *ms, int month)
{
    static const char trend[] = "horizon.capacity_trend", steps[] = "horizon.capacity_steps";
    if (ms->volume[month] > ms->volume[0])
        return (struct remedy){ "lower", xo_growth_key(s) };
    return (struct remedy){ "raise", xo_scenario_is_typed(s, xo_key_find(trend)) ? trend : steps };
}

/* A volume that no fleet which is looked for serves, where the first month's is served. */
static bool too_many_replicas(const struct study *st, struct xo_error *err)
{
    const struct xo_scenario *s = st->horizon->scenario;
    const int plan = st->ground->curve->plan;
    char place[XO_PLACE_SIZE], month[XO_MONTH_SIZE], volume[32];
    if (s->fixed_replicas > 0 || !st->ground->curve->points[plan].build.feasible)
        return false;
    for (int m = 0; m < st->base->n; m++)
        if (isnan(st->base->economic_usd[XO_WAY_BUILD][m])) {
            const struct remedy r = remedy_of(s, st->base, m);
            xo_fail(err, XO_ERR_INPUT,
                    "%s: the %s requests of %s take more than a million replicas of %s; %s %s",
                    xo_scenario_place(s, xo_key_find(r.key), place),
                    xo_text_count(volume, sizeof volume, st->base->volume[m], 3),
                    xo_horizon_month(&s->horizon, m, month), s->options[0].label, r.verb, r.key);
            return true;
        }
    return false;
}

static void fill_month(struct study *st, int m, const struct flows plans[XO_N_WAYS],
                       const struct figures *f)
{
    struct xo_horizon *h = st->horizon;
    const struct months *ms = st->base;
    const struct overlay *o = &ms->overlay[m];
    struct xo_horizon_month *month = &h->months[m];
    struct world w = *st->ground->base;
    w.month = o;
    *month =
        (struct xo_horizon_month){ .volume = ms->volume[m],
                                   .tokens = ms->volume[m] * st->ground->curve->tokens_per_request,
                                   .api_factor = o->api_price,
                                   .rent_factor = o->rent,
                                   .power_factor = o->energy,
                                   .capacity_factor = o->capacity };
    for (int way = 0; way < XO_N_WAYS; way++) {
        const struct way_month *now = &ms->of[way][m];
        month->economic_usd[way] = ms->economic_usd[way][m];
        month->cash_usd[way] = -(plans[way].at_usd[m] + plans[way].over_usd[m]);
        month->cumulative_usd[way] = series_of(f, SUMS, way, ms->n)[m];
        month->switch_npv_usd[way] =
            way == XO_WAY_BUY ? (double)NAN : series_of(f, SWITCHES, way, ms->n)[m];
        month->pick[way] = now->pick;
        month->limited[way] = way_is_limited(&w, way, ms->volume[m], now->pick);
        month->replicas[way] = now->replicas;
        month->gpus[way] = plans[way].held[m] * now->gpus_per_unit;
    }
    if (month->limited[XO_WAY_BUY] && h->first_limited < 0)
        h->first_limited = m;
}

/* The months and switches of the scenario itself; bands and shares come later. */
static void fill_base(struct study *st, struct figures *f)
{
    struct xo_horizon *h = st->horizon;
    const struct months *ms = st->base;
    struct flows plans[XO_N_WAYS];
    struct xo_irr irr[XO_N_WAYS];
    int peak_month[XO_N_WAYS];
    figures_of(ms, f, irr, peak_month);
    for (int way = 0; way < XO_N_WAYS; way++) {
        struct xo_switch *to = &h->to[way];
        const double best = f->scalar[BEST][way];
        plan_flows(ms, way, way == XO_WAY_BUY ? 0 : earliest_of(ms, way), &plans[way]);
        h->cost_usd[way] = f->scalar[COST][way];
        *to = (struct xo_switch){
            .exists = way != XO_WAY_BUY && !isnan(f->scalar[NPV][way]),
            .earliest = earliest_of(ms, way),
            .npv_usd = f->scalar[NPV][way],
            .payback_months = f->scalar[PAYBACK][way],
            .discounted_payback_months = f->scalar[DISCOUNTED_PAYBACK][way],
            .irr = irr[way],
            .peak_usd = f->scalar[PEAK][way],
            .peak_month = peak_month[way],
            .best_month = isfinite(best) ? (int)best : -1,
            .best_npv_usd =
                isfinite(best) ? series_of(f, SWITCHES, way, ms->n)[(int)best] : (double)NAN,
            .wait_usd = { f->scalar[WAIT_6][way], f->scalar[WAIT_12][way] },
        };
    }
    for (int m = 0; m < ms->n; m++)
        fill_month(st, m, plans, f);
}

/* ---- tripwires ---- */

/* What switching now to a way is worth where volumes, rents or token prices are that many times
 * those of the path. */
static double npv_with(const struct study *st, struct months *ms, int way, int key, double factor)
{
    struct world w = *st->ground->base;
    struct overlay o = NO_OVERLAY;
    struct flows room;
    o.rent = key == XO_TRIP_RENT ? factor : 1;
    o.api_price = key == XO_TRIP_API_PRICE ? factor : 1;
    w.what_if = &o;
    read_volumes(ms, w.scenario, key == XO_TRIP_VOLUME ? factor : 1);
    read_ways(ms, &w, (int[]){ XO_WAY_BUY, way }, 2, st->horizon->option, false);
    return plan_value(ms, way, earliest_of(ms, way), &room) - plan_value(ms, XO_WAY_BUY, 0, &room);
}

/* The first month in which the path has what its first month would have at the flip. */
static int month_reached(const struct study *st, int key, double factor)
{
    const struct xo_horizon_month *months = st->horizon->months;
    for (int m = 0; m < st->horizon->n_months; m++) {
        const double is = key == XO_TRIP_VOLUME ? months[m].volume / months[0].volume
                          : key == XO_TRIP_RENT ? months[m].rent_factor
                                                : months[m].api_factor;
        if (factor > 1 ? is >= factor : is <= factor)
            return m;
    }
    return -1;
}

/* Steps outward from 1 to the limit, for the sign may change more than once; then bisection. */
static struct xo_tripwire find_tripwire(const struct study *st, struct months *ms, int way, int key,
                                        double limit)
{
    enum { STEPS = 40, HALVINGS = 40 };
    struct xo_tripwire t = { .limit = limit, .month = -1 };
    const bool gains = st->horizon->to[way].npv_usd > 0;
    double near = 1, far = 1;
    for (int i = 1; i <= STEPS && !t.possible; i++) {
        near = far;
        far = pow(limit, (double)i / STEPS);
        const double npv = npv_with(st, ms, way, key, far);
        t.possible = !isnan(npv) && (npv > 0) != gains;
    }
    if (!t.possible)
        return t;
    for (int i = 0; i < HALVINGS; i++) {
        const double mid = sqrt(near * far);
        if ((npv_with(st, ms, way, key, mid) > 0) == gains)
            near = mid;
        else
            far = mid;
    }
    t.factor = far;
    t.month = month_reached(st, key, far);
    return t;
}

static bool find_tripwires(struct study *st, struct xo_error *err)
{
    struct xo_horizon *h = st->horizon;
    struct months *ms = months_new(st->day, st->is_dated, err);
    if (ms == NULL)
        return false;
    const double most = read_volumes(ms, h->scenario, 1);
    const double up = st->ground->max_volume / most,
                 down = st->ground->curve->points[0].volume / h->months[0].volume;
    for (int way = 0; way < XO_N_WAYS; way++) {
        struct xo_switch *to = &h->to[way];
        const bool gains = to->npv_usd > 0;
        const double limits[XO_N_TRIPWIRES] = { [XO_TRIP_VOLUME] = gains ? down : up,
                                                [XO_TRIP_RENT] = gains ? 10 : 0.001,
                                                [XO_TRIP_API_PRICE] = gains ? 0.01 : 10 };
        for (int key = 0; key < XO_N_TRIPWIRES && to->exists; key++)
            if (way_holds(way) || key != XO_TRIP_RENT)
                to->tripwires[key] = find_tripwire(st, ms, way, key, limits[key]);
    }
    months_free(ms);
    return true;
}

/* ---- draws ---- */

static bool draw_one(struct visitor *v, int64_t index, void *self, struct xo_error *err)
{
    struct study *st = self;
    struct months *ms = months_new(st->day, st->is_dated, err);
    struct xo_irr irr[XO_N_WAYS];
    int peak_month[XO_N_WAYS];
    if (ms == NULL)
        return false;
    bool ok = draws_go(v, &st->design, index, err);
    if (ok) {
        const double most = read_volumes(ms, v->own, 1);
        ok = !st->with_treads || world_treads(&v->world, most, v->treads, err);
    }
    if (ok) {
        v->world.treads = st->with_treads ? v->treads : NULL;
        months_read(ms, &v->world, st->horizon->option, ms->terms->basis == XO_BASIS_ECONOMIC);
        v->world.treads = NULL;
        figures_of(ms, &st->draws[index], irr, peak_month);
    }
    months_free(ms);
    return ok;
}

/* Scratch for quantiles: a figure of every draw. */
static void gather_series(const struct study *st, enum series series, int way, int m, double *out)
{
    for (int k = 0; k < st->horizon->scenario->n_draws; k++)
        out[k] = series_of(&st->draws[k], series, way, st->horizon->n_months)[m];
}

static void gather_scalar(const struct study *st, enum scalar scalar, int way, double *out)
{
    for (int k = 0; k < st->horizon->scenario->n_draws; k++)
        out[k] = st->draws[k].scalar[scalar][way];
}

static int count_above(const double values[], int n, double than)
{
    int above = 0;
    for (int k = 0; k < n; k++)
        above += values[k] > than; /* NAN: no */
    return above;
}

static void summarize_month(struct study *st, int m, double *scratch)
{
    struct xo_horizon *h = st->horizon;
    struct xo_horizon_month *month = &h->months[m];
    const int n = h->scenario->n_draws;
    for (int way = 0; way < XO_N_WAYS; way++) {
        int ahead = 0;
        for (int k = 0; k < n; k++)
            ahead += series_of(&st->draws[k], SUMS, way, h->n_months)[m] <
                     series_of(&st->draws[k], SUMS, XO_WAY_BUY, h->n_months)[m];
        month->ahead_share[way] = (double)ahead / n;
        gather_series(st, BILLS, way, m, scratch);
        month->bill_band[way] = band_of(scratch, n);
        gather_series(st, SUMS, way, m, scratch);
        month->cumulative_band[way] = band_of(scratch, n);
        gather_series(st, SWITCHES, way, m, scratch);
        month->switch_band[way] = band_of(scratch, n);
    }
}

static void summarize_switch(struct study *st, int way, double *scratch)
{
    struct xo_horizon *h = st->horizon;
    struct xo_switch *to = &h->to[way];
    const int n = h->scenario->n_draws;
    int without = 0;
    gather_scalar(st, COST, way, scratch);
    h->cost[way] = band_of(scratch, n);
    gather_scalar(st, NPV, way, scratch);
    for (int k = 0; k < n; k++)
        without += isnan(scratch[k]);
    const int gains = count_above(scratch, n, 0);
    to->gains_share = (double)gains / n;
    to->gains_se = share_se(gains, n);
    to->without_share = (double)without / n;
    to->without_se = share_se(without, n);
    to->npv = band_of(scratch, n);
    gather_scalar(st, PAYBACK, way, scratch);
    to->pays_back_share = 1 - (double)count_above(scratch, n, XO_MOST_MONTHS) / n;
    to->payback = band_of_volumes(scratch, n);
    gather_scalar(st, DISCOUNTED_PAYBACK, way, scratch);
    to->discounted_payback = band_of_volumes(scratch, n);
    gather_scalar(st, IRR, way, scratch);
    to->irr_per_year = band_of(scratch, n);
    gather_scalar(st, PEAK, way, scratch);
    to->peak = band_of(scratch, n);
    gather_scalar(st, BEST, way, scratch);
    to->best = band_of_volumes(scratch, n);
    for (int k = 0; k < 2; k++) {
        gather_scalar(st, (enum scalar)(WAIT_6 + k), way, scratch);
        to->wait[k] = band_of(scratch, n);
    }
    to->best_gains_share = NAN;
    if (to->best_month >= 0) {
        gather_series(st, SWITCHES, way, to->best_month, scratch);
        to->best_gains_share = (double)count_above(scratch, n, 0) / n;
    }
}

/* Where they take more than a gigabyte, so it is said before, with the key that makes it less. */
static void say_how_much(const struct study *st)
{
    static const double MUCH_BYTES = 1e9;
    const struct xo_scenario *s = st->horizon->scenario;
    const double bytes =
        s->n_draws *
        ((double)N_SERIES * XO_N_WAYS * st->horizon->n_months * sizeof(double) + sizeof *st->draws);
    char place[XO_PLACE_SIZE], text[XO_PLACE_SIZE + 200];
    if (st->options->tell == NULL || bytes < MUCH_BYTES)
        return;
    snprintf(text, sizeof text,
             "%s: %d draws of %d months take up to %.2g GB of memory; a smaller study.draws takes "
             "less",
             xo_scenario_place(s, xo_key_find("study.draws"), place), s->n_draws,
             st->horizon->n_months, bytes / 1e9);
    st->options->tell(st->options->tell_self, text);
}

static bool run_draws(struct study *st, struct xo_error *err)
{
    const struct xo_scenario *s = st->horizon->scenario;
    double *scratch = calloc((size_t)s->n_draws, sizeof *scratch);
    if (scratch == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d draws", s->n_draws);
    const bool ok = draws_design(&st->design, st->ground->inputs, s, err) &&
                    visitors_run(st->ground->worlds, 0, s->n_draws, draw_one, st, err);
    for (int m = 0; ok && m < st->horizon->n_months; m++)
        summarize_month(st, m, scratch);
    for (int way = 0; ok && way < XO_N_WAYS; way++)
        summarize_switch(st, way, scratch);
    free(scratch);
    return ok;
}

/* ---- what is said ---- */

/* Is waiting for the best month worth more than what is immaterial, and does it gain in most draws?
 */
static bool better_later(const struct xo_horizon *h, const struct xo_switch *to)
{
    static const double MOST = 0.8;
    const double now = fmax(to->npv_usd, 0), gained = to->best_npv_usd - now;
    const double cheaper = fmin(h->cost_usd[XO_WAY_BUY], h->cost_usd[XO_WAY_BUILD]);
    return to->best_month > to->earliest && to->best_gains_share > MOST &&
           !xo_is_immaterial(gained, cheaper, h->scenario->materiality_frac);
}

static enum xo_horizon_code judge(const struct xo_horizon *h)
{
    static const enum xo_horizon_code codes[XO_N_CALLS] = {
        [XO_CALL_INFEASIBLE] = XO_HORIZON_INFEASIBLE,
        [XO_CALL_NO_WINNER] = XO_HORIZON_NO_WINNER,
        [XO_CALL_TOO_CLOSE] = XO_HORIZON_TOO_CLOSE,
        [XO_CALL_BUY] = XO_HORIZON_STAY,
        [XO_CALL_BUILD] = XO_HORIZON_NOW,
    };
    const struct xo_switch *to = &h->to[XO_WAY_BUILD];
    const double buy = h->cost_usd[XO_WAY_BUY], build = h->cost_usd[XO_WAY_BUILD];
    const enum xo_call call =
        xo_judge(&(struct xo_comparison){ .saving_usd = to->npv_usd,
                                          .cheaper_usd = fmin(buy, build),
                                          .materiality_frac = h->scenario->materiality_frac,
                                          .build_wins_share = to->gains_share,
                                          .buy_limited = h->first_limited >= 0,
                                          .parity = h->scenario->parity });
    const bool decided = call != XO_CALL_INFEASIBLE && call != XO_CALL_NO_WINNER;
    return decided && better_later(h, to) ? XO_HORIZON_LATER : codes[call];
}

/* ---- all of it ---- */

static bool study_init(struct study *st, struct xo_error *err)
{
    const struct xo_horizon *h = st->horizon;
    const size_t n = (size_t)h->n_months, n_draws = (size_t)h->scenario->n_draws + 1;
    const size_t each = (size_t)N_SERIES * XO_N_WAYS * n;
    st->is_dated = read_days(h->scenario, st->day);
    st->base = months_new(st->day, st->is_dated, err);
    st->room = calloc(n_draws * each, sizeof *st->room);
    st->draws = calloc(n_draws, sizeof *st->draws);
    if (st->base == NULL)
        return false;
    if (st->room == NULL || st->draws == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d draws of %d months",
                       h->scenario->n_draws, h->n_months);
    for (size_t k = 0; k < n_draws; k++)
        for (size_t i = 0; i < N_SERIES; i++)
            st->draws[k].series[i] = st->room + k * each + i * XO_N_WAYS * n;
    return true;
}

static void study_fini(struct study *st)
{
    design_fini(&st->design);
    free(st->draws);
    free(st->room);
    months_free(st->base);
}

/* To work out the capacities of all fleets up to the largest pays where that is not large. */
static bool has_small_fleets(const struct xo_horizon *h)
{
    enum { SMALL = 2000 };
    int most = 0;
    for (int m = 0; m < h->n_months; m++)
        for (int way = 0; way < XO_N_WAYS; way++)
            most = h->months[m].replicas[way] > most ? h->months[m].replicas[way] : most;
    return most <= SMALL;
}

static bool after_curve(const struct curve_ground *ground, void *self, struct xo_error *err)
{
    const double start_s = xo_now_s();
    struct study *st = self;
    struct xo_horizon *h = st->horizon;
    st->ground = ground;
    struct figures *base = &st->draws[h->scenario->n_draws];
    read_volumes(st->base, h->scenario, 1);
    h->option = cheapest_option(st);
    months_read(st->base, ground->base, h->option, true);
    if (too_many_replicas(st, err))
        return false;
    fill_base(st, base);
    st->with_treads = has_small_fleets(h);
    if (!find_tripwires(st, err) || !run_draws(st, err))
        return false;
    h->verdict = judge(h);
    h->n_simulated = ground->curve->n_simulated;
    h->months_s = xo_now_s() - start_s;
    return true;
}

/* The largest volume of the path. */
static double most_volume(const struct xo_scenario *s)
{
    double most = 0;
    for (int m = 0; m < s->horizon.n_months; m++)
        most = fmax(most, xo_horizon_volume(s, m)); /* fmax ignores the NAN of a closed loop */
    return most;
}

bool xo_horizon_run(struct xo_horizon **horizon, const struct xo_scenario *scenario,
                    const struct xo_study_options *options, struct xo_error *err)
{
    struct xo_curve *curve = NULL;
    struct xo_horizon *h = calloc(1, sizeof *h);
    struct study st = { .horizon = h, .options = options };
    const int n = scenario->horizon.n_months;
    if (h == NULL || (h->months = calloc((size_t)n, sizeof *h->months)) == NULL) {
        xo_horizon_free(h);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a horizon");
    }
    h->scenario = scenario;
    h->n_months = n;
    h->first_limited = -1;
    const struct curve_wish wish = { XO_WHOLE, most_volume(scenario), after_curve, &st };
    say_how_much(&st);
    const bool ok = study_init(&st, err) && curve_to(&curve, scenario, options, &wish, err);
    study_fini(&st);
    h->curve = curve;
    if (!ok) {
        xo_horizon_free(h);
        return false;
    }
    h->wall_s = curve->wall_s;
    *horizon = h;
    return true;
}

void xo_horizon_free(struct xo_horizon *h)
{
    if (h == NULL)
        return;
    xo_curve_free(h->curve);
    free(h->months);
    free(h);
}
