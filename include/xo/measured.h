/* xo/measured.h - measured operating points of serving engines, from CSV.
 *
 * A row says what ran (GPU, model, engine, data types, parallelism), what was asked of it (lengths,
 * load) and what came out. Column names and units of the file end here: inside, seconds and tokens.
 * GPUs and models are found in the catalogs by name or alias. The file is untrusted: every problem
 * becomes a line "file:line: ...". This room has never heard how a row is simulated.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_MEASURED_H
#define XO_MEASURED_H

#include "xo/scenario.h"
#include "xo/workload.h"

enum xo_load {
    XO_LOAD_OFFLINE,     /* all requests at once */
    XO_LOAD_CONCURRENCY, /* closed loop with load_value requests in flight */
    XO_LOAD_RATE,        /* open loop of load_value requests a second */
    XO_LOAD_TRACE,       /* recorded arrivals and lengths */
    XO_N_LOADS
};
extern const char *const xo_load_names[]; /* [XO_N_LOADS] as in the column load_kind */

enum xo_measure {
    XO_MEASURE_OUTPUT, /* output tokens a second of the whole deployment */
    XO_MEASURE_TTFT,   /* means, s */
    XO_MEASURE_TPOT,
    XO_MEASURE_E2E,
    XO_MEASURE_TTFT_P50, /* percentiles of the three, in one order */
    XO_MEASURE_TTFT_P90,
    XO_MEASURE_TTFT_P95,
    XO_MEASURE_TTFT_P99,
    XO_MEASURE_TPOT_P50,
    XO_MEASURE_TPOT_P90,
    XO_MEASURE_TPOT_P95,
    XO_MEASURE_TPOT_P99,
    XO_MEASURE_E2E_P50,
    XO_MEASURE_E2E_P90,
    XO_MEASURE_E2E_P95,
    XO_MEASURE_E2E_P99,
    XO_N_MEASURES
};

/* How each request of a log went, in the order of the trace that the log also is; times of the
 * client: from its arrival. */
struct xo_served {
    size_t n;                        /* 0: the log does not say */
    double *ttft_s, *tpot_s, *e2e_s; /* [n] owned; TPOT NAN for a single token */
    double output_per_s;             /* tokens over first arrival to last token */
};

/* What the free text of the column `notes` says of how a row was run. */
struct xo_measured_notes {
    int max_batch;        /* max_num_seqs= or max_batch=; 0: not said */
    int64_t chunk_tokens; /* max_num_batched_tokens= or max_num_tokens=; 0 */
    double memory_frac;   /* "KV fraction 0.90"; 0 */
    int attention_dp;     /* "attention data-parallel over 4 GPUs", "dp=2"; 0 */
    bool moe_is_dp;       /* "MoE model: doc command sets enable_attention_dp": of all of tp */
    bool constant_rate;   /* else Poisson */
    bool few_prompts;     /* prefix caching on and a small fixed set of prompts */
    int draft_tokens;     /* num_speculative_tokens=; 0: one token a step */
    char day[11];         /* "measured 2026-02-05"; "": not said */
    double e2e_mean_s;    /* "e2e mean 4460.3 ... ms"; NAN */
};

enum { XO_MEASURED_NAME = 96, XO_MEASURED_WHY = 240 };
struct xo_measured_row {
    int line;
    char why[XO_MEASURED_WHY]; /* the row cannot be used: one sentence; "": it can, by who
                                  knows its GPU and model */
    char id[160], dataset[40], engine_version[48], quality; /* 'A' best .. 'X' impossible; '-' */
    const struct xo_gpu_entry *gpu;     /* borrowed from the catalog; NULL: unknown */
    const struct xo_model_entry *model; /* the same */
    char gpu_name[XO_MEASURED_NAME], model_name[XO_MEASURED_NAME]; /* as the file has them */
    enum xo_engine_family engine;
    enum xo_dtype weights, kv;
    bool kv_given;
    int n_gpus, tp, pp, ep; /* 0: the file does not say */
    double kv_room_tokens;  /* as the engine printed it, of one attention rank; 0 */
    double isl, osl;        /* mean lengths in tokens; NAN: not given (a trace may be) */
    enum xo_load load;
    double load_value;  /* NAN: not given */
    int64_t n_requests; /* 0: not given */
    struct xo_measured_notes notes;
    struct xo_trace trace;   /* owned; n 0: none was found */
    struct xo_served served; /* owned; of the same log */

    double measured[XO_N_MEASURES]; /* NAN: not given */
};

struct xo_measured {
    char path[XO_PATH_SIZE];
    struct xo_measured_row *rows; /* [n] owned, in the order of the file */
    size_t n;
    bool is_json;     /* results of a benchmark in JSON */
    size_t n_unknown; /* of them, rows that cannot be used: an unknown name or a wrong value */
};

/* The times of a request log: columns arrival_s, input_tokens or prompt_tokens, output_tokens,
 * first_token_s, and last_token_s or finished_s; n is 0 where one of them is missing. Fails with
 * XO_ERR_INPUT where a line has no times or not n_requests of them do, XO_ERR_IO or _MEMORY. */
XO_MUST_USE bool xo_served_read(struct xo_served *served, const char *path, size_t n_requests,
                                struct xo_error *err);
void xo_served_fini(struct xo_served *served);
/* Means and percentiles of the requests from .. to-1 of those times; the throughput is left. Fails
 * with XO_ERR_MEMORY. */
XO_MUST_USE bool xo_served_measure(const struct xo_served *served, size_t from, size_t to,
                                   double measures[XO_N_MEASURES], struct xo_error *err);

/* Read `path` ("-": standard input). The first line names the columns, in any order:
 *
 *   needed    model, gpu, engine, load_kind
 *   optional  id, dataset, quality, engine_version, base_model, precision_weights, precision_kv,
 *             n_gpus, tp, pp, ep, isl, osl, load_value, n_requests, kv_room_tokens, notes, and
 *             the measures output_tok_s_total, {ttft,tpot,e2e}_{mean,p50,p90,p95,p99}_ms
 *
 * and others are ignored. Left out (or "auto"), precision_weights is what the checkpoint's name
 * says (...-FP8), else the type in which the model was released, and precision_kv what the engine
 * keeps by default. E2E without a column is ttft + tpot (osl - 1). The load_value of a trace names
 * a request log (xo_trace_read) beside the file, or in traces/ or served/ there; the folders that
 * the value itself names are not followed. Where that log has times, they are what was measured. A
 * GPU or model that is not known is a warning, once. False when the file has errors, all of them in
 * *problems (warnings also on success). */
XO_MUST_USE bool xo_measured_read(struct xo_measured *measured, const char *path,
                                  struct xo_problems *problems);
/* The same for the deployment of a scenario (NULL: none): a GPU and a model of its own are known.
 * Either takes, in place of CSV, results of `vllm bench serve` or `sglang.bench_serving` in JSON:
 * one, several one after another, or an array. GPU, data type and, where they are missing, engine
 * and model of such a result are those of the scenario's first option. */
XO_MUST_USE bool xo_measured_read_for(struct xo_measured *measured, const char *path,
                                      const struct xo_scenario *scenario,
                                      struct xo_problems *problems);
void xo_measured_fini(struct xo_measured *measured);

#endif
