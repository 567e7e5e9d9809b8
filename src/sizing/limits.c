/* limits.c - closed loops: what one replica can do at its best, alone with each request and never
 * idle; and the clients of a scenario that has some.
 *
 * It fills sim->limits, and says whether lone requests miss the SLO (sim->infeasible). Lone
 * requests decide whether any fleet meets the SLO, and how much of what may miss is left to load:
 * of an option that is feasible no more misses alone than each target allows. A straight line in
 * prompt and output tokens, fitted to their times, tells which requests would miss alone (struct
 * xo_control), so that chance in their number can be taken out of later counts.
 *
 * Their lengths are spread over the laws (Hammersley's points). Tried before: to draw them, whereby
 * one scenario took 3 GPUs, or 4, or was infeasible, depending on the seed. The saturation
 * throughput is the most that a replica keeps up for ever, and has an interval like any capacity.
 * Tried before: that of an endless queue alone, which serves a third less where requests throw each
 * other out of the KV cache. Begin with sim_measure_lone, measure_saturation and
 * sim_observe_clients.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kept.h"
#include "option_sim.h"

#include "xo/memory.h"

#include <assert.h>
#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdlib.h>

/* ---- lone requests ---- */

/* A lone request meets nobody, so each class is judged on as many, however rare it is. */
enum { LONE_REQUESTS = 16384, LONE_REQUESTS_EACH = 2048 };

/* The target's quantile over all requests, read off those that were served: a refused request
 * counts as one that takes for ever. */
static double metric_quantile(const struct xo_hist *h, double quantile, double refused_frac)
{
    return xo_hist_quantile(h, fmin(quantile / (1 - refused_frac), 1));
}

static const struct xo_hist *metric_hist(const struct xo_class_tally *t, enum xo_metric metric)
{
    return metric == XO_METRIC_TTFT   ? &t->ttft_hist
           : metric == XO_METRIC_TPOT ? &t->tpot_hist
                                      : &t->e2e_hist;
}

/* Of the misses that a target allows lone requests leave so much to load at least, or no search
 * finds a load that makes no more miss. */
static const double LEFT_FOR_LOAD = 2e-3;

/* Judge one target by lone requests: how far they are from its limit (a log; above 0: missed), and
 * why. */
static struct xo_infeasible judge_lone(struct option_sim *sim, const struct xo_class_tally *k,
                                       int c, int t)
{
    const struct xo_slo_target *target = &sim->scenario->slo[c].targets[t];
    const double timeout_s = sim->scenario->slo[c].timeout_s, allowed = 1 - target->quantile;
    const double refused_frac = sim->unserved.class_frac[c], n = (double)k->n_counted[t];
    struct xo_infeasible found = { .class_index = c, .target = t, .lone_s = NAN };
    if (refused_frac > allowed) {
        sim->lone_margin = fmax(sim->lone_margin, log(refused_frac / allowed));
        found.holds = true;
        found.cause = XO_CAUSE_REFUSED;
        return found;
    }
    if (n == 0)
        return found;
    const double sure = 1 - allowed * (1 - LEFT_FOR_LOAD);
    const double metric_s = metric_quantile(metric_hist(k, target->metric), sure, refused_frac);
    const double e2e_s = metric_quantile(&k->e2e_hist, target->quantile, refused_frac);
    sim->lone_margin = fmax(sim->lone_margin, log(metric_s / target->limit_s));
    if (timeout_s > 0)
        sim->lone_margin = fmax(sim->lone_margin, log(e2e_s / timeout_s));
    const bool late = (double)k->n_met[t] < sure * n;
    found.holds = late || (timeout_s > 0 && e2e_s > timeout_s);
    found.cause = late ? XO_CAUSE_TARGET : XO_CAUSE_TIMEOUT;
    found.lone_s = late ? metric_s : e2e_s;
    return found;
}

