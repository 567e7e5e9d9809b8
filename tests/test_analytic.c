/* test_analytic.c - one deployment whose every figure is known in closed form, through `curve`:
 * tests/data/analytic.ini says why. test_analytic_run.c has its bills and fleets at plan.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"

#define BASE XO_SOURCE_DIR "/tests/data/analytic.ini"

static const double HOURS = 730, REPLICA = 0.1 * 3600 * 730, PLAN = 1e6;
static const double MIN = 1e5, MAX = 6e6; /* the range of volumes */

/* A replica carries so much of a volume that is bought with 20 % of headroom. */
static const double TREAD = 0.1 * 3600 * 730 / 1.2;

/* A bill of build: replicas and the spare at $2 an hour, half a person of $120k a year, $12k over
 * 12 months, 10 % on top of it all. */
static double build_usd(int replicas)
{
    return 1.1 * ((replicas + 1) * 2 * HOURS + 0.5 * 120e3 / 12 + 12e3 / 12);
}

/* A request of 1 + 100 tokens, and a tenth of a person. */
static const double BUY_EACH = 5e-6 + 100 * 200e-6, SAME_EACH = 3e-6 + 100 * 60e-6;

static double buy_usd(double requests)
{
    return requests * BUY_EACH + 0.1 * 120e3 / 12;
}

/* Where buying costs as much as a fleet of so many. */
static double root_of(int replicas)
{
    return (build_usd(replicas) - 1000) / BUY_EACH;
}

static int replicas_for(double requests)
{
    return (int)ceil(requests / TREAD - 1e-6);
}

/* ---- draws ---- */

enum { DRAWS = 2000 };

static const double Z90 = 1.2815515655446004; /* the normal quantile of 90 % */

static double normal_cdf(double z)
{
    return erfc(-z / sqrt(2)) / 2;
}

/* Four standard errors of a share of so many draws. */
static double share_margin(double share)
{
    return 4 * sqrt(share * (1 - share) / DRAWS) + 1e-3;
}

/* The standard error of the quantile of P10 and P90, and of the median, of DRAWS normal deviates:
 * sqrt(q (1 - q) / n) over the density there. */
static double quantile_se(bool median)
{
    const double z = median ? 0 : Z90, q = median ? 0.5 : 0.1;
    return sqrt(q * (1 - q) / DRAWS) / (exp(-z * z / 2) / sqrt(2 * M_PI));
}

/* P10, P50, P90 at PATH are those of ADD + EACH x a lognormal of that SIGMA, to four standard
 * errors; the printed ones are right to a third. */
static void ck_lognormal(const struct answer *a, const char *path, double add, double each,
                         double sigma)
{
    for (int k = -1; k <= 1; k++) {
        static const char *const names[] = { "p10", "p50", "p90" };
        const double right = each * exp(k * Z90 * sigma);
        const double se = fabs(right) * sigma * quantile_se(k == 0);
        answer_ck_about(a, answer_path("%s.%s", path, names[k + 1]), add + right, 4 * se);
        answer_ck_near(a, answer_path("%s.%s_se", path, names[k + 1]), se, 0.34);
    }
}

/* Of a share and its standard error, which is that of Wilson's interval: not 0 where all draws
 * agree. */
static void ck_share(const struct answer *a, const char *path, double share)
{
    const double z2 = 1.959963984540054 * 1.959963984540054;
    const double found = answer_number(a, path);
    answer_ck_about(a, path, share, share_margin(share));
    answer_ck_near(
        a, answer_path("%s_se", path),
        sqrt(found * (1 - found) / DRAWS + z2 / (4.0 * DRAWS * DRAWS)) / (1 + z2 / DRAWS), 1e-6);
}

/* ---- the deployment as it is ---- */

/* No data are known of a GPU like this one, so that step times are off by a factor whose logarithm
 * has this standard deviation (docs/validation.md): a draw's replica carries less by that factor.
 */
static const double SIGMA = 0.745;

static void ck_plan(const struct answer *a)
{
    answer_ck_near(a, "verdict.buy.usd_month", buy_usd(PLAN), 1e-12);
    answer_ck_near(a, "verdict.same.usd_month", PLAN * SAME_EACH + 1000, 1e-12);
    answer_ck_near(a, "verdict.build.usd_month", build_usd(5), 1e-12);
    answer_ck_near(a, "verdict.saving_base_usd_month", buy_usd(PLAN) - build_usd(5), 1e-9);
    answer_ck_near(a, "verdict.saving_changing_model_usd_month", PLAN * (BUY_EACH - SAME_EACH),
                   1e-9);
    answer_ck_near(a, "verdict.saving_owning_usd_month", PLAN * SAME_EACH + 1000 - build_usd(5),
                   1e-9);
    answer_ck_near(a, "request.tokens", 101, 1e-12);
    answer_ck_near(a, "verdict.plan_tokens_month", 101 * PLAN, 1e-12);
    answer_ck_near(a, "verdict.min_requests_month", MIN, 1e-12);
    answer_ck_near(a, "verdict.max_requests_month", MAX, 1e-12);
    answer_ck_near(a, "verdict.step_error_frac", SIGMA, 1e-12);
    answer_ck_near(a, "verdict.n_uncertain", 0, 0);
    ck_assert_int_eq(answer_count(a, "verdict.surrogates"), 0);
}

/* Three replicas are cheaper from 601,050 requests on, and carry 657,000; four are from 681,330. */
static void ck_crossings(const struct answer *a)
{
    const double at[3] = { root_of(3), 3 * TREAD, root_of(4) };
    ck_assert_int_eq(answer_count(a, "verdict.build_against_buy.crossings"), 3);
    for (int i = 0; i < 3; i++) {
        const char *c = "verdict.build_against_buy.crossings";
        const char *sides[] = { "build", "buy", "build" };
        answer_ck_near(a, answer_path("%s[%d].requests_month", c, i), at[i], 1e-9);
        answer_ck_near(a, answer_path("%s[%d].usd_month", c, i), buy_usd(at[i]), 1e-9);
        answer_ck_near(a, answer_path("%s[%d].noise_lo_requests_month", c, i), at[i], 1e-9);
        answer_ck_near(a, answer_path("%s[%d].noise_hi_requests_month", c, i), at[i], 1e-9);
        ck_assert_str_eq(answer_string(a, answer_path("%s[%d].cheaper_above", c, i)), sides[i]);
        ck_assert(answer_is(a, answer_path("%s[%d].at_riser", c, i)) == (i == 1));
    }
    answer_ck_near(a, "verdict.build_against_buy.stays_above_requests_month", at[2], 1e-9);
    ck_assert(!answer_is(a, "verdict.build_against_buy.build_cheaper_at_min"));
    ck_assert(answer_is(a, "verdict.build_against_buy.build_cheaper_at_max"));
    /* the most between the first and the last, just before the fourth replica */
    const double gap = buy_usd(at[1]) - build_usd(3);
    answer_ck_near(a, "verdict.build_against_buy.largest_gap_usd_month", gap, 0.01);
    answer_ck_near(a, "verdict.build_against_buy.largest_gap_frac", gap / build_usd(3), 0.01);
    /* three replicas and the spare, at the first crossing */
    answer_ck_near(a, "verdict.breakeven_load_frac", at[0] / (4 * REPLICA), 1e-9);
    ck_assert_int_eq(answer_count(a, "verdict.build_against_same.crossings"), 0);
    ck_assert(!answer_is(a, "verdict.build_against_same.build_cheaper_at_max"));
    ck_assert_int_eq(answer_count(a, "verdict.same_against_buy.crossings"), 0);
    ck_assert(answer_is(a, "verdict.same_against_buy.build_cheaper_at_min"));
    answer_ck_near(a, "verdict.same_against_buy.stays_above_requests_month", MIN, 1e-9);
}

/* Without people on either side n replicas cost $1,606 n + $2,706, and tokens alone $0.020005 each:
 * one is cheaper from 215,546 and carries 219,000; two are from 295,826. */
static void ck_without_people(const struct answer *a)
{
    const double at[3] = { (1606 + 2706) / BUY_EACH, TREAD, (2 * 1606 + 2706) / BUY_EACH };
    ck_assert_int_eq(answer_count(a, "verdict.build_against_buy_without_people.crossings"), 3);
    for (int i = 0; i < 3; i++)
        answer_ck_near(
            a,
            answer_path("verdict.build_against_buy_without_people.crossings[%d].requests_month", i),
            at[i], 1e-9);
}

/* What alone would flip the plan: the nearest crossing; the API's price, or a discount; the rent of
 * six GPUs, and the people of both sides, that make both bills alike; the step
 * time at which a lone request of 10 s takes the 11 s that it may, as far as a histogram tells. */
static void ck_flips(const struct answer *a)
{
    const double price = (build_usd(5) - 1000) / (PLAN * BUY_EACH);
    const struct {
        const char *name;
        double factor, limit, tolerance;
    } flips[] = {
        { "volume", root_of(4) / PLAN, MIN / PLAN, 1e-8 },
        { "api_price", price, 0.01, 1e-8 },
        { "discount", 1 - price, 0.99, 1e-8 },
        { "rent", (buy_usd(PLAN) / 1.1 - 6000) / (6 * 2 * HOURS), 10, 1e-8 },
        { "staff", (PLAN * BUY_EACH - 1.1 * (6 * 2 * HOURS + 1000)) / (1.1 * 5000 - 1000), 20,
          1e-8 },
        { "step_time", 1.1, 10, 0.01 },
    };
    for (size_t i = 0; i < sizeof flips / sizeof *flips; i++) {
        const char *of = "verdict.flips_at_plan";
        ck_assert(answer_is(a, answer_path("%s.%s.possible", of, flips[i].name)));
        answer_ck_near(a, answer_path("%s.%s.factor", of, flips[i].name), flips[i].factor,
                       flips[i].tolerance);
        answer_ck_near(a, answer_path("%s.%s.limit", of, flips[i].name), flips[i].limit, 1e-12);
    }
}

/* Twelve months of six GPUs and $12k; over them, against buying, the fleet of five that the plan
 * takes at half of it, and the ten that twice the plan takes. */
