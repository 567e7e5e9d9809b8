/* replica.c - continuous batching in closed form.
 *
 * A batch of B = n_decode sequences reads K cached tokens. Each step adds B to K, so while nobody
 * joins or leaves, step i lasts first_s + i * slope_s, and a stretch of steps is one event.
 * Sequences are not touched meanwhile: sequence q reads base_tokens(q) + s tokens in step s of the
 * replica, so that K = sum of base_tokens + B * step, and who finishes when is known as it joins.
 *
 * The state is therefore a few scalars (B, K, those below the attention window), two heaps -
 * `finishes`, by the step before which a sequence leaves, and `milestones`, by the step in which it
 * reaches the window or its windowed layers stop growing - and the KV cache, which has sums of its
 * own (kv_cache.h).
 *
 * Invariant, between stretches: B, K, the heaps and the bytes in use are what a recount over
 * `running` gives. replica_check() does that recount; the oracle's tests ask for it after every
 * step.
 *
 * A stretch ends at the first of: a finish, a milestone, the last step that the line of step times
 * holds for (all three are the batch's own); a step without room for its blocks (kv_steps); the
 * step after which somebody may join who came too late for this one (queue_steps); an arrival that
 * could join (replica_cut finds the step that it falls in as the root of a quadratic). A prompt
 * that takes whole chunks is a stretch too, which nobody can join.
 *
 * Walking through the sequences at each step gives the same times: it is the oracle
 * (fast_forward = false).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "replica.h"
#include "base/holds.h"
#include "measure.h"

#include <assert.h>
#include <math.h>

/* A key of `finishes`: a step and a sequence. A key of `milestones` says also which of two. */
enum { SEQUENCE_BITS = 28, STEP_BITS = 34, REACHES_WINDOW = 0, STOPS_GROWING = 1 };

bool replica_init(struct replica *r, int number, const struct rules *rules, struct xo_error *err)
{
    *r = (struct replica){
        .number = number,
        .queue.list = empty_list,
        .running = empty_list,
        .first_prompt = NOBODY,
        .partial = NOBODY,
    };
    return kv_init(&r->kv, rules, err);
}

void replica_fini(struct replica *r)
{
    kv_fini(&r->kv);
    key_heap_fini(&r->finishes);
    key_heap_fini(&r->milestones);
}

static uint64_t finish_key(int64_t step, int32_t number)
{
    return (uint64_t)step << SEQUENCE_BITS | (uint32_t)number;
}

static uint64_t milestone_key(int64_t step, int32_t number, int which)
{
    return finish_key(step, number) << 1 | (uint64_t)which;
}

/* The step before which a decoding sequence has its last token: it reads prompt + output - 1
 * tokens in the one before. */
static int64_t finish_step(const struct sequence *s)
{
    return (int64_t)s->request.prompt_tokens + s->request.output_tokens - s->base_tokens;
}

/* The step in which a sequence reaches the attention window, and the one in which it would add one
 * block more than its windowed layers hold. */
static int64_t window_step(const struct rules *rules, const struct sequence *s)
{
    return rules->rates->window_tokens - s->base_tokens;
}

static int64_t full_window_step(const struct rules *rules, const struct sequence *s)
{
    return kv_full_window_tokens(rules, s) - s->base_tokens;
}

static void reach_window(struct replica *r, struct sequence *s)
{
    s->below_window = false;
    r->n_below--;
    r->below_tokens -= s->base_tokens;
}

static void stop_growing(struct replica *r, const struct rules *rules, struct sequence *s)
{
    s->window_grows = false;
    kv_grow(&r->kv, s->growth_index, -rules->kv.window_block_bytes);
}

