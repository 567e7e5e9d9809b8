/* test_months.c - the horizon of a small scenario, against the curve that it stands on and against
 * closed forms.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/horizon.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Answers of six tokens on one small GPU: soon simulated, and full batches meet the limits. */
static const char base_text[] = "[scenario]\n"
                                "name = Small chat\n"
                                "as_of = 2026-11-22\n"
                                "commit = 12 months\n"
                                "parity = assumed\n"
                                "[workload]\n"
                                "volume = 40k requests/day\n"
                                "profile = steady\n"
                                "prompt = lognormal(mean=700, cv=0.8) tokens\n"
                                "output = 6 tokens\n"
                                "[slo]\n"
                                "ttft_p95 = 1 min\n"
                                "tpot_p95 = 1 s\n"
                                "[api acme/chat]\n"
                                "input = $2.35/Mtok\n"
                                "output = $1.25/Mtok\n"
                                "source = made up for a test\n"
                                "as_of = 2026-11-22\n"
                                "[api host/llama]\n"
                                "like = none\n"
                                "model = llama-3.1-8b\n"
                                "input = $1.75/Mtok\n"
                                "output = $1.25/Mtok\n"
                                "[buy]\n"
                                "api = acme/chat\n"
                                "same_model_api = host/llama\n"
                                "staff = 0 FTE\n"
                                "[build]\n"
                                "model = llama-3.1-8b\n"
                                "weights = fp8\n"
                                "gpu = l40s\n"
                                "rent = $1.05/hour\n"
                                "staff = 0 FTE\n"
                                "[study]\n"
                                "min_volume = 0.1x\n"
                                "max_volume = 4x\n"
                                "draws = 200\n";

static struct xo_scenario *read_with(const char *more, const char *const sets[])
{
    char path[] = "/tmp/xo-months-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "%s%s", base_text, more);
    fclose(file);
    struct xo_scenario *s = NULL;
    struct xo_problems problems = { 0 };
    struct xo_scenario_options options = { .sets = sets };
    while (sets != NULL && sets[options.n_sets] != NULL)
        options.n_sets++;
    const bool ok = xo_scenario_read(&s, path, &options, &problems);
    unlink(path);
    ck_assert_msg(ok, "%s", problems.n > 0 ? problems.lines[0] : "no problem named");
    xo_problems_fini(&problems);
    return s;
}

static struct xo_horizon *run_with(const struct xo_scenario *s, int n_threads)
{
    const struct xo_study_options options = { .n_threads = n_threads };
    struct xo_horizon *h = NULL;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_horizon_run(&h, s, &options, &err), "%s", err.text);
    return h;
}

/* The scenario and the horizon of a test. */
static struct xo_scenario *s;
static struct xo_horizon *h;

static void ask(const char *more, const char *const sets[])
{
    s = read_with(more, sets);
    h = run_with(s, 2);
}

#define ASK(more, ...) ask("[horizon]\n" more, (const char *[]){ __VA_ARGS__, NULL })

static void done(void)
{
    xo_horizon_free(h);
    xo_scenario_free(s);
}

static void is_near(double is, double should_be)
{
    ck_assert_msg(fabs(is - should_be) <= 1e-9 * fabs(should_be) + 1e-4, "%.12g is not %.12g", is,
                  should_be);
}

static const struct xo_curve_point *plan(void)
{
    return &h->curve->points[h->curve->plan];
}

/* Of equal payments at the ends of n months. */
static double annuity(double rate, int n)
{
    const double i = xo_monthly_rate(rate);
    return i == 0 ? n : (1 - pow(1 + i, -n)) / i;
}

/* ---- against the curve ---- */

START_TEST(it_simulates_what_the_curve_does_and_begins_with_its_bills)
{
    ASK("growth = 4%/month\napi_steps = 2027-03-01 -20%\nbasis = economic\n", "study.draws=201");
    const struct xo_study_options options = { .n_threads = 1 };
    struct xo_curve *curve = NULL;
    ck_assert(xo_curve_run(&curve, s, &options, NULL));
    const struct xo_curve_point *p = &curve->points[curve->plan];
    ck_assert_int_eq(h->n_simulated, curve->n_simulated);
    for (int way = 0; way < XO_N_WAYS; way++) {
        ck_assert_double_eq(h->months[0].economic_usd[way], p->usd[way]);
        /* draw k of both is one world */
        ck_assert_double_eq(h->months[0].bill_band[way].p10, curve->plan_band[way].p10);
        ck_assert_double_eq(h->months[0].bill_band[way].p90, curve->plan_band[way].p90);
    }
    xo_curve_free(curve);
    done();
}
END_TEST

