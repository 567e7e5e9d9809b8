/* test_gpu_memory.c - what each GPU of a deployment holds: weights and KV room, summed by hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "hardware_kit.h"

#include <stdlib.h>
#include <string.h>

/* ---- weights ---- */

static struct xo_gpu_weights weights_of(const struct xo_deployment *d)
{
    struct xo_gpu_weights found;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_gpu_weights(d, &found, &err), "%s", err.text);
    return found;
}

/* The fullest GPU holds `right` and nothing else. Where stages share the layers it has the input
 * embedding or the head, which are as large: the head is named. */
static void ck_weights(const struct xo_deployment *d, struct xo_gpu_weights right)
{
    const struct xo_gpu_weights found = weights_of(d);
    const char *name = d->model.name;
    ck_near(found.attention_bytes, right.attention_bytes, name, "attention");
    ck_near(found.mlp_bytes, right.mlp_bytes, name, "MLP");
    ck_near(found.expert_bytes, right.expert_bytes, name, "experts");
    ck_near(found.router_bytes, right.router_bytes, name, "router");
    ck_near(found.norm_bytes, right.norm_bytes, name, "norms");
    ck_near(found.embedding_bytes, right.embedding_bytes, name, "embedding");
    ck_near(found.head_bytes, right.head_bytes, name, "head");
    ck_near(found.total_bytes,
            right.attention_bytes + right.mlp_bytes + right.expert_bytes + right.router_bytes +
                right.norm_bytes + right.embedding_bytes + right.head_bytes,
            name, "total");
}

/* Norms, embedding and head stay in 16 bits; norms are whole on each GPU, two a layer and a last.
 */
START_TEST(weights_of_dense_models)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    ck_weights(&d, (struct xo_gpu_weights){ .attention_bytes = 2 * llama_attention,
                                            .mlp_bytes = 2 * llama_mlp,
                                            .norm_bytes = 2 * (2 * 32 + 1) * 4096,
                                            .embedding_bytes = 2 * llama_head,
                                            .head_bytes = 2 * llama_head });
    d = deployment("llama-3.1-8b", &switched, XO_INT4, 4);
    ck_weights(&d, (struct xo_gpu_weights){ .attention_bytes = 4.25 / 8 * llama_attention / 4,
                                            .mlp_bytes = 4.25 / 8 * llama_mlp / 4,
                                            .norm_bytes = 2 * 65 * 4096,
                                            .embedding_bytes = 2 * llama_head / 4,
                                            .head_bytes = 2 * llama_head / 4 });
    d.pipeline_parallel = 3; /* 11 of 32 layers */
    ck_weights(&d,
               (struct xo_gpu_weights){ .attention_bytes = 4.25 / 8 * llama_attention / 4 / 32 * 11,
                                        .mlp_bytes = 4.25 / 8 * llama_mlp / 4 / 32 * 11,
                                        .norm_bytes = 2 * (2 * 11 + 1) * 4096,
                                        .head_bytes = 2 * llama_head / 4 });
    /* tied: 16 layers of 2048, 32 heads and 8 KV heads of 64, an MLP of 8192 */
    d = deployment("llama-3.2-1b", &switched, XO_BF16, 2);
    ck_weights(
        &d, (struct xo_gpu_weights){ .attention_bytes = 16 * (2.0 * 2048 * 2048 + 2.0 * 2048 * 512),
                                     .mlp_bytes = 16 * 3.0 * 2048 * 8192,
                                     .norm_bytes = 2 * 33 * 2048,
                                     .head_bytes = 2048.0 * 128256 });
    /* BLOOM's MLP has two matrices, without a gate */
    d = deployment("bloom", &switched, XO_BF16, 8);
    ck_near(weights_of(&d).mlp_bytes, 70 * 2.0 * 14336 * 57344 * 2 / 8, "bloom", "MLP");
}
END_TEST

/* Of Qwen3's 4 KV heads each of eight GPUs has one, copied once. */
START_TEST(weights_of_mixtures_of_experts)
{
    struct xo_deployment d = deployment("qwen3-30b-a3b", &switched, XO_FP8, 8);
    struct xo_gpu_weights right = { .attention_bytes =
                                        48 * (2.0 * 2048 * 4096 / 8 + 2.0 * 2048 * 512 / 4),
                                    .expert_bytes = 128 * qwen_expert / 8,
                                    .router_bytes = 2 * qwen_router,
                                    .norm_bytes = 2 * 97 * 2048,
                                    .embedding_bytes = 2 * qwen_head / 8,
                                    .head_bytes = 2 * qwen_head / 8 };
    ck_weights(&d, right);
    /* two ranks of two GPUs: experts in two halves of 64, each cut in two */
    d = deployment("qwen3-30b-a3b", &switched, XO_BF16, 2);
    d.attention_dp = d.expert_parallel = 2;
    right.attention_bytes = 2 * qwen_attention / 2;
    right.expert_bytes = 64 * 2 * qwen_expert / 2;
    right.embedding_bytes = right.head_bytes = 2 * qwen_head / 2;
    ck_weights(&d, right);
    d = deployment("deepseek-v3", &switched, XO_FP8, 8);
    d.expert_parallel = 8;
    ck_weights(&d,
               (struct xo_gpu_weights){ .attention_bytes = deepseek_by_head / 8 + deepseek_whole,
                                        .mlp_bytes = deepseek_mlp / 8,
                                        .expert_bytes = 32 * deepseek_expert,
                                        .router_bytes = 2 * deepseek_router,
                                        .norm_bytes = 2 * 123 * 7168,
                                        .embedding_bytes = 2 * deepseek_head / 8,
                                        .head_bytes = 2 * deepseek_head / 8 });
    /* DeepSeek V2 Lite, 27 layers of 2048, takes its queries straight from the hidden state */
    d = deployment("deepseek-v2-lite", &switched, XO_BF16, 2);
    ck_near(weights_of(&d).attention_bytes,
            27 * (2048.0 * 16 * 192 + 512.0 * 16 * 256 + 16.0 * 128 * 2048 + 2 * 2048.0 * 576),
            "deepseek-v2-lite", "attention");
}
END_TEST

/* MXFP4 checkpoints of mixtures of experts keep all but the experts in 16 bits, NVFP4 ones MLA's
 * attention. Llama 4 Maverick: 48 layers of 5120, 40 heads and 8 KV heads of 128, 24 dense layers
 * of 16384; 128 experts and a shared one of 8192 in the others. */
