/* test_bills.c - every worked figure of docs/bills.md is what the library computes.
 *
 * A worked figure is a line "| `name` | words | $1,234.50 |" of the page. Each has a function here
 * that computes it, and each function has its line, so that page and program cannot drift apart.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "usage_kit.h"
#include "xo/file.h"
#include "xo/text.h"
#include "xo/ways.h"

#include <check.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double per_mtok = 1e-6;

/* ---- terms that the page begins with ---- */

static struct xo_build_terms rented(void)
{
    return (struct xo_build_terms){ .tenure = XO_RENT,
                                    .rent_usd_per_gpu_hour = 3.99,
                                    .server_gpus = 1,
                                    .pue = 1,
                                    .rent_scale = 1,
                                    .commitment_months = 24,
                                    .hours_per_month = 730 };
}

/* The server of example E20: $38,750, a tenth back after 4 years, 8 % a year. */
static struct xo_build_terms bought(void)
{
    struct xo_build_terms t = rented();
    t.tenure = XO_OWN;
    t.server_usd = 38750;
    t.life_years = 4;
    t.residual_frac = 0.1;
    t.capital_rate_per_year = 0.08;
    return t;
}

static const struct counted_fleet one_gpu = { .serving_replicas = 1, .gpus_per_replica = 1 };

/* $2 in, $0.20 from the cache, $2.50 written to it, $12.50 out, a million. */
static struct xo_tariff priced(void)
{
    return (struct xo_tariff){ .input = 2 * per_mtok,
                               .cached_input = 0.2 * per_mtok,
                               .cache_write = 2.5 * per_mtok,
                               .output = 12.5 * per_mtok,
                               .contexts = { { INT32_MAX, NAN, NAN, NAN } } };
}

/* 96 M tokens in, 36 M of them from the cache, 24.5 M out. */
static struct counted used(void)
{
    return (struct counted){
        .requests = 48000, .prompt_tokens = 96e6, .cached_tokens = 36e6, .output_tokens = 24.5e6
    };
}

static const struct xo_buy_terms list_price = { .price_scale = 1 };

static double tokens_usd(const struct xo_tariff *t, const struct counted *u,
                         const struct xo_buy_terms *terms)
{
    return usd_of_tokens(t, u, 1, terms);
}

/* The last item of a bill of tokens of list price `usd` under these terms. */
static double last_item_usd(double usd, const struct xo_tariff *t, const struct xo_buy_terms *terms)
{
    const struct counted use = { .prompt_tokens = usd / t->input };
    struct xo_bill bill;
    bill_of_tokens(t, &use, 1, terms, &bill);
    return bill.items[bill.n_items - 1].micro_usd / 1e6;
}

/* ---- both sides ---- */

static double month(void)
{
    const struct xo_build_terms t = rented();
    return usd_of_fleet(&t, &one_gpu);
}

static double tax(void)
{
    struct xo_build_terms t = rented();
    t.rent_usd_per_gpu_hour *= 1.19;
    return usd_of_fleet(&t, &one_gpu);
}

static double rounding(void)
{
    struct xo_tariff t = priced();
    t.input = t.cached_input = 0.02 * per_mtok;
    t.output = 0.04 * per_mtok;
    const struct counted u = { .prompt_tokens = 420.6e3,
                               .cached_tokens = 180e3,
                               .output_tokens = 120e3 };
    return tokens_usd(&t, &u, &list_price);
}

static double people(void)
{
    struct xo_build_terms t = rented();
    t.staff = (struct xo_staff){ 2, { { 0, 1 }, { 16, 1.5 } }, 250000, 1 };
    const struct counted_fleet use = { .serving_replicas = 9, .gpus_per_replica = 2 };
    struct xo_bill bill;
    bill_of_fleet(&t, &use, &bill);
    return xo_bill_group_usd(&bill, XO_BILL_PEOPLE);
}

static double one_off_of(double rate)
{
    struct xo_buy_terms terms = list_price;
    terms.one_off_usd = 60000;
    terms.commitment_months = 24;
    terms.capital_rate_per_year = rate;
    return usd_of_tokens(NULL, NULL, 0, &terms);
}

