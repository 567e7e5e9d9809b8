/* hardware_kit.h - GPUs, constants and parameter counts that a hand can sum with.
 *
 * The models are those of the catalog, with the dimensions that their makers publish; constants and
 * GPUs are made up so that every figure is a short product.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HARDWARE_KIT_H
#define HARDWARE_KIT_H

#include "plain_deployment.h"
#include "xo/scenario.h"

#include <check.h>
#include <math.h>

/* No two alike, so that one taken for another shows. */
static const struct xo_efficiency constants = {
    .mbu_weights_frac = 0.75,
    .mbu_4bit_frac = 0.5,
    .mbu_kv_frac = 0.625,
    .mfu_linear_frac = 0.55,
    .mfu_8bit_frac = 0.4,
    .mfu_4bit_frac = 0.3,
    .mfu_experts_frac = 0.2,
    .mfu_experts_4bit_frac = 0.35,
    .mfu_attention_frac = 0.25,
    .step_s = 1.25e-3,
    .layer_decode_s = 21e-6,
    .layer_prefill_s = 77e-6,
    .moe_decode_s = 13e-6,
    .moe_decode_4bit_s = 7e-6,
    .moe_prefill_s = 170e-6,
    .attention_floor_s = 5e-6,
    .sequence_s = 3e-6,
    .allreduce_latency_s = 4e-6,
    .link_frac = 0.8,
    .expert_imbalance = 1.3,
    .step_scale = 1.5,
};

/* As an H100 SXM: 3 TB/s, 1000 Tflop/s in 16 bits, twice that in 8; 400 GB/s behind a switch. */
static const struct xo_gpu switched = {
    .name = "switched",
    .generation = XO_GEN_HOPPER,
    .memory_bytes = 80e9,
    .hbm_bytes_per_s = 3e12,
    .bf16_flop_per_s = 1000e12,
    .fp8_flop_per_s = 2000e12,
    .link_bytes_per_s = 400e9,
    .link_is_switched = true,
    .power_busy_w = 800,
    .power_idle_w = 100,
};

/* As an RTX PRO 6000: PCIe. */
static const struct xo_gpu pcie = {
    .name = "pcie",
    .generation = XO_GEN_BLACKWELL,
    .memory_bytes = 100e9,
    .hbm_bytes_per_s = 1.8e12,
    .bf16_flop_per_s = 500e12,
    .fp8_flop_per_s = 1000e12,
    .fp4_flop_per_s = 2000e12,
    .link_bytes_per_s = 64e9,
    .power_busy_w = 600,
    .power_idle_w = 100,
};

/* As a B200, whose 1000 W are few for 2250 Tflop/s. An H100 SXM has 700 W for 989.4 Tflop/s; MFU
 * falls as that share to the power 0.7. */
static const struct xo_gpu hot = {
    .name = "hot",
    .generation = XO_GEN_BLACKWELL,
    .memory_bytes = 190e9,
    .hbm_bytes_per_s = 8e12,
    .bf16_flop_per_s = 2250e12,
    .fp8_flop_per_s = 4500e12,
    .fp4_flop_per_s = 9000e12,
    .link_bytes_per_s = 900e9,
    .link_is_switched = true,
    .power_busy_w = 1000,
    .power_idle_w = 150,
};
static inline double hot_share(void)
{
    return pow(1000 / 2250.0 / (700 / 989.4), 0.7); /* 0.72 */
}

/* As an A100: no arithmetic in 8 bits but that of integers. */
static const struct xo_gpu ampere = {
    .name = "ampere",
    .generation = XO_GEN_AMPERE,
    .memory_bytes = 80e9,
    .hbm_bytes_per_s = 2e12,
    .bf16_flop_per_s = 312e12,
    .link_bytes_per_s = 32e9,
    .power_busy_w = 300,
    .power_idle_w = 50,
};

static inline struct xo_deployment deployment(const char *model, const struct xo_gpu *gpu,
                                              enum xo_dtype weights, int tensor_parallel)
{
    const struct xo_model_entry *named = xo_catalog_model(xo_catalog_builtin(), model, NULL);
    struct xo_deployment d = plain_deployment(gpu, &named->model);
    d.weights = weights;
    d.tensor_parallel = tensor_parallel;
    d.efficiency = constants;
    return d;
}

static inline void ck_near(double found, double right, const char *of, const char *what)
{
    ck_assert_msg(fabs(found - right) <= 1e-11 * fabs(right), "%s, %s: %.15g, not %.15g", of, what,
                  found, right);
}

/* ---- parameters, from the published dimensions ---- */

/* Llama 3.1 8B: 32 layers of 4096; 32 heads and 8 KV heads of 128; an MLP of 14336. In a layer the
 * queries and the output have 4096 x 4096 parameters, keys and values 4096 x 1024. */
static const double llama_attention = 32 * (2.0 * 4096 * 4096 + 2.0 * 4096 * 1024),
                    llama_mlp = 32 * 3.0 * 4096 * 14336, llama_head = 4096.0 * 128256;

/* Qwen3 30B: 48 MoE layers of 2048; 32 heads and 4 KV heads of 128; 8 of 128 experts of 768. */
static const double qwen_attention = 48 * (2.0 * 2048 * 4096 + 2.0 * 2048 * 512),
                    qwen_router = 48 * 2048.0 * 128, qwen_expert = 48 * 3.0 * 2048 * 768,
                    qwen_head = 2048.0 * 151936;

/* DeepSeek V3: 61 layers of 7168, 3 of them dense with an MLP of 18432; 128 heads with queries of
 * 128 + 64 from a rank of 1536 and values of 128, a latent of 512 + 64; 8 of 256 experts and a
 * shared one of 2048. What tensor parallelism cuts of a layer's attention is q_b, kv_b and o; q_a
 * and kv_a are whole on every GPU. */
static const double deepseek_by_head =
                        61 * (1536.0 * 128 * 192 + 512.0 * 128 * (128 + 128) + 128.0 * 128 * 7168),
                    deepseek_whole = 61 * (7168.0 * 1536 + 7168.0 * 576),
                    deepseek_mlp = 3 * 3.0 * 7168 * 18432 + 58 * 3.0 * 7168 * 2048,
                    deepseek_router = 58 * 7168.0 * 256, deepseek_expert = 58 * 3.0 * 7168 * 2048,
                    deepseek_head = 7168.0 * 129280;

/* gpt-oss 120B: 36 layers of 2880, 18 of them with a window of 128; 64 heads and 8 KV heads of 64;
 * 4 of 128 experts of 2880. MXFP4 is the experts' alone. */
static const double oss_attention = 36 * (2.0 * 2880 * 4096 + 2.0 * 2880 * 512),
                    oss_router = 36 * 2880.0 * 128, oss_expert = 36 * 3.0 * 2880 * 2880,
                    oss_head = 2880.0 * 201088;

#endif
