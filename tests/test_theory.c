/* test_theory.c - the engine against queueing theory, with steps of constant length.
 *
 * With a batch of 1 a replica is a single server whose service time is output tokens * tau; with an
 * unlimited one it has infinitely many servers. Single checks: fixed seed, a mean over independent
 * replications within 4 standard errors. Coverage: the intervals that the stopping rule ends with
 * hold the truth about as often as they say. Usage: test_theory [REPEATS of the coverage test]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "serving_kit.h"

#include <stdio.h>

#ifdef __SANITIZE_ADDRESS__
enum { N_REPEATS = 10 }; /* fifteen times slower */
#else
enum { N_REPEATS = 100 };
#endif
enum { N_REPLICATIONS = 12, N_CUSTOMERS = 20000 };
static const double tau_s = 0.01;

/* A queue of theory: how many servers, how they are fed, what they are fed. */
struct queue_case {
    enum xo_dist_kind kind;
    double output_mean, cv, load; /* of each server */
    int n_servers, max_batch;
    enum xo_router router;
};

/* First two moments of the service time: of lengths rounded to whole tokens, at least 1. */
static void service_moments(const struct xo_dist *output, double *mean_s, double *square_s2)
{
    double m1 = 0, m2 = 0, below = 0;
    for (int64_t k = 1; below < 1; k++) {
        const double up_to = k < 1000000 ? xo_dist_cdf(output, (double)k + 0.5) : 1;
        m1 += (double)k * (up_to - below);
        m2 += (double)(k * k) * (up_to - below);
        below = up_to;
    }
    *mean_s = m1 * tau_s;
    *square_s2 = m2 * tau_s * tau_s;
}

struct trial {
    struct xo_step_model *model;
    struct xo_workload workload;
    struct xo_fleet fleet;
    double mean_s, square_s2, rate; /* of the service; arrivals a second in all */
};

static struct trial set_up(const struct queue_case *k)
{
    struct trial b = { .model = xo_step_model_constant(tau_s, NULL) };
    ck_assert_ptr_nonnull(b.model);
    b.workload = workload_of(k->kind, 1, k->output_mean, k->cv);
    b.fleet = fleet_of(b.model);
    b.fleet.n_replicas = k->n_servers;
    b.fleet.engine.max_batch = k->max_batch;
    b.fleet.router = k->router;
    service_moments(&b.workload.classes[0].output, &b.mean_s, &b.square_s2);
    b.rate = k->load * k->n_servers / b.mean_s;
    return b;
}

static void tear_down(struct trial *b)
{
    workload_fini(&b->workload);
    xo_step_model_free(b->model);
}

/* One replication: n customers after a lead-in of a tenth as many. */
static struct xo_tally *replicate(struct trial *b, uint64_t seed, uint32_t replication,
                                  int64_t n_customers)
{
    const double length_s = (double)n_customers / b->rate;
    struct xo_window window = window_until(1.1 * length_s);
    window.from_s = 0.1 * length_s;
    const struct xo_source_options options = {
        .requests_per_s = b->rate, .seed = seed, .replication = replication, .stationary = true
    };
    b->fleet.seed = seed;
    b->fleet.replication = replication;
    return run_fleet(&b->fleet, &b->workload, &options, &window);
}

typedef double statistic(const struct xo_tally *t);

static double mean_wait_s(const struct xo_tally *t)
{
    return t->classes[0].queued.mean;
}

static double mean_ttft_s(const struct xo_tally *t)
{
    return t->classes[0].ttft.mean;
}

static double mean_in_system(const struct xo_tally *t)
{
    return t->in_system_integral_s / t->window_s;
}

static double mean_busy(const struct xo_tally *t)
{
    return t->busy_s / t->window_s;
}

/* The mean of a statistic over replications is `truth`, within 4 standard errors; these are small
 * enough (rel) for that to say something. */
static void ck_mean(struct trial *b, statistic *of, double truth, double rel)
{
    struct xo_moments m;
    xo_moments_init(&m);
    for (uint32_t i = 0; i < N_REPLICATIONS; i++) {
        struct xo_tally *t = replicate(b, 4711, i, N_CUSTOMERS);
        xo_moments_add(&m, of(t));
        xo_tally_free(t);
    }
    const double error = sqrt(xo_moments_variance(&m) / N_REPLICATIONS);
    ck_assert_msg(4 * error < rel * truth, "standard error %g of %g says nothing", error, truth);
    ck_assert_msg(fabs(m.mean - truth) <= 4 * error, "%.6g is not %.6g within 4 x %.2g", m.mean,
                  truth, error);
}