START_TEST(a_month_has_the_bill_of_the_curve_at_its_volume)
{
    ASK("growth = 10%/month\nmonths = 13 months\n", "study.draws=200");
    const double volume = s->requests_per_month * pow(1.1, 12);
    struct xo_scenario *later = read_with("", (const char *[]){ "study.draws=200", NULL });
    later->requests_per_month = volume;
    later->max_volume_factor = 4 * s->requests_per_month / volume;
    later->min_volume_factor = 0.1 * s->requests_per_month / volume;
    const struct xo_study_options options = { .n_threads = 2 };
    struct xo_curve *curve = NULL;
    ck_assert(xo_curve_run(&curve, later, &options, NULL));
    for (int way = 0; way < XO_N_WAYS; way++)
        is_near(h->months[12].economic_usd[way], curve->points[curve->plan].usd[way]);
    ck_assert_int_eq(h->months[12].gpus[XO_WAY_BUILD], curve->points[curve->plan].build.n_gpus);
    xo_curve_free(curve);
    xo_scenario_free(later);
    done();
}
END_TEST

/* ---- closed forms ---- */

START_TEST(where_nothing_changes_everything_is_an_annuity)
{
    ASK("months = 24 months\ndiscount_rate = 9%/year\n", "build.one_off=$2,345");
    const double buy = plan()->usd[XO_WAY_BUY], same = plan()->usd[XO_WAY_SAME];
    const double build = plan()->usd[XO_WAY_BUILD] - 2345.0 / 12; /* spread over the commitment */
    const double a = annuity(0.09, 24), saved = buy - build;
    ck_assert_double_gt(saved, 0);
    is_near(h->cost_usd[XO_WAY_BUY], buy * a);
    is_near(h->cost_usd[XO_WAY_BUILD], build * a + 2345);
    is_near(h->to[XO_WAY_BUILD].npv_usd, saved * a - 2345);
    is_near(h->to[XO_WAY_SAME].npv_usd, (buy - same) * a);
    is_near(h->to[XO_WAY_BUILD].payback_months, 2345 / saved);
    is_near(h->to[XO_WAY_BUILD].peak_usd, 2345);
    is_near(h->months[7].cumulative_usd[XO_WAY_BUILD], 2345 + 8 * build);
    is_near(h->months[0].cash_usd[XO_WAY_BUILD], 2345 + build);
    is_near(h->months[1].cash_usd[XO_WAY_BUILD], build);
    /* begun k months later, with the same end */
    const double i = xo_monthly_rate(0.09);
    for (int k = 0; k < 24; k++)
        is_near(h->months[k].switch_npv_usd[XO_WAY_BUILD],
                (saved * annuity(0.09, 24 - k) - 2345) * pow(1 + i, -k));
    is_near(h->to[XO_WAY_BUILD].wait_usd[0],
            h->months[0].switch_npv_usd[XO_WAY_BUILD] - h->months[6].switch_npv_usd[XO_WAY_BUILD]);
    ck_assert_int_eq(h->to[XO_WAY_BUILD].best_month, 0);
    done();
}
END_TEST

START_TEST(a_growing_volume_is_a_geometric_sum_of_bills)
{
    ASK("months = 30 months\ngrowth = 2.5%/month\ndiscount_rate = 11%/year\n", "study.draws=200");
    const double v = 1 / (1 + xo_monthly_rate(0.11)), g = 1.025, first = plan()->usd[XO_WAY_BUY];
    is_near(h->cost_usd[XO_WAY_BUY], first * v * (1 - pow(g * v, 30)) / (1 - g * v));
    done();
}
END_TEST

START_TEST(a_price_step_is_two_annuities)
{
    ASK("months = 36 months\napi_steps = 2027-12-15 -35%\ndiscount_rate = 7%/year\n",
        "study.draws=200");
    const double first = plan()->usd[XO_WAY_BUY], a = annuity(0.07, 13);
    is_near(h->cost_usd[XO_WAY_BUY], first * (a + 0.65 * (annuity(0.07, 36) - a)));
    is_near(h->cost_usd[XO_WAY_SAME], /* whose tokens follow */
            plan()->usd[XO_WAY_SAME] * (a + 0.65 * (annuity(0.07, 36) - a)));
    ck_assert_double_eq(h->months[12].api_factor, 1); /* 2027-12 begins before the 15th */
    ck_assert_double_eq(h->months[13].api_factor, 0.65);
    done();
}
END_TEST

