/* implied.c - the catalog's own spread of a price: "catalog" as a distribution of [uncertain], and
 * what stands for [uncertain] where there is none: that spread around every price that is a guess.
 *
 * A value typed without "?" is firm and does not vary. A spread of quotes has the base case as its
 * median:
 * half of the draws lie between the lowest figure known and the base, half between it and the
 * highest, denser towards the base (two triangles of equal mass). So a lopsided spread does not
 * push the base case out of its own range.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolve.h"
#include "values.h"
#include "xo/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What the catalog knows of a price: from the lowest to the highest, or the values themselves. */
struct spread {
    double lo, hi;        /* in the key's unit; NAN: nothing */
    const double *values; /* [n_values]; NULL: lo to hi */
    size_t n_values;
};
static const struct spread unknown_spread = { NAN, NAN, NULL, 0 };

typedef struct spread spread_fn(const struct reader *r, double base);

/* ---- rents and servers ---- */

static struct spread between(const struct xo_quotes *q, double factor)
{
    return (struct spread){ .lo = factor * q->low, .hi = factor * q->high };
}

/* The lowest and highest quote of an option's GPU, for the kind of contract that is typed. */
static struct spread quotes_of(const struct reader *r, int option)
{
    struct xo_gpu_entry gpu;
    gpu_fill(r->store, r->store->option_group[option], &gpu);
    const struct xo_quotes q = rent_quotes(r, &gpu);
    return between(&q, 1);
}

static struct spread spread_of_rent(const struct reader *r, double base)
{
    (void)base;
    return r->s->n_options > 0 ? quotes_of(r, 0) : unknown_spread;
}

/* Of a list of GPUs: the widest of their spreads, each over its own rent. */
static struct spread spread_of_rents(const struct reader *r, double base)
{
    struct spread all = unknown_spread;
    for (int o = 0; o < r->s->n_options; o++) {
        const struct spread own = quotes_of(r, o);
        const double rent = r->s->options[o].terms.rent_usd_per_gpu_hour;
        if (isnan(own.lo) || isnan(own.hi) || !(rent > 0))
            continue;
        all.lo = fmin(all.lo, base * own.lo / rent); /* fmin and fmax ignore NAN */
        all.hi = fmax(all.hi, base * own.hi / rent);
    }
    return all;
}

static struct spread spread_of_server(const struct reader *r, double base)
{
    (void)base;
    if (r->s->n_options == 0)
        return unknown_spread;
    const int group = r->store->option_group[0];
    struct xo_gpu_entry gpu;
    gpu_fill(r->store, group, &gpu);
    return between(&gpu.server, r->s->options[0].terms.server_gpus /
                                    store_value(r->store, group, K_GPU_SERVER_GPUS));
}

/* ---- running and leaving ---- */

/* Industrial power in Iowa to commercial power in New England, April 2025, USD a kWh (EIA, Electric
 * Power Monthly, table 5.6.A). */
static struct spread spread_of_power(const struct reader *r, double base)
{
    (void)r;
    (void)base;
    return (struct spread){ .lo = 0.060, .hi = 0.227 };
}

/* ---- prices of tokens ---- */

/* Is `dated` an earlier or an announced price of `name`: the name and a month behind it? */
static bool is_dated(const char *dated, const char *name)
{
    const size_t n = strlen(name);
    int year, month, end = 0;
    return strncasecmp(dated, name, n) == 0 &&
           sscanf(dated + n, "-%4d-%2d%n", &year, &month, &end) == 2 && end == 8 &&
           dated[n + 8] == '\0';
}

/* The prices on record of one API, over its present one. */
static struct spread recorded_of(const struct xo_catalog *c, const struct xo_tariff *t)
{
    struct spread s = { .lo = 1, .hi = 1 };
    for (int i = 0; i < c->n_apis; i++) {
        const double ratio = blended_usd(&c->apis[i].tariff) / blended_usd(t);
        if (!is_dated(c->apis[i].tariff.name, t->name) || !isfinite(ratio))
            continue;
        s.lo = fmin(s.lo, ratio);
        s.hi = fmax(s.hi, ratio);
    }
    return s;
}

/* What an API without a change on record may do: every closed API of the catalog is one case, that
 * of its latest change on record, later price over earlier one; 1 where it never changed. */
enum { MAX_CASES = 256 };
static size_t read_cases(const struct xo_catalog *c, double ratios[MAX_CASES])
{
    size_t n = 0;
    for (int i = 0; i < c->n_apis && n < MAX_CASES; i++) {
        const struct xo_tariff *now = &c->apis[i].tariff;
        const char *latest = "";
        bool is_old = c->apis[i].model[0] != '\0';
        ratios[n] = 1;
        for (int k = 0; k < c->n_apis; k++) {
            const struct xo_tariff *other = &c->apis[k].tariff;
            is_old |= is_dated(now->name, other->name);
            if (is_dated(other->name, now->name) && strcasecmp(other->name, latest) > 0) {
                latest = other->name;
                ratios[n] = blended_usd(now) / blended_usd(other);
            }
        }
        n += !is_old && isfinite(ratios[n]);
    }
    return n;
}

/* Factors of the price of what is bought: of its own history, else of everybody's. */
static struct spread spread_of_price(const struct reader *r, double base)
{
    static _Thread_local double cases[MAX_CASES];
    const struct xo_catalog *c = xo_catalog_builtin();
    if (r->s->n_apis == 0)
        return unknown_spread;
    struct spread s = recorded_of(c, &r->s->apis[0].tariff);
    if (s.lo == s.hi) {
        s.values = cases;
        s.n_values = read_cases(c, cases);
        for (size_t i = 0; i < s.n_values; i++)
            cases[i] *= base;
        return s;
    }
    s.lo *= base;
    s.hi *= base;
    return s;
}

