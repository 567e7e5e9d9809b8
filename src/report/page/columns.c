/* columns.c - a point of the curve as a row: one for CSV, JSON and docs/outputs.md.
 *
 * Order is part of the contract: new columns go to the end, never between.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/words/sentences.h"
#include "tables.h"

#include <math.h>

#define USD(name, of) { name "_usd_month", "usd/month", NUMBER(of) },
#define BILLS(NAME, way, ...)                                                                      \
    USD(#way, p->usd[XO_WAY_##NAME])                                                               \
    USD(#way "_p10", p->band[XO_WAY_##NAME].p10)                                                   \
    USD(#way "_p50", p->band[XO_WAY_##NAME].p50)                                                   \
    USD(#way "_p90", p->band[XO_WAY_##NAME].p90)
#define ERRORS(NAME, way, ...)                                                                     \
    USD(#way "_p10_se", p->band[XO_WAY_##NAME].p10_se)                                             \
    USD(#way "_p50_se", p->band[XO_WAY_##NAME].p50_se)                                             \
    USD(#way "_p90_se", p->band[XO_WAY_##NAME].p90_se)
#define SHARE(FROM, TO, share, ...) { share, "fraction", NUMBER(p->wins_share[XO_##FROM##_##TO]) },
#define SHARE_ERROR(FROM, TO, share, ...)                                                          \
    { share "_se", "fraction", NUMBER(p->wins_se[XO_##FROM##_##TO]) },
#define UNITS(NAME, way, ...) UNIT_FIGURES(#way "_", s, units[XO_WAY_##NAME])
/* Of a build that is not feasible, and of a fleet that was not simulated there, nothing is known.
 */
#define BUILD(of) NUMBER(build->feasible ? (double)(build->of) : (double)NAN)
#define GROUP(name, GROUP)                                                                         \
    { "build_" name "_usd_month", "usd/month",                                                     \
      NUMBER(build->feasible ? xo_bill_group_usd(&build->bill, XO_BILL_##GROUP) : (double)NAN) },
#define METRIC(metric, unit)                                                                       \
    { #metric, unit, NUMBER(p->has_metrics ? (double)p->metrics.metric : (double)NAN),             \
      .not_json = true },

/* Some rows stand for several. */
/* clang-format off */
static void put_point(struct rows *to, const struct xo_curve *c, int point)
{
    const struct xo_scenario *s = c->scenario;
    const struct xo_curve_point *p = &c->points[point];
    const struct xo_sized *build = &p->build;
    json_t *metrics = to->json != NULL && p->has_metrics ? xo_json_metrics(to->json, &p->metrics, s)
                                                         : NULL;
    struct xo_unit_figures units[XO_N_WAYS];
    for (int way = 0; way < XO_N_WAYS; way++)
        units[way] = xo_unit_figures(&s->unit, p->usd[way], p->volume);
    const struct cell cells[] = {
        { "volume_requests_month", "requests/month", NUMBER(p->volume) },
        { "tokens_month", "tokens/month", NUMBER(p->tokens) },
        XO_FIRST_WAYS(BILLS)
        USD("napkin", p->napkin_usd)
        USD("buy_without_people", p->without_people_usd[XO_WAY_BUY])
        USD("build_without_people", p->without_people_usd[XO_WAY_BUILD])
        XO_FIRST_PAIRS(SHARE)
        { "buy_limited", FLAG(p->limited[XO_WAY_BUY]) },
        { "build_feasible", FLAG(build->feasible) },
        { "api_index", "", NUMBER(p->pick[XO_WAY_BUY]) },
        { "option_index", "", BUILD(option) },
        { "serving_replicas", "", BUILD(serving_replicas) },
        { "headroom_replicas", "", BUILD(headroom_replicas) },
        { "spare_replicas", "", BUILD(spare_replicas) },
        { "n_gpus", "", BUILD(n_gpus) },
        { "fleet_settled", FLAG(build->feasible ? build->settled : (double)NAN) },
        { "load_frac", "fraction", BUILD(load_frac) },
        { "week_busy_frac", "fraction", BUILD(week_busy_frac) },
        { "week_mean_w_per_gpu", "W", BUILD(week_mean_w_per_gpu) },
        GROUP("gpus", GPUS)
        GROUP("power", POWER)
        GROUP("site", SITE)
        GROUP("software", SOFTWARE)
        GROUP("people", PEOPLE)
        GROUP("one_off", ONE_OFF)
        GROUP("contingency", CONTINGENCY)
        XO_METRICS(METRIC)
        METRIC(n_measured, "")
        METRIC(n_simulated, "")
        { "is_plan", FLAG(p->is_plan) },
        { "is_crossing", FLAG(p->is_crossing) },
        { "same_index", "", NUMBER(p->pick[XO_WAY_SAME]) },
        XO_FIRST_WAYS(ERRORS) XO_FIRST_PAIRS(SHARE_ERROR)
        { "units_month", "units/month", NUMBER(p->volume / s->unit.calls), OF_UNIT(s) },
        XO_FIRST_WAYS(UNITS)
        XO_LATER_WAYS(BILLS) XO_LATER_WAYS(ERRORS) XO_LATER_PAIRS(SHARE) XO_LATER_PAIRS(SHARE_ERROR)
        XO_LATER_WAYS(UNITS)
        { "api", TEXT(xo_api_at(c, point)), .json_alone = true },
        { "same", TEXT(s->n_same_model > 0 ? xo_same_name(s, p->pick[XO_WAY_SAME]) : NULL),
          .json_alone = true },
        { "option", TEXT(build->feasible ? s->options[build->option].label : NULL),
          .json_alone = true, .if_known = true },
        { "metrics", JSON(metrics), .json_alone = true },
    };
    ROW_PUT(to, cells);
}
/* clang-format on */

void xo_put_points(struct rows *to, const struct xo_curve *c)
{
    for (int i = 0; i < c->n_points; i++)
        put_point(to, c, i);
}
