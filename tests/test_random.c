/* test_random.c - streams, distributions, Sobol' points.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/random.h"
#include "xo/stats.h"

#include <Random123/philox.h>
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct xo_stream stream = { .seed = 0x1234567890abcdef,
                                         .replication = 7,
                                         .purpose = XO_PURPOSE_REQUEST };

static double relative(double a, double b)
{
    return fabs(a - b) / fabs(b);
}

/* ---- streams ---- */

/* Random123's own known answers (tests/kat_vectors of its distribution). */
START_TEST(philox_gives_the_published_known_answers)
{
    const philox4x32_ctr_t zero = { { 0, 0, 0, 0 } };
    const philox4x32_key_t no_key = { { 0, 0 } };
    const philox4x32_ctr_t first = philox4x32(zero, no_key);
    ck_assert_uint_eq(first.v[0], 0x6627e8d5);
    ck_assert_uint_eq(first.v[1], 0xe169c58d);
    ck_assert_uint_eq(first.v[2], 0xbc57ac4c);
    ck_assert_uint_eq(first.v[3], 0x9b00dbd8);

    double u[2];
    const struct xo_stream blank = { 0 };
    xo_uniform2(&blank, 0, 0, u);
    ck_assert_double_eq(u[0], ((double)(0xe169c58d6627e8d5 >> 12) + 0.5) / 0x1p52);
    ck_assert_double_eq(u[1], ((double)(0x9b00dbd8bc57ac4c >> 12) + 0.5) / 0x1p52);
}
END_TEST

START_TEST(every_part_of_an_address_changes_the_draw)
{
    struct xo_stream s[] = { stream, stream, stream, stream, stream };
    s[1].seed ^= 1;
    s[2].seed ^= 1ull << 63;
    s[3].replication++;
    s[4].purpose++;
    for (int i = 1; i < 5; i++)
        ck_assert_double_ne(xo_uniform(&s[i], 5, 1), xo_uniform(&stream, 5, 1));
    ck_assert_double_ne(xo_uniform(&stream, 5 + (1ull << 32), 1), xo_uniform(&stream, 5, 1));
    ck_assert_double_ne(xo_uniform(&stream, 5, 2), xo_uniform(&stream, 5, 1));
    s[3].replication = 7 + (1u << 24);
    ck_assert_double_ne(xo_uniform(&s[3], 5, 1), xo_uniform(&stream, 5, 1));
    ck_assert_double_eq(xo_uniform(&s[0], 5, 1), xo_uniform(&stream, 5, 1));
}
END_TEST

START_TEST(uniforms_are_open_even_and_uncorrelated)
{
    enum { N = 400000 };
    double sum = 0, squares = 0, product = 0;
    bool open = true;
    for (uint64_t i = 0; i < N; i++) {
        double u[2];
        xo_uniform2(&stream, i, 0, u);
        open = open && u[0] > 0 && u[0] < 1 && u[1] > 0 && u[1] < 1;
        sum += u[0] - 0.5;
        squares += (u[0] - 0.5) * (u[0] - 0.5);
        product += (u[0] - 0.5) * (u[1] - 0.5);
    }
    ck_assert(open);
    ck_assert_double_lt(fabs(sum / N), 4 / sqrt(12.0 * N));
    ck_assert_double_lt(fabs(squares / N - 1 / 12.0), 4 / sqrt(180.0 * N));
    ck_assert_double_lt(fabs(product / N), 4 / (12 * sqrt(N)));
}
END_TEST

/* A row whose entities go beyond 32 bits, of every length to 37: nothing is written behind it. */
START_TEST(uniforms_of_a_row_of_entities_are_those_of_each)
{
    enum { MOST = 37 };
    const struct xo_stream all_bits = { .seed = 0xfedcba9876543210,
                                        .replication = 0xabcdef12,
                                        .purpose = 0xfe };
    const uint64_t first = 0x7fffffffeull;
    double each[2 * MOST];
    for (uint64_t i = 0; i < MOST; i++)
        xo_uniform2(&all_bits, first + i, 0xfffffffe, &each[2 * i]);
    for (size_t n = 0; n <= MOST; n++) {
        double row[2 * MOST] = { 0 };
        const double nothing[2 * MOST] = { 0 };
        xo_uniforms(&all_bits, first, 0xfffffffe, n, row);
        ck_assert_mem_eq(row, each, 2 * n * sizeof *row);
        ck_assert_mem_eq(row + 2 * n, nothing, 2 * (MOST - n) * sizeof *row);
    }
}
END_TEST

START_TEST(the_gsl_generator_walks_the_slots_of_its_entity)
{
    gsl_rng *rng = gsl_rng_alloc(xo_rng_philox);
    xo_rng_set(rng, &stream, 99);
    for (uint32_t slot = 0; slot < 3; slot++) {
        double u[2];
        xo_uniform2(&stream, 99, slot, u);
        ck_assert_double_eq(gsl_rng_uniform(rng), u[0]);
        ck_assert_double_eq(gsl_rng_uniform(rng), u[1]);
    }
    double sum = 0;
    for (int i = 0; i < 200000; i++)
        sum += gsl_ran_gamma(rng, 2, 3);
    ck_assert_double_lt(fabs(sum / 200000 - 6), 4 * sqrt(18 / 200000.0));
    gsl_rng_free(rng);
}
END_TEST

