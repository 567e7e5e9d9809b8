/* test_serving.c - batches worked out by hand, routers, windows, targets.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "serving/number_set.h"
#include "serving_kit.h"

#include <stddef.h>

#define N_OF(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* One run. As it is set up, a replica without limits to speak of takes steps of 1.25 s, whatever is
 * in them, so that every time below is a multiple, exact in binary, and recounts itself again and
 * again; the window of 100 s keeps a journal of every request. A test says what differs, then
 * serves. */
static struct xo_step_model *model;
static struct xo_fleet fleet;
static struct xo_workload workload; /* for serve_workload alone: one class, Poisson arrivals */
static struct xo_window window;
static struct journal journal;
static struct xo_tally *t; /* what came of it */

static void set_up(void)
{
    model = xo_step_model_constant(1.25, NULL);
    ck_assert_ptr_nonnull(model);
    fleet = fleet_of(model);
    fleet.engine.self_check = true;
    workload = workload_of(XO_DIST_CONSTANT, 7, 3, 0);
    window = window_until(100);
    window.observe = journal_write;
    window.observer = &journal;
}

static void tear_down(void)
{
    xo_tally_free(t);
    t = NULL; /* without a process for each test the next one may leave it so */
    journal_fini(&journal);
    workload_fini(&workload);
    xo_step_model_free(model);
}

static void use_model(struct xo_step_model *other)
{
    xo_step_model_free(model);
    fleet.step = model = other;
}

/* Serve requests[n] behind a shared prefix, and nothing else. */
static void serve_behind(int32_t prefix_tokens, const struct given given[], int n)
{
    t = serve_given(&fleet, given, n, prefix_tokens, &window);
}

static void serve(const struct given given[], int n)
{
    serve_behind(0, given, n);
}

/* Serve what the workload sends, requests of these lengths: its clients, or an open loop of
 * requests_per_s. */
static void serve_workload(double prompt, double output, double requests_per_s)
{
    ck_assert(xo_dist_constant(&workload.classes[0].prompt, prompt, NULL));
    ck_assert(xo_dist_constant(&workload.classes[0].output, output, NULL));
    const struct xo_source_options options = { .requests_per_s = requests_per_s, .seed = 3 };
    t = run_fleet(&fleet, &workload, &options, &window);
}

static void ck_times(const struct xo_request_log *log, double admitted_s, double first_s,
                     double finished_s)
{
    ck_assert_double_eq(log->admitted_s, admitted_s);
    ck_assert_double_eq(log->first_token_s, first_s);
    ck_assert_double_eq(log->finished_s, finished_s);
}

/* Chunks of 100 tokens. 0.5: A 100 of 130. 1.75: A 30, B 70 of 90. 3: A decodes, B 20, C 10 (all
 * of it, one token out). 4.25: A and B decode, both done at 5.5. */
START_TEST(three_requests_share_steps_of_a_hundred_tokens)
{
    fleet.engine.chunk_tokens = 100;
    fleet.engine.max_batch = 8;
    fleet.engine.fast_forward = _i == 1;
    const struct given given[] = { { 0.5, 130, 3 }, { 0.75, 90, 2 }, { 2, 10, 1 } };
    window.to_s = 10;
    serve(given, 3);
    ck_assert_int_eq(journal.n_logged, 3);
    ck_times(&journal.logs[0], 0.5, 3, 5.5);
    ck_times(&journal.logs[1], 1.75, 4.25, 5.5);
    ck_times(&journal.logs[2], 3, 4.25, 4.25);
    ck_assert_int_eq(t->n_steps, 4);
    ck_assert_int_eq(t->steps_tokens, 100 + (30 + 70) + (1 + 20 + 10) + 2);
    ck_assert_double_eq(t->busy_s, 5);
    ck_assert_double_eq(t->prefill_s, 3.75);
    ck_assert_double_eq(t->decode_s, 1.25);
    ck_assert_double_eq(t->batch_integral_s, 1.25 * (1 + 2 + 3 + 2));
    ck_assert_double_eq(t->in_system_integral_s, 5 + 4.75 + 2.25);
    ck_assert_int_eq(t->itl_hist.n, 2 + 1);
    ck_assert_int_eq(t->classes[0].n_finished, 3);
    ck_assert_int_eq(t->classes[0].prompt_tokens, 230);
    ck_assert_int_eq(t->classes[0].output_tokens, 6);
    /* KV after 1.75: A 130 tokens at admission, 9 blocks; B 6; C 1. C leaves at 4.25. */
    ck_assert_double_eq(t->kv_bytes_integral, 16 * 1.25 * (9 + (9 + 6) + (9 + 6 + 1) + (9 + 6)));
}
END_TEST

static const struct given a_and_b[] = { { 0, 32, 20 }, { 0, 48, 5 } };

/* Room for 6 blocks. At 0 A (32 tokens, 2 blocks) and B (48, 3) start; both have a token at 1.25
 * and need a block each then, of the one that is left: B goes. A reads 33..51 tokens until 25, and
 * never leaves the 4 blocks that B's 49 tokens need until it is gone. B recomputes 49 tokens, token
 * 2 at 26.25, and has its fifth at 30. */
START_TEST(the_newest_goes_back_to_the_queue_when_blocks_run_out)
{
    fleet.kv.room_bytes = 6 * 16;
    fleet.engine.admission = _i / 2 == 0 ? XO_ADMIT_PROMPT : XO_ADMIT_CHUNK;
    fleet.engine.fast_forward = _i % 2 == 1;
    serve(a_and_b, 2);
    ck_times(&journal.logs[0], 0, 1.25, 25);
    ck_times(&journal.logs[1], 0, 1.25, 30);
    ck_assert_int_eq(journal.logs[0].n_preemptions, 0);
    ck_assert_int_eq(journal.logs[1].n_preemptions, 1);
    ck_assert_int_eq(t->n_preemptions, 1);
    ck_assert_int_eq(t->recomputed_tokens, 48);
    ck_assert_int_eq(t->steps_tokens, (32 + 19) + (48 + 4) + 48);
    ck_assert_int_eq(t->n_steps, 24);
    ck_assert_double_eq(t->busy_s, 30);
    ck_assert_double_eq(t->kv_peak_frac, 5.0 / 6);
    ck_assert_int_eq(t->itl_hist.n, 19 + 4);
    ck_assert_double_eq_tol(t->itl_hist.sum, 22 * 1.25 + 25, 1e-12);
    /* A: 2 blocks for 1 step, 3 while it reads 33..48, 4 for 49..51; B: 3 for 1, 4 for 4. */
    ck_assert_double_eq(t->kv_bytes_integral, 16 * 1.25 * (2 + 16 * 3 + 3 * 4 + 3 + 4 * 4));
}
END_TEST

/* What B computed stays where it was until others take its blocks, from the end. One block was free
 * before its three. A of 10 tokens takes that one alone (at its 33rd token), and B has its 48
 * tokens back; A of 20 takes a second at its 49th, and B has two blocks back, 32 tokens. Beside a
 * window or a state nothing is of use: all 48 are computed again. */
static const struct {
    int32_t output_tokens; /* A's */
    int64_t window_block_bytes, state_bytes, recomputed_tokens;
} kept[] = { { 10, 0, 0, 0 },  { 20, 0, 0, 16 }, { 10, 4, 0, 48 },
             { 20, 4, 0, 48 }, { 10, 0, 1, 48 }, { 20, 0, 1, 48 } };
enum { N_KEPT = sizeof kept / sizeof *kept };

START_TEST(what_a_preempted_one_computed_stays_until_others_take_its_blocks)
{
    const struct given given[] = { { 0, 32, kept[_i / 4].output_tokens }, { 0, 48, 5 } };
    const int64_t block = 16 + kept[_i / 4].window_block_bytes;
    fleet.kv.window_block_bytes = kept[_i / 4].window_block_bytes;
    fleet.kv.window_blocks = fleet.kv.window_block_bytes > 0 ? 100 : 0;
    fleet.kv.state_bytes = kept[_i / 4].state_bytes;
    fleet.kv.room_bytes = 6 * block + 2 * fleet.kv.state_bytes;
    fleet.engine.keeps_preempted = true;
    fleet.engine.admission = _i / 2 % 2 == 0 ? XO_ADMIT_PROMPT : XO_ADMIT_CHUNK;
    fleet.engine.fast_forward = _i % 2 == 1;
    serve(given, 2);
    const double end_s = 1.25 * given[0].output_tokens;
    ck_times(&journal.logs[0], 0, 1.25, end_s);
    ck_times(&journal.logs[1], 0, 1.25, end_s + 5);
    ck_assert_int_eq(t->n_preemptions, 1);
    ck_assert_int_eq(t->recomputed_tokens, kept[_i / 4].recomputed_tokens);
    ck_assert_int_eq(t->steps_tokens,
                     (32 + given[0].output_tokens - 1) + (48 + 4) + kept[_i / 4].recomputed_tokens);
}
END_TEST

