/* curve_json.c - "crossover.curve/4".
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/page.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

static json_t *band_json(struct xo_json *j, const struct xo_band *band)
{
    json_t *object = xo_json_object(j);
    xo_json_put_number(j, object, "p10", band->p10);
    xo_json_put_number(j, object, "p50", band->p50);
    xo_json_put_number(j, object, "p90", band->p90);
    xo_json_put_number(j, object, "p10_se", band->p10_se);
    xo_json_put_number(j, object, "p50_se", band->p50_se);
    xo_json_put_number(j, object, "p90_se", band->p90_se);
    return object;
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
    json_t *object = band_json(j, band);
    xo_json_put_text(j, object, "p10_lies", lies(c, band->p10));
    xo_json_put_text(j, object, "p50_lies", lies(c, band->p50));
    xo_json_put_text(j, object, "p90_lies", lies(c, band->p90));
    return object;
}

/* draws: with what the draws say; else the base case alone. */
static json_t *crossings_json(struct xo_json *j, const struct xo_curve *c,
                              const struct xo_crossings *x, int from, int to, bool draws)
{
    json_t *object = xo_json_object(j), *at = xo_json_array(j);
    for (int i = 0; i < x->n; i++) {
        json_t *row = xo_json_object(j);
        xo_json_put_number(j, row, "requests_month", x->at[i].volume);
        xo_json_put_number(j, row, "usd_month", x->at[i].usd);
        xo_json_put_number(j, row, "noise_lo_requests_month", draws ? x->at[i].noise_lo : NAN);
        xo_json_put_number(j, row, "noise_hi_requests_month", draws ? x->at[i].noise_hi : NAN);
        if (draws) {
            xo_json_put_text(j, row, "noise_lo_lies", lies(c, x->at[i].noise_lo));
            xo_json_put_text(j, row, "noise_hi_lies", lies(c, x->at[i].noise_hi));
        }
        xo_json_put_text(j, row, "cheaper_above", xo_way_words[x->at[i].to_build ? to : from].key);
        xo_json_put_bool(j, row, "at_riser", x->at[i].at_riser);
        xo_json_append(j, at, row);
    }
    xo_json_put(j, object, "crossings", at);
    xo_json_put_bool(j, object, "build_cheaper_at_min", x->build_cheaper_at_min);
    xo_json_put_bool(j, object, "build_cheaper_at_max", x->build_cheaper_at_max);
    xo_json_put_number(j, object, "stays_above_requests_month", x->stays_above);
    if (!draws)
        return object;
    xo_json_put(j, object, "first_requests_month", volumes_json(j, c, &x->first));
    xo_json_put(j, object, "last_requests_month", volumes_json(j, c, &x->last));
    xo_json_put_number(j, object, "exists_share", x->exists_share);
    xo_json_put_number(j, object, "exists_share_se", x->exists_se);
    xo_json_put_number(j, object, "even_odds_requests_month", x->even_odds);
    xo_json_put_number(j, object, "even_odds_se_requests_month", x->even_odds_se);
    xo_json_put_number(j, object, "largest_gap_usd_month", x->largest_gap_usd);
    xo_json_put_number(j, object, "largest_gap_frac", x->largest_gap_frac);
    return object;
}

static json_t *flips_json(struct xo_json *j, const struct xo_curve *c)
{
    json_t *object = xo_json_object(j);
    for (int k = 0; k < XO_N_FLIPS; k++) {
        json_t *row = xo_json_object(j);
        xo_json_put_bool(j, row, "possible", c->flips[k].possible);
        xo_json_put_number(j, row, "factor", c->flips[k].possible ? c->flips[k].factor : NAN);
        xo_json_put_number(j, row, "limit", c->flips[k].limit);
        xo_json_put(j, object, xo_flip_name((enum xo_flip_key)k), row);
    }
    return object;
}

