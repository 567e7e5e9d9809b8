/* buy.c - tokens by tariff.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ledger.h"
#include "xo/table.h"
#include "xo/text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
    "input tokens, uncached",
    "input tokens, written to cache",
    "input tokens, written to cache",
    "input tokens, cached",
    "output tokens",
};
XO_TABLE_OF(kind_names, XO_N_TOKEN_KINDS);

/* The lines of an account: by hours, then by the length of the prompt. A level of service is no
 * line of its own: its tokens stand among the others at list price, and what it takes off or adds
 * follows. */
enum { MAX_GROUPS = XO_N_WINDOWS * XO_N_CONTEXTS };
typedef double by_kind[MAX_GROUPS][XO_N_TOKEN_KINDS];

/* Tariffs of one name, added up. */
struct account {
    const struct xo_tariff *tariff;
    double price_scale;
    char prefix[40]; /* "name: " before each label where there are several accounts */
    int n_groups;
    double list_usd, requests, tool_calls;
    struct {
        double list_usd, more_usd; /* of the tokens it prices; what they cost beyond that */
    } services[XO_N_SERVICES];
    double stays_usd; /* of all, what services left of tokens that the residency surcharge is on */

    double net_usd; /* billed: tokens, requests and tool calls less what services take off */
    double due_usd; /* of that and its retries: less tiers and the free allowance */

    by_kind price, tokens; /* [n_groups], the rest is not set */
};

static int group_of(const struct account *a, struct xo_price_cell cell)
{
    const int group = (a->tariff->n_contexts + 1) * cell.window + cell.context;
    assert(group >= 0 && group < a->n_groups);
    return group;
}
static int window_of(const struct account *a, int group)
{
    return group / (a->tariff->n_contexts + 1);
}
static int context_of(const struct account *a, int group)
{
    return group % (a->tariff->n_contexts + 1);
}

static void account_open(struct account *a, const struct xo_tariff *t, double price_scale)
{
    a->tariff = t;
    a->price_scale = price_scale;
    a->prefix[0] = '\0';
    a->n_groups = (t->n_windows + 1) * (t->n_contexts + 1);
    a->list_usd = a->requests = a->tool_calls = a->stays_usd = 0;
    memset(a->services, 0, sizeof a->services);
    for (int group = 0; group < a->n_groups; group++) {
        const struct xo_price_cell cell = { window_of(a, group), context_of(a, group),
                                            XO_SERVICE_STANDARD };
        xo_tariff_prices(t, cell, a->price[group]);
        for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++) {
            a->price[group][kind] *= price_scale;
            a->tokens[group][kind] = 0;
        }
    }
}

/* Tokens of `list` USD at list prices, by kind, at a level of service. */
static void add_service(struct account *a, const struct xo_token_use *use,
                        const double list[XO_N_TOKEN_KINDS])
{
    const struct xo_tariff *t = a->tariff;
    const enum xo_price_service service = use->cell.service;
    double price[XO_N_TOKEN_KINDS];
    xo_tariff_prices(t, use->cell, price);
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++) {
        const double usd = use->tokens[kind] * (price[kind] * a->price_scale);
        if (kind != XO_INPUT_CACHED || !t->services[service].cached_at_list)
            a->services[service].list_usd += list[kind];
        a->services[service].more_usd += usd - list[kind];
        a->stays_usd += t->services[service].same_anywhere ? 0 : usd;
    }
}

static void account_add(struct account *a, const struct xo_token_use *use)
{
    const int group = group_of(a, use->cell);
    const bool is_standard = use->cell.service == XO_SERVICE_STANDARD;
    double usd[XO_N_TOKEN_KINDS];
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++) {
        usd[kind] = use->tokens[kind] * a->price[group][kind];
        a->tokens[group][kind] += use->tokens[kind];
        a->list_usd += usd[kind];
        a->stays_usd += is_standard ? usd[kind] : 0;
    }
    if (!is_standard)
        add_service(a, use, usd);
    a->requests += use->requests;
    a->tool_calls += use->tool_calls;
}

static bool is_same_account(const struct xo_tariff *a, const struct xo_tariff *b)
{
    return a->name[0] != '\0' && strcmp(a->name, b->name) == 0;
}

static int account_of(struct account accounts[], int *n_accounts, const struct xo_tariff *tariff,
                      double price_scale)
{
    int k = 0;
    while (k < *n_accounts && accounts[k].tariff != tariff &&
           !is_same_account(accounts[k].tariff, tariff))
        k++;
    if (k == *n_accounts) {
        assert(*n_accounts < XO_MAX_TARIFFS);
        account_open(&accounts[(*n_accounts)++], tariff, price_scale);
    }
    return k;
}

