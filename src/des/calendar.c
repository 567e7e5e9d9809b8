/* calendar.c - an indexed binary heap of events.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/holds.h"
#include "xo/des.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

bool xo_calendar_init(struct xo_calendar *c, int32_t n_entities, struct xo_error *err)
{
    assert(n_entities > 0);
    *c = (struct xo_calendar){ .n_entities = n_entities };
    c->events = calloc((size_t)n_entities, sizeof *c->events);
    c->place = calloc((size_t)n_entities, sizeof *c->place);
    if (c->events == NULL || c->place == NULL) {
        xo_calendar_fini(c);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for the events of %d entities",
                       n_entities);
    }
    for (int32_t i = 0; i < n_entities; i++)
        c->place[i] = -1;
    return true;
}

void xo_calendar_fini(struct xo_calendar *c)
{
    free(c->events);
    free(c->place);
    *c = (struct xo_calendar){ 0 };
}

static bool earlier(const struct xo_event *x, const struct xo_event *y)
{
    if (x->when_s != y->when_s)
        return x->when_s < y->when_s;
    if (x->kind != y->kind)
        return x->kind < y->kind;
    return x->entity < y->entity;
}

static void put(struct xo_calendar *c, int32_t at, const struct xo_event *event)
{
    c->events[at] = *event;
    c->place[event->entity] = at;
}

/* Give the hole at `at` to an event. Where that does not belong higher up, the hole sinks to the
 * bottom and the event rises from there: who comes in place of the earliest is mostly among the
 * last, and so a level takes one comparison, not two. The event comes field by field, for a load of
 * two that were stored one by one has to wait until both have left the processor. */
static void settle(struct xo_calendar *c, int32_t at, double when_s, int32_t kind, int32_t entity)
{
    const struct xo_event event = { when_s, kind, entity };
    if (at == 0 || !earlier(&event, &c->events[(at - 1) / 2]))
        for (int32_t child; (child = 2 * at + 1) < c->n; at = child) {
            child += child + 1 < c->n && earlier(&c->events[child + 1], &c->events[child]);
            put(c, at, &c->events[child]);
        }
    for (; at > 0 && earlier(&event, &c->events[(at - 1) / 2]); at = (at - 1) / 2)
        put(c, at, &c->events[(at - 1) / 2]);
    put(c, at, &event);
}

void xo_calendar_set(struct xo_calendar *c, const struct xo_event *event)
{
    assert(event->entity >= 0 && event->entity < c->n_entities && !isnan(event->when_s));
    int32_t at = c->place[event->entity];
    settle(c, at >= 0 ? at : c->n++, event->when_s, event->kind, event->entity);
}

void xo_calendar_clear(struct xo_calendar *c, int32_t entity)
{
    assert(entity >= 0 && entity < c->n_entities);
    const int32_t at = c->place[entity];
    if (at < 0)
        return;
    c->place[entity] = -1;
    const struct xo_event last = c->events[--c->n];
    if (at < c->n)
        settle(c, at, last.when_s, last.kind, last.entity);
}

const struct xo_event *xo_calendar_peek(const struct xo_calendar *c)
{
    return c->n > 0 ? &c->events[0] : NULL;
}

bool xo_calendar_is_alone(const struct xo_calendar *c)
{
    assert(c->n > 0);
    const double first_s = c->events[0].when_s;
    return (c->n < 2 || c->events[1].when_s > first_s) &&
           (c->n < 3 || c->events[2].when_s > first_s);
}

void xo_calendar_check(const struct xo_calendar *c)
{
    int32_t n = 0;
    for (int32_t i = 0; i < c->n_entities; i++)
        n += c->place[i] >= 0;
    HOLDS(n == c->n);
    for (int32_t at = 0; at < c->n; at++) {
        HOLDS(c->place[c->events[at].entity] == at);
        HOLDS(at == 0 || !earlier(&c->events[at], &c->events[(at - 1) / 2]));
    }
}
