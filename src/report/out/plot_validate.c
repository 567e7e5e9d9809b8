/* plot_validate.c - predicted against measured, and the error against requests in flight.
 *
 * Only rows that count (quality A, B or none) are drawn, coloured by dataset. Bands are +-10 % and
 * +-20 %.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/validate.h"
#include "set.h"
#include "xo/stats.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DATASETS = 8, N_PANELS = 4, LEGEND_X = 1150 };

static const struct {
    enum xo_measure measure;
    const char *title, *column;
    double left, right, bottom, top;
    const char *(*say)(char *, size_t, double);
} panels[N_PANELS] = {
    { XO_MEASURE_TPOT, "TPOT (mean)", "tpot_s", 96, 556, 478, 752, gp_say_duration },
    { XO_MEASURE_OUTPUT, "Output tokens/s", "output_tokens_per_s", 656, 1116, 478, 752,
      gp_say_count },
    { XO_MEASURE_E2E, "End to end (mean)", "e2e_s", 96, 556, 96, 370, gp_say_duration },
    { XO_MEASURE_TTFT, "TTFT (mean)", "ttft_s", 656, 1116, 96, 370, gp_say_duration },
};

/* ---- what is drawn ---- */

/* The datasets that have rows, in the order of their first; those past the last share its colour.
 */
struct datasets {
    const char *names[MAX_DATASETS];
    int n, counts[MAX_DATASETS];
};

static int dataset_of(struct datasets *d, const char *name)
{
    int k = 0;
    while (k < d->n && strcmp(d->names[k], name) != 0)
        k++;
    if (k == MAX_DATASETS)
        k = MAX_DATASETS - 1;
    else if (k == d->n)
        d->names[d->n++] = name;
    d->counts[k]++;
    return k;
}

static bool is_drawn(const struct xo_validation *v, size_t i)
{
    const char quality = v->measured->rows[i].quality;
    return v->rows[i].simulated && quality != '\0' && strchr("AB-", quality) != NULL;
}

/* Requests in flight for each replica; NAN where the load is not a closed loop. */
static double in_flight(const struct xo_validation *v, size_t i)
{
    const struct xo_measured_row *r = &v->measured->rows[i];
    return r->load == XO_LOAD_CONCURRENCY ? r->load_value / v->rows[i].plan.n_replicas : NAN;
}

static void put_point(struct rows *to, const struct xo_validation *v, size_t i, int dataset)
{
    const struct xo_measured_row *r = &v->measured->rows[i];
    struct xo_words words = { 0 }, *w = &words;
    struct cell cells[4 + 3 * N_PANELS] = {
        { "dataset_number", "", NUMBER(dataset) },
        { "dataset", TEXT(r->dataset) },
        { "id", TEXT(r->id) },
        { "in_flight", "requests", NUMBER(in_flight(v, i)) },
    };
    size_t n = 4;
    for (int p = 0; p < N_PANELS; p++) {
        const char *of = panels[p].column, *unit = xo_measure_unit(panels[p].measure);
        const double error = xo_row_error(v, i, panels[p].measure);
        const bool there = isfinite(error) && error > -1;
        const double measured = there ? r->measured[panels[p].measure] : NAN;
        const double predicted = there ? v->rows[i].predicted[panels[p].measure] : NAN;
        cells[n++] = (struct cell){ xo_say(w, "measured_%s", of), unit, NUMBER(measured) };
        cells[n++] = (struct cell){ xo_say(w, "predicted_%s", of), unit, NUMBER(predicted) };
        cells[n++] =
            (struct cell){ xo_say(w, "ratio_%s", of), "", NUMBER(there ? 1 + error : (double)NAN) };
    }
    rows_put(to, cells, n);
}

static void put_points(struct xo_buf *data, const struct xo_validation *v, struct datasets *sets)
{
    struct rows to = { .csv = data };
    *sets = (struct datasets){ 0 };
    for (size_t i = 0; i < v->measured->n; i++)
        if (is_drawn(v, i))
            put_point(&to, v, i, dataset_of(sets, v->measured->rows[i].dataset));
}

/* ---- pages ---- */

