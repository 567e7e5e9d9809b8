/* xo/workload.h - who asks for what, when: requests one by one.
 *
 * Arrivals of an open loop are Lambda^-1(S_i): S_i is a renewal process of mean gap 1 in unit time
 * and Lambda(t) the rate integrated over clock time, so that burstiness and the daily shape
 * multiply exactly and no arrival is thinned away. Volume multiplies the rate and never compresses
 * clock time: profiles, spikes, bursts and think times stay in seconds. Request i has the same
 * lengths and the same unit arrival time at every volume. This room has never heard of a GPU.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_WORKLOAD_H
#define XO_WORKLOAD_H

#include "xo/error.h"
#include "xo/random.h"
#include <stddef.h>
#include <stdint.h>

enum { XO_HOURS_PER_WEEK = 168, XO_MAX_CLASSES = 16, XO_MAX_SPIKES = 16, XO_NAME_SIZE = 64 };

enum xo_arrival_kind {
    XO_ARRIVALS_DETERMINISTIC,
    XO_ARRIVALS_POISSON,
    XO_ARRIVALS_GAMMA,   /* gaps gamma with coefficient of variation cv */
    XO_ARRIVALS_WEIBULL, /* gaps Weibull with cv */
};

/* Markov-modulated on/off bursts: the rate is high for share_frac of the time, `factor` times as
 * high as otherwise, in exponential stays of mean_s; the modulation m(t) has mean 1 and is a part
 * of the rate, the same path at every volume. factor 1: none. */
struct xo_bursts {
    double factor, share_frac, mean_s;
};

/* A named spike: from start_s into the week the rate is multiplied by `factor` for length_s and
 * then decays exponentially towards 1 with time constant decay_s (0: at once). Happens every week.
 */
struct xo_spike {
    char name[XO_NAME_SIZE];
    double start_s, length_s, factor, decay_s;
};

struct xo_arrivals {
    enum xo_arrival_kind kind;
    double cv; /* of the gaps; 1 for Poisson, 0 for deterministic */
    struct xo_bursts bursts;
};

/* The rate at scale `scale` times the planned volume. More users: the superposition of many
 * independent streams, cv^2 -> 1 + (cv^2 - 1)/scale above 1 and 1 + (cv^2 - 1)*scale below, where
 * it is a random thinning (both exact in the first two moments). Kind becomes gamma where cv leaves
 * 0 or 1. */
struct xo_arrivals xo_arrivals_more_users(const struct xo_arrivals *arrivals, double scale);

/* Hour-of-week weights, piecewise constant, hour 0 = Monday 00:00; mean 1 over the week before
 * spikes. */
struct xo_profile {
    double hour_weight[XO_HOURS_PER_WEEK];
    struct xo_spike spikes[XO_MAX_SPIKES];
    int n_spikes;
};

/* One kind of request. Lengths are rounded to whole tokens, at least 1; prompt counts everything
 * the model reads, the shared prefix included, so prompt >= prefix + 1 is enforced by lengthening.
 */
struct xo_class {
    char name[XO_NAME_SIZE];
    double weight; /* share of requests; all weights sum to 1 */
    struct xo_dist prompt, output;
    int32_t shared_prefix_tokens; /* the same start of every prompt of this class: resident in the
                                     cache */
    int32_t
        max_context_tokens; /* prompt + output is cut to this: first the output, then the prompt */
    int tariff;             /* index for the study: which API tariff bills it; 0 by default */
};

/* A recorded trace, in order of time. */
struct xo_trace {
    size_t n;
    double *arrival_s;      /* [n] owned, from 0 */
    int32_t *prompt_tokens; /* [n] owned */
    int32_t *output_tokens; /* [n] owned; >= 1 */
    double period_s;        /* length of the recording: after it the trace starts again */
    int64_t n_skipped; /* rows with 0 output tokens (failures) left out, so that it can be said */
};

/* Read an Azure LLM inference trace (TIMESTAMP,ContextTokens,GeneratedTokens; CRLF, 7 decimals, no
 * final newline) or the project's own CSV (arrival_s,prompt_tokens,output_tokens). The format is
 * found from the header. Fails with XO_ERR_INPUT naming file:line. Untrusted input. */
XO_MUST_USE bool xo_trace_read(struct xo_trace *trace, const char *path, struct xo_error *err);
void xo_trace_fini(struct xo_trace *trace);

struct xo_workload {
    struct xo_arrivals arrivals;
    struct xo_profile profile;
    struct xo_class classes[XO_MAX_CLASSES];
    int n_classes;
    const struct xo_trace
        *trace;          /* borrowed; NULL: arrivals and lengths as above. Else it replaces
                            arrivals, profile and lengths; classes[0] gives prefix and limits */
    int n_clients;       /* > 0: closed loop of so many clients; rate and profile are unused */
    double client_gap_s; /* closed loop: from a client's last token to its next request */
};

struct xo_request {
    int64_t id; /* 0, 1, 2, ... in order of creation: the entity of its draws */
    double arrival_s;
    int32_t prompt_tokens; /* all of them, prefix included; >= 1 */
    int32_t output_tokens; /* >= 1 */
    int32_t prefix_tokens; /* of prompt_tokens: shared prefix, already in the cache */
    int32_t class_index;
};

/* Mean rate of hour h relative to the week's mean, spikes included; and the hour where it is
 * largest. */
double xo_profile_hour_factor(const struct xo_profile *profile, int hour_of_week);
int xo_profile_busiest_hour(const struct xo_profile *profile);

/* A stream of requests. One per replication; not shared between threads. */
struct xo_source;
struct xo_source_options {
    double requests_per_s; /* mean over the week; for a trace: mean over its period */
    double start_s;        /* clock time of the week at which the stream begins */
    uint64_t seed;
    uint32_t replication;
    bool stationary; /* rate = requests_per_s at all times: profile and spikes off, bursts kept */
};
/* `workload` is borrowed until xo_source_free. */
XO_MUST_USE struct xo_source *xo_source_new(const struct xo_workload *workload,
                                            const struct xo_source_options *options,
                                            struct xo_error *err);
void xo_source_free(struct xo_source *source);

/* Open loop: the next request; arrival times never decrease. An open loop never ends. Cost: tens of
 * ns. */
void xo_source_next(struct xo_source *source, struct xo_request *request);
/* Closed loop: client `client` (0..n_clients-1) sends at `now_s`. */
void xo_source_client(struct xo_source *source, int client, double now_s,
                      struct xo_request *request);
/* How many requests arrive in [from_s, to_s) of the stream that these options begin: what a probe
 * of an SLO may miss is a share of this. Draws arrival times only. */
XO_MUST_USE bool xo_source_count(const struct xo_workload *workload,
                                 const struct xo_source_options *options, double from_s,
                                 double to_s, int64_t *n_per_class, struct xo_error *err);

/* Exact expectations over the length distributions (after rounding, clipping and the context cut),
 * for bills: per request of class c, given a prompt threshold (requests whose prompt exceeds it are
 * "long"; INT32_MAX: none). For a trace, the means over its rows. */
struct xo_token_means {
    double long_frac;                             /* share of requests that are long */
    double prompt, cached, output;                /* tokens per request, all requests */
    double long_prompt, long_cached, long_output; /* the part of those that long requests carry */
};
XO_MUST_USE bool xo_class_token_means(const struct xo_workload *workload, int class_index,
                                      int32_t long_threshold, struct xo_token_means *means,
                                      struct xo_error *err);

#endif
