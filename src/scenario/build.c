/* build.c - every combination of GPU, weights and tensor parallelism that can hold the model.
 *
 * It makes s->options[] of the lists in [build], GPUs outermost; the state of the loops is a struct
 * build, with copies of entries, since the store may move while it grows. Invariant: an option
 * stands in the list only if a replica of it holds the weights and, but for what the model's
 * context refuses, some of the requests; option_list and option_group say which GPU of the list it
 * is of.
 *
 * A combination that does not fit is left out, with the reason of the first one; only where none
 * fits is that an error (say_refused). Without tensor_parallel the fewest GPUs are taken that hold
 * 999 of 1,000 requests (fewest_gpus); requests longer than the model's context do not count there,
 * for no number of GPUs takes them. The type of the weights is as typed, else as the checkpoint's
 * name says, else as the model was released (choose_weights). Begin with resolve_build, add_gpus
 * and add_option.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "names.h"
#include "resolve.h"
#include "values.h"
#include "xo/table.h"
#include "xo/text.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_AUTO_GPUS = 8 };

/* Fitted constants, with those that the scenario replaces. */
static void read_efficiency(const struct xo_store *store, struct xo_deployment *d)
{
    d->efficiency = xo_efficiency_default(d->engine);
    for (int i = 0; i < XO_N_CONSTANTS; i++) {
        const int key = key_in_section(S_BUILD, xo_constants[i].name);
        double *constant = xo_constant_at(&d->efficiency, i);
        *constant = store_number_or(store, S_BUILD, key, *constant);
    }
}

/* Everything but tensor_parallel. */
static void read_deployment(const struct xo_store *store, const struct xo_gpu *gpu,
                            const struct xo_model *model, enum xo_dtype weights,
                            struct xo_deployment *d)
{
    *d = (struct xo_deployment){ .gpu = *gpu, .model = *model, .weights = weights };
    d->engine = (enum xo_engine_family)store_integer(store, S_BUILD, K_BUILD_ENGINE);
    d->kv = (enum xo_dtype)store_number_or(store, S_BUILD, K_BUILD_KV,
                                           xo_engine_kv(d->engine, gpu, model, weights));
    d->expert_parallel = store_integer(store, S_BUILD, K_BUILD_EXPERT_PARALLEL);
    d->pipeline_parallel = store_integer(store, S_BUILD, K_BUILD_PIPELINE_PARALLEL);
    d->attention_dp = store_integer(store, S_BUILD, K_BUILD_ATTENTION_DP);
    d->tensor_parallel = 1;
    d->memory_frac = store_value(store, S_BUILD, K_BUILD_MEMORY_FRACTION);
    const struct xo_engine_defaults *own = xo_engine_defaults(d->engine, gpu);
    d->chunk_tokens =
        (int64_t)store_number_or(store, S_BUILD, K_BUILD_CHUNK, (double)own->chunk_tokens);
    d->max_batch = (int)store_number_or(store, S_BUILD, K_BUILD_MAX_BATCH, own->max_batch);
    d->kv_room_tokens = store_number_or(store, S_BUILD, K_BUILD_KV_ROOM, 0);
    read_efficiency(store, d);
}

/* Can a replica of d hold the model and a request? What the context refuses no GPU holds: check.c.
 */
static bool holds(const struct xo_scenario *s, const struct xo_deployment *d, struct xo_unserved *u,
                  struct xo_error *why)
{
    struct xo_kv_room room;
    if (!xo_kv_room(d, &room, why) || !xo_room_unserved(s, &room, u, why))
        return false;
    if (u->by_context || u->frac < 1 - 1e-9)
        return true;
    return xo_fail(
        why, XO_ERR_INPUT,
        "%s in %s on %d x %s leaves %.1f GB for the KV cache, and not one of the requests "
        "fits into it; more GPUs a replica, smaller weights or a larger GPU would do",
        d->model.name, xo_dtype_name(d->weights), xo_deployment_gpus(d), d->gpu.name,
        (double)room.room_bytes / 1e9);
}

