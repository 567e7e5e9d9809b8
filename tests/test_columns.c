/* test_columns.c - every column of our CSV has a unit, its name agrees, and docs/outputs.md says
 * it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/tables.h"
#include "report_fixture.h"
#include "xo/file.h"
#include <check.h>

#define COUNT(table) ((int)(sizeof table / sizeof table[0]))

START_TEST(a_name_ends_as_its_unit_asks)
{
    static const struct {
        const char *name, *unit;
        bool suits;
    } cases[] = {
        { "limit_s", "s", true },
        { "limit_s", "ms", false },
        { "limit_s", "", false },
        { "buy_usd", "usd", true },
        { "buy_usd", "usd/month", true },
        { "buy_usd", "usdt", false },
        { "buy_usd_month", "usd", false },
        { "buy_usd_per_unit", "usd/unit", true },
        { "buy_usd_per_unit", "usd", false },
        { "buy_usd_per_1000_requests", "usd/1000 requests", true },
        { "buy_usd_per_1000_requests", "requests/s", false },
        { "units_month", "requests/month", false },
        { "worth_knowing_usd_month_hi", "usd/month", true },
        { "build_wins_share_se", "fraction", true },
        { "build_wins_share_se", "percent", false },
        { "goodput_per_s", "requests/s", true },
        { "goodput_per_s", "s", false },
        { "measured_output_tokens_per_s", "tokens/s", true },
        { "measured_ttft_p95_s", "s", true },
        { "abs_error_frac_ttft_p95_s", "fraction", true },
        { "abs_error_frac_ttft_p95_s", "s", false },
        { "ratio_ttft_s", "", true },
        { "n_gpus", "", true },
        { "n_gpus", "GPUs", false },
        { "volume", "requests/month", true },
        { "long_threshold_tokens", "tokens", true },
    };
    for (int i = 0; i < COUNT(cases); i++)
        ck_assert_msg(unit_suits(cases[i].name, cases[i].unit) == cases[i].suits, "%s in \"%s\"",
                      cases[i].name, cases[i].unit);
}
END_TEST

/* ---- docs/outputs.md ---- */

/* Does `name` stand among the quoted ones of a cell, in which one * is any text? */
static bool is_among(const char *name, const char *cell, size_t length)
{
    const char *end = cell + length, *open = memchr(cell, '`', length);
    while (open != NULL && open < end) {
        const char *close = memchr(open + 1, '`', (size_t)(end - open - 1));
        const size_t n = (size_t)(close - open - 1), whole = strlen(name);
        const char *star = memchr(open + 1, '*', n);
        const size_t before = star != NULL ? (size_t)(star - open - 1) : n,
                     behind = star != NULL ? n - before - 1 : 0;
        if ((star != NULL ? whole >= before + behind : whole == n) &&
            memcmp(open + 1, name, before) == 0 &&
            memcmp(close - behind, name + whole - behind, behind) == 0)
            return true;
        open = memchr(close + 1, '`', (size_t)(end - close - 1));
    }
    return false;
}

/* The unit that the table of `file` says of a column; NULL: it does not name it. */
static const char *unit_said(char unit[64], const char *text, const char *file, const char *name)
{
    static const char head[] = "\n| column | unit | meaning |\n| --- | --- | --- |\n";
    char start[64];
    snprintf(start, sizeof start, "\n`%s`:", file);
    const char *line = strstr(text, start);
    ck_assert_msg(line != NULL, "no table of %s", file);
    line = strstr(line, head) + strlen(head);
    for (; line[0] == '|'; line = strchr(line, '\n') + 1) {
        const char *second = strstr(line, " | ") + 2;
        const char *end = strstr(second, " |") + (second[1] == '|');
        if (!is_among(name, line, (size_t)(second - line)))
            continue;
        snprintf(unit, 64, "%.*s", (int)(end - second), second);
        return unit[0] == ' ' ? unit + 1 : unit;
    }
    return NULL;
}