/* As the first, with D, which leaves two blocks at 21.25 as A needs one for its 49th token: B's
 * last. B has two blocks back. */
START_TEST(blocks_that_decodes_are_about_to_take_are_not_found)
{
    static const struct given given[] = { { 0, 32, 30 }, { 0, 16, 17 }, { 0, 48, 5 } };
    fleet.kv.room_bytes = 8 * 16;
    fleet.engine.keeps_preempted = true;
    fleet.engine.admission = _i / 2 == 0 ? XO_ADMIT_PROMPT : XO_ADMIT_CHUNK;
    fleet.engine.fast_forward = _i % 2 == 1;
    serve(given, 3);
    ck_times(&journal.logs[0], 0, 1.25, 37.5);
    ck_times(&journal.logs[1], 0, 1.25, 21.25);
    ck_times(&journal.logs[2], 0, 1.25, 26.25);
    ck_assert_int_eq(journal.logs[2].n_preemptions, 1);
    ck_assert_int_eq(t->n_preemptions, 1);
    ck_assert_int_eq(t->recomputed_tokens, 16);
}
END_TEST

/* A and B alone, with a state of 40 bytes each, for which there is room beside the 6 blocks: the
 * same times. A state is held while its sequence runs, B's for 1 step and 4. */
START_TEST(a_state_is_held_from_admission_to_the_end_and_given_back_by_the_preempted)
{
    fleet.kv.state_bytes = 40;
    fleet.kv.room_bytes = 6 * 16 + 2 * 40;
    fleet.engine.admission = _i / 2 == 0 ? XO_ADMIT_PROMPT : XO_ADMIT_CHUNK;
    fleet.engine.fast_forward = _i % 2 == 1;
    serve(a_and_b, 2);
    ck_times(&journal.logs[0], 0, 1.25, 25);
    ck_times(&journal.logs[1], 0, 1.25, 30);
    ck_assert_int_eq(t->n_preemptions, 1);
    ck_assert_double_eq(t->kv_peak_frac, (5.0 * 16 + 80) / (6 * 16 + 80));
    ck_assert_double_eq(t->kv_bytes_integral,
                        16 * 1.25 * (2 + 16 * 3 + 3 * 4 + 3 + 4 * 4) + 40 * 1.25 * (20 + 1 + 4));
}
END_TEST

/* A byte too few for the second state: B waits until A has left at 25. A third whose 97 tokens
 * would fit without a state is rejected. A limit of one sequence does the same as the state. */
START_TEST(a_sequence_waits_for_room_for_its_state)
{
    fleet.kv.state_bytes = _i == 0 ? 40 : 0;
    fleet.kv.most_sequences = _i == 0 ? 0 : 1;
    fleet.kv.room_bytes = _i == 0 ? 7 * 16 + 39 : 7 * 16 - 1;
    const struct given given[] = { a_and_b[0], a_and_b[1], { 0, 90, 8 } };
    serve(given, 3);
    ck_times(&journal.logs[0], 0, 1.25, 25);
    ck_times(&journal.logs[1], 25, 26.25, 31.25);
    ck_assert_int_eq(journal.logs[2].fate, XO_FATE_REJECTED);
    ck_assert_int_eq(t->n_preemptions, 0);
}
END_TEST

/* The same in chunks of 32. B has its first token at 3.75 and is preempted there for want of a
 * block, its own. Were it admitted again by that step, the rhythm would be another: it starts at 5,
 * lacks blocks at 6.25, starts at 7.5, ... until A leaves at 25; then 32 + 17 tokens, token 2 at
 * 27.5. Lost: 48 tokens and eight times 31. */
START_TEST(a_step_that_preempts_admits_nobody)
{
    fleet.kv.room_bytes = 6 * 16;
    fleet.engine.admission = XO_ADMIT_CHUNK;
    fleet.engine.chunk_tokens = 32;
    fleet.engine.fast_forward = _i == 1;
    serve(a_and_b, 2);
    ck_times(&journal.logs[0], 0, 1.25, 25);
    ck_times(&journal.logs[1], 1.25, 3.75, 31.25);
    ck_assert_int_eq(journal.logs[1].n_preemptions, 9);
    ck_assert_int_eq(t->recomputed_tokens, 48 + 8 * 31);
}
END_TEST

/* The same room, all blocks reserved at admission: A 51 tokens, 4 blocks; B's 52 need 4 more. */
START_TEST(a_reserved_sequence_is_never_preempted)
{
    fleet.kv.room_bytes = 6 * 16;
    fleet.engine.admission = XO_ADMIT_RESERVE;
    serve(a_and_b, 2);
    ck_times(&journal.logs[0], 0, 1.25, 25);
    ck_times(&journal.logs[1], 25, 26.25, 31.25);
    ck_assert_int_eq(t->n_preemptions, 0);
    ck_assert_double_eq(t->kv_bytes_integral, 16 * 4 * 31.25);
}
END_TEST

/* Room for 100 blocks: one must stay free. The second prompt of 49 blocks makes 98 + 1 = 99: in.
 * Of 50 blocks it makes 99 + 1 = 100: in; of 51 it waits until the first is gone. */
START_TEST(a_prompt_is_admitted_with_one_percent_to_spare)
{
    static const struct {
        int32_t prompt_tokens;
        double admitted_s;
    } rows[] = { { 49 * 16, 0 }, { 50 * 16, 0 }, { 51 * 16, 2.5 } };
    fleet.kv.room_bytes = 100 * 16;
    const struct given given[] = { { 0, 49 * 16 - 1, 2 }, { 0, rows[_i].prompt_tokens, 1 } };
    serve(given, 2);
    ck_assert_double_eq(journal.logs[1].admitted_s, rows[_i].admitted_s);
}
END_TEST

/* Of room for 12 blocks each of two attention ranks has 6, and a request is on one of them. */
START_TEST(a_request_has_the_room_of_one_rank)
{
    fleet.kv.room_bytes = 12 * 16;
    fleet.kv.n_ranks = 2;
    const struct given given[] = { { 0, 90, 8 }, { 0, 90, 7 }, { 0, 90, 7 } };
    serve(given, 3);
    ck_assert_int_eq(journal.logs[0].fate, XO_FATE_REJECTED);
    ck_times(&journal.logs[1], 0, 1.25, 7 * 1.25);
    ck_times(&journal.logs[2], 0, 1.25, 7 * 1.25);
    bool by_context;
    ck_assert_int_eq(xo_longest_request(&fleet.kv, &fleet.engine, &workload, 0, &by_context), 97);
    fleet.kv.n_ranks = 1;
    ck_assert_int_eq(xo_longest_request(&fleet.kv, &fleet.engine, &workload, 0, &by_context), 193);
}
END_TEST

/* Room for 6 blocks: prompt + output - 1 = 96 tokens fit, 97 do not. */
START_TEST(what_could_never_fit_is_rejected_on_arrival)
{
    fleet.kv.room_bytes = 6 * 16 + 15;
    const struct given given[] = { { 0, 90, 8 }, { 0, 90, 7 } };
    serve(given, 2);
    ck_assert_int_eq(journal.logs[0].fate, XO_FATE_REJECTED);
    ck_assert_double_nan(journal.logs[0].finished_s);
    ck_assert_int_eq(journal.logs[1].fate, XO_FATE_HOME);
    ck_times(&journal.logs[1], 0, 1.25, 7 * 1.25);
    ck_assert_int_eq(t->classes[0].n_fates[XO_FATE_REJECTED], 1);
    ck_assert_int_eq(t->classes[0].n_finished, 1);
    ck_assert_int_eq(t->classes[0].n_arrived, 2);
}
END_TEST

/* A request of n tokens caches n - 1. Blocks of 16 tokens, of 11 bytes each and in windowed layers
 * of 5, of which a sequence keeps at most 3. */
static const struct {
    int64_t room_bytes, state_bytes, full_bytes, window_bytes;
    int32_t prefix[2], context, longest;
    bool by_context;
} longest[] = {
    { 6 * 16 + 15, 0, 16, 0, { 0, 0 }, 0, 97, false }, /* 6 blocks: 96 tokens, and the last */
    { 6 * 16 + 15, 0, 16, 0, { 0, 0 }, 60, 60, true }, /* the model takes no more */
    { 6 * 16 + 15, 0, 16, 0, { 0, 0 }, 97, 97, true },
    { 6 * 16 + 15, 0, 16, 0, { 0, 0 }, 98, 97, false },
    { 5 * 16, 0, 16, 0, { 40, 0 }, 0, 65, false }, /* the prefix 3, and 2 of its own behind its 2 */
    { 7 * 16, 0, 16, 0, { 40, 20 }, 0, 65, false }, /* another class's prefix holds 2 */
    { 3 * 16, 0, 16, 0, { 40, 0 }, 0, 0, false },   /* no room behind the prefix: not one */
    { 4 * 16, 0, 16, 0, { 40, 0 }, 41, 0, true },   /* nor an answer in the context */
    { 4 * 16, 0, 16, 0, { 40, 0 }, 42, 42, true },
    { 16 * 11 + 3 * 5, 0, 11, 5, { 0, 0 }, 0, 257, false }, /* 16 blocks, 3 windowed ones */
    { 16 * 11 + 3 * 5 - 1, 0, 11, 5, { 0, 0 }, 0, 241, false },
    { 15 * 11 + 3 * 5 + 20, 20, 11, 5, { 0, 0 }, 0, 241, false }, /* and a state */
};

