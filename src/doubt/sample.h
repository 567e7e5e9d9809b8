/* sample.h - where in the unit cube a row of a sweep lies. Private to the library.
 *
 * A row's uniforms are a function of the seed, the design and the row's number alone, so that rows
 * can be made in any order, by anybody.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_DOUBT_SAMPLE_H
#define XO_DOUBT_SAMPLE_H

#include "sobol_indices.h"

struct design {
    enum xo_sampling sampling;
    enum xo_indices indices; /* PICK_FREEZE or GIVEN_DATA */
    int d, rows_per_base;
    int64_t n_base, base_per_randomization; /* plain Monte Carlo: all of them */
    int n_randomizations;
    uint64_t seed;
    uint32_t slots[XO_SWEEP_MAX_INPUTS]; /* of each input's draws: its key */
    struct xo_copula *copula;            /* owned; NULL: independent */
    struct xo_sobol_table *table;        /* owned; NULL: not Sobol' */
};

/* What was changed against the settings, for people; "" : nothing. */
struct design_note {
    char text[240];
};

/* A design of at most settings->n_samples rows over d inputs with keys slots[d], joined by the
 * copula, which it takes over, also on failure; NULL: independent. Pick-freeze of correlated inputs
 * is refused; Sobol' points of more than 40 dimensions become Latin hypercubes. Nothing to finish
 * on failure. */
XO_MUST_USE bool design_init(struct design *g, const struct xo_sweep_settings *settings, int d,
                             const uint32_t slots[], struct xo_copula *copula, uint64_t seed,
                             struct design_note *note, struct xo_error *err);
void design_fini(struct design *g);
int64_t design_rows(const struct design *g);
/* u[d] in (0, 1) of a row. */
void design_uniforms(const struct design *g, int64_t row, double u[]);
/* Its groups, for intervals over the first n_base points. */
struct grouping design_groups(const struct design *g, int64_t n_base);

#endif
