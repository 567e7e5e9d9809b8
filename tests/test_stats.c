/* test_stats.c - summaries, quantiles, confidence intervals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/random.h"
#include "xo/stats.h"

#include <check.h>
#include <float.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

#define N_OF(a) ((int)(sizeof(a) / sizeof((a)[0])))

static gsl_rng *rng;
static struct xo_hist *hist, *other;

static void set_up(void)
{
    rng = gsl_rng_alloc(gsl_rng_mt19937); /* seed 0: always the same numbers */
    hist = calloc(1, sizeof *hist);
    other = calloc(1, sizeof *other);
    ck_assert(rng != NULL && hist != NULL && other != NULL);
}

static void tear_down(void)
{
    gsl_rng_free(rng);
    free(hist);
    free(other);
}

START_TEST(moments_of_four_numbers_by_hand)
{
    static const double x[] = { 3.1, 4.7, 5.2, 6.6 };
    struct xo_moments m;
    xo_moments_init(&m);
    for (int i = 0; i < N_OF(x); i++)
        xo_moments_add(&m, x[i]);
    ck_assert_double_eq_tol(m.mean, 4.9, 1e-15);
    ck_assert_double_eq_tol(xo_moments_variance(&m), 6.26 / 3, 1e-14);
    ck_assert_double_eq(m.min, 3.1);
    ck_assert_double_eq(m.max, 6.6);
}
END_TEST

START_TEST(far_from_zero_no_digits_are_lost)
{
    struct xo_moments m;
    xo_moments_init(&m);
    for (int i = 0; i < 1000; i++)
        xo_moments_add(&m, 1e9 + 0.25 * (i % 2));
    ck_assert_double_eq_tol(xo_moments_variance(&m), 0.125 * 0.125 * 1000 / 999, 1e-9);
}
END_TEST

START_TEST(merged_moments_are_those_of_all_numbers)
{
    for (int cut = 0; cut <= 50; cut++) {
        struct xo_moments all, head, tail;
        xo_moments_init(&all);
        xo_moments_init(&head);
        xo_moments_init(&tail);
        for (int i = 0; i < 50; i++) {
            const double x = gsl_ran_lognormal(rng, 1.3, 0.7);
            xo_moments_add(&all, x);
            xo_moments_add(i < cut ? &head : &tail, x);
        }
        xo_moments_merge(&head, &tail);
        ck_assert_int_eq(head.n, 50);
        ck_assert_double_eq_tol(head.mean, all.mean, 1e-12 * all.mean);
        ck_assert_double_eq_tol(head.m2, all.m2, 1e-12 * all.m2);
        ck_assert_double_eq(head.min, all.min);
        ck_assert_double_eq(head.max, all.max);
    }
}
END_TEST

START_TEST(statistics_of_nothing_are_nan)
{
    const double one = 2.5, zero = 0;
    struct xo_moments m;
    xo_moments_init(&m);
    ck_assert_double_nan(xo_moments_variance(&m));
    xo_moments_add(&m, 2.5);
    ck_assert_double_nan(xo_moments_variance(&m));
    ck_assert_double_nan(xo_mean_interval(NULL, 0, 0.95).mean);
    ck_assert_double_eq(xo_mean_interval(&one, 1, 0.95).mean, 2.5);
    ck_assert_double_nan(xo_mean_interval(&one, 1, 0.95).lo);
    ck_assert_double_nan(xo_mean_interval(&one, 1, 0.95).hi);
    ck_assert_double_eq(xo_ratio_interval(&one, &one, 1, 0.95).mean, 1);
    ck_assert_double_nan(xo_ratio_interval(&one, &one, 1, 0.95).lo);
    ck_assert_double_nan(xo_ratio_interval(&one, &zero, 1, 0.95).mean);
    ck_assert_double_nan(xo_ratio_interval(NULL, NULL, 0, 0.95).mean);
    ck_assert_double_nan(xo_sorted_quantile(NULL, 0, 0.5));
    ck_assert_double_nan(xo_hist_quantile(hist, 0.5));
    ck_assert_double_nan(xo_hist_mean(hist));
    ck_assert_uint_eq(xo_mser5(NULL, 0), 0);
    xo_hist_add_run(hist, 0.1, 0.1, 0, 5);
    ck_assert_int_eq(hist->n, 0);
    xo_sort(NULL, 0);
}
END_TEST

START_TEST(the_t_interval_of_four_numbers_by_hand)
{
    static const double x[] = { 3.1, 4.7, 5.2, 6.6 };
    /* t(0.975; 3) = 3.182446 (any table); standard error sqrt(6.26 / 3 / 4) */
    const double half = 3.182446305 * sqrt(6.26 / 12);
    const struct xo_interval i = xo_mean_interval(x, 4, 0.95);
    ck_assert_double_eq_tol(i.lo, 4.9 - half, 1e-8);
    ck_assert_double_eq_tol(i.hi, 4.9 + half, 1e-8);
}
END_TEST

/* Student's t as every table prints it. Half of n numbers are 1 and half -1: their mean is 0 and
 * its standard error sqrt(n / (n - 1) / n). */
static const struct {
    int n;
    double level, t;
} student[] = {
    { 2, 0.95, 12.706 }, { 2, 0.5, 1.000 },   { 4, 0.9, 2.353 },    { 6, 0.99, 4.032 },
    { 10, 0.8, 1.383 },  { 10, 0.95, 2.262 }, { 30, 0.98, 2.462 },  { 30, 0.95, 2.045 },
    { 42, 0.9, 1.683 },  { 62, 0.95, 2.000 }, { 122, 0.99, 2.617 },
};

