/* capacity.c - the inverted search for fleet sizes; see capacity.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity.h"

#include "xo/memory.h"
#include "xo/stats.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static const double VOLUME_TOLERANCE = 0.01; /* model.md 22: bisection on log volume to 1 % */
static const double STEP_TOLERANCE = 0.004;  /* a secant step below this has converged */
static const double NOISE_TOLERANCE = 0.25;  /* of a standard error */
static const int MAX_PROBES = 24, MAX_LOOKS = 3;
static const double USUAL_SLOPE = 12; /* of the first search; later ones learn it */

/* Replications of one look. Each measures 5,000 requests a replica, so from 8 replicas on half as
 * many tell as much; Student's t pays for the fewer degrees of freedom. */
static int look_replications(const struct arm *arm, int n_replicas)
{
    int n = arm->scenario->n_replications;
    return n_replicas < 8 || n < 4 ? n : n / 2;
}

/* Where the root may still be. */
struct bracket {
    double lo, hi; /* volumes: lo passes (0: none has yet), hi fails where has_hi, else it is
                      the throughput of full batches, above which nothing is tried */
    bool has_hi;
};

/* d excess / d log volume through two probes whose misses were counted in full. */
static double secant(const struct probe *a, const struct probe *b, double usual)
{
    if (a->saturated || b->saturated || !isfinite(a->excess) || !isfinite(b->excess) ||
        fabs(log(a->volume / b->volume)) < 1e-3)
        return usual;
    double slope = (a->excess - b->excess) / log(a->volume / b->volume);
    return fmin(fmax(slope, 0.5), 400);
}

/* The next volume to try: a secant step from the last probe, a little past the root, so that the
 * next probe closes the bracket; while it is open, steps at least double (far from the root the
 * excess is flat and its slope says nothing). Once it is closed the step stays inside, at the
 * middle if need be. */
static double next_volume(const struct bracket *b, const struct probe *last, double slope,
                          int tries)
{
    const bool closed = b->lo > 0 && b->has_hi;
    const double sign = last->excess > 0 ? -1 : 1;
    double step = isfinite(last->excess) ? fabs(last->excess) / slope : 0.5;
    step += 0.3 * VOLUME_TOLERANCE;
    if (!closed)
        step = fmax(step, VOLUME_TOLERANCE * ldexp(1, tries - 1));
    if (last->saturated)
        step = fmax(step, 0.15);
    double next = last->volume * exp(sign * fmin(step, sign < 0 ? 1 : 0.5));
    if (closed && (next <= b->lo || next >= b->hi || tries > 6))
        next = sqrt(b->lo * b->hi);
    return fmin(next, b->hi);
}

struct search {
    double root, slope;
    struct probe last;          /* nearest to the root */
    struct probe_counts counts; /* of the probe nearest to the root */
    int n_probes;
    bool at_limit; /* the SLO still holds at the saturation throughput: that is the capacity */
};

static bool search_root(struct arm *arm, int n, double guess, double slope, struct search *out,
                        struct xo_error *err)
{
    const int block = look_replications(arm, n);
    const double limit = arm_volume(arm, arm->saturation_rate_per_s * n);
    struct bracket b = { 0, limit, false };
    struct probe before = { .saturated = true };
    double volume = fmin(guess > 0 ? guess : 0.8 * limit, limit);
    *out = (struct search){ .slope = slope };
    for (out->n_probes = 1; out->n_probes <= MAX_PROBES; out->n_probes++) {
        probe_counts_fini(&out->counts);
        if (!arm_probe(arm, n, volume, block, &out->counts, &out->last, err))
            return false;
        const struct probe *p = &out->last;
        if (p->excess <= 0) {
            b.lo = volume;
        } else {
            b.hi = volume;
            b.has_hi = true;
        }
        out->slope = secant(&before, p, out->slope);
        before = *p;
        out->at_limit = p->excess <= 0 && volume >= limit;
        double step = isfinite(p->excess) ? -p->excess / out->slope : INFINITY;
        /* There is no root to be found below the noise of these replications. */
        double near = fmax(STEP_TOLERANCE, NOISE_TOLERANCE * p->excess_se / out->slope);
        bool bracketed = b.lo > 0 && b.has_hi && log(b.hi / b.lo) <= VOLUME_TOLERANCE;
        if (out->at_limit || bracketed || (fabs(step) <= near && !p->saturated)) {
            double root = out->at_limit ? limit : volume * exp(step);
            if (bracketed)
                root = fmin(fmax(root, b.lo), b.hi);
            out->root = fmin(root, limit);
            return true;
        }
        volume = next_volume(&b, p, out->slope, out->n_probes);
    }
    return xo_fail(err, XO_ERR_NUMERIC, "the capacity of %d replicas did not settle in %d probes",
                   n, MAX_PROBES);
}

/* Replications are added in fixed blocks until the interval of the capacity is narrow enough, at
 * most three looks (model.md 19). The new ones are read at the volume of the last probe. */
