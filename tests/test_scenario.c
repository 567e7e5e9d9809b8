/* test_scenario.c - one INI file in, plain structs out: units, traps, catalogs, problems, what-ifs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/scenario.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The scenario of a file that must be sound. */
static struct xo_scenario *read_file(const char *path, const struct xo_scenario_options *options)
{
    struct xo_scenario *s;
    struct xo_problems problems;
    const bool ok = xo_scenario_read(&s, path, options, &problems);
    for (size_t i = 0; i < problems.n && !ok; i++)
        fprintf(stderr, "%s\n", problems.lines[i]);
    xo_problems_fini(&problems);
    ck_assert_msg(ok, "%s does not read", path);
    return s;
}

static struct xo_scenario *support(void)
{
    return read_file(XO_SOURCE_DIR "/scenarios/support.ini", NULL);
}

START_TEST(the_support_bot_is_read_into_the_structs)
{
    struct xo_scenario *s = support();
    ck_assert_str_eq(s->name, "Support bot, 50,000 conversations a day");
    ck_assert_double_eq_tol(s->requests_per_month, 50000 / 24.0 * 730, 1e-6);
    ck_assert_double_eq(s->commitment_months, 24);
    ck_assert_double_eq_tol(s->retries_frac, 0.03, 1e-15);
    ck_assert_int_eq(s->workload.n_classes, 1);
    ck_assert_int_eq(s->workload.classes[0].shared_prefix_tokens, 1200);
    ck_assert_double_eq_tol(s->workload.classes[0].prompt.mean, 2000, 1e-6);
    ck_assert_int_eq(s->slo[0].n_targets, 2);
    ck_assert_int_eq(s->slo[0].targets[1].metric, XO_METRIC_TPOT);
    ck_assert_double_eq_tol(s->slo[0].targets[1].limit_s, 0.05, 1e-15);
    ck_assert_int_eq(s->n_apis, 1);
    ck_assert_double_eq_tol(s->apis[0].tariff.output, 10e-6, 1e-18);
    ck_assert_int_eq(s->n_same_model, 1);
    ck_assert_int_eq(s->n_options, 1);
    ck_assert_str_eq(s->options[0].label, "2 x h100-sxm, fp8");
    ck_assert_double_eq(xo_staff_fte(&s->options[0].terms.staff, 17), 1.5);
    ck_assert_double_eq(s->options[0].terms.staff.usd_per_fte_year, 250000);
    ck_assert_int_eq(s->n_uncertain, 3);
    ck_assert_int_eq(s->n_guesses, 11);
    xo_scenario_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scenario");
    TCase *reading = tcase_create("reading");
    tcase_add_test(reading, the_support_bot_is_read_into_the_structs);
    suite_add_tcase(suite, reading);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
