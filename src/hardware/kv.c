/* kv.c - how many KV blocks fit beside the weights.
 *
 * Each engine means something else by its memory fraction f (of M bytes; W weights, A activations,
 * R reserve of contexts, communication buffers and graphs). The room is
 *   - of vLLM f*M - W - A - R (gpu_memory_utilization),
 *   - of SGLang f*(M - D) - W, D gone before, and M - W - A - R at most (mem_fraction_static),
 *   - of TensorRT-LLM f*(M - W - A - R) (kv_cache_free_gpu_mem_fraction).
 *
 * Sources: vLLM docs, "Conserving memory"; SGLang docs, "Hyperparameter tuning"; TensorRT-LLM docs,
 * "Memory usage". Checked against published block counts in docs/model.md, "Step time and KV
 * capacity".
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard.h"
#include "xo/table.h"

#include <math.h>
#include <stdio.h>

enum { BLOCK_TOKENS = 16 };

/* What a process takes beside weights and activations: what the driver keeps of the memory it shows
 * (0.52e9 on an H100), context, kernels, slack; with several GPUs also the buffers of NCCL and of
 * the custom all-reduce. Both are read off the block counts of five deployments that vLLM 0.15
 * printed on an H100 (docs/model.md, "Step time and KV capacity"), which they meet within 0.2 %. */
static const double reserve_bytes = 0.64e9, collective_bytes = 0.25e9;

/* Bytes that a sampled logit takes at the peak of an engine's sampler. vLLM: 2 of the LM head, 4 in
 * 32 bits, 4 masked and 4 of probabilities (flashinfer_sample and random_sample in
 * vllm/v1/sample/ops/topk_topp_sampler.py). Before pull request 33538, in 0.17, the logits of all
 * rows were sorted with their indices: 51, read off the same five deployments. */
static const double sampler_bytes[] = {
    14, /* vLLM */
    16, /* SGLang */
    8,  /* TensorRT-LLM */
};
XO_TABLE_OF(sampler_bytes, XO_N_ENGINES);
static const double sorting_sampler_bytes = 51;

/* SGLang takes its fraction of what is free before it loads the weights. Gone are then driver and
 * context, and with several GPUs the buffers of NCCL and the custom all-reduce ("Init torch
 * distributed ends. mem usage"): 1.77 to 2.5 GiB on NVLink, 0.39 over PCIe, by logs of H200, B200
 * and RTX PRO 6000 (docs/model.md, "Step time and KV capacity"). */
static const double sglang_context_bytes = 1.2e9, sglang_switched_bytes = 2.1e9,
                    sglang_pcie_bytes = 0.42e9;

/* The larger of two peaks, per token of the chunk budget in 16 bits: inside a layer the two rows of
 * the residual stream and an MLP's gate, up and product; in the sampler the residual stream and the
 * logits of all sampled rows, over the whole vocabulary. */
static double activation_bytes(const struct xo_deployment *d)
{
    const struct xo_model *m = &d->model;
    const double tokens = (double)d->chunk_tokens;
    const double width = fmax(m->intermediate, (double)m->expert_intermediate *
                                                   (m->experts_per_token + m->shared_experts));
    const double residual = 2 * 2.0 * m->hidden * tokens;
    const double layer = residual + 2 * 3 * width / d->tensor_parallel * tokens;
    const double logit = d->sorts_logits ? sorting_sampler_bytes : sampler_bytes[d->engine];
    const double sampler = residual + logit * d->max_batch * m->vocab;
    return fmax(layer, sampler);
}

/* What SGLang sees free on a GPU before it loads the weights. */
static double sglang_free_bytes(const struct xo_deployment *d, bool several)
{
    const double buffers = d->gpu.link_is_switched ? sglang_switched_bytes : sglang_pcie_bytes;
    return d->gpu.memory_bytes - sglang_context_bytes - (several ? buffers : 0);
}

/* KV bytes on one GPU beside its weights; may be negative. */
static double room_per_gpu(const struct xo_deployment *d, const struct xo_shard *s)
{
    const double m = d->gpu.memory_bytes, f = d->memory_frac, w = s->weight_bytes;
    const bool several = s->stage_gpus * s->stages > 1;
    const double rest = activation_bytes(d) + reserve_bytes + (several ? collective_bytes : 0);
    switch (d->engine) {
    case XO_ENGINE_SGLANG:
        return fmin(f * sglang_free_bytes(d, several) - w, m - w - rest);
    case XO_ENGINE_TRTLLM:
        return f * (m - w - rest);
    default:
        return f * m - w - rest;
    }
}

