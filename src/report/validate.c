/* validate.c - predictions beside measurements: rows, errors by group, the worst.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, NAME = 19, N_SHOWN = 4, N_WORST = 8, N_REASONS = 8 };

/* How a measure is called in files and on paper; errors of times are given in ms too. */
static const struct {
    const char *name, *head;
    bool is_time;
} measures[] = {
    { "output_tokens_per_s", "output", false },
    { "ttft_s", "TTFT", true },
    { "tpot_s", "TPOT", true },
    { "e2e_s", "E2E", true },
    { "ttft_p50_s", "TTFT p50", true },
    { "ttft_p90_s", "TTFT p90", true },
    { "ttft_p95_s", "TTFT p95", true },
    { "ttft_p99_s", "TTFT p99", true },
    { "tpot_p50_s", "TPOT p50", true },
    { "tpot_p90_s", "TPOT p90", true },
    { "tpot_p95_s", "TPOT p95", true },
    { "tpot_p99_s", "TPOT p99", true },
    { "e2e_p50_s", "E2E p50", true },
    { "e2e_p90_s", "E2E p90", true },
    { "e2e_p95_s", "E2E p95", true },
    { "e2e_p99_s", "E2E p99", true },
};
XO_TABLE_OF(measures, XO_N_MEASURES);
const char *xo_measure_name(enum xo_measure measure)
{
    return measures[measure].name;
}

const char *xo_measure_head(enum xo_measure measure)
{
    return measures[measure].head;
}

/* The columns of the table, in their order. */
static const enum xo_measure shown[N_SHOWN] = { XO_MEASURE_TPOT, XO_MEASURE_OUTPUT, XO_MEASURE_E2E,
                                                XO_MEASURE_TTFT };

/* ---- rows: CSV and JSON from one list of fields ---- */

/* A field of a row is text or a number; NAN is empty. */
struct cell {
    const char *name, *text; /* text NULL: a number */
    double number;
};
enum { N_ROW_CELLS = 29, MAX_CELLS = N_ROW_CELLS + 4 * XO_N_MEASURES };

static const char *const saturations[] = { "", "below", "saturated" };
XO_TABLE_OF(saturations, XO_N_SATURATIONS);

static double or_nan(double value, bool there)
{
    return there ? value : NAN;
}

static int row_cells(const struct xo_validation *v, size_t i, struct cell cells[MAX_CELLS],
                     char quality[2])
{
    const struct xo_measured_row *r = &v->measured->rows[i];
    const struct xo_prediction *p = &v->rows[i];
    const struct xo_deployment *d = &p->plan.deployment;
    const bool ok = p->simulated;
    quality[0] = r->quality;
    quality[1] = '\0';
    const struct cell fixed[N_ROW_CELLS] = {
        { "line", NULL, r->line },
        { "id", r->id, 0 },
        { "dataset", r->dataset, 0 },
        { "quality", quality, 0 },
        { "status", ok ? "simulated" : "skipped", 0 },
        { "why_skipped", ok ? "" : p->why, 0 },
        { "gpu", r->gpu != NULL ? r->gpu->gpu.name : r->gpu_name, 0 },
        { "model", r->model != NULL ? r->model->model.name : r->model_name, 0 },
        { "engine", r->why[0] == '\0' ? xo_engine_name(r->engine) : "", 0 },
        { "engine_version", r->engine_version, 0 },
        { "weights", r->why[0] == '\0' ? xo_dtype_name(r->weights) : "", 0 },
        { "kv", ok ? xo_dtype_name(d->kv) : "", 0 },
        { "tensor_parallel", NULL, or_nan(d->tensor_parallel, ok) },
        { "attention_dp", NULL, or_nan(d->attention_dp, ok) },
        { "expert_parallel", NULL, or_nan(d->expert_parallel, ok) },
        { "pipeline_parallel", NULL, or_nan(d->pipeline_parallel, ok) },
        { "n_replicas", NULL, or_nan(p->plan.n_replicas, ok) },
        { "load", r->why[0] == '\0' ? xo_load_names[r->load] : "", 0 },
        { "load_value", NULL, r->load_value },
        { "isl", NULL, r->isl },
        { "osl", NULL, r->osl },
        { "n_requests", NULL, or_nan((double)p->plan.n_requests, ok) },
        { "chunk_tokens", NULL, or_nan((double)d->chunk_tokens, ok) },
        { "max_batch", NULL, or_nan(d->max_batch, ok) },
        { "memory_frac", NULL, or_nan(d->memory_frac, ok) },
        { "kv_room_tokens", NULL, or_nan(nearbyint(p->kv_room_tokens), ok) },
        { "kv_need_frac", NULL, or_nan(p->kv_need_frac, ok) },
        { "n_preemptions", NULL, or_nan((double)p->n_preemptions, ok) },
        { "saturation", ok ? saturations[p->saturation] : "", 0 },
    };
    memcpy(cells, fixed, sizeof fixed);
    int n = N_ROW_CELLS;
    for (int m = 0; m < XO_N_MEASURES; m++) {
        const double error = xo_row_error(v, i, (enum xo_measure)m);
        cells[n++] = (struct cell){ "measured_", NULL, r->measured[m] };
        cells[n++] = (struct cell){ "predicted_", NULL, p->predicted[m] };
        cells[n++] = (struct cell){ "error_frac_", NULL, error };
        cells[n++] = (struct cell){ "abs_error_frac_", NULL, fabs(error) };
    }
    return n;
}

