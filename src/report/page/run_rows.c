/* run_rows.c - the tables of a run: its sides, every item of their bills, the week hour by hour.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/words/sentences.h"
#include "tables.h"

#include <math.h>

static void put_bill(struct rows *to, const char *side, const char *name,
                     const struct xo_bill *bill)
{
    for (int i = 0; i < bill->n_items; i++) {
        const struct xo_bill_item *item = &bill->items[i];
        const struct cell cells[] = {
            { "side", WORD(side) },
            { "name", TEXT(name) },
            { "group", WORD(xo_group_name(item->group)) },
            { "item", TEXT(item->label) },
            { "usd_month", "usd/month", NUMBER(item->micro_usd / 1e6) },
        };
        ROW_PUT(to, cells);
    }
}

void xo_put_bills(struct rows *to, const struct xo_run *run)
{
    static const struct xo_bill none = { .n_items = 1 };
    const struct xo_scenario *s = run->scenario;
    to->names_alone = true;
    put_bill(to, "", "", &none);
    to->names_alone = false;
    for (int way = 0; way < XO_N_WAYS; way++) {
        const char *name = xo_way_name(s, (enum xo_way)way, run->pick[way]);
        if (way != XO_WAY_BUILD && isfinite(run->usd[way]) && name[0] != '\0')
            put_bill(to, xo_way_words[way].key, name, &run->bills[way]);
    }
    for (int i = 0; i < run->n_options; i++)
        if (run->sized[i].feasible)
            put_bill(to, "build", s->options[run->sized[i].option].label, &run->sized[i].bill);
}

static void put_hour(struct rows *to, int h, const struct xo_run_hour *hour, const char *class_name,
                     const struct xo_slo_target *target, double attained_frac)
{
    static const char *const readings[] = { "simulated", "steady", "averaged", "spike" };
    XO_TABLE_OF(readings, XO_N_HOUR_READINGS);
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    const struct cell cells[] = {
        { "hour_of_week", "", NUMBER(h) },
        { "day", WORD(days[h / 24]) },
        { "hour", "", NUMBER(h % 24) },
        { "load_frac", "fraction", NUMBER(hour->load_frac) },
        { "busy_frac", "fraction", NUMBER(hour->busy_frac) },
        { "class", TEXT(class_name) },
        { "metric", WORD(xo_metric_name(target->metric)) },
        { "quantile", "fraction", NUMBER(target->quantile) },
        { "limit_s", "s", NUMBER(target->limit_s) },
        { "attained_frac", "fraction", NUMBER(attained_frac) },
        { "reading", WORD(readings[hour->reading]) },
    };
    ROW_PUT(to, cells);
}

/* The share of requests in time by class and hour of the week; the names alone where the run has no
 * hours (a trace, a closed loop, no fleet). */
void xo_put_hours(struct rows *to, const struct xo_run *run)
{
    static const struct xo_run_hour no_hour;
    static const struct xo_slo_target no_target;
    const struct xo_scenario *s = run->scenario;
    to->names_alone = true;
    put_hour(to, 0, &no_hour, "", &no_target, 0);
    to->names_alone = false;
    for (int h = 0; run->hours != NULL && h < XO_HOURS_PER_WEEK; h++)
        for (int c = 0; c < s->workload.n_classes; c++)
            for (int t = 0; t < s->slo[c].n_targets; t++)
                put_hour(to, h, &run->hours[h], s->workload.classes[c].name, &s->slo[c].targets[t],
                         run->hours[h].attained_frac[c][t]);
}

/* A side, and the fleet of option `i`; -1: it has none. */
static void put_side(struct rows *to, const struct xo_run *run, const char *side, const char *name,
                     bool best, double usd, int i)
{
    static const struct xo_sized no_fleet;
    static const struct xo_capacity none;
    const struct xo_sized *z = i >= 0 ? &run->sized[i] : &no_fleet;
    const struct xo_capacity *below = i >= 0 ? &run->capacity_below[i] : &none;
    const struct xo_capacity *here = i >= 0 ? &run->capacity[i] : &none;
    const struct xo_capacity *above = i >= 0 ? &run->capacity_above[i] : &none;
#define IF(there, value) NUMBER((there) ? (double)(value) : (double)NAN)
    const bool fleet = z->n_gpus > 0, meets = fleet && z->feasible;
    const struct xo_holding held = xo_option_holds(run->scenario, i);
    const struct xo_unit_figures unit = xo_unit_figures(&run->scenario->unit, usd, run->requests);
    const bool lone = i >= 0 && run->infeasible[i].holds;
    const struct cell cells[] = {
        { "side", WORD(side) },
        { "name", TEXT(name) },
        { "best", FLAG(best) },
        { "usd_month", "usd/month", NUMBER(usd) },
        { "serving_replicas", "", IF(fleet, z->serving_replicas) },
        { "headroom_replicas", "", IF(fleet, z->headroom_replicas) },
        { "spare_replicas", "", IF(fleet, z->spare_replicas) },
        { "n_gpus", "", IF(fleet, z->n_gpus) },
        { "fleet_settled", FLAG(fleet ? z->settled : (double)NAN) },
        { "load_frac", "fraction", IF(meets, z->load_frac) },
        { "week_busy_frac", "fraction", IF(meets, z->week_busy_frac) },
        { "week_mean_w_per_gpu", "W", IF(meets, z->week_mean_w_per_gpu) },
        { "capacity_below_requests_month", "requests/month", IF(fleet, below->volume) },
        { "capacity_requests_month", "requests/month", IF(fleet, here->volume) },
        { "capacity_lo_requests_month", "requests/month", IF(fleet, here->volume_lo) },
        { "capacity_hi_requests_month", "requests/month", IF(fleet, here->volume_hi) },
        { "capacity_above_requests_month", "requests/month", IF(fleet, above->volume) },
        { "lone_s", "s", IF(lone, run->infeasible[i].lone_s) },
        { "kv_room_tokens", "tokens", NUMBER(held.kv_room_tokens) },
        { "weight_bytes_per_gpu", "bytes", NUMBER(held.weight_bytes_per_gpu) },
        { "longest_request_tokens", "tokens", NUMBER(held.longest_tokens) },
        UNIT_FIGURES("", run->scenario, unit)
    };
    ROW_PUT(to, cells);
}

void xo_put_sides(struct rows *to, const struct xo_run *run)
{
    const struct xo_scenario *s = run->scenario;
    for (int way = 0; way < XO_N_WAYS; way++) {
        const char *name = xo_way_name(s, (enum xo_way)way, run->pick[way]);
        if (way != XO_WAY_BUILD && name[0] != '\0')
            put_side(to, run, xo_way_words[way].key, name, true, run->usd[way], -1);
    }
    for (int i = 0; i < run->n_options; i++) {
        const struct xo_sized *z = &run->sized[i];
        put_side(to, run, "build", s->options[i].label, i == run->best,
                 z->feasible && s->workload.n_clients == 0 ? xo_bill_usd(&z->bill) : NAN, i);
    }
}
