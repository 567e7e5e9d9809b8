/* test_oracle.c - whole stretches in closed form against one step at a time: the same times for
 * every request, bit for bit, over random scenarios; and what both must conserve.
 *
 * A scenario draws everything that could matter: step model (constant, dense, windowed), KV rooms
 * so small that sequences are preempted, block sizes, admission, chunks, batch, routers, fleets,
 * arrivals (deterministic ones tie with constant steps), bursts, prefixes, closed loops, traces. A
 * quarter of them once more, with far more replicas, which share a queue.
 * Usage: test_oracle [N_SCENARIOS], or the environment's XO_ORACLE_SCENARIOS.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "serving_kit.h"

enum { N_SCENARIOS = 400, N_REQUESTS = 160, MANY_REPLICAS = 70 };

/* ---- drawing a scenario ---- */

struct dice {
    struct xo_stream stream;
    uint32_t slot;
};

static double draw(struct dice *dice)
{
    return xo_uniform(&dice->stream, 0, dice->slot++);
}

static double between(struct dice *dice, double lo, double hi) /* log-uniform */
{
    return lo * pow(hi / lo, draw(dice));
}

#define PICK(DICE, ...)                                                                            \
    ((const double[]){ __VA_ARGS__ }[(                                                             \
        size_t)(draw(DICE) * (double)(sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double)))])

struct case_of {
    struct xo_step_model *model;
    struct xo_fleet fleet;
    struct xo_workload workload;
    struct xo_source_options options;
    struct xo_window window;
    struct xo_trace trace;
    double arrival_s[N_REQUESTS];
    int32_t prompt_tokens[N_REQUESTS], output_tokens[N_REQUESTS];
};

/* A small model on a small GPU, so that drawing a step model takes no time; windowed on request,
 * and with experts where it is on several attention ranks. */
static struct xo_step_model *some_model(struct dice *dice, int window_layers, int window_tokens,
                                        int stages, int ranks)
{
    struct xo_deployment d = {
        .gpu = { .name = "toy",
                 .generation = XO_GEN_HOPPER,
                 .memory_bytes = 80e9,
                 .hbm_bytes_per_s = between(dice, 1e11, 3e12),
                 .bf16_flop_per_s = between(dice, 1e13, 1e15) },
        .model = { .name = "toy",
                   .layers = 12,
                   .hidden = 1024,
                   .heads = 16,
                   .kv_heads = 4,
                   .head_dim = 64,
                   .intermediate = 4096,
                   .vocab = 32000,
                   .experts = ranks > 1 ? 8 : 0,
                   .experts_per_token = ranks > 1 ? 2 : 0,
                   .expert_intermediate = ranks > 1 ? 512 : 0,
                   .window_tokens = window_tokens,
                   .window_layers = window_layers,
                   .max_context_tokens = 8192 },
        .weights = XO_BF16,
        .kv = XO_BF16,
        .tensor_parallel = 1,
        .expert_parallel = ranks,
        .pipeline_parallel = stages,
        .attention_dp = ranks,
        .memory_frac = 0.9,
        .chunk_tokens = 64,
        .max_batch = 64,
    };
    d.efficiency = xo_efficiency_default(XO_ENGINE_VLLM);
    struct xo_error err = { 0 };
    struct xo_step_model *model = xo_step_model_new(&d, &err);
    ck_assert_msg(model != NULL, "%s", err.text);
    return model;
}

/* A third have constant steps of 1/64 s, which deterministic arrivals hit exactly. Of the others
 * every fourth is on two attention ranks or more, every fifth on two pipeline stages. */
