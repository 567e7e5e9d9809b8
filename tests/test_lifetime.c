/* test_lifetime.c - how often a shared prefix is written again: closed forms against a cache that
 * is simulated call by call.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/workload.h"

#include <check.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct xo_gap_law law_of(const struct xo_arrivals *arrivals, double kept_frac)
{
    struct xo_gap_law law;
    ck_assert(xo_gap_law_init(&law, arrivals, kept_frac, NULL));
    return law;
}

/* ---- a cache of one prefix, call by call ---- */

struct cache {
    struct xo_entry_life life;
    double alive_to_s; /* of the entry that was last read or written */
    double readable_s; /* from when on it can be read */
};

/* Whether the call writes. */
static bool call_writes(struct cache *c, double now_s)
{
    const bool alive = now_s <= c->alive_to_s;
    const bool hit = alive && now_s >= c->readable_s;
    if (!alive)
        c->readable_s = now_s + c->life.ready_s;
    if (!hit || !c->life.fixed)
        c->alive_to_s = now_s + c->life.ttl_s;
    return !hit;
}

enum { N_BLOCKS = 60 };

/* Share of calls that write, and its standard error, over blocks of a stream long enough. */
static double simulated(const struct xo_arrivals *arrivals, double kept_frac, double rate_per_s,
                        const struct xo_entry_life *life, int per_block, double *error)
{
    struct xo_workload w = { .n_classes = 2, .arrivals = *arrivals };
    for (int c = 0; c < 2; c++) {
        w.classes[c].weight = c == 0 ? kept_frac : 1 - kept_frac;
        ck_assert(xo_dist_constant(&w.classes[c].prompt, 7, NULL));
        ck_assert(xo_dist_constant(&w.classes[c].output, 3, NULL));
    }
    w.n_classes = kept_frac < 1 ? 2 : 1;
    const struct xo_source_options options = { .requests_per_s = rate_per_s / kept_frac,
                                               .seed = 20261129,
                                               .stationary = true };
    struct xo_source *source = xo_source_new(&w, &options, NULL);
    ck_assert_ptr_nonnull(source);
    struct cache cache = { .life = *life, .alive_to_s = -1 };
    double sum = 0, squares = 0;
    for (int b = 0; b < N_BLOCKS; b++) {
        int writes = 0;
        for (int i = 0; i < per_block;) {
            struct xo_request r;
            xo_source_next(source, &r);
            if (r.class_index != 0)
                continue;
            writes += call_writes(&cache, r.arrival_s);
            i++;
        }
        const double share = (double)writes / per_block;
        sum += share;
        squares += share * share;
    }
    xo_source_free(source);
    const double mean = sum / N_BLOCKS;
    *error = sqrt((squares / N_BLOCKS - mean * mean) / (N_BLOCKS - 1));
    return mean;
}

/* ---- closed forms that are exact ---- */

