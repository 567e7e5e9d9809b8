/* test_steps.c - steps of whole deployments, each part summed by hand after docs/model.md.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "hardware_kit.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static struct xo_batch decoding(int n, int64_t kv_tokens)
{
    return (struct xo_batch){
        .n_decode = n, .kv_tokens = kv_tokens, .kv_window_tokens = kv_tokens, .n_below_window = n
    };
}

/* ---- the parts of a step ---- */

static struct xo_part_time lasts(double seconds)
{
    return (struct xo_part_time){ .seconds = seconds };
}
/* A kernel whose bytes and flops overlap, but not wholly: the cube root of the sum of cubes. */
static struct xo_part_time overlap(double bytes_s, double flops_s)
{
    return (struct xo_part_time){ bytes_s, flops_s, cbrt(pow(bytes_s, 3) + pow(flops_s, 3)) };
}
static struct xo_part_time larger(double bytes_s, double flops_s)
{
    return (struct xo_part_time){ bytes_s, flops_s, bytes_s > flops_s ? bytes_s : flops_s };
}
static struct xo_part_time at_least(double floor_s, double bytes_s, double flops_s)
{
    struct xo_part_time part = larger(bytes_s, flops_s);
    part.seconds = part.seconds > floor_s ? part.seconds : floor_s;
    return part;
}
/* Kernels that move so many values of 16 bits. */
static struct xo_part_time moves(double values, double byte_s)
{
    return (struct xo_part_time){ values * 2 * byte_s, 0, values * 2 * byte_s };
}
/* Distinct experts among n tokens: the first one's, and of the others each further token meets one
 * with 0.85 of the even chance. */
static double distinct_of(double experts, double per_token, double n)
{
    return experts - (experts - per_token) * pow(1 - 0.85 * per_token / experts, n - 1);
}
/* An exchange whose bytes would take ideal_s on the bare link, which reaches `share` of that. */
static double exchange_s(double latency_s, double ideal_s, double share)
{
    return latency_s + ideal_s / share + 3.5e-3 * sqrt(ideal_s);
}

static const char *const part_names[XO_N_STEP_PARTS] = {
    "step", "layers",           "MoE layers",       "sequences",        "head",        "attention",
    "MLP",  "router",           "experts",          "elementwise",      "all-reduces", "dispatches",
    "hops", "decode attention", "window attention", "prompt attention",
};

/* Every part of the step is as summed by hand, before the scale of 1.5 that stretches each; those
 * not written down take no time. The step takes their sum, and reads weight_bytes over all GPUs. */
static void ck_step(const struct xo_deployment *d, const struct xo_batch *batch,
                    const struct xo_part_time right[XO_N_STEP_PARTS], double weight_bytes)
{
    struct xo_step_parts found;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_step_parts_at(d, batch, &found, &err), "%s", err.text);
    double sum = 0;
    for (int i = 0; i < XO_N_STEP_PARTS; i++) {
        ck_near(found.parts[i].memory_s, 1.5 * right[i].memory_s, part_names[i], "bytes");
        ck_near(found.parts[i].compute_s, 1.5 * right[i].compute_s, part_names[i], "flops");
        ck_near(found.parts[i].seconds, 1.5 * right[i].seconds, part_names[i], "seconds");
        sum += 1.5 * right[i].seconds;
    }
    struct xo_step_model *m = xo_step_model_new(d, NULL);
    struct xo_step step;
    xo_step_at(m, batch, &step);
    ck_near(found.total_s, sum, d->model.name, "the parts' total");
    ck_near(step.first_s, sum, d->model.name, "the step");
    ck_near(step.weight_bytes, weight_bytes, d->model.name, "bytes of weights");
    xo_step_model_free(m);
}

static struct xo_step step_of(const struct xo_deployment *d, const struct xo_batch *batch)
{
    struct xo_step_model *m = xo_step_model_new(d, NULL);
    struct xo_step step;
    ck_assert_ptr_nonnull(m);
    xo_step_at(m, batch, &step);
    xo_step_model_free(m);
    return step;
}

/* Each GPU has half of every matrix, and 4 KV heads, whose bytes take 5/4 of the best time. Over
 * a link go 2 * 1/2 of 7 rows of 4096 values of 2 bytes, twice a layer. */
START_TEST(decoding_on_two_gpus)
{
    const struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 2);
    const struct xo_batch batch = decoding(7, 12345);
    const double byte_s = 1 / (3e12 * 0.75), flop_s = 1 / (1000e12 * 0.55);
    const double kv_s = 32 * 2 * 4 * 128 * 2 * 5 / 4.0 / (3e12 * 0.625);
    const double pair_s = 32 * 4.0 * 16 * 128 / (1000e12 * 0.25);
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(32 * 21e-6),
        [XO_PART_SEQUENCES] = lasts(7 * 3e-6),
        [XO_PART_HEAD] = larger(llama_head * byte_s, llama_head * 7 * flop_s),
        [XO_PART_PROJECTIONS] = overlap(llama_attention * byte_s, llama_attention * 7 * flop_s),
        [XO_PART_MLP] = overlap(llama_mlp * byte_s, llama_mlp * 7 * flop_s),
        [XO_PART_ELEMENTWISE] = moves(7 * 32 * ((4 + 4 / 2.0) * 4096 + 3 * 14336 / 2.0), byte_s),
        [XO_PART_ALL_REDUCES] = lasts(64 * exchange_s(4e-6, 7 * 4096 * 2 / 400e9, 0.8)),
        [XO_PART_FULL_ATTENTION] = larger(12345 * kv_s, 12345 * pair_s),
    };
    ck_step(&d, &batch, right, 2 * (llama_attention + llama_mlp + llama_head));
}
END_TEST

/* Two prompts of 1,000 tokens in all, after 300: each GPU has one KV head, which reads at half the
 * best rate. Over PCIe an exchange of 8 GPUs starts 8/2 times as late and reaches 0.6 of the share;
 * 2 * 7/8 of the bytes pass. A link that nobody states is taken for 25 GB/s. */
START_TEST(prompts_on_eight_gpus_over_pcie)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &pcie, XO_BF16, 8);
    struct xo_batch batch = { .prefill_tokens = 1000,
                              .prefill_pairs = 321000.5,
                              .prefill_window_pairs = 321000.5,
                              .prefill_reread_tokens = 300,
                              .n_prompts_done = 2 };
    const double byte_s = 1 / (1.8e12 * 0.75), flop_s = 1 / (500e12 * 0.55);
    const double attention = 32 * (2.0 * 4096 * 4096 + 2.0 * 4096 * 1024) / 8;
    const double kv_s = 32 * 2 * 1 * 128 * 2 * 2 / (1.8e12 * 0.625);
    const double pair_s = 32 * 4.0 * 4 * 128 / (500e12 * 0.25);
    const double ideal_s = 2 * 7 / 8.0 * 1000 * 4096 * 2 / 64e9;
    struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(32 * 77e-6),
        [XO_PART_SEQUENCES] = lasts(2 * 3e-6),
        [XO_PART_HEAD] = larger(llama_head / 8 * 2 * byte_s, llama_head / 8 * 2 * 2 * flop_s),
        [XO_PART_PROJECTIONS] = overlap(attention * 2 * byte_s, attention * 2 * 1000 * flop_s),
        [XO_PART_MLP] = overlap(llama_mlp / 8 * 2 * byte_s, llama_mlp / 8 * 2 * 1000 * flop_s),
        [XO_PART_ELEMENTWISE] = moves(1000 * 32 * ((4 + 4 / 8.0) * 4096 + 3 * 14336 / 8.0), byte_s),
        [XO_PART_ALL_REDUCES] = lasts(64 * exchange_s(4e-6 * 8 / 2, ideal_s, 0.8 * 0.6)),
        [XO_PART_PROMPT_ATTENTION] = larger(1300 * kv_s, 321000.5 * pair_s),
    };
    const double weights = 2 * (llama_attention + llama_mlp + llama_head);
    ck_step(&d, &batch, right, weights);
    d.gpu.link_bytes_per_s = 0;
    right[XO_PART_ALL_REDUCES] = lasts(64 * exchange_s(16e-6, ideal_s * 64 / 25, 0.8 * 0.6));
    ck_step(&d, &batch, right, weights);
    /* few pairs: reading what came before decides */
    batch.prefill_pairs = batch.prefill_window_pairs = 1000;
    right[XO_PART_PROMPT_ATTENTION] = larger(1300 * kv_s, 1000 * pair_s);
    ck_assert_double_gt(1300 * kv_s, 1000 * pair_s);
    ck_step(&d, &batch, right, weights);
}
END_TEST

/* 8-bit weights and KV beside a 16-bit head, on a GPU that power limits: all that is linear runs at
 * less of its peak, attention does not. 600 sampled rows cost more flops than the head's bytes. */
START_TEST(a_mixed_step_in_8_bits_on_a_gpu_short_of_power)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &hot, XO_FP8, 1);
    d.kv = XO_FP8;
    d.max_batch = 600;
    struct xo_batch batch = decoding(599, 300000);
    batch.prefill_tokens = 700;
    batch.prefill_pairs = batch.prefill_window_pairs = 700 * 701 / 2;
    batch.n_prompts_done = 1;
    const double byte_s = 1 / (8e12 * 0.75), flop_s = 1 / (4500e12 * 0.4 * hot_share());
    const double half_flop_s = 1 / (2250e12 * 0.55 * hot_share());
    const double kv_s = 32 * 2 * 8 * 128 * 1 * 9 / 8.0 / (8e12 * 0.625);
    const double pair_s = 32 * 4.0 * 32 * 128 / (2250e12 * 0.25);
    const double tokens = 599 + 700;
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(32 * 77e-6),
        [XO_PART_SEQUENCES] = lasts(600 * 3e-6),
        [XO_PART_HEAD] = larger(llama_head * 2 * byte_s, llama_head * 2 * 600 * half_flop_s),
        [XO_PART_PROJECTIONS] =
            overlap(llama_attention * byte_s, llama_attention * 2 * tokens * flop_s),
        [XO_PART_MLP] = overlap(llama_mlp * byte_s, llama_mlp * 2 * tokens * flop_s),
        [XO_PART_ELEMENTWISE] = /* no all-reduce takes norms along; 8 bits are packed */
        moves(tokens * 32 * ((8 + 4 + 3) * 4096 + (3 + 1.5) * 14336), byte_s),
        [XO_PART_FULL_ATTENTION] = larger(300000 * kv_s, 300000 * pair_s),
        [XO_PART_PROMPT_ATTENTION] = larger(700 * kv_s, 700 * 701 / 2 * pair_s),
    };
    ck_assert_double_gt(llama_head * 2 * 600 * half_flop_s, llama_head * 2 * byte_s);
    ck_step(&d, &batch, right, llama_attention + llama_mlp + 2 * llama_head);
}
END_TEST

