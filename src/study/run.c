/* run.c - the bills at the planned volume, and the fleet behind them; reconciliation with a real
 * bill.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ways/way.h"
#include "xo/study.h"

#include "xo/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- a fleet for one volume ---- */

/* N, and its neighbours: how settled is it? The ladder is climbed as a curve's is, so that both say
 * the same of this volume. */
static bool try_option(struct xo_run *run, struct option_sizing *b, int o,
                       const struct xo_study_options *options, struct xo_error *err)
{
    const struct xo_scenario *s = run->scenario;
    if (!sizing_simulate(b, s, o, options, s->requests_per_month, NULL, NULL, err) ||
        !sim_find_remedies(&b->sim, err))
        return false;
    b->ladder->infeasible = run->infeasible[o] = b->sim.infeasible;
    run->unserved[o] = b->sim.unserved;
    run->edge[o] = b->sim.edge;
    if (b->sim.infeasible.holds)
        return true;
    const struct stairs stairs = { .ladder = b->ladder };
    const int n =
        s->fixed_replicas > 0 ? s->fixed_replicas : stairs_replicas(&stairs, s->requests_per_month);
    run->capacity[o] = ladder_capacity(b->ladder, &b->sim, n);
    run->capacity_above[o] = ladder_capacity(b->ladder, &b->sim, n + 1);
    if (n > 1)
        run->capacity_below[o] = ladder_capacity(b->ladder, &b->sim, n - 1);
    return true;
}

/* An option that fails leaves the others be. */
static bool run_option(struct xo_run *run, struct option_sizing *b, int o,
                       const struct xo_study_options *options, struct xo_error *err)
{
    struct xo_error why = { 0 };
    if (try_option(run, b, o, options, &why))
        return true;
    const bool ok = option_is_left_out(&why, &b->ladder->infeasible, err);
    run->infeasible[o] = b->ladder->infeasible;
    return ok;
}

/* ---- the whole run ---- */

