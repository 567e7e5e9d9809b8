/* validate.c - measured rows simulated the way they were run.
 *
 * The state is a struct xo_validation: the measured rows, borrowed, and for each a plan and what
 * was predicted, or why it could not be simulated. Invariant: a prediction is a function of its row
 * alone, so rows run on any thread; a row that fails is skipped and counted, and only memory and
 * being stopped end a validation.
 *
 * A row seldom says all that a run needs. What its notes say goes first, then what runs of its
 * collection have in common (habits[], first match counts), then the engine's own defaults by GPU
 * and version; sources stand beside each. What a client waits for beside the engine's work is added
 * to the times (add_client_view), since that is what was measured. A run is bounded whatever a file
 * says. Begin with habits[], xo_row_plan and row_simulate.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/validate.h"
#include "sizing/option_sim.h"
#include "validate.h"
#include "xo/text.h"
#include "xo/workload.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- how each collection was run ---- */

enum { WAVES = 10, DEFAULT_REQUESTS = 1000, BLOCK_TOKENS = 16 };

/* A run is bounded whatever a file says: so many requests, so many steps with prompt chunks, so
 * many tokens of one request. */
static const double MAX_REQUESTS = 32768, MAX_PROMPT_STEPS = 400000, MAX_LENGTH = 1 << 21;

/* HTTP, tokenizer and the way back, in every TTFT that a client took: what 33 open-loop runs of
 * vLLM (infsim_*, five models) have over the simulated steps, 6 to 9 ms. */
static const double FRONTEND_S = 7e-3;

/* InferenceX draws both lengths from [0.8 L, L]: within 1/9 of their mean (utils of its
 * benchmark_serving.py with --random-range-ratio 0.8). */
static const double INFERENCEX_SPREAD = 1.0 / 9;

enum { ANY = -1 };
enum hardware { OTHERS, BLACKWELL, HOPPER, AMD };

/* What a client has to wait for beside the engine's own work, in decode steps. */
enum waiting {
    NOTHING,
    POLLS,      /* SGLang --scheduler-recv-interval 10, from 16 in flight on 30 */
    FOUR_STEPS, /* SGLang --num-continuous-decode-steps 4 */
    FULL_BATCH  /* TensorRT-LLM batch_wait_timeout_iters: 20, short prompts of dense models, tp < 8;
                   attention_dp_config timeout_iters: 60, half in the mean, until all ranks have a
                   prompt */
};

/* What runs of a collection have in common; what a row's notes say goes before. First match counts.
 * InferenceX: its scripts in benchmarks/ (docs/validation.md). */