/* The share of requests that the model's context refuses, whatever the GPUs. */
static bool refused_by_context(const struct xo_scenario *s, double *frac, struct xo_error *why)
{
    const struct xo_kv_room endless = { .room_bytes = INT64_MAX / 4,
                                        .full_block_bytes = 1,
                                        .block_tokens = 16 };
    struct xo_unserved u;
    if (!xo_room_unserved(s, &endless, &u, why))
        return false;
    *frac = u.frac;
    return true;
}

/* The fewest GPUs of 1, 2, 4, 8 that hold nearly every request that the model takes; where none
 * does, those that refuse the least; 0 with the last reason when none holds any. */
static int fewest_gpus(const struct xo_scenario *s, struct xo_deployment d, struct xo_error *why)
{
    static const double NEARLY_EVERY = 0.001;
    double by_context, least = 1;
    int best = 0;
    if (!refused_by_context(s, &by_context, why))
        return 0;
    for (int n = 1; n <= MAX_AUTO_GPUS; n *= 2) {
        struct xo_unserved u;
        d.tensor_parallel = n;
        if (d.model.heads % n != 0 || !holds(s, &d, &u, why))
            continue;
        if (u.frac - by_context <= NEARLY_EVERY)
            return n;
        if (u.frac < least * (1 - 1e-9)) {
            least = u.frac;
            best = n;
        }
    }
    return best;
}

/* What the loops over lists carry. */
struct build {
    struct xo_entry gpu, model, weights, parallel; /* copies: the store may move */
    bool has_parallel;
    int auto_gpus;    /* the derived tensor_parallel; -1: options differ */
    char reason[400]; /* why the first combination that did not fit did not */
    int at_fault;     /* the key without which there would be such a deployment; -1: none */
    int n_refused;
    bool refused_by_room; /* it fits but for the build.kv_room that was typed */
    bool said_sequences;
};

/* Of a deployment that there is not, whatever the memory of its GPUs, the first key without which
 * there would be one; -1. */
static int key_at_fault(const struct xo_deployment *d)
{
    struct xo_gpu_weights held;
    struct xo_deployment without[] = { *d, *d, *d, *d, *d, *d, *d };
    static const int keys[] = { K_BUILD_TENSOR_PARALLEL,
                                K_BUILD_EXPERT_PARALLEL,
                                K_BUILD_PIPELINE_PARALLEL,
                                K_BUILD_ATTENTION_DP,
                                K_BUILD_KV,
                                K_BUILD_ENGINE,
                                K_BUILD_WEIGHTS };
    without[0].tensor_parallel = without[1].expert_parallel = 1;
    without[2].pipeline_parallel = without[3].attention_dp = 1;
    without[4].kv = xo_engine_kv(d->engine, &d->gpu, &d->model, d->weights);
    without[5].engine = XO_ENGINE_VLLM;
    without[6].weights = XO_FP16; /* any GPU runs it */
    for (size_t i = 0; !xo_gpu_weights(d, &held, NULL) && i < XO_ROWS(keys); i++)
        if (xo_gpu_weights(&without[i], &held, NULL))
            return keys[i];
    return -1;
}

static void refuse(struct build *b, const struct xo_deployment *d, const char *why)
{
    if (b->n_refused++ > 0)
        return;
    xo_text_copy(b->reason, sizeof b->reason, why);
    b->at_fault = key_at_fault(d);
}

/* Was the option calibrated, and how far may its step times be off? A median error of a normal is
 * 0.6745 standard deviations. */
static void set_step_error(const struct xo_calibration_record *c, struct xo_build_option *o)
{
    char label[XO_TITLE_SIZE];
    xo_deployment_label(&o->deployment, label, sizeof label);
    const bool calibrated = strcmp(label, c->deployment) == 0;
    o->step_class = calibrated ? XO_STEP_CALIBRATED : xo_step_class_of(&o->deployment);
    o->step_sigma = xo_step_error_of(&o->deployment, o->step_class)->sigma;
    if (calibrated && c->error_frac > 0)
        o->step_sigma = fmax(o->step_sigma, log1p(c->error_frac) / 0.6745);
}

