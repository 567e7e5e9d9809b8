/* test_analytic_run.c - the bills, the fleet and the hours of one deployment that is known in
 * closed form, and of variants of it, through `crossover run`: tests/data/analytic.ini says why.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"

#define BASE XO_SOURCE_DIR "/tests/data/analytic.ini"

static const double HOURS = 730, REPLICA = 0.1 * 3600 * 730; /* requests a month of one replica */
static const double PLAN = 1e6, RENT = 2 * 730;

#define SMALL "--set workload.volume='100k requests/month' " /* one replica */

/* A bill, item by item. */
struct item {
    const char *group;
    double usd;
};

/* The items at WHERE of run.json are these, to the millionth, and so are the rows of bills.csv from
 * FIRST; their sum is the total. */
static void ck_bill(const struct answer *a, const char *where, int first, const struct item items[],
                    int n)
{
    double total = 0;
    ck_assert_int_eq(answer_count(a, answer_path("%s.items", where)), n);
    for (int i = 0; i < n; i++) {
        ck_assert_str_eq(answer_string(a, answer_path("%s.items[%d].group", where, i)),
                         items[i].group);
        answer_ck_about(a, answer_path("%s.items[%d].micro_usd", where, i), items[i].usd * 1e6,
                        1.01);
        ck_assert_str_eq(answer_cell(a, "bills.csv", first + i, "group"), items[i].group);
        ck_assert_double_eq_tol(atof(answer_cell(a, "bills.csv", first + i, "usd_month")),
                                items[i].usd, 1.01e-6);
        total += items[i].usd;
    }
    answer_ck_about(a, answer_path("%s.total_micro_usd", where), total * 1e6, n + 0.01);
}

#define CK_BILL(a, where, first, ...)                                                              \
    ck_bill(a, where, first, (struct item[]){ __VA_ARGS__ },                                       \
            sizeof(struct item[]){ __VA_ARGS__ } / sizeof(struct item))

/* ---- the deployment as it is ---- */

START_TEST(each_bill_by_its_items)
{
    struct answer a = answer_of("run", BASE, NULL, NULL);
    ck_assert_int_eq(a.status, 0);
    CK_BILL(&a, "buy.bill", 0, { "tokens", PLAN * 5e-6 }, { "tokens", PLAN * 100 * 200e-6 },
            { "people", 0.1 * 120e3 / 12 });
    CK_BILL(&a, "same.bill", 3, { "tokens", PLAN * 3e-6 }, { "tokens", PLAN * 100 * 60e-6 },
            { "people", 0.1 * 120e3 / 12 });
    CK_BILL(&a, "options[0].bill", 6, { "gpus", 4 * RENT }, { "gpus", RENT }, { "gpus", RENT },
            { "people", 0.5 * 120e3 / 12 }, { "one_off", 12e3 / 12 },
            { "contingency", 0.1 * (6 * RENT + 5000 + 1000) });
    answer_ck_near(&a, "buy.usd_month", PLAN * 0.020005 + 1000, 1e-12);
    answer_ck_near(&a, "same.usd_month", PLAN * 0.006003 + 1000, 1e-12);
    answer_ck_near(&a, "options[0].usd_month", 1.1 * (6 * RENT + 6000), 1e-12);
    ck_assert_double_eq(atof(answer_cell(&a, "run.csv", 0, "usd_month")), 21005);
    ck_assert_double_eq(atof(answer_cell(&a, "run.csv", 1, "usd_month")), 7003);
    ck_assert_double_eq(atof(answer_cell(&a, "run.csv", 2, "usd_month")), 16236);
    answer_fini(&a);
}
END_TEST

/* Of 1 M requests a month, 0.3805 a second, each keeps a replica busy for 10 s; the first of its
 * 100 steps is its prompt's. */
