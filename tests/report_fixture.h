/* report_fixture.h - a small made-up case: a curve and a run as a study would hand them over.
 *
 * Not a simulation: a replica carries a fixed volume, a bill is a straight line or a staircase, and
 * draws are the base case times a few factors. Every figure follows from struct fix_case, so that a
 * test can say what must come out.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_FIXTURE_H
#define XO_REPORT_FIXTURE_H

#include "xo/memory.h"
#include "xo/study.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct fix_case {
    const char *name;
    double api_usd, same_usd;              /* of one request */
    double replica_volume;                 /* requests a month that one replica carries */
    double gpu_hour_usd, people_usd_month; /* of this build */
    double buy_people_usd_month, one_off_usd_month;
    double plan;
    int spares;
    double spread; /* of the draws: buy from 1/spread to spread^(1/3), build the other way */
    bool no_same, infeasible, rate_limited, no_guesses;
    enum xo_parity parity;
    int n_classes;
};

static const struct fix_case fix_support = {
    .name = "Support bot, 50,000 conversations a day",
    .api_usd = 0.0066,
    .same_usd = 0.0024,
    .replica_volume = 2.31e6,
    .gpu_hour_usd = 3.99,
    .people_usd_month = 20833,
    .buy_people_usd_month = 2083,
    .one_off_usd_month = 2500,
    .plan = 1.52e6,
    .spares = 1,
    .spread = 1.35,
    .n_classes = 1,
};

struct fix {
    struct fix_case how;
    struct xo_scenario *scenario;
    struct xo_curve *curve;
};

enum { FIX_GRID = 41, FIX_GPUS = 2 };
static const double FIX_PROMPT = 2000, FIX_OUTPUT = 500, FIX_HEADROOM = 0.2;

static double fix_buy(const struct fix_case *k, double v)
{
    return v * k->api_usd + k->buy_people_usd_month;
}

static double fix_same(const struct fix_case *k, double v)
{
    return k->no_same ? (double)NAN : v * k->same_usd + k->buy_people_usd_month;
}

static int fix_replicas(const struct fix_case *k, double v)
{
    return (int)ceil(v / k->replica_volume * (1 - 1e-12));
}

static double fix_build(const struct fix_case *k, double v)
{
    const int n = fix_replicas(k, v * (1 + FIX_HEADROOM)) + k->spares;
    return k->infeasible
               ? (double)NAN
               : n * FIX_GPUS * 730 * k->gpu_hour_usd + k->people_usd_month + k->one_off_usd_month;
}

static double fix_saving(const struct fix_case *k, double v, bool same)
{
    return (same ? fix_same(k, v) : fix_buy(k, v)) - fix_build(k, v);
}

/* Quantiles of draws without an error, as if there were no end of draws. */
static struct xo_band fix_drawn(double p10, double p50, double p90)
{
    return (struct xo_band){ .p10 = p10, .p50 = p50, .p90 = p90 };
}

/* All changes of sign over the range, by a fine scan and bisection. */
static void fix_cross(const struct fix_case *k, bool same, struct xo_crossings *x)
{
    const double lo = k->plan / 100, hi = k->plan * 100;
    *x = (struct xo_crossings){ .stays_above = NAN, .even_odds = NAN, .exists_share = 0 };
    x->first = x->last = (struct xo_band){ NAN, NAN, NAN, NAN, NAN, NAN };
    double before = lo;
    x->build_cheaper_at_min = fix_saving(k, lo, same) > 0;
    x->build_cheaper_at_max = fix_saving(k, hi, same) > 0;
    for (int i = 1; i <= 40000; i++) {
        const double v = lo * pow(1e4, i / 40000.0);
        double a = before, b = v;
        before = v;
        if ((fix_saving(k, a, same) > 0) == (fix_saving(k, b, same) > 0) ||
            x->n == XO_MAX_CROSSINGS)
            continue;
        const bool to_build = fix_saving(k, b, same) > 0;
        for (int step = 0; step < 60; step++) {
            const double mid = (a + b) / 2;
            if ((fix_saving(k, mid, same) > 0) == to_build)
                b = mid;
            else
                a = mid;
        }
        x->at[x->n++] = (struct xo_crossing){ .volume = a,
                                              .usd = same ? fix_same(k, a) : fix_buy(k, a),
                                              .noise_lo = a * 0.96,
                                              .noise_hi = a * 1.05,
                                              .to_build = to_build,
                                              .at_riser = !to_build };
    }
    for (int i = 0; i < x->n; i++)
        if (x->at[i].to_build) {
            if (isnan(x->first.p50))
                x->first = fix_drawn(x->at[i].volume / k->spread, x->at[i].volume,
                                     x->at[i].volume * k->spread);
            x->stays_above = x->build_cheaper_at_max ? x->at[i].volume : NAN;
            x->last = fix_drawn(x->at[i].volume / k->spread, x->at[i].volume,
                                x->at[i].volume * k->spread * 1.1);
        }
    x->exists_share = x->n > 0 ? 0.97 : 0.002;
    x->even_odds = x->n > 0 ? 1.15 * x->at[0].volume : NAN;
    for (int i = 0; i < 400 && x->n > 1; i++) {
        const double v = x->at[0].volume * pow(x->at[x->n - 1].volume / x->at[0].volume, i / 399.0);
        const double gap = fabs(fix_saving(k, v, same));
        if (gap > x->largest_gap_usd) {
            x->largest_gap_usd = gap;
            x->largest_gap_frac = gap / fmin(fix_build(k, v), fix_buy(k, v));
        }
    }
}

