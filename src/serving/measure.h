/* measure.h - what is counted while a fleet runs: requests as they leave, stretches as they end.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_MEASURE_H
#define XO_SERVING_MEASURE_H

#include "replica.h"

struct measure {
    const struct xo_window *window; /* borrowed */
    struct xo_tally *tally;         /* borrowed */
    double from_s, to_s;            /* to_s moves back when a run ends early */
    double frontend_s;
    double timeout_s[XO_MAX_CLASSES]; /* INFINITY where there is none */

    int64_t n_open;      /* measured requests that have not left */
    int64_t n_in_system; /* all requests that have not left */
    double counted_to_s; /* in_system_integral_s is complete up to here */

    int64_t n_left, most_left; /* measured requests that left, and that may */
    bool hopeless;             /* a max_misses was passed */
};
void measure_init(struct measure *m, const struct xo_window *window, double frontend_s,
                  struct xo_tally *tally);
/* The last moment at which a run may still wait for a measured request (see xo/serving.h). */
double measure_deadline_s(const struct measure *m, int n_classes);

/* Whether the run is over before its window is: hopeless, or max_requests have left. */
static inline bool measure_is_over(const struct measure *m)
{
    return m->hopeless || m->n_left >= m->most_left;
}

/* A request came; measured says whether it counts. */
bool measure_arrival(struct measure *m, const struct xo_request *request);
/* It is gone again: rejected, since it could never fit; or given up, since the fleet has no room
 * for one more that waits, and it will have timed out. */
void measure_turned_away(struct measure *m, const struct xo_request *request, bool measured,
                         enum xo_fate fate);
/* It is in the system now, or has left it. */
void measure_enter(struct measure *m, double now_s);
void measure_leave(struct measure *m, const struct sequence *s, double now_s);
/* The run ends and it is still here: past every wait, or cut off before anybody knows. */
void measure_still_there(struct measure *m, const struct sequence *s, bool cut_off);
/* Misses that are certain for a waiting request, added to misses[class][target]. */
void measure_certain_misses(const struct measure *m, const struct sequence *s, double now_s,
                            int64_t misses[XO_MAX_CLASSES][XO_MAX_TARGETS]);
/* Whether the misses so far and these more are too many for any target. */
bool measure_too_many(const struct measure *m, int64_t misses[XO_MAX_CLASSES][XO_MAX_TARGETS]);

void measure_gap(struct measure *m, double from_s, double to_s); /* over a preemption */
void measure_preemption(struct measure *m, double now_s);
/* One that was preempted comes back, and computes so many of its tokens again. */
void measure_recomputed(struct measure *m, double now_s, int64_t tokens);
/* The steps n_done .. n_plan - 1 of a replica, and the KV over them. */
void measure_stretch(struct measure *m, const struct rules *rules, const struct replica *r,
                     struct kv_held held);
/* The same for a stretch that is still going on when the run ends. */
void measure_stretch_begun(struct measure *m, const struct rules *rules, const struct replica *r);

/* Assert that of the n_in_system requests that are somewhere n_open are measured, and that each
 * measured one that came is one of those or has its fate. */
void measure_check(const struct measure *m, int64_t n_in_system, int64_t n_open);
/* Complete in_system_integral_s. */
void measure_clock(struct measure *m, double now_s);

#endif
