/* targets.c - what a validation is held to beside what it reaches; knees; request logs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables.h"
#include "validate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- words ---- */

/* 8.2 %, 21 % */
static int say_percent(char *out, size_t size, double frac)
{
    return isnan(frac) ? snprintf(out, size, "-")
                       : snprintf(out, size, "%.*f %%", fabs(frac) < 0.0995 ? 1 : 0, 100 * frac);
}

const char *xo_target_asked(char out[64], const struct xo_target *t)
{
    int n = snprintf(out, 64, "%s %.0f %%", t->at_least ? "at least" : "at most", 100 * t->limit);
    if (t->limit_s > 0)
        snprintf(out + n, 64 - (size_t)n, " or %.0f ms", 1e3 * t->limit_s);
    return out;
}

const char *xo_target_reached(char out[64], const struct xo_target *t)
{
    int n = say_percent(out, 64, t->reached);
    if (t->limit_s > 0 && isfinite(t->reached_s))
        snprintf(out + n, 64 - (size_t)n, " or %.0f ms", 1e3 * t->reached_s);
    return out;
}

const char *xo_target_of(char out[64], const struct xo_target *t)
{
    const int n = snprintf(out, 64, "%d%s", t->n, t->n_datasets > 0 ? " rows" : "");
    if (t->limit_s > 0 && isfinite(t->reached))
        snprintf(out + n, 64 - (size_t)n, ", %.0f %% within", 100 * t->near_frac);
    return out;
}

const char *xo_target_verdict(const struct xo_target *t)
{
    return isnan(t->reached) ? "-" : t->met ? "met" : "missed";
}

void xo_count_knees(const struct xo_validation *v, bool kv_limited, int *n, int *near)
{
    *n = *near = 0;
    for (size_t i = 0; i < v->n_series; i++)
        if (!kv_limited || v->series[i].kv_limited) {
            ++*n;
            *near += v->series[i].steps <= 1;
        }
}

/* ---- on paper ---- */

static void put_near(struct page *page, const struct xo_validation *v)
{
    char asked[64];
    for (int i = 0; i < v->n_targets; i++) {
        const struct xo_target *t = &v->targets[i];
        if (t->limit_s > 0 && isfinite(t->near_frac))
            page_line(page, "%s: %.0f %% of rows are off by %s.", t->name, 100 * t->near_frac,
                      xo_target_asked(asked, t));
    }
}

void xo_put_targets(struct page *page, const struct xo_validation *v)
{
    char asked[64], reached[64];
    int n, near;
    page_gap(page);
    page_table(page, NULL);
    for (int i = 0; i < v->n_targets; i++) {
        const struct xo_target *t = &v->targets[i];
        const bool missed = !isnan(t->reached) && !t->met;
        struct xo_words words = { 0 };
        const struct cell cells[] = {
            { NULL, WORD(t->name), .head = "target", LEFT(26) },
            { NULL, WORD(xo_target_asked(asked, t)), .head = "asked", LEFT(24) },
            { NULL, WORD(xo_target_reached(reached, t)), .head = "reached", LEFT(15) },
            { NULL, WORD(xo_say(&words, "%d%s", t->n, missed ? "  missed" : "")), .head = "of" },
        };
        PAGE_ROW(page, cells);
    }
    put_near(page, v);
    xo_count_knees(v, false, &n, &near);
    if (n > 0)
        page_line(page, "Knees of all %d series of loads: %d within one step of the grid.", n,
                  near);
}

static const enum xo_measure log_columns[3][4] = {
    { XO_MEASURE_TTFT, XO_MEASURE_TTFT_P50, XO_MEASURE_TTFT_P90, XO_MEASURE_TTFT_P99 },
    { XO_MEASURE_TPOT, XO_MEASURE_TPOT_P50, XO_MEASURE_TPOT_P90, XO_MEASURE_TPOT_P99 },
    { XO_MEASURE_E2E, XO_MEASURE_E2E_P50, XO_MEASURE_E2E_P90, XO_MEASURE_E2E_P99 },
};
enum { N_LOG_LINES = 3, N_LOG_COLUMNS = 4 };

static bool is_log(const struct xo_validation *v, size_t i)
{
    return v->measured->rows[i].served.n > 0 && v->rows[i].simulated;
}

