/* buy.c - tokens by tariff.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ledger.h"
#include "xo/table.h"
#include "xo/text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum kind { UNCACHED, WRITTEN, EXTENDED, CACHED, OUTPUT, N_KINDS };

static const char *const kind_names[] = {
    "input tokens, uncached",
    "input tokens, written to cache",
    "input tokens, written to cache",
    "input tokens, cached",
    "output tokens",
};
XO_TABLE_OF(kind_names, N_KINDS);

/* One kind of token, by what it belongs to: a prompt that is long or not, in peak hours or not. */
enum cell { ORDINARY, LONG, PEAK, LONG_PEAK, N_CELLS };
typedef double by_kind[N_CELLS][N_KINDS];

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
    const double list[2][N_KINDS] = {
        { t->input, written, extended, or_else(t->cached_input, t->input), t->output },
        { long_input, written * long_over_short, extended * long_over_short,
          or_else(t->long_cached_input, long_input), or_else(t->long_output, t->output) },
    };
    const double at_peak = t->n_peaks > 0 ? t->peak_factor : 1;
    for (int cell = 0; cell < N_CELLS; cell++)
        for (int kind = 0; kind < N_KINDS; kind++)
            price[cell][kind] = list[cell % 2][kind] * scale * (cell < PEAK ? 1 : at_peak);
}

static double above_zero(double x) /* differences of equal sums may end just below it */
{
    return x > 0 ? x : 0;
}

/* The uncached prompt, split into what is written to the cache, for long or short, and the rest.
 * More written than there is counts as all. */
static void split_uncached(double uncached, double written, double extended, double tokens[])
{
    const double all = written + extended;
    const double fits = all > uncached ? uncached / all : 1;
    tokens[WRITTEN] = written * fits;
    tokens[EXTENDED] = extended * fits;
    tokens[UNCACHED] = above_zero(uncached - all * fits);
}

static void count_tokens(const struct xo_token_use *u, double tokens[2][N_KINDS])
{
    const double uncached = above_zero(u->prompt_tokens - u->cached_tokens);
    const double long_uncached = above_zero(u->long_prompt_tokens - u->long_cached_tokens);
    split_uncached(above_zero(uncached - long_uncached),
                   above_zero(u->cache_write_tokens - u->long_cache_write_tokens),
                   above_zero(u->extended_write_tokens - u->long_extended_write_tokens),
                   tokens[ORDINARY]);
    split_uncached(long_uncached, u->long_cache_write_tokens, u->long_extended_write_tokens,
                   tokens[LONG]);
    tokens[ORDINARY][CACHED] = above_zero(u->cached_tokens - u->long_cached_tokens);
    tokens[ORDINARY][OUTPUT] = above_zero(u->output_tokens - u->long_output_tokens);
    tokens[LONG][CACHED] = u->long_cached_tokens;
    tokens[LONG][OUTPUT] = u->long_output_tokens;
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
    double tokens[2][N_KINDS], list_usd = 0, discounted_usd = 0;
    const int first = use->at_peak ? PEAK : ORDINARY;
    count_tokens(use, tokens);
    for (int is_long = 0; is_long < 2; is_long++)
        for (int kind = 0; kind < N_KINDS; kind++) {
            const double usd = tokens[is_long][kind] * a->price[first + is_long][kind];
            a->tokens[first + is_long][kind] += tokens[is_long][kind];
            list_usd += usd;
            if (kind != CACHED || !a->tariff->cache.no_batch_discount)
                discounted_usd += usd;
        }
    a->list_usd += list_usd;
    a->batch_usd += discounted_usd * use->batch_frac;
}

static bool is_same_account(const struct xo_tariff *a, const struct xo_tariff *b)
{
    return a->name[0] != '\0' && strcmp(a->name, b->name) == 0;
}

