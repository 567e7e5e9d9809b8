/* plot_load.c - how busy the fleet is and how long requests take, against volume.
 *
 * Three panels over one axis: work done and busy time, batch occupancy, latencies with the SLO.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "report/page/page.h"
#include "set.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct series {
    const char *column, *unit; /* as in curve.csv */
    bool measured;             /* where the fleet was simulated alone */
    size_t offset;             /* in struct xo_curve_point */
    const char *name, *note;
};
struct panel_plan {
    const char *name;   /* in load.set */
    double bottom, top; /* pixels */
    bool log_y;
    const struct series *series;
    int n;
};

#define SIZED(column)        #column, "fraction", false, offsetof(struct xo_curve_point, build.column)
#define METRIC(column, unit) #column, unit, true, offsetof(struct xo_curve_point, metrics.column)
static const struct series share_series[] = {
    { SIZED(load_frac), "load", "of what they could do in the SLO" },
    { SIZED(week_busy_frac), "busy", "time with a batch, serving replicas" },
};
static const struct series batch_series[] = {
    { METRIC(batch_mean, "requests"), "batch", "requests in a running batch" },
};
static const struct series latency_series[] = {
    { METRIC(ttft_p50_s, "s"), "TTFT p50", "" }, { METRIC(ttft_p95_s, "s"), "TTFT p95", "" },
    { METRIC(ttft_p99_s, "s"), "TTFT p99", "" }, { METRIC(tpot_p50_s, "s"), "TPOT p50", "" },
    { METRIC(tpot_p95_s, "s"), "TPOT p95", "" }, { METRIC(tpot_p99_s, "s"), "TPOT p99", "" },
};

enum { N_PANELS = 3 };
#define SERIES(s) s, sizeof s / sizeof s[0]
static const struct panel_plan panels[N_PANELS] = {
    { "share", 610, 750, false, SERIES(share_series) },
    { "batch", 440, 560, false, SERIES(batch_series) },
    { "latency", 104, 390, true, SERIES(latency_series) },
};

static double value_of(const struct series *s, const struct xo_curve_point *p)
{
    const bool there = s->measured ? p->has_metrics : p->build.feasible;
    return there ? *(const double *)(const void *)((const char *)p + s->offset) : (double)NAN;
}

static void put_data(struct xo_buf *data, const struct xo_curve *c)
{
    enum { MOST = 2 + XO_ROWS(share_series) + XO_ROWS(batch_series) + XO_ROWS(latency_series) };
    struct rows to = { .csv = data };
    for (int i = 0; i < c->n_points; i++) {
        const struct xo_curve_point *p = &c->points[i];
        struct cell cells[MOST] = {
            { "requests_month", "requests/month", NUMBER(p->volume) },
            { "tokens_month", "tokens/month", NUMBER(p->tokens) },
        };
        size_t n = 2;
        for (int panel = 0; panel < N_PANELS; panel++)
            for (int k = 0; k < panels[panel].n; k++) {
                const struct series *s = &panels[panel].series[k];
                cells[n++] = (struct cell){ s->column, s->unit, NUMBER(value_of(s, p)) };
            }
        if (p->build.feasible)
            rows_put(&to, cells, n);
    }
}

/* Highest and lowest positive value of a panel's series; the SLO's limits for the latencies. */
static void y_range(const struct panel_plan *plan, const struct xo_curve *c, struct panel *p)
{
    double lo = INFINITY, hi = 0;
    for (int i = 0; i < c->n_points; i++)
        for (int k = 0; k < plan->n; k++) {
            const double v = value_of(&plan->series[k], &c->points[i]);
            if (isfinite(v) && v > 0) {
                lo = fmin(lo, v);
                hi = fmax(hi, v);
            }
        }
    for (int t = 0; plan->log_y && t < c->scenario->slo[0].n_targets; t++)
        if (c->scenario->slo[0].targets[t].metric != XO_METRIC_E2E) {
            lo = fmin(lo, c->scenario->slo[0].targets[t].limit_s);
            hi = fmax(hi, c->scenario->slo[0].targets[t].limit_s);
        }
    if (!(hi > 0))
        lo = hi = 1;
    p->y_lo = plan->log_y ? log10(lo) - 0.1 : 0;
    p->y_hi = plan->log_y ? log10(hi) + 0.15 : hi * 1.15;
}

