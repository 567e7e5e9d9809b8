/* test_cash.c - money in time, and machines that stay for a term: worked examples and closed forms.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/cost.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum { MOST = 240 };
static double at_usd[MOST + 1], over_usd[MOST];
static struct xo_cash cash;

static void set_up(void)
{
    for (int m = 0; m <= MOST; m++)
        at_usd[m] = 0;
    for (int m = 0; m < MOST; m++)
        over_usd[m] = 0;
    cash = (struct xo_cash){ .at_usd = at_usd, .over_usd = over_usd };
}

/* $60,000 now, then 24 months of a saving that grows. */
static void invest(double usd, double saving_usd, double growth, int months)
{
    at_usd[0] = -usd;
    cash.n_months = months;
    for (int m = 0; m < months; m++)
        over_usd[m] = saving_usd * pow(growth, m);
}

static void is_near(double is, double should_be, double within)
{
    ck_assert_msg(fabs(is - should_be) <= within, "%.10g is not %.10g", is, should_be);
}

static const double CENT = 0.005;

/* ---- worked example E19 ---- */

START_TEST(a_constant_saving_is_an_annuity)
{
    invest(60000, 8000, 1, 24);
    is_near(xo_monthly_rate(0.12), 0.00948879, 5e-9);
    is_near((xo_present_value(&cash, 0.12) + 60000) / 8000, 21.37323, 5e-6);
    is_near(xo_present_value(&cash, 0.12), 110985.81, CENT);
    ck_assert_double_eq(xo_payback_months(&cash, 0), 7.5);
    const struct xo_irr irr = xo_internal_rate(&cash);
    ck_assert_int_eq(irr.kind, XO_IRR_ONE);
    is_near(pow(1 + irr.per_year, 1.0 / 12) - 1, 0.125528, 5e-7);
    is_near(irr.per_year, 3.133, 5e-4);
    int month = -1;
    ck_assert_double_eq(xo_peak_exposure(&cash, &month), 60000);
    ck_assert_int_eq(month, 0);
}
END_TEST

START_TEST(a_growing_saving_pays_back_later)
{
    invest(60000, 5000, 1.02, 24);
    is_near(xo_present_value(&cash, 0.12), 74254.96, CENT);
    is_near(xo_payback_months(&cash, 0), 10.86, 0.005);
}
END_TEST

START_TEST(a_saving_that_falls_is_two_annuities)
{
    invest(60000, 8000, 1, 24);
    for (int m = 12; m < 24; m++)
        over_usd[m] = 2000;
    is_near(xo_present_value(&cash, 0.12), 50495.55, CENT);
}
END_TEST

START_TEST(beginning_later_with_the_same_end_costs_what_it_leaves_undone)
{
    invest(60000, 8000, 1, 24);
    const double now = xo_present_value(&cash, 0.12);
    at_usd[0] = 0;
    at_usd[6] = -60000;
    for (int m = 0; m < 6; m++)
        over_usd[m] = 0;
    const double later = xo_present_value(&cash, 0.12);
    is_near(later, 67845.77, CENT);
    is_near(now - later, 43140.05, 2 * CENT); /* the example subtracts rounded figures */
}
END_TEST

/* ---- worked example E20 ---- */

START_TEST(payments_of_capital_recovery_are_worth_the_capital_less_its_residual)
{
    const double payment = 38750 * xo_monthly_payment(0.08, 48, 0.1);
    is_near(xo_monthly_rate(0.08), 0.00643403, 5e-9);
    is_near(payment, 871.77, CENT);
    invest(0, payment, 1, 48);
    is_near(xo_present_value(&cash, 0.08), 35901.76, CENT);
    is_near(xo_present_value(&cash, 0.08), 38750 - 3875 / pow(1.08, 4), 1e-7);
}
END_TEST

/* ---- closed forms ---- */

START_TEST(without_interest_the_present_value_is_the_sum)
{
    invest(1234.5, 98.76, 1, 60);
    at_usd[60] = 321.25;
    is_near(xo_present_value(&cash, 0), 60 * 98.76 - 1234.5 + 321.25, 1e-9);
}
END_TEST