/* What a provider announces holds from its day on, by hours of the week too, in draws as well. */
START_TEST(a_tariff_moves_on_from_month_to_month)
{
    ASK("months = 12 months\n", "api acme/chat.changes=from 2027-06-01: 0.8x",
        "api acme/chat.windows=2x 00:00-24:00 from 2027-03-01 to 2027-04-30");
    const double buy = plan()->usd[XO_WAY_BUY];
    for (int m = 0; m < 12; m++) { /* from 2026-12 */
        const double factor = m == 3 || m == 4 ? 2 : m >= 6 ? 0.8 : 1;
        is_near(h->months[m].cash_usd[XO_WAY_BUY], factor * buy);
        is_near(h->months[m].economic_usd[XO_WAY_BUY], factor * buy);
        is_near(h->months[m].bill_band[XO_WAY_BUY].p50, factor * buy);
        is_near(h->months[m].cash_usd[XO_WAY_SAME], plan()->usd[XO_WAY_SAME]); /* another tariff */
    }
    is_near(h->cost_usd[XO_WAY_BUY], (2 * 2 + 4 + 6 * 0.8) * buy);
    done();
}
END_TEST

/* Over their life, at the cost of capital, what servers cost in cash is what the bills say. */
/* Months of 2026-12 on: what tariffs have announced, by the day on which each month begins. */
static const struct {
    const char *set;
    double buy[6], same[6]; /* of today's bills */
} announced[] = {
    { "api.acme/chat.changes=from 2027-01-01: 2x, from 2027-03-02: 0.5x",
      { 1, 2, 2, 2, 1, 1 },
      { 1, 1, 1, 1, 1, 1 } },
    { "api.host/llama.changes=from 2027-02-01: 1.25x",
      { 1, 1, 1, 1, 1, 1 },
      { 1, 1, 1.25, 1.25, 1.25, 1.25 } },
    { "api.acme/chat.windows=3x Mon-Sun 00:00-24:00 from 2027-02-01 to 2027-03-31",
      { 1, 1, 3, 3, 1, 1 },
      { 1, 1, 1, 1, 1, 1 } },
};

START_TEST(a_month_has_the_prices_that_tariffs_have_announced_for_it)
{
    ASK("months = 6 months\nstart = 2026-12\nbasis = economic\n", announced[_i].set);
    double paid = 0, of_draws = 0;
    for (int m = 0; m < 6; m++) {
        const struct xo_horizon_month *month = &h->months[m];
        is_near(month->economic_usd[XO_WAY_BUY], announced[_i].buy[m] * plan()->usd[XO_WAY_BUY]);
        is_near(month->economic_usd[XO_WAY_SAME], announced[_i].same[m] * plan()->usd[XO_WAY_SAME]);
        is_near(month->economic_usd[XO_WAY_BUILD], plan()->usd[XO_WAY_BUILD]);
        paid += announced[_i].buy[m] * plan()->usd[XO_WAY_BUY];
        of_draws += announced[_i].buy[m] * plan()->band[XO_WAY_BUY].p50;
    }
    is_near(h->months[5].cumulative_usd[XO_WAY_BUY], paid);
    is_near(h->months[5].cumulative_band[XO_WAY_BUY].p50, of_draws);
    done();
}
END_TEST

START_TEST(cash_and_capital_recovery_are_worth_the_same_at_the_cost_of_capital)
{
    ASK("months = 48 months\n", "build.tenure=own", "build.server_price=$38,750",
        "build.life=4 years", "build.residual=10%", "build.cost_of_capital=8%",
        "build.power_price=$0.11/kWh", "build.maintenance=5%", "build.one_off=$7,200",
        "scenario.commit=48 months");
    is_near(h->cost_usd[XO_WAY_BUILD], plan()->usd[XO_WAY_BUILD] * annuity(0.08, 48));
    ck_assert_double_gt(h->months[0].cash_usd[XO_WAY_BUILD], 38750);
    ck_assert_double_lt(h->months[1].cash_usd[XO_WAY_BUILD], 2000);
    done();
}
END_TEST

