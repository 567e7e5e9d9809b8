/* moments.c - mean and variance in one pass, Student-t intervals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/stats.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

void xo_moments_init(struct xo_moments *m)
{
    *m = (struct xo_moments){ .min = INFINITY, .max = -INFINITY };
}

void xo_moments_add(struct xo_moments *m, double x)
{
    m->n++;
    const double before = x - m->mean;
    m->mean += before / (double)m->n;
    m->m2 += before * (x - m->mean);
    m->min = x < m->min ? x : m->min;
    m->max = x > m->max ? x : m->max;
}

void xo_moments_merge(struct xo_moments *m, const struct xo_moments *other)
{
    if (other->n == 0)
        return;
    if (m->n == 0) {
        *m = *other;
        return;
    }
    const double n_a = (double)m->n, n_b = (double)other->n, n = n_a + n_b;
    const double apart = other->mean - m->mean;
    m->mean += apart * n_b / n;
    m->m2 += other->m2 + apart * apart * n_a * n_b / n;
    m->n += other->n;
    m->min = other->min < m->min ? other->min : m->min;
    m->max = other->max > m->max ? other->max : m->max;
}

double xo_moments_variance(const struct xo_moments *m)
{
    return m->n < 2 ? NAN : m->m2 / (double)(m->n - 1);
}

/* mean -+ t * standard error, with n - 1 degrees of freedom. */
static struct xo_interval student(double mean, double standard_error, size_t n, double level)
{
    assert(level > 0 && level < 1);
    const double t = n < 2 ? NAN : gsl_cdf_tdist_Pinv(0.5 + level / 2, (double)(n - 1));
    return (struct xo_interval){ mean, mean - t * standard_error, mean + t * standard_error };
}

struct xo_interval xo_mean_interval(const double x[], size_t n, double level)
{
    struct xo_moments m;
    xo_moments_init(&m);
    for (size_t i = 0; i < n; i++)
        xo_moments_add(&m, x[i]);
    return student(n == 0 ? NAN : m.mean, sqrt(xo_moments_variance(&m) / (double)n), n, level);
}

struct xo_interval xo_ratio_interval(const double num[], const double den[], size_t n, double level)
{
    double sum_num = 0, sum_den = 0, sum_e2 = 0;
    for (size_t i = 0; i < n; i++) {
        sum_num += num[i];
        sum_den += den[i];
    }
    if (sum_den == 0)
        return (struct xo_interval){ NAN, NAN, NAN };
    const double ratio = sum_num / sum_den;
    for (size_t i = 0; i < n; i++) {
        const double e = num[i] - ratio * den[i];
        sum_e2 += e * e;
    }
    const double k = (double)n, mean_den = sum_den / k;
    return student(ratio, sqrt(sum_e2 / (k * (k - 1))) / fabs(mean_den), n, level);
}
