/* xo/des.h - the events still to come, in a total order.
 *
 * Each entity (a replica, a client) has at most one event to come. Events run by (time, kind,
 * entity), never by the order in which they were scheduled, so that a history does not depend on
 * how the program found it. At one instant kinds run in rising number, then entities.
 * This room knows seconds and small integers; it has never heard of a token or a dollar.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_DES_H
#define XO_DES_H

#include "xo/error.h"
#include <stdint.h>

struct xo_event {
    double when_s;
    int32_t kind;
    int32_t entity; /* who it happens to */
};

/* A binary heap of events that knows where each entity's event is, so that it can be moved. */
struct xo_calendar {
    struct xo_event *events; /* [n] of [n_entities], owned */
    int32_t *place;          /* [n_entities] owned: index into events; -1: nothing to come */
    int32_t n, n_entities;
};
/* Entities 0..n_entities-1, none with an event. Fails with XO_ERR_MEMORY. */
XO_MUST_USE bool xo_calendar_init(struct xo_calendar *c, int32_t n_entities, struct xo_error *err);
void xo_calendar_fini(struct xo_calendar *c);

/* The event of event->entity is now this one, in place of the one it had, if any. when_s is not
 * NAN. O(log n). */
void xo_calendar_set(struct xo_calendar *c, const struct xo_event *event);
/* The entity has nothing to come. O(log n). */
void xo_calendar_clear(struct xo_calendar *c, int32_t entity);
/* The earliest event; NULL when there is none. Valid until the next set or clear. O(1). */
const struct xo_event *xo_calendar_peek(const struct xo_calendar *c);
/* Whether no other event comes at the time of the earliest. There is one. O(1). */
bool xo_calendar_is_alone(const struct xo_calendar *c);
/* Assert that no event is earlier than the one above it, and that each is where its entity says.
 * O(n): for tests. */
void xo_calendar_check(const struct xo_calendar *c);

#endif
