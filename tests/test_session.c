/* test_session.c - answers that follow one another are those of studies from nothing, and simulate
 * no more than they have to.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenario_kit.h"

#include "xo/session.h"

#include <string.h>

/* A small build that is held to its SLO by queueing, so that capacities are searched; inputs of
 * money vary. */
static const char traffic[] = "[study]\nmax_volume = 20x\nmin_volume = 0.1x\ndraws = 200\n"
                              "capacity_precision = 10%\n"
                              "[uncertain]\nbuild.rent = uniform($1.50/hour, $2.50/hour)\n";
static const char *const busy[] = { "workload.volume=10M requests/day", "slo.tpot_p95=2 ms", NULL };

static struct xo_scenario *scenario;
static struct xo_session *session;

static void begin(void)
{
    const struct xo_study_options options = { .n_threads = 2 };
    scenario = kit_read(traffic, busy);
    session = xo_session_new(&options);
    ck_assert_ptr_nonnull(session);
}

static void end(void)
{
    xo_session_free(session);
    xo_scenario_free(scenario);
}

static void vary(struct xo_scenario *s, const char *key, double value)
{
    struct xo_error err = { 0 };
    ck_assert_msg(xo_scenario_vary(s, xo_key_find(key), value, &err), "%s", err.text);
}

static struct xo_curve *ask(const struct xo_scenario *s, enum xo_depth depth)
{
    struct xo_curve *curve = NULL;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_session_answer(session, s, depth, &curve, &err), "%s", err.text);
    ck_assert_int_eq(curve->depth, depth);
    return curve;
}

static struct xo_curve *from_nothing(const struct xo_scenario *s)
{
    const struct xo_study_options options = { .n_threads = 1 };
    struct xo_curve *curve = NULL;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_curve_run(&curve, s, &options, &err), "%s", err.text);
    return curve;
}

static bool same(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size) == 0;
}

static void same_ladders(const struct xo_curve *a, const struct xo_curve *b)
{
    ck_assert_int_eq(a->n_ladders, b->n_ladders);
    ck_assert_int_eq(a->ladders[0].infeasible.holds, b->ladders[0].infeasible.holds);
    ck_assert(a->ladders[0].infeasible.lone_s == b->ladders[0].infeasible.lone_s);
    for (int o = 0; o < a->n_ladders; o++) {
        const struct xo_ladder *x = &a->ladders[o], *y = &b->ladders[o];
        ck_assert_int_eq(x->n_rungs, y->n_rungs);
        for (int i = 0; i < x->n_rungs; i++) {
            ck_assert(x->rungs[i].volume == y->rungs[i].volume);
            ck_assert(x->rungs[i].log_half_width == y->rungs[i].log_half_width);
        }
        ck_assert(x->step_exponent_8 == y->step_exponent_8);
    }
}

/* All that a curve says, to the bit. */
static void same_curves(const struct xo_curve *a, const struct xo_curve *b)
{
    same_ladders(a, b);
    ck_assert_int_eq(a->n_points, b->n_points);
    for (int i = 0; i < a->n_points; i++) {
        const struct xo_curve_point *p = &a->points[i], *q = &b->points[i];
        ck_assert(p->volume == q->volume && same(p->usd, q->usd, sizeof p->usd));
        ck_assert(same(p->band, q->band, sizeof p->band));
        ck_assert(same(p->wins_share, q->wins_share, sizeof p->wins_share));
        ck_assert_int_eq(p->has_metrics, q->has_metrics);
        ck_assert(!p->has_metrics || (p->metrics.e2e_p99_s == q->metrics.e2e_p99_s &&
                                      p->metrics.itl_p50_s == q->metrics.itl_p50_s &&
                                      p->metrics.mbu_frac == q->metrics.mbu_frac));
    }
    ck_assert_int_eq(a->n_corners, b->n_corners);
    for (int pair = 0; pair < XO_N_PAIRS; pair++)
        ck_assert_int_eq(a->crossings[pair].n, b->crossings[pair].n);
    ck_assert(a->crossings[0].n == 0 ||
              a->crossings[0].at[0].volume == b->crossings[0].at[0].volume);
    ck_assert(same(&a->crossings[0].first, &b->crossings[0].first, sizeof(struct xo_band)));
    ck_assert(same(&a->saving, &b->saving, sizeof a->saving));
    ck_assert(same(a->plan_band, b->plan_band, sizeof a->plan_band));
    ck_assert(same(a->effects[0].saving_usd, b->effects[0].saving_usd, 2 * sizeof(double)));
    ck_assert(same(a->loss_usd, b->loss_usd, sizeof a->loss_usd));
    ck_assert(same(&a->saving_base_usd, &b->saving_base_usd, sizeof(double)));
    ck_assert_int_eq(a->n_simulated, b->n_simulated);
    ck_assert_int_eq(a->verdict, b->verdict);
}