static bool sharpen(struct arm *arm, int n, struct search *s, double *half_width,
                    struct xo_error *err)
{
    for (int look = 1;; look++) {
        double t = gsl_cdf_tdist_Pinv(0.975, s->counts.n - 1);
        *half_width = s->at_limit ? 0 : t * s->last.excess_se / s->slope;
        if (s->at_limit || look == MAX_LOOKS ||
            *half_width <= arm->scenario->capacity_precision_frac)
            return true;
        if (!arm_probe(arm, n, s->last.volume, look_replications(arm, n), &s->counts, &s->last,
                       err))
            return false;
        s->n_probes++;
        if (isfinite(s->last.excess)) {
            double step = fmin(fmax(-s->last.excess / s->slope, -0.1), 0.1);
            s->root = s->last.volume * exp(step);
        }
    }
}

bool capacity_find(struct arm *arm, int n_replicas, double guess_volume, double *slope,
                   struct xo_capacity *out, struct xo_error *err)
{
    const int64_t simulated = arm->n_simulated;
    struct search s;
    double half_width = 0;
    bool ok =
        search_root(arm, n_replicas, guess_volume, *slope > 0 ? *slope : USUAL_SLOPE, &s, err) &&
        sharpen(arm, n_replicas, &s, &half_width, err);
    probe_counts_fini(&s.counts);
    if (!ok)
        return false;
    *slope = s.slope;
    *out = (struct xo_capacity){ .n_replicas = n_replicas,
                                 .n_cells = cells_of(n_replicas),
                                 .volume = s.root,
                                 .volume_lo = s.root * exp(-half_width),
                                 .volume_hi = s.root * exp(half_width),
                                 .binding_class = s.last.class_index,
                                 .binding_target = s.at_limit ? -1 : s.last.target,
                                 .n_probes = s.n_probes,
                                 .n_simulated = arm->n_simulated - simulated };
    out->rate_per_s = arm_rate(arm, out->volume);
    out->rate_lo_per_s = arm_rate(arm, out->volume_lo);
    out->rate_hi_per_s = arm_rate(arm, out->volume_hi);
    return true;
}

/* ---- the ladder ---- */

/* 1..8, then a quarter more each; above 31 the same rungs doubled, so that a fleet is a whole
 * number of equal cells. */
static int next_rung(int n)
{
    static const int rungs[] = { 10, 13, 16, 20, 25, 31 };
    if (n < 8)
        return n + 1;
    for (int k = 1;; k *= 2)
        for (int i = k == 1 ? 0 : 3; i < 6; i++)
            if (rungs[i] * k > n)
                return rungs[i] * k;
}

static double cell_cv_squared(const struct arm *arm, double volume, int n_cells)
{
    const double cv = arm_workload(arm, volume, n_cells).arrivals.cv;
    return cv * cv;
}

/* A rung below whose cells are as large and meet the same traffic, to within 0.05 of cv^2 (Poisson
 * traffic always does): a fleet of more such cells serves as much more, and nothing is left to
 * simulate. */
static const struct xo_capacity *same_cells(const struct xo_ladder *ladder, const struct arm *arm,
                                            int n)
{
    static const double CV_SQUARED_TOLERANCE = 0.05;
    if (cells_of(n) == 1 || arm->scenario->workload.trace != NULL)
        return NULL;
    for (int i = ladder->n_rungs - 1; i >= 0; i--) {
        const struct xo_capacity *c = &ladder->rungs[i];
        if (cell_replicas(c->n_replicas) != cell_replicas(n) ||
            c->n_replicas * cells_of(n) != n * c->n_cells)
            continue;
        const double there = cell_cv_squared(arm, c->volume, c->n_cells);
        const double here = cell_cv_squared(arm, c->volume * n / c->n_replicas, cells_of(n));
        return fabs(here - there) <= CV_SQUARED_TOLERANCE ? c : NULL;
    }
    return NULL;
}

static struct xo_capacity scaled(const struct xo_capacity *cell, int n)
{
    struct xo_capacity c = *cell;
    double k = (double)n / cell->n_replicas;
    c.n_replicas = n;
    c.n_cells = cells_of(n);
    c.n_probes = 0;
    c.n_simulated = 0;
    double *values[] = { &c.volume,     &c.volume_lo,     &c.volume_hi,
                         &c.rate_per_s, &c.rate_lo_per_s, &c.rate_hi_per_s };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        *values[i] *= k;
    return c;
}

/* A larger fleet serves at least as much (model.md 22). */
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
    }
}

/* V_N from the two rungs below: V/N grows by half as much again as between them, at most. */
static double guess_rung(const struct xo_ladder *ladder, int n)
{
    const struct xo_capacity *last = &ladder->rungs[ladder->n_rungs - 1];
    double per_replica = last->volume / last->n_replicas;
    if (ladder->n_rungs > 1) {
        const struct xo_capacity *before = last - 1;
        double gain = per_replica / (before->volume / before->n_replicas);
        per_replica *= fmin(fmax(sqrt(gain), 1), 1.3);
    }
    return per_replica * n;
}