static double end_y(const struct series *s, const struct panel_plan *plan, const struct panel *p,
                    const struct xo_curve *c)
{
    for (int i = c->n_points - 1; i >= 0; i--) {
        const double v = value_of(s, &c->points[i]);
        if (isfinite(v) && (!plan->log_y || v > 0))
            return panel_y(p, plan->log_y ? log10(v) : v);
    }
    return NAN;
}

/* How high the name of a line that ends at y may stand: below the lowest limit of the SLO above it,
 * lest it seem to miss that. */
static double highest_at(const struct panel_plan *plan, const struct panel *p,
                         const struct xo_curve *c, double y)
{
    enum { AWAY = 9 };
    double highest = p->top;
    for (int t = 0; plan->log_y && t < c->scenario->slo[0].n_targets; t++) {
        const struct xo_slo_target *target = &c->scenario->slo[0].targets[t];
        const double line = panel_y(p, log10(target->limit_s));
        if (target->metric != XO_METRIC_E2E && line > y)
            highest = fmin(highest, fmax(line - AWAY, y));
    }
    return highest;
}

/* One line of text a series; a panel is too low for two. */
static void label_ends(struct set_list *ends, const struct panel_plan *plan, const struct panel *p,
                       const struct xo_curve *c)
{
    enum { APART = 20 };
    double at[8] = { 0 }, most[8] = { 0 };
    int order[8] = { 0 }, n = 0;
    for (int k = 0; k < plan->n; k++) {
        const double y = end_y(&plan->series[k], plan, p, c);
        int place = n;
        if (!isfinite(y))
            continue;
        for (; place > 0 && at[place - 1] > y; place--) {
            at[place] = at[place - 1];
            order[place] = order[place - 1];
        }
        at[place] = y;
        order[place] = k;
        n++;
    }
    for (int i = 0; i < n; i++)
        most[i] = highest_at(plan, p, c, at[i]);
    for (int i = 1; i < n; i++)
        at[i] = fmax(at[i], at[i - 1] + APART);
    for (int i = n - 1; i >= 0; i--) {
        const struct series *s = &plan->series[order[i]];
        char text[96];
        at[i] = fmin(at[i], i + 1 < n ? fmin(most[i], at[i + 1] - APART) : most[i]);
        snprintf(text, sizeof text, "%s%s%s", s->name, s->note[0] != '\0' ? ": " : "", s->note);
        set_row(ends);
        set_cell_text(ends, "text", text, 44);
        set_place(ends, "y", at[i], PAGE_H);
        set_cell_text(ends, "of", s->column, 40);
    }
}

/* Pixels from y to the nearest latency left of `right`. */
static double room_at(const struct panel *p, const struct xo_curve *c, double right, double y)
{
    double room = INFINITY;
    for (size_t k = 0; k < sizeof latency_series / sizeof *latency_series; k++)
        for (int i = 0; i < c->n_points; i++) {
            const struct xo_curve_point *at = &c->points[i];
            const double v = value_of(&latency_series[k], at);
            if (v > 0 && panel_x(p, log10(at->volume)) < right)
                room = fmin(room, fabs(panel_y(p, log10(v)) - y));
        }
    return room;
}

/* A limit's words stand above its line, or below it where there is more room. */
static void slo_lines(struct xo_buf *set, const struct panel *p, const struct xo_curve *c)
{
    struct set_list slo = { .role = "slo" };
    enum { INDENT = 10, AWAY = 11, POINTS = 10 };
    struct xo_words words = { 0 };
    for (int t = 0; t < c->scenario->slo[0].n_targets; t++) {
        const struct xo_slo_target *target = &c->scenario->slo[0].targets[t];
        char text[XO_TITLE_SIZE + 8];
        if (target->metric == XO_METRIC_E2E)
            continue;
        const double y = panel_y(p, log10(target->limit_s));
        snprintf(text, sizeof text, "SLO %s", xo_say_target(&words, target));
        const double right = p->left + INDENT + text_width(text, POINTS);
        const bool above = room_at(p, c, right, y + AWAY) >= room_at(p, c, right, y - AWAY);
        set_label(&slo, text, 60, p->left + INDENT, above ? y + AWAY : y - AWAY);
        set_place(&slo, "line", y, PAGE_H);
    }
    set_list_put(set, &slo);
}

/* 1, 2 or 5 times a power of ten, at most x. */
static double round_step(double x)
{
    const double power = pow(10, floor(log10(x)));
    return x >= 5 * power ? 5 * power : x >= 2 * power ? 2 * power : power;
}

