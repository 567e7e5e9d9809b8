/* xo/doubt.h - what is not known: how inputs are sampled, and what is simulated before worlds that
 * differ in them can be visited.
 *
 * Simulations come in rounds of independent tasks, so that threads, processes or machines may share
 * them: while a round is open, run its tasks in any order and hand in their results.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_DOUBT_H
#define XO_DOUBT_H

#include "xo/stats.h"
#include "xo/ways.h"

/* ---- how inputs are sampled ---- */

enum { XO_SWEEP_MAX_INPUTS = XO_MAX_UNCERTAIN + 2, XO_SWEEP_NOTE_SIZE = 400 };
struct xo_sweep_settings {
    int64_t n_samples; /* rows at most: model runs, not base points */
    enum xo_sampling sampling;
    enum xo_indices indices;
    double precision_frac; /* stop when the 95 % interval of the median crossover is +- this narrow
                              (where the median lies outside the range: that of P(build wins), +-
                              this much); 0: never */
    bool without_step_error; /* leave the model error of the step time out: for tests */
};

/* ---- what an input reaches, and what it does ---- */

enum xo_reach {
    XO_REACH_MONEY,      /* bills alone; simulations are reused */
    XO_REACH_EXACT,      /* capacity follows by arithmetic: retries, volume of memoryless traffic */
    XO_REACH_STEP,       /* the step time's model error, by the measured exponent of capacity */
    XO_REACH_SIMULATION, /* through the surrogate */
    XO_N_REACHES
};
struct xo_sweep_indices { /* NAN where there are none; interval of `total` NAN with given data */
    struct xo_interval first, total;
};
struct xo_surrogate_report { /* of one build option */
    int option;
    int n_searches; /* capacities simulated for it: design, held out, repeated seeds */
    int n_design, n_held_out, n_infeasible; /* points */
    double held_out_rms, held_out_worst; /* of log capacity against full simulations; NAN: none */
    double shared_sd; /* of log capacity, of what the surrogate is off by in all samples alike: from
                         the mean error on points held out and its standard error; 0: no points */
    double simulation_sd; /* of log capacity under other seeds, 3 at least; NAN: not needed */
    bool precise;         /* held_out_rms <= 3 % */
};

enum { XO_MAX_SURROGATES = 4 * XO_MAX_OPTIONS };

/* ---- worlds ---- */

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
