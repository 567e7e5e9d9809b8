/* worlds_fit.c - the points at which capacities are searched, and the surrogates fitted to them.
 *
 * It works on points[] and found[] of struct xo_worlds, and on one struct fit for each build option
 * (worlds.h). What is fitted is log V_N over the base ladder's, and, where lone requests come near
 * the SLO, their margin.
 *
 * Invariant: where a point lies follows from the seed, its stream and its number, and, where it
 * lies as worlds are drawn, from the surrogate of the rounds before. Points held out, and their
 * repeats under other seeds, are never fitted (is_fitted): the error that is told is that of points
 * not seen. Where the box holds the base case, the surrogate is moved to be right there (anchor).
 *
 * The margin is a coordinate of the capacity, because capacity falls off a cliff where it runs out:
 * without it the error of one test case was 24 % in place of 2.4 %. Two of three held-out points
 * take the fleet of their own volume, so that the error is that of where worlds are (docs/model.md,
 * "Sweeps"). Begin with point_of, point_search and fit_points_of.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "worlds_parts.h"

#include "xo/memory.h"
#include "xo/table.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HELD_OUT_POINTS = 16,
    REPEATED_POINTS = 5,
    REPEATED_SEEDS = 2,      /* beside the scenario's own */
    DESIGN_STREAM = 1 << 20, /* replication numbers of streams: away from randomizations */
    HELD_OUT_STREAM,
    DRAWN_STREAM,
    REACH_STREAM,
};
static const double HELD_OUT_ERROR = 0.03;

/* ---- points of the design ---- */

static double base_volume(const struct xo_worlds *w, int option, int n)
{
    const struct stairs stairs = { .ladder = &w->ladders[option] };
    return stairs_volume(&stairs, n);
}

/* How much of the tightest limit a lone request leaves, in logarithms: capacity falls with it, and
 * ever faster, so that it makes a better coordinate than the limit and the step time behind it. */
static double headroom_coordinate(double lone_margin)
{
    static const double LEAST = 0.02;
    const double left = fmax(1 - exp(fmin(lone_margin, 0)), LEAST);
    return 1 - 2 * log(left) / log(LEAST);
}

void fit_complete(const struct xo_worlds *w, int option, double t[])
{
    const struct fit *f = &w->fits[option];
    if (f->has_headroom)
        t[w->n_coordinates + 1] = headroom_coordinate(surrogate_at(&f->margin, t));
}

double fit_predict(const struct xo_worlds *w, int option, double t[], int n)
{
    t[w->n_coordinates] = replica_coordinate(n);
    return surrogate_at(&w->fits[option].capacity, t);
}

void fit_scale(const struct xo_worlds *w, int option, double t[], struct scaling *s)
{
    const struct fit *f = &w->fits[option];
    const int most = most_replicas(w, option);
    double last = 0;
    for (int k = 0; k < N_SCALE_KNOTS; k++) {
        const int n = scaling_replicas(k);
        if (n <= most) /* constant beyond */
            last = fit_predict(w, option, t, n) - f->at_base[k];
        s->log_at[k] += last;
    }
}

static void scale_anchored(const struct xo_worlds *w, const struct point *p, struct scaling *s)
{
    double t[ROOM_FOR_T];
    memcpy(t, p->t, sizeof p->t);
    fit_complete(w, p->option, t);
    fit_scale(w, p->option, t, s);
}

_Static_assert((int)SEARCH_KEYS >= (int)XO_SWEEP_MAX_INPUTS,
               "a search takes the values of a point");

/* The base case at n replicas, where a search begins: its slope and noise are those of a fleet of
 * the ladder no larger. */
static struct hint base_hint(const struct xo_worlds *w, int option, int n)
{
    struct hint hint = capacity_hint(ladder_at_most(&w->ladders[option], n));
    hint.volume = base_volume(w, option, n);
    return hint;
}

int point_replications(const struct hint *base, int look)
{
    static const double ERROR = 0.015;
    const double needed = pow(base->noise / (base->slope * ERROR), 2);
    return (int)fmin(fmax(ceil(needed), 2), look);
}