struct habit {
    const char *dataset, *model; /* NULL: any; a model by how its name begins */
    int engine, hardware;
    enum { ANY_WEIGHTS, FOUR_BITS } weights;
    double memory_frac, spread;
    int64_t chunk_tokens; /* 0: the engine's own (hardware/defaults.c), and so max_batch */
    int max_batch;        /* 0: the concurrency; it is never below that */
    bool small_kv;        /* fp8 KV with fp8 and fp4 weights, where the file does not say */
    bool no_cache;        /* of prefixes, in SGLang's scripts */
    bool ahead;           /* the next batch is chosen while the present one runs; not in 2024 */
    int stream_tokens;    /* tokens in the first piece that a client sees */
    enum waiting waiting; /* before a request may join a batch */
};
static const struct habit habits[] = {
    { "inferencex", NULL, XO_ENGINE_VLLM, BLACKWELL, ANY_WEIGHTS, 0.9, INFERENCEX_SPREAD, 8192, 512,
      true, false, true, 1, NOTHING },
    { "inferencex", NULL, XO_ENGINE_VLLM, AMD, ANY_WEIGHTS, 0.95, INFERENCEX_SPREAD, 8192, 1024,
      false, false, true, 1, NOTHING },
    { "inferencex", NULL, XO_ENGINE_VLLM, ANY, ANY_WEIGHTS, 0.9, INFERENCEX_SPREAD, 8192, 0, false,
      false, true, 1, NOTHING },
    { "inferencex", "glm-", XO_ENGINE_SGLANG, BLACKWELL, ANY_WEIGHTS, 0.85, INFERENCEX_SPREAD,
      32768, 128, true, true, true, 1, NOTHING },
    { "inferencex", NULL, XO_ENGINE_SGLANG, BLACKWELL, FOUR_BITS, 0.85, INFERENCEX_SPREAD, 16384,
      256, true, true, true, 10, POLLS },
    { "inferencex", NULL, XO_ENGINE_SGLANG, BLACKWELL, ANY_WEIGHTS, 0.82, INFERENCEX_SPREAD, 32768,
      128, true, true, true, 10, POLLS },
    { "inferencex", NULL, XO_ENGINE_SGLANG, AMD, ANY_WEIGHTS, 0.8, INFERENCEX_SPREAD, 131072, 128,
      true, true, true, 1, FOUR_STEPS },
    { "inferencex", NULL, XO_ENGINE_SGLANG, ANY, ANY_WEIGHTS, 0.82, INFERENCEX_SPREAD, 32768, 256,
      false, true, true, 10, NOTHING },
    { "inferencex", NULL, XO_ENGINE_TRTLLM, ANY, ANY_WEIGHTS, 0.8, INFERENCEX_SPREAD, 16384, 2048,
      true, false, true, 1, FULL_BATCH },
    { "nvidia_gap", NULL, ANY, ANY, ANY_WEIGHTS, 0.9, INFERENCEX_SPREAD, 8192, 2048, true, false,
      true, 1, NOTHING },
    { "llm_inference_bench", NULL, XO_ENGINE_VLLM, ANY, ANY_WEIGHTS, 0.9, 0, 4096, 256, false,
      false, false, 1, NOTHING },
    { "llm_inference_bench", NULL, XO_ENGINE_TRTLLM, ANY, ANY_WEIGHTS, 0.9, 0, 8192, 0, true, false,
      false, 1, NOTHING },
    { NULL, NULL, XO_ENGINE_VLLM, ANY, ANY_WEIGHTS, 0.9, 0, 0, 0, false, false, true, 1, NOTHING },
    { NULL, NULL, XO_ENGINE_SGLANG, ANY, ANY_WEIGHTS, 0.88, 0, 0, 0, false, false, true, 1,
      NOTHING },
    { NULL, NULL, XO_ENGINE_TRTLLM, ANY, ANY_WEIGHTS, 0.9, 0, 0, 0, true, false, true, 1, NOTHING },
};

static enum hardware hardware_of(enum xo_gpu_generation generation)
{
    switch (generation) {
    case XO_GEN_BLACKWELL:
        return BLACKWELL;
    case XO_GEN_HOPPER:
        return HOPPER;
    case XO_GEN_CDNA2:
    case XO_GEN_CDNA3:
    case XO_GEN_CDNA4:
        return AMD;
    default:
        return OTHERS;
    }
}

/* A version's numbers, "vllm v0.5.13.post1" as 0, 5, 13; false where the first two numbers in it do
 * not stand together. */
static bool version_of(const struct xo_measured_row *row, int parts[3])
{
    const char *text = row->engine_version + strcspn(row->engine_version, "0123456789");
    parts[2] = 0;
    return sscanf(text, "%4d.%4d.%4d", &parts[0], &parts[1], &parts[2]) >= 2;
}

/* Was the row run by `engine` before this version? Nothing is known of one that does not say its
 * version: it is taken as today's. */
static bool is_before(const struct xo_measured_row *row, enum xo_engine_family engine, int major,
                      int minor, int patch)
{
    int v[3];
    if (row->engine != engine || !version_of(row, v))
        return false;
    return v[0] != major ? v[0] < major : v[1] != minor ? v[1] < minor : v[2] < patch;
}

/* The first minor version whose sampler does not sort all logits (pull request 33538 of February
 * 2026), and the first that admits a request only where its whole prompt fits (37307 of March 2026;
 * scheduler_reserve_full_isl). */
enum { NO_SORTING = 17, WHOLE_PROMPTS = 19 };

static bool vllm_is_before(const struct xo_measured_row *row, int minor)
{
    return is_before(row, XO_ENGINE_VLLM, 0, minor, 0);
}

/* vLLM's V1, with CUDA graphs around all but attention and no Python between steps, is the default
 * from 0.8 on (March 2025). Rows that give a year as their version say the engine of that year. */