START_TEST(the_longest_request_is_the_last_that_is_served)
{
    bool by_context;
    fleet.kv.room_bytes = longest[_i].room_bytes;
    fleet.kv.state_bytes = longest[_i].state_bytes;
    fleet.kv.full_block_bytes = longest[_i].full_bytes;
    fleet.kv.window_block_bytes = longest[_i].window_bytes;
    fleet.kv.window_blocks = 3;
    fleet.engine.max_context_tokens = longest[_i].context;
    workload.n_classes = 2;
    for (int c = 0; c < 2; c++)
        workload.classes[c].shared_prefix_tokens = longest[_i].prefix[c];
    const int32_t n = xo_longest_request(&fleet.kv, &fleet.engine, &workload, 0, &by_context);
    ck_assert_int_eq(n, longest[_i].longest);
    ck_assert(n == 0 || by_context == longest[_i].by_context);
    if (longest[_i].prefix[1] > 0 || n == 0)
        return;
    const struct given given[] = { { 0, n - 1, 1 }, { 0, n, 1 } };
    serve_behind(longest[_i].prefix[0], given, 2);
    ck_assert_int_eq(journal.logs[0].fate, XO_FATE_HOME);
    ck_assert_int_eq(journal.logs[1].fate, XO_FATE_REJECTED);
}
END_TEST

/* A prefix of 40 tokens holds 3 blocks from the start; its first 2 are shared in full. A prompt of
 * 50 tokens computes 10 and holds 4 - 2 = 2 blocks; its last token reads 50 + 14 = 64 tokens. The
 * second would read 65, 3 blocks of its own. */
START_TEST(a_shared_prefix_is_stored_once_and_not_computed_again)
{
    fleet.kv.state_bytes = _i == 0 ? 0 : 7;
    fleet.kv.room_bytes =
        5 * 16 + 2 * fleet.kv.state_bytes; /* prefix 3 + 2 of its own: just fits */
    fleet.engine.chunk_tokens = 8;
    const struct given given[] = { { 0, 50, 15 }, { 0, 50, 16 } };
    serve_behind(40, given, 2);
    ck_times(&journal.logs[0], 0, 2.5, 2.5 + 14 * 1.25); /* 8 + 2 of the 10 tokens */
    ck_assert_int_eq(journal.logs[1].fate, XO_FATE_REJECTED);
    ck_assert_int_eq(t->steps_tokens, 10 + 14);
    ck_assert_int_eq(t->classes[0].cached_tokens, 40);
    ck_assert_double_eq(t->kv_peak_frac, 1);
    ck_assert_double_eq(t->kv_bytes_integral, (double)fleet.kv.room_bytes * t->busy_s);
}
END_TEST

/* ---- sums over requests ---- */

/* Forty requests that overlap, drawn with a fixed seed; enough room, so nobody is preempted. */
enum { N_DRAWN = 40 };
static void draw_given(struct given given[N_DRAWN], double mean_gap_s, int32_t most_tokens)
{
    const struct xo_stream stream = { 3, 0, XO_PURPOSE_SAMPLE };
    double now_s = 0;
    for (uint32_t i = 0; i < N_DRAWN; i++) {
        double u[2];
        xo_uniform2(&stream, i, 0, u);
        now_s += mean_gap_s * 2 * xo_uniform(&stream, i, 1);
        given[i] = (struct given){ now_s, 1 + (int32_t)(u[0] * most_tokens),
                                   1 + (int32_t)(u[1] * most_tokens) };
    }
}

/* A token budget of 50 a step; blocks of `block` tokens, windowed layers with at most `most` of
 * them, a shared prefix. Every request holds the blocks of its whole prompt while it is prefilled
 * and then those of what each of its steps reads, whoever runs beside it. */
START_TEST(the_kv_integral_is_the_sum_of_what_each_request_holds)
{
    static const struct {
        int block, most;
        int32_t prefix_tokens;
    } rows[] = { { 16, 0, 0 }, { 16, 3, 0 }, { 16, 3, 40 }, { 7, 5, 14 }, { 1, 20, 3 } };
    const int block = rows[_i].block, most = rows[_i].most;
    const int64_t prefix = rows[_i].prefix_tokens;
    fleet.engine.chunk_tokens = 50;
    fleet.kv = (struct xo_kv_room){ .room_bytes = (int64_t)1 << 50,
                                    .full_block_bytes = 11,
                                    .window_block_bytes = 5,
                                    .window_blocks = most,
                                    .block_tokens = block };
    struct given given[N_DRAWN];
    draw_given(given, 10, 90);
    for (int i = 0; i < N_DRAWN; i++)
        given[i].prompt_tokens += rows[_i].prefix_tokens;
    window.to_s = 100000;
    serve_behind(rows[_i].prefix_tokens, given, N_DRAWN);
    const int64_t prefix_blocks = (prefix + block - 1) / block;
    double sum = t->busy_s *
                 (double)(11 * prefix_blocks + 5 * (prefix_blocks < most ? prefix_blocks : most));
    for (int i = 0; i < N_DRAWN; i++) {
        const struct xo_request_log *log = &journal.logs[i];
        const double prefill_steps = (log->first_token_s - log->admitted_s) / 1.25;
        for (int64_t j = 0; j < given[i].output_tokens; j++) {
            const int64_t tokens = given[i].prompt_tokens + j;
            const int64_t blocks = (tokens + block - 1) / block - prefix / block;
            const int64_t bytes = 11 * blocks + 5 * (blocks < most ? blocks : most);
            sum += 1.25 * (double)bytes * (j == 0 ? prefill_steps : 1);
        }
    }
    ck_assert_double_eq_tol(t->kv_bytes_integral, sum, 1e-9 * sum);
    ck_assert_double_gt(t->batch_integral_s, 3 * t->busy_s);
}
END_TEST

/* Half of the layers see 100 tokens at most. */
static struct xo_deployment windowed_deployment(int stages)
{
    return (struct xo_deployment){
        .gpu = { .name = "toy",
                 .generation = XO_GEN_HOPPER,
                 .memory_bytes = 80e9,
                 .hbm_bytes_per_s = 2e11,
                 .bf16_flop_per_s = 3e13 },
        .model = { .name = "toy",
                   .layers = 12,
                   .hidden = 1024,
                   .heads = 16,
                   .kv_heads = 4,
                   .head_dim = 64,
                   .intermediate = 4096,
                   .vocab = 32000,
                   .window_tokens = 100,
                   .window_layers = 6,
                   .max_context_tokens = 8192 },
        .weights = XO_BF16,
        .kv = XO_BF16,
        .tensor_parallel = 1,
        .expert_parallel = 1,
        .pipeline_parallel = stages,
        .attention_dp = 1,
        .memory_frac = 0.9,
        .chunk_tokens = 2048,
        .max_batch = 64,
        .efficiency = xo_efficiency_default(XO_ENGINE_VLLM),
    };
}

static struct xo_step_model *model_of(const struct xo_deployment *d)
{
    struct xo_error err = { 0 };
    struct xo_step_model *made = xo_step_model_new(d, &err);
    ck_assert_msg(made != NULL, "%s", err.text);
    return made;
}

static struct xo_step_model *windowed_model(int stages)
{
    const struct xo_deployment d = windowed_deployment(stages);
    return model_of(&d);
}

static double at_most(int64_t tokens, int64_t most)
{
    return (double)(tokens < most ? tokens : most);
}

/* Token q of a request attends to q tokens, and in windowed layers to at most 100, whether it is
 * prefilled in one chunk or many, decoded alone or among others. */
START_TEST(flops_are_the_sum_of_what_each_token_attends_to)
{
    static const int64_t chunks[] = { 20, 64, 2048 };
    use_model(windowed_model(1));
    const struct xo_work_rates *rates = xo_step_work_rates(model);
    fleet.engine.chunk_tokens = chunks[_i];
    struct given given[N_DRAWN];
    draw_given(given, 0.02, 300);
    window.to_s = 100000;
    const int32_t prefix = 30;
    for (int i = 0; i < N_DRAWN; i++)
        given[i].prompt_tokens += prefix;
    serve_behind(prefix, given, N_DRAWN);
    double tokens = 0, pairs = 0, window_pairs = 0;
    for (int i = 0; i < N_DRAWN; i++)
        for (int64_t q = prefix + 1; q < given[i].prompt_tokens + given[i].output_tokens; q++) {
            tokens += 1;
            pairs += (double)q;
            window_pairs += at_most(q, 100);
        }
    const double flops = rates->linear_flop_per_token * tokens + rates->full_flop_per_pair * pairs +
                         rates->window_flop_per_pair * window_pairs;
    ck_assert_double_gt(rates->window_flop_per_pair, 0);
    ck_assert_double_eq((double)t->steps_tokens, tokens);
    ck_assert_double_eq_tol(t->flops, flops, 1e-9 * flops);
    ck_assert_double_gt(t->batch_integral_s, 3 * t->busy_s);
}
END_TEST

