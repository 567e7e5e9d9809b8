/* targets.c - what a validation is held to beside what it reaches; knees; request logs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/page.h"

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

static void put_near(struct xo_buf *buf, const struct xo_validation *v)
{
    char asked[64];
    for (int i = 0; i < v->n_targets; i++) {
        const struct xo_target *t = &v->targets[i];
        if (t->limit_s > 0 && isfinite(t->near_frac))
            xo_put(buf, "%s: %.0f %% of rows are off by %s.\n", t->name, 100 * t->near_frac,
                   xo_target_asked(asked, t));
    }
}

void xo_put_targets(struct xo_buf *buf, const struct xo_validation *v)
{
    char text[64];
    int n, near;
    xo_put(buf, "\n");
    xo_put_cell(buf, "target", 26, false);
    xo_put_cell(buf, "asked", 24, false);
    xo_put_cell(buf, "reached", 15, false);
    xo_put(buf, "of\n");
    for (int i = 0; i < v->n_targets; i++) {
        const struct xo_target *t = &v->targets[i];
        xo_put_cell(buf, t->name, 26, false);
        xo_put_cell(buf, xo_target_asked(text, t), 24, false);
        xo_put_cell(buf, xo_target_reached(text, t), 15, false);
        xo_put(buf, "%d%s\n", t->n, isnan(t->reached) || t->met ? "" : "  missed");
    }
    put_near(buf, v);
    xo_count_knees(v, false, &n, &near);
    if (n > 0)
        xo_put(buf, "Knees of all %d series of loads: %d within one step of the grid.\n", n, near);
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

void xo_put_logs(struct xo_buf *buf, const struct xo_validation *v)
{
    static const char *const heads[] = { "mean", "p50", "p90", "p99" };
    bool any = false;
    for (size_t i = 0; i < v->measured->n; i++)
        any |= is_log(v, i);
    if (!any)
        return;
    xo_put(buf, "\n");
    xo_put_cell(buf, "request logs", 49, false); /* over the two cells of what is named below */
    for (int k = 0; k < N_LOG_COLUMNS; k++)
        xo_put_cell(buf, heads[k], 6, true);
    xo_put(buf, "\n");
    for (size_t i = 0; i < v->measured->n; i++)
        for (int line = 0; is_log(v, i) && line < N_LOG_LINES; line++) {
            xo_put_cell(buf, line == 0 ? v->measured->rows[i].id : "", 44, false);
            xo_put_cell(buf, xo_measure_head(log_columns[line][0]), 5, false);
            for (int k = 0; k < N_LOG_COLUMNS; k++) {
                char text[32];
                const double e = xo_row_error(v, i, log_columns[line][k]);
                snprintf(text, sizeof text, isnan(e) ? "-" : "%+.1f", 100 * e);
                xo_put_cell(buf, text, 6, true);
            }
            xo_put(buf, "\n");
        }
}

/* ---- Markdown ---- */

void xo_put_targets_md(struct xo_buf *buf, const struct xo_validation *v)
{
    char asked[64], reached[64], of[64];
    xo_put(buf, "| target | asked | reached | of | |\n| --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < v->n_targets; i++) {
        const struct xo_target *t = &v->targets[i];
        xo_put(buf, "| %s | %s | %s | %s | %s |\n", t->name, xo_target_asked(asked, t),
               xo_target_reached(reached, t), xo_target_of(of, t), xo_target_verdict(t));
    }
}

void xo_put_logs_md(struct xo_buf *buf, const struct xo_validation *v)
{
    char id[160];
    xo_put(buf, "| request log | | mean | p50 | p90 | p99 |\n| --- | --- | --- | --- | --- | --- |"
                "\n");
    for (size_t i = 0; i < v->measured->n; i++)
        for (int line = 0; is_log(v, i) && line < N_LOG_LINES; line++) {
            xo_put(buf, "| %s | %s |",
                   line == 0 ? xo_plain(id, sizeof id, v->measured->rows[i].id, 60) : "",
                   xo_measure_head(log_columns[line][0]));
            for (int k = 0; k < N_LOG_COLUMNS; k++)
                xo_put(buf, " %+.1f %% |", 100 * xo_row_error(v, i, log_columns[line][k]));
            xo_put(buf, "\n");
        }
}

/* ---- files ---- */

void xo_put_targets_csv(struct xo_buf *buf, const struct xo_validation *v)
{
    struct rows to = { .csv = buf };
    for (int i = 0; i < v->n_targets; i++) {
        const struct xo_target *t = &v->targets[i];
        const bool by_time = t->limit_s > 0;
        const struct cell cells[] = {
            { "target", TEXT(t->name) },
            { "asked", NUMBER(t->limit) },
            { "asked_s", NUMBER(by_time ? t->limit_s : NAN) },
            { "reached", NUMBER(t->reached) },
            { "reached_s", NUMBER(by_time ? t->reached_s : NAN) },
            { "near_frac", NUMBER(by_time ? t->near_frac : NAN) },
            { "n", NUMBER(t->n) },
            { "n_datasets", NUMBER(t->n_datasets) },
            { "verdict", WORD(xo_target_verdict(t)) },
        };
        ROW_PUT(&to, cells);
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
            { "n_loads", NUMBER(s->n_loads) },
            { "measured_knee", NUMBER(s->measured_knee) },
            { "predicted_knee", NUMBER(s->predicted_knee) },
            { "steps", NUMBER(s->steps) },
            { "kv_limited", YES_NO(s->kv_limited) },
        };
        ROW_PUT(to, cells);
    }
}