START_TEST(words_of_the_gsl_generator_are_whole_and_skip_to_even_pairs)
{
    gsl_rng *rng = gsl_rng_alloc(xo_rng_philox);
    gsl_rng_set(rng, 0);
    ck_assert_uint_eq(gsl_rng_get(rng), 0x6627e8d5);
    ck_assert_double_eq(gsl_rng_uniform(rng), ((double)(0x9b00dbd8bc57ac4c >> 12) + 0.5) / 0x1p52);
    gsl_rng_free(rng);
}
END_TEST

/* ---- distributions ---- */

static struct xo_dist by_moments(enum xo_dist_kind kind, double mean, double cv)
{
    struct xo_dist d;
    struct xo_error err;
    ck_assert_msg(xo_dist_by_moments(&d, kind, mean, cv, &err), "%s", err.text);
    return d;
}

static struct xo_dist by_range(enum xo_dist_kind kind, double lo, double mode, double hi)
{
    struct xo_dist d;
    ck_assert(xo_dist_by_range(&d, kind, lo, mode, hi, NULL));
    return d;
}

static struct xo_dist pareto(double lo, double alpha, double hi)
{
    struct xo_dist d;
    ck_assert(xo_dist_pareto(&d, lo, alpha, hi, NULL));
    return d;
}

static struct xo_dist of_values(enum xo_dist_kind kind)
{
    static const double values[] = { 120, 7, 7, 3000, 41.5 }, weights[] = { 1, 2.5, 0.5, 0.25, 0 };
    struct xo_dist d;
    ck_assert(
        xo_dist_of_values(&d, kind, values, kind == XO_DIST_DISCRETE ? weights : NULL, 5, NULL));
    return d;
}

enum { N_SAMPLES = 12 };
static struct xo_dist sample(int i)
{
    switch (i) {
    case 0:
        return by_moments(XO_DIST_LOGNORMAL, 2000, 1);
    case 1:
        return by_moments(XO_DIST_GAMMA, 500, 0.7);
    case 2:
        return by_moments(XO_DIST_GAMMA, 1.25, 3.5);
    case 3:
        return by_moments(XO_DIST_WEIBULL, 333, 1.75);
    case 4:
        return by_moments(XO_DIST_EXPONENTIAL, 12.5, 1);
    case 5:
        return by_moments(XO_DIST_NORMAL, 40, 0.3);
    case 6:
        return by_range(XO_DIST_UNIFORM, 3, 0, 11);
    case 7:
        return by_range(XO_DIST_TRIANGULAR, -1.5, 2, 4.25);
    case 8:
        return by_range(XO_DIST_PERT, 2.2, 3.99, 5.4);
    case 9:
        return pareto(100, 1.2, 32000);
    case 10:
        return of_values(XO_DIST_DISCRETE);
    default:
        return of_values(XO_DIST_EMPIRICAL);
    }
}

static void check_sample_moments(const struct xo_dist *d, uint64_t entity)
{
    enum { N = 200000 };
    double sum = 0, squares = 0, fourth = 0;
    for (uint32_t i = 0; i < N; i++) {
        const double x = xo_dist_quantile(d, xo_uniform(&stream, entity, i)) - d->mean;
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
    }
    const double variance = squares / N, spread = sqrt(fourth / N - variance * variance);
    ck_assert_double_lt(fabs(sum / N), 4 * d->sd / sqrt(N));
    ck_assert_double_le(fabs(variance - d->sd * d->sd), 4 * spread / sqrt(N) + 1e-9);
}

START_TEST(mean_and_sd_agree_with_a_long_sample)
{
    struct xo_dist d = sample(_i);
    check_sample_moments(&d, (uint64_t)_i);
    xo_dist_fini(&d);
}
END_TEST

START_TEST(mean_and_sd_agree_with_a_long_sample_when_clipped)
{
    struct xo_dist d = sample(_i);
    const double lo = d.mean - 0.4 * d.sd, hi = d.mean + 0.9 * d.sd;
    ck_assert(xo_dist_clip(&d, lo, hi, NULL));
    ck_assert_double_ge(xo_dist_quantile(&d, 1e-12), lo);
    ck_assert_double_le(xo_dist_quantile(&d, 1 - 1e-12), hi);
    check_sample_moments(&d, (uint64_t)_i + 100);
    xo_dist_fini(&d);
}
END_TEST

