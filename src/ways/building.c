/* building.c - the fleet that a volume takes, and what it costs a month; see world.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"
#include "xo/clock.h"

#include <limits.h>
#include <math.h>

const struct xo_build_option *option_of(const struct world *w, int option)
{
    return &w->scenario->options[w->where != NULL ? w->where[option] : option];
}

struct stairs world_stairs(const struct world *w, int option)
{
    const struct xo_ladder *ladder = w->sizings[option].ladder;
    struct stairs stairs = { .ladder = ladder, .noise_z = w->noise_z };
    if (w->scaling != NULL)
        stairs.scaling = w->scaling[option];
    const struct overlay o = world_overlay(w);
    if (o.step != 1)
        scaling_add(&stairs.scaling, ladder->step_exponent_1 * log(o.step),
                    ladder->step_exponent_8 * log(o.step));
    if (o.capacity != 1)
        scaling_add(&stairs.scaling, log(o.capacity), log(o.capacity));
    if (w->treads != NULL && treads_are_of(&w->treads[option], &stairs))
        stairs.treads = &w->treads[option];
    return stairs;
}

bool is_out(const struct world *w, int option)
{
    const struct option_sizing *b = &w->sizings[option];
    return b->ladder->infeasible.holds || sizing_is_too_slow(b, log(world_overlay(w).step)) ||
           (w->infeasible != NULL && w->infeasible[option]);
}

bool world_treads(const struct world *w, double volume, struct treads treads[],
                  struct xo_error *err)
{
    const double reserve = 1 + w->scenario->headroom_frac;
    for (int o = 0; o < w->n_sizings; o++) {
        const struct stairs stairs = world_stairs(w, o);
        if (!is_out(w, o) && !treads_fill(&treads[o], &stairs, volume * reserve, err))
            return false;
    }
    return true;
}

struct xo_build_terms build_terms(const struct world *w, int option,
                                  const struct xo_escalation *escalated)
{
    const struct overlay o = world_overlay(w);
    struct xo_build_terms terms = option_of(w, option)->terms;
    terms.escalation = *escalated;
    terms.rent_scale *= o.rent;
    terms.usd_per_kwh *= o.energy;
    terms.staff.scale *= w->without_people ? 0 : o.staff;
    terms.one_off_usd *= w->without_one_offs ? 0 : 1;
    return terms;
}

/* What a fleet uses in a month: all of it is there around the clock. Spares idle. */
static void fleet_usage(const struct xo_build_option *option, const struct xo_sized *sized,
                        struct xo_usage *usage)
{
    const int gpus = xo_deployment_gpus(&option->deployment);
    const double month_s = option->terms.hours_per_month * XO_HOUR_S;
    const double loaded_w = sized->week_mean_w_per_gpu;
    xo_usage_clear(usage);
    xo_usage_add_replicas(usage, XO_GPU_SERVING, sized->serving_replicas, gpus, loaded_w, month_s);
    xo_usage_add_replicas(usage, XO_GPU_HEADROOM, sized->headroom_replicas, gpus, loaded_w,
                          month_s);
    xo_usage_add_replicas(usage, XO_GPU_SPARE, sized->spare_replicas, gpus,
                          option->terms.gpu_idle_w, month_s);
}

static double fleet_usd(const struct world *w, const struct xo_build_terms *terms,
                        const struct xo_sized *sized)
{
    struct xo_usage usage;
    fleet_usage(option_of(w, sized->option), sized, &usage);
    return xo_build_usd(terms, &usage);
}

int gpus_paid_for(const struct xo_build_option *option, const struct xo_sized *sized)
{
    struct xo_usage usage;
    fleet_usage(option, sized, &usage);
    const int64_t n = xo_build_gpus(&option->terms, &usage);
    return n < INT_MAX ? (int)n : INT_MAX;
}