static void pass_milestones(struct replica *r, const struct rules *rules, struct pool *pool)
{
    while (r->milestones.n > 0 &&
           (int64_t)(r->milestones.keys[0] >> (SEQUENCE_BITS + 1)) <= r->step) {
        const uint64_t key = r->milestones.keys[0];
        struct sequence *s = &pool->items[(key >> 1) & (MAX_SEQUENCES - 1)];
        if ((key & 1) == REACHES_WINDOW)
            reach_window(r, s);
        else
            stop_growing(r, rules, s);
        key_heap_pop(&r->milestones);
        r->changed = true;
    }
}

/* Note a milestone that lies ahead; false: it is passed already. One after the finish never
 * happens. */
static bool push_milestone(struct replica *r, const struct sequence *s, int32_t number,
                           int64_t step, int which)
{
    if (step <= r->step)
        return false;
    if (step < finish_step(s))
        key_heap_push(&r->milestones, milestone_key(step, number, which));
    return true;
}

/* A prompt is done and more tokens are to come: join the decoding ones from the next step on. */
static void join_decode(struct replica *r, const struct rules *rules, struct pool *pool,
                        int32_t number)
{
    struct sequence *s = &pool->items[number];
    s->decoding = true;
    s->base_tokens = s->goal_tokens + 1 - r->step;
    r->n_decode++;
    r->base_tokens += s->base_tokens;
    key_heap_push(&r->finishes, finish_key(finish_step(s), number));
    if (rules->rates->window_tokens > 0 &&
        push_milestone(r, s, number, window_step(rules, s), REACHES_WINDOW)) {
        s->below_window = true;
        r->n_below++;
        r->below_tokens += s->base_tokens;
    }
    if (rules->admission == XO_ADMIT_RESERVE)
        return; /* holds its last block already */
    s->growth_index = kv_growth_index(&r->kv, rules, s->goal_tokens);
    kv_grow(&r->kv, s->growth_index, rules->kv.full_block_bytes);
    if (rules->kv.window_block_bytes > 0 &&
        push_milestone(r, s, number, full_window_step(rules, s), STOPS_GROWING)) {
        s->window_grows = true;
        kv_grow(&r->kv, s->growth_index, rules->kv.window_block_bytes);
    }
}

static void leave_decode(struct replica *r, const struct rules *rules, struct sequence *s)
{
    s->decoding = false;
    r->n_decode--;
    r->base_tokens -= s->base_tokens;
    if (s->below_window)
        reach_window(r, s);
    if (rules->admission == XO_ADMIT_RESERVE)
        return;
    if (s->window_grows)
        stop_growing(r, rules, s);
    kv_grow(&r->kv, s->growth_index, -rules->kv.full_block_bytes);
}

/* One goes back to the queue, to recompute the prompt and what was emitted. */
static void preempt(struct replica *r, const struct rules *rules, struct pool *pool,
                    struct queue *queue, struct measure *measure, double now_s)
{
    const int32_t number = victim_of(&r->running);
    struct sequence *s = &pool->items[number];
    int64_t computed = s->done_tokens, held = s->done_tokens;
    if (s->decoding) {
        key_heap_forget(&r->finishes, finish_key(finish_step(s), number));
        key_heap_forget(&r->milestones,
                        milestone_key(window_step(rules, s), number, REACHES_WINDOW));
        key_heap_forget(&r->milestones,
                        milestone_key(full_window_step(rules, s), number, STOPS_GROWING));
        leave_decode(r, rules, s);
        computed = held = s->base_tokens + r->step - 1;
        s->emitted_tokens = held + 1 - s->request.prompt_tokens;
        s->last_token_s = now_s;
    } else {
        assert(number == r->partial);
        r->partial = NOBODY;
        if (rules->admission != XO_ADMIT_CHUNK)
            held = s->goal_tokens;
    }
    kv_leave(&r->kv, rules, s, held, computed);
    measure_preemption(measure, now_s);
    s->goal_tokens = s->request.prompt_tokens + s->emitted_tokens;
    s->n_preemptions++;
    list_remove(&r->running, pool, number);
    queue_return(queue, pool, number);
    r->changed = true;
}

