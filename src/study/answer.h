/* answer.h - curves as far as they are asked for. Private to study.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STUDY_ANSWER_H
#define XO_STUDY_ANSWER_H

#include "doubt/worlds.h"
#include "xo/study.h"

/* Whether there are two sides, and a volume to vary. */
XO_MUST_USE bool curve_can_be_drawn(const struct xo_scenario *scenario, struct xo_error *err);
/* The curve of a scenario. */
XO_MUST_USE bool curve_to(struct xo_curve **curve, const struct xo_scenario *scenario,
                          const struct xo_study_options *options, enum xo_depth depth,
                          struct xo_error *err);
/* The lines of the world that a visitor stands in, whose scenario the curve borrows: nothing is
 * simulated. It has no ladders, and picks are of the scenario that the worlds are of. */
XO_MUST_USE bool curve_of_world(struct xo_curve **curve, const struct visitor *v,
                                struct xo_error *err);

#endif
