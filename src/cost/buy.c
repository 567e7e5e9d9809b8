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

/* The lines of an account: by hours, then by the length of the prompt. Batch work is no line of its
 * own: its tokens stand among the others, and a discount comes off. */
enum { N_GROUPS = XO_N_WINDOWS * XO_N_CONTEXTS };
typedef double by_kind[N_GROUPS][XO_N_TOKEN_KINDS];

static int group_of(enum xo_price_window window, enum xo_price_context context)
{
    return XO_N_CONTEXTS * (int)window + (int)context;
}
static enum xo_price_window window_of(int group)
{
    return (enum xo_price_window)(group / XO_N_CONTEXTS);
}
static bool is_long(int group)
{
    return group % XO_N_CONTEXTS == XO_CONTEXT_LONG;
}

static double or_else(double price, double otherwise)
{
    return isnan(price) ? otherwise : price;
}

static void read_prices(const struct xo_tariff *t, double scale, by_kind price)
{
    const double written = or_else(t->cache_write, t->input);
    const double long_input = or_else(t->long_input, t->input);
    const double long_over_short = t->input > 0 ? long_input / t->input : 1;
    const double extended = t->cache.extended_ttl_s > 0 ? t->cache.extended_write : written;
    const double list[XO_N_CONTEXTS][XO_N_TOKEN_KINDS] = {
        { t->input, written, extended, or_else(t->cached_input, t->input), t->output },
        { long_input, written * long_over_short, extended * long_over_short,
          or_else(t->long_cached_input, long_input), or_else(t->long_output, t->output) },
    };
    const double factor[XO_N_WINDOWS] = { 1, t->n_peaks > 0 ? t->peak_factor : 1 };
    for (int group = 0; group < N_GROUPS; group++)
        for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
            price[group][kind] = list[is_long(group)][kind] * scale * factor[window_of(group)];
}

/* Tariffs of one name, added up. */
struct account {
    const struct xo_tariff *tariff;
    char prefix[40]; /* "name: " before each label where there are several accounts */
    by_kind price, tokens;
    double list_usd, batch_usd; /* batch: list price of the tokens sent as batch work */

    double net_usd; /* billed: tokens less the batch discount */
};

static void account_add(struct account *a, const struct xo_token_use *use)
{
    const int group = group_of(use->cell.window, use->cell.context);
    const bool is_batch = use->cell.service == XO_SERVICE_BATCH;
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++) {
        const double usd = use->tokens[kind] * a->price[group][kind];
        a->tokens[group][kind] += use->tokens[kind];
        a->list_usd += usd;
        if (is_batch && (kind != XO_INPUT_CACHED || !a->tariff->cache.no_batch_discount))
            a->batch_usd += usd;
    }
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
        accounts[(*n_accounts)++] = (struct account){ .tariff = tariff };
        read_prices(tariff, price_scale, accounts[k].price);
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

static void label_tokens(struct xo_bill_item *item, const struct account *a, int group, int kind)
{
    if (item == NULL)
        return;
    char count[32], threshold[32], life[32], whose[64] = "";
    struct words price;
    const char *hours = window_of(group) == XO_WINDOW_USUAL ? ""
                        : a->tariff->peak_factor > 1        ? ", peak hours"
                                                            : ", off-peak hours";
    if (is_long(group))
        snprintf(whose, sizeof whose, ", prompts over %s",
                 xo_text_count(threshold, sizeof threshold, a->tariff->long_threshold_tokens, 3));
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

static void enter_tokens(struct ledger *l, struct account *a)
{
    const double before = l->micro_usd;
    for (int group = 0; group < N_GROUPS; group++)
        for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
            if (is_line(kind, a->tokens[group][kind])) {
                const double usd = a->tokens[group][kind] * a->price[group][kind];
                label_tokens(ledger_enter(l, XO_BILL_TOKENS, usd), a, group, kind);
            }
    const double off = a->tariff->batch_discount_frac;
    if (off > 0 && a->batch_usd > 0) {
        struct xo_bill_item *item = ledger_enter(l, XO_BILL_DISCOUNT, -off * a->batch_usd);
        struct words w[2];
        if (item != NULL)
            ledger_label(item, "%sbatch discount: %s off %s of the tokens' price", a->prefix,
                         words_percent(&w[0], off),
                         words_percent(&w[1], a->batch_usd / a->list_usd));
    }
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

static void enter_tiers(struct ledger *l, const struct account *a, double retries_frac)
{
    const double spend = a->net_usd * (1 + retries_frac);
    const double off = tier_discount(a->tariff, spend);
    if (off == 0)
        return;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_DISCOUNT, -off);
    struct words w;
    if (item != NULL)
        ledger_label(item, "%svolume discount: tiers on %s of list spend", a->prefix,
                     words_usd(&w, spend));
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

static void enter_shortfall(struct ledger *l, double committed_usd)
{
    const double missing = committed_usd - ledger_usd(l);
    if (missing <= 0)
        return;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_TOKENS, missing);
    struct words w;
    if (item != NULL)
        ledger_label(item, "commitment of %s a month, the part not used",
                     words_usd(&w, committed_usd));
}

static void fill(struct ledger *l, const struct xo_tariff *const tariffs[],
                 const struct xo_usage *usage, const struct xo_buy_terms *terms)
{
    struct account accounts[XO_MAX_TARIFFS];
    const int n_accounts = open_accounts(tariffs, usage, terms->price_scale, accounts);
    for (int k = 0; k < n_accounts; k++)
        enter_tokens(l, &accounts[k]);
    enter_share(l, XO_BILL_TOKENS, terms->retries_frac, "retries: calls repeated, ");
    for (int k = 0; k < n_accounts; k++)
        enter_tiers(l, &accounts[k], terms->retries_frac);
    enter_share(l, XO_BILL_DISCOUNT, -terms->discount_frac, "negotiated discount: ");
    enter_shortfall(l, terms->committed_usd_month);
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