static int64_t next_chunk(const struct sequence *s, int64_t budget)
{
    const int64_t left = s->goal_tokens - s->done_tokens;
    return left < budget ? left : budget;
}

/* KV bytes that the next chunk of the partial prompt adds. */
static int64_t partial_bytes(const struct replica *r, const struct rules *rules,
                             const struct pool *pool)
{
    if (r->partial == NOBODY || rules->admission != XO_ADMIT_CHUNK)
        return 0;
    const struct sequence *s = &pool->items[r->partial];
    const int64_t done = s->done_tokens;
    const int64_t chunk = next_chunk(s, rules->chunk_tokens - r->n_decode);
    return kv_own_bytes(rules, s, done + chunk) - kv_own_bytes(rules, s, done);
}

/* Preempt until this step's tokens fit; whether anybody had to go. */
static bool make_room(struct replica *r, const struct rules *rules, struct pool *pool,
                      struct queue *queue, struct measure *measure, double now_s)
{
    bool preempted = false;
    while (kv_next_bytes(&r->kv) + partial_bytes(r, rules, pool) > kv_free_bytes(&r->kv, rules)) {
        assert(r->running.n > 1); /* one alone always fits: the others were rejected on arrival */
        preempt(r, rules, pool, queue, measure, now_s);
        preempted = true;
    }
    return preempted;
}

static void clear_prompts(struct xo_batch *work)
{
    work->prefill_tokens = work->prefill_reread_tokens = work->repeated_tokens = 0;
    work->prefill_pairs = work->prefill_window_pairs = work->window_pairs_growth = 0;
    work->n_prompts_done = work->n_chunks = 0;
}

/* The work of `chunk` tokens behind `done` of a prompt. */
static void add_chunk_work(struct xo_batch *work, const struct rules *rules, int64_t done,
                           int64_t chunk)
{
    const int64_t window = rules->rates->window_tokens;
    work->prefill_tokens += chunk;
    work->prefill_pairs += xo_window_pairs(done, chunk, INT64_MAX);
    work->prefill_window_pairs += xo_window_pairs(done, chunk, window > 0 ? window : INT64_MAX);
    work->prefill_reread_tokens += done;
    work->n_chunks++;
}

/* Process the next `chunk` tokens of a prompt in this step. */
static void add_chunk(struct replica *r, const struct rules *rules, struct sequence *s,
                      int64_t chunk)
{
    add_chunk_work(&r->work, rules, s->done_tokens, chunk);
    s->done_tokens += chunk;
    r->work.n_prompts_done += s->done_tokens == s->goal_tokens;
}

/* Tokens whose KV a waiting sequence must find room for before it may start. */
static int64_t tokens_to_admit(const struct rules *rules, const struct sequence *s, int64_t chunk)
{
    switch (rules->admission) {
    case XO_ADMIT_PROMPT:
        return s->goal_tokens;
    case XO_ADMIT_CHUNK:
        return s->done_tokens + chunk;
    case XO_ADMIT_RESERVE:
    case XO_N_KV_ADMISSIONS:
        break;
    }
    return (int64_t)s->request.prompt_tokens + s->request.output_tokens - 1;
}

/* What of a waiting sequence is there already: of a preempted one perhaps more than the prefix. */
static void look_up(const struct replica *r, const struct rules *rules, struct sequence *s)
{
    s->done_tokens = s->present_tokens = kv_present_tokens(&s->request);
    if (s->n_preemptions > 0 && s->replica == r->number) {
        const int64_t left = kv_left_tokens(&r->kv, rules, s);
        s->done_tokens = left > s->done_tokens ? left : s->done_tokens;
    }
}

