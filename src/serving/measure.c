/* measure.c - from what happened to a tally.
 *
 * Two things are measured: the requests that arrive in the window, or that leave in it, each once,
 * as it ends; and what replicas do in the window, a stretch at a time, as it ends. The state is the
 * tally itself and a few counts beside it: who is measured and has not left, who is in the fleet at
 * all, and the time to which their integral is complete (counted_to_s).
 *
 * Invariant, between two events: a measured request is open or has one fate, and what a tally says
 * of its class is the sum over those who have one. measure_check() recounts that.
 *
 * The batch of a stretch does not change, so its steps are summed in closed form: tokens, flops and
 * bytes by the sum of step numbers, its gaps as one run of a histogram. A stretch that an edge of
 * the window cuts is walked step by step: time belongs to the part that lies in the window, while
 * tokens, flops and gaps are those of the steps that start in it. Misses are counted as they
 * happen, so that a run which has too many stops there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "measure.h"
#include "base/holds.h"

#include <math.h>

void measure_init(struct measure *m, const struct xo_window *window, double frontend_s,
                  struct xo_tally *tally)
{
    *m = (struct measure){
        .window = window,
        .tally = tally,
        .from_s = window->from_s,
        .to_s = window->to_s,
        .frontend_s = frontend_s,
        .counted_to_s = window->from_s,
        .most_left = window->max_requests > 0 ? window->max_requests : INT64_MAX,
    };
    for (int i = 0; i < XO_MAX_CLASSES; i++) {
        const double timeout_s = window->slo[i].timeout_s;
        m->timeout_s[i] = timeout_s > 0 ? timeout_s : INFINITY;
    }
}

double measure_deadline_s(const struct measure *m, int n_classes)
{
    double longest_s = 0;
    for (int i = 0; i < n_classes; i++)
        longest_s = fmax(longest_s, m->timeout_s[i]);
    return m->to_s + fmin(longest_s, m->to_s - m->from_s + 3600);
}

void measure_clock(struct measure *m, double now_s)
{
    const double until_s = now_s < m->to_s ? now_s : m->to_s;
    if (until_s <= m->counted_to_s)
        return;
    m->tally->in_system_integral_s += (double)m->n_in_system * (until_s - m->counted_to_s);
    m->counted_to_s = until_s;
}

static bool in_window(const struct measure *m, double when_s)
{
    return when_s >= m->from_s && when_s < m->to_s;
}

static void begin_to_measure(struct measure *m, const struct xo_request *request)
{
    m->tally->classes[request->class_index].n_arrived++;
    m->n_open++;
}

bool measure_arrival(struct measure *m, const struct xo_request *request)
{
    m->tally->n_simulated++;
    if (!in_window(m, request->arrival_s))
        return false;
    m->tally->arrived_prompt_tokens += request->prompt_tokens - request->prefix_tokens;
    m->tally->arrived_output_tokens += request->output_tokens;
    if (m->window->as_they_leave)
        return false;
    begin_to_measure(m, request);
    return true;
}

/* Whether who leaves now counts. */
static bool counts_as_it_leaves(struct measure *m, const struct xo_request *request, bool measured,
                                double now_s)
{
    if (!m->window->as_they_leave || !in_window(m, now_s))
        return measured;
    begin_to_measure(m, request);
    return true;
}

void measure_enter(struct measure *m, double now_s)
{
    measure_clock(m, now_s);
    m->n_in_system++;
}

static bool is_control(const struct measure *m, const struct xo_request *r, int target)
{
    const struct xo_control *c = &m->window->control[r->class_index][target];
    return c->counts &&
           c->per_prompt_token * r->prompt_tokens + c->per_output_token * r->output_tokens >
               c->above;
}

static int64_t n_excess(const struct xo_class_tally *tally, int target)
{
    return tally->n_counted[target] - tally->n_met[target] - tally->n_control[target];
}

/* Count one measured request against the targets of its class: value_s[metric], NAN where a metric
 * does not exist for it; all are missed where `served` is false. Returns whether it met all. */
