/* map.c - a map as files and as a small picture of letters.
 *
 * It reads a finished struct xo_map_result and makes a page of it, rows of CSV (cells, frontier)
 * and an object of JSON; nothing is kept between calls. A cell goes out as the doubles that it is,
 * under xo_map_fields, and its winner as a word beside them, by the scenario's materiality. An
 * axis shows its values in the unit of its key. Begin with cells_of, put_picture and map_page.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/folder.h"
#include "report/out/lines.h"
#include "report/out/out.h"
#include "report/words/sentences.h"
#include "sweep.h"
#include "tables.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 60, MOST_LINES = 21 };

static const char *const winner_names[] = { "buy", "build", "none", "too_close" };
XO_TABLE_OF(winner_names, XO_N_MAP_WINNERS);

static void axis_name(const struct xo_map_axis *a, char out[160])
{
    snprintf(out, 160, "%s.%s", xo_keys[a->key].section, xo_keys[a->key].name);
}

static const char *show(char *out, size_t size, const struct xo_map_axis *a, double value)
{
    return xo_show_quantity(out, size, xo_keys[a->key].unit, value);
}

/* The plan's own value of an axis. */
static const char *show_own(char *out, size_t size, const struct xo_map_axis *a, double value)
{
    char name[160];
    if (!isnan(value))
        return show(out, size, a, value);
    axis_name(a, name);
    snprintf(out, size, "no one %s", name);
    return out;
}

/* ---- rows, for CSV and JSON ---- */

enum { N_CELLS = XO_MAP_CELL_FIELDS + 1 };
_Static_assert(sizeof(struct xo_map_cell) == XO_MAP_CELL_FIELDS * sizeof(double),
               "a cell is its fields");

static void cells_of(struct cell cells[N_CELLS], const struct xo_map_result *m,
                     const struct xo_map_cell *cell, double materiality)
{
    double fields[XO_MAP_CELL_FIELDS];
    memcpy(fields, cell, sizeof fields);
    for (int f = 0; f < XO_MAP_CELL_FIELDS; f++)
        cells[f] = (struct cell){ xo_map_fields[f].name, xo_map_fields[f].unit, NUMBER(fields[f]) };
    cells[0].unit = xo_unit_of_key(m->settings.x.key);
    cells[1].unit = xo_unit_of_key(m->settings.y.key);
    cells[XO_MAP_CELL_FIELDS] =
        (struct cell){ "winner", WORD(winner_names[xo_map_verdict_of(cell, materiality)]) };
}

void xo_put_cells(struct rows *to, const struct xo_scenario *s, const struct xo_map_result *m)
{
    struct cell cells[N_CELLS];
    for (int i = 0; i < m->n_cells; i++) {
        cells_of(cells, m, &m->cells[i], s->materiality_frac);
        ROW_PUT(to, cells);
    }
}

void xo_put_frontier(struct rows *to, const struct xo_scenario *s, const struct xo_map_result *m)
{
    (void)s;
    static const struct xo_map_point none;
    to->names_alone = m->n_frontier == 0;
    for (int i = 0; i == 0 || i < m->n_frontier; i++) {
        const struct xo_map_point *p = to->names_alone ? &none : &m->frontier[i];
        const struct cell cells[] = {
            { "line", "", NUMBER(p->line) },
            { "x", xo_unit_of_key(m->settings.x.key), NUMBER(p->x) },
            { "y", xo_unit_of_key(m->settings.y.key), NUMBER(p->y) },
        };
        ROW_PUT(to, cells);
    }
}

/* ---- JSON ---- */

static json_t *axis_json(struct xo_json *j, const struct xo_map_axis *a, enum xo_reach reach)
{
    char name[160];
    axis_name(a, name);
    const struct cell cells[] = {
        { "key", TEXT(name) },
        { "unit", WORD(xo_keys[a->key].unit) },
        { "from", NUMBER(a->from) },
        { "to", NUMBER(a->to) },
        { "n", NUMBER(a->n) },
        { "log", FLAG(a->log) },
        { "reach", WORD(xo_reach_name(reach)) },
    };
    return CELLS_JSON(j, cells);
}