bool xo_has_logs(const struct xo_validation *v)
{
    bool any = false;
    for (size_t i = 0; i < v->measured->n; i++)
        any |= is_log(v, i);
    return any;
}

static void put_log_line(struct page *page, const struct xo_validation *v, size_t i, int line,
                         const char *head, const char *format)
{
    static const char *const heads[] = { "mean", "p50", "p90", "p99" };
    struct xo_words words = { 0 }, *w = &words;
    char id[160];
    xo_plain(id, sizeof id, line == 0 ? v->measured->rows[i].id : "", 60);
    struct cell cells[2 + N_LOG_COLUMNS] = {
        { NULL, TEXT(id), .head = head, LEFT(44) },
        { NULL, WORD(xo_measure_head(log_columns[line][0])), LEFT(5) },
    };
    for (int k = 0; k < N_LOG_COLUMNS; k++) {
        const double e = xo_row_error(v, i, log_columns[line][k]);
        cells[2 + k] = (struct cell){ NULL, NUMBER(e), .head = heads[k], RIGHT(6),
                                      SHOWN(isnan(e) ? "-" : xo_say(w, format, 100 * e)) };
    }
    PAGE_ROW(page, cells);
}

void xo_put_logs(struct page *page, const struct xo_validation *v, const char *head,
                 const char *format)
{
    page_table(page, NULL);
    for (size_t i = 0; i < v->measured->n; i++)
        for (int line = 0; is_log(v, i) && line < N_LOG_LINES; line++)
            put_log_line(page, v, i, line, head, format);
}

/* ---- files ---- */

void xo_put_targets_rows(struct rows *to, const struct xo_validation *v)
{
    for (int i = 0; i < v->n_targets; i++) {
        const struct xo_target *t = &v->targets[i];
        const bool by_time = t->limit_s > 0;
        const struct cell cells[] = {
            { "target", TEXT(t->name) },
            { "asked", "fraction", NUMBER(t->limit) },
            { "asked_s", "s", NUMBER(by_time ? t->limit_s : NAN) },
            { "reached", "fraction", NUMBER(t->reached) },
            { "reached_s", "s", NUMBER(by_time ? t->reached_s : NAN) },
            { "near_frac", "fraction", NUMBER(by_time ? t->near_frac : NAN) },
            { "n", "", NUMBER(t->n) },
            { "n_datasets", "", NUMBER(t->n_datasets) },
            { "verdict", WORD(xo_target_verdict(t)) },
        };
        ROW_PUT(to, cells);
    }
}

json_t *xo_targets_json(struct xo_json *j, const struct xo_validation *v)
{
    struct rows to = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < v->n_targets; i++) {
        const struct xo_target *t = &v->targets[i];
        const struct cell cells[] = {
            { "target", TEXT(t->name) },
            { "asked", WORD(t->at_least ? "at least" : "at most") },
            { "limit_frac", NUMBER(t->limit) },
            { "limit_s", NUMBER(t->limit_s > 0 ? t->limit_s : NAN) },
            { "reached_frac", NUMBER(t->reached) },
            { "reached_s", NUMBER(t->limit_s > 0 ? t->reached_s : NAN) },
            { "n", NUMBER(t->n) },
            { "n_datasets", NUMBER(t->n_datasets) },
            { "verdict", WORD(xo_target_verdict(t)) },
        };
        ROW_PUT(&to, cells);
    }
    return to.array;
}

void xo_put_series(struct rows *to, const struct xo_validation *v)
{
    static const struct xo_series none;
    to->names_alone = v->n_series == 0;
    for (size_t i = 0; i == 0 || i < v->n_series; i++) {
        const struct xo_series *s = to->names_alone ? &none : &v->series[i];
        const struct cell cells[] = {
            { "first_id", TEXT(to->names_alone ? "" : v->measured->rows[s->row].id) },
            { "n_loads", "", NUMBER(s->n_loads) },
            { "measured_knee", "by load", NUMBER(s->measured_knee) },
            { "predicted_knee", "by load", NUMBER(s->predicted_knee) },
            { "steps", "", NUMBER(s->steps) },
            { "kv_limited", YES_NO(s->kv_limited) },
        };
        ROW_PUT(to, cells);
    }
}
