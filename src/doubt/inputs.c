/* inputs.c - what is not known of a scenario; see inputs.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "inputs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- keys ---- */

void key_name(int key, char *out, size_t size)
{
    snprintf(out, size, "%s.%s", xo_keys[key].section, xo_keys[key].name);
}

bool key_is(int key, const char *dotted)
{
    char name[160];
    key_name(key, name, sizeof name);
    return strcmp(name, dotted) == 0;
}

enum xo_reach reach_of(const struct xo_scenario *s, int key)
{
    if (xo_keys[key].effect == XO_KEY_MONEY || key_is(key, "build.replicas"))
        return XO_REACH_MONEY;
    if (key_is(key, "workload.retries") ||
        (key_is(key, "workload.volume") && xo_scenario_is_memoryless(s)))
        return XO_REACH_EXACT;
    return XO_REACH_SIMULATION;
}

double key_whole(int key, double value)
{
    return xo_keys[key].type == XO_KEY_INTEGER ? nearbyint(value) : value;
}

bool key_is_drawn(const struct xo_scenario *s, int key)
{
    for (int i = 0; i < s->n_uncertain; i++)
        if (s->uncertain[i].key == key)
            return true;
    return false;
}

bool input_takes(const struct xo_scenario *s, int key, double lo, double hi, struct xo_error *err)
{
    const double ends[2] = { lo, hi };
    for (int i = 0; i < 2; i++) {
        struct xo_scenario *copy = xo_scenario_copy(s);
        if (copy == NULL)
            return xo_fail(err, XO_ERR_MEMORY, "out of memory for a copy of the scenario");
        const bool ok = xo_scenario_vary(copy, key, ends[i], err);
        xo_scenario_free(copy);
        if (!ok)
            return false;
    }
    return true;
}

/* ---- the error of the step time ---- */

double step_sigma_of(const struct xo_scenario *s, int option)
{
    return key_is_drawn(s, xo_key_find("build.step_scale")) ? 0 : s->options[option].step_sigma;
}

double largest_step_sigma(const struct xo_scenario *s)
{
    double sigma = 0;
    for (int o = 0; o < s->n_options; o++)
        sigma = fmax(sigma, step_sigma_of(s, o));
    return sigma;
}

/* Lognormal about its own factor, its 95 % point 1.645 standard deviations up. */
static bool imply_step(struct inputs *in, const struct xo_scenario *s, struct xo_error *err)
{
    const int key = xo_key_find("build.step_scale");
    const double sigma = largest_step_sigma(s), base = xo_scenario_number(s, key);
    if (sigma == 0)
        return true;
    in->step = (struct xo_uncertain){ .key = key, .u_lo = 0, .u_hi = 1 };
    if (!xo_dist_by_quantiles(&in->step.dist, XO_DIST_LOGNORMAL, base,
                              base * exp(1.6448536269514722 * sigma), err))
        return false;
    in->n_implied = 1;
    in->at[in->n++] = (struct varied){ .key = key, .reach = XO_REACH_STEP, .drawn = &in->step };
    return true;
}

/* ---- all of it ---- */

bool inputs_init(struct inputs *in, const struct xo_scenario *s, bool without_step_error,
                 struct xo_error *err)
{
    *in = (struct inputs){ .n = s->n_uncertain };
    for (int i = 0; i < s->n_uncertain; i++)
        in->at[i] = (struct varied){ .key = s->uncertain[i].key,
                                     .reach = reach_of(s, s->uncertain[i].key),
                                     .drawn = &s->uncertain[i] };
    return without_step_error || imply_step(in, s, err);
}

void inputs_fini(struct inputs *in)
{
    if (in->n_implied > 0)
        xo_dist_fini(&in->step.dist);
    in->n_implied = 0;
}

double input_quantile(const struct xo_uncertain *u, double p)
{
    return key_whole(u->key, xo_uncertain_quantile(u, p));
}

void inputs_slots(const struct inputs *in, uint32_t slots[])
{
    for (int i = 0; i < in->n; i++)
        slots[i] = (uint32_t)xo_key_slot(in->at[i].key);
}
