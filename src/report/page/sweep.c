/* sweep.c - a sweep as files: every sample, one line an input, everything as JSON.
 *
 * It reads the report of a finished sweep (struct xo_sweep_report); nothing is kept between calls.
 * One row of cells says of an input what CSV and JSON have (put_input), so that names and values
 * cannot part. Volumes may lie outside the range: infinity is "inf" in CSV and "never" in JSON, and
 * what does not exist is null there. Words for people are sweep_table.c's. Begin with put_input,
 * xo_put_sample and put_sweep_json.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/out.h"

#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const reach_names[] = { "money", "exact", "step", "surrogate" };
XO_TABLE_OF(reach_names, XO_N_REACHES);
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
        { "reach", WORD(reach_names[in->reach]) },
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

/* A number or a volume; null: it does not exist; "never": it is not within the range. */
static json_t *number_json(double value)
{
    return isinf(value) && value > 0 ? json_string("never") : xo_json_number(value);
}

static void put_interval(struct xo_json *j, json_t *object, const char *key,
                         const struct xo_interval *i)
{
    json_t *o = xo_json_object(j);
    xo_json_put(j, o, "estimate", number_json(i->mean));
    xo_json_put(j, o, "lo", number_json(i->lo));
    xo_json_put(j, o, "hi", number_json(i->hi));
    xo_json_put(j, object, key, o);
}

static void put_volumes(struct xo_json *j, json_t *object, const char *key,
                        const struct xo_sweep_volumes *v)
{
    json_t *o = xo_json_object(j);
    put_interval(j, o, "p05", &v->p05);
    put_interval(j, o, "p50", &v->p50);
    put_interval(j, o, "p95", &v->p95);
    xo_json_put(j, object, key, o);
}

static void put_design(struct xo_json *j, json_t *root, const struct xo_sweep_result *s)
{
    json_t *o = xo_json_object(j);
    xo_json_put_number(j, o, "samples", (double)s->n_rows);
    xo_json_put_number(j, o, "base_points", (double)s->n_base);
    xo_json_put_number(j, o, "samples_of_the_distribution", (double)s->n_distribution);
    xo_json_put_number(j, o, "randomizations", s->n_randomizations);
    xo_json_put_text(j, o, "sampling", sampling_names[s->sampling]);
    xo_json_put_text(j, o, "indices",
                     s->indices == XO_INDICES_PICK_FREEZE ? "pick-freeze" : "given-data");
    xo_json_put_bool(j, o, "stopped_early", s->stopped_early);
    xo_json_put_number(j, o, "min_requests_month", s->min_volume);
    xo_json_put_number(j, o, "max_requests_month", s->max_volume);
    xo_json_put(j, root, "design", o);
}

static void put_answer(struct xo_json *j, json_t *root, const struct xo_sweep_result *s)
{
    const struct {
        const char *name;
        const struct xo_interval *interval;
    } intervals[] = {
        { "crossing_exists_share", &s->exists },
        { "below_range_share", &s->below },
        { "never_share", &s->never },
        { "build_wins_share", &s->build_wins },
        { "saving_mean_usd_month", &s->saving_mean },
        { "saving_p05_usd_month", &s->saving_p05 },
        { "saving_p50_usd_month", &s->saving_p50 },
        { "saving_p95_usd_month", &s->saving_p95 },
        { "regret_of_buying_usd_month", &s->regret_buy },
        { "regret_of_building_usd_month", &s->regret_build },
        { "worth_of_knowing_all_usd_month", &s->evpi },
    };
    put_volumes(j, root, "crossover_requests_month", &s->crossover);
    put_volumes(j, root, "stays_above_requests_month", &s->stays_above);
    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++)
        put_interval(j, root, intervals[i].name, intervals[i].interval);
    xo_json_put_number(j, root, "build_wins_standard_error", s->build_wins_se);
    xo_json_put_number(j, root, "saving_of_the_scenario_usd_month", s->base_saving_usd);
    xo_json_put(j, root, "crossover_of_the_scenario_requests_month",
                number_json(s->base_crossover));
    xo_json_put_number(j, root, "infeasible_share", s->infeasible_share);
    xo_json_put_number(j, root, "buy_limited_share", s->buy_limited_share);
    xo_json_put_number(j, root, "saving_variance_of_inputs", s->input_variance);
    xo_json_put_number(j, root, "saving_variance_of_simulation_and_surrogate", s->noise_variance);
}

