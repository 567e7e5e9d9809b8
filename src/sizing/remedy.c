/* remedy.c - what would meet an SLO that no fleet of an option can: a larger tensor_parallel, or
 * another GPU of the catalog, each judged as the option was, by lone requests in an empty replica.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "option_sim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PARALLEL = 8 }; /* links between servers are not modelled */

/* Do lone requests of this deployment meet the SLO? They do not where it does not fit, or holds no
 * request. */
static bool try_deployment(struct option_sim *sim, const struct xo_deployment *d, bool *meets,
                           struct xo_error *err)
{
    struct xo_error why = { 0 };
    struct xo_kv_room kv;
    struct xo_step_model *step = NULL;
    *meets = false;
    if (xo_kv_room(d, &kv, &why))
        step = xo_step_model_new(d, &why);
    if (step != NULL) {
        struct option_sim other;
        sim_init_step(&other, sim->scenario, sim->option, sim->options, step, &kv);
        other.engine = xo_option_engine(sim->scenario, d);
        *meets = sim_measure_lone(&other, &why) && !other.infeasible.holds;
        sim->n_simulated += other.n_simulated;
        sim_fini(&other);
    }
    if (*meets || why.kind == XO_OK || why.kind == XO_ERR_INPUT)
        return true;
    if (err != NULL)
        *err = why; /* out of memory, or stopped */
    return false;
}

static const struct xo_deployment *deployment_of(const struct option_sim *sim)
{
    return &sim->scenario->options[sim->option].deployment;
}

static bool find_parallel(struct option_sim *sim, struct xo_error *err)
{
    const struct xo_deployment *d = deployment_of(sim);
    const bool whole_experts = d->expert_parallel == d->tensor_parallel * d->attention_dp;
    for (int n = d->tensor_parallel + 1; n <= MOST_PARALLEL; n++) {
        struct xo_deployment wider = *d;
        bool meets;
        wider.tensor_parallel = n;
        wider.kv_room_tokens = 0; /* printed by the one that is there */
        if (whole_experts && d->expert_parallel > 1)
            wider.expert_parallel = n * d->attention_dp;
        if (!try_deployment(sim, &wider, &meets, err))
            return false;
        if (meets) {
            sim->infeasible.tensor_parallel = n;
            return true;
        }
    }
    return true;
}

/* The order in which GPUs are tried: the cheapest first; those without a quote last, and of these
 * the slower memory first. */
static int by_rent(const void *a, const void *b)
{
    const struct xo_gpu_entry *x = *(const struct xo_gpu_entry *const *)a;
    const struct xo_gpu_entry *y = *(const struct xo_gpu_entry *const *)b;
    const double rent_x = isnan(x->on_demand.median) ? INFINITY : x->on_demand.median;
    const double rent_y = isnan(y->on_demand.median) ? INFINITY : y->on_demand.median;
    if (rent_x != rent_y)
        return rent_x > rent_y ? 1 : -1;
    return (x->gpu.hbm_bytes_per_s > y->gpu.hbm_bytes_per_s) -
           (x->gpu.hbm_bytes_per_s < y->gpu.hbm_bytes_per_s);
}

static bool is_tried(const struct xo_scenario *s, const char *gpu)
{
    for (int o = 0; o < s->n_options; o++)
        if (strcmp(s->options[o].deployment.gpu.name, gpu) == 0)
            return true;
    return false;
}

/* This deployment on another GPU, with what the engine takes by itself there. */
static struct xo_deployment on_gpu(const struct option_sim *sim, const struct xo_gpu *gpu)
{
    const struct xo_deployment *d = deployment_of(sim);
    const struct xo_engine_defaults *own = xo_engine_defaults(d->engine, gpu);
    struct xo_deployment other = *d;
    other.gpu = *gpu;
    other.kv_room_tokens = 0;
    if (sim->scenario->engine.chunk_tokens == 0)
        other.chunk_tokens = own->chunk_tokens;
    if (sim->scenario->engine.max_batch == 0)
        other.max_batch = own->max_batch;
    other.efficiency = xo_efficiency_default(d->engine);
    other.efficiency.step_scale = d->efficiency.step_scale;
    return other;
}

static bool find_gpu(struct option_sim *sim, struct xo_error *err)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    const struct xo_gpu_entry **gpus = calloc((size_t)c->n_gpus, sizeof *gpus);
    if (gpus == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d GPUs", c->n_gpus);
    for (int i = 0; i < c->n_gpus; i++)
        gpus[i] = &c->gpus[i];
    qsort(gpus, (size_t)c->n_gpus, sizeof *gpus, by_rent);
    bool ok = true, meets = false;
    for (int i = 0; ok && !meets && i < c->n_gpus; i++) {
        const struct xo_deployment other = on_gpu(sim, &gpus[i]->gpu);
        if (is_tried(sim->scenario, other.gpu.name) || !xo_gpu_make_was_fitted(&other.gpu))
            continue;
        ok = try_deployment(sim, &other, &meets, err);
        if (meets)
            memcpy(sim->infeasible.gpu, other.gpu.name, sizeof sim->infeasible.gpu);
    }
    free(gpus);
    return ok;
}

bool sim_find_remedies(struct option_sim *sim, struct xo_error *err)
{
    if (!sim->infeasible.holds)
        return true;
    if (sim->infeasible.cause == XO_CAUSE_REFUSED && sim->unserved.by_context)
        return true; /* no GPU makes the model take more */
    sim->infeasible.searched = true;
    return find_parallel(sim, err) && find_gpu(sim, err);
}
