/* router.h - which replica gets the next request.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_ROUTER_H
#define XO_SERVING_ROUTER_H

#include "plan.h"
#include "xo/random.h"

struct router {
    enum xo_router kind;
    int n; /* replicas to draw among */
    struct xo_stream stream;

    int next;      /* round robin */
    int32_t *load; /* [n_leaves] owned: requests waiting or running; INT32_MAX: takes none */
    int n_leaves;  /* a power of two */
    int32_t *best; /* [2 * n_leaves] owned: tournament; best[1] has the smallest load */
};
XO_MUST_USE bool router_init(struct router *router, const struct xo_fleet *fleet,
                             const struct fleet_plan *plan, struct xo_error *err);
void router_fini(struct router *router);

/* The replica for request `id`; not for a shared queue. */
int router_pick(struct router *router, int64_t id);
/* A replica has `change` (1 or -1) requests more. */
void router_change(struct router *router, int replica, int change);

/* Assert that a replica has n requests, and that the tournament knows. O(log n_leaves). */
void router_check(const struct router *router, int replica, int64_t n);

#endif
