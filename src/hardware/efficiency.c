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
