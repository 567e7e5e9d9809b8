/* curve_json.c - "crossover.curve/4".
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/words/sentences.h"
#include "tables.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

/* ---- ranges and crossings ---- */

#define BAND(band)                                                                                 \
    { "p10", NUMBER((band)->p10) }, { "p50", NUMBER((band)->p50) },                                \
        { "p90", NUMBER((band)->p90) }, { "p10_se", NUMBER((band)->p10_se) },                      \
        { "p50_se", NUMBER((band)->p50_se) },                                                      \
    {                                                                                              \
        "p90_se", NUMBER((band)->p90_se)                                                           \
    }

static json_t *band_json(struct xo_json *j, const struct xo_band *band)
{
    const struct cell cells[] = { BAND(band) };
    return CELLS_JSON(j, cells);
}

/* Volumes of draws, of which some cross outside the simulated range: 0 and infinity by study.h. */
static const char *lies(const struct xo_curve *c, double volume)
{
    if (isnan(volume))
        return "nowhere";
    return volume < c->points[0].volume * (1 - 1e-9)                 ? "below"
           : volume > c->points[c->n_points - 1].volume * (1 + 1e-9) ? "above"
                                                                     : "inside";
}

static json_t *volumes_json(struct xo_json *j, const struct xo_curve *c, const struct xo_band *band)
{
    const struct cell cells[] = {
        BAND(band),
        { "p10_lies", WORD(lies(c, band->p10)) },
        { "p50_lies", WORD(lies(c, band->p50)) },
        { "p90_lies", WORD(lies(c, band->p90)) },
    };
    return CELLS_JSON(j, cells);
}

/* draws: with what the draws say; else the base case alone. */
static json_t *crossings_json(struct xo_json *j, const struct xo_curve *c,
                              const struct xo_crossings *x, int from, int to, bool draws)
{
    struct rows at = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < x->n; i++) {
        const struct xo_crossing *one = &x->at[i];
        const double lo = draws ? one->noise_lo : NAN, hi = draws ? one->noise_hi : NAN;
        const struct cell cells[] = {
            { "requests_month", NUMBER(one->volume) },
            { "usd_month", NUMBER(one->usd) },
            { "noise_lo_requests_month", NUMBER(lo) },
            { "noise_hi_requests_month", NUMBER(hi) },
            { "noise_lo_lies", WORD(lies(c, lo)), .not_json = !draws },
            { "noise_hi_lies", WORD(lies(c, hi)), .not_json = !draws },
            { "cheaper_above", WORD(xo_way_words[one->to_build ? to : from].key) },
            { "at_riser", FLAG(one->at_riser) },
        };
        ROW_PUT(&at, cells);
    }
#define DRAWN(...) __VA_ARGS__, .not_json = !draws
    const struct cell cells[] = {
        { "crossings", JSON(at.array) },
        { "build_cheaper_at_min", FLAG(x->build_cheaper_at_min) },
        { "build_cheaper_at_max", FLAG(x->build_cheaper_at_max) },
        { "stays_above_requests_month", NUMBER(x->stays_above) },
        { "first_requests_month", DRAWN(JSON(draws ? volumes_json(j, c, &x->first) : NULL)) },
        { "last_requests_month", DRAWN(JSON(draws ? volumes_json(j, c, &x->last) : NULL)) },
        { "exists_share", DRAWN(NUMBER(x->exists_share)) },
        { "exists_share_se", DRAWN(NUMBER(x->exists_se)) },
        { "even_odds_requests_month", DRAWN(NUMBER(x->even_odds)) },
        { "even_odds_se_requests_month", DRAWN(NUMBER(x->even_odds_se)) },
        { "largest_gap_usd_month", DRAWN(NUMBER(x->largest_gap_usd)) },
        { "largest_gap_frac", DRAWN(NUMBER(x->largest_gap_frac)) },
    };
    return CELLS_JSON(j, cells);
}

/* ---- what moves the answer ---- */

static json_t *flips_json(struct xo_json *j, const struct xo_curve *c)
{
    json_t *object = xo_json_object(j);
    for (int k = 0; k < XO_N_FLIPS; k++) {
        const struct xo_flip *flip = &c->flips[k];
        const struct cell cells[] = {
            { "possible", FLAG(flip->possible) },
            { "factor", NUMBER(flip->possible ? flip->factor : (double)NAN) },
            { "limit", NUMBER(flip->limit) },
        };
        xo_json_put(j, object, xo_flip_name((enum xo_flip_key)k), CELLS_JSON(j, cells));
    }
    return object;
}