static bool is_of_2024(const struct xo_measured_row *row, const struct habit *h)
{
    enum { V1 = 8 };
    return !h->ahead || vllm_is_before(row, V1) || strstr(row->engine_version, "2024") != NULL;
}

/* Tokens in the first piece that a client sees. SGLang sends the first alone from 0.5.10 on
 * (output_ids % stream_interval == 1, srt/managers/scheduler_output_processor_mixin.py). */
static int stream_tokens_of(const struct xo_measured_row *row, const struct habit *h)
{
    int v[3];
    const bool says = row->engine == XO_ENGINE_SGLANG && version_of(row, v);
    return says && !is_before(row, XO_ENGINE_SGLANG, 0, 5, 10) ? 1 : h->stream_tokens;
}

static bool is_small(enum xo_dtype type) /* 8 or 4 bits that floats keep in an fp8 cache */
{
    return type == XO_FP8 || type == XO_NVFP4 || type == XO_MXFP4;
}

static bool matches(const struct habit *h, const struct xo_measured_row *row)
{
    return (h->dataset == NULL || strcasecmp(h->dataset, row->dataset) == 0) &&
           (h->model == NULL || strncmp(h->model, row->model->model.name, strlen(h->model)) == 0) &&
           (h->engine == ANY || h->engine == (int)row->engine) &&
           (h->hardware == ANY || h->hardware == (int)hardware_of(row->gpu->gpu.generation)) &&
           (h->weights == ANY_WEIGHTS || xo_dtype_bits(row->weights) < 8);
}

static const struct habit *habit_of(const struct xo_measured_row *row)
{
    const struct habit *h = habits;
    while (!matches(h, row))
        h++;
    return h;
}

/* Runs that InferenceX made with speculative decoding (multi-token prediction) and whose rows do
 * not say so, or where a row may be of either of two runs of that day: by its perf-changelog.yaml,
 * which lists the configurations run for each change (pull requests 392, 632 and 642, 898, 943;
 * docs/validation.md). A step of those makes more than one token a sequence, as no step here. */
static const struct {
    const char *model, *version, *day; /* NULL: any */
    enum xo_engine_family engine;
    int tp, ep; /* 0: any */
} speculating[] = {
    { "deepseek-r1", "1.1.0rc2.post2", "2026-01-14", XO_ENGINE_TRTLLM, 0, 0 },
    { "deepseek-r1", "1.2.0rc6.post3", NULL, XO_ENGINE_TRTLLM, 0, 0 },
    { "qwen3.5-397b-a17b", "0.5.9", "2026-03-20", XO_ENGINE_SGLANG, 0, 0 },
    { "deepseek-r1", "0.5.9", "2026-03-25", XO_ENGINE_SGLANG, 8, 1 },
};

static bool may_speculate(const struct xo_measured_row *row)
{
    for (size_t i = 0; i < sizeof speculating / sizeof *speculating; i++)
        if (row->engine == speculating[i].engine &&
            strcmp(row->model->model.name, speculating[i].model) == 0 &&
            strcmp(row->engine_version, speculating[i].version) == 0 &&
            (speculating[i].day == NULL || strcmp(row->notes.day, speculating[i].day) == 0) &&
            (speculating[i].tp == 0 || row->tp == speculating[i].tp) &&
            (speculating[i].ep == 0 || row->ep == speculating[i].ep))
            return strcmp(row->dataset, "inferencex") == 0;
    return false;
}

/* Mean decode steps until a request may join a batch. */
static double wait_steps(const struct xo_measured_row *row, const struct habit *h,
                         const struct xo_deployment *d)
{
    enum { SHORT_TOKENS = 2048, FEW = 8, PATIENCE = 20, BALANCE = 60 / 2 };
    const bool one_k = row->isl < SHORT_TOKENS && row->osl < SHORT_TOKENS;
    switch (h->waiting) {
    case POLLS:
        return (row->load_value < 16 ? 10 : 30) / 2.0;
    case FOUR_STEPS:
        return 4 / 2.0;
    case FULL_BATCH:
        if (d->attention_dp > 1)
            return BALANCE;
        return one_k && d->model.experts == 0 && d->tensor_parallel < FEW ? PATIENCE : 0;
    default:
        return 0;
    }
}

