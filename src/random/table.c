/* table.c - tabulated quantiles: one polynomial instead of the inverse of an incomplete gamma or
 * beta function (4.7 us a draw in GSL).
 *
 * With u = Phi(z), the logarithm of a gamma variate and the logit of a beta variate are smooth
 * functions y(z) without ends or poles, and their derivatives are known:
 *
 *   y'  = phi(z) / w(y),   y'' = y' (-z - y' dln w/dy),   w = the density of y.
 *
 * So 96 quintic Hermite pieces over |z| <= 6 (the points 1e-9 and 1 - 1e-9) reproduce the quantile
 * to 1e-8 or better; beyond, the equation itself is solved.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "dist.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

enum { PIECES_PER_UNIT = 8, N_PIECES = 12 * PIECES_PER_UNIT, N_COEFFICIENTS = 6 };
#define Z_LAST 6.0

/* The variable y of a distribution: ln P(Y <= y), ln P(Y > y), ln w and dln w/dy. */
struct curve {
    double a, b, log_norm, y_min, y_max; /* beyond these no tail of 1e-16 lies */
    double (*log_below)(const struct curve *c, double y);
    double (*log_above)(const struct curve *c, double y);
    double (*log_density)(const struct curve *c, double y);
    double (*log_density_slope)(const struct curve *c, double y);
};

/* ---- y = ln x, x gamma of shape a ---- */

/* Below x = 2e-9 the first term of the series is all: P = x^a / Gamma(a + 1). */
static double gamma_log_below(const struct curve *c, double y)
{
    return y < -20 ? c->a * y - c->log_norm - log(c->a) : log(gsl_cdf_gamma_P(exp(y), c->a, 1));
}
static double gamma_log_above(const struct curve *c, double y)
{
    return y < -20 ? log1p(-exp(gamma_log_below(c, y))) : log(gsl_cdf_gamma_Q(exp(y), c->a, 1));
}
static double gamma_log_density(const struct curve *c, double y)
{
    return c->a * y - exp(y) - c->log_norm;
}
static double gamma_log_density_slope(const struct curve *c, double y)
{
    return c->a - exp(y);
}

/* ---- y = ln(x / (1 - x)), x beta of shapes a, b ---- */

static double logistic(double y)
{
    return 1 / (1 + exp(-y));
}
static double beta_log_below(const struct curve *c, double y)
{
    return log(gsl_cdf_beta_P(logistic(y), c->a, c->b));
}
static double beta_log_above(const struct curve *c, double y)
{
    return log(gsl_cdf_beta_P(logistic(-y), c->b, c->a));
}
static double beta_log_density(const struct curve *c, double y)
{
    return c->a * log(logistic(y)) + c->b * log(logistic(-y)) - c->log_norm;
}
static double beta_log_density_slope(const struct curve *c, double y)
{
    return c->a * logistic(-y) - c->b * logistic(y);
}

static struct curve gamma_curve(double a)
{
    return (struct curve){ .a = a,
                           .log_norm = lgamma(a),
                           .y_min = -INFINITY,
                           .y_max = log(a + 12 * sqrt(a) + 80),
                           .log_below = gamma_log_below,
                           .log_above = gamma_log_above,
                           .log_density = gamma_log_density,
                           .log_density_slope = gamma_log_density_slope };
}

static struct curve beta_curve(double a, double b)
{
    return (struct curve){ .a = a,
                           .b = b,
                           .log_norm = lgamma(a) + lgamma(b) - lgamma(a + b),
                           .y_min = -60,
                           .y_max = 60,
                           .log_below = beta_log_below,
                           .log_above = beta_log_above,
                           .log_density = beta_log_density,
                           .log_density_slope = beta_log_density_slope };
}

static struct curve curve_of(const struct xo_dist *dist)
{
    return dist->kind == XO_DIST_GAMMA ? gamma_curve(dist->p[0])
                                       : beta_curve(dist->p[2], PERT_SHAPES - dist->p[2]);
}

/* Newton's method on the logarithm of the smaller tail. It is concave in y, so that after one step,
 * which may overshoot, the rest come from one side. */
static double solve(const struct curve *c, double z, double y)
{
    const bool lower = z <= 0;
    const double target = log(gsl_cdf_ugaussian_P(lower ? z : -z));
    for (int i = 0; i < 60; i++) {
        const double tail = lower ? c->log_below(c, y) : c->log_above(c, y);
        const double slope = exp(c->log_density(c, y) - tail);
        const double step = (target - tail) / (lower ? slope : -slope);
        y = fmin(fmax(y + step, c->y_min), c->y_max);
        if (fabs(step) <= 1e-14 * (1 + fabs(y)))
            return y;
    }
    return y;
}