static struct xo_band fix_band(double usd, double lo, double hi)
{
    return fix_drawn(usd * lo, usd * (1 + (hi - 1) / 8), usd * hi);
}

static void fix_metrics(const struct fix_case *k, const struct xo_curve_point *p,
                        struct xo_point_metrics *m)
{
    const double rho = p->volume / (p->build.serving_replicas * k->replica_volume);
    const double wait = 0.05 + 0.9 * pow(rho, 3);
    *m = (struct xo_point_metrics){
        .ttft_p50_s = 0.18 + 0.2 * wait,
        .ttft_p95_s = 0.42 + 1.6 * wait,
        .ttft_p99_s = 0.71 + 3.1 * wait,
        .tpot_p50_s = 0.016 + 0.012 * rho,
        .tpot_p95_s = 0.021 + 0.026 * rho,
        .tpot_p99_s = 0.024 + 0.035 * rho,
        .e2e_p50_s = 8.2 + 6 * rho,
        .e2e_p95_s = 17.4 + 12 * rho,
        .e2e_p99_s = 24.9 + 17 * rho,
        .itl_p50_s = 0.017,
        .itl_p99_s = 0.061,
        .goodput_per_s = p->volume / 2.628e6 * 2.6,
        .busy_frac = 1 - exp(-5 * rho),
        .batch_mean = 1 + 60 * rho,
        .kv_mean_frac = 0.5 * rho,
        .kv_peak_frac = fmin(1, 0.7 * rho + 0.1),
        .mbu_frac = 0.3 + 0.3 * rho,
        .mfu_frac = 0.25 * rho,
        .prefill_frac = 0.3 * rho,
        .decode_frac = 0.9 - 0.3 * rho,
        .idle_frac = 0.1,
        .preemptions_per_request = 0.0125,
        .n_measured = 10000,
        .n_simulated = 12345,
    };
    for (int c = 0; c < XO_MAX_CLASSES; c++)
        for (int t = 0; t < XO_MAX_TARGETS; t++)
            m->attained_frac[c][t] = NAN;
    for (int c = 0; c < k->n_classes; c++) {
        m->attained_frac[c][0] = 1 - 0.04 * rho;
        m->attained_frac[c][1] = 1 - 0.02 * rho;
    }
}

static void fix_item(struct xo_bill *bill, enum xo_bill_group group, const char *label, double usd)
{
    struct xo_bill_item *item = &bill->items[bill->n_items++];
    item->group = group;
    xo_text_copy(item->label, sizeof item->label, label);
    item->micro_usd = round(usd * 1e6);
}

static double fix_napkin(const struct fix_case *k, double v)
{
    return k->infeasible ? (double)NAN
                         : ceil(v / (6.1 * 730 * 3600)) * FIX_GPUS * 730 * k->gpu_hour_usd;
}

