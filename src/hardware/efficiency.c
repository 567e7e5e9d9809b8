/* efficiency.c - the fitted constants of the step time, shared by all GPUs and models.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/hardware.h"

#include <assert.h>

/* What differs between engines: the work between kernels, in seconds. SGLang was measured on large
 * MoE models alone, and its time per sequence is held to half of what they ask for. */
static const struct {
    double step_s, layer_decode_s, layer_prefill_s, sequence_s;
} engines[XO_N_ENGINES] = {
    [XO_ENGINE_VLLM] = { 0.07e-3, 63e-6, 68e-6, 5e-6 },
    [XO_ENGINE_SGLANG] = { 0.34e-3, 62e-6, 128e-6, 25e-6 },
    [XO_ENGINE_TRTLLM] = { 0.59e-3, 55e-6, 115e-6, 10.6e-6 },
};

/* Fitted on 800 of 2,900 published operating points of NVIDIA GPUs from A100 to GB200
 * (docs/model.md, "Step time and KV capacity"). No generation needs a constant of its own: what
 * sets them apart is in the data sheet, power included; the argument is there for those that a
 * later fit finds to differ. */
struct xo_efficiency xo_efficiency_default(enum xo_engine_family engine,
                                           enum xo_gpu_generation generation)
{
    assert((unsigned)engine < XO_N_ENGINES && (unsigned)generation < XO_N_GENERATIONS);
    return (struct xo_efficiency){
        .mbu_weights_frac = 0.95,
        .mbu_kv_frac = 0.81,
        .mbu_4bit_frac = 0.84,
        .mfu_linear_frac = 0.615,
        .mfu_8bit_frac = 0.585,
        .mfu_4bit_frac = 0.54,
        .mfu_attention_frac = 0.55,
        .step_s = engines[engine].step_s,
        .layer_decode_s = engines[engine].layer_decode_s,
        .layer_prefill_s = engines[engine].layer_prefill_s,
        .moe_decode_s = 25e-6,
        .moe_prefill_s = 400e-6,
        .attention_floor_s = 1.1e-6,
        .sequence_s = engines[engine].sequence_s,
        .allreduce_latency_s = 4.8e-6,
        .link_frac = 0.85,
        .expert_imbalance = 1.1,
        .step_scale = 1,
    };
}

#define AT(field) offsetof(struct xo_efficiency, field)
const struct xo_constant xo_constants[XO_N_CONSTANTS] = {
    { "mbu_weights", AT(mbu_weights_frac), true, 0.01, 1, 0.3 },
    { "mbu_4bit", AT(mbu_4bit_frac), true, 0.01, 1, 0.25 },
    { "mbu_kv", AT(mbu_kv_frac), true, 0.01, 1, 0.4 },
    { "mfu_linear", AT(mfu_linear_frac), true, 0.01, 1, 0.3 },
    { "mfu_8bit", AT(mfu_8bit_frac), true, 0.01, 1, 0.5 },
    { "mfu_4bit", AT(mfu_4bit_frac), true, 0.01, 1, 0.3 },
    { "mfu_attention", AT(mfu_attention_frac), true, 0.01, 1, 0.3 },
    { "step_overhead", AT(step_s), false, 0, 1, 0.3 },
    { "layer_decode", AT(layer_decode_s), false, 0, 0.1, 0.3 },
    { "layer_prefill", AT(layer_prefill_s), false, 0, 0.1, 0.5 },
    { "moe_decode", AT(moe_decode_s), false, 0, 0.1, 0.3 },
    { "moe_prefill", AT(moe_prefill_s), false, 0, 0.1, 0.6 },
    { "attention_floor", AT(attention_floor_s), false, 0, 0.1, 0.3 },
    { "sequence_overhead", AT(sequence_s), false, 0, 0.1, 0.5 },
    { "allreduce_latency", AT(allreduce_latency_s), false, 0, 0.1, 0.3 },
    { "link_efficiency", AT(link_frac), true, 0.01, 1, 0.3 },
    { "expert_imbalance", AT(expert_imbalance), false, 1, 100, 0.2 },
    { "step_scale", AT(step_scale), false, 0.01, 100, 0.12 },
};
#undef AT

double *xo_constant_at(struct xo_efficiency *efficiency, int constant)
{
    assert(constant >= 0 && constant < XO_N_CONSTANTS);
    return (double *)(void *)((char *)efficiency + xo_constants[constant].offset);
}