static void draw_fleet(struct case_of *k, struct dice *dice, int number)
{
    const int stages = number % 5 == 0 ? 2 : 1, ranks = number % 4 == 0 ? 2 + number % 3 : 1;
    const int kind = (int)PICK(dice, 0, 0, 1, 1, 2, 3);
    const int window_tokens = (int)PICK(dice, 1, 40, 100, 128);
    k->model = kind == 0 ? xo_step_model_constant(1.0 / 64, NULL)
                         : some_model(dice, kind >= 2 ? 6 : 0, kind >= 2 ? window_tokens : 0,
                                      stages, ranks);
    ck_assert_ptr_nonnull(k->model);
    const int block = (int)PICK(dice, 16, 16, 16, 1, 7, 32);
    k->fleet = (struct xo_fleet){
        .step = k->model,
        .kv = { .full_block_bytes = 1000, .block_tokens = block },
        .engine = { .admission = (enum xo_kv_admission)PICK(dice, XO_ADMIT_PROMPT, XO_ADMIT_CHUNK,
                                                            XO_ADMIT_RESERVE),
                    .chunk_tokens = (int64_t)PICK(dice, 16, 50, 256, 2048),
                    .max_batch = (int)PICK(dice, 1, 2, 8, 64, 300),
                    .frontend_s = PICK(dice, 0, 0.125),
                    .schedule_ahead = draw(dice) < 0.4 },
        .router = (enum xo_router)PICK(dice, 0, 1, 2, 3, 4, 4),
        .n_replicas = (int)PICK(dice, 1, 1, 2, 3, 5),
        .seed = k->options.seed,
    };
    k->fleet.kv.room_bytes = (int64_t)between(dice, 150, 20000) / block * 1000;
    if (kind == 2) {
        k->fleet.kv.window_block_bytes = 700;
        k->fleet.kv.window_blocks = (window_tokens + block - 1) / block + 1;
    }
    if (kind == 1)
        k->fleet.kv.state_bytes = (int64_t)PICK(dice, 0, 1, 777, 5000, 90000);
}

static void draw_workload(struct case_of *k, struct dice *dice)
{
    struct xo_workload *w = &k->workload;
    const double burst = PICK(dice, 1, 1, 6);
    w->arrivals = (struct xo_arrivals){ .kind = (enum xo_arrival_kind)PICK(
                                            dice, XO_ARRIVALS_DETERMINISTIC, XO_ARRIVALS_POISSON,
                                            XO_ARRIVALS_GAMMA),
                                        .cv = 2.5,
                                        .bursts = { burst, 0.2, 3 } };
    if (w->arrivals.kind == XO_ARRIVALS_DETERMINISTIC)
        w->arrivals.cv = 0;
    if (w->arrivals.kind == XO_ARRIVALS_POISSON)
        w->arrivals.cv = 1;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        w->profile.hour_weight[h] = 1;
    w->n_classes = (int)PICK(dice, 1, 2);
    for (int c = 0; c < w->n_classes; c++) {
        struct xo_class *class = &w->classes[c];
        strcpy(class->name, c == 0 ? "one" : "two");
        class->weight = 1.0 / w->n_classes;
        class->shared_prefix_tokens = (int32_t)PICK(dice, 0, 0, 0, 5, 48, 77);
        class->max_context_tokens = (int32_t)PICK(dice, 200, 1000, 8000);
        ck_assert(xo_dist_by_moments(&class->prompt, XO_DIST_LOGNORMAL, between(dice, 5, 400),
                                     PICK(dice, 0, 1), NULL));
        ck_assert(xo_dist_by_moments(&class->output, XO_DIST_LOGNORMAL, between(dice, 1, 100),
                                     PICK(dice, 0, 1), NULL));
    }
}

/* The same requests as a trace that ends: from empty to empty. */
static void draw_trace(struct case_of *k, struct dice *dice)
{
    double now_s = 0;
    for (int i = 0; i < N_REQUESTS; i++) {
        now_s += PICK(dice, 0, 1, 1, 4) * floor(between(dice, 1, 20)) / 64;
        k->arrival_s[i] = now_s;
        k->prompt_tokens[i] = (int32_t)between(dice, 1, 500);
        k->output_tokens[i] = (int32_t)between(dice, 1, 150);
    }
    k->trace = (struct xo_trace){ .n = N_REQUESTS,
                                  .arrival_s = k->arrival_s,
                                  .prompt_tokens = k->prompt_tokens,
                                  .output_tokens = k->output_tokens,
                                  .period_s = N_REQUESTS * 1048576.0 };
    k->workload.trace = &k->trace;
    k->workload.n_classes = 1;
    k->workload.classes[0].weight = 1;
    k->workload.classes[0].max_context_tokens = INT32_MAX;
    k->options.requests_per_s = 1 / 1048576.0;
    k->window = window_until(1048576);
}