/* What weights take and compute in, by their type and the GPU's generation: int4 always computes in
 * 16 bits, fp8 before Ada and NVFP4 before Blackwell too; MXFP4 meets fp8 where fp4 units exist;
 * int8 runs at the fp8 rate, or at twice the 16-bit rate on Turing and Ampere. */
static const struct {
    const struct xo_gpu *gpu;
    enum xo_gpu_generation generation;
    enum xo_dtype weights;
    double bits, mbu, flop_per_s; /* before the power limit */
} weight_types[] = {
    { &switched, XO_GEN_HOPPER, XO_BF16, 16, 0.75, 1000e12 * 0.55 },
    { &switched, XO_GEN_HOPPER, XO_FP16, 16, 0.75, 1000e12 * 0.55 },
    { &switched, XO_GEN_HOPPER, XO_FP8, 8, 0.75, 2000e12 * 0.4 },
    { &switched, XO_GEN_HOPPER, XO_INT8, 8, 0.75, 2000e12 * 0.4 },
    { &switched, XO_GEN_HOPPER, XO_INT4, 4.25, 0.5, 1000e12 * 0.55 },
    { &switched, XO_GEN_HOPPER, XO_NVFP4, 4.5, 0.5, 1000e12 * 0.55 },
    { &switched, XO_GEN_HOPPER, XO_MXFP4, 4.25, 0.5, 1000e12 * 0.55 },
    { &hot, XO_GEN_BLACKWELL, XO_FP8, 8, 0.75, 4500e12 * 0.4 },
    { &hot, XO_GEN_BLACKWELL, XO_INT4, 4.25, 0.5, 2250e12 * 0.55 },
    { &hot, XO_GEN_BLACKWELL, XO_NVFP4, 4.5, 0.5, 9000e12 * 0.3 },
    { &hot, XO_GEN_BLACKWELL, XO_MXFP4, 4.25, 0.5, 4500e12 * 0.4 },
    { &ampere, XO_GEN_AMPERE, XO_FP8, 8, 0.75, 312e12 * 0.55 },
    { &ampere, XO_GEN_AMPERE, XO_INT8, 8, 0.75, 624e12 * 0.4 },
    { &ampere, XO_GEN_AMPERE, XO_MXFP4, 4.25, 0.5, 312e12 * 0.55 },
    { &ampere, XO_GEN_TURING, XO_INT8, 8, 0.75, 624e12 * 0.4 },
    { &ampere, XO_GEN_VOLTA, XO_INT8, 8, 0.75, 312e12 * 0.55 },
    { &ampere, XO_GEN_CDNA2, XO_INT8, 8, 0.75, 312e12 * 0.55 },
};
enum { N_WEIGHT_TYPES = sizeof weight_types / sizeof *weight_types };

START_TEST(weights_take_their_bits_and_compute_in_what_the_gpu_has)
{
    struct xo_deployment d =
        deployment("llama-3.1-8b", weight_types[_i].gpu, weight_types[_i].weights, 1);
    d.gpu.generation = weight_types[_i].generation;
    d.kv = XO_FP16;
    const struct xo_batch batch = decoding(100, 1000);
    const bool is_hot = weight_types[_i].gpu == &hot;
    const double flop_s = 1 / weight_types[_i].flop_per_s / (is_hot ? hot_share() : 1);
    const double byte_s = 1 / (d.gpu.hbm_bytes_per_s * weight_types[_i].mbu);
    const double bytes = weight_types[_i].bits / 8;
    const struct xo_part_time right =
        overlap(llama_mlp * bytes * byte_s, llama_mlp * 2 * 100 * flop_s);
    struct xo_step_parts found;
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    const char *name = xo_dtype_name(d.weights);
    const double scale = d.gpu.generation == XO_GEN_CDNA2 ? 1.5 * 1.9 : 1.5;
    ck_near(found.parts[XO_PART_MLP].memory_s, scale * right.memory_s, name, "bytes");
    ck_near(found.parts[XO_PART_MLP].compute_s, scale * right.compute_s, name, "flops");
    ck_near(found.parts[XO_PART_MLP].seconds, scale * right.seconds, name, "seconds");
}
END_TEST

/* A GPU is short of power where it has fewer watts a flop/s than an H100 SXM. */
START_TEST(power_limits_only_below_the_watts_a_flop_of_an_h100)
{
    static const struct {
        double watts, share;
    } rows[] = { { 0, 1 }, { 1400, 1 }, { 699, 699 / 700.0 }, { 350, 0.5 }, { 70, 0.1 } };
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    d.gpu.bf16_flop_per_s = 989.4e12;
    d.gpu.fp8_flop_per_s = 2 * 989.4e12;
    const struct xo_batch batch = decoding(100, 1000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct xo_step_parts found;
        d.gpu.power_busy_w = rows[i].watts;
        ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
        ck_near(found.parts[XO_PART_MLP].compute_s,
                1.5 * llama_mlp * 2 * 100 / (989.4e12 * 0.55 * pow(rows[i].share, 0.7)), "MLP",
                "flops");
    }
}
END_TEST

/* A step on AMD lasts so many times as long as the same step on a GPU of the same data sheet. */
START_TEST(steps_on_amd_last_longer_by_generation)
{
    static const struct {
        enum xo_gpu_generation generation;
        double times;
    } rows[] = {
        { XO_GEN_CDNA2, 1.9 }, { XO_GEN_CDNA3, 1.8 }, { XO_GEN_CDNA4, 1 }, { XO_GEN_OTHER, 1 }
    };
    struct xo_gpu gpu = switched;
    const struct xo_batch batch = decoding(7, 7000);
    struct xo_deployment d = deployment("llama-3.1-8b", &gpu, XO_BF16, 2);
    struct xo_step_parts usual, found;
    struct xo_error err;
    d.efficiency.step_scale = 1.5;
    ck_assert(xo_step_parts_at(&d, &batch, &usual, &err));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        d.gpu.generation = rows[i].generation;
        ck_assert(xo_step_parts_at(&d, &batch, &found, &err));
        ck_assert_double_eq_tol(found.total_s, rows[i].times * usual.total_s, 1e-9 * usual.total_s);
        for (int k = 0; k < XO_N_STEP_PARTS; k++)
            ck_assert_double_eq_tol(found.parts[k].seconds, rows[i].times * usual.parts[k].seconds,
                                    1e-9 * usual.total_s);
    }
}
END_TEST

/* The first of 3 tokens hits 8 experts, and the others miss one with probability 1 - 0.85/16. Each
 * GPU has half of every expert, 384 columns, and the whole router; an expert that is hit computes
 * 48 rows more than it has. */
START_TEST(experts_cut_in_two)
{
    const struct xo_deployment d = deployment("qwen3-30b-a3b", &switched, XO_BF16, 2);
    const struct xo_batch batch = decoding(3, 50000);
    const double byte_s = 1 / (3e12 * 0.75), flop_s = 1 / (1000e12 * 0.55);
    const double distinct = distinct_of(128, 8, 3);
    const double kv_s = 48 * 2 * 2 * 128 * 2 * 3 / 2.0 / (3e12 * 0.625);
    const double pair_s = 48 * 4.0 * 16 * 128 / (1000e12 * 0.25);
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(48 * 21e-6),
        [XO_PART_MOE_LAYERS] = lasts(48 * 13e-6),
        [XO_PART_SEQUENCES] = lasts(3 * 3e-6),
        [XO_PART_HEAD] = larger(qwen_head * byte_s, qwen_head * 3 * flop_s),
        [XO_PART_PROJECTIONS] = overlap(qwen_attention * byte_s, qwen_attention * 3 * flop_s),
        [XO_PART_ROUTER] = overlap(qwen_router * 2 * byte_s, qwen_router * 2 * 3 * flop_s),
        [XO_PART_EXPERTS] =
            overlap(distinct * qwen_expert * byte_s, (3 * 8 + distinct * 48) * qwen_expert *
                                                         flop_s * 0.55 / (0.2 * 384 / (384 + 80))),
        [XO_PART_ELEMENTWISE] =
            moves(3 * 48 * ((4 + 4 / 2.0) * 2048 + 8 * (4 * 2048 + 3 * 384)), byte_s),
        [XO_PART_ALL_REDUCES] = lasts(96 * exchange_s(4e-6, 3 * 2048 * 2 / 400e9, 0.8)),
        [XO_PART_FULL_ATTENTION] = larger(50000 * kv_s, 50000 * pair_s),
    };
    ck_step(&d, &batch, right,
            2 * (qwen_attention + 2 * qwen_router + distinct * qwen_expert + qwen_head));
}
END_TEST

/* Whole experts on four GPUs, 32 each. The busiest GPU reads and computes 1.3 times the mean, and
 * reads no more than it holds. Slices of 768 columns reach 768/(768 + 80) of their share of a peak
 * of 1 Pflop/s, and 768/(768 + 160) of one of 2, in 8 bits 0.77 of that; int4 is unpacked and
 * reaches 0.25 of it at any width. */
static const struct {
    enum xo_dtype weights;
    int tokens;
    double distinct; /* read by the busiest GPU; 0: 1.3/4 of those expected */
    double bits, mbu, flop_per_s, share, pad_rows;
    double packed; /* values that quantized activations add, in hidden sizes */
} spread_experts[] = {
    { XO_BF16, 5, 0, 16, 0.75, 1000e12 * 0.55, 0.2 / 0.55 * 768 / 848, 48, 0 },
    { XO_BF16, 1024, 32, 16, 0.75, 1000e12 * 0.55, 0.2 / 0.55 * 768 / 848, 48, 0 },
    { XO_FP8, 16384, 32, 8, 0.75, 2000e12 * 0.4, 0.77 * 0.2 / 0.4 * 768 / 928, 48, 1.5 },
    { XO_INT4, 16384, 32, 4.25, 0.5, 1000e12 * 0.55, 0.25 * 0.2 / 0.55, 33, 0 },
};
enum { N_SPREAD = sizeof spread_experts / sizeof *spread_experts };