START_TEST(checkpoints_in_4_bits_leave_parts_in_16)
{
    const double attention = 48 * (2.0 * 5120 * 5120 + 2.0 * 5120 * 1024),
                 mlp = 24 * 3.0 * 5120 * 16384 + 24 * 3.0 * 5120 * 8192,
                 experts = 128 * 24 * 3.0 * 5120 * 8192;
    const struct {
        const char *model;
        enum xo_dtype weights;
        double attention, mlp, experts; /* bytes */
    } rows[] = {
        { "llama-4-maverick", XO_MXFP4, 2 * attention, 2 * mlp, 4.25 / 8 * experts },
        { "llama-4-maverick", XO_NVFP4, 4.5 / 8 * attention, 4.5 / 8 * mlp, 4.5 / 8 * experts },
        { "llama-4-maverick", XO_INT4, 4.25 / 8 * attention, 4.25 / 8 * mlp, 4.25 / 8 * experts },
        { "deepseek-v3", XO_NVFP4, 2 * (deepseek_by_head + deepseek_whole), 4.5 / 8 * deepseek_mlp,
          4.5 / 8 * 256 * deepseek_expert },
        { "deepseek-v3", XO_INT4, 4.25 / 8 * (deepseek_by_head + deepseek_whole),
          4.25 / 8 * deepseek_mlp, 4.25 / 8 * 256 * deepseek_expert },
        { "gpt-oss-120b", XO_MXFP4, 2 * oss_attention, 0, 4.25 / 8 * 128 * oss_expert },
        { "llama-3.1-8b", XO_MXFP4, 4.25 / 8 * llama_attention, 4.25 / 8 * llama_mlp, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct xo_deployment d = deployment(rows[i].model, &switched, rows[i].weights, 1);
        d.model.quantized = XO_QUANTIZED_USUAL;
        const struct xo_gpu_weights found = weights_of(&d);
        ck_near(found.attention_bytes, rows[i].attention, rows[i].model, "attention");
        ck_near(found.mlp_bytes, rows[i].mlp, rows[i].model, "MLP");
        ck_near(found.expert_bytes, rows[i].experts, rows[i].model, "experts");
    }
    /* and what is kept in 16 bits is read and computed so */
    const struct xo_deployment d = deployment("llama-4-maverick", &hot, XO_MXFP4, 1);
    const struct xo_batch batch = { .prefill_tokens = 100 };
    struct xo_step_parts found;
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    ck_near(found.parts[XO_PART_MLP].memory_s, 1.5 * 2 * mlp / (8e12 * 0.75), "MLP", "bytes");
    ck_near(found.parts[XO_PART_MLP].compute_s,
            1.5 * 2 * mlp * 100 / (2250e12 * 0.55 * hot_share()), "MLP", "flops");
}
END_TEST

/* Parameters, all and of one token, to the last one. Llama 3.2 1B ties its embedding, Falcon 40B
 * has MLPs without a gate. */
START_TEST(parameters_are_counted_to_the_last)
{
    const struct {
        const char *model;
        double all, active;
    } rows[] = {
        { "llama-3.1-8b", llama_attention + llama_mlp + 65 * 4096 + 2 * llama_head,
          llama_attention + llama_mlp + 65 * 4096 + 2 * llama_head },
        { "llama-3.2-1b",
          16 * (2.0 * 2048 * 2048 + 2.0 * 2048 * 512 + 3.0 * 2048 * 8192) + 33 * 2048 +
              2048.0 * 128256,
          16 * (2.0 * 2048 * 2048 + 2.0 * 2048 * 512 + 3.0 * 2048 * 8192) + 33 * 2048 +
              2048.0 * 128256 },
        { "qwen3-30b-a3b",
          qwen_attention + qwen_router + 128 * qwen_expert + 97 * 2048 + 2 * qwen_head,
          qwen_attention + qwen_router + 8 * qwen_expert + 97 * 2048 + 2 * qwen_head },
        { "deepseek-v3",
          deepseek_by_head + deepseek_whole + deepseek_mlp + deepseek_router +
              256 * deepseek_expert + 123 * 7168 + 2 * deepseek_head,
          deepseek_by_head + deepseek_whole + deepseek_mlp + deepseek_router + 8 * deepseek_expert +
              123 * 7168 + 2 * deepseek_head },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xo_deployment d = deployment(rows[i].model, &switched, XO_BF16, 1);
        ck_near(xo_model_params(&d.model), rows[i].all, rows[i].model, "all");
        ck_near(xo_model_active_params(&d.model), rows[i].active, rows[i].model, "active");
    }
}
END_TEST

/* A convolution of four taps keeps three inputs of its sequence; without one there are none. */
START_TEST(a_state_has_the_inputs_of_its_convolution)
{
    struct xo_deployment d = deployment("qwen3-next-80b-a3b", &switched, XO_BF16, 1);
    const double state = 4 * 32.0 * 128 * 128, inputs = 2.0 * (2 * 16 * 128 + 32 * 128);
    ck_near(xo_model_linear_state_bytes(&d.model), 36 * (state + 3 * inputs), "four taps", "state");
    d.model.linear_conv = 1;
    ck_near(xo_model_linear_state_bytes(&d.model), 36 * state, "one tap", "state");
    d.model.linear_conv = 0;
    ck_near(xo_model_linear_state_bytes(&d.model), 36 * state, "no convolution", "state");
}
END_TEST

/* Layers of two kinds: of Llama's 32, 20 have a window with 16 KV heads of 64 where the other 12
 * have 8 of 128, whose keys serve as values; 2 of the 12 and 5 of the 20 attend to another's KV,
 * and project queries and output alone. */
static struct xo_deployment two_kinds(int tensor_parallel)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, tensor_parallel);
    d.model.window_tokens = 1000;
    d.model.window_layers = 20;
    d.model.window_kv_heads = 16;
    d.model.window_head_dim = 64;
    d.model.keys_as_values = true;
    d.model.kv_shared_layers = 2;
    d.model.kv_shared_window_layers = 5;
    return d;
}

START_TEST(windowed_layers_may_have_heads_of_their_own)
{
    const double full = 12 * 2.0 * 4096 * 4096, full_kv = 10 * 1.0 * 4096 * 1024,
                 window = 20 * 2.0 * 4096 * 2048, window_kv = 15 * 2.0 * 4096 * 1024;
    struct xo_deployment d = two_kinds(1);
    ck_near(weights_of(&d).attention_bytes, 2 * (full + full_kv + window + window_kv), "one GPU",
            "attention");
    ck_near(xo_model_params(&d.model),
            full + full_kv + window + window_kv + llama_mlp + 65 * 4096 + 2 * llama_head, "all",
            "parameters");
    ck_near(xo_model_kv_bytes_per_token(&d.model, XO_BF16),
            (10 * 2 * 8 * 128 + 15 * 2 * 16 * 64) * 2.0, "both", "KV");
    /* on 16 GPUs each KV head of the full layers is there twice */
    d = two_kinds(16);
    ck_near(weights_of(&d).attention_bytes,
            2 * (full / 16 + full_kv / 8 + window / 16 + window_kv / 16), "16 GPUs", "attention");
}
END_TEST

