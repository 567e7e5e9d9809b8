/* money.c - what a month costs on each side, as a function of volume; see money.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "money.h"

#include "xo/memory.h"
#include "xo/stats.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct tweak NO_TWEAK = { 1, NAN, 1, 1, 1 };

/* ---- buying ---- */

static struct limits limits_of(const struct xo_scenario *s, const struct xo_api *api)
{
    return (struct limits){ api_long_threshold(s, api), xo_api_longest(s, api) };
}

static bool same_limits(struct limits a, struct limits b)
{
    return a.threshold == b.threshold && a.most == b.most;
}

/* Means of one class, and the limits that they were read with. */
struct known {
    const struct xo_token_means *means;
    struct limits limits;
};

/* Most limits are one and the same, so that the means before are taken where they were of these. */
static bool read_means(const struct xo_scenario *s, int c, struct limits limits,
                       struct xo_token_means *means, struct known *known, struct xo_error *err)
{
    if (same_limits(limits, known->limits))
        *means = *known->means;
    else if (!xo_class_token_means(&s->workload, c, limits.threshold, limits.most, means, err))
        return false;
    *known = (struct known){ means, limits };
    return true;
}

/* The tokens of class c by every tariff that may bill them. */
static bool read_class(struct buyer *b, const struct xo_scenario *s, int c, struct xo_error *err)
{
    struct known known = { &b->offered[c], { INT32_MAX, 0 } };
    if (!xo_class_token_means(&s->workload, c, INT32_MAX, 0, &b->offered[c], err))
        return false;
    for (int i = 0; i < s->n_same_bought; i++) {
        const struct limits l = limits_of(s, &s->same_model[i]);
        if (!read_means(s, c, l, &b->same[i][c], &known, err))
            return false;
    }
    for (int i = 0; i < s->n_apis; i++) {
        b->limits[i][c] = limits_of(s, class_api(s, c, i));
        if (!read_means(s, c, b->limits[i][c], &b->api[i][c], &known, err))
            return false;
    }
    return true;
}

bool buyer_init(struct buyer *b, const struct xo_scenario *s, struct xo_error *err)
{
    *b = (struct buyer){ .scenario = s, .peak_factor = busiest_hour_factor(&s->workload) };
    for (int c = 0; c < s->workload.n_classes; c++) {
        if (!read_class(b, s, c, err))
            return false;
        b->prompt += s->workload.classes[c].weight * b->offered[c].prompt;
        b->cached += s->workload.classes[c].weight * b->offered[c].cached;
        b->output += s->workload.classes[c].weight * b->offered[c].output;
        for (int i = 0; i < s->n_apis; i++)
            b->api_refuses[i] |= b->api[i][c].refused_frac > xo_tolerated_misses(s, c);
        for (int i = 0; i < s->n_same_bought; i++)
            b->same_refuses[i] |= b->same[i][c].refused_frac > xo_tolerated_misses(s, c);
    }
    buyer_read_week(b);
    return true;
}

/* Money keys move the means only by way of the limits of a tariff. */
bool buyer_is_of(const struct buyer *b, const struct xo_scenario *s)
{
    for (int c = 0; c < s->workload.n_classes; c++)
        for (int i = 0; i < s->n_apis; i++)
            if (!same_limits(b->limits[i][c], limits_of(s, class_api(s, c, i))))
                return false;
    return true;
}

static struct xo_buy_terms buy_terms(const struct world *w)
{
    struct xo_buy_terms terms = w->scenario->buy;
    terms.price_scale *= w->tweak.price;
    terms.staff.scale *= w->without_people ? 0 : w->tweak.staff;
    terms.one_off_usd *= w->without_one_offs ? 0 : 1;
    if (!isnan(w->tweak.discount_frac))
        terms.discount_frac = w->tweak.discount_frac;
    return terms;
}

/* What one buying bill is made of. */
struct purchase {
    struct xo_tariff tariffs[XO_MAX_USES];
    struct xo_token_use uses[XO_MAX_USES];
    int n;
    struct xo_buy_terms terms;
};

static void purchase_tokens(const struct world *w, double volume, int api, struct purchase *p)
{
    const struct xo_scenario *s = w->scenario;
    p->n = 0;
    for (int c = 0; c < s->workload.n_classes; c++) {
        const int n = token_uses(w, volume, c, api, &p->uses[p->n]);
        for (int i = 0; i < n; i++)
            p->tariffs[p->n++] = class_api(s, c, api)->tariff;
    }
    p->terms = buy_terms(w);
}

static double purchase_usd(const struct purchase *p)
{
    return xo_buy_usd(p->tariffs, p->uses, p->n, &p->terms);
}

/* Only tokens and what is off their price. */
static void without_the_rest(struct xo_buy_terms *terms)
{
    terms->staff.n_steps = 0;
    terms->one_off_usd = terms->fixed_usd_month = terms->contingency_frac = 0;
}

static const char *asked_again_at(const struct xo_scenario *s, int api)
{
    return xo_has_class_apis(s) ? "the APIs of each class" : s->apis[api].tariff.name;
}

