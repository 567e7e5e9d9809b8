/* test_analytic_sweep.c - `sweep` of a deployment whose every sample can be worked out by hand, and
 * whose distributions have a closed form: tests/data/analytic.ini says why.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "by_hand.h"

enum { MOST_GROUPS = 64 };
static const double MIN_VOLUME = 0.1e6, MAX_VOLUME = 6e6;

/* ---- columns of samples, and what is read off them ---- */

/* The samples of the distribution: all that are not "A with KEY of B". */
static bool is_drawn(const struct csv *samples, int row)
{
    return strlen(csv_text(samples, row, "row")) == 1;
}

static int count_drawn(const struct csv *samples)
{
    int n = 0;
    for (int row = 0; row < samples->n_rows; row++)
        n += is_drawn(samples, row);
    return n;
}

/* A column of the samples of the distribution, on the heap. */
static double *column_of(const struct csv *samples, const char *column)
{
    double *y = malloc((size_t)samples->n_rows * sizeof *y);
    int n = 0;
    for (int row = 0; row < samples->n_rows; row++)
        if (is_drawn(samples, row))
            y[n++] = csv_number(samples, row, column);
    return y;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The smallest value that a share q of y[n] does not exceed. */
static double quantile_of(const double y[], int n, double q)
{
    double *sorted = malloc((size_t)n * sizeof *sorted);
    memcpy(sorted, y, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    const double value = sorted[(int)ceil(q * n - 1e-9) - 1];
    free(sorted);
    return value;
}

static double mean_of(const double y[], int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += y[i];
    return sum / n;
}

static double variance_of(const double y[], int n)
{
    const double mean = mean_of(y, n);
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (y[i] - mean) * (y[i] - mean);
    return sum / (n - 1);
}

struct interval {
    double mid, lo, hi;
};

/* Student's t for 95 %, of so many groups: a table's value for one degree of freedom less. */
static double student(int groups)
{
    static const double table[] = { 12.706205, 4.302653, 3.182446, 2.776445, 2.570582,
                                    2.446912,  2.364624, 2.306004, 2.262157 };
    return groups == 40 ? 2.022691 : groups == 20 ? 2.093024 : table[groups - 2];
}

/* Independent groups of a sample say the same thing each: their mean is known to t s / sqrt(n). */
static struct interval of_groups(double mid, const double of_group[], int groups)
{
    const double half = student(groups) * sqrt(variance_of(of_group, groups) / groups);
    return (struct interval){ mid, mid - half, mid + half };
}

/* Delete-one jackknife: without[g] is the answer without group g (Efron and Tibshirani 1993, 11.5).
 */
static struct interval of_jackknife(double mid, const double without[], int groups)
{
    const double se = sqrt(variance_of(without, groups) * (groups - 1) * (groups - 1) / groups);
    return (struct interval){ mid, mid - student(groups) * se, mid + student(groups) * se };
}

static struct interval mean_interval(const double y[], int n, int groups)
{
    double of_group[MOST_GROUPS];
    for (int g = 0; g < groups; g++)
        of_group[g] = mean_of(y + g * (n / groups), n / groups);
    return of_groups(mean_of(y, n), of_group, groups);
}

/* Of none or of all, Wilson's interval of n independent ones: J. Am. Stat. Assoc. 22, 1927. */
static struct interval share_interval(const double y[], int n, int groups)
{
    const double share = mean_of(y, n), z2 = 1.959964 * 1.959964;
    if (share == 0)
        return (struct interval){ 0, 0, z2 / (n + z2) };
    if (share == 1)
        return (struct interval){ 1, n / (n + z2), 1 };
    struct interval i = mean_interval(y, n, groups);
    i.lo = fmax(i.lo, 0);
    i.hi = fmin(i.hi, 1);
    return i;
}

static struct interval quantile_interval(const double y[], int n, double q, int groups)
{
    double of_group[MOST_GROUPS];
    for (int g = 0; g < groups; g++)
        of_group[g] = quantile_of(y + g * (n / groups), n / groups, q);
    return of_groups(quantile_of(y, n, q), of_group, groups);
}

/* Volumes vary by ratios. Where some group has none within the range, its quantiles' range. */
static struct interval volume_interval(const double y[], int n, double q, int groups)
{
    const double all = quantile_of(y, n, q);
    double logs[MOST_GROUPS], lo = all, hi = all;
    for (int g = 0; g < groups; g++) {
        const double of_group = quantile_of(y + g * (n / groups), n / groups, q);
        logs[g] = log(of_group);
        lo = fmin(lo, of_group);
        hi = fmax(hi, of_group);
    }
    if (lo == 0 || isinf(hi))
        return (struct interval){ all, lo, hi };
    const struct interval i = of_groups(log(all), logs, groups);
    return (struct interval){ all, exp(i.lo), exp(i.hi) };
}

/* The number there; INFINITY for "never". */
static double volume_at(const struct answer *a, const char *path)
{
    const json_t *at = answer_at(a, path);
    return json_is_string(at) && strcmp(json_string_value(at), "never") == 0
               ? (double)INFINITY
               : answer_number(a, path);
}

static void check_interval(const struct answer *a, const char *path, struct interval right,
                           double tolerance)
{
    const struct {
        const char *end;
        double right;
    } ends[] = { { "estimate", right.mid }, { "lo", right.lo }, { "hi", right.hi } };
    for (int i = 0; i < 3; i++) {
        char at[96];
        snprintf(at, sizeof at, "%s.%s", path, ends[i].end);
        ck_near(volume_at(a, at), ends[i].right, tolerance, "%s", at);
    }
}

/* ---- every sample, by hand ---- */

/* Money, fleets and a rate: prompts, outputs and limits stay as they are. */
static const char seven_inputs[] = "samples = 1000\n"
                                   "sampling = latin\n"
                                   "indices = given-data\n"
                                   "[uncertain]\n"
                                   "workload.volume = uniform(200k, 2M) requests/month\n"
                                   "build.rent = uniform(0, 4) USD/hour\n"
                                   "buy.price_scale = lognormal(p50=1, p95=1.6)\n"
                                   "build.spare_replicas = discrete(0:1, 1:2, 2:1)\n"
                                   "workload.retries = uniform(0%, 20%)\n";

static struct by_hand world_of(const struct csv *samples, int row)
{
    return (struct by_hand){
        .rent_usd_hour = csv_number(samples, row, "build.rent"),
        .price_scale = csv_number(samples, row, "buy.price_scale"),
        .step_scale = csv_number(samples, row, "build.step_scale"),
        .retries = csv_number(samples, row, "workload.retries"),
        .spare_replicas = csv_number(samples, row, "build.spare_replicas"),
    };
}

static void check_sample(const struct csv *samples, int row)
{
    const struct by_hand w = world_of(samples, row);
    const double volume = csv_number(samples, row, "workload.volume");
    const struct by_hand_crossings c = by_hand_crossings(&w, MIN_VOLUME, MAX_VOLUME);
    const double buy = by_hand_buy_usd(&w, volume), build = by_hand_build_usd(&w, volume);
    const double replicas = by_hand_fleet(&w, volume) + w.spare_replicas;
    const struct {
        const char *column;
        double right;
    } columns[] = {
        { "crossover", c.first },
        { "stays_above", c.last },
        { "n_crossings", c.n },
        { "volume", volume },
        { "buy_usd", buy },
        { "same_usd", by_hand_same_usd(&w, volume) },
        { "build_usd", build },
        { "saving_usd", buy - build },
        { "replicas", replicas },
        { "gpus", replicas },
        { "option", 0 },
        { "api", 0 },
        { "buy_limited", 0 },
        { "noise_usd", 0 }, /* capacities are exact */
        /* Of the fleet as planned, five replicas and a spare, at this sample's rent. */
        { "idle_usd", by_hand_fleet_usd(&w, by_hand_fleet(&as_typed, 1e6) + 1) },
    };
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        ck_near(csv_number(samples, row, columns[i].column), columns[i].right, 1e-6,
                "%s of sample %d", columns[i].column, row);
}

/* Fleets of this deployment carry exactly N times what a replica does, so that simulations add no
 * noise and no interval is widened by them. */
static struct answer seven;
static struct csv seven_samples;
enum { N_SEVEN = 1000 };

static void ask_seven(void)
{
    seven = answer_of("sweep", ANALYTIC, seven_inputs, NULL);
    seven_samples = csv_of(&seven, "samples.csv");
}

static void drop_seven(void)
{
    csv_fini(&seven_samples);
    answer_fini(&seven);
}

START_TEST(every_sample_is_what_its_inputs_give)
{
    const struct csv *samples = &seven_samples;
    ck_assert_int_eq(samples->n_rows, N_SEVEN);
    for (int row = 0; row < samples->n_rows; row++) {
        ck_near(csv_number(samples, row, "sample"), row, 0, "sample");
        ck_near(csv_number(samples, row, "base_point"), row, 0, "base_point");
        ck_assert_str_eq(csv_text(samples, row, "row"), "A");
        check_sample(samples, row);
    }
}
END_TEST

/* ---- inputs ---- */

/* Quantiles by hand: from z, the normal quantile of u, where the law is lognormal. */
static double volume_law(double u, double z)
{
    (void)z;
    return 200e3 + 1800e3 * u;
}
static double rent_law(double u, double z)
{
    (void)z;
    return 4 * u;
}
static double price_law(double u, double z) /* its P95 is 1.6 times its median */
{
    (void)u;
    return exp(log(1.6) * z / 1.644854);
}
static double spares_law(double u, double z)
{
    (void)z;
    return u < 0.25 ? 0 : u < 0.75 ? 1 : 2;
}
static double retries_law(double u, double z)
{
    (void)z;
    return 0.2 * u;
}

static const struct {
    const char *name, *unit, *reach;
    double (*law)(double u, double z);
    double base, base_quantile;
} inputs[] = {
    { "workload.volume", "requests/month", "exact", volume_law, 1e6, 0.8 / 1.8 },
    { "build.rent", "USD/hour", "money", rent_law, 2, 0.5 },
    { "buy.price_scale", "factor", "money", price_law, 1, 0.5 },
    { "build.spare_replicas", "", "money", spares_law, 1, 0.5 }, /* 1 is a quarter to three */
    { "workload.retries", "share", "exact", retries_law, 0, 0 },
};
enum { N_INPUTS = sizeof inputs / sizeof inputs[0] };

START_TEST(every_input_is_listed_with_its_quantiles)
{
    static const struct {
        const char *column;
        double u, z;
    } quantiles[] = {
        { "p05", 0.05, -1.644854 }, { "p10", 0.1, -1.281552 }, { "p50", 0.5, 0 },
        { "p90", 0.9, 1.281552 },   { "p95", 0.95, 1.644854 },
    };
    struct csv t = csv_of(&seven, "sweep.csv");
    ck_assert_int_eq(t.n_rows, N_INPUTS + 1);
    for (int i = 0; i < N_INPUTS; i++) {
        ck_assert_str_eq(csv_text(&t, i, "input"), inputs[i].name);
        ck_assert_str_eq(csv_text(&t, i, "unit"), inputs[i].unit);
        ck_assert_str_eq(csv_text(&t, i, "reach"), inputs[i].reach);
        ck_assert_str_eq(csv_text(&t, i, "implied"), "0");
        ck_near(csv_number(&t, i, "base"), inputs[i].base, 1e-9, "base of %s", inputs[i].name);
        ck_near(csv_number(&t, i, "base_quantile"), inputs[i].base_quantile, 1e-9,
                "base quantile of %s", inputs[i].name);
        for (int q = 0; q < 5; q++)
            ck_near(csv_number(&t, i, quantiles[q].column),
                    inputs[i].law(quantiles[q].u, quantiles[q].z), 1e-6, "%s of %s",
                    quantiles[q].column, inputs[i].name);
    }
    ck_assert_str_eq(csv_text(&t, N_INPUTS, "input"), "build.step_scale");
    ck_assert_str_eq(csv_text(&t, N_INPUTS, "reach"), "step");
    ck_assert_str_eq(csv_text(&t, N_INPUTS, "implied"), "1");
    csv_fini(&t);
}
END_TEST

/* A hypercube of 100 has one point in each hundredth of the law, so that its kth smallest value
 * lies between quantiles k/100 and (k + 1)/100. _i: which input. */
START_TEST(each_hypercube_covers_the_law_of_each_input)
{
    enum { N = N_SEVEN / 10 };
    double *y = column_of(&seven_samples, inputs[_i].name);
    for (int cube = 0; cube < 10; cube++) {
        qsort(y + cube * N, N, sizeof *y, by_value);
        for (int k = 0; k < N; k++) {
            const double lo = (double)k / N, hi = (double)(k + 1) / N, at = y[cube * N + k];
            if (inputs[_i].law == price_law) { /* the share below, for a law in z */
                const double u = 0.5 * erfc(-log(at) / log(1.6) * 1.644854 / sqrt(2));
                ck_near(u, (lo + hi) / 2, 0.5 / N + 1e-6, "a share below");
            } else if (at < inputs[_i].law(lo, 0) - 1e-9 || at > inputs[_i].law(hi, 0) + 1e-9)
                ck_abort_msg("%g is not in stratum %d", at, k);
        }
    }
    free(y);
}
END_TEST

/* ---- what is read off the samples ---- */

/* What choosing to build saves: who finds the fleet dearer than buying buys, and has paid for the
 * planned fleet in vain. */
static double *chosen_of(const struct csv *samples)
{
    double *y = column_of(samples, "saving_usd"), *idle = column_of(samples, "idle_usd");
    for (int i = 0; i < count_drawn(samples); i++)
        y[i] = fmax(y[i], -idle[i]);
    free(idle);
    return y;
}

/* 1 where `lo` < y <= `hi`, else 0. */
static double *between(const double y[], int n, double lo, double hi)
{
    double *is = malloc((size_t)n * sizeof *is);
    for (int i = 0; i < n; i++)
        is[i] = y[i] > lo && y[i] <= hi;
    return is;
}

static void check_share(const struct answer *a, const char *path, const double y[], int n,
                        double lo, double hi)
{
    double *is = between(y, n, lo, hi);
    check_interval(a, path, share_interval(is, n, 10), 1e-6);
    free(is);
}

START_TEST(crossings_and_shares_are_those_of_the_samples)
{
    static const char *const names[] = { "crossover", "stays_above" };
    for (int k = 0; k < 2; k++) {
        double *y = column_of(&seven_samples, names[k]);
        const double q[] = { 0.05, 0.5, 0.95 };
        for (int i = 0; i < 3; i++) {
            char path[64];
            snprintf(path, sizeof path, "%s_requests_month.p%02.0f", names[k], 100 * q[i]);
            check_interval(&seven, path, volume_interval(y, N_SEVEN, q[i], 10), 1e-6);
        }
        free(y);
    }
    double *y = column_of(&seven_samples, "crossover");
    check_share(&seven, "crossing_exists_share", y, N_SEVEN, 0, MAX_VOLUME);
    check_share(&seven, "below_range_share", y, N_SEVEN, -1, 0);
    check_share(&seven, "never_share", y, N_SEVEN, MAX_VOLUME, INFINITY);
    free(y);
}
END_TEST

START_TEST(savings_and_regrets_are_those_of_the_samples)
{
    double *saving = column_of(&seven_samples, "saving_usd"), *y = chosen_of(&seven_samples);
    double buying[N_SEVEN], building[N_SEVEN];
    check_share(&seven, "build_wins_share", saving, N_SEVEN, 0, INFINITY);
    double *wins = between(saving, N_SEVEN, 0, INFINITY);
    const struct interval w = mean_interval(wins, N_SEVEN, 10);
    answer_ck_near(&seven, "build_wins_standard_error", (w.hi - w.lo) / 2 / student(10), 1e-6);
    check_interval(&seven, "saving_mean_usd_month", mean_interval(saving, N_SEVEN, 10), 1e-6);
    check_interval(&seven, "saving_p05_usd_month", quantile_interval(saving, N_SEVEN, 0.05, 10),
                   1e-6);
    check_interval(&seven, "saving_p50_usd_month", quantile_interval(saving, N_SEVEN, 0.5, 10),
                   1e-6);
    check_interval(&seven, "saving_p95_usd_month", quantile_interval(saving, N_SEVEN, 0.95, 10),
                   1e-6);
    for (int i = 0; i < N_SEVEN; i++) {
        buying[i] = fmax(y[i], 0);
        building[i] = fmax(-y[i], 0);
    }
    const struct interval buy = mean_interval(buying, N_SEVEN, 10),
                          build = mean_interval(building, N_SEVEN, 10);
    check_interval(&seven, "regret_of_buying_usd_month", buy, 1e-6);
    check_interval(&seven, "regret_of_building_usd_month", build, 1e-6);
    check_interval(&seven, "worth_of_knowing_all_usd_month", buy.mid < build.mid ? buy : build,
                   1e-6);
    answer_ck_near(&seven, "saving_variance_of_inputs", variance_of(saving, N_SEVEN), 1e-6);
    answer_ck_near(&seven, "saving_variance_of_simulation_and_surrogate", 0, 1e-9);
    answer_ck_near(&seven, "infeasible_share", 0, 0);
    answer_ck_near(&seven, "buy_limited_share", 0, 0);
    free(saving);
    free(wins);
    free(y);
}
END_TEST

/* The share that the five largest of 1,000, one in 200, make of a sum of magnitudes. */
static double tail_of(double y[], int n, double sign)
{
    double all = 0, tail = 0;
    for (int i = 0; i < n; i++)
        y[i] = sign == 0 ? fabs(y[i]) : fmax(sign * y[i], 0);
    qsort(y, (size_t)n, sizeof *y, by_value);
    for (int i = 0; i < n; i++) {
        all += y[i];
        tail += i >= n - n / 200 ? y[i] : 0;
    }
    return tail / all;
}

START_TEST(what_the_largest_samples_make_is_told)
{
    static const struct {
        const char *path;
        double sign;
    } tails[] = { { "largest_samples.share_of_regret_of_buying", 1 },
                  { "largest_samples.share_of_regret_of_building", -1 },
                  { "largest_samples.share_of_saving", 0 } };
    answer_ck_near(&seven, "largest_samples.samples", N_SEVEN / 200.0, 0);
    for (int i = 0; i < 3; i++) {
        double *y = tails[i].sign == 0 ? column_of(&seven_samples, "saving_usd")
                                       : chosen_of(&seven_samples);
        answer_ck_near(&seven, tails[i].path, tail_of(y, N_SEVEN, tails[i].sign), 1e-9);
        free(y);
    }
}
END_TEST

/* log10 of crossings, those beyond the range at its end. */
static double *log_crossover_of(const struct csv *samples)
{
    double *y = column_of(samples, "crossover");
    for (int i = 0; i < count_drawn(samples); i++)
        y[i] = log10(fmin(fmax(y[i], MIN_VOLUME), MAX_VOLUME));
    return y;
}

START_TEST(the_three_outputs_have_the_moments_of_the_samples)
{
    double *crossover = column_of(&seven_samples, "crossover"), *y = chosen_of(&seven_samples);
    double *wins = between(y, N_SEVEN, 0, INFINITY), *logs = log_crossover_of(&seven_samples);
    const struct {
        const char *name;
        const double *y;
    } outputs[] = { { "saving", y }, { "build_wins", wins }, { "log10_crossover", logs } };
    double beyond = 0;
    for (int i = 0; i < N_SEVEN; i++)
        beyond += crossover[i] == 0 || isinf(crossover[i]);
    for (int o = 0; o < 3; o++) {
        char path[64];
        snprintf(path, sizeof path, "outputs.%s.mean", outputs[o].name);
        answer_ck_near(&seven, path, mean_of(outputs[o].y, N_SEVEN), 1e-6);
        snprintf(path, sizeof path, "outputs.%s.variance", outputs[o].name);
        answer_ck_near(&seven, path, variance_of(outputs[o].y, N_SEVEN), 1e-6);
        snprintf(path, sizeof path, "outputs.%s.exists", outputs[o].name);
        ck_assert(answer_is(&seven, path));
    }
    answer_ck_near(&seven, "outputs.log10_crossover.censored_share", beyond / N_SEVEN, 1e-9);
    free(crossover);
    free(y);
    free(wins);
    free(logs);
}
END_TEST

/* Whole hypercubes, more and more of them, all of them last. */
START_TEST(convergence_is_what_the_first_hypercubes_say)
{
    double *y = column_of(&seven_samples, "crossover");
    double *saving = column_of(&seven_samples, "saving_usd");
    double *wins = between(saving, N_SEVEN, 0, INFINITY);
    const int n = answer_count(&seven, "convergence");
    ck_assert_int_eq(n, 9); /* 2, 3, ... 10 hypercubes */
    for (int k = 0; k < n; k++) {
        char at[64];
        const int groups = k + 2, rows = groups * 100;
        const struct interval median = volume_interval(y, rows, 0.5, groups),
                              share = share_interval(wins, rows, groups);
        const struct {
            const char *name;
            double right;
        } figures[] = { { "samples", rows },
                        { "crossover_p50_requests_month", median.mid },
                        { "crossover_p50_lo", median.lo },
                        { "crossover_p50_hi", median.hi },
                        { "build_wins_share", share.mid },
                        { "build_wins_lo", share.lo },
                        { "build_wins_hi", share.hi } };
        for (int f = 0; f < 7; f++) {
            snprintf(at, sizeof at, "convergence[%d].%s", k, figures[f].name);
            ck_near(volume_at(&seven, at), figures[f].right, 1e-6, "%s", at);
        }
    }
    free(y);
    free(saving);
    free(wins);
}
END_TEST

/* The bills of every sample's world at 33 volumes from end to end by equal ratios. */
START_TEST(the_fan_holds_the_bills_of_every_sample)
{
    static const char *const lines[] = { "buy", "same", "build" };
    static double (*const bill[])(
        const struct by_hand *, double) = { by_hand_buy_usd, by_hand_same_usd, by_hand_build_usd };
    struct by_hand w[N_SEVEN];
    double y[N_SEVEN];
    for (int row = 0; row < N_SEVEN; row++)
        w[row] = world_of(&seven_samples, row);
    answer_ck_near(&seven, "cost_fan_samples", N_SEVEN, 0);
    ck_assert_int_eq(answer_count(&seven, "cost_fan"), 33);
    for (int k = 0; k < 33; k++) {
        const double volume = MIN_VOLUME * pow(MAX_VOLUME / MIN_VOLUME, k / 32.0);
        char at[64];
        snprintf(at, sizeof at, "cost_fan[%d].volume_requests_month", k);
        answer_ck_near(&seven, at, volume, 1e-9);
        for (int l = 0; l < 3; l++)
            for (int q = 5; q < 100; q += 45) {
                for (int row = 0; row < N_SEVEN; row++)
                    y[row] = bill[l](&w[row], volume);
                snprintf(at, sizeof at, "cost_fan[%d].%s_p%02d_usd_month", k, lines[l], q);
                answer_ck_near(&seven, at, quantile_of(y, N_SEVEN, q / 100.0), 1e-6);
            }
    }
}
END_TEST

/* One input at its P10 or P90, the others as typed. */
START_TEST(the_tornado_moves_one_input_at_a_time)
{
    struct csv t = csv_of(&seven, "sweep.csv");
    answer_ck_near(&seven, "saving_of_the_scenario_usd_month",
                   by_hand_buy_usd(&as_typed, 1e6) - by_hand_build_usd(&as_typed, 1e6), 1e-9);
    answer_ck_near(&seven, "crossover_of_the_scenario_requests_month",
                   by_hand_crossings(&as_typed, MIN_VOLUME, MAX_VOLUME).first, 1e-9);
    for (int i = 0; i < t.n_rows; i++)
        for (int high = 0; high < 2; high++) {
            const char *end = high ? "high" : "low", *name = csv_text(&t, i, "input");
            char column[64];
            struct by_hand w = as_typed;
            double volume = 1e6;
            double *const of[] = { &volume,           &w.rent_usd_hour, &w.price_scale,
                                   &w.spare_replicas, &w.retries,       &w.step_scale };
            *of[i] = csv_number(&t, i, high ? "p90" : "p10");
            snprintf(column, sizeof column, "tornado_%s", end);
            ck_near(csv_number(&t, i, column), *of[i], 1e-12, "%s of %s", column, name);
            snprintf(column, sizeof column, "saving_at_%s_usd_month", end);
            ck_near(csv_number(&t, i, column),
                    by_hand_buy_usd(&w, volume) - by_hand_build_usd(&w, volume), 1e-6, "%s of %s",
                    column, name);
            snprintf(column, sizeof column, "crossover_at_%s_requests_month", end);
            ck_near(csv_number(&t, i, column), by_hand_crossings(&w, MIN_VOLUME, MAX_VOLUME).first,
                    1e-6, "%s of %s", column, name);
        }
    csv_fini(&t);
}
END_TEST

/* ---- partial rank correlations ---- */

/* Ranks from 1, ties at their middle. */
static double *ranks_of(double *y, int n)
{
    double *rank = malloc((size_t)n * sizeof *rank);
    for (int i = 0; i < n; i++) {
        int below = 0, same = 0;
        for (int k = 0; k < n; k++) {
            below += y[k] < y[i];
            same += y[k] == y[i];
        }
        rank[i] = below + (same + 1) / 2.0;
    }
    free(y);
    return rank;
}

enum { M = N_INPUTS + 2 }; /* the step time's error, and an output */

/* The inverse of a[M][M] by Gauss and Jordan's elimination, in place. */
static void invert(double a[M][M])
{
    for (int p = 0; p < M; p++) {
        const double pivot = a[p][p];
        a[p][p] = 1;
        for (int j = 0; j < M; j++)
            a[p][j] /= pivot;
        for (int i = 0; i < M; i++) {
            const double f = a[i][p];
            if (i == p)
                continue;
            a[i][p] = 0;
            for (int j = 0; j < M; j++)
                a[i][j] -= f * a[p][j];
        }
    }
}

/* Partial correlations of the columns before the last with the last, rows of group `out` left out:
 * -p_ij / sqrt(p_ii p_jj) of the inverse p of the correlation matrix. */
static void partial_of(double *const column[], int n, int groups, int out, double partial[])
{
    double r[M][M], mean[M];
    for (int i = 0; i < M; i++) {
        double sum = 0, rows = 0;
        for (int k = 0; k < n; k++)
            if (k / (n / groups) != out) {
                sum += column[i][k];
                rows++;
            }
        mean[i] = sum / rows;
    }
    for (int i = 0; i < M; i++)
        for (int j = 0; j < M; j++) {
            r[i][j] = 0;
            for (int k = 0; k < n; k++)
                if (k / (n / groups) != out)
                    r[i][j] += (column[i][k] - mean[i]) * (column[j][k] - mean[j]);
        }
    invert(r); /* of covariances: the ratio is the same */
    for (int i = 0; i < M - 1; i++)
        partial[i] = -r[i][M - 1] / sqrt(r[i][i] * r[M - 1][M - 1]);
}

/* _i: 0, the saving; 1, the crossing. */
START_TEST(rank_correlations_are_partial_ones_of_the_samples)
{
    static const char *const outputs[] = { "saving", "crossover" };
    double *column[M], all[M], without[10][M], of_group[10];
    struct csv t = csv_of(&seven, "sweep.csv");
    for (int k = 0; k < M - 1; k++)
        column[k] = ranks_of(column_of(&seven_samples, csv_text(&t, k, "input")), N_SEVEN);
    column[M - 1] =
        ranks_of(column_of(&seven_samples, _i == 0 ? "saving_usd" : "crossover"), N_SEVEN);
    partial_of(column, N_SEVEN, 10, -1, all);
    for (int g = 0; g < 10; g++)
        partial_of(column, N_SEVEN, 10, g, without[g]);
    for (int k = 0; k < M - 1; k++) {
        char name[64];
        for (int g = 0; g < 10; g++)
            of_group[g] = without[g][k];
        const struct interval right = of_jackknife(all[k], of_group, 10);
        const struct {
            const char *end;
            double right;
        } ends[] = { { "", right.mid }, { "_lo", right.lo }, { "_hi", right.hi } };
        for (int e = 0; e < 3; e++) {
            snprintf(name, sizeof name, "prcc_%s%s", outputs[_i], ends[e].end);
            ck_near(csv_number(&t, k, name), ends[e].right, 1e-5, "%s of %s", name,
                    csv_text(&t, k, "input"));
        }
    }
    for (int k = 0; k < M; k++)
        free(column[k]);
    csv_fini(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("analytic_sweep");
    TCase *tc = tcase_create("samples");
    tcase_set_timeout(tc, 60);
    tcase_add_unchecked_fixture(tc, ask_seven, drop_seven);
    tcase_add_test(tc, every_sample_is_what_its_inputs_give);
    tcase_add_test(tc, every_input_is_listed_with_its_quantiles);
    tcase_add_loop_test(tc, each_hypercube_covers_the_law_of_each_input, 0, N_INPUTS);
    tcase_add_test(tc, crossings_and_shares_are_those_of_the_samples);
    tcase_add_test(tc, savings_and_regrets_are_those_of_the_samples);
    tcase_add_test(tc, what_the_largest_samples_make_is_told);
    tcase_add_test(tc, the_three_outputs_have_the_moments_of_the_samples);
    tcase_add_test(tc, convergence_is_what_the_first_hypercubes_say);
    tcase_add_test(tc, the_fan_holds_the_bills_of_every_sample);
    tcase_add_test(tc, the_tornado_moves_one_input_at_a_time);
    tcase_add_loop_test(tc, rank_correlations_are_partial_ones_of_the_samples, 0, 2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