/* Moves, each on top of those before: of money, volume, traffic, machines; and back. */
static const struct {
    const char *key;
    double value;
    bool simulates;
} moves[] = {
    { "build.rent", 1.75, false },
    { "build.headroom", 0.5, true }, /* another fleet at plan is observed */
    { "workload.volume", 450e6, true },
    { "slo.tpot_p95", 0.0025, true },
    { "slo.tpot_p95", 1e-6, true }, /* a lone request misses it: no fleet */
    { "slo.tpot_p95", 0.0025, false },
    { "build.rent", 2.25, false },
    { "workload.output_scale", 1.25, true },
    { "buy.discount", 0.125, false },
    { "workload.output_scale", 1, false }, /* it was there */
    { "scenario.seed", 1, false },
};
enum { N_MOVES = sizeof moves / sizeof *moves };

START_TEST(an_answer_is_that_of_a_study_from_nothing_whatever_was_asked_before)
{
    xo_curve_free(ask(scenario, XO_WHOLE));
    for (int i = 0; i < N_MOVES - 1; i++) {
        vary(scenario, moves[i].key, moves[i].value);
        const int64_t before = xo_session_n_simulations(session);
        struct xo_curve *kept = ask(scenario, XO_WHOLE), *fresh = from_nothing(scenario);
        ck_assert_msg((xo_session_n_simulations(session) > before) == moves[i].simulates,
                      "%s: %ld simulations", moves[i].key,
                      (long)(xo_session_n_simulations(session) - before));
        same_curves(kept, fresh);
        xo_curve_free(kept);
        xo_curve_free(fresh);
    }
}
END_TEST

START_TEST(an_answer_says_as_much_as_was_asked_and_the_same)
{
    struct xo_curve *whole = from_nothing(scenario);
    const struct xo_curve_point *plan = &whole->points[whole->plan];
    int64_t n = 0;
    for (int depth = XO_AT_PLAN; depth <= XO_WHOLE; depth++) {
        struct xo_curve *c = ask(scenario, depth);
        const struct xo_curve_point *p = &c->points[c->plan];
        ck_assert(same(p->usd, plan->usd, sizeof p->usd));
        ck_assert_int_eq(p->build.serving_replicas, plan->build.serving_replicas);
        ck_assert(c->saving_base_usd == whole->saving_base_usd);
        ck_assert_int_eq(c->n_points, depth == XO_AT_PLAN ? 1 : whole->n_points);
        if (depth >= XO_LINES)
            ck_assert(c->crossings[0].n == whole->crossings[0].n &&
                      c->n_corners == whole->n_corners);
        if (depth >= XO_RANGES)
            ck_assert(
                same(&c->saving, &whole->saving, sizeof c->saving) &&
                same(&c->crossings[0].last, &whole->crossings[0].last, sizeof(struct xo_band)) &&
                c->wins_share[0] == whole->wins_share[0]);
        else
            ck_assert(isnan(c->saving.p50) && isnan(c->wins_share[0]));
        ck_assert_int_gt(xo_session_n_simulations(session), n);
        n = xo_session_n_simulations(session);
        xo_curve_free(c);
    }
    xo_curve_free(whole);
}
END_TEST

/* One, another, and a list of both. */
static const struct {
    const char *more, *sets[3], *for_both; /* what the list asks for besides */
} lists[] = {
    { "",
      { "build.tensor_parallel=1", "build.tensor_parallel=2", "build.tensor_parallel=1, 2" },
      NULL },
    { "[gpu wide]\nlike = none\nmemory = 80 GB\nbandwidth = 4 TB/s\nbf16 = 900 TFLOPS\n",
      { "build.gpu=card", "build.gpu=wide", "build.gpu=card, wide" },
      "build.rent=$2/hour, $2/hour" },
};