/* "measured_" + "ttft_s"; an error has no unit, so its name loses the measure's. */
static const char *cell_name(const struct cell cells[], int i, char name[64])
{
    if (i < N_ROW_CELLS)
        return cells[i].name;
    snprintf(name, 64, "%s%s", cells[i].name, measures[(i - N_ROW_CELLS) / 4].name);
    return name;
}

static void put_rows_csv(struct xo_buf *buf, const struct xo_validation *v)
{
    struct cell cells[MAX_CELLS];
    char quality[2], name[64];
    for (size_t i = 0; i < v->measured->n; i++) {
        const int n = row_cells(v, i, cells, quality);
        for (int k = 0; i == 0 && k < n; k++)
            xo_put(buf, "%s%s", k > 0 ? "," : "", cell_name(cells, k, name));
        xo_put(buf, "%s", i == 0 ? "\r\n" : "");
        for (int k = 0; k < n; k++) {
            xo_put(buf, "%s", k > 0 ? "," : "");
            if (cells[k].text != NULL)
                xo_csv_text(buf, cells[k].text);
            else
                xo_csv_number(buf, cells[k].number);
        }
        xo_put(buf, "\r\n");
    }
}

static json_t *rows_json(struct xo_json *j, const struct xo_validation *v)
{
    struct cell cells[MAX_CELLS];
    char quality[2], name[64];
    json_t *array = xo_json_array(j);
    for (size_t i = 0; i < v->measured->n; i++) {
        const int n = row_cells(v, i, cells, quality);
        json_t *row = xo_json_object(j);
        for (int k = 0; k < n; k++)
            if (cells[k].text != NULL)
                xo_json_put_text(j, row, cells[k].name, cells[k].text);
            else if (k < N_ROW_CELLS || isfinite(cells[k].number))
                xo_json_put_number(j, row, cell_name(cells, k, name), cells[k].number);
        xo_json_append(j, array, row);
    }
    return array;
}

/* ---- groups ---- */

static void put_score_csv(struct xo_buf *buf, const char *by, const char *group,
                          enum xo_measure measure, const double values[5])
{
    xo_csv_text(buf, by);
    xo_put(buf, ",");
    xo_csv_text(buf, group);
    xo_put(buf, ",%s", measures[measure].name);
    for (int i = 0; i < 5; i++) {
        xo_put(buf, ",");
        xo_csv_number(buf, values[i]);
    }
    xo_put(buf, "\r\n");
}