/* What curve varies, one at a time. */
static json_t *effects_json(struct xo_json *j, const struct xo_curve *c)
{
    json_t *array = xo_json_array(j);
    for (int i = 0; i < c->n_uncertain; i++) {
        const struct xo_effect *e = &c->effects[i];
        const struct xo_key *key = &xo_keys[e->key];
        char name[80];
        json_t *object = xo_json_object(j);
        snprintf(name, sizeof name, "%s.%s", key->section, key->name);
        xo_json_put_text(j, object, "key", name);
        xo_json_put_bool(j, object, "moves", e->moves);
        xo_json_put_number(j, object, "saving_at_p10_usd_month", e->saving_usd[0]);
        xo_json_put_number(j, object, "saving_at_p90_usd_month", e->saving_usd[1]);
        xo_json_append(j, array, object);
    }
    return array;
}

static json_t *side_json(struct xo_json *j, const char *name, double usd,
                         const struct xo_band *band)
{
    json_t *object = xo_json_object(j);
    xo_json_put_text(j, object, "name", name);
    xo_json_put_number(j, object, "usd_month", usd);
    xo_json_put(j, object, "range_usd_month", band_json(j, band));
    return object;
}

static const char *winner(const struct xo_curve *c)
{
    if (c->verdict == XO_VERDICT_INFEASIBLE || c->verdict == XO_VERDICT_NO_WINNER ||
        c->verdict == XO_VERDICT_TOO_CLOSE)
        return NULL;
    return c->saving_base_usd > 0 ? "build" : "buy";
}

/* Each way at plan, by its word; null where there is none of it. */
static void put_sides(struct xo_json *j, json_t *object, const struct xo_curve *c)
{
    const struct xo_curve_point *plan = xo_plan_point(c);
    for (int way = 0; way < XO_N_WAYS; way++) {
        const char *name = xo_way_at(c, (enum xo_way)way, c->plan);
        xo_json_put(j, object, xo_way_words[way].key,
                    name[0] == '\0' ? json_null()
                                    : side_json(j, name, plan->usd[way], &c->plan_band[way]));
    }
}

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

static void put_text_of(struct xo_json *j, json_t *object, const char *key, char *text)
{
    if (text == NULL)
        j->failed = true;
    else
        xo_json_put_text(j, object, key, text);
    free(text);
}

static json_t *obligation_json(struct xo_json *j, const struct xo_curve *c)
{
    const struct xo_obligation *o = &c->obligation;
    if (isnan(c->obligation_usd))
        return json_null();
    json_t *object = xo_json_object(j);
    xo_json_put_number(j, object, "servers_usd", o->servers_usd);
    xo_json_put_number(j, object, "resale_usd", o->resale_usd);
    xo_json_put_number(j, object, "rent_usd", o->rent_usd);
    xo_json_put_number(j, object, "one_off_usd", o->one_off_usd);
    xo_json_put_number(j, object, "months", o->months);
    return object;
}

