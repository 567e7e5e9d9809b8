/* kv_cache.h - the KV cache of a replica: what of a prompt is there already, what running sequences
 * hold, and for how many steps there is room.
 *
 * The shared prefixes of all classes are pinned from the start. Of a sequence that leaves nothing
 * stays. What a preempted one has computed may stay (rules.keeps_preempted): its blocks are free,
 * and stand behind those that were free before, its last one first; whoever needs a block takes the
 * one that has been free for longest (free_blocks of vllm/v1/core/block_pool.py). So they are there
 * until others have taken as many bytes as were free before, and go from its end with what is taken
 * after that. What a preempted one takes back counts as taken too, for none that was preempted
 * before it has anything left: one is preempted only as the last free block goes. What the rest of
 * the room relies on:
 *
 * - kv_present_tokens is asked as a sequence may be admitted, between two stretches. What it says
 *   stays there until kv_give; what of it the sequence holds itself is kv_own_bytes' to say.
 *   What is left of a preempted one only gets less, as fast as what is free does, so that it cannot
 *   become able to start within a stretch.
 * - Whoever runs has room before what nobody uses: kv_free_bytes counts unused blocks as free, and
 *   no prompt waits for them to go.
 * - Within a stretch the KV in use only grows, by growth_bytes. So kv_steps, the steps until
 *   somebody has to be preempted, is exact; and what has to make room may go all at once as the
 *   stretch ends (kv_pass), for nobody looks at it before, unless somebody waits. With
 *   XO_ADMIT_CHUNK the next one needs room for what is there and a chunk, which is less where less
 *   is there: kv_steps has to end the stretch with the step in which something goes.
 * - Who looks in the middle of a stretch does it by kv_walk, as the edges of the window do. A
 *   router that asks what is there lets go first of what the steps until then have displaced.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_KV_CACHE_H
#define XO_SERVING_KV_CACHE_H

#include "rules.h"
#include "sequence.h"

#include <assert.h>

struct kv_cache {
    int64_t used_bytes;    /* held by running sequences, without what the next step's decodes add */
    int64_t given_bytes;   /* let go of so far */
    int64_t *growth_bytes; /* [block_tokens] owned: the next step adds growth_bytes[growth_at], the
                              one after it the entry below, and so round and round */
    int64_t cycle_bytes;   /* their sum: added in any block_tokens steps */
    int32_t growth_at;
};

XO_MUST_USE bool kv_init(struct kv_cache *kv, const struct rules *rules, struct xo_error *err);
void kv_fini(struct kv_cache *kv);

/* Tokens of a prompt that are in the cache before it starts: they are not computed. */
static inline int32_t kv_present_tokens(const struct xo_request *request)
{
    return request->prefix_tokens;
}

/* What a sequence with so many tokens in the cache holds itself: all but the blocks that were there
 * in full. */
static inline int64_t kv_own_bytes(const struct rules *rules, const struct sequence *s,
                                   int64_t tokens)
{
    return rules_bytes(rules, tokens, s->present_tokens);
}

/* With so many tokens in the cache it would hold one block more than its windowed layers keep. */
static inline int64_t kv_full_window_tokens(const struct rules *rules, const struct sequence *s)
{
    const int64_t n = rules->kv.block_tokens;
    return (s->present_tokens / n + rules->kv.window_blocks) * n + 1;
}

/* What a sequence may take. */
static inline int64_t kv_free_bytes(const struct kv_cache *kv, const struct rules *rules)
{
    return rules->room_bytes - kv->used_bytes;
}

/* A sequence starts, or takes its next chunk. */
static inline void kv_take(struct kv_cache *kv, int64_t bytes)
{
    kv->used_bytes += bytes;
}

/* A sequence of so many tokens has no use for them any more. */
static inline void kv_give(struct kv_cache *kv, const struct rules *rules, const struct sequence *s,
                           int64_t tokens)
{
    const int64_t bytes = kv_own_bytes(rules, s, tokens);
    kv->used_bytes -= bytes;
    kv->given_bytes += bytes;
}

/* Bytes of all blocks that were ever taken. */
static inline int64_t kv_taken(const struct kv_cache *kv)
{
    return kv->used_bytes + kv->given_bytes;
}

