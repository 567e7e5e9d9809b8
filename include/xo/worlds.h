/* xo/worlds.h - what a sweep or a map simulates before it can visit a world: a base case, and
 * points for a surrogate of capacity.
 *
 * It comes in rounds of independent tasks, so that threads, processes or machines may share them:
 * while a round is open, run its tasks in any order and hand in their results.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_WORLDS_H
#define XO_WORLDS_H

#include "xo/study.h"

struct xo_worlds; /* of xo_sweep_worlds or xo_map_worlds */

/* Round that is open, from 0, and its tasks; 0 tasks: everything is simulated. */
int xo_worlds_round(const struct xo_worlds *worlds);
int xo_worlds_n_tasks(const struct xo_worlds *worlds);
/* How long an open task takes, in no unit: begin with the longest, so that nobody is left alone
 * with it. */
int xo_worlds_task_cost(const struct xo_worlds *worlds, int task);
/* Run one open task on the calling thread (and, in round 0, on options->n_threads of its own or on
 * options->crew): *result is what it found, as bytes for a pipe or a file of the same build of the
 * program. Tasks may run at the same time. */
XO_MUST_USE bool xo_worlds_task_run(const struct xo_worlds *worlds, int task,
                                    struct xo_bytes *result, struct xo_error *err);
/* Hand in the result of an open task, in any order, from one thread; the last one of a round fits
 * what has to be fitted and opens the next. XO_ERR_INPUT: not the result of such a task. */
XO_MUST_USE bool xo_worlds_task_put(struct xo_worlds *worlds, int task, const void *bytes, size_t n,
                                    struct xo_error *err);
/* All tasks that are left, on options->n_threads; progress runs from 0 to 0.9, for items are to
 * come. */
XO_MUST_USE bool xo_worlds_simulate(struct xo_worlds *worlds, struct xo_error *err);

#endif
