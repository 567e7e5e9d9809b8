/* changed.c - capacities in a scenario that differs from the base one: by its step time, or by the
 * values of its keys; see jobs.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs.h"

#include <math.h>
#include <string.h>

/* ---- another step time ---- */

/* The changed scenario's capacities at both rungs. */
static bool find_changed(const struct xo_scenario *changed, const struct xo_study_options *options,
                         struct change *c, struct xo_error *err)
{
    static const double USUAL_EXPONENT = -1.2; /* d log V / d log step time, to begin with */
    struct option_sim sim;
    c->log_scale[0] = c->log_scale[1] = NAN;
    if (!sim_init(&sim, changed, c->option, options, err))
        return false;
    bool ok = sim_measure_limits(&sim, err);
    for (int i = 0; ok && !sim.infeasible.holds && i < 2; i++) {
        struct xo_capacity found;
        struct hint hint = c->base[i];
        hint.volume *= i == 0 ? pow(c->step_scale, USUAL_EXPONENT) : exp(c->log_scale[0]);
        ok = capacity_find(&sim, c->n_replicas[i], &hint, &found, err);
        if (!ok)
            break;
        c->log_scale[i] = log(found.volume / c->base[i].volume);
    }
    c->n_simulated = sim.n_simulated;
    sim_fini(&sim);
    return ok;
}

bool change_run(const struct xo_scenario *base, const struct xo_study_options *options,
                struct change *c, struct xo_error *err)
{
    struct xo_scenario *s = xo_scenario_copy(base);
    if (s == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a copy of the scenario");
    s->options[c->option].deployment.efficiency.step_scale *= c->step_scale;
    const bool ok = find_changed(s, options, c, err);
    xo_scenario_free(s);
    return ok;
}

/* ---- other values ---- */

int option_labelled(const struct xo_scenario *s, const char *label)
{
    for (int o = 0; o < s->n_options; o++)
        if (strcmp(s->options[o].label, label) == 0)
            return o;
    return -1;
}

/* The scenario of a search; *option: where its option is in it, -1 when it does not fit any more.
 */
static struct xo_scenario *scenario_of(const struct xo_scenario *base, const struct search *q,
                                       int *option, struct xo_error *err)
{
    struct xo_scenario *s = xo_scenario_copy(base);
    struct xo_error why = { 0 };
    if (s == NULL) {
        xo_fail(err, XO_ERR_MEMORY, "out of memory for a copy of the scenario");
        return NULL;
    }
    const bool varied = xo_scenario_vary_all(s, q->n_keys, q->keys, q->values, &why);
    if (!varied && why.kind != XO_ERR_INPUT) {
        xo_fail(err, why.kind, "%s", why.text);
        xo_scenario_free(s);
        return NULL;
    }
    *option = varied ? option_labelled(s, base->options[q->option].label) : -1;
    s->seed += (uint64_t)q->seed_offset;
    if (q->one_look > 0) {
        s->capacity_precision_frac = 1;
        s->n_replications = q->one_look;
    }
    return s;
}

static bool search_within(struct option_sim *sim, struct search *q, struct xo_error *err)
{
    struct xo_capacity found;
    if (!sim_measure_limits(sim, err))
        return false;
    q->lone_margin = sim->lone_margin;
    if (sim->infeasible.holds)
        return true;
    q->n_searches = 1;
    if (!capacity_find(sim, q->n_replicas, &q->hint, &found, err))
        return false;
    q->volume = found.volume;
    return true;
}

/* Requests that do not fit into a replica are served by nobody; a search that does not settle says
 * nothing. */
bool search_run(const struct xo_scenario *base, const struct xo_study_options *options,
                struct search *q, struct xo_error *err)
{
    int option = -1;
    struct xo_scenario *s = scenario_of(base, q, &option, err);
    struct option_sim sim = { 0 };
    struct xo_error why = { 0 };
    q->volume = NAN;
    q->lone_margin = INFINITY;
    q->n_searches = 0;
    q->n_simulated = 0;
    if (s == NULL)
        return false;
    if (option >= 0 && sim_init(&sim, s, option, options, &why)) {
        search_within(&sim, q, &why);
        q->n_simulated = sim.n_simulated;
        sim_fini(&sim);
    }
    xo_scenario_free(s);
    return why.kind == XO_OK || why.kind == XO_ERR_INPUT || why.kind == XO_ERR_NUMERIC ||
           xo_fail(err, why.kind, "%s", why.text);
}