static double one_off(void)
{
    return one_off_of(0);
}

static double one_off_with_capital(void)
{
    return one_off_of(0.08);
}

static double contingency_of(struct xo_build_terms t)
{
    struct xo_bill bill;
    t.fixed_usd_month = 310.25;
    t.contingency_frac = 0.15;
    bill_of_fleet(&t, &one_gpu, &bill);
    return xo_bill_group_usd(&bill, XO_BILL_CONTINGENCY);
}

static double contingency(void)
{
    return contingency_of(rented());
}

static double contingency_of_owned(void)
{
    struct xo_build_terms t = rented();
    t.tenure = XO_ALREADY_OWNED;
    t.opportunity_usd_per_gpu_hour = 3.99;
    return contingency_of(t);
}

/* ---- buying ---- */

static double tokens(void)
{
    const struct xo_tariff t = priced();
    const struct counted u = used();
    return tokens_usd(&t, &u, &list_price);
}

static double cache_writes(void)
{
    const struct xo_tariff t = priced();
    struct counted u = used();
    u.cache_write_tokens = 11e6;
    return tokens_usd(&t, &u, &list_price);
}

static double long_prompts(void)
{
    struct xo_tariff t = priced();
    t.contexts[0].above_tokens = 200000;
    t.n_contexts = 1;
    t.contexts[0].input = 4 * per_mtok;
    t.contexts[0].output = 18.75 * per_mtok;
    const struct counted u = { .requests = 1,
                               .prompt_tokens = 300e3,
                               .output_tokens = 2e3,
                               .long_prompt_tokens = 300e3,
                               .long_output_tokens = 2e3 };
    return tokens_usd(&t, &u, &list_price);
}

static double batch_with_cache(void)
{
    struct xo_tariff t = priced();
    struct counted u = used();
    t.services[XO_SERVICE_BATCH].off_frac = 0.5;
    u.batch_frac = 0.3;
    return tokens_usd(&t, &u, &list_price);
}

/* Half of the tokens in another window. */
static double hours(void)
{
    struct xo_tariff tariffs[2] = { priced(), priced() };
    struct counted uses[2] = { used(), used() };
    for (int i = 0; i < 2; i++) {
        tariffs[i].n_windows = 1;
        tariffs[i].window_factor[XO_WINDOW_PEAK] = 2;
        uses[i].prompt_tokens /= 2;
        uses[i].cached_tokens /= 2;
        uses[i].output_tokens /= 2;
        uses[i].at_peak = i == 1;
    }
    return usd_of_tokens(tariffs, uses, 2, &list_price);
}

/* 200,000 tokens of the call below the threshold, the rest of it above. */
static double marginal(void)
{
    struct xo_tariff t = priced();
    t.n_contexts = 1;
    t.is_marginal = true;
    t.contexts[0] = (struct xo_context_tier){ 200000, 4 * per_mtok, NAN, 18.75 * per_mtok };
    const struct counted u = { .requests = 1,
                               .prompt_tokens = 300e3,
                               .output_tokens = 2e3,
                               .long_prompt_tokens = 100e3,
                               .long_output_tokens = 2e3 };
    return tokens_usd(&t, &u, &list_price);
}

/* All tokens of used(), 48,000 requests, at one level of service. */
static double served_usd(const struct xo_tariff *t, enum xo_price_service service, double tools)
{
    const struct xo_tariff *const tariffs[] = { t };
    const struct xo_price_cell cell = { .service = service };
    struct xo_usage usage;
    xo_usage_clear(&usage);
    struct xo_token_use *use = xo_usage_add_tokens(&usage, 0, 0, cell);
    use->requests = 48000;
    use->tool_calls = 48000 * tools;
    use->tokens[XO_INPUT_UNCACHED] = 60e6;
    use->tokens[XO_INPUT_CACHED] = 36e6;
    use->tokens[XO_OUTPUT] = 24.5e6;
    return xo_buy_usd(tariffs, &usage, &list_price);
}

