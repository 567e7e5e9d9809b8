/* inputs.h - what is not known of a scenario, in the order in which samples list it. Private to the
 * library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_DOUBT_INPUTS_H
#define XO_DOUBT_INPUTS_H

#include "xo/doubt.h"

/* One thing that varies. */
struct varied {
    int key;
    enum xo_reach reach;
    bool priced; /* bills or tokens depend on it: a world's scenario has to be varied */
    double base; /* NAN: the scenario has no such number */
    const struct xo_uncertain *drawn; /* borrowed; NULL: evenly between lo and hi */
    double lo, hi;                    /* where the surrogate is fitted; beyond it is constant */
    bool log;                         /* by ratios */
    int coordinate;                   /* of the surrogate; -1: it does not reach the simulation */
};

/* Every key of [uncertain], then the model error of the step time unless [uncertain] says what is
 * known of it. It holds pointers into itself: it must not be copied. */
struct inputs {
    struct varied at[XO_SWEEP_MAX_INPUTS]; /* key, reach and drawn; worlds fill in the rest */
    int n, n_implied;                      /* n_implied: of the last ones, 0 or 1 */
    struct xo_uncertain step;              /* owned */
};
XO_MUST_USE bool inputs_init(struct inputs *inputs, const struct xo_scenario *scenario,
                             bool without_step_error, struct xo_error *err);
void inputs_fini(struct inputs *inputs);
/* The value of a key at quantile p; whole numbers are rounded. */
double input_quantile(const struct xo_uncertain *u, double p);
/* The streams by which samples of the inputs are drawn: slots[n]. */
void inputs_slots(const struct inputs *inputs, uint32_t slots[]);

/* One standard deviation of an option's log step time: the error of its class, or 0 where
 * [uncertain] has build.step_scale, which then stands for it. */
double step_sigma_of(const struct xo_scenario *scenario, int option);
/* That of the option whose step time is known least: what the input varies by. */
double largest_step_sigma(const struct xo_scenario *scenario);

/* Can the scenario be with the key at either end of a range? Tried on a copy, so that what cannot
 * be is told before anything is simulated. */
XO_MUST_USE bool input_takes(const struct xo_scenario *scenario, int key, double lo, double hi,
                             struct xo_error *err);
/* Is the key in [uncertain]? */
bool key_is_drawn(const struct xo_scenario *scenario, int key);
/* What a key reaches in this scenario. */
enum xo_reach reach_of(const struct xo_scenario *scenario, int key);
bool key_is(int key, const char *dotted); /* "build.rent" */
void key_name(int key, char *out, size_t size);
double key_whole(int key, double value); /* rounded where the key takes whole numbers */

#endif
