/* calibrate.c - constants fitted to a benchmark: the table, rows, JSON, and the file to include.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/lines.h"
#include "report/out/out.h"
#include "validate.h"
#include "xo/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 19, VALUE = 11 };

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

static void put_constant(struct rows *to, const struct xo_fitted *f)
{
    struct xo_words words = { 0 };
    char before[64], fit[64], lo[64], hi[64];
    show(lo, sizeof lo, f, f->lo, 3);
    show(hi, sizeof hi, f, f->hi, 3);
    const struct cell cells[] = {
        { "name", TEXT(f->name), .head = "constant", LEFT(NAME) },
        { "unit",
          WORD(is_factor(f) ? "factor"
               : f->is_time ? "s"
                            : "share"),
          .hidden = true },
        { "before", "by unit", NUMBER(f->before),
          SHOWN(show(before, sizeof before, f, f->before, 3)), .head = "before", RIGHT(VALUE) },
        { "fit", "by unit", NUMBER(f->fit), SHOWN(show(fit, sizeof fit, f, f->fit, 3)),
          .head = "fitted", RIGHT(VALUE) },
        { "lo", "by unit", NUMBER(f->lo), SHOWN(xo_say(&words, "%s to %s", lo, hi)),
          .head = "95 % interval", .gap = 3 },
        { "hi", "by unit", NUMBER(f->hi), .hidden = true },
        { "used", "by unit", NUMBER(f->after), .hidden = true },
        { "width_frac", "fraction", NUMBER(f->width_frac), .hidden = true },
        { "identified", FLAG(is_known(f)), .hidden = true },
    };
    ROW_PUT(to, cells);
}

static void put_constants(struct page *page, const struct xo_calibration *c)
{
    struct xo_words words = { 0 };
    page_gap(page);
    page_table(page, xo_say(&words, "%-*s%*s%*s   95 %% interval", NAME, "constant", VALUE,
                            "before", VALUE, "fitted"));
    for (int i = 0; i < c->n_fitted; i++)
        if (is_known(&c->fitted[i]))
            put_constant(&(struct rows){ .page = page }, &c->fitted[i]);
}

static void put_unknown(struct page *page, const struct xo_calibration *c)
{
    struct xo_buf text = { 0 };
    int n = 0;
    for (int i = 0; i < c->n_fitted; i++)
        if (!is_known(&c->fitted[i]))
            xo_put(&text, "%s%s", n++ > 0 ? ", " : "", c->fitted[i].name);
    if (n > 0)
        xo_put(&text,
               ": these rows do not tell %s from %s default%s; other loads or lengths would.",
               n == 1 ? "it" : "them", n == 1 ? "its" : "their", n == 1 ? "" : "s");
    page_gap(page);
    page_text(page, &text);
}

static const char *say_percent(struct xo_words *w, double frac)
{
    return isnan(frac) ? "-" : xo_say(w, 100 * frac < 9.95 ? "%.1f %%" : "%.0f %%", 100 * frac);
}

static void put_error(struct page *page, const char *name, const struct xo_calibration_error *e)
{
    struct xo_words words = { 0 }, *w = &words;
    const struct cell cells[] = {
        { NULL, WORD(name), .head = "median error", LEFT(NAME) },
        { NULL, NUMBER(e->n), .head = "rows", RIGHT(6) },
        { NULL, WORD(say_percent(w, e->before_frac)), .head = "before", RIGHT(VALUE) },
        { NULL, WORD(say_percent(w, e->after_frac)), .head = "fitted", RIGHT(VALUE) },
        { NULL, WORD(say_percent(w, e->left_out_frac)), .head = "left out", RIGHT(VALUE) },
    };
    if (e->n > 0)
        PAGE_ROW(page, cells);
}

static void put_errors(struct page *page, const struct xo_calibration *c)
{
    page_gap(page);
    page_table(page, NULL);
    for (int m = 0; m < XO_N_MEASURES; m++)
        put_error(page, xo_measure_head((enum xo_measure)m), &c->errors[m]);
    for (int m = 0; m < XO_N_MEASURES; m++) {
        struct xo_words words = { 0 };
        put_error(page, xo_say(&words, "%s, whole log", xo_measure_head((enum xo_measure)m)),
                  &c->logs[m]);
    }
}

static void calibration_page(struct page *page, const struct xo_calibration *c)
{
    char path[XO_PATH_SIZE], why[400], skipped[500] = "";
    if (c->n_skipped > 0)
        snprintf(skipped, sizeof skipped, ", %zu skipped (%s)", c->n_skipped,
                 xo_plain(why, sizeof why, c->why_skipped, 200));
    page_say(page, "%s: %zu %s of %s%s.", c->deployment, c->n_rows,
             c->logs[XO_MEASURE_TPOT].n > 0 ? "rows and parts of request logs" : "rows",
             xo_plain(path, sizeof path, c->measured->path, 200), skipped);
    put_constants(page, c);
    put_errors(page, c);
    put_unknown(page, c);
    page_gap(page);
    page_say(page,
             "Left out: %d row%s at a time, in %d turns, each predicted by a fit to the others. "
             "Around the fit the rows scatter by %.1f %% (one standard deviation).",
             c->fold_rows, c->fold_rows == 1 ? "" : "s", c->n_folds, 100 * c->scatter_frac);
    if (c->kept)
        page_say(page, "The defaults are kept: rows left out are not predicted better by a fit to "
                       "the others. More rows, over loads and lengths, would tell.");
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
                { "line", "", NUMBER(row->line) },
                { "id", TEXT(row->id) },
                { "part", "", NUMBER(r->part > 0 ? r->part : (double)NAN) },
                { "measure", WORD(xo_measure_name((enum xo_measure)m)) },
                { "measured", "by measure", NUMBER(r->measured[m]) },
                { "before", "by measure", NUMBER(r->before[m]) },
                { "fitted", "by measure", NUMBER(r->after[m]) },
                { "left_out", "by measure", NUMBER(r->left_out[m]) },
            };
            if (!isnan(r->measured[m]))
                ROW_PUT(&to, cells);
        }
    }
}

static json_t *constants_json(struct xo_json *j, const struct xo_calibration *c)
{
    struct rows to = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < c->n_fitted; i++)
        put_constant(&to, &c->fitted[i]);
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
    const struct cell cells[] = {
        { "schema", WORD("crossover.calibration/1") },
        { "version", WORD(XO_VERSION) },
        { "path", TEXT(c->measured->path) },
        { "deployment", TEXT(c->deployment) },
        { "n_rows", NUMBER(c->n_rows) },
        { "n_skipped", NUMBER(c->n_skipped) },
        { "first_skipped", TEXT(c->why_skipped) },
        { "defaults_kept", FLAG(c->kept) },
        { "n_folds", NUMBER(c->n_folds) },
        { "rows_left_out", NUMBER(c->fold_rows) },
        { "scatter_frac", NUMBER(c->scatter_frac) },
        { "n_simulated", NUMBER(c->n_simulated) },
        { "constants", JSON(constants_json(j, c)) },
        { "median_abs_errors", JSON(errors_json(j, c->errors)) },
        { "whole_logs", JSON(errors_json(j, c->logs)) },
    };
    xo_json_dump(j, CELLS_JSON(j, cells), buf);
}

bool xo_calibration_print(FILE *out, const struct xo_calibration *c, enum xo_format format,
                          struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    struct page page = { 0 };
    if (format == XO_FORMAT_CSV)
        put_csv(&buf, c);
    else if (format == XO_FORMAT_JSON)
        put_json(&buf, c);
    else
        calibration_page(&page, c);
    return page_print(&page, &buf, out, err);
}