/* All but the bill, which is large and filled in by its own. */
static void clear_sized(struct xo_sized *sized, int option)
{
    sized->option = option;
    sized->settled = true;
    sized->feasible = false;
    sized->serving_replicas = sized->headroom_replicas = sized->spare_replicas = 0;
    sized->n_gpus = 0;
    sized->load_frac = sized->shared_load_frac = 0;
    sized->week_busy_frac = sized->week_mean_w_per_gpu = 0;
    sized->bill.n_items = 0;
}

/* The replicas alone, which is all that a bill asks for. */
static bool size_fleet(const struct world *w, double volume, int option, struct xo_sized *sized)
{
    const struct xo_scenario *s = w->scenario;
    clear_sized(sized, option);
    if (is_out(w, option))
        return false;
    struct stairs stairs = world_stairs(w, option);
    if (s->fixed_replicas > 0) {
        sized->serving_replicas = s->fixed_replicas;
        sized->feasible = stairs_volume(&stairs, s->fixed_replicas) >= volume;
    } else {
        sized->serving_replicas = stairs_replicas(&stairs, volume);
        const int all = stairs_replicas(&stairs, volume * (1 + s->headroom_frac));
        sized->headroom_replicas = all - sized->serving_replicas;
        sized->feasible = all <= MOST_REPLICAS; /* as in `run`, which refuses more */
    }
    sized->spare_replicas = s->spare_replicas;
    return sized->feasible;
}

bool world_fleet(const struct world *w, double volume, int option, struct xo_sized *sized)
{
    const bool feasible = size_fleet(w, volume, option, sized);
    sized->n_gpus = gpus_paid_for(option_of(w, option), sized);
    return feasible;
}

/* How busy the GPUs are over the week, for their power and for people to read. Headroom replicas
 * stand behind the same router and share the load; spares idle. */
static void read_week(const struct world *w, double volume, int option, struct xo_sized *sized)
{
    const struct option_sizing *b = &w->sizings[option];
    struct stairs stairs = world_stairs(w, option);
    int n = sized->serving_replicas + sized->headroom_replicas;
    double load = volume / stairs_volume(&stairs, n) / b->sim.peak_factor;
    sized->shared_load_frac = load;
    load_curve_week(&b->load_curve, load, option_of(w, option)->terms.gpu_idle_w,
                    &sized->week_busy_frac, &sized->week_mean_w_per_gpu);
    double all = stairs_volume(&stairs, n + sized->spare_replicas);
    sized->load_frac = volume / all / b->sim.peak_factor;
}

void world_sized(const struct world *w, double volume, int option, struct xo_sized *sized)
{
    if (!world_fleet(w, volume, option, sized))
        return;
    read_week(w, volume, option, sized);
    const struct xo_escalation escalated = escalation(w, volume);
    const struct xo_build_terms terms = build_terms(w, option, &escalated);
    struct xo_usage usage;
    fleet_usage(option_of(w, option), sized, &usage);
    xo_build_bill(&terms, &usage, &sized->bill);
    struct world lo = *w, hi = *w;
    struct xo_sized other;
    lo.noise_z = -1.96;
    hi.noise_z = 1.96;
    world_fleet(&lo, volume, option, &other);
    sized->settled = other.serving_replicas == sized->serving_replicas;
    world_fleet(&hi, volume, option, &other);
    sized->settled &= other.serving_replicas == sized->serving_replicas;
}

static double cheapest_usd(const struct world *w, double volume, int *option)
{
    const struct xo_escalation escalated = escalation(w, volume);
    double best = NAN;
    for (int o = 0; o < w->n_sizings; o++) {
        struct xo_sized sized;
        if (!size_fleet(w, volume, o, &sized))
            continue;
        const struct xo_build_terms terms = build_terms(w, o, &escalated);
        if (terms.pays_power)
            read_week(w, volume, o, &sized);
        const double usd = fleet_usd(w, &terms, &sized);
        if (isnan(best) || usd < best) {
            best = usd;
            *option = o;
        }
    }
    return best;
}

