/* test_buying.c - what buying costs where prices depend on when one asks: caches that expire, peak
 * hours; and where both sides do unequal work. Figures by hand, and in every study alike.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ways/parts.h"
#include "xo/map.h"
#include "xo/report.h"
#include "xo/sweep.h"

#include <check.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct xo_scenario *read_all(const char *text, const char *more, int *n_warnings)
{
    char path[] = "/tmp/xo-buying-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "%s%s", text, more);
    ck_assert_int_eq(fclose(file), 0);
    struct xo_scenario *s = NULL;
    struct xo_problems problems = { 0 };
    const bool ok = xo_scenario_read(&s, path, NULL, &problems);
    unlink(path);
    ck_assert_msg(ok, "%s", problems.n > 0 ? problems.lines[0] : "no problem named");
    if (n_warnings != NULL)
        *n_warnings = problems.n_warnings;
    xo_problems_fini(&problems);
    return s;
}

static struct xo_scenario *read_text(const char *text, const char *more)
{
    return read_all(text, more, NULL);
}

static double buy_usd(const struct xo_scenario *s, double volume)
{
    struct xo_bill bill;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_buy_at(s, volume, 0, false, &bill, &err), "%s", err.text);
    return xo_bill_usd(&bill);
}

static double text_usd(const char *text, const char *more)
{
    struct xo_scenario *s = read_text(text, more);
    const double usd = buy_usd(s, s->requests_per_month);
    xo_scenario_free(s);
    return usd;
}

/* The item whose label begins so; NAN: none. */
static double item_usd(const struct xo_bill *bill, const char *begin)
{
    for (int i = 0; i < bill->n_items; i++)
        if (strncmp(bill->items[i].label, begin, strlen(begin)) == 0)
            return bill->items[i].micro_usd / 1e6;
    return NAN;
}

/* ---- prefix caches ---- */

/* Example E11: a prefix of 10,000 tokens, 6 calls an hour; the token behind it costs 1.3 cents a
 * month. */
#define E11_WORKLOAD                                                                               \
    "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n"                                         \
    "[workload]\nvolume = 4380 requests/month\nprofile = steady\nprompt = 10001 tokens\n"          \
    "shared_prefix = 10000 tokens\noutput = 1 tokens\n"
#define E11_API                                                                                    \
    "[api acme/big]\ninput = $3/Mtok\ncached_input = $0.30/Mtok\ncache_write = $3.75/Mtok\n"       \
    "cache_ttl = 5 min\ncache_write_extended = $6/Mtok\ncache_ttl_extended = 1 h\n"                \
    "output = $0/Mtok\n"
#define BUY "[buy]\napi = acme/big\nstaff = 0 FTE\n"
static const double odd_token_usd = 4380 * 3e-6;

static const struct {
    const char *cache, *written;
    double written_usd, cached_usd, usd;
} e11[] = {
    { "short", "input tokens, written to cache for 5 min", 43.8 * 0.60653066 * 3.75,
      43.8 * 0.39346934 * 0.3, 104.79 },
    { "extended", "input tokens, written to cache for 1 h", 43.8 * 0.00247875 * 6,
      43.8 * 0.99752125 * 0.3, 13.76 },
    { "cheapest", "input tokens, written to cache for 1 h", 43.8 * 0.00247875 * 6,
      43.8 * 0.99752125 * 0.3, 13.76 },
    { "none", "input tokens, written", NAN, NAN, 131.40 },
};

START_TEST(example_e11_is_billed_to_the_cent)
{
    char more[64];
    snprintf(more, sizeof more, "cache = %s\n", e11[_i].cache);
    struct xo_scenario *s = read_text(E11_WORKLOAD E11_API BUY, more);
    struct xo_bill bill;
    ck_assert(xo_buy_at(s, 4380, 0, false, &bill, NULL));
    const double written = item_usd(&bill, e11[_i].written);
    const double cached = item_usd(&bill, "input tokens, cached");
    ck_assert_int_eq(isnan(written), isnan(e11[_i].written_usd));
    if (!isnan(written)) {
        ck_assert_double_eq_tol(written, e11[_i].written_usd, 0.00501);
        ck_assert_double_eq_tol(cached, e11[_i].cached_usd, 0.00501);
    }
    ck_assert_double_eq_tol(xo_bill_usd(&bill) - odd_token_usd, e11[_i].usd, 0.0101);
    xo_scenario_free(s);
}
END_TEST

/* At 1 call an hour the 5 minutes are missed in 92 % of calls, and an hour in 37 %: 0.9200 x 3.75 +
 * 0.0800 x 0.30 = 3.474 and 0.3679 x 6 + 0.6321 x 0.30 = 2.397 a million, against 3. At one in four
 * hours: 3.679 and 4.739: neither pays. */
