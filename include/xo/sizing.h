/* xo/sizing.h - how much does a fleet carry? Capacities within the SLO, and what runs simulations.
 *
 * The search is inverted: for each fleet size N it finds the largest rate that N replicas serve
 * within the SLO; everything about volume then is reading a staircase. Volume is requests: useful
 * first attempts a month; retries raise load and bills. This room has never heard of dollars.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SIZING_H
#define XO_SIZING_H

#include "xo/error.h"
#include "xo/scenario.h"
#include "xo/serving.h"

/* As many as OMP_NUM_THREADS says, else one a core, which is the most. */
int xo_usual_threads(void);

/* How far a study is: called from the thread that runs it, at most some hundred times. frac in
 * 0..1. */
typedef void xo_progress_fn(void *self, double frac, const char *what);
struct xo_bytes {
    unsigned char *at; /* [n] owned: free() */
    size_t n;
};
/* Other processes that have the same scenario: a study hands them simulations that stand alone, and
 * they run each with xo_study_job_run. Results do not depend on who does. */
struct xo_crew {
    void *self;
    /* Run jobs[n], the longest first as they come; results[n], in the order of the jobs, are the
     * caller's to free, also what is there of them when it fails. */
    bool (*run)(void *self, const struct xo_bytes jobs[], struct xo_bytes results[], int n,
                struct xo_error *err);
};
/* Simulations that studies have made, for later ones to take: a study gives the same results with
 * it, to the bit, and simulates only what none did before. */
struct xo_kept;
/* At most so many bytes are kept, those asked for last; NULL when out of memory. */
struct xo_kept *xo_kept_new(size_t most_bytes);
void xo_kept_free(struct xo_kept *kept); /* NULL is fine */
/* Simulations that had to be made, of all that were asked for. */
int64_t xo_kept_n_simulated(const struct xo_kept *kept);

struct xo_study_options {
    int n_threads;              /* 0: xo_usual_threads(); results do not depend on it */
    const struct xo_crew *crew; /* NULL: this process's threads do it all */
    struct xo_kept *kept;       /* NULL: nothing is kept; not with a crew */
    xo_progress_fn *progress;
    void *progress_self;
    const volatile int *stop; /* not 0: give up with XO_ERR_STOPPED; may be NULL */
    /* A sentence for the user before something takes minutes; may be NULL. */
    void (*tell)(const void *self, const char *text);
    const void *tell_self;
};

/* One simulation for a study in another process of the same build of the program. `options` have no
 * crew. */
XO_MUST_USE bool xo_study_job_run(const struct xo_scenario *scenario,
                                  const struct xo_study_options *options, const void *job, size_t n,
                                  struct xo_bytes *result, struct xo_error *err);

/* ---- capacity ---- */

/* What N replicas of one build option serve within the SLO. Rates are of calls (retries included)
 * in the SLO window; volumes are useful requests a month at the scenario's profile. */
struct xo_capacity {
    int n_replicas, n_cells; /* simulated as one of n_cells equal parts; 1: whole */
    double rate_per_s, rate_lo_per_s, rate_hi_per_s; /* 95 % interval: simulation noise */
    double volume, volume_lo, volume_hi;
    double log_half_width; /* of the logarithm of volume, 95 %: the noise that draws have */
    double volume_most; /* full batches serve no more: neither the interval nor a draw goes above */
    double overwhelmed_volume; /* what these replicas still serve once their queue has no end, where
                                  that is less: running requests then throw each other out of the KV
                                  cache. Intervals reach down to it; 0: no less */
    double slope;              /* d log(share of misses that load causes) / d log volume, there */
    double noise;              /* standard deviation of that log of one replication, there */
    int binding_class, binding_target; /* the SLO target that gives way first */
    int n_probes;
    int64_t n_simulated;
    bool interpolated; /* not simulated: by the square-root law of large fleets */
};

