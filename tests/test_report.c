/* test_report.c - what results say, checked on their text; pictures by drawing them.
 *
 * A case of report_fixture.h decides every figure, so that a test knows what must come out.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/csv.h"
#include "report/out/lines.h"
#include "report/out/set.h"
#include "report/page/tables.h"
#include "report_fixture.h"
#include "xo/file.h"
#include "xo/report.h"
#include <check.h>
#include <ctype.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

/* The invoice of [actual] is priced by another room: here it is as far off as a test wants. */
static double invoice_difference_frac;
bool xo_reconcile(const struct xo_scenario *s, struct xo_reconciliation *r, struct xo_error *err)
{
    (void)err;
    *r = (struct xo_reconciliation){ .given = s->actual.month[0] != '\0',
                                     .ours_usd = 8437.5 * (1 + invoice_difference_frac),
                                     .invoice_usd = 8437.5,
                                     .difference_frac = invoice_difference_frac,
                                     .prompt_per_request = 1875,
                                     .output_per_request = 431,
                                     .planned_prompt_per_request = 2000,
                                     .planned_output_per_request = 500 };
    return true;
}

/* ---- the cases ---- */

enum { SUPPORT, ONCE, NARROW, BUY, BUILD, SLOW, LIMITED, BOTH_FAIL, UNEQUAL, CLOSE, NO_HOST, BACK };
enum { N_CASES = BACK + 1 };

static struct fix_case the_case(int which)
{
    struct fix_case k = fix_support;
    switch (which) {
    case ONCE: /* wide: the range alone stands in the title */
        k.gpu_hour_usd = 2.2;
        k.spread = 1.6;
        break;
    case NARROW:
        k.gpu_hour_usd = 2.2;
        k.spread = 1.2;
        break;
    case BUY:
        k.replica_volume = 0.7e6;
        break;
    case BUILD:
        k.people_usd_month = k.one_off_usd_month = 0;
        k.gpu_hour_usd = 0.375;
        k.spares = 0;
        break;
    case SLOW:
    case BOTH_FAIL:
        k.infeasible = true;
        k.n_classes = 2;
        k.rate_limited = which == BOTH_FAIL;
        break;
    case LIMITED:
        k.rate_limited = true;
        break;
    case UNEQUAL:
        k.parity = XO_PARITY_UNEQUAL;
        break;
    case CLOSE:
        k.plan = 7.5e6;
        k.parity = XO_PARITY_MEASURED;
        k.no_guesses = true;
        break;
    case NO_HOST:
        k.no_same = true;
        break;
    case BACK: /* one replica is cheap; the second makes buying cheaper, and so do all others */
        k.people_usd_month = 1500;
        k.one_off_usd_month = 0;
        k.buy_people_usd_month = 9000;
        k.gpu_hour_usd = 4.93;
        k.spares = 0;
        k.replica_volume = 480e3;
        break;
    default:
        break;
    }
    return k;
}

static struct fix fix_of(int which)
{
    const struct fix_case k = the_case(which);
    return fix_new(&k);
}

/* The verdict on one line. */
static char *flat_verdict(const struct fix *f)
{
    char *text = xo_verdict_text(f->curve, 1000000);
    ck_assert_ptr_nonnull(text);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
    return text;
}

/* Each of `parts` (NULL ends them) stands in `text` after the one before. */
static void assert_in_order(const char *text, const char *const *parts)
{
    const char *at = text;
    for (; *parts != NULL; parts++) {
        const char *found = strstr(at, *parts);
        ck_assert_msg(found != NULL, "\"%s\" is missing, or too early, in: %s", *parts, text);
        at = found + strlen(*parts);
    }
}

static char *printed(bool (*print)(FILE *, const void *, enum xo_format, struct xo_error *),
                     const void *what, enum xo_format format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct xo_error err = { 0 };
    ck_assert_msg(print(out, what, format, &err), "%s", err.text);
    fclose(out);
    return text;
}

static bool print_curve(FILE *out, const void *curve, enum xo_format format, struct xo_error *err)
{
    return xo_curve_print(out, curve, format, err);
}

static bool print_run(FILE *out, const void *run, enum xo_format format, struct xo_error *err)
{
    return xo_run_print(out, run, format, err);
}

static bool print_check(FILE *out, const void *scenario, enum xo_format format,
                        struct xo_error *err)
{
    struct xo_reconciliation r;
    return xo_reconcile(scenario, &r, err) && xo_check_print(out, scenario, &r, format, err);
}

static void assert_no_line_is_wider(const char *text, size_t width)
{
    while (*text != '\0') {
        const size_t bytes = strcspn(text, "\n");
        char line[4096];
        snprintf(line, sizeof line, "%.*s", (int)bytes, text);
        ck_assert_msg(xo_columns(line) <= width, "%zu columns: %s", xo_columns(line), line);
        text += bytes + (text[bytes] == '\n');
    }
}

/* ---- verdicts ---- */

static const struct {
    enum xo_verdict_code code;
    const char *parts[16];
} patterns[N_CASES] = {
    [SUPPORT] = { XO_VERDICT_SEVERAL,
                  { "Cheaper at 1.52 M requests (3.8 B tokens) a month: BUY.",
                    "openai/gpt-6.2-sol costs $12,000 ($9,000 to $13,000)",
                    "this build (llama-3.3-70b on 2 x h100-sxm, fp8) $35,000",
                    "dearer by $18,000 to $38,000, cheaper in under 1 % of draws",
                    "Below 19.1 B (14 B to 26 B) tokens a month BUY, above 21.3 B (16 B to 32 B) "
                    "BUILD, up to 380 B, the largest volume simulated",
                    "Going up the answer changes 3 times there,",
                    "by at most $5,400 a month (10 %): treat 19.1 B to 21.3 B as equal, for what "
                    "is "
                    "not known moves these volumes further than they lie apart.",
                    "Your plan lies below them", "Without people on either side it flips at",
                    "the same weights, llama-3.3-70b by the token from "
                    "together/llama-3.3-70b-instruct-turbo, cost $5,700",
                    "but the same weights by the token save", "Flips at your plan",
                    "Not compared: quality (parity assumed), API latency (not measured), exit "
                    "costs",
                    "Prices of 2026-07-02 to 2026-11-22. DRAFT: 11 values are guesses (?): "
                    "scenario.commit" } },
    [ONCE] = { XO_VERDICT_CROSSING,
               { "Cheaper at 1.52 M requests (3.8 B tokens) a month: BUY.", "dearer by",
                 "It flips to this build at 12.9 B tokens a month (8.1 B to 21 B; even odds at "
                 "14.9 B)",
                 "3.4 times your plan, and stays so up to 380 B, the largest volume simulated",
                 "Only 97 % of draws have a crossing", "Without people", "But the same weights",
                 "volume x3.4", "Not enough alone: free GPUs, no staff", "Not compared", "Napkin",
                 "Prices of", NULL } },
    [NARROW] = { XO_VERDICT_CROSSING,
                 { "BUY.", "It flips to this build at 12.9 B tokens a month (11 B to 15 B;",
                   NULL } },
    [BUY] = { XO_VERDICT_BUY_ALWAYS,
              { "BUY.", "BUY is cheaper at every volume simulated, 38 M to 380 B tokens a month",
                "one more million tokens costs this build $4.00 even on full replicas, and "
                "openai/gpt-6.2-sol charges $2.60",
                "But the same weights", "API price x3.9", "Not compared", "Prices of", NULL } },
    [BUILD] = { XO_VERDICT_BUILD_ALWAYS,
                { "Cheaper at 1.52 M requests (3.8 B tokens) a month: BUILD.", "cheaper by",
                  "BUILD is cheaper at every volume simulated, 38 M to 380 B tokens a month, "
                  "already by $1,600 at 38 M",
                  "That is unusual: check staff = 0, one_off = 0, spares = 0",
                  "At your plan the same weights", "Not compared", "Prices of", NULL } },
    [SLOW] = { XO_VERDICT_INFEASIBLE,
               { "No fleet of 2 x h100-sxm, fp8 meets TTFT p95 <= 2 s for easy: a lone request "
                 "already takes 3.4 s, so more replicas do not help.",
                 "What would help: tensor_parallel = 4, GPU b200-sxm, or a limit of at least 3.5 "
                 "s.",
                 "No cost is given for this build. At 1.52 M requests (3.8 B tokens) a month "
                 "openai/gpt-6.2-sol costs $12,000 ($9,000 to $13,000); with one side missing",
                 "there is no comparison", "Not compared", "Prices of", NULL } },
    [LIMITED] = { XO_VERDICT_INFEASIBLE,
                  { "openai/gpt-6.2-sol does not carry the busiest minute of 1.52 M requests",
                    "above the rate limit of the tariff (500 requests a minute)",
                    "What would help: a higher limit from the provider. Bills of buying marked ! "
                    "take one "
                    "for granted.",
                    "fp8) costs $35,000 ($32,000 to $47,000); with one side missing",
                    "there is no comparison", "Not compared", "Prices of", NULL } },
    [BOTH_FAIL] = { XO_VERDICT_NO_WINNER,
                    { "No winner: neither side serves the plan.", "No fleet of",
                      "No cost is given for this build", "does not carry the busiest minute",
                      "What would help: a higher limit", "Not compared", NULL } },
    [UNEQUAL] = { XO_VERDICT_NO_WINNER,
                  { "No winner: the quality of the two sides is declared unequal",
                    "openai/gpt-6.2-sol costs $12,000 ($9,000 to $13,000)",
                    "$35,000 ($32,000 to $47,000)",
                    "Not compared: API latency (not measured), exit costs.", "Prices of", NULL } },
    [CLOSE] = { XO_VERDICT_TOO_CLOSE,
                { "Too close to call at 7.5 M requests (18.8 B tokens) a month.",
                  "This build is cheaper in 46 % of draws",
                  "the difference runs from $33,000 dearer to $9,500 cheaper a month",
                  "The base case leans to BUY by $", "do not quote it alone",
                  "What would settle it:", "volume (x1",
                  "or a volume outside 14 B to 26 B tokens a month", "Below 19.1 B",
                  "Not compared: API latency", "Quality was measured: blind test of 400 tickets",
                  "No value is a guess", NULL } },
    [NO_HOST] = { XO_VERDICT_SEVERAL,
                  { "BUY.", "No host is known that sells llama-3.3-70b by the token",
                    "Flips at your plan", NULL } },
    [BACK] = { XO_VERDICT_CROSSING,
               { "Cheaper at 1.52 M requests (3.8 B tokens) a month:", "It flips to buying at",
                 "by simulation noise alone", "times your plan", NULL } },
};

START_TEST(each_pattern_says_what_it_must_in_that_order)
{
    struct fix f = fix_of(_i);
    char *text = flat_verdict(&f);
    ck_assert_msg(f.curve->verdict == patterns[_i].code, "case %d is %s: %s", _i,
                  xo_verdict_code_name(f.curve->verdict), text);
    assert_in_order(text, patterns[_i].parts);
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(no_verdict_says_more_than_a_simulation_can)
{
    static const char *const forbidden[] = { "should",   "ecommend", "guarantee", "uilding",
                                             "for good", "nan",      "inf ",      "identical",
                                             "always",   "never",    "NaN",       "(-" };
    struct fix f = fix_of(_i);
    char *text = flat_verdict(&f), *title = xo_verdict_title(f.curve);
    for (size_t w = 0; w < sizeof forbidden / sizeof forbidden[0]; w++) {
        ck_assert_msg(strstr(text, forbidden[w]) == NULL, "\"%s\" in: %s", forbidden[w], text);
        ck_assert_msg(strstr(title, forbidden[w]) == NULL, "\"%s\" in: %s", forbidden[w], title);
    }
    free(text);
    free(title);
    fix_fini(&f);
}
END_TEST

START_TEST(a_figure_of_a_verdict_has_at_most_two_digits_that_count)
{
    struct fix f = fix_of(_i);
    char *text = flat_verdict(&f);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c != '$')
            continue;
        char digits[64] = "";
        size_t n = 0;
        for (c++; isdigit((unsigned char)*c) ||
                  ((*c == ',' || *c == '.') && isdigit((unsigned char)c[1]));
             c++)
            if (isdigit((unsigned char)*c) && n + 1 < sizeof digits)
                digits[n++] = *c;
        while (n > 0 && digits[n - 1] == '0')
            n--;
        digits[n] = '\0';
        ck_assert_msg(strlen(digits + strspn(digits, "0")) <= 2, "%s of: %s", digits, text);
        c--;
    }
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(a_verdict_keeps_to_its_width)
{
    static const int widths[] = { 60, 80, 117 };
    struct fix f = fix_of(_i);
    for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
        char *text = xo_verdict_text(f.curve, widths[w]);
        assert_no_line_is_wider(text, (size_t)widths[w]);
        free(text);
    }
    fix_fini(&f);
}
END_TEST

