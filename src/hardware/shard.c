/* shard.c - a deployment cut into GPUs: checks, and what one of them holds and computes.
 *
 * Tensor parallelism cuts attention by heads and MLPs by columns; KV heads are copied where there
 * are fewer of them than GPUs, and MLA's latent is copied on each (docs/model.md, "Step time and KV
 * capacity").
 *
 * The state is a struct xo_shard, written once by xo_shard_init and read by kv.c and step.c. Layers
 * with KV lie in it by what they see: all of the context (full), a window, the choice of an indexer
 * (picked), and the indexers themselves. A layer is in one of the first three, but those of
 * compressed attention have a window besides, whose KV is held (held_layers) though the windowed
 * curve does not read it (layers). What a model says that cannot be cut so (dimensions.c) is
 * refused here, so that no step or room is worked out for it. Begin with xo_shard_init, set_layers
 * and count_weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard.h"
#include "xo/table.h"

#include <math.h>
#include <stdio.h>

static bool gpu_check(const struct xo_gpu *g, struct xo_error *err)
{
    const struct {
        const char *name;
        double value, min, max;
    } rows[] = {
        { "memory", g->memory_bytes, 1e6, 1e15 },
        { "bandwidth", g->hbm_bytes_per_s, 1e6, 1e16 },
        { "bf16 peak", g->bf16_flop_per_s, 1e6, 1e20 },
        { "fp8 peak", g->fp8_flop_per_s, 0, 1e20 },
        { "fp4 peak", g->fp4_flop_per_s, 0, 1e20 },
        { "link bandwidth", g->link_bytes_per_s, 0, 1e16 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!(rows[i].value >= rows[i].min && rows[i].value <= rows[i].max))
            return xo_fail(err, XO_ERR_INPUT, "GPU %s: %s is %g; it takes %g to %g", g->name,
                           rows[i].name, rows[i].value, rows[i].min, rows[i].max);
    return true;
}

/* What engines cut by tensor_parallel: heads, and the groups by which they leave, into equal parts;
 * KV heads into equal parts, or copies where GPUs are more (QKVParallelLinear in
 * vllm/model_executor/layers/linear.py). MLA's latent is copied, as one head would be. */
enum { N_CUTS = 4 };
struct cut {
    const char *what;
    int n;
    bool is_copied;
};
static void list_cuts(const struct xo_model *m, struct cut cuts[N_CUTS])
{
    const bool mla = xo_model_is_mla(m), windowed = m->window_layers > 0 && !mla;
    cuts[0] = (struct cut){ "heads", m->heads, false };
    cuts[1] = (struct cut){ "groups of heads", m->o_groups > 0 ? m->o_groups : m->heads, false };
    cuts[2] = (struct cut){ "KV heads", mla ? 1 : m->kv_heads, true };
    cuts[3] =
        (struct cut){ "KV heads with a window", windowed ? xo_window_layers(m).kv_heads : 1, true };
}

/* The first that so many GPUs do not share evenly; NULL: none. */
static const struct cut *uneven_cut(const struct cut cuts[N_CUTS], int n_gpus)
{
    for (int i = 0; i < N_CUTS; i++)
        if (cuts[i].n % n_gpus != 0 && !(cuts[i].is_copied && n_gpus % cuts[i].n == 0))
            return &cuts[i];
    return NULL;
}

static bool heads_check(const struct xo_deployment *d, struct xo_error *err)
{
    struct cut cuts[N_CUTS];
    list_cuts(&d->model, cuts);
    const struct cut *uneven = uneven_cut(cuts, d->tensor_parallel);
    if (uneven == NULL)
        return true;
    char would_do[80] = ""; /* "1, 2, 4, 7" */
    size_t used = 0;
    for (int i = 1; i <= d->model.heads && i <= 64 && used + 8 < sizeof would_do; i++)
        if (uneven_cut(cuts, i) == NULL)
            used += (size_t)snprintf(would_do + used, sizeof would_do - used,
                                     used > 0 ? ", %d" : "%d", i);
    return xo_fail(err, XO_ERR_INPUT,
                   "tensor_parallel = %d does not divide the %d %s of %s%s; one of %s would do",
                   d->tensor_parallel, uneven->n, uneven->what, d->model.name,
                   uneven->is_copied ? ", nor they it" : "", would_do);
}

enum { MOST_GPUS = 4096 }; /* of one replica */