static void put_summary_csv(struct xo_buf *buf, const struct xo_validation *v)
{
    xo_put(buf, "by,group,measure,n,median_abs_error_frac,p90_abs_error_frac,bias_frac,"
                "median_abs_error\r\n");
    for (int m = 0; m < XO_N_MEASURES; m++) {
        const struct xo_scoreboard *b = &v->board[m];
        if (b->n_datasets > 0)
            put_score_csv(
                buf, "scoreboard", "mean over datasets", (enum xo_measure)m,
                (double[]){ b->n_datasets, b->median_abs_frac, b->p90_abs_frac, NAN, NAN });
    }
    for (size_t i = 0; i < v->n_scores; i++) {
        const struct xo_score *s = &v->scores[i];
        put_score_csv(
            buf, s->by, s->group, s->measure,
            (double[]){ s->n, s->median_abs_frac, s->p90_abs_frac, s->bias_frac, s->median_abs });
    }
}

static json_t *scores_json(struct xo_json *j, const struct xo_validation *v)
{
    json_t *array = xo_json_array(j);
    for (size_t i = 0; i < v->n_scores; i++) {
        const struct xo_score *s = &v->scores[i];
        json_t *row = xo_json_object(j);
        xo_json_put_text(j, row, "by", s->by);
        xo_json_put_text(j, row, "group", s->group);
        xo_json_put_text(j, row, "measure", measures[s->measure].name);
        xo_json_put_number(j, row, "n", s->n);
        xo_json_put_number(j, row, "median_abs_error_frac", s->median_abs_frac);
        xo_json_put_number(j, row, "p90_abs_error_frac", s->p90_abs_frac);
        xo_json_put_number(j, row, "bias_frac", s->bias_frac);
        xo_json_put_number(j, row, "median_abs_error", s->median_abs);
        xo_json_append(j, array, row);
    }
    return array;
}

static json_t *board_json(struct xo_json *j, const struct xo_validation *v)
{
    json_t *board = xo_json_object(j);
    for (int m = 0; m < XO_N_MEASURES; m++) {
        json_t *row = xo_json_object(j);
        xo_json_put_number(j, row, "n_datasets", v->board[m].n_datasets);
        xo_json_put_number(j, row, "median_abs_error_frac", v->board[m].median_abs_frac);
        xo_json_put_number(j, row, "p90_abs_error_frac", v->board[m].p90_abs_frac);
        xo_json_put(j, board, measures[m].name, row);
    }
    return board;
}

static void put_json(struct xo_buf *buf, const struct xo_validation *v)
{
    struct xo_json json = { 0 }, *j = &json;
    json_t *root = xo_json_object(j);
    xo_json_put_text(j, root, "schema", "crossover.validation/1");
    xo_json_put_text(j, root, "version", XO_VERSION);
    xo_json_put_text(j, root, "path", v->measured->path);
    xo_json_put_number(j, root, "n_rows", (double)v->measured->n);
    xo_json_put_number(j, root, "n_simulated", (double)v->n_simulated);
    xo_json_put_number(j, root, "n_skipped", (double)v->n_skipped);
    xo_json_put_number(j, root, "n_unknown", (double)v->measured->n_unknown);
    xo_json_put_number(j, root, "simulated_requests", (double)v->n_requests);
    xo_json_put(j, root, "targets", xo_targets_json(j, v));
    xo_json_put(j, root, "scoreboard", board_json(j, v));
    xo_json_put(j, root, "scores", scores_json(j, v));
    xo_json_put(j, root, "series", xo_series_json(j, v));
    xo_json_put(j, root, "rows", rows_json(j, v));
    xo_json_dump(j, root, buf);
}

/* ---- the table ---- */

/* A share as a bare percentage in at most `columns` columns: 9.7, 35, >999. */
static void put_percent(struct xo_buf *buf, double frac, bool sign, size_t columns)
{
    char text[32];
    const double percent = 100 * frac;
    if (isnan(frac))
        xo_text_copy(text, sizeof text, "-");
    else if (fabs(percent) >= 999.5)
        xo_text_copy(text, sizeof text, percent > 0 ? ">999" : "<-999");
    else
        snprintf(text, sizeof text, sign ? "%+.*f" : "%.*f", fabs(percent) < 9.95 ? 1 : 0, percent);
    xo_put_cell(buf, text, columns, true);
}

static const struct xo_score *find(const struct xo_validation *v, const char *by, const char *group,
                                   enum xo_measure measure)
{
    for (size_t i = 0; i < v->n_scores; i++) {
        const struct xo_score *s = &v->scores[i];
        if (s->measure == measure && strcmp(s->by, by) == 0 && strcmp(s->group, group) == 0)
            return s;
    }
    return NULL;
}

