/* test_deployments.c - what a deployment may be and where it comes from: types, limits, constants,
 * how far they are trusted, the power of a GPU, the catalog and the scenario.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "hardware_kit.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- types ---- */

/* Weights that each generation runs, and KV caches of vLLM and SGLang; TensorRT-LLM has int8 beside
 * those, and NVFP4 on Blackwell. Sources: src/hardware/dtype.c. */
static const struct {
    const char *generation, *weights, *kv, *trt_more;
} types[] = {
    { "turing", "fp16 int8 int4", "fp16", "int8" },
    { "volta", "fp16 int8 int4", "fp16", "int8" },
    { "ampere", "fp16 bf16 fp8 int8 int4 nvfp4 mxfp4", "fp16 bf16 fp8", "int8" },
    { "ada", "fp16 bf16 fp8 int8 int4 nvfp4 mxfp4", "fp16 bf16 fp8", "int8" },
    { "hopper", "fp16 bf16 fp8 int8 int4 nvfp4 mxfp4", "fp16 bf16 fp8", "int8" },
    { "blackwell", "fp16 bf16 fp8 int8 int4 nvfp4 mxfp4", "fp16 bf16 fp8", "int8 nvfp4" },
    { "cdna2", "fp16 bf16 int8 int4", "fp16 bf16", "int8" },
    { "cdna3", "fp16 bf16 fp8 int8 int4 mxfp4", "fp16 bf16 fp8", "int8" },
    { "cdna4", "fp16 bf16 fp8 int8 int4 mxfp4", "fp16 bf16 fp8", "int8" },
    { "other", "fp16 bf16 fp8 int8 int4 mxfp4", "fp16 bf16 fp8", "int8" },
};

static bool has_word(const char *words, const char *word)
{
    const char *at = strstr(words, word);
    return at != NULL && (at == words || at[-1] == ' ');
}

START_TEST(each_generation_takes_its_types)
{
    ck_assert_str_eq(xo_generation_names[_i], types[_i].generation);
    for (int t = 0; t < XO_N_DTYPES; t++) {
        const char *name = xo_dtype_name((enum xo_dtype)t);
        struct xo_deployment d = deployment("llama-3.2-1b", &switched, (enum xo_dtype)t, 1);
        struct xo_gpu_weights held;
        d.gpu.generation = (enum xo_gpu_generation)_i;
        d.kv = XO_FP16;
        ck_assert_msg(xo_gpu_weights(&d, &held, NULL) == has_word(types[_i].weights, name),
                      "%s weights on %s", name, types[_i].generation);
        d.weights = XO_FP16;
        d.kv = (enum xo_dtype)t;
        for (int e = 0; e < XO_N_ENGINES; e++) {
            d.engine = (enum xo_engine_family)e;
            const bool more = e == XO_ENGINE_TRTLLM && has_word(types[_i].trt_more, name);
            const bool runs = e != XO_ENGINE_TRTLLM || _i < XO_GEN_CDNA2 || _i > XO_GEN_CDNA4;
            ck_assert_msg(xo_gpu_weights(&d, &held, NULL) ==
                              (runs && (more || has_word(types[_i].kv, name))),
                          "a KV cache in %s on %s", name, types[_i].generation);
        }
    }
}
END_TEST

START_TEST(types_have_the_bits_of_their_values_and_scales)
{
    static const struct {
        const char *name;
        double bits;
    } rows[] = { { "fp16", 16 },
                 { "bf16", 16 },
                 { "fp8", 8 },
                 { "int8", 8 },
                 { "int4", 4 + 16 / 64.0 }, /* a 16-bit scale for 64 */
                 { "nvfp4", 4 + 8 / 16.0 }, /* an 8-bit one for 16 */
                 { "mxfp4", 4 + 8 / 32.0 } };
    for (int i = 0; i < XO_N_DTYPES; i++) {
        ck_assert_str_eq(xo_dtype_name((enum xo_dtype)i), rows[i].name);
        ck_assert_double_eq(xo_dtype_bits((enum xo_dtype)i), rows[i].bits);
    }
}
END_TEST

/* ---- limits ---- */

/* A model with a little of everything; rows that speak of latent attention take one that has it. */
static struct xo_model odd_model(bool latent)
{
    return (struct xo_model){ .name = "odd",
                              .layers = 6,
                              .hidden = 64,
                              .heads = 8,
                              .kv_heads = 4,
                              .head_dim = 8,
                              .vocab = 100,
                              .intermediate = 128,
                              .experts = 4,
                              .experts_per_token = 2,
                              .shared_experts = 1,
                              .expert_intermediate = 32,
                              .dense_layers = 1,
                              .window_layers = 1,
                              .window_tokens = 128,
                              .linear_layers = 2,
                              .linear_key_heads = 2,
                              .linear_value_heads = 4,
                              .linear_key_dim = 8,
                              .linear_value_dim = 8,
                              .linear_conv = 4,
                              .kv_lora_rank = latent ? 16 : 0,
                              .v_head_dim = 8,
                              .nope_dim = 8,
                              .rope_dim = 4,
                              .q_lora_rank = 16 };
}

#define OF(field) #field, offsetof(struct xo_model, field)
static const struct {
    const char *name;
    size_t at;
    int min, max;
    bool latent;
} model_limits[] = {
    { OF(layers), 1, 100000, false },
    { OF(hidden), 1, 10000000, false },
    { OF(heads), 1, 100000, false },
    { OF(kv_heads), 1, 8, false }, /* as many as heads */
    { OF(head_dim), 1, 100000, false },
    { OF(head_dim), 0, 100000, true },
    { OF(vocab), 1, 100000000, false },
    { OF(intermediate), 1, 10000000, false }, /* where layers without experts are */
    { OF(experts), 0, 100000, false },
    { OF(experts_per_token), 1, 4, false }, /* as many as experts */
    { OF(expert_intermediate), 1, 10000000, false },
    { OF(shared_experts), 0, 4, false },
    { OF(dense_layers), 0, 6, false },  /* as many as layers */
    { OF(window_layers), 0, 4, false }, /* as many as are not linear */
    { "window", offsetof(struct xo_model, window_tokens), 1, INT32_MAX, false },
    { OF(expert_matrices), 0, 3, false },
    { OF(expert_hidden), 0, 10000000, false },
    { OF(bare_layers), 0, 5, false }, /* as many as are not dense */
    { OF(window_head_dim), 0, 100000, false },
    { OF(window_kv_heads), 0, 8, false },
    { OF(kv_shared_layers), 0, 2, false },        /* of three */
    { OF(kv_shared_window_layers), 0, 0, false }, /* of one */
    { OF(index_layers), 0, 0, false },            /* without an indexer */
    { OF(index_shared_layers), 0, 0, false },
    { OF(index_top_k), 0, INT32_MAX, false },
    { OF(o_lora_rank), 0, 1000000, false },
    { OF(o_groups), 0, 0, false }, /* without compressed attention */
    { OF(compress_layers), 0, 0, false },
    { OF(compress_by), 0, 1000000, false },
    { OF(index_by), 0, 0, false },
    { OF(residual_streams), 0, 1000, false },
    { OF(linear_layers), 0, 6, false },
    { OF(linear_key_heads), 1, 100000, false },
    { OF(linear_value_heads), 1, 100000, false },
    { OF(linear_key_dim), 1, 100000, false },
    { OF(linear_value_dim), 1, 100000, false },
    { OF(linear_conv), 0, 1000, false },
    { OF(kv_lora_rank), 0, 1000000, true },
    { OF(v_head_dim), 1, 100000, true },
    { OF(v_head_dim), 0, 100000, false },
    { OF(nope_dim), 0, 100000, true },
    { OF(rope_dim), 0, 100000, true },
    { OF(q_lora_rank), 0, 1000000, true },
};
#undef OF
enum { N_MODEL_LIMITS = sizeof model_limits / sizeof *model_limits };