/* "your plan" stands above its line in the top panel. */
static void put_plan(struct xo_buf *set, const struct panel *p, const struct xo_curve *c)
{
    struct set_list plan = { .role = "plan" };
    char count[32], text[64];
    snprintf(text, sizeof text, "your plan: %s",
             xo_text_count(count, sizeof count, c->points[c->plan].volume, 3));
    set_label(&plan, text, 60, panel_x(p, log10(c->points[c->plan].volume)), p->top + 12);
    set_list_put(set, &plan);
}

static void put_panel(struct xo_buf *set, struct set_list *ends, const struct panel_plan *plan,
                      const struct xo_curve *c)
{
    struct panel p = { .left = 112, .right = 1058, .bottom = plan->bottom, .top = plan->top };
    volume_range(c, &p);
    y_range(plan, c, &p);
    set_panel(set, plan->name, &p);
    label_ends(ends, plan, &p, c);
    if (plan->log_y) {
        const double lo = pow(10, p.y_lo), hi = pow(10, p.y_hi);
        set_range(set, plan->name, lo, hi);
        set_log_tics(set, "ytic", lo, hi, 1, gp_say_duration);
        slo_lines(set, &p, c);
    } else
        set_range(set, plan->name, 0, p.y_hi);
    if (plan->series == batch_series)
        set_number(set, "batch_step", round_step(p.y_hi / 4));
    if (plan == &panels[0])
        put_plan(set, &p, c);
}

/* Those that hold a replica: what fills the last server does no work. */
static int gpus_of_replicas(const struct xo_scenario *s, const struct xo_sized *z)
{
    return (z->serving_replicas + z->headroom_replicas + z->spare_replicas) *
           xo_deployment_gpus(&s->options[z->option].deployment);
}

static void title_of(struct xo_buf *title, const struct xo_curve *c)
{
    const struct xo_curve_point *p = &c->points[c->plan];
    struct xo_words words = { 0 };
    const char *draft = c->scenario->n_guesses > 0 ? "DRAFT: " : "";
    const int n_gpus = p->build.feasible ? gpus_of_replicas(c->scenario, &p->build) : 0;
    if (!p->build.feasible)
        xo_put(title, "%sNo fleet that was simulated carries your plan within the SLO", draft);
    else
        xo_put(title, "%sAt your plan %d GPU%s %s of the work they could do within the SLO", draft,
               n_gpus, n_gpus == 1 ? " does" : "s do", xo_say_percent(&words, p->build.load_frac));
    if (title->text != NULL)
        xo_unglue(title->text);
}

static void put_subtitle(struct xo_buf *subtitle, const struct xo_curve *c)
{
    char name[XO_TITLE_SIZE], label[96];
    const struct xo_sized *plan = &c->points[c->plan].build;
    xo_put(subtitle,
           "%s  " DOT "  this build: %s  " DOT
           "  latencies of the %s rise and fall as replicas are added",
           xo_plain(name, sizeof name, c->scenario->name, 60),
           c->scenario->n_options > 0
               ? xo_plain(label, sizeof label,
                          c->scenario->options[plan->feasible ? plan->option : 0].label, 40)
               : "none",
           c->scenario->slo_window == XO_SLO_MONTH ? "month" : "busiest hour");
    if (plan->feasible && plan->load_frac > plan->week_busy_frac)
        xo_put(subtitle,
               "  " DOT "  load above busy: the SLO is missed long before these GPUs are busy all "
               "the time");
}

static void put_set(struct xo_buf *set, const struct xo_curve *c)
{
    struct xo_buf title = { 0 }, subtitle = { 0 };
    struct set_list ends = { .role = "end" };
    set_open(set, "load");
    title_of(&title, c);
    put_subtitle(&subtitle, c);
    set_curve_page(set, c, title.text != NULL ? title.text : "",
                   subtitle.text != NULL ? subtitle.text : "");
    set_volume_axis(set, c, false);
    for (int i = 0; i < N_PANELS; i++)
        put_panel(set, &ends, &panels[i], c);
    set_list_put(set, &ends);
    set->failed = set->failed || title.failed || subtitle.failed;
    xo_buf_fini(&title);
    xo_buf_fini(&subtitle);
}

void xo_plot_load(struct xo_plot *out, const struct xo_curve *curve)
{
    bool feasible = false;
    for (int i = 0; i < curve->n_points; i++)
        feasible = feasible || curve->points[i].build.feasible;
    if (!feasible) {
        xo_text_copy(out->none, sizeof out->none, "no fleet that was simulated meets the SLO");
        return;
    }
    put_data(&out->data, curve);
    put_set(&out->set, curve);
}
