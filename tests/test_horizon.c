/* test_horizon.c - the section [horizon]: months, volume and prices over them, and what is refused.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenario_kit.h"

#define ASK(text) ("[horizon]\n" text)

/* ---- what it becomes ---- */

START_TEST(left_out_nothing_changes_over_36_months)
{
    struct xo_scenario *s = kit_read("", NULL);
    const struct xo_horizon_terms *t = &s->horizon;
    ck_assert_int_eq(t->n_months, 36);
    ck_assert_int_eq(t->first_year, 2026);
    ck_assert_int_eq(t->first_month, 12); /* as_of is the 22nd of November */
    ck_assert_double_eq(t->discount_per_year, 0);
    for (int m = 0; m < 36; m++) {
        ck_assert_double_eq(xo_horizon_volume(s, m), s->requests_per_month);
        ck_assert_double_eq(xo_drift_factor(&t->api, m), 1);
        ck_assert_double_eq(xo_drift_factor(&t->capacity, m), 1);
    }
    ck_assert_int_eq(t->reserve_months, 1);
    ck_assert_double_eq(t->reserve_frac, 1);
    ck_assert_int_eq(t->retire_month, -1);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_month_that_begins_on_the_day_of_the_prices_is_the_first)
{
    struct xo_scenario *s = kit_read("", (const char *[]){ "scenario.as_of=2026-12-01", NULL });
    char month[XO_MONTH_SIZE];
    ck_assert_str_eq(xo_horizon_month(&s->horizon, 0, month), "2026-12");
    ck_assert_str_eq(xo_horizon_month(&s->horizon, 25, month), "2029-01");
    xo_scenario_free(s);
}
END_TEST

START_TEST(volume_grows_by_the_month_or_by_the_year)
{
    struct xo_scenario *s = kit_read(ASK("growth = 3.25%/month\n"), NULL);
    kit_ck_near(xo_horizon_volume(s, 7), s->requests_per_month * pow(1.0325, 7), "month 7");
    xo_scenario_free(s);
    s = kit_read(ASK("yearly_growth = -40%/year\n"), NULL);
    kit_ck_near(xo_horizon_volume(s, 24), s->requests_per_month * 0.36, "two years");
    kit_ck_near(xo_horizon_volume(s, 5), s->requests_per_month * pow(0.6, 5 / 12.0), "month 5");
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_ceiling_bends_growth_into_the_logistic_curve)
{
    struct xo_scenario *s = kit_read(ASK("growth = 10%/month\nceiling = 5x\n"), NULL);
    const double v = s->requests_per_month, k = log(1.1), middle = log(4) / k;
    for (int m = 0; m < 36; m++)
        kit_ck_near(xo_horizon_volume(s, m), 5 * v / (1 + exp(-k * (m - middle))), "logistic");
    xo_scenario_free(s);
}
END_TEST

START_TEST(steps_hold_from_the_month_that_begins_on_their_date_and_multiply)
{
    struct xo_scenario *s = kit_read(
        ASK("api_steps = 2027-02-01 -20%, 2027-04-02 +5%\nrent_trend = -30%/year\n"), NULL);
    const struct xo_drift *api = &s->horizon.api; /* the first month is 2026-12 */
    ck_assert_double_eq(xo_drift_factor(api, 1), 1);
    ck_assert_double_eq(xo_drift_factor(api, 2), 0.8);
    ck_assert_double_eq(xo_drift_factor(api, 4), 0.8);
    ck_assert_double_eq(xo_drift_factor(api, 5), 0.8 * 1.05);
    kit_ck_near(xo_drift_factor(&s->horizon.rent, 24), 0.49, "rent after two years");
    ck_assert_double_eq(xo_drift_factor(&s->horizon.power, 24), 1);
    xo_scenario_free(s);
}
END_TEST

START_TEST(money_left_out_is_that_of_the_sides)
{
    const char *sets[] = { "build.one_off=$60k", "buy.one_off=$7,500", "build.cost_of_capital=8%",
                           NULL };
    struct xo_scenario *s = kit_read(ASK("retire = 2027-06-15\napi_retire = 2027-02-01\n"), sets);
    ck_assert_double_eq(s->horizon.discount_per_year, 0.08);
    ck_assert_int_eq(s->horizon.retire_month, 7);
    ck_assert_double_eq(s->horizon.retire_usd, 60000);
    ck_assert_int_eq(s->horizon.api_retire_month, 2);
    ck_assert_double_eq(s->horizon.api_retire_usd, 7500);
    xo_scenario_free(s);
}
END_TEST

START_TEST(what_varies_is_worked_out_again)
{
    struct xo_scenario *s = kit_read(ASK("growth = 2%/month\n"), NULL);
    ck_assert(xo_scenario_vary(s, xo_key_find("horizon.growth"), 0.05, NULL));
    kit_ck_near(xo_horizon_volume(s, 10), s->requests_per_month * pow(1.05, 10), "growth");
    ck_assert(xo_scenario_vary(s, xo_key_find("workload.volume"), 1000, NULL));
    kit_ck_near(xo_horizon_volume(s, 10), 1000 * pow(1.05, 10), "volume");
    xo_scenario_free(s);
}
END_TEST