START_TEST(another_option_in_a_list_is_simulated_alone)
{
    struct xo_scenario *s[3];
    struct xo_curve *c[3];
    int64_t n[3];
    char more[1000], said[KIT_SAID_SIZE];
    for (int i = 0; i < 3; i++) { /* a section that is not used is warned of */
        snprintf(more, sizeof more, "%s%s", traffic, i == 0 ? "" : lists[_i].more);
        const char *const sets[] = { busy[0], busy[1], lists[_i].sets[i],
                                     i == 2 ? lists[_i].for_both : NULL, NULL };
        s[i] = kit_ask(more, sets, said);
        ck_assert_msg(s[i] != NULL, "%s", said);
        c[i] = ask(s[i], XO_LINES);
        n[i] = xo_session_n_simulations(session);
    }
    ck_assert_int_gt(n[1], n[0]);
    ck_assert_int_eq(n[2], n[1]);
    ck_assert_int_eq(c[2]->n_ladders, 2);
    const double one = c[0]->ladders[0].rungs[0].volume, two = c[1]->ladders[0].rungs[0].volume;
    ck_assert(one != two);
    ck_assert(c[2]->ladders[0].rungs[0].volume == one && c[2]->ladders[1].rungs[0].volume == two);
    for (int i = 0; i < 3; i++) {
        xo_curve_free(c[i]);
        xo_scenario_free(s[i]);
    }
}
END_TEST

START_TEST(an_answer_that_was_stopped_is_taken_up_where_it_was)
{
    volatile int stop = 1;
    const struct xo_study_options options = { .n_threads = 1, .stop = &stop };
    struct xo_session *own = xo_session_new(&options);
    struct xo_curve *curve = NULL;
    struct xo_error err = { 0 };
    ck_assert(!xo_session_answer(own, scenario, XO_WHOLE, &curve, &err));
    ck_assert_int_eq(err.kind, XO_ERR_STOPPED);
    ck_assert_ptr_null(curve);
    stop = 0;
    ck_assert(xo_session_answer(own, scenario, XO_WHOLE, &curve, &err));
    struct xo_curve *fresh = from_nothing(scenario);
    same_curves(curve, fresh);
    xo_curve_free(curve);
    xo_curve_free(fresh);
    xo_session_free(own);
}
END_TEST

/* Room for about one result, and for none. */
static const size_t rooms[] = { 20000, 0 };

START_TEST(what_there_is_no_room_for_is_simulated_again)
{
    struct xo_kept *kept = xo_kept_new(rooms[_i]);
    const struct xo_study_options options = { .n_threads = 1, .kept = kept };
    struct xo_curve *curve = NULL, *fresh = from_nothing(scenario);
    struct xo_error err = { 0 };
    int64_t n = 0;
    for (int i = 0; i < 2; i++) {
        ck_assert_msg(xo_curve_run(&curve, scenario, &options, &err), "%s", err.text);
        same_curves(curve, fresh);
        xo_curve_free(curve);
        ck_assert_int_gt(xo_kept_n_simulated(kept), n);
        n = xo_kept_n_simulated(kept);
    }
    xo_curve_free(fresh);
    xo_kept_free(kept);
}
END_TEST

START_TEST(a_run_and_a_curve_share_what_is_kept)
{
    struct xo_run *run = NULL, *fresh = NULL;
    const struct xo_study_options alone = { .n_threads = 1 };
    struct xo_error err = { 0 };
    xo_curve_free(ask(scenario, XO_WHOLE));
    const int64_t before = xo_session_n_simulations(session);
    ck_assert(xo_run_run(&run, scenario, xo_session_options(session), &err));
    ck_assert_int_eq(xo_session_n_simulations(session), before);
    ck_assert(xo_run_run(&fresh, scenario, &alone, &err));
    ck_assert(run->usd[XO_WAY_BUILD] == fresh->usd[XO_WAY_BUILD]);
    ck_assert(run->metrics.ttft_p95_s == fresh->metrics.ttft_p95_s);
    const size_t size = sizeof run->tally->classes[0];
    ck_assert(same(&run->tally->classes[0], &fresh->tally->classes[0], size));
    ck_assert_int_eq(run->n_simulated, fresh->n_simulated);
    xo_run_free(run);
    xo_run_free(fresh);
}
END_TEST

/* ---- digests ---- */

static struct xo_digest digest_of(const struct xo_scenario *s)
{
    struct xo_digest d = { 0 };
    struct xo_error err = { 0 };
    ck_assert(xo_scenario_simulated(s, 0, &d, &err));
    return d;
}

