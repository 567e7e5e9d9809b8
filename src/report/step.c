/* step.c - one step of each build option, part by part, so that anyone can check it by hand.
 *
 * The parts are those of docs/model.md, in its order. What the table shows is rounded so that the
 * parts add up to the total as shown; CSV and JSON have every digit.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/page.h"

#include "xo/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* One option: its step, its weights, its room. */
struct answer {
    const struct xo_build_option *option; /* borrowed */
    struct xo_step_parts step;
    struct xo_gpu_weights weights;
    struct xo_kv_room kv;
};

static const struct {
    const char *key, *name;
} part_names[] = {
    { "step", "host, a step" },
    { "layers", "host, a layer" },
    { "moe_layers", "host, a MoE layer" },
    { "sequences", "host, a sequence" },
    { "head", "LM head" },
    { "projections", "attention projections" },
    { "mlp", "MLP" },
    { "router", "router" },
    { "experts", "routed experts" },
    { "all_reduces", "all-reduces" },
    { "dispatches", "dispatch and combine" },
    { "hops", "hops between stages" },
    { "decode_attention", "decode attention" },
    { "window_attention", "the same, windowed" },
    { "prompt_attention", "prompt attention" },
};
XO_TABLE_OF(part_names, XO_N_STEP_PARTS);

enum { N_WEIGHTS = 7 };
static void name_weights(const struct xo_gpu_weights *w, const char *names[N_WEIGHTS],
                         double bytes[N_WEIGHTS])
{
    const struct {
        const char *name;
        double bytes;
    } rows[N_WEIGHTS] = {
        { "attention", w->attention_bytes }, { "mlp", w->mlp_bytes },
        { "experts", w->expert_bytes },      { "router", w->router_bytes },
        { "norms", w->norm_bytes },          { "embedding", w->embedding_bytes },
        { "head", w->head_bytes },
    };
    for (int i = 0; i < N_WEIGHTS; i++) {
        names[i] = rows[i].name;
        bytes[i] = rows[i].bytes;
    }
}

/* A step that the engine never takes has no time. */
static bool is_possible(const struct xo_scenario *s, const struct xo_deployment *d,
                        const struct xo_step_question *q, struct xo_error *err)
{
    const int64_t most = d->max_batch < d->chunk_tokens ? d->max_batch : d->chunk_tokens;
    if (q->n_decode > most)
        return xo_fail(err, XO_ERR_INPUT,
                       "%s: a step holds at most %lld sequences (build.max_batch, build.chunk)",
                       s->path, (long long)most);
    if (q->n_decode + q->prefill_tokens > d->chunk_tokens)
        return xo_fail(
            err, XO_ERR_INPUT,
            "%s: a step processes at most %lld tokens (build.chunk), of sequences and of "
            "a prompt together",
            s->path, (long long)d->chunk_tokens);
    return true;
}

static bool find(const struct xo_scenario *s, int o, const struct xo_step_question *q,
                 struct answer *a, struct xo_error *err)
{
    const struct xo_deployment *d = &s->options[o].deployment;
    const struct xo_batch batch = xo_batch_of_alike(&d->model, (int)q->n_decode, q->kv_tokens,
                                                    q->prefill_tokens, q->reread_tokens);
    a->option = &s->options[o];
    return is_possible(s, d, q, err) && xo_kv_room(d, &a->kv, err) &&
           xo_gpu_weights(d, &a->weights, err) && xo_step_parts_at(d, &batch, &a->step, err);
}

/* ---- the table ---- */

enum { NAME = 24, VALUE = 15 };

static void put_us(struct xo_buf *buf, double seconds)
{
    char text[32] = "-";
    if (seconds > 0)
        snprintf(text, sizeof text, "%.3f", 1e6 * seconds);
    xo_put_cell(buf, text, VALUE, true);
}

/* Each part ends where the rounded sum up to it does, so that the column adds up. */
static void put_parts(struct xo_buf *buf, const struct xo_step_parts *step)
{
    xo_put_cell(buf, "  microseconds", NAME, false);
    xo_put_cell(buf, "bytes alone", VALUE, true);
    xo_put_cell(buf, "flops alone", VALUE, true);
    xo_put_cell(buf, "together", VALUE, true);
    xo_put(buf, "\n");
    double sum_s = 0, shown_ns = 0;
    for (int i = 0; i < XO_N_STEP_PARTS; i++) {
        const struct xo_part_time *part = &step->parts[i];
        if (part->seconds == 0)
            continue;
        sum_s += part->seconds;
        const double upto_ns = round(1e9 * sum_s);
        xo_put(buf, "  ");
        xo_put_cell(buf, part_names[i].name, NAME - 2, false);
        put_us(buf, part->memory_s);
        put_us(buf, part->compute_s);
        put_us(buf, 1e-9 * (upto_ns - shown_ns));
        xo_put(buf, "\n");
        shown_ns = upto_ns;
    }
    xo_put(buf, "  ");
    xo_put_cell(buf, "step", NAME - 2 + 2 * VALUE, false);
    put_us(buf, 1e-9 * shown_ns);
    xo_put(buf, "\n");
}