START_TEST(the_fleet_is_as_busy_as_its_work)
{
    struct answer a = answer_of("run", BASE, NULL, NULL);
    const double rate = PLAN / (HOURS * 3600), busy = PLAN / (5 * REPLICA);
    answer_ck_near(&a, "tokens_per_request", 101, 1e-12);
    answer_ck_near(&a, "prompt_per_request", 1, 1e-12);
    answer_ck_near(&a, "output_per_request", 100, 1e-12);
    answer_ck_near(&a, "peak_factor", 1, 1e-12);
    answer_ck_near(&a, "options[0].load_frac", PLAN / (6 * REPLICA), 1e-9);
    answer_ck_near(&a, "options[0].week_busy_frac", busy, 1e-9);
    for (int n = 3; n <= 5; n++) {
        static const char *const which[] = { "capacity_below", "capacity", "capacity_above" };
        answer_ck_near(&a, answer_path("options[0].%s.n_replicas", which[n - 3]), n, 0);
        answer_ck_near(&a, answer_path("options[0].%s.requests_month", which[n - 3]), n * REPLICA,
                       1e-9);
        answer_ck_near(&a, answer_path("options[0].%s.requests_month_lo", which[n - 3]),
                       n * REPLICA, 1e-8);
        answer_ck_near(&a, answer_path("options[0].%s.requests_month_hi", which[n - 3]),
                       n * REPLICA, 1e-8);
        answer_ck_near(&a, answer_path("options[0].%s.rate_per_s", which[n - 3]), n * 0.1, 1e-9);
    }
    ck_assert(answer_is(&a, "options[0].settled"));
    answer_ck_near(&a, "metrics.goodput_per_s", rate, 1e-3);
    answer_ck_near(&a, "metrics.busy_frac", busy, 1e-3);
    answer_ck_near(&a, "metrics.prefill_frac", busy / 100, 1e-3);
    answer_ck_near(&a, "metrics.decode_frac", busy * 99 / 100, 1e-3);
    answer_ck_near(&a, "metrics.idle_frac", 1 - busy, 1e-3);
    answer_ck_near(&a, "metrics.batch_mean", 1, 1e-9);
    answer_ck_near(&a, "metrics.preemptions_per_request", 0, 0);
    static const char *const quantiles[] = { "p50", "p95", "p99" };
    for (int i = 0; i < 3; i++) { /* histograms tell 1 % apart */
        answer_ck_near(&a, answer_path("metrics.ttft_%s_s", quantiles[i]), 0.1, 0.01);
        answer_ck_near(&a, answer_path("metrics.tpot_%s_s", quantiles[i]), 0.1, 0.01);
        answer_ck_near(&a, answer_path("metrics.e2e_%s_s", quantiles[i]), 10, 0.01);
    }
    answer_ck_near(&a, "metrics.itl_p50_s", 0.1, 0.01);
    answer_ck_near(&a, "metrics.itl_p99_s", 0.1, 0.01);
    answer_ck_near(&a, "metrics.slo[0].attained_frac", 1, 0);
    /* 4 replications of 2,000 requests for each of 5 replicas, at least 10,000 */
    answer_ck_near(&a, "metrics.n_measured", 4 * 10e3, 2e-3);
    const double n = answer_number(&a, "metrics.n_measured");
    answer_ck_near(&a, "classes[0].n_arrived", n, 0);
    answer_ck_near(&a, "classes[0].n_finished", n, 0);
    answer_ck_near(&a, "classes[0].n_good", n, 0);
    answer_ck_near(&a, "classes[0].n_rejected", 0, 0);
    answer_ck_near(&a, "classes[0].n_timed_out", 0, 0);
    answer_ck_near(&a, "classes[0].prompt_tokens", n, 0);
    answer_ck_near(&a, "classes[0].output_tokens", 100 * n, 0);
    answer_ck_near(&a, "classes[0].ttft_s.mean", 0.1, 1e-6);
    answer_ck_near(&a, "classes[0].tpot_s.mean", 0.1, 1e-6);
    answer_ck_near(&a, "classes[0].e2e_s.mean", 10, 1e-6);
    answer_fini(&a);
}
END_TEST

/* Requests that come at random wait in one queue, of which a larger fleet makes more within the
 * same SLO: five replicas carry 0.43 of their full batches, six 0.47. How busy the fleet of the
 * plan is over the week is read off that fleet: each request takes 10 s, and 4,000 of them, the
 * least that are measured, tell that to 1.6 %. */
START_TEST(the_week_is_read_off_the_fleet_of_the_plan)
{
    struct answer a = answer_of("run", BASE, NULL,
                                "--set workload.arrivals=poisson --set build.headroom=0% "
                                "--set workload.volume='500k requests/month'");
    answer_ck_near(&a, "options[0].serving_replicas", 5, 0);
    answer_ck_near(&a, "options[0].headroom_replicas", 0, 0);
    answer_ck_near(&a, "options[0].week_busy_frac", 500e3 / (5 * REPLICA), 0.04);
    answer_fini(&a);
}
END_TEST

/* ---- the fleet ---- */

#define BURSTS                                                                                     \
    "--set workload.burst_factor=3 --set workload.burst_share=20% --set workload.burst_length='1 " \
    "h' "
#define PEAKED                                                                                     \
    "--set workload.profile=custom --set slo.window=month "                                        \
    "--set workload.hours='8 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1' "

/* The fewest replicas that carry the plan, and the fewest that carry it with its headroom: one
 * carries 262,800 a month of 730 hours, 4 carry 1,051,200. */
#define VOLUME(k)   "--set workload.volume='" k "k requests/month' "
#define NO_HEADROOM "--set build.headroom=0% "

static const struct {
    const char *options;
    int serving, headroom, spare;
} fleets[] = {
    { "--set build.headroom=31.3%", 4, 1, 1 },
    { "--set build.headroom=31.5%", 4, 2, 1 },
    { VOLUME("250") "--set build.headroom=5.1%", 1, 0, 1 },
    { VOLUME("250") "--set build.headroom=5.2%", 1, 1, 1 },
    { VOLUME("525.5") NO_HEADROOM, 2, 0, 1 },
    { VOLUME("525.7") NO_HEADROOM, 3, 0, 1 },
    { SMALL "--set build.spare_replicas=0", 1, 0, 0 },
    { SMALL "--set build.spare_replicas=3", 1, 0, 3 },
    { SMALL "--set build.replicas=4 --set build.spare_replicas=2", 4, 0, 2 },
    /* a tenth of the calls is repeated: a replica carries 262,800 / 1.1 = 238,909 first attempts */
    { VOLUME("238.8") NO_HEADROOM "--set workload.retries=10%", 1, 0, 1 },
    { VOLUME("239") NO_HEADROOM "--set workload.retries=10%", 2, 0, 1 },
    /* a step twice as long: 131,400 a replica */
    { VOLUME("131.3") NO_HEADROOM "--set build.step_scale=2 --set slo.e2e_p95='21 s'", 1, 0, 1 },
    { VOLUME("131.5") NO_HEADROOM "--set build.step_scale=2 --set slo.e2e_p95='21 s'", 2, 0, 1 },
    /* output twice as long, the same */
    { VOLUME("131.5") NO_HEADROOM "--set workload.output_scale=2 --set slo.e2e_p95='21 s'", 2, 0,
      1 },
    /* four requests in a batch: 4 x 262,800 a replica; 2 carry 2,102,400 */
    { VOLUME("2000") NO_HEADROOM "--set build.max_batch=4", 2, 0, 1 },
    /* three times as busy in a fifth of the time, for an hour at a time: 3 / 1.4 = 2.143 times the
     * mean, 122,640 a replica; what bursts hold is 43 % of all, and may not be late */
    { BURSTS VOLUME("101"), 1, 0, 1 },
    { BURSTS VOLUME("103"), 1, 1, 1 },
    /* one hour of a day eight times as busy, on average over the month: of eight levels of 21 hours
     * the top one holds seven of those, and a request of it meets (7 x 64 + 14) / (7 x 8 + 14) over
     * 31 / 24, 5.110 times the mean rate: 51,434 a replica */
    { PEAKED VOLUME("102.5") NO_HEADROOM, 2, 0, 1 },
    { PEAKED VOLUME("103.2") NO_HEADROOM, 3, 0, 1 },
    /* a month of 700 hours: 252,000 a replica */
    { VOLUME("251.9") NO_HEADROOM "--set scenario.hours_per_month='700 h'", 1, 0, 1 },
    { VOLUME("252.1") NO_HEADROOM "--set scenario.hours_per_month='700 h'", 2, 0, 1 },
};

