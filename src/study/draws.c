/* draws.c - how sure: the curve over what is not known; see draws.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "draws.h"

#include "jobs.h"

#include "xo/stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Slots of a draw's stream beside those of the uncertain keys, which are the key's index. */
enum { SLOT_STEP = 100000, SLOT_NOISE };

static const double Z90 = 1.2815515655446004; /* standard normal 90 % point */

/* ---- responses ---- */

/* A change to be tried on the first rung of an option, and on that of 8 replicas or the top one. */
static struct change change_of(const struct builder *b, int key, double value)
{
    const struct xo_ladder *l = b->ladder;
    const struct xo_capacity *first = &l->rungs[0];
    const struct xo_capacity *eighth = &l->rungs[(l->n_rungs < 8 ? l->n_rungs : 8) - 1];
    return (struct change){ .option = b->arm.option,
                            .key = key,
                            .value = value,
                            .n_replicas = { first->n_replicas, eighth->n_replicas },
                            .volume = { first->volume, eighth->volume } };
}

static double log_step_of(const struct builder *b, const struct xo_scenario *s)
{
    return Z90 * fmax(s->options[b->arm.option].step_sigma, 0.05);
}

/* One standard deviation of the step time's error to both sides. */
static void plan_step(const struct builder *b, const struct xo_scenario *s, struct change c[2])
{
    c[0] = change_of(b, -1, exp(-log_step_of(b, s)));
    c[1] = change_of(b, -1, exp(log_step_of(b, s)));
}

/* From both sides; from the faster one alone where the slower one meets no SLO. */
static void read_step(struct builder *b, const struct xo_scenario *s, const struct change c[2])
{
    const double *faster = c[0].log_scale, *slower = c[1].log_scale;
    const double log_step = log_step_of(b, s);
    double *exponent[2] = { &b->ladder->step_exponent_1, &b->ladder->step_exponent_8 };
    for (int i = 0; i < 2; i++)
        *exponent[i] =
            isnan(slower[i]) ? faster[i] / -log_step : (slower[i] - faster[i]) / (2 * log_step);
}

bool builder_measure_step(struct builder *b, const struct xo_scenario *s, int64_t *n_simulated,
                          struct xo_error *err)
{
    struct change c[2];
    plan_step(b, s, c);
    if (!changes_run(s, b->arm.options, c, 2, err))
        return false;
    read_step(b, s, c);
    *n_simulated += c[0].n_simulated + c[1].n_simulated;
    return true;
}

static const double response_points[3] = { 0.1, 0.5, 0.9 };

/* Straight between the three points and beyond them; a point where no fleet meets the SLO is left
 * to the line through the other two. */
static double response_at(const struct response *r, double value, int which)
{
    const double *x = r->value;
    double y[3] = { r->log_scale[0][which], r->log_scale[1][which], r->log_scale[2][which] };
    int a = value < x[1] ? 0 : 1;
    if (isnan(y[a]) || isnan(y[a + 1]))
        a = 1 - a;
    if (isnan(y[a]) || isnan(y[a + 1]) || x[a + 1] == x[a])
        return isnan(y[1]) ? 0 : y[1];
    return y[a] + (y[a + 1] - y[a]) * (value - x[a]) / (x[a + 1] - x[a]);
}

double step_sigma_of(const struct xo_scenario *s, int option)
{
    const int key = xo_key_find("build.step_scale");
    for (int i = 0; i < s->n_uncertain; i++)
        if (s->uncertain[i].key == key)
            return 0;
    return s->options[option].step_sigma;
}

/* The changes of one option: two of the step time, three of each key that reaches the simulation.
 * How many; with `read` they have been run, and their results are kept. */
