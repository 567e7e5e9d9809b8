/* remedy.c - what would meet an SLO that no fleet of an option can: the KV room that is worked out
 * in place of a typed one, a larger tensor_parallel, or another GPU of the catalog, each judged as
 * the option was, by lone requests in an empty replica. Each is what typing that one key would
 * give, but that a typed kv_room is left out: it was read on the deployment that is there.
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

/* A room that was typed too small for the requests: is the one that is worked out not? */
static bool find_room(struct option_sim *sim, struct xo_error *err)
{
    struct xo_deployment computed = *deployment_of(sim);
    struct xo_kv_room kv;
    bool meets = false;
    if (computed.kv_room_tokens == 0)
        return true;
    computed.kv_room_tokens = 0;
    if (!try_deployment(sim, &computed, &meets, err))
        return false;
    if (meets && xo_kv_room(&computed, &kv, NULL))
        sim->infeasible.kv_room_tokens = floor(xo_kv_room_tokens(&computed, &kv));
    return true;
}

static bool find_parallel(struct option_sim *sim, struct xo_error *err)
{
    const struct xo_deployment *d = deployment_of(sim);
    for (int n = d->tensor_parallel + 1; n <= MOST_PARALLEL; n++) {
        struct xo_deployment wider = *d;
        bool meets;
        wider.tensor_parallel = n;
        wider.kv_room_tokens = 0; /* printed by the one that is there */
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

/* What is asked of a GPU is what typing it in build.gpu would give. AMD's GPUs are never proposed:
 * no constant of the step time was fitted to them, and what their software takes more is a factor
 * with an error of its own (docs/validation.md, "AMD"), so that the advice would be a guess. */
static bool try_gpu(struct option_sim *sim, const struct xo_gpu *gpu, bool *meets,
                    struct xo_error *err)
{
    struct xo_deployment other;
    struct xo_error why = { 0 };
    *meets = false;
    if (is_tried(sim->scenario, gpu->name) || !xo_gpu_make_was_fitted(gpu))
        return true;
    if (xo_option_on_gpu(sim->scenario, sim->option, gpu, &other, &why))
        return try_deployment(sim, &other, meets, err);
    return why.kind != XO_ERR_MEMORY || xo_fail(err, why.kind, "%s", why.text);
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
        ok = try_gpu(sim, &gpus[i]->gpu, &meets, err);
        if (meets)
            memcpy(sim->infeasible.gpu, gpus[i]->gpu.name, sizeof sim->infeasible.gpu);
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
    return find_room(sim, err) && find_parallel(sim, err) && find_gpu(sim, err);
}
