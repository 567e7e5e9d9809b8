/* plot_saving.c - what this build saves against volume, and its two halves: changing the model and
 * owning the GPUs. Logarithmic axes hide the size of a saving; this one has a sign.
 *
 * y = asinh(usd / s): straight near zero, logarithmic far from it, so that a loss of thousands and
 * a gain of millions are both legible. s is written on the axis by its tics.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot.h"

#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>

enum half { TOTAL, MODEL, OWNING, N_HALVES };

struct saving_plot {
    const struct xo_curve *c;
    struct stairs_path path;
    struct panel panel;
    struct clutter clutter;
    double unit_usd; /* s above */
    struct xo_buf *script;
};

static double saving_at(const struct stair *s, enum half half)
{
    const double buy = s->usd[XO_LINE_BUY], same = s->usd[XO_LINE_SAME],
                 build = s->usd[XO_LINE_BUILD];
    return half == TOTAL ? buy - build : half == MODEL ? buy - same : same - build;
}

static double bent(const struct saving_plot *plot, double usd)
{
    return asinh(usd / plot->unit_usd);
}

static void put_data(struct xo_buf *data, const struct saving_plot *plot)
{
    xo_put(data, "requests_month,tokens_month,saving_usd,changing_model_usd,owning_gpus_usd,"
                 "corner\r\n");
    for (size_t i = 0; i < plot->path.n; i++) {
        const struct stair *s = &plot->path.at[i];
        const double values[] = { s->volume,
                                  s->volume * plot->c->tokens_per_request,
                                  saving_at(s, TOTAL),
                                  saving_at(s, MODEL),
                                  saving_at(s, OWNING),
                                  s->corner };
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
            xo_put(data, "%s", v == 0 ? "" : ",");
            xo_csv_number(data, values[v]);
        }
        xo_put(data, "\r\n");
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
        for (int half = 0; half < N_HALVES; half++) {
            const double usd = saving_at(&plot->path.at[i], (enum half)half);
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
    struct xo_buf *buf = plot->script;
    const struct panel *p = &plot->panel;
    char text[48];
    xo_put(buf, "bent(usd) = asinh(usd / %.10g)\nset yrange [%.10g:%.10g]\nset ytics ('$0' 0",
           plot->unit_usd, p->y_lo, p->y_hi);
    for (int sign = -1; sign <= 1; sign += 2)
        for (double usd = plot->unit_usd; bent(plot, usd) < fmax(p->y_hi, -p->y_lo); usd *= 10) {
            if (bent(plot, sign * usd) > p->y_lo && bent(plot, sign * usd) < p->y_hi)
                xo_put(buf, ", '%s' %.10g", gp_say_usd(text, sizeof text, sign * usd),
                       bent(plot, sign * usd));
        }
    xo_put(buf, ")\n");
}

static void add_lines(struct saving_plot *plot)
{
    const struct panel *p = &plot->panel;
    for (int half = 0; half < N_HALVES; half++)
        for (size_t i = 1; i < plot->path.n; i++) {
            const struct stair *a = &plot->path.at[i - 1], *b = &plot->path.at[i];
            clutter_add_line(&plot->clutter, panel_x(p, log10(a->volume)),
                             panel_y(p, bent(plot, saving_at(a, (enum half)half))),
                             panel_x(p, log10(b->volume)),
                             panel_y(p, bent(plot, saving_at(b, (enum half)half))));
        }
    clutter_add_line(&plot->clutter, p->left, panel_y(p, 0), p->right, panel_y(p, 0));
}

/* Which side of zero is whose: each label on its own side, and none where that side is a sliver. */
static void label_side(struct saving_plot *plot, bool above, const char *text)
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
    gp_label(plot->script, box.x, box.y + 8, "left", 11, "", GREY, text, 60);
}

/* The range of the draws is known at plan alone. */
static void put_plan_range(struct saving_plot *plot)
{
    const struct xo_curve *c = plot->c;
    xo_put(plot->script, "$plan << EOD\n");
    if (xo_band_is(&c->saving))
        xo_put(plot->script, "%.10g,%.10g,%.10g,%.10g\n", c->points[c->plan].volume,
               c->saving_base_usd, c->saving.p10, c->saving.p90);
    xo_put(plot->script, "EOD\n");
    if (!xo_band_is(&c->saving))
        return;
    struct xo_words words = { 0 };
    char text[128];
    snprintf(text, sizeof text, "at plan, P10 to P90: %s", xo_say_usd_band(&words, &c->saving));
    xo_unglue(text);
    const double x = panel_x(&plot->panel, log10(c->points[c->plan].volume));
    const double y = panel_y(&plot->panel, bent(plot, c->saving.p10));
    const struct box box =
        clutter_place(&plot->clutter, &plot->panel, x, y, text_width(text, 11), 18);
    gp_label(plot->script, box.x, box.y + 8, "left", 11, "", "#222222", text, 80);
}

