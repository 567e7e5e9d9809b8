/* plain_deployment.h - a deployment of vLLM's defaults on one GPU, 16 bits throughout, for tests
 * that say in which GPU, model and constants theirs differs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TESTS_PLAIN_DEPLOYMENT_H
#define XO_TESTS_PLAIN_DEPLOYMENT_H

#include "xo/hardware.h"

static inline struct xo_deployment plain_deployment(const struct xo_gpu *gpu,
                                                    const struct xo_model *model)
{
    return (struct xo_deployment){ .gpu = *gpu,
                                   .model = *model,
                                   .engine = XO_ENGINE_VLLM,
                                   .weights = XO_BF16,
                                   .kv = XO_BF16,
                                   .tensor_parallel = 1,
                                   .expert_parallel = 1,
                                   .pipeline_parallel = 1,
                                   .attention_dp = 1,
                                   .memory_frac = 0.9,
                                   .chunk_tokens = 2048,
                                   .max_batch = 256,
                                   .efficiency = xo_efficiency_default(XO_ENGINE_VLLM) };
}

#endif