START_TEST(the_two_halves_of_a_saving_are_said_with_their_signs)
{
    struct fix f = fix_of(SUPPORT);
    char *text = flat_verdict(&f);
    ck_assert_ptr_nonnull(
        strstr(text, "changing the model saves $6,400, owning the GPUs costs $29,000"));
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(a_side_that_fails_gets_neither_a_flip_nor_a_saving)
{
    struct fix f = fix_of(_i == 0 ? SLOW : _i == 1 ? LIMITED : _i == 2 ? BOTH_FAIL : UNEQUAL);
    char *text = flat_verdict(&f);
    ck_assert_ptr_null(strstr(text, "Flips at your plan"));
    ck_assert_ptr_null(strstr(text, "It flips"));
    ck_assert_ptr_null(strstr(text, "changing the model"));
    ck_assert_ptr_null(strstr(text, "BUY"));
    ck_assert_ptr_null(strstr(text, "BUILD"));
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(an_invoice_more_than_15_percent_off_is_in_the_verdict)
{
    struct fix f = fix_of(SUPPORT);
    invoice_difference_frac = 0.24;
    char *silent = flat_verdict(&f);
    xo_text_copy(f.scenario->actual.month, sizeof f.scenario->actual.month, "2026-10");
    char *said = flat_verdict(&f);
    invoice_difference_frac = -0.12;
    char *near = flat_verdict(&f);
    ck_assert_ptr_null(strstr(silent, "invoice"));
    ck_assert_ptr_nonnull(strstr(said, "your invoice of 2026-10 at $10,000, 24 % more than the "
                                       "$8,400 that it says"));
    ck_assert_ptr_null(strstr(near, "invoice"));
    free(silent);
    free(said);
    free(near);
    fix_fini(&f);
}
END_TEST

/* What the verdict of f says, without its line ends. */
static bool is_said(const struct fix *f, const char *words)
{
    char *text = xo_verdict_text(f->curve, 80);
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '\n' ? ' ' : *at;
    const bool is = strstr(text, words) != NULL;
    if (!is)
        fprintf(stderr, "%s\n", text);
    free(text);
    return is;
}

START_TEST(what_is_signed_for_follows_the_tenure)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_curve *c = f.curve;
    struct xo_build_terms *terms = &f.scenario->options[0].terms;
    ck_assert(is_said(&f,
                      "Signing for 24 months commits $340,000 for GPUs and one-offs, base case; "
                      "over that time, against buying, this build loses"));
    terms->tenure = XO_OWN;
    terms->life_years = 10.5;
    c->obligation = (struct xo_obligation){ .servers_usd = 480000,
                                            .resale_usd = 48000,
                                            .one_off_usd = 60000,
                                            .n_servers = 2,
                                            .months = 126 };
    c->obligation_usd = 492000;
    ck_assert(is_said(&f,
                      "This build buys 2 servers for $480,000, of which $48,000 comes back after "
                      "10.5 years, and pays $60,000 once: $490,000 in all, however long you sign "
                      "for, base case; over 126 months, against buying, this build loses"));
    terms->life_years = 1;
    c->obligation.n_servers = 1;
    c->obligation.resale_usd = c->obligation.one_off_usd = 0;
    c->obligation.months = 24;
    c->loss_usd[2] = NAN;
    ck_assert(is_said(&f,
                      "This build buys 1 server for $480,000, of which nothing comes back after "
                      "1 year, however long you sign for, base case; over 24 months, the "
                      "servers bought again after 1 year, against buying, this build loses"));
    ck_assert(is_said(&f, " at your plan. At twice your plan this build does not meet the SLO. "));
    terms->tenure = XO_ALREADY_OWNED;
    c->obligation_usd = 60000;
    ck_assert(is_said(&f, "This build commits $60,000 for one-offs and nothing for GPUs, which are "
                          "there already, base case; over 24 months, against buying, this build "
                          "loses"));
    ck_assert(!is_said(&f, "count as free"));
    c->points[c->plan].build.bill.items[0].micro_usd = 0;
    ck_assert(is_said(&f, "The GPUs of this build count as free ($0). "));
    fix_fini(&f);
}
END_TEST

START_TEST(a_base_case_outside_its_range_is_explained)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_curve *c = f.curve;
    struct xo_curve_point *plan = &c->points[c->plan];
    ck_assert(!is_said(&f, "outside the range"));
    c->plan_band[XO_WAY_BUILD] = fix_drawn(1.004 * plan->usd[XO_WAY_BUILD], 1e6, 2e6);
    ck_assert(!is_said(&f, "outside the range"));
    c->plan_band[XO_WAY_BUILD].p10 = 1.006 * plan->usd[XO_WAY_BUILD];
    ck_assert(is_said(&f, "The base case lies outside the range of this build: what varies"));
    c->plan_band[XO_WAY_BUY] = fix_drawn(0, 0, 0.994 * plan->usd[XO_WAY_BUY]);
    c->crossings[XO_BUY_BUILD].first =
        fix_drawn(1.1 * c->crossings[XO_BUY_BUILD].at[0].volume, 1e9, 1e9);
    ck_assert(is_said(&f, "The base case lies outside the range of buying, this build and its "
                          "crossing: what varies does so mostly to one side of the value typed. "));
    fix_fini(&f);
}
END_TEST

START_TEST(the_napkin_is_marked_where_it_crosses_the_tokens_alone)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_plot plot = { .name = "cost" };
    xo_plot_cost(&plot, f.curve);
    char *script = xo_buf_take(&plot.set), *data = xo_buf_take(&plot.data), point[80];
    snprintf(point, sizeof point, "napkin_volume[1] = %.10g; napkin_usd[1] = %.10g\n",
             2 * 730 * 3.99 / 0.0066, 2 * 730 * 3.99);
    ck_assert_ptr_nonnull(strstr(script, point));
    ck_assert_ptr_nonnull(strstr(script, "tokens alone cost as much"));
    free(script);
    free(data);
    f.curve->napkin_crossing_usd = NAN;
    plot = (struct xo_plot){ .name = "cost" };
    xo_plot_cost(&plot, f.curve);
    script = xo_buf_take(&plot.set);
    data = xo_buf_take(&plot.data);
    ck_assert_ptr_nonnull(strstr(script, "napkin_n = 0\n"));
    free(script);
    free(data);
    fix_fini(&f);
}
END_TEST

START_TEST(small_sums_of_a_bill_are_never_nothing)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_run run = fix_run(&f);
    struct xo_bill *bill = &run.bills[XO_WAY_BUY];
    bill->n_items = 0;
    fix_item(bill, XO_BILL_TOKENS, "input tokens", 0.004812);
    fix_item(bill, XO_BILL_TOKENS, "output tokens", 0.0084);
    char *text = printed(print_run, &run, XO_FORMAT_TABLE);
    ck_assert_ptr_nonnull(strstr(text, "  tokens                      $0.013 "));
    ck_assert_ptr_nonnull(strstr(text, " $0.0048\n"));
    ck_assert_ptr_nonnull(strstr(text, " $0.0084\n"));
    ck_assert_ptr_nonnull(strstr(text, " $0.013\n"));
    ck_assert_ptr_null(strstr(text, " $0 "));
    ck_assert_ptr_null(strstr(text, "are rounded for display"));
    free(text);
    fix_item(bill, XO_BILL_PEOPLE, "people", 58.333333); /* 58.33, 7.88 and 66.22 */
    fix_item(bill, XO_BILL_POWER, "power", 7.884);
    bill->items[0].micro_usd = bill->items[1].micro_usd = 0;
    text = printed(print_run, &run, XO_FORMAT_TABLE);
    ck_assert_ptr_nonnull(strstr(text, "total (items are rounded for display) "));
    ck_assert_ptr_nonnull(strstr(text, " $66.22\n"));
    free(text);
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

START_TEST(crossings_that_matter_are_not_called_equal)
{
    struct fix f = fix_of(SUPPORT);
    f.curve->crossings[XO_BUY_BUILD].first.p10 =
        f.curve->crossings[XO_BUY_BUILD].at[0].volume * 1.01; /* surer than they lie apart */
    char *text = flat_verdict(&f);
    ck_assert_ptr_nonnull(strstr(text, "too much to treat as equal"));
    free(text);
    fix_fini(&f);
}
END_TEST

/* One volume, no bill on any side, no draw: whatever the code says, nothing made up comes out. */
START_TEST(figures_that_do_not_exist_are_neither_printed_nor_fatal)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_curve *c = f.curve;
    const struct xo_band none = { NAN, NAN, NAN, NAN, NAN, NAN };
    c->points[0] = c->points[c->plan];
    c->n_points = 1;
    c->plan = 0;
    for (int line = 0; line < XO_N_WAYS; line++) {
        c->points[0].usd[line] = NAN;
        c->points[0].band[line] = none;
    }
    c->points[0].napkin_usd = c->points[0].wins_share[XO_BUY_BUILD] = NAN;
    c->points[0].build.feasible = _i % 2 == 0;
    c->crossings[XO_BUY_BUILD] = c->crossings[XO_SAME_BUILD] = c->without_people =
        c->changing_model =
            (struct xo_crossings){ .stays_above = NAN, .first = none, .last = none };
    c->saving = c->plan_volume = none;
    for (int line = 0; line < XO_N_WAYS; line++)
        c->plan_band[line] = none;
    c->saving_base_usd = c->saving_changing_model_usd = c->saving_owning_usd = NAN;
    c->wins_share[XO_BUY_BUILD] = c->napkin_crossing = c->step_error_frac = NAN;
    c->marginal_build_usd_per_mtok = c->marginal_buy_usd_per_mtok = NAN;
    memset(c->flips, 0, sizeof c->flips);
    c->verdict = (enum xo_verdict_code)_i;
    struct xo_plot plots[3] = { { .name = "cost" }, { .name = "saving" }, { .name = "load" } };
    xo_plot_cost(&plots[0], c);
    xo_plot_saving(&plots[1], c);
    xo_plot_load(&plots[2], c);
    char *texts[] = { xo_verdict_text(c, 80),
                      xo_verdict_title(c),
                      printed(print_curve, c, XO_FORMAT_TABLE),
                      printed(print_curve, c, XO_FORMAT_CSV),
                      printed(print_curve, c, XO_FORMAT_JSON),
                      xo_buf_take(&plots[0].set),
                      xo_buf_take(&plots[0].data),
                      xo_buf_take(&plots[1].set),
                      xo_buf_take(&plots[1].data),
                      xo_buf_take(&plots[2].set),
                      xo_buf_take(&plots[2].data) };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ck_assert_ptr_nonnull(texts[i]);
        for (const char *at = texts[i]; (at = strstr(at, "nan")) != NULL; at++)
            ck_assert_msg(at > texts[i] && isalpha((unsigned char)at[-1]), "text %zu: %.60s", i,
                          at);
        ck_assert_msg(strstr(texts[i], " inf") == NULL, "text %zu: %s", i, texts[i]);
        free(texts[i]);
    }
    fix_fini(&f);
}
END_TEST

START_TEST(a_range_that_leaves_what_was_simulated_says_on_which_side)
{
    struct fix f = fix_of(ONCE);
    f.curve->crossings[XO_BUY_BUILD].first.p90 = INFINITY;
    f.curve->crossings[XO_BUY_BUILD].even_odds = NAN;
    char *text = flat_verdict(&f), *title = xo_verdict_title(f.curve);
    char *json = printed(print_curve, f.curve, XO_FORMAT_JSON);
    ck_assert_ptr_nonnull(strstr(text, "12.9 B tokens a month (8.1 B to over 380 B), 3.4 times"));
    ck_assert_ptr_nonnull(strstr(title, "above 12.9 B (8.1 B to over 380 B) tokens a month"));
    ck_assert_ptr_nonnull(strstr(json, "\"p90_lies\": \"above\""));
    free(text);
    free(title);
    free(json);
    fix_fini(&f);
}
END_TEST

START_TEST(a_title_states_the_finding)
{
    static const struct {
        int which;
        const char *title;
    } titles[] = {
        { SUPPORT,
          "DRAFT: Below 19.1 B (14 B to 26 B) tokens a month BUY, above 21.3 B (16 B to 32 B) "
          "BUILD" },
        { ONCE, "DRAFT: This build is cheaper than openai/gpt-6.2-sol above 12.9 B (8.1 B to 21 B) "
                "tokens a month" },
        { NARROW, "DRAFT: This build is cheaper than openai/gpt-6.2-sol above 12.9 B (11 B to "
                  "15 B) tokens a month" },
        { BUY,
          "DRAFT: openai/gpt-6.2-sol is cheaper than this build at every volume simulated, 38 M to "
          "380 B tokens a month" },
        { SLOW, "DRAFT: No fleet of 2 x h100-sxm, fp8 meets TTFT p95 <= 2 s: a lone request takes "
                "3.4 s" },
        { LIMITED, "DRAFT: openai/gpt-6.2-sol does not carry the busiest minute of the plan" },
        { UNEQUAL,
          "DRAFT: Bills only, no winner: the quality of the two sides is declared unequal" },
        { CLOSE,
          "Too close to call at 18.8 B tokens a month: this build is cheaper in 46 % of draws" },
    };
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        struct fix f = fix_of(titles[i].which);
        char *title = xo_verdict_title(f.curve);
        ck_assert_str_eq(title, titles[i].title);
        free(title);
        fix_fini(&f);
    }
}
END_TEST

/* ---- who is bought from, and when that was read ---- */

static void assert_says(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is missing in: %s", part, text);
}

START_TEST(an_api_of_the_same_weights_changes_the_host_and_not_the_model)
{
    struct fix f = fix_of(SUPPORT);
    f.scenario->apis[0].is_same_weights = true;
    char *text = flat_verdict(&f);
    struct xo_plot plot = { .name = "saving" };
    xo_plot_saving(&plot, f.curve);
    assert_says(text, "base case: changing the host saves $6,400, owning the GPUs costs $29,000.");
    ck_assert_ptr_null(strstr(text, "changing the model"));
    ck_assert_ptr_null(strstr(text, "this build saves $7,100 on"));
    assert_says(plot.set.text, "'changing the host'");
    ck_assert_ptr_null(strstr(plot.set.text, "changing the model"));
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    free(text);
    xo_text_copy(f.scenario->same_model[0].tariff.name, XO_COST_NAME_SIZE, "openai/gpt-6.2-sol");
    text = flat_verdict(&f);
    assert_says(text, "openai/gpt-6.2-sol serves the weights of this build, llama-3.3-70b: the "
                      "difference is owning the GPUs.");
    ck_assert_ptr_null(strstr(text, "changing the"));
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(a_list_of_hosts_is_told_as_one)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_scenario *s = f.scenario;
    s->same_model[1] = s->same_model[2] = s->same_model[0];
    xo_text_copy(s->same_model[1].tariff.name, XO_COST_NAME_SIZE, "groq/llama-3.3-70b-versatile");
    s->n_same_model = 3;
    char *median = flat_verdict(&f);
    assert_says(median, "from together/llama-3.3-70b-instruct-turbo (the host of median price), "
                        "cost $5,700");
    s->n_same_bought = 3;
    for (int i = 20; i < f.curve->n_points; i++) /* the plan is one of them */
        f.curve->points[i].pick[XO_WAY_SAME] = 1;
    char *cheapest = flat_verdict(&f), *table = printed(print_curve, f.curve, XO_FORMAT_TABLE);
    char *json = printed(print_curve, f.curve, XO_FORMAT_JSON);
    assert_says(cheapest, "from groq/llama-3.3-70b-versatile (the cheapest of 3 hosts at your "
                          "plan), cost $5,700");
    assert_says(table, "together/llama-3.3-70b-instruct-turbo, groq/llama-3.3-70b-versatile from "
                       "3.8 B\ntokens.");
    assert_says(json, "\"same\": \"groq/llama-3.3-70b-versatile\"");
    free(median);
    free(cheapest);
    free(table);
    free(json);
    fix_fini(&f);
}
END_TEST

