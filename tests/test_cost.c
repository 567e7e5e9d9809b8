/* test_cost.c - invoices by hand, figures that public calculators print, and items that add up.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "usage_kit.h"

#include <check.h>
#include <gsl/gsl_rng.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_OF(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const double per_mtok = 1e-6;

/* A tariff without extras, prices in USD per million tokens. */
static struct xo_tariff plain_tariff(double input, double cached, double output)
{
    return (struct xo_tariff){ .name = "plain",
                               .input = input * per_mtok,
                               .cached_input = cached * per_mtok,
                               .cache_write = NAN,
                               .output = output * per_mtok,
                               .contexts = { { INT32_MAX, NAN, NAN, NAN } } };
}

static struct counted use_of(double prompt, double cached, double output)
{
    return (struct counted){
        .requests = 1000, .prompt_tokens = prompt, .cached_tokens = cached, .output_tokens = output
    };
}

static const struct xo_buy_terms plain_buy = { .price_scale = 1 };

/* One GPU at a dollar an hour, nothing else. */
static struct xo_build_terms plain_rent(double usd_per_hour, double hours)
{
    return (struct xo_build_terms){ .tenure = XO_RENT,
                                    .rent_usd_per_gpu_hour = usd_per_hour,
                                    .server_gpus = 1,
                                    .rent_scale = 1,
                                    .hours_per_month = hours };
}

static struct xo_build_terms plain_own(double server_usd, double years)
{
    return (struct xo_build_terms){ .tenure = XO_OWN,
                                    .server_usd = server_usd,
                                    .server_gpus = 1,
                                    .life_years = years,
                                    .pue = 1,
                                    .rent_scale = 1,
                                    .hours_per_month = 730 };
}

static const struct counted_fleet one_gpu = { .serving_replicas = 1, .gpus_per_replica = 1 };

/* What a test buys and builds, as set_up leaves it: nothing, on plain terms, by one GPU that costs
 * nothing. A test says what differs, and compares the bill line by line. */
static struct xo_tariff tariff;
static struct counted use;
static struct xo_buy_terms buy;
static struct xo_build_terms build;
static struct counted_fleet fleet;
static struct xo_bill bill;

static void set_up(void)
{
    tariff = plain_tariff(0, NAN, 0);
    use = (struct counted){ 0 };
    buy = plain_buy;
    build = plain_rent(0, 730);
    fleet = one_gpu;
}

static void add_tier(double above_usd, double discount_frac)
{
    tariff.tiers[tariff.n_tiers].above_usd = above_usd;
    tariff.tiers[tariff.n_tiers++].discount_frac = discount_frac;
}

static double bought_usd(void)
{
    return usd_of_tokens(&tariff, &use, 1, &buy);
}

static double built_usd(void)
{
    return usd_of_fleet(&build, &fleet);
}

struct line {
    enum xo_bill_group group;
    double usd;
    const char *label;
};

static void assert_bill(const struct line lines[], int n)
{
    for (int i = 0; i < bill.n_items && i < n; i++) {
        const struct xo_bill_item *item = &bill.items[i];
        ck_assert_str_eq(item->label, lines[i].label);
        ck_assert_msg(item->micro_usd == round(lines[i].usd * 1e6), "%s: $%.6f, not $%.6f",
                      lines[i].label, item->micro_usd / 1e6, lines[i].usd);
        ck_assert_int_eq(item->group, lines[i].group);
    }
    ck_assert_int_eq(bill.n_items, n);
}

static void assert_bought(const struct line lines[], int n)
{
    bill_of_tokens(&tariff, &use, 1, &buy, &bill);
    assert_bill(lines, n);
}

static void assert_built(const struct line lines[], int n)
{
    bill_of_fleet(&build, &fleet, &bill);
    assert_bill(lines, n);
}

/* ---- buying, by hand ---- */

START_TEST(an_invoice_lists_input_cached_and_output)
{
    tariff = plain_tariff(2, 0.2, 12.5);
    use = use_of(96e6, 36e6, 24.5e6);
    const struct line lines[] = {
        { XO_BILL_TOKENS, 120, "input tokens, uncached: 60 M at $2.00/Mtok" },
        { XO_BILL_TOKENS, 7.2, "input tokens, cached: 36 M at $0.20/Mtok" },
        { XO_BILL_TOKENS, 306.25, "output tokens: 24.5 M at $12.50/Mtok" },
    };
    assert_bought(lines, N_OF(lines));
    ck_assert_double_eq(xo_bill_usd(&bill), 433.45);
}
END_TEST

START_TEST(a_cache_that_is_not_offered_costs_input)
{
    tariff = plain_tariff(2, NAN, 12.5);
    use = use_of(96e6, 36e6, 0);
    use.cache_write_tokens = 11e6;
    ck_assert_double_eq(bought_usd(), 192);
}
END_TEST

START_TEST(tokens_written_to_the_cache_cost_their_own_price_instead_of_input)
{
    tariff = plain_tariff(3, 0.3, 15);
    tariff.cache_write = 3.75 * per_mtok;
    use = use_of(10e6, 4e6, 1e6);
    use.cache_write_tokens = 2e6;
    const struct line lines[] = {
        { XO_BILL_TOKENS, 12, "input tokens, uncached: 4 M at $3.00/Mtok" },
        { XO_BILL_TOKENS, 7.5, "input tokens, written to cache: 2 M at $3.75/Mtok" },
        { XO_BILL_TOKENS, 1.2, "input tokens, cached: 4 M at $0.30/Mtok" },
        { XO_BILL_TOKENS, 15, "output tokens: 1 M at $15.00/Mtok" },
    };
    assert_bought(lines, N_OF(lines));
}
END_TEST

/* 6 of 9 million uncached tokens are written, 3.78 of them for an hour; a third of everything is at
 * peak, where a token costs 1.75 times as much. */
START_TEST(lifetimes_and_peak_hours_are_lines_of_their_own)
{
    tariff = plain_tariff(3, 0.3, 15);
    tariff.cache_write = 3.75 * per_mtok;
    tariff.cache = (struct xo_cache_rules){ .ttl_s = 300,
                                            .extended_ttl_s = 3600,
                                            .extended_write = 6 * per_mtok };
    tariff.window_factor[XO_WINDOW_PEAK] = 1.75;
    tariff.n_windows = tariff.n_peaks = 1;
    struct counted uses[2];
    for (int i = 0; i < 2; i++) {
        const double part = i == 0 ? 2 : 1;
        uses[i] = use_of(5e6 * part, 2e6 * part, 0.52e6 * part);
        uses[i].cache_write_tokens = 0.74e6 * part;
        uses[i].extended_write_tokens = 1.26e6 * part;
        uses[i].at_peak = i == 1;
    }
    const struct xo_tariff tariffs[2] = { tariff, tariff };
    const struct xo_escalation escalation = { 0.125, 43.21, "acme/big" };
    buy.escalation = escalation;
    bill_of_tokens(tariffs, uses, 2, &buy, &bill);
    const struct line lines[] = {
        { XO_BILL_TOKENS, 6.00, "input tokens, uncached: 2 M at $3.00/Mtok" },
        { XO_BILL_TOKENS, 5.55, "input tokens, written to cache for 5 min: 1.48 M at $3.75/Mtok" },
        { XO_BILL_TOKENS, 15.12, "input tokens, written to cache for 1 h: 2.52 M at $6.00/Mtok" },
        { XO_BILL_TOKENS, 1.20, "input tokens, cached: 4 M at $0.30/Mtok" },
        { XO_BILL_TOKENS, 15.60, "output tokens: 1.04 M at $15.00/Mtok" },
        { XO_BILL_TOKENS, 5.25, "input tokens, uncached, peak hours: 1 M at $5.25/Mtok" },
        { XO_BILL_TOKENS, 4.85625,
          "input tokens, written to cache for 5 min, peak hours: 740 k at $6.5625/Mtok" },
        { XO_BILL_TOKENS, 13.23,
          "input tokens, written to cache for 1 h, peak hours: 1.26 M at $10.50/Mtok" },
        { XO_BILL_TOKENS, 1.05, "input tokens, cached, peak hours: 2 M at $0.525/Mtok" },
        { XO_BILL_TOKENS, 13.65, "output tokens, peak hours: 520 k at $26.25/Mtok" },
        { XO_BILL_TOKENS, 43.21, "tokens of acme/big: 12.5 % of requests asked again there" },
    };
    assert_bill(lines, N_OF(lines));
    uses[0].cache_write_tokens = uses[1].cache_write_tokens = 0.125; /* of a token: no line */
    bill_of_tokens(tariffs, uses, 2, &buy, &bill);
    ck_assert_int_eq(bill.n_items, N_OF(lines) - 2);
}
END_TEST

