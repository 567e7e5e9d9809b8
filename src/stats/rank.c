/* rank.c - ranks and partial correlation, order-statistic intervals, goodness of fit.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/stats.h"

#include "by_bytes.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static int by_value(const void *left, const void *right)
{
    const struct xo_ranked *a = left, *b = right;
    if (a->x != b->x)
        return (a->x > b->x) - (a->x < b->x);
    return (a->index > b->index) - (a->index < b->index);
}

void xo_ranks(const double x[], size_t n, double rank[], struct xo_ranked scratch[])
{
    for (size_t i = 0; i < n; i++)
        scratch[i] = (struct xo_ranked){ x[i], i };
    if (!by_bytes_sort(scratch, n, sizeof *scratch))
        qsort(scratch, n, sizeof *scratch, by_value);
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && scratch[end].x == scratch[i].x)
            end++;
        for (size_t k = i; k < end; k++)
            rank[scratch[k].index] = 0.5 * (double)(i + 1 + end); /* mean of i+1 .. end */
        i = end;
    }
}

/* Gauss-Jordan on the upper part is enough here: matrices are small and positive definite. False
 * when a pivot vanishes. */
static bool invert(double *a, int n)
{
    for (int k = 0; k < n; k++) {
        const double pivot = a[k * n + k];
        if (!(pivot > 1e-12))
            return false;
        for (int j = 0; j < n; j++)
            a[k * n + j] = j == k ? 1 / pivot : a[k * n + j] / pivot;
        for (int i = 0; i < n; i++) {
            const double f = a[i * n + k];
            if (i == k)
                continue;
            for (int j = 0; j < n; j++)
                a[i * n + j] = j == k ? -f / pivot : a[i * n + j] - f * a[k * n + j];
        }
    }
    return true;
}

bool xo_partial_correlations(double correlation[], int n, double partial[])
{
    if (!invert(correlation, n)) {
        for (int i = 0; i < n - 1; i++)
            partial[i] = NAN;
        return false;
    }
    const double last = correlation[n * n - 1];
    for (int i = 0; i < n - 1; i++)
        partial[i] = -correlation[i * n + n - 1] / sqrt(correlation[i * n + i] * last);
    return true;
}

struct xo_interval xo_share_interval(int64_t hits, int64_t n, double level)
{
    assert(hits >= 0 && hits <= n && level > 0 && level < 1);
    if (n == 0)
        return (struct xo_interval){ NAN, NAN, NAN };
    const double z = gsl_cdf_ugaussian_Pinv(0.5 + level / 2);
    const double k = (double)n, p = (double)hits / k, z2 = z * z / k;
    const double middle = (p + z2 / 2) / (1 + z2);
    const double half = z * sqrt(p * (1 - p) / k + z2 / (4 * k)) / (1 + z2);
    return (struct xo_interval){ p, hits == 0 ? 0 : middle - half, hits == n ? 1 : middle + half };
}

/* The largest k with P(Binomial(n, q) < k) <= tail; 0: none. */
static size_t binomial_below(size_t n, double q, double tail)
{
    size_t lo = 0, hi = n; /* P(X < lo) <= tail; P(X < hi + 1) > tail */
    while (lo < hi) {
        const size_t mid = lo + (hi - lo + 1) / 2;
        if (gsl_cdf_binomial_P((unsigned)(mid - 1), q, (unsigned)n) <= tail)
            lo = mid;
        else
            hi = mid - 1;
    }
    return lo;
}

struct xo_interval xo_quantile_interval(const double sorted[], size_t n, double q, double level)
{
    assert(q > 0 && q < 1 && level > 0 && level < 1);
    if (n == 0)
        return (struct xo_interval){ NAN, NAN, NAN };
    const double tail = (1 - level) / 2;
    const size_t above = (size_t)ceil(q * (double)n);
    const size_t lo = binomial_below(n, q, tail), hi = binomial_below(n, 1 - q, tail);
    return (struct xo_interval){ sorted[above - 1], lo > 0 ? sorted[lo - 1] : NAN,
                                 hi > 0 ? sorted[n - hi] : NAN };
}

double xo_ks_distance(const double sorted[], size_t n, xo_cdf_fn *cdf, void *self)
{
    double d = 0;
    for (size_t i = 0; i < n; i++) {
        const double f = cdf(self, sorted[i]);
        d = fmax(d, fmax(f - (double)i / (double)n, (double)(i + 1) / (double)n - f));
    }
    return d;
}

double xo_ks_above(double distance, size_t n)
{
    const double root = sqrt((double)n);
    const double t = (root + 0.12 + 0.11 / root) * distance;
    double sum = 0;
    if (t < 0.2)
        return 1;
    for (int k = 1; k <= 100; k++)
        sum += (k % 2 == 1 ? 2 : -2) * exp(-2.0 * k * k * t * t);
    return fmin(fmax(sum, 0), 1);
}