static bool count_targets(struct measure *m, const struct xo_request *request,
                          const double value_s[XO_N_METRICS], bool served)
{
    const int class_index = request->class_index;
    const struct xo_slo *slo = &m->window->slo[class_index];
    struct xo_class_tally *tally = &m->tally->classes[class_index];
    bool good = served;
    for (int i = 0; i < slo->n_targets; i++) {
        const struct xo_slo_target *target = &slo->targets[i];
        if (isnan(value_s[target->metric]))
            continue;
        const bool met = served && value_s[target->metric] <= target->limit_s;
        tally->n_counted[i]++;
        tally->n_met[i] += met;
        tally->n_control[i] += is_control(m, request, i);
        good = good && met;
        if (n_excess(tally, i) > m->window->max_misses[class_index][i])
            m->hopeless = true;
    }
    return good;
}

/* Of a request that was not served: only whether a metric would exist matters. */
static void count_as_missed(struct measure *m, const struct xo_request *request)
{
    const double value_s[XO_N_METRICS] = {
        [XO_METRIC_TTFT] = INFINITY,
        [XO_METRIC_TPOT] = request->output_tokens > 1 ? INFINITY : NAN,
        [XO_METRIC_E2E] = INFINITY,
    };
    count_targets(m, request, value_s, false);
}

static void observe(const struct measure *m, const struct sequence *s, double finished_s,
                    enum xo_fate fate)
{
    if (m->window->observe == NULL)
        return;
    const struct xo_request_log log = {
        .request = s->request,
        .replica = s->replica,
        .admitted_s = s->admitted_s,
        .first_token_s = s->first_token_s,
        .finished_s = finished_s,
        .n_preemptions = s->n_preemptions,
        .fate = fate,
    };
    m->window->observe(m->window->observer, &log);
}

void measure_turned_away(struct measure *m, const struct xo_request *request, bool measured,
                         enum xo_fate fate)
{
    if (!counts_as_it_leaves(m, request, measured, request->arrival_s))
        return;
    struct xo_class_tally *tally = &m->tally->classes[request->class_index];
    tally->n_fates[fate]++;
    tally->n_timed_out += fate != XO_FATE_REJECTED;
    m->n_open--;
    m->n_left++;
    count_as_missed(m, request);
    if (m->window->observe != NULL) {
        const struct xo_request_log log = {
            .request = *request,
            .replica = NOBODY,
            .admitted_s = NAN,
            .first_token_s = NAN,
            .finished_s = NAN,
            .fate = fate,
        };
        m->window->observe(m->window->observer, &log);
    }
}

static void count_finished(struct measure *m, const struct sequence *s,
                           const double value_s[XO_N_METRICS])
{
    struct xo_class_tally *tally = &m->tally->classes[s->request.class_index];
    tally->n_finished++;
    tally->prompt_tokens += s->request.prompt_tokens;
    tally->cached_tokens += s->present_tokens;
    tally->output_tokens += s->request.output_tokens;
    xo_moments_add(&tally->queued, s->admitted_s - s->request.arrival_s);
    xo_moments_add(&tally->ttft, value_s[XO_METRIC_TTFT]);
    xo_moments_add(&tally->e2e, value_s[XO_METRIC_E2E]);
    xo_hist_add(&tally->ttft_hist, value_s[XO_METRIC_TTFT]);
    xo_hist_add(&tally->e2e_hist, value_s[XO_METRIC_E2E]);
    if (!isnan(value_s[XO_METRIC_TPOT])) {
        xo_moments_add(&tally->tpot, value_s[XO_METRIC_TPOT]);
        xo_hist_add(&tally->tpot_hist, value_s[XO_METRIC_TPOT]);
    }
    tally->n_good += count_targets(m, &s->request, value_s, true);
}

static void count_timed_out(struct measure *m, const struct xo_request *request)
{
    m->tally->classes[request->class_index].n_timed_out++;
    count_as_missed(m, request);
}

void measure_leave(struct measure *m, const struct sequence *s, double now_s)
{
    measure_clock(m, now_s);
    m->n_in_system--;
    if (!counts_as_it_leaves(m, &s->request, s->measured, now_s))
        return;
    m->n_open--;
    m->n_left++;
    const struct xo_request *request = &s->request;
    m->tally->classes[request->class_index].n_fates[XO_FATE_HOME]++;
    const double value_s[XO_N_METRICS] = {
        [XO_METRIC_TTFT] = s->first_token_s - request->arrival_s + m->frontend_s,
        [XO_METRIC_TPOT] = request->output_tokens > 1
                               ? (now_s - s->first_token_s) / (request->output_tokens - 1)
                               : NAN,
        [XO_METRIC_E2E] = now_s - request->arrival_s + m->frontend_s,
    };
    if (value_s[XO_METRIC_E2E] > m->timeout_s[request->class_index])
        count_timed_out(m, request);
    else
        count_finished(m, s, value_s);
    observe(m, s, now_s, XO_FATE_HOME);
}