/* vLLM's V1 admitted by the next chunk until 0.18; before it and since, the whole prompt has to
 * fit, as in SGLang; TensorRT-LLM reserves prompt + output (guaranteed_no_evict). */
static enum xo_kv_admission admission_of(const struct xo_measured_row *row, const struct habit *h)
{
    if (row->engine == XO_ENGINE_TRTLLM)
        return XO_ADMIT_RESERVE;
    const bool by_chunk = !is_of_2024(row, h) && vllm_is_before(row, WHOLE_PROMPTS);
    return by_chunk ? XO_ADMIT_CHUNK : XO_ADMIT_PROMPT;
}

static enum xo_dtype kv_of(const struct xo_measured_row *row, const struct habit *h)
{
    if (row->kv_given)
        return row->kv;
    return is_small(row->weights) && h->small_kv
               ? XO_FP8
               : xo_engine_kv(row->engine, &row->gpu->gpu, &row->model->model, row->weights);
}

/* ---- the plan ---- */

static bool check_row(const struct xo_measured_row *row, struct xo_error *err)
{
    const bool traced = row->load == XO_LOAD_TRACE;
    if (row->why[0] != '\0')
        return xo_fail(err, XO_ERR_INPUT, "%s", row->why);
    if (row->gpu == NULL)
        return xo_fail(err, XO_ERR_INPUT, "GPU \"%s\" is in no catalog", row->gpu_name);
    if (row->model == NULL)
        return xo_fail(err, XO_ERR_INPUT, "model \"%s\" is in no catalog", row->model_name);
    if (row->notes.draft_tokens > 0)
        return xo_fail(err, XO_ERR_INPUT, "speculative decoding is not simulated");
    if (may_speculate(row))
        return xo_fail(err, XO_ERR_INPUT,
                       "InferenceX ran this with speculative decoding on that day, which the row "
                       "does not say and is not simulated");
    if (row->tp == 0 && row->n_gpus > 1)
        return xo_fail(err, XO_ERR_INPUT,
                       "tp is not given, and several GPUs may be split in many ways");
    if (traced && row->trace.n == 0)
        return xo_fail(err, XO_ERR_INPUT, "no request log was found for the trace");
    if (!traced && (isnan(row->isl) || isnan(row->osl)))
        return xo_fail(err, XO_ERR_INPUT, "%s is not given", isnan(row->isl) ? "isl" : "osl");
    if (!traced && (row->isl > MAX_LENGTH || row->osl > MAX_LENGTH))
        return xo_fail(err, XO_ERR_INPUT, "lengths over %.0f tokens are not simulated", MAX_LENGTH);
    if ((row->load == XO_LOAD_CONCURRENCY || row->load == XO_LOAD_RATE) && isnan(row->load_value))
        return xo_fail(err, XO_ERR_INPUT, "load_value is not given");
    if (row->load == XO_LOAD_CONCURRENCY && !(row->load_value >= 1))
        return xo_fail(err, XO_ERR_INPUT, "a closed loop takes at least one request in flight");
    return true;
}

/* Attention data parallelism: as the notes have it, where that many GPUs are there (attention is
 * then cut into tp/ranks), experts with it where they are not said to be elsewhere; else by experts
 * spread over more GPUs than tp. */
static void plan_parallel(const struct xo_measured_row *row, struct xo_deployment *d)
{
    const bool moe = d->model.experts > 0;
    const int tp = row->tp > 0 ? row->tp : 1;
    const int said = row->notes.moe_is_dp ? tp : row->notes.attention_dp;
    int ep = row->ep > 0 ? row->ep : 1, ranks = ep > tp && ep % tp == 0 ? ep / tp : 1;
    d->tensor_parallel = tp;
    if (moe && said > 1 && tp % said == 0) {
        ranks = said;
        d->tensor_parallel = tp / ranks;
        ep = ep > 1 ? ep : tp;
    }
    d->attention_dp = moe ? ranks : 1;
    d->expert_parallel = moe ? ep : 1;
    d->pipeline_parallel = row->pp > 0 ? row->pp : 1;
}

