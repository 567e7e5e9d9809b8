/* capacity.c - the largest volume that n replicas serve within the SLO, and the ladder of them.
 *
 * The search is inverted: not the fleet for a volume, but the volume V_N of each fleet. All about
 * volume is then reading a staircase (struct stairs), and bills and draws simulate nothing again.
 *
 * Invariant of a search: volumes at b.lo met the SLO and those at b.hi missed it, and none above
 * the saturation throughput is tried. Invariant of a ladder, after each rung: rungs rise by
 * replicas, and a larger fleet never carries less (keep_rising). Rungs above XO_MOST_SIMULATED
 * follow the square-root law of many servers and are marked interpolated.
 *
 * The slope that one rung teaches begins the search of the next, so that most rungs above the
 * fourth take one probe. The fleets of the plan become rungs of their own (ladder_settle), each
 * found from the rung below alone, so that `run` and `curve` say the same of them. Tried before:
 * fleets above 31 replicas as equal cells, which gave up to 7 % less a replica. Begin with
 * search_root, ladder_climb and stairs_volume.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "capacity.h"

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
static const double STEP_TOLERANCE = 0.004;  /* a secant step below this has converged */
static const double NOISE_TOLERANCE = 0.25;  /* of a standard error */
enum { MAX_PROBES = 24, MAX_LOOKS = 3 };
static const double USUAL_SLOPE = 12; /* of the first search; later ones learn it */
static const double APART = 0.03;     /* two probes that are to tell a slope */
static const double LEAST_SLOPE = 1;  /* what load makes miss grows at least as load does */

/* Where the root may still be. */
struct bracket {
    double lo, hi; /* volumes: lo passes (0: none has yet), hi fails where has_hi, else it is
                      the throughput of full batches, above which nothing is tried */
    bool has_hi;
};

/* Do two probes tell a slope? Their misses have to be counted in full, and their volumes so far
 * apart that the noise of the slope stays small. */
static bool tell_slope(const struct probe *a, const struct probe *b)
{
    return !a->saturated && !b->saturated && isfinite(a->excess) && isfinite(b->excess) &&
           fabs(log(a->volume / b->volume)) >= VOLUME_TOLERANCE;
}

/* d excess / d log volume through two probes. */
static double secant(const struct probe *a, const struct probe *b, double usual)
{
    if (!tell_slope(a, b))
        return usual;
    double slope = (a->excess - b->excess) / log(a->volume / b->volume);
    return fmin(fmax(slope, LEAST_SLOPE), 400);
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
    struct probe tried[MAX_PROBES];
    struct probe last;          /* nearest to the root */
    struct probe_counts counts; /* of the probe nearest to the root */
    int n_probes;
    bool at_limit; /* the SLO still holds at the saturation throughput: that is the capacity */
};

/* The slope that turns noise of the excess into noise of the volume. It is taken between the last
 * probe and another that is farther away than noise, and not so far that the curve bends: at best
 * half a unit of excess. */
static double slope_near_root(const struct search *s)
{
    static const double BEST = 0.5, LEAST = 0.25, MOST = 1.5;
    const struct probe *from = &s->last, *best = NULL;
    double off = MOST - BEST;
    for (int i = 0; i < s->n_probes; i++) {
        const double stretch = fabs(s->tried[i].excess - from->excess);
        if (s->tried[i].saturated || !(stretch >= LEAST) || fabs(stretch - BEST) >= off)
            continue;
        off = fabs(stretch - BEST);
        best = &s->tried[i];
    }
    return best == NULL ? s->slope : secant(from, best, s->slope);
}

/* What replicas serve whose batches are always full. */
static double saturation_volume(const struct option_sim *sim, int n_replicas)
{
    return sim_volume(sim, sim->limits.saturation_rate_per_s * n_replicas);
}

