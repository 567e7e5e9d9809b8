/* validate_md.c - a validation in Markdown: validate.md, of which docs/validation_tables.md is
 * made.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include "xo/text.h"
#include <math.h>
#include <string.h>

static const enum xo_measure shown[] = { XO_MEASURE_TPOT, XO_MEASURE_OUTPUT, XO_MEASURE_E2E,
                                         XO_MEASURE_TTFT };
enum { N_SHOWN = sizeof shown / sizeof *shown };

/* " 8.2 (19) " */
static void put_error(struct xo_buf *buf, double median, double p90)
{
    if (!isnan(median))
        xo_put(buf, " %.*f (%.0f", fabs(median) < 0.0995 ? 1 : 0, 100 * median, 100 * p90);
}

static const struct xo_score *find(const struct xo_validation *v, size_t first, size_t n,
                                   enum xo_measure measure)
{
    for (size_t i = first; i < first + n; i++)
        if (v->scores[i].measure == measure)
            return &v->scores[i];
    return NULL;
}

/* The scores first .. first+n-1, which are of one group. */
static void put_group(struct xo_buf *buf, const struct xo_validation *v, size_t first, size_t n)
{
    int rows = 0;
    for (size_t i = first; i < first + n; i++)
        rows = v->scores[i].n > rows ? v->scores[i].n : rows;
    char name[XO_MEASURED_NAME * 2];
    xo_put(buf, "| %s | %d |", xo_plain(name, sizeof name, v->scores[first].group, 60), rows);
    for (int k = 0; k < N_SHOWN; k++) {
        const struct xo_score *s = find(v, first, n, shown[k]);
        if (s != NULL) {
            put_error(buf, s->median_abs_frac, s->p90_abs_frac);
            xo_put(buf, ", %+.*f)", fabs(s->bias_frac) < 0.0995 ? 1 : 0, 100 * s->bias_frac);
        }
        xo_put(buf, " |");
    }
    xo_put(buf, "\n");
}

static void put_mean(struct xo_buf *buf, const struct xo_validation *v)
{
    xo_put(buf, "| **mean over datasets** | |");
    for (int k = 0; k < N_SHOWN; k++) {
        const struct xo_scoreboard *b = &v->board[shown[k]];
        if (b->n_datasets > 0) {
            put_error(buf, b->median_abs_frac, b->p90_abs_frac);
            xo_put(buf, ")");
        }
        xo_put(buf, " |");
    }
    xo_put(buf, "\n");
}

static bool same_group(const struct xo_score *a, const struct xo_score *b)
{
    return strcmp(a->by, b->by) == 0 && strcmp(a->group, b->group) == 0;
}

static void put_groups(struct xo_buf *buf, const struct xo_validation *v)
{
    const char *by = "";
    for (size_t first = 0, end; first < v->n_scores; first = end) {
        for (end = first + 1; end < v->n_scores; end++)
            if (!same_group(&v->scores[first], &v->scores[end]))
                break;
        if (strcmp(by, v->scores[first].by) != 0) {
            by = v->scores[first].by;
            xo_put(buf, "\n| by %s | rows |", by);
            for (int k = 0; k < N_SHOWN; k++)
                xo_put(buf, " %s |", xo_measure_head(shown[k]));
            xo_put(buf, "\n| --- | --- | --- | --- | --- | --- |\n");
        }
        put_group(buf, v, first, end - first);
        if (strcmp(by, "dataset") == 0 &&
            (end == v->n_scores || strcmp(v->scores[end].by, by) != 0))
            put_mean(buf, v);
    }
}

static void put_load(struct xo_buf *buf, double load)
{
    if (isnan(load))
        xo_put(buf, " beyond |");
    else
        xo_put(buf, " %g |", load);
}

/* Series that run out of KV, and those whose knees lie more than one step apart. */
static void put_knees(struct xo_buf *buf, const struct xo_validation *v)
{
    int n, near, n_kv, near_kv;
    char id[160];
    xo_count_knees(v, false, &n, &near);
    xo_count_knees(v, true, &n_kv, &near_kv);
    if (n == 0)
        return;
    xo_put(buf,
           "\n%d of %d series of loads have their knee within one step of the grid, %d of the %d "
           "that run out of KV. Those %d, and all that are farther off:\n\n"
           "| series, by its first row | loads | knee measured | predicted | steps | |\n"
           "| --- | --- | --- | --- | --- | --- |\n",
           near, n, near_kv, n_kv, n_kv);
    for (size_t i = 0; i < v->n_series; i++) {
        const struct xo_series *s = &v->series[i];
        if (!s->kv_limited && s->steps <= 1)
            continue;
        xo_put(buf, "| %s | %d |", xo_plain(id, sizeof id, v->measured->rows[s->row].id, 80),
               s->n_loads);
        put_load(buf, s->measured_knee);
        put_load(buf, s->predicted_knee);
        xo_put(buf, " %d | %s |\n", s->steps, s->kv_limited ? "KV" : "");
    }
}

void xo_put_validation_md(struct xo_buf *buf, const struct xo_validation *v)
{
    char requests[32], path[XO_PATH_SIZE];
    const char *slash = strrchr(v->measured->path, '/');
    xo_put(buf, "%zu of %zu rows of %s simulated, %s requests.\n\n### Targets\n\n", v->n_simulated,
           v->measured->n,
           xo_plain(path, sizeof path, slash != NULL ? slash + 1 : v->measured->path, 200),
           xo_text_count(requests, sizeof requests, (double)v->n_requests, 3));
    xo_put_targets_md(buf, v);
    xo_put(buf,
           "\n### Errors\n\nPercent of predicted/measured − 1: median of its size, in brackets "
           "its 90 %% point and its median with sign. Rows of quality A, B or none.\n");
    put_groups(buf, v);
    xo_put(buf, "\n### Knees\n");
    put_knees(buf, v);
    bool any = false;
    for (size_t i = 0; i < v->measured->n; i++)
        any |= v->measured->rows[i].served.n > 0 && v->rows[i].simulated;
    if (any) {
        xo_put(buf, "\n### Request logs\n\n");
        xo_put_logs_md(buf, v);
    }
}