void measure_still_there(struct measure *m, const struct sequence *s, bool cut_off)
{
    if (!s->measured)
        return;
    m->n_open--;
    m->tally->classes[s->request.class_index].n_fates[XO_FATE_STILL_THERE]++;
    if (cut_off)
        return;
    count_timed_out(m, &s->request);
    observe(m, s, NAN, XO_FATE_STILL_THERE);
}

void measure_certain_misses(const struct measure *m, const struct sequence *s, double now_s,
                            int64_t misses[XO_MAX_CLASSES][XO_MAX_TARGETS])
{
    const int c = s->request.class_index;
    const struct xo_slo *slo = &m->window->slo[c];
    const double age_s = now_s - s->request.arrival_s + m->frontend_s;
    const bool timed_out = age_s > m->timeout_s[c];
    for (int i = 0; i < slo->n_targets; i++) {
        const struct xo_slo_target *target = &slo->targets[i];
        const bool late = age_s > target->limit_s;
        bool missed = timed_out || late;
        if (target->metric == XO_METRIC_TTFT)
            missed = timed_out || (late && s->emitted_tokens == 0);
        else if (target->metric == XO_METRIC_TPOT)
            missed = timed_out && s->request.output_tokens > 1;
        misses[c][i] += missed && !is_control(m, &s->request, i);
    }
}

bool measure_too_many(const struct measure *m, int64_t misses[XO_MAX_CLASSES][XO_MAX_TARGETS])
{
    for (int c = 0; c < m->tally->n_classes; c++)
        for (int i = 0; i < m->window->slo[c].n_targets; i++) {
            const struct xo_class_tally *tally = &m->tally->classes[c];
            if (n_excess(tally, i) + misses[c][i] > m->window->max_misses[c][i])
                return true;
        }
    return false;
}

void measure_gap(struct measure *m, double from_s, double to_s)
{
    if (in_window(m, to_s))
        xo_hist_add(&m->tally->itl_hist, to_s - from_s);
}

void measure_preemption(struct measure *m, double now_s)
{
    if (in_window(m, now_s))
        m->tally->n_preemptions++;
}

void measure_recomputed(struct measure *m, double now_s, int64_t tokens)
{
    if (in_window(m, now_s))
        m->tally->recomputed_tokens += tokens;
}

/* Count the steps first .. first + n - 1 since the anchor of a replica. */
static void count_steps(struct measure *m, const struct rules *rules, const struct replica *r,
                        int64_t first, int64_t n)
{
    struct xo_tally *tally = m->tally;
    const struct xo_work_rates *rates = rules->rates;
    const struct xo_batch *work = &r->work;
    const double steps = (double)n;
    const double index_sum = steps * ((double)first + 0.5 * (steps - 1));
    const double pairs = steps * (double)work->kv_tokens + work->n_decode * index_sum;
    const double window_pairs =
        steps * (double)work->kv_window_tokens + work->n_below_window * index_sum;
    double prefill_pairs = 0, prefill_window_pairs = 0, reread = 0;
    if (work->prefill_tokens > 0) {
        const double chunk = (double)work->repeated_tokens;
        prefill_pairs = steps * work->prefill_pairs + chunk * chunk * index_sum;
        prefill_window_pairs =
            steps * work->prefill_window_pairs + work->window_pairs_growth * index_sum;
        reread = steps * (double)work->prefill_reread_tokens + chunk * index_sum;
    }
    const int64_t tokens = n * (work->n_decode + work->prefill_tokens);
    tally->n_steps += n;
    tally->steps_tokens += tokens;
    tally->flops += rates->linear_flop_per_token * (double)tokens +
                    rates->full_flop_per_pair * (pairs + prefill_pairs) +
                    rates->window_flop_per_pair * (window_pairs + prefill_window_pairs);
    tally->bytes += steps * r->line.weight_bytes +
                    rates->full_kv_bytes_per_token * (pairs + reread) +
                    rates->window_kv_bytes_per_token * window_pairs;
    if (work->n_decode > 0)
        xo_hist_add_run(&tally->itl_hist, r->line.first_s + r->line.slope_s * (double)first,
                        r->line.slope_s, n, work->n_decode);
}

