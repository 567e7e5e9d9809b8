/* capacity.c - the largest volume that n replicas serve within the SLO, and the ladder of them.
 *
 * The search is inverted: not the fleet for a volume, but the volume V_N of each fleet. All about
 * volume is then reading a staircase (struct stairs), and bills and draws simulate nothing again.
 *
 * Invariant of a search: bracket.lo met the SLO and bracket.hi missed it, in the replications of
 * one look, and nothing above the saturation throughput is tried. Invariant of a ladder, after each
 * climb: rungs rise by replicas, and a larger fleet never carries less (keep_rising). Rungs above
 * XO_MOST_SIMULATED follow the square-root law of many servers and are marked interpolated.
 *
 * A search begins at an anchor: the rung of 1, 4 or 16 replicas below teaches its volume, slope and
 * noise, so that most rungs above the fourth take one probe, and all between two anchors are
 * searched side by side. It depends on nothing else: so `run` and `curve` say the same of the
 * fleets of the plan, which become rungs of their own (ladder_settle). Tried before: to begin at
 * the rung below, whereby a curve was a chain of 28 probes whatever the threads; windows as long as
 * the most noisy fleet needs, which told steep ones to 0.3 % where 3 % is asked; fleets above 31
 * replicas as equal cells, which gave up to 7 % less a replica. Begin with search_root, find_rungs,
 * ladder_climb and stairs_volume.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity.h"
#include "jobs.h"

#include "xo/memory.h"
#include "xo/stats.h"
#include "xo/text.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double VOLUME_TOLERANCE = 0.01; /* of log volume: a bracket so narrow is closed */
static const double STEP_TOLERANCE = 0.015;  /* a last step that the slope may take from a probe */
static const double NOISE_TOLERANCE = 0.25;  /* of a standard error */
static const double NEAR_EXCESS = 0.7;       /* so near the root the excess is straight */
enum { MAX_PROBES = 24, MAX_LOOKS = 6 };
static const double USUAL_SLOPE = 12, NO_IDEA = 2; /* of the first search; later ones have it from
                                                      another fleet, with the usual error */
static const double USUAL_SLOPE_ERROR = 0.4;       /* relative */
enum { MOST_AT_ONCE = 8 };                         /* rungs that are searched side by side */
static const double LEAST_SLOPE = 1, MOST_SLOPE = 400; /* misses grow at least as load does */

/* Where the root may still be. */
struct bracket {
    double lo, hi; /* volumes: lo passes (0: none has yet), hi fails where has_hi, else it is
                      the limit, above which nothing is tried */
    bool has_hi;
    double lo_excess, hi_excess;
};

struct root_search {
    double limit;              /* the throughput of full batches, as a volume */
    double guess_slope;        /* before any probe, d excess / d log volume ... */
    double guess_slope_weight; /* ... and one over its variance */
    double guess_noise;        /* as in struct hint */

    double slope, slope_se;
    bool knows_slope; /* from a hint, or from probes */
    struct bracket bracket;
    struct probe tried[MAX_PROBES];
    struct probe last;          /* nearest to the root */
    struct probe_counts counts; /* of that one */
    int n_probes;
    bool at_limit; /* the SLO still holds at the saturation throughput: that is the capacity */

    double root;
    double noise, n_noise; /* of one replication, and the degrees of freedom of that */
    double half_width;     /* of log root, 95 % */
};

/* How much a probe tells of the slope at the root: the less the farther it is, in its excess and
 * from the last probe in volume, for the excess bends; nothing where its misses were not counted in
 * full. */
static double weight_near_root(const struct probe *p, double log_volume)
{
    static const double FAR_EXCESS = 0.5, FAR_VOLUME = 0.15;
    if (p->saturated || !isfinite(p->excess))
        return 0;
    return exp(-0.5 * (pow(p->excess / FAR_EXCESS, 2) + pow(log_volume / FAR_VOLUME, 2)));
}

/* Sums of weighted least squares. */
struct line {
    double n, x, y, xx, xy;
};

static void line_add(struct line *l, double weight, double x, double y)
{
    l->n += weight;
    l->x += weight * x;
    l->y += weight * y;
    l->xx += weight * x * x;
    l->xy += weight * x * y;
}

/* The probe nearest to the last one in volume that has not been taken; -1: none is left. */
static int nearest_probe(const struct root_search *s, const bool taken[MAX_PROBES])
{
    int nearest = -1;
    double least = INFINITY;
    for (int i = 0; i < s->n_probes; i++) {
        const double off = fabs(log(s->tried[i].volume / s->last.volume));
        if (taken[i] || off >= least)
            continue;
        least = off;
        nearest = i;
    }
    return nearest;
}

/* Several probes tell the slope, by least squares: those nearest to the last, for the excess bends,
 * and as many of them as their noise takes. Where they lie too close together, what was known
 * before holds it (a normal prior). Returns how much the probes tell: 1 as much as a guess of the
 * usual error. */
