/* validate.c - predictions beside measurements: rows, errors by group, the worst.
 *
 * It reads a finished struct xo_validation and makes a page of it, rows of CSV and an object of
 * JSON; nothing is kept between calls. Names of measures are in one table, and a row's columns are
 * made from it (put_measures): measured, predicted and two errors for each measure. Where a row
 * does not have a measure, it is NAN.
 *
 * Of the worst rows errors count as factors, so that half as much is as bad as twice. The reasons
 * of skipped rows are counted, the commonest first. Begin with validation_page, put_row and
 * put_score.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate.h"
#include "report/out/folder.h"
#include "report/out/out.h"
#include "tables.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, NAME = 19, N_SHOWN = 4, N_WORST = 8, N_REASONS = 8 };

/* How a measure is called in files and on paper; errors of times are given in ms too. */
static const struct {
    const char *name, *unit, *head;
    bool is_time;
} measures[] = {
    { "output_tokens_per_s", "tokens/s", "output", false },
    { "ttft_s", "s", "TTFT", true },
    { "tpot_s", "s", "TPOT", true },
    { "e2e_s", "s", "E2E", true },
    { "ttft_p50_s", "s", "TTFT p50", true },
    { "ttft_p90_s", "s", "TTFT p90", true },
    { "ttft_p95_s", "s", "TTFT p95", true },
    { "ttft_p99_s", "s", "TTFT p99", true },
    { "tpot_p50_s", "s", "TPOT p50", true },
    { "tpot_p90_s", "s", "TPOT p90", true },
    { "tpot_p95_s", "s", "TPOT p95", true },
    { "tpot_p99_s", "s", "TPOT p99", true },
    { "e2e_p50_s", "s", "E2E p50", true },
    { "e2e_p90_s", "s", "E2E p90", true },
    { "e2e_p95_s", "s", "E2E p95", true },
    { "e2e_p99_s", "s", "E2E p99", true },
};
XO_TABLE_OF(measures, XO_N_MEASURES);
const char *xo_measure_name(enum xo_measure measure)
{
    return measures[measure].name;
}

const char *xo_measure_unit(enum xo_measure measure)
{
    return measures[measure].unit;
}

const char *xo_measure_head(enum xo_measure measure)
{
    return measures[measure].head;
}

/* The columns of the table, in their order. */
static const enum xo_measure shown[N_SHOWN] = { XO_MEASURE_TPOT, XO_MEASURE_OUTPUT, XO_MEASURE_E2E,
                                                XO_MEASURE_TTFT };

/* ---- rows, for CSV and JSON ---- */

enum { N_ROW_CELLS = 29, N_ERRORS = 4, MAX_CELLS = N_ROW_CELLS + N_ERRORS * XO_N_MEASURES };

static const char *const saturations[] = { "", "below", "saturated" };
XO_TABLE_OF(saturations, XO_N_SATURATIONS);

static double or_nan(double value, bool there)
{
    return there ? value : NAN;
}

/* "measured_ttft_s" and so on; an error has no unit, so its name loses the measure's. */
static void put_measures(struct cell cells[], char names[][64], const struct xo_validation *v,
                         size_t i)
{
    static const char *const kinds[N_ERRORS] = { "measured", "predicted", "error_frac",
                                                 "abs_error_frac" };
    for (int m = 0; m < XO_N_MEASURES; m++) {
        const double error = xo_row_error(v, i, (enum xo_measure)m);
        const double values[N_ERRORS] = { v->measured->rows[i].measured[m], v->rows[i].predicted[m],
                                          error, fabs(error) };
        for (int k = 0; k < N_ERRORS; k++, cells++, names++) {
            snprintf(*names, sizeof *names, "%s_%s", kinds[k], measures[m].name);
            *cells = (struct cell){ *names, k < 2 ? measures[m].unit : "fraction",
                                    NUMBER(values[k]), .if_known = true };
        }
    }
}

