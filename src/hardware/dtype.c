/* dtype.c - storage types, GPU generations, and which of them go together.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard.h"
#include "xo/table.h"

#include <assert.h>

/* Bits a parameter takes, scales included: int4 has a 16-bit scale (and often a 4-bit zero point)
 * per 64 to 128 values, NVFP4 an 8-bit scale per 16 and MXFP4 one per 32 (OCP Microscaling v1.0).
 */
static const double bits[] = {
    16,   /* fp16 */
    16,   /* bf16 */
    8,    /* fp8 */
    8,    /* int8 */
    4.25, /* int4 */
    4.5,  /* nvfp4 */
    4.25, /* mxfp4 */
};
XO_TABLE_OF(bits, XO_N_DTYPES);

double xo_dtype_bits(enum xo_dtype type)
{
    assert((unsigned)type < XO_N_DTYPES);
    return bits[type];
}

const char *const xo_dtype_names[] = {
    "fp16", "bf16", "fp8", "int8", "int4", "nvfp4", "mxfp4", NULL,
};
XO_NAMES_OF(xo_dtype_names, XO_N_DTYPES);

const char *xo_dtype_name(enum xo_dtype type)
{
    assert((unsigned)type < XO_N_DTYPES);
    return xo_dtype_names[type];
}

const char *const xo_generation_names[] = {
    "turing", "volta", "ampere", "ada",   "hopper", "blackwell",
    "cdna2",  "cdna3", "cdna4",  "other", NULL,
};
XO_NAMES_OF(xo_generation_names, XO_N_GENERATIONS);

/* Weights a generation's kernels take, natively or unpacked into 16 bits on the way in. Sources:
 * vLLM docs, "Supported hardware" of quantization and "FP8 W8A8"; fp8, NVFP4 and MXFP4 run as
 * weight-only Marlin kernels from Ampere on; Volta and Turing have no bf16 tensor cores. */
#define BIT(type) (1u << (type))
enum {
    OLD = BIT(XO_FP16) | BIT(XO_INT8) | BIT(XO_INT4),
    BASIC = OLD | BIT(XO_BF16),
    FULL = BASIC | BIT(XO_FP8) | BIT(XO_MXFP4),
};
static const unsigned weight_types[] = {
    OLD,                  /* Turing */
    OLD,                  /* Volta */
    FULL | BIT(XO_NVFP4), /* Ampere */
    FULL | BIT(XO_NVFP4), /* Ada */
    FULL | BIT(XO_NVFP4), /* Hopper */
    FULL | BIT(XO_NVFP4), /* Blackwell */
    BASIC,                /* CDNA2 */
    FULL,                 /* CDNA3 */
    FULL,                 /* CDNA4 */
    FULL,                 /* other */
};
XO_TABLE_OF(weight_types, XO_N_GENERATIONS);

bool xo_weights_check(const struct xo_deployment *d, struct xo_error *err)
{
    const unsigned allowed = weight_types[d->gpu.generation];
    if ((allowed & BIT(d->weights)) != 0)
        return true;
    const char *would_do = (allowed & BIT(XO_BF16)) == 0  ? "fp16, int8 or int4"
                           : (allowed & BIT(XO_FP8)) == 0 ? "fp16, bf16, int8 or int4"
                                                          : "bf16, fp8, int4 or mxfp4";
    return xo_fail(err, XO_ERR_INPUT, "%s (%s) cannot run %s weights; %s would do", d->gpu.name,
                   xo_generation_names[d->gpu.generation], xo_dtype_name(d->weights), would_do);
}

/* KV caches are kept in 16 bits, or in fp8 where the generation has it; int8 and (on Blackwell)
 * NVFP4 caches exist in TensorRT-LLM alone. */
bool xo_kv_type_check(const struct xo_deployment *d, struct xo_error *err)
{
    const unsigned has = weight_types[d->gpu.generation];
    const bool trt = d->engine == XO_ENGINE_TRTLLM;
    const unsigned sixteen = BIT(XO_FP16) | BIT(XO_BF16);
    unsigned allowed = has & (sixteen | BIT(XO_FP8));
    if (trt)
        allowed |= BIT(XO_INT8);
    if (trt && d->gpu.generation == XO_GEN_BLACKWELL)
        allowed |= BIT(XO_NVFP4);
    if ((allowed & BIT(d->kv)) != 0)
        return true;
    const char *would_do = (allowed & BIT(XO_BF16)) == 0  ? "fp16"
                           : (allowed & BIT(XO_FP8)) == 0 ? "fp16 or bf16"
                                                          : "fp16, bf16 or fp8";
    return xo_fail(err, XO_ERR_INPUT,
                   "a KV cache in %s does not exist for this engine on %s (%s); %s "
                   "would do",
                   xo_dtype_name(d->kv), d->gpu.name, xo_generation_names[d->gpu.generation],
                   would_do);
}

/* Weights in fewer bits than the GPU computes in are unpacked first: int4 always, fp8 before Ada,
 * NVFP4 before Blackwell. MXFP4 weights meet fp8 activations where fp4 units exist. int8 runs at
 * the fp8 rate, or at twice the 16-bit rate on Turing and Ampere (data sheets). */
double xo_compute_flop_per_s(const struct xo_gpu *gpu, enum xo_dtype weights)
{
    const double half = gpu->bf16_flop_per_s;
    const double fp8 = gpu->fp8_flop_per_s > 0 ? gpu->fp8_flop_per_s : half;
    const bool old_int8 = gpu->generation == XO_GEN_TURING || gpu->generation == XO_GEN_AMPERE;
    switch (weights) {
    case XO_FP8:
        return fp8;
    case XO_INT8:
        return gpu->fp8_flop_per_s > 0 ? fp8 : old_int8 ? 2 * half : half;
    case XO_NVFP4:
        return gpu->fp4_flop_per_s > 0 ? gpu->fp4_flop_per_s : half;
    case XO_MXFP4:
        return gpu->fp4_flop_per_s > 0 ? fp8 : half;
    default:
        return half;
    }
}