static void put_map_json(struct xo_buf *buf, const struct xo_scenario *s,
                         const struct xo_map_result *m)
{
    struct xo_json json = { 0 }, *j = &json;
    struct rows nodes = { .json = j, .array = xo_json_array(j) };
    struct rows frontier = { .json = j, .array = xo_json_array(j) };
    struct cell plan[N_CELLS];
    xo_put_cells(&nodes, s, m);
    xo_put_frontier(&frontier, s, m);
    cells_of(plan, m, &m->plan, s->materiality_frac);
    const struct cell cells[] = {
        { "schema", WORD("crossover.map/2") },
        { "version", WORD(XO_VERSION) },
        { "scenario", JSON(xo_json_scenario(j, s)) },
        { "x", JSON(axis_json(j, &m->settings.x, m->reach_x)) },
        { "y", JSON(axis_json(j, &m->settings.y, m->reach_y)) },
        { "plan", JSON(CELLS_JSON(j, plan)) },
        { "plan_inside", FLAG(m->plan_inside) },
        { "build_share", NUMBER(m->build_share) },
        { "too_close_share", NUMBER(m->close_share) },
        { "capacities_simulated_in_full", NUMBER(m->n_confirmed) },
        { "capacity_searches", NUMBER(m->n_searches) },
        { "simulated_requests", NUMBER(m->n_simulated) },
        { "surrogates", JSON(xo_json_surrogates(j, s, m->surrogates, m->n_surrogates)) },
        { "notes", JSON(xo_json_notes(j, m->n_notes, m->notes)) },
        { "frontier", JSON(frontier.array) },
        { "cells", JSON(nodes.array) },
    };
    xo_json_dump(j, CELLS_JSON(j, cells), buf);
}

/* ---- the picture of letters ---- */

double xo_map_index(const struct xo_map_axis *a, double value)
{
    const double t = a->log ? log(value / a->from) / log(a->to / a->from)
                            : (value - a->from) / (a->to - a->from);
    return t * (a->n - 1);
}

static int shown_index(int k, int n_shown, int n)
{
    return n_shown <= 1 ? 0 : (int)lround((double)k * (n - 1) / (n_shown - 1));
}

/* The shown line or column nearest to a value inside the axis. */
static int nearest_shown(const struct xo_map_axis *a, double value, int n_shown)
{
    return (int)lround(xo_map_index(a, value) * (n_shown - 1) / (a->n - 1));
}

static void put_picture(struct page *page, const struct xo_map_result *m, double materiality)
{
    struct xo_buf lines_of = { 0 }, *buf = &lines_of;
    static const char letters[] = { '.', '#', '?', '~' };
    XO_TABLE_OF(letters, XO_N_MAP_WINNERS);
    const struct xo_map_axis *x = &m->settings.x, *y = &m->settings.y;
    const int columns = x->n < MOST_COLUMNS ? x->n : MOST_COLUMNS;
    const int lines = y->n < MOST_LINES ? y->n : MOST_LINES;
    char text[64], end[64];
    const int plan_x = nearest_shown(x, m->plan.x, columns),
              plan_y = nearest_shown(y, m->plan.y, lines);
    for (int k = lines - 1; k >= 0; k--) {
        const int row = shown_index(k, lines, y->n);
        const bool said = k == 0 || k == lines - 1 || k == lines / 2;
        xo_put_cell(buf,
                    said ? show(text, sizeof text, y, m->cells[(size_t)row * (size_t)x->n].y) : "",
                    16, true);
        xo_put(buf, " |");
        for (int i = 0; i < columns; i++) {
            const size_t at = (size_t)row * (size_t)x->n + (size_t)shown_index(i, columns, x->n);
            const bool plan = m->plan_inside && i == plan_x && k == plan_y;
            xo_put(buf, "%c", plan ? '@' : letters[xo_map_verdict_of(&m->cells[at], materiality)]);
        }
        xo_put(buf, "\n");
    }
    show(text, sizeof text, x, m->cells[0].x);
    show(end, sizeof end, x, m->cells[x->n - 1].x);
    const int gap = columns - (int)xo_columns(text) - (int)xo_columns(end);
    xo_put(buf, "%18s%s%*s%s\n", "", text, gap > 1 ? gap : 1, "", end);
    page_take(page, BLOCK_PICTURE, buf);
}

/* What a map says at the plan; of unequal sides, whose bill is lower. */
static const char *who(const struct xo_scenario *s, const struct xo_map_cell *cell)
{
    static const char *const said[] = { "buying is cheaper", "this build is cheaper",
                                        "one side has no bill", "too close to call" };
    XO_TABLE_OF(said, XO_N_MAP_WINNERS);
    static const char *const bills[] = { "the bill of buying is lower",
                                         "the bill of this build is lower", "one side has no bill",
                                         "the bills are too close to call" };
    XO_TABLE_OF(bills, XO_N_MAP_WINNERS);
    const enum xo_map_winner winner = xo_map_verdict_of(cell, s->materiality_frac);
    return (s->parity == XO_PARITY_UNEQUAL ? bills : said)[winner];
}

/* Who would otherwise be bought from in a cell. */
static const char *bought_in(struct xo_words *w, const struct xo_scenario *s,
                             const struct xo_map_cell *cell)
{
    const int api = isfinite(cell->api) ? (int)cell->api : -1;
    return api >= 0 && api < s->n_apis ? xo_say_buy(w, s, s->apis[api].tariff.name, false)
                                       : xo_say_baseline(w, s);
}

