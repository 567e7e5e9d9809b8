/* xo/study.h - one question each: what a planned volume costs, and the curve over all of them.
 *
 * This room has never heard of argv or of file formats.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STUDY_H
#define XO_STUDY_H

#include "xo/doubt.h"

/* ---- the curve ---- */

struct xo_curve_point {
    double volume, tokens; /* requests and tokens (prompt, cached ones too, plus output) a month */
    double usd[XO_N_WAYS]; /* base case; NAN: there is no such way, or it is not feasible */
    int pick[XO_N_WAYS];   /* which tariff, host or build option is cheapest here; 0: also none */
    bool limited[XO_N_WAYS]; /* it cannot serve this as listed (of buying: the busiest minute is
                                above the API's rate limits, or more requests are too long for it
                                than the SLO lets miss): infeasible, drawn dashed */
    struct xo_band band[XO_N_WAYS];
    double without_people_usd[XO_N_WAYS];
    double napkin_usd;     /* GPUs and power alone: full batches, mean load, no SLO, no spares */
    struct xo_sized build; /* the cheapest feasible option */
    /* of draws in which the second of a pair is cheaper, were this the volume; standard error */
    double wins_share[XO_N_PAIRS], wins_se[XO_N_PAIRS];
    bool has_metrics; /* simulated here, for the plot of load and latency */
    struct xo_point_metrics metrics;
    bool is_plan, is_crossing; /* rows that the terminal table marks */
};

/* The base case on one side of a riser; corners come in pairs, just below and just above it, so
 * that a staircase can be drawn as one. Risers too close for a plot to tell apart are left out. */
struct xo_curve_corner {
    double volume, usd[XO_N_WAYS], napkin_usd;
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

/* How far an answer goes. What is deeper is not set, or NAN. */
enum xo_depth {
    XO_AT_PLAN, /* the bills at the planned volume, whose only point it is */
    XO_LINES,   /* and the lines over volume, and where they cross: of the base case */
    XO_RANGES,  /* and what the draws say at plan and of crossings */
    XO_WHOLE,   /* and what they say at every point, latencies over volume, and each input's effect
                 */
    XO_N_DEPTHS
};

struct xo_curve {
    const struct xo_scenario *scenario; /* borrowed */
    enum xo_depth depth;
    struct xo_ladder *ladders; /* [scenario->n_options], owned */
    int n_ladders;
    struct xo_curve_point *points;   /* [n_points], volume rising, plan among them; owned */
    int n_points, plan;              /* index of the planned volume */
    struct xo_unserved buy_unserved; /* requests too long for what is bought at plan */
    struct xo_curve_corner *corners; /* [n_corners], volume rising, of build and napkin; owned */
    int n_corners;
    struct xo_bill bills[XO_N_WAYS]; /* at plan; no items: there is none */

    struct xo_crossings crossings[XO_N_PAIRS];
    /* base case only: building against buying, and the same weights by the token against buying */
    struct xo_crossings without_people, changing_model;
    double napkin_crossing;     /* first, of the napkin with the API's tokens alone, in requests a
                                   month; 0: below the range; NAN: none */
    double napkin_crossing_usd; /* what both cost there; NAN where it is not in the range */
    double breakeven_load_frac; /* load at the first crossing; NAN */

    /* at plan; over the draws, at the volume that each of them plans */
    struct xo_band plan_volume, plan_band[XO_N_WAYS];
    struct xo_band saving; /* buy - build, USD a month */
    double saving_base_usd, saving_changing_model_usd,
        saving_owning_usd; /* the last two add up to the first, to the millionth */
    double wins_share[XO_N_PAIRS], wins_se[XO_N_PAIRS];
    double infeasible_share, infeasible_se; /* of draws without a bill of building: no fleet meets
                                               the SLO; bands are those of the others */

    /* by unit; zeros where the scenario has none. Over the draws, as above: what one costs, and
     * which share of its price is left (NAN without a price) */
    struct xo_band unit_band[XO_N_WAYS], margin_band[XO_N_WAYS];
    /* where the bill of a way passes what the units bring in, `usd`: `build` stands for the way,
     * and "cheaper" says that a margin is left. Zeros without a price */
    struct xo_crossings margin[XO_N_WAYS];

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
    int n_surrogates; /* of capacity, where inputs reach the simulation: one an option */
    struct xo_surrogate_report surrogates[XO_MAX_SURROGATES];
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
    struct xo_bill bills[XO_N_WAYS]; /* no items: there is none; building's is sized[best]'s */
    double usd[XO_N_WAYS];           /* NAN: there is no such way, or it is not feasible */
    int pick[XO_N_WAYS];             /* which tariff, host or build option is cheapest */
    bool limited[XO_N_WAYS];         /* it cannot serve this as listed */
    double busiest_minute_requests, busiest_minute_tokens;
    double requests, tokens_per_request, prompt_per_request, cached_per_request, output_per_request,
        peak_factor;
    int64_t n_simulated;
};
XO_MUST_USE bool xo_run_run(struct xo_run **run, const struct xo_scenario *scenario,
                            const struct xo_study_options *options, struct xo_error *err);
void xo_run_free(struct xo_run *run);

#endif
