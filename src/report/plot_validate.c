/* plot_validate.c - predicted against measured, and the error against requests in flight.
 *
 * Only rows that count (quality A, B or none) are drawn, coloured by dataset. Bands are +-10 % and
 * +-20 %.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot.h"

#include "xo/stats.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DATASETS = 8, N_PANELS = 4, LEGEND_X = 1150 };

static const char *const colours[MAX_DATASETS] = { "#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                   "#E69F00", "#56B4E9", "#222222", "#888888" };

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

static void put_points(struct xo_buf *data, const struct xo_validation *v, struct datasets *sets)
{
    *sets = (struct datasets){ 0 };
    xo_put(data, "dataset_number,dataset,id,in_flight");
    for (int p = 0; p < N_PANELS; p++)
        xo_put(data, ",measured_%s,predicted_%s,ratio_%s", panels[p].column, panels[p].column,
               panels[p].column);
    xo_put(data, "\r\n");
    for (size_t i = 0; i < v->measured->n; i++) {
        const struct xo_measured_row *r = &v->measured->rows[i];
        if (!is_drawn(v, i))
            continue;
        xo_put(data, "%d,", dataset_of(sets, r->dataset));
        xo_csv_text(data, r->dataset);
        xo_put(data, ",");
        xo_csv_text(data, r->id);
        xo_put(data, ",");
        xo_csv_number(data, in_flight(v, i));
        for (int p = 0; p < N_PANELS; p++) {
            const double error = xo_row_error(v, i, panels[p].measure);
            const bool there = isfinite(error) && error > -1;
            xo_put(data, ",");
            xo_csv_number(data, there ? r->measured[panels[p].measure] : NAN);
            xo_put(data, ",");
            xo_csv_number(data, there ? v->rows[i].predicted[panels[p].measure] : NAN);
            xo_put(data, ",");
            xo_csv_number(data, there ? 1 + error : NAN);
        }
        xo_put(data, "\r\n");
    }
}

/* ---- pages ---- */

static void put_page(struct xo_buf *marks, const struct xo_validation *v, const char *title,
                     const char *subtitle)
{
    char file[64], requests[32], line[300];
    const char *slash = strrchr(v->measured->path, '/');
    double y = gp_lines(marks, PAGE_H - 42, 18, ":Bold", "#222222", title, 90, 2);
    gp_lines(marks, y, 11.5, "", GREY, subtitle, 158, 2);
    snprintf(line, sizeof line,
             "%s  " DOT "  %zu of %zu rows simulated  " DOT "  %s requests  " DOT
             "  crossover " XO_VERSION,
             xo_plain(file, sizeof file, slash != NULL ? slash + 1 : v->measured->path, 40),
             v->n_simulated, v->measured->n,
             xo_text_count(requests, sizeof requests, (double)v->n_requests, 3));
    gp_label(marks, 42, 22, "left", 10, "", GREY, line, 165);
}

static void put_legend(struct xo_buf *marks, const struct datasets *sets)
{
    double y = 748;
    for (int k = 0; k < sets->n; k++, y -= 24) {
        char text[96];
        snprintf(text, sizeof text, "\xE2\x97\x8F %.30s%s (%d)",
                 sets->names[k][0] != '\0' ? sets->names[k] : "no dataset",
                 k == MAX_DATASETS - 1 ? " and others" : "", sets->counts[k]);
        gp_label(marks, LEGEND_X, y, "left", 11, "", colours[k], text, 40);
    }
    gp_label(marks, LEGEND_X, y - 10, "left", 10, "", GREY, "dark band: within 10 %", 40);
    gp_label(marks, LEGEND_X, y - 30, "left", 10, "", GREY, "light band: within 20 %", 40);
}

static void put_frame(struct xo_buf *marks, struct xo_buf *body, int p,
                      const struct xo_validation *v)
{
    const struct xo_scoreboard *b = &v->board[panels[p].measure];
    const struct panel frame = { .left = panels[p].left,
                                 .right = panels[p].right,
                                 .bottom = panels[p].bottom,
                                 .top = panels[p].top };
    char text[128];
    gp_label(marks, frame.left, frame.top + 18, "left", 12, ":Bold", "#222222", panels[p].title,
             40);
    if (b->n_datasets > 0)
        snprintf(text, sizeof text, "off by %.1f %% in the median, %.0f %% at p90",
                 100 * b->median_abs_frac, 100 * b->p90_abs_frac);
    else
        snprintf(text, sizeof text, "no row has it");
    gp_label(marks, frame.right, frame.top + 18, "right", 10, "", GREY, text, 60);
    gp_panel(body, &frame);
}