static void put_correlations(struct xo_json *j, json_t *root, const struct xo_sweep_report *r)
{
    json_t *array = xo_json_array(j);
    for (int i = 0; i < r->result->n_correlations; i++) {
        const struct xo_sweep_correlation *c = &r->result->correlations[i];
        json_t *o = xo_json_object(j);
        xo_json_put_text(j, o, "a", r->inputs[c->a].name);
        xo_json_put_text(j, o, "b", r->inputs[c->b].name);
        xo_json_put_number(j, o, "asked", c->asked);
        xo_json_put_number(j, o, "achieved", c->achieved);
        xo_json_append(j, array, o);
    }
    xo_json_put(j, root, "rank_correlations", array);
}

/* Of each mean, the share that its largest samples make. */
static void put_tails(struct xo_json *j, json_t *root, const struct xo_sweep_result *s)
{
    json_t *o = xo_json_object(j);
    xo_json_put_number(j, o, "samples", (double)s->n_tail);
    xo_json_put_number(j, o, "share_of_regret_of_buying", s->tail_of_regret_buy);
    xo_json_put_number(j, o, "share_of_regret_of_building", s->tail_of_regret_build);
    xo_json_put_number(j, o, "share_of_saving", s->tail_of_saving);
    xo_json_put(j, root, "largest_samples", o);
}

static void put_outputs(struct xo_json *j, json_t *root, const struct xo_sweep_result *s)
{
    json_t *outputs = xo_json_object(j);
    for (int i = 0; i < XO_N_OUTPUTS; i++) {
        json_t *o = xo_json_object(j);
        xo_json_put_bool(j, o, "exists", s->outputs[i].exists);
        xo_json_put_number(j, o, "mean", s->outputs[i].mean);
        xo_json_put_number(j, o, "variance", s->outputs[i].variance);
        if (i == XO_OUTPUT_CROSSOVER)
            xo_json_put_number(j, o, "censored_share", s->outputs[i].censored_share);
        xo_json_put(j, outputs, output_names[i], o);
    }
    xo_json_put(j, root, "outputs", outputs);
}

static json_t *convergence_json(struct xo_json *j, const struct xo_sweep_result *s)
{
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < s->n_convergence; i++) {
        const struct xo_convergence *c = &s->convergence[i];
        const struct cell cells[] = {
            { "samples", "", NUMBER(c->n_rows) },
            { "crossover_p50_requests_month", "requests/month", VOLUME(c->median) },
            { "crossover_p50_lo", "requests/month", VOLUME(c->lo) },
            { "crossover_p50_hi", "requests/month", VOLUME(c->hi) },
            { "build_wins_share", "fraction", NUMBER(c->build_wins) },
            { "build_wins_lo", "fraction", NUMBER(c->build_wins_lo) },
            { "build_wins_hi", "fraction", NUMBER(c->build_wins_hi) },
        };
        ROW_PUT(&rows, cells);
    }
    return rows.array;
}

static void put_fan(struct xo_json *j, json_t *root, const struct xo_sweep_result *s)
{
    json_t *array = xo_json_array(j);
    for (int i = 0; i < XO_N_FAN && s->n_fan_rows > 0; i++) {
        json_t *o = xo_json_object(j);
        xo_json_put_number(j, o, "volume_requests_month", s->fan[i].volume);
        for (int l = 0; l < XO_N_WAYS; l++) {
            const double values[] = { s->fan[i].p05[l], s->fan[i].p50[l], s->fan[i].p95[l] };
            static const char *const quantiles[] = { "p05", "p50", "p95" };
            for (int q = 0; q < 3; q++) {
                char name[48];
                snprintf(name, sizeof name, "%s_%s_usd_month", xo_way_words[l].key, quantiles[q]);
                xo_json_put_number(j, o, name, values[q]);
            }
        }
        xo_json_append(j, array, o);
    }
    xo_json_put(j, root, "cost_fan", array);
    xo_json_put_number(j, root, "cost_fan_samples", s->n_fan_rows);
}

static void put_effort(struct xo_json *j, json_t *root, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    json_t *o = xo_json_object(j);
    xo_json_put_number(j, o, "capacity_searches", s->n_searches);
    xo_json_put_number(j, o, "capacities_simulated_in_full", s->n_confirmed);
    xo_json_put_number(j, o, "simulated_requests", (double)s->n_simulated);
    xo_json_put_number(j, o, "samples_that_reused_them", (double)s->n_reused);
    xo_json_put(j, o, "surrogates",
                xo_json_surrogates(j, r->scenario, s->surrogates, s->n_surrogates));
    xo_json_put(j, root, "effort", o);
}