/* The deployment is refused for this reason and no other; "": not for a reason that begins so. */
static void ck_refused(const struct xo_deployment *d, bool refused, const char *reason)
{
    struct xo_error err = { 0 };
    struct xo_step_model *m = xo_step_model_new(d, &err);
    ck_assert_msg((m == NULL && strcmp(err.text, reason) == 0) == refused, "\"%s\" is %ssaid: %s",
                  reason, refused ? "not " : "", err.text);
    xo_step_model_free(m);
}

START_TEST(a_kv_cache_that_there_is_not_names_those_that_there_are)
{
    struct xo_deployment d = deployment("llama-3.2-1b", &switched, XO_BF16, 1);
    d.gpu.generation = XO_GEN_CDNA2;
    d.kv = XO_FP8;
    ck_refused(&d, true,
               "a KV cache in fp8 does not exist for this engine on switched (cdna2); "
               "fp16 or bf16 would do");
}
END_TEST

START_TEST(dimensions_have_limits)
{
    for (int row = 0; row < N_MODEL_LIMITS; row++) {
        const int values[] = { model_limits[row].min, model_limits[row].max,
                               model_limits[row].min - 1,
                               model_limits[row].max + (model_limits[row].max < INT32_MAX) };
        for (int i = 0; i < 4; i++) {
            struct xo_deployment d = deployment("llama-3.2-1b", &switched, XO_BF16, 1);
            char reason[200];
            d.model = odd_model(model_limits[row].latent);
            d.chunk_tokens = d.max_batch = 1;
            *(int *)(void *)((char *)&d.model + model_limits[row].at) = values[i];
            snprintf(reason, sizeof reason, "model odd: %s is %d; it takes %d to %d",
                     model_limits[row].name, values[i], model_limits[row].min,
                     model_limits[row].max);
            ck_refused(&d, values[i] < model_limits[row].min || values[i] > model_limits[row].max,
                       reason);
        }
    }
}
END_TEST

/* What a model does not have it need not say, and what it says without is too much. */
START_TEST(dimensions_of_what_a_model_lacks_may_be_none)
{
    struct xo_deployment d = deployment("llama-3.2-1b", &switched, XO_BF16, 1);
    d.chunk_tokens = d.max_batch = 1;
    d.model = odd_model(false);
    d.model.window_layers = d.model.window_tokens = 0;
    d.model.linear_layers = d.model.linear_key_heads = d.model.linear_value_heads = 0;
    d.model.linear_key_dim = d.model.linear_value_dim = d.model.linear_conv = 0;
    d.model.experts = d.model.experts_per_token = d.model.shared_experts = 0;
    d.model.expert_intermediate = 0;
    struct xo_gpu_weights held;
    ck_assert(xo_gpu_weights(&d, &held, NULL));
    d.model.experts_per_token = 1;
    ck_refused(&d, true, "model odd: experts_per_token is 1; it takes 0 to 0");
}
END_TEST

/* Else weights or rooms would be no numbers, or below 0. */
START_TEST(towers_and_states_have_sizes)
{
    struct xo_deployment d = deployment("llama-3.2-1b", &switched, XO_BF16, 1);
    d.model.tower_params = NAN;
    ck_refused(&d, true, "model llama-3.2-1b: tower_params is nan; it takes 0 to 1e+12");
    d.model.tower_params = -1;
    ck_refused(&d, true, "model llama-3.2-1b: tower_params is -1; it takes 0 to 1e+12");
    d.model.tower_params = 0;
    d.model.linear_state_bits = 24;
    ck_refused(&d, true, "model llama-3.2-1b: linear_state_bits is 24; it takes 16 or 32");
    struct xo_gpu_weights held;
    d.model.linear_state_bits = 16;
    ck_assert(xo_gpu_weights(&d, &held, NULL));
}
END_TEST

/* A step tells two lengths of context apart, and a latent has no heads. */
START_TEST(what_cannot_be_described_is_refused)
{
    struct xo_deployment d = deployment("llama-3.2-1b", &switched, XO_BF16, 1);
    d.model = odd_model(false);
    d.model.index_top_k = 64;
    d.model.index_heads = d.model.index_dim = 8;
    ck_refused(&d, true,
               "model odd has an indexer (index_top_k) and windowed layers; only one of the two is "
               "simulated");
    /* two of its layers are linear, so four may have an indexer or take a choice */
    d.model.window_layers = d.model.window_tokens = 0;
    d.model.index_layers = 3;
    d.model.index_shared_layers = 2;
    ck_refused(&d, true, "model odd: index_shared_layers is 2; it takes 0 to 1");
    d.model.index_layers = 5;
    ck_refused(&d, true, "model odd: index_layers is 5; it takes 0 to 4");
    d.model = odd_model(true);
    d.model.window_kv_heads = 2;
    ck_refused(&d, true,
               "model odd has a latent (kv_lora_rank), so window_head_dim, window_kv_heads, "
               "keys_as_values and shared KV mean nothing");
    d.model.window_kv_heads = 0;
    d.model.kv_shared_layers = 1;
    ck_refused(&d, true,
               "model odd has a latent (kv_lora_rank), so window_head_dim, window_kv_heads, "
               "keys_as_values and shared KV mean nothing");
    d = deployment("deepseek-v4-flash", &switched, XO_MXFP4, 1);
    const char *compressed =
        "model deepseek-v4-flash has compressed attention (o_lora_rank): it takes kv_heads = 1, a "
        "q_lora_rank, o_groups that divide heads and a rope_dim within head_dim; no latent, "
        "windowed or linear layers, shared KV or choices, or gate";
    d.model.kv_heads = 2;
    ck_refused(&d, true, compressed);
    d.model.kv_heads = 1;
    d.model.o_groups = 7; /* of 64 heads */
    ck_refused(&d, true, compressed);
    d.model.o_groups = 8;
    d.model.index_shared_layers = 2; /* what they would hold is not known */
    ck_refused(&d, true, compressed);
    d.model.index_shared_layers = 0;
    d.model.index_by = 1;
    ck_refused(&d, true, "model deepseek-v4-flash: index_by is 1; it takes 2 to 1000000");
    d = deployment("llama-3.2-1b", &switched, XO_BF16, 1);
    d.model.index_top_k = 64;
    d.model.index_heads = d.model.index_dim = 8;
    d.model.kv_shared_layers = 3;
    ck_refused(&d, true,
               "model llama-3.2-1b has an indexer (index_top_k) and kv_shared_layers; only one of "
               "the two is simulated");
    /* an index needs heads, and short convolutions need no keys */
    d.model = odd_model(false);
    d.model.index_top_k = 64;
    ck_refused(&d, true, "model odd: index_heads is 0; it takes 1 to 100000");
    d.model = odd_model(false);
    d.model.linear_kind = XO_LINEAR_CONV;
    d.model.linear_key_heads = d.model.linear_key_dim = 0;
    struct xo_gpu_weights held;
    d.chunk_tokens = d.max_batch = 1;
    ck_assert(xo_gpu_weights(&d, &held, NULL));
}
END_TEST

static const struct {
    const char *name;
    size_t at;
    double min, max;
} gpu_limits[] = {
    { "memory", offsetof(struct xo_gpu, memory_bytes), 1e6, 1e15 },
    { "bandwidth", offsetof(struct xo_gpu, hbm_bytes_per_s), 1e6, 1e16 },
    { "bf16 peak", offsetof(struct xo_gpu, bf16_flop_per_s), 1e6, 1e20 },
    { "fp8 peak", offsetof(struct xo_gpu, fp8_flop_per_s), 0, 1e20 },
    { "fp4 peak", offsetof(struct xo_gpu, fp4_flop_per_s), 0, 1e20 },
    { "link bandwidth", offsetof(struct xo_gpu, link_bytes_per_s), 0, 1e16 },
};
enum { N_GPU_LIMITS = sizeof gpu_limits / sizeof *gpu_limits };