double world_kept_usd(const struct world *w, double volume, const struct xo_sized *fleet)
{
    struct xo_sized now;
    if (!size_fleet(w, volume, fleet->option, &now))
        return NAN;
    const int fewer = fleet->serving_replicas + fleet->headroom_replicas - now.serving_replicas -
                      now.headroom_replicas;
    now.headroom_replicas += fewer > 0 ? fewer : 0; /* they share the load */
    const struct xo_escalation escalated = escalation(w, volume);
    const struct xo_build_terms terms = build_terms(w, fleet->option, &escalated);
    if (terms.pays_power)
        read_week(w, volume, fleet->option, &now);
    return fleet_usd(w, &terms, &now);
}

double world_idle_usd(const struct world *w, const struct xo_sized *fleet)
{
    const struct xo_escalation none = { 0 };
    const struct xo_build_terms terms = build_terms(w, fleet->option, &none);
    struct xo_sized idle = *fleet;
    idle.week_mean_w_per_gpu = terms.gpu_idle_w;
    return fleet_usd(w, &terms, &idle);
}

struct xo_obligation world_obligation(const struct world *w, const struct xo_sized *sized)
{
    const struct xo_escalation none = { 0 };
    const struct xo_build_terms terms = build_terms(w, sized->option, &none);
    struct xo_usage usage;
    fleet_usage(option_of(w, sized->option), sized, &usage);
    return xo_build_obligation(&terms, &usage);
}

/* Twice a fleet costs twice as much and carries what the ladder says: whole servers and the
 * capacity of a replica average out. Spares are there already. */
static double marginal_option_usd(const struct world *w, double volume, int o)
{
    struct xo_sized one, two;
    if (!size_fleet(w, volume, o, &one))
        return NAN;
    const struct stairs stairs = world_stairs(w, o);
    two = one;
    two.serving_replicas = 2 * (one.serving_replicas + one.headroom_replicas);
    two.headroom_replicas = 0;
    const int n = two.serving_replicas / 2;
    const double more = stairs_volume(&stairs, 2 * n) - stairs_volume(&stairs, n);
    read_week(w, volume, o, &one);
    two.week_mean_w_per_gpu = one.week_mean_w_per_gpu;
    const struct xo_escalation none = { 0 };
    const struct xo_build_terms terms = build_terms(w, o, &none);
    const double usd = fleet_usd(w, &terms, &two) - fleet_usd(w, &terms, &one);
    const double asked_again =
        escalation(w, 2 * volume).usd_month - escalation(w, volume).usd_month;
    return usd / (more / (1 + w->scenario->headroom_frac)) +
           asked_again * (1 + terms.contingency_frac) / volume;
}

double world_marginal_usd(const struct world *w, double volume)
{
    double best = NAN;
    for (int o = 0; o < w->n_sizings; o++)
        best = fmin(best, marginal_option_usd(w, volume, o)); /* fmin ignores NAN */
    return best;
}

/* ---- over months ---- */

/* A unit is what GPUs come in: a server of theirs, or a GPU that is rented singly. */
static struct xo_hold_terms hold_terms(const struct world *w, int option)
{
    const struct xo_horizon_terms *h = &w->scenario->horizon;
    const struct xo_build_terms *t = &option_of(w, option)->terms;
    const bool buys = t->tenure == XO_OWN;
    const double life = fmax(1, nearbyint(t->life_years * 12));
    return (struct xo_hold_terms){ .term_months = buys ? (int)life : h->reserve_months,
                                   .is_bought = buys,
                                   .residual_frac = t->residual_frac,
                                   .early_exit_frac = h->early_exit_frac };
}

/* What a unit costs a month while it stands idle, rent aside: power, house, software. */
static double idle_unit_usd(const struct xo_build_option *option, struct xo_build_terms terms)
{
    struct xo_usage usage;
    terms.staff.n_steps = 0;
    terms.fixed_usd_month = terms.storage_usd_month = terms.egress_usd_month = 0;
    terms.escalation = (struct xo_escalation){ 0 };
    xo_usage_clear(&usage);
    xo_usage_add_replicas(&usage, XO_GPU_SPARE, 1, terms.server_gpus, option->terms.gpu_idle_w,
                          terms.hours_per_month * XO_HOUR_S);
    return xo_build_usd(&terms, &usage);
}