static void draw_open(struct case_of *k, struct dice *dice)
{
    k->options.requests_per_s = floor(between(dice, 1, 64)) / PICK(dice, 1, 3);
    k->window = window_until(N_REQUESTS / k->options.requests_per_s);
    k->window.from_s = k->window.to_s * PICK(dice, 0, 0.3);
}

static void draw_closed(struct case_of *k, struct dice *dice)
{
    k->options.requests_per_s = 1;
    k->workload.n_clients = (int)between(dice, 1, 40);
    k->workload.client_gap_s = PICK(dice, 0, 1.0 / 64, 0.001, 1.5);
    k->window = window_until(INFINITY);
    k->window.max_requests = N_REQUESTS;
}

static struct case_of *case_new(int number)
{
    struct case_of *k = calloc(1, sizeof *k);
    ck_assert_ptr_nonnull(k);
    struct dice dice = { .stream = { 2024, (uint32_t)number, XO_PURPOSE_SAMPLE } };
    k->options = (struct xo_source_options){ .seed = (uint64_t)number + 17 };
    draw_fleet(k, &dice, number);
    draw_workload(k, &dice);
    const int kind = number % 3;
    (kind == 0 ? draw_trace : kind == 1 ? draw_open : draw_closed)(k, &dice);
    if (draw(&dice) < 0.3)
        for (int c = 0; c < XO_MAX_CLASSES; c++)
            k->window.slo[c].timeout_s = PICK(&dice, 0.5, 3);
    k->fleet.engine.keeps_preempted = draw(&dice) < 0.5;
    return k;
}

static void case_free(struct case_of *k)
{
    for (int c = 0; c < XO_MAX_CLASSES; c++) {
        xo_dist_fini(&k->workload.classes[c].prompt);
        xo_dist_fini(&k->workload.classes[c].output);
    }
    xo_step_model_free(k->model);
    free(k);
}

static struct xo_tally *case_run(struct case_of *k, bool fast_forward, struct journal *journal)
{
    k->fleet.engine.fast_forward = fast_forward;
    k->fleet.engine.self_check = true;
    k->window.observe = journal_write;
    k->window.observer = journal;
    return run_fleet(&k->fleet, &k->workload, &k->options, &k->window);
}

/* ---- what must agree ---- */

static bool same(double x, double y)
{
    return x == y || (isnan(x) && isnan(y));
}

static bool same_log(const struct xo_request_log *x, const struct xo_request_log *y)
{
    return x->request.id == y->request.id && same(x->request.arrival_s, y->request.arrival_s) &&
           x->request.prompt_tokens == y->request.prompt_tokens &&
           x->request.output_tokens == y->request.output_tokens && x->replica == y->replica &&
           same(x->admitted_s, y->admitted_s) && same(x->first_token_s, y->first_token_s) &&
           same(x->finished_s, y->finished_s) && x->n_preemptions == y->n_preemptions &&
           x->fate == y->fate;
}

static void ck_same_journal(int number, const struct journal *x, const struct journal *y)
{
    ck_assert_msg(x->n == y->n && x->n_logged == y->n_logged,
                  "scenario %d: %zu ids and %zu ids logged", number, x->n, y->n);
    for (size_t i = 0; i < x->n; i++)
        ck_assert_msg(x->logs[i].request.id < 0 || same_log(&x->logs[i], &y->logs[i]),
                      "scenario %d, request %zu: finished at %.17g and %.17g, first token %.17g "
                      "and %.17g, replica %d and %d, %d and %d preemptions",
                      number, i, x->logs[i].finished_s, y->logs[i].finished_s,
                      x->logs[i].first_token_s, y->logs[i].first_token_s, x->logs[i].replica,
                      y->logs[i].replica, x->logs[i].n_preemptions, y->logs[i].n_preemptions);
}

