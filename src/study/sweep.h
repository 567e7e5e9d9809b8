/* sweep.h - what the files of a sweep share. Private to study.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STUDY_SWEEP_H
#define XO_STUDY_SWEEP_H

#include "doubt/sample.h"
#include "doubt/worlds.h"
#include "xo/sweep.h"

struct xo_sweep {
    const struct xo_scenario *scenario;
    const struct xo_study_options *options;
    struct xo_sweep_settings settings;
    struct xo_sweep_input inputs[XO_SWEEP_MAX_INPUTS];
    int n_inputs;
    struct inputs varied;
    double min_volume, max_volume;
    struct xo_worlds worlds;
    struct design design;
    struct design_note note;
};

/* The row of the world where a visitor stands, and of another one; noise_usd is left at 0. */
XO_MUST_USE bool sweep_price(const struct xo_sweep *sweep, struct visitor *v,
                             struct xo_sweep_row *row, struct xo_error *err);
XO_MUST_USE bool sweep_row(const struct xo_sweep *sweep, struct visitor *v, const double values[],
                           struct xo_sweep_row *row, struct xo_error *err);

/* Does a row carry statistics (rows A and B)? */
static inline bool is_distribution_row(const struct design *g, int64_t row)
{
    return g->rows_per_base == 1 || row % g->rows_per_base < 2;
}

/* The median crossover of the first n_base points and its interval; the share of rows in which
 * building wins, and its. scratch[4 n_base]. */
void sweep_centre(const struct xo_sweep *sweep, const struct xo_sweep_row rows[], int64_t n_base,
                  double scratch[], struct xo_interval *median, struct xo_interval *build_wins);

#endif