/* The search that a point is. */
static struct search search_of(const struct xo_worlds *w, const struct point *p)
{
    /* The ratio of a larger fleet is taken to be that of the largest that is simulated. */
    const int n = p->n_replicas < XO_MOST_SIMULATED ? p->n_replicas : XO_MOST_SIMULATED;
    struct search q = { .option = p->option, .seed_offset = p->seed_offset, .n_replicas = n };
    double t[ROOM_FOR_T];
    for (int i = 0; i < w->n_inputs; i++)
        if (w->inputs[i].coordinate >= 0)
            q.keys[q.n_keys++] = w->inputs[i].key;
    memcpy(q.values, p->value, sizeof p->value);
    if (p->kind == POINT_CONFIRMED && !isnan(p->step_scale)) {
        q.keys[q.n_keys] = xo_key_find("build.step_scale");
        q.values[q.n_keys++] = p->step_scale;
    }
    q.hint = base_hint(w, p->option, n);
    if (p->kind != POINT_CONFIRMED)
        q.one_look = point_replications(&q.hint, w->scenario->n_replications);
    memcpy(t, p->t, sizeof p->t);
    fit_complete(w, p->option, t);
    if (w->fits[p->option].has_capacity)
        q.hint.volume *= exp(fit_predict(w, p->option, t, n));
    return q;
}

static struct found found_by(const struct xo_worlds *w, const struct search *q)
{
    return (struct found){ .log_ratio = log(q->volume / base_volume(w, q->option, q->n_replicas)),
                           .lone_margin = fmin(fmax(q->lone_margin, -5), 1),
                           .n_simulated = (double)q->n_simulated,
                           .n_searches = q->n_searches };
}

bool point_search(const struct xo_worlds *w, const struct point *p, struct found *f,
                  struct xo_error *err)
{
    struct search q = search_of(w, p);
    if (!search_recalled(w->scenario, &w->alone, &q, err))
        return false;
    *f = found_by(w, &q);
    return true;
}

bool points_search_elsewhere(const struct xo_worlds *w, const int points[], int n,
                             struct found found[], struct xo_error *err)
{
    struct search *searches = malloc((size_t)n * sizeof *searches);
    if (searches == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d tasks", n);
    for (int i = 0; i < n; i++)
        searches[i] = search_of(w, &w->points[points[i]]);
    const bool ok = searches_elsewhere(w->options, searches, n, err);
    for (int i = 0; ok && i < n; i++)
        found[i] = found_by(w, &searches[i]);
    free(searches);
    return ok;
}

/* ---- where points lie ---- */

/* The rung of a ladder that is nearest by ratio, of those that are simulated. */
static int nearest_rung(double log_n)
{
    int best = 1;
    for (int n = 2; n <= XO_MOST_SIMULATED; n = next_rung(n))
        if (fabs(log(n) - log_n) < fabs(log(best) - log_n))
            best = n;
    return best;
}

/* The fleet that a point's volume takes, as the surrogate has it so far. */
static int fleet_at(const struct xo_worlds *w, const struct point *p, double volume)
{
    struct stairs stairs = { .ladder = &w->ladders[p->option] };
    if (w->fits[p->option].has_capacity)
        scale_anchored(w, p, &stairs.scaling);
    return stairs_replicas(&stairs, volume * (1 + w->scenario->headroom_frac));
}

static double drawn_value(const struct varied *v, double u)
{
    return v->drawn != NULL ? key_whole(v->key, xo_uncertain_quantile(v->drawn, u))
                            : value_of(v, 2 * u - 1);
}

/* The volume of a drawn point: its own where that varies, be it by a coordinate or by `u`. */
static double volume_of(const struct xo_worlds *w, const struct point *p, double u)
{
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *v = &w->inputs[i];
        if (key_is(v->key, "workload.volume"))
            return v->coordinate >= 0 ? p->value[v->coordinate] : drawn_value(v, u);
    }
    return w->scenario->requests_per_month;
}

