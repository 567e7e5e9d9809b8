/* bench.c - how many requests a second one core simulates, traffic and tallies included.
 *
 * Llama 3.1 8B in bf16 on one H100; prompts lognormal with mean 2000 and cv 1, outputs with mean
 * 500 and cv 1, 32k of context, 2048 tokens a step, at most 256 sequences, 0.9 of the memory.
 *   (i)   one replica, Poisson, 5 requests/s
 *   (ii)  one replica at 0.95 of the rate at which it saturates, measured first
 *   (iii) 16 replicas, least outstanding, 5 requests/s each
 * and the floor: what a request must cost whatever the engine does (its draws, one push and pop of
 * a heap, one histogram update). Fails where a queue still grows.
 * Usage: bench [MILLIONS of requests a case]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/des.h"
#include "xo/serving.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double rate_i = 5;

static void give_up(const char *what, const struct xo_error *err)
{
    fprintf(stderr, "bench: %s: %s\n", what, err->text);
    exit(EXIT_FAILURE);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Dimensions: the model's config.json. GPU: NVIDIA's data sheet, memory as the driver shows it. */
static struct xo_deployment deployment(void)
{
    struct xo_deployment d = {
        .gpu = { .name = "h100-sxm",
                 .generation = XO_GEN_HOPPER,
                 .memory_bytes = 85.52e9,
                 .hbm_bytes_per_s = 3.35e12,
                 .bf16_flop_per_s = 989.4e12,
                 .fp8_flop_per_s = 1978.9e12 },
        .model = { .name = "llama-3.1-8b",
                   .layers = 32,
                   .hidden = 4096,
                   .heads = 32,
                   .kv_heads = 8,
                   .head_dim = 128,
                   .intermediate = 14336,
                   .vocab = 128256,
                   .max_context_tokens = 131072,
                   .native_weights = XO_BF16 },
        .weights = XO_BF16,
        .kv = XO_BF16,
        .tensor_parallel = 1,
        .expert_parallel = 1,
        .pipeline_parallel = 1,
        .attention_dp = 1,
        .memory_frac = 0.9,
        .chunk_tokens = 2048,
        .max_batch = 256,
    };
    d.efficiency = xo_efficiency_default(XO_ENGINE_VLLM);
    return d;
}

static void set_workload(struct xo_workload *w, struct xo_error *err)
{
    *w = (struct xo_workload){
        .arrivals = { .kind = XO_ARRIVALS_POISSON, .cv = 1, .bursts = { .factor = 1 } },
        .n_classes = 1,
    };
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        w->profile.hour_weight[h] = 1;
    strcpy(w->classes[0].name, "chat");
    w->classes[0].weight = 1;
    w->classes[0].max_context_tokens = 32768;
    if (!xo_dist_by_moments(&w->classes[0].prompt, XO_DIST_LOGNORMAL, 2000, 1, err) ||
        !xo_dist_by_moments(&w->classes[0].output, XO_DIST_LOGNORMAL, 500, 1, err))
        give_up("lengths", err);
}

static struct xo_source *source_of(const struct xo_workload *w, double rate)
{
    struct xo_error err = { 0 };
    const struct xo_source_options options = { .requests_per_s = rate, .seed = 1 };
    struct xo_source *source = xo_source_new(w, &options, &err);
    if (source == NULL)
        give_up("traffic", &err);
    return source;
}

/* ---- the floor ---- */

static double floor_s(const struct xo_workload *w, int64_t n)
{
    enum { IN_FLIGHT = 64 };
    struct xo_error err = { 0 };
    struct xo_source *source = source_of(w, rate_i);
    struct xo_calendar calendar;
    struct xo_hist *hist = calloc(1, sizeof *hist);
    if (hist == NULL || !xo_calendar_init(&calendar, IN_FLIGHT, &err))
        give_up("floor", &err);
    const double start_s = now_s();
    for (int64_t i = 0; i < n; i++) {
        struct xo_request request;
        xo_source_next(source, &request);
        const int32_t entity = (int32_t)(i % IN_FLIGHT);
        const double end_s = request.arrival_s + 0.01 * request.output_tokens;
        xo_calendar_clear(&calendar, entity);
        xo_calendar_set(&calendar, &(struct xo_event){ end_s, 0, entity });
        xo_hist_add(hist, end_s - request.arrival_s);
    }
    const double spent_s = now_s() - start_s;
    if (hist->n != n)
        give_up("floor", &err);
    free(hist);
    xo_calendar_fini(&calendar);
    xo_source_free(source);
    return spent_s;
}

/* ---- the cases ---- */