START_TEST(the_smallest_fleet_is_bought)
{
    struct answer a = answer_of("run", BASE, NULL, fleets[_i].options);
    const int n = fleets[_i].serving + fleets[_i].headroom + fleets[_i].spare;
    const double rent = 2 * (strstr(fleets[_i].options, "700 h") != NULL ? 700 : 730);
    answer_ck_near(&a, "options[0].serving_replicas", fleets[_i].serving, 0);
    answer_ck_near(&a, "options[0].headroom_replicas", fleets[_i].headroom, 0);
    answer_ck_near(&a, "options[0].spare_replicas", fleets[_i].spare, 0);
    answer_ck_near(&a, "options[0].n_gpus", n, 0);
    answer_ck_near(&a, "options[0].usd_month", 1.1 * (n * rent + 6000), 1e-12);
    const double carries = answer_number(&a, "options[0].capacity.requests_month");
    answer_ck_near(&a, "options[0].load_frac",
                   answer_number(&a, "requests_month") / (carries / fleets[_i].serving * n) /
                       answer_number(&a, "peak_factor"),
                   1e-9);
    answer_fini(&a);
}
END_TEST

/* 3 replicas carry 788,400 of the 1.1 M calls, of which a tenth are repeated: there is no bill, and
 * what they serve falls behind. */
START_TEST(a_fixed_fleet_that_is_too_small_has_no_bill)
{
    struct answer a =
        answer_of("run", BASE, NULL, "--set build.replicas=3 --set workload.retries=10%");
    answer_ck_null(&a, "options[0].usd_month");
    answer_ck_null(&a, "metrics");
    answer_ck_near(&a, "options[0].serving_replicas", 3, 0);
    answer_ck_near(&a, "options[0].n_gpus", 4, 0);
    answer_ck_near(&a, "options[0].capacity.requests_month", 3 * REPLICA / 1.1, 1e-9);
    answer_ck_near(&a, "offered_frac", 1.1 * PLAN / (3 * REPLICA), 1e-9);
    answer_ck_near(&a, "observed", 0, 0);
    answer_ck_null(&a, "best");
    answer_fini(&a);
}
END_TEST

/* Each replica is a queue of its own at which an empty one lets 4.6 % miss of the 5 % that may, and
 * the interval of a capacity, read once, is some +-10 %: the next fleet, 4 % larger, is sometimes
 * found to carry less. It serves at least as much, so then it counts as carrying the same. Under
 * one seed of six that has to happen. */
START_TEST(a_larger_fleet_carries_no_less)
{
    bool tied = false;
    for (int seed = 3; !tied && seed < 9; seed++) {
        char options[400];
        snprintf(options, sizeof options,
                 "--set workload.output='exponential(mean=50) tokens' --set slo.e2e_p95='15.5 s' "
                 "--set workload.arrivals=poisson --set build.router=random "
                 "--set build.replicas=25 --set workload.volume='330k requests/month' "
                 "--set study.capacity_precision=50%% --set scenario.seed=%d",
                 seed);
        struct answer a = answer_of("run", BASE, NULL, options);
        const double below = answer_number(&a, "options[0].capacity_below.requests_month");
        const double own = answer_number(&a, "options[0].capacity.requests_month");
        const double above = answer_number(&a, "options[0].capacity_above.requests_month");
        ck_assert_double_le(below, own);
        ck_assert_double_le(own, above);
        tied = below == own || own == above;
        answer_fini(&a);
    }
    ck_assert(tied);
}
END_TEST

/* Long prompts that are let in chunk by chunk throw each other out of the KV cache when an endless
 * queue keeps every replica full, which then serves a third less than at its best (docs/model.md):
 * each replica alike, however many there are. A fleet carries more than that within its SLO until
 * it once falls behind, so that its interval reaches down to there. Room for whole prompts and
 * answers leaves nobody to throw out. */