/* ---- the table ---- */

/* What varies where a key is a guess. `list`: only where it is one, or only where it is none. */
static const struct rule {
    int guess, key; /* the key that is marked, and the one that varies for it */
    enum { ANY, SINGLE, LIST } list;
    spread_fn *spread;
    const char *where;
} rules[] = {
    { K_BUILD_RENT, K_BUILD_RENT, SINGLE, spread_of_rent, "quotes in the catalog, for a guess" },
    { K_BUILD_RENT, K_BUILD_RENT_SCALE, LIST, spread_of_rents,
      "quotes in the catalog, for guesses" },
    { K_BUY_API, K_BUY_PRICE_SCALE, ANY, spread_of_price, "price changes on record, for a guess" },
    { K_BUILD_SERVER_PRICE, K_BUILD_SERVER_PRICE, SINGLE, spread_of_server,
      "quotes in the catalog, for a guess" },
    { K_BUILD_POWER_PRICE, K_BUILD_POWER_PRICE, ANY, spread_of_power,
      "US prices (EIA, April 2025), for a guess" },
};
enum { N_RULES = sizeof rules / sizeof *rules };

/* The value of the key in the base case; a rent of "catalog" is the catalog's. */
static double base_of(const struct reader *r, int key)
{
    if (key == K_BUILD_RENT && r->s->n_options > 0)
        return r->s->options[0].terms.rent_usd_per_gpu_hour;
    if (key == K_BUILD_SERVER_PRICE && r->s->n_options > 0)
        return r->s->options[0].terms.server_usd;
    return store_number(r->store, section_of(key), key);
}

static bool is_known(const struct spread *s)
{
    return s->values != NULL ? s->n_values > 0 : !isnan(s->lo) && !isnan(s->hi);
}

bool is_spread(const char *value)
{
    return strcasecmp(value, "catalog") == 0;
}

/* 401 quantiles, so that the middle one is the base itself. */
static bool two_triangles(double lo, double base, double hi, struct xo_dist *dist,
                          struct xo_error *err)
{
    enum { N = 401 };
    double x[N];
    lo = fmin(lo, base);
    hi = fmax(hi, base);
    for (int i = 0; i < N; i++) {
        const double u = (i + 0.5) / N;
        x[i] = 2 * i + 1 == N ? base
               : u < 0.5      ? lo + (base - lo) * sqrt(2 * u)
                              : hi - (hi - base) * sqrt(2 * (1 - u));
    }
    return xo_dist_of_values(dist, XO_DIST_EMPIRICAL, x, NULL, N, err);
}

bool spread_read(const struct reader *r, int key, struct xo_dist *dist, struct xo_error *why)
{
    for (int i = 0; i < N_RULES; i++) {
        if (rules[i].key != key)
            continue;
        const double base = base_of(r, key);
        const struct spread s = rules[i].spread(r, base);
        if (!is_known(&s) || isnan(base))
            return xo_fail(why, XO_ERR_INPUT, "; the catalog knows no spread of it");
        return s.values != NULL
                   ? xo_dist_of_values(dist, XO_DIST_EMPIRICAL, s.values, NULL, s.n_values, why)
                   : two_triangles(s.lo, base, s.hi, dist, why);
    }
    return xo_fail(why, XO_ERR_INPUT,
                   "; catalog is a distribution of build.rent, build.rent_scale, "
                   "buy.price_scale, build.server_price and build.power_price");
}

/* Is the rule's key a guess that its spread is known of? */
static bool applies(const struct reader *r, const struct rule *rule)
{
    const struct xo_entry *e = store_given(r->store, section_of(rule->guess), rule->guess);
    if (e == NULL || !e->guess || e->value[0] == '\0')
        return false;
    if (rule->list != ANY && is_price_list(e->value) != (rule->list == LIST))
        return false;
    const double base = base_of(r, rule->key);
    const struct spread s = rule->spread(r, base);
    return is_known(&s) && base > 0;
}

static void imply(struct reader *r, const struct rule *rule)
{
    const struct xo_key *k = &xo_keys[rule->key];
    struct xo_entry *e = store_add(r->store, S_UNCERTAIN, rule->key);
    if (e == NULL) {
        r->out_of_memory = true;
        return;
    }
    e->name = keep_text(r, "%s.%s", k->section, k->name);
    e->value = "catalog";
    e->where = rule->where;
    e->origin = XO_FROM_DERIVED;
    r->store->n_read = r->store->n_entries;
}

/* A what-if keeps the entries that its scenario had. */
static void imply_again(struct reader *r)
{
    for (int i = 0; i < r->donor->n_entries; i++) {
        const struct xo_entry *e = &r->donor->entries[i];
        for (int k = 0; k < N_RULES && is_uncertain(e) && e->origin == XO_FROM_DERIVED; k++)
            if (rules[k].key == e->key)
                imply(r, &rules[k]);
    }
}

void resolve_implied(struct reader *r)
{
    if (r->donor != NULL) {
        imply_again(r);
        return;
    }
    for (int i = 0; i < N_RULES && !r->store->groups[S_UNCERTAIN].given; i++)
        if (applies(r, &rules[i]))
            imply(r, &rules[i]);
}
