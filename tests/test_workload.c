/* test_workload.c - arrivals, lengths, traces, closed loops.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "packed.h"
#include "xo/text.h"
#include "xo/workload.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double hour_s = 3600, day_s = 86400, week_s = 604800;

/* One class of lognormal lengths, Poisson arrivals, a steady week. */
static struct xo_workload chat(void)
{
    struct xo_workload w = { .n_classes = 1, .arrivals.kind = XO_ARRIVALS_POISSON };
    w.classes[0].weight = 1;
    ck_assert(xo_dist_by_moments(&w.classes[0].prompt, XO_DIST_LOGNORMAL, 2000, 1, NULL));
    ck_assert(xo_dist_by_moments(&w.classes[0].output, XO_DIST_LOGNORMAL, 500, 1, NULL));
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        w.profile.hour_weight[h] = 1;
    return w;
}

static struct xo_source *source_of(const struct xo_workload *w, const struct xo_source_options *o)
{
    struct xo_error err = { 0 };
    struct xo_source *source = xo_source_new(w, o, &err);
    ck_assert_msg(source != NULL, "%s", err.text);
    return source;
}

static int64_t count(const struct xo_workload *w, const struct xo_source_options *o, double from_s,
                     double to_s)
{
    int64_t n[XO_MAX_CLASSES], sum = 0;
    ck_assert(xo_source_count(w, o, from_s, to_s, n, NULL));
    for (int c = 0; c < w->n_classes; c++)
        sum += n[c];
    return sum;
}

/* ---- arrivals ---- */

static const struct {
    struct xo_arrivals arrivals;
    uint32_t n_streams; /* to begin in a test: a gamma takes 0.1 ms for its table */
} processes[] = {
    { { .kind = XO_ARRIVALS_DETERMINISTIC, .cv = 0 }, 20000 },
    { { .kind = XO_ARRIVALS_POISSON, .cv = 1 }, 20000 },
    { { .kind = XO_ARRIVALS_GAMMA, .cv = 0.4 }, 3000 },
    { { .kind = XO_ARRIVALS_GAMMA, .cv = 3 }, 3000 },
    { { .kind = XO_ARRIVALS_WEIBULL, .cv = 0.6 }, 20000 },
    { { .kind = XO_ARRIVALS_WEIBULL, .cv = 2 }, 20000 },
};
enum { N_PROCESSES = sizeof processes / sizeof *processes };

START_TEST(gaps_have_the_mean_and_cv_asked_for)
{
    enum { N = 400000 };
    const double rate = 3.25, cv = processes[_i].arrivals.cv;
    struct xo_workload w = chat();
    w.arrivals = processes[_i].arrivals;
    struct xo_source *source =
        source_of(&w, &(struct xo_source_options){ .requests_per_s = rate, .seed = 11 });
    struct xo_request r;
    xo_source_next(source, &r);
    double last = r.arrival_s, sum = 0, squares = 0, fourth = 0;
    for (int i = 0; i < N; i++) {
        xo_source_next(source, &r);
        const double x = (r.arrival_s - last) * rate - 1;
        last = r.arrival_s;
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
    }
    const double variance = squares / N, spread = sqrt(fmax(0, fourth / N - variance * variance));
    ck_assert_double_le(fabs(sum / N), 4 * cv / sqrt(N) + 1e-9);
    ck_assert_double_le(fabs(variance - cv * cv), 4 * spread / sqrt(N) + 1e-9);
    xo_source_free(source);
}
END_TEST

/* Begun at an arrival, a deterministic stream would have none in its first half gap, and one of cv
 * 3 far more than a half. */
START_TEST(a_short_window_at_the_start_meets_the_full_rate)
{
    struct xo_workload w = chat();
    w.arrivals = processes[_i].arrivals;
    const double n_streams = processes[_i].n_streams;
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < processes[_i].n_streams; i++) {
        const struct xo_source_options o = {
            .requests_per_s = 2, .seed = 5, .replication = i, .stationary = true
        };
        const double n = (double)count(&w, &o, 0, 0.25);
        sum += n;
        squares += n * n;
    }
    const double mean = sum / n_streams, variance = squares / n_streams - mean * mean;
    ck_assert_double_lt(fabs(mean - 0.5), 4 * sqrt(variance / n_streams));
}
END_TEST

START_TEST(requests_are_the_same_at_every_volume)
{
    struct xo_workload w = chat();
    struct xo_source *one =
        source_of(&w, &(struct xo_source_options){ .requests_per_s = 1.25, .seed = 3 });
    struct xo_source *ten =
        source_of(&w, &(struct xo_source_options){ .requests_per_s = 12.5, .seed = 3 });
    for (int64_t i = 0; i < 5000; i++) {
        struct xo_request a, b;
        xo_source_next(one, &a);
        xo_source_next(ten, &b);
        ck_assert_int_eq(a.id, i);
        ck_assert_int_eq(b.id, i);
        ck_assert_int_eq(a.prompt_tokens, b.prompt_tokens);
        ck_assert_int_eq(a.output_tokens, b.output_tokens);
        ck_assert_double_eq_tol(a.arrival_s, 10 * b.arrival_s, 1e-9 * a.arrival_s);
    }
    xo_source_free(one);
    xo_source_free(ten);
}
END_TEST

/* A request's class, lengths and gap, each worked out alone of its own draws: of two classes with
 * shares of 1/4 and 3/4, at one request a second, where a gap in unit time is one in seconds. */
START_TEST(a_request_is_that_of_its_own_draws)
{
    struct xo_workload w = chat();
    w.n_classes = 2;
    w.classes[1].weight = 3;
    ck_assert(xo_dist_by_moments(&w.classes[1].prompt, XO_DIST_GAMMA, 700, 2, NULL));
    ck_assert(xo_dist_by_moments(&w.classes[1].output, XO_DIST_EXPONENTIAL, 90, 1, NULL));
    const struct xo_source_options o = {
        .requests_per_s = 1, .seed = 11, .replication = 5, .stationary = true
    };
    const struct xo_stream gaps = { 11, 5, XO_PURPOSE_ARRIVAL },
                           requests = { 11, 5, XO_PURPOSE_REQUEST };
    struct xo_source *source = source_of(&w, &o);
    struct xo_request r;
    double u[2], when_s = 0;
    for (uint64_t i = 0; i < 200; i++) {
        xo_source_next(source, &r);
        xo_uniform2(&gaps, (i - 1) / 2, 0, u);
        when_s = i == 0 ? r.arrival_s : when_s - log(1 - u[(i - 1) % 2]);
        ck_assert_double_eq(r.arrival_s, when_s);
        const struct xo_class *class = &w.classes[xo_uniform(&requests, i, 1) > 0.25];
        xo_uniform2(&requests, i, 0, u);
        ck_assert_int_eq(r.class_index, class - w.classes);
        ck_assert_double_eq(r.prompt_tokens,
                            fmax(1, round(xo_dist_quantile(&class->prompt, u[0]))));
        ck_assert_double_eq(r.output_tokens,
                            fmax(1, round(xo_dist_quantile(&class->output, u[1]))));
    }
    xo_source_free(source);
    xo_dist_fini(&w.classes[1].prompt);
}
END_TEST

START_TEST(another_seed_or_replication_is_another_stream)
{
    struct xo_workload w = chat();
    static const struct xo_source_options options[] = {
        { .requests_per_s = 1, .seed = 3 },
        { .requests_per_s = 1, .seed = 4 },
        { .requests_per_s = 1, .seed = 3, .replication = 1 },
    };
    struct xo_request r[3];
    for (int i = 0; i < 3; i++) {
        struct xo_source *source = source_of(&w, &options[i]);
        xo_source_next(source, &r[i]);
        xo_source_free(source);
    }
    for (int i = 1; i < 3; i++) {
        ck_assert_double_ne(r[i].arrival_s, r[0].arrival_s);
        ck_assert_int_ne(r[i].prompt_tokens, r[0].prompt_tokens);
    }
}
END_TEST

static const struct {
    struct xo_arrivals from;
    double scale;
    enum xo_arrival_kind kind;
    double cv_squared;
} more_users[] = {
    { { .kind = XO_ARRIVALS_GAMMA, .cv = 3 }, 4, XO_ARRIVALS_GAMMA, 1 + 8 / 4.0 },
    { { .kind = XO_ARRIVALS_WEIBULL, .cv = 2 }, 10, XO_ARRIVALS_WEIBULL, 1.3 },
    { { .kind = XO_ARRIVALS_WEIBULL, .cv = 2 }, 0.1, XO_ARRIVALS_WEIBULL, 1.3 },
    { { .kind = XO_ARRIVALS_DETERMINISTIC }, 5, XO_ARRIVALS_GAMMA, 0.8 },
    { { .kind = XO_ARRIVALS_DETERMINISTIC, .cv = 7 }, 0.25, XO_ARRIVALS_GAMMA, 0.75 },
    { { .kind = XO_ARRIVALS_DETERMINISTIC }, 1, XO_ARRIVALS_DETERMINISTIC, 0 },
    { { .kind = XO_ARRIVALS_POISSON, .cv = 1 }, 100, XO_ARRIVALS_POISSON, 1 },
};

START_TEST(more_users_are_closer_to_poisson)
{
    const struct xo_arrivals scaled =
        xo_arrivals_more_users(&more_users[_i].from, more_users[_i].scale);
    ck_assert_int_eq(scaled.kind, more_users[_i].kind);
    ck_assert_double_eq_tol(scaled.cv * scaled.cv, more_users[_i].cv_squared, 1e-12);
}
END_TEST

/* ---- the shape of the week ---- */

/* Office hours with a spike on Tuesday at 10:30: 6x for 20 minutes, then decay over 15 minutes. */
static struct xo_workload office(void)
{
    struct xo_workload w = chat();
    w.arrivals.kind = XO_ARRIVALS_DETERMINISTIC;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        w.profile.hour_weight[h] = h % 24 < 8 ? 0 : h / 24 >= 5 ? 0.25 : h % 24 < 18 ? 2 : 0.5;
    w.profile.n_spikes = 1;
    w.profile.spikes[0] =
        (struct xo_spike){ "newsletter", day_s + 10.5 * hour_s, 20 * 60, 6, 15 * 60 };
    return w;
}

/* The rate of office() integrated by hand from midnight on Monday, up to a factor. */
static double office_integral(double to_s)
{
    double sum = 0;
    struct xo_workload w = office();
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        sum += w.profile.hour_weight[h] * fmin(fmax(to_s - h * hour_s, 0), hour_s);
    const double spike_s = to_s - (day_s + 10.5 * hour_s);
    sum += 2 * 5 * fmin(fmax(spike_s, 0), 1200);
    /* The weight is 2 until 18:00, 428 minutes after the peak ends: exp(-428/15) is 4e-13. */
    if (spike_s > 1200)
        sum += 2 * 5 * 900 * -expm1(-(spike_s - 1200) / 900);
    return sum;
}

START_TEST(the_factor_of_an_hour_is_its_share_of_the_integrated_rate)
{
    const struct xo_workload w = office();
    const double total = office_integral(week_s);
    double sum = 0;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++) {
        const double hour = office_integral((h + 1) * hour_s) - office_integral(h * hour_s);
        const double factor = xo_profile_hour_factor(&w.profile, h);
        ck_assert_double_eq_tol(factor, hour / total * XO_HOURS_PER_WEEK, 1e-8);
        sum += factor;
    }
    ck_assert_double_eq_tol(sum, XO_HOURS_PER_WEEK, 1e-9);
    ck_assert_int_eq(xo_profile_busiest_hour(&w.profile), 24 + 10);
}
END_TEST

START_TEST(an_hour_is_steady_unless_a_spike_moves_in_it)
{
    const struct xo_workload w = office();
    ck_assert(xo_profile_hour_is_steady(&w.profile, 24 + 9));
    ck_assert(!xo_profile_hour_is_steady(&w.profile, 24 + 10));
    ck_assert(!xo_profile_hour_is_steady(&w.profile, 24 + 11));
    ck_assert(!xo_profile_hour_is_steady(&w.profile, 24 + 15)); /* 20 time constants are 5 hours */
    ck_assert(xo_profile_hour_is_steady(&w.profile, 24 + 16));
    ck_assert(xo_profile_hour_is_steady(&w.profile, 0));
}
END_TEST

/* Deterministic arrivals count the integral: floor or ceiling of it in every hour of two weeks. */
START_TEST(every_hour_counts_the_integrated_rate)
{
    const struct xo_workload w = office();
    const struct xo_source_options o = { .requests_per_s = 0.75, .seed = 9 };
    struct xo_source *source = source_of(&w, &o);
    static int n[2 * XO_HOURS_PER_WEEK];
    struct xo_request r;
    for (xo_source_next(source, &r); r.arrival_s < 2 * week_s; xo_source_next(source, &r))
        n[(int)(r.arrival_s / hour_s)]++;
    for (int h = 0; h < 2 * XO_HOURS_PER_WEEK; h++) {
        const double expected =
            0.75 * hour_s * xo_profile_hour_factor(&w.profile, h % XO_HOURS_PER_WEEK);
        ck_assert_double_lt(fabs(n[h] - expected), 1 + 1e-6);
    }
    xo_source_free(source);
}
END_TEST

/* Weights of 1 and 3 by turns, and 5 times as many on Monday from 0:30 to 1:15: the mean weight is
 * 2
 * + 4 * (0.5 * 1 + 0.25 * 3) / 168. Between two arrivals of a deterministic process the integrated
 * rate is exactly 1. */
static double turns_integral(double to_s)
{
    double sum = 0;
    for (int q = 0; q < 4 * XO_HOURS_PER_WEEK; q++) /* by quarters of an hour */
        sum += (q / 4 % 2 == 0 ? 1 : 3) * (q >= 2 && q < 5 ? 5 : 1) *
               fmin(fmax(to_s - q * 900, 0), 900);
    return sum / (2 + 4 * (0.5 * 1 + 0.25 * 3) / 168);
}

START_TEST(between_two_even_arrivals_the_rate_integrates_to_one)
{
    struct xo_workload w = chat();
    w.arrivals.kind = XO_ARRIVALS_DETERMINISTIC;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        w.profile.hour_weight[h] = h % 2 == 0 ? 1 : 3;
    w.profile.n_spikes = 1;
    w.profile.spikes[0] = (struct xo_spike){ "launch", 1800, 2700, 5, 0 };
    struct xo_source *source =
        source_of(&w, &(struct xo_source_options){ .requests_per_s = 0.0123, .seed = 6 });
    struct xo_request r;
    xo_source_next(source, &r);
    ck_assert_double_lt(0.0123 * turns_integral(r.arrival_s), 1); /* it begins within a gap */
    for (int i = 0; i < 1000; i++) {
        const double before = turns_integral(r.arrival_s);
        xo_source_next(source, &r);
        ck_assert_double_eq_tol(0.0123 * (turns_integral(r.arrival_s) - before), 1, 1e-8);
    }
    xo_source_free(source);
}
END_TEST

START_TEST(a_decay_is_the_exponential_minute_by_minute)
{
    const struct xo_workload w = office();
    const double peak_end_s = day_s + 10.5 * hour_s + 1200;
    const double per_weight = 200 * week_s / office_integral(week_s);
    struct xo_source *source =
        source_of(&w, &(struct xo_source_options){ .requests_per_s = 200, .start_s = peak_end_s });
    struct xo_request r;
    xo_source_next(source, &r);
    for (int minute = 0; minute < 60; minute++) {
        const double from_s = peak_end_s + minute * 60;
        int n = 0;
        for (; r.arrival_s < from_s + 60; xo_source_next(source, &r))
            n++;
        const double expected =
            per_weight * (office_integral(from_s + 60) - office_integral(from_s));
        ck_assert_double_lt(fabs(n - expected), 1 + 1e-3 * expected);
    }
    xo_source_free(source);
}
END_TEST

START_TEST(spikes_that_overlap_multiply)
{
    struct xo_workload w = chat();
    w.profile.n_spikes = 2;
    w.profile.spikes[0] = (struct xo_spike){ "long", 10 * hour_s, 2 * hour_s, 3, 0 };
    w.profile.spikes[1] = (struct xo_spike){ "dip", 11 * hour_s, 2 * hour_s, 0.5, 0 };
    double f[XO_HOURS_PER_WEEK];
    xo_profile_hour_factors(&w.profile, f);
    ck_assert_double_eq_tol(f[10] / f[9], 3, 1e-12);
    ck_assert_double_eq_tol(f[11] / f[9], 1.5, 1e-12);
    ck_assert_double_eq_tol(f[12] / f[9], 0.5, 1e-12);
    ck_assert_double_eq_tol(f[13] / f[9], 1, 1e-12);
}
END_TEST