START_TEST(experts_spread_over_gpus)
{
    const enum xo_dtype weights = spread_experts[_i].weights;
    const double tokens = spread_experts[_i].tokens, bytes = spread_experts[_i].bits / 8;
    struct xo_deployment d = deployment("qwen3-30b-a3b", &switched, weights, 4);
    d.expert_parallel = 4;
    d.chunk_tokens = 16384;
    const struct xo_batch batch = { .prefill_tokens = spread_experts[_i].tokens };
    const double expected = distinct_of(128, 8, tokens), packed = spread_experts[_i].packed;
    const double read =
        spread_experts[_i].distinct > 0 ? spread_experts[_i].distinct : expected / 4 * 1.3;
    const double narrow_s = 1 / (3e12 * spread_experts[_i].mbu), byte_s = 1 / (3e12 * 0.75);
    const double flop_s = 1 / spread_experts[_i].flop_per_s, half_s = 1 / (1000e12 * 0.55);
    const double kv_s = 48 * 2 * 1 * 128 * 2 * 2 / (3e12 * 0.625);
    const double ideal_s = 2 * 3 / 4.0 * tokens * 2048 * 2 / 400e9;
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(48 * 77e-6),
        [XO_PART_MOE_LAYERS] = lasts(48 * 170e-6 * (1 + 0.3 * 2)), /* four GPUs: doubled twice */
        [XO_PART_HEAD] = larger(qwen_head / 4 * 2 * byte_s, 0),    /* read, though nothing ends */
        [XO_PART_PROJECTIONS] = overlap(qwen_attention / 4 * bytes * narrow_s,
                                        qwen_attention / 4 * 2 * tokens * flop_s),
        [XO_PART_ROUTER] = overlap(qwen_router * 2 * byte_s, qwen_router * 2 * tokens * half_s),
        [XO_PART_EXPERTS] = overlap(read * qwen_expert * bytes * narrow_s,
                                    (tokens * 8 / 4 * 1.3 + read * spread_experts[_i].pad_rows) *
                                        qwen_expert * 2 * flop_s / spread_experts[_i].share),
        [XO_PART_ELEMENTWISE] =
            moves(tokens * 48 *
                      ((4 + 4 / 4.0 + 2 * packed) * 2048 + 8 / 4 * ((4 + packed) * 2048 + 3 * 768)),
                  byte_s),
        [XO_PART_ALL_REDUCES] = lasts(96 * exchange_s(4e-6, ideal_s, 0.8)),
        [XO_PART_PROMPT_ATTENTION] = larger(tokens * kv_s, 0),
    };
    ck_step(&d, &batch, right,
            bytes * (qwen_attention + expected * qwen_expert) + 2 * (4 * qwen_router + qwen_head));
}
END_TEST

/* Two tokens' worth of one GPU's experts: 8 of 14336 columns on two GPUs against 128 of 768 on
 * eight. 48 rows are added to each expert that is hit; of its share a slice of 7168 columns reaches
 * 7168/7248 = 0.99, one of 96 columns 96/176 = 0.55. */
START_TEST(wide_experts_reach_more_of_the_peak_than_narrow_ones)
{
    static const struct {
        const char *model;
        int tp, layers, hidden, width, experts, per_token;
        double share;
    } rows[] = { { "mixtral-8x7b", 2, 32, 4096, 7168, 8, 2, 0.988962 },
                 { "qwen3-30b-a3b", 8, 48, 2048, 96, 128, 8, 0.545455 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xo_deployment d = deployment(rows[i].model, &switched, XO_BF16, rows[i].tp);
        const struct xo_batch batch = { .prefill_tokens = 2000 };
        struct xo_step_parts found;
        ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
        const double all_rows = 2000.0 * rows[i].per_token + 48.0 * rows[i].experts; /* all hit */
        const double flop = rows[i].layers * 6.0 * rows[i].hidden * rows[i].width * all_rows;
        const double right = 1.5 * flop / (1000e12 * 0.2 * rows[i].share);
        ck_assert_double_eq_tol(found.parts[XO_PART_EXPERTS].compute_s / right, 1, 2e-6);
    }
}
END_TEST

/* A layer whose experts fp4 units compute takes a host time of its own; int4 is unpacked anywhere,
 * NVFP4 on Hopper. Whole experts on two GPUs are not evenly used. */
START_TEST(experts_by_bits_and_gpus)
{
    static const struct {
        const struct xo_gpu *gpu;
        enum xo_dtype weights;
        double layer_s;
    } rows[] = { { &switched, XO_INT4, 13e-6 },
                 { &switched, XO_NVFP4, 13e-6 },
                 { &hot, XO_INT4, 13e-6 },
                 { &hot, XO_NVFP4, 7e-6 },
                 { &hot, XO_MXFP4, 7e-6 } };
    const struct xo_batch few = decoding(3, 50000);
    struct xo_step_parts found;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xo_deployment d = deployment("qwen3-30b-a3b", rows[i].gpu, rows[i].weights, 1);
        ck_assert(xo_step_parts_at(&d, &few, &found, NULL));
        ck_near(found.parts[XO_PART_MOE_LAYERS].seconds, 1.5 * 48 * rows[i].layer_s,
                xo_dtype_name(rows[i].weights), "MoE layers");
    }
    struct xo_deployment d = deployment("qwen3-30b-a3b", &switched, XO_BF16, 1);
    const struct xo_batch lone = decoding(1, 1000); /* hits its 8 experts, whatever the routing */
    ck_assert(xo_step_parts_at(&d, &lone, &found, NULL));
    ck_near(found.parts[XO_PART_EXPERTS].memory_s, 1.5 * 8 * qwen_expert * 2 / (3e12 * 0.75),
            "a lone token", "experts");
    d = deployment("qwen3-30b-a3b", &switched, XO_BF16, 2);
    d.expert_parallel = 2;
    const struct xo_batch batch = { .prefill_tokens = 10 };
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    const double computed = (10 * 8 + 48 * distinct_of(128, 8, 10)) / 2 * 1.3;
    ck_near(found.parts[XO_PART_EXPERTS].compute_s,
            1.5 * computed * qwen_expert * 2 / (1000e12 * 0.2 * 768 / 848), "two", "experts");
}
END_TEST

/* A decoding head works on the latent (576 in, 512 out), one of a prompt on 192 in and 128 out. */
START_TEST(latent_attention_on_eight_gpus_with_whole_experts)
{
    struct xo_deployment d = deployment("deepseek-v3", &switched, XO_FP8, 8);
    d.expert_parallel = 8;
    struct xo_batch batch = decoding(40, 90000);
    batch.prefill_tokens = 60;
    batch.prefill_pairs = batch.prefill_window_pairs = 60 * 5000;
    batch.prefill_reread_tokens = 4970;
    const double byte_s = 1 / (3e12 * 0.75), flop_s = 1 / (2000e12 * 0.4);
    const double half_s = 1 / (1000e12 * 0.55), kv_s = 61 * 576 * 2 * 2 / (3e12 * 0.625);
    const double attention = deepseek_by_head / 8 + deepseek_whole;
    const double distinct = distinct_of(256, 8, 100), pair_s = 61 * 16 * 2 / (1000e12 * 0.25);
    const double read = fmin(32, distinct / 8 * 1.3);
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(61 * 77e-6),
        [XO_PART_MOE_LAYERS] = lasts(58 * 170e-6 * (1 + 0.3 * 3)),
        [XO_PART_SEQUENCES] = lasts(40 * 3e-6),
        [XO_PART_HEAD] =
            larger(deepseek_head / 8 * 2 * byte_s, deepseek_head / 8 * 2 * 40 * half_s),
        [XO_PART_PROJECTIONS] = overlap(attention * byte_s, attention * 2 * 100 * flop_s),
        [XO_PART_MLP] = overlap(deepseek_mlp / 8 * byte_s, deepseek_mlp / 8 * 2 * 100 * flop_s),
        [XO_PART_ROUTER] =
            overlap(deepseek_router * 2 * byte_s, deepseek_router * 2 * 100 * half_s),
        [XO_PART_EXPERTS] = overlap(read * deepseek_expert * byte_s,
                                    (100 * 8 / 8 * 1.3 + read * 48) * deepseek_expert * 2 * flop_s /
                                        (0.77 * 0.2 / 0.4 * 2048 / (2048 + 160))),
        [XO_PART_ELEMENTWISE] =
            moves(100 * (61 * (4 + 4 / 8.0 + 3) * 7168 + 4.5 * (3 * 18432 + 58 * 2048) / 8 +
                         58 * 8 / 8 * (5.5 * 7168 + 3 * 2048)),
                  byte_s),
        [XO_PART_ALL_REDUCES] =
            lasts(122 * exchange_s(4e-6, 2 * 7 / 8.0 * 100 * 7168 * 2 / 400e9, 0.8)),
        [XO_PART_FULL_ATTENTION] = larger(90000 * kv_s, 90000 * pair_s * (576 + 512)),
        [XO_PART_PROMPT_ATTENTION] = larger(5030 * kv_s, 60 * 5000 * pair_s * (192 + 128)),
    };
    ck_step(&d, &batch, right,
            8 * (attention + 2 * deepseek_router) + deepseek_mlp + distinct * deepseek_expert +
                2 * deepseek_head);
}
END_TEST

/* Sixteen ranks of one GPU share 100 sequences, 7 on the fullest; each has all attention, in 16
 * bits beside NVFP4 weights, and 16 of the experts. A dispatch and a combine a MoE layer bring the
 * rows of the 15 other ranks. With 8-bit KV the flops of 128 heads take longer than its bytes. */