/* Take the next of the queue into the batch if there is KV for it. */
static bool admit(struct replica *r, const struct rules *rules, struct pool *pool,
                  struct queue *queue, int64_t chunk, int64_t free_bytes, double now_s)
{
    const int32_t number = queue_next(queue);
    struct sequence *s = &pool->items[number];
    const int64_t bytes = kv_own_bytes(rules, s, tokens_to_admit(rules, s, chunk));
    const int64_t spare =
        rules->admission == XO_ADMIT_PROMPT && r->running.n > 0 ? rules->spare_bytes : 0;
    if (bytes + spare > free_bytes)
        return false;
    kv_take(&r->kv, bytes);
    queue_take(queue, pool);
    list_append(&r->running, pool, number);
    s->replica = r->number;
    if (isnan(s->admitted_s))
        s->admitted_s = now_s;
    if (r->first_prompt == NOBODY)
        r->first_prompt = number;
    return true;
}

/* Whether this step's prompts wait while those of the step before pass a pipeline's stages: then
 * they come right behind them. */
static bool prompts_follow(const struct replica *r, const struct pool *pool,
                           const struct queue *queue, double now_s)
{
    const bool waited = queue_next(queue) != NOBODY && queue_since_s(queue, pool) < now_s;
    return r->work.prefill_tokens > 0 && (r->partial != NOBODY || waited);
}

/* Prompt chunks of this step: the partial prompt's next, then the queue's while they fit. */
static void schedule_prompts(struct replica *r, const struct rules *rules, struct pool *pool,
                             struct queue *queue, struct measure *measure, bool admits,
                             double known_by_s, double now_s)
{
    const bool follows = prompts_follow(r, pool, queue, now_s);
    int64_t budget = rules->chunk_tokens - r->n_decode;
    clear_prompts(&r->work);
    r->first_prompt = r->partial;
    if (r->partial != NOBODY) {
        kv_take(&r->kv, partial_bytes(r, rules, pool));
        struct sequence *s = &pool->items[r->partial];
        const int64_t chunk = next_chunk(s, budget);
        add_chunk(r, rules, s, chunk);
        budget -= chunk;
    }
    const int64_t decode_bytes = kv_next_bytes(&r->kv);
    while (admits && queue_next(queue) != NOBODY && budget > 0 && r->running.n < rules->max_batch) {
        struct sequence *s = &pool->items[queue_next(queue)];
        if (s->queued_s > known_by_s)
            break;
        look_up(r, rules, s);
        const int64_t chunk = next_chunk(s, budget);
        const int64_t free_bytes = kv_free_bytes(&r->kv, rules) - decode_bytes;
        if (!admit(r, rules, pool, queue, chunk, free_bytes, now_s))
            break;
        if (s->n_preemptions > 0)
            measure_recomputed(measure, now_s, s->left_tokens - s->done_tokens);
        add_chunk(r, rules, s, chunk);
        budget -= chunk;
    }
    r->partial = NOBODY;
    /* a micro-batch takes what its budget holds; prompts that leave some of it came one by one */
    const int n = r->work.n_chunks;
    r->work.n_leading_chunks = follows || n == 0 ? 0 : budget == 0 ? 1 : n;
}

static void describe_decodes(const struct replica *r, const struct rules *rules,
                             struct xo_batch *work)
{
    work->n_decode = r->n_decode;
    work->kv_tokens = r->base_tokens + r->n_decode * r->step;
    work->kv_window_tokens = work->kv_tokens;
    work->n_below_window = r->n_decode;
    const int64_t window = rules->rates->window_tokens;
    if (window > 0) {
        work->kv_window_tokens =
            r->below_tokens + r->n_below * r->step + (r->n_decode - r->n_below) * window;
        work->n_below_window = r->n_below;
    }
}

/* For how many steps a chunk of `chunk` tokens behind `done` grows by as much from step to step in
 * the windowed layers: below the window, or beyond it. */
