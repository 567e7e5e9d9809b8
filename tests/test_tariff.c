/* test_tariff.c - tariffs against a clerk who prices every request by itself (naive_biller.c), and
 * against invoices worked by hand from providers' pages.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "naive_biller.h"
#include "scenario_kit.h"
#include "xo/table.h"
#include "xo/ways.h"

#include <gsl/gsl_rng.h>
#include <stdarg.h>

/* ---- random tariffs, as text and as the clerk has them ---- */

static gsl_rng *rng;

static int below(int n)
{
    return (int)gsl_rng_uniform_int(rng, (unsigned long)n);
}

/* A number of cents, so that text and clerk have the same. */
static double cents(double lo, double hi)
{
    return round(100 * (lo + (hi - lo) * gsl_rng_uniform(rng))) / 100;
}

struct text {
    char of[4096];
    size_t n;
};

static void __attribute__((format(printf, 2, 3))) put(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    t->n += (size_t)vsnprintf(t->of + t->n, sizeof t->of - t->n, format, args);
    va_end(args);
    ck_assert_uint_lt(t->n, sizeof t->of);
}

static void draw_prices(struct text *text, struct naive_tariff *t)
{
    t->usual = (struct naive_prices){ cents(0.5, 9), -1, cents(2, 30) };
    put(text, "input = $%.2f/Mtok\noutput = $%.2f/Mtok\n", t->usual.in, t->usual.out);
    if (below(3) > 0) {
        t->usual.cached = cents(0.05, 1);
        put(text, "cached_input = $%.2f/Mtok\n", t->usual.cached);
    }
    t->request_usd = below(3) == 0 ? cents(0.01, 0.2) : 0;
    t->tool_usd = below(3) == 0 ? cents(0.01, 0.2) : 0;
    put(text, "request = $%.2f/request\ntool_call = $%.2f/call\n", t->request_usd, t->tool_usd);
    t->residency_factor = below(2) == 0 ? 1 + cents(0.01, 0.3) : 1;
    put(text, "residency = %.2fx\n", t->residency_factor);
}

/* " in $3.21/Mtok" or " in 1.50x", or nothing. */
static double draw_kind(struct text *text, const char *kind, double usual, int *n)
{
    const int form = below(4);
    if (form == 0 || usual < 0)
        return -1;
    ++*n;
    if (form == 1) {
        const double factor = cents(1, 3);
        put(text, " %s %.2fx", kind, factor);
        return usual * factor;
    }
    const double usd = cents(0.1, 20);
    put(text, " %s $%.2f/Mtok", kind, usd);
    return usd;
}

static void draw_contexts(struct text *text, struct naive_tariff *t)
{
    t->n_over = below(4);
    t->marginal = below(2) == 0;
    if (t->n_over > 0)
        put(text, "long_pricing = %s\nlong_tiers =", t->marginal ? "marginal" : "whole");
    for (int i = 0; i < t->n_over; i++) {
        struct naive_prices *p = &t->over_prices[i];
        int n = 0;
        t->over[i] = (i == 0 ? 0 : t->over[i - 1]) + 20 + below(120);
        put(text, "%s above %.0f:", i == 0 ? "" : ",", t->over[i]);
        p->in = draw_kind(text, "in", t->usual.in, &n);
        p->cached = draw_kind(text, "cached", t->usual.cached, &n);
        p->out = draw_kind(text, "out", t->usual.out, &n);
        if (n == 0)
            put(text, " in 1x");
    }
    put(text, "\n");
}

/* Up to three factors, at hours of the day apart from one another. */
static void draw_windows(struct text *text, struct naive_tariff *t)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    const int n = below(4);
    int from = below(6);
    for (int h = 0; h < 168; h++)
        t->hour_factor[h] = 1;
    for (int i = 0; i < n; i++) {
        const double factor = cents(0.2, 3);
        const int to = from + 1 + below(5), first = below(7), last = first + below(7 - first);
        put(text, "%s %.2fx %s-%s %02d:00-%02d:00", i == 0 ? "windows =" : ",", factor, days[first],
            days[last], from, to);
        for (int day = first; day <= last; day++)
            for (int h = from; h < to; h++)
                t->hour_factor[24 * day + h] = factor;
        from = to + below(2);
    }
    put(text, "\n");
}