/* The most sequences that a replica can run of a model with linear-attention layers: so many have
 * room for a state and one KV block. */
static int64_t sequences_in(const struct xo_kv_room *room)
{
    return room->most_sequences > 0 ? room->most_sequences
                                    : (int64_t)((double)room->room_bytes /
                                                xo_kv_sequence_bytes(room, room->block_tokens));
}

/* Engines want max_batch to be at most that (vLLM: "max_num_seqs (256) exceeds available Mamba
 * cache blocks"); the simulation runs as many as fit. Said of the first option of which it is true.
 */
static void say_sequences(struct reader *r, struct build *b, const struct xo_deployment *d)
{
    struct xo_kv_room room;
    if (b->said_sequences || d->model.linear_layers == 0 || !xo_kv_room(d, &room, NULL))
        return;
    const int64_t most = sequences_in(&room), asked = (int64_t)d->max_batch * d->attention_dp;
    b->said_sequences = most < asked;
    if (b->said_sequences)
        warning_entry(r, &b->gpu,
                      "; %d x %s in %s: room for %lld sequences of %s, whose states take %.0f MB "
                      "each, and build.max_batch asks for %lld: as many run as fit",
                      xo_deployment_gpus(d), d->gpu.name, xo_dtype_name(d->weights),
                      (long long)most, d->model.name, xo_model_linear_state_bytes(&d->model) / 1e6,
                      (long long)asked);
}

/* Of a deployment with a typed kv_room that was refused for `why`: would the room that is worked
 * out do? If so the typed one is wrong, and `why` says so; else it says why even that does not. */
static bool is_refused_by_room(const struct xo_scenario *s, const struct xo_deployment *d,
                               struct xo_error *why)
{
    struct xo_deployment computed = *d;
    struct xo_kv_room room;
    struct xo_unserved unserved;
    const bool too_large = !xo_kv_room(d, &room, NULL);
    computed.kv_room_tokens = 0;
    if (!holds(s, &computed, &unserved, why))
        return false;
    if (too_large || !xo_kv_room(&computed, &room, why))
        return true; /* as it was refused */
    xo_fail(why, XO_ERR_INPUT,
            "not one of the requests fits into it; correct it, or leave it out: worked out, %s in "
            "%s on %d x %s has room for %.0f tokens",
            d->model.name, xo_dtype_name(d->weights), xo_deployment_gpus(d), d->gpu.name,
            floor(xo_kv_room_tokens(&computed, &room)));
    return true;
}

static void add_option(struct reader *r, struct build *b, const struct xo_deployment *d, int list,
                       int group)
{
    struct xo_scenario *s = r->s;
    struct xo_error why = { 0 };
    struct xo_unserved unserved;
    if (!holds(s, d, &unserved, &why)) {
        b->refused_by_room = d->kv_room_tokens > 0 && is_refused_by_room(s, d, &why);
        memory_ran_out(r, &why);
        refuse(b, d, why.text);
        return;
    }
    if (s->n_options == XO_MAX_OPTIONS * 4) {
        problem_entry(r, &b->gpu,
                      ", too many combinations; %d of gpu, weights and tensor_parallel "
                      "are the most",
                      XO_MAX_OPTIONS * 4);
        return;
    }
    r->store->option_list[s->n_options] = list;
    r->store->option_group[s->n_options] = group;
    struct xo_build_option *o = &s->options[s->n_options++];
    o->deployment = *d;
    snprintf(o->label, sizeof o->label, "%d x %s, %s", xo_deployment_gpus(d), d->gpu.name,
             xo_dtype_name(d->weights));
    set_step_error(&s->calibration, o);
    say_sequences(r, b, d);
}