START_TEST(a_fleet_that_falls_behind_stays_behind)
{
    for (int reserve = 0; reserve < 2; reserve++) {
        struct answer a = answer_of("run", XO_SOURCE_DIR "/scenarios/batch.ini", NULL,
                                    reserve ? "--set build.kv_admission=reserve"
                                            : "--set build.kv_admission=chunk");
        static const char *const which[] = { "capacity_below", "capacity", "capacity_above" };
        double each = NAN;
        for (int i = 0; i < 3; i++) {
            const char *of = which[i];
            const double n = answer_number(&a, answer_path("options[0].%s.n_replicas", of));
            const double all = answer_number(&a, answer_path("options[0].%s.requests_month", of));
            const double lo = answer_number(&a, answer_path("options[0].%s.requests_month_lo", of));
            const double behind =
                answer_number(&a, answer_path("options[0].%s.requests_month_overwhelmed", of));
            if (n == 0)
                continue;
            ck_assert(isnan(behind) == reserve);
            if (reserve)
                continue;
            each = isnan(each) ? behind / n : each;
            ck_assert_double_eq_tol(behind / n, each, 1e-9 * each);
            ck_assert_double_lt(behind, all);
            ck_assert_double_le(lo, behind);
        }
        ck_assert(reserve || isfinite(each));
        answer_fini(&a);
    }
}
END_TEST

/* Of 100 requests 4 are longer than the model takes, and 2 of the 96 others ask for 500 tokens in
 * place of 100: 94.08 are in time, fewer than 95, and the 95th of the hundred takes 50 s, though 95
 * in 100 of those that are served take 10. */
START_TEST(who_is_refused_comes_before_the_late_ones)
{
    struct answer a = answer_of("run", BASE, NULL,
                                "--set 'workload.prompt=discrete(1:96, 2000:4) tokens' "
                                "--set 'workload.output=discrete(100:98, 500:2) tokens'");
    ck_assert(!answer_is(&a, "options[0].feasible"));
    answer_ck_near(&a, "options[0].unserved.frac", 0.04, 1e-9);
    answer_ck_near(&a, "options[0].lone_s", 50, 0.01);
    answer_fini(&a);
}
END_TEST

/* Of two kinds of GPU that serve alike the cheaper one is bought. */
START_TEST(the_cheapest_option_is_bought)
{
    static const char *const other = "[gpu watch]\nlike = none\nmemory = 10 GB\n"
                                     "bandwidth = 1000000 GB/s\nbf16 = 1000000 TFLOPS\n"
                                     "source = made up\nas_of = 2026-11-22\n";
    struct answer a = answer_of("run", BASE, other,
                                "--set build.gpu='clock, watch' "
                                "--set build.rent='$2/hour, $1.75/hour'");
    answer_ck_near(&a, "best", 1, 0);
    answer_ck_near(&a, "options[0].usd_month", 1.1 * (6 * 2 * HOURS + 6000), 1e-12);
    answer_ck_near(&a, "options[1].usd_month", 1.1 * (6 * 1.75 * HOURS + 6000), 1e-12);
    ck_assert_str_eq(answer_cell(&a, "run.csv", 2, "best"), "0");
    ck_assert_str_eq(answer_cell(&a, "run.csv", 3, "best"), "1");
    answer_fini(&a);
}
END_TEST

/* ---- tenures ---- */

#define OWN                                                                                        \
    "--set build.tenure=own --set build.server_gpus=4 --set build.server_price='$40k' "            \
    "--set build.life='4 years' --set build.residual=10% --set build.cost_of_capital=8% "
#define OWNED                                                                                      \
    "--set build.tenure=owned --set build.server_gpus=4 --set build.opportunity='$1.25/hour' "
#define SITE                                                                                       \
    "--set gpu.clock.power_busy='700 W' --set gpu.clock.power_idle='100 W' "                       \
    "--set build.power_price='$0.12/kWh' --set build.pue=1.25 "                                    \
    "--set build.server_overhead='900 W' --set build.colocation='$195/kW/month' "                  \
    "--set build.software='$30/GPU/month' --set build.fixed='$101/month' "                         \
    "--set build.storage='$52/month' --set build.egress='$23/month' "

/* A payment a month that repays 1 over n months at 8 % a year, but for what is back at the end. */
static double payment(double months, double back_frac)
{
    const double i = pow(1.08, 1 / 12.0) - 1, discount = pow(1 + i, -months);
    return (1 - back_frac * discount) * i / (1 - discount);
}

/* kWh of one watt in a month, at PUE 1.25 and $0.12. */
static const double USD_PER_W = 1e-3 * 1.25 * 730 * 0.12;

/* A busy GPU without memory traffic or flops draws a quarter of the way from idle to busy. */
static double drawn_w(double busy)
{
    return 100 + (700 - 100) * busy / 4;
}

/* 4 + 1 + 1 GPUs fill two servers of 4, and two GPUs more stand idle in them. */
START_TEST(servers_of_ones_own)
{
    struct answer a = answer_of("run", BASE, NULL, OWN SITE "--set build.maintenance=6%");
    const double gpu = 40e3 / 4 * payment(48, 0.1), w = drawn_w(PLAN / (5 * REPLICA));
    const double gpus[] = { 4 * gpu, gpu, gpu, 2 * gpu };
    const double power[] = { 5 * w * USD_PER_W, 3 * 100 * USD_PER_W, 2 * 900 * USD_PER_W };
    const double site[] = { (8 * 0.7 + 2 * 0.9) * 195, 0.06 * 80e3 / 12, 52, 23 };
    const double people = 5000, once = 12e3 * payment(12, 0), software[] = { 8 * 30, 101 };
    double sum = people + once;
    for (int i = 0; i < 4; i++)
        sum += gpus[i] + site[i] + (i < 3 ? power[i] : 0) + (i < 2 ? software[i] : 0);
    CK_BILL(&a, "options[0].bill", 6, { "gpus", gpus[0] }, { "gpus", gpus[1] }, { "gpus", gpus[2] },
            { "gpus", gpus[3] }, { "power", power[0] }, { "power", power[1] },
            { "power", power[2] }, { "site", site[0] }, { "site", site[1] },
            { "software", software[0] }, { "software", software[1] }, { "site", site[2] },
            { "site", site[3] }, { "people", people }, { "one_off", once },
            { "contingency", 0.1 * sum });
    answer_ck_near(&a, "options[0].n_gpus", 8, 0);
    answer_ck_near(&a, "options[0].week_mean_w_per_gpu", w, 1e-6);
    answer_fini(&a);
}
END_TEST

