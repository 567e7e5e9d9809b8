/* plot_horizon.c - three pictures over months: cash so far, the bill of each month, and what
 * switching in each month is worth.
 *
 * They share a page: months to the right, dollars up, both even; a line and a band of the draws for
 * each way, and its name at the line's end. A picture is its rows (struct drawing) and what is
 * marked on it. Bills stand in two rows a month, so that a line is a staircase.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/page.h"
#include "report/words/sentences.h"
#include "set.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One row of a picture. */
struct spot_of_month {
    double x, usd[XO_N_WAYS];
    struct xo_band band[XO_N_WAYS];
};
struct drawing {
    const struct xo_horizon *h;
    struct spot_of_month *rows; /* owned */
    int n;
    bool has[XO_N_WAYS];
    struct panel panel;
    struct clutter clutter;
    struct xo_buf *set;
};

/* ---- rows ---- */

static void add_row(struct drawing *d, double x, const struct spot_of_month *of)
{
    d->rows[d->n] = *of;
    d->rows[d->n++].x = x;
    for (int way = 0; way < XO_N_WAYS; way++)
        d->has[way] |= isfinite(of->usd[way]);
}

/* Cash up to the end of each month, from nothing. */
static void put_sums(struct drawing *d)
{
    struct spot_of_month row = { 0 };
    for (int way = 0; way < XO_N_WAYS; way++)
        row.usd[way] = isfinite(d->h->cost_usd[way]) ? 0 : (double)NAN;
    add_row(d, 0, &row);
    for (int m = 0; m < d->h->n_months; m++) {
        memcpy(row.usd, d->h->months[m].cumulative_usd, sizeof row.usd);
        memcpy(row.band, d->h->months[m].cumulative_band, sizeof row.band);
        add_row(d, m + 1, &row);
    }
}

static void put_bills(struct drawing *d)
{
    const bool cash = d->h->scenario->horizon.basis == XO_BASIS_CASH;
    for (int m = 0; m < d->h->n_months; m++) {
        const struct xo_horizon_month *month = &d->h->months[m];
        struct spot_of_month row;
        memcpy(row.usd, cash ? month->cash_usd : month->economic_usd, sizeof row.usd);
        memcpy(row.band, month->bill_band, sizeof row.band);
        add_row(d, m, &row);
        add_row(d, m + 1, &row);
    }
}

static void put_switches(struct drawing *d)
{
    for (int m = 0; m < d->h->n_months; m++) {
        struct spot_of_month row;
        memcpy(row.usd, d->h->months[m].switch_npv_usd, sizeof row.usd);
        memcpy(row.band, d->h->months[m].switch_band, sizeof row.band);
        add_row(d, m, &row);
    }
}

static void put_data(struct xo_buf *data, const struct drawing *d)
{
    struct rows to = { .csv = data };
    for (int i = 0; i < d->n; i++) {
        struct xo_words words = { 0 }, *w = &words;
        struct cell cells[1 + 3 * XO_N_WAYS] = { { "month", "", NUMBER(d->rows[i].x) } };
        size_t n = 1;
        for (int way = 0; way < XO_N_WAYS; way++) {
            const char *key = xo_way_words[way].key;
            const struct spot_of_month *row = &d->rows[i];
            cells[n++] = (struct cell){ xo_say(w, "%s_usd", key), "usd", NUMBER(row->usd[way]) };
            cells[n++] =
                (struct cell){ xo_say(w, "%s_p10_usd", key), "usd", NUMBER(row->band[way].p10) };
            cells[n++] =
                (struct cell){ xo_say(w, "%s_p90_usd", key), "usd", NUMBER(row->band[way].p90) };
        }
        rows_put(&to, cells, n);
    }
}

/* ---- axes ---- */

static void widen(struct panel *p, double usd)
{
    if (isfinite(usd)) {
        p->y_lo = fmin(p->y_lo, usd);
        p->y_hi = fmax(p->y_hi, usd);
    }
}

static void find_range(struct drawing *d)
{
    struct panel *p = &d->panel;
    p->x_lo = 0;
    p->x_hi = d->rows[d->n - 1].x > 0 ? d->rows[d->n - 1].x : 1;
    p->y_lo = p->y_hi = 0;
    for (int i = 0; i < d->n; i++)
        for (int way = 0; way < XO_N_WAYS; way++) {
            widen(p, d->rows[i].usd[way]);
            widen(p, d->rows[i].band[way].p10);
            widen(p, d->rows[i].band[way].p90);
        }
    if (p->y_hi == p->y_lo)
        p->y_hi = p->y_lo + 1;
    const double room = 0.05 * (p->y_hi - p->y_lo);
    p->y_hi += room;
    p->y_lo -= p->y_lo < 0 ? room : 0;
}

