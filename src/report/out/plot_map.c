/* plot_map.c - who wins, and by how much, over two keys.
 *
 * Cells are drawn by their index, so that one picture serves even and logarithmic axes; colours
 * diverge from zero, where both sides cost the same.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/sweep.h"
#include "set.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Saving as a share of the dearer bill, -1 to 1. */
static double share_of(const struct xo_map_cell *cell)
{
    const double dearer = fmax(cell->usd[XO_WAY_BUY], cell->usd[XO_WAY_BUILD]);
    return dearer > 0 ? cell->saving_usd / dearer : 0;
}

static double put_cells(struct xo_buf *data, const struct xo_scenario *s,
                        const struct xo_map_result *m)
{
    double most = 0.05;
    struct rows to = { .csv = data };
    for (int k = 0; k < m->n_cells; k++) {
        const struct xo_map_cell *cell = &m->cells[k];
        const enum xo_map_winner winner = xo_map_verdict_of(cell, s->materiality_frac);
        const double share = winner == XO_MAP_NONE ? 0 : share_of(cell);
        const struct cell cells[] = {
            { "i", "", NUMBER(k % m->settings.x.n) },
            { "j", "", NUMBER(k / m->settings.x.n) },
            { "x", xo_unit_of_key(m->settings.x.key), NUMBER(cell->x) },
            { "y", xo_unit_of_key(m->settings.y.key), NUMBER(cell->y) },
            { "winner", "", NUMBER(winner) },
            { "saving_share", "fraction", NUMBER(share) },
        };
        ROW_PUT(&to, cells);
        most = fmax(most, fabs(share));
    }
    return fmin(1, ceil(most * 5) / 5); /* whose quarters are whole percents */
}

static bool has_winners(const struct xo_scenario *s, const struct xo_map_result *m)
{
    for (int k = 0; k < m->n_cells; k++)
        if (xo_map_verdict_of(&m->cells[k], s->materiality_frac) != XO_MAP_NONE)
            return true;
    return false;
}

static void put_frontier(struct xo_buf *set, const struct xo_map_result *m)
{
    xo_put(set, "$frontier << EOD\n");
    for (int k = 0; k < m->n_frontier; k++) {
        if (k > 0 && m->frontier[k].line != m->frontier[k - 1].line)
            xo_put(set, "\n");
        xo_put(set, "%.8g,%.8g\n", xo_map_index(&m->settings.x, m->frontier[k].x),
               xo_map_index(&m->settings.y, m->frontier[k].y));
    }
    xo_put(set, "%sEOD\n", m->n_frontier == 0 ? "-9,-9\n" : "");
}

static void put_tic(struct set_list *tics, const struct xo_map_axis *a, double value)
{
    char text[64];
    xo_show_quantity(text, sizeof text, xo_keys[a->key].unit, value);
    set_tic(tics, text, xo_map_index(a, value), false);
}

/* Round values along an axis: 1, 2, 5 of each decade, or about six even steps. */
static void put_tics(struct xo_buf *set, const char *role, const struct xo_map_axis *a)
{
    struct set_list tics = { .role = role };
    if (a->log) {
        static const double mantissas[] = { 1, 2, 5 };
        const bool ones = log10(a->to / a->from) > 3;
        for (int e = (int)floor(log10(a->from)); e <= (int)ceil(log10(a->to)); e++)
            for (int k = 0; k < (ones ? 1 : 3); k++) {
                const double value = mantissas[k] * pow(10, e);
                if (value >= a->from * (1 - 1e-9) && value <= a->to * (1 + 1e-9))
                    put_tic(&tics, a, value);
            }
    } else {
        const double step = gp_round_step((a->to - a->from) / 6);
        for (double k = ceil(a->from / step - 1e-9); k * step <= a->to * (1 + 1e-9); k++)
            put_tic(&tics, a, k * step);
    }
    if (tics.n < 2) {
        put_tic(&tics, a, a->from);
        put_tic(&tics, a, a->to);
    }
    set_list_put(set, &tics);
}