static void fix_point(const struct fix *f, struct xo_curve_point *p)
{
    const struct fix_case *k = &f->how;
    const double up = pow(k->spread, 1.0 / 3);
    p->tokens = p->volume * (FIX_PROMPT + FIX_OUTPUT);
    p->usd[XO_WAY_BUY] = fix_buy(k, p->volume);
    p->usd[XO_WAY_SAME] = fix_same(k, p->volume);
    p->usd[XO_WAY_BUILD] = fix_build(k, p->volume);
    p->band[XO_WAY_BUY] = fix_band(p->usd[XO_WAY_BUY], 1 / k->spread, up);
    p->band[XO_WAY_SAME] = fix_band(p->usd[XO_WAY_SAME], 1 / k->spread, up);
    p->band[XO_WAY_BUILD] = fix_band(p->usd[XO_WAY_BUILD], 1 / up, k->spread);
    p->napkin_usd = fix_napkin(k, p->volume);
    p->without_people_usd[XO_WAY_BUY] = p->usd[XO_WAY_BUY] - k->buy_people_usd_month;
    p->without_people_usd[XO_WAY_BUILD] = p->usd[XO_WAY_BUILD] - k->people_usd_month;
    p->limited[XO_WAY_BUY] = k->rate_limited && p->volume > 0.9 * k->plan;
    struct xo_sized *z = &p->build;
    *z = (struct xo_sized){ .option = 0, .feasible = !k->infeasible, .settled = true };
    const double z_score = log(p->usd[XO_WAY_BUY] / p->usd[XO_WAY_BUILD]) / log(k->spread);
    p->wins_share[XO_BUY_BUILD] = k->infeasible ? 0 : 1 / (1 + exp(-3 * z_score));
    p->wins_share[XO_SAME_BUILD] =
        k->no_same || k->infeasible
            ? 0
            : 1 / (1 + exp(-3 * log(p->usd[XO_WAY_SAME] / p->usd[XO_WAY_BUILD]) / log(k->spread)));
    if (!z->feasible)
        return;
    z->serving_replicas = fix_replicas(k, p->volume);
    z->headroom_replicas = fix_replicas(k, p->volume * (1 + FIX_HEADROOM)) - z->serving_replicas;
    z->spare_replicas = k->spares;
    const int n = z->serving_replicas + z->headroom_replicas + z->spare_replicas;
    z->n_gpus = FIX_GPUS * n;
    z->load_frac = p->volume / (n * k->replica_volume) / 2.6;
    z->week_busy_frac = fmin(1, 0.2 + 3 * z->load_frac);
    z->week_mean_w_per_gpu = 420;
    fix_item(&z->bill, XO_BILL_GPUS, "GPUs, serving", n * FIX_GPUS * 730 * k->gpu_hour_usd);
    fix_item(&z->bill, XO_BILL_PEOPLE, "people: 1 FTE at $250,000 a year", k->people_usd_month);
    fix_item(&z->bill, XO_BILL_ONE_OFF, "one-offs over 24 months", k->one_off_usd_month);
    if (p->has_metrics)
        fix_metrics(k, p, &p->metrics);
}

/* The shipped support bot, read as the program reads it, then bent to the case. */
static struct xo_scenario *fix_scenario(const struct fix_case *k)
{
    struct xo_scenario *s = NULL;
    struct xo_problems problems = { 0 };
    const bool read = xo_scenario_read(&s, XO_SOURCE_DIR "/scenarios/support.ini",
                                       &(struct xo_scenario_options){ 0 }, &problems);
    for (size_t i = 0; i < problems.n; i++)
        fprintf(stderr, "%s\n", problems.lines[i]);
    xo_problems_fini(&problems);
    if (!read)
        abort();
    xo_text_copy(s->path, sizeof s->path, "plans/support.ini");
    xo_text_copy(s->name, sizeof s->name, k->name);
    s->seed = 17;
    s->parity = k->parity;
    xo_text_copy(s->parity_evidence, sizeof s->parity_evidence, "blind test of 400 tickets");
    s->requests_per_month = k->plan;
    for (int c = 0; c < k->n_classes; c++) {
        xo_text_copy(s->workload.classes[c].name, XO_NAME_SIZE, c == 0 ? "easy" : "hard");
        s->workload.classes[c].shared_prefix_tokens = 1200;
        s->slo[c] = s->slo[0];
    }
    s->workload.n_classes = k->n_classes;
    s->apis[0].tariff.requests_per_minute = k->rate_limited ? 500 : (double)INFINITY;
    s->n_same_model = k->no_same ? 0 : s->n_same_model;
    if (k->no_same)
        s->same_model_low_usd_per_mtok = s->same_model_high_usd_per_mtok = NAN;
    s->spare_replicas = k->spares;
    s->headroom_frac = FIX_HEADROOM;
    s->n_options = 1;
    s->options[0].terms.one_off_usd = 24 * k->one_off_usd_month;
    s->options[0].terms.staff.scale = k->people_usd_month > 0 ? 1 : 0;
    for (int i = 0; k->no_guesses && i < s->n_entries; i++)
        s->entries[i].guess = false;
    s->n_guesses = k->no_guesses ? 0 : s->n_guesses;
    return s;
}