static json_t *verdict_json(struct xo_json *j, const struct xo_curve *c)
{
    const struct xo_curve_point *plan = xo_plan_point(c);
    json_t *v = xo_json_object(j);
    const char *who = winner(c);
    xo_json_put_text(j, v, "code", xo_verdict_code_name(c->verdict));
    put_text_of(j, v, "title", xo_verdict_title(c));
    put_text_of(j, v, "text", xo_verdict_text(c, INT_MAX));
    xo_json_put_bool(j, v, "draft", c->scenario->n_guesses > 0);
    xo_json_put(j, v, "cheaper_at_plan", who == NULL ? json_null() : json_string(who));
    xo_json_put_number(j, v, "plan_requests_month", plan->volume);
    xo_json_put_number(j, v, "plan_tokens_month", plan->tokens);
    xo_json_put_number(j, v, "min_requests_month", c->points[0].volume);
    xo_json_put_number(j, v, "max_requests_month", c->points[c->n_points - 1].volume);
    put_sides(j, v, c);
    xo_json_put_bool(j, v, "buy_limited", plan->limited[XO_WAY_BUY]);
    xo_json_put(j, v, "saving_usd_month", band_json(j, &c->saving));
    xo_json_put_number(j, v, "saving_base_usd_month", c->saving_base_usd);
    xo_json_put_number(j, v, "saving_changing_model_usd_month", c->saving_changing_model_usd);
    xo_json_put_number(j, v, "saving_owning_usd_month", c->saving_owning_usd);
    for (int i = 0; i < XO_N_PAIRS; i++) {
        char se[80];
        snprintf(se, sizeof se, "%s_se", xo_pairs[i].share);
        xo_json_put_number(j, v, xo_pairs[i].share, c->wins_share[i]);
        xo_json_put_number(j, v, se, c->wins_se[i]);
    }
    xo_json_put_number(j, v, "infeasible_share", c->infeasible_share);
    xo_json_put_number(j, v, "infeasible_share_se", c->infeasible_se);
    xo_json_put(j, v, "drawn_plan_requests_month", band_json(j, &c->plan_volume));
    for (int i = 0; i < XO_N_PAIRS; i++)
        xo_json_put(j, v, xo_pairs[i].crossings,
                    crossings_json(j, c, &c->crossings[i], xo_pairs[i].from, xo_pairs[i].to, true));
    xo_json_put(j, v, "build_against_buy_without_people",
                crossings_json(j, c, &c->without_people, XO_WAY_BUY, XO_WAY_BUILD, false));
    xo_json_put(j, v, "same_against_buy",
                crossings_json(j, c, &c->changing_model, XO_WAY_BUY, XO_WAY_SAME, false));
    xo_json_put_number(j, v, "napkin_requests_month", c->napkin_crossing);
    xo_json_put_number(j, v, "napkin_crossing_usd_month", c->napkin_crossing_usd);
    xo_json_put_number(j, v, "obligation_usd", c->obligation_usd);
    xo_json_put(j, v, "obligation", obligation_json(j, c));
    xo_json_put_number(j, v, "loss_at_half_plan_usd", c->loss_usd[0]);
    xo_json_put_number(j, v, "loss_at_plan_usd", c->loss_usd[1]);
    xo_json_put_number(j, v, "loss_at_twice_plan_usd", c->loss_usd[2]);
    xo_json_put_number(j, v, "breakeven_load_frac", c->breakeven_load_frac);
    xo_json_put(j, v, "flips_at_plan", flips_json(j, c));
    xo_json_put_number(j, v, "marginal_build_usd_per_mtok", c->marginal_build_usd_per_mtok);
    xo_json_put_number(j, v, "marginal_buy_usd_per_mtok", c->marginal_buy_usd_per_mtok);
    xo_json_put(j, v, "infeasible", infeasible_json(j, c));
    xo_json_put_number(j, v, "n_draws", c->n_draws);
    xo_json_put_number(j, v, "n_uncertain", c->n_uncertain);
    xo_json_put_number(j, v, "step_error_frac", c->step_error_frac);
    xo_json_put(j, v, "uncertain", effects_json(j, c));
    xo_json_put(j, v, "surrogates",
                xo_json_surrogates(j, c->scenario, c->surrogates, c->n_surrogates));
    return v;
}

static json_t *capacity_json(struct xo_json *j, const struct xo_capacity *v,
                             const struct xo_scenario *s)
{
    json_t *object = xo_json_object(j);
    const bool bound = v->binding_class >= 0 && v->binding_class < s->workload.n_classes &&
                       v->binding_target >= 0 &&
                       v->binding_target < s->slo[v->binding_class].n_targets;
    xo_json_put_number(j, object, "n_replicas", v->n_replicas);
    xo_json_put_number(j, object, "n_cells", v->n_cells);
    xo_json_put_number(j, object, "requests_month", v->volume);
    xo_json_put_number(j, object, "requests_month_lo", v->volume_lo);
    xo_json_put_number(j, object, "requests_month_hi", v->volume_hi);
    xo_json_put_number(j, object, "requests_month_overwhelmed",
                       v->overwhelmed_volume > 0 ? v->overwhelmed_volume : (double)NAN);
    xo_json_put_number(j, object, "rate_per_s", v->rate_per_s);
    xo_json_put_number(j, object, "rate_per_s_lo", v->rate_lo_per_s);
    xo_json_put_number(j, object, "rate_per_s_hi", v->rate_hi_per_s);
    xo_json_put(j, object, "binding",
                bound ? json_string(xo_metric_name(
                            s->slo[v->binding_class].targets[v->binding_target].metric))
                      : json_null());
    xo_json_put(j, object, "n_simulated", json_integer(v->n_simulated));
    xo_json_put_bool(j, object, "interpolated", v->interpolated);
    return object;
}

