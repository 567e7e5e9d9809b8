/* test_jobs.c - simulations that other processes do: a curve is the same whoever works for it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/study.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct xo_scenario *scenario;

static void begin(void)
{
    static const char *const sets[] = { "study.replications=4",
                                        "study.capacity_precision=30%",
                                        "study.max_volume=2x",
                                        "study.draws=200",
                                        "workload.output=60 tokens",
                                        "workload.burst_factor=4",
                                        "workload.burst_share=10%",
                                        "workload.burst_length=20 min",
                                        "uncertain.build.rent=uniform($3/hour, $4.50/hour)",
                                        "uncertain.workload.prompt_scale=uniform(0.8, 1.3)" };
    const struct xo_scenario_options options = { .sets = sets,
                                                 .n_sets = sizeof sets / sizeof *sets };
    struct xo_problems problems = { 0 };
    const bool ok =
        xo_scenario_read(&scenario, XO_SOURCE_DIR "/scenarios/support.ini", &options, &problems);
    ck_assert_msg(ok, "%s", problems.n > 0 ? problems.lines[0] : "");
    xo_problems_fini(&problems);
}

static void end(void)
{
    xo_scenario_free(scenario);
}

/* Another process: it knows the scenario and gets bytes. It works backwards, and gives up after so
 * many jobs. */
struct other {
    const struct xo_scenario *scenario;
    int n_jobs, most, n_batches;
    int jobs_of_batch[400];
};

static bool run_backwards(void *self, const struct xo_bytes jobs[], struct xo_bytes results[],
                          int n, struct xo_error *err)
{
    struct other *other = self;
    const struct xo_study_options options = { .n_threads = 1 };
    ck_assert_int_lt(other->n_batches, 400);
    other->jobs_of_batch[other->n_batches++] = n;
    for (int i = n - 1; i >= 0; i--) {
        if (++other->n_jobs > other->most)
            return xo_fail(err, XO_ERR_STOPPED, "a rank died");
        if (!xo_study_job_run(other->scenario, &options, jobs[i].at, jobs[i].n, &results[i], err))
            return false;
    }
    return true;
}

static void same_points(const struct xo_curve *a, const struct xo_curve *b)
{
    ck_assert_int_eq(a->n_points, b->n_points);
    for (int i = 0; i < a->n_points; i++) {
        const struct xo_curve_point *p = &a->points[i], *q = &b->points[i];
        ck_assert(memcmp(p->usd, q->usd, sizeof p->usd) == 0);
        ck_assert(memcmp(p->band, q->band, sizeof p->band) == 0);
        ck_assert_int_eq(p->has_metrics, q->has_metrics);
        if (p->has_metrics) {
            ck_assert(memcmp(&p->metrics.ttft_p50_s, &q->metrics.ttft_p50_s, sizeof(double)) == 0);
            ck_assert(memcmp(&p->metrics.itl_p99_s, &q->metrics.itl_p99_s, sizeof(double)) == 0);
            ck_assert_int_eq(p->metrics.n_measured, q->metrics.n_measured);
        }
    }
}

/* By hand: over one input that reaches the simulation a design has 24 points, one batch; the next
 * are 16 that are held out, and 5 of these under 2 other seeds each. How often that was met. */
static int points_of_design(const struct other *other)
{
    int n = 0;
    for (int i = 0; i + 1 < other->n_batches; i++)
        n += other->jobs_of_batch[i] == 24 && other->jobs_of_batch[i + 1] == 16 + 5 * 2;
    return n;
}

START_TEST(a_curve_is_the_same_whoever_simulates_for_it)
{
    struct other other = { .scenario = scenario, .most = 1000000 };
    const struct xo_crew crew = { &other, run_backwards };
    const struct xo_study_options alone = { .n_threads = 2 }, helped = { .crew = &crew };
    struct xo_curve *one = NULL, *two = NULL;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_curve_run(&one, scenario, &alone, &err), "%s", err.text);
    ck_assert_msg(xo_curve_run(&two, scenario, &helped, &err), "%s", err.text);
    ck_assert_int_gt(other.n_batches, 7);
    ck_assert_int_eq(points_of_design(&other), 1);
    ck_assert_int_eq(one->n_surrogates, 1);
    ck_assert(memcmp(one->surrogates, two->surrogates, sizeof *one->surrogates) == 0);
    ck_assert_int_gt(other.n_jobs, 2 * other.n_batches - 1);
    ck_assert_int_eq(one->n_simulated, two->n_simulated);
    ck_assert_int_eq(one->ladders[0].n_rungs, two->ladders[0].n_rungs);
    for (int i = 0; i < one->ladders[0].n_rungs; i++)
        ck_assert(one->ladders[0].rungs[i].volume == two->ladders[0].rungs[i].volume);
    ck_assert(one->ladders[0].step_exponent_8 == two->ladders[0].step_exponent_8);
    same_points(one, two);
    xo_curve_free(one);
    xo_curve_free(two);
}
END_TEST

/* At the first replication, among those of a probe, and further on. */
static const int moments[] = { 0, 3, 60 };

START_TEST(a_crew_that_fails_ends_the_curve_with_its_own_words)
{
    struct other other = { .scenario = scenario, .most = moments[_i] };
    const struct xo_crew crew = { &other, run_backwards };
    const struct xo_study_options helped = { .crew = &crew };
    struct xo_curve *curve = NULL;
    struct xo_error err = { 0 };
    ck_assert(!xo_curve_run(&curve, scenario, &helped, &err));
    ck_assert_int_eq(err.kind, XO_ERR_STOPPED);
    ck_assert_str_eq(err.text, "a rank died");
    ck_assert_ptr_null(curve);
}
END_TEST

START_TEST(what_is_no_job_is_refused)
{
    const struct xo_study_options options = { .n_threads = 1 };
    struct xo_bytes result = { 0 };
    struct xo_error err = { 0 };
    ck_assert(!xo_study_job_run(scenario, &options, "job", 3, &result, &err));
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jobs");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, a_curve_is_the_same_whoever_simulates_for_it);
    tcase_add_loop_test(all, a_crew_that_fails_ends_the_curve_with_its_own_words, 0,
                        (int)(sizeof moments / sizeof *moments));
    tcase_add_test(all, what_is_no_job_is_refused);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