static void put_row(struct rows *to, const struct xo_validation *v, size_t i)
{
    const struct xo_measured_row *r = &v->measured->rows[i];
    const struct xo_prediction *p = &v->rows[i];
    const struct xo_deployment *d = &p->plan.deployment;
    const bool ok = p->simulated, known = r->why[0] == '\0';
    const char quality[] = { r->quality, '\0' };
    const struct cell fixed[N_ROW_CELLS] = {
        { "line", "", NUMBER(r->line) },
        { "id", TEXT(r->id) },
        { "dataset", TEXT(r->dataset) },
        { "quality", TEXT(quality) },
        { "status", WORD(ok ? "simulated" : "skipped") },
        { "why_skipped", TEXT(ok ? "" : p->why) },
        { "gpu", TEXT(r->gpu != NULL ? r->gpu->gpu.name : r->gpu_name) },
        { "model", TEXT(r->model != NULL ? r->model->model.name : r->model_name) },
        { "engine", WORD(known ? xo_engine_name(r->engine) : "") },
        { "engine_version", TEXT(r->engine_version) },
        { "weights", WORD(known ? xo_dtype_name(r->weights) : "") },
        { "kv", WORD(ok ? xo_dtype_name(d->kv) : "") },
        { "tensor_parallel", "", NUMBER(or_nan(d->tensor_parallel, ok)) },
        { "attention_dp", "", NUMBER(or_nan(d->attention_dp, ok)) },
        { "expert_parallel", "", NUMBER(or_nan(d->expert_parallel, ok)) },
        { "pipeline_parallel", "", NUMBER(or_nan(d->pipeline_parallel, ok)) },
        { "n_replicas", "", NUMBER(or_nan(p->plan.n_replicas, ok)) },
        { "load", WORD(known ? xo_load_names[r->load] : "") },
        { "load_value", "by load", NUMBER(r->load_value) },
        { "isl", "tokens", NUMBER(r->isl) },
        { "osl", "tokens", NUMBER(r->osl) },
        { "n_requests", "", NUMBER(or_nan((double)p->plan.n_requests, ok)) },
        { "chunk_tokens", "tokens", NUMBER(or_nan((double)d->chunk_tokens, ok)) },
        { "max_batch", "", NUMBER(or_nan(d->max_batch, ok)) },
        { "memory_frac", "fraction", NUMBER(or_nan(d->memory_frac, ok)) },
        { "kv_room_tokens", "tokens", NUMBER(or_nan(nearbyint(p->kv_room_tokens), ok)) },
        { "kv_need_frac", "fraction", NUMBER(or_nan(p->kv_need_frac, ok)) },
        { "n_preemptions", "", NUMBER(or_nan((double)p->n_preemptions, ok)) },
        { "saturation", WORD(ok ? saturations[p->saturation] : "") },
    };
    struct cell cells[MAX_CELLS];
    char names[N_ERRORS * XO_N_MEASURES][64];
    memcpy(cells, fixed, sizeof fixed);
    put_measures(cells + N_ROW_CELLS, names, v, i);
    ROW_PUT(to, cells);
}

void xo_put_predictions(struct rows *to, const struct xo_validation *v)
{
    for (size_t i = 0; i < v->measured->n; i++)
        put_row(to, v, i);
}

/* ---- groups ---- */

static void put_score(struct rows *to, const struct xo_score *s)
{
    const struct cell cells[] = {
        { "by", TEXT(s->by) },
        { "group", TEXT(s->group) },
        { "measure", WORD(measures[s->measure].name) },
        { "n", "", NUMBER(s->n) },
        { "median_abs_error_frac", "fraction", NUMBER(s->median_abs_frac) },
        { "p90_abs_error_frac", "fraction", NUMBER(s->p90_abs_frac) },
        { "bias_frac", "fraction", NUMBER(s->bias_frac) },
        { "median_abs_error", "by measure", NUMBER(s->median_abs) },
    };
    ROW_PUT(to, cells);
}

static void put_scores(struct rows *to, const struct xo_validation *v)
{
    for (size_t i = 0; i < v->n_scores; i++)
        put_score(to, &v->scores[i]);
}

/* The scoreboard stands above the groups, as one. */
void xo_put_summary(struct rows *to, const struct xo_validation *v)
{
    struct xo_score score = { .by = "scoreboard", .group = "mean over datasets" };
    to->names_alone = true;
    put_score(to, &score);
    to->names_alone = false;
    for (int m = 0; m < XO_N_MEASURES; m++) {
        const struct xo_scoreboard *b = &v->board[m];
        score.measure = (enum xo_measure)m;
        score.n = b->n_datasets;
        score.median_abs_frac = b->median_abs_frac;
        score.p90_abs_frac = b->p90_abs_frac;
        score.bias_frac = score.median_abs = NAN;
        if (b->n_datasets > 0)
            put_score(to, &score);
    }
    put_scores(to, v);
}

static json_t *board_json(struct xo_json *j, const struct xo_validation *v)
{
    json_t *board = xo_json_object(j);
    for (int m = 0; m < XO_N_MEASURES; m++) {
        const struct cell cells[] = {
            { "n_datasets", NUMBER(v->board[m].n_datasets) },
            { "median_abs_error_frac", NUMBER(v->board[m].median_abs_frac) },
            { "p90_abs_error_frac", NUMBER(v->board[m].p90_abs_frac) },
        };
        xo_json_put(j, board, measures[m].name, CELLS_JSON(j, cells));
    }
    return board;
}