static int open_accounts(const struct xo_tariff *const tariffs[], const struct xo_usage *usage,
                         double price_scale, struct account accounts[])
{
    int n_accounts = 0;
    for (int i = 0; i < usage->n_tokens; i++) {
        const struct xo_token_use *use = &usage->tokens[i];
        if (use->destination == XO_AT_HOME)
            continue;
        const struct xo_tariff *tariff = tariffs[use->destination];
        account_add(&accounts[account_of(accounts, &n_accounts, tariff, price_scale)], use);
    }
    for (int k = 0; k < n_accounts && n_accounts > 1; k++)
        snprintf(accounts[k].prefix, sizeof accounts[k].prefix,
                 "%.36s: ", accounts[k].tariff->name);
    return n_accounts;
}

/* " for 5 min": which of two lifetimes, where the tariff has one. */
static const char *lifetime(char out[32], const struct xo_cache_rules *cache, int kind)
{
    const double ttl_s = kind == XO_INPUT_WRITTEN_LONGER ? cache->extended_ttl_s
                         : kind == XO_INPUT_WRITTEN      ? cache->ttl_s
                                                         : 0;
    char text[24];
    out[0] = '\0';
    if (ttl_s > 0)
        snprintf(out, 32, " for %s", xo_text_duration(text, sizeof text, ttl_s));
    return out;
}

/* "peak hours", or by their factor where there are several kinds of hours. */
static void put_hours(char out[32], const struct xo_tariff *t, int window)
{
    const double factor = t->window_factor[window];
    struct words w;
    if (window == XO_WINDOW_USUAL)
        out[0] = '\0';
    else if (t->n_windows > 1)
        snprintf(out, 32, ", hours at %.16sx", words_number(&w, factor));
    else
        snprintf(out, 32, ", %s hours", factor > 1 ? "peak" : "off-peak");
}

static void put_context(char out[64], const struct xo_tariff *t, int context)
{
    char threshold[32];
    out[0] = '\0';
    if (context > XO_CONTEXT_USUAL)
        snprintf(
            out, 64, ", prompt%s over %s", t->is_marginal ? " tokens" : "s",
            xo_text_count(threshold, sizeof threshold, t->contexts[context - 1].above_tokens, 3));
}

static void label_tokens(struct xo_bill_item *item, const struct account *a, int group, int kind)
{
    if (item == NULL)
        return;
    char count[32], life[32], whose[64], hours[32];
    struct words price;
    put_hours(hours, a->tariff, window_of(a, group));
    put_context(whose, a->tariff, context_of(a, group));
    ledger_label(item, "%s%s%s%s%s: %s at %s/Mtok", a->prefix, kind_names[kind],
                 lifetime(life, &a->tariff->cache, kind), whose, hours,
                 xo_text_count(count, sizeof count, a->tokens[group][kind], 3),
                 words_price(&price, a->price[group][kind] * 1e6));
}

/* Hundredths of a token, as a mean may leave to be written, are no line. */
static bool is_line(int kind, double tokens)
{
    const bool is_written = kind == XO_INPUT_WRITTEN || kind == XO_INPUT_WRITTEN_LONGER;
    return is_written ? tokens >= 0.5 : tokens > 0;
}

/* What there is no line left for is one line. */
static void enter_kinds(struct ledger *l, const struct account *a)
{
    double rest_usd = 0;
    for (int group = 0; group < a->n_groups; group++)
        for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++) {
            const double usd = a->tokens[group][kind] * a->price[group][kind];
            if (!is_line(kind, a->tokens[group][kind]))
                continue;
            if (l->n_items < XO_MAX_TOKEN_LINES)
                label_tokens(ledger_enter(l, XO_BILL_TOKENS, usd), a, group, kind);
            else
                rest_usd += usd;
        }
    if (rest_usd > 0)
        ledger_label(ledger_enter(l, XO_BILL_TOKENS, rest_usd), "%sother tokens", a->prefix);
}

static void enter_count(struct ledger *l, const struct account *a, const char *what, double n,
                        double usd_each)
{
    if (!(n > 0 && usd_each > 0))
        return;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_TOKENS, n * usd_each * a->price_scale);
    struct words price;
    char count[32];
    if (item != NULL)
        ledger_label(item, "%s%s: %s at %s", a->prefix, what,
                     xo_text_count(count, sizeof count, n, 3),
                     words_price(&price, usd_each * a->price_scale));
}