static double fit_slope(struct root_search *s)
{
    static const double LEAST_NOISE = 0.01, ENOUGH = 3;
    const double variance = pow(fmax(s->last.excess_se, LEAST_NOISE), 2);
    const double before = s->guess_slope_weight;
    bool taken[MAX_PROBES] = { false };
    struct line l = { 0 };
    double told = 0;
    for (int i; told < ENOUGH && (i = nearest_probe(s, taken)) >= 0;) {
        const struct probe *p = &s->tried[i];
        taken[i] = true;
        const double log_volume = log(p->volume / s->last.volume);
        line_add(&l, weight_near_root(p, log_volume), log_volume, p->excess);
        if (l.n == 0)
            continue;
        const double xx = (l.xx - l.x * l.x / l.n) / variance;
        const double xy = (l.xy - l.x * l.y / l.n) / variance;
        const double slope = (xy + s->guess_slope * before) / (xx + before);
        s->slope = fmin(fmax(slope, LEAST_SLOPE), MOST_SLOPE);
        s->slope_se = 1 / sqrt(xx + before);
        told = xx * pow(s->slope * USUAL_SLOPE_ERROR, 2);
    }
    return told;
}

/* Where the excess is 0 on a straight line between the ends of a closed bracket. Far from 0 an
 * excess says no more than its sign. */
static double within_bracket(const struct bracket *b)
{
    static const double MOST = 1.5;
    const double below = fmin(-b->lo_excess, MOST), above = fmin(b->hi_excess, MOST);
    return b->lo * pow(b->hi / b->lo, fmin(fmax(below / (below + above), 0.1), 0.9));
}

/* The next volume to try: between the ends of the bracket once it is closed, or in the middle if
 * that takes long; else the root by the slope, by steps that at least double (far from the root the
 * excess is flat and its slope says nothing). */
static double next_volume(const struct root_search *s, bool has_guess)
{
    static const double SATURATED_STEP = 0.15, SATURATED_STEP_FROM_GUESS = 0.05, LEAST_STEP = 0.01;
    const double saturated_step = has_guess ? SATURATED_STEP_FROM_GUESS : SATURATED_STEP;
    const struct bracket *b = &s->bracket;
    const struct probe *last = &s->last;
    if (b->lo > 0 && b->has_hi)
        return s->n_probes > 6 ? sqrt(b->lo * b->hi) : within_bracket(b);
    const double least =
        (last->saturated ? saturated_step : LEAST_STEP) * ldexp(1, s->n_probes - 1);
    const double step =
        isfinite(last->excess) ? fmax(fabs(last->excess) / s->slope, least) : fmax(0.5, least);
    return fmin(last->volume * exp(last->excess > 0 ? -fmin(step, 1) : fmin(step, 0.5)), b->hi);
}

/* What replicas serve whose batches are always full. */
static double saturation_volume(const struct option_sim *sim, int n_replicas)
{
    return sim_volume(sim, sim->limits.saturation_rate_per_s * n_replicas);
}

/* Note a probe among those tried: what it says of the bracket and of the slope. */
static void note_probe(struct root_search *s, const struct probe *p)
{
    s->tried[s->n_probes++] = *p;
    if (p->excess <= 0 && p->volume > s->bracket.lo) {
        s->bracket.lo = p->volume;
        s->bracket.lo_excess = p->excess;
    }
    if (p->excess > 0 && (!s->bracket.has_hi || p->volume < s->bracket.hi)) {
        s->bracket.hi = p->volume;
        s->bracket.hi_excess = p->excess;
        s->bracket.has_hi = true;
    }
    s->knows_slope |= fit_slope(s) >= 1;
}

static bool try_volume(struct option_sim *sim, int n, double volume, struct root_search *s,
                       struct xo_error *err)
{
    probe_counts_fini(&s->counts);
    if (!sim_probe(sim, n, volume, sim->scenario->n_replications, s->slope, &s->counts, &s->last,
                   err))
        return false;
    s->at_limit = s->last.excess <= 0 && volume >= s->limit;
    note_probe(s, &s->last);
    return true;
}

/* Two probes on both sides of the last, so far apart that they tell the slope. */
static bool learn_slope(struct option_sim *sim, int n, struct root_search *s, struct xo_error *err)
{
    static const double LEAST = 0.03, MOST = 0.3;
    const double told = sqrt(2) * s->last.excess_se / (s->slope * USUAL_SLOPE_ERROR);
    const double away = fmin(fmax(told, LEAST), MOST);
    for (int side = -1; side <= 1 && s->n_probes < MAX_PROBES; side += 2) {
        struct probe_counts counts = { 0 };
        struct probe p;
        const double volume = fmin(s->last.volume * exp(side * away), s->limit);
        const bool ok =
            sim_probe(sim, n, volume, sim->scenario->n_replications, s->slope, &counts, &p, err);
        probe_counts_fini(&counts);
        if (!ok)
            return false;
        note_probe(s, &p);
    }
    s->knows_slope = true;
    return true;
}

static bool is_closed(const struct bracket *b)
{
    return b->lo > 0 && b->has_hi && log(b->hi / b->lo) <= VOLUME_TOLERANCE;
}

/* Whether the excess leaps over the root, so that its slope there says nothing. */
static bool is_cliff(const struct bracket *b)
{
    return is_closed(b) && b->hi_excess - b->lo_excess > 2 * NEAR_EXCESS;
}

/* Whether the root is found from the last probe: the step that is left is one that the slope may
 * take, or within the noise of these replications, or the bracket is closed. */