static void put_script(struct xo_buf *script, struct xo_buf *marks, struct xo_buf *body)
{
    xo_put(marks, "set multiplot\n");
    xo_put_bytes(marks, body->text != NULL ? body->text : "", body->length);
    xo_put(marks, "unset multiplot\n");
    marks->failed = marks->failed || body->failed;
    gp_close(script, marks);
    xo_buf_fini(marks);
    xo_buf_fini(body);
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

static void scatter_panel(struct xo_buf *marks, struct xo_buf *body, int p,
                          const struct xo_validation *v, const struct datasets *sets)
{
    double lo, hi;
    value_range(v, panels[p].measure, &lo, &hi);
    put_frame(marks, body, p, v);
    xo_put(body, "set logscale xy\nset xrange [%.10g:%.10g]\nset yrange [%.10g:%.10g]\n", lo, hi,
           lo, hi);
    gp_log_tics(body, "xtics", lo, hi, 1, panels[p].say);
    gp_log_tics(body, "ytics", lo, hi, 1, panels[p].say);
    xo_put(body, "set xtics font 'DejaVu Sans,9.5'\nset xlabel 'measured' offset 0,0.4\nset ylabel "
                 "'predicted' offset 1,0\n");
    xo_put(body, "plot '+' using 1:($1*0.8):($1*1.2) with filledcurves lc rgb '#888888', \\\n"
                 "  '' using 1:($1*0.9):($1*1.1) with filledcurves lc rgb '#444444', \\\n"
                 "  x with lines lw 1 lc rgb '#222222'");
    for (int k = 0; k < sets->n; k++)
        xo_put(body,
               ", \\\n  'validate_scatter.csv' using (column('dataset_number')==%d ? "
               "column('measured_%s') : NaN):'predicted_%s' with points pt 7 ps 0.35 lc rgb '%s'",
               k, panels[p].column, panels[p].column, colours[k]);
    xo_put(body, "\nunset label\nunset arrow\n");
}

void xo_plot_scatter(struct xo_plot *plot, const struct xo_validation *v)
{
    struct datasets sets;
    struct xo_buf marks = { 0 }, body = { 0 };
    put_points(&plot->data, v, &sets);
    gp_open(&plot->script, "validate_scatter");
    put_page(&marks, v, "Predicted against measured",
             "each point is a benchmark run that others published, simulated the way it was run; "
             "shares are the mean over datasets");
    put_legend(&marks, &sets);
    for (int p = 0; p < N_PANELS; p++)
        scatter_panel(&marks, &body, p, v, &sets);
    put_script(&plot->script, &marks, &body);
}

/* ---- error against requests in flight ---- */

static const double LOWEST_RATIO = 0.25, HIGHEST_RATIO = 4;
enum { N_BINS = 17 }; /* 2^0 to 2^16 requests in flight, to the nearest power of two */

/* The median ratio in each bin of at least five rows, as a block of data. */
static void put_medians(struct xo_buf *blocks, const struct xo_validation *v, int p)
{
    double *ratios = malloc((v->measured->n + 1) * sizeof *ratios);
    xo_put(blocks, "$medians%d << EOD\n", p);
    for (int bin = 0; ratios != NULL && bin < N_BINS; bin++) {
        size_t n = 0;
        for (size_t i = 0; i < v->measured->n; i++) {
            const double error = xo_row_error(v, i, panels[p].measure), x = in_flight(v, i);
            if (is_drawn(v, i) && isfinite(error) && x > 0 && (int)nearbyint(log2(x)) == bin)
                ratios[n++] = 1 + error;
        }
        xo_sort(ratios, n);
        if (n >= 5)
            xo_put(blocks, "%g,%.6g\n", exp2(bin), xo_sorted_quantile(ratios, n, 0.5));
    }
    xo_put(blocks, "1e9,NaN\nEOD\n"); /* so that the block is never empty */
    blocks->failed = blocks->failed || ratios == NULL;
    free(ratios);
}

static void load_panel(struct xo_buf *marks, struct xo_buf *body, int p,
                       const struct xo_validation *v, const struct datasets *sets, double highest)
{
    put_frame(marks, body, p, v);
    xo_put(body,
           "set logscale xy\nset xrange [0.8:%.10g]\nset yrange [%g:%g]\n"
           "set ytics ('-75 %%%%' 0.25, '-50 %%%%' 0.5, '-20 %%%%' 0.8, '0' 1, '+25 %%%%' 1.25, "
           "'+100 %%%%' 2, '+300 %%%%' 4)\n"
           "set xlabel 'requests in flight for each replica' offset 0,0.4\n",
           highest * 1.25, LOWEST_RATIO, HIGHEST_RATIO);
    gp_log_tics(body, "xtics", 0.8, highest * 1.25, 1, gp_say_count);
    xo_put(body, "plot '+' using 1:(0.8):(1.2) with filledcurves lc rgb '#888888', \\\n"
                 "  '' using 1:(0.9):(1.1) with filledcurves lc rgb '#444444', \\\n"
                 "  1 with lines lw 1 lc rgb '#222222'");
    for (int k = 0; k < sets->n; k++)
        xo_put(body,
               ", \\\n  'validate_load.csv' using (column('dataset_number')==%d ? "
               "column('in_flight')*%.2f : NaN):(r=column('ratio_%s'), r<%g ? %g : r>%g ? %g : r) "
               "with points pt 7 ps 0.35 lc rgb '%s'",
               k, 1 + 0.05 * (k - sets->n / 2), panels[p].column, LOWEST_RATIO, LOWEST_RATIO,
               HIGHEST_RATIO, HIGHEST_RATIO, colours[k]);
    xo_put(body,
           ", \\\n  $medians%d using 1:2 with linespoints pt 5 ps 0.8 lw 2 lc rgb '#222222'"
           "\nunset label\nunset arrow\n",
           p);
}

void xo_plot_error_load(struct xo_plot *plot, const struct xo_validation *v)
{
    struct datasets sets;
    struct xo_buf marks = { 0 }, body = { 0 };
    double highest = 1;
    for (size_t i = 0; i < v->measured->n; i++)
        if (is_drawn(v, i))
            highest = fmax(highest, in_flight(v, i));
    put_points(&plot->data, v, &sets);
    gp_open(&plot->script, "validate_load");
    put_page(&marks, v, "Error against requests in flight",
             "closed loops and static batches; black squares are medians of all rows near a power "
             "of two; points beyond the axis stand at its edge");
    put_legend(&marks, &sets);
    for (int p = 0; p < N_PANELS; p++)
        put_medians(&plot->script, v, p);
    for (int p = 0; p < N_PANELS; p++)
        load_panel(&marks, &body, p, v, &sets, highest);
    put_script(&plot->script, &marks, &body);
}