START_TEST(geometric_growth_is_a_geometric_sum)
{
    static const double growth = 1.0375, first = 731.25, rate = 0.095;
    const double v = 1 / pow(1 + rate, 1.0 / 12);
    for (int n = 1; n <= 120; n += 17) {
        invest(0, first, growth, n);
        const double sum = first * v * (1 - pow(growth * v, n)) / (1 - growth * v);
        is_near(xo_present_value(&cash, rate), sum, 1e-9 * sum);
    }
}
END_TEST

START_TEST(what_is_paid_at_once_counts_at_the_start_of_its_month)
{
    cash.n_months = 24;
    at_usd[7] = -1000;
    at_usd[24] = 400;
    is_near(xo_present_value(&cash, 0.21), -1000 / pow(1.21, 7.0 / 12) + 400 / (1.21 * 1.21), 1e-9);
}
END_TEST

START_TEST(a_payback_discounted_is_where_the_annuity_reaches_the_capital)
{
    invest(60000, 8000, 1, 24);
    const double i = xo_monthly_rate(0.12), owed = 60000 - 8000 * (1 - pow(1 + i, -7)) / i;
    is_near(xo_payback_months(&cash, 0.12), 7 + owed / (8000 * pow(1 + i, -8)), 1e-9);
}
END_TEST

/* ---- paybacks that are not simple ---- */

START_TEST(a_payback_counts_from_the_last_time_below)
{
    invest(100, 60, 1, 6); /* 20 after two months; then 150 are paid */
    at_usd[3] = -150;      /* 80 falls to -70 at month 3, and is paid back within month 5 */
    is_near(xo_payback_months(&cash, 0), 4 + 10.0 / 60, 1e-12);
    int month;
    is_near(xo_peak_exposure(&cash, &month), 100, 0);
    at_usd[3] = -250;
    ck_assert_double_eq(xo_payback_months(&cash, 0), 5 + 50.0 / 60);
    is_near(xo_peak_exposure(&cash, &month), 170, 0);
    ck_assert_int_eq(month, 3);
}
END_TEST

START_TEST(a_sum_that_jumps_above_zero_is_paid_back_then)
{
    invest(100, 10, 1, 5);
    at_usd[5] = 80; /* resale: from -50 to 30 */
    ck_assert_double_eq(xo_payback_months(&cash, 0), 5);
}
END_TEST

START_TEST(what_never_pays_back_and_what_always_did)
{
    invest(100, 10, 1, 10); /* ends at zero, not above it */
    ck_assert(isinf(xo_payback_months(&cash, 0)));
    invest(0, 10, 1, 10);
    ck_assert_double_eq(xo_payback_months(&cash, 0), 0);
    ck_assert_double_eq(xo_peak_exposure(&cash, NULL), 0);
    invest(-5, 10, 1, 10);
    ck_assert_double_eq(xo_payback_months(&cash, 0), 0);
}
END_TEST

/* ---- internal rates ---- */

START_TEST(no_change_of_sign_has_no_internal_rate)
{
    invest(60000, -100, 1, 24);
    const struct xo_irr irr = xo_internal_rate(&cash);
    ck_assert_int_eq(irr.kind, XO_IRR_NONE);
    ck_assert(isnan(irr.per_year));
    invest(0, 0, 1, 24);
    ck_assert_int_eq(xo_internal_rate(&cash).kind, XO_IRR_NONE);
}
END_TEST

START_TEST(two_changes_of_sign_may_have_several)
{
    invest(1000, 0, 1, 2); /* -1000, 2300, -1320: 10 % and 20 % a month */
    over_usd[0] = 2300;
    over_usd[1] = -1320;
    ck_assert_int_eq(xo_internal_rate(&cash).kind, XO_IRR_SEVERAL);
}
END_TEST

START_TEST(money_that_comes_first_is_a_loan_and_its_rate_what_it_costs)
{
    invest(-1000, 0, 1, 12);
    over_usd[11] = -1100;
    const struct xo_irr irr = xo_internal_rate(&cash);
    ck_assert_int_eq(irr.kind, XO_IRR_LOAN);
    is_near(irr.per_year, 0.1, 1e-12);
}
END_TEST

