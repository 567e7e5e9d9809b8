/* plot_saving.c - what this build saves against volume, and its two halves: changing the model and
 * owning the GPUs. Logarithmic axes hide the size of a saving; this one has a sign.
 *
 * y = asinh(usd / s): straight near zero, logarithmic far from it, so that a loss of thousands and
 * a gain of millions are both legible. s is written on the axis by its tics.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "report/page/page.h"
#include "report/words/sentences.h"
#include "set.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>

/* What one way saves against another. */
struct line {
    int from, to;
    const char *column, *of; /* in saving.csv, without its unit; whose colour it has */
};
#define LINE(FROM, TO, share, where) { XO_WAY_##FROM, XO_WAY_##TO, where, where },
static const struct line lines[] = {
    { XO_WAY_BUY, XO_WAY_BUILD, "saving", "build" },
    { XO_WAY_BUY, XO_WAY_SAME, "changing_model", "buy" },
    { XO_WAY_SAME, XO_WAY_BUILD, "owning_gpus", "same" },
    XO_LATER_PAIRS(LINE) /* each with its comma */
};
enum { TOTAL, MODEL, OWNING, N_FIRST_LINES, N_LINES = XO_ROWS(lines) };

struct saving_plot {
    const struct xo_curve *c;
    struct stairs_path path;
    struct panel panel;
    struct clutter clutter;
    double unit_usd; /* s above */
    int n_teeth;
    double *low, *high; /* owned: the envelope of what owning saves; NULL: too few teeth */
    struct xo_buf *set;
};

static double saving_at(const struct stair *s, int line)
{
    return s->usd[lines[line].from] - s->usd[lines[line].to];
}

static double bent(const struct saving_plot *plot, double usd)
{
    return asinh(usd / plot->unit_usd);
}

/* ---- the teeth and their envelope ---- */

/* A replica or a person more costs this build more at once: a tooth of what it saves. */
static bool falls_at(const struct stairs_path *path, size_t i)
{
    if (i + 1 >= path->n)
        return false;
    const struct stair *a = &path->at[i], *b = &path->at[i + 1];
    return a->corner && b->corner && b->volume < a->volume * (1 + 1e-6) &&
           b->usd[XO_WAY_BUILD] > a->usd[XO_WAY_BUILD];
}

/* Straight on the picture's axes from one tip to the next; before the first and behind the last of
 * them the line itself. */
static void put_envelope(const struct saving_plot *plot, bool high, double out[])
{
    const struct stairs_path *path = &plot->path;
    size_t from = path->n; /* the tip passed last; none yet */
    for (size_t i = 0; i < path->n; i++)
        out[i] = saving_at(&path->at[i], OWNING);
    for (size_t i = 0; i < path->n; i++) {
        const bool tip = high ? falls_at(path, i) : i > 0 && falls_at(path, i - 1);
        if (!tip)
            continue;
        for (size_t k = from + 1; from < path->n && k < i; k++) {
            const double t = log(path->at[k].volume / path->at[from].volume) /
                             log(path->at[i].volume / path->at[from].volume);
            const double x = bent(plot, out[from]), y = bent(plot, out[i]);
            const double usd = plot->unit_usd * sinh(x + (y - x) * t);
            out[k] = high ? fmax(out[k], usd) : fmin(out[k], usd);
        }
        from = i;
    }
}

/* Where there are teeth enough to hide each other, an envelope too. */
static bool find_teeth(struct saving_plot *plot)
{
    enum { FEW = 6 };
    for (size_t i = 0; i < plot->path.n; i++)
        plot->n_teeth += falls_at(&plot->path, i);
    if (plot->n_teeth < FEW || plot->c->scenario->n_same_model == 0)
        return true;
    plot->low = malloc(plot->path.n * sizeof(double));
    plot->high = malloc(plot->path.n * sizeof(double));
    if (plot->low == NULL || plot->high == NULL)
        return false;
    put_envelope(plot, false, plot->low);
    put_envelope(plot, true, plot->high);
    return true;
}

