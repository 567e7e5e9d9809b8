/* plot_cost.c - monthly cost against volume: three lines, the napkin's, and where they cross.
 *
 * The state is a struct cost_plot: the curve, its staircase (points and corners in order of
 * volume), the panel in pixels, and the clutter that labels keep off. It puts two texts: data, and
 * NAME.set, which has the words, ranges, tics and places that the data decide; plots/cost.gp draws
 * and styles. The panel is set before anything is placed in it, and a line joins the clutter before
 * a label looks for its place. A picture with nothing to draw says why (`none`). Begin with
 * xo_plot_cost and put_set.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "report/page/page.h"
#include "report/words/sentences.h"
#include "set.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct cost_plot {
    const struct xo_curve *c;
    struct stairs_path path;
    struct panel panel;
    struct clutter clutter;
    struct xo_buf *set;
};

/* ---- data ---- */

/* Columns of a way. Buying above its limits is a line of its own, joined to the other at the last
 * point within. */
static size_t cells_of(struct cell cells[], struct xo_words *w, const struct stairs_path *path,
                       size_t i, enum xo_way way)
{
    const struct stair *s = &path->at[i];
    const char *key = xo_way_words[way].key;
    const bool over = s->limited[way], next_is = i + 1 < path->n && path->at[i + 1].limited[way];
    const struct cell of[] = {
        { xo_say(w, "%s_usd", key), "usd/month", NUMBER(over ? (double)NAN : s->usd[way]) },
        { xo_say(w, "%s_p10_usd", key), "usd/month", NUMBER(s->band[way].p10) },
        { xo_say(w, "%s_p90_usd", key), "usd/month", NUMBER(s->band[way].p90) },
        { xo_say(w, "%s_over_limit_usd", key), "usd/month",
          NUMBER(over || next_is ? s->usd[way] : (double)NAN) },
    };
    const size_t n = XO_ROWS(of) - (way != XO_WAY_BUY);
    memcpy(cells, of, n * sizeof *of);
    return n;
}

static void put_stair(struct rows *to, const struct cost_plot *plot, size_t i)
{
    const struct stair *s = &plot->path.at[i];
    struct xo_words words = { 0 };
    struct cell cells[4 + 4 * XO_N_WAYS] = {
        { "requests_month", "requests/month", NUMBER(s->volume) },
        { "tokens_month", "tokens/month", NUMBER(s->volume * plot->c->tokens_per_request) },
    };
    size_t n = 2;
    for (int way = 0; way < XO_N_FIRST_WAYS; way++)
        n += cells_of(cells + n, &words, &plot->path, i, (enum xo_way)way);
    cells[n++] = (struct cell){ "napkin_usd", "usd/month", NUMBER(s->napkin_usd) };
    cells[n++] = (struct cell){ "corner", FLAG(s->corner) };
    for (int way = XO_N_FIRST_WAYS; way < XO_N_WAYS; way++)
        n += cells_of(cells + n, &words, &plot->path, i, (enum xo_way)way);
    rows_put(to, cells, n);
}

static void put_data(struct xo_buf *data, const struct cost_plot *plot)
{
    struct rows to = { .csv = data };
    for (size_t i = 0; i < plot->path.n; i++)
        put_stair(&to, plot, i);
}

/* ---- where things stand ---- */

static void widen(double value, double *lo, double *hi)
{
    if (isfinite(value) && value > 0) {
        *lo = fmin(*lo, value);
        *hi = fmax(*hi, value);
    }
}

/* The napkin may start far below everything else: it stretches the axis by half a decade at most.
 */
static void y_range(struct cost_plot *plot)
{
    double lo = INFINITY, hi = 0;
    for (size_t i = 0; i < plot->path.n; i++)
        for (int way = 0; way < XO_N_WAYS; way++) {
            widen(plot->path.at[i].usd[way], &lo, &hi);
            widen(plot->path.at[i].band[way].p10, &lo, &hi);
            widen(plot->path.at[i].band[way].p90, &lo, &hi);
        }
    const double least = lo / 3.2;
    for (size_t i = 0; i < plot->path.n; i++)
        if (plot->path.at[i].napkin_usd > least)
            widen(plot->path.at[i].napkin_usd, &lo, &hi);
    if (!(hi > 0)) {
        lo = 1;
        hi = 10;
    }
    plot->panel.y_lo = log10(lo) - 0.08;
    plot->panel.y_hi = log10(hi) + 0.12;
}

