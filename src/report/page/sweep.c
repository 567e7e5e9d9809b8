/* sweep.c - a sweep as files: every sample, one line an input, everything as JSON.
 *
 * It reads the report of a finished sweep (struct xo_sweep_report); nothing is kept between calls.
 * One row of cells says of an input what CSV and JSON have (put_input), so that names and values
 * cannot part. Volumes may lie outside the range: infinity is "inf" in CSV and "never" in JSON, and
 * what does not exist is null there. Words for people are sweep_table.c's. Begin with put_input,
 * xo_put_sample and put_sweep_json.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep.h"
#include "report/out/folder.h"
#include "report/out/out.h"
#include "report/words/sentences.h"
#include "tables.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const sampling_names[] = { "random", "latin", "sobol" };
XO_TABLE_OF(sampling_names, XO_N_SAMPLINGS);
static const char *const output_names[] = { "saving", "build_wins", "log10_crossover" };
XO_TABLE_OF(output_names, XO_N_OUTPUTS);

/* ---- a row an input, for CSV and JSON ---- */

#define INTERVAL(name, unit, of)                                                                   \
    { name, unit, VOLUME((of).mean) }, { name "_lo", unit, VOLUME((of).lo) },                      \
    {                                                                                              \
        name "_hi", unit, VOLUME((of).hi)                                                          \
    }
static void put_input(struct rows *to, const struct xo_sweep_input *in,
                      const struct xo_sweep_answer *a)
{
    const struct xo_sweep_indices *of = a->indices;
    const struct cell cells[] = {
        { "input", TEXT(in->name) },
        { "unit", TEXT(xo_keys[in->key].unit) },
        { "reach", WORD(xo_reach_name(in->reach)) },
        { "implied", FLAG(in->implied) },
        { "base", "by unit", VOLUME(in->base) },
        { "base_quantile", "fraction", VOLUME(in->base_frac) },
        { "p05", "by unit", VOLUME(in->p05) },
        { "p10", "by unit", VOLUME(in->p10) },
        { "p50", "by unit", VOLUME(in->p50) },
        { "p90", "by unit", VOLUME(in->p90) },
        { "p95", "by unit", VOLUME(in->p95) },
        { "tornado_low", "by unit", VOLUME(a->tornado.low) },
        { "tornado_high", "by unit", VOLUME(a->tornado.high) },
        { "saving_at_low_usd_month", "usd/month", VOLUME(a->tornado.saving_low_usd) },
        { "saving_at_high_usd_month", "usd/month", VOLUME(a->tornado.saving_high_usd) },
        { "crossover_at_low_requests_month", "requests/month", VOLUME(a->tornado.crossover_low) },
        { "crossover_at_high_requests_month", "requests/month", VOLUME(a->tornado.crossover_high) },
        INTERVAL("saving_first", "fraction", of[XO_OUTPUT_SAVING].first),
        INTERVAL("saving_total", "fraction", of[XO_OUTPUT_SAVING].total),
        INTERVAL("build_wins_first", "fraction", of[XO_OUTPUT_BUILD_WINS].first),
        INTERVAL("build_wins_total", "fraction", of[XO_OUTPUT_BUILD_WINS].total),
        INTERVAL("log10_crossover_first", "fraction", of[XO_OUTPUT_CROSSOVER].first),
        INTERVAL("log10_crossover_total", "fraction", of[XO_OUTPUT_CROSSOVER].total),
        INTERVAL("prcc_saving", "", a->prcc_saving),
        INTERVAL("prcc_crossover", "", a->prcc_crossover),
        INTERVAL("worth_knowing_usd_month", "usd/month", a->evppi_usd),
    };
    ROW_PUT(to, cells);
}

void xo_put_inputs(struct rows *to, const struct xo_sweep_report *r)
{
    for (int i = 0; i < r->result->n_inputs; i++)
        put_input(to, &r->inputs[i], &r->result->inputs[i]);
}

/* ---- JSON ---- */

static json_t *interval_json(struct xo_json *j, const struct xo_interval *i)
{
    const struct cell cells[] = {
        { "estimate", VOLUME(i->mean) },
        { "lo", VOLUME(i->lo) },
        { "hi", VOLUME(i->hi) },
    };
    return CELLS_JSON(j, cells);
}

static json_t *volumes_json(struct xo_json *j, const struct xo_sweep_volumes *v)
{
    const struct cell cells[] = {
        { "p05", JSON(interval_json(j, &v->p05)) },
        { "p50", JSON(interval_json(j, &v->p50)) },
        { "p95", JSON(interval_json(j, &v->p95)) },
    };
    return CELLS_JSON(j, cells);
}

