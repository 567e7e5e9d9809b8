/* xo/des.h - the events still to come, in a total order.
 *
 * Events run by (time, kind, entity), never by the order in which they were scheduled, so that a
 * history does not depend on how the program found it. At one instant kinds run in rising number.
 * This room knows seconds and small integers; it has never heard of a token or a dollar.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_DES_H
#define XO_DES_H

#include "xo/error.h"
#include <stddef.h>
#include <stdint.h>

struct xo_event {
    double when_s;
    int32_t kind;
    int32_t entity; /* who it happens to; one pending event at most per (kind, entity) is not
                       required */
    uint64_t stamp; /* the caller's: an event whose stamp is out of date is dropped by the caller */
};

/* A binary heap of events. */
struct xo_calendar {
    struct xo_event *events; /* [n] of [room], owned */
    size_t n, room;
};
void xo_calendar_init(struct xo_calendar *c);
void xo_calendar_fini(struct xo_calendar *c);
XO_MUST_USE bool xo_calendar_add(struct xo_calendar *c, const struct xo_event *event,
                                 struct xo_error *err);
/* The earliest event; NULL when there is none. Valid until the next call. O(1). */
const struct xo_event *xo_calendar_peek(const struct xo_calendar *c);
void xo_calendar_pop(struct xo_calendar *c); /* O(log n); asserts that there is one */

#endif
