/* provisioned.c - units of capacity bought by the hour, and what they leave to be paid by the
 * token.
 *
 * Units take traffic first, up to their tokens a minute; what is above spills and is paid by the
 * token. Traffic counts as the provider counts it: input that is not cached, and output with a
 * weight. It is read on the load duration curve: each hour of the week at its mean rate, as a
 * fluid, so that a unit covers min(1, capacity / load) of an hour's requests. Inside a minute the
 * real load is uneven, and units then carry a little less or, where the provider's bucket lends
 * from the minutes before, a little more.
 *
 * Batch work waits for other hours and is never sent to units; tools are paid for wherever the call
 * runs.
 *
 * The number of units that costs least is searched: what n units save grows ever more slowly with
 * n, since the next one works in fewer hours, so the first n whose next costs more than it saves is
 * it. Volume discounts, whose last dollar is the cheapest, are left out of the search.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <math.h>
#include <string.h>

/* One month's traffic of an account, as units see it. */
struct traffic {
    const struct demand *demand;
    const struct xo_tariff *tariff;
    const window_shares *shares;
    double mean_tokens_per_min; /* weighted, calls repeated too */
    double usd[XO_N_WINDOWS];   /* a month by the token, by window */
    double unit_usd_month;
};

static bool may_use_units(const struct purchase *p, const struct xo_token_use *use)
{
    return use->cell.service != XO_SERVICE_BATCH &&
           strcmp(p->tariffs[use->destination]->name, p->tariffs[0]->name) == 0;
}

static double weighted(const struct xo_tariff *t, const struct xo_token_use *use)
{
    return use->tokens[XO_INPUT_UNCACHED] + use->tokens[XO_INPUT_WRITTEN] +
           use->tokens[XO_INPUT_WRITTEN_LONGER] +
           t->provisioned.output_weight * use->tokens[XO_OUTPUT];
}

static double row_usd(const struct xo_tariff *t, const struct xo_token_use *use)
{
    double usd = use->requests * t->usd_per_request;
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
        usd += use->tokens[kind] * xo_tariff_usd(t, (enum xo_token_kind)kind, use->cell);
    return usd;
}

static struct traffic read_traffic(const struct world *w, const struct purchase *p, int api)
{
    const struct xo_scenario *s = w->scenario;
    const double calls = 1 + p->terms.retries_frac;
    struct traffic t = { .demand = w->demand,
                         .tariff = p->tariffs[0],
                         .shares = demand_windows(w, 0, api) };
    for (int i = 0; i < p->usage.n_tokens; i++) {
        const struct xo_token_use *use = &p->usage.tokens[i];
        if (!may_use_units(p, use))
            continue;
        t.mean_tokens_per_min += calls * weighted(t.tariff, use) / (s->hours_per_month * 60);
        t.usd[use->cell.window] += calls * row_usd(t.tariff, use);
    }
    t.unit_usd_month = t.tariff->provisioned.usd_per_hour * s->hours_per_month;
    return t;
}

/* Of the requests of each window, those that n units leave. */
static void spill(const struct traffic *t, double n, double left[XO_N_WINDOWS])
{
    const struct demand *b = t->demand;
    double all[XO_N_WINDOWS] = { 0 };
    for (int p = 0; p < XO_N_WINDOWS; p++)
        left[p] = 0;
    for (int k = 0; k < b->n_levels; k++) {
        const double load = t->mean_tokens_per_min * b->level_factor[k];
        const double room = n * t->tariff->provisioned.tokens_per_minute;
        const double spilt = load > room ? 1 - room / load : 0;
        for (int p = 0; p <= t->tariff->n_windows; p++) {
            const double share = t->tariff->n_windows > 0 ? (*t->shares)[k][p] : 1;
            all[p] += b->level_frac[k] * share;
            left[p] += b->level_frac[k] * share * spilt;
        }
    }
    for (int p = 0; p < XO_N_WINDOWS; p++)
        left[p] = all[p] > 0 ? left[p] / all[p] : 0;
}

static double month_usd(const struct traffic *t, double n)
{
    double left[XO_N_WINDOWS], usd = n * t->unit_usd_month;
    spill(t, n, left);
    for (int p = 0; p < XO_N_WINDOWS; p++)
        usd += left[p] * t->usd[p];
    return usd;
}

/* By bisection over the steps in which units are sold. */
static double cheapest_number(const struct traffic *t)
{
    const struct xo_provisioned *u = &t->tariff->provisioned;
    const double step = fmax(1, u->increment);
    double busiest = 0;
    for (int k = 0; k < t->demand->n_levels; k++)
        busiest = fmax(busiest, t->demand->level_factor[k]);
    double low = ceil(fmax(u->least, step) / step);
    double high = fmax(low, ceil(busiest * t->mean_tokens_per_min / u->tokens_per_minute / step));
    while (low < high) {
        const double middle = floor((low + high) / 2);
        if (month_usd(t, (middle + 1) * step) < month_usd(t, middle * step))
            low = middle + 1;
        else
            high = middle;
    }
    return month_usd(t, low * step) < month_usd(t, 0) ? low * step : 0;
}

void purchase_units(const struct world *w, int api, struct purchase *p)
{
    const struct xo_scenario *s = w->scenario;
    const struct xo_tariff *tariff = p->tariffs[0];
    if (!(tariff->provisioned.tokens_per_minute > 0) || !(s->units_searched || s->n_units > 0))
        return;
    const struct traffic t = read_traffic(w, p, api);
    const double n = s->n_units > 0 ? s->n_units : cheapest_number(&t);
    double left[XO_N_WINDOWS], all = 0, taken = 0;
    spill(&t, n, left);
    for (int i = 0; i < p->usage.n_tokens; i++) {
        struct xo_token_use *use = &p->usage.tokens[i];
        const double part = may_use_units(p, use) ? left[use->cell.window] : 1;
        all += use->requests;
        taken += use->requests * (1 - part);
        use->requests *= part;
        for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
            use->tokens[kind] *= part;
    }
    p->terms.units = (struct xo_units){ n, n * t.unit_usd_month, all > 0 ? taken / all : 0 };
}