static int fix_by_volume(const void *a, const void *b)
{
    const double x = ((const struct xo_curve_point *)a)->volume;
    const double y = ((const struct xo_curve_point *)b)->volume;
    return (x > y) - (x < y);
}

static void fix_points(struct fix *f)
{
    struct xo_curve *c = f->curve;
    c->points = calloc(FIX_GRID + 1 + XO_MAX_CROSSINGS, sizeof *c->points);
    for (int i = 0; i < FIX_GRID; i++)
        c->points[c->n_points++] =
            (struct xo_curve_point){ .volume = f->how.plan * pow(10, (i - 20) / 10.0),
                                     .has_metrics = i % 4 == 0 && !f->how.infeasible,
                                     .is_plan = i == 20 };
    for (int i = 0; i < c->crossings[XO_BUY_BUILD].n; i++)
        c->points[c->n_points++] =
            (struct xo_curve_point){ .volume = c->crossings[XO_BUY_BUILD].at[i].volume,
                                     .is_crossing = true };
    qsort(c->points, (size_t)c->n_points, sizeof c->points[0], fix_by_volume);
    for (int i = 0; i < c->n_points; i++) {
        fix_point(f, &c->points[i]);
        if (c->points[i].is_plan)
            c->plan = i;
    }
}

/* Both sides of the first 400 risers of the build. */
static void fix_corners(struct fix *f)
{
    enum { RISERS = 400 };
    struct xo_curve *c = f->curve;
    const struct fix_case *k = &f->how;
    c->corners = calloc(2 * RISERS, sizeof *c->corners);
    for (int n = 1; n <= RISERS && !k->infeasible; n++)
        for (int side = 0; side < 2; side++) {
            const double v = n * k->replica_volume / (1 + FIX_HEADROOM) * (1 + side * 1e-9);
            if (v > c->points[0].volume && v < c->points[c->n_points - 1].volume)
                c->corners[c->n_corners++] =
                    (struct xo_curve_corner){ .volume = v,
                                              .usd = { fix_buy(k, v), fix_same(k, v),
                                                       fix_build(k, v) },
                                              .napkin_usd = fix_napkin(k, v) };
        }
}

static void fix_ladder(struct fix *f)
{
    struct xo_ladder *l = calloc(1, sizeof *l);
    f->curve->ladders = l;
    f->curve->n_ladders = 1;
    if (f->how.infeasible)
        l->infeasible = (struct xo_infeasible){ .holds = true,
                                                .lone_s = 3.41,
                                                .n_missed = 1,
                                                .searched = true,
                                                .tensor_parallel = 4,
                                                .gpu = "b200-sxm" };
    l->saturation_rate_per_s = 6.1;
    l->lone_ttft_s = 0.21;
    l->lone_tpot_s = 0.0142;
    l->lone_e2e_s = 7.3;
    l->pooling = 0.214;
    l->pooling_se = 0.031;
    if (f->how.infeasible)
        return;
    l->rungs = calloc(64, sizeof *l->rungs);
    for (int n = 1; l->n_rungs < 64; n = n < 8 ? n + 1 : (int)ceil(n * 1.25)) {
        const double v = n * f->how.replica_volume;
        l->rungs[l->n_rungs++] = (struct xo_capacity){ .n_replicas = n,
                                                       .n_cells = 1,
                                                       .rate_per_s = v / 1e6,
                                                       .volume = v,
                                                       .volume_lo = v * 0.97,
                                                       .volume_hi = v * 1.03,
                                                       .n_simulated = 5000 };
        if (v > 150 * f->how.plan)
            break;
    }
}