/* Tokens and sequences of a step where the notes say neither: the collection's, or the engine's. */
static void default_limits(const struct habit *h, struct xo_deployment *d)
{
    const struct xo_engine_defaults *own = xo_engine_defaults(d->engine, &d->gpu);
    d->chunk_tokens = h->chunk_tokens > 0 ? h->chunk_tokens : own->chunk_tokens;
    d->max_batch = h->chunk_tokens > 0 ? h->max_batch : own->max_batch;
}

static void plan_engine(const struct xo_measured_row *row, const struct habit *h,
                        struct xo_row_plan *plan)
{
    struct xo_deployment *d = &plan->deployment;
    const struct xo_measured_notes *n = &row->notes;
    const int concurrency =
        row->load == XO_LOAD_CONCURRENCY ? (int)fmin(row->load_value, MAX_REQUESTS) : 0;
    default_limits(h, d);
    d->memory_frac = n->memory_frac > 0 ? n->memory_frac : h->memory_frac;
    d->kv_room_tokens = row->kv_room_tokens;
    d->chunk_tokens = n->chunk_tokens > 0 ? n->chunk_tokens : d->chunk_tokens;
    d->max_batch = n->max_batch > 0             ? n->max_batch
                   : d->max_batch > concurrency ? d->max_batch
                                                : concurrency;
    d->no_prefix_cache = h->no_cache;
    d->prompts_gather = h->waiting == FULL_BATCH;
    d->sorts_logits =
        row->engine == XO_ENGINE_VLLM && (is_of_2024(row, h) || vllm_is_before(row, NO_SORTING));
    plan->engine = (struct xo_engine){
        .admission = admission_of(row, h),
        .chunk_tokens = d->chunk_tokens * d->attention_dp,
        .max_batch = d->max_batch * d->attention_dp,
        .frontend_s =
            row->load == XO_LOAD_RATE || row->load == XO_LOAD_CONCURRENCY ? FRONTEND_S : 0,
        .fast_forward = true,
        .schedule_ahead = !is_of_2024(row, h),
        .keeps_preempted = row->engine == XO_ENGINE_VLLM && !is_of_2024(row, h),
    };
    plan->wait_steps = wait_steps(row, h, d);
    plan->stream_tokens = stream_tokens_of(row, h);
}

/* As many requests as were sent, within bounds that keep at least what is in flight. */
static int64_t bounded(double n_requests, double at_least, double isl, double chunk)
{
    const double steps = ceil(isl / chunk);
    return (int64_t)fmax(at_least, fmin(fmin(n_requests, MAX_REQUESTS), MAX_PROMPT_STEPS / steps));
}

static void plan_load(const struct xo_measured_row *row, const struct habit *h,
                      struct xo_row_plan *plan)
{
    const double chunk = (double)plan->deployment.chunk_tokens;
    const double given = (double)row->n_requests, in_flight = fmin(row->load_value, MAX_REQUESTS);
    plan->spread = h->spread;
    plan->constant_rate = row->notes.constant_rate;
    switch (row->load) {
    case XO_LOAD_CONCURRENCY:
        plan->n_requests =
            bounded(given > 0 ? given : WAVES * in_flight, fmin(in_flight, given), row->isl, chunk);
        plan->n_clients = (int)fmin(in_flight, (double)plan->n_requests);
        break;
    case XO_LOAD_RATE:
        plan->n_requests = bounded(given > 0 ? given : DEFAULT_REQUESTS, 1, row->isl, chunk);
        plan->requests_per_s = row->load_value;
        break;
    case XO_LOAD_TRACE:
        plan->n_requests = (int64_t)fmin((double)row->trace.n, MAX_REQUESTS);
        plan->requests_per_s = (double)row->trace.n / row->trace.period_s;
        break;
    default:
        plan->n_requests = bounded(given > 0 ? given : DEFAULT_REQUESTS, 1, row->isl, chunk);
        plan->n_clients = (int)plan->n_requests;
    }
    /* A prompt that was seen before is recomputed from its last block on (vLLM, "Automatic prefix
     * caching": only whole blocks are kept, and at least one token must run). */
    if (row->notes.few_prompts)
        plan->shared_prefix_tokens = ((int32_t)row->isl - 1) / BLOCK_TOKENS * BLOCK_TOKENS;
}