START_TEST(attention_ranks_that_share_experts)
{
    struct xo_deployment d = deployment("deepseek-v3", &hot, XO_NVFP4, 1);
    d.expert_parallel = d.attention_dp = 16;
    d.kv = XO_FP8;
    const struct xo_batch batch = decoding(100, 400000);
    const double byte_s = 1 / (8e12 * 0.75), half_s = 1 / (2250e12 * 0.55 * hot_share());
    const double narrow_s = 1 / (8e12 * 0.5), flop_s = 1 / (9000e12 * 0.3 * hot_share());
    const double attention = deepseek_by_head + deepseek_whole, bytes = 4.5 / 8;
    const double distinct = distinct_of(256, 8, 112), read = fmin(16, distinct / 16 * 1.3);
    const double kv_s = 61 * 576 * 2 / (8e12 * 0.625);
    const double pair_s = 61 * 2.0 * 128 * (576 + 512) / (2250e12 * 0.25);
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(61 * 21e-6),
        [XO_PART_MOE_LAYERS] = lasts(58 * 7e-6),
        [XO_PART_SEQUENCES] = lasts(100 * 3e-6),
        [XO_PART_HEAD] = larger(deepseek_head * 2 * byte_s, deepseek_head * 2 * 100 / 16 * half_s),
        [XO_PART_PROJECTIONS] = overlap(attention * 2 * byte_s, attention * 2 * 7 * half_s),
        [XO_PART_MLP] = overlap(deepseek_mlp * bytes * narrow_s, deepseek_mlp * 2 * 7 * flop_s),
        [XO_PART_ROUTER] = overlap(deepseek_router * 2 * byte_s, deepseek_router * 2 * 7 * half_s),
        [XO_PART_EXPERTS] = overlap(read * deepseek_expert * bytes * narrow_s,
                                    (112 * 8 / 16.0 * 1.3 + read * 48) * deepseek_expert * 2 *
                                        flop_s / (0.35 / 0.3 * 2048 / (2048 + 720))),
        [XO_PART_ELEMENTWISE] =
            moves(7 * (61 * (8 + 4 + 1.5) * 7168 + 4.5 * (3 * 18432 + 58 * 2048)) +
                      112 * 58 * 8 / 16.0 * (5.5 * 7168 + 3 * 2048),
                  byte_s),
        [XO_PART_DISPATCHES] = lasts(116 * exchange_s(4e-6, 15 * 7 * 7168 * 2 / 900e9, 0.8)),
        [XO_PART_FULL_ATTENTION] = larger(1.12 * 400000 / 16 * kv_s, 1.12 * 400000 / 16 * pair_s),
    };
    ck_assert_double_gt(pair_s, kv_s);
    ck_step(&d, &batch, right,
            16 * (2 * attention + bytes * deepseek_mlp + 2 * deepseek_router + 2 * deepseek_head) +
                bytes * distinct * deepseek_expert);
}
END_TEST

/* Chunks of prompts lie on ranks whole: of sixteen the busiest has `share` sixteenths of what there
 * is, all of one chunk and 2 of 24. Those that gather are even. Experts have the tokens of all,
 * once. */
static const struct {
    int n_chunks;
    bool gather;
    double share;
} on_ranks[] = {
    { 1, false, 16 },       { 3, false, 16 / 3.0 }, { 16, false, 1 },
    { 24, false, 4 / 3.0 }, { 32, false, 1 },       { 1, true, 1 },
};
enum { N_ON_RANKS = sizeof on_ranks / sizeof *on_ranks };

START_TEST(a_rank_has_whole_chunks_of_prompts)
{
    struct xo_deployment d = deployment("deepseek-v3", &hot, XO_NVFP4, 1);
    d.expert_parallel = d.attention_dp = 16;
    d.kv = XO_FP8;
    d.prompts_gather = on_ranks[_i].gather;
    const double rows = 8e4, share = on_ranks[_i].share, flop_s = 1 / (9000e12 * 0.3 * hot_share());
    const double kv_s = 61 * 576 * 2 / (8e12 * 0.625);
    const struct xo_batch batch = { .prefill_tokens = 80000,
                                    .n_chunks = on_ranks[_i].n_chunks,
                                    .prefill_pairs = 5e6,
                                    .prefill_window_pairs = 5e6,
                                    .prefill_reread_tokens = 2400 };
    struct xo_step_parts found;
    d.chunk_tokens = 81920;
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    const struct xo_part_time *parts = found.parts;
    ck_near(parts[XO_PART_PROMPT_ATTENTION].memory_s, share * 1.5 * 82400 / 16 * kv_s, "a prompt",
            "bytes");
    ck_near(parts[XO_PART_PROMPT_ATTENTION].compute_s,
            share * 1.5 * 5e6 / 16 * 61 * 2.0 * 128 * (192 + 128) / (2250e12 * 0.25), "a prompt",
            "flops");
    ck_assert_double_eq_tol(parts[XO_PART_MLP].compute_s,
                            1.5 * deepseek_mlp * 2 * ceil(share * rows / 16) * flop_s,
                            1e-6 * parts[XO_PART_MLP].compute_s);
    ck_near(step_of(&d, &batch).first_s, found.total_s, "the step", "seconds");
    struct xo_step_parts even;
    struct xo_batch sixteen = batch;
    sixteen.n_chunks = 16;
    ck_assert(xo_step_parts_at(&d, &sixteen, &even, NULL));
    ck_assert_double_eq(parts[XO_PART_EXPERTS].seconds, even.parts[XO_PART_EXPERTS].seconds);
    ck_assert_double_eq(parts[XO_PART_DISPATCHES].seconds, even.parts[XO_PART_DISPATCHES].seconds);
}
END_TEST

/* Six sequences on four ranks are two on the busiest: without prompts, in a CUDA graph, experts
 * compute for eight. Beside a prompt they compute for what there is. */
START_TEST(ranks_are_filled_up_in_a_graph)
{
    struct xo_deployment d = deployment("deepseek-v3", &hot, XO_NVFP4, 1);
    d.expert_parallel = d.attention_dp = 4;
    struct xo_batch six = decoding(6, 6000), eight = decoding(8, 8000);
    struct xo_step_parts found, same;
    ck_assert(xo_step_parts_at(&d, &six, &found, NULL));
    ck_assert(xo_step_parts_at(&d, &eight, &same, NULL));
    ck_assert_double_eq(found.parts[XO_PART_EXPERTS].seconds, same.parts[XO_PART_EXPERTS].seconds);
    six.prefill_tokens = 300;
    eight.prefill_tokens = 298;
    six.n_chunks = eight.n_chunks = 1;
    ck_assert(xo_step_parts_at(&d, &six, &found, NULL));
    ck_assert(xo_step_parts_at(&d, &eight, &same, NULL));
    ck_assert_double_eq(found.parts[XO_PART_EXPERTS].seconds, same.parts[XO_PART_EXPERTS].seconds);
}
END_TEST

/* The windowed half of the layers is on its floor, and has pairs of its own; reading takes all. */
START_TEST(windows_beside_full_attention)
{
    const struct xo_deployment d = deployment("gpt-oss-120b", &switched, XO_MXFP4, 2);
    struct xo_batch batch = { .n_decode = 5,
                              .kv_tokens = 30000,
                              .kv_window_tokens = 4 * 128 + 60,
                              .n_below_window = 1,
                              .prefill_tokens = 400,
                              .prefill_pairs = 400 * (1000 + 401 / 2.0),
                              .prefill_window_pairs = 400 * 128,
                              .prefill_reread_tokens = 1000,
                              .n_prompts_done = 1 };
    const double byte_s = 1 / (3e12 * 0.75), narrow_s = 1 / (3e12 * 0.5);
    const double flop_s = 1 / (1000e12 * 0.55), bytes = 4.25 / 8;
    const double kv_s = 2 * 4 * 64 * 2 * 5 / 4.0 / (3e12 * 0.625);
    const double pair_s = 4.0 * 32 * 64 / (1000e12 * 0.25);
    const double distinct = distinct_of(128, 4, 405);
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(36 * 77e-6),
        [XO_PART_MOE_LAYERS] = lasts(36 * 170e-6 * (1 + 0.3)),
        [XO_PART_SEQUENCES] = lasts(6 * 3e-6),
        [XO_PART_HEAD] = larger(oss_head * byte_s, oss_head * 6 * flop_s),
        [XO_PART_PROJECTIONS] = overlap(oss_attention * byte_s, oss_attention * 405 * flop_s),
        [XO_PART_ROUTER] = overlap(oss_router * 2 * byte_s, oss_router * 2 * 405 * flop_s),
        [XO_PART_EXPERTS] =
            overlap(distinct * oss_expert / 2 * bytes * narrow_s,
                    (405 * 4 + distinct * 33) * oss_expert * flop_s / (0.25 * 0.2 / 0.55)),
        [XO_PART_ELEMENTWISE] =
            moves(405 * 36 * ((4 + 4 / 2.0) * 2880 + 4 * (4 * 2880 + 3 * 1440)), byte_s),
        [XO_PART_ALL_REDUCES] = lasts(72 * exchange_s(4e-6, 405 * 2880 * 2 / 400e9, 0.8)),
        [XO_PART_FULL_ATTENTION] = larger(30000 * 18 * kv_s, 30000 * 18 * pair_s),
        [XO_PART_WINDOW_ATTENTION] = at_least(18 * 5e-6, 572 * 18 * kv_s, 572 * 18 * pair_s),
        [XO_PART_PROMPT_ATTENTION] = larger(1400 * 36 * kv_s, 400 * (1200.5 + 128) * 18 * pair_s),
    };
    ck_assert_double_gt(18 * 5e-6, 572 * 18 * kv_s);
    ck_step(&d, &batch, right,
            2 * (oss_attention + 2 * oss_router + oss_head) + bytes * distinct * oss_expert);
}
END_TEST

/* Of Llama's 32 layers 20 have a window and 4 KV heads of 64, on one GPU; the other 12 have 8 of
 * 128, one of which attends to the KV of another. */
START_TEST(windows_with_heads_of_their_own)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    d.model.window_tokens = 100;
    d.model.window_layers = 20;
    d.model.window_kv_heads = 4;
    d.model.window_head_dim = 64;
    d.model.kv_shared_layers = 1;
    const struct xo_batch batch = { .n_decode = 50,
                                    .kv_tokens = 100000,
                                    .kv_window_tokens = 5000,
                                    .prefill_tokens = 400,
                                    .prefill_pairs = 400 * (1000 + 401 / 2.0),
                                    .prefill_window_pairs = 400 * 100,
                                    .prefill_reread_tokens = 1000,
                                    .n_prompts_done = 1 };
    const double byte_s = 1 / (3e12 * 0.75), flop_s = 1 / (1000e12 * 0.55);
    const double attention = 12 * 2.0 * 4096 * 4096 + 11 * 2.0 * 4096 * 1024 +
                             20 * (2.0 * 4096 * 2048 + 2.0 * 4096 * 256);
    const double kv_s = 12 * 2 * 8 * 128 * 2 * 9 / 8.0 / (3e12 * 0.625);
    const double window_kv_s = 20 * 2 * 4 * 64 * 2 * 5 / 4.0 / (3e12 * 0.625);
    const double pair_s = 12 * 4.0 * 32 * 128 / (1000e12 * 0.25);
    const double window_pair_s = 20 * 4.0 * 32 * 64 / (1000e12 * 0.25);
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(32 * 77e-6),
        [XO_PART_SEQUENCES] = lasts(51 * 3e-6),
        [XO_PART_HEAD] = larger(llama_head * 2 * byte_s, llama_head * 2 * 51 * flop_s),
        [XO_PART_PROJECTIONS] = overlap(attention * 2 * byte_s, attention * 2 * 450 * flop_s),
        [XO_PART_MLP] = overlap(llama_mlp * 2 * byte_s, llama_mlp * 2 * 450 * flop_s),
        [XO_PART_ELEMENTWISE] = moves(450 * 32 * (12.0 * 4096 + 3 * 14336), byte_s),
        [XO_PART_FULL_ATTENTION] = larger(100000 * kv_s, 100000 * pair_s),
        [XO_PART_WINDOW_ATTENTION] = at_least(20 * 5e-6, 5000 * window_kv_s, 5000 * window_pair_s),
        [XO_PART_PROMPT_ATTENTION] =
            larger(1400 * (kv_s + window_kv_s), 400 * (1200.5 * pair_s + 100 * window_pair_s)),
    };
    ck_step(&d, &batch, right, 2 * (attention + llama_mlp + llama_head));
}
END_TEST

