/* test_writers.c - one page built by hand, and what each writer makes of it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/lines.h"
#include "report/out/out.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static char *written(struct page *page, void (*put)(struct xo_buf *, const struct page *))
{
    struct xo_buf buf = { 0 };
    page_finish(page, &buf, put);
    char *text = xo_buf_take(&buf);
    ck_assert_ptr_nonnull(text);
    return text;
}

static void ck_written(struct page *page, void (*put)(struct xo_buf *, const struct page *),
                       const char *expected)
{
    char *text = written(page, put);
    ck_assert_str_eq(text, expected);
    free(text);
}

/* A row of what anything costs: each format shows its own of the same cells. */
static void cost_row(struct rows *to, const char *what, double usd, const char *shown, bool paid)
{
    const struct cell cells[] = {
        { "what", TEXT(what), .head = "who is\npaid", .gap = 2, LEFT(20), .breaks = true },
        { "usd_month", "usd/month", NUMBER(usd), SHOWN(shown), .head = "USD\na month", RIGHT(9) },
        { "paid", YES_NO(paid), .head = "paid", .gap = 2 },
        { "unit", TEXT("USD"), .json_alone = true, .hidden = true },
    };
    ROW_PUT(to, cells);
}

static void cost_rows(struct rows *to)
{
    cost_row(to, "API", 13000.25, "$13,000", true);
    cost_row(to, "GPUs: 2 x 8, people\001and power", NAN, "-", false);
}

/* All kinds of blocks but a picture. */
static struct page small_page(void)
{
    struct page page = { 0 };
    struct xo_buf text = { 0 };
    page_title(&page, "Support *bot*", "DRAFT: 2 guesses");
    xo_put(&text,
           "A sentence of %d words, of which the last two, behind a blank that no line may "
           "break%cat.",
           20, XO_GLUE);
    page_text(&page, &text);
    page_gap(&page);
    page_section(&page, "What it costs");
    page_item(&page, "one <item> of a list");
    page_item(&page, "another, infsim_s2r");
    page_table(&page, NULL);
    cost_rows(&(struct rows){ .page = &page });
    page_line(&page, "+ no list");
    return page;
}

START_TEST(a_terminal_has_lines_of_80_columns_and_cells_of_their_widths)
{
    struct page page = small_page();
    ck_written(&page, page_put_terminal,
               "Support *bot*                                                   DRAFT: 2 guesses\n"
               "A sentence of 20 words, of which the last two, behind a blank that no line may\n"
               "break at.\n"
               "\n"
               "What it costs\n"
               "  one <item> of a list\n"
               "  another, infsim_s2r\n"
               "  who is                    USD\n"
               "  paid                  a month  paid\n"
               "  API                   $13,000  yes\n"
               "  GPUs: 2 x 8,\n"
               "    people and power          -  no\n"
               "+ no list\n");
}
END_TEST

START_TEST(markdown_has_a_table_and_nothing_typed_becomes_markup)
{
    struct page page = small_page();
    ck_written(&page, page_put_markdown,
               "## Support \\*bot\\*\n"
               "\n"
               "DRAFT: 2 guesses\n"
               "\n"
               "A sentence of 20 words, of which the last two, behind a blank that no line may "
               "break at.\n"
               "\n"
               "### What it costs\n"
               "\n"
               "- one \\<item\\> of a list\n"
               "- another, infsim_s2r\n"
               "\n"
               "| who is paid | USD a month | paid |\n"
               "| --- | --- | --- |\n"
               "| API | $13,000 | yes |\n"
               "| GPUs: 2 x 8, people and power | - | no |\n"
               "\n"
               "\\+ no list\n");
}
END_TEST

START_TEST(csv_has_the_names_once_and_every_digit)
{
    struct xo_buf buf = { 0 };
    cost_rows(&(struct rows){ .csv = &buf });
    ck_assert_str_eq(buf.text, "what,usd_month,paid\r\n"
                               "API,13000.25,yes\r\n"
                               "\"GPUs: 2 x 8, people and power\",,no\r\n");
    xo_buf_fini(&buf);
    cost_row(&(struct rows){ .csv = &buf, .names_alone = true }, "", 0, "", false);
    ck_assert_str_eq(buf.text, "what,usd_month,paid\r\n");
    xo_buf_fini(&buf);
}
END_TEST

START_TEST(each_column_of_csv_has_its_unit_once)
{
    struct xo_buf units = { 0 };
    cost_rows(&(struct rows){ .units = &units });
    ck_assert_str_eq(units.text, "what \nusd_month usd/month\npaid \n");
    xo_buf_fini(&units);
}
END_TEST

START_TEST(json_has_an_object_a_row)
{
    struct xo_json json = { 0 };
    struct xo_buf buf = { 0 };
    json_t *array = xo_json_array(&json);
    cost_rows(&(struct rows){ .json = &json, .array = array });
    xo_json_dump(&json, array, &buf);
    ck_assert_str_eq(buf.text, "[\n"
                               " {\n"
                               "  \"what\": \"API\",\n"
                               "  \"usd_month\": 13000.25,\n"
                               "  \"paid\": true,\n"
                               "  \"unit\": \"USD\"\n"
                               " },\n"
                               " {\n"
                               "  \"what\": \"GPUs: 2 x 8, people\\u0001and power\",\n"
                               "  \"usd_month\": null,\n"
                               "  \"paid\": false,\n"
                               "  \"unit\": \"USD\"\n"
                               " }\n"
                               "]\n");
    xo_buf_fini(&buf);
}
END_TEST