static void draw_service(struct text *text, struct naive_tariff *t, enum naive_service s,
                         const char *name)
{
    t->services[s].factor = 1;
    if (below(4) == 0)
        return;
    t->services[s].has_own = below(3) == 0;
    if (t->services[s].has_own) {
        t->services[s].own = (struct naive_prices){ cents(0.1, 9), -1, cents(1, 20) };
        put(text, "%s = in $%.2f/Mtok out $%.2f/Mtok", name, t->services[s].own.in,
            t->services[s].own.out);
    } else {
        t->services[s].factor = cents(0.2, 3);
        put(text, "%s = %.2fx", name, t->services[s].factor);
    }
    t->services[s].cached_at_list = below(2) == 0;
    t->services[s].any_hour = below(2) == 0;
    t->services[s].any_region = below(2) == 0;
    put(text, "%s%s%s\n", t->services[s].cached_at_list ? ", cached at list" : "",
        t->services[s].any_hour ? ", any hour" : "",
        t->services[s].any_region ? ", any region" : "");
}

static void draw_account(struct text *text, struct naive_tariff *t)
{
    t->free_usd = below(3) == 0 ? below(20) : 0;
    t->minimum_usd = below(3) == 0 ? below(60) : 0;
    put(text, "free = $%.0f/month\nminimum = $%.0f/month\n", t->free_usd, t->minimum_usd);
    t->n_tiers = below(4);
    for (int i = 0; i < t->n_tiers; i++) {
        t->tier_above_usd[i] = (i == 0 ? 0 : t->tier_above_usd[i - 1]) + 1 + below(30);
        t->tier_off[i] = 0.05 * (1 + below(6));
        put(text, "%s%.0f%% above $%.0f", i == 0 ? "tiers = " : ", ", 100 * t->tier_off[i],
            t->tier_above_usd[i]);
    }
    put(text, "\n");
}

/* ---- a random week, likewise ---- */

struct week {
    int n_hours[24], n_days[7], zone;
    int n_prompts, prompts[4], n_outputs, outputs[3], prefix;
    int batch_quarters; /* of the requests */
    enum naive_service service;
    double tools;
    bool resident;
    struct naive_terms terms;
};

static void draw_week(struct text *text, struct week *w)
{
    static const char *const services[] = { "standard", NULL, "flex", "priority", "fast" };
    *w = (struct week){ .zone = below(25) - 12,
                        .n_prompts = 1 + below(4),
                        .n_outputs = 1 + below(3),
                        .prefix = below(2) * (1 + below(30)),
                        .batch_quarters = below(5),
                        .service = below(2) * (NAIVE_FLEX + below(3)),
                        .tools = 0.25 * below(5),
                        .resident = below(2) == 0 };
    w->terms = (struct naive_terms){ 0.01 * below(20), 0.01 * below(30), 40 * below(2) };
    put(text, "hours =");
    for (int h = 0; h < 24; h++)
        put(text, " %d", w->n_hours[h] = h == 0 ? 1 : below(3));
    put(text, "\ndays =");
    for (int d = 0; d < 7; d++)
        put(text, " %d", w->n_days[d] = d == 0 ? 1 : below(3));
    put(text, "\nprompt = discrete(");
    for (int i = 0; i < w->n_prompts; i++)
        put(text, "%s%d:1", i == 0 ? "" : ", ",
            w->prompts[i] = (i == 0 ? 40 : w->prompts[i - 1]) + 1 + below(120));
    put(text, ") tokens\noutput = discrete(");
    for (int i = 0; i < w->n_outputs; i++)
        put(text, "%s%d:1", i == 0 ? "" : ", ",
            w->outputs[i] = (i == 0 ? 0 : w->outputs[i - 1]) + 1 + below(200));
    put(text,
        ") tokens\nshared_prefix = %d tokens\nretries = %.0f%%\ntool_calls = %.2f\n"
        "[buy]\napi = acme/x\nstaff = 0 FTE\nbatch = %d%%\ntier = %s\nresidency = %s\n"
        "discount = %.0f%%\ncommitted = $%.0f/month\n",
        w->prefix, 100 * w->terms.retries, w->tools, 25 * w->batch_quarters, services[w->service],
        w->resident ? "yes" : "no", 100 * w->terms.discount, w->terms.committed_usd);
}