static bool is_same_digest(struct xo_digest a, struct xo_digest b)
{
    return a.lo == b.lo && a.hi == b.hi;
}

/* Those of keys that reach the engine as numbers of a simulation. */
static bool is_argument(const char *name)
{
    return strcmp(name, "workload.volume") == 0 || strcmp(name, "build.replicas") == 0;
}

/* Every key that can vary, moved a little: those of money leave what is simulated as it is, and
 * those of the engine never do. */
START_TEST(a_digest_changes_with_the_engine_alone)
{
    const struct xo_digest base = digest_of(scenario);
    int n_money = 0, n_engine = 0;
    for (int key = 0; key < xo_n_keys; key++) {
        const double value = xo_scenario_number(scenario, key);
        char name[120];
        snprintf(name, sizeof name, "%s.%s", xo_keys[key].section, xo_keys[key].name);
        struct xo_scenario *s = xo_scenario_copy(scenario);
        struct xo_error why = { 0 };
        const double moved = xo_keys[key].type == XO_KEY_INTEGER ? value + 1
                             : value == 0                        ? 0.01
                                                                 : value * 0.97;
        if (isfinite(value) && !xo_section_is_named(xo_keys[key].section) &&
            xo_scenario_vary(s, key, moved, &why)) {
            const bool reaches = xo_keys[key].effect == XO_KEY_SIMULATION && !is_argument(name);
            ck_assert_msg(is_same_digest(digest_of(s), base) == !reaches, "%s", name);
            n_engine += reaches;
            n_money += !reaches;
        }
        xo_scenario_free(s);
    }
    ck_assert_int_ge(n_engine, 15);
    ck_assert_int_ge(n_money, 15);
}
END_TEST

/* What a list, a text or a section of its own says, against the base. */
static const struct {
    const char *set;
    bool same;
} texts[] = {
    { "scenario.name=another", true },
    { "build.rent=? $2/hour", true },
    { "workload.volume=12M requests/day", true },
    { "slo.tpot_p95=? 0.002 s", true },
    { "study.draws=300", true },
    { "study.threads=2", true },
    { "build.tensor_parallel=1, 2", true }, /* the first option is the same */
    { "scenario.seed=2", false },
    { "scenario.hours_per_month=730", false },
    { "study.replications=5", false },
    { "study.capacity_precision=3%", false },
    { "workload.arrivals=gamma(cv=2)", false },
    { "workload.prompt=lognormal(mean=1500, cv=1) tokens", false },
    { "build.router=shared_queue", false },
    { "build.tensor_parallel=2", false },
};

START_TEST(a_digest_knows_texts)
{
    const char *const sets[] = { busy[0], busy[1], texts[_i].set, NULL };
    struct xo_scenario *s = kit_read(traffic, sets);
    ck_assert_msg(is_same_digest(digest_of(s), digest_of(scenario)) == texts[_i].same, "%s",
                  texts[_i].set);
    xo_scenario_free(s);
}
END_TEST

/* Bursts and other gaps even out over more users, so that the plan is a part of the traffic. */
START_TEST(a_digest_has_the_plan_where_traffic_depends_on_it)
{
    const char *const sets[] = { busy[0], busy[1], "workload.arrivals=gamma(cv=2)", NULL };
    struct xo_scenario *s = kit_read(traffic, sets);
    const struct xo_digest before = digest_of(s);
    vary(s, "workload.volume", 450e6);
    ck_assert(!is_same_digest(digest_of(s), before));
    vary(scenario, "workload.volume", 450e6);
    struct xo_scenario *again = kit_read(traffic, busy);
    ck_assert(is_same_digest(digest_of(scenario), digest_of(again)));
    xo_scenario_free(again);
    xo_scenario_free(s);
}
END_TEST

/* ---- previews ---- */

static struct xo_curve *preview(const double values[])
{
    struct xo_curve *curve = NULL;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_session_preview(session, values, &curve, &err), "%s", err.text);
    return curve;
}