static bool is_found(const struct root_search *s)
{
    const struct probe *p = &s->last;
    const double near = fmax(STEP_TOLERANCE, NOISE_TOLERANCE * p->excess_se / s->slope);
    const bool settled =
        !p->saturated && fabs(p->excess) <= NEAR_EXCESS && fabs(p->excess / s->slope) <= near;
    return s->at_limit || settled || is_closed(&s->bracket);
}

/* The root by the step that is left from the last probe; within the bracket at a cliff. (Elsewhere
 * a closed bracket holds the root of its few replications, which more of them move.) */
static double root_of(const struct root_search *s)
{
    double root = s->last.volume;
    if (isfinite(s->last.excess))
        root *= exp(fmin(fmax(-s->last.excess / s->slope, -0.1), 0.1));
    if (is_cliff(&s->bracket))
        root = fmin(fmax(root, s->bracket.lo), s->bracket.hi);
    return s->at_limit ? s->limit : fmin(root, s->limit);
}

static bool search_root(struct option_sim *sim, int n, const struct hint *hint,
                        struct root_search *s, struct xo_error *err)
{
    const bool knows = hint->slope > 0;
    const double guess = knows ? hint->slope : USUAL_SLOPE;
    const double limit = saturation_volume(sim, n);
    double volume = fmin(hint->volume > 0 ? hint->volume : 0.8 * limit, limit);
    *s = (struct root_search){
        .limit = limit,
        .guess_slope = guess,
        .guess_slope_weight = pow(guess * (knows ? USUAL_SLOPE_ERROR : NO_IDEA), -2),
        .guess_noise = hint->noise,
        .slope = guess,
        .knows_slope = knows,
        .bracket = { .hi = limit },
    };
    while (s->n_probes < MAX_PROBES) {
        if (!try_volume(sim, n, volume, s, err))
            return false;
        bool found = is_found(s);
        if (found && !s->at_limit && !s->knows_slope && !is_cliff(&s->bracket)) {
            if (!learn_slope(sim, n, s, err))
                return false;
            found = is_found(s);
        }
        if (found)
            return true;
        volume = next_volume(s, hint->volume > 0);
    }
    char place[XO_PLACE_SIZE];
    return xo_fail(
        err, XO_ERR_NUMERIC, "%s: the capacity of %d replicas did not settle in %d probes",
        xo_scenario_place(sim->scenario, xo_key_find("workload.volume"), place), n, MAX_PROBES);
}

/* The noise of one replication. A few that happen to agree would say that they know better: so that
 * of a fleet like it counts as four replications more. */
static void measure_noise(struct root_search *s)
{
    static const double GUESS_COUNTS = 4;
    const double n = s->counts.n, before = s->guess_noise > 0 ? GUESS_COUNTS : 0;
    s->n_noise = n - 1 + before;
    s->noise = sqrt(((n - 1) * n * pow(s->last.excess_se, 2) + before * pow(s->guess_noise, 2)) /
                    s->n_noise);
}

/* What is left of the empty start of each replication, at most. Windows of ten times the length
 * give 0 to 0.4 % less where answers have a coefficient of variation of 0.7, and stays that a
 * moment finds are 1.5 times a request's; 5 % less with one of 3, where they are ten times
 * (docs/validation.md, "Intervals of capacities"); a power law through these. */
static double left_of_start(const struct replica_limits *l)
{
    static const double USUAL = 0.003, USUAL_RATIO = 1.5, EXPONENT = 1.5;
    const double ratio = l->lone_stay_s / l->lone_e2e_s;
    return ratio > 1 ? USUAL * pow(ratio / USUAL_RATIO, EXPONENT) : USUAL;
}

/* Half the 95 % interval of log V_N: the noise of the replications, how exactly it is known what
 * load may make miss, the step from the last probe, which is as wrong as its slope, and what is
 * left of the empty start; of a capacity that is the saturation throughput, the noise of that. */
static double half_width_of(const struct option_sim *sim, const struct root_search *s)
{
    if (s->at_limit)
        return 1.96 * sim->limits.saturation_se_frac;
    const double se = s->noise / sqrt(s->counts.n);
    const double t = gsl_cdf_tdist_Pinv(0.975, s->n_noise);
    const double slope_frac = fmin(s->slope_se / s->slope, USUAL_SLOPE_ERROR);
    const double noise = hypot(t * se, 1.96 * s->last.allowed_se) / s->slope;
    const double step = 1.96 * slope_frac * log(s->root / s->last.volume);
    return hypot(noise * hypot(1, slope_frac), step) + left_of_start(&sim->limits);
}

/* Replications are added in fixed blocks until the interval of the capacity is narrow enough, at
 * most six looks, and at least two where nothing was known of the noise. The new ones are read at
 * the volume of the last probe. */
static bool sharpen(struct option_sim *sim, int n, struct root_search *s, struct xo_error *err)
{
    for (int look = 1;; look++) {
        measure_noise(s);
        s->root = root_of(s);
        s->half_width = half_width_of(sim, s);
        const bool narrow = s->half_width <= sim->scenario->capacity_precision_frac;
        if (s->at_limit || look == MAX_LOOKS || (narrow && (look > 1 || s->guess_noise > 0)))
            return true;
        if (!sim_probe(sim, n, s->last.volume, sim->scenario->n_replications, s->slope, &s->counts,
                       &s->last, err))
            return false;
        s->n_probes++;
    }
}