/* Requests that the model of [build] answers and that are asked again at the API: by the cheapest
 * of the list, with its discount; a commitment is signed by who buys all of it there. */
static struct xo_escalation escalation(const struct world *w, double volume)
{
    const struct xo_scenario *s = w->scenario;
    struct xo_escalation e = { .frac = s->escalated_frac, .usd_month = INFINITY };
    if (!(e.frac > 0) || s->n_apis == 0)
        return (struct xo_escalation){ 0 };
    for (int i = 0; i < s->n_apis; i++) {
        struct purchase p;
        purchase_tokens(w, volume * e.frac, i, &p);
        without_the_rest(&p.terms);
        p.terms.committed_usd_month = 0;
        const double usd = purchase_usd(&p);
        if (usd < e.usd_month)
            e = (struct xo_escalation){ e.frac, usd, asked_again_at(s, i) };
    }
    return e;
}

/* The same weights by the token: a host's list price. Discounts and commitments are negotiated with
 * the API vendor of [buy] and do not carry over; retries, staff and contingency do. The price tweak
 * asks what the API would have to charge, so it leaves the host alone. */
static void purchase_same(const struct world *w, double volume, int host, struct purchase *p)
{
    purchase_tokens(w, volume, api_of_host(host), p);
    p->terms.discount_frac = 0;
    p->terms.committed_usd_month = 0;
    p->terms.price_scale = w->scenario->buy.price_scale;
    p->terms.escalation = escalation(w, volume);
}

void world_buy_bill(const struct world *w, double volume, int api, struct xo_bill *bill)
{
    struct purchase p;
    purchase_tokens(w, volume, api, &p);
    xo_buy_bill(p.tariffs, p.uses, p.n, &p.terms, bill);
}

/* As an invoice: its requests count every call. */
static void purchase_invoice(const struct world *w, double volume, int api, struct purchase *p)
{
    purchase_tokens(w, volume, api, p);
    without_the_rest(&p->terms);
    p->terms.retries_frac = 0;
}

void world_token_bill(const struct world *w, double volume, int api, struct xo_bill *bill)
{
    struct purchase p;
    purchase_invoice(w, volume, api, &p);
    xo_buy_bill(p.tariffs, p.uses, p.n, &p.terms, bill);
}

double world_tokens_usd(const struct world *w, double volume)
{
    double best = NAN;
    for (int i = 0; i < w->scenario->n_apis; i++) {
        struct purchase p;
        purchase_invoice(w, volume, i, &p);
        best = fmin(best, purchase_usd(&p)); /* fmin ignores NAN */
    }
    return best;
}

void world_same_bill(const struct world *w, double volume, int host, struct xo_bill *bill)
{
    struct purchase p;
    purchase_same(w, volume, host, &p);
    xo_buy_bill(p.tariffs, p.uses, p.n, &p.terms, bill);
}

/* Requests and tokens a minute that one account is asked for. */
struct minute {
    const struct xo_tariff *tariff;
    double requests, tokens;
};

/* The busiest minute of the week, by account: the mean of the busiest hour (inside a burst, where
 * there are bursts of a minute or more) and three standard deviations of a minute's count. */
static int busiest_minute(const struct world *w, double volume, int api,
                          struct minute accounts[XO_MAX_CLASSES])
{
    const struct xo_scenario *s = w->scenario;
    const struct xo_bursts *b = &s->workload.arrivals.bursts;
    const double cv = s->workload.trace != NULL ? 1 : s->workload.arrivals.cv;
    double peak = w->buyer->peak_factor;
    if (s->workload.trace == NULL && b->factor > 1 && b->mean_s >= 60)
        peak *= b->factor / (1 + b->share_frac * (b->factor - 1));
    int n = 0;
    for (int c = 0; c < s->workload.n_classes; c++) {
        const struct xo_tariff *tariff = &class_api(s, c, api)->tariff;
        const struct xo_ratios ratio = xo_api_ratios(s, class_api(s, c, api));
        const struct xo_token_means *m = &w->buyer->api[api][c];
        const double mean = volume * s->workload.classes[c].weight * (1 + s->retries_frac) /
                            (s->hours_per_month * 60) * peak * (1 - m->refused_frac);
        int k = 0;
        while (k < n && strcmp(accounts[k].tariff->name, tariff->name) != 0)
            k++;
        if (k == n)
            accounts[n++] = (struct minute){ .tariff = tariff };
        accounts[k].requests += mean;
        if (m->refused_frac < 1)
            accounts[k].tokens +=
                mean * (m->prompt * ratio.input + m->output * ratio.output) / (1 - m->refused_frac);
    }
    for (int k = 0; k < n; k++) {
        const double mean = accounts[k].requests;
        accounts[k].requests = mean + 3 * cv * sqrt(mean);
        accounts[k].tokens *= accounts[k].requests / fmax(mean, 1e-300);
    }
    return n;
}

bool buy_limited(const struct world *w, double volume, int api, double *requests, double *tokens)
{
    struct minute accounts[XO_MAX_CLASSES];
    const int n = busiest_minute(w, volume, api, accounts);
    bool limited = w->buyer->api_refuses[api];
    *requests = *tokens = 0;
    for (int k = 0; k < n; k++) {
        *requests += accounts[k].requests;
        *tokens += accounts[k].tokens;
        limited |= accounts[k].requests > accounts[k].tariff->requests_per_minute ||
                   accounts[k].tokens > accounts[k].tariff->tokens_per_minute;
    }
    return limited;
}