START_TEST(limits_lie_students_t_standard_errors_off)
{
    const int n = student[_i].n;
    double x[122], ones[122];
    for (int i = 0; i < n; i++) {
        x[i] = i % 2 == 0 ? 1 : -1;
        ones[i] = 1;
    }
    const struct xo_interval mean = xo_mean_interval(x, (size_t)n, student[_i].level),
                             ratio = xo_ratio_interval(x, ones, (size_t)n, student[_i].level);
    ck_assert_double_eq_tol(mean.hi * sqrt(n - 1), student[_i].t, 5.1e-4);
    ck_assert_double_eq_tol(mean.lo * sqrt(n - 1), -student[_i].t, 5.1e-4);
    ck_assert_double_eq_tol(ratio.hi * sqrt(n - 1), student[_i].t, 5.1e-4);
}
END_TEST

START_TEST(a_95_percent_interval_covers_95_percent)
{
    enum { REPEATS = 4000, N = 5 };
    int covered = 0;
    for (int r = 0; r < REPEATS; r++) {
        double x[N];
        for (int i = 0; i < N; i++)
            x[i] = 7.5 + gsl_ran_gaussian(rng, 3.25);
        const struct xo_interval i = xo_mean_interval(x, N, 0.95);
        covered += i.lo <= 7.5 && 7.5 <= i.hi;
    }
    const double standard_error = sqrt(0.95 * 0.05 / REPEATS);
    ck_assert_double_eq_tol(covered / (double)REPEATS, 0.95, 4 * standard_error);
}
END_TEST

START_TEST(a_ratio_of_sums_is_pooled_not_averaged)
{
    static const double num[] = { 9, 40, 95 }, den[] = { 10, 50, 100 };
    /* ratio 144/160 = 0.9; e = 0, -5, 5; sum e^2 = 50; mean den 160/3; t(0.975; 2) = 4.302653 */
    const double half = 4.302652730 * sqrt(50.0 / 6) / (160.0 / 3);
    const struct xo_interval i = xo_ratio_interval(num, den, 3, 0.95);
    ck_assert_double_eq_tol(i.mean, 0.9, 1e-15);
    ck_assert_double_eq_tol(i.lo, 0.9 - half, 1e-8);
    ck_assert_double_eq_tol(i.hi, 0.9 + half, 1e-8);
}
END_TEST

START_TEST(a_ratio_interval_covers_95_percent)
{
    enum { REPEATS = 4000, N = 30 };
    int covered = 0;
    for (int r = 0; r < REPEATS; r++) {
        double num[N], den[N];
        for (int i = 0; i < N; i++) {
            den[i] = 500 + gsl_ran_poisson(rng, 100);
            num[i] = gsl_ran_binomial(rng, 0.93, (unsigned)den[i]);
        }
        const struct xo_interval i = xo_ratio_interval(num, den, N, 0.95);
        covered += i.lo <= 0.93 && 0.93 <= i.hi;
    }
    ck_assert_double_eq_tol(covered / (double)REPEATS, 0.95, 4 * sqrt(0.95 * 0.05 / REPEATS));
}
END_TEST

START_TEST(with_equal_denominators_the_ratio_is_a_mean)
{
    static const double num[] = { 3.1, 4.7, 5.2, 6.6 }, den[] = { 2.5, 2.5, 2.5, 2.5 };
    const struct xo_interval ratio = xo_ratio_interval(num, den, 4, 0.9),
                             mean = xo_mean_interval(num, 4, 0.9);
    ck_assert_double_eq_tol(ratio.lo, mean.lo / 2.5, 1e-14);
    ck_assert_double_eq_tol(ratio.hi, mean.hi / 2.5, 1e-14);
}
END_TEST

START_TEST(sorted_quantiles_interpolate_as_type_7)
{
    static const double x[] = { 1.5, 2.25, 4, 7.75, 9 };
    static const struct {
        double q, value;
    } rows[] = { { 0, 1.5 }, { 0.3, 2.6 }, { 0.5, 4 }, { 0.95, 8.75 }, { 1, 9 } };
    for (int i = 0; i < N_OF(rows); i++)
        ck_assert_double_eq_tol(xo_sorted_quantile(x, 5, rows[i].q), rows[i].value, 1e-14);
    ck_assert_double_eq(xo_sorted_quantile(x, 1, 0.7), 1.5);
}
END_TEST

START_TEST(sorting_puts_nan_last)
{
    double x[] = { NAN, 2.5, -INFINITY, NAN, 1.25, INFINITY, -3 };
    xo_sort(x, 7);
    ck_assert_double_eq(x[0], -INFINITY);
    ck_assert_double_eq(x[1], -3);
    ck_assert_double_eq(x[2], 1.25);
    ck_assert_double_eq(x[3], 2.5);
    ck_assert_double_eq(x[4], INFINITY);
    ck_assert_double_nan(x[5]);
    ck_assert_double_nan(x[6]);
}
END_TEST

/* What sorting has to do of many numbers: halves from -50 to 50, so that there are equals, and
 * what has no place among them. */
static double one_of_many(int i)
{
    static const double odd[] = { NAN, -NAN, -0.0, 0.0, INFINITY, -INFINITY, DBL_TRUE_MIN, -1e300 };
    return i % 10 == 0 ? odd[i / 10 % 8] : i * 7919 % 201 / 2.0 - 50;
}