/* An overwhelmed fleet serves less than it did before. At a load above what it still serves, a
 * fleet that falls behind once stays behind, and a window may be too short to see it. So the
 * interval of the capacity reaches down to what it still serves. It never reaches above what full
 * batches serve, however noisy the misses are. */
static void set_volumes(struct xo_capacity *c, const struct option_sim *sim, double volume,
                        double half_width)
{
    const double still = sim_volume(sim, sim->limits.overwhelmed_rate_per_s * c->n_replicas);
    c->overwhelmed_volume = still > 0 && still < volume ? still : 0;
    c->volume = volume;
    c->log_half_width = half_width;
    c->volume_most = fmax(volume, saturation_volume(sim, c->n_replicas) *
                                      exp(1.96 * sim->limits.saturation_se_frac));
    c->volume_lo = volume * exp(-half_width);
    c->volume_hi = fmin(volume * exp(half_width), c->volume_most);
    if (c->overwhelmed_volume > 0)
        c->volume_lo = fmin(c->volume_lo, still);
    c->rate_per_s = sim_rate(sim, c->volume);
    c->rate_lo_per_s = sim_rate(sim, c->volume_lo);
    c->rate_hi_per_s = sim_rate(sim, c->volume_hi);
}

struct hint capacity_hint(const struct xo_capacity *found)
{
    return (struct hint){ found->volume, found->slope, found->noise };
}

bool capacity_find(struct option_sim *sim, int n_replicas, const struct hint *hint,
                   struct xo_capacity *out, struct xo_error *err)
{
    const int64_t simulated = sim->n_simulated;
    struct root_search s;
    const bool ok =
        search_root(sim, n_replicas, hint, &s, err) && sharpen(sim, n_replicas, &s, err);
    probe_counts_fini(&s.counts);
    if (!ok)
        return false;
    *out = (struct xo_capacity){ .n_replicas = n_replicas,
                                 .n_cells = cells_of(n_replicas),
                                 .slope = s.slope,
                                 .noise = s.noise,
                                 .binding_class = s.last.class_index,
                                 .binding_target = s.at_limit ? -1 : s.last.target,
                                 .n_probes = s.n_probes,
                                 .n_simulated = sim->n_simulated - simulated };
    set_volumes(out, sim, s.root, s.half_width);
    return true;
}

/* ---- the ladder ---- */

int next_rung(int n)
{
    static const int rungs[] = { 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, XO_MOST_SIMULATED };
    enum { N = sizeof rungs / sizeof *rungs };
    for (int i = 0; i < N; i++)
        if (rungs[i] > n)
            return rungs[i];
    for (int k = 2;; k *= 2)
        for (int i = N - 3; i < N; i++)
            if (rungs[i] * k > n)
                return rungs[i] * k;
}

/* ---- fleets too large to simulate ----
 *
 * Capacity a replica rises with the fleet, since no replica idles while a request waits elsewhere:
 * V_N/N = v exp(-c/sqrt(N)), the square-root law of many servers (Halfin and Whitt, Operations
 * Research 29(3), 1981). The rungs from LAW_FROM to the last that is simulated give c. */

enum { LAW_FROM = 8 };

/* c and its standard error, by weighted least squares on the logarithm; 0 with fewer than three
 * rungs. A law that fits worse than the intervals say has a wider error (Birge's ratio). */
static void fit_pooling(struct xo_ladder *ladder)
{
    enum { MOST = 16 };
    double x[MOST], y[MOST], w[MOST], at_0, slope, cov00, cov01, cov11, chisq;
    size_t n = 0;
    ladder->pooling = ladder->pooling_se = 0;
    for (int i = 0; i < ladder->n_rungs && n < MOST; i++) {
        const struct xo_capacity *c = &ladder->rungs[i];
        if (c->n_replicas < LAW_FROM || c->interpolated)
            continue;
        const double se = fmax(c->log_half_width / 1.96, 1e-4);
        x[n] = 1 / sqrt(c->n_replicas);
        y[n] = log(c->volume / c->n_replicas);
        w[n++] = 1 / (se * se);
    }
    if (n < 3 ||
        gsl_fit_wlinear(x, 1, w, 1, y, 1, n, &at_0, &slope, &cov00, &cov01, &cov11, &chisq) != 0)
        return;
    ladder->pooling = fmax(-slope, 0);
    ladder->pooling_se = sqrt(cov11 * fmax(1, chisq / (double)(n - 2)));
}

double pooling_log_gain(double pooling, int from, int to)
{
    return pooling * (1 / sqrt(from) - 1 / sqrt(to));
}

/* n replicas by the law, from the largest fleet that was simulated. */
static struct xo_capacity extended(const struct xo_ladder *ladder, const struct option_sim *sim,
                                   int n)
{
    const struct xo_capacity *from = &ladder->rungs[ladder->n_rungs - 1];
    while (from->interpolated)
        from--;
    const int m = from->n_replicas;
    const double as_large = from->volume / m * n; /* at the capacity a replica of m */
    const double limit = saturation_volume(sim, n);
    const double gain = pooling_log_gain(ladder->pooling, m, n);
    const double half_width =
        hypot(from->log_half_width, 1.96 * pooling_log_gain(ladder->pooling_se, m, n));
    struct xo_capacity c = *from;
    c.n_replicas = n;
    c.n_cells = cells_of(n);
    c.n_probes = 0;
    c.n_simulated = 0;
    c.interpolated = true;
    set_volumes(&c, sim, fmin(as_large * exp(gain), fmax(as_large, limit)), half_width);
    return c;
}

