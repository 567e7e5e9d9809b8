/* efficiency.c - the fitted constants of the step time, shared by all GPUs and models.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/hardware.h"

#include <assert.h>

struct xo_efficiency xo_efficiency_default(enum xo_engine_family engine,
                                           enum xo_gpu_generation generation)
{
    assert((unsigned)engine < XO_N_ENGINES && (unsigned)generation < XO_N_GENERATIONS);
    return (struct xo_efficiency){
        .mbu_weights_frac = 0.8,
        .mbu_kv_frac = 0.7,
        .mfu_linear_frac = 0.65,
        .mfu_attention_frac = 0.4,
        .step_s = 0.5e-3,
        .layer_decode_s = 25e-6,
        .layer_prefill_s = 60e-6,
        .attention_floor_s = 5e-6,
        .sequence_s = 5e-6,
        .allreduce_latency_s = 10e-6,
        .link_frac = 0.7,
        .expert_imbalance = 1.3,
        .step_scale = 1,
    };
}
