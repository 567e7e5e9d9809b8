/* fleet.c - the run: arrivals and replicas in one order of time.
 *
 * The state is a struct service: the replicas, the queue that they may share, the router's count of
 * who has how many, and what comes next: for each replica and each client at most one event in the
 * calendar, and in an open loop the next arrival, which is drawn as the one before comes.
 *
 * At one instant the ends of steps come first, then arrivals, then the starts of steps, each by
 * number; so every replica that starts a step at t sees every request that came at t, and in which
 * order the program finds events has no say.
 *
 * Invariant, between two events: every sequence is in one list - a queue, a batch, or the unused
 * ones; the router, the tally and the count of those in the system agree with the lists; a replica
 * is idle without an event and with nobody waiting, due with one now, or running with one at the
 * end of its stretch. service_check() recounts that; the oracle's tests ask for it again and again.
 *
 * A stretch is planned as if nobody came. Who comes, and is next, ends it (interrupt): the replica
 * finds the step that this instant falls in. At the boundary of two steps an arrival comes before
 * the start of the second; one that the start of another replica's step leaves in a shared queue
 * comes before the starts of higher numbers alone, and is too late for lower ones (share). Only
 * replicas that the shared queue may wake or interrupt are looked at as it changes (takers): a
 * stretch ends sooner once, or twice, and how often the queue changes meanwhile costs nothing.
 *
 * Three decisions have a file each, so that another answer has one place: which replicas there are
 * (plan.h), who is next (discipline.h), what is in a KV cache (kv_cache.h). How a request ends
 * before it is let in is fate_on_arrival's.
 *
 * Tried before: an event for each start of a step, also where nothing else happens at the instant
 * its last one ends (2.3 M requests/s, 2.5 M in one event); comparing each event with both edges of
 * the window and the deadline, where one comparison with the next of them does (edge_s); keeping
 * whoever comes, which took 4.9 GB of a fleet overrun by bursts (MOST_IN_FLIGHT).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "service.h"

#include <assert.h>
#include <math.h>

/* Requests in flight at once that are kept, 300 MB of them: who comes then is turned away. A fleet
 * gets there when it serves far fewer than come, and who comes last would have timed out. */
enum { MOST_IN_FLIGHT = 1 << 21 };

/* After a rejection a client of a closed loop waits at least so long, so that the clock moves. */
static const double rejected_gap_s = 1e-3;

static void service_fini(struct service *sv)
{
    for (int i = 0; sv->replicas != NULL && i < sv->plan.n_replicas; i++)
        replica_fini(&sv->replicas[i]);
    free(sv->replicas);
    pool_fini(&sv->pool);
    router_fini(&sv->router);
    for (int k = 0; k < N_TAKING; k++)
        number_set_fini(&sv->takers[k]);
    xo_calendar_fini(&sv->calendar);
}

static bool has_finite_misses(const struct xo_window *window, int n_classes)
{
    for (int c = 0; c < n_classes; c++)
        for (int i = 0; i < window->slo[c].n_targets; i++)
            if (window->max_misses[c][i] < INT64_MAX)
                return true;
    return false;
}

/* Put a replica where a change of the shared queue looks for it. */
static void note_taking(struct service *sv, const struct replica *r)
{
    const double queued_s = queue_since_s(&sv->shared, &sv->pool);
    const enum taking taking = replica_taking(r, &sv->rules, sv->now_s, queued_s);
    for (enum taking k = 0; k < N_TAKING; k++)
        if (k == taking && plan_takes(&sv->plan, r->number))
            number_set_add(&sv->takers[k], r->number);
        else if (number_set_has(&sv->takers[k], r->number))
            number_set_remove(&sv->takers[k], r->number);
}

/* The first requests: the next of an open loop, or one of every client. */
static void open_doors(struct service *sv)
{
    sv->next.arrival_s = INFINITY;
    if (sv->workload->n_clients == 0)
        xo_source_next(sv->source, &sv->next);
    const struct xo_window *w = sv->window;
    for (int32_t i = 0, n = sv->workload->n_clients; i < n; i++)
        xo_calendar_set(&sv->calendar, &(struct xo_event){ w->start_s + w->start_over_s * i / n,
                                                           ARRIVAL, sv->plan.n_replicas + i });
}