/* How a point is placed: evenly over the box and over fleets, or where worlds are. */
enum placing { EVENLY, AS_DRAWN, AS_DRAWN_ANY_FLEET };

/* Point `number` of a stream of Sobol' points. */
static struct point point_of(const struct xo_worlds *w, int option, enum point_kind kind,
                             uint32_t stream, enum placing placing, int number)
{
    const struct xo_stream shift = { w->scenario->seed, stream, XO_PURPOSE_SAMPLE };
    struct point p = { .kind = kind, .option = option, .of = -1 };
    struct xo_sobol_table table;
    double u[XO_SOBOL_MAX_DIMS];
    const bool ok = xo_sobol_table_init(&table, w->n_coordinates + 1, (uint64_t)number + 1, NULL);
    assert(ok);
    (void)ok;
    xo_sobol_at(&table, &shift, (uint64_t)number, u);
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *v = &w->inputs[i];
        const int c = v->coordinate;
        if (c < 0)
            continue;
        p.value[c] = placing == EVENLY ? value_of(v, 2 * u[c] - 1) : drawn_value(v, u[c]);
        p.t[c] = coordinate_of(v, p.value[c]);
    }
    const double last = u[w->n_coordinates];
    p.n_replicas = nearest_rung(placing == AS_DRAWN ? log(fleet_at(w, &p, volume_of(w, &p, last)))
                                                    : last * log(most_replicas(w, option)));
    return p;
}

void find_reach(struct xo_worlds *w, int option)
{
    enum { N = 200 };
    double fleets[N];
    for (int i = 0; i < N; i++)
        fleets[i] = point_of(w, option, POINT_HELD_OUT, REACH_STREAM, AS_DRAWN, i).n_replicas;
    xo_sort(fleets, N);
    w->fits[option].reach = (int)xo_sorted_quantile(fleets, N, 0.99);
}

bool point_add(struct xo_worlds *w, const struct point *p, struct xo_error *err)
{
    if (!xo_array_reserve((void **)&w->points, &w->points_room, w->n_points + 1, sizeof *w->points,
                          err) ||
        !xo_array_reserve((void **)&w->found, &w->found_room, w->n_points + 1, sizeof *w->found,
                          err))
        return false;
    w->points[w->n_points] = *p;
    w->found[w->n_points++] = (struct found){ .log_ratio = NAN, .lone_margin = NAN };
    return true;
}

static bool add_points(struct xo_worlds *w, int option, uint32_t stream, enum placing placing,
                       int *next, int n, struct xo_error *err)
{
    for (int i = 0; i < n; i++) {
        const struct point p = point_of(w, option, POINT_DESIGN, stream, placing, (*next)++);
        if (!point_add(w, &p, err))
            return false;
    }
    return true;
}

bool points_add_design(struct xo_worlds *w, int option, int n, struct xo_error *err)
{
    return add_points(w, option, DESIGN_STREAM, EVENLY, &w->next_point[option], n, err);
}

bool points_add_drawn(struct xo_worlds *w, int option, int n, struct xo_error *err)
{
    return add_points(w, option, DRAWN_STREAM, AS_DRAWN, &w->next_drawn[option], n, err);
}

/* Points held out, and some of them again under other seeds. */
bool points_add_held_out(struct xo_worlds *w, int option, struct xo_error *err)
{
    for (int i = 0; i < HELD_OUT_POINTS; i++) {
        /* Every third one elsewhere on the ladder: crossings lie there too. */
        struct point p = point_of(w, option, POINT_HELD_OUT, HELD_OUT_STREAM,
                                  i % 3 == 2 ? AS_DRAWN_ANY_FLEET : AS_DRAWN, i);
        const int of = (int)w->n_points;
        if (!point_add(w, &p, err))
            return false;
        p.kind = POINT_SEED;
        p.of = of;
        for (p.seed_offset = 1; i < REPEATED_POINTS && p.seed_offset <= REPEATED_SEEDS;
             p.seed_offset++)
            if (!point_add(w, &p, err))
                return false;
    }
    return true;
}

/* ---- fitting ---- */

