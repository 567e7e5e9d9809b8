/* test_analytic.c - one deployment whose every figure is known in closed form, through `curve` and
 * `run`: tests/data/analytic.ini says why.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"

#define BASE XO_SOURCE_DIR "/tests/data/analytic.ini"

static const double HOURS = 730, REPLICA = 0.1 * 3600 * 730;

/* A bill of build: replicas and the spare at $2 an hour, half a person of $120k a year, $12k over
 * 12 months, 10 % on top of it all. */
static double build_usd(int replicas)
{
    return 1.1 * ((replicas + 1) * 2 * HOURS + 0.5 * 120e3 / 12 + 12e3 / 12);
}

/* A request of 1 + 100 tokens, and a tenth of a person. */
static double buy_usd(double requests)
{
    return requests * (5e-6 + 100 * 200e-6) + 0.1 * 120e3 / 12;
}

START_TEST(bills_at_plan)
{
    struct answer a = answer_of("curve", BASE, NULL, NULL);
    ck_assert_int_eq(a.status, 0);
    answer_ck_near(&a, "verdict.buy.usd_month", buy_usd(1e6), 1e-12);
    answer_ck_near(&a, "verdict.build.usd_month", build_usd((int)ceil(1.2 * 1e6 / REPLICA)), 1e-9);
    answer_fini(&a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("analytic");
    TCase *tc = tcase_create("curve");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, bills_at_plan);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