static const struct {
    struct xo_arrivals arrivals;
    double kept_frac, rate_per_s;
    struct xo_entry_life life;
    double slack_frac; /* of the share: where the form is an approximation */
} cases[] = {
    /* Poisson: exact, with calls side by side, and where only a write counts. */
    { { XO_ARRIVALS_POISSON, 1, { 1, 0, 0 } }, 1, 0.0125, { 97, 0, false }, 0 },
    { { XO_ARRIVALS_POISSON, 1, { 1, 0, 0 } }, 1, 0.0125, { 97, 41, false }, 0 },
    { { XO_ARRIVALS_POISSON, 1, { 1, 0, 0 } }, 0.3, 0.21, { 7, 6.5, false }, 0 },
    { { XO_ARRIVALS_POISSON, 1, { 1, 0, 0 } }, 1, 0.0125, { 311, 0, true }, 0 },
    { { XO_ARRIVALS_POISSON, 1, { 1, 0, 0 } }, 1, 0.35, { 11, 4.5, true }, 0 },
    /* Renewal gaps: exact where reads renew and nothing is side by side. */
    { { XO_ARRIVALS_GAMMA, 2.25, { 1, 0, 0 } }, 1, 0.0125, { 97, 0, false }, 0 },
    { { XO_ARRIVALS_GAMMA, 0.45, { 1, 0, 0 } }, 1, 0.0125, { 97, 0, false }, 0 },
    { { XO_ARRIVALS_WEIBULL, 1.75, { 1, 0, 0 } }, 1, 0.0125, { 140, 0, false }, 0 },
    /* Erlang-2: the mean number of calls within a time is exact too. */
    { { XO_ARRIVALS_GAMMA, 0.70710678118654752, { 1, 0, 0 } }, 1, 0.0125, { 190, 0, true }, 0 },
    { { XO_ARRIVALS_GAMMA, 0.70710678118654752, { 1, 0, 0 } }, 1, 0.35, { 4.5, 3.5, false }, 0 },
    /* Bursts short and long beside the lifetime: exact where reads renew. */
    { { XO_ARRIVALS_POISSON, 1, { 9, 0.1, 45 } }, 1, 0.0125, { 97, 0, false }, 0 },
    { { XO_ARRIVALS_POISSON, 1, { 9, 0.1, 4500 } }, 1, 0.0125, { 97, 0, false }, 0 },
    { { XO_ARRIVALS_POISSON, 1, { INFINITY, 0.2, 300 } }, 1, 0.0125, { 97, 0, false }, 0 },
    /* Approximations, with what they were found to be off by. */
    { { XO_ARRIVALS_GAMMA, 2.25, { 1, 0, 0 } }, 1, 0.0125, { 311, 0, true }, 0.06 },
    { { XO_ARRIVALS_WEIBULL, 1.75, { 1, 0, 0 } }, 1, 0.0125, { 311, 41, true }, 0.12 },
    { { XO_ARRIVALS_GAMMA, 2.25, { 1, 0, 0 } }, 0.3, 0.0125, { 97, 0, false }, 0.04 },
    { { XO_ARRIVALS_POISSON, 1, { 9, 0.1, 4500 } }, 1, 0.0125, { 311, 0, true }, 0.04 },
};

START_TEST(the_share_of_calls_that_write_is_that_of_a_cache_simulated_call_by_call)
{
    const struct xo_gap_law law = law_of(&cases[_i].arrivals, cases[_i].kept_frac);
    const double form = xo_cache_write_frac(&law, cases[_i].rate_per_s, &cases[_i].life);
    double error;
    const double share = simulated(&cases[_i].arrivals, cases[_i].kept_frac, cases[_i].rate_per_s,
                                   &cases[_i].life, 20000, &error);
    ck_assert_msg(fabs(form - share) < 4 * error + cases[_i].slack_frac * share,
                  "case %d: %.5f, simulated %.5f +- %.5f", _i, form, share, error);
}
END_TEST

/* l calls a second, a lifetime of T. Poisson: a gap is longer with exp(-l T), l t calls come within
 * t; entries that can be read after w are written by 1 + l w calls, and where only a write counts
 * the last writer comes w - (1 - exp(-l w)) / l after the first. */
START_TEST(poisson_calls_write_by_closed_forms)
{
    const double l = 0.0125, T = 97, w = 41, last_s = w - (1 - exp(-l * w)) / l;
    const struct xo_gap_law law =
        law_of(&(struct xo_arrivals){ XO_ARRIVALS_POISSON, 1, { 1, 0, 0 } }, 1);
    const struct xo_entry_life renewed = { T, w, false }, fixed = { T, w, true };
    ck_assert_double_eq_tol(xo_cache_write_frac(&law, l, &renewed), exp(-l * T) * (1 + l * w),
                            1e-12);
    ck_assert_double_eq_tol(xo_cache_write_frac(&law, l, &fixed),
                            (1 + l * w) / (1 + l * (last_s + T)), 1e-12);
}
END_TEST

/* Gaps that are the sum of two exponential ones: M(t) = x - (1 - exp(-4 x)) / 4 with x = l t (Cox,
 * Renewal Theory, 1962, 4.2), and a gap is longer with (1 + 2 x) exp(-2 x). */
START_TEST(erlang_calls_write_by_closed_forms)
{
    const double x = 0.0125 * 190;
    const struct xo_gap_law law =
        law_of(&(struct xo_arrivals){ XO_ARRIVALS_GAMMA, sqrt(0.5), { 1, 0, 0 } }, 1);
    const struct xo_entry_life renewed = { 190, 0, false }, fixed = { 190, 0, true };
    ck_assert_double_eq_tol(xo_cache_write_frac(&law, 0.0125, &renewed), (1 + 2 * x) * exp(-2 * x),
                            1e-9);
    ck_assert_double_eq_tol(xo_cache_write_frac(&law, 0.0125, &fixed),
                            1 / (1 + x - (1 - exp(-4 * x)) / 4), 1e-9);
}
END_TEST