/* Every request of the week, four of each kind so that a quarter is a whole one. */
static double walk_week(const struct naive_tariff *t, const struct week *w, int *n)
{
    double usd = 0;
    *n = 0;
    for (int h = 0; h < 168; h++)
        for (int k = 0; k < 4 * w->n_hours[h % 24] * w->n_days[h / 24]; k++)
            for (int p = 0; p < w->n_prompts; p++)
                for (int o = 0; o < w->n_outputs; o++) {
                    const struct naive_request r = {
                        .prompt = w->prompts[p],
                        .prefix = w->prefix,
                        .output = w->outputs[o],
                        .hour = (h - w->zone + 168) % 168,
                        .service = k % 4 < w->batch_quarters ? NAIVE_BATCH : w->service,
                        .tools = w->tools,
                        .resident = w->resident,
                    };
                    usd += naive_request_usd(t, &r);
                    ++*n;
                }
    return usd;
}

static double engine_usd(const char *text, double volume)
{
    char path[] = "/tmp/xo-tariff-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
    struct xo_scenario *s = NULL;
    struct xo_problems problems = { 0 };
    struct xo_error err = { 0 };
    struct xo_bill bill;
    const bool ok = xo_scenario_read(&s, path, NULL, &problems);
    unlink(path);
    ck_assert_msg(ok, "%s\n%s", problems.n > 0 ? problems.lines[0] : "no problem named", text);
    xo_problems_fini(&problems);
    ck_assert_msg(xo_buy_at(s, volume, 0, false, &bill, &err), "%s", err.text);
    const double usd = xo_bill_usd(&bill);
    xo_scenario_free(s);
    return usd;
}

/* Batch work first, then levels of service, lengths, hours: whatever stacks on what. */
START_TEST(a_bill_is_that_of_every_request_priced_by_itself)
{
    enum { N = 300 };
    rng = gsl_rng_alloc(gsl_rng_mt19937);
    ck_assert_ptr_nonnull(rng);
    gsl_rng_set(rng, 20261201);
    for (int i = 0; i < N; i++) {
        static struct text text;
        struct naive_tariff t = { 0 };
        struct week w;
        text.n = 0;
        int n;
        put(&text, "[scenario]\nas_of = 2026-12-01\ncommit = 12 months\n[workload]\n"
                   "volume = 1000 requests/month\nprofile = custom\n");
        draw_week(&text, &w);
        put(&text, "[api acme/x]\n");
        draw_prices(&text, &t);
        draw_contexts(&text, &t);
        draw_windows(&text, &t);
        draw_service(&text, &t, NAIVE_BATCH, "batch");
        draw_service(&text, &t, NAIVE_FLEX, "flex");
        draw_service(&text, &t, NAIVE_PRIORITY, "priority");
        draw_service(&text, &t, NAIVE_FAST, "fast");
        draw_account(&text, &t);
        char zone[64];
        char *at = strstr(text.of, "commit");
        snprintf(zone, sizeof zone, "timezone = UTC%+d\n", w.zone);
        memmove(at + strlen(zone), at, strlen(at) + 1);
        memcpy(at, zone, strlen(zone));
        const double list_usd = walk_week(&t, &w, &n);
        const double ours = engine_usd(text.of, n);
        const double clerk = naive_invoice_usd(&t, &w.terms, list_usd);
        ck_assert_msg(fabs(ours - clerk) < 0.005, "tariff %d: $%.6f, the clerk says $%.6f\n%s", i,
                      ours, clerk, text.of);
    }
    gsl_rng_free(rng);
}
END_TEST

/* ---- invoices by hand ---- */

/* One request, or the tokens of several, in one cell of a catalogued tariff. Prices in the comments
 * are those of the providers' pages as the catalog cites them. */