static void put_data(struct xo_buf *data, const struct saving_plot *plot)
{
    enum { BEHIND = 3 }; /* the envelope and `corner` stand behind the first lines */
    const bool has_envelope = plot->low != NULL && plot->high != NULL;
    struct rows to = { .csv = data };
    for (size_t i = 0; i < plot->path.n; i++) {
        const struct stair *s = &plot->path.at[i];
        const double low = has_envelope ? plot->low[i] : (double)NAN;
        const double high = has_envelope ? plot->high[i] : (double)NAN;
        struct xo_words words = { 0 };
        struct cell cells[2 + N_LINES + BEHIND] = {
            { "requests_month", "requests/month", NUMBER(s->volume) },
            { "tokens_month", "tokens/month", NUMBER(s->volume * plot->c->tokens_per_request) },
            [2 + N_FIRST_LINES] = { "owning_gpus_lo_usd", "usd/month", NUMBER(low) },
            { "owning_gpus_hi_usd", "usd/month", NUMBER(high) },
            { "corner", FLAG(s->corner) },
        };
        for (int line = 0; line < N_LINES; line++) {
            const char *name = xo_say(&words, "%s_usd", lines[line].column);
            cells[2 + line + (line < N_FIRST_LINES ? 0 : BEHIND)] =
                (struct cell){ name, "usd/month", NUMBER(saving_at(s, line)) };
        }
        ROW_PUT(&to, cells);
    }
}

/* The straight part ends at a tenth of the saving at plan, but not below a hundred dollars. */
static void choose_unit(struct saving_plot *plot)
{
    const double plan = fabs(plot->c->saving_base_usd);
    plot->unit_usd = isfinite(plan) && plan > 1000 ? pow(10, floor(log10(plan / 10))) : 100;
}

static void y_range(struct saving_plot *plot)
{
    double lo = -plot->unit_usd, hi = plot->unit_usd;
    for (size_t i = 0; i < plot->path.n; i++)
        for (int line = 0; line < N_LINES; line++) {
            const double usd = saving_at(&plot->path.at[i], line);
            if (isfinite(usd)) {
                lo = fmin(lo, usd);
                hi = fmax(hi, usd);
            }
        }
    if (xo_band_is(&plot->c->saving)) {
        lo = fmin(lo, plot->c->saving.p10);
        hi = fmax(hi, plot->c->saving.p90);
    }
    plot->panel.y_lo = bent(plot, lo) - 0.35;
    plot->panel.y_hi = bent(plot, hi) + 0.35;
}

static void put_y_axis(struct saving_plot *plot)
{
    const struct panel *p = &plot->panel;
    struct set_list tics = { .role = "ytic" };
    char text[48];
    set_number(plot->set, "unit_usd", plot->unit_usd);
    set_range(plot->set, "y", p->y_lo, p->y_hi);
    set_row(&tics);
    set_cell_text(&tics, "text", "$0", 48);
    set_cell(&tics, "at", 0);
    for (int sign = -1; sign <= 1; sign += 2)
        for (double usd = plot->unit_usd; bent(plot, usd) < fmax(p->y_hi, -p->y_lo); usd *= 10)
            if (bent(plot, sign * usd) > p->y_lo && bent(plot, sign * usd) < p->y_hi) {
                set_row(&tics);
                set_cell_text(&tics, "text", gp_say_usd(text, sizeof text, sign * usd), 48);
                set_cell(&tics, "at", sign * usd);
            }
    set_list_put(plot->set, &tics);
}

static void add_lines(struct saving_plot *plot)
{
    const struct panel *p = &plot->panel;
    for (int line = 0; line < N_LINES; line++)
        for (size_t i = 1; i < plot->path.n; i++) {
            const struct stair *a = &plot->path.at[i - 1], *b = &plot->path.at[i];
            clutter_add_line(&plot->clutter, panel_x(p, log10(a->volume)),
                             panel_y(p, bent(plot, saving_at(a, line))),
                             panel_x(p, log10(b->volume)),
                             panel_y(p, bent(plot, saving_at(b, line))));
        }
    clutter_add_line(&plot->clutter, p->left, panel_y(p, 0), p->right, panel_y(p, 0));
}