START_TEST(many_numbers_are_sorted_and_equals_stay_as_they_stood)
{
    enum { N = 1000 };
    double x[N];
    int n_before[2] = { 0 }, n_after[2] = { 0 }; /* NANs, zeros */
    for (int i = 0; i < N; i++) {
        x[i] = one_of_many(i);
        n_before[0] += isnan(x[i]) != 0;
        n_before[1] += x[i] == 0;
    }
    xo_sort(x, N);
    for (int i = 0, zero = 0; i < N; i++) {
        n_after[0] += isnan(x[i]) != 0;
        n_after[1] += x[i] == 0;
        if (i > 0 && !isnan(x[i]))
            ck_assert_double_le(x[i - 1], x[i]);
        if (x[i] != 0)
            continue;
        while (one_of_many(zero) != 0)
            zero++;
        ck_assert_int_eq(signbit(x[i]) != 0, signbit(one_of_many(zero++)) != 0);
    }
    ck_assert_int_eq(n_after[0], n_before[0]);
    ck_assert_int_eq(n_after[1], n_before[1]);
    ck_assert_int_eq(n_before[0], 26);
    ck_assert(isnan(x[N - 26]) && isnan(x[N - 1]) && x[N - 27] == INFINITY && x[0] == -INFINITY);
}
END_TEST

START_TEST(many_ranks_are_those_counted_one_by_one)
{
    enum { N = 1000 };
    double x[N], rank[N];
    struct xo_ranked scratch[N];
    for (int i = 0; i < N; i++)
        x[i] = isnan(one_of_many(i)) ? 12.25 : one_of_many(i);
    xo_ranks(x, N, rank, scratch);
    for (int i = 0; i < N; i++) {
        int below = 0, equal = 0;
        for (int k = 0; k < N; k++) {
            below += x[k] < x[i];
            equal += x[k] == x[i];
        }
        ck_assert_double_eq(rank[i], below + (equal + 1) / 2.0);
    }
}
END_TEST

START_TEST(every_bin_begins_at_its_edge)
{
    for (int bin = 0; bin < XO_HIST_BINS; bin++) {
        const double lo = xo_hist_edge(bin), hi = xo_hist_edge(bin + 1);
        ck_assert_int_eq(xo_hist_bin(lo), bin);
        ck_assert_int_eq(xo_hist_bin(nextafter(hi, 0)), bin);
        ck_assert_double_gt(hi, lo);
        ck_assert_double_le(hi / lo - 1, 0.0079);
    }
    ck_assert_double_eq(xo_hist_edge(0), 0x1p-20);
    ck_assert_double_eq(xo_hist_edge(XO_HIST_BINS), 0x1p20);
    ck_assert_int_eq(xo_hist_bin(1.0), 20 * 128);
}
END_TEST

START_TEST(numbers_outside_are_counted_in_the_end_bins)
{
    static const double low[] = { 0, -0.0, -1, -INFINITY, 1e-300, 9e-7 },
                        high[] = { 1.1e6, 1e300, INFINITY };
    for (int i = 0; i < N_OF(low); i++)
        ck_assert_int_eq(xo_hist_bin(low[i]), 0);
    for (int i = 0; i < N_OF(high); i++)
        ck_assert_int_eq(xo_hist_bin(high[i]), XO_HIST_BINS - 1);
}
END_TEST

START_TEST(histogram_quantiles_are_within_a_bin_of_exact_ones)
{
    enum { N = 20000 };
    double *x = malloc(N * sizeof *x), sum = 0;
    ck_assert_ptr_nonnull(x);
    for (int i = 0; i < N; i++) {
        sum += x[i] = gsl_ran_lognormal(rng, -1.5, 1.25);
        xo_hist_add(hist, x[i]);
    }
    xo_sort(x, N);
    ck_assert_int_eq(hist->n, N);
    ck_assert_double_eq(xo_hist_mean(hist), sum / N);
    static const double q[] = { 0.01, 0.1, 0.5, 0.9, 0.95, 0.99 };
    for (int i = 0; i < N_OF(q); i++)
        ck_assert_double_eq_tol(xo_hist_quantile(hist, q[i]) / xo_sorted_quantile(x, N, q[i]), 1,
                                0.008);
    ck_assert_double_le(xo_hist_quantile(hist, 0), x[0]);
    ck_assert_double_ge(xo_hist_quantile(hist, 1), x[N - 1]);
    free(x);
}
END_TEST

START_TEST(quantiles_interpolate_within_a_bin)
{
    for (int i = 0; i < 4; i++)
        xo_hist_add(hist, 1.001); /* bin [1, 1 + 1/128) */
    ck_assert_double_eq(xo_hist_quantile(hist, 0), 1);
    ck_assert_double_eq(xo_hist_quantile(hist, 0.25), 1 + 0.25 / 128);
    ck_assert_double_eq(xo_hist_quantile(hist, 1), 1 + 1.0 / 128);
    xo_hist_add(hist, 8.5); /* a fifth far above: the first four fifths stay where they were */
    ck_assert_double_eq_tol(xo_hist_quantile(hist, 0.4), 1 + 0.5 / 128, 1e-15);
    ck_assert_double_eq_tol(xo_hist_quantile(hist, 0.9), 8.5 + 0.5 * 8 / 128, 1e-14);
}
END_TEST

/* 10 numbers in the bin that begins at 1, 60 in that at 2 and 30 in that at 4, the bins 1/128 of it
 * wide. The quantile q has 100 q numbers below it, in even steps within a bin. */