static int open_accounts(const struct xo_tariff tariffs[], const struct xo_token_use uses[], int n,
                         double price_scale, struct account accounts[])
{
    int n_accounts = 0;
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < n_accounts && !is_same_account(accounts[k].tariff, &tariffs[i]))
            k++;
        if (k == n_accounts) {
            assert(n_accounts < XO_MAX_TARIFFS);
            accounts[n_accounts++] = (struct account){ .tariff = &tariffs[i] };
            read_prices(&tariffs[i], price_scale, accounts[k].price);
        }
        account_add(&accounts[k], &uses[i]);
    }
    for (int k = 0; k < n_accounts && n_accounts > 1; k++)
        snprintf(accounts[k].prefix, sizeof accounts[k].prefix,
                 "%.36s: ", accounts[k].tariff->name);
    return n_accounts;
}

/* " for 5 min": which of two lifetimes, where the tariff has one. */
static const char *lifetime(char out[32], const struct xo_cache_rules *cache, int kind)
{
    const double ttl_s = kind == EXTENDED  ? cache->extended_ttl_s
                         : kind == WRITTEN ? cache->ttl_s
                                           : 0;
    char text[24];
    out[0] = '\0';
    if (ttl_s > 0)
        snprintf(out, 32, " for %s", xo_text_duration(text, sizeof text, ttl_s));
    return out;
}

static void label_tokens(struct xo_bill_item *item, const struct account *a, int cell, int kind)
{
    if (item == NULL)
        return;
    char count[32], threshold[32], life[32], whose[64] = "";
    struct words price;
    const char *hours = cell < PEAK                  ? ""
                        : a->tariff->peak_factor > 1 ? ", peak hours"
                                                     : ", off-peak hours";
    if (cell % 2 == LONG)
        snprintf(whose, sizeof whose, ", prompts over %s",
                 xo_text_count(threshold, sizeof threshold, a->tariff->long_threshold_tokens, 3));
    ledger_label(item, "%s%s%s%s%s: %s at %s/Mtok", a->prefix, kind_names[kind],
                 lifetime(life, &a->tariff->cache, kind), whose, hours,
                 xo_text_count(count, sizeof count, a->tokens[cell][kind], 3),
                 words_price(&price, a->price[cell][kind] * 1e6));
}

/* Hundredths of a token, as a mean may leave to be written, are no line. */
static bool is_line(int kind, double tokens)
{
    return kind == WRITTEN || kind == EXTENDED ? tokens >= 0.5 : tokens > 0;
}

static void enter_tokens(struct ledger *l, struct account *a)
{
    const double before = l->micro_usd;
    for (int cell = 0; cell < N_CELLS; cell++)
        for (int kind = 0; kind < N_KINDS; kind++)
            if (is_line(kind, a->tokens[cell][kind])) {
                const double usd = a->tokens[cell][kind] * a->price[cell][kind];
                label_tokens(ledger_enter(l, XO_BILL_TOKENS, usd), a, cell, kind);
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

static void fill(struct ledger *l, const struct xo_tariff tariffs[],
                 const struct xo_token_use uses[], int n, const struct xo_buy_terms *terms)
{
    assert(n >= 0 && n <= XO_MAX_USES);
    struct account accounts[XO_MAX_TARIFFS];
    const int n_accounts = open_accounts(tariffs, uses, n, terms->price_scale, accounts);
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

void xo_buy_bill(const struct xo_tariff tariffs[], const struct xo_token_use uses[], int n,
                 const struct xo_buy_terms *terms, struct xo_bill *bill)
{
    bill->n_items = 0;
    struct ledger l = { .bill = bill };
    fill(&l, tariffs, uses, n, terms);
}

double xo_buy_usd(const struct xo_tariff tariffs[], const struct xo_token_use uses[], int n,
                  const struct xo_buy_terms *terms)
{
    struct ledger l = { .bill = NULL };
    fill(&l, tariffs, uses, n, terms);
    return ledger_usd(&l);
}