/* By how much the lower bill of a cell is below the other. */
static double margin(const struct xo_map_cell *cell)
{
    return fabs(cell->saving_usd) / fmax(cell->usd[XO_WAY_BUY], cell->usd[XO_WAY_BUILD]);
}

static void put_plan(struct xo_buf *text, struct xo_words *w, const struct xo_scenario *s,
                     const struct xo_map_result *m)
{
    const struct xo_map_axis *x = &m->settings.x, *y = &m->settings.y;
    char at_x[192], at_y[192];
    xo_put(text, "At the plan (%s, %s), %s: %s.", show_own(at_x, sizeof at_x, x, m->plan.x),
           show_own(at_y, sizeof at_y, y, m->plan.y),
           m->plan_inside ? "inside the map" : "outside it", who(s, &m->plan));
    if (isfinite(m->plan.saving_usd))
        xo_put(text, " %s costs %s a month, this build %s: the lower bill is %s below the other.",
               bought_in(w, s, &m->plan), xo_say_usd(w, m->plan.usd[XO_WAY_BUY]),
               xo_say_usd(w, m->plan.usd[XO_WAY_BUILD]), xo_say_share(w, margin(&m->plan)));
    if (isfinite(m->plan.usd[XO_WAY_SAME]))
        xo_put(text, " The same weights by the token from %s cost %s.", xo_say_host(w, s),
               xo_say_usd(w, m->plan.usd[XO_WAY_SAME]));
    xo_put(text, " ");
    xo_put_unit_costs(text, s, m->plan.usd, m->plan.volume);
}

/* Shares of the cells in which this build has a bill to hold against the others. */
static void put_shares(struct xo_buf *text, struct xo_words *w, const struct xo_scenario *s,
                       const struct xo_map_result *m)
{
    int n = 0, same_is_less = 0, limited = 0;
    for (int i = 0; i < m->n_cells; i++) {
        const struct xo_map_cell *cell = &m->cells[i];
        n += isfinite(cell->usd[XO_WAY_SAME]) && isfinite(cell->usd[XO_WAY_BUILD]);
        same_is_less += cell->usd[XO_WAY_SAME] < cell->usd[XO_WAY_BUILD];
        limited += cell->buy_limited > 0;
    }
    if (isfinite(m->build_share))
        xo_put(
            text,
            "Of the cells with both bills this build is cheaper in %s, and %s are too close to "
            "call (under %s of the cheaper bill, ~); the frontier, where both cost the same, has "
            "%d line%s. ",
            xo_say_percent(w, m->build_share), xo_say_percent(w, m->close_share),
            xo_say_typed_share(w, s->materiality_frac), m->n_lines, m->n_lines == 1 ? "" : "s");
    if (n > 0)
        xo_put(text, "The same weights by the token cost less than this build in %s of cells. ",
               xo_say_percent(w, (double)same_is_less / n));
    if (limited > 0)
        xo_put(text,
               "In %s of cells the API cannot serve it as listed (rate limit or context): its bill "
               "takes for granted that it can. ",
               xo_say_percent(w, (double)limited / m->n_cells));
}

char *xo_map_title(const struct xo_scenario *s, const struct xo_map_result *m)
{
    struct xo_words words = { 0 };
    struct xo_buf text = { 0 };
    char x[160], y[160];
    axis_name(&m->settings.x, x);
    axis_name(&m->settings.y, y);
    xo_put(&text, "%s%s and %s: ", s->n_guesses > 0 ? "DRAFT: " : "", x, y);
    if (isnan(m->build_share))
        xo_put(&text, "nowhere do both sides have a bill");
    else
        xo_put(&text, "this build %s %s in %s of this map; at the plan %s",
               s->parity == XO_PARITY_UNEQUAL ? "has a lower bill than" : "is cheaper than",
               bought_in(&words, s, &m->plan), xo_say_percent(&words, m->build_share),
               who(s, &m->plan));
    if (text.text != NULL)
        xo_unglue(text.text);
    return xo_buf_take(&text);
}