static int64_t even_window_steps(const struct rules *rules, int64_t done, int64_t chunk)
{
    const int64_t window = rules->rates->window_tokens;
    if (window == 0 || done >= window)
        return INT64_MAX;
    return done + chunk > window ? 1 : (window - done) / chunk;
}

/* A prompt that takes all of this step's tokens, and whole chunks of the steps after it, leaves no
 * room for another: how many steps are alike, up to the one that ends it. 1: this step is one of a
 * kind. Blocks that are taken chunk by chunk are counted step by step. */
static int64_t repeat_chunk(struct replica *r, const struct rules *rules, const struct pool *pool)
{
    struct xo_batch *work = &r->work;
    if (work->prefill_tokens == 0 || work->n_prompts_done > 0 || work->n_leading_chunks > 0 ||
        r->first_prompt != r->running.last || rules->admission == XO_ADMIT_CHUNK)
        return 1;
    const struct sequence *s = &pool->items[r->first_prompt];
    const int64_t chunk = work->prefill_tokens, done = s->done_tokens - chunk;
    const int64_t whole = (s->goal_tokens - done - 1) / chunk;
    const int64_t even = even_window_steps(rules, done, chunk), n = whole < even ? whole : even;
    if (n <= 1)
        return 1;
    const bool grows = rules->rates->window_tokens == 0 || done < rules->rates->window_tokens;
    work->repeated_tokens = chunk;
    work->window_pairs_growth = grows ? (double)chunk * (double)chunk : 0;
    return n;
}

/* A new batch: ask how long its steps take, and for how many of them that holds. */
static void draw_line(struct replica *r, const struct rules *rules, const struct pool *pool,
                      double now_s)
{
    r->anchor_s = now_s;
    r->n_done = 0;
    r->summed_s = 0;
    describe_decodes(r, rules, &r->work);
    const int64_t n_alike = repeat_chunk(r, rules, pool);
    xo_step_at(rules->step, &r->work, &r->line);
    assert(r->line.first_s > 0 && r->line.slope_s >= 0 && r->line.n_valid >= 1);
    r->n_limit = r->line.n_valid;
    if (r->work.prefill_tokens > 0 && n_alike < r->n_limit)
        r->n_limit = n_alike;
    if (r->milestones.n > 0) {
        const int64_t step = (int64_t)(r->milestones.keys[0] >> (SEQUENCE_BITS + 1));
        if (step - r->step < r->n_limit)
            r->n_limit = step - r->step;
    }
    r->changed = r->work.prefill_tokens > 0 && r->work.repeated_tokens == 0;
}

/* Steps until something other than an arrival can change the batch: the batch itself, the queue
 * (n_queue), or the KV cache. */
static int64_t stretch_steps(const struct replica *r, const struct rules *rules, int64_t n_queue)
{
    int64_t n = r->n_limit - r->n_done;
    if (n_queue < n)
        n = n_queue;
    if (r->finishes.n > 0) {
        const int64_t finish = (int64_t)(r->finishes.keys[0] >> SEQUENCE_BITS) - r->step;
        if (finish < n)
            n = finish;
    }
    return kv_steps(&r->kv, rules, n);
}

/* The oracle adds the step times one by one, each asked for afresh. */
static void add_one_step(struct replica *r, const struct rules *rules, const struct pool *pool)
{
    struct xo_batch work = r->work;
    struct xo_step step;
    describe_decodes(r, rules, &work);
    if (work.repeated_tokens > 0) {
        const int64_t chunk = work.repeated_tokens;
        clear_prompts(&work);
        add_chunk_work(&work, rules, pool->items[r->first_prompt].done_tokens - chunk, chunk);
    }
    xo_step_at(rules->step, &work, &step);
    r->summed_s += step.first_s;
}

/* When the batch that starts now was chosen: who queued later was not seen. */
static double choice_s(const struct replica *r, const struct rules *rules)
{
    const bool ahead = rules->schedule_ahead && r->running.n > 0 && r->n_done > 0;
    return ahead ? replica_time_s(r, r->n_done - 1) : INFINITY;
}

