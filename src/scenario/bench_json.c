/* bench_json.c - results of `vllm bench serve` and `sglang.bench_serving` as rows of measurements.
 *
 * Such a result is one JSON object: what was sent, what came out, and whatever `--metadata` added.
 * A file holds one, several one after another (JSON lines, or files put together), or an array of
 * them. It is turned into the columns of measured.c, so that one reader judges every value. What
 * a result does not say (GPU, parallelism, data types, often the engine) is that of the scenario,
 * where there is one. Keys: vllm/benchmarks/serve.py and sglang/bench_serving.py.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench_json.h"
#include "values.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RESULTS = 100000 };

/* Columns that are a number of the result, under either key. */
static const struct {
    const char *column, *key, *other;
} numbers[] = {
    { "n_requests", "completed", NULL },
    { "output_tok_s_total", "output_throughput", NULL },
    { "ttft_mean_ms", "mean_ttft_ms", NULL },
    { "ttft_p50_ms", "median_ttft_ms", "p50_ttft_ms" },
    { "ttft_p90_ms", "p90_ttft_ms", NULL },
    { "ttft_p95_ms", "p95_ttft_ms", NULL },
    { "ttft_p99_ms", "p99_ttft_ms", NULL },
    { "tpot_mean_ms", "mean_tpot_ms", NULL },
    { "tpot_p50_ms", "median_tpot_ms", "p50_tpot_ms" },
    { "tpot_p90_ms", "p90_tpot_ms", NULL },
    { "tpot_p95_ms", "p95_tpot_ms", NULL },
    { "tpot_p99_ms", "p99_tpot_ms", NULL },
    { "e2e_mean_ms", "mean_e2el_ms", "mean_e2e_latency_ms" },
    { "e2e_p50_ms", "median_e2el_ms", "median_e2e_latency_ms" },
    { "e2e_p90_ms", "p90_e2el_ms", "p90_e2e_latency_ms" },
    { "e2e_p95_ms", "p95_e2el_ms", "p95_e2e_latency_ms" },
    { "e2e_p99_ms", "p99_e2el_ms", "p99_e2e_latency_ms" },
};
enum { N_NUMBERS = sizeof numbers / sizeof *numbers };

/* The rows so far. */
struct rows {
    char *text; /* owned */
    size_t length, room;
    struct bench_json *out;
    size_t lines_room;
    const struct xo_scenario *s; /* NULL: none */
    struct xo_error *err;
};

__attribute__((format(printf, 2, 3))) static bool put(struct rows *r, const char *format, ...)
{
    char piece[512];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(piece, sizeof piece, format, args);
    va_end(args);
    const size_t length = n < (int)sizeof piece ? (size_t)n : sizeof piece - 1;
    if (!xo_array_reserve((void **)&r->text, &r->room, r->length + length + 1, 1, r->err))
        return false;
    memcpy(r->text + r->length, piece, length + 1);
    r->length += length;
    return true;
}

/* A text as a field: in quotes, without what would end a line. */
static bool put_text(struct rows *r, const char *text)
{
    char field[400] = "\"";
    size_t n = 1;
    for (; *text != '\0' && n + 4 < sizeof field; text++) {
        if (*text == '"')
            field[n++] = '"';
        field[n++] = (unsigned char)*text < ' ' ? ' ' : *text;
    }
    field[n++] = '"';
    field[n] = '\0';
    return put(r, "%s", field);
}

/* A number, also where it is written as a text ("tp": "2" of --metadata); NAN. */
static double number_of(const json_t *result, const char *key)
{
    const json_t *value = key == NULL ? NULL : json_object_get(result, key);
    const char *rest;
    double x;
    if (json_is_number(value))
        return json_number_value(value);
    if (json_is_string(value) && xo_text_number(json_string_value(value), &x, &rest) &&
        *rest == '\0')
        return x;
    return NAN;
}

static const char *text_of(const json_t *result, const char *key)
{
    const char *text = json_string_value(json_object_get(result, key));
    return text == NULL ? "" : text;
}

static bool put_number(struct rows *r, double value)
{
    char exact[32];
    return put(r, ",%s", xo_text_exact(exact, value));
}

/* ---- what a result says of its deployment ---- */

static const struct xo_deployment *deployment_of(const struct rows *r)
{
    return r->s != NULL && r->s->n_options > 0 ? &r->s->options[0].deployment : NULL;
}

