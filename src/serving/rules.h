/* rules.h - what the replicas of one run have in common, and how many bytes tokens take.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_RULES_H
#define XO_SERVING_RULES_H

#include "xo/serving.h"

struct rules {
    const struct xo_step_model *step;
    const struct xo_work_rates *rates;
    struct xo_kv_room kv;
    enum xo_kv_admission admission;
    bool fast_forward, schedule_ahead, keeps_preempted;
    int max_batch;
    int64_t chunk_tokens;
    int64_t prefix_bytes; /* shared prefixes, resident in each replica */
    int64_t room_bytes;   /* what is left for sequences */
    int64_t spare_bytes;  /* XO_ADMIT_PROMPT leaves so much free */
    int64_t max_tokens;   /* of a request, prompt and output together */
};
struct rules rules_of(const struct xo_fleet *fleet, const struct xo_workload *workload);

/* Whether a replica can hold a request beside the prefixes, whatever else is in its cache by then,
 * and the model takes so many tokens. Others are rejected on arrival. */
bool rules_fit(const struct rules *rules, const struct xo_request *request);

/* Is what a preempted sequence computed of use as long as its blocks are there? Not where it has a
 * state, or a window: the window's blocks are its last ones, and the first to be taken. */
static inline bool rules_keep_preempted(const struct rules *rules)
{
    return rules->keeps_preempted && rules->kv.state_bytes == 0 &&
           rules->kv.window_block_bytes == 0;
}

/* KV bytes of a sequence that has `tokens` in the cache, the first shared_tokens of them not its
 * own, and of its state in the linear-attention layers. tokens is below 2^32: a prompt and an
 * output. */
static inline int64_t kv_bytes(const struct xo_kv_room *kv, int64_t tokens, int64_t shared_tokens)
{
    const uint32_t size = (uint32_t)kv->block_tokens;
    int64_t blocks = tokens > 0 ? (uint32_t)(tokens - 1) / size + 1 : 0;
    const int64_t state = blocks > 0 ? kv->state_bytes : 0;
    if (shared_tokens > 0)
        blocks -= (uint32_t)shared_tokens / size;
    if (kv->window_block_bytes == 0)
        return blocks * kv->full_block_bytes + state;
    const int64_t held = blocks < kv->window_blocks ? blocks : kv->window_blocks;
    return blocks * kv->full_block_bytes + held * kv->window_block_bytes + state;
}
static inline int64_t rules_bytes(const struct rules *rules, int64_t tokens, int64_t shared_tokens)
{
    return kv_bytes(&rules->kv, tokens, shared_tokens);
}

#endif