START_TEST(weights_that_nobody_is_asked_for_are_not_said_to_have_no_host)
{
    struct fix f = fix_of(NO_HOST);
    for (int i = 0; i < f.scenario->n_entries; i++)
        if (f.scenario->entries[i].key == xo_key_find("buy.same_model_api"))
            f.scenario->entries[i].value = "none";
    char *text = flat_verdict(&f);
    assert_says(text, "buy.same_model_api = none leaves out who sells llama-3.3-70b by the token");
    free(text);
    fix_fini(&f);
}
END_TEST

/* From 2026-07-02 to 2027-06-10: 343 days; from 2026-11-22, 200. */
START_TEST(stale_prices_speak_wherever_a_bill_is_said)
{
    struct fix f = fix_of(SUPPORT);
    char *fresh = flat_verdict(&f);
    xo_text_copy(f.scenario->as_of, sizeof f.scenario->as_of, "2027-06-10");
    struct xo_run run = fix_run(&f);
    char *texts[] = { flat_verdict(&f), printed(print_run, &run, XO_FORMAT_TABLE),
                      printed(print_check, f.scenario, XO_FORMAT_TABLE) };
    char *json = printed(print_curve, f.curve, XO_FORMAT_JSON);
    static const char said[] = "STALE: the price of together/llama-3.3-70b-instruct-turbo is of "
                               "2026-07-02, 343 days before as_of, and 1 other is over 180 days "
                               "old";
    ck_assert_ptr_null(strstr(fresh, "STALE"));
    for (int i = 0; i < 3; i++) {
        for (char *c = texts[i]; *c != '\0'; c++)
            *c = *c == '\n' ? ' ' : *c;
        assert_says(texts[i], said);
        assert_says(texts[i], "Prices of 2026-07-02 to 2027-06-10.");
        free(texts[i]);
    }
    assert_says(json, "\"oldest\": \"2026-07-02\"");
    assert_says(json, "\"newest\": \"2027-06-10\"");
    assert_says(json, "\"n_stale\": 2");
    free(fresh);
    free(json);
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

/* ---- words for figures ---- */

static void assert_said(const char *words, const char *expected)
{
    char said[XO_TITLE_SIZE];
    xo_text_copy(said, sizeof said, words);
    xo_unglue(said);
    ck_assert_str_eq(said, expected);
}

START_TEST(a_share_that_is_neither_nothing_nor_all_is_not_said_to_be)
{
    static const struct {
        double share;
        const char *said;
    } shares[] = { { 0, "0 %" },       { -2e-16, "0 %" },
                   { 0.0012, "<1 %" }, { 0.0073, "1 %" },
                   { 0.637, "64 %" },  { 0.9972, ">99 %" },
                   { 1, "100 %" },     { 0.9999999999999973, "100 %" },
                   { 1e-12, "0 %" },   { NAN, "-" } };
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        struct xo_words words = { 0 };
        assert_said(xo_say_percent(&words, shares[i].share), shares[i].said);
    }
}
END_TEST

/* A factor that does not flip the answer is no flip factor: 1.3 of 1.346 would not. */
START_TEST(a_flip_factor_is_rounded_to_where_it_flips)
{
    static const struct {
        double factor;
        const char *said;
    } flips[] = { { 1.346, "1.4" },    { 1.3, "1.3" },     { 1.3 + 1e-14, "1.3" },
                  { 2.91, "3" },       { 0.6543, "0.65" }, { 0.659, "0.65" },
                  { 0.65, "0.65" },    { 1.0312, "1.04" }, { 0.9688, "0.96" },
                  { 0.0123, "0.012" }, { 123.4, "130" },   { 1.96, "2" },
                  { 1, "1" } };
    for (size_t i = 0; i < sizeof flips / sizeof flips[0]; i++) {
        struct xo_words words = { 0 };
        ck_assert_str_eq(xo_say_flip(&words, flips[i].factor), flips[i].said);
    }
}
END_TEST

/* A request is 2,500 tokens. Two digits of 13.6 B to 26.3 B are 14 B to 26 B; of a base case at
 * 13.7 B, 14 B would leave it outside its range, and 13.62 B to 13.71 B would be 14 B to 14 B. */
START_TEST(a_range_of_volumes_holds_its_base_case)
{
    static const struct {
        double base, lo, hi;
        const char *said;
    } bands[] = { { 19.1e9, 13.6e9, 26.3e9, "14 B to 26 B" },
                  { 13.7e9, 13.6e9, 26.3e9, "13.6 B to 26.3 B" },
                  { 13.66e9, 13.62e9, 13.71e9, "13.6 B to 13.7 B" },
                  { 26.4e9, 13.6e9, 26.44e9, "13.6 B to 26.4 B" },
                  { 19.1e9, 13.6e9, INFINITY, "14 B to over 380 B" } };
    struct fix f = fix_of(SUPPORT);
    for (size_t i = 0; i < sizeof bands / sizeof bands[0]; i++) {
        struct xo_words words = { 0 };
        const struct xo_band band = fix_drawn(bands[i].lo / 2500, NAN, bands[i].hi / 2500);
        assert_said(xo_say_token_band(&words, f.curve, bands[i].base / 2500, &band), bands[i].said);
    }
    fix_fini(&f);
}
END_TEST

/* Half a unit of the last digit: $50 of $1,200, 0.5 points of a share, 500 M tokens of 17.8 B. */
START_TEST(a_drawn_figure_has_no_more_digits_than_its_error_supports)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_words words = { 0 };
    const double billion = 1e9 / 2500;
    const struct {
        const char *said, *expected;
    } figures[] = {
        { xo_say_drawn_usd(&words, 1234, 49), "$1,200" },
        { xo_say_drawn_usd(&words, 1234, 51), "$1,200 +- $50" },
        { xo_say_drawn_usd(&words, -996, 48), "-$1,000" },
        { xo_say_drawn_usd(&words, 1234, NAN), "$1,200" },
        { xo_say_drawn_share(&words, 0.604, 0.0049), "60 %" },
        { xo_say_drawn_share(&words, 0.604, 0.011), "60 % +- 1 %" },
        { xo_say_drawn_share(&words, 0.004, 0.011), "under 1 %" },
        { xo_say_drawn_tokens(&words, f.curve, 17.83 * billion, 0.049 * billion), "17.8 B" },
        { xo_say_drawn_tokens(&words, f.curve, 17.83 * billion, 0.4 * billion), "18 B" },
        { xo_say_drawn_tokens(&words, f.curve, 17.83 * billion, 1.7 * billion), "18 B +- 2 B" },
        { xo_say_drawn_tokens(&words, f.curve, INFINITY, NAN), "over 380 B" },
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        assert_said(figures[i].said, figures[i].expected);
    }
    fix_fini(&f);
}
END_TEST

/* Every figure of the draws in the verdict. */
START_TEST(the_verdict_says_the_error_of_its_draws)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_curve *c = f.curve;
    c->crossings[XO_BUY_BUILD].n = 1;
    c->wins_share[XO_BUY_BUILD] = 0.043;
    c->wins_se[XO_BUY_BUILD] = 0.012;
    c->saving.p10_se = 0.06 * fabs(c->saving.p10);
    c->crossings[XO_BUY_BUILD].even_odds_se = 0.1 * c->crossings[XO_BUY_BUILD].even_odds;
    c->plan_band[XO_WAY_BUY].p90_se = 0.08 * c->plan_band[XO_WAY_BUY].p90;
    ck_assert(is_said(&f, "cheaper in 4 % +- 1 % of draws"));
    ck_assert(is_said(&f, " +- $1,000), this build"));
    ck_assert(is_said(&f, "dearer by $"));
    ck_assert(is_said(&f, " B +- 2 B)"));
    c->plan_volume.p10 *= 0.5;
    ck_assert(is_said(&f, "What is said of your plan is over volumes of 1.9 B to 3.8 B tokens a "
                          "month; crossings and even odds are volumes themselves. "));
    fix_fini(&f);
}
END_TEST

START_TEST(uncertain_inputs_that_change_nothing_are_named)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_curve *c = f.curve;
    ck_assert(!is_said(&f, "Of the uncertain inputs"));
    c->effects[1] = (struct xo_effect){ .key = xo_key_find("build.server_price") };
    ck_assert(is_said(&f, "Of the uncertain inputs build.server_price changes no bill here. "));
    c->effects[2] = (struct xo_effect){ .key = xo_key_find("slo.tpot_p95") };
    ck_assert(is_said(&f, "Of the uncertain inputs build.server_price and slo.tpot_p95 change no "
                          "bill here. "));
    fix_fini(&f);
}
END_TEST

START_TEST(an_even_number_of_crossings_leaves_one_side_at_both_ends)
{
    struct fix f = fix_of(SUPPORT);
    f.curve->crossings[XO_BUY_BUILD].n = 2;
    f.curve->crossings[XO_BUY_BUILD].largest_gap_frac = 0.0437;
    char *text = flat_verdict(&f), *title = xo_verdict_title(f.curve);
    assert_says(text,
                "Below 19.1 B (14 B to 26 B) and above 19.3 B (18 B to 20 B by simulation noise "
                "alone) tokens a month BUY, up to 380 B");
    assert_says(text, "Going up the answer changes twice there, as whole replicas and staff are "
                      "added, by at most $5,400 a month (4 %): treat 19.1 B to 19.3 B as equal, "
                      "for that is too little to decide by.");
    assert_says(title, "Below 19.1 B (14 B to 26 B) and above 19.3 B");
    free(text);
    free(title);
    fix_fini(&f);
}
END_TEST

/* 2,500 tokens a request: 0.3 M requests are 750 M tokens, 8 M are 20 B, 9.1 M are 22.8 B. */
START_TEST(where_the_same_weights_stop_being_cheaper_is_told_to_the_end)
{
    const struct xo_crossing back = { .volume = 0.3e6, .noise_lo = 0.29e6, .noise_hi = 0.31e6 };
    struct xo_crossing over = { .volume = 8e6, .to_build = true };
    struct fix f = fix_of(SUPPORT);
    struct xo_crossings *x = &f.curve->crossings[XO_SAME_BUILD];
    const struct xo_band band = fix_drawn(6.4e6, 8e6, 10.4e6);
    static const char *const said[] = {
        "at your plan, dearer than this build up to 750 M, then less than this build up to 380 B.",
        "less than this build up to 20 B (16 B to 26 B); above 22.8 B this build is dearer again, "
        "up to 380 B.",
        "less than this build up to 20 B (16 B to 26 B); from there the answer changes twice up to "
        "24 B, and above that this build is cheaper, up to 380 B.",
        "dearer than this build up to 750 M, then less than this build up to 20 B (16 B to 26 B)."
    };
    for (int i = 0; i < 4; i++) {
        *x = (struct xo_crossings){ .exists_share = 1, .first = band };
        x->build_cheaper_at_min = i == 0 || i == 3;
        if (x->build_cheaper_at_min)
            x->at[x->n++] = back;
        if (i > 0)
            x->at[x->n++] = over;
        if (i == 1 || i == 2)
            x->at[x->n++] = (struct xo_crossing){ .volume = 9.1e6 };
        if (i == 2)
            x->at[x->n++] = (struct xo_crossing){ .volume = 9.6e6, .to_build = true };
        char *text = flat_verdict(&f);
        assert_says(text, said[i]);
        free(text);
    }
    fix_fini(&f);
}
END_TEST

START_TEST(what_signing_loses_is_told_run_by_run)
{
    static const struct {
        double loss[3];
        const char *said;
    } cases[] = {
        { { 71300, 47200, 23900 },
          "this build loses $71,000 at half your plan, $47,000 at your plan and $24,000 at twice" },
        { { 71300, 47200, -23900 },
          "this build loses $71,000 at half your plan and $47,000 at your plan, and saves $24,000 "
          "at twice your plan." },
        { { 71300, -47200, -23900 },
          "this build loses $71,000 at half your plan, and saves $47,000 at your plan and $24,000 "
          "at twice your plan." },
        { { 71300, -47200, 23900 },
          "this build loses $71,000 at half your plan, saves $47,000 at your plan, and loses "
          "$24,000 at twice your plan." },
        { { 71300, 47200, NAN },
          "this build loses $71,000 at half your plan and $47,000 at your plan. At twice your plan "
          "this build does not meet the SLO." },
    };
    struct fix f = fix_of(SUPPORT);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memcpy(f.curve->loss_usd, cases[i].loss, sizeof cases[i].loss);
        char *text = flat_verdict(&f);
        assert_says(text, "over that time, against buying, this build");
        assert_says(text, cases[i].said);
        free(text);
    }
    fix_fini(&f);
}
END_TEST

/* ---- tables ---- */