static double slope_at(const struct curve *c, double z, double y)
{
    return exp(-0.5 * z * z - 0.5 * log(2 * M_PI) - c->log_density(c, y));
}

/* A first guess at the median: Wilson and Hilferty for a gamma, its power law where the shape is
 * small; the mean of a beta. */
static double median_guess(const struct curve *c)
{
    if (c->b > 0)
        return log(c->a / c->b);
    return c->a < 0.5 ? (log(0.5) + c->log_norm + log(c->a)) / c->a
                      : log(c->a) + 3 * log(1 - 1 / (9 * c->a));
}

/* Knots outwards from the median, each guessed from the last. */
static void solve_knots(const struct curve *c, double y[N_PIECES + 1])
{
    const int middle = N_PIECES / 2;
    y[middle] = solve(c, 0, median_guess(c));
    for (int direction = -1; direction <= 1; direction += 2)
        for (int i = 1; i <= middle; i++) {
            const int from = middle + direction * (i - 1);
            const double z = (double)(from - middle) / PIECES_PER_UNIT;
            const double h = (double)direction / PIECES_PER_UNIT;
            y[from + direction] = solve(c, z + h, y[from] + h * slope_at(c, z, y[from]));
        }
}

/* The quintic over t in [0, 1] with value, slope and curvature (v, s, k) given at both ends. */
static void hermite(const double from[3], const double to[3], double c[N_COEFFICIENTS])
{
    const double rise = to[0] - from[0] - from[1] - from[2] / 2;
    const double turn = to[1] - from[1] - from[2];
    const double bend = to[2] - from[2];
    c[0] = from[0];
    c[1] = from[1];
    c[2] = from[2] / 2;
    c[3] = 10 * rise - 4 * turn + bend / 2;
    c[4] = -15 * rise + 7 * turn - bend;
    c[5] = 6 * rise - 3 * turn + bend / 2;
}

double xo_gamma_log_quantile(double shape, double z)
{
    const struct curve c = gamma_curve(shape);
    return solve(&c, z, median_guess(&c));
}

double xo_gamma_quantile(double shape, double u)
{
    const double z = xo_normal_quantile(u);
    return shape > GAMMA_LARGE_SHAPE ? xo_gamma_wilson_hilferty(shape, z)
                                     : exp(xo_gamma_log_quantile(shape, z));
}

bool xo_dist_tabulate(struct xo_dist *dist, struct xo_error *err)
{
    const struct curve c = curve_of(dist);
    const double h = 1.0 / PIECES_PER_UNIT;
    double y[N_PIECES + 1], knot[N_PIECES + 1][3];
    solve_knots(&c, y);
    for (int i = 0; i <= N_PIECES; i++) {
        const double z = -Z_LAST + i * h, slope = slope_at(&c, z, y[i]);
        knot[i][0] = y[i];
        knot[i][1] = h * slope;
        knot[i][2] = h * h * slope * (-z - slope * c.log_density_slope(&c, y[i]));
        if (!isfinite(knot[i][0]) || !isfinite(knot[i][1]) || !isfinite(knot[i][2]))
            return xo_fail(err, XO_ERR_NUMERIC,
                           "the quantiles of a distribution with shape %g cannot be tabulated",
                           c.a);
    }
    dist->values = malloc(sizeof(double) * N_PIECES * N_COEFFICIENTS);
    if (dist->values == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a table of quantiles");
    dist->n = N_PIECES * N_COEFFICIENTS;
    for (int i = 0; i < N_PIECES; i++)
        hermite(knot[i], knot[i + 1], dist->values + i * N_COEFFICIENTS);
    return true;
}

static double beyond_table(const struct xo_dist *dist, double z)
{
    const struct curve c = curve_of(dist);
    const double *last = dist->values + (N_PIECES - 1) * N_COEFFICIENTS;
    const double edge =
        z < 0 ? dist->values[0] : last[0] + last[1] + last[2] + last[3] + last[4] + last[5];
    const double z_edge = z < 0 ? -Z_LAST : Z_LAST;
    return solve(&c, z, edge + (z - z_edge) * slope_at(&c, z_edge, edge));
}

double xo_dist_tabulated(const struct xo_dist *dist, double z)
{
    double y;
    if (fabs(z) < Z_LAST) {
        const double at = (z + Z_LAST) * PIECES_PER_UNIT;
        const int piece = (int)at;
        const double t = at - piece, *c = dist->values + piece * N_COEFFICIENTS;
        const double t2 = t * t;
        y = (c[0] + c[1] * t) + ((c[2] + c[3] * t) + (c[4] + c[5] * t) * t2) * t2;
    } else {
        y = beyond_table(dist, z);
    }
    return dist->kind == XO_DIST_GAMMA ? dist->p[1] * exp(y)
                                       : dist->p[0] + (dist->p[1] - dist->p[0]) * logistic(y);
}
