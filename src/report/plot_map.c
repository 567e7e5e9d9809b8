/* plot_map.c - who wins, and by how much, over two keys.
 *
 * Cells are drawn by their index, so that one picture serves even and logarithmic axes; colours
 * diverge from zero, where both sides cost the same.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot.h"

#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLOSE_COLOUR "#F0E442"

/* Saving as a share of the dearer bill, -1 to 1. */
static double share_of(const struct xo_map_cell *cell)
{
    const double dearer = fmax(cell->buy_usd, cell->build_usd);
    return dearer > 0 ? cell->saving_usd / dearer : 0;
}

static double put_cells(struct xo_buf *data, const struct xo_scenario *s,
                        const struct xo_map_result *m)
{
    double most = 0.05;
    xo_put(data, "i,j,x,y,winner,saving_share\r\n");
    for (int k = 0; k < m->n_cells; k++) {
        const struct xo_map_cell *cell = &m->cells[k];
        const enum xo_map_winner winner = xo_map_verdict_of(cell, s->materiality_frac);
        xo_put(data, "%d,%d,", k % m->settings.x.n, k / m->settings.x.n);
        xo_csv_number(data, cell->x);
        xo_put(data, ",");
        xo_csv_number(data, cell->y);
        xo_put(data, ",%d,", (int)winner);
        xo_csv_number(data, winner == XO_MAP_NONE ? 0 : share_of(cell));
        xo_put(data, "\r\n");
        if (winner != XO_MAP_NONE)
            most = fmax(most, fabs(share_of(cell)));
    }
    return fmin(1, ceil(most * 5) / 5); /* whose quarters are whole percents */
}

static void put_frontier(struct xo_buf *script, const struct xo_map_result *m)
{
    xo_put(script, "$frontier << EOD\n");
    for (int k = 0; k < m->n_frontier; k++) {
        if (k > 0 && m->frontier[k].line != m->frontier[k - 1].line)
            xo_put(script, "\n");
        xo_put(script, "%.8g,%.8g\n", xo_map_index(&m->settings.x, m->frontier[k].x),
               xo_map_index(&m->settings.y, m->frontier[k].y));
    }
    xo_put(script, "%sEOD\n", m->n_frontier == 0 ? "-9,-9\n" : "");
}

static void put_tic(struct xo_buf *buf, int n, const struct xo_map_axis *a, double value)
{
    char text[64];
    xo_show_quantity(text, sizeof text, xo_keys[a->key].unit, value);
    xo_put(buf, "%s'", n > 0 ? ", " : "");
    for (const char *c = text; *c != '\0'; c++)
        xo_put(buf, *c == '%' ? "%%%%" : "%c", *c);
    xo_put(buf, "' %.8g", xo_map_index(a, value));
}

/* Round values along an axis: 1, 2, 5 of each decade, or about six even steps. */
static void put_tics(struct xo_buf *buf, const char *name, const struct xo_map_axis *a)
{
    int n = 0;
    xo_put(buf, "set %s (", name);
    if (a->log) {
        static const double mantissas[] = { 1, 2, 5 };
        const bool ones = log10(a->to / a->from) > 3;
        for (int e = (int)floor(log10(a->from)); e <= (int)ceil(log10(a->to)); e++)
            for (int k = 0; k < (ones ? 1 : 3); k++) {
                const double value = mantissas[k] * pow(10, e);
                if (value >= a->from * (1 - 1e-9) && value <= a->to * (1 + 1e-9))
                    put_tic(buf, n++, a, value);
            }
    } else {
        const double step = gp_round_step((a->to - a->from) / 6);
        for (double k = ceil(a->from / step - 1e-9); k * step <= a->to * (1 + 1e-9); k++)
            put_tic(buf, n++, a, k * step);
    }
    if (n < 2) {
        put_tic(buf, n++, a, a->from);
        put_tic(buf, n++, a, a->to);
    }
    xo_put(buf, ")\n");
}

static void put_axes(struct xo_buf *body, const struct xo_map_settings *m)
{
    char name[160];
    xo_put(body, "set xrange [-0.5:%g]\nset yrange [-0.5:%g]\n", m->x.n - 0.5, m->y.n - 0.5);
    put_tics(body, "xtics", &m->x);
    put_tics(body, "ytics", &m->y);
    snprintf(name, sizeof name, "%s.%s", xo_keys[m->x.key].section, xo_keys[m->x.key].name);
    xo_put(body, "set xlabel ");
    gp_text(body, name, 80);
    snprintf(name, sizeof name, "%s.%s", xo_keys[m->y.key].section, xo_keys[m->y.key].name);
    xo_put(body, " offset 0,-0.2\nset ylabel ");
    gp_text(body, name, 80);
    xo_put(body, " offset -2.5,0\n");
}