static const struct {
    double q, value;
} printed[] = {
    { 0, 1 },
    { 0.05, 1 + 5 / 10.0 / 128 },
    { 0.1, 1 + 10 / 10.0 / 128 },
    { 0.25, 2 + 15 / 60.0 / 64 },
    { 0.5, 2 + 40 / 60.0 / 64 },
    { 0.9, 4 + 20 / 30.0 / 32 },
    { 0.95, 4 + 25 / 30.0 / 32 },
    { 0.99, 4 + 29 / 30.0 / 32 },
    { 1, 4 + 30 / 30.0 / 32 },
};

START_TEST(quantiles_of_a_histogram_count_from_below)
{
    for (int i = 0; i < 100; i++)
        xo_hist_add(hist, i < 10 ? 1.007 : i < 70 ? 2.001 : 4.03);
    for (int i = 0; i < N_OF(printed); i++)
        ck_assert_double_eq_tol(xo_hist_quantile(hist, printed[i].q), printed[i].value, 1e-14);
    ck_assert_double_eq_tol(xo_hist_mean(hist), (10 * 1.007 + 60 * 2.001 + 30 * 4.03) / 100, 1e-14);
    xo_hist_merge(other, hist); /* into an empty one, and a second time: the same quantiles */
    xo_hist_merge(other, hist);
    ck_assert_int_eq(other->n, 200);
    for (int i = 0; i < N_OF(printed); i++)
        ck_assert_double_eq_tol(xo_hist_quantile(other, printed[i].q), printed[i].value, 1e-14);
}
END_TEST

static void add_one_by_one(struct xo_hist *h, double first, double slope, int64_t n, int64_t weight)
{
    for (int64_t j = 0; j < n; j++)
        for (int64_t w = 0; w < weight; w++)
            xo_hist_add(h, first + (double)j * slope);
}

static void assert_same(void)
{
    ck_assert_int_eq(hist->n, other->n);
    ck_assert_mem_eq(hist->count, other->count, sizeof hist->count);
    ck_assert_double_eq_tol(hist->sum, other->sum, 1e-9 * fabs(other->sum));
}

static const struct run_row {
    double first, slope;
    int64_t n, weight;
} run_rows[] = {
    { 0.0123, 3.1e-7, 1, 3 },           /* a single step */
    { 0.0123, 3.1e-7, 5000, 2 },        /* some bins */
    { 0.0123, 0, 777, 5 },              /* flat */
    { 0.5, 0.00390625, 300, 1 },        /* every term on an edge */
    { 1e-9, 3e-8, 100, 1 },             /* enters from below the range */
    { 1e6, 777, 300, 1 },               /* leaves above it */
    { 0, 0.1, 2000, 1 },                /* from zero, many bins a step */
    { 1 - 0x1p-53, 1e-20, 40000, 1 },   /* a slope below the last digit: never moves */
    { 1 - 0x1p-50, 0x1p-64, 40000, 1 }, /* rounded terms cross an edge at a wrong quotient */
    { 2.9999999, 1e-9, 1000, 4 },
};

START_TEST(a_run_counts_as_its_terms_one_by_one)
{
    const struct run_row *row = &run_rows[_i];
    xo_hist_add_run(hist, row->first, row->slope, row->n, row->weight);
    add_one_by_one(other, row->first, row->slope, row->n, row->weight);
    assert_same();
}
END_TEST

START_TEST(random_runs_count_as_their_terms_one_by_one)
{
    for (int i = 0; i < 3000; i++) {
        const double first = exp(gsl_ran_flat(rng, -16, 15)),
                     slope = first * exp(gsl_ran_flat(rng, -38, 2));
        const int64_t n = 1 + (int64_t)exp(gsl_ran_flat(rng, 0, 7));
        const int64_t weight = 1 + (int64_t)gsl_rng_uniform_int(rng, 3);
        xo_hist_add_run(hist, first, slope, n, weight);
        add_one_by_one(other, first, slope, n, weight);
    }
    assert_same();
}
END_TEST

START_TEST(merged_histograms_are_those_of_all_numbers)
{
    struct xo_hist *all = calloc(1, sizeof *all);
    ck_assert_ptr_nonnull(all);
    for (int i = 0; i < 1000; i++) {
        const double x = gsl_ran_exponential(rng, 0.37);
        xo_hist_add(all, x);
        xo_hist_add(i % 3 == 0 ? hist : other, x);
    }
    xo_hist_merge(hist, other);
    ck_assert_int_eq(hist->n, 1000);
    ck_assert_mem_eq(hist->count, all->count, sizeof all->count);
    ck_assert_double_eq_tol(hist->sum, all->sum, 1e-9);
    free(all);
}
END_TEST

START_TEST(a_warm_up_of_two_batches_is_deleted)
{
    double series[100];
    for (int i = 0; i < 100; i++)
        series[i] = i < 10 ? 50 - i : (i / 5) % 2; /* batch means 48, 43, 0, 1, 0, 1, ... */
    ck_assert_uint_eq(xo_mser5(series, 100), 10);
    for (int i = 0; i < 100; i++)
        series[i] = 3.25;
    ck_assert_uint_eq(xo_mser5(series, 100), 0); /* nothing to delete */
    for (int i = 0; i < 100; i++)
        series[i] = 9.5 + i;                      /* a ramp of k batches: about k / 12 times 25 */
    ck_assert_uint_eq(xo_mser5(series, 100), 50); /* never more than half */
    ck_assert_uint_eq(xo_mser5(series, 9), 0);
}
END_TEST