/* The cheapest API that takes the requests and carries the busiest minute; where none does, the
 * cheapest. */
double world_buy_usd(const struct world *w, double volume, int *api)
{
    double best = NAN, requests, tokens;
    bool best_limited = true;
    for (int i = 0; i < w->scenario->n_apis; i++) {
        struct purchase p;
        purchase_tokens(w, volume, i, &p);
        double usd = purchase_usd(&p);
        bool limited = w->scenario->n_apis > 1 && buy_limited(w, volume, i, &requests, &tokens);
        if (!isnan(best) && (limited > best_limited || (limited == best_limited && usd >= best)))
            continue;
        best = usd;
        best_limited = limited;
        if (api != NULL)
            *api = i;
    }
    return best;
}

double world_same_usd(const struct world *w, double volume, int *host)
{
    double best = NAN;
    for (int i = 0; i < w->scenario->n_same_bought; i++) {
        struct purchase p;
        if (w->buyer->same_refuses[i])
            continue;
        purchase_same(w, volume, i, &p);
        const double usd = purchase_usd(&p);
        if (!isnan(best) && usd >= best)
            continue;
        best = usd;
        if (host != NULL)
            *host = i;
    }
    return best;
}

/* ---- building ---- */

bool usage_measure(struct usage *u, struct arm *arm, const struct xo_capacity *at,
                   struct xo_error *err)
{
    /* Close together at light load, where busy time bends as 1 - exp(-load). */
    static const double load[N_USAGE_LEVELS] = { 0.004, 0.008, 0.016, 0.03, 0.06, 0.1,
                                                 0.16,  0.25,  0.4,   0.6,  0.8,  1 };
    static const double REQUESTS = 4000;
    const struct xo_scenario *s = arm->scenario;
    struct observing of[N_USAGE_LEVELS];
    for (int i = 0; i < N_USAGE_LEVELS; i++)
        of[i] = (struct observing){ arm, at->n_replicas, at->volume, load[i], REQUESTS, NULL };
    if (!arm_observe_all(of, N_USAGE_LEVELS, arm->options, err))
        return false;
    for (int i = 0; i < N_USAGE_LEVELS; i++) {
        struct xo_point_metrics m;
        metrics_of(of[i].tally, arm, 1, &m);
        xo_tally_free(of[i].tally);
        u->load[i] = load[i];
        u->busy_frac[i] = m.busy_frac;
        u->w_per_gpu[i] = xo_gpu_power_w(&s->options[arm->option].deployment.gpu, m.busy_frac,
                                         m.mbu_frac, m.mfu_frac);
        if (i > 0) /* more work draws no less: what falls is noise */
            u->w_per_gpu[i] = fmax(u->w_per_gpu[i], u->w_per_gpu[i - 1]);
        for (int c = 0; c < XO_MAX_CLASSES; c++)
            for (int t = 0; t < XO_MAX_TARGETS; t++)
                u->attained_frac[c][t][i] = m.attained_frac[c][t];
    }
    /* A trace is read at its mean: its own hours are not the week's. */
    if (s->workload.trace == NULL)
        xo_profile_hour_factors(&s->workload.profile, u->hour_factor);
    else
        for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
            u->hour_factor[h] = 1;
    return true;
}

bool builder_simulate(struct builder *b, const struct xo_scenario *s, int option,
                      const struct xo_study_options *options, double volume,
                      ladder_progress_fn *progress, void *progress_self, struct xo_error *err)
{
    const int most = s->fixed_replicas > 0 ? s->fixed_replicas + 1 : INT_MAX;
    const double plan = s->requests_per_month, reserve_plan = plan * (1 + s->headroom_frac);
    if (!arm_init(&b->arm, s, option, options, err) ||
        !ladder_climb(b->ladder, &b->arm, volume * (1 + s->headroom_frac), most, progress,
                      progress_self, err) ||
        !ladder_settle(b->ladder, &b->arm, (double[]){ plan, reserve_plan }, 2, s->fixed_replicas,
                       err))
        return false;
    if (b->ladder->infeasible.is)
        return true;
    struct stairs stairs = { .ladder = b->ladder };
    const double reserve = s->fixed_replicas > 0 ? 1 : 1 + s->headroom_frac;
    int n = stairs_replicas(&stairs, s->requests_per_month * reserve), rung = 0;
    while (rung + 1 < b->ladder->n_rungs && b->ladder->rungs[rung].n_replicas < n)
        rung++;
    return usage_measure(&b->usage, &b->arm, &b->ladder->rungs[rung], err);
}

bool builders_some_ran(const struct builder builders[], int n, struct xo_error *err)
{
    for (int o = 0; o < n; o++) {
        const struct xo_infeasible *why = &builders[o].ladder->infeasible;
        if (!why->is || why->cause != XO_CAUSE_FAILED)
            return true;
    }
    return n == 0 || xo_fail(err, XO_ERR_INPUT, "%s", builders[0].ladder->infeasible.reason);
}

