/* plot_load.c - how busy the fleet is and how long requests take, against volume.
 *
 * Three panels over one axis: work done and busy time, batch occupancy, latencies with the SLO.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot.h"

#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct series {
    const char *column; /* of curve.csv too */
    const char *look, *colour, *name, *note;
};
struct panel_plan {
    const char *title;
    double bottom, top; /* pixels */
    bool log_y;
    const struct series *series;
    int n;
};

static const struct series load_series[] = {
    { "load_frac", BUILD_LOOK, BUILD_COLOUR, "load", "of what they could do in the SLO" },
    { "week_busy_frac", BUY_LOOK, BUY_COLOUR, "busy", "time with a batch, serving replicas" },
};
static const struct series batch_series[] = {
    { "batch_mean", BUILD_LOOK, BUILD_COLOUR, "batch", "requests in a running batch" },
};
static const struct series latency_series[] = {
    { "ttft_p50_s", "lc rgb '#56B4E9' dt solid lw 2", "#2f86b8", "TTFT p50", "" },
    { "ttft_p95_s", "lc rgb '#0072B2' dt (16,5) lw 2.6", "#0072B2", "TTFT p95", "" },
    { "ttft_p99_s", "lc rgb '#0072B2' dt (3,3) lw 1.8", "#0072B2", "TTFT p99", "" },
    { "tpot_p50_s", "lc rgb '#E69F00' dt solid lw 2", "#b37b00", "TPOT p50", "" },
    { "tpot_p95_s", "lc rgb '#D55E00' dt (16,5) lw 2.6", "#D55E00", "TPOT p95", "" },
    { "tpot_p99_s", "lc rgb '#D55E00' dt (3,3) lw 1.8", "#D55E00", "TPOT p99", "" },
};

enum { N_PANELS = 3 };
#define SERIES(s) s, sizeof s / sizeof s[0]
static const struct panel_plan panels[N_PANELS] = {
    { "Share of the fleet's capacity and of its time", 610, 750, false, SERIES(load_series) },
    { "Requests in a replica's batch", 440, 560, false, SERIES(batch_series) },
    { "Seconds, busiest hour", 104, 390, true, SERIES(latency_series) },
};

static const struct xo_column *column_named(const char *name)
{
    for (int i = 0; i < xo_n_point_columns; i++)
        if (strcmp(xo_point_columns[i].name, name) == 0)
            return &xo_point_columns[i];
    return NULL;
}

static void put_data(struct xo_buf *data, const struct xo_curve *c)
{
    xo_put(data, "requests_month,tokens_month");
    for (int i = 0; i < N_PANELS; i++)
        for (int k = 0; k < panels[i].n; k++)
            xo_put(data, ",%s", panels[i].series[k].column);
    xo_put(data, "\r\n");
    for (int p = 0; p < c->n_points; p++) {
        if (!c->points[p].build.feasible)
            continue;
        xo_csv_number(data, c->points[p].volume);
        xo_put(data, ",");
        xo_csv_number(data, c->points[p].tokens);
        for (int i = 0; i < N_PANELS; i++)
            for (int k = 0; k < panels[i].n; k++) {
                xo_put(data, ",");
                xo_csv_number(
                    data, xo_column_value(column_named(panels[i].series[k].column), &c->points[p]));
            }
        xo_put(data, "\r\n");
    }
}

/* Highest and lowest positive value of a panel's series; the SLO's limits for the latencies. */
static void y_range(const struct panel_plan *plan, const struct xo_curve *c, struct panel *p)
{
    double lo = INFINITY, hi = 0;
    for (int i = 0; i < c->n_points; i++)
        for (int k = 0; k < plan->n; k++) {
            const double v = xo_column_value(column_named(plan->series[k].column), &c->points[i]);
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
        const double v = xo_column_value(column_named(s->column), &c->points[i]);
        if (isfinite(v) && (!plan->log_y || v > 0))
            return panel_y(p, plan->log_y ? log10(v) : v);
    }
    return NAN;
}

/* One line of text a series; a panel is too low for two. */
static void label_ends(struct xo_buf *buf, const struct panel_plan *plan, const struct panel *p,
                       const struct xo_curve *c)
{
    enum { APART = 20 };
    double at[8] = { 0 };
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
    for (int i = 1; i < n; i++)
        at[i] = fmax(at[i], at[i - 1] + APART);
    for (int i = n - 1; i >= 0; i--) {
        const struct series *s = &plan->series[order[i]];
        char text[96];
        at[i] = fmin(at[i], i + 1 < n ? at[i + 1] - APART : p->top);
        snprintf(text, sizeof text, "%s%s%s", s->name, s->note[0] != '\0' ? ": " : "", s->note);
        gp_label(buf, p->right + 10, at[i], "left", 10, "", s->colour, text, 44);
    }
}

/* Pixels from y to the nearest latency left of `right`. */
static double room_at(const struct panel *p, const struct xo_curve *c, double right, double y)
{
    double room = INFINITY;
    for (size_t k = 0; k < sizeof latency_series / sizeof *latency_series; k++)
        for (int i = 0; i < c->n_points; i++) {
            const struct xo_curve_point *at = &c->points[i];
            const double v = xo_column_value(column_named(latency_series[k].column), at);
            if (v > 0 && panel_x(p, log10(at->volume)) < right)
                room = fmin(room, fabs(panel_y(p, log10(v)) - y));
        }
    return room;
}

