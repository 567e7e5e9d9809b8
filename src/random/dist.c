/* dist.c - making, clipping and copying distributions.
 *
 * A struct xo_dist is made by its moments, by two quantiles, by its range or of values, and is not
 * changed afterwards but by a shift or a clip. Invariant: *dist is written only where making
 * succeeded (finish), with its moments, and with a table where its quantile would take long (PERT,
 * gamma). A clip moves what lies beyond to the bound itself; the mean follows. A parameter without
 * a closed form is found as a root. Quantiles, by which values are drawn, are quantile.c's. Begin
 * with finish, set_by_moments and xo_dist_clip.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "dist.h"
#include "xo/table.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Below this a variate is a constant for all purposes. */
static const double cv_min = 1e-6;

static const double p95_over_sd = 1.6448536269514722; /* Phi^-1(0.95) */

static const char *const kind_names[] = {
    "constant", "uniform", "triangular", "exponential", "normal",   "lognormal",
    "gamma",    "weibull", "pareto",     "pert",        "discrete", "empirical",
};
XO_TABLE_OF(kind_names, XO_N_DIST_KINDS);

static struct xo_dist blank(enum xo_dist_kind kind, double lo, double hi)
{
    return (struct xo_dist){ .kind = kind, .lo = lo, .hi = hi };
}

/* Hand over what was made: tables where the kind needs one, and the moments. */
static bool finish(struct xo_dist *dist, struct xo_dist *made, struct xo_error *err)
{
    const bool slow = made->kind == XO_DIST_PERT ||
                      (made->kind == XO_DIST_GAMMA && made->p[0] <= GAMMA_LARGE_SHAPE);
    if (slow && !xo_dist_tabulate(made, err))
        return false;
    xo_dist_set_moments(made);
    *dist = *made;
    return true;
}

bool xo_dist_constant(struct xo_dist *dist, double value, struct xo_error *err)
{
    if (!isfinite(value))
        return xo_fail(err, XO_ERR_INPUT, "a constant must be a finite number, not %g", value);
    *dist = blank(XO_DIST_CONSTANT, value, value);
    dist->p[0] = dist->mean = value;
    return true;
}

/* ---- by mean and coefficient of variation ---- */

/* Find f(x) = 0 for a function that changes sign between lo and hi. */
static bool find_root(double (*f)(double, void *), void *of, double lo, double hi, double *root,
                      struct xo_error *err)
{
    gsl_function function = { f, of };
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (solver == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a root finder");
    int status =
        f(lo, of) * f(hi, of) > 0 ? GSL_EINVAL : gsl_root_fsolver_set(solver, &function, lo, hi);
    for (int i = 0; i < 200 && status == GSL_SUCCESS; i++) {
        status = gsl_root_fsolver_iterate(solver);
        if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver),
                                   gsl_root_fsolver_x_upper(solver), 1e-14, 1e-14) == GSL_SUCCESS)
            break;
    }
    *root = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return status == GSL_SUCCESS ||
           xo_fail(err, XO_ERR_NUMERIC, "no distribution has these properties");
}

/* ln(1 + cv^2) of a Weibull of shape exp(x), less the one wanted. */
static double weibull_cv_excess(double x, void *log_wanted)
{
    const double r = exp(-x);
    return lgamma(1 + 2 * r) - 2 * lgamma(1 + r) - *(const double *)log_wanted;
}

static bool weibull_by_moments(struct xo_dist *dist, double mean, double cv, struct xo_error *err)
{
    double log_wanted = log1p(cv * cv), log_shape = 0;
    if (!find_root(weibull_cv_excess, &log_wanted, log(0.05), log(1e7), &log_shape, err))
        return false;
    dist->p[0] = exp(log_shape);
    dist->p[2] = exp(-log_shape);
    dist->p[1] = mean / exp(lgamma(1 + dist->p[2]));
    return true;
}