static double fast(void)
{
    struct xo_tariff t = priced();
    t.services[XO_SERVICE_FAST] =
        (struct xo_service_rule){ .off_frac = -0.75, .cached_at_list = true };
    return served_usd(&t, XO_SERVICE_FAST, 0);
}

static double own_prices(void)
{
    struct xo_tariff t = priced();
    t.services[XO_SERVICE_FLEX] =
        (struct xo_service_rule){ .input = 1.5 * per_mtok, .output = 11 * per_mtok };
    return served_usd(&t, XO_SERVICE_FLEX, 0);
}

static double tools(void)
{
    struct xo_tariff t = priced();
    t.usd_per_request = 0.0005;
    t.usd_per_tool_call = 0.01;
    return served_usd(&t, XO_SERVICE_STANDARD, 1.5);
}

static double one_region(void)
{
    struct xo_tariff t = priced();
    struct counted u = used();
    struct xo_buy_terms terms = list_price;
    t.services[XO_SERVICE_BATCH].off_frac = 0.5;
    t.residency_frac = 0.1;
    terms.is_resident = true;
    u.batch_frac = 0.3;
    return tokens_usd(&t, &u, &terms);
}

static double retries(void)
{
    const struct xo_tariff t = priced();
    const struct counted u = used();
    struct xo_buy_terms terms = list_price;
    terms.retries_frac = 0.03;
    return tokens_usd(&t, &u, &terms);
}

static struct xo_tariff tiered(void)
{
    struct xo_tariff t = priced();
    t.n_tiers = 2;
    t.tiers[0].above_usd = 500;
    t.tiers[0].discount_frac = 0.1;
    t.tiers[1].above_usd = 1200;
    t.tiers[1].discount_frac = 0.2;
    return t;
}

static double tiers(void)
{
    const struct xo_tariff t = tiered();
    return last_item_usd(1337.5, &t, &list_price);
}

static double storage(void)
{
    struct xo_tariff t = { .cache = { .ttl_s = 3600, .storage_usd_per_token_s = 4.5e-6 / 3600 } };
    const struct counted u = { .prompt_tokens = 62.5e6, .cache_write_tokens = 62.5e6 };
    return tokens_usd(&t, &u, &list_price);
}

static double units(void)
{
    const struct xo_tariff t = priced();
    struct xo_buy_terms terms = list_price;
    terms.units = (struct xo_units){ .n = 2, .usd_month = 2 * 4 * 730.0, .taken_frac = 0.5 };
    return last_item_usd(1337.5, &t, &terms);
}

static double free_allowance(void)
{
    struct xo_tariff t = tiered();
    t.free_usd_month = 100;
    return 1337.5 - 97.5 + last_item_usd(1337.5, &t, &list_price);
}

static double minimum(void)
{
    struct xo_tariff t = priced();
    struct xo_buy_terms terms = list_price;
    t.minimum_usd_month = 1400;
    terms.discount_frac = 0.125;
    return last_item_usd(1337.5, &t, &terms);
}

static double term(void)
{
    static const double spend[] = { 50, 90 };
    return xo_commit_shortfall_usd(spend, 2, 80, true);
}

static double discount(void)
{
    const struct xo_tariff t = priced();
    struct xo_buy_terms terms = list_price;
    terms.discount_frac = 0.125;
    return last_item_usd(1337.5, &t, &terms);
}

static double committed(void)
{
    const struct xo_tariff t = priced();
    struct xo_buy_terms terms = list_price;
    terms.committed_usd_month = 1500.25;
    return last_item_usd(1337.5, &t, &terms);
}

/* ---- building ---- */

static double whole_servers(void)
{
    struct xo_build_terms t = rented();
    t.server_gpus = 8;
    const struct counted_fleet use = { 2, 1, 2, 2, 0 }; /* 10 GPUs, 16 paid for */
    return usd_of_fleet(&t, &use);
}

static double annuity(void)
{
    const struct xo_build_terms t = bought();
    return usd_of_fleet(&t, &one_gpu);
}