/* The step of one prompt chunk: `leading` where no chunk runs right ahead of it. */
static struct xo_step chunk_step(int64_t done, int64_t chunk, bool last, bool leading)
{
    struct xo_batch batch = { .prefill_tokens = chunk,
                              .prefill_reread_tokens = done,
                              .n_prompts_done = last,
                              .n_chunks = 1,
                              .n_leading_chunks = leading };
    struct xo_step step;
    for (int64_t q = done + 1; q <= done + chunk; q++) {
        batch.prefill_pairs += (double)q;
        batch.prefill_window_pairs += at_most(q, 100);
    }
    xo_step_at(model, &batch, &step);
    return step;
}

static double chunk_s(int64_t done, int64_t chunk, bool last, bool leading)
{
    return chunk_step(done, chunk, last, leading).first_s;
}

/* Three stages. A prompt of 1,200 tokens in chunks of 512: the first passes all of them, the others
 * come right behind. A second of 400 meets nobody; a third comes while that one is on its way. */
START_TEST(chunks_follow_each_other_through_a_pipeline_and_lone_prompts_pass_it_alone)
{
    use_model(windowed_model(3));
    fleet.engine.chunk_tokens = 512;
    const struct given given[] = { { 0, 1200, 1 }, { 10, 400, 1 }, { 10 + 1e-4, 400, 1 } };
    window.to_s = 1000;
    serve(given, 3);
    const double lone_s = chunk_s(0, 400, true, true);
    const double expected[] = {
        chunk_s(0, 512, false, true) + chunk_s(512, 512, false, false) +
            chunk_s(1024, 176, true, false),
        lone_s,
        lone_s - 1e-4 + chunk_s(0, 400, true, false),
    };
    ck_assert_double_gt(lone_s, 1.5 * chunk_s(0, 400, true, false));
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq_tol(journal.logs[i].first_token_s - given[i].arrival_s, expected[i],
                                1e-12);
}
END_TEST

/* Two ranks that share experts: the chunk of a lone prompt is on one of them, and two lie on one
 * each. So is each chunk of a long one, of 512, 512 and 176 tokens, taken one by one or as a line.
 */
START_TEST(prompts_are_dealt_out_to_ranks_by_the_chunk)
{
    const int kind = _i / 2;
    struct xo_deployment d = windowed_deployment(1);
    d.model.experts = 8;
    d.model.experts_per_token = 2;
    d.model.expert_intermediate = 1024;
    d.attention_dp = d.expert_parallel = 2;
    use_model(model_of(&d));
    fleet.engine.chunk_tokens = 512;
    fleet.engine.fast_forward = _i % 2 == 1;
    const int64_t tokens = kind == 0 ? 400 : kind == 1 ? 200 : 1200;
    const struct given given[] = { { 0, (int32_t)tokens, 1 }, { 0, 200, 1 } };
    serve(given, kind == 1 ? 2 : 1);
    const int64_t first = kind == 2 ? 512 : tokens;
    struct xo_batch batch = { .prefill_tokens = kind == 1 ? 400 : first,
                              .n_prompts_done = kind == 2 ? 0 : 1 + kind,
                              .n_chunks = kind == 1 ? 2 : 1 };
    for (int64_t q = 1; q <= first; q++) {
        batch.prefill_pairs += (double)q * (kind == 1 ? 2 : 1);
        batch.prefill_window_pairs += at_most(q, 100) * (kind == 1 ? 2 : 1);
    }
    struct xo_step step;
    xo_step_at(model, &batch, &step);
    double seconds = step.first_s;
    if (kind == 2)
        seconds += chunk_s(512, 512, false, false) + chunk_s(1024, 176, true, false);
    ck_assert_double_eq_tol(journal.logs[0].first_token_s, seconds, 1e-12);
    batch.n_chunks = 2;
    xo_step_at(model, &batch, &step);
    ck_assert(kind == 1 || step.first_s < 0.999 * seconds);
}
END_TEST

/* Three stages. Two prompts of 300 tokens at once in chunks of 512 are one micro-batch of 512, of
 * all of A and 212 of B, and B's 88 right behind. Two of 200 fill none: they came one by one, two
 * chunks that lead. 70 tokens in chunks of 20, all in the attention window: the first leads alone.
 */
START_TEST(a_full_step_leads_through_a_pipeline_as_one)
{
    use_model(windowed_model(3));
    fleet.engine.chunk_tokens = _i == 2 ? 20 : 512;
    const struct given pairs[] = { { 0, 300, 1 }, { 0, 300, 1 } },
                       small[] = { { 0, 200, 1 }, { 0, 200, 1 } }, alone[] = { { 0, 70, 1 } };
    serve(_i == 0 ? pairs : _i == 1 ? small : alone, _i == 2 ? 1 : 2);
    const int64_t first = _i == 0 ? 300 : 200, second = _i == 0 ? 212 : 200;
    struct xo_batch batch = { .prefill_tokens = first + second,
                              .n_prompts_done = _i == 0 ? 1 : 2,
                              .n_leading_chunks = _i == 0 ? 1 : 2 };
    for (int64_t q = 1; q <= first; q++) {
        batch.prefill_pairs += (double)q + (q <= second ? (double)q : 0);
        batch.prefill_window_pairs += at_most(q, 100) + (q <= second ? at_most(q, 100) : 0);
    }
    struct xo_step step;
    xo_step_at(model, &batch, &step);
    const double done_s[] = { step.first_s + chunk_s(212, 88, true, false), step.first_s,
                              chunk_s(0, 20, false, true) + chunk_s(20, 20, false, false) +
                                  chunk_s(40, 20, false, false) + chunk_s(60, 10, true, false) };
    ck_assert_double_eq_tol(journal.logs[_i == 2 ? 0 : 1].first_token_s, done_s[_i],
                            1e-12 * done_s[_i]);
}
END_TEST

/* A client that sends again as its answer ends finds the stages empty. */
START_TEST(a_lone_client_never_follows_itself_through_a_pipeline)
{
    use_model(windowed_model(2));
    workload.n_clients = 1;
    window.to_s = INFINITY;
    window.max_requests = 5;
    serve_workload(400, 1, 1);
    const double lone_s = chunk_s(0, 400, true, true);
    ck_assert_double_eq_tol(t->classes[0].ttft.mean, lone_s, 1e-12 * lone_s);
}
END_TEST

/* 150 tokens in chunks of 64, 64 and 22, then 69 steps that read 151 .. 219 tokens: each asked of
 * the hardware by itself. The first prompt passes the window while it is prefilled; one of 50
 * tokens passes it while it decodes. The 100 chunks of one of 6,400 tokens are stretches too. */
START_TEST(a_lone_request_takes_the_sum_of_its_steps)
{
    static const int32_t prompts[] = { 150, 50, 6400 };
    use_model(windowed_model(1));
    const struct xo_work_rates *rates = xo_step_work_rates(model);
    fleet.engine.chunk_tokens = 64;
    const struct given given[] = { { 0, prompts[_i], 70 } };
    window.to_s = 1000;
    serve(given, 1);
    double ttft_s = 0, bytes = 0, decode_s = 0;
    struct xo_step step;
    for (int64_t done = 0; done < prompts[_i]; done += 64) {
        const int64_t chunk = prompts[_i] - done < 64 ? prompts[_i] - done : 64;
        step = chunk_step(done, chunk, done + chunk == prompts[_i], false);
        ttft_s += step.first_s;
        bytes += step.weight_bytes + rates->full_kv_bytes_per_token * (double)done;
    }
    for (int64_t q = prompts[_i] + 1; q < prompts[_i] + 70; q++) {
        const struct xo_batch batch = { .n_decode = 1,
                                        .kv_tokens = q,
                                        .kv_window_tokens = q < 100 ? q : 100,
                                        .n_below_window = q < 100 };
        xo_step_at(model, &batch, &step);
        decode_s += step.first_s;
        bytes += step.weight_bytes + rates->full_kv_bytes_per_token * (double)q +
                 rates->window_kv_bytes_per_token * at_most(q, 100);
    }
    ck_assert_double_eq_tol(t->classes[0].ttft.mean, ttft_s, 1e-12 * ttft_s);
    ck_assert_double_eq_tol(t->classes[0].tpot.mean, decode_s / 69, 1e-12 * decode_s);
    ck_assert_double_eq_tol(t->bytes, bytes, 1e-9 * bytes);
    ck_assert_int_le(t->n_events, 40); /* not one a step: stretches */
}
END_TEST

/* ---- routers ---- */

