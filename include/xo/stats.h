/* xo/stats.h - summaries, quantiles, confidence intervals.
 *
 * A statistic that does not exist (the mean of nothing) is NAN. Everything here merges, and merging
 * in one fixed order gives one fixed result.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STATS_H
#define XO_STATS_H

#include "xo/error.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Count, mean and variance in one pass (Welford 1962; merge: Chan, Golub and LeVeque 1979). */
struct xo_moments {
    int64_t n;
    double mean, m2, min, max;
};
void xo_moments_init(struct xo_moments *m); /* min = +inf, max = -inf */
void xo_moments_add(struct xo_moments *m, double x);
void xo_moments_merge(struct xo_moments *m, const struct xo_moments *other);
double xo_moments_variance(const struct xo_moments *m); /* unbiased; NAN below two */

struct xo_interval {
    double mean, lo, hi; /* lo and hi are NAN when fewer than two observations carry them */
};
/* Student-t interval of the mean of x[n] at `level` (0.95). */
struct xo_interval xo_mean_interval(const double x[], size_t n, double level);
/* Ratio of sums over replications, sum(num)/sum(den), with the delta-method t-interval:
 * how an SLO attainment is pooled (num = requests in time, den = requests). With e = num -
 * ratio*den, its variance is sum(e^2) / (n*(n-1)*mean(den)^2). All NAN when sum(den) is 0. Source:
 * Cochran, Sampling Techniques, 3rd ed., section 2.11. */
struct xo_interval xo_ratio_interval(const double num[], const double den[], size_t n,
                                     double level);

/* Quantile q of sorted[n], interpolated (Hyndman and Fan type 7). NAN when n is 0. */
double xo_sorted_quantile(const double sorted[], size_t n, double q);
void xo_sort(double x[], size_t n); /* ascending; NAN last */

/* Histogram of positive numbers in logarithmic bins, 128 to a power of two and linear within it
 * (0.4 % to 0.8 % wide), for latencies in seconds from 2^-20 (1e-6) to 2^20 (1e6); smaller and
 * larger ones are counted in the end bins. A bin is the leading bits of the double, so adding costs
 * a few ns. All zero is an empty histogram. */
enum { XO_HIST_BIN_BITS = 7, XO_HIST_MIN_EXPONENT = -20, XO_HIST_MAX_EXPONENT = 20 };
enum { XO_HIST_BINS_PER_OCTAVE = 1 << XO_HIST_BIN_BITS };
enum { XO_HIST_BINS = (XO_HIST_MAX_EXPONENT - XO_HIST_MIN_EXPONENT) * XO_HIST_BINS_PER_OCTAVE };
enum { XO_HIST_FIRST_BIN = (1023 + XO_HIST_MIN_EXPONENT) * XO_HIST_BINS_PER_OCTAVE };
struct xo_hist {
    int64_t n;
    double sum;
    int64_t count[XO_HIST_BINS];
};
/* The bin of x, which is not NAN; x <= 0 goes to bin 0. Exponent and leading fraction bits of an
 * IEEE 754 double are consecutive, so shifted down they count the bins from 2^-1023. */
static inline int xo_hist_bin(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int64_t bin =
        (bits >> (52 - XO_HIST_BIN_BITS)) - XO_HIST_FIRST_BIN; /* negative x: sign bit, < 0 */
    return bin < 0 ? 0 : bin >= XO_HIST_BINS ? XO_HIST_BINS - 1 : (int)bin;
}
double xo_hist_edge(int bin); /* lower edge of a bin, 0..XO_HIST_BINS */
static inline void xo_hist_add(struct xo_hist *h, double x)
{
    h->n++;
    h->sum += x;
    h->count[xo_hist_bin(x)]++;
}
/* Add the arithmetic progression first + j*slope, 0 <= j < n_steps, `weight` times each: the
 * inter-token gaps of a stretch. slope >= 0. The counts are those of adding one by one, the sum is
 * the closed form. O(bins crossed). */
void xo_hist_add_run(struct xo_hist *h, double first, double slope, int64_t n_steps,
                     int64_t weight);
void xo_hist_merge(struct xo_hist *h, const struct xo_hist *other);
/* Quantile 0 <= q <= 1 by interpolation within the bin; NAN when empty. */
double xo_hist_quantile(const struct xo_hist *h, double q);
double xo_hist_mean(const struct xo_hist *h); /* exact; NAN when empty */

/* How many leading observations of series[n] to delete so that the rest has the smallest standard
 * error: MSER-5 (White 1997; Spratt 1998), on batch means of 5. Returns a multiple of 5, at most
 * n/2. */
size_t xo_mser5(const double series[], size_t n);

#endif
