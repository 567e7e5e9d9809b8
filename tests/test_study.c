/* test_study.c - sizing and crossings against theory: with batches of one, a shared queue,
 * exponential answers and a flat tariff, Erlang C gives every capacity and every crossing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plain_deployment.h"
#include "study/draws.h"

#include <check.h>
#include <dlfcn.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double TAU_S = 0.01, MEAN_TOKENS = 700, WAIT_LIMIT_S = 8.25, QUANTILE = 0.9;

/* P(wait > t) in M/M/c: Erlang's C formula times exp(-(c*mu - lambda)*t). Source: Kleinrock,
 * Queueing Systems I (1975), 3.5; C by the recursion of Erlang's B. */
static double erlang_wait_above(int c, double lambda, double mu, double t)
{
    double a = lambda / mu, b = 1;
    for (int k = 1; k <= c; k++)
        b = a * b / (k + a * b);
    double rho = a / c, wait = b / (1 - rho * (1 - b));
    return wait * exp(-(c * mu - lambda) * t);
}

static double erlang_capacity(int c, double mu)
{
    double lo = 0, hi = c * mu;
    for (int i = 0; i < 100; i++) {
        double mid = (lo + hi) / 2;
        if (erlang_wait_above(c, mid, mu, WAIT_LIMIT_S) <= 1 - QUANTILE)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

/* A month of 730 h at a flat profile; one class, one-token prompts, exponential answers. */
static struct xo_scenario *erlang_scenario(void)
{
    struct xo_scenario *s = calloc(1, sizeof *s);
    ck_assert_ptr_nonnull(s);
    s->seed = 20261122;
    s->hours_per_month = 730;
    s->requests_per_month = 3e5;
    s->growth = XO_BUSIER;
    s->workload.arrivals = (struct xo_arrivals){ XO_ARRIVALS_POISSON, 1, { 1, 0, 0 } };
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        s->workload.profile.hour_weight[h] = 1;
    s->workload.n_classes = 1;
    struct xo_class *c = &s->workload.classes[0];
    strcpy(c->name, "only");
    c->weight = 1;
    c->max_context_tokens = 1 << 20;
    ck_assert(xo_dist_constant(&c->prompt, 1, NULL));
    ck_assert(xo_dist_by_moments(&c->output, XO_DIST_EXPONENTIAL, MEAN_TOKENS, 1, NULL));
    s->slo[0].n_targets = 1;
    s->slo[0].targets[0] = (struct xo_slo_target){ XO_METRIC_TTFT, QUANTILE, WAIT_LIMIT_S + TAU_S };
    s->slo[0].timeout_s = 1e6;
    s->engine = (struct xo_engine){
        .admission = XO_ADMIT_RESERVE, .chunk_tokens = 1 << 20, .max_batch = 1, .fast_forward = true
    };
    s->router = XO_ROUTE_SHARED_QUEUE;
    s->n_options = 1;
    struct xo_deployment *d = &s->options[0].deployment;
    d->tensor_parallel = d->expert_parallel = d->pipeline_parallel = d->attention_dp = 1;
    s->options[0].terms = (struct xo_build_terms){ .tenure = XO_RENT,
                                                   .rent_usd_per_gpu_hour = 2.25,
                                                   .server_gpus = 1,
                                                   .rent_scale = 1,
                                                   .commitment_months = 12,
                                                   .hours_per_month = 730 };
    s->n_apis = 1;
    struct xo_tariff *t = &s->apis[0].tariff;
    strcpy(t->name, "flat");
    t->cached_input = t->cache_write = NAN;
    t->output = 15.6e-6;
    t->n_contexts = 0;
    t->requests_per_minute = t->tokens_per_minute = INFINITY;
    s->buy.price_scale = 1;
    s->buy.commitment_months = 12;
    s->min_volume_factor = 0.01;
    s->max_volume_factor = 10;
    s->n_replications = 4;
    s->n_draws = 200;
    s->capacity_precision_frac = 0.03;
    return s;
}

static void answers_of_700(struct xo_scenario *s)
{
    xo_dist_fini(&s->workload.classes[0].output);
    ck_assert(xo_dist_constant(&s->workload.classes[0].output, 700, NULL));
}

static void free_scenario(struct xo_scenario *s)
{
    xo_dist_fini(&s->workload.classes[0].prompt);
    xo_dist_fini(&s->workload.classes[0].output);
    free(s);
}

static const struct xo_study_options two_threads = { .n_threads = 2 };

static void erlang_arm(struct option_sim *sim, const struct xo_scenario *s)
{
    const struct xo_kv_room kv = { .room_bytes = (int64_t)1 << 40,
                                   .full_block_bytes = 16,
                                   .block_tokens = 16 };
    sim_init_step(sim, s, 0, &two_threads, xo_step_model_constant(TAU_S, NULL), &kv);
}

static void erlang_measure(struct option_sim *sim, struct xo_scenario *s,
                           bool (*measure)(struct option_sim *, struct xo_error *))
{
    struct xo_error err = { 0 };
    erlang_arm(sim, s);
    ck_assert_msg(measure(sim, &err), "%s", err.text);
}

/* Mean of an exponential length rounded to whole tokens, at least one: sum over k >= 1 of P(X >=
 * k), with X >= k when the exponential exceeds k - 1/2, and P(X >= 1) = 1. */
static double mean_rounded_tokens(void)
{
    double q = exp(-1 / MEAN_TOKENS);
    return 1 + exp(-1.5 / MEAN_TOKENS) / (1 - q);
}

START_TEST(capacities_are_those_of_erlang_c)
{
    struct xo_scenario *s = erlang_scenario();
    struct option_sim sim;
    struct xo_error err = { 0 };
    double slope = 0, volume = 0, mu = 1 / (TAU_S * mean_rounded_tokens());
    erlang_arm(&sim, s);
    ck_assert_msg(sim_measure_limits(&sim, &err), "%s", err.text);
    ck_assert(!sim.infeasible.holds);
    /* Saturated, a server takes mean_rounded_tokens() steps a request. */
    ck_assert_double_eq_tol(sim.limits.saturation_rate_per_s / mu, 1, 0.05);
    /* A moment finds exponential stays twice as long as they are in the mean. */
    ck_assert_double_eq_tol(sim.limits.lone_e2e_s * mu, 1, 0.02);
    ck_assert_double_eq_tol(sim.limits.lone_stay_s * mu, 2, 0.04);
    for (int n = 1; n <= 8; n *= 2) {
        struct xo_capacity c;
        ck_assert_msg(capacity_find(&sim, n, &(struct hint){ volume, slope, 0 }, &c, &err), "%s",
                      err.text);
        slope = c.slope;
        double expected = erlang_capacity(n, mu);
        double half_width = (c.rate_hi_per_s - c.rate_lo_per_s) / 2;
        /* The stated interval and the 1 % to which the search goes. */
        ck_assert_msg(fabs(c.rate_per_s - expected) < 1.3 * half_width + 0.01 * expected,
                      "%d replicas serve %g/s, Erlang C says %g/s (half-width %g)", n, c.rate_per_s,
                      expected, half_width);
        ck_assert_double_lt(half_width, 0.065 * expected);
        ck_assert_double_eq_tol(sim_volume(&sim, c.rate_per_s), c.volume, 1e-6 * c.volume);
        volume = 2 * c.volume;
    }
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

/* ---- closed loops ---- */

enum { CLIENTS = 100, SLOTS = 64 };
static const double GAP_S = 2.25;

/* Requests a second of CLIENTS sources that think for GAP_S and share SLOTS exponential servers:
 * the finite-source queue M/M/c//N, whatever the law of thinking (Kleinrock, 1975, 3.8; Baskett et
 * al., J. ACM 22(2), 1975). weight[k] of k requests present, each over the one before. */
static double finite_source_rate(double mu)
{
    double weight = 1, sum = 1, served = 0;
    for (int k = 1; k <= CLIENTS; k++) {
        const int busy = k < SLOTS ? k : SLOTS;
        weight *= (CLIENTS - k + 1) / GAP_S / (busy * mu);
        sum += weight;
        served += weight * busy * mu;
    }
    return served / sum;
}

static struct xo_scenario *closed_scenario(void)
{
    struct xo_scenario *s = erlang_scenario();
    s->engine.max_batch = SLOTS;
    s->workload.n_clients = CLIENTS;
    s->workload.client_gap_s = GAP_S;
    return s;
}

START_TEST(clients_are_measured_as_the_finite_source_queue_says)
{
    enum { SEEDS = 12 };
    struct xo_scenario *s = closed_scenario();
    struct xo_moments output, e2e;
    xo_moments_init(&output);
    xo_moments_init(&e2e);
    for (int i = 0; i < SEEDS; i++) {
        struct option_sim sim;
        struct xo_tally *t = xo_tally_new(1, NULL);
        s->seed = 71 + (uint64_t)i;
        erlang_arm(&sim, s);
        ck_assert(sim_observe_clients(&sim, 1, t, NULL));
        const struct xo_class_tally *c = &t->classes[0];
        ck_assert_int_eq(c->n_finished, c->n_arrived);
        ck_assert_int_ge(c->n_finished, 1800); /* ten waves and a thousand, give or take */
        xo_moments_add(&output, (double)c->output_tokens / (double)c->n_finished);
        xo_moments_add(&e2e, c->e2e.mean);
        xo_tally_free(t);
        sim_fini(&sim);
    }
    const double tokens = mean_rounded_tokens(), mu = 1 / (TAU_S * tokens);
    const double cycle_s = CLIENTS / finite_source_rate(mu);
    const double output_se = sqrt(xo_moments_variance(&output) / SEEDS);
    const double e2e_se = sqrt(xo_moments_variance(&e2e) / SEEDS);
    ck_assert_double_lt(output_se, 0.01 * tokens);
    ck_assert_double_lt(e2e_se, 0.01 * cycle_s);
    ck_assert_double_eq_tol(output.mean, tokens, 4 * output_se);
    /* one starts at the next step: half a step late in the mean */
    ck_assert_double_eq_tol(e2e.mean + GAP_S, cycle_s + TAU_S / 2, 4 * e2e_se);
    free_scenario(s);
}
END_TEST

START_TEST(a_benchmark_counts_each_of_its_requests_to_the_end)
{
    struct xo_scenario *s = closed_scenario();
    struct option_sim sim;
    struct xo_tally *t = xo_tally_new(1, NULL);
    s->benchmark_requests = 317;
    erlang_arm(&sim, s);
    ck_assert(sim_observe_clients(&sim, 1, t, NULL));
    ck_assert_int_eq(t->classes[0].n_arrived, 317);
    ck_assert_int_eq(t->classes[0].n_finished, 317);
    ck_assert_int_eq(t->n_simulated, 317);
    /* all at once: CLIENTS - SLOTS wait, and nobody is left at the end */
    ck_assert_int_eq(t->queue_at_to, 0);
    ck_assert_double_eq_tol(t->in_system_integral_s, t->classes[0].e2e.mean * 317, 1e-6);
    xo_tally_free(t);
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

/* 4 in 100 requests are longer than the model takes: they are misses that hold no server, so the
 * fleet carries lambda with 0.04 + 0.96 P(wait > t at 0.96 lambda) = 0.1. */
static double erlang_capacity_with_refusals(int c, double mu, double refused)
{
    double lo = 0, hi = c * mu / (1 - refused);
    for (int i = 0; i < 100; i++) {
        const double mid = (lo + hi) / 2, served = (1 - refused) * mid;
        const double late = erlang_wait_above(c, served, mu, WAIT_LIMIT_S);
        if (refused + (1 - refused) * late <= 1 - QUANTILE)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static struct xo_scenario *erlang_scenario_with_refusals(double refused)
{
    struct xo_scenario *s = erlang_scenario();
    const double lengths[2] = { 1, 300000 }, weights[2] = { 1 - refused, refused };
    xo_dist_fini(&s->workload.classes[0].prompt);
    ck_assert(xo_dist_of_values(&s->workload.classes[0].prompt, XO_DIST_DISCRETE, lengths, weights,
                                2, NULL));
    s->engine.max_context_tokens = 200000;
    return s;
}

START_TEST(requests_too_long_are_misses_that_hold_no_server)
{
    const double refused = 0.04, mu = 1 / (TAU_S * mean_rounded_tokens());
    struct xo_scenario *s = erlang_scenario_with_refusals(refused);
    struct xo_error err = { 0 };
    struct option_sim sim;
    erlang_arm(&sim, s);
    ck_assert_msg(sim_measure_limits(&sim, &err), "%s", err.text);
    ck_assert(!sim.infeasible.holds);
    ck_assert_double_eq_tol(sim.unserved.frac, refused, 1e-9);
    ck_assert_int_eq(sim.unserved.longest_tokens[0], 200000);
    /* Calls, refused ones too. */
    ck_assert_double_eq_tol(sim.limits.saturation_rate_per_s / (mu / (1 - refused)), 1, 0.05);
    for (int n = 1; n <= 4; n *= 4) {
        struct xo_capacity c;
        ck_assert_msg(capacity_find(&sim, n, &(struct hint){ 0 }, &c, &err), "%s", err.text);
        const double expected = erlang_capacity_with_refusals(n, mu, refused);
        const double half_width = (c.rate_hi_per_s - c.rate_lo_per_s) / 2;
        ck_assert_msg(fabs(c.rate_per_s - expected) < 1.3 * half_width + 0.01 * expected,
                      "%d replicas serve %g/s, Erlang C says %g/s (half-width %g)", n, c.rate_per_s,
                      expected, half_width);
    }
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

/* The SLO lets 10 in 100 miss; 12 are refused, or all that lone requests are drawn. By how much is
 * the margin: log(0.12/0.1). */
START_TEST(more_refusals_than_the_slo_lets_miss_are_infeasible)
{
    const double refused = _i == 0 ? 0.12 : 1 - 1e-7;
    struct xo_scenario *s = erlang_scenario_with_refusals(refused);
    struct option_sim sim;
    erlang_measure(&sim, s, sim_measure_limits);
    ck_assert(sim.infeasible.holds);
    ck_assert_int_eq(sim.infeasible.cause, XO_CAUSE_REFUSED);
    ck_assert_double_eq_tol(sim.lone_margin, log(refused / 0.1), 1e-9);
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

/* One server, E2E <= limit for 90 in 100: P(T > t) = exp(-(mu - lambda) t) in M/M/1 (Kleinrock,
 * 1975, 3.2), so lambda = mu - log(10)/t. With t where an empty server lets `lone` miss, lambda is
 * mu (1 - log(10)/log(1/lone)): 0.0437 mu at 0.09. */
static struct xo_scenario *edge_scenario(double lone)
{
    struct xo_scenario *s = erlang_scenario();
    const double limit_s = -log(lone) * TAU_S * mean_rounded_tokens();
    s->slo[0].targets[0] = (struct xo_slo_target){ XO_METRIC_E2E, QUANTILE, limit_s };
    return s;
}

/* The capacity of n replicas under a seed. The option_sim is the caller's to end. */
static struct xo_capacity capacity_under(struct option_sim *sim, struct xo_scenario *s, int seed,
                                         int n)
{
    struct xo_error err = { 0 };
    struct xo_capacity c;
    s->seed = (uint64_t)seed;
    erlang_arm(sim, s);
    ck_assert_msg(sim_measure_limits(sim, &err), "%s", err.text);
    ck_assert_msg(!sim->infeasible.holds, "seed %d", seed);
    ck_assert_msg(capacity_find(sim, n, &(struct hint){ 0 }, &c, &err), "%s", err.text);
    return c;
}

START_TEST(at_the_edge_of_a_lone_request_intervals_cover)
{
    enum { SEEDS = 12 };
    const double lone = 0.09, mu = 1 / (TAU_S * mean_rounded_tokens());
    const double expected = mu * (1 - log(10) / log(1 / lone));
    struct xo_scenario *s = edge_scenario(lone);
    int n_covered = 0;
    for (int seed = 1; seed <= SEEDS; seed++) {
        struct option_sim sim;
        const struct xo_capacity c = capacity_under(&sim, s, seed, 1);
        ck_assert_double_eq_tol(sim.limits.missed_frac[0][0], lone, 2e-4);
        ck_assert_double_eq_tol(sim_allowed_frac(&sim, 0, 0), 0.1 - lone, 2e-4);
        ck_assert_double_eq_tol(c.rate_per_s, expected, 0.35 * expected);
        n_covered += c.rate_lo_per_s <= expected && expected <= c.rate_hi_per_s;
        sim_fini(&sim);
    }
    ck_assert_msg(n_covered >= SEEDS - 2, "%d of %d cover", n_covered, SEEDS);
    free_scenario(s);
}
END_TEST

/* Alone, 0.09 miss of the 0.1 that may; 0.05 miss where exp(-t/(mean*tau)) = 0.05. */
START_TEST(an_slo_at_the_edge_is_named_with_the_limit_that_would_settle_it)
{
    for (int edge = 0; edge < 2; edge++) {
        const double lone = edge ? 0.09 : 0.049;
        struct xo_scenario *s = edge_scenario(lone);
        struct option_sim sim;
        erlang_measure(&sim, s, sim_measure_lone);
        ck_assert_int_eq(sim.edge.holds, edge);
        if (edge) {
            ck_assert_double_eq_tol(sim.edge.missed_frac, 0.09, 2e-4);
            const double settled_s = -log(0.05) * TAU_S * mean_rounded_tokens();
            ck_assert_double_eq_tol(sim.edge.settled_s, settled_s, 0.01 * settled_s);
        }
        sim_fini(&sim);
        free_scenario(s);
    }
}
END_TEST

/* Of 0.1 that may miss 0.09995 do, alone: no search finds a load that makes no more than the rest
 * miss. The limit that would have to be is above this one. */
START_TEST(a_limit_that_leaves_load_nothing_is_missed)
{
    struct xo_scenario *s = edge_scenario(0.09995);
    struct option_sim sim;
    erlang_measure(&sim, s, sim_measure_lone);
    ck_assert(sim.infeasible.holds);
    ck_assert_double_gt(sim.infeasible.lone_s, s->slo[0].targets[0].limit_s);
    ck_assert_double_lt(sim.infeasible.lone_s, 1.01 * s->slo[0].targets[0].limit_s);
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

START_TEST(no_seed_decides_whether_a_lone_request_meets_the_slo)
{
    for (int above = 0; above < 2; above++) {
        struct xo_scenario *s = edge_scenario(above ? 0.1006 : 0.0994);
        for (int seed = 1; seed <= 5; seed++) {
            struct option_sim sim;
            s->seed = (uint64_t)seed;
            erlang_measure(&sim, s, sim_measure_lone);
            ck_assert_int_eq(sim.infeasible.holds, above);
            sim_fini(&sim);
        }
        free_scenario(s);
    }
}
END_TEST

/* A replica that is never idle serves mu; its interval covers that, and is that of a capacity which
 * is no more than the throughput. */
START_TEST(saturation_has_an_interval)
{
    enum { SEEDS = 20 };
    const double mu = 1 / (TAU_S * mean_rounded_tokens());
    struct xo_scenario *s = erlang_scenario();
    s->slo[0].targets[0].limit_s = 1e5; /* an hour of saturation meets it */
    int n_covered = 0;
    for (int seed = 1; seed <= SEEDS; seed++) {
        struct option_sim sim;
        const struct xo_capacity c = capacity_under(&sim, s, seed, 3);
        ck_assert_int_eq(c.binding_target, -1);
        ck_assert_double_eq_tol(c.rate_per_s, 3 * sim.limits.saturation_rate_per_s,
                                1e-9 * c.rate_per_s);
        ck_assert_double_gt(c.rate_hi_per_s, 1.01 * c.rate_per_s);
        ck_assert_double_lt(c.rate_hi_per_s, 1.06 * c.rate_per_s);
        n_covered += c.rate_lo_per_s <= 3 * mu && 3 * mu <= c.rate_hi_per_s;
        sim_fini(&sim);
    }
    ck_assert_msg(n_covered >= SEEDS - 3, "%d of %d cover", n_covered, SEEDS);
    free_scenario(s);
}
END_TEST

/* Twice as many clients as run at once keep a replica full: 600 where max_batch is 300, and 400
 * where memory holds 200 of their prompts of 160 tokens, 10 blocks each; not below 256. The loop
 * leaves two waves out, and measures 20 equal parts of four waves and 4,000. */
START_TEST(no_more_clients_fill_a_replica_than_it_holds_twice)
{
    static const struct {
        int64_t blocks;
        int n_clients;
    } rows[] = { { 1 << 30, 600 }, { 2000, 400 }, { 100, 256 } };
    struct xo_scenario *s = erlang_scenario();
    struct xo_error err = { 0 };
    s->engine.max_batch = 300;
    xo_dist_fini(&s->workload.classes[0].prompt);
    ck_assert(xo_dist_constant(&s->workload.classes[0].prompt, 160, NULL));
    answers_of_700(s);
    s->slo[0].targets[0].limit_s = 1e5;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xo_kv_room kv = { .room_bytes = 16 * rows[i].blocks,
                                       .full_block_bytes = 16,
                                       .block_tokens = 16 };
        const int64_t n = rows[i].n_clients, counted = 2 * n + (4 * n + 4000) / 20 * 20;
        struct option_sim sim;
        sim_init_step(&sim, s, 0, &two_threads, xo_step_model_constant(TAU_S, NULL), &kv);
        ck_assert_msg(sim_measure_lone(&sim, &err), "%s", err.text);
        const int64_t n_lone = sim.n_simulated;
        ck_assert_msg(sim_measure_limits(&sim, &err), "%s", err.text);
        /* clients that wait for the last ones send again; nobody else is simulated */
        ck_assert_int_ge(sim.n_simulated - 2 * n_lone, counted);
        ck_assert_int_le(sim.n_simulated - 2 * n_lone, counted + n);
        sim_fini(&sim);
    }
    free_scenario(s);
}
END_TEST

/* A queue at 0.9 of saturation forgets that it began empty within some 1,200 requests: then rho^2 /
 * (1 - rho) = 8.1 wait in the mean (M/M/1). Twenty E2E times, 18 requests, would see half of them.
 */
START_TEST(near_saturation_the_lead_in_lasts_until_the_queue_is_there)
{
    enum { RUNS = 400 };
    const double rho = 0.9, mu = 1 / (TAU_S * mean_rounded_tokens());
    struct xo_scenario *s = erlang_scenario();
    struct xo_error err = { 0 };
    struct xo_tally *tally;
    struct option_sim sim;
    erlang_arm(&sim, s);
    ck_assert_msg(sim_measure_limits(&sim, &err), "%s", err.text);
    const double volume = sim_volume(&sim, rho * mu);
    ck_assert_msg(sim_observe(&sim, 1, volume, 1, 4000, RUNS, &tally, &err), "%s", err.text);
    const double waiting = rho * rho / (1 - rho);
    const double sd = sqrt(rho * rho * (1 + rho - rho * rho)) / (1 - rho); /* of how many wait */
    ck_assert_double_eq_tol((double)tally->queue_at_from / RUNS, waiting, 4 * sd / sqrt(RUNS));
    xo_tally_free(tally);
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

/* In place of the GSL's own, which fails for no data that lone requests can leave. */
static bool no_line_fits;
int gsl_multifit_linear(const gsl_matrix *x, const gsl_vector *y, gsl_vector *c, gsl_matrix *cov,
                        double *chisq, gsl_multifit_linear_workspace *work)
{
    int (*own)(const gsl_matrix *, const gsl_vector *, gsl_vector *, gsl_matrix *, double *,
               gsl_multifit_linear_workspace *);
    *(void **)&own = dlsym(RTLD_NEXT, "gsl_multifit_linear");
    return no_line_fits ? GSL_EMAXITER : own(x, y, c, cov, chisq, work);
}

START_TEST(lone_requests_that_no_line_fits_end_the_option_with_that_reason)
{
    struct xo_scenario *s = edge_scenario(0.09); /* some miss: their lengths are to tell which */
    struct option_sim sim;
    struct xo_error err = { 0 };
    erlang_arm(&sim, s);
    no_line_fits = true;
    ck_assert(!sim_measure_limits(&sim, &err));
    no_line_fits = false;
    ck_assert_int_eq(err.kind, XO_ERR_NUMERIC); /* as of an option that is left out, below */
    ck_assert_str_eq(err.text, "the times of lone requests could not be fitted");
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

START_TEST(an_option_that_fails_is_left_out_but_not_for_want_of_memory)
{
    struct xo_infeasible infeasible = { 0 };
    struct xo_error why = { 0 }, err = { 0 };
    bool failed = xo_fail(&why, XO_ERR_NUMERIC, "the capacity of %d replicas did not settle", 3);
    ck_assert(!failed && option_is_left_out(&why, &infeasible, &err));
    ck_assert(infeasible.holds);
    ck_assert_int_eq(infeasible.cause, XO_CAUSE_FAILED);
    ck_assert_str_eq(infeasible.reason, "the capacity of 3 replicas did not settle");
    ck_assert_int_eq(err.kind, XO_OK);
    failed = xo_fail(&why, XO_ERR_MEMORY, "out of memory");
    ck_assert(!failed && !option_is_left_out(&why, &infeasible, &err));
    ck_assert_int_eq(err.kind, XO_ERR_MEMORY);
    why.kind = XO_ERR_STOPPED;
    ck_assert(!option_is_left_out(&why, &infeasible, &err));
    ck_assert_int_eq(err.kind, XO_ERR_STOPPED);
}
END_TEST

/* The exact staircase and the API's line, by hand: where is building cheaper? */
static bool exact_build_wins(double volume, double mu)
{
    double rate = volume / (730 * 3600.0), buy = volume * mean_rounded_tokens() * 15.6e-6;
    int n = 1;
    while (erlang_capacity(n, mu) < rate)
        n++;
    return buy > n * 2.25 * 730;
}

START_TEST(crossings_are_those_of_erlang_c)
{
    struct xo_scenario *s = erlang_scenario();
    struct xo_error err = { 0 };
    struct option_sizing sizing = { 0 };
    struct xo_ladder ladder;
    erlang_arm(&sizing.sim, s);
    sizing.ladder = &ladder;
    const double min = 3e3, max = 3e6, mu = 1 / (TAU_S * mean_rounded_tokens());
    ck_assert_msg(ladder_climb(&ladder, &sizing.sim, max, 1000, NULL, NULL, &err), "%s", err.text);
    struct demand demand;
    ck_assert(demand_init(&demand, s, &err));
    struct world w = { .scenario = s, .demand = &demand, .sizings = &sizing, .n_sizings = 1 };
    struct xo_crossings got;
    ck_assert(ways_cross(&w, XO_WAY_BUY, XO_WAY_BUILD, min, max, &got, &err));

    double expected[XO_MAX_CROSSINGS];
    int n = 0;
    bool wins = exact_build_wins(min, mu);
    for (double v = min; v < max; v *= 1.0005) {
        bool now = exact_build_wins(v, mu);
        if (now != wins)
            expected[n++] = v;
        wins = now;
    }
    ck_assert_int_ge(n, 3); /* the case is worth its name */
    ck_assert_int_eq(got.n, n);
    for (int i = 0; i < n; i++)
        ck_assert_msg(fabs(got.at[i].volume / expected[i] - 1) < 0.03,
                      "crossing %d at %g, exactly %g", i, got.at[i].volume, expected[i]);
    ck_assert(got.build_cheaper_at_max == wins);
    ladder_fini(&ladder);
    sim_fini(&sizing.sim);
    free_scenario(s);
}
END_TEST

START_TEST(an_slo_below_one_step_is_infeasible_and_says_what_a_lone_request_takes)
{
    struct xo_scenario *s = erlang_scenario();
    struct xo_error err = { 0 };
    struct option_sim sim;
    s->slo[0].targets[0].limit_s = 0.5 * TAU_S;
    erlang_arm(&sim, s);
    ck_assert(sim_measure_limits(&sim, &err));
    ck_assert(sim.infeasible.holds);
    ck_assert_int_eq(sim.infeasible.target, 0);
    ck_assert_double_eq_tol(sim.infeasible.lone_s, TAU_S, 0.01 * TAU_S);
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

/* Llama 3.1 8B in bf16 on one H100, as a chat in office hours. */
static struct xo_scenario *chat_scenario(void)
{
    struct xo_scenario *s = erlang_scenario();
    struct xo_class *c = &s->workload.classes[0];
    xo_dist_fini(&c->prompt);
    xo_dist_fini(&c->output);
    ck_assert(xo_dist_by_moments(&c->prompt, XO_DIST_LOGNORMAL, 900, 0.8, NULL));
    ck_assert(xo_dist_by_moments(&c->output, XO_DIST_LOGNORMAL, 210, 0.7, NULL));
    c->max_context_tokens = 32768;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        s->workload.profile.hour_weight[h] = h / 24 < 5 && h % 24 >= 9 && h % 24 < 18 ? 2.75 : 0.36;
    s->slo[0].n_targets = 2;
    s->slo[0].targets[0] = (struct xo_slo_target){ XO_METRIC_TTFT, 0.95, 1.5 };
    s->slo[0].targets[1] = (struct xo_slo_target){ XO_METRIC_TPOT, 0.95, 0.04 };
    s->slo[0].timeout_s = 300;
    s->engine = (struct xo_engine){
        .admission = XO_ADMIT_PROMPT, .chunk_tokens = 2048, .max_batch = 256, .fast_forward = true
    };
    s->router = XO_ROUTE_LEAST_OUTSTANDING;
    const struct xo_gpu gpu = { .name = "h100-sxm",
                                .generation = XO_GEN_HOPPER,
                                .memory_bytes = 85e9,
                                .hbm_bytes_per_s = 3.35e12,
                                .bf16_flop_per_s = 989e12,
                                .fp8_flop_per_s = 1979e12,
                                .link_bytes_per_s = 450e9,
                                .link_is_switched = true,
                                .power_busy_w = 700,
                                .power_idle_w = 120 };
    const struct xo_model model = { .name = "llama-3.1-8b",
                                    .layers = 32,
                                    .hidden = 4096,
                                    .heads = 32,
                                    .kv_heads = 8,
                                    .head_dim = 128,
                                    .intermediate = 14336,
                                    .vocab = 128256,
                                    .max_context_tokens = 131072 };
    s->options[0].deployment = plain_deployment(&gpu, &model);
    return s;
}

/* docs/model.md, "A week from its hours": the pointwise-stationary reading of a week against the
 * week itself, within 2 %. */
START_TEST(a_week_read_hour_by_hour_is_the_week_simulated)
{
    const double week_s = 168 * 3600.0, rate = 3.25;
    const int n = 2;
    struct xo_scenario *s = chat_scenario();
    struct xo_error err = { 0 };
    struct option_sizing b = { 0 };
    struct xo_capacity c;
    struct xo_ladder ladder = { .rungs = &c, .n_rungs = 1 };
    ck_assert_msg(sim_init(&b.sim, s, 0, &two_threads, &err), "%s", err.text);
    ck_assert(sim_measure_limits(&b.sim, &err));
    ck_assert(capacity_find(&b.sim, n, &(struct hint){ 0 }, &c, &err));
    b.ladder = &ladder;
    ck_assert(load_curve_measure(&b.load_curve, &b.sim, &c, &err));
    struct demand demand;
    ck_assert(demand_init(&demand, s, &err));
    s->fixed_replicas = n;
    struct world w = { .scenario = s, .demand = &demand, .sizings = &b, .n_sizings = 1 };
    struct xo_sized sized;
    world_sized(&w, rate * 730 * 3600, 0, &sized);
    ck_assert(sized.feasible);

    struct xo_source_options options = { .requests_per_s = rate, .start_s = 0, .seed = 77 };
    struct xo_source *source = xo_source_new(&s->workload, &options, &err);
    struct xo_fleet fleet = { .step = b.sim.step,
                              .kv = b.sim.kv,
                              .engine = s->engine,
                              .router = s->router,
                              .n_replicas = n };
    struct xo_window window = { .from_s = 3600, .to_s = 3600 + week_s };
    window.max_misses[0][0] = window.max_misses[0][1] = INT64_MAX;
    struct xo_tally *tally = xo_tally_new(1, &err);
    ck_assert_ptr_nonnull(source);
    ck_assert_msg(xo_fleet_run(&fleet, &s->workload, source, &window, tally, &err), "%s", err.text);
    double busy_frac = tally->busy_s / (n * week_s);
    ck_assert_msg(fabs(sized.week_busy_frac / busy_frac - 1) < 0.02, "read %g, simulated %g",
                  sized.week_busy_frac, busy_frac);
    xo_tally_free(tally);
    xo_source_free(source);
    sim_fini(&b.sim);
    free_scenario(s);
}
END_TEST

START_TEST(capacity_a_replica_does_not_fall_as_the_fleet_grows)
{
    struct xo_scenario *s = chat_scenario();
    struct xo_error err = { 0 };
    struct option_sim sim;
    struct xo_ladder ladder;
    ck_assert(sim_init(&sim, s, 0, &two_threads, &err));
    ck_assert_msg(ladder_climb(&ladder, &sim, INFINITY, 3, NULL, NULL, &err), "%s", err.text);
    ck_assert_int_eq(ladder.n_rungs, 3);
    for (int i = 1; i < 3; i++)
        ck_assert_double_ge(ladder.rungs[i].volume_hi / (i + 1),
                            ladder.rungs[i - 1].volume_lo / i); /* to within their intervals */
    ck_assert_double_lt(ladder.rungs[2].rate_per_s, 3 * ladder.saturation_rate_per_s);
    ladder_fini(&ladder);
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

START_TEST(cells_are_equal_parts_of_sixteen_to_thirty_one)
{
    for (int n = 1; n <= 4000; n++) {
        int k = cells_of(n), c = cell_replicas(n);
        ck_assert_int_le(c, CELL_MAX_REPLICAS + 1);
        if (k > 1)
            ck_assert_int_ge(c, 16);
        ck_assert_double_le(fabs((double)n / k - c), 0.5);
    }
}
END_TEST

START_TEST(a_ladder_reads_as_a_staircase)
{
    struct xo_capacity rungs[3] = { { .n_replicas = 1, .volume = 100 },
                                    { .n_replicas = 2, .volume = 220 },
                                    { .n_replicas = 4, .volume = 480 } };
    struct xo_ladder ladder = { .rungs = rungs, .n_rungs = 3 };
    struct stairs stairs = { .ladder = &ladder };
    ck_assert_int_eq(stairs_replicas(&stairs, 0), 1);
    ck_assert_int_eq(stairs_replicas(&stairs, 100), 1);
    ck_assert_int_eq(stairs_replicas(&stairs, 100.001), 2);
    /* Between rungs capacity per replica is straight in log N: 110 at 2, 120 at 4. */
    ck_assert_double_eq_tol(stairs_volume(&stairs, 3), 3 * (110 + 10 * log(1.5) / log(2)), 1e-9);
    ck_assert_double_eq_tol(stairs_volume(&stairs, 40), 4800, 1e-9); /* beyond: as the last rung */
    scaling_add(&stairs.scaling, log(0.5), log(0.5));
    ck_assert_int_eq(stairs_replicas(&stairs, 100), 2);
    /* Straight in log N from 1 to 8, also at a count between the knots; constant beyond. */
    stairs.scaling = (struct scaling){ 0 };
    scaling_add(&stairs.scaling, 0.3, -0.3);
    ck_assert_double_eq_tol(stairs_volume(&stairs, 1), 100 * exp(0.3), 1e-9);
    ck_assert_double_eq_tol(stairs_volume(&stairs, 40), 4800 * exp(-0.3), 1e-9);
    ck_assert_double_eq_tol(log(stairs_volume(&stairs, 5) / 600), 0.3 - 0.6 * log(5) / log(8),
                            1e-9);
}
END_TEST

/* Two replicas, of which there is no rung, are seen to miss the SLO at 90: less than one was taken
 * to serve. They are known as well as one is, to a tenth; but a replica's full batches serve 93,
 * known to 1 % (one standard error), so one alone serves no more than 94.8. */
START_TEST(a_fleet_that_is_seen_to_miss_lowers_the_ladder_up_to_it)
{
    struct xo_scenario *s = erlang_scenario();
    struct xo_error err = { 0 };
    struct xo_ladder ladder = { .rungs = calloc(2, sizeof *ladder.rungs), .n_rungs = 2 };
    struct option_sim sim;
    erlang_arm(&sim, s);
    ck_assert_ptr_nonnull(ladder.rungs);
    sim.limits.saturation_rate_per_s = sim_rate(&sim, 93);
    sim.limits.saturation_se_frac = 0.01;
    ladder.rungs[0] =
        (struct xo_capacity){ .n_replicas = 1, .volume = 100, .log_half_width = log(1.1) };
    ladder.rungs[1] =
        (struct xo_capacity){ .n_replicas = 4, .volume = 480, .log_half_width = 0.01 };
    ck_assert(ladder_lower(&ladder, &sim, 2, 90, &err));
    ck_assert_int_eq(ladder.n_rungs, 3);
    const struct xo_capacity *r = ladder.rungs;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(r[i].n_replicas, i + 1);
        ck_assert_double_lt(r[i].volume, 90);
        ck_assert_double_eq_tol(r[i].volume, 90, 1e-3);
        ck_assert_double_eq_tol(r[i].volume_hi, i == 0 ? 93 * exp(0.0196) : 99, 1e-3);
        ck_assert_double_eq_tol(r[i].volume_lo, 90 / 1.1, 1e-3);
    }
    ck_assert_int_eq(r[2].n_replicas, 4);
    ck_assert_double_eq(r[2].volume, 480);
    ladder_fini(&ladder);
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

START_TEST(worked_out_treads_are_the_stairs_they_are_of)
{
    struct xo_capacity rungs[3] = {
        { .n_replicas = 1, .volume = 100, .log_half_width = 0.05, .volume_most = 104 },
        { .n_replicas = 2, .volume = 220, .log_half_width = 0.05, .volume_most = 231 },
        { .n_replicas = 4, .volume = 480, .log_half_width = 0.02, .volume_most = 490 }
    };
    struct xo_ladder ladder = { .rungs = rungs, .n_rungs = 3 };
    struct stairs stairs = { .ladder = &ladder, .noise_z = 0.7 }, looked_up;
    struct treads treads = { 0 };
    scaling_add(&stairs.scaling, 0.25, -0.125);
    ck_assert(treads_fill(&treads, &stairs, 4321, NULL));
    ck_assert(treads_are_of(&treads, &stairs));
    looked_up = stairs;
    looked_up.treads = &treads;
    for (int n = 1; n <= treads.n + 3; n++)
        ck_assert_double_eq(stairs_volume(&looked_up, n), stairs_volume(&stairs, n));
    for (double v = 0; v < 6000; v += 17.3) /* beyond the last tread too */
        ck_assert_int_eq(stairs_replicas(&looked_up, v), stairs_replicas(&stairs, v));
    stairs.noise_z = 0;
    ck_assert(!treads_are_of(&treads, &stairs));
    treads_fini(&treads);
}
END_TEST

/* 700 tokens of output a request. Host 0 asks $1.50/Mtok. Host 1 asks $1.60/Mtok with 20 % off a
 * month's spend above $1,000. Host 2 asks $1.00/Mtok, but $9.00/Mtok for prompts above 0 tokens,
 * which all are.
 *   600,000 requests: 0: 420 Mtok * 1.50 = $630; 1: 420 * 1.60 = $672; 2: 420 * 9 = $3,780
 *   3,000,000: 0: 2100 * 1.50 = $3,150; 1: 1000 + 0.8 * (2100 * 1.60 - 1000) = $2,888 */
START_TEST(the_cheapest_host_of_a_list_is_another_at_another_volume)
{
    struct xo_scenario *s = erlang_scenario();
    struct demand *demand = malloc(sizeof *demand);
    struct xo_tariff *t[3];
    int host = -1;
    answers_of_700(s);
    for (int i = 0; i < 3; i++) {
        s->same_model[i] = s->apis[0];
        t[i] = &s->same_model[i].tariff;
        t[i]->output = t[i]->contexts[0].output = i == 0 ? 1.5e-6 : i == 1 ? 1.6e-6 : 1e-6;
    }
    t[1]->n_tiers = 1;
    t[1]->tiers[0].above_usd = 1000;
    t[1]->tiers[0].discount_frac = 0.2;
    t[2]->contexts[0].above_tokens = 0;
    t[2]->n_contexts = 1;
    t[2]->contexts[0].output = 9e-6;
    s->n_same_model = s->n_same_bought = 3;
    ck_assert(demand_init(demand, s, NULL));
    const struct world w = { .scenario = s, .demand = demand };
    struct xo_bill bill;
    ck_assert_double_eq(way_usd(&w, XO_WAY_SAME, 6e5, &host), 630);
    ck_assert_int_eq(host, 0);
    ck_assert_double_eq(way_usd(&w, XO_WAY_SAME, 3e6, &host), 2888);
    ck_assert_int_eq(host, 1);
    way_types[XO_WAY_SAME]->bill(&w, 6e5, 2, &bill);
    ck_assert_double_eq(xo_bill_usd(&bill), 3780);
    s->n_same_bought = 1; /* the others show a range alone */
    ck_assert_double_eq(way_usd(&w, XO_WAY_SAME, 3e6, &host), 3150);
    ck_assert_int_eq(host, 0);
    ck_assert(!xo_buy_at(s, 3e6, 1, true, &bill, NULL));
    free(demand);
    free_scenario(s);
}
END_TEST

/* Ten million full replicas, and 4.99 million: the napkin has no fleet of more than a million. */
START_TEST(a_napkin_of_more_than_a_million_replicas_has_no_edges_and_no_bill)
{
    struct xo_scenario *s = erlang_scenario();
    struct xo_ladder ladder = { .saturation_rate_per_s = 1 / (730 * 3600.0) };
    struct option_sizing sizing = { .ladder = &ladder };
    const struct world w = { .scenario = s, .sizings = &sizing, .n_sizings = 1 };
    double *risers = NULL;
    size_t n = 1;
    ck_assert(way_risers(&w, WAY_NAPKIN, 4.99e6, 1e7, &risers, &n, NULL));
    ck_assert_uint_eq(n, 0);
    ck_assert(isnan(way_usd(&w, WAY_NAPKIN, 4.99e6, NULL)));
    free(risers);
    ck_assert(way_risers(&w, WAY_NAPKIN, 9e5, 1e13, &risers, &n, NULL));
    ck_assert_uint_gt(n, 10);
    ck_assert_double_le(risers[n - 1], 1e6);
    ck_assert(isfinite(way_usd(&w, WAY_NAPKIN, 9e5, NULL)));
    free(risers);
    free_scenario(s);
}
END_TEST

/* A replica is bought full at 1.01 times its rent, so that each of the first hundred treads is
 * cheaper to buy at its beginning and to build at its end: n replicas cross at 1/1.01 of what they
 * serve, and back at the riser. Forty treads have 79 crossings. */
START_TEST(of_more_crossings_than_there_is_room_for_the_last_is_kept)
{
    struct xo_scenario *s = erlang_scenario();
    struct xo_error err = { 0 };
    struct demand demand;
    struct xo_capacity rung = { .n_replicas = 1 };
    struct xo_ladder ladder = { .rungs = &rung, .n_rungs = 1 };
    struct option_sizing sizing = { .ladder = &ladder };
    const struct world w = { .scenario = s, .demand = &demand, .sizings = &sizing, .n_sizings = 1 };
    struct xo_crossings got;
    erlang_arm(&sizing.sim, s);
    ck_assert(demand_init(&demand, s, &err));
    const double each = 1.01 * 2.25 * 730 * 1e6 / way_contending_usd(&w, XO_WAY_BUY, 1e6);
    rung.volume = rung.volume_lo = rung.volume_hi = each;
    ck_assert(ways_cross(&w, XO_WAY_BUY, XO_WAY_BUILD, 0.5 * each, 39.999 * each, &got, &err));
    ck_assert_int_eq(got.n, XO_MAX_CROSSINGS);
    for (int n = 1; n < 32; n++) {
        ck_assert_double_eq_tol(got.at[2 * n - 2].volume / each, n / 1.01, 1e-6);
        ck_assert_double_eq_tol(got.at[2 * n - 1].volume / each, n, 1e-6);
    }
    ck_assert_double_eq_tol(got.at[62].volume / each, 32 / 1.01, 1e-6);
    ck_assert_double_eq_tol(got.at[63].volume / each, 40 / 1.01, 1e-6);
    ck_assert(got.at[63].to_build && !got.at[63].at_riser);
    ck_assert_double_eq(got.stays_above, got.at[63].volume);
    sim_fini(&sizing.sim);
    free_scenario(s);
}
END_TEST

/* The Erlang scenario with answers of 700 tokens, where one replica serves `volume` requests:
 * nothing is simulated. It holds pointers into itself. */
struct one_rung {
    struct xo_scenario *s;
    struct demand demand;
    struct xo_capacity rung;
    struct xo_ladder ladder;
    struct option_sizing sizing;
    struct overlay month;
    struct world w;
};

static void one_rung_init(struct one_rung *o, double volume)
{
    *o = (struct one_rung){ .s = erlang_scenario(), .month = NO_OVERLAY };
    o->rung = (struct xo_capacity){
        .n_replicas = 1, .volume = volume, .volume_lo = volume, .volume_hi = volume
    };
    o->ladder = (struct xo_ladder){ .rungs = &o->rung, .n_rungs = 1 };
    o->sizing.ladder = &o->ladder;
    o->w = (struct world){ .scenario = o->s,
                           .demand = &o->demand,
                           .sizings = &o->sizing,
                           .n_sizings = 1,
                           .month = &o->month };
    answers_of_700(o->s);
    erlang_arm(&o->sizing.sim, o->s);
    ck_assert(demand_init(&o->demand, o->s, NULL));
}

static void one_rung_fini(struct one_rung *o)
{
    sim_fini(&o->sizing.sim);
    free_scenario(o->s);
}

/* Two years in which volumes grow by 3 % a month, the API's price falls by 2 %, the rent rises by
 * 1 %, and from the thirteenth month on steps take half as long, so that a replica serves twice as
 * much: each month is a world, priced by the ladder that was simulated once. */
START_TEST(a_horizon_is_a_loop_over_worlds)
{
    struct one_rung o;
    struct overlay twice = NO_OVERLAY;
    one_rung_init(&o, 1e6);
    o.ladder.step_exponent_1 = o.ladder.step_exponent_8 = -1;
    double volume = 1.7e6, paid[XO_N_WAYS] = { 0 }, buy = 0, build = 0;
    for (int m = 0; m < 24; m++, volume *= 1.03) {
        double usd[XO_N_WAYS];
        const double served = m < 12 ? 1e6 : 2e6;
        o.month.api_price = pow(0.98, m);
        o.month.rent = pow(1.01, m);
        o.month.step = m < 12 ? 1 : 0.5;
        ways_usd(&o.w, volume, usd);
        for (int way = 0; way < XO_N_WAYS; way++)
            paid[way] += usd[way];
        buy += volume * 700 * 15.6e-6 * pow(0.98, m);
        build += ceil(volume / served) * 2.25 * 730 * pow(1.01, m);
    }
    ck_assert_double_eq_tol(paid[XO_WAY_BUY], buy, 1e-4);
    ck_assert_double_eq_tol(paid[XO_WAY_BUILD], build, 1e-4);

    twice.api_price = twice.rent = 2; /* asked of the last month */
    const double month_usd[2] = { way_usd(&o.w, XO_WAY_BUY, volume, NULL),
                                  way_usd(&o.w, XO_WAY_BUILD, volume, NULL) };
    o.w.what_if = &twice;
    ck_assert_double_eq_tol(way_usd(&o.w, XO_WAY_BUY, volume, NULL), 2 * month_usd[0], 2e-6);
    ck_assert_double_eq_tol(way_usd(&o.w, XO_WAY_BUILD, volume, NULL), 2 * month_usd[1], 2e-6);
    one_rung_fini(&o);
}
END_TEST

/* A month has its price of a kWh, of the same weights, and a discount; a what-if's discount stands
 * in place of the month's. */
START_TEST(each_price_of_a_month_moves_what_it_is_of)
{
    struct one_rung o;
    struct overlay ask = NO_OVERLAY;
    one_rung_init(&o, 1e7);
    struct xo_build_terms *terms = &o.s->options[0].terms;
    terms->rent_usd_per_gpu_hour = 0;
    terms->pays_power = true;
    terms->pue = 1.25;
    terms->usd_per_kwh = 0.12;
    for (int i = 0; i < N_LOAD_LEVELS; i++) {
        o.sizing.load_curve.load[i] = (i + 1) / 12.0;
        o.sizing.load_curve.w_per_gpu[i] = 400;
    }
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        o.sizing.load_curve.hour_factor[h] = 1;
    terms->gpu_idle_w = 400;
    o.sizing.sim.peak_factor = 1;
    o.s->same_model[0] = o.s->apis[0];
    o.s->n_same_model = o.s->n_same_bought = 1;
    ck_assert(demand_init(&o.demand, o.s, NULL)); /* the same weights too */
    const double list = 1e6 * 700 * 15.6e-6;
    o.month.host_price = 0.75;
    o.month.energy = 1.5;
    o.month.discount_frac = 0.2;
    ck_assert_double_eq_tol(way_usd(&o.w, XO_WAY_SAME, 1e6, NULL), 0.75 * list, 2e-6);
    ck_assert_double_eq_tol(way_usd(&o.w, XO_WAY_BUY, 1e6, NULL), 0.8 * list, 2e-6);
    ck_assert_double_eq_tol(way_usd(&o.w, XO_WAY_BUILD, 1e6, NULL), 0.4 * 730 * 1.25 * 0.18, 2e-6);
    o.w.what_if = &ask;
    ck_assert_double_eq_tol(way_usd(&o.w, XO_WAY_BUY, 1e6, NULL), 0.8 * list, 2e-6);
    ask.discount_frac = 0.35;
    ck_assert_double_eq_tol(way_usd(&o.w, XO_WAY_BUY, 1e6, NULL), 0.65 * list, 2e-6);
    one_rung_fini(&o);
}
END_TEST

/* ---- loads that no window holds as they come ---- */

static void observe_at(double rate_per_s, struct xo_tally **tally, double *mu)
{
    struct xo_scenario *s = erlang_scenario();
    struct option_sim sim;
    struct xo_error err = { 0 };
    erlang_arm(&sim, s);
    ck_assert_msg(sim_measure_limits(&sim, &err), "%s", err.text);
    *mu = sim.limits.saturation_rate_per_s;
    ck_assert_msg(sim_observe(&sim, 1, sim_volume(&sim, rate_per_s), 1, 10000, 1, tally, &err),
                  "%s", err.text);
    sim_fini(&sim);
    free_scenario(s);
}

/* One request in 30 years: as many are simulated as ever, and the clock says 30 years for each. */
START_TEST(a_load_without_company_is_simulated_in_less_time_and_counts_for_all)
{
    const double rate_per_s = 1e-9;
    struct xo_tally *t;
    double mu;
    observe_at(rate_per_s, &t, &mu);
    const struct xo_class_tally *c = &t->classes[0];
    ck_assert_int_ge(c->n_arrived, 9000);
    ck_assert_double_eq_tol((double)c->n_arrived / t->window_s / rate_per_s, 1, 0.05);
    ck_assert_double_eq_tol(t->busy_s / t->window_s * mu / rate_per_s, 1, 0.05);
    ck_assert_double_gt((double)c->n_met[0] / (double)c->n_counted[0], 0.99);
    xo_tally_free(t);
}
END_TEST

/* Above 40 every rung is so many equal cells of 24, 32 or 40. */
START_TEST(rungs_are_whole_numbers_of_cells)
{
    static const int rungs[] = { 1,  2,  3,  4,  6,  8,   12,  16,  24,  32,
                                 40, 48, 64, 80, 96, 128, 160, 192, 256, 320 };
    int n = 0;
    for (size_t i = 0; i < sizeof rungs / sizeof *rungs; i++) {
        n = next_rung(n);
        ck_assert_int_eq(n, rungs[i]);
        ck_assert_int_eq(cells_of(n) * cell_replicas(n), n);
        ck_assert_int_le(cell_replicas(n), XO_MOST_SIMULATED);
    }
    ck_assert_int_eq(next_rung(5), 6);
    ck_assert_int_eq(next_rung(50), 64);
}
END_TEST

/* Four servers at 0.8: who waits too long follows the work that came. Taking that out leaves the
 * mean, Erlang's, and less than three quarters of the variance. */
START_TEST(what_chance_made_of_the_work_is_taken_out)
{
    struct xo_scenario *s = erlang_scenario();
    struct option_sim sim;
    struct xo_error err = { 0 };
    erlang_arm(&sim, s);
    ck_assert_msg(sim_measure_limits(&sim, &err), "%s", err.text);
    const double mu = 1 / (TAU_S * mean_rounded_tokens());
    const double rate = erlang_capacity(4, mu), volume = sim_volume(&sim, rate);
    const double slope = log(erlang_wait_above(4, 1.01 * rate, mu, WAIT_LIMIT_S) /
                             erlang_wait_above(4, rate, mu, WAIT_LIMIT_S)) /
                         log(1.01);
    struct probe_counts a = { 0 }, b = { 0 };
    struct probe plain, adjusted;
    ck_assert(sim_probe(&sim, 4, volume, 100, 0, &a, &plain, NULL));
    ck_assert(sim_probe(&sim, 4, volume, 100, slope, &b, &adjusted, NULL));
    ck_assert_double_eq_tol(adjusted.excess, 0, 3 * adjusted.excess_se);
    ck_assert_double_lt(pow(adjusted.excess_se / plain.excess_se, 2), 0.75);
    struct xo_moments surplus;
    xo_moments_init(&surplus);
    for (int r = 0; r < b.n; r++)
        xo_moments_add(&surplus, b.surplus[r]);
    const double sd = sqrt(xo_moments_variance(&surplus));
    ck_assert_double_eq_tol(surplus.mean, 0, 3 * sd / 10);
    ck_assert_double_eq_tol(sd, sqrt(2 / 6000.0), 0.2 * sqrt(2 / 6000.0)); /* of n and of lengths */
    probe_counts_fini(&a);
    probe_counts_fini(&b);
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

/* A thousand times what one server takes: eight times are simulated, the others counted. */
START_TEST(who_comes_far_beyond_capacity_is_counted_and_not_simulated)
{
    struct xo_tally *t;
    double mu;
    observe_at(0.1429 * 1000, &t, &mu);
    const struct xo_class_tally *c = &t->classes[0];
    ck_assert_double_eq_tol(t->busy_s / t->window_s, 1, 0.01);
    ck_assert_double_eq_tol((double)c->n_arrived / t->window_s / (0.1429 * 1000), 1, 0.05);
    ck_assert_int_lt(t->n_simulated, 10 * c->n_arrived / 100);
    ck_assert_int_eq(c->n_arrived, c->n_finished + c->n_timed_out);
    ck_assert_int_eq(c->n_counted[0], c->n_arrived);
    ck_assert_double_lt((double)c->n_met[0] / (double)c->n_counted[0], 0.002);
    xo_tally_free(t);
}
END_TEST

/* Bursts of 100 s, 14 requests long, every 3 hours: as two loads, and as they come. */
START_TEST(rare_bursts_miss_as_much_read_as_two_loads)
{
    struct xo_scenario *s = erlang_scenario();
    s->workload.arrivals.bursts = (struct xo_bursts){ 6, 0.0099, 100 };
    struct option_sim split, whole;
    struct xo_error err = { 0 };
    erlang_arm(&split, s);
    ck_assert_msg(sim_measure_limits(&split, &err), "%s", err.text);
    ck_assert(split.bursts_are_levels);
    ck_assert_int_eq(split.n_levels, 2);
    ck_assert_double_eq_tol(split.levels[0].weight + split.levels[1].weight, 1, 1e-12);
    erlang_arm(&whole, s);
    ck_assert_msg(sim_measure_lone(&whole, &err), "%s", err.text);
    whole.limits.saturation_rate_per_s = split.limits.saturation_rate_per_s;
    struct probe_counts a = { 0 }, b = { 0 };
    struct probe two, one;
    const double volume = sim_volume(&whole, 0.30);
    ck_assert(sim_probe(&split, 4, volume, 32, 0, &a, &two, NULL));
    ck_assert(sim_probe(&whole, 4, volume, 32, 0, &b, &one, NULL));
    ck_assert_msg(fabs(two.excess - one.excess) < 3 * hypot(two.excess_se, one.excess_se),
                  "%g +- %g as two loads, %g +- %g as they come", two.excess, two.excess_se,
                  one.excess, one.excess_se);
    ck_assert_double_lt(one.excess_se, 0.2);
    probe_counts_fini(&a);
    probe_counts_fini(&b);
    sim_fini(&split);
    sim_fini(&whole);
    free_scenario(s);
}
END_TEST

/* Evenly spaced requests of one step of 10 ms, 8 servers, bursts of a minute in the mean that ask
 * for 2 % more than 800 requests a second. Who comes a seconds into a burst waits 0.02 a, more than
 * the limit of a second from a = 50 s on: 70 of the 120 s for which the burst is followed. A
 * quarter of the requests come in bursts, and a tenth may miss. */
START_TEST(in_a_long_burst_above_saturation_the_wait_grows_as_long_as_it_lasts)
{
    struct xo_scenario *s = erlang_scenario();
    s->workload.arrivals = (struct xo_arrivals){ XO_ARRIVALS_DETERMINISTIC, 0, { 3, 0.1, 60 } };
    xo_dist_fini(&s->workload.classes[0].output);
    ck_assert(xo_dist_constant(&s->workload.classes[0].output, 1, NULL));
    s->slo[0].targets[0].limit_s = 1 + TAU_S;
    struct option_sim sim;
    struct xo_error err = { 0 };
    erlang_arm(&sim, s);
    ck_assert_msg(sim_measure_limits(&sim, &err), "%s", err.text);
    ck_assert_double_eq_tol(sim.limits.saturation_rate_per_s, 100, 0.1);
    ck_assert_double_eq_tol(sim.levels[1].weight, 0.25, 1e-12);
    struct probe_counts counts = { 0 };
    struct probe probe;
    const double in_burst = 1.02 * 800, mean = in_burst / 3 * (1 + 0.1 * (3 - 1));
    ck_assert(sim_probe(&sim, 8, sim_volume(&sim, mean), 4, 0, &counts, &probe, &err));
    ck_assert_double_eq_tol(probe.excess, log(0.25 * 70 / 120 / 0.1), 0.02);
    probe_counts_fini(&counts);
    sim_fini(&sim);
    free_scenario(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("study");
    TCase *theory = tcase_create("theory"), *pieces = tcase_create("pieces");
    tcase_set_timeout(theory, 120);
    tcase_add_test(theory, capacities_are_those_of_erlang_c);
    tcase_add_test(theory, at_the_edge_of_a_lone_request_intervals_cover);
    tcase_add_test(theory, an_slo_at_the_edge_is_named_with_the_limit_that_would_settle_it);
    tcase_add_test(theory, a_limit_that_leaves_load_nothing_is_missed);
    tcase_add_test(theory, no_seed_decides_whether_a_lone_request_meets_the_slo);
    tcase_add_test(theory, saturation_has_an_interval);
    tcase_add_test(theory, no_more_clients_fill_a_replica_than_it_holds_twice);
    tcase_add_test(theory, near_saturation_the_lead_in_lasts_until_the_queue_is_there);
    tcase_add_test(theory, clients_are_measured_as_the_finite_source_queue_says);
    tcase_add_test(theory, a_benchmark_counts_each_of_its_requests_to_the_end);
    tcase_add_test(theory, requests_too_long_are_misses_that_hold_no_server);
    tcase_add_loop_test(theory, more_refusals_than_the_slo_lets_miss_are_infeasible, 0, 2);
    tcase_add_test(theory, an_option_that_fails_is_left_out_but_not_for_want_of_memory);
    tcase_add_test(theory, lone_requests_that_no_line_fits_end_the_option_with_that_reason);
    tcase_add_test(theory, crossings_are_those_of_erlang_c);
    tcase_add_test(theory, an_slo_below_one_step_is_infeasible_and_says_what_a_lone_request_takes);
    tcase_add_test(theory, a_week_read_hour_by_hour_is_the_week_simulated);
    tcase_add_test(theory, capacity_a_replica_does_not_fall_as_the_fleet_grows);
    tcase_add_test(theory, a_load_without_company_is_simulated_in_less_time_and_counts_for_all);
    tcase_add_test(theory, who_comes_far_beyond_capacity_is_counted_and_not_simulated);
    tcase_add_test(theory, rungs_are_whole_numbers_of_cells);
    tcase_add_test(theory, what_chance_made_of_the_work_is_taken_out);
    tcase_add_test(theory, rare_bursts_miss_as_much_read_as_two_loads);
    tcase_add_test(theory, in_a_long_burst_above_saturation_the_wait_grows_as_long_as_it_lasts);
    tcase_add_test(pieces, a_napkin_of_more_than_a_million_replicas_has_no_edges_and_no_bill);
    tcase_add_test(pieces, of_more_crossings_than_there_is_room_for_the_last_is_kept);
    tcase_add_test(pieces, a_horizon_is_a_loop_over_worlds);
    tcase_add_test(pieces, each_price_of_a_month_moves_what_it_is_of);
    tcase_add_test(pieces, cells_are_equal_parts_of_sixteen_to_thirty_one);
    tcase_add_test(pieces, a_ladder_reads_as_a_staircase);
    tcase_add_test(pieces, a_fleet_that_is_seen_to_miss_lowers_the_ladder_up_to_it);
    tcase_add_test(pieces, worked_out_treads_are_the_stairs_they_are_of);
    tcase_add_test(pieces, the_cheapest_host_of_a_list_is_another_at_another_volume);
    suite_add_tcase(suite, theory);
    suite_add_tcase(suite, pieces);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
