/* key_heap.h - a binary min-heap of 64-bit keys: (step, sequence) packed into one number, so that
 * a comparison is one instruction and ties have an order.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_KEY_HEAP_H
#define XO_SERVING_KEY_HEAP_H

#include "base/holds.h"
#include "xo/memory.h"
#include <stdint.h>
#include <stdlib.h>

struct key_heap {
    uint64_t *keys; /* [n] of [room], owned */
    size_t n, room;
};

static inline void key_heap_fini(struct key_heap *h)
{
    free(h->keys);
}

/* Make room, so that pushes up to n keys cannot fail. */
static inline bool key_heap_reserve(struct key_heap *h, size_t n, struct xo_error *err)
{
    return n <= h->room || xo_array_reserve((void **)&h->keys, &h->room, n, sizeof *h->keys, err);
}

static inline void key_heap_rise(struct key_heap *h, size_t at, uint64_t key)
{
    for (; at > 0 && key < h->keys[(at - 1) / 2]; at = (at - 1) / 2)
        h->keys[at] = h->keys[(at - 1) / 2];
    h->keys[at] = key;
}

static inline void key_heap_push(struct key_heap *h, uint64_t key)
{
    key_heap_rise(h, h->n++, key);
}

/* Take out the key at `at`: sink the hole to a leaf, then let the last key rise from there. */
static inline void key_heap_remove(struct key_heap *h, size_t at)
{
    const uint64_t last = h->keys[--h->n];
    if (at == h->n)
        return;
    for (size_t child; (child = 2 * at + 1) < h->n; at = child) {
        child += child + 1 < h->n && h->keys[child + 1] < h->keys[child];
        h->keys[at] = h->keys[child];
    }
    key_heap_rise(h, at, last);
}

static inline void key_heap_pop(struct key_heap *h)
{
    key_heap_remove(h, 0);
}

/* Take out a key if it is there. O(n): for the rare preemption. */
static inline void key_heap_forget(struct key_heap *h, uint64_t key)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->keys[i] == key) {
            key_heap_remove(h, i);
            return;
        }
}

/* Assert that no key is smaller than the one above it. */
static inline void key_heap_check(const struct key_heap *h)
{
    HOLDS(h->n <= h->room);
    for (size_t i = 1; i < h->n; i++)
        HOLDS(h->keys[(i - 1) / 2] <= h->keys[i]);
}

#endif