static bool service_init(struct service *sv, struct xo_tally *tally, struct xo_error *err)
{
    const struct xo_fleet *fleet = sv->fleet;
    sv->plan = plan_of(fleet);
    if (!router_init(&sv->router, fleet, &sv->plan, err) ||
        !xo_calendar_init(&sv->calendar, sv->plan.n_replicas + sv->workload->n_clients, err))
        return false;
    for (int k = 0; shares_queue(sv) && k < N_TAKING; k++)
        if (!number_set_init(&sv->takers[k], sv->plan.n_replicas, err))
            return false;
    sv->rules = rules_of(fleet, sv->workload);
    sv->replicas = calloc((size_t)sv->plan.n_replicas, sizeof *sv->replicas);
    if (sv->replicas == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d replicas", sv->plan.n_replicas);
    for (int i = 0; i < sv->plan.n_replicas; i++) {
        if (!replica_init(&sv->replicas[i], i, &sv->rules, err))
            return false;
        if (shares_queue(sv))
            note_taking(sv, &sv->replicas[i]);
    }
    tally->n_replicas = sv->plan.n_replicas;
    measure_init(&sv->measure, sv->window, fleet->engine.frontend_s, tally);
    sv->deadline_s = measure_deadline_s(&sv->measure, sv->workload->n_classes);
    sv->edge_s = sv->measure.from_s;
    sv->check_at = fleet->engine.self_check ? 0 : INT64_MAX;
    sv->may_give_up = has_finite_misses(sv->window, sv->workload->n_classes);
    open_doors(sv);
    return true;
}

static void schedule(struct service *sv, const struct replica *r)
{
    if (shares_queue(sv))
        note_taking(sv, r);
    if (r->state == REPLICA_IDLE)
        xo_calendar_clear(&sv->calendar, r->number);
    else if (r->state == REPLICA_DUE)
        xo_calendar_set(&sv->calendar, &(struct xo_event){ sv->now_s, STEP_START, r->number });
    else
        xo_calendar_set(&sv->calendar, &(struct xo_event){ r->end_s, STEP_END, r->number });
}

static void wake(struct service *sv, struct replica *r)
{
    r->state = REPLICA_DUE;
    schedule(sv, r);
}

/* The queue has a new head: a stretch planned without it ends early if it could join. */
static void interrupt(struct service *sv, struct replica *r, bool before_start)
{
    const struct queue *queue = shares_queue(sv) ? &sv->shared : &r->queue;
    const double queued_s = queue_since_s(queue, &sv->pool);
    if (r->state == REPLICA_RUNNING && r->running.n < sv->rules.max_batch &&
        replica_cut(r, &sv->rules, sv->now_s, queued_s, before_start))
        schedule(sv, r);
}

/* Whoever changed the queue is not among them: its step has a prompt, or preempted somebody, and is
 * a stretch of its own. */
static void interrupt_all(struct service *sv, enum taking taking, int after)
{
    const struct number_set *set = &sv->takers[taking];
    for (int i = number_set_next(set, 0); i >= 0; i = number_set_next(set, i + 1)) {
        assert(i != after);
        interrupt(sv, &sv->replicas[i], i > after);
        note_taking(sv, &sv->replicas[i]);
    }
}

/* n requests more in the shared queue and perhaps a new head: wake as many idle replicas, and
 * interrupt the others. Replica `after` starts a step at this instant: lower ones did so before,
 * higher ones will. -1: none has yet. */
static void share(struct service *sv, int64_t n, int after)
{
    for (int i; n > 0 && (i = number_set_next(&sv->takers[TAKES_AT_ONCE], 0)) >= 0; n--)
        wake(sv, &sv->replicas[i]);
    interrupt_all(sv, TAKES_WHEN_CUT, after);
    if (queue_since_s(&sv->shared, &sv->pool) == -INFINITY)
        interrupt_all(sv, TAKES_RETURNED_ONLY, after);
}

/* A request that comes now: still there, if it may come in, or how it ends at once. One that an API
 * would take is told here, when the replica that the router would pick has been asked. */
static enum xo_fate fate_on_arrival(const struct service *sv, const struct xo_request *request)
{
    if (!rules_fit(&sv->rules, request))
        return XO_FATE_REJECTED;
    return sv->measure.n_in_system < MOST_IN_FLIGHT ? XO_FATE_STILL_THERE : XO_FATE_GIVEN_UP;
}

static void send_again(struct service *sv, int32_t client, double when_s)
{
    if (client != NOBODY)
        xo_calendar_set(&sv->calendar,
                        &(struct xo_event){ when_s, ARRIVAL, sv->plan.n_replicas + client });
}

static void enqueue(struct service *sv, int32_t number)
{
    if (shares_queue(sv)) {
        queue_join(&sv->shared, &sv->pool, number);
        share(sv, 1, -1);
        return;
    }
    struct sequence *s = &sv->pool.items[number];
    s->replica = router_pick(&sv->router, s->request.id);
    router_change(&sv->router, s->replica, 1);
    struct replica *r = &sv->replicas[s->replica];
    const bool is_next = queue_join(&r->queue, &sv->pool, number);
    if (r->state == REPLICA_IDLE)
        wake(sv, r);
    else if (is_next)
        interrupt(sv, r, true);
}

/* Stop early where enough of those who wait are certain to miss: their age says so. Searched each
 * time that as many have come as wait, so that a request pays O(1). */
static void scan_for_certain_misses(struct service *sv)
{
    int64_t misses[XO_MAX_CLASSES][XO_MAX_TARGETS] = { 0 }, n = 0;
    for (int i = -1; i < sv->plan.n_replicas; i++) {
        const struct queue *queue = i < 0 ? &sv->shared : &sv->replicas[i].queue;
        n += queue_length(queue);
        for (int32_t at = queue_next(queue); at != NOBODY; at = queue_after(queue, &sv->pool, at))
            if (sv->pool.items[at].measured)
                measure_certain_misses(&sv->measure, &sv->pool.items[at], sv->now_s, misses);
    }
    sv->measure.hopeless = sv->measure.hopeless || measure_too_many(&sv->measure, misses);
    sv->arrivals_to_scan = 64 + sv->plan.n_replicas + n;
}

static bool arrive(struct service *sv, const struct xo_request *request, int32_t client,
                   struct xo_error *err)
{
    assert(request->prompt_tokens >= 1 && request->output_tokens >= 1 &&
           request->prefix_tokens >= 0 && request->prefix_tokens < request->prompt_tokens &&
           request->class_index < sv->measure.tally->n_classes);
    if (sv->window->stop != NULL && *sv->window->stop != 0)
        return xo_fail(err, XO_ERR_STOPPED, "stopped after %lld simulated requests",
                       (long long)sv->measure.tally->n_simulated);
    const bool measured = measure_arrival(&sv->measure, request);
    const enum xo_fate fate = fate_on_arrival(sv, request);
    if (fate != XO_FATE_STILL_THERE) {
        measure_turned_away(&sv->measure, request, measured, fate);
        send_again(sv, client, sv->now_s + fmax(sv->workload->client_gap_s, rejected_gap_s));
        return true;
    }
    int32_t number = NOBODY;
    if (!pool_take(&sv->pool, &number, err))
        return false;
    sequence_begin(&sv->pool.items[number], request, client, measured, sv->now_s);
    measure_enter(&sv->measure, sv->now_s);
    enqueue(sv, number);
    if (sv->may_give_up && --sv->arrivals_to_scan <= 0)
        scan_for_certain_misses(sv);
    return true;
}

static void record_departures(struct service *sv, struct list *left)
{
    for (int32_t number = left->first, next; number != NOBODY; number = next) {
        const struct sequence *s = &sv->pool.items[number];
        next = s->next;
        measure_leave(&sv->measure, s, sv->now_s);
        if (!shares_queue(sv))
            router_change(&sv->router, s->replica, -1);
        send_again(sv, s->client,
                   sv->now_s + sv->fleet->engine.frontend_s + sv->workload->client_gap_s);
        pool_give(&sv->pool, number);
    }
}

static bool start_step(struct service *sv, struct replica *r, struct xo_error *err)
{
    struct queue *queue = shares_queue(sv) ? &sv->shared : &r->queue;
    const int32_t next = queue_next(queue);
    const int64_t n = queue_length(queue);
    if (!replica_start(r, &sv->rules, &sv->pool, queue, &sv->measure, sv->now_s, err))
        return false;
    schedule(sv, r);
    if (shares_queue(sv) && queue_next(queue) != next)
        share(sv, queue_length(queue) - n, r->number);
    return true;
}

/* Where nothing else happens at this instant, the next step starts without another event. */
static bool end_step(struct service *sv, struct replica *r, struct xo_error *err)
{
    struct list left = empty_list;
    replica_end(r, &sv->rules, &sv->pool, &sv->measure, &left);
    if (sv->fleet->engine.self_check)
        replica_check(r, &sv->rules, &sv->pool);
    record_departures(sv, &left);
    if (sv->next.arrival_s > sv->now_s && xo_calendar_is_alone(&sv->calendar) &&
        !measure_is_over(&sv->measure))
        return start_step(sv, r, err);
    schedule(sv, r);
    return true;
}

static int64_t n_waiting(const struct service *sv)
{
    int64_t n = queue_length(&sv->shared);
    for (int i = 0; i < sv->plan.n_replicas; i++)
        n += queue_length(&sv->replicas[i].queue);
    return n;
}

/* The event at next_s comes at or after an edge of the window: note how many wait there, and after
 * the second whether the run is settled. */
static bool pass_edge(struct service *sv, double next_s)
{
    struct xo_tally *tally = sv->measure.tally;
    if (!sv->from_passed) {
        tally->queue_at_from = n_waiting(sv);
        sv->n_events_before = sv->n_events;
        sv->from_passed = true;
        sv->edge_s = sv->measure.to_s;
    }
    if (!sv->to_passed && next_s >= sv->measure.to_s) {
        tally->queue_at_to = n_waiting(sv);
        tally->n_events = sv->n_events - sv->n_events_before;
        sv->to_passed = true;
    }
    return next_s == INFINITY || next_s > sv->deadline_s ||
           (sv->to_passed && sv->measure.n_open == 0);
}

/* Whether the open loop's next arrival is due before the calendar's first event. */
static bool arrival_is_next(const struct service *sv, const struct xo_event *event)
{
    return event == NULL || sv->next.arrival_s < event->when_s ||
           (sv->next.arrival_s == event->when_s && event->kind > ARRIVAL);
}

static bool may_send(struct service *sv)
{
    return sv->n_sent < (sv->window->max_sends > 0 ? sv->window->max_sends : INT64_MAX);
}

/* The event, or the open loop's arrival where it is NULL. */
static bool handle_event(struct service *sv, const struct xo_event *event, struct xo_error *err)
{
    if (event == NULL) {
        const struct xo_request request = sv->next;
        sv->n_sent++;
        if (may_send(sv))
            xo_source_next(sv->source, &sv->next);
        else
            sv->next.arrival_s = INFINITY;
        return arrive(sv, &request, NOBODY, err);
    }
    if (event->kind == STEP_END)
        return end_step(sv, &sv->replicas[event->entity], err);
    if (event->kind == STEP_START)
        return start_step(sv, &sv->replicas[event->entity], err);
    const int32_t client = event->entity - sv->plan.n_replicas;
    struct xo_request request;
    xo_calendar_clear(&sv->calendar, event->entity);
    if (!may_send(sv))
        return true;
    sv->n_sent++;
    xo_source_client(sv->source, client, sv->now_s, &request);
    return arrive(sv, &request, client, err);
}

/* After every event while a hundred requests are there, and the more of them the more seldom, so
 * that an event pays no more. */
static void check_again(struct service *sv)
{
    service_check(sv);
    sv->check_at = sv->n_events + 1 + sv->measure.n_in_system / 100;
}

/* Run until the window is settled. *cut: it ended before the window did. */
static bool run(struct service *sv, bool *cut, struct xo_error *err)
{
    *cut = false;
    for (;;) {
        const struct xo_event *event = xo_calendar_peek(&sv->calendar);
        const bool arrives = arrival_is_next(sv, event);
        const double next_s = arrives ? sv->next.arrival_s : event->when_s;
        if (next_s >= sv->edge_s && pass_edge(sv, next_s))
            return true;
        assert(next_s >= sv->now_s);
        sv->now_s = next_s;
        sv->n_events++;
        if (!handle_event(sv, arrives ? NULL : event, err))
            return false;
        if (sv->n_events >= sv->check_at)
            check_again(sv);
        if (measure_is_over(&sv->measure)) {
            *cut = true;
            return true;
        }
    }
}

static void count_still_there(struct service *sv, bool cut)
{
    for (int i = -1; i < sv->plan.n_replicas; i++) {
        const struct queue *queue = i < 0 ? &sv->shared : &sv->replicas[i].queue;
        for (int32_t at = queue_next(queue); at != NOBODY; at = queue_after(queue, &sv->pool, at))
            measure_still_there(&sv->measure, &sv->pool.items[at], cut);
        int32_t at = i < 0 ? NOBODY : sv->replicas[i].running.first;
        for (; at != NOBODY; at = sv->pool.items[at].next)
            measure_still_there(&sv->measure, &sv->pool.items[at], cut);
    }
}

/* Complete the integrals, and count those who are still here. */
static void close_doors(struct service *sv, bool cut)
{
    struct measure *m = &sv->measure;
    if ((cut || !isfinite(m->to_s)) && sv->now_s < m->to_s)
        m->to_s = fmax(sv->now_s, m->from_s);
    if (!sv->to_passed) {
        m->tally->queue_at_to = n_waiting(sv);
        m->tally->n_events = sv->n_events - sv->n_events_before;
    }
    m->tally->window_s = m->to_s - m->from_s;
    m->tally->stopped_early = m->hopeless;
    measure_clock(m, m->to_s);
    for (int i = 0; i < sv->plan.n_replicas; i++)
        if (sv->replicas[i].state == REPLICA_RUNNING)
            measure_stretch_begun(m, &sv->rules, &sv->replicas[i]);
    assert(sv->now_s <= plan_change_s(&sv->plan)); /* no change went by without an event */
    assert(m->tally->busy_s <= (1 + 1e-9) * plan_paid_s(&sv->plan, m->from_s, m->to_s));
    count_still_there(sv, cut);
    if (sv->fleet->engine.self_check)
        measure_check(m, m->n_in_system, 0);
}

static bool check_window(const struct xo_window *window, struct xo_error *err)
{
    if (!isfinite(window->from_s) || !(window->to_s > window->from_s))
        return xo_fail(
            err, XO_ERR_INPUT,
            "a window from %g s to %g s has no length; its end must come after its start",
            window->from_s, window->to_s);
    if (!isfinite(window->to_s) && window->max_requests <= 0)
        return xo_fail(err, XO_ERR_INPUT,
                       "a window without an end needs max_requests, or the run would never stop");
    return true;
}

bool xo_fleet_run(const struct xo_fleet *fleet, const struct xo_workload *workload,
                  struct xo_source *source, const struct xo_window *window, struct xo_tally *tally,
                  struct xo_error *err)
{
    if (!check_window(window, err))
        return false;
    struct service sv = {
        .fleet = fleet,
        .workload = workload,
        .window = window,
        .source = source,
        .pool = { .unused = NOBODY },
        .shared.list = empty_list,
        .now_s = -INFINITY,
    };
    bool cut;
    const bool done = service_init(&sv, tally, err) && run(&sv, &cut, err);
    if (done)
        close_doors(&sv, cut);
    service_fini(&sv);
    return done;
}
