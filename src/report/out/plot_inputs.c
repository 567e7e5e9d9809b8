/* plot_inputs.c - what moves the answer: tornado, Sobol' indices, the two strongest inputs.
 *
 * Each picture is one function that reads the report of a sweep and puts data and NAME.set (set.h);
 * plots/NAME.gp draws it. Rows of inputs stand at y = 0, -1, ..., in one order for names, bars and
 * labels. A panel with nothing to explain is left out, and so is a picture: `none` says why. Where
 * one side alone wins at the plan, winners are told at the median crossing instead, where they are
 * as open as they get. Begin with xo_plot_tornado, xo_plot_indices and xo_plot_inputs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "report/page/sweep.h"
#include "set.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <string.h>

enum { MOST_ROWS = 16, NAME_COLUMNS = 30, LEFT = 330 };

static int n_shown(const struct xo_sweep_result *s)
{
    return s->n_inputs < MOST_ROWS ? s->n_inputs : MOST_ROWS;
}

/* Names of the inputs at the left, the strongest on top: row k stands at y = -k. */
static void put_names(struct xo_buf *set, const struct panel *p, const struct xo_sweep_report *r,
                      const int order[], double right)
{
    struct set_list inputs = { .role = "input" };
    for (int k = 0; k < n_shown(r->result); k++)
        set_label(&inputs, r->inputs[order[k]].name, NAME_COLUMNS, right, panel_y(p, -k));
    set_list_put(set, &inputs);
}

static void set_rows(struct panel *p, int n)
{
    p->y_lo = -n + 0.4;
    p->y_hi = 0.6;
}

/* One tic as people write it in this unit; NULL: dollars. */
static void put_tic(struct set_list *tics, const char *unit, double at)
{
    char text[64];
    if (unit == NULL)
        gp_say_usd(text, sizeof text, at);
    else
        xo_show_quantity(text, sizeof text, unit, at);
    set_tic(tics, text, at, false);
}

/* About `most` round numbers from lo to hi. */
static void quantity_tics(struct xo_buf *set, const char *role, double lo, double hi,
                          const char *unit, double most)
{
    const double step = gp_round_step((hi - lo) / most);
    struct set_list tics = { .role = role };
    for (double k = ceil(lo / step); k * step <= hi; k++)
        put_tic(&tics, unit, k * step);
    set_list_put(set, &tics);
}

/* Tics of a logarithmic axis: 1, 2 and 5 of each decade, or the decades alone where they are many.
 * */
static void quantity_log_tics(struct xo_buf *set, const char *role, double lo, double hi,
                              const char *unit)
{
    static const int mantissas[] = { 1, 2, 5 };
    const int per_decade = hi / lo > 300 ? 1 : 3;
    struct set_list tics = { .role = role };
    for (int e = (int)floor(log10(lo)); e <= (int)ceil(log10(hi)); e++)
        for (int m = 0; m < per_decade; m++) {
            const double at = mantissas[m] * pow(10, e);
            if (at >= lo && at <= hi)
                put_tic(&tics, unit, at);
        }
    set_list_put(set, &tics);
}

/* ---- tornado ---- */

/* Whether there is a bar: a saving at both ends of an input, or crossings that differ. */
static bool has_swings(const struct xo_sweep_report *r)
{
    for (int i = 0; i < r->result->n_inputs; i++) {
        const struct xo_tornado *t = &r->result->inputs[i].tornado;
        if (!isnan(xo_swing(t)) ||
            within_range(r->result, t->crossover_low) != within_range(r->result, t->crossover_high))
            return true;
    }
    return false;
}

/* The longest bar on top, as a tornado has it. */
static void order_by_swing(const struct xo_sweep_report *r, int order[XO_SWEEP_MAX_INPUTS])
{
    double key[XO_SWEEP_MAX_INPUTS];
    for (int i = 0; i < r->result->n_inputs; i++)
        key[i] = xo_swing(&r->result->inputs[i].tornado);
    xo_order_down(key, r->result->n_inputs, order);
}