/* Batch means y. What is left from batch d on has MSER(d) = sum (y - their mean)^2 / (their
 * number)^2; at most half of the series goes. */
static const struct {
    int n_batches;
    double y[8];
    size_t deleted;
} warm_ups[] = {
    { 4, { 8, 2, 1, 1 }, 10 },             /* 34/16 at d = 0, (2/3)/9 at 1, 0 at 2 */
    { 5, { 8, 2, 2, 1, 1 }, 5 },           /* 1/16 at 1, (2/3)/9 at 2; 3 would be over half */
    { 6, { 0, 0, 0, 0, 0, 9 }, 0 },        /* 67.5/36 at 0, 54/9 at 3: no start to cut */
    { 6, { 1, 0, 1, 0, 1, 0 }, 0 },        /* 1.5/36 at 0, 1.2/25 at 1, 1/16 at 2 */
    { 8, { 7, 7, 7, 0, 0, 0, 0, 0 }, 15 }, /* 0 at 3 */
    { 8, { 7, 7, 7, 7, 7, 0, 0, 0 }, 0 },  /* 7^2 * 15/8 / 64 at 0, 7^2 * 3/4 / 16 at 4 */
};

START_TEST(mser_deletes_what_by_hand_is_best)
{
    double series[40];
    for (int i = 0; i < 5 * warm_ups[_i].n_batches; i++)
        series[i] = warm_ups[_i].y[i / 5] + (i % 5 - 2) * 0.125; /* within a batch it evens out */
    ck_assert_uint_eq(xo_mser5(series, (size_t)(5 * warm_ups[_i].n_batches)), warm_ups[_i].deleted);
}
END_TEST

static double mser_by_definition(const double series[], size_t n_batches, size_t d)
{
    double mean = 0, squares = 0;
    for (size_t i = 5 * d; i < 5 * n_batches; i++)
        mean += series[i] / (double)(5 * (n_batches - d));
    for (size_t b = d; b < n_batches; b++) {
        double y = 0;
        for (size_t i = 0; i < 5; i++)
            y += series[5 * b + i] / 5;
        squares += (y - mean) * (y - mean);
    }
    return squares / (double)((n_batches - d) * (n_batches - d));
}

START_TEST(mser_is_the_smallest_by_its_definition)
{
    for (int trial = 0; trial < 200; trial++) {
        double series[403];
        for (int i = 0; i < 403; i++)
            series[i] = gsl_ran_gaussian(rng, 1.5) + 6 * exp(-i / (1.0 + trial));
        const size_t deleted = xo_mser5(series, 403);
        const double smallest = mser_by_definition(series, 80, deleted / 5);
        ck_assert_uint_eq(deleted % 5, 0);
        for (size_t d = 0; d <= 40; d++)
            ck_assert_double_le(smallest, mser_by_definition(series, 80, d) * (1 + 1e-12));
    }
}
END_TEST

START_TEST(equals_share_the_mean_of_their_ranks)
{
    const double x[6] = { 2.5, -1, 2.5, INFINITY, 2.5, 0 };
    const double expected[6] = { 4, 1, 4, 6, 4, 2 };
    double rank[6];
    struct xo_ranked scratch[6];
    xo_ranks(x, 6, rank, scratch);
    for (int i = 0; i < 6; i++)
        ck_assert_double_eq(rank[i], expected[i]);
}
END_TEST

/* With two inputs, (r_ay - r_ab r_by) / sqrt((1 - r_ab^2)(1 - r_by^2)). */
START_TEST(the_partial_correlation_of_two_inputs_is_yules)
{
    const double ab = 0.3, ay = 0.625, by = -0.45;
    double r[9] = { 1, ab, ay, ab, 1, by, ay, by, 1 }, partial[2];
    ck_assert(xo_partial_correlations(r, 3, partial));
    ck_assert_double_eq_tol(partial[0], (ay - ab * by) / sqrt((1 - ab * ab) * (1 - by * by)),
                            1e-12);
    ck_assert_double_eq_tol(partial[1], (by - ab * ay) / sqrt((1 - ab * ab) * (1 - ay * ay)),
                            1e-12);
    double singular[9] = { 1, 1, 0.5, 1, 1, 0.5, 0.5, 0.5, 1 };
    ck_assert(!xo_partial_correlations(singular, 3, partial));
    ck_assert(isnan(partial[0]));
}
END_TEST

/* Inputs that do not depend on each other: r_iy / sqrt(1 - the squares of the other r_jy). */
START_TEST(partial_correlations_of_independent_inputs_leave_out_the_others)
{
    double r[16] = { 1, 0, 0, 0.5, 0, 1, 0, -0.4, 0, 0, 1, 0.3, 0.5, -0.4, 0.3, 1 }, partial[3];
    ck_assert(xo_partial_correlations(r, 4, partial));
    ck_assert_double_eq_tol(partial[0], 0.5 / sqrt(1 - 0.16 - 0.09), 1e-12);
    ck_assert_double_eq_tol(partial[1], -0.4 / sqrt(1 - 0.25 - 0.09), 1e-12);
    ck_assert_double_eq_tol(partial[2], 0.3 / sqrt(1 - 0.25 - 0.16), 1e-12);
}
END_TEST

