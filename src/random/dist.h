/* dist.h - what the files about distributions share inside this room.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SRC_RANDOM_DIST_H
#define XO_SRC_RANDOM_DIST_H

#include "xo/random.h"

/* Beta-PERT: a beta distribution over [lo, hi] whose two shapes add up to 2 + lambda = 6. */
#define PERT_SHAPES 6.0

/* Above this shape (a cv of 0.3 %) GSL's incomplete gamma fails; the cube of a normal (Wilson and
 * Hilferty, PNAS 17, 1931) is then right to 3e-8 of a quantile. */
#define GAMMA_LARGE_SHAPE 1e5

/* P(a, x), the regularised lower incomplete gamma function, for any a > 0. */
double xo_gamma_p(double a, double x);

/* ln x of the point x below which a gamma variate of this shape (at most GAMMA_LARGE_SHAPE) and
 * scale 1 lies with probability Phi(z). */
double xo_gamma_log_quantile(double shape, double z);

/* The quantile of a gamma variate of a shape above that, of scale 1, at Phi(z). */
double xo_gamma_wilson_hilferty(double shape, double z);

/* The integral of t^order f(t) over t <= x, order 0, 1 or 2, of the distribution before clipping:
 * order 0 is its CDF. x may be infinite. */
double xo_dist_partial(const struct xo_dist *dist, double x, int order);

/* Set mean and sd of the clipped distribution. */
void xo_dist_set_moments(struct xo_dist *dist);

/* Tabulate the quantile of a gamma or PERT distribution into values[]. */
XO_MUST_USE bool xo_dist_tabulate(struct xo_dist *dist, struct xo_error *err);
/* Its quantile at the standard normal quantile z, before clipping. */
double xo_dist_tabulated(const struct xo_dist *dist, double z);

#endif