/* Of a hidden size of 4096. Mamba-2: 64 heads of 64 with a state of 128, 8 groups, 4 taps. In go x
 * and z (4096 each), B and C (1024 each) and 64 steps. */
START_TEST(layers_without_a_cache_are_of_four_kinds)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    struct xo_model *m = &d.model;
    const double without = xo_model_params(m) - (2.0 * 4096 * 4096 + 2.0 * 4096 * 1024);
    m->linear_layers = 1;
    m->linear_conv = 4;
    m->linear_key_heads = 8;
    m->linear_key_dim = 128;
    m->linear_value_heads = 64;
    m->linear_value_dim = 64;
    m->linear_kind = XO_LINEAR_MAMBA2;
    ck_near(xo_model_params(m) - without,
            4096 * (2 * 4096.0 + 2 * 1024 + 64) + 4 * (4096 + 2 * 1024) + 4096.0 * 4096, "Mamba-2",
            "parameters");
    ck_near(xo_model_linear_state_bytes(m), 4 * 64.0 * 64 * 128 + 2 * 3 * (4096 + 2 * 1024),
            "Mamba-2", "state");
    m->linear_state_bits = 16;
    ck_near(xo_model_linear_state_bytes(m), 2 * 64.0 * 64 * 128 + 2 * 3 * (4096 + 2 * 1024),
            "Mamba-2 in 16 bits", "state");
    /* Kimi delta attention, 32 heads of 128: q, k, v, out; a scalar a head; decay and gate through
     * 128 */
    m->linear_state_bits = 0;
    m->linear_key_heads = m->linear_value_heads = 32;
    m->linear_key_dim = m->linear_value_dim = 128;
    m->linear_kind = XO_LINEAR_KDA;
    ck_near(xo_model_params(m) - without,
            4096 * (4 * 4096.0 + 32) + 2 * (4096.0 * 128 + 128.0 * 4096) + 4 * 3 * 4096, "KDA",
            "parameters");
    ck_near(xo_model_linear_state_bytes(m), 4 * 32.0 * 128 * 128 + 2 * 3 * 3 * 4096, "KDA",
            "state");
    /* a short convolution: two gates and x in, out */
    m->linear_key_heads = m->linear_key_dim = 0;
    m->linear_conv = 3;
    m->linear_kind = XO_LINEAR_CONV;
    ck_near(xo_model_params(m) - without, 4 * 4096.0 * 4096 + 3 * 4096, "convolution",
            "parameters");
    ck_near(xo_model_linear_state_bytes(m), 2 * 2 * 4096, "convolution", "state");
}
END_TEST

/* Experts of two matrices, 512 wide, that see 1,024 of 2,048 by a projection there and back; 10 of
 * the 48 layers have no MLP at all, and no norm before one. */
START_TEST(experts_may_have_no_gate_and_see_a_projection)
{
    struct xo_deployment d = deployment("qwen3-30b-a3b", &switched, XO_FP8, 2);
    d.model.expert_matrices = 2;
    d.model.expert_hidden = 1024;
    d.model.shared_experts = 3;
    d.model.bare_layers = 10;
    const double expert = 38 * 2.0 * 1024 * 768, shared = 38 * 2.0 * 2048 * 768,
                 latent = 38 * 2.0 * 2048 * 1024, router = 38 * 2048.0 * 128;
    ck_weights(&d, (struct xo_gpu_weights){ .attention_bytes = qwen_attention / 2,
                                            .mlp_bytes = (3 * shared + latent) / 2,
                                            .expert_bytes = 128 * expert / 2,
                                            .router_bytes = 2 * router,
                                            .norm_bytes = 2 * (2 * 48 - 10 + 1) * 2048,
                                            .embedding_bytes = 2 * qwen_head / 2,
                                            .head_bytes = 2 * qwen_head / 2 });
    ck_near(xo_model_active_params(&d.model),
            qwen_attention + 3 * shared + latent + 8 * expert + router + 87 * 2048 + 2 * qwen_head,
            "latent experts", "active");
}
END_TEST

/* Towers are held in 16 bits, a part on each GPU, whatever the rest is kept in. */
START_TEST(checkpoints_say_what_they_quantize_and_hold_towers_besides)
{
    const struct {
        enum xo_quantized quantized;
        enum xo_dtype weights;
        double attention, mlp, experts; /* bytes a parameter */
    } rows[] = {
        { XO_QUANTIZED_USUAL, XO_FP8, 1, 1, 1 },
        { XO_QUANTIZED_MLP, XO_FP8, 2, 1, 1 },
        { XO_QUANTIZED_EXPERTS, XO_INT4, 2, 2, 4.25 / 8 },
        { XO_QUANTIZED_EXPERTS, XO_BF16, 2, 2, 2 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct xo_deployment d = deployment("llama-4-maverick", &switched, rows[i].weights, 4);
        d.model.tower_params = 0;
        const double before = weights_of(&d).total_bytes - weights_of(&d).attention_bytes -
                              weights_of(&d).mlp_bytes - weights_of(&d).expert_bytes;
        d.model.quantized = rows[i].quantized;
        d.model.tower_params = 0.75e9;
        const struct xo_gpu_weights found = weights_of(&d);
        const double attention = 48 * (2.0 * 5120 * 5120 + 2.0 * 5120 * 1024) / 4,
                     mlp = 24 * 3.0 * 5120 * (16384 + 8192) / 4,
                     experts = 128 * 24 * 3.0 * 5120 * 8192 / 4;
        ck_near(found.attention_bytes, rows[i].attention * attention, "attention", "bytes");
        ck_near(found.mlp_bytes, rows[i].mlp * mlp, "MLP", "bytes");
        ck_near(found.expert_bytes, rows[i].experts * experts, "experts", "bytes");
        ck_near(found.tower_bytes, 2 * 0.75e9 / 4, "tower", "bytes");
        ck_near(found.total_bytes,
                before + rows[i].attention * attention + rows[i].mlp * mlp +
                    rows[i].experts * experts + 2 * 0.75e9 / 4,
                "all", "bytes");
    }
}
END_TEST

/* DeepSeek-V4 Flash: 43 layers of 4096; 64 heads of 512 by a rank of 1024, out by ranks of 1024 in
 * 8 groups; one vector of 512 for keys and values. 20 layers compress 128 tokens to an entry (a
 * value and a gate of 512), 21 compress 4 with overlap (two of 1024) and have an indexer of 64
 * heads of 128 with a compressor of its own (two of 256). Experts are in MXFP4, the rest in 8 bits.
 */
static const double v4_by_head = 43 * ((1024.0 + 1024) * 64 * 512 + 4096.0 * 8 * 1024),
                    v4_whole = 43 * 4096.0 * (1024 + 512) + 20 * 2.0 * 4096 * 512 +
                               21 * (2 * 4096.0 * 1024 + 1024.0 * 64 * 128 + 4096.0 * 64 +
                                     2 * 4096.0 * 256);

START_TEST(weights_of_compressed_attention)
{
    struct xo_deployment d = deployment("deepseek-v4-flash", &switched, XO_MXFP4, 4);
    ck_weights(&d,
               (struct xo_gpu_weights){ .attention_bytes = v4_by_head / 4 + v4_whole,
                                        .mlp_bytes = 43 * 3.0 * 4096 * 2048 / 4,
                                        .expert_bytes = 256 * 43 * 3.0 * 4096 * 2048 / 4 * 4.25 / 8,
                                        .router_bytes = 2 * 43 * 4096.0 * 256,
                                        .norm_bytes = 2 * 87 * 4096,
                                        .embedding_bytes = 2 * 4096.0 * 129280 / 4,
                                        .head_bytes = 2 * 4096.0 * 129280 / 4 });
    ck_near(xo_model_params(&d.model),
            v4_by_head + v4_whole + 43 * (257 * 3.0 * 4096 * 2048 + 4096.0 * 256) + 87 * 4096 +
                2 * 4096.0 * 129280,
            "V4", "parameters");
    d.weights = XO_BF16;
    ck_near(weights_of(&d).attention_bytes, 2 * (v4_by_head / 4 + v4_whole), "16 bits",
            "attention");
}
END_TEST

/* ---- KV room ---- */

static struct xo_kv_room room_of(const struct xo_deployment *d)
{
    struct xo_kv_room room;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_kv_room(d, &room, &err), "%s", err.text);
    return room;
}

