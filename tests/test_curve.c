/* test_curve.c - the whole study on small scenarios: what its lines, draws and flips must satisfy.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/stats.h"
#include "xo/study.h"

#include <check.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A chat on one small GPU; the range of volumes is short and full batches meet the limits, so that
 * the study takes a quarter of a second. */
static const char base_text[] = "[scenario]\n"
                                "name = Small chat\n"
                                "as_of = 2026-11-22\n"
                                "commit = 12 months\n"
                                "parity = assumed\n"
                                "[workload]\n"
                                "volume = 40k requests/day\n"
                                "profile = steady\n"
                                "prompt = lognormal(mean=700, cv=0.8) tokens\n"
                                "output = lognormal(mean=180, cv=0.6) tokens\n"
                                "[slo]\n"
                                "ttft_p95 = 1 min\n"
                                "tpot_p95 = 1 s\n"
                                "[api acme/chat]\n"
                                "input = $0.35/Mtok\n"
                                "output = $1.25/Mtok\n"
                                "source = made up for a test\n"
                                "as_of = 2026-11-22\n"
                                "[buy]\n"
                                "api = acme/chat\n"
                                "same_model_api = none\n"
                                "staff = 0 FTE\n"
                                "[build]\n"
                                "model = llama-3.1-8b\n"
                                "weights = fp8\n"
                                "gpu = l40s\n"
                                "rent = $1.05/hour\n"
                                "staff = 0 FTE\n"
                                "[study]\n"
                                "min_volume = 0.1x\n"
                                "max_volume = 4x\n";

static struct xo_scenario *read_with(const char *more, const char *const sets[], int n_sets)
{
    char path[] = "/tmp/xo-curve-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    ck_assert_ptr_nonnull(file);
    fputs(base_text, file);
    fputs(more, file);
    fclose(file);
    struct xo_scenario *s = NULL;
    struct xo_problems problems = { 0 };
    const struct xo_scenario_options options = { .sets = sets, .n_sets = n_sets };
    bool ok = xo_scenario_read(&s, path, &options, &problems);
    unlink(path);
    ck_assert_msg(ok, "%s", problems.n > 0 ? problems.lines[0] : "no problem named");
    xo_problems_fini(&problems);
    return s;
}

/* Limits that full batches miss: to find a capacity takes a search. */
#define TIGHT "slo.ttft_p95=1.5 s", "slo.tpot_p95=60 ms"

/* Answers that are soon simulated, where it does not matter how long they are. */
static const char *const short_answers[] = { "workload.output=6 tokens" };

static struct xo_scenario *read_scenario(const char *more)
{
    return read_with(more, NULL, 0);
}

static struct xo_curve *run_curve(const struct xo_scenario *s, int n_threads)
{
    struct xo_study_options options = { .n_threads = n_threads };
    struct xo_curve *curve = NULL;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_curve_run(&curve, s, &options, &err), "%s", err.text);
    return curve;
}

static struct xo_run *run_plan(const struct xo_scenario *s)
{
    struct xo_study_options options = { .n_threads = 2 };
    struct xo_run *run = NULL;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_run_run(&run, s, &options, &err), "%s", err.text);
    return run;
}

START_TEST(lines_bills_and_the_split_of_the_saving_agree)
{
    struct xo_scenario *s = read_scenario("");
    s->max_volume_factor = 40; /* a few risers */
    struct xo_curve *c = run_curve(s, 2);
    const struct xo_curve_point *p = &c->points[c->plan];
    ck_assert_double_eq_tol(p->volume, 40e3 * 730 / 24, 1e-6);
    ck_assert_double_eq(xo_bill_usd(&c->bills[XO_WAY_BUY]), p->usd[XO_WAY_BUY]);
    ck_assert_double_eq(xo_bill_usd(&p->build.bill), p->usd[XO_WAY_BUILD]);
    ck_assert_double_eq_tol(c->saving_base_usd, p->usd[XO_WAY_BUY] - p->usd[XO_WAY_BUILD], 1e-6);
    /* By hand: prompts and answers at list price, to the rounding of lengths. */
    double by_hand = p->volume * (700 * 0.35e-6 + 180 * 1.25e-6);
    ck_assert_double_eq_tol(p->usd[XO_WAY_BUY], by_hand, 0.002 * by_hand);
    /* One spare on top of the fleet, $1.05 an hour around the clock. */
    ck_assert_int_eq(p->build.spare_replicas, 1);
    ck_assert_double_eq_tol(p->usd[XO_WAY_BUILD], p->build.n_gpus * 1.05 * 730, 1e-5);
    for (int i = 1; i < c->n_points; i++) {
        ck_assert_double_gt(c->points[i].volume, c->points[i - 1].volume);
        ck_assert_double_ge(c->points[i].usd[XO_WAY_BUILD], c->points[i - 1].usd[XO_WAY_BUILD]);
    }
    /* Each riser is upright: what lies between two of them is level, GPUs alone being paid for. */
    ck_assert_int_ge(c->n_corners, 4);
    for (int i = 1; i + 1 < c->n_corners; i++) {
        const struct xo_curve_corner *a = &c->corners[i], *b = &c->corners[i + 1];
        if (b->volume / a->volume > 1 + 2e-9)
            ck_assert_double_eq(a->usd[XO_WAY_BUILD], b->usd[XO_WAY_BUILD]);
    }
    xo_curve_free(c);
    xo_scenario_free(s);
}
END_TEST

/* CDF of triangular(lo, mode, hi). */
static double triangular_cdf(double x, double lo, double mode, double hi)
{
    if (x <= lo)
        return 0;
    if (x >= hi)
        return 1;
    return x < mode ? (x - lo) * (x - lo) / ((hi - lo) * (mode - lo))
                    : 1 - (hi - x) * (hi - x) / ((hi - lo) * (hi - mode));
}

START_TEST(draws_of_a_price_follow_its_distribution)
{
    enum { DRAWS = 4000 };
    struct xo_scenario *s = read_scenario("draws = 4000\n[uncertain]\n"
                                          "buy.price_scale = triangular(0.5, 1, 8)\n");
    struct xo_curve *c = run_curve(s, 2);
    const struct xo_curve_point *p = &c->points[c->plan];
    ck_assert_int_eq(c->n_draws, DRAWS);
    /* At a tenth of capacity neither noise nor step time changes the fleet: the price decides. */
    double even = p->usd[XO_WAY_BUILD] / p->usd[XO_WAY_BUY];
    double exact = 1 - triangular_cdf(even, 0.5, 1, 8);
    double se = sqrt(exact * (1 - exact) / DRAWS);
    ck_assert_double_gt(exact, 0.05);
    ck_assert_double_lt(exact, 0.95);
    ck_assert_double_lt(fabs(c->wins_share[XO_BUY_BUILD] - exact), 4 * se);
    /* P90 of the buying line is the price's: 8 - sqrt(0.1 * 7.5 * 7). */
    double p90 = (8 - sqrt(0.1 * 7.5 * 7)) * p->usd[XO_WAY_BUY];
    ck_assert_double_eq_tol(p->band[XO_WAY_BUY].p90, p90, 0.03 * p90);
    ck_assert_double_eq(p->band[XO_WAY_BUILD].p10, p->usd[XO_WAY_BUILD]);
    xo_curve_free(c);
    xo_scenario_free(s);
}
END_TEST

enum { JOINT_DRAWS = 4000 };
static const double MEAN_PRICE = 2.5, SD_PRICE = 0.5, SD_RENT = 0.1; /* bills of about one size */