static const struct {
    const char *api;
    struct xo_price_cell cell;
    bool resident;
    double tokens[XO_N_TOKEN_KINDS]; /* thousands: uncached, written, longer, cached, output */
    double usd;
} invoices[] = {
    /* over 272 k twice the input, 1.5 times the output, writes 1.25 and 2.5 times input; batch
     * half: (0.2 x 4 + 0.05 x 5 + 0.03 x 10 + 0.1 x 0.2 + 0.003 x 15) / 2 */
    { "openai/gpt-6.2-sol", { 0, 1, XO_SERVICE_BATCH }, false, { 200, 50, 30, 100, 3 }, 0.7075 },
    /* fast, twice the price: 2 x (0.3 x 20 + 0.05 x 2 + 0.01 x 75) */
    { "openai/gpt-6-astra", { 0, 1, XO_SERVICE_FAST }, false, { 300, 0, 0, 50, 10 }, 13.7 },
    /* over 100 k five times all prices; batch half, of cached and written tokens too:
     * (0.02 x 0.5 + 0.04 x 0.625 + 0.01 x 1 + 0.06 x 0.05 + 0.002 x 2.5) / 2 */
    { "anthropic/claude-haiku-5.5",
      { 0, 1, XO_SERVICE_BATCH },
      false,
      { 20, 40, 10, 60, 2 },
      0.0265 },
    /* over 200 k; batch and cache discounts do not stack: (0.15 x 2.5 + 0.004 x 15) / 2 + 0.1 x
       0.25 */
    { "google/gemini-2.5-pro", { 0, 1, XO_SERVICE_BATCH }, false, { 150, 0, 0, 100, 4 }, 0.2425 },
    /* at peak twice everything: 1.32 + 2 x 0.044 + 0.3 x 3.96 */
    { "deepseek/deepseek-v4-pro",
      { 1, 0, XO_SERVICE_STANDARD },
      false,
      { 1000, 0, 0, 2000, 300 },
      2.596 },
    /* over 200 k, in the US: 1.1 x (0.25 x 2.5 + 0.05 x 0.4 + 0.005 x 5) */
    { "xai/grok-4.3", { 0, 1, XO_SERVICE_STANDARD }, true, { 250, 0, 0, 50, 5 }, 0.737 },
    /* over 200 k: 0.2 x 6 + 0.03 x 7.5 + 0.05 x 0.6 + 0.002 x 22.5 */
    { "bedrock/claude-sonnet-4.5",
      { 0, 1, XO_SERVICE_STANDARD },
      false,
      { 200, 30, 0, 50, 2 },
      1.5 },
    /* (0.6 x 0.15 + 0.4 x 0.075 + 0.2 x 0.6) / 2 */
    { "groq/gpt-oss-120b", { 0, 0, XO_SERVICE_BATCH }, false, { 600, 0, 0, 400, 200 }, 0.12 },
    /* (0.6 x 0.15 + 0.4 x 0.015 + 0.2 x 0.6) / 2 */
    { "fireworks/gpt-oss-120b", { 0, 0, XO_SERVICE_BATCH }, false, { 600, 0, 0, 400, 200 }, 0.108 },
    /* (0.6 + 2 x 0.35 + 0.5 x 3.6) / 2 */
    { "together/qwen3.5-397b-a17b",
      { 0, 0, XO_SERVICE_BATCH },
      false,
      { 1000, 0, 0, 2000, 500 },
      1.55 },
    /* over 256 k three times: 0.2 x 0.96 + 0.05 x 1.2 + 0.04 x 0.192 + 0.01 x 3.84 */
    { "openrouter/qwen3.7-plus",
      { 0, 1, XO_SERVICE_STANDARD },
      false,
      { 200, 50, 0, 40, 10 },
      0.29808 },
};

START_TEST(an_invoice_is_that_of_the_providers_page)
{
    const struct xo_api *api = xo_catalog_api(xo_catalog_builtin(), invoices[_i].api, NULL);
    ck_assert_ptr_nonnull(api);
    const struct xo_tariff *tariff = &api->tariff;
    const struct xo_buy_terms terms = { .price_scale = 1, .is_resident = invoices[_i].resident };
    struct xo_usage usage;
    struct xo_bill bill;
    xo_usage_clear(&usage);
    struct xo_token_use *use = xo_usage_add_tokens(&usage, 0, 0, invoices[_i].cell);
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
        use->tokens[kind] = 1000 * invoices[_i].tokens[kind];
    xo_buy_bill(&tariff, &usage, &terms, &bill);
    ck_assert_double_eq_tol(xo_bill_usd(&bill), invoices[_i].usd, 1e-9);
}
END_TEST