/* Llama 3.1 8B in 16 bits: what one GPU and each of two hold; rows of the residual stream and
 * logits of the sampler; the three of an MLP. 0.64e9 bytes are the reserve of one GPU, 0.89e9 that
 * of several. */
static const double one_gpu = 2 * (llama_attention + llama_mlp + 2 * llama_head) + 2 * 65 * 4096,
                    two_gpus = llama_attention + llama_mlp + 2 * llama_head + 2 * 65 * 4096,
                    rows_2048 = 2048.0 * 2 * 2 * 4096, logits = 256.0 * 128256;

START_TEST(a_room_is_what_an_engine_leaves)
{
    const double mlp_32768 = 32768.0 * 2 * (2 * 4096 + 3 * 14336);
    const double half_mlp_32768 = 32768.0 * 2 * (2 * 4096 + 3 * 14336 / 2);
    const double stage = 2 * (llama_attention / 2 + llama_mlp / 2 + llama_head) + 2 * 33 * 4096;
    const struct {
        enum xo_engine_family engine;
        const struct xo_gpu *gpu;
        int tp, pp;
        int64_t chunk;
        double memory_frac;
        bool sorts;
        double room; /* of one GPU */
    } rows[] = {
        { XO_ENGINE_VLLM, &switched, 1, 1, 2048, 0.9, false,
          0.9 * 80e9 - one_gpu - (rows_2048 + 14 * logits) - 0.64e9 },
        { XO_ENGINE_VLLM, &switched, 1, 1, 2048, 0.9, true,
          0.9 * 80e9 - one_gpu - (rows_2048 + 51 * logits) - 0.64e9 },
        { XO_ENGINE_VLLM, &switched, 1, 1, 32768, 0.9, false,
          0.9 * 80e9 - one_gpu - mlp_32768 - 0.64e9 },
        { XO_ENGINE_VLLM, &switched, 2, 1, 2048, 0.9, false,
          0.9 * 80e9 - two_gpus - (rows_2048 + 14 * logits) - 0.89e9 },
        { XO_ENGINE_VLLM, &switched, 2, 1, 32768, 0.9, false,
          0.9 * 80e9 - two_gpus - half_mlp_32768 - 0.89e9 },
        { XO_ENGINE_VLLM, &switched, 1, 2, 2048, 0.9, false,
          0.9 * 80e9 - stage - (rows_2048 + 14 * logits) - 0.89e9 },
        { XO_ENGINE_SGLANG, &switched, 1, 1, 2048, 0.9, false, 0.9 * (80e9 - 1.2e9) - one_gpu },
        { XO_ENGINE_SGLANG, &switched, 1, 1, 32768, 0.99, false,
          80e9 - one_gpu - mlp_32768 - 0.64e9 },
        { XO_ENGINE_SGLANG, &switched, 1, 1, 2048, 1, true, /* its own sampler does not sort */
          80e9 - one_gpu - (rows_2048 + 51 * logits) - 0.64e9 },
        { XO_ENGINE_SGLANG, &switched, 2, 1, 2048, 0.9, false,
          0.9 * (80e9 - 1.2e9 - 2.1e9) - two_gpus },
        { XO_ENGINE_SGLANG, &pcie, 2, 1, 2048, 0.9, false,
          0.9 * (100e9 - 1.2e9 - 0.42e9) - two_gpus },
        { XO_ENGINE_TRTLLM, &switched, 1, 1, 2048, 0.9, false,
          0.9 * (80e9 - one_gpu - (rows_2048 + 8 * logits) - 0.64e9) },
        { XO_ENGINE_TRTLLM, &switched, 2, 1, 2048, 0.8, false,
          0.8 * (80e9 - two_gpus - (rows_2048 + 8 * logits) - 0.89e9) },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct xo_deployment d = deployment("llama-3.1-8b", rows[i].gpu, XO_BF16, rows[i].tp);
        d.engine = rows[i].engine;
        d.pipeline_parallel = rows[i].pp;
        d.chunk_tokens = rows[i].chunk;
        d.memory_frac = rows[i].memory_frac;
        d.sorts_logits = rows[i].sorts;
        const double found = (double)room_of(&d).room_bytes;
        const double right = rows[i].room * rows[i].tp * rows[i].pp;
        ck_assert_msg(fabs(found - right) < 2, "row %zu: %.0f, not %.0f", i, found, right);
    }
}
END_TEST