/* How far off, for each option where there are several. */
static void say_surrogates(struct xo_buf *text, const struct xo_scenario *s,
                           const struct xo_map_result *m)
{
    for (int i = 0; i < m->n_surrogates; i++) {
        const struct xo_surrogate_report *u = &m->surrogates[i];
        char label[64];
        if (!isfinite(u->held_out_rms))
            continue;
        xo_put(text, "Surrogate of capacity");
        if (s->n_options > 1)
            xo_put(text, " for %s", xo_plain(label, sizeof label, s->options[u->option].label, 48));
        xo_put(text, ": off by %.1f %% (rms), %.1f %% at worst on %d points held out%s",
               100 * u->held_out_rms, 100 * u->held_out_worst, u->n_held_out,
               u->precise ? ". " : ": over 3 %. ");
    }
    if (m->n_confirmed > 0)
        xo_put(text,
               "At the frontier %d capacit%s simulated in full and stand%s as found; elsewhere a "
               "cell's fleet may be off by as much as the surrogate. ",
               m->n_confirmed, m->n_confirmed == 1 ? "y was" : "ies were",
               m->n_confirmed == 1 ? "s" : "");
}

static void map_page(struct page *page, const struct xo_scenario *s, const struct xo_map_result *m)
{
    struct xo_words words = { 0 };
    struct xo_buf text = { 0 };
    char x[160], y[160];
    axis_name(&m->settings.x, x);
    axis_name(&m->settings.y, y);
    page_scenario(page, s);
    page_line(page, "Up: %s (%s). Right: %s (%s).", y,
              m->settings.y.log ? "equal ratios" : "equal steps", x,
              m->settings.x.log ? "equal ratios" : "equal steps");
    page_line(page, "# this build is cheaper   . buying is   ~ too close to call   @ your plan\n"
                    "? no fleet meets the SLO");
    page_gap(page);
    put_picture(page, m, s->materiality_frac);
    page_gap(page);
    put_plan(&text, &words, s, m);
    put_shares(&text, &words, s, m);
    if (s->parity == XO_PARITY_UNEQUAL)
        xo_put(&text, "Parity is unequal, so this compares bills and names no winner. ");
    xo_put(&text, "%d simulated capacit%s (%s requests) %s all %d cells. ", m->n_searches,
           m->n_searches == 1 ? "y" : "ies", xo_say_count(&words, (double)m->n_simulated),
           m->n_searches == 1 ? "serves" : "serve", m->n_cells);
    say_surrogates(&text, s, m);
    xo_put(&text, "Not compared: %sAPI latency (not measured), exit costs. Prices of %s. ",
           s->parity == XO_PARITY_ASSUMED ? "quality (parity assumed), " : "",
           xo_say_price_days(&words, s));
    xo_put_price_notes(&text, s);
    xo_put_reconciliation(&text, s);
    page_text(page, &text);
    page_notes(page, m->n_notes, m->notes);
}

/* ---- the front door ---- */

static void put_map_text(struct xo_buf *buf, const struct xo_scenario *s,
                         const struct xo_map_result *m)
{
    struct page page = { 0 };
    map_page(&page, s, m);
    page_finish(&page, buf, page_put_terminal);
}

bool xo_map_print(FILE *out, const struct xo_scenario *scenario, const struct xo_map_result *map,
                  enum xo_format format, struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    struct page page = { 0 };
    if (format == XO_FORMAT_CSV)
        xo_put_cells(&(struct rows){ .csv = &buf }, scenario, map);
    else if (format == XO_FORMAT_JSON)
        put_map_json(&buf, scenario, map);
    else
        map_page(&page, scenario, map);
    return page_print(&page, &buf, out, err);
}

bool xo_map_write(const struct xo_scenario *scenario, const struct xo_map_result *map,
                  struct xo_output *output, struct xo_error *err)
{
    static const struct {
        const char *name;
        void (*put)(struct rows *, const struct xo_scenario *, const struct xo_map_result *);
    } tables[] = { { "map.csv", xo_put_cells }, { "frontier.csv", xo_put_frontier } };
    static const struct {
        const char *name;
        void (*put)(struct xo_buf *, const struct xo_scenario *, const struct xo_map_result *);
    } texts[] = { { "map.txt", put_map_text }, { "map.json", put_map_json } };
    struct xo_folder folder = { .output = output };
    struct xo_buf text = { 0 };
    struct xo_plot plot = { .name = "map_plot" };
    bool ok = xo_folder_begin(&folder, err);
    for (size_t i = 0; ok && i < XO_ROWS(tables); i++) {
        tables[i].put(&(struct rows){ .csv = &text }, scenario, map);
        ok = xo_folder_put(&folder, tables[i].name, &text, true, err);
    }
    for (size_t i = 0; ok && i < XO_ROWS(texts); i++) {
        texts[i].put(&text, scenario, map);
        ok = xo_folder_put(&folder, texts[i].name, &text, true, err);
    }
    if (ok && output->plots)
        xo_plot_map(&plot, scenario, map);
    ok = ok && xo_folder_draw(&folder, &plot, 1, err);
    ok = ok && xo_folder_manifest(&folder, scenario, "map", map->n_simulated, 0, err);
    return xo_folder_finish(&folder, ok, err);
}
