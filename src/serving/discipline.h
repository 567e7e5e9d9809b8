/* discipline.h - the discipline: who of those that wait is next, and who goes back to them when
 * blocks run out.
 *
 * There is one: first come, first served. Who joins is last; the newest of those that run is
 * preempted, and stands before all that never ran. A queue is touched by the functions below alone,
 * so that another discipline has one place. What the rest of the room relies on:
 *
 * - Who is next changes as somebody joins, is taken or returns, and never by the clock alone. So a
 *   stretch planned while the next one could not join is exact until queue_join says that somebody
 *   else is next; replica_cut ends it then. What is known beforehand to change who may join says so
 *   in queue_steps.
 * - Nobody passes the one that is next: a step admits in the order of queue_next, and stops at the
 *   first that does not fit.
 * - victim_of names one that runs, and is asked until the rest fits: one alone always does. The
 *   others stay in order of admission.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_DISCIPLINE_H
#define XO_SERVING_DISCIPLINE_H

#include "base/holds.h"
#include "sequence.h"

#include <math.h>

/* Those that wait, for one replica or for any. */
struct queue {
    struct list list; /* the next one first */
};

/* NOBODY where nobody waits. */
static inline int32_t queue_next(const struct queue *queue)
{
    return queue->list.first;
}

static inline int64_t queue_length(const struct queue *queue)
{
    return queue->list.n;
}

/* A walk through all of them begins with the next one; NOBODY behind the last. */
static inline int32_t queue_after(const struct queue *queue, const struct pool *pool,
                                  int32_t number)
{
    return number == queue->list.last ? NOBODY : pool->items[number].next;
}

/* Returns whether it is next. */
static inline bool queue_join(struct queue *queue, struct pool *pool, int32_t number)
{
    list_append(&queue->list, pool, number);
    return queue->list.first == number;
}

/* The next one leaves, into a batch. */
static inline void queue_take(struct queue *queue, struct pool *pool)
{
    list_remove(&queue->list, pool, queue->list.first);
}

/* One that was preempted comes back: it has been seen. */
static inline void queue_return(struct queue *queue, struct pool *pool, int32_t number)
{
    pool->items[number].queued_s = -INFINITY;
    list_prepend(&queue->list, pool, number);
}

/* When the next one joined; -INFINITY: it ran before, or nobody waits. */
static inline double queue_since_s(const struct queue *queue, const struct pool *pool)
{
    const int32_t next = queue_next(queue);
    return next != NOBODY ? pool->items[next].queued_s : -INFINITY;
}

/* For how many steps a batch stays as it is whoever waits, when it was chosen among those who had
 * joined by known_by_s: one, if the next one came later and may join the step after. */
static inline int64_t queue_steps(const struct queue *queue, const struct pool *pool,
                                  double known_by_s)
{
    return queue_since_s(queue, pool) > known_by_s ? 1 : INT64_MAX;
}

/* Who of a replica's running sequences, in order of admission, goes back to the queue. */
static inline int32_t victim_of(const struct list *running)
{
    return running->last;
}

/* Assert that who ran before stands before who did not, and these in the order in which they
 * joined. */
static inline void queue_check(const struct queue *queue, const struct pool *pool)
{
    double queued_s = -INFINITY;
    list_check(&queue->list, pool);
    for (int32_t at = queue_next(queue); at != NOBODY; at = queue_after(queue, pool, at)) {
        const struct sequence *s = &pool->items[at];
        HOLDS(!s->decoding && s->queued_s >= queued_s);
        HOLDS((s->queued_s == -INFINITY) == (s->n_preemptions > 0));
        queued_s = s->queued_s;
    }
}

#endif