/* In the same way, kilobyte by kilobyte. */
static void put_weights(struct xo_buf *buf, const struct xo_gpu_weights *w)
{
    const char *names[N_WEIGHTS];
    double bytes[N_WEIGHTS], sum = 0, shown_kb = 0;
    name_weights(w, names, bytes);
    xo_put(buf, "  megabytes of weights on a GPU\n");
    for (int i = 0; i <= N_WEIGHTS; i++) {
        const bool is_total = i == N_WEIGHTS;
        if (!is_total && bytes[i] == 0)
            continue;
        sum += is_total ? 0 : bytes[i];
        const double upto_kb = round(sum / 1e3), kb = is_total ? upto_kb : upto_kb - shown_kb;
        char text[32];
        snprintf(text, sizeof text, "%.3f", kb / 1e3);
        xo_put(buf, "  ");
        xo_put_cell(buf, is_total ? "total" : names[i], NAME - 2 + 2 * VALUE, false);
        xo_put_cell(buf, text, VALUE, true);
        xo_put(buf, "\n");
        shown_kb = upto_kb;
    }
}

static void put_room(struct xo_buf *buf, const struct xo_kv_room *kv)
{
    xo_put(buf, "  KV room of a replica: %.4g GB in blocks of %d tokens: %lld bytes",
           (double)kv->room_bytes / 1e9, kv->block_tokens, (long long)kv->full_block_bytes);
    if (kv->window_block_bytes > 0)
        xo_put(buf, ",\n    and %lld in each of the first %lld blocks for windowed layers",
               (long long)kv->window_block_bytes, (long long)kv->window_blocks);
    if (kv->state_bytes > 0)
        xo_put(buf, ",\n    and a state of %lld bytes a sequence", (long long)kv->state_bytes);
    xo_put(buf, "\n");
}

static void put_option(struct xo_buf *buf, const struct answer *a)
{
    char label[128];
    const int gpus = xo_deployment_gpus(&a->option->deployment);
    xo_put(buf, "\n%s: %d GPU%s a replica\n", xo_plain(label, sizeof label, a->option->label, 60),
           gpus, gpus == 1 ? "" : "s");
    put_parts(buf, &a->step);
    put_weights(buf, &a->weights);
    put_room(buf, &a->kv);
}

static void put_question(struct xo_buf *buf, const struct xo_step_question *q)
{
    struct xo_buf line = { 0 };
    struct xo_words words = { 0 };
    xo_put(&line, "One step:");
    if (q->n_decode > 0)
        xo_put(&line, " %s decoding sequence%s attending to %s tokens in all",
               xo_say_exact(&words, q->n_decode), q->n_decode == 1 ? "" : "s",
               xo_say_exact(&words, q->kv_tokens));
    if (q->prefill_tokens > 0)
        xo_put(&line, "%s %s prompt tokens", q->n_decode > 0 ? " and" : "",
               xo_say_exact(&words, q->prefill_tokens));
    if (q->reread_tokens > 0)
        xo_put(&line, " after %s", xo_say_exact(&words, q->reread_tokens));
    xo_put(&line, ".");
    xo_put_text(buf, &line);
}

/* ---- for programs ---- */

/* NAN: what a row is not about. */
static void put_row(struct rows *to, const struct answer *a, const char *kind, const char *name,
                    const struct xo_part_time *time, double bytes)
{
    const struct cell cells[] = {
        { "option", TEXT(a->option->label) },
        { "kind", WORD(kind) },
        { "name", WORD(name) },
        { "memory_s", NUMBER(time != NULL ? time->memory_s : NAN) },
        { "compute_s", NUMBER(time != NULL ? time->compute_s : NAN) },
        { "seconds", NUMBER(time != NULL ? time->seconds : NAN) },
        { "bytes", NUMBER(bytes) },
    };
    ROW_PUT(to, cells);
}

static void put_rows(struct rows *to, const struct answer *a)
{
    const struct xo_part_time total = { .memory_s = NAN, .compute_s = NAN, a->step.total_s };
    const char *names[N_WEIGHTS];
    double bytes[N_WEIGHTS];
    for (int i = 0; i < XO_N_STEP_PARTS; i++)
        put_row(to, a, "time", part_names[i].key, &a->step.parts[i], NAN);
    put_row(to, a, "time", "total", &total, NAN);
    name_weights(&a->weights, names, bytes);
    for (int i = 0; i < N_WEIGHTS; i++)
        put_row(to, a, "weights", names[i], NULL, bytes[i]);
    put_row(to, a, "weights", "total", NULL, a->weights.total_bytes);
    put_row(to, a, "kv", "room", NULL, (double)a->kv.room_bytes);
    put_row(to, a, "kv", "full_block", NULL, (double)a->kv.full_block_bytes);
    put_row(to, a, "kv", "window_block", NULL, (double)a->kv.window_block_bytes);
    put_row(to, a, "kv", "state", NULL, (double)a->kv.state_bytes);
}