/* ---- prices from a date on ---- */

static struct xo_tariff catalogued(const char *name)
{
    const struct xo_api *api = xo_catalog_api(xo_catalog_builtin(), name, NULL);
    ck_assert_ptr_nonnull(api);
    return api->tariff;
}

static double usd_per_mtok(const struct xo_tariff *t, enum xo_token_kind kind, int context)
{
    const struct xo_price_cell cell = { .context = context };
    return xo_tariff_usd(t, kind, cell) * 1e6;
}

START_TEST(an_announced_price_holds_from_its_day_on)
{
    enum { NEW_YEAR = 20819 }; /* 2027-01-01: 57 years with 14 leap days, 57 x 365 + 14 */
    struct xo_tariff t = catalogued("google/gemini-3.8-flash");
    ck_assert_int_eq(t.n_changes, 1);
    xo_tariff_at(&t, NEW_YEAR - 1);
    kit_ck_near(usd_per_mtok(&t, XO_INPUT_UNCACHED, 0), 0.75, "input");
    ck_assert_int_eq(t.n_changes, 1);
    xo_tariff_at(&t, NEW_YEAR);
    kit_ck_near(usd_per_mtok(&t, XO_INPUT_UNCACHED, 0), 1.5, "input");
    kit_ck_near(usd_per_mtok(&t, XO_INPUT_CACHED, 0), 0.15, "cached input");
    kit_ck_near(usd_per_mtok(&t, XO_OUTPUT, 0), 7.5, "output");
    ck_assert_int_eq(t.n_changes, 0);
}
END_TEST

/* Written and cached input, long prices and a service's own go with what changes. */
START_TEST(what_a_change_does_not_name_goes_in_proportion)
{
    struct xo_tariff t = catalogued("openai/gpt-6.2-sol");
    t.services[XO_SERVICE_FLEX].input = 1.3e-6;
    t.n_changes = 2;
    for (int i = 0; i < 2; i++)
        for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
            t.changes[i].usd[kind] = t.changes[i].factor[kind] = NAN;
    t.changes[0].from_day = 100;
    t.changes[0].usd[XO_INPUT_UNCACHED] = 3e-6; /* 1.5 times */
    t.changes[1].from_day = 200;
    t.changes[1].factor[XO_OUTPUT] = 0.8;
    t.changes[1].factor[XO_INPUT_CACHED] = 2;
    xo_tariff_at(&t, 199);
    kit_ck_near(usd_per_mtok(&t, XO_INPUT_UNCACHED, 1), 6, "long input");
    kit_ck_near(usd_per_mtok(&t, XO_INPUT_WRITTEN, 0), 3.75, "written");
    kit_ck_near(usd_per_mtok(&t, XO_INPUT_WRITTEN_LONGER, 0), 7.5, "written for longer");
    kit_ck_near(usd_per_mtok(&t, XO_INPUT_CACHED, 1), 0.3, "long cached input");
    kit_ck_near(usd_per_mtok(&t, XO_OUTPUT, 1), 15, "long output");
    kit_ck_near(t.services[XO_SERVICE_FLEX].input, 1.95e-6, "flex input");
    xo_tariff_at(&t, 200);
    kit_ck_near(usd_per_mtok(&t, XO_INPUT_CACHED, 1), 0.6, "long cached input");
    kit_ck_near(usd_per_mtok(&t, XO_OUTPUT, 1), 12, "long output");
    kit_ck_near(usd_per_mtok(&t, XO_INPUT_UNCACHED, 1), 6, "long input");
}
END_TEST

