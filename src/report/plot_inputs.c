/* plot_inputs.c - what moves the answer: tornado, Sobol' indices, the two strongest inputs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot.h"

#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <string.h>

enum { MOST_ROWS = 16, NAME_COLUMNS = 30, LEFT = 330 };
#define LOW_COLOUR  "#56B4E9"
#define HIGH_COLOUR "#E69F00"

static int n_shown(const struct xo_sweep_result *s)
{
    return s->n_inputs < MOST_ROWS ? s->n_inputs : MOST_ROWS;
}

static void close_plot(struct xo_plot *plot, struct xo_buf *body)
{
    gp_close(&plot->script, body);
    xo_buf_fini(body);
}

/* Names of the inputs at the left, the strongest on top: row k stands at y = -k. */
static void put_names(struct xo_buf *marks, const struct panel *p, const struct xo_sweep_report *r,
                      const int order[], double right)
{
    for (int k = 0; k < n_shown(r->result); k++)
        gp_label(marks, right, panel_y(p, -k), "right", 11.5, "", "#222222",
                 r->inputs[order[k]].name, NAME_COLUMNS);
}

static void set_rows(struct panel *p, int n)
{
    p->y_lo = -n + 0.4;
    p->y_hi = 0.6;
}

/* One tic as people write it in this unit; NULL: dollars. */
static void put_tic(struct xo_buf *buf, int n, const char *unit, double at)
{
    char text[64];
    if (unit == NULL)
        gp_say_usd(text, sizeof text, at);
    else
        xo_show_quantity(text, sizeof text, unit, at);
    xo_put(buf, "%s'", n > 0 ? ", " : "");
    for (const char *c = text; *c != '\0'; c++)
        xo_put(buf, *c == '%' ? "%%%%" : "%c", *c);
    xo_put(buf, "' %.10g", at);
}

/* About `most` round numbers from lo to hi. */
static void quantity_tics(struct xo_buf *buf, const char *name, double lo, double hi,
                          const char *unit, double most)
{
    const double step = gp_round_step((hi - lo) / most);
    int n = 0;
    xo_put(buf, "set %s (", name);
    for (double k = ceil(lo / step); k * step <= hi; k++)
        put_tic(buf, n++, unit, k * step);
    xo_put(buf, ")\n");
}

/* Of a logarithmic axis: 1, 2 and 5 of each decade, or the decades alone where they are many. */
static void quantity_log_tics(struct xo_buf *buf, const char *name, double lo, double hi,
                              const char *unit)
{
    static const int mantissas[] = { 1, 2, 5 };
    const int per_decade = hi / lo > 300 ? 1 : 3;
    int n = 0;
    xo_put(buf, "set %s (", name);
    for (int e = (int)floor(log10(lo)); e <= (int)ceil(log10(hi)); e++)
        for (int m = 0; m < per_decade; m++) {
            const double at = mantissas[m] * pow(10, e);
            if (at >= lo && at <= hi)
                put_tic(buf, n++, unit, at);
        }
    xo_put(buf, ")\n");
}

/* ---- tornado ---- */

static double swing(const struct xo_sweep_report *r, int input)
{
    const struct xo_tornado *t = &r->result->inputs[input].tornado;
    const double usd = fabs(t->saving_high_usd - t->saving_low_usd);
    return isnan(usd) ? -1 : usd;
}

