/* sequence.h - a request on its way through the fleet, the pool that holds all of them, and lists.
 *
 * A sequence is in exactly one list at a time: a queue, the running list of a replica, or the ones
 * that just left. Lists are linked through the sequences, so nothing is allocated on the way.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_SEQUENCE_H
#define XO_SERVING_SEQUENCE_H

#include "base/holds.h"
#include "xo/memory.h"
#include "xo/workload.h"

#include <math.h>
#include <stdlib.h>

enum { NOBODY = -1, MAX_SEQUENCES = 1 << 28 };

struct sequence {
    struct xo_request request;
    int32_t client; /* closed loop: who sent it; NOBODY otherwise */
    int32_t next, previous;

    int32_t replica;
    int32_t n_preemptions;
    int32_t present_tokens; /* of its prompt, in the replica's cache when it was last admitted: not
                               computed */
    int64_t goal_tokens;    /* to prefill: the prompt, and what was emitted before a preemption */
    int64_t done_tokens;    /* of them in the cache, present_tokens included */
    int64_t emitted_tokens;
    int64_t left_tokens;      /* computed when it was preempted; 0: it never was */
    int64_t left_until_bytes; /* kv_taken() from which on others take their blocks */
    int64_t base_tokens;  /* decoding: its context in step s of the replica is base_tokens + s */
    int32_t growth_index; /* decoding: where in growth_bytes its blocks are */
    bool decoding, below_window, window_grows;
    bool measured;

    double queued_s; /* when it joined the queue; -INFINITY once it has been in a batch */
    double admitted_s, first_token_s, last_token_s;
};

/* A request joins the fleet. Field by field, but for its place in a list: zeroing the whole struct
 * first takes 3 % of a request's time. */
static inline void sequence_begin(struct sequence *s, const struct xo_request *request,
                                  int32_t client, bool measured, double now_s)
{
    s->request = *request;
    s->client = client;
    s->replica = NOBODY;
    s->n_preemptions = 0;
    s->goal_tokens = request->prompt_tokens;
    s->present_tokens = 0;
    s->done_tokens = s->emitted_tokens = s->left_tokens = 0;
    s->left_until_bytes = s->base_tokens = 0;
    s->growth_index = 0;
    s->decoding = s->below_window = s->window_grows = false;
    s->measured = measured;
    s->queued_s = now_s;
    s->admitted_s = s->first_token_s = s->last_token_s = NAN;
}

/* Sequences by number. Numbers stay, addresses move when the pool grows. */
struct pool {
    struct sequence *items; /* [room] owned */
    size_t n, room;
    int32_t unused; /* head of the list of free ones */
};

static inline void pool_fini(struct pool *pool)
{
    free(pool->items);
}

/* A sequence that the caller fills in. Fails with XO_ERR_MEMORY. */
static inline bool pool_take(struct pool *pool, int32_t *number, struct xo_error *err)
{
    if (pool->unused != NOBODY) {
        *number = pool->unused;
        pool->unused = pool->items[*number].next;
        return true;
    }
    if (pool->n >= MAX_SEQUENCES)
        return xo_fail(err, XO_ERR_MEMORY,
                       "more than %d requests in flight; the fleet is far too small for them",
                       MAX_SEQUENCES);
    if (!xo_array_reserve((void **)&pool->items, &pool->room, pool->n + 1, sizeof *pool->items,
                          err))
        return false;
    *number = (int32_t)pool->n++;
    return true;
}

static inline void pool_give(struct pool *pool, int32_t number)
{
    pool->items[number].next = pool->unused;
    pool->unused = number;
}

struct list {
    int32_t first, last;
    int64_t n;
};
static const struct list empty_list = { NOBODY, NOBODY, 0 };

static inline void list_append(struct list *list, struct pool *pool, int32_t number)
{
    struct sequence *s = &pool->items[number];
    s->next = NOBODY;
    s->previous = list->last;
    if (list->last == NOBODY)
        list->first = number;
    else
        pool->items[list->last].next = number;
    list->last = number;
    list->n++;
}

static inline void list_prepend(struct list *list, struct pool *pool, int32_t number)
{
    struct sequence *s = &pool->items[number];
    s->next = list->first;
    s->previous = NOBODY;
    if (list->first == NOBODY)
        list->last = number;
    else
        pool->items[list->first].previous = number;
    list->first = number;
    list->n++;
}

static inline void list_remove(struct list *list, struct pool *pool, int32_t number)
{
    const struct sequence *s = &pool->items[number];
    if (s->previous == NOBODY)
        list->first = s->next;
    else
        pool->items[s->previous].next = s->next;
    if (s->next == NOBODY)
        list->last = s->previous;
    else
        pool->items[s->next].previous = s->previous;
    list->n--;
}

/* Assert that it has n members, linked both ways. */
static inline void list_check(const struct list *list, const struct pool *pool)
{
    int32_t previous = NOBODY;
    int64_t n = 0;
    for (int32_t at = list->first; at != NOBODY; at = pool->items[at].next) {
        HOLDS(at >= 0 && (size_t)at < pool->n && pool->items[at].previous == previous);
        previous = at;
        n++;
        HOLDS(n <= list->n);
    }
    HOLDS(n == list->n && list->last == previous);
}

#endif