/* Why no fleet of an option meets the SLO: a lone request in an empty replica already misses, or
 * replicas refuse more requests than may miss; and what would help, by the same test of lone
 * requests. Or the option could not be simulated at all. */
enum xo_cause {
    XO_CAUSE_TARGET,  /* lone requests miss the target */
    XO_CAUSE_TIMEOUT, /* they miss slo.timeout rather than the target; lone_s is then their E2E */
    XO_CAUSE_REFUSED, /* more requests are too long for a replica than the target lets miss */
    XO_CAUSE_FAILED,  /* `reason` says why; no class, no target */
    XO_N_CAUSES
};
struct xo_infeasible {
    bool holds; /* false: feasible, the rest is unset */
    enum xo_cause cause;
    int class_index, target;
    double lone_s; /* the target's quantile of its metric for lone requests, and a little more: what
                      a limit would have to be; NAN: refused, failed */
    int n_missed;  /* targets that lone requests miss, over all classes */
    char reason[240];

    bool searched;             /* the rest was looked for: by run and curve, not by sweeps */
    double kv_room_tokens;     /* where one was typed, the room worked out in its place, if that
                                  meets every target; 0: it does not, or none was typed */
    int tensor_parallel;       /* the next larger one that meets every target; 0: none up to 8 */
    char gpu[XO_HW_NAME_SIZE]; /* of the catalog, the cheapest that does in place of the option's
                                  own; "": none of those whose kin was measured */
};

/* The target that the size of every fleet of an option hangs on: of the requests that it lets miss,
 * those that miss alone in an empty replica are more than half. */
struct xo_edge {
    bool holds; /* false: there is none, the rest is unset */
    int class_index, target;
    double missed_frac; /* of all requests of the class, alone in an empty replica */
    double settled_s;   /* the limit at which half of what may miss were left to load */
};

/* Larger fleets than this are not simulated whole. */
enum { XO_MOST_SIMULATED = 40 };

struct xo_ladder {
    int option; /* of scenario->options */
    struct xo_infeasible infeasible;
    struct xo_unserved unserved; /* requests too long for a replica: misses of every fleet */
    struct xo_edge edge;
    double saturation_rate_per_s; /* one replica, always full batches, no SLO: the napkin's
                                     capacity; of calls, refused ones too; 0: it serves none */
    double lone_ttft_s, lone_tpot_s, lone_e2e_s; /* means in an empty replica */
    struct xo_capacity *rungs; /* [n_rungs], n_replicas and volume rising; owned */
    int n_rungs;
    double step_exponent_1,
        step_exponent_8;        /* d log V_N / d log step_scale, at 1 and at 8 replicas */
    double pooling, pooling_se; /* c of V_N/N = v exp(-c/sqrt(N)), by which fleets of more than 40
                                   replicas go on, and its standard error; 0: none that large */
};

/* Whether a target of a class takes part in sizing: not that of a class so rare (a share of 0.025 %
 * with the defaults and a p95) that even windows of 100,000 requests would tell nothing. */
bool xo_slo_is_judged(const struct xo_scenario *s, int class_index, int target);

/* ---- one operating point ---- */

struct xo_point_metrics { /* in the SLO window, of the replicas that share the load */
    double ttft_p50_s, ttft_p95_s, ttft_p99_s, tpot_p50_s, tpot_p95_s, tpot_p99_s, e2e_p50_s,
        e2e_p95_s, e2e_p99_s;
    double itl_p50_s, itl_p99_s;
    double attained_frac[XO_MAX_CLASSES][XO_MAX_TARGETS]; /* NAN where there is no such target */
    double goodput_per_s;                                 /* requests that met every target */
    double busy_frac;
    double batch_mean, kv_mean_frac, kv_peak_frac; /* while a batch runs */
    double mbu_frac, mfu_frac;                     /* of all replica time, idle too */
    double prefill_frac, decode_frac, idle_frac;   /* of replica time; they sum to 1 */
    double preemptions_per_request;
    int64_t n_measured, n_simulated;
};

#endif