/* A price and a rent, each a normal factor, with what `correlation` says of them. */
static struct xo_curve *run_joint(struct xo_scenario **s, const char *correlation)
{
    char text[300];
    snprintf(text, sizeof text,
             "draws = %d\n[uncertain]\nbuy.price_scale = normal(mean=%g, sd=%g)\n"
             "build.rent_scale = normal(mean=1, sd=%g)\n%s",
             JOINT_DRAWS, MEAN_PRICE, SD_PRICE, SD_RENT, correlation);
    *s = read_scenario(text);
    return run_curve(*s, 2);
}

static double width(struct xo_band band)
{
    return band.p90 - band.p10;
}

/* At a tenth of capacity the fleet is fixed and nobody is paid: buying is a price_scale, building
 * b rent_scale. Their difference is normal with the variance of two correlated normals, the
 * correlation being that of their normal scores. */
static const double joint_ranks[] = { 0.95, -0.95, 0 };

START_TEST(correlated_inputs_widen_or_narrow_the_range_of_the_saving)
{
    const double rank = joint_ranks[_i], r = 2 * sin(M_PI / 6 * rank), z90 = 1.2815515655446004;
    char correlation[80];
    struct xo_scenario *s;
    snprintf(correlation, sizeof correlation,
             "correlation = build.rent_scale ~ buy.price_scale %g\n", rank);
    struct xo_curve *c = run_joint(&s, rank != 0 ? correlation : "");
    const struct xo_curve_point *p = &c->points[c->plan];
    const double a = SD_PRICE * p->usd[XO_WAY_BUY], b = SD_RENT * p->usd[XO_WAY_BUILD];
    const double sd = sqrt(a * a + b * b - 2 * r * a * b);
    /* The width of P10 to P90 is known to 0.889/sqrt(n) of itself, one standard error. */
    const double tolerance = 4 * 0.889 / sqrt(JOINT_DRAWS);
    ck_assert_double_eq_tol(width(c->saving), 2 * z90 * sd, tolerance * 2 * z90 * sd);
    /* Each of them alone is what it was. */
    ck_assert_double_eq_tol(width(p->band[XO_WAY_BUY]), 2 * z90 * a, tolerance * 2 * z90 * a);
    ck_assert_double_eq_tol(width(p->band[XO_WAY_BUILD]), 2 * z90 * b, tolerance * 2 * z90 * b);
    /* Odds follow: building is cheaper where the difference is positive. */
    const double mean = MEAN_PRICE * p->usd[XO_WAY_BUY] - p->usd[XO_WAY_BUILD];
    const double exact = 0.5 * erfc(-mean / sd / sqrt(2));
    const double se = sqrt(exact * (1 - exact) / JOINT_DRAWS);
    ck_assert_double_le(fabs(c->wins_share[XO_BUY_BUILD] - exact), 4 * se);
    xo_curve_free(c);
    xo_scenario_free(s);
}
END_TEST

/* What a draw of independent inputs is: an inverse CDF of the uniform of (seed, draw, key). A
 * change of these addresses changes the ranges of every scenario. */
START_TEST(independent_inputs_are_drawn_by_their_own_addresses)
{
    struct xo_scenario *s, *none;
    struct xo_curve *c = run_joint(&s, "");
    struct xo_curve *zero =
        run_joint(&none, "correlation = build.rent_scale ~ buy.price_scale 0\n");
    const struct xo_curve_point *p = &c->points[c->plan];
    const struct xo_stream stream = { s->seed, 0, XO_PURPOSE_SAMPLE };
    double saving[JOINT_DRAWS];
    ck_assert_int_eq(s->uncertain[0].key, xo_key_find("buy.price_scale"));
    for (int k = 0; k < JOINT_DRAWS; k++) {
        double value[2];
        for (int i = 0; i < 2; i++)
            value[i] = xo_uncertain_quantile(
                &s->uncertain[i],
                xo_uniform(&stream, (uint64_t)k, (uint32_t)xo_key_slot(s->uncertain[i].key)));
        saving[k] = value[0] * p->usd[XO_WAY_BUY] - value[1] * p->usd[XO_WAY_BUILD];
    }
    xo_sort(saving, JOINT_DRAWS);
    ck_assert_double_eq_tol(c->saving.p10, xo_sorted_quantile(saving, JOINT_DRAWS, 0.1), 1e-3);
    ck_assert_double_eq_tol(c->saving.p50, xo_sorted_quantile(saving, JOINT_DRAWS, 0.5), 1e-3);
    ck_assert_double_eq_tol(c->saving.p90, xo_sorted_quantile(saving, JOINT_DRAWS, 0.9), 1e-3);
    /* A correlation of 0 is none, to the bit. */
    ck_assert_mem_eq(&zero->saving, &c->saving, sizeof c->saving);
    ck_assert_mem_eq(&zero->crossings[XO_BUY_BUILD].last, &c->crossings[XO_BUY_BUILD].last,
                     sizeof c->crossings[XO_BUY_BUILD].last);
    xo_curve_free(zero);
    xo_curve_free(c);
    xo_scenario_free(none);
    xo_scenario_free(s);
}
END_TEST

/* What one seed says, and the standard error that it gives for it. */
struct said {
    double value, se;
};
enum { SEEDS = 24, N_SAID = 6 };

static void read_said(const struct xo_curve *c, struct said out[N_SAID])
{
    const struct said all[N_SAID] = {
        { c->wins_share[XO_BUY_BUILD], c->wins_se[XO_BUY_BUILD] },
        { c->saving.p10, c->saving.p10_se },
        { c->saving.p90, c->saving.p90_se },
        { c->plan_band[XO_WAY_BUY].p50, c->plan_band[XO_WAY_BUY].p50_se },
        { c->crossings[XO_BUY_BUILD].first.p50, c->crossings[XO_BUY_BUILD].first.p50_se },
        { c->crossings[XO_BUY_BUILD].even_odds, c->crossings[XO_BUY_BUILD].even_odds_se },
    };
    memcpy(out, all, sizeof all);
}

/* The price alone decides, and no fleet changes, so that seeds differ by their draws and answers
 * may be such as are soon simulated. The sd over 24 seeds is known to 15 %, the mean of their
 * errors to less. */
START_TEST(the_error_of_the_draws_is_what_seeds_differ_by)
{
    struct xo_scenario *s = read_with("draws = 200\ncapacity_precision = 10%\n[uncertain]\n"
                                      "buy.price_scale = triangular(0.5, 1, 8)\n",
                                      short_answers, 1);
    struct xo_moments value[N_SAID], se[N_SAID];
    for (int i = 0; i < N_SAID; i++) {
        xo_moments_init(&value[i]);
        xo_moments_init(&se[i]);
    }
    for (int seed = 1; seed <= SEEDS; seed++) {
        struct said said[N_SAID];
        s->seed = (uint64_t)seed;
        struct xo_curve *c = run_curve(s, 2);
        read_said(c, said);
        for (int i = 0; i < N_SAID; i++) {
            xo_moments_add(&value[i], said[i].value);
            xo_moments_add(&se[i], said[i].se);
        }
        xo_curve_free(c);
    }
    for (int i = 0; i < N_SAID; i++) {
        const double ratio = sqrt(xo_moments_variance(&value[i])) / se[i].mean;
        ck_assert_msg(ratio > 0.65 && ratio < 1.5, "figure %d: sd over seeds / error = %g", i,
                      ratio);
    }
    xo_scenario_free(s);
}
END_TEST