/* What curve varies, one at a time. */
static json_t *effects_json(struct xo_json *j, const struct xo_curve *c)
{
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < c->n_uncertain; i++) {
        struct xo_words words = { 0 };
        const struct xo_effect *e = &c->effects[i];
        const struct cell cells[] = {
            { "key", WORD(xo_uncertain_text(&words, &(struct xo_uncertain){ .key = e->key })) },
            { "moves", FLAG(e->moves) },
            { "saving_at_p10_usd_month", NUMBER(e->saving_usd[0]) },
            { "saving_at_p90_usd_month", NUMBER(e->saving_usd[1]) },
        };
        ROW_PUT(&rows, cells);
    }
    return rows.array;
}

/* ---- the verdict ---- */

static const char *winner(const struct xo_curve *c)
{
    if (c->verdict == XO_VERDICT_INFEASIBLE || c->verdict == XO_VERDICT_NO_WINNER ||
        c->verdict == XO_VERDICT_TOO_CLOSE)
        return NULL;
    return c->saving_base_usd > 0 ? "build" : "buy";
}

/* Where a way begins to leave a margin and where it ceases; NULL: nothing is sold. */
static json_t *margin_json(struct xo_json *j, const struct xo_curve *c, enum xo_way way)
{
    const struct xo_crossings *x = &c->margin[way];
    struct rows turns = { .json = j };
    if (!(c->scenario->unit.price_usd > 0))
        return NULL;
    turns.array = xo_json_array(j);
    for (int i = 0; i < x->n; i++) {
        const struct xo_crossing *one = &x->at[i];
        const struct cell cells[] = {
            { "requests_month", NUMBER(one->volume) },
            { "units_month", NUMBER(one->volume / c->scenario->unit.calls) },
            { "usd_month", NUMBER(one->usd) },
            { "noise_lo_requests_month", NUMBER(one->noise_lo) },
            { "noise_hi_requests_month", NUMBER(one->noise_hi) },
            { "noise_lo_lies", WORD(lies(c, one->noise_lo)) },
            { "noise_hi_lies", WORD(lies(c, one->noise_hi)) },
            { "positive_above", FLAG(one->to_build) },
            { "at_riser", FLAG(one->at_riser) },
        };
        ROW_PUT(&turns, cells);
    }
    const struct cell cells[] = {
        { "turns", JSON(turns.array) },
        { "positive_at_min", FLAG(x->build_cheaper_at_min) },
        { "positive_at_max", FLAG(x->build_cheaper_at_max) },
        { "stays_above_requests_month", NUMBER(x->stays_above) },
        { "first_requests_month", JSON(volumes_json(j, c, &x->first)) },
        { "last_requests_month", JSON(volumes_json(j, c, &x->last)) },
    };
    return CELLS_JSON(j, cells);
}

/* A way at plan; null where there is none of it. */
/* clang-format off */
static json_t *side_json(struct xo_json *j, const struct xo_curve *c, enum xo_way way)
{
    const struct xo_scenario *s = c->scenario;
    const char *name = xo_way_at(c, way, c->plan);
    if (name[0] == '\0')
        return NULL;
    const double usd = xo_plan_point(c)->usd[way];
    const struct xo_unit_figures unit = xo_unit_figures(&s->unit, usd, xo_plan_point(c)->volume);
#define UNIT_JSON(of) JSON(xo_has_unit(s) ? (of) : NULL), .not_json = !xo_has_unit(s)
    const struct cell cells[] = {
        { "name", TEXT(name) },
        { "usd_month", NUMBER(usd) },
        { "range_usd_month", JSON(band_json(j, &c->plan_band[way])) },
        UNIT_FIGURES("", s, unit)
        { "range_usd_per_unit", UNIT_JSON(band_json(j, &c->unit_band[way])) },
        { "range_margin_frac", UNIT_JSON(band_json(j, &c->margin_band[way])) },
        { "margin", UNIT_JSON(margin_json(j, c, way)) },
    };
    return CELLS_JSON(j, cells);
}
/* clang-format on */

static json_t *infeasible_json(struct xo_json *j, const struct xo_curve *c)
{
    json_t *array = xo_json_array(j);
    for (int i = 0; i < c->n_ladders; i++)
        if (c->ladders[i].infeasible.holds)
            xo_json_append(j, array,
                           xo_json_infeasible(j, c->scenario, c->ladders[i].option,
                                              &c->ladders[i].infeasible));
    return array;
}

static json_t *obligation_json(struct xo_json *j, const struct xo_curve *c)
{
    const struct xo_obligation *o = &c->obligation;
    const struct cell cells[] = {
        { "servers_usd", NUMBER(o->servers_usd) }, { "resale_usd", NUMBER(o->resale_usd) },
        { "rent_usd", NUMBER(o->rent_usd) },       { "one_off_usd", NUMBER(o->one_off_usd) },
        { "months", NUMBER(o->months) },
    };
    return isnan(c->obligation_usd) ? NULL : CELLS_JSON(j, cells);
}