START_TEST(the_cdf_undoes_the_quantile)
{
    struct xo_dist d = sample(_i);
    for (double u = 0.0005; u < 1; u += 0.0137) {
        const double x = xo_dist_quantile(&d, u);
        if (d.kind == XO_DIST_DISCRETE || d.kind == XO_DIST_EMPIRICAL) {
            ck_assert_double_ge(xo_dist_cdf(&d, x), u);
            ck_assert_double_lt(xo_dist_cdf(&d, nextafter(x, -INFINITY)), u);
        } else {
            ck_assert_double_lt(fabs(xo_dist_cdf(&d, x) - u), 1e-9);
        }
    }
    ck_assert_double_eq(xo_dist_cdf(&d, d.hi), 1);
    ck_assert_double_eq(xo_dist_cdf(&d, d.lo - 1), 0);
    xo_dist_fini(&d);
}
END_TEST

START_TEST(quantiles_never_fall)
{
    struct xo_dist d = sample(_i);
    double last = -INFINITY, worst = 0;
    for (int i = 1; i < 300000; i++) {
        const double x = xo_dist_quantile(&d, i / 300000.0);
        worst = fmin(worst, x - last);
        last = x;
    }
    for (double tail = 1 / 300000.0; tail > 1e-13; tail *= 0.99) {
        const double x = xo_dist_quantile(&d, 1 - tail);
        worst = fmin(worst, x - last);
        last = x;
    }
    ck_assert_double_eq(worst, 0);
    xo_dist_fini(&d);
}
END_TEST

/* Shapes from 4e-4 (cv 50) through Wilson and Hilferty's (cv 0.002), out to tails of 1e-13. */
/* To the bit, in the middle, in the tails, at their borders and at both ends. */
START_TEST(quantiles_of_many_are_those_of_each)
{
    enum { MOST = 70 };
    static const double ends[] = { 0x1p-53, 1e-9,  0.075,      0.07500000000000001,
                                   0.5,     0.925, 1 - 0x1p-53 };
    enum { N_ENDS = sizeof ends / sizeof *ends };
    struct xo_dist d = sample(_i);
    xo_dist_shift(&d, 1.25);
    double u[MOST], each[MOST];
    for (uint32_t i = 0; i < MOST; i++) {
        u[i] = i < N_ENDS ? ends[i] : xo_uniform(&stream, 5, i);
        each[i] = xo_dist_quantile(&d, u[i]);
    }
    for (size_t n = 0; n <= MOST; n++) {
        double many[MOST];
        memcpy(many, u, sizeof u);
        xo_dist_quantiles(&d, n, many);
        ck_assert_mem_eq(many, each, n * sizeof *many);
        ck_assert_mem_eq(many + n, u + n, (MOST - n) * sizeof *many);
    }
    xo_dist_fini(&d);
}
END_TEST

START_TEST(tabulated_gamma_quantiles_solve_the_incomplete_gamma_function)
{
    static const double cvs[] = { 50, 13.2, 3.5, 1, 0.7, 0.3, 0.05, 0.004 };
    struct xo_dist d = by_moments(XO_DIST_GAMMA, 1, cvs[_i]);
    const double shape = 1 / (cvs[_i] * cvs[_i]);
    for (double z = -7.25; z < 7.25; z += 0.0173) {
        const double u = gsl_cdf_ugaussian_P(z), tail = gsl_cdf_ugaussian_Q(z);
        const double x = xo_dist_quantile(&d, u);
        if (x < 1e-290)
            continue;
        const double ratio = z < 0 ? gsl_cdf_gamma_P(x * shape, shape, 1) / u
                                   : gsl_cdf_gamma_Q(x * shape, shape, 1) / tail;
        /* A relative error e of x moves ln P by e times the elasticity x f / P. */
        const double density = gsl_ran_gamma_pdf(x * shape, shape, 1) * x * shape;
        const double limit = 1e-6 * density / fmin(u, tail);
        /* 1 - u as a double is only good to 1e-16, which the upper tail sees. */
        ck_assert_double_lt(fabs(log(ratio)), limit + 2e-16 / tail + 1e-12);
    }
    xo_dist_fini(&d);
}
END_TEST

START_TEST(a_nearly_constant_gamma_is_a_normal)
{
    struct xo_dist d = by_moments(XO_DIST_GAMMA, 3, 0.001);
    for (double z = -5; z < 5; z += 0.31) {
        /* Cornish and Fisher: x = mean (1 + cv z + cv^2 (z^2 - 1)/3 + cv^3 (z^3 - 7z)/36) */
        const double cv = 0.001;
        const double x =
            3 * (1 + cv * z + cv * cv * (z * z - 1) / 3 + cv * cv * cv * (z * z * z - 7 * z) / 36);
        ck_assert_double_lt(relative(xo_dist_quantile(&d, gsl_cdf_ugaussian_P(z)), x), 1e-8);
    }
    ck_assert_double_lt(fabs(xo_dist_cdf(&d, 3) - 0.5), 1e-3);
    xo_dist_fini(&d);
}
END_TEST

START_TEST(the_normal_quantile_is_exact_to_fifteen_digits)
{
    for (double z = -8.1; z < 8.1; z += 0.0371) {
        const double u = gsl_cdf_ugaussian_P(z);
        ck_assert_double_lt(fabs(xo_normal_quantile(u) - gsl_cdf_ugaussian_Pinv(u)), 1e-14 * 8);
    }
    ck_assert_double_eq_tol(xo_normal_quantile(0.95), 1.6448536269514722, 1e-15);
    ck_assert_double_eq(xo_normal_quantile(0.5), 0);
}
END_TEST