START_TEST(prices_are_billed_to_the_millionth_and_said_to_five_digits)
{
    tariff = plain_tariff(1.234567, 0.123454, 123.4567);
    use = use_of(2e6, 1e6, 1e6);
    const struct line lines[] = {
        { XO_BILL_TOKENS, 1.234567, "input tokens, uncached: 1 M at $1.2346/Mtok" },
        { XO_BILL_TOKENS, 0.123454, "input tokens, cached: 1 M at $0.12345/Mtok" },
        { XO_BILL_TOKENS, 123.4567, "output tokens: 1 M at $123.46/Mtok" },
    };
    assert_bought(lines, N_OF(lines));
}
END_TEST

static void set_long_tariff(void)
{
    tariff = plain_tariff(1.25, 0.125, 10);
    tariff.contexts[0].above_tokens = 200000;
    tariff.n_contexts = 1;
    tariff.contexts[0].input = 2.5 * per_mtok;
    tariff.contexts[0].cached_input = 0.25 * per_mtok;
    tariff.contexts[0].output = 15 * per_mtok;
}

/* Ten requests of 100,000 + 1,000 tokens and one of 300,000 + 2,000, a tenth of prompts cached. The
 * long one pays 2.50 on all its input, not on the 100,000 above the threshold, and 15 on output. */
START_TEST(a_long_prompt_reprices_the_whole_request)
{
    set_long_tariff();
    use = use_of(1300e3, 130e3, 12e3);
    use.long_prompt_tokens = 300e3;
    use.long_cached_tokens = 30e3;
    use.long_output_tokens = 2e3;
    const struct line lines[] = {
        { XO_BILL_TOKENS, 1.125, "input tokens, uncached: 900 k at $1.25/Mtok" },
        { XO_BILL_TOKENS, 0.0125, "input tokens, cached: 100 k at $0.125/Mtok" },
        { XO_BILL_TOKENS, 0.1, "output tokens: 10 k at $10.00/Mtok" },
        { XO_BILL_TOKENS, 0.675,
          "input tokens, uncached, prompts over 200 k: 270 k at $2.50/Mtok" },
        { XO_BILL_TOKENS, 0.0075, "input tokens, cached, prompts over 200 k: 30 k at $0.25/Mtok" },
        { XO_BILL_TOKENS, 0.03, "output tokens, prompts over 200 k: 2 k at $15.00/Mtok" },
    };
    assert_bought(lines, N_OF(lines));
}
END_TEST

START_TEST(long_prices_that_are_missing_fall_back)
{
    set_long_tariff();
    use = use_of(40e6, 8e6, 2e6);
    use.long_prompt_tokens = 40e6;
    use.long_cached_tokens = 8e6;
    use.long_output_tokens = 2e6;
    tariff.contexts[0].cached_input = NAN; /* 32 + 8 million at 2.50, 2 million at 15 */
    ck_assert_double_eq(bought_usd(), 130);
    tariff.contexts[0].output = NAN; /* 2 million at 10 */
    ck_assert_double_eq(bought_usd(), 120);
    tariff.contexts[0].input = NAN; /* 40 million at 1.25 */
    ck_assert_double_eq(bought_usd(), 70);
    set_long_tariff();
    tariff.cache_write = 1.5625 * per_mtok; /* 1.25 times input: 3.125 for long prompts */
    use.cache_write_tokens = use.long_cache_write_tokens = 32e6;
    ck_assert_double_eq(bought_usd(), 32 * 3.125 + 8 * 0.25 + 30);
    tariff.cache = (struct xo_cache_rules){ .ttl_s = 300,
                                            .extended_ttl_s = 3600,
                                            .extended_write = 2.5 * per_mtok }; /* 5 for long */
    use.cache_write_tokens = use.long_cache_write_tokens = 8e6;
    use.extended_write_tokens = use.long_extended_write_tokens = 24e6;
    ck_assert_double_eq(bought_usd(), 8 * 3.125 + 24 * 5.0 + 8 * 0.25 + 30);
}
END_TEST

START_TEST(batch_work_is_discounted_by_its_share)
{
    tariff = plain_tariff(2, 0.2, 12.5);
    tariff.services[XO_SERVICE_BATCH].off_frac = 0.5;
    use = use_of(60e6, 0, 24e6);
    use.batch_frac = 0.3;
    const struct line lines[] = {
        { XO_BILL_TOKENS, 120, "input tokens, uncached: 60 M at $2.00/Mtok" },
        { XO_BILL_TOKENS, 300, "output tokens: 24 M at $12.50/Mtok" },
        { XO_BILL_DISCOUNT, -63, "batch discount: 50 % off 30 % of the tokens' price" },
    };
    assert_bought(lines, N_OF(lines));
}
END_TEST

/* 1,000 of list spend, 30 % of retries on it: 1,300. Tiers: 10 % from 500, 20 % from 1,200. */
START_TEST(retries_bill_and_volume_tiers_are_marginal)
{
    tariff = plain_tariff(2, NAN, 10);
    add_tier(500, 0.1);
    add_tier(1200, 0.2);
    use = use_of(500e6, 0, 0);
    buy.retries_frac = 0.3;
    const struct line lines[] = {
        { XO_BILL_TOKENS, 1000, "input tokens, uncached: 500 M at $2.00/Mtok" },
        { XO_BILL_TOKENS, 300, "retries: calls repeated, 30 %" },
        { XO_BILL_DISCOUNT, -90, "volume discount: tiers on $1,300 of list spend" },
    };
    assert_bought(lines, N_OF(lines));
}
END_TEST

START_TEST(a_tier_begins_where_it_says)
{
    tariff = plain_tariff(1, NAN, 1);
    add_tier(100, 0.1);
    add_tier(300, 0.25);
    static const struct {
        double list_usd, paid_usd;
    } rows[] = {
        { 0, 0 },     { 99, 99 },      { 100, 100 }, { 110, 109 },
        { 300, 280 }, { 301, 280.75 }, { 500, 430 },
    };
    for (int i = 0; i < N_OF(rows); i++) {
        use = use_of(rows[i].list_usd * 1e6, 0, 0);
        ck_assert_double_eq(bought_usd(), rows[i].paid_usd);
    }
}
END_TEST

START_TEST(a_negotiated_discount_comes_off_what_tiers_leave)
{
    tariff = plain_tariff(1, NAN, 1);
    add_tier(100, 0.1);
    use = use_of(200e6, 0, 0);
    buy.discount_frac = 0.25;
    const struct line lines[] = {
        { XO_BILL_TOKENS, 200, "input tokens, uncached: 200 M at $1.00/Mtok" },
        { XO_BILL_DISCOUNT, -10, "volume discount: tiers on $200 of list spend" },
        { XO_BILL_DISCOUNT, -47.5, "negotiated discount: 25 %" },
    };
    assert_bought(lines, N_OF(lines));
}
END_TEST

START_TEST(a_commitment_is_paid_whether_used_or_not)
{
    tariff = plain_tariff(2, NAN, 10);
    static const struct {
        double prompt_tokens, usd;
        int n_items;
    } rows[] = {
        { 0, 1500.25, 1 }, { 300e6, 1500.25, 2 }, { 750.125e6, 1500.25, 1 }, { 1e9, 2000, 1 }
    };
    buy.committed_usd_month = 1500.25;
    for (int i = 0; i < N_OF(rows); i++) {
        use = use_of(rows[i].prompt_tokens, 0, 0);
        bill_of_tokens(&tariff, &use, 1, &buy, &bill);
        ck_assert_double_eq(xo_bill_usd(&bill), rows[i].usd);
        ck_assert_int_eq(bill.n_items, rows[i].n_items);
    }
    use = use_of(300e6, 0, 0);
    bill_of_tokens(&tariff, &use, 1, &buy, &bill);
    ck_assert_str_eq(bill.items[1].label, "commitment of $1,500 a month, the part not used");
    ck_assert_double_eq(bill.items[1].micro_usd, 900.25e6);
}
END_TEST