static double end_y(const struct saving_plot *plot, enum half half)
{
    for (size_t i = plot->path.n; i-- > 0;) {
        const double usd = saving_at(&plot->path.at[i], half);
        if (isfinite(usd))
            return panel_y(&plot->panel, bent(plot, usd));
    }
    return NAN;
}

/* Where the API serves the weights of [build] already, the model stays as it is. */
static const char *changing(const struct xo_curve *c)
{
    return xo_buys_same_weights(c->scenario, c->points[c->plan].api) ? "changing the host"
                                                                     : "changing the model";
}

static void label_ends(struct saving_plot *plot)
{
    const struct {
        const char *colour, *name, *note;
    } names[] = { { BUILD_COLOUR, "saved by this build", "against buying; sum of the two" },
                  { BUY_COLOUR, changing(plot->c), "API less same weights" },
                  { SAME_COLOUR, "owning the GPUs", "same weights less this build" } };
    XO_TABLE_OF(names, N_HALVES);
    struct end_label labels[N_HALVES];
    int n = 0;
    for (int half = 0; half < N_HALVES; half++) {
        const double y = end_y(plot, (enum half)half);
        if (!isfinite(y))
            continue;
        labels[n] = (struct end_label){ .y = y, .colour = names[half].colour };
        xo_text_copy(labels[n].name, sizeof labels[n].name, names[half].name);
        xo_text_copy(labels[n].note, sizeof labels[n].note, names[half].note);
        n++;
    }
    gp_end_labels(plot->script, &plot->panel, labels, n);
}

static void put_body(struct xo_buf *body, bool split)
{
    xo_put(body, "plot 0 with lines lc rgb '#555555' lw 1.2, \\\n");
    if (split)
        xo_put(body, "  'saving.csv' using 'requests_month':(bent(column('changing_model_usd'))) "
                     "with lines " BUY_LOOK ", \\\n"
                     "  'saving.csv' using 'requests_month':(bent(column('owning_gpus_usd'))) "
                     "with lines " SAME_LOOK ", \\\n");
    xo_put(
        body,
        "  'saving.csv' using 'requests_month':(bent(column('saving_usd'))) with lines " BUILD_LOOK
        ", \\\n"
        "  $plan using 1:(bent($2)):(bent($3)):(bent($4)) with yerrorbars pt 7 ps 1.3 lw 1.8 "
        "lc rgb '#222222'\n");
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

static void put_script(struct saving_plot *plot)
{
    struct xo_buf title = { 0 }, subtitle = { 0 }, body = { 0 };
    const struct xo_curve *c = plot->c;
    struct xo_words words = { 0 };
    char name[XO_TITLE_SIZE];
    gp_open(plot->script, "saving");
    title_of(&title, c);
    xo_put(&subtitle, "%s  " DOT "  buying less this build, base case",
           xo_plain(name, sizeof name, c->scenario->name, 90));
    if (c->scenario->n_same_model > 0)
        xo_put(&subtitle, ", and its two halves: %s (to %s) and owning the GPUs", changing(c),
               xo_say_host(&words, c->scenario));
    else
        xo_put(&subtitle, "; no host of the same weights is compared, so it has no halves");
    const double y = gp_page(plot->script, c, title.text != NULL ? title.text : "",
                             subtitle.text != NULL ? subtitle.text : "");
    plot->panel = (struct panel){ .left = 112, .right = 1108, .bottom = 108, .top = y - 60 };
    volume_range(c, &plot->panel);
    choose_unit(plot);
    y_range(plot);
    add_lines(plot);
    gp_panel(plot->script, &plot->panel);
    gp_volume_axis(plot->script, c, true, true);
    put_y_axis(plot);
    gp_label(plot->script, 42, plot->panel.top + 46, "left", 11.5, "", "#222222", "USD a month",
             40);
    gp_label(plot->script, (plot->panel.left + plot->panel.right) / 2, plot->panel.top + 46,
             "center", 11.5, "", "#222222", "Tokens a month", 40);
    gp_crossing_band(plot->script, c);
    gp_plan(plot->script, &plot->panel, &plot->clutter, c);
    put_plan_range(plot);
    label_side(plot, true, "above zero: this build is cheaper");
    label_side(plot, false, "below zero: buying is cheaper");
    label_ends(plot);
    put_body(&body, c->scenario->n_same_model > 0);
    gp_close(plot->script, &body);
    xo_buf_fini(&title);
    xo_buf_fini(&subtitle);
    xo_buf_fini(&body);
}

void xo_plot_saving(struct xo_plot *out, const struct xo_curve *curve)
{
    struct saving_plot plot = { .c = curve, .script = &out->script };
    if (stairs_read(&plot.path, curve)) {
        choose_unit(&plot);
        put_data(&out->data, &plot);
        put_script(&plot);
    } else
        out->data.failed = out->script.failed = true;
    clutter_fini(&plot.clutter);
    free(plot.path.at);
}