START_TEST(an_internal_rate_may_be_a_loss_and_is_always_finite)
{
    invest(1000, 0, 1, 12);
    over_usd[11] = 750;
    is_near(xo_internal_rate(&cash).per_year, -0.25, 1e-12);
    invest(1e-9, 1e12, 1, 24);
    ck_assert(isfinite(xo_internal_rate(&cash).per_year));
    invest(1e15, 0, 1, 24);
    over_usd[23] = 1e-6;
    ck_assert(isfinite(xo_internal_rate(&cash).per_year));
}
END_TEST

/* ---- machines that stay for a term ---- */

static struct xo_hold_month held_months[MOST];
static int64_t held[MOST];

/* Units needed month by month, up to a negative number. */
static int need(const int64_t units[])
{
    int n = 0;
    for (; units[n] >= 0; n++)
        held_months[n] = (struct xo_hold_month){ .needed = units[n] };
    cash.n_months = n;
    return n;
}

#define NEED(...) need((const int64_t[]){ __VA_ARGS__, -1 })

START_TEST(rented_by_the_month_follows_what_is_needed)
{
    const struct xo_hold_terms terms = { .term_months = 1, .early_exit_frac = 1 };
    const int n = NEED(3, 5, 2, 0, 4);
    for (int m = 0; m < n; m++)
        held_months[m].rent_usd = 100 + m; /* the rent of each month */
    xo_hold(&terms, held_months, n, 1, at_usd, over_usd, held);
    static const double right[] = { 0, -5 * 101, -2 * 102, 0, -4 * 104 };
    for (int m = 0; m < n; m++) {
        ck_assert_double_eq(over_usd[m], right[m]);
        ck_assert_double_eq(at_usd[m], 0);
    }
    ck_assert_int_eq(held[2], 2);
}
END_TEST

START_TEST(reserved_units_keep_their_rent_and_stand_idle_where_fewer_are_needed)
{
    const struct xo_hold_terms terms = { .term_months = 3, .early_exit_frac = 1 };
    const int n = NEED(2, 4, 1, 1, 2);
    for (int m = 0; m < n; m++) {
        held_months[m].rent_usd = 100 - 10 * m;
        held_months[m].idle_usd = 7;
    }
    xo_hold(&terms, held_months, n, 0, at_usd, over_usd, held);
    /* 2 at 100 from month 0, 2 more at 90 from month 1; those of month 0 end, those of month 1 last
     * through month 3; in month 4 two are taken at 60 */
    static const double right[] = { -200, -380, -380 - 3 * 7, -180 - 7, -2 * 60 };
    static const int64_t there[] = { 2, 4, 4, 2, 2 };
    for (int m = 0; m < n; m++) {
        ck_assert_double_eq(over_usd[m], right[m]);
        ck_assert_int_eq(held[m], there[m]);
    }
}
END_TEST

START_TEST(units_that_the_rest_of_their_term_does_not_need_go_back_early)
{
    const struct xo_hold_terms terms = { .term_months = 4, .early_exit_frac = 0.25 };
    const int n = NEED(3, 1, 2, 1, 1);
    for (int m = 0; m < n; m++)
        held_months[m].rent_usd = 100;
    xo_hold(&terms, held_months, n, 0, at_usd, over_usd, held);
    /* month 1: months 1 to 3 need 2, so one goes back for a quarter of 3 rents; month 3: one more,
     * for a quarter of the one rent that is left; in month 4 the term is over */
    ck_assert_double_eq(at_usd[1], -75);
    ck_assert_double_eq(at_usd[3], -25);
    static const double right[] = { -300, -200, -200, -100, -100 };
    for (int m = 0; m < n; m++)
        ck_assert_double_eq(over_usd[m], right[m]);
}
END_TEST

START_TEST(bought_units_are_paid_at_once_and_worth_the_straight_line)
{
    const struct xo_hold_terms terms = {
        .term_months = 4, .is_bought = true, .residual_frac = 0.2, .early_exit_frac = 1
    };
    const int n = NEED(1, 3, 2, 2, 2, 2);
    for (int m = 0; m < n; m++)
        held_months[m] = (struct xo_hold_month){ held_months[m].needed, 0, 1100 + m, 1000 + m, 5 };
    xo_hold(&terms, held_months, n, 0, at_usd, over_usd, held);
    ck_assert_double_eq(at_usd[0], -1100);
    ck_assert_double_eq(at_usd[1], -2 * 1101.0);
    is_near(at_usd[4], 200, 1e-9); /* the first is sold; two are enough */
    /* in month 5 two are at the end of their life, and two new ones are bought; at the end of all
     * they are a month old */
    is_near(at_usd[5], 2 * 1001 * 0.2 - 2 * 1105, 1e-9);
    is_near(at_usd[6], 2 * 1005 * (1 - 0.8 / 4), 1e-9);
    static const double idle[] = { 0, 0, -5, -5, 0, 0 };
    for (int m = 0; m < n; m++)
        ck_assert_double_eq(over_usd[m], idle[m]);
}
END_TEST