START_TEST(a_spike_late_on_sunday_goes_on_on_monday)
{
    struct xo_workload w = chat();
    w.profile.n_spikes = 1;
    w.profile.spikes[0] = (struct xo_spike){ "launch", 167.5 * hour_s, hour_s, 9, 0 };
    double f[XO_HOURS_PER_WEEK];
    xo_profile_hour_factors(&w.profile, f);
    ck_assert_double_eq_tol(f[167] / f[100], 5, 1e-9);
    ck_assert_double_eq_tol(f[0] / f[100], 5, 1e-9);
}
END_TEST

START_TEST(nobody_comes_while_the_weight_is_zero)
{
    struct xo_workload w = office();
    w.arrivals = (struct xo_arrivals){ .kind = XO_ARRIVALS_GAMMA, .cv = 2.5 };
    struct xo_source *source = source_of(
        &w, &(struct xo_source_options){ .requests_per_s = 0.05, .seed = 2, .start_s = 3e7 });
    double last = 3e7;
    for (int i = 0; i < 100000; i++) {
        struct xo_request r;
        xo_source_next(source, &r);
        const bool is_night = fmod(r.arrival_s, day_s) < 8 * hour_s - 1e-6;
        if (r.arrival_s < last || is_night)
            ck_abort_msg("request %d arrives at %.9g s after %.9g s", i, r.arrival_s, last);
        last = r.arrival_s;
    }
    xo_source_free(source);
}
END_TEST

/* 1,000 starts anywhere in two weeks each meet their own first hour. */
START_TEST(a_stream_may_start_anywhere_in_the_week)
{
    const struct xo_workload w = office();
    for (int i = 0; i < 1000; i++) {
        const double start_s = 1203.7 * i;
        const struct xo_source_options o = { .requests_per_s = 0.5, .start_s = start_s };
        const double from = fmod(start_s, week_s), to = from + hour_s;
        double weight = office_integral(fmin(to, week_s)) - office_integral(from);
        weight += to > week_s ? office_integral(to - week_s) : 0;
        const double expected = 0.5 * weight * week_s / office_integral(week_s);
        const double n = (double)count(&w, &o, start_s, start_s + hour_s);
        ck_assert_double_lt(fabs(n - expected), 1 + 1e-3 * expected);
    }
}
END_TEST

START_TEST(a_stationary_stream_has_no_hours_and_no_spikes)
{
    const struct xo_workload w = office();
    const struct xo_source_options o = { .requests_per_s = 0.5, .stationary = true };
    for (int h = 0; h < XO_HOURS_PER_WEEK; h += 7)
        ck_assert_int_eq(count(&w, &o, h * hour_s, (h + 1) * hour_s), 1800);
}
END_TEST

/* ---- bursts ---- */

static struct xo_workload bursty(double factor)
{
    struct xo_workload w = chat();
    w.arrivals.kind = XO_ARRIVALS_DETERMINISTIC;
    w.arrivals.bursts = (struct xo_bursts){ factor, 0.15, 40 };
    return w;
}

/* The count over T has variance rate^2 * 2 v tau T (1 - (tau/T)(1 - exp(-T/tau))), with
 * v = share (1 - share) (high - low)^2 and 1/tau = 1/40 + 1/(40 * 0.85/0.15). */
START_TEST(bursts_have_mean_one_from_the_start)
{
    enum { N = 2000 };
    const struct xo_workload w = bursty(8);
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < N; i++) {
        const struct xo_source_options o = {
            .requests_per_s = 5, .seed = 21, .replication = i, .stationary = true
        };
        const double n = (double)count(&w, &o, 0, 60);
        sum += n;
        squares += (n - 300) * (n - 300);
    }
    const double low = 1 / (0.15 * 8 + 0.85), tau = 1 / (1 / 40.0 + 0.15 / (40 * 0.85));
    const double v = 0.15 * 0.85 * 49 * low * low;
    const double variance = 25 * 2 * v * tau * (60 - tau * -expm1(-60 / tau));
    ck_assert_double_lt(fabs(sum / N - 300), 4 * sqrt(variance / N));
    ck_assert_double_lt(fabs(squares / N / variance - 1), 0.15);
}
END_TEST

START_TEST(bursts_last_and_pause_as_long_as_asked)
{
    const struct xo_workload w = bursty(INFINITY);
    struct xo_source *source = source_of(
        &w, &(struct xo_source_options){ .requests_per_s = 3, .seed = 8, .stationary = true });
    struct xo_request r;
    double last = 0, silent_s = 0;
    int n_pauses = 0;
    for (int i = 0; i < 400000; i++) {
        xo_source_next(source, &r);
        if (r.arrival_s - last > 0.051) { /* inside a burst gaps are 0.15/3 = 0.05 s */
            silent_s += r.arrival_s - last - 0.05;
            n_pauses++;
        }
        last = r.arrival_s;
    }
    const double mean_pause = 40 * 0.85 / 0.15, bursts_s = last - silent_s;
    ck_assert_double_lt(fabs(silent_s / n_pauses - mean_pause), 4 * mean_pause / sqrt(n_pauses));
    ck_assert_double_lt(fabs(bursts_s / n_pauses - 40), 4 * 40 / sqrt(n_pauses));
    xo_source_free(source);
}
END_TEST

/* At one request a month, bursts of a second half of the time would take a million stays a request:
 * they are left out. At one a second they are not. */
START_TEST(bursts_that_no_requests_meet_in_are_left_out)
{
    const double rates[] = { 1 / (730 * hour_s), 1 };
    struct xo_workload burst = bursty(2), plain = bursty(1);
    burst.arrivals.bursts.share_frac = 0.5;
    burst.arrivals.bursts.mean_s = 1;
    int n_same[2] = { 0, 0 };
    for (int k = 0; k < 2; k++) {
        const struct xo_source_options o = { .requests_per_s = rates[k],
                                             .seed = 4,
                                             .stationary = true };
        struct xo_source *a = source_of(&burst, &o), *b = source_of(&plain, &o);
        struct xo_request x, y;
        for (int i = 0; i < 1000; i++) {
            xo_source_next(a, &x);
            xo_source_next(b, &y);
            n_same[k] += x.arrival_s == y.arrival_s;
        }
        xo_source_free(a);
        xo_source_free(b);
        ck_assert(xo_bursts_are_felt(&burst.arrivals.bursts, rates[k]) == (k == 1));
    }
    ck_assert_int_eq(n_same[0], 1000);
    ck_assert_int_eq(n_same[1], 0);
}
END_TEST