static void add_series(struct cost_plot *plot, size_t offset)
{
    const struct panel *p = &plot->panel;
    for (size_t i = 1; i < plot->path.n; i++) {
        const double a = *(const double *)((const char *)&plot->path.at[i - 1] + offset);
        const double b = *(const double *)((const char *)&plot->path.at[i] + offset);
        clutter_add_line(&plot->clutter, panel_x(p, log10(plot->path.at[i - 1].volume)),
                         panel_y(p, log10(a)), panel_x(p, log10(plot->path.at[i].volume)),
                         panel_y(p, log10(b)));
    }
}

static void add_lines(struct cost_plot *plot)
{
    for (int way = 0; way < XO_N_WAYS; way++)
        add_series(plot, offsetof(struct stair, usd) + (size_t)way * sizeof(double));
    add_series(plot, offsetof(struct stair, napkin_usd));
}

/* ---- marks ---- */

/* An end of a bar, no further than the range goes; `base` where it is unknown. */
static double within(const struct xo_curve *c, double volume, double base)
{
    const double min = c->points[0].volume, max = c->points[c->n_points - 1].volume;
    return isnan(volume) ? base : fmax(min, fmin(volume, max));
}

/* Every crossing as a point with its 95 % of simulation noise; the draws' range is the grey band.
 */
static void put_crossings(struct cost_plot *plot)
{
    const struct xo_crossings *x = &plot->c->crossings[XO_BUY_BUILD];
    struct set_list cross = { .role = "cross" };
    for (int i = 0; i < x->n && curve_compares(plot->c); i++) {
        const struct xo_crossing *at = &x->at[i];
        set_row(&cross);
        set_cell(&cross, "volume", at->volume);
        set_cell(&cross, "usd", at->usd);
        set_cell(&cross, "lo", within(plot->c, at->noise_lo, at->volume));
        set_cell(&cross, "hi", within(plot->c, at->noise_hi, at->volume));
    }
    set_list_put(plot->set, &cross);
}

/* The napkin crosses the price of the tokens alone, which is not drawn: its own mark, on its line.
 */
static bool shows_napkin(const struct cost_plot *plot)
{
    const double y = log10(plot->c->napkin_crossing_usd); /* NAN: it does not cross */
    return y > plot->panel.y_lo && y < plot->panel.y_hi && curve_compares(plot->c);
}

static void put_napkin_crossing(struct cost_plot *plot)
{
    struct set_list napkin = { .role = "napkin" };
    if (shows_napkin(plot)) {
        set_row(&napkin);
        set_cell(&napkin, "volume", plot->c->napkin_crossing);
        set_cell(&napkin, "usd", plot->c->napkin_crossing_usd);
    }
    set_list_put(plot->set, &napkin);
}

static void crossing_texts(const struct cost_plot *plot, const struct xo_crossing *at,
                           char head[96], char note[96])
{
    struct xo_words words = { 0 };
    const struct xo_crossings *x = &plot->c->crossings[XO_BUY_BUILD];
    if (x->n > 1)
        snprintf(head, 96, "first of %d crossings: %s tokens", x->n,
                 xo_say_tokens(&words, plot->c, at->volume));
    else
        snprintf(head, 96, "flips at %s tokens a month",
                 xo_say_tokens(&words, plot->c, at->volume));
    if (at->to_build && xo_band_is(&x->first))
        snprintf(note, 96, "P10 to P90: %.70s",
                 xo_say_token_band(&words, plot->c, at->volume, &x->first));
    else
        snprintf(note, 96, "simulation noise: %.70s",
                 xo_say_token_band(&words, plot->c, at->volume,
                                   &(struct xo_band){ .p10 = at->noise_lo, .p90 = at->noise_hi }));
    xo_unglue(head);
    xo_unglue(note);
}

/* A line leads from the label to the crossing where that is not beside it. */
static void put_lead(struct set_list *lead, const struct box *box, double x, double y)
{
    const double from_x = fmin(fmax(x, box->x), box->x + box->w);
    const double from_y = y > box->y + box->h ? box->y + box->h + 2 : box->y - 3;
    if (y <= box->y + box->h && y >= box->y)
        return;
    set_row(lead);
    set_place(lead, "x", from_x, PAGE_W);
    set_place(lead, "y", from_y, PAGE_H);
    set_place(lead, "to_x", x + (from_x - x) * 0.12, PAGE_W);
    set_place(lead, "to_y", y + (from_y - y) * 0.12, PAGE_H);
}

