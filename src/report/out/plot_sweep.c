/* plot_sweep.c - where the crossover lies, what the lines cost, and whether the sample suffices.
 *
 * Each picture is one function that reads the report of a sweep and puts data and NAME.set (set.h);
 * plots/NAME.gp draws it. A volume outside the simulated range is drawn at its end (within_range),
 * and the histogram counts it apart. `none` says why a picture has nothing to draw. Begin with
 * xo_plot_crossover, xo_plot_fan and xo_plot_convergence.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "report/page/sweep.h"
#include "set.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <string.h>

enum { N_BINS = 60 };

double within_range(const struct xo_sweep_result *s, double volume)
{
    return isnan(volume) ? NAN : fmin(s->max_volume, fmax(s->min_volume, volume));
}

/* The x axis over the simulated volumes. */
static void volume_axis(struct xo_buf *set, const struct xo_sweep_result *s)
{
    const double lo = s->min_volume * (1 - 1e-6), hi = s->max_volume * (1 + 1e-6);
    set_range(set, "x", lo, hi);
    set_log_tics(set, "xtic", lo, hi, 1, gp_say_count);
}

/* ---- the crossover's distribution ---- */

/* Shares of the joint samples: below the range, in each of its bins, above it or never. */
struct histogram {
    double share[N_BINS], below, above;
};

static struct histogram count_crossovers(const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    const double width = log(s->max_volume / s->min_volume) / N_BINS;
    struct histogram h = { 0 };
    double n = 0;
    for (int64_t i = 0; i < s->n_rows; i++) {
        const double x = r->rows[i].crossover;
        if (!xo_sweep_is_sample(s, i))
            continue;
        n++;
        if (x < s->min_volume)
            h.below++;
        else if (!(x <= s->max_volume))
            h.above++;
        else
            h.share[(int)fmin(N_BINS - 1, log(x / s->min_volume) / width)]++;
    }
    for (int b = 0; b < N_BINS && n > 0; b++)
        h.share[b] /= n;
    h.below /= fmax(n, 1);
    h.above /= fmax(n, 1);
    return h;
}

static bool has_bars(const struct histogram *h)
{
    bool has = false;
    for (int b = 0; b < N_BINS; b++)
        has = has || h->share[b] > 0;
    return has;
}

static double put_histogram(struct xo_buf *data, const struct xo_sweep_result *s,
                            const struct histogram *h)
{
    const double ratio = pow(s->max_volume / s->min_volume, 1.0 / N_BINS);
    double cdf = h->below, highest = 0;
    struct rows to = { .csv = data };
    for (int b = 0; b < N_BINS; b++) {
        cdf = fmin(1, cdf + h->share[b]); /* a sum a trifle above 1 would leave the panel */
        highest = fmax(highest, h->share[b]);
        const struct cell cells[] = {
            { "from_requests_month", "requests/month", NUMBER(s->min_volume * pow(ratio, b)) },
            { "to_requests_month", "requests/month", NUMBER(s->min_volume * pow(ratio, b + 1)) },
            { "share", "fraction", NUMBER(h->share[b]) },
            { "cumulative_share", "fraction", NUMBER(cdf) },
        };
        ROW_PUT(&to, cells);
    }
    return highest;
}

/* A vertical line through the panel with its name above it, at one of three heights. */
static void mark_volume(struct set_list *marks, const struct panel *p, double volume,
                        const char *name, const char *align, const char *of, int level)
{
    if (!(volume > 0) || !isfinite(volume))
        return;
    const double x = panel_x(p, log10(volume));
    if (x < p->left || x > p->right)
        return;
    const double aside = align[0] == 'l' ? -4 : align[0] == 'r' ? 4 : 0;
    set_label(marks, name, 60, x + aside, p->top + 15 + 17 * level);
    set_place(marks, "line", x, PAGE_W);
    set_cell_text(marks, "align", align, 10);
    set_cell_text(marks, "of", of, 10);
}

static void mark_quantiles(struct set_list *marks, const struct panel *p,
                           const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    static const char *const names[] = { "P5", "median", "P95" };
    static const char *const aligns[] = { "right", "center", "left" };
    const double at[] = { s->crossover.p05.mean, s->crossover.p50.mean, s->crossover.p95.mean };
    for (int i = 0; i < 3; i++) {
        char text[64], count[32];
        snprintf(text, sizeof text, "%s %s", names[i],
                 xo_text_count(count, sizeof count, at[i], 2));
        const double from_plan =
            panel_x(p, log10(at[i])) - panel_x(p, log10(r->scenario->requests_per_month));
        const bool struck = i == 1 && fabs(from_plan) < text_width(text, 10.5) / 2 + 4;
        const char *align = !struck ? aligns[i] : from_plan < 0 ? "right" : "left";
        mark_volume(marks, p, at[i], text, align, "quantile", i == 1);
    }
    mark_volume(marks, p, r->scenario->requests_per_month, "your plan", "center", "plan", 2);
}

