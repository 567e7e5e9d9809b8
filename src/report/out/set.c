/* set.c - what the data decide of a picture, and the programs that draw them (plots/).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "set.h"
#include "report/words/sentences.h"
#include "xo/text.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- variables and arrays ---- */

static void put_number(struct xo_buf *buf, const char *format, double value)
{
    if (isfinite(value))
        xo_put(buf, format, value);
    else
        xo_put(buf, "NaN");
}

void set_row(struct set_list *list)
{
    xo_put(&list->rows, "%s", list->n > 0 ? "\n" : "");
    list->n++;
}

/* The first row says which columns there are. */
static void begin_cell(struct set_list *list, const char *column)
{
    const bool first = list->n_columns == 0 || strcmp(list->columns[0], column) == 0;
    int k = 0;
    while (k < list->n_columns && strcmp(list->columns[k], column) != 0)
        k++;
    if (k == list->n_columns) {
        assert(k < (int)(sizeof list->columns / sizeof list->columns[0]));
        list->columns[list->n_columns++] = column;
    }
    xo_put(&list->rows, "%s%s_%s[%d] = ", first ? "" : "; ", list->role, column, list->n);
}

void set_cell(struct set_list *list, const char *column, double value)
{
    begin_cell(list, column);
    put_number(&list->rows, "%.10g", value);
}

void set_place(struct set_list *list, const char *column, double pixels, int page)
{
    begin_cell(list, column);
    put_number(&list->rows, "%.4f", pixels / page);
}

void set_cell_text(struct set_list *list, const char *column, const char *text, size_t columns)
{
    begin_cell(list, column);
    gp_text(&list->rows, text, columns);
}

void set_label(struct set_list *list, const char *text, size_t columns, double x, double y)
{
    set_row(list);
    set_cell_text(list, "text", text, columns);
    set_place(list, "x", x, PAGE_W);
    set_place(list, "y", y, PAGE_H);
}

void set_list_put(struct xo_buf *set, struct set_list *list)
{
    xo_put(set, "%s_n = %d\n", list->role, list->n);
    for (int k = 0; k < list->n_columns; k++)
        xo_put(set, "%sarray %s_%s[%d]%s", k > 0 ? "; " : "", list->role, list->columns[k], list->n,
               k + 1 == list->n_columns ? "\n" : "");
    if (list->n > 0)
        xo_put(set, "%s\n", list->rows.text != NULL ? list->rows.text : "");
    set->failed = set->failed || list->rows.failed;
    xo_buf_fini(&list->rows);
    *list = (struct set_list){ .role = list->role };
}

void set_open(struct xo_buf *set, const char *name)
{
    xo_put(set,
           "# %s.set - what the data of this study decide: words, ranges, tics, places of labels.\n"
           "# Written by crossover " XO_VERSION
           " and read by %s.gp; places are parts of the page.\n",
           name, name);
}

void set_number(struct xo_buf *set, const char *name, double value)
{
    xo_put(set, "%s = ", name);
    put_number(set, "%.10g", value);
    xo_put(set, "\n");
}

void set_flag(struct xo_buf *set, const char *name, bool value)
{
    xo_put(set, "%s = %d\n", name, value);
}

void set_text(struct xo_buf *set, const char *name, const char *text, size_t columns)
{
    xo_put(set, "%s = ", name);
    gp_text(set, text, columns);
    xo_put(set, "\n");
}

void set_words(struct xo_buf *set, const char *name, const char *const words[], int from, int to)
{
    for (int i = from; i < to; i++)
        xo_put(set, "%s%s%s", i == from ? name : "", i == from ? " = '" : " ", words[i]);
    xo_put(set, "%s", from < to ? "'\n" : "");
}

/* ---- pages ---- */

/* A text wrapped at `columns`, one row a line; returns the y below it. */
static double put_lines(struct xo_buf *set, const char *role, double y, double points,
                        const char *text, size_t columns)
{
    struct set_list list = { .role = role };
    char *lines[2];
    const int n = gp_break(text, columns, 2, lines);
    for (int i = 0; i < n; i++, y -= 1.75 * points) {
        set_row(&list);
        set_cell_text(&list, "text", lines[i], columns);
        set_place(&list, "y", y, PAGE_H);
        free(lines[i]);
    }
    set->failed = set->failed || n < 0;
    set_list_put(set, &list);
    return y;
}