static void ck_commitment(const struct answer *a)
{
    answer_ck_near(a, "verdict.obligation.rent_usd", 12 * 6 * 2 * HOURS, 1e-12);
    answer_ck_near(a, "verdict.obligation.one_off_usd", 12e3, 1e-12);
    answer_ck_near(a, "verdict.obligation.months", 12, 1e-12);
    answer_ck_near(a, "verdict.obligation_usd", 12 * 6 * 2 * HOURS + 12e3, 1e-12);
    answer_ck_near(a, "verdict.loss_at_half_plan_usd", 12 * (build_usd(5) - buy_usd(PLAN / 2)),
                   1e-9);
    answer_ck_near(a, "verdict.loss_at_plan_usd", 12 * (build_usd(5) - buy_usd(PLAN)), 1e-9);
    answer_ck_near(a, "verdict.loss_at_twice_plan_usd", 12 * (build_usd(10) - buy_usd(2 * PLAN)),
                   1e-9);
}

/* A million tokens more: at the list price; of replicas with their contingency, full but for the
 * headroom. */
static void ck_marginal(const struct answer *a)
{
    answer_ck_near(a, "verdict.marginal_buy_usd_per_mtok", BUY_EACH / 101 * 1e6, 1e-9);
    answer_ck_near(a, "verdict.marginal_build_usd_per_mtok", 1.1 * 2 * HOURS / (TREAD * 101) * 1e6,
                   1e-9);
}

/* A draw whose steps take F times as long has treads of TREAD / F. Build becomes cheaper on tread n
 * at its root, where that lies on it: FIRST of those, and the last, above which it stays so. Never:
 * infinite. The other side costs EACH a request. */
static void draw_crossings(double f, double each, double *first, double *last)
{
    const double tread = TREAD / f;
    const int top = (int)ceil(MAX / tread);
    *first = INFINITY;
    *last = build_usd(top) < MAX * each + 1000 ? MIN : INFINITY;
    for (int n = 1; n <= top; n++) {
        const double root = (build_usd(n) - 1000) / each;
        if (root <= (n - 1) * tread || root >= fmin(n * tread, MAX))
            continue;
        *first = fmin(*first, root);
        if (isfinite(*last))
            *last = root;
    }
}

/* Above the range is written as null, and is infinite. */
static void ck_between(const struct answer *a, const char *path, double lo, double hi)
{
    const double written = answer_number(a, path), found = isnan(written) ? INFINITY : written;
    ck_assert_msg(found >= lo * (1 - 1e-9) && found <= hi * (1 + 1e-9),
                  "%s is %.10g, not from %.10g to %.10g", path, found, lo, hi);
}

/* The quantile of what rises with the step time lies between those four standard errors of a
 * quantile below and above it. */
static void ck_first_and_last(const struct answer *a, const char *which, int percent, double each)
{
    const double z = percent == 50 ? 0 : percent < 50 ? -Z90 : Z90;
    const double off = 4 * quantile_se(z == 0);
    double lo[2], hi[2];
    draw_crossings(exp(SIGMA * (z - off)), each, &lo[0], &lo[1]);
    draw_crossings(exp(SIGMA * (z + off)), each, &hi[0], &hi[1]);
    ck_between(a, answer_path("verdict.%s.first_requests_month.p%d", which, percent), lo[0], hi[0]);
    ck_between(a, answer_path("verdict.%s.last_requests_month.p%d", which, percent), lo[1], hi[1]);
}

static void ck_draws(const struct answer *a)
{
    for (int percent = 10; percent <= 90; percent += 40) {
        const double z = (percent - 50) / 40 * Z90, off = 4 * quantile_se(z == 0);
        ck_first_and_last(a, "build_against_buy", percent, BUY_EACH);
        ck_between(a, answer_path("verdict.build.range_usd_month.p%d", percent),
                   build_usd(replicas_for(PLAN * exp(SIGMA * (z - off)))),
                   build_usd(replicas_for(PLAN * exp(SIGMA * (z + off)))));
    }
    ck_first_and_last(a, "build_against_same", 10, SAME_EACH);
    /* what saves is the same the other way round: the API's bill is known */
    const double buy = buy_usd(PLAN);
    answer_ck_near(a, "verdict.saving_usd_month.p10",
                   buy - answer_number(a, "verdict.build.range_usd_month.p90"), 1e-9);
    answer_ck_near(a, "verdict.saving_usd_month.p90",
                   buy - answer_number(a, "verdict.build.range_usd_month.p10"), 1e-9);
    answer_ck_near(a, "verdict.buy.range_usd_month.p10", buy, 1e-12);
    answer_ck_near(a, "verdict.same.range_usd_month.p90", PLAN * SAME_EACH + 1000, 1e-12);
    answer_ck_near(a, "verdict.buy.range_usd_month.p90_se", 0, 0);
    /* seven replicas cost less than the API, eight more; none costs less than the same weights */
    ck_share(a, "verdict.build_wins_share", normal_cdf(log(7 * TREAD / PLAN) / SIGMA));
    ck_share(a, "verdict.build_beats_same_share", 0);
    /* a crossing exists where some tread reaches its root below 6 M: the 70th is the last to, and
     * the 17th against the same weights by the token, at 5.748 M */
    ck_share(a, "verdict.build_against_buy.exists_share",
             normal_cdf(log(70 * TREAD / root_of(70)) / SIGMA));
    const double root = (build_usd(17) - 1000) / SAME_EACH;
    ck_share(a, "verdict.build_against_same.exists_share",
             normal_cdf(log(17 * TREAD / root) / SIGMA));
}

START_TEST(the_answer_at_plan)
{
    struct answer a = answer_of("curve", BASE, NULL, NULL);
    ck_assert_int_eq(a.status, 0);
    ck_assert_str_eq(answer_string(&a, "verdict.code"), "too_close");
    ck_plan(&a);
    ck_crossings(&a);
    ck_without_people(&a);
    ck_flips(&a);
    ck_commitment(&a);
    ck_marginal(&a);
    answer_ck_says(&a, "100 k 10.1 M 3,000 1,600 9,810 1+1 19 %");
    answer_ck_says(&a, "601 k 60.7 M 13,000 4,610 13,000 3+1 57 % <- crossing");
    answer_ck_says(&a, "657 k 66.4 M 14,100 4,940 13,000 3+1 62 % <- buy above");
    answer_ck_says(&a, "681 k 68.8 M 14,600 5,090 14,600 3+2 52 % <- crossing");
    answer_ck_says(&a, "1 M 101 M 21,000 7,000 16,200 4+2 63 % <- your plan");
    answer_ck_says(&a, "6 M 606 M 121,000 37,000 53,200 23+6 79 %");
    answer_ck_says(&a, "Going up the answer changes 3 times there");
    answer_ck_says(&a, "changing the model saves $14,000, owning the GPUs costs $9,200");
    answer_ck_says(&a, "commits $120,000 for GPUs and one-offs");
    answer_ck_says(&a, "loses $63,000 at half your plan, and saves $57,000 at your plan and "
                       "$200,000 at twice your plan");
    answer_ck_says(&a, "volume x0.68, API price x0.76, a discount of 24 %, GPU rent x1.5, staff "
                       "x2.1 or step time x1.1");
    answer_fini(&a);
}
END_TEST

START_TEST(the_draws_at_plan)
{
    struct answer a = answer_of("curve", BASE, NULL, PATIENT);
    ck_draws(&a);
    answer_ck_near(&a, "verdict.infeasible_share", 0, 0);
    answer_fini(&a);
}
END_TEST

/* A request takes 10 s times the step's factor, and may take 11: above 1.1 no fleet serves it, so
 * that four replicas are the most of a draw that has some at all, and these cost less than the API.
 */
START_TEST(a_slow_step_leaves_no_fleet)
{
    struct answer a = answer_of("curve", BASE, NULL, "--set build.headroom=0%");
    const double met = normal_cdf(log(1.1) / SIGMA); /* 0.551 */
    ck_share(&a, "verdict.infeasible_share", 1 - met);
    ck_share(&a, "verdict.build_wins_share", met);
    answer_ck_near(&a, "verdict.build.range_usd_month.p90", 1.1 * (2 * HOURS * 5 + 5000 + 1000),
                   1e-12);
    answer_fini(&a);
}
END_TEST

/* The same limit where requests are shorter by a factor that is drawn too: both have to be
 * below 1.1 together. The scale is even between a half and 1. */
START_TEST(a_slow_step_leaves_no_fleet_of_inputs_that_are_simulated_either)
{
    enum { N = 1000 };
    struct answer a =
        answer_of("curve", BASE, "[uncertain]\nworkload.output_scale = uniform(0.5, 1)", NULL);
    double met = 0;
    for (int i = 0; i < N; i++)
        met += normal_cdf(log(1.1 / (0.5 + 0.5 * (i + 0.5) / N)) / SIGMA) / N; /* 0.700 */
    ck_share(&a, "verdict.infeasible_share", 1 - met);
    answer_fini(&a);
}
END_TEST

/* ---- each volume ---- */

static double at(const struct answer *a, int point, const char *key)
{
    return answer_number(a, answer_path("points[%d].%s", point, key));
}

#define CK_AT(a, i, key, right, tolerance)                                                         \
    answer_ck_near(a, answer_path("points[%d].%s", i, key), right, tolerance)