bool xo_row_plan(const struct xo_measured_row *row, struct xo_row_plan *plan, struct xo_error *err)
{
    if (!check_row(row, err))
        return false;
    const struct habit *h = habit_of(row);
    struct xo_row_plan made = {
        .deployment = { .gpu = row->gpu->gpu,
                        .model = row->model->model,
                        .engine = row->engine,
                        .weights = row->weights,
                        .kv = kv_of(row, h),
                        .efficiency = is_of_2024(row, h) ? xo_efficiency_of_2024(row->engine)
                                                         : xo_efficiency_default(row->engine) },
    };
    plan_parallel(row, &made.deployment);
    plan_engine(row, h, &made);
    plan_load(row, h, &made);
    const int replica = xo_deployment_gpus(&made.deployment);
    if (row->n_gpus > 0 && row->n_gpus < replica)
        return xo_fail(err, XO_ERR_INPUT, "a replica takes %d GPUs and there are %d", replica,
                       row->n_gpus);
    made.n_replicas = row->n_gpus > 0 ? row->n_gpus / replica : 1;
    *plan = made;
    return true;
}

/* ---- the run ---- */

/* Lengths as the row has them; the caller frees both distributions. */
static bool set_lengths(struct xo_class *class, const struct xo_measured_row *row,
                        const struct xo_row_plan *plan, struct xo_error *err)
{
    const double s = plan->spread;
    if (row->load == XO_LOAD_TRACE)
        return xo_dist_constant(&class->prompt, 1, err) && xo_dist_constant(&class->output, 1, err);
    if (s == 0)
        return xo_dist_constant(&class->prompt, row->isl, err) &&
               xo_dist_constant(&class->output, row->osl, err);
    return xo_dist_by_range(&class->prompt, XO_DIST_UNIFORM, row->isl * (1 - s), row->isl,
                            row->isl * (1 + s), err) &&
           xo_dist_by_range(&class->output, XO_DIST_UNIFORM, row->osl * (1 - s), row->osl,
                            row->osl * (1 + s), err);
}

/* Tokens that the room holds in requests like the row's, in whole blocks, as engines print it. */
static double room_tokens(const struct xo_kv_room *kv, const struct xo_measured_row *row)
{
    const double given = row->load == XO_LOAD_TRACE ? 1024 : row->isl + row->osl;
    const double tokens = ceil(given / kv->block_tokens) * kv->block_tokens;
    const double bytes = xo_kv_sequence_bytes(kv, tokens);
    return bytes > 0 ? (double)kv->room_bytes / bytes * tokens : NAN;
}

/* What a client sees later than the engine's first token: it waits before it may join, and for all
 * tokens of the first piece, which then leaves as much less time for those that follow. */
static void add_client_view(double m[XO_N_MEASURES], const struct xo_row_plan *plan, double osl)
{
    const double tpot_s = m[XO_MEASURE_TPOT];
    if (isnan(tpot_s) || (plan->wait_steps == 0 && plan->stream_tokens == 1))
        return;
    const double gaps = fmin(plan->stream_tokens, osl) - 1;
    const double wait_s = plan->wait_steps * tpot_s, piece_s = gaps * tpot_s;
    for (int i = -1; i < XO_MEASURE_TPOT_P50 - XO_MEASURE_TTFT_P50; i++) {
        m[i < 0 ? XO_MEASURE_TTFT : XO_MEASURE_TTFT_P50 + i] += wait_s + piece_s;
        m[i < 0 ? XO_MEASURE_TPOT : XO_MEASURE_TPOT_P50 + i] *= 1 - gaps / fmax(osl - 1, 1);
        m[i < 0 ? XO_MEASURE_E2E : XO_MEASURE_E2E_P50 + i] += wait_s;
    }
}

static void add_percentiles(double m[4], const struct xo_hist *hist)
{
    static const double quantiles[] = { 0.5, 0.9, 0.95, 0.99 };
    for (int i = 0; i < 4; i++)
        m[i] = xo_hist_quantile(hist, quantiles[i]);
}

