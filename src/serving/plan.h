/* plan.h - the fleet plan: which replicas there are, and when.
 *
 * There is one: the fixed plan. Replicas 0 .. n_replicas - 1 take requests from before a run until
 * after it, and all of that time is paid for. Another plan (replicas that start, drain, fail) gives
 * its answers in the functions below. What the rest of the room relies on:
 *
 * - n_replicas are as many as are ever there at once; a number is one replica for the whole run.
 * - plan_takes is asked where requests are given to replicas: by the router, and for who may take
 *   from a shared queue. It says nothing of work that a replica has already.
 * - The answers change at plan_change_s and at no other time. A plan that changes is an event of
 * its own kind and entity, after the ends of steps and before the arrivals of that instant, so that
 *   everything up to it is as it would have been, and who comes then meets the new fleet. Looking
 *   ends no stretch; who is changed has its stretch cut, as by an arrival.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_PLAN_H
#define XO_SERVING_PLAN_H

#include "xo/serving.h"

#include <assert.h>
#include <math.h>

struct fleet_plan {
    int n_replicas;
};

static inline struct fleet_plan plan_of(const struct xo_fleet *fleet)
{
    assert(fleet->n_replicas >= 1 && fleet->n_replicas <= 1 << 24);
    return (struct fleet_plan){ .n_replicas = fleet->n_replicas };
}

/* Whether a replica may be given a request. */
static inline bool plan_takes(const struct fleet_plan *plan, int replica)
{
    return replica < plan->n_replicas;
}

/* When the next of these answers is another one. */
static inline double plan_change_s(const struct fleet_plan *plan)
{
    (void)plan;
    return INFINITY;
}

/* Replica-seconds that are paid for from one time to another: nobody works in others. */
static inline double plan_paid_s(const struct fleet_plan *plan, double from_s, double to_s)
{
    return plan->n_replicas * (to_s - from_s);
}

#endif
