/* number.c - the value of a numeric key once the whole scenario is resolved: typed, of the catalog,
 * of another key, fitted, or the engine's own.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store.h"

#include <math.h>

#include <string.h>

/* What an option has of a key; NAN: the option does not use it. */
static double of_itself(const struct xo_build_option *o, int key)
{
    const struct xo_build_terms *t = &o->terms;
    switch (key) {
    case K_BUILD_MAX_BATCH:
        return o->deployment.max_batch;
    case K_BUILD_CHUNK:
        return (double)o->deployment.chunk_tokens;
    case K_BUILD_RENT:
        return t->tenure == XO_RENT ? t->rent_usd_per_gpu_hour : (double)NAN;
    case K_BUILD_SERVER_PRICE:
        return t->tenure == XO_OWN ? t->server_usd : (double)NAN;
    case K_BUILD_OPPORTUNITY:
        return t->tenure == XO_ALREADY_OWNED ? t->opportunity_usd_per_gpu_hour : (double)NAN;
    case K_BUILD_SERVER_GPUS:
        return t->server_gpus;
    default:
        return NAN;
    }
}

static double of_option(const struct xo_build_option *o, int key)
{
    struct xo_efficiency efficiency = o->deployment.efficiency;
    const bool of_build = strcmp(xo_keys[key].section, "build") == 0;
    const int constant = of_build ? xo_constant_find(xo_keys[key].name) : -1;
    return constant < 0 ? of_itself(o, key) : *xo_constant_at(&efficiency, constant);
}

/* What all options have alike. */
static double of_options(const struct xo_scenario *s, int key)
{
    double value = NAN;
    for (int i = 0; i < s->n_options; i++) {
        const double own = of_option(&s->options[i], key);
        if (isnan(own) || (i > 0 && own != value))
            return NAN;
        value = own;
    }
    return value;
}

double xo_scenario_number(const struct xo_scenario *s, int key)
{
    if (key == K_WORKLOAD_VOLUME)
        return s->requests_per_month;
    const int section = section_of(key);
    const double typed = store_number(s->store, section, key);
    if (!isnan(typed))
        return typed;
    return key == K_BUY_SALARY ? store_number(s->store, S_BUILD, K_BUILD_SALARY)
                               : of_options(s, key);
}
