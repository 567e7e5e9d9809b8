/* quantile.c - from a uniform to a variate: the inverse CDF of every kind.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "dist.h"

#include <assert.h>
#include <math.h>

/* Coefficients of PPND16: Wichura, Algorithm AS 241, Applied Statistics 37 (1988) 477-484. */
static const double near_top[8] = { 3.3871328727963666080e0, 1.3314166789178437745e2,
                                    1.9715909503065514427e3, 1.3731693765509461125e4,
                                    4.5921953931549871457e4, 6.7265770927008700853e4,
                                    3.3430575583588128105e4, 2.5090809287301226727e3 };
static const double near_bottom[8] = { 1.0,
                                       4.2313330701600911252e1,
                                       6.8718700749205790830e2,
                                       5.3941960214247511077e3,
                                       2.1213794301586595867e4,
                                       3.9307895800092710610e4,
                                       2.8729085735721942674e4,
                                       5.2264952788528545610e3 };
static const double mid_top[8] = { 1.42343711074968357734e0,  4.63033784615654529590e0,
                                   5.76949722146069140550e0,  3.64784832476320460504e0,
                                   1.27045825245236838258e0,  2.41780725177450611770e-1,
                                   2.27238449892691845833e-2, 7.74545014278341407640e-4 };
static const double mid_bottom[8] = { 1.0,
                                      2.05319162663775882187e0,
                                      1.67638483018380384940e0,
                                      6.89767334985100004550e-1,
                                      1.48103976427480074590e-1,
                                      1.51986665636164571966e-2,
                                      5.47593808499534494600e-4,
                                      1.05075007164441684324e-9 };
static const double far_top[8] = { 6.65790464350110377720e0,  5.46378491116411436990e0,
                                   1.78482653991729133580e0,  2.96560571828504891230e-1,
                                   2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                   2.71155556874348757815e-5, 2.01033439929228813265e-7 };
static const double far_bottom[8] = { 1.0,
                                      5.99832206555887937690e-1,
                                      1.36929880922735805310e-1,
                                      1.48753612908506148525e-2,
                                      7.86869131145613259100e-4,
                                      1.84631831751005468180e-5,
                                      1.42151175831644588870e-7,
                                      2.04426310338993978564e-15 };

/* Two ratios side by side in Estrin's order: half the latency of Horner's. */
static inline double ratio7(const double top[8], const double bottom[8], double r)
{
    const double r2 = r * r, r4 = r2 * r2;
    const double t = (top[0] + top[1] * r) + (top[2] + top[3] * r) * r2 +
                     ((top[4] + top[5] * r) + (top[6] + top[7] * r) * r2) * r4;
    const double b = (bottom[0] + bottom[1] * r) + (bottom[2] + bottom[3] * r) * r2 +
                     ((bottom[4] + bottom[5] * r) + (bottom[6] + bottom[7] * r) * r2) * r4;
    return t / b;
}

static inline bool is_in_tail(double u)
{
    return fabs(u - 0.5) > 0.425;
}

static inline double at_middle(double u)
{
    const double q = u - 0.5;
    return q * ratio7(near_top, near_bottom, 0.180625 - q * q);
}

static double at_tail(double u)
{
    const double r = sqrt(-log(u < 0.5 ? u : 1 - u));
    const double z =
        r <= 5 ? ratio7(mid_top, mid_bottom, r - 1.6) : ratio7(far_top, far_bottom, r - 5);
    return u < 0.5 ? -z : z;
}

double xo_normal_quantile(double u)
{
    return is_in_tail(u) ? at_tail(u) : at_middle(u);
}

/* Tails, which no processor foresees, are set aside. What is left is one formula, in lanes where
 * the compiler makes some: GCC does at -O2 where it knows the count to be a multiple. */
