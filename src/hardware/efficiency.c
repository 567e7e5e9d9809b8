/* efficiency.c - the fitted constants of the step time, shared by all GPUs and models.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/hardware.h"

#include <assert.h>

/* What differs between engines: the work between kernels, in seconds. */
static const struct {
    double step_s, layer_decode_s, layer_prefill_s, sequence_s;
} engines[XO_N_ENGINES] = {
    [XO_ENGINE_VLLM] = { 0.2e-3, 55e-6, 65e-6, 8.5e-6 },
    [XO_ENGINE_SGLANG] = { 0.45e-3, 65e-6, 130e-6, 45e-6 },
    [XO_ENGINE_TRTLLM] = { 0.7e-3, 50e-6, 150e-6, 12.5e-6 },
};

/* Fitted on 2,900 published measurements of NVIDIA GPUs from A100 to GB200 (docs/model.md, "Step
 * time and KV capacity"). No generation needed a constant of its own: what sets them apart is in
 * the data sheet, its power limit included. */
struct xo_efficiency xo_efficiency_default(enum xo_engine_family engine,
                                           enum xo_gpu_generation generation)
{
    assert((unsigned)engine < XO_N_ENGINES && (unsigned)generation < XO_N_GENERATIONS);
    return (struct xo_efficiency){
        .mbu_weights_frac = 0.92,
        .mbu_kv_frac = 0.78,
        .mbu_4bit_frac = 0.9,
        .mfu_linear_frac = 0.61,
        .mfu_8bit_frac = 0.6,
        .mfu_4bit_frac = 0.55,
        .mfu_attention_frac = 0.52,
        .step_s = engines[engine].step_s,
        .layer_decode_s = engines[engine].layer_decode_s,
        .layer_prefill_s = engines[engine].layer_prefill_s,
        .layer_moe_s = 20e-6,
        .attention_floor_s = 1.5e-6,
        .sequence_s = engines[engine].sequence_s,
        .allreduce_latency_s = 5e-6,
        .link_frac = 0.85,
        .moe_frac = 0.84,
        .expert_imbalance = 1.1,
        .step_scale = 1,
    };
}