START_TEST(mean_and_cv_are_kept)
{
    static const enum xo_dist_kind kinds[] = { XO_DIST_LOGNORMAL, XO_DIST_GAMMA, XO_DIST_WEIBULL,
                                               XO_DIST_NORMAL };
    static const double cvs[] = { 0.01, 0.6, 1, 2.5 };
    for (int c = 0; c < 4; c++) {
        struct xo_dist d = by_moments(kinds[_i], 1234.5, cvs[c]);
        ck_assert_double_eq(d.mean, 1234.5);
        ck_assert_double_eq(d.sd, 1234.5 * cvs[c]);
        ck_assert(xo_dist_clip(&d, -1e9, 1e9, NULL)); /* works both out again from the parameters */
        ck_assert_double_lt(relative(d.mean, 1234.5), 1e-6);
        ck_assert_double_lt(relative(d.sd, 1234.5 * cvs[c]), 1e-5);
        xo_dist_fini(&d);
    }
}
END_TEST

START_TEST(p50_and_p95_are_kept)
{
    static const enum xo_dist_kind kinds[] = { XO_DIST_LOGNORMAL, XO_DIST_GAMMA, XO_DIST_WEIBULL,
                                               XO_DIST_NORMAL };
    struct xo_dist d;
    ck_assert(xo_dist_by_quantiles(&d, kinds[_i], 1020, 4083, NULL));
    ck_assert_double_lt(relative(xo_dist_quantile(&d, 0.5), 1020), 1e-7);
    ck_assert_double_lt(relative(xo_dist_quantile(&d, 0.95), 4083), 1e-7);
    xo_dist_fini(&d);
}
END_TEST

/* A normal is not cut at 0, whichever numbers give it: p50 = 0 and p95 = Phi^-1(0.95) is N(0, 1).
 */
START_TEST(a_normal_by_its_quantiles_goes_below_zero)
{
    struct xo_dist d;
    ck_assert(xo_dist_by_quantiles(&d, XO_DIST_NORMAL, 0, 1.6448536269514722, NULL));
    ck_assert_double_eq_tol(xo_dist_quantile(&d, 0.05), -1.6448536269514722, 1e-12);
    ck_assert_double_eq_tol(d.mean, 0, 1e-12);
    ck_assert_double_eq_tol(d.sd, 1, 1e-12);
    xo_dist_fini(&d);
}
END_TEST

/* lognormal(mean 2000, cv 1): sigma^2 = ln 2, mu = ln 2000 - ln(2)/2, so the median is 2000/sqrt 2.
 */
START_TEST(hand_counts)
{
    struct xo_dist d = by_moments(XO_DIST_LOGNORMAL, 2000, 1);
    ck_assert_double_lt(relative(xo_dist_quantile(&d, 0.5), 1414.2135623730951), 1e-14);
    xo_dist_fini(&d);
    d = by_range(XO_DIST_PERT, 10, 20, 70); /* mean (lo + 4 mode + hi)/6, variance (m-lo)(hi-m)/7 */
    ck_assert_double_lt(relative(d.mean, 160 / 6.0), 1e-12);
    ck_assert_double_lt(relative(d.sd * d.sd, (160 / 6.0 - 10) * (70 - 160 / 6.0) / 7), 1e-12);
    xo_dist_fini(&d);
    d = by_range(XO_DIST_TRIANGULAR, 1, 2, 6); /* (1+2+6)/3, (1+4+36-2-6-12)/18 */
    ck_assert_double_lt(relative(d.mean, 3), 1e-14);
    ck_assert_double_lt(relative(d.sd * d.sd, 21 / 18.0), 1e-13);
    ck_assert_double_lt(relative(xo_dist_quantile(&d, 0.2), 2), 1e-15);
    xo_dist_fini(&d);
    d = pareto(1, 1, 5); /* density 1.25/x^2: mean 1.25 ln 5 */
    ck_assert_double_lt(relative(d.mean, 1.25 * log(5)), 1e-13);
    ck_assert_double_lt(relative(xo_dist_quantile(&d, 0.5), 1 / 0.6), 1e-14);
    xo_dist_fini(&d);
    d = of_values(XO_DIST_DISCRETE); /* 7 with weight 3, 120 with 1, 3000 with 0.25 */
    ck_assert_uint_eq(d.n, 4);
    ck_assert_double_lt(relative(d.mean, (21 + 120 + 750) / 4.25), 1e-14);
    ck_assert_double_eq(xo_dist_quantile(&d, 3 / 4.25), 7);
    ck_assert_double_eq(xo_dist_quantile(&d, 3.001 / 4.25), 120);
    xo_dist_fini(&d);
    d = of_values(XO_DIST_EMPIRICAL);
    ck_assert_double_eq(xo_dist_quantile(&d, 0.39), 7);
    ck_assert_double_eq(xo_dist_quantile(&d, 0.41), 41.5);
    xo_dist_fini(&d);
}
END_TEST