START_TEST(buying_has_fixed_costs_people_one_offs_and_contingency)
{
    tariff = plain_tariff(2, NAN, 10);
    use = use_of(100e6, 0, 10e6);
    buy = (struct xo_buy_terms){
        .price_scale = 0.5, /* tokens: 150 */
        .fixed_usd_month = 99.25,
        .one_off_usd = 6000,
        .commitment_months = 24,
        .contingency_frac = 0.1,
        .staff = { .n_steps = 2,
                   .steps = { { 0, 0.1 }, { 16, 7 } },
                   .usd_per_fte_year = 240000,
                   .scale = 1.5 },
    };
    const struct line lines[] = {
        { XO_BILL_TOKENS, 100, "input tokens, uncached: 100 M at $1.00/Mtok" },
        { XO_BILL_TOKENS, 50, "output tokens: 10 M at $5.00/Mtok" },
        { XO_BILL_SOFTWARE, 99.25, "gateway, software and support for buying" },
        { XO_BILL_PEOPLE, 3000, "people: 0.15 FTE at $240,000 a year" },
        { XO_BILL_ONE_OFF, 250, "one-offs: $6,000 over 24 months" },
        { XO_BILL_CONTINGENCY, 349.925, "contingency: 10 % of the above" }, /* of 3,499.25 */
    };
    assert_bought(lines, N_OF(lines));
    ck_assert_double_eq(xo_bill_group_usd(&bill, XO_BILL_TOKENS), 150);
    ck_assert_double_eq(xo_bill_group_usd(&bill, XO_BILL_PEOPLE), 3000);
    ck_assert_double_eq(xo_bill_group_usd(&bill, XO_BILL_GPUS), 0);
}
END_TEST

START_TEST(two_tariffs_are_told_apart_by_name)
{
    struct xo_tariff tariffs[2] = { plain_tariff(0.15, NAN, 0.6), plain_tariff(2.5, NAN, 10) };
    strcpy(tariffs[0].name, "small/model");
    strcpy(tariffs[1].name, "frontier/model");
    const struct counted uses[2] = { use_of(80e6, 0, 0), use_of(0, 0, 3e6) };
    bill_of_tokens(tariffs, uses, 2, &buy, &bill);
    const struct line lines[] = {
        { XO_BILL_TOKENS, 12, "small/model: input tokens, uncached: 80 M at $0.15/Mtok" },
        { XO_BILL_TOKENS, 30, "frontier/model: output tokens: 3 M at $10.00/Mtok" },
    };
    assert_bill(lines, N_OF(lines));
}
END_TEST

START_TEST(classes_on_one_tariff_share_its_tiers)
{
    tariff = plain_tariff(1, NAN, 1);
    add_tier(100, 0.5);
    tariff.services[XO_SERVICE_BATCH].off_frac = 0.5;
    const struct xo_tariff tariffs[2] = { tariff, tariff };
    struct counted uses[2] = { use_of(80e6, 0, 0), use_of(100e6, 0, 0) };
    uses[1].batch_frac = 0.6;
    bill_of_tokens(tariffs, uses, 2, &buy, &bill);
    const struct line lines[] = {
        { XO_BILL_TOKENS, 180, "input tokens, uncached: 180 M at $1.00/Mtok" },
        { XO_BILL_DISCOUNT, -30, "batch discount: 50 % off 33.33 % of the tokens' price" },
        { XO_BILL_DISCOUNT, -25, "volume discount: tiers on $150 of list spend" },
    };
    assert_bill(lines, N_OF(lines));
}
END_TEST

START_TEST(nothing_bought_costs_nothing)
{
    set_long_tariff();
    const struct counted none = { 0 };
    buy.retries_frac = 0.1;
    buy.discount_frac = 0.1;
    buy.contingency_frac = 0.1;
    bill_of_tokens(&tariff, &none, 1, &buy, &bill);
    ck_assert_double_eq(xo_bill_micro_usd(&bill), 0);
    bill_of_tokens(NULL, NULL, 0, &plain_buy, &bill);
    ck_assert_int_eq(bill.n_items, 0);
    ck_assert_double_eq(xo_bill_micro_usd(&bill), 0);
    ck_assert_double_eq(xo_bill_usd(&bill), 0);
    ck_assert_double_eq(xo_bill_group_usd(&bill, XO_BILL_TOKENS), 0);
}
END_TEST

/* 600 questions of a classroom: 1.32 cents, of which no item is a cent. */
START_TEST(sums_below_a_cent_are_kept)
{
    tariff = plain_tariff(0.02, 0.02, 0.04);
    use = use_of(420.6e3, 180e3, 120e3);
    const struct line lines[] = {
        { XO_BILL_TOKENS, 0.004812, "input tokens, uncached: 241 k at $0.02/Mtok" },
        { XO_BILL_TOKENS, 0.0036, "input tokens, cached: 180 k at $0.02/Mtok" },
        { XO_BILL_TOKENS, 0.0048, "output tokens: 120 k at $0.04/Mtok" },
    };
    assert_bought(lines, N_OF(lines));
    ck_assert_double_eq(xo_bill_usd(&bill), 0.013212);
    use = use_of(1, 0, 0); /* two hundredths of a millionth of a dollar */
    ck_assert_double_eq(bought_usd(), 0);
}
END_TEST

START_TEST(an_absurd_price_does_not_overflow)
{
    struct xo_tariff tariffs[XO_MAX_TARIFFS];
    struct counted uses[XO_MAX_TARIFFS];
    for (int i = 0; i < XO_MAX_TARIFFS; i++) {
        tariffs[i] = plain_tariff(1e30, 1e30, 1e30);
        memset(tariffs[i].name, 'a' + i, sizeof tariffs[i].name - 1);
        tariffs[i].contexts[0].above_tokens = 1234567;
        tariffs[i].n_contexts = 1;
        tariffs[i].cache_write = 1e20;
        uses[i] = (struct counted){ .requests = 1e30,
                                    .prompt_tokens = 4e30,
                                    .cached_tokens = 2e30,
                                    .output_tokens = 2e30,
                                    .long_prompt_tokens = 2e30,
                                    .long_cached_tokens = 1e30,
                                    .long_output_tokens = 1e30,
                                    .cache_write_tokens = 1e30,
                                    .long_cache_write_tokens = 5e29 };
    }
    bill_of_tokens(tariffs, uses, XO_MAX_TARIFFS, &buy, &bill);
    ck_assert_int_eq(bill.n_items, 8 * XO_MAX_TARIFFS);
    ck_assert_double_eq_tol(xo_bill_usd(&bill), 8 * XO_MAX_TARIFFS * 4e14, 1e4);
}
END_TEST

/* ---- building, by hand ---- */

START_TEST(a_rented_fleet_pays_for_idle_gpus_too)
{
    build = plain_rent(3.99, 730);
    build.server_gpus = 8;
    build.software_usd_per_gpu_month = 12.5;
    build.fixed_usd_month = 300;
    build.storage_usd_month = 45.5;
    build.egress_usd_month = 20.25;
    build.one_off_usd = 60000;
    build.commitment_months = 24;
    build.contingency_frac = 0.05;
    build.server_usd = 1e6; /* a renter neither maintains nor houses */
    build.maintenance_frac_per_year = 0.1;
    build.colocation_usd_per_kw_month = 200;
    build.gpu_busy_w = 700;
    build.staff = (struct xo_staff){ 3, { { 0, 1 }, { 7, 1.5 }, { 16, 3 } }, 250000, 1 };
    fleet = (struct counted_fleet){ 2, 1, 2, 2, 650 };
    const struct line lines[] = {
        /* a GPU: 3.99 * 730 = 2,912.70 */
        { XO_BILL_GPUS, 11650.8, "serving GPUs: 2 x 2 at $3.99/h, 730 h" },
        { XO_BILL_GPUS, 5825.4, "spare GPUs: 1 x 2 at $3.99/h, 730 h" },
        { XO_BILL_GPUS, 11650.8, "headroom GPUs: 2 x 2 at $3.99/h, 730 h" },
        { XO_BILL_GPUS, 17476.2, "rounding up to whole servers of 8: 6 GPUs at $3.99/h, 730 h" },
        { XO_BILL_SOFTWARE, 200, "software: 16 GPUs at $12.50 a month" },
        { XO_BILL_SOFTWARE, 300, "fixed costs of building" },
        { XO_BILL_SITE, 45.5, "storage" },
        { XO_BILL_SITE, 20.25, "egress" },
        { XO_BILL_PEOPLE, 31250, "people: 1.5 FTE at $250,000 a year" },
        { XO_BILL_ONE_OFF, 2500, "one-offs: $60,000 over 24 months" },
        { XO_BILL_CONTINGENCY, 4045.9475, "contingency: 5 % of the above" }, /* of 80,918.95 */
    };
    assert_built(lines, N_OF(lines));
    build.rent_kind = "reserved for 3 years";
    bill_of_fleet(&build, &fleet, &bill);
    ck_assert_str_eq(bill.items[1].label,
                     "spare GPUs: 1 x 2 at $3.99/h reserved for 3 years, 730 h");
    ck_assert_int_eq(gpus_of_fleet(&build, &fleet), 16);
}
END_TEST