static bool search_root(struct option_sim *sim, int n, double guess, double slope,
                        struct search *out, struct xo_error *err)
{
    const int block = sim->scenario->n_replications;
    const double limit = saturation_volume(sim, n);
    struct bracket b = { 0, limit, false };
    struct probe before = { .saturated = true };
    double volume = fmin(guess > 0 ? guess : 0.8 * limit, limit);
    bool learned = slope > 0;
    *out = (struct search){ .slope = learned ? slope : USUAL_SLOPE };
    for (out->n_probes = 1; out->n_probes <= MAX_PROBES; out->n_probes++) {
        probe_counts_fini(&out->counts);
        if (!sim_probe(sim, n, volume, block, &out->counts, &out->last, err))
            return false;
        const struct probe *p = &out->last;
        out->tried[out->n_probes - 1] = *p;
        if (p->excess <= 0) {
            b.lo = volume;
        } else {
            b.hi = volume;
            b.has_hi = true;
        }
        learned |= tell_slope(&before, p);
        out->slope = secant(&before, p, out->slope);
        before = *p;
        out->at_limit = p->excess <= 0 && volume >= limit;
        double step = isfinite(p->excess) ? -p->excess / out->slope : INFINITY;
        /* A step that is within the noise of these replications would find nothing. */
        double near = fmax(STEP_TOLERANCE, NOISE_TOLERANCE * p->excess_se / out->slope);
        bool bracketed = b.lo > 0 && b.has_hi && log(b.hi / b.lo) <= VOLUME_TOLERANCE;
        const bool settled = learned && fabs(step) <= near && !p->saturated;
        if (out->at_limit || bracketed || settled) {
            double root = out->at_limit ? limit : volume * exp(step);
            if (bracketed)
                root = fmin(fmax(root, b.lo), b.hi);
            out->root = fmin(root, limit);
            out->slope = slope_near_root(out);
            return true;
        }
        volume = !learned && fabs(step) <= near && !p->saturated
                     ? fmin(volume * exp(p->excess > 0 ? -APART : APART), limit)
                     : next_volume(&b, p, out->slope, out->n_probes);
    }
    char place[XO_PLACE_SIZE];
    return xo_fail(
        err, XO_ERR_NUMERIC, "%s: the capacity of %d replicas did not settle in %d probes",
        xo_scenario_place(sim->scenario, xo_key_find("workload.volume"), place), n, MAX_PROBES);
}

/* Half the 95 % interval of log V_N: the noise of the replications, and how exactly it is known
 * what load may make miss; of a capacity that is the saturation throughput, the noise of that. */
static double half_width_of(const struct option_sim *sim, const struct search *s)
{
    if (s->at_limit)
        return 1.96 * sim->limits.saturation_se_frac;
    const double t = gsl_cdf_tdist_Pinv(0.975, s->counts.n - 1);
    return hypot(t * s->last.excess_se, 1.96 * s->last.allowed_se) / s->slope;
}

/* Replications are added in fixed blocks until the interval of the capacity is narrow enough, at
 * most three looks. The new ones are read at the volume of the last probe. */