/* Capital recovery over the life and the residual, against price and resale: alike at r. */
START_TEST(a_purchase_held_for_its_life_is_worth_its_annuity)
{
    const struct xo_hold_terms terms = {
        .term_months = 48, .is_bought = true, .residual_frac = 0.1, .early_exit_frac = 1
    };
    for (int m = 0; m < 48; m++)
        held_months[m] = (struct xo_hold_month){ 1, 0, 38750, 38750, 0 };
    cash.n_months = 48;
    xo_hold(&terms, held_months, 48, 0, at_usd, over_usd, NULL);
    is_near(xo_present_value(&cash, 0.08), -35901.76, CENT);
    double none[MOST + 1] = { 0 }, payments[MOST];
    for (int m = 0; m < 48; m++)
        payments[m] = -38750 * xo_monthly_payment(0.08, 48, 0.1);
    const struct xo_cash annuity = { 48, none, payments };
    is_near(xo_present_value(&annuity, 0.08), xo_present_value(&cash, 0.08), 1e-7);
}
END_TEST

static Suite *cash_suite(void)
{
    Suite *suite = suite_create("cash");
    TCase *examples = tcase_create("examples");
    tcase_add_checked_fixture(examples, set_up, NULL);
    tcase_add_test(examples, a_constant_saving_is_an_annuity);
    tcase_add_test(examples, a_growing_saving_pays_back_later);
    tcase_add_test(examples, a_saving_that_falls_is_two_annuities);
    tcase_add_test(examples, beginning_later_with_the_same_end_costs_what_it_leaves_undone);
    tcase_add_test(examples, payments_of_capital_recovery_are_worth_the_capital_less_its_residual);
    suite_add_tcase(suite, examples);
    TCase *forms = tcase_create("forms");
    tcase_add_checked_fixture(forms, set_up, NULL);
    tcase_add_test(forms, without_interest_the_present_value_is_the_sum);
    tcase_add_test(forms, geometric_growth_is_a_geometric_sum);
    tcase_add_test(forms, what_is_paid_at_once_counts_at_the_start_of_its_month);
    tcase_add_test(forms, a_payback_discounted_is_where_the_annuity_reaches_the_capital);
    suite_add_tcase(suite, forms);
    TCase *cases = tcase_create("cases");
    tcase_add_checked_fixture(cases, set_up, NULL);
    tcase_add_test(cases, a_payback_counts_from_the_last_time_below);
    tcase_add_test(cases, a_sum_that_jumps_above_zero_is_paid_back_then);
    tcase_add_test(cases, what_never_pays_back_and_what_always_did);
    tcase_add_test(cases, no_change_of_sign_has_no_internal_rate);
    tcase_add_test(cases, two_changes_of_sign_may_have_several);
    tcase_add_test(cases, money_that_comes_first_is_a_loan_and_its_rate_what_it_costs);
    tcase_add_test(cases, an_internal_rate_may_be_a_loss_and_is_always_finite);
    suite_add_tcase(suite, cases);
    TCase *units = tcase_create("units");
    tcase_add_checked_fixture(units, set_up, NULL);
    tcase_add_test(units, rented_by_the_month_follows_what_is_needed);
    tcase_add_test(units, reserved_units_keep_their_rent_and_stand_idle_where_fewer_are_needed);
    tcase_add_test(units, units_that_the_rest_of_their_term_does_not_need_go_back_early);
    tcase_add_test(units, bought_units_are_paid_at_once_and_worth_the_straight_line);
    tcase_add_test(units, a_purchase_held_for_its_life_is_worth_its_annuity);
    suite_add_tcase(suite, units);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(cash_suite());
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