static int option_changes(struct uncertainty *u, struct builder *builders, int n_builders, int o,
                          struct change c[], bool read)
{
    const struct xo_scenario *s = u->scenario;
    int n = 2;
    if (builders[o].ladder->infeasible.is)
        return 0;
    if (read)
        read_step(&builders[o], s, c);
    else
        plan_step(&builders[o], s, c);
    for (int i = 0; i < s->n_uncertain; i++) {
        struct response *r = &u->responses[i * n_builders + o];
        for (int k = 0; s->uncertain[i].reaches_simulation && k < 3; k++, n++) {
            r->value[k] = xo_uncertain_quantile(&s->uncertain[i], response_points[k]);
            if (read)
                memcpy(r->log_scale[k], c[n].log_scale, sizeof r->log_scale[k]);
            else
                c[n] = change_of(&builders[o], s->uncertain[i].key, r->value[k]);
        }
    }
    return n;
}

bool uncertainty_measure(struct uncertainty *u, const struct xo_scenario *s,
                         struct builder *builders, int n_builders, int64_t *n_simulated,
                         struct xo_error *err)
{
    *u = (struct uncertainty){ .scenario = s };
    u->responses = calloc((size_t)(s->n_uncertain * n_builders + 1), sizeof *u->responses);
    const int most = n_builders * (2 + 3 * s->n_uncertain);
    struct change *changes = malloc((size_t)most * sizeof *changes);
    int n = 0, at = 0;
    bool ok = (u->responses != NULL && changes != NULL) ||
              xo_fail(err, XO_ERR_MEMORY, "out of memory for %d responses", s->n_uncertain);
    ok = ok && xo_scenario_copula(s, 0, &u->copula, err);
    for (int o = 0; ok && o < n_builders; o++)
        n += option_changes(u, builders, n_builders, o, changes + n, false);
    ok = ok && changes_run(s, builders[0].arm.options, changes, n, err);
    for (int o = 0; ok && o < n_builders; o++)
        at += option_changes(u, builders, n_builders, o, changes + at, true);
    for (int i = 0; ok && i < n; i++)
        *n_simulated += changes[i].n_simulated;
    free(changes);
    return ok;
}

void uncertainty_fini(struct uncertainty *u)
{
    free(u->responses);
    xo_copula_free(u->copula);
    *u = (struct uncertainty){ 0 };
}

/* ---- one draw ---- */

/* What a draw leaves behind; the lines at every point of the curve. */
struct draw {
    double (*usd)[XO_N_LINES]; /* [n_points]; owned by the table of draws */
    double first, last; /* first crossing to build, and stays_above; 0: below the range, INFINITY:
                           above it or never */
    double same_first, same_last;
    bool exists, same_exists;
};

static bool draw_lines(const struct xo_curve *curve, const struct world *w, struct draw *d,
                       struct xo_error *err)
{
    const struct xo_curve_point *p = curve->points;
    const double min = p[0].volume, max = p[curve->n_points - 1].volume;
    for (int i = 0; i < curve->n_points; i++) {
        d->usd[i][XO_LINE_BUY] = world_buy_usd(w, p[i].volume, NULL);
        d->usd[i][XO_LINE_SAME] = world_same_usd(w, p[i].volume, NULL);
        d->usd[i][XO_LINE_BUILD] = world_build_usd(w, p[i].volume, NULL);
    }
    world_line_fn *lines[2] = { line_buy, line_same };
    double *first[2] = { &d->first, &d->same_first }, *last[2] = { &d->last, &d->same_last };
    bool *exists[2] = { &d->exists, &d->same_exists };
    for (int k = 0; k < 2; k++) {
        struct xo_crossings c;
        if (!world_crossings(w, lines[k], line_build, min, max, &c, err))
            return false;
        crossings_ends(&c, first[k], last[k]);
        *exists[k] = c.n > 0;
    }
    return true;
}

/* One for each uncertain key. They belong to (draw, key), so that one key more moves no other, and
 * only then are made to depend on each other. */
static void draw_uniforms(const struct uncertainty *u, const struct xo_stream *stream,
                          uint64_t entity, double p[])
{
    const struct xo_scenario *s = u->scenario;
    for (int i = 0; i < s->n_uncertain; i++)
        p[i] = xo_uniform(stream, entity, (uint32_t)s->uncertain[i].key);
    if (u->copula != NULL)
        xo_copula_apply(u->copula, p);
}