/* The place among the rungs where that of n replicas stands, or would. */
static int rung_at(const struct xo_ladder *l, int n)
{
    int i = 0;
    while (i < l->n_rungs && l->rungs[i].n_replicas < n)
        i++;
    return i;
}

static bool has_rung(const struct xo_ladder *l, int n)
{
    const int i = rung_at(l, n);
    return i < l->n_rungs && l->rungs[i].n_replicas == n;
}

/* Put a rung among the others by its replicas; there is none of as many yet. */
static bool put_rung(struct xo_ladder *ladder, const struct xo_capacity *rung, struct xo_error *err)
{
    const int i = rung_at(ladder, rung->n_replicas);
    size_t room = (size_t)ladder->n_rungs; /* the ladder does not keep how much it has */
    if (!xo_array_reserve((void **)&ladder->rungs, &room, (size_t)ladder->n_rungs + 1,
                          sizeof *ladder->rungs, err))
        return false;
    memmove(ladder->rungs + i + 1, ladder->rungs + i,
            (size_t)(ladder->n_rungs - i) * sizeof *ladder->rungs);
    ladder->rungs[i] = *rung;
    ladder->n_rungs++;
    return true;
}

/* A larger fleet serves at least as much. */
static void keep_rising(struct xo_ladder *ladder)
{
    for (int i = 1; i < ladder->n_rungs; i++) {
        struct xo_capacity *c = &ladder->rungs[i];
        const struct xo_capacity *below = &ladder->rungs[i - 1];
        if (c->volume >= below->volume)
            continue;
        c->volume = below->volume;
        c->volume_lo = fmax(c->volume_lo, below->volume_lo);
        c->volume_hi = fmax(c->volume_hi, below->volume);
        c->volume_most = fmax(c->volume_most, below->volume);
    }
}

static double planned_volume(const struct option_sim *sim)
{
    return sim->scenario->requests_per_month * (1 + sim->scenario->headroom_frac);
}

/* Say which volume asks for too many replicas: the plan's; where that one is served, the largest of
 * the curve; and where that is too, the largest of a horizon. */
static bool too_many_replicas(const struct option_sim *sim, double reached, struct xo_error *err)
{
    const struct xo_scenario *s = sim->scenario;
    const bool plan = reached < planned_volume(sim);
    const bool curve = !plan && reached < planned_volume(sim) * s->max_volume_factor;
    const char *key = plan ? "workload.volume" : curve ? "study.max_volume" : xo_growth_key(s);
    char place[XO_PLACE_SIZE];
    return xo_fail(err, XO_ERR_INPUT,
                   "%s: %s takes more than a million replicas of %s; lower %s, or give them more "
                   "GPUs",
                   xo_scenario_place(s, xo_key_find(key), place),
                   plan    ? "the planned volume"
                   : curve ? "the largest volume"
                           : "the largest volume of the horizon",
                   s->options[sim->option].label, key);
}

/* ---- searches side by side ----
 *
 * A search begins at a guess. Were it the rung below, searches would wait for each other; so it is
 * one of three rungs that every ladder has, the largest below, and what a fleet serves depends on
 * nothing else: not on how far its ladder was climbed, nor in which order. */

static const int anchors[] = { 1, 4, 16 };
enum { N_ANCHORS = sizeof anchors / sizeof *anchors };

/* The anchor that a search of n replicas (2 or more) begins at. */
static int anchor_below(int n)
{
    int k = 0;
    while (k + 1 < N_ANCHORS && anchors[k + 1] < n)
        k++;
    return k;
}

static const struct xo_capacity *anchor_rung(const struct xo_ladder *ladder, int k)
{
    assert(has_rung(ladder, anchors[k]));
    return &ladder->rungs[rung_at(ladder, anchors[k])];
}

/* What one replica with full batches serves where the busiest load of the window, be it a burst,
 * may be no more. */
static double most_at_peak(const struct option_sim *sim)
{
    return saturation_volume(sim, 1) * sim->peak_factor / sim_busiest_level(sim)->factor;
}

/* How much of log V/N is won from one anchor to n replicas: from the first, three quarters of what
 * lies between it and full batches, by the square-root law; from the others by what was won up to
 * them, from 4 to 16 replicas as 1/N. It is within 3 % in most of our scenarios, and only a guess.
 */
static double guessed_gain(const struct xo_ladder *ladder, const struct option_sim *sim, int k,
                           int n)
{
    static const double SHARE = 0.75, exponents[N_ANCHORS] = { 0.5, 1, 0.5 };
    const int at = anchors[k];
    const struct xo_capacity *here = anchor_rung(ladder, k);
    const double e = exponents[k], per_replica = here->volume / at;
    if (k == 0)
        return SHARE * fmax(log(most_at_peak(sim) / per_replica), 0) * (1 - pow(n, -e));
    const struct xo_capacity *before = anchor_rung(ladder, k - 1);
    const int from = anchors[k - 1];
    const double won = fmax(log(per_replica * from / before->volume), 0);
    return won * (pow(at, -e) - pow(n, -e)) / (pow(from, -e) - pow(at, -e));
}

