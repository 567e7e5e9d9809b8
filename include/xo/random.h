/* xo/random.h - random bits that belong to somebody, distributions, Sobol' points.
 *
 * Every draw has an address: (seed, replication, purpose) is the key, (entity, slot) the counter of
 * a Philox4x32-10 block (Salmon et al., SC 2011; Random123). Request 17's prompt length is
 * therefore the same number at every volume, in every fleet, on every thread: common random numbers
 * for free. A variate is one uniform through an inverse CDF, so that it is monotone in its uniform.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_RANDOM_H
#define XO_RANDOM_H

#include "xo/error.h"
#include <gsl/gsl_rng.h>
#include <stddef.h>
#include <stdint.h>

/* What a stream of draws is for. Never renumber: a number is part of every result. */
enum xo_purpose {
    XO_PURPOSE_ARRIVAL = 1,
    XO_PURPOSE_BURST = 2,
    XO_PURPOSE_REQUEST = 3, /* class, prompt and output length of request `entity` */
    XO_PURPOSE_ROUTER = 4,
    XO_PURPOSE_TRACE = 5,
    XO_PURPOSE_SAMPLE = 6, /* uncertain inputs; entity = sample, slot = input */
    XO_PURPOSE_BOOTSTRAP = 7,
    XO_PURPOSE_CLIENT = 8,
    XO_PURPOSE_SPIKE = 9,
};

struct xo_stream {
    uint64_t seed;
    uint32_t replication, purpose;
};

/* Two independent uniforms on the open interval (0, 1): middles of 2^52 equal cells, so that u and
 * 1 - u are exact and neither is ever 0 or 1. Pure; 10 ns. Streams are disjoint for replications
 * below 2^24 and purposes below 256. */
void xo_uniform2(const struct xo_stream *stream, uint64_t entity, uint32_t slot, double u[2]);
/* The first of them. */
double xo_uniform(const struct xo_stream *stream, uint64_t entity, uint32_t slot);
/* u[2 n]: the pairs of entities entity, entity + 1, ... in a row. 5 ns each where there is AVX2. */
void xo_uniforms(const struct xo_stream *stream, uint64_t entity, uint32_t slot, size_t n,
                 double u[]);

/* The same bits behind GSL's interface, for gsl_ran_* and shuffles: xo_rng_set points a generator
 * of this type (gsl_rng_alloc(xo_rng_philox)) at slot 0 of an entity; it then walks the slots. */
extern const gsl_rng_type *const xo_rng_philox;
void xo_rng_set(gsl_rng *rng, const struct xo_stream *stream, uint64_t entity);

/* ---- distributions ---- */

/* Makers take what stands behind a kind; p[] then holds what stands after the arrow. */
enum xo_dist_kind {
    XO_DIST_CONSTANT,    /* value -> value */
    XO_DIST_UNIFORM,     /* lo, hi -> lo, hi */
    XO_DIST_TRIANGULAR,  /* lo, mode, hi -> lo, mode, hi */
    XO_DIST_EXPONENTIAL, /* mean -> mean */
    XO_DIST_NORMAL,      /* mean and cv, or p50 and p95 -> mean, sd */
    XO_DIST_LOGNORMAL,   /* mean and cv, or p50 and p95 -> mu, sigma of the logarithm */
    XO_DIST_GAMMA,       /* mean and cv, or p50 and p95 -> shape, scale */
    XO_DIST_WEIBULL,     /* mean and cv, or p50 and p95 -> shape, scale, 1/shape */
    XO_DIST_PARETO,      /* lo, alpha, truncated at hi -> lo, alpha, 1 - (lo/hi)^alpha */
    XO_DIST_PERT,     /* lo, mode, hi: beta-PERT with lambda 4 -> lo, hi, first shape of the beta */
    XO_DIST_DISCRETE, /* values with weights */
    XO_DIST_EMPIRICAL, /* observations, equally likely; nothing is interpolated between them */
    XO_N_DIST_KINDS
};

/* A distribution ready to draw from. Open to read, written by the xo_dist_ makers alone. */
struct xo_dist {
    enum xo_dist_kind kind;
    double p[3];        /* parameters of the kind, resolved (lognormal: mu, sigma; ...) */
    double shift;       /* added to what the kind and p say; 0 where values[] are the values */
    double lo, hi;      /* support after truncation; values outside are cut to it (clipped) */
    double mean, sd;    /* of the clipped distribution, by closed forms */
    size_t n;           /* length of values[] */
    double *values;     /* [n] owned; discrete, empirical: sorted ascending; gamma, PERT: the table
                           behind the quantile; else NULL */
    double *cumulative; /* [n] owned; discrete: P(X <= values[i]); else NULL */
};

/* The largest coefficient of variation of a length or a gap: beyond it the shapes of gamma and
 * Weibull leave the range of double. */
enum { XO_MAX_CV = 50 };

/* Makers: fill *dist, or fail with XO_ERR_INPUT (a cv of 0 gives a constant; it goes up to 50). The
 * caller frees with xo_dist_fini. Gamma and PERT quantiles are tabulated here (0.1 ms), with a
 * relative error below 1e-6 between the 1e-9 and 1-1e-9 points and solved for beyond. */