static void put_verdict(struct xo_json *j, json_t *root, const struct xo_sweep_report *r)
{
    json_t *o = xo_json_object(j), *order_json = xo_json_array(j), *notes = xo_json_array(j);
    int order[XO_SWEEP_MAX_INPUTS];
    char *title = xo_sweep_title(r);
    xo_sweep_order(r, order);
    for (int i = 0; i < r->result->n_inputs; i++)
        xo_json_append(j, order_json, xo_json_text(r->inputs[order[i]].name));
    for (int i = 0; i < r->result->n_notes; i++)
        xo_json_append(j, notes, xo_json_text(r->result->notes[i]));
    xo_json_put_text(j, o, "code", xo_call_name(xo_sweep_call(r)));
    xo_json_put_text(j, o, "title", title != NULL ? title : "");
    xo_json_put_bool(j, o, "draft", r->scenario->n_guesses > 0);
    xo_json_put(j, o, "moves_most", order_json);
    xo_json_put(j, o, "notes", notes);
    xo_json_put(j, root, "verdict", o);
    j->failed = j->failed || title == NULL;
    free(title);
}

static void put_sweep_json(struct xo_buf *buf, const struct xo_sweep_report *r)
{
    struct xo_json json = { 0 }, *j = &json;
    struct rows inputs = { .json = j, .array = xo_json_array(j) };
    json_t *root = xo_json_object(j);
    xo_json_put_text(j, root, "schema", "crossover.sweep/2");
    xo_json_put_text(j, root, "version", XO_VERSION);
    xo_json_put(j, root, "scenario", xo_json_scenario(j, r->scenario));
    put_verdict(j, root, r);
    put_design(j, root, r->result);
    put_answer(j, root, r->result);
    put_tails(j, root, r->result);
    put_outputs(j, root, r->result);
    xo_put_inputs(&inputs, r);
    xo_json_put(j, root, "inputs", inputs.array);
    put_correlations(j, root, r);
    xo_json_put(j, root, "convergence", convergence_json(j, r->result));
    put_fan(j, root, r->result);
    put_effort(j, root, r);
    xo_json_dump(j, root, buf);
}

/* ---- every sample ---- */

/* Which row of its base point a sample is: A and B are the distribution; the others are A with one
 * input from B, for Sobol' indices alone. */
static const char *place_of(char out[160], const struct xo_sweep_report *r, int64_t of)
{
    snprintf(out, 160, of < 2 ? "%s" : "A with %s of B",
             of == 0   ? "A"
             : of == 1 ? "B"
                       : r->inputs[of - 2].name);
    return out;
}

void xo_put_sample(struct rows *to, const struct xo_sweep_report *r, int64_t row)
{
    const int64_t per_base = r->result->n_rows / r->result->n_base;
    struct cell cells[3 + XO_SWEEP_MAX_INPUTS + XO_SWEEP_ROW_FIELDS];
    double values[XO_SWEEP_MAX_INPUTS], fields[XO_SWEEP_ROW_FIELDS];
    char place[160];
    size_t n = 0;
    xo_sweep_values(r->sweep, row, values);
    memcpy(fields, &r->rows[row], sizeof fields);
    cells[n++] = (struct cell){ "sample", "", NUMBER(row) };
    cells[n++] = (struct cell){ "base_point", "", NUMBER(row / per_base) };
    cells[n++] = (struct cell){ "row", TEXT(place_of(place, r, row % per_base)) };
    for (int i = 0; i < r->result->n_inputs; i++)
        cells[n++] =
            (struct cell){ r->inputs[i].name, xo_unit_of_key(r->inputs[i].key), NUMBER(values[i]) };
    for (int f = 0; f < XO_SWEEP_ROW_FIELDS; f++)
        cells[n++] =
            (struct cell){ xo_sweep_fields[f].name, xo_sweep_fields[f].unit, VOLUME(fields[f]) };
    rows_put(to, cells, n);
}

static bool write_samples(struct xo_folder *folder, const struct xo_sweep_report *r,
                          struct xo_error *err)
{
    _Static_assert(sizeof(struct xo_sweep_row) == XO_SWEEP_ROW_FIELDS * sizeof(double),
                   "a row is its fields");
    struct xo_buf lines = { 0 };
    struct rows to = { .csv = &lines };
    FILE *stream = xo_stage_open(&folder->stage, "samples.csv", err);
    if (stream == NULL)
        return false;
    for (int64_t row = 0; row < r->result->n_rows && !lines.failed; row++) {
        lines.length = 0;
        xo_put_sample(&to, r, row);
        if (!lines.failed && fwrite(lines.text, 1, lines.length, stream) < lines.length)
            break; /* the closing reports a full disk */
    }
    const bool failed = lines.failed,
               closed = xo_stage_close(&folder->stage, "samples.csv", stream, err);
    xo_buf_fini(&lines);
    if (failed)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory while writing samples.csv");
    xo_put(&folder->wrote, "samples.csv");
    return closed;
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
