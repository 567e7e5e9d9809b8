/* efficiency.c - the fitted constants of the step time, shared by all GPUs and models.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/hardware.h"
#include "xo/table.h"

#include <assert.h>
#include <string.h>

/* What differs between engines: the work between kernels, in seconds. Those of 2024 ran Python for
 * every step (vLLM before V1) or launched kernel by kernel (TensorRT-LLM before CUDA graphs).
 * SGLang was measured on large MoE models alone, and none of 2024. */
struct host_times {
    double step_s, layer_decode_s, layer_prefill_s, sequence_s;
};
#define SGLANG_OF_ANY_YEAR                                                                         \
    {                                                                                              \
        0.30e-3, 87e-6, 175e-6, 19e-6                                                              \
    }
static const struct host_times today[] = {
    { 0.06e-3, 64e-6, 64e-6, 6.6e-6 }, /* vLLM */
    SGLANG_OF_ANY_YEAR,
    { 0.22e-3, 48e-6, 48e-6, 8.5e-6 }, /* TensorRT-LLM */
};
XO_TABLE_OF(today, XO_N_ENGINES);
static const struct host_times of_2024[] = {
    { 0.07e-3, 150e-6, 150e-6, 15e-6 }, /* vLLM */
    SGLANG_OF_ANY_YEAR,
    { 0.21e-3, 100e-6, 100e-6, 10e-6 }, /* TensorRT-LLM */
};
XO_TABLE_OF(of_2024, XO_N_ENGINES);

/* Fitted on 2,974 published operating points of NVIDIA GPUs from A100 to GB200, simulated as they
 * were run, and checked on GPUs and models left out (docs/validation.md). */
static struct xo_efficiency with_host_times(const struct host_times *host)
{
    return (struct xo_efficiency){
        .mbu_weights_frac = 0.95,
        .mbu_kv_frac = 0.89,
        .mbu_4bit_frac = 0.75,
        .mfu_linear_frac = 0.63,
        .mfu_8bit_frac = 0.61,
        .mfu_4bit_frac = 0.50,
        .mfu_experts_frac = 0.19,
        .mfu_experts_4bit_frac = 0.46,
        .mfu_attention_frac = 0.71,
        .step_s = host->step_s,
        .layer_decode_s = host->layer_decode_s,
        .layer_prefill_s = host->layer_prefill_s,
        .moe_decode_s = 25e-6,
        .moe_decode_4bit_s = 11e-6,
        .moe_prefill_s = 190e-6,
        .attention_floor_s = 0.8e-6,
        .sequence_s = host->sequence_s,
        .allreduce_latency_s = 3.1e-6,
        .link_frac = 0.87,
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