static void put_page(struct xo_buf *set, const struct xo_validation *v, const char *title,
                     const char *subtitle)
{
    char file[64], requests[32], line[300];
    const char *slash = strrchr(v->measured->path, '/');
    snprintf(line, sizeof line,
             "%s  " DOT "  %zu of %zu rows simulated  " DOT "  %s requests  " DOT
             "  crossover " XO_VERSION,
             xo_plain(file, sizeof file, slash != NULL ? slash + 1 : v->measured->path, 40),
             v->n_simulated, v->measured->n,
             xo_text_count(requests, sizeof requests, (double)v->n_requests, 3));
    set_page(set, title, subtitle, line);
}

static void put_legend(struct xo_buf *set, const struct datasets *sets)
{
    struct set_list datasets = { .role = "dataset" }, legend = { .role = "legend" };
    double y = 748;
    for (int k = 0; k < sets->n; k++, y -= 24) {
        char text[96];
        snprintf(text, sizeof text, "\xE2\x97\x8F %.30s%s (%d)",
                 sets->names[k][0] != '\0' ? sets->names[k] : "no dataset",
                 k == MAX_DATASETS - 1 ? " and others" : "", sets->counts[k]);
        set_label(&datasets, text, 40, LEGEND_X, y);
    }
    set_label(&legend, "dark band: within 10 %", 40, LEGEND_X, y - 10);
    set_label(&legend, "light band: within 20 %", 40, LEGEND_X, y - 30);
    set_list_put(set, &datasets);
    set_list_put(set, &legend);
}

/* Whether a row is a point of panel p; on `load`, with requests in flight. */
static bool is_point(const struct xo_validation *v, size_t i, int p, bool load)
{
    const double error = xo_row_error(v, i, panels[p].measure);
    return is_drawn(v, i) && isfinite(error) && error > -1 && (!load || in_flight(v, i) > 0);
}

/* The datasets that have a point in panel p: "0 2 3". */
static void put_sets(struct set_list *list, const struct xo_validation *v, int p, bool load)
{
    struct datasets sets = { 0 };
    bool has[MAX_DATASETS] = { false };
    char text[4 * MAX_DATASETS] = "";
    size_t n = 0;
    for (size_t i = 0; i < v->measured->n; i++)
        if (is_drawn(v, i)) {
            const int k = dataset_of(&sets, v->measured->rows[i].dataset);
            has[k] = has[k] || is_point(v, i, p, load);
        }
    for (int k = 0; k < sets.n; k++)
        if (has[k])
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%d", n > 0 ? " " : "", k);
    set_cell_text(list, "sets", text, sizeof text);
}

static bool has_points(const struct xo_validation *v, int p, bool load)
{
    for (size_t i = 0; i < v->measured->n; i++)
        if (is_point(v, i, p, load))
            return true;
    return false;
}

/* Whether no panel has a point; then the plot says so. */
static bool has_none(struct xo_plot *plot, const struct xo_validation *v, bool load)
{
    for (int p = 0; p < N_PANELS; p++)
        if (has_points(v, p, load))
            return false;
    snprintf(plot->none, sizeof plot->none, "no row that counts was simulated%s",
             load ? " with requests in flight" : "");
    return true;
}

/* A row of "panel": its place, title, how far off, and the datasets in it. */
static void put_frame(struct set_list *list, int p, const struct xo_validation *v, bool load)
{
    const struct xo_scoreboard *b = &v->board[panels[p].measure];
    char text[128] = "";
    if (b->n_datasets > 0)
        snprintf(text, sizeof text, "off by %.1f %% in the median, %.0f %% at p90",
                 100 * b->median_abs_frac, 100 * b->p90_abs_frac);
    set_row(list);
    set_cell_text(list, "text", panels[p].title, 40);
    set_cell_text(list, "note", text, 60);
    set_cell_text(list, "of", panels[p].column, 40);
    put_sets(list, v, p, load);
    set_place(list, "left", panels[p].left, PAGE_W);
    set_place(list, "right", panels[p].right, PAGE_W);
    set_place(list, "bottom", panels[p].bottom, PAGE_H);
    set_place(list, "top", panels[p].top, PAGE_H);
}

/* ---- predicted against measured ---- */