/* Below one replica's capacity building costs b, buying c a request: it is dearer from b/c on. */
START_TEST(an_uncertain_volume_moves_what_is_said_of_the_plan_alone)
{
    struct xo_scenario *s = read_scenario("[uncertain]\nworkload.volume = "
                                          "uniform(30k requests/day, 200k requests/day)\n");
    struct xo_scenario *firm = read_scenario("");
    struct xo_curve *c = run_curve(s, 2), *known = run_curve(firm, 2);
    const struct xo_curve_point *p = &c->points[c->plan];
    const double day = 730.0 / 24, lo = 30e3 * day, hi = 200e3 * day, n = c->n_draws;
    const double buy_usd = p->usd[XO_WAY_BUY] / p->volume, build_usd = p->usd[XO_WAY_BUILD];
    const double exact = (hi - build_usd / buy_usd) / (hi - lo);
    ck_assert_double_gt(exact, 0.1);
    ck_assert_double_le(fabs(c->wins_share[XO_BUY_BUILD] - exact),
                        4 * sqrt(exact * (1 - exact) / n));
    ck_assert_double_eq_tol(c->plan_volume.p90, lo + 0.9 * (hi - lo),
                            4 * sqrt(0.09 / n) * (hi - lo));
    ck_assert_double_eq_tol(c->plan_band[XO_WAY_BUY].p10, c->plan_volume.p10 * buy_usd, 1e-5);
    ck_assert_double_eq_tol(c->saving.p90, c->plan_volume.p90 * buy_usd - build_usd, 1e-5);
    ck_assert_int_eq(c->verdict, XO_VERDICT_TOO_CLOSE);
    /* Were the volume this or that: what is known of it changes nothing. */
    ck_assert_int_eq(c->n_points, known->n_points);
    for (int i = 0; i < c->n_points; i++) {
        const struct xo_curve_point *a = &c->points[i], *b = &known->points[i];
        ck_assert_double_eq(a->wins_share[XO_BUY_BUILD], b->wins_share[XO_BUY_BUILD]);
        ck_assert_mem_eq(a->band, b->band, sizeof a->band);
    }
    ck_assert_mem_eq(&c->crossings[XO_BUY_BUILD], &known->crossings[XO_BUY_BUILD],
                     sizeof c->crossings[XO_BUY_BUILD]);
    ck_assert_int_eq(c->n_simulated, known->n_simulated);
    xo_curve_free(known);
    xo_curve_free(c);
    xo_scenario_free(firm);
    xo_scenario_free(s);
}
END_TEST

static bool can_be(const struct xo_scenario *s, int key, double value)
{
    struct xo_scenario *copy = xo_scenario_copy(s);
    const bool can = xo_scenario_vary(copy, key, value, NULL);
    xo_scenario_free(copy);
    return can;
}

/* Make `key` one more uncertain input, evenly from a fifth less to a quarter more than it is, or in
 * the lower part of its range where it is nothing; false where it cannot vary so. */
static bool make_uncertain(struct xo_scenario *s, int key)
{
    const struct xo_key *k = &xo_keys[key];
    const double base = xo_scenario_number(s, key);
    const double lo = base > 0 ? fmax(0.8 * base, k->min) : k->min;
    const double hi = base > 0 ? 1.25 * base : k->min + fmax(1, k->min) / 4;
    const double end = fmin(k->type == XO_KEY_INTEGER ? hi + 1 : hi, k->max);
    if (!can_be(s, key, lo) || !can_be(s, key, end))
        return false;
    ck_assert_int_lt(s->n_uncertain, XO_MAX_UNCERTAIN);
    struct xo_uncertain *u = &s->uncertain[s->n_uncertain++];
    *u = (struct xo_uncertain){ .key = key, .u_hi = 1 };
    u->reaches_simulation = k->effect == XO_KEY_SIMULATION;
    return xo_dist_by_range(&u->dist, XO_DIST_UNIFORM, lo, lo, end, NULL);
}

static bool is_same_answer(const struct xo_curve *a, const struct xo_curve *b)
{
    bool same = a->n_points == b->n_points;
    for (int i = 0; same && i < a->n_points; i++)
        same &= memcmp(a->points[i].band, b->points[i].band, sizeof a->points[i].band) == 0;
    return same && memcmp(a->plan_band, b->plan_band, sizeof a->plan_band) == 0 &&
           memcmp(&a->crossings[XO_BUY_BUILD].last, &b->crossings[XO_BUY_BUILD].last,
                  sizeof a->crossings[XO_BUY_BUILD].last) == 0;
}

/* Keys that reach the simulation come in kinds, of which these are one or two each, with whether
 * they move anything where the smallest fleet is enough. */
static const struct {
    const char *key;
    bool moves;
} simulated[] = {
    { "workload.volume", true },         { "workload.prompt_scale", true },
    { "workload.retries", true },        { "build.replicas", true },
    { "build.pipeline_parallel", true }, { "workload.client_gap", false },
    { "slo.ttft_p95", false },           { "build.step_scale", false },
    { "build.max_batch", false },        { "build.mfu_experts", false },
};

static bool is_tried_money(const struct xo_key *k)
{
    return k->effect == XO_KEY_MONEY &&
           (strcmp(k->section, "buy") == 0 || strcmp(k->section, "build") == 0 ||
            strcmp(k->section, "scenario") == 0);
}

/* Money is asked of answers that are soon simulated, the others of such as take a third of what the
 * base takes. */
static struct xo_scenario *scenario_to_vary(bool money)
{
    static const char *const answers[] = { "workload.output=lognormal(mean=60, cv=0.6) tokens" };
    return read_with("draws = 200\ncapacity_precision = 10%\n", money ? short_answers : answers, 1);
}

struct said_to_move {
    int key[2][XO_MAX_UNCERTAIN], n[2]; /* [0]: nothing, [1]: something */
};

static void say_of_money(struct said_to_move *said)
{
    struct xo_scenario *s = scenario_to_vary(true);
    for (int key = 0; key < xo_n_keys; key++)
        if (is_tried_money(&xo_keys[key]))
            make_uncertain(s, key);
    struct xo_curve *c = run_curve(s, 2);
    for (int i = 0; i < c->n_uncertain; i++) {
        const bool moves = c->effects[i].moves;
        said->key[moves][said->n[moves]++] = c->effects[i].key;
    }
    xo_curve_free(c);
    xo_scenario_free(s);
}

static void say_of_simulated(struct said_to_move *said)
{
    for (size_t i = 0; i < sizeof simulated / sizeof simulated[0]; i++) {
        const bool moves = simulated[i].moves;
        said->key[moves][said->n[moves]++] = xo_key_find(simulated[i].key);
    }
}

/* Where these keys are uncertain, all of them are said to move something or none is, and so it is.
 */
static void ck_moves(const struct xo_curve *known, bool money, const int keys[], int n, bool moves)
{
    struct xo_scenario *s = scenario_to_vary(money);
    for (int i = 0; i < n; i++)
        ck_assert(make_uncertain(s, keys[i]));
    struct xo_curve *c = run_curve(s, 2);
    for (int i = 0; i < n; i++) {
        const struct xo_key *k = &xo_keys[keys[i]];
        ck_assert_int_eq(c->effects[i].key, keys[i]);
        ck_assert_msg(c->effects[i].moves == moves, "%s.%s is not said to move %s", k->section,
                      k->name, moves ? "anything" : "nothing");
    }
    ck_assert_msg(is_same_answer(c, known) != moves, "%s.%s%s %s", xo_keys[keys[0]].section,
                  xo_keys[keys[0]].name, n > 1 ? " or one of the others" : "",
                  moves ? "moves nothing" : "moves the draws unsaid");
    xo_curve_free(c);
    xo_scenario_free(s);
}