/* 8 of 10: 0.4902 to 0.9433 (Brown, Cai and DasGupta 2001 give the formula). */
START_TEST(wilsons_interval_of_eight_in_ten)
{
    const struct xo_interval i = xo_share_interval(8, 10, 0.95);
    ck_assert_double_eq(i.mean, 0.8);
    ck_assert_double_eq_tol(i.lo, 0.4902, 5e-5);
    ck_assert_double_eq_tol(i.hi, 0.9433, 5e-5);
    ck_assert_double_eq_tol(xo_share_interval(0, 25, 0.95).lo, 0, 1e-15);
    ck_assert(isnan(xo_share_interval(0, 0, 0.95).mean));
}
END_TEST

/* None or all of n: one end is the share itself, the other z^2 / (n + z^2) from it; a half of n: z
 * / (2 sqrt(n + z^2)) on either side. z of 90 %, 95 % and 99 % as tables have it. */
START_TEST(wilsons_interval_has_closed_forms_at_none_half_and_all)
{
    static const struct {
        int64_t n;
        double level, z;
    } rows[] = { { 24, 0.95, 1.959964 }, { 40, 0.9, 1.644854 }, { 1000, 0.99, 2.575829 } };
    for (int i = 0; i < N_OF(rows); i++) {
        const double n = (double)rows[i].n, z = rows[i].z, end = z * z / (n + z * z);
        const struct xo_interval none = xo_share_interval(0, rows[i].n, rows[i].level),
                                 half = xo_share_interval(rows[i].n / 2, rows[i].n, rows[i].level),
                                 all = xo_share_interval(rows[i].n, rows[i].n, rows[i].level);
        ck_assert_double_eq(none.lo, 0);
        ck_assert_double_eq_tol(none.hi, end, 1e-6);
        ck_assert_double_eq_tol(half.lo, 0.5 - z / (2 * sqrt(n + z * z)), 1e-6);
        ck_assert_double_eq_tol(half.hi, 0.5 + z / (2 * sqrt(n + z * z)), 1e-6);
        ck_assert_double_eq_tol(all.lo, 1 - end, 1e-6);
        ck_assert_double_eq(all.hi, 1);
    }
}
END_TEST

/* Median of 20: P(Binomial(20, 1/2) <= 5) = 0.0207, so the 6th and the 15th (a table in every book
 * on order statistics). The 5 % point of 20 has nothing below it. */
START_TEST(the_median_of_twenty_lies_between_the_sixth_and_the_fifteenth)
{
    double x[20];
    for (int i = 0; i < 20; i++)
        x[i] = i + 1;
    const struct xo_interval median = xo_quantile_interval(x, 20, 0.5, 0.95);
    ck_assert_double_eq(median.mean, 10);
    ck_assert_double_eq(median.lo, 6);
    ck_assert_double_eq(median.hi, 15);
    ck_assert(isnan(xo_quantile_interval(x, 20, 0.05, 0.95).lo));
}
END_TEST

/* Of n numbers, k - 1 or fewer lie below the quantile with P(Binomial(n, q) < k), by hand:
 *   n = 6, median: (1/2)^6 = 0.016 each side, so the 1st and the 6th at 95 %; of 5 it is 0.031.
 *   n = 8, first quartile: P(none below) = 0.75^8 = 0.1001; P(X <= 4 above) = 0.1138, P(X <= 3) =
 *   0.0273: with tails of 0.105 the 1st and the 8 - 4 + 1 = 5th, with tails of 0.1 no lower one,
 *   with tails of 0.12 the 8 - 5 + 1 = 4th. Numbers are 1 to n. */
static const struct {
    size_t n;
    double q, level, at, lo, hi; /* 0: there is none */
} ordered[] = {
    { 6, 0.5, 0.95, 3, 1, 6 },  { 5, 0.5, 0.95, 3, 0, 0 },  { 8, 0.25, 0.79, 2, 1, 5 },
    { 8, 0.25, 0.8, 2, 0, 5 },  { 8, 0.25, 0.76, 2, 1, 4 }, { 8, 0.75, 0.79, 6, 4, 8 },
    { 10, 0.5, 0.95, 5, 2, 9 }, { 1, 0.5, 0.95, 1, 0, 0 },  { 100, 0.5, 0.95, 50, 40, 61 },
};

START_TEST(a_quantile_lies_between_order_statistics_by_the_binomial)
{
    double x[100];
    for (int i = 0; i < 100; i++)
        x[i] = i + 1;
    const struct xo_interval i =
        xo_quantile_interval(x, ordered[_i].n, ordered[_i].q, ordered[_i].level);
    ck_assert_double_eq(i.mean, ordered[_i].at);
    ck_assert_double_eq(isnan(i.lo) ? 0 : i.lo, ordered[_i].lo);
    ck_assert_double_eq(isnan(i.hi) ? 0 : i.hi, ordered[_i].hi);
}
END_TEST

static double uniform_cdf(void *self, double x)
{
    (void)self;
    return x;
}

START_TEST(the_largest_step_off_a_cdf_is_found_by_hand)
{
    const double x[4] = { 0.1, 0.5, 0.55, 0.9 }; /* below 0.55: 0.55 - 2/4; above it 3/4 - 0.55 */
    const double d = xo_ks_distance(x, 4, uniform_cdf, NULL);
    ck_assert_double_eq_tol(d, 0.25, 1e-15); /* at 0.5: 0.5 - 1/4 */
    /* Asymptotic 5 % point 1.358 / sqrt(n) (Smirnov 1948). */
    ck_assert_double_eq_tol(xo_ks_above(1.358 / 1000, 1000000), 0.05, 2e-4);
    ck_assert_double_eq(xo_ks_above(0, 10), 1);
}
END_TEST