START_TEST(an_owned_fleet_pays_capital_power_house_and_care)
{
    build = plain_own(240000, 4);
    build.server_gpus = 8;
    build.residual_frac = 0.2; /* 192,000 over 48 months, no interest: 4,000 a server, 500 a GPU */
    build.pays_power = true;
    build.gpu_idle_w = 100;
    build.gpu_busy_w = 700;
    build.server_overhead_w = 2000;
    build.pue = 1.25;
    build.usd_per_kwh = 0.12;
    build.colocation_usd_per_kw_month = 150;
    build.maintenance_frac_per_year = 0.06;
    build.hours_per_month = 720;
    fleet = (struct counted_fleet){ 2, 1, 0, 4, 600.5 };
    const struct line lines[] = {
        /* a W a month: 1.25 * 0.72 * 0.12 = 0.108 */
        { XO_BILL_GPUS, 4000,
          "serving GPUs: 2 x 4 at $500.00 a month (4 years, capital at 0 % a year)" },
        { XO_BILL_GPUS, 2000,
          "spare GPUs: 1 x 4 at $500.00 a month (4 years, capital at 0 % a year)" },
        { XO_BILL_GPUS, 2000,
          "rounding up to whole servers of 8: 4 GPUs at $500.00 a month (4 years, capital at 0 "
          "% a year)" },
        { XO_BILL_POWER, 518.832, "power of serving GPUs: 8 x 600.5 W, PUE 1.25, at $0.12/kWh" },
        { XO_BILL_POWER, 86.4, "power of idle GPUs: 8 x 100 W, PUE 1.25, at $0.12/kWh" },
        { XO_BILL_POWER, 432,
          "power of the rest of the servers: 2 x 2000 W, PUE 1.25, at $0.12/kWh" },
        { XO_BILL_SITE, 2280, "colocation: 15.2 kW at $150.00/kW" },
        { XO_BILL_SITE, 2400, "maintenance: 6 % a year of $480,000" },
    };
    assert_built(lines, N_OF(lines));
}
END_TEST

START_TEST(gpus_already_owned_cost_what_they_would_earn)
{
    build = plain_rent(99, 730);
    build.tenure = XO_ALREADY_OWNED;
    build.opportunity_usd_per_gpu_hour = 1.35;
    build.rent_scale = 2;
    build.pays_power = true;
    build.pue = 1.5;
    build.usd_per_kwh = 0.2;
    fleet = (struct counted_fleet){ 3, 0, 0, 1, 500 };
    const struct line lines[] = {
        { XO_BILL_GPUS, 5913, "serving GPUs: 3 x 1 at $2.70/h forgone, 730 h" },
        { XO_BILL_POWER, 328.5, "power of serving GPUs: 3 x 500 W, PUE 1.5, at $0.20/kWh" },
    };
    assert_built(lines, N_OF(lines));
}
END_TEST

START_TEST(an_empty_fleet_pays_only_what_stays)
{
    build = plain_rent(3.99, 730);
    build.server_gpus = 8;
    build.staff =
        (struct xo_staff){ 1, { { 0, 1 } }, NAN, 1 }; /* nobody: the salary may be unknown */
    const struct counted_fleet none = { 0, 0, 0, 8, 0 };
    bill_of_fleet(&build, &none, &bill);
    const struct line lines[] = { { XO_BILL_PEOPLE, 0, "people: none" } };
    assert_bill(lines, 1);
    build.fixed_usd_month = 10;
    ck_assert_double_eq(usd_of_fleet(&build, &none), 10);
    ck_assert_int_eq(gpus_of_fleet(&build, &none), 0);
}
END_TEST

START_TEST(whole_servers_are_never_half_paid)
{
    build = plain_rent(2, 730);
    for (build.server_gpus = 1; build.server_gpus <= 8; build.server_gpus++)
        for (int replicas = 0; replicas <= 20; replicas++) {
            fleet = (struct counted_fleet){ replicas, 1, 0, 3, 0 };
            const int needed = 3 * (replicas + 1), k = build.server_gpus;
            const int64_t gpus = gpus_of_fleet(&build, &fleet);
            ck_assert_int_eq(gpus % k, 0);
            ck_assert_int_ge(gpus, needed);
            ck_assert_int_lt(gpus, needed + k);
            ck_assert_double_eq(usd_of_fleet(&build, &fleet), (double)gpus * 1460);
        }
}
END_TEST

/* 4 GPUs for 730 h, and 2 that a contract bills for 182.5 h: 3,285 GPU-hours. They draw 500 W,
 * which at PUE 1.5 and $0.20/kWh is $0.15 a GPU-hour. */
START_TEST(a_contract_bills_the_time_that_it_counts)
{
    struct xo_usage usage;
    build = plain_rent(2, 730);
    build.pays_power = true;
    build.pue = 1.5;
    build.usd_per_kwh = 0.2;
    xo_usage_clear(&usage);
    xo_usage_add_replicas(&usage, XO_GPU_SERVING, 2, 2, 500, 730 * 3600);
    xo_usage_add_replicas(&usage, XO_GPU_SERVING, 1, 2, 500, 182.5 * 3600);
    xo_build_bill(&build, &usage, &bill);
    const struct line lines[] = {
        { XO_BILL_GPUS, 6570, "serving GPUs: 3 x 2 at $2.00/h, 730 h" },
        { XO_BILL_POWER, 492.75, "power of serving GPUs: 6 x 500 W, PUE 1.5, at $0.20/kWh" },
    };
    assert_bill(lines, N_OF(lines));
}
END_TEST

START_TEST(tokens_served_at_home_have_no_price)
{
    tariff = plain_tariff(2, NAN, 10);
    const struct xo_tariff *const tariffs[] = { &tariff };
    const struct xo_price_cell cell = { XO_WINDOW_USUAL, XO_CONTEXT_USUAL, XO_SERVICE_STANDARD };
    struct xo_usage usage;
    xo_usage_clear(&usage);
    xo_usage_add_tokens(&usage, 0, XO_AT_HOME, cell)->tokens[XO_OUTPUT] = 7e6;
    xo_usage_add_tokens(&usage, 0, 0, cell)->tokens[XO_OUTPUT] = 1.5e6;
    xo_buy_bill(tariffs, &usage, &buy, &bill);
    const struct line lines[] = {
        { XO_BILL_TOKENS, 15, "output tokens: 1.5 M at $10.00/Mtok" },
    };
    assert_bill(lines, N_OF(lines));
}
END_TEST

START_TEST(people_come_in_steps)
{
    const struct xo_staff staff = { 3, { { 0, 1 }, { 16, 1.5 }, { 64, 3 } }, 250000, 2 };
    static const struct {
        int gpus;
        double fte;
    } rows[] = { { 0, 0 }, { 1, 2 }, { 16, 2 }, { 17, 3 }, { 64, 3 }, { 65, 6 }, { INT_MAX, 6 } };
    for (int i = 0; i < N_OF(rows); i++)
        ck_assert_double_eq(xo_staff_fte(&staff, rows[i].gpus), rows[i].fte);
    const struct xo_staff always = { 1, { { -1, 0.25 } }, 1, 1 }, nobody = { .scale = 1 };
    ck_assert_double_eq(xo_staff_fte(&always, 0), 0.25);
    ck_assert_double_eq(xo_staff_fte(&nobody, 100), 0);
}
END_TEST

/* Paying p a month for n months and getting the residual back is worth a dollar today. */
START_TEST(capital_recovery_returns_the_capital)
{
    static const struct {
        double rate, months, residual;
    } rows[] = { { 0.08, 48, 0.15 }, { 0, 36, 0.25 }, { 0.125, 60, 0 }, { 1e-12, 7, 0.5 } };
    for (int i = 0; i < N_OF(rows); i++) {
        const double payment = xo_monthly_payment(rows[i].rate, rows[i].months, rows[i].residual);
        double owed = 1;
        for (int month = 0; month < rows[i].months; month++)
            owed = owed * pow(1 + rows[i].rate, 1.0 / 12) - payment;
        ck_assert_double_eq_tol(owed, rows[i].residual, 1e-12);
    }
    /* $100,000 at 0.5 % a month over 30 years is $599.55, as every mortgage table says. */
    ck_assert_double_eq_tol(100000 * xo_monthly_payment(pow(1.005, 12) - 1, 360, 0), 599.55, 0.005);
    /* CRF(8 %, 4 years) = 0.30192 with yearly payments: any table of capital recovery factors. */
    ck_assert_double_eq_tol(xo_monthly_payment(pow(1.08, 12) - 1, 4, 0), 0.30192, 5e-6);
}
END_TEST