/* What the GPUs would earn otherwise is in the bill, and contingency is not taken of it. */
START_TEST(gpus_that_are_there)
{
    struct answer a = answer_of("run", BASE, NULL, OWNED SITE);
    const double gpu = 1.25 * HOURS, w = drawn_w(PLAN / (5 * REPLICA));
    const double rest = (5 * w + 3 * 100 + 2 * 900) * USD_PER_W + (8 * 0.7 + 2 * 0.9) * 195 + 52 +
                        23 + 8 * 30 + 101 + 5000 + 1000;
    answer_ck_near(&a, "options[0].usd_month", 8 * gpu + 1.1 * rest, 1e-9);
    answer_ck_near(&a, "options[0].bill.items[3].micro_usd", 2e6 * gpu, 1e-12);
    answer_fini(&a);
}
END_TEST

/* 0.5 FTE, 1.5 above 5 GPUs, 4 above 6: of 6 GPUs, 1.5. */
START_TEST(people_come_in_steps)
{
    struct answer a = answer_of("run", BASE, NULL,
                                "--set build.staff='0.5 FTE, 1.5 FTE above 5 GPUs, 4 FTE above 6 "
                                "GPUs' --set build.staff_scale=2 --set buy.staff_scale=3 "
                                "--set buy.salary='$60k/year'");
    answer_ck_near(&a, "options[0].bill.items[3].micro_usd", 2e6 * 1.5 * 10e3, 1e-12);
    answer_ck_near(&a, "buy.bill.items[2].micro_usd", 3e6 * 0.1 * 5e3, 1e-12);
    answer_fini(&a);
}
END_TEST

/* ---- buying ---- */

/* Retries repeat the whole bill of tokens, tiers are of what is then spent, the discount is of what
 * is then left, and the commitment is topped up before fixed costs, people and one-offs. */
START_TEST(discounts_come_in_their_order)
{
    struct answer a = answer_of(
        "run", BASE, NULL,
        "--set workload.retries=10% --set buy.batch=40% --set api.acme/chat.batch_discount=50% "
        "--set api.acme/chat.tiers='5% above $10k, 10% above $15k' --set buy.discount=12% "
        "--set buy.committed='$25k/month' --set buy.fixed='$77/month' --set buy.one_off='$6k' "
        "--set buy.contingency=3%");
    const double in = PLAN * 5e-6, out = PLAN * 100 * 200e-6, batch = 0.5 * 0.4 * (in + out);
    const double again = 0.1 * (in + out - batch), spent = in + out - batch + again;
    const double tiers = 5e3 * 0.05 + (spent - 15e3) * 0.1, off = 0.12 * (spent - tiers);
    const double missing = 25e3 - (spent - tiers - off);
    CK_BILL(&a, "buy.bill", 0, { "tokens", in }, { "tokens", out }, { "discount", -batch },
            { "tokens", again }, { "discount", -tiers }, { "discount", -off },
            { "tokens", missing }, { "software", 77 }, { "people", 1000 }, { "one_off", 500 },
            { "contingency", 0.03 * (25e3 + 77 + 1000 + 500) });
    /* A host of the same weights gives its own discounts (none) and takes no commitment. */
    const double same = 1.1 * PLAN * 0.006003;
    answer_ck_near(&a, "same.usd_month", 1.03 * (same + 77 + 1000 + 500), 1e-9);
    answer_fini(&a);
}
END_TEST

/* A quarter of the requests is asked again at the API: its discount holds, its commitment, people
 * and fixed costs do not. Whoever builds or buys the same weights pays it on top. */
START_TEST(what_is_asked_again_is_paid_twice)
{
    struct answer a = answer_of("run", BASE, NULL,
                                "--set build.escalated=25% --set buy.discount=20% "
                                "--set buy.committed='$30k/month' --set buy.fixed='$77/month'");
    const double again = 0.25 * PLAN * 0.020005 * 0.8;
    answer_ck_near(&a, "options[0].usd_month", 1.1 * (6 * RENT + 6000 + again), 1e-12);
    answer_ck_near(&a, "same.usd_month", PLAN * 0.006003 + again + 77 + 1000, 1e-12);
    answer_ck_near(&a, "buy.usd_month", 30e3 + 77 + 1000, 1e-12);
    ck_assert_str_eq(answer_string(&a, "options[0].bill.items[3].group"), "tokens");
    answer_ck_near(&a, "options[0].bill.items[3].micro_usd", 1e6 * again, 1e-12);
    answer_fini(&a);
}
END_TEST

/* 64 tokens of prompt, 48 of them in the cache; an API that counts 1.25 tokens for each of ours in
 * a prompt and 0.8 in an answer; prices scaled by 1.5. */