/* Critical distances of the exact distribution (Miller, JASA 51, 1956), which Stephens' form meets
 * to a twentieth of the probability. */
START_TEST(distances_are_as_rare_as_millers_table_says)
{
    static const struct {
        size_t n;
        double distance, above;
    } rows[] = { { 5, 0.56328, 0.05 },  { 10, 0.40925, 0.05 }, { 10, 0.48893, 0.01 },
                 { 20, 0.29408, 0.05 }, { 20, 0.35241, 0.01 }, { 20, 0.26473, 0.1 } };
    for (int i = 0; i < N_OF(rows); i++)
        ck_assert_double_eq_tol(xo_ks_above(rows[i].distance, rows[i].n) / rows[i].above, 1, 0.05);
    ck_assert_double_eq_tol(xo_ks_above(0.8276 / 1000, 1000000), 0.5, 2e-4); /* the median, ibid. */
    ck_assert_double_eq(xo_ks_above(1, 1000), 0);
}
END_TEST

/* The polynomials as textbooks print them (Abramowitz and Stegun, tables 22.9 and 22.14), each with
 * a mean square of 1. */
static double polynomial(int term, double u)
{
    const double x = 2 * u - 1, z = xo_normal_quantile(u);
    const double p[XO_SMOOTH_TERMS] = {
        1,
        sqrt(3) * x,
        sqrt(5) * (3 * x * x - 1) / 2,
        sqrt(7) * (5 * pow(x, 3) - 3 * x) / 2,
        sqrt(9) * (35 * pow(x, 4) - 30 * x * x + 3) / 8,
        sqrt(11) * (63 * pow(x, 5) - 70 * pow(x, 3) + 15 * x) / 8,
        z,
        (z * z - 1) / sqrt(2),
        (pow(z, 3) - 3 * z) / sqrt(6),
    };
    return p[term];
}

/* A response that is one of the polynomials has that coefficient alone. */
START_TEST(each_polynomial_has_its_own_coefficient)
{
    struct xo_smooth s = { 0 };
    double c[XO_SMOOTH_TERMS];
    for (int i = 0; i < 4000; i++)
        xo_smooth_add(&s, (i + 0.5) / 4000, 2.5 + 1.25 * polynomial(_i, (i + 0.5) / 4000));
    ck_assert(xo_smooth_solve(&s, c));
    for (int k = 0; k < XO_SMOOTH_TERMS; k++)
        ck_assert_double_eq_tol(c[k], (k == 0 ? 2.5 : 0) + (k == _i ? 1.25 : 0), 1e-7);
    ck_assert_double_eq_tol(xo_smooth_at(c, 0.7), 2.5 + 1.25 * polynomial(_i, 0.7), 1e-7);
}
END_TEST

/* An input that moves by a tenth of its law, in which the quadratic is a thousandth of the line. */
START_TEST(a_narrow_input_keeps_its_curve)
{
    struct xo_smooth s = { 0 };
    double c[XO_SMOOTH_TERMS];
    for (int i = 0; i < 1000; i++) {
        const double u = 0.45 + 0.1 * (i + 0.5) / 1000;
        xo_smooth_add(&s, u, 7 * u * u);
    }
    ck_assert(xo_smooth_solve(&s, c));
    ck_assert_double_eq_tol(xo_smooth_at(c, 0.45), 7 * 0.45 * 0.45, 1e-7);
    ck_assert_double_eq_tol(xo_smooth_at(c, 0.5), 7 * 0.5 * 0.5, 1e-7);
}
END_TEST

/* 20 answers of an input of two values: 1 and 3 at one, 5 and 7 at the other. Squares about the
 * mean 20 * (2^2 + 1), about the two means 20 * 1; two terms: 1 - (20/18) / (100/19). */
START_TEST(the_share_explained_is_adjusted_for_its_terms)
{
    struct xo_smooth s = { 0 };
    double c[XO_SMOOTH_TERMS];
    for (int i = 0; i < 20; i++)
        xo_smooth_add(&s, i % 2 ? 0.25 : 0.75, 1 + 2 * (i % 4 / 2) + 4 * (i % 2));
    ck_assert_double_eq_tol(xo_smooth_share(&s), 1 - (20 / 18.0) / (100 / 19.0), 1e-12);
    s = (struct xo_smooth){ 0 };
    ck_assert(isnan(xo_smooth_share(&s)));
    for (int i = 0; i < XO_SMOOTH_TERMS; i++)
        xo_smooth_add(&s, (i + 0.5) / XO_SMOOTH_TERMS, i * i);
    ck_assert(!xo_smooth_solve(&s, c)); /* as many answers as terms say nothing */
    xo_smooth_add(&s, 0.123, 4);
    ck_assert(xo_smooth_solve(&s, c));
}
END_TEST

