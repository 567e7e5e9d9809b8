/* kv_tokens.c - a KV room in tokens, as engines print it when they start, and back.
 *
 * vLLM's "GPU KV cache size: N tokens" is of one engine core, which is one rank of data parallelism
 * ("Per-DP-engine KV cache capacity in tokens", CacheConfig in vllm/config/cache.py): how many
 * requests of the longest that it serves the pool holds, times their length
 * (get_kv_cache_capacity in vllm/v1/core/kv_cache_utils.py). Where all layers see the whole context
 * that is blocks times 16 whatever the length; windowed layers and states take less of a long
 * request, so that N grows with it. Here the longest is the model's context. SGLang's
 * "max_total_num_tokens" is of one rank too, and has its states in a pool of their own.
 * Left out: a --max-model-len below the model's context, and older versions of vLLM, which print
 * blocks by kinds of layers times 16 of hybrid models: less.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard.h"

#include <math.h>

/* The longest request, of which N is made: a block where the model says no context. */
static double longest(const struct xo_deployment *d, const struct xo_kv_room *room)
{
    return fmax(d->model.max_context_tokens, room->block_tokens);
}

double xo_kv_room_tokens(const struct xo_deployment *d, const struct xo_kv_room *room)
{
    const double tokens = longest(d, room), bytes = xo_kv_sequence_bytes(room, tokens);
    return (double)room->room_bytes / d->attention_dp * tokens / bytes;
}

double xo_kv_room_bytes(const struct xo_deployment *d, const struct xo_kv_room *room,
                        double room_tokens)
{
    const double tokens = longest(d, room), bytes = xo_kv_sequence_bytes(room, tokens);
    return nearbyint(room_tokens * d->attention_dp * bytes / tokens);
}