static void add_parallel(struct reader *r, struct build *b, struct xo_deployment *d, int list,
                         int group)
{
    struct xo_error why = { 0 };
    if (!b->has_parallel) {
        const int n = fewest_gpus(r->s, *d, &why);
        if (n == 0) {
            memory_ran_out(r, &why);
            refuse(b, d, why.text);
            return;
        }
        b->auto_gpus = b->auto_gpus == 0 || b->auto_gpus == n ? n : -1;
        d->tensor_parallel = n;
        add_option(r, b, d, list, group);
        return;
    }
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n_items = list_split(b->parallel.value, true, copy, items);
    for (int i = 0; i < n_items; i++) {
        double n;
        if (!quantity_read("GPUs", items[i], NO_MONTHS, &n, NULL) || n < 1 || n > 1024 ||
            n != floor(n))
            return; /* reported */
        d->tensor_parallel = (int)n;
        add_option(r, b, d, list, group);
    }
}

static void add_weights(struct reader *r, struct build *b, const struct xo_gpu *gpu,
                        const struct xo_model *model, int list, int group)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n_items = list_split(b->weights.value, false, copy, items);
    for (int i = 0; i < n_items; i++) {
        const int weights = choice_of(K_BUILD_WEIGHTS, items[i]);
        struct xo_deployment d;
        if (weights < 0)
            return; /* reported */
        read_deployment(r->store, gpu, model, (enum xo_dtype)weights, &d);
        add_parallel(r, b, &d, list, group);
    }
}

static void add_gpus(struct reader *r, struct build *b, const struct xo_model *model)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n_items = list_split(b->gpu.value, false, copy, items);
    if (n_items > XO_MAX_OPTIONS)
        problem_entry(r, &b->gpu, ", %d names; %d are the most", n_items, XO_MAX_OPTIONS);
    for (int i = 0; i < n_items && i < XO_MAX_OPTIONS; i++) {
        const int group = inline_entry(r, &b->gpu, S_GPU, items[i]);
        struct xo_gpu_entry gpu;
        if (group < 0)
            continue;
        gpu_fill(r->store, group, &gpu);
        if (model != NULL && gpu.gpu.memory_bytes > 0 && gpu.gpu.hbm_bytes_per_s > 0 &&
            gpu.gpu.bf16_flop_per_s > 0)
            add_weights(r, b, &gpu.gpu, model, i, group);
    }
}

/* Dimensions without which nothing can be worked out; the missing ones have been reported, and so
 * have those that do not go together. */
static bool model_is_whole(const struct xo_model *m)
{
    return !model_has_fault(m) && m->layers > 0 && m->hidden > 0 && m->heads > 0 &&
           m->kv_heads > 0 && m->head_dim > 0 && m->vocab > 0 && m->max_context_tokens > 0;
}

static void fill_engine(struct reader *r)
{
    struct xo_scenario *s = r->s;
    const struct xo_store *store = r->store;
    s->engine = (struct xo_engine){
        .admission = (enum xo_kv_admission)store_integer(store, S_BUILD, K_BUILD_KV_ADMISSION),
        .chunk_tokens = (int64_t)store_number_or(store, S_BUILD, K_BUILD_CHUNK, 0),
        .max_batch = (int)store_number_or(store, S_BUILD, K_BUILD_MAX_BATCH, 0),
        .schedule_ahead = store_integer(store, S_BUILD, K_BUILD_SCHEDULE_AHEAD) == YES,
        .keeps_preempted = store_integer(store, S_BUILD, K_BUILD_ENGINE) == XO_ENGINE_VLLM,
        .frontend_s = store_value(store, S_BUILD, K_BUILD_FRONTEND),
        .fast_forward = true,
    };
    s->router = (enum xo_router)store_integer(store, S_BUILD, K_BUILD_ROUTER);
    s->fixed_replicas = store_integer(store, S_BUILD, K_BUILD_REPLICAS);
}

/* Say how the cache is kept, where all options keep it alike. */
static void derive_kv(struct reader *r)
{
    const struct xo_scenario *s = r->s;
    for (int i = 1; i < s->n_options; i++)
        if (s->options[i].deployment.kv != s->options[0].deployment.kv)
            return;
    if (s->n_options > 0 && store_given(r->store, S_BUILD, K_BUILD_KV) == NULL)
        derive(r, S_BUILD, K_BUILD_KV, xo_dtype_name(s->options[0].deployment.kv),
               "as the engine keeps it");
}