/* The world of draw `index`: values by inverse CDF of its uniforms. */
static bool draw_run(const struct xo_curve *curve, const struct uncertainty *u,
                     const struct world *base, int index, struct draw *d, struct xo_error *err)
{
    const struct xo_scenario *s = u->scenario;
    const struct xo_stream stream = { s->seed, 0, XO_PURPOSE_SAMPLE };
    const uint64_t entity = (uint64_t)index;
    struct world w = *base;
    struct scaling scaling[XO_MAX_OPTIONS * 4] = { 0 };
    const double z = gsl_cdf_ugaussian_Pinv(xo_uniform(&stream, entity, SLOT_STEP));
    for (int o = 0; o < base->n_builders; o++) {
        const double log_step = step_sigma_of(s, o) * z;
        scaling_add(&scaling[o], base->builders[o].ladder->step_exponent_1 * log_step,
                    base->builders[o].ladder->step_exponent_8 * log_step);
    }
    w.noise_z = gsl_cdf_ugaussian_Pinv(xo_uniform(&stream, entity, SLOT_NOISE));

    struct xo_scenario *own = NULL;
    struct buyer *buyer = NULL;
    bool ok = true, tokens_change = false;
    double p[XO_MAX_UNCERTAIN];
    draw_uniforms(u, &stream, entity, p);
    if (s->n_uncertain > 0) {
        own = xo_scenario_copy(s);
        ok = own != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory in a draw");
    }
    for (int i = 0; ok && i < s->n_uncertain; i++) {
        const struct xo_uncertain *key = &s->uncertain[i];
        double value = xo_uncertain_quantile(key, p[i]);
        ok = xo_scenario_vary(own, key->key, value, err);
        tokens_change |= key->reaches_simulation;
        for (int o = 0; key->reaches_simulation && o < base->n_builders; o++) {
            const struct response *r = &u->responses[i * base->n_builders + o];
            scaling_add(&scaling[o], response_at(r, value, 0), response_at(r, value, 1));
        }
    }
    if (ok && own != NULL && (tokens_change || !buyer_is_of(base->buyer, own))) {
        buyer = malloc(sizeof *buyer);
        ok = buyer != NULL ? buyer_init(buyer, own, err)
                           : xo_fail(err, XO_ERR_MEMORY, "out of memory in a draw");
    }
    w.scaling = scaling;
    if (own != NULL)
        w.scenario = own;
    if (buyer != NULL)
        w.buyer = buyer;
    ok = ok && draw_lines(curve, &w, d, err);
    free(buyer);
    xo_scenario_free(own);
    return ok;
}

/* ---- all draws ---- */

static struct xo_band band_of(double values[], int n)
{
    size_t finite = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(values[i]))
            values[finite++] = values[i];
    xo_sort(values, finite);
    return (struct xo_band){ xo_sorted_quantile(values, finite, 0.1),
                             xo_sorted_quantile(values, finite, 0.5),
                             xo_sorted_quantile(values, finite, 0.9) };
}

/* The same for volumes, some of which lie outside the range (0 or INFINITY): quantiles by rank, so
 * that "above the range" stays what it is. */
static struct xo_band band_of_volumes(double values[], int n)
{
    xo_sort(values, (size_t)n);
    return (struct xo_band){ values[(int)ceil(0.1 * n) - 1], values[(int)ceil(0.5 * n) - 1],
                             values[(int)ceil(0.9 * n) - 1] };
}

/* Where the share of draws in which build wins passes a half for the last time: the median of their
 * last crossings where it lies between the same points, else in between in log volume. */