double usage_at(const struct usage *u, const double value[N_USAGE_LEVELS], double load,
                double at_zero)
{
    double x0 = 0, y0 = at_zero;
    for (int i = 0; i < N_USAGE_LEVELS; i++) {
        if (load <= u->load[i])
            return y0 + (value[i] - y0) * (load - x0) / (u->load[i] - x0);
        x0 = u->load[i];
        y0 = value[i];
    }
    return y0;
}

/* Pointwise-stationary approximation: each hour of the week at its own load (model.md 17). */
static double week_mean(const struct usage *u, const double value[], double mean_load,
                        double at_zero)
{
    double sum = 0;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        sum += usage_at(u, value, mean_load * u->hour_factor[h], at_zero);
    return sum / XO_HOURS_PER_WEEK;
}

static const struct xo_build_option *option_of(const struct world *w, int option)
{
    return &w->scenario->options[w->where != NULL ? w->where[option] : option];
}

static struct stairs world_stairs(const struct world *w, int option)
{
    const struct xo_ladder *ladder = w->builders[option].ladder;
    struct stairs stairs = { .ladder = ladder, .noise_z = w->noise_z };
    if (w->scaling != NULL)
        stairs.scaling = w->scaling[option];
    if (w->tweak.step != 1)
        scaling_add(&stairs.scaling, ladder->step_exponent_1 * log(w->tweak.step),
                    ladder->step_exponent_8 * log(w->tweak.step));
    if (w->treads != NULL && treads_are_of(&w->treads[option], &stairs))
        stairs.treads = &w->treads[option];
    return stairs;
}

/* No fleet of the option meets the SLO. */
static bool is_out(const struct world *w, int option)
{
    return w->builders[option].ladder->infeasible.is || (w->shut != NULL && w->shut[option]);
}

bool world_treads(const struct world *w, double volume, struct treads treads[],
                  struct xo_error *err)
{
    const double reserve = 1 + w->scenario->headroom_frac;
    for (int o = 0; o < w->n_builders; o++) {
        const struct stairs stairs = world_stairs(w, o);
        if (!is_out(w, o) && !treads_fill(&treads[o], &stairs, volume * reserve, err))
            return false;
    }
    return true;
}

static struct xo_build_terms build_terms(const struct world *w, int option,
                                         const struct xo_escalation *escalated)
{
    struct xo_build_terms terms = option_of(w, option)->terms;
    terms.escalation = *escalated;
    terms.rent_scale *= w->tweak.rent;
    terms.staff.scale *= w->without_people ? 0 : w->tweak.staff;
    terms.one_off_usd *= w->without_one_offs ? 0 : 1;
    return terms;
}

int gpus_paid_for(const struct xo_build_terms *terms, const struct xo_build_use *use)
{
    const int64_t n = xo_build_gpus(terms, use);
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

static struct xo_build_use build_use(const struct world *w, const struct xo_sized *sized)
{
    const struct xo_deployment *d = &option_of(w, sized->option)->deployment;
    return (struct xo_build_use){ .serving_replicas = sized->serving_replicas,
                                  .headroom_replicas = sized->headroom_replicas,
                                  .spare_replicas = sized->spare_replicas,
                                  .gpus_per_replica = xo_deployment_gpus(d),
                                  .mean_w_per_gpu = sized->week_mean_w_per_gpu };
}

bool world_fleet(const struct world *w, double volume, int option, struct xo_sized *sized)
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
        sized->headroom_replicas =
            stairs_replicas(&stairs, volume * (1 + s->headroom_frac)) - sized->serving_replicas;
        sized->feasible = true;
    }
    sized->spare_replicas = s->spare_replicas;
    const struct xo_build_use use = build_use(w, sized);
    sized->n_gpus = gpus_paid_for(&option_of(w, option)->terms, &use);
    return sized->feasible;
}

/* How busy the GPUs are over the week, for their power and for people to read. Headroom replicas
 * stand behind the same router and share the load; spares idle. */
static void read_week(const struct world *w, double volume, int option, struct xo_sized *sized)
{
    const struct builder *b = &w->builders[option];
    struct stairs stairs = world_stairs(w, option);
    int n = sized->serving_replicas + sized->headroom_replicas;
    double load = volume / stairs_volume(&stairs, n) / b->arm.peak_factor;
    sized->shared_load_frac = load;
    sized->week_busy_frac = week_mean(&b->usage, b->usage.busy_frac, load, 0);
    sized->week_mean_w_per_gpu =
        week_mean(&b->usage, b->usage.w_per_gpu, load, option_of(w, option)->terms.gpu_idle_w);
    double all = stairs_volume(&stairs, n + sized->spare_replicas);
    sized->load_frac = volume / all / b->arm.peak_factor;
}

