/* xo/horizon.h - month by month: what each way costs over time, and when to go from one to another.
 *
 * The months of [horizon] have volumes, prices and machines of their own. Everything is read off
 * the simulations of a curve over the same scenario, and draws visit the same worlds as those of
 * the curve. Cash alone is summed over time: bills at the end of their month, one-offs and
 * purchases at the start. Nominal USD before tax. This room has never heard of argv or of file
 * formats.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_HORIZON_H
#define XO_HORIZON_H

#include "xo/study.h"

/* One month, by way. A plan of a way is to switch to it now: until its machines are there, and in
 * the months of the parallel run, the API is paid. */
struct xo_horizon_month {
    double volume, tokens;                                         /* requests and tokens a month */
    double api_factor, rent_factor, power_factor, capacity_factor; /* of today's */
    double economic_usd[XO_N_WAYS]; /* the bill that the curve has at this volume and prices */
    double cash_usd[XO_N_WAYS];     /* what its plan pays in this month, at its start and its end */
    double cumulative_usd[XO_N_WAYS]; /* of the plan, up to the end of this month */
    int pick[XO_N_WAYS];              /* which tariff, host or build option; -1: none */
    bool limited[XO_N_WAYS];          /* it cannot serve this as listed */
    int replicas[XO_N_WAYS];          /* that the volume needs; 0: none of ours */
    int64_t gpus[XO_N_WAYS];          /* that the plan holds */
    double switch_npv_usd[XO_N_WAYS]; /* of switching at the start of this month; NAN: cannot be */
    /* over the draws: the bill by horizon.basis, the sums, and switching in this month */
    struct xo_band bill_band[XO_N_WAYS], cumulative_band[XO_N_WAYS], switch_band[XO_N_WAYS];
    double ahead_share[XO_N_WAYS]; /* of draws in which the plan has cost less than buying so far */
};

/* What would change the decision for all months alike, and when the path comes there by itself. */
enum xo_tripwire_key { XO_TRIP_VOLUME, XO_TRIP_RENT, XO_TRIP_API_PRICE, XO_N_TRIPWIRES };
struct xo_tripwire {
    bool possible;
    double factor; /* of the whole path, at which switching now is worth nothing */
    double limit;  /* the most extreme factor tried */
    int month;     /* in which the path first has what its first month would have; -1: in none */
};

/* Going from buying to another way. Months count from the start of the horizon. */
struct xo_switch {
    bool exists;    /* there is such a way, and it serves every month */
    int earliest;   /* month: after the lead time of its machines */
    double npv_usd; /* of switching then, against buying all along */
    double payback_months, discounted_payback_months; /* INFINITY: not within the horizon */
    struct xo_irr irr;
    double peak_usd; /* the most that the switch has cost more than buying at any time */
    int peak_month;
    int best_month; /* in which switching is worth most; -1: in none is it worth anything */
    double best_npv_usd;
    double
        wait_usd[2]; /* what waiting 6 and 12 months costs; negative: saves; NAN: no such month */
    struct xo_tripwire tripwires[XO_N_TRIPWIRES];

    /* over the draws */
    struct xo_band npv, payback, discounted_payback, irr_per_year, peak, best, wait[2];
    double gains_share, gains_se;     /* in which switching at the earliest is worth something */
    double best_gains_share;          /* the same of the best month of the base case; NAN: none */
    double pays_back_share;           /* within the horizon */
    double without_share, without_se; /* in which the way cannot serve some month */
};

enum xo_horizon_code {
    XO_HORIZON_INFEASIBLE,
    XO_HORIZON_NO_WINNER, /* parity unequal */
    XO_HORIZON_LATER,     /* this build pays, but not yet */
    XO_HORIZON_TOO_CLOSE,
    XO_HORIZON_NOW,
    XO_HORIZON_STAY,
    XO_N_HORIZON_CODES
};

enum { XO_WAITS_6 = 0, XO_WAITS_12 = 1 };
extern const int xo_horizon_waits[2]; /* months */

struct xo_horizon {
    const struct xo_scenario *scenario; /* borrowed */
    struct xo_curve *curve;             /* over the same simulations; owned */
    struct xo_horizon_month *months;    /* [n_months]; owned */
    int n_months;
    int option; /* the build option of the plan: that which costs least over all months; -1: none */
    double cost_usd[XO_N_WAYS];     /* present value of what the plan pays; NAN: there is none */
    struct xo_band cost[XO_N_WAYS]; /* over the draws */
    struct xo_switch to[XO_N_WAYS]; /* from buying; of buying itself nothing */
    enum xo_horizon_code verdict;
    int first_limited;       /* month from which the API cannot serve this as listed; -1: it can */
    int64_t n_simulated;     /* requests: as many as of the curve alone */
    double wall_s, months_s; /* of all, and of what is not the curve; not part of any result file */
};

/* Run the study. False with XO_ERR_INPUT (closed loop; a side is missing; a path that no fleet
 * serves), _MEMORY or _STOPPED. */
XO_MUST_USE bool xo_horizon_run(struct xo_horizon **horizon, const struct xo_scenario *scenario,
                                const struct xo_study_options *options, struct xo_error *err);
void xo_horizon_free(struct xo_horizon *horizon);

#endif
