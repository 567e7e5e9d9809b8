/* csv.c - RFC 4180 tables that a spreadsheet cannot be tricked by.
 *
 * Base units stand in the column names, numbers are exact and without marks, what does not exist is
 * an empty cell, lines end in CRLF as the RFC has it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <string.h>

void xo_csv_text(struct xo_buf *buf, const char *text)
{
    char plain[1024];
    xo_plain(plain, sizeof plain, text, sizeof plain);
    const bool formula = plain[0] != '\0' && strchr("=+-@", plain[0]) != NULL;
    const bool quoted = strpbrk(plain, "\",;'") != NULL || plain[0] == ' ';
    xo_put(buf, "%s%s", quoted ? "\"" : "", formula ? "'" : "");
    for (const char *c = plain; *c != '\0'; c++)
        xo_put_bytes(buf, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    xo_put(buf, "%s", quoted ? "\"" : "");
}

void xo_csv_number(struct xo_buf *buf, double value)
{
    char exact[32];
    xo_put(buf, "%s", xo_text_exact(exact, value));
}

void xo_curve_csv(struct xo_buf *buf, const struct xo_curve *curve)
{
    for (int c = 0; c < xo_n_point_columns; c++)
        xo_put(buf, "%s%s", c == 0 ? "" : ",", xo_point_columns[c].name);
    xo_put(buf, "\r\n");
    for (int p = 0; p < curve->n_points; p++) {
        for (int c = 0; c < xo_n_point_columns; c++) {
            xo_put(buf, "%s", c == 0 ? "" : ",");
            xo_csv_number(buf, xo_column_value(&xo_point_columns[c], &curve->points[p]));
        }
        xo_put(buf, "\r\n");
    }
}

static void bill_rows(struct xo_buf *buf, const char *side, const char *name,
                      const struct xo_bill *bill)
{
    for (int i = 0; i < bill->n_items; i++) {
        xo_put(buf, "%s,", side);
        xo_csv_text(buf, name);
        xo_put(buf, ",%s,", xo_group_name(bill->items[i].group));
        xo_csv_text(buf, bill->items[i].label);
        xo_put(buf, ",");
        xo_csv_number(buf, bill->items[i].micro_usd / 1e6);
        xo_put(buf, "\r\n");
    }
}

void xo_bills_csv(struct xo_buf *buf, const struct xo_run *run)
{
    const struct xo_scenario *s = run->scenario;
    xo_put(buf, "side,name,group,item,usd_month\r\n");
    if (isfinite(run->buy_usd) && run->api >= 0 && run->api < s->n_apis)
        bill_rows(buf, "buy", s->apis[run->api].tariff.name, &run->buy_bill);
    if (isfinite(run->same_usd) && s->n_same_model > 0)
        bill_rows(buf, "same", xo_same_name(s, run->same), &run->same_bill);
    for (int i = 0; i < run->n_options; i++)
        if (run->sized[i].feasible)
            bill_rows(buf, "build", s->options[run->sized[i].option].label, &run->sized[i].bill);
}

static const char *const readings[] = { "simulated", "steady", "averaged", "spike" };
XO_TABLE_OF(readings, XO_N_HOUR_READINGS);
static const char *const day_names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

/* The share of requests in time by class and hour of the week; the header alone where the run has
 * no hours (a trace, a closed loop, no fleet). */
void xo_hours_csv(struct xo_buf *buf, const struct xo_run *run)
{
    const struct xo_scenario *s = run->scenario;
    xo_put(buf, "hour_of_week,day,hour,load_frac,busy_frac,class,metric,quantile,limit_s,"
                "attained_frac,reading\r\n");
    for (int h = 0; run->hours != NULL && h < XO_HOURS_PER_WEEK; h++)
        for (int c = 0; c < s->workload.n_classes; c++)
            for (int t = 0; t < s->slo[c].n_targets; t++) {
                const struct xo_slo_target *target = &s->slo[c].targets[t];
                const double values[] = { target->quantile, target->limit_s,
                                          run->hours[h].attained_frac[c][t] };
                xo_put(buf, "%d,%s,%d,", h, day_names[h / 24], h % 24);
                xo_csv_number(buf, run->hours[h].load_frac);
                xo_put(buf, ",");
                xo_csv_number(buf, run->hours[h].busy_frac);
                xo_put(buf, ",");
                xo_csv_text(buf, s->workload.classes[c].name);
                xo_put(buf, ",%s", xo_metric_name(target->metric));
                for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
                    xo_put(buf, ",");
                    xo_csv_number(buf, values[v]);
                }
                xo_put(buf, ",%s\r\n", readings[run->hours[h].reading]);
            }
}

static void side_row(struct xo_buf *buf, const char *side, const char *name, bool best, double usd)
{
    xo_put(buf, "%s,", side);
    xo_csv_text(buf, name);
    xo_put(buf, ",%d,", best);
    xo_csv_number(buf, usd);
}

static void option_row(struct xo_buf *buf, const struct xo_run *run, int i)
{
    const struct xo_sized *z = &run->sized[i];
    side_row(buf, "build", run->scenario->options[i].label, i == run->best,
             z->feasible && run->scenario->workload.n_clients == 0 ? xo_bill_usd(&z->bill) : NAN);
    const double values[] = { z->serving_replicas,
                              z->headroom_replicas,
                              z->spare_replicas,
                              z->n_gpus,
                              z->settled,
                              z->feasible ? z->load_frac : NAN,
                              z->feasible ? z->week_busy_frac : NAN,
                              z->feasible ? z->week_mean_w_per_gpu : NAN,
                              run->capacity_below[i].volume,
                              run->capacity[i].volume,
                              run->capacity[i].volume_lo,
                              run->capacity[i].volume_hi,
                              run->capacity_above[i].volume };
    for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
        xo_put(buf, ",");
        xo_csv_number(buf, z->n_gpus > 0 ? values[v] : NAN);
    }
    xo_put(buf, ",");
    xo_csv_number(buf, run->infeasible[i].holds ? run->infeasible[i].lone_s : NAN);
    xo_put(buf, "\r\n");
}

void xo_run_csv(struct xo_buf *buf, const struct xo_run *run)
{
    const struct xo_scenario *s = run->scenario;
    static const char blank[] = ",,,,,,,,,,,,,,\r\n";
    xo_put(buf, "side,name,best,usd_month,serving_replicas,headroom_replicas,spare_replicas,n_gpus,"
                "fleet_settled,load_frac,week_busy_frac,week_mean_w_per_gpu,"
                "capacity_below_requests_month,capacity_requests_month,"
                "capacity_lo_requests_month,capacity_hi_requests_month,"
                "capacity_above_requests_month,lone_s\r\n");
    if (run->api >= 0 && run->api < s->n_apis) {
        side_row(buf, "buy", s->apis[run->api].tariff.name, true, run->buy_usd);
        xo_put(buf, "%s", blank);
    }
    if (s->n_same_model > 0) {
        side_row(buf, "same", xo_same_name(s, run->same), true, run->same_usd);
        xo_put(buf, "%s", blank);
    }
    for (int i = 0; i < run->n_options; i++)
        option_row(buf, run, i);
}