/* A burst has rate * mean_s / (share + (1 - share) / factor) requests in the mean. */
START_TEST(bursts_are_felt_from_a_hundredth_of_a_request_on)
{
    static const struct {
        struct xo_bursts bursts;
        double rate; /* at which a burst has 0.01 */
    } rows[] = { { { 2, 0.5, 1 }, 0.0075 },
                 { { 4, 0.2, 10 }, 0.0004 },
                 { { INFINITY, 0.25, 2 }, 0.00125 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert(xo_bursts_are_felt(&rows[i].bursts, 1.01 * rows[i].rate));
        ck_assert(!xo_bursts_are_felt(&rows[i].bursts, 0.99 * rows[i].rate));
    }
    ck_assert(!xo_bursts_are_felt(&(struct xo_bursts){ 1, 0.5, 1e9 }, 1e9));
}
END_TEST

START_TEST(bursts_take_the_same_path_at_every_volume)
{
    const struct xo_workload w = bursty(INFINITY);
    struct xo_source_options o = { .requests_per_s = 30, .seed = 8, .start_s = 12345 };
    o.stationary = true;
    struct xo_source *small = source_of(&w, &o);
    o.requests_per_s = 90;
    struct xo_source *large = source_of(&w, &o);
    struct xo_request a, b;
    xo_source_next(small, &a);
    xo_source_next(large, &b);
    for (int second = 12345; second < 12345 + 3000; second++) {
        int n = 0, m = 0;
        for (; a.arrival_s < second + 1; xo_source_next(small, &a))
            n++;
        for (; b.arrival_s < second + 1; xo_source_next(large, &b))
            m++;
        ck_assert_int_le(abs(m - 3 * n), 3);
    }
    xo_source_free(small);
    xo_source_free(large);
}
END_TEST

/* ---- classes and lengths ---- */

static void set_constant(struct xo_class *class, double prompt, double output)
{
    ck_assert(xo_dist_constant(&class->prompt, prompt, NULL));
    ck_assert(xo_dist_constant(&class->output, output, NULL));
}

START_TEST(classes_come_in_their_shares)
{
    enum { N = 200000 };
    static const double weights[] = { 1, 2.5, 0, 1.5 };
    struct xo_workload w = chat();
    w.n_classes = 4;
    for (int c = 0; c < 4; c++) {
        set_constant(&w.classes[c], 100 + c, 7);
        w.classes[c].weight = weights[c];
    }
    struct xo_source *source =
        source_of(&w, &(struct xo_source_options){ .requests_per_s = 1, .stationary = true });
    int n[4] = { 0 };
    for (int i = 0; i < N; i++) {
        struct xo_request r;
        xo_source_next(source, &r);
        n[r.class_index] += r.prompt_tokens == 100 + r.class_index ? 1 : 0;
    }
    ck_assert_int_eq(n[0] + n[1] + n[2] + n[3], N);
    for (int c = 0; c < 4; c++) {
        const double share = weights[c] / 5;
        ck_assert_double_le(fabs(n[c] - N * share), 4 * sqrt(N * share * (1 - share)));
    }
    xo_source_free(source);
}
END_TEST

START_TEST(a_second_class_leaves_the_lengths_of_the_first_alone)
{
    struct xo_workload one = chat(), two = chat();
    two.n_classes = 2;
    two.classes[1] = two.classes[0];
    const struct xo_source_options o = { .requests_per_s = 1, .seed = 6 };
    struct xo_source *a = source_of(&one, &o), *b = source_of(&two, &o);
    for (int i = 0; i < 100; i++) {
        struct xo_request r, s;
        xo_source_next(a, &r);
        xo_source_next(b, &s);
        ck_assert_int_eq(r.prompt_tokens, s.prompt_tokens);
        ck_assert_int_eq(r.output_tokens, s.output_tokens);
    }
    xo_source_free(a);
    xo_source_free(b);
}
END_TEST

static const struct {
    double prompt, output;
    int32_t prefix, context;
    int32_t prompt_tokens, output_tokens;
} fits[] = {
    { 1000.4, 0.3, 0, 0, 1000, 1 },  /* rounded; at least 1 */
    { 2.5, 1.5, 0, 0, 3, 2 },        /* halves upwards */
    { 900, 500, 0, 1000, 900, 100 }, /* the output is cut first */
    { 5000, 500, 0, 1000, 999, 1 },  /* then the prompt */
    { 10, 20, 100, 0, 101, 20 },     /* one token more than the prefix */
    { 10, 20, 100, 102, 101, 1 },    /* in the tightest context */
    { 1e12, 1e12, 0, 0, 1 << 30, 1 << 30 },
};

static struct xo_length_limits limits_of(int32_t threshold, int32_t most)
{
    return (struct xo_length_limits){ .most_tokens = most,
                                      .n_thresholds = threshold < INT32_MAX,
                                      .above_tokens = { threshold } };
}

START_TEST(lengths_are_whole_and_fit_prefix_and_context)
{
    struct xo_workload w = chat();
    set_constant(&w.classes[0], fits[_i].prompt, fits[_i].output);
    w.classes[0].shared_prefix_tokens = fits[_i].prefix;
    w.classes[0].max_context_tokens = fits[_i].context;
    struct xo_source *source =
        source_of(&w, &(struct xo_source_options){ .requests_per_s = 1, .stationary = true });
    struct xo_request r;
    xo_source_next(source, &r);
    ck_assert_int_eq(r.prompt_tokens, fits[_i].prompt_tokens);
    ck_assert_int_eq(r.output_tokens, fits[_i].output_tokens);
    ck_assert_int_eq(r.prefix_tokens, fits[_i].prefix);
    xo_source_free(source);

    struct xo_token_means m; /* the expectation is the one value */
    ck_assert(xo_class_token_means(&w, 0, limits_of(999, 0), &m, NULL));
    ck_assert_double_eq_tol(m.prompt, fits[_i].prompt_tokens, 1e-3 * fits[_i].prompt_tokens);
    ck_assert_double_eq(m.output, fits[_i].output_tokens);
    ck_assert_double_eq(m.above[0].requests_frac, fits[_i].prompt_tokens > 999 ? 1 : 0);
    ck_assert_double_eq(m.cached, fits[_i].prefix);
}
END_TEST

/* ---- expected tokens ---- */

enum { N_MEANS = 7 };
static struct xo_class class_for_means(int i)
{
    struct xo_class c = { .weight = 1 };
    static const double values[] = { 100, 350, 350, 9000 };
    bool ok = xo_dist_by_moments(&c.prompt, XO_DIST_LOGNORMAL, 2000, i == 1 ? 3 : 1, NULL) &&
              xo_dist_by_moments(&c.output, XO_DIST_LOGNORMAL, 500, 1, NULL);
    if (i == 2) { /* prefix and context both bite */
        c.shared_prefix_tokens = 1200;
        c.max_context_tokens = 4096;
    } else if (i == 3) {
        xo_dist_fini(&c.prompt);
        ok = ok && xo_dist_by_moments(&c.prompt, XO_DIST_GAMMA, 1.7, 1.2, NULL);
    } else if (i == 4) {
        xo_dist_fini(&c.output);
        ok = ok && xo_dist_pareto(&c.output, 10.4, 0.9, 32000.5, NULL);
        c.max_context_tokens = 16384;
    } else if (i == 5) {
        xo_dist_fini(&c.prompt);
        ok = ok && xo_dist_of_values(&c.prompt, XO_DIST_EMPIRICAL, values, NULL, 4, NULL);
        c.max_context_tokens = 9100;
    } else if (i == 6) { /* atoms at both ends */
        ok = ok && xo_dist_clip(&c.prompt, 1500.5, 3999.75, NULL);
        c.shared_prefix_tokens = 1600;
    }
    ck_assert(ok);
    return c;
}

struct running {
    double sum, squares;
};

static void add(struct running *r, double x)
{
    r->sum += x;
    r->squares += x * x;
}

static void check_mean(const struct running *r, double n, double expected)
{
    const double mean = r->sum / n, variance = fmax(0, r->squares / n - mean * mean);
    ck_assert_double_le(fabs(mean - expected), 4 * sqrt(variance / n) + 1e-7 * expected);
}

START_TEST(expected_tokens_agree_with_a_long_sample)
{
    enum { N = 300000 };
    const int32_t threshold = 2500;
    struct xo_workload w = chat();
    w.classes[0] = class_for_means(_i);
    struct xo_source *source =
        source_of(&w, &(struct xo_source_options){ .requests_per_s = 1, .stationary = true });
    struct running prompt = { 0 }, output = { 0 }, cached = { 0 }, is_long = { 0 };
    struct running long_prompt = { 0 }, long_output = { 0 }, long_cached = { 0 };
    for (int i = 0; i < N; i++) {
        struct xo_request r;
        xo_source_next(source, &r);
        const int above = r.prompt_tokens > threshold ? 1 : 0;
        add(&prompt, r.prompt_tokens);
        add(&output, r.output_tokens);
        add(&cached, r.prefix_tokens);
        add(&is_long, above);
        add(&long_prompt, above * (double)r.prompt_tokens);
        add(&long_output, above * (double)r.output_tokens);
        add(&long_cached, above * (double)r.prefix_tokens);
    }
    struct xo_token_means m;
    ck_assert(xo_class_token_means(&w, 0, limits_of(threshold, 0), &m, NULL));
    check_mean(&prompt, N, m.prompt);
    check_mean(&output, N, m.output);
    check_mean(&cached, N, m.cached);
    check_mean(&is_long, N, m.above[0].requests_frac);
    check_mean(&long_prompt, N, m.above[0].prompt);
    check_mean(&long_output, N, m.above[0].output);
    check_mean(&long_cached, N, m.above[0].cached);
    xo_source_free(source);
    xo_dist_fini(&w.classes[0].prompt);
    xo_dist_fini(&w.classes[0].output);
}
END_TEST

/* Uniform over (0.5, 6.5) is a die; prompt + output at most 9 and a prefix of 2. By hand over the
 * 36 pairs: prompts 3,3,3,4,5,6; outputs cut to 6,6,6,5,4,3. */
START_TEST(expected_tokens_of_two_dice)
{
    struct xo_workload w = chat();
    ck_assert(xo_dist_by_range(&w.classes[0].prompt, XO_DIST_UNIFORM, 0.5, 0, 6.5, NULL));
    w.classes[0].output = w.classes[0].prompt;
    w.classes[0].shared_prefix_tokens = 2;
    w.classes[0].max_context_tokens = 9;
    struct xo_token_means m;
    ck_assert(xo_class_token_means(&w, 0, limits_of(4, 0), &m, NULL));
    ck_assert_double_eq_tol(m.prompt, 24 / 6.0, 1e-12);
    ck_assert_double_eq_tol(m.cached, 2, 1e-12);
    ck_assert_double_eq_tol(m.output, (3 * 21 + 20 + 18 + 15) / 36.0, 1e-12);
    ck_assert_double_eq_tol(m.above[0].requests_frac, 2 / 6.0, 1e-12);
    ck_assert_double_eq_tol(m.above[0].prompt, 11 / 6.0, 1e-12);
    ck_assert_double_eq_tol(m.above[0].cached, 2 * 2 / 6.0, 1e-12);
    ck_assert_double_eq_tol(m.above[0].output, (18 + 15) / 36.0, 1e-12);
}
END_TEST

/* The same dice with no context and no prefix, served by one who takes 8 of both: of 36 pairs the
 * 10 above 8 are refused. Prompts 1 to 6 go with outputs up to 6, 6, 5, 4, 3, 2. */
START_TEST(expected_tokens_of_two_dice_of_which_some_are_refused)
{
    struct xo_workload w = chat();
    ck_assert(xo_dist_by_range(&w.classes[0].prompt, XO_DIST_UNIFORM, 0.5, 0, 6.5, NULL));
    w.classes[0].output = w.classes[0].prompt;
    struct xo_token_means m;
    ck_assert(xo_class_token_means(&w, 0, limits_of(4, 8), &m, NULL));
    ck_assert_double_eq_tol(m.refused_frac, 10 / 36.0, 1e-12);
    ck_assert_double_eq_tol(m.prompt, (6 * 1 + 6 * 2 + 5 * 3 + 4 * 4 + 3 * 5 + 2 * 6) / 36.0,
                            1e-12);
    ck_assert_double_eq_tol(m.output, (21 + 21 + 15 + 10 + 6 + 3) / 36.0, 1e-12);
    ck_assert_double_eq_tol(m.above[0].requests_frac, 5 / 36.0, 1e-12);
    ck_assert_double_eq_tol(m.above[0].prompt, (3 * 5 + 2 * 6) / 36.0, 1e-12);
    ck_assert_double_eq_tol(m.above[0].output, (6 + 3) / 36.0, 1e-12);
    ck_assert_double_eq(m.cut_frac, 0);
    ck_assert_double_eq(m.lengthened_frac, 0);
    w.classes[0].max_context_tokens = 9; /* cut first: the pairs that add up to 10 or more */
    w.classes[0].shared_prefix_tokens = 2;
    ck_assert(xo_class_token_means(&w, 0, limits_of(4, 9), &m, NULL));
    ck_assert_double_eq(m.refused_frac, 0);
    ck_assert_double_eq_tol(m.cut_frac, (1 + 2 + 3) / 36.0, 1e-12);
    ck_assert_double_eq_tol(m.lengthened_frac, 2 / 6.0, 1e-12);
    ck_assert_double_eq_tol(m.lengthened_tokens, (2 + 1) / 6.0, 1e-12);
}
END_TEST

/* Lengths one by one, not in blocks: four of equal weight, of which a context of 9,100 cuts the
 * longest to leave 100 for an answer. */
START_TEST(expected_tokens_of_lengths_given_one_by_one_are_exact)
{
    static const double prompts[] = { 100, 1350, 3350, 9000 }, outputs[] = { 40, 5000 },
                        weights[] = { 1, 3 };
    struct xo_workload w = chat();
    struct xo_token_means m;
    ck_assert(xo_dist_of_values(&w.classes[0].prompt, XO_DIST_EMPIRICAL, prompts, NULL, 4, NULL));
    ck_assert(xo_dist_of_values(&w.classes[0].output, XO_DIST_DISCRETE, outputs, weights, 2, NULL));
    ck_assert(xo_class_token_means(&w, 0, limits_of(3350, 0), &m, NULL));
    ck_assert_double_eq_tol(m.prompt, (100 + 1350 + 3350 + 9000) / 4.0, 1e-9);
    ck_assert_double_eq_tol(m.output, (40 + 3 * 5000) / 4.0, 1e-9);
    ck_assert_double_eq_tol(m.above[0].requests_frac, 1 / 4.0, 1e-12); /* 3,350 is not over 3,350 */
    ck_assert_double_eq_tol(m.above[0].prompt, 9000 / 4.0, 1e-9);
    w.classes[0].max_context_tokens = 9100;
    ck_assert(xo_class_token_means(&w, 0, limits_of(3350, 0), &m, NULL));
    ck_assert_double_eq_tol(m.output, (3 * (40 + 3 * 5000) + (40 + 3 * 100)) / 16.0, 1e-9);
    ck_assert_double_eq_tol(m.above[0].output, (40 + 3 * 100) / 16.0, 1e-9);
    ck_assert_double_eq_tol(m.cut_frac, 3 / 16.0, 1e-12);
    w.classes[0].max_context_tokens = 0; /* who takes 8,350 of both takes no 40 behind 9,000 */
    ck_assert(xo_class_token_means(&w, 0, limits_of(99, 8350), &m, NULL));
    ck_assert_double_eq_tol(m.refused_frac, 1 / 4.0, 1e-12);
    ck_assert_double_eq_tol(m.above[0].requests_frac, 3 / 4.0, 1e-12);
    ck_assert_double_eq_tol(m.prompt, (100 + 1350 + 3350) / 4.0, 1e-9);
    ck_assert(
        xo_class_token_means(&w, 0, limits_of(99, 8349), &m, NULL)); /* nor 5,000 behind 3,350 */
    ck_assert_double_eq_tol(m.refused_frac, 1 / 4.0 + 1 / 4.0 * 3 / 4.0, 1e-12);
    xo_dist_fini(&w.classes[0].prompt);
    xo_dist_fini(&w.classes[0].output);
}
END_TEST

/* 1 to 6,000 with equal chances, those above `most` cut to it: no block of lengths reaches over the
 * atom at the end, wherever it lies. */
START_TEST(expected_tokens_keep_the_atoms_at_the_ends)
{
    for (int most = 3000; most < 3012; most++) {
        struct xo_workload w = chat();
        struct xo_token_means m;
        const double below = most * (most - 1) / 2.0; /* 1 + 2 + ... + (most - 1) */
        ck_assert(xo_dist_by_range(&w.classes[0].prompt, XO_DIST_UNIFORM, 0.5, 0, 6000.5, NULL));
        ck_assert(xo_dist_clip(&w.classes[0].prompt, 0.5, most, NULL));
        ck_assert(xo_class_token_means(&w, 0, (struct xo_length_limits){ 0 }, &m, NULL));
        ck_assert_double_eq_tol(m.prompt, (below + (6001.0 - most) * most) / 6000, 1e-7);
        ck_assert(xo_class_token_means(&w, 0, limits_of(most - 1, 0), &m, NULL));
        ck_assert_double_eq_tol(m.above[0].requests_frac, (6001 - most) / 6000.0, 1e-9);
        ck_assert_double_eq_tol(m.above[0].prompt, (6001.0 - most) * most / 6000, 1e-6);
    }
}
END_TEST

/* Answers of 1 to 6,000 behind 7 tokens, for one who takes `most` of both: of a block that the
 * limit parts, the lengths below it are served. */
START_TEST(a_limit_parts_a_block_of_lengths)
{
    for (int most = 3007; most < 3020; most++) {
        struct xo_workload w = chat();
        struct xo_token_means m;
        const double last = most - 7;
        set_constant(&w.classes[0], 7, 1);
        ck_assert(xo_dist_by_range(&w.classes[0].output, XO_DIST_UNIFORM, 0.5, 0, 6000.5, NULL));
        ck_assert(xo_class_token_means(&w, 0, (struct xo_length_limits){ .most_tokens = most }, &m,
                                       NULL));
        ck_assert_double_eq_tol(m.refused_frac, 1 - last / 6000, 1e-9);
        ck_assert_double_eq_tol(m.prompt, 7 * last / 6000, 1e-9);
        ck_assert_double_eq_tol(m.output, last * (last + 1) / 2 / 6000, 1e-6);
    }
}
END_TEST

/* Limits from one token to the most that there are, of prompts and of prompt and output. */
START_TEST(limits_above_all_requests_change_no_bit_of_their_means)
{
    struct xo_workload w = chat();
    struct xo_token_means without, with;
    int n_within = 0;
    w.classes[0] = class_for_means(_i);
    if (_i == 3) /* prompts of some two tokens */
        w.classes[0].shared_prefix_tokens = 700;
    ck_assert(xo_class_is_within(&w, 0, limits_of(INT32_MAX, 0)));
    ck_assert(xo_class_token_means(&w, 0, (struct xo_length_limits){ 0 }, &without, NULL));
    for (double limit = 1; limit < INT32_MAX; limit *= 1.3)
        for (int of_prompt = 0; of_prompt < 2; of_prompt++) {
            const int32_t threshold = of_prompt ? (int32_t)limit : INT32_MAX;
            const int32_t most = of_prompt ? 0 : (int32_t)limit;
            ck_assert(xo_class_token_means(&w, 0, limits_of(threshold, most), &with, NULL));
            const bool is_within = xo_class_is_within(&w, 0, limits_of(threshold, most));
            ck_assert_msg(!is_within || memcmp(&with, &without, sizeof with) == 0,
                          "class %d, threshold %d, most %d", _i, threshold, most);
            n_within += is_within;
        }
    ck_assert_int_ge(n_within, 10); /* of 82 limits of each kind */
    w.trace = &(struct xo_trace){ 0 };
    ck_assert(!xo_class_is_within(&w, 0, limits_of(INT32_MAX, 0)));
    xo_dist_fini(&w.classes[0].prompt);
    xo_dist_fini(&w.classes[0].output);
}
END_TEST

/* Prompts 1,000 to 1,009 with answers of 1 to 7 and again 1 to 3, behind a prefix of 1,002, in a
 * context of 1,010, for one who takes 1,008 of both. By hand: the first three become 1,003, longer
 * by 3, 2 and 1; 1,005, 1,006 and 1,009 have 5, 4 and 1 left for answers of 6, 7 and 3. The sums
 * are 1,004 to 1,007, 1,009, 1,010 and 1,010, 1,008, 1,010 and 1,010: five are over 1,008. */
START_TEST(expected_tokens_of_a_trace_are_means_over_its_rows)
{
    double arrival_s[10];
    int32_t prompts[10], outputs[10];
    for (int i = 0; i < 10; i++) {
        arrival_s[i] = i;
        prompts[i] = 1000 + i;
        outputs[i] = 1 + i % 7;
    }
    const struct xo_trace t = { .n = 10,
                                .period_s = 10,
                                .arrival_s = arrival_s,
                                .prompt_tokens = prompts,
                                .output_tokens = outputs };
    struct xo_workload w = chat();
    struct xo_token_means m;
    w.trace = &t;
    ck_assert(xo_class_token_means(&w, 0, limits_of(1004, 0), &m, NULL));
    ck_assert_double_eq_tol(m.prompt, 1004.5, 1e-9);
    ck_assert_double_eq_tol(m.output, (28 + 6) / 10.0, 1e-12);
    ck_assert_double_eq_tol(m.above[0].requests_frac, 5 / 10.0, 1e-12);
    ck_assert_double_eq_tol(m.above[0].prompt, (1005 + 1006 + 1007 + 1008 + 1009) / 10.0, 1e-9);
    ck_assert_double_eq_tol(m.above[0].output, (6 + 7 + 1 + 2 + 3) / 10.0, 1e-12);
    w.classes[0].shared_prefix_tokens = 1002;
    w.classes[0].max_context_tokens = 1010;
    ck_assert(xo_class_token_means(&w, 0, limits_of(1004, 1008), &m, NULL));
    ck_assert_double_eq_tol(m.lengthened_frac, 3 / 10.0, 1e-12);
    ck_assert_double_eq_tol(m.lengthened_tokens, (3 + 2 + 1) / 10.0, 1e-12);
    ck_assert_double_eq_tol(m.cut_frac, 3 / 10.0, 1e-12);
    ck_assert_double_eq_tol(m.refused_frac, 5 / 10.0, 1e-12);
    ck_assert_double_eq_tol(m.prompt, (3 * 1003 + 1003 + 1007) / 10.0, 1e-9);
    ck_assert_double_eq_tol(m.output, (1 + 2 + 3 + 4 + 1) / 10.0, 1e-12);
    ck_assert_double_eq_tol(m.cached, 5 * 1002 / 10.0, 1e-9);
    ck_assert_double_eq_tol(m.above[0].prompt, 1007 / 10.0, 1e-9);
    ck_assert_double_eq_tol(m.above[0].cached, 1002 / 10.0, 1e-9);
}
END_TEST

/* What a limit refuses of long lengths, against a long sample: 4 standard errors. */
START_TEST(the_share_refused_agrees_with_a_long_sample)
{
    enum { N = 200000, MOST = 9000 };
    struct xo_workload w = chat();
    struct xo_request r;
    int refused = 0;
    double prompt = 0;
    ck_assert(xo_dist_by_moments(&w.classes[0].prompt, XO_DIST_LOGNORMAL, 5000, 0.8, NULL));
    ck_assert(xo_dist_by_moments(&w.classes[0].output, XO_DIST_LOGNORMAL, 1700, 0.7, NULL));
    struct xo_source *source =
        source_of(&w, &(struct xo_source_options){ .requests_per_s = 1, .stationary = true });
    for (int i = 0; i < N; i++) {
        xo_source_next(source, &r);
        const bool is = r.prompt_tokens + r.output_tokens > MOST;
        refused += is;
        prompt += is ? 0 : r.prompt_tokens;
    }
    struct xo_token_means m;
    ck_assert(
        xo_class_token_means(&w, 0, (struct xo_length_limits){ .most_tokens = MOST }, &m, NULL));
    const double se = sqrt(m.refused_frac * (1 - m.refused_frac) / N);
    ck_assert_double_eq_tol((double)refused / N, m.refused_frac, 4 * se);
    ck_assert_double_eq_tol(prompt / N, m.prompt, 4 * 3000 / sqrt(N));
    xo_source_free(source);
}
END_TEST

/* Unlimited, the mean of a rounded length is that of the length to 1e-5 of it. */
START_TEST(expected_tokens_of_long_lengths_are_their_means)
{
    struct xo_workload w = chat();
    struct xo_token_means m;
    for (double cv = 0.5; cv <= 4; cv *= 2) {
        ck_assert(xo_dist_by_moments(&w.classes[0].prompt, XO_DIST_LOGNORMAL, 20000, cv, NULL));
        ck_assert(xo_class_token_means(&w, 0, (struct xo_length_limits){ 0 }, &m, NULL));
        ck_assert_double_eq_tol(m.prompt, 20000, 0.2);
        ck_assert_double_eq(m.above[0].requests_frac, 0);
    }
}
END_TEST

/* ---- closed loop ---- */

START_TEST(a_clients_requests_do_not_depend_on_when_others_finish)
{
    enum { CLIENTS = 5, TURNS = 20 };
    static struct xo_request first[TURNS][CLIENTS];
    struct xo_workload w = chat();
    w.n_classes = 2;
    w.classes[1] = w.classes[0];
    w.n_clients = CLIENTS;
    const struct xo_source_options o = { .seed = 13 };
    struct xo_source *in_turn = source_of(&w, &o), *one_by_one = source_of(&w, &o);
    for (int turn = 0; turn < TURNS; turn++)
        for (int c = 0; c < CLIENTS; c++)
            xo_source_client(in_turn, c, turn * 1.5, &first[turn][c]);
    for (int c = CLIENTS - 1; c >= 0; c--)
        for (int turn = 0; turn < TURNS; turn++) {
            struct xo_request r;
            xo_source_client(one_by_one, c, turn * 1.5, &r);
            ck_assert_mem_eq(&r, &first[turn][c], sizeof r);
            ck_assert_int_eq(r.id, turn * CLIENTS + c);
            ck_assert_double_eq(r.arrival_s, turn * 1.5);
        }
    xo_source_free(in_turn);
    xo_source_free(one_by_one);
}
END_TEST

/* Each 64th part of either law holds one of 64 requests of a class, whatever the seed. */
START_TEST(lengths_that_are_spread_fill_their_laws_evenly)
{
    enum { N = 64 };
    struct xo_workload w = chat();
    w.n_clients = 1;
    w.n_classes = 2;
    for (int c = 0; c < 2; c++) {
        w.classes[c].weight = 1 + c;
        struct xo_dist *laws[] = { &w.classes[c].prompt, &w.classes[c].output };
        for (int k = 0; k < 2; k++)
            ck_assert(xo_dist_by_range(laws[k], XO_DIST_UNIFORM, 1, 0, N * 1000, NULL));
    }
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct xo_source *source =
            source_of(&w, &(struct xo_source_options){ .seed = seed, .spread = N });
        int in_prompts[2][N] = { { 0 } }, in_outputs[2][N] = { { 0 } };
        for (int i = 0; i < 2 * N; i++) {
            struct xo_request r;
            xo_source_client(source, 0, i, &r);
            ck_assert_int_eq(r.class_index, i % 2);
            in_prompts[i % 2][r.prompt_tokens / 1000]++;
            in_outputs[i % 2][r.output_tokens / 1000]++;
        }
        for (int k = 0; k < N; k++)
            for (int c = 0; c < 2; c++) {
                ck_assert_int_eq(in_prompts[c][k], 1);
                ck_assert_int_eq(in_outputs[c][k], 1);
            }
        xo_source_free(source);
    }
}
END_TEST

