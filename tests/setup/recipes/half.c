/* half.c - half of the requests are bought, half are built.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

static double half_usd(const struct world *w, double volume, int *option)
{
    return way_usd(w, XO_WAY_BUY, volume / 2, NULL) + way_usd(w, XO_WAY_BUILD, volume / 2, option);
}

static void half_bill(const struct world *w, double volume, int option, struct xo_bill *bill)
{
    struct xo_bill bought;
    int api = 0;
    way_usd(w, XO_WAY_BUY, volume / 2, &api);
    way_types[XO_WAY_BUY]->bill(w, volume / 2, api, &bought);
    way_types[XO_WAY_BUILD]->bill(w, volume / 2, option, bill);
    for (int i = 0; i < bought.n_items && bill->n_items < XO_MAX_BILL_ITEMS; i++)
        bill->items[bill->n_items++] = bought.items[i];
}

static bool half_rises(const struct world *w)
{
    return buying_rises(w) && building_rises(w);
}

static const char *half_name(const struct xo_scenario *s, int option)
{
    return xo_way_name(s, XO_WAY_BUILD, option);
}

const struct way_type way_half = {
    .usd = half_usd,
    .bill = half_bill,
    .rises = half_rises,
    .name = half_name,
};