/* Of every key that [uncertain] takes, money or not: the draws are other than without it, or it is
 * said to change nothing. Those that change nothing change nothing together, which is one study. */
START_TEST(each_uncertain_key_moves_the_draws_or_is_said_not_to)
{
    const bool money = _i != 0;
    struct said_to_move said = { 0 };
    struct xo_scenario *firm = scenario_to_vary(money);
    struct xo_curve *known = run_curve(firm, 2);
    if (money)
        say_of_money(&said);
    else
        say_of_simulated(&said);
    for (int i = 0; i < said.n[1]; i++)
        ck_moves(known, money, &said.key[1][i], 1, true);
    ck_moves(known, money, said.key[0], said.n[0], false);
    ck_assert_int_ge(said.n[1], money ? 15 : 5);
    ck_assert_int_ge(said.n[0], money ? 9 : 5);
    xo_curve_free(known);
    xo_scenario_free(firm);
}
END_TEST

START_TEST(a_flip_leaves_nothing_between_the_two_sides)
{
    struct xo_scenario *s = read_scenario("");
    struct xo_curve *c = run_curve(s, 2);
    const struct xo_curve_point *p = &c->points[c->plan];
    const struct xo_flip *price = &c->flips[XO_FLIP_API_PRICE];
    const struct xo_flip *rent = &c->flips[XO_FLIP_RENT];
    ck_assert(price->possible);
    /* No people, no one-offs: both bills are proportional to their price. */
    double ratio = p->usd[XO_WAY_BUILD] / p->usd[XO_WAY_BUY];
    ck_assert_double_eq_tol(price->factor, ratio, 1e-4 * ratio);
    ck_assert(rent->possible);
    ck_assert_double_eq_tol(rent->factor, 1 / ratio, 1e-4 / ratio);
    ck_assert(!c->flips[XO_FLIP_STAFF].possible);
    ck_assert(!c->flips[XO_FLIP_DISCOUNT].possible); /* buying is cheaper already */
    xo_curve_free(c);
    xo_scenario_free(s);
}
END_TEST

START_TEST(threads_change_nothing_and_the_seed_does)
{
    static const char *const tight[] = { TIGHT };
    struct xo_scenario *s = read_with("", tight, 2), *other = read_with("", tight, 2);
    other->seed = 2;
    struct xo_curve *one = run_curve(s, 1), *two = run_curve(s, 2), *seed = run_curve(other, 2);
    ck_assert_int_eq(one->n_points, two->n_points);
    ck_assert_mem_eq(one->points, two->points, (size_t)one->n_points * sizeof *one->points);
    ck_assert_mem_eq(&one->crossings[XO_BUY_BUILD], &two->crossings[XO_BUY_BUILD],
                     sizeof one->crossings[XO_BUY_BUILD]);
    ck_assert_int_eq(one->n_simulated, two->n_simulated);
    ck_assert_double_ne(one->ladders[0].rungs[0].volume, seed->ladders[0].rungs[0].volume);
    xo_curve_free(one);
    xo_curve_free(two);
    xo_curve_free(seed);
    xo_scenario_free(s);
    xo_scenario_free(other);
}
END_TEST

START_TEST(an_invoice_is_rebuilt_from_its_own_tokens)
{
    struct xo_scenario *s = read_scenario("[actual]\n"
                                          "month = 2026-10\n"
                                          "requests = 900k\n"
                                          "prompt_tokens = 810M\n"
                                          "output_tokens = 135M\n"
                                          "invoice = $500\n");
    struct xo_reconciliation r;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_reconcile(s, &r, &err), "%s", err.text);
    ck_assert(r.given);
    double by_hand = 810 * 0.35 + 135 * 1.25;
    ck_assert_double_eq_tol(r.ours_usd, by_hand, 0.02);
    ck_assert_double_eq_tol(r.difference_frac, by_hand / 500 - 1, 1e-4);
    ck_assert_double_eq_tol(r.prompt_per_request, 900, 1e-9);
    xo_scenario_free(s);
}
END_TEST

/* The scenario plans no cached tokens; the invoice has 270 M of them, here at a tenth. */
START_TEST(cached_tokens_of_an_invoice_count_whatever_was_planned)
{
    struct xo_scenario *s =
        read_with("[actual]\nmonth = 2026-10\nrequests = 900k\n"
                  "prompt_tokens = 810M\ncached_tokens = 270M\n"
                  "output_tokens = 135M\ninvoice = $500\n",
                  (const char *[]){ "api.acme/chat.cached_input=$0.035/Mtok" }, 1);
    struct xo_reconciliation r;
    ck_assert(xo_reconcile(s, &r, NULL));
    ck_assert_double_eq_tol(r.ours_usd, 540 * 0.35 + 270 * 0.035 + 135 * 1.25, 0.02);
    xo_scenario_free(s);
}
END_TEST

/* Does one replica at next to no load meet the SLO with these settings? Why not, into *why. */
static bool is_feasible(const char *const sets[], int n_sets, struct xo_infeasible *why)
{
    struct xo_scenario *s = read_with("", sets, n_sets);
    struct xo_study_options options = { .n_threads = 1 };
    struct xo_run *run = NULL;
    ck_assert(xo_run_run(&run, s, &options, NULL));
    *why = run->infeasible[0];
    const bool is = run->best >= 0;
    xo_run_free(run);
    xo_scenario_free(s);
    return is;
}

/* 8 GB of weights at 864 GB/s: 9 ms a token at least on one L40S. */
START_TEST(what_is_said_to_meet_the_slo_does_meet_it)
{
    char parallel[64], gpu[96], limit[64];
    const char *sets[] = { "slo.tpot_p95=8 ms", "build.tensor_parallel=1",
                           "workload.volume=100 requests/day" };
    struct xo_infeasible why, other;
    ck_assert(!is_feasible(sets, 3, &why));
    ck_assert(why.holds && why.searched);
    ck_assert_int_eq(why.n_missed, 1);
    ck_assert_int_eq(why.tensor_parallel, 2);
    ck_assert_str_ne(why.gpu, "");

    snprintf(parallel, sizeof parallel, "build.tensor_parallel=%d", why.tensor_parallel);
    ck_assert(is_feasible((const char *[]){ sets[0], parallel, sets[2] }, 3, &other));
    snprintf(gpu, sizeof gpu, "build.gpu=%s", why.gpu);
    ck_assert(is_feasible((const char *[]){ sets[0], sets[1], sets[2], gpu }, 4, &other));
    snprintf(limit, sizeof limit, "slo.tpot_p95=%.1f ms", 1.1e3 * why.lone_s);
    ck_assert(is_feasible((const char *[]){ limit, sets[1], sets[2] }, 3, &other));
}
END_TEST

/* No GPU reads 8 GB in a microsecond. */
START_TEST(where_nothing_would_meet_the_slo_nothing_is_named)
{
    const char *sets[] = { "slo.tpot_p95=0.001 ms", "slo.ttft_p95=0.01 ms",
                           "build.tensor_parallel=1", "workload.volume=100 requests/day" };
    struct xo_infeasible why;
    ck_assert(!is_feasible(sets, 4, &why));
    ck_assert(why.holds && why.searched);
    ck_assert_int_eq(why.n_missed, 2);
    ck_assert_int_eq(why.tensor_parallel, 0);
    ck_assert_str_eq(why.gpu, "");
}
END_TEST