static void ck_point(const struct answer *a, int i)
{
    const double v = at(a, i, "volume_requests_month");
    const int n = replicas_for(v), serving = (int)ceil(v / REPLICA - 1e-6);
    CK_AT(a, i, "tokens_month", 101 * v, 1e-12);
    CK_AT(a, i, "buy_usd_month", buy_usd(v), 1e-9);
    CK_AT(a, i, "same_usd_month", v * SAME_EACH + 1000, 1e-9);
    CK_AT(a, i, "build_usd_month", build_usd(n), 1e-9);
    CK_AT(a, i, "napkin_usd_month", ceil(v / REPLICA) * 2 * HOURS, 1e-9);
    CK_AT(a, i, "buy_without_people_usd_month", v * BUY_EACH, 1e-9);
    CK_AT(a, i, "build_without_people_usd_month", 1606 * n + 2706, 1e-9);
    CK_AT(a, i, "build_gpus_usd_month", (n + 1) * 2 * HOURS, 1e-9);
    CK_AT(a, i, "build_power_usd_month", 0, 0);
    CK_AT(a, i, "build_people_usd_month", 5000, 1e-12);
    CK_AT(a, i, "build_one_off_usd_month", 1000, 1e-12);
    CK_AT(a, i, "build_contingency_usd_month", build_usd(n) / 11, 1e-9);
    CK_AT(a, i, "serving_replicas", serving, 0);
    CK_AT(a, i, "headroom_replicas", n - serving, 0);
    CK_AT(a, i, "spare_replicas", 1, 0);
    CK_AT(a, i, "n_gpus", n + 1, 0);
    CK_AT(a, i, "load_frac", v / ((n + 1) * REPLICA), 1e-9);
    CK_AT(a, i, "week_busy_frac", v / (n * REPLICA), 1e-9);
    CK_AT(a, i, "option_index", 0, 0);
    CK_AT(a, i, "api_index", 0, 0);
    CK_AT(a, i, "same_index", 0, 0);
    ck_assert(!answer_is(a, answer_path("points[%d].buy_limited", i)));
    ck_assert(answer_is(a, answer_path("points[%d].build_feasible", i)));
    /* so many replicas cost less than the API; the draws have them where a step takes no longer */
    const double most = floor((buy_usd(v) - 8206) / 1606 + 1e-6);
    const double wins = most < 1 ? 0 : normal_cdf(log(most * TREAD / v) / SIGMA);
    answer_ck_about(a, answer_path("points[%d].build_wins_share", i), wins, share_margin(wins));
    const double off = 4 * quantile_se(false);
    const double p90 = at(a, i, "build_p90_usd_month"), p10 = at(a, i, "build_p10_usd_month");
    ck_assert_double_ge(p90, build_usd(replicas_for(v * exp(SIGMA * (Z90 - off)))) - 1e-6);
    ck_assert_double_le(p90, build_usd(replicas_for(v * exp(SIGMA * (Z90 + off)))) + 1e-6);
    ck_assert_double_ge(p10, build_usd(replicas_for(v * exp(SIGMA * (-Z90 - off)))) - 1e-6);
    ck_assert_double_le(p10, build_usd(replicas_for(v * exp(SIGMA * (-Z90 + off)))) + 1e-6);
}

/* Replicas as evenly loaded as they are busy; 0.1 s a token, whatever the load. */
static void ck_metrics(const struct answer *a, int i)
{
    const double v = at(a, i, "volume_requests_month"), rate = v / (HOURS * 3600);
    const double busy = v / (replicas_for(v) * REPLICA);
    CK_AT(a, i, "metrics.goodput_per_s", rate, 2e-3);
    CK_AT(a, i, "metrics.busy_frac", busy, 2e-3);
    CK_AT(a, i, "metrics.idle_frac", 1 - busy, 1e-2);
    CK_AT(a, i, "metrics.e2e_p95_s", 10, 0.01);
    CK_AT(a, i, "metrics.ttft_p50_s", 0.1, 0.01);
    CK_AT(a, i, "metrics.slo[0].attained_frac", 1, 0);
    /* all replications at the plan; else one, of 2,000 requests a replica, at least 10,000 */
    const double each = fmax(1e4, 2000 * replicas_for(v));
    const bool plan = answer_is(a, answer_path("points[%d].is_plan", i));
    CK_AT(a, i, "metrics.n_measured", (plan ? 4 : 1) * each, 2e-3);
}

START_TEST(every_volume_by_itself)
{
    static const char *const columns[] = { "volume_requests_month",
                                           "buy_usd_month",
                                           "same_p90_usd_month",
                                           "build_usd_month",
                                           "build_p10_usd_month",
                                           "build_wins_share",
                                           "napkin_usd_month",
                                           "load_frac",
                                           "n_gpus",
                                           "serving_replicas",
                                           "build_p90_se_usd_month" };
    struct answer a = answer_of("curve", BASE, NULL, PATIENT);
    const int n = answer_count(&a, "points");
    int plans = 0, crossings = 0, measured = 0;
    for (int i = 0; i < n; i++) {
        ck_point(&a, i);
        plans += answer_is(&a, answer_path("points[%d].is_plan", i));
        crossings += answer_is(&a, answer_path("points[%d].is_crossing", i));
        if (json_is_null(answer_at(&a, answer_path("points[%d].metrics", i))))
            continue;
        measured++;
        ck_metrics(&a, i);
    }
    ck_assert_int_eq(plans, 1);
    ck_assert_int_eq(crossings, 3);
    ck_assert_int_eq(n, 41 + 3 + 1);    /* 41 evenly by ratio, three crossings, the plan */
    ck_assert_int_eq(measured, 11 + 1); /* each fourth, and the plan */
    CK_AT(&a, 0, "volume_requests_month", MIN, 1e-12);
    CK_AT(&a, n - 1, "volume_requests_month", MAX, 1e-12);
    CK_AT(&a, 1, "volume_requests_month", MIN * pow(60, 1 / 40.0), 1e-12);
    for (int i = 0; i < n; i += 11)
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
            ck_assert_double_eq_tol(atof(answer_cell(&a, "curve.csv", i, columns[k])),
                                    at(&a, i, columns[k]), 1e-12);
    answer_fini(&a);
}
END_TEST

/* ---- inputs that are drawn ---- */

/* The step time as it is: figures that hold in each draw, so that 200 do. */
#define STEP_KNOWN "[uncertain]\nbuild.step_scale = constant(1)\n"
#define FEW_DRAWS  "--set study.draws=200 "

/* A lognormal whose P95 is 1.5 times its median. */
static const double S15 = 0.2465053; /* ln 1.5 / 1.644854 */

/* Two replicas, far more than the 5,000 requests need whatever a step takes, and tokens so dear
 * that both sides cost about as much: the fleet's bill is known, $11,418. */
#define FIXED                                                                                      \
    PATIENT                                                                                        \
    "--set build.replicas=2 --set workload.volume='5k requests/month' "                            \
    "--set api.acme/chat.output='$20000/Mtok' --set study.max_volume=2x "

static const double FEW = 5e3, DEAR = 5e-6 + 100 * 20000e-6; /* the plan, and a request */

/* The API costs as much at 5,209 requests over its price, so that the crossing is as uncertain as
 * that. */
START_TEST(a_price_that_is_uncertain)
{
    struct answer a =
        answer_of("curve", BASE, "[uncertain]\nbuy.price_scale = lognormal(p50=1, p95=1.5)", FIXED);
    const double at_1 = (build_usd(2) - 1000) / DEAR;
    ck_lognormal(&a, "verdict.buy.range_usd_month", 1000, FEW * DEAR, S15);
    ck_lognormal(&a, "verdict.same.range_usd_month", 1000, FEW * SAME_EACH, S15);
    ck_lognormal(&a, "verdict.saving_usd_month", 1000 - build_usd(2), FEW * DEAR, S15);
    answer_ck_near(&a, "verdict.build.range_usd_month.p10", build_usd(2), 1e-12);
    answer_ck_near(&a, "verdict.build.range_usd_month.p90", build_usd(2), 1e-12);
    ck_lognormal(&a, "verdict.build_against_buy.first_requests_month", 0, at_1, S15);
    ck_lognormal(&a, "verdict.build_against_buy.last_requests_month", 0, at_1, S15);
    ck_assert_str_eq(answer_string(&a, "verdict.build_against_buy.first_requests_month.p90_lies"),
                     "inside");
    const double se = at_1 * S15 * quantile_se(true);
    answer_ck_about(&a, "verdict.build_against_buy.even_odds_requests_month", at_1, 4 * se);
    answer_ck_near(&a, "verdict.build_against_buy.even_odds_se_requests_month", se, 0.34);
    ck_share(&a, "verdict.build_wins_share", normal_cdf(log(FEW / at_1) / S15));
    /* it is below twice the plan where the price is above a half */
    ck_share(&a, "verdict.build_against_buy.exists_share", normal_cdf(log(2 * FEW / at_1) / S15));
    ck_assert_int_eq(answer_count(&a, "verdict.uncertain"), 1);
    ck_assert_str_eq(answer_string(&a, "verdict.uncertain[0].key"), "buy.price_scale");
    ck_assert(answer_is(&a, "verdict.uncertain[0].moves"));
    answer_ck_near(&a, "verdict.uncertain[0].saving_at_p10_usd_month",
                   FEW * DEAR * exp(-Z90 * S15) + 1000 - build_usd(2), 1e-6);
    answer_ck_near(&a, "verdict.uncertain[0].saving_at_p90_usd_month",
                   FEW * DEAR * exp(Z90 * S15) + 1000 - build_usd(2), 1e-6);
    answer_ck_near(&a, "verdict.n_uncertain", 1, 0);
    ck_assert_int_eq(answer_count(&a, "verdict.surrogates"), 0);
    for (int i = 25; i < 40; i += 7) { /* each volume has its own odds and ranges */
        const double v = at(&a, i, "volume_requests_month"), p = normal_cdf(log(v / at_1) / S15);
        const double low = v * DEAR * exp(-Z90 * S15), high = v * SAME_EACH * exp(Z90 * S15);
        answer_ck_about(&a, answer_path("points[%d].build_wins_share", i), p, share_margin(p));
        CK_AT(&a, i, "buy_p10_usd_month", 1000 + low, 4 * S15 * quantile_se(false));
        CK_AT(&a, i, "same_p90_usd_month", 1000 + high, 4 * S15 * quantile_se(false));
    }
    answer_fini(&a);
}
END_TEST

/* Rents between $1 and $4 an hour, $2 most likely, of three GPUs, with a tenth of contingency. A
 * third lies below the mode: quantiles 1 + sqrt(3 q) below it, 4 - sqrt(6 (1 - q)) above. The
 * catalog's spread has the price that was typed for its median: half of the quotes between $1 and
 * it, half between it and $5, denser towards it: 1 + sqrt(2 q), 5 - 3 sqrt(2 (1 - q)). */
