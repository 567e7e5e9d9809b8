/* xo/study.h - from simulations to the crossover: sizing, one operating point, the curve.
 *
 * The search is inverted (model.md 22): for each fleet size N it finds the largest rate N replicas
 * serve within the SLO; everything about volume then is reading a staircase, and bills, draws and
 * what-ifs reuse the simulations. Volume is requests: useful first attempts a month; retries raise
 * load and bills. This room has never heard of argv or of file formats. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef XO_STUDY_H
#define XO_STUDY_H

#include "xo/cost.h"
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
struct xo_study_options {
    int n_threads;              /* 0: xo_usual_threads(); results do not depend on it */
    const struct xo_crew *crew; /* NULL: this process's threads do it all */
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
    double overwhelmed_volume; /* what these replicas still serve once their queue has no end, where
                                  that is less: running requests then throw each other out of the KV
                                  cache. Intervals reach down to it; 0: no less */
    double slope;              /* d log(share of misses that load causes) / d log volume, there */
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
    bool is; /* false: feasible, the rest is unset */
    enum xo_cause cause;
    int class_index, target;
    double lone_s; /* the target's quantile of its metric for lone requests; NAN: refused, failed */
    int n_missed;  /* targets that lone requests miss, over all classes */
    char reason[240];

    bool searched;             /* the rest was looked for: by run and curve, not by sweeps */
    int tensor_parallel;       /* the next larger one that meets every target; 0: none up to 8 */
    char gpu[XO_HW_NAME_SIZE]; /* of the catalog, the cheapest that does with the same
                                  tensor_parallel; "": none of those whose kin was measured */
};

/* The target that the size of every fleet of an option hangs on: of the requests that it lets miss,
 * those that miss alone in an empty replica are more than half. */
struct xo_edge {
    bool is; /* false: there is none, the rest is unset */
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
 * with the defaults and a p95) that even windows of ten times the length would tell nothing. */
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

/* Fleet and bill of one option at one volume. */
struct xo_sized {
    int option;
    bool feasible;
    int serving_replicas, headroom_replicas,
        spare_replicas; /* serving: smallest that meets the SLO */
    int n_gpus;         /* paid for: what fills the last server too */
    bool settled;       /* false: another N lies inside the 95 % interval of its capacity */
    double load_frac; /* mean work / what all these GPUs could do around the clock within the SLO */
    double
        shared_load_frac; /* the same of the replicas that share the load: serving and headroom */
    double week_busy_frac, week_mean_w_per_gpu; /* of those, over the week's hours */
    struct xo_bill bill;
};

/* ---- the curve ---- */

enum xo_line { XO_LINE_BUY, XO_LINE_SAME, XO_LINE_BUILD, XO_N_LINES };

/* Quantiles over the draws, and the standard error that the number of draws leaves in each; NAN
 * when none of them has the value, the errors also where a volume lies outside the range. */
struct xo_band {
    double p10, p50, p90;
    double p10_se, p50_se, p90_se;
};

struct xo_curve_point {
    double volume, tokens;  /* requests and tokens (prompt, cached ones too, plus output) a month */
    double usd[XO_N_LINES]; /* base case; NAN where the option does not exist or is not feasible */
    struct xo_band band[XO_N_LINES];
    double napkin_usd; /* GPUs and power alone: full batches, mean load, no SLO, no spares */
    double build_without_people_usd, buy_without_people_usd;
    int api, same;    /* which of scenario->apis and of same_model is cheapest here */
    bool buy_limited; /* the busiest minute is above the API's rate limits, or more requests are too
                         long for it than the SLO lets miss: infeasible, drawn dashed */
    struct xo_sized build;   /* the cheapest feasible option */
    double build_wins_share; /* of draws, against buy, were this the volume */
    double build_beats_same_share;
    double build_wins_se, build_beats_same_se; /* their standard errors */
    bool has_metrics; /* simulated here, for the plot of load and latency */
    struct xo_point_metrics metrics;
    bool is_plan, is_crossing; /* rows that the terminal table marks */
};

/* The base case on one side of a riser; corners come in pairs, just below and just above it, so
 * that a staircase can be drawn as one. Risers too close for a plot to tell apart are left out. */
struct xo_curve_corner {
    double volume, usd[XO_N_LINES], napkin_usd;
};

/* A volume at which the cheaper side changes. */
struct xo_crossing {
    double volume, usd;
    /* 95 %: simulation noise alone. Of the first one and of the last they hold what may be the
     * first and the last instead: 0 where the answer is so at the lower end of the range, INFINITY
     * where it never is. */
    double noise_lo, noise_hi;
    bool to_build; /* building is cheaper just above it; false: buying is */
    bool at_riser; /* it happens where one more replica is added, not inside a tread */
};
enum { XO_MAX_CROSSINGS = 64 };
struct xo_crossings {
    struct xo_crossing at[XO_MAX_CROSSINGS];
    int n; /* all of them in the range, rising; of more than XO_MAX_CROSSINGS the first ones and
              the last are kept */
    bool build_cheaper_at_min, build_cheaper_at_max;
    double stays_above; /* build is cheaper at every simulated volume above this; NAN: not at the
                           top */
    struct xo_band first,
        last;            /* over all draws: first crossing to build; stays_above. 0: building is
                           cheaper below the range already; INFINITY: only above it, if ever */
    double exists_share; /* of draws with a crossing in the range */
    double even_odds;    /* volume at which build is cheaper in half of the draws; NAN: none */
    double exists_se, even_odds_se; /* standard errors; NAN: of none */
    double largest_gap_usd,
        largest_gap_frac; /* between first and last: the most that the answer changes by */
};