/* What this build saves by unit; NULL where there is none. */
static json_t *unit_saving_json(struct xo_json *j, const struct xo_sweep_report *r)
{
    double usd[3];
    if (!xo_has_unit(r->scenario))
        return NULL;
    j->failed = j->failed || !xo_sweep_unit_saving(r, usd);
    const struct cell cells[] = {
        { "p05", NUMBER(usd[0]) },
        { "p50", NUMBER(usd[1]) },
        { "p95", NUMBER(usd[2]) },
    };
    return CELLS_JSON(j, cells);
}

static json_t *design_json(struct xo_json *j, const struct xo_sweep_result *s)
{
    const bool freezes = s->indices == XO_INDICES_PICK_FREEZE;
    const struct cell cells[] = {
        { "samples", NUMBER(s->n_rows) },
        { "base_points", NUMBER(s->n_base) },
        { "samples_of_the_distribution", NUMBER(s->n_distribution) },
        { "randomizations", NUMBER(s->n_randomizations) },
        { "sampling", WORD(sampling_names[s->sampling]) },
        { "indices", WORD(freezes ? "pick-freeze" : "given-data") },
        { "stopped_early", FLAG(s->stopped_early) },
        { "min_requests_month", NUMBER(s->min_volume) },
        { "max_requests_month", NUMBER(s->max_volume) },
    };
    return CELLS_JSON(j, cells);
}

static json_t *correlations_json(struct xo_json *j, const struct xo_sweep_report *r)
{
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < r->result->n_correlations; i++) {
        const struct xo_sweep_correlation *c = &r->result->correlations[i];
        const struct cell cells[] = {
            { "a", TEXT(r->inputs[c->a].name) },
            { "b", TEXT(r->inputs[c->b].name) },
            { "asked", NUMBER(c->asked) },
            { "achieved", NUMBER(c->achieved) },
        };
        ROW_PUT(&rows, cells);
    }
    return rows.array;
}

/* Of each mean, the share that its largest samples make. */
static json_t *tails_json(struct xo_json *j, const struct xo_sweep_result *s)
{
    const struct cell cells[] = {
        { "samples", NUMBER(s->n_tail) },
        { "share_of_regret_of_buying", NUMBER(s->tail_of_regret_buy) },
        { "share_of_regret_of_building", NUMBER(s->tail_of_regret_build) },
        { "share_of_saving", NUMBER(s->tail_of_saving) },
    };
    return CELLS_JSON(j, cells);
}

static json_t *outputs_json(struct xo_json *j, const struct xo_sweep_result *s)
{
    json_t *outputs = xo_json_object(j);
    for (int i = 0; i < XO_N_OUTPUTS; i++) {
        const struct cell cells[] = {
            { "exists", FLAG(s->outputs[i].exists) },
            { "mean", NUMBER(s->outputs[i].mean) },
            { "variance", NUMBER(s->outputs[i].variance) },
            { "censored_share", NUMBER(s->outputs[i].censored_share),
              .not_json = i != XO_OUTPUT_CROSSOVER },
        };
        xo_json_put(j, outputs, output_names[i], CELLS_JSON(j, cells));
    }
    return outputs;
}

static json_t *convergence_json(struct xo_json *j, const struct xo_sweep_result *s)
{
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < s->n_convergence; i++) {
        const struct xo_convergence *c = &s->convergence[i];
        const struct cell cells[] = {
            { "samples", NUMBER(c->n_rows) },
            { "crossover_p50_requests_month", VOLUME(c->median) },
            { "crossover_p50_lo", VOLUME(c->lo) },
            { "crossover_p50_hi", VOLUME(c->hi) },
            { "build_wins_share", NUMBER(c->build_wins) },
            { "build_wins_lo", NUMBER(c->build_wins_lo) },
            { "build_wins_hi", NUMBER(c->build_wins_hi) },
        };
        ROW_PUT(&rows, cells);
    }
    return rows.array;
}

