/* test_analytic_unit.c - what a unit costs and leaves, on the deployment of tests/data/analytic.ini
 * that is known in closed form: at plan, over volumes, over the draws, and in words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"

#define BASE XO_SOURCE_DIR "/tests/data/analytic.ini"
#define TICKET                                                                                     \
    "[unit]\n"                                                                                     \
    "name = ticket\n"                                                                              \
    "calls = 4 requests\n"                                                                         \
    "price = $0.08\n"

/* USD a month of 1 M requests (test_analytic_run.c), by way. */
static const struct {
    const char *way;
    double usd;
} bills[] = { { "buy", 21005 }, { "same", 7003 }, { "build", 16236 } };
enum { N_BILLS = sizeof bills / sizeof *bills };

/* At WHERE: four of a million requests a ticket, of which each brings in 8 cents. */
static void ck_figures(const struct answer *a, const char *where, double usd)
{
    answer_ck_near(a, answer_path("%susd_per_1000_requests", where), usd / 1000, 1e-12);
    answer_ck_near(a, answer_path("%susd_per_unit", where), 4 * usd / 1e6, 1e-12);
    answer_ck_near(a, answer_path("%smargin_usd_per_unit", where), 0.08 - 4 * usd / 1e6, 1e-12);
    answer_ck_near(a, answer_path("%smargin_frac", where), 1 - 4 * usd / 1e6 / 0.08, 1e-12);
}

static bool has(const json_t *object, const char *key)
{
    return json_object_get(object, key) != NULL;
}

START_TEST(a_run_has_the_cost_and_the_margin_of_a_unit)
{
    struct answer a = answer_of("run", BASE, TICKET, NULL);
    ck_assert_str_eq(answer_string(&a, "scenario.unit.name"), "ticket");
    ck_assert_str_eq(answer_string(&a, "scenario.unit.plural"), "tickets");
    answer_ck_near(&a, "scenario.unit.requests_per_unit", 4, 0);
    answer_ck_near(&a, "scenario.unit.price_usd", 0.08, 0);
    answer_ck_near(&a, "scenario.unit.plan_units_month", 250e3, 0);
    ck_figures(&a, "buy.", bills[0].usd);
    ck_figures(&a, "same.", bills[1].usd);
    ck_figures(&a, "options[0].", bills[2].usd);
    for (int i = 0; i < N_BILLS; i++) {
        ck_assert_double_eq_tol(atof(answer_cell(&a, "run.csv", i, "usd_per_1000_requests")),
                                bills[i].usd / 1000, 1e-9);
        ck_assert_double_eq_tol(atof(answer_cell(&a, "run.csv", i, "usd_per_unit")),
                                4 * bills[i].usd / 1e6, 1e-12);
        ck_assert_double_eq_tol(atof(answer_cell(&a, "run.csv", i, "margin_usd_per_unit")),
                                0.08 - 4 * bills[i].usd / 1e6, 1e-12);
        ck_assert_double_eq_tol(atof(answer_cell(&a, "run.csv", i, "margin_frac")),
                                1 - 4 * bills[i].usd / 1e6 / 0.08, 1e-12);
    }
    answer_ck_says(&a, "Each ticket takes 4 requests: 250 k tickets a month at your plan, sold at "
                       "$0.08 each. At this price each is sold below cost: it loses $0.00402 by "
                       "buying. ");
    answer_ck_says(&a, "per 1,000 requests $21.00 $7.00 $16.24 ");
    answer_ck_says(&a, "per ticket $0.0840 $0.0280 $0.0649 ");
    answer_ck_says(&a, "gross margin -$0.00402 $0.0520 $0.0151 ");
    answer_ck_says(&a, "share of the price -5.02 % 65.0 % 18.8 % ");
    answer_fini(&a);
}
END_TEST

