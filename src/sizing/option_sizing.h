/* option_sizing.h - one build option with everything that is simulated of it: capacities, and how
 * busy its GPUs are at every load. Private to the library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SIZING_OPTION_SIZING_H
#define XO_SIZING_OPTION_SIZING_H

#include "capacity.h"

/* How a fleet fares at a share of its capacity: read, not simulated, at the load of each hour. */
enum { N_LOAD_LEVELS = 12 };
struct load_curve {
    double load[N_LOAD_LEVELS]; /* of the capacity within the SLO; rising */
    double busy_frac[N_LOAD_LEVELS], w_per_gpu[N_LOAD_LEVELS];
    double attained_frac[XO_MAX_CLASSES][XO_MAX_TARGETS][N_LOAD_LEVELS]; /* NAN: no such target */
    double hour_factor[XO_HOURS_PER_WEEK];                               /* of the week's mean */
};

/* One option with everything that was simulated of it. */
struct option_sizing {
    struct option_sim sim;
    struct xo_ladder *ladder; /* borrowed from the result */
    struct load_curve load_curve;
};
/* Do lone requests miss the SLO once steps take exp(log_step) times as long, if not before? Their
 * times are taken to be in proportion to the step's: the frontend's few milliseconds are not. */
bool sizing_is_too_slow(const struct option_sizing *b, double log_step);
/* Whether any option could be simulated, or there is none; where all failed, *err is why the first
 * did. */
XO_MUST_USE bool sizings_some_ran(const struct option_sizing sizings[], int n,
                                  struct xo_error *err);
/* A load curve read at a load; at_zero is its value there. */
double load_curve_at(const struct load_curve *l, const double value[N_LOAD_LEVELS], double load,
                     double at_zero);
/* What the week makes of a mean load: the share of time in which a batch runs, and the mean power
 * of a GPU, which draws idle_w without work. */
void load_curve_week(const struct load_curve *l, double mean_load, double idle_w, double *busy_frac,
                     double *mean_w_per_gpu);
/* Everything that is simulated of an option's base case: a ladder to `volume` and the planned
 * headroom, and its load curve about the planned fleet. b->ladder is there to be filled; the caller
 * finishes both. */
XO_MUST_USE bool sizing_simulate(struct option_sizing *b, const struct xo_scenario *s, int option,
                                 const struct xo_study_options *options, double volume,
                                 ladder_progress_fn *progress, void *progress_self,
                                 struct xo_error *err);
XO_MUST_USE bool load_curve_measure(struct load_curve *curve, struct option_sim *sim,
                                    const struct xo_capacity *at, struct xo_error *err);

/* d log V_N / d log step time into the ladder of every feasible option, all simulations side by
 * side; *n_simulated grows by their requests. */
XO_MUST_USE bool sizings_measure_step(struct option_sizing sizings[], int n_sizings,
                                      const struct xo_scenario *scenario, int64_t *n_simulated,
                                      struct xo_error *err);

/* What a tally says in numbers for people; goodput is that of `parts` such cells. */
void metrics_of(const struct xo_tally *tally, const struct option_sim *sim, double parts,
                struct xo_point_metrics *metrics);

#endif