/* A lone request that misses a target too often cannot be helped by more replicas. */
static void find_infeasible(struct option_sim *sim, const struct xo_tally *tally)
{
    int n_missed = 0;
    sim->lone_margin = -INFINITY;
    for (int c = 0; c < tally->n_classes; c++)
        for (int t = 0; t < sim->scenario->slo[c].n_targets; t++) {
            const struct xo_infeasible found = judge_lone(sim, &tally->classes[c], c, t);
            n_missed += found.holds;
            if (found.holds && !sim->infeasible.holds)
                sim->infeasible = found;
        }
    if (sim->infeasible.holds)
        sim->infeasible.n_missed = n_missed;
}

/* Averages over all traffic, each class weighted by its share of the requests; NAN where none is
 * served. */
static void take_lone_means(struct option_sim *sim, const struct xo_tally *tally)
{
    double weight = 0, squares = 0;
    sim->limits.lone_ttft_s = sim->limits.lone_tpot_s = sim->limits.lone_e2e_s = 0;
    for (int c = 0; c < tally->n_classes; c++) {
        const struct xo_class_tally *k = &tally->classes[c];
        const double w = k->e2e.n > 0 ? sim->scenario->workload.classes[c].weight : 0;
        weight += w;
        sim->limits.lone_ttft_s += w * k->ttft.mean;
        sim->limits.lone_tpot_s += w * (k->tpot.n > 0 ? k->tpot.mean : 0);
        sim->limits.lone_e2e_s += w * k->e2e.mean;
        squares += k->e2e.n > 1 ? w * (xo_moments_variance(&k->e2e) + k->e2e.mean * k->e2e.mean)
                                : w * k->e2e.mean * k->e2e.mean;
    }
    sim->limits.lone_stay_s = squares / sim->limits.lone_e2e_s;
    sim->limits.lone_ttft_s /= weight;
    sim->limits.lone_tpot_s /= weight;
    sim->limits.lone_e2e_s /= weight;
}

static int64_t n_served(const struct xo_tally *tally)
{
    int64_t n = 0;
    for (int c = 0; c < tally->n_classes; c++)
        n += tally->classes[c].e2e.n;
    return n;
}

/* How each lone request went. */
struct lone_logs {
    size_t n, room;
    struct xo_request_log *logs; /* [n] owned */
    bool failed;                 /* there was no memory for one */
};

static void note_lone(void *self, const struct xo_request_log *log)
{
    struct lone_logs *l = self;
    if (l->failed || !xo_array_reserve((void **)&l->logs, &l->room, l->n + 1, sizeof *log, NULL)) {
        l->failed = true;
        return;
    }
    l->logs[l->n++] = *log;
}

/* The metric of one lone request, NAN where it has none. */
static double lone_metric(const struct xo_request_log *log, enum xo_metric metric)
{
    const int32_t output = log->request.output_tokens;
    if (metric == XO_METRIC_TPOT)
        return output < 2 ? NAN : (log->finished_s - log->first_token_s) / (output - 1);
    return (metric == XO_METRIC_TTFT ? log->first_token_s : log->finished_s) -
           log->request.arrival_s;
}

/* The metric as a straight line in prompt and output tokens, by least squares over the requests of
 * one class that were served. */
static bool fit_lengths(const struct lone_logs *l, int class_index, enum xo_metric metric,
                        struct xo_control *control, struct xo_error *err)
{
    double chisq, values[3], covariance[9];
    gsl_matrix *x = gsl_matrix_alloc(l->n, 3);
    gsl_vector *y = gsl_vector_calloc(l->n);
    gsl_multifit_linear_workspace *space = gsl_multifit_linear_alloc(l->n, 3);
    bool ok = x != NULL && y != NULL && space != NULL;
    if (!ok)
        xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu lone requests", l->n);
    for (size_t i = 0; ok && i < l->n; i++) {
        const struct xo_request_log *log = &l->logs[i];
        const double value = lone_metric(log, metric);
        const double weight = log->request.class_index == class_index && isfinite(value);
        gsl_matrix_set(x, i, 0, weight);
        gsl_matrix_set(x, i, 1, weight * log->request.prompt_tokens);
        gsl_matrix_set(x, i, 2, weight * log->request.output_tokens);
        if (weight > 0)
            gsl_vector_set(y, i, value);
    }
    gsl_vector_view c = gsl_vector_view_array(values, 3);
    gsl_matrix_view cov = gsl_matrix_view_array(covariance, 3, 3);
    if (ok && gsl_multifit_linear(x, y, &c.vector, &cov.matrix, &chisq, space) != 0)
        ok = xo_fail(err, XO_ERR_NUMERIC, "the times of lone requests could not be fitted");
    if (ok) {
        control->per_prompt_token = values[1];
        control->per_output_token = values[2];
    }
    gsl_multifit_linear_free(space);
    gsl_vector_free(y);
    gsl_matrix_free(x);
    return ok;
}