#define SIDE(NAME, way, ...) { #way, JSON(side_json(j, c, XO_WAY_##NAME)) },
#define SHARE(FROM, TO, share, ...)                                                                \
    { share, NUMBER(c->wins_share[XO_##FROM##_##TO]) },                                            \
        { share "_se", NUMBER(c->wins_se[XO_##FROM##_##TO]) },
#define CROSSINGS(FROM, TO, share, where)                                                          \
    { where, JSON(crossings_json(j, c, &c->crossings[XO_##FROM##_##TO], XO_WAY_##FROM,             \
                                 XO_WAY_##TO, true)) },
/* clang-format off */
static json_t *verdict_json(struct xo_json *j, const struct xo_curve *c)
{
    const struct xo_curve_point *plan = xo_plan_point(c);
    char *title = xo_verdict_title(c), *text = xo_verdict_text(c, INT_MAX);
    const struct cell cells[] = {
        { "code", WORD(xo_verdict_code_name(c->verdict)) },
        { "title", TEXT(title) },
        { "text", TEXT(text) },
        { "draft", FLAG(c->scenario->n_guesses > 0) },
        { "cheaper_at_plan", WORD(winner(c)) },
        { "plan_requests_month", NUMBER(plan->volume) },
        { "plan_tokens_month", NUMBER(plan->tokens) },
        { "min_requests_month", NUMBER(c->points[0].volume) },
        { "max_requests_month", NUMBER(c->points[c->n_points - 1].volume) },
        XO_WAYS(SIDE)
        { "buy_limited", FLAG(plan->limited[XO_WAY_BUY]) },
        { "saving_usd_month", JSON(band_json(j, &c->saving)) },
        { "saving_base_usd_month", NUMBER(c->saving_base_usd) },
        { "saving_changing_model_usd_month", NUMBER(c->saving_changing_model_usd) },
        { "saving_owning_usd_month", NUMBER(c->saving_owning_usd) },
        XO_PAIRS(SHARE)
        { "infeasible_share", NUMBER(c->infeasible_share) },
        { "infeasible_share_se", NUMBER(c->infeasible_se) },
        { "drawn_plan_requests_month", JSON(band_json(j, &c->plan_volume)) },
        XO_PAIRS(CROSSINGS)
        { "build_against_buy_without_people",
          JSON(crossings_json(j, c, &c->without_people, XO_WAY_BUY, XO_WAY_BUILD, false)) },
        { "same_against_buy",
          JSON(crossings_json(j, c, &c->changing_model, XO_WAY_BUY, XO_WAY_SAME, false)) },
        { "napkin_requests_month", NUMBER(c->napkin_crossing) },
        { "napkin_crossing_usd_month", NUMBER(c->napkin_crossing_usd) },
        { "obligation_usd", NUMBER(c->obligation_usd) },
        { "obligation", JSON(obligation_json(j, c)) },
        { "loss_at_half_plan_usd", NUMBER(c->loss_usd[0]) },
        { "loss_at_plan_usd", NUMBER(c->loss_usd[1]) },
        { "loss_at_twice_plan_usd", NUMBER(c->loss_usd[2]) },
        { "breakeven_load_frac", NUMBER(c->breakeven_load_frac) },
        { "flips_at_plan", JSON(flips_json(j, c)) },
        { "marginal_build_usd_per_mtok", NUMBER(c->marginal_build_usd_per_mtok) },
        { "marginal_buy_usd_per_mtok", NUMBER(c->marginal_buy_usd_per_mtok) },
        { "infeasible", JSON(infeasible_json(j, c)) },
        { "n_draws", NUMBER(c->n_draws) },
        { "n_uncertain", NUMBER(c->n_uncertain) },
        { "step_error_frac", NUMBER(c->step_error_frac) },
        { "uncertain", JSON(effects_json(j, c)) },
        { "surrogates", JSON(xo_json_surrogates(j, c->scenario, c->surrogates, c->n_surrogates)) },
    };
    j->failed = j->failed || title == NULL || text == NULL;
    json_t *verdict = CELLS_JSON(j, cells);
    free(title);
    free(text);
    return verdict;
}
/* clang-format on */

/* ---- options ---- */

/* Which metric binds; NULL: none. */
static const char *binding(const struct xo_capacity *v, const struct xo_scenario *s)
{
    const int c = v->binding_class, t = v->binding_target;
    return c >= 0 && c < s->workload.n_classes && t >= 0 && t < s->slo[c].n_targets
               ? xo_metric_name(s->slo[c].targets[t].metric)
               : NULL;
}

static void put_rung(struct rows *to, const struct xo_capacity *v, const struct xo_scenario *s)
{
    const struct cell cells[] = {
        { "n_replicas", NUMBER(v->n_replicas) },
        { "n_cells", NUMBER(v->n_cells) },
        { "requests_month", NUMBER(v->volume) },
        { "requests_month_lo", NUMBER(v->volume_lo) },
        { "requests_month_hi", NUMBER(v->volume_hi) },
        { "requests_month_overwhelmed",
          NUMBER(v->overwhelmed_volume > 0 ? v->overwhelmed_volume : (double)NAN) },
        { "rate_per_s", NUMBER(v->rate_per_s) },
        { "rate_per_s_lo", NUMBER(v->rate_lo_per_s) },
        { "rate_per_s_hi", NUMBER(v->rate_hi_per_s) },
        { "binding", WORD(binding(v, s)) },
        { "n_simulated", NUMBER(v->n_simulated) },
        { "interpolated", FLAG(v->interpolated) },
    };
    ROW_PUT(to, cells);
}

static void put_ladder(struct rows *to, const struct xo_ladder *l, const struct xo_scenario *s)
{
    struct xo_json *j = to->json;
    struct rows rungs = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < l->n_rungs; i++)
        put_rung(&rungs, &l->rungs[i], s);
    const struct cell cells[] = {
        { "option", TEXT(s->options[l->option].label) },
        STEP_ERROR(&s->options[l->option]),
        { "feasible", FLAG(!l->infeasible.holds) },
        { "unserved", JSON(xo_json_unserved(j, &l->unserved)) },
        { "hangs_on", JSON(xo_json_edge(j, s, &l->edge)) },
        { "saturation_rate_per_s", NUMBER(l->saturation_rate_per_s) },
        { "lone_ttft_s", NUMBER(l->lone_ttft_s) },
        { "lone_tpot_s", NUMBER(l->lone_tpot_s) },
        { "lone_e2e_s", NUMBER(l->lone_e2e_s) },
        { "step_exponent_1_replica", NUMBER(l->step_exponent_1) },
        { "step_exponent_8_replicas", NUMBER(l->step_exponent_8) },
        { "pooling", NUMBER(l->pooling) },
        { "pooling_se", NUMBER(l->pooling_se) },
        { "capacity", JSON(rungs.array) },
    };
    ROW_PUT(to, cells);
}

/* ---- all of it ---- */

static json_t *request_json(struct xo_json *j, const struct xo_curve *c)
{
    const struct cell cells[] = {
        { "tokens", NUMBER(c->tokens_per_request) },
        { "prompt_tokens", NUMBER(c->prompt_per_request) },
        { "cached_tokens", NUMBER(c->cached_per_request) },
        { "output_tokens", NUMBER(c->output_per_request) },
        { "peak_factor", NUMBER(c->peak_factor) },
    };
    return CELLS_JSON(j, cells);
}

static json_t *bills_json(struct xo_json *j, const struct xo_curve *c)
{
    json_t *object = xo_json_object(j);
    for (int way = 0; way < XO_N_WAYS; way++)
        xo_json_put(j, object, xo_way_words[way].key,
                    xo_way_at(c, (enum xo_way)way, c->plan)[0] == '\0'
                        ? json_null()
                        : xo_json_bill(j, &c->bills[way]));
    return object;
}

void xo_curve_json(struct xo_buf *buf, const struct xo_curve *c)
{
    struct xo_json json = { 0 }, *j = &json;
    const struct xo_scenario *s = c->scenario;
    const struct xo_curve_point *plan = xo_plan_point(c);
    struct rows points = { .json = j, .array = xo_json_array(j) };
    struct rows ladders = { .json = j, .array = xo_json_array(j) };
    xo_put_points(&points, c);
    for (int i = 0; i < c->n_ladders; i++)
        put_ladder(&ladders, &c->ladders[i], s);
    const struct cell cells[] = {
        { "schema", WORD("crossover.curve/4") },
        { "version", WORD(XO_VERSION) },
        { "scenario", JSON(xo_json_scenario(j, s)) },
        { "request", JSON(request_json(j, c)) },
        { "verdict", JSON(verdict_json(j, c)) },
        { "bills_at_plan", JSON(bills_json(j, c)) },
        { "buy_unserved", JSON(xo_json_unserved(j, &c->buy_unserved)) },
        { "reshaped", JSON(xo_json_reshaped(j, s)) },
        { "cache_at_plan", JSON(xo_json_cache(j, s, plan->volume, plan->pick[XO_WAY_BUY])) },
        { "ledger", JSON(xo_json_ledger(j, s)) },
        { "options", JSON(ladders.array) },
        { "points", JSON(points.array) },
        { "n_simulated", NUMBER(c->n_simulated) },
    };
    xo_json_dump(j, CELLS_JSON(j, cells), buf);
}
