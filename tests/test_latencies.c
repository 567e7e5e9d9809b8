/* test_latencies.c - percentiles that are known beforehand, through `run` and `curve`.
 *
 * In the deployment of tests/data/analytic.ini every step takes 100 ms and processes up to 16
 * prompt tokens. At 5,000 requests a month one comes every 526 s and never waits, so TTFT is 0.1 s
 * for each 16 prompt tokens, and E2E the 100 steps of decoding more. Of the prompts
 *
 *   60 % have 16 tokens, 32.5 % 160, 5 % 480, 2.5 % 800,
 *
 * so that TTFT is 0.1 s up to the 60th percentile, 1 s up to the 92.5th, 3 s up to the 97.5th and
 * then 5 s. Bins of histograms are up to 0.8 % wide.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"

#define OPTIONS                                                                                    \
    "--set workload.prompt='discrete(16:0.6, 160:0.325, 480:0.05, 800:0.025) tokens' "             \
    "--set workload.output='101 tokens' --set workload.volume='5000 requests/month' "              \
    "--set build.chunk='16 tokens' --set slo.e2e_p95='20 s'"

static struct answer answer_to(const char *command)
{
    struct answer a = answer_of(command, XO_SOURCE_DIR "/tests/data/analytic.ini", NULL, OPTIONS);
    ck_assert_msg(a.status == 0, "%s", a.errors);
    return a;
}

static void ck_percentiles(const struct answer *a, const char *under)
{
    static const struct {
        const char *name;
        double right;
    } percentiles[] = { { "ttft_p50_s", 0.1 }, { "ttft_p95_s", 3 },   { "ttft_p99_s", 5 },
                        { "tpot_p50_s", 0.1 }, { "tpot_p95_s", 0.1 }, { "tpot_p99_s", 0.1 },
                        { "e2e_p50_s", 10.1 }, { "e2e_p95_s", 13 },   { "e2e_p99_s", 15 },
                        { "itl_p50_s", 0.1 },  { "itl_p99_s", 0.1 } };
    for (size_t i = 0; i < sizeof percentiles / sizeof percentiles[0]; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s%s", under, percentiles[i].name);
        answer_ck_near(a, path, percentiles[i].right, 0.008);
    }
}

/* The mean TTFT is 0.6 * 0.1 + 0.325 * 1 + 0.05 * 3 + 0.025 * 5 = 0.66 s; a replica prefills and
 * decodes for so long per request, 5,000 times in the 2,628,000 s of a month. */
START_TEST(percentiles_of_a_run_are_those_of_its_prompts)
{
    static const double PER_S = 5000 / (730 * 3600.0), PREFILL_S = 0.66, DECODE_S = 10;
    struct answer a = answer_to("run");
    ck_percentiles(&a, "metrics.");
    answer_ck_near(&a, "classes[0].ttft_s.p50", 0.1, 0.008);
    answer_ck_near(&a, "classes[0].ttft_s.p90", 1, 0.008);
    answer_ck_near(&a, "classes[0].ttft_s.p95", 3, 0.008);
    answer_ck_near(&a, "classes[0].ttft_s.p99", 5, 0.008);
    answer_ck_near(&a, "classes[0].e2e_s.p50", 10.1, 0.008);
    answer_ck_near(&a, "classes[0].e2e_s.p90", 11, 0.008);
    answer_ck_near(&a, "classes[0].e2e_s.p95", 13, 0.008);
    answer_ck_near(&a, "classes[0].e2e_s.p99", 15, 0.008);
    answer_ck_near(&a, "classes[0].ttft_s.mean", PREFILL_S,
                   0.03); /* four standard errors of 40,000 */
    answer_ck_near(&a, "classes[0].tpot_s.mean", 0.1, 1e-6);
    answer_ck_near(&a, "metrics.prefill_frac", PREFILL_S * PER_S, 0.03);
    answer_ck_near(&a, "metrics.decode_frac", DECODE_S * PER_S, 0.001);
    answer_ck_near(&a, "metrics.idle_frac", 1 - (PREFILL_S + DECODE_S) * PER_S, 0.001);
    answer_ck_near(&a, "metrics.busy_frac", (PREFILL_S + DECODE_S) * PER_S, 0.003);
    answer_ck_near(&a, "metrics.goodput_per_s", PER_S, 0.001);
    answer_ck_near(&a, "metrics.batch_mean", 1, 1e-9);
    answer_ck_near(&a, "metrics.slo[0].attained_frac", 1, 0);
    answer_fini(&a);
}
END_TEST

START_TEST(percentiles_of_the_plan_on_a_curve_are_the_same)
{
    struct answer a = answer_to("curve");
    int plans = 0;
    for (int i = 0; i < answer_count(&a, "points"); i++) {
        char path[40];
        snprintf(path, sizeof path, "points[%d].is_plan", i);
        if (!answer_is(&a, path))
            continue;
        snprintf(path, sizeof path, "points[%d].metrics.", i);
        ck_percentiles(&a, path);
        plans++;
        ck_assert_double_eq_tol(atof(answer_cell(&a, "curve.csv", i, "ttft_p95_s")), 3, 0.024);
        ck_assert_double_eq_tol(atof(answer_cell(&a, "curve.csv", i, "e2e_p99_s")), 15, 0.12);
    }
    ck_assert_int_eq(plans, 1);
    answer_fini(&a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("latencies");
    TCase *tc = tcase_create("percentiles");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, percentiles_of_a_run_are_those_of_its_prompts);
    tcase_add_test(tc, percentiles_of_the_plan_on_a_curve_are_the_same);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