START_TEST(without_a_price_there_is_no_margin)
{
    struct answer a = answer_of("run", BASE, "[unit]\nname = query\ncalls = 2.5\n", NULL);
    answer_ck_near(&a, "buy.usd_per_unit", 2.5 * 0.021005, 1e-12);
    answer_ck_null(&a, "buy.margin_usd_per_unit");
    answer_ck_null(&a, "buy.margin_frac");
    ck_assert_str_eq(answer_cell(&a, "run.csv", 0, "margin_frac"), "");
    answer_ck_says(&a, "Each query takes 2.5 requests: 400 k queries a month at your plan. ");
    answer_ck_silent(&a, "margin");
    answer_fini(&a);
    a = answer_of("curve", BASE, "[unit]\nname = query\ncalls = 2.5\n", NULL);
    answer_ck_null(&a, "verdict.buy.margin");
    answer_ck_null(&a, "verdict.buy.range_margin_frac.p50");
    answer_ck_says(&a, "Each query takes 2.5 requests: 400 k queries a month at your plan. Per "
                       "query that is $0.053 by buying, $0.018 by the same weights and $0.041 (");
    answer_ck_says(&a, " by this build; per 1,000 requests $21, $7.00 and $16. ");
    answer_ck_silent(&a, "margin");
    answer_fini(&a);
}
END_TEST

START_TEST(without_a_unit_nothing_is_said_of_one)
{
    struct answer a = answer_of("run", BASE, NULL, NULL);
    ck_assert(!has(answer_at(&a, "scenario"), "unit"));
    ck_assert(!has(answer_at(&a, "buy"), "usd_per_1000_requests"));
    ck_assert(!has(answer_at(&a, "buy"), "margin_frac"));
    answer_ck_silent(&a, "1,000 requests");
    answer_fini(&a);
    a = answer_of("curve", BASE, NULL, NULL);
    ck_assert(!has(answer_at(&a, "verdict.buy"), "usd_per_unit"));
    ck_assert(!has(answer_at(&a, "verdict.buy"), "margin"));
    ck_assert(!has(answer_at(&a, "points[0]"), "units_month"));
    answer_fini(&a);
}
END_TEST

/* N replicas and a spare cost 1.1 (1460 (N + 1) + 6000) USD, 1606 N + 8206, up to 219,000 N
 * requests (262,800 less the headroom), each of which brings in 2 cents: three cost 13,024, which
 * 651,200 requests bring in; above 657,000 a fourth makes it 14,630, which 731,500 do; five cost
 * less than the 17,520 at which they begin. Buying costs 2.0005 cents, more than that; the same
 * weights 0.6003 and 1,000 USD, which fewer than the smallest volume bring in. */
START_TEST(a_margin_is_left_from_where_units_bring_in_the_bill)
{
    static const struct {
        double volume;
        bool positive_above, at_riser;
    } turns[] = { { 651200, true, false }, { 657000, false, true }, { 731500, true, false } };
#define TURN "verdict.build.margin.turns[%d]."
    struct answer a = answer_of("curve", BASE, TICKET, NULL);
    ck_assert_int_eq(answer_count(&a, "verdict.build.margin.turns"), 3);
    for (int i = 0; i < 3; i++) {
        answer_ck_near(&a, answer_path(TURN "requests_month", i), turns[i].volume, 1e-8);
        answer_ck_near(&a, answer_path(TURN "units_month", i), turns[i].volume / 4, 1e-8);
        answer_ck_near(&a, answer_path(TURN "usd_month", i), turns[i].volume * 0.02, 1e-8);
        ck_assert(answer_is(&a, answer_path(TURN "positive_above", i)) == turns[i].positive_above);
        ck_assert(answer_is(&a, answer_path(TURN "at_riser", i)) == turns[i].at_riser);
    }
    ck_assert(!answer_is(&a, "verdict.build.margin.positive_at_min"));
    ck_assert(answer_is(&a, "verdict.build.margin.positive_at_max"));
    answer_ck_near(&a, "verdict.build.margin.stays_above_requests_month", 731500, 1e-8);
    ck_assert_int_eq(answer_count(&a, "verdict.buy.margin.turns"), 0);
    ck_assert(!answer_is(&a, "verdict.buy.margin.positive_at_min"));
    ck_assert(!answer_is(&a, "verdict.buy.margin.positive_at_max"));
    ck_assert_int_eq(answer_count(&a, "verdict.same.margin.turns"), 0);
    ck_assert(answer_is(&a, "verdict.same.margin.positive_at_min"));
    answer_ck_says(&a, "Gross margin: -5.0 % by buying, 65 % by the same weights and 19 % (");
    answer_ck_says(&a, "At this price each is sold below cost: it loses $0.00402 by buying. A "
                       "margin is left by buying at no volume simulated; by the same weights at "
                       "every volume simulated; by this build first above 65.8 M (");
    answer_ck_says(&a,
                   ") tokens a month (163 k tickets) and at every volume simulated above 73.9 M (");
    answer_ck_says(&a, ") tokens a month (183 k tickets). ");
    answer_fini(&a);
}
END_TEST