/* Steps of 1.25 s. A runs from 0 on. B comes at 3, during the step that began at 2.5, when the one
 * from 3.75 had been chosen already: it starts at 5 and has its token at 6.25. C comes at 25, long
 * after the last of them has left at 13.75, and need not wait. */
START_TEST(who_comes_during_a_step_joins_the_step_after_next_where_it_is_chosen_ahead)
{
    fleet.engine.schedule_ahead = true;
    fleet.engine.fast_forward = _i == 1;
    const struct given given[] = { { 0, 10, 11 }, { 3, 10, 2 }, { 25, 10, 2 } };
    serve(given, 3);
    ck_times(&journal.logs[0], 0, 1.25, 13.75);
    ck_times(&journal.logs[1], 5, 6.25, 7.5);
    ck_times(&journal.logs[2], 25, 26.25, 27.5);
}
END_TEST

/* Two clients send three requests in all: the third as soon as the first is done, and no more. */
START_TEST(after_max_sends_the_fleet_runs_empty)
{
    fleet.engine.fast_forward = _i == 1;
    workload.n_clients = 2;
    workload.client_gap_s = 0.5;
    window.max_sends = 3;
    serve_workload(10, 4, 1);
    ck_assert_int_eq(t->n_simulated, 3);
    ck_assert_int_eq(t->classes[0].n_finished, 3);
    ck_assert_double_eq(t->busy_s, 5 + 5); /* both of the first wave at 5; one more from 5.5 on */
    ck_assert_int_eq(t->queue_at_to, 0);
}
END_TEST

START_TEST(after_max_sends_an_open_loop_falls_silent)
{
    window.to_s = INFINITY;
    window.max_sends = window.max_requests = 7;
    serve_workload(10, 4, 2);
    ck_assert_int_eq(t->n_simulated, 7);
    ck_assert_int_eq(t->classes[0].n_finished, 7);
}
END_TEST

/* Batch 1, and a token takes 1.25 s. */
static const struct {
    enum xo_router router;
    int n_replicas, n;
    struct given given[6];
    int replicas[6];
} routed[] = {
    { XO_ROUTE_ROUND_ROBIN,
      3,
      5,
      { { 0, 1, 1 }, { 1, 1, 9 }, { 2, 1, 1 }, { 3, 1, 1 }, { 4, 1, 1 } },
      { 0, 1, 2, 0, 1 } },
    /* of two replicas the two are always both */
    { XO_ROUTE_POWER_OF_TWO,
      2,
      6,
      { { 0, 1, 9 }, { 0, 1, 9 }, { 0, 1, 9 }, { 0, 1, 1 }, { 1, 1, 9 }, { 1, 1, 9 } },
      { 0, 1, 0, 1, 0, 1 } },
    /* 0 is free again when request 3 comes at 1.25, for ends of steps come before arrivals; 1 and 2
     * still work; then all have one and the lowest number wins. */
    { XO_ROUTE_LEAST_OUTSTANDING,
      3,
      6,
      { { 0, 1, 1 }, { 0, 1, 4 }, { 0.5, 1, 4 }, { 1.25, 1, 9 }, { 2, 1, 20 }, { 5, 1, 1 } },
      { 0, 1, 2, 0, 0, 1 } },
    /* 0 and 1 are busy until 5 and 2.5; C (1) and D (2) wait in the one queue: C goes to 1 at 2.5,
     * D to 1 again at 3.75. */
    { XO_ROUTE_SHARED_QUEUE,
      2,
      4,
      { { 0, 1, 4 }, { 0, 1, 2 }, { 1, 1, 1 }, { 2, 1, 1 } },
      { 0, 1, 1, 1 } },
};

static void route(enum xo_router router, int n_replicas, const struct given given[], int n)
{
    fleet.router = router;
    fleet.n_replicas = n_replicas;
    fleet.engine.max_batch = 1;
    window.to_s = 1000;
    serve(given, n);
}

START_TEST(routers_choose_as_by_hand)
{
    route(routed[_i].router, routed[_i].n_replicas, routed[_i].given, routed[_i].n);
    for (int i = 0; i < routed[_i].n; i++)
        ck_assert_int_eq(journal.logs[i].replica, routed[_i].replicas[i]);
}
END_TEST

/* Sixty long requests at once on 4 replicas, by pure chance (mean 15, sd 3.4), and of two drawn the
 * one with fewer: then nobody is 3 from the mean, as chance often is. */
START_TEST(random_routers_use_every_replica_and_two_choices_balance)
{
    struct given given[60];
    int n[4] = { 0 };
    for (int i = 0; i < 60; i++)
        given[i] = (struct given){ 0, 1, 50 };
    route(_i == 0 ? XO_ROUTE_RANDOM : XO_ROUTE_POWER_OF_TWO, 4, given, 60);
    for (int i = 0; i < 60; i++)
        n[journal.logs[i].replica]++;
    for (int i = 0; i < 4; i++)
        ck_assert_int_le(abs(n[i] - 15), _i == 0 ? 10 : 2);
}
END_TEST

/* 70 replicas of batch 1: the lowest idle one serves, 0 to 69, then those that are free again, 66
 * before 69. */
START_TEST(a_shared_queue_wakes_the_lowest_idle_replica_of_many)
{
    struct given given[73];
    for (int i = 0; i < 73; i++)
        given[i] = (struct given){ i < 70 ? 0 : 2, 1, i == 66 || i == 69 ? 1 : 5 };
    route(XO_ROUTE_SHARED_QUEUE, 70, given, 73);
    for (int i = 0; i < 73; i++)
        ck_assert_int_eq(journal.logs[i].replica, i < 70 ? i : i == 70 ? 66 : i == 71 ? 69 : 0);
}
END_TEST

/* Numbers below 300000 take four levels of words. */
START_TEST(a_set_of_numbers_gives_the_next_one_in_order)
{
    static const int members[] = { 0, 1, 63, 64, 4095, 4096, 262143, 262144, 299999 };
    enum { N = 300000 };
    struct number_set set;
    ck_assert(number_set_init(&set, N, NULL));
    ck_assert_int_eq(set.n_levels, 4);
    ck_assert_int_eq(number_set_next(&set, 0), -1);
    for (int i = N_OF(members) - 1; i >= 0; i--)
        number_set_add(&set, members[i]);
    number_set_remove(&set, 4095);
    number_set_remove(&set, 262143);
    number_set_remove(&set, 5000); /* was not there */
    number_set_check(&set);
    int n = 0, at = -1;
    while ((at = number_set_next(&set, at + 1)) >= 0) {
        n += members[n] == 4095 || members[n] == 262143;
        ck_assert_int_eq(at, members[n++]);
        ck_assert(number_set_has(&set, at) && !number_set_has(&set, at + 2));
    }
    ck_assert_int_eq(n, N_OF(members));
    ck_assert_int_eq(number_set_next(&set, N), -1);
    number_set_fini(&set);
}
END_TEST

/* ---- the closed loop ---- */

/* Two clients, batch 1, requests of exactly 3 tokens (3.75 s), gap 0.25 s. Client 0 has 0..3.75,
 * client 1 waits and has 3.75..7.5; client 0 came back at 4 and has 7.5..11.25, and so on: one
 * request each 3.75 s, each waits 3.5 s but the first. */
START_TEST(clients_send_again_a_gap_after_their_last_token)
{
    fleet.engine.max_batch = 1;
    fleet.engine.fast_forward = _i == 1;
    workload.n_clients = 2;
    workload.client_gap_s = 0.25;
    window.to_s = INFINITY;
    window.max_requests = 8;
    serve_workload(7, 3, 1);
    ck_assert_int_eq(journal.n_logged, 8);
    for (int i = 0; i < 8; i++) {
        const double arrival_s = i < 2 ? 0 : 3.75 * (i - 1) + 0.25;
        ck_assert_double_eq(journal.logs[i].request.arrival_s, arrival_s);
        ck_times(&journal.logs[i], 3.75 * i, 3.75 * i + 1.25, 3.75 * (i + 1));
    }
    ck_assert_double_eq(t->window_s, 30);
    ck_assert_double_eq(t->busy_s, 30);
    ck_assert_int_eq(t->n_steps, 24);
}
END_TEST

