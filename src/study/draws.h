/* draws.h - how sure: the curve's lines and crossings over what is not known. Private to study.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STUDY_DRAWS_H
#define XO_STUDY_DRAWS_H

#include "doubt/sample.h"
#include "doubt/worlds.h"
#include "xo/study.h"

/* Fill in the bands, shares and odds of *curve, whose points and base-case crossings stand. */
XO_MUST_USE bool draws_run(struct xo_curve *curve, const struct xo_worlds *worlds,
                           const struct inputs *inputs, struct xo_error *err);

/* ---- what other studies over draws share ---- */

/* Plain Monte Carlo over the inputs of the worlds. */
XO_MUST_USE bool draws_design(struct design *g, const struct inputs *inputs,
                              const struct xo_scenario *s, struct xo_error *err);
/* Move to the world of one draw: its inputs as a sweep's row of that number has them, and its
 * errors of capacity. */
XO_MUST_USE bool draws_go(struct visitor *v, const struct design *design, int64_t index,
                          struct xo_error *err);
/* The band of n values, which are sorted; NANs are left out. */
struct xo_band band_of(double values[], int n);
/* The band of volumes or times, some of which lie outside the range (0 or INFINITY): quantiles by
 * rank, so that "above the range" stays what it is. */
struct xo_band band_of_volumes(double values[], int n);
/* The standard error of a share: that of Wilson's interval, which is not 0 where all draws agree.
 */
double share_se(int hits, int n);

#endif
