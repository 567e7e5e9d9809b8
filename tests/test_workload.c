/* test_workload.c - arrivals, lengths, traces, closed loops.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/workload.h"

#include <check.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static const struct xo_arrivals processes[] = {
    { .kind = XO_ARRIVALS_DETERMINISTIC, .cv = 0 }, { .kind = XO_ARRIVALS_POISSON, .cv = 1 },
    { .kind = XO_ARRIVALS_GAMMA, .cv = 0.4 },       { .kind = XO_ARRIVALS_GAMMA, .cv = 3 },
    { .kind = XO_ARRIVALS_WEIBULL, .cv = 0.6 },     { .kind = XO_ARRIVALS_WEIBULL, .cv = 2 },
};
enum { N_PROCESSES = sizeof processes / sizeof *processes };

START_TEST(gaps_have_the_mean_and_cv_asked_for)
{
    enum { N = 400000 };
    const double rate = 3.25, cv = processes[_i].cv;
    struct xo_workload w = chat();
    w.arrivals = processes[_i];
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

/* Without the equilibrium first gap a window of 0.5 gaps after the start would meet 0 deterministic
 * arrivals, and at cv 3 far more than 0.5. */
START_TEST(a_short_window_at_the_start_meets_the_full_rate)
{
    enum { N = 20000 };
    struct xo_workload w = chat();
    w.arrivals = processes[_i];
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < N; i++) {
        const double n = (double)count(
            &w,
            &(struct xo_source_options){
                .requests_per_s = 2, .seed = 5, .replication = i, .stationary = true },
            0, 0.25);
        sum += n;
        squares += n * n;
        if (processes[_i].kind == XO_ARRIVALS_GAMMA && i == 3000) /* its table takes 0.1 ms each */
            break;
    }
    const double n = processes[_i].kind == XO_ARRIVALS_GAMMA ? 3001 : N, mean = sum / n;
    ck_assert_double_lt(fabs(mean - 0.5), 4 * sqrt((squares / n - mean * mean) / n));
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

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("workload");
    TCase *arrivals = tcase_create("arrivals");
    tcase_set_timeout(arrivals, 60);
    tcase_add_loop_test(arrivals, gaps_have_the_mean_and_cv_asked_for, 0, N_PROCESSES);
    tcase_add_loop_test(arrivals, a_short_window_at_the_start_meets_the_full_rate, 0, N_PROCESSES);
    tcase_add_test(arrivals, requests_are_the_same_at_every_volume);
    suite_add_tcase(suite, arrivals);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