static void put_group(struct xo_buf *buf, const struct xo_validation *v, const char *by,
                      const char *group)
{
    char count[32];
    const struct xo_score *first = NULL, *s[N_SHOWN];
    for (int k = 0; k < N_SHOWN; k++) {
        s[k] = find(v, by, group, shown[k]);
        if (s[k] != NULL && (first == NULL || s[k]->n > first->n))
            first = s[k];
    }
    if (first == NULL)
        return;
    snprintf(count, sizeof count, "%d", first->n);
    xo_put_cell(buf, group, NAME, false);
    xo_put_cell(buf, count, 5, true);
    for (int k = 0; k < N_SHOWN; k++) {
        put_percent(buf, s[k] != NULL ? s[k]->median_abs_frac : NAN, false, 4);
        put_percent(buf, s[k] != NULL ? s[k]->p90_abs_frac : NAN, false, 5);
        put_percent(buf, s[k] != NULL ? s[k]->bias_frac : NAN, true, 5);
    }
    xo_put(buf, "\n");
}

static void put_head(struct xo_buf *buf, const char *by)
{
    char title[64];
    snprintf(title, sizeof title, "by %s", by);
    xo_put(buf, "\n");
    xo_put_cell(buf, title, NAME, false);
    xo_put_cell(buf, "rows", 5, true);
    for (int k = 0; k < N_SHOWN; k++)
        xo_put_cell(buf, measures[shown[k]].head, 14, true);
    xo_put(buf, "\n");
}

static void put_board(struct xo_buf *buf, const struct xo_validation *v)
{
    xo_put_cell(buf, "mean over datasets", NAME + 5, false);
    for (int k = 0; k < N_SHOWN; k++) {
        put_percent(buf, v->board[shown[k]].median_abs_frac, false, 4);
        put_percent(buf, v->board[shown[k]].p90_abs_frac, false, 5);
        xo_put(buf, "%s", k + 1 < N_SHOWN ? "     " : "");
    }
    xo_put(buf, "\n");
}

/* Groups stand in a row by the grouping that made them; the board closes the datasets. */
static void put_groups(struct xo_buf *buf, const struct xo_validation *v)
{
    const char *by = "", *group = "";
    for (size_t i = 0; i < v->n_scores; i++) {
        const struct xo_score *s = &v->scores[i];
        const bool same_by = strcmp(s->by, by) == 0;
        if (same_by && strcmp(s->group, group) == 0)
            continue;
        if (!same_by && strcmp(by, "dataset") == 0)
            put_board(buf, v);
        if (!same_by)
            put_head(buf, s->by);
        put_group(buf, v, s->by, s->group);
        by = s->by;
        group = s->group;
    }
}

struct far_row {
    double size;
    size_t row;
    enum xo_measure measure;
};