START_TEST(a_client_sends_the_same_requests_in_a_larger_crowd)
{
    struct xo_workload few = chat(), many = chat();
    few.n_clients = 3;
    many.n_clients = 300;
    const struct xo_source_options o = { .seed = 13 };
    struct xo_source *a = source_of(&few, &o), *b = source_of(&many, &o);
    for (int i = 0; i < 50; i++) {
        struct xo_request r, s;
        xo_source_client(a, 2, 0, &r);
        xo_source_client(b, 2, 0, &s);
        ck_assert_int_eq(r.prompt_tokens, s.prompt_tokens);
        ck_assert_int_eq(r.output_tokens, s.output_tokens);
    }
    xo_source_free(a);
    xo_source_free(b);
}
END_TEST

/* ---- reading traces ---- */

static char path[64];

static void write_bytes(const void *bytes, size_t size)
{
    snprintf(path, sizeof path, "/tmp/xo_trace_XXXXXX");
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, bytes, size), (ssize_t)size);
    close(file);
}

static void write_text(const char *text)
{
    write_bytes(text, strlen(text));
}

/* A file at `path` to write a trace into, for trace_from. */
static FILE *trace_file(void)
{
    write_text("");
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    return out;
}

static struct xo_trace trace_from(FILE *out, const struct xo_trace_options *options)
{
    struct xo_trace trace;
    struct xo_error err = { 0 };
    fclose(out);
    ck_assert_msg(xo_trace_read(&trace, path, options, &err), "%s", err.text);
    unlink(path);
    return trace;
}

static struct xo_trace trace_with(const char *text, const struct xo_trace_options *options)
{
    FILE *out = trace_file();
    fputs(text, out);
    return trace_from(out, options);
}

static struct xo_trace trace_of(const char *text)
{
    return trace_with(text, NULL);
}

START_TEST(the_projects_own_format_is_read)
{
    struct xo_trace t = trace_of("arrival_s,prompt_tokens,output_tokens\n10.25,1020,129\n"
                                 "11.75,374,44\n13.75,7,1000\n");
    ck_assert_uint_eq(t.n, 3);
    ck_assert_double_eq(t.arrival_s[0], 0);
    ck_assert_double_eq(t.arrival_s[1], 1.5);
    ck_assert_double_eq(t.arrival_s[2], 3.5);
    ck_assert_int_eq(t.prompt_tokens[1], 374);
    ck_assert_int_eq(t.output_tokens[2], 1000);
    ck_assert_double_eq_tol(t.period_s, 5.25, 1e-12);
    ck_assert_int_eq(t.notes.unit, XO_TRACE_S);
    ck_assert_int_eq(t.notes.unit_from, XO_TRACE_UNIT_BY_NAME);
    ck_assert_int_eq(t.notes.n_no_prompt + t.notes.n_no_output + t.notes.n_no_tokens, 0);
    xo_trace_fini(&t);
    ck_assert_ptr_null(t.arrival_s);
}
END_TEST

/* Byte-order mark, CRLF, seven decimals, no final newline, over the leap day at midnight. */
START_TEST(the_azure_format_is_read)
{
    struct xo_trace t = trace_of("\xEF\xBB\xBFTIMESTAMP,ContextTokens,GeneratedTokens\r\n"
                                 "2024-02-28 23:59:59.9799600,4808,10\r\n"
                                 "2024-02-29 00:00:00.4799600,3180,8\r\n\r\n"
                                 "2024-03-01T00:00:00Z,110,27\r\n"
                                 "2024-03-01 02:30:00.5+02:00,5,6\r\n"
                                 "2024-02-29 23:30:01-0100,8,9\r\n2024-03-01 03:30:02+03,1,1");
    ck_assert_uint_eq(t.n, 6);
    ck_assert_double_eq_tol(t.arrival_s[4], 86400.02004 + 1801, 1e-9);
    ck_assert_int_eq(t.prompt_tokens[4], 8);
    ck_assert_double_eq_tol(t.arrival_s[5], 86400.02004 + 1802, 1e-9);
    ck_assert_double_eq_tol(t.arrival_s[1], 0.5, 1e-9);
    ck_assert_double_eq_tol(t.arrival_s[2], 86400.02004, 1e-9);
    ck_assert_double_eq_tol(t.arrival_s[3], 86400.02004 + 1800.5, 1e-9);
    ck_assert_int_eq(t.prompt_tokens[3], 5);
    ck_assert_int_eq(t.output_tokens[3], 6);
    xo_trace_fini(&t);
}
END_TEST

/* 2000 has a leap day, 2100 has none; a day lies between these stamps either way. */
START_TEST(the_days_of_a_century_are_counted)
{
    static const char *const days[][2] = { { "2000-02-29", "2000-03-01" },
                                           { "2100-02-28", "2100-03-01" },
                                           { "1999-12-31", "2000-01-01" } };
    char text[160];
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text,
                 "TIMESTAMP,ContextTokens,GeneratedTokens\n%s 12:00:00,1,1\n%s 12:00:00,1,1\n",
                 days[i][0], days[i][1]);
        struct xo_trace t = trace_of(text);
        ck_assert_double_eq(t.arrival_s[1], 86400);
        xo_trace_fini(&t);
    }
}
END_TEST

START_TEST(the_burstgpt_format_is_read_in_any_order_of_columns)
{
    struct xo_trace t =
        trace_of("Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                 "5,ChatGPT,472,18,490,Conversation log\n"
                 "45,GPT-4,1087,0,1087,API log\n"
                 "118,GPT-4,417,276,693,Conversation log\n");
    ck_assert_uint_eq(t.n, 2);
    ck_assert_int_eq(t.notes.n_no_output, 1);
    ck_assert_double_eq(t.arrival_s[1], 113);
    ck_assert_int_eq(t.output_tokens[1], 276);
    xo_trace_fini(&t);
    t = trace_of(" output_tokens , prompt_tokens,arrival_s\n 7, 8 ,1e1\n9,10,20\n");
    ck_assert_int_eq(t.prompt_tokens[0], 8);
    ck_assert_int_eq(t.output_tokens[0], 7);
    xo_trace_fini(&t);
}
END_TEST

static const struct xo_trace_options in_ms = { .unit = XO_TRACE_MS };

START_TEST(mooncakes_json_lines_are_read)
{
    struct xo_trace t =
        trace_with("{\"timestamp\": 500, \"input_length\": 6758, \"output_length\": 500, "
                   "\"hash_ids\": [0, 1, 2]}\r\n"
                   "{\"output_length\": 0, \"timestamp\": 700, \"input_length\": 3}\n\n"
                   "{\"output_length\": 4, \"timestamp\": 2750.5, \"input_length\": 3}",
                   &in_ms);
    ck_assert_uint_eq(t.n, 2);
    ck_assert_int_eq(t.notes.n_no_output, 1);
    ck_assert_double_eq_tol(t.arrival_s[1], 2.2505, 1e-12);
    ck_assert_int_eq(t.prompt_tokens[0], 6758);
    ck_assert_int_eq(t.output_tokens[1], 4);
    xo_trace_fini(&t);
}
END_TEST

static const char *const packed_traces[] = {
    "\xEF\xBB\xBF\"arrival_s\",\"what, and\nwhy\",prompt_tokens,output_tokens\r\n"
    "10,\"a \"\"b\"\", c\",\"20\", 30 \r\n\r\n12.5,\"d\r\ne\",40,50",
    "{\"timestamp_s\": 10, \"what\": \"a, \\\"b\", \"input_length\": 20, \"output_length\": 30}\n\n"
    "{\"timestamp_s\": 12.5, \"what\": \"c\", \"input_length\": 40, \"output_length\": 50}\n",
};

/* The first of CSV, the second of JSON lines; each plain, by gzip and by zstd. */
START_TEST(a_trace_may_be_packed_and_its_fields_quoted)
{
    const char *text = packed_traces[_i / N_PACKINGS];
    const enum packing packing = (enum packing)(_i % N_PACKINGS);
    struct xo_trace t = { 0 };
    struct xo_error err = { 0 };
    size_t n;
    unsigned char *bytes = packed(packing, text, strlen(text), &n);
    write_bytes(bytes, n);
    if (!is_read(packing)) {
        ck_assert(!xo_trace_read(&t, path, NULL, &err));
        ck_assert_ptr_nonnull(strstr(err.text, ":1: it is compressed by "));
    } else {
        ck_assert_msg(xo_trace_read(&t, path, NULL, &err), "%s", err.text);
        ck_assert_uint_eq(t.n, 2);
        ck_assert_double_eq(t.arrival_s[1], 2.5);
        ck_assert_int_eq(t.prompt_tokens[0], 20);
        ck_assert_int_eq(t.prompt_tokens[1], 40);
        ck_assert_int_eq(t.output_tokens[0], 30);
        ck_assert_int_eq(t.output_tokens[1], 50);
        xo_trace_fini(&t);
    }
    unlink(path);
    free(bytes);
}
END_TEST

/* All rows are there before the end, where the check sum is not. */
START_TEST(a_packed_trace_without_its_end_is_no_trace)
{
    struct xo_trace t = { .n = 77 };
    struct xo_error err = { 0 };
    char expected[200];
    size_t n;
    if (!reads_gzip)
        return;
    const char *text = "arrival_s,prompt_tokens,output_tokens\n1,2,3\n2,3,4\n";
    unsigned char *bytes = packed(GZIP, text, strlen(text), &n);
    write_bytes(bytes, n - 1);
    ck_assert(!xo_trace_read(&t, path, NULL, &err));
    snprintf(expected, sizeof expected,
             "%s:4: its gzip-compressed data ends here, in the middle: the file is cut short",
             path);
    ck_assert_str_eq(err.text, expected);
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    ck_assert_uint_eq(t.n, 77);
    unlink(path);
    free(bytes);
}
END_TEST

START_TEST(rows_out_of_order_are_sorted_and_equal_times_keep_theirs)
{
    struct xo_trace t = trace_of("arrival_s,prompt_tokens,output_tokens\n"
                                 "3,30,1\n1,10,1\n2,20,1\n2,21,1\n2,22,1\n-1,5,1\n2,0,4\n");
    static const int32_t order[] = { 5, 10, 20, 21, 22, 30 };
    ck_assert_uint_eq(t.n, 6);
    ck_assert_mem_eq(t.prompt_tokens, order, sizeof order);
    ck_assert_double_eq(t.arrival_s[0], 0);
    ck_assert_double_eq(t.arrival_s[5], 4);
    ck_assert_int_eq(t.notes.n_no_prompt, 1);
    xo_trace_fini(&t);
}
END_TEST

#define HEADER "arrival_s,prompt_tokens,output_tokens\n"
#define NO_HEADER                                                                                  \
    ":1: a trace begins with a line that names its columns: "                                      \
    "arrival_s,prompt_tokens,output_tokens "                                                       \
    "or TIMESTAMP,ContextTokens,GeneratedTokens or Timestamp,Request tokens,Response tokens; or "  \
    "every line is {\"timestamp\": n, \"input_length\": n, \"output_length\": n}"
#define A_DATE "a date such as 2023-11-16 18:17:03.9799600"
#define NO_JSON                                                                                    \
    "it takes a line such as {\"timestamp\": 3000, \"input_length\": 6758, \"output_length\": "    \
    "500}, all of an object on one line"