/* Blocks of 16 tokens in the layers that have KV of their own; an engine without a hybrid cache
 * keeps the windowed ones whole. An index has a key of 96 bytes and a scale of 4, on each GPU. */
START_TEST(blocks_of_kinds_that_differ)
{
    struct xo_deployment d = two_kinds(16);
    struct xo_kv_room room = room_of(&d);
    const int64_t full = 16 * 16 * 10 * 2 * 1 * 128 * 2, window = 16 * 16 * 15 * 2 * 1 * 64 * 2;
    ck_assert_int_eq(room.full_block_bytes, full);
    ck_assert_int_eq(room.window_block_bytes, window);
    ck_assert_int_eq(room.window_blocks, 1000 / 16 + 1);
    d.window_kv_whole = true;
    room = room_of(&d);
    ck_assert_int_eq(room.full_block_bytes, full + window);
    ck_assert_int_eq(room.window_block_bytes, 0);

    d = deployment("llama-3.1-8b", &switched, XO_FP8, 2);
    d.model.index_top_k = 2048;
    d.model.index_heads = 5;
    d.model.index_dim = 96;
    d.model.index_layers = 7;
    room = room_of(&d);
    ck_assert_int_eq(room.full_block_bytes, 2 * 16 * (32 * 2 * 4 * 128 * 2 + 7 * (96 + 4)));
    ck_assert_int_eq(room.window_block_bytes, 0);
    ck_near(xo_model_kv_bytes_per_token(&d.model, XO_BF16), 32 * 2 * 8 * 128 * 2 + 7 * 100, "index",
            "KV");
    /* queries from the hidden state, for want of a latent: 5 heads of 96, a key, a weight a head */
    ck_near(weights_of(&d).attention_bytes, llama_attention / 2 + 7 * 4096.0 * (5 * 96 + 96 + 5),
            "index", "attention");
}
END_TEST

/* Each GPU holds all of it: a token's share of an entry of 448 numbers in 8 bits and 64 in 16, and
 * of an index key of 132 bytes; and 9 blocks of the window in every layer. */
START_TEST(blocks_of_compressed_attention)
{
    struct xo_deployment d = deployment("deepseek-v4-flash", &switched, XO_MXFP4, 4);
    d.kv = XO_FP8;
    const struct xo_kv_room room = room_of(&d);
    ck_assert_int_eq(room.full_block_bytes,
                     4 * 16 * (20 * 576 / 128.0 + 21 * 576 / 4.0 + 21 * 132 / 4.0));
    ck_assert_int_eq(room.window_block_bytes, 4 * 16 * 43 * 576);
    ck_assert_int_eq(room.window_blocks, 9);
    ck_near(xo_model_kv_bytes_per_token(&d.model, XO_FP8),
            20 * 576 / 128.0 + 21 * (576 + 132) / 4.0, "V4", "KV");
}
END_TEST

/* SGLang's sampler takes 16 bytes a logit: as its room is the lesser of two, a batch of 4,096 shows
 * it at a fraction of 1. */
START_TEST(sglangs_sampler_takes_16_bytes_a_logit)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    d.engine = XO_ENGINE_SGLANG;
    d.memory_frac = 1;
    d.max_batch = 4096;
    ck_assert_double_eq_tol((double)room_of(&d).room_bytes,
                            80e9 - one_gpu - (rows_2048 + 16 * 16 * logits) - 0.64e9, 2);
}
END_TEST

/* A layer's peak has the widest of its MLPs: the dense one, or the experts of a token together.
 * gpt-oss 120B: 4 of 2880; Qwen3-Next: 10 of 512 and a shared one. */