/* Say what the engine takes by itself, where all options have it alike; `check` and `run` have each
 * option's in any case. */
static void derive_limit(struct reader *r, int key, const char *unit)
{
    const struct xo_scenario *s = r->s;
    const double limit = xo_scenario_number(s, key);
    const char *why = NULL;
    char value[32];
    if (isnan(limit) || store_given(r->store, S_BUILD, key) != NULL)
        return;
    for (int i = 0; i < s->n_options; i++) {
        const struct xo_deployment *d = &s->options[i].deployment;
        const char *own = xo_engine_defaults(d->engine, &d->gpu)->why;
        why = why == NULL || why == own ? own : "the engine's own";
    }
    snprintf(value, sizeof value, "%.0f%s", limit, unit);
    derive(r, S_BUILD, key, value, why);
}

/* The entry of `key`, or one derived with `value`. */
static struct xo_entry entry_or(struct reader *r, int key, const char *value, const char *where)
{
    if (store_given(r->store, S_BUILD, key) == NULL)
        derive(r, S_BUILD, key, value, where);
    const struct xo_entry *e = store_get(r->store, S_BUILD, key);
    return e == NULL ? (struct xo_entry){ .key = key } : *e;
}

/* ---- the type of the weights ---- */

/* Types were typed for a checkpoint whose name says another: they are used, and that is said. */
static void compare_types(struct reader *r, const struct xo_entry *typed, const char *name,
                          const struct precision *said)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n_items = list_split(typed->value, false, copy, items);
    for (int i = 0; i < n_items && said->type >= 0; i++) {
        const int type = choice_of(typed->key, items[i]);
        if (type < 0 || type == said->type)
            continue;
        warning_entry(r, typed, ", and the name of %.100s says %s; %s is used", name,
                      xo_dtype_name((enum xo_dtype)said->type), xo_dtype_name((enum xo_dtype)type));
        return;
    }
}

/* The checkpoint's name that says its type: build.model, or what [model NAME] is like; NULL. */
static const char *name_with_type(const struct reader *r, const struct build *b, int group,
                                  struct precision *said)
{
    const char *like = store_text(r->store, group, K_MODEL_LIKE);
    return precision_of_model(b->model.value, said)         ? b->model.value
           : like != NULL && precision_of_model(like, said) ? like
                                                            : NULL;
}

/* Somebody typed `weights` in [model NAME]: so it is stored, whatever names say. */
static const struct xo_entry *typed_of_model(const struct reader *r, int group)
{
    const struct xo_entry *e = store_given(r->store, group, K_MODEL_WEIGHTS);
    return entry_is_typed(e) ? e : NULL;
}

/* b->weights: as typed in [build], as typed in [model NAME], as the checkpoint's name says, or as
 * the model was released. False with a problem when the name leaves it open. */
static bool choose_weights(struct reader *r, struct build *b, int group,
                           const struct xo_model *model)
{
    struct precision said;
    const char *name = name_with_type(r, b, group, &said);
    const struct xo_entry *typed = store_given(r->store, S_BUILD, K_BUILD_WEIGHTS);
    if (typed == NULL)
        typed = typed_of_model(r, group);
    if (typed != NULL && name != NULL)
        compare_types(r, typed, name, &said);
    if (name != NULL && typed == NULL && said.type < 0) {
        problem_entry(r, &b->model, "; \"%s\" in a name is %s; give build.weights", said.word,
                      said.why);
        return false;
    }
    const bool by_name = name != NULL && typed == NULL;
    const enum xo_dtype type = by_name ? (enum xo_dtype)said.type : model->native_weights;
    b->weights = entry_or(r, K_BUILD_WEIGHTS, xo_dtype_name(type),
                          by_name ? "the checkpoint's name" : "the model's own");
    return true;
}