static void put_outside(struct xo_buf *set, const struct histogram *h)
{
    struct set_list below = { .role = "below" }, above = { .role = "above" };
    char text[128];
    if (h->below > 0) {
        snprintf(text, sizeof text, "\xE2\x97\x82 this build cheaper below already: %.1f %%",
                 100 * h->below);
        set_row(&below);
        set_cell_text(&below, "text", text, 60);
    }
    if (h->above > 0) {
        snprintf(text, sizeof text, "not within these volumes: %.1f %% \xE2\x96\xB8",
                 100 * h->above);
        set_row(&above);
        set_cell_text(&above, "text", text, 60);
    }
    set_list_put(set, &below);
    set_list_put(set, &above);
}

void xo_plot_crossover(struct xo_plot *plot, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    const struct histogram h = count_crossovers(r);
    const double highest = fmax(put_histogram(&plot->data, s, &h), 0.04); /* few are few */
    if (!has_bars(&h)) {
        xo_buf_fini(&plot->data);
        xo_text_copy(plot->none, sizeof plot->none,
                     "in no sample does the crossing lie within the simulated volumes");
        return;
    }
    struct xo_buf *set = &plot->set;
    struct set_list marks = { .role = "mark" };
    struct xo_words words = { 0 };
    char title[340];
    snprintf(title, sizeof title, "Against %.100s this build %.200s",
             xo_say_baseline(&words, r->scenario), xo_say_crossing(&words, s));
    xo_unglue(title);
    set_open(set, plot->name);
    const double y = set_sweep_page(set, r, title,
                                    "first crossing to this build; bars: share of samples (left); "
                                    "line: share of samples that crossed by then (right)");
    const struct panel p = { .left = 120,
                             .right = 1300,
                             .bottom = 108,
                             .top = y - 66,
                             .x_lo = log10(s->min_volume),
                             .x_hi = log10(s->max_volume) };
    mark_quantiles(&marks, &p, r);
    set_list_put(set, &marks);
    put_outside(set, &h);
    set_panel(set, "panel", &p);
    volume_axis(set, s);
    set_number(set, "share_hi", 118 * highest);
}

/* ---- the fan of costs ---- */

static void put_fan_row(struct rows *to, const struct xo_fan *fan, double *lo, double *hi)
{
    struct xo_words words = { 0 };
    struct cell cells[1 + 3 * XO_N_WAYS] = {
        { "volume_requests_month", "requests/month", NUMBER(fan->volume) },
    };
    size_t n = 1;
    for (int l = 0; l < XO_N_WAYS; l++) {
        static const char *const quantiles[] = { "p05", "p50", "p95" };
        const double values[] = { fan->p05[l], fan->p50[l], fan->p95[l] };
        for (int q = 0; q < 3; q++) {
            const char *name = xo_say(&words, "%s_%s_usd", xo_way_words[l].key, quantiles[q]);
            cells[n++] = (struct cell){ name, "usd/month", NUMBER(values[q]) };
            if (values[q] > 0) {
                *lo = fmin(*lo, values[q]);
                *hi = fmax(*hi, values[q]);
            }
        }
    }
    rows_put(to, cells, n);
}

static void put_fan_data(struct xo_buf *data, const struct xo_sweep_result *s, double *lo,
                         double *hi)
{
    struct rows to = { .csv = data };
    *lo = INFINITY;
    *hi = 0;
    for (int i = 0; i < XO_N_FAN && s->n_fan_rows > 0; i++)
        put_fan_row(&to, &s->fan[i], lo, hi);
    if (!(*hi > 0)) {
        *lo = 1;
        *hi = 10;
    }
    *lo *= 0.8;
    *hi *= 1.25;
}

static bool has_fan(const struct xo_sweep_result *s)
{
    bool has = false;
    for (int l = 0; l < XO_N_WAYS && s->n_fan_rows > 0; l++)
        has = has || s->fan[XO_N_FAN - 1].p50[l] > 0;
    return has;
}

static int fan_labels(const struct xo_sweep_result *s, const struct panel *p,
                      struct end_label labels[XO_N_WAYS])
{
    int n = 0;
    for (int l = 0; l < XO_N_WAYS; l++) {
        const double end = s->fan[XO_N_FAN - 1].p50[l];
        if (!(end > 0) || s->n_fan_rows == 0)
            continue;
        labels[n] = (struct end_label){ .y = panel_y(p, log10(end)), .of = xo_way_words[l].key };
        xo_text_copy(labels[n].name, sizeof labels[n].name, xo_way_words[l].label);
        n++;
    }
    return n;
}