/* Each January, or months of even steps where there are few. */
static void put_month_tics(struct drawing *d)
{
    static const int steps[] = { 1, 2, 3, 6, 12, 24, 48 };
    enum { MOST = 10 };
    struct set_list tics = { .role = "xtic" };
    const struct xo_horizon_terms *t = &d->h->scenario->horizon;
    size_t i = 0;
    while (i + 1 < XO_ROWS(steps) && d->h->n_months > MOST * steps[i])
        i++;
    for (int m = 0; m <= (int)d->panel.x_hi; m++) {
        char text[XO_MONTH_SIZE];
        if ((t->first_month - 1 + m) % steps[i] == 0)
            set_tic(&tics, xo_horizon_month(t, m, text), m, false);
    }
    set_list_put(d->set, &tics);
}

static void put_usd_tics(struct drawing *d)
{
    struct set_list tics = { .role = "ytic" };
    const struct panel *p = &d->panel;
    const double step = gp_round_step((p->y_hi - p->y_lo) / 7);
    for (double k = ceil(p->y_lo / step - 1e-9); k * step <= p->y_hi; k++) {
        char text[48];
        set_tic(&tics, gp_say_usd(text, sizeof text, k * step), k * step, false);
    }
    set_list_put(d->set, &tics);
}

/* ---- lines and their names ---- */

static void add_lines(struct drawing *d)
{
    const struct panel *p = &d->panel;
    for (int i = 1; i < d->n; i++)
        for (int way = 0; way < XO_N_WAYS; way++)
            clutter_add_line(&d->clutter, panel_x(p, d->rows[i - 1].x),
                             panel_y(p, d->rows[i - 1].usd[way]), panel_x(p, d->rows[i].x),
                             panel_y(p, d->rows[i].usd[way]));
}

static void label_ends(struct drawing *d)
{
    struct end_label labels[XO_N_WAYS];
    const struct spot_of_month *last = &d->rows[d->n - 1];
    int n = 0;
    for (int way = 0; way < XO_N_WAYS; way++) {
        struct xo_words words = { 0 };
        struct end_label *label = &labels[n];
        if (!isfinite(last->usd[way]))
            continue;
        *label = (struct end_label){ .y = panel_y(&d->panel, last->usd[way]),
                                     .of = xo_way_words[way].key };
        xo_plain(label->name, sizeof label->name,
                 way == XO_WAY_BUY ? xo_say_way(&words, d->h, XO_WAY_BUY) : xo_way_words[way].label,
                 27);
        xo_plain(label->note, sizeof label->note,
                 way == XO_WAY_BUY ? "the API" : xo_say_way(&words, d->h, (enum xo_way)way), 38);
        n++;
    }
    set_end_labels(d->set, &d->panel, labels, n);
}

/* A point and what it is. */
static void mark(struct drawing *d, bool there, double x, double usd, const char *text)
{
    struct set_list marks = { .role = "mark" };
    const struct panel *p = &d->panel;
    if (there) {
        const struct box box = clutter_place(&d->clutter, p, panel_x(p, x), panel_y(p, usd) + 30,
                                             text_width(text, 12), 20);
        set_label(&marks, text, 70, box.x, box.y + 8);
        set_cell(&marks, "month", x);
        set_cell(&marks, "usd", usd);
    }
    set_list_put(d->set, &marks);
}

/* Where the sums of this build and of buying meet for good. */
static void mark_payback(struct drawing *d)
{
    const struct xo_switch *to = &d->h->to[XO_WAY_BUILD];
    const double at = to->payback_months;
    const bool there = to->exists && isfinite(at) && at > 0;
    struct xo_words words = { 0 };
    double usd = 0;
    if (there) {
        const int m = (int)fmin(ceil(at) - 1, d->h->n_months - 1);
        const double before = m > 0 ? d->h->months[m - 1].cumulative_usd[XO_WAY_BUY] : 0;
        usd = before + (at - m) * (d->h->months[m].cumulative_usd[XO_WAY_BUY] - before);
    }
    mark(d, there, at, usd,
         there ? xo_say(&words, "payback after %s", xo_say_payback(&words, at)) : "");
}

