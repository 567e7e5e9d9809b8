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
static double usual_usd(const struct xo_tariff *t, enum xo_token_kind kind)
{
    const double written = or_else(t->cache_write, t->input);
    switch (kind) {
    case XO_INPUT_WRITTEN:
        return written;
    case XO_INPUT_WRITTEN_LONGER:
        return t->cache.extended_ttl_s > 0 ? t->cache.extended_write : written;
    case XO_INPUT_CACHED:
        return or_else(t->cached_input, t->input);
    case XO_OUTPUT:
        return t->output;
    case XO_INPUT_UNCACHED:
    case XO_N_TOKEN_KINDS:
        break;
    }
    return t->input;
}

/* At usual hours. */
static double list_usd(const struct xo_tariff *t, enum xo_token_kind kind, int context)
{
    if (context == XO_CONTEXT_USUAL)
        return usual_usd(t, kind);
    const struct xo_context_tier *tier = &t->contexts[context - 1];
    const double input = or_else(tier->input, t->input);
    if (kind == XO_OUTPUT)
        return or_else(tier->output, t->output);
    if (kind == XO_INPUT_CACHED)
        return or_else(tier->cached_input, input);
    if (kind == XO_INPUT_UNCACHED)
        return input;
    return usual_usd(t, kind) * (t->input > 0 ? input / t->input : 1);
}

/* A service's own price; 0: it has none. A write to the cache goes with its input. */
static double own_usd(const struct xo_tariff *t, const struct xo_service_rule *rule,
                      enum xo_token_kind kind)
{
    if (kind == XO_OUTPUT)
        return rule->output;
    if (kind == XO_INPUT_CACHED)
        return rule->cached_input;
    return rule->input > 0 && t->input > 0 ? rule->input * (usual_usd(t, kind) / t->input) : 0;
}

double xo_tariff_usd(const struct xo_tariff *t, enum xo_token_kind kind, struct xo_price_cell cell)
{
    assert(cell.window >= 0 && cell.window <= t->n_windows);
    assert(cell.context >= 0 && cell.context <= t->n_contexts);
    const struct xo_service_rule *rule = &t->services[cell.service];
    const bool usual_hours = cell.window == XO_WINDOW_USUAL || rule->same_all_week;
    const double list = list_usd(t, kind, cell.context);
    const double usd = usual_hours ? list : list * t->window_factor[cell.window];
    if (cell.service == XO_SERVICE_STANDARD || (kind == XO_INPUT_CACHED && rule->cached_at_list))
        return usd;
    const double own = own_usd(t, rule, kind), usual = usual_usd(t, kind);
    return own > 0 && usual > 0 ? usd * (own / usual) : usd * (1 - rule->off_frac);
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
