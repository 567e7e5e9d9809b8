/* step.c - one step of each build option, part by part, so that anyone can check it by hand.
 *
 * The parts are those of docs/model.md, in its order. What the table shows is rounded so that the
 * parts add up to the total as shown; CSV and JSON have every digit.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/out.h"

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
    { "elementwise", "elementwise kernels" },
    { "all_reduces", "all-reduces" },
    { "dispatches", "dispatch and combine" },
    { "hops", "hops between stages" },
    { "decode_attention", "decode attention" },
    { "window_attention", "of a window or choice" },
    { "prompt_attention", "prompt attention" },
};
XO_TABLE_OF(part_names, XO_N_STEP_PARTS);

enum { N_WEIGHTS = 8 };
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
        { "head", w->head_bytes },           { "towers", w->tower_bytes },
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
    const struct xo_engine engine = xo_option_engine(s, d);
    const int64_t tokens = engine.chunk_tokens;
    const int64_t most = engine.max_batch < tokens ? engine.max_batch : tokens;
    if (q->n_decode > most)
        return xo_fail(err, XO_ERR_INPUT,
                       "%s: a step holds at most %lld sequences (build.max_batch, build.chunk)",
                       s->path, (long long)most);
    if (q->n_decode + q->prefill_tokens > tokens)
        return xo_fail(
            err, XO_ERR_INPUT,
            "%s: a step processes at most %lld tokens (build.chunk), of sequences and of "
            "a prompt together",
            s->path, (long long)tokens);
    return true;
}

/* Nor one whose sequences do not fit into memory. */
static bool is_held(const struct xo_scenario *s, const struct xo_deployment *d,
                    const struct xo_step_question *q, const struct xo_kv_room *kv,
                    struct xo_error *err)
{
    const double n = fmax((double)q->n_decode, 1), each = (double)q->kv_tokens / n;
    if (q->n_decode == 0 || n * xo_kv_sequence_bytes(kv, each) <= (double)kv->room_bytes)
        return true;
    return xo_fail(err, XO_ERR_INPUT,
                   "%s: %lld sequences of %.0f tokens do not fit into the KV room of a replica, "
                   "%.0f tokens",
                   s->path, (long long)q->n_decode, each,
                   floor(xo_kv_room_tokens(d, kv) * d->attention_dp));
}

static bool find(const struct xo_scenario *s, int o, const struct xo_step_question *q,
                 struct answer *a, struct xo_error *err)
{
    const struct xo_deployment *d = &s->options[o].deployment;
    const struct xo_batch batch = xo_batch_of_alike(&d->model, (int)q->n_decode, q->kv_tokens,
                                                    q->prefill_tokens, q->reread_tokens);
    a->option = &s->options[o];
    return is_possible(s, d, q, err) && xo_kv_room(d, &a->kv, err) &&
           is_held(s, d, q, &a->kv, err) && xo_gpu_weights(d, &a->weights, err) &&
           xo_step_parts_at(d, &batch, &a->step, err);
}

/* ---- the table ---- */

enum { NAME = 22, VALUE = 15 };

/* A part that takes none of a kind has no time of it; the step as a whole is not looked at by kind.
 */
static const char *say_us(struct xo_words *w, double seconds)
{
    return isnan(seconds) ? "" : seconds > 0 ? xo_say(w, "%.3f", 1e6 * seconds) : "-";
}

/* `shown_s`: what people read of its seconds. */
static void put_part(struct rows *to, const char *key, const char *name,
                     const struct xo_part_time *t, double shown_s)
{
    struct xo_words words = { 0 }, *w = &words;
    const struct cell cells[] = {
        { "part", WORD(key), SHOWN(name), .head = "microseconds", .gap = 2, LEFT(NAME) },
        { "memory_s", "s", NUMBER(t->memory_s), SHOWN(say_us(w, t->memory_s)),
          .head = "bytes alone", RIGHT(VALUE) },
        { "compute_s", "s", NUMBER(t->compute_s), SHOWN(say_us(w, t->compute_s)),
          .head = "flops alone", RIGHT(VALUE) },
        { "seconds", "s", NUMBER(t->seconds), SHOWN(say_us(w, shown_s)), .head = "together",
          RIGHT(VALUE) },
    };
    ROW_PUT(to, cells);
}

/* Each part ends where the rounded sum up to it does, so that the column adds up. */
static void put_parts(struct page *page, const struct xo_step_parts *step)
{
    const struct xo_part_time total = { NAN, NAN, step->total_s };
    struct rows to = { .page = page };
    double sum_s = 0, shown_ns = 0;
    page_table(page, NULL);
    for (int i = 0; i < XO_N_STEP_PARTS; i++) {
        const struct xo_part_time *part = &step->parts[i];
        if (part->seconds == 0)
            continue;
        sum_s += part->seconds;
        const double upto_ns = round(1e9 * sum_s);
        put_part(&to, part_names[i].key, part_names[i].name, part, 1e-9 * (upto_ns - shown_ns));
        shown_ns = upto_ns;
    }
    put_part(&to, "total", "step", &total, 1e-9 * shown_ns);
}