static bool parallel_check(const struct xo_deployment *d, struct xo_error *err)
{
    const struct xo_model *m = &d->model;
    const struct {
        const char *name;
        int value, max;
    } rows[] = {
        { "tensor_parallel", d->tensor_parallel, 1024 },
        { "expert_parallel", d->expert_parallel, 1024 },
        { "pipeline_parallel", d->pipeline_parallel, m->layers },
        { "attention_dp", d->attention_dp, 1024 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].value < 1 || rows[i].value > rows[i].max)
            return xo_fail(err, XO_ERR_INPUT, "%s is %d; it takes 1 to %d", rows[i].name,
                           rows[i].value, rows[i].max);
    if (!heads_check(d, err))
        return false;
    if (m->experts == 0 && (d->expert_parallel > 1 || d->attention_dp > 1))
        return xo_fail(err, XO_ERR_INPUT,
                       "%s has no experts, so %s = %d means nothing; use more "
                       "replicas or tensor_parallel instead",
                       m->name, d->expert_parallel > 1 ? "expert_parallel" : "attention_dp",
                       d->expert_parallel > 1 ? d->expert_parallel : d->attention_dp);
    const int stage_gpus = d->tensor_parallel * d->attention_dp;
    if ((int64_t)stage_gpus * d->pipeline_parallel > MOST_GPUS)
        return xo_fail(err, XO_ERR_INPUT,
                       "a replica of %lld GPUs (tensor_parallel x attention_dp x "
                       "pipeline_parallel); %d are the most",
                       (long long)stage_gpus * d->pipeline_parallel, MOST_GPUS);
    if (stage_gpus % d->expert_parallel != 0 ||
        d->expert_parallel > (m->experts > 0 ? m->experts : 1))
        return xo_fail(
            err, XO_ERR_INPUT,
            "expert_parallel = %d does not fit %d GPUs (tensor_parallel "
            "x attention_dp) and %d experts; it must divide the first and be at most the "
            "second",
            d->expert_parallel, stage_gpus, m->experts);
    return true;
}

static bool is_amd(const struct xo_gpu *gpu)
{
    return gpu->generation >= XO_GEN_CDNA2 && gpu->generation <= XO_GEN_CDNA4;
}

static bool engine_check(const struct xo_deployment *d, struct xo_error *err)
{
    if ((unsigned)d->engine >= XO_N_ENGINES || (unsigned)d->weights >= XO_N_DTYPES ||
        (unsigned)d->kv >= XO_N_DTYPES || (unsigned)d->gpu.generation >= XO_N_GENERATIONS)
        return xo_fail(err, XO_ERR_INPUT, "%s: unknown engine, data type or GPU generation",
                       d->gpu.name);
    if (d->engine == XO_ENGINE_TRTLLM && is_amd(&d->gpu))
        return xo_fail(err, XO_ERR_INPUT,
                       "%s runs on NVIDIA GPUs alone, and %s is none; %s would do",
                       xo_engine_name(d->engine), d->gpu.name, xo_engine_name(XO_ENGINE_VLLM));
    if (!(d->memory_frac > 0 && d->memory_frac <= 1))
        return xo_fail(err, XO_ERR_INPUT, "memory fraction is %g; it takes more than 0 to 1",
                       d->memory_frac);
    if (d->chunk_tokens < 1 || d->chunk_tokens > 100000000)
        return xo_fail(err, XO_ERR_INPUT, "chunk budget is %lld tokens; it takes 1 to 100000000",
                       (long long)d->chunk_tokens);
    if (d->max_batch < 1 || d->max_batch > 10000000)
        return xo_fail(err, XO_ERR_INPUT, "maximum batch is %d; it takes 1 to 10000000",
                       d->max_batch);
    return true;
}

/* Bits of the parameters of a part: what a quantized checkpoint leaves in 16 bits. Routers, norms,
 * embeddings and the LM head always; what the model says of its checkpoints; else MXFP4 ones of MoE
 * models quantize routed experts alone (gpt-oss), and NVFP4 ones leave MLA's attention
 * (nvidia/DeepSeek-R1-FP4). */
static enum xo_dtype attention_type(const struct xo_deployment *d)
{
    if (d->model.quantized == XO_QUANTIZED_EXPERTS_OVER_FP8)
        return xo_dtype_bits(d->weights) < 8 ? XO_FP8 : d->weights;
    const bool moe = d->model.experts > 0;
    const bool kept = d->model.quantized != XO_QUANTIZED_USUAL || (d->weights == XO_MXFP4 && moe) ||
                      (d->weights == XO_NVFP4 && xo_model_is_mla(&d->model));
    return kept && xo_dtype_bits(d->weights) < 16 ? XO_BF16 : d->weights;
}
static enum xo_dtype mlp_type(const struct xo_deployment *d)
{
    if (d->model.quantized == XO_QUANTIZED_EXPERTS_OVER_FP8)
        return attention_type(d);
    const bool kept = d->model.quantized == XO_QUANTIZED_EXPERTS ||
                      (d->weights == XO_MXFP4 && d->model.experts > 0);
    return kept && xo_dtype_bits(d->weights) < 16 ? XO_BF16 : d->weights;
}