/* What is searched is simulated: a replica of one GPU has three wider ones to try, of 2, 4 and 8,
 * one of eight none; both then try the other GPUs. Each is asked as many lone requests. */
START_TEST(what_is_searched_counts_as_simulated)
{
    int64_t n[2];
    for (int i = 0; i < 2; i++) {
        const char *sets[] = { "slo.tpot_p95=0.001 ms",
                               i == 0 ? "build.tensor_parallel=1" : "build.tensor_parallel=8" };
        struct xo_study_options options = { .n_threads = 1 };
        struct xo_scenario *s = read_with("", sets, 2);
        struct xo_run *run = NULL;
        ck_assert(xo_run_run(&run, s, &options, NULL));
        ck_assert(run->infeasible[0].searched);
        n[i] = run->n_simulated;
        xo_run_free(run);
        xo_scenario_free(s);
    }
    ck_assert_int_gt(n[1], 0);
    ck_assert_int_gt(n[0], n[1]);
}
END_TEST

/* A fifth of the prompts has 100,000 tokens: 13 GB of KV beside 8 GB of weights do not fit on 24
 * GB, and do on two such GPUs or on a larger one. No GPU makes a model take more tokens than it
 * takes. */
START_TEST(a_refusal_for_want_of_kv_has_a_remedy_and_one_of_the_model_has_none)
{
    static const struct {
        const char *model;
        bool by_context;
    } rows[] = { { "build.model=llama-3.1-8b", false }, { "build.model=llama-3-8b", true } };
    for (int i = 0; i < 2; i++) {
        const char *sets[] = { rows[i].model,
                               "build.gpu=l4",
                               "build.tensor_parallel=1",
                               "workload.prompt=discrete(1000:4, 100000:1) tokens",
                               "workload.volume=100 requests/day",
                               "slo.ttft_p95=10 min",
                               "slo.tpot_p95=10 s" };
        struct xo_study_options options = { .n_threads = 1 };
        struct xo_scenario *s = read_with("", sets, 7);
        struct xo_run *run = NULL;
        ck_assert(xo_run_run(&run, s, &options, NULL));
        const struct xo_infeasible *why = &run->infeasible[0];
        ck_assert(why->holds);
        ck_assert_int_eq(why->cause, XO_CAUSE_REFUSED);
        ck_assert_double_eq_tol(run->unserved[0].frac, 0.2, 1e-9);
        ck_assert_int_eq(run->unserved[0].by_context, rows[i].by_context);
        ck_assert_int_eq(why->searched, !rows[i].by_context);
        ck_assert_int_eq(why->tensor_parallel, rows[i].by_context ? 0 : 2);
        ck_assert_int_eq(why->gpu[0] == '\0', rows[i].by_context);
        xo_run_free(run);
        xo_scenario_free(s);
    }
}
END_TEST

/* A typed room of 2,000 tokens refuses a fifth of the prompts, which the room that is worked out
 * holds. A larger replica holds them too, but not with a room that was read on this one. */
START_TEST(a_room_typed_too_small_is_to_be_corrected)
{
    const char *sets[] = { "build.tensor_parallel=1",
                           "workload.prompt=discrete(1000:4, 3000:1) tokens",
                           "workload.volume=100 requests/day",
                           "slo.ttft_p95=10 min",
                           "slo.tpot_p95=10 s",
                           "build.kv_room=2k tokens" };
    struct xo_infeasible why, other;
    struct xo_scenario *s = read_with("", sets, 5);
    const double room = xo_option_holds(s, 0).kv_room_tokens;
    xo_scenario_free(s);
    ck_assert(!is_feasible(sets, 6, &why));
    ck_assert_int_eq(why.cause, XO_CAUSE_REFUSED);
    ck_assert_double_eq(why.kv_room_tokens, room);
    ck_assert_int_eq(why.tensor_parallel, 2);
    ck_assert(is_feasible(sets, 5, &other));
    ck_assert(!is_feasible(
        (const char *[]){ "build.tensor_parallel=2", sets[1], sets[2], sets[3], sets[4], sets[5] },
        6, &other));
    /* where the latency is what fails, no room helps */
    sets[4] = "slo.tpot_p95=0.001 ms";
    sets[1] = "workload.prompt=1000 tokens";
    ck_assert(!is_feasible(sets, 6, &why));
    ck_assert_int_eq(why.cause, XO_CAUSE_TARGET);
    ck_assert_double_eq(why.kv_room_tokens, 0);
}
END_TEST

/* 70 GB of weights on two L40S at 864 GB/s take 41 ms a token. Two A100 would be faster, but typed
 * in build.gpu one holds them, and is not: a GPU is asked with as many as it takes by itself. */
START_TEST(a_gpu_that_is_said_to_help_does_so_as_it_is_typed)
{
    char gpu[96];
    const char *sets[] = { "slo.tpot_p95=40 ms", "build.model=llama-3.3-70b", gpu,
                           "workload.volume=100 requests/day", "slo.ttft_p95=30 s" };
    struct xo_infeasible why, other;
    snprintf(gpu, sizeof gpu, "build.gpu=l40s");
    struct xo_scenario *s = read_with("", sets, 5);
    ck_assert_int_eq(s->options[0].deployment.tensor_parallel, 2);
    xo_scenario_free(s);
    ck_assert(!is_feasible(sets, 5, &why));
    ck_assert_str_ne(why.gpu, "");
    snprintf(gpu, sizeof gpu, "build.gpu=%s", why.gpu);
    ck_assert_msg(is_feasible(sets, 5, &other), "%s", why.gpu);
}
END_TEST