START_TEST(no_spread_makes_a_constant)
{
    struct xo_dist d;
    ck_assert(xo_dist_by_moments(&d, XO_DIST_GAMMA, 12.5, 0, NULL));
    ck_assert_int_eq(d.kind, XO_DIST_CONSTANT);
    ck_assert_double_eq(xo_dist_quantile(&d, 0.3), 12.5);
    ck_assert(xo_dist_by_range(&d, XO_DIST_PERT, 4, 4, 4, NULL));
    ck_assert_int_eq(d.kind, XO_DIST_CONSTANT);
    ck_assert(xo_dist_by_quantiles(&d, XO_DIST_LOGNORMAL, 9, 9, NULL));
    ck_assert_double_eq(d.mean, 9);
    ck_assert(xo_dist_clip(&d, 1, 2.5, NULL));
    ck_assert_double_eq(d.mean, 2.5);
    ck_assert_double_eq(xo_dist_quantile(&d, 0.3), 2.5);
}
END_TEST

START_TEST(a_copy_stands_alone)
{
    for (int i = 0; i < N_SAMPLES; i++) {
        struct xo_dist d = sample(i), copy;
        ck_assert(xo_dist_copy(&copy, &d, NULL));
        const double x = xo_dist_quantile(&d, 0.77);
        xo_dist_fini(&d);
        ck_assert_double_eq(xo_dist_quantile(&copy, 0.77), x);
        xo_dist_fini(&copy);
    }
}
END_TEST

static const struct {
    int maker; /* 0 moments, 1 quantiles, 2 range, 3 pareto */
    enum xo_dist_kind kind;
    double a, b, c;
    const char *text;
} refusals[] = {
    { 0, XO_DIST_GAMMA, 10, -1, 0, "cv is -1; it goes from 0 to 50" },
    { 0, XO_DIST_GAMMA, 10, 51, 0, "cv is 51; it goes from 0 to 50" },
    { 0, XO_DIST_GAMMA, 10, NAN, 0, "cv is nan; it goes from 0 to 50" },
    { 0, XO_DIST_LOGNORMAL, 0, 1, 0,
      "the mean of a lognormal distribution is 0; it must be above 0" },
    { 0, XO_DIST_NORMAL, INFINITY, 1, 0,
      "the mean of a normal distribution is inf; it must be finite" },
    { 0, XO_DIST_PERT, 10, 1, 0, "a pert distribution is not given by mean and cv" },
    { 1, XO_DIST_LOGNORMAL, 100, 50, 0,
      "p50 is 100 and p95 is 50; both must be above 0 and p95 must not be below p50" },
    { 1, XO_DIST_LOGNORMAL, 0, 5, 0,
      "p50 is 0 and p95 is 5; both must be above 0 and p95 must not be below p50" },
    { 1, XO_DIST_GAMMA, -1, 5, 0,
      "p50 is -1 and p95 is 5; both must be above 0 and p95 must not be below p50" },
    { 1, XO_DIST_NORMAL, -INFINITY, 5, 0, "p50 is -inf and p95 is 5; p95 must not be below p50" },
    { 1, XO_DIST_NORMAL, 100, NAN, 0, "p50 is 100 and p95 is nan; p95 must not be below p50" },
    { 1, XO_DIST_WEIBULL, 1e-9, 1e9, 0, "p95/p50 is 1e+18; it must be at most 1e12" },
    { 1, XO_DIST_GAMMA, 1, 1.0001, 0,
      "p95/p50 is 1.0001; a gamma distribution takes ratios from 1.006 to 1e12" },
    { 1, XO_DIST_PARETO, 1, 2, 0, "a pareto distribution is not given by p50 and p95" },
    { 2, XO_DIST_TRIANGULAR, 5, 2, 7,
      "the range of a triangular distribution is (5, 2, 7); its numbers must rise" },
    { 2, XO_DIST_UNIFORM, 5, 0, 2,
      "the range of a uniform distribution is (5, 5, 2); its numbers must rise" },
    { 2, XO_DIST_GAMMA, 1, 2, 3, "a gamma distribution is not given by a range" },
    { 3, XO_DIST_PARETO, 0, 1, 5,
      "a Pareto distribution from 0 to 5; it needs 0 < lo < hi, both finite" },
    { 3, XO_DIST_PARETO, 1, 1, INFINITY,
      "a Pareto distribution from 1 to inf; it needs 0 < lo < hi, both finite" },
    { 3, XO_DIST_PARETO, 1, 0, 5,
      "the alpha of a Pareto distribution is 0; it goes from 0.01 to 1000" },
};

