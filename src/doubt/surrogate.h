/* surrogate.h - a smooth function through scattered simulations. Private to the library.
 *
 * A quadratic by ridge regression, and a Gaussian process over what it leaves (Matern 5/2, one
 * length a dimension, a nugget for the simulations' noise), their constants by the largest marginal
 * likelihood on a fixed grid, so that one set of points gives one function. Source: Rasmussen and
 * Williams, Gaussian Processes for Machine Learning, 2006, ch. 2 and 5.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_DOUBT_SURROGATE_H
#define XO_DOUBT_SURROGATE_H

#include "xo/error.h"

#include <stddef.h>

struct surrogate {
    int n_dims, n, n_terms;
    double *t;     /* [n][n_dims] the points, each coordinate about -1..1; owned */
    double *alpha; /* [n] weights of the kernel; owned */
    double *trend; /* [n_terms] of 1, t_i, t_i^2, and of t_i t_j where there are points enough */
    double *inverse_length; /* [n_dims]; owned */
    bool has_products, has_process;
};

/* Fit y[n] at t[n][n_dims]. n of at least 4. XO_ERR_MEMORY or _NUMERIC. */
XO_MUST_USE bool surrogate_fit(struct surrogate *s, int n_dims, int n, const double t[],
                               const double y[], struct xo_error *err);
double surrogate_at(const struct surrogate *s, const double t[]);
void surrogate_fini(struct surrogate *s); /* all zero is fine */

#endif