/* Sparse attention: an indexer of 3 heads of 256 in 50 of DeepSeek's 61 layers reads a key of 256
 * bytes and two scales of each token, in all layers attention reads the 2,000 that it picks,
 * prompts' queries too, with the latent as decoding has it. The indexer computes in 8 bits, wholly
 * on each of 8 GPUs, and its kernels take 60 us a layer. */
START_TEST(an_indexer_reads_all_and_attention_what_it_picks)
{
    struct xo_deployment d = deployment("deepseek-v3", &switched, XO_FP8, 8);
    d.model.index_top_k = 2000;
    d.model.index_heads = 3;
    d.model.index_dim = 256;
    d.model.index_layers = 50;
    d.model.index_shared_layers = 11;
    const double indexers = 50 * (1536.0 * 3 * 256 + 7168.0 * 256 + 7168.0 * 3);
    const double key_s = 50 * (256 + 8) * 2 / (3e12 * 0.625);
    const double score_s = 50 * 2.0 * 3 * 256 / (2000e12 * 0.25);
    const double kv_s = 61 * 576 * 2 * 2 / (3e12 * 0.625);
    const double pair_s = 61 * 2.0 * 16 * (576 + 512) / (1000e12 * 0.25);
    struct xo_batch batch = xo_batch_of_alike(&d.model, 4, 4 * 10000, 0, 0);
    ck_assert_int_eq(batch.kv_window_tokens, 4 * 2000);
    ck_assert_int_eq(batch.n_below_window, 0);
    struct xo_step_parts found;
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    ck_near(found.parts[XO_PART_LAYERS].seconds, 1.5 * (61 * 21e-6 + 50 * 60e-6), "indexers",
            "kernels");
    ck_near(found.parts[XO_PART_PROJECTIONS].memory_s,
            1.5 * (deepseek_by_head / 8 + deepseek_whole + indexers) / (3e12 * 0.75), "indexers",
            "weights");
    const struct xo_part_time index = at_least(50 * 5e-6, 40000 * key_s, 40000 * score_s),
                              picked = at_least(61 * 5e-6, 8000 * kv_s, 8000 * pair_s);
    ck_near(found.parts[XO_PART_FULL_ATTENTION].seconds, 1.5 * index.seconds, "index", "seconds");
    ck_near(found.parts[XO_PART_FULL_ATTENTION].memory_s, 1.5 * index.memory_s, "index", "bytes");
    ck_near(found.parts[XO_PART_FULL_ATTENTION].compute_s, 1.5 * index.compute_s, "index", "flops");
    ck_near(found.parts[XO_PART_WINDOW_ATTENTION].seconds, 1.5 * picked.seconds, "picked",
            "seconds");
    ck_near(found.parts[XO_PART_WINDOW_ATTENTION].memory_s, 1.5 * picked.memory_s, "picked",
            "bytes");

    batch = xo_batch_of_alike(&d.model, 0, 0, 500, 10000);
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    ck_near(found.parts[XO_PART_LAYERS].seconds, 1.5 * (61 * 77e-6 + 50 * 60e-6), "indexers",
            "kernels of prompts");
    const struct xo_part_time prompt =
        larger(10500 * (key_s + kv_s), 500 * (10250.5 * score_s + 2000 * pair_s));
    ck_near(found.parts[XO_PART_PROMPT_ATTENTION].compute_s, 1.5 * prompt.compute_s, "prompt",
            "flops");
    ck_near(found.parts[XO_PART_PROMPT_ATTENTION].memory_s, 1.5 * prompt.memory_s, "prompt",
            "bytes");
    ck_near(found.parts[XO_PART_PROMPT_ATTENTION].seconds, 1.5 * prompt.seconds, "prompt",
            "seconds");
    /* six layers that attend to all expand the latent: keys of 128 + 64, values of 128 */
    d.model.index_shared_layers = 5;
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    const double dense_s = 6 * 2.0 * 16 * (192 + 128) / (1000e12 * 0.25);
    ck_near(found.parts[XO_PART_PROMPT_ATTENTION].compute_s,
            1.5 * 500 * (10250.5 * (score_s + dense_s) + 2000 * pair_s * 55 / 61), "dense layers",
            "flops");
}
END_TEST

/* DeepSeek-V4 Flash on four GPUs: 20 layers read all of the context in entries of 128 tokens, the
 * indexers of 21 in entries of 4, of which attention reads 512, so 2,048 tokens; every layer reads
 * 128 tokens besides, counted a sequence. Attention is in 8 bits where experts have 4. */
START_TEST(compressed_attention_reads_entries)
{
    struct xo_deployment d = deployment("deepseek-v4-flash", &switched, XO_MXFP4, 4);
    d.kv = XO_FP8;
    const double entry_s = 576 * 2 / (3e12 * 0.625), key_s = 132 * 2 / (3e12 * 0.625);
    const double pair_s = 4.0 * 16 * 512 / (1000e12 * 0.25);
    const double score_s = 2.0 * 64 * 128 / (2000e12 * 0.25);
    struct xo_batch batch = xo_batch_of_alike(&d.model, 6, 6 * 100000, 0, 0);
    ck_assert_int_eq(batch.kv_window_tokens, 6 * 2048);
    struct xo_step_parts found;
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    const double all_s = 600000 * (20 * entry_s / 128 + 21 * key_s / 4);
    const double scores_s = 600000 * (20 * pair_s / 128 + 21 * score_s / 4);
    const struct xo_part_time whole = at_least(41 * 5e-6, all_s, scores_s),
                              picked = at_least(21 * 5e-6, 12288 * 21 * entry_s / 4,
                                                12288 * 21 * pair_s / 4);
    ck_near(found.parts[XO_PART_FULL_ATTENTION].memory_s, 1.5 * whole.memory_s, "all", "bytes");
    ck_near(found.parts[XO_PART_FULL_ATTENTION].compute_s, 1.5 * whole.compute_s, "all", "flops");
    ck_near(found.parts[XO_PART_FULL_ATTENTION].seconds, 1.5 * whole.seconds, "all", "seconds");
    ck_near(found.parts[XO_PART_WINDOW_ATTENTION].seconds, 1.5 * picked.seconds, "picked",
            "seconds");
    ck_near(found.parts[XO_PART_SEQUENCES].seconds, 1.5 * 6 * (3e-6 + 128 * 43 * entry_s), "window",
            "seconds");
    const double by_head = 43 * (2048.0 * 64 * 512 + 4096.0 * 8 * 1024);
    const double whole_params = 43 * 4096.0 * 1536 + 20 * 2.0 * 4096 * 512 +
                                21 * (2 * 4096.0 * 1280 + 1024.0 * 64 * 128 + 4096.0 * 64);
    const double params = by_head / 4 + whole_params;
    const struct xo_part_time projections =
        overlap(params / (3e12 * 0.75), params * 2 * 6 / (2000e12 * 0.4));
    ck_near(found.parts[XO_PART_PROJECTIONS].seconds, 1.5 * projections.seconds, "projections",
            "seconds");
    /* four streams: 2 * (3 * 4 + 4) hidden sizes a layer around attention and MLP, whose inputs are
     * quantized, 1.5 hidden sizes each, and the MLP's product; those of the experts are not */
    ck_near(found.parts[XO_PART_ELEMENTWISE].memory_s,
            1.5 * moves(6 * 43 *
                            ((32 + 4 / 4.0 + 2 * 1.5) * 4096 + (3 + 1.5) * 2048 / 4.0 +
                             6 * (4 * 4096 + 3 * 512)),
                        1 / (3e12 * 0.75))
                      .memory_s,
            "streams", "bytes");
}
END_TEST

/* Of Llama's 32 layers 20 have an indexer, 5 take its choice, and 7 attend to all. */
START_TEST(layers_without_a_choice_attend_to_all)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    d.model.index_top_k = 1000;
    d.model.index_heads = 4;
    d.model.index_dim = 128;
    d.model.index_layers = 20;
    d.model.index_shared_layers = 5;
    const double kv_s = 2 * 8 * 128 * 2 * 9 / 8.0 / (3e12 * 0.625);
    const double key_s = 20 * 132 * 2 / (3e12 * 0.625);
    const struct xo_batch batch = xo_batch_of_alike(&d.model, 4, 4 * 10000, 0, 0);
    struct xo_step_parts found;
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    ck_near(found.parts[XO_PART_FULL_ATTENTION].memory_s, 1.5 * 40000 * (7 * kv_s + key_s), "all",
            "bytes");
    ck_near(found.parts[XO_PART_FULL_ATTENTION].compute_s,
            1.5 * 40000 *
                (7 * 4.0 * 32 * 128 / (1000e12 * 0.25) + 20 * 2.0 * 4 * 128 / (2000e12 * 0.25)),
            "all", "flops");
    ck_near(found.parts[XO_PART_FULL_ATTENTION].seconds, 1.5 * 40000 * (7 * kv_s + key_s), "all",
            "seconds");
    ck_near(found.parts[XO_PART_WINDOW_ATTENTION].memory_s, 1.5 * 4000 * 25 * kv_s, "chosen",
            "bytes");
    struct xo_step_model *m = xo_step_model_new(&d, NULL);
    const struct xo_work_rates *r = xo_step_work_rates(m);
    ck_near(r->full_kv_bytes_per_token, 7 * 2 * 8 * 128 * 2 + 20 * 132, "all", "bytes a token");
    ck_near(r->window_flop_per_pair, 25 * 4 * 32 * 128, "chosen", "flops a pair");
    ck_assert_int_eq(r->window_tokens, 1000);
    xo_step_model_free(m);
}
END_TEST

/* Qwen3 30B as Nemotron 3 is built: 20 of its 48 layers are Mamba-2 of 16 heads of 64 with 2 groups
 * and a state of 128, 10 layers have no MLP, and 128 experts of two matrices see 1,024 of the 2,048
 * beside one that sees all. */