/* A sequence is preempted that holds blocks for `held` tokens and has computed some of them. */
static inline void kv_leave(struct kv_cache *kv, const struct rules *rules, struct sequence *s,
                            int64_t held, int64_t computed)
{
    const int64_t spare = kv_own_bytes(rules, s, held) - kv_own_bytes(rules, s, computed);
    s->left_until_bytes = kv_taken(kv) + kv_free_bytes(kv, rules) + spare;
    s->left_tokens = computed;
    kv_give(kv, rules, s, held);
}

/* Tokens of a preempted sequence whose KV is still there once the next step's decodes have their
 * blocks: whole blocks. */
int64_t kv_left_tokens(const struct kv_cache *kv, const struct rules *rules,
                       const struct sequence *s);
/* What the next step's decodes add. */
static inline int64_t kv_next_bytes(const struct kv_cache *kv)
{
    return kv->growth_bytes[kv->growth_at];
}

/* Where in growth_bytes a decoding sequence belongs that has `tokens` in the cache: in `tokens` mod
 * block steps' place above the next step's, for it writes the first token of a block when tokens is
 * a multiple. */
static inline int32_t kv_growth_index(const struct kv_cache *kv, const struct rules *rules,
                                      int64_t tokens)
{
    const uint32_t block = (uint32_t)rules->kv.block_tokens;
    const uint32_t index = (uint32_t)kv->growth_at + (uint32_t)tokens % block;
    return (int32_t)(index < block ? index : index - block);
}

/* One more takes `bytes` whenever the step of `index` comes; one less where they are negative. */
static inline void kv_grow(struct kv_cache *kv, int32_t index, int64_t bytes)
{
    kv->growth_bytes[index] += bytes;
    kv->cycle_bytes += bytes;
}

/* How many of the next n steps find room: often all of them do, by far. */
int64_t kv_count_steps(const struct kv_cache *kv, const struct rules *rules, int64_t n);
static inline int64_t kv_steps(const struct kv_cache *kv, const struct rules *rules, int64_t n)
{
    const double block = rules->kv.block_tokens, free_bytes = (double)kv_free_bytes(kv, rules);
    const bool by_far = (double)kv->cycle_bytes * ((double)n + block) < 0.999 * free_bytes * block;
    return by_far ? n : kv_count_steps(kv, rules, n);
}
/* n steps are done that added grown_bytes. */
static inline void kv_pass(struct kv_cache *kv, const struct rules *rules, int64_t n,
                           int64_t grown_bytes)
{
    const uint32_t block = (uint32_t)rules->kv.block_tokens;
    kv->used_bytes += grown_bytes;
    assert(kv->used_bytes <= rules->room_bytes);
    kv->growth_at = kv_growth_index(kv, rules, block - (uint32_t)n % block);
}

/* A walk through the steps of a stretch, one by one: used_bytes during the step. */
struct kv_walk {
    int64_t used_bytes;
    int32_t at;
};
static inline struct kv_walk kv_walk_of(const struct kv_cache *kv)
{
    return (struct kv_walk){ kv->used_bytes, kv->growth_at };
}
static inline void kv_walk_on(struct kv_walk *walk, const struct kv_cache *kv,
                              const struct rules *rules)
{
    walk->used_bytes += kv->growth_bytes[walk->at];
    walk->at = walk->at > 0 ? walk->at - 1 : rules->kv.block_tokens - 1;
}

/* What the next n steps add, and bytes held times seconds over them: the first lasts first_s, each
 * other slope_s longer than the one before. Step by step, or in closed form where they are many. */
struct kv_held {
    int64_t grown_bytes;
    double byte_s;
};
struct kv_held kv_hold_cycles(const struct kv_cache *kv, const struct rules *rules, int64_t n,
                              double first_s, double slope_s);
static inline struct kv_held kv_stretch(const struct kv_cache *kv, const struct rules *rules,
                                        int64_t n, double first_s, double slope_s)
{
    if (n > rules->kv.block_tokens)
        return kv_hold_cycles(kv, rules, n, first_s, slope_s);
    struct kv_walk walk = kv_walk_of(kv);
    double byte_s = 0, step_s = first_s;
    for (int64_t i = 0; i < n; i++) {
        kv_walk_on(&walk, kv, rules);
        byte_s += (double)walk.used_bytes * step_s;
        step_s += slope_s;
    }
    return (struct kv_held){ walk.used_bytes - kv->used_bytes, byte_s };
}

/* Assert that its sums agree with each other and with the room. */
void kv_check(const struct kv_cache *kv, const struct rules *rules);

#endif
