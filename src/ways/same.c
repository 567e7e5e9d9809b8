/* same.c - the weights of [build] by the token, from the cheapest host that serves them; see way.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <math.h>

/* A host's list price. Discounts and commitments are negotiated with the API vendor of [buy] and do
 * not carry over; retries, staff and contingency do. */
static void purchase_same(const struct world *w, double volume, int host, struct purchase *p)
{
    purchase_tokens(w, volume, api_of_host(host), p);
    p->terms.discount_frac = 0;
    p->terms.committed_usd_month = 0;
    p->terms.price_scale = w->scenario->buy.price_scale * world_overlay(w).host_price;
    purchase_units(w, api_of_host(host), p);
    p->terms.escalation = escalation(w, volume);
}

static void bill(const struct world *w, double volume, int host, struct xo_bill *out)
{
    struct purchase p;
    purchase_same(w, volume, host, &p);
    xo_buy_bill(p.tariffs, &p.usage, &p.terms, out);
}

static double cheapest_usd(const struct world *w, double volume, int *host)
{
    double best = NAN;
    for (int i = 0; i < w->scenario->n_same_bought; i++) {
        struct purchase p;
        if (w->demand->same_refuses[i])
            continue;
        purchase_same(w, volume, i, &p);
        const double usd = purchase_usd(&p);
        if (!isnan(best) && usd >= best)
            continue;
        best = usd;
        *host = i;
    }
    return best;
}

static const char *name(const struct xo_scenario *s, int host)
{
    return host >= 0 && host < s->n_same_model ? s->same_model[host].tariff.name : "";
}

const struct way_type way_same = {
    .usd = cheapest_usd,
    .bill = bill,
    .rises = buying_rises,
    .one_off_usd = buying_one_off_usd,
    .name = name,
};