static void normal_quantiles(size_t n, double x[])
{
    enum { AT_ONCE = 32, MULTIPLE = 4 };
    for (; n > AT_ONCE; n -= AT_ONCE, x += AT_ONCE)
        normal_quantiles(AT_ONCE, x);
    size_t tail[AT_ONCE], n_tails = 0;
    double tail_u[AT_ONCE];
    for (size_t i = 0; i < n; i++) {
        tail[n_tails] = i;
        tail_u[n_tails] = x[i];
        n_tails += is_in_tail(x[i]);
    }
    const size_t n_in_lanes = n / MULTIPLE * MULTIPLE;
    for (size_t i = 0; i < n_in_lanes; i++)
        x[i] = at_middle(x[i]);
    for (size_t i = n_in_lanes; i < n; i++)
        x[i] = at_middle(x[i]);
    for (size_t k = 0; k < n_tails; k++)
        x[tail[k]] = at_tail(tail_u[k]);
}

/* -ln(1 - u). 1 - u is exact on the grid of xo_uniform, and log costs a third of log1p. */
static double minus_log_rest(double u)
{
    return u < 1e-6 ? -log1p(-u) : -log(1 - u);
}

static double triangular(const double p[3], double u)
{
    const double lo = p[0], mode = p[1], hi = p[2], width = hi - lo;
    return u * width < mode - lo ? lo + sqrt(u * width * (mode - lo))
                                 : hi - sqrt((1 - u) * width * (hi - mode));
}

double xo_gamma_wilson_hilferty(double shape, double z)
{
    const double root = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape));
    return shape * root * root * root;
}

/* The first value whose cumulative probability reaches u. */
static double discrete(const struct xo_dist *dist, double u)
{
    size_t first = 0, last = dist->n - 1;
    while (first < last) {
        const size_t middle = first + (last - first) / 2;
        if (dist->cumulative[middle] >= u)
            last = middle;
        else
            first = middle + 1;
    }
    return dist->values[first];
}

/* Kinds whose quantile is a function of the standard normal quantile. */
static bool goes_by_normal(const struct xo_dist *dist)
{
    return dist->kind == XO_DIST_NORMAL || dist->kind == XO_DIST_LOGNORMAL ||
           dist->kind == XO_DIST_GAMMA || dist->kind == XO_DIST_PERT;
}

/* The quantile at a uniform u; of those kinds, at its standard normal quantile z. */
static double quantile_at(const struct xo_dist *dist, double u_or_z)
{
    const double *p = dist->p, u = u_or_z, z = u_or_z;
    switch (dist->kind) {
    case XO_DIST_CONSTANT:
        return p[0];
    case XO_DIST_UNIFORM:
        return p[0] + (p[1] - p[0]) * u;
    case XO_DIST_TRIANGULAR:
        return triangular(p, u);
    case XO_DIST_EXPONENTIAL:
        return p[0] * minus_log_rest(u);
    case XO_DIST_NORMAL:
        return p[0] + p[1] * z;
    case XO_DIST_LOGNORMAL:
        return exp(p[0] + p[1] * z);
    case XO_DIST_GAMMA:
        return p[0] > GAMMA_LARGE_SHAPE ? p[1] * xo_gamma_wilson_hilferty(p[0], z)
                                        : xo_dist_tabulated(dist, z);
    case XO_DIST_WEIBULL:
        return p[1] * exp(p[2] * log(minus_log_rest(u)));
    case XO_DIST_PARETO:
        return p[0] * exp(minus_log_rest(u * p[2]) / p[1]);
    case XO_DIST_PERT:
        return xo_dist_tabulated(dist, z);
    case XO_DIST_DISCRETE:
        return discrete(dist, u);
    case XO_DIST_EMPIRICAL:
        return dist->values[(size_t)(u * (double)dist->n)];
    case XO_N_DIST_KINDS:
        break;
    }
    return NAN;
}

static double clipped(const struct xo_dist *dist, double u_or_z)
{
    const double x = quantile_at(dist, u_or_z) + dist->shift;
    return x < dist->lo ? dist->lo : x > dist->hi ? dist->hi : x;
}

double xo_dist_quantile(const struct xo_dist *dist, double u)
{
    assert(u > 0 && u < 1);
    return clipped(dist, goes_by_normal(dist) ? xo_normal_quantile(u) : u);
}

void xo_dist_quantiles(const struct xo_dist *dist, size_t n, double x[])
{
    if (goes_by_normal(dist))
        normal_quantiles(n, x);
    for (size_t i = 0; i < n; i++)
        x[i] = clipped(dist, x[i]);
}