/* Calls that come in bursts alone have hyperexponential gaps (Kuczura, Bell System Technical
 * Journal 52, 1973): p exp(-r1 t) + (1 - p) exp(-r2 t), with rates l inside a burst, g out of it, o
 * into it. */
START_TEST(calls_in_bursts_alone_write_by_kuczuras_form)
{
    const double share = 0.2, mean_s = 300, rate = 0.0125, T = 97;
    const double l = rate / share, g = 1 / mean_s, o = share / (mean_s * (1 - share));
    const double sum = l + g + o, root = sqrt(sum * sum - 4 * l * o);
    const double r1 = (sum + root) / 2, r2 = (sum - root) / 2, p = (l - r2) / (r1 - r2);
    const struct xo_gap_law law =
        law_of(&(struct xo_arrivals){ XO_ARRIVALS_POISSON, 1, { INFINITY, share, mean_s } }, 1);
    const struct xo_entry_life life = { T, 0, false };
    ck_assert_double_eq_tol(xo_cache_write_frac(&law, rate, &life),
                            p * exp(-r1 * T) + (1 - p) * exp(-r2 * T), 1e-12);
}
END_TEST

/* Of thinned renewal calls the squared cv of a gap is 1 + (cv^2 - 1) * kept. */
START_TEST(thinned_calls_are_closer_to_poisson)
{
    static const struct {
        struct xo_arrivals arrivals;
        double kept, cv2;
        enum xo_arrival_kind kind;
    } rows[] = { { { XO_ARRIVALS_GAMMA, 3, { 1, 0, 0 } }, 0.25, 3, XO_ARRIVALS_GAMMA },
                 { { XO_ARRIVALS_WEIBULL, 2, { 1, 0, 0 } }, 0.5, 2.5, XO_ARRIVALS_WEIBULL },
                 { { XO_ARRIVALS_DETERMINISTIC, 0, { 1, 0, 0 } }, 0.3, 0.7, XO_ARRIVALS_GAMMA },
                 { { XO_ARRIVALS_DETERMINISTIC, 0, { 1, 0, 0 } }, 1, 0, XO_ARRIVALS_DETERMINISTIC },
                 { { XO_ARRIVALS_GAMMA, 3, { 1, 0, 0 } }, 0, 1, XO_ARRIVALS_POISSON },
                 { { XO_ARRIVALS_POISSON, 7, { 1, 0, 0 } }, 0.5, 1, XO_ARRIVALS_POISSON } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xo_gap_law law = law_of(&rows[i].arrivals, rows[i].kept);
        ck_assert_double_eq_tol(law.cv2, rows[i].cv2, 1e-12);
        ck_assert_int_eq(law.kind, rows[i].kind);
    }
}
END_TEST

/* Example E11 of the rules: 6 calls an hour, lifetimes of 5 minutes and of an hour. */
START_TEST(six_calls_an_hour_find_an_entry_of_five_minutes_in_39_percent)
{
    const struct xo_gap_law law =
        law_of(&(struct xo_arrivals){ XO_ARRIVALS_POISSON, 1, { 1, 0, 0 } }, 1);
    const double rate = 6 / 3600.0;
    const double five = 1 - xo_cache_write_frac(&law, rate, &(struct xo_entry_life){ 300, 0, 0 });
    const double hour = 1 - xo_cache_write_frac(&law, rate, &(struct xo_entry_life){ 3600, 0, 0 });
    ck_assert_double_eq_tol(five, 0.3935, 5e-5);
    ck_assert_double_eq_tol(hour, 0.9975, 5e-5);
    ck_assert_double_eq_tol(five * 0.3 + (1 - five) * 3.75, 2.3925, 5e-5); /* $0.023925 of 10 k */
    ck_assert_double_eq_tol(hour * 0.3 + (1 - hour) * 6, 0.3141, 5e-5);
}
END_TEST