static bool sharpen(struct option_sim *sim, int n, struct search *s, double *half_width,
                    struct xo_error *err)
{
    for (int look = 1;; look++) {
        *half_width = half_width_of(sim, s);
        if (s->at_limit || look == MAX_LOOKS ||
            *half_width <= sim->scenario->capacity_precision_frac)
            return true;
        if (!sim_probe(sim, n, s->last.volume, sim->scenario->n_replications, &s->counts, &s->last,
                       err))
            return false;
        s->n_probes++;
        if (isfinite(s->last.excess)) {
            double step = fmin(fmax(-s->last.excess / s->slope, -0.1), 0.1);
            s->root = s->last.volume * exp(step);
        }
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

bool capacity_find(struct option_sim *sim, int n_replicas, double guess_volume, double slope,
                   struct xo_capacity *out, struct xo_error *err)
{
    const int64_t simulated = sim->n_simulated;
    struct search s;
    double half_width = 0;
    say_how_long(sim, n_replicas);
    bool ok = search_root(sim, n_replicas, guess_volume, slope, &s, err) &&
              sharpen(sim, n_replicas, &s, &half_width, err);
    probe_counts_fini(&s.counts);
    if (!ok)
        return false;
    *out = (struct xo_capacity){ .n_replicas = n_replicas,
                                 .n_cells = cells_of(n_replicas),
                                 .slope = s.slope,
                                 .binding_class = s.last.class_index,
                                 .binding_target = s.at_limit ? -1 : s.last.target,
                                 .n_probes = s.n_probes,
                                 .n_simulated = sim->n_simulated - simulated };
    set_volumes(out, sim, s.root, half_width);
    return true;
}

/* ---- the ladder ---- */

int next_rung(int n)
{
    static const int rungs[] = { 10, 13, 16, 20, 25, 31 };
    if (n < 8)
        return n + 1;
    for (int k = 1;; k *= 2)
        for (int i = k == 1 ? 0 : 3; i < 6; i++)
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

/* A guess of V_N from the two rungs below. V/N is taken to grow by the square root of its growth
 * between these two, and by a factor of 1.3 at most. */
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

static double planned_volume(const struct option_sim *sim)
{
    return sim->scenario->requests_per_month * (1 + sim->scenario->headroom_frac);
}

/* Say which volume asks for too many replicas: the plan's or, where that one is served, the largest
 * of the curve. */
static bool too_many_replicas(const struct option_sim *sim, double reached, struct xo_error *err)
{
    const struct xo_scenario *s = sim->scenario;
    const bool plan = reached < planned_volume(sim);
    const char *key = plan ? "workload.volume" : "study.max_volume";
    char place[XO_PLACE_SIZE];
    return xo_fail(err, XO_ERR_INPUT,
                   "%s: %s takes more than a million replicas of %s; lower %s, or give them more "
                   "GPUs",
                   xo_scenario_place(s, xo_key_find(key), place),
                   plan ? "the planned volume" : "the largest volume",
                   s->options[sim->option].label, key);
}

/* The next rung of the ladder: simulated, or by the law. */
static bool climb_rung(struct xo_ladder *ladder, struct option_sim *sim, struct xo_error *err)
{
    const struct xo_capacity last =
        ladder->n_rungs > 0 ? ladder->rungs[ladder->n_rungs - 1] : (struct xo_capacity){ 0 };
    const int n = next_rung(last.n_replicas);
    struct xo_capacity rung;
    if (n > MOST_REPLICAS)
        return too_many_replicas(sim, last.volume, err);
    if (n > XO_MOST_SIMULATED)
        rung = extended(ladder, sim, n);
    else if (!capacity_find(sim, n, ladder->n_rungs > 0 ? guess_rung(ladder, n) : 0, last.slope,
                            &rung, err))
        return false;
    if (!put_rung(ladder, &rung, err))
        return false;
    keep_rising(ladder);
    if (n == XO_MOST_SIMULATED)
        fit_pooling(ladder);
    sim->limits.pooling = ladder->pooling;
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
        if (!climb_rung(ladder, sim, err))
            return false;
        top = &ladder->rungs[ladder->n_rungs - 1];
        if (progress != NULL)
            progress(progress_self, top->volume);
    }
    return true;
}

/* ---- the rungs around a plan ---- */

/* Find a rung that the climb stepped over. Every ladder has the rung of one replica. The search
 * begins at the rung below and depends on nothing else, so that a ladder that was climbed further
 * has the same rung. */
static bool insert_rung(struct xo_ladder *ladder, struct option_sim *sim, int n,
                        struct xo_error *err)
{
    if (n < 1 || n > XO_MOST_SIMULATED || has_rung(ladder, n))
        return true;
    const struct xo_capacity *below = &ladder->rungs[rung_at(ladder, n) - 1];
    struct xo_capacity found;
    if (!capacity_find(sim, n, below->volume / below->n_replicas * n, below->slope, &found, err) ||
        !put_rung(ladder, &found, err))
        return false;
    keep_rising(ladder);
    return true;
}

static bool insert_around(struct xo_ladder *ladder, struct option_sim *sim, int n,
                          struct xo_error *err)
{
    return insert_rung(ladder, sim, n - 1, err) && insert_rung(ladder, sim, n, err) &&
           insert_rung(ladder, sim, n + 1, err);
}

static bool climb_beyond(struct xo_ladder *ladder, struct option_sim *sim, int n,
                         struct xo_error *err)
{
    while (ladder->rungs[ladder->n_rungs - 1].n_replicas <= n)
        if (!climb_rung(ladder, sim, err))
            return false;
    return true;
}

bool ladder_settle(struct xo_ladder *ladder, struct option_sim *sim, const double volumes[], int n,
                   int fixed_replicas, struct xo_error *err)
{
    enum { ROUNDS = 3 }; /* a rung may move the answer to a neighbour */
    if (ladder->infeasible.holds)
        return true;
    if (fixed_replicas > 0)
        return climb_beyond(ladder, sim, fixed_replicas, err) &&
               insert_around(ladder, sim, fixed_replicas, err);
    for (int i = 0; i < n; i++) { /* before any is inserted, which a climb would begin at */
        const struct stairs stairs = { .ladder = ladder };
        if (!climb_beyond(ladder, sim, stairs_replicas(&stairs, volumes[i]), err))
            return false;
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < n; i++) {
            const struct stairs stairs = { .ladder = ladder };
            if (!insert_around(ladder, sim, stairs_replicas(&stairs, volumes[i]), err))
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