static const struct {
    const char *text, *message; /* after the path */
} bad_traces[] = {
    { "", NO_HEADER },
    { "1.5,20,30\n", NO_HEADER },
    { "arrival_s,prompt_tokens\n",
      ":1: there is no \"output_tokens\" for the output tokens; the columns are \"arrival_s\", "
      "\"prompt_tokens\"" },
    { "TIMESTAMP,ContextTokens,GeneratdTokens\n",
      ":1: there is no \"GeneratedTokens\" for the output tokens (is it \"GeneratdTokens\"?); the "
      "columns are \"TIMESTAMP\", \"ContextTokens\", \"GeneratdTokens\"" },
    /* two names of Azure's in another case weigh as much as one of Mooncake's as it is */
    { "timestamp,contextTokens\n",
      ":1: there is no \"GeneratedTokens\" for the output tokens; the columns are \"timestamp\", "
      "\"contextTokens\"" },
    { "timestamp,input_tokens,prompt_tokens,output_tokens\n",
      ":1: \"input_tokens\" and \"prompt_tokens\" may both be the prompt tokens; rename one of "
      "them; "
      "the columns are \"timestamp\", \"input_tokens\", \"prompt_tokens\", \"output_tokens\"" },
    { "arrival_s;prompt_tokens;output_tokens\n1;2;3\n",
      ":1: its columns are parted by semicolons; they take commas" },
    { "TIMESTAMP\tContextTokens\tGeneratedTokens\n",
      ":1: its columns are parted by tabs; they take commas" },
    { "[{\"timestamp\": 1, \"input_length\": 2, \"output_length\": 3}]\n",
      ":1: it is a JSON array; a trace has one object a line (jq -c '.[]' makes that of it)" },
    { "\xff\xfe"
      "a\n",
      ":1: it is text in UTF-16; save it as UTF-8" },
    { "TIMESTAMP|ContextTokens|GeneratedTokens\n",
      ":1: its columns are parted by vertical bars; they take commas" },
    { "arrival_s;prompt_tokens;output_tokens\n1,500;2;3\n2,500;3;4\n",
      ":1: its columns are parted by semicolons, and its numbers have decimal commas; columns take "
      "commas, and numbers decimal points" },
    { HEADER "1,5;2;3\n", ":2: the line has 2 fields, the header 3" },
    { HEADER "\"1,5\",2,3\n", ":2: arrival_s is \"1,5\"; it takes seconds" },
    { "\xfd\x37zXZ", ":1: it is compressed by xz; unpack it (unxz)" },
    { "PAR1\x15\n", ":1: it is a Parquet file; save it as CSV or JSON lines" },
    { HEADER "\"1,2,3\n", ":2: field 1 begins with a quote and has no other" },
    { HEADER "1,2,3\n2,\"3\n\n3,4,5\n", ":3: field 2 begins with a quote and has no other" },
    { HEADER "\"1\"x,2,3\n", ":2: text stands behind the quotes of field 1" },
    { HEADER "1,1569.0,4\n2,1569.5,4\n",
      ":3: prompt_tokens is \"1569.5\"; it takes a whole number from 0 to 1073741824" },
    { HEADER "1,nan,4\n",
      ":2: prompt_tokens is \"nan\"; it takes a whole number from 0 to 1073741824" },
    { HEADER "inf,3,4\n", ":2: arrival_s is \"inf\"; it takes seconds" },
    { HEADER "1,3,4\n2024-05-10 00:00:00,3,4\n",
      ":3: arrival_s is \"2024-05-10 00:00:00\"; it takes seconds" },
    { "timestamp_ms,prompt_tokens,output_tokens\nsoon,3,4\n",
      ":2: timestamp_ms is \"soon\"; it takes milliseconds" },
    { "timestamp,prompt_tokens,output_tokens\n5,3,4\n2024-05-10 00:00:00,3,4\n",
      ":3: timestamp is \"2024-05-10 00:00:00\"; it takes a number" },
    { "timestamp,prompt_tokens,output_tokens\n2024-05-10 00:00:00,3,4\n5,3,4\n",
      ":3: timestamp is \"5\"; it takes a date such as 2023-11-16 18:17:03.9799600" },
    { HEADER, ": 0 usable requests; a trace takes at least 2" },
    { HEADER "1,2,3\n2,3,0\n", ": 1 usable requests; a trace takes at least 2" },
    { HEADER "1,2,3\n1,4,5\n", ": all requests arrive at one time; a trace needs a length" },
    { HEADER "1,2,3\n2,3\n", ":3: the line has 2 fields, the header 3" },
    { HEADER "1,2,3\n2,3,4,5\n", ":3: the line has 4 fields, the header 3" },
    { HEADER "1,2,3\n2,3,4\n\nsoon,3,4\n", ":5: arrival_s is \"soon\"; it takes seconds" },
    { HEADER "nan,3,4\n", ":2: arrival_s is \"nan\"; it takes seconds" },
    { HEADER "1e300,3,4\n", ":2: arrival_s is \"1e300\"; it takes seconds" },
    { HEADER "1 s,3,4\n", ":2: arrival_s is \"1 s\"; it takes seconds" },
    { HEADER "1,2.5,4\n",
      ":2: prompt_tokens is \"2.5\"; it takes a whole number from 0 to 1073741824" },
    { HEADER "1,2,-4\n",
      ":2: output_tokens is \"-4\"; it takes a whole number from 0 to 1073741824" },
    { HEADER "1,2,99999999999999999999\n",
      ":2: output_tokens is \"99999999999999999999\"; it takes a whole number from 0 to "
      "1073741824" },
    { HEADER "1,,4\n", ":2: prompt_tokens is \"\"; it takes a whole number from 0 to 1073741824" },
    { "{\"timestamp\": 0, \"input_length\": 6758}\n",
      ":1: there is no \"output_length\" for the output tokens; the line has \"timestamp\", "
      "\"input_length\"" },
    { "{\"timestamp\": 0, \"input_length\": 1, \"output_length\": 5}\n{\"timestamp\": 0}\n",
      ":2: there is no \"input_length\" in it" },
    { "{\"timestamp\": null, \"input_length\": 1, \"output_length\": 5}\n",
      ":1: timestamp is \"null\"; it takes " A_DATE ", or a number" },
    { "{\"timestamp\": 0, \"input_length\": 6758, \"output_length\": 5}\n{oops\n", ":2: " NO_JSON },
    { "{\"timestamp\": 0, \"input_length\": 6758, \"output_length\": -5}\n",
      ":1: output_length is \"-5\"; it takes a whole number from 0 to 1073741824" },
    { "{\"timestamp\": 0, \"input_length\": 67.5, \"output_length\": 5}\n",
      ":1: input_length is \"67.5\"; it takes a whole number from 0 to 1073741824" },
    { "{\"timestamp\": 0, \"input_length\": 1, \"input_length\": 2, \"output_length\": 5}\n",
      ":1: " NO_JSON },
    { "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-02-29 00:00:00,1,1\n",
      ":2: TIMESTAMP is \"2023-02-29 00:00:00\"; it takes " A_DATE ", or a number" },
    { "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 24:00:00,1,1\n",
      ":2: TIMESTAMP is \"2023-11-16 24:00:00\"; it takes " A_DATE ", or a number" },
    { "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16,1,1\n",
      ":2: TIMESTAMP is \"2023-11-16\"; it takes " A_DATE ", or a number" },
    { "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03 UTC,1,1\n",
      ":2: TIMESTAMP is \"2023-11-16 18:17:03 UTC\"; it takes " A_DATE ", or a number" },
};

START_TEST(bad_traces_are_refused_with_file_and_line)
{
    struct xo_trace trace;
    struct xo_error err = { 0 };
    write_text(bad_traces[_i].text);
    ck_assert(!xo_trace_read(&trace, path, NULL, &err));
    unlink(path);
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    ck_assert_int_eq(strncmp(err.text, path, strlen(path)), 0);
    ck_assert_str_eq(err.text + strlen(path), bad_traces[_i].message);
}
END_TEST

START_TEST(lines_no_person_wrote_are_refused)
{
    enum { SIZE = (16 << 20) + 100 };
    char *text = malloc(SIZE);
    ck_assert_ptr_nonnull(text);
    struct xo_trace trace;
    struct xo_error err = { 0 };
    memcpy(text, HEADER, strlen(HEADER));
    memset(text + strlen(HEADER), '7', SIZE - strlen(HEADER));
    write_bytes(text, SIZE);
    ck_assert(!xo_trace_read(&trace, path, NULL, &err));
    unlink(path);
    ck_assert_ptr_nonnull(strstr(err.text, ":2: the line is longer than 16 MiB (16777216 bytes)"));

    memset(text, ',', 600);
    write_bytes(text, 600);
    ck_assert(!xo_trace_read(&trace, path, NULL, &err));
    unlink(path);
    ck_assert_ptr_nonnull(strstr(err.text, ":1: the line has more than 512 fields"));

    write_bytes(HEADER "1,2\0,3\n", strlen(HEADER) + 7);
    ck_assert(!xo_trace_read(&trace, path, NULL, &err));
    unlink(path);
    ck_assert_ptr_nonnull(strstr(err.text, ":2: there is a byte of 0; a trace is plain text"));

    write_bytes("a\0r\0\n\0", 6);
    ck_assert(!xo_trace_read(&trace, path, NULL, &err));
    unlink(path);
    ck_assert_ptr_nonnull(strstr(err.text, ":1: it looks like text in UTF-16; save it as UTF-8"));
    free(text);
}
END_TEST

START_TEST(a_trace_that_is_not_a_file_is_an_io_error)
{
    struct xo_trace trace;
    struct xo_error err = { 0 };
    ck_assert(!xo_trace_read(&trace, "/no/such/trace.csv", NULL, &err));
    ck_assert_int_eq(err.kind, XO_ERR_IO);
    ck_assert_str_eq(err.text, "cannot open /no/such/trace.csv: No such file or directory");
    ck_assert(!xo_trace_read(&trace, "/tmp", NULL, &err));
    ck_assert_int_eq(err.kind, XO_ERR_IO);
    ck_assert_str_eq(err.text, "cannot read /tmp: Is a directory");
}
END_TEST

static const char *const sound_traces[] = {
    "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:17:03.9799600,4808,10\r\n"
    "2023-11-16 18:17:04.0319600,3180,8\r\n2023-11-16 18:17:05,110,27\n2023-12-31 "
    "23:59:59.5+01:00,7,7",
    "{\"timestamp\": 5, \"input_length\": 6758, \"output_length\": 50, \"hash_ids\": [0, 1]}\n"
    "{\"timestamp\": 10, \"input_length\": 322, \"output_length\": 490, \"hash_ids\": [2, 13]}\n",
    /* a stray, a hole, strange columns */
    "time,\"Input tokens\",note,Completion Tokens\n1,1,\"a,b\",1\n900000.5,1,c,2\n900001.5,1,,3\n"
    "900002.5,1,,4\n900003.5,1,,5\n900004.5,1,,6\n900005.5,1,,7.0\n900006.5,1,,8\n900007.5,1,,9\n"
    "2900008.5,1,,10\n2900009.5,1,,11\n2900010.5,1,,12\n2900011.5,1,,13\n2900012.5,1,,14\n",
};

/* 2,000 damaged copies of a sound trace are either refused or sound. */
START_TEST(damaged_traces_never_break_the_reader)
{
    static const char likely[] = "0123456789,.-: \n\r\"{}";
    const struct xo_stream stream = { 77, 0, XO_PURPOSE_TRACE };
    const size_t size = strlen(sound_traces[_i]);
    int n_read = 0;
    for (uint64_t i = 0; i < 2000; i++) {
        char text[512];
        memcpy(text, sound_traces[_i], size);
        for (uint32_t k = 0; k <= i % 3; k++) {
            double u[2];
            xo_uniform2(&stream, i, k, u);
            text[(size_t)(u[0] * (double)size)] =
                i % 2 == 0 ? (char)(u[1] * 256) : likely[(int)(u[1] * (sizeof likely - 1))];
        }
        struct xo_trace t;
        write_bytes(text, size);
        const bool ok = xo_trace_read(&t, path, _i == 1 ? &in_ms : NULL, NULL);
        unlink(path);
        if (!ok)
            continue;
        n_read++;
        ck_assert(t.n >= 2 && t.arrival_s[0] == 0 && t.arrival_s[t.n - 1] < t.period_s);
        xo_trace_fini(&t);
    }
    ck_assert_int_gt(n_read, 50);
    ck_assert_int_lt(n_read, 1950);
}
END_TEST

/* ---- the unit of stamps ---- */

/* n rows `step` apart from `start` on, 1,000 tokens in and 100 out, in a file at `path`. */
static void write_steps(const char *time, bool json, double start, double step, int n)
{
    char stamp[32];
    FILE *out = trace_file();
    if (!json)
        fprintf(out, "%s,prompt_tokens,output_tokens\n", time);
    for (int i = 0; i < n; i++) {
        xo_text_exact(stamp, start + i * step);
        if (json)
            fprintf(out, "{\"%s\": %s, \"input_length\": 1000, \"output_length\": 100}\n", time,
                    stamp);
        else
            fprintf(out, "%s,1000,100\n", stamp);
    }
    fclose(out);
}

static const struct {
    const char *time;
    bool json; /* then the names are Mooncake's */
    double start, step;
    int n;
    enum xo_trace_unit unit; /* AUTO: the user is asked */
    double step_s;
} stamped[] = {
    /* names */
    { "arrival_s", false, -7, 1.5, 3, XO_TRACE_S, 1.5 },
    { "timestamp_ms", false, 250, 1500, 3, XO_TRACE_MS, 1.5 },
    { "ArrivalTimeUs", false, 250, 1500, 3, XO_TRACE_US, 0.0015 },
    { "Created at (ns)", false, 250, 1500, 3, XO_TRACE_NS, 1.5e-6 },
    /* fractions; too short in milliseconds; neither */
    { "timestamp", false, 0, 60.25, 120, XO_TRACE_S, 60.25 },
    { "timestamp", true, 0, 61.5, 120, XO_TRACE_S, 61.5 },
    { "timestamp", false, 0, 60, 120, XO_TRACE_S, 60 },
    { "timestamp", false, 0, 901, 4000, XO_TRACE_AUTO, 0 },
    /* nothing but the length: 79 min or 4.8 s; 8.3 h or 30 s; 15 days or 22 min; 61 days or 88 min
     */
    { "timestamp", false, 0, 251, 20, XO_TRACE_S, 251 },
    { "timestamp", false, 0, 1579, 20, XO_TRACE_AUTO, 0 },
    { "timestamp", false, 0, 68211, 20, XO_TRACE_AUTO, 0 },
    { "timestamp", false, 0, 277401, 20, XO_TRACE_MS, 277.401 },
    /* Mooncake's names: in doubt its milliseconds, unless the recording would be of some seconds */
    { "timestamp", true, 0, 357, 4000, XO_TRACE_MS, 0.357 },
    { "timestamp", true, 0, 3000, 20, XO_TRACE_MS, 3 },
    { "timestamp", true, 0, 61, 120, XO_TRACE_AUTO, 0 },
    /* since 1970 */
    { "timestamp", false, 1.7e9, 3, 100, XO_TRACE_S, 3 },
    { "time", false, 1.7e12, 3001, 100, XO_TRACE_MS, 3.001 },
    { "ts", false, 1.7e15, 3000001, 100, XO_TRACE_US, 3.000001 },
    { "created", false, 1.7e18, 3072000000, 100, XO_TRACE_NS, 3.072 }, /* 512 ns are exact there */
    { "timestamp", true, 1.7e9, 3, 100, XO_TRACE_S, 3 },
    { "arrival_s", false, 1.7e9, 3, 100, XO_TRACE_S, 3 },
    { "arrival_s", false, 1.7e12, 3001, 100, XO_TRACE_AUTO, 0 },
    { "timestamp_ms", false, 1.7e9, 3, 100, XO_TRACE_AUTO, 0 },
};

START_TEST(the_unit_of_stamps_is_the_names_or_what_they_show_or_asked_for)
{
    struct xo_trace t;
    struct xo_error err = { 0 };
    write_steps(stamped[_i].time, stamped[_i].json, stamped[_i].start, stamped[_i].step,
                stamped[_i].n);
    const bool ok = xo_trace_read(&t, path, NULL, &err);
    unlink(path);
    if (stamped[_i].unit == XO_TRACE_AUTO) {
        ck_assert(!ok);
        ck_assert_int_eq(err.kind, XO_ERR_INPUT);
        ck_assert_ptr_nonnull(strstr(err.text, "; say trace_unit = "));
        return;
    }
    ck_assert_msg(ok, "%s", err.text);
    ck_assert_int_eq(t.notes.unit, stamped[_i].unit);
    ck_assert_uint_eq(t.n, (size_t)stamped[_i].n);
    ck_assert_double_eq_tol(t.arrival_s[1], stamped[_i].step_s, 1e-6 * stamped[_i].step_s);
    ck_assert_double_eq_tol(t.period_s, stamped[_i].step_s * stamped[_i].n, 1e-6 * t.period_s);
    xo_trace_fini(&t);
}
END_TEST

/* 120 steps of 60.25 s are 7,230 s: 120 / 7,230 * 730 * 3,600 = 43,618.3 a month. */
START_TEST(the_evidence_for_a_unit_is_told_with_figures)
{
    struct xo_trace t;
    struct xo_error err = { 0 };
    write_steps("timestamp", false, 0, 60.25, 120);
    ck_assert(xo_trace_read(&t, path, NULL, NULL));
    unlink(path);
    ck_assert_int_eq(t.notes.unit_from, XO_TRACE_UNIT_INFERRED);
    ck_assert_str_eq(t.notes.unit_why,
                     "the stamps are read as seconds: 120 requests in 2.01 h, 43,618 a month; not "
                     "as milliseconds (120 requests in 7.23 s, 43.6 M a month), since 90 of 120 "
                     "stamps have fractions");
    xo_trace_fini(&t);
    const struct xo_trace_options february = { .month_s = 28 * 86400 };
    write_steps("timestamp", false, 0, 901, 4000);
    ck_assert(!xo_trace_read(&t, path, &february, &err));
    unlink(path);
    ck_assert_str_eq(err.text + strlen(path),
                     ": the unit of \"timestamp\" is not clear: 4,000 requests in 41.7 days, 2,685 "
                     "a month as seconds; 4,000 requests in 1 h, 2.69 M a month as milliseconds; "
                     "say trace_unit = s or ms");
    write_steps("arrival_s", false, 1.7e12, 3001, 100);
    ck_assert(!xo_trace_read(&t, path, NULL, &err));
    unlink(path);
    ck_assert_str_eq(err.text + strlen(path),
                     ": the stamps of \"arrival_s\" are seconds by its name, but half of them lie "
                     "on 2023-11-14 as milliseconds since 1970; say trace_unit = ms or s");
}
END_TEST

