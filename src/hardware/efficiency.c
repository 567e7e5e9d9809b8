/* efficiency.c - the fitted constants of the step time, shared by all GPUs and models.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard.h"
#include "xo/table.h"

#include <assert.h>
#include <string.h>

/* What differs between engines: the work between kernels, in seconds, and how well their 8-bit
 * GEMMs do. Those of 2024 ran Python for every step (vLLM before V1) or launched kernel by kernel
 * (TensorRT-LLM before CUDA graphs). SGLang was measured on large MoE models alone, and none of
 * 2024. */
struct host_times {
    double step_s, layer_decode_s, layer_prefill_s, sequence_s, moe_prefill_s, mfu_8bit_frac;
};
#define SGLANG_OF_ANY_YEAR                                                                         \
    {                                                                                              \
        0.26e-3, 82e-6, 160e-6, 8.3e-6, 250e-6, 0.55                                               \
    }
static const struct host_times today[] = {
    { 0.09e-3, 63e-6, 63e-6, 3.5e-6, 210e-6, 0.57 }, /* vLLM */
    SGLANG_OF_ANY_YEAR,
    { 0.18e-3, 52e-6, 52e-6, 7.4e-6, 220e-6, 0.76 }, /* TensorRT-LLM */
};
XO_TABLE_OF(today, XO_N_ENGINES);
static const struct host_times of_2024[] = {
    { 0.07e-3, 140e-6, 140e-6, 20e-6, 210e-6, 0.57 }, /* vLLM */
    SGLANG_OF_ANY_YEAR,
    { 0.21e-3, 97e-6, 97e-6, 12e-6, 220e-6, 0.76 }, /* TensorRT-LLM */
};
XO_TABLE_OF(of_2024, XO_N_ENGINES);

/* Fitted on 3,000 published operating points of NVIDIA GPUs from A100 to GB200, simulated as they
 * were run, and checked on GPUs and models left out (docs/validation.md). */
static struct xo_efficiency with_host_times(const struct host_times *host)
{
    return (struct xo_efficiency){
        .mbu_weights_frac = 0.955,
        .mbu_kv_frac = 0.89,
        .mbu_4bit_frac = 0.79,
        .mfu_linear_frac = 0.66,
        .mfu_8bit_frac = host->mfu_8bit_frac,
        .mfu_4bit_frac = 0.56,
        .mfu_experts_frac = 0.55,
        .mfu_experts_4bit_frac = 0.7,
        .mfu_attention_frac = 0.75,
        .step_s = host->step_s,
        .layer_decode_s = host->layer_decode_s,
        .layer_prefill_s = host->layer_prefill_s,
        .moe_decode_s = 34e-6,
        .moe_decode_4bit_s = 12e-6,
        .moe_prefill_s = host->moe_prefill_s,
        .attention_floor_s = 0.74e-6,
        .sequence_s = host->sequence_s,
        .allreduce_latency_s = 2.4e-6,
        .link_frac = 0.91,
        .expert_imbalance = 1.1,
        .step_scale = 1,
    };
}

struct xo_efficiency xo_efficiency_default(enum xo_engine_family engine)
{
    assert((unsigned)engine < XO_N_ENGINES);
    return with_host_times(&today[engine]);
}

struct xo_efficiency xo_efficiency_of_2024(enum xo_engine_family engine)
{
    assert((unsigned)engine < XO_N_ENGINES);
    return with_host_times(&of_2024[engine]);
}

/* Steps on AMD's generations last this many times as long as constants fitted on NVIDIA's say:
 * CDNA2 in the median of 279 runs of vLLM of 2024 on MI250, CDNA3 in the geometric mean of what
 * three collections on MI300X wanted (1.05, 2.1 and 2.8: docs/validation.md, "AMD"). CDNA4 is met
 * as it is. */
static const double generation_scale[XO_N_GENERATIONS] = {
    [XO_GEN_CDNA2] = 1.9, [XO_GEN_CDNA3] = 1.8
};

double xo_step_scale_of(const struct xo_deployment *d)
{
    const double more = generation_scale[d->gpu.generation];
    return d->efficiency.step_scale * (more > 0 ? more : 1);
}

#define AT(field) offsetof(struct xo_efficiency, field)
const struct xo_constant xo_constants[] = {
    { "mbu_weights", AT(mbu_weights_frac), true, 0.3 },
    { "mbu_4bit", AT(mbu_4bit_frac), true, 0.25 },
    { "mbu_kv", AT(mbu_kv_frac), true, 0.4 },
    { "mfu_linear", AT(mfu_linear_frac), true, 0.3 },
    { "mfu_8bit", AT(mfu_8bit_frac), true, 0.5 },
    { "mfu_4bit", AT(mfu_4bit_frac), true, 0.3 },
    { "mfu_experts", AT(mfu_experts_frac), true, 0.5 },
    { "mfu_experts_4bit", AT(mfu_experts_4bit_frac), true, 0.5 },
    { "mfu_attention", AT(mfu_attention_frac), true, 0.3 },
    { "step_overhead", AT(step_s), false, 0.3 },
    { "layer_decode", AT(layer_decode_s), false, 0.3 },
    { "layer_prefill", AT(layer_prefill_s), false, 0.5 },
    { "moe_decode", AT(moe_decode_s), false, 0.3 },
    { "moe_decode_4bit", AT(moe_decode_4bit_s), false, 0.3 },
    { "moe_prefill", AT(moe_prefill_s), false, 0.6 },
    { "attention_floor", AT(attention_floor_s), false, 0.3 },
    { "sequence_overhead", AT(sequence_s), false, 0.5 },
    { "allreduce_latency", AT(allreduce_latency_s), false, 0.3 },
    { "link_efficiency", AT(link_frac), true, 0.3 },
    { "expert_imbalance", AT(expert_imbalance), false, 0.2 },
    { "step_scale", AT(step_scale), false, 0.12 },
};
XO_TABLE_OF(xo_constants, XO_N_CONSTANTS);
#undef AT

int xo_constant_find(const char *name)
{
    for (int i = 0; i < XO_N_CONSTANTS; i++)
        if (strcmp(xo_constants[i].name, name) == 0)
            return i;
    return -1;
}

double *xo_constant_at(struct xo_efficiency *efficiency, int constant)
{
    assert(constant >= 0 && constant < XO_N_CONSTANTS);
    return (double *)(void *)((char *)efficiency + xo_constants[constant].offset);
}