void world_sized(const struct world *w, double volume, int option, struct xo_sized *sized)
{
    if (!world_fleet(w, volume, option, sized))
        return;
    read_week(w, volume, option, sized);
    const struct xo_escalation escalated = escalation(w, volume);
    struct xo_build_terms terms = build_terms(w, option, &escalated);
    struct xo_build_use use = build_use(w, sized);
    xo_build_bill(&terms, &use, &sized->bill);
    struct world lo = *w, hi = *w;
    struct xo_sized other;
    lo.noise_z = -1.96;
    hi.noise_z = 1.96;
    world_fleet(&lo, volume, option, &other);
    sized->settled = other.serving_replicas == sized->serving_replicas;
    world_fleet(&hi, volume, option, &other);
    sized->settled &= other.serving_replicas == sized->serving_replicas;
}

double world_build_usd(const struct world *w, double volume, int *option)
{
    const struct xo_escalation escalated = escalation(w, volume);
    double best = NAN;
    for (int o = 0; o < w->n_builders; o++) {
        struct xo_sized sized;
        if (!world_fleet(w, volume, o, &sized))
            continue;
        struct xo_build_terms terms = build_terms(w, o, &escalated);
        if (terms.pays_power)
            read_week(w, volume, o, &sized);
        struct xo_build_use use = build_use(w, &sized);
        double usd = xo_build_usd(&terms, &use);
        if (isnan(best) || usd < best) {
            best = usd;
            if (option != NULL)
                *option = o;
        }
    }
    return best;
}

double world_kept_usd(const struct world *w, double volume, const struct xo_sized *fleet)
{
    struct xo_sized now;
    if (!world_fleet(w, volume, fleet->option, &now))
        return NAN;
    const int fewer = fleet->serving_replicas + fleet->headroom_replicas - now.serving_replicas -
                      now.headroom_replicas;
    now.headroom_replicas += fewer > 0 ? fewer : 0; /* they share the load */
    const struct xo_escalation escalated = escalation(w, volume);
    const struct xo_build_terms terms = build_terms(w, fleet->option, &escalated);
    if (terms.pays_power)
        read_week(w, volume, fleet->option, &now);
    const struct xo_build_use use = build_use(w, &now);
    return xo_build_usd(&terms, &use);
}

double world_idle_usd(const struct world *w, const struct xo_sized *fleet)
{
    const struct xo_escalation none = { 0 };
    const struct xo_build_terms terms = build_terms(w, fleet->option, &none);
    struct xo_sized idle = *fleet;
    idle.week_mean_w_per_gpu = terms.gpu_idle_w;
    const struct xo_build_use use = build_use(w, &idle);
    return xo_build_usd(&terms, &use);
}

struct xo_obligation world_obligation(const struct world *w, const struct xo_sized *sized)
{
    const struct xo_escalation none = { 0 };
    const struct xo_build_terms terms = build_terms(w, sized->option, &none);
    const struct xo_build_use use = build_use(w, sized);
    return xo_build_obligation(&terms, &use);
}

/* Twice a fleet costs twice as much and carries what the ladder says: whole servers and the
 * capacity of a replica average out. Spares are there already. */
static double marginal_option_usd(const struct world *w, double volume, int o)
{
    struct xo_sized one, two;
    if (!world_fleet(w, volume, o, &one))
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
    const struct xo_build_use use[2] = { build_use(w, &one), build_use(w, &two) };
    const double usd = xo_build_usd(&terms, &use[1]) - xo_build_usd(&terms, &use[0]);
    const double asked_again =
        escalation(w, 2 * volume).usd_month - escalation(w, volume).usd_month;
    return usd / (more / (1 + w->scenario->headroom_frac)) +
           asked_again * (1 + terms.contingency_frac) / volume;
}

double world_marginal_usd(const struct world *w, double volume)
{
    double best = NAN;
    for (int o = 0; o < w->n_builders; o++)
        best = fmin(best, marginal_option_usd(w, volume, o)); /* fmin ignores NAN */
    return best;
}

/* Full batches are busy GPUs: their power is that of a busy one. NAN where more than a million
 * replicas would have to be full. */
static double napkin_option_usd(const struct world *w, double volume, int o)
{
    const struct xo_scenario *s = w->scenario;
    double full = w->builders[o].ladder->saturation_rate_per_s * s->hours_per_month * 3600;
    if (!(full * MOST_REPLICAS >= volume))
        return NAN;
    const struct xo_escalation none = { 0 };
    struct xo_build_terms terms = build_terms(w, o, &none);
    terms.staff.scale = 0;
    terms.one_off_usd = terms.contingency_frac = 0;
    terms.fixed_usd_month = terms.storage_usd_month = terms.egress_usd_month = 0;
    struct xo_build_use use = { .serving_replicas = (int)fmax(1, ceil(volume / full)),
                                .gpus_per_replica =
                                    xo_deployment_gpus(&option_of(w, o)->deployment),
                                .mean_w_per_gpu = terms.gpu_busy_w };
    return xo_build_usd(&terms, &use);
}

double world_napkin_usd(const struct world *w, double volume)
{
    double best = NAN;
    for (int o = 0; o < w->n_builders; o++)
        best = fmin(best, napkin_option_usd(w, volume, o)); /* fmin ignores NAN */
    return best;
}

/* ---- crossings ---- */