const char *const xo_quantized_names[] = { "usual", "mlp", "experts", "experts-over-fp8", NULL };
XO_NAMES_OF(xo_quantized_names, XO_N_QUANTIZED);

/* Parameters of this GPU's share of one layer of a kind. */
static double layer_here(const struct xo_model *m, struct xo_attention_layers kind, int tp)
{
    const struct xo_attention_params a = xo_attention_params(m, &kind);
    const double kv_share = ceil((double)kind.kv_heads / tp) / kind.kv_heads;
    return a.by_head / tp + a.by_kv_head * kv_share + a.whole;
}

/* The same of the attention of the mean layer. */
static double attention_here(const struct xo_model *m, int tp)
{
    const double attending = m->layers - m->linear_layers;
    const double window_share = attending > 0 ? m->window_layers / attending : 0;
    const double full = layer_here(m, xo_full_layers(m), tp);
    const double window = layer_here(m, xo_window_layers(m), tp);
    const double linear_share = (double)m->linear_layers / m->layers;
    return (1 - linear_share) * (full + window_share * (window - full)) +
           linear_share * xo_linear_params(m) / tp +
           (double)xo_index_layers(m) / m->layers * xo_indexer_params(m) +
           (double)m->compress_layers / m->layers * xo_compressor_params(m);
}

static void count_weights(struct xo_shard *s, const struct xo_deployment *d)
{
    const struct xo_model *m = &d->model;
    const int tp = d->tensor_parallel;
    const double moe = s->moe_layers, dense = s->layers - moe - s->bare_layers;
    const double attention = attention_here(m, tp) * s->layers;
    const double mlp = (dense * xo_mlp_params(m) + moe * m->shared_experts * xo_shared_params(m) +
                        moe * xo_latent_params(m)) /
                       tp;
    const double cut = (double)s->stage_gpus / d->expert_parallel; /* GPUs that share an expert */
    const double one_expert = moe * xo_expert_params(m) / cut;
    const double router = moe * m->hidden * m->experts;

    s->experts_held = (double)m->experts / d->expert_parallel;
    s->expert_width = m->expert_intermediate / cut;
    s->attention_bytes = attention * xo_dtype_bits(attention_type(d)) / 8;
    s->mlp_bytes = mlp * xo_dtype_bits(mlp_type(d)) / 8;
    s->one_expert_bytes = one_expert * xo_dtype_bits(d->weights) / 8;
    s->router_bytes = 2 * router;
    s->norm_bytes = 2 * (2 * s->layers - s->bare_layers + 1) * m->hidden;
    s->head_bytes = 2.0 * m->hidden * m->vocab / tp;
    s->embedding_bytes = m->tied_embeddings && s->stages == 1 ? 0 : s->head_bytes;
    s->tower_bytes = 2 * m->tower_params / tp;
    const double ends = s->stages == 1 ? s->head_bytes + s->embedding_bytes
                                       : s->head_bytes; /* embedding first, head last stage */
    s->weight_bytes = s->attention_bytes + s->mlp_bytes + s->experts_held * s->one_expert_bytes +
                      s->router_bytes + s->norm_bytes + ends + s->tower_bytes;
    s->attention_flop = 2 * attention;
    s->mlp_flop = 2 * mlp;
    s->expert_flop = 2 * one_expert;
    s->attention_type = attention_type(d);
    s->mlp_type = mlp_type(d);
    s->router_flop = 2 * router;
    s->head_flop = s->head_bytes; /* 2 flops and 2 bytes a parameter */
}

/* Decoding absorbs MLA's up-projections, so each head works on the latent (kv_lora + rope,
 * kv_lora); prefill expands it (nope + rope, v). */
static struct xo_attention attention_of(const struct xo_deployment *d,
                                        struct xo_attention_layers kind, double stage)
{
    const struct xo_model *m = &d->model;
    const double kv_bytes = xo_dtype_bits(d->kv) / 8;
    const double heads = (double)m->heads / d->tensor_parallel;
    struct xo_attention a = { .layers = kind.layers * stage, .held_layers = kind.own_kv * stage };
    if (xo_model_is_mla(m)) {
        const double latent = m->kv_lora_rank + m->rope_dim;
        a.kv_heads = 1;
        a.kv_layer_bytes = latent * kv_bytes;
        a.decode_pair_flop = 2 * heads * (latent + m->kv_lora_rank);
        a.prefill_pair_flop = 2 * heads * (m->nope_dim + m->rope_dim + m->v_head_dim);
        return a;
    }
    a.kv_heads = ceil((double)kind.kv_heads / d->tensor_parallel);
    a.kv_layer_bytes = 2 * a.kv_heads * kind.head_dim * kv_bytes;
    a.decode_pair_flop = 2 * heads * (2.0 * kind.head_dim);
    a.prefill_pair_flop = a.decode_pair_flop;
    return a;
}