START_TEST(a_scenario_pays_the_prices_of_its_day)
{
    static const char text[] =
        "[scenario]\nas_of = %s\ncommit = 12 months\n[workload]\nvolume = 1000 requests/month\n"
        "profile = steady\nprompt = 1000 tokens\noutput = 1000 tokens\n[buy]\n"
        "api = google/gemini-3.8-flash\nstaff = 0 FTE\n";
    char of_day[512];
    snprintf(of_day, sizeof of_day, text, "2026-12-31");
    ck_assert_double_eq_tol(engine_usd(of_day, 1000), 4.5, 1e-9);
    snprintf(of_day, sizeof of_day, text, "2027-01-01");
    ck_assert_double_eq_tol(engine_usd(of_day, 1000), 9, 1e-9);
}
END_TEST

/* 80 signed for: 30 and 0 short by the month, 110 + 50 of 160 in the term's two. */
START_TEST(a_commitment_is_settled_by_the_month_or_for_the_term)
{
    static const double spend[] = { 50, 110 }, little[] = { 50, 90 };
    ck_assert_double_eq(xo_commit_shortfall_usd(spend, 2, 80, false), 30);
    ck_assert_double_eq(xo_commit_shortfall_usd(spend, 2, 80, true), 0);
    ck_assert_double_eq(xo_commit_shortfall_usd(little, 2, 80, true), 20);
    ck_assert_double_eq(xo_commit_shortfall_usd(little, 1, 80, true), 30);
}
END_TEST

/* ---- one price of a mix ---- */

/* 1,000 tokens in, 400 of them cached where that has a price, and 100 out. A: (600 x 1 + 400 x 0.1
 * + 100 x 4) / 1,100, plainly 1,400 / 1,100. B: 900 + 300, a quarter of it at half price. */
START_TEST(the_effective_price_of_a_mix_says_what_made_it)
{
    struct xo_effective_price p[XO_MAX_EFFECTIVE];
    int n;
    const char *sets[] = { "buy.api=acme/b, acme/a",
                           "workload.prompt=1000 tokens",
                           "workload.output=100 tokens",
                           "workload.shared_prefix=400 tokens",
                           "buy.batch=25%",
                           "buy.discount=10%",
                           "workload.retries=7%",
                           NULL };
    struct xo_scenario *s = kit_read(
        "[api acme/a]\nlike = none\ninput = $1/Mtok\ncached_input = $0.1/Mtok\noutput = $4/Mtok\n"
        "[api acme/b]\nlike = none\ninput = $0.9/Mtok\noutput = $3/Mtok\nbatch = 0.5x\n",
        sets);
    ck_assert(xo_effective_prices(s, 1234, p, &n, NULL));
    ck_assert_int_eq(n, 2);
    ck_assert_str_eq(p[0].api, "acme/a");
    ck_assert_double_eq_tol(p[0].usd_per_mtok, 1040.0 / 1100, 1e-6);
    ck_assert_double_eq_tol(p[0].plain_usd_per_mtok, 1400.0 / 1100, 1e-9);
    ck_assert_double_eq_tol(p[0].cached_frac, 0.4, 1e-12);
    ck_assert_double_eq(p[0].service_frac, 0);
    ck_assert_str_eq(p[1].api, "acme/b");
    ck_assert_double_eq_tol(p[1].usd_per_mtok, 1200.0 / 1100 * 0.875, 1e-6);
    ck_assert_double_eq_tol(p[1].service_frac, 0.25, 1e-12);
    ck_assert_double_eq(p[1].cached_frac, 0); /* b has no price for it */
    ck_assert(p[1].long_frac == 0 && p[1].peak_frac == 0 && !p[1].is_same_weights);
    xo_scenario_free(s);
}
END_TEST

/* ---- units by the hour, caches by the hour ---- */

/* Example E10: 600 tokens in and 100 out of weight 4 are 1,000 of the 60,000 that a unit carries a
 * minute. 100 requests a minute in 8 hours of the day and 30 in the others are 76,800 a day, at
 * $0.002 by the token: 600 x $1 and 100 x $14 a million. A month of 30 days. */
