/* drawer.h - worlds that are drawn, one at a time, from what is not known. Private to the library.
 *
 * A draw takes a value for every uncertain input, for the model error of the step time and for the
 * noise of the capacities; the inputs are correlated as [uncertain] says. Money keys reuse the
 * simulation; keys that reach it go through a response of log capacity measured at their 10, 50 and
 * 90 % points, at 1 and at 8 replicas, one key at a time.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_DOUBT_DRAWER_H
#define XO_DOUBT_DRAWER_H

#include "ways/way.h"
#include "xo/doubt.h"

/* How the capacity of one option answers to one input: three points, straight between them and
 * beyond. */
struct response {
    double value[3], log_scale[3][2]; /* at 10, 50, 90 %; at 1 and 8 replicas */
};

struct uncertainty {
    const struct xo_scenario *scenario;
    enum xo_reach reach[XO_MAX_UNCERTAIN];
    struct response *responses; /* [n_uncertain][n_sizings]; owned; of keys that are simulated */
    struct xo_copula *copula;   /* owned; NULL: the uncertain keys are independent */
};

/* d log V / d log step time into the ladder of the sizing, from 1.28 standard deviations of its
 * error to both sides. */
XO_MUST_USE bool sizing_measure_step(struct option_sizing *b, const struct xo_scenario *s,
                                     int64_t *n_simulated, struct xo_error *err);
/* One standard deviation of an option's log step time that the draws take on their own: the error
 * of its class, or 0 where [uncertain] has build.step_scale, which then stands for it. */
double step_sigma_of(const struct xo_scenario *scenario, int option);

/* Step exponents into the ladders, responses of the uncertain keys that reach the simulation, and
 * what joins the draws of all keys. */
XO_MUST_USE bool uncertainty_measure(struct uncertainty *u, const struct xo_scenario *scenario,
                                     struct option_sizing *sizings, int n_sizings,
                                     int64_t *n_simulated, struct xo_error *err);
void uncertainty_fini(struct uncertainty *u);
/* What the inputs whose effects on capacity were found one at a time change it by in all, from all
 * P10 to all P90, of the option that they change most: a factor of at least 1. */
double uncertainty_span(const struct uncertainty *u, int n_sizings);

/* One thread's own world, moved from draw to draw. It holds pointers into itself: it must not be
 * copied. */
struct drawer {
    const struct uncertainty *u;
    const struct world *base;
    struct xo_scenario *own; /* owned; NULL: nothing is uncertain */
    struct demand *demand;   /* owned */

    struct scaling scaling[MAX_SIZINGS];
    bool missing[MAX_SIZINGS];
    int where[MAX_SIZINGS];
    struct treads treads[MAX_SIZINGS];
    struct world world;
};
XO_MUST_USE bool drawer_init(struct drawer *d, const struct uncertainty *u,
                             const struct world *base, struct xo_error *err);
void drawer_fini(struct drawer *d);
/* Move to the world in which `input` is at its quantile p and all else is as the scenario has it;
 * -1: nothing is changed. */
XO_MUST_USE bool drawer_alone(struct drawer *d, int input, double p, struct xo_error *err);
/* Move to the world of draw `index`: values by the inverse CDF of its uniforms, and its errors. */
XO_MUST_USE bool drawer_draw(struct drawer *d, int index, struct xo_error *err);

#endif