/* One request in 10,000: sizing cannot hold it to its SLO, lone requests can. */
START_TEST(a_rare_class_is_not_sized_for_but_must_be_able_to_meet_its_slo)
{
    static const char classes[] = "[class most]\nweight = 99.99%\n[class odd]\nweight = 0.01%\n"
                                  "[slo odd]\nttft_p95 = 1 s\n";
    struct xo_study_options options = { .n_threads = 1 };
    struct xo_run *run = NULL;
    struct xo_scenario *s = read_scenario(classes);
    ck_assert(xo_slo_is_judged(s, 0, 0));
    ck_assert(!xo_slo_is_judged(s, 1, 0));
    const int n_replications = s->n_replications;
    s->n_replications = 66; /* each has as few of them */
    ck_assert(!xo_slo_is_judged(s, 1, 0));
    s->n_replications = n_replications;
    ck_assert(xo_run_run(&run, s, &options, NULL));
    ck_assert_int_ge(run->best, 0);
    xo_run_free(run);
    xo_scenario_free(s);

    s = read_with(classes, (const char *[]){ "slo odd.ttft_p95=2 ms" }, 1);
    ck_assert(xo_run_run(&run, s, &options, NULL));
    ck_assert_int_lt(run->best, 0);
    ck_assert_int_eq(run->infeasible[0].class_index, 1);
    ck_assert_int_eq(run->infeasible[0].n_missed, 1);
    xo_run_free(run);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_curve_needs_both_sides)
{
    struct xo_study_options options = { .n_threads = 1 };
    struct xo_curve *curve = NULL;
    struct xo_error err = { 0 };
    struct xo_scenario *s = read_scenario("");
    const int n_options = s->n_options;
    s->n_options = 0;
    ck_assert(!xo_curve_run(&curve, s, &options, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "there is no [build] to compare with"));
    s->n_options = n_options;
    s->n_apis = 0;
    ck_assert(!xo_curve_run(&curve, s, &options, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "there is no [buy] to compare with; `crossover run`"));
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_run_prices_buying_alone)
{
    struct xo_study_options options = { .n_threads = 1 };
    struct xo_run *run = NULL;
    struct xo_scenario *s = read_with("", (const char *[]){ "workload.profile=office-hours" }, 1);
    s->n_options = 0;
    ck_assert(xo_run_run(&run, s, &options, NULL));
    ck_assert_int_eq(run->best, -1);
    ck_assert_double_eq_tol(run->peak_factor, 2.6, 0.05);
    ck_assert_double_gt(run->usd[XO_WAY_BUY], 0);
    ck_assert_double_nan(run->usd[XO_WAY_BUILD]);
    ck_assert_int_eq(run->n_simulated, 0);
    xo_run_free(run);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_run_agrees_with_the_curve_at_plan)
{
    struct xo_scenario *s = read_with("", (const char *const[]){ TIGHT }, 2);
    struct xo_curve *c = run_curve(s, 2);
    struct xo_run *run = run_plan(s);
    const struct xo_curve_point *p = &c->points[c->plan];
    ck_assert_double_eq(run->usd[XO_WAY_BUY], p->usd[XO_WAY_BUY]);
    ck_assert_double_eq(run->usd[XO_WAY_BUILD], p->usd[XO_WAY_BUILD]);
    ck_assert_int_eq(run->sized[run->best].n_gpus, p->build.n_gpus);
    const struct xo_point_metrics *m = &run->metrics;
    ck_assert_double_eq_tol(m->prefill_frac + m->decode_frac + m->idle_frac, 1, 1e-9);
    ck_assert_double_ge(m->attained_frac[0][0], 0.95);
    ck_assert_double_ge(m->attained_frac[0][1], 0.95);
    /* A steady week: every hour is the mean one. */
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++) {
        ck_assert_double_eq_tol(run->hours[h].load_frac, p->volume / run->capacity[0].volume, 1e-9);
        ck_assert_double_ge(run->hours[h].attained_frac[0][0], 0.95);
        ck_assert_double_nan(run->hours[h].attained_frac[0][2]);
    }
    xo_run_free(run);
    xo_curve_free(c);
    xo_scenario_free(s);
}
END_TEST

/* Twelve replicas are no rung of the climb: both find them, and the fleets next to them, alike. */
START_TEST(a_run_agrees_with_the_curve_between_rungs)
{
    static const char *const sets[] = { "workload.volume=1060M requests/month",
                                        "workload.output=6 tokens",
                                        "study.min_volume=0.9x",
                                        "study.max_volume=6x",
                                        "build.headroom=0%",
                                        TIGHT };
    struct xo_scenario *s = read_with("", sets, 7);
    struct xo_curve *c = run_curve(s, 2);
    struct xo_run *run = run_plan(s);
    const struct xo_curve_point *p = &c->points[c->plan];
    ck_assert_int_gt(p->build.serving_replicas, 10);
    ck_assert_int_eq(run->sized[0].serving_replicas, p->build.serving_replicas);
    ck_assert_double_eq(run->usd[XO_WAY_BUILD], p->usd[XO_WAY_BUILD]);
    ck_assert_double_eq(run->sized[0].load_frac, p->build.load_frac);
    ck_assert_double_eq(run->metrics.ttft_p95_s, p->metrics.ttft_p95_s);
    ck_assert_double_eq(run->metrics.busy_frac, p->metrics.busy_frac);
    const struct xo_capacity *of_run[] = { &run->capacity_below[0], &run->capacity[0],
                                           &run->capacity_above[0] };
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < c->ladders[0].n_rungs; i++) {
            const struct xo_capacity *rung = &c->ladders[0].rungs[i];
            if (rung->n_replicas != of_run[k]->n_replicas)
                continue;
            ck_assert_double_eq(rung->volume, of_run[k]->volume);
            ck_assert_double_eq(rung->volume_lo, of_run[k]->volume_lo);
            of_run[k] = rung;
        }
    for (int k = 0; k < 3; k++)
        ck_assert_int_eq(of_run[k]->n_replicas, p->build.serving_replicas - 1 + k);
    ck_assert_double_lt(of_run[0]->volume, p->volume);
    ck_assert_double_ge(of_run[1]->volume, p->volume);
    ck_assert_double_ge(of_run[2]->volume, of_run[1]->volume);
    /* No fleet that is drawn misses the SLO when it is observed, the largest included; that of the
     * plan is the smallest by its capacity, whose interval is the most it misses by. */
    const double off = of_run[1]->slope * of_run[1]->log_half_width;
    for (int i = 0; i < c->n_points; i++)
        for (int t = 0; t < 2 && c->points[i].has_metrics; t++)
            ck_assert_double_ge(c->points[i].metrics.attained_frac[0][t],
                                1 - 0.05 * (c->points[i].is_plan ? exp(off) : 1));
    ck_assert_int_gt(c->points[c->n_points - 1].build.serving_replicas, XO_MOST_SIMULATED);
    xo_run_free(run);
    xo_curve_free(c);
    xo_scenario_free(s);
}
END_TEST

/* The busiest hour holds a spike of 20 minutes, another hour a smaller one. The busiest is what the
 * run observed; hours without a spike are as busy as those of a week that has none. */
START_TEST(hours_say_how_they_were_read)
{
    const char *spikes = "[spike show]\nstart = Sun 20:00\nlength = 20 min\nfactor = 6\n"
                         "[spike news]\nstart = Wed 12:00\nlength = 20 min\nfactor = 3\n";
    const char *sets[] = { "build.replicas=1", "workload.volume=40k requests/day",
                           "slo.ttft_p95=5 s" };
    enum { SHOW = 6 * 24 + 20, NEWS = 2 * 24 + 12, QUIET = 37 };
    struct xo_study_options options = { .n_threads = 2 };
    struct xo_run *run = NULL, *flat = NULL;
    struct xo_error err = { 0 };
    struct xo_scenario *s = read_with(spikes, sets, 3);
    ck_assert_msg(xo_run_run(&run, s, &options, &err), "%s", err.text);
    ck_assert_int_eq(run->best, 0);
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        ck_assert_int_eq(run->hours[h].reading, h == SHOW   ? XO_HOUR_SIMULATED
                                                : h == NEWS ? XO_HOUR_SPIKE
                                                            : XO_HOUR_STEADY);
    ck_assert_double_eq(run->hours[SHOW].attained_frac[0][0], run->metrics.attained_frac[0][0]);
    ck_assert_double_eq(run->hours[SHOW].busy_frac, run->metrics.busy_frac);
    ck_assert_double_lt(run->hours[NEWS].busy_frac, run->hours[SHOW].busy_frac);
    const double mean = run->hours[QUIET].load_frac / run->hours[SHOW].load_frac * run->peak_factor;
    char volume[64];
    snprintf(volume, sizeof volume, "workload.volume=%.6f requests/day", 40000 * mean);
    sets[1] = volume;
    struct xo_scenario *plain = read_with("", sets, 3);
    ck_assert_msg(xo_run_run(&flat, plain, &options, &err), "%s", err.text);
    ck_assert_double_gt(flat->metrics.busy_frac, 0.3);
    ck_assert_double_eq_tol(run->hours[QUIET].busy_frac / flat->metrics.busy_frac, 1, 0.04);
    xo_run_free(run);
    xo_run_free(flat);
    xo_scenario_free(s);
    xo_scenario_free(plain);
}
END_TEST

/* ---- fixed fleets ---- */