static void put_axis(struct xo_buf *set, const char *axis, const struct xo_map_axis *a)
{
    char role[16], title[16], name[160];
    snprintf(role, sizeof role, "%stic", axis);
    snprintf(title, sizeof title, "%s_title", axis);
    snprintf(name, sizeof name, "%s.%s", xo_keys[a->key].section, xo_keys[a->key].name);
    set_range(set, axis, -0.5, a->n - 0.5);
    put_tics(set, role, a);
    set_text(set, title, name, 80);
}

/* A saving under `materiality` of the cheaper bill is under materiality/(1 + materiality) of the
 * dearer one. Those cells have a colour of their own. */
static void put_palette(struct xo_buf *set, double most, double materiality)
{
    struct set_list tics = { .role = "cbtic" };
    set_number(set, "most", most);
    set_number(set, "close", fmin(materiality / (1 + materiality), 0.99 * most));
    for (int k = -4; k <= 4; k++) {
        char text[32];
        snprintf(text, sizeof text, "%s%.0f %%", k == 0 ? "" : "by ", 100 * fabs(k * most / 4));
        set_tic(&tics, text, k * most / 4, false);
    }
    set_list_put(set, &tics);
}

static void mark_plan(struct xo_buf *set, const struct panel *p, const struct xo_map_result *m)
{
    struct set_list plan = { .role = "plan" }, before = { .role = "before" },
                    behind = { .role = "behind" };
    if (m->plan_inside) {
        const double x = xo_map_index(&m->settings.x, m->plan.x);
        const double y = xo_map_index(&m->settings.y, m->plan.y);
        const bool left = panel_x(p, x) > 0.75 * p->right;
        set_row(&plan);
        set_cell(&plan, "x", x);
        set_cell(&plan, "y", y);
        set_label(left ? &before : &behind, "your plan", 20, panel_x(p, x) + (left ? -14 : 14),
                  panel_y(p, y) + 2);
    }
    set_list_put(set, &plan);
    set_list_put(set, &before);
    set_list_put(set, &behind);
}

void xo_plot_map(struct xo_plot *plot, const struct xo_scenario *s, const struct xo_map_result *m)
{
    struct xo_buf *set = &plot->set;
    char effort[120], subtitle[240];
    char *title = xo_map_title(s, m);
    const double most = put_cells(&plot->data, s, m);
    if (!has_winners(s, m)) {
        xo_buf_fini(&plot->data);
        free(title);
        xo_text_copy(plot->none, sizeof plot->none, "in no cell have both sides a bill");
        return;
    }
    snprintf(effort, sizeof effort, "%d cells  " DOT "  %d capacit%s simulated", m->n_cells,
             m->n_searches, m->n_searches == 1 ? "y" : "ies");
    snprintf(
        subtitle, sizeof subtitle,
        "colour: by how much the cheaper side's bill is below the other's; yellow: too close to "
        "call (under %g %% of the cheaper bill); black line: both cost the same; grey: no "
        "fleet meets the SLO",
        100 * s->materiality_frac);
    set_open(set, plot->name);
    put_frontier(set, m);
    const double y = set_study_page(set, s, effort, title != NULL ? title : "", subtitle);
    const struct panel p = { .left = 170,
                             .right = 1160,
                             .bottom = 112,
                             .top = y - 30,
                             .x_lo = -0.5,
                             .x_hi = m->settings.x.n - 0.5,
                             .y_lo = -0.5,
                             .y_hi = m->settings.y.n - 0.5 };
    set_panel(set, "panel", &p);
    put_axis(set, "x", &m->settings.x);
    put_axis(set, "y", &m->settings.y);
    put_palette(set, most, s->materiality_frac);
    mark_plan(set, &p, m);
    set->failed = set->failed || title == NULL;
    free(title);
}