static void ck_near(int number, const char *what, double x, double y)
{
    ck_assert_msg(fabs(x - y) <= 1e-9 * fmax(fabs(x), fabs(y)), "scenario %d: %s %.17g and %.17g",
                  number, what, x, y);
}

static void ck_same_tally(int number, const struct xo_tally *x, const struct xo_tally *y)
{
    ck_assert_int_eq(x->n_steps, y->n_steps);
    ck_assert_int_eq(x->n_preemptions, y->n_preemptions);
    ck_assert_int_eq(x->recomputed_tokens, y->recomputed_tokens);
    ck_assert_int_eq(x->steps_tokens, y->steps_tokens);
    ck_assert_int_eq(x->itl_hist.n, y->itl_hist.n);
    ck_assert_int_eq(x->queue_at_from, y->queue_at_from);
    ck_assert_int_eq(x->queue_at_to, y->queue_at_to);
    ck_assert_int_eq(x->n_simulated, y->n_simulated);
    ck_near(number, "busy", x->busy_s, y->busy_s);
    ck_near(number, "prefill", x->prefill_s, y->prefill_s);
    ck_near(number, "decode", x->decode_s, y->decode_s);
    ck_near(number, "batch", x->batch_integral_s, y->batch_integral_s);
    ck_near(number, "KV", x->kv_bytes_integral, y->kv_bytes_integral);
    ck_near(number, "KV peak", x->kv_peak_frac, y->kv_peak_frac);
    ck_near(number, "in system", x->in_system_integral_s, y->in_system_integral_s);
    ck_near(number, "flops", x->flops, y->flops);
    ck_near(number, "bytes", x->bytes, y->bytes);
    ck_near(number, "gaps", x->itl_hist.sum, y->itl_hist.sum);
}

/* ---- what must be conserved ---- */

/* Who came in is who ended, each class for itself, and the logs say the same: but for at most
 * n_cut_off who were still there when a run was cut short. */
static void ck_same_fates(const struct xo_tally *t, const int64_t logged[XO_N_FATES], int n_cut_off)
{
    int64_t fates[XO_N_FATES] = { 0 }, decided = 0;
    for (int c = 0; c < t->n_classes; c++) {
        const struct xo_class_tally *class = &t->classes[c];
        int64_t arrived = class->n_arrived;
        for (int f = 0; f < XO_N_FATES; f++) {
            arrived -= class->n_fates[f];
            fates[f] += class->n_fates[f];
        }
        ck_assert_int_eq(arrived, 0);
        decided += class->n_finished + class->n_timed_out + class->n_fates[XO_FATE_REJECTED];
    }
    for (int f = 0; f < XO_FATE_STILL_THERE; f++) {
        ck_assert_int_eq(fates[f], logged[f]);
        decided -= logged[f];
    }
    const int64_t unlogged = fates[XO_FATE_STILL_THERE] - logged[XO_FATE_STILL_THERE];
    ck_assert(unlogged >= 0 && unlogged <= n_cut_off);
    ck_assert_int_eq(decided, logged[XO_FATE_STILL_THERE]);
}

/* The prefix of each request that finished in time was there already, and nothing else was. */
static void ck_present(const struct case_of *k, const struct xo_tally *t,
                       const struct journal *journal)
{
    int64_t tokens = 0;
    for (int c = 0; c < t->n_classes; c++)
        tokens += t->classes[c].cached_tokens;
    for (size_t i = 0; i < journal->n; i++) {
        const struct xo_request_log *log = &journal->logs[i];
        const double timeout_s = k->window.slo[log->request.class_index].timeout_s;
        const double e2e_s = log->finished_s - log->request.arrival_s + k->fleet.engine.frontend_s;
        if (log->request.id >= 0 && log->fate == XO_FATE_HOME &&
            (timeout_s <= 0 || e2e_s <= timeout_s))
            tokens -= log->request.prefix_tokens;
    }
    ck_assert_int_eq(tokens, 0);
}

