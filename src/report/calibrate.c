/* calibrate.c - constants fitted to a benchmark: the table, rows, JSON, and the file to include.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/page.h"

#include "xo/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, NAME = 19, VALUE = 11 };

static bool is_known(const struct xo_fitted *f)
{
    return f->width_frac <= XO_UNKNOWN_WIDTH;
}

static bool is_factor(const struct xo_fitted *f)
{
    return strcmp(f->name, "step_scale") == 0 || strcmp(f->name, "expert_imbalance") == 0;
}

/* A constant as one would type it: 81.25%, 63 us, 1.1. */
static const char *show(char *out, size_t size, const struct xo_fitted *f, double value, int digits)
{
    const double x = xo_round_significant(value, digits);
    if (is_factor(f))
        snprintf(out, size, "%.*g", digits, x);
    else if (!f->is_time)
        snprintf(out, size, "%.*g%%", digits, 100 * x);
    else
        snprintf(out, size, x >= 1e-3 || x == 0 ? "%.*g ms" : "%.*g us", digits,
                 x * (x >= 1e-3 || x == 0 ? 1e3 : 1e6));
    return out;
}

/* ---- the file to include ---- */

/* The error of rows that a fit had not seen, of the measure that says most about a step. */
static double own_error(const struct xo_calibration *c)
{
    static const enum xo_measure order[] = { XO_MEASURE_TPOT,   XO_MEASURE_TPOT_P50,
                                             XO_MEASURE_OUTPUT, XO_MEASURE_E2E,
                                             XO_MEASURE_TTFT,   XO_MEASURE_TTFT_P50 };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const struct xo_calibration_error *e = &c->errors[order[i]];
        if (e->n > 0)
            return c->kept ? e->before_frac : e->left_out_frac;
    }
    return NAN;
}

static void put_include(struct xo_buf *buf, const struct xo_calibration *c, const char *date)
{
    char text[64], path[XO_PATH_SIZE];
    xo_put(buf,
           "; Constants of one deployment, by crossover data calibrate %s.\n"
           "; In the scenario: [build] include = this file.\n",
           XO_VERSION);
    xo_put(buf, "; Fitted to %zu rows of %s.\n", c->n_rows,
           xo_plain(path, sizeof path, c->measured->path, 150));
    if (!c->kept)
        xo_put(buf, "\n[build]\n");
    for (int i = 0; i < c->n_fitted && !c->kept; i++) {
        const struct xo_fitted *f = &c->fitted[i];
        xo_put(buf, "%s = %s%s\n", f->name, show(text, sizeof text, f, f->after, 6),
               is_known(f) ? "" : " ; hardly known from these rows");
    }
    const double error = own_error(c);
    xo_put(buf, "\n[calibration]\ndeployment = %s\nrows = %zu\n", c->deployment, c->n_rows);
    if (error >= 0)
        xo_put(buf, "error = %.2f%% ; %s\n", fmin(98, 100 * error),
               c->kept ? "of the defaults, which no fit improved on"
                       : "of rows left out of the fit");
    xo_put(buf, "date = %s\n", date);
}

bool xo_calibration_write(FILE *out, const struct xo_calibration *c, const char *date,
                          struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    put_include(&buf, c, date);
    return xo_buf_print(&buf, out, err);
}

/* ---- the table ---- */

static void put_constants(struct xo_buf *buf, const struct xo_calibration *c)
{
    char text[64], interval[160], hi[64];
    xo_put(buf, "\n");
    xo_put_cell(buf, "constant", NAME, false);
    xo_put_cell(buf, "before", VALUE, true);
    xo_put_cell(buf, "fitted", VALUE, true);
    xo_put(buf, "   95 %% interval\n");
    for (int i = 0; i < c->n_fitted; i++) {
        const struct xo_fitted *f = &c->fitted[i];
        if (!is_known(f))
            continue;
        xo_put_cell(buf, f->name, NAME, false);
        xo_put_cell(buf, show(text, sizeof text, f, f->before, 3), VALUE, true);
        xo_put_cell(buf, show(text, sizeof text, f, f->fit, 3), VALUE, true);
        snprintf(interval, sizeof interval, "%s to %s", show(text, sizeof text, f, f->lo, 3),
                 show(hi, sizeof hi, f, f->hi, 3));
        xo_put(buf, "   %s\n", interval);
    }
}