/* The one change at plan that would flip the winner there. */
enum xo_flip_key {
    XO_FLIP_VOLUME,
    XO_FLIP_API_PRICE,
    XO_FLIP_DISCOUNT,
    XO_FLIP_RENT,
    XO_FLIP_STAFF,
    XO_FLIP_STEP_TIME,
    XO_N_FLIPS
};
struct xo_flip {
    bool possible;
    double factor; /* of the key's base value; discount: the share off the list price */
    double limit;  /* the most extreme factor tried; NAN: it changes nothing here */
};

/* One uncertain input at its P10 and P90, the others as the scenario has them. */
struct xo_effect {
    int key;
    bool moves;           /* any bill or crossing */
    double saving_usd[2]; /* at plan; NAN: a side has no bill there */
};

enum xo_verdict_code {
    XO_VERDICT_INFEASIBLE,
    XO_VERDICT_TOO_CLOSE,
    XO_VERDICT_SEVERAL,
    XO_VERDICT_CROSSING,
    XO_VERDICT_BUY_ALWAYS,
    XO_VERDICT_BUILD_ALWAYS,
    XO_VERDICT_NO_WINNER, /* parity unequal, or both infeasible */
    XO_N_VERDICTS
};

struct xo_curve {
    const struct xo_scenario *scenario; /* borrowed */
    struct xo_ladder *ladders;          /* [scenario->n_options], owned */
    int n_ladders;
    struct xo_curve_point *points;   /* [n_points], volume rising, plan among them; owned */
    int n_points, plan;              /* index of the planned volume */
    struct xo_unserved buy_unserved; /* requests too long for what is bought at plan */
    struct xo_curve_corner *corners; /* [n_corners], volume rising, of build and napkin; owned */
    int n_corners;
    struct xo_bill buy_bill, same_bill; /* at plan; the build's is points[plan].build.bill */

    struct xo_crossings vs_buy,
        vs_same; /* build against buying, and against its own weights by the token */
    struct xo_crossings without_people; /* vs_buy, base case only */
    struct xo_crossings
        changing_model;         /* same weights by the token against buying: base case only */
    double napkin_crossing;     /* first, of the napkin with the API's tokens alone, in requests a
                                   month; 0: below the range; NAN: none */
    double napkin_crossing_usd; /* what both cost there; NAN where it is not in the range */
    double breakeven_load_frac; /* load at the first crossing; NAN */

    /* at plan; over the draws, at the volume that each of them plans */
    struct xo_band plan_volume, plan_band[XO_N_LINES];
    struct xo_band saving; /* buy - build, USD a month */
    double saving_base_usd, saving_changing_model_usd,
        saving_owning_usd; /* the last two add up to the first, to the millionth */
    double build_wins_share, build_beats_same_share, build_wins_se, build_beats_same_se;
    struct xo_flip flips[XO_N_FLIPS];
    struct xo_obligation obligation; /* what the fleet at plan is signed for; zeros: no fleet */
    double obligation_usd;           /* its sum: paid, less resale; NAN: no fleet */
    double
        loss_usd[3]; /* over obligation.months against buying, at half, one and two times the plan
                        with at least that fleet; negative: a gain; NAN: its option cannot */
    double marginal_build_usd_per_mtok,
        marginal_buy_usd_per_mtok; /* at the top of the range: full replicas */

    enum xo_verdict_code verdict;
    int n_draws, n_uncertain; /* uncertain inputs of the scenario; 0: catalog spreads */
    struct xo_effect effects[XO_MAX_UNCERTAIN]; /* [n_uncertain], in the scenario's order */
    int n_joint;       /* inputs whose effects on capacity were simulated one at a time */
    double joint_span; /* what they change capacity by in all, P10 to P90, of the option that they
                          change most: a factor of at least 1 */
    double step_error_frac; /* 1 sd of log step time in the draws, of the option at plan; 0: by
                               [uncertain] */
    double tokens_per_request, prompt_per_request, cached_per_request, output_per_request;
    double peak_factor;  /* busiest hour over the mean */
    int64_t n_simulated; /* requests, all simulations of this study */
    double wall_s;       /* not part of any result file */
};

/* Run the study. False with XO_ERR_INPUT (closed loop: no volume), _MEMORY or _STOPPED. */
XO_MUST_USE bool xo_curve_run(struct xo_curve **curve, const struct xo_scenario *scenario,
                              const struct xo_study_options *options, struct xo_error *err);
void xo_curve_free(struct xo_curve *curve);