static json_t *weights_json(struct xo_json *j, const struct xo_gpu_weights *w)
{
    const char *names[N_WEIGHTS];
    double bytes[N_WEIGHTS];
    json_t *object = xo_json_object(j);
    name_weights(w, names, bytes);
    for (int i = 0; i < N_WEIGHTS; i++)
        xo_json_put_number(j, object, names[i], bytes[i]);
    xo_json_put_number(j, object, "total", w->total_bytes);
    return object;
}

static json_t *room_json(struct xo_json *j, const struct xo_kv_room *kv)
{
    const struct cell cells[] = {
        { "room_bytes", NUMBER(kv->room_bytes) },
        { "block_tokens", NUMBER(kv->block_tokens) },
        { "full_block_bytes", NUMBER(kv->full_block_bytes) },
        { "window_block_bytes", NUMBER(kv->window_block_bytes) },
        { "window_blocks", NUMBER(kv->window_blocks) },
        { "state_bytes", NUMBER(kv->state_bytes) },
    };
    return CELLS_JSON(j, cells);
}

static json_t *option_json(struct xo_json *j, const struct answer *a)
{
    json_t *object = xo_json_object(j), *parts = xo_json_array(j);
    xo_json_put_text(j, object, "option", a->option->label);
    xo_json_put_number(j, object, "gpus", xo_deployment_gpus(&a->option->deployment));
    for (int i = 0; i < XO_N_STEP_PARTS; i++) {
        json_t *row = xo_json_object(j);
        xo_json_put_text(j, row, "part", part_names[i].key);
        xo_json_put_number(j, row, "memory_s", a->step.parts[i].memory_s);
        xo_json_put_number(j, row, "compute_s", a->step.parts[i].compute_s);
        xo_json_put_number(j, row, "seconds", a->step.parts[i].seconds);
        xo_json_append(j, parts, row);
    }
    xo_json_put(j, object, "parts", parts);
    xo_json_put_number(j, object, "total_s", a->step.total_s);
    xo_json_put(j, object, "gpu_weight_bytes", weights_json(j, &a->weights));
    xo_json_put(j, object, "kv", room_json(j, &a->kv));
    return object;
}

static void put_json(struct xo_buf *buf, const struct xo_step_question *q,
                     const struct answer answers[], int n)
{
    struct xo_json json = { 0 }, *j = &json;
    json_t *root = xo_json_object(j), *options = xo_json_array(j);
    xo_json_put_text(j, root, "schema", "crossover.step/1");
    xo_json_put_text(j, root, "version", XO_VERSION);
    xo_json_put_number(j, root, "n_decode", (double)q->n_decode);
    xo_json_put_number(j, root, "kv_tokens", (double)q->kv_tokens);
    xo_json_put_number(j, root, "prefill_tokens", (double)q->prefill_tokens);
    xo_json_put_number(j, root, "reread_tokens", (double)q->reread_tokens);
    for (int i = 0; i < n; i++)
        xo_json_append(j, options, option_json(j, &answers[i]));
    xo_json_put(j, root, "options", options);
    xo_json_dump(j, root, buf);
}

static void put_csv(struct xo_buf *buf, const struct answer answers[], int n)
{
    struct rows to = { .csv = buf };
    for (int i = 0; i < n; i++)
        put_rows(&to, &answers[i]);
}

static void put_table(struct xo_buf *buf, const struct xo_step_question *q,
                      const struct answer answers[], int n)
{
    put_question(buf, q);
    for (int i = 0; i < n; i++)
        put_option(buf, &answers[i]);
}

bool xo_step_print(FILE *out, const struct xo_scenario *s, const struct xo_step_question *q,
                   enum xo_format format, struct xo_error *err)
{
    const int n = s->n_options;
    struct xo_buf buf = { 0 };
    if (n == 0)
        return xo_fail(err, XO_ERR_INPUT, "%s: there is no [build] that could take a step",
                       s->path);
    struct answer *answers = calloc((size_t)n, sizeof *answers);
    bool ok = answers != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for %d options", n);
    for (int i = 0; ok && i < n; i++)
        ok = find(s, i, q, &answers[i], err);
    if (ok && format == XO_FORMAT_CSV)
        put_csv(&buf, answers, n);
    else if (ok && format == XO_FORMAT_JSON)
        put_json(&buf, q, answers, n);
    else if (ok)
        put_table(&buf, q, answers, n);
    free(answers);
    return ok && xo_buf_print(&buf, out, err);
}
