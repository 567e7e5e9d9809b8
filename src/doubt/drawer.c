/* drawer.c - worlds that are drawn from what is not known; see drawer.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drawer.h"

#include "sizing/jobs.h"
#include "worlds_parts.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Slots of a draw's stream beside those of the uncertain keys, which are the key's index. */
enum { SLOT_STEP = 100000, SLOT_NOISE };

static const double Z90 = 1.2815515655446004; /* standard normal 90 % point */

/* ---- responses ---- */

/* A change to be tried on the first rung of an option, and on that of 8 replicas or the top one. */
static struct change change_of(const struct option_sizing *b, int key, double value)
{
    const struct xo_ladder *l = b->ladder;
    const struct xo_capacity *first = &l->rungs[0];
    const struct xo_capacity *eighth = &l->rungs[(l->n_rungs < 8 ? l->n_rungs : 8) - 1];
    return (struct change){ .option = b->sim.option,
                            .key = key,
                            .value = value,
                            .n_replicas = { first->n_replicas, eighth->n_replicas },
                            .volume = { first->volume, eighth->volume } };
}

static double log_step_of(const struct option_sizing *b, const struct xo_scenario *s)
{
    return Z90 * fmax(s->options[b->sim.option].step_sigma, 0.05);
}

/* One standard deviation of the step time's error to both sides. */
static void plan_step(const struct option_sizing *b, const struct xo_scenario *s,
                      struct change c[2])
{
    c[0] = change_of(b, -1, exp(-log_step_of(b, s)));
    c[1] = change_of(b, -1, exp(log_step_of(b, s)));
}

/* From both sides; from the faster one alone where the slower one meets no SLO. */
static void read_step(struct option_sizing *b, const struct xo_scenario *s,
                      const struct change c[2])
{
    const double *faster = c[0].log_scale, *slower = c[1].log_scale;
    const double log_step = log_step_of(b, s);
    double *exponent[2] = { &b->ladder->step_exponent_1, &b->ladder->step_exponent_8 };
    for (int i = 0; i < 2; i++)
        *exponent[i] =
            isnan(slower[i]) ? faster[i] / -log_step : (slower[i] - faster[i]) / (2 * log_step);
}

