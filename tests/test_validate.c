/* test_validate.c - measured rows are read, planned, simulated and scored as they should be.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence/validate.h"
#include "packed.h"
#include "xo/file.h"
#include "xo/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DATA XO_SOURCE_DIR "/tests/data/"

static const struct xo_study_options two_threads = { .n_threads = 2 };

static void read_fixture(struct xo_measured *measured)
{
    struct xo_problems problems;
    const bool ok = xo_measured_read(measured, DATA "measured.csv", &problems);
    for (size_t i = 0; i < problems.n; i++)
        puts(problems.lines[i]);
    ck_assert(ok);
    ck_assert_uint_eq(problems.n, 0);
    xo_problems_fini(&problems);
}

static size_t row_of(const struct xo_measured *m, const char *id)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->rows[i].id, id) == 0)
            return i;
    ck_abort_msg("no row %s", id);
    return 0;
}

static struct xo_row_plan plan_of(const struct xo_measured *m, const char *id)
{
    struct xo_row_plan plan;
    struct xo_error err;
    ck_assert_msg(xo_row_plan(&m->rows[row_of(m, id)], &plan, &err), "%s", err.text);
    return plan;
}

/* `text` as a file; the caller unlinks `path`. */
static void write_file(char path[64], const char *text, size_t size)
{
    strcpy(path, "/tmp/xo_measured_XXXXXX");
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, size), (ssize_t)size);
    close(fd);
}

static bool read_text(const char *text, struct xo_measured *measured, struct xo_problems *problems)
{
    char path[64];
    write_file(path, text, strlen(text));
    const bool ok = xo_measured_read(measured, path, problems);
    unlink(path);
    return ok;
}

/* ---- reading ---- */

START_TEST(a_row_is_read_in_seconds_and_tokens)
{
    struct xo_measured m;
    read_fixture(&m);
    const struct xo_measured_row *r = &m.rows[row_of(&m, "rate")];
    ck_assert_int_eq(r->line, 6);
    ck_assert_str_eq(r->gpu->gpu.name, "h100-sxm");
    ck_assert_str_eq(r->model->model.name, "llama-3.1-8b");
    ck_assert_int_eq(r->engine, XO_ENGINE_VLLM);
    ck_assert_int_eq(r->kv, XO_BF16);
    ck_assert_double_eq(r->load_value, 4.5);
    ck_assert_int_eq(r->n_requests, 90);
    ck_assert_double_eq_tol(r->measured[XO_MEASURE_TTFT], 0.0255, 1e-15);
    ck_assert_double_eq_tol(r->measured[XO_MEASURE_TTFT_P99], 0.060, 1e-15);
    ck_assert_double_eq_tol(r->measured[XO_MEASURE_E2E], 0.4105, 1e-15); /* of the notes */
    ck_assert_double_nan(r->measured[XO_MEASURE_OUTPUT]);
    ck_assert_int_eq(r->notes.max_batch, 128);
    ck_assert_int_eq(r->notes.chunk_tokens, 2048);
    ck_assert(r->notes.constant_rate && r->notes.few_prompts);
    /* E2E without a figure of its own: 31.25 ms + 32 gaps of 6.5 ms */
    ck_assert_double_eq_tol(m.rows[row_of(&m, "lone")].measured[XO_MEASURE_E2E],
                            0.03125 + 32 * 0.0065, 1e-15);
    ck_assert_uint_eq(m.rows[row_of(&m, "log")].trace.n, 4); /* found in traces/ */
    xo_measured_fini(&m);
}
END_TEST

START_TEST(four_columns_are_enough_and_quotes_may_hold_commas)
{
    struct xo_measured m;
    struct xo_problems p;
    ck_assert(read_text("\xEF\xBB\xBFnotes,gpu,model,engine,load_kind,isl,osl\r\n"
                        "\"max_batch=7, \"\"so\"\" it says\",h100,llama-3.1-8b,TRTLLM,offline_max,"
                        "1000,50\r\n",
                        &m, &p));
    ck_assert_uint_eq(m.n, 1);
    ck_assert_int_eq(m.rows[0].notes.max_batch, 7);
    ck_assert_int_eq(m.rows[0].weights, XO_BF16);
    ck_assert_int_eq(m.rows[0].engine, XO_ENGINE_TRTLLM);
    struct xo_row_plan plan;
    ck_assert(xo_row_plan(&m.rows[0], &plan, NULL));
    ck_assert_int_eq(plan.n_replicas, 1);
    xo_measured_fini(&m);
    xo_problems_fini(&p);
}
END_TEST

/* Types are those of the checkpoints: the first by its name, the next two as they were released;
 * fp4 by the GPU; auto is what the engine does by itself. */
START_TEST(a_row_without_a_type_runs_in_that_of_its_checkpoint)
{
    static const struct {
        const char *row;
        enum xo_dtype weights;
        bool kv_given;
    } rows[] = {
        { "Qwen/Qwen3-32B-FP8,,H100,,", XO_FP8, false },
        { "openai/gpt-oss-120b,,H100,,", XO_MXFP4, false },
        { "deepseek-ai/DeepSeek-R1-0528,,H200,,", XO_FP8, false },
        { "meta-llama/Llama-2-7b-hf,,H100,,", XO_FP16, false },
        { "somebody/their-tune-AWQ,llama-3.1-8b,H100,auto,auto", XO_INT4, false },
        { "amd/Llama-3.1-8B-Instruct-FP4,,MI355X,,fp8_e4m3", XO_MXFP4, true },
        { "nvidia/Llama-3.1-8B-Instruct-FP4,,B200,,fp8", XO_NVFP4, true },
        { "nvidia/Llama-3.1-8B-Instruct-FP4,,B200,bf16,", XO_BF16, false },
    };
    enum { N = sizeof rows / sizeof rows[0] };
    char text[2048] = "engine,load_kind,load_value,isl,osl,model,base_model,gpu,"
                      "precision_weights,precision_kv\n";
    struct xo_measured m;
    struct xo_problems p;
    for (int i = 0; i < N; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "vllm,concurrency,4,1000,200,%s\n", rows[i].row);
    strcat(text, "vllm,concurrency,4,1000,200,TheBloke/Llama-3.1-8B-GPTQ,,H100,,\n");
    ck_assert(read_text(text, &m, &p));
    ck_assert_uint_eq(m.n, N + 1);
    for (size_t i = 0; i < N; i++) {
        ck_assert_str_eq(m.rows[i].why, "");
        ck_assert_msg(m.rows[i].weights == rows[i].weights, "%s", rows[i].row);
        ck_assert_int_eq(m.rows[i].kv_given, rows[i].kv_given);
    }
    ck_assert_int_eq(m.rows[5].kv, XO_FP8);
    ck_assert_str_eq(m.rows[N].why, "precision_weights is empty, and \"gptq\" in the model's name "
                                    "is of 4 or 8 bits: int4 or int8 would do");
    xo_measured_fini(&m);
    xo_problems_fini(&p);
}
END_TEST

START_TEST(an_unknown_gpu_is_said_once_and_counted_with_every_row)
{
    struct xo_measured m;
    struct xo_problems p;
    ck_assert(read_text("gpu,model,engine,load_kind,isl,osl,load_value\n"
                        "H1000 SXM,llama-3.1-8b,vllm,concurrency,100,10,4\n"
                        "H100 SXM,llama-3.1-8b,vllm,concurrency,100,10,4\n"
                        "H1000 SXM,llama-3.1-8b,vllm,concurrency,100,10,8\n",
                        &m, &p));
    ck_assert_uint_eq(m.n, 3);
    ck_assert_uint_eq(m.n_unknown, 2);
    ck_assert_uint_eq(p.n, 1);
    ck_assert_int_eq(p.n_warnings, 1);
    ck_assert_ptr_nonnull(strstr(p.lines[0], ":2: warning: GPU \"H1000 SXM\" is in no catalog"));
    struct xo_validation *v;
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    ck_assert_uint_eq(v->n_simulated, 1);
    ck_assert_uint_eq(v->n_skipped, 2);
    ck_assert_ptr_nonnull(strstr(v->rows[0].why, "H1000 SXM"));
    xo_validation_free(v);
    xo_measured_fini(&m);
    xo_problems_fini(&p);
}
END_TEST

static const struct {
    const char *text, *says;
} bad_files[] = {
    { "", "is empty" },
    { "gpu,model,engine\nh100,llama-3.1-8b,vllm\n", ":1: there is no column \"load_kind\"" },
    { "gpu,model,engine,load_kind\n", "no rows" },
    { "gpu,model,engine,load_kind,isl\nh100,llama-3.1-8b,vllm,concurrency,lots\n",
      ":2: isl is \"lots\"; it takes a number" },
    { "gpu,model,engine,load_kind,isl\nh100,llama-3.1-8b,vllm,concurrency,-3\n", ":2: isl is" },
    { "gpu,model,engine,load_kind,tp\nh100,llama-3.1-8b,vllm,concurrency,1.5\n",
      ":2: tp is 1.5; it takes a whole number" },
    { "gpu,model,engine,load_kind\nh100,llama-3.1-8b,vllm\n",
      ":2: the line has 3 fields, the header 4" },
    { "gpu;model;engine;load_kind;tp\nh100;llama-3.1-8b;vllm;rate;1\n",
      ":1: its columns are parted by semicolons; they take commas" },
    { "gpu;model;engine;load_kind;load_value\nh100;llama-3.1-8b;vllm;rate;1,500\n",
      ":1: its columns are parted by semicolons, and its numbers have decimal commas; columns take "
      "commas, and numbers decimal points" },
    { "gpu\tmodel\tengine\tload_kind\n", ":1: its columns are parted by tabs; they take commas" },
    { "gpu|model|engine|load_kind\n",
      ":1: its columns are parted by vertical bars; they take commas" },
    { "gpu,model;engine;load_kind\n", ":1: there is no column \"engine\"" },
    { "BZh9", ":1: it is compressed by bzip2; unpack it (bunzip2)" },
    { "PK\x03\x04", ":1: it is a zip archive or a spreadsheet; unpack it, or save it as CSV" },
    { "\xff\xfeg", ":1: it is text in UTF-16; save it as UTF-8" },
    { "gpu,model,engine,load_kind\nh100,\"llama,vllm,rate\n",
      ":2: field 2 begins with a quote and has no other" },
};

