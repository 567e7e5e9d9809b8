/* prices.c - which prices a scenario's bills rest on, and of which day each is.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "values.h"

#include <string.h>

static long age_days(const struct xo_scenario *s, const char *as_of)
{
    const bool known = date_read(as_of, false, NULL) && date_read(s->as_of, false, NULL);
    return known ? date_days(s->as_of) - date_days(as_of) : 0;
}

/* Once, however many options or classes share it. A price without a day of its own was typed. */
static int add(const struct xo_scenario *s, struct xo_dated_price prices[], int n, const char *name,
               const char *as_of)
{
    const char *day = as_of[0] != '\0' ? as_of : s->as_of;
    for (int i = 0; i < n; i++)
        if (strcmp(prices[i].name, name) == 0 && strcmp(prices[i].as_of, day) == 0)
            return n;
    prices[n] = (struct xo_dated_price){ name, day, age_days(s, day) };
    return n + 1;
}

static int add_api(const struct xo_scenario *s, struct xo_dated_price prices[], int n,
                   const struct xo_api *api)
{
    return add(s, prices, n, api->tariff.name, api->as_of);
}

/* Is any class bought as [buy] says? */
static bool uses_buy_api(const struct xo_scenario *s)
{
    for (int c = 0; c < s->workload.n_classes; c++)
        if (s->class_apis[c].tariff.name[0] == '\0')
            return true;
    return false;
}

int xo_scenario_prices(const struct xo_scenario *s, struct xo_dated_price prices[XO_MAX_PRICES])
{
    int n = 0;
    for (int i = 0; i < s->n_apis && uses_buy_api(s); i++)
        n = add_api(s, prices, n, &s->apis[i]);
    for (int c = 0; c < s->workload.n_classes; c++)
        if (s->class_apis[c].tariff.name[0] != '\0')
            n = add_api(s, prices, n, &s->class_apis[c]);
    for (int i = 0; i < s->n_same_bought; i++)
        n = add_api(s, prices, n, &s->same_model[i]);
    for (int i = 0; i < s->n_options; i++)
        n = add(s, prices, n, s->options[i].deployment.gpu.name, s->options[i].price_as_of);
    return n;
}