START_TEST(what_is_beyond_the_range_or_not_there_is_said_by_format)
{
    struct xo_json json = { 0 };
    struct xo_buf csv = { 0 }, text = { 0 };
    const struct cell cells[] = {
        { "word", WORD("-") },
        { "text", TEXT("-") },
        { "above", "requests/month", VOLUME(INFINITY) },
        { "nowhere", "", VOLUME(NAN) },
        { "flag", FLAG(1) },
        { "no_flag", FLAG(NAN) },
        { "missing", "", NUMBER(NAN), .if_known = true },
        { "there", "", NUMBER(0.1), .if_known = true },
    };
    ROW_PUT(&(struct rows){ .csv = &csv }, cells);
    ck_assert_str_eq(csv.text, "word,text,above,nowhere,flag,no_flag,missing,there\r\n"
                               "-,'-,inf,,1,,,0.1\r\n");
    xo_json_dump(&json, CELLS_JSON(&json, cells), &text);
    ck_assert_str_eq(
        text.text,
        "{\n \"word\": \"-\",\n \"text\": \"-\",\n \"above\": \"never\",\n \"nowhere\": null,\n \"flag\": true,\n"
        " \"no_flag\": null,\n \"there\": 0.1\n}\n");
    xo_buf_fini(&csv);
    xo_buf_fini(&text);
}
END_TEST

START_TEST(a_head_of_its_own_and_a_picture_stay_as_they_are)
{
    struct page page = { 0 };
    struct xo_buf lines = { 0 };
    const struct cell cells[] = { { NULL, TEXT("  a_b _c_ 1 "), .head = "x", LEFT(13),
                                    .strong = true },
                                  { NULL, NUMBER(0.25), .head = "y", RIGHT(6) } };
    page_table(&page, "head   of   its own");
    ROW_PUT(&(struct rows){ .page = &page }, cells);
    page_gap(&page);
    xo_put(&lines, "..#\n");
    page_take(&page, BLOCK_PICTURE, &lines);
    struct xo_buf text = { 0 };
    page_put_terminal(&text, &page);
    ck_assert_str_eq(text.text, "head   of   its own\n  a_b _c_ 1    0.25\n\n..#\n");
    xo_buf_fini(&text);
    ck_written(&page, page_put_markdown,
               "| x | y |\n| --- | --- |\n| **a_b \\_c_ 1** | 0.25 |\n\n```\n..#\n```\n");
}
END_TEST

START_TEST(a_cell_without_room_takes_that_of_empty_ones_or_stands_below)
{
    struct page page = { 0 };
    const char *far = "far enough from the start of the line to leave it, and the table of 80";
    const struct cell row[] = { { NULL, WORD("a"), LEFT(4) },
                                { NULL, WORD("1"), RIGHT(3) },
                                { NULL, WORD("2"), RIGHT(3) },
                                { NULL, WORD("yes,"), .gap = 2 },
                                { NULL, WORD("no"), .gap = 1 } };
    const struct cell wide[] = { { NULL, WORD("b") },
                                 { NULL, WORD("") },
                                 { NULL, WORD("12345") },
                                 { NULL, WORD("yes,") },
                                 { NULL, WORD(far) } };
    const struct cell blank[] = { { NULL, WORD("c") },
                                  { NULL, WORD("") },
                                  { NULL, WORD("") },
                                  { NULL, WORD("last") },
                                  { NULL, WORD("") } };
    page_table(&page, NULL);
    PAGE_ROW(&page, row);
    PAGE_ROW(&page, wide);
    PAGE_ROW(&page, blank);
    ck_written(
        &page, page_put_terminal,
        "a     1  2  yes, no\n"
        "b    12345  yes,\n"
        "            far enough from the start of the line to leave it, and the table of 80\n"
        "c           last\n");
}
END_TEST

START_TEST(a_failure_sticks)
{
    struct page page = small_page();
    struct xo_buf failed = { .failed = true }, buf = { 0 };
    page_text(&page, &failed);
    page_line(&page, "later");
    page_finish(&page, &buf, page_put_terminal);
    ck_assert(buf.failed);
    ck_assert_ptr_null(xo_buf_take(&buf));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("writers");
    TCase *tc = tcase_create("one page");
    tcase_add_test(tc, a_terminal_has_lines_of_80_columns_and_cells_of_their_widths);
    tcase_add_test(tc, markdown_has_a_table_and_nothing_typed_becomes_markup);
    tcase_add_test(tc, csv_has_the_names_once_and_every_digit);
    tcase_add_test(tc, each_column_of_csv_has_its_unit_once);
    tcase_add_test(tc, json_has_an_object_a_row);
    tcase_add_test(tc, what_is_beyond_the_range_or_not_there_is_said_by_format);
    tcase_add_test(tc, a_head_of_its_own_and_a_picture_stay_as_they_are);
    tcase_add_test(tc, a_cell_without_room_takes_that_of_empty_ones_or_stands_below);
    tcase_add_test(tc, a_failure_sticks);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