static double straight_line(void)
{
    struct xo_build_terms t = bought();
    t.capital_rate_per_year = 0;
    return usd_of_fleet(&t, &one_gpu);
}

static double power(void)
{
    struct xo_build_terms t = bought();
    const struct counted_fleet use = { 2, 1, 1, 2, 410.5 };
    struct xo_bill bill;
    t.server_gpus = 8;
    t.pays_power = true;
    t.pue = 1.25;
    t.usd_per_kwh = 0.12;
    t.gpu_idle_w = 75;
    t.server_overhead_w = 1900;
    bill_of_fleet(&t, &use, &bill);
    return xo_bill_group_usd(&bill, XO_BILL_POWER);
}

static double house(void)
{
    struct xo_build_terms t = bought();
    struct xo_bill bill;
    t.server_gpus = 8;
    t.gpu_busy_w = 700;
    t.server_overhead_w = 1900;
    t.colocation_usd_per_kw_month = 195;
    t.maintenance_frac_per_year = 0.06;
    bill_of_fleet(&t, &one_gpu, &bill);
    return xo_bill_group_usd(&bill, XO_BILL_SITE);
}

static double obligation_of(const struct xo_build_terms *t)
{
    const struct xo_obligation o = obligation_of_fleet(t, &one_gpu);
    return xo_obligation_usd(&o);
}

static double obligation_rented(void)
{
    struct xo_build_terms t = rented();
    t.one_off_usd = 6000;
    return obligation_of(&t);
}

static double obligation_bought(void)
{
    struct xo_build_terms t = bought();
    t.one_off_usd = 6000;
    return obligation_of(&t);
}

static double obligation_owned(void)
{
    struct xo_build_terms t = rented();
    t.tenure = XO_ALREADY_OWNED;
    t.one_off_usd = 6000;
    return obligation_of(&t);
}

/* ---- by the unit ---- */

/* A ticket of 3 requests, sold at 5 cents; 1.5 M requests a month. */
static struct xo_unit_figures of_tickets(double usd_month)
{
    const struct xo_unit ticket = { "ticket", "tickets", 3, 0.05 };
    return xo_unit_figures(&ticket, usd_month, 1.5e6);
}

static double a_thousand_requests(void)
{
    return of_tickets(12600).usd_per_1000_requests;
}

static double a_unit(void)
{
    return of_tickets(12600).usd;
}

static double margin_of_a_unit(void)
{
    return of_tickets(12600).margin_usd;
}

static double margin_below_cost(void)
{
    return of_tickets(35000).margin_usd;
}

START_TEST(a_margin_is_a_share_of_the_price)
{
    ck_assert_double_eq_tol(of_tickets(12600).margin_frac, 0.496, 1e-15);
    ck_assert_double_eq_tol(of_tickets(35000).margin_frac, -0.4, 1e-15);
    ck_assert_double_nan(of_tickets(NAN).usd);
    ck_assert_double_nan(of_tickets(NAN).margin_frac);
}
END_TEST

/* ---- the page ---- */

/* ---- money in time ---- */

/* $60,000 at the start of month `from`, then a saving a month to the end of 24, at 12 % a year. */
static double invested(int from, double first, double growth, double from_12)
{
    double at_usd[25] = { 0 }, over_usd[24] = { 0 };
    at_usd[from] = -60000;
    for (int m = from; m < 24; m++)
        over_usd[m] = m < 12 ? first * pow(growth, m) : from_12 * pow(growth, m);
    return xo_present_value(&(struct xo_cash){ 24, at_usd, over_usd }, 0.12);
}

static double present_value(void)
{
    return invested(0, 8000, 1, 8000);
}

static double growing(void)
{
    return invested(0, 5000, 1.02, 5000);
}

static double falling(void)
{
    return invested(0, 8000, 1, 2000);
}

static double begun_later(void)
{
    return invested(6, 8000, 1, 8000);
}