/* The line's prompt, first_prompt as before, takes the next of its chunks. */
static void repeat_prompt(struct replica *r, struct pool *pool)
{
    assert(r->first_prompt == r->partial);
    pool->items[r->partial].done_tokens += r->work.repeated_tokens;
    r->partial = NOBODY;
}

/* Steps planned at once. Nobody can join between chunks that fill their steps, so nobody who waits
 * ends such a stretch. */
static int64_t plan_steps(struct replica *r, const struct rules *rules, struct pool *pool,
                          int64_t n_queue)
{
    const int64_t chunk = r->work.repeated_tokens;
    if (!rules->fast_forward || (chunk == 0 && r->work.prefill_tokens > 0))
        return 1;
    const int64_t n = stretch_steps(r, rules, chunk > 0 ? INT64_MAX : n_queue);
    if (chunk > 0)
        pool->items[r->first_prompt].done_tokens += (n - 1) * chunk;
    return n;
}

bool replica_start(struct replica *r, const struct rules *rules, struct pool *pool,
                   struct queue *queue, struct measure *measure, double now_s, struct xo_error *err)
{
    assert(r->step < (int64_t)1 << STEP_BITS);
    pass_milestones(r, rules, pool);
    const bool preempted = make_room(r, rules, pool, queue, measure, now_s);
    const double known_by_s = choice_s(r, rules);
    const bool repeats = r->work.repeated_tokens > 0 && !r->changed && r->n_done < r->n_limit;
    if (repeats)
        repeat_prompt(r, pool);
    else
        schedule_prompts(r, rules, pool, queue, measure, !preempted, known_by_s, now_s);
    r->state = r->running.n > 0 ? REPLICA_RUNNING : REPLICA_IDLE;
    if (r->state == REPLICA_IDLE)
        return true;
    if (!key_heap_reserve(&r->finishes, (size_t)r->running.n, err) ||
        !key_heap_reserve(&r->milestones, 2 * (size_t)r->running.n, err))
        return false;
    if (r->changed || (r->work.prefill_tokens > 0 && !repeats) || r->n_done == r->n_limit)
        draw_line(r, rules, pool, now_s);
    const int64_t n_queue = preempted ? 1 : queue_steps(queue, pool, known_by_s);
    r->n_plan = r->n_done + plan_steps(r, rules, pool, n_queue);
    r->start_s = now_s;
    r->end_s = replica_time_s(r, r->n_plan);
    assert(r->n_plan > r->n_done && r->end_s > r->start_s);
    if (!rules->fast_forward)
        add_one_step(r, rules, pool);
    return true;
}

static void leave(struct replica *r, const struct rules *rules, struct pool *pool, int32_t number,
                  struct list *left)
{
    struct sequence *s = &pool->items[number];
    const int64_t tokens = (int64_t)s->request.prompt_tokens + s->request.output_tokens - 1;
    kv_give(&r->kv, rules, s, tokens);
    list_remove(&r->running, pool, number);
    list_append(left, pool, number);
    r->changed = true;
}

static void finish_decodes(struct replica *r, const struct rules *rules, struct pool *pool,
                           struct list *left)
{
    while (r->finishes.n > 0 && (int64_t)(r->finishes.keys[0] >> SEQUENCE_BITS) == r->step) {
        const int32_t number = (int32_t)(r->finishes.keys[0] & (MAX_SEQUENCES - 1));
        key_heap_pop(&r->finishes);
        leave_decode(r, rules, &pool->items[number]);
        leave(r, rules, pool, number, left);
    }
}