/* An indexer scores every entry with all its heads, on each GPU. */
static struct xo_attention index_of(const struct xo_model *m, double stage)
{
    const double layers = xo_index_layers(m) * stage, by = m->index_by > 0 ? m->index_by : 1;
    const double flop = 2.0 * m->index_heads * m->index_dim / by;
    return (struct xo_attention){ .layers = layers,
                                  .held_layers = layers,
                                  .kv_heads = 1,
                                  .kv_layer_bytes = xo_index_bytes(m) / by,
                                  .decode_pair_flop = flop,
                                  .prefill_pair_flop = flop };
}

/* Layers of compressed attention that see entries of `by` tokens: one vector is key and value. */
static struct xo_attention entries_of(const struct xo_deployment *d, double layers, double by)
{
    const double flop = 4.0 * d->model.heads / d->tensor_parallel * d->model.head_dim / by;
    return (struct xo_attention){ .layers = layers,
                                  .held_layers = layers,
                                  .kv_heads = 1,
                                  .kv_layer_bytes = xo_kv_vector_bytes(&d->model, d->kv) / by,
                                  .decode_pair_flop = flop,
                                  .prefill_pair_flop = flop };
}

static void set_compressed(struct xo_shard *s, const struct xo_deployment *d, double stage)
{
    const struct xo_model *m = &d->model;
    s->full = entries_of(d, m->compress_layers * stage, m->compress_by > 0 ? m->compress_by : 1);
    s->picked = entries_of(d, xo_sparse_layers(m) * stage, m->index_by > 0 ? m->index_by : 1);
    s->window = entries_of(d, m->window_tokens > 0 ? m->layers * stage : 0, 1);
    s->beside_layers = s->window.layers;
    s->window.layers = 0;
}

/* The layers with KV, those that see a choice apart. */
static void set_layers(struct xo_shard *s, const struct xo_deployment *d, double stage)
{
    const struct xo_model *m = &d->model;
    const double sparse = xo_sparse_layers(m) * stage;
    s->index = index_of(m, stage);
    if (xo_model_is_compressed(m)) {
        set_compressed(s, d, stage);
        return;
    }
    s->full = s->picked = attention_of(d, xo_full_layers(m), stage);
    s->window = attention_of(d, xo_window_layers(m), stage);
    s->full.layers -= sparse;
    s->full.held_layers -= sparse;
    s->picked.layers = s->picked.held_layers = sparse;
    s->picked.prefill_pair_flop = s->picked.decode_pair_flop; /* of the latent as it is */
}

bool xo_shard_init(struct xo_shard *s, const struct xo_deployment *d, struct xo_error *err)
{
    if (!engine_check(d, err) || !gpu_check(&d->gpu, err) || !xo_model_check(&d->model, err) ||
        !parallel_check(d, err) || !xo_weights_check(d, err) || !xo_kv_type_check(d, err))
        return false;
    const struct xo_model *m = &d->model;
    const double stage = ceil((double)m->layers / d->pipeline_parallel) / m->layers;
    *s = (struct xo_shard){
        .stage_gpus = d->tensor_parallel * d->attention_dp,
        .ranks = d->attention_dp,
        .stages = d->pipeline_parallel,
        .layers = m->layers * stage,
        .moe_layers = xo_moe_layers(m) * stage,
        .bare_layers = m->bare_layers * stage,
    };
    set_layers(s, d, stage);
    count_weights(s, d);
    return true;
}

int xo_deployment_gpus(const struct xo_deployment *d)
{
    return d->tensor_parallel * d->attention_dp * d->pipeline_parallel;
}

bool xo_gpu_weights(const struct xo_deployment *d, struct xo_gpu_weights *weights,
                    struct xo_error *err)
{
    struct xo_shard s;
    if (!xo_shard_init(&s, d, err))
        return false;
    *weights = (struct xo_gpu_weights){ .attention_bytes = s.attention_bytes,
                                        .mlp_bytes = s.mlp_bytes,
                                        .expert_bytes = s.experts_held * s.one_expert_bytes,
                                        .router_bytes = s.router_bytes,
                                        .norm_bytes = s.norm_bytes,
                                        .embedding_bytes = s.stages == 1 ? s.embedding_bytes : 0,
                                        .head_bytes = s.head_bytes,
                                        .tower_bytes = s.tower_bytes,
                                        .total_bytes = s.weight_bytes };
    return true;
}