static const struct worked {
    const char *name;
    double (*usd)(void);
    int decimals;
} figures[] = {
    { "month", month, 2 },
    { "tax", tax, 2 },
    { "rounding", rounding, 6 },
    { "people", people, 2 },
    { "one-off", one_off, 2 },
    { "one-off with capital", one_off_with_capital, 2 },
    { "contingency", contingency, 4 },
    { "contingency, owned", contingency_of_owned, 4 },
    { "tokens", tokens, 2 },
    { "cache writes", cache_writes, 2 },
    { "long prompts", long_prompts, 4 },
    { "batch with cache", batch_with_cache, 4 },
    { "hours", hours, 3 },
    { "marginal", marginal, 4 },
    { "fast", fast, 4 },
    { "own prices", own_prices, 2 },
    { "tools", tools, 2 },
    { "one region", one_region, 5 },
    { "retries", retries, 4 },
    { "tiers", tiers, 2 },
    { "storage", storage, 2 },
    { "units", units, 2 },
    { "free", free_allowance, 2 },
    { "minimum", minimum, 4 },
    { "term", term, 2 },
    { "discount", discount, 4 },
    { "committed", committed, 2 },
    { "whole servers", whole_servers, 2 },
    { "annuity", annuity, 2 },
    { "straight line", straight_line, 2 },
    { "power", power, 2 },
    { "house", house, 2 },
    { "obligation, rented", obligation_rented, 2 },
    { "obligation, bought", obligation_bought, 2 },
    { "obligation, owned", obligation_owned, 2 },
    { "present value", present_value, 2 },
    { "growing", growing, 2 },
    { "falling", falling, 2 },
    { "begun later", begun_later, 2 },
    { "a thousand requests", a_thousand_requests, 2 },
    { "a unit", a_unit, 4 },
    { "margin of a unit", margin_of_a_unit, 4 },
    { "margin below cost", margin_below_cost, 2 },
};
enum { N_FIGURES = sizeof figures / sizeof figures[0] };

static char *page;

static void read_page(void)
{
    size_t size;
    ck_assert(xo_file_read(XO_SOURCE_DIR "/docs/bills.md", 1 << 20, &page, &size, NULL));
}

static void free_page(void)
{
    free(page);
}

/* "-$1,234.50": the whole dollars with their marks, the decimals that the page shows. */
static void dollars(char *out, size_t size, double usd, int decimals)
{
    char plain[64], whole[64];
    snprintf(plain, sizeof plain, "%.*f", decimals, fabs(usd));
    const double shown = strtod(plain, NULL);
    char *point = strchr(plain, '.');
    if (shown < 1000)
        snprintf(whole, sizeof whole, "$%.*s", (int)(point - plain), plain);
    else
        xo_text_usd(whole, sizeof whole, floor(shown), 0);
    snprintf(out, size, "%s%s%s", usd < 0 ? "-" : "", whole, point);
}

START_TEST(a_worked_figure_is_what_the_library_computes)
{
    const struct worked *w = &figures[_i];
    char start[64], figure[80], end[96];
    snprintf(start, sizeof start, "\n| `%s` | ", w->name);
    const char *line = strstr(page, start);
    ck_assert_msg(line != NULL, "docs/bills.md has no line \"%s\"", w->name);
    dollars(figure, sizeof figure, w->usd(), w->decimals);
    snprintf(end, sizeof end, " | %s |", figure);
    const size_t length = strcspn(line + 1, "\n") + 1, n = strlen(end);
    ck_assert_msg(length > n && strncmp(line + length - n, end, n) == 0,
                  "docs/bills.md: \"%s\" is %s", w->name, figure);
}
END_TEST

START_TEST(every_line_of_the_page_is_computed_here)
{
    int n = 0;
    for (const char *at = page; (at = strstr(at, "\n| `")) != NULL; at++)
        n++;
    ck_assert_int_eq(n, N_FIGURES);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bills");
    TCase *pages = tcase_create("page");
    tcase_add_checked_fixture(pages, read_page, free_page);
    tcase_add_loop_test(pages, a_worked_figure_is_what_the_library_computes, 0, N_FIGURES);
    tcase_add_test(pages, every_line_of_the_page_is_computed_here);
    tcase_add_test(pages, a_margin_is_a_share_of_the_price);
    suite_add_tcase(suite, pages);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