static bool set_by_moments(struct xo_dist *dist, double mean, double cv, struct xo_error *err)
{
    switch (dist->kind) {
    case XO_DIST_EXPONENTIAL:
        dist->p[0] = mean;
        return true;
    case XO_DIST_NORMAL:
        dist->p[0] = mean;
        dist->p[1] = fabs(mean) * cv;
        return true;
    case XO_DIST_LOGNORMAL:
        dist->p[1] = sqrt(log1p(cv * cv));
        dist->p[0] = log(mean) - 0.5 * dist->p[1] * dist->p[1];
        return true;
    case XO_DIST_GAMMA:
        dist->p[0] = 1 / (cv * cv);
        dist->p[1] = mean * cv * cv;
        return true;
    case XO_DIST_WEIBULL:
        return weibull_by_moments(dist, mean, cv, err);
    default:
        return xo_fail(err, XO_ERR_INPUT, "a %s distribution is not given by mean and cv",
                       kind_names[dist->kind]);
    }
}

bool xo_dist_by_moments(struct xo_dist *dist, enum xo_dist_kind kind, double mean, double cv,
                        struct xo_error *err)
{
    if (kind == XO_DIST_EXPONENTIAL)
        cv = 1;
    if (!(cv >= 0 && cv <= XO_MAX_CV))
        return xo_fail(err, XO_ERR_INPUT, "cv is %g; it goes from 0 to %d", cv, XO_MAX_CV);
    if (!isfinite(mean) || (kind != XO_DIST_NORMAL && !(mean > 0)))
        return xo_fail(err, XO_ERR_INPUT, "the mean of a %s distribution is %g; it must be %s",
                       kind_names[kind], mean, kind == XO_DIST_NORMAL ? "finite" : "above 0");
    struct xo_dist made = blank(kind, kind == XO_DIST_NORMAL ? -INFINITY : 0, INFINITY);
    if (cv < cv_min || mean == 0)
        return xo_dist_constant(dist, mean, err);
    if (!set_by_moments(&made, mean, cv, err) || !finish(dist, &made, err))
        return false;
    dist->mean = mean;
    dist->sd = fabs(mean) * cv;
    return true;
}

/* ---- by median and 95th percentile ---- */

/* ln(p95 / p50) of a gamma of shape exp(x), less the one wanted. */
static double gamma_spread_excess(double x, void *log_wanted)
{
    const double shape = exp(x);
    return xo_gamma_log_quantile(shape, p95_over_sd) - xo_gamma_log_quantile(shape, 0) -
           *(const double *)log_wanted;
}

static bool gamma_by_quantiles(struct xo_dist *dist, double p50, double log_ratio,
                               struct xo_error *err)
{
    double log_shape = 0;
    if (!find_root(gamma_spread_excess, &log_ratio, log(0.02), log(GAMMA_LARGE_SHAPE), &log_shape,
                   err))
        return xo_fail(err, XO_ERR_INPUT,
                       "p95/p50 is %g; a gamma distribution takes ratios from 1.006 to 1e12",
                       exp(log_ratio));
    dist->p[0] = exp(log_shape);
    dist->p[1] = p50 / exp(xo_gamma_log_quantile(dist->p[0], 0));
    return true;
}

static bool set_by_quantiles(struct xo_dist *dist, double p50, double p95, struct xo_error *err)
{
    switch (dist->kind) {
    case XO_DIST_NORMAL:
        dist->p[0] = p50;
        dist->p[1] = (p95 - p50) / p95_over_sd;
        return true;
    case XO_DIST_LOGNORMAL:
        dist->p[0] = log(p50);
        dist->p[1] = log(p95 / p50) / p95_over_sd;
        return true;
    case XO_DIST_WEIBULL: /* x = scale (-ln(1-u))^(1/shape) at u = 0.5 and 0.95 */
        dist->p[2] = log(p95 / p50) / log(log(20) / log(2));
        dist->p[0] = 1 / dist->p[2];
        dist->p[1] = p50 / pow(log(2), dist->p[2]);
        return true;
    case XO_DIST_GAMMA:
        return gamma_by_quantiles(dist, p50, log(p95 / p50), err);
    default:
        return xo_fail(err, XO_ERR_INPUT, "a %s distribution is not given by p50 and p95",
                       kind_names[dist->kind]);
    }
}