static void put_json(struct xo_buf *buf, const struct xo_validation *v)
{
    struct xo_json json = { 0 }, *j = &json;
    struct rows scores = { .json = j, .array = xo_json_array(j) };
    struct rows series = { .json = j, .array = xo_json_array(j) };
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    put_scores(&scores, v);
    xo_put_series(&series, v);
    xo_put_predictions(&rows, v);
    const struct cell cells[] = {
        { "schema", WORD("crossover.validation/1") },
        { "version", WORD(XO_VERSION) },
        { "path", TEXT(v->measured->path) },
        { "n_rows", NUMBER(v->measured->n) },
        { "n_simulated", NUMBER(v->n_simulated) },
        { "n_skipped", NUMBER(v->n_skipped) },
        { "n_unknown", NUMBER(v->measured->n_unknown) },
        { "simulated_requests", NUMBER(v->n_requests) },
        { "targets", JSON(xo_targets_json(j, v)) },
        { "scoreboard", JSON(board_json(j, v)) },
        { "scores", JSON(scores.array) },
        { "series", JSON(series.array) },
        { "rows", JSON(rows.array) },
    };
    xo_json_dump(j, CELLS_JSON(j, cells), buf);
}

/* ---- the table ---- */

/* A share as a bare percentage in few columns: 9.7, 35, >999. */
static const char *say_percent(struct xo_words *w, double frac, bool sign)
{
    const double percent = 100 * frac;
    return isnan(frac) ? "-"
           : fabs(percent) >= 999.5
               ? (percent > 0 ? ">999" : "<-999")
               : xo_say(w, sign ? "%+.*f" : "%.*f", fabs(percent) < 9.95 ? 1 : 0, percent);
}

const struct xo_score *xo_score_find(const struct xo_validation *v, const char *by,
                                     const char *group, enum xo_measure measure)
{
    for (size_t i = 0; i < v->n_scores; i++) {
        const struct xo_score *s = &v->scores[i];
        if (s->measure == measure && strcmp(s->by, by) == 0 && strcmp(s->group, group) == 0)
            return s;
    }
    return NULL;
}

/* What is said of each measure: its median, its 90 % point, its median with sign. */
static void put_errors(struct page *page, const char *by, const char *group, int n,
                       const char *said[N_SHOWN][3])
{
    struct xo_words words = { 0 }, *w = &words;
    struct cell cells[2 + 3 * N_SHOWN] = {
        { NULL, TEXT(group), .head = xo_say(w, "by %s", by), LEFT(NAME) },
        { NULL, WORD(n > 0 ? xo_say(w, "%d", n) : ""), .head = "rows", RIGHT(5) },
    };
    for (int k = 0, c = 2; k < N_SHOWN; k++) {
        const char *head = measures[shown[k]].head;
        cells[c++] = (struct cell){ NULL, WORD(said[k][0]), RIGHT(4) };
        cells[c++] = (struct cell){ NULL, WORD(said[k][1]), RIGHT(5) };
        cells[c++] = (struct cell){ NULL, WORD(said[k][2]), .head = head, RIGHT(5) };
    }
    PAGE_ROW(page, cells);
}

static void put_group(struct page *page, const struct xo_validation *v, const char *by,
                      const char *group)
{
    struct xo_words words = { 0 }, *w = &words;
    const char *said[N_SHOWN][3];
    int n = 0;
    for (int k = 0; k < N_SHOWN; k++) {
        const struct xo_score *s = xo_score_find(v, by, group, shown[k]);
        n = s != NULL && s->n > n ? s->n : n;
        said[k][0] = say_percent(w, s != NULL ? s->median_abs_frac : NAN, false);
        said[k][1] = say_percent(w, s != NULL ? s->p90_abs_frac : NAN, false);
        said[k][2] = say_percent(w, s != NULL ? s->bias_frac : NAN, true);
    }
    if (n > 0)
        put_errors(page, by, group, n, said);
}

static void put_board(struct page *page, const struct xo_validation *v)
{
    struct xo_words words = { 0 }, *w = &words;
    const char *said[N_SHOWN][3];
    for (int k = 0; k < N_SHOWN; k++) {
        said[k][0] = say_percent(w, v->board[shown[k]].median_abs_frac, false);
        said[k][1] = say_percent(w, v->board[shown[k]].p90_abs_frac, false);
        said[k][2] = "";
    }
    put_errors(page, "dataset", "mean over datasets", 0, said);
}