/* y = u^2 of one input and a second of equal weight: Var(u^2) = 4/45 of 4/45 + 1/12 ... */
START_TEST(a_smooth_explains_what_its_input_does)
{
    enum { N = 20000 };
    struct xo_smooth all = { 0 }, half = { 0 }, rest;
    for (int i = 0; i < N; i++) {
        const double u = (i + 0.5) / N, v = fmod(i * 0.6180339887498949, 1);
        xo_smooth_add(&all, u, u * u + v);
        if (i % 2 == 0)
            xo_smooth_add(&half, u, u * u + v);
    }
    const double share = 4.0 / 45 / (4.0 / 45 + 1.0 / 12);
    ck_assert_double_eq_tol(xo_smooth_share(&all), share, 2e-3);
    double c[XO_SMOOTH_TERMS];
    ck_assert(xo_smooth_solve(&all, c));
    ck_assert_double_eq_tol(xo_smooth_at(c, 0.3), 0.09 + 0.5, 5e-3);
    rest = all;
    xo_smooth_merge(&rest, &half, -1);
    ck_assert_int_eq(rest.n, N / 2);
    ck_assert_double_eq_tol(xo_smooth_share(&rest), share, 4e-3);
    /* exp(1.26 z) of a normal z, the tail of a volume: a line through it would explain 39 %. */
    struct xo_smooth tail = { 0 };
    for (int i = 0; i < N; i++)
        xo_smooth_add(&tail, (i + 0.5) / N, exp(1.26 * xo_normal_quantile((i + 0.5) / N)));
    ck_assert_double_gt(xo_smooth_share(&tail), 0.9);
    /* An input of two values spans two terms; the others are left out. */
    struct xo_smooth two = { 0 };
    for (int i = 0; i < 1000; i++)
        xo_smooth_add(&two, i % 2 ? 0.25 : 0.75, i % 2 ? 3 : 5);
    ck_assert_double_eq_tol(xo_smooth_share(&two), 1, 1e-9);
    ck_assert(xo_smooth_solve(&two, c));
    ck_assert_double_eq_tol(xo_smooth_at(c, 0.25), 3, 1e-9);
    struct xo_smooth constant = { 0 };
    for (int i = 0; i < 100; i++)
        xo_smooth_add(&constant, (i + 0.5) / 100, 7.5);
    ck_assert(isnan(xo_smooth_share(&constant)));
}
END_TEST

static Suite *stats_suite(void)
{
    Suite *suite = suite_create("stats");
    TCase *tcase = tcase_create("stats");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, moments_of_four_numbers_by_hand);
    tcase_add_test(tcase, far_from_zero_no_digits_are_lost);
    tcase_add_test(tcase, merged_moments_are_those_of_all_numbers);
    tcase_add_test(tcase, statistics_of_nothing_are_nan);
    tcase_add_test(tcase, the_t_interval_of_four_numbers_by_hand);
    tcase_add_loop_test(tcase, limits_lie_students_t_standard_errors_off, 0, N_OF(student));
    tcase_add_test(tcase, a_95_percent_interval_covers_95_percent);
    tcase_add_test(tcase, a_ratio_of_sums_is_pooled_not_averaged);
    tcase_add_test(tcase, a_ratio_interval_covers_95_percent);
    tcase_add_test(tcase, with_equal_denominators_the_ratio_is_a_mean);
    tcase_add_test(tcase, sorted_quantiles_interpolate_as_type_7);
    tcase_add_test(tcase, sorting_puts_nan_last);
    tcase_add_test(tcase, many_numbers_are_sorted_and_equals_stay_as_they_stood);
    tcase_add_test(tcase, many_ranks_are_those_counted_one_by_one);
    tcase_add_test(tcase, every_bin_begins_at_its_edge);
    tcase_add_test(tcase, numbers_outside_are_counted_in_the_end_bins);
    tcase_add_test(tcase, histogram_quantiles_are_within_a_bin_of_exact_ones);
    tcase_add_test(tcase, quantiles_interpolate_within_a_bin);
    tcase_add_test(tcase, quantiles_of_a_histogram_count_from_below);
    tcase_add_loop_test(tcase, a_run_counts_as_its_terms_one_by_one, 0, N_OF(run_rows));
    tcase_add_test(tcase, random_runs_count_as_their_terms_one_by_one);
    tcase_add_test(tcase, merged_histograms_are_those_of_all_numbers);
    tcase_add_test(tcase, a_warm_up_of_two_batches_is_deleted);
    tcase_add_loop_test(tcase, mser_deletes_what_by_hand_is_best, 0, N_OF(warm_ups));
    tcase_add_test(tcase, mser_is_the_smallest_by_its_definition);
    tcase_add_test(tcase, equals_share_the_mean_of_their_ranks);
    tcase_add_test(tcase, the_partial_correlation_of_two_inputs_is_yules);
    tcase_add_test(tcase, partial_correlations_of_independent_inputs_leave_out_the_others);
    tcase_add_test(tcase, wilsons_interval_of_eight_in_ten);
    tcase_add_test(tcase, wilsons_interval_has_closed_forms_at_none_half_and_all);
    tcase_add_test(tcase, the_median_of_twenty_lies_between_the_sixth_and_the_fifteenth);
    tcase_add_loop_test(tcase, a_quantile_lies_between_order_statistics_by_the_binomial, 0,
                        N_OF(ordered));
    tcase_add_test(tcase, the_largest_step_off_a_cdf_is_found_by_hand);
    tcase_add_test(tcase, distances_are_as_rare_as_millers_table_says);
    tcase_add_loop_test(tcase, each_polynomial_has_its_own_coefficient, 0, XO_SMOOTH_TERMS);
    tcase_add_test(tcase, a_narrow_input_keeps_its_curve);
    tcase_add_test(tcase, the_share_explained_is_adjusted_for_its_terms);
    tcase_add_test(tcase, a_smooth_explains_what_its_input_does);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(stats_suite());
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