/* The message for a value just within and just beyond each limit. */
static void ck_limits(struct xo_deployment *d, double *value, const char *of, const char *name,
                      double min, double max)
{
    const double values[] = { min, max, min == 0 ? -1 : min * 0.999, max * 1.001 };
    const double kept = *value;
    for (int i = 0; i < 4; i++) {
        char reason[200];
        *value = values[i];
        snprintf(reason, sizeof reason, "%s: %s is %g; it takes %g to %g", of, name, values[i], min,
                 max);
        ck_refused(d, i >= 2, reason);
    }
    *value = kept;
}

START_TEST(data_sheets_have_limits)
{
    for (int row = 0; row < N_GPU_LIMITS; row++) {
        struct xo_deployment d = deployment("llama-3.2-1b", &switched, XO_BF16, 1);
        d.chunk_tokens = d.max_batch = 1;
        ck_limits(&d, (double *)(void *)((char *)&d.gpu + gpu_limits[row].at), "GPU switched",
                  gpu_limits[row].name, gpu_limits[row].min, gpu_limits[row].max);
    }
}
END_TEST

/* Wider than the ranges of the keys of scenarios: a step_scale that is drawn may lie beyond them.
 */
#define OF(field) offsetof(struct xo_efficiency, field)
static const struct {
    const char *name;
    size_t at;
    double min, max;
} constant_limits[] = {
    { "mbu_weights", OF(mbu_weights_frac), 1e-3, 1 },
    { "mbu_kv", OF(mbu_kv_frac), 1e-3, 1 },
    { "mfu_linear", OF(mfu_linear_frac), 1e-3, 1 },
    { "mfu_attention", OF(mfu_attention_frac), 1e-3, 1 },
    { "mfu_8bit", OF(mfu_8bit_frac), 1e-3, 1 },
    { "mfu_4bit", OF(mfu_4bit_frac), 1e-3, 1 },
    { "mfu_experts", OF(mfu_experts_frac), 1e-3, 1 },
    { "mfu_experts_4bit", OF(mfu_experts_4bit_frac), 1e-3, 1 },
    { "mbu_4bit", OF(mbu_4bit_frac), 1e-3, 1 },
    { "link_frac", OF(link_frac), 1e-3, 1 },
    { "step time", OF(step_s), 0, 10 },
    { "layer time in decoding", OF(layer_decode_s), 0, 1 },
    { "layer time in prefill", OF(layer_prefill_s), 0, 1 },
    { "MoE layer time in decoding", OF(moe_decode_s), 0, 1 },
    { "MoE layer time in decoding of 4 bits", OF(moe_decode_4bit_s), 0, 1 },
    { "MoE layer time in prefill", OF(moe_prefill_s), 0, 1 },
    { "attention floor", OF(attention_floor_s), 0, 1 },
    { "sequence time", OF(sequence_s), 0, 1 },
    { "all-reduce latency", OF(allreduce_latency_s), 0, 1 },
    { "expert imbalance", OF(expert_imbalance), 1, 1000 },
    { "step scale", OF(step_scale), 1e-6, 1e6 },
};
enum { N_CONSTANT_LIMITS = sizeof constant_limits / sizeof *constant_limits };

START_TEST(constants_have_limits)
{
    for (int row = 0; row < N_CONSTANT_LIMITS; row++) {
        struct xo_deployment d = deployment("llama-3.2-1b", &switched, XO_BF16, 1);
        d.chunk_tokens = d.max_batch = 1;
        ck_limits(&d, (double *)(void *)((char *)&d.efficiency + constant_limits[row].at),
                  "efficiency", constant_limits[row].name, constant_limits[row].min,
                  constant_limits[row].max);
    }
}
END_TEST

