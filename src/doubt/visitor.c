/* visitor.c - one thread's way from world to world, and the money in each; see worlds.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "worlds_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool visitor_init(struct visitor *v, const struct xo_worlds *w, struct xo_error *err)
{
    *v = (struct visitor){ .worlds = w };
    v->own = xo_scenario_copy(w->scenario);
    v->demand = malloc(sizeof *v->demand);
    if (v->own == NULL || v->demand == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a copy of the scenario");
    *v->demand = *w->demand;
    for (int o = 0; o < w->n_sizings; o++)
        v->where[o] = o;
    v->world = w->base;
    v->world.scenario = v->own;
    v->world.demand = v->demand;
    v->world.scaling = v->scaling;
    v->world.infeasible = v->infeasible;
    v->world.where = v->where;
    return true;
}

void visitor_fini(struct visitor *v)
{
    xo_scenario_free(v->own);
    free(v->demand);
    for (int o = 0; o < MAX_SIZINGS; o++)
        treads_fini(&v->treads[o]);
    v->own = NULL;
    v->demand = NULL;
}

/* Back to the scenario itself. */
static bool start_over(struct visitor *v, struct xo_error *err)
{
    struct xo_scenario *fresh = xo_scenario_copy(v->worlds->scenario);
    if (fresh == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a copy of the scenario");
    xo_scenario_free(v->own);
    v->own = fresh;
    v->world.scenario = fresh;
    *v->demand = *v->worlds->demand;
    memset(v->varied, 0, sizeof v->varied);
    return true;
}

/* The changed scenario's options may stand elsewhere than the base's, or not fit any more. */
static void find_options(struct visitor *v)
{
    const struct xo_worlds *w = v->worlds;
    for (int o = 0; o < w->n_sizings; o++) {
        const int at = option_labelled(v->own, w->scenario->options[o].label);
        v->missing[o] = at < 0;
        v->where[o] = at < 0 ? o : at;
    }
}

/* Vary what bills depend on, as far as it differs from where the visitor is. */
static bool vary_own(struct visitor *v, const double values[], struct xo_error *err)
{
    const struct xo_worlds *w = v->worlds;
    int keys[XO_SWEEP_MAX_INPUTS], n = 0;
    double to[XO_SWEEP_MAX_INPUTS];
    bool over = false, tokens = false;
    for (int i = 0; i < w->n_inputs; i++)
        over |= isnan(values[i]) && v->varied[i];
    if (over && !start_over(v, err))
        return false;
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *in = &w->inputs[i];
        if (!in->priced || isnan(values[i]) || (v->varied[i] && v->last[i] == values[i]))
            continue;
        keys[n] = in->key;
        to[n++] = values[i];
        tokens |= in->reach == XO_REACH_SIMULATION;
        v->last[i] = values[i];
        v->varied[i] = true;
    }
    if (n > 0 && !xo_scenario_vary_all(v->own, n, keys, to, err)) {
        memset(v->varied, 0, sizeof v->varied);
        return false;
    }
    if (n > 0 || over)
        find_options(v);
    return (!tokens && demand_is_of(v->demand, v->own)) || demand_init(v->demand, v->own, err);
}

double exact_scale(int key, double base, double value)
{
    return key_is(key, "workload.retries") && !isnan(base) ? log((1 + base) / (1 + value)) : 0;
}

/* By the surrogate, at the coordinates t, and by what was simulated of this very world. */
static void scale_moved(struct visitor *v, const double values[], int option, double log_step,
                        double t[])
{
    const struct xo_worlds *w = v->worlds;
    const struct fit *f = &w->fits[option];
    fit_complete(w, option, t);
    v->infeasible[option] |=
        !f->has_capacity || (f->has_margin && surrogate_at(&f->margin, t) + log_step > 0);
    if (f->has_capacity) {
        fit_scale(w, option, t, &v->scaling[option]);
        v->infeasible[option] |= confirmed_apply(w, option, values, &v->scaling[option]);
    }
}

static void scale_option(struct visitor *v, const double values[], int option)
{
    const struct xo_worlds *w = v->worlds;
    struct scaling *s = &v->scaling[option];
    double t[ROOM_FOR_T];
    bool moved = false;
    double log_step = 0;
    double exact = 0; /* in log capacity, of whatever is simulated */
    *s = (struct scaling){ 0 };
    v->infeasible[option] = v->missing[option];
    coordinates_of_base(w, t);
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *in = &w->inputs[i];
        const struct xo_ladder *l = &w->ladders[option];
        if (isnan(values[i]))
            continue;
        if (in->reach == XO_REACH_STEP) {
            log_step = w->step_share[option] * log(values[i] / in->base);
            scaling_add(s, l->step_exponent_1 * log_step, l->step_exponent_8 * log_step);
        } else if (in->reach == XO_REACH_EXACT)
            exact += exact_scale(in->key, in->base, values[i]);
        if (in->coordinate >= 0) {
            t[in->coordinate] = coordinate_of(in, values[i]);
            moved = true;
        }
    }
    if (moved && !w->ladders[option].infeasible.holds)
        scale_moved(v, values, option, log_step, t);
    else
        v->infeasible[option] |= sizing_is_too_slow(&w->sizings[option], log_step);
    scaling_add(s, exact, exact);
}

