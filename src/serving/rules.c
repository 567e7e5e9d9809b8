/* rules.c - from an engine and a workload to the rules of a run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules.h"

#include <assert.h>

/* Windowed layers that keep no window keep no block of one. */
static struct xo_kv_room usable_kv(const struct xo_kv_room *room)
{
    struct xo_kv_room kv = *room;
    if (kv.window_blocks == 0)
        kv.window_block_bytes = 0;
    return kv;
}

/* Every shared prefix, resident in each replica. */
static int64_t prefix_bytes(const struct xo_kv_room *kv, const struct xo_workload *workload)
{
    int64_t bytes = 0;
    for (int i = 0; i < workload->n_classes; i++)
        bytes += kv_bytes(kv, workload->classes[i].shared_prefix_tokens, 0);
    return bytes;
}

/* A request is on one attention rank, and has no more room than that. */
static int64_t of_a_rank(const struct xo_kv_room *kv, int64_t bytes)
{
    return kv->n_ranks > 1 ? bytes / kv->n_ranks : bytes;
}

int32_t xo_longest_request(const struct xo_kv_room *room, const struct xo_engine *engine,
                           const struct xo_workload *workload, int class_index, bool *by_context)
{
    const struct xo_kv_room kv = usable_kv(room);
    const int64_t room_bytes = of_a_rank(&kv, kv.room_bytes - prefix_bytes(&kv, workload));
    const int64_t prefix = workload->classes[class_index].shared_prefix_tokens;
    const int64_t context = engine->max_context_tokens > 0 ? engine->max_context_tokens : INT32_MAX;
    int64_t fits = 0, beyond = context + 1; /* tokens of a request; all but the last are cached */
    while (beyond - fits > 1) {
        const int64_t middle = fits + (beyond - fits) / 2;
        if (middle > prefix && kv_bytes(&kv, middle - 1, prefix) > room_bytes)
            beyond = middle;
        else
            fits = middle;
    }
    *by_context = fits == context && context < INT32_MAX;
    return fits > prefix + 1 ? (int32_t)fits : 0; /* the prefix, a token more, and one of output */
}

struct rules rules_of(const struct xo_fleet *fleet, const struct xo_workload *workload)
{
    const struct xo_engine *engine = &fleet->engine;
    assert(engine->chunk_tokens >= 1 && engine->max_batch >= 1 && fleet->kv.block_tokens >= 1 &&
           fleet->kv.full_block_bytes >= 0 && fleet->kv.window_block_bytes >= 0 &&
           fleet->kv.state_bytes >= 0);
    struct rules rules = {
        .step = fleet->step,
        .rates = xo_step_work_rates(fleet->step),
        .admission = engine->admission,
        .fast_forward = engine->fast_forward,
        .schedule_ahead = engine->schedule_ahead,
        .keeps_preempted = engine->keeps_preempted,
        .max_batch = engine->chunk_tokens < engine->max_batch ? (int)engine->chunk_tokens
                                                              : engine->max_batch,
        .chunk_tokens = engine->chunk_tokens,
        .max_tokens = engine->max_context_tokens > 0 ? engine->max_context_tokens : INT64_MAX,
    };
    if (fleet->kv.most_sequences > 0 && fleet->kv.most_sequences < rules.max_batch)
        rules.max_batch = (int)fleet->kv.most_sequences;
    rules.kv = usable_kv(&fleet->kv);
    rules.prefix_bytes = prefix_bytes(&rules.kv, workload);
    rules.room_bytes = fleet->kv.room_bytes - rules.prefix_bytes;
    if (fleet->kv.full_block_bytes > 0)
        rules.spare_bytes =
            fleet->kv.room_bytes / fleet->kv.full_block_bytes / 100 * fleet->kv.full_block_bytes;
    return rules;
}

bool rules_fit(const struct rules *rules, const struct xo_request *request)
{
    const int64_t tokens = (int64_t)request->prompt_tokens + request->output_tokens;
    return tokens <= rules->max_tokens && rules_bytes(rules, tokens - 1, request->prefix_tokens) <=
                                              of_a_rank(&rules->kv, rules->room_bytes);
}