double line_buy(const struct world *w, double volume)
{
    int api = 0;
    double requests, tokens, usd = world_buy_usd(w, volume, &api);
    return buy_limited(w, volume, api, &requests, &tokens) ? NAN : usd;
}

double line_same(const struct world *w, double volume)
{
    return world_same_usd(w, volume, NULL);
}

double line_build(const struct world *w, double volume)
{
    return world_build_usd(w, volume, NULL);
}

double line_napkin(const struct world *w, double volume)
{
    return world_napkin_usd(w, volume);
}

double line_tokens(const struct world *w, double volume)
{
    return world_tokens_usd(w, volume);
}

struct edge_list {
    double *at;
    size_t n, room;
};

static bool add_edge(struct edge_list *e, double volume, double min, double max,
                     struct xo_error *err)
{
    if (volume <= min || volume >= max)
        return true;
    if (!xo_array_reserve((void **)&e->at, &e->room, e->n + 1, sizeof *e->at, err))
        return false;
    e->at[e->n++] = volume;
    return true;
}

/* Rounding may put V_N itself, times the headroom, above V_N: an edge lies a hair below it, still
 * on the tread that it ends. */
static const double JUST_BELOW = 1 - 1e-12;

static bool add_option_edges(const struct world *w, int o, double min, double max, bool napkin,
                             struct edge_list *e, struct xo_error *err)
{
    const struct xo_scenario *s = w->scenario;
    const struct xo_ladder *ladder = w->builders[o].ladder;
    if (napkin) {
        double full = ladder->saturation_rate_per_s * s->hours_per_month * 3600;
        if (!(full * MOST_REPLICAS > min))
            return true;
        max = fmin(max, full * MOST_REPLICAS);
        for (int n = (int)fmax(1, floor(min / full)); full * n < max; n += 1 + n / 500)
            if (!add_edge(e, full * n * JUST_BELOW, min, max, err))
                return false;
        return true;
    }
    if (is_out(w, o))
        return true;
    struct stairs stairs = world_stairs(w, o);
    if (s->fixed_replicas > 0)
        return add_edge(e, stairs_volume(&stairs, s->fixed_replicas) * JUST_BELOW, min, max, err);
    double reserve = 1 + s->headroom_frac;
    /* Above 500 replicas treads of a fifth of a percent: a whole step of many replicas is taken at
     * once, and a root on it is bisected all the same. */
    for (int n = stairs_replicas(&stairs, min * reserve);; n += 1 + n / 500) {
        double edge = stairs_volume(&stairs, n) / reserve * JUST_BELOW;
        if (edge >= max)
            return true;
        if (!add_edge(e, edge, min, max, err))
            return false;
    }
}

bool world_risers(const struct world *w, double min, double max, bool napkin, double **risers,
                  size_t *n_risers, struct xo_error *err)
{
    struct edge_list e = { 0 };
    for (int o = 0; o < w->n_builders; o++)
        if (!add_option_edges(w, o, min, max, napkin, &e, err)) {
            free(e.at);
            return false;
        }
    if (e.n > 0)
        xo_sort(e.at, e.n);
    *risers = e.at;
    *n_risers = e.n;
    return true;
}

/* The risers, and a grid on which smooth bends of the buying side (tiers, the cheapest of several
 * APIs) are looked for. */
static bool world_edges(const struct world *w, double min, double max, bool napkin, double **edges,
                        size_t *n_edges, struct xo_error *err)
{
    enum { GRID = 64 };
    struct edge_list e = { 0 };
    if (!world_risers(w, min, max, napkin, &e.at, &e.n, err))
        return false;
    e.room = e.n;
    for (int i = 1; i < GRID; i++)
        if (!add_edge(&e, min * pow(max / min, (double)i / GRID), min, max, err)) {
            free(e.at);
            return false;
        }
    if (e.n > 0)
        xo_sort(e.at, e.n);
    *edges = e.at;
    *n_edges = e.n;
    return true;
}

/* Where there is no more room the last one is kept, from which on the answer stays. */
static void add_crossing(struct xo_crossings *out, double volume, double usd, bool to_build,
                         bool at_riser)
{
    const int i = out->n < XO_MAX_CROSSINGS ? out->n++ : XO_MAX_CROSSINGS - 1;
    out->at[i] = (struct xo_crossing){ .volume = volume,
                                       .usd = usd,
                                       .noise_lo = volume,
                                       .noise_hi = volume,
                                       .to_build = to_build,
                                       .at_riser = at_riser };
}

/* Where b begins or ceases to win, kept between lo and hi. */
struct bracket {
    const struct world *w;
    world_line_fn *a, *b;
    double lo, hi, gap_lo, gap_hi; /* gap: a - b */
    bool b_wins_at_hi;
};

static void try_root(struct bracket *k, double volume)
{
    if (!(volume > k->lo && volume < k->hi))
        return;
    const double gap = k->a(k->w, volume) - k->b(k->w, volume);
    const bool is_hi = (gap > 0) == k->b_wins_at_hi;
    *(is_hi ? &k->hi : &k->lo) = volume;
    *(is_hi ? &k->gap_hi : &k->gap_lo) = gap;
}