START_TEST(the_widest_mlp_of_a_layer_takes_room)
{
    static const struct {
        const char *model;
        double hidden, width;
    } rows[] = { { "gpt-oss-120b", 2880, 4 * 2880 },
                 { "qwen3-next-80b-a3b", 2048, 11 * 512 },
                 { "llama-3.2-1b", 2048, 8192 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct xo_deployment d = deployment(rows[i].model, &hot, XO_BF16, 1);
        d.gpu.memory_bytes = 400e9;
        d.chunk_tokens = 50000;
        const double less = (double)room_of(&d).room_bytes;
        d.chunk_tokens = 40000;
        ck_assert_double_eq_tol((double)room_of(&d).room_bytes - less,
                                10000 * 2.0 * (2 * rows[i].hidden + 3 * rows[i].width), 2);
    }
}
END_TEST

/* A block has 16 tokens on every GPU that copies them. */
START_TEST(blocks_by_hand)
{
    static const struct {
        const char *model;
        enum xo_dtype weights, kv;
        int tp, dp, pp;
        bool whole;
        double full, window; /* bytes a token, over all GPUs */
        int window_blocks;
    } rows[] = {
        { "llama-3.1-8b", XO_BF16, XO_BF16, 1, 1, 1, false, 32 * 2 * 8 * 128 * 2, 0, 0 },
        { "llama-3.1-8b", XO_BF16, XO_FP8, 2, 1, 1, false, 32 * 2 * 8 * 128, 0, 0 },
        { "llama-3.1-8b", XO_BF16, XO_FP8, 16, 1, 1, false, 32 * 2 * 16 * 128, 0, 0 },
        { "llama-3.1-8b", XO_BF16, XO_BF16, 1, 1, 3, false, 33 * 2 * 8 * 128 * 2, 0, 0 },
        { "deepseek-v3", XO_NVFP4, XO_BF16, 8, 1, 1, false, 8 * 61 * 576 * 2, 0, 0 },
        { "deepseek-v3", XO_NVFP4, XO_FP8, 2, 4, 1, false, 2 * 61 * 576, 0, 0 },
        { "gpt-oss-120b", XO_MXFP4, XO_BF16, 2, 1, 1, false, 18 * 2 * 8 * 64 * 2,
          18 * 2 * 8 * 64 * 2, 9 },
        { "gpt-oss-120b", XO_MXFP4, XO_BF16, 2, 1, 1, true, 36 * 2 * 8 * 64 * 2, 0, 0 },
        { "gpt-oss-120b", XO_MXFP4, XO_FP8, 1, 1, 5, false, 20 * 2 * 8 * 64, 20 * 2 * 8 * 64, 9 },
        { "qwen3-next-80b-a3b", XO_BF16, XO_BF16, 4, 1, 1, false, 12 * 2 * 4 * 256 * 2, 0, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct xo_deployment d = deployment(rows[i].model, &hot, rows[i].weights, rows[i].tp);
        d.kv = rows[i].kv;
        d.attention_dp = rows[i].dp;
        d.pipeline_parallel = rows[i].pp;
        d.window_kv_whole = rows[i].whole;
        const struct xo_kv_room room = room_of(&d);
        ck_assert_int_eq(room.block_tokens, 16);
        ck_assert_double_eq_tol((double)room.full_block_bytes, 16 * rows[i].full, 1.5);
        ck_assert_double_eq_tol((double)room.window_block_bytes, 16 * rows[i].window, 1.5);
        ck_assert_int_eq(room.window_blocks, rows[i].window_blocks);
        ck_assert_int_eq(room.most_sequences, 0);
    }
    /* a window of 100 tokens lies in 7 blocks at most */
    struct xo_deployment d = deployment("gpt-oss-120b", &switched, XO_MXFP4, 1);
    d.model.window_tokens = 100;
    ck_assert_int_eq(room_of(&d).window_blocks, 7);
}
END_TEST

START_TEST(a_sequence_holds_whole_blocks_of_each_kind_and_its_state)
{
    const struct xo_kv_room room = { .full_block_bytes = 1000,
                                     .window_block_bytes = 30,
                                     .window_blocks = 9,
                                     .state_bytes = 5,
                                     .block_tokens = 16 };
    ck_assert_double_eq(xo_kv_sequence_bytes(&room, 1), 1000 + 30 + 5);
    ck_assert_double_eq(xo_kv_sequence_bytes(&room, 16), 1000 + 30 + 5);
    ck_assert_double_eq(xo_kv_sequence_bytes(&room, 17), 2000 + 60 + 5);
    ck_assert_double_eq(xo_kv_sequence_bytes(&room, 200), 13000 + 9 * 30 + 5);
}
END_TEST

/* Qwen3-Next, whose state is 77266944 bytes, in 8 bits on one GPU. Of 1.9 bytes beside the weights
 * SGLang sets 0.9 aside for states, of which a running request needs five; without a prefix cache
 * it keeps those of 20 requests on each of two ranks. */
START_TEST(sglang_divides_its_room_between_states_and_kv)
{
    struct xo_deployment d = deployment("qwen3-next-80b-a3b", &hot, XO_FP8, 1);
    const double attention = 12 * (3.0 * 2048 * 4096 + 2.0 * 2048 * 512) + 36 * 33718272.0;
    const double experts = 48 * 513 * 3.0 * 2048 * 512, state = 77266944;
    const double half = 2.0 * (48 * 2048 * 512 + 2 * 2048.0 * 151936 + 97 * 2048);
    const double all = 0.9 * (190e9 - 1.2e9) - attention - experts - half;
    d.engine = XO_ENGINE_SGLANG;
    struct xo_kv_room room = room_of(&d);
    ck_assert_double_eq_tol((double)room.room_bytes, all / 1.9, 2);
    ck_assert_int_eq(room.most_sequences, (int64_t)floor(all * 0.9 / 1.9 / state / 5));
    ck_assert_int_eq(room.state_bytes, 0);
    d.no_prefix_cache = true;
    d.max_batch = 20;
    room = room_of(&d);
    ck_assert_double_eq_tol((double)room.room_bytes, all - 20 * state, 2);
    ck_assert_int_eq(room.most_sequences, 20);
    d.max_batch = 2000; /* more than the share holds */
    room = room_of(&d);
    ck_assert_double_eq_tol((double)room.room_bytes, all / 1.9, 2);
    ck_assert_int_eq(room.most_sequences, (int64_t)floor(all * 0.9 / 1.9 / state));
    d.max_batch = 20;
    d.attention_dp = 2;
    ck_assert_int_eq(room_of(&d).most_sequences, 40);
    d.engine = XO_ENGINE_VLLM;
    ck_assert_int_eq(room_of(&d).state_bytes, 77266944);
}
END_TEST

/* However little room there is for states, one request runs: of a GPU with one block of KV and a
 * state to spare, 0.9/1.9 is less than five states. */
START_TEST(sglang_runs_one_request_at_least)
{
    struct xo_deployment d = deployment("qwen3-next-80b-a3b", &hot, XO_FP8, 1);
    d.engine = XO_ENGINE_SGLANG;
    const double much = (double)room_of(&d).room_bytes * 1.9;
    d.gpu.memory_bytes -= (much - 3 * 77266944.0) / 0.9;
    ck_assert_int_eq(room_of(&d).most_sequences, 1);
}
END_TEST

/* ---- what does not fit ---- */

static const char *failure(const struct xo_deployment *d)
{
    static struct xo_error err;
    struct xo_kv_room room;
    ck_assert_msg(!xo_kv_room(d, &room, &err), "it fits");
    return err.text;
}
static void ck_says(const struct xo_deployment *d, const char *words)
{
    const char *text = failure(d);
    ck_assert_msg(strstr(text, words) != NULL, "\"%s\" is not in: %s", words, text);
}

/* The least room is a block of KV in all layers (as many of windowed ones as a window takes, unless
 * the engine keeps the whole context in them) and a state: so many bytes on each GPU. */
static const struct {
    const char *model;
    enum xo_dtype weights;
    int tp, pp;
    bool whole;
    double least;
} least_rooms[] = {
    { "llama-3.1-8b", XO_BF16, 1, 1, false, 16 * 32 * 2 * 8 * 128 * 2 },
    { "llama-3.1-8b", XO_BF16, 2, 3, false, 16 * 11 * 2 * 4 * 128 * 2 },
    { "gpt-oss-120b", XO_MXFP4, 2, 1, false, 16 * 18 * 2 * 4 * 64 * 2 * (1 + 9) },
    { "gpt-oss-120b", XO_MXFP4, 2, 1, true, 16 * 36 * 2 * 4 * 64 * 2 },
    { "qwen3-next-80b-a3b", XO_FP8, 2, 2, false, 16 * 6 * 2 * 256 * 2 + 77266944 / 2 / 2 },
};

START_TEST(a_deployment_fits_from_its_least_room_on)
{
    struct xo_deployment d =
        deployment(least_rooms[_i].model, &switched, least_rooms[_i].weights, least_rooms[_i].tp);
    d.pipeline_parallel = least_rooms[_i].pp;
    d.window_kv_whole = least_rooms[_i].whole;
    const double gpus = least_rooms[_i].tp * least_rooms[_i].pp;
    const double room = (double)room_of(&d).room_bytes / gpus;
    d.gpu.memory_bytes -= (room - least_rooms[_i].least) / 0.9;
    d.gpu.memory_bytes += 10;
    ck_assert_double_eq_tol((double)room_of(&d).room_bytes / gpus, least_rooms[_i].least, 20);
    d.gpu.memory_bytes -= 20;
    ck_says(&d, "leave 0.0 GB too little for one ");
    d.gpu.memory_bytes -= 2.5e9 / 0.9;
    ck_says(&d, "leave 2.5 GB too little for one ");
}
END_TEST

/* A smaller chunk or batch would do if 512 tokens of 16 sequences fit: at their peak they hold the
 * MLP's 512 rows, or 16 rows of logits that are sorted. */
START_TEST(smaller_steps_would_do_where_512_tokens_of_16_sequences_fit)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    const double block = 16 * 131072.0;
    const double peaks[] = { 512.0 * 2 * (2 * 4096 + 3 * 14336),
                             512.0 * 2 * 2 * 4096 + 51.0 * 16 * 128256 };
    for (int sorts = 0; sorts < 2; sorts++) {
        d.sorts_logits = sorts;
        d.gpu.memory_bytes = (one_gpu + peaks[sorts] + block + 0.64e9 + 10) / 0.9;
        ck_says(&d, "; a smaller chunk or batch would do");
        d.gpu.memory_bytes = (one_gpu + peaks[sorts] + block + 0.64e9 - 10) / 0.9;
        ck_says(&d, "; tensor_parallel = 2 would do");
    }
    d.sorts_logits = false; /* steps of 512 tokens and 16 sequences are not smaller than these */
    d.chunk_tokens = 512;
    d.max_batch = 16;
    d.gpu.memory_bytes = (one_gpu + peaks[0] + 0.64e9 + block / 2) / 0.9;
    ck_says(&d, "16.1 GB of weights on each switched");
    ck_says(&d, "; tensor_parallel = 2 would do");
}
END_TEST

/* Two GPUs would do from the memory on that holds half of the weights, the buffers of several and a
 * block: not less, for then they would be refused in turn. */
START_TEST(what_would_do_is_taken)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    d.chunk_tokens = 512;
    d.max_batch = 16;
    const double peak = 512.0 * 2 * 2 * 4096 + 14.0 * 16 * 128256, block = 16 * 131072.0 / 2;
    d.gpu.memory_bytes = (two_gpus + peak + block + 0.89e9 - 10) / 0.9;
    ck_says(&d, "; tensor_parallel = 4 would do");
    d.gpu.memory_bytes += 20 / 0.9;
    ck_says(&d, "; tensor_parallel = 2 would do");
    d.tensor_parallel = 2;
    ck_assert_int_ge(room_of(&d).room_bytes, 2 * (int64_t)block);
}
END_TEST

