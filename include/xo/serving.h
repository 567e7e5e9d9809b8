/* xo/serving.h - a fleet of replicas that serves requests: continuous batching, chunked prefill, KV
 * blocks, preemption, routers. Requests go in, usage and latencies come out; it has never heard of
 * a dollar.
 *
 * A step: running sequences first, in order of admission, one token each or the next chunk of their
 * prompt; then the queue, first come first served, while tokens, batch and KV allow. Where a
 * running sequence lacks a block, the newest goes to the front of the queue, later recomputes its
 * prompt and what it had emitted, and that step admits nobody. The step that completes a prompt
 * emits token 1; a request (p, o) then joins o - 1 decode steps, the j-th reading p + j tokens.
 *
 * KV: a sequence of c tokens holds ceil(c/block) blocks, and a state of fixed size where the model
 * has linear-attention layers. A shared prefix of x tokens is resident in every replica from the
 * start, once a class: ceil(x/block) blocks and the state at its end; its prefill is skipped, it is
 * attended to, and a sequence holds ceil(c/block) - floor(x/block) blocks of its own. A request
 * whose p + o - 1 tokens do not fit beside the prefixes, or whose p + o are more than the model's
 * context, is rejected on arrival.
 *
 * Events run by (time, kind, number): ends of steps, then arrivals, then starts of steps.
 *
 * The engine keeps batch size B, context K, a step counter and block residues as scalars and a heap
 * of sequences by the step at which each finishes. While nothing changes the batch, whole stretches
 * of steps are one event in closed form. With fast_forward off the same code takes one step at a
 * time and is the oracle: both give the same times for every request (docs/architecture.md, "The
 * life of one request").
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_H
#define XO_SERVING_H

#include "xo/error.h"
#include "xo/hardware.h"
#include "xo/stats.h"
#include "xo/workload.h"

enum xo_router {
    XO_ROUTE_RANDOM,
    XO_ROUTE_ROUND_ROBIN,
    XO_ROUTE_LEAST_OUTSTANDING, /* fewest requests waiting or running; ties to the lowest number */
    XO_ROUTE_POWER_OF_TWO,
    XO_ROUTE_SHARED_QUEUE, /* one queue; a replica pulls when it starts a step and can admit; the
                              lowest idle one is woken; the preempted go to its front */
    XO_N_ROUTERS
};

enum xo_kv_admission {
    XO_ADMIT_PROMPT,  /* the whole prompt fits, with 1 % of blocks to spare (none for the first of
                         an empty batch, or it might wait for ever); held from admission on */
    XO_ADMIT_CHUNK,   /* the next chunk fits (vLLM V1 to 0.18); blocks are taken chunk by chunk */
    XO_ADMIT_RESERVE, /* prompt + output - 1, held from admission on: never preempts (TensorRT-LLM
                         guaranteed_no_evict) */
    XO_N_KV_ADMISSIONS
};

enum xo_metric { XO_METRIC_TTFT, XO_METRIC_TPOT, XO_METRIC_E2E, XO_N_METRICS };
enum { XO_MAX_TARGETS = 15 }; /* five quantiles of each metric: all that [slo] has */
/* "quantile of metric <= limit": of the requests that arrived in the window, at least that share
 * had metric <= limit_s. Misses include rejected, timed out and unfinished requests. */
struct xo_slo_target {
    enum xo_metric metric;
    double quantile; /* 0.95 */
    double limit_s;
};
struct xo_slo {
    struct xo_slo_target targets[XO_MAX_TARGETS];
    int n_targets;
    double timeout_s; /* a request not finished so long after arrival counts as a miss of all, in
                         n_timed_out and not in latencies; it is served on all the same. <= 0 or
                         INFINITY: none */
};