static json_t *ladder_json(struct xo_json *j, const struct xo_ladder *l,
                           const struct xo_scenario *s)
{
    json_t *object = xo_json_object(j), *rungs = xo_json_array(j);
    for (int i = 0; i < l->n_rungs; i++)
        xo_json_append(j, rungs, capacity_json(j, &l->rungs[i], s));
    xo_json_put_text(j, object, "option", s->options[l->option].label);
    xo_json_step_error(j, object, &s->options[l->option]);
    xo_json_put_bool(j, object, "feasible", !l->infeasible.holds);
    xo_json_put(j, object, "unserved", xo_json_unserved(j, &l->unserved));
    xo_json_put(j, object, "hangs_on", xo_json_edge(j, s, &l->edge));
    xo_json_put_number(j, object, "saturation_rate_per_s", l->saturation_rate_per_s);
    xo_json_put_number(j, object, "lone_ttft_s", l->lone_ttft_s);
    xo_json_put_number(j, object, "lone_tpot_s", l->lone_tpot_s);
    xo_json_put_number(j, object, "lone_e2e_s", l->lone_e2e_s);
    xo_json_put_number(j, object, "step_exponent_1_replica", l->step_exponent_1);
    xo_json_put_number(j, object, "step_exponent_8_replicas", l->step_exponent_8);
    xo_json_put_number(j, object, "pooling", l->pooling);
    xo_json_put_number(j, object, "pooling_se", l->pooling_se);
    xo_json_put(j, object, "capacity", rungs);
    return object;
}

static json_t *request_json(struct xo_json *j, const struct xo_curve *c)
{
    json_t *object = xo_json_object(j);
    xo_json_put_number(j, object, "tokens", c->tokens_per_request);
    xo_json_put_number(j, object, "prompt_tokens", c->prompt_per_request);
    xo_json_put_number(j, object, "cached_tokens", c->cached_per_request);
    xo_json_put_number(j, object, "output_tokens", c->output_per_request);
    xo_json_put_number(j, object, "peak_factor", c->peak_factor);
    return object;
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
    json_t *root = xo_json_object(j), *ladders = xo_json_array(j);
    struct rows points = { .json = j, .array = xo_json_array(j) };
    xo_put_points(&points, c);
    for (int i = 0; i < c->n_ladders; i++)
        xo_json_append(j, ladders, ladder_json(j, &c->ladders[i], c->scenario));
    xo_json_put_text(j, root, "schema", "crossover.curve/4");
    xo_json_put_text(j, root, "version", XO_VERSION);
    xo_json_put(j, root, "scenario", xo_json_scenario(j, c->scenario));
    xo_json_put(j, root, "request", request_json(j, c));
    xo_json_put(j, root, "verdict", verdict_json(j, c));
    xo_json_put(j, root, "bills_at_plan", bills_json(j, c));
    xo_json_put(j, root, "buy_unserved", xo_json_unserved(j, &c->buy_unserved));
    xo_json_put(j, root, "reshaped", xo_json_reshaped(j, c->scenario));
    xo_json_put(j, root, "cache_at_plan",
                xo_json_cache(j, c->scenario, xo_plan_point(c)->volume,
                              xo_plan_point(c)->pick[XO_WAY_BUY]));
    xo_json_put(j, root, "ledger", xo_json_ledger(j, c->scenario));
    xo_json_put(j, root, "options", ladders);
    xo_json_put(j, root, "points", points.array);
    xo_json_put(j, root, "n_simulated", json_integer(c->n_simulated));
    xo_json_dump(j, root, buf);
}