bool xo_dist_by_quantiles(struct xo_dist *dist, enum xo_dist_kind kind, double p50, double p95,
                          struct xo_error *err)
{
    const bool normal = kind == XO_DIST_NORMAL;
    if (!isfinite(p50) || !isfinite(p95) || (!normal && !(p50 > 0)) || p95 < p50)
        return xo_fail(err, XO_ERR_INPUT, "p50 is %g and p95 is %g; %sp95 must not be below p50",
                       p50, p95, normal ? "" : "both must be above 0 and ");
    if (p95 - p50 <= cv_min * fabs(p50))
        return xo_dist_constant(dist, p50, err);
    if (!normal && p95 / p50 > 1e12)
        return xo_fail(err, XO_ERR_INPUT, "p95/p50 is %g; it must be at most 1e12", p95 / p50);
    struct xo_dist made = blank(kind, normal ? -INFINITY : 0, INFINITY);
    return set_by_quantiles(&made, p50, p95, err) && finish(dist, &made, err);
}

/* ---- by range ---- */

bool xo_dist_by_range(struct xo_dist *dist, enum xo_dist_kind kind, double lo, double mode,
                      double hi, struct xo_error *err)
{
    if (kind == XO_DIST_UNIFORM)
        mode = lo;
    if (kind != XO_DIST_UNIFORM && kind != XO_DIST_TRIANGULAR && kind != XO_DIST_PERT)
        return xo_fail(err, XO_ERR_INPUT, "a %s distribution is not given by a range",
                       kind_names[kind]);
    if (!isfinite(lo) || !isfinite(hi) || !(lo <= mode && mode <= hi))
        return xo_fail(err, XO_ERR_INPUT,
                       "the range of a %s distribution is (%g, %g, %g); its numbers must rise",
                       kind_names[kind], lo, mode, hi);
    if (lo == hi)
        return xo_dist_constant(dist, lo, err);
    struct xo_dist made = blank(kind, lo, hi);
    made.p[0] = lo;
    made.p[1] = kind == XO_DIST_TRIANGULAR ? mode : hi;
    made.p[2] = kind == XO_DIST_TRIANGULAR ? hi : 1 + 4 * (mode - lo) / (hi - lo);
    return finish(dist, &made, err);
}

bool xo_dist_pareto(struct xo_dist *dist, double lo, double alpha, double hi, struct xo_error *err)
{
    if (!(lo > 0) || !(hi > lo) || !isfinite(hi))
        return xo_fail(err, XO_ERR_INPUT,
                       "a Pareto distribution from %g to %g; it needs 0 < lo < hi, both finite", lo,
                       hi);
    if (!(alpha >= 0.01 && alpha <= 1000))
        return xo_fail(err, XO_ERR_INPUT,
                       "the alpha of a Pareto distribution is %g; it goes from "
                       "0.01 to 1000",
                       alpha);
    struct xo_dist made = blank(XO_DIST_PARETO, lo, hi);
    made.p[0] = lo;
    made.p[1] = alpha;
    made.p[2] = -expm1(alpha * log(lo / hi));
    return finish(dist, &made, err);
}

/* ---- by values ---- */

struct pair {
    double value, weight;
};

static int by_value(const void *a, const void *b)
{
    const double x = ((const struct pair *)a)->value, y = ((const struct pair *)b)->value;
    return (x > y) - (x < y);
}

static bool check_values(const double *values, const double *weights, size_t n,
                         struct xo_error *err)
{
    double sum = 0;
    if (n == 0)
        return xo_fail(err, XO_ERR_INPUT, "a distribution of values needs at least one value");
    for (size_t i = 0; i < n; i++) {
        const double weight = weights == NULL ? 1 : weights[i];
        if (!isfinite(values[i]))
            return xo_fail(err, XO_ERR_INPUT, "value %zu is %g; it must be finite", i + 1,
                           values[i]);
        if (!(weight >= 0) || !isfinite(weight))
            return xo_fail(err, XO_ERR_INPUT, "weight %zu is %g; it must not be negative", i + 1,
                           weight);
        sum += weight;
    }
    return (sum > 0 && isfinite(sum)) ||
           xo_fail(err, XO_ERR_INPUT, "the weights add up to %g; they must add up to more than 0",
                   sum);
}