/* $38,750, 10 % of it back after 4 years, 8 % effective: i = 0.643403 % a month, $871.77; with the
 * rate taken as nominal it was $877.23. What is paid is worth the price less the resale, today. */
START_TEST(capital_costs_its_effective_annual_rate)
{
    build = plain_own(38750, 4);
    build.residual_frac = 0.1;
    build.capital_rate_per_year = 0.08;
    const double payment = built_usd();
    ck_assert_double_eq_tol(payment, 871.77, 0.005);
    double worth = 0;
    for (int month = 1; month <= 48; month++)
        worth += payment / pow(1.08, month / 12.0);
    ck_assert_double_eq_tol(worth, 35901.76, 0.005);
    ck_assert_double_eq_tol(worth, 38750 - 3875 / pow(1.08, 4), 1e-4);
}
END_TEST

/* $60,000 over 24 months at 8 % effective: i / (1 - 1.08^-2) of it, $2,706.00 a month. */
START_TEST(one_offs_carry_the_cost_of_capital_on_both_sides)
{
    build.one_off_usd = buy.one_off_usd = 60000;
    build.commitment_months = buy.commitment_months = 24;
    build.capital_rate_per_year = buy.capital_rate_per_year = 0.08;
    const double by_hand = 60000 * (pow(1.08, 1 / 12.0) - 1) / (1 - pow(1.08, -2));
    ck_assert_double_eq_tol(by_hand, 2706.00, 0.005);
    struct xo_bill bills[2];
    bill_of_fleet(&build, &one_gpu, &bills[0]);
    bill_of_tokens(NULL, NULL, 0, &buy, &bills[1]);
    for (int i = 0; i < 2; i++) {
        const struct xo_bill_item *item = &bills[i].items[bills[i].n_items - 1];
        ck_assert_double_eq_tol(item->micro_usd / 1e6, by_hand, 1e-6);
        ck_assert_str_eq(item->label, "one-offs: $60,000 over 24 months, capital at 8 % a year");
    }
}
END_TEST

/* Whatever the commitment, servers are paid for at once; what comes back does at the end. */
START_TEST(an_obligation_is_cash_and_follows_the_tenure)
{
    build = plain_own(240000, 4);
    build.server_gpus = 8;
    build.residual_frac = 0.15;
    build.rent_scale = 1.25;
    build.one_off_usd = 60000;
    build.rent_usd_per_gpu_hour = 3.99;
    build.opportunity_usd_per_gpu_hour = 1.5;
    fleet = (struct counted_fleet){ 2, 1, 0, 4, 0 }; /* 12 GPUs in 2 servers of 8 */
    static const double commitments[] = { 1, 12, 60 }, months[] = { 48, 48, 60 };
    for (int i = 0; i < 3; i++) {
        build.commitment_months = commitments[i];
        const struct xo_obligation o = obligation_of_fleet(&build, &fleet);
        ck_assert_int_eq(o.n_servers, 2);
        ck_assert_double_eq(o.servers_usd, 600000);
        ck_assert_double_eq(o.resale_usd, 90000);
        ck_assert_double_eq(o.rent_usd, 0);
        ck_assert_double_eq(xo_obligation_usd(&o), 570000);
        ck_assert_double_eq(o.months, months[i]);
    }
    build.commitment_months = 12;
    build.rent_scale = 1;
    build.tenure = XO_RENT;
    struct xo_obligation o = obligation_of_fleet(&build, &fleet);
    ck_assert_double_eq_tol(xo_obligation_usd(&o), 16 * 3.99 * 730 * 12 + 60000, 1e-6);
    ck_assert_double_eq(o.months, 12);
    build.tenure = XO_ALREADY_OWNED;
    o = obligation_of_fleet(&build, &fleet);
    ck_assert_double_eq(xo_obligation_usd(&o), 60000);
}
END_TEST

START_TEST(headroom_shares_the_load_and_spares_idle)
{
    build = plain_own(0, 4);
    build.pays_power = true;
    build.gpu_idle_w = 75;
    build.pue = 1.25;
    build.usd_per_kwh = 0.12; /* a W a month: 1.25 * 0.73 * 0.12 = 0.1095 */
    fleet = (struct counted_fleet){ 3, 1, 2, 2, 410.5 };
    const struct line lines[] = {
        { XO_BILL_GPUS, 0, "serving GPUs: 3 x 2 at $0: free" },
        { XO_BILL_GPUS, 0, "spare GPUs: 1 x 2 at $0: free" },
        { XO_BILL_GPUS, 0, "headroom GPUs: 2 x 2 at $0: free" },
        { XO_BILL_POWER, 449.4975,
          "power of serving and headroom GPUs: 10 x 410.5 W, PUE 1.25, at $0.12/kWh" },
        { XO_BILL_POWER, 16.425, "power of idle GPUs: 2 x 75 W, PUE 1.25, at $0.12/kWh" },
    };
    assert_built(lines, N_OF(lines));
}
END_TEST

/* No invoice overruns what one's own GPUs would have earned. */
START_TEST(contingency_leaves_out_hours_forgone)
{
    build = plain_rent(0, 730);
    build.tenure = XO_ALREADY_OWNED;
    build.opportunity_usd_per_gpu_hour = 2.5;
    build.fixed_usd_month = 310.25;
    build.contingency_frac = 0.15;
    bill_of_fleet(&build, &one_gpu, &bill);
    const struct line lines[] = {
        { XO_BILL_GPUS, 1825, "serving GPUs: 1 x 1 at $2.50/h forgone, 730 h" },
        { XO_BILL_SOFTWARE, 310.25, "fixed costs of building" },
        { XO_BILL_CONTINGENCY, 46.5375, "contingency: 15 % of the above but the hours forgone" },
    };
    assert_bill(lines, N_OF(lines));
    build.opportunity_usd_per_gpu_hour = 0;
    bill_of_fleet(&build, &one_gpu, &bill);
    ck_assert_str_eq(bill.items[0].label, "serving GPUs: 1 x 1 at $0: free");
    ck_assert_str_eq(bill.items[2].label, "contingency: 15 % of the above");
}
END_TEST

/* ---- what public calculators print; ids of the project's table of golden cases ---- */

/* USD per 1e6 tokens of GPUs at usd_per_hour that make tokens_per_s: the rent of the hours that
 * 1e12 tokens take, so that the cent does not show. */
static double usd_per_mtok(double usd_per_hour, double tokens_per_s)
{
    build = plain_rent(usd_per_hour, 1e12 / tokens_per_s / 3600);
    return built_usd() / 1e6;
}

static const struct unit_row {
    const char *id;
    double usd_per_hour, tokens_per_s, usd_per_mtok, tolerance;
} unit_rows[] = {
    { "G7", 1.50, 2000, 0.20833, 5e-6 },
    { "G13a", 2.00, 85, 6.54, 5e-3 },
    { "G13b", 2.60, 140, 5.16, 5e-3 },
    { "G13c", 2.00, 120, 4.63, 5e-3 },
    { "G13d", 2.00, 400, 1.39, 5e-3 },
    { "G14a", 2.50, 700, 0.992, 5e-4 },
    { "G14b, 10 % load", 2.50, 700 * 0.1, 9.92, 5e-3 },
    { "G15a", 2.00, 2000, 0.278, 5e-4 },
    { "G15b, 20 % load", 2.00, 2000 * 0.2, 1.389, 5e-4 },
    { "G19 total, list rent", 2.80, 1000, 0.77778, 5e-6 },
    { "G19 total, one year", 1.40, 1000, 0.38889, 5e-6 },
    { "G19 total, three years", 0.70, 1000, 0.19444, 5e-6 },
    { "G19 output", 2.80, 500, 1.55556, 5e-6 },
    { "G19 input", 2.80, 200, 3.88889, 5e-6 },
    { "G20, 10 ms a token", 2.00, 1 / 0.010, 5.5556, 5e-5 },
    { "G21, per 1,000 tokens times 1,000", 2.21, 1000, 0.61389, 5e-6 },
    { "G22 output, input counted a quarter", 4.00, 4000 / 4.0 + 1000, 0.5556, 5e-5 },
    { "G22 input", 4.00, 4 * (4000 / 4.0 + 1000), 0.1389, 5e-5 },
};