static double even_odds(const struct xo_curve *curve, bool same)
{
    const double median = (same ? curve->vs_same : curve->vs_buy).last.p50;
    for (int i = curve->n_points - 1; i > 0; i--) {
        const struct xo_curve_point *a = &curve->points[i - 1], *b = &curve->points[i];
        double pa = same ? a->build_beats_same_share : a->build_wins_share;
        double pb = same ? b->build_beats_same_share : b->build_wins_share;
        if (pa < 0.5 && pb >= 0.5)
            return median >= a->volume && median <= b->volume
                       ? median
                       : a->volume * pow(b->volume / a->volume, (0.5 - pa) / (pb - pa));
    }
    return NAN;
}

static void summarize(struct xo_curve *curve, const struct draw *draws, double *scratch)
{
    const int n = curve->n_draws;
    for (int i = 0; i < curve->n_points; i++) {
        struct xo_curve_point *p = &curve->points[i];
        int wins = 0, beats = 0;
        for (int line = 0; line < XO_N_LINES; line++) {
            for (int k = 0; k < n; k++)
                scratch[k] = draws[k].usd[i][line];
            p->band[line] = band_of(scratch, n);
        }
        for (int k = 0; k < n; k++) {
            wins += draws[k].usd[i][XO_LINE_BUILD] < draws[k].usd[i][XO_LINE_BUY];
            beats += draws[k].usd[i][XO_LINE_BUILD] < draws[k].usd[i][XO_LINE_SAME];
        }
        p->build_wins_share = (double)wins / n;
        p->build_beats_same_share = (double)beats / n;
    }
    for (int k = 0; k < n; k++)
        scratch[k] =
            draws[k].usd[curve->plan][XO_LINE_BUY] - draws[k].usd[curve->plan][XO_LINE_BUILD];
    curve->saving = band_of(scratch, n);
    curve->build_wins_share = curve->points[curve->plan].build_wins_share;

    struct xo_crossings *c[2] = { &curve->vs_buy, &curve->vs_same };
    for (int which = 0; which < 2; which++) {
        int exists = 0;
        for (int k = 0; k < n; k++) {
            scratch[k] = which == 0 ? draws[k].first : draws[k].same_first;
            exists += which == 0 ? draws[k].exists : draws[k].same_exists;
        }
        c[which]->first = band_of_volumes(scratch, n);
        for (int k = 0; k < n; k++)
            scratch[k] = which == 0 ? draws[k].last : draws[k].same_last;
        c[which]->last = band_of_volumes(scratch, n);
        c[which]->exists_share = (double)exists / n;
        c[which]->even_odds = even_odds(curve, which == 1);
    }
}

bool draws_run(struct xo_curve *curve, const struct uncertainty *u, const struct world *base,
               const struct xo_study_options *options, struct xo_error *err)
{
    const int n = curve->n_draws;
    const size_t n_points = (size_t)curve->n_points;
    struct draw *draws = calloc((size_t)n, sizeof *draws);
    double(*usd)[XO_N_LINES] = calloc((size_t)n * n_points, sizeof *usd);
    double *scratch = calloc((size_t)n, sizeof *scratch);
    bool ok = draws != NULL && usd != NULL && scratch != NULL;
    if (!ok)
        xo_fail(err, XO_ERR_MEMORY, "out of memory for %d draws", n);
    for (int i = 0; ok && i < n; i++)
        draws[i].usd = usd + (size_t)i * n_points;
    int failed_at = n;
#pragma omp parallel for schedule(dynamic, 4) num_threads(study_threads(options)) if (ok)
    for (int i = 0; i < (ok ? n : 0); i++) {
        struct xo_error mine = { 0 };
        bool fine = options->stop != NULL && *options->stop != 0
                        ? xo_fail(&mine, XO_ERR_STOPPED, "stopped")
                        : draw_run(curve, u, base, i, &draws[i], &mine);
        if (fine)
            continue;
#pragma omp critical(xo_study_error)
        if (i < failed_at) {
            failed_at = i;
            if (err != NULL)
                *err = mine;
        }
    }
    ok = ok && failed_at == n;
    if (ok)
        summarize(curve, draws, scratch);
    free(scratch);
    free(usd);
    free(draws);
    return ok;
}