/* ---- a file of volumes ---- */

static char csv[64];
static char asking[160];

static const char *with_path(const char *text)
{
    snprintf(csv, sizeof csv, "/tmp/xo-path-%ld.csv", (long)getpid());
    snprintf(asking, sizeof asking, "[horizon]\npath = %s\nmonths = 12 months\n", csv);
    FILE *out = fopen(csv, "w");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    ck_assert_int_eq(fclose(out), 0);
    return asking;
}

START_TEST(a_file_gives_volumes_with_straight_lines_between_them)
{
    struct xo_scenario *s = kit_read(
        with_path("note,month,volume\nx,2026-10,1000\ny,2027-02,3000\nz,2027-12,250.5\n"), NULL);
    unlink(csv);
    ck_assert_double_eq(xo_horizon_volume(s, 0), 2000); /* 2026-12 */
    ck_assert_double_eq(xo_horizon_volume(s, 1), 2500);
    ck_assert_double_eq(xo_horizon_volume(s, 2), 3000);
    kit_ck_near(xo_horizon_volume(s, 11), 3000 + 0.9 * (250.5 - 3000), "2027-11");
    /* a plan that is not known moves all of it */
    const double plan = s->requests_per_month;
    ck_assert(xo_scenario_vary(s, xo_key_find("workload.volume"), plan * 2, NULL));
    ck_assert_double_eq(xo_horizon_volume(s, 2), 6000);
    ck_assert(xo_scenario_vary(s, xo_key_find("workload.prompt_scale"), 2, NULL)); /* all anew */
    ck_assert_double_eq(xo_horizon_volume(s, 2), 6000);
    xo_scenario_free(s);
}
END_TEST

START_TEST(the_last_volume_of_a_file_holds)
{
    char said[KIT_SAID_SIZE];
    struct xo_scenario *s =
        kit_ask(with_path("month,volume\n2026-12,1000\n2027-02,3000\n"), NULL, said);
    char right[256];
    snprintf(right, sizeof right,
             "42: warning: horizon.path is \"%s\", which ends in 2027-02; its last volume is taken "
             "to hold until 2027-11\n",
             csv);
    unlink(csv);
    ck_assert_str_eq(said, right);
    ck_assert_double_eq(xo_horizon_volume(s, 11), 3000);
    xo_scenario_free(s);
}
END_TEST

static const struct {
    const char *text, *said;
} bad_files[] = {
    { "", "the file is empty" },
    { "month;volume\n2026-12;5\n", NULL },
    { "month,requests\n2026-12,5\n",
      ":1: there is no column \"volume\"; it takes month and volume" },
    { "month,volume\n", "there are no rows" },
    { "month,volume\n2026-12,nan\n",
      ":2: volume is \"nan\"; it takes requests a month from 1 to 10 T" },
    { "month,volume\n2026-12,-5\n",
      ":2: volume is \"-5\"; it takes requests a month from 1 to 10 T" },
    { "month,volume\n2026-12,0\n",
      ":2: volume is \"0\"; it takes requests a month from 1 to 10 T" },
    { "month,volume\n2026-12,1e14\n",
      ":2: volume is \"1e14\"; it takes requests a month from 1 to 10 T" },
    { "month,volume\n2026-12,\n", ":2: volume is \"\"; it takes requests a month from 1 to 10 T" },
    { "month,volume\nDec 26,5\n", ":2: month is \"Dec 26\"; it takes a month such as 2027-01" },
    { "month,volume\n2026-12,5\n2026-12,6\n", ":3: month is \"2026-12\"; months have to rise" },
    { "month,volume\n2027-03,5\n",
      ":2: the first month is \"2027-03\"; the horizon begins in 2026-12" },
    { "month,volume\n2026-12,5,6\n", ":2: the line has 3 fields, the header 2" },
};

START_TEST(a_file_that_cannot_be_is_refused_at_its_line)
{
    char said[KIT_SAID_SIZE];
    ck_assert_ptr_null(kit_ask(with_path(bad_files[_i].text), NULL, said));
    unlink(csv);
    ck_assert_msg(strncmp(said, "42: horizon.path is ", 20) == 0, "%s", said);
    ck_assert_msg(bad_files[_i].said == NULL || strstr(said, bad_files[_i].said) != NULL, "%s",
                  said);
    ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1); /* one line */
}
END_TEST

/* ---- what is refused ---- */

