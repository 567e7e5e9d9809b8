/* sweep_stats.h - what the files of a sweep's statistics share. Private to study.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STUDY_SWEEP_STATS_H
#define XO_STUDY_SWEEP_STATS_H

#include "sweep.h"

/* Rows, and room to work in. */
struct answers {
    const struct xo_sweep *sweep;
    const struct xo_sweep_row *rows;
    int64_t n;    /* distribution rows */
    int64_t step; /* rows holds every step-th distribution row alone; 0: the sweep's own rows */
    struct grouping groups;
    double *both;        /* [2 n] y, then scratch */
    double *y, *scratch; /* [n] each */
};

/* Rows A and B of the first n_base points; the row that is number i of them. */
int64_t distribution_rows(const struct xo_sweep *sweep, int64_t n_base);
int64_t distribution_row(const struct xo_sweep *sweep, int64_t i);

/* Distribution row i of n: its number in the sweep, and itself. */
int64_t answer_number(const struct answers *a, int64_t i);
const struct xo_sweep_row *answer_row(const struct answers *a, int64_t i);

/* One column of them into y[n]. */
typedef double column_fn(const struct answers *a, const struct xo_sweep_row *row);
void gather(const struct answers *a, column_fn *column, double y[]);

/* Distributions, savings and regrets into the result. */
void answer_distributions(const struct answers *a, struct xo_sweep_result *r);
/* What each input does: Sobol' indices, partial rank correlations, the value of knowing it. */
XO_MUST_USE bool answer_inputs(const struct answers *a, struct xo_sweep_result *r,
                               struct xo_error *err);
/* Widen every interval of the result by the error of the capacities, which all samples share. */
XO_MUST_USE bool widen_intervals(const struct answers *a, struct xo_sweep_result *r,
                                 struct xo_error *err);
/* lo and hi moved out to where the farthest of n ends that stand for one source of error moves an
 * answer, given where it is without: by the root of the sum of squares. Volumes move by ratios. */
void interval_widen(struct xo_interval *i, double without, const double ends[], int n, bool volume);
/* Cut to what the answer can be at all; ends that do not exist (NAN) stay so. */
void interval_clamp(struct xo_interval *i, double least, double most);

#endif