START_TEST(impossible_distributions_are_refused_in_words)
{
    struct xo_dist d;
    struct xo_error err = { 0 };
    const double a = refusals[_i].a, b = refusals[_i].b, c = refusals[_i].c;
    const enum xo_dist_kind kind = refusals[_i].kind;
    const bool made = refusals[_i].maker == 0   ? xo_dist_by_moments(&d, kind, a, b, &err)
                      : refusals[_i].maker == 1 ? xo_dist_by_quantiles(&d, kind, a, b, &err)
                      : refusals[_i].maker == 2 ? xo_dist_by_range(&d, kind, a, b, c, &err)
                                                : xo_dist_pareto(&d, a, b, c, &err);
    ck_assert(!made);
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    ck_assert_str_eq(err.text, refusals[_i].text);
}
END_TEST

/* The ends of what is refused above are still taken, on this side of them. */
static const struct {
    int maker;
    enum xo_dist_kind kind;
    double a, b, c;
} taken[] = {
    { 0, XO_DIST_GAMMA, 10, 50, 0 },        { 0, XO_DIST_GAMMA, 10, 0, 0 },
    { 0, XO_DIST_LOGNORMAL, 1e-9, 1, 0 },   { 1, XO_DIST_LOGNORMAL, 100, 100, 0 },
    { 1, XO_DIST_WEIBULL, 1, 0.999e12, 0 }, { 1, XO_DIST_GAMMA, 1, 1.00601, 0 },
    { 2, XO_DIST_TRIANGULAR, 5, 5, 7 },     { 2, XO_DIST_TRIANGULAR, 5, 7, 7 },
    { 3, XO_DIST_PARETO, 1, 0.01, 5 },      { 3, XO_DIST_PARETO, 1, 1000, 5 },
};

START_TEST(distributions_at_the_ends_of_what_is_allowed_are_taken)
{
    struct xo_dist d;
    struct xo_error err = { 0 };
    const double a = taken[_i].a, b = taken[_i].b, c = taken[_i].c;
    const enum xo_dist_kind kind = taken[_i].kind;
    const bool made = taken[_i].maker == 0   ? xo_dist_by_moments(&d, kind, a, b, &err)
                      : taken[_i].maker == 1 ? xo_dist_by_quantiles(&d, kind, a, b, &err)
                      : taken[_i].maker == 2 ? xo_dist_by_range(&d, kind, a, b, c, &err)
                                             : xo_dist_pareto(&d, a, b, c, &err);
    ck_assert_msg(made, "%s", err.text);
    xo_dist_fini(&d);
}
END_TEST

/* Of values without weight nobody hears: 7 to 3,000, and from 7 without 41.5 where it has none. */
START_TEST(values_reach_from_the_least_to_the_largest)
{
    for (int i = 0; i < 2; i++) {
        struct xo_dist d = of_values(i == 0 ? XO_DIST_EMPIRICAL : XO_DIST_DISCRETE);
        ck_assert_double_eq(d.lo, 7);
        ck_assert_double_eq(d.hi, 3000);
        xo_dist_shift(&d, 3);
        ck_assert_double_eq(d.lo, 10);
        ck_assert_double_eq(d.hi, 3003);
        xo_dist_fini(&d);
    }
}
END_TEST

START_TEST(values_without_a_meaning_are_refused)
{
    struct xo_dist d;
    struct xo_error err;
    const double values[] = { 1, NAN }, good[] = { 1, 2 }, negative[] = { 1, -2 },
                 none[] = { 0, 0 };
    ck_assert(!xo_dist_of_values(&d, XO_DIST_EMPIRICAL, values, NULL, 2, &err));
    ck_assert_str_eq(err.text, "value 2 is nan; it must be finite");
    ck_assert(!xo_dist_of_values(&d, XO_DIST_DISCRETE, good, negative, 2, &err));
    ck_assert_str_eq(err.text, "weight 2 is -2; it must not be negative");
    ck_assert(!xo_dist_of_values(&d, XO_DIST_DISCRETE, good, none, 2, &err));
    ck_assert_str_eq(err.text, "the weights add up to 0; they must add up to more than 0");
    ck_assert(!xo_dist_of_values(&d, XO_DIST_DISCRETE, good, NULL, 0, &err));
    ck_assert_str_eq(err.text, "a distribution of values needs at least one value");
    ck_assert(!xo_dist_constant(&d, INFINITY, &err));
    ck_assert_str_eq(err.text, "a constant must be a finite number, not inf");
    ck_assert(xo_dist_constant(&d, 5, &err));
    ck_assert(!xo_dist_clip(&d, 3, 2, &err));
    ck_assert_str_eq(err.text, "cannot cut a distribution to 3..2");
}
END_TEST

/* ---- Sobol' points ---- */

START_TEST(sixty_four_sobol_points_are_evenly_spread_in_each_dimension)
{
    enum { N = 64, DIMS = 40 };
    static double x[DIMS][N];
    struct xo_sobol *sobol = xo_sobol_new(DIMS, &stream, NULL);
    for (int i = 0; i < N; i++) {
        double point[DIMS];
        xo_sobol_next(sobol, point);
        for (int d = 0; d < DIMS; d++)
            x[d][i] = point[d];
    }
    for (int d = 0; d < DIMS; d++) {
        xo_sort(x[d], N);
        ck_assert(x[d][0] > 0 && x[d][N - 1] < 1);
        for (int i = 1; i < N; i++)
            ck_assert_double_eq_tol(x[d][i] - x[d][i - 1], 1.0 / N, 1e-12);
    }
    xo_sobol_free(sobol);
}
END_TEST