double set_page(struct xo_buf *set, const char *title, const char *subtitle, const char *source)
{
    enum { FIRST = PAGE_H - 42 };
    double y = put_lines(set, "title", FIRST, 18, title, 90);
    y = put_lines(set, "subtitle", y, 11.5, subtitle, 158);
    set_text(set, "source", source, 165);
    return y;
}

double set_study_page(struct xo_buf *set, const struct xo_scenario *s, const char *effort,
                      const char *title, const char *subtitle)
{
    const char *slash = strrchr(s->path, '/');
    struct xo_words words = { 0 };
    char file[64], line[400];
    xo_plain(file, sizeof file, slash != NULL ? slash + 1 : s->path, 40);
    snprintf(line, sizeof line,
             "%s %016llx  " DOT "  seed %llu  " DOT "  prices of %s  " DOT "  %.150s  " DOT
             "  crossover " XO_VERSION,
             file, (unsigned long long)xo_scenario_hash(s), (unsigned long long)s->seed,
             xo_say_price_days(&words, s), effort);
    return set_page(set, title, subtitle, line);
}

double set_curve_page(struct xo_buf *set, const struct xo_curve *c, const char *title,
                      const char *subtitle)
{
    char count[32], effort[160];
    struct xo_words words = { 0 };
    snprintf(effort, sizeof effort, "%.30s draws  " DOT "  %s requests simulated",
             xo_say_exact(&words, c->n_draws),
             xo_text_count(count, sizeof count, (double)c->n_simulated, 3));
    return set_study_page(set, c->scenario, effort, title, subtitle);
}

double set_sweep_page(struct xo_buf *set, const struct xo_sweep_report *r, const char *title,
                      const char *subtitle)
{
    char samples[32], searches[64], effort[160], line[400];
    xo_text_count(samples, sizeof samples, (double)r->result->n_distribution, 3);
    snprintf(searches, sizeof searches, "%d capacit%s simulated", r->result->n_searches,
             r->result->n_searches == 1 ? "y" : "ies");
    snprintf(effort, sizeof effort, "%s samples  " DOT "  %s", samples, searches);
    snprintf(line, sizeof line, "%s%s", r->scenario->n_guesses > 0 ? "DRAFT: " : "", title);
    return set_study_page(set, r->scenario, effort, line, subtitle);
}

void set_panel(struct xo_buf *set, const char *name, const struct panel *p)
{
    xo_put(set, "%s_left = %.5f; %s_right = %.5f; %s_bottom = %.5f; %s_top = %.5f\n", name,
           p->left / PAGE_W, name, p->right / PAGE_W, name, p->bottom / PAGE_H, name,
           p->top / PAGE_H);
}

/* ---- axes ---- */

void set_range(struct xo_buf *set, const char *axis, double lo, double hi)
{
    xo_put(set, "%s_lo = %.10g; %s_hi = %.10g\n", axis, lo, axis, hi);
}

void set_tic(struct set_list *tics, const char *text, double at, bool minor)
{
    char format[128];
    size_t n = 0;
    for (; *text != '\0' && n + 3 < sizeof format; text++) {
        format[n++] = *text;
        if (*text == '%')
            format[n++] = '%';
    }
    format[n] = '\0';
    set_row(tics);
    set_cell_text(tics, "text", format, 64);
    set_cell(tics, "at", at);
    set_cell(tics, "minor", minor);
    if (tics->panel > 0)
        set_cell(tics, "panel", tics->panel);
}

static void even_tics(struct set_list *tics, double lo, double hi, double scale,
                      const char *(*say)(char *, size_t, double))
{
    const double step = gp_round_step((hi - lo) * scale / 5);
    for (double k = ceil(lo * scale / step - 1e-9); k * step <= hi * scale * (1 + 1e-9); k++) {
        char text[48];
        set_tic(tics, say(text, sizeof text, k * step), k * step / scale, false);
    }
}

static void log_tics(struct set_list *tics, double lo, double hi, double scale,
                     const char *(*say)(char *, size_t, double))
{
    const double decades = log10(hi / lo);
    const bool ones = decades > 4.6, threes = decades > 1.3 && !ones;
    for (int e = (int)floor(log10(lo * scale)); e <= (int)ceil(log10(hi * scale)); e++)
        for (int m = 1; m < 10; m++) {
            const double at = m * pow(10, e) / scale;
            const bool major =
                m == 1 || (threes && m == 3) || (!ones && !threes && (m == 2 || m == 5));
            char text[48];
            if (at >= lo * (1 - 1e-9) && at <= hi * (1 + 1e-9))
                set_tic(tics, major ? say(text, sizeof text, m * pow(10, e)) : "", at, !major);
        }
}

