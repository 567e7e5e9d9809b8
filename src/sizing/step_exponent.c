/* step_exponent.c - how the capacities of an option answer to its step time; see option_sizing.h.
 *
 * Capacity is close to a power of the step time. The exponent is read from the capacities where the
 * step takes 1.28 standard deviations of its error less and more, at one replica and at eight.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs.h"
#include "option_sizing.h"

#include <math.h>
#include <stdlib.h>

static const double Z90 = 1.2815515655446004; /* standard normal 90 % point */
static const double LEAST_SIGMA = 0.05;       /* a change that stands out of the noise */

/* A change of the step time, to be read at two rungs of an option: the first, and the largest of up
 * to 8 replicas. */
static struct change change_of(const struct option_sizing *b, double step_scale)
{
    const struct xo_capacity *first = ladder_at_most(b->ladder, 1);
    const struct xo_capacity *eighth = ladder_at_most(b->ladder, 8);
    return (struct change){ .option = b->sim.option,
                            .step_scale = step_scale,
                            .n_replicas = { first->n_replicas, eighth->n_replicas },
                            .base = { capacity_hint(first), capacity_hint(eighth) } };
}

static double log_step_of(const struct option_sizing *b, const struct xo_scenario *s)
{
    return Z90 * fmax(s->options[b->sim.option].step_sigma, LEAST_SIGMA);
}

/* The exponent from a faster and a slower step, or from the faster one alone where the slower one
 * meets no SLO. */
static void read_step(struct option_sizing *b, const struct xo_scenario *s,
                      const struct change c[2])
{
    const double *faster = c[0].log_scale, *slower = c[1].log_scale;
    const double log_step = log_step_of(b, s);
    double *exponent[2] = { &b->ladder->step_exponent_1, &b->ladder->step_exponent_8 };
    for (int i = 0; i < 2; i++)
        *exponent[i] =
            isnan(slower[i]) ? faster[i] / -log_step : (slower[i] - faster[i]) / (2 * log_step);
}

bool sizings_measure_step(struct option_sizing sizings[], int n_sizings,
                          const struct xo_scenario *s, int64_t *n_simulated, struct xo_error *err)
{
    struct change *c = calloc(2 * (size_t)n_sizings + 1, sizeof *c);
    int n = 0;
    if (c == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d changes", 2 * n_sizings);
    for (int o = 0; o < n_sizings; o++) {
        if (sizings[o].ladder->infeasible.holds)
            continue;
        c[n++] = change_of(&sizings[o], exp(-log_step_of(&sizings[o], s)));
        c[n++] = change_of(&sizings[o], exp(log_step_of(&sizings[o], s)));
    }
    const bool ok = n == 0 || changes_run(s, sizings[0].sim.options, c, n, err);
    for (int o = 0, i = 0; ok && o < n_sizings; o++) {
        if (sizings[o].ladder->infeasible.holds)
            continue;
        read_step(&sizings[o], s, &c[i]);
        *n_simulated += c[i].n_simulated + c[i + 1].n_simulated;
        i += 2;
    }
    free(c);
    return ok;
}