START_TEST(rent_per_million_tokens_as_calculators_print_it)
{
    const struct unit_row *row = &unit_rows[_i];
    const double usd = usd_per_mtok(row->usd_per_hour, row->tokens_per_s);
    ck_assert_msg(fabs(usd - row->usd_per_mtok) <= row->tolerance, "%s: %.6f, not %.6f", row->id,
                  usd, row->usd_per_mtok);
}
END_TEST

static const struct buy_row {
    const char *id;
    double input, cached, output; /* USD per Mtok */
    double prompt_m, cached_m, output_m, usd;
} buy_rows[] = {
    { "G1", 0.25, NAN, 2, 120, 0, 40, 110.00 },
    { "G2", 0.45, NAN, 0.45, 100, 0, 0, 45.00 },
    { "G3", 3, NAN, 15, 1, 0, 0.5, 10.50 },
    { "G10, blend 70/30", 5, NAN, 15, 0.7, 0, 0.3, 8.00 },
    { "G11, blend 1:3", 1, NAN, 2, 0.25, 0, 0.75, 1.75 },
    { "G16, 12 cached a token out", 3, 0.26, 4.40, 12, 12, 1, 7.52 },
    { "G17, 1,000 prompts", 1, NAN, 3, 2, 0, 0.2, 2.60 },
    { "G25, 500 a day for 30 days", 2.5, 1.25, 10, 2.25, 0.45, 4.5, 50.0625 },
};

START_TEST(api_bills_as_calculators_print_them)
{
    const struct buy_row *row = &buy_rows[_i];
    tariff = plain_tariff(row->input, row->cached, row->output);
    use = use_of(row->prompt_m * 1e6, row->cached_m * 1e6, row->output_m * 1e6);
    const double usd = bought_usd();
    ck_assert_msg(fabs(usd - row->usd) < 1e-9, "%s: %.4f, not %.4f", row->id, usd, row->usd);
}
END_TEST

static const struct napkin_row {
    const char *id;
    double fixed_usd, buy_usd_per_mtok, build_usd_per_mtok, mtok, tolerance;
} napkin_rows[] = {
    { "G1, blend 110/160", 998.4576, 110.0 / 160, 0, 1452.3, 0.05 },
    { "G2", 3650, 0.45, 0, 8111.1, 0.05 },
    { "G2, a new replica each 126.1 M: never", 0, 0.45, 28.94, INFINITY, 0 },
    { "G6", 320, 3, 0, 106.667, 5e-4 },
    { "G9a", 700, 5, 0, 140, 1e-9 },
    { "G9b", 700, 0.30, 0, 2333.3, 0.05 },
    { "G10", 576, 8, 0, 72, 1e-9 },
    { "G11", 1000.0 / 30 * 365, 1.75, 0, 6952.38, 5e-3 },
    { "G11, a day", 1000.0 / 30, 1.75, 0, 19.048, 5e-4 },
    { "G16, outputs that pay a GPU", 20000, 7.52, 0, 2659.6, 0.05 },
    { "G17, a server a year, prompts of $2.60/1,000", 119000, 2600, 0, 45.77, 5e-3 },
    { "no reason to build", 100, 2, 2, INFINITY, 0 },
    { "nothing to pay", 0, 2, 1.5, 0, 0 },
    { "with a marginal cost", 100, 2, 1.5, 200, 1e-9 },
};

START_TEST(the_napkin_breaks_even_where_calculators_do)
{
    const struct napkin_row *row = &napkin_rows[_i];
    const double mtok = 1e-6 * xo_napkin_breakeven(row->fixed_usd, row->buy_usd_per_mtok * per_mtok,
                                                   row->build_usd_per_mtok * per_mtok);
    ck_assert_msg(mtok == row->mtok || fabs(mtok - row->mtok) <= row->tolerance,
                  "%s: %.4f, not %.4f", row->id, mtok, row->mtok);
}
END_TEST

static const struct fleet_row {
    const char *id;
    double usd_per_gpu_hour, hours; /* rented; or where they are 0 */
    double server_usd, years;       /* owned */
    double contingency_frac, usd, tolerance;
} fleet_rows[] = {
    { "G1, 15 % on top", 1.19, 24 * 30.4, 0, 0, 0.15, 998.46, 5e-3 },
    { "G2, one replica", 5.00, 730, 0, 0, 0, 3650, 0 },
    { "G4, whose flaw is that idle hours are free", 1.50, 730 * 0.3, 0, 0, 0, 328.50, 0 },
    { "G5", 0, 0, 15000, 3, 0, 416.67, 5e-3 },
    { "G10", 0.80, 720, 0, 0, 0, 576, 0 },
    { "G24, 6,100 useful hours a year at $1.64", 0, 0, 30000, 3, 0, 6100 * 1.64 / 12,
      5e-3 * 6100 / 12 },
    { "G24, at $0.98", 0, 0, 30000, 5, 0, 6100 * 0.98 / 12, 5e-3 * 6100 / 12 },
};

START_TEST(fleets_cost_what_calculators_print)
{
    const struct fleet_row *row = &fleet_rows[_i];
    build = row->hours > 0 ? plain_rent(row->usd_per_gpu_hour, row->hours)
                           : plain_own(row->server_usd, row->years);
    build.contingency_frac = row->contingency_frac;
    ck_assert_msg(fabs(built_usd() - row->usd) <= row->tolerance, "%s: %.4f, not %.4f", row->id,
                  built_usd(), row->usd);
}
END_TEST

/* G2: one replica at $3,650 makes 80 tokens a second 60 % of the time: $28.94 a million. */
START_TEST(golden_g2_a_replica_per_million)
{
    build = plain_rent(5.00, 730);
    ck_assert_double_eq_tol(built_usd() / (80 * 3600 * 730 * 0.6 / 1e6), 28.94, 5e-3);
}
END_TEST

/* G17: a server of 8 GPUs, $320,000 over 4 years, hosting $3,000 and 8 licences of $4,500 a year.
 */
START_TEST(golden_g17_a_server_a_year)
{
    build = plain_own(320000, 4);
    build.server_gpus = 8;
    build.fixed_usd_month = 3000.0 / 12;
    build.software_usd_per_gpu_month = 4500.0 / 12;
    fleet = (struct counted_fleet){ 1, 0, 0, 8, 0 };
    const double usd_year = 12 * usd_of_fleet(&build, &fleet);
    ck_assert_double_eq_tol(usd_year, 119000, 1e-5);
    const double servers = 200 / 41.6;
    ck_assert_double_eq_tol(usd_year * servers, 572115, 1);
    ck_assert_double_eq_tol(usd_year * servers / (200 * 31536000.0) * 1000, 0.0907, 5e-5);
}
END_TEST

/* G23: $35,000 over 4 years, 510 tokens/s, 700 W at PUE 1.2 and $0.083/kWh. */
START_TEST(golden_g23_depreciation_and_energy_per_million)
{
    build = plain_own(35000, 4);
    build.pays_power = true;
    build.pue = 1.2;
    build.usd_per_kwh = 0.083;
    fleet.mean_w_per_gpu = 700;
    bill_of_fleet(&build, &fleet, &bill);
    const double mtok_month = 510 * 3600 * 730 / 1e6;
    ck_assert_double_eq_tol(xo_bill_group_usd(&bill, XO_BILL_GPUS) / mtok_month, 0.544, 5e-4);
    ck_assert_double_eq_tol(xo_bill_group_usd(&bill, XO_BILL_POWER) / mtok_month, 0.038, 5e-4);
}
END_TEST

/* H5: CapEx times CRF = r(1+r)^n / ((1+r)^n - 1), n yearly payments. */
START_TEST(golden_h5_capital_recovery_by_the_year)
{
    const double r = 0.11, n = 5, power = pow(1 + r, n);
    ck_assert_double_eq_tol(xo_monthly_payment(pow(1 + r, 12) - 1, n, 0), r * power / (power - 1),
                            1e-15);
}
END_TEST

/* ---- laws ---- */

static gsl_rng *rng;

static void set_up_rng(void)
{
    rng = gsl_rng_alloc(gsl_rng_mt19937); /* seed 0: always the same bills */
    ck_assert_ptr_nonnull(rng);
}

static void tear_down_rng(void)
{
    gsl_rng_free(rng);
}

static double between(double lo, double hi)
{
    return lo + (hi - lo) * gsl_rng_uniform(rng);
}