START_TEST(a_way_that_cannot_serve_the_plan_has_no_cost_of_a_unit)
{
    struct answer a = answer_of("curve", BASE, TICKET, "--set slo.e2e_p95='9 s'");
    answer_ck_says(&a, "Per ticket that is $0.084 by buying and $0.028 by the same weights; per "
                       "1,000 requests $21 and $7.00. ");
    answer_ck_null(&a, "verdict.build");
    answer_fini(&a);
    a = answer_of("curve", BASE, TICKET, /* 1 M requests a month are 22.8 a minute */
                  "--set api.acme/chat.requests_per_minute=22 " PATIENT);
    answer_ck_says(&a, "Per ticket that is $0.028 by the same weights and $0.065 (");
    answer_ck_says(&a, ") by this build; per 1,000 requests $7.00 and $16. ");
    answer_ck_says(&a, " 250 k 0.0840! -5.02 % ");
    answer_fini(&a);
    a = answer_of("curve", BASE, TICKET, "--set build.replicas=4 " PATIENT);
    answer_ck_says(&a, "; by this build above 73.9 M (");
    answer_ck_says(&a, ") tokens a month (183 k tickets), as far as it serves. ");
    answer_fini(&a);
}
END_TEST

/* What is sold at cost leaves nothing: 2 cents a request and 3/4 cents of people, at plan. */
START_TEST(a_price_at_cost_leaves_nothing)
{
    struct answer a = answer_of("run", BASE, TICKET, "--set unit.price='$0.08402'");
    answer_ck_about(&a, "buy.margin_usd_per_unit", 0, 1e-15);
    answer_ck_silent(&a, "below cost");
    answer_fini(&a);
}
END_TEST

START_TEST(every_volume_has_its_cost_of_a_unit)
{
    struct answer a = answer_of("curve", BASE, TICKET, NULL);
    const int n = answer_count(&a, "points");
    ck_assert_int_gt(n, 40);
    for (int i = 0; i < n; i++) {
        const double v = answer_number(&a, answer_path("points[%d].volume_requests_month", i));
        ck_assert_double_eq_tol(atof(answer_cell(&a, "curve.csv", i, "buy_usd_per_unit")),
                                answer_number(&a, answer_path("points[%d].buy_usd_per_unit", i)),
                                1e-15);
        answer_ck_near(&a, answer_path("points[%d].units_month", i), v / 4, 1e-12);
        for (int k = 0; k < N_BILLS; k++) {
            const double usd =
                answer_number(&a, answer_path("points[%d].%s_usd_month", i, bills[k].way));
            char of[32];
            snprintf(of, sizeof of, "points[%d].%s_", i, bills[k].way);
            answer_ck_near(&a, answer_path("%susd_per_1000_requests", of), 1000 * usd / v, 1e-12);
            answer_ck_near(&a, answer_path("%susd_per_unit", of), 4 * usd / v, 1e-12);
            answer_ck_about(&a, answer_path("%smargin_usd_per_unit", of), 0.08 - 4 * usd / v,
                            1e-14);
            answer_ck_about(&a, answer_path("%smargin_frac", of), 1 - 4 * usd / v / 0.08, 1e-12);
        }
    }
    ck_figures(&a, "verdict.buy.", bills[0].usd);
    ck_figures(&a, "verdict.same.", bills[1].usd);
    ck_figures(&a, "verdict.build.", bills[2].usd);
    answer_ck_says(&a,
                   "Per ticket, and the gross margin on each way: units buy same weights this "
                   "build a month USD margin USD margin USD margin 25 k 0.120 -50.0 % 0.0640 20.0 "
                   "% 0.392 -391 % ");
    answer_ck_says(&a, "250 k 0.0840 -5.02 % 0.0280 65.0 % 0.0649 18.8 % <- plan ");
    answer_fini(&a);
}
END_TEST