/* Which side of zero is whose: each label on its own side, and none where that side is a sliver. */
static void label_side(struct saving_plot *plot, struct set_list *sides, bool above,
                       const char *text)
{
    enum { HEIGHT = 18, SLIVER = 36, AWAY = 30 };
    struct panel side = plot->panel;
    const double zero = panel_y(&plot->panel, 0);
    if (above)
        side.bottom = zero;
    else
        side.top = zero;
    if (side.top - side.bottom < SLIVER)
        return;
    const struct box box =
        clutter_place(&plot->clutter, &side, side.left + 10, above ? zero + AWAY : zero - AWAY,
                      text_width(text, 11), HEIGHT);
    set_label(sides, text, 60, box.x, box.y + 8);
}

/* The range of the draws is known at plan alone. */
static void put_plan_range(struct saving_plot *plot)
{
    const struct xo_curve *c = plot->c;
    struct set_list range = { .role = "range" };
    if (xo_band_is(&c->saving)) {
        struct xo_words words = { 0 };
        char text[128];
        snprintf(text, sizeof text, "at plan, P10 to P90: %s", xo_say_usd_band(&words, &c->saving));
        xo_unglue(text);
        const double x = panel_x(&plot->panel, log10(c->points[c->plan].volume));
        const double y = panel_y(&plot->panel, bent(plot, c->saving.p10));
        const struct box box =
            clutter_place(&plot->clutter, &plot->panel, x, y, text_width(text, 11), 18);
        set_label(&range, text, 80, box.x, box.y + 8);
        set_cell(&range, "usd", c->saving_base_usd);
        set_cell(&range, "p10", c->saving.p10);
        set_cell(&range, "p90", c->saving.p90);
    }
    set_list_put(plot->set, &range);
}

static double end_y(const struct saving_plot *plot, int line)
{
    for (size_t i = plot->path.n; i-- > 0;) {
        const double usd = saving_at(&plot->path.at[i], line);
        if (isfinite(usd))
            return panel_y(&plot->panel, bent(plot, usd));
    }
    return NAN;
}

/* Where the API serves the weights of [build] already, the model stays as it is. */
static const char *changing(const struct xo_curve *c)
{
    return xo_buys_same_weights(c->scenario, c->points[c->plan].pick[XO_WAY_BUY])
               ? "changing the host"
               : "changing the model";
}

static void label_ends(struct saving_plot *plot)
{
    const struct {
        const char *name, *note;
    } names[] = { { "saved by this build", "against buying; sum of the two" },
                  { changing(plot->c), "API less same weights" },
                  { "owning the GPUs", "same weights less this build" } };
    XO_TABLE_OF(names, N_FIRST_LINES);
    struct end_label labels[N_LINES];
    int n = 0;
    for (int line = 0; line < N_LINES; line++) {
        struct end_label *label = &labels[n];
        const double y = end_y(plot, line);
        if (!isfinite(y))
            continue;
        *label = (struct end_label){ .y = y, .of = lines[line].of };
        if (line < N_FIRST_LINES) {
            xo_text_copy(label->name, sizeof label->name, names[line].name);
            xo_text_copy(label->note, sizeof label->note, names[line].note);
        } else {
            xo_plain(label->name, sizeof label->name, xo_way_words[lines[line].to].label, 27);
            snprintf(label->note, sizeof label->note, "against %.50s",
                     xo_way_words[lines[line].from].subject);
        }
        n++;
    }
    set_end_labels(plot->set, &plot->panel, labels, n);
}

/* The lines beyond those that the program of the picture names, for it to draw. */
static void put_later_lines(struct xo_buf *set)
{
    const char *columns[N_LINES];
    for (int line = 0; line < N_LINES; line++)
        columns[line] = lines[line].column;
    set_words(set, "later_lines", columns, N_FIRST_LINES, N_LINES);
}

