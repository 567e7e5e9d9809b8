/* service.h - a run as it stands between two events.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_SERVICE_H
#define XO_SERVING_SERVICE_H

#include "measure.h"
#include "number_set.h"
#include "plan.h"
#include "replica.h"
#include "router.h"
#include "xo/des.h"

enum event_kind { STEP_END, ARRIVAL, STEP_START }; /* a change of the plan would be the second */

struct service {
    const struct xo_fleet *fleet; /* borrowed, as all of this paragraph */
    const struct xo_workload *workload;
    const struct xo_window *window;
    struct xo_source *source;

    struct rules rules;
    struct fleet_plan plan;
    struct pool pool;
    struct replica *replicas; /* [n_replicas] owned */
    struct router router;
    struct queue shared;                /* the queue of XO_ROUTE_SHARED_QUEUE */
    struct number_set takers[N_TAKING]; /* which replicas take from it, and how */
    struct xo_calendar calendar;        /* entities: replicas, then clients */
    struct xo_request next;             /* open loop: the arrival to come */
    int64_t n_sent;                     /* arrivals so far */
    double now_s;

    struct measure measure;
    double edge_s;     /* the next time at which the run has something to note or to ask */
    double deadline_s; /* nobody is waited for beyond it */
    bool from_passed, to_passed;
    int64_t n_events, n_events_before; /* n_events_before: those before the window */
    bool may_give_up;                  /* some max_misses is finite */
    int64_t arrivals_to_scan; /* so many more before the queues are searched for certain misses */
    int64_t check_at;         /* with this event everything is recounted; INT64_MAX: never */
};

static inline bool shares_queue(const struct service *sv)
{
    return sv->fleet->router == XO_ROUTE_SHARED_QUEUE;
}

/* Between two events: recount who is where, and assert that the replicas, the router, the calendar
 * and the tally say the same. O(requests in the fleet and replicas). */
void service_check(const struct service *sv);

#endif