static int farthest_first(const void *a, const void *b)
{
    const struct far_row *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The worst rows of those that count, by the larger of their errors of TPOT and throughput as a
 * factor: half as much is as bad as twice. */
static void put_worst(struct xo_buf *buf, const struct xo_validation *v)
{
    struct far_row *far = calloc(v->measured->n > 0 ? v->measured->n : 1, sizeof *far);
    size_t n = 0;
    if (far == NULL) {
        buf->failed = true;
        return;
    }
    for (size_t i = 0; i < v->measured->n; i++) {
        static const enum xo_measure judged[] = { XO_MEASURE_TPOT, XO_MEASURE_OUTPUT };
        if (strchr("AB-", v->measured->rows[i].quality) == NULL)
            continue;
        for (size_t k = 0; k < 2; k++) {
            const double e = xo_row_error(v, i, judged[k]);
            if (isfinite(e) && e > -1)
                far[n++] = (struct far_row){ fabs(log1p(e)), i, judged[k] };
            if (n > 0 && far[n - 1].row == i)
                break;
        }
    }
    qsort(far, n, sizeof *far, farthest_first);
    xo_put(buf, n > 0 ? "\nworst rows\n" : "");
    for (size_t i = 0; i < n && i < N_WORST; i++) {
        xo_put_cell(buf, v->measured->rows[far[i].row].id, 64, false);
        xo_put_cell(buf, measures[far[i].measure].head, 8, true);
        put_percent(buf, xo_row_error(v, far[i].row, far[i].measure), true, 7);
        xo_put(buf, "\n");
    }
    free(far);
}

/* Why rows were skipped, the commonest first among the first N_REASONS different ones. */
static void put_skipped(struct xo_buf *buf, const struct xo_validation *v)
{
    const char *reasons[N_REASONS];
    size_t counts[N_REASONS] = { 0 }, n = 0, rest = 0;
    for (size_t i = 0; i < v->measured->n; i++) {
        size_t k = 0;
        if (v->rows[i].simulated)
            continue;
        while (k < n && strcmp(reasons[k], v->rows[i].why) != 0)
            k++;
        if (k == n && n < N_REASONS)
            reasons[n++] = v->rows[i].why;
        if (k < n)
            counts[k]++;
        else
            rest++;
    }
    xo_put(buf, n > 0 ? "\nskipped\n" : "");
    for (size_t k = 0; k < n; k++) {
        char count[32], why[256];
        snprintf(count, sizeof count, "%zu", counts[k]);
        xo_put_cell(buf, count, 6, true);
        xo_put(buf, "  %s\n", xo_plain(why, sizeof why, reasons[k], WIDTH - 8));
    }
    if (rest > 0)
        xo_put(buf, "%6zu  for other reasons (validate.csv)\n", rest);
}

static void put_table(struct xo_buf *buf, const struct xo_validation *v)
{
    char requests[32], path[XO_PATH_SIZE], line[XO_PATH_SIZE + 300];
    snprintf(line, sizeof line, "%zu of %zu rows of %s simulated, %s requests.", v->n_simulated,
             v->measured->n, xo_plain(path, sizeof path, v->measured->path, 200),
             xo_text_count(requests, sizeof requests, (double)v->n_requests, 3));
    xo_put_wrapped(buf, line, WIDTH);
    xo_put_wrapped(
        buf,
        "Percent of predicted/measured - 1: median and 90 % point of its size, then its "
        "median with sign. Rows of quality A, B or none; output is tokens a second, open "
        "loops left out.",
        WIDTH);
    xo_put_targets(buf, v);
    put_groups(buf, v);
    xo_put_logs(buf, v);
    put_worst(buf, v);
    put_skipped(buf, v);
}

/* ---- the room's front door ---- */

bool xo_validation_print(FILE *out, const struct xo_validation *v, enum xo_format format,
                         struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    if (format == XO_FORMAT_CSV)
        put_rows_csv(&buf, v);
    else if (format == XO_FORMAT_JSON)
        put_json(&buf, v);
    else
        put_table(&buf, v);
    return xo_buf_print(&buf, out, err);
}

bool xo_validation_write(const struct xo_validation *v, struct xo_output *output,
                         struct xo_error *err)
{
    static const struct {
        const char *name;
        void (*put)(struct xo_buf *, const struct xo_validation *);
    } files[] = { { "validate.csv", put_rows_csv },
                  { "validate_summary.csv", put_summary_csv },
                  { "validate_targets.csv", xo_put_targets_csv },
                  { "validate_series.csv", xo_put_series_csv },
                  { "validate.md", xo_put_validation_md },
                  { "validate.json", put_json } };
    struct xo_folder folder = { .output = output };
    struct xo_buf text = { 0 };
    struct xo_plot plots[] = { { .name = "validate_scatter" }, { .name = "validate_load" } };
    bool ok = xo_folder_begin(&folder, err);
    for (size_t i = 0; ok && i < sizeof files / sizeof files[0]; i++) {
        files[i].put(&text, v);
        ok = xo_folder_put(&folder, files[i].name, &text, true, err);
    }
    if (ok && output->plots) {
        xo_plot_scatter(&plots[0], v);
        xo_plot_error_load(&plots[1], v);
    }
    ok = ok && xo_folder_draw(&folder, plots, 2, err);
    return xo_folder_finish(&folder, ok, err);
}