static void take_measures(const struct xo_tally *tally, double osl, struct xo_prediction *p)
{
    const struct xo_class_tally *c = &tally->classes[0];
    const bool any = c->n_finished > 0;
    const double values[XO_N_MEASURES] = {
        [XO_MEASURE_OUTPUT] = any ? (double)c->output_tokens / tally->window_s : NAN,
        [XO_MEASURE_TTFT] = any ? c->ttft.mean : NAN,
        [XO_MEASURE_TPOT] = c->tpot.n > 0 ? c->tpot.mean : NAN,
        [XO_MEASURE_E2E] = any ? c->e2e.mean : NAN,
    };
    memcpy(p->predicted, values, sizeof values);
    add_percentiles(p->predicted + XO_MEASURE_TTFT_P50, &c->ttft_hist);
    add_percentiles(p->predicted + XO_MEASURE_TPOT_P50, &c->tpot_hist);
    add_percentiles(p->predicted + XO_MEASURE_E2E_P50, &c->e2e_hist);
    add_client_view(p->predicted, &p->plan, osl);
    p->n_preemptions = tally->n_preemptions;
    p->n_rejected = c->n_fates[XO_FATE_REJECTED];
}

/* The requests of a log one by one: their percentiles are not those of a histogram's bins. */
struct watch {
    struct xo_served served; /* as simulated */
    int64_t from;
    double frontend_s;
};

static void see_request(void *self, const struct xo_request_log *log)
{
    struct watch *w = self;
    const struct xo_request *r = &log->request;
    const int64_t i = r->id - w->from;
    if (i < 0 || i >= (int64_t)w->served.n || isnan(log->finished_s))
        return;
    w->served.ttft_s[i] = log->first_token_s - r->arrival_s + w->frontend_s;
    w->served.e2e_s[i] = log->finished_s - r->arrival_s + w->frontend_s;
    if (r->output_tokens > 1)
        w->served.tpot_s[i] = (log->finished_s - log->first_token_s) / (r->output_tokens - 1);
}