bool sizing_measure_step(struct option_sizing *b, const struct xo_scenario *s, int64_t *n_simulated,
                         struct xo_error *err)
{
    struct change c[2];
    plan_step(b, s, c);
    if (!changes_run(s, b->sim.options, c, 2, err))
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
static int option_changes(struct uncertainty *u, struct option_sizing *sizings, int n_sizings,
                          int o, struct change c[], bool read)
{
    const struct xo_scenario *s = u->scenario;
    int n = 2;
    if (sizings[o].ladder->infeasible.holds)
        return 0;
    if (read)
        read_step(&sizings[o], s, c);
    else
        plan_step(&sizings[o], s, c);
    for (int i = 0; i < s->n_uncertain; i++) {
        struct response *r = &u->responses[i * n_sizings + o];
        for (int k = 0; u->reach[i] == XO_REACH_SIMULATION && k < 3; k++, n++) {
            r->value[k] = xo_uncertain_quantile(&s->uncertain[i], response_points[k]);
            if (read)
                memcpy(r->log_scale[k], c[n].log_scale, sizeof r->log_scale[k]);
            else
                c[n] = change_of(&sizings[o], s->uncertain[i].key, r->value[k]);
        }
    }
    return n;
}

bool uncertainty_measure(struct uncertainty *u, const struct xo_scenario *s,
                         struct option_sizing *sizings, int n_sizings, int64_t *n_simulated,
                         struct xo_error *err)
{
    *u = (struct uncertainty){ .scenario = s };
    for (int i = 0; i < s->n_uncertain; i++)
        u->reach[i] = reach_of(s, s->uncertain[i].key);
    u->responses = calloc((size_t)(s->n_uncertain * n_sizings + 1), sizeof *u->responses);
    const int most = n_sizings * (2 + 3 * s->n_uncertain);
    struct change *changes = malloc((size_t)most * sizeof *changes);
    int n = 0, at = 0;
    bool ok = (u->responses != NULL && changes != NULL) ||
              xo_fail(err, XO_ERR_MEMORY, "out of memory for %d responses", s->n_uncertain);
    ok = ok && xo_scenario_copula(s, 0, &u->copula, err);
    for (int o = 0; ok && o < n_sizings; o++)
        n += option_changes(u, sizings, n_sizings, o, changes + n, false);
    ok = ok && changes_run(s, sizings[0].sim.options, changes, n, err);
    for (int o = 0; ok && o < n_sizings; o++)
        at += option_changes(u, sizings, n_sizings, o, changes + at, true);
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

double uncertainty_span(const struct uncertainty *u, int n_sizings)
{
    double widest = 0;
    for (int o = 0; o < n_sizings; o++) {
        double span = 0;
        for (int i = 0; i < u->scenario->n_uncertain; i++) {
            const struct response *r = &u->responses[i * n_sizings + o];
            if (u->reach[i] == XO_REACH_SIMULATION)
                span += fabs(response_at(r, r->value[2], 0) - response_at(r, r->value[0], 0));
        }
        widest = fmax(widest, span);
    }
    return exp(widest);
}

/* ---- a world that is drawn ---- */

bool drawer_init(struct drawer *d, const struct uncertainty *u, const struct world *base,
                 struct xo_error *err)
{
    *d = (struct drawer){ .u = u, .base = base, .world = *base };
    for (int o = 0; o < base->n_sizings; o++)
        d->where[o] = o;
    d->world.scaling = d->scaling;
    if (u->scenario->n_uncertain == 0)
        return true;
    d->own = xo_scenario_copy(u->scenario);
    d->demand = malloc(sizeof *d->demand);
    if (d->own == NULL || d->demand == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a copy of the scenario");
    *d->demand = *base->demand;
    d->world.scenario = d->own;
    d->world.demand = d->demand;
    d->world.where = d->where;
    d->world.infeasible = d->missing;
    return true;
}

void drawer_fini(struct drawer *d)
{
    xo_scenario_free(d->own);
    free(d->demand);
    for (int o = 0; o < MAX_SIZINGS; o++)
        treads_fini(&d->treads[o]);
}

/* What bills depend on, at values[n_uncertain]; NAN: as it is. The options of the changed scenario
 * may stand elsewhere than the base's, or not fit any more. */
static bool vary_own(struct drawer *d, const double values[], struct xo_error *err)
{
    const struct xo_scenario *s = d->u->scenario;
    int keys[XO_MAX_UNCERTAIN], n = 0;
    double to[XO_MAX_UNCERTAIN];
    bool tokens = false;
    for (int i = 0; i < s->n_uncertain; i++) {
        if (isnan(values[i]))
            continue;
        keys[n] = s->uncertain[i].key;
        to[n++] = values[i];
        tokens |= d->u->reach[i] == XO_REACH_SIMULATION;
    }
    if (n > 0 && !xo_scenario_vary_all(d->own, n, keys, to, err))
        return false;
    for (int o = 0; o < d->base->n_sizings; o++) {
        const int at = option_labelled(d->own, s->options[o].label);
        d->missing[o] = at < 0;
        d->where[o] = at < 0 ? o : at;
    }
    return (!tokens && demand_is_of(d->demand, d->own)) || demand_init(d->demand, d->own, err);
}

static void scale_option(struct drawer *d, const double values[], int option)
{
    const struct uncertainty *u = d->u;
    d->scaling[option] = (struct scaling){ 0 };
    for (int i = 0; i < u->scenario->n_uncertain; i++) {
        const int key = u->scenario->uncertain[i].key;
        const struct response *r = &u->responses[i * d->base->n_sizings + option];
        if (isnan(values[i]))
            continue;
        const double exact = exact_scale(key, xo_scenario_number(u->scenario, key), values[i]);
        if (u->reach[i] == XO_REACH_EXACT)
            scaling_add(&d->scaling[option], exact, exact);
        else if (u->reach[i] == XO_REACH_SIMULATION)
            scaling_add(&d->scaling[option], response_at(r, values[i], 0),
                        response_at(r, values[i], 1));
    }
}

/* Move to values[n_uncertain]; NAN: as the scenario has it. */
static bool go(struct drawer *d, const double values[], struct xo_error *err)
{
    if (d->own != NULL && !vary_own(d, values, err))
        return false;
    for (int o = 0; o < d->base->n_sizings; o++)
        scale_option(d, values, o);
    return true;
}

static double value_at(const struct drawer *d, int input, double p)
{
    const struct xo_uncertain *u = &d->u->scenario->uncertain[input];
    return key_whole(u->key, xo_uncertain_quantile(u, p));
}

bool drawer_alone(struct drawer *d, int input, double p, struct xo_error *err)
{
    double values[XO_MAX_UNCERTAIN];
    for (int i = 0; i < d->u->scenario->n_uncertain; i++)
        values[i] = i == input ? value_at(d, i, p) : (double)NAN;
    return go(d, values, err);
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

/* Of the step time, for all options at once, and of the noise of capacities. */
static void add_errors(struct drawer *d, const struct xo_stream *stream, uint64_t entity)
{
    const double z = gsl_cdf_ugaussian_Pinv(xo_uniform(stream, entity, SLOT_STEP));
    for (int o = 0; o < d->base->n_sizings; o++) {
        const struct xo_ladder *l = d->base->sizings[o].ladder;
        const double log_step = step_sigma_of(d->u->scenario, o) * z;
        scaling_add(&d->scaling[o], l->step_exponent_1 * log_step, l->step_exponent_8 * log_step);
    }
    d->world.noise_z = gsl_cdf_ugaussian_Pinv(xo_uniform(stream, entity, SLOT_NOISE));
}

bool drawer_draw(struct drawer *d, int index, struct xo_error *err)
{
    const struct xo_scenario *s = d->u->scenario;
    const struct xo_stream stream = { s->seed, 0, XO_PURPOSE_SAMPLE };
    double values[XO_MAX_UNCERTAIN];
    draw_uniforms(d->u, &stream, (uint64_t)index, values);
    for (int i = 0; i < s->n_uncertain; i++)
        values[i] = value_at(d, i, values[i]);
    if (!go(d, values, err))
        return false;
    add_errors(d, &stream, (uint64_t)index);
    return true;
}
