/* tables.h - tables for programs: a file of CSV each, the rows of docs/outputs.md.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_PAGE_TABLES_H
#define XO_REPORT_PAGE_TABLES_H

#include "page.h"

void xo_put_points(struct rows *to, const struct xo_curve *c); /* curve.csv (page/columns.c) */
void xo_put_sides(struct rows *to, const struct xo_run *run);  /* run.csv (page/run_rows.c) */
void xo_put_bills(struct rows *to, const struct xo_run *run);  /* bills.csv */
void xo_put_hours(struct rows *to, const struct xo_run *run);  /* hours.csv */
/* A row of a sweep, by its number: samples.csv. */
void xo_put_sample(struct rows *to, const struct xo_sweep *sweep, const struct xo_sweep_row *row,
                   int64_t number);
void xo_put_inputs(struct rows *to, const struct xo_sweep_report *r); /* sweep.csv */
void xo_put_months(struct rows *to, const struct xo_horizon *h);      /* horizon.csv */
void xo_put_cells(struct rows *to, const struct xo_scenario *s,
                  const struct xo_map_result *m); /* map.csv */
void xo_put_frontier(struct rows *to, const struct xo_scenario *s,
                     const struct xo_map_result *m);                      /* frontier.csv */
void xo_put_predictions(struct rows *to, const struct xo_validation *v);  /* validate.csv */
void xo_put_summary(struct rows *to, const struct xo_validation *v);      /* validate_summary.csv */
void xo_put_targets_rows(struct rows *to, const struct xo_validation *v); /* validate_targets.csv */
void xo_put_series(struct rows *to, const struct xo_validation *v);       /* validate_series.csv */
void xo_put_ledger(struct rows *to, const struct xo_scenario *s);

/* What is measured of a fleet, once: each is a column, a member in JSON and a row of
 * docs/outputs.md. */
/* clang-format off */
#define XO_METRICS(METRIC)                                                                         \
    METRIC(ttft_p50_s, "s") METRIC(ttft_p95_s, "s") METRIC(ttft_p99_s, "s")                        \
    METRIC(tpot_p50_s, "s") METRIC(tpot_p95_s, "s") METRIC(tpot_p99_s, "s")                        \
    METRIC(e2e_p50_s, "s") METRIC(e2e_p95_s, "s") METRIC(e2e_p99_s, "s")                           \
    METRIC(itl_p50_s, "s") METRIC(itl_p99_s, "s") METRIC(goodput_per_s, "requests/s")              \
    METRIC(busy_frac, "fraction") METRIC(batch_mean, "requests")                                   \
    METRIC(kv_mean_frac, "fraction") METRIC(kv_peak_frac, "fraction")                              \
    METRIC(mbu_frac, "fraction") METRIC(mfu_frac, "fraction") METRIC(prefill_frac, "fraction")     \
    METRIC(decode_frac, "fraction") METRIC(idle_frac, "fraction")                                  \
    METRIC(preemptions_per_request, "")
/* clang-format on */

/* What a unit costs and leaves: cells that are there where the scenario has one. */
#define OF_UNIT(s) .json_alone = !xo_has_unit(s), .not_json = !xo_has_unit(s)
#define UNIT_FIGURES(prefix, s, of)                                                                \
    { prefix "usd_per_1000_requests", "usd/1000 requests", NUMBER((of).usd_per_1000_requests),     \
      OF_UNIT(s) },                                                                                \
        { prefix "usd_per_unit", "usd/unit", NUMBER((of).usd), OF_UNIT(s) },                       \
        { prefix "margin_usd_per_unit", "usd/unit", NUMBER((of).margin_usd), OF_UNIT(s) },         \
        { prefix "margin_frac", "fraction", NUMBER((of).margin_frac), OF_UNIT(s) },

/* ---- whole studies as JSON ---- */
void xo_curve_json(struct xo_buf *buf, const struct xo_curve *curve);
void xo_run_json(struct xo_buf *buf, const struct xo_run *run);

#endif