START_TEST(what_is_wrong_is_said_with_file_and_line)
{
    struct xo_measured m;
    struct xo_problems p;
    ck_assert(!read_text(bad_files[_i].text, &m, &p));
    ck_assert_uint_ge(p.n, 1);
    ck_assert_ptr_null(m.rows);
    ck_assert_msg(strstr(p.lines[0], bad_files[_i].says) != NULL, "%s", p.lines[0]);
    xo_problems_fini(&p);
}
END_TEST

/* CSV with a note of two lines and one of quotes, and a result in JSON; each plain, by gzip and by
 * zstd, and cut short. */
static const char *const packed_tables[] = {
    "gpu,model,engine,load_kind,load_value,isl,osl,notes\r\n"
    "\"h100\",llama-3.1-8b, \"vllm\" ,concurrency,4,100,10,\"max_batch=7,\r\n \"\"so\"\" it "
    "says\"\r\n\r\n,,,,,,,\r\nh100,llama-3.1-8b,vllm,concurrency,8,100,10,",
    "{\"date\": \"a\", \"backend\": \"vllm\", \"model_id\": \"llama-3.1-8b\", \"gpu\": \"h100\", "
    "\"max_concurrency\": 4, \"completed\": 10, \"total_input_tokens\": 1000, "
    "\"total_output_tokens\": 100}\n"
    "{\"date\": \"b\", \"backend\": \"vllm\", \"model_id\": \"llama-3.1-8b\", \"gpu\": \"h100\", "
    "\"max_concurrency\": 8, \"completed\": 10, \"total_input_tokens\": 1000, "
    "\"total_output_tokens\": 100}\n",
};

START_TEST(measurements_may_be_packed_and_quoted)
{
    const bool is_csv = _i < N_PACKINGS;
    const char *text = packed_tables[!is_csv];
    const enum packing packing = (enum packing)(_i % N_PACKINGS);
    struct xo_measured m;
    struct xo_problems p;
    char path[64];
    size_t n;
    unsigned char *bytes = packed(packing, text, strlen(text), &n);
    write_file(path, (const char *)bytes, n);
    ck_assert_int_eq(xo_measured_read(&m, path, &p), is_read(packing));
    if (is_read(packing)) {
        ck_assert_uint_eq(p.n, 0);
        ck_assert_uint_eq(m.n, 2);
        ck_assert_double_eq(m.rows[0].load_value, 4);
        ck_assert_double_eq(m.rows[1].load_value, 8);
        ck_assert_double_eq(m.rows[1].isl, 100);
        ck_assert_int_eq(m.rows[0].notes.max_batch, is_csv ? 7 : 0);
        ck_assert_int_eq(m.rows[1].line, is_csv ? 6 : 2); /* the first of CSV takes two */
        xo_measured_fini(&m);
    } else
        ck_assert_ptr_nonnull(strstr(p.lines[0], ":1: it is compressed by "));
    xo_problems_fini(&p);
    unlink(path);
    if (packing != PLAIN && is_read(packing)) {
        write_file(path, (const char *)bytes, n - 1);
        ck_assert(!xo_measured_read(&m, path, &p));
        ck_assert_uint_eq(p.n, 1);
        ck_assert_ptr_nonnull(strstr(p.lines[0], "in the middle: the file is cut short"));
        xo_problems_fini(&p);
        unlink(path);
    }
    free(bytes);
}
END_TEST