/* Most blocks that a sequence holds of a windowed layer; 0: none, or the engine keeps all. */
static int64_t window_blocks(const struct xo_deployment *d)
{
    const bool beside = xo_model_is_compressed(&d->model) && d->model.window_tokens > 0;
    const bool windowed = (d->model.window_layers > 0 && !d->window_kv_whole) || beside;
    return windowed ? d->model.window_tokens / BLOCK_TOKENS + 1 : 0;
}

/* Bytes of `tokens` tokens of KV on one GPU of a stage, in its full layers (with their indexes) and
 * in its windowed ones, so many times each. */
static double layers_bytes(const struct xo_shard *s, double tokens, double full, double window)
{
    const double whole = s->full.kv_layer_bytes * s->full.held_layers +
                         s->picked.kv_layer_bytes * s->picked.held_layers +
                         s->index.kv_layer_bytes * s->index.held_layers;
    return tokens * (full * whole + window * s->window.kv_layer_bytes * s->window.held_layers);
}

/* What one sequence takes of a GPU at least: a block, as many of windowed layers as a window has,
 * and its state, which is cut by heads. */
static double least_per_gpu(const struct xo_deployment *d, const struct xo_shard *s)
{
    const double state = xo_model_linear_state_bytes(&d->model) * s->layers / d->model.layers;
    return layers_bytes(s, BLOCK_TOKENS, 1, fmax(1, (double)window_blocks(d))) +
           state / d->tensor_parallel;
}

static bool fits(const struct xo_deployment *d, const struct xo_shard *s)
{
    return room_per_gpu(d, s) >= least_per_gpu(d, s);
}

/* The least power of two of tensor_parallel, up to 64, with which the model fits; 0: none. */
static int tensor_parallel_that_fits(const struct xo_deployment *d)
{
    struct xo_deployment wider = *d;
    for (wider.tensor_parallel = 1; wider.tensor_parallel <= 64; wider.tensor_parallel *= 2) {
        struct xo_shard s;
        if (wider.tensor_parallel > d->tensor_parallel && xo_shard_init(&s, &wider, NULL) &&
            fits(&wider, &s))
            return wider.tensor_parallel;
    }
    return 0;
}

/* Does it fit once a step works on no more than 512 tokens of 16 sequences? */
static bool fits_in_small_steps(const struct xo_deployment *d)
{
    struct xo_deployment small = *d;
    struct xo_shard s;
    small.chunk_tokens = 512;
    small.max_batch = 16;
    return activation_bytes(d) > activation_bytes(&small) && xo_shard_init(&s, &small, NULL) &&
           fits(&small, &s);
}

static bool fail_to_fit(const struct xo_deployment *d, const struct xo_shard *s, double missing,
                        struct xo_error *err)
{
    const int fits = tensor_parallel_that_fits(d);
    char advice[64] = "smaller weights or a larger GPU", beside[80] = "";
    if (fits_in_small_steps(d)) {
        snprintf(advice, sizeof advice, "a smaller chunk or batch");
        snprintf(beside, sizeof beside, " and %.1f GB for steps of %lld tokens",
                 activation_bytes(d) / 1e9, (long long)d->chunk_tokens);
    } else if (fits > 0)
        snprintf(advice, sizeof advice, "tensor_parallel = %d", fits);
    return xo_fail(
        err, XO_ERR_INPUT,
        "%s in %s does not fit: %.1f GB of weights%s on each %s of %.1f GB (memory "
        "fraction %g, tensor_parallel %d) leave %.1f GB too little for one %s; %s would "
        "do",
        d->model.name, xo_dtype_name(d->weights), s->weight_bytes / 1e9, beside, d->gpu.name,
        d->gpu.memory_bytes / 1e9, d->memory_frac, d->tensor_parallel, missing / 1e9,
        d->model.linear_layers > 0 ? "sequence's state and KV block" : "KV block", advice);
}

/* SGLang sets memory for states aside. With a prefix cache they get 0.9 times as much as KV
 * (--mamba-full-memory-ratio), and a running request needs five: its own, two of the cache and two
 * to overlap (MAMBA_CACHE_SIZE_MAX_RUNNING_REQUESTS_RATIO and _ADDITIONAL_RATIO_OVERLAP in
 * srt/mem_cache/kv_cache_configurator.py); without one, those of max_batch requests. */
static const double sglang_state_ratio = 0.9;
enum { SGLANG_STATES = 5 };