/* "batch discount: 50 % off 30 % of the tokens' price" */
static void enter_service(struct ledger *l, const struct account *a, enum xo_price_service service)
{
    const struct xo_service_rule *rule = &a->tariff->services[service];
    const double usd = a->services[service].more_usd;
    if (usd == 0)
        return;
    struct xo_bill_item *item = ledger_enter(l, usd < 0 ? XO_BILL_DISCOUNT : XO_BILL_TOKENS, usd);
    struct words w[2];
    if (item == NULL)
        return;
    words_percent(&w[1], a->services[service].list_usd / a->list_usd);
    if (rule->input > 0 || rule->cached_input > 0 || rule->output > 0)
        ledger_label(item, "%s%s: prices of its own for %s of the tokens' price", a->prefix,
                     xo_service_names[service], w[1].text);
    else
        ledger_label(item, "%s%s %s: %s %s %s of the tokens' price", a->prefix,
                     xo_service_names[service], usd < 0 ? "discount" : "surcharge",
                     words_percent(&w[0], fabs(rule->off_frac)), usd < 0 ? "off" : "on", w[1].text);
}

static void enter_residency(struct ledger *l, const struct account *a)
{
    const double usd = a->tariff->residency_frac * a->stays_usd;
    if (usd == 0)
        return;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_TOKENS, usd);
    struct words w[2];
    if (item != NULL)
        ledger_label(item, "%sdata in one region: %s on %s", a->prefix,
                     words_percent(&w[0], a->tariff->residency_frac),
                     words_usd(&w[1], a->stays_usd));
}

/* Entries of a cache are kept for the lifetime that they were written for. */
static void enter_storage(struct ledger *l, const struct account *a)
{
    const struct xo_cache_rules *cache = &a->tariff->cache;
    const double usd_per_token_s = cache->storage_usd_per_token_s * a->price_scale;
    double token_s = 0;
    for (int group = 0; group < a->n_groups && usd_per_token_s > 0; group++)
        token_s += a->tokens[group][XO_INPUT_WRITTEN] * cache->ttl_s +
                   a->tokens[group][XO_INPUT_WRITTEN_LONGER] * cache->extended_ttl_s;
    if (!(token_s > 0))
        return;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_TOKENS, token_s * usd_per_token_s);
    struct words price;
    char count[32];
    if (item != NULL)
        ledger_label(item, "%scache storage: %s token-hours at %s/Mtok/h", a->prefix,
                     xo_text_count(count, sizeof count, token_s / 3600, 3),
                     words_price(&price, usd_per_token_s * 3600e6));
}

static void enter_units(struct ledger *l, const struct xo_buy_terms *terms)
{
    const struct xo_units *u = &terms->units;
    if (!(u->n > 0))
        return;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_TOKENS, u->usd_month * terms->price_scale);
    struct words w[3];
    if (item != NULL)
        ledger_label(item, "provisioned units: %s at %s a month, which take %s of requests",
                     words_number(&w[0], u->n),
                     words_usd(&w[1], u->usd_month * terms->price_scale / u->n),
                     words_percent(&w[2], u->taken_frac));
}

static void enter_tokens(struct ledger *l, struct account *a, bool is_resident)
{
    const double before = l->micro_usd;
    enter_kinds(l, a);
    enter_storage(l, a);
    enter_count(l, a, "requests", a->requests, a->tariff->usd_per_request);
    enter_count(l, a, "tool calls", a->tool_calls, a->tariff->usd_per_tool_call);
    for (int service = 0; service < XO_N_SERVICES; service++)
        enter_service(l, a, (enum xo_price_service)service);
    if (is_resident)
        enter_residency(l, a);
    a->net_usd = (l->micro_usd - before) / 1e6;
}

/* Each tier's discount on the part of `spend` between it and the next. */
static double tier_discount(const struct xo_tariff *t, double spend)
{
    double usd = 0;
    for (int i = 0; i < t->n_tiers && spend > t->tiers[i].above_usd; i++) {
        const bool is_last = i + 1 == t->n_tiers || spend <= t->tiers[i + 1].above_usd;
        const double upto = is_last ? spend : t->tiers[i + 1].above_usd;
        usd += t->tiers[i].discount_frac * (upto - t->tiers[i].above_usd);
    }
    return usd;
}

static void enter_tiers(struct ledger *l, struct account *a, double retries_frac)
{
    const double spend = a->net_usd * (1 + retries_frac);
    const double off = tier_discount(a->tariff, spend);
    a->due_usd = spend - off;
    if (off == 0)
        return;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_DISCOUNT, -off);
    struct words w;
    if (item != NULL)
        ledger_label(item, "%svolume discount: tiers on %s of list spend", a->prefix,
                     words_usd(&w, spend));
}

