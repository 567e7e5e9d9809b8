/* quantile.c - quantiles of sorted numbers and of logarithmic histograms.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/stats.h"

#include "by_bytes.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

double xo_sorted_quantile(const double sorted[], size_t n, double q)
{
    assert(q >= 0 && q <= 1);
    if (n == 0)
        return NAN;
    const double h = (double)(n - 1) * q;
    const size_t below = (size_t)h;
    if (below + 1 >= n)
        return sorted[n - 1];
    return sorted[below] + (h - (double)below) * (sorted[below + 1] - sorted[below]);
}

static int by_size_nan_last(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    if (isnan(a) || isnan(b))
        return (isnan(a) != 0) - (isnan(b) != 0);
    return (a > b) - (a < b);
}

void xo_sort(double x[], size_t n)
{
    if (n > 1 && !by_bytes_sort(x, n, sizeof *x))
        qsort(x, n, sizeof *x, by_size_nan_last);
}

double xo_hist_edge(int bin)
{
    assert(bin >= 0 && bin <= XO_HIST_BINS);
    const int64_t bits = ((int64_t)bin + XO_HIST_FIRST_BIN) << (52 - XO_HIST_BIN_BITS);
    double edge;
    memcpy(&edge, &bits, sizeof edge);
    return edge;
}

/* The smallest j in (below, n) whose term first + j*slope reaches edge; n when none does. The term
 * of `below` does not. Rounded terms never decrease, so where the division misses, halving finds.
 */
static int64_t first_reaching(double edge, double first, double slope, int64_t below, int64_t n)
{
    if (first + (double)(n - 1) * slope < edge)
        return n;
    int64_t reaching = n - 1;
    const double guess = ceil((edge - first) / slope);
    if (guess > (double)below && guess < (double)reaching) {
        const int64_t j = (int64_t)guess;
        const bool reaches = first + (double)j * slope >= edge;
        if (reaches && first + (double)(j - 1) * slope < edge)
            return j;
        if (reaches)
            reaching = j;
        else
            below = j;
    }
    while (reaching - below > 1) {
        const int64_t middle = below + (reaching - below) / 2;
        if (first + (double)middle * slope >= edge)
            reaching = middle;
        else
            below = middle;
    }
    return reaching;
}

void xo_hist_add_run(struct xo_hist *h, double first, double slope, int64_t n_steps, int64_t weight)
{
    assert(slope >= 0);
    if (n_steps <= 0)
        return;
    const double steps = (double)n_steps;
    h->n += n_steps * weight;
    h->sum += (double)weight * (steps * first + slope * (steps * (steps - 1) / 2));
    const int last_bin = xo_hist_bin(first + (steps - 1) * slope);
    int bin = xo_hist_bin(first);
    int64_t from = 0;
    while (bin < last_bin) {
        const int64_t to = first_reaching(xo_hist_edge(bin + 1), first, slope, from, n_steps);
        h->count[bin] += (to - from) * weight;
        from = to;
        bin = xo_hist_bin(first + (double)from * slope);
    }
    h->count[bin] += (n_steps - from) * weight;
}

void xo_hist_merge(struct xo_hist *h, const struct xo_hist *other)
{
    h->n += other->n;
    h->sum += other->sum;
    for (int bin = 0; bin < XO_HIST_BINS; bin++)
        h->count[bin] += other->count[bin];
}

double xo_hist_quantile(const struct xo_hist *h, double q)
{
    assert(q >= 0 && q <= 1);
    if (h->n == 0)
        return NAN;
    const double rank = q * (double)h->n;
    int64_t below = 0;
    int bin = 0;
    while (h->count[bin] == 0 || (double)(below + h->count[bin]) < rank)
        below += h->count[bin++];
    const double lo = xo_hist_edge(bin), hi = xo_hist_edge(bin + 1);
    return lo + (hi - lo) * (rank - (double)below) / (double)h->count[bin];
}

double xo_hist_mean(const struct xo_hist *h)
{
    return h->n == 0 ? NAN : h->sum / (double)h->n;
}