/* Where a search of n replicas begins. Misses rise the more steeply the more replicas average the
 * load out; no fleet's rise less than the load. */
static struct rung first_guess(const struct xo_ladder *ladder, const struct option_sim *sim, int n)
{
    static const double SLOPE_EXPONENT = 0.4;
    struct rung rung = { .n_replicas = n };
    if (n == 1)
        return rung;
    const int k = anchor_below(n);
    const struct xo_capacity *from = anchor_rung(ladder, k);
    const double scale = (double)n / anchors[k];
    rung.hint = capacity_hint(from);
    rung.hint.volume *= scale * exp(guessed_gain(ladder, sim, k, n));
    rung.hint.slope = LEAST_SLOPE + (from->slope - LEAST_SLOPE) * pow(scale, SLOPE_EXPONENT);
    return rung;
}

/* A window of clock time holds all requests that come in it, be the cell ever so large. A search
 * that takes minutes for it is announced once, with what makes it shorter. */
static void say_how_long(struct option_sim *sim, int n)
{
    static const double REQUESTS_PER_S = 6e5, PROBES = 6, LONG_S = 5;
    const struct xo_study_options *o = sim->options;
    char place[XO_PLACE_SIZE], time[32], text[XO_PLACE_SIZE + 300];
    const double requests =
        sim->limits.saturation_rate_per_s * cell_replicas(n) * (sim->to_s - sim->from_s);
    const double s = requests * sim->scenario->n_replications * PROBES / REQUESTS_PER_S /
                     fmin(study_threads(o), sim->scenario->n_replications);
    if (!sim->terminating || sim->told || o->tell == NULL || s < LONG_S)
        return;
    sim->told = true;
    snprintf(
        text, sizeof text,
        "%s: each fleet takes about %s, since the busiest hour holds %s and is simulated as it "
        "comes, %.2g M requests a time; a smaller workload.volume takes less%s",
        xo_scenario_place(sim->scenario, xo_key_find("workload.volume"), place),
        xo_text_duration(time, sizeof time, s),
        sim->scenario->workload.trace != NULL ? "a trace" : "a spike", requests / 1e6,
        sim->scenario->n_replications > XO_LEAST_REPLICATIONS
            ? ", and so do fewer study.replications"
            : "");
    o->tell(o->tell_self, text);
}

/* Find the rungs of so many replicas each, side by side. */
static bool find_rungs(struct xo_ladder *ladder, struct option_sim *sim, const int n_replicas[],
                       int n, struct xo_error *err)
{
    struct rung rungs[MOST_AT_ONCE];
    assert(n <= MOST_AT_ONCE);
    for (int i = 0; i < n; i++)
        rungs[i] = first_guess(ladder, sim, n_replicas[i]);
    if (n > 0)
        say_how_long(sim, n_replicas[n - 1]);
    if (!rungs_run(sim, rungs, n, err))
        return false;
    for (int i = 0; i < n; i++) {
        sim->n_simulated += rungs[i].found.n_simulated;
        if (!put_rung(ladder, &rungs[i].found, err))
            return false;
    }
    keep_rising(ladder);
    return true;
}

/* ---- the climb ---- */

/* The next rungs that may be searched side by side: up to the next anchor, and no further than to
 * one that is certain to serve `volume`, or has max_replicas. */
static int next_rungs(const struct xo_ladder *ladder, const struct option_sim *sim, double volume,
                      int max_replicas, int n_replicas[])
{
    static const double CERTAIN = 1.15;
    int n = 0, at = ladder->n_rungs > 0 ? ladder->rungs[ladder->n_rungs - 1].n_replicas : 0;
    for (;;) {
        at = next_rung(at);
        n_replicas[n++] = at;
        if (at == 1 || at == anchors[anchor_below(at + 1)] || at == XO_MOST_SIMULATED ||
            at >= max_replicas || first_guess(ladder, sim, at).hint.volume >= CERTAIN * volume)
            return n;
    }
}

/* The next rungs of the ladder: simulated, or one by the law. */
static bool climb_rungs(struct xo_ladder *ladder, struct option_sim *sim, double volume,
                        int max_replicas, struct xo_error *err)
{
    const struct xo_capacity *top =
        ladder->n_rungs > 0 ? &ladder->rungs[ladder->n_rungs - 1] : NULL;
    if (top == NULL || top->n_replicas < XO_MOST_SIMULATED) {
        int n_replicas[MOST_AT_ONCE];
        const int n = next_rungs(ladder, sim, volume, max_replicas, n_replicas);
        if (!find_rungs(ladder, sim, n_replicas, n, err))
            return false;
        if (n_replicas[n - 1] == XO_MOST_SIMULATED)
            fit_pooling(ladder);
        sim->limits.pooling = ladder->pooling;
        return true;
    }
    const int n = next_rung(top->n_replicas);
    if (n > MOST_REPLICAS)
        return too_many_replicas(sim, top->volume, err);
    const struct xo_capacity rung = extended(ladder, sim, n);
    if (!put_rung(ladder, &rung, err))
        return false;
    keep_rising(ladder);
    return true;
}