/* The root of a - b on one tread, where neither jumps, to the last bits that matter (bills are
 * whole millionths, so there is no smoother root to find). Lines are next to straight on a tread: a
 * few chords, a hair to both sides of the last, and bisection on log volume for what they leave. */
static double tread_root(struct bracket k)
{
    static const double HAIR = 4e-13;
    for (int i = 0; i < 3; i++) {
        const double at = k.lo + (k.hi - k.lo) * (k.gap_lo / (k.gap_lo - k.gap_hi));
        try_root(&k, at);
        try_root(&k, at * (1 - HAIR));
        try_root(&k, at * (1 + HAIR));
        if (k.hi / k.lo <= 1 + 1e-12)
            return k.hi;
    }
    for (int i = 0; i < 60 && k.hi / k.lo > 1 + 1e-12; i++)
        try_root(&k, sqrt(k.lo * k.hi));
    return k.hi;
}

/* Buying by the token costs no less for more, but for caches that expire. Building does not either,
 * unless people become fewer. */
static bool lines_rise(const struct world *w)
{
    if (!buying_rises(w))
        return false;
    for (int o = 0; o < w->n_builders; o++) {
        const struct xo_staff *staff = &option_of(w, o)->terms.staff;
        for (int i = 1; i < staff->n_steps; i++)
            if (staff->steps[i].fte < staff->steps[i - 1].fte)
                return false;
    }
    return true;
}

/* Both lines at one volume. */
struct pair {
    double a, b;
};

/* A walk over the treads 0..n_edges, upwards. */
struct scan {
    const struct world *w;
    world_line_fn *a, *b;
    double min, max;
    const double *edges;
    size_t n_edges;
    bool rising;
    struct xo_crossings *out;
    bool wins;         /* b, where both sides last existed */
    bool begun, known; /* whether they ever did, and do now: a side that ends (a fixed fleet that is
                          full, an API above its rate limit) is no crossing */
};

static struct pair lines_at(const struct scan *s, double volume)
{
    return (struct pair){ s->a(s->w, volume), s->b(s->w, volume) };
}

static double tread_from(const struct scan *s, size_t tread)
{
    static const double JUST_ABOVE = 1 + 1e-9;
    return tread == 0 ? s->min : s->edges[tread - 1] * JUST_ABOVE;
}

static double tread_to(const struct scan *s, size_t tread)
{
    return tread < s->n_edges ? s->edges[tread] : s->max;
}

/* What is known at the next place; whether the winner there is another than before. */
static bool changes(struct scan *s, struct pair at)
{
    const bool exists = !isnan(at.a - at.b), wins = at.a - at.b > 0;
    const bool changed = exists && s->known && wins != s->wins;
    if (exists && !s->begun)
        s->out->build_cheaper_at_min = wins;
    s->begun |= exists;
    s->known = exists;
    if (exists)
        s->wins = wins;
    return changed;
}

/* Step onto a tread, across the riser before it. */
static void step_onto(struct scan *s, size_t tread, struct pair from)
{
    if (!changes(s, from))
        return;
    const double riser = s->edges[tread - 1];
    add_crossing(s->out, riser, s->a(s->w, riser), s->wins, true);
}

static void walk_tread(struct scan *s, size_t tread, struct pair from, struct pair to)
{
    step_onto(s, tread, from);
    if (!changes(s, to))
        return;
    const double root =
        tread_root((struct bracket){ s->w, s->a, s->b, tread_from(s, tread), tread_to(s, tread),
                                     from.a - from.b, to.a - to.b, s->wins });
    add_crossing(s->out, root, s->a(s->w, root), s->wins, false);
}

/* Treads first..last, whose ends are known; a has no risers, so that what it is at one it still is
 * just above. Rounding may bend a rising line by SLACK: XO_MAX_BILL_ITEMS half millionths and what
 * is derived from them; above $9 billion by the last bits of a double. */
static void walk(struct scan *s, size_t first, size_t last, struct pair from, struct pair to)
{
    static const double SLACK_USD = 1e-3, SLACK_FRAC = 1e-13;
    const double slack = SLACK_USD + SLACK_FRAC * fmax(fabs(to.a), fabs(to.b));
    const bool all_win = s->rising && from.a - to.b > slack;
    const bool none_wins = s->rising && to.a - from.b < -slack;
    if (first == last) {
        walk_tread(s, first, from, to);
    } else if (all_win || none_wins) {
        step_onto(s, first, from);
    } else {
        const size_t mid = first + (last - first) / 2;
        const struct pair below = lines_at(s, tread_to(s, mid));
        const struct pair above = { below.a, s->b(s->w, tread_from(s, mid + 1)) };
        walk(s, first, mid, from, below);
        walk(s, mid + 1, last, above, to);
    }
}

static bool find_crossings(const struct world *w, world_line_fn *a, world_line_fn *b, double min,
                           double max, struct xo_crossings *out, struct xo_error *err)
{
    double *edges;
    size_t n_edges;
    if (!world_edges(w, min, max, b == line_napkin, &edges, &n_edges, err))
        return false;
    struct scan s = { .w = w,
                      .a = a,
                      .b = b,
                      .min = min,
                      .max = max,
                      .edges = edges,
                      .n_edges = n_edges,
                      .rising = lines_rise(w),
                      .out = out };
    walk(&s, 0, n_edges, lines_at(&s, min), lines_at(&s, max));
    free(edges);
    out->build_cheaper_at_max = s.wins;
    if (s.wins)
        out->stays_above = out->n > 0 ? out->at[out->n - 1].volume : min;
    return true;
}

