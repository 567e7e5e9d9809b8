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

/* ---- shares and quantiles ---- */

/* Wilson's score interval of a share (JASA 22, 1927); all NAN when n is 0. */
struct xo_interval xo_share_interval(int64_t hits, int64_t n, double level);
/* Quantile q (the ceil(qn)-th smallest) of sorted[n] independent observations, between order
 * statistics that hold it with probability `level` at least (David and Nagaraja, Order Statistics,
 * 7.1); lo or hi is NAN where no observation lies far enough out. */
struct xo_interval xo_quantile_interval(const double sorted[], size_t n, double q, double level);

/* Kolmogorov-Smirnov: the largest distance between the steps of sorted[n] and a continuous CDF, and
 * the probability of a larger one (Stephens' approximation, JRSS B 32, 1970). */
typedef double xo_cdf_fn(void *self, double x);
double xo_ks_distance(const double sorted[], size_t n, xo_cdf_fn *cdf, void *self);
double xo_ks_above(double distance, size_t n);

/* ---- ranks ---- */

struct xo_ranked {
    double x;
    size_t index;
};
/* rank[i] of x[i], 1..n; equals share the mean of their ranks. scratch[n]. x is never NAN; rank may
 * be x. */
void xo_ranks(const double x[], size_t n, double rank[], struct xo_ranked scratch[]);
/* Partial correlation of each of the first n - 1 variables with the last, given the others: from
 * the inverse P of their correlation[n][n] (destroyed), -P_il / sqrt(P_ii P_ll). On ranks: PRCC
 * (Iman and Conover 1979; Marino et al., J. Theor. Biol. 254, 2008). False, and NANs, when the
 * matrix is singular. */
bool xo_partial_correlations(double correlation[], int n, double partial[]);

/* ---- what one input says about an output ---- */

/* Least squares of y on the Legendre polynomials of a rank u in (0, 1), to degree 5, and on the
 * Hermite polynomials of its normal score, of degree 1 to 3, as sums that merge and come apart. All
 * zero is empty. The share of y's variance explained is a first-order Sobol' index from any sample
 * of the input (given data): the coefficients are those of a polynomial chaos in this input
 * (Sudret, Reliab. Eng. Syst. Saf. 93, 2008). The scores are for long tails: of exp(1.26 z), a
 * volume whose P95 is 8 times its median, polynomials of the rank alone explain 55 % of the
 * variance, with the scores 94 %. */
enum { XO_SMOOTH_TERMS = 9 };
struct xo_smooth {
    int64_t n;
    double yy, xy[XO_SMOOTH_TERMS], xx[XO_SMOOTH_TERMS][XO_SMOOTH_TERMS];
};
void xo_smooth_add(struct xo_smooth *s, double u, double y);
void xo_smooth_merge(struct xo_smooth *s, const struct xo_smooth *other, int sign); /* +1, -1 */
/* The coefficients; false when there are too few observations for them. */
bool xo_smooth_solve(const struct xo_smooth *s, double coefficient[XO_SMOOTH_TERMS]);
double xo_smooth_at(const double coefficient[XO_SMOOTH_TERMS], double u);
/* Share of variance explained, adjusted for the number of terms; NAN when there is none. */
double xo_smooth_share(const struct xo_smooth *s);

#endif