/* The client's "openai" does not say who answered. */
static const char *engine_of(const struct rows *r, const json_t *result)
{
    static const struct {
        const char *part, *engine;
    } parts[] = {
        { "vllm", "vllm" }, { "sglang", "sglang" }, { "tensorrt", "trtllm" }, { "trt", "trtllm" }
    };
    static const char *const keys[] = { "engine", "backend", "endpoint_type" };
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            if (strcasestr(text_of(result, keys[k]), parts[i].part) != NULL)
                return parts[i].engine;
    return deployment_of(r) == NULL ? "" : xo_engine_name(deployment_of(r)->engine);
}

static const char *model_of(const struct rows *r, const json_t *result)
{
    const char *model = text_of(result, "model_id");
    if (*model == '\0')
        model = text_of(result, "model");
    return *model == '\0' && deployment_of(r) != NULL ? deployment_of(r)->model.name : model;
}

static const char *gpu_of(const struct rows *r, const json_t *result)
{
    const char *gpu = text_of(result, "gpu");
    return *gpu == '\0' && deployment_of(r) != NULL ? deployment_of(r)->gpu.name : gpu;
}

/* Empty where the checkpoint's name says it. */
static const char *weights_of(const struct rows *r, const char *model)
{
    struct precision p;
    if (deployment_of(r) == NULL || precision_of_model(model, &p))
        return "";
    return xo_dtype_name(deployment_of(r)->weights);
}

static double tp_of(const json_t *result)
{
    const double tp = number_of(result, "tp");
    return isnan(tp) ? number_of(result, "tensor_parallel_size") : tp;
}

/* ---- one result ---- */

/* How it was loaded: a rate, so many in flight, or all at once. NULL with *value; else why not. */
static const char *load_of(const json_t *result, const char **kind, double *value)
{
    const double rate = number_of(result, "request_rate");
    const double clients = number_of(result, "max_concurrency");
    const double burstiness = number_of(result, "burstiness");
    *value = isnan(rate) ? clients : rate;
    *kind = !isnan(rate) ? "rate" : !isnan(clients) ? "concurrency" : "offline_max";
    if (!isnan(rate) && !isnan(clients))
        return "it has a request rate and a limit on requests in flight, and one of them is "
               "simulated";
    if (!isnan(rate) && !isnan(burstiness) && burstiness != 1)
        return "its burstiness is not 1, and Poisson arrivals are simulated";
    return NULL;
}

static bool put_result(struct rows *r, const json_t *result)
{
    const char *kind, *model = model_of(r, result);
    double load;
    const char *refused = load_of(result, &kind, &load);
    const double completed = number_of(result, "completed");
    bool ok = put_text(r, text_of(result, "date")) && put(r, ",") &&
              put_text(r, engine_of(r, result)) && put(r, ",") && put_text(r, model) &&
              put(r, ",") && put_text(r, gpu_of(r, result)) &&
              put(r, ",%s,%s", weights_of(r, model), refused == NULL ? kind : "") &&
              put_number(r, load) && put_number(r, tp_of(result)) &&
              put_number(r, number_of(result, "n_gpus")) &&
              put_number(r, number_of(result, "total_input_tokens") / completed) &&
              put_number(r, number_of(result, "total_output_tokens") / completed);
    for (int i = 0; ok && i < N_NUMBERS; i++) {
        const double value = number_of(result, numbers[i].key);
        ok = put_number(r, isnan(value) ? number_of(result, numbers[i].other) : value);
    }
    const bool constant = strcmp(text_of(result, "burstiness"), "inf") == 0;
    return ok && put(r, ",%s,", constant ? "constant-rate" : "") &&
           put_text(r, refused == NULL ? "" : refused) && put(r, "\n");
}

/* What a row needs and neither the result nor a scenario says; NULL. */
static const char *missing(const struct rows *r, const json_t *result)
{
    return *gpu_of(r, result) == '\0'      ? "on what GPU it ran"
           : *engine_of(r, result) == '\0' ? "which engine answered"
           : *model_of(r, result) == '\0'  ? "which model it was"
                                           : NULL;
}

static bool is_result(const json_t *result)
{
    return number_of(result, "completed") > 0 && !isnan(number_of(result, "total_input_tokens")) &&
           !isnan(number_of(result, "total_output_tokens"));
}