/* Four clients begin evenly over 8 s from 3 s on. */
START_TEST(clients_begin_one_after_the_other)
{
    workload.n_clients = 4;
    workload.client_gap_s = 50;
    window.start_s = 3;
    window.start_over_s = 8;
    window.max_sends = 4;
    serve_workload(7, 3, 1);
    ck_assert_int_eq(journal.n_logged, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_double_eq(journal.logs[i].request.arrival_s, 3 + 8 * i / 4.0);
}
END_TEST

START_TEST(a_closed_loop_of_impossible_requests_ends)
{
    fleet.kv.room_bytes = 16;
    workload.n_clients = 3;
    window.to_s = 2.5;
    serve_workload(70, 3, 1);
    ck_assert_int_ge(t->classes[0].n_fates[XO_FATE_REJECTED], 3 * 2499);
    ck_assert_int_le(t->classes[0].n_fates[XO_FATE_REJECTED], 3 * 2501);
    ck_assert_int_eq(t->classes[0].n_arrived, t->classes[0].n_fates[XO_FATE_REJECTED]);
}
END_TEST

/* ---- windows and targets ---- */

/* Batch 1: three requests of 5 s each at 0, 1, 2. The window [1, 9) measures the last two. */
START_TEST(a_window_measures_who_arrives_in_it_and_integrates_over_it_alone)
{
    fleet.engine.max_batch = 1;
    fleet.engine.frontend_s = 0.5;
    fleet.engine.fast_forward = _i == 1;
    const struct given given[] = { { 0, 16, 4 }, { 1, 16, 4 }, { 2, 16, 4 } };
    window.to_s = 9;
    window.from_s = 1;
    serve(given, 3);
    const struct xo_class_tally *c = &t->classes[0];
    ck_assert_int_eq(c->n_arrived, 2);
    ck_assert_int_eq(c->n_finished, 2);
    ck_assert_double_eq(c->ttft.mean, 0.5 * (5.25 + 9.25) + 0.5);
    ck_assert_double_eq(c->e2e.mean, 0.5 * (9 + 13) + 0.5);
    ck_assert_double_eq(c->queued.mean, 0.5 * (4 + 8));
    ck_assert_double_eq(c->tpot.mean, 1.25);
    ck_assert_double_eq(t->window_s, 8);
    ck_assert_double_eq(t->busy_s, 8);
    ck_assert_double_eq(t->prefill_s, 0.25 + 1.25);
    ck_assert_double_eq(t->in_system_integral_s, 4 + 8 + 7);
    ck_assert_double_eq(t->kv_bytes_integral, 16 * (0.25 + 1.25 + 2 * (3.75 + 2.75)));
    ck_assert_int_eq(t->n_steps, 3 + 4); /* that start in it: at 1.25, 2.5, 3.75 and 5 ... 8.75 */
    ck_assert_int_eq(t->queue_at_from, 0);
    ck_assert_int_eq(t->queue_at_to, 1);
}
END_TEST

/* The same requests, 2 of each prompt a shared prefix, and one that is refused as it comes: in [1,
 * 9) the first leaves, and nobody else is waited for. */
START_TEST(a_window_may_measure_who_leaves_in_it)
{
    fleet.engine.max_batch = 1;
    fleet.engine.frontend_s = 0.5;
    fleet.engine.max_context_tokens = 100;
    fleet.engine.fast_forward = _i == 1;
    const struct given given[] = { { 0, 16, 4 }, { 1, 16, 4 }, { 2, 16, 4 }, { 3, 90, 11 } };
    window.to_s = 9;
    window.from_s = 1;
    window.as_they_leave = true;
    window.slo[0] = (struct xo_slo){ .targets = { { XO_METRIC_E2E, 0.5, 5.5 } }, .n_targets = 1 };
    serve_behind(2, given, 4);
    const struct xo_class_tally *c = &t->classes[0];
    ck_assert_int_eq(c->n_arrived, 2);
    ck_assert_int_eq(c->n_fates[XO_FATE_HOME], 1);
    ck_assert_int_eq(c->n_fates[XO_FATE_REJECTED], 1);
    ck_assert_int_eq(c->n_fates[XO_FATE_STILL_THERE], 0);
    ck_assert_int_eq(c->n_counted[0], 2);
    ck_assert_int_eq(c->n_met[0], 1);
    ck_assert_double_eq(c->e2e.mean, 5 + 0.5);
    ck_assert_double_eq(t->arrived_prompt_tokens, 14 + 14 + 88);
    ck_assert_double_eq(t->arrived_output_tokens, 4 + 4 + 11);
    ck_assert_double_eq(t->busy_s, 8);
    ck_assert_int_eq(journal.n_logged, 2); /* the second would leave at 10 */
}
END_TEST

/* Batch 1, 2.5 s each, all at 0: TTFT 1.25, 3.75, 6.25, 8.75. At most 4 s: two met. A timeout of
 * 7.5 s: E2E 2.5, 5, 7.5 are served, 10 is not. */
START_TEST(targets_count_who_met_them_and_the_timed_out_miss_all)
{
    fleet.engine.max_batch = 1;
    const struct given given[] = { { 0, 1, 2 }, { 0, 1, 2 }, { 0, 1, 2 }, { 0, 1, 2 } };
    window.to_s = 20;
    window.slo[0] = (struct xo_slo){ .targets = { { XO_METRIC_TTFT, 0.5, 4 },
                                                  { XO_METRIC_TPOT, 0.9, 1.25 },
                                                  { XO_METRIC_E2E, 0.9, 1 } },
                                     .n_targets = 2,
                                     .timeout_s = 7.5 };
    serve(given, 4);
    const struct xo_class_tally *c = &t->classes[0];
    ck_assert_int_eq(c->n_finished, 3);
    ck_assert_int_eq(c->n_timed_out, 1);
    ck_assert_int_eq(c->n_fates[XO_FATE_HOME], 4); /* the last too late */
    ck_assert_int_eq(c->n_counted[0], 4);
    ck_assert_int_eq(c->n_met[0], 2);
    ck_assert_int_eq(c->n_counted[1], 4);
    ck_assert_int_eq(c->n_met[1], 3);
    ck_assert_int_eq(c->n_counted[2], 0);
    ck_assert_int_eq(c->n_good, 2);
}
END_TEST

/* One client sends 8 + 2 tokens and 16 + 5 tokens in turn, three times each; half a second outside
 * of the GPU. The short ones take 1.25 + 0.5 s to the first token, which is in time, and 2.5 + 0.5
 * s in all, which is not; the long ones 1.25 s a token and 6.75 s in all, just in time. */
START_TEST(classes_count_against_their_own_targets)
{
    fleet.engine.frontend_s = 0.5;
    workload.n_clients = 1;
    workload.n_classes = 2;
    workload.classes[1].weight = 1;
    workload.classes[1].shared_prefix_tokens = 5;
    for (int c = 0; c < 2; c++) {
        ck_assert(xo_dist_constant(&workload.classes[c].prompt, c == 0 ? 8 : 16, NULL));
        ck_assert(xo_dist_constant(&workload.classes[c].output, c == 0 ? 2 : 5, NULL));
    }
    window.slo[0] =
        (struct xo_slo){ .targets = { { XO_METRIC_TTFT, 0.9, 1.8 }, { XO_METRIC_E2E, 0.9, 2.9 } },
                         .n_targets = 2 };
    window.slo[1] =
        (struct xo_slo){ .targets = { { XO_METRIC_TPOT, 0.9, 1.25 }, { XO_METRIC_E2E, 0.9, 6.75 } },
                         .n_targets = 2 };
    window.max_sends = 6;
    t = run_fleet(&fleet, &workload, &(struct xo_source_options){ .spread = 3 }, &window);
    static const struct {
        int64_t n_met[2], n_good, prompt, cached, output;
        double ttft_s, tpot_s, e2e_s;
    } want[] = { { { 3, 0 }, 0, 3 * 8, 0, 3 * 2, 1.75, 1.25, 3 },
                 { { 3, 3 }, 3, 3 * 16, 3 * 5, 3 * 5, 1.75, 1.25, 6.75 } };
    for (int c = 0; c < 2; c++) {
        const struct xo_class_tally *of = &t->classes[c];
        ck_assert_int_eq(of->n_arrived, 3);
        ck_assert_int_eq(of->n_finished, 3);
        ck_assert_int_eq(of->n_good, want[c].n_good);
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(of->n_counted[i], 3);
            ck_assert_int_eq(of->n_met[i], want[c].n_met[i]);
        }
        ck_assert_int_eq(of->prompt_tokens, want[c].prompt);
        ck_assert_int_eq(of->cached_tokens, want[c].cached);
        ck_assert_int_eq(of->output_tokens, want[c].output);
        ck_assert_double_eq(of->ttft.mean, want[c].ttft_s);
        ck_assert_double_eq(of->tpot.mean, want[c].tpot_s);
        ck_assert_double_eq(of->e2e.mean, want[c].e2e_s);
        ck_assert_double_eq(of->ttft.max, want[c].ttft_s);
        ck_assert_int_eq(of->ttft_hist.count[xo_hist_bin(want[c].ttft_s)], 3);
        ck_assert_int_eq(of->tpot_hist.count[xo_hist_bin(want[c].tpot_s)], 3);
        ck_assert_int_eq(of->e2e_hist.count[xo_hist_bin(want[c].e2e_s)], 3);
    }
}
END_TEST

/* 1 to 4 tokens behind prompts of 1 take 1.25 to 5 s side by side. At most 1.5 s: three miss. Half
 * a prompt and the answer are above 3.4 for two of them, which is no news: one miss is in excess. A
 * run that may have one goes on, one that may have none stops at the second to leave, at 2.5 s. */