START_TEST(tokens_are_counted_as_the_api_counts_them)
{
    struct answer a = answer_of("run", BASE, NULL,
                                "--set workload.prompt='64 tokens' "
                                "--set workload.shared_prefix='48 tokens' "
                                "--set api.acme/chat.cached_input='$0.5/Mtok' "
                                "--set api.acme/chat.tokens_ratio_input=1.25 "
                                "--set buy.api_tokens_ratio_output=0.8 --set buy.price_scale=1.5");
    CK_BILL(&a, "buy.bill", 0, { "tokens", PLAN * 16 * 1.25 * 5e-6 * 1.5 },
            { "tokens", PLAN * 48 * 1.25 * 0.5e-6 * 1.5 },
            { "tokens", PLAN * 100 * 0.8 * 200e-6 * 1.5 }, { "people", 1000 });
    /* The host serves our model, with our tokens; it has no price of its own for cached input. */
    answer_ck_near(&a, "same.usd_month", PLAN * (64 * 3e-6 + 100 * 60e-6) * 1.5 + 1000, 1e-12);
    answer_ck_near(&a, "cached_per_request", 48, 1e-12);
    answer_fini(&a);
}
END_TEST

/* Of several APIs the cheapest is bought, unless the busiest minute is above its limits; where all
 * are limited, the cheapest again. */
START_TEST(the_cheapest_api_that_carries_the_load)
{
    static const char *const other = "[api acme/slow]\nlike = none\ninput = $6/Mtok\n"
                                     "output = $150/Mtok\nrequests_per_minute = %s requests/min\n"
                                     "source = made up\nas_of = 2026-11-22\n";
    static const struct {
        const char *limit, *options;
        double usd;
        bool limited;
    } cases[] = {
        { "2.3", "", 0.015006, false },
        { "2.2", "", 0.020005, false },
        { "2.2", "--set api.acme/chat.requests_per_minute='2.1 requests/min'", 0.015006, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char more[400], options[200];
        snprintf(more, sizeof more, other, cases[i].limit);
        snprintf(options, sizeof options, SMALL "--set buy.api='acme/chat, acme/slow' %s",
                 cases[i].options);
        struct answer a = answer_of("run", BASE, more, options);
        answer_ck_near(&a, "buy.usd_month", 1e5 * cases[i].usd + 1000, 1e-12);
        ck_assert(answer_is(&a, "buy_limited") == cases[i].limited);
        answer_fini(&a);
    }
}
END_TEST

/* 100,000 requests a month of 43,800 minutes are 2.2831 a minute, of 101 tokens 230.59 tokens; of
 * Poisson arrivals the busiest minute has three standard deviations of its count more. */
static const struct {
    const char *options;
    double requests; /* of the busiest minute */
    bool limited;
} minutes[] = {
    { SMALL "--set api.acme/chat.requests_per_minute='2.28 requests/min'", 1e5 / 43800, true },
    { SMALL "--set api.acme/chat.requests_per_minute='2.29 requests/min'", 1e5 / 43800, false },
    { SMALL "--set api.acme/chat.tokens_per_minute='230 tokens/min'", 1e5 / 43800, true },
    { SMALL "--set api.acme/chat.tokens_per_minute='231 tokens/min'", 1e5 / 43800, false },
    /* with 10 % of calls repeated 2.511 */
    { SMALL "--set workload.retries=10% "
            "--set api.acme/chat.requests_per_minute='2.51 requests/min'",
      1.1e5 / 43800, true },
    /* 42,000 minutes: 2.381 */
    { SMALL "--set scenario.hours_per_month='700 h' "
            "--set api.acme/chat.requests_per_minute='2.38 requests/min'",
      1e5 / 42000, true },
    /* Poisson: 2.283 and 3 x 1.511 */
    { SMALL "--set workload.arrivals=poisson --set slo.e2e_p95='20 s' "
            "--set api.acme/chat.requests_per_minute='6.81 requests/min'",
      1e5 / 43800 + 3 * 1.510995, true },
    { SMALL "--set workload.arrivals=poisson --set slo.e2e_p95='20 s' "
            "--set api.acme/chat.requests_per_minute='6.82 requests/min'",
      1e5 / 43800 + 3 * 1.510995, false },
    /* in a burst, 2.143 times the mean: 4.892 */
    { SMALL BURSTS "--set api.acme/chat.requests_per_minute='4.89 requests/min'",
      1e5 / 43800 * 3 / 1.4, true },
    { SMALL BURSTS "--set api.acme/chat.requests_per_minute='4.9 requests/min'",
      1e5 / 43800 * 3 / 1.4, false },
};

START_TEST(rate_limits_hold_in_the_busiest_minute)
{
    struct answer a = answer_of("run", BASE, NULL, minutes[_i].options);
    answer_ck_near(&a, "busiest_minute_requests", minutes[_i].requests, 1e-6);
    answer_ck_near(&a, "busiest_minute_tokens", minutes[_i].requests * 101, 1e-6);
    ck_assert(answer_is(&a, "buy_limited") == minutes[_i].limited);
    answer_fini(&a);
}
END_TEST

/* Three quarters of requests go to the one API with 100 tokens of output, a quarter to the other
 * with 60; the host of our weights takes all. Each account has a limit of its own: 17.12 and 5.71
 * requests a minute. */
START_TEST(classes_have_apis_of_their_own)
{
    static const char *const classes = "[class chat]\nweight = 3\n"
                                       "[class note]\nweight = 1\noutput = 60 tokens\n"
                                       "api = host/tiny\n";
    static const struct {
        const char *limit;
        bool limited;
    } cases[] = {
        { "--set api.acme/chat.requests_per_minute='1.72 requests/min' "
          "--set api.host/tiny.tokens_per_minute='35 tokens/min'",
          false },
        { "--set api.host/tiny.tokens_per_minute='34 tokens/min'", true },
        { "--set api.acme/chat.requests_per_minute='1.71 requests/min'", true },
    };
    const double minute = 1e5 / 43800;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char options[300];
        snprintf(options, sizeof options,
                 SMALL "--set build.replicas=2 --set slo.e2e_p95='60 s' %s", cases[i].limit);
        struct answer a = answer_of("run", BASE, classes, options);
        CK_BILL(&a, "buy.bill", 0, { "tokens", 0.75 * 1e5 * 5e-6 },
                { "tokens", 0.75 * 1e5 * 100 * 200e-6 }, { "tokens", 0.25 * 1e5 * 3e-6 },
                { "tokens", 0.25 * 1e5 * 60 * 60e-6 }, { "people", 1000 });
        answer_ck_near(&a, "same.usd_month", 1e5 * (3e-6 + (0.75 * 100 + 0.25 * 60) * 60e-6) + 1000,
                       1e-9);
        answer_ck_near(&a, "output_per_request", 0.75 * 100 + 0.25 * 60, 1e-9);
        answer_ck_near(&a, "busiest_minute_requests", minute, 1e-9);
        answer_ck_near(&a, "busiest_minute_tokens", minute * (0.75 * 101 + 0.25 * 61), 1e-9);
        ck_assert(answer_is(&a, "buy_limited") == cases[i].limited);
        answer_fini(&a);
    }
}
END_TEST

