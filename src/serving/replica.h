/* replica.h - one replica: its batch, its KV cache, and the steps it takes.
 *
 * A replica alternates between `start` (choose the batch, plan a stretch of equal steps) and `end`
 * (those steps are done: tokens out, sequences leave). Nothing here looks at single sequences while
 * they decode: sequence q reads base_tokens(q) + s tokens in step s, so sums and a heap of finish
 * steps say everything. A long prompt that takes one whole chunk after another is a stretch too.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_REPLICA_H
#define XO_SERVING_REPLICA_H

#include "discipline.h"
#include "key_heap.h"
#include "kv_cache.h"

struct measure;

enum replica_state {
    REPLICA_IDLE,
    REPLICA_DUE, /* a step starts at this instant */
    REPLICA_RUNNING
};

/* What the next one of a shared queue does to a replica. */
enum taking {
    TAKES_AT_ONCE,       /* it is idle: the next one wakes it */
    TAKES_WHEN_CUT,      /* it runs: the next one may end its stretch sooner */
    TAKES_RETURNED_ONLY, /* the stretch has one step more than the present one, which was chosen
                            ahead: only a next one that ran before ends it sooner */
    TAKES_AT_END,        /* nothing: it has no room, its stretch ends as soon as it can, or it is
                            due at this instant */
    N_TAKING = TAKES_AT_END
};

struct replica {
    int number;
    enum replica_state state;
    struct queue queue; /* its own; empty where the fleet shares one */

    struct list running;        /* in order of admission: decoding ones, then at most one partial */
    int32_t first_prompt;       /* the first of `running` with a prompt chunk in this step */
    int32_t partial;            /* the one whose prompt is not done; always the newest */
    int n_decode;               /* B */
    int64_t step;               /* steps taken */
    int64_t base_tokens;        /* K = base_tokens + n_decode * step */
    int n_below;                /* decoding sequences shorter than the attention window */
    int64_t below_tokens;       /* sum of their base_tokens */
    struct key_heap finishes;   /* decoding sequences by the step before which they leave */
    struct key_heap milestones; /* by the step in which they reach the window, or stop growing */
    struct kv_cache kv;

    bool changed;         /* the batch is not the one that `line` was drawn for */
    double anchor_s;      /* when the present batch began: step n of it starts at
                             anchor + n*first + slope*n*(n-1)/2 */
    struct xo_batch work; /* of its step 0; work.repeated_tokens > 0: one prompt takes as many in
                             each step of the line, and nobody else can join */
    struct xo_step line;
    int64_t n_limit; /* steps that the line holds for */
    int64_t n_done;  /* steps done when the present stretch began */
    int64_t n_plan;  /* steps done when it ends */
    double start_s, end_s;
    double summed_s; /* oracle: the steps since anchor_s, added one by one */
};

XO_MUST_USE bool replica_init(struct replica *r, int number, const struct rules *rules,
                              struct xo_error *err);
void replica_fini(struct replica *r);

/* Choose the batch of the step that starts now, taking from `queue`, and plan the steps up to the
 * next moment that can change it: state is then RUNNING and end_s that moment, or IDLE. Fails only
 * with XO_ERR_MEMORY. */
XO_MUST_USE bool replica_start(struct replica *r, const struct rules *rules, struct pool *pool,
                               struct queue *queue, struct measure *measure, double now_s,
                               struct xo_error *err);
/* The planned steps are done: it is end_s. Sequences that got their last token move to `left`. */
void replica_end(struct replica *r, const struct rules *rules, struct pool *pool,
                 struct measure *measure, struct list *left);
/* The queue has a new head at now_s, which joined it at queued_s: end the stretch with the step
 * that now_s falls in; when now_s is the boundary of two steps, with the earlier one if
 * `before_start`, else the later; and one step later where the batch after it was chosen before
 * queued_s. Returns whether end_s changed. */
bool replica_cut(struct replica *r, const struct rules *rules, double now_s, double queued_s,
                 bool before_start);
/* What the next one, who joined the shared queue at queued_s, does to a replica at now_s: no more
 * for as long as its stretch is not planned anew and nobody returns to the queue. */
enum taking replica_taking(const struct replica *r, const struct rules *rules, double now_s,
                           double queued_s);

/* Between two stretches: recount from the sequences what the scalars and heaps say, and assert that
 * it is the same. O(running sequences). */
void replica_check(const struct replica *r, const struct rules *rules, const struct pool *pool);

/* Seconds from anchor_s to the start of step n. */
static inline double replica_elapsed_s(const struct replica *r, int64_t n)
{
    const double x = (double)n;
    return x * r->line.first_s + r->line.slope_s * (0.5 * x * (x - 1));
}
static inline double replica_time_s(const struct replica *r, int64_t n)
{
    return r->anchor_s + replica_elapsed_s(r, n);
}

#endif