/* Quantile q of a uniform from lo to hi over 2,000 draws, to four standard errors. */
static void ck_uniform(const struct answer *a, const char *path, double q, double lo, double hi)
{
    answer_ck_about(a, path, lo + q * (hi - lo), 4 * sqrt(q * (1 - q) / 2000) * fabs(hi - lo));
}

/* 3 to 5 requests a ticket: it costs 2.1005 cents for each. With the price it is 7 to 9 cents of
 * which the same weights, $7,003 for 250,000 tickets, leave 0.028012 less. */
START_TEST(calls_and_price_that_are_uncertain)
{
    struct answer a = answer_of(
        "curve", BASE,
        "[unit]\nname = ticket\ncalls = 4\n[uncertain]\nunit.calls = uniform(3, 5)\n", PATIENT);
    ck_uniform(&a, "verdict.buy.range_usd_per_unit.p10", 0.1, 3 * 0.021005, 5 * 0.021005);
    ck_uniform(&a, "verdict.buy.range_usd_per_unit.p50", 0.5, 3 * 0.021005, 5 * 0.021005);
    ck_uniform(&a, "verdict.buy.range_usd_per_unit.p90", 0.9, 3 * 0.021005, 5 * 0.021005);
    answer_ck_near(&a, "verdict.buy.range_usd_month.p10", 21005, 1e-12);
    answer_ck_near(&a, "verdict.buy.range_usd_month.p90", 21005, 1e-12);
    answer_ck_silent(&a, "changes no bill");
    answer_fini(&a);
    a = answer_of("curve", BASE, TICKET "[uncertain]\nunit.price = uniform($0.07, $0.09)\n",
                  PATIENT);
    for (int k = 0; k < 3; k++) {
        static const double q[] = { 0.1, 0.5, 0.9 };
        const double right = 1 - 0.028012 / (0.07 + q[k] * 0.02);
        const double slope = 0.028012 / (0.07 * 0.07);
        answer_ck_about(&a, answer_path("verdict.same.range_margin_frac.p%.0f", 100 * q[k]), right,
                        4 * sqrt(q[k] * (1 - q[k]) / 2000) * 0.02 * slope);
    }
    answer_ck_near(&a, "verdict.buy.range_usd_per_unit.p10", 0.08402, 1e-12);
    answer_fini(&a);
}
END_TEST

/* At $0.10 for 4 requests, 2.5 cents each, buying at 2.0005 and $1,000 pays above 200,200 requests;
 * at $0.092 and $0.108, where the odds are one in ten, above 333,890 and 142,959. */