/* A contingency is paid on prices and one-offs too, and does not come back with the resale. */
START_TEST(contingency_is_on_what_is_paid_at_once_and_not_on_what_is_sold)
{
    ASK("months = 48 months\n", "build.tenure=own", "build.server_price=$38,750",
        "build.life=4 years", "build.residual=10%", "build.cost_of_capital=8%",
        "build.power_price=$0.11/kWh", "build.contingency=20%", "build.one_off=$7,200",
        "scenario.commit=48 months");
    const double resale = 3875.0 * plan()->build.n_gpus / s->options[0].terms.server_gpus;
    is_near(h->cost_usd[XO_WAY_BUILD],
            plan()->usd[XO_WAY_BUILD] * annuity(0.08, 48) + 0.2 * resale / pow(1.08, 4));
    done();
}
END_TEST

/* Engines that get faster as fast as the volume grows keep the fleet as it is. */
START_TEST(capacity_that_grows_like_the_volume_keeps_the_fleet)
{
    ASK("months = 25 months\nyearly_growth = 70%/year\ncapacity_trend = 70%/year\n",
        "workload.volume=20M requests/day");
    const int first = h->months[0].replicas[XO_WAY_BUILD];
    ck_assert_int_ge(first, 5);
    for (int m = 0; m < 25; m++) {
        ck_assert_int_eq(h->months[m].replicas[XO_WAY_BUILD], first);
        is_near(h->months[m].economic_usd[XO_WAY_BUILD], h->months[0].economic_usd[XO_WAY_BUILD]);
    }
    done();
    ASK("months = 25 months\nyearly_growth = 70%/year\n", "workload.volume=20M requests/day");
    ck_assert_int_gt(h->months[24].replicas[XO_WAY_BUILD], 2 * (first - 1));
    done();
}
END_TEST

/* ---- worked example E19, from the scenario to the figures ---- */

/* A million requests of 1,000 tokens at $9.46 a million: $9,460 a month. One GPU and a spare at a
 * dollar an hour: $1,460. So $60,000 at the start save $8,000 a month for 24, at 12 % a year. */
#define WORKED                                                                                     \
    "workload.volume=1M requests/month", "workload.prompt=1000 tokens",                            \
        "api acme/chat.input=$9.46/Mtok", "api acme/chat.output=$0/Mtok", "build.rent=$1/hour",    \
        "build.headroom=0%", "build.one_off=$60,000", "horizon.months=24 months",                  \
        "horizon.discount_rate=12%"

static void is_cents(double is, double should_be)
{
    ck_assert_msg(fabs(is - should_be) < 0.0051, "%.4f is not %.2f", is, should_be);
}

START_TEST(the_worked_example_comes_out_to_its_printed_digits)
{
    ask("", (const char *[]){ WORKED, NULL });
    const struct xo_switch *to = &h->to[XO_WAY_BUILD];
    ck_assert_double_eq(plan()->usd[XO_WAY_BUY], 9460);
    ck_assert_int_eq(plan()->build.n_gpus, 2);
    is_cents(to->npv_usd, 110985.81);
    is_near(to->payback_months, 7.5);
    ck_assert_double_eq_tol(to->irr.per_year, 3.133, 5e-4);
    is_near(to->peak_usd, 60000);
    ck_assert_int_eq(to->peak_month, 0);
    is_cents(h->months[6].switch_npv_usd[XO_WAY_BUILD], 67845.77);
    is_cents(to->wait_usd[XO_WAITS_6], 43140.05);
    ck_assert_int_eq(to->best_month, 0);
    ck_assert_int_eq(h->verdict, XO_HORIZON_NOW);
    done();
}
END_TEST

/* 8,000 for 12 months, then 2,000: buying falls to $3,460 after a year. */
START_TEST(the_worked_example_with_a_saving_that_falls)
{
    ask("[horizon]\napi_steps = 2027-12-01 -63.424947145877%\n", (const char *[]){ WORKED, NULL });
    is_cents(h->months[12].cash_usd[XO_WAY_BUY], 3460);
    is_cents(h->to[XO_WAY_BUILD].npv_usd, 50495.55);
    done();
}
END_TEST

/* ---- time that passes before machines serve ---- */

