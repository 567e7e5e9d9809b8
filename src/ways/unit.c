/* unit.c - what a planner's unit costs and leaves, and what all units of a month bring in; see
 * xo/ways.h and way.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <math.h>

struct xo_unit_figures xo_unit_figures(const struct xo_unit *unit, double usd_month,
                                       double requests_month)
{
    const double usd = usd_month / requests_month * unit->calls;
    return (struct xo_unit_figures){ .usd_per_1000_requests = 1000 * (usd_month / requests_month),
                                     .usd = usd,
                                     .margin_usd = unit->price_usd - usd,
                                     .margin_frac = 1 - usd / unit->price_usd };
}

/* What the units of a month bring in, in whole millionths as bills are, so that what is sold at
 * cost stays a tie. */
static double sales_usd(const struct world *w, double volume, int *pick)
{
    const struct xo_unit *u = &w->scenario->unit;
    (void)pick; /* there is one price */
    return round(volume / u->calls * u->price_usd * 1e6) / 1e6;
}

static bool rises(const struct world *w)
{
    (void)w;
    return true;
}

const struct way_type way_sales = { .usd = sales_usd, .rises = rises };