START_TEST(mamba_beside_attention_and_experts_that_see_a_projection)
{
    struct xo_deployment d = deployment("qwen3-30b-a3b", &switched, XO_BF16, 2);
    d.model.linear_layers = 20;
    d.model.linear_kind = XO_LINEAR_MAMBA2;
    d.model.linear_key_heads = 2;
    d.model.linear_key_dim = 128;
    d.model.linear_value_heads = 16;
    d.model.linear_value_dim = 64;
    d.model.linear_conv = 4;
    d.model.bare_layers = 10;
    d.model.expert_matrices = 2;
    d.model.expert_hidden = 1024;
    d.model.shared_experts = 1;
    const struct xo_batch batch = decoding(3, 50000);
    const double byte_s = 1 / (3e12 * 0.75), flop_s = 1 / (1000e12 * 0.55);
    const double distinct = distinct_of(128, 8, 3);
    const double mamba = 2048 * (2 * 1024.0 + 2 * 256 + 16) + 4 * (1024 + 2 * 256) + 1024 * 2048.0;
    const double state = 20 * (4 * 16.0 * 64 * 128 + 2 * 3 * (1024 + 2 * 256));
    const double attention = qwen_attention / 48 * 28 + 20 * mamba;
    const double mlp = 38 * (2.0 * 2048 * 768 + 2.0 * 2048 * 1024);
    const double expert = 38 * 2.0 * 1024 * 768, router = 38 * 2048.0 * 128;
    const double kv_s = 28 * 2 * 2 * 128 * 2 * 3 / 2.0 / (3e12 * 0.625);
    const double pair_s = 28 * 4.0 * 16 * 128 / (1000e12 * 0.25);
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(48 * 21e-6),
        [XO_PART_MOE_LAYERS] = lasts(38 * 13e-6),
        [XO_PART_SEQUENCES] = lasts(3 * (3e-6 + 2 * state / 2 / (3e12 * 0.625))),
        [XO_PART_HEAD] = larger(qwen_head * byte_s, qwen_head * 3 * flop_s),
        [XO_PART_PROJECTIONS] = overlap(attention * byte_s, attention * 3 * flop_s),
        [XO_PART_MLP] = overlap(mlp * byte_s, mlp * 3 * flop_s),
        [XO_PART_ROUTER] = overlap(router * 2 * byte_s, router * 2 * 3 * flop_s),
        [XO_PART_EXPERTS] =
            overlap(distinct * expert * byte_s,
                    (3 * 8 + distinct * 48) * expert * flop_s * 0.55 / (0.2 * 384 / (384 + 80))),
        [XO_PART_ELEMENTWISE] = moves(3 * (48 * (4 + 4 / 2.0) * 2048 - 10 * 2 * 2048 +
                                           38 * 3 * 768 / 2.0 + 38 * 8 * (4 * 1024 + 3 * 384)),
                                      byte_s),
        [XO_PART_ALL_REDUCES] = lasts(86 * exchange_s(4e-6, 3 * 2048 * 2 / 400e9, 0.8)),
        [XO_PART_FULL_ATTENTION] = larger(50000 * kv_s, 50000 * pair_s),
    };
    ck_step(&d, &batch, right, 2 * (attention + mlp + 2 * router + distinct * expert + qwen_head));
    /* two ranks of two GPUs send each other two rows of what experts see, half from each GPU */
    d.attention_dp = 2;
    struct xo_step_parts found;
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    ck_near(found.parts[XO_PART_DISPATCHES].seconds,
            1.5 * 76 * exchange_s(4e-6, 2 * 1024 * 2 / 2 / 400e9, 0.8), "two ranks", "dispatches");
}
END_TEST

/* Qwen3-Next 80B: 48 MoE layers of 2048; 12 have 16 gated heads and 2 KV heads of 256, 36 are gated
 * delta nets of 33718272 parameters (16 key and 32 value heads of 128, 4 taps), which read and
 * write 36 * (4*32*128*128 + 2*3*8192) = 77266944 bytes of state a sequence; 10 of 512 experts and
 * a shared one of 512. On four GPUs each has a KV head of its own, copied once. */
START_TEST(linear_attention_beside_full_attention)
{
    struct xo_deployment d = deployment("qwen3-next-80b-a3b", &switched, XO_BF16, 4);
    const struct xo_batch batch = decoding(20, 200000);
    const double byte_s = 1 / (3e12 * 0.75), flop_s = 1 / (1000e12 * 0.55);
    const double attention = 12 * (3.0 * 2048 * 4096 / 4 + 2.0 * 2048 * 256) + 36 * 33718272.0 / 4;
    const double shared = 48 * 3.0 * 2048 * 512 / 4, router = 48 * 2048.0 * 512;
    const double expert = 48 * 3.0 * 2048 * 512, head = 2048.0 * 151936;
    const double distinct = distinct_of(512, 10, 20);
    const double kv_s = 12 * 2 * 256 * 2 * 2 / (3e12 * 0.625);
    const double pair_s = 12 * 4.0 * 4 * 256 / (1000e12 * 0.25);
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(48 * 21e-6),
        [XO_PART_MOE_LAYERS] = lasts(48 * 13e-6),
        [XO_PART_SEQUENCES] = lasts(20 * (3e-6 + 2 * 77266944.0 / 4 / (3e12 * 0.625))),
        [XO_PART_HEAD] = larger(head / 4 * 2 * byte_s, head / 4 * 2 * 20 * flop_s),
        [XO_PART_PROJECTIONS] = overlap(attention * 2 * byte_s, attention * 2 * 20 * flop_s),
        [XO_PART_MLP] = overlap(shared * 2 * byte_s, shared * 2 * 20 * flop_s),
        [XO_PART_ROUTER] = overlap(router * 2 * byte_s, router * 2 * 20 * flop_s),
        [XO_PART_EXPERTS] = overlap(distinct * expert / 4 * 2 * byte_s,
                                    (20 * 10 + distinct * 48) * expert / 4 * 2 * flop_s /
                                        (0.2 / 0.55 * 128 / (128 + 80))),
        [XO_PART_ELEMENTWISE] = moves(
            20 * 48 * ((4 + 4 / 4.0) * 2048 + 3 * 512 / 4.0 + 10 * (4 * 2048 + 3 * 128)), byte_s),
        [XO_PART_ALL_REDUCES] =
            lasts(96 * exchange_s(4e-6, 2 * 3 / 4.0 * 20 * 2048 * 2 / 400e9, 0.8)),
        [XO_PART_FULL_ATTENTION] = larger(200000 * kv_s, 200000 * pair_s),
    };
    ck_step(&d, &batch, right, 8 * (attention + shared + router) + 2 * (distinct * expert + head));
    /* two ranks have half of the sequences each */
    d.attention_dp = 2;
    struct xo_step_parts found;
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    ck_near(found.parts[XO_PART_SEQUENCES].seconds,
            1.5 * 20 * (3e-6 + 2 * 77266944.0 / 8 / (3e12 * 0.625)), "two ranks", "sequences");
    /* two stages have half of the layers each, and the one after the other all of the sequences */
    d.attention_dp = 1;
    d.pipeline_parallel = 2;
    ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
    ck_near(found.parts[XO_PART_SEQUENCES].seconds,
            1.5 * 20 * (3e-6 + 77266944.0 / 4 / (3e12 * 0.625)), "two stages", "sequences");
}
END_TEST

/* ---- pipelines ---- */

/* Llama 3.1 8B in three stages, of which the longest has 11 of 32 layers: a step is three
 * micro-batches one behind the other, three times as long as the busiest takes there. */
struct pipeline_row {
    const char *what;
    struct xo_batch batch;
    double rows;         /* in the busiest micro-batch */
    double decode_share; /* of decoding context there, over the mean */
    double prompt_share; /* of prompt work there, over the mean */
    int n_readers;       /* micro-batches that read the head */
    double filled_frac;  /* of the micro-batches there are */
};
static const struct pipeline_row pipelines[] = {
    { "7 sequences, 3 in a micro-batch",
      { .n_decode = 7, .kv_tokens = 60000 },
      3,
      9 / 7.0,
      1,
      3,
      1 },
    { "2 sequences leave a micro-batch empty",
      { .n_decode = 2, .kv_tokens = 60000 },
      1,
      3 / 2.0,
      1,
      2,
      2 / 3.0 },
    { "a lone prompt passes all stages beside 7 sequences",
      { .n_decode = 7, .kv_tokens = 60000, .prefill_tokens = 1000, .n_leading_chunks = 1 },
      1003,
      9 / 7.0,
      3,
      3,
      1 },
    { "a lone prompt and nothing else",
      { .prefill_tokens = 1000, .n_leading_chunks = 1, .n_prompts_done = 1 },
      1000,
      1,
      3,
      1,
      1 / 3.0 },
    { "four prompts, two in a micro-batch",
      { .prefill_tokens = 1000, .n_leading_chunks = 4, .n_prompts_done = 4 },
      500,
      1,
      6 / 4.0,
      3,
      1 },
    { "a prompt behind another is spread, its 1007 rows over three",
      { .n_decode = 7, .kv_tokens = 60000, .prefill_tokens = 1000 },
      336,
      9 / 7.0,
      1,
      3,
      1 },
};
enum { N_PIPELINES = sizeof pipelines / sizeof *pipelines };

