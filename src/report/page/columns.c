/* columns.c - the columns of a point of the curve: one table for CSV, JSON and docs/outputs.md.
 *
 * Order is part of the contract: new columns go to the end of their block's file, never between.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/parts.h"

#include <math.h>

#define AT(field) offsetof(struct xo_curve_point, field)
#define METRIC(metric)                                                                             \
    {                                                                                              \
#metric, XO_COL_DOUBLE, AT(metrics.metric), XO_IF_METRICS                                  \
    }
#define USD(name, field) { name "_usd_month", XO_COL_DOUBLE, AT(field), XO_ALWAYS },
#define BILLS(NAME, way, ...)                                                                      \
    USD(#way, usd[XO_WAY_##NAME])                                                                  \
    USD(#way "_p10", band[XO_WAY_##NAME].p10)                                                      \
    USD(#way "_p50", band[XO_WAY_##NAME].p50)                                                      \
    USD(#way "_p90", band[XO_WAY_##NAME].p90)
#define ERRORS(NAME, way, ...)                                                                     \
    USD(#way "_p10_se", band[XO_WAY_##NAME].p10_se)                                                \
    USD(#way "_p50_se", band[XO_WAY_##NAME].p50_se)                                                \
    USD(#way "_p90_se", band[XO_WAY_##NAME].p90_se)
#define SHARE(FROM, TO, share, ...)                                                                \
    { share, XO_COL_DOUBLE, AT(wins_share[XO_##FROM##_##TO]), XO_ALWAYS },
#define SHARE_ERROR(FROM, TO, share, ...)                                                          \
    { share "_se", XO_COL_DOUBLE, AT(wins_se[XO_##FROM##_##TO]), XO_ALWAYS },

/* Some rows stand for several. */
/* clang-format off */
const struct xo_column xo_point_columns[] = {
    { "volume_requests_month", XO_COL_DOUBLE, AT(volume), XO_ALWAYS },
    { "tokens_month", XO_COL_DOUBLE, AT(tokens), XO_ALWAYS },
    XO_FIRST_WAYS(BILLS)
    { "napkin_usd_month", XO_COL_DOUBLE, AT(napkin_usd), XO_ALWAYS },
    USD("buy_without_people", without_people_usd[XO_WAY_BUY])
    USD("build_without_people", without_people_usd[XO_WAY_BUILD])
    XO_FIRST_PAIRS(SHARE)
    { "buy_limited", XO_COL_BOOL, AT(limited[XO_WAY_BUY]), XO_ALWAYS },
    { "build_feasible", XO_COL_BOOL, AT(build.feasible), XO_ALWAYS },
    { "api_index", XO_COL_INT, AT(pick[XO_WAY_BUY]), XO_ALWAYS },
    { "option_index", XO_COL_INT, AT(build.option), XO_IF_BUILD },
    { "serving_replicas", XO_COL_INT, AT(build.serving_replicas), XO_IF_BUILD },
    { "headroom_replicas", XO_COL_INT, AT(build.headroom_replicas), XO_IF_BUILD },
    { "spare_replicas", XO_COL_INT, AT(build.spare_replicas), XO_IF_BUILD },
    { "n_gpus", XO_COL_INT, AT(build.n_gpus), XO_IF_BUILD },
    { "fleet_settled", XO_COL_BOOL, AT(build.settled), XO_IF_BUILD },
    { "load_frac", XO_COL_DOUBLE, AT(build.load_frac), XO_IF_BUILD },
    { "week_busy_frac", XO_COL_DOUBLE, AT(build.week_busy_frac), XO_IF_BUILD },
    { "week_mean_w_per_gpu", XO_COL_DOUBLE, AT(build.week_mean_w_per_gpu), XO_IF_BUILD },
    { "build_gpus_usd_month", XO_COL_BILL, XO_BILL_GPUS, XO_IF_BUILD },
    { "build_power_usd_month", XO_COL_BILL, XO_BILL_POWER, XO_IF_BUILD },
    { "build_site_usd_month", XO_COL_BILL, XO_BILL_SITE, XO_IF_BUILD },
    { "build_software_usd_month", XO_COL_BILL, XO_BILL_SOFTWARE, XO_IF_BUILD },
    { "build_people_usd_month", XO_COL_BILL, XO_BILL_PEOPLE, XO_IF_BUILD },
    { "build_one_off_usd_month", XO_COL_BILL, XO_BILL_ONE_OFF, XO_IF_BUILD },
    { "build_contingency_usd_month", XO_COL_BILL, XO_BILL_CONTINGENCY, XO_IF_BUILD },
    XO_METRICS(METRIC),
    { "n_measured", XO_COL_INT64, AT(metrics.n_measured), XO_IF_METRICS },
    { "n_simulated", XO_COL_INT64, AT(metrics.n_simulated), XO_IF_METRICS },
    { "is_plan", XO_COL_BOOL, AT(is_plan), XO_ALWAYS },
    { "is_crossing", XO_COL_BOOL, AT(is_crossing), XO_ALWAYS },
    { "same_index", XO_COL_INT, AT(pick[XO_WAY_SAME]), XO_ALWAYS },
    XO_FIRST_WAYS(ERRORS) XO_FIRST_PAIRS(SHARE_ERROR) XO_LATER_WAYS(BILLS) XO_LATER_WAYS(ERRORS)
        XO_LATER_PAIRS(SHARE) XO_LATER_PAIRS(SHARE_ERROR)
};
/* clang-format on */
const int xo_n_point_columns = sizeof xo_point_columns / sizeof xo_point_columns[0];

double xo_column_value(const struct xo_column *column, const struct xo_curve_point *point)
{
    const char *at = (const char *)point + column->offset;
    if ((column->when == XO_IF_BUILD && !point->build.feasible) ||
        (column->when == XO_IF_METRICS && !point->has_metrics))
        return NAN;
    switch (column->kind) {
    case XO_COL_INT:
        return *(const int *)at;
    case XO_COL_INT64:
        return (double)*(const int64_t *)at;
    case XO_COL_BOOL:
        return *(const bool *)at;
    case XO_COL_BILL:
        return xo_bill_group_usd(&point->build.bill, (enum xo_bill_group)column->offset);
    case XO_COL_DOUBLE:
        break;
    }
    return *(const double *)at;
}
