/* router.c - random, round robin, least outstanding, the better of two.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "router.h"
#include "base/holds.h"

#include <stdlib.h>

/* Of two neighbours in the tournament the one with the smaller load, or the lower number. */
static int32_t better(const struct router *router, int at)
{
    const int32_t left = router->best[at], right = router->best[at + 1];
    return router->load[right] < router->load[left] ? right : left;
}

bool router_init(struct router *router, const struct xo_fleet *fleet, const struct fleet_plan *plan,
                 struct xo_error *err)
{
    int n_leaves = 1;
    while (n_leaves < plan->n_replicas)
        n_leaves *= 2;
    *router = (struct router){
        .kind = fleet->router,
        .n = plan->n_replicas,
        .stream = { fleet->seed, fleet->replication, XO_PURPOSE_ROUTER },
        .load = calloc((size_t)n_leaves, sizeof *router->load),
        .n_leaves = n_leaves,
        .best = calloc(2 * (size_t)n_leaves, sizeof *router->best),
    };
    if (router->load == NULL || router->best == NULL) {
        router_fini(router);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a router of %d replicas",
                       plan->n_replicas);
    }
    for (int i = 0; i < n_leaves; i++) {
        router->load[i] = plan_takes(plan, i) ? 0 : INT32_MAX;
        router->best[n_leaves + i] = i;
    }
    for (int i = n_leaves - 1; i >= 1; i--)
        router->best[i] = better(router, 2 * i);
    return true;
}

void router_fini(struct router *router)
{
    free(router->load);
    free(router->best);
    *router = (struct router){ 0 };
}

/* The better of two different replicas drawn at random (Mitzenmacher 2001). */
static int pick_of_two(const struct router *router, int64_t id)
{
    double u[2];
    xo_uniform2(&router->stream, (uint64_t)id, 0, u);
    const int x = (int)(u[0] * router->n), other = (int)(u[1] * (router->n - 1));
    const int y = other < x ? other : other + 1;
    if (router->load[x] != router->load[y])
        return router->load[x] < router->load[y] ? x : y;
    return x < y ? x : y;
}

int router_pick(struct router *router, int64_t id)
{
    if (router->n == 1)
        return 0;
    switch (router->kind) {
    case XO_ROUTE_RANDOM:
        return (int)(xo_uniform(&router->stream, (uint64_t)id, 0) * router->n);
    case XO_ROUTE_ROUND_ROBIN:
        router->next = router->next % router->n + 1;
        return router->next - 1;
    case XO_ROUTE_POWER_OF_TWO:
        return pick_of_two(router, id);
    case XO_ROUTE_LEAST_OUTSTANDING:
    case XO_ROUTE_SHARED_QUEUE:
    case XO_N_ROUTERS:
        break;
    }
    return router->best[1];
}

void router_change(struct router *router, int replica, int change)
{
    router->load[replica] += change;
    if (router->kind != XO_ROUTE_LEAST_OUTSTANDING)
        return;
    for (int i = (router->n_leaves + replica) / 2; i >= 1; i /= 2)
        router->best[i] = better(router, 2 * i);
}

void router_check(const struct router *router, int replica, int64_t n)
{
    HOLDS(router->load[replica] == n);
    if (router->kind != XO_ROUTE_LEAST_OUTSTANDING)
        return;
    for (int i = (router->n_leaves + replica) / 2; i >= 1; i /= 2)
        HOLDS(router->best[i] == better(router, 2 * i));
}