/* The step that completes a prompt emits a token: the first, or the next after a preemption. */
static void finish_prompts(struct replica *r, const struct rules *rules, struct pool *pool,
                           struct measure *measure, struct list *left)
{
    for (int32_t number = r->first_prompt, next; number != NOBODY; number = next) {
        struct sequence *s = &pool->items[number];
        next = s->next;
        if (s->done_tokens < s->goal_tokens) {
            r->partial = number;
            break;
        }
        if (s->emitted_tokens == 0)
            s->first_token_s = r->end_s;
        else
            measure_gap(measure, s->last_token_s, r->end_s);
        s->emitted_tokens++;
        if (s->emitted_tokens == s->request.output_tokens)
            leave(r, rules, pool, number, left);
        else
            join_decode(r, rules, pool, number);
    }
}

void replica_end(struct replica *r, const struct rules *rules, struct pool *pool,
                 struct measure *measure, struct list *left)
{
    assert(rules->fast_forward ||
           fabs(r->summed_s - replica_elapsed_s(r, r->n_plan)) <= 1e-12 * r->summed_s);
    const int64_t n = r->n_plan - r->n_done;
    const double first_s = r->line.first_s + r->line.slope_s * (double)r->n_done;
    const struct kv_held held = kv_stretch(&r->kv, rules, n, first_s, r->line.slope_s);
    measure_stretch(measure, rules, r, held);
    kv_pass(&r->kv, rules, n, held.grown_bytes);
    r->step += n;
    r->n_done = r->n_plan;
    r->state = REPLICA_DUE;
    finish_decodes(r, rules, pool, left);
    finish_prompts(r, rules, pool, measure, left);
}

/* Bytes of a running sequence between two stretches. */
static int64_t bytes_of(const struct replica *r, const struct rules *rules,
                        const struct sequence *s)
{
    int64_t tokens = s->decoding ? s->base_tokens + r->step - 1 : s->goal_tokens;
    if (rules->admission == XO_ADMIT_RESERVE)
        tokens = (int64_t)s->request.prompt_tokens + s->request.output_tokens - 1;
    else if (rules->admission == XO_ADMIT_CHUNK && !s->decoding)
        tokens = s->done_tokens;
    return kv_own_bytes(rules, s, tokens);
}

/* A key of `finishes` or `milestones` is of a decoding sequence, and says the step that this one
 * has now. */
static void check_keys(const struct replica *r, const struct rules *rules, const struct pool *pool)
{
    key_heap_check(&r->finishes);
    key_heap_check(&r->milestones);
    for (size_t i = 0; i < r->finishes.n; i++) {
        const int32_t number = (int32_t)(r->finishes.keys[i] & (MAX_SEQUENCES - 1));
        const struct sequence *s = &pool->items[number];
        HOLDS(s->replica == r->number && s->decoding && finish_step(s) > r->step);
        HOLDS(r->finishes.keys[i] == finish_key(finish_step(s), number));
    }
    for (size_t i = 0; i < r->milestones.n; i++) {
        const uint64_t key = r->milestones.keys[i];
        const int32_t number = (int32_t)((key >> 1) & (MAX_SEQUENCES - 1));
        const struct sequence *s = &pool->items[number];
        const bool reaches = (key & 1) == REACHES_WINDOW;
        HOLDS(s->replica == r->number && s->decoding);
        HOLDS(reaches ? s->below_window : s->window_grows);
        HOLDS(key == (reaches ? milestone_key(window_step(rules, s), number, REACHES_WINDOW)
                              : milestone_key(full_window_step(rules, s), number, STOPS_GROWING)));
    }
}

/* Milestones that a sequence has ahead of it before it finishes. */
static size_t n_milestones(const struct rules *rules, const struct sequence *s)
{
    return (size_t)(s->below_window && window_step(rules, s) < finish_step(s)) +
           (size_t)(s->window_grows && full_window_step(rules, s) < finish_step(s));
}

static int64_t growth_of(const struct rules *rules, const struct sequence *s)
{
    if (!s->decoding || rules->admission == XO_ADMIT_RESERVE)
        return 0;
    return rules->kv.full_block_bytes + (s->window_grows ? rules->kv.window_block_bytes : 0);
}