START_TEST(a_unit_that_is_given_holds_and_dates_have_none)
{
    static const struct {
        const char *time, *says_otherwise;
    } rows[] = { { "arrival_s", "arrival_s" }, { "timestamp_ms", "" }, { "timestamp", "" } };
    struct xo_error err = { 0 };
    struct xo_trace t;
    for (int i = 0; i < 3; i++) {
        FILE *out = trace_file();
        fprintf(out, "%s,prompt_tokens,output_tokens\n500,1,2\n2750.5,3,4\n", rows[i].time);
        t = trace_from(out, &in_ms);
        ck_assert_double_eq_tol(t.arrival_s[1], 2.2505, 1e-12);
        ck_assert_int_eq(t.notes.unit_from, XO_TRACE_UNIT_GIVEN);
        ck_assert_str_eq(t.notes.unit_why, rows[i].says_otherwise);
        xo_trace_fini(&t);
    }
    write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00,1,2\n"
               "2024-05-10 00:00:01,3,4\n");
    ck_assert(!xo_trace_read(&t, path, &in_ms, &err));
    unlink(path);
    ck_assert_str_eq(err.text + strlen(path), ": \"TIMESTAMP\" holds dates, which have no "
                                              "trace_unit");
}
END_TEST

/* An answer of 400 tokens takes 80 ms at the 5,000 tokens a second that nobody has. Of whole stamps
 * 30 apart it would be too early in milliseconds; 81 apart they do not tell. The names are
 * Bailian's, whose unit is seconds, though some seconds of recording are more like milliseconds. */
START_TEST(chat_turns_cannot_come_before_the_answer)
{
    const int step = _i == 0 ? 30 : 81;
    FILE *out = trace_file();
    for (int i = 0; i < 40; i++)
        fprintf(out,
                "{\"chat_id\": %d, \"parent_chat_id\": %d, \"timestamp\": %d, \"input_length\": 9, "
                "\"output_length\": 400}\n",
                i, i % 4 == 0 ? -1 : i - 1, step * i);
    struct xo_trace t = trace_from(out, NULL);
    ck_assert_int_eq(t.notes.unit, XO_TRACE_S);
    const char *told = strstr(t.notes.unit_why, "30 of 30 chat turns would begin before the answer "
                                                "to the one before");
    ck_assert_msg((told != NULL) == (_i == 0), "%s", t.notes.unit_why);
    xo_trace_fini(&t);
}
END_TEST

/* What decides is named. */
static const struct {
    int n_days, n_stamps, n_rows; /* a day; rows of one stamp */
    double start, step;
    int output_tokens;
    enum xo_trace_unit unit;
    const char *why;
} evident[] = {
    /* a week of seconds, or ten minutes: 200 steps of 3,000 */
    { 1, 200, 1, 0, 3000, 100, XO_TRACE_MS, "every stamp is a multiple of 1,000" },
    /* twelve days of four hours, or 16 minutes */
    { 12, 25, 1, 32401, 601, 100, XO_TRACE_S,
      "requests come and go every 86,400, as days do in seconds" },
    { 12, 25, 1, 3601, 2101, 100, XO_TRACE_S, /* of 14 hours */
      "requests come and go every 86,400, as days do in seconds" },
    /* an hour of seconds, or 400,000 tokens in 3.999 s */
    { 1, 4000, 1, 1, 1, 100, XO_TRACE_S, "100,025 output tokens a second" },
    /* a day of seconds, or 100 s, in three rows each */
    { 1, 400, 3, 1, 250, 100, XO_TRACE_MS,
      "3.0 requests come at one moment and none for 4.17 min after it" },
    /* 61 days at 113 k tokens a second, more than anybody has; or 89 min at more than all have */
    { 1, 600, 1, 1, 8887, 1000000000, XO_TRACE_S, "113 M output tokens a second" },
};

START_TEST(what_decides_on_a_unit_is_told)
{
    FILE *out = trace_file();
    fputs("timestamp,prompt_tokens,output_tokens\n", out);
    for (int day = 0; day < evident[_i].n_days; day++)
        for (int i = 0; i < evident[_i].n_stamps * evident[_i].n_rows; i++)
            fprintf(out, "%.0f,1000,%d\n",
                    day * day_s + evident[_i].start + i / evident[_i].n_rows * evident[_i].step,
                    evident[_i].output_tokens);
    struct xo_trace t = trace_from(out, NULL);
    ck_assert_int_eq(t.notes.unit, evident[_i].unit);
    ck_assert_msg(strstr(t.notes.unit_why, evident[_i].why) != NULL, "%s", t.notes.unit_why);
    xo_trace_fini(&t);
}
END_TEST

START_TEST(columns_are_found_by_synonyms_in_any_case)
{
    struct xo_trace t = trace_of("Num_Decode_Tokens,note,ARRIVED AT,num-prefill-tokens\n"
                                 "\"7\",\"a, \"\"b\"\"\", 2024-05-10T00:00:00Z ,\"1,020\"\n"
                                 "9,,2024-05-10T00:00:02.5Z,1569.0\n");
    ck_assert_int_eq(t.output_tokens[0], 7);
    ck_assert_int_eq(t.prompt_tokens[0], 1020);
    ck_assert_int_eq(t.prompt_tokens[1], 1569);
    ck_assert_double_eq(t.arrival_s[1], 2.5);
    ck_assert_int_eq(t.notes.unit, XO_TRACE_DATES);
    xo_trace_fini(&t);
    t = trace_of("{\"created_at\": \"2024-05-10T00:00:00Z\", \"prompt_tokens\": 5.0, "
                 "\"completion_tokens\": 6}\n"
                 "{\"created_at\": \"2024-05-10T00:01:30+00:00\", \"prompt_tokens\": 7, "
                 "\"completion_tokens\": 8}\n");
    ck_assert_double_eq(t.arrival_s[1], 90);
    ck_assert_int_eq(t.prompt_tokens[0], 5);
    ck_assert_int_eq(t.output_tokens[1], 8);
    xo_trace_fini(&t);
}
END_TEST

START_TEST(rows_without_tokens_are_counted_by_what_they_lack)
{
    struct xo_trace t = trace_of("arrival_s,prompt_tokens,output_tokens\n"
                                 "1,0,3\n2,10,0\n3,0,0\n4,0,5\n5,3,4\n6,5.0,6\n7,0.0,6\n");
    ck_assert_uint_eq(t.n, 2);
    ck_assert_int_eq(t.notes.n_no_prompt, 3);
    ck_assert_int_eq(t.notes.n_no_output, 1);
    ck_assert_int_eq(t.notes.n_no_tokens, 1);
    xo_trace_fini(&t);
}
END_TEST

/* As in Qwen's traces: a hash for every 16 tokens. */
START_TEST(long_lines_of_hashes_are_read)
{
    FILE *out = trace_file();
    for (int i = 0; i < 3; i++) {
        fprintf(out, "{\"timestamp\": %g, \"input_length\": 160000, \"output_length\": 9, ",
                3.5 * i);
        for (int h = 0; h < 10000; h++)
            fprintf(out, "%s%d", h == 0 ? "\"hash_ids\": [" : ", ", 100000 + h);
        fputs("]}\n", out);
    }
    struct xo_trace t = trace_from(out, NULL);
    ck_assert_uint_eq(t.n, 3);
    ck_assert_int_eq(t.prompt_tokens[2], 160000);
    ck_assert_double_eq(t.arrival_s[2], 7);
    ck_assert(t.notes.has_hash_ids);
    xo_trace_fini(&t);
}
END_TEST

/* ---- strays and holes ---- */

/* Rows at these times (seconds, in the project's own format). */
static struct xo_trace trace_at(const double when_s[], size_t n, bool keep_gaps)
{
    const struct xo_trace_options options = { .keep_gaps = keep_gaps };
    char stamp[32];
    FILE *out = trace_file();
    fputs("arrival_s,prompt_tokens,output_tokens\n", out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s,%zu,100\n", xo_text_exact(stamp, when_s[i]), 1000 + i);
    return trace_from(out, &options);
}

/* Line 2 of 2023, 120 of one hour of 2024: 366 days are 31,622,400 s. */
static struct xo_trace trace_of_two_years(bool keep_gaps)
{
    const struct xo_trace_options options = { .keep_gaps = keep_gaps };
    FILE *out = trace_file();
    fputs("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-05-10 00:00:00.25,1000,100\n", out);
    for (int i = 0; i < 120; i++)
        fprintf(out, "2024-05-10 00:%02d:%02d.25,1000,100\n", i / 2, 30 * (i % 2));
    return trace_from(out, &options);
}

START_TEST(a_stamp_of_another_year_is_named_and_left_out)
{
    struct xo_trace t = trace_of_two_years(false);
    ck_assert_uint_eq(t.n, 120);
    ck_assert_double_eq_tol(t.period_s, 3600, 1e-6);
    ck_assert_double_eq(t.arrival_s[0], 0);
    ck_assert_double_eq(t.arrival_s[119], 3570);
    ck_assert_uint_eq(t.notes.n_strays, 1);
    ck_assert_int_eq(t.notes.strays[0].line, 2);
    ck_assert_str_eq(t.notes.strays[0].stamp, "2023-05-10 00:00:00.250");
    ck_assert_double_eq(t.notes.stray_away_s, 31622400);
    ck_assert_uint_eq(t.notes.n_rows, 121);
    ck_assert_double_eq_tol(t.notes.as_is_s, 31625970.0 * 121 / 120, 1e-3);
    ck_assert_int_eq(t.notes.n_holes, 0);
    xo_trace_fini(&t);
    t = trace_of_two_years(true);
    ck_assert_uint_eq(t.n, 121);
    ck_assert_double_eq_tol(t.period_s, 31625970.0 * 121 / 120, 1e-3);
    ck_assert_uint_eq(t.notes.n_strays, 0);
    xo_trace_fini(&t);
}
END_TEST

/* Three stamps of 0 and one of 2096 around 90 minutes; hours off are strays of short recordings. */
START_TEST(strays_at_both_ends_are_left_out)
{
    double when_s[104] = { 0, 0, 0 };
    for (int i = 0; i < 100; i++)
        when_s[3 + i] = 1.7e9 + 54 * i;
    when_s[103] = 4e9;
    struct xo_trace t = trace_at(when_s, 104, false);
    ck_assert_uint_eq(t.n, 100);
    ck_assert_double_eq_tol(t.period_s, 5400, 1e-6);
    ck_assert_int_eq(t.prompt_tokens[0], 1003);
    ck_assert_uint_eq(t.notes.n_strays, 4);
    ck_assert_int_eq(t.notes.strays[2].line, 4);
    ck_assert_str_eq(t.notes.strays[2].stamp, "0");
    xo_trace_fini(&t);
    t = trace_at(when_s + 3, 100, false);
    ck_assert_uint_eq(t.notes.n_strays, 0);
    xo_trace_fini(&t);
    when_s[103] = when_s[102] + 4 * 3600;
    t = trace_at(when_s + 3, 101, false);
    ck_assert_uint_eq(t.n, 100);
    ck_assert_uint_eq(t.notes.n_strays, 1);
    ck_assert_int_eq(t.notes.strays[0].line, 102);
    ck_assert_double_eq(t.notes.stray_away_s, 14400);
    xo_trace_fini(&t);
}
END_TEST

/* Ten requests 360 s apart, and ten more 6 days later: 515,160 s of nothing become 360. */
START_TEST(a_hole_between_short_recordings_shrinks_to_the_mean_gap)
{
    double when_s[20];
    for (int i = 0; i < 20; i++)
        when_s[i] = i / 10 * 518400 + i % 10 * 360;
    struct xo_trace t = trace_at(when_s, 20, false);
    ck_assert_uint_eq(t.n, 20);
    ck_assert_double_eq(t.arrival_s[9], 3240);
    ck_assert_double_eq_tol(t.arrival_s[10], 3600, 1e-6);
    ck_assert_double_eq_tol(t.arrival_s[19], 6840, 1e-6);
    ck_assert_double_eq_tol(t.period_s, 7200, 1e-6);
    ck_assert_int_eq(t.notes.n_holes, 1);
    ck_assert_double_eq(t.notes.hole_s, 515160);
    ck_assert_double_eq_tol(t.notes.cut_s, 514800, 1e-6);
    ck_assert_int_eq(t.notes.hole_from.line, 11);
    ck_assert_int_eq(t.notes.hole_to.line, 12);
    ck_assert_str_eq(t.notes.hole_to.stamp, "518400");
    xo_trace_fini(&t);
}
END_TEST

/* Two days of an hour's steps, 6.5 days of nothing, two days more: 6 whole days go. */
START_TEST(a_hole_between_long_recordings_goes_by_whole_days)
{
    const double hole_s = 6.5 * 86400;
    double when_s[96];
    for (int i = 0; i < 96; i++)
        when_s[i] = i < 48 ? i * hour_s : 47 * hour_s + hole_s + (i - 48) * hour_s;
    struct xo_trace t = trace_at(when_s, 96, false);
    ck_assert_uint_eq(t.n, 96);
    ck_assert_double_eq(t.notes.cut_s, 6 * 86400);
    ck_assert_double_eq(t.arrival_s[48], 59 * hour_s);
    ck_assert_double_eq(fmod(t.arrival_s[95], 86400), fmod(when_s[95], 86400));
    ck_assert_double_eq_tol(t.period_s, (59 + 47) * hour_s * 96 / 95, 1e-6);
    xo_trace_fini(&t);
}
END_TEST

/* Two recordings of n rows, `step` apart, with a gap between them. It is a hole where it is over 20
 * steps, over a tenth of the rest, and over 5 days, or over 16 hours where neither goes on for 2.
 */
static const struct {
    int n;
    double step_s, gap_s;
    bool is_hole;
} parted[] = {
    { 48, 3600, 4.9 * 86400, false },  { 48, 3600, 5.1 * 86400, true },  /* 5 days */
    { 40, 36000, 8.2 * 86400, false }, { 40, 36000, 8.5 * 86400, true }, /* 20 * 10 h: 8.33 days */
    { 720, 3600, 5.9 * 86400, false }, { 720, 3600, 6.1 * 86400, true }, /* of 59.9 days */
    { 60, 60, 15.9 * 3600, false },    { 60, 60, 16.1 * 3600, true },    /* an hour each */
    { 120, 60, 16.1 * 3600, true },    { 122, 60, 16.1 * 3600, false },  /* 1:59; 2:01 */
};

START_TEST(a_gap_is_a_hole_by_its_length_and_by_what_lies_about_it)
{
    static double when_s[1440];
    const int n = parted[_i].n;
    const double step_s = parted[_i].step_s, gap_s = parted[_i].gap_s,
                 rest_s = 2 * (n - 1) * step_s;
    for (int i = 0; i < 2 * n; i++)
        when_s[i] = i * step_s + (i < n ? 0 : gap_s - step_s);
    struct xo_trace t = trace_at(when_s, (size_t)(2 * n), false);
    /* all but a step of it goes, or as many whole days of that as there are, beside a day or more
     */
    const double cut_s = !parted[_i].is_hole ? 0
                         : rest_s < day_s    ? gap_s - step_s
                                             : floor((gap_s - step_s) / day_s) * day_s;
    ck_assert_int_eq(t.notes.n_holes, parted[_i].is_hole);
    ck_assert_double_eq_tol(t.notes.cut_s, cut_s, 1e-6);
    ck_assert_double_eq_tol(t.arrival_s[2 * n - 1], rest_s + gap_s - cut_s, 1e-6);
    ck_assert_double_eq_tol(t.period_s, (rest_s + gap_s - cut_s) * 2 * n / (2 * n - 1), 1e-5);
    ck_assert_double_eq_tol(t.notes.as_is_s, (rest_s + gap_s) * 2 * n / (2 * n - 1), 1e-5);
    xo_trace_fini(&t);
}
END_TEST

/* Days from Monday on which an office works from 9 to 17 and asks every so many seconds. */
static size_t office_hours(double when_s[], const char *days, double step_s)
{
    size_t n = 0;
    for (int d = 0; days[d] != '\0'; d++)
        for (double s = 9 * 3600; days[d] == 'x' && s <= 17 * 3600; s += step_s)
            when_s[n++] = d * 86400.0 + s;
    return n;
}

static const struct {
    const char *days;
    double step_s;
} offices[] = {
    { "xxxxx..xxxxx", 60 },       /* nights of 16 h and a weekend of 64 h */
    { "xxxx....xxxx", 60 },       /* a long one of 112 h: four days off */
    { "xxxxx..xxx....xxx", 900 }, /* and another one */
    { "x..x", 30 },               /* Friday and Monday */
    { "xx", 7200 },
    { "xxxxx..xxxxx..xxxxx", 14400 },
};

START_TEST(nights_and_weekends_and_holidays_stay)
{
    static double when_s[20000];
    const size_t n = office_hours(when_s, offices[_i].days, offices[_i].step_s);
    struct xo_trace t = trace_at(when_s, n, false);
    ck_assert_uint_eq(t.n, n);
    ck_assert_uint_eq(t.notes.n_strays, 0);
    ck_assert_int_eq(t.notes.n_holes, 0);
    ck_assert_double_eq(t.arrival_s[n - 1], when_s[n - 1] - when_s[0]);
    ck_assert_double_eq(t.period_s, t.notes.as_is_s);
    xo_trace_fini(&t);
}
END_TEST

/* A batch of 50 in a quarter of an hour each week stays as it is, with the other reading at hand:
 * seven holes of 604,800 - 882 s would go but for the mean gap of 18 s. */
START_TEST(pauses_that_come_back_are_a_schedule)
{
    static double when_s[400];
    for (int i = 0; i < 400; i++)
        when_s[i] = i / 50 * 604800 + i % 50 * 18;
    struct xo_trace t = trace_at(when_s, 400, false);
    ck_assert(t.notes.is_scheduled);
    ck_assert_int_eq(t.notes.n_holes, 7);
    ck_assert_double_eq(t.arrival_s[399], when_s[399]);
    ck_assert_double_eq(t.period_s, t.notes.as_is_s);
    ck_assert_double_eq_tol(t.notes.open_period_s, 400 * 18, 1e-3);
    xo_trace_fini(&t);
    for (int i = 0; i < 40; i++) /* and a request each ninth day has no holes at all */
        when_s[i] = i * 777600.0;
    t = trace_at(when_s, 40, false);
    ck_assert_int_eq(t.notes.n_holes, 0);
    ck_assert_double_eq(t.arrival_s[39], when_s[39]);
    xo_trace_fini(&t);
}
END_TEST

/* Whatever the gaps, from milliseconds to years: nothing is lost uncounted, and time goes on. */
START_TEST(cutting_keeps_order_and_counts)
{
    static double when_s[200];
    const struct xo_stream stream = { 78, 0, XO_PURPOSE_TRACE };
    int n_cut = 0;
    for (uint64_t i = 0; i < 300; i++) {
        const size_t n = 2 + (size_t)(i % 199);
        for (uint32_t k = 0; k < n; k++) {
            double u[2];
            xo_uniform2(&stream, i, k, u);
            const double gap_s = u[0] < 0.97 ? 30 * u[1] : pow(10, 8 * u[1]);
            when_s[k] = (k == 0 ? 0 : when_s[k - 1]) + gap_s;
        }
        struct xo_trace t = trace_at(when_s, n, false);
        ck_assert_uint_eq(t.n + t.notes.n_strays, n);
        ck_assert_double_eq(t.arrival_s[0], 0);
        for (size_t k = 1; k < t.n; k++)
            ck_assert(t.arrival_s[k] >= t.arrival_s[k - 1]);
        ck_assert(t.arrival_s[t.n - 1] < t.period_s && t.period_s <= t.notes.as_is_s * 1.0001);
        n_cut += t.notes.n_strays > 0 || t.notes.n_holes > 0;
        xo_trace_fini(&t);
    }
    ck_assert_int_gt(n_cut, 30);
}
END_TEST

START_TEST(clocks_set_back_mixed_zones_and_logs_put_in_twice_are_noted)
{
    struct xo_trace t =
        trace_of("TIMESTAMP,ContextTokens,GeneratedTokens\n2024-10-27 02:10:00,1,1\n"
                 "2024-10-27 02:59:30,2,1\n2024-10-27 02:00:30,3,1\n2024-10-27 02:20:00,4,1\n");
    ck_assert_int_eq(t.notes.clock_back_line, 4);
    ck_assert_uint_eq(t.notes.n_unzoned, 4);
    ck_assert_uint_eq(t.notes.n_zoned, 0);
    xo_trace_fini(&t);
    t = trace_of("TIMESTAMP,ContextTokens,GeneratedTokens\n2024-10-27 02:10:00Z,1,1\n"
                 "2024-10-27 02:59:30,2,1\n2024-10-27 02:00:30,3,1\n2024-10-27 02:00:30,3,1\n");
    ck_assert_int_eq(t.notes.clock_back_line, 0);
    ck_assert_uint_eq(t.notes.n_zoned, 1);
    ck_assert_uint_eq(t.notes.n_unzoned, 3);
    ck_assert_uint_eq(t.notes.n_twins, 1);
    xo_trace_fini(&t);
}
END_TEST

/* Ten rows a minute apart, of which the sixth comes back_s before the fifth; n_twins of them stand
 * twice. Summer time ends by half an hour to an hour; a log put in twice goes back too. */
START_TEST(a_clock_set_back_goes_by_half_an_hour_to_an_hour)
{
    static const struct {
        int back_s, n_twins;
        bool is_noted;
    } rows[] = { { 1799, 0, false }, { 1800, 0, true }, { 3600, 0, true },
                 { 3601, 0, false }, { 2000, 2, true }, { 2000, 3, false } };
    FILE *out = trace_file();
    fputs("TIMESTAMP,ContextTokens,GeneratedTokens\n", out);
    for (int i = 0; i < 10; i++)
        for (int k = 0; k <= (i < rows[_i].n_twins); k++) {
            const int s = 7200 + 60 * i - (i < 5 ? 0 : rows[_i].back_s + 60);
            fprintf(out, "2024-10-27 %02d:%02d:%02d,%d,1\n", s / 3600, s / 60 % 60, s % 60, 1 + i);
        }
    struct xo_trace t = trace_from(out, NULL);
    ck_assert_uint_eq(t.notes.n_twins, (size_t)rows[_i].n_twins);
    ck_assert_int_eq(t.notes.clock_back_line, rows[_i].is_noted ? 7 + rows[_i].n_twins : 0);
    xo_trace_fini(&t);
}
END_TEST

/* Counts and means as published with the traces (Splitwise, ISCA 2024, and recounted by awk). */
static const struct {
    const char *file;
    size_t n;
    double prompt, output;
    enum xo_trace_unit unit;
    double last_s; /* arrival of the last row, by awk */
} recorded[] = {
    { "azure_code_2023.csv", 8819, 2047.8, 27.9, XO_TRACE_DATES, 3435.948056 },
    { "azure_conv_2023.csv", 19366, 1154.7, 211.1, XO_TRACE_DATES, 3501.721937 },
    { "mooncake_synthetic.jsonl", 3993, 15325.5, 149.1, XO_TRACE_MS, 1022.025 },
    { "mooncake_conversation_4000.jsonl", 4000, 13312.3, 347.1, XO_TRACE_MS, 1301.999 },
};

START_TEST(recorded_traces_are_read_whole)
{
    char name[512];
    snprintf(name, sizeof name, "%s/../shared/data/traces/%s", XO_SOURCE_DIR, recorded[_i].file);
    if (access(name, R_OK) != 0) {
        printf("skipped, not here: %s\n", name);
        return;
    }
    struct xo_trace t;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_trace_read(&t, name, NULL, &err), "%s", err.text);
    ck_assert_uint_eq(t.n, recorded[_i].n);
    ck_assert_int_eq(t.notes.unit, recorded[_i].unit);
    ck_assert_double_eq_tol(t.arrival_s[t.n - 1], recorded[_i].last_s, 1e-5);
    ck_assert_uint_eq(t.notes.n_strays, 0);
    ck_assert_int_eq(t.notes.n_holes, 0);
    struct xo_workload w = chat();
    w.trace = &t;
    struct xo_token_means m;
    ck_assert(xo_class_token_means(&w, 0, (struct xo_length_limits){ 0 }, &m, NULL));
    ck_assert_double_eq_tol(m.prompt, recorded[_i].prompt, 0.06);
    ck_assert_double_eq_tol(m.output, recorded[_i].output, 0.06);
    xo_trace_fini(&t);
}
END_TEST