/* Every second row has something wrong: the others are read, and each of these says why not. */
START_TEST(a_row_that_cannot_be_read_is_skipped_and_the_others_stand)
{
    static const struct {
        const char *row, *why, *told; /* told NULL: no warning */
    } rows[] = {
        { "h100,llama-3.1-8b,llama.cpp,concurrency,4,100,10,bf16,1",
          "engine \"llama.cpp\" is not simulated",
          ":3: warning: engine \"llama.cpp\" is not simulated; its rows are skipped; vllm, sglang "
          "and trtllm are" },
        { "h100,llama-3.1-8b,llama.cpp,concurrency,8,100,10,bf16,1",
          "engine \"llama.cpp\" is not simulated", NULL },
        { "h100,llama-3.1-8b,vllm,sometimes,4,100,10,bf16,1",
          "load_kind \"sometimes\" is not simulated", ":7: warning: load_kind \"sometimes\"" },
        { "h100,llama-3.1-8b,vllm,concurrency,4,100,10,q4_k_m,1",
          "precision_weights \"q4_k_m\" is not simulated", ":9: warning: precision_weights" },
        { "h100,llama-3.1-8b,vllm,concurrency,4,lots,10,bf16,1",
          "isl is \"lots\"; it takes a number",
          ":11: warning: isl is \"lots\"; it takes a number from 1 to 1.67772e+07, or nothing; the "
          "row is skipped" },
        { "h100,llama-3.1-8b", "the line has 2 fields, the header 9",
          ":13: warning: the line has" },
        { "h100,\"llama", "field 2 begins with a quote and has no other",
          ":15: warning: field 2 begins" },
    };
    enum { N = sizeof rows / sizeof rows[0] };
    static const char good[] = "h100, llama-3.1-8b ,TensorRT-LLM,rate,inf,100,10,N/A,0\n";
    char text[2048] = "gpu,model,engine,load_kind,load_value,isl,osl,precision_weights,ep\n";
    struct xo_measured m;
    struct xo_problems p;
    for (int i = 0; i < N; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s\n", good, rows[i].row);
    ck_assert(read_text(text, &m, &p));
    ck_assert_uint_eq(m.n, 2 * N);
    ck_assert_uint_eq(m.n_unknown, N);
    size_t told = 0;
    for (size_t i = 0; i < N; i++) {
        const struct xo_measured_row *fine = &m.rows[2 * i], *bad = fine + 1;
        ck_assert_str_eq(fine->why, "");
        ck_assert_int_eq(fine->load, XO_LOAD_OFFLINE); /* a rate without limit */
        ck_assert_int_eq(fine->engine, XO_ENGINE_TRTLLM);
        ck_assert_int_eq(fine->ep, 0);
        ck_assert_msg(strstr(bad->why, rows[i].why) == bad->why, "%s", bad->why);
        if (rows[i].told != NULL) {
            ck_assert_msg(strstr(p.lines[told], rows[i].told) != NULL, "%s", p.lines[told]);
            told++;
        }
    }
    ck_assert_uint_eq(p.n, told);
    struct xo_validation *v;
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    ck_assert_uint_eq(v->n_simulated, N);
    ck_assert_str_eq(v->rows[1].why, m.rows[1].why);
    xo_validation_free(v);
    xo_measured_fini(&m);
    xo_problems_fini(&p);
}
END_TEST

/* ---- results of a benchmark in JSON ---- */

/* As `vllm bench serve --save-result` writes it, with --metadata gpu=H100 tp=2: 24,690 tokens in
 * and 12,345 out of 100 requests. */
#define RESULT                                                                                     \
    "{\"date\": \"20261122-101112\", \"backend\": \"vllm\", \"model_id\": \"Qwen/Qwen3-8B-FP8\", " \
    "\"gpu\": \"H100\", \"tp\": \"2\", \"num_prompts\": 100, \"request_rate\": \"inf\", "          \
    "\"burstiness\": 1.0, \"max_concurrency\": 4, \"completed\": 100, \"total_input_tokens\": "    \
    "24690, "                                                                                      \
    "\"total_output_tokens\": 12345, \"output_throughput\": 512.5, \"mean_ttft_ms\": 61.5, "       \
    "\"median_ttft_ms\": 58.25, \"p99_ttft_ms\": 120.5, \"mean_tpot_ms\": 7.25, \"p99_tpot_ms\": " \
    "NaN, "                                                                                        \
    "\"mean_e2el_ms\": 951.5}"

START_TEST(a_result_of_vllm_in_json_is_a_row)
{
    struct xo_measured m;
    struct xo_problems p;
    ck_assert(read_text(RESULT "\n", &m, &p));
    ck_assert_uint_eq(m.n, 1);
    ck_assert_uint_eq(p.n, 0);
    const struct xo_measured_row *r = &m.rows[0];
    ck_assert_str_eq(r->id, "20261122-101112");
    ck_assert_int_eq(r->engine, XO_ENGINE_VLLM);
    ck_assert_str_eq(r->gpu->gpu.name, "h100-sxm");
    ck_assert_str_eq(r->model->model.name, "qwen3-8b");
    ck_assert_int_eq(r->weights, XO_FP8);
    ck_assert(!r->kv_given);
    ck_assert_int_eq(r->tp, 2);
    ck_assert_double_eq_tol(r->isl, 246.9, 1e-12);
    ck_assert_double_eq_tol(r->osl, 123.45, 1e-12);
    ck_assert_int_eq(r->load, XO_LOAD_CONCURRENCY);
    ck_assert_double_eq(r->load_value, 4);
    ck_assert_int_eq(r->n_requests, 100);
    ck_assert_double_eq(r->measured[XO_MEASURE_OUTPUT], 512.5);
    ck_assert_double_eq_tol(r->measured[XO_MEASURE_TTFT], 0.0615, 1e-15);
    ck_assert_double_eq_tol(r->measured[XO_MEASURE_TTFT_P50], 0.05825, 1e-15);
    ck_assert_double_eq_tol(r->measured[XO_MEASURE_TTFT_P99], 0.1205, 1e-15);
    ck_assert_double_eq_tol(r->measured[XO_MEASURE_TPOT], 0.00725, 1e-15);
    ck_assert_double_nan(r->measured[XO_MEASURE_TPOT_P99]);
    ck_assert_double_eq_tol(r->measured[XO_MEASURE_E2E], 0.9515, 1e-15);
    xo_measured_fini(&m);
    xo_problems_fini(&p);
}
END_TEST

#define SENT "\"completed\": 10, \"total_input_tokens\": 1000, \"total_output_tokens\": 500"
#define ONE  "\"model_id\": \"qwen3-8b\", \"gpu\": \"H100\", " SENT

/* Each with its line in the file, and how it was loaded. */
START_TEST(several_results_stand_in_one_file_each_with_its_line)
{
    struct xo_measured m;
    struct xo_problems p;
    ck_assert(read_text(
        "[{\"backend\": \"vllm\", \"max_concurrency\": null, " ONE "},\n"
        " {\"backend\": \"sglang-oai\", \"request_rate\": 2.5,\n" ONE "}]\n\n"
        "{\"backend\": \"vllm\", \"request_rate\": 3, \"max_concurrency\": 8, " ONE
        "}\n{\"backend\": \"vllm\", \"request_rate\": 3, \"burstiness\": 0.5, " ONE
        "}\n{\"backend\": \"vllm\", \"request_rate\": 3, \"burstiness\": Infinity, " ONE "}",
        &m, &p));
    ck_assert_uint_eq(m.n, 5);
    ck_assert_int_eq(m.rows[0].load, XO_LOAD_OFFLINE);
    ck_assert_int_eq(m.rows[1].load, XO_LOAD_RATE);
    ck_assert_double_eq(m.rows[1].load_value, 2.5);
    ck_assert_int_eq(m.rows[1].engine, XO_ENGINE_SGLANG);
    ck_assert_double_eq(m.rows[1].isl, 100);
    ck_assert_int_eq(m.rows[2].line, 5);
    ck_assert_ptr_nonnull(
        strstr(m.rows[2].why, "a request rate and a limit on requests in flight"));
    ck_assert_ptr_nonnull(strstr(m.rows[3].why, "its burstiness is not 1"));
    ck_assert(!m.rows[1].notes.constant_rate);
    ck_assert(m.rows[4].notes.constant_rate);
    ck_assert_ptr_nonnull(strstr(p.lines[0], ":5: warning: it has a request rate"));
    xo_measured_fini(&m);
    xo_problems_fini(&p);
}
END_TEST

static const struct {
    const char *text, *says;
} bad_json[] = {
    { "{\"backend\": \"vllm\", " SENT "}", ":1: this benchmark result in JSON does not say on what "
                                           "GPU it ran: crossover data calibrate SCENARIO" },
    { "\n{\"timestamp\": 0, \"input_length\": 12, \"output_length\": 3}\n",
      ":2: this is JSON, and not a result of vllm bench serve or sglang.bench_serving" },
    { "[1, 2]", ":1: this is JSON, and not a result" },
    { "[]", ":1: the JSON holds no result" },
    { "{\"a\": 1,\n\"b\": }", ":2: the JSON cannot be read" },
    { "{" ONE ", \"backend\": \"openai-chat\"}",
      ":1: this benchmark result in JSON does not say which engine answered" },
};

START_TEST(json_of_another_kind_is_told_what_it_is)
{
    struct xo_measured m;
    struct xo_problems p;
    ck_assert(!read_text(bad_json[_i].text, &m, &p));
    ck_assert_msg(strstr(p.lines[0], bad_json[_i].says) != NULL, "%s", p.lines[0]);
    xo_problems_fini(&p);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_an_error)
{
    struct xo_measured m;
    struct xo_problems p;
    ck_assert(!xo_measured_read(&m, DATA "no_such_file.csv", &p));
    ck_assert_ptr_nonnull(strstr(p.lines[0], "no_such_file.csv"));
    xo_problems_fini(&p);
}
END_TEST

/* Bytes of the fixture overwritten, cut and doubled at random: problems or rows, never a crash. */
START_TEST(a_damaged_file_is_refused_or_read_but_never_crashes)
{
    static const char spice[] = ",\"\n\r\t-.e0999nan;\xFF";
    char *text, path[64];
    size_t size;
    ck_assert(xo_file_read(DATA "measured.csv", 1 << 20, &text, &size, NULL));
    const struct xo_stream stream = { 7, 0, XO_PURPOSE_BOOTSTRAP };
    int n_refused = 0, n_read = 0;
    for (uint64_t trial = 0; trial < 300; trial++) {
        char *copy = malloc(size);
        memcpy(copy, text, size);
        for (uint32_t hit = 0; hit < 3; hit++) {
            double u[2];
            xo_uniform2(&stream, trial, hit, u);
            copy[(size_t)(u[0] * (double)size)] = spice[(size_t)(u[1] * (sizeof spice - 1))];
        }
        const size_t length = trial % 3 == 0 ? size - trial * size / 400 : size;
        write_file(path, copy, length);
        struct xo_measured m;
        struct xo_problems p;
        const bool ok = xo_measured_read(&m, path, &p);
        n_read += ok;
        n_refused += !ok;
        ck_assert(ok || p.n > 0);
        for (size_t i = 0; ok && i < m.n; i++) {
            struct xo_row_plan plan;
            struct xo_error err;
            if (xo_row_plan(&m.rows[i], &plan, &err)) {
                ck_assert_int_ge(plan.n_requests, 1);
                ck_assert_int_le(plan.n_requests, 1000000);
            }
        }
        xo_measured_fini(&m);
        xo_problems_fini(&p);
        unlink(path);
        free(copy);
    }
    ck_assert_int_gt(n_refused, 10);
    ck_assert_int_gt(n_read, 30);
    free(text);
}
END_TEST

/* ---- planning ---- */

START_TEST(a_collection_of_2024_is_run_with_the_host_times_of_2024)
{
    struct xo_measured m;
    read_fixture(&m);
    const struct xo_row_plan then = plan_of(&m, "static"), now = plan_of(&m, "loop");
    ck_assert_double_eq(then.deployment.efficiency.layer_decode_s,
                        xo_efficiency_of_2024(XO_ENGINE_VLLM).layer_decode_s);
    ck_assert_double_eq(now.deployment.efficiency.layer_decode_s,
                        xo_efficiency_default(XO_ENGINE_VLLM).layer_decode_s);
    xo_measured_fini(&m);
}
END_TEST

START_TEST(each_kind_of_load_is_planned_as_it_was_run)
{
    struct xo_measured m;
    read_fixture(&m);
    struct xo_row_plan p = plan_of(&m, "loop"); /* ten waves of twelve on two replicas of tp 4 */
    ck_assert_int_eq(p.n_clients, 12);
    ck_assert_int_eq(p.n_requests, 120);
    ck_assert_int_eq(p.n_replicas, 2);
    ck_assert_double_eq_tol(p.spread, 1.0 / 9, 1e-15); /* [0.8 L, L] is 0.9 L -+ 1/9 */
    ck_assert_int_eq(p.engine.admission, XO_ADMIT_CHUNK);

    p = plan_of(&m, "offline");
    ck_assert_int_eq(p.n_clients, 900);
    ck_assert_int_eq(p.n_requests, 900);
    ck_assert_double_eq(p.spread, 0);
    ck_assert_int_eq(p.engine.admission, XO_ADMIT_RESERVE);
    ck_assert_int_eq(p.engine.max_batch, 512);
    ck_assert_int_eq(p.engine.chunk_tokens, 4096);
    ck_assert_double_eq(p.deployment.memory_frac, 0.9);

    p = plan_of(&m, "static"); /* one shot: as many requests as are in flight */
    ck_assert_int_eq(p.n_clients, 16);
    ck_assert_int_eq(p.n_requests, 16);
    ck_assert_int_eq(p.engine.admission, XO_ADMIT_PROMPT);

    p = plan_of(&m, "rate");
    ck_assert_int_eq(p.n_clients, 0);
    ck_assert(p.constant_rate);
    ck_assert_double_eq(p.requests_per_s, 4.5);
    ck_assert_int_eq(p.shared_prefix_tokens, 544); /* 547 tokens: 34 whole blocks, 3 left */

    p = plan_of(&m, "poisson");
    ck_assert(!p.constant_rate);
    ck_assert_int_eq(p.engine.admission, XO_ADMIT_PROMPT);

    p = plan_of(&m, "log");
    ck_assert_int_eq(p.n_requests, 4);

    p = plan_of(&m, "pipeline");
    ck_assert_int_eq(p.deployment.pipeline_parallel, 2);
    ck_assert_int_eq(p.n_replicas, 1);
    xo_measured_fini(&m);
}
END_TEST

/* A CSV of one row of Llama-3.1-8B in bf16, planned; `gpu` and `version` as given. */
static struct xo_row_plan plan_for(const char *engine, const char *version, const char *gpu)
{
    char text[400];
    struct xo_measured m;
    struct xo_problems p;
    struct xo_row_plan plan;
    snprintf(text, sizeof text,
             "engine,engine_version,model,gpu,tp,isl,osl,load_kind\n"
             "%s,%s,llama-3.1-8b,%s,1,100,10,offline_max\n",
             engine, version, gpu);
    ck_assert(read_text(text, &m, &p));
    ck_assert(xo_row_plan(&m.rows[0], &plan, NULL));
    xo_measured_fini(&m);
    xo_problems_fini(&p);
    return plan;
}

START_TEST(a_version_of_vllm_says_how_it_samples_and_admits)
{
    static const struct {
        const char *engine, *version;
        bool sorts;
        enum xo_kv_admission admission;
    } rows[] = {
        { "vllm", "0.9.0.2.dev108+g71faa1880", true, XO_ADMIT_CHUNK },
        { "vllm", "v0.15.1", true, XO_ADMIT_CHUNK },
        { "vllm", "0.16.0", true, XO_ADMIT_CHUNK },
        { "vllm", "0.17.1", false, XO_ADMIT_CHUNK },
        { "vllm", "0.18.0", false, XO_ADMIT_CHUNK },
        { "vllm", "0.19.0", false, XO_ADMIT_PROMPT },
        { "vllm", "nightly-5b8c30d62b754b57", false, XO_ADMIT_PROMPT },
        { "vllm", "2026-03", false, XO_ADMIT_PROMPT },
        { "vllm", "", false, XO_ADMIT_PROMPT },
        { "sglang", "0.5.9", false, XO_ADMIT_PROMPT },
        { "trtllm", "0.15", false, XO_ADMIT_RESERVE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct xo_row_plan p = plan_for(rows[i].engine, rows[i].version, "h100-sxm");
        ck_assert_msg(p.deployment.sorts_logits == rows[i].sorts &&
                          p.engine.admission == rows[i].admission,
                      "%s %s", rows[i].engine, rows[i].version);
    }
    struct xo_measured m;
    read_fixture(&m);
    ck_assert(plan_of(&m, "static").deployment.sorts_logits); /* vLLM of 2024 */
    ck_assert(plan_of(&m, "pieces").deployment.no_prefix_cache);
    ck_assert(!plan_of(&m, "poisson").deployment.no_prefix_cache);
    xo_measured_fini(&m);
}
END_TEST

/* vLLM before 0.8, and engines that give 2024 as their version, ran Python between steps. */
START_TEST(a_version_of_2024_has_the_host_of_2024)
{
    static const struct {
        const char *engine, *version;
        bool of_2024;
    } rows[] = { { "vllm", "0.7.3", true },    { "vllm", "0.6.5.dev964+mlperf50", true },
                 { "vllm", "2024", true },     { "vllm", "vllm-0.7.1", true },
                 { "vllm", "dec 2024", true }, { "vllm", "nightly-5b8c30d62b", false },
                 { "vllm", "0.8.0", false },   { "vllm", "0.10.2", false },
                 { "vllm", "1.0", false },     { "vllm", "2026-03", false },
                 { "vllm", "", false },        { "trtllm", "2024 (paper)", true },
                 { "trtllm", "0.7.1", false } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct xo_row_plan p = plan_for(rows[i].engine, rows[i].version, "h100-sxm");
        const struct xo_efficiency right = rows[i].of_2024
                                               ? xo_efficiency_of_2024(p.deployment.engine)
                                               : xo_efficiency_default(p.deployment.engine);
        ck_assert_msg(p.deployment.efficiency.layer_decode_s == right.layer_decode_s, "%s %s",
                      rows[i].engine, rows[i].version);
        ck_assert_msg(p.engine.schedule_ahead == !rows[i].of_2024, "%s %s", rows[i].engine,
                      rows[i].version);
    }
    ck_assert_int_eq(plan_for("vllm", "0.7.3", "h100-sxm").engine.admission, XO_ADMIT_PROMPT);
}
END_TEST

START_TEST(vllm_sets_its_limits_by_gpu_where_a_row_does_not)
{
    static const struct {
        const char *gpu;
        int chunk_tokens, max_batch;
    } rows[] = { { "h100-sxm", 8192, 1024 },
                 { "rtx-pro-6000", 8192, 1024 },
                 { "a100-80gb-sxm", 2048, 256 },
                 { "l40s", 2048, 256 } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct xo_row_plan p = plan_for("vllm", "", rows[i].gpu);
        ck_assert_int_eq(p.engine.chunk_tokens, rows[i].chunk_tokens);
        ck_assert_int_eq(p.engine.max_batch, rows[i].max_batch);
    }
}
END_TEST

/* What the scripts of a collection set (docs/validation.md), and how long its clients wait for what
 * they see: the mean of the steps until the next poll, half of the interval. */
START_TEST(a_collection_is_run_as_its_scripts_set_it)
{
    static const struct {
        const char *dataset, *engine, *gpu, *model, *weights;
        double load_value;
        enum xo_dtype kv;
        double memory_frac;
        int chunk_tokens, max_batch, stream_tokens;
        double wait_steps, spread;
        bool prefix_cache;
    } rows[] = {
        { "inferencex", "vllm", "b200-sxm", "llama-3.1-70b", "fp8", 8, XO_FP8, 0.9, 8192, 512, 1, 0,
          1.0 / 9, true },
        { "inferencex", "vllm", "mi300x", "llama-3.1-70b", "fp8", 8, XO_BF16, 0.95, 8192, 1024, 1,
          0, 1.0 / 9, true },
        { "inferencex", "vllm", "h100-sxm", "llama-3.1-70b", "fp8", 8, XO_BF16, 0.9, 8192, 8, 1, 0,
          1.0 / 9, true },
        { "inferencex", "sglang", "b200-sxm", "llama-3.1-70b", "nvfp4", 8, XO_FP8, 0.85, 16384, 256,
          10, 5, 1.0 / 9, false },
        { "inferencex", "sglang", "b200-sxm", "llama-3.1-70b", "nvfp4", 16, XO_FP8, 0.85, 16384,
          256, 10, 15, 1.0 / 9, false },
        { "inferencex", "sglang", "b200-sxm", "llama-3.1-70b", "fp8", 8, XO_FP8, 0.82, 32768, 128,
          10, 5, 1.0 / 9, false },
        { "inferencex", "sglang", "b200-sxm", "glm-5", "fp8", 16, XO_FP8, 0.85, 32768, 128, 1, 0,
          1.0 / 9, false }, /* its script asks for no polls */
        { "inferencex", "sglang", "mi300x", "llama-3.1-70b", "fp8", 8, XO_FP8, 0.8, 131072, 128, 1,
          2, 1.0 / 9, false },
        { "inferencex", "sglang", "h200-sxm", "llama-3.1-70b", "fp8", 8, XO_BF16, 0.82, 32768, 256,
          10, 0, 1.0 / 9, false },
        { "inferencex", "trtllm", "h200-sxm", "llama-3.1-70b", "fp8", 8, XO_FP8, 0.8, 16384, 2048,
          1, 20, 1.0 / 9, true },
        { "nvidia_gap", "trtllm", "h200-sxm", "llama-3.1-70b", "fp8", 8, XO_FP8, 0.9, 8192, 2048, 1,
          0, 1.0 / 9, true },
        { "llm_inference_bench", "vllm", "h100-sxm", "llama-3.1-70b", "fp8", 8, XO_BF16, 0.9, 4096,
          256, 1, 0, 0, true },
        { "llm_inference_bench", "trtllm", "h100-sxm", "llama-3.1-70b", "fp8", 300, XO_FP8, 0.9,
          8192, 300, 1, 0, 0, true },
        { "mine", "sglang", "h100-sxm", "llama-3.1-70b", "fp8", 8, XO_BF16, 0.88, 8192, 2048, 1, 0,
          0, true }, /* the engine's own by GPU: SGLang's on 80 GiB, and on 24 */
        { "mine", "sglang", "a10", "llama-3.1-70b", "fp8", 8, XO_BF16, 0.88, 2048, 2048, 1, 0, 0,
          true },
        { "mine", "trtllm", "h100-sxm", "llama-3.1-70b", "fp8", 8, XO_FP8, 0.9, 8192, 2048, 1, 0, 0,
          true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[400], what[96];
        struct xo_measured m;
        struct xo_problems problems;
        struct xo_row_plan p;
        snprintf(text, sizeof text,
                 "dataset,engine,gpu,model,precision_weights,n_gpus,tp,isl,osl,load_kind,load_value"
                 "\n%s,%s,%s,%s,%s,4,4,1024,1024,concurrency,%g\n",
                 rows[i].dataset, rows[i].engine, rows[i].gpu, rows[i].model, rows[i].weights,
                 rows[i].load_value);
        snprintf(what, sizeof what, "%s on %s in %s, row %zu", rows[i].engine, rows[i].gpu,
                 rows[i].weights, i);
        ck_assert(read_text(text, &m, &problems));
        ck_assert_msg(xo_row_plan(&m.rows[0], &p, NULL), "%s", what);
        ck_assert_msg(p.deployment.kv == rows[i].kv, "%s: KV in %s", what,
                      xo_dtype_name(p.deployment.kv));
        ck_assert_msg(p.deployment.memory_frac == rows[i].memory_frac, "%s: %g of the memory", what,
                      p.deployment.memory_frac);
        ck_assert_msg(p.engine.chunk_tokens == rows[i].chunk_tokens, "%s: %lld tokens a step", what,
                      (long long)p.engine.chunk_tokens);
        ck_assert_msg(p.engine.max_batch == rows[i].max_batch, "%s: %lld sequences", what,
                      (long long)p.engine.max_batch);
        ck_assert_msg(p.stream_tokens == rows[i].stream_tokens, "%s: %d tokens at first", what,
                      p.stream_tokens);
        ck_assert_msg(p.wait_steps == rows[i].wait_steps, "%s: %g steps", what, p.wait_steps);
        ck_assert_msg(p.spread == rows[i].spread, "%s: spread %g", what, p.spread);
        ck_assert_msg(p.deployment.no_prefix_cache == !rows[i].prefix_cache, "%s: cache", what);
        xo_measured_fini(&m);
        xo_problems_fini(&problems);
    }
}
END_TEST

/* SGLang sends the first token by itself from 0.5.10 on, and with nine others before it. On ranks
 * of attention TensorRT-LLM lets a prompt wait for prompts on the other ranks, 60 steps at most and
 * 30 in the mean; then they start at once. */
START_TEST(what_a_client_waits_for_hangs_on_version_and_ranks)
{
    static const struct {
        const char *engine, *version, *ep;
        int stream_tokens;
        double wait_steps;
    } rows[] = { { "sglang", "0.5.9", "4", 10, 5 },          { "sglang", "0.5.10", "4", 1, 5 },
                 { "sglang", "v0.5.13.post1", "4", 1, 5 },   { "sglang", "0.6", "4", 1, 5 },
                 { "sglang", "nightly-dev", "4", 10, 5 },    { "sglang", "", "4", 10, 5 },
                 { "trtllm", "1.2.0rc6.post2", "4", 1, 0 },  { "trtllm", "0.5.10", "4", 1, 0 },
                 { "trtllm", "1.2.0rc6.post2", "8", 1, 30 }, { "vllm", "0.5.10", "8", 1, 0 } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[400];
        struct xo_measured m;
        struct xo_problems problems;
        struct xo_row_plan p;
        snprintf(text, sizeof text,
                 "dataset,engine,engine_version,gpu,model,precision_weights,n_gpus,tp,ep,isl,osl,"
                 "load_kind,load_value\ninferencex,%s,%s,b200-sxm,deepseek-r1,nvfp4,8,4,%s,1024,"
                 "1024,concurrency,8\n",
                 rows[i].engine, rows[i].version, rows[i].ep);
        ck_assert(read_text(text, &m, &problems));
        ck_assert(xo_row_plan(&m.rows[0], &p, NULL));
        ck_assert_msg(p.stream_tokens == rows[i].stream_tokens, "%s %s: %d tokens", rows[i].engine,
                      rows[i].version, p.stream_tokens);
        ck_assert_msg(p.wait_steps == rows[i].wait_steps, "%s %s: %g steps", rows[i].engine,
                      rows[i].version, p.wait_steps);
        ck_assert_int_eq(p.deployment.prompts_gather, strcmp(rows[i].engine, "trtllm") == 0);
        xo_measured_fini(&m);
        xo_problems_fini(&problems);
    }
}
END_TEST

/* What InferenceX ran with speculative decoding by the lists of its runs, though the rows do not
 * say so: by model, engine and version, and by day or parallelism where others ran beside it. */
static const struct {
    const char *dataset, *model, *engine, *version, *tp, *ep, *notes;
    bool speculates;
} drafts[] = {
    { "inferencex", "deepseek-r1", "trtllm", "1.2.0rc6.post3", "8", "1", "", true },
    { "inferencex", "deepseek-r1", "trtllm", "1.2.0rc6.post2", "8", "1", "", false },
    { "inferencex", "deepseek-r1", "sglang", "1.2.0rc6.post3", "8", "1", "", false },
    { "inferencex", "qwen3-235b-a22b", "trtllm", "1.2.0rc6.post3", "8", "1", "", false },
    { "other", "deepseek-r1", "trtllm", "1.2.0rc6.post3", "8", "1", "", false },
    { "inferencex", "deepseek-r1", "trtllm", "1.1.0rc2.post2", "8", "8",
      "random tokens; measured 2026-01-14; no prefix", true },
    { "inferencex", "deepseek-r1", "trtllm", "1.1.0rc2.post2", "8", "8", "measured 2025-12-15",
      false },
    { "inferencex", "deepseek-r1", "trtllm", "1.1.0rc2.post2", "8", "8", "", false },
    { "inferencex", "qwen3.5-397b-a17b", "sglang", "0.5.9", "4", "1", "measured 2026-03-20", true },
    { "inferencex", "qwen3.5-397b-a17b", "sglang", "0.5.9", "4", "4", "measured 2026-03-24",
      false },
    { "inferencex", "deepseek-r1", "sglang", "0.5.9", "8", "1", "measured 2026-03-25", true },
    { "inferencex", "deepseek-r1", "sglang", "0.5.9", "8", "8", "measured 2026-03-25", false },
    { "inferencex", "deepseek-r1", "sglang", "0.5.9", "4", "1", "measured 2026-03-25", false },
};
enum { N_DRAFTS = sizeof drafts / sizeof *drafts };

START_TEST(unmarked_runs_with_speculative_decoding_are_skipped)
{
    char text[500];
    struct xo_measured m;
    struct xo_problems problems;
    struct xo_row_plan p;
    struct xo_error why = { 0 };
    snprintf(text, sizeof text,
             "dataset,engine,engine_version,gpu,model,precision_weights,n_gpus,tp,ep,isl,osl,"
             "load_kind,load_value,notes\n%s,%s,%s,b200-sxm,%s,fp8,8,%s,%s,1024,1024,concurrency,8,"
             "%s\n",
             drafts[_i].dataset, drafts[_i].engine, drafts[_i].version, drafts[_i].model,
             drafts[_i].tp, drafts[_i].ep, drafts[_i].notes);
    ck_assert(read_text(text, &m, &problems));
    ck_assert_int_eq(xo_row_plan(&m.rows[0], &p, &why), !drafts[_i].speculates);
    ck_assert_str_eq(why.text, drafts[_i].speculates
                                   ? "InferenceX ran this with speculative decoding on that day, "
                                     "which the row does not say and is not simulated"
                                   : "");
    xo_measured_fini(&m);
    xo_problems_fini(&problems);
}
END_TEST

START_TEST(a_row_that_says_that_it_drafts_is_skipped)
{
    struct xo_measured m;
    struct xo_problems problems;
    struct xo_row_plan p;
    struct xo_error why = { 0 };
    ck_assert(
        read_text("gpu,model,engine,load_kind,load_value,isl,osl,notes\n"
                  "h100-sxm,llama-3.1-8b,vllm,concurrency,8,512,128,num_speculative_tokens=3\n"
                  "h100-sxm,llama-3.1-8b,vllm,concurrency,8,512,128,num_speculative_tokens=0\n",
                  &m, &problems));
    ck_assert(!xo_row_plan(&m.rows[0], &p, &why));
    ck_assert_str_eq(why.text, "speculative decoding is not simulated");
    ck_assert(xo_row_plan(&m.rows[1], &p, NULL));
    xo_measured_fini(&m);
    xo_problems_fini(&problems);
}
END_TEST

/* Notes say a thing as an option or as JSON, and not within another word. */
static const struct {
    const char *notes;
    int max_batch, attention_dp, draft_tokens;
    const char *day;
} said[] = {
    { "max_num_seqs = 32; dp=4", 32, 4, 0, "" },
    { "cuda_graph_max_batch=32; tdp=4; dpx=2", 0, 0, 0, "" },
    { "cuda_graph_max_batch=32 max_batch=16", 16, 0, 0, "" },
    { "speculative_config {'method': 'mtp', 'num_speculative_tokens': 3}", 0, 0, 3, "" },
    { "num_speculative_tokens:2", 0, 0, 2, "" },
    { "num_speculative_tokens of 2", 0, 0, 0, "" },
    { "not measured by us; Measured 2026-01-14 at night", 0, 0, 0, "2026-01-14" },
    { "measured in 2026", 0, 0, 0, "" },
};

START_TEST(notes_are_read_by_the_word)
{
    char text[400];
    struct xo_measured m;
    struct xo_problems problems;
    snprintf(text, sizeof text,
             "gpu,model,engine,load_kind,load_value,isl,osl,notes\n"
             "h100-sxm,llama-3.1-8b,vllm,concurrency,8,512,128,\"%s\"\n",
             said[_i].notes);
    ck_assert(read_text(text, &m, &problems));
    const struct xo_measured_notes *n = &m.rows[0].notes;
    ck_assert_int_eq(n->max_batch, said[_i].max_batch);
    ck_assert_int_eq(n->attention_dp, said[_i].attention_dp);
    ck_assert_int_eq(n->draft_tokens, said[_i].draft_tokens);
    ck_assert_str_eq(n->day, said[_i].day);
    xo_measured_fini(&m);
    xo_problems_fini(&problems);
}
END_TEST

START_TEST(experts_on_more_gpus_than_tp_mean_attention_ranks)
{
    struct xo_measured m;
    read_fixture(&m);
    struct xo_row_plan p = plan_of(&m, "ranks");
    ck_assert_int_eq(p.deployment.attention_dp, 8);
    ck_assert_int_eq(p.deployment.tensor_parallel, 1);
    ck_assert_int_eq(p.deployment.expert_parallel, 8);
    ck_assert_int_eq(p.n_replicas, 1);
    ck_assert_int_eq(p.engine.max_batch, 8 * p.deployment.max_batch);
    /* the same said with tp 8: the notes cut attention into single GPUs */
    struct xo_measured_row *r = &m.rows[row_of(&m, "ranks")];
    r->tp = 8;
    p = plan_of(&m, "ranks");
    ck_assert_int_eq(p.deployment.attention_dp, 8);
    ck_assert_int_eq(p.deployment.tensor_parallel, 1);
    /* as TensorRT-LLM's documentation runs every MoE model, which does not list ep */
    r->notes.attention_dp = 0;
    r->notes.moe_is_dp = true;
    r->ep = 1;
    p = plan_of(&m, "ranks");
    ck_assert_int_eq(p.deployment.attention_dp, 8);
    ck_assert_int_eq(p.deployment.expert_parallel, 8);
    /* a dense model has no such thing */
    m.rows[row_of(&m, "pipeline")].notes.moe_is_dp = true;
    ck_assert_int_eq(plan_of(&m, "pipeline").deployment.tensor_parallel, 2);
    xo_measured_fini(&m);
}
END_TEST

/* A client of SGLang under InferenceX waits for 10 tokens in a piece, and half of 10 or of 30 steps
 * before the engine looks for new requests. E2E grows by the latter alone. */
START_TEST(a_client_that_is_served_in_pieces_sees_a_later_first_token_and_the_same_end)
{
    struct xo_measured m;
    struct xo_validation *v;
    read_fixture(&m);
    const size_t row = row_of(&m, "pieces");
    struct xo_row_plan plan = plan_of(&m, "pieces");
    ck_assert_int_eq(plan.stream_tokens, 10);
    ck_assert_double_eq(plan.wait_steps, 5);
    ck_assert_int_eq(plan.deployment.kv, XO_FP8);
    m.rows[row].load_value = 16;
    plan = plan_of(&m, "pieces");
    ck_assert_double_eq(plan.wait_steps, 15);
    m.rows[row].load_value = 1;
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    const double *seen = v->rows[row].predicted;
    ck_assert_double_eq_tol(seen[XO_MEASURE_E2E],
                            seen[XO_MEASURE_TTFT] + seen[XO_MEASURE_TPOT] * (92.16 - 1), 2e-2);
    /* fourteen steps of TTFT more than the engine's: 5 of waiting and 9 of the piece */
    const double step_s = seen[XO_MEASURE_TPOT] / (1 - 9 / (92.16 - 1));
    ck_assert_double_gt(seen[XO_MEASURE_TTFT], 14 * step_s);
    xo_validation_free(v);
    xo_measured_fini(&m);
}
END_TEST

START_TEST(a_row_that_cannot_be_simulated_says_why)
{
    static const struct {
        const char *id, *says;
    } rows[] = { { "impossible", "does not fit" }, { "lengths", "isl is not given" } };
    struct xo_measured m;
    struct xo_validation *v;
    read_fixture(&m);
    m.rows[row_of(&m, "log")].trace.n = 0; /* as if no log were there; its arrays stay owned */
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct xo_prediction *p = &v->rows[row_of(&m, rows[i].id)];
        ck_assert(!p->simulated);
        ck_assert_msg(strstr(p->why, rows[i].says) != NULL, "%s", p->why);
    }
    ck_assert_ptr_nonnull(strstr(v->rows[row_of(&m, "log")].why, "no request log"));
    ck_assert_uint_eq(v->n_skipped, 3);
    ck_assert_uint_eq(v->n_simulated, m.n - 3);
    xo_validation_free(v);
    xo_measured_fini(&m);
}
END_TEST

/* ---- predicting ---- */

static double step_s(const struct xo_step_model *step, struct xo_batch batch)
{
    struct xo_step s;
    batch.n_below_window = batch.n_decode;
    batch.kv_window_tokens = batch.kv_tokens;
    batch.prefill_window_pairs = batch.prefill_pairs;
    xo_step_at(step, &batch, &s);
    return s.first_s;
}

/* One request alone: a step with its whole prompt (700 of 8,192 tokens), then 32 of one token that
 * read 701, 702, ... tokens. */
START_TEST(a_lone_request_takes_the_steps_one_can_count)
{
    struct xo_measured m;
    struct xo_validation *v;
    read_fixture(&m);
    const struct xo_row_plan plan = plan_of(&m, "lone");
    struct xo_step_model *step = xo_step_model_new(&plan.deployment, NULL);
    const double ttft_s = step_s(step, (struct xo_batch){ .prefill_tokens = 700,
                                                          .prefill_pairs = 700 * 350.5,
                                                          .n_prompts_done = 1 });
    double decode_s = 0;
    for (int j = 1; j <= 32; j++)
        decode_s += step_s(step, (struct xo_batch){ .n_decode = 1, .kv_tokens = 700 + j });
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    const double *p = v->rows[row_of(&m, "lone")].predicted, frontend_s = plan.engine.frontend_s;
    ck_assert_double_eq_tol(p[XO_MEASURE_TTFT], frontend_s + ttft_s, 1e-9);
    ck_assert_double_eq_tol(p[XO_MEASURE_TPOT], decode_s / 32, 1e-9);
    ck_assert_double_eq_tol(p[XO_MEASURE_E2E], frontend_s + ttft_s + decode_s, 1e-9);
    /* three of them; between one and the next 1 ms and the way to the client */
    ck_assert_double_eq_tol(p[XO_MEASURE_OUTPUT],
                            99 / (3 * (ttft_s + decode_s) + 2 * (1e-3 + frontend_s)), 1e-6);
    for (int k = 0; k < 4; k++) { /* one is like the other, to the width of a bin */
        ck_assert_double_eq_tol(p[XO_MEASURE_TTFT_P50 + k] / p[XO_MEASURE_TTFT], 1, 0.008);
        ck_assert_double_eq_tol(p[XO_MEASURE_TPOT_P50 + k] / p[XO_MEASURE_TPOT], 1, 0.008);
        ck_assert_double_eq_tol(p[XO_MEASURE_E2E_P50 + k] / p[XO_MEASURE_E2E], 1, 0.008);
    }
    xo_validation_free(v);
    xo_measured_fini(&m);
    xo_step_model_free(step);
}
END_TEST

/* Sixteen prompts of 130 tokens are one chunk of 2,080, then 69 steps of sixteen. */
START_TEST(a_static_batch_is_judged_by_its_makespan)
{
    struct xo_measured m;
    struct xo_validation *v;
    read_fixture(&m);
    const struct xo_row_plan plan = plan_of(&m, "static");
    struct xo_step_model *step = xo_step_model_new(&plan.deployment, NULL);
    double makespan_s = step_s(step, (struct xo_batch){ .prefill_tokens = 16 * 130,
                                                        .prefill_pairs = 16 * 130 * 65.5,
                                                        .n_prompts_done = 16 });
    for (int j = 1; j <= 69; j++)
        makespan_s +=
            step_s(step, (struct xo_batch){ .n_decode = 16, .kv_tokens = 16 * (130 + j) });
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    const size_t row = row_of(&m, "static");
    ck_assert_double_eq_tol(v->rows[row].predicted[XO_MEASURE_OUTPUT], 16 * 70 / makespan_s, 1e-6);
    ck_assert_double_eq_tol(xo_row_error(v, row, XO_MEASURE_OUTPUT), 16 * 70 / makespan_s / 900 - 1,
                            1e-9);
    xo_validation_free(v);
    xo_measured_fini(&m);
    xo_step_model_free(step);
}
END_TEST

/* A hundred prompts of 32,000 tokens at once, more than the room holds, as measured on vLLM:
 * 57.85 and 13.65 tokens a second. Whole prompts are admitted, so that none is thrown out of the
 * first; under vLLM 0.18, which admitted by chunk, prompts are admitted, computed in part and
 * thrown out in turn, but most of what they computed is still there as they come back. */
START_TEST(long_prompts_that_overflow_the_room_do_not_thrash)
{
    static const char rows[] =
        "id,engine,engine_version,model,precision_weights,gpu,n_gpus,tp,isl,osl,load_kind,"
        "n_requests,output_tok_s_total,notes\n"
        "235B,vllm,,Qwen/Qwen3-235B-A22B-Instruct-2507,bf16,H100 SXM,8,8,32000,82,offline_max,100,"
        "57.85,max_num_batched_tokens=8192 max_num_seqs=1024\n"
        "14B,vllm,,Qwen/Qwen3-14B,bf16,A100 80GB SXM,1,1,32000,99,offline_max,100,13.65,"
        "max_num_batched_tokens=2048\n"
        "then,vllm,0.18.0,Qwen/Qwen3-235B-A22B-Instruct-2507,bf16,H100 SXM,8,8,32000,82,"
        "offline_max,100,57.85,max_num_batched_tokens=8192 max_num_seqs=1024\n";
    struct xo_measured m;
    struct xo_problems p;
    struct xo_validation *v;
    ck_assert(read_text(rows, &m, &p));
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    for (size_t i = 0; i < 3; i++) {
        ck_assert_double_lt(fabs(xo_row_error(v, i, XO_MEASURE_OUTPUT)), 0.2);
        ck_assert_int_eq(v->rows[i].n_preemptions > 0, i == 2);
    }
    xo_validation_free(v);
    xo_measured_fini(&m);
    xo_problems_fini(&p);
}
END_TEST

/* An engine prints whole blocks, whatever a request's length: 221,824 tokens on an RTX A6000. */
START_TEST(the_room_is_counted_in_whole_blocks_as_engines_print_it)
{
    static const char rows[] =
        "id,engine,model,precision_weights,gpu,n_gpus,tp,isl,osl,load_kind,load_value,"
        "kv_room_tokens\n"
        "a,vllm,llama-3.1-8b,bf16,rtx-a6000,1,1,2000,200,concurrency,4,\n"
        "b,vllm,llama-3.1-8b,bf16,rtx-a6000,1,1,150,7,concurrency,4,\n"
        "c,vllm,llama-3.1-8b,bf16,rtx-a6000,1,1,150,7,concurrency,4,12352\n";
    struct xo_measured m;
    struct xo_problems p;
    struct xo_validation *v;
    ck_assert(read_text(rows, &m, &p));
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    ck_assert_double_eq_tol(v->rows[0].kv_room_tokens / 221824 - 1, 0, 0.005);
    ck_assert_double_eq_tol(v->rows[0].kv_room_tokens, v->rows[1].kv_room_tokens, 1e-6);
    ck_assert_double_eq_tol(v->rows[2].kv_room_tokens, 12352, 1e-6); /* as its row has it */
    xo_validation_free(v);
    xo_measured_fini(&m);
    xo_problems_fini(&p);
}
END_TEST

START_TEST(predictions_are_the_same_bytes_on_any_number_of_threads)
{
    struct xo_measured m;
    struct xo_validation *v[3];
    read_fixture(&m);
    for (int i = 0; i < 3; i++) {
        const struct xo_study_options options = { .n_threads = i + 1 };
        ck_assert(xo_validate(&v[i], &m, &options, NULL));
        for (size_t r = 0; r < m.n; r++)
            ck_assert_mem_eq(v[i]->rows[r].predicted, v[0]->rows[r].predicted,
                             sizeof v[0]->rows[r].predicted);
        ck_assert_uint_eq(v[i]->n_scores, v[0]->n_scores);
        ck_assert_mem_eq(v[i]->scores, v[0]->scores, v[0]->n_scores * sizeof *v[0]->scores);
    }
    for (int i = 0; i < 3; i++)
        xo_validation_free(v[i]);
    xo_measured_fini(&m);
}
END_TEST

START_TEST(validation_stops_when_told)
{
    struct xo_measured m;
    struct xo_validation *v = NULL;
    struct xo_error err;
    const volatile int stop = 1;
    const struct xo_study_options options = { .n_threads = 1, .stop = &stop };
    read_fixture(&m);
    ck_assert(!xo_validate(&v, &m, &options, &err));
    ck_assert_int_eq(err.kind, XO_ERR_STOPPED);
    ck_assert_ptr_null(v);
    xo_measured_fini(&m);
}
END_TEST

/* ---- scoring ---- */

static const struct xo_score *score(const struct xo_validation *v, const char *by,
                                    const char *group, enum xo_measure measure)
{
    for (size_t i = 0; i < v->n_scores; i++)
        if (strcmp(v->scores[i].by, by) == 0 && strcmp(v->scores[i].group, group) == 0 &&
            v->scores[i].measure == measure)
            return &v->scores[i];
    return NULL;
}

/* Measured values set so that the errors are known: TPOT of "loop" and "ranks" +25 % and -20 %, of
 * "rate" +50 %, of a row of quality C +900 %, which does not count. */
START_TEST(scores_are_medians_by_group_and_the_board_their_mean_over_datasets)
{
    struct xo_measured m;
    struct xo_validation *v;
    read_fixture(&m);
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    static const struct {
        const char *id;
        double factor;
    } rows[] = { { "loop", 1.25 }, { "ranks", 0.8 }, { "rate", 1.5 }, { "poisson", 10 } };
    for (size_t i = 0; i < 4; i++) {
        const size_t row = row_of(&m, rows[i].id);
        m.rows[row].measured[XO_MEASURE_TPOT] =
            v->rows[row].predicted[XO_MEASURE_TPOT] / rows[i].factor;
    }
    m.rows[row_of(&m, "lone")].measured[XO_MEASURE_TPOT] = NAN;
    m.rows[row_of(&m, "pieces")].measured[XO_MEASURE_TPOT] = NAN;
    m.rows[row_of(&m, "poisson")].quality = 'C';
    m.rows[row_of(&m, "rate")].measured[XO_MEASURE_OUTPUT] = 4.5 * 48 / 2;
    xo_validation_free(v);
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    const struct xo_score *s = score(v, "dataset", "inferencex", XO_MEASURE_TPOT);
    ck_assert_int_eq(s->n, 2);
    ck_assert_double_eq_tol(s->median_abs_frac, 0.225, 1e-12);
    ck_assert_double_eq_tol(s->p90_abs_frac, 0.245, 1e-12);
    ck_assert_double_eq_tol(s->bias_frac, 0.025, 1e-12);
    s = score(v, "gpu", "b200-sxm", XO_MEASURE_TPOT); /* "ranks" alone */
    ck_assert_int_eq(s->n, 1);
    ck_assert_double_eq_tol(s->bias_frac, -0.2, 1e-12);
    ck_assert_double_eq_tol(s->median_abs,
                            0.2 * m.rows[row_of(&m, "ranks")].measured[XO_MEASURE_TPOT], 1e-12);
    ck_assert_ptr_nonnull(score(v, "tensor_parallel", "1 x dp8", XO_MEASURE_TPOT));
    ck_assert_double_eq_tol(score(v, "quality", "C", XO_MEASURE_TPOT)->bias_frac, 9, 1e-9);
    ck_assert_ptr_null(score(v, "model", "gpt-oss-20b", XO_MEASURE_TPOT));
    ck_assert_int_eq(v->board[XO_MEASURE_TPOT].n_datasets, 2);
    ck_assert_ptr_null(score(v, "load", "rate", XO_MEASURE_OUTPUT)); /* it is what was offered */
    ck_assert_ptr_nonnull(score(v, "load", "offline_max", XO_MEASURE_OUTPUT));
    ck_assert_double_eq_tol(xo_row_error(v, row_of(&m, "rate"), XO_MEASURE_OUTPUT), 1, 0.1);
    ck_assert_double_eq_tol(v->board[XO_MEASURE_TPOT].median_abs_frac, (0.225 + 0.5) / 2, 1e-12);
    xo_validation_free(v);
    xo_measured_fini(&m);
}
END_TEST

/* Each group ends with the number that it names. */
START_TEST(closed_loops_are_grouped_by_requests_in_flight)
{
    static const struct {
        const char *name;
        int first, last;
    } groups[] = { { "in flight 1", 1, 1 },         { "in flight 2-4", 2, 4 },
                   { "in flight 5-16", 5, 16 },     { "in flight 17-64", 17, 64 },
                   { "in flight 65-256", 65, 256 }, { "in flight 257+", 257, 400 } };
    enum { N = sizeof groups / sizeof *groups };
    char text[2048];
    int used = snprintf(text, sizeof text,
                        "id,engine,model,precision_weights,gpu,n_gpus,tp,isl,osl,load_kind,"
                        "load_value,n_requests,ttft_mean_ms\n");
    for (int i = 0; i < 2 * N; i++)
        used += snprintf(text + used, sizeof text - (size_t)used,
                         "r%d,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,20,2,concurrency,%d,400,9\n", i,
                         i % 2 == 0 ? groups[i / 2].first : groups[i / 2].last);
    struct xo_measured m;
    struct xo_problems problems;
    struct xo_validation *v;
    ck_assert(read_text(text, &m, &problems));
    xo_problems_fini(&problems);
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    for (int i = 0; i < N; i++) {
        const struct xo_score *s = score(v, "load", groups[i].name, XO_MEASURE_TTFT);
        ck_assert_msg(s != NULL && s->n == 2, "%s has %d rows", groups[i].name,
                      s != NULL ? s->n : 0);
    }
    xo_validation_free(v);
    xo_measured_fini(&m);
}
END_TEST

/* ---- request logs ---- */

/* Four requests of 2, 3, 1 and 5 tokens; the file is out of order, as a trace may be. */
START_TEST(a_request_log_with_times_is_what_was_measured)
{
    char path[64];
    static const char log[] = "arrival_s,input_tokens,output_tokens,first_token_s,last_token_s\r\n"
                              "11.5,20,3,12,13\n10,10,2,10.25,11\n12,30,1,14,14\n"
                              "12.5,9,0,13,13\n13,40,5,13.75,16.25\n";
    struct xo_served s;
    struct xo_error err;
    write_file(path, log, strlen(log));
    ck_assert_msg(xo_served_read(&s, path, 4, &err), "%s", err.text);
    ck_assert_uint_eq(s.n, 4);
    ck_assert_double_eq_tol(s.ttft_s[0], 0.25, 1e-12);
    ck_assert_double_eq_tol(s.tpot_s[1], 0.5, 1e-12);
    ck_assert_double_nan(s.tpot_s[2]);
    ck_assert_double_eq_tol(s.e2e_s[3], 3.25, 1e-12);
    ck_assert_double_eq_tol(s.output_per_s, 11 / 6.25, 1e-12);
    double m[XO_N_MEASURES];
    ck_assert(xo_served_measure(&s, 0, 4, m, NULL)); /* TTFT 0.25 0.5 0.75 2 */
    ck_assert_double_eq_tol(m[XO_MEASURE_TTFT], 0.875, 1e-12);
    ck_assert_double_eq_tol(m[XO_MEASURE_TTFT_P50], 0.625, 1e-12);
    ck_assert_double_eq_tol(m[XO_MEASURE_TTFT_P90], 0.75 + 0.7 * 1.25, 1e-12);
    ck_assert_double_eq_tol(m[XO_MEASURE_TPOT], (0.75 + 0.5 + 0.625) / 3, 1e-12);
    ck_assert_double_eq_tol(m[XO_MEASURE_E2E_P50], 1.75, 1e-12);
    ck_assert(xo_served_measure(&s, 1, 3, m, NULL));
    ck_assert_double_eq_tol(m[XO_MEASURE_TTFT], 1.25, 1e-12);
    xo_served_fini(&s);
    ck_assert(!xo_served_read(&s, path, 5, &err)); /* not the trace's requests */
    ck_assert_ptr_nonnull(strstr(err.text, "4 requests have times and 5 lengths"));
    unlink(path);
}
END_TEST

/* It is read twice, for its requests and for their times; the columns are quoted as a spreadsheet
 * may, and one has commas and line breaks. */
START_TEST(a_request_log_may_be_packed_and_quoted)
{
    static const char log[] =
        "\xEF\xBB\xBF\"arrival_s\",\"what\",input_tokens,output_tokens,first_token_s,finished_s\r\n"
        "10,\"a, \"\"b\"\"\r\nc\",10,2,\"10.25\", 11 \r\n\r\n11.5,,20,3,12,13";
    const enum packing packing = (enum packing)_i;
    char path[64];
    struct xo_trace trace;
    struct xo_served s;
    struct xo_error err = { 0 };
    size_t n;
    unsigned char *bytes = packed(packing, log, strlen(log), &n);
    write_file(path, (const char *)bytes, n);
    if (is_read(packing)) {
        ck_assert_msg(xo_trace_read(&trace, path, NULL, &err), "%s", err.text);
        ck_assert_msg(xo_served_read(&s, path, trace.n, &err), "%s", err.text);
        ck_assert_uint_eq(s.n, 2);
        ck_assert_double_eq_tol(s.ttft_s[0], 0.25, 1e-12);
        ck_assert_double_eq_tol(s.e2e_s[1], 1.5, 1e-12);
        xo_served_fini(&s);
        xo_trace_fini(&trace);
    } else
        ck_assert(!xo_served_read(&s, path, 2, &err));
    unlink(path);
    write_file(path, (const char *)bytes, n - 1);
    if (packing != PLAIN && is_read(packing)) {
        ck_assert(!xo_served_read(&s, path, 2, &err));
        ck_assert_ptr_nonnull(strstr(err.text, ":5: its "));
        ck_assert_ptr_nonnull(strstr(err.text, "in the middle: the file is cut short"));
    }
    unlink(path);
    free(bytes);
}
END_TEST

static const struct {
    const char *text, *says; /* NULL: no times, and no error */
} bad_logs[] = {
    { "arrival_s,input_tokens,output_tokens\n1,2,3\n2,2,3\n", NULL },
    { "", NULL },
    { "arrival_s,input_tokens,output_tokens,first_token_s,last_token_s\n1,2,3,0.5,2\n",
      ":2: arrival_s, first_token_s and last_token_s" },
    { "arrival_s,input_tokens,output_tokens,first_token_s,last_token_s\n\"1,2,3,4,5\n",
      ":2: field 1 begins with a quote and has no other" },
    { "arrival_s,input_tokens,output_tokens,first_token_s,last_token_s\n\"1\"0,2,3,4,5\n",
      ":2: text stands behind the quotes of field 1" },
    { "arrival_s,input_tokens,output_tokens,first_token_s,last_token_s\n\"1,5\",2,3,4,5\n",
      ":2: arrival_s, first_token_s and last_token_s" },
    { "{\"timestamp\": 1, \"input_length\": 2, \"output_length\": 3}\n", NULL },
    { "arrival_s,input_tokens,output_tokens,first_token_s,last_token_s\n1,2,3,2,1.5\n", ":2: " },
    { "arrival_s,input_tokens,output_tokens,first_token_s,last_token_s\n1,2,3,2\n", ":2: " },
    { "arrival_s,input_tokens,output_tokens,first_token_s,last_token_s\n1,2,3,nan,2\n", ":2: " },
};

START_TEST(a_log_without_times_is_a_trace_alone_and_a_wrong_one_says_where)
{
    char path[64];
    struct xo_served s;
    struct xo_error err = { 0 };
    write_file(path, bad_logs[_i].text, strlen(bad_logs[_i].text));
    ck_assert_int_eq(xo_served_read(&s, path, 1, &err), bad_logs[_i].says == NULL);
    ck_assert_uint_eq(s.n, 0);
    if (bad_logs[_i].says != NULL)
        ck_assert_msg(strstr(err.text, bad_logs[_i].says) != NULL, "%s", err.text);
    unlink(path);
}
END_TEST

/* A log is simulated request by request: of the whole, and of a part of it alone. */
START_TEST(a_part_of_a_log_is_measured_within_the_whole)
{
    struct xo_measured m;
    read_fixture(&m);
    struct xo_measured_row *row = &m.rows[row_of(&m, "log")];
    struct xo_prediction whole = { .plan = plan_of(&m, "log") }, part = whole;
    part.plan.from_request = 2;
    part.plan.to_request = 3;
    ck_assert(row_simulate(row, NULL, &whole, NULL) && row_simulate(row, NULL, &part, NULL));
    /* of one request all percentiles are it, and request 2 came while another was served */
    ck_assert_double_eq(part.predicted[XO_MEASURE_E2E], part.predicted[XO_MEASURE_E2E_P99]);
    ck_assert_double_ne(part.predicted[XO_MEASURE_E2E], whole.predicted[XO_MEASURE_E2E]);
    /* 77 tokens are the longest answer of the four */
    ck_assert_double_gt(part.predicted[XO_MEASURE_E2E], whole.predicted[XO_MEASURE_E2E_P50]);
    ck_assert_double_eq(part.predicted[XO_MEASURE_OUTPUT], whole.predicted[XO_MEASURE_OUTPUT]);
    xo_measured_fini(&m);
}
END_TEST

/* ---- saturation and targets ---- */

/* One deployment at five loads. TTFT of 10 ms at 1: 20 ms at 4 is still its floor, 21 ms at 16 is
 * not, nor what comes after; 15 ms at 64 makes 256 the knee. */
static const double loads[] = { 1, 4, 16, 64, 256 };
static void read_series(struct xo_measured *m, const double ttft_ms[5])
{
    char text[1024] = "dataset,gpu,model,engine,precision_weights,isl,osl,load_kind,load_value,"
                      "n_requests,ttft_mean_ms,tpot_mean_ms,output_tok_s_total\n";
    struct xo_problems p;
    for (int i = 4; i >= 0; i--)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "own,h100,llama-3.1-8b,vllm,bf16,3000,300,concurrency,%g,%g,%g,9,%g\n", loads[i],
                 2 * loads[i], ttft_ms[i], 100 * loads[i]);
    ck_assert(read_text(text, m, &p));
    xo_problems_fini(&p);
}

static const struct {
    double ttft_ms[5], knee; /* NAN: beyond the last */
} series[] = {
    { { 10, 20, 21, 40, 80 }, 16 },
    { { 10, 20, 21, 15, 80 }, 256 },
    { { 10, 20, 20, 20, 20 }, NAN },
    { { 10, 21, 30, 40, 80 }, 4 },
};

START_TEST(the_knee_of_a_series_is_where_ttft_leaves_twice_its_least_for_good)
{
    struct xo_measured m;
    struct xo_validation *v;
    read_series(&m, series[_i].ttft_ms);
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    ck_assert_uint_eq(v->n_series, 1);
    ck_assert_int_eq(v->series[0].n_loads, 5);
    const double knee = series[_i].knee;
    ck_assert(isnan(knee) ? isnan(v->series[0].measured_knee) : v->series[0].measured_knee == knee);
    /* the rows of the file stand from 256 down to 1 */
    for (size_t i = 0; i < m.n; i++)
        ck_assert_int_eq(v->rows[i].saturation, isnan(knee) || m.rows[i].load_value < knee
                                                    ? XO_BELOW_SATURATION
                                                    : XO_SATURATED);
    /* 256 requests of 3,150 tokens and a room of some 430,000 */
    ck_assert_double_eq_tol(v->rows[0].kv_need_frac, 256 * 3150 / v->rows[0].kv_room_tokens, 1e-9);
    ck_assert_double_gt(v->rows[0].kv_need_frac, 1);
    ck_assert(v->series[0].kv_limited);
    xo_validation_free(v);
    xo_measured_fini(&m);
}
END_TEST

static const struct xo_target *target(const struct xo_validation *v, const char *name)
{
    for (int i = 0; i < v->n_targets; i++)
        if (strcmp(v->targets[i].name, name) == 0)
            return &v->targets[i];
    ck_abort_msg("no target %s", name);
    return NULL;
}

START_TEST(targets_count_the_rows_that_they_mean)
{
    struct xo_measured m;
    struct xo_validation *v;
    read_series(&m, series[0].ttft_ms);
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    /* 1 and 4 lie below the knee; off by +25 % and -60 %, and by 10 and 30 ms */
    const double error[] = { 0.25, -0.6 }, off_s[] = { 0.010, 0.030 };
    for (int i = 0; i < 2; i++) {
        m.rows[4 - i].measured[XO_MEASURE_TTFT] = off_s[i] / fabs(error[i]);
        v->rows[4 - i].predicted[XO_MEASURE_TTFT] = off_s[i] / fabs(error[i]) * (1 + error[i]);
    }
    for (size_t i = 0; i < m.n; i++) {
        v->rows[i].predicted[XO_MEASURE_OUTPUT] =
            m.rows[i].measured[XO_MEASURE_OUTPUT] * (1 + m.rows[i].load_value / 256);
        v->rows[i].predicted[XO_MEASURE_TPOT] = 1.06 * m.rows[i].measured[XO_MEASURE_TPOT];
    }
    ck_assert(judge_targets(v, NULL));
    const struct xo_target *t = target(v, "TTFT below saturation");
    ck_assert_int_eq(t->n, 2);
    ck_assert_double_eq_tol(t->reached, 0.425, 1e-12);
    ck_assert_double_eq_tol(t->reached_s, 0.020, 1e-12);
    ck_assert_double_eq_tol(t->near_frac, 0.5, 1e-12);
    ck_assert(t->reached_s > t->limit_s || t->met); /* by the 20 ms */
    t = target(v, "output at saturation");          /* loads of 16, 64, 256: 1/16, 1/4, 1 */
    ck_assert_int_eq(t->n, 3);
    ck_assert_double_eq_tol(t->reached, 0.25, 1e-12);
    ck_assert(!t->met);
    t = target(v, "TPOT");
    ck_assert_int_eq(t->n, 5);
    ck_assert(t->met && fabs(t->reached - 0.06) < 1e-12);
    ck_assert_double_nan(target(v, "E2E, open-loop vLLM")->reached);
    ck_assert(!target(v, "request logs: means")->met);
    ck_assert_int_eq(target(v, "knee within one step")->n, 1);
    xo_validation_free(v);
    xo_measured_fini(&m);
}
END_TEST

/* ---- the shared measurements, where they are ---- */

/* Ids of the shortlist that makes a fair scoreboard, sorted. */
static size_t read_core(char (**ids)[160])
{
    char *text;
    size_t size, n = 0;
    ck_assert(
        xo_file_read(XO_SOURCE_DIR "/../shared/data/core_dev.csv", 1 << 22, &text, &size, NULL));
    *ids = calloc(size, 1);
    for (char *line = strchr(text, '\n'); line != NULL && line[1] != '\0';
         line = strchr(line + 1, '\n')) {
        const size_t length = strcspn(line + 1, ",");
        ck_assert_uint_lt(length, 160);
        memcpy((*ids)[n++], line + 1, length);
    }
    free(text);
    return n;
}

START_TEST(the_shortlist_of_shared_measurements_is_simulated_and_near)
{
    static const char path[] = XO_SOURCE_DIR "/../shared/data/measured_dev.csv";
    if (access(path, R_OK) != 0) {
        puts("skipped: ../shared/data/measured_dev.csv is not there");
        return;
    }
    struct xo_measured m;
    struct xo_problems p;
    struct xo_validation *v;
    char(*ids)[160];
    ck_assert(xo_measured_read(&m, path, &p));
    const size_t n_core = read_core(&ids);
    size_t n = 0;
    for (size_t i = 0; i < m.n; i++) {
        bool is_core = false;
        for (size_t c = 0; c < n_core && !is_core; c++)
            is_core = strcmp(ids[c], m.rows[i].id) == 0;
        if (is_core)
            m.rows[n++] = m.rows[i];
        else {
            xo_trace_fini(&m.rows[i].trace);
            xo_served_fini(&m.rows[i].served);
        }
    }
    m.n = n;
    ck_assert_uint_eq(n, n_core);
    ck_assert(xo_validate(&v, &m, &two_threads, NULL));
    ck_assert_uint_eq(v->n_skipped, 9); /* with speculative decoding */
    for (size_t i = 0; i < m.n; i++)
        ck_assert(v->rows[i].simulated || strstr(v->rows[i].why, "speculative") != NULL);
    ck_assert_double_lt(v->board[XO_MEASURE_TPOT].median_abs_frac, 0.2);
    ck_assert_double_lt(v->board[XO_MEASURE_OUTPUT].median_abs_frac, 0.25);
    xo_validation_free(v);
    xo_measured_fini(&m);
    xo_problems_fini(&p);
    free(ids);
}
END_TEST

int main(void)
{
    xo_catalog_builtin(); /* once, before the tests fork */
    Suite *suite = suite_create("validate");
    TCase *reading = tcase_create("reading"), *rest = tcase_create("rows");
    tcase_set_timeout(reading, 60);
    tcase_set_timeout(rest, 120);
    tcase_add_test(reading, a_row_is_read_in_seconds_and_tokens);
    tcase_add_test(reading, four_columns_are_enough_and_quotes_may_hold_commas);
    tcase_add_test(reading, a_row_without_a_type_runs_in_that_of_its_checkpoint);
    tcase_add_test(reading, an_unknown_gpu_is_said_once_and_counted_with_every_row);
    tcase_add_loop_test(reading, what_is_wrong_is_said_with_file_and_line, 0,
                        sizeof bad_files / sizeof bad_files[0]);
    tcase_add_test(reading, a_row_that_cannot_be_read_is_skipped_and_the_others_stand);
    tcase_add_test(reading, a_result_of_vllm_in_json_is_a_row);
    tcase_add_test(reading, several_results_stand_in_one_file_each_with_its_line);
    tcase_add_loop_test(reading, json_of_another_kind_is_told_what_it_is, 0,
                        sizeof bad_json / sizeof bad_json[0]);
    tcase_add_test(reading, a_file_that_is_not_there_is_an_error);
    tcase_add_test(reading, a_damaged_file_is_refused_or_read_but_never_crashes);
    tcase_add_test(reading, a_request_log_with_times_is_what_was_measured);
    tcase_add_loop_test(reading, a_request_log_may_be_packed_and_quoted, 0, N_PACKINGS);
    tcase_add_loop_test(reading, measurements_may_be_packed_and_quoted, 0, 2 * N_PACKINGS);
    tcase_add_loop_test(reading, a_log_without_times_is_a_trace_alone_and_a_wrong_one_says_where, 0,
                        sizeof bad_logs / sizeof bad_logs[0]);
    tcase_add_test(rest, a_part_of_a_log_is_measured_within_the_whole);
    tcase_add_loop_test(rest, the_knee_of_a_series_is_where_ttft_leaves_twice_its_least_for_good, 0,
                        sizeof series / sizeof series[0]);
    tcase_add_test(rest, targets_count_the_rows_that_they_mean);
    tcase_add_test(rest, a_collection_of_2024_is_run_with_the_host_times_of_2024);
    tcase_add_test(rest, each_kind_of_load_is_planned_as_it_was_run);
    tcase_add_test(rest, a_version_of_vllm_says_how_it_samples_and_admits);
    tcase_add_test(rest, a_version_of_2024_has_the_host_of_2024);
    tcase_add_test(rest, vllm_sets_its_limits_by_gpu_where_a_row_does_not);
    tcase_add_test(rest, long_prompts_that_overflow_the_room_do_not_thrash);
    tcase_add_test(rest, the_room_is_counted_in_whole_blocks_as_engines_print_it);
    tcase_add_test(rest, a_collection_is_run_as_its_scripts_set_it);
    tcase_add_test(rest, what_a_client_waits_for_hangs_on_version_and_ranks);
    tcase_add_loop_test(rest, unmarked_runs_with_speculative_decoding_are_skipped, 0, N_DRAFTS);
    tcase_add_test(rest, a_row_that_says_that_it_drafts_is_skipped);
    tcase_add_loop_test(rest, notes_are_read_by_the_word, 0, sizeof said / sizeof *said);
    tcase_add_test(rest, experts_on_more_gpus_than_tp_mean_attention_ranks);
    tcase_add_test(rest,
                   a_client_that_is_served_in_pieces_sees_a_later_first_token_and_the_same_end);
    tcase_add_test(rest, a_row_that_cannot_be_simulated_says_why);
    tcase_add_test(rest, a_lone_request_takes_the_steps_one_can_count);
    tcase_add_test(rest, a_static_batch_is_judged_by_its_makespan);
    tcase_add_test(rest, predictions_are_the_same_bytes_on_any_number_of_threads);
    tcase_add_test(rest, validation_stops_when_told);
    tcase_add_test(rest, scores_are_medians_by_group_and_the_board_their_mean_over_datasets);
    tcase_add_test(rest, closed_loops_are_grouped_by_requests_in_flight);
    tcase_add_test(rest, the_shortlist_of_shared_measurements_is_simulated_and_near);
    suite_add_tcase(suite, reading);
    suite_add_tcase(suite, rest);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