static void put_unknown(struct xo_buf *buf, const struct xo_calibration *c)
{
    struct xo_buf line = { 0 };
    int n = 0;
    for (int i = 0; i < c->n_fitted; i++)
        if (!is_known(&c->fitted[i]))
            xo_put(&line, "%s%s", n++ > 0 ? ", " : "", c->fitted[i].name);
    if (n == 0)
        return;
    xo_put(&line, ": these rows do not tell %s from %s default%s; other loads or lengths would.",
           n == 1 ? "it" : "them", n == 1 ? "its" : "their", n == 1 ? "" : "s");
    char *text = xo_buf_take(&line);
    xo_put(buf, "\n");
    if (text != NULL)
        xo_put_wrapped(buf, text, WIDTH);
    buf->failed |= text == NULL;
    free(text);
}

static void put_percent(struct xo_buf *buf, double frac)
{
    char text[32];
    snprintf(text, sizeof text, 100 * frac < 9.95 ? "%.1f %%" : "%.0f %%", 100 * frac);
    xo_put_cell(buf, isnan(frac) ? "-" : text, VALUE, true);
}

static void put_error(struct xo_buf *buf, const char *name, const struct xo_calibration_error *e)
{
    char count[32];
    if (e->n == 0)
        return;
    snprintf(count, sizeof count, "%d", e->n);
    xo_put_cell(buf, name, NAME, false);
    xo_put_cell(buf, count, 6, true);
    put_percent(buf, e->before_frac);
    put_percent(buf, e->after_frac);
    put_percent(buf, e->left_out_frac);
    xo_put(buf, "\n");
}

static void put_errors(struct xo_buf *buf, const struct xo_calibration *c)
{
    xo_put(buf, "\n");
    xo_put_cell(buf, "median error", NAME, false);
    xo_put_cell(buf, "rows", 6, true);
    xo_put_cell(buf, "before", VALUE, true);
    xo_put_cell(buf, "fitted", VALUE, true);
    xo_put_cell(buf, "left out", VALUE, true);
    xo_put(buf, "\n");
    for (int m = 0; m < XO_N_MEASURES; m++)
        put_error(buf, xo_measure_head((enum xo_measure)m), &c->errors[m]);
    for (int m = 0; m < XO_N_MEASURES; m++) {
        char name[32];
        snprintf(name, sizeof name, "%s, whole log", xo_measure_head((enum xo_measure)m));
        put_error(buf, name, &c->logs[m]);
    }
}

static void put_table(struct xo_buf *buf, const struct xo_calibration *c)
{
    char line[XO_PATH_SIZE + 1200], path[XO_PATH_SIZE], why[400], skipped[500] = "";
    const char *rows = c->logs[XO_MEASURE_TPOT].n > 0 ? "rows and parts of request logs" : "rows";
    if (c->n_skipped > 0)
        snprintf(skipped, sizeof skipped, ", %zu skipped (%s)", c->n_skipped,
                 xo_plain(why, sizeof why, c->why_skipped, 200));
    snprintf(line, sizeof line, "%s: %zu %s of %s%s.", c->deployment, c->n_rows, rows,
             xo_plain(path, sizeof path, c->measured->path, 200), skipped);
    xo_put_wrapped(buf, line, WIDTH);
    put_constants(buf, c);
    put_errors(buf, c);
    put_unknown(buf, c);
    snprintf(line, sizeof line,
             "Left out: %d row%s at a time, in %d turns, each predicted by a fit to the others. "
             "Around the fit the rows scatter by %.1f %% (one standard deviation).",
             c->fold_rows, c->fold_rows == 1 ? "" : "s", c->n_folds, 100 * c->scatter_frac);
    xo_put(buf, "\n");
    xo_put_wrapped(buf, line, WIDTH);
    if (c->kept)
        xo_put_wrapped(buf,
                       "The defaults are kept: rows left out are not predicted better by a fit to "
                       "the others. More rows, over loads and lengths, would tell.",
                       WIDTH);
}

/* ---- rows and JSON ---- */