START_TEST(the_volume_from_which_a_margin_is_left_is_drawn)
{
    static const double q[] = { 0.1, 0.5, 0.9 };
    struct answer a = answer_of("curve", BASE,
                                "[unit]\nname = ticket\ncalls = 4\nprice = $0.10\n"
                                "[uncertain]\nunit.price = uniform($0.09, $0.11)\n",
                                PATIENT);
    answer_ck_near(&a, "verdict.buy.margin.stays_above_requests_month", 1000 / 0.004995, 1e-9);
    for (int k = 0; k < 3; k++) {
        const double right = 1000 / ((0.11 - 0.02 * q[k]) / 4 - 0.020005);
        const double margin = 4 * sqrt(q[k] * (1 - q[k]) / 2000) * 0.02 * right * right / 4000;
        const char *first =
            answer_path("verdict.buy.margin.first_requests_month.p%.0f", 100 * q[k]);
        answer_ck_about(&a, first, right, margin);
        const char *last = answer_path("verdict.buy.margin.last_requests_month.p%.0f", 100 * q[k]);
        answer_ck_about(&a, last, right, margin);
    }
    answer_ck_says(&a, "A margin is left by buying above 20.2 M (1");
    answer_ck_says(&a, ") tokens a month (50.1 k tickets); by the same weights ");
    answer_fini(&a);
}
END_TEST

/* Buying costs $21,005 and this build $16,236: 0.4769 cents a request, of 3 to 5 a ticket. */
START_TEST(a_sweep_says_what_is_saved_by_unit)
{
    struct answer a = answer_of("sweep", BASE,
                                "[unit]\nname = ticket\ncalls = 4\n"
                                "[uncertain]\nunit.calls = uniform(3, 5)\n"
                                "build.step_scale = constant(1)\n",
                                "--samples 2000 --set study.sampling=random");
    ck_uniform(&a, "saving_usd_per_unit.p05", 0.05, 3 * 0.004769, 5 * 0.004769);
    ck_uniform(&a, "saving_usd_per_unit.p50", 0.5, 3 * 0.004769, 5 * 0.004769);
    ck_uniform(&a, "saving_usd_per_unit.p95", 0.95, 3 * 0.004769, 5 * 0.004769);
    answer_ck_says(&a, "saved by this build, a month $4,800 $4,800 $4,800 per ticket $0.015 $0.019 "
                       "$0.023 ");
    answer_fini(&a);
    a = answer_of("sweep", BASE, "[uncertain]\nbuild.rent = uniform($1/hour, $3/hour)\n",
                  "--samples 100 --set study.sampling=random");
    ck_assert_ptr_null(json_object_get(a.json, "saving_usd_per_unit"));
    answer_fini(&a);
}
END_TEST

START_TEST(a_map_says_what_a_unit_costs_at_plan)
{
    struct answer a =
        answer_of("map", BASE, TICKET, "--x buy.price_scale=0.5..2 --y 'build.rent=$1..$3/hour'");
    answer_ck_says(&a, "Per ticket: buying $0.084 (gross margin -5.0 %), the same weights $0.028 "
                       "(gross margin 65 %), this build $0.065 (gross margin 19 %). ");
    answer_fini(&a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unit");
    TCase *tc = tcase_create("unit");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_run_has_the_cost_and_the_margin_of_a_unit);
    tcase_add_test(tc, without_a_price_there_is_no_margin);
    tcase_add_test(tc, without_a_unit_nothing_is_said_of_one);
    tcase_add_test(tc, a_margin_is_left_from_where_units_bring_in_the_bill);
    tcase_add_test(tc, a_way_that_cannot_serve_the_plan_has_no_cost_of_a_unit);
    tcase_add_test(tc, a_price_at_cost_leaves_nothing);
    tcase_add_test(tc, every_volume_has_its_cost_of_a_unit);
    tcase_add_test(tc, calls_and_price_that_are_uncertain);
    tcase_add_test(tc, the_volume_from_which_a_margin_is_left_is_drawn);
    tcase_add_test(tc, a_sweep_says_what_is_saved_by_unit);
    tcase_add_test(tc, a_map_says_what_a_unit_costs_at_plan);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