START_TEST(until_machines_are_there_and_in_the_parallel_run_the_api_is_paid)
{
    ASK("months = 24 months\nlead_time = 3 months\nparallel_run = 2 months\n",
        "build.one_off=$2,400");
    const double buy = plan()->usd[XO_WAY_BUY], build = plan()->usd[XO_WAY_BUILD] - 200;
    ck_assert_int_eq(h->to[XO_WAY_BUILD].earliest, 3);
    is_near(h->cost_usd[XO_WAY_BUILD], 5 * buy + 21 * build + 2400);
    is_near(h->months[2].cash_usd[XO_WAY_BUILD], buy);
    is_near(h->months[3].cash_usd[XO_WAY_BUILD], buy + build + 2400);
    is_near(h->months[5].cash_usd[XO_WAY_BUILD], build);
    ck_assert(isnan(h->months[2].switch_npv_usd[XO_WAY_BUILD]));
    ck_assert_int_eq(h->months[2].gpus[XO_WAY_BUILD], 0);
    ck_assert_int_eq(h->months[3].gpus[XO_WAY_BUILD], plan()->build.n_gpus);
    /* tokens of the same weights need no machines, but two months beside each other */
    is_near(h->cost_usd[XO_WAY_SAME], 2 * buy + 24 * plan()->usd[XO_WAY_SAME]);
    done();
}
END_TEST

START_TEST(a_model_that_is_retired_takes_one_more_migration)
{
    ASK("months = 24 months\nretire = 2027-06-01\nretire_one_off = $1,111\n"
        "api_retire = 2028-01-01\napi_retire_one_off = $333\n",
        "study.draws=200");
    is_near(h->cost_usd[XO_WAY_BUILD], 24 * plan()->usd[XO_WAY_BUILD] + 1111);
    is_near(h->cost_usd[XO_WAY_SAME], 24 * plan()->usd[XO_WAY_SAME] + 1111);
    is_near(h->cost_usd[XO_WAY_BUY], 24 * plan()->usd[XO_WAY_BUY] + 333);
    is_near(h->months[6].cash_usd[XO_WAY_BUILD], plan()->usd[XO_WAY_BUILD] + 1111); /* 2027-06 */
    done();
}
END_TEST

START_TEST(reserved_gpus_keep_the_rent_of_the_month_in_which_they_were_taken)
{
    ASK("months = 24 months\nreserve_term = 12 months\nreserve_price = 70%\n"
        "rent_steps = 2027-06-01 -40%\n",
        "study.draws=200");
    const double rent = plan()->usd[XO_WAY_BUILD]; /* GPUs are all that is paid for */
    is_near(h->cost_usd[XO_WAY_BUILD], 12 * 0.7 * rent + 12 * 0.7 * 0.6 * rent);
    is_near(h->months[11].cash_usd[XO_WAY_BUILD], 0.7 * rent);
    is_near(h->months[11].economic_usd[XO_WAY_BUILD], 0.6 * rent); /* as the curve prices it then */
    done();
}
END_TEST

/* ---- tripwires ---- */

START_TEST(a_tripwire_is_where_switching_is_worth_nothing_and_when_the_path_comes_there)
{
    ASK("months = 36 months\napi_trend = -10%/year\n", "study.draws=200");
    /* what is bought falls by the month, what is built stays: a geometric sum against 36 rents */
    const double buy = h->cost_usd[XO_WAY_BUY], build = h->cost_usd[XO_WAY_BUILD];
    const struct xo_tripwire *t = h->to[XO_WAY_BUILD].tripwires;
    ck_assert_double_gt(buy, build);
    ck_assert(t[XO_TRIP_API_PRICE].possible);
    ck_assert_double_eq_tol(t[XO_TRIP_API_PRICE].factor, build / buy, 1e-9);
    const int month = (int)ceil(12 * log(build / buy) / log(0.9));
    ck_assert_int_eq(t[XO_TRIP_API_PRICE].month, month);
    ck_assert_double_eq_tol(t[XO_TRIP_RENT].factor, buy / build, 1e-9);
    ck_assert_int_eq(t[XO_TRIP_RENT].month, -1); /* rent stays */
    ck_assert(t[XO_TRIP_VOLUME].possible);
    ck_assert_int_eq(t[XO_TRIP_VOLUME].month, -1);
    ck_assert(!h->to[XO_WAY_SAME].tripwires[XO_TRIP_RENT].possible);
    done();
}
END_TEST

/* ---- draws ---- */

