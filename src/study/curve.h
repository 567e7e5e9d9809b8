/* curve.h - a curve as far as it is asked for, and what else is asked of its simulations before
 * they go. Private to study.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STUDY_CURVE_H
#define XO_STUDY_CURVE_H

#include "draws.h"

/* What a finished curve stands on; all of it is borrowed. */
struct curve_ground {
    const struct xo_curve *curve;
    const struct world *base;       /* the scenario itself */
    const struct xo_worlds *worlds; /* that draws visit, from XO_RANGES on */
    const struct inputs *inputs;
    double max_volume; /* that the ladders reach */
};
typedef bool curve_then_fn(const struct curve_ground *ground, void *self, struct xo_error *err);

struct curve_wish {
    enum xo_depth depth;
    double volume;       /* its range reaches at least this */
    curve_then_fn *then; /* called once the curve stands; NULL: nothing is */
    void *self;
};

/* Whether there are two sides, and a volume to vary. */
XO_MUST_USE bool curve_can_be_drawn(const struct xo_scenario *scenario, struct xo_error *err);
/* The curve of a scenario. */
XO_MUST_USE bool curve_to(struct xo_curve **curve, const struct xo_scenario *scenario,
                          const struct xo_study_options *options, const struct curve_wish *wish,
                          struct xo_error *err);
/* The lines of the world that a visitor stands in, whose scenario the curve borrows: nothing is
 * simulated. It has no ladders, and picks are of the scenario that the worlds are of. */
XO_MUST_USE bool curve_of_world(struct xo_curve **curve, const struct visitor *v,
                                struct xo_error *err);

#endif