START_TEST(the_shift_of_sobol_points_is_keyed_by_the_stream)
{
    double x[3], y[3], z[3];
    struct xo_stream other = stream;
    other.replication++;
    struct xo_sobol *a = xo_sobol_new(3, &stream, NULL), *b = xo_sobol_new(3, &stream, NULL),
                    *c = xo_sobol_new(3, &other, NULL);
    xo_sobol_next(a, x);
    xo_sobol_next(b, y);
    xo_sobol_next(c, z);
    ck_assert_mem_eq(x, y, sizeof x);
    ck_assert_double_ne(x[1], z[1]);
    xo_sobol_free(a);
    xo_sobol_free(b);
    xo_sobol_free(c);
    xo_sobol_free(NULL);
}
END_TEST

START_TEST(more_sobol_dimensions_than_gsl_has_are_refused)
{
    struct xo_error err;
    ck_assert_ptr_null(xo_sobol_new(41, &stream, &err));
    ck_assert_str_eq(err.text, "Sobol' points have 1 to 40 dimensions, not 41");
    ck_assert_ptr_null(xo_sobol_new(0, &stream, &err));
}
END_TEST

START_TEST(a_sobol_point_by_number_is_the_one_that_comes_in_turn)
{
    const struct xo_stream shift = { 20261122, 3, XO_PURPOSE_SAMPLE };
    static struct xo_sobol_table table;
    struct xo_sobol *sobol = xo_sobol_new(37, &shift, NULL);
    double in_turn[37], by_number[37];
    ck_assert(xo_sobol_table_init(&table, 37, 1000, NULL));
    for (uint64_t i = 0; i < 1000; i++) {
        xo_sobol_next(sobol, in_turn);
        xo_sobol_at(&table, &shift, i, by_number);
        for (int k = 0; k < 37; k++)
            ck_assert_double_eq(by_number[k], in_turn[k]);
    }
    struct xo_error err;
    ck_assert(!xo_sobol_table_init(&table, 41, 10, &err));
    ck_assert_str_eq(err.text, "Sobol' points have 1 to 40 dimensions, not 41");
    ck_assert(!xo_sobol_table_init(&table, 2, UINT64_C(1) << 31, &err));
    xo_sobol_free(sobol);
}
END_TEST

START_TEST(a_permutation_takes_every_value_once)
{
    static const uint64_t sizes[] = { 1, 2, 3, 5, 16, 17, 1000, 4097 };
    const struct xo_stream own = { 11, 2, XO_PURPOSE_SAMPLE };
    static unsigned char seen[5000];
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const uint64_t n = sizes[k];
        memset(seen, 0, sizeof seen);
        for (uint64_t i = 0; i < n; i++) {
            const uint64_t to = xo_permuted(&own, 7, n, i);
            ck_assert_uint_lt(to, n);
            seen[to]++;
        }
        for (uint64_t i = 0; i < n; i++)
            ck_assert_uint_eq(seen[i], 1);
    }
}
END_TEST

/* Two columns of a Latin hypercube of 50 points are uncorrelated on average: over 400 of them the
 * mean of Spearman's rho, whose sd is 1/7 each, lies within 4 standard errors of 0; and its mean
 * square is 1/49. */
START_TEST(permutations_of_different_entities_are_unrelated)
{
    double sum = 0, squares = 0;
    for (uint32_t r = 0; r < 400; r++) {
        const struct xo_stream own = { 5, r, XO_PURPOSE_SAMPLE };
        double product = 0;
        for (uint64_t i = 0; i < 50; i++)
            product += ((double)xo_permuted(&own, 1, 50, i) - 24.5) *
                       ((double)xo_permuted(&own, 2, 50, i) - 24.5);
        const double rho = product / (50 * (50.0 * 50 - 1) / 12);
        sum += rho;
        squares += rho * rho;
    }
    ck_assert_double_lt(fabs(sum / 400), 4.0 / 7 / 20);
    ck_assert_double_eq_tol(squares / 400, 1.0 / 49, 4 * sqrt(2.0 / 400) / 49);
}
END_TEST