/* Each line of `units` is a column and its unit; of keys, which the scenario decides, neither. */
static void ck_told(struct xo_buf *units, const char *file, int n)
{
    char *text, *rest = NULL;
    size_t size;
    int seen = 0;
    ck_assert(xo_file_read(XO_SOURCE_DIR "/docs/outputs.md", 1 << 20, &text, &size, NULL));
    ck_assert_ptr_nonnull(units->text);
    for (char *line = strtok_r(units->text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char *unit = strchr(line, ' '), said[64];
        *unit++ = '\0';
        seen++;
        if (strchr(line, '.') != NULL)
            continue;
        const bool by_key = strcmp(line, "x") == 0 || strcmp(line, "y") == 0;
        const char *told = unit_said(said, text, file, line);
        ck_assert_msg(told != NULL, "%s: %s is not explained", file, line);
        ck_assert_msg(strcmp(told, by_key ? "by key" : unit) == 0,
                      "%s: %s is in \"%s\", not \"%s\"", file, line, unit, told);
    }
    ck_assert_int_eq(seen, n);
    xo_buf_fini(units);
    free(text);
}

START_TEST(the_page_on_outputs_has_the_columns_of_a_curve_and_of_a_run)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run run = fix_run(&f);
    struct xo_buf units = { 0 };
    xo_put_points(&(struct rows){ .units = &units }, f.curve);
    ck_told(&units, "curve.csv", 76);
    xo_put_sides(&(struct rows){ .units = &units }, &run);
    ck_told(&units, "run.csv", 21);
    xo_put_bills(&(struct rows){ .units = &units }, &run);
    ck_told(&units, "bills.csv", 5);
    xo_put_hours(&(struct rows){ .units = &units }, &run);
    ck_told(&units, "hours.csv", 11);
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

/* Behind all others: what one costs, and is left of its price, on each of three ways. */
START_TEST(a_unit_adds_columns_that_the_page_on_outputs_has)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run run = fix_run(&f);
    struct xo_buf units = { 0 };
    f.scenario->unit = (struct xo_unit){ "ticket", "tickets", 3, 0.05 };
    xo_put_points(&(struct rows){ .units = &units }, f.curve);
    ck_assert_ptr_nonnull(strstr(units.text, "build_beats_same_share_se fraction\nunits_month "
                                             "units/month\nbuy_usd_per_1000_requests "));
    ck_told(&units, "curve.csv", 76 + 1 + 3 * 4);
    xo_put_sides(&(struct rows){ .units = &units }, &run);
    ck_assert_ptr_nonnull(strstr(units.text, "longest_request_tokens tokens\n"
                                             "usd_per_1000_requests usd/1000 requests\n"
                                             "usd_per_unit usd/unit\n"));
    ck_told(&units, "run.csv", 21 + 4);
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

START_TEST(the_page_on_outputs_has_the_columns_of_a_sweep_and_of_a_map)
{
    struct fix f = fix_new(&fix_support);
    struct xo_buf units = { 0 };
    static const struct xo_sweep_input input = { .name = "build.rent" };
    static struct xo_sweep_result result = { .n_inputs = 1, .n_rows = 2, .n_base = 1 };
    const struct xo_sweep_report report = { .inputs = &input, .result = &result };
    xo_put_inputs(&(struct rows){ .units = &units }, &report);
    ck_told(&units, "sweep.csv", 44);
    struct xo_map_cell cell = { .x = 1 };
    const struct xo_map_result map = { .cells = &cell, .n_cells = 1 };
    xo_put_cells(&(struct rows){ .units = &units }, f.scenario, &map);
    ck_told(&units, "map.csv", XO_MAP_CELL_FIELDS + 1);
    xo_put_frontier(&(struct rows){ .units = &units }, f.scenario, &map);
    ck_told(&units, "frontier.csv", 3);
    for (int i = 0; i < XO_SWEEP_ROW_FIELDS; i++)
        xo_put(&units, "%s %s\n", xo_sweep_fields[i].name, xo_sweep_fields[i].unit);
    ck_told(&units, "samples.csv", XO_SWEEP_ROW_FIELDS);
    fix_fini(&f);
}
END_TEST

START_TEST(the_page_on_outputs_has_the_columns_of_a_horizon)
{
    struct fix f = fix_new(&fix_support);
    struct xo_buf units = { 0 };
    struct xo_horizon_month month = { .volume = 1 };
    const struct xo_horizon h = { .scenario = f.scenario, .months = &month, .n_months = 1 };
    xo_put_months(&(struct rows){ .units = &units }, &h);
    ck_told(&units, "horizon.csv", 8 + 18 * XO_N_WAYS);
    fix_fini(&f);
}
END_TEST

START_TEST(the_page_on_outputs_has_the_columns_of_a_validation)
{
    struct xo_measured_row row = { .quality = 'A' };
    struct xo_prediction prediction = { .simulated = true };
    struct xo_measured measured = { .rows = &row, .n = 1 };
    struct xo_validation v = { .measured = &measured, .rows = &prediction, .n_targets = 1 };
    struct xo_buf units = { 0 };
    v.targets[0].name = "TPOT";
    xo_put_predictions(&(struct rows){ .units = &units }, &v);
    ck_told(&units, "validate.csv", 29 + 4 * XO_N_MEASURES);
    xo_put_summary(&(struct rows){ .units = &units }, &v);
    ck_told(&units, "validate_summary.csv", 8);
    xo_put_targets_rows(&(struct rows){ .units = &units }, &v);
    ck_told(&units, "validate_targets.csv", 9);
    xo_put_series(&(struct rows){ .units = &units }, &v);
    ck_told(&units, "validate_series.csv", 6);
}
END_TEST

START_TEST(the_unit_of_an_input_is_that_of_its_key_in_base_units)
{
    static const char *const units[][2] = {
        { "buy.discount", "fraction" },  { "workload.volume", "requests/month" },
        { "build.rent", "usd/hour" },    { "build.rent_scale", "" },
        { "build.replicas", "" },        { "build.power_price", "usd/kWh" },
        { "workload.prompt", "tokens" },
    };
    for (int i = 0; i < COUNT(units); i++) {
        const int key = xo_key_find(units[i][0]);
        if (key < 0)
            ck_abort_msg("no key %s", units[i][0]);
        ck_assert_str_eq(xo_unit_of_key(key), units[i][1]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("columns");
    TCase *names = tcase_create("names");
    tcase_add_test(names, a_name_ends_as_its_unit_asks);
    tcase_add_test(names, the_unit_of_an_input_is_that_of_its_key_in_base_units);
    TCase *docs = tcase_create("docs");
    tcase_add_test(docs, the_page_on_outputs_has_the_columns_of_a_curve_and_of_a_run);
    tcase_add_test(docs, a_unit_adds_columns_that_the_page_on_outputs_has);
    tcase_add_test(docs, the_page_on_outputs_has_the_columns_of_a_sweep_and_of_a_map);
    tcase_add_test(docs, the_page_on_outputs_has_the_columns_of_a_horizon);
    tcase_add_test(docs, the_page_on_outputs_has_the_columns_of_a_validation);
    suite_add_tcase(suite, names);
    suite_add_tcase(suite, docs);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