/* First come, first served: in each queue nobody starts before who came before, and nobody at all
 * behind one that has not started. Ids of an open loop are in the order of arrival. */
static void ck_first_come(const struct case_of *k, const struct journal *journal)
{
    double last_s[MANY_REPLICAS] = { 0 };
    ck_assert_int_le(k->fleet.n_replicas, MANY_REPLICAS);
    for (size_t i = 0; i < journal->n; i++) {
        const struct xo_request_log *log = &journal->logs[i];
        if (log->request.id < 0 || log->fate == XO_FATE_REJECTED)
            continue;
        double *last = &last_s[k->fleet.router == XO_ROUTE_SHARED_QUEUE ? 0 : log->replica];
        ck_assert(isnan(log->admitted_s) || log->admitted_s >= *last);
        *last = isnan(log->admitted_s) ? INFINITY : log->admitted_s;
    }
}

static void ck_sound(int number, const struct case_of *k, const struct xo_tally *t,
                     const struct journal *journal)
{
    int64_t fates[XO_N_FATES] = { 0 };
    for (size_t i = 0; i < journal->n; i++)
        if (journal->logs[i].request.id >= 0)
            fates[journal->logs[i].fate]++;
    ck_same_fates(t, fates, k->window.max_requests > 0 ? k->workload.n_clients : 0);
    ck_present(k, t, journal);
    if (k->workload.n_clients == 0)
        ck_first_come(k, journal);
    ck_assert_msg(t->kv_peak_frac <= 1, "scenario %d: KV beyond the room", number);
    ck_assert(t->busy_s <= k->fleet.n_replicas * t->window_s * (1 + 1e-12));
    ck_near(number, "busy", t->busy_s, t->prefill_s + t->decode_s);
    for (size_t i = 0; i < journal->n; i++) {
        const struct xo_request_log *log = &journal->logs[i];
        if (log->request.id < 0 || log->fate != XO_FATE_HOME)
            continue;
        ck_assert(log->request.arrival_s <= log->admitted_s &&
                  log->admitted_s < log->first_token_s && log->first_token_s <= log->finished_s);
        ck_assert((log->first_token_s == log->finished_s) == (log->request.output_tokens == 1));
    }
}

/* From empty to empty: every token is computed once, or again after a preemption; Little's law is
 * an identity; every token after a first one has a gap. */
static void ck_empty_to_empty(int number, const struct xo_tally *t, const struct journal *journal)
{
    int64_t tokens = t->recomputed_tokens, gaps = 0;
    double in_system_s = 0;
    for (size_t i = 0; i < journal->n; i++) {
        const struct xo_request *request = &journal->logs[i].request;
        ck_assert_int_eq(request->id, (int64_t)i);
        if (journal->logs[i].fate == XO_FATE_REJECTED)
            continue;
        tokens += request->prompt_tokens - request->prefix_tokens + request->output_tokens - 1;
        gaps += request->output_tokens - 1;
        in_system_s += journal->logs[i].finished_s - request->arrival_s;
    }
    ck_assert_uint_eq(journal->n, N_REQUESTS);
    ck_assert_int_eq(t->steps_tokens, tokens);
    ck_assert_int_eq(t->itl_hist.n, gaps);
    ck_near(number, "Little's law", t->in_system_integral_s, in_system_s);
}

/* What the scenarios met, so that a change of the dice cannot leave a case untried. */
static struct {
    int64_t preemptions, fates[XO_N_FATES], timeouts, ties, quiet_steps, events;
} met;

static void remember(const struct xo_tally *t, const struct journal *journal)
{
    met.preemptions += t->n_preemptions;
    met.quiet_steps += t->n_steps;
    met.events += t->n_events;
    for (int c = 0; c < t->n_classes; c++) {
        met.timeouts += t->classes[c].n_timed_out;
        for (int f = 0; f < XO_N_FATES; f++)
            met.fates[f] += t->classes[c].n_fates[f];
    }
    for (size_t i = 1; i < journal->n; i++)
        met.ties += journal->logs[i].finished_s == journal->logs[i - 1].finished_s ||
                    journal->logs[i].request.arrival_s == journal->logs[i - 1].finished_s;
}

