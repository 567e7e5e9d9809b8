/* tariff.c - what one token costs; see xo/cost.h.
 *
 * Everything that asks a tariff for a price asks here: bills, the choice of a cache's lifetime, the
 * tables of prices. The rule behind the order of factors: multipliers stack. Providers state it so
 * for cache prices on long prompts and for batch work; where one does not stack, its tariff says so
 * (struct xo_service_rule).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/cost.h"
#include "xo/table.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

const char *const xo_service_names[] = { "standard", "batch", "flex", "priority", "fast", NULL };
XO_NAMES_OF(xo_service_names, XO_N_SERVICES);

static double or_else(double price, double otherwise)
{
    return isnan(price) ? otherwise : price;
}

/* Of a usual prompt, at usual hours. */
static void usual_prices(const struct xo_tariff *t, double usd[XO_N_TOKEN_KINDS])
{
    const double written = or_else(t->cache_write, t->input);
    usd[XO_INPUT_UNCACHED] = t->input;
    usd[XO_INPUT_WRITTEN] = written;
    usd[XO_INPUT_WRITTEN_LONGER] = t->cache.extended_ttl_s > 0 ? t->cache.extended_write : written;
    usd[XO_INPUT_CACHED] = or_else(t->cached_input, t->input);
    usd[XO_OUTPUT] = t->output;
}

/* Of a longer one: writes go with input. */
static void raise_to_tier(const struct xo_tariff *t, const struct xo_context_tier *tier,
                          double usd[XO_N_TOKEN_KINDS])
{
    const double input = or_else(tier->input, t->input);
    const double raised = t->input > 0 ? input / t->input : 1;
    usd[XO_INPUT_UNCACHED] = input;
    usd[XO_INPUT_WRITTEN] *= raised;
    usd[XO_INPUT_WRITTEN_LONGER] *= raised;
    usd[XO_INPUT_CACHED] = or_else(tier->cached_input, input);
    usd[XO_OUTPUT] = or_else(tier->output, t->output);
}

/* A service's own prices over those of usual prompts; NAN: it has none. */
static double own_ratio(const struct xo_tariff *t, const struct xo_service_rule *rule, int kind)
{
    const double own = kind == XO_OUTPUT         ? rule->output
                       : kind == XO_INPUT_CACHED ? rule->cached_input
                                                 : rule->input;
    const double usual = kind == XO_OUTPUT         ? t->output
                         : kind == XO_INPUT_CACHED ? or_else(t->cached_input, t->input)
                                                   : t->input;
    return own > 0 && usual > 0 ? own / usual : (double)NAN;
}

static void serve(const struct xo_tariff *t, const struct xo_service_rule *rule,
                  double usd[XO_N_TOKEN_KINDS])
{
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
        if (kind != XO_INPUT_CACHED || !rule->cached_at_list)
            usd[kind] *= or_else(own_ratio(t, rule, kind), 1 - rule->off_frac);
}

void xo_tariff_prices(const struct xo_tariff *t, struct xo_price_cell cell,
                      double usd[XO_N_TOKEN_KINDS])
{
    assert(cell.window >= 0 && cell.window <= t->n_windows);
    assert(cell.context >= 0 && cell.context <= t->n_contexts);
    const struct xo_service_rule *rule = &t->services[cell.service];
    usual_prices(t, usd);
    if (cell.context != XO_CONTEXT_USUAL)
        raise_to_tier(t, &t->contexts[cell.context - 1], usd);
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
        if (cell.window != XO_WINDOW_USUAL && !rule->same_all_week)
            usd[kind] *= t->window_factor[cell.window];
    if (cell.service != XO_SERVICE_STANDARD)
        serve(t, rule, usd);
}

double xo_tariff_usd(const struct xo_tariff *t, enum xo_token_kind kind, struct xo_price_cell cell)
{
    double usd[XO_N_TOKEN_KINDS];
    xo_tariff_prices(t, cell, usd);
    return usd[kind];
}

bool xo_tariff_offers(const struct xo_tariff *t, enum xo_price_service service)
{
    const struct xo_service_rule *rule = &t->services[service];
    return service == XO_SERVICE_STANDARD || rule->off_frac != 0 || rule->input > 0 ||
           rule->cached_input > 0 || rule->output > 0;
}

bool xo_window_holds(const struct xo_week_minutes *hours, int32_t day)
{
    return (hours->from_day == 0 || day >= hours->from_day) &&
           (hours->to_day == 0 || (day > 0 && day <= hours->to_day));
}

/* What goes with the price of a kind when that is multiplied by a factor. */
static void move_kind(struct xo_tariff *t, enum xo_token_kind kind, double factor)
{
    for (int i = 0; i < t->n_contexts; i++) {
        struct xo_context_tier *tier = &t->contexts[i];
        *(kind == XO_OUTPUT         ? &tier->output
          : kind == XO_INPUT_CACHED ? &tier->cached_input
                                    : &tier->input) *= factor;
    }
    for (int i = 0; i < XO_N_SERVICES; i++) {
        struct xo_service_rule *rule = &t->services[i];
        *(kind == XO_OUTPUT         ? &rule->output
          : kind == XO_INPUT_CACHED ? &rule->cached_input
                                    : &rule->input) *= factor;
    }
}

/* What a change makes of one price. */
static double changed(const struct xo_price_change *c, enum xo_token_kind kind, double old,
                      double otherwise)
{
    return !isnan(c->usd[kind])      ? c->usd[kind]
           : !isnan(c->factor[kind]) ? old * c->factor[kind]
                                     : old * otherwise;
}

static double ratio_of(double now, double before)
{
    return before > 0 && now >= 0 ? now / before : 1;
}

static void apply(struct xo_tariff *t, const struct xo_price_change *c)
{
    const double input = t->input, cached = t->cached_input, output = t->output;
    t->input = changed(c, XO_INPUT_UNCACHED, input, 1);
    const double raised = ratio_of(t->input, input);
    t->cached_input = changed(c, XO_INPUT_CACHED, cached, raised);
    t->cache_write = changed(c, XO_INPUT_WRITTEN, t->cache_write, raised);
    t->cache.extended_write = changed(c, XO_INPUT_WRITTEN_LONGER, t->cache.extended_write, raised);
    t->output = changed(c, XO_OUTPUT, output, 1);
    move_kind(t, XO_INPUT_UNCACHED, raised);
    move_kind(t, XO_INPUT_CACHED, ratio_of(t->cached_input, cached));
    move_kind(t, XO_OUTPUT, ratio_of(t->output, output));
}

void xo_tariff_at(struct xo_tariff *t, int32_t day)
{
    int n = 0;
    assert(day >= t->day);
    t->day = day;
    for (; n < t->n_changes && t->changes[n].from_day <= day; n++)
        apply(t, &t->changes[n]);
    t->n_changes -= n;
    for (int i = 0; i < t->n_changes; i++)
        t->changes[i] = t->changes[i + n];
}
