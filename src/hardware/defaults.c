/* defaults.c - what an engine works with that was told nothing: tokens and sequences of a step.
 *
 * One table by engine and GPU, the first row that matches counts; scenarios and `data validate`
 * take what nobody typed from it. What the engines do (docs/model.md, "Step time and KV capacity",
 * has the memory fractions beside it):
 *   vLLM, as an API server: EngineArgs.get_batch_defaults in vllm/engine/arg_utils.py, since V1; it
 *   asks for 70 GiB and for "a100" in the name, of which an A800 is taken to be one, and TPUs have
 *   tokens of their own there. CUDA and ROCm are not told apart.
 *   SGLang: ServerArgs._handle_gpu_memory_settings in srt/server_args.py by memory alone. It sets
 *   no number of sequences; ModelRunner._resolve_max_num_reqs (model_executor/
 *   model_runner_kv_cache_mixin.py) takes 512 for each context that the KV pool holds, 2,048 to
 *   4,096. The least is taken here: a batch of that size is bound by the pool, not by its number.
 *   Its cuda_graph_max_bs limits no batch: larger ones run without a graph.
 *   TensorRT-LLM: max_batch_size and max_num_tokens of tensorrt_llm/llmapi/llm_args.py, by no GPU.
 * The type of the KV cache is the engine's too (xo_engine_kv).
 * Left out: vLLM as a library (LLM class: 16,384 and 8,192 tokens), and its cut to the model's
 * context times the sequences, which no GPU of the catalog meets.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard.h"

#include <string.h>

enum { ANY = -1 };
static const struct {
    enum xo_engine_family engine;
    const char *gpu; /* how its name begins; NULL: any */
    int generation;  /* or ANY */
    double from_gib; /* of memory */
    struct xo_engine_defaults own;
} rows[] = {
    { XO_ENGINE_VLLM, "tpu-v6e", ANY, 0, { 1024, 256, "vLLM's own on a TPU v6e" } },
    { XO_ENGINE_VLLM, "tpu-v5e", ANY, 0, { 512, 256, "vLLM's own on a TPU v5e" } },
    { XO_ENGINE_VLLM, NULL, XO_GEN_AMPERE, 70, { 2048, 256, "vLLM's own on an A100" } },
    { XO_ENGINE_VLLM, NULL, ANY, 70, { 8192, 1024, "vLLM's own from 70 GiB on" } },
    { XO_ENGINE_VLLM, NULL, ANY, 0, { 2048, 256, "vLLM's own below 70 GiB" } },
    { XO_ENGINE_SGLANG, NULL, ANY, 160, { 16384, 2048, "SGLang's own from 160 GiB on" } },
    { XO_ENGINE_SGLANG, NULL, ANY, 60, { 8192, 2048, "SGLang's own from 60 GiB on" } },
    { XO_ENGINE_SGLANG, NULL, ANY, 35, { 4096, 2048, "SGLang's own from 35 GiB on" } },
    { XO_ENGINE_SGLANG, NULL, ANY, 0, { 2048, 2048, "SGLang's own below 35 GiB" } },
    { XO_ENGINE_TRTLLM, NULL, ANY, 0, { 8192, 2048, "TensorRT-LLM's own" } },
};

const struct xo_engine_defaults *xo_engine_defaults(enum xo_engine_family engine,
                                                    const struct xo_gpu *gpu)
{
    static const double gib = 1 << 30;
    size_t i = 0;
    while (rows[i].engine != engine || gpu->memory_bytes < rows[i].from_gib * gib ||
           (rows[i].generation != ANY && rows[i].generation != (int)gpu->generation) ||
           (rows[i].gpu != NULL && strncmp(gpu->name, rows[i].gpu, strlen(rows[i].gpu)) != 0))
        i++; /* each engine has a row for any GPU */
    return &rows[i].own;
}

/* Does the engine keep entries of compressed attention (DeepSeek-V4) in 8 bits? vLLM lays them out
 * so on Hopper (FlashMLA) and on Blackwell without NVLink (SM120), where `auto` means fp8_ds_mla,
 * but keeps 16 bits on SM100 (vllm pull requests 55134 and 54233). SGLang has pools in fp8 alone
 * (sglang pull request 37138). Elsewhere it is DeepSeek's own format too, where there is fp8. */
static bool compresses_in_fp8(enum xo_engine_family engine, const struct xo_gpu *gpu)
{
    const bool sm100 = gpu->generation == XO_GEN_BLACKWELL && gpu->link_is_switched;
    const bool no_fp8 = gpu->generation == XO_GEN_TURING || gpu->generation == XO_GEN_VOLTA ||
                        gpu->generation == XO_GEN_CDNA2;
    return !no_fp8 && !(engine == XO_ENGINE_VLLM && sm100);
}

enum xo_dtype xo_engine_kv(enum xo_engine_family engine, const struct xo_gpu *gpu,
                           const struct xo_model *model, enum xo_dtype weights)
{
    const bool small = weights == XO_FP8 || weights == XO_NVFP4 || weights == XO_MXFP4;
    const bool no_bf16 = gpu->generation == XO_GEN_TURING || gpu->generation == XO_GEN_VOLTA;
    if (engine == XO_ENGINE_TRTLLM && small)
        return XO_FP8;
    if (xo_model_is_compressed(model) && compresses_in_fp8(engine, gpu))
        return XO_FP8;
    return no_bf16 || weights == XO_FP16 ? XO_FP16 : XO_BF16;
}