/* A room is what one deployment printed, and no more than its GPUs hold: said at its own line. */
static bool refuse_room(struct reader *r, const struct build *b)
{
    const struct xo_entry *room = store_given(r->store, S_BUILD, K_BUILD_KV_ROOM);
    const int n_listed = r->s->n_options + b->n_refused;
    if (room == NULL || n_listed == 0)
        return false;
    if (!b->has_parallel)
        problem_entry(r, room, "; give build.tensor_parallel with it: of how many GPUs it is");
    else if (n_listed > 1)
        problem_entry(r, room,
                      "; that is of one deployment, and %d are listed: give one gpu, one weights "
                      "and one tensor_parallel",
                      n_listed);
    else if (r->s->n_options == 0 && b->refused_by_room)
        problem_entry(r, room, "; %s", b->reason);
    else
        return false;
    return true;
}

static void say_refused(struct reader *r, const struct build *b)
{
    if (refuse_room(r, b))
        return;
    const bool has_room = store_given(r->store, S_BUILD, K_BUILD_KV_ROOM) != NULL;
    const bool one = b->n_refused == 1 && b->at_fault >= 0; /* of lists all have their part */
    const struct xo_entry *typed = one && xo_scenario_is_typed(r->s, b->at_fault)
                                       ? store_given(r->store, S_BUILD, b->at_fault)
                                       : &b->gpu;
    if (b->n_refused > 0 && r->s->n_options == 0)
        problem_entry(r, typed, "; %s%s", b->reason,
                      has_room ? "; build.kv_room is then to be read again, or left out" : "");
    else if (b->n_refused > 0)
        warning_entry(r, &b->gpu, "; %d combination%s left out: %s", b->n_refused,
                      b->n_refused == 1 ? "" : "s", b->reason);
}

void resolve_build(struct reader *r)
{
    struct build b = { .auto_gpus = 0 };
    struct xo_model_entry model = { 0 };
    char value[32];
    fill_engine(r);
    const struct xo_entry *model_entry = store_given(r->store, S_BUILD, K_BUILD_MODEL);
    const struct xo_entry *gpu_entry = store_given(r->store, S_BUILD, K_BUILD_GPU);
    if (!r->store->groups[S_BUILD].given || model_entry == NULL || gpu_entry == NULL)
        return;
    b.model = *model_entry;
    b.gpu = *gpu_entry;
    const int group =
        b.model.value[0] == '\0' ? -1 : inline_entry(r, &b.model, S_MODEL, b.model.value);
    if (group >= 0)
        model_fill(r->store, group, &model);
    const bool whole =
        group >= 0 && model_is_whole(&model.model) && choose_weights(r, &b, group, &model.model);
    if (whole) {
        r->s->engine.max_context_tokens = model.model.max_context_tokens;
    }
    const struct xo_entry *parallel = store_given(r->store, S_BUILD, K_BUILD_TENSOR_PARALLEL);
    b.has_parallel = parallel != NULL;
    if (b.has_parallel)
        b.parallel = *parallel;
    add_gpus(r, &b, whole ? &model.model : NULL);
    say_refused(r, &b);
    if (b.auto_gpus > 0) {
        snprintf(value, sizeof value, "%d", b.auto_gpus);
        derive(r, S_BUILD, K_BUILD_TENSOR_PARALLEL, value, "the fewest that hold the model");
    }
    derive_kv(r);
    derive_limit(r, K_BUILD_MAX_BATCH, "");
    derive_limit(r, K_BUILD_CHUNK, " tokens");
}

bool xo_option_on_gpu(const struct xo_scenario *s, int option, const struct xo_gpu *gpu,
                      struct xo_deployment *d, struct xo_error *err)
{
    const struct xo_deployment *own = &s->options[option].deployment;
    const int group = store_group(s->store, S_GPU, gpu->name);
    struct xo_gpu_entry entry = { .gpu = *gpu };
    struct xo_deployment other;
    if (group >= 0)
        gpu_fill(s->store, group, &entry);
    read_deployment(s->store, &entry.gpu, &own->model, own->weights, &other);
    other.kv_room_tokens = 0;
    other.tensor_parallel = own->tensor_parallel;
    if (!xo_scenario_is_typed(s, K_BUILD_TENSOR_PARALLEL))
        other.tensor_parallel = fewest_gpus(s, other, err);
    if (other.tensor_parallel == 0)
        return false;
    *d = other;
    return true;
}