bool ladder_climb(struct xo_ladder *ladder, struct option_sim *sim, double volume, int max_replicas,
                  ladder_progress_fn *progress, void *progress_self, struct xo_error *err)
{
    *ladder = (struct xo_ladder){ .option = sim->option };
    if (!sim_measure_limits(sim, err))
        return false;
    ladder->infeasible = sim->infeasible;
    ladder->unserved = sim->unserved;
    ladder->edge = sim->edge;
    ladder->saturation_rate_per_s = sim->limits.saturation_rate_per_s;
    ladder->lone_ttft_s = sim->limits.lone_ttft_s;
    ladder->lone_tpot_s = sim->limits.lone_tpot_s;
    ladder->lone_e2e_s = sim->limits.lone_e2e_s;
    const double at_most = saturation_volume(sim, MOST_REPLICAS);
    if (!ladder->infeasible.holds && max_replicas > MOST_REPLICAS &&
        at_most < fmin(volume, planned_volume(sim)))
        return too_many_replicas(sim, at_most, err); /* to climb would end there too, much later */
    for (const struct xo_capacity *top = NULL;
         !ladder->infeasible.holds &&
         (top == NULL || (top->volume < volume && top->n_replicas < max_replicas));) {
        if (!climb_rungs(ladder, sim, volume, max_replicas, err))
            return false;
        top = &ladder->rungs[ladder->n_rungs - 1];
        if (progress != NULL)
            progress(progress_self, top->volume);
    }
    return true;
}

/* ---- the rungs around a plan ---- */

/* The fleets of n - 1, n and n + 1 replicas that the climb stepped over, into n_replicas[] behind
 * the `count` there. Every ladder has the rung of one replica. */
static int missing_around(const struct xo_ladder *ladder, int n, int n_replicas[], int count)
{
    for (int at = n - 1; at <= n + 1; at++) {
        bool is_there = at < 1 || at > XO_MOST_SIMULATED || has_rung(ladder, at);
        for (int i = 0; i < count && !is_there; i++)
            is_there = n_replicas[i] == at;
        if (!is_there)
            n_replicas[count++] = at;
    }
    return count;
}

static bool climb_beyond(struct xo_ladder *ladder, struct option_sim *sim, int n,
                         struct xo_error *err)
{
    while (ladder->rungs[ladder->n_rungs - 1].n_replicas <= n)
        if (!climb_rungs(ladder, sim, INFINITY, n + 1, err))
            return false;
    return true;
}

bool ladder_settle(struct xo_ladder *ladder, struct option_sim *sim, const double volumes[], int n,
                   int fixed_replicas, struct xo_error *err)
{
    enum { ROUNDS = 3, AROUND = 3 }; /* a rung may move the answer to a neighbour */
    int n_replicas[MOST_AT_ONCE];
    assert(AROUND * n <= MOST_AT_ONCE);
    if (ladder->infeasible.holds)
        return true;
    if (fixed_replicas > 0)
        return climb_beyond(ladder, sim, fixed_replicas, err) &&
               find_rungs(ladder, sim, n_replicas,
                          missing_around(ladder, fixed_replicas, n_replicas, 0), err);
    const struct stairs stairs = { .ladder = ladder };
    for (int i = 0; i < n; i++)
        if (!climb_beyond(ladder, sim, stairs_replicas(&stairs, volumes[i]), err))
            return false;
    for (int round = 0; round < ROUNDS; round++) {
        int count = 0;
        for (int i = 0; i < n; i++)
            count = missing_around(ladder, stairs_replicas(&stairs, volumes[i]), n_replicas, count);
        if (!find_rungs(ladder, sim, n_replicas, count, err))
            return false;
    }
    return true;
}

bool ladder_lower(struct xo_ladder *ladder, const struct option_sim *sim, int n, double volume,
                  struct xo_error *err)
{
    const double most = volume * (1 - 1e-6);
    const int i = rung_at(ladder, n);
    if (!has_rung(ladder, n)) {
        struct xo_capacity rung = ladder->rungs[i - 1];
        rung.n_replicas = n;
        rung.n_cells = cells_of(n);
        if (!put_rung(ladder, &rung, err))
            return false;
    }
    for (int k = i; k >= 0 && (k == i || ladder->rungs[k].volume > most); k--)
        set_volumes(&ladder->rungs[k], sim, most, ladder->rungs[k].log_half_width);
    return true;
}

const struct xo_capacity *ladder_at_most(const struct xo_ladder *ladder, int n)
{
    const int above = rung_at(ladder, n + 1);
    return &ladder->rungs[above > 0 ? above - 1 : 0];
}

struct xo_capacity ladder_capacity(const struct xo_ladder *ladder, const struct option_sim *sim,
                                   int n)
{
    return has_rung(ladder, n) ? ladder->rungs[rung_at(ladder, n)] : extended(ladder, sim, n);
}

void ladder_fini(struct xo_ladder *ladder)
{
    free(ladder->rungs);
    ladder->rungs = NULL;
    ladder->n_rungs = 0;
}

/* ---- reading it ---- */