void fit_fini(struct fit *f)
{
    surrogate_fini(&f->capacity);
    surrogate_fini(&f->margin);
    f->has_capacity = f->has_margin = f->has_headroom = false;
}

/* Beyond the box the coordinates of a point are those of its edge, but its capacity is not. */
static bool is_inside(const struct xo_worlds *w, const struct point *p)
{
    static const double ROUNDING = 1e-9;
    bool inside = true;
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *v = &w->inputs[i];
        const double slack = ROUNDING * (v->hi - v->lo);
        if (v->coordinate >= 0)
            inside = inside && p->value[v->coordinate] >= v->lo - slack &&
                     p->value[v->coordinate] <= v->hi + slack;
    }
    return inside;
}

/* What the surrogate is fitted to: the design, and worlds simulated in full, where they lie in the
 * box and differ from the base case in nothing that is no coordinate. */
static bool is_fitted(const struct xo_worlds *w, const struct point *p)
{
    return p->kind == POINT_DESIGN ||
           (p->kind == POINT_CONFIRMED && !w->measures_step && is_inside(w, p));
}

/* Coordinates of point i for the surrogate of margins or of capacity; how many. */
static int coordinates(const struct xo_worlds *w, size_t i, bool margin, double t[])
{
    const struct point *p = &w->points[i];
    const int m = w->n_coordinates;
    memcpy(t, p->t, (size_t)m * sizeof *t);
    if (margin)
        return m;
    t[m] = replica_coordinate(p->n_replicas);
    if (!w->fits[p->option].has_headroom)
        return m + 1;
    t[m + 1] = headroom_coordinate(w->found[i].lone_margin); /* as measured there */
    return m + 2;
}

/* Fit one of an option's surrogates to the design points that are done; false: too few, or out of
 * memory. */
static bool fit_points(const struct xo_worlds *w, int option, bool margin, struct surrogate *out,
                       struct xo_error *err)
{
    double *t = malloc(w->n_points * (size_t)(w->n_coordinates + 2) * sizeof *t);
    double *y = malloc(w->n_points * sizeof *y);
    int n = 0, n_dims = 0;
    bool ok = t != NULL && y != NULL;
    for (size_t i = 0; ok && i < w->n_points; i++) {
        const struct point *p = &w->points[i];
        const double value = margin ? w->found[i].lone_margin : w->found[i].log_ratio;
        if (p->option != option || !is_fitted(w, p) || isnan(value))
            continue;
        n_dims = coordinates(w, i, margin, t + (size_t)n * (size_t)n_dims);
        y[n++] = value;
    }
    ok = ok ? n >= 8 && surrogate_fit(out, n_dims, n, t, y, err)
            : xo_fail(err, XO_ERR_MEMORY, "out of memory for a surrogate");
    free(t);
    free(y);
    return ok;
}

void coordinates_of_base(const struct xo_worlds *w, double t[])
{
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *v = &w->inputs[i];
        if (v->coordinate >= 0)
            t[v->coordinate] = isnan(v->base) ? 0 : coordinate_of(v, v->base);
    }
}

/* Does the box hold the base case? Then the surrogate is moved to be right there. */
static bool base_inside(const struct xo_worlds *w)
{
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *v = &w->inputs[i];
        if (v->coordinate >= 0 && !(v->base >= v->lo && v->base <= v->hi))
            return false;
    }
    return true;
}

/* Beyond the base ladder its top rung stands for all: that a larger fleet carries more a replica is
 * then the surrogate's to say. */
static void anchor(struct xo_worlds *w, int option)
{
    struct fit *f = &w->fits[option];
    double t[ROOM_FOR_T];
    coordinates_of_base(w, t);
    fit_complete(w, option, t);
    const int top = top_replicas(w, option);
    for (int k = 0; k < N_SCALE_KNOTS; k++) {
        const int n = scaling_replicas(k) < top ? scaling_replicas(k) : top;
        f->at_base[k] = base_inside(w) ? fit_predict(w, option, t, n) : 0;
    }
}