static bool watch_init(struct watch *w, const struct xo_row_plan *plan, struct xo_error *err)
{
    const int64_t to = plan->to_request > 0 ? plan->to_request : plan->n_requests;
    const size_t n = (size_t)(to - plan->from_request);
    double *times = malloc(3 * n * sizeof *times);
    if (times == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu requests", n);
    for (size_t i = 0; i < 3 * n; i++)
        times[i] = NAN;
    *w = (struct watch){ { n, times, times + n, times + 2 * n, NAN },
                         plan->from_request,
                         plan->engine.frontend_s };
    return true;
}

static bool run_workload(const struct xo_measured_row *row, const struct xo_row_plan *plan,
                         const struct xo_step_model *step, const struct xo_kv_room *kv,
                         const volatile int *stop, struct watch *watch, struct xo_tally *tally,
                         struct xo_error *err)
{
    enum { SEED = 1 };
    struct xo_workload w = {
        .arrivals = { plan->constant_rate ? XO_ARRIVALS_DETERMINISTIC : XO_ARRIVALS_POISSON,
                      plan->constant_rate ? 0 : 1,
                      { 1, 0, 0 } },
        .classes = { { .weight = 1, .shared_prefix_tokens = plan->shared_prefix_tokens } },
        .n_classes = 1,
        .trace = row->load == XO_LOAD_TRACE ? &row->trace : NULL,
        .n_clients = plan->n_clients,
        .client_gap_s = 1e-3,
    };
    const struct xo_source_options options = {
        .requests_per_s = plan->n_clients > 0 ? 1 : plan->requests_per_s,
        .seed = SEED,
        .stationary = row->load == XO_LOAD_RATE,
    };
    const struct xo_window window = { .to_s = INFINITY,
                                      .max_requests = plan->n_requests,
                                      .max_sends = plan->n_requests,
                                      .observe = watch != NULL ? see_request : NULL,
                                      .observer = watch,
                                      .stop = stop };
    const struct xo_fleet fleet = { .step = step,
                                    .kv = *kv,
                                    .engine = plan->engine,
                                    .router = XO_ROUTE_LEAST_OUTSTANDING,
                                    .n_replicas = plan->n_replicas,
                                    .seed = SEED };
    struct xo_source *source = NULL;
    bool ok = set_lengths(&w.classes[0], row, plan, err);
    if (ok)
        source = xo_source_new(&w, &options, err);
    ok = source != NULL && xo_fleet_run(&fleet, &w, source, &window, tally, err);
    xo_source_free(source);
    xo_dist_fini(&w.classes[0].prompt);
    xo_dist_fini(&w.classes[0].output);
    return ok;
}

bool row_simulate(const struct xo_measured_row *row, const volatile int *stop,
                  struct xo_prediction *p, struct xo_error *err)
{
    struct xo_kv_room kv;
    struct xo_step_model *step = NULL;
    struct xo_tally *tally = NULL;
    struct watch watch = { 0 }, *const watched = row->load == XO_LOAD_TRACE ? &watch : NULL;
    bool ok = xo_kv_room(&p->plan.deployment, &kv, err) &&
              (watched == NULL || watch_init(watched, &p->plan, err));
    if (ok)
        step = xo_step_model_new(&p->plan.deployment, err);
    if (step != NULL)
        tally = xo_tally_new(1, err);
    ok = tally != NULL && run_workload(row, &p->plan, step, &kv, stop, watched, tally, err);
    if (ok) {
        take_measures(tally, row->osl, p);
        ok = watched == NULL ||
             xo_served_measure(&watch.served, 0, watch.served.n, p->predicted, err);
        p->kv_room_tokens = room_tokens(&kv, row);
        if (ok && tally->classes[0].n_finished == 0)
            ok = xo_fail(err, XO_ERR_INPUT,
                         "no request fits: there is KV room for %.0f tokens, and one needs %.0f",
                         p->kv_room_tokens, row->isl + row->osl);
    }
    xo_served_fini(&watch.served);
    xo_tally_free(tally);
    xo_step_model_free(step);
    return ok;
}

static void predict(const struct xo_measured_row *row, const volatile int *stop,
                    struct xo_prediction *p, bool *failed, struct xo_error *err)
{
    struct xo_error why = { 0 };
    for (int i = 0; i < XO_N_MEASURES; i++)
        p->predicted[i] = NAN;
    p->kv_room_tokens = p->kv_need_frac = NAN;
    p->simulated = xo_row_plan(row, &p->plan, &why) && row_simulate(row, stop, p, &why);
    if (p->simulated)
        return;
    xo_text_copy(p->why, sizeof p->why, why.text);
    *failed = why.kind == XO_ERR_MEMORY || why.kind == XO_ERR_STOPPED;
    if (*failed)
        *err = why;
}

static bool predict_all(struct xo_validation *v, const struct xo_study_options *options,
                        struct xo_error *err)
{
    const int64_t n = (int64_t)v->measured->n;
    int64_t failed_at = n, n_done = 0;
#pragma omp parallel for schedule(dynamic, 4) num_threads(study_threads(options))
    for (int64_t i = 0; i < n; i++) {
        struct xo_error own;
        bool failed = false;
        predict(&v->measured->rows[i], options->stop, &v->rows[i], &failed, &own);
#pragma omp critical(xo_validate)
        {
            if (failed && i < failed_at) {
                failed_at = i;
                if (err != NULL)
                    *err = own;
            }
            n_done++;
            if (options->progress != NULL && n_done * 100 / n != (n_done - 1) * 100 / n)
                options->progress(options->progress_self, (double)n_done / (double)n, "rows");
        }
    }
    for (int64_t i = 0; i < n; i++) {
        v->n_simulated += v->rows[i].simulated;
        v->n_skipped += !v->rows[i].simulated;
        v->n_requests += v->rows[i].simulated ? v->rows[i].plan.n_requests : 0;
    }
    return failed_at == n;
}

bool xo_validate(struct xo_validation **validation, const struct xo_measured *measured,
                 const struct xo_study_options *options, struct xo_error *err)
{
    struct xo_validation *v = calloc(1, sizeof *v);
    struct xo_prediction *rows = calloc(measured->n > 0 ? measured->n : 1, sizeof *rows);
    if (v == NULL || rows == NULL) {
        free(v);
        free(rows);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu rows", measured->n);
    }
    v->measured = measured;
    v->rows = rows;
    if (!predict_all(v, options, err) || !score_all(v, err) || !find_saturation(v, err) ||
        !judge_targets(v, err)) {
        xo_validation_free(v);
        return false;
    }
    *validation = v;
    return true;
}

void xo_validation_free(struct xo_validation *v)
{
    if (v == NULL)
        return;
    free(v->rows);
    free(v->scores);
    free(v->series);
    free(v);
}
