/* kv_cache.c - blocks that decoding sequences take, summed by the step in which they take them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kv_cache.h"
#include "base/holds.h"

#include <stdlib.h>

bool kv_init(struct kv_cache *kv, const struct rules *rules, struct xo_error *err)
{
    const int32_t n = rules->kv.block_tokens;
    *kv = (struct kv_cache){ .growth_bytes = calloc((size_t)n, sizeof *kv->growth_bytes) };
    return kv->growth_bytes != NULL ||
           xo_fail(err, XO_ERR_MEMORY, "out of memory for blocks of %d tokens", n);
}

void kv_fini(struct kv_cache *kv)
{
    free(kv->growth_bytes);
}

int64_t kv_left_tokens(const struct kv_cache *kv, const struct rules *rules,
                       const struct sequence *s)
{
    const int64_t size = rules->kv.block_tokens, each = rules->kv.full_block_bytes;
    const int64_t taken = kv_taken(kv) + kv_next_bytes(kv) - s->left_until_bytes;
    int64_t blocks = s->left_tokens / size;
    if (!rules_keep_preempted(rules))
        return 0;
    if (taken > 0) {
        const int64_t held = (s->left_tokens + size - 1) / size;
        const int64_t lost = each > 0 ? (taken + each - 1) / each : held;
        if (lost >= held)
            return 0;
        blocks = held - lost < blocks ? held - lost : blocks;
    }
    return blocks * size;
}

int64_t kv_count_steps(const struct kv_cache *kv, const struct rules *rules, int64_t n)
{
    const int64_t block = rules->kv.block_tokens, free_bytes = kv_free_bytes(kv, rules);
    const int64_t cycles = kv->cycle_bytes > 0 ? free_bytes / kv->cycle_bytes : n;
    if (cycles >= n / block + 1)
        return n;
    int64_t steps = cycles * block;
    struct kv_walk walk = kv_walk_of(kv);
    walk.used_bytes += cycles * kv->cycle_bytes;
    for (kv_walk_on(&walk, kv, rules); steps < n && walk.used_bytes <= rules->room_bytes; steps++)
        kv_walk_on(&walk, kv, rules);
    return steps;
}

/* Blocks that steps j, j + block, ... add are held from then on: M of them each, for
 * M*E(n) - sum of E(j + m*block), where E(k) = k*first + slope*k(k-1)/2. */
struct kv_held kv_hold_cycles(const struct kv_cache *kv, const struct rules *rules, int64_t n,
                              double first_s, double slope_s)
{
    const int64_t block = rules->kv.block_tokens;
    const double linear = first_s - 0.5 * slope_s, square = 0.5 * slope_s;
    const double whole_s = linear * (double)n + square * (double)n * (double)n;
    const double b = (double)block;
    struct kv_held held = { 0, (double)kv->used_bytes * whole_s };
    struct kv_walk walk = kv_walk_of(kv);
    for (int64_t j = 0; j < block; j++) {
        const int64_t times = (n - 1 - j) / block + 1, each = kv->growth_bytes[walk.at];
        const double m = (double)times, k = (double)j, pairs = 0.5 * m * (m - 1);
        const double sum_k = m * k + b * pairs;
        const double sum_k2 = m * k * k + 2 * k * b * pairs + b * b * pairs * (2 * m - 1) / 3;
        held.byte_s += (double)each * (m * whole_s - linear * sum_k - square * sum_k2);
        held.grown_bytes += times * each;
        kv_walk_on(&walk, kv, rules);
    }
    return held;
}

void kv_check(const struct kv_cache *kv, const struct rules *rules)
{
    int64_t cycle_bytes = 0;
    for (int32_t i = 0; i < rules->kv.block_tokens; i++) {
        HOLDS(kv->growth_bytes[i] >= 0);
        cycle_bytes += kv->growth_bytes[i];
    }
    HOLDS(cycle_bytes == kv->cycle_bytes);
    HOLDS(kv->used_bytes >= 0 && kv->used_bytes <= rules->room_bytes);
    HOLDS(kv->growth_at >= 0 && kv->growth_at < rules->kv.block_tokens);
}