START_TEST(the_ends_are_always_and_never)
{
    const struct xo_arrivals poisson = { XO_ARRIVALS_POISSON, 1, { 1, 0, 0 } };
    const struct xo_arrivals even = { XO_ARRIVALS_DETERMINISTIC, 0, { 1, 0, 0 } };
    const struct xo_gap_law law = law_of(&poisson, 1), clock = law_of(&even, 1);
    const struct xo_entry_life five_min = { 300, 20, false }, never = { 0, 0, false };
    ck_assert_double_eq(xo_cache_write_frac(&law, 0, &five_min), 1);
    ck_assert_double_eq(xo_cache_write_frac(&law, 1e-20, &five_min), 1);
    ck_assert_double_eq_tol(xo_cache_write_frac(&law, 1e3, &five_min), 0, 1e-300);
    ck_assert_double_eq(xo_cache_write_frac(&law, 0.001, &never), 0);
    ck_assert_double_eq(xo_cache_write_frac(&clock, 1 / 299.0, &five_min), 0);
    ck_assert_double_eq(xo_cache_write_frac(&clock, 1 / 301.0, &five_min), 1);
}
END_TEST

/* Gaps of 1, 2, 4 and 53 s in a minute; one in four is longer than 5 s, and at a tenth of the rate
 * (gaps of 10, 20, 40, 530 s) longer than 45 s. */
START_TEST(a_trace_counts_its_own_gaps)
{
    double at[] = { 0, 1, 3, 7 };
    const struct xo_trace trace = { .n = 4, .arrival_s = at, .period_s = 60 };
    struct xo_gap_table table;
    xo_gap_table_fill(&table, &trace);
    struct xo_gap_law law = law_of(&(struct xo_arrivals){ XO_ARRIVALS_POISSON, 1, { 1, 0, 0 } }, 1);
    law.table = &table;
    const struct {
        double rate, ttl_s, share;
    } rows[] = { { 4 / 60.0, 0.8, 1 },     { 4 / 60.0, 1.5, 0.75 },  { 4 / 60.0, 3, 0.5 },
                 { 4 / 60.0, 5, 0.25 },    { 4 / 60.0, 50, 0.25 },   { 4 / 60.0, 56, 0 },
                 { 0.4 / 60.0, 45, 0.25 }, { 0.4 / 60.0, 15, 0.75 }, { 40 / 60.0, 4.5, 0.25 },
                 { 40 / 60.0, 6, 0 },      { 40 / 60.0, 1e-9, 1 },   { 4 / 60.0, 1e9, 0 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xo_entry_life life = { rows[i].ttl_s, 0, false };
        ck_assert_double_eq(xo_cache_write_frac(&law, rows[i].rate, &life), rows[i].share);
    }
}
END_TEST

/* Level k is 1e-4 * 10^(k/64) mean gaps. Gaps of 0, 4, 3 and 3 s: 0, 1.6, 1.2 and 1.2 mean gaps. */
START_TEST(a_level_of_a_gap_table_counts_the_longer_ones)
{
    double at[] = { 0, 0, 4, 7 };
    const struct xo_trace trace = { .n = 4, .arrival_s = at, .period_s = 10 };
    struct xo_gap_table table;
    xo_gap_table_fill(&table, &trace);
    for (int k = 0; k < XO_GAP_LEVELS; k++) {
        const double level = 1e-4 * pow(10, k / 64.0);
        ck_assert_double_eq(table.longer_frac[k], level < 1.2 ? 0.75 : level < 1.6 ? 0.25 : 0);
    }
}
END_TEST

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("lifetime");
    TCase *tc = tcase_create("lifetime");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, the_share_of_calls_that_write_is_that_of_a_cache_simulated_call_by_call,
                        0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(tc, six_calls_an_hour_find_an_entry_of_five_minutes_in_39_percent);
    tcase_add_test(tc, poisson_calls_write_by_closed_forms);
    tcase_add_test(tc, erlang_calls_write_by_closed_forms);
    tcase_add_test(tc, calls_in_bursts_alone_write_by_kuczuras_form);
    tcase_add_test(tc, thinned_calls_are_closer_to_poisson);
    tcase_add_test(tc, the_ends_are_always_and_never);
    tcase_add_test(tc, a_trace_counts_its_own_gaps);
    tcase_add_test(tc, a_level_of_a_gap_table_counts_the_longer_ones);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
