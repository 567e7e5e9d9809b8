/* service_check.c - every request is in one place, and whoever counts requests counts as many.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/holds.h"
#include "service.h"

struct count {
    int64_t n, n_measured;
};

static void count_one(struct count *count, const struct sequence *s)
{
    count->n++;
    count->n_measured += s->measured;
}

/* Those who wait at a replica, or at none of them (NOBODY) where they share a queue. */
static void count_queue(const struct service *sv, const struct queue *queue, int32_t replica,
                        struct count *count)
{
    queue_check(queue, &sv->pool);
    for (int32_t at = queue_next(queue); at != NOBODY; at = queue_after(queue, &sv->pool, at)) {
        HOLDS(replica == NOBODY || sv->pool.items[at].replica == replica);
        count_one(count, &sv->pool.items[at]);
    }
}

/* What comes next for a replica is in the calendar, and nobody waits at an idle one. */
static void check_state(const struct service *sv, const struct replica *r)
{
    const int32_t place = sv->calendar.place[r->number];
    const struct xo_event *event = place < 0 ? NULL : &sv->calendar.events[place];
    switch (r->state) {
    case REPLICA_IDLE:
        HOLDS(event == NULL && r->running.n == 0 && queue_next(&r->queue) == NOBODY);
        break;
    case REPLICA_DUE:
        HOLDS(event != NULL && event->kind == STEP_START && event->when_s == sv->now_s);
        break;
    case REPLICA_RUNNING:
        HOLDS(event != NULL && event->kind == STEP_END && event->when_s == r->end_s);
        HOLDS(r->running.n > 0 && r->start_s <= sv->now_s && r->end_s >= sv->now_s);
        break;
    }
}

/* Whether a change of the shared queue at this instant would end a stretch sooner. */
static bool would_cut(const struct service *sv, const struct replica *r, double queued_s)
{
    struct replica copy = *r;
    return r->state == REPLICA_RUNNING && r->running.n < sv->rules.max_batch &&
           replica_cut(&copy, &sv->rules, sv->now_s, queued_s, true);
}

/* A replica is in one set of those who take from the shared queue, or in none; and one that is not
 * looked at need not be. */
static void check_taking(const struct service *sv, const struct replica *r)
{
    enum taking found = N_TAKING;
    for (enum taking k = 0; k < N_TAKING; k++)
        if (number_set_has(&sv->takers[k], r->number)) {
            HOLDS(found == N_TAKING);
            found = k;
        }
    HOLDS((found == TAKES_AT_ONCE) == (r->state == REPLICA_IDLE));
    HOLDS(found == TAKES_AT_END || r->state != REPLICA_DUE);
    HOLDS(found != TAKES_RETURNED_ONLY || !would_cut(sv, r, queue_since_s(&sv->shared, &sv->pool)));
    HOLDS(found != TAKES_AT_END || !would_cut(sv, r, -INFINITY));
}

static void count_replica(const struct service *sv, const struct replica *r, struct count *count)
{
    const int64_t before = count->n;
    check_state(sv, r);
    if (shares_queue(sv))
        check_taking(sv, r);
    count_queue(sv, &r->queue, r->number, count);
    list_check(&r->running, &sv->pool);
    for (int32_t at = r->running.first; at != NOBODY; at = sv->pool.items[at].next) {
        HOLDS(sv->pool.items[at].replica == r->number);
        count_one(count, &sv->pool.items[at]);
    }
    router_check(&sv->router, r->number, shares_queue(sv) ? 0 : count->n - before);
}

void service_check(const struct service *sv)
{
    struct count count = { 0 };
    count_queue(sv, &sv->shared, NOBODY, &count);
    for (int i = 0; i < sv->plan.n_replicas; i++)
        count_replica(sv, &sv->replicas[i], &count);
    measure_check(&sv->measure, count.n, count.n_measured);
    for (int32_t at = sv->pool.unused; at != NOBODY; at = sv->pool.items[at].next)
        count.n++;
    HOLDS((size_t)count.n == sv->pool.n);
    xo_calendar_check(&sv->calendar);
    for (int k = 0; shares_queue(sv) && k < N_TAKING; k++)
        number_set_check(&sv->takers[k]);
    HOLDS(sv->now_s <= plan_change_s(&sv->plan));
}