/* Set the bound so that as many lone requests are above it as miss the target; what their share
 * comes to where some are alike. */
static bool bound_control(const struct lone_logs *l, int class_index, enum xo_metric metric,
                          double missed_frac, struct xo_control *control, double *control_frac,
                          struct xo_error *err)
{
    double *by_length = malloc((l->n + 1) * sizeof *by_length);
    size_t n = 0, above = 0;
    if (by_length == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu lone requests", l->n);
    for (size_t i = 0; i < l->n; i++) {
        const struct xo_request *r = &l->logs[i].request;
        if (r->class_index == class_index && (metric != XO_METRIC_TPOT || r->output_tokens > 1))
            by_length[n++] = control->per_prompt_token * r->prompt_tokens +
                             control->per_output_token * r->output_tokens;
    }
    xo_sort(by_length, n);
    const size_t k = (size_t)(missed_frac * (double)n + 0.5);
    assert(k < n);
    control->above = by_length[n - 1 - k];
    while (above < n && by_length[n - 1 - above] > control->above)
        above++;
    *control_frac = (double)above / (double)n;
    control->counts = above > 0;
    free(by_length);
    return true;
}

/* Find which requests miss a target even in an empty fleet, as far as their lengths tell. */
static bool find_control(struct option_sim *sim, const struct lone_logs *l,
                         const struct xo_tally *tally, int c, int t, struct xo_error *err)
{
    const struct xo_slo_target *target = &sim->scenario->slo[c].targets[t];
    const struct xo_class_tally *k = &tally->classes[c];
    struct replica_limits *limits = &sim->limits;
    const double n = (double)k->n_counted[t];
    if (n == 0 || k->n_met[t] == k->n_counted[t])
        return true;
    limits->missed_frac[c][t] = 1 - (double)k->n_met[t] / n;
    limits->control_frac[c][t] = 0;
    struct xo_control *control = &limits->control[c][t];
    return fit_lengths(l, c, target->metric, control, err) &&
           bound_control(l, c, target->metric, limits->missed_frac[c][t], control,
                         &limits->control_frac[c][t], err);
}

static bool find_controls(struct option_sim *sim, const struct lone_logs *l,
                          const struct xo_tally *tally, struct xo_error *err)
{
    for (int c = 0; c < tally->n_classes; c++)
        for (int t = 0; t < sim->scenario->slo[c].n_targets; t++)
            if (!find_control(sim, l, tally, c, t, err))
                return false;
    return true;
}

/* Find the target of which lone requests use up the largest part of the misses that it allows,
 * where that is more than half. Targets that refused requests miss are left out: no other limit
 * would help them. */
static void find_edge(struct option_sim *sim, const struct xo_tally *tally)
{
    double most = 0.5;
    for (int c = 0; c < tally->n_classes; c++)
        for (int t = 0; t < sim->scenario->slo[c].n_targets; t++) {
            const struct xo_slo_target *target = &sim->scenario->slo[c].targets[t];
            const double allowed = 1 - target->quantile, refused = sim->unserved.class_frac[c];
            const double missed = sim->limits.missed_frac[c][t];
            if (missed / allowed <= most || refused >= allowed / 2 || !sim->judged[c][t])
                continue;
            most = missed / allowed;
            const struct xo_hist *h = metric_hist(&tally->classes[c], target->metric);
            sim->edge = (struct xo_edge){
                .holds = true,
                .class_index = c,
                .target = t,
                .missed_frac = missed,
                .settled_s = metric_quantile(h, 1 - allowed / 2, refused),
            };
        }
}

static int lone_requests_each(int n_classes)
{
    int each = LONE_REQUESTS;
    while (each > LONE_REQUESTS_EACH && each * n_classes > LONE_REQUESTS)
        each /= 2;
    return each;
}

static bool read_lone(struct option_sim *sim, const struct lone_logs *l,
                      const struct xo_tally *tally, struct xo_error *err)
{
    if (l->failed)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu lone requests", l->n);
    if (!xo_room_unserved(sim->scenario, &sim->kv, &sim->unserved, err))
        return false;
    take_lone_means(sim, tally);
    find_infeasible(sim, tally);
    if (sim->infeasible.holds)
        return true;
    if (n_served(tally) == 0) /* and no target says that this is too few */
        return xo_fail(err, XO_ERR_INPUT,
                       "no request fits into one replica of %s: prompts and outputs are longer "
                       "than its KV cache holds",
                       sim->scenario->options[sim->option].label);
    if (!find_controls(sim, l, tally, err))
        return false;
    find_edge(sim, tally);
    return true;
}

bool sim_measure_lone(struct option_sim *sim, struct xo_error *err)
{
    struct xo_workload w = sim_closed_workload(sim, 1);
    const int each = lone_requests_each(w.n_classes);
    for (int c = 0; c < w.n_classes; c++)
        w.classes[c].weight = 1.0 / w.n_classes;
    struct lone_logs l = { 0 };
    const struct xo_window span = { .to_s = INFINITY,
                                    .max_requests = (int64_t)each * w.n_classes,
                                    .observe = note_lone,
                                    .observer = &l };
    struct xo_tally *tally = xo_tally_new(w.n_classes, err);
    sim->limits.resolution_frac = 1.0 / each;
    const bool ok = tally != NULL && sim_run_closed(sim, &w, 1, each, &span, tally, err) &&
                    read_lone(sim, &l, tally, err);
    free(l.logs);
    xo_tally_free(tally);
    return ok;
}

/* ---- a replica that is never idle ---- */

enum { BATCHES = 20 };

/* The times at which each of BATCHES equal parts of the calls had left. */
struct finish_times {
    int64_t n, first, per_batch; /* calls so far; to leave out; in a batch */
    double at_s[BATCHES + 1];    /* when call first + k * per_batch left */
};

/* Note that a call has left. One that is refused leaves as it comes, and counts as an arrival does.
 * */
static void note_finish(void *self, const struct xo_request_log *log)
{
    struct finish_times *f = self;
    const int64_t since = ++f->n - f->first;
    if (since >= 0 && since % f->per_batch == 0 && since / f->per_batch <= BATCHES)
        f->at_s[since / f->per_batch] =
            log->fate == XO_FATE_REJECTED ? log->request.arrival_s : log->finished_s;
}

/* A closed loop until the last batch has left. */
static bool run_batches(struct option_sim *sim, const struct xo_workload *w, int n_replicas,
                        struct finish_times *f, struct xo_tally *tally, struct xo_error *err)
{
    const struct xo_window span = { .to_s = INFINITY,
                                    .max_requests = f->first + BATCHES * f->per_batch,
                                    .observe = note_finish,
                                    .observer = f };
    return sim_run_closed(sim, w, n_replicas, 0, &span, tally, err);
}

struct throughput {
    double rate_per_s, se_frac;                    /* of calls; its standard error, relative */
    double preempted_frac;                         /* preemptions a request served */
    double batch_mean;                             /* running at once */
    double s_per_prompt_token, s_per_output_token; /* of steps with and without prompts */
};

/* Throughput of one replica under a closed loop of `clients`, the first two waves left out, with
 * the standard error of batch means (Law, Simulation Modeling and Analysis, 2015, 9.5.3). */
static bool measure_loop(struct option_sim *sim, int clients, struct throughput *out,
                         struct xo_error *err)
{
    struct finish_times f = { .first = 2 * clients, .per_batch = (4 * clients + 4000) / BATCHES };
    struct xo_tally *tally = xo_tally_new(sim->scenario->workload.n_classes, err);
    if (tally == NULL)
        return false;
    const struct xo_workload w = sim_closed_workload(sim, clients);
    const bool ok = run_batches(sim, &w, 1, &f, tally, err);
    const double served = (double)n_served(tally), preempted = (double)tally->n_preemptions;
    const double batch_mean = tally->batch_integral_s / tally->busy_s;
    const double s_per_prompt_token = tally->prefill_s / tally->arrived_prompt_tokens;
    const double s_per_output_token = tally->decode_s / tally->arrived_output_tokens;
    xo_tally_free(tally);
    if (!ok)
        return false;
    const double length_s = f.at_s[BATCHES] - f.at_s[0];
    if (!(length_s > 0))
        return xo_fail(err, XO_ERR_NUMERIC, "one replica of %s finished too few requests",
                       sim->scenario->options[sim->option].label);
    struct xo_moments batch;
    xo_moments_init(&batch);
    for (int k = 0; k < BATCHES; k++)
        xo_moments_add(&batch, f.at_s[k + 1] - f.at_s[k]);
    *out = (struct throughput){
        .rate_per_s = (double)(BATCHES * f.per_batch) / length_s,
        .se_frac = sqrt(xo_moments_variance(&batch) / BATCHES) / batch.mean,
        .preempted_frac = served > 0 ? preempted / served : 0,
        .batch_mean = batch_mean,
        .s_per_prompt_token = s_per_prompt_token,
        .s_per_output_token = s_per_output_token,
    };
    return true;
}

/* What a mean request of all traffic brings. */
struct mean_request {
    double prompt_tokens, output_tokens, kv_bytes; /* prompts without their shared prefix */
};

static bool mean_request_of(const struct option_sim *sim, struct mean_request *mean,
                            struct xo_error *err)
{
    const struct xo_workload *w = &sim->scenario->workload;
    *mean = (struct mean_request){ 0 };
    for (int c = 0; c < w->n_classes; c++) {
        struct xo_token_means m;
        if (!xo_class_token_means(w, c, (struct xo_length_limits){ 0 }, &m, err))
            return false;
        const double own = m.prompt - m.cached;
        mean->prompt_tokens += w->classes[c].weight * own;
        mean->output_tokens += w->classes[c].weight * m.output;
        mean->kv_bytes += w->classes[c].weight * xo_kv_sequence_bytes(&sim->kv, fmax(own, 1));
    }
    return true;
}

/* Clients that keep a replica full: twice as many as may run at once, or twice as many as it holds
 * of mean prompts where those are fewer. */
static int clients_that_fill(const struct option_sim *sim, const struct mean_request *mean)
{
    enum { FEWEST = 128 };
    const double held = mean->kv_bytes > 0 ? (double)sim->kv.room_bytes / mean->kv_bytes : INFINITY;
    return 2 * (int)fmin(sim->engine.max_batch, fmax(held, FEWEST));
}

/* The best throughput that one replica sustains: that of an endless queue, unless so many run at
 * once that they throw each other out of the KV cache. Then fewer at a time get more done, and the
 * best of several loads is meant: a fleet that is not kept full by an endless queue stays there. */
static bool measure_saturation(struct option_sim *sim, struct xo_error *err)
{
    static const double PREEMPTED = 0.05, loads[] = { 1.15, 1, 0.9, 0.8, 0.7, 0.6, 0.5 };
    struct throughput best;
    struct mean_request mean;
    if (!mean_request_of(sim, &mean, err) ||
        !measure_loop(sim, clients_that_fill(sim, &mean), &best, err))
        return false;
    const struct throughput endless = best;
    for (size_t i = 0; endless.preempted_frac > PREEMPTED && i < sizeof loads / sizeof *loads;
         i++) {
        struct throughput t;
        const int clients = (int)(loads[i] * endless.batch_mean);
        if (clients < 1)
            break;
        if (!measure_loop(sim, clients, &t, err))
            return false;
        if (t.rate_per_s > best.rate_per_s)
            best = t;
    }
    sim->limits.work_s_per_prompt_token = best.s_per_prompt_token;
    sim->limits.work_s_per_output_token = best.s_per_output_token;
    sim->limits.work_s_per_request =
        best.s_per_prompt_token * mean.prompt_tokens + best.s_per_output_token * mean.output_tokens;
    sim->limits.saturation_rate_per_s = best.rate_per_s;
    sim->limits.saturation_se_frac = best.se_frac;
    sim->limits.overwhelmed_rate_per_s =
        endless.rate_per_s < best.rate_per_s ? endless.rate_per_s : 0;
    return true;
}

/* All that is measured of a replica, as it is kept. */
struct measured {
    struct replica_limits limits;
    double lone_margin;
    struct xo_unserved unserved;
    struct xo_edge edge;
    struct xo_infeasible infeasible;
    int64_t n_simulated;
};

static void take_measured(struct option_sim *sim, const struct measured *m)
{
    sim->lone_margin = m->lone_margin;
    sim->unserved = m->unserved;
    sim->edge = m->edge;
    sim->infeasible = m->infeasible;
    sim->n_simulated += m->n_simulated;
    sim_take_limits(sim, &m->limits);
}

bool sim_measure_limits(struct option_sim *sim, struct xo_error *err)
{
    const struct kept_place place = kept_at(sim->kept, &sim->digest, KEPT_LIMITS, NULL, 0);
    const int64_t before = sim->n_simulated;
    struct measured m;
    if (kept_find(&place, &m, sizeof m)) {
        take_measured(sim, &m);
        return true;
    }
    if (!sim_measure_lone(sim, err) || !measure_saturation(sim, err))
        return false;
    m = (struct measured){ sim->limits, sim->lone_margin, sim->unserved,
                           sim->edge,   sim->infeasible,  sim->n_simulated - before };
    kept_put(&place, &m, sizeof m);
    sim_take_limits(sim, &m.limits);
    return true;
}

/* ---- the scenario's own clients ---- */

/* Seconds a client takes from one request to its next, by the pace of the second and third wave. */
static bool measure_cycle(struct option_sim *sim, int n_replicas, double *cycle_s,
                          struct xo_error *err)
{
    const struct xo_workload *w = &sim->scenario->workload;
    const int64_t n = w->n_clients;
    struct finish_times f = { .first = n, .per_batch = (2 * n + 100) / BATCHES };
    struct xo_tally *tally = xo_tally_new(w->n_classes, err);
    const bool ok = tally != NULL && run_batches(sim, w, n_replicas, &f, tally, err);
    xo_tally_free(tally);
    *cycle_s = (f.at_s[BATCHES] - f.at_s[0]) * (double)n / (double)(BATCHES * f.per_batch);
    return ok;
}

/* Observe clients in their steady state. They begin evenly over one cycle and are left alone for
 * two more. Every request that begins in the window after that counts, and is followed to its
 * end. */
static bool observe_steady_clients(struct option_sim *sim, int n_replicas, struct xo_tally *tally,
                                   struct xo_error *err)
{
    static const double LEAD_IN_CYCLES = 3, CYCLES = 10, REQUESTS = 1000;
    const struct xo_workload *w = &sim->scenario->workload;
    double cycle_s;
    if (!measure_cycle(sim, n_replicas, &cycle_s, err))
        return false;
    const struct xo_window window = { .start_over_s = cycle_s,
                                      .from_s = LEAD_IN_CYCLES * cycle_s,
                                      .to_s = (LEAD_IN_CYCLES + CYCLES + REQUESTS / w->n_clients) *
                                              cycle_s };
    return sim_run_closed(sim, w, n_replicas, 0, &window, tally, err);
}

bool sim_observe_clients(struct option_sim *sim, int n_replicas, struct xo_tally *tally,
                         struct xo_error *err)
{
    const int64_t n = sim->scenario->benchmark_requests;
    if (n == 0)
        return observe_steady_clients(sim, n_replicas, tally, err);
    const struct xo_window all = { .to_s = INFINITY, .max_requests = n, .max_sends = n };
    return sim_run_closed(sim, &sim->scenario->workload, n_replicas, 0, &all, tally, err);
}
