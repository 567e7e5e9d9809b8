/* draws.h - how sure: the curve's lines and crossings over what is not known. Private to study.
 *
 * A draw takes a value for every uncertain input, for the model error of the step time and for the
 * noise of the capacities; the inputs are correlated as [uncertain] says. Money keys reuse the
 * simulation; keys that reach it go through a response of log capacity measured at their 10, 50 and
 * 90 % points, at 1 and at 8 replicas, one key at a time.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STUDY_DRAWS_H
#define XO_STUDY_DRAWS_H

#include "money.h"
#include "xo/sweep.h"

/* How the capacity of one option answers to one input: three points, straight between them and
 * beyond. */
struct response {
    double value[3], log_scale[3][2]; /* at 10, 50, 90 %; at 1 and 8 replicas */
};

struct uncertainty {
    const struct xo_scenario *scenario;
    enum xo_reach reach[XO_MAX_UNCERTAIN];
    struct response *responses; /* [n_uncertain][n_builders]; owned; of keys that are simulated */
    struct xo_copula *copula;   /* owned; NULL: the uncertain keys are independent */
};

/* d log V / d log step time into the builder's ladder, from 1.28 standard deviations of its
 * error to both sides. */
XO_MUST_USE bool builder_measure_step(struct builder *b, const struct xo_scenario *s,
                                      int64_t *n_simulated, struct xo_error *err);
/* One standard deviation of an option's log step time that the draws take on their own: the error
 * of its class, or 0 where [uncertain] has build.step_scale, which then stands for it. */
double step_sigma_of(const struct xo_scenario *scenario, int option);

/* Step exponents into the ladders, responses of the uncertain keys that reach the simulation, and
 * what joins the draws of all keys. */
XO_MUST_USE bool uncertainty_measure(struct uncertainty *u, const struct xo_scenario *scenario,
                                     struct builder *builders, int n_builders, int64_t *n_simulated,
                                     struct xo_error *err);
void uncertainty_fini(struct uncertainty *u);

/* Fill in the bands, shares and odds of *curve, whose points and base-case crossings stand. */
XO_MUST_USE bool draws_run(struct xo_curve *curve, const struct uncertainty *u,
                           const struct world *base, const struct xo_study_options *options,
                           struct xo_error *err);

/* The single changes that would flip the winner at plan. */
void flips_find(struct xo_curve *curve, const struct world *base);

#endif