START_TEST(pipeline_stages)
{
    const struct pipeline_row *row = &pipelines[_i];
    struct xo_deployment d = deployment("llama-3.1-8b", &pcie, XO_BF16, 1);
    d.pipeline_parallel = 3;
    struct xo_batch batch = row->batch;
    batch.kv_window_tokens = batch.kv_tokens;
    batch.n_below_window = batch.n_decode;
    const double pairs = batch.prefill_tokens > 0 ? 500500 : 0;
    batch.prefill_pairs = batch.prefill_window_pairs = pairs;
    const double byte_s = 1 / (1.8e12 * 0.75), flop_s = 1 / (500e12 * 0.55);
    const double attention = llama_attention / 32 * 11, mlp = llama_mlp / 32 * 11;
    const double kv_s = 11 * 2 * 8 * 128 * 2 * 9 / 8.0 / (1.8e12 * 0.625);
    const double pair_s = 11 * 4.0 * 32 * 128 / (500e12 * 0.25);
    const double kv_tokens = (double)batch.kv_tokens * row->decode_share;
    const double layer_s = batch.prefill_tokens > 0 ? 77e-6 : 21e-6;
    const double hop_s = exchange_s(4e-6, row->rows * 4096 * 2 / 64e9, 0.8 * 0.6);
    const int sampled = batch.n_decode + batch.n_prompts_done;
    const double head_bytes = llama_head * 2 * row->n_readers;
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(33 * layer_s),
        [XO_PART_SEQUENCES] = lasts(sampled * 3e-6),
        [XO_PART_HEAD] = larger(head_bytes * byte_s, llama_head * 2 * sampled * flop_s),
        [XO_PART_PROJECTIONS] =
            overlap(3 * attention * 2 * byte_s, 3 * attention * 2 * row->rows * flop_s),
        [XO_PART_MLP] = overlap(3 * mlp * 2 * byte_s, 3 * mlp * 2 * row->rows * flop_s),
        [XO_PART_ELEMENTWISE] = moves(3 * row->rows * 11 * ((8 + 4) * 4096 + 3 * 14336), byte_s),
        [XO_PART_HOPS] = lasts(3 * hop_s),
        [XO_PART_FULL_ATTENTION] = larger(kv_tokens * kv_s, kv_tokens * pair_s),
        [XO_PART_PROMPT_ATTENTION] = larger((double)batch.prefill_tokens * row->prompt_share * kv_s,
                                            pairs * row->prompt_share * pair_s),
    };
    ck_step(&d, &batch, right, 3 * row->filled_frac * 2 * (3 * (attention + mlp) + llama_head));
    if (batch.n_decode > 0 && batch.prefill_tokens == 0) {
        struct xo_step_model *m = xo_step_model_new(&d, NULL);
        struct xo_step step;
        xo_step_at(m, &batch, &step);
        ck_near(step.slope_s, 1.5 * batch.n_decode * row->decode_share * kv_s, row->what, "slope");
        xo_step_model_free(m);
    }
}
END_TEST

/* Qwen3 30B on eight GPUs over PCIe: two stages of 24 layers, each of two ranks of two GPUs,
 * whole experts on four. Of ten sequences a micro-batch has five, of which a rank has three,
 * and so has the other. All-reduces are among 2 GPUs and hops between 2; dispatches are among
 * 4, and each GPU of a rank brings half of the other rank's rows. */
START_TEST(stages_of_ranks_of_gpus)
{
    struct xo_deployment d = deployment("qwen3-30b-a3b", &pcie, XO_BF16, 2);
    d.attention_dp = d.pipeline_parallel = 2;
    d.expert_parallel = 4;
    ck_assert_int_eq(xo_deployment_gpus(&d), 8);
    const struct xo_batch batch = decoding(10, 100);
    const double byte_s = 1 / (1.8e12 * 0.75), flop_s = 1 / (500e12 * 0.55), share = 0.8 * 0.6;
    const double distinct = distinct_of(128, 8, 6), expert = qwen_expert / 2;
    const double attention = qwen_attention / 2 / 2, router = qwen_router / 2;
    const double row_s = 3 * 2048 * 2 / 64e9;
    const double kv_s = 24 * 2 * 2 * 128 * 2 * 3 / 2.0 / (1.8e12 * 0.625) / 2;
    const double pair_s = 24 * 4.0 * 16 * 128 / (500e12 * 0.25) / 2;
    const struct xo_part_time right[XO_N_STEP_PARTS] = {
        [XO_PART_STEP] = lasts(1.25e-3),
        [XO_PART_LAYERS] = lasts(48 * 21e-6),
        [XO_PART_MOE_LAYERS] = lasts(48 * 13e-6),
        [XO_PART_SEQUENCES] = lasts(10 * 3e-6),
        [XO_PART_HEAD] =
            larger(2 * qwen_head / 2 * 2 * byte_s, qwen_head / 2 * 2 * 10 * flop_s / 2),
        [XO_PART_PROJECTIONS] = overlap(2 * attention * 2 * byte_s, 2 * attention * 2 * 3 * flop_s),
        [XO_PART_ROUTER] = overlap(2 * router * 2 * byte_s, 2 * router * 2 * 3 * flop_s),
        [XO_PART_EXPERTS] = overlap(2 * distinct / 4 * 1.3 * expert * 2 * byte_s,
                                    2 * (6 * 8 + distinct * 48) / 4 * 1.3 * expert * 2 * flop_s /
                                        (0.2 / 0.55 * 768 / 808)),
        [XO_PART_ELEMENTWISE] =
            moves(2 * 24 * (3 * (4 + 4 / 2.0) * 2048 + 6 * 8 / 4.0 * (4 * 2048 + 3 * 768)), byte_s),
        [XO_PART_ALL_REDUCES] = lasts(2 * 48 * exchange_s(4e-6, row_s, share)),
        [XO_PART_DISPATCHES] = lasts(2 * 48 * exchange_s(2 * 4e-6, row_s / 2, share)),
        [XO_PART_HOPS] = lasts(2 * exchange_s(4e-6, row_s / 2, share)),
        [XO_PART_FULL_ATTENTION] = at_least(48 * 5e-6, 120 * kv_s, 120 * pair_s),
    };
    ck_assert_double_gt(48 * 5e-6, 100 * kv_s);
    const double stage = 4 * (attention + router) + distinct * expert;
    ck_step(&d, &batch, right, 2 * 2 * (2 * stage + 2 * qwen_head));
}
END_TEST

/* ---- lines ---- */

/* A context token takes 32 layers * 2 * 8 * 128 * 2 bytes * 9/8 of Llama 3.1 8B. Seven sequences of
 * 1,000 tokens in all grow by seven a step until the floor of 32 * 5 us is met. */
START_TEST(a_line_ends_where_attention_leaves_its_floor)
{
    const struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    const double kv_s = 32 * 2 * 8 * 128 * 2 * 9 / 8.0 / (3e12 * 0.625);
    struct xo_batch batch = decoding(7, 1000);
    struct xo_step step = step_of(&d, &batch);
    ck_assert_double_eq(step.slope_s, 0);
    ck_assert_int_eq(step.n_valid, 1 + (int)floor((32 * 5e-6 / kv_s - 1000) / 7));
    batch.kv_tokens = 1000 + 7 * step.n_valid;
    step = step_of(&d, &batch);
    ck_near(step.slope_s, 1.5 * 7 * kv_s, "beyond the floor", "slope");
    ck_assert_int_eq(step.n_valid, INT64_MAX);
}
END_TEST

/* gpt-oss on one GPU. Full attention is beyond its floor of 18 * 5 us and grows by five tokens a
 * step; only the two sequences below the window move the windowed layers, which are beyond theirs
 * too. */
START_TEST(only_sequences_below_the_window_grow_in_windowed_layers)
{
    const struct xo_deployment d = deployment("gpt-oss-120b", &switched, XO_MXFP4, 1);
    const double kv_s = 18 * 2 * 8 * 64 * 2 * 9 / 8.0 / (3e12 * 0.625);
    struct xo_batch batch = decoding(5, 60000);
    batch.kv_window_tokens = 9000; /* 9000 * kv_s > 18 * 5e-6 */
    batch.n_below_window = 2;
    struct xo_step step = step_of(&d, &batch);
    ck_near(step.slope_s, 1.5 * (5 + 2) * kv_s, "windows", "slope");
    ck_assert_int_eq(step.n_valid, INT64_MAX);
    batch.kv_window_tokens = 572; /* on the floor until 2 tokens a step reach it */
    step = step_of(&d, &batch);
    ck_near(step.slope_s, 1.5 * 5 * kv_s, "windows", "slope on the floor");
    ck_assert_int_eq(step.n_valid, 1 + (int)floor((18 * 5e-6 / kv_s - 572) / 2));
    batch.n_below_window = 0; /* none grows: for ever on the floor */
    ck_assert_int_eq(step_of(&d, &batch).n_valid, INT64_MAX);
}
END_TEST

/* A prompt in equal chunks of c tokens: step j reads (j + 1)*c tokens and has c*(j*c + (c + 1)/2)
 * pairs. With 39 tokens reading decides at first, and flops from some step on; with 1,000 flops
 * decide from the first on. */
START_TEST(a_line_of_chunks_ends_where_flops_overtake_reading)
{
    const struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    const double kv_s = 32 * 2 * 8 * 128 * 2 * 9 / 8.0 / (3e12 * 0.625);
    const double pair_s = 32 * 4.0 * 32 * 128 / (1000e12 * 0.25);
    struct xo_batch batch = { .prefill_tokens = 39,
                              .repeated_tokens = 39,
                              .prefill_pairs = 39 * 40 / 2,
                              .prefill_window_pairs = 39 * 40 / 2,
                              .window_pairs_growth = 39 * 39 };
    struct xo_step step = step_of(&d, &batch);
    const double gap_s = 39 * kv_s - 39 * 40 / 2 * pair_s, closes_s = 39 * 39 * pair_s - 39 * kv_s;
    ck_assert_double_gt(closes_s, 0);
    ck_near(step.slope_s, 1.5 * 39 * kv_s, "small chunks", "slope");
    ck_assert_int_eq(step.n_valid, 1 + (int)floor(gap_s / closes_s));
    ck_assert_int_gt(step.n_valid, 2);
    batch.prefill_tokens = batch.repeated_tokens = 1000;
    batch.prefill_pairs = batch.prefill_window_pairs = 500500;
    batch.window_pairs_growth = 1e6;
    step = step_of(&d, &batch);
    ck_near(step.slope_s, 1.5 * 1e6 * pair_s, "large chunks", "slope");
    ck_assert_int_eq(step.n_valid, INT64_MAX);
    batch.repeated_tokens = 0;
    step = step_of(&d, &batch);
    ck_assert_double_eq(step.slope_s, 0);
    ck_assert_int_eq(step.n_valid, 1);
}
END_TEST

/* Where every layer has a window of 2,000 and a chunk of 1,000 is beyond it, its pairs stay 1000 *
 * 2000 and reading grows by 1,000 tokens a step, until it decides. */
START_TEST(a_line_of_chunks_beyond_the_window_ends_where_reading_overtakes_flops)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    d.model.window_layers = 32;
    d.model.window_tokens = 2000;
    const double kv_s = 32 * 2 * 8 * 128 * 2 * 9 / 8.0 / (3e12 * 0.625);
    const double pair_s = 32 * 4.0 * 32 * 128 / (1000e12 * 0.25);
    const struct xo_batch batch = { .prefill_tokens = 1000,
                                    .repeated_tokens = 1000,
                                    .prefill_pairs = 1000 * 4500.5,
                                    .prefill_window_pairs = 1000 * 2000,
                                    .prefill_reread_tokens = 4000 };
    const struct xo_step step = step_of(&d, &batch);
    ck_assert_double_eq(step.slope_s, 0);
    const double gap_s = 2e6 * pair_s - 5000 * kv_s;
    ck_assert_int_eq(step.n_valid, 1 + (int)floor(gap_s / (1000 * kv_s)));
    ck_assert_int_gt(step.n_valid, 2);
    /* beside a decoding batch whose floor ends sooner, that decides */
    struct xo_batch both = batch;
    both.n_decode = both.n_below_window = 300;
    both.kv_tokens = both.kv_window_tokens = 1500;
    ck_assert_int_eq(step_of(&d, &both).n_valid, 1 + (int)floor((32 * 5e-6 / kv_s - 1500) / 300));
    ck_assert_int_lt(step_of(&d, &both).n_valid, step.n_valid);
}
END_TEST