static bool run_alloc(struct xo_run *run, const struct xo_scenario *s, struct xo_error *err)
{
    const size_t n = (size_t)s->n_options + 1; /* there may be none */
    run->scenario = s;
    run->n_options = s->n_options;
    run->best = run->observed = -1;
    run->offered_frac = NAN;
    for (int way = 0; way < XO_N_WAYS; way++)
        run->usd[way] = NAN;
    run->sized = calloc(n, sizeof *run->sized);
    run->infeasible = calloc(n, sizeof *run->infeasible);
    run->unserved = calloc(n, sizeof *run->unserved);
    run->edge = calloc(n, sizeof *run->edge);
    run->capacity = calloc(n, sizeof *run->capacity);
    run->capacity_below = calloc(n, sizeof *run->capacity_below);
    run->capacity_above = calloc(n, sizeof *run->capacity_above);
    if (run->sized == NULL || run->infeasible == NULL || run->unserved == NULL ||
        run->edge == NULL || run->capacity == NULL || run->capacity_below == NULL ||
        run->capacity_above == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu build options", n);
    return true;
}

static bool observe_fleet(struct xo_run *run, struct option_sizing *sizings, int n,
                          struct xo_error *err)
{
    struct option_sim *sim = &sizings[run->observed].sim;
    if (!sim_observe(sim, n, run->requests, 1, point_requests(n), run->scenario->n_replications,
                     &run->tally, err))
        return false;
    metrics_of(run->tally, sim, sim_cell_parts(sim, n), &run->metrics);
    return true;
}

/* The fixed fleet that carries most, lone requests that miss the SLO or not; -1: none could run. */
static int largest_fixed(const struct xo_run *run)
{
    int largest = -1;
    for (int o = 0; run->scenario->fixed_replicas > 0 && o < run->n_options; o++)
        if (!(run->infeasible[o].holds && run->infeasible[o].cause == XO_CAUSE_FAILED) &&
            (largest < 0 || run->capacity[o].volume > run->capacity[largest].volume))
            largest = o;
    return largest;
}

/* The best fleet; or, where its owner fixed one that misses the SLO, what that does all the same.
 */
static bool observe(struct xo_run *run, struct option_sizing *sizings, struct xo_error *err)
{
    const struct xo_scenario *s = run->scenario;
    run->observed = run->best >= 0 ? run->best : largest_fixed(run);
    if (run->observed < 0)
        return true;
    struct xo_sized *z = &run->sized[run->observed];
    if (run->best >= 0)
        return observe_fleet(run, sizings, z->serving_replicas + z->headroom_replicas, err);
    const struct option_sim *sim = &sizings[run->observed].sim;
    z->serving_replicas = s->fixed_replicas;
    z->spare_replicas = s->spare_replicas;
    z->n_gpus = gpus_paid_for(&s->options[run->observed], z);
    run->offered_frac =
        sim_rate(sim, run->requests) / (sim->limits.saturation_rate_per_s * z->serving_replicas);
    return run->offered_frac >= 1 || observe_fleet(run, sizings, z->serving_replicas, err);
}

/* Where the busiest hour holds a spike, the loads of its curve hold it too: steady hours are read
 * between loads of their own. */
static bool measure_steady(struct xo_run *run, struct option_sizing *b, struct load_curve *curve,
                           struct xo_error *err)
{
    const struct xo_sized *z = &run->sized[run->best];
    const struct xo_capacity shared =
        ladder_capacity(b->ladder, &b->sim, z->serving_replicas + z->headroom_replicas);
    *curve = b->load_curve;
    if (!b->sim.terminating)
        return true;
    struct option_sim steady = b->sim; /* borrows its step model */
    steady.terminating = false;
    const bool ok = load_curve_measure(curve, &steady, &shared, err);
    b->sim.n_simulated = steady.n_simulated;
    return ok;
}

static void read_hour(const struct load_curve *l, double load_frac, struct xo_run_hour *hour)
{
    hour->load_frac = load_frac;
    hour->busy_frac = load_curve_at(l, l->busy_frac, load_frac, 0);
    for (int c = 0; c < XO_MAX_CLASSES; c++)
        for (int t = 0; t < XO_MAX_TARGETS; t++) {
            const double *attained = l->attained_frac[c][t];
            hour->attained_frac[c][t] = load_curve_at(l, attained, load_frac, attained[0]);
        }
}

/* The week's hours, each at its own load (docs/model.md, "A week from its hours"); the busiest is
 * what the run observed. */
static bool read_hours(struct xo_run *run, struct option_sizing *sizings, struct xo_error *err)
{
    const struct xo_scenario *s = run->scenario;
    if (run->best < 0 || s->workload.trace != NULL)
        return true;
    struct option_sizing *b = &sizings[run->best];
    struct load_curve steady;
    run->hours = calloc(XO_HOURS_PER_WEEK, sizeof *run->hours);
    if (run->hours == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for the hours of a week");
    if (!measure_steady(run, b, &steady, err))
        return false;
    const double mean_load = run->sized[run->best].shared_load_frac;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++) {
        struct xo_run_hour *hour = &run->hours[h];
        const double factor = b->load_curve.hour_factor[h];
        const bool is_steady = xo_profile_hour_is_steady(&s->workload.profile, h);
        const bool as_spike = b->sim.terminating && !is_steady;
        read_hour(as_spike ? &b->load_curve : &steady, mean_load * factor, hour);
        hour->reading = as_spike ? XO_HOUR_SPIKE : is_steady ? XO_HOUR_STEADY : XO_HOUR_AVERAGED;
        if (s->slo_window == XO_SLO_MONTH || factor < b->sim.peak_factor * (1 - 1e-9))
            continue;
        hour->reading = XO_HOUR_SIMULATED;
        hour->busy_frac = run->metrics.busy_frac;
        memcpy(hour->attained_frac, run->metrics.attained_frac, sizeof hour->attained_frac);
    }
    return true;
}

static void price_run(struct xo_run *run, const struct world *w)
{
    const double v = run->requests;
    for (int way = 0; way < XO_N_WAYS; way++) {
        run->usd[way] = way_usd(w, way, v, &run->pick[way]);
        if (isnan(run->usd[way]))
            continue;
        if (way != XO_WAY_BUILD)
            way_types[way]->bill(w, v, run->pick[way], &run->bills[way]);
        run->limited[way] = way_is_limited(w, way, v, run->pick[way]);
    }
    buy_limited(w, v, run->pick[XO_WAY_BUY], &run->busiest_minute_requests,
                &run->busiest_minute_tokens);
    for (int o = 0; o < run->n_options; o++)
        world_sized(w, v, o, &run->sized[o]);
    run->best = isnan(run->usd[XO_WAY_BUILD]) ? -1 : run->pick[XO_WAY_BUILD];
}

/* A closed loop has no volume, so no bill and no fleet size: one fleet as given, observed. */
static bool run_closed_loop(struct xo_run *run, struct option_sizing *sizings,
                            const struct xo_study_options *options, struct xo_error *err)
{
    const struct xo_scenario *s = run->scenario;
    for (int o = 0; o < run->n_options; o++) {
        if (!sim_init(&sizings[o].sim, s, o, options, err))
            return false;
        struct xo_sized *z = &run->sized[o];
        *z = (struct xo_sized){ .option = o, .feasible = true, .settled = true };
        z->serving_replicas = s->fixed_replicas > 0 ? s->fixed_replicas : 1;
        z->n_gpus = z->serving_replicas * xo_deployment_gpus(&s->options[o].deployment);
    }
    run->best = run->observed = 0;
    run->requests = NAN;
    struct option_sim *sim = &sizings[0].sim;
    run->tally = xo_tally_new(s->workload.n_classes, err);
    if (run->tally == NULL ||
        !sim_observe_clients(sim, run->sized[0].serving_replicas, run->tally, err))
        return false;
    metrics_of(run->tally, sim, 1, &run->metrics);
    return true;
}

static bool run_open_loop(struct xo_run *run, struct option_sizing *sizings,
                          const struct demand *demand, const struct xo_study_options *options,
                          struct xo_error *err)
{
    const struct xo_scenario *s = run->scenario;
    run->requests = s->requests_per_month;
    for (int o = 0; o < run->n_options; o++) {
        if (options->progress != NULL)
            options->progress(options->progress_self, 0.9 * o / run->n_options, "sizing fleets");
        if (!run_option(run, &sizings[o], o, options, err))
            return false;
    }
    if (!sizings_some_ran(sizings, run->n_options, err))
        return false;
    struct world w = {
        .scenario = s, .demand = demand, .sizings = sizings, .n_sizings = run->n_options
    };
    price_run(run, &w);
    run->peak_factor = run->n_options > 0 ? sizings[0].sim.peak_factor : demand->peak_factor;
    if (s->n_apis > 0 && !xo_api_unserved(s, run->pick[XO_WAY_BUY], &run->buy_unserved, err))
        return false;
    return observe(run, sizings, err) && read_hours(run, sizings, err);
}

bool xo_run_run(struct xo_run **out, const struct xo_scenario *s,
                const struct xo_study_options *options, struct xo_error *err)
{
    const size_t n = (size_t)s->n_options;
    struct xo_run *run = calloc(1, sizeof *run);
    struct option_sizing *sizings = calloc(n + 1, sizeof *sizings); /* n may be 0 */
    struct xo_ladder *ladders = calloc(n + 1, sizeof *ladders);
    struct demand *demand = malloc(sizeof *demand);
    bool ok = run != NULL && sizings != NULL && ladders != NULL && demand != NULL;
    if (!ok)
        xo_fail(err, XO_ERR_MEMORY, "out of memory for a run");
    ok = ok && run_alloc(run, s, err) && demand_init(demand, s, err);
    if (ok) {
        run->prompt_per_request = demand->prompt;
        run->cached_per_request = demand->cached;
        run->output_per_request = demand->output;
        run->tokens_per_request = demand->prompt + demand->output;
        for (size_t o = 0; o < n; o++)
            sizings[o].ladder = &ladders[o];
        ok = s->workload.n_clients > 0 ? run_closed_loop(run, sizings, options, err)
                                       : run_open_loop(run, sizings, demand, options, err);
    }
    for (size_t o = 0; sizings != NULL && ladders != NULL && o < n; o++) {
        if (ok)
            run->n_simulated += sizings[o].sim.n_simulated;
        sim_fini(&sizings[o].sim);
        ladder_fini(&ladders[o]);
    }
    free(demand);
    free(ladders);
    free(sizings);
    if (!ok) {
        xo_run_free(run);
        return false;
    }
    *out = run;
    return true;
}

void xo_run_free(struct xo_run *run)
{
    if (run == NULL)
        return;
    xo_tally_free(run->tally);
    free(run->hours);
    free(run->sized);
    free(run->infeasible);
    free(run->unserved);
    free(run->edge);
    free(run->capacity);
    free(run->capacity_below);
    free(run->capacity_above);
    free(run);
}