/* log V_N over the base ladder's at a point, taken between knots as a world does. */
static double predict_anchored(const struct xo_worlds *w, const struct point *p)
{
    struct scaling s = { 0 };
    scale_anchored(w, p, &s);
    return scaling_at(&s, p->n_replicas);
}

/* Pooled variance of log capacity within points that were simulated under several seeds. */
static double seed_sd(const struct xo_worlds *w, int option)
{
    double sum = 0;
    int freedom = 0;
    for (size_t i = 0; i < w->n_points; i++) {
        struct xo_moments m;
        xo_moments_init(&m);
        if (w->points[i].kind != POINT_HELD_OUT || w->points[i].option != option)
            continue;
        for (size_t k = i; k < w->n_points; k++)
            if ((k == i || w->points[k].of == (int)i) && !isnan(w->found[k].log_ratio))
                xo_moments_add(&m, w->found[k].log_ratio);
        if (m.n > 1) {
            sum += m.m2;
            freedom += (int)m.n - 1;
        }
    }
    return freedom > 0 ? sqrt(sum / freedom) : NAN;
}

static void report_fit(struct xo_worlds *w, int option)
{
    struct xo_surrogate_report *r = &w->fits[option].report;
    double squares = 0;
    struct xo_moments errors;
    xo_moments_init(&errors);
    *r = (struct xo_surrogate_report){ .option = option, .held_out_rms = NAN };
    for (size_t i = 0; i < w->n_points; i++) {
        const struct point *p = &w->points[i];
        if (p->option != option)
            continue;
        r->n_searches += (int)w->found[i].n_searches;
        r->n_design += p->kind == POINT_DESIGN;
        r->n_infeasible += p->kind != POINT_SEED && w->found[i].lone_margin > 0;
        if (p->kind != POINT_HELD_OUT || isnan(w->found[i].log_ratio) ||
            !w->fits[option].has_capacity)
            continue;
        const double error = predict_anchored(w, p) - w->found[i].log_ratio;
        r->n_held_out++;
        squares += error * error;
        xo_moments_add(&errors, error);
        r->held_out_worst = fmax(r->held_out_worst, fabs(error));
    }
    if (r->n_held_out > 0)
        r->held_out_rms = sqrt(squares / r->n_held_out);
    if (r->n_held_out > 1) /* the mean error, and what it is known to */
        r->shared_sd = hypot(errors.mean, sqrt(xo_moments_variance(&errors) / r->n_held_out));
    r->simulation_sd = seed_sd(w, option);
    r->precise = r->held_out_rms <= HELD_OUT_ERROR;
}

/* How much slower the error of its step time makes an option in all but a few worlds, as a log. */
static double slowest_log_step(const struct xo_worlds *w, int option)
{
    double log_step = 0;
    for (int i = 0; i < w->n_inputs; i++)
        if (w->inputs[i].reach == XO_REACH_STEP)
            log_step = w->step_share[option] * log(w->inputs[i].hi / w->inputs[i].base);
    return log_step;
}

/* An option whose every point of the design misses the SLO has no surrogate and stays infeasible.
 */
bool fit_points_of(struct xo_worlds *w, int option, struct xo_error *err)
{
    struct fit *f = &w->fits[option];
    static const double NEAR = -0.05;
    struct xo_error why = { 0 };
    double worst = -INFINITY;
    fit_fini(f);
    for (size_t i = 0; i < w->n_points; i++)
        if (w->points[i].option == option && w->points[i].kind == POINT_DESIGN)
            worst = fmax(worst, w->found[i].lone_margin);
    f->has_headroom = worst > NEAR;
    if (worst + slowest_log_step(w, option) > NEAR)
        f->has_margin = fit_points(w, option, true, &f->margin, &why);
    f->has_headroom &= f->has_margin;
    if (why.kind == XO_OK)
        f->has_capacity = fit_points(w, option, false, &f->capacity, &why);
    if (f->has_capacity)
        anchor(w, option);
    report_fit(w, option);
    if (why.kind == XO_OK)
        return true;
    *err = why;
    return false;
}