/* In a pipeline the chunks that follow one another leave each stage its 1/3, and 11 of its layers;
 * the lines of a lone prompt's chunks are three times as steep. */
START_TEST(lines_of_chunks_are_as_steep_as_the_busiest_micro_batch)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    d.pipeline_parallel = 3;
    const double pair_s = 11 * 4.0 * 32 * 128 / (1000e12 * 0.25);
    struct xo_batch batch = { .prefill_tokens = 1000,
                              .repeated_tokens = 1000,
                              .prefill_pairs = 500500,
                              .prefill_window_pairs = 500500,
                              .window_pairs_growth = 1e6 };
    ck_near(step_of(&d, &batch).slope_s, 1.5 * 1e6 * pair_s, "behind others", "slope");
    batch.n_leading_chunks = 1;
    ck_near(step_of(&d, &batch).slope_s, 3 * 1.5 * 1e6 * pair_s, "alone", "slope");
}
END_TEST

/* 2,048 prompt tokens and 256 sequences are exact; so is every step of two stages twice as long.
 * Far beyond, flops decide, and the straight line on from there is 0.1 % off them. */
START_TEST(steps_of_any_size_are_in_line_with_those_within_the_budget)
{
    struct xo_deployment d = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    const double byte_s = 1 / (3e12 * 0.75), flop_s = 1 / (1000e12 * 0.55);
    static const struct {
        int stages;
        int64_t rows;
        double tolerance;
    } steps[] = { { 1, 2304, 1e-11 }, { 2, 4352, 1e-11 }, { 1, 30000, 2e-3 }, { 1, 300000, 2e-3 } };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        d.pipeline_parallel = steps[i].stages;
        const struct xo_batch batch = { .prefill_tokens = steps[i].rows };
        struct xo_step_parts found;
        ck_assert(xo_step_parts_at(&d, &batch, &found, NULL));
        const double right = overlap(llama_mlp * 2 * byte_s, llama_mlp * 2 * (double)steps[i].rows /
                                                                 steps[i].stages * flop_s)
                                 .seconds;
        const double seconds = found.parts[XO_PART_MLP].seconds;
        ck_assert_double_eq_tol(seconds, 1.5 * right, steps[i].tolerance * right);
        ck_near(step_of(&d, &batch).first_s, found.total_s, "the step", "seconds");
    }
}
END_TEST

/* Steps of eight attention ranks work on eight times as many tokens as the budget of each, and are
 * no guess: with a budget of 512 they last as long as with one of 4,096. */
START_TEST(steps_of_many_ranks_are_within_the_budget_of_each)
{
    struct xo_deployment d = deployment("deepseek-v3", &switched, XO_FP8, 1);
    const struct xo_batch batch = { .prefill_tokens = 4096 };
    d.attention_dp = d.expert_parallel = 8;
    d.chunk_tokens = 4096;
    const double right = step_of(&d, &batch).first_s;
    d.chunk_tokens = 512;
    ck_assert_double_eq_tol(step_of(&d, &batch).first_s, right, 1e-12 * right);
}
END_TEST

/* ---- batches ---- */

/* Queries 11 to 15 see 11 + 12 + 13 + 14 + 15 tokens, or at most 13 of them. */
START_TEST(pairs_are_counted_to_the_window)
{
    static const struct {
        int64_t first, n, window;
        double pairs;
    } rows[] = { { 10, 5, INT64_MAX, 65 }, { 10, 5, 15, 65 }, { 10, 5, 13, 11 + 12 + 3 * 13 },
                 { 10, 5, 11, 55 },        { 10, 5, 10, 50 }, { 10, 5, 7, 35 },
                 { 0, 4, 4, 10 },          { 0, 0, 4, 0 },    { 0, 1000, INT64_MAX, 500500 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_double_eq(xo_window_pairs(rows[i].first, rows[i].n, rows[i].window),
                            rows[i].pairs);
}
END_TEST

static void ck_same_batch(struct xo_batch found, struct xo_batch right)
{
    ck_assert_int_eq(found.n_decode, right.n_decode);
    ck_assert_int_eq(found.kv_tokens, right.kv_tokens);
    ck_assert_int_eq(found.kv_window_tokens, right.kv_window_tokens);
    ck_assert_int_eq(found.n_below_window, right.n_below_window);
    ck_assert_int_eq(found.prefill_tokens, right.prefill_tokens);
    ck_assert_double_eq(found.prefill_pairs, right.prefill_pairs);
    ck_assert_double_eq(found.prefill_window_pairs, right.prefill_window_pairs);
    ck_assert_int_eq(found.prefill_reread_tokens, right.prefill_reread_tokens);
    ck_assert_int_eq(found.n_prompts_done, right.n_prompts_done);
    ck_assert_int_eq(found.n_chunks, right.prefill_tokens > 0);
    ck_assert_int_eq(found.n_leading_chunks, right.n_leading_chunks);
    ck_assert_int_eq(found.repeated_tokens, 0);
}

/* gpt-oss has a window of 128: sequences of 127 are below it, those of 128 fill it. */
START_TEST(a_batch_of_alike_is_cut_to_the_window)
{
    const struct xo_deployment plain = deployment("llama-3.1-8b", &switched, XO_BF16, 1);
    const struct xo_deployment windowed = deployment("gpt-oss-120b", &switched, XO_MXFP4, 1);
    ck_same_batch(xo_batch_of_alike(&plain.model, 7, 70000, 0, 0), decoding(7, 70000));
    ck_same_batch(xo_batch_of_alike(&windowed.model, 4, 4 * 127, 0, 0), decoding(4, 4 * 127));
    struct xo_batch right = decoding(4, 4 * 128);
    right.n_below_window = 0;
    ck_same_batch(xo_batch_of_alike(&windowed.model, 4, 4 * 128, 0, 0), right);
    right.kv_tokens = 4000;
    ck_same_batch(xo_batch_of_alike(&windowed.model, 4, 4000, 0, 0), right);
    /* 400 tokens after 1,000: its queries see 1001 to 1400 tokens, or 128 */
    ck_same_batch(xo_batch_of_alike(&windowed.model, 0, 0, 400, 1000),
                  (struct xo_batch){ .prefill_tokens = 400,
                                     .prefill_pairs = 400 * 1200.5,
                                     .prefill_window_pairs = 400 * 128,
                                     .prefill_reread_tokens = 1000,
                                     .n_prompts_done = 1 });
    ck_same_batch(xo_batch_of_alike(&plain.model, 0, 0, 400, 0),
                  (struct xo_batch){ .prefill_tokens = 400,
                                     .prefill_pairs = 80200,
                                     .prefill_window_pairs = 80200,
                                     .n_prompts_done = 1,
                                     .n_leading_chunks = 1 });
    /* without a prompt, nothing came before it */
    ck_same_batch(xo_batch_of_alike(&plain.model, 7, 70000, 0, 1000), decoding(7, 70000));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("steps");
    TCase *parts = tcase_create("parts");
    tcase_add_test(parts, decoding_on_two_gpus);
    tcase_add_test(parts, prompts_on_eight_gpus_over_pcie);
    tcase_add_test(parts, a_mixed_step_in_8_bits_on_a_gpu_short_of_power);
    tcase_add_loop_test(parts, weights_take_their_bits_and_compute_in_what_the_gpu_has, 0,
                        N_WEIGHT_TYPES);
    tcase_add_test(parts, power_limits_only_below_the_watts_a_flop_of_an_h100);
    tcase_add_test(parts, steps_on_amd_last_longer_by_generation);
    tcase_add_test(parts, experts_cut_in_two);
    tcase_add_loop_test(parts, experts_spread_over_gpus, 0, N_SPREAD);
    tcase_add_test(parts, experts_by_bits_and_gpus);
    tcase_add_test(parts, wide_experts_reach_more_of_the_peak_than_narrow_ones);
    tcase_add_test(parts, latent_attention_on_eight_gpus_with_whole_experts);
    tcase_add_test(parts, attention_ranks_that_share_experts);
    tcase_add_loop_test(parts, a_rank_has_whole_chunks_of_prompts, 0, N_ON_RANKS);
    tcase_add_test(parts, ranks_are_filled_up_in_a_graph);
    tcase_add_test(parts, windows_beside_full_attention);
    tcase_add_test(parts, windows_with_heads_of_their_own);
    tcase_add_test(parts, an_indexer_reads_all_and_attention_what_it_picks);
    tcase_add_test(parts, layers_without_a_choice_attend_to_all);
    tcase_add_test(parts, compressed_attention_reads_entries);
    tcase_add_test(parts, linear_attention_beside_full_attention);
    tcase_add_test(parts, mamba_beside_attention_and_experts_that_see_a_projection);
    tcase_add_loop_test(parts, pipeline_stages, 0, N_PIPELINES);
    tcase_add_test(parts, stages_of_ranks_of_gpus);
    suite_add_tcase(suite, parts);
    TCase *lines = tcase_create("lines");
    tcase_add_test(lines, a_line_ends_where_attention_leaves_its_floor);
    tcase_add_test(lines, only_sequences_below_the_window_grow_in_windowed_layers);
    tcase_add_test(lines, a_line_of_chunks_ends_where_flops_overtake_reading);
    tcase_add_test(lines, a_line_of_chunks_beyond_the_window_ends_where_reading_overtakes_flops);
    tcase_add_test(lines, lines_of_chunks_are_as_steep_as_the_busiest_micro_batch);
    tcase_add_test(lines, steps_of_any_size_are_in_line_with_those_within_the_budget);
    tcase_add_test(lines, steps_of_many_ranks_are_within_the_budget_of_each);
    suite_add_tcase(suite, lines);
    TCase *batches = tcase_create("batches");
    tcase_add_test(batches, pairs_are_counted_to_the_window);
    tcase_add_test(batches, a_batch_of_alike_is_cut_to_the_window);
    suite_add_tcase(suite, batches);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