/* Ranks of 20,000 draws: the standard error of rho is below 1/sqrt(n). */
START_TEST(a_copula_gives_the_rank_correlations_asked_for_and_keeps_the_margins)
{
    enum { N = 20000 };
    const double rank[9] = { 1, 0.7, 0, 0.7, 1, -0.35, 0, -0.35, 1 };
    const struct xo_stream own = { 99, 0, XO_PURPOSE_SAMPLE };
    struct xo_copula *copula = xo_copula_new(3, rank, NULL);
    double cross[3][3] = { { 0 } };
    int below[3] = { 0 };
    ck_assert_ptr_nonnull(copula);
    for (int i = 0; i < N; i++) {
        double u[3];
        for (uint32_t k = 0; k < 3; k++)
            u[k] = xo_uniform(&own, (uint64_t)i, k);
        xo_copula_apply(copula, u);
        for (int a = 0; a < 3; a++) {
            ck_assert(u[a] > 0 && u[a] < 1);
            below[a] += u[a] < 0.3;
            for (int b = 0; b < 3; b++)
                cross[a][b] += 12 * (u[a] - 0.5) * (u[b] - 0.5) / N; /* Spearman's of uniforms */
        }
    }
    for (int a = 0; a < 3; a++) {
        ck_assert_double_eq_tol((double)below[a] / N, 0.3, 4 * sqrt(0.3 * 0.7 / N));
        for (int b = 0; b < 3; b++)
            ck_assert_double_eq_tol(cross[a][b], rank[3 * a + b], 4 / sqrt(N));
    }
    xo_copula_free(copula);
}
END_TEST

START_TEST(a_copula_leaves_what_depends_on_nothing_to_the_bit_and_refuses_contradictions)
{
    const double rank[9] = { 1, 0, 0.5, 0, 1, 0, 0.5, 0, 1 };
    struct xo_copula *copula = xo_copula_new(3, rank, NULL);
    double u[3] = { 0.123, 1 / 3.0, 0.777 };
    xo_copula_apply(copula, u);
    ck_assert_double_eq(u[1], 1 / 3.0);
    ck_assert_double_ne(u[2], 0.777);
    xo_copula_free(copula);
    const double impossible[9] = { 1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1 };
    struct xo_error err;
    ck_assert_ptr_null(xo_copula_new(3, impossible, &err));
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
}
END_TEST

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("random");
    TCase *streams = tcase_create("streams");
    tcase_add_test(streams, philox_gives_the_published_known_answers);
    tcase_add_test(streams, every_part_of_an_address_changes_the_draw);
    tcase_add_test(streams, uniforms_are_open_even_and_uncorrelated);
    tcase_add_test(streams, uniforms_of_a_row_of_entities_are_those_of_each);
    tcase_add_test(streams, the_gsl_generator_walks_the_slots_of_its_entity);
    tcase_add_test(streams, words_of_the_gsl_generator_are_whole_and_skip_to_even_pairs);
    suite_add_tcase(suite, streams);

    TCase *dists = tcase_create("distributions");
    tcase_add_loop_test(dists, mean_and_sd_agree_with_a_long_sample, 0, N_SAMPLES);
    tcase_add_loop_test(dists, mean_and_sd_agree_with_a_long_sample_when_clipped, 0, N_SAMPLES);
    tcase_add_loop_test(dists, the_cdf_undoes_the_quantile, 0, N_SAMPLES);
    tcase_add_loop_test(dists, quantiles_never_fall, 0, N_SAMPLES);
    tcase_add_loop_test(dists, quantiles_of_many_are_those_of_each, 0, N_SAMPLES);
    tcase_add_loop_test(dists, tabulated_gamma_quantiles_solve_the_incomplete_gamma_function, 0, 8);
    tcase_add_test(dists, a_nearly_constant_gamma_is_a_normal);
    tcase_add_test(dists, the_normal_quantile_is_exact_to_fifteen_digits);
    tcase_add_loop_test(dists, mean_and_cv_are_kept, 0, 4);
    tcase_add_loop_test(dists, p50_and_p95_are_kept, 0, 4);
    tcase_add_test(dists, a_normal_by_its_quantiles_goes_below_zero);
    tcase_add_test(dists, hand_counts);
    tcase_add_test(dists, no_spread_makes_a_constant);
    tcase_add_test(dists, a_copy_stands_alone);
    tcase_add_loop_test(dists, impossible_distributions_are_refused_in_words, 0,
                        sizeof refusals / sizeof *refusals);
    tcase_add_loop_test(dists, distributions_at_the_ends_of_what_is_allowed_are_taken, 0,
                        sizeof taken / sizeof *taken);
    tcase_add_test(dists, values_reach_from_the_least_to_the_largest);
    tcase_add_test(dists, values_without_a_meaning_are_refused);
    suite_add_tcase(suite, dists);

    TCase *sobol = tcase_create("sobol");
    tcase_add_test(sobol, sixty_four_sobol_points_are_evenly_spread_in_each_dimension);
    tcase_add_test(sobol, the_shift_of_sobol_points_is_keyed_by_the_stream);
    tcase_add_test(sobol, more_sobol_dimensions_than_gsl_has_are_refused);
    tcase_add_test(sobol, a_sobol_point_by_number_is_the_one_that_comes_in_turn);
    tcase_add_test(sobol, a_permutation_takes_every_value_once);
    tcase_add_test(sobol, permutations_of_different_entities_are_unrelated);
    tcase_add_test(sobol, a_copula_gives_the_rank_correlations_asked_for_and_keeps_the_margins);
    tcase_add_test(sobol,
                   a_copula_leaves_what_depends_on_nothing_to_the_bit_and_refuses_contradictions);
    suite_add_tcase(suite, sobol);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