static void fill_values(struct xo_dist *made, const struct pair *pairs)
{
    double total = 0, sum = 0;
    for (size_t i = 0; i < made->n; i++)
        total += pairs[i].weight;
    for (size_t i = 0; i < made->n; i++) {
        made->values[i] = pairs[i].value;
        if (made->cumulative != NULL)
            made->cumulative[i] = (sum += pairs[i].weight) / total;
    }
    if (made->cumulative != NULL)
        made->cumulative[made->n - 1] = 1;
}

bool xo_dist_of_values(struct xo_dist *dist, enum xo_dist_kind kind, const double *values,
                       const double *weights, size_t n, struct xo_error *err)
{
    if (kind != XO_DIST_DISCRETE && kind != XO_DIST_EMPIRICAL)
        return xo_fail(err, XO_ERR_INPUT, "a %s distribution is not given by values",
                       kind_names[kind]);
    if (!check_values(values, weights, n, err))
        return false;
    struct pair *pairs = malloc(n * sizeof *pairs);
    struct xo_dist made = blank(weights != NULL ? XO_DIST_DISCRETE : kind, 0, 0);
    made.n = n;
    made.values = malloc(n * sizeof(double));
    if (made.kind == XO_DIST_DISCRETE)
        made.cumulative = malloc(n * sizeof(double));
    if (pairs == NULL || made.values == NULL ||
        (made.kind == XO_DIST_DISCRETE && made.cumulative == NULL)) {
        free(pairs);
        xo_dist_fini(&made);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu values", n);
    }
    made.n = 0; /* values without weight never occur */
    for (size_t i = 0; i < n; i++)
        if (weights == NULL || weights[i] > 0)
            pairs[made.n++] = (struct pair){ values[i], weights == NULL ? 1 : weights[i] };
    qsort(pairs, made.n, sizeof *pairs, by_value);
    fill_values(&made, pairs);
    free(pairs);
    made.lo = made.values[0];
    made.hi = made.values[made.n - 1];
    return finish(dist, &made, err);
}

/* ---- what is done to a ready one ---- */

void xo_dist_shift(struct xo_dist *dist, double by)
{
    const bool by_values = dist->kind == XO_DIST_DISCRETE || dist->kind == XO_DIST_EMPIRICAL;
    for (size_t i = 0; by_values && i < dist->n; i++)
        dist->values[i] += by;
    if (!by_values)
        dist->shift += by;
    dist->lo += by;
    dist->hi += by;
    dist->mean += by;
}

bool xo_dist_clip(struct xo_dist *dist, double lo, double hi, struct xo_error *err)
{
    if (!(lo <= hi))
        return xo_fail(err, XO_ERR_INPUT, "cannot cut a distribution to %g..%g", lo, hi);
    const double new_lo = fmin(fmax(dist->lo, lo), hi), new_hi = fmax(fmin(dist->hi, hi), lo);
    if (new_lo == dist->lo && new_hi == dist->hi)
        return true;
    dist->lo = new_lo;
    dist->hi = new_hi;
    xo_dist_set_moments(dist);
    return true;
}

static double *copied(const double *from, size_t n)
{
    double *to = malloc(n * sizeof *to);
    return to == NULL ? NULL : memcpy(to, from, n * sizeof *to);
}

bool xo_dist_copy(struct xo_dist *to, const struct xo_dist *from, struct xo_error *err)
{
    struct xo_dist made = *from;
    made.values = from->values == NULL ? NULL : copied(from->values, from->n);
    made.cumulative = from->cumulative == NULL ? NULL : copied(from->cumulative, from->n);
    if ((made.values == NULL) != (from->values == NULL) ||
        (made.cumulative == NULL) != (from->cumulative == NULL)) {
        xo_dist_fini(&made);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu values", from->n);
    }
    *to = made;
    return true;
}

void xo_dist_fini(struct xo_dist *dist)
{
    free(dist->values);
    free(dist->cumulative);
    dist->values = dist->cumulative = NULL;
    dist->n = 0;
}