/* Both axes of a panel reach over all values, half a band beyond. */
static void value_range(const struct xo_validation *v, enum xo_measure measure, double *lo,
                        double *hi)
{
    *lo = INFINITY;
    *hi = 0;
    for (size_t i = 0; i < v->measured->n; i++) {
        const double error = xo_row_error(v, i, measure);
        if (!is_drawn(v, i) || !isfinite(error) || !(error > -1))
            continue;
        const double values[] = { v->measured->rows[i].measured[measure],
                                  v->rows[i].predicted[measure] };
        *lo = fmin(*lo, fmin(values[0], values[1]));
        *hi = fmax(*hi, fmax(values[0], values[1]));
    }
    if (!(*hi > 0)) {
        *lo = 0.1;
        *hi = 1;
    }
    *lo *= 0.8;
    *hi *= 1.25;
}

void xo_plot_scatter(struct xo_plot *plot, const struct xo_validation *v)
{
    struct datasets sets;
    struct xo_buf *set = &plot->set;
    struct set_list list = { .role = "panel" }, tics = { .role = "tic" };
    if (has_none(plot, v, false))
        return;
    put_points(&plot->data, v, &sets);
    set_open(set, plot->name);
    put_page(set, v, "Predicted against measured",
             "each point is a benchmark run that others published, simulated the way it was run; "
             "shares are the mean over datasets");
    put_legend(set, &sets);
    for (int p = 0; p < N_PANELS; p++) {
        double lo, hi;
        if (!has_points(v, p, false))
            continue;
        value_range(v, panels[p].measure, &lo, &hi);
        put_frame(&list, p, v, false);
        set_cell(&list, "lo", lo);
        set_cell(&list, "hi", hi);
        set_panel_tics(&tics, list.n, lo, hi, panels[p].say);
    }
    set_list_put(set, &list);
    set_list_put(set, &tics);
}

/* ---- error against requests in flight ---- */

enum { N_BINS = 17 }; /* 2^0 to 2^16 requests in flight, to the nearest power of two */

/* The median ratio in each bin of at least five rows: panel, requests in flight, ratio. */
static void put_medians(struct xo_buf *set, const struct xo_validation *v, int p, int panel)
{
    double *ratios = malloc((v->measured->n + 1) * sizeof *ratios);
    /* Outside the axis and apart from the others, so that no panel is without a point. */
    xo_put(set, "%d,1e9,1\n%d,NaN,NaN\n", panel, panel);
    for (int bin = 0; ratios != NULL && bin < N_BINS; bin++) {
        size_t n = 0;
        for (size_t i = 0; i < v->measured->n; i++) {
            const double error = xo_row_error(v, i, panels[p].measure), x = in_flight(v, i);
            if (is_drawn(v, i) && isfinite(error) && x > 0 && (int)nearbyint(log2(x)) == bin)
                ratios[n++] = 1 + error;
        }
        xo_sort(ratios, n);
        if (n >= 5)
            xo_put(set, "%d,%g,%.6g\n", panel, exp2(bin), xo_sorted_quantile(ratios, n, 0.5));
    }
    set->failed = set->failed || ratios == NULL;
    free(ratios);
}

void xo_plot_error_load(struct xo_plot *plot, const struct xo_validation *v)
{
    struct datasets sets;
    struct xo_buf *set = &plot->set;
    struct set_list list = { .role = "panel" };
    double highest = 1;
    if (has_none(plot, v, true))
        return;
    for (size_t i = 0; i < v->measured->n; i++)
        if (is_drawn(v, i))
            highest = fmax(highest, in_flight(v, i));
    put_points(&plot->data, v, &sets);
    set_open(set, plot->name);
    put_page(set, v, "Error against requests in flight",
             "closed loops and static batches; black squares are medians of all rows near a power "
             "of two; points beyond the axis stand at its edge");
    put_legend(set, &sets);
    xo_put(set, "$medians << EOD\n");
    for (int p = 0; p < N_PANELS; p++)
        if (has_points(v, p, true)) {
            put_frame(&list, p, v, true);
            put_medians(set, v, p, list.n);
        }
    xo_put(set, "EOD\n");
    set_list_put(set, &list);
    set_number(set, "x_hi", highest * 1.25);
    set_log_tics(set, "xtic", 0.8, highest * 1.25, 1, gp_say_count);
}
