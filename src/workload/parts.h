/* parts.h - what a source of requests is made of: gaps, the integrated rate, lengths, a trace.
 *
 * Each part is one file. None of them is seen outside this room.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SRC_WORKLOAD_PARTS_H
#define XO_SRC_WORKLOAD_PARTS_H

#include "xo/clock.h"
#include "xo/workload.h"

static const double xo_week_s = XO_HOUR_S * XO_HOURS_PER_WEEK;

/* An open loop draws for so many requests at once, which takes 0.6 of the time of one by one. A
 * draw has an address: when it is made changes nothing. */
enum { XO_AHEAD = 32 };

/* ---- renewal.c: arrival times in unit time ---- */

struct xo_renewal {
    struct xo_stream stream;
    struct xo_dist gap; /* mean 1; owned */

    double unit_time;      /* of the latest arrival */
    int64_t n_arrived;     /* gap i is a draw of entity i / 2 */
    double gaps[XO_AHEAD]; /* gap i at i % XO_AHEAD, drawn with its neighbours */
};
XO_MUST_USE bool xo_renewal_init(struct xo_renewal *r, const struct xo_arrivals *arrivals,
                                 const struct xo_stream *stream, struct xo_error *err);
void xo_renewal_fini(struct xo_renewal *r);
double xo_renewal_next(struct xo_renewal *r); /* the next arrival, in unit time */

/* ---- profile.c: the shape of the week ---- */

/* Why this profile cannot be used, if so. */
XO_MUST_USE bool xo_profile_check(const struct xo_profile *profile, struct xo_error *err);

/* The week as stretches of constant rate, mean 1: stretch i begins at from_s[i] and has rate[i];
 * from_s[n] is the end of the week. Hours, spikes, and 64 stretches to the time constant of a
 * decay, each with the exact mean of the exponential over it. */
struct xo_week {
    size_t n;
    double *from_s, *rate; /* [n + 1], [n] owned */
};
/* profile NULL: one stretch of rate 1. */
XO_MUST_USE bool xo_week_init(struct xo_week *week, const struct xo_profile *profile,
                              struct xo_error *err);
void xo_week_fini(struct xo_week *week);

/* ---- rate.c: unit time to clock time ---- */

/* Lambda(t), walked forwards: the integral of requests_per_s * profile * bursts from start_s. */
struct xo_rate {
    struct xo_week week; /* owned */
    double requests_per_s;
    double high_rate, low_rate; /* of the bursts; mean 1 */
    double high_s, low_s;       /* mean stays; 0: no bursts */
    struct xo_stream stream;

    double week_from_s; /* clock time at which the week now walked began */
    size_t stretch;     /* of that week */
    bool is_high;
    uint64_t n_stays;
    double stay_to_s;
    double from_s, to_s;       /* the piece of clock time now walked: its rate is constant */
    double from_unit, to_unit; /* Lambda at both ends */
    double s_per_unit;         /* 1 / rate; INFINITY where nobody comes */
};
/* profile NULL: a steady rate. */
XO_MUST_USE bool xo_rate_init(struct xo_rate *rate, const struct xo_profile *profile,
                              const struct xo_bursts *bursts, const struct xo_stream *stream,
                              double requests_per_s, double start_s, struct xo_error *err);
void xo_rate_fini(struct xo_rate *rate);
/* Lambda^-1(unit_time); unit_time never decreases from call to call. Amortised O(1). */
double xo_rate_when(struct xo_rate *rate, double unit_time);

/* ---- lengths.c: tokens of one request ---- */

enum { XO_MAX_TOKENS = 1 << 30 }; /* of a prompt or an answer, so that their sum fits 32 bits */

XO_MUST_USE bool xo_class_check(const struct xo_class *class, bool has_lengths,
                                struct xo_error *err);
int32_t xo_whole_tokens(double length);
/* Put the lengths into *request, made to fit the class: prefix, then context. */
void xo_class_fit(const struct xo_class *class, int32_t prompt_tokens, int32_t output_tokens,
                  struct xo_request *request);

/* ---- replay.c: a trace at another volume ---- */

struct xo_replay_copy {
    double when_s;
    uint32_t number;
    size_t row;
    int64_t round;    /* how often the trace has been through, counted from clock time 0 */
    double row0_s;    /* clock time of arrival_s = 0 in this round */
    double kept_frac; /* 1, or less for the last copy */
};
struct xo_replay {
    const struct xo_trace *trace; /* borrowed */
    struct xo_stream stream;
    struct xo_replay_copy *heap; /* [n_copies] owned; earliest first */
    size_t n_copies;
};
XO_MUST_USE bool xo_replay_init(struct xo_replay *replay, const struct xo_trace *trace,
                                const struct xo_stream *stream, double requests_per_s,
                                double start_s, struct xo_error *err);
void xo_replay_fini(struct xo_replay *replay);
/* The next row and when it arrives. */
size_t xo_replay_next(struct xo_replay *replay, double *when_s);

#endif