struct xo_engine {
    enum xo_kv_admission admission;
    int64_t chunk_tokens; /* tokens a step may process: decodes first, then prompt chunks */
    int max_batch;        /* sequences running at once; chunk_tokens or kv.most_sequences where
                             that is smaller */
    double frontend_s;    /* added to TTFT and E2E; holds no GPU */
    bool fast_forward;    /* true; false is the oracle */
    bool schedule_ahead;  /* a step's batch is chosen when the step before it starts, so that who
                             comes during a step joins the step after next (vLLM's async scheduling,
                             the overlap schedulers of SGLang and TensorRT-LLM); an idle replica
                             starts at once either way */
    bool keeps_preempted; /* what a preempted sequence had computed stays in the prefix cache until
                             others take the blocks, and is not computed again (vLLM) */
    int32_t max_context_tokens; /* of the model: longer requests, prompt and output together, are
                                   rejected; 0: no limit */
    bool self_check; /* all structures of a run are recounted from the requests in it, again and
                        again, and each replica after every step: for tests */
};

/* The longest request of a class, prompt and output together, that a replica can hold: as much as
 * its KV room holds beside the prefixes, or the model's context where that is less (*by_context).
 * 0: not one; at most 2^31 - 1. */
int32_t xo_longest_request(const struct xo_kv_room *kv, const struct xo_engine *engine,
                           const struct xo_workload *workload, int class_index, bool *by_context);

struct xo_fleet {
    const struct xo_step_model *step; /* borrowed */
    struct xo_kv_room kv;
    struct xo_engine engine;
    enum xo_router router;
    int n_replicas;
    uint64_t seed; /* of router draws, with replication */
    uint32_t replication;
};

/* How a request ended: each has one of these, and no other. */
enum xo_fate {
    XO_FATE_HOME,        /* served by a replica, in time or too late */
    XO_FATE_API,         /* served by an API in its place: of no fleet so far */
    XO_FATE_REJECTED,    /* could never fit */
    XO_FATE_GIVEN_UP,    /* went without an answer: it found 2^21 requests in the fleet */
    XO_FATE_STILL_THERE, /* the run ended before it did */
    XO_N_FATES
};

/* One request as it went; times are clock times, NAN when it never happened. */
struct xo_request_log {
    struct xo_request request;
    int replica;
    double admitted_s, first_token_s, finished_s;
    int n_preemptions;
    enum xo_fate fate;
};
typedef void xo_request_observer(void *self, const struct xo_request_log *log);

/* A guess at which requests of a class miss a target whoever else is there, from their lengths
 * alone: those of which per_prompt_token * prompt + per_output_token * output is above `above`.
 * Their share in a run is known beforehand, so that counting them takes out of the count of misses
 * what chance made of the lengths (a control variate). All zero: not counted. */
struct xo_control {
    bool counts;
    double per_prompt_token, per_output_token, above;
};

/* What to measure. Requests that arrive in [from_s, to_s) are measured, or those who leave in it.
 * Traffic goes on after to_s until each of the former has left, but at most for the longest timeout
 * and for another to_s - from_s + 3600 s. Those still there count as timed out, and so do those who
 * find 2^21 requests in the fleet when they come. So every run ends, and in bounded memory, also
 * that of a saturated fleet.
 * Integrals (busy time, occupancy, ...) cover [from_s, to_s) alone, exactly, in both modes; steps,
 * tokens, flops and gaps are those of the steps that start in it. */
struct xo_window {
    double from_s, to_s;          /* to_s may be INFINITY where max_requests ends the run */
    bool as_they_leave;           /* measured are those who leave in the window in place of those
                                     who arrive, and the run ends at to_s: of a steady state, where
                                     the law of both is the same and nobody has to be waited for */
    double start_s, start_over_s; /* closed loop: clients send their first requests at start_s, or
                                     evenly over so long from then on */
    struct xo_slo slo[XO_MAX_CLASSES]; /* by class; n_targets 0: none */
    struct xo_control control[XO_MAX_CLASSES][XO_MAX_TARGETS];
    /* Stop early once a count of misses, less those of `control`, is above this, or is certain to
     * be from the age of those who wait; INT64_MAX: never. */
    int64_t max_misses[XO_MAX_CLASSES][XO_MAX_TARGETS];
    int64_t max_requests; /* stop after so many measured ones have left; 0: no limit */
    int64_t max_sends; /* after so many requests none comes any more, and the fleet runs empty; 0:
                          no limit */
    xo_request_observer *observe; /* called for every measured request as it leaves, and for those
                                    still there at the end of a run that was not cut short; may be
                                    NULL */
    void *observer;
    const volatile int *stop; /* not 0: give up with XO_ERR_STOPPED; may be NULL */
};