START_TEST(any_number_of_threads_gives_the_same_bytes)
{
    s = read_with("[horizon]\ngrowth = 3%/month\n[uncertain]\nhorizon.growth = uniform(0%, 6%)\n"
                  "horizon.api_trend = triangular(-40%, -10%, 5%)\nbuild.rent = uniform($0.9/hour, "
                  "$1.3/hour)\nworkload.volume = uniform(30k requests/day, 50k requests/day)\n",
                  NULL);
    h = run_with(s, 1);
    struct xo_horizon *other = run_with(s, 4);
    for (int way = 0; way < XO_N_WAYS; way++) {
        const struct xo_switch *a = &h->to[way], *b = &other->to[way];
        for (int m = 0; m < h->n_months; m++) {
            const struct xo_horizon_month *x = &h->months[m], *y = &other->months[m];
            ck_assert_mem_eq(&x->bill_band[way], &y->bill_band[way], sizeof x->bill_band[way]);
            ck_assert_mem_eq(&x->switch_band[way], &y->switch_band[way],
                             sizeof x->switch_band[way]);
            ck_assert(x->ahead_share[way] == y->ahead_share[way]);
        }
        ck_assert_mem_eq(&a->npv, &b->npv, sizeof a->npv);
        ck_assert_mem_eq(&a->payback, &b->payback, sizeof a->payback);
        ck_assert_mem_eq(&a->irr_per_year, &b->irr_per_year, sizeof a->irr_per_year);
        ck_assert(a->gains_share == b->gains_share);
    }
    ck_assert_mem_eq(h->cost, other->cost, sizeof h->cost);
    /* growth is not known: sums spread more and more */
    const struct xo_band *early = &h->months[1].cumulative_band[XO_WAY_BUY],
                         *late = &h->months[35].cumulative_band[XO_WAY_BUY];
    ck_assert_double_gt(late->p90 / late->p10, 1.5 * early->p90 / early->p10);
    xo_horizon_free(other);
    done();
}
END_TEST

/* ---- what cannot be ---- */

START_TEST(a_side_that_is_missing_is_told)
{
    s = read_with("", (const char *[]){ "study.draws=200", NULL });
    s->n_options = 0;
    struct xo_error err = { 0 };
    const struct xo_study_options options = { .n_threads = 1 };
    ck_assert(!xo_horizon_run(&h, s, &options, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "there is no [build] to compare with"));
    s->n_options = 1;
    xo_scenario_free(s);
}
END_TEST

static Suite *months_suite(void)
{
    Suite *suite = suite_create("months");
    TCase *months = tcase_create("months");
    tcase_set_timeout(months, 60);
    tcase_add_test(months, it_simulates_what_the_curve_does_and_begins_with_its_bills);
    tcase_add_test(months, a_month_has_the_bill_of_the_curve_at_its_volume);
    tcase_add_test(months, where_nothing_changes_everything_is_an_annuity);
    tcase_add_test(months, a_growing_volume_is_a_geometric_sum_of_bills);
    tcase_add_test(months, a_price_step_is_two_annuities);
    tcase_add_loop_test(months, a_month_has_the_prices_that_tariffs_have_announced_for_it, 0,
                        sizeof announced / sizeof *announced);
    tcase_add_test(months, a_tariff_moves_on_from_month_to_month);
    tcase_add_test(months, cash_and_capital_recovery_are_worth_the_same_at_the_cost_of_capital);
    tcase_add_test(months, contingency_is_on_what_is_paid_at_once_and_not_on_what_is_sold);
    tcase_add_test(months, capacity_that_grows_like_the_volume_keeps_the_fleet);
    tcase_add_test(months, the_worked_example_comes_out_to_its_printed_digits);
    tcase_add_test(months, the_worked_example_with_a_saving_that_falls);
    tcase_add_test(months, until_machines_are_there_and_in_the_parallel_run_the_api_is_paid);
    tcase_add_test(months, a_model_that_is_retired_takes_one_more_migration);
    tcase_add_test(months, reserved_gpus_keep_the_rent_of_the_month_in_which_they_were_taken);
    tcase_add_test(months,
                   a_tripwire_is_where_switching_is_worth_nothing_and_when_the_path_comes_there);
    tcase_add_test(months, any_number_of_threads_gives_the_same_bytes);
    tcase_add_test(months, a_side_that_is_missing_is_told);
    suite_add_tcase(suite, months);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(months_suite());
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