/* Requests of 101 tokens, to those who take 100 and 101: they are refused and not billed, or
 * served. */
START_TEST(who_takes_no_such_request_is_not_bought)
{
    struct answer a = answer_of("run", BASE, NULL,
                                SMALL "--set api.host/tiny.context='100 tokens' "
                                      "--set api.acme/chat.context='101 tokens'");
    answer_ck_null(&a, "same.usd_month");
    ck_assert(!answer_is(&a, "buy_limited"));
    answer_ck_near(&a, "buy_unserved.frac", 0, 0);
    answer_ck_near(&a, "buy.usd_month", 1e5 * 0.020005 + 1000, 1e-12);
    answer_fini(&a);
    a = answer_of("run", BASE, NULL, SMALL "--set api.acme/chat.context='100 tokens'");
    ck_assert(answer_is(&a, "buy_limited"));
    answer_ck_near(&a, "buy_unserved.frac", 1, 0);
    answer_ck_near(&a, "buy_unserved.longest_tokens", 100, 0);
    answer_ck_near(&a, "buy.usd_month", 1000, 1e-12);
    answer_ck_near(&a, "same.usd_month", 1e5 * 0.006003 + 1000, 1e-12);
    answer_fini(&a);
}
END_TEST

/* An invoice of 2.2 M tokens in and 99 M out: $11 and $19,800 by the tariff, 10 % off; its requests
 * count repeated calls already, and people and gateways are not on it. */
START_TEST(an_invoice_is_rebuilt)
{
    struct answer a = answer_of("check", BASE,
                                "[actual]\nmonth = 2026-10\nrequests = 1.1M\n"
                                "prompt_tokens = 2.2M tokens\noutput_tokens = 99M tokens\n"
                                "invoice = $20k\n",
                                "--set buy.discount=10% --set workload.retries=10% "
                                "--set buy.fixed='$500/month'");
    answer_ck_says(&a, "2.2 M at $5.00/Mtok $11");
    answer_ck_says(&a, "99 M at $200.00/Mtok $19,800");
    answer_ck_says(&a, "tariff $17,830, invoice $20,000: -10.9 %"); /* 17,829.9 */
    answer_ck_says(&a, "input tokens a request: 2 in that month, 1 planned");
    answer_ck_says(&a, "output tokens a request: 90 in that month, 100 planned");
    answer_fini(&a);
}
END_TEST

/* ---- the week ---- */

/* Hours from 12 to 18 have three times the load of the others, weekends half that of weekdays.
 * Weights of the week: 5 x 36 + 2 x 18 = 216 over 168 hours, a mean of 9/7; factors 7/9, 7/3, 7/18
 * and 7/6. The busiest hour takes 1 M x 1.2 x 7/3 = 2.8 M a month, 11 replicas; 9 without headroom.
 */
#define WEEK                                                                                       \
    "--set workload.profile=custom --set workload.hours='1 1 1 1 1 1 1 1 1 1 1 1 3 3 3 3 3 3 1 1 " \
    "1 1 1 1' --set workload.days='1 1 1 1 1 0.5 0.5' "

static double hour_factor(int hour_of_week)
{
    const int day = hour_of_week / 24, hour = hour_of_week % 24;
    return (hour >= 12 && hour < 18 ? 3 : 1) * (day >= 5 ? 0.5 : 1) * 7 / 9;
}