static bool add_result(struct rows *r, const json_t *result, int line)
{
    struct bench_json *out = r->out;
    if (!is_result(result))
        return xo_fail(
            r->err, XO_ERR_INPUT,
            "this is JSON, and not a result of vllm bench serve or sglang.bench_serving, "
            "which have completed, total_input_tokens and total_output_tokens; write "
            "measurements as CSV, a request log beside it as the load_value of a trace");
    if (missing(r, result) != NULL)
        return xo_fail(r->err, XO_ERR_INPUT,
                       "this benchmark result in JSON does not say %s: crossover data calibrate "
                       "SCENARIO takes that from [build]; or run the benchmark with --metadata "
                       "gpu=H100 tp=1 engine=vllm, or write a CSV",
                       missing(r, result));
    if (out->n == MAX_RESULTS)
        return xo_fail(r->err, XO_ERR_INPUT, "more than %d results", MAX_RESULTS);
    if (!xo_array_reserve((void **)&out->lines, &r->lines_room, out->n + 1, sizeof *out->lines,
                          r->err))
        return false;
    out->lines[out->n++] = line;
    return put_result(r, result);
}

/* ---- the file ---- */

/* Python writes NaN and Infinity, which JSON does not know: as texts of the same length. */
static void quote_not_numbers(char *text)
{
    static const struct {
        const char *word, *quoted;
    } words[] = { { "-Infinity", "\"\"       " },
                  { "Infinity", "\"inf\"   " },
                  { "NaN", "\"\" " } };
    bool in_text = false;
    for (char *p = text; *p != '\0'; p++) {
        if (in_text && *p == '\\' && p[1] != '\0')
            p++;
        else if (*p == '"')
            in_text = !in_text;
        for (size_t i = 0; !in_text && i < sizeof words / sizeof *words; i++)
            if (strncmp(p, words[i].word, strlen(words[i].word)) == 0) {
                memcpy(p, words[i].quoted, strlen(words[i].word));
                p += strlen(words[i].word) - 1;
                break;
            }
    }
}

static const char blanks[] = " \t\r\n,";

static bool add_value(struct rows *r, const json_t *value, int line)
{
    size_t i;
    const json_t *item;
    if (!json_is_array(value))
        return add_result(r, value, line);
    json_array_foreach(value, i, item) if (!add_result(r, item, line)) return false;
    return true;
}

static bool read_results(struct rows *r, const char *text)
{
    int line = 1;
    for (const char *at = text; r->out->line = line, *at != '\0';) {
        const size_t gap = strspn(at, blanks);
        json_error_t why;
        json_t *value;
        for (size_t i = 0; i < gap; i++)
            line += at[i] == '\n';
        at += gap;
        r->out->line = line;
        if (*at == '\0')
            break;
        value = json_loads(at, JSON_DISABLE_EOF_CHECK, &why);
        if (value == NULL) {
            if (json_error_code(&why) == json_error_out_of_memory)
                return xo_fail(r->err, XO_ERR_MEMORY, "out of memory for the JSON");
            r->out->line = line + (why.line > 0 ? why.line - 1 : 0);
            return xo_fail(r->err, XO_ERR_INPUT, "the JSON cannot be read: %.120s", why.text);
        }
        const bool ok = add_value(r, value, line);
        json_decref(value);
        if (!ok)
            return false;
        for (int i = 0; i < why.position; i++)
            line += at[i] == '\n';
        at += why.position;
    }
    return true;
}

bool bench_json_read(struct bench_json *out, char *text, const struct xo_scenario *s,
                     struct xo_error *err)
{
    struct rows r = { .out = out, .s = s, .err = err };
    *out = (struct bench_json){ .line = 1 };
    quote_not_numbers(text);
    bool ok =
        put(&r, "id,engine,model,gpu,precision_weights,load_kind,load_value,tp,n_gpus,isl,osl");
    for (int i = 0; ok && i < N_NUMBERS; i++)
        ok = put(&r, ",%s", numbers[i].column);
    ok = ok && put(&r, ",notes,refused\n") && read_results(&r, text);
    if (ok && out->n == 0)
        ok = xo_fail(err, XO_ERR_INPUT, "the JSON holds no result");
    out->csv = r.text;
    if (!ok)
        bench_json_fini(out);
    return ok;
}

void bench_json_fini(struct bench_json *b)
{
    free(b->csv);
    free(b->lines);
    b->csv = NULL;
    b->lines = NULL;
    b->n = 0;
}