static void put_tics(struct set_list *tics, double lo, double hi, double scale,
                     const char *(*say)(char *, size_t, double))
{
    assert(lo > 0 && hi > lo && isfinite(hi) && scale > 0);
    if (log10(hi / lo) < 0.55)
        even_tics(tics, lo, hi, scale, say);
    else
        log_tics(tics, lo, hi, scale, say);
}

void set_log_tics(struct xo_buf *set, const char *role, double lo, double hi, double scale,
                  const char *(*say)(char *, size_t, double))
{
    struct set_list tics = { .role = role };
    put_tics(&tics, lo, hi, scale, say);
    set_list_put(set, &tics);
}

void set_panel_tics(struct set_list *tics, int panel, double lo, double hi,
                    const char *(*say)(char *, size_t, double))
{
    tics->panel = panel;
    put_tics(tics, lo, hi, 1, say);
}

void set_volume_axis(struct xo_buf *set, const struct xo_curve *c, bool tokens)
{
    struct panel p = { 0 };
    volume_range(c, &p);
    const double lo = pow(10, p.x_lo), hi = pow(10, p.x_hi);
    set_range(set, "x", lo, hi);
    set_log_tics(set, "xtic", lo, hi, 1, gp_say_count);
    if (tokens)
        set_log_tics(set, "x2tic", lo, hi, c->tokens_per_request, gp_say_count);
}

/* ---- labels ---- */

void set_end_labels(struct xo_buf *set, const struct panel *p, struct end_label labels[], int n)
{
    struct set_list ends = { .role = "end" };
    double at[8] = { 0 };
    gp_spread_ends(p, labels, at, n);
    for (int i = 0; i < n; i++) {
        set_row(&ends);
        set_cell_text(&ends, "text", labels[i].name, 27);
        set_place(&ends, "y", at[i], PAGE_H);
        set_cell_text(&ends, "note", labels[i].note, 38);
        set_cell_text(&ends, "of", labels[i].of, 20);
        set_place(&ends, "from", labels[i].y, PAGE_H);
    }
    set_list_put(set, &ends);
}

void set_plan(struct xo_buf *set, const struct panel *p, struct clutter *clutter,
              const struct xo_curve *c)
{
    struct set_list plan = { .role = "plan" };
    const double volume = c->points[c->plan].volume, x = panel_x(p, log10(volume));
    char count[32], text[64];
    snprintf(text, sizeof text, "your plan: %s", xo_text_count(count, sizeof count, volume, 3));
    set_number(set, "plan_volume", volume);
    clutter_add_line(clutter, x, p->bottom, x, p->top);
    const struct box box = clutter_place(clutter, p, x, p->top, text_width(text, 11), 18);
    set_label(&plan, text, 60, box.x, box.y + 8);
    set_list_put(set, &plan);
}

void set_crossing_band(struct xo_buf *set, const struct xo_curve *c)
{
    struct set_list band = { .role = "band" };
    const struct xo_band *first = &c->crossings[XO_BUY_BUILD].first;
    const double lo = fmax(first->p10, c->points[0].volume);
    const double hi = fmin(first->p90, c->points[c->n_points - 1].volume);
    if (curve_compares(c) && xo_band_is(first) && hi > lo) {
        set_row(&band);
        set_cell(&band, "lo", lo);
        set_cell(&band, "hi", hi);
    }
    set_list_put(set, &band);
}

/* ---- the programs ---- */

/* Of plots/, as the build found them: "plot_cost". */
extern const char *const xo_plots_names[];
extern const unsigned char *const xo_plots_texts[];
static const char PREFIX[] = "plot_";

int set_n_programs(void)
{
    int n = 0;
    while (xo_plots_names[n] != NULL)
        n++;
    return n;
}

const char *set_program_name(int i)
{
    return xo_plots_names[i] + strlen(PREFIX);
}

const char *set_program(const char *name)
{
    for (int i = 0; i < set_n_programs(); i++)
        if (strcmp(set_program_name(i), name) == 0)
            return (const char *)xo_plots_texts[i];
    return NULL;
}