static int n_scenarios(void)
{
    const char *text = getenv("XO_ORACLE_SCENARIOS");
    const int n = text != NULL ? atoi(text) : 0;
    return n > 0 ? n : N_SCENARIOS;
}

/* One scenario in stretches and in single steps. */
static void ck_agree(int number, struct case_of *k)
{
    struct journal fast = { 0 }, slow = { 0 };
    struct xo_tally *t = case_run(k, true, &fast), *u = case_run(k, false, &slow);
    ck_same_journal(number, &fast, &slow);
    ck_same_tally(number, t, u);
    ck_sound(number, k, t, &fast);
    if (k->workload.trace != NULL)
        ck_empty_to_empty(number, t, &fast);
    remember(t, &fast);
    xo_tally_free(t);
    xo_tally_free(u);
    journal_fini(&fast);
    journal_fini(&slow);
}

START_TEST(stretches_and_single_steps_agree_on_every_request_to_the_bit)
{
    for (int number = 0; number < n_scenarios(); number++) {
        struct case_of *k = case_new(number);
        ck_agree(number, k);
        case_free(k);
    }
    ck_assert_int_ge(met.preemptions, 1000);
    ck_assert_int_ge(met.fates[XO_FATE_HOME], 1000);
    ck_assert_int_ge(met.fates[XO_FATE_REJECTED], 1000);
    ck_assert_int_ge(met.fates[XO_FATE_STILL_THERE], 500);
    ck_assert_int_ge(met.timeouts, 1000);
    ck_assert_int_ge(met.ties, 1000);
    ck_assert_int_ge(met.quiet_steps, 2 * met.events);
}
END_TEST

/* So many come that some of the replicas are idle, some run and some are full. */
START_TEST(many_replicas_that_share_a_queue_agree_with_single_steps)
{
    for (int number = 0; number < n_scenarios() / 4; number++) {
        struct case_of *k = case_new(number);
        k->fleet.router = XO_ROUTE_SHARED_QUEUE;
        k->fleet.n_replicas = MANY_REPLICAS;
        if (number % 3 == 1)
            k->options.requests_per_s *= 16;
        k->window.from_s /= 16;
        k->window.to_s /= k->workload.trace != NULL ? 1 : 16;
        k->workload.n_clients *= 8;
        for (int i = 0; i < N_REQUESTS; i++)
            k->arrival_s[i] /= 16;
        ck_agree(number, k);
        case_free(k);
    }
}
END_TEST

START_TEST(one_seed_gives_one_history_and_another_seed_another)
{
    struct case_of *k = case_new(1);
    struct journal first = { 0 }, again = { 0 }, other = { 0 };
    struct xo_tally *t = case_run(k, true, &first), *u = case_run(k, true, &again);
    ck_same_journal(1, &first, &again);
    ck_assert_int_eq(memcmp(&t->itl_hist, &u->itl_hist, sizeof t->itl_hist), 0);
    ck_assert_int_eq(memcmp(t->classes, u->classes, sizeof *t->classes * (size_t)t->n_classes), 0);
    k->options.seed++;
    struct xo_tally *v = case_run(k, true, &other);
    ck_assert_int_ne(memcmp(&t->itl_hist, &v->itl_hist, sizeof t->itl_hist), 0);
    xo_tally_free(t);
    xo_tally_free(u);
    xo_tally_free(v);
    journal_fini(&first);
    journal_fini(&again);
    journal_fini(&other);
    case_free(k);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc > 1)
        setenv("XO_ORACLE_SCENARIOS", argv[1], 1);
    Suite *suite = suite_create("oracle");
    TCase *oracle = tcase_create("oracle");
    tcase_set_timeout(oracle, 0);
    tcase_add_test(oracle, stretches_and_single_steps_agree_on_every_request_to_the_bit);
    tcase_add_test(oracle, many_replicas_that_share_a_queue_agree_with_single_steps);
    tcase_add_test(oracle, one_seed_gives_one_history_and_another_seed_another);
    suite_add_tcase(suite, oracle);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