static const struct {
    const char *more, *said;
} refused[] = {
    { ASK("months = 0 months\n"),
      "42: horizon.months is \"0 months\", out of range; it takes 1 months to 240 months\n" },
    { ASK("months = 1000000 months\n"),
      "42: horizon.months is \"1000000 months\", out of range; it takes 1 months to 240 months\n" },
    { ASK("months = 7.5 months\n"),
      "42: horizon.months is \"7.5 months\", 7.5 months; it takes whole months\n" },
    { ASK("lead_time = 36 months\n"),
      "42: horizon.lead_time is \"36 months\", which no month of a horizon of 36 is left after\n" },
    { ASK("start = 2026-10\n"),
      "42: horizon.start is \"2026-10\", before scenario.as_of (2026-11-22), the day of its "
      "prices\n" },
    { ASK("start = 0000-01\n"),
      "42: horizon.start is \"0000-01\"; it takes a month such as 2026-10\n" },
    { ASK("months = 9 months\n[currency k]\nrate = $2\nas_of = 2026-11-20\n"),
      "43: [currency k]: it takes a code of three capital letters such as [currency EUR], and not "
      "USD\n" },
    { ASK("months = 9 months\n[currency USD]\nrate = $2\nas_of = 2026-11-20\n"),
      "43: [currency USD]: it takes a code of three capital letters such as [currency EUR], and "
      "not USD\n" },
    { ASK("api_steps = 2026-11-22 -5%\n"),
      "42: horizon.api_steps is \"2026-11-22 -5%\"; 2026-11-22 is not after scenario.as_of "
      "(2026-11-22), whose prices have it\n" },
    { ASK("api_steps = 2027-01-01 20%\n"),
      "42: horizon.api_steps is \"2027-01-01 20%\"; it takes dated changes such as 2027-06-01 -20%, "
      "2028-01-01 +5%, at most 12\n" },
    { ASK("rent_steps = 2028-01-01 -5%, 2027-01-01 -5%\n"),
      "42: horizon.rent_steps is \"2028-01-01 -5%, 2027-01-01 -5%\", whose dates do not rise; it "
      "takes dated changes such as 2027-06-01 -20%, 2028-01-01 +5%, at most 12\n" },
    { ASK("power_steps = 2027-01-01 -100%\n"),
      "42: horizon.power_steps is \"2027-01-01 -100%\", which is out of range: a change goes from "
      "-99% to +9900%; it takes dated changes such as 2027-06-01 -20%, 2028-01-01 +5%, at most "
      "12\n" },
    { ASK("growth = 3%/month\nyearly_growth = 50%/year\n"),
      "42: horizon.growth is \"3%/month\", and there is yearly_growth; delete one of them\n" },
    { ASK("growth = 90%/month\n"),
      "42: horizon.growth is \"90%/month\", which reaches 10 T requests a month in 2029-04; it "
      "takes less\n" },
    { ASK("ceiling = 3x\n"),
      "42: horizon.ceiling is \"3x\", which needs \"growth\": growth of the volume a month, from "
      "workload.volume in the first one; left out: 0%/month\n" },
    { ASK("early_exit = 50%\n"),
      "42: horizon.early_exit is \"50%\", which needs \"reserve_term\": rented GPUs are reserved "
      "for so many whole months, at the rent of the month in which that begins; left out: they are "
      "handed back in any month\n" },
    { ASK("retire = 2026-10-01\n"),
      "42: horizon.retire is \"2026-10-01\", before the first month of the horizon\n" },
    { ASK("basis = credit\n"), "42: horizon.basis is \"credit\"; it takes cash | economic\n" },
    { ASK("discount_rate = 8\n"), NULL },
};

START_TEST(what_cannot_be_is_refused_in_one_line)
{
    char said[KIT_SAID_SIZE];
    ck_assert_ptr_null(kit_ask(refused[_i].more, NULL, said));
    if (refused[_i].said != NULL)
        ck_assert_str_eq(said, refused[_i].said);
    ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
}
END_TEST

START_TEST(reserved_is_what_is_rented)
{
    const char *sets[] = { "build.tenure=owned", "build.opportunity=$1/hour",
                           "build.power_price=$0.1/kWh", NULL };
    char said[KIT_SAID_SIZE];
    ck_assert_ptr_null(kit_ask(ASK("reserve_term = 12 months\n"), sets, said));
    ck_assert_msg(strstr(said, "42: horizon.reserve_term is \"12 months\", and build.tenure is "
                               "owned: what is rented is reserved\n") != NULL,
                  "%s", said);
}
END_TEST

static Suite *horizon_suite(void)
{
    Suite *suite = suite_create("horizon");
    TCase *section = tcase_create("section");
    tcase_add_test(section, left_out_nothing_changes_over_36_months);
    tcase_add_test(section, a_month_that_begins_on_the_day_of_the_prices_is_the_first);
    tcase_add_test(section, volume_grows_by_the_month_or_by_the_year);
    tcase_add_test(section, a_ceiling_bends_growth_into_the_logistic_curve);
    tcase_add_test(section, steps_hold_from_the_month_that_begins_on_their_date_and_multiply);
    tcase_add_test(section, money_left_out_is_that_of_the_sides);
    tcase_add_test(section, what_varies_is_worked_out_again);
    tcase_add_test(section, a_file_gives_volumes_with_straight_lines_between_them);
    tcase_add_test(section, the_last_volume_of_a_file_holds);
    tcase_add_loop_test(section, a_file_that_cannot_be_is_refused_at_its_line, 0,
                        sizeof bad_files / sizeof *bad_files);
    tcase_add_loop_test(section, what_cannot_be_is_refused_in_one_line, 0,
                        sizeof refused / sizeof *refused);
    tcase_add_test(section, reserved_is_what_is_rented);
    suite_add_tcase(suite, section);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(horizon_suite());
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
