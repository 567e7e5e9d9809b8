/* way.c - the table of ways; see way.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <math.h>

#define TYPE(NAME, name, ...) [XO_WAY_##NAME] = &way_##name,
const struct way_type *const way_types[N_WAY_TYPES] = {
    [WAY_NAPKIN] = &way_napkin, [WAY_TOKENS] = &way_tokens, [WAY_SALES] = &way_sales, XO_WAYS(TYPE)
};

#define WORDS(NAME, name, title, label, subject) { #name, title, label, subject },
const struct xo_way_words xo_way_words[XO_N_WAYS] = { XO_WAYS(WORDS) };

#define PAIR(FROM, TO, share, crossings) { XO_WAY_##FROM, XO_WAY_##TO, share, crossings },
const struct xo_pair xo_pairs[XO_N_PAIRS] = { XO_PAIRS(PAIR) };

const struct overlay NO_OVERLAY = { 1, 1, NAN, 1, 1, 1, 1, 1 };

static struct overlay on_top(const struct overlay *below, const struct overlay *above)
{
    const bool has_discount = !isnan(above->discount_frac);
    return (struct overlay){
        .api_price = below->api_price * above->api_price,
        .host_price = below->host_price * above->host_price,
        .discount_frac = has_discount ? above->discount_frac : below->discount_frac,
        .rent = below->rent * above->rent,
        .energy = below->energy * above->energy,
        .staff = below->staff * above->staff,
        .step = below->step * above->step,
        .capacity = below->capacity * above->capacity,
    };
}

struct overlay world_overlay(const struct world *w)
{
    const struct overlay month = w->month != NULL ? *w->month : NO_OVERLAY;
    return w->what_if != NULL ? on_top(&month, w->what_if) : month;
}

double way_usd(const struct world *w, int way, double volume, int *pick)
{
    int unasked = -1;
    return way_types[way]->usd(w, volume, pick != NULL ? pick : &unasked);
}

void ways_usd(const struct world *w, double volume, double usd[XO_N_WAYS])
{
    for (int way = 0; way < XO_N_WAYS; way++)
        usd[way] = way_usd(w, way, volume, NULL);
}

bool way_is_limited(const struct world *w, int way, double volume, int pick)
{
    return way_types[way]->limited != NULL && way_types[way]->limited(w, volume, pick);
}

double way_contending_usd(const struct world *w, int way, double volume)
{
    int pick = -1;
    const double usd = way_types[way]->usd(w, volume, &pick);
    const bool stands = isnan(usd) || w->bills_stand || !way_is_limited(w, way, volume, pick);
    return stands ? usd : (double)NAN;
}

/* One-offs as they are spread over the commitment leave the bill for one payment. */
static void month_of_bills(const struct world *w, int way, double volume, struct way_month *month)
{
    struct world later = *w;
    later.without_one_offs = true;
    *month = (struct way_month){ .pick = -1 };
    const double usd = way_usd(w, way, volume, &month->pick);
    month->one_off_usd =
        way_types[way]->one_off_usd != NULL ? way_types[way]->one_off_usd(w, month->pick) : 0;
    month->running_usd = month->one_off_usd > 0 ? way_usd(&later, way, volume, NULL) : usd;
}

void way_month_read(const struct world *w, int way, double volume, int pick,
                    struct way_month *month)
{
    if (way_types[way]->month != NULL)
        way_types[way]->month(w, volume, pick, month);
    else
        month_of_bills(w, way, volume, month);
}

struct xo_hold_terms way_hold_terms(const struct world *w, int way, int pick)
{
    static const struct xo_hold_terms nothing = { .term_months = 1, .early_exit_frac = 1 };
    return way_holds(way) ? way_types[way]->hold_terms(w, pick) : nothing;
}

bool way_holds(int way)
{
    return way_types[way]->hold_terms != NULL;
}

const char *xo_way_name(const struct xo_scenario *s, enum xo_way way, int pick)
{
    return way_types[way]->name(s, pick);
}