static json_t *fan_json(struct xo_json *j, const struct xo_sweep_result *s)
{
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < XO_N_FAN && s->n_fan_rows > 0; i++) {
        const struct xo_fan *fan = &s->fan[i];
#define FAN(NAME, way, ...)                                                                        \
    { #way "_p05_usd_month", NUMBER(fan->p05[XO_WAY_##NAME]) },                                    \
        { #way "_p50_usd_month", NUMBER(fan->p50[XO_WAY_##NAME]) },                                \
        { #way "_p95_usd_month", NUMBER(fan->p95[XO_WAY_##NAME]) },
        const struct cell cells[] = { { "volume_requests_month", NUMBER(fan->volume) },
                                      XO_WAYS(FAN) };
        ROW_PUT(&rows, cells);
    }
    return rows.array;
}

static json_t *effort_json(struct xo_json *j, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    const struct cell cells[] = {
        { "capacity_searches", NUMBER(s->n_searches) },
        { "capacities_simulated_in_full", NUMBER(s->n_confirmed) },
        { "simulated_requests", NUMBER(s->n_simulated) },
        { "samples_that_reused_them", NUMBER(s->n_reused) },
        { "surrogates", JSON(xo_json_surrogates(j, r->scenario, s->surrogates, s->n_surrogates)) },
    };
    return CELLS_JSON(j, cells);
}

static json_t *verdict_json(struct xo_json *j, const struct xo_sweep_report *r)
{
    json_t *inputs = xo_json_array(j);
    int order[XO_SWEEP_MAX_INPUTS];
    char *title = xo_sweep_title(r);
    xo_sweep_order(r, order);
    for (int i = 0; i < r->result->n_inputs; i++)
        xo_json_append(j, inputs, xo_json_text(r->inputs[order[i]].name));
    const struct cell cells[] = {
        { "code", WORD(xo_call_name(xo_sweep_call(r))) },
        { "title", TEXT(title) },
        { "draft", FLAG(r->scenario->n_guesses > 0) },
        { "moves_most", JSON(inputs) },
        { "notes", JSON(xo_json_notes(j, r->result->n_notes, r->result->notes)) },
    };
    json_t *verdict = CELLS_JSON(j, cells);
    j->failed = j->failed || title == NULL;
    free(title);
    return verdict;
}

static void put_sweep_json(struct xo_buf *buf, const struct xo_sweep_report *r)
{
    struct xo_json json = { 0 }, *j = &json;
    const struct xo_sweep_result *s = r->result;
    struct rows inputs = { .json = j, .array = xo_json_array(j) };
    xo_put_inputs(&inputs, r);
    const struct cell cells[] = {
        { "schema", WORD("crossover.sweep/2") },
        { "version", WORD(XO_VERSION) },
        { "scenario", JSON(xo_json_scenario(j, r->scenario)) },
        { "verdict", JSON(verdict_json(j, r)) },
        { "design", JSON(design_json(j, s)) },
        { "crossover_requests_month", JSON(volumes_json(j, &s->crossover)) },
        { "stays_above_requests_month", JSON(volumes_json(j, &s->stays_above)) },
        { "crossing_exists_share", JSON(interval_json(j, &s->exists)) },
        { "below_range_share", JSON(interval_json(j, &s->below)) },
        { "never_share", JSON(interval_json(j, &s->never)) },
        { "build_wins_share", JSON(interval_json(j, &s->build_wins)) },
        { "saving_mean_usd_month", JSON(interval_json(j, &s->saving_mean)) },
        { "saving_p05_usd_month", JSON(interval_json(j, &s->saving_p05)) },
        { "saving_p50_usd_month", JSON(interval_json(j, &s->saving_p50)) },
        { "saving_p95_usd_month", JSON(interval_json(j, &s->saving_p95)) },
        { "saving_usd_per_unit", JSON(unit_saving_json(j, r)), .if_known = true },
        { "regret_of_buying_usd_month", JSON(interval_json(j, &s->regret_buy)) },
        { "regret_of_building_usd_month", JSON(interval_json(j, &s->regret_build)) },
        { "worth_of_knowing_all_usd_month", JSON(interval_json(j, &s->evpi)) },
        { "build_wins_standard_error", NUMBER(s->build_wins_se) },
        { "saving_of_the_scenario_usd_month", NUMBER(s->base_saving_usd) },
        { "crossover_of_the_scenario_requests_month", VOLUME(s->base_crossover) },
        { "infeasible_share", NUMBER(s->infeasible_share) },
        { "buy_limited_share", NUMBER(s->buy_limited_share) },
        { "saving_variance_of_inputs", NUMBER(s->input_variance) },
        { "saving_variance_of_simulation_and_surrogate", NUMBER(s->noise_variance) },
        { "largest_samples", JSON(tails_json(j, s)) },
        { "outputs", JSON(outputs_json(j, s)) },
        { "inputs", JSON(inputs.array) },
        { "rank_correlations", JSON(correlations_json(j, r)) },
        { "convergence", JSON(convergence_json(j, s)) },
        { "cost_fan", JSON(fan_json(j, s)) },
        { "cost_fan_samples", NUMBER(s->n_fan_rows) },
        { "effort", JSON(effort_json(j, r)) },
    };
    xo_json_dump(j, CELLS_JSON(j, cells), buf);
}

/* ---- every sample ---- */

/* Which row of its base point a sample is: A and B are the distribution; the others are A with one
 * input from B, for Sobol' indices alone. */
static const char *place_of(char out[160], const struct xo_sweep_input inputs[], int64_t of)
{
    snprintf(out, 160, of < 2 ? "%s" : "A with %s of B",
             of == 0   ? "A"
             : of == 1 ? "B"
                       : inputs[of - 2].name);
    return out;
}

void xo_put_sample(struct rows *to, const struct xo_sweep *sweep, const struct xo_sweep_row *row,
                   int64_t number)
{
    _Static_assert(sizeof *row == XO_SWEEP_ROW_FIELDS * sizeof(double), "a row is its fields");
    int n_inputs;
    const struct xo_sweep_input *inputs = xo_sweep_inputs(sweep, &n_inputs);
    const int64_t per_base = xo_sweep_rows_per_base(sweep);
    struct cell cells[3 + XO_SWEEP_MAX_INPUTS + XO_SWEEP_ROW_FIELDS];
    double values[XO_SWEEP_MAX_INPUTS], fields[XO_SWEEP_ROW_FIELDS];
    char place[160];
    size_t n = 0;
    xo_sweep_values(sweep, number, values);
    memcpy(fields, row, sizeof fields);
    cells[n++] = (struct cell){ "sample", "", NUMBER(number) };
    cells[n++] = (struct cell){ "base_point", "", NUMBER(number / per_base) };
    cells[n++] = (struct cell){ "row", TEXT(place_of(place, inputs, number % per_base)) };
    for (int i = 0; i < n_inputs; i++)
        cells[n++] =
            (struct cell){ inputs[i].name, xo_unit_of_key(inputs[i].key), NUMBER(values[i]) };
    for (int f = 0; f < XO_SWEEP_ROW_FIELDS; f++)
        cells[n++] =
            (struct cell){ xo_sweep_fields[f].name, xo_sweep_fields[f].unit, VOLUME(fields[f]) };
    rows_put(to, cells, n);
}

/* A piece of samples.csv, or lines on whoever makes them: the first row's number, then the rows.
 * Pieces are made some at a time and written in order. */
enum { ROWS_A_PIECE = 1024, PIECES_A_THREAD = 4, PIECES_OF_CREW = 64 };
struct piece {
    int64_t first;
    struct xo_sweep_row rows[ROWS_A_PIECE];
};

bool xo_sweep_lines(const struct xo_sweep *sweep, const void *job, size_t n, struct xo_bytes *lines,
                    struct xo_error *err)
{
    const struct piece *piece = job;
    if (n < offsetof(struct piece, rows))
        return xo_fail(err, XO_ERR_INPUT, "another process sent what are no samples");
    const size_t n_rows = (n - offsetof(struct piece, rows)) / sizeof *piece->rows;
    struct xo_buf text = { 0 };
    struct rows to = { .csv = &text, .has_names = piece->first > 0 };
    for (size_t i = 0; i < n_rows; i++)
        xo_put_sample(&to, sweep, &piece->rows[i], piece->first + (int64_t)i);
    lines->n = text.length;
    lines->at = (unsigned char *)xo_buf_take(&text);
    return lines->at != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for lines of samples");
}

/* The rows from `first` on, as many as there are and go in; how many. */
static int64_t cut_piece(const struct xo_sweep_report *r, int64_t first, struct xo_bytes *job)
{
    const int64_t left = r->result->n_rows - first, n = left < ROWS_A_PIECE ? left : ROWS_A_PIECE;
    struct piece *piece = malloc(sizeof *piece);
    *job = (struct xo_bytes){ (unsigned char *)piece, 0 };
    if (piece == NULL)
        return 0;
    piece->first = first;
    memcpy(piece->rows, r->rows + first, (size_t)n * sizeof *piece->rows);
    job->n = offsetof(struct piece, rows) + (size_t)n * sizeof *piece->rows;
    return n;
}

static bool make_lines(const struct xo_sweep_report *r, const struct xo_output *output,
                       const struct xo_bytes jobs[], struct xo_bytes lines[], int n,
                       struct xo_error *err)
{
    const int n_threads = output->n_threads > 0 ? output->n_threads : 1;
    bool ok = true;
    if (output->lines != NULL)
        return output->lines->run(output->lines->self, jobs, lines, n, err);
#pragma omp parallel for num_threads(n_threads) schedule(dynamic, 1) reduction(&& : ok)
    for (int i = 0; i < n; i++)
        ok = xo_sweep_lines(r->sweep, jobs[i].at, jobs[i].n, &lines[i], NULL) && ok;
    return ok || xo_fail(err, XO_ERR_MEMORY, "out of memory for lines of samples");
}

/* Some pieces from row *next on, which moves behind them. */
static bool write_pieces(const struct xo_sweep_report *r, const struct xo_output *output,
                         int64_t *next, FILE *stream, struct xo_error *err)
{
    struct xo_bytes jobs[PIECES_OF_CREW] = { 0 }, lines[PIECES_OF_CREW] = { 0 };
    const int here = PIECES_A_THREAD * (output->n_threads > 0 ? output->n_threads : 1);
    const int most = output->lines != NULL || here > PIECES_OF_CREW ? PIECES_OF_CREW : here;
    int n = 0;
    bool ok = true;
    for (; ok && n < most && *next < r->result->n_rows; n++) {
        const int64_t taken = cut_piece(r, *next, &jobs[n]);
        *next += taken;
        ok = taken > 0 || xo_fail(err, XO_ERR_MEMORY, "out of memory for lines of samples");
    }
    ok = ok && make_lines(r, output, jobs, lines, n, err);
    for (int i = 0; i < n; i++) {
        if (ok)
            fwrite(lines[i].at, 1, lines[i].n, stream); /* the closing reports a full disk */
        free(jobs[i].at);
        free(lines[i].at);
    }
    return ok;
}

static bool write_samples(struct xo_folder *folder, const struct xo_sweep_report *r,
                          struct xo_error *err)
{
    FILE *stream = xo_stage_open(&folder->stage, "samples.csv", err);
    bool ok = stream != NULL;
    for (int64_t next = 0; ok && next < r->result->n_rows && !ferror(stream);)
        ok = write_pieces(r, folder->output, &next, stream, err);
    const bool closed =
        stream != NULL && xo_stage_close(&folder->stage, "samples.csv", stream, ok ? err : NULL);
    xo_put(&folder->wrote, "samples.csv");
    return ok && closed;
}

/* ---- the folder ---- */

static void put_sweep_text(struct xo_buf *buf, const struct xo_sweep_report *r)
{
    struct page page = { 0 };
    xo_sweep_page(&page, r);
    page_finish(&page, buf, page_put_terminal);
}

static bool put_plots(struct xo_folder *folder, const struct xo_sweep_report *r,
                      struct xo_error *err)
{
    static const struct {
        const char *name;
        void (*draw)(struct xo_plot *, const struct xo_sweep_report *);
    } all[] = { { "crossover", xo_plot_crossover }, { "tornado", xo_plot_tornado },
                { "indices", xo_plot_indices },     { "fan", xo_plot_fan },
                { "inputs", xo_plot_inputs },       { "convergence", xo_plot_convergence } };
    enum { N = sizeof all / sizeof all[0] };
    struct xo_plot plots[N] = { 0 };
    for (int i = 0; i < N; i++) {
        plots[i].name = all[i].name;
        if (folder->output->plots)
            all[i].draw(&plots[i], r);
    }
    return xo_folder_draw(folder, plots, N, err);
}

bool xo_sweep_write(const struct xo_sweep_report *r, struct xo_output *output, struct xo_error *err)
{
    static const struct {
        const char *name;
        void (*put)(struct xo_buf *, const struct xo_sweep_report *);
    } texts[] = { { "sweep.json", put_sweep_json }, { "sweep.txt", put_sweep_text } };
    struct xo_folder folder = { .output = output };
    struct xo_buf text = { 0 };
    bool ok = xo_folder_begin(&folder, err) && write_samples(&folder, r, err);
    if (ok) {
        xo_put_inputs(&(struct rows){ .csv = &text }, r);
        ok = xo_folder_put(&folder, "sweep.csv", &text, true, err);
    }
    for (size_t i = 0; ok && i < XO_ROWS(texts); i++) {
        texts[i].put(&text, r);
        ok = xo_folder_put(&folder, texts[i].name, &text, true, err);
    }
    ok = ok && put_plots(&folder, r, err);
    ok = ok && xo_folder_manifest(&folder, r->scenario, "sweep", r->result->n_simulated,
                                  r->result->n_rows, err);
    return xo_folder_finish(&folder, ok, err);
}

bool xo_sweep_print(FILE *out, const struct xo_sweep_report *r, enum xo_format format,
                    struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    struct page page = { 0 };
    if (format == XO_FORMAT_CSV)
        xo_put_inputs(&(struct rows){ .csv = &buf }, r);
    else if (format == XO_FORMAT_JSON)
        put_sweep_json(&buf, r);
    else
        xo_sweep_page(&page, r);
    return page_print(&page, &buf, out, err);
}