#define E10                                                                                        \
    "[scenario]\nas_of = 2026-12-01\ncommit = 12 months\nhours_per_month = 720\n[workload]\n"      \
    "%s\nprofile = custom\nhours = 100 100 100 100 100 100 100 100 30 "                            \
    "30 30 30 30 30 30 30 30 30 30 30 30 30 30 30\nprompt = 600 tokens\noutput = 100 tokens\n"     \
    "[buy]\napi = acme/x\nstaff = 0 FTE\n%s\n[api acme/x]\ninput = $1/Mtok\noutput = $14/Mtok\n"   \
    "provisioned_capacity = 60000 tokens/min\nprovisioned_output_weight = 4\n"                     \
    "provisioned_price = %s\n"
static const struct {
    const char *units, *price;
    double usd_per_day;
} e10[] = {
    { "provisioned = none", "$4/hour", 153.60 },
    { "provisioned_units = 1", "$4/hour", 134.40 },
    { "provisioned_units = 2", "$4/hour", 192 },
    { "provisioned = searched", "$4/hour", 134.40 },
    { "provisioned = searched", "$4.79/hour", 24 * 4.79 + 38.4 },
    { "provisioned = searched", "$4.81/hour", 153.60 }, /* one pays below $4.80 */
    { "provisioned = searched", "$1.61/hour", 24 * 1.61 + 38.4 },
    { "provisioned = searched", "$1.59/hour", 48 * 1.59 }, /* the second below $1.60 */
};

/* Calls that are repeated load the units as others do: two thirds of the volume, half as many
 * again. */
START_TEST(example_e10_is_billed_and_its_units_are_found)
{
    char text[2048];
    snprintf(text, sizeof text, E10, "volume = 76800 requests/day", e10[_i].units, e10[_i].price);
    ck_assert_double_eq_tol(engine_usd(text, 76800 * 30), 30 * e10[_i].usd_per_day, 0.005);
    snprintf(text, sizeof text, E10, "volume = 51200 requests/day\nretries = 50%", e10[_i].units,
             e10[_i].price);
    ck_assert_double_eq_tol(engine_usd(text, 51200 * 30), 30 * e10[_i].usd_per_day, 0.005);
}
END_TEST

/* 6 calls an hour (Poisson) with a prefix of 100,000 tokens, kept for an hour from the write: a
 * call finds none with 1/(1 + 6). 4,380/7 x 0.1 M are written, for an hour each, and 6 times that
 * is read. The token behind the prefix and the answer cost nothing worth a cent. */
START_TEST(a_cache_is_paid_for_its_lifetime)
{
    static const char text[] =
        "[scenario]\nas_of = 2026-12-01\ncommit = 12 months\n[workload]\n"
        "volume = 4380 requests/month\nprofile = steady\nprompt = 100001 tokens\n"
        "shared_prefix = 100000 tokens\noutput = 1 tokens\n[buy]\napi = acme/x\nstaff = 0 FTE\n"
        "cache = %s\n[api acme/x]\ninput = $1.25/Mtok\ncached_input = $0.125/Mtok\noutput = $0/Mtok\n"
        "cache_ttl = 1 h\ncache_refresh = no\ncache_storage = %s\n";
    const double written = 4380.0 / 7 * 0.1, odd = 4380e-6 * 1.25;
    char of[2048];
    snprintf(of, sizeof of, text, "short", "$4.50/Mtok/hour");
    ck_assert_double_eq_tol(engine_usd(of, 4380),
                            written * (1.25 + 4.5) + 6 * written * 0.125 + odd, 0.01);
    snprintf(of, sizeof of, text, "cheapest", "$4.50/Mtok/hour"); /* 5.75 + 0.75 < 7 x 1.25 */
    ck_assert_double_eq_tol(engine_usd(of, 4380), written * 6.5 + odd, 0.01);
    snprintf(of, sizeof of, text, "cheapest", "$7/Mtok/hour"); /* 8.25 + 0.75 > 8.75 */
    ck_assert_double_eq_tol(engine_usd(of, 4380), 438 * 1.25 + odd, 0.01);
}
END_TEST

/* Example E12: three turns of 2,300, 2,800 and 3,300 tokens; what a turn adds is written, what was
 * there is read; after a long pause all of the last is written. Thousands of tokens. */