/* One L40S as its owner has it, whatever it can do: 95 % of lone prompts take under 400 ms. */
static const struct {
    const char *volume, *ttft;
    bool is_late, is_full, is_slow; /* misses the SLO; as full batches would; even a lone request */
} fixed_fleets[] = {
    { "workload.volume=20k requests/day", "slo.ttft_p95=400 ms", false, false, false },
    { "workload.volume=200k requests/day", "slo.ttft_p95=400 ms", true, false, false },
    { "workload.volume=9M requests/day", "slo.ttft_p95=400 ms", true, true, false },
    { "workload.volume=200k requests/day", "slo.ttft_p95=2 ms", true, false, true },
};
enum { N_FIXED_FLEETS = sizeof fixed_fleets / sizeof fixed_fleets[0] };

START_TEST(a_fixed_fleet_says_what_it_carries_and_how_late_it_is)
{
    const char *sets[] = { fixed_fleets[_i].volume, fixed_fleets[_i].ttft, "build.replicas=1",
                           "workload.prompt=lognormal(mean=3000, cv=0.6) tokens",
                           "workload.output=5 tokens" };
    struct xo_study_options options = { .n_threads = 2 };
    struct xo_run *run = NULL;
    struct xo_error err = { 0 };
    struct xo_scenario *s = read_with("", sets, 5);
    ck_assert_msg(xo_run_run(&run, s, &options, &err), "%s", err.text);
    const bool late = fixed_fleets[_i].is_late, full = fixed_fleets[_i].is_full;
    ck_assert_int_eq(run->best, late ? -1 : 0);
    ck_assert_int_eq(run->observed, 0);
    ck_assert_int_eq(run->infeasible[0].holds, fixed_fleets[_i].is_slow);
    ck_assert_int_eq(run->sized[0].n_gpus, 2); /* a spare one */
    ck_assert_int_eq(run->capacity[0].n_replicas, !fixed_fleets[_i].is_slow);
    ck_assert_int_eq(run->capacity[0].volume < run->requests, late);
    ck_assert_int_eq(isnan(run->usd[XO_WAY_BUILD]), late);
    ck_assert_int_eq(isnan(run->offered_frac), !late);
    ck_assert_int_eq(run->tally == NULL, full);
    if (late)
        ck_assert_int_eq(run->offered_frac >= 1, full);
    if (!full) {
        ck_assert_int_eq(run->metrics.attained_frac[0][0] < 0.95, late);
        ck_assert_double_gt(run->metrics.ttft_p95_s, 0.01);
        ck_assert_double_eq(run->metrics.busy_frac < 0.2, !late);
    }
    xo_run_free(run);
    xo_scenario_free(s);
}
END_TEST

/* A lone request holds as much KV as long as it runs, however seldom one comes. */
START_TEST(batch_and_kv_are_means_over_the_time_in_which_a_batch_runs)
{
    const char *sets[] = { "workload.volume=300 requests/day", "build.replicas=1",
                           "workload.prompt=700 tokens" };
    double kv[2], busy[2];
    for (int i = 0; i < 2; i++) {
        struct xo_study_options options = { .n_threads = 2 };
        struct xo_run *run = NULL;
        struct xo_scenario *s = read_with("", sets, 3);
        ck_assert(xo_run_run(&run, s, &options, NULL));
        ck_assert_double_eq_tol(run->metrics.batch_mean, 1, 0.06);
        kv[i] = run->metrics.kv_mean_frac;
        busy[i] = run->metrics.busy_frac;
        xo_run_free(run);
        xo_scenario_free(s);
        sets[0] = "workload.volume=900 requests/day";
    }
    ck_assert_double_gt(busy[1], 2.8 * busy[0]);
    ck_assert_double_eq_tol(kv[1], kv[0], 0.06 * kv[0]);
}
END_TEST

/* ---- money that is bound, shared or left out ---- */

static struct xo_run *run_with(const char *const sets[], int n_sets, struct xo_scenario **s)
{
    struct xo_study_options options = { .n_threads = 2 };
    struct xo_run *run = NULL;
    struct xo_error err = { 0 };
    *s = read_with("", sets, n_sets);
    ck_assert_msg(xo_run_run(&run, *s, &options, &err), "%s", err.text);
    ck_assert_int_ge(run->best, 0);
    return run;
}

/* Two servers of $9,750, a tenth back after 3 years, for a plan signed for 12 months. */
START_TEST(bought_servers_bind_for_their_life_whatever_the_commitment)
{
    const char *sets[] = { "build.tenure=own",
                           "build.server_price=$9,750",
                           "build.server_gpus=1",
                           "build.life=3 years",
                           "build.residual=10%",
                           "build.cost_of_capital=8%",
                           "build.power_price=$0.12/kWh",
                           "build.one_off=$6,000" };
    struct xo_scenario *s = read_with("", sets, 8);
    struct xo_curve *c = run_curve(s, 2);
    const struct xo_curve_point *p = &c->points[c->plan];
    ck_assert_int_eq(p->build.n_gpus, 2);
    ck_assert_double_eq(c->obligation.servers_usd, 19500);
    ck_assert_double_eq(c->obligation.resale_usd, 1950);
    ck_assert_double_eq(c->obligation_usd, 19500 - 1950 + 6000);
    ck_assert_double_eq(c->obligation.months, 36);
    /* One-offs are paid off after 12 of the 36 months. */
    const double buy = p->usd[XO_WAY_BUY], build = p->usd[XO_WAY_BUILD];
    const double one_off = xo_bill_group_usd(&p->build.bill, XO_BILL_ONE_OFF);
    const double i = pow(1.08, 1 / 12.0) - 1;
    ck_assert_double_eq_tol(one_off, 6000 * i / (1 - 1 / 1.08), 1e-5);
    ck_assert_double_eq_tol(c->loss_usd[1], 36 * (build - buy) - 24 * one_off, 1e-4);
    /* At half the plan the same servers stand there; only their power is less. */
    const double power = xo_bill_group_usd(&p->build.bill, XO_BILL_POWER);
    const double same_fleet = c->loss_usd[1] + 36 * buy / 2;
    ck_assert_double_le(c->loss_usd[0], same_fleet);
    ck_assert_double_gt(c->loss_usd[0], same_fleet - 36 * power / 2);
    xo_curve_free(c);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_full_fleet_says_nothing_of_twice_the_plan)
{
    const char *sets[] = { "build.replicas=1", "workload.volume=800k requests/day" };
    struct xo_scenario *s = read_with("", sets, 2);
    struct xo_curve *c = run_curve(s, 2);
    const struct xo_curve_point *p = &c->points[c->plan];
    ck_assert(p->build.feasible);
    ck_assert_double_eq_tol(c->loss_usd[1], 12 * (p->usd[XO_WAY_BUILD] - p->usd[XO_WAY_BUY]), 1e-4);
    ck_assert_double_nan(c->loss_usd[2]);
    xo_curve_free(c);
    xo_scenario_free(s);
}
END_TEST