START_TEST(each_hour_has_its_own_load)
{
    struct answer a = answer_of("run", BASE, NULL, WEEK OWN SITE);
    const double share = PLAN / (11 * REPLICA);
    answer_ck_near(&a, "peak_factor", 7.0 / 3, 1e-12);
    answer_ck_near(&a, "options[0].serving_replicas", 9, 0);
    answer_ck_near(&a, "options[0].headroom_replicas", 2, 0);
    answer_ck_near(&a, "options[0].load_frac", PLAN / (12 * REPLICA), 1e-9);
    answer_ck_near(&a, "options[0].week_busy_frac", share, 1e-3);
    answer_ck_near(&a, "options[0].week_mean_w_per_gpu", drawn_w(share), 1e-3);
    answer_ck_near(&a, "options[0].capacity.requests_month", 9 * REPLICA / (7.0 / 3), 1e-9);
    answer_ck_near(&a, "busiest_minute_requests", 1e6 / 43800 * 7 / 3, 1e-9);
    answer_ck_near(&a, "metrics.goodput_per_s", 1e6 / (730 * 3600) * 7 / 3, 2e-3);
    for (int h = 0; h < 168; h += 5) {
        const bool busiest = hour_factor(h) > 2;
        ck_assert_int_eq(atoi(answer_cell(&a, "hours.csv", h, "hour_of_week")), h);
        ck_assert_int_eq(atoi(answer_cell(&a, "hours.csv", h, "hour")), h % 24);
        ck_assert_double_eq_tol(atof(answer_cell(&a, "hours.csv", h, "load_frac")),
                                hour_factor(h) * share, 1e-9);
        ck_assert_double_eq_tol(atof(answer_cell(&a, "hours.csv", h, "busy_frac")),
                                hour_factor(h) * share, 2e-3);
        ck_assert_double_eq(atof(answer_cell(&a, "hours.csv", h, "attained_frac")), 1);
        ck_assert_str_eq(answer_cell(&a, "hours.csv", h, "reading"),
                         busiest ? "simulated" : "steady");
    }
    answer_fini(&a);
}
END_TEST

/* One hour of the week is four times as busy as the other 167: 4 x 168 / 171 times the mean. */
START_TEST(a_spike_is_the_busiest_hour)
{
    struct answer a =
        answer_of("run", BASE, "[spike launch]\nstart = Mon 09:00\nlength = 1 h\nfactor = 4\n",
                  "--set workload.volume='200k requests/month'");
    const double peak = 4 * 168.0 / 171, share = 200e3 / (4 * REPLICA);
    answer_ck_near(&a, "peak_factor", peak, 1e-9);
    answer_ck_near(&a, "options[0].serving_replicas", 3, 0); /* 2.99, and 3.59 with headroom */
    answer_ck_near(&a, "options[0].headroom_replicas", 1, 0);
    ck_assert_double_eq_tol(atof(answer_cell(&a, "hours.csv", 9, "load_frac")), share * peak, 1e-9);
    ck_assert_str_eq(answer_cell(&a, "hours.csv", 9, "reading"), "simulated");
    ck_assert_double_eq_tol(atof(answer_cell(&a, "hours.csv", 10, "load_frac")), share * peak / 4,
                            1e-9);
    ck_assert_str_eq(answer_cell(&a, "hours.csv", 10, "reading"), "steady");
    answer_fini(&a);
}
END_TEST

/* An SLO over the month: only 5 % of requests may be late, and more come in the busiest hours (540
 * of 1,512 parts on weekdays), so that those must be kept up with all the same. */
START_TEST(over_a_month_no_hour_is_the_busiest)
{
    struct answer a = answer_of("run", BASE, NULL, WEEK "--set slo.window=month");
    answer_ck_near(&a, "options[0].serving_replicas", 9, 0);
    ck_assert_str_eq(answer_cell(&a, "hours.csv", 12, "reading"), "steady");
    answer_fini(&a);
}
END_TEST

static Suite *analytic_suite(void)
{
    Suite *suite = suite_create("analytic_run");
    TCase *tc = tcase_create("plan");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, each_bill_by_its_items);
    tcase_add_test(tc, the_fleet_is_as_busy_as_its_work);
    tcase_add_test(tc, the_week_is_read_off_the_fleet_of_the_plan);
    suite_add_tcase(suite, tc);
    tc = tcase_create("buying");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, discounts_come_in_their_order);
    tcase_add_test(tc, what_is_asked_again_is_paid_twice);
    tcase_add_test(tc, who_takes_no_such_request_is_not_bought);
    tcase_add_test(tc, an_invoice_is_rebuilt);
    tcase_add_test(tc, tokens_are_counted_as_the_api_counts_them);
    suite_add_tcase(suite, tc);
    tc = tcase_create("tenure");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, servers_of_ones_own);
    tcase_add_test(tc, gpus_that_are_there);
    tcase_add_test(tc, people_come_in_steps);
    suite_add_tcase(suite, tc);
    tc = tcase_create("week");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, each_hour_has_its_own_load);
    tcase_add_test(tc, a_spike_is_the_busiest_hour);
    tcase_add_test(tc, over_a_month_no_hour_is_the_busiest);
    suite_add_tcase(suite, tc);
    tc = tcase_create("fleet");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, the_smallest_fleet_is_bought, 0, sizeof fleets / sizeof *fleets);
    tcase_add_test(tc, a_fixed_fleet_that_is_too_small_has_no_bill);
    tcase_add_test(tc, a_larger_fleet_carries_no_less);
    tcase_add_test(tc, a_fleet_that_falls_behind_stays_behind);
    tcase_add_test(tc, who_is_refused_comes_before_the_late_ones);
    tcase_add_test(tc, the_cheapest_option_is_bought);
    suite_add_tcase(suite, tc);
    tc = tcase_create("limits");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, rate_limits_hold_in_the_busiest_minute, 0,
                        sizeof minutes / sizeof *minutes);
    tcase_add_test(tc, classes_have_apis_of_their_own);
    tcase_add_test(tc, the_cheapest_api_that_carries_the_load);
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