START_TEST(misses_that_lengths_foretell_do_not_stop_a_run)
{
    const struct given given[] = { { 0, 1, 1 }, { 0, 1, 2 }, { 0, 1, 3 }, { 0, 1, 4 } };
    window.slo[0] = (struct xo_slo){ .targets = { { XO_METRIC_E2E, 0.9, 1.5 } }, .n_targets = 1 };
    window.control[0][0] = (struct xo_control){ true, 0.5, 1, 3.4 };
    window.max_misses[0][0] = 1 - _i;
    serve(given, 4);
    ck_assert_int_eq(t->stopped_early, _i == 1);
    ck_assert_int_eq(t->classes[0].n_met[0], 1);
    ck_assert_int_eq(t->classes[0].n_counted[0], _i == 1 ? 2 : 4);
    ck_assert_int_eq(t->classes[0].n_control[0], _i == 1 ? 0 : 2);
    ck_assert_double_eq(t->window_s, _i == 1 ? 2.5 : 100);
    ck_assert_double_eq(t->busy_s, _i == 1 ? 2.5 : 5);
}
END_TEST

START_TEST(a_one_token_reply_has_no_tpot)
{
    const struct given given[] = { { 0, 1, 1 }, { 0, 1, 2 } };
    window.to_s = 20;
    window.slo[0] = (struct xo_slo){ .targets = { { XO_METRIC_TPOT, 0.9, 1 } }, .n_targets = 1 };
    serve(given, 2);
    ck_assert_int_eq(t->classes[0].n_counted[0], 1);
    ck_assert_int_eq(t->classes[0].n_met[0], 0);
    ck_assert_int_eq(t->classes[0].n_good, 1);
    ck_assert_int_eq(t->classes[0].tpot.n, 1);
}
END_TEST

/* A hundred times too much traffic for batch 1 (1 request a 12.5 s, 8 a second come). */
static void overload(double output_tokens, double requests_per_s)
{
    fleet.engine.max_batch = 1;
    window.observe = NULL;
    workload.arrivals = (struct xo_arrivals){ .kind = XO_ARRIVALS_DETERMINISTIC };
    serve_workload(7, output_tokens, requests_per_s);
}

/* Without a timeout, and with one of a week. */
START_TEST(an_overloaded_fleet_without_timeout_still_ends)
{
    window.to_s = 1000;
    window.slo[0].timeout_s = _i == 0 ? 0 : 604800;
    overload(10, 8);
    const struct xo_class_tally *c = &t->classes[0];
    ck_assert_int_ge(c->n_arrived, 7998);
    ck_assert_int_eq(c->n_arrived, c->n_finished + c->n_timed_out);
    ck_assert_int_eq(c->n_fates[XO_FATE_HOME], c->n_finished);
    ck_assert_int_eq(c->n_fates[XO_FATE_STILL_THERE], c->n_timed_out);
    /* 1000 s of window, 1000 s more and an hour: 5600/12.5 */
    ck_assert_int_ge(c->n_finished, 447);
    ck_assert_int_le(c->n_finished, 448);
    ck_assert_int_ge(t->queue_at_to, 7900);
}
END_TEST

/* 2.5 million a second for 1.2 s: those who find 2^21 waiting are gone at once, as timed out, and
 * no room is taken for them. */
START_TEST(a_flood_is_kept_in_bounded_memory)
{
    fleet.engine.self_check = false; /* of millions, it takes its time */
    window.to_s = 1.2;
    window.slo[0] = (struct xo_slo){ .targets = { { XO_METRIC_E2E, 0.95, 20 } },
                                     .n_targets = 1,
                                     .timeout_s = 0.1 };
    overload(10, 2.5e6);
    const struct xo_class_tally *c = &t->classes[0];
    ck_assert_int_ge(c->n_arrived, 2999000);
    ck_assert_int_eq(c->n_timed_out, c->n_arrived);
    ck_assert_int_eq(c->n_fates[XO_FATE_GIVEN_UP], c->n_arrived - (1 << 21));
    ck_assert_int_eq(c->n_fates[XO_FATE_HOME] + c->n_fates[XO_FATE_STILL_THERE], 1 << 21);
    ck_assert_int_eq(c->n_counted[0], c->n_arrived);
    ck_assert_int_eq(c->n_met[0], 0);
    ck_assert_int_eq(t->queue_at_to, (1 << 21) - 1); /* and one is served */
}
END_TEST

/* 40 misses are allowed. At 8 a second, those who came in the first 5.2 s have waited 20 s at
 * 25.2 s: the run knows long before it has served 40. */
START_TEST(a_hopeless_run_stops_as_soon_as_enough_misses_are_certain)
{
    window.to_s = 10000;
    window.slo[0] = (struct xo_slo){ .targets = { { XO_METRIC_TTFT, 0.95, 20 } }, .n_targets = 1 };
    window.max_misses[0][0] = 40;
    overload(10, 8);
    ck_assert(t->stopped_early);
    ck_assert_int_eq(t->classes[0].n_timed_out, 0); /* cut short: nobody knows of those there */
    ck_assert_int_eq(t->classes[0].n_fates[XO_FATE_STILL_THERE],
                     t->classes[0].n_arrived - t->classes[0].n_finished);
    ck_assert_double_ge(t->window_s, 25);
    ck_assert_double_le(t->window_s, 60);
}
END_TEST

/* One token each: whoever waits beyond the timeout misses no TPOT, for there is none. */
START_TEST(a_timeout_is_no_miss_of_a_metric_that_is_not_there)
{
    window.to_s = 200;
    window.slo[0] = (struct xo_slo){ .targets = { { XO_METRIC_TPOT, 0.95, 1 } },
                                     .n_targets = 1,
                                     .timeout_s = 20 };
    window.max_misses[0][0] = 40;
    overload(1, 8);
    ck_assert(!t->stopped_early);
    ck_assert_int_eq(t->classes[0].n_counted[0], 0);
    ck_assert_int_ge(t->classes[0].n_timed_out, 1000);
}
END_TEST

/* B of a_and_b had its first token at 1.25 and waits for blocks until 25. Sixty-six come at 24: who
 * waits is looked at then, and B is no miss of a first token within 2 s. Those are from 26 on. */
START_TEST(a_preempted_request_has_had_its_first_token)
{
    struct given given[68] = { a_and_b[0], a_and_b[1] };
    for (int i = 2; i < N_OF(given); i++)
        given[i] = (struct given){ 24, 16, 1 };
    fleet.kv.room_bytes = 6 * 16;
    window.slo[0] = (struct xo_slo){ .targets = { { XO_METRIC_TTFT, 0.95, 2 } }, .n_targets = 1 };
    window.max_misses[0][0] = 0;
    serve(given, N_OF(given));
    ck_assert_int_eq(journal.logs[1].request.id, -1); /* B is still there */
    ck_assert_double_gt(t->window_s, 26);
    ck_assert_int_eq(t->classes[0].n_met[0], 1); /* A */
}
END_TEST

START_TEST(a_window_that_never_ends_is_refused)
{
    window.to_s = INFINITY;
    struct xo_error err = { 0 };
    ck_assert(!xo_fleet_run(&fleet, &workload, NULL, &window, NULL, &err));
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    window.to_s = 0;
    ck_assert(!xo_fleet_run(&fleet, &workload, NULL, &window, NULL, &err));
    ck_assert_str_eq(err.text, "a window from 0 s to 0 s has no length; its end must come after "
                               "its start");
}
END_TEST

START_TEST(a_raised_stop_flag_ends_the_run_with_an_error)
{
    workload.n_clients = 1;
    const volatile int stop = 1;
    window.to_s = 1e9;
    window.stop = &stop;
    struct xo_error err = { 0 };
    struct xo_source *source =
        xo_source_new(&workload, &(struct xo_source_options){ .requests_per_s = 1 }, &err);
    t = xo_tally_new(1, &err);
    ck_assert(!xo_fleet_run(&fleet, &workload, source, &window, t, &err));
    ck_assert_int_eq(err.kind, XO_ERR_STOPPED);
    xo_source_free(source);
}
END_TEST

/* Whatever is a sum over a run, or over one class of it. */
#define OF(field)       offsetof(struct xo_tally, field)
#define OF_CLASS(field) offsetof(struct xo_class_tally, field)
static const size_t double_sums[] = { OF(window_s),
                                      OF(busy_s),
                                      OF(prefill_s),
                                      OF(decode_s),
                                      OF(batch_integral_s),
                                      OF(in_system_integral_s),
                                      OF(kv_bytes_integral),
                                      OF(flops),
                                      OF(bytes),
                                      OF(arrived_prompt_tokens),
                                      OF(arrived_output_tokens),
                                      OF(itl_hist.sum) };
static const size_t int64_sums[] = { OF(n_steps),           OF(n_events),     OF(n_preemptions),
                                     OF(recomputed_tokens), OF(steps_tokens), OF(queue_at_from),
                                     OF(queue_at_to),       OF(n_simulated),  OF(itl_hist.n) };