/* Llama 3.2 1B has 16 layers and 32 heads; Qwen3 30B 32 heads and 128 experts. */
START_TEST(parallelism_has_limits)
{
    static const struct {
        const char *model;
        int tp, ep, pp, dp;
        const char *reason; /* NULL: fine */
    } rows[] = {
        { "llama-3.2-1b", 1, 1, 16, 1, NULL },
        { "llama-3.2-1b", 1, 1, 17, 1, "pipeline_parallel is 17; it takes 1 to 16" },
        { "llama-3.2-1b", 1, 1, 0, 1, "pipeline_parallel is 0; it takes 1 to 16" },
        { "llama-3.2-1b", 1, 0, 1, 1, "expert_parallel is 0; it takes 1 to 1024" },
        { "llama-3.2-1b", 0, 1, 1, 1, "tensor_parallel is 0; it takes 1 to 1024" },
        { "llama-3.2-1b", 1025, 1, 1, 1, "tensor_parallel is 1025; it takes 1 to 1024" },
        { "qwen3-30b-a3b", 1, 1025, 1, 1, "expert_parallel is 1025; it takes 1 to 1024" },
        { "qwen3-30b-a3b", 1, 1, 1, 1025, "attention_dp is 1025; it takes 1 to 1024" },
        { "qwen3-30b-a3b", 4, 1, 2, 1024,
          "a replica of 8192 GPUs (tensor_parallel x attention_dp x pipeline_parallel); 4096 are "
          "the most" },
        { "qwen3-30b-a3b", 1, 1, 1, 1024, NULL },
        { "qwen3-30b-a3b", 1, 1, 1, 0, "attention_dp is 0; it takes 1 to 1024" },
        { "qwen3-30b-a3b", 32, 128, 1, 4, NULL },
        { "qwen3-30b-a3b", 32, 256, 1, 8,
          "expert_parallel = 256 does not fit 256 GPUs (tensor_parallel x attention_dp) and 128 "
          "experts; it must divide the first and be at most the second" },
        { "qwen3-30b-a3b", 4, 3, 1, 2,
          "expert_parallel = 3 does not fit 8 GPUs (tensor_parallel x attention_dp) and 128 "
          "experts; it must divide the first and be at most the second" },
        { "qwen3-30b-a3b", 3, 3, 1, 1,
          "tensor_parallel = 3 does not divide the 32 heads of qwen3-30b-a3b; one of 1, 2, 4, 8, "
          "16, 32 would do" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct xo_deployment d = deployment(rows[i].model, &switched, XO_BF16, rows[i].tp);
        d.expert_parallel = rows[i].ep;
        d.pipeline_parallel = rows[i].pp;
        d.attention_dp = rows[i].dp;
        struct xo_gpu_weights held;
        struct xo_error err = { 0 };
        ck_assert_msg(xo_gpu_weights(&d, &held, &err) == (rows[i].reason == NULL), "row %zu: %s", i,
                      err.text);
        if (rows[i].reason != NULL)
            ck_assert_str_eq(err.text, rows[i].reason);
    }
    struct xo_deployment d = deployment("llama-3.2-1b", &switched, XO_BF16, 3);
    d.model.heads = d.model.kv_heads = 1024; /* divisors up to 64 are named */
    ck_refused(&d, true,
               "tensor_parallel = 3 does not divide the 1024 heads of llama-3.2-1b; one of 1, 2, "
               "4, 8, 16, 32, 64 would do");
}
END_TEST

/* Beside heads, GPUs share the groups by which they leave, and KV heads, which are copied where
 * GPUs are more; a window may have KV heads of its own, a latent has one. */
START_TEST(groups_and_kv_heads_are_cut_evenly_too)
{
    struct xo_deployment d = deployment("deepseek-v4-flash", &switched, XO_MXFP4, 16);
    struct xo_gpu_weights held;
    ck_refused(&d, true,
               "tensor_parallel = 16 does not divide the 8 groups of heads of deepseek-v4-flash; "
               "one of 1, 2, 4, 8 would do");
    d.tensor_parallel = 8;
    ck_assert(xo_gpu_weights(&d, &held, NULL));
    d = deployment("llama-3.2-1b", &switched, XO_BF16, 6);
    d.model.heads = 24;
    d.model.kv_heads = 4;
    ck_refused(&d, true,
               "tensor_parallel = 6 does not divide the 4 KV heads of llama-3.2-1b, nor they it; "
               "one of 1, 2, 4, 8, 12, 24 would do");
    d.tensor_parallel = 12; /* each KV head three times */
    ck_assert(xo_gpu_weights(&d, &held, NULL));
    d.model.window_layers = 8;
    d.model.window_tokens = 512;
    d.model.window_kv_heads = 8;
    ck_refused(&d, true,
               "tensor_parallel = 12 does not divide the 8 KV heads with a window of llama-3.2-1b, "
               "nor they it; one of 1, 2, 4, 8, 24 would do");
    d.tensor_parallel = 24;
    ck_assert(xo_gpu_weights(&d, &held, NULL));
}
END_TEST

START_TEST(engines_have_limits)
{
    struct xo_deployment d = deployment("llama-3.2-1b", &switched, XO_BF16, 1);
    d.memory_frac = 1;
    d.chunk_tokens = 100000000;
    d.max_batch = 10000000;
    struct xo_gpu_weights held;
    ck_assert(xo_gpu_weights(&d, &held, NULL));
    d.memory_frac = 0;
    ck_refused(&d, true, "memory fraction is 0; it takes more than 0 to 1");
    d.memory_frac = NAN;
    ck_refused(&d, true, "memory fraction is nan; it takes more than 0 to 1");
    d.memory_frac = 0.001;
    ck_assert(xo_gpu_weights(&d, &held, NULL));
    d.chunk_tokens = 1;
    d.max_batch = 10000001;
    ck_refused(&d, true, "maximum batch is 10000001; it takes 1 to 10000000");
    d.max_batch = 1;
    ck_assert(xo_gpu_weights(&d, &held, NULL));
    d.chunk_tokens = 100000001;
    ck_refused(&d, true, "chunk budget is 100000001 tokens; it takes 1 to 100000000");
    d.chunk_tokens = 1;
    d.engine = XO_ENGINE_TRTLLM;
    d.gpu.generation = XO_GEN_CDNA3;
    ck_refused(&d, true, "trtllm runs on NVIDIA GPUs alone, and switched is none; vllm would do");
    d.engine = XO_ENGINE_SGLANG;
    ck_assert(xo_gpu_weights(&d, &held, NULL));
}
END_TEST

START_TEST(words_beyond_their_enums_are_refused)
{
    static const char reason[] = "switched: unknown engine, data type or GPU generation";
    const struct xo_deployment whole = deployment("llama-3.2-1b", &switched, XO_BF16, 1);
    struct xo_deployment d = whole;
    d.engine = XO_N_ENGINES;
    ck_refused(&d, true, reason);
    d = whole;
    d.weights = XO_N_DTYPES;
    ck_refused(&d, true, reason);
    d = whole;
    d.kv = XO_N_DTYPES;
    ck_refused(&d, true, reason);
    d = whole;
    d.gpu.generation = XO_N_GENERATIONS;
    ck_refused(&d, true, reason);
}
END_TEST

START_TEST(constant_steps_are_finite)
{
    struct xo_error err = { 0 };
    ck_assert_ptr_null(xo_step_model_constant(INFINITY, &err));
    ck_assert_str_eq(err.text, "a constant step takes inf s; it must be positive");
    ck_assert_ptr_null(xo_step_model_constant(-1, &err));
    ck_assert_ptr_null(xo_step_model_constant(NAN, &err));
}
END_TEST

/* ---- constants ---- */

/* As docs/model.md states them: those that all engines share, and the host's times by engine, today
 * and in 2024. */
START_TEST(constants_are_those_of_the_documentation)
{
    static const struct {
        const char *name;
        double value;
    } shared[] = {
        { "mbu_weights", 0.955 },
        { "mbu_4bit", 0.79 },
        { "mbu_kv", 0.89 },
        { "mfu_linear", 0.66 },
        { "mfu_4bit", 0.56 },
        { "mfu_experts", 0.55 },
        { "mfu_experts_4bit", 0.7 },
        { "mfu_attention", 0.75 },
        { "moe_decode", 34e-6 },
        { "moe_decode_4bit", 12e-6 },
        { "attention_floor", 7.4e-7 },
        { "allreduce_latency", 2.4e-6 },
        { "link_efficiency", 0.91 },
        { "expert_imbalance", 1.1 },
        { "step_scale", 1 },
    };
    static const struct {
        enum xo_engine_family engine;
        bool of_2024;
        double step_ms, layer_us, prefill_us, sequence_us, moe_prefill_us, mfu_8bit;
    } hosts[] = {
        { XO_ENGINE_VLLM, false, 0.09, 63, 63, 3.5, 210, 0.57 },
        { XO_ENGINE_SGLANG, false, 0.26, 82, 160, 8.3, 250, 0.55 },
        { XO_ENGINE_TRTLLM, false, 0.18, 52, 52, 7.4, 220, 0.76 },
        { XO_ENGINE_VLLM, true, 0.07, 140, 140, 20, 210, 0.57 },
        { XO_ENGINE_SGLANG, true, 0.26, 82, 160, 8.3, 250, 0.55 },
        { XO_ENGINE_TRTLLM, true, 0.21, 97, 97, 12, 220, 0.76 },
    };
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct xo_efficiency e = hosts[i].of_2024 ? xo_efficiency_of_2024(hosts[i].engine)
                                                  : xo_efficiency_default(hosts[i].engine);
        for (size_t k = 0; k < sizeof shared / sizeof *shared; k++)
            ck_near(*xo_constant_at(&e, xo_constant_find(shared[k].name)), shared[k].value,
                    shared[k].name, "value");
        ck_near(e.step_s, hosts[i].step_ms * 1e-3, xo_engine_name(hosts[i].engine), "step");
        ck_near(e.layer_decode_s, hosts[i].layer_us * 1e-6, "a layer", "decoding");
        ck_near(e.layer_prefill_s, hosts[i].prefill_us * 1e-6, "a layer", "prefill");
        ck_near(e.sequence_s, hosts[i].sequence_us * 1e-6, "a sequence", "time");
        ck_near(e.moe_prefill_s, hosts[i].moe_prefill_us * 1e-6, "a MoE layer", "prefill");
        ck_near(e.mfu_8bit_frac, hosts[i].mfu_8bit, "mfu_8bit", "value");
    }
}
END_TEST

/* Each name of a scenario stands for one field. What is more of a share is faster. */
#define OF(field) offsetof(struct xo_efficiency, field)
static const struct xo_constant named[] = {
    { "mbu_weights", OF(mbu_weights_frac), true, 0.3 },
    { "mbu_4bit", OF(mbu_4bit_frac), true, 0.25 },
    { "mbu_kv", OF(mbu_kv_frac), true, 0.4 },
    { "mfu_linear", OF(mfu_linear_frac), true, 0.3 },
    { "mfu_8bit", OF(mfu_8bit_frac), true, 0.5 },
    { "mfu_4bit", OF(mfu_4bit_frac), true, 0.3 },
    { "mfu_experts", OF(mfu_experts_frac), true, 0.5 },
    { "mfu_experts_4bit", OF(mfu_experts_4bit_frac), true, 0.5 },
    { "mfu_attention", OF(mfu_attention_frac), true, 0.3 },
    { "link_efficiency", OF(link_frac), true, 0.3 },
    { "step_overhead", OF(step_s), false, 0.3 },
    { "layer_decode", OF(layer_decode_s), false, 0.3 },
    { "layer_prefill", OF(layer_prefill_s), false, 0.5 },
    { "moe_decode", OF(moe_decode_s), false, 0.3 },
    { "moe_decode_4bit", OF(moe_decode_4bit_s), false, 0.3 },
    { "moe_prefill", OF(moe_prefill_s), false, 0.6 },
    { "attention_floor", OF(attention_floor_s), false, 0.3 },
    { "sequence_overhead", OF(sequence_s), false, 0.5 },
    { "allreduce_latency", OF(allreduce_latency_s), false, 0.3 },
    { "expert_imbalance", OF(expert_imbalance), false, 0.2 },
    { "step_scale", OF(step_scale), false, 0.12 },
};
#undef OF
enum { N_NAMED = sizeof named / sizeof *named };

