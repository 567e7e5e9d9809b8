/* trust.c - which deployments the constants have seen, and how far off they are on others.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/hardware.h"
#include "xo/table.h"

#include <stdio.h>
#include <string.h>

/* Errors of deployments by what was held back from the fit, of dense models and of models with
 * experts: a model (of the latter the whole kind of it), a generation or family of GPUs, both;
 * docs/validation.md, "What a step time is worth", says how they were measured
 * (tests/crossval.c, tests/calibration.c). */
#define CALIBRATED                                                                                 \
    {                                                                                              \
        "calibrated", 0.035, 0.054, 0.041, 45, "fitted to its own benchmark"                       \
    }
#define AMD                                                                                        \
    { "AMD CDNA4", 0.15, 0.35, 0.234, 1, "one run of this generation of AMD was measured" },       \
        { "AMD CDNA2", 0.20, 0.50, 0.316, 15, "measured on AMD with software of 2024 alone" },     \
    {                                                                                              \
        "AMD CDNA3", 0.56, 0.92, 0.509, 24, "runs on this generation of AMD differ widely"         \
    }
#define NO_DATA                                                                                    \
    {                                                                                              \
        "no data", 0.65, 1.6, 0.745, 0, "nothing like this GPU was measured"                       \
    }
const struct xo_step_error xo_step_errors[] = {
    CALIBRATED,
    { "in range", 0.046, 0.103, 0.077, 88, "GPU, model and engine were measured" },
    { "new model", 0.054, 0.103, 0.077, 88, "GPU and engine were measured, this model was not" },
    { "new GPU", 0.087, 0.169, 0.122, 88, "this engine was not measured on this GPU" },
    { "new GPU and model", 0.087, 0.169, 0.122, 88, "neither GPU nor model was measured" },
    AMD,
    NO_DATA,
};
XO_TABLE_OF(xo_step_errors, XO_N_STEP_CLASSES);
const struct xo_step_error xo_step_errors_of_experts[] = {
    CALIBRATED,
    { "in range", 0.092, 0.230, 0.162, 69, "GPU, model and engine were measured" },
    { "new model", 0.101, 0.271, 0.187, 69, "GPU and engine were measured, this model was not" },
    { "new GPU", 0.106, 0.271, 0.187, 69, "this engine was not measured on this GPU" },
    { "new GPU and model", 0.106, 0.271, 0.187, 69, "neither GPU nor model was measured" },
    AMD,
    NO_DATA,
};
XO_TABLE_OF(xo_step_errors_of_experts, XO_N_STEP_CLASSES);

const struct xo_step_error *xo_step_error_of(const struct xo_deployment *d,
                                             enum xo_step_class step_class)
{
    return d->model.experts > 0 ? &xo_step_errors_of_experts[step_class]
                                : &xo_step_errors[step_class];
}

/* GPUs of the fit, by the start of their catalog name. */
static const char *const gpus[] = { "a100-", "h100-sxm", "b200-", "gb200", "rtx-pro-6000" };

/* Models of the fit with ten rows or more, by what their dimensions share. */
static const struct {
    int layers, hidden, experts;
} models[] = {
    { 32, 4096, 0 },   /* llama-2-7b, llama-3-8b, mistral-7b */
    { 80, 8192, 0 },   /* llama-2-70b, llama-3-70b */
    { 126, 16384, 0 }, /* llama-3.1-405b */
    { 61, 7168, 256 }, /* deepseek-v3, -r1 */
    { 78, 6144, 256 }, /* glm-5 */
    { 24, 2880, 32 },  /* gpt-oss-20b */
    { 48, 5120, 16 },  /* llama-4-scout */
    { 62, 3072, 256 }, /* minimax-m2.5 */
    { 94, 4096, 128 }, /* qwen3-235b-a22b */
    { 48, 2048, 128 }, /* qwen3-30b-a3b */
    { 60, 4096, 512 }, /* qwen3.5-397b-a17b */
};

/* Engines of the fit by generation. */
static bool engine_was_seen(enum xo_engine_family engine, enum xo_gpu_generation generation)
{
    static const bool seen[XO_N_ENGINES][XO_N_GENERATIONS] = {
        [XO_ENGINE_VLLM] = { [XO_GEN_AMPERE] = true,
                             [XO_GEN_HOPPER] = true,
                             [XO_GEN_BLACKWELL] = true },
        [XO_ENGINE_SGLANG] = { [XO_GEN_BLACKWELL] = true },
        [XO_ENGINE_TRTLLM] = { [XO_GEN_AMPERE] = true,
                               [XO_GEN_HOPPER] = true,
                               [XO_GEN_BLACKWELL] = true },
    };
    return seen[engine][generation];
}

static bool gpu_was_seen(const struct xo_gpu *gpu)
{
    for (size_t i = 0; i < sizeof gpus / sizeof *gpus; i++)
        if (strncmp(gpu->name, gpus[i], strlen(gpus[i])) == 0)
            return true;
    return false;
}

static bool model_was_seen(const struct xo_model *m)
{
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (m->layers == models[i].layers && m->hidden == models[i].hidden &&
            m->experts == models[i].experts)
            return true;
    return false;
}

/* From XO_GEN_CDNA2 on: GPUs that are not NVIDIA's. */
static const enum xo_step_class of_others[] = { XO_STEP_CDNA2, XO_STEP_CDNA3, XO_STEP_CDNA4,
                                                XO_STEP_NO_DATA };
XO_TABLE_OF(of_others, XO_N_GENERATIONS - XO_GEN_CDNA2);

bool xo_gpu_make_was_fitted(const struct xo_gpu *gpu)
{
    return gpu->generation < XO_GEN_CDNA2;
}

enum xo_step_class xo_step_class_of(const struct xo_deployment *d)
{
    const enum xo_gpu_generation g = d->gpu.generation;
    if (!xo_gpu_make_was_fitted(&d->gpu))
        return of_others[g - XO_GEN_CDNA2];
    const bool gpu = gpu_was_seen(&d->gpu) && engine_was_seen(d->engine, g);
    const bool model = model_was_seen(&d->model);
    return gpu && model ? XO_STEP_IN_RANGE
           : gpu        ? XO_STEP_NEW_MODEL
           : model      ? XO_STEP_NEW_GPU
                        : XO_STEP_NEW_BOTH;
}

const char *const xo_engine_names[] = { "vllm", "sglang", "trtllm", NULL };
XO_NAMES_OF(xo_engine_names, XO_N_ENGINES);

const char *xo_engine_name(enum xo_engine_family engine)
{
    return xo_engine_names[engine];
}

const char *xo_deployment_label(const struct xo_deployment *d, char *out, size_t size)
{
    snprintf(out, size, "%s %s on %d x %s %s", d->model.name, xo_dtype_name(d->weights),
             xo_deployment_gpus(d), d->gpu.name, xo_engine_name(d->engine));
    return out;
}