/* Groups stand in a row by the grouping that made them; the board closes the datasets. */
static void put_groups(struct page *page, const struct xo_validation *v)
{
    const char *by = "", *group = "";
    for (size_t i = 0; i < v->n_scores; i++) {
        const struct xo_score *s = &v->scores[i];
        const bool same_by = strcmp(s->by, by) == 0;
        if (same_by && strcmp(s->group, group) == 0)
            continue;
        if (!same_by && strcmp(by, "dataset") == 0)
            put_board(page, v);
        if (!same_by) {
            page_gap(page);
            page_table(page, NULL);
        }
        put_group(page, v, s->by, s->group);
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
static void put_worst(struct page *page, const struct xo_validation *v)
{
    struct far_row *far = calloc(v->measured->n > 0 ? v->measured->n : 1, sizeof *far);
    size_t n = 0;
    page->text.failed = page->text.failed || far == NULL;
    for (size_t i = 0; far != NULL && i < v->measured->n; i++) {
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
    if (n > 0) {
        qsort(far, n, sizeof *far, farthest_first);
        page_gap(page);
        page_section(page, "worst rows");
        page_table(page, NULL);
    }
    for (size_t i = 0; i < n && i < N_WORST; i++) {
        const double error = xo_row_error(v, far[i].row, far[i].measure);
        struct xo_words words = { 0 };
        const struct cell cells[] = {
            { NULL, TEXT(v->measured->rows[far[i].row].id), LEFT(64) },
            { NULL, WORD(measures[far[i].measure].head), RIGHT(8) },
            { NULL, NUMBER(error), SHOWN(say_percent(&words, error, true)), RIGHT(7) },
        };
        PAGE_ROW(page, cells);
    }
    free(far);
}

static void put_reason(struct page *page, size_t count, const char *why)
{
    char plain[256];
    const struct cell cells[] = {
        { NULL, NUMBER(count), RIGHT(6) },
        { NULL, TEXT(xo_plain(plain, sizeof plain, why, WIDTH - 8)), .gap = 2 },
    };
    PAGE_ROW(page, cells);
}

/* Why rows were skipped, the commonest first among the first N_REASONS different ones. */
static void put_skipped(struct page *page, const struct xo_validation *v)
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
    if (n == 0)
        return;
    page_gap(page);
    page_section(page, "skipped");
    page_table(page, NULL);
    for (size_t k = 0; k < n; k++)
        put_reason(page, counts[k], reasons[k]);
    if (rest > 0)
        put_reason(page, rest, "for other reasons (validate.csv)");
}

static void validation_page(struct page *page, const struct xo_validation *v)
{
    char requests[32], path[XO_PATH_SIZE];
    page_say(page, "%zu of %zu rows of %s simulated, %s requests.", v->n_simulated, v->measured->n,
             xo_plain(path, sizeof path, v->measured->path, 200),
             xo_text_count(requests, sizeof requests, (double)v->n_requests, 3));
    page_say(page,
             "Percent of predicted/measured - 1: median and 90 %% point of its size, then its "
             "median with sign. Rows of quality A, B or none; output is tokens a second, open "
             "loops left out.");
    xo_put_targets(page, v);
    put_groups(page, v);
    if (xo_has_logs(v)) {
        page_gap(page);
        xo_put_logs(page, v, "request logs", "%+.1f");
    }
    put_worst(page, v);
    put_skipped(page, v);
}

/* ---- the room's front door ---- */

bool xo_validation_print(FILE *out, const struct xo_validation *v, enum xo_format format,
                         struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    struct page page = { 0 };
    if (format == XO_FORMAT_CSV)
        xo_put_predictions(&(struct rows){ .csv = &buf }, v);
    else if (format == XO_FORMAT_JSON)
        put_json(&buf, v);
    else
        validation_page(&page, v);
    return page_print(&page, &buf, out, err);
}

bool xo_validation_write(const struct xo_validation *v, struct xo_output *output,
                         struct xo_error *err)
{
    static const struct {
        const char *name;
        void (*put)(struct rows *, const struct xo_validation *);
    } tables[] = { { "validate.csv", xo_put_predictions },
                   { "validate_summary.csv", xo_put_summary },
                   { "validate_targets.csv", xo_put_targets_rows },
                   { "validate_series.csv", xo_put_series } };
    static const struct {
        const char *name;
        void (*put)(struct xo_buf *, const struct xo_validation *);
    } texts[] = { { "validate.md", xo_put_validation_md }, { "validate.json", put_json } };
    struct xo_folder folder = { .output = output };
    struct xo_buf text = { 0 };
    struct xo_plot plots[] = { { .name = "validate_scatter" }, { .name = "validate_load" } };
    bool ok = xo_folder_begin(&folder, err);
    for (size_t i = 0; ok && i < XO_ROWS(tables); i++) {
        tables[i].put(&(struct rows){ .csv = &text }, v);
        ok = xo_folder_put(&folder, tables[i].name, &text, true, err);
    }
    for (size_t i = 0; ok && i < XO_ROWS(texts); i++) {
        texts[i].put(&text, v);
        ok = xo_folder_put(&folder, texts[i].name, &text, true, err);
    }
    if (ok && output->plots) {
        xo_plot_scatter(&plots[0], v);
        xo_plot_error_load(&plots[1], v);
    }
    ok = ok && xo_folder_draw(&folder, plots, 2, err);
    return xo_folder_finish(&folder, ok, err);
}