static enum xo_verdict_code fix_judge(const struct fix *f)
{
    const struct xo_curve *c = f->curve;
    const struct xo_curve_point *p = &c->points[c->plan];
    if (f->how.infeasible && p->limited[XO_WAY_BUY])
        return XO_VERDICT_NO_WINNER;
    if (f->how.infeasible || p->limited[XO_WAY_BUY])
        return XO_VERDICT_INFEASIBLE;
    if (f->how.parity == XO_PARITY_UNEQUAL)
        return XO_VERDICT_NO_WINNER;
    if (c->wins_share[XO_BUY_BUILD] >= 0.2 && c->wins_share[XO_BUY_BUILD] <= 0.8)
        return XO_VERDICT_TOO_CLOSE;
    if (c->crossings[XO_BUY_BUILD].n > 1)
        return XO_VERDICT_SEVERAL;
    if (c->crossings[XO_BUY_BUILD].n == 1)
        return XO_VERDICT_CROSSING;
    return c->crossings[XO_BUY_BUILD].build_cheaper_at_min ? XO_VERDICT_BUILD_ALWAYS
                                                           : XO_VERDICT_BUY_ALWAYS;
}

static void fix_plan(struct fix *f)
{
    struct xo_curve *c = f->curve;
    const struct xo_curve_point *p = &c->points[c->plan];
    const bool build = p->usd[XO_WAY_BUILD] < p->usd[XO_WAY_BUY];
    c->saving_base_usd = p->usd[XO_WAY_BUY] - p->usd[XO_WAY_BUILD];
    c->saving_changing_model_usd = p->usd[XO_WAY_BUY] - p->usd[XO_WAY_SAME];
    c->saving_owning_usd = p->usd[XO_WAY_SAME] - p->usd[XO_WAY_BUILD];
    memcpy(c->plan_band, p->band, sizeof c->plan_band);
    c->plan_volume = fix_drawn(p->volume, p->volume, p->volume);
    c->saving = fix_drawn(p->band[XO_WAY_BUY].p10 - p->band[XO_WAY_BUILD].p90, c->saving_base_usd,
                          p->band[XO_WAY_BUY].p90 - p->band[XO_WAY_BUILD].p10);
    c->wins_share[XO_BUY_BUILD] = p->wins_share[XO_BUY_BUILD];
    c->wins_share[XO_SAME_BUILD] = p->wins_share[XO_SAME_BUILD];
    fix_item(&c->bills[XO_WAY_BUY], XO_BILL_TOKENS, "input tokens, uncached: 1.2 B at $2.00/Mtok",
             p->usd[XO_WAY_BUY] - f->how.buy_people_usd_month);
    fix_item(&c->bills[XO_WAY_BUY], XO_BILL_PEOPLE, "people: 0.1 FTE", f->how.buy_people_usd_month);
    if (!f->how.no_same)
        fix_item(&c->bills[XO_WAY_SAME], XO_BILL_TOKENS, "tokens at $0.88/Mtok",
                 p->usd[XO_WAY_SAME]);
    c->bills[XO_WAY_BUILD] = p->build.bill;
    for (int k = 0; k < XO_N_FLIPS; k++)
        c->flips[k] = (struct xo_flip){ .limit = build ? 10 : 0.001 };
    c->flips[XO_FLIP_DISCOUNT].limit = build ? 0.99 : 0;
    c->flips[XO_FLIP_VOLUME].limit = build ? 0.01 : 100;
    c->flips[XO_FLIP_API_PRICE] =
        (struct xo_flip){ true, p->usd[XO_WAY_BUILD] / p->usd[XO_WAY_BUY], build ? 0.01 : 10 };
    if (c->crossings[XO_BUY_BUILD].n > 0)
        c->flips[XO_FLIP_VOLUME] =
            (struct xo_flip){ true, c->crossings[XO_BUY_BUILD].at[0].volume / p->volume, 100 };
}

