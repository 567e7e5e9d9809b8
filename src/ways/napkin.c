/* napkin.c - what a spreadsheet compares: GPUs in full batches, and tokens; see way.h.
 *
 * GPUs work in full batches at the mean load, with their power and what else goes by the GPU or
 * server; against them stand the tokens of the cheapest API, with its discounts and commitment,
 * each call once. Neither has people, one-offs, fixed costs, retries, contingency or limits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"
#include "xo/clock.h"

#include <math.h>

/* ---- GPUs ---- */

static double full_volume(const struct world *w, int o) /* of one replica */
{
    return w->sizings[o].ladder->saturation_rate_per_s * w->scenario->hours_per_month * XO_HOUR_S;
}

/* Full batches are busy GPUs: their power is that of a busy one. NAN where more than a million
 * replicas would have to be full. */
static double option_usd(const struct world *w, double volume, int o)
{
    const double full = full_volume(w, o);
    if (!(full * MOST_REPLICAS >= volume))
        return NAN;
    const struct xo_escalation none = { 0 };
    struct xo_build_terms terms = build_terms(w, o, &none);
    terms.staff.scale = 0;
    terms.one_off_usd = terms.contingency_frac = 0;
    terms.fixed_usd_month = terms.storage_usd_month = terms.egress_usd_month = 0;
    struct xo_usage usage;
    xo_usage_clear(&usage);
    xo_usage_add_replicas(&usage, XO_GPU_SERVING, (int64_t)fmax(1, ceil(volume / full)),
                          xo_deployment_gpus(&option_of(w, o)->deployment), terms.gpu_busy_w,
                          terms.hours_per_month * XO_HOUR_S);
    return xo_build_usd(&terms, &usage);
}

static double gpus_usd(const struct world *w, double volume, int *option)
{
    double best = NAN;
    for (int o = 0; o < w->n_sizings; o++) {
        const double usd = option_usd(w, volume, o);
        if (isnan(usd) || usd >= best)
            continue;
        best = usd;
        *option = o;
    }
    return best;
}

static bool edges(const struct world *w, double min, double max, struct edge_list *e,
                  struct xo_error *err)
{
    for (int o = 0; o < w->n_sizings; o++) {
        const double full = full_volume(w, o);
        if (!(full * MOST_REPLICAS > min))
            continue;
        const double end = fmin(max, full * MOST_REPLICAS);
        for (int n = (int)fmax(1, floor(min / full)); full * n < end; n += tread_step(n))
            if (!edge_add(e, full * n * JUST_BELOW, min, end, err))
                return false;
    }
    return true;
}

static bool rises(const struct world *w)
{
    (void)w; /* nobody is paid, so that nobody becomes fewer */
    return true;
}

const struct way_type way_napkin = { .usd = gpus_usd, .edges = edges, .rises = rises };

/* ---- tokens ---- */

/* As an invoice: its requests count every call. */
static void purchase_invoice(const struct world *w, double volume, int api, struct purchase *p)
{
    purchase_tokens(w, volume, api, p);
    without_the_rest(&p->terms);
    p->terms.retries_frac = 0;
    purchase_units(w, api, p);
}

void world_token_bill(const struct world *w, double volume, int api, struct xo_bill *bill)
{
    struct purchase p;
    purchase_invoice(w, volume, api, &p);
    xo_buy_bill(p.tariffs, &p.usage, &p.terms, bill);
}

static double tokens_usd(const struct world *w, double volume, int *api)
{
    double best = NAN;
    for (int i = 0; i < w->scenario->n_apis; i++) {
        struct purchase p;
        purchase_invoice(w, volume, i, &p);
        const double usd = purchase_usd(&p);
        if (isnan(usd) || usd >= best)
            continue;
        best = usd;
        *api = i;
    }
    return best;
}

const struct way_type way_tokens = {
    .usd = tokens_usd,
    .bill = world_token_bill,
    .rises = buying_rises,
};