bool visitor_go(struct visitor *v, const double values[], struct xo_error *err)
{
    if (!vary_own(v, values, err))
        return false;
    v->world.noise_z = 0;
    for (int o = 0; o < v->worlds->n_sizings; o++)
        scale_option(v, values, o);
    return true;
}

bool visitor_crossings(struct visitor *v, double min, double max, struct xo_crossings *out,
                       struct xo_error *err)
{
    if (!world_treads(&v->world, max, v->treads, err))
        return false;
    v->world.treads = v->treads;
    const bool ok = ways_cross(&v->world, XO_WAY_BUY, XO_WAY_BUILD, min, max, out, err);
    v->world.treads = NULL;
    return ok;
}

static bool visit_one(struct visitor *v, int64_t piece, visit_fn *visit, void *self,
                      struct xo_error *err)
{
    const volatile int *stop = v->worlds->options->stop;
    if (stop != NULL && *stop != 0)
        return xo_fail(err, XO_ERR_STOPPED, "stopped");
    return visit(v, piece, self, err);
}

bool visitors_run(const struct xo_worlds *w, int64_t from, int64_t to, visit_fn *visit, void *self,
                  struct xo_error *err)
{
    int64_t failed_at = to;
#pragma omp parallel num_threads(study_threads(w->options))
    {
        struct visitor v;
        struct xo_error mine = { 0 };
        int64_t mine_at = visitor_init(&v, w, &mine) ? to : from;
#pragma omp for schedule(dynamic, 16)
        for (int64_t i = from; i < to; i++)
            if (mine_at == to && !visit_one(&v, i, visit, self, &mine))
                mine_at = i;
#pragma omp critical(xo_study_error)
        if (mine_at < failed_at) {
            failed_at = mine_at;
            if (err != NULL)
                *err = mine;
        }
        visitor_fini(&v);
    }
    return failed_at == to;
}

struct quote quote_at(const struct world *w, double volume)
{
    struct quote q;
    struct xo_sized sized;
    for (int way = 0; way < XO_N_WAYS; way++) {
        q.pick[way] = -1;
        q.usd[way] = way_usd(w, way, volume, &q.pick[way]);
        q.limited[way] = way_is_limited(w, way, volume, q.pick[way]);
    }
    q.replicas = q.gpus = 0;
    const int option = q.pick[XO_WAY_BUILD];
    if (option >= 0 && world_fleet(w, volume, option, &sized)) {
        q.replicas = sized.serving_replicas + sized.headroom_replicas + sized.spare_replicas;
        q.gpus = sized.n_gpus;
    }
    return q;
}

struct capacity_error capacity_error_of(const struct xo_worlds *w, int64_t index)
{
    enum { SLOT_LADDER = 200000, SLOT_SURROGATE, SLOT_SHARED }; /* beside those of keys */
    const struct xo_stream stream = { w->scenario->seed, 0, XO_PURPOSE_SAMPLE };
    const uint64_t entity = (uint64_t)index;
    return (struct capacity_error){
        .z_ladder = xo_normal_quantile(xo_uniform(&stream, entity, SLOT_LADDER)),
        .z_surrogate = xo_normal_quantile(xo_uniform(&stream, entity, SLOT_SURROGATE)),
        .z_shared = xo_normal_quantile(xo_uniform(&stream, entity, SLOT_SHARED)),
    };
}

void visitor_shift(struct visitor *v, const struct capacity_error *e)
{
    const struct xo_worlds *w = v->worlds;
    for (int o = 0; o < w->n_sizings; o++) {
        const struct xo_surrogate_report *r = &w->fits[o].report;
        const double rms = r->held_out_rms > 0 ? r->held_out_rms : 0;
        const double shift =
            w->fits[o].has_capacity ? e->z_surrogate * rms + e->z_shared * r->shared_sd : 0;
        scaling_add(&v->scaling[o], shift, shift);
    }
    v->world.noise_z = e->z_ladder;
}

double visitor_idle_usd(const struct visitor *v)
{
    const struct xo_worlds *w = v->worlds;
    if (!w->has_planned)
        return NAN;
    const bool fits = !v->missing[w->planned.option];
    return world_idle_usd(fits ? &v->world : &w->base, &w->planned);
}