/* A saving under `materiality` of the cheaper bill is under materiality/(1 + materiality) of the
 * dearer one. Those cells have a colour of their own. */
static void put_palette(struct xo_buf *body, double most, double materiality)
{
    const double close = fmin(materiality / (1 + materiality), 0.99 * most);
    xo_put(body,
           "set palette maxcolors 512 defined (%g '" BUY_COLOUR "', %g '#f7f7f7', %g '" CLOSE_COLOUR
           "', %g '" CLOSE_COLOUR "', %g '#f7f7f7', %g '" BUILD_COLOUR "')\n",
           -most, -close, -close, close, close, most);
    xo_put(body,
           "set cbrange [%g:%g]\nset colorbox user origin screen 0.862, screen 0.14 size screen "
           "0.018, screen 0.62\nset cbtics (",
           -most, most);
    for (int k = -4; k <= 4; k++)
        xo_put(body, "%s'%s%.0f %%%%' %g", k > -4 ? ", " : "", k == 0 ? "" : "by ",
               100 * fabs(k * most / 4), k * most / 4);
    xo_put(body, ")\n");
}

static void mark_plan(struct xo_buf *body, const struct panel *p, const struct xo_map_result *m)
{
    if (!m->plan_inside)
        return;
    const double x = panel_x(p, xo_map_index(&m->settings.x, m->plan.x));
    const double y = panel_y(p, xo_map_index(&m->settings.y, m->plan.y));
    const bool left = x > 0.75 * p->right;
    gp_label(body, x + (left ? -14 : 14), y + 2, left ? "right" : "left", 12, ":Bold", "#222222",
             "your plan", 20);
}

void xo_plot_map(struct xo_plot *plot, const struct xo_scenario *s, const struct xo_map_result *m)
{
    struct xo_buf body = { 0 };
    char effort[120], subtitle[240];
    char *title = xo_map_title(s, m);
    const double most = put_cells(&plot->data, s, m);
    snprintf(effort, sizeof effort, "%d cells  " DOT "  %d capacit%s simulated", m->n_cells,
             m->n_searches, m->n_searches == 1 ? "y" : "ies");
    snprintf(
        subtitle, sizeof subtitle,
        "colour: by how much the cheaper side's bill is below the other's; yellow: too close to "
        "call (under %g %% of the cheaper bill); black line: both cost the same; grey: no "
        "fleet meets the SLO",
        100 * s->materiality_frac);
    gp_open(&plot->script, plot->name);
    put_frontier(&plot->script, m);
    const double y = gp_study_page(&body, s, effort, title != NULL ? title : "", subtitle);
    const struct panel p = { .left = 170,
                             .right = 1160,
                             .bottom = 112,
                             .top = y - 30,
                             .x_lo = -0.5,
                             .x_hi = m->settings.x.n - 0.5,
                             .y_lo = -0.5,
                             .y_hi = m->settings.y.n - 0.5 };
    gp_label(&body, 1207, 0.79 * PAGE_H, "left", 11, ":Bold", BUILD_COLOUR, "this build cheaper",
             30);
    gp_label(&body, 1207, 0.105 * PAGE_H, "left", 11, ":Bold", BUY_COLOUR, "buying cheaper", 30);
    mark_plan(&body, &p, m);
    gp_panel(&body, &p);
    put_axes(&body, &m->settings);
    put_palette(&body, most, s->materiality_frac);
    xo_put(&body,
           "unset grid\nset style fill solid 1 noborder\nset object 1 rect from graph 0,0 to graph "
           "1,1 behind fc rgb '#b0b0b0' fs "
           "solid noborder\n"
           "plot 'map_plot.csv' using 'i':'j':(column('winner')==2 ? NaN : column('saving_share')) "
           "with image pixels, \\\n  $frontier using 1:2 with lines lw 3 lc rgb '#111111'");
    if (m->plan_inside)
        xo_put(&body,
               ", \\\n  '+' using (%.8g):(%.8g) every ::0::0 with points pt 7 ps 2.2 lc rgb "
               "'#ffffff', \\\n  '+' using (%.8g):(%.8g) every ::0::0 with points pt 6 ps 2.2 lw 3 "
               "lc rgb '#222222'",
               xo_map_index(&m->settings.x, m->plan.x), xo_map_index(&m->settings.y, m->plan.y),
               xo_map_index(&m->settings.x, m->plan.x), xo_map_index(&m->settings.y, m->plan.y));
    xo_put(&body, "\n");
    body.failed = body.failed || title == NULL;
    free(title);
    gp_close(&plot->script, &body);
    xo_buf_fini(&body);
}