enum { MOST_REPLICAS = 1000000 };

bool ladder_climb(struct xo_ladder *ladder, struct arm *arm, double volume, int max_replicas,
                  ladder_progress_fn *progress, void *progress_self, struct xo_error *err)
{
    *ladder = (struct xo_ladder){ .option = arm->option, .cell_bias_frac = NAN };
    if (!arm_measure_limits(arm, err))
        return false;
    ladder->infeasible = arm->infeasible;
    ladder->unserved = arm->unserved;
    ladder->saturation_rate_per_s = arm->saturation_rate_per_s;
    ladder->lone_ttft_s = arm->lone_ttft_s;
    ladder->lone_tpot_s = arm->lone_tpot_s;
    ladder->lone_e2e_s = arm->lone_e2e_s;
    if (ladder->infeasible.is)
        return true;
    size_t room = 0;
    for (int n = 1;; n = next_rung(n)) {
        if (!xo_array_reserve((void **)&ladder->rungs, &room, (size_t)ladder->n_rungs + 1,
                              sizeof *ladder->rungs, err))
            return false;
        struct xo_capacity *rung = &ladder->rungs[ladder->n_rungs];
        const struct xo_capacity *cell = same_cells(ladder, arm, n);
        if (cell != NULL)
            *rung = scaled(cell, n);
        else if (!capacity_find(arm, n, ladder->n_rungs > 0 ? guess_rung(ladder, n) : 0,
                                &ladder->last_slope, rung, err))
            return false;
        ladder->n_rungs++;
        keep_rising(ladder);
        if (progress != NULL)
            progress(progress_self, rung->volume);
        if (rung->volume >= volume || n >= max_replicas)
            break;
        if (n > MOST_REPLICAS)
            return xo_fail(err, XO_ERR_INPUT,
                           "%s: the largest volume takes more than a million replicas of %s; lower "
                           "study.max_volume",
                           arm->scenario->path, arm->scenario->options[arm->option].label);
    }
    return true;
}

/* The same volume as one fleet of k/2 cells: how different is its excess, read as capacity? */
bool ladder_measure_cell_bias(struct xo_ladder *ladder, struct arm *arm, struct xo_error *err)
{
    for (int i = 0; i < ladder->n_rungs; i++) {
        const struct xo_capacity *c = &ladder->rungs[i];
        if (c->n_cells == 1 || arm->scenario->slo[c->binding_class].n_targets == 0 ||
            c->binding_target < 0)
            continue;
        struct probe_counts of_cells = { 0 }, of_whole = { 0 };
        struct probe cells, whole;
        const struct probing both[] = {
            { c->n_replicas, c->n_cells, c->volume, 1, &of_cells, &cells },
            { c->n_replicas, c->n_cells / 2, c->volume, 1, &of_whole, &whole },
        };
        const bool ok = arm_probe_all(arm, both, 2, err);
        probe_counts_fini(&of_cells);
        probe_counts_fini(&of_whole);
        if (!ok)
            return false;
        ladder->cell_bias_frac = (whole.excess - cells.excess) / -ladder->last_slope;
        ladder->cell_bias_replicas = c->n_replicas;
        return true;
    }
    return true;
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
    if (s->noise_z == 0 || c->volume_hi <= c->volume)
        return c->volume;
    /* The half-width is 95 %: 1.96 standard errors, in log volume. */
    return c->volume * exp(s->noise_z / 1.96 * log(c->volume_hi / c->volume));
}

static const int scale_knots[N_SCALE_KNOTS] = { 1, 2, 4, 8, 16, 31 };

int scaling_replicas(int knot)
{
    return scale_knots[knot];
}

void scaling_add(struct scaling *s, double at_1, double at_8)
{
    for (int k = 0; k < N_SCALE_KNOTS; k++)
        s->log_at[k] += at_1 + fmin(log(scale_knots[k]) / log(8), 1) * (at_8 - at_1);
}

double scaling_at(const struct scaling *s, int n)
{
    int k = 0;
    while (k < N_SCALE_KNOTS && scale_knots[k] <= n)
        k++;
    if (k == N_SCALE_KNOTS || scale_knots[k - 1] == n)
        return s->log_at[k - 1];
    const double t =
        log((double)n / scale_knots[k - 1]) / log((double)scale_knots[k] / scale_knots[k - 1]);
    return s->log_at[k - 1] + t * (s->log_at[k] - s->log_at[k - 1]);
}

static double climb(const struct stairs *s, int n)
{
    const struct xo_ladder *l = s->ladder;
    assert(n >= 1 && l->n_rungs > 0);
    int i = 0;
    while (i + 1 < l->n_rungs && l->rungs[i + 1].n_replicas <= n)
        i++;
    const int n_i = l->rungs[i].n_replicas;
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
    while (stairs_volume(s, hi) < volume) {
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
    return same;
}

void treads_fini(struct treads *t)
{
    free(t->volume);
    *t = (struct treads){ 0 };
}