/* GPUs of 16 GB hold 1/64 of DeepSeek V3 in 8 bits and not 1/32 (671e9/32 = 21 GB); those of 8 GB
 * would take 128, further than is looked. */
START_TEST(as_many_as_64_gpus_are_looked_at)
{
    struct xo_deployment d = deployment("deepseek-v3", &switched, XO_FP8, 8);
    d.gpu.memory_bytes = 20e9;
    ck_says(&d, "tensor_parallel = 64 would do");
    d.gpu.memory_bytes = 11e9;
    ck_says(&d, "smaller weights or a larger GPU would do");
    d.gpu.memory_bytes = 48e9;
    ck_says(&d, "tensor_parallel = 32 would do");
    /* from where it stands on: 64 are not offered to who has 64 */
    d.tensor_parallel = 64;
    d.gpu.memory_bytes = 11e9;
    ck_says(&d, "smaller weights or a larger GPU would do");
}
END_TEST

/* ---- rates for MFU and MBU ---- */

/* 2 flops a parameter and token, 4 * heads * head size a pair (MLA: 2 * (576 + 512) a head), over
 * all GPUs and layers; MLA's q_a and kv_a are computed by every GPU. */
START_TEST(work_rates_by_hand)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_FP8, 2);
    struct xo_step_model *m = xo_step_model_new(&d, NULL);
    const struct xo_work_rates *r = xo_step_work_rates(m);
    ck_near(r->linear_flop_per_token, 2 * (llama_attention + llama_mlp), "dense", "linear");
    ck_near(r->full_flop_per_pair, 32 * 4 * 32 * 128, "dense", "pair");
    ck_near(r->full_kv_bytes_per_token, 32 * 2 * 8 * 128 * 2, "dense", "KV");
    ck_near(r->window_flop_per_pair, 0, "dense", "window");
    ck_near(r->window_kv_bytes_per_token, 0, "dense", "window's KV");
    ck_near(r->peak_flop_per_s, 2 * 2000e12, "dense", "peak");
    ck_near(r->peak_bytes_per_s, 2 * 3e12, "dense", "bandwidth");
    ck_assert_int_eq(r->window_tokens, 0);
    xo_step_model_free(m);

    d.model.window_tokens = 4096; /* of no layer */
    m = xo_step_model_new(&d, NULL);
    ck_assert_int_eq(xo_step_work_rates(m)->window_tokens, 0);
    xo_step_model_free(m);

    d = deployment("deepseek-v3", &switched, XO_FP8, 8);
    d.expert_parallel = 4;
    m = xo_step_model_new(&d, NULL);
    r = xo_step_work_rates(m);
    ck_near(r->linear_flop_per_token,
            2 * (deepseek_by_head + 8 * deepseek_whole + deepseek_mlp + deepseek_router +
                 8 * deepseek_expert),
            "MLA", "linear");
    ck_near(r->full_flop_per_pair, 61 * 2 * 128 * (576 + 512), "MLA", "pair");
    ck_near(r->full_kv_bytes_per_token, 8 * 61 * 576 * 2, "MLA", "KV");
    xo_step_model_free(m);

    d = deployment("gpt-oss-120b", &switched, XO_MXFP4, 2);
    d.attention_dp = 3;
    d.pipeline_parallel = 5; /* 8 layers a stage where there are 36 */
    m = xo_step_model_new(&d, NULL);
    r = xo_step_work_rates(m);
    ck_near(r->linear_flop_per_token, 2 * (oss_attention + oss_router + 4 * oss_expert) / 36 * 40,
            "windows", "linear");
    ck_near(r->full_flop_per_pair, 20 * 4 * 64 * 64, "windows", "pair");
    ck_near(r->window_flop_per_pair, 20 * 4 * 64 * 64, "windows", "window");
    ck_near(r->full_kv_bytes_per_token, 20 * 2 * 8 * 64 * 2, "windows", "KV");
    ck_near(r->window_kv_bytes_per_token, 20 * 2 * 8 * 64 * 2, "windows", "window's KV");
    ck_near(r->peak_flop_per_s, 30 * 1000e12, "windows", "peak");
    ck_near(r->peak_bytes_per_s, 30 * 3e12, "windows", "bandwidth");
    ck_assert_int_eq(r->window_tokens, 128);
    xo_step_model_free(m);
}
END_TEST