void replica_check(const struct replica *r, const struct rules *rules, const struct pool *pool)
{
    int64_t n_decode = 0, base = 0, n_below = 0, below = 0, used = 0, cycle = 0, by_place = 0;
    size_t milestones = 0;
    list_check(&r->running, pool);
    for (int32_t number = r->running.first; number != NOBODY; number = pool->items[number].next) {
        const struct sequence *s = &pool->items[number];
        HOLDS(s->replica == r->number && s->done_tokens <= s->goal_tokens);
        HOLDS(s->decoding || (number == r->partial && number == r->running.last));
        HOLDS(s->decoding || !(s->below_window || s->window_grows));
        used += bytes_of(r, rules, s);
        n_decode += s->decoding;
        base += s->decoding ? s->base_tokens : 0;
        n_below += s->below_window;
        below += s->below_window ? s->base_tokens : 0;
        milestones += n_milestones(rules, s);
        const int64_t growth = growth_of(rules, s);
        const int32_t place = kv_growth_index(&r->kv, rules, s->base_tokens + r->step - 1);
        HOLDS(growth == 0 || s->growth_index == place);
        cycle += growth;
        by_place += growth * s->growth_index;
    }
    for (int32_t i = 0; i < rules->kv.block_tokens; i++)
        by_place -= r->kv.growth_bytes[i] * i;
    HOLDS(n_decode == r->n_decode && base == r->base_tokens);
    HOLDS(n_below == r->n_below && below == r->below_tokens);
    HOLDS(used == r->kv.used_bytes && cycle == r->kv.cycle_bytes && by_place == 0);
    HOLDS(r->finishes.n == (size_t)n_decode && r->milestones.n == milestones);
    check_keys(r, rules, pool);
    kv_check(&r->kv, rules);
}

bool replica_cut(struct replica *r, const struct rules *rules, double now_s, double queued_s,
                 bool before_start)
{
    if (r->n_plan - r->n_done <= 1 || r->work.repeated_tokens > 0)
        return false;
    const double delay_s = now_s - r->anchor_s, b = r->line.slope_s;
    const double a = r->line.first_s - 0.5 * b;
    const double root = 2 * delay_s / (a + sqrt(a * a + 2 * b * delay_s));
    int64_t n = root < (double)r->n_plan ? (int64_t)root : r->n_plan;
    if (n <= r->n_done)
        n = r->n_done + 1;
    while (n < r->n_plan &&
           (before_start ? replica_time_s(r, n) < now_s : replica_time_s(r, n) <= now_s))
        n++;
    while (n > r->n_done + 1 &&
           (before_start ? replica_time_s(r, n - 1) >= now_s : replica_time_s(r, n - 1) > now_s))
        n--;
    n += rules->schedule_ahead && queued_s > replica_time_s(r, n - 1);
    if (n >= r->n_plan)
        return false;
    r->n_plan = n;
    r->end_s = replica_time_s(r, n);
    return true;
}

/* A cut ends the stretch with the step that now_s is in, so in the last step it cuts nothing; or,
 * where the next one joined in that step and batches are chosen ahead, with the step after it, so
 * in the last but one it cuts nothing either. */
enum taking replica_taking(const struct replica *r, const struct rules *rules, double now_s,
                           double queued_s)
{
    if (r->state == REPLICA_IDLE)
        return TAKES_AT_ONCE;
    if (r->state == REPLICA_DUE || r->running.n >= rules->max_batch || r->n_plan - r->n_done <= 1 ||
        r->work.repeated_tokens > 0 || replica_time_s(r, r->n_plan - 1) < now_s)
        return TAKES_AT_END;
    return rules->schedule_ahead && queued_s > replica_time_s(r, r->n_plan - 2)
               ? TAKES_RETURNED_ONLY
               : TAKES_WHEN_CUT;
}