bool world_crossings(const struct world *w, world_line_fn *a, world_line_fn *b, double min,
                     double max, struct xo_crossings *out, struct xo_error *err)
{
    *out = (struct xo_crossings){ .stays_above = NAN,
                                  .first = { NAN, NAN, NAN, NAN, NAN, NAN },
                                  .last = { NAN, NAN, NAN, NAN, NAN, NAN },
                                  .exists_share = NAN,
                                  .even_odds = NAN,
                                  .exists_se = NAN,
                                  .even_odds_se = NAN };
    if (w->treads != NULL)
        return find_crossings(w, a, b, min, max, out, err);
    struct treads treads[XO_MAX_OPTIONS * 4] = { 0 };
    struct world own = *w;
    bool ok = world_treads(w, max, treads, err);
    own.treads = treads;
    ok = ok && find_crossings(&own, a, b, min, max, out, err);
    for (int o = 0; o < w->n_builders; o++)
        treads_fini(&treads[o]);
    return ok;
}

void crossings_ends(const struct xo_crossings *c, double *first, double *stays_above)
{
    *first = c->build_cheaper_at_min ? 0 : INFINITY;
    for (int i = c->n - 1; i >= 0; i--)
        if (c->at[i].to_build)
            *first = c->at[i].volume;
    *stays_above = !c->build_cheaper_at_max ? INFINITY : c->n > 0 ? c->stays_above : 0;
}

/* ---- metrics ---- */

void metrics_of(const struct xo_tally *t, const struct arm *arm, double parts,
                struct xo_point_metrics *m)
{
    *m = (struct xo_point_metrics){ 0 };
    static _Thread_local struct xo_hist ttft, tpot, e2e;
    memset(&ttft, 0, sizeof ttft);
    memset(&tpot, 0, sizeof tpot);
    memset(&e2e, 0, sizeof e2e);
    int64_t good = 0;
    for (int c = 0; c < XO_MAX_CLASSES; c++)
        for (int k = 0; k < XO_MAX_TARGETS; k++)
            m->attained_frac[c][k] = NAN;
    for (int c = 0; c < t->n_classes; c++) {
        const struct xo_class_tally *k = &t->classes[c];
        xo_hist_merge(&ttft, &k->ttft_hist);
        xo_hist_merge(&tpot, &k->tpot_hist);
        xo_hist_merge(&e2e, &k->e2e_hist);
        good += k->n_good;
        m->n_measured += k->n_arrived;
        for (int i = 0; i < arm->scenario->slo[c].n_targets; i++)
            if (k->n_counted[i] > 0)
                m->attained_frac[c][i] = (double)k->n_met[i] / (double)k->n_counted[i];
    }
    m->ttft_p50_s = xo_hist_quantile(&ttft, 0.5);
    m->ttft_p95_s = xo_hist_quantile(&ttft, 0.95);
    m->ttft_p99_s = xo_hist_quantile(&ttft, 0.99);
    m->tpot_p50_s = xo_hist_quantile(&tpot, 0.5);
    m->tpot_p95_s = xo_hist_quantile(&tpot, 0.95);
    m->tpot_p99_s = xo_hist_quantile(&tpot, 0.99);
    m->e2e_p50_s = xo_hist_quantile(&e2e, 0.5);
    m->e2e_p95_s = xo_hist_quantile(&e2e, 0.95);
    m->e2e_p99_s = xo_hist_quantile(&e2e, 0.99);
    m->itl_p50_s = xo_hist_quantile(&t->itl_hist, 0.5);
    m->itl_p99_s = xo_hist_quantile(&t->itl_hist, 0.99);
    m->n_simulated = t->n_simulated;
    const double replica_s = t->window_s * t->n_replicas;
    const struct xo_work_rates *rates = xo_step_work_rates(arm->step);
    m->goodput_per_s = (double)good / t->window_s * parts;
    m->busy_frac = t->busy_s / replica_s;
    m->prefill_frac = t->prefill_s / replica_s;
    m->decode_frac = t->decode_s / replica_s;
    m->idle_frac = fmax(0, 1 - m->busy_frac); /* rounding may make a busy replica's -1e-16 */
    m->batch_mean = t->busy_s > 0 ? t->batch_integral_s / t->busy_s : 0;
    m->kv_mean_frac =
        t->busy_s > 0 ? t->kv_bytes_integral / (t->busy_s * (double)arm->kv.room_bytes) : 0;
    m->kv_peak_frac = t->kv_peak_frac;
    m->mbu_frac = t->bytes / (replica_s * rates->peak_bytes_per_s);
    m->mfu_frac = t->flops / (replica_s * rates->peak_flop_per_s);
    m->preemptions_per_request =
        m->n_measured > 0 ? (double)t->n_preemptions / (double)m->n_measured : 0;
}