static void label_crossing(struct cost_plot *plot)
{
    const struct panel *p = &plot->panel;
    const struct xo_crossing *at = xo_first_crossing(&plot->c->crossings[XO_BUY_BUILD]);
    struct set_list crossing = { .role = "crossing" }, lead = { .role = "lead" };
    if (at != NULL && curve_compares(plot->c)) {
        const double x = panel_x(p, log10(at->volume)), y = panel_y(p, log10(at->usd));
        char head[96], note[96];
        crossing_texts(plot, at, head, note);
        const double w = fmax(text_width(head, 12), text_width(note, 10.5));
        const struct box box = clutter_place(&plot->clutter, p, x, y + 40, w, 40);
        set_label(&crossing, head, 60, box.x, box.y + 29);
        set_cell_text(&crossing, "note", note, 80);
        set_cell(&crossing, "volume", at->volume);
        set_cell(&crossing, "usd", at->usd);
        put_lead(&lead, &box, x, y);
    }
    set_list_put(plot->set, &crossing);
    set_list_put(plot->set, &lead);
}

/* ---- names at the ends ---- */

static double end_y(const struct cost_plot *plot, size_t offset)
{
    for (size_t i = plot->path.n; i-- > 0;) {
        const double usd = *(const double *)((const char *)&plot->path.at[i] + offset);
        if (isfinite(usd) && usd > 0)
            return panel_y(&plot->panel, log10(usd));
    }
    return NAN;
}

static void add_label(struct end_label labels[], int *n, double y, const char *of, const char *name,
                      const char *note)
{
    if (!isfinite(y))
        return;
    labels[*n] = (struct end_label){ .y = y, .of = of };
    xo_plain(labels[*n].name, sizeof labels[*n].name, name, 27);
    xo_plain(labels[*n].note, sizeof labels[*n].note, note, 38);
    (*n)++;
}

static const char *note_on_limit(const struct xo_curve *c)
{
    return xo_unserved_is_tolerated(c->scenario, &c->buy_unserved)
               ? "buy: grey above its rate limit"
               : "buy: grey, too short a context";
}

/* What stands beside the right end of a way's line. */
static void label_way(struct cost_plot *plot, enum xo_way way, struct end_label labels[], int *n)
{
    const struct xo_curve *c = plot->c;
    const struct xo_curve_point *top = &c->points[c->n_points - 1];
    struct xo_words words = { 0 };
    char usd[32], note[XO_TITLE_SIZE];
    const bool buys = way == XO_WAY_BUY;
    const char *name = buys ? xo_say_buy(&words, c->scenario, xo_api_at(c, c->n_points - 1), true)
                       : way == XO_WAY_SAME ? xo_way_words[way].subject
                                            : xo_way_words[way].label;
    snprintf(note, sizeof note, "%s per million tokens%s",
             xo_text_usd(usd, sizeof usd, top->usd[way] / top->tokens * 1e6, 2),
             buys ? " at this end" : "");
    if (way == XO_WAY_BUILD)
        xo_text_copy(note, sizeof note,
                     xo_way_name(c->scenario, way, top->build.feasible ? top->build.option : 0));
    if (buys && top->limited[way])
        xo_text_copy(note, sizeof note, note_on_limit(c));
    add_label(labels, n, end_y(plot, offsetof(struct stair, usd) + (size_t)way * sizeof(double)),
              xo_way_words[way].key, name, note);
}

static void label_ends(struct cost_plot *plot)
{
    struct end_label labels[XO_N_WAYS + 1];
    int n = 0;
    for (int way = 0; way < XO_N_WAYS; way++)
        label_way(plot, (enum xo_way)way, labels, &n);
    add_label(labels, &n, end_y(plot, offsetof(struct stair, napkin_usd)), "napkin", "napkin",
              shows_napkin(plot) ? "o: tokens alone cost as much" : "GPUs and power alone, no SLO");
    set_end_labels(plot->set, &plot->panel, labels, n);
}

/* The ways beyond those that the program of the picture names, for it to draw. */
static void put_later_ways(struct xo_buf *set)
{
    const char *keys[XO_N_WAYS];
    for (int way = 0; way < XO_N_WAYS; way++)
        keys[way] = xo_way_words[way].key;
    set_words(set, "later_ways", keys, XO_N_FIRST_WAYS, XO_N_WAYS);
}