/* Mean wait of M/G/1: Pollaczek and Khinchine (Kleinrock, Queueing Systems 1, 1975, 5.69). */
static double pollaczek_khinchine_s(double rate, double mean_s, double square_s2)
{
    return rate * square_s2 / (2 * (1 - rate * mean_s));
}

static const struct queue_case single_servers[] = {
    { XO_DIST_CONSTANT, 7, 0, 0.6, 1, 1, XO_ROUTE_LEAST_OUTSTANDING },
    { XO_DIST_LOGNORMAL, 12, 1, 0.5, 1, 1, XO_ROUTE_LEAST_OUTSTANDING },
    { XO_DIST_EXPONENTIAL, 30, 1, 0.6, 1, 1, XO_ROUTE_SHARED_QUEUE },
    { XO_DIST_EXPONENTIAL, 3, 1, 0.7, 1, 1, XO_ROUTE_ROUND_ROBIN },
};

START_TEST(a_batch_of_one_waits_as_pollaczek_and_khinchine_say)
{
    struct trial b = set_up(&single_servers[_i]);
    ck_mean(&b, mean_wait_s, pollaczek_khinchine_s(b.rate, b.mean_s, b.square_s2), 0.2);
    tear_down(&b);
}
END_TEST

START_TEST(a_server_is_busy_for_its_load)
{
    struct trial b = set_up(&single_servers[1]);
    ck_mean(&b, mean_busy, single_servers[1].load, 0.05);
    tear_down(&b);
}
END_TEST

/* A random router splits a Poisson stream into independent ones: each replica is M/G/1. */
START_TEST(random_routing_makes_independent_single_servers)
{
    const struct queue_case k = { XO_DIST_LOGNORMAL, 20, 0.5, 0.6, 5, 1, XO_ROUTE_RANDOM };
    struct trial b = set_up(&k);
    const double truth = pollaczek_khinchine_s(b.rate / 5, b.mean_s, b.square_s2);
    ck_mean(&b, mean_wait_s, truth, 0.2);
    tear_down(&b);
}
END_TEST

/* Mean wait of M/M/c: Erlang C (Kleinrock 1, 3.40), by the recurrence of Erlang B. */
static double erlang_c_wait_s(double rate, double mean_s, int n_servers)
{
    const double offered = rate * mean_s;
    double blocked = 1;
    for (int i = 1; i <= n_servers; i++)
        blocked = offered * blocked / (i + offered * blocked);
    const double waits = blocked / (1 - offered / n_servers * (1 - blocked));
    return waits * mean_s / (n_servers - offered);
}

START_TEST(a_shared_queue_of_single_servers_waits_as_erlang_says)
{
    static const int n_servers[] = { 2, 5, 16 };
    const struct queue_case k = { XO_DIST_EXPONENTIAL,  500, 1, 0.7, n_servers[_i], 1,
                                  XO_ROUTE_SHARED_QUEUE };
    struct trial b = set_up(&k);
    ck_mean(&b, mean_wait_s, erlang_c_wait_s(b.rate, b.mean_s, n_servers[_i]), 0.3);
    tear_down(&b);
}
END_TEST

/* The better of two of many single servers (Mitzenmacher, IEEE TPDS 12(10), 2001): a share
 * load^(2^k - 1) of them has at least k requests. 200 servers are nearly that many. */
START_TEST(two_choices_shorten_queues_doubly_exponentially)
{
    const struct queue_case k = { XO_DIST_EXPONENTIAL, 200, 1, 0.8, 200, 1, XO_ROUTE_POWER_OF_TWO };
    struct trial b = set_up(&k);
    double per_server = 0;
    for (int i = 1; i < 10; i++)
        per_server += pow(k.load, pow(2, i) - 1);
    struct xo_tally *t = replicate(&b, 11, 0, 10 * N_CUSTOMERS);
    ck_assert_double_eq_tol(mean_in_system(t) / k.n_servers, per_server, 0.02 * per_server);
    xo_tally_free(t);
    tear_down(&b);
}
END_TEST

/* Unlimited batch: everyone is served at once from the next step on, half a step after arrival; at
 * 40 in the system the replica is never idle (e^-40). Number in system: M/G/infinity, Kleinrock 1,
 * 3.2, with the residual step as a part of the service. */
START_TEST(an_unlimited_batch_is_a_queue_of_infinitely_many_servers)
{
    const struct queue_case k = { XO_DIST_LOGNORMAL, 30, 1, 40, 1, 1000, XO_ROUTE_RANDOM };
    struct trial b = set_up(&k);
    ck_mean(&b, mean_in_system, b.rate * (b.mean_s + tau_s / 2), 0.02);
    ck_mean(&b, mean_wait_s, tau_s / 2, 0.02);
    ck_mean(&b, mean_ttft_s, tau_s * 1.5, 0.02);
    tear_down(&b);
}
END_TEST

