/* sobol_indices.h - which input moves an output: pick-freeze and given-data estimators. Private to
 * the library.
 *
 * A pick-freeze design has d + 2 rows a base point: A, B, and A with input i from B. Base points
 * come in groups: independent randomizations, or, in plain Monte Carlo, runs of points that share
 * nothing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_DOUBT_SOBOL_INDICES_H
#define XO_DOUBT_SOBOL_INDICES_H

#include "xo/doubt.h"

/* How an interval is found. */
struct grouping {
    int64_t n_base;         /* base points in all */
    int64_t base_per_group; /* consecutive ones; the last group may be shorter */
    int n_groups;
    bool bootstrap; /* points are independent (plain Monte Carlo): resample them; else the
                       delete-one jackknife over groups, with Student's t */
    uint64_t seed;  /* of the bootstrap */
};
/* Plain Monte Carlo has no groups of its own: at most 20 runs of points for the jackknife. */
struct grouping grouping_of_points(int64_t n_base, uint64_t seed);

/* From y[n_base][d + 2], row-major: with f = y - mean,
 *
 *   S_i = mean(f_B (f_ABi - f_A)) / V         (Saltelli et al., Comput. Phys. Commun. 181, 2010)
 *   T_i = mean((f_A - f_ABi)^2) / (2 V)       (Jansen, Comput. Phys. Commun. 117, 1999)
 *
 * with V the variance over A and B. All NAN when V is 0. */
XO_MUST_USE bool indices_pick_freeze(const double y[], int d, const struct grouping *g,
                                     struct xo_sweep_indices out[], struct xo_error *err);

/* First order from any sample: y[n] at the ranks u[n] in (0, 1) of one input. n = n_base, or
 * 2 n_base where rows A and B follow each other. Interval by the jackknife over groups. */
XO_MUST_USE bool index_given_data(const double u[], const double y[], int64_t n,
                                  const struct grouping *g, struct xo_interval *first,
                                  struct xo_error *err);

/* The estimate over all groups, and those without one of them: Student's t interval of the
 * delete-one jackknife (Efron and Stein, Ann. Statist. 9, 1981). lo and hi NAN below 2 groups. */
struct xo_interval jackknife_interval(double all, const double without[], int n_groups);

#endif