START_TEST(a_constant_is_found_by_its_name)
{
    for (int row = 0; row < N_NAMED; row++) {
        struct xo_efficiency e = constants;
        const int found = xo_constant_find(named[row].name);
        ck_assert_int_eq(N_NAMED, XO_N_CONSTANTS);
        ck_assert_msg(found >= 0, "%s", named[row].name);
        const struct xo_constant *c = &xo_constants[found];
        ck_assert_ptr_eq((char *)xo_constant_at(&e, found), (char *)&e + named[row].offset);
        ck_assert_int_eq(c->is_share, named[row].is_share);
        ck_assert_double_eq(c->spread, named[row].spread);
    }
}
END_TEST

/* ---- trust ---- */

/* A GPU is known by the start of its name, if its engine was measured on its generation; a model by
 * layers, hidden size and experts. */
START_TEST(a_deployment_is_trusted_as_far_as_its_like_was_measured)
{
    static const struct {
        const char *gpu, *model;
        enum xo_engine_family engine;
        enum xo_step_class right;
    } rows[] = {
        { "a100-40gb-sxm", "llama-3.1-8b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "a100-80gb-pcie", "llama-3.1-8b", XO_ENGINE_TRTLLM, XO_STEP_IN_RANGE },
        { "a100-80gb-sxm", "llama-3.1-8b", XO_ENGINE_SGLANG, XO_STEP_NEW_GPU },
        { "h100-sxm", "llama-3.1-8b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "llama-3.1-8b", XO_ENGINE_TRTLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "llama-3.1-8b", XO_ENGINE_SGLANG, XO_STEP_NEW_GPU },
        { "h100-pcie", "llama-3.1-8b", XO_ENGINE_VLLM, XO_STEP_NEW_GPU },
        { "b200-sxm", "llama-3.1-8b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "b200-sxm", "llama-3.1-8b", XO_ENGINE_SGLANG, XO_STEP_IN_RANGE },
        { "b200-sxm", "llama-3.1-8b", XO_ENGINE_TRTLLM, XO_STEP_IN_RANGE },
        { "gb200", "llama-3.1-8b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "rtx-pro-6000", "llama-3.1-8b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h200-sxm", "llama-3.1-8b", XO_ENGINE_VLLM, XO_STEP_NEW_GPU },
        { "l40s", "llama-3.1-8b", XO_ENGINE_VLLM, XO_STEP_NEW_GPU },
        { "l40s", "phi-4", XO_ENGINE_VLLM, XO_STEP_NEW_BOTH },
        { "h100-sxm", "phi-4", XO_ENGINE_SGLANG, XO_STEP_NEW_BOTH },
        { "mi250", "llama-3.1-8b", XO_ENGINE_VLLM, XO_STEP_CDNA2 },
        { "mi300x", "llama-3.1-8b", XO_ENGINE_VLLM, XO_STEP_CDNA3 },
        { "mi355x", "llama-3.1-8b", XO_ENGINE_VLLM, XO_STEP_CDNA4 },
        { "h100-sxm", "phi-4", XO_ENGINE_VLLM, XO_STEP_NEW_MODEL },
        { "h100-sxm", "llama-2-7b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "llama-2-70b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "llama-3.1-405b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "deepseek-v3", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "glm-5", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "gpt-oss-20b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "gpt-oss-120b", XO_ENGINE_VLLM, XO_STEP_NEW_MODEL },
        { "h100-sxm", "llama-4-scout", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "minimax-m2.5", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "qwen3-235b-a22b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "qwen3-30b-a3b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "qwen3.5-397b-a17b", XO_ENGINE_VLLM, XO_STEP_IN_RANGE },
        { "h100-sxm", "qwen3-32b", XO_ENGINE_VLLM, XO_STEP_NEW_MODEL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xo_gpu_entry *gpu = xo_catalog_gpu(xo_catalog_builtin(), rows[i].gpu, NULL);
        ck_assert_msg(gpu != NULL, "%s", rows[i].gpu);
        struct xo_deployment d = deployment(rows[i].model, &gpu->gpu, XO_BF16, 1);
        d.engine = rows[i].engine;
        ck_assert_msg(xo_step_class_of(&d) == rows[i].right, "%s of %s on %s: %s",
                      xo_engine_name(d.engine), rows[i].model, rows[i].gpu,
                      xo_step_errors[xo_step_class_of(&d)].name);
    }
    /* one dimension off is another model; a GPU of no known make is another kind */
    struct xo_deployment d = deployment("qwen3-30b-a3b", &switched, XO_BF16, 1);
    ck_assert_int_eq(xo_step_class_of(&d), XO_STEP_NEW_GPU);
    d.model.layers++;
    ck_assert_int_eq(xo_step_class_of(&d), XO_STEP_NEW_BOTH);
    d.model.layers--;
    d.model.experts = 64;
    ck_assert_int_eq(xo_step_class_of(&d), XO_STEP_NEW_BOTH);
    d.gpu.generation = XO_GEN_OTHER;
    ck_assert_int_eq(xo_step_class_of(&d), XO_STEP_NO_DATA);
    /* a GPU is known by the whole of its maker's name for it */
    static const struct {
        const char *name;
        enum xo_step_class right;
    } gpus[] = { { "rtx-pro-6000-server", XO_STEP_IN_RANGE },
                 { "rtx-pro-600", XO_STEP_NEW_GPU },
                 { "h100-sx", XO_STEP_NEW_GPU },
                 { "a100", XO_STEP_NEW_GPU },
                 { "gb20", XO_STEP_NEW_GPU } };
    for (size_t i = 0; i < sizeof gpus / sizeof *gpus; i++) {
        d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
        snprintf(d.gpu.name, sizeof d.gpu.name, "%s", gpus[i].name);
        ck_assert_msg(xo_step_class_of(&d) == gpus[i].right, "%s", gpus[i].name);
    }
}
END_TEST

/* docs/validation.md, "What a step time is worth", in percent: of dense models, and of models with
 * experts. The spread is that of the log-normal whose 80 % lie within the second. */
START_TEST(errors_are_those_of_the_documentation)
{
    static const struct {
        const char *name;
        struct {
            int median, most, n;
        } of[2];
    } rows[] = { { "calibrated", { { 4, 5, 45 }, { 4, 5, 45 } } },
                 { "in range", { { 5, 10, 88 }, { 9, 23, 69 } } },
                 { "new model", { { 5, 10, 88 }, { 10, 27, 69 } } },
                 { "new GPU", { { 9, 17, 88 }, { 11, 27, 69 } } },
                 { "new GPU and model", { { 9, 17, 88 }, { 11, 27, 69 } } },
                 { "AMD CDNA4", { { 15, 35, 1 }, { 15, 35, 1 } } },
                 { "AMD CDNA2", { { 20, 50, 15 }, { 20, 50, 15 } } },
                 { "AMD CDNA3", { { 56, 92, 24 }, { 56, 92, 24 } } },
                 { "no data", { { 65, 160, 0 }, { 65, 160, 0 } } } };
    static const char *const models[] = { "llama-3.1-8b", "qwen3-30b-a3b" };
    for (int i = 0; i < XO_N_STEP_CLASSES; i++)
        for (int k = 0; k < 2; k++) {
            const struct xo_deployment d = deployment(models[k], &switched, XO_BF16, 1);
            const struct xo_step_error *e = xo_step_error_of(&d, (enum xo_step_class)i);
            ck_assert_str_eq(e->name, rows[i].name);
            ck_assert_int_eq((int)round(100 * e->median_frac), rows[i].of[k].median);
            ck_assert_int_eq((int)round(100 * e->most_frac), rows[i].of[k].most);
            ck_assert_double_eq_tol(e->sigma, log1p(e->most_frac) / 1.2816, 0.04 * e->sigma);
            ck_assert_int_eq(e->n, rows[i].of[k].n);
        }
}
END_TEST

START_TEST(a_label_names_model_weights_gpus_and_engine)
{
    struct xo_deployment d = deployment("qwen3-30b-a3b", &switched, XO_FP8, 2);
    char label[100];
    d.attention_dp = 3;
    d.pipeline_parallel = 5;
    d.engine = XO_ENGINE_TRTLLM;
    ck_assert_str_eq(xo_deployment_label(&d, label, sizeof label),
                     "qwen3-30b-a3b fp8 on 30 x switched trtllm");
    ck_assert_str_eq(xo_engine_name(XO_ENGINE_VLLM), "vllm");
    ck_assert_str_eq(xo_engine_name(XO_ENGINE_SGLANG), "sglang");
}
END_TEST

/* ---- power ---- */

/* Idle 100 W, busy 800 W: 100 + 700 * (0.94 * MBU + 2.7 * MFU), at least a quarter of the busy time
 * and at most all of it. */
START_TEST(power_by_hand)
{
    static const struct {
        double busy, mbu, mfu, watts;
    } rows[] = {
        { 1, 0.5, 0.1, 100 + 700 * (0.47 + 0.27) },
        { 0.8, 0.4, 0.05, 100 + 700 * (0.376 + 0.135) },
        { 0.8, 0.1, 0.02, 100 + 700 * 0.2 },
        { 0.8, 0.6, 0.3, 100 + 700 * 0.8 },
        { 1.25, 0.9, 0.5, 800 },
        { -0.5, 0.9, 0.5, 100 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_near(xo_gpu_power_w(&switched, rows[i].busy, rows[i].mbu, rows[i].mfu), rows[i].watts,
                "switched", "watts");
}
END_TEST

/* ---- the catalog ---- */

/* Data sheets: NVIDIA H100 SXM, RTX PRO 6000 Blackwell and A100 80 GB PCIe, AMD MI300X (dense
 * peaks; memory as the driver shows it; a link one way). */
START_TEST(gpus_of_the_catalog_carry_their_data_sheets)
{
    static const struct {
        const char *name;
        enum xo_gpu_generation generation;
        double memory_gb, bandwidth_gb, bf16, fp8, fp4, link_gb;
        bool switched;
        double busy_w;
    } rows[] = {
        { "h100-sxm", XO_GEN_HOPPER, 85.52, 3350, 989.4, 1978.9, 0, 450, true, 700 },
        { "a100-80gb-pcie", XO_GEN_AMPERE, 85.90, 1935, 312, 0, 0, 32, false, 300 },
        { "rtx-pro-6000", XO_GEN_BLACKWELL, 102.64, 1792, 467.8, 935.6, 1871, 64, false, 600 },
        { "mi300x", XO_GEN_CDNA3, 206.14, 5300, 1307.4, 2614.9, 0, 448, true, 750 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xo_gpu *g = &xo_catalog_gpu(xo_catalog_builtin(), rows[i].name, NULL)->gpu;
        ck_assert_str_eq(g->name, rows[i].name);
        ck_assert_int_eq(g->generation, rows[i].generation);
        ck_near(g->memory_bytes, rows[i].memory_gb * 1e9, g->name, "memory");
        ck_near(g->hbm_bytes_per_s, rows[i].bandwidth_gb * 1e9, g->name, "bandwidth");
        ck_near(g->bf16_flop_per_s, rows[i].bf16 * 1e12, g->name, "bf16");
        ck_near(g->fp8_flop_per_s, rows[i].fp8 * 1e12, g->name, "fp8");
        ck_near(g->fp4_flop_per_s, rows[i].fp4 * 1e12, g->name, "fp4");
        ck_near(g->link_bytes_per_s, rows[i].link_gb * 1e9, g->name, "link");
        ck_assert_int_eq(g->link_is_switched, rows[i].switched);
        ck_near(g->power_busy_w, rows[i].busy_w, g->name, "power");
    }
}
END_TEST

/* ---- from a scenario ---- */

/* What a scenario says of a deployment, line by line under its section, and the field that then has
 * the value in our units. No two lines have the same. */
#define AT(field) offsetof(struct xo_deployment, field)
static const struct {
    const char *line;
    size_t at;
    bool is_count;
    double value;
} said[] = {
    { "[gpu made-up]", 0, 0, 0 },
    { "memory = 11 GB", AT(gpu.memory_bytes), false, 11e9 },
    { "bandwidth = 2.5 TB/s", AT(gpu.hbm_bytes_per_s), false, 2.5e12 },
    { "bf16 = 123 TFLOPS", AT(gpu.bf16_flop_per_s), false, 123e12 },
    { "fp8 = 245 TFLOPS", AT(gpu.fp8_flop_per_s), false, 245e12 },
    { "fp4 = 490 TFLOPS", AT(gpu.fp4_flop_per_s), false, 490e12 },
    { "link = 60 GB/s", AT(gpu.link_bytes_per_s), false, 60e9 },
    { "generation = ada", AT(gpu.generation), true, XO_GEN_ADA },
    { "power_busy = 345 W", AT(gpu.power_busy_w), false, 345 },
    { "power_idle = 45 W", AT(gpu.power_idle_w), false, 45 },
    { "like = none\nsource = a test\nas_of = 2026-11-22", 0, 0, 0 },
    { "[model odd]", 0, 0, 0 },
    { "layers = 12", AT(model.layers), true, 12 },
    { "hidden = 256", AT(model.hidden), true, 256 },
    { "heads = 8", AT(model.heads), true, 8 },
    { "kv_heads = 4", AT(model.kv_heads), true, 4 },
    { "head_dim = 24", AT(model.head_dim), true, 24 },
    { "intermediate = 512", AT(model.intermediate), true, 512 },
    { "mlp_matrices = 2", AT(model.mlp_matrices), true, 2 },
    { "vocab = 1000", AT(model.vocab), true, 1000 },
    { "experts = 32", AT(model.experts), true, 32 },
    { "experts_per_token = 6", AT(model.experts_per_token), true, 6 },
    { "shared_experts = 5", AT(model.shared_experts), true, 5 },
    { "expert_intermediate = 96", AT(model.expert_intermediate), true, 96 },
    { "dense_layers = 3", AT(model.dense_layers), true, 3 },
    { "kv_lora_rank = 64", AT(model.kv_lora_rank), true, 64 },
    { "rope_dim = 10", AT(model.rope_dim), true, 10 },
    { "nope_dim = 14", AT(model.nope_dim), true, 14 },
    { "v_head_dim = 20", AT(model.v_head_dim), true, 20 },
    { "q_lora_rank = 128", AT(model.q_lora_rank), true, 128 },
    { "window = 700 tokens", AT(model.window_tokens), true, 700 },
    { "window_layers = 2", AT(model.window_layers), true, 2 },
    { "linear_layers = 7", AT(model.linear_layers), true, 7 },
    { "linear_key_heads = 9", AT(model.linear_key_heads), true, 9 },
    { "linear_value_heads = 18", AT(model.linear_value_heads), true, 18 },
    { "linear_key_dim = 13", AT(model.linear_key_dim), true, 13 },
    { "linear_value_dim = 17", AT(model.linear_value_dim), true, 17 },
    { "linear_conv = 11", AT(model.linear_conv), true, 11 },
    { "max_context = 5000 tokens", AT(model.max_context_tokens), true, 5000 },
    { "weights = fp8", AT(model.native_weights), true, XO_FP8 },
    { "like = none\nsource = a test\nas_of = 2026-11-22", 0, 0, 0 },
    { "[build]\nmodel = odd\ngpu = made-up\nreplicas = 1\nstaff = 0 FTE\nrent = $2/hour", 0, 0, 0 },
    { "engine = trtllm", AT(engine), true, XO_ENGINE_TRTLLM },
    { "kv = int8", AT(kv), true, XO_INT8 },
    { "tensor_parallel = 4", AT(tensor_parallel), true, 4 },
    { "expert_parallel = 8", AT(expert_parallel), true, 8 },
    { "pipeline_parallel = 3", AT(pipeline_parallel), true, 3 },
    { "attention_dp = 2", AT(attention_dp), true, 2 },
    { "memory_fraction = 85%", AT(memory_frac), false, 0.85 },
    { "max_batch = 77", AT(max_batch), true, 77 },
    { "kv_room = 2k tokens", AT(kv_room_tokens), false, 2000 },
    { "mbu_weights = 71%", AT(efficiency.mbu_weights_frac), false, 0.71 },
    { "mbu_4bit = 51%", AT(efficiency.mbu_4bit_frac), false, 0.51 },
    { "mbu_kv = 61%", AT(efficiency.mbu_kv_frac), false, 0.61 },
    { "mfu_linear = 52%", AT(efficiency.mfu_linear_frac), false, 0.52 },
    { "mfu_8bit = 42%", AT(efficiency.mfu_8bit_frac), false, 0.42 },
    { "mfu_4bit = 32%", AT(efficiency.mfu_4bit_frac), false, 0.32 },
    { "mfu_experts = 22%", AT(efficiency.mfu_experts_frac), false, 0.22 },
    { "mfu_experts_4bit = 35%", AT(efficiency.mfu_experts_4bit_frac), false, 0.35 },
    { "mfu_attention = 25%", AT(efficiency.mfu_attention_frac), false, 0.25 },
    { "step_overhead = 1.25 ms", AT(efficiency.step_s), false, 1.25e-3 },
    { "layer_decode = 21 us", AT(efficiency.layer_decode_s), false, 21e-6 },
    { "layer_prefill = 77 us", AT(efficiency.layer_prefill_s), false, 77e-6 },
    { "moe_decode = 13 us", AT(efficiency.moe_decode_s), false, 13e-6 },
    { "moe_decode_4bit = 7 us", AT(efficiency.moe_decode_4bit_s), false, 7e-6 },
    { "moe_prefill = 170 us", AT(efficiency.moe_prefill_s), false, 170e-6 },
    { "attention_floor = 5 us", AT(efficiency.attention_floor_s), false, 5e-6 },
    { "sequence_overhead = 3 us", AT(efficiency.sequence_s), false, 3e-6 },
    { "allreduce_latency = 4 us", AT(efficiency.allreduce_latency_s), false, 4e-6 },
    { "link_efficiency = 80%", AT(efficiency.link_frac), false, 0.8 },
    { "expert_imbalance = 1.3", AT(efficiency.expert_imbalance), false, 1.3 },
    { "step_scale = 1.5", AT(efficiency.step_scale), false, 1.5 },
};
#undef AT
enum { N_SAID = sizeof said / sizeof *said };

/* The deployment of a scenario with these sections beside what it needs of others. */
static struct xo_deployment deployment_of(const char *sections)
{
    static const char others[] =
        "[scenario]\nname = x\nas_of = 2026-11-22\nparity = assumed\ncommit = 12 months\n"
        "[workload]\nvolume = 1000 requests/month\nprofile = steady\n"
        "prompt = 100 tokens\noutput = 10 tokens\n"
        "[buy]\napi = a/b\nstaff = 0 FTE\n"
        "[api a/b]\ninput = $1/Mtok\noutput = $1/Mtok\nsource = a test\nas_of = 2026-11-22\n";
    char path[] = "/tmp/xo-deployment-XXXXXX";
    FILE *out = fdopen(mkstemp(path), "w");
    ck_assert_ptr_nonnull(out);
    fprintf(out, "%s%s\n", others, sections);
    ck_assert_int_eq(fclose(out), 0);
    struct xo_scenario *s;
    struct xo_problems problems;
    const bool ok = xo_scenario_read(&s, path, NULL, &problems);
    for (size_t i = 0; !ok && i < problems.n; i++)
        fprintf(stderr, "%s\n", problems.lines[i]);
    ck_assert(ok);
    const struct xo_deployment d = s->options[0].deployment;
    xo_problems_fini(&problems);
    xo_scenario_free(s);
    remove(path);
    return d;
}

/* That of those lines, with more of the GPU, of the model and of the build. */
static struct xo_deployment deployment_said(const char *of_gpu, const char *of_model,
                                            const char *of_build)
{
    const char *const more[] = { of_gpu, of_model, of_build };
    char text[4096];
    int n = 0;
    for (int i = 0, section = 0; i < N_SAID; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s\n%s\n", said[i].line,
                      said[i].line[0] == '[' ? more[section++] : "");
    ck_assert_int_lt(n, (int)sizeof text);
    return deployment_of(text);
}

START_TEST(a_deployment_is_what_its_scenario_says)
{
    const struct xo_deployment d = deployment_said("", "", "chunk = 3000 tokens");
    for (int i = 0; i < N_SAID; i++) {
        const char *at = (const char *)&d + said[i].at;
        if (said[i].is_count)
            ck_assert_msg(*(const int *)(const void *)at == (int)said[i].value, "%s: %d",
                          said[i].line, *(const int *)(const void *)at);
        else if (said[i].value != 0)
            ck_near(*(const double *)(const void *)at, said[i].value, said[i].line, "value");
    }
    ck_assert_str_eq(d.gpu.name, "made-up");
    ck_assert_str_eq(d.model.name, "odd");
    ck_assert_int_eq(d.chunk_tokens, 3000);
    ck_assert_int_eq(d.weights, XO_FP8); /* those of the checkpoint */
    ck_assert(!d.model.tied_embeddings && !d.model.attention_gate && !d.gpu.link_is_switched);
}
END_TEST

START_TEST(links_of_four_kinds_and_marks_of_a_model)
{
    static const struct {
        const char *kind;
        bool is_switched;
    } rows[] = { { "link_kind = nvlink", true },
                 { "link_kind = xgmi", true },
                 { "link_kind = ici", true },
                 { "link_kind = pcie", false } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xo_deployment d = deployment_said(
            rows[i].kind, "tied_embeddings = yes\nattention_gate = yes", "weights = int4");
        ck_assert_msg(d.gpu.link_is_switched == rows[i].is_switched, "%s", rows[i].kind);
        ck_assert(d.model.tied_embeddings && d.model.attention_gate);
        ck_assert_int_eq(d.weights, XO_INT4);
        ck_assert_int_eq(d.model.native_weights, XO_FP8);
    }
}
END_TEST

/* An H100 with other memory and a Llama 3.1 8B with another vocabulary: the rest is the catalog's.
 */
START_TEST(what_is_like_another_has_all_that_it_does_not_say_itself)
{
    const struct xo_deployment d = deployment_of(
        "[gpu ours]\nlike = h100-sxm\nmemory = 96 GB\nbandwidth = 4 TB/s\n"
        "[model odd]\nlike = llama-3.1-8b\nvocab = 1000\n"
        "[build]\nmodel = odd\ngpu = ours\nreplicas = 1\nstaff = 0 FTE\nrent = $2/hour");
    ck_assert_str_eq(d.gpu.name, "ours");
    ck_near(d.gpu.memory_bytes, 96e9, "ours", "memory");
    ck_near(d.gpu.hbm_bytes_per_s, 4e12, "ours", "bandwidth");
    ck_near(d.gpu.bf16_flop_per_s, 989.4e12, "ours", "bf16");
    ck_near(d.gpu.fp8_flop_per_s, 1978.9e12, "ours", "fp8");
    ck_near(d.gpu.link_bytes_per_s, 450e9, "ours", "link");
    ck_near(d.gpu.power_busy_w, 700, "ours", "power");
    ck_assert(d.gpu.link_is_switched && d.gpu.generation == XO_GEN_HOPPER);
    ck_assert_str_eq(d.model.name, "odd");
    ck_near(xo_model_params(&d.model), llama_attention + llama_mlp + 65 * 4096 + 2 * 4096.0 * 1000,
            "odd", "parameters");
}
END_TEST

/* ---- another GPU ---- */

static const char *const asked[] = {
    "model = llama-3.2-1b\nweights = fp16\ngpu = h100-sxm\n",
    "model = llama-3.3-70b\nweights = fp8\ngpu = h100-sxm\n", /* two of them; four L40S */
    "model = deepseek-v4-flash\ngpu = h200-sxm\ntensor_parallel = 4\n",
    "model = llama-3.2-1b\nweights = int4\ngpu = t4\nengine = sglang\n",
    "model = qwen3-30b-a3b\nweights = fp8\ngpu = b200-sxm\nengine = trtllm\nexpert_parallel = 2\n"
    "tensor_parallel = 2\n",
    "model = llama-3.2-1b\nweights = bf16\ngpu = l40s\nkv = fp8\nchunk = 3000 tokens\nmax_batch = 77\n"
    "memory_fraction = 85%\nmbu_weights = 71%\nstep_scale = 1.5\ntensor_parallel = 1\n",
    "model = llama-3.2-1b\nweights = bf16\ngpu = l40s\nkv_room = 2k tokens\ntensor_parallel = 1\n",
};
enum { N_ASKED = sizeof asked / sizeof *asked };

/* The scenario of these lines of [build] with this GPU, and without a kv_room; NULL: refused. */
static struct xo_scenario *scenario_with(const char *build, const char *gpu, bool with_room)
{
    char text[2048], set[96];
    const char *sets[] = { set };
    const char *room = strstr(build, "kv_room = 2k tokens\n");
    const size_t head = room != NULL && !with_room ? (size_t)(room - build) : strlen(build);
    snprintf(text, sizeof text,
             "[scenario]\nas_of = 2026-11-22\nparity = assumed\ncommit = 12 months\n"
             "[workload]\nvolume = 1000 requests/month\nprofile = steady\n"
             "prompt = 100 tokens\noutput = 10 tokens\n"
             "[build]\nreplicas = 1\nstaff = 0 FTE\nrent = $2/hour\n%.*s%s",
             (int)head, build, build[head] == '\0' ? "" : strchr(build + head, '\n') + 1);
    snprintf(set, sizeof set, "build.gpu=%s", gpu);
    const struct xo_scenario_options options = { .sets = sets, .n_sets = gpu == NULL ? 0 : 1 };
    struct xo_scenario *s = NULL;
    struct xo_problems problems;
    const bool ok = xo_scenario_read_text(&s, "asked.ini", text, strlen(text), &options, &problems);
    ck_assert_int_eq(ok, s != NULL);
    xo_problems_fini(&problems);
    return s;
}

/* All that a deployment says but for the model, which is the same. */
static void ck_same_deployment(const struct xo_deployment *a, const struct xo_deployment *b)
{
    const char *on = b->gpu.name;
    ck_assert_str_eq(a->gpu.name, on);
    ck_near(a->gpu.memory_bytes, b->gpu.memory_bytes, on, "memory");
    ck_assert_str_eq(a->model.name, b->model.name);
    ck_assert_int_eq(a->engine, b->engine);
    ck_assert_msg(a->weights == b->weights && a->kv == b->kv, "%s: KV in %s", on,
                  xo_dtype_name(a->kv));
    ck_assert_msg(a->tensor_parallel == b->tensor_parallel, "%s: %d", on, a->tensor_parallel);
    ck_assert_int_eq(a->expert_parallel, b->expert_parallel);
    ck_assert_int_eq(a->pipeline_parallel, b->pipeline_parallel);
    ck_assert_int_eq(a->attention_dp, b->attention_dp);
    ck_near(a->memory_frac, b->memory_frac, on, "memory fraction");
    ck_assert_int_eq(a->chunk_tokens, b->chunk_tokens);
    ck_assert_int_eq(a->max_batch, b->max_batch);
    ck_near(a->kv_room_tokens, 0, on, "room");
    ck_near(b->kv_room_tokens, 0, on, "room");
    for (int i = 0; i < XO_N_CONSTANTS; i++)
        ck_near(*xo_constant_at((struct xo_efficiency *)&a->efficiency, i),
                *xo_constant_at((struct xo_efficiency *)&b->efficiency, i), on,
                xo_constants[i].name);
}

/* Typed in build.gpu and asked as a what-if, a GPU makes the same deployment; where typing it is
 * refused, the what-if does not fit either. */
START_TEST(a_what_if_gpu_is_what_typing_it_gives)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    struct xo_scenario *s = scenario_with(asked[_i], NULL, true);
    ck_assert_ptr_nonnull(s);
    int n_same = 0;
    for (int i = 0; i < c->n_gpus; i++) {
        struct xo_scenario *typed = scenario_with(asked[_i], c->gpus[i].gpu.name, false);
        struct xo_deployment d;
        struct xo_kv_room room;
        const bool is_asked = xo_option_on_gpu(s, 0, &c->gpus[i].gpu, &d, NULL);
        if (typed == NULL) {
            ck_assert_msg(!is_asked || !xo_kv_room(&d, &room, NULL), "%s", c->gpus[i].gpu.name);
            continue;
        }
        ck_assert_msg(is_asked, "%s", c->gpus[i].gpu.name);
        ck_same_deployment(&d, &typed->options[0].deployment);
        n_same++;
        xo_scenario_free(typed);
    }
    ck_assert_int_ge(n_same, 12);
    xo_scenario_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deployments");
    TCase *kinds = tcase_create("types");
    tcase_add_loop_test(kinds, each_generation_takes_its_types, 0, XO_N_GENERATIONS);
    tcase_add_test(kinds, types_have_the_bits_of_their_values_and_scales);
    tcase_add_test(kinds, a_kv_cache_that_there_is_not_names_those_that_there_are);
    suite_add_tcase(suite, kinds);
    TCase *limits = tcase_create("limits");
    tcase_add_test(limits, dimensions_have_limits);
    tcase_add_test(limits, dimensions_of_what_a_model_lacks_may_be_none);
    tcase_add_test(limits, towers_and_states_have_sizes);
    tcase_add_test(limits, what_cannot_be_described_is_refused);
    tcase_add_test(limits, data_sheets_have_limits);
    tcase_add_test(limits, constants_have_limits);
    tcase_add_test(limits, parallelism_has_limits);
    tcase_add_test(limits, groups_and_kv_heads_are_cut_evenly_too);
    tcase_add_test(limits, engines_have_limits);
    tcase_add_test(limits, words_beyond_their_enums_are_refused);
    tcase_add_test(limits, constant_steps_are_finite);
    suite_add_tcase(suite, limits);
    TCase *known = tcase_create("known");
    tcase_add_test(known, constants_are_those_of_the_documentation);
    tcase_add_test(known, a_constant_is_found_by_its_name);
    tcase_add_test(known, a_deployment_is_trusted_as_far_as_its_like_was_measured);
    tcase_add_test(known, errors_are_those_of_the_documentation);
    tcase_add_test(known, a_label_names_model_weights_gpus_and_engine);
    tcase_add_test(known, power_by_hand);
    tcase_add_test(known, gpus_of_the_catalog_carry_their_data_sheets);
    tcase_add_test(known, a_deployment_is_what_its_scenario_says);
    tcase_add_test(known, what_is_like_another_has_all_that_it_does_not_say_itself);
    tcase_add_test(known, links_of_four_kinds_and_marks_of_a_model);
    tcase_add_loop_test(known, a_what_if_gpu_is_what_typing_it_gives, 0, N_ASKED);
    suite_add_tcase(suite, known);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