/* 17 clients with a batch for all: they start together, 25 tokens each, and end together; each has
 * a request every 25 steps and a pause. */
START_TEST(clients_of_an_unlimited_batch_never_wait_for_each_other)
{
    static const double gaps_s[] = { 0, 0.005, 0.0125 };
    struct xo_step_model *model = xo_step_model_constant(tau_s, NULL);
    const struct xo_fleet fleet = fleet_of(model);
    struct xo_workload w = workload_of(XO_DIST_CONSTANT, 9, 25, 0);
    w.n_clients = 17;
    w.client_gap_s = gaps_s[_i];
    struct xo_window window = window_until(INFINITY);
    window.max_requests = 17 * 1000;
    const struct xo_source_options options = { .requests_per_s = 1, .seed = 9 };
    struct xo_tally *t = run_fleet(&fleet, &w, &options, &window);
    ck_assert_double_eq_tol(t->window_s, 1000 * 25 * tau_s + 999 * gaps_s[_i], 1e-9);
    ck_assert_double_eq_tol(t->batch_integral_s, 17 * 1000 * 25 * tau_s, 1e-6);
    xo_tally_free(t);
    workload_fini(&w);
    xo_step_model_free(model);
}
END_TEST

/* ---- coverage ---- */

/* Blocks of 5 replications, at most 3 looks, until the 95 % interval is within 3 % of its mean:
 * whether it then holds the truth. */
static bool covers(struct trial *b, uint64_t seed, double truth)
{
    enum { BLOCK = 5, MOST = 15 };
    double wait_s[MOST];
    struct xo_interval interval = { 0 };
    for (uint32_t n = 0; n < MOST;) {
        for (int i = 0; i < BLOCK; i++, n++) {
            struct xo_tally *t = replicate(b, seed, n, N_CUSTOMERS);
            wait_s[n] = mean_wait_s(t);
            xo_tally_free(t);
        }
        interval = xo_mean_interval(wait_s, n, 0.95);
        if (interval.hi - interval.lo <= 2 * 0.03 * interval.mean)
            break;
    }
    return interval.lo <= truth && truth <= interval.hi;
}

static int n_repeats(void)
{
    const char *text = getenv("XO_COVERAGE_REPEATS");
    const int n = text != NULL ? atoi(text) : 0;
    return n > 0 ? n : N_REPEATS;
}

/* A share p of n repeats has standard error sqrt(p(1-p)/n). */
START_TEST(intervals_with_the_stopping_rule_on_cover_the_truth)
{
    const struct queue_case k = { XO_DIST_CONSTANT, 4, 0, 0.5, 1, 1, XO_ROUTE_ROUND_ROBIN };
    struct trial b = set_up(&k);
    const double truth = pollaczek_khinchine_s(b.rate, b.mean_s, b.square_s2);
    const int n = n_repeats();
    int n_covered = 0;
    for (int i = 0; i < n; i++)
        n_covered += covers(&b, 90000 + (uint64_t)i, truth);
    const double share = (double)n_covered / n, error = sqrt(0.95 * 0.05 / n);
    if (getenv("XO_COVERAGE_REPEATS") != NULL)
        printf("coverage: %.1f %% of %d\n", 100 * share, n);
    ck_assert_msg(fabs(share - 0.95) <= 3.5 * error, "%.1f %% of %d intervals cover the truth",
                  100 * share, n);
    tear_down(&b);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc > 1)
        setenv("XO_COVERAGE_REPEATS", argv[1], 1);
    Suite *suite = suite_create("theory");
    TCase *theory = tcase_create("theory");
    tcase_set_timeout(theory, 0);
    tcase_add_loop_test(theory, a_batch_of_one_waits_as_pollaczek_and_khinchine_say, 0,
                        (int)(sizeof single_servers / sizeof single_servers[0]));
    tcase_add_test(theory, a_server_is_busy_for_its_load);
    tcase_add_test(theory, random_routing_makes_independent_single_servers);
    tcase_add_loop_test(theory, a_shared_queue_of_single_servers_waits_as_erlang_says, 0, 3);
    tcase_add_test(theory, two_choices_shorten_queues_doubly_exponentially);
    tcase_add_test(theory, an_unlimited_batch_is_a_queue_of_infinitely_many_servers);
    tcase_add_loop_test(theory, clients_of_an_unlimited_batch_never_wait_for_each_other, 0, 3);
    tcase_add_test(theory, intervals_with_the_stopping_rule_on_cover_the_truth);
    suite_add_tcase(suite, theory);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