static void mark_best(struct drawing *d)
{
    const struct xo_switch *to = &d->h->to[XO_WAY_BUILD];
    const bool there = to->exists && to->best_month >= 0;
    struct xo_words words = { 0 };
    char usd[48];
    mark(d, there, to->best_month, to->best_npv_usd,
         there ? xo_say(&words, "worth most in %s: %s", xo_say_month(&words, d->h, to->best_month),
                        gp_say_usd(usd, sizeof usd, to->best_npv_usd))
               : "");
}

static void mark_nothing(struct drawing *d)
{
    mark(d, false, 0, 0, "");
}

/* ---- a picture ---- */

struct kind {
    const char *name, *axis, *what;
    void (*rows)(struct drawing *);
    void (*marks)(struct drawing *);
};

static void put_page(struct drawing *d, const struct kind *kind)
{
    const struct xo_scenario *s = d->h->scenario;
    char effort[120], subtitle[300], draws[32], name[XO_TITLE_SIZE],
        *title = xo_horizon_title(d->h);
    const double rate = s->horizon.discount_per_year;
    struct xo_words words = { 0 };
    snprintf(draws, sizeof draws, "%s", xo_say_exact(&words, s->n_draws));
    snprintf(effort, sizeof effort, "%s draws", draws);
    snprintf(subtitle, sizeof subtitle,
             "%s  " DOT "  %s, before tax%s  " DOT "  bands: P10 to P90 of %s draws",
             xo_plain(name, sizeof name, s->name, 60), kind->what,
             rate > 0 && kind->rows == put_switches
                 ? xo_say(&words, ", at %s a year", xo_say_typed_share(&words, rate))
                 : "",
             draws);
    set_open(d->set, kind->name);
    const double y = set_study_page(d->set, s, effort, title != NULL ? title : "", subtitle);
    d->panel = (struct panel){ .left = 112, .right = 1108, .bottom = 84, .top = y - 44 };
    d->set->failed = d->set->failed || title == NULL;
    free(title);
}

static void put_set(struct drawing *d, const struct kind *kind)
{
    const char *keys[XO_N_WAYS];
    int n = 0;
    put_page(d, kind);
    find_range(d);
    add_lines(d);
    set_panel(d->set, "panel", &d->panel);
    set_range(d->set, "x", d->panel.x_lo, d->panel.x_hi);
    set_range(d->set, "y", d->panel.y_lo, d->panel.y_hi);
    put_month_tics(d);
    put_usd_tics(d);
    set_text(d->set, "y_title", kind->axis, 80);
    for (int way = XO_N_WAYS - 1; way >= 0; way--) /* buying is drawn over the others */
        if (d->has[way])
            keys[n++] = xo_way_words[way].key;
    set_words(d->set, "ways", keys, 0, n);
    label_ends(d);
    kind->marks(d);
}

static void draw(struct xo_plot *out, const struct xo_horizon *h, const struct kind *kind)
{
    struct drawing d = { .h = h, .set = &out->set };
    bool any = false;
    d.rows = calloc(2 * (size_t)h->n_months + 1, sizeof *d.rows);
    if (d.rows == NULL) {
        out->set.failed = out->data.failed = true;
        return;
    }
    kind->rows(&d);
    for (int way = 0; way < XO_N_WAYS; way++)
        any |= d.has[way];
    if (any) {
        put_data(&out->data, &d);
        put_set(&d, kind);
    } else
        xo_text_copy(out->none, sizeof out->none, "no way serves every month");
    clutter_fini(&d.clutter);
    free(d.rows);
}

void xo_plot_cumulative(struct xo_plot *plot, const struct xo_horizon *h)
{
    static const struct kind kind = { "cumulative", "USD so far", "cash paid so far by each plan",
                                      put_sums, mark_payback };
    draw(plot, h, &kind);
}

void xo_plot_monthly(struct xo_plot *plot, const struct xo_horizon *h)
{
    static const struct kind kinds[] = {
        [XO_BASIS_CASH] = { "monthly", "USD in the month",
                            "the bill of each month as it is paid, one-offs and purchases in it",
                            put_bills, mark_nothing },
        [XO_BASIS_ECONOMIC] = { "monthly", "USD in the month",
                                "the bill of each month, capital and one-offs spread", put_bills,
                                mark_nothing },
    };
    XO_TABLE_OF(kinds, XO_N_BASES);
    draw(plot, h, &kinds[h->scenario->horizon.basis]);
}

void xo_plot_switching(struct xo_plot *plot, const struct xo_horizon *h)
{
    static const struct kind kind = { "switching", "USD in present value",
                                      "what going there in each month saves against buying all "
                                      "along",
                                      put_switches, mark_best };
    draw(plot, h, &kind);
}