static void put_tornado_data(struct xo_buf *data, const struct xo_sweep_report *r,
                             const int order[])
{
    struct rows to = { .csv = data };
    for (int k = 0; k < n_shown(r->result); k++) {
        const struct xo_sweep_input *in = &r->inputs[order[k]];
        const struct xo_tornado *t = &r->result->inputs[order[k]].tornado;
        const char *unit = xo_unit_of_key(in->key);
        const struct cell cells[] = {
            { "row", "", NUMBER(-k) },
            { "input", TEXT(in->name) },
            { "low", unit, NUMBER(t->low) },
            { "high", unit, NUMBER(t->high) },
            { "saving_at_low_usd", "usd/month", NUMBER(t->saving_low_usd) },
            { "saving_at_high_usd", "usd/month", NUMBER(t->saving_high_usd) },
            { "crossover_at_low", "requests/month",
              NUMBER(within_range(r->result, t->crossover_low)) },
            { "crossover_at_high", "requests/month",
              NUMBER(within_range(r->result, t->crossover_high)) },
        };
        ROW_PUT(&to, cells);
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

/* Labels of bars: texts that end at their place, and such as begin there. */
struct bar_labels {
    struct set_list before, behind;
};

/* The texts of a bar's two ends, each outside it. */
static void label_ends(struct bar_labels *labels, const struct panel *p, int row, double at_low,
                       double at_high, const char *low, const char *high)
{
    if (isnan(at_low) || isnan(at_high))
        return;
    const double x_low = panel_x(p, at_low), x_high = panel_x(p, at_high), y = panel_y(p, -row);
    const bool low_left = at_low <= at_high;
    set_label(&labels->before, low_left ? low : high, 24, (low_left ? x_low : x_high) - 9, y);
    set_label(&labels->behind, low_left ? high : low, 24, (low_left ? x_high : x_low) + 9, y);
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

/* The scenario as it is: a line through all bars. */
static void mark_base(struct set_list *base, const struct panel *p, double value)
{
    if (!isfinite(value))
        return;
    set_row(base);
    set_place(base, "x", panel_x(p, value), PAGE_W);
}

static void label_tornado(struct xo_buf *set, const struct panel *saving,
                          const struct panel *crossing, const struct xo_sweep_report *r,
                          const int order[])
{
    struct bar_labels labels = { { .role = "before" }, { .role = "behind" } };
    for (int k = 0; k < n_shown(r->result); k++) {
        const struct xo_tornado *t = &r->result->inputs[order[k]].tornado;
        const char *unit = xo_keys[r->inputs[order[k]].key].unit;
        struct xo_words words = { 0 };
        char low[64], high[64];
        xo_show_quantity(low, sizeof low, unit, t->low);
        xo_show_quantity(high, sizeof high, unit, t->high);
        label_ends(&labels, saving, k, t->saving_low_usd, t->saving_high_usd, low, high);
        xo_text_copy(low, sizeof low, xo_say_volume(&words, r->result, t->crossover_low));
        xo_text_copy(high, sizeof high, xo_say_volume(&words, r->result, t->crossover_high));
        xo_unglue(low);
        xo_unglue(high);
        label_ends(&labels, crossing, k, log10(within_range(r->result, t->crossover_low)),
                   log10(within_range(r->result, t->crossover_high)), low, high);
    }
    set_list_put(set, &labels.before);
    set_list_put(set, &labels.behind);
}

void xo_plot_tornado(struct xo_plot *plot, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    struct xo_buf *set = &plot->set;
    struct set_list base = { .role = "base" }, zero = { .role = "zero" };
    int order[XO_SWEEP_MAX_INPUTS];
    char title[200];
    if (!has_swings(r)) {
        xo_text_copy(plot->none, sizeof plot->none, "no input moves a saving or the crossing");
        return;
    }
    order_by_swing(r, order);
    put_tornado_data(&plot->data, r, order);
    snprintf(title, sizeof title, "What moves the answer most: %.120s",
             s->n_inputs > 0 ? r->inputs[order[0]].name : "nothing is uncertain");
    set_open(set, plot->name);
    const double y =
        set_sweep_page(set, r, title,
                       "one input at its P10 and P90, the others as in the scenario "
                       "(dotted: all of them); labels, left: the input's values, right: "
                       "the crossing");
    struct panel saving = { .left = LEFT, .right = 850, .bottom = 100, .top = y - 50 };
    struct panel crossing = { .left = 890, .right = 1370, .bottom = 100, .top = y - 50 };
    set_rows(&saving, n_shown(s));
    set_rows(&crossing, n_shown(s));
    saving_range(r, order, &saving);
    crossing_range(r, order, &crossing);
    mark_base(&base, &saving, s->base_saving_usd);
    mark_base(&base, &crossing, log10(within_range(s, s->base_crossover)));
    set_list_put(set, &base);
    if (saving.x_lo < 0 && saving.x_hi > 0)
        mark_base(&zero, &saving, 0);
    set_list_put(set, &zero);
    put_names(set, &saving, r, order, LEFT - 14);
    label_tornado(set, &saving, &crossing, r, order);
    set_panel(set, "saving", &saving);
    set_range(set, "saving", saving.x_lo, saving.x_hi);
    quantity_tics(set, "xtic", saving.x_lo, saving.x_hi, NULL, 5);
    set_panel(set, "crossing", &crossing);
    const double lo = pow(10, crossing.x_lo), hi = pow(10, crossing.x_hi);
    set_range(set, "crossing", lo, hi);
    set_log_tics(set, "x2tic", lo, hi, 1, gp_say_count);
    set_range(set, "y", saving.y_lo, saving.y_hi);
}

/* ---- Sobol' indices ---- */

static const struct {
    const char *name, *title, *said;
} outputs[] = { { "saving", "Saving at your plan", "the saving" },
                { "build_wins", "Whether this build wins there", "who wins there" },
                { "crossover", "Crossing (log)", "the crossing" } };
XO_TABLE_OF(outputs, XO_N_OUTPUTS);

/* "saving_first", "saving_first_lo" and so on: an index and its interval. */
static size_t cells_of(struct cell cells[3], struct xo_words *w, const char *output,
                       const char *order, const struct xo_interval *i)
{
    static const char *const ends[] = { "", "_lo", "_hi" };
    const double values[] = { i->mean, i->lo, i->hi };
    for (int k = 0; k < 3; k++)
        cells[k] = (struct cell){ xo_say(w, "%s_%s%s", output, order, ends[k]), "fraction",
                                  NUMBER(values[k]) };
    return 3;
}

static void put_indices_data(struct xo_buf *data, const struct xo_sweep_report *r,
                             const int order[])
{
    struct rows to = { .csv = data };
    for (int k = 0; k < n_shown(r->result); k++) {
        struct xo_words words = { 0 };
        struct cell cells[2 + 6 * XO_N_OUTPUTS] = {
            { "row", "", NUMBER(-k) },
            { "input", TEXT(r->inputs[order[k]].name) },
        };
        size_t n = 2;
        for (int o = 0; o < XO_N_OUTPUTS; o++) {
            const struct xo_sweep_indices *i = &r->result->inputs[order[k]].indices[o];
            n += cells_of(cells + n, &words, outputs[o].name, "first", &i->first);
            n += cells_of(cells + n, &words, outputs[o].name, "total", &i->total);
        }
        rows_put(&to, cells, n);
    }
}

/* Whether there is something to explain: a panel without a bar would be an empty frame. */
static bool varies(const struct xo_sweep_report *r, int output, int strongest)
{
    return r->result->outputs[output].exists &&
           !isnan(r->result->inputs[strongest].indices[output].first.mean);
}

/* Sobol' indices are shares of a variance: which outputs have none is said below the title. */
static void put_indices_subtitle(struct xo_buf *subtitle, const struct xo_sweep_report *r,
                                 int strongest)
{
    xo_put(subtitle, "Sobol' indices with 95 %% intervals: the share of the variance that an input "
                     "explains alone, and with all that it does together with others");
    for (int o = 0; o < XO_N_OUTPUTS; o++)
        if (r->result->outputs[o].exists && !varies(r, o, strongest))
            xo_put(subtitle, "; %s is the same in every sample", outputs[o].said);
}

static void put_index_panel(struct set_list *panels, int output, const struct panel *p,
                            const char *note)
{
    set_row(panels);
    set_cell_text(panels, "text", outputs[output].title, 40);
    set_cell_text(panels, "note", note, 60);
    set_cell_text(panels, "of", outputs[output].name, 20);
    set_place(panels, "left", p->left, PAGE_W);
    set_place(panels, "right", p->right, PAGE_W);
    set_place(panels, "bottom", p->bottom, PAGE_H);
    set_place(panels, "top", p->top, PAGE_H);
}

void xo_plot_indices(struct xo_plot *plot, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    struct xo_buf *set = &plot->set;
    struct set_list panels = { .role = "panel" };
    struct xo_buf subtitle = { 0 };
    int order[XO_SWEEP_MAX_INPUTS] = { 0 }, n = 0, drawn = 0;
    xo_sweep_order(r, order);
    for (int o = 0; o < XO_N_OUTPUTS; o++)
        n += s->n_inputs > 0 && varies(r, o, order[0]);
    if (n == 0) {
        xo_text_copy(plot->none, sizeof plot->none, "no output varies over the samples");
        return;
    }
    put_indices_data(&plot->data, r, order);
    put_indices_subtitle(&subtitle, r, order[0]);
    set_open(set, plot->name);
    const double y = set_sweep_page(set, r, "Which input explains how much of the spread",
                                    subtitle.text != NULL ? subtitle.text : "");
    const double width = (1370.0 - LEFT) / n;
    struct panel p = { .left = LEFT, .bottom = 100, .top = y - 70 };
    set_rows(&p, n_shown(s));
    for (int o = 0; o < XO_N_OUTPUTS; o++) {
        char note[80] = "";
        if (!varies(r, o, order[0]))
            continue;
        p.left = LEFT + drawn++ * width;
        p.right = p.left + width - 26;
        if (o == XO_OUTPUT_CROSSOVER)
            snprintf(note, sizeof note, "%.3g %% of samples outside the range",
                     100 * s->outputs[o].censored_share);
        put_index_panel(&panels, o, &p, note);
    }
    set_list_put(set, &panels);
    put_names(set, &p, r, order, LEFT - 14);
    set_range(set, "y", p.y_lo, p.y_hi);
    set_flag(set, "has_total", s->indices == XO_INDICES_PICK_FREEZE);
    set->failed = set->failed || subtitle.failed;
    xo_buf_fini(&subtitle);
}

/* ---- the two strongest inputs ---- */

enum { MOST_POINTS = 3000, N_WINNERS = 3 };

struct cloud {
    int x, y;        /* inputs; y -1: the saving */
    double crossing; /* requests a month at which the winner is told; NAN: at the plan */
    double x_lo, x_hi, y_lo, y_hi;
    int n_of[N_WINNERS]; /* points whose winner is buying, this build, none */
};

/* Whether but one side ever wins at the plan: then a picture of its winners says nothing. */
static bool one_wins(const struct xo_sweep_report *r)
{
    bool wins[N_WINNERS] = { false };
    for (int64_t i = 0; i < r->result->n_rows; i++)
        if (xo_sweep_is_sample(r->result, i))
            wins[isnan(r->rows[i].saving_usd) ? 2 : r->rows[i].saving_usd > 0] = true;
    return !(wins[0] && wins[1]);
}

/* The median crossing, where winners are as open as they get; NAN: it is not in the range. */
static double median_crossing(const struct xo_sweep_result *s)
{
    const double median = s->crossover.p50.mean;
    return median >= s->min_volume && median <= s->max_volume ? median : (double)NAN;
}

static int winner_of(const struct xo_sweep_row *row, double crossing)
{
    if (isnan(crossing))
        return isnan(row->saving_usd) ? 2 : row->saving_usd > 0;
    return row->crossover <= crossing;
}

/* Points of the joint distribution, evenly thinned to MOST_POINTS. */
static void put_cloud(struct xo_buf *data, const struct xo_sweep_report *r, struct cloud *c)
{
    const struct xo_sweep_result *s = r->result;
    int64_t seen = 0;
    const int64_t every = 1 + (s->n_distribution - 1) / MOST_POINTS;
    struct rows to = { .csv = data };
    c->x_lo = c->y_lo = INFINITY;
    c->x_hi = c->y_hi = -INFINITY;
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
        const int winner = winner_of(&r->rows[i], c->crossing);
        c->n_of[winner]++;
        const struct cell cells[] = {
            { "x", xo_unit_of_key(r->inputs[c->x].key), NUMBER(x) },
            { "y", c->y >= 0 ? xo_unit_of_key(r->inputs[c->y].key) : "usd/month", NUMBER(y) },
            { "winner", "", NUMBER(winner) },
            { "saving_usd_month", "usd/month", NUMBER(saving) },
        };
        ROW_PUT(&to, cells);
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
static void put_axis(struct xo_buf *set, const char *axis, double lo, double hi, const char *unit)
{
    const bool log = lo > 0 && hi > 20 * lo;
    char role[16], flag[16];
    snprintf(role, sizeof role, "%stic", axis);
    snprintf(flag, sizeof flag, "%s_log", axis);
    set_flag(set, flag, log);
    if (log) {
        lo /= 1.1;
        hi *= 1.1;
        quantity_log_tics(set, role, lo, hi, unit);
    } else {
        widen(&lo, &hi);
        quantity_tics(set, role, lo, hi, unit, 8);
    }
    set_range(set, axis, lo, hi);
}

/* Who can win, named above the panel. */
static void put_winners(struct xo_buf *set, const struct panel *p, const char *where,
                        bool infeasible)
{
    char buying[96];
    snprintf(buying, sizeof buying, "\xE2\x97\x8F buying is cheaper %s", where);
    const char *const texts[] = { buying, "\xE2\x97\x8F this build is",
                                  "\xE2\x97\x8F no fleet meets the SLO" };
    struct set_list winners = { .role = "winner" };
    double x = p->left;
    for (int k = 0; k < (infeasible ? 3 : 2); k++) {
        set_label(&winners, texts[k], 60, x, p->top + 18);
        set_cell(&winners, "is", k);
        x += text_width(texts[k], 11.5) + 24;
    }
    set_list_put(set, &winners);
}

void xo_plot_inputs(struct xo_plot *plot, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    struct xo_buf *set = &plot->set;
    int order[XO_SWEEP_MAX_INPUTS] = { 0 };
    char title[320], where[64] = "at your plan", subtitle[240];
    struct xo_words words = { 0 };
    xo_sweep_order(r, order);
    const bool alone = one_wins(r);
    struct cloud c = { .x = order[0],
                       .y = s->n_inputs > 1 ? order[1] : -1,
                       .crossing = alone ? median_crossing(s) : (double)NAN };
    const char *y_name = c.y >= 0 ? r->inputs[c.y].name : "saving, USD a month";
    const char *y_unit = c.y >= 0 ? xo_keys[r->inputs[c.y].key].unit : NULL;
    put_cloud(&plot->data, r, &c);
    if (!(c.x_hi >= c.x_lo)) {
        xo_buf_fini(&plot->data);
        xo_text_copy(plot->none, sizeof plot->none, "no sample has a saving");
        return;
    }
    if (alone && isnan(c.crossing)) {
        xo_buf_fini(&plot->data);
        xo_text_copy(plot->none, sizeof plot->none,
                     "one side is cheaper at your plan in every sample, and no crossing is in the "
                     "median");
        return;
    }
    snprintf(subtitle, sizeof subtitle,
             "each point is a sample; where the colours mix, other inputs decide");
    if (!isnan(c.crossing)) {
        snprintf(where, sizeof where, "at %.40s requests a month",
                 xo_say_volume(&words, s, c.crossing));
        xo_unglue(where);
        snprintf(subtitle, sizeof subtitle,
                 "at your plan one side alone ever wins: shown is the median crossing; each "
                 "point is a sample; where the colours mix, other inputs decide");
    }
    snprintf(title, sizeof title, "Who wins %s, by %.80s and %.80s", where, r->inputs[c.x].name,
             y_name);
    set_open(set, plot->name);
    const double y = set_sweep_page(set, r, title, subtitle);
    const struct panel p = { .left = 160, .right = 1340, .bottom = 110, .top = y - 50 };
    put_winners(set, &p, where, c.n_of[2] > 0);
    xo_put(set, "winners = '");
    for (int k = 0; k < N_WINNERS; k++)
        if (c.n_of[k] > 0)
            xo_put(set, "%d ", k);
    xo_put(set, "'\n");
    set_panel(set, "panel", &p);
    set_text(set, "x_title", r->inputs[c.x].name, 80);
    set_text(set, "y_title", y_name, 80);
    put_axis(set, "x", c.x_lo, c.x_hi, xo_keys[r->inputs[c.x].key].unit);
    put_axis(set, "y", c.y_lo, c.y_hi, y_unit);
}