START_TEST(headroom_takes_its_share_of_the_load)
{
    const char *sets[] = { "workload.volume=800k requests/day",
                           "build.tenure=owned",
                           "build.opportunity=$0/hour",
                           "build.server_gpus=1",
                           "build.power_price=$0.12/kWh",
                           "build.pue=1.25",
                           "build.headroom=100%" };
    struct xo_scenario *s, *bare_s;
    struct xo_run *run = run_with(sets, 7, &s);
    sets[6] = "build.headroom=0%";
    struct xo_run *bare = run_with(sets, 7, &bare_s);
    const struct xo_sized *z = &run->sized[0], *alone = &bare->sized[0];
    ck_assert_int_eq(z->serving_replicas, 1);
    ck_assert_int_eq(z->headroom_replicas, 1);
    ck_assert_int_eq(z->spare_replicas, 1);
    /* All three are paid for; the spare idles. A watt a month: 1.25 * 0.73 * 0.12 dollars. */
    const double idle = s->options[0].terms.gpu_idle_w;
    ck_assert_double_eq_tol(xo_bill_group_usd(&z->bill, XO_BILL_POWER),
                            (2 * z->week_mean_w_per_gpu + idle) * 0.1095, 2e-6);
    /* Half of the work each, or a little less: two together carry more than twice one. */
    ck_assert_double_lt(z->shared_load_frac, 0.5 * alone->shared_load_frac * 1.05);
    ck_assert_double_gt(z->shared_load_frac, 0.5 * alone->shared_load_frac * 0.7);
    ck_assert_double_lt(z->week_mean_w_per_gpu, alone->week_mean_w_per_gpu);
    ck_assert_double_eq_tol(run->hours[31].load_frac, z->shared_load_frac, 1e-12);
    ck_assert_double_lt(run->metrics.ttft_p95_s, bare->metrics.ttft_p95_s);
    xo_run_free(run);
    xo_run_free(bare);
    xo_scenario_free(s);
    xo_scenario_free(bare_s);
}
END_TEST

/* A lone replica that waiting keeps to 13 % of busy time, of which two carry five times as much: at
 * an equal share of what the SLO allows they are 2.5 times as busy. Here nothing is read at a share
 * of another fleet's capacity: the week agrees with what was simulated directly. */
START_TEST(busy_time_is_that_of_the_fleet_that_shares_the_load)
{
    const char *sets[] = { "workload.volume=70k requests/day",
                           "workload.prompt=lognormal(mean=3000, cv=0.6) tokens",
                           "workload.output=5 tokens", "slo.ttft_p95=400 ms",
                           "build.headroom=100%" };
    struct xo_scenario *s;
    struct xo_run *run = run_with(sets, 5, &s);
    ck_assert_int_eq(run->sized[0].serving_replicas, 1);
    ck_assert_int_eq(run->sized[0].headroom_replicas, 1);
    const double busy = run->metrics.busy_frac;
    ck_assert_double_eq_tol(run->sized[0].week_busy_frac, busy, 0.04 * busy);
    xo_run_free(run);
    xo_scenario_free(s);
}
END_TEST

/* One L40S at $1.05 against $0.00047 of tokens a request, whatever else either side pays. */
START_TEST(the_napkin_has_nobody_and_nothing_else_on_either_side)
{
    const char *sets[] = { "buy.staff=0.5 FTE",       "build.staff=1 FTE",
                           "build.salary=$200k/year", "buy.one_off=$9,000",
                           "build.one_off=$12,000",   "buy.fixed=$410/month",
                           "build.storage=$35/month", "buy.contingency=10%",
                           "build.contingency=20%",   "workload.retries=5%" };
    struct xo_scenario *s = read_with("", sets, 10);
    struct xo_curve *c = run_curve(s, 2);
    const double rent = 1.05 * 730, tokens = 700 * 0.35e-6 + 180 * 1.25e-6;
    ck_assert_double_eq_tol(c->points[0].napkin_usd, rent, 1e-6);
    ck_assert_double_eq_tol(c->napkin_crossing, rent / tokens, 0.002 * rent / tokens);
    ck_assert_double_eq_tol(c->napkin_crossing_usd, rent, 1e-4);
    xo_curve_free(c);
    xo_scenario_free(s);
}
END_TEST

START_TEST(the_napkin_pays_the_power_of_full_batches)
{
    const char *sets[] = { "build.tenure=owned", "build.opportunity=$0.5/hour",
                           "build.server_gpus=1", "build.power_price=$0.12/kWh", "build.pue=1.25" };
    struct xo_scenario *s = read_with("", sets, 5);
    struct xo_curve *c = run_curve(s, 2);
    const double busy_w = s->options[0].terms.gpu_busy_w;
    ck_assert_double_gt(busy_w, 100);
    ck_assert_double_eq_tol(c->points[0].napkin_usd, 0.5 * 730 + busy_w * 0.1095, 1e-5);
    xo_curve_free(c);
    xo_scenario_free(s);
}
END_TEST

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("curve");
    TCase *curve = tcase_create("curve");
    tcase_set_timeout(curve, 120);
    tcase_add_test(curve, lines_bills_and_the_split_of_the_saving_agree);
    tcase_add_test(curve, draws_of_a_price_follow_its_distribution);
    tcase_add_loop_test(curve, correlated_inputs_widen_or_narrow_the_range_of_the_saving, 0,
                        sizeof joint_ranks / sizeof *joint_ranks);
    tcase_add_test(curve, independent_inputs_are_drawn_by_their_own_addresses);
    tcase_add_test(curve, the_error_of_the_draws_is_what_seeds_differ_by);
    tcase_add_test(curve, an_uncertain_volume_moves_what_is_said_of_the_plan_alone);
    tcase_add_test(curve, a_flip_leaves_nothing_between_the_two_sides);
    tcase_add_test(curve, threads_change_nothing_and_the_seed_does);
    tcase_add_test(curve, an_invoice_is_rebuilt_from_its_own_tokens);
    tcase_add_test(curve, cached_tokens_of_an_invoice_count_whatever_was_planned);
    tcase_add_test(curve, what_is_said_to_meet_the_slo_does_meet_it);
    tcase_add_test(curve, where_nothing_would_meet_the_slo_nothing_is_named);
    tcase_add_test(curve, what_is_searched_counts_as_simulated);
    tcase_add_test(curve, a_room_typed_too_small_is_to_be_corrected);
    tcase_add_test(curve, a_gpu_that_is_said_to_help_does_so_as_it_is_typed);
    tcase_add_test(curve, a_refusal_for_want_of_kv_has_a_remedy_and_one_of_the_model_has_none);
    tcase_add_test(curve, a_rare_class_is_not_sized_for_but_must_be_able_to_meet_its_slo);
    tcase_add_test(curve, a_curve_needs_both_sides);
    tcase_add_test(curve, a_run_prices_buying_alone);
    tcase_add_test(curve, a_run_agrees_with_the_curve_at_plan);
    tcase_add_test(curve, a_run_agrees_with_the_curve_between_rungs);
    tcase_add_test(curve, hours_say_how_they_were_read);
    tcase_add_loop_test(curve, a_fixed_fleet_says_what_it_carries_and_how_late_it_is, 0,
                        N_FIXED_FLEETS);
    tcase_add_test(curve, batch_and_kv_are_means_over_the_time_in_which_a_batch_runs);
    tcase_add_test(curve, bought_servers_bind_for_their_life_whatever_the_commitment);
    tcase_add_test(curve, a_full_fleet_says_nothing_of_twice_the_plan);
    tcase_add_test(curve, headroom_takes_its_share_of_the_load);
    tcase_add_test(curve, busy_time_is_that_of_the_fleet_that_shares_the_load);
    tcase_add_test(curve, the_napkin_has_nobody_and_nothing_else_on_either_side);
    tcase_add_test(curve, the_napkin_pays_the_power_of_full_batches);
    suite_add_tcase(suite, curve);
    TCase *keys = tcase_create("keys");
    tcase_set_timeout(keys, 120);
    tcase_add_loop_test(keys, each_uncertain_key_moves_the_draws_or_is_said_not_to, 0, 2);
    suite_add_tcase(suite, keys);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
