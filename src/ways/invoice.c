/* invoice.c - bills of buying alone, and one that was paid beside what our tariff says of it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <math.h>
#include <stdlib.h>

bool xo_buy_at(const struct xo_scenario *s, double volume, int index, bool same,
               struct xo_bill *bill, struct xo_error *err)
{
    struct demand *demand = malloc(sizeof *demand);
    if (demand == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a bill");
    bool ok = demand_init(demand, s, err);
    if (ok && same && (index < 0 || index >= s->n_same_bought))
        ok = xo_fail(err, XO_ERR_INPUT, "no host of these weights by the token is known");
    if (ok) {
        struct world w = { .scenario = s, .demand = demand };
        way_types[same ? XO_WAY_SAME : XO_WAY_BUY]->bill(&w, volume, index, bill);
    }
    free(demand);
    return ok;
}

/* Tokens of the invoice's month where it states them, else those of the plan; our tariff, its
 * discounts and commitment. */
static void scale_means(struct xo_token_means *m, double prompt, double output)
{
    m->prompt *= prompt;
    m->cached *= prompt;
    m->output *= output;
    for (int i = 0; i < XO_MAX_THRESHOLDS; i++) {
        m->above[i].prompt *= prompt;
        m->above[i].cached *= prompt;
        m->above[i].output *= output;
    }
}

/* Tokens per request as the API counts them. */
static void planned_tokens(const struct demand *b, struct xo_reconciliation *r)
{
    const struct xo_scenario *s = b->scenario;
    r->planned_prompt_per_request = r->planned_output_per_request = 0;
    for (int c = 0; c < s->workload.n_classes; c++) {
        const struct xo_ratios ratio = xo_api_ratios(s, class_api(s, c, 0));
        const double weight = s->workload.classes[c].weight;
        r->planned_prompt_per_request += weight * b->api[0][c].prompt * ratio.input;
        r->planned_output_per_request += weight * b->api[0][c].output * ratio.output;
    }
}

static double zero_if_nan(double x)
{
    return isnan(x) ? 0 : x;
}

/* What the invoice says of the cache; a prefix that it does not call cached was read where it was
 * not written. */
static void read_billed(struct demand *b, const struct xo_actual *a)
{
    const bool written = !isnan(a->cache_write_tokens) || !isnan(a->cache_write_extended_tokens);
    if (!(a->prompt_tokens > 0) || (isnan(a->cached_tokens) && !written))
        return;
    b->billed.given = true;
    b->billed.write_frac = zero_if_nan(a->cache_write_tokens) / a->prompt_tokens;
    b->billed.extended_frac = zero_if_nan(a->cache_write_extended_tokens) / a->prompt_tokens;
    b->billed.cached_frac =
        isnan(a->cached_tokens)
            ? fmax(0, b->cached / b->prompt - b->billed.write_frac - b->billed.extended_frac)
            : a->cached_tokens / a->prompt_tokens;
}

/* The bill if all input that was not cached had been written to the cache, at the dearest price of
 * writing: what an invoice without cache_write_tokens may hold. NAN where writing is free. */
static double all_written_usd(const struct world *w, struct demand *b)
{
    const struct xo_tariff *t = &class_api(w->scenario, 0, 0)->tariff;
    const struct xo_actual *a = &w->scenario->actual;
    struct xo_bill bill;
    if (!isnan(a->cache_write_tokens) || !isnan(a->cache_write_extended_tokens) ||
        isnan(a->cached_tokens) || !b->billed.given ||
        (isnan(t->cache_write) && !(t->cache.extended_ttl_s > 0)))
        return NAN;
    const bool extended = t->cache.extended_ttl_s > 0;
    b->billed.write_frac = extended ? 0 : 1 - b->billed.cached_frac;
    b->billed.extended_frac = extended ? 1 - b->billed.cached_frac : 0;
    world_token_bill(w, a->requests, 0, &bill);
    return xo_bill_usd(&bill);
}

/* The invoice's tokens in place of the plan's. */
static void take_actual(struct demand *b, const struct xo_actual *a, struct xo_reconciliation *r)
{
    double prompt = 1, output = 1; /* factors of the planned means */
    planned_tokens(b, r);
    b->volume_counts_calls = true;
    if (!isnan(a->prompt_tokens)) {
        r->prompt_per_request = a->prompt_tokens / a->requests;
        prompt = r->prompt_per_request / r->planned_prompt_per_request;
    }
    if (!isnan(a->output_tokens)) {
        r->output_per_request = a->output_tokens / a->requests;
        output = r->output_per_request / r->planned_output_per_request;
    }
    read_billed(b, a);
    for (int c = 0; c < b->scenario->workload.n_classes; c++)
        scale_means(&b->api[0][c], prompt, output);
}

bool xo_reconcile(const struct xo_scenario *s, struct xo_reconciliation *r, struct xo_error *err)
{
    const struct xo_actual *a = &s->actual;
    *r = (struct xo_reconciliation){ .prompt_per_request = NAN,
                                     .output_per_request = NAN,
                                     .all_written_usd = NAN };
    if (isnan(a->invoice_usd) || isnan(a->requests))
        return true;
    struct demand *demand = malloc(sizeof *demand);
    if (demand == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a bill");
    if (!demand_init(demand, s, err)) {
        free(demand);
        return false;
    }
    r->given = true;
    take_actual(demand, a, r);
    struct world w = { .scenario = s, .demand = demand };
    world_token_bill(&w, a->requests, 0, &r->ours);
    r->ours_usd = xo_bill_usd(&r->ours);
    r->invoice_usd = a->invoice_usd;
    r->difference_frac = (r->ours_usd - r->invoice_usd) / r->invoice_usd;
    r->all_written_usd = all_written_usd(&w, demand);
    free(demand);
    return true;
}
