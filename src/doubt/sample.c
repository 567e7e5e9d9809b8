/* sample.c - where in the unit cube a row of a sweep lies; see sample.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    LEAST_BASE = 20,
    RANDOMIZATIONS = 10,          /* at least so many for a t-interval */
    PRECISION_RANDOMIZATIONS = 40 /* where a sweep may stop at a half or a quarter of them */
};

/* Slots of rows B, and entities of permutations, lie away from those of rows A. */
static const uint32_t SLOT_B = 1u << 20;
static const uint64_t PERMUTATION_ENTITY = UINT64_C(1) << 60;

static int64_t largest_power_of_two(int64_t n)
{
    int64_t p = 1;
    while (2 * p <= n)
        p *= 2;
    return p;
}

/* Base points into randomizations: of equal size, for Sobol' a power of two, without which they are
 * not balanced. */
static bool divide(struct design *g, int64_t n_base, bool precision, struct xo_error *err)
{
    const int64_t wanted = precision ? PRECISION_RANDOMIZATIONS : RANDOMIZATIONS;
    const bool random = g->sampling == XO_SAMPLING_RANDOM;
    const int64_t least = random ? LEAST_BASE : 2 * (int64_t)RANDOMIZATIONS;
    if (n_base < least)
        return xo_fail(err, XO_ERR_INPUT,
                       "study.samples is too small: %d uncertain input%s %d row%s a point, and "
                       "%lld points at least; it takes %lld or more",
                       g->d, g->d == 1 ? " takes" : "s take", g->rows_per_base,
                       g->rows_per_base == 1 ? "" : "s", (long long)least,
                       (long long)(least * g->rows_per_base));
    int64_t size = n_base / wanted;
    if (size < 2)
        size = n_base / RANDOMIZATIONS;
    if (g->sampling == XO_SAMPLING_SOBOL)
        size = largest_power_of_two(size);
    g->base_per_randomization = random ? n_base : size;
    g->n_randomizations = random ? 1 : (int)(n_base / size);
    if (g->sampling == XO_SAMPLING_LATIN) /* longer hypercubes rather than more */
        g->n_randomizations = (int)fmin(g->n_randomizations, (double)wanted);
    g->n_base = g->base_per_randomization * g->n_randomizations;
    return true;
}

static enum xo_indices choose_indices(const struct xo_sweep_settings *settings, bool correlated)
{
    if (settings->indices != XO_INDICES_AUTO)
        return settings->indices;
    return correlated ? XO_INDICES_GIVEN_DATA : XO_INDICES_PICK_FREEZE;
}

static void choose_sampling(struct design *g, const struct xo_sweep_settings *settings, int n_dims,
                            struct design_note *note)
{
    note->text[0] = '\0';
    g->sampling = settings->sampling;
    if (g->sampling != XO_SAMPLING_SOBOL || n_dims <= XO_SOBOL_MAX_DIMS)
        return;
    g->sampling = XO_SAMPLING_LATIN;
    snprintf(note->text, sizeof note->text,
             "%d inputs take %d dimensions%s, and Sobol' points have %d: Latin hypercubes are used "
             "instead",
             g->d, n_dims, n_dims > g->d ? " with pick-freeze" : "", XO_SOBOL_MAX_DIMS);
}