START_TEST(a_preview_is_the_answer_within_the_error_that_it_states)
{
    const struct xo_moving moving[] = { { xo_key_find("workload.output_scale"), 0.7, 1.5 },
                                        { xo_key_find("build.rent"), 1, 4 } };
    struct xo_surrogate_report report[XO_MAX_SURROGATES];
    struct xo_error err = { 0 };
    ck_assert_msg(xo_session_prepare(session, scenario, moving, 2, &err), "%s", err.text);
    ck_assert_int_eq(xo_session_surrogates(session, report), 1);
    ck_assert(report[0].held_out_rms < 0.05);
    const int64_t before = xo_session_n_simulations(session);
    struct xo_curve *as_it_is = preview((double[]){ NAN, NAN });
    struct xo_curve *moved = preview((double[]){ 1.3, 3 });
    ck_assert_int_eq(xo_session_n_simulations(session), before);
    struct xo_curve *base = ask(scenario, XO_LINES);
    ck_assert_int_eq(as_it_is->depth, XO_LINES);
    ck_assert_int_eq(as_it_is->n_points, base->n_points);
    for (int i = 0; i < base->n_points; i++)
        ck_assert(same(as_it_is->points[i].usd, base->points[i].usd, sizeof base->points[i].usd));
    vary(scenario, "workload.output_scale", 1.3);
    vary(scenario, "build.rent", 3);
    struct xo_curve *exact = ask(scenario, XO_LINES);
    const int top = exact->n_points - 1; /* many replicas: bills are as smooth as capacities */
    const double ratio =
        moved->points[top].usd[XO_WAY_BUILD] / exact->points[top].usd[XO_WAY_BUILD];
    ck_assert_double_eq_tol(log(ratio), 0, 3 * report[0].held_out_rms + 0.05);
    ck_assert(moved->points[top].usd[XO_WAY_BUY] == exact->points[top].usd[XO_WAY_BUY]);
    ck_assert(exact->points[top].usd[XO_WAY_BUILD] > 1.5 * base->points[top].usd[XO_WAY_BUILD]);
    xo_curve_free(as_it_is);
    xo_curve_free(moved);
    xo_curve_free(base);
    xo_curve_free(exact);
}
END_TEST

/* What cannot be prepared, and why. */
static const struct {
    const char *keys[2];
    double lo, hi;
    const char *said;
} wrong[] = {
    { { NULL }, 0, 1, "0 keys to move; a preview takes 1 to 8" },
    { { "workload.nonsense" }, 0, 1, "there is no key of number -1" },
    { { "build.rent", "build.rent" }, 1, 2, "build.rent moves twice" },
    { { "build.rent" }, 2, 1, "build.rent moves from 2 to 1; it has to rise" },
    { { "build.rent" }, 1, NAN, "build.rent moves from 1 to nan; it has to rise" },
    { { "workload.output_scale" },
      0.7,
      1e9,
      "workload.output_scale cannot be 1e+09; it takes 0.001 to 1000" },
};

START_TEST(a_preview_of_what_cannot_be_is_refused)
{
    struct xo_moving moving[2];
    struct xo_curve *curve = NULL;
    struct xo_error err = { 0 };
    int n = 0;
    for (; n < 2 && wrong[_i].keys[n] != NULL; n++)
        moving[n] =
            (struct xo_moving){ xo_key_find(wrong[_i].keys[n]), wrong[_i].lo, wrong[_i].hi };
    ck_assert(!xo_session_prepare(session, scenario, moving, n, &err));
    ck_assert_str_eq(err.text, wrong[_i].said);
    ck_assert(!xo_session_preview(session, (double[]){ 1, 1 }, &curve, &err));
    ck_assert_str_eq(err.text, "nothing was prepared for a preview");
    ck_assert_int_eq(xo_session_n_simulations(session), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session");
    TCase *tc = tcase_create("session");
    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, an_answer_is_that_of_a_study_from_nothing_whatever_was_asked_before);
    tcase_add_test(tc, an_answer_says_as_much_as_was_asked_and_the_same);
    tcase_add_loop_test(tc, another_option_in_a_list_is_simulated_alone, 0, 2);
    tcase_add_test(tc, an_answer_that_was_stopped_is_taken_up_where_it_was);
    tcase_add_loop_test(tc, what_there_is_no_room_for_is_simulated_again, 0, 2);
    tcase_add_test(tc, a_run_and_a_curve_share_what_is_kept);
    tcase_add_test(tc, a_digest_changes_with_the_engine_alone);
    tcase_add_loop_test(tc, a_digest_knows_texts, 0, sizeof texts / sizeof *texts);
    tcase_add_test(tc, a_digest_has_the_plan_where_traffic_depends_on_it);
    tcase_add_test(tc, a_preview_is_the_answer_within_the_error_that_it_states);
    tcase_add_loop_test(tc, a_preview_of_what_cannot_be_is_refused, 0,
                        sizeof wrong / sizeof *wrong);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
