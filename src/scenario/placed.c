/* placed.c - a model of the catalog on GPUs of one kind: how many hold it, and what is left for KV.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/scenario.h"
#include "xo/text.h"

#include <math.h>

enum { MOST_GPUS = 8 };

/* As vLLM would run it that was told nothing but on how many GPUs. */
static struct xo_deployment plain(const struct xo_model *model, const struct xo_gpu *gpu,
                                  int n_gpus)
{
    const enum xo_engine_family engine = XO_ENGINE_VLLM;
    const struct xo_engine_defaults *own = xo_engine_defaults(engine, gpu);
    return (struct xo_deployment){
        .gpu = *gpu,
        .model = *model,
        .engine = engine,
        .weights = model->native_weights,
        .kv = xo_engine_kv(engine, gpu, model, model->native_weights),
        .tensor_parallel = n_gpus,
        .expert_parallel = 1,
        .pipeline_parallel = 1,
        .attention_dp = 1,
        .memory_frac = 0.9,
        .chunk_tokens = own->chunk_tokens,
        .max_batch = own->max_batch,
        .efficiency = xo_efficiency_default(engine),
    };
}

static int longest_of(const struct xo_model *model, const struct xo_kv_room *room)
{
    const struct xo_engine engine = { .max_context_tokens = model->max_context_tokens };
    const struct xo_workload alone = { .n_classes = 1 };
    bool by_context;
    return xo_longest_request(room, &engine, &alone, 0, &by_context);
}

struct xo_placed xo_model_placed(const struct xo_model_entry *entry, const struct xo_gpu *gpu)
{
    struct xo_placed p = { .entry = *entry,
                           .n_gpus = INT32_MAX,
                           .kv_room_tokens = INT32_MAX,
                           .longest_tokens = INT32_MAX };
    xo_text_copy(p.gpu, sizeof p.gpu, gpu->name);
    for (int n = 1; n <= MOST_GPUS; n *= 2) {
        const struct xo_deployment d = plain(&entry->model, gpu, n);
        struct xo_gpu_weights weights;
        struct xo_kv_room room;
        struct xo_error why = { 0 };
        const bool runs = xo_gpu_weights(&d, &weights, &why), held = xo_kv_room(&d, &room, &why);
        if (runs)
            p.most_gpus = n;
        if (!held && (runs || n == 1)) /* that of 8 which cannot share its heads says less */
            xo_text_copy(p.why_not, sizeof p.why_not, why.text);
        if (!held)
            continue;
        p.n_gpus = n;
        p.why_not[0] = '\0';
        p.weight_bytes_per_gpu = weights.total_bytes;
        p.kv_room_tokens = (int)fmin(xo_kv_room_tokens(&d, &room), INT32_MAX - 1);
        p.longest_tokens = longest_of(&entry->model, &room);
        break;
    }
    return p;
}