/* Counts and sums over the measured requests, and integrals over the window. Heap-allocated
 * (histograms are large): xo_tally_new/free. Merging in replication order is deterministic. */
struct xo_class_tally {
    int64_t n_arrived;           /* and are measured */
    int64_t n_fates[XO_N_FATES]; /* add up to n_arrived */
    int64_t n_finished;          /* served at home within the timeout */
    int64_t n_timed_out; /* at home too late, given up, or still there when a run ended that was not
                            cut short */
    int64_t n_good;      /* of the finished: met every target */
    int64_t n_counted[XO_MAX_TARGETS],
        n_met[XO_MAX_TARGETS];                           /* TPOT leaves one-token replies out */
    int64_t n_control[XO_MAX_TARGETS];                   /* of those counted: see xo_control */
    int64_t prompt_tokens, cached_tokens, output_tokens; /* of the finished ones */
    struct xo_moments ttft, tpot, e2e, queued;           /* seconds; queued: arrival to admission */
    struct xo_hist ttft_hist, tpot_hist, e2e_hist;
};
struct xo_tally {
    int n_classes, n_replicas;
    struct xo_class_tally *classes; /* [n_classes] */
    struct xo_hist itl_hist;        /* gaps between tokens of one request */
    double window_s;                /* length of the window, summed when merged */

    double busy_s, prefill_s,
        decode_s; /* replica-seconds with a batch; steps with and without prompt chunks */
    double batch_integral_s;  /* of the number of running sequences, over replicas */
    double kv_bytes_integral; /* of KV bytes held while a batch runs, prefixes included */
    double kv_peak_frac;
    double in_system_integral_s; /* of requests waiting or running: Little's law */
    int64_t n_steps, n_events, n_preemptions;
    int64_t recomputed_tokens; /* of which a preemption threw the KV away, as they are computed */
    int64_t steps_tokens;      /* tokens processed: decode + prefill, recomputed ones too */
    double flops, bytes;       /* worked, for MFU and MBU */
    int64_t queue_at_from, queue_at_to; /* requests waiting at both ends of the window */
    double arrived_prompt_tokens, arrived_output_tokens; /* of all who arrive in the window; prompts
                                                            without their shared prefix */
    int64_t n_simulated; /* all requests taken from the source, lead-in and tail too */
    bool stopped_early;  /* a max_misses was passed: counts are partial */
};
XO_MUST_USE struct xo_tally *xo_tally_new(int n_classes, struct xo_error *err);
void xo_tally_free(struct xo_tally *t);
void xo_tally_merge(struct xo_tally *t, const struct xo_tally *other);

/* Run the fleet from empty at the source's start until the window is settled, and fill *tally
 * (fresh from xo_tally_new for workload->n_classes). In a closed loop a client sends again
 * frontend_s + client_gap_s after its last token, and at least 1 ms after a rejection. Fails with
 * XO_ERR_MEMORY, XO_ERR_STOPPED, or XO_ERR_INPUT for a window that is empty or never ends. Memory
 * is O(requests in flight), at most 300 MB. */
XO_MUST_USE bool xo_fleet_run(const struct xo_fleet *fleet, const struct xo_workload *workload,
                              struct xo_source *source, const struct xo_window *window,
                              struct xo_tally *tally, struct xo_error *err);

#endif