static void enter_free(struct ledger *l, struct account *a)
{
    const double off = fmin(a->due_usd, a->tariff->free_usd_month);
    if (!(off > 0))
        return;
    a->due_usd -= off;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_DISCOUNT, -off);
    struct words w;
    if (item != NULL)
        ledger_label(item, "%sfree allowance: %s a month", a->prefix,
                     words_usd(&w, a->tariff->free_usd_month));
}

static void enter_minimum(struct ledger *l, const struct account *a, double discount_frac)
{
    const double missing = a->tariff->minimum_usd_month - a->due_usd * (1 - discount_frac);
    if (!(missing > 0))
        return;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_TOKENS, missing);
    struct words w;
    if (item != NULL)
        ledger_label(item, "%sminimum charge of %s a month, the part not used", a->prefix,
                     words_usd(&w, a->tariff->minimum_usd_month));
}

static void enter_share(struct ledger *l, enum xo_bill_group group, double frac,
                        const char *label_of_percent)
{
    if (frac == 0 || l->micro_usd == 0)
        return;
    struct xo_bill_item *item = ledger_enter(l, group, frac * ledger_usd(l));
    struct words w;
    if (item != NULL)
        ledger_label(item, "%s%s", label_of_percent, words_percent(&w, fabs(frac)));
}

double xo_commit_shortfall_usd(const double spend_usd[], int n, double committed_usd,
                               bool commits_term)
{
    double by_month = 0, of_term = 0;
    for (int i = 0; i < n; i++) {
        by_month += fmax(0, committed_usd - spend_usd[i]);
        of_term += committed_usd - spend_usd[i];
    }
    return commits_term ? fmax(0, of_term) : by_month;
}

static void enter_shortfall(struct ledger *l, const struct xo_buy_terms *terms)
{
    const double spend = ledger_usd(l), committed = terms->committed_usd_month;
    const double missing = xo_commit_shortfall_usd(&spend, 1, committed, terms->commits_term);
    if (missing <= 0)
        return;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_TOKENS, missing);
    struct words w[2];
    char term[64] = "";
    if (item == NULL)
        return;
    if (terms->commits_term)
        snprintf(term, sizeof term, " over %s months",
                 words_number(&w[1], terms->commitment_months));
    ledger_label(item, "commitment of %s a month%s, the part not used", words_usd(&w[0], committed),
                 term);
}

static void fill(struct ledger *l, const struct xo_tariff *const tariffs[],
                 const struct xo_usage *usage, const struct xo_buy_terms *terms)
{
    struct account accounts[XO_MAX_TARIFFS];
    const int n_accounts = open_accounts(tariffs, usage, terms->price_scale, accounts);
    for (int k = 0; k < n_accounts; k++)
        enter_tokens(l, &accounts[k], terms->is_resident);
    enter_share(l, XO_BILL_TOKENS, terms->retries_frac, "retries: calls repeated, ");
    for (int k = 0; k < n_accounts; k++)
        enter_tiers(l, &accounts[k], terms->retries_frac);
    for (int k = 0; k < n_accounts; k++)
        enter_free(l, &accounts[k]);
    enter_share(l, XO_BILL_DISCOUNT, -terms->discount_frac, "negotiated discount: ");
    for (int k = 0; k < n_accounts; k++)
        enter_minimum(l, &accounts[k], terms->discount_frac);
    enter_units(l, terms);
    enter_shortfall(l, terms);
    ledger_escalation(l, &terms->escalation);
    ledger_fixed(l, XO_BILL_SOFTWARE, terms->fixed_usd_month,
                 "gateway, software and support for buying");
    const struct xo_staff *staff = &terms->staff;
    ledger_people(l, staff, staff->n_steps > 0 ? staff->steps[0].fte * staff->scale : 0);
    ledger_one_off(l, terms->one_off_usd, terms->commitment_months, terms->capital_rate_per_year);
    ledger_contingency(l, terms->contingency_frac, 0);
}

void xo_buy_bill(const struct xo_tariff *const tariffs[], const struct xo_usage *usage,
                 const struct xo_buy_terms *terms, struct xo_bill *bill)
{
    bill->n_items = 0;
    struct ledger l = { .bill = bill };
    fill(&l, tariffs, usage, terms);
}

double xo_buy_usd(const struct xo_tariff *const tariffs[], const struct xo_usage *usage,
                  const struct xo_buy_terms *terms)
{
    struct ledger l = { .bill = NULL };
    fill(&l, tariffs, usage, terms);
    return ledger_usd(&l);
}