START_TEST(rents_that_are_uncertain)
{
    static const struct {
        const char *more, *options;
        double p10, p90, tolerance; /* dollars an hour */
    } cases[] = {
        { "build.rent = triangular($1/hour, $2/hour, $4/hour)", "", 1.5477226, 3.2254033, 1e-7 },
        /* drawn from a table of quantiles */
        { "build.rent = catalog",
          "--set gpu.clock.rent='$2/hour' --set gpu.clock.rent_low='$1/hour' "
          "--set gpu.clock.rent_high='$5/hour' --set gpu.clock.rent_quotes=5 "
          "--set gpu.clock.rent_as_of=2026-11-01 ",
          1.4472136, 3.6583592, 3e-3 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char more[200], options[600];
        snprintf(more, sizeof more, "[uncertain]\n%s\n", cases[i].more);
        snprintf(options, sizeof options, FIXED "%s", cases[i].options);
        struct answer a = answer_of("curve", BASE, more, options);
        const double buy = FEW * DEAR + 1000, low = 1.1 * (3 * HOURS * cases[i].p10 + 6000),
                     high = 1.1 * (3 * HOURS * cases[i].p90 + 6000);
        answer_ck_near(&a, "verdict.build.usd_month", build_usd(2), 1e-9);
        answer_ck_about(&a, "verdict.uncertain[0].saving_at_p10_usd_month", buy - low,
                        low * cases[i].tolerance);
        answer_ck_about(&a, "verdict.uncertain[0].saving_at_p90_usd_month", buy - high,
                        high * cases[i].tolerance);
        answer_ck_near(&a, "verdict.build.range_usd_month.p10", low, 0.02);
        answer_ck_near(&a, "verdict.build.range_usd_month.p90", high, 0.03);
        answer_fini(&a);
    }
}
END_TEST

/* Three GPUs at $1,460 against tokens alone: the crossing is 2,190 requests times the ratio of two
 * lognormal factors. Its logarithm has the variance of both, less twice the covariance. */
#define TWO_PRICES                                                                                 \
    "[uncertain]\nbuy.price_scale = lognormal(p50=1, p95=1.5)\n"                                   \
    "build.rent_scale = lognormal(p50=1, p95=1.3)\n"
#define NOTHING_ELSE                                                                               \
    FIXED "--set buy.staff='0 FTE' --set build.staff='0 FTE' --set build.one_off='$0' "            \
          "--set build.contingency=0% "

START_TEST(two_prices_that_know_nothing_of_each_other)
{
    struct answer a = answer_of("curve", BASE, TWO_PRICES, NOTHING_ELSE);
    const double s13 = log(1.3) / 1.6448536, s = hypot(S15, s13), v = 3 * 2 * HOURS / DEAR;
    ck_lognormal(&a, "verdict.build.range_usd_month", 0, 3 * 2 * HOURS, s13);
    ck_lognormal(&a, "verdict.build_against_buy.first_requests_month", 0, v, s);
    answer_fini(&a);
}
END_TEST

/* Spearman's rank correlation of a half is a normal correlation of 2 sin(pi / 12) = 0.518. */
START_TEST(two_prices_that_rise_together)
{
    struct answer a =
        answer_of("curve", BASE, TWO_PRICES "correlation = build.rent_scale ~ buy.price_scale 0.5",
                  NOTHING_ELSE);
    const double s13 = log(1.3) / 1.6448536, v = 3 * 2 * HOURS / DEAR;
    const double s = sqrt(S15 * S15 + s13 * s13 - 2 * 2 * sin(M_PI / 12) * S15 * s13);
    ck_lognormal(&a, "verdict.build_against_buy.first_requests_month", 0, v, s);
    answer_fini(&a);
}
END_TEST

/* The step time takes n replicas with the chance that its factor lies between (n - 1) and n treads
 * over the plan; n replicas are cheaper than the API where its price is high enough. Were both of
 * one deviate, long steps would always meet a high price. */
START_TEST(step_times_and_prices_know_nothing_of_each_other)
{
    struct answer a =
        answer_of("curve", BASE, "[uncertain]\nbuy.price_scale = lognormal(p50=1, p95=3.4)",
                  PATIENT "--set study.max_volume=1x");
    const double s = log(3.4) / 1.6448536; /* 0.744 */
    double wins = 0;
    for (int n = 1; n < 1000; n++) {
        const double from = n > 1 ? normal_cdf(log((n - 1) * TREAD / PLAN) / SIGMA) : 0;
        wins += (normal_cdf(log(n * TREAD / PLAN) / SIGMA) - from) *
                normal_cdf(log(PLAN * BUY_EACH / (build_usd(n) - 1000)) / s);
    }
    ck_share(&a, "verdict.build_wins_share", wins);
    answer_fini(&a);
}
END_TEST

/* The plan itself: its bills are those of the volume that is drawn, but each row is for its own. */
START_TEST(a_volume_that_is_uncertain)
{
    struct answer a = answer_of(
        "curve", BASE, STEP_KNOWN "workload.volume = lognormal(p50=1M, p95=1.5M) requests/month",
        "--set study.max_volume=1.5x");
    ck_lognormal(&a, "verdict.drawn_plan_requests_month", 0, PLAN, S15);
    ck_lognormal(&a, "verdict.buy.range_usd_month", 1000, PLAN * BUY_EACH, S15);
    ck_lognormal(&a, "verdict.same.range_usd_month", 1000, PLAN * SAME_EACH, S15);
    double wins = 0;
    for (int n = 1; n < 40; n++) {
        const double from = fmax(root_of(n), (n - 1) * TREAD), to = n * TREAD;
        if (from < to)
            wins += normal_cdf(log(to / PLAN) / S15) - normal_cdf(log(from / PLAN) / S15);
    }
    ck_share(&a, "verdict.build_wins_share", wins);
    static const char *const ends[] = { "10", "90" };
    for (int k = 0; k < 2; k++) {
        const double v = PLAN * exp((k == 0 ? -Z90 : Z90) * S15);
        answer_ck_near(&a, answer_path("verdict.build.range_usd_month.p%s", ends[k]),
                       build_usd(replicas_for(v)), 1e-12);
        answer_ck_near(&a, answer_path("verdict.uncertain[1].saving_at_p%s_usd_month", ends[k]),
                       buy_usd(v) - build_usd(replicas_for(v)), 1e-6);
    }
    for (int i = 0; i < answer_count(&a, "points"); i++) {
        const double v = at(&a, i, "volume_requests_month");
        CK_AT(&a, i, "buy_p10_usd_month", buy_usd(v), 1e-9);
        CK_AT(&a, i, "build_p90_usd_month", build_usd(replicas_for(v)), 1e-9);
    }
    answer_fini(&a);
}
END_TEST

/* Outputs of 50 to 100 tokens, evenly: each costs tokens, and its replica that much time. What it
 * does to capacity comes from the surrogate, as in a sweep. */
START_TEST(an_output_that_is_uncertain)
{
    struct answer a = answer_of("curve", BASE, STEP_KNOWN "workload.output_scale = uniform(0.5, 1)",
                                FEW_DRAWS "--set study.max_volume=2x");
    ck_assert_int_eq(answer_count(&a, "verdict.surrogates"), 1);
    ck_assert(answer_is(&a, "verdict.surrogates[0].precise"));
    ck_assert_double_le(answer_number(&a, "verdict.surrogates[0].held_out_worst_log"), 0.01);
    /* 1.2 M / (262,800 / 0.55) = 2.51 and 1.2 M / (262,800 / 0.95) = 4.34 replicas */
    answer_ck_near(&a, "verdict.build.range_usd_month.p10", build_usd(3), 1e-12);
    answer_ck_near(&a, "verdict.build.range_usd_month.p50", build_usd(4), 1e-12);
    answer_ck_near(&a, "verdict.build.range_usd_month.p90", build_usd(5), 1e-12);
    for (int k = 0; k < 3; k++) { /* the quantile q is 50 + 50 q tokens, its error that of 50 q */
        static const char *const names[] = { "p10", "p50", "p90" };
        const double q = 0.1 + 0.4 * k, se = PLAN * 50 * 200e-6 * sqrt(q * (1 - q) / 200);
        answer_ck_about(&a, answer_path("verdict.buy.range_usd_month.%s", names[k]),
                        PLAN * (5e-6 + (50 + 50 * q) * 200e-6) + 1000, 4 * se);
    }
    answer_ck_near(&a, "verdict.uncertain[1].saving_at_p10_usd_month",
                   PLAN * (5e-6 + 55 * 200e-6) + 1000 - build_usd(3), 1e-3);
    answer_fini(&a);
}
END_TEST

/* The deployment with lines changed as sed does, at a path of its own; the caller unlinks it. */
#define EDITED "/tmp/xo-analytic-XXXXXX"
static void edit(char path[], const char *script)
{
    char line[512];
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    snprintf(line, sizeof line, "sed '%s' '%s' > %s", script, BASE, path);
    ck_assert_int_eq(system(line), 0);
}

/* A share of calls that is repeated, 0 to 40 %: billed, and carried. P10 and P90 are 4 and 36
 * %: 4.75 and 6.2 replicas, whether the base case repeats none of them or a fifth. */
START_TEST(retries_that_are_uncertain)
{
    char base[] = EDITED;
    edit(base, _i == 0 ? "/^profile/a retries = 0%" : "/^profile/a retries = 20%");
    struct answer a = answer_of("curve", base, STEP_KNOWN "workload.retries = uniform(0, 0.4)",
                                FEW_DRAWS "--set study.max_volume=2x");
    unlink(base);
    answer_ck_near(&a, "verdict.uncertain[1].saving_at_p10_usd_month",
                   1.04 * PLAN * BUY_EACH + 1000 - build_usd(5), 1e-9);
    answer_ck_near(&a, "verdict.uncertain[1].saving_at_p90_usd_month",
                   1.36 * PLAN * BUY_EACH + 1000 - build_usd(7), 1e-9);
    answer_ck_near(&a, "verdict.build.range_usd_month.p10", build_usd(5), 1e-12);
    answer_ck_near(&a, "verdict.build.range_usd_month.p90", build_usd(7), 1e-12);
    /* exact: nothing is simulated but the step time */
    ck_assert_int_eq(answer_count(&a, "verdict.surrogates"), 0);
    answer_fini(&a);
}
END_TEST

/* What a step of 60 to 150 ms does to two replicas of the clock is read of the clock, though
 * another GPU stands before it, whose steps take seconds for their 1.6 GB of weights: up to 105.12
 * ms they carry 5 million requests of 10 tokens, which cost far more at the API. */
static const char another_gpu[] =
    "[gpu slow]\nlike = none\nmemory = 10 GB\nbandwidth = 1 GB/s\nbf16 = 1000000 TFLOPS\n"
    "source = made up for a test\nas_of = 2026-11-22\n" STEP_KNOWN
    "build.step_overhead = uniform(60, 150) ms\n";

START_TEST(each_option_has_its_own_response)
{
    struct answer a = answer_of(
        "curve", BASE, another_gpu,
        "--set build.gpu='slow, clock' --set build.rent='$50/hour, $2/hour' --set build.replicas=2 "
        "--set model.tiny.vocab=50000000 --set slo.e2e_p95='400 s' --set study.draws=1000 "
        "--set workload.volume='5M requests/month' --set api.acme/chat.output='$2000/Mtok' "
        "--set workload.output='10 tokens' "
        "--set study.min_volume=0.9x --set study.max_volume=1.1x");
    const double share = (2 * 10 * REPLICA * 0.1 / 5e6 - 0.06) / 0.09;
    ck_assert_str_eq(answer_string(&a, "verdict.build.name"), "1 x clock, bf16");
    answer_ck_about(&a, "verdict.build_wins_share", share, 4 * sqrt(share * (1 - share) / 1000));
    answer_fini(&a);
}
END_TEST

/* Requests of 500 s, of which a replica carries 5,256 a month: of volumes up to 10^13 one in 2,300
 * is carried by a million replicas with their headroom, and for the others there is no fleet. */
START_TEST(volumes_beyond_a_million_replicas)
{
    char base[] = EDITED;
    edit(base, "s/^volume = .*/volume = 20k requests\\/month/");
    struct answer a =
        answer_of("curve", base, STEP_KNOWN "workload.volume = uniform(2e4, 1e13) requests/month",
                  FEW_DRAWS "--set workload.output='5000 tokens' --set slo.e2e_p95='550 s' "
                            "--set model.tiny.max_context=10000 --set study.max_volume=1.1x "
                            "--set study.min_volume=0.9x");
    unlink(base);
    ck_assert_int_eq(a.status, 0);
    answer_ck_near(&a, "verdict.build.usd_month", build_usd(5), 1e-12);
    ck_assert_double_le(answer_number(&a, "verdict.build_wins_share"), 0.005); /* 1 of 200 draws */
    answer_ck_null(&a, "verdict.build.range_usd_month.p50");
    answer_fini(&a);
}
END_TEST

/* ---- too close ---- */

/* The fleet of $11,418 against 5,000 requests at $2.75 and a tenth of a person, $14,750.03: the
 * difference is 29.18 % of the cheaper bill (22.6 % of the other). At $1.50, $8,500.03, it is 34.33
 * % of the cheaper one. */
static const struct {
    const char *options, *code;
} close_calls[] = {
    { "--set api.acme/chat.output='$27500/Mtok' --set scenario.materiality=29.1%", "crossing" },
    { "--set api.acme/chat.output='$27500/Mtok' --set scenario.materiality=29.3%", "too_close" },
    { "--set api.acme/chat.output='$15000/Mtok' --set scenario.materiality=34.2%", "crossing" },
    { "--set api.acme/chat.output='$15000/Mtok' --set scenario.materiality=34.4%", "too_close" },
};

START_TEST(a_difference_that_does_not_matter)
{
    char options[600];
    snprintf(options, sizeof options, FIXED FEW_DRAWS "%s", close_calls[_i].options);
    struct answer a = answer_of("curve", BASE, NULL, options);
    ck_assert_str_eq(answer_string(&a, "verdict.code"), close_calls[_i].code);
    answer_fini(&a);
}
END_TEST

/* A rent of the three GPUs with which this build costs less than the API where its price is above
 * the quantile at -z. */
static double rent_that_wins(double z)
{
    const double build = 1000 + FEW * DEAR * exp(-z * S15);
    return (build / 1.1 - 6000) / (3 * HOURS);
}

/* From 20 to 80 % of draws is too close: the normal quantiles of 77 and 83 % are 0.739 and 0.954.
 */
static const struct {
    double z;
    const char *code;
} odds[] = {
    { 0.739, "too_close" },
    { 0.954, "crossing" },
    { -0.739, "too_close" },
    { -0.954, "crossing" },
};

START_TEST(odds_that_do_not_tell)
{
    char options[600];
    snprintf(options, sizeof options,
             FIXED "--set scenario.materiality=0%% --set build.rent='$%.9g/hour'",
             rent_that_wins(odds[_i].z));
    struct answer a = answer_of(
        "curve", BASE, "[uncertain]\nbuy.price_scale = lognormal(p50=1, p95=1.5)", options);
    ck_share(&a, "verdict.build_wins_share", normal_cdf(odds[_i].z));
    ck_assert_str_eq(answer_string(&a, "verdict.code"), odds[_i].code);
    answer_fini(&a);
}
END_TEST

/* ---- how often the answer changes ---- */

/* Tokens for $0.07: each replica costs more than what it carries, $1,606 for 219,000 requests. */
START_TEST(building_is_never_cheaper)
{
    struct answer a =
        answer_of("curve", BASE, NULL,
                  PATIENT "--set api.acme/chat.output='$70/Mtok' --set study.max_volume=2x");
    ck_assert_str_eq(answer_string(&a, "verdict.code"), "buy_always");
    ck_assert_str_eq(answer_string(&a, "verdict.cheaper_at_plan"), "buy");
    ck_assert_int_eq(answer_count(&a, "verdict.build_against_buy.crossings"), 0);
    answer_ck_null(&a, "verdict.build_against_buy.stays_above_requests_month");
    answer_ck_null(&a, "verdict.build_against_buy.first_requests_month.p50");
    answer_ck_null(&a, "verdict.build_against_buy.largest_gap_usd_month");
    answer_ck_null(&a, "verdict.breakeven_load_frac");
    ck_assert_str_eq(answer_string(&a, "verdict.build_against_buy.last_requests_month.p50_lies"),
                     "above");
    /* Four replicas would be cheaper from 1.946 M on, were the treads 2.22 times as long; up to 2 M
     * no other number is with shorter ones. */
    const double four = (build_usd(4) - 1000) / (5e-6 + 100 * 70e-6);
    ck_share(&a, "verdict.build_against_buy.exists_share",
             normal_cdf(log(4 * TREAD / four) / SIGMA));
    answer_ck_near(&a, "verdict.flips_at_plan.volume.limit", 2, 1e-9);
    ck_assert(!answer_is(&a, "verdict.flips_at_plan.volume.possible"));
    answer_fini(&a);
}
END_TEST

/* Tokens for $2: 100,000 requests cost $200,500. */
START_TEST(building_is_always_cheaper)
{
    struct answer a =
        answer_of("curve", BASE, NULL,
                  PATIENT "--set api.acme/chat.output='$2000/Mtok' --set study.max_volume=1x");
    ck_assert_str_eq(answer_string(&a, "verdict.code"), "build_always");
    ck_assert_str_eq(answer_string(&a, "verdict.cheaper_at_plan"), "build");
    ck_assert_int_eq(answer_count(&a, "verdict.build_against_buy.crossings"), 0);
    ck_assert(answer_is(&a, "verdict.build_against_buy.build_cheaper_at_min"));
    answer_ck_near(&a, "verdict.build_against_buy.stays_above_requests_month", MIN, 1e-9);
    ck_assert_str_eq(answer_string(&a, "verdict.build_against_buy.first_requests_month.p50_lies"),
                     "below");
    ck_share(&a, "verdict.build_wins_share", 1);
    answer_fini(&a);
}
END_TEST

/* Up to 650,000 requests the third replica's crossing is the only one. A napkin's first GPU costs
 * as much as the tokens of 72,982 requests. */
START_TEST(the_answer_changes_once)
{
    struct answer a = answer_of("curve", BASE, STEP_KNOWN,
                                FEW_DRAWS "--set workload.volume='650k requests/month' "
                                          "--set study.min_volume=0.05x --set study.max_volume=1x "
                                          "--set slo.e2e_p95='60 s'");
    /* capacity is as 1 / step time, whether the slower steps meet the SLO or not */
    answer_ck_near(&a, "options[0].step_exponent_1_replica", -1, 1e-6);
    answer_ck_near(&a, "options[0].step_exponent_8_replicas", -1, 1e-6);
    ck_assert_str_eq(answer_string(&a, "verdict.code"), "crossing");
    ck_assert_int_eq(answer_count(&a, "verdict.build_against_buy.crossings"), 1);
    answer_ck_near(&a, "verdict.build_against_buy.crossings[0].requests_month", root_of(3), 1e-9);
    answer_ck_near(&a, "verdict.build_against_buy.stays_above_requests_month", root_of(3), 1e-9);
    answer_ck_near(&a, "verdict.build_against_buy.even_odds_requests_month", root_of(3), 1e-9);
    answer_ck_near(&a, "verdict.napkin_requests_month", 2 * HOURS / BUY_EACH, 1e-9);
    answer_ck_near(&a, "verdict.napkin_crossing_usd_month", 2 * HOURS, 1e-9);
    answer_ck_near(&a, "verdict.build_against_buy.exists_share", 1, 0);
    answer_fini(&a);
}
END_TEST

/* Up to 660,000 the fourth replica takes it back. */
START_TEST(the_answer_changes_and_changes_back)
{
    struct answer a = answer_of("curve", BASE, STEP_KNOWN,
                                FEW_DRAWS "--set workload.volume='600k requests/month' "
                                          "--set study.min_volume=0.5x --set study.max_volume=1.1x "
                                          "--set scenario.materiality=0%");
    ck_assert_str_eq(answer_string(&a, "verdict.code"), "several");
    ck_assert_int_eq(answer_count(&a, "verdict.build_against_buy.crossings"), 2);
    answer_ck_near(&a, "verdict.build_against_buy.crossings[0].requests_month", root_of(3), 1e-9);
    answer_ck_near(&a, "verdict.build_against_buy.crossings[1].requests_month", 3 * TREAD, 1e-9);
    ck_assert(!answer_is(&a, "verdict.build_against_buy.build_cheaper_at_max"));
    answer_ck_null(&a, "verdict.build_against_buy.stays_above_requests_month");
    answer_ck_near(&a, "verdict.build_against_buy.first_requests_month.p50", root_of(3), 1e-9);
    ck_assert_str_eq(answer_string(&a, "verdict.build_against_buy.last_requests_month.p50_lies"),
                     "above");
    answer_fini(&a);
}
END_TEST

/* The API takes 12 requests a minute, 525,600 a month: above that there is nothing to compare. */
START_TEST(no_crossing_where_the_api_is_limited)
{
    struct answer a = answer_of("curve", BASE, NULL,
                                "--set study.max_volume=1x "
                                "--set api.acme/chat.requests_per_minute='12 requests/min'");
    ck_assert_str_eq(answer_string(&a, "verdict.code"), "infeasible");
    ck_assert(answer_is(&a, "verdict.buy_limited"));
    ck_assert_int_eq(answer_count(&a, "verdict.build_against_buy.crossings"), 0);
    for (int i = 0; i < answer_count(&a, "points"); i++)
        ck_assert(answer_is(&a, answer_path("points[%d].buy_limited", i)) ==
                  (at(&a, i, "volume_requests_month") > 12 * 43800));
    answer_fini(&a);
}
END_TEST

/* Two APIs: the one is $210/Mtok with 20 % off above $10k, the cheaper from 0.2 x 10,000 / (0.8 x
 * 0.021 - 0.020005) = 624,025 on, where both cost as much without people as 8.5 GPUs. */
START_TEST(the_cheaper_api_depends_on_the_volume)
{
    struct answer a = answer_of("curve", BASE,
                                "[api acme/bulk]\nlike = none\ninput = $0/Mtok\n"
                                "output = $210/Mtok\ntiers = 20% above $10k\n"
                                "source = made up\nas_of = 2026-11-22\n",
                                "--set study.max_volume=2x --set buy.api='acme/chat, acme/bulk'");
    const double from = 2000 / (BUY_EACH - 0.8 * 0.021);
    for (int i = 0; i < answer_count(&a, "points"); i++) {
        const double v = at(&a, i, "volume_requests_month");
        const double usd = v > from ? 0.8 * 0.021 * v + 2000 + 1000 : buy_usd(v);
        CK_AT(&a, i, "api_index", v > from, 0);
        CK_AT(&a, i, "buy_usd_month", usd, 1e-9);
    }
    answer_ck_near(&a, "verdict.marginal_buy_usd_per_mtok", 0.8 * 0.021 / 101 * 1e6, 1e-9);
    /* the fourth replica: $14,630 against $0.0168 each and $3,000 */
    answer_ck_near(&a, "verdict.build_against_buy.crossings[2].requests_month",
                   (build_usd(4) - 3000) / (0.8 * 0.021), 1e-9);
    answer_fini(&a);
}
END_TEST

/* ---- other tenures, another month ---- */

/* Power a month of GPUs of a fleet that share a load and of those that idle, at $0.12 and a PUE of
 * 1.25: 100 W idle, and a quarter of the way to 700 W where a batch runs, which moves next to no
 * bytes.
 */
static double power_usd(int sharing, int idle, double volume)
{
    const double watts = sharing * 100 + 600 * volume / REPLICA / 4 + idle * 100;
    return watts / 1000 * 1.25 * HOURS * 0.12;
}

/* Servers of four GPUs for $40k, a tenth of it back after four years, straight-line. 4 + 1 + 1 GPUs
 * fill two servers, twice the plan's 10 + 1 three. After the twelve months of the commitment the
 * one-offs are paid off, and the servers are not. */
START_TEST(servers_bind_for_their_life)
{
    struct answer a = answer_of(
        "curve", BASE, NULL,
        "--set study.max_volume=2x --set build.tenure=own --set build.server_gpus=4 "
        "--set build.server_price='$40k' --set build.life='4 years' --set build.residual=10% "
        "--set build.cost_of_capital=0% --set build.power_price='$0.12/kWh' --set build.pue=1.25 "
        "--set gpu.clock.power_busy='700 W' --set gpu.clock.power_idle='100 W'");
    const double server = 40e3 * 0.9 / 48;
    answer_ck_near(&a, "verdict.build.usd_month", 1.1 * (2 * server + power_usd(5, 3, PLAN) + 6000),
                   1e-9);
    answer_ck_near(&a, "verdict.obligation.servers_usd", 80e3, 1e-12);
    answer_ck_near(&a, "verdict.obligation.resale_usd", 8e3, 1e-12);
    answer_ck_near(&a, "verdict.obligation.rent_usd", 0, 0);
    answer_ck_near(&a, "verdict.obligation.months", 48, 1e-12);
    answer_ck_near(&a, "verdict.obligation_usd", 72e3 + 12e3, 1e-12);
    static const struct {
        const char *path;
        double factor;
        int sharing, servers;
    } losses[] = { { "verdict.loss_at_half_plan_usd", 0.5, 5, 2 },
                   { "verdict.loss_at_plan_usd", 1, 5, 2 },
                   { "verdict.loss_at_twice_plan_usd", 2, 10, 3 } };
    for (int k = 0; k < 3; k++) {
        const double v = PLAN * losses[k].factor;
        const int idle = 4 * losses[k].servers - losses[k].sharing;
        const double later =
            1.1 * (losses[k].servers * server + power_usd(losses[k].sharing, idle, v) + 5000);
        answer_ck_near(&a, losses[k].path,
                       12 * (later + 1100 - buy_usd(v)) + 36 * (later - buy_usd(v)), 1e-6);
    }
    /* at the top ten share the load, and fill three servers with the spare; as many again make 21
     * in six, and leave two more idle */
    const double more = 3 * server + power_usd(10, 4, 2 * PLAN) - power_usd(0, 2, 0);
    answer_ck_near(&a, "verdict.marginal_build_usd_per_mtok", 1.1 * more / (10 * TREAD * 101) * 1e6,
                   1e-6);
    /* a napkin has busy GPUs alone, full batches, whole servers */
    for (int i = 0; i < answer_count(&a, "points"); i++) {
        const int n = (int)ceil(at(&a, i, "volume_requests_month") / REPLICA), held = (n + 3) / 4;
        const double watts = n * 700 + (4 * held - n) * 100;
        CK_AT(&a, i, "napkin_usd_month", held * server + watts / 1000 * 1.25 * HOURS * 0.12, 1e-9);
        CK_AT(&a, i, "n_gpus",
              4 * ceil((at(&a, i, "serving_replicas") + at(&a, i, "headroom_replicas") + 1) / 4),
              0);
    }
    answer_fini(&a);
}
END_TEST

/* A quarter of the requests is asked again at the API, which is a part of the bill like any other:
 * contingency is taken of it, in the bill and in what a million tokens more cost. */
START_TEST(what_is_asked_again_goes_with_the_volume)
{
    struct answer a = answer_of("curve", BASE, NULL,
                                FEW_DRAWS "--set study.max_volume=1x --set build.escalated=25%");
    const double again = 1.1 * 0.25 * BUY_EACH;
    for (int i = 0; i < answer_count(&a, "points"); i++) {
        const double v = at(&a, i, "volume_requests_month");
        CK_AT(&a, i, "build_usd_month", build_usd(replicas_for(v)) + again * v, 1e-9);
        CK_AT(&a, i, "same_usd_month", v * (SAME_EACH + 0.25 * BUY_EACH) + 1000, 1e-9);
    }
    answer_ck_near(&a, "verdict.loss_at_half_plan_usd",
                   12 * (build_usd(5) + again * PLAN / 2 - buy_usd(PLAN / 2)), 1e-9);
    answer_ck_near(&a, "verdict.marginal_build_usd_per_mtok",
                   (1.1 * 2 * HOURS / TREAD + again) / 101 * 1e6, 1e-9);
    answer_fini(&a);
}
END_TEST

/* A month of 700 hours: rents are 700/730, and so is what a replica carries. */
START_TEST(a_month_of_other_hours)
{
    struct answer a = answer_of(
        "curve", BASE, NULL, "--set study.max_volume=1.04x --set scenario.hours_per_month='700 h'");
    const double tread = 0.1 * 3600 * 700 / 1.2; /* 210,000 */
    const double three = 1.1 * (4 * 1400 + 6000), four = 1.1 * (5 * 1400 + 6000);
    ck_assert_int_eq(answer_count(&a, "verdict.build_against_buy.crossings"), 3);
    answer_ck_near(&a, "verdict.build_against_buy.crossings[0].requests_month",
                   (three - 1000) / BUY_EACH, 1e-9);
    answer_ck_near(&a, "verdict.build_against_buy.crossings[1].requests_month", 3 * tread, 1e-9);
    answer_ck_near(&a, "verdict.build_against_buy.crossings[2].requests_month",
                   (four - 1000) / BUY_EACH, 1e-9);
    answer_ck_near(&a, "verdict.build.usd_month", 1.1 * (6 * 1400 + 6000), 1e-12);
    answer_ck_near(&a, "verdict.obligation.rent_usd", 12 * 6 * 1400, 1e-12);
    answer_ck_near(&a, "scenario.hours_month", 700, 1e-12);
    answer_ck_near(&a, "verdict.marginal_build_usd_per_mtok", 1.1 * 1400 / (tread * 101) * 1e6,
                   1e-9);
    for (int i = 0; i < answer_count(&a, "points"); i++)
        CK_AT(&a, i, "napkin_usd_month",
              ceil(at(&a, i, "volume_requests_month") / (1.2 * tread)) * 1400, 1e-9);
    answer_fini(&a);
}
END_TEST

/* Three requests of 100 steps for each of 60: the mean of the traffic, not of the two classes. */
START_TEST(a_lone_request_is_one_of_the_traffic)
{
    struct answer a = answer_of("curve", BASE,
                                "[class chat]\nweight = 3\n"
                                "[class note]\nweight = 1\noutput = 60 tokens\n",
                                FEW_DRAWS "--set study.max_volume=1.1x --set study.min_volume=0.9x "
                                          "--set slo.e2e_p95='60 s'");
    answer_ck_near(&a, "options[0].lone_ttft_s", 0.1, 1e-6);
    answer_ck_near(&a, "options[0].lone_tpot_s", 0.1, 1e-6);
    answer_ck_near(&a, "options[0].lone_e2e_s", 0.75 * 10 + 0.25 * 6, 1e-6);
    answer_fini(&a);
}
END_TEST

/* A tread brings $1,626 of the API's tokens and $1,606 of a replica: building is cheaper from 361
 * replicas on where they are full, from 442 on always, and the answer turns 162 times. */
START_TEST(of_many_crossings_the_last_is_kept)
{
    char options[200];
    const double each = 1626 / TREAD;
    const char *c = "verdict.build_against_buy";
    snprintf(options, sizeof options,
             FEW_DRAWS "--set study.max_volume=110x --set api.acme/chat.output='$%.12g/Mtok'",
             (each - 5e-6) / 100 * 1e6);
    struct answer a = answer_of("curve", BASE, NULL, options);
    const int n = answer_count(&a, answer_path("%s.crossings", c));
    ck_assert_int_eq(n, 64);
    answer_ck_near(&a, answer_path("%s.crossings[0].requests_month", c),
                   (build_usd(361) - 1000) / each, 1e-9);
    answer_ck_near(&a, answer_path("%s.crossings[%d].requests_month", c, n - 1),
                   (build_usd(441) - 1000) / each, 1e-9);
    answer_ck_near(&a, answer_path("%s.stays_above_requests_month", c),
                   (build_usd(441) - 1000) / each, 1e-9);
    answer_fini(&a);
}
END_TEST

/* ---- noise ---- */

/* Requests come at random and are spread over replicas at random: each is a queue M/D/1 with a
 * service time of D = 10 s, of which P(wait <= D) = (1 - rho) e^rho (Erlang). 95 % wait no longer
 * than that, for an answer within 20 s, up to rho = 0.28705. */
static const double MD1 = 0.2870483 * 0.1 * 3600 * 730;

#define AT_RANDOM                                                                                  \
    "--set workload.arrivals=poisson --set build.router=random --set slo.e2e_p95='20 s' "          \
    "--set study.min_volume=0.5x --set study.max_volume=1.2x "

/* The interval of N replicas, of logarithms: half of it, and how far the truth is off. */
static double ck_md1(const struct answer *a, int n)
{
    const char *c = "options[0].capacity";
    const double lo = answer_number(a, answer_path("%s[%d].requests_month_lo", c, n - 1));
    const double hi = answer_number(a, answer_path("%s[%d].requests_month_hi", c, n - 1));
    const double half = log(hi / lo) / 2;
    answer_ck_near(a, answer_path("%s[%d].requests_month", c, n - 1), n * MD1, 1.5 * half);
    answer_ck_near(a, answer_path("%s[%d].requests_month", c, n - 1), sqrt(lo * hi), 1e-9);
    ck_assert_double_le(half, 0.035);
    ck_assert_double_ge(half, 0.002);
    return half;
}

static double probit(double p)
{
    double lo = -9, hi = 9;
    for (int i = 0; i < 60; i++)
        *(normal_cdf((lo + hi) / 2) < p ? &lo : &hi) = (lo + hi) / 2;
    return lo;
}

/* The standard deviation of the logarithm of what two replicas carry, where building is cheaper in
 * the draws in which two suffice: over so much volume their share falls by one normal deviate. */
static double share_spread(const struct answer *a)
{
    int first = -1, last = -1;
    for (int i = 0; i < answer_count(a, "points"); i++) {
        const double share = at(a, i, "build_wins_share");
        first = first < 0 && share < 0.9 ? i : first;
        last = share > 0.1 ? i : last;
    }
    ck_assert_int_gt(last, first);
    const double fell =
        probit(at(a, first, "build_wins_share")) - probit(at(a, last, "build_wins_share"));
    ck_assert_double_gt(fell, 1.5);
    return log(at(a, last, "volume_requests_month") / at(a, first, "volume_requests_month")) / fell;
}

/* Around what two replicas carry, only two cost less than the API, and whether it takes a third is
 * a matter of the noise of their capacity: the share of draws with two falls with the logarithm of
 * the volume as the normal distribution does over one standard error of the capacity. (What the
 * step time at its known value does to capacity is simulated once more, so that the middle may lie
 * off it by what such a search leaves.) */
static void ck_noise_in_draws(double two, double half)
{
    char options[500];
    snprintf(options, sizeof options,
             AT_RANDOM "--set study.min_volume=0.97x --set study.max_volume=1.03x "
                       "--set api.acme/chat.output='$900/Mtok' --set study.draws=500 "
                       "--set workload.volume='%.9g requests/month'",
             two);
    struct answer a = answer_of("curve", BASE, STEP_KNOWN, options);
    answer_ck_near(&a, "options[0].capacity[1].requests_month", two * 1.2, 1e-6);
    ck_assert_double_eq_tol(share_spread(&a), half / 1.96, 0.15 * half / 1.96);
    answer_fini(&a);
}

/* Inside the interval of a capacity, to either side of it, the smallest fleet might be another. */
static void ck_settled(const struct answer *a)
{
    int unsettled = 0;
    for (int i = 0; i < answer_count(a, "points"); i++) {
        const double v = at(a, i, "volume_requests_month");
        double off = INFINITY; /* half intervals to the nearest capacity */
        for (int n = 1; n <= 2; n++) {
            const char *c = answer_path("options[0].capacity[%d]", n - 1);
            const double hi = answer_number(a, answer_path("%s.requests_month_hi", c));
            const double middle = answer_number(a, answer_path("%s.requests_month", c));
            off = fmin(off, fabs(log(v / middle)) / log(hi / middle));
        }
        if (off > 0.95 && off < 1.05)
            continue;
        ck_assert(answer_is(a, answer_path("points[%d].fleet_settled", i)) == (off > 1));
        unsettled += off < 1;
    }
    ck_assert_int_gt(unsettled, 1);
}

/* $900/Mtok of output: two replicas are cheaper where they are full, and the third is not at once.
 * Where the answer changes at a riser, its noise is that of the capacity there. */
START_TEST(noise_of_a_capacity_is_noise_of_its_riser)
{
    struct answer a = answer_of("curve", BASE, NULL,
                                AT_RANDOM FEW_DRAWS "--set api.acme/chat.output='$900/Mtok' "
                                                    "--set workload.volume='125k requests/month'");
    const double half = ck_md1(&a, 2);
    ck_md1(&a, 1);
    ck_assert_int_eq(answer_count(&a, "verdict.build_against_buy.crossings"), 3);
    const char *c = "verdict.build_against_buy.crossings";
    const double at_riser = answer_number(&a, "options[0].capacity[1].requests_month") / 1.2;
    answer_ck_near(&a, answer_path("%s[0].requests_month", c), (build_usd(2) - 1000) / 0.090005,
                   1e-9);
    answer_ck_near(&a, answer_path("%s[1].requests_month", c), at_riser, 1e-9);
    answer_ck_near(&a, answer_path("%s[1].noise_lo_requests_month", c), at_riser * exp(-half),
                   1e-9);
    answer_ck_near(&a, answer_path("%s[1].noise_hi_requests_month", c), at_riser * exp(half), 1e-9);
    answer_ck_near(&a, answer_path("%s[2].requests_month", c), (build_usd(3) - 1000) / 0.090005,
                   1e-9);
    ck_settled(&a);
    answer_fini(&a);
    ck_noise_in_draws(at_riser, half);
}
END_TEST

/* The noise of crossing `i` of building against buying; 0 or INFINITY: it may be outside the range.
 */
static void ck_noise(const struct answer *a, int i, double lo, double hi)
{
    char c[80];
    snprintf(c, sizeof c, "verdict.build_against_buy.crossings[%d]", i);
    const char *lies[2] = { lo == 0 ? "below" : "inside", isinf(hi) ? "above" : "inside" };
    ck_assert_str_eq(answer_string(a, answer_path("%s.noise_lo_lies", c)), lies[0]);
    ck_assert_str_eq(answer_string(a, answer_path("%s.noise_hi_lies", c)), lies[1]);
    if (lo > 0)
        answer_ck_near(a, answer_path("%s.noise_lo_requests_month", c), lo, 1e-9);
    if (isfinite(hi))
        answer_ck_near(a, answer_path("%s.noise_hi_requests_month", c), hi, 1e-9);
}

/* A price at which two replicas cost as much as the API just where they are full, but for `off`
 * half intervals of what they carry: they may carry enough to be cheaper there, or they may not.
 * Where they are not, three are the first that are. */
static struct answer answer_near_riser(double two, double half, double off, const char *options)
{
    char all[800];
    const double root = two * exp(off * half);
    snprintf(all, sizeof all,
             AT_RANDOM FEW_DRAWS "--set workload.volume='125k requests/month' %s "
                                 "--set api.acme/chat.output='$%.12g/Mtok'",
             options, ((build_usd(2) - 1000) / root - 5e-6) / 100 * 1e6);
    struct answer a = answer_of("curve", BASE, NULL, all);
    answer_ck_near(&a, "options[0].capacity[1].requests_month", two * 1.2, 1e-9);
    return a;
}

START_TEST(another_stair_may_be_the_first_that_is_cheaper)
{
    struct answer a = answer_of("curve", BASE, NULL,
                                AT_RANDOM FEW_DRAWS "--set workload.volume='125k requests/month'");
    const double half = ck_md1(&a, 2);
    const double two = answer_number(&a, "options[0].capacity[1].requests_month") / 1.2;
    const double three = (build_usd(3) - 1000) / (build_usd(2) - 1000); /* of the root of two */
    const double early = two * exp(-0.5 * half), late = two * exp(0.5 * half);
    answer_fini(&a);
    /* two are cheaper before they are full, unless they carry less */
    a = answer_near_riser(two, half, -0.5, "");
    ck_assert_int_eq(answer_count(&a, "verdict.build_against_buy.crossings"), 3);
    ck_noise(&a, 0, early, early * three);
    ck_noise(&a, 1, two, two * exp(half));
    ck_noise(&a, 2, early * three, early * three);
    answer_fini(&a);
    /* they are not, unless they carry more */
    a = answer_near_riser(two, half, 0.5, "");
    ck_assert_int_eq(answer_count(&a, "verdict.build_against_buy.crossings"), 1);
    ck_noise(&a, 0, late, late * three);
    answer_fini(&a);
    /* no volume with three: it may be that no fleet is cheaper, and that buying is all along */
    a = answer_near_riser(two, half, -0.5, "--set study.max_volume=1.05x");
    ck_assert_int_eq(answer_count(&a, "verdict.build_against_buy.crossings"), 2);
    ck_noise(&a, 0, early, INFINITY);
    ck_noise(&a, 1, 0, two * exp(half));
    answer_fini(&a);
}
END_TEST

/* Whoever comes may wait for days, so that replicas carry what they serve when they are never idle.
 * That is measured over 4,000 answers of exponential lengths, to 1 / sqrt(4,000), and is exactly as
 * much less as a step takes longer. Step times were fitted to the deployment's own benchmark, which
 * leaves them 4.4 % (docs/validation.md). The one error knows nothing of the other: their squares
 * add. At $10 an hour two replicas cost less than the API, $30,690 of some $34,700, and three do
 * not, $38,720. */
START_TEST(step_times_and_noise_know_nothing_of_each_other)
{
    static const double STEP = 0.041;
    struct answer a = answer_of(
        "curve", BASE, "[calibration]\ndeployment = tiny bf16 on 1 x clock vllm\nerror = 1%\n",
        "--set workload.output='exponential(mean=100) tokens' --set slo.e2e_p95='500000 s' "
        "--set slo.timeout='600000 s' --set build.rent='$10/hour' "
        "--set api.acme/chat.output='$769/Mtok' --set workload.volume='438k requests/month' "
        "--set study.min_volume=0.9x --set study.max_volume=1.1x --set study.draws=1000");
    const double middle = answer_number(&a, "options[0].capacity[1].requests_month");
    const double hi = answer_number(&a, "options[0].capacity[1].requests_month_hi");
    const double noise = log(hi / middle) / 1.96;
    answer_ck_near(&a, "verdict.step_error_frac", STEP, 1e-12);
    /* twenty batches tell their own deviation to 1 / sqrt(2 * 19), 16 % */
    ck_assert_double_eq_tol(noise * sqrt(4000), 1, 2.5 * 0.16);
    ck_assert_double_eq_tol(middle, 2 * REPLICA, 4 * noise * middle);
    ck_assert_double_eq_tol(share_spread(&a), hypot(STEP, noise), 0.15 * STEP);
    answer_fini(&a);
}
END_TEST

/* The straight line through (x, y) of these deviations of y, by weighted least squares: its slope
 * and the standard error of that, wider where the line fits worse than they say (Birge's ratio). */
static double weighted_slope(const double x[], const double y[], const double sd[], int n,
                             double *se)
{
    double sum = 0, mean_x = 0, mean_y = 0, xx = 0, xy = 0, chi2 = 0;
    for (int i = 0; i < n; i++) {
        const double w = 1 / (sd[i] * sd[i]);
        sum += w;
        mean_x += w * x[i];
        mean_y += w * y[i];
    }
    mean_x /= sum;
    mean_y /= sum;
    for (int i = 0; i < n; i++) {
        const double w = 1 / (sd[i] * sd[i]);
        xx += w * (x[i] - mean_x) * (x[i] - mean_x);
        xy += w * (x[i] - mean_x) * (y[i] - mean_y);
    }
    for (int i = 0; i < n; i++)
        chi2 += pow((y[i] - mean_y - xy / xx * (x[i] - mean_x)) / sd[i], 2);
    *se = sqrt(fmax(1, chi2 / (n - 2)) / xx);
    return xy / xx;
}

static double log_half(const struct answer *a, int rung)
{
    const char *c = answer_path("options[0].capacity[%d]", rung);
    return log(answer_number(a, answer_path("%s.requests_month", c)) /
               answer_number(a, answer_path("%s.requests_month_lo", c)));
}

/* Requests that come at random wait in one queue, of which a larger fleet makes more: above 40
 * replicas V_N/N = v exp(-c/sqrt(N)) (docs/model.md), c by the rungs from 8 on, on from what 40
 * carry, whose noise and that of c add as squares. Such a fleet is observed by a part of it, which
 * has so much less to do that it misses no more than the whole: with 5 % of headroom, 95 of 100 are
 * in time, of which 23 replicas at the full load of each would be far from. */
START_TEST(large_fleets_go_on_by_the_square_root_law)
{
    struct answer a = answer_of("curve", BASE, NULL,
                                FEW_DRAWS "--set workload.arrivals=poisson "
                                          "--set workload.volume='20M requests/month' "
                                          "--set build.headroom=5% --set study.min_volume=0.9x "
                                          "--set study.max_volume=1.1x "
                                          "--set study.capacity_precision=50%");
    const double c = answer_number(&a, "options[0].pooling");
    const double c_se = answer_number(&a, "options[0].pooling_se");
    double x[40], y[40], sd[40], se, each_of_40 = NAN, half_of_40 = NAN;
    int fitted = 0, larger = 0;
    for (int i = 0; i < answer_count(&a, "options[0].capacity"); i++) {
        const char *rung = answer_path("options[0].capacity[%d]", i);
        const double n = answer_number(&a, answer_path("%s.n_replicas", rung));
        const double each = answer_number(&a, answer_path("%s.requests_month", rung)) / n;
        ck_assert(answer_is(&a, answer_path("%s.interpolated", rung)) == (n > 40));
        if (n >= 8 && n <= 40) {
            x[fitted] = 1 / sqrt(n);
            y[fitted] = log(each);
            sd[fitted++] = log_half(&a, i) / 1.96;
        }
        if (n == 40) {
            each_of_40 = each;
            half_of_40 = log_half(&a, i);
        }
        if (n > 40) {
            const double less = 1 / sqrt(40) - 1 / sqrt(n);
            ck_assert_double_eq_tol(each, each_of_40 * exp(c * less), 1e-6 * each);
            ck_assert_double_eq_tol(log_half(&a, i), hypot(half_of_40, 1.96 * c_se * less), 1e-6);
            larger++;
        }
    }
    ck_assert_int_ge(larger, 3);
    ck_assert_double_eq_tol(c, -weighted_slope(x, y, sd, fitted, &se), 1e-6);
    ck_assert_double_eq_tol(c_se, se, 1e-6);
    int observed = 0;
    for (int i = 0; i < answer_count(&a, "points"); i++) {
        const char *metrics = answer_path("points[%d].metrics", i);
        if (json_is_null(answer_at(&a, metrics)))
            continue;
        const double met = answer_number(&a, answer_path("%s.slo[0].attained_frac", metrics));
        ck_assert_double_ge(met, 0.95);
        observed++;
    }
    ck_assert_int_ge(observed, 3);
    answer_fini(&a);
}
END_TEST

/* Without headroom nothing stands between a fleet and the noise of its capacity, some +-20 % where
 * an empty replica lets 4.6 % miss of the 5 % that may. A fleet that is drawn and misses at its own
 * volume is taken to carry a millionth less than that, so that a larger one is drawn. The fleet of
 * the plan stays what it is. */
START_TEST(a_fleet_that_is_drawn_meets_the_slo_without_headroom)
{
    struct answer a = answer_of(
        "curve", BASE, NULL,
        FEW_DRAWS "--set workload.output='exponential(mean=50) tokens' --set slo.e2e_p95='15.5 s' "
                  "--set workload.arrivals=poisson --set build.router=random "
                  "--set build.headroom=0% --set workload.volume='70k requests/month' "
                  "--set study.min_volume=0.5x --set study.max_volume=1.2x "
                  "--set study.capacity_precision=50% --set scenario.seed=2");
    int of_plan = 0, drawn = 0, lowered = 0;
    for (int i = 0; i < answer_count(&a, "points"); i++)
        if (answer_is(&a, answer_path("points[%d].is_plan", i)))
            of_plan = (int)at(&a, i, "serving_replicas");
    for (int i = 0; i < answer_count(&a, "points"); i++) {
        const double v = at(&a, i, "volume_requests_month");
        const char *metrics = answer_path("points[%d].metrics", i);
        if (json_is_null(answer_at(&a, metrics)) || at(&a, i, "serving_replicas") == of_plan)
            continue;
        answer_ck_about(&a, answer_path("%s.slo[0].attained_frac", metrics), 0.975, 0.025);
        drawn++;
        for (int k = 0; k < answer_count(&a, "options[0].capacity"); k++) {
            const char *carries = answer_path("options[0].capacity[%d].requests_month", k);
            lowered += fabs(answer_number(&a, carries) / v - (1 - 1e-6)) < 1e-8;
        }
    }
    ck_assert_int_ge(drawn, 5);
    ck_assert_int_ge(lowered, 1); /* the case is worth its name */
    answer_fini(&a);
}
END_TEST

static Suite *analytic_suite(void)
{
    Suite *suite = suite_create("analytic");
    TCase *tc = tcase_create("list");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_answer_changes_once);
    tcase_add_test(tc, building_is_never_cheaper);
    tcase_add_test(tc, building_is_always_cheaper);
    tcase_add_test(tc, the_answer_changes_and_changes_back);
    tcase_add_test(tc, no_crossing_where_the_api_is_limited);
    tcase_add_test(tc, the_cheaper_api_depends_on_the_volume);
    suite_add_tcase(suite, tc);
    tc = tcase_create("plan");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_answer_at_plan);
    tcase_add_test(tc, the_draws_at_plan);
    tcase_add_test(tc, a_slow_step_leaves_no_fleet);
    tcase_add_test(tc, a_slow_step_leaves_no_fleet_of_inputs_that_are_simulated_either);
    suite_add_tcase(suite, tc);
    tc = tcase_create("points");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, every_volume_by_itself);
    suite_add_tcase(suite, tc);
    tc = tcase_create("tenure");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, servers_bind_for_their_life);
    tcase_add_test(tc, what_is_asked_again_goes_with_the_volume);
    tcase_add_test(tc, a_month_of_other_hours);
    tcase_add_test(tc, a_lone_request_is_one_of_the_traffic);
    tcase_add_test(tc, of_many_crossings_the_last_is_kept);
    suite_add_tcase(suite, tc);
    tc = tcase_create("drawn");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_price_that_is_uncertain);
    tcase_add_test(tc, rents_that_are_uncertain);
    tcase_add_test(tc, two_prices_that_know_nothing_of_each_other);
    tcase_add_test(tc, two_prices_that_rise_together);
    tcase_add_test(tc, step_times_and_prices_know_nothing_of_each_other);
    tcase_add_test(tc, a_volume_that_is_uncertain);
    tcase_add_test(tc, an_output_that_is_uncertain);
    tcase_add_loop_test(tc, retries_that_are_uncertain, 0, 2);
    tcase_add_test(tc, each_option_has_its_own_response);
    tcase_add_test(tc, volumes_beyond_a_million_replicas);
    suite_add_tcase(suite, tc);
    tc = tcase_create("close");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_difference_that_does_not_matter, 0,
                        sizeof close_calls / sizeof *close_calls);
    tcase_add_loop_test(tc, odds_that_do_not_tell, 0, sizeof odds / sizeof *odds);
    suite_add_tcase(suite, tc);
    tc = tcase_create("noise");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, noise_of_a_capacity_is_noise_of_its_riser);
    tcase_add_test(tc, another_stair_may_be_the_first_that_is_cheaper);
    tcase_add_test(tc, step_times_and_noise_know_nothing_of_each_other);
    tcase_add_test(tc, large_fleets_go_on_by_the_square_root_law);
    tcase_add_test(tc, a_fleet_that_is_drawn_meets_the_slo_without_headroom);
    suite_add_tcase(suite, tc);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(analytic_suite());
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