START_TEST(load_above_the_time_with_a_batch_is_explained)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_run run = fix_run(&f);
    struct xo_plot plot = { .name = "load" };
    static const char why[] = "Load is the higher of the two because the SLO is missed";
    char *usual = printed(print_run, &run, XO_FORMAT_TABLE);
    run.sized[0].load_frac = 0.1534;
    run.sized[0].week_busy_frac = 0.0621;
    run.metrics.busy_frac = 0.9987;
    run.metrics.idle_frac = -1.1e-16;
    char *odd = printed(print_run, &run, XO_FORMAT_TABLE);
    for (char *c = usual; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
    ck_assert_ptr_null(strstr(usual, why));
    assert_says(odd, "load* 15 %; a batch runs 6 % of the week, >99 % of the busiest hour");
    assert_says(odd, "decoding alone");
    assert_says(odd, "idle 0 %\n");
    for (char *c = odd; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
    assert_says(odd, why);
    struct xo_sized *one = &f.curve->points[f.curve->plan].build;
    one->load_frac = 0.1534;
    one->week_busy_frac = 0.0621;
    one->serving_replicas = 1;
    one->headroom_replicas = one->spare_replicas = 0;
    f.scenario->options[one->option].deployment.tensor_parallel = 1;
    one->n_gpus = 8; /* in a server of its own: seven do no work */
    xo_plot_load(&plot, f.curve);
    assert_says(plot.set.text, "At your plan 1 GPU does 15 % of the work");
    assert_says(plot.set.text, "load above busy: the SLO is missed long before");
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    free(usual);
    free(odd);
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

/* 0.214 / sqrt(40) = 3.4 %, 1.96 * 0.031 / sqrt(40) = 1.0 %. */
START_TEST(fleets_that_were_not_simulated_are_told)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_ladder *l = &f.curve->ladders[0];
    char *text = printed(print_curve, f.curve, XO_FORMAT_TABLE);
    ck_assert_ptr_null(strstr(text, "square-root"));
    free(text);
    l->rungs[l->n_rungs - 1].interpolated = true;
    text = printed(print_curve, f.curve, XO_FORMAT_TABLE);
    assert_says(text, "\nFleets above 40 replicas are not simulated: by the square-root law each "
                      "replica\nof theirs serves up to 3.4 % more than one of 40 (+- 1.0).\n");
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(an_invoice_that_the_tariff_misses_is_in_a_run_too)
{
    struct fix f = fix_of(SUPPORT);
    xo_text_copy(f.scenario->actual.month, sizeof f.scenario->actual.month, "2026-10");
    struct xo_run run = fix_run(&f);
    invoice_difference_frac = -0.24;
    char *said = printed(print_run, &run, XO_FORMAT_TABLE);
    invoice_difference_frac = 0.12;
    char *near = printed(print_run, &run, XO_FORMAT_TABLE);
    for (char *c = said; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
    assert_says(said, "This tariff puts your invoice of 2026-10 at $6,400, 24 % less than the "
                      "$8,400 that it says: find out why before using the buy side.");
    ck_assert_ptr_null(strstr(near, "invoice"));
    free(said);
    free(near);
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

START_TEST(a_table_fits_80_columns_and_marks_plan_and_crossings)
{
    struct fix f = fix_of(_i);
    char *text = printed(print_curve, f.curve, XO_FORMAT_TABLE);
    assert_no_line_is_wider(text, 80);
    ck_assert_ptr_nonnull(strstr(text, "<- your plan"));
    const bool crossings =
        f.curve->crossings[XO_BUY_BUILD].n > 0 && f.curve->verdict != XO_VERDICT_NO_WINNER;
    const bool to_build = crossings && f.curve->crossings[XO_BUY_BUILD].at[0].to_build;
    ck_assert_int_eq(strstr(text, "<- crossing") != NULL, to_build);
    ck_assert_ptr_null(strstr(text, "nan"));
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(a_table_has_the_rows_that_tell_the_story)
{
    struct fix f = fix_of(SUPPORT);
    char *text = printed(print_curve, f.curve, XO_FORMAT_TABLE);
    static const char *const rows[] = {
        "Support bot, 50,000 conversations a day",
        "DRAFT: 11 values are guesses (?)",
        "A request: 2,000 tokens in (1,200 cached), 500 out. Prices of 2026-07-02 to\n2026-11-22.",
        "  15.2 k    38 M        2,180",
        "  1.52 M   3.8 B       12,100      5,730     35,000      1+1  13 %  <- your plan",
        "  7.63 M  19.1 B       52,500",
        "<- crossing",
        "<- buy above",
        "<- crossing",
        "   152 M   380 B    1,010,000    367,000    489,000    66+14  32 %",
        "Buy API: openai/gpt-6.2-sol. Same weights:\ntogether/llama-3.3-70b-instruct-turbo.",
        NULL
    };
    assert_in_order(text, rows);
    free(text);
    fix_fini(&f);
}
END_TEST

static struct fix hostile_case(void)
{
    struct fix_case k = fix_support;
    k.name =
        "=1+1\n`touch xo_pwned` '.system(\"touch xo_pwned\").' @x $(touch xo_pwned) \"q\" \xff "
        "\x1b[31m <b> & \\";
    return fix_new(&k);
}

START_TEST(text_of_a_scenario_stays_on_its_line)
{
    struct fix f = hostile_case();
    char *text = printed(print_curve, f.curve, XO_FORMAT_TABLE);
    assert_no_line_is_wider(text, 80);
    for (const char *c = text; *c != '\0'; c++)
        ck_assert_msg(*c == '\n' || (unsigned char)*c >= 0x20, "byte %d", *c);
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(a_run_shows_bills_side_by_side_that_add_up)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_run run = fix_run(&f);
    char *text = printed(print_run, &run, XO_FORMAT_TABLE);
    static const char *const parts[] = { "1 serving replica, 0 headroom, 1 spare: 4 GPUs",
                                         "<- not settled",
                                         "TTFT",
                                         "TTFT p95 <= 2 s: met by",
                                         "buy API",
                                         "this build",
                                         "people",
                                         "$2,083",
                                         "$20,833",
                                         "total",
                                         "$12,115",
                                         "buy API: openai/gpt-6.2-sol",
                                         "people: 0.1 FTE",
                                         "2,083.00",
                                         "12,115.00",
                                         "people: 1 FTE at $250,000 a year",
                                         "$20,833.00",
                                         "$34,983.80",
                                         NULL };
    assert_in_order(text, parts);
    assert_no_line_is_wider(text, 80);
    free(text);
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

START_TEST(classes_with_apis_of_their_own_are_named_with_them)
{
    struct fix f = fix_of(SLOW);
    xo_text_copy(f.scenario->class_apis[1].tariff.name, XO_COST_NAME_SIZE, "openai/gpt-5-nano");
    char *text = flat_verdict(&f);
    char *table = printed(print_curve, f.curve, XO_FORMAT_TABLE);
    char *json = printed(print_curve, f.curve, XO_FORMAT_JSON);
    ck_assert_ptr_nonnull(strstr(text, "month openai/gpt-6.2-sol + openai/gpt-5-nano cost "
                                       "$12,000"));
    ck_assert_ptr_nonnull(
        strstr(table, "\nBuy API: openai/gpt-6.2-sol for easy, openai/gpt-5-nano for hard. Same"));
    ck_assert_ptr_nonnull(strstr(json, "\"class\": \"hard\""));
    assert_no_line_is_wider(table, 80);
    free(text);
    free(table);
    free(json);
    xo_text_copy(f.scenario->class_apis[0].tariff.name, XO_COST_NAME_SIZE, "openai/gpt-5-nano");
    text = flat_verdict(&f); /* now nobody buys from buy.api */
    ck_assert_ptr_nonnull(strstr(text, "month openai/gpt-5-nano costs $12,000"));
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(a_class_too_rare_for_its_slo_is_said_wherever_results_are)
{
    struct fix f = fix_of(SLOW);
    f.scenario->n_replications = 4;
    f.scenario->workload.classes[0].weight = f.scenario->workload.classes[1].weight = 0.5;
    char *before = printed(print_curve, f.curve, XO_FORMAT_TABLE);
    f.scenario->workload.classes[0].weight = 0.9999;
    f.scenario->workload.classes[1].weight = 0.0001;
    char *text = flat_verdict(&f);
    char *check = printed(print_check, f.scenario, XO_FORMAT_TABLE);
    char *json = printed(print_curve, f.curve, XO_FORMAT_JSON);
    const char *said = "Class hard, 0.01 % of requests, is too rare to be held to TTFT p95";
    ck_assert_ptr_null(strstr(before, "too rare"));
    ck_assert_ptr_nonnull(strstr(text, said));
    ck_assert_ptr_nonnull(strstr(check, said));
    ck_assert_ptr_nonnull(strstr(json, "\"share_of_requests\": 0.0001"));
    free(before);
    free(text);
    free(check);
    free(json);
    fix_fini(&f);
}
END_TEST

/* A saving there is none, and its share of draws is a coin's. */
START_TEST(no_saving_is_quoted_at_a_crossing)
{
    struct fix f = fix_of(_i);
    char *text = flat_verdict(&f), at[96];
    struct xo_words words = { 0 };
    for (int k = 0; k < f.curve->crossings[XO_BUY_BUILD].n; k++) {
        snprintf(at, sizeof at, "At %s tokens a month this build saves",
                 xo_say_tokens(&words, f.curve, f.curve->crossings[XO_BUY_BUILD].at[k].volume));
        xo_unglue(at);
        ck_assert_msg(strstr(text, at) == NULL, "%s", text);
    }
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(a_run_without_a_feasible_fleet_says_why)
{
    struct fix f = fix_of(SLOW);
    struct xo_run run = fix_run(&f);
    char *text = printed(print_run, &run, XO_FORMAT_TABLE);
    char *json = printed(print_run, &run, XO_FORMAT_JSON);
    ck_assert_ptr_nonnull(
        strstr(text, "No fleet of 2 x h100-sxm, fp8 meets TTFT p95 <= 2 s for easy"));
    ck_assert_ptr_nonnull(strstr(text, "not feasible"));
    ck_assert_msg(strstr(text, "What would help:\ntensor_parallel = 4, GPU b200-sxm, or a limit") !=
                      NULL,
                  "%s", text);
    ck_assert_ptr_nonnull(strstr(json, "\"best\": null"));
    ck_assert_ptr_nonnull(strstr(json, "\"would_tensor_parallel\": 4"));
    ck_assert_ptr_nonnull(strstr(json, "\"would_gpu\": \"b200-sxm\""));
    ck_assert_ptr_nonnull(strstr(json, "\"would_limit_s\": 3.5"));
    assert_no_line_is_wider(text, 80);
    free(text);
    free(json);
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

START_TEST(check_breaks_what_is_longer_than_a_line)
{
    struct fix f = fix_of(SUPPORT);
    f.scenario->entries[0].value = "meta-llama/Llama-3.3-70B-Instruct, llama-3.3-70b-instruct, "
                                   "nvidia/Llama-3.3-70B-Instruct-FP8, meta-llama/Llama-3.3-70B";
    f.scenario->entries[0].where =
        "a/path/to/where/nobody/looks/for/scenarios/of/this/kind/bot.ini:7";
    f.scenario->entries[1].value =
        "https://example.org/a-word-that-nothing-breaks/and/that/goes/on";
    f.scenario->entries[1].where = "catalog (a source that is told at a length which nobody asked "
                                   "for, in many words, 2026-11-22)";
    char *text = printed(print_check, f.scenario, XO_FORMAT_TABLE);
    assert_no_line_is_wider(text, 80);
    ck_assert_ptr_nonnull(strstr(text, "\n                             nvidia/Llama-3.3"));
    ck_assert_ptr_nonnull(strstr(text, " bot.ini:7\n"));
    ck_assert_ptr_nonnull(strstr(text, "many words, 2026-11-22)\n"));
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(check_shows_values_sources_ranges_and_the_ledger)
{
    struct fix f = fix_of(SUPPORT);
    invoice_difference_frac = -0.081;
    xo_text_copy(f.scenario->actual.month, sizeof f.scenario->actual.month, "2026-10");
    char *text = printed(print_check, f.scenario, XO_FORMAT_TABLE);
    static const char *const parts[] = { "workload.volume",
                                         "? 50k requests/day",
                                         "support.ini:12",
                                         "build.rent",
                                         "? $3.76/hour",
                                         "2 x h100-sxm, fp8",
                                         "Not known",
                                         "build.rent",
                                         "$2.7",
                                         "/hour",
                                         "Effect",
                                         "SLO",
                                         "build only",
                                         "prefix cache  both",
                                         "retries       both",
                                         "batch work    neither",
                                         "redundancy    both",
                                         "staff         both",
                                         "one-off cost  build only",
                                         "price change  neither",
                                         "Your invoice of 2026-10",
                                         "tariff $7,754, invoice $8,438: -8.1 %",
                                         "warning: more than 5 % apart",
                                         NULL };
    assert_in_order(text, parts);
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(a_side_that_is_not_there_takes_no_part_in_the_ledger)
{
    struct fix f = fix_of(SUPPORT);
    f.scenario->n_options = 0;
    invoice_difference_frac = NAN;
    char *text = printed(print_check, f.scenario, XO_FORMAT_TABLE);
    static const char *const parts[] = { "SLO           neither",  "not in this scenario",
                                         "prefix cache  buy only", "not in this scenario",
                                         "redundancy    buy only", "the provider's",
                                         "not in this scenario",   "one-off cost  neither",
                                         "price change  neither",  "prices stay as typed",
                                         "not in this scenario",   NULL };
    assert_in_order(text, parts);
    free(text);
    fix_fini(&f);
}
END_TEST

/* Price and volume stand at the end of a label, where a cut would fall. */
START_TEST(long_labels_are_broken_and_large_sums_keep_their_dollars)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_run run = fix_run(&f);
    struct xo_bill_item *item = &run.bills[XO_WAY_BUY].items[0];
    xo_text_copy(item->label, sizeof item->label,
                 "deepseek/deepseek-v4.1-flash: input tokens, uncached, peak hours: 176 M at "
                 "$0.30/Mtok");
    item->micro_usd = 2845095043.57e6;
    char *text = printed(print_run, &run, XO_FORMAT_TABLE);
    assert_no_line_is_wider(text, 80);
    ck_assert_msg(strstr(text, "\n  deepseek/deepseek-v4.1-flash: input tokens, uncached,\n"
                               "    peak hours: 176 M at $0.30/Mtok       ") != NULL,
                  "%s", text);
    ck_assert_msg(strstr(text, "  $2,845,095,044\n") != NULL, "%s", text);
    free(text);
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

START_TEST(a_catalog_is_listed_and_one_entry_has_its_page)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    static const char kinds[] = "gma";
    for (const char *kind = kinds; *kind != '\0'; kind++)
        for (int format = XO_FORMAT_TABLE; format <= XO_FORMAT_JSON; format++) {
            char *text = NULL;
            size_t size = 0;
            FILE *out = open_memstream(&text, &size);
            ck_assert(
                xo_catalog_print(out, c, *kind, NULL, NULL, (enum xo_format)format, 80, NULL));
            fclose(out);
            if (format == XO_FORMAT_TABLE)
                assert_no_line_is_wider(text, 84);
            ck_assert_ptr_nonnull(strstr(text, *kind == 'g'   ? "h100-sxm"
                                               : *kind == 'm' ? "llama-3.3-70b"
                                                              : "openai/gpt-6.2-sol"));
            free(text);
        }
    struct xo_error err = { 0 };
    char *page = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&page, &size);
    ck_assert(xo_catalog_print(out, c, 'g', "H100-SXM", NULL, XO_FORMAT_TABLE, 80, &err));
    ck_assert(!xo_catalog_print(out, c, 'g', "h100-sxn", NULL, XO_FORMAT_TABLE, 80, &err));
    fclose(out);
    ck_assert_ptr_nonnull(strstr(page, "source"));
    ck_assert_ptr_nonnull(strstr(err.text, "did you mean \"h100-sxm\""));
    free(page);
}
END_TEST

/* What `data models NAME --gpu GPU` prints as CSV; NULL with err where it is refused. */
static char *placed(const char *name, const char *gpu, struct xo_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const bool ok =
        xo_catalog_print(out, xo_catalog_builtin(), 'm', name, gpu, XO_FORMAT_CSV, 0, err);
    fclose(out);
    if (ok)
        return text;
    free(text);
    return NULL;
}

/* Llama-3.1-8B: 32 layers of 218103808 parameters, input embedding and head of 525336576, 65 norms
 * of 4096, in 16 bits. On an H100 0.9 of 85.52e9 bytes, less those, 0.64e9 and what a step of 8,192
 * tokens and 1,024 sequences takes (4 * 4096 * 8192 + 14 * 1024 * 128256), at 131072 a token. Its
 * longest request is its context; 405B in 16 bits are too much for eight GPUs of 24 GB. */
START_TEST(models_are_listed_as_a_gpu_holds_them)
{
    struct xo_error err = { 0 };
    const double weights = 2 * (32 * 218103808.0 + 2 * 525336576.0 + 65 * 4096.0);
    const double room = 0.9 * 85.52e9 - weights - 0.64e9 - 4.0 * 4096 * 8192 - 14.0 * 1024 * 128256;
    char expected[160];
    snprintf(expected, sizeof expected, "llama-3.1-8b,Llama 3.1 8B,bf16,h100-sxm,1,%.9f,%d,%d,%d,",
             weights / 1e9, (int)floor(room / 131072), 131072, 131072);
    char *text = placed("llama-3.1-8b", "H100", &err);
    ck_assert_msg(strstr(text, expected) != NULL, "%s in %s", expected, text);
    free(text);
    text = placed("llama-3.1-405b", "rtx-4090", &err);
    ck_assert_msg(strstr(text, ",bf16,rtx-4090,,,,,131072,") != NULL, "%s", text);
    /* 126 layers of 3187671040, embeddings of 2101346304, in 16 bits, an eighth of them */
    ck_assert_msg(strstr(text,
                         ",\"llama-3.1-405b in bf16 does not fit: 101.5 GB of weights on each "
                         "rtx-4090 of ") != NULL,
                  "%s", text);
    free(text);
    ck_assert_ptr_null(placed("llama-3.1-8b", "h100-sxn", &err));
    ck_assert_ptr_nonnull(strstr(err.text, "--gpu \"h100-sxn\" is not among the "));
    ck_assert_ptr_nonnull(strstr(err.text, "; did you mean \"h100-sxm\"?"));
    FILE *out = tmpfile();
    ck_assert(!xo_catalog_print(out, xo_catalog_builtin(), 'g', NULL, "h100-sxm", XO_FORMAT_CSV, 0,
                                &err));
    ck_assert_str_eq(err.text, "--gpu goes with data models");
    fclose(out);
}
END_TEST

/* The list of models on a GPU, with single blanks; on the heap. */
static char *placed_list(const char *name, const char *gpu)
{
    char *text = NULL;
    size_t size = 0, n = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(
        xo_catalog_print(out, xo_catalog_builtin(), 'm', name, gpu, XO_FORMAT_TABLE, 80, NULL));
    fclose(out);
    char *list = malloc(size + 1); /* GCC 12 takes memory of open_memstream for that of `text` */
    for (const char *p = text; *p != '\0'; p++)
        if (*p != ' ' || (n > 0 && list[n - 1] != ' '))
            list[n++] = *p;
    list[n] = '\0';
    free(text);
    return list;
}

/* Each reason once, below the rows that it marks: eight L4 of 24 GB do not hold 405B, a T4 knows no
 * bf16, and an H200 holds all Gemma 3. */
START_TEST(why_no_number_of_gpus_holds_a_model_is_told_below_the_list)
{
    static const struct {
        const char *name, *gpu, *row, *below;
    } rows[] = {
        { "llama-3.1", "l4", "\nllama-3.1-405b bf16 >8 - - - 131072\n",
          ">8: weights and a step leave no room for a request on so many; data models NAME --gpu l4 "
          "has figures.\n" },
        { "llama-3.", "t4", "\nllama-3.2-1b bf16 type - - - 131072\n",
          "type: t4 (turing) cannot run bf16 weights; fp16, int8 or int4 would do.\n" },
        { "gemma-3-", "h200-sxm", "\ngemma-3-1b bf16 1 ", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = placed_list(rows[i].name, rows[i].gpu);
        const char *colon = strchr(text, ':');
        while (colon != NULL && colon > text && colon[-1] != '\n')
            colon--;
        ck_assert_msg(strstr(text, rows[i].row) != NULL, "%s", text);
        ck_assert_str_eq(colon == NULL ? "" : colon, rows[i].below);
        free(text);
    }
}
END_TEST

/* 28 heads are shared by 4 GPUs at most: the reason is that of four L4, not of eight. */
START_TEST(why_a_model_does_not_fit_is_told_of_the_most_gpus_that_share_its_heads)
{
    char *text = placed_list("qwen2-57b-a14b", "l4");
    const char *why = strstr(text, "why_not ");
    ck_assert_ptr_nonnull(why);
    ck_assert_msg(strstr(why, "why_not qwen2-57b-a14b in bf16 does not fit: 28.7 GB of weights on "
                              "each l4 of 24.1 GB (memory fraction 0.9, tensor_parallel 4)") == why,
                  "%s", why);
    free(text);
}
END_TEST

/* What `data apis` prints for `name` (NULL: all) at `width`. */
static char *listed(const char *name, int width)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(
        xo_catalog_print(out, xo_catalog_builtin(), 'a', name, NULL, XO_FORMAT_TABLE, width, NULL));
    fclose(out);
    return text;
}

/* The first line of `text` that begins with `start`. */
static const char *line_of(const char *text, const char *start, char line[200])
{
    const char *at = strstr(text, start);
    ck_assert_ptr_nonnull(at);
    const size_t bytes = strcspn(at, "\n");
    ck_assert_uint_lt(bytes, 200);
    memcpy(line, at, bytes);
    line[bytes] = '\0';
    return line;
}

START_TEST(a_list_of_tariffs_shows_what_a_bill_needs_and_fits_the_terminal)
{
    char line[200];
    char *wide = listed(NULL, 0), *narrow = listed(NULL, 80), *few = listed("groq/", 80);
    ck_assert_str_eq(line_of(wide, "API:", line),
                     "API: $/Mtok                                in  cached  write    out batch  "
                     "long  model                       as of");
    ck_assert_str_eq(line_of(wide, "openai/gpt-5.6-sol ", line),
                     "openai/gpt-5.6-sol                          5     0.5   6.25     30  50 % "
                     "272 k                         2026-08-19");
    ck_assert_ptr_nonnull(
        strstr(line_of(wide, "groq/llama-3.3-70b-versatile", line), "  llama-3.3-70b         "));
    assert_no_line_is_wider(narrow, 80);
    ck_assert_str_eq(line_of(narrow, "openai/gpt-5.6-sol ", line),
                     "openai/gpt-5.6-sol                          5     0.5   6.25     30  50 % "
                     "272 k");
    ck_assert_ptr_nonnull(strstr(narrow,
                                 "No room for as of, model: a wider terminal, --format csv, "
                                 "or data apis NAME.\n"));
    /* Eight of one host, without writes and long tiers, leave room for all that they have. */
    ck_assert_str_eq(line_of(few, "groq/gpt-oss-20b", line),
                     "groq/gpt-oss-20b              0.075  0.0375    0.3  50 %  gpt-oss-20b");
    free(wide);
    free(narrow);
    free(few);
}
END_TEST

START_TEST(the_page_of_a_model_says_in_which_type_it_was_released)
{
    static const char *const wanted[] = { "weights                               mxfp4\n",
                                          ",mxfp4,", "\"weights\": \"mxfp4\"" };
    for (int format = XO_FORMAT_TABLE; format <= XO_FORMAT_JSON; format++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        ck_assert(xo_catalog_print(out, xo_catalog_builtin(), 'm', "gpt-oss-20b", NULL,
                                   (enum xo_format)format, 80, NULL));
        fclose(out);
        const char *says = format == XO_FORMAT_TABLE ? wanted[0]
                           : format == XO_FORMAT_CSV ? wanted[1]
                                                     : wanted[2];
        ck_assert_msg(strstr(text, says) != NULL, "%s", text);
        free(text);
    }
}
END_TEST

/* Its page has every dimension that it has, and none that it lacks. */
START_TEST(the_page_of_a_model_has_what_there_is_of_it)
{
    static const struct {
        const char *name, *has[6], *lacks[4];
    } rows[] = {
        { "deepseek-v4-flash",
          { "o_groups                              8\n",
            "compress_by                           128\n",
            "index_top_k                           512\n",
            "quantized                             experts-over-fp8\n" },
          { "linear_", "kv_lora_rank", "attention_gate", "\nintermediate" } },
        { "qwen3-next-80b-a3b",
          { "linear_layers                         36\n",
            "linear_kind                           delta\n",
            "linear_state_bits                     32\n",
            "attention_gate                        yes\n" },
          { "index_", "o_groups", "window", "tower_params" } },
        { "llama-3.1-8b",
          { "kv_heads                              8\n" },
          { "expert", "linear_" } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        ck_assert(xo_catalog_print(out, xo_catalog_builtin(), 'm', rows[i].name, NULL,
                                   XO_FORMAT_TABLE, 80, NULL));
        fclose(out);
        for (int k = 0; k < 6 && rows[i].has[k] != NULL; k++)
            ck_assert_msg(strstr(text, rows[i].has[k]) != NULL, "%s in %s", rows[i].has[k], text);
        for (int k = 0; k < 4 && rows[i].lacks[k] != NULL; k++)
            ck_assert_msg(strstr(text, rows[i].lacks[k]) == NULL, "%s in %s", rows[i].lacks[k],
                          text);
        free(text);
    }
}
END_TEST

START_TEST(the_beginning_of_several_names_lists_them)
{
    char *text = listed("openai/o", 0);
    int n = 0;
    for (const char *at = text; (at = strstr(at, "openai/o")) != NULL; at++)
        n++;
    ck_assert_int_eq(n, 5); /* o1, o1-mini, o3-2025-04, o3, o4-mini */
    free(text);
    text = listed("openai/o3", 0); /* one by its name, and the beginning of another */
    ck_assert_ptr_nonnull(strstr(text, "output_usd_per_mtok                   8\n"));
    ck_assert_ptr_nonnull(strstr(text, "long_input_usd_per_mtok               -\n"));
    ck_assert_ptr_nonnull(strstr(text, "Others that begin so: openai/o3-2025-04\n"));
    free(text);
}
END_TEST

/* Each price that a token may have, and the rules beside them. */
START_TEST(the_page_of_an_api_has_its_whole_tariff)
{
    static const struct {
        const char *api, *says;
    } rows[] = {
        { "openai/gpt-6-astra",
          "prices, $/Mtok                                      in     write    cached       out\n"
          "standard                                            10      12.5         1        50\n"
          "standard, prompts over 272 k                        20        25         2        75\n" },
        { "openai/gpt-6-astra",
          "fast, prompts over 272 k                            40        50         4       150\n" },
        { "deepseek/deepseek-v4-pro",
          "standard, hours at 2x                             1.32     0.044      3.96\n"
          "Hours at 2x, in UTC: Mon 01:00-04:00, Mon 06:00-10:00, Tue" },
        { "xai/grok-4.3", "Data in one region: 10 % more.\n" },
        { "google/gemini-3.8-flash",
          "From 2027-01-01 on, $/Mtok: in 1.5, cached 0.15, out 7.5.\n" },
    };
    for (size_t i = 0; i < XO_ROWS(rows); i++) {
        char *text = listed(rows[i].api, 0);
        ck_assert_msg(strstr(text, rows[i].says) != NULL, "%s in %s", rows[i].says, text);
        free(text);
    }
}
END_TEST

/* ---- CSV ---- */

/* Cells of the next line of RFC 4180; *text moves on. */
static int cells_of(const char **text)
{
    int n = 1;
    bool quoted = false;
    for (; **text != '\0' && (quoted || **text != '\n'); (*text)++) {
        quoted = quoted != (**text == '"');
        n += !quoted && **text == ',';
    }
    *text += **text == '\n';
    return n;
}

static void assert_rectangular(const char *csv)
{
    const int columns = cells_of(&csv);
    for (int line = 2; *csv != '\0'; line++)
        ck_assert_msg(cells_of(&csv) == columns, "line %d has not %d cells", line, columns);
}

START_TEST(every_csv_has_as_many_cells_in_each_line_as_its_header)
{
    struct fix f = fix_of(_i);
    struct xo_run run = fix_run(&f);
    struct xo_buf buf = { 0 };
    char *texts[] = { printed(print_curve, f.curve, XO_FORMAT_CSV),
                      printed(print_run, &run, XO_FORMAT_CSV),
                      printed(print_check, f.scenario, XO_FORMAT_CSV), NULL };
    xo_put_sides(&(struct rows){ .csv = &buf }, &run);
    texts[3] = xo_buf_take(&buf);
    for (int i = 0; i < 4; i++) {
        assert_rectangular(texts[i]);
        ck_assert_ptr_null(strstr(texts[i], ",nan"));
        ck_assert_ptr_null(strstr(texts[i], ",inf"));
        free(texts[i]);
    }
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

START_TEST(a_cell_of_text_cannot_start_a_formula_or_break_a_line)
{
    static const char *const cells[][2] = {
        { "plain", "plain" },
        { "=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"" },
        { "+1", "'+1" },
        { "-1", "'-1" },
        { "@SUM(A1)", "'@SUM(A1)" },
        { "a,b \"c\"", "\"a,b \"\"c\"\"\"" },
        { "two\nlines\r", "two lines " },
        { "\t=1", "\" =1\"" },
        { "", "" },
        { "caf\xc3\xa9 \xff", "caf\xc3\xa9 \xef\xbf\xbd" },
    };
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        struct xo_buf buf = { 0 };
        xo_csv_text(&buf, cells[i][0]);
        char *text = xo_buf_take(&buf);
        ck_assert_str_eq(text, cells[i][1]);
        free(text);
    }
}
END_TEST

START_TEST(numbers_of_a_csv_read_back_exactly)
{
    struct fix f = fix_of(SUPPORT);
    f.curve->points[3].volume = 0.1 + 0.2;
    char *text = printed(print_curve, f.curve, XO_FORMAT_CSV);
    ck_assert_ptr_nonnull(strstr(text, "\n0.30000000000000004,"));
    free(text);
    fix_fini(&f);
}
END_TEST

/* ---- JSON ---- */

static json_t *parsed(const char *text)
{
    json_error_t error;
    json_t *root = json_loads(text, 0, &error);
    ck_assert_msg(root != NULL, "line %d: %s", error.line, error.text);
    return root;
}

static double number_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_number(value), "%s is no number", key);
    return json_number_value(value);
}

START_TEST(curve_json_carries_the_verdict_and_every_figure)
{
    struct fix f = fix_of(SUPPORT);
    char *text = printed(print_curve, f.curve, XO_FORMAT_JSON);
    json_t *root = parsed(text), *v = json_object_get(root, "verdict");
    const struct xo_curve *c = f.curve;
    ck_assert_str_eq(json_string_value(json_object_get(root, "schema")), "crossover.curve/4");
    ck_assert_str_eq(json_string_value(json_object_get(v, "code")), "several");
    ck_assert_str_eq(json_string_value(json_object_get(v, "cheaper_at_plan")), "buy");
    ck_assert_double_eq(number_at(v, "plan_requests_month"), 1.52e6);
    ck_assert_double_eq(number_at(v, "saving_base_usd_month"), c->saving_base_usd);
    ck_assert_double_eq_tol(number_at(v, "saving_changing_model_usd_month") +
                                number_at(v, "saving_owning_usd_month"),
                            number_at(v, "saving_base_usd_month"), 0.005);
    ck_assert_double_eq(number_at(json_object_get(v, "saving_usd_month"), "p90"), c->saving.p90);
    const json_t *x = json_object_get(v, "build_against_buy");
    const json_t *at = json_object_get(x, "crossings");
    ck_assert_uint_eq(json_array_size(at), 3);
    ck_assert_double_eq(number_at(json_array_get(at, 1), "requests_month"),
                        c->crossings[XO_BUY_BUILD].at[1].volume);
    ck_assert_double_eq(number_at(json_object_get(x, "first_requests_month"), "p10"),
                        c->crossings[XO_BUY_BUILD].first.p10);
    ck_assert_double_eq(number_at(x, "exists_share"), 0.97);
    const json_t *first = json_object_get(x, "first_requests_month");
    ck_assert_str_eq(json_string_value(json_object_get(first, "p90_lies")), "inside");
    const json_t *flip = json_object_get(json_object_get(v, "flips_at_plan"), "api_price");
    ck_assert_double_eq(number_at(flip, "factor"), c->flips[XO_FLIP_API_PRICE].factor);
    ck_assert(json_is_null(
        json_object_get(json_object_get(json_object_get(v, "flips_at_plan"), "rent"), "factor")));
    ck_assert_uint_eq(json_array_size(json_object_get(root, "points")), (size_t)c->n_points);
    ck_assert_uint_eq(
        json_array_size(json_object_get(json_object_get(root, "scenario"), "guesses")), 11);
    ck_assert_ptr_nonnull(strstr(text, "0.97")); /* the shortest text that reads back the same */
    ck_assert_ptr_null(strstr(text, "0.96999999"));
    json_decref(root);
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(json_of_every_case_parses_and_has_null_for_what_is_not_there)
{
    struct fix f = fix_of(_i);
    struct xo_run run = fix_run(&f);
    char *texts[] = { printed(print_curve, f.curve, XO_FORMAT_JSON),
                      printed(print_run, &run, XO_FORMAT_JSON),
                      printed(print_check, f.scenario, XO_FORMAT_JSON) };
    for (int i = 0; i < 3; i++) {
        json_t *root = parsed(texts[i]);
        ck_assert_ptr_null(strstr(texts[i], "wall"));
        if (i == 0 && f.how.infeasible)
            ck_assert(
                json_is_null(json_object_get(json_object_get(root, "bills_at_plan"), "build")));
        json_decref(root);
        free(texts[i]);
    }
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

START_TEST(a_hostile_name_survives_json_as_valid_text)
{
    struct fix f = hostile_case();
    char *text = printed(print_curve, f.curve, XO_FORMAT_JSON);
    json_t *root = parsed(text);
    const char *name =
        json_string_value(json_object_get(json_object_get(root, "scenario"), "name"));
    ck_assert_ptr_nonnull(strstr(name, "'.system(\"touch xo_pwned\").'"));
    json_decref(root);
    free(text);
    fix_fini(&f);
}
END_TEST

/* No character of it is unseen, turns others around or orders a terminal about, but line ends. */
static void assert_all_visible(const char *text)
{
    for (size_t bytes; *text != '\0'; text += bytes) {
        uint32_t code = 0;
        bytes = xo_text_character(text, strlen(text), &code);
        ck_assert_uint_gt(bytes, 0);
        ck_assert_msg(!xo_text_is_invisible(code) &&
                          (!xo_text_is_control(code) || code == '\n' || code == '\r'),
                      "U+%04X before \"%.40s\"", (unsigned)code, text);
    }
}

/* Right-to-left override, zero width space, soft hyphen, a tag, C1's CSI, a line separator. */
#define UNSEEN                                                                                     \
    "a\u202Eb\u200Bc\u00ADd\U000E0041e\xC2\x9B"                                                    \
    "f\u2028g"

START_TEST(what_nobody_sees_reaches_no_output)
{
    struct fix_case k = fix_support;
    k.name = UNSEEN;
    struct fix f = fix_new(&k);
    xo_text_copy(f.scenario->apis[0].tariff.name, XO_COST_NAME_SIZE, UNSEEN);
    xo_text_copy(f.scenario->options[0].label, 128, UNSEEN);
    xo_text_copy(f.scenario->path, 64, UNSEEN);
    static const enum xo_format formats[] = { XO_FORMAT_TABLE, XO_FORMAT_CSV, XO_FORMAT_JSON };
    for (int i = 0; i < 3; i++) {
        char *text = printed(print_curve, f.curve, formats[i]);
        assert_all_visible(text);
        if (formats[i] == XO_FORMAT_TABLE)
            ck_assert_ptr_nonnull(strstr(text, "a<U+202E>b<U+200B>c<U+00AD>d<U+E0041>e f g"));
        free(text);
    }
    struct xo_plot plot = { .name = "cost" };
    xo_plot_cost(&plot, f.curve);
    assert_all_visible(plot.set.text);
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    fix_fini(&f);
}
END_TEST

START_TEST(json_keeps_what_nobody_sees_by_its_number)
{
    struct fix_case k = fix_support;
    k.name = UNSEEN;
    struct fix f = fix_new(&k);
    char *text = printed(print_curve, f.curve, XO_FORMAT_JSON);
    ck_assert_ptr_nonnull(
        strstr(text, "\"a\\u202Eb\\u200Bc\\u00ADd\\uDB40\\uDC41e\\u009Bf\\u2028g\""));
    json_t *root = parsed(text);
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(root, "scenario"), "name")),
                     UNSEEN);
    json_decref(root);
    free(text);
    fix_fini(&f);
}
END_TEST

START_TEST(a_bill_in_json_adds_up_to_its_total)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_run run = fix_run(&f);
    char *text = printed(print_run, &run, XO_FORMAT_JSON);
    json_t *root = parsed(text);
    const json_t *bill = json_object_get(json_object_get(root, "buy"), "bill"), *item;
    json_int_t sum = 0;
    size_t i;
    json_array_foreach(json_object_get(bill, "items"), i, item) sum +=
        json_integer_value(json_object_get(item, "micro_usd"));
    ck_assert_int_eq(sum, json_integer_value(json_object_get(bill, "total_micro_usd")));
    ck_assert_int_eq(sum, 12115000000);
    json_decref(root);
    free(text);
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

/* ---- the output folder and the pictures ---- */

struct place {
    char folder[64];
};

static struct place place_new(void)
{
    struct place p = { "/tmp/xo_report_XXXXXX" };
    ck_assert_ptr_nonnull(mkdtemp(p.folder));
    return p;
}

static void place_fini(struct place *p)
{
    static const char *const names[] = {
        "curve.csv",  "curve.json", "verdict.txt", "manifest.json", "run.csv",    "run.json",
        "common.gp",  "cost.set",   "saving.set",  "load.set",      "bills.csv",  "hours.csv",
        "cost.gp",    "cost.csv",   "cost.png",    "cost.svg",      "saving.gp",  "saving.csv",
        "saving.png", "saving.svg", "load.gp",     "load.csv",      "load.png",   "load.svg",
        "slow",       "gnuplot",    "broken",      "xo_pwned",      "slow.child", "gnuplot.child"
    };
    char path[160];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", p->folder, names[i]);
        unlink(path);
    }
    ck_assert_msg(rmdir(p->folder) == 0, "something unexpected was left in %s", p->folder);
}

static char *file_in(const struct place *p, const char *name, size_t *size)
{
    char path[160], *text = NULL;
    struct xo_error err = { 0 };
    snprintf(path, sizeof path, "%s/%s", p->folder, name);
    ck_assert_msg(xo_file_read(path, 1 << 24, &text, size, &err), "%s", err.text);
    return text;
}

static bool is_in(const struct place *p, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", p->folder, name);
    return access(path, F_OK) == 0;
}

static struct xo_output written(const struct fix *f, const struct place *p, bool plots)
{
    struct xo_output output = { .folder = p->folder, .command = "crossover x.ini", .plots = plots };
    struct xo_error err = { 0 };
    ck_assert_msg(xo_curve_write(f->curve, &output, &err), "%s", err.text);
    return output;
}

static void output_fini(struct xo_output *output)
{
    free(output->notes);
    free(output->wrote);
}

static bool has_gnuplot(void)
{
    const bool has = access("/usr/bin/gnuplot", X_OK) == 0;
    if (!has)
        fprintf(stderr, "skipped: no gnuplot here\n");
    return has;
}

/* Width and height from the header of a PNG: bytes 16 to 23, big-endian. */
static void assert_is_a_picture(const struct place *p, const char *name)
{
    size_t size;
    char *bytes = file_in(p, name, &size);
    ck_assert_uint_gt(size, 20000); /* a blank page has 5 kB */
    ck_assert_int_eq(memcmp(bytes, "\x89PNG\r\n\x1a\n", 8), 0);
    ck_assert_int_eq(memcmp(bytes + 16, "\0\0\x05\x78\0\0\x03\x84", 8), 0); /* 1400 x 900 */
    free(bytes);
}

static const struct xo_plotting patient = { .timeout_s = 20 };

START_TEST(a_curve_is_written_with_three_plots_that_can_be_drawn_again)
{
    static const int drawn[] = { SUPPORT, SLOW, LIMITED, NO_HOST };
    struct fix f = fix_of(drawn[_i]);
    struct place p = place_new();
    if (has_gnuplot()) {
        struct xo_output output = written(&f, &p, true);
        ck_assert_str_eq(output.notes,
                         !f.how.infeasible
                             ? ""
                             : "no picture of saving: at no volume have both buying and this build "
                               "a bill\nno picture of load: no fleet that was simulated meets the "
                               "SLO\n");
        ck_assert_str_eq(output.wrote,
                         !f.how.infeasible
                             ? "curve.csv, curve.json, verdict.txt, 3 plots, manifest.json"
                             : "curve.csv, curve.json, verdict.txt, 1 plot, manifest.json");
        static const char *const names[] = { "cost", "saving", "load" };
        for (int i = 0; i < 3; i++) {
            char name[32];
            struct xo_error err = { 0 };
            snprintf(name, sizeof name, "%s.png", names[i]);
            if (i > 0 && f.how.infeasible) { /* neither a picture nor an empty frame */
                ck_assert(!is_in(&p, name));
                snprintf(name, sizeof name, "%s.set", names[i]);
                ck_assert(!is_in(&p, name));
                continue;
            }
            assert_is_a_picture(&p, name);
            if (i == 0)
                ck_assert_msg(xo_gnuplot_run("gnuplot", p.folder, "cost", &patient, &err), "%s",
                              err.text);
            snprintf(name, sizeof name, "%s.svg", names[i]);
            size_t size;
            char *svg = file_in(&p, name, &size);
            ck_assert_ptr_nonnull(strstr(svg, "</svg>"));
            free(svg);
        }
        output_fini(&output);
    }
    place_fini(&p);
    fix_fini(&f);
}
END_TEST

START_TEST(the_same_curve_gives_the_same_bytes_whatever_the_clock_says)
{
    static const char *const names[] = { "curve.csv", "curve.json", "verdict.txt", "manifest.json",
                                         "cost.gp",   "cost.csv",   "saving.gp",   "saving.csv",
                                         "load.gp",   "load.csv",   "cost.svg",    "cost.png",
                                         "common.gp", "cost.set",   "saving.set",  "load.set" };
    struct fix f = fix_of(ONCE);
    struct place a = place_new(), b = place_new();
    struct xo_output first = written(&f, &a, true);
    f.curve->wall_s = 98.7;
    struct xo_output second = written(&f, &b, true);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!is_in(&a, names[i]))
            continue; /* no gnuplot here */
        size_t n, m;
        char *x = file_in(&a, names[i], &n), *y = file_in(&b, names[i], &m);
        ck_assert_msg(n == m && memcmp(x, y, n) == 0, "%s differs", names[i]);
        free(x);
        free(y);
    }
    output_fini(&first);
    output_fini(&second);
    place_fini(&a);
    place_fini(&b);
    fix_fini(&f);
}
END_TEST

START_TEST(the_manifest_says_what_it_takes_to_run_again)
{
    struct fix f = fix_of(SUPPORT);
    struct place p = place_new();
    struct xo_output output = written(&f, &p, false);
    size_t size;
    char *text = file_in(&p, "manifest.json", &size);
    json_t *root = parsed(text), *s = json_object_get(root, "scenario");
    ck_assert_str_eq(json_string_value(json_object_get(root, "schema")), "crossover.manifest/1");
    ck_assert_str_eq(json_string_value(json_object_get(root, "command")), "crossover x.ini");
    ck_assert_int_eq(json_integer_value(json_object_get(s, "seed")), 17);
    ck_assert_uint_eq(strlen(json_string_value(json_object_get(s, "hash"))), 16);
    ck_assert_double_eq(number_at(json_object_get(root, "counts"), "simulated_requests"), 1234567);
    ck_assert_ptr_nonnull(
        strstr(json_string_value(json_object_get(root, "resolved")), "[workload]"));
    ck_assert_uint_ge(json_array_size(json_object_get(s, "prices")), 2);
    ck_assert(!is_in(&p, "cost.gp"));
    json_decref(root);
    free(text);
    output_fini(&output);
    place_fini(&p);
    fix_fini(&f);
}
END_TEST

START_TEST(a_name_cannot_run_a_command_when_it_is_drawn)
{
    struct fix f = hostile_case();
    struct place p = place_new();
    if (has_gnuplot()) {
        xo_text_copy(f.scenario->apis[0].tariff.name, XO_COST_NAME_SIZE, "a/`touch xo_pwned`'{@x");
        xo_text_copy(f.scenario->options[0].label, 128, "\".system('touch xo_pwned').\"\\");
        xo_text_copy(f.scenario->path, 64, "`touch xo_pwned`\n!touch xo_pwned");
        xo_text_copy(f.scenario->as_of, 16, "'\n!touch x");
        struct xo_output output = written(&f, &p, true);
        ck_assert_str_eq(output.notes, "");
        ck_assert(!is_in(&p, "xo_pwned"));
        assert_is_a_picture(&p, "cost.png");
        output_fini(&output);
    }
    place_fini(&p);
    fix_fini(&f);
}
END_TEST

static void put_program(const struct place *p, const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", p->folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    ck_assert_int_eq(chmod(path, 0700), 0);
}

START_TEST(without_gnuplot_results_are_kept_and_a_note_says_so)
{
    struct fix f = fix_of(SUPPORT);
    struct place p = place_new();
    char *path = strdup(getenv("PATH"));
    setenv("PATH", p.folder, 1);
    struct xo_output output = written(&f, &p, true);
    setenv("PATH", path, 1);
    ck_assert_str_eq(output.notes,
                     "no pictures: gnuplot is not installed; scripts and data are there\n");
    ck_assert_str_eq(output.wrote,
                     "curve.csv, curve.json, verdict.txt, 0 plots and 3 plot scripts, "
                     "manifest.json");
    ck_assert(is_in(&p, "cost.gp") && is_in(&p, "cost.csv") && is_in(&p, "curve.json"));
    ck_assert(is_in(&p, "cost.set") && is_in(&p, "common.gp"));
    ck_assert(!is_in(&p, "cost.png"));
    free(path);
    output_fini(&output);
    place_fini(&p);
    fix_fini(&f);
}
END_TEST

START_TEST(a_gnuplot_that_fails_or_draws_nothing_is_reported)
{
    struct place p = place_new();
    char program[160];
    struct xo_error err = { 0 };
    put_program(&p, "cost.png", "of an earlier run");
    put_program(&p, "broken", "#!/bin/sh\necho '\"cost.gp\" line 7: no such thing' >&2\nexit 3\n");
    snprintf(program, sizeof program, "%s/broken", p.folder);
    ck_assert(!xo_gnuplot_run(program, p.folder, "cost", &patient, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "line 7: no such thing"));
    ck_assert_int_eq(err.kind, XO_ERR_IO);
    ck_assert(!is_in(&p, "cost.png"));
    ck_assert(!xo_gnuplot_run("/bin/true", p.folder, "cost", &patient, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "drew nothing"));
    /* Of 511 bytes that are kept the last four are "line", which alone tells nothing. */
    put_program(&p, "slow",
                "#!/bin/sh\nhead -c 507 /dev/zero | tr '\\0' x >&2\n"
                "echo 'line 7: too late' >&2\nexit 3\n");
    snprintf(program, sizeof program, "%s/slow", p.folder);
    ck_assert(!xo_gnuplot_run(program, p.folder, "cost", &patient, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "slow failed: it does not say why"));
    place_fini(&p);
}
END_TEST

/* Does the process whose number stands in the file still run? One that its parent has not asked
 * for yet does not. */
static bool runs(const struct place *p, const char *name)
{
    char path[64];
    size_t size;
    char *number = file_in(p, name, &size), state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", atoi(number));
    free(number);
    FILE *stat = fopen(path, "r");
    if (stat != NULL) {
        ck_assert_int_eq(fscanf(stat, "%*d (%*[^)]) %c", &state), 1);
        fclose(stat);
    }
    return state != 'Z' && state != 'X';
}

static const char hanging[] = "#!/bin/sh\nsleep 30 & echo $! >\"$0.child\"\nwait\n";

START_TEST(a_gnuplot_that_hangs_is_ended_with_its_children)
{
    struct place p = place_new();
    char program[160];
    struct xo_error err = { 0 };
    const volatile int stop = 1;
    const struct xo_plotting how[] = { { .timeout_s = 0.5 }, { .timeout_s = 20, .stop = &stop } };
    static const char *const say[] = { "no more pictures: %s took over 0.5 s at cost.gp and was "
                                       "stopped; scripts and data are there",
                                       "no more pictures: %s was interrupted; scripts and data "
                                       "are there" };
    put_program(&p, "slow", hanging);
    snprintf(program, sizeof program, "%s/slow", p.folder);
    for (int i = 0; i < 2; i++) {
        char expected[400];
        ck_assert(!xo_gnuplot_run(program, p.folder, "cost", &how[i], &err));
        snprintf(expected, sizeof expected, say[i], program);
        ck_assert_str_eq(err.text, expected);
        ck_assert_int_eq(err.kind, XO_ERR_STOPPED);
    }
    for (int i = 0; i < 100 && runs(&p, "slow.child"); i++)
        usleep(10000);
    ck_assert(!runs(&p, "slow.child"));
    place_fini(&p);
}
END_TEST

START_TEST(after_one_picture_that_hangs_no_other_is_tried)
{
    struct fix f = fix_of(SUPPORT);
    struct place p = place_new(), programs = place_new();
    char *path = strdup(getenv("PATH")), both[4096];
    struct xo_error err = { 0 };
    struct xo_output output = { .folder = p.folder, .plots = true, .picture_timeout_s = 0.5 };
    put_program(&programs, "gnuplot", hanging);
    snprintf(both, sizeof both, "%s:%s", programs.folder, path);
    setenv("PATH", both, 1);
    ck_assert_msg(xo_curve_write(f.curve, &output, &err), "%s", err.text);
    setenv("PATH", path, 1);
    ck_assert_str_eq(output.notes, "no more pictures: gnuplot took over 0.5 s at cost.gp and was "
                                   "stopped; scripts and data are there\n");
    ck_assert(is_in(&p, "load.gp") && is_in(&p, "load.csv") && !is_in(&p, "load.png"));
    free(path);
    output_fini(&output);
    place_fini(&programs);
    place_fini(&p);
    fix_fini(&f);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_an_error)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_output output = { .folder = "/proc/xo_no_such_folder", .command = "" };
    struct xo_error err = { 0 };
    ck_assert(!xo_curve_write(f.curve, &output, &err));
    ck_assert_int_eq(err.kind, XO_ERR_IO);
    ck_assert_str_eq(output.wrote, "");
    output_fini(&output);
    fix_fini(&f);
}
END_TEST

START_TEST(a_run_is_written_as_csv_json_and_manifest)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_run run = fix_run(&f);
    struct place p = place_new();
    struct xo_output output = { .folder = p.folder, .command = "crossover run x.ini" };
    struct xo_error err = { 0 };
    ck_assert_msg(xo_run_write(&run, &output, &err), "%s", err.text);
    ck_assert_str_eq(output.wrote, "run.csv, bills.csv, hours.csv, run.json, manifest.json");
    output_fini(&output);
    place_fini(&p);
    fix_run_fini(&run);
    fix_fini(&f);
}
END_TEST

/* ---- inside the plots ---- */

START_TEST(a_riser_stands_upright_where_a_replica_is_full)
{
    struct fix f = fix_of(SUPPORT);
    struct stairs_path path;
    ck_assert(stairs_read(&path, f.curve));
    int risers = 0;
    for (size_t i = 1; i < path.n; i++) {
        ck_assert_double_ge(path.at[i].volume, path.at[i - 1].volume);
        if (path.at[i].usd[XO_WAY_BUILD] == path.at[i - 1].usd[XO_WAY_BUILD])
            continue;
        ck_assert_double_eq_tol(path.at[i].volume / path.at[i - 1].volume, 1, 2e-9); /* upright */
        risers++;
        if (risers <= 8) /* the risers-th replica is full: 20 % headroom */
            ck_assert_double_eq_tol(path.at[i].volume, risers * 2.31e6 / 1.2, 1);
    }
    ck_assert_int_gt(risers, 40);
    free(path.at);
    fix_fini(&f);
}
END_TEST

/* Between two points of the curve a band stays within what it is at them. */
START_TEST(a_band_has_no_spikes_between_points)
{
    struct fix f = fix_of(SUPPORT);
    struct stairs_path path;
    ck_assert(stairs_read(&path, f.curve));
    size_t from = 0;
    int corners = 0;
    for (size_t i = 1; i < path.n; i++) {
        if (path.at[i].corner)
            continue;
        for (size_t k = from + 1; k < i; k++, corners++)
            for (int line = 0; line < XO_N_WAYS; line++) {
                const struct xo_band *a = &path.at[from].band[line], *b = &path.at[i].band[line],
                                     *at = &path.at[k].band[line];
                ck_assert_double_ge(at->p10, fmin(a->p10, b->p10) * (1 - 1e-12));
                ck_assert_double_le(at->p10, fmax(a->p10, b->p10) * (1 + 1e-12));
                ck_assert_double_ge(at->p90, fmin(a->p90, b->p90) * (1 - 1e-12));
                ck_assert_double_le(at->p90, fmax(a->p90, b->p90) * (1 + 1e-12));
            }
        from = i;
    }
    ck_assert_int_gt(corners, 80);
    free(path.at);
    fix_fini(&f);
}
END_TEST

/* The band holds the line at every volume, and is wider than it between two tips. */
START_TEST(a_sawtooth_lies_within_its_envelope)
{
    struct fix f = fix_of(SUPPORT);
    struct xo_plot plot = { .name = "saving" };
    xo_plot_saving(&plot, f.curve);
    ck_assert_ptr_nonnull(strstr(plot.set.text, "\nhas_envelope = 1\n"));
    ck_assert_ptr_nonnull(strstr(plot.set.text, "(pale: from tip"));
    int wide = 0, n = 0;
    for (const char *line = strchr(plot.data.text, '\n') + 1; *line != '\0'; n++) {
        double own, low, high;
        ck_assert_int_eq(sscanf(line, "%*f,%*f,%*f,%*f,%lf,%lf,%lf", &own, &low, &high), 3);
        ck_assert_msg(low <= own && own <= high, "%g to %g: %g", low, high, own);
        wide += high > low + 1;
        line = strchr(line, '\n') + 1;
    }
    ck_assert_int_gt(wide, n / 2);
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    f.curve->n_corners = 0; /* no teeth, no band */
    xo_plot_saving(&plot, f.curve);
    ck_assert_ptr_nonnull(strstr(plot.set.text, "\nhas_envelope = 0\n"));
    ck_assert_ptr_null(strstr(plot.set.text, "a person more"));
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    fix_fini(&f);
}
END_TEST

START_TEST(a_label_keeps_off_lines_and_other_labels)
{
    const struct panel p = { .left = 100, .right = 1100, .bottom = 100, .top = 700 };
    struct clutter c = { 0 };
    clutter_add_line(&c, 100, 100, 1100, 700);
    clutter_add_line(&c, 100, 400, 1100, 400);
    struct box boxes[4];
    for (int i = 0; i < 4; i++) {
        boxes[i] = clutter_place(&c, &p, 600, 400, 180, 40);
        const struct box *b = &boxes[i];
        ck_assert(b->x >= p.left && b->x + b->w <= p.right && b->y >= p.bottom &&
                  b->y + b->h <= p.top);
        ck_assert(b->y > 400 || b->y + b->h < 400);
        for (int j = 0; j < i; j++)
            ck_assert(b->x >= boxes[j].x + boxes[j].w || boxes[j].x >= b->x + b->w ||
                      b->y >= boxes[j].y + boxes[j].h || boxes[j].y >= b->y + b->h);
    }
    clutter_fini(&c);
}
END_TEST

START_TEST(names_at_the_ends_of_lines_do_not_touch)
{
    const struct panel p = { .left = 100, .right = 1100, .bottom = 100, .top = 700 };
    const double ends[][4] = { { 690, 695, 700, 640 },
                               { 100, 101, 102, 103 },
                               { 400, 401, 300, 399 } };
    for (size_t e = 0; e < sizeof ends / sizeof ends[0]; e++) {
        struct end_label labels[4];
        struct xo_buf buf = { 0 };
        double at[4];
        for (int i = 0; i < 4; i++)
            labels[i] = (struct end_label){ .y = ends[e][i], .of = "buy", .name = "n" };
        set_end_labels(&buf, &p, labels, 4);
        int n = 0;
        for (const char *c = buf.text; (c = strstr(c, "] = 'n'; ")) != NULL; c++)
            ck_assert_int_eq(sscanf(c, "] = 'n'; %*[^=]= %lf", &at[n++]), 1);
        ck_assert_int_eq(n, 4);
        for (int i = 0; i < 4; i++) {
            ck_assert(at[i] > 0.1 && at[i] * PAGE_H <= p.top + 60);
            for (int j = 0; j < i; j++)
                ck_assert_msg(fabs(at[i] - at[j]) * PAGE_H > 40, "%g and %g", at[i], at[j]);
        }
        xo_buf_fini(&buf);
    }
}
END_TEST

/* Pixels of zero and of a label, off what is set of the saving plot. */
static double label_y(const char *set, const char *label)
{
    char start[80];
    double y = NAN;
    snprintf(start, sizeof start, "] = '%s'; ", label);
    const char *at = strstr(set, start);
    if (at != NULL)
        ck_assert_int_eq(sscanf(at + strlen(start), "%*[^=]= %*f; %*[^=]= %lf", &y), 1);
    return y * PAGE_H;
}

static double zero_y(const char *set)
{
    double bottom, top, lo, hi;
    const char *panel = strstr(set, "panel_bottom = "), *y = strstr(set, "\ny_lo = ");
    ck_assert(panel != NULL && y != NULL);
    ck_assert_int_eq(sscanf(panel, "panel_bottom = %lf; panel_top = %lf", &bottom, &top), 2);
    ck_assert_int_eq(sscanf(y, "\ny_lo = %lf; y_hi = %lf", &lo, &hi), 2);
    return (bottom + (top - bottom) * (0 - lo) / (hi - lo)) * PAGE_H;
}

/* Where the panel reaches far to one side alone, that of the other has no room for a label. */
START_TEST(above_zero_stands_above_zero)
{
    struct fix f = fix_of(_i % N_CASES);
    for (int i = 0; i < f.curve->n_points && _i >= N_CASES; i++)
        for (int line = 0; line < XO_N_WAYS; line++) /* nothing but noise above zero */
            f.curve->points[i].usd[line] += line == XO_WAY_BUILD ? 3e6 : 0;
    struct xo_plot plot = { .name = "saving" };
    xo_plot_saving(&plot, f.curve);
    if (plot.none[0] != '\0') { /* no bill of this build, no saving */
        ck_assert(f.how.infeasible);
        fix_fini(&f);
        return;
    }
    const double zero = zero_y(plot.set.text);
    const double above = label_y(plot.set.text, "above zero: this build is cheaper");
    const double below = label_y(plot.set.text, "below zero: buying is cheaper");
    ck_assert_msg(isnan(above) || above >= zero, "%g above %g", above, zero);
    ck_assert_msg(isnan(below) || below <= zero, "%g below %g", below, zero);
    ck_assert(!isnan(above) || !isnan(below));
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    fix_fini(&f);
}
END_TEST

START_TEST(a_dot_between_two_parts_begins_no_line)
{
    char text[400] = "first part of ten words or so, which has some length";
    for (int part = 0; part < 3; part++) {
        struct xo_buf buf = { 0 };
        strcat(text, "  " DOT "  another part that is as long as that, or longer still");
        char *lines[4];
        const int n = gp_break(text, 70 + (size_t)part, 4, lines);
        ck_assert_int_gt(n, 0);
        for (int i = 0; i < n; i++) {
            xo_put(&buf, "'%s'\n", lines[i]);
            free(lines[i]);
        }
        ck_assert_ptr_nonnull(strstr(buf.text, "some length  " DOT));
        ck_assert_ptr_null(strstr(buf.text, "\n'" DOT));
        ck_assert_ptr_null(strstr(buf.text, "\n' "));
        xo_buf_fini(&buf);
    }
}
END_TEST

START_TEST(tics_say_billions_as_planners_do)
{
    struct xo_buf buf = { 0 };
    set_log_tics(&buf, "xtic", 1e8, 3e9, 1, gp_say_count);
    char *text = xo_buf_take(&buf);
    ck_assert_ptr_nonnull(strstr(text, "= '100 M'; xtic_at[1] = 100000000; xtic_minor[1] = 0\n"));
    ck_assert_ptr_nonnull(strstr(text, "= '1 B'; xtic_at[10] = 1000000000; "));
    ck_assert_ptr_null(strstr(text, "G'"));
    free(text);
}
END_TEST

START_TEST(the_page_on_outputs_names_every_file)
{
    char *text;
    size_t size;
    ck_assert(xo_file_read(XO_SOURCE_DIR "/docs/outputs.md", 1 << 20, &text, &size, NULL));
    static const char *const others[] = { "crossover.curve/4", "crossover.run/2",
                                          "crossover.check/2", "crossover.manifest/1",
                                          "bills.csv",         "run.csv",
                                          "cost.gp",           "saving.gp",
                                          "load.gp",           "crossover.catalog/1",
                                          "verdict.txt" };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_msg(strstr(text, others[i]) != NULL, "%s is not explained", others[i]);
    free(text);
}
END_TEST

int main(void)
{
    xo_catalog_builtin(); /* once, before the tests fork */
    Suite *suite = suite_create("report");
    TCase *verdicts = tcase_create("verdicts");
    tcase_add_loop_test(verdicts, each_pattern_says_what_it_must_in_that_order, 0, N_CASES);
    tcase_add_loop_test(verdicts, no_verdict_says_more_than_a_simulation_can, 0, N_CASES);
    tcase_add_loop_test(verdicts, a_figure_of_a_verdict_has_at_most_two_digits_that_count, 0,
                        N_CASES);
    tcase_add_loop_test(verdicts, a_verdict_keeps_to_its_width, 0, N_CASES);
    tcase_add_test(verdicts, the_two_halves_of_a_saving_are_said_with_their_signs);
    tcase_add_loop_test(verdicts, a_side_that_fails_gets_neither_a_flip_nor_a_saving, 0, 4);
    tcase_add_test(verdicts, an_invoice_more_than_15_percent_off_is_in_the_verdict);
    tcase_add_test(verdicts, crossings_that_matter_are_not_called_equal);
    tcase_add_test(verdicts, what_is_signed_for_follows_the_tenure);
    tcase_add_test(verdicts, a_base_case_outside_its_range_is_explained);
    tcase_add_test(verdicts, the_napkin_is_marked_where_it_crosses_the_tokens_alone);
    tcase_add_test(verdicts, small_sums_of_a_bill_are_never_nothing);
    tcase_add_loop_test(verdicts, figures_that_do_not_exist_are_neither_printed_nor_fatal, 0,
                        XO_VERDICT_NO_WINNER + 1);
    tcase_add_test(verdicts, a_range_that_leaves_what_was_simulated_says_on_which_side);
    tcase_add_test(verdicts, a_title_states_the_finding);
    tcase_add_test(verdicts, an_api_of_the_same_weights_changes_the_host_and_not_the_model);
    tcase_add_test(verdicts, a_list_of_hosts_is_told_as_one);
    tcase_add_test(verdicts, weights_that_nobody_is_asked_for_are_not_said_to_have_no_host);
    tcase_add_test(verdicts, stale_prices_speak_wherever_a_bill_is_said);
    tcase_add_test(verdicts, a_flip_factor_is_rounded_to_where_it_flips);
    tcase_add_test(verdicts, a_share_that_is_neither_nothing_nor_all_is_not_said_to_be);
    tcase_add_test(verdicts, a_range_of_volumes_holds_its_base_case);
    tcase_add_test(verdicts, a_drawn_figure_has_no_more_digits_than_its_error_supports);
    tcase_add_test(verdicts, the_verdict_says_the_error_of_its_draws);
    tcase_add_test(verdicts, uncertain_inputs_that_change_nothing_are_named);
    tcase_add_test(verdicts, an_even_number_of_crossings_leaves_one_side_at_both_ends);
    tcase_add_test(verdicts, what_signing_loses_is_told_run_by_run);
    tcase_add_test(verdicts, where_the_same_weights_stop_being_cheaper_is_told_to_the_end);
    suite_add_tcase(suite, verdicts);
    TCase *tables = tcase_create("tables");
    tcase_add_loop_test(tables, a_table_fits_80_columns_and_marks_plan_and_crossings, 0, N_CASES);
    tcase_add_test(tables, a_table_has_the_rows_that_tell_the_story);
    tcase_add_test(tables, text_of_a_scenario_stays_on_its_line);
    tcase_add_test(tables, a_run_shows_bills_side_by_side_that_add_up);
    tcase_add_test(tables, a_run_without_a_feasible_fleet_says_why);
    tcase_add_test(tables, classes_with_apis_of_their_own_are_named_with_them);
    tcase_add_test(tables, a_class_too_rare_for_its_slo_is_said_wherever_results_are);
    tcase_add_loop_test(tables, no_saving_is_quoted_at_a_crossing, 0, N_CASES);
    tcase_add_test(tables, check_breaks_what_is_longer_than_a_line);
    tcase_add_test(tables, check_shows_values_sources_ranges_and_the_ledger);
    tcase_add_test(tables, a_side_that_is_not_there_takes_no_part_in_the_ledger);
    tcase_add_test(tables, long_labels_are_broken_and_large_sums_keep_their_dollars);
    tcase_add_test(tables, a_catalog_is_listed_and_one_entry_has_its_page);
    tcase_add_test(tables, models_are_listed_as_a_gpu_holds_them);
    tcase_add_test(tables, why_no_number_of_gpus_holds_a_model_is_told_below_the_list);
    tcase_add_test(tables, why_a_model_does_not_fit_is_told_of_the_most_gpus_that_share_its_heads);
    tcase_add_test(tables, a_list_of_tariffs_shows_what_a_bill_needs_and_fits_the_terminal);
    tcase_add_test(tables, the_page_of_a_model_says_in_which_type_it_was_released);
    tcase_add_test(tables, the_page_of_a_model_has_what_there_is_of_it);
    tcase_add_test(tables, the_beginning_of_several_names_lists_them);
    tcase_add_test(tables, the_page_of_an_api_has_its_whole_tariff);
    tcase_add_test(tables, load_above_the_time_with_a_batch_is_explained);
    tcase_add_test(tables, an_invoice_that_the_tariff_misses_is_in_a_run_too);
    tcase_add_test(tables, fleets_that_were_not_simulated_are_told);
    suite_add_tcase(suite, tables);
    TCase *files = tcase_create("files");
    tcase_set_timeout(files, 60);
    tcase_add_loop_test(files, every_csv_has_as_many_cells_in_each_line_as_its_header, 0, N_CASES);
    tcase_add_test(files, a_cell_of_text_cannot_start_a_formula_or_break_a_line);
    tcase_add_test(files, numbers_of_a_csv_read_back_exactly);
    tcase_add_test(files, curve_json_carries_the_verdict_and_every_figure);
    tcase_add_loop_test(files, json_of_every_case_parses_and_has_null_for_what_is_not_there, 0,
                        N_CASES);
    tcase_add_test(files, a_hostile_name_survives_json_as_valid_text);
    tcase_add_test(files, what_nobody_sees_reaches_no_output);
    tcase_add_test(files, json_keeps_what_nobody_sees_by_its_number);
    tcase_add_test(files, a_bill_in_json_adds_up_to_its_total);
    tcase_add_loop_test(files, a_curve_is_written_with_three_plots_that_can_be_drawn_again, 0, 4);
    tcase_add_test(files, the_same_curve_gives_the_same_bytes_whatever_the_clock_says);
    tcase_add_test(files, the_manifest_says_what_it_takes_to_run_again);
    tcase_add_test(files, a_name_cannot_run_a_command_when_it_is_drawn);
    tcase_add_test(files, without_gnuplot_results_are_kept_and_a_note_says_so);
    tcase_add_test(files, a_gnuplot_that_fails_or_draws_nothing_is_reported);
    tcase_add_test(files, a_gnuplot_that_hangs_is_ended_with_its_children);
    tcase_add_test(files, after_one_picture_that_hangs_no_other_is_tried);
    tcase_add_test(files, a_folder_that_cannot_be_written_is_an_error);
    tcase_add_test(files, a_run_is_written_as_csv_json_and_manifest);
    suite_add_tcase(suite, files);
    TCase *plots = tcase_create("plots");
    tcase_add_test(plots, a_riser_stands_upright_where_a_replica_is_full);
    tcase_add_test(plots, a_band_has_no_spikes_between_points);
    tcase_add_test(plots, a_sawtooth_lies_within_its_envelope);
    tcase_add_test(plots, a_label_keeps_off_lines_and_other_labels);
    tcase_add_test(plots, names_at_the_ends_of_lines_do_not_touch);
    tcase_add_loop_test(plots, above_zero_stands_above_zero, 0, 2 * N_CASES);
    tcase_add_test(plots, a_dot_between_two_parts_begins_no_line);
    tcase_add_test(plots, tics_say_billions_as_planners_do);
    tcase_add_test(plots, the_page_on_outputs_names_every_file);
    suite_add_tcase(suite, plots);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