/* ---- replaying traces ---- */

/* A hundred requests, irregularly over `length_s`; request i reads 1000 + i tokens. */
static struct xo_trace recording(double length_s)
{
    enum { N = 100 };
    struct xo_trace t = { .n = N,
                          .arrival_s = malloc(N * sizeof(double)),
                          .prompt_tokens = malloc(N * sizeof(int32_t)),
                          .output_tokens = malloc(N * sizeof(int32_t)),
                          .period_s = length_s };
    for (int i = 0; i < N; i++) {
        t.arrival_s[i] = length_s * (i * i) / (N * N);
        t.prompt_tokens[i] = 1000 + i;
        t.output_tokens[i] = 1 + i % 7;
    }
    return t;
}

static struct xo_source *replay(struct xo_workload *w, const struct xo_trace *t, double scale,
                                double start_s)
{
    w->trace = t;
    return source_of(
        w, &(struct xo_source_options){ .requests_per_s = scale * (double)t->n / t->period_s,
                                        .start_s = start_s,
                                        .seed = 4 });
}

START_TEST(at_its_own_rate_a_trace_is_replayed_as_it_is_again_and_again)
{
    struct xo_workload w = chat();
    struct xo_trace t = recording(500);
    struct xo_source *source = replay(&w, &t, 1, 0);
    for (int i = 0; i < 350; i++) {
        struct xo_request r;
        xo_source_next(source, &r);
        ck_assert_int_eq(r.id, i);
        ck_assert_int_eq(r.class_index, 0);
        ck_assert_int_eq(r.prompt_tokens, 1000 + i % 100);
        ck_assert_int_eq(r.output_tokens, 1 + i % 100 % 7);
        ck_assert_double_eq_tol(r.arrival_s, 500 * (i / 100) + t.arrival_s[i % 100], 1e-9);
    }
    xo_source_free(source);
    xo_trace_fini(&t);
}
END_TEST

START_TEST(a_replay_may_start_inside_the_recording)
{
    struct xo_workload w = chat();
    struct xo_trace t = recording(500);
    struct xo_source *source = replay(&w, &t, 1, 1000 + 0.05 * 50.5 * 50.5); /* 500/100^2 i^2 */
    struct xo_request r;
    xo_source_next(source, &r);
    ck_assert_int_eq(r.prompt_tokens, 1051);
    ck_assert_double_eq_tol(r.arrival_s, 1000 + 0.05 * 51 * 51, 1e-9);
    xo_source_free(source);
    xo_trace_fini(&t);
}
END_TEST

START_TEST(a_replay_fits_prefix_and_context)
{
    struct xo_workload w = chat();
    struct xo_trace t = recording(500);
    w.classes[0].shared_prefix_tokens = 1002;
    w.classes[0].max_context_tokens = 1005;
    struct xo_source *source = replay(&w, &t, 1, 0);
    static const int32_t prompts[] = { 1003, 1003, 1003, 1003, 1004, 1004 },
                         outputs[] = { 1, 2, 2, 2, 1, 1 };
    for (int i = 0; i < 6; i++) {
        struct xo_request r;
        xo_source_next(source, &r);
        ck_assert_int_eq(r.prompt_tokens, prompts[i]);
        ck_assert_int_eq(r.output_tokens, outputs[i]);
        ck_assert_int_eq(r.prefix_tokens, 1002);
    }
    xo_source_free(source);
    xo_trace_fini(&t);
}
END_TEST

START_TEST(a_smaller_volume_replays_a_subset)
{
    struct xo_workload w = chat();
    struct xo_trace t = recording(500);
    struct xo_source *all = replay(&w, &t, 1, 0), *more = replay(&w, &t, 0.6, 0),
                     *less = replay(&w, &t, 0.37, 0);
    struct xo_request a, m, l;
    xo_source_next(more, &m);
    xo_source_next(less, &l);
    int n_more = 0, n_less = 0;
    bool is_nested = true;
    for (int i = 0; i < 20000; i++) {
        xo_source_next(all, &a);
        const bool in_more = m.arrival_s == a.arrival_s && m.prompt_tokens == a.prompt_tokens;
        const bool in_less = l.arrival_s == a.arrival_s && l.prompt_tokens == a.prompt_tokens;
        is_nested = is_nested && (in_more || !in_less);
        n_more += in_more;
        n_less += in_less;
        if (in_more)
            xo_source_next(more, &m);
        if (in_less)
            xo_source_next(less, &l);
    }
    ck_assert(is_nested);
    ck_assert_double_gt(m.arrival_s, a.arrival_s); /* nothing was left behind */
    ck_assert_double_gt(l.arrival_s, a.arrival_s);
    ck_assert_double_lt(fabs(n_more - 12000.0), 4 * sqrt(20000 * 0.6 * 0.4));
    ck_assert_double_lt(fabs(n_less - 7400.0), 4 * sqrt(20000 * 0.37 * 0.63));
    xo_source_free(all);
    xo_source_free(more);
    xo_source_free(less);
    xo_trace_fini(&t);
}
END_TEST

/* Each period holds every row once a copy; the half copy each row with probability 1/2. */
START_TEST(a_larger_volume_holds_every_row_once_a_copy)
{
    enum { PERIODS = 200 };
    struct xo_workload w = chat();
    struct xo_trace t = recording(500);
    struct xo_source *source = replay(&w, &t, 3.5, 0);
    static int n[100];
    memset(n, 0, sizeof n);
    int total = 0;
    bool is_in_order = true;
    double last = 0;
    struct xo_request r;
    for (xo_source_next(source, &r); r.arrival_s < 500 * PERIODS; xo_source_next(source, &r)) {
        is_in_order = is_in_order && r.arrival_s >= last;
        last = r.arrival_s;
        n[r.prompt_tokens - 1000]++;
        total++;
    }
    ck_assert(is_in_order);
    for (int i = 0; i < 100; i++)
        ck_assert_double_lt(fabs(n[i] - 3.5 * PERIODS), 5 * sqrt(PERIODS * 0.25) + 4);
    ck_assert_double_lt(fabs(total - 350.0 * PERIODS), 4 * sqrt(PERIODS * 100 * 0.25) + 4);
    xo_source_free(source);
    xo_trace_fini(&t);
}
END_TEST

START_TEST(copies_of_a_short_recording_never_coincide)
{
    struct xo_workload w = chat();
    struct xo_trace t = recording(3000);
    struct xo_source *source = replay(&w, &t, 40, 0);
    static double when[100][40];
    int n[100] = { 0 };
    double nearest_s = INFINITY;
    struct xo_request r;
    for (xo_source_next(source, &r); r.arrival_s < 3000; xo_source_next(source, &r)) {
        const int row = r.prompt_tokens - 1000;
        for (int k = 0; k < n[row]; k++)
            nearest_s = fmin(nearest_s, r.arrival_s - when[row][k]);
        when[row][n[row]++] = r.arrival_s;
    }
    /* The golden section keeps copies 1 to 39 0.013 of the circle apart, 39 s; copy 0 falls
     * between. */
    ck_assert_double_gt(nearest_s, 10);
    for (int row = 0; row < 100; row++)
        ck_assert_int_eq(n[row], 40);
    xo_source_free(source);
    xo_trace_fini(&t);
}
END_TEST

/* Three days: copies 0 to 2 keep the time of day to the second, copies 3 to 5 to the hour, in any
 * replication. */
START_TEST(copies_of_a_long_recording_keep_the_time_of_day)
{
    struct xo_workload w = chat();
    struct xo_trace t = recording(3 * day_s);
    w.trace = &t;
    struct xo_source *source =
        source_of(&w, &(struct xo_source_options){ .requests_per_s = 6 * 100 / (3 * day_s),
                                                   .start_s = 3 * day_s,
                                                   .replication = (uint32_t)_i });
    int n_same = 0, n_hour = 0;
    for (int i = 0; i < 600; i++) {
        struct xo_request r;
        xo_source_next(source, &r);
        const double of_day = fmod(t.arrival_s[r.prompt_tokens - 1000], day_s);
        const double late = fmod(fmod(r.arrival_s, day_s) - of_day + day_s, day_s);
        n_same += late < 1e-6 || late > day_s - 1e-6;
        n_hour += late < hour_s || late > day_s - 1e-6;
    }
    ck_assert_int_eq(n_same, 300);
    ck_assert_int_eq(n_hour, 600);
    xo_source_free(source);
    xo_trace_fini(&t);
}
END_TEST