START_TEST(the_cheapest_lifetime_depends_on_the_volume)
{
    struct xo_scenario *s = read_text(E11_WORKLOAD E11_API BUY, "");
    const struct {
        double per_hour, usd_per_mtok;
    } rows[] = { { 1, 0.36787944 * 6 + 0.63212056 * 0.3 },
                 { 0.25, 3 },
                 { 60, 0.00673795 * 3.75 + 0.99326205 * 0.3 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double calls = rows[i].per_hour * 730;
        const double expected = calls * (1e4 * rows[i].usd_per_mtok + 3) * 1e-6;
        /* At 60 an hour an hour's entry is never written again, at $0.300000: cheaper still. */
        const double least = rows[i].per_hour > 10 ? calls * (1e4 * 0.3 + 3) * 1e-6 : expected;
        ck_assert_double_eq_tol(buy_usd(s, calls), fmin(expected, least), 0.0151);
    }
    xo_scenario_free(s);
}
END_TEST

/* Twelve hours at 5 and twelve at 1: with 3 calls an hour in the mean 5 and 1. Retries call too: 25
 * % more, 6.25 and 1.25 an hour. Written: (5 exp(-6.25/12) + exp(-1.25/12))/6 = 0.645236. */
START_TEST(misses_are_counted_hour_by_hour_and_retries_call_too)
{
    struct xo_scenario *s = read_text(
        "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n"
        "[workload]\nvolume = 2190 requests/month\nprofile = custom\nretries = 25%\n"
        "hours = 5 5 5 5 5 5 5 5 5 5 5 5 1 1 1 1 1 1 1 1 1 1 1 1\n"
        "prompt = 8000 tokens\nshared_prefix = 7000 tokens\noutput = 10 tokens\n" E11_API BUY,
        "cache = short\n");
    const double written = (5 * exp(-6.25 / 12) + exp(-1.25 / 12)) / 6;
    const double request = 1000 * 3 + 7000 * (written * 3.75 + (1 - written) * 0.3);
    ck_assert_double_eq_tol(buy_usd(s, 2190), 2190 * request * 1e-6 * 1.25, 0.03);
    xo_scenario_free(s);
}
END_TEST

/* Each class has a prefix and calls of its own: 9 and 3 of 12 an hour. */
START_TEST(each_class_keeps_its_own_prefix_alive)
{
    struct xo_scenario *s = read_text(
        "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n"
        "[workload]\nvolume = 8760 requests/month\nprofile = steady\noutput = 10 tokens\n"
        "[class often]\nweight = 3\nprompt = 3000 tokens\nshared_prefix = 2000 tokens\n"
        "[class seldom]\nweight = 1\nprompt = 9000 tokens\nshared_prefix = 5000 tokens\n" E11_API
            BUY,
        "cache = short\n");
    const double often = exp(-9 / 12.0), seldom = exp(-3 / 12.0);
    const double usd = 6570 * (1000 * 3 + 2000 * (often * 3.75 + (1 - often) * 0.3)) +
                       2190 * (4000 * 3 + 5000 * (seldom * 3.75 + (1 - seldom) * 0.3));
    ck_assert_double_eq_tol(buy_usd(s, 8760), usd * 1e-6, 0.03);
    xo_scenario_free(s);
}
END_TEST

/* The prefix of 1,200 tokens by an implicit cache without a price of writing. */
static const struct {
    const char *rules;
    double cached_tokens, hit_frac;
} rules[] = {
    { "", 1200, 1 },
    { "cache_step = 128 tokens\n", 1152, 1 },
    { "cache_min = 1200 tokens\n", 1200, 1 },
    { "cache_min = 1201 tokens\n", 0, 1 },
    { "cache_step = 128 tokens\ncache_min = 1153 tokens\n", 0, 1 },
    { "cache_hit_max = 62.5%\n", 1200, 0.625 },
    { "cache_ttl = 10 min\n", 1200, 0.63212056 },
    { "cache_ttl = 10 min\ncache_hit_max = 40%\n", 1200, 0.4 },
    { "cache_ttl = 10 min\ncache_ready = 2 min\n", 1200, 1 - 0.36787944 * 1.2 },
    { "cache_ttl = 10 min\ncache_refresh = no\n", 1200, 0.5 },
    { "cache_ttl = 10 min\ntokens_ratio_input = 1.25\n", 1500, 0.63212056 },
};

START_TEST(a_cache_has_rules)
{
    char text[1024];
    snprintf(text, sizeof text,
             "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n"
             "[workload]\nvolume = 6 requests/hour\nprofile = steady\nprompt = 2000 tokens\n"
             "shared_prefix = 1200 tokens\noutput = 10 tokens\n"
             "[api acme/big]\ninput = $300/Mtok\ncached_input = $30/Mtok\noutput = $0/Mtok\n%s" BUY,
             rules[_i].rules);
    const double prompt = rules[_i].cached_tokens == 1500 ? 2500 : 2000;
    const double read = rules[_i].cached_tokens * rules[_i].hit_frac;
    ck_assert_double_eq_tol(text_usd(text, ""), 4380 * ((prompt - read) * 300 + read * 30) * 1e-6,
                            0.0151);
}
END_TEST

/* 40 % is batch work at half price; read tokens of it at half price too, or at theirs in full. */
START_TEST(batch_and_cache_stack_or_do_not)
{
    static const char text[] =
        "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n"
        "[workload]\nvolume = 100k requests/month\nprofile = steady\nprompt = 2000 tokens\n"
        "shared_prefix = 1200 tokens\noutput = 300 tokens\n"
        "[buy]\napi = acme/big\nstaff = 0 FTE\nbatch = 40%\n"
        "[api acme/big]\ninput = $3/Mtok\ncached_input = $0.30/Mtok\noutput = $11/Mtok\n"
        "batch_discount = 50%\n";
    const double fresh = 0.1 * 800 * 3, read = 0.1 * 1200 * 0.3, out = 0.1 * 300 * 11;
    ck_assert_double_eq_tol(text_usd(text, ""), (fresh + read + out) * 0.8, 0.02);
    ck_assert_double_eq_tol(text_usd(text, "batch_cached = full-price\n"),
                            (fresh + out) * 0.8 + read, 0.02);
}
END_TEST

/* A long prompt writes and reads at the long prices: twice the input, and so twice the write. One
 * in two prompts is long. */
START_TEST(long_prompts_write_at_long_prices)
{
    const double miss = exp(-0.5);
    const double shared = miss * 3.75 + (1 - miss) * 0.3, fresh[2] = { 5000, 25000 };
    const double usd = 2190 * (fresh[0] * 3 + 1e4 * shared) +
                       2190 * (fresh[1] * 6 + 1e4 * (miss * 7.5 + (1 - miss) * 0.3));
    ck_assert_double_eq_tol(
        text_usd("[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n"
                 "[workload]\nvolume = 4380 requests/month\nprofile = steady\noutput = 1 tokens\n"
                 "prompt = discrete(15000:1, 35000:1) tokens\nshared_prefix = 10000 tokens\n" BUY
                 "cache = short\n" E11_API,
                 "long_threshold = 20000 tokens\nlong_input = $6/Mtok\n"),
        usd * 1e-6, 0.03);
}
END_TEST

/* A trace of two calls a minute apart, every hour: one of its two gaps is longer than 5 minutes. */
START_TEST(a_trace_is_counted_on_its_own_gaps)
{
    char path[] = "/tmp/xo-trace-XXXXXX", text[1024];
    FILE *file = fdopen(mkstemp(path), "w");
    fputs("arrival_s,prompt_tokens,output_tokens\n", file);
    for (int hour = 0; hour < 24; hour++)
        fprintf(file, "%d,10001,1\n%d,10001,1\n", 3600 * hour, 3600 * hour + 60);
    fclose(file);
    snprintf(text, sizeof text,
             "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n[workload]\ntrace = %s\n"
             "shared_prefix = 10000 tokens\n" E11_API BUY "cache = short\n",
             path);
    struct xo_scenario *s = read_text(text, "");
    struct xo_bill bill;
    ck_assert(xo_buy_at(s, 1000, 0, false, &bill, NULL));
    unlink(path);
    /* At 1000 a month the gaps are 1.37 and 81.8 min: one in two is still longer than 5 min. */
    ck_assert_double_eq_tol(item_usd(&bill, "input tokens, written"), 5 * 3.75, 0.0051);
    ck_assert_double_eq_tol(item_usd(&bill, "input tokens, cached"), 5 * 0.3, 0.0051);
    xo_scenario_free(s);
}
END_TEST

/* ---- the invoice ---- */

static const char invoice[] =
    "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n"
    "[workload]\nvolume = 1000 requests/month\nprofile = steady\nprompt = 333452 tokens\n"
    "shared_prefix = 286600 tokens\noutput = 2100 tokens\n"
    "[buy]\napi = anthropic/claude-sonnet-4.6\nstaff = 0 FTE\n"
    "[actual]\nmonth = 2026-07\nrequests = 1000\nprompt_tokens = 333452k\n"
    "cached_tokens = 286600k\noutput_tokens = 2100k\ninvoice = $397.80\n";

/* 1,000 sessions of 352 + 46,500 written, 286,600 read and 2,100 out, at 3, 3.75 and 6, 0.30 and 15
 * a million: 0.352 x 3.75 + 46.5 x 6 + 286.6 x 0.30 + 2.1 x 15 = 397.80, and 397.54 with the 352
 * not written. Without a word on writing: 46.852 x 3 + 85.98 + 31.50 = 258.04, up to 398.59. */
START_TEST(an_invoice_with_cache_writes_is_rebuilt_to_the_cent)
{
    static const struct {
        const char *more;
        double usd;
    } rows[] = { { "", 258.04 },
                 { "cache_write_extended_tokens = 46500k\n", 397.54 },
                 { "cache_write_extended_tokens = 46500k\ncache_write_tokens = 352k\n", 397.80 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct xo_scenario *s = read_text(invoice, rows[i].more);
        struct xo_reconciliation r;
        ck_assert(xo_reconcile(s, &r, NULL));
        ck_assert_double_eq_tol(r.ours_usd, rows[i].usd, 1e-9 + (i == 2 ? 0 : 0.0101));
        if (i == 0)
            ck_assert_double_eq_tol(r.all_written_usd, 46.852 * 6 + 85.98 + 31.5, 0.0101);
        else
            ck_assert(isnan(r.all_written_usd));
        xo_scenario_free(s);
    }
}
END_TEST

/* ---- prices by the hour ---- */

static const char peaks[] =
    "[workload]\nvolume = 1M requests/month\nprofile = office-hours\nprompt = 2000 tokens\n"
    "output = 500 tokens\n"
    "[buy]\napi = deepseek/deepseek-v4-pro-peak, deepseek/deepseek-v4-pro-off-peak\n"
    "staff = 0 FTE\n[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n";

/* 2 B tokens in at $0.66 and 0.5 B out at $1.98: $2,310 off peak, twice that from 01:00 to 04:00
 * and from 06:00 to 10:00 UTC, Monday to Friday. Of the office week's weights, 11.78 a day
 * over 5.48 days, those hours hold 3 x 0.08 + 0.15 + 0.35 + 0.75 + 0.95 = 2.44 a weekday; seen from
 * Peking (09 to 12, 14 to 18) 0.95 + 1 + 1 + 1 + 1 + 0.95 + 0.75 = 6.65; five and a half hours west
 * of UTC (19:30 to 22:30 of the day before, 00:30 to 04:30) 0.175 + 0.3 + 0.25 + 0.075 = 0.8 on a
 * Sunday (0.24) and four weekdays, and 4 x 0.08 on five. */
static const struct {
    const char *timezone;
    double weight;
} zones[] = { { "", 5 * 2.44 },
              { "timezone = UTC\n", 5 * 2.44 },
              { "timezone = UTC+8\n", 5 * 6.65 },
              { "timezone = UTC-5:30\n", 4.24 * 0.8 + 5 * 0.32 } };

START_TEST(the_profile_pays_peak_prices_in_peak_hours)
{
    int n_warnings;
    struct xo_scenario *s = read_all(peaks, zones[_i].timezone, &n_warnings);
    ck_assert_int_eq(s->n_apis, 1); /* two names of one tariff, and no choice of the cheaper */
    ck_assert_str_eq(s->apis[0].tariff.name, "deepseek/deepseek-v4-pro");
    ck_assert_int_eq(n_warnings, 1);
    ck_assert_double_eq_tol(buy_usd(s, 1e6), 2310 * (1 + zones[_i].weight / (11.78 * 5.48)), 0.03);
    xo_scenario_free(s);
}
END_TEST

/* A window over midnight and the week's end, parts of hours, days that wrap, and windows that
 * overlap: in all 2.5 h on Sunday and Monday nights and 12 min of a Wednesday; the rest at $10. */
START_TEST(windows_cut_hours_and_run_over_midnight)
{
    const double share = (2 * 2.5 + 0.2) / 168;
    ck_assert_double_eq_tol(
        text_usd("[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n"
                 "[workload]\nvolume = 1M requests/month\nprofile = steady\nprompt = 1000 tokens\n"
                 "output = 10 tokens\n" BUY "[api acme/big]\ninput = $10/Mtok\noutput = $0/Mtok\n",
                 "peak_hours = Sun-Mon 22:45-01:15, Wed 11:50-12:01, wednesday 12:00-12:02, "
                 "Mon 00:00-01:00\npeak_factor = 0.25\n"),
        1e4 * (1 - 0.75 * share), 0.02);
}
END_TEST

/* Four busy hours at 7 and twenty at 1 (1.75 and 0.25... of 48 a week-day hour): the cache is
 * warmer in the peak hours, which are the busy ones, than outside. */
START_TEST(the_cache_is_read_at_peak_by_the_rate_of_those_hours)
{
    const double mean = 48 / 24.0, busy = 9 / mean, quiet = 0.6 / mean; /* 4 x 9 + 20 x 0.6 = 48 */
    const double per_hour = 4, frac = 4 * busy / 24;
    const double miss[2] = { exp(-per_hour * quiet / 12), exp(-per_hour * busy / 12) };
    double token[2];
    for (int i = 0; i < 2; i++)
        token[i] = miss[i] * 3.75 + (1 - miss[i]) * 0.3;
    const double usd =
        2920 * ((1 - frac) * (1e4 * token[0] + 3) + frac * 3 * (1e4 * token[1] + 3)) * 1e-6;
    ck_assert_double_eq_tol(
        text_usd("[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n"
                 "[workload]\nvolume = 2920 requests/month\nprofile = custom\n"
                 "hours = .6 .6 .6 .6 .6 .6 .6 .6 .6 9 9 9 9 .6 .6 .6 .6 .6 .6 .6 .6 .6 .6 .6\n"
                 "prompt = 10001 tokens\nshared_prefix = 10000 tokens\noutput = 1 tokens\n" BUY
                 "cache = short\n" E11_API,
                 "peak_hours = 09:00-13:00\npeak_factor = 3x\n"),
        usd, 0.03);
}
END_TEST

/* ---- equal work ---- */

static const char unequal[] =
    "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\nparity = assumed\n"
    "[workload]\nvolume = 100k requests/month\nprofile = steady\nprompt = 2000 tokens\n"
    "shared_prefix = 1200 tokens\noutput = 300 tokens\nretries = 10%\n"
    "[slo]\ne2e_p95 = 60 s\n"
    "[api acme/big]\ninput = $3/Mtok\ncached_input = $0.30/Mtok\noutput = $11/Mtok\n"
    "[api acme/host]\nmodel = llama-3.1-8b\ninput = $0.10/Mtok\noutput = $0.20/Mtok\n"
    "[build]\nmodel = llama-3.1-8b\ngpu = h100-sxm\nrent = $3/hour\nstaff = 0 FTE\n"
    "replicas = 1\nspare_replicas = 0\nheadroom = 0%\ntensor_parallel = 1\n";
#define UNEQUAL_BUY "[buy]\napi = acme/big\nsame_model_api = acme/host\nstaff = 0 FTE\n"

static double request_usd(double input, double output)
{
    return (input * (800 * 3 + 1200 * 0.3) + output * 300 * 11) * 1e-6;
}

START_TEST(an_api_may_take_other_tokens_than_the_workload)
{
    struct xo_scenario *s = read_text(
        unequal, UNEQUAL_BUY "api_tokens_ratio_input = 1.1\napi_tokens_ratio_output = 1.75\n");
    const double month = 110e3, host = month * (2000 * 0.1 + 300 * 0.2) * 1e-6;
    struct xo_bill same;
    ck_assert_double_eq_tol(buy_usd(s, 100e3), month * request_usd(1.1, 1.75), 0.03);
    ck_assert(xo_buy_at(s, 100e3, 0, true, &same, NULL)); /* the same model: as many */
    ck_assert_double_eq_tol(xo_bill_usd(&same), host, 0.03);
    /* As an uncertain key of [buy] it moves the bill, without a new reading of the lengths. */
    ck_assert(xo_scenario_vary(s, xo_key_find("buy.api_tokens_ratio_output"), 2.5, NULL));
    ck_assert_double_eq_tol(buy_usd(s, 100e3), month * request_usd(1.1, 2.5), 0.03);
    xo_scenario_free(s);
}
END_TEST

START_TEST(an_apis_own_ratio_multiplies_that_of_buy)
{
    struct xo_scenario *s =
        read_text(unequal, UNEQUAL_BUY "api_tokens_ratio_output = 1.25\n"
                                       "[api acme/other]\nlike = none\ninput = $3/Mtok\n"
                                       "cached_input = $0.30/Mtok\noutput = $11/Mtok\n"
                                       "tokens_ratio_output = 1.6\ntokens_ratio_input = 0.9\n"
                                       "[class all]\nweight = 1\napi = acme/other\n");
    ck_assert_double_eq_tol(buy_usd(s, 100e3), 110e3 * request_usd(0.9, 2), 0.03);
    xo_scenario_free(s);
}
END_TEST

/* At 1.2 times the tokens a prompt of 2,000 is one of 2,400, above a threshold of 2,300. */
START_TEST(long_prompts_are_long_as_the_api_counts)
{
    static const char threshold[] =
        "[workload]\nvolume = 100k requests/month\nprofile = steady\n"
        "prompt = 2000 tokens\noutput = 300 tokens\n" BUY "api_tokens_ratio_input = %g\n"
        "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\n"
        "[api acme/big]\ninput = $3/Mtok\noutput = $0/Mtok\n"
        "long_threshold = 2300 tokens\nlong_input = $7/Mtok\n";
    char text[1024];
    snprintf(text, sizeof text, threshold, 1.15);
    ck_assert_double_eq_tol(text_usd(text, ""), 0.1 * 2300 * 3, 0.02);
    snprintf(text, sizeof text, threshold, 1.2);
    ck_assert_double_eq_tol(text_usd(text, ""), 0.1 * 2400 * 7, 0.02);
}
END_TEST

static const struct xo_study_options two_threads = { .n_threads = 2 };

/* 4 % of 100,000 requests, with their retries, at the frontier API, besides the GPU and the host.
 */
START_TEST(requests_asked_again_are_paid_on_both_other_lines)
{
    struct xo_scenario *s = read_text(unequal, "escalated = 4%\n" UNEQUAL_BUY);
    const double again = 4e3 * 1.1 * request_usd(1, 1);
    struct xo_run *run = NULL;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_run_run(&run, s, &two_threads, &err), "%s", err.text);
    const char label[] = "tokens of acme/big: 4 % of requests asked again there";
    ck_assert_double_eq_tol(item_usd(&run->sized[0].bill, label), again, 0.0051);
    ck_assert_double_eq_tol(item_usd(&run->bills[XO_WAY_SAME], label), again, 0.0051);
    ck_assert_double_eq_tol(run->usd[XO_WAY_BUILD], 730 * 3 + again, 0.0101);
    ck_assert_double_eq_tol(run->usd[XO_WAY_SAME], 110e3 * (2000 * 0.1 + 300 * 0.2) * 1e-6 + again,
                            0.03);
    ck_assert_double_eq_tol(run->usd[XO_WAY_BUY], 110e3 * request_usd(1, 1), 0.03);
    xo_run_free(run);
    xo_scenario_free(s);
}
END_TEST

/* Two APIs answer what is asked again; neither is named as if it were the only one. */
START_TEST(requests_of_classes_are_asked_again_at_the_apis_of_each)
{
    struct xo_scenario *s =
        read_text(unequal, "escalated = 4%\n" UNEQUAL_BUY "[class a]\nweight = 1\napi = acme/big\n"
                           "[class b]\nweight = 1\n");
    struct xo_run *run = NULL;
    ck_assert(xo_run_run(&run, s, &two_threads, NULL));
    const char label[] = "tokens of the APIs of each class: 4 % of requests asked again there";
    ck_assert_double_eq_tol(item_usd(&run->sized[0].bill, label), 4e3 * 1.1 * request_usd(1, 1),
                            0.0051);
    xo_run_free(run);
    xo_scenario_free(s);
}
END_TEST

/* ---- in words ---- */

static bool check_says(const char *text, const char *more, const char *what)
{
    struct xo_scenario *s = read_text(text, more);
    struct xo_reconciliation r;
    char *said = NULL;
    size_t size;
    FILE *out = open_memstream(&said, &size);
    ck_assert(xo_reconcile(s, &r, NULL));
    ck_assert(xo_check_print(out, s, &r, XO_FORMAT_TABLE, NULL));
    fclose(out);
    for (char *c = said; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
    const bool says = strstr(said, what) != NULL;
    free(said);
    xo_scenario_free(s);
    return says;
}

START_TEST(check_says_how_often_the_prefix_is_found_and_whether_writing_pays)
{
    ck_assert(check_says(E11_WORKLOAD E11_API BUY, "cache = short\n",
                         "39 % of calls find the shared prefix in the cache of acme/big (5 min), "
                         "where writing it pays from 22 %."));
    ck_assert(check_says(E11_WORKLOAD E11_API BUY, "cache = none\n",
                         "The shared prefix is billed as input: "));
    ck_assert(check_says(E11_WORKLOAD BUY E11_API, "cache_min = 10001 tokens\n",
                         "The shared prefix is shorter than acme/big caches, so it is billed as "
                         "input."));
    ck_assert(!check_says(E11_WORKLOAD E11_API BUY, "cache = extended\n", "shared prefix in the"));
    ck_assert(check_says(invoice, "", "may be cache writes: $399 if all input not cached was"));
    ck_assert(
        !check_says(invoice, "cache_write_extended_tokens = 46500k\n", "may be cache writes"));
}
END_TEST

/* Of a prefix that is not written, the lifetime that would come nearest to paying: at 1 call an
 * hour $3.474 and $2.397 a million, at one in four hours $3.679 and $4.739. Writing costs 1.25 and
 * 2 times as much as input, reading a tenth: it pays from (1.25 - 1)/(1.25 - 0.1) of the calls on
 * and from 1/1.9 of them. */
START_TEST(a_cache_is_read_with_the_lifetime_that_pays_best)
{
    static const double SHORT_PAYS = 0.25 / 1.15, LONG_PAYS = 1 / 1.9;
    static const struct {
        const char *cache;
        double per_hour;
        enum xo_cache_choice choice;
        double ttl_s, pays_from_frac;
    } rows[] = {
        { "cache = short\n", 6, XO_CACHE_SHORT, 300, SHORT_PAYS },
        { "cache = extended\n", 6, XO_CACHE_EXTENDED, 3600, LONG_PAYS },
        { "cache = cheapest\n", 6, XO_CACHE_EXTENDED, 3600, LONG_PAYS },
        { "cache = cheapest\n", 0.25, XO_CACHE_NONE, 300, SHORT_PAYS },
        { "cache = none\n", 1, XO_CACHE_NONE, 3600, LONG_PAYS },
        { "cache = none\n", 0.25, XO_CACHE_NONE, 300, SHORT_PAYS },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct xo_scenario *s = read_text(E11_WORKLOAD E11_API BUY, rows[i].cache);
        struct xo_cache_reading r[XO_MAX_CACHE_READINGS];
        int n;
        ck_assert(xo_cache_read(s, rows[i].per_hour * 730, 0, r, &n, NULL));
        ck_assert_int_eq(n, 1);
        ck_assert_int_eq(r->choice, rows[i].choice);
        ck_assert(!r->too_short && !r->price_unknown);
        ck_assert_double_eq(r->ttl_s, rows[i].ttl_s);
        ck_assert_double_eq_tol(r->hit_frac, 1 - exp(-rows[i].per_hour * rows[i].ttl_s / 3600),
                                1e-9);
        ck_assert_double_eq_tol(r->pays_from_frac, rows[i].pays_from_frac, 1e-12);
        xo_scenario_free(s);
    }
}
END_TEST

/* ---- in every study ---- */

/* 1.5 calls an hour on one GPU, between 0.5 and 6 of them on the curve. */
static const char sparse[] =
    "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\nparity = assumed\n"
    "[workload]\nvolume = 1095 requests/month\nprofile = steady\nprompt = 10001 tokens\n"
    "shared_prefix = 10000 tokens\noutput = 1 tokens\n"
    "[slo]\ne2e_p95 = 60 s\n" E11_API BUY "same_model_api = acme/big\ncache = short\n"
    "[build]\nmodel = llama-3.1-8b\ngpu = h100-sxm\nrent = $0.05/hour\nstaff = 0 FTE\n"
    "replicas = 1\nspare_replicas = 0\nheadroom = 0%\ntensor_parallel = 1\n"
    "[study]\nreplications = 4\nmin_volume = 0.3x\nmax_volume = 10x\n";

static double sparse_usd(double volume)
{
    const double miss = exp(-volume / 730 / 12);
    return volume * (1e4 * (miss * 3.75 + (1 - miss) * 0.3) + 3) * 1e-6;
}

START_TEST(run_and_curve_bill_what_is_written)
{
    struct xo_scenario *s = read_text(sparse, "");
    struct xo_run *run = NULL;
    struct xo_curve *curve = NULL;
    ck_assert(xo_run_run(&run, s, &two_threads, NULL));
    ck_assert_double_eq_tol(run->usd[XO_WAY_BUY], sparse_usd(1095), 0.0151);
    ck_assert_double_eq_tol(run->usd[XO_WAY_SAME], sparse_usd(1095), 0.0151);
    ck_assert(xo_curve_run(&curve, s, &two_threads, NULL));
    for (int i = 0; i < curve->n_points; i++)
        ck_assert_double_eq_tol(curve->points[i].usd[XO_WAY_BUY],
                                sparse_usd(curve->points[i].volume), 0.0151);
    /* $36.50 of rent: the line rises to 39 at 1,660 a month and the crossing is below. */
    char *verdict = xo_verdict_text(curve, 10000);
    ck_assert_ptr_nonnull(strstr(verdict, "12 % of calls find the shared prefix in the cache of"));
    ck_assert_ptr_nonnull(strstr(verdict, "exit costs. Nor how many tokens each model takes"));
    free(verdict);
    ck_assert_int_eq(curve->crossings[XO_BUY_BUILD].n, 1);
    ck_assert_double_eq_tol(sparse_usd(curve->crossings[XO_BUY_BUILD].at[0].volume), 36.5, 0.02);
    xo_run_free(run);
    xo_curve_free(curve);
    xo_scenario_free(s);
}
END_TEST

/* As printed, its lines joined; heap. */
static char *run_table(const struct xo_run *run)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert(xo_run_print(out, run, XO_FORMAT_TABLE, NULL));
    ck_assert_int_eq(fclose(out), 0);
    for (char *at = text; (at = strchr(at, '\n')) != NULL;)
        *at = ' ';
    return text;
}

/* The zone moves the share at peak prices, so it is said wherever the hour of the profile counts.
 */
START_TEST(the_zone_of_peak_hours_is_said)
{
    static const struct {
        const char *profile, *more, *zone;
    } cases[] = { { "office-hours", "", "those of the profile are taken as UTC (scen" },
                  { "office-hours", "timezone = UTC+5:30\n", "taken as UTC+5:30 (scen" },
                  { "office-hours", "timezone = UTC-8\n", "taken as UTC-8:00 (scen" },
                  { "steady", "", NULL } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[600];
        snprintf(text, sizeof text,
                 "[workload]\nvolume = 1000 requests/month\nprofile = %s\nprompt = 100 tokens\n"
                 "output = 10 tokens\n[buy]\napi = deepseek/deepseek-v4-pro\nstaff = 0 FTE\n"
                 "[scenario]\nas_of = 2026-11-22\n",
                 cases[i].profile);
        struct xo_scenario *s = read_text(text, cases[i].more);
        struct xo_run *run = NULL;
        ck_assert(xo_run_run(&run, s, &two_threads, NULL));
        char *table = run_table(run);
        ck_assert_msg(cases[i].zone == NULL ? strstr(table, "UTC") == NULL
                                            : strstr(table, cases[i].zone) != NULL,
                      "%s", table);
        free(table);
        xo_run_free(run);
        xo_scenario_free(s);
    }
}
END_TEST

/* 500 requests an hour with a prefix of 30,000 tokens: 10.95 G tokens at $0.075/M. */
START_TEST(cached_prices_of_the_catalog_are_billed)
{
    static const char steady[] =
        "[scenario]\nas_of = 2026-11-22\n[workload]\nvolume = 500 requests/hour\n"
        "profile = steady\nshared_prefix = 30000 tokens\nprompt = 32000 tokens\n"
        "output = 350 tokens\n[buy]\nstaff = 0 FTE\n";
    struct xo_bill bill;
    struct xo_scenario *s = read_text(steady, "api = google/gemini-3.8-flash\n");
    ck_assert(xo_buy_at(s, s->requests_per_month, 0, false, &bill, NULL));
    ck_assert_double_eq_tol(item_usd(&bill, "input tokens, cached"), 821.25, 0.005);
    ck_assert_double_eq_tol(item_usd(&bill, "input tokens, uncached"), 547.50, 0.005);
    xo_scenario_free(s);
}
END_TEST

/* Cached or not, acme bills $3 a million; were the prefix free, it would save 1,095 x 10,000 of
 * them, less 10 % of discount; the host gives none. What is known to be no cheaper saves nothing.
 */
START_TEST(an_unknown_cached_price_is_told_with_what_it_could_save)
{
    static const struct {
        const char *caching;
        int n;
    } cases[] = { { "caching = unknown\n", 2 }, { "caching = none\n", 1 }, { "", 1 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct xo_scenario *s =
            read_text("[scenario]\nas_of = 2026-11-22\n[workload]\nvolume = 1095 requests/month\n"
                      "profile = steady\nprompt = 10001 tokens\nshared_prefix = 10000 tokens\n"
                      "output = 1 tokens\n[buy]\napi = acme/plain\nsame_model_api = acme/host\n"
                      "discount = 10%\nstaff = 0 FTE\ncontingency = 0%\n"
                      "[api acme/host]\ninput = $3/Mtok\noutput = $3/Mtok\ncaching = unknown\n"
                      "[api acme/plain]\ninput = $3/Mtok\noutput = $3/Mtok\n",
                      cases[i].caching);
        struct xo_cache_reading readings[XO_MAX_CACHE_READINGS];
        struct xo_run *run = NULL;
        int n = -1;
        ck_assert(xo_cache_read(s, 1095, 0, readings, &n, NULL));
        ck_assert_int_eq(n, cases[i].n);
        for (int k = 0; k < n; k++) {
            ck_assert(readings[k].price_unknown);
            const bool is_host = k == n - 1;
            ck_assert_str_eq(readings[k].api, is_host ? "acme/host" : "acme/plain");
            ck_assert_double_eq_tol(readings[k].saves_at_most_usd, is_host ? 32.85 : 29.565, 1e-9);
            ck_assert_double_eq_tol(readings[k].saves_at_most_frac, 10000 / 10002., 1e-9);
        }
        ck_assert(xo_run_run(&run, s, &two_threads, NULL));
        char *text = run_table(run);
        static const char *const said[2] = { "acme/plain sells cached input for less is not known",
                                             "at most $33 a month, over 99 % of what the tokens" };
        ck_assert_msg((strstr(text, said[0]) != NULL) == (n == 2), "%s", text);
        ck_assert_msg(strstr(text, said[1]) != NULL, "%s", text);
        free(text);
        xo_run_free(run);
        xo_scenario_free(s);
    }
}
END_TEST

START_TEST(sweeps_and_maps_bill_what_is_written)
{
    struct xo_scenario *s =
        read_text(sparse, "[uncertain]\nbuild.rent_scale = uniform(0.5, 1.5)\n");
    const struct xo_map_settings settings = {
        .x = { xo_key_find("workload.volume"), 365, 7300, 4, true },
        .y = { xo_key_find("build.rent_scale"), 0.5, 2, 2, true },
    };
    struct xo_map *map = NULL;
    struct xo_map_result *r = NULL;
    ck_assert(xo_map_new(&map, s, &settings, &two_threads, NULL) && xo_map_run(map, &r, NULL));
    for (int i = 0; i < r->n_cells; i++)
        ck_assert_double_eq_tol(r->cells[i].usd[XO_WAY_BUY], sparse_usd(r->cells[i].volume),
                                0.0151);
    xo_map_result_free(r);
    xo_map_free(map);
    const struct xo_sweep_settings sweeping = { .n_samples = 200 };
    struct xo_error err = { 0 };
    struct xo_sweep *sweep = NULL;
    struct xo_sweep_row *rows = NULL;
    struct xo_sweep_result *result = NULL;
    ck_assert_msg(xo_sweep_new(&sweep, s, &sweeping, &two_threads, &err), "%s", err.text);
    ck_assert(xo_sweep_run(sweep, &rows, &result, NULL, NULL, NULL));
    for (int64_t i = 0; i < result->n_rows; i++)
        ck_assert_double_eq_tol(rows[i].usd[XO_WAY_BUY], sparse_usd(1095), 0.0151);
    free(rows);
    free(result);
    xo_sweep_free(sweep);
    xo_scenario_free(s);
}
END_TEST

/* The slope of x exp(-x) falls to -0.1353 at x = 2, calls every 2.5 minutes: where a token is read
 * for less than that share of what writing costs more, a bill of the prefix alone falls there. */
START_TEST(a_bill_that_may_fall_with_the_volume_is_known)
{
    struct xo_scenario *s = read_text(sparse, "");
    struct xo_tariff *t = &s->apis[0].tariff;
    struct demand *demand = malloc(sizeof *demand);
    ck_assert(demand_init(demand, s, NULL));
    struct world w = { .scenario = s, .demand = demand };
    ck_assert(!buying_rises(&w)); /* 0.30 < 0.135 x 3.45 */
    t->cached_input = 0.45e-6;
    s->same_model[0].tariff.cached_input = 0.45e-6;
    ck_assert(buying_rises(&w)); /* 0.45 > 0.135 x 3.30 */
    t->cached_input = 0;
    bool falls = false;
    double last = 0;
    for (double v = 1000; v < 40000; v *= 1.02) {
        const double usd = way_usd(&w, XO_WAY_BUY, v, NULL);
        falls |= usd < last;
        last = usd;
    }
    ck_assert(falls);
    free(demand);
    xo_scenario_free(s);
}
END_TEST

/* Read for nothing, the prefix costs most at one call in 5 minutes: 0.0375 V exp(-V/8760) dollars a
 * month rises to 121 and falls again, and meets $80 of rent twice. */
START_TEST(crossings_are_found_where_the_bill_rises_and_falls)
{
    struct xo_scenario *s = read_text(sparse, "");
    struct xo_curve *curve = NULL;
    s->apis[0].tariff.cached_input = 0;
    s->options[0].terms.rent_usd_per_gpu_hour = 80 / 730.0;
    s->max_volume_factor = 40;
    ck_assert(xo_curve_run(&curve, s, &two_threads, NULL));
    const double between[2][2] = { { 1000, 8760 }, { 8760, 40000 } };
    ck_assert_int_eq(curve->crossings[XO_BUY_BUILD].n, 2);
    for (int i = 0; i < 2; i++) {
        double lo = between[i][0], hi = between[i][1];
        for (int k = 0; k < 60; k++) {
            const double mid = (lo + hi) / 2, usd = 0.0375 * mid * exp(-mid / 8760) + 3e-6 * mid;
            if ((usd > 80) == (i == 0))
                hi = mid;
            else
                lo = mid;
        }
        ck_assert_double_eq_tol(curve->crossings[XO_BUY_BUILD].at[i].volume, lo, 0.001 * lo);
        ck_assert(curve->crossings[XO_BUY_BUILD].at[i].to_build == (i == 0));
    }
    xo_curve_free(curve);
    xo_scenario_free(s);
}
END_TEST

/* Wherever the line is said to rise, it does. */
START_TEST(a_bill_that_is_said_to_rise_rises)
{
    struct xo_scenario *s = read_text(sparse, "");
    struct demand *demand = malloc(sizeof *demand);
    struct xo_tariff *t = &s->apis[0].tariff;
    ck_assert(demand_init(demand, s, NULL));
    s->n_same_model = s->n_same_bought = 0;
    struct world w = { .scenario = s, .demand = demand };
    int n_rising = 0;
    for (int i = 0; i < 60; i++) {
        t->cached_input = (0.2 + 0.01 * i) * 1e-6;
        t->cache.ready_s = 40 * (i % 7);
        t->cache.fixed_life = i % 3 == 0;
        s->cache_choice = (enum xo_cache_choice)(i % 3);
        if (!buying_rises(&w))
            continue;
        n_rising++;
        double last = 0;
        for (double v = 500; v < 60000; v *= 1.03) {
            const double usd = way_usd(&w, XO_WAY_BUY, v, NULL);
            ck_assert_msg(usd >= last - 0.03, "%d: %g after %g at %g", i, usd, last, v);
            last = usd;
        }
    }
    ck_assert_int_ge(n_rising, 20);
    free(demand);
    xo_scenario_free(s);
}
END_TEST

/* ---- usage ---- */

/* 8,000 requests: three in four of 1,000 tokens with a prefix of 400 that stays cached, the others
 * of 5,000, above the threshold of long prompts; a quarter of the week is peak; 40 % is batch. */
static const char mixed[] =
    "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\ntimezone = UTC\n"
    "[workload]\nvolume = 8000 requests/month\nprofile = steady\n"
    "[class chat]\nweight = 3\nprompt = 1000 tokens\nshared_prefix = 400 tokens\n"
    "output = 100 tokens\n"
    "[class paper]\nweight = 1\nprompt = 5000 tokens\noutput = 300 tokens\n"
    "[api acme/big]\ninput = $3/Mtok\ncached_input = $0.30/Mtok\noutput = $15/Mtok\n"
    "long_threshold = 2000 tokens\nlong_input = $6/Mtok\nlong_output = $20/Mtok\n"
    "batch_discount = 50%\npeak_hours = 00:00-06:00\npeak_factor = 2x\n"
    "[buy]\napi = acme/big\nstaff = 0 FTE\nbatch = 40%\n";

START_TEST(tokens_stand_in_the_cell_that_prices_them)
{
    static const struct {
        int class_index;
        struct xo_price_cell cell;
        double requests;
    } rows[] = {
        { 0, { XO_WINDOW_USUAL, XO_CONTEXT_USUAL, XO_SERVICE_STANDARD }, 2700 },
        { 0, { XO_WINDOW_USUAL, XO_CONTEXT_USUAL, XO_SERVICE_BATCH }, 1800 },
        { 0, { XO_WINDOW_PEAK, XO_CONTEXT_USUAL, XO_SERVICE_STANDARD }, 900 },
        { 0, { XO_WINDOW_PEAK, XO_CONTEXT_USUAL, XO_SERVICE_BATCH }, 600 },
        { 1, { XO_WINDOW_USUAL, XO_CONTEXT_LONG, XO_SERVICE_STANDARD }, 900 },
        { 1, { XO_WINDOW_USUAL, XO_CONTEXT_LONG, XO_SERVICE_BATCH }, 600 },
        { 1, { XO_WINDOW_PEAK, XO_CONTEXT_LONG, XO_SERVICE_STANDARD }, 300 },
        { 1, { XO_WINDOW_PEAK, XO_CONTEXT_LONG, XO_SERVICE_BATCH }, 200 },
    };
    static const double of_a_call[2][XO_N_TOKEN_KINDS] = { { 600, 0, 0, 400, 100 },
                                                           { 5000, 0, 0, 0, 300 } };
    const int n_rows = (int)(sizeof rows / sizeof *rows);
    struct xo_scenario *s = read_text(mixed, "");
    struct demand *demand = malloc(sizeof *demand);
    struct xo_usage usage;
    ck_assert(demand_init(demand, s, NULL));
    const struct world w = { .scenario = s, .demand = demand };
    xo_usage_clear(&usage);
    tokens_add(&w, 8000, 0, 0, 3, &usage);
    tokens_add(&w, 8000, 1, 0, 5, &usage);
    ck_assert_int_eq(usage.n_tokens, n_rows);
    for (int i = 0; i < n_rows; i++) {
        const struct xo_token_use *use = &usage.tokens[i];
        ck_assert_int_eq(use->class_index, rows[i].class_index);
        ck_assert_int_eq(use->destination, rows[i].class_index == 0 ? 3 : 5);
        ck_assert_mem_eq(&use->cell, &rows[i].cell, sizeof use->cell);
        ck_assert_double_eq_tol(use->requests, rows[i].requests, 1e-9);
        for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
            ck_assert_double_eq_tol(use->tokens[kind],
                                    rows[i].requests * of_a_call[rows[i].class_index][kind], 1e-6);
    }
    free(demand);
    xo_scenario_free(s);
}
END_TEST

/* Chat, usual hours: 4,500 calls x (600 x 3 + 400 x 0.3 + 100 x 15); papers 1,500 x (5,000 x 6 +
 * 300 x 20); both again a third of that often at twice the price; half of 40 % of it comes off. */
START_TEST(the_cells_of_a_mixed_month_add_up_to_its_bill)
{
    const double chat = 4500 * (600 * 3 + 400 * 0.3 + 100 * 15) * 1e-6;
    const double papers = 1500 * (5000 * 6 + 300 * 20) * 1e-6;
    ck_assert_double_eq_tol(text_usd(mixed, ""), (chat + papers) * (1 + 2 / 3.0) * 0.8, 0.00001);
}
END_TEST

/* ---- the judge ---- */

/* A saving of $12.50 a month where the cheaper side costs $100: material up to 12.5 %. */
static const struct {
    double saving_usd, materiality_frac, share;
    bool limited;
    enum xo_parity parity;
    enum xo_call call;
} judged[] = {
    { 12.5, 0.1, NAN, false, XO_PARITY_ASSUMED, XO_CALL_BUILD },
    { -12.5, 0.1, NAN, false, XO_PARITY_MEASURED, XO_CALL_BUY },
    { 12.5, 0.125, NAN, false, XO_PARITY_ASSUMED, XO_CALL_BUILD }, /* no less than that */
    { 12.5, 0.13, NAN, false, XO_PARITY_ASSUMED, XO_CALL_TOO_CLOSE },
    { -12.5, 0.13, 0.01, false, XO_PARITY_ASSUMED, XO_CALL_TOO_CLOSE },
    { 0, 0, NAN, false, XO_PARITY_ASSUMED, XO_CALL_BUY }, /* nothing gained by building */
    { 12.5, 0.1, 0.81, false, XO_PARITY_ASSUMED, XO_CALL_BUILD },
    { 12.5, 0.1, 0.8, false, XO_PARITY_ASSUMED, XO_CALL_TOO_CLOSE },
    { 12.5, 0.1, 0.2, false, XO_PARITY_ASSUMED, XO_CALL_TOO_CLOSE },
    { 12.5, 0.1, 0.19, false, XO_PARITY_ASSUMED, XO_CALL_BUY }, /* the draws know better */
    { 12.5, 0.1, 0.9, false, XO_PARITY_UNEQUAL, XO_CALL_NO_WINNER },
    { 12.5, 0.1, 0.9, true, XO_PARITY_UNEQUAL, XO_CALL_INFEASIBLE },
    { NAN, 0.1, NAN, false, XO_PARITY_ASSUMED, XO_CALL_INFEASIBLE },
};

START_TEST(there_is_one_judge_of_who_wins)
{
    const struct xo_comparison c = { .saving_usd = judged[_i].saving_usd,
                                     .cheaper_usd = 100,
                                     .materiality_frac = judged[_i].materiality_frac,
                                     .build_wins_share = judged[_i].share,
                                     .buy_limited = judged[_i].limited,
                                     .parity = judged[_i].parity };
    ck_assert_int_eq(xo_judge(&c), judged[_i].call);
}
END_TEST

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("buying");
    TCase *tc = tcase_create("buying");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, tokens_stand_in_the_cell_that_prices_them);
    tcase_add_test(tc, the_cells_of_a_mixed_month_add_up_to_its_bill);
    tcase_add_loop_test(tc, there_is_one_judge_of_who_wins, 0,
                        (int)(sizeof judged / sizeof *judged));
    tcase_add_loop_test(tc, example_e11_is_billed_to_the_cent, 0, (int)(sizeof e11 / sizeof *e11));
    tcase_add_test(tc, the_cheapest_lifetime_depends_on_the_volume);
    tcase_add_test(tc, misses_are_counted_hour_by_hour_and_retries_call_too);
    tcase_add_test(tc, each_class_keeps_its_own_prefix_alive);
    tcase_add_loop_test(tc, a_cache_has_rules, 0, (int)(sizeof rules / sizeof *rules));
    tcase_add_test(tc, batch_and_cache_stack_or_do_not);
    tcase_add_test(tc, long_prompts_write_at_long_prices);
    tcase_add_test(tc, a_trace_is_counted_on_its_own_gaps);
    tcase_add_test(tc, an_invoice_with_cache_writes_is_rebuilt_to_the_cent);
    tcase_add_loop_test(tc, the_profile_pays_peak_prices_in_peak_hours, 0,
                        (int)(sizeof zones / sizeof *zones));
    tcase_add_test(tc, windows_cut_hours_and_run_over_midnight);
    tcase_add_test(tc, the_cache_is_read_at_peak_by_the_rate_of_those_hours);
    tcase_add_test(tc, an_api_may_take_other_tokens_than_the_workload);
    tcase_add_test(tc, an_apis_own_ratio_multiplies_that_of_buy);
    tcase_add_test(tc, long_prompts_are_long_as_the_api_counts);
    tcase_add_test(tc, requests_asked_again_are_paid_on_both_other_lines);
    tcase_add_test(tc, requests_of_classes_are_asked_again_at_the_apis_of_each);
    tcase_add_test(tc, a_cache_is_read_with_the_lifetime_that_pays_best);
    tcase_add_test(tc, check_says_how_often_the_prefix_is_found_and_whether_writing_pays);
    tcase_add_test(tc, run_and_curve_bill_what_is_written);
    tcase_add_test(tc, the_zone_of_peak_hours_is_said);
    tcase_add_test(tc, cached_prices_of_the_catalog_are_billed);
    tcase_add_test(tc, an_unknown_cached_price_is_told_with_what_it_could_save);
    tcase_add_test(tc, sweeps_and_maps_bill_what_is_written);
    tcase_add_test(tc, a_bill_that_may_fall_with_the_volume_is_known);
    tcase_add_test(tc, crossings_are_found_where_the_bill_rises_and_falls);
    tcase_add_test(tc, a_bill_that_is_said_to_rise_rises);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