static bool make_table(struct design *g, int n_dims, struct xo_error *err)
{
    if (g->sampling != XO_SAMPLING_SOBOL)
        return true;
    g->table = malloc(sizeof *g->table);
    if (g->table == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for Sobol' points");
    return xo_sobol_table_init(g->table, n_dims, (uint64_t)g->base_per_randomization, err);
}

static bool choose_rows(struct design *g, const struct xo_sweep_settings *settings,
                        struct xo_error *err)
{
    g->indices = choose_indices(settings, g->copula != NULL);
    g->rows_per_base = g->indices == XO_INDICES_PICK_FREEZE ? g->d + 2 : 1;
    if (g->indices == XO_INDICES_PICK_FREEZE && g->copula != NULL)
        return xo_fail(err, XO_ERR_INPUT,
                       "the inputs are correlated, so that one of them cannot change alone: "
                       "pick-freeze indices do not exist; give study.indices = given-data");
    return true;
}

static bool choose_points(struct design *g, const struct xo_sweep_settings *settings,
                          struct design_note *note, struct xo_error *err)
{
    const int n_dims = g->indices == XO_INDICES_PICK_FREEZE ? 2 * g->d : g->d;
    choose_sampling(g, settings, n_dims, note);
    return divide(g, settings->n_samples / g->rows_per_base, settings->precision_frac > 0, err) &&
           make_table(g, n_dims, err);
}

bool design_init(struct design *g, const struct xo_sweep_settings *settings, int d,
                 const uint32_t slots[], struct xo_copula *copula, uint64_t seed,
                 struct design_note *note, struct xo_error *err)
{
    *g = (struct design){ .d = d, .seed = seed, .copula = copula };
    for (int i = 0; i < d; i++)
        g->slots[i] = slots[i];
    if (choose_rows(g, settings, err) && choose_points(g, settings, note, err))
        return true;
    design_fini(g);
    return false;
}

void design_fini(struct design *g)
{
    xo_copula_free(g->copula);
    free(g->table);
    g->copula = NULL;
    g->table = NULL;
}

int64_t design_rows(const struct design *g)
{
    return g->n_base * g->rows_per_base;
}

/* The uniform of input i in row A (b = 0) or B of base point j. */
static double uniform_of(const struct design *g, int64_t j, int i, int b)
{
    const uint32_t slot = g->slots[i] + (b ? SLOT_B : 0);
    const struct xo_stream stream = { g->seed, 0, XO_PURPOSE_SAMPLE };
    const double u = xo_uniform(&stream, (uint64_t)j, slot);
    if (g->sampling == XO_SAMPLING_RANDOM)
        return u;
    const int64_t n = g->base_per_randomization;
    const struct xo_stream own = { g->seed, (uint32_t)(j / n), XO_PURPOSE_SAMPLE };
    const uint64_t stratum =
        xo_permuted(&own, PERMUTATION_ENTITY + slot, (uint64_t)n, (uint64_t)(j % n));
    return ((double)stratum + u) / (double)n;
}

static void sobol_uniforms(const struct design *g, int64_t j, int which, double u[])
{
    const int64_t n = g->base_per_randomization;
    const struct xo_stream shift = { g->seed, (uint32_t)(j / n), XO_PURPOSE_SAMPLE };
    double x[XO_SOBOL_MAX_DIMS];
    xo_sobol_at(g->table, &shift, (uint64_t)(j % n), x);
    for (int i = 0; i < g->d; i++)
        u[i] = x[which == 1 || which == 2 + i ? g->d + i : i];
}

void design_uniforms(const struct design *g, int64_t row, double u[])
{
    assert(row >= 0 && row < design_rows(g));
    const int64_t j = row / g->rows_per_base;
    const int which = (int)(row % g->rows_per_base); /* 0: A, 1: B, 2 + i: A with input i of B */
    if (g->sampling == XO_SAMPLING_SOBOL)
        sobol_uniforms(g, j, which, u);
    else
        for (int i = 0; i < g->d; i++)
            u[i] = uniform_of(g, j, i, which == 1 || which == 2 + i);
    if (g->copula != NULL)
        xo_copula_apply(g->copula, u);
}

struct grouping design_groups(const struct design *g, int64_t n_base)
{
    if (g->sampling == XO_SAMPLING_RANDOM)
        return grouping_of_points(n_base, g->seed);
    return (struct grouping){ .n_base = n_base,
                              .base_per_group = g->base_per_randomization,
                              .n_groups = (int)(n_base / g->base_per_randomization),
                              .seed = g->seed };
}
