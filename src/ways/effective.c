/* effective.c - what the tokens of a scenario cost by each tariff that it lists, in one number a
 * tariff, and what of them was cheap or dear.
 *
 * Tokens are counted as the workload has them, so that tariffs whose models cut text into more of
 * them, or answer at more length, compare. Beside the price stands that of the same tokens at usual
 * prices, none of them cached: the difference is what cache, hours, lengths and services make.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <math.h>
#include <stdlib.h>

static double all_tokens(const struct xo_token_use *use)
{
    double n = 0;
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
        n += use->tokens[kind];
    return n;
}

/* Shares of the tokens that the tariffs count, and their price were all of them plain. */
static void read_shares(const struct purchase *p, double mtok, struct xo_effective_price *out)
{
    double tokens = 0, input = 0, plain_usd = 0;
    for (int i = 0; i < p->usage.n_tokens; i++) {
        const struct xo_token_use *use = &p->usage.tokens[i];
        const struct xo_tariff *t = p->tariffs[use->destination];
        const double n = all_tokens(use), n_input = n - use->tokens[XO_OUTPUT];
        tokens += n;
        input += n_input;
        out->cached_frac += isnan(t->cached_input) ? 0 : use->tokens[XO_INPUT_CACHED];
        out->long_frac += use->cell.context == XO_CONTEXT_USUAL ? 0 : n;
        out->peak_frac += use->cell.window == XO_WINDOW_USUAL ? 0 : n;
        out->service_frac +=
            use->cell.service == XO_SERVICE_STANDARD || !xo_tariff_offers(t, use->cell.service) ? 0
                                                                                                : n;
        plain_usd += n_input * t->input + use->tokens[XO_OUTPUT] * t->output;
    }
    out->plain_usd_per_mtok = plain_usd * p->terms.price_scale / mtok;
    out->cached_frac = input > 0 ? out->cached_frac / input : 0;
    out->long_frac /= tokens;
    out->peak_frac /= tokens;
    out->service_frac /= tokens;
}

static struct xo_effective_price price_at(const struct world *w, double volume, int api)
{
    const struct xo_scenario *s = w->scenario;
    struct purchase p;
    const bool is_host = api < 0;
    struct xo_effective_price out = { .api = is_host ? s->same_model[host_of_api(api)].tariff.name
                                                     : s->apis[api].tariff.name,
                                      .is_same_weights = is_host };
    purchase_tokens(w, volume, api, &p);
    without_the_rest(&p.terms);
    p.terms.discount_frac = p.terms.committed_usd_month = p.terms.retries_frac = 0;
    const double mtok = volume * (w->demand->prompt + w->demand->output) / 1e6;
    read_shares(&p, mtok, &out);
    purchase_units(w, api, &p);
    out.usd_per_mtok = purchase_usd(&p) / mtok;
    return out;
}

static int by_price(const void *a, const void *b)
{
    const struct xo_effective_price *x = a, *y = b;
    return (x->usd_per_mtok > y->usd_per_mtok) - (x->usd_per_mtok < y->usd_per_mtok);
}

bool xo_effective_prices(const struct xo_scenario *s, double volume,
                         struct xo_effective_price out[XO_MAX_EFFECTIVE], int *n,
                         struct xo_error *err)
{
    struct demand *demand = malloc(sizeof *demand);
    *n = 0;
    if (demand == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for effective prices");
    const bool ok = demand_init(demand, s, err);
    const struct world w = { .scenario = s, .demand = demand };
    for (int i = 0; ok && i < s->n_apis; i++)
        out[(*n)++] = price_at(&w, volume, i);
    for (int i = 0; ok && i < s->n_same_bought; i++)
        out[(*n)++] = price_at(&w, volume, api_of_host(i));
    qsort(out, (size_t)*n, sizeof *out, by_price);
    free(demand);
    return ok;
}