/* The longest bar on top, as a tornado has it. */
static void order_by_swing(const struct xo_sweep_report *r, int order[XO_SWEEP_MAX_INPUTS])
{
    for (int i = 0; i < r->result->n_inputs; i++) {
        int at = i;
        for (; at > 0 && swing(r, i) > swing(r, order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static void put_tornado_data(struct xo_buf *data, const struct xo_sweep_report *r,
                             const int order[])
{
    xo_put(data, "row,input,low,high,saving_at_low_usd,saving_at_high_usd,crossover_at_low,"
                 "crossover_at_high\r\n");
    for (int k = 0; k < n_shown(r->result); k++) {
        const struct xo_tornado *t = &r->result->inputs[order[k]].tornado;
        const double values[] = { t->low,
                                  t->high,
                                  t->saving_low_usd,
                                  t->saving_high_usd,
                                  within_range(r->result, t->crossover_low),
                                  within_range(r->result, t->crossover_high) };
        xo_put(data, "%d,", -k);
        xo_csv_text(data, r->inputs[order[k]].name);
        for (int v = 0; v < 6; v++) {
            xo_put(data, ",");
            xo_csv_number(data, values[v]);
        }
        xo_put(data, "\r\n");
    }
}

static void saving_range(const struct xo_sweep_report *r, const int order[], struct panel *p)
{
    double lo = INFINITY, hi = -INFINITY;
    for (int k = 0; k < n_shown(r->result); k++) {
        const struct xo_tornado *t = &r->result->inputs[order[k]].tornado;
        lo = fmin(lo, fmin(t->saving_low_usd, t->saving_high_usd));
        hi = fmax(hi, fmax(t->saving_low_usd, t->saving_high_usd));
    }
    if (!(hi > lo)) {
        const double middle = isfinite(lo) ? lo : 0;
        lo = middle - 1;
        hi = middle + 1;
    }
    p->x_lo = lo - 0.32 * (hi - lo);
    p->x_hi = hi + 0.32 * (hi - lo);
}

/* The texts of a bar's two ends, each outside it. */
static void label_ends(struct xo_buf *marks, const struct panel *p, int row, double at_low,
                       double at_high, const char *low, const char *high)
{
    if (isnan(at_low) || isnan(at_high))
        return;
    const double x_low = panel_x(p, at_low), x_high = panel_x(p, at_high), y = panel_y(p, -row);
    const bool low_left = at_low <= at_high;
    gp_label(marks, x_low + (low_left ? -9 : 9), y, low_left ? "right" : "left", 9.5, "", "#222222",
             low, 24);
    gp_label(marks, x_high + (low_left ? 9 : -9), y, low_left ? "left" : "right", 9.5, "",
             "#222222", high, 24);
}

/* The volumes that the crossings of the tornado span, with room for labels beside them. */
static void crossing_range(const struct xo_sweep_report *r, const int order[], struct panel *p)
{
    const struct xo_sweep_result *s = r->result;
    double lo = log10(within_range(s, s->base_crossover)), hi = lo;
    for (int k = 0; k < n_shown(s); k++) {
        const struct xo_tornado *t = &s->inputs[order[k]].tornado;
        const double ends[] = { t->crossover_low, t->crossover_high };
        for (int e = 0; e < 2; e++) {
            lo = fmin(lo, log10(within_range(s, ends[e])));
            hi = fmax(hi, log10(within_range(s, ends[e])));
        }
    }
    const double room = fmax(0.35 * (hi - lo), 0.25);
    p->x_lo = lo - room;
    p->x_hi = hi + room;
}

/* The scenario as it is: a dotted line through all bars. */
static void mark_base(struct xo_buf *marks, const struct panel *p, double value)
{
    if (isfinite(value))
        gp_line(marks, panel_x(p, value), p->bottom, panel_x(p, value), p->top,
                "lc rgb '#222222' lw 1.4 dt (4,4)");
}

static void label_tornado(struct xo_buf *marks, const struct panel *saving,
                          const struct panel *crossing, const struct xo_sweep_report *r,
                          const int order[])
{
    for (int k = 0; k < n_shown(r->result); k++) {
        const struct xo_tornado *t = &r->result->inputs[order[k]].tornado;
        const char *unit = xo_keys[r->inputs[order[k]].key].unit;
        struct xo_words words = { 0 };
        char low[64], high[64];
        xo_show_quantity(low, sizeof low, unit, t->low);
        xo_show_quantity(high, sizeof high, unit, t->high);
        label_ends(marks, saving, k, t->saving_low_usd, t->saving_high_usd, low, high);
        xo_text_copy(low, sizeof low, xo_say_volume(&words, r->result, t->crossover_low));
        xo_text_copy(high, sizeof high, xo_say_volume(&words, r->result, t->crossover_high));
        xo_unglue(low);
        xo_unglue(high);
        label_ends(marks, crossing, k, log10(within_range(r->result, t->crossover_low)),
                   log10(within_range(r->result, t->crossover_high)), low, high);
    }
}

/* Bars from the value at P10 to that at P90, a dot of its own colour at each end. */
static void put_bars(struct xo_buf *body, const char *low, const char *high)
{
    xo_put(body,
           "plot 'tornado.csv' using ((column('%s')+column('%s'))/2):'row':'%s':'%s':"
           "(column('row')-0.28):(column('row')+0.28) with boxxyerror lc rgb '#999999', \\\n"
           "  '' using '%s':'row' with points pt 7 ps 1.1 lc rgb '" LOW_COLOUR "', \\\n"
           "  '' using '%s':'row' with points pt 7 ps 1.1 lc rgb '" HIGH_COLOUR "'\n",
           low, high, low, high, low, high);
}

void xo_plot_tornado(struct xo_plot *plot, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    struct xo_buf body = { 0 };
    int order[XO_SWEEP_MAX_INPUTS];
    char title[200];
    order_by_swing(r, order);
    put_tornado_data(&plot->data, r, order);
    snprintf(title, sizeof title, "What moves the answer most: %.120s",
             s->n_inputs > 0 ? r->inputs[order[0]].name : "nothing is uncertain");
    gp_open(&plot->script, plot->name);
    const double y =
        gp_sweep_page(&body, r, title,
                      "one input at its P10 and P90, the others as in the scenario "
                      "(dotted: all of them); labels, left: the input's values, right: "
                      "the crossing");
    struct panel saving = { .left = LEFT, .right = 850, .bottom = 100, .top = y - 50 };
    struct panel crossing = { .left = 890, .right = 1370, .bottom = 100, .top = y - 50 };
    set_rows(&saving, n_shown(s));
    set_rows(&crossing, n_shown(s));
    saving_range(r, order, &saving);
    crossing_range(r, order, &crossing);
    mark_base(&body, &saving, s->base_saving_usd);
    mark_base(&body, &crossing, log10(within_range(s, s->base_crossover)));
    put_names(&body, &saving, r, order, LEFT - 14);
    label_tornado(&body, &saving, &crossing, r, order);
    gp_label(&body, saving.left, saving.top + 18, "left", 12, ":Bold", "#222222",
             "Saved by this build at your plan, USD a month", 60);
    gp_label(&body, crossing.left, saving.top + 18, "left", 12, ":Bold", "#222222",
             "Crossing, requests a month", 60);
    gp_label(&body, 42, saving.top + 18, "left", 10.5, "", LOW_COLOUR, "\xE2\x97\x8F at P10", 20);
    gp_label(&body, 130, saving.top + 18, "left", 10.5, "", HIGH_COLOUR, "\xE2\x97\x8F at P90", 20);
    if (saving.x_lo < 0 && saving.x_hi > 0)
        gp_line(&body, panel_x(&saving, 0), saving.bottom, panel_x(&saving, 0), saving.top,
                "lc rgb '#222222' lw 1.6");
    xo_put(&body,
           "set multiplot\nset border 1\nunset ytics\nset yrange [%.10g:%.10g]\n"
           "set style fill solid 0.5 noborder\n",
           saving.y_lo, saving.y_hi);
    gp_panel(&body, &saving);
    xo_put(&body, "set xrange [%.10g:%.10g]\n", saving.x_lo, saving.x_hi);
    quantity_tics(&body, "xtics", saving.x_lo, saving.x_hi, NULL, 5);
    put_bars(&body, "saving_at_low_usd", "saving_at_high_usd");
    xo_put(&body, "unset label\nunset arrow\nset xrange [%.10g:%.10g]\nset logscale x\n",
           pow(10, crossing.x_lo), pow(10, crossing.x_hi));
    gp_panel(&body, &crossing);
    gp_log_tics(&body, "xtics", pow(10, crossing.x_lo), pow(10, crossing.x_hi), 1, gp_say_count);
    xo_put(&body, "set xtics font 'DejaVu Sans,9'\n");
    put_bars(&body, "crossover_at_low", "crossover_at_high");
    xo_put(&body, "unset multiplot\nunset logscale\nset xtics font 'DejaVu Sans,12'\n");
    close_plot(plot, &body);
}

/* ---- Sobol' indices ---- */

static const struct {
    const char *name, *title;
} outputs[] = { { "saving", "Saving at your plan" },
                { "build_wins", "Whether this build wins there" },
                { "crossover", "Crossing (log)" } };
XO_TABLE_OF(outputs, XO_N_OUTPUTS);

static void put_indices_data(struct xo_buf *data, const struct xo_sweep_report *r,
                             const int order[])
{
    xo_put(data, "row,input");
    for (int o = 0; o < XO_N_OUTPUTS; o++)
        xo_put(data, ",%s_first,%s_first_lo,%s_first_hi,%s_total,%s_total_lo,%s_total_hi",
               outputs[o].name, outputs[o].name, outputs[o].name, outputs[o].name, outputs[o].name,
               outputs[o].name);
    xo_put(data, "\r\n");
    for (int k = 0; k < n_shown(r->result); k++) {
        xo_put(data, "%d,", -k);
        xo_csv_text(data, r->inputs[order[k]].name);
        for (int o = 0; o < XO_N_OUTPUTS; o++) {
            const struct xo_sweep_indices *i = &r->result->inputs[order[k]].indices[o];
            const double values[] = { i->first.mean, i->first.lo, i->first.hi,
                                      i->total.mean, i->total.lo, i->total.hi };
            for (int v = 0; v < 6; v++) {
                xo_put(data, ",");
                xo_csv_number(data, values[v]);
            }
        }
        xo_put(data, "\r\n");
    }
}

static void put_index(struct xo_buf *body, const char *before, int output, const char *kind,
                      double offset, const char *colour)
{
    const char *name = outputs[output].name;
    xo_put(body,
           "%s 'indices.csv' using (column('%s_%s')/2):'row':(0):'%s_%s':(column('row')%+.2f):"
           "(column('row')%+.2f) with boxxyerror lc rgb '%s', \\\n"
           "  '' using '%s_%s':(column('row')%+.2f):'%s_%s_lo':'%s_%s_hi' with xerrorbars pt 0 lw "
           "1.4 lc rgb '#222222'",
           before, name, kind, name, kind, offset - 0.16, offset + 0.16, colour, name, kind, offset,
           name, kind, name, kind);
}

static void index_panel(struct xo_buf *body, int output, const struct panel *p, bool total)
{
    gp_panel(body, p);
    xo_put(body,
           "set xrange [-0.02:1.05]\nset xtics 0.25\nset border 1\nunset ytics\n"
           "set yrange [%.10g:%.10g]\n",
           p->y_lo, p->y_hi);
    put_index(body, "plot", output, "first", total ? 0.18 : 0, BUILD_COLOUR);
    if (total)
        put_index(body, ", \\\n ", output, "total", -0.18, BUY_COLOUR);
    xo_put(body, "\nunset label\nunset arrow\n");
}

void xo_plot_indices(struct xo_plot *plot, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    struct xo_buf marks = { 0 }, body = { 0 };
    int order[XO_SWEEP_MAX_INPUTS], n = 0;
    const bool total = s->indices == XO_INDICES_PICK_FREEZE;
    xo_sweep_order(r, order);
    put_indices_data(&plot->data, r, order);
    for (int o = 0; o < XO_N_OUTPUTS; o++)
        n += s->outputs[o].exists;
    gp_open(&plot->script, plot->name);
    const double y = gp_sweep_page(
        &marks, r, "Which input explains how much of the spread",
        "Sobol' indices with 95 % intervals: the share of the variance that an input explains "
        "alone, and with all that it does together with others");
    const double width = (1370.0 - LEFT) / (n > 0 ? n : 1);
    int drawn = 0;
    gp_label(&marks, 42, y - 32, "left", 10.5, "", BUILD_COLOUR, "\xE2\x96\xA0 alone (first-order)",
             30);
    if (total)
        gp_label(&marks, 42, y - 50, "left", 10.5, "", BUY_COLOUR,
                 "\xE2\x96\xA0 with others (total)", 30);
    for (int o = 0; o < XO_N_OUTPUTS; o++) {
        if (!s->outputs[o].exists)
            continue;
        struct panel p = { .left = LEFT + drawn * width,
                           .right = LEFT + drawn * width + width - 26,
                           .bottom = 100,
                           .top = y - 70 };
        char note[80] = "";
        set_rows(&p, n_shown(s));
        if (drawn++ == 0)
            put_names(&marks, &p, r, order, LEFT - 14);
        if (isnan(s->inputs[order[0]].indices[o].first.mean))
            snprintf(note, sizeof note, "the same in every sample: nothing to explain");
        else if (o == XO_OUTPUT_CROSSOVER)
            snprintf(note, sizeof note, "%.3g %% of samples outside the range",
                     100 * s->outputs[o].censored_share);
        gp_label(&marks, p.left, p.top + 22, "left", 12, ":Bold", "#222222", outputs[o].title, 40);
        gp_label(&marks, p.left, p.top + 5, "left", 9.5, "", GREY, note, 60);
        index_panel(&body, o, &p, total);
    }
    if (n == 0) {
        gp_label(&marks, PAGE_W / 2.0, PAGE_H / 2.0, "center", 14, "", GREY,
                 "no output has a value in every sample: there are no indices", 80);
        xo_put(&body, "unset border\nunset tics\nset xrange [0:1]\nset yrange [0:1]\nplot NaN\n");
    }
    xo_put(&marks, "set style fill solid 0.55 noborder\nset multiplot\n");
    xo_put_bytes(&marks, body.text != NULL ? body.text : "", body.length);
    xo_put(&marks, "unset multiplot\n");
    marks.failed = marks.failed || body.failed;
    xo_buf_fini(&body);
    close_plot(plot, &marks);
}

/* ---- the two strongest inputs ---- */

enum { MOST_POINTS = 3000 };

struct cloud {
    int x, y; /* inputs; y -1: the saving */
    double x_lo, x_hi, y_lo, y_hi;
};

/* Points of the joint distribution, evenly thinned to MOST_POINTS. */
static void put_cloud(struct xo_buf *data, const struct xo_sweep_report *r, struct cloud *c)
{
    const struct xo_sweep_result *s = r->result;
    int64_t seen = 0;
    const int64_t every = 1 + (s->n_distribution - 1) / MOST_POINTS;
    c->x_lo = c->y_lo = INFINITY;
    c->x_hi = c->y_hi = -INFINITY;
    xo_put(data, "x,y,winner,saving_usd_month\r\n");
    for (int64_t i = 0; i < s->n_rows; i++) {
        double values[XO_SWEEP_MAX_INPUTS];
        if (!xo_sweep_is_sample(s, i) || seen++ % every != 0)
            continue;
        xo_sweep_values(r->sweep, i, values);
        const double saving = r->rows[i].saving_usd, x = values[c->x];
        const double y = c->y >= 0 ? values[c->y] : saving;
        if (isnan(y))
            continue;
        c->x_lo = fmin(c->x_lo, x);
        c->x_hi = fmax(c->x_hi, x);
        c->y_lo = fmin(c->y_lo, y);
        c->y_hi = fmax(c->y_hi, y);
        xo_csv_number(data, x);
        xo_put(data, ",");
        xo_csv_number(data, y);
        xo_put(data, ",%d,", isnan(saving) ? 2 : saving > 0);
        xo_csv_number(data, saving);
        xo_put(data, "\r\n");
    }
}

static void widen(double *lo, double *hi)
{
    if (!(*hi > *lo)) {
        const double middle = isfinite(*lo) ? *lo : 0;
        *lo = middle - fmax(1e-9, fabs(middle) * 0.1);
        *hi = middle + fmax(1e-9, fabs(middle) * 0.1);
    }
    const double room = 0.03 * (*hi - *lo);
    *lo -= room;
    *hi += room;
}

/* An axis over what was drawn, by ratios where that spans more than a decade. */
static void draw_axis(struct xo_buf *body, const char *axis, double lo, double hi, const char *unit)
{
    char tics[16];
    snprintf(tics, sizeof tics, "%stics", axis);
    if (lo > 0 && hi > 20 * lo) {
        lo /= 1.1;
        hi *= 1.1;
        xo_put(body, "set logscale %s\n", axis);
        quantity_log_tics(body, tics, lo, hi, unit);
    } else {
        widen(&lo, &hi);
        quantity_tics(body, tics, lo, hi, unit, 8);
    }
    xo_put(body, "set %srange [%.10g:%.10g]\n", axis, lo, hi);
}

void xo_plot_inputs(struct xo_plot *plot, const struct xo_sweep_report *r)
{
    static const struct {
        const char *colour, *text;
    } winners[] = { { BUY_COLOUR, "\xE2\x97\x8F buying is cheaper at your plan" },
                    { BUILD_COLOUR, "\xE2\x97\x8F this build is" },
                    { "#888888", "\xE2\x97\x8F no fleet meets the SLO" } };
    const struct xo_sweep_result *s = r->result;
    struct xo_buf body = { 0 };
    int order[XO_SWEEP_MAX_INPUTS] = { 0 };
    char title[240];
    xo_sweep_order(r, order);
    struct cloud c = { order[0], s->n_inputs > 1 ? order[1] : -1, 0, 0, 0, 0 };
    const char *y_name = c.y >= 0 ? r->inputs[c.y].name : "saving, USD a month";
    const char *y_unit = c.y >= 0 ? xo_keys[r->inputs[c.y].key].unit : NULL;
    put_cloud(&plot->data, r, &c);
    snprintf(title, sizeof title, "Who wins at your plan, by %.80s and %.80s", r->inputs[c.x].name,
             y_name);
    gp_open(&plot->script, plot->name);
    const double y = gp_sweep_page(&body, r, title,
                                   "each point is a sample; where the colours mix, other inputs "
                                   "decide");
    const struct panel p = { .left = 160, .right = 1340, .bottom = 110, .top = y - 50 };
    double x = p.left;
    for (int k = 0; k < (s->infeasible_share > 0 ? 3 : 2); k++) {
        gp_label(&body, x, p.top + 18, "left", 11.5, "", winners[k].colour, winners[k].text, 40);
        x += text_width(winners[k].text, 11.5) + 24;
    }
    gp_panel(&body, &p);
    xo_put(&body, "set xlabel ");
    gp_text(&body, r->inputs[c.x].name, 80);
    xo_put(&body, " offset 0,-0.2\nset ylabel ");
    gp_text(&body, y_name, 80);
    xo_put(&body, " offset -0.5,0\n");
    draw_axis(&body, "x", c.x_lo, c.x_hi, xo_keys[r->inputs[c.x].key].unit);
    draw_axis(&body, "y", c.y_lo, c.y_hi, y_unit);
    for (int k = 0; k < 3; k++)
        xo_put(&body,
               "%s 'inputs.csv' using (column('winner')==%d ? column('x') : NaN):'y' with points "
               "pt 7 ps 0.55 lc rgb '%s'%s",
               k == 0 ? "plot" : " ", k, winners[k].colour, k < 2 ? ", \\\n" : "\n");
    close_plot(plot, &body);
}