XO_MUST_USE bool xo_dist_constant(struct xo_dist *dist, double value, struct xo_error *err);
XO_MUST_USE bool xo_dist_by_moments(
    struct xo_dist *dist, enum xo_dist_kind kind, double mean, double cv,
    struct xo_error *err); /* exponential (any cv), normal, lognormal, gamma, weibull */
XO_MUST_USE bool xo_dist_by_quantiles(struct xo_dist *dist, enum xo_dist_kind kind, double p50,
                                      double p95,
                                      struct xo_error *err); /* lognormal, weibull, gamma, normal */
XO_MUST_USE bool xo_dist_by_range(struct xo_dist *dist, enum xo_dist_kind kind, double lo,
                                  double mode, double hi,
                                  struct xo_error *err); /* uniform, triangular, pert */
XO_MUST_USE bool xo_dist_pareto(struct xo_dist *dist, double lo, double alpha, double hi,
                                struct xo_error *err);
/* values[n], weights[n] or NULL for equal ones; copied. With weights the kind becomes discrete. */
XO_MUST_USE bool xo_dist_of_values(struct xo_dist *dist, enum xo_dist_kind kind,
                                   const double *values, const double *weights, size_t n,
                                   struct xo_error *err);
/* Add `by` to every value: 1200 + lognormal(...). */
void xo_dist_shift(struct xo_dist *dist, double by);
/* Cut to [lo, hi]: draws outside become the bound. Updates mean and sd. */
XO_MUST_USE bool xo_dist_clip(struct xo_dist *dist, double lo, double hi, struct xo_error *err);
XO_MUST_USE bool xo_dist_copy(struct xo_dist *to, const struct xo_dist *from, struct xo_error *err);
void xo_dist_fini(struct xo_dist *dist);

/* Inverse CDF at 0 < u < 1, clipped. Non-decreasing in u. 15 to 30 ns. */
double xo_dist_quantile(const struct xo_dist *dist, double u);
/* Put the quantile at each of x[n] in its place, the same to the bit: many at once take two thirds
 * of the time where the kind goes by the normal quantile. */
void xo_dist_quantiles(const struct xo_dist *dist, size_t n, double x[]);
/* P(X <= x) of the clipped distribution. */
double xo_dist_cdf(const struct xo_dist *dist, double x);

/* Phi^-1(u) of the standard normal distribution at 0 < u < 1, to 1e-15 (Wichura's AS 241). 8 ns. */
double xo_normal_quantile(double u);

/* Quantile of a gamma variate of any shape > 0 and scale 1, solved on the spot: microseconds. */
double xo_gamma_quantile(double shape, double u);

/* ---- space-filling points ---- */

/* Sobol' point `index` (from 0) of `n_dims` dimensions with a random shift modulo 1 keyed by
 * stream: x[n_dims] in (0, 1). The origin comes first, so that the first 2^m points are balanced.
 * GSL's Sobol' has 40 dimensions and returns zeros above without a
 * word, so more fail with XO_ERR_INPUT. Points come in order from xo_sobol_next. */
struct xo_sobol;
XO_MUST_USE struct xo_sobol *xo_sobol_new(int n_dims, const struct xo_stream *shift,
                                          struct xo_error *err);
void xo_sobol_next(struct xo_sobol *sobol, double x[]);
void xo_sobol_free(struct xo_sobol *sobol);

/* The same points by number, for a sample that has to be found without those before it: a table of
 * direction numbers, read from GSL's own points in O(n_points). `shift` as above. */
enum { XO_SOBOL_MAX_DIMS = 40, XO_SOBOL_BITS = 30 };
struct xo_sobol_table {
    int n_dims, n_bits;
    uint32_t direction[XO_SOBOL_BITS][XO_SOBOL_MAX_DIMS];
};
XO_MUST_USE bool xo_sobol_table_init(struct xo_sobol_table *table, int n_dims, uint64_t n_points,
                                     struct xo_error *err);
/* Point `index` < n_points, x[n_dims] in (0, 1): what xo_sobol_next gives after `index` others. */
void xo_sobol_at(const struct xo_sobol_table *table, const struct xo_stream *shift, uint64_t index,
                 double x[]);

/* Where a permutation of 0..n-1 that belongs to (stream, entity) puts i: the stratum of point i in
 * a column of a Latin hypercube. Every value once; n to 2^56; some 0.2 us. */
uint64_t xo_permuted(const struct xo_stream *stream, uint64_t entity, uint64_t n, uint64_t i);

/* ---- dependence ---- */

/* A Gaussian copula with Spearman rank correlations rank[n][n] (symmetric, 1 on the diagonal). The
 * normal scores have correlation 2 sin(pi/6 rank) (Kruskal, JASA 53, 1958). NULL with XO_ERR_INPUT
 * when that matrix is not positive definite, or XO_ERR_MEMORY. */
struct xo_copula;
XO_MUST_USE struct xo_copula *xo_copula_new(int n, const double rank[], struct xo_error *err);
void xo_copula_free(struct xo_copula *copula);
/* u[n]: independent uniforms in, dependent ones out. One that depends on nothing stays as it is. */
void xo_copula_apply(const struct xo_copula *copula, double u[]);

#endif