/* A limit's words stand above its line, or below it where there is more room. */
static void slo_lines(struct xo_buf *buf, const struct panel *p, const struct xo_curve *c)
{
    enum { INDENT = 10, AWAY = 11, POINTS = 10 };
    struct xo_words words = { 0 };
    for (int t = 0; t < c->scenario->slo[0].n_targets; t++) {
        const struct xo_slo_target *target = &c->scenario->slo[0].targets[t];
        char text[XO_TITLE_SIZE + 8];
        if (target->metric == XO_METRIC_E2E)
            continue;
        const double y = panel_y(p, log10(target->limit_s));
        snprintf(text, sizeof text, "SLO %s", xo_say_target(&words, target));
        gp_line(buf, p->left, y, p->right, y, "lw 1.6 dt solid lc rgb '#222222' front");
        const double right = p->left + INDENT + text_width(text, POINTS);
        const bool above = room_at(p, c, right, y + AWAY) >= room_at(p, c, right, y - AWAY);
        gp_label(buf, p->left + INDENT, above ? y + AWAY : y - AWAY, "left", POINTS, "", "#222222",
                 text, 60);
    }
}

/* 1, 2 or 5 times a power of ten, at most x. */
static double round_step(double x)
{
    const double power = pow(10, floor(log10(x)));
    return x >= 5 * power ? 5 * power : x >= 2 * power ? 2 * power : power;
}

/* "your plan" stands beside the line in the top panel. */
static void put_plan(struct xo_buf *buf, const struct panel *p, const struct xo_curve *c,
                     bool named)
{
    const double x = panel_x(p, log10(c->points[c->plan].volume));
    char count[32], text[64];
    gp_line(buf, x, p->bottom, x, p->top, "lw 1.2 dt (6,5) lc rgb '#444444' back");
    snprintf(text, sizeof text, "your plan: %s",
             xo_text_count(count, sizeof count, c->points[c->plan].volume, 3));
    if (named)
        gp_label(buf, x, p->top + 12, "center", 10, "", "#444444", text, 60);
}

static void put_panel(struct xo_buf *buf, struct xo_buf *body, const struct panel_plan *plan,
                      const struct xo_curve *c, bool last)
{
    struct panel p = { .left = 112, .right = 1058, .bottom = plan->bottom, .top = plan->top };
    volume_range(c, &p);
    y_range(plan, c, &p);
    gp_label(buf, 42, plan->top + 18, "left", 11, "", "#222222", plan->title, 60);
    label_ends(buf, plan, &p, c);
    if (plan->log_y)
        slo_lines(buf, &p, c);
    put_plan(buf, &p, c, plan == &panels[0]);
    gp_panel(body, &p);
    gp_volume_axis(body, c, last, false);
    if (plan->log_y) {
        xo_put(body, "set logscale y\nset yrange [%.10g:%.10g]\n", pow(10, p.y_lo),
               pow(10, p.y_hi));
        gp_log_tics(body, "ytics", pow(10, p.y_lo), pow(10, p.y_hi), 1, gp_say_duration);
    } else {
        const bool share = plan->series == load_series;
        xo_put(body, "unset logscale y\nset yrange [0:%.10g]\nset ytics %.10g\n", p.y_hi,
               round_step(p.y_hi / 4));
        if (share)
            xo_put(body, "set ytics ('0 %%%%' 0, '25 %%%%' 0.25, '50 %%%%' 0.5, '75 %%%%' 0.75, "
                         "'100 %%%%' 1)\n");
    }
    for (int k = 0; k < plan->n; k++)
        xo_put(body, "%s using 'requests_month':'%s' with linespoints pt 7 ps 0.5 %s",
               k == 0 ? "plot 'load.csv'" : ", \\\n  ''", plan->series[k].column,
               plan->series[k].look);
    /* labels and lines belong to the page: they are drawn with the first panel alone */
    xo_put(body, "\nunset label\nunset arrow\n");
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

static void put_script(struct xo_buf *script, const struct xo_curve *c)
{
    struct xo_buf title = { 0 }, subtitle = { 0 }, marks = { 0 }, body = { 0 };
    char name[XO_TITLE_SIZE], label[96];
    gp_open(script, "load");
    title_of(&title, c);
    xo_put(&subtitle,
           "%s  " DOT "  this build: %s  " DOT
           "  latencies of the %s rise and fall as replicas are added",
           xo_plain(name, sizeof name, c->scenario->name, 60),
           c->scenario->n_options > 0
               ? xo_plain(label, sizeof label, c->scenario->options[0].label, 40)
               : "none",
           c->scenario->slo_window == XO_SLO_MONTH ? "month" : "busiest hour");
    const struct xo_sized *plan = &c->points[c->plan].build;
    if (plan->feasible && plan->load_frac > plan->week_busy_frac)
        xo_put(&subtitle,
               "  " DOT "  load above busy: the SLO is missed long before these GPUs are busy all "
               "the time");
    gp_page(&marks, c, title.text != NULL ? title.text : "",
            subtitle.text != NULL ? subtitle.text : "");
    for (int i = 0; i < N_PANELS; i++)
        put_panel(&marks, &body, &panels[i], c, i == N_PANELS - 1);
    xo_put(&marks, "set multiplot\n");
    xo_put_bytes(&marks, body.text != NULL ? body.text : "", body.length);
    xo_put(&marks, "unset multiplot\n");
    marks.failed = marks.failed || body.failed;
    gp_close(script, &marks);
    xo_buf_fini(&marks);
    xo_buf_fini(&title);
    xo_buf_fini(&subtitle);
    xo_buf_fini(&body);
}

void xo_plot_load(struct xo_plot *out, const struct xo_curve *curve)
{
    put_data(&out->data, curve);
    put_script(&out->script, curve);
}