static const size_t class_sums[] = {
    OF_CLASS(n_arrived),     OF_CLASS(n_finished),    OF_CLASS(n_fates[0]),
    OF_CLASS(n_fates[1]),    OF_CLASS(n_fates[2]),    OF_CLASS(n_fates[3]),
    OF_CLASS(n_fates[4]),    OF_CLASS(n_timed_out),   OF_CLASS(n_good),
    OF_CLASS(n_counted[0]),  OF_CLASS(n_counted[7]),  OF_CLASS(n_met[0]),
    OF_CLASS(n_met[7]),      OF_CLASS(n_control[0]),  OF_CLASS(n_control[7]),
    OF_CLASS(prompt_tokens), OF_CLASS(cached_tokens), OF_CLASS(output_tokens),
    OF_CLASS(ttft_hist.n),   OF_CLASS(tpot_hist.n),   OF_CLASS(e2e_hist.n),
};

/* Sum number k is k times `each`, from 1 on: set, or checked. */
static void visit(void *from, const size_t sums[], int n, bool is_double, int each, bool check)
{
    for (int k = 0; k < n; k++) {
        double *x = (double *)((char *)from + sums[k]);
        int64_t *i = (int64_t *)((char *)from + sums[k]);
        if (check)
            ck_assert_double_eq(is_double ? *x : (double)*i, each * (k + 1));
        else if (is_double)
            *x = each * (k + 1);
        else
            *i = each * (k + 1);
    }
}

static void visit_sums(struct xo_tally *of, int each, bool check)
{
    visit(of, double_sums, N_OF(double_sums), true, each, check);
    visit(of, int64_sums, N_OF(int64_sums), false, each, check);
    visit(&of->classes[0], class_sums, N_OF(class_sums), false, each, check);
    visit(&of->classes[1], class_sums, N_OF(class_sums), false, 3 * each, check);
}

START_TEST(every_sum_of_a_tally_merges)
{
    struct xo_tally *u = xo_tally_new(2, NULL);
    t = xo_tally_new(2, NULL);
    ck_assert(t != NULL && u != NULL);
    visit_sums(t, 7, false);
    visit_sums(u, 1000, false);
    t->n_replicas = 3;
    u->n_replicas = 2;
    t->kv_peak_frac = 0.25;
    u->kv_peak_frac = 0.75;
    u->stopped_early = true;
    xo_moments_add(&u->classes[1].ttft, 1.25);
    xo_moments_add(&u->classes[1].tpot, 2.5);
    xo_moments_add(&u->classes[1].e2e, 3.75);
    xo_moments_add(&u->classes[1].queued, 5.25);
    xo_tally_merge(t, u);
    visit_sums(t, 7 + 1000, true);
    ck_assert_int_eq(t->n_replicas, 3);
    ck_assert_double_eq(t->kv_peak_frac, 0.75);
    ck_assert(t->stopped_early);
    ck_assert_int_eq(t->classes[0].ttft.n, 0);
    ck_assert_double_eq(t->classes[1].ttft.mean, 1.25);
    ck_assert_double_eq(t->classes[1].tpot.mean, 2.5);
    ck_assert_double_eq(t->classes[1].e2e.mean, 3.75);
    ck_assert_double_eq(t->classes[1].queued.mean, 5.25);
    xo_tally_free(u);
}
END_TEST

START_TEST(tallies_merge_by_adding_up)
{
    const struct given first[] = { { 0, 1, 2 }, { 0, 1, 3 } }, second[] = { { 0, 1, 5 } };
    window.to_s = 10;
    window.observe = NULL;
    serve(first, 2);
    struct xo_tally *u = serve_given(&fleet, second, 1, 0, &window);
    xo_tally_merge(t, u);
    ck_assert_int_eq(t->classes[0].n_finished, 3);
    ck_assert_double_eq_tol(t->classes[0].e2e.mean, 1.25 * 10 / 3, 1e-12);
    ck_assert_double_eq(t->window_s, 20);
    ck_assert_double_eq(t->busy_s, 1.25 * (3 + 5));
    ck_assert_int_eq(t->n_steps, 8);
    ck_assert_int_eq(t->itl_hist.n, 1 + 2 + 4);
    xo_tally_free(u);
}
END_TEST

static TCase *case_of(Suite *suite, const char *name)
{
    TCase *tc = tcase_create(name);
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    suite_add_tcase(suite, tc);
    return tc;
}

int main(void)
{
    Suite *suite = suite_create("serving");
    TCase *tc = case_of(suite, "batch");
    tcase_add_loop_test(tc, three_requests_share_steps_of_a_hundred_tokens, 0, 2);
    tcase_add_loop_test(tc, the_newest_goes_back_to_the_queue_when_blocks_run_out, 0, 4);
    tcase_add_loop_test(tc, what_a_preempted_one_computed_stays_until_others_take_its_blocks, 0,
                        4 * N_KEPT);
    tcase_add_loop_test(tc, blocks_that_decodes_are_about_to_take_are_not_found, 0, 4);
    tcase_add_loop_test(
        tc, a_state_is_held_from_admission_to_the_end_and_given_back_by_the_preempted, 0, 4);
    tcase_add_loop_test(tc, a_sequence_waits_for_room_for_its_state, 0, 2);
    tcase_add_loop_test(tc, a_step_that_preempts_admits_nobody, 0, 2);
    tcase_add_test(tc, a_reserved_sequence_is_never_preempted);
    tcase_add_loop_test(tc, a_prompt_is_admitted_with_one_percent_to_spare, 0, 3);
    tcase_add_test(tc, a_request_has_the_room_of_one_rank);
    tcase_add_test(tc, what_could_never_fit_is_rejected_on_arrival);
    tcase_add_loop_test(tc, the_longest_request_is_the_last_that_is_served, 0, N_OF(longest));
    tcase_add_loop_test(tc, a_shared_prefix_is_stored_once_and_not_computed_again, 0, 2);
    tc = case_of(suite, "sums");
    tcase_add_loop_test(tc, the_kv_integral_is_the_sum_of_what_each_request_holds, 0, 5);
    tcase_add_loop_test(tc, flops_are_the_sum_of_what_each_token_attends_to, 0, 3);
    tcase_add_loop_test(tc, a_lone_request_takes_the_sum_of_its_steps, 0, 3);
    tcase_add_test(tc, chunks_follow_each_other_through_a_pipeline_and_lone_prompts_pass_it_alone);
    tcase_add_loop_test(tc, prompts_are_dealt_out_to_ranks_by_the_chunk, 0, 6);
    tcase_add_loop_test(tc, a_full_step_leads_through_a_pipeline_as_one, 0, 3);
    tcase_add_test(tc, a_lone_client_never_follows_itself_through_a_pipeline);
    tc = case_of(suite, "router");
    tcase_add_loop_test(
        tc, who_comes_during_a_step_joins_the_step_after_next_where_it_is_chosen_ahead, 0, 2);
    tcase_add_loop_test(tc, after_max_sends_the_fleet_runs_empty, 0, 2);
    tcase_add_test(tc, after_max_sends_an_open_loop_falls_silent);
    tcase_add_loop_test(tc, routers_choose_as_by_hand, 0, N_OF(routed));
    tcase_add_test(tc, a_shared_queue_wakes_the_lowest_idle_replica_of_many);
    tcase_add_test(tc, a_set_of_numbers_gives_the_next_one_in_order);
    tcase_add_loop_test(tc, random_routers_use_every_replica_and_two_choices_balance, 0, 2);
    tc = case_of(suite, "closed loop");
    tcase_add_loop_test(tc, clients_send_again_a_gap_after_their_last_token, 0, 2);
    tcase_add_test(tc, clients_begin_one_after_the_other);
    tcase_add_test(tc, a_closed_loop_of_impossible_requests_ends);
    tc = case_of(suite, "window");
    tcase_add_loop_test(tc, a_window_measures_who_arrives_in_it_and_integrates_over_it_alone, 0, 2);
    tcase_add_loop_test(tc, a_window_may_measure_who_leaves_in_it, 0, 2);
    tcase_add_test(tc, targets_count_who_met_them_and_the_timed_out_miss_all);
    tcase_add_test(tc, classes_count_against_their_own_targets);
    tcase_add_loop_test(tc, misses_that_lengths_foretell_do_not_stop_a_run, 0, 2);
    tcase_add_test(tc, a_one_token_reply_has_no_tpot);
    tcase_add_loop_test(tc, an_overloaded_fleet_without_timeout_still_ends, 0, 2);
    tcase_add_test(tc, a_flood_is_kept_in_bounded_memory);
    tcase_add_test(tc, a_hopeless_run_stops_as_soon_as_enough_misses_are_certain);
    tcase_add_test(tc, a_timeout_is_no_miss_of_a_metric_that_is_not_there);
    tcase_add_test(tc, a_preempted_request_has_had_its_first_token);
    tcase_add_test(tc, a_window_that_never_ends_is_refused);
    tcase_add_test(tc, a_raised_stop_flag_ends_the_run_with_an_error);
    tcase_add_test(tc, every_sum_of_a_tally_merges);
    tcase_add_test(tc, tallies_merge_by_adding_up);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