static void add_time(struct measure *m, const struct rules *rules, const struct replica *r,
                     double time_s, double byte_s)
{
    struct xo_tally *tally = m->tally;
    tally->busy_s += time_s;
    *(r->work.prefill_tokens > 0 ? &tally->prefill_s : &tally->decode_s) += time_s;
    tally->batch_integral_s += (double)r->running.n * time_s;
    tally->kv_bytes_integral += byte_s + (double)rules->prefix_bytes * time_s;
}

static void see_peak(struct measure *m, const struct rules *rules, int64_t used_bytes)
{
    const double frac = (double)(used_bytes + rules->prefix_bytes) /
                        (double)(rules->room_bytes + rules->prefix_bytes);
    if (frac > m->tally->kv_peak_frac)
        m->tally->kv_peak_frac = frac;
}

/* Step by step, for a stretch that an edge of the window cuts. */
static void measure_piecewise(struct measure *m, const struct rules *rules, const struct replica *r)
{
    struct kv_walk walk = kv_walk_of(&r->kv);
    double start_s = r->start_s;
    for (int64_t i = r->n_done; i < r->n_plan && start_s < m->to_s; i++) {
        const double end_s = replica_time_s(r, i + 1);
        kv_walk_on(&walk, &r->kv, rules);
        const double time_s = fmin(end_s, m->to_s) - fmax(start_s, m->from_s);
        if (time_s > 0) {
            add_time(m, rules, r, time_s, time_s * (double)walk.used_bytes);
            see_peak(m, rules, walk.used_bytes);
        }
        if (in_window(m, start_s))
            count_steps(m, rules, r, i, 1);
        start_s = end_s;
    }
}

void measure_stretch(struct measure *m, const struct rules *rules, const struct replica *r,
                     struct kv_held held)
{
    if (r->end_s <= m->from_s || r->start_s >= m->to_s)
        return;
    if (r->start_s < m->from_s || r->end_s > m->to_s) {
        measure_piecewise(m, rules, r);
        return;
    }
    count_steps(m, rules, r, r->n_done, r->n_plan - r->n_done);
    add_time(m, rules, r, r->end_s - r->start_s, held.byte_s);
    see_peak(m, rules, r->kv.used_bytes + held.grown_bytes);
}

void measure_stretch_begun(struct measure *m, const struct rules *rules, const struct replica *r)
{
    if (r->end_s > m->from_s && r->start_s < m->to_s)
        measure_piecewise(m, rules, r);
}

static void check_class(const struct xo_class_tally *t, int64_t n_fates)
{
    const int64_t decided = t->n_finished + t->n_timed_out + t->n_fates[XO_FATE_REJECTED];
    HOLDS(decided <= n_fates && n_fates - decided <= t->n_fates[XO_FATE_STILL_THERE]);
    HOLDS(t->n_good <= t->n_finished && t->n_finished <= t->n_fates[XO_FATE_HOME]);
    HOLDS(t->e2e.n == t->n_finished && t->ttft.n == t->n_finished && t->queued.n == t->n_finished);
    HOLDS(t->e2e_hist.n == t->e2e.n && t->ttft_hist.n == t->ttft.n && t->tpot_hist.n == t->tpot.n);
    for (int i = 0; i < XO_MAX_TARGETS; i++)
        HOLDS(t->n_met[i] <= t->n_counted[i] && t->n_control[i] <= t->n_counted[i] &&
              t->n_counted[i] <= decided);
}

void measure_check(const struct measure *m, int64_t n_in_system, int64_t n_open)
{
    int64_t n_arrived = 0, n_left = 0;
    for (int c = 0; c < m->tally->n_classes; c++) {
        const struct xo_class_tally *t = &m->tally->classes[c];
        int64_t n_fates = 0;
        for (int f = 0; f < XO_N_FATES; f++)
            n_fates += t->n_fates[f];
        check_class(t, n_fates);
        n_arrived += t->n_arrived;
        n_left += n_fates;
    }
    HOLDS(m->n_in_system == n_in_system && m->n_open == n_open);
    HOLDS(n_arrived == n_left + n_open);
}