static const struct {
    double uncached, written, cached, usd;
} e12[] = { { 0, 3.3, 5.1, 0.013905 }, { 0, 6.1, 2.3, 0.023565 }, { 8.4, 0, 0, 0.0252 } };

START_TEST(example_e12_is_billed_by_kind_of_token)
{
    const struct xo_tariff t = {
        .name = "e12", .input = 3e-6, .cached_input = 0.3e-6, .cache_write = 3.75e-6
    };
    const struct xo_tariff *const tariffs[] = { &t };
    const struct xo_price_cell usual = { 0 };
    struct xo_usage usage;
    xo_usage_clear(&usage);
    struct xo_token_use *use = xo_usage_add_tokens(&usage, 0, 0, usual);
    use->tokens[XO_INPUT_UNCACHED] = 1000 * e12[_i].uncached;
    use->tokens[XO_INPUT_WRITTEN] = 1000 * e12[_i].written;
    use->tokens[XO_INPUT_CACHED] = 1000 * e12[_i].cached;
    const struct xo_buy_terms terms = { .price_scale = 1 };
    ck_assert_double_eq_tol(xo_buy_usd(tariffs, &usage, &terms), e12[_i].usd, 1e-12);
}
END_TEST

/* A week of 1,000 requests an hour, 1,000 tokens each way. Peak are 35 of its 168 hours (Mon-Fri
 * 01-04 and 06-10 UTC): 133 x (0.66 + 1.98) + 35 x (1.32 + 3.96). */
#define WEEK                                                                                       \
    "[scenario]\nas_of = 2026-12-01\ncommit = 12 months\n%s[workload]\nvolume = 168000 "           \
    "requests/month\nprofile = custom\nhours = %s\nprompt = 1000 tokens\n"                         \
    "output = 1000 tokens\n[buy]\napi = deepseek/deepseek-v4-pro\nstaff = 0 FTE\n"
#define ONES  "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"
#define NIGHT "1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"
static const struct {
    const char *zone, *hours;
    double usd;
} weeks[] = {
    { "", ONES, 535.92 },
    { "timezone = UTC+5\n", ONES, 535.92 },
    { "", NIGHT, 168 * 2.64 },                                   /* 00-01 UTC: none of it at peak */
    { "timezone = UTC-1\n", NIGHT, 24 * (2 * 2.64 + 5 * 5.28) }, /* 01-02 UTC: five days of seven */
    { "timezone = UTC-0:30\n", NIGHT, 24 * (4.5 * 2.64 + 2.5 * 5.28) }, /* 00:30-01:30 UTC */
};

START_TEST(a_week_pays_by_the_hour_in_utc)
{
    char text[1024];
    snprintf(text, sizeof text, WEEK, weeks[_i].zone, weeks[_i].hours);
    ck_assert_double_eq_tol(engine_usd(text, 168000), weeks[_i].usd, 0.005);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tariff");
    TCase *clerk = tcase_create("clerk");
    tcase_add_test(clerk, a_bill_is_that_of_every_request_priced_by_itself);
    tcase_set_timeout(clerk, 120);
    suite_add_tcase(suite, clerk);
    TCase *hand = tcase_create("hand");
    tcase_add_loop_test(hand, an_invoice_is_that_of_the_providers_page, 0, XO_ROWS(invoices));
    tcase_add_loop_test(hand, a_week_pays_by_the_hour_in_utc, 0, XO_ROWS(weeks));
    tcase_add_test(hand, an_announced_price_holds_from_its_day_on);
    tcase_add_test(hand, what_a_change_does_not_name_goes_in_proportion);
    tcase_add_test(hand, a_scenario_pays_the_prices_of_its_day);
    tcase_add_test(hand, a_commitment_is_settled_by_the_month_or_for_the_term);
    tcase_add_test(hand, the_effective_price_of_a_mix_says_what_made_it);
    tcase_add_loop_test(hand, example_e10_is_billed_and_its_units_are_found, 0, XO_ROWS(e10));
    tcase_add_test(hand, a_cache_is_paid_for_its_lifetime);
    tcase_add_loop_test(hand, example_e12_is_billed_by_kind_of_token, 0, XO_ROWS(e12));
    suite_add_tcase(suite, hand);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