/* The KV cache size that an engine printed, as bytes of all ranks. Bytes a token in 16 bits: 131072
 * of Llama-3.1-8B. Of gpt-oss-20b 24576 of 12 full layers, and of 12 windowed ones 9 blocks of 16
 * tokens of each 131,072: 27. Of Qwen3-Next 24576, and a state of 77266944 bytes of each 262,144:
 * 294.75; SGLang prints the tokens beside its states, 0.9 bytes for each of KV, five a request. */
static const struct {
    const char *model;
    enum xo_engine_family engine;
    int tp, ranks;
    double tokens, bytes;
    int most_sequences;
} printed_rooms[] = {
    { "llama-3.1-8b", XO_ENGINE_VLLM, 1, 1, 178880, 178880 * 131072.0, 0 },
    { "llama-3.1-8b", XO_ENGINE_VLLM, 4, 1, 178880, 178880 * 131072.0, 0 },
    { "llama-3.1-8b", XO_ENGINE_SGLANG, 2, 1, 178881, 178881 * 131072.0, 0 },
    { "qwen3-30b-a3b", XO_ENGINE_VLLM, 1, 4, 100000, 4 * 100000 * 98304.0, 0 },
    { "gpt-oss-20b", XO_ENGINE_VLLM, 1, 1, 200000, 200000 * 24603.0, 0 },
    { "qwen3-next-80b-a3b", XO_ENGINE_VLLM, 1, 1, 160000, 160000 * 24870.75, 0 },
    { "qwen3-next-80b-a3b", XO_ENGINE_SGLANG, 1, 1, 160000, 160000 * 24576.0, 9 },
};
enum { N_PRINTED_ROOMS = sizeof printed_rooms / sizeof *printed_rooms };

START_TEST(a_room_that_the_engine_printed_takes_the_place_of_ours)
{
    struct xo_deployment d =
        deployment(printed_rooms[_i].model, &hot, XO_FP8, printed_rooms[_i].tp);
    d.engine = printed_rooms[_i].engine;
    d.attention_dp = printed_rooms[_i].ranks;
    d.expert_parallel = printed_rooms[_i].ranks;
    d.kv_room_tokens = printed_rooms[_i].tokens;
    const struct xo_kv_room room = room_of(&d);
    ck_assert_double_eq((double)room.room_bytes, printed_rooms[_i].bytes);
    ck_assert_double_eq_tol(xo_kv_room_tokens(&d, &room), printed_rooms[_i].tokens, 1e-6);
    ck_assert_int_eq(room.most_sequences, printed_rooms[_i].most_sequences);
    d.memory_frac = 0.5; /* is not asked */
    ck_assert_int_eq(room_of(&d).room_bytes, room.room_bytes);
}
END_TEST

/* What is worked out is printed back: blocks of 16 tokens, but for what is not a whole block. */
START_TEST(our_room_in_tokens_is_bytes_over_those_of_a_token)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    const struct xo_kv_room room = room_of(&d);
    ck_assert_double_eq_tol(xo_kv_room_tokens(&d, &room), (double)room.room_bytes / 131072, 1e-6);
}
END_TEST

/* Beside the weights of one GPU there are 20e9 bytes, 152587 tokens of Llama-3.1-8B. */
START_TEST(a_printed_room_that_no_memory_holds_is_refused)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    d.gpu.memory_bytes = weights_of(&d).total_bytes + 20e9;
    d.memory_frac = 0.4; /* which would leave less than nothing */
    d.kv_room_tokens = 152587;
    ck_assert_double_eq((double)room_of(&d).room_bytes, 152587 * 131072.0);
    d.kv_room_tokens = 152588;
    ck_says(&d, "152588 tokens of KV are 20.0 GB on each switched of 36.1 GB beside 16.1 GB of "
                "weights; 152587 tokens are the most");
    d.gpu.memory_bytes = 16e9; /* where the weights do not fit, it is these that are named */
    ck_says(&d, "does not fit: 16.1 GB of weights");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("GPU memory");
    TCase *weights = tcase_create("weights");
    tcase_add_test(weights, weights_of_dense_models);
    tcase_add_test(weights, weights_of_mixtures_of_experts);
    tcase_add_test(weights, checkpoints_in_4_bits_leave_parts_in_16);
    tcase_add_test(weights, parameters_are_counted_to_the_last);
    tcase_add_test(weights, a_state_has_the_inputs_of_its_convolution);
    tcase_add_test(weights, windowed_layers_may_have_heads_of_their_own);
    tcase_add_test(weights, layers_without_a_cache_are_of_four_kinds);
    tcase_add_test(weights, experts_may_have_no_gate_and_see_a_projection);
    tcase_add_test(weights, checkpoints_say_what_they_quantize_and_hold_towers_besides);
    tcase_add_test(weights, weights_of_compressed_attention);
    suite_add_tcase(suite, weights);
    TCase *room = tcase_create("room");
    tcase_add_test(room, a_room_is_what_an_engine_leaves);
    tcase_add_test(room, blocks_of_kinds_that_differ);
    tcase_add_test(room, blocks_of_compressed_attention);
    tcase_add_test(room, sglangs_sampler_takes_16_bytes_a_logit);
    tcase_add_test(room, the_widest_mlp_of_a_layer_takes_room);
    tcase_add_test(room, blocks_by_hand);
    tcase_add_test(room, a_sequence_holds_whole_blocks_of_each_kind_and_its_state);
    tcase_add_test(room, sglang_divides_its_room_between_states_and_kv);
    tcase_add_test(room, sglang_runs_one_request_at_least);
    tcase_add_loop_test(room, a_room_that_the_engine_printed_takes_the_place_of_ours, 0,
                        N_PRINTED_ROOMS);
    tcase_add_test(room, our_room_in_tokens_is_bytes_over_those_of_a_token);
    tcase_add_test(room, a_printed_room_that_no_memory_holds_is_refused);
    suite_add_tcase(suite, room);
    TCase *refusals = tcase_create("refusals");
    tcase_add_loop_test(refusals, a_deployment_fits_from_its_least_room_on, 0,
                        sizeof least_rooms / sizeof *least_rooms);
    tcase_add_test(refusals, smaller_steps_would_do_where_512_tokens_of_16_sequences_fit);
    tcase_add_test(refusals, what_would_do_is_taken);
    tcase_add_test(refusals, as_many_as_64_gpus_are_looked_at);
    suite_add_tcase(suite, refusals);
    TCase *rates = tcase_create("rates");
    tcase_add_test(rates, work_rates_by_hand);
    suite_add_tcase(suite, rates);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