/* In the same way, kilobyte by kilobyte. */
static void put_weights(struct page *page, const struct xo_gpu_weights *weights)
{
    const char *names[N_WEIGHTS];
    double bytes[N_WEIGHTS], sum = 0, shown_kb = 0;
    name_weights(weights, names, bytes);
    page_table(page, "  megabytes of weights on a GPU");
    for (int i = 0; i <= N_WEIGHTS; i++) {
        const bool is_total = i == N_WEIGHTS;
        if (!is_total && bytes[i] == 0)
            continue;
        sum += is_total ? 0 : bytes[i];
        const double upto_kb = round(sum / 1e3), kb = is_total ? upto_kb : upto_kb - shown_kb;
        struct xo_words words = { 0 };
        const struct cell cells[] = {
            { NULL, WORD(is_total ? "total" : names[i]), .head = "weights on a GPU", .gap = 2,
              LEFT(NAME + 2 * VALUE) },
            { NULL, NUMBER(kb / 1e3), SHOWN(xo_say(&words, "%.3f", kb / 1e3)), .head = "MB",
              RIGHT(VALUE) },
        };
        PAGE_ROW(page, cells);
        shown_kb = upto_kb;
    }
}

static void put_room(struct page *page, const struct xo_kv_room *kv)
{
    struct xo_words words = { 0 }, *w = &words;
    page_item(
        page, "KV room of a replica: %.4g GB in blocks of %d tokens: %lld bytes%s%s",
        (double)kv->room_bytes / 1e9, kv->block_tokens, (long long)kv->full_block_bytes,
        kv->window_block_bytes <= 0
            ? ""
            : xo_say(w, ",\n    and %lld in each of the first %lld blocks for windowed layers",
                     (long long)kv->window_block_bytes, (long long)kv->window_blocks),
        kv->state_bytes <= 0
            ? ""
            : xo_say(w, ",\n    and a state of %lld bytes a sequence", (long long)kv->state_bytes));
}

static void put_option(struct page *page, const struct answer *a)
{
    char label[128];
    const int gpus = xo_deployment_gpus(&a->option->deployment);
    page_gap(page);
    page_section(page, "%s: %d GPU%s a replica",
                 xo_plain(label, sizeof label, a->option->label, 60), gpus, gpus == 1 ? "" : "s");
    put_parts(page, &a->step);
    put_weights(page, &a->weights);
    put_room(page, &a->kv);
}

static void put_question(struct page *page, const struct xo_step_question *q)
{
    struct xo_buf text = { 0 };
    struct xo_words words = { 0 };
    xo_put(&text, "One step:");
    if (q->n_decode > 0)
        xo_put(&text, " %s decoding sequence%s attending to %s tokens in all",
               xo_say_exact(&words, q->n_decode), q->n_decode == 1 ? "" : "s",
               xo_say_exact(&words, q->kv_tokens));
    if (q->prefill_tokens > 0)
        xo_put(&text, "%s %s prompt tokens", q->n_decode > 0 ? " and" : "",
               xo_say_exact(&words, q->prefill_tokens));
    if (q->reread_tokens > 0)
        xo_put(&text, " after %s", xo_say_exact(&words, q->reread_tokens));
    xo_put(&text, ".");
    page_text(page, &text);
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
        { "memory_s", "s", NUMBER(time != NULL ? time->memory_s : NAN) },
        { "compute_s", "s", NUMBER(time != NULL ? time->compute_s : NAN) },
        { "seconds", "s", NUMBER(time != NULL ? time->seconds : NAN) },
        { "bytes", "bytes", NUMBER(bytes) },
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
    struct cell cells[N_WEIGHTS + 1];
    name_weights(w, names, bytes);
    for (int i = 0; i < N_WEIGHTS; i++)
        cells[i] = (struct cell){ names[i], NUMBER(bytes[i]) };
    cells[N_WEIGHTS] = (struct cell){ "total", NUMBER(w->total_bytes) };
    return CELLS_JSON(j, cells);
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
    struct rows parts = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < XO_N_STEP_PARTS; i++)
        put_part(&parts, part_names[i].key, part_names[i].name, &a->step.parts[i],
                 a->step.parts[i].seconds);
    const struct cell cells[] = {
        { "option", TEXT(a->option->label) },
        { "gpus", NUMBER(xo_deployment_gpus(&a->option->deployment)) },
        { "parts", JSON(parts.array) },
        { "total_s", NUMBER(a->step.total_s) },
        { "gpu_weight_bytes", JSON(weights_json(j, &a->weights)) },
        { "kv", JSON(room_json(j, &a->kv)) },
    };
    return CELLS_JSON(j, cells);
}

static void put_json(struct xo_buf *buf, const struct xo_step_question *q,
                     const struct answer answers[], int n)
{
    struct xo_json json = { 0 }, *j = &json;
    json_t *options = xo_json_array(j);
    for (int i = 0; i < n; i++)
        xo_json_append(j, options, option_json(j, &answers[i]));
    const struct cell cells[] = {
        { "schema", WORD("crossover.step/1") },
        { "version", WORD(XO_VERSION) },
        { "n_decode", NUMBER(q->n_decode) },
        { "kv_tokens", NUMBER(q->kv_tokens) },
        { "prefill_tokens", NUMBER(q->prefill_tokens) },
        { "reread_tokens", NUMBER(q->reread_tokens) },
        { "options", JSON(options) },
    };
    xo_json_dump(j, CELLS_JSON(j, cells), buf);
}

static void put_csv(struct xo_buf *buf, const struct answer answers[], int n)
{
    struct rows to = { .csv = buf };
    for (int i = 0; i < n; i++)
        put_rows(&to, &answers[i]);
}

static void step_page(struct page *page, const struct xo_step_question *q,
                      const struct answer answers[], int n)
{
    put_question(page, q);
    for (int i = 0; i < n; i++)
        put_option(page, &answers[i]);
}

bool xo_step_print(FILE *out, const struct xo_scenario *s, const struct xo_step_question *q,
                   enum xo_format format, struct xo_error *err)
{
    const int n = s->n_options;
    struct xo_buf buf = { 0 };
    struct page page = { 0 };
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
        step_page(&page, q, answers, n);
    free(answers);
    return ok && page_print(&page, &buf, out, err);
}