/* ---- the plot ---- */

static void put_subtitle(struct xo_buf *buf, const struct xo_curve *c)
{
    const struct xo_scenario *s = c->scenario;
    struct xo_words words = { 0 };
    char name[XO_TITLE_SIZE], model[64];
    xo_put(buf, "%s", xo_plain(name, sizeof name, s->name, 90));
    if (s->n_options > 0)
        xo_put(buf, "  " DOT "  this build: %s",
               xo_plain(model, sizeof model, s->options[0].deployment.model.name, 40));
    for (int t = 0; t < s->slo[0].n_targets && t < 3; t++)
        xo_put(buf, "%s%s", t == 0 ? "  " DOT "  SLO: " : ", ",
               xo_say_target(&words, &s->slo[0].targets[t]));
    xo_put(buf, "  " DOT "  bands: P10 to P90 of %s draws", xo_say_exact(&words, c->n_draws));
    if (c->scenario->n_same_model == 0)
        xo_put(buf, "  " DOT "  no host of the same weights is compared");
    else
        xo_put(buf, "  " DOT "  same weights: %s", xo_say_host(&words, c->scenario));
}

static void put_axes(struct cost_plot *plot)
{
    const struct xo_curve *c = plot->c;
    const double lo = pow(10, plot->panel.y_lo), hi = pow(10, plot->panel.y_hi);
    char mix[160], in[32], hit[32], out[32];
    set_panel(plot->set, "panel", &plot->panel);
    set_volume_axis(plot->set, c, true);
    set_range(plot->set, "y", lo, hi);
    set_log_tics(plot->set, "ytic", lo, hi, 1, gp_say_usd);
    snprintf(mix, sizeof mix, "Tokens a month; a request is %s in (%s cached) and %s out",
             xo_text_count(in, sizeof in, c->prompt_per_request, 3),
             xo_text_count(hit, sizeof hit, c->cached_per_request, 3),
             xo_text_count(out, sizeof out, c->output_per_request, 3));
    set_text(plot->set, "x2_title", mix, 120);
}

static void put_set(struct cost_plot *plot)
{
    struct xo_buf subtitle = { 0 };
    const struct xo_curve *c = plot->c;
    char *title = xo_verdict_title(c);
    set_open(plot->set, "cost");
    put_subtitle(&subtitle, c);
    const double y = set_curve_page(plot->set, c, title != NULL ? title : "",
                                    subtitle.text != NULL ? subtitle.text : "");
    plot->panel = (struct panel){ .left = 112, .right = 1108, .bottom = 108, .top = y - 60 };
    volume_range(c, &plot->panel);
    y_range(plot);
    add_lines(plot);
    put_axes(plot);
    set_crossing_band(plot->set, c);
    put_crossings(plot);
    put_napkin_crossing(plot);
    set_plan(plot->set, &plot->panel, &plot->clutter, c);
    label_crossing(plot);
    label_ends(plot);
    set_flag(plot->set, "has_over_limit",
             plot->path.n > 0 && plot->path.at[plot->path.n - 1].limited[XO_WAY_BUY]);
    set_flag(plot->set, "has_same", c->scenario->n_same_model > 0);
    put_later_ways(plot->set);
    plot->set->failed = plot->set->failed || title == NULL || subtitle.failed;
    xo_buf_fini(&subtitle);
    free(title);
}

/* A napkin alone is no picture. */
static bool has_bills(const struct stairs_path *path)
{
    for (size_t i = 0; i < path->n; i++)
        for (int way = 0; way < XO_N_WAYS; way++)
            if (isfinite(path->at[i].usd[way]))
                return true;
    return false;
}

void xo_plot_cost(struct xo_plot *out, const struct xo_curve *curve)
{
    struct cost_plot plot = { .c = curve, .set = &out->set };
    if (!stairs_read(&plot.path, curve)) {
        out->data.failed = out->set.failed = true;
    } else if (!has_bills(&plot.path)) {
        xo_text_copy(out->none, sizeof out->none, "no side has a bill at any volume");
    } else {
        put_data(&out->data, &plot);
        put_set(&plot);
    }
    clutter_fini(&plot.clutter);
    free(plot.path.at);
}