START_TEST(replications_of_a_scaled_trace_differ)
{
    struct xo_workload w = chat();
    struct xo_trace t = recording(3000);
    w.trace = &t;
    double when[2];
    for (uint32_t i = 0; i < 2; i++) {
        const struct xo_source_options o = { .requests_per_s = 2 * 100 / 3000.0, .replication = i };
        struct xo_source *source = source_of(&w, &o);
        struct xo_request r;
        for (int k = 0; k < 40; k++)
            xo_source_next(source, &r);
        when[i] = r.arrival_s;
        xo_source_free(source);
    }
    ck_assert_double_ne(when[0], when[1]);
    xo_trace_fini(&t);
}
END_TEST

START_TEST(a_stationary_stream_and_clients_take_whole_rows_of_a_trace)
{
    enum { N = 20000 };
    struct xo_workload w = chat();
    struct xo_trace t = recording(500);
    w.trace = &t;
    struct xo_source *source =
        source_of(&w, &(struct xo_source_options){ .requests_per_s = 8, .stationary = true });
    double sum = 0;
    int n_whole = 0;
    struct xo_request r;
    for (int i = 0; i < N; i++) {
        xo_source_next(source, &r);
        n_whole += r.output_tokens == 1 + (r.prompt_tokens - 1000) % 7;
        sum += r.prompt_tokens;
    }
    ck_assert_int_eq(n_whole, N);
    ck_assert_double_lt(fabs(sum / N - 1049.5), 4 * sqrt(9999 / 12.0 / N));
    ck_assert_double_lt(fabs(N / r.arrival_s - 8), 4 * 8 / sqrt(N));
    xo_source_free(source);

    w.n_clients = 2;
    source = source_of(&w, &(struct xo_source_options){ .seed = 1 });
    xo_source_client(source, 1, 2.5, &r);
    ck_assert_int_eq(r.output_tokens, 1 + (r.prompt_tokens - 1000) % 7);
    xo_source_free(source);
    xo_trace_fini(&t);
}
END_TEST

/* ---- counting and refusing ---- */

START_TEST(a_count_is_what_the_stream_gives)
{
    struct xo_workload w = chat();
    w.n_classes = 3;
    w.classes[0].weight = 0.2;
    w.classes[1] = w.classes[2] = w.classes[0];
    const struct xo_source_options o = { .requests_per_s = 2, .seed = 3, .start_s = 500 };
    int64_t n[XO_MAX_CLASSES], seen[3] = { 0 };
    ck_assert(xo_source_count(&w, &o, 1000, 4000, n, NULL));
    struct xo_source *source = source_of(&w, &o);
    struct xo_request r;
    for (xo_source_next(source, &r); r.arrival_s < 4000; xo_source_next(source, &r))
        seen[r.class_index] += r.arrival_s >= 1000;
    ck_assert_mem_eq(n, seen, sizeof seen);
    ck_assert_int_gt(seen[2], 1500);
    xo_source_free(source);

    struct xo_trace t = recording(500);
    w.trace = &t;
    ck_assert(xo_source_count(&w, &(struct xo_source_options){ .requests_per_s = 0.4 }, 0, 1000, n,
                              NULL));
    ck_assert_int_eq(n[0], 400); /* two copies over two periods */
    ck_assert_int_eq(n[1], 0);
    xo_trace_fini(&t);
}
END_TEST

/* A workload that is sound, until one value is spoilt: a gamma process, office hours on Thursday at
 * 5, a spike, bursts, one class behind a prefix. */
struct order {
    struct xo_workload w;
    struct xo_source_options o;
};
static struct order sound_order(void)
{
    struct order order = { chat(), { .requests_per_s = 1 } };
    struct xo_workload *w = &order.w;
    w->arrivals = (struct xo_arrivals){ XO_ARRIVALS_GAMMA, 1, { 5, 0.1, 60 } };
    w->profile = (struct xo_profile){ .hour_weight[77] = 1, .n_spikes = 1 };
    w->profile.spikes[0] = (struct xo_spike){ "launch", 3600, 60, 5, 60 };
    strcpy(w->classes[0].name, "chat");
    w->classes[0].shared_prefix_tokens = 999;
    return order;
}

#define DOUBLE(field) offsetof(struct order, field), true
#define INT32(field)  offsetof(struct order, field), false
static const struct {
    size_t offset;
    bool is_double;
    double value;
    const char *text;
} flaws[] = {
    { INT32(w.n_classes), 0, "0 request classes; it takes 1 to 16" },
    { INT32(w.n_classes), 17, "17 request classes; it takes 1 to 16" },
    { DOUBLE(w.classes[0].weight), 0, "the weights of the classes add up to 0" },
    { DOUBLE(w.classes[0].weight), -1, "class chat has a weight of -1; it takes 0 or more" },
    { INT32(w.classes[0].shared_prefix_tokens), -5,
      "class chat has a shared prefix of -5 tokens; it takes 0 to 1073741823" },
    { INT32(w.classes[0].max_context_tokens), 1000,
      "class chat has a context of 1000 tokens; its shared prefix, one token more and one of "
      "output "
      "take 1001" },
    { DOUBLE(o.requests_per_s), 0, "a rate of 0 requests a second; it takes 1e-08 or more" },
    { DOUBLE(o.requests_per_s), NAN, "a rate of nan requests a second; it takes 1e-08 or more" },
    { DOUBLE(o.start_s), -1, "a stream starts at -1 s; it takes 0 to 1e+10" },
    { DOUBLE(o.start_s), 1.1e10, "a stream starts at 1.1e+10 s; it takes 0 to 1e+10" },
    { DOUBLE(w.arrivals.cv), -0.5, "cv is -0.5; it goes from 0 to 50" },
    { DOUBLE(w.profile.hour_weight[77]), 0, "all hours of the week have a weight of 0" },
    { DOUBLE(w.profile.hour_weight[77]), NAN,
      "hour 77 of the week has a weight of nan; it takes 0 or more" },
    { INT32(w.profile.n_spikes), 17, "17 spikes; there is room for 16" },
    { DOUBLE(w.profile.spikes[0].start_s), 604800,
      "spike launch starts at 604800 s of the week; a week has 604800 s" },
    { DOUBLE(w.profile.spikes[0].factor), -2,
      "spike launch has a factor of -2; it takes 0 or more" },
    { DOUBLE(w.profile.spikes[0].length_s), 700000,
      "spike launch lasts 700000 s; it takes 0 to 604800 s, a week" },
    { DOUBLE(w.profile.spikes[0].decay_s), NAN,
      "spike launch decays over nan s; it takes 0 to 604800 s, a week" },
    { DOUBLE(w.arrivals.bursts.factor), 0.5, "bursts have a factor of 0.5; it takes 1 or more" },
    { DOUBLE(w.arrivals.bursts.share_frac), 1,
      "bursts take a share of 1 of the time; it must be between 0 and 1" },
    { DOUBLE(w.arrivals.bursts.mean_s), 0.01, /* and 0.01 * 0.9 / 0.1 without */
      "bursts last 0.01 s and the time between them 0.09 s; both take 0.1 s or more" },
};

static void ck_refused(const struct order *order, const char *text)
{
    struct xo_error err = { 0 };
    ck_assert_ptr_null(xo_source_new(&order->w, &order->o, &err));
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    ck_assert_str_eq(err.text, text);
}

START_TEST(impossible_workloads_are_refused_in_words)
{
    struct order order = sound_order();
    xo_source_free(source_of(&order.w, &order.o));
    char *at = (char *)&order + flaws[_i].offset;
    if (flaws[_i].is_double)
        *(double *)at = flaws[_i].value;
    else
        *(int32_t *)at = (int32_t)flaws[_i].value;
    ck_refused(&order, flaws[_i].text);
}
END_TEST

START_TEST(impossible_replays_are_refused_in_words)
{
    struct order order = sound_order();
    struct xo_trace t = recording(500), empty = { 0 }; /* 0.2 requests a second */
    order.w.trace = &t;
    order.o.requests_per_s = 2e8;
    ck_refused(&order, "2e+08 requests a second are 1e+09 times the trace's; it takes 1e-06 to "
                       "100000 times");
    order.o.requests_per_s = 1e-7;
    ck_refused(&order, "1e-07 requests a second are 5e-07 times the trace's; it takes 1e-06 to "
                       "100000 times");
    order.o.requests_per_s = 1;
    t.arrival_s[99] = 501;
    ck_refused(&order, "a trace of 500 s has requests at 0 and 501 s");
    order.w.trace = &empty;
    ck_refused(&order, "an empty trace cannot be replayed");
    xo_trace_fini(&t);
}
END_TEST

static TCase *arrivals_case(void)
{
    TCase *tc = tcase_create("arrivals");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, gaps_have_the_mean_and_cv_asked_for, 0, N_PROCESSES);
    tcase_add_loop_test(tc, a_short_window_at_the_start_meets_the_full_rate, 0, N_PROCESSES);
    tcase_add_test(tc, requests_are_the_same_at_every_volume);
    tcase_add_test(tc, a_request_is_that_of_its_own_draws);
    tcase_add_test(tc, another_seed_or_replication_is_another_stream);
    tcase_add_loop_test(tc, more_users_are_closer_to_poisson, 0,
                        sizeof more_users / sizeof *more_users);
    return tc;
}

static TCase *rates_case(void)
{
    TCase *tc = tcase_create("rates");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_factor_of_an_hour_is_its_share_of_the_integrated_rate);
    tcase_add_test(tc, an_hour_is_steady_unless_a_spike_moves_in_it);
    tcase_add_test(tc, every_hour_counts_the_integrated_rate);
    tcase_add_test(tc, between_two_even_arrivals_the_rate_integrates_to_one);
    tcase_add_test(tc, a_decay_is_the_exponential_minute_by_minute);
    tcase_add_test(tc, spikes_that_overlap_multiply);
    tcase_add_test(tc, a_spike_late_on_sunday_goes_on_on_monday);
    tcase_add_test(tc, nobody_comes_while_the_weight_is_zero);
    tcase_add_test(tc, a_stream_may_start_anywhere_in_the_week);
    tcase_add_test(tc, a_stationary_stream_has_no_hours_and_no_spikes);
    tcase_add_test(tc, bursts_have_mean_one_from_the_start);
    tcase_add_test(tc, bursts_last_and_pause_as_long_as_asked);
    tcase_add_test(tc, bursts_take_the_same_path_at_every_volume);
    tcase_add_test(tc, bursts_are_felt_from_a_hundredth_of_a_request_on);
    tcase_add_test(tc, bursts_that_no_requests_meet_in_are_left_out);
    return tc;
}

static TCase *lengths_case(void)
{
    TCase *tc = tcase_create("lengths");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, classes_come_in_their_shares);
    tcase_add_test(tc, a_second_class_leaves_the_lengths_of_the_first_alone);
    tcase_add_loop_test(tc, lengths_are_whole_and_fit_prefix_and_context, 0,
                        sizeof fits / sizeof *fits);
    tcase_add_loop_test(tc, expected_tokens_agree_with_a_long_sample, 0, N_MEANS);
    tcase_add_test(tc, expected_tokens_of_two_dice);
    tcase_add_test(tc, expected_tokens_of_two_dice_of_which_some_are_refused);
    tcase_add_test(tc, expected_tokens_of_lengths_given_one_by_one_are_exact);
    tcase_add_test(tc, expected_tokens_keep_the_atoms_at_the_ends);
    tcase_add_test(tc, a_limit_parts_a_block_of_lengths);
    tcase_add_test(tc, expected_tokens_of_a_trace_are_means_over_its_rows);
    tcase_add_test(tc, the_share_refused_agrees_with_a_long_sample);
    tcase_add_test(tc, expected_tokens_of_long_lengths_are_their_means);
    tcase_add_loop_test(tc, limits_above_all_requests_change_no_bit_of_their_means, 0, N_MEANS);
    tcase_add_test(tc, a_clients_requests_do_not_depend_on_when_others_finish);
    tcase_add_test(tc, a_client_sends_the_same_requests_in_a_larger_crowd);
    tcase_add_test(tc, lengths_that_are_spread_fill_their_laws_evenly);
    tcase_add_test(tc, a_count_is_what_the_stream_gives);
    tcase_add_loop_test(tc, impossible_workloads_are_refused_in_words, 0,
                        sizeof flaws / sizeof *flaws);
    tcase_add_test(tc, impossible_replays_are_refused_in_words);
    return tc;
}

static TCase *traces_case(void)
{
    TCase *tc = tcase_create("traces");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_projects_own_format_is_read);
    tcase_add_test(tc, the_azure_format_is_read);
    tcase_add_test(tc, the_days_of_a_century_are_counted);
    tcase_add_test(tc, the_burstgpt_format_is_read_in_any_order_of_columns);
    tcase_add_test(tc, mooncakes_json_lines_are_read);
    tcase_add_loop_test(tc, a_trace_may_be_packed_and_its_fields_quoted, 0, 2 * N_PACKINGS);
    tcase_add_test(tc, a_packed_trace_without_its_end_is_no_trace);
    tcase_add_test(tc, rows_out_of_order_are_sorted_and_equal_times_keep_theirs);
    tcase_add_loop_test(tc, bad_traces_are_refused_with_file_and_line, 0,
                        sizeof bad_traces / sizeof *bad_traces);
    tcase_add_test(tc, lines_no_person_wrote_are_refused);
    tcase_add_test(tc, a_trace_that_is_not_a_file_is_an_io_error);
    tcase_add_loop_test(tc, the_unit_of_stamps_is_the_names_or_what_they_show_or_asked_for, 0,
                        sizeof stamped / sizeof *stamped);
    tcase_add_test(tc, the_evidence_for_a_unit_is_told_with_figures);
    tcase_add_test(tc, a_unit_that_is_given_holds_and_dates_have_none);
    tcase_add_loop_test(tc, chat_turns_cannot_come_before_the_answer, 0, 2);
    tcase_add_loop_test(tc, what_decides_on_a_unit_is_told, 0, sizeof evident / sizeof *evident);
    tcase_add_test(tc, columns_are_found_by_synonyms_in_any_case);
    tcase_add_test(tc, rows_without_tokens_are_counted_by_what_they_lack);
    tcase_add_test(tc, long_lines_of_hashes_are_read);
    tcase_add_test(tc, a_stamp_of_another_year_is_named_and_left_out);
    tcase_add_test(tc, strays_at_both_ends_are_left_out);
    tcase_add_test(tc, a_hole_between_short_recordings_shrinks_to_the_mean_gap);
    tcase_add_test(tc, a_hole_between_long_recordings_goes_by_whole_days);
    tcase_add_loop_test(tc, a_gap_is_a_hole_by_its_length_and_by_what_lies_about_it, 0,
                        sizeof parted / sizeof *parted);
    tcase_add_loop_test(tc, nights_and_weekends_and_holidays_stay, 0,
                        sizeof offices / sizeof *offices);
    tcase_add_test(tc, pauses_that_come_back_are_a_schedule);
    tcase_add_test(tc, cutting_keeps_order_and_counts);
    tcase_add_test(tc, clocks_set_back_mixed_zones_and_logs_put_in_twice_are_noted);
    tcase_add_loop_test(tc, a_clock_set_back_goes_by_half_an_hour_to_an_hour, 0, 6);
    tcase_add_loop_test(tc, damaged_traces_never_break_the_reader, 0, 3);
    tcase_add_loop_test(tc, recorded_traces_are_read_whole, 0, 4);
    tcase_add_test(tc, at_its_own_rate_a_trace_is_replayed_as_it_is_again_and_again);
    tcase_add_test(tc, a_replay_may_start_inside_the_recording);
    tcase_add_test(tc, a_replay_fits_prefix_and_context);
    tcase_add_test(tc, a_smaller_volume_replays_a_subset);
    tcase_add_test(tc, a_larger_volume_holds_every_row_once_a_copy);
    tcase_add_test(tc, copies_of_a_short_recording_never_coincide);
    tcase_add_loop_test(tc, copies_of_a_long_recording_keep_the_time_of_day, 0, 8);
    tcase_add_test(tc, replications_of_a_scaled_trace_differ);
    tcase_add_test(tc, a_stationary_stream_and_clients_take_whole_rows_of_a_trace);
    return tc;
}

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("workload");
    suite_add_tcase(suite, arrivals_case());
    suite_add_tcase(suite, rates_case());
    suite_add_tcase(suite, lengths_case());
    suite_add_tcase(suite, traces_case());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