static void title_of(struct xo_buf *title, const struct xo_curve *c)
{
    struct xo_words words = { 0 };
    const char *draft = c->scenario->n_guesses > 0 ? "DRAFT: " : "";
    const struct xo_band costs = xo_band_negated(&c->saving);
    char api[XO_TITLE_SIZE];
    xo_plain(api, sizeof api, xo_say_buy(&words, c->scenario, xo_api_at(c, c->plan), true), 40);
    if (!isfinite(c->saving_base_usd))
        xo_put(title, "%sNo saving can be stated: one side has no bill at your plan", draft);
    else if (!curve_compares(c))
        xo_put(title, "%sDifference of the bills, no winner", draft);
    else if (xo_band_is(&c->saving) && c->saving.p10 < 0 && c->saving.p90 > 0)
        xo_put(title,
               "%sAt your plan this build costs up to %s more or saves up to %s a month against %s",
               draft, xo_say_drawn_usd(&words, -c->saving.p10, c->saving.p10_se),
               xo_say_drawn_usd(&words, c->saving.p90, c->saving.p90_se), api);
    else
        xo_put(title, "%sAt your plan this build %s %s a month against %s", draft,
               c->saving_base_usd > 0 ? "saves" : "costs an extra",
               xo_say_usd_band(&words, c->saving_base_usd > 0 ? &c->saving : &costs), api);
    if (title->text != NULL)
        xo_unglue(title->text);
}

static void put_subtitle(struct xo_buf *subtitle, const struct saving_plot *plot)
{
    const struct xo_curve *c = plot->c;
    struct xo_words words = { 0 };
    char name[XO_TITLE_SIZE];
    xo_put(subtitle, "%s  " DOT "  buying less this build, base case",
           xo_plain(name, sizeof name, c->scenario->name, 90));
    if (c->scenario->n_same_model > 0)
        xo_put(subtitle, ", and its two halves: %s (to %s) and owning the GPUs", changing(c),
               xo_say_host(&words, c->scenario));
    else
        xo_put(subtitle, "; no host of the same weights is compared, so it has no halves");
    if (plot->n_teeth > 0)
        xo_put(subtitle,
               "  " DOT "  where a line drops at once, this build needs a replica or a "
               "person more%s",
               plot->low != NULL ? " (pale: from tip to tip)" : "");
}

static void put_set(struct saving_plot *plot)
{
    struct xo_buf title = { 0 }, subtitle = { 0 };
    struct set_list sides = { .role = "side" };
    const struct xo_curve *c = plot->c;
    set_open(plot->set, "saving");
    title_of(&title, c);
    put_subtitle(&subtitle, plot);
    const double y = set_curve_page(plot->set, c, title.text != NULL ? title.text : "",
                                    subtitle.text != NULL ? subtitle.text : "");
    plot->panel = (struct panel){ .left = 112, .right = 1108, .bottom = 108, .top = y - 60 };
    volume_range(c, &plot->panel);
    y_range(plot);
    add_lines(plot);
    set_panel(plot->set, "panel", &plot->panel);
    set_volume_axis(plot->set, c, true);
    put_y_axis(plot);
    set_crossing_band(plot->set, c);
    set_plan(plot->set, &plot->panel, &plot->clutter, c);
    put_plan_range(plot);
    label_side(plot, &sides, true, "above zero: this build is cheaper");
    label_side(plot, &sides, false, "below zero: buying is cheaper");
    set_list_put(plot->set, &sides);
    label_ends(plot);
    set_flag(plot->set, "has_same", c->scenario->n_same_model > 0);
    set_flag(plot->set, "has_envelope", plot->low != NULL);
    put_later_lines(plot->set);
    plot->set->failed = plot->set->failed || title.failed || subtitle.failed;
    xo_buf_fini(&title);
    xo_buf_fini(&subtitle);
}

static bool has_saving(const struct stairs_path *path)
{
    for (size_t i = 0; i < path->n; i++)
        if (isfinite(saving_at(&path->at[i], TOTAL)))
            return true;
    return false;
}

void xo_plot_saving(struct xo_plot *out, const struct xo_curve *curve)
{
    struct saving_plot plot = { .c = curve, .set = &out->set };
    if (!stairs_read(&plot.path, curve)) {
        out->data.failed = out->set.failed = true;
    } else if (!has_saving(&plot.path)) {
        xo_text_copy(out->none, sizeof out->none,
                     "at no volume have both buying and this build a bill");
    } else {
        choose_unit(&plot);
        out->data.failed = !find_teeth(&plot);
        put_data(&out->data, &plot);
        put_set(&plot);
    }
    clutter_fini(&plot.clutter);
    free(plot.low);
    free(plot.high);
    free(plot.path.at);
}