/* How an hour of the week was read: as the run simulated it (the busiest one), or at its own mean
 * load between twelve loads: those of a steady hour, for a steady hour or for the mean of one with
 * a spike; or those that hold the spike of the busiest hour, for another hour with a spike. */
enum xo_hour_reading {
    XO_HOUR_SIMULATED,
    XO_HOUR_STEADY,
    XO_HOUR_AVERAGED,
    XO_HOUR_SPIKE,
    XO_N_HOUR_READINGS
};

/* One hour of the week as the replicas that share the load meet it, serving and headroom. */
struct xo_run_hour {
    enum xo_hour_reading reading;
    double load_frac; /* of what they can serve within the SLO */
    double busy_frac;
    double attained_frac[XO_MAX_CLASSES][XO_MAX_TARGETS]; /* NAN where there is no such target */
};

/* The bills at the planned volume. */
struct xo_run {
    const struct xo_scenario *scenario; /* borrowed */
    struct xo_sized *sized;             /* [n_options] at plan; owned */
    int n_options, best;                /* -1: none feasible */
    struct xo_infeasible *infeasible;   /* [n_options]; owned */
    struct xo_unserved *unserved;       /* [n_options] too long for a replica; owned */
    struct xo_edge *edge;               /* [n_options]; owned */
    struct xo_unserved buy_unserved;    /* too long for what is bought */
    struct xo_capacity *capacity_below, *capacity,
        *capacity_above; /* [n_options] of N-1, N, N+1 serving; owned */
    int observed; /* whose metrics and tally follow: the best, or the largest fixed fleet where all
                     miss the SLO; -1: none */
    double offered_frac; /* of a fixed fleet that misses the SLO: calls of the busiest hour over
                            what its full batches would serve. From 1 on its queue grows without
                            end and has no latencies: no tally. NAN: it meets the SLO */
    struct xo_point_metrics metrics;
    struct xo_tally *tally;    /* by class; owned; NULL when none */
    struct xo_run_hour *hours; /* [XO_HOURS_PER_WEEK], hour 0 = Monday 00:00, of the best; owned;
                                  NULL when none, for a trace and for a closed loop */
    struct xo_bill buy_bill, same_bill;
    double buy_usd, same_usd, build_usd; /* NAN: not there */
    int api, same;                       /* which of scenario->apis and of same_model is cheapest */
    bool buy_limited;
    double busiest_minute_requests, busiest_minute_tokens;
    double requests, tokens_per_request, prompt_per_request, cached_per_request, output_per_request,
        peak_factor;
    int64_t n_simulated;
    double wall_s;
};
XO_MUST_USE bool xo_run_run(struct xo_run **run, const struct xo_scenario *scenario,
                            const struct xo_study_options *options, struct xo_error *err);
void xo_run_free(struct xo_run *run);

/* ---- pieces that other studies and tests use ---- */

/* What the cache of an API makes of the shared prefix of one class, at one volume. */
struct xo_cache_reading {
    int class_index;
    const char *api;             /* the tariff that bills the class; borrowed from the scenario */
    enum xo_cache_choice choice; /* SHORT, EXTENDED, or NONE: writing is not paid for */
    bool too_short;              /* for the API to cache any of it; the fields below are NAN */
    double ttl_s;          /* lifetime of an entry: the one chosen, or the one that pays best */
    double hit_frac;       /* of calls that find the prefix with that lifetime */
    double pays_from_frac; /* hits from which writing pays: (w - 1)/(w - r), prices of writing
                              and reading as multiples of input; NAN: writing costs no more */
    bool price_unknown;    /* the API may have a cached price, or none: only what follows holds */
    double saves_at_most_usd, /* a month, were that price 0 */
        saves_at_most_frac;   /* of what the tokens of the class cost; both 0: it is known */
};
enum { XO_MAX_CACHE_READINGS = 2 * XO_MAX_CLASSES };
/* Classes whose prefix does not simply stay cached, and those whose cached price is not known,
 * there or at the cheapest host of the same weights, into out[XO_MAX_CACHE_READINGS]; *n of them.
 */
XO_MUST_USE bool xo_cache_read(const struct xo_scenario *s, double volume, int api,
                               struct xo_cache_reading out[], int *n, struct xo_error *err);

/* Monthly bill of buying `volume` requests from api `index`; same = true: the same weights from
 * host `index`, one of the first n_same_bought. */
XO_MUST_USE bool xo_buy_at(const struct xo_scenario *s, double volume, int index, bool same,
                           struct xo_bill *bill, struct xo_error *err);

/* The real bill rebuilt from [actual]: what our tariff says those tokens cost, beside the invoice.
 */
struct xo_reconciliation {
    bool given;
    struct xo_bill ours;
    double ours_usd, invoice_usd, difference_frac; /* (ours - invoice)/invoice */
    double prompt_per_request, output_per_request; /* of the invoice month; NAN: not given */
    double planned_prompt_per_request, planned_output_per_request;
    double all_written_usd; /* ours, had all input that was not cached been written to the cache;
                               NAN: writing is free, or the invoice says how much was */
};
XO_MUST_USE bool xo_reconcile(const struct xo_scenario *s, struct xo_reconciliation *r,
                              struct xo_error *err);

#endif
