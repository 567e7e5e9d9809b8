/* naive_biller.c - see naive_biller.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "naive_biller.h"

/* The tier of a token at a place of the prompt, counted from 1; 0: under all thresholds. */
static int tier_at(const struct naive_tariff *t, int place)
{
    int tier = 0;
    while (tier < t->n_over && place > t->over[tier])
        tier++;
    return tier;
}

/* What is left of a tier's prices when some are not said. */
static struct naive_prices tier_prices(const struct naive_tariff *t, int tier)
{
    struct naive_prices p = tier == 0 ? t->usual : t->over_prices[tier - 1];
    if (p.in < 0)
        p.in = t->usual.in;
    if (p.out < 0)
        p.out = t->usual.out;
    if (p.cached < 0 && t->usual.cached >= 0)
        p.cached = t->usual.cached * p.in / t->usual.in;
    if (p.cached < 0)
        p.cached = p.in;
    return p;
}

/* A service's own price holds for usual prompts; longer ones cost more in proportion. */
static double served(double list, double own, double usual, double factor, bool has_own)
{
    if (!has_own)
        return list * factor;
    return own < 0 ? list : list * own / usual;
}

static struct naive_prices prices_at(const struct naive_tariff *t, const struct naive_request *r,
                                     int tier)
{
    struct naive_prices p = tier_prices(t, tier);
    const int s = r->service;
    const struct naive_prices own = t->services[s].own;
    const double usual_cached = t->usual.cached < 0 ? t->usual.in : t->usual.cached;
    if (s != NAIVE_STANDARD) {
        const double factor = t->services[s].factor;
        const bool has_own = t->services[s].has_own;
        p.in = served(p.in, own.in, t->usual.in, factor, has_own);
        p.out = served(p.out, own.out, t->usual.out, factor, has_own);
        if (!t->services[s].cached_at_list)
            p.cached = served(p.cached, own.cached, usual_cached, factor, has_own);
    }
    if (s == NAIVE_STANDARD || !t->services[s].any_hour) {
        p.in *= t->hour_factor[r->hour];
        p.cached *= t->hour_factor[r->hour];
        p.out *= t->hour_factor[r->hour];
    }
    return p;
}

double naive_request_usd(const struct naive_tariff *t, const struct naive_request *r)
{
    const int last = tier_at(t, r->prompt);
    double micro_usd = 0;
    for (int place = 1; place <= r->prompt; place++) {
        const struct naive_prices p = prices_at(t, r, t->marginal ? tier_at(t, place) : last);
        micro_usd += place <= r->prefix ? p.cached : p.in;
    }
    micro_usd += r->output * prices_at(t, r, last).out;
    if (r->resident && !(r->service != NAIVE_STANDARD && t->services[r->service].any_region))
        micro_usd *= t->residency_factor;
    return micro_usd / 1e6 + t->request_usd + r->tools * t->tool_usd;
}

double naive_invoice_usd(const struct naive_tariff *t, const struct naive_terms *terms,
                         double list_usd)
{
    const double spend = list_usd * (1 + terms->retries);
    double due = spend;
    for (int i = 0; i < t->n_tiers; i++) {
        const double upto = i + 1 < t->n_tiers && spend > t->tier_above_usd[i + 1]
                                ? t->tier_above_usd[i + 1]
                                : spend;
        if (upto > t->tier_above_usd[i])
            due -= t->tier_off[i] * (upto - t->tier_above_usd[i]);
    }
    due = due > t->free_usd ? due - t->free_usd : 0;
    due *= 1 - terms->discount;
    if (due < t->minimum_usd)
        due = t->minimum_usd;
    return due < terms->committed_usd ? terms->committed_usd : due;
}