/* People follow the fleet that the volume needs, not what stands idle beside it. */
static void read_month(const struct world *w, double volume, int option, struct way_month *month)
{
    const struct xo_horizon_terms *h = &w->scenario->horizon;
    const struct xo_build_option *o = option_of(w, option);
    struct xo_sized sized;
    struct xo_usage usage;
    *month = (struct way_month){ .pick = option, .running_usd = NAN };
    if (!size_fleet(w, volume, option, &sized))
        return;
    const struct xo_escalation escalated = escalation(w, volume);
    struct xo_build_terms terms = build_terms(w, option, &escalated);
    if (terms.pays_power)
        read_week(w, volume, option, &sized);
    fleet_usage(o, &sized, &usage);
    const double all = 1 + terms.contingency_frac;
    month->one_off_usd = terms.one_off_usd * all;
    month->replicas = sized.serving_replicas + sized.headroom_replicas + sized.spare_replicas;
    month->gpus_per_unit = terms.server_gpus;
    month->units.needed = xo_build_gpus(&terms, &usage) / terms.server_gpus;
    terms.one_off_usd = 0;
    if (terms.tenure == XO_RENT) {
        month->units.rent_usd = terms.rent_usd_per_gpu_hour * terms.rent_scale *
                                terms.hours_per_month * terms.server_gpus * all * h->reserve_frac;
        terms.rent_usd_per_gpu_hour = 0;
    } else if (terms.tenure == XO_OWN) {
        month->units.value_usd = terms.server_usd * terms.rent_scale;
        month->units.price_usd = month->units.value_usd * all;
        terms.is_paid = true;
    }
    month->running_usd = xo_build_usd(&terms, &usage);
    if (terms.tenure != XO_ALREADY_OWNED && hold_terms(w, option).term_months > 1)
        month->units.idle_usd = idle_unit_usd(o, terms);
}

/* ---- as a way ---- */

static void bill(const struct world *w, double volume, int option, struct xo_bill *out)
{
    struct xo_sized sized;
    world_sized(w, volume, option, &sized);
    *out = sized.bill;
}

static bool option_edges(const struct world *w, int o, double min, double max, struct edge_list *e,
                         struct xo_error *err)
{
    const struct xo_scenario *s = w->scenario;
    if (is_out(w, o))
        return true;
    const struct stairs stairs = world_stairs(w, o);
    if (s->fixed_replicas > 0)
        return edge_add(e, stairs_volume(&stairs, s->fixed_replicas) * JUST_BELOW, min, max, err);
    const double reserve = 1 + s->headroom_frac;
    for (int n = stairs_replicas(&stairs, min * reserve); n <= MOST_REPLICAS; n += tread_step(n)) {
        const double edge = stairs_volume(&stairs, n) / reserve * JUST_BELOW;
        if (edge >= max)
            break;
        if (!edge_add(e, edge, min, max, err))
            return false;
    }
    return true;
}

static bool edges(const struct world *w, double min, double max, struct edge_list *e,
                  struct xo_error *err)
{
    for (int o = 0; o < w->n_sizings; o++)
        if (!option_edges(w, o, min, max, e, err))
            return false;
    return true;
}

bool building_rises(const struct world *w)
{
    for (int o = 0; o < w->n_sizings; o++) {
        const struct xo_staff *staff = &option_of(w, o)->terms.staff;
        for (int i = 1; i < staff->n_steps; i++)
            if (staff->steps[i].fte < staff->steps[i - 1].fte)
                return false;
    }
    return true;
}

static const char *name(const struct xo_scenario *s, int option)
{
    return option >= 0 && option < s->n_options ? s->options[option].label : "";
}

const struct way_type way_build = {
    .usd = cheapest_usd,
    .bill = bill,
    .edges = edges,
    .rises = building_rises,
    .month = read_month,
    .hold_terms = hold_terms,
    .name = name,
};