static double maybe(double value) /* half of the time 0 */
{
    return gsl_rng_uniform(rng) < 0.5 ? 0 : value;
}

static double or_nan(double value)
{
    return gsl_rng_uniform(rng) < 0.3 ? NAN : value;
}

static void draw_tariff(struct xo_tariff *t)
{
    *t = plain_tariff(between(0.1, 5), or_nan(between(0.01, 1)), between(0.5, 20));
    snprintf(t->name, sizeof t->name, "api-%lu", gsl_rng_uniform_int(rng, 4));
    t->cache_write = or_nan(between(1, 6) * per_mtok);
    t->contexts[0].above_tokens = 200000;
    t->n_contexts = 1;
    t->contexts[0].input = or_nan(between(1, 9) * per_mtok);
    t->contexts[0].cached_input = or_nan(between(0.1, 2) * per_mtok);
    t->contexts[0].output = or_nan(between(5, 30) * per_mtok);
    t->services[XO_SERVICE_BATCH].off_frac = maybe(0.5);
    t->n_tiers = (int)gsl_rng_uniform_int(rng, XO_MAX_TIERS + 1);
    for (int i = 0; i < t->n_tiers; i++) {
        t->tiers[i].above_usd = 1000.0 * i * i + between(0, 500);
        t->tiers[i].discount_frac = 0.04 * (i + 1);
    }
}

static void draw_use(struct counted *u)
{
    const double prompt = maybe(exp(between(10, 25)));
    const double is_cached = between(0, 1), is_long = maybe(between(0, 1));
    *u = use_of(prompt, prompt * is_cached, exp(between(8, 22)));
    u->long_prompt_tokens = u->prompt_tokens * is_long;
    u->long_cached_tokens = u->cached_tokens * is_long;
    u->long_output_tokens = u->output_tokens * is_long;
    u->cache_write_tokens = maybe((u->prompt_tokens - u->cached_tokens) * between(0, 1));
    u->long_cache_write_tokens = u->cache_write_tokens * is_long;
    u->batch_frac = maybe(between(0, 1));
}

static double pick(double price, double otherwise)
{
    return isnan(price) ? otherwise : price;
}

/* What one use costs at list, batch discount taken off: written as a sum over requests would be. */
static double list_usd(const struct xo_tariff *t, const struct counted *u)
{
    const double fresh = u->prompt_tokens - u->cached_tokens;
    const double fresh_long = u->long_prompt_tokens - u->long_cached_tokens;
    const double written = fresh > 0 ? u->cache_write_tokens / fresh : 0;
    const double in_ratio = pick(t->contexts[0].input, t->input) / t->input;
    const double in_usd = t->input * (1 - written) + pick(t->cache_write, t->input) * written;
    const double usd =
        in_usd * (fresh - fresh_long + in_ratio * fresh_long) +
        pick(t->cached_input, t->input) * (u->cached_tokens - u->long_cached_tokens) +
        pick(t->contexts[0].cached_input, pick(t->contexts[0].input, t->input)) *
            u->long_cached_tokens +
        t->output * (u->output_tokens - u->long_output_tokens) +
        pick(t->contexts[0].output, t->output) * u->long_output_tokens;
    return usd * (1 - t->services[XO_SERVICE_BATCH].off_frac * u->batch_frac);
}

/* The last tier first: each tier adds its rate less the one below it on all that is above it. */
static double after_tiers(const struct xo_tariff *t, double usd)
{
    double off = 0;
    for (int i = 0; i < t->n_tiers; i++) {
        const double step =
            t->tiers[i].discount_frac - (i == 0 ? 0 : t->tiers[i - 1].discount_frac);
        off += step * fmax(0, usd - t->tiers[i].above_usd);
    }
    return usd - off;
}

enum { N_CLASSES = 5 };

static double expected_buy_usd(const struct xo_tariff tariffs[], const struct counted uses[],
                               const struct xo_buy_terms *terms)
{
    double tokens_usd = 0;
    for (int i = 0; i < N_CLASSES; i++) {
        double account_usd = 0;
        bool is_first = true;
        for (int j = 0; j < N_CLASSES; j++) {
            if (strcmp(tariffs[i].name, tariffs[j].name) != 0)
                continue;
            is_first = is_first && j >= i;
            account_usd += list_usd(&tariffs[j], &uses[j]) * terms->price_scale;
        }
        if (is_first)
            tokens_usd += after_tiers(&tariffs[i], account_usd * (1 + terms->retries_frac));
    }
    tokens_usd *= 1 - terms->discount_frac;
    const double i = pow(1 + terms->capital_rate_per_year, 1.0 / 12) - 1;
    const double people_usd =
        terms->staff.steps[0].fte * terms->staff.scale * terms->staff.usd_per_fte_year / 12;
    return (fmax(tokens_usd, terms->committed_usd_month) + terms->fixed_usd_month + people_usd +
            terms->one_off_usd * i / (1 - pow(1 + i, -terms->commitment_months))) *
           (1 + terms->contingency_frac);
}

static void assert_adds_up(double total_usd, double expected_usd)
{
    double by_group = 0;
    for (int group = XO_BILL_TOKENS; group <= XO_BILL_DISCOUNT; group++)
        by_group += round(1e6 * xo_bill_group_usd(&bill, (enum xo_bill_group)group));
    ck_assert_double_eq(by_group, xo_bill_micro_usd(&bill));
    ck_assert_double_eq(total_usd, xo_bill_usd(&bill));
    ck_assert_double_eq_tol(xo_bill_usd(&bill), expected_usd,
                            1e-6 * bill.n_items + 1e-12 * expected_usd);
    for (int i = 0; i < bill.n_items; i++) {
        ck_assert_uint_gt(strlen(bill.items[i].label), 5);
        ck_assert_uint_lt(strlen(bill.items[i].label), XO_LABEL_SIZE - 1); /* nothing was cut */
        if (bill.items[i].group != XO_BILL_DISCOUNT)
            ck_assert_double_ge(bill.items[i].micro_usd, 0);
        ck_assert_double_eq(bill.items[i].micro_usd, round(bill.items[i].micro_usd));
    }
}

START_TEST(random_buying_bills_add_up_to_the_millionth)
{
    for (int trial = 0; trial < 2000; trial++) {
        struct xo_tariff tariffs[N_CLASSES];
        struct counted uses[N_CLASSES];
        for (int i = 0; i < N_CLASSES; i++) {
            draw_tariff(&tariffs[i]);
            draw_use(&uses[i]);
            for (int j = 0; j < i; j++) /* one name, one price list */
                if (strcmp(tariffs[i].name, tariffs[j].name) == 0)
                    tariffs[i] = tariffs[j];
        }
        const struct xo_buy_terms terms = {
            .price_scale = between(0.5, 1.5),
            .discount_frac = maybe(between(0, 0.4)),
            .committed_usd_month = maybe(between(0, 1e6)),
            .retries_frac = maybe(between(0, 0.1)),
            .fixed_usd_month = maybe(between(0, 5000)),
            .one_off_usd = maybe(between(0, 1e5)),
            .commitment_months = between(1, 36),
            .capital_rate_per_year = between(0.01, 0.2),
            .contingency_frac = maybe(0.15),
            .staff = { 1, { { 0, maybe(0.35) } }, between(1e5, 3e5), between(0.5, 2) },
        };
        bill_of_tokens(tariffs, uses, N_CLASSES, &terms, &bill);
        assert_adds_up(usd_of_tokens(tariffs, uses, N_CLASSES, &terms),
                       expected_buy_usd(tariffs, uses, &terms));
    }
}
END_TEST