static struct fix fix_new(const struct fix_case *how)
{
    struct fix f = { .how = *how };
    f.scenario = fix_scenario(how);
    f.curve = calloc(1, sizeof *f.curve);
    struct xo_curve *c = f.curve;
    c->scenario = f.scenario;
    struct fix_case nobody = *how;
    nobody.people_usd_month = nobody.buy_people_usd_month = 0;
    fix_cross(how, false, &c->crossings[XO_BUY_BUILD]);
    fix_cross(how, true, &c->crossings[XO_SAME_BUILD]);
    fix_cross(&nobody, false, &c->without_people);
    fix_ladder(&f);
    fix_points(&f);
    fix_corners(&f);
    fix_plan(&f);
    c->napkin_crossing = how->infeasible ? (double)NAN : 2 * 730 * how->gpu_hour_usd / how->api_usd;
    c->napkin_crossing_usd = how->infeasible ? (double)NAN : 2 * 730 * how->gpu_hour_usd;
    c->breakeven_load_frac = 0.2;
    c->obligation_usd = how->infeasible ? (double)NAN : 24 * 11650.0 + 60000;
    if (!how->infeasible)
        c->obligation =
            (struct xo_obligation){ .rent_usd = 24 * 11650.0, .one_off_usd = 60000, .months = 24 };
    for (int i = 0; i < 3; i++)
        c->loss_usd[i] = how->infeasible ? (double)NAN : -c->saving_base_usd * 24 * (1.2 - 0.4 * i);
    c->marginal_build_usd_per_mtok =
        FIX_GPUS * 730 * how->gpu_hour_usd / how->replica_volume / 2500 * 1e6 * 1.2;
    c->marginal_buy_usd_per_mtok = how->api_usd / 2500 * 1e6;
    c->n_draws = 200;
    c->n_uncertain = 3;
    for (int i = 0; i < c->n_uncertain; i++)
        c->effects[i] = (struct xo_effect){ .key = i, .moves = true };
    c->step_error_frac = 0.12;
    c->tokens_per_request = FIX_PROMPT + FIX_OUTPUT;
    c->prompt_per_request = FIX_PROMPT;
    c->cached_per_request = 1200;
    c->output_per_request = FIX_OUTPUT;
    c->peak_factor = 2.6;
    c->n_simulated = 1234567;
    c->wall_s = 3.21;
    c->verdict = fix_judge(&f);
    return f;
}

static void fix_fini(struct fix *f)
{
    free(f->curve->ladders->rungs);
    free(f->curve->ladders);
    free(f->curve->points);
    free(f->curve->corners);
    free(f->curve);
    xo_scenario_free(f->scenario);
}

/* ---- a run ---- */

/* The plan of a curve as `run` would hand it over; *tally is one class of made-up counts. */
static inline struct xo_run fix_run(const struct fix *f)
{
    const struct xo_curve *c = f->curve;
    const struct xo_curve_point *p = &c->points[c->plan];
    struct xo_run r = { .scenario = f->scenario,
                        .n_options = 1,
                        .best = f->how.infeasible ? -1 : 0,
                        .observed = f->how.infeasible ? -1 : 0,
                        .offered_frac = NAN,
                        .bills[XO_WAY_BUY] = c->bills[XO_WAY_BUY],
                        .bills[XO_WAY_SAME] = c->bills[XO_WAY_SAME],
                        .usd[XO_WAY_BUY] = p->usd[XO_WAY_BUY],
                        .usd[XO_WAY_SAME] = p->usd[XO_WAY_SAME],
                        .usd[XO_WAY_BUILD] = p->usd[XO_WAY_BUILD],
                        .limited[XO_WAY_BUY] = p->limited[XO_WAY_BUY],
                        .busiest_minute_requests = 612,
                        .busiest_minute_tokens = 1.53e6,
                        .requests = p->volume,
                        .tokens_per_request = c->tokens_per_request,
                        .prompt_per_request = c->prompt_per_request,
                        .cached_per_request = c->cached_per_request,
                        .output_per_request = c->output_per_request,
                        .peak_factor = 2.6,
                        .n_simulated = 43210 };
    struct xo_curve_point measured = *p;
    measured.has_metrics = !f->how.infeasible;
    if (measured.has_metrics)
        fix_metrics(&f->how, &measured, &measured.metrics);
    r.metrics = measured.metrics;
    r.sized = calloc(1, sizeof *r.sized);
    r.infeasible = calloc(1, sizeof *r.infeasible);
    r.unserved = calloc(1, sizeof *r.unserved);
    r.edge = calloc(1, sizeof *r.edge);
    r.capacity_below = calloc(3, sizeof *r.capacity_below);
    r.capacity = r.capacity_below + 1;
    r.capacity_above = r.capacity_below + 2;
    r.sized[0] = p->build;
    r.sized[0].settled = false;
    r.infeasible[0] = c->ladders[0].infeasible;
    for (int i = 0; i < 3 && !f->how.infeasible; i++)
        r.capacity_below[i] = c->ladders[0].rungs[i];
    r.tally = calloc(1, sizeof *r.tally);
    r.tally->n_classes = 1;
    r.tally->classes = calloc(1, sizeof *r.tally->classes);
    r.tally->classes[0].n_arrived = 12345;
    return r;
}

static inline void fix_run_fini(struct xo_run *r)
{
    free(r->sized);
    free(r->infeasible);
    free(r->unserved);
    free(r->edge);
    free(r->capacity_below);
    free(r->tally->classes);
    free(r->tally);
}

#endif