void xo_plot_fan(struct xo_plot *plot, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    struct xo_buf *set = &plot->set;
    struct set_list marks = { .role = "mark" };
    struct end_label labels[XO_N_WAYS];
    double lo, hi;
    char subtitle[240];
    if (!has_fan(s)) {
        xo_text_copy(plot->none, sizeof plot->none, "no side has a bill at any volume");
        return;
    }
    put_fan_data(&plot->data, s, &lo, &hi);
    snprintf(subtitle, sizeof subtitle,
             "USD a month; line: median, band: P5 to P95 over %d samples; each line at its own "
             "quantile, so that crossings of bands are not crossings of samples",
             s->n_fan_rows);
    set_open(set, plot->name);
    const double y = set_sweep_page(set, r, "What each side costs, and how sure that is", subtitle);
    struct panel p = { .left = 110,
                       .right = 1210,
                       .bottom = 108,
                       .top = y - 40,
                       .x_lo = log10(s->min_volume),
                       .x_hi = log10(s->max_volume),
                       .y_lo = log10(lo),
                       .y_hi = log10(hi) };
    mark_volume(&marks, &p, r->scenario->requests_per_month, "your plan", "center", "plan", 0);
    set_list_put(set, &marks);
    const int n = fan_labels(s, &p, labels);
    set_end_labels(set, &p, labels, n);
    set_panel(set, "panel", &p);
    volume_axis(set, s);
    set_range(set, "y", lo, hi);
    set_log_tics(set, "ytic", lo, hi, 1, gp_say_usd);
    xo_put(set, "sides = '");
    for (int l = 0; l < XO_N_WAYS; l++)
        for (int i = 0; i < n; i++)
            if (strcmp(labels[i].of, xo_way_words[l].key) == 0)
                xo_put(set, "%s ", xo_way_words[l].key);
    xo_put(set, "'\n");
}

/* ---- convergence ---- */

/* A median outside the range stands at its end. */
static void put_convergence(struct xo_buf *data, const struct xo_sweep_result *s)
{
    struct rows to = { .csv = data };
    for (int i = 0; i < s->n_convergence; i++) {
        const struct xo_convergence *c = &s->convergence[i];
        const bool sure = !isnan(c->build_wins_lo);
        const double lo = sure ? fmax(0, c->build_wins_lo) : (double)NAN;
        const double hi = sure ? fmin(1, c->build_wins_hi) : (double)NAN;
        const struct cell cells[] = {
            { "samples", "", NUMBER(c->n_rows) },
            { "crossover_p50", "requests/month", NUMBER(within_range(s, c->median)) },
            { "crossover_p50_lo", "requests/month", NUMBER(within_range(s, c->lo)) },
            { "crossover_p50_hi", "requests/month", NUMBER(within_range(s, c->hi)) },
            { "build_wins_share", "fraction", NUMBER(c->build_wins) },
            { "build_wins_lo", "fraction", NUMBER(lo) },
            { "build_wins_hi", "fraction", NUMBER(hi) },
        };
        ROW_PUT(&to, cells);
    }
}

/* The range of the medians' axis: all of their intervals. */
static void median_range(const struct xo_sweep_result *s, double *lo, double *hi)
{
    *lo = INFINITY;
    *hi = 0;
    for (int i = 0; i < s->n_convergence; i++) {
        const struct xo_convergence *c = &s->convergence[i];
        const double values[] = { c->median, c->lo, c->hi };
        for (int k = 0; k < 3; k++)
            if (!isnan(values[k])) {
                *lo = fmin(*lo, within_range(s, values[k]));
                *hi = fmax(*hi, within_range(s, values[k]));
            }
    }
    if (!(*hi > 0)) {
        *lo = s->min_volume;
        *hi = s->max_volume;
    }
    *lo /= 1.15;
    *hi *= 1.15;
}

void xo_plot_convergence(struct xo_plot *plot, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    const double first = s->n_convergence > 0 ? (double)s->convergence[0].n_rows : 1;
    const double last =
        s->n_convergence > 0 ? (double)s->convergence[s->n_convergence - 1].n_rows : 10;
    const double from = first * 0.98, to = fmax(last, first * 1.5) * 1.02;
    struct xo_buf *set = &plot->set;
    double lo, hi;
    if (s->n_convergence == 0) {
        xo_text_copy(plot->none, sizeof plot->none, "too few samples to see it");
        return;
    }
    median_range(s, &lo, &hi);
    put_convergence(&plot->data, s);
    set_open(set, plot->name);
    const double y =
        set_sweep_page(set, r, "Are there enough samples?",
                       "what the first so many samples say, with 95 % intervals; a median outside "
                       "the simulated volumes is drawn at their end");
    const struct panel upper = { .left = 110, .right = 1340, .bottom = 470, .top = y - 40 };
    const struct panel lower = { .left = 110, .right = 1340, .bottom = 100, .top = 400 };
    set_panel(set, "median", &upper);
    set_panel(set, "share", &lower);
    set_range(set, "x", from, to);
    set_log_tics(set, "xtic", from, to, 1, gp_say_count);
    set_range(set, "y", lo, hi);
    set_log_tics(set, "ytic", lo, hi, 1, gp_say_count);
}