static double expected_build_usd(const struct xo_build_terms *t, const struct counted_fleet *u)
{
    const int replicas = u->serving_replicas + u->spare_replicas + u->headroom_replicas;
    const double servers = ceil(replicas * u->gpus_per_replica / (double)t->server_gpus);
    const double gpus = servers * t->server_gpus;
    const double loaded = (u->serving_replicas + u->headroom_replicas) * u->gpus_per_replica;
    const double hourly_usd = gpus * t->rent_scale * t->hours_per_month;
    const double i = pow(1 + t->capital_rate_per_year, 1.0 / 12) - 1;
    const double growth = pow(1 + t->capital_rate_per_year, t->life_years);
    const double crf = i * growth / (growth - 1);
    const double price_usd = servers * t->server_usd * t->rent_scale;
    const double capital_usd[] = { [XO_RENT] = hourly_usd * t->rent_usd_per_gpu_hour,
                                   [XO_OWN] = price_usd * (crf - t->residual_frac / growth * crf),
                                   [XO_ALREADY_OWNED] =
                                       hourly_usd * t->opportunity_usd_per_gpu_hour };
    const double watts = loaded * u->mean_w_per_gpu + (gpus - loaded) * t->gpu_idle_w +
                         servers * t->server_overhead_w;
    const double power_usd = watts * t->pue * t->hours_per_month * t->usd_per_kwh / 1000;
    const double house_usd = (gpus * t->gpu_busy_w + servers * t->server_overhead_w) / 1000 *
                                 t->colocation_usd_per_kw_month +
                             price_usd * t->maintenance_frac_per_year / 12;
    const double fte = gpus > 16 ? t->staff.steps[1].fte : gpus > 0 ? t->staff.steps[0].fte : 0;
    const double usd = capital_usd[t->tenure] + (t->pays_power ? power_usd : 0) +
                       (t->tenure == XO_RENT ? 0 : house_usd) +
                       gpus * t->software_usd_per_gpu_month + t->fixed_usd_month +
                       t->storage_usd_month + t->egress_usd_month +
                       fte * t->staff.scale * t->staff.usd_per_fte_year / 12 +
                       t->one_off_usd * i / (1 - pow(1 + i, -t->commitment_months));
    const double sunk_usd = t->tenure == XO_ALREADY_OWNED ? capital_usd[t->tenure] : 0;
    return usd + t->contingency_frac * (usd - sunk_usd);
}

START_TEST(random_building_bills_add_up_to_the_millionth)
{
    for (int trial = 0; trial < 2000; trial++) {
        const struct xo_build_terms terms = {
            .tenure = (enum xo_tenure)gsl_rng_uniform_int(rng, 3),
            .rent_usd_per_gpu_hour = between(0.2, 12),
            .server_gpus = 1 << gsl_rng_uniform_int(rng, 4),
            .server_usd = between(5000, 5e5),
            .life_years = between(2, 6),
            .residual_frac = maybe(0.1),
            .capital_rate_per_year = between(0.01, 0.2),
            .server_overhead_w = maybe(3000),
            .gpu_idle_w = maybe(75),
            .gpu_busy_w = 700,
            .pue = between(1, 1.6),
            .usd_per_kwh = maybe(between(0.03, 0.4)),
            .colocation_usd_per_kw_month = maybe(between(80, 300)),
            .maintenance_frac_per_year = maybe(0.05),
            .opportunity_usd_per_gpu_hour = between(0, 4),
            .pays_power = gsl_rng_uniform(rng) < 0.5,
            .rent_scale = between(0.5, 2),
            .software_usd_per_gpu_month = maybe(between(0, 400)),
            .fixed_usd_month = maybe(between(0, 1000)),
            .storage_usd_month = maybe(between(0, 1000)),
            .egress_usd_month = maybe(between(0, 1000)),
            .one_off_usd = maybe(6e4),
            .commitment_months = between(1, 36),
            .contingency_frac = maybe(0.15),
            .hours_per_month = between(720, 744),
            .staff = { 2, { { 0, 1 }, { 16, 1.5 } }, between(1e5, 3e5), between(0.5, 2) },
        };
        fleet = (struct counted_fleet){ (int)gsl_rng_uniform_int(rng, 40),
                                        (int)gsl_rng_uniform_int(rng, 3),
                                        (int)gsl_rng_uniform_int(rng, 8),
                                        1 << gsl_rng_uniform_int(rng, 4), between(100, 700) };
        bill_of_fleet(&terms, &fleet, &bill);
        assert_adds_up(usd_of_fleet(&terms, &fleet), expected_build_usd(&terms, &fleet));
    }
}
END_TEST

START_TEST(more_tokens_never_cost_less)
{
    for (int trial = 0; trial < 200; trial++) {
        struct counted more;
        draw_tariff(&tariff);
        draw_use(&use);
        double before = 0;
        for (double factor = 0.01; factor < 100; factor *= 1.4) {
            more = use_of(use.prompt_tokens * factor, use.cached_tokens * factor,
                          use.output_tokens * factor);
            const double now = usd_of_tokens(&tariff, &more, 1, &plain_buy);
            ck_assert_double_ge(now, before);
            before = now;
        }
    }
}
END_TEST

static Suite *cost_suite(void)
{
    Suite *suite = suite_create("cost");
    TCase *buying = tcase_create("buying");
    tcase_add_checked_fixture(buying, set_up, NULL);
    tcase_add_test(buying, an_invoice_lists_input_cached_and_output);
    tcase_add_test(buying, a_cache_that_is_not_offered_costs_input);
    tcase_add_test(buying, tokens_written_to_the_cache_cost_their_own_price_instead_of_input);
    tcase_add_test(buying, lifetimes_and_peak_hours_are_lines_of_their_own);
    tcase_add_test(buying, prices_are_billed_to_the_millionth_and_said_to_five_digits);
    tcase_add_test(buying, a_long_prompt_reprices_the_whole_request);
    tcase_add_test(buying, long_prices_that_are_missing_fall_back);
    tcase_add_test(buying, batch_work_is_discounted_by_its_share);
    tcase_add_test(buying, retries_bill_and_volume_tiers_are_marginal);
    tcase_add_test(buying, a_tier_begins_where_it_says);
    tcase_add_test(buying, a_negotiated_discount_comes_off_what_tiers_leave);
    tcase_add_test(buying, a_commitment_is_paid_whether_used_or_not);
    tcase_add_test(buying, buying_has_fixed_costs_people_one_offs_and_contingency);
    tcase_add_test(buying, two_tariffs_are_told_apart_by_name);
    tcase_add_test(buying, classes_on_one_tariff_share_its_tiers);
    tcase_add_test(buying, nothing_bought_costs_nothing);
    tcase_add_test(buying, sums_below_a_cent_are_kept);
    tcase_add_test(buying, an_absurd_price_does_not_overflow);
    suite_add_tcase(suite, buying);
    TCase *building = tcase_create("building");
    tcase_add_checked_fixture(building, set_up, NULL);
    tcase_add_test(building, a_rented_fleet_pays_for_idle_gpus_too);
    tcase_add_test(building, an_owned_fleet_pays_capital_power_house_and_care);
    tcase_add_test(building, gpus_already_owned_cost_what_they_would_earn);
    tcase_add_test(building, an_empty_fleet_pays_only_what_stays);
    tcase_add_test(building, whole_servers_are_never_half_paid);
    tcase_add_test(building, a_contract_bills_the_time_that_it_counts);
    tcase_add_test(building, tokens_served_at_home_have_no_price);
    tcase_add_test(building, people_come_in_steps);
    tcase_add_test(building, capital_recovery_returns_the_capital);
    tcase_add_test(building, capital_costs_its_effective_annual_rate);
    tcase_add_test(building, one_offs_carry_the_cost_of_capital_on_both_sides);
    tcase_add_test(building, an_obligation_is_cash_and_follows_the_tenure);
    tcase_add_test(building, headroom_shares_the_load_and_spares_idle);
    tcase_add_test(building, contingency_leaves_out_hours_forgone);
    suite_add_tcase(suite, building);
    TCase *goldens = tcase_create("goldens");
    tcase_add_checked_fixture(goldens, set_up, NULL);
    tcase_add_loop_test(goldens, rent_per_million_tokens_as_calculators_print_it, 0,
                        N_OF(unit_rows));
    tcase_add_loop_test(goldens, api_bills_as_calculators_print_them, 0, N_OF(buy_rows));
    tcase_add_loop_test(goldens, the_napkin_breaks_even_where_calculators_do, 0, N_OF(napkin_rows));
    tcase_add_loop_test(goldens, fleets_cost_what_calculators_print, 0, N_OF(fleet_rows));
    tcase_add_test(goldens, golden_g2_a_replica_per_million);
    tcase_add_test(goldens, golden_g17_a_server_a_year);
    tcase_add_test(goldens, golden_g23_depreciation_and_energy_per_million);
    tcase_add_test(goldens, golden_h5_capital_recovery_by_the_year);
    suite_add_tcase(suite, goldens);
    TCase *laws = tcase_create("laws");
    tcase_add_checked_fixture(laws, set_up_rng, tear_down_rng);
    tcase_add_test(laws, random_buying_bills_add_up_to_the_millionth);
    tcase_add_test(laws, random_building_bills_add_up_to_the_millionth);
    tcase_add_test(laws, more_tokens_never_cost_less);
    suite_add_tcase(suite, laws);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(cost_suite());
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