/* Bytes aside where they may be `share` at most. */
static double states_aside(const struct xo_deployment *d, double state_bytes, double share)
{
    const double wanted = (double)d->max_batch * d->attention_dp * state_bytes;
    return d->no_prefix_cache ? fmin(share, wanted) : share;
}

static void set_states_aside(const struct xo_deployment *d, struct xo_kv_room *room)
{
    const double state = (double)room->state_bytes, bytes = (double)room->room_bytes;
    const double share = bytes * sglang_state_ratio / (1 + sglang_state_ratio);
    const double aside = states_aside(d, state, share);
    const double most = floor(aside / state / (d->no_prefix_cache ? 1 : SGLANG_STATES));
    room->room_bytes = (int64_t)(bytes - aside);
    room->most_sequences = (int64_t)fmax(most, 1);
    room->state_bytes = 0;
}

/* The room that the engine printed, in place of ours. SGLang's tokens are of KV alone: its states
 * lie beside them. */
static bool take_printed(const struct xo_deployment *d, double weight_bytes,
                         struct xo_kv_room *room, struct xo_error *err)
{
    const bool apart = d->engine == XO_ENGINE_SGLANG && room->state_bytes > 0;
    const double state = (double)room->state_bytes;
    room->state_bytes = apart ? 0 : room->state_bytes;
    const double kv = xo_kv_room_bytes(d, room, d->kv_room_tokens);
    const double beside = apart ? states_aside(d, state, sglang_state_ratio * kv) : 0;
    const int n_gpus = xo_deployment_gpus(d);
    const double free_bytes = (d->gpu.memory_bytes - weight_bytes) * n_gpus;
    if (kv + beside > free_bytes)
        return xo_fail(err, XO_ERR_INPUT,
                       "%.0f tokens of KV are %.1f GB on each %s of %.1f GB beside %.1f GB of "
                       "weights; %.0f tokens are the most",
                       d->kv_room_tokens, (kv + beside) / n_gpus / 1e9, d->gpu.name,
                       d->gpu.memory_bytes / 1e9, weight_bytes / 1e9,
                       floor(d->kv_room_tokens * free_bytes / (kv + beside)));
    room->room_bytes = (int64_t)(kv + beside);
    if (apart) {
        room->state_bytes = (int64_t)state;
        set_states_aside(d, room);
        room->room_bytes = (int64_t)kv; /* to the byte */
    }
    return true;
}

bool xo_kv_room(const struct xo_deployment *d, struct xo_kv_room *out, struct xo_error *err)
{
    struct xo_shard s;
    struct xo_kv_room made, *const room = &made;
    if (!xo_shard_init(&s, d, err))
        return false;
    const double here = room_per_gpu(d, &s);
    const bool printed = d->kv_room_tokens > 0 && d->gpu.memory_bytes > s.weight_bytes;
    if (!printed && !fits(d, &s))
        return fail_to_fit(d, &s, least_per_gpu(d, &s) - here, err);
    const bool windowed = window_blocks(d) > 0;
    /* a block lives on every GPU of its rank, in each stage */
    const double copies = (double)d->tensor_parallel * s.stages * BLOCK_TOKENS;
    /* a state lives with its layers in each stage */
    const double stage = s.layers / d->model.layers;
    const double state = xo_model_linear_state_bytes(&d->model) * stage * s.stages;
    *room = (struct xo_kv_room){
        .room_bytes = (int64_t)(here * s.stage_gpus * s.stages),
        .full_block_bytes = (int64_t)layers_bytes(&s, copies, 1, windowed ? 0 : 1),
        .window_block_bytes = (int64_t)layers_bytes(&s, copies, 0, windowed ? 1 : 0),
        .window_blocks = window_blocks(d),
        .state_bytes = (int64_t)state,
        .block_tokens = BLOCK_TOKENS,
        .n_ranks = d->attention_dp,
    };
    if (printed && !take_printed(d, s.weight_bytes, room, err))
        return false;
    if (!printed && d->engine == XO_ENGINE_SGLANG && room->state_bytes > 0)
        set_states_aside(d, room);
    *out = made;
    return true;
}

double xo_kv_sequence_bytes(const struct xo_kv_room *room, double tokens)
{
    const double blocks = ceil(tokens / room->block_tokens);
    return blocks * (double)room->full_block_bytes +
           fmin(blocks, (double)room->window_blocks) * (double)room->window_block_bytes +
           (double)room->state_bytes;
}
