/* served.c - how the requests of a log went: times from CSV, and what is measured of them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/delimited.h"
#include "xo/measured.h"
#include "xo/memory.h"
#include "xo/stats.h"
#include "xo/table.h"
#include "xo/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 1 << 28 };

/* ---- reading ---- */

enum { ARRIVAL, PROMPT, OUTPUT, FIRST, LAST, N_COLUMNS };
static const char *const columns[][2] = {
    { "arrival_s", "arrival_s" },         { "input_tokens", "prompt_tokens" },
    { "output_tokens", "output_tokens" }, { "first_token_s", "first_token_s" },
    { "last_token_s", "finished_s" },
};
XO_TABLE_OF(columns, N_COLUMNS);

/* Where the columns stand; false where one of them is not there. */
static bool find_columns(char *const fields[], int n, int at[N_COLUMNS])
{
    for (int c = 0; c < N_COLUMNS; c++) {
        at[c] = -1;
        for (int i = 0; i < n; i++)
            if (strcmp(fields[i], columns[c][0]) == 0 || strcmp(fields[i], columns[c][1]) == 0)
                at[c] = i;
        if (at[c] < 0)
            return false;
    }
    return true;
}

struct line {
    double v[N_COLUMNS];
    long number; /* in the file, to keep the order of equal times, as a trace has it */
};

static int by_arrival(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->v[ARRIVAL] != y->v[ARRIVAL])
        return x->v[ARRIVAL] > y->v[ARRIVAL] ? 1 : -1;
    return (x->number > y->number) - (x->number < y->number);
}

static bool read_line(char *const fields[], int n, const int at[N_COLUMNS], struct line *line)
{
    const char *rest;
    for (int c = 0; c < N_COLUMNS; c++)
        if (at[c] >= n || !xo_text_number(fields[at[c]], &line->v[c], &rest) || *rest != '\0')
            return false;
    const double *v = line->v;
    return v[FIRST] >= v[ARRIVAL] && v[LAST] >= v[FIRST] && v[LAST] - v[ARRIVAL] < 1e9;
}

static bool keep_lines(struct xo_served *served, struct line *lines, size_t n, struct xo_error *err)
{
    double *work = malloc(3 * n * sizeof *work);
    if (work == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu requests", n);
    qsort(lines, n, sizeof *lines, by_arrival);
    *served =
        (struct xo_served){ .n = n, .ttft_s = work, .tpot_s = work + n, .e2e_s = work + 2 * n };
    double first_s = INFINITY, last_s = 0, tokens = 0;
    for (size_t i = 0; i < n; i++) {
        const double *v = lines[i].v;
        served->ttft_s[i] = v[FIRST] - v[ARRIVAL];
        served->tpot_s[i] = v[OUTPUT] > 1 ? (v[LAST] - v[FIRST]) / (v[OUTPUT] - 1) : NAN;
        served->e2e_s[i] = v[LAST] - v[ARRIVAL];
        first_s = fmin(first_s, v[ARRIVAL]);
        last_s = fmax(last_s, v[LAST]);
        tokens += v[OUTPUT];
    }
    served->output_per_s = tokens / (last_s - first_s);
    return true;
}

/* The lines below the header. Those without prompt or output tokens are left out, as xo_trace_read
 * does. */
static bool read_lines(struct xo_delimited *d, const int at[N_COLUMNS], struct line **lines,
                       size_t *n, struct xo_error *err)
{
    size_t room = 0;
    bool is_end;
    while (xo_delimited_next(d, &is_end, err)) {
        if (is_end)
            return true;
        if (!xo_delimited_split(d, err))
            return false;
        struct line line = { .number = d->line };
        if (!read_line(d->fields, d->n_fields, at, &line))
            return xo_delimited_fail(d, err,
                                     "arrival_s, first_token_s and last_token_s take seconds, in "
                                     "this order of time");
        if (line.v[PROMPT] <= 0 || line.v[OUTPUT] <= 0)
            continue;
        if (!xo_array_reserve((void **)lines, &room, *n + 1, sizeof line, err))
            return false;
        (*lines)[(*n)++] = line;
    }
    return false;
}

/* JSON lines, and a header without one of the columns, tell what was sent alone. */
static bool has_times(struct xo_delimited *d, int at[N_COLUMNS], bool *has, struct xo_error *err)
{
    bool is_end;
    *has = false;
    if (xo_delimited_peek(d) == '{')
        return true;
    if (!xo_delimited_header(d, &is_end, err))
        return false;
    *has = find_columns(d->fields, d->n_fields, at);
    return true;
}

static bool read_log(struct xo_served *served, struct xo_delimited *d, size_t n_requests,
                     struct xo_error *err)
{
    struct line *lines = NULL;
    size_t n = 0;
    int at[N_COLUMNS];
    bool has;
    if (!has_times(d, at, &has, err))
        return false;
    if (!has)
        return true;
    bool ok = read_lines(d, at, &lines, &n, err);
    if (ok && n != n_requests)
        ok = xo_fail(err, XO_ERR_INPUT, "%s: %zu requests have times and %zu lengths", d->path, n,
                     n_requests);
    ok = ok && keep_lines(served, lines, n, err);
    free(lines);
    return ok;
}

bool xo_served_read(struct xo_served *served, const char *path, size_t n_requests,
                    struct xo_error *err)
{
    struct xo_delimited d = { .what = "a request log", .max_bytes = MAX_BYTES };
    *served = (struct xo_served){ 0 };
    if (!xo_delimited_open(&d, path, err))
        return false;
    const bool ok = read_log(served, &d, n_requests, err);
    xo_delimited_close(&d);
    return ok;
}

void xo_served_fini(struct xo_served *served)
{
    free(served->ttft_s); /* the three are one */
    *served = (struct xo_served){ 0 };
}

/* ---- measuring ---- */

/* Mean and percentiles of the finite ones of x[n], sorted here. */
static void measure(double x[], size_t n, double m[], enum xo_measure mean)
{
    static const struct {
        int above;
        double quantile;
    } percentiles[] = { { XO_MEASURE_TTFT_P50, 0.5 },
                        { XO_MEASURE_TTFT_P90, 0.9 },
                        { XO_MEASURE_TTFT_P95, 0.95 },
                        { XO_MEASURE_TTFT_P99, 0.99 } };
    const int step = XO_MEASURE_TPOT_P50 - XO_MEASURE_TTFT_P50;
    double sum = 0;
    xo_sort(x, n);
    while (n > 0 && isnan(x[n - 1]))
        n--;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    m[mean] = n > 0 ? sum / (double)n : NAN;
    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++)
        m[percentiles[i].above + step * ((int)mean - XO_MEASURE_TTFT)] =
            xo_sorted_quantile(x, n, percentiles[i].quantile);
}

bool xo_served_measure(const struct xo_served *served, size_t from, size_t to,
                       double m[XO_N_MEASURES], struct xo_error *err)
{
    const double *const times[] = { served->ttft_s, served->tpot_s, served->e2e_s };
    const size_t n = to - from;
    double *work = malloc((n + 1) * sizeof *work);
    if (work == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu requests", n);
    for (int i = 0; i < 3; i++) {
        memcpy(work, times[i] + from, n * sizeof *work);
        measure(work, n, m, (enum xo_measure)(XO_MEASURE_TTFT + i));
    }
    free(work);
    return true;
}