static struct xo_tally *simulate(const struct xo_fleet *fleet, const struct xo_workload *w,
                                 double rate, const struct xo_window *window)
{
    struct xo_error err = { 0 };
    struct xo_source *source = source_of(w, rate);
    struct xo_tally *tally = xo_tally_new(w->n_classes, &err);
    if (tally == NULL || !xo_fleet_run(fleet, w, source, window, tally, &err))
        give_up("run", &err);
    xo_source_free(source);
    return tally;
}

static struct xo_window window_of(double from_s, double to_s)
{
    struct xo_window window = { .from_s = from_s, .to_s = to_s };
    for (int i = 0; i < XO_MAX_TARGETS; i++)
        window.max_misses[0][i] = INT64_MAX;
    return window;
}

/* Requests a second of one replica that never lacks work: more clients than the batch holds. */
static double saturation_rate(const struct xo_fleet *fleet, const struct xo_workload *w)
{
    struct xo_workload closed = *w;
    closed.n_clients = 2 * fleet->engine.max_batch;
    struct xo_window window = window_of(1000, INFINITY);
    window.max_requests = 100000;
    struct xo_tally *t = simulate(fleet, &closed, 1, &window);
    const double rate = (double)t->classes[0].n_finished / t->window_s;
    xo_tally_free(t);
    return rate;
}

/* The queue grows when more are in the system in the second half of the run than in the first, by
 * more than chance does. */
static bool grows(const struct xo_fleet *fleet, const struct xo_workload *w, double rate,
                  double length_s, double whole_integral_s)
{
    const struct xo_window half = window_of(length_s / 2, length_s);
    struct xo_tally *t = simulate(fleet, w, rate, &half);
    const double later = t->in_system_integral_s, earlier = whole_integral_s - later;
    xo_tally_free(t);
    return later > 2 * earlier + 16 * length_s * fleet->n_replicas;
}

static bool report(const char *name, const struct xo_fleet *fleet, const struct xo_workload *w,
                   double rate, double millions, double floor_per_request_s)
{
    const double length_s = 1e6 * millions / rate;
    const struct xo_window window = window_of(0, length_s);
    const double start_s = now_s();
    struct xo_tally *t = simulate(fleet, w, rate, &window);
    const double spent_s = now_s() - start_s;
    const double n = (double)t->n_simulated;
    const bool growing = grows(fleet, w, rate, length_s, t->in_system_integral_s);
    printf("%-5s %7.2f %10.2f M %8.0f %8.2f %10.1f %6.0f %% %10lld %12.2f %16lld%s\n", name, rate,
           n / spent_s / 1e6, spent_s / n * 1e9, spent_s / n / floor_per_request_s,
           t->batch_integral_s / t->window_s / fleet->n_replicas, 100 * t->kv_peak_frac,
           (long long)t->n_preemptions, (double)t->n_events / n, (long long)t->queue_at_to,
           growing ? "  STILL GROWING" : "");
    xo_tally_free(t);
    return !growing;
}

int main(int argc, char **argv)
{
    const double millions = argc > 1 && atof(argv[1]) > 0 ? atof(argv[1]) : 2;
    struct xo_error err = { 0 };
    struct xo_workload workload;
    set_workload(&workload, &err);
    const struct xo_deployment d = deployment();
    struct xo_step_model *step = xo_step_model_new(&d, &err);
    struct xo_fleet fleet = {
        .step = step,
        .engine = { .admission = XO_ADMIT_PROMPT,
                    .chunk_tokens = d.chunk_tokens,
                    .max_batch = d.max_batch,
                    .fast_forward = true },
        .router = XO_ROUTE_LEAST_OUTSTANDING,
        .n_replicas = 1,
        .seed = 1,
    };
    if (step == NULL || !xo_kv_room(&d, &fleet.kv, &err))
        give_up("hardware", &err);
    const int64_t n = (int64_t)(1e6 * millions);
    const double floor_per_request_s = floor_s(&workload, n) / (double)n;
    printf("floor %.0f ns a request: its draws, one push and pop, one histogram update\n",
           1e9 * floor_per_request_s);
    printf("case    req/s  simulated/s  ns each  x floor  occupancy  KV peak  preempted  events "
           "each  in queue at end\n");
    bool settled = report("(i)", &fleet, &workload, rate_i, millions, floor_per_request_s);
    const double saturated = saturation_rate(&fleet, &workload);
    settled &= report("(ii)", &fleet, &workload, 0.95 * saturated, millions, floor_per_request_s);
    fleet.n_replicas = 16;
    settled &= report("(iii)", &fleet, &workload, 16 * rate_i, millions, floor_per_request_s);
    xo_step_model_free(step);
    xo_dist_fini(&workload.classes[0].prompt);
    xo_dist_fini(&workload.classes[0].output);
    return settled ? EXIT_SUCCESS : EXIT_FAILURE;
}