static void put_csv(struct xo_buf *buf, const struct xo_calibration *c)
{
    struct rows to = { .csv = buf };
    for (size_t i = 0; i < c->n_rows; i++) {
        const struct xo_calibrated_row *r = &c->rows[i];
        const struct xo_measured_row *row = &c->measured->rows[r->row];
        for (int m = 0; m < XO_N_MEASURES; m++) {
            const struct cell cells[] = {
                { "line", NUMBER(row->line) },
                { "id", TEXT(row->id) },
                { "part", NUMBER(r->part > 0 ? r->part : (double)NAN) },
                { "measure", WORD(xo_measure_name((enum xo_measure)m)) },
                { "measured", NUMBER(r->measured[m]) },
                { "before", NUMBER(r->before[m]) },
                { "fitted", NUMBER(r->after[m]) },
                { "left_out", NUMBER(r->left_out[m]) },
            };
            if (!isnan(r->measured[m]))
                ROW_PUT(&to, cells);
        }
    }
}

static json_t *constants_json(struct xo_json *j, const struct xo_calibration *c)
{
    struct rows to = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < c->n_fitted; i++) {
        const struct xo_fitted *f = &c->fitted[i];
        const struct cell cells[] = {
            { "name", TEXT(f->name) },
            { "unit", WORD(is_factor(f) ? "factor"
                           : f->is_time ? "s"
                                        : "share") },
            { "before", NUMBER(f->before) },
            { "fit", NUMBER(f->fit) },
            { "lo", NUMBER(f->lo) },
            { "hi", NUMBER(f->hi) },
            { "used", NUMBER(f->after) },
            { "width_frac", NUMBER(f->width_frac) },
            { "identified", FLAG(is_known(f)) },
        };
        ROW_PUT(&to, cells);
    }
    return to.array;
}

static json_t *errors_json(struct xo_json *j, const struct xo_calibration_error errors[])
{
    json_t *object = xo_json_object(j);
    for (int m = 0; m < XO_N_MEASURES; m++) {
        const struct xo_calibration_error *e = &errors[m];
        const struct cell cells[] = {
            { "n", NUMBER(e->n) },
            { "before_frac", NUMBER(e->before_frac) },
            { "fitted_frac", NUMBER(e->after_frac) },
            { "left_out_frac", NUMBER(e->left_out_frac) },
        };
        if (e->n > 0)
            xo_json_put(j, object, xo_measure_name((enum xo_measure)m), CELLS_JSON(j, cells));
    }
    return object;
}

static void put_json(struct xo_buf *buf, const struct xo_calibration *c)
{
    struct xo_json json = { 0 }, *j = &json;
    json_t *root = xo_json_object(j);
    xo_json_put_text(j, root, "schema", "crossover.calibration/1");
    xo_json_put_text(j, root, "version", XO_VERSION);
    xo_json_put_text(j, root, "path", c->measured->path);
    xo_json_put_text(j, root, "deployment", c->deployment);
    xo_json_put_number(j, root, "n_rows", (double)c->n_rows);
    xo_json_put_number(j, root, "n_skipped", (double)c->n_skipped);
    xo_json_put_text(j, root, "first_skipped", c->why_skipped);
    xo_json_put_bool(j, root, "defaults_kept", c->kept);
    xo_json_put_number(j, root, "n_folds", c->n_folds);
    xo_json_put_number(j, root, "rows_left_out", c->fold_rows);
    xo_json_put_number(j, root, "scatter_frac", c->scatter_frac);
    xo_json_put_number(j, root, "n_simulated", (double)c->n_simulated);
    xo_json_put(j, root, "constants", constants_json(j, c));
    xo_json_put(j, root, "median_abs_errors", errors_json(j, c->errors));
    xo_json_put(j, root, "whole_logs", errors_json(j, c->logs));
    xo_json_dump(j, root, buf);
}

bool xo_calibration_print(FILE *out, const struct xo_calibration *c, enum xo_format format,
                          struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    if (format == XO_FORMAT_CSV)
        put_csv(&buf, c);
    else if (format == XO_FORMAT_JSON)
        put_json(&buf, c);
    else
        put_table(&buf, c);
    return xo_buf_print(&buf, out, err);
}
