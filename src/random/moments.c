/* moments.c - CDF, mean and standard deviation of every kind, from one partial integral each.
 *
 *   M_k(x) = integral of t^k f(t) for t <= x,  k = 0, 1, 2
 *
 * M_0 is the CDF; a clip to [lo, hi] has E[X^k] = lo^k M_0(lo) + M_k(hi) - M_k(lo) + hi^k (1 -
 * M_0(hi)). All are closed forms; see Johnson, Kotz and Balakrishnan, Continuous Univariate
 * Distributions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "dist.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

double xo_gamma_p(double a, double x)
{
    if (!(x > 0))
        return 0;
    if (isinf(x))
        return 1;
    if (a <= GAMMA_LARGE_SHAPE)
        return gsl_cdf_gamma_P(x, a, 1);
    return gsl_cdf_ugaussian_P((cbrt(x / a) - 1 + 1 / (9 * a)) * 3 * sqrt(a));
}

static double power(double x, int order)
{
    return order == 0 ? 1 : order == 1 ? x : x * x;
}

static double uniform_partial(const double p[3], double x, int order)
{
    const double to = fmin(fmax(x, p[0]), p[1]);
    const int next = order + 1;
    return (pow(to, next) - pow(p[0], next)) / (next * (p[1] - p[0]));
}

/* Integral of t^order * slope * (t - zero) from `from` to `to`. */
static double ramp(double from, double to, double zero, double slope, int order)
{
    const int n = order + 2;
    return slope *
           ((pow(to, n) - pow(from, n)) / n - zero * (pow(to, n - 1) - pow(from, n - 1)) / (n - 1));
}

static double triangular_partial(const double p[3], double x, int order)
{
    const double lo = p[0], mode = p[1], hi = p[2], width = hi - lo;
    double sum = 0;
    if (mode > lo && x > lo)
        sum += ramp(lo, fmin(x, mode), lo, 2 / (width * (mode - lo)), order);
    if (mode < hi && x > mode)
        sum += ramp(mode, fmin(x, hi), hi, -2 / (width * (hi - mode)), order);
    return sum;
}

static double normal_partial(double mean, double sd, double x, int order)
{
    const double z = (x - mean) / sd, below = gsl_cdf_ugaussian_P(z);
    const double density = exp(-0.5 * z * z) / sqrt(2 * M_PI);
    const double z_density = isinf(z) ? 0 : z * density;
    if (order == 0)
        return below;
    if (order == 1)
        return mean * below - sd * density;
    return (mean * mean + sd * sd) * below - 2 * mean * sd * density - sd * sd * z_density;
}

static double lognormal_partial(const double p[3], double x, int order)
{
    if (!(x > 0))
        return 0;
    return exp(order * p[0] + 0.5 * order * order * p[1] * p[1]) *
           gsl_cdf_ugaussian_P((log(x) - p[0]) / p[1] - order * p[1]);
}

static double gamma_partial(const double p[3], double x, int order)
{
    const double raw = order == 0 ? 1 : order == 1 ? p[0] : p[0] * (p[0] + 1);
    return power(p[1], order) * raw * xo_gamma_p(p[0] + order, x / p[1]);
}

/* (X / scale)^shape is exponential. */
static double weibull_partial(double shape, double scale, double x, int order)
{
    if (!(x > 0))
        return 0;
    const double a = 1 + order / shape;
    return power(scale, order) * exp(lgamma(a)) * xo_gamma_p(a, pow(x / scale, shape));
}

static double pareto_partial(const struct xo_dist *dist, double x, int order)
{
    const double lo = dist->p[0], alpha = dist->p[1], kept = dist->p[2];
    const double r = fmax(lo / x, exp(log1p(-kept) / alpha)); /* lo/x, at least lo/hi */
    if (!(x > lo))
        return 0;
    const double n = alpha - order;
    const double integral =
        fabs(n * log(r)) < 1e-9 ? -alpha * log(r) : -alpha * expm1(n * log(r)) / n;
    return power(lo, order) * integral / kept;
}

/* x = lo + w b with b beta: E[b^j; b <= t] = E[b^j] I_t(a + j, c). */
static double pert_partial(const double p[3], double x, int order)
{
    const double lo = p[0], w = p[1] - p[0], a = p[2], c = PERT_SHAPES - a;
    const double t = fmin(fmax((x - lo) / w, 0), 1);
    const double m0 = gsl_cdf_beta_P(t, a, c);
    const double m1 = a / PERT_SHAPES * gsl_cdf_beta_P(t, a + 1, c);
    const double m2 = a * (a + 1) / (PERT_SHAPES * (PERT_SHAPES + 1)) * gsl_cdf_beta_P(t, a + 2, c);
    if (order == 0)
        return m0;
    return order == 1 ? lo * m0 + w * m1 : lo * lo * m0 + 2 * lo * w * m1 + w * w * m2;
}

static double values_partial(const struct xo_dist *dist, double x, int order)
{
    double sum = 0, before = 0;
    for (size_t i = 0; i < dist->n && dist->values[i] <= x; i++) {
        const double upto =
            dist->cumulative != NULL ? dist->cumulative[i] : (double)(i + 1) / (double)dist->n;
        sum += (upto - before) * power(dist->values[i], order);
        before = upto;
    }
    return sum;
}

double xo_dist_partial(const struct xo_dist *dist, double x, int order)
{
    const double *p = dist->p;
    switch (dist->kind) {
    case XO_DIST_CONSTANT:
        return x >= p[0] ? power(p[0], order) : 0;
    case XO_DIST_UNIFORM:
        return uniform_partial(p, x, order);
    case XO_DIST_TRIANGULAR:
        return triangular_partial(p, x, order);
    case XO_DIST_EXPONENTIAL:
        return weibull_partial(1, p[0], x, order);
    case XO_DIST_NORMAL:
        return normal_partial(p[0], p[1], x, order);
    case XO_DIST_LOGNORMAL:
        return lognormal_partial(p, x, order);
    case XO_DIST_GAMMA:
        return gamma_partial(p, x, order);
    case XO_DIST_WEIBULL:
        return weibull_partial(p[0], p[1], x, order);
    case XO_DIST_PARETO:
        return pareto_partial(dist, x, order);
    case XO_DIST_PERT:
        return pert_partial(p, x, order);
    case XO_DIST_DISCRETE:
    case XO_DIST_EMPIRICAL:
        return values_partial(dist, x, order);
    case XO_N_DIST_KINDS:
        break;
    }
    return NAN;
}

double xo_dist_cdf(const struct xo_dist *dist, double x)
{
    if (x >= dist->hi)
        return 1;
    return x < dist->lo ? 0 : xo_dist_partial(dist, x - dist->shift, 0);
}

static double clipped_moment(const struct xo_dist *dist, int order)
{
    const double below = xo_dist_partial(dist, dist->lo, 0);
    const double above = 1 - xo_dist_partial(dist, dist->hi, 0);
    double moment = xo_dist_partial(dist, dist->hi, order) - xo_dist_partial(dist, dist->lo, order);
    if (isfinite(dist->lo))
        moment += power(dist->lo, order) * below;
    if (isfinite(dist->hi))
        moment += power(dist->hi, order) * above;
    return moment;
}

void xo_dist_set_moments(struct xo_dist *dist)
{
    struct xo_dist at_0 = *dist;
    at_0.lo -= dist->shift;
    at_0.hi -= dist->shift;
    const double mean = clipped_moment(&at_0, 1);
    dist->mean = mean + dist->shift;
    dist->sd = sqrt(fmax(0, clipped_moment(&at_0, 2) - mean * mean));
}