/* Capacity per replica of rung i under the staircase's noise. */
static double rung_volume(const struct stairs *s, int i)
{
    const struct xo_capacity *c = &s->ladder->rungs[i];
    if (s->noise_z == 0 || c->log_half_width == 0)
        return c->volume;
    /* The half-width is 95 %: 1.96 standard errors, in log volume. */
    return fmin(c->volume * exp(s->noise_z / 1.96 * c->log_half_width), c->volume_most);
}

static const int scale_knots[N_SCALE_KNOTS] = { 1, 2, 4, 8, 16, XO_MOST_SIMULATED };

int scaling_replicas(int knot)
{
    return scale_knots[knot];
}

void scaling_add(struct scaling *s, double at_1, double at_8)
{
    for (int k = 0; k < N_SCALE_KNOTS; k++)
        s->log_at[k] += at_1 + fmin(log(scale_knots[k]) / log(8), 1) * (at_8 - at_1);
}

/* Interpolate in log n between the replicas n_at[count], which rise. Beyond both ends the value is
 * constant. */
static double between(const int n_at[], const double log_at[], int count, int n)
{
    int k = 0;
    while (k < count && n_at[k] <= n)
        k++;
    if (k == 0)
        return log_at[0];
    if (k == count || n_at[k - 1] == n)
        return log_at[k - 1];
    const double t = log((double)n / n_at[k - 1]) / log((double)n_at[k] / n_at[k - 1]);
    return log_at[k - 1] + t * (log_at[k] - log_at[k - 1]);
}

double scaling_at(const struct scaling *s, int n)
{
    const double fixed = s->n_fixed > 0 ? between(s->fixed_n, s->fixed_log, s->n_fixed, n) : 0;
    return between(scale_knots, s->log_at, N_SCALE_KNOTS, n) + fixed;
}

void scaling_fix(struct scaling *s, int n, double log_scale)
{
    int k = s->n_fixed;
    if (k == MAX_FIXED)
        return;
    for (; k > 0 && s->fixed_n[k - 1] > n; k--) {
        s->fixed_n[k] = s->fixed_n[k - 1];
        s->fixed_log[k] = s->fixed_log[k - 1];
    }
    s->fixed_n[k] = n;
    s->fixed_log[k] = log_scale - between(scale_knots, s->log_at, N_SCALE_KNOTS, n);
    s->n_fixed++;
}

static double climb(const struct stairs *s, int n)
{
    const struct xo_ladder *l = s->ladder;
    assert(n >= 1 && l->n_rungs > 0);
    const int i = (int)(ladder_at_most(l, n) - l->rungs), n_i = l->rungs[i].n_replicas;
    double per_replica = rung_volume(s, i) / n_i;
    if (i + 1 < l->n_rungs && n > n_i) {
        const int n_j = l->rungs[i + 1].n_replicas;
        double next = rung_volume(s, i + 1) / n_j;
        per_replica += (next - per_replica) * log((double)n / n_i) / log((double)n_j / n_i);
    }
    return per_replica * n * exp(scaling_at(&s->scaling, n));
}

double stairs_volume(const struct stairs *s, int n)
{
    return s->treads != NULL && n <= s->treads->n ? s->treads->volume[n - 1] : climb(s, n);
}

int stairs_replicas(const struct stairs *s, double volume)
{
    const struct treads *t = s->treads;
    int lo = 0, hi = 1; /* capacity(lo) < volume, or lo = 0 */
    if (t != NULL && t->n > 0 && volume <= t->volume[t->n - 1])
        hi = t->n;
    while (hi <= MOST_REPLICAS && stairs_volume(s, hi) < volume) {
        lo = hi;
        hi *= 2;
    }
    while (hi - lo > 1) {
        int mid = lo + (hi - lo) / 2;
        if (stairs_volume(s, mid) < volume)
            lo = mid;
        else
            hi = mid;
    }
    return hi;
}

bool treads_fill(struct treads *t, const struct stairs *stairs, double volume, struct xo_error *err)
{
    if (treads_are_of(t, stairs) && t->n > 0 && t->volume[t->n - 1] >= volume)
        return true;
    t->scaling = stairs->scaling;
    t->noise_z = stairs->noise_z;
    t->n = 0;
    if (climb(stairs, MOST_REPLICAS) < volume) /* no fleet that is looked for: as needed, then */
        return true;
    for (double reached = 0; reached < volume;) {
        if (!xo_array_reserve((void **)&t->volume, &t->room, (size_t)t->n + 1, sizeof *t->volume,
                              err))
            return false;
        reached = fmax(reached, climb(stairs, t->n + 1));
        t->volume[t->n++] = reached;
    }
    return true;
}

bool treads_are_of(const struct treads *t, const struct stairs *stairs)
{
    bool same = t->noise_z == stairs->noise_z;
    for (int k = 0; k < N_SCALE_KNOTS; k++)
        same &= t->scaling.log_at[k] == stairs->scaling.log_at[k];
    same &= t->scaling.n_fixed == stairs->scaling.n_fixed;
    for (int k = 0; same && k < t->scaling.n_fixed; k++)
        same = t->scaling.fixed_n[k] == stairs->scaling.fixed_n[k] &&
               t->scaling.fixed_log[k] == stairs->scaling.fixed_log[k];
    return same;
}

void treads_fini(struct treads *t)
{
    free(t->volume);
    *t = (struct treads){ 0 };
}
