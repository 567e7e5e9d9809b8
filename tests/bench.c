/* bench.c - how many requests a second one core simulates, traffic and tallies included.
 *
 * Llama 3.1 8B in bf16 on one H100; prompts lognormal with mean 2000 and cv 1, outputs with mean
 * 500 and cv 1, 32k of context, 2048 tokens a step, at most 256 sequences, 0.9 of the memory.
 *   (i)   one replica, Poisson, 5 requests/s
 *   (ii)  one replica at 0.95 of the rate at which it saturates, measured first
 *   (iii) 16 replicas, least outstanding, 5 requests/s each
 *   (iv)  as (i), with limits on TTFT and TPOT and a run that misses would end, as in a search
 *   (v)   as (i) at 3 requests/s, every fifth of a second class: prompts of 8000, outputs of 300
 * in multiples of the floor (bench_floor.h). Fails where a queue still grows. bench_table reads the
 * lines of the cases.
 * Usage: bench_serving [MILLIONS of requests a case]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench_floor.h"
#include "xo/serving.h"

#include <string.h>

static const double rate_i = 5, rate_v = 3;

static void give_up(const char *what, const struct xo_error *err)
{
    fprintf(stderr, "bench: %s: %s\n", what, err->text);
    exit(EXIT_FAILURE);
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

static void add_class(struct xo_workload *w, const char *name, double weight, double prompt_tokens,
                      double output_tokens)
{
    struct xo_error err = { 0 };
    struct xo_class *c = &w->classes[w->n_classes++];
    strcpy(c->name, name);
    c->weight = weight;
    c->max_context_tokens = 32768;
    if (!xo_dist_by_moments(&c->prompt, XO_DIST_LOGNORMAL, prompt_tokens, 1, &err) ||
        !xo_dist_by_moments(&c->output, XO_DIST_LOGNORMAL, output_tokens, 1, &err))
        give_up("lengths", &err);
}

/* Chat, of which a share may be long prompts instead. */
static struct xo_workload *workload_new(double long_share)
{
    struct xo_error err = { .text = "out of memory" };
    struct xo_workload *w = calloc(1, sizeof *w);
    if (w == NULL)
        give_up("workload", &err);
    w->arrivals = (struct xo_arrivals){ .kind = XO_ARRIVALS_POISSON, .cv = 1, .bursts.factor = 1 };
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        w->profile.hour_weight[h] = 1;
    add_class(w, "chat", 1 - long_share, 2000, 500);
    if (long_share > 0)
        add_class(w, "long", long_share, 8000, 300);
    return w;
}

static void workload_free(struct xo_workload *w)
{
    for (int c = 0; c < w->n_classes; c++) {
        xo_dist_fini(&w->classes[c].prompt);
        xo_dist_fini(&w->classes[c].output);
    }
    free(w);
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

/* All is measured, and nothing is held to a limit. */
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

/* Limits that are kept, and misses that would end the run: one in twenty, and ten. */
static void set_limits(struct xo_window *window, double n_expected)
{
    window->slo[0] = (struct xo_slo){
        .n_targets = 2, .targets = { { XO_METRIC_TTFT, 0.95, 1.5 }, { XO_METRIC_TPOT, 0.95, 0.05 } }
    };
    for (int t = 0; t < window->slo[0].n_targets; t++)
        window->max_misses[0][t] = (int64_t)(0.05 * n_expected) + 10;
}

struct bench_case {
    const char *name;
    const struct xo_workload *workload; /* borrowed */
    int n_replicas;
    double rate; /* requests/s of the fleet */
    bool limited;
};

/* One line; false where the queue grows or misses ended the run. */
static bool report(const struct bench_case *b, struct xo_fleet fleet, double n_wanted,
                   double floor_s)
{
    const double length_s = n_wanted / b->rate;
    struct xo_window window = window_of(0, length_s);
    if (b->limited)
        set_limits(&window, n_wanted);
    fleet.n_replicas = b->n_replicas;
    const double start_s = cpu_now_s();
    struct xo_tally *t = simulate(&fleet, b->workload, b->rate, &window);
    const double n = (double)t->n_simulated, each_s = (cpu_now_s() - start_s) / n;
    const bool growing = grows(&fleet, b->workload, b->rate, length_s, t->in_system_integral_s);
    const bool settled = !growing && !t->stopped_early;
    printf("%-5s %7.2f %10.2f M %8.0f %8.2f %10.1f %6.0f %% %10lld %12.2f %16lld%s%s\n", b->name,
           b->rate, 1e-6 / each_s, 1e9 * each_s, each_s / floor_s,
           t->batch_integral_s / t->window_s / fleet.n_replicas, 100 * t->kv_peak_frac,
           (long long)t->n_preemptions, (double)t->n_events / n, (long long)t->queue_at_to,
           growing ? "  STILL GROWING" : "", t->stopped_early ? "  ENDED BY MISSES" : "");
    xo_tally_free(t);
    return settled;
}

int main(int argc, char **argv)
{
    const double n = 1e6 * (argc > 1 && atof(argv[1]) > 0 ? atof(argv[1]) : 2);
    struct xo_error err = { 0 };
    struct xo_workload *chat = workload_new(0), *mixed = workload_new(0.2);
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
    const struct bench_case cases[] = {
        { "(i)", chat, 1, rate_i, false },
        { "(ii)", chat, 1, 0.95 * saturation_rate(&fleet, chat), false },
        { "(iii)", chat, 16, 16 * rate_i, false },
        { "(iv)", chat, 1, rate_i, true },
        { "(v)", mixed, 1, rate_v, false },
    };
    const double floor_s = floor_per_request_s((int64_t)n);
    printf("floor %.0f ns a request\n", 1e9 * floor_s);
    printf("case    req/s  simulated/s  ns each  x floor  occupancy  KV peak  preempted  events "
           "each  in queue at end\n");
    bool settled = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        settled &= report(&cases[i], fleet, n, floor_s);
    xo_step_model_free(step);
    workload_free(mixed);
    workload_free(chat);
    return settled ? EXIT_SUCCESS : EXIT_FAILURE;
}
