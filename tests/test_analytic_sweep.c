/* test_analytic_sweep.c - `sweep` of a deployment whose every sample can be worked out by hand, and
 * whose distributions have a closed form: tests/data/analytic.ini says why.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "by_hand.h"
#include "xo/stats.h"

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

/* The smallest value that a share q of y[n] does not exceed. */
static double quantile_of(const double y[], int n, double q)
{
    double *sorted = malloc((size_t)n * sizeof *sorted);
    memcpy(sorted, y, (size_t)n * sizeof *sorted);
    xo_sort(sorted, (size_t)n);
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

static const char seven_inputs[] = "samples = 1000\n"
                                   "sampling = latin\n"
                                   "indices = given-data\n" BY_HAND_UNCERTAIN;
/* Of evenly spaced calls, repeated ones too, in a month of 43,800 minutes. */
static const char thirty_a_minute_and_patient[] =
    "--set 'api acme/chat.requests_per_minute=30 requests/min' " PATIENT;
static const double MOST_CALLS = 30 * 43800.0;

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
        { "buy_limited", volume * (1 + w.retries) > MOST_CALLS },
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
    seven = answer_of("sweep", ANALYTIC, seven_inputs, thirty_a_minute_and_patient);
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

/* The step time's own error is lognormal about 1, half of it beyond 40 % either way: the quartile
 * of a normal law lies 0.6745 standard deviations from its middle. */
static double step_law(double u, double z)
{
    (void)u;
    return exp(log(1.4) / 0.6745 * z);
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
    { "build.step_scale", "factor", "step", step_law, 1, 0.5 }, /* not of [uncertain] */
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
    ck_assert_int_eq(t.n_rows, N_INPUTS);
    for (int i = 0; i < N_INPUTS; i++) {
        ck_assert_str_eq(csv_text(&t, i, "input"), inputs[i].name);
        ck_assert_str_eq(csv_text(&t, i, "unit"), inputs[i].unit);
        ck_assert_str_eq(csv_text(&t, i, "reach"), inputs[i].reach);
        ck_assert_str_eq(csv_text(&t, i, "implied"), i == N_INPUTS - 1 ? "1" : "0");
        ck_near(csv_number(&t, i, "base"), inputs[i].base, 1e-9, "base of %s", inputs[i].name);
        ck_near(csv_number(&t, i, "base_quantile"), inputs[i].base_quantile, 1e-9,
                "base quantile of %s", inputs[i].name);
        for (int q = 0; q < 5; q++)
            ck_near(csv_number(&t, i, quantiles[q].column),
                    inputs[i].law(quantiles[q].u, quantiles[q].z), 1e-6, "%s of %s",
                    quantiles[q].column, inputs[i].name);
    }
    for (int i = 0; i < t.n_rows; i++) /* sweep.json says the same */
        for (int c = 4; c < t.n_columns; c++) {
            char path[64];
            snprintf(path, sizeof path, "inputs[%d].%s", i, t.cell[c]);
            ck_near(volume_at(&seven, path), csv_number(&t, i, t.cell[c]), 1e-12, "%s", path);
        }
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
        xo_sort(y + cube * N, N);
        for (int k = 0; k < N; k++) {
            const double lo = (double)k / N, hi = (double)(k + 1) / N, at = y[cube * N + k];
            if (inputs[_i].law(0, 1) != inputs[_i].law(0, 0)) { /* a law in z: the share below */
                const double z = log(at) / log(inputs[_i].law(0, 1)), u = 0.5 * erfc(-z / sqrt(2));
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
    xo_sort(y, (size_t)n);
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

/* As a person reads a share of 1,000 samples: "43 %", but "9.4 %" and "94.2 %". */
static const char *percent_of(double n, char said[16])
{
    const double percent = 100 * n / N_SEVEN;
    snprintf(said, 16, "%.*f %%", percent < 9.95 || percent > 90.05, percent);
    return said;
}

/* Two digits of a volume of 100 k to 1 M. */
static const char *volume_of(double requests, char said[16])
{
    snprintf(said, 16, "%.0f k", 10 * round(requests / 1e4));
    return said;
}

/* Two digits of dollars, a thousand to a hundred thousand of them. */
static const char *usd_of(double usd, char said[16])
{
    const double digit = fabs(usd) < 10e3 ? 100 : 1000, shown = digit * round(fabs(usd) / digit);
    snprintf(said, 16, "%s$%.0f,%03.0f", usd < 0 ? "-" : "", floor(shown / 1000),
             fmod(shown, 1000));
    return said;
}

START_TEST(quantiles_stand_in_a_table)
{
    double *y = column_of(&seven_samples, "crossover");
    double *above = column_of(&seven_samples, "stays_above");
    double *saving = column_of(&seven_samples, "saving_usd");
    const struct interval median = volume_interval(y, N_SEVEN, 0.5, 10);
    char said[300], a[16], b[16], c[16];
    ck_assert(isinf(quantile_of(y, N_SEVEN, 0.95)) && isinf(quantile_of(above, N_SEVEN, 0.95)));
    snprintf(said, sizeof said, " P5 P50 P95 crossover, requests a month %s %s over 6 M stays",
             volume_of(quantile_of(y, N_SEVEN, 0.05), a), volume_of(median.mid, b));
    answer_ck_says(&seven, said);
    snprintf(said, sizeof said, "stays cheaper above %s %s over 6 M 95 %% interval of its median",
             volume_of(quantile_of(above, N_SEVEN, 0.05), a),
             volume_of(quantile_of(above, N_SEVEN, 0.5), b));
    answer_ck_says(&seven, said);
    snprintf(said, sizeof said,
             "95 %% interval of its median %s to %s saved by this build, a month "
             "%s",
             volume_of(median.lo, a), volume_of(median.hi, b),
             usd_of(quantile_of(saving, N_SEVEN, 0.05), c));
    answer_ck_says(&seven, said);
    snprintf(said, sizeof said, "saved by this build, a month %s %s %s What moves it",
             usd_of(quantile_of(saving, N_SEVEN, 0.05), a),
             usd_of(quantile_of(saving, N_SEVEN, 0.5), b),
             usd_of(quantile_of(saving, N_SEVEN, 0.95), c));
    answer_ck_says(&seven, said);
    free(y);
    free(above);
    free(saving);
}
END_TEST

/* Shares and quantiles of the samples as a person reads them. The
 * plan lies where its law has P10 and P90, at 200 k + 0.1 and 0.9 of 1.8 M. */
START_TEST(a_sweep_is_told_in_figures_of_its_samples)
{
    double n_limited = 0, same_loses = 0, wins = 0;
    char said[4][240], share[16];
    for (int row = 0; row < N_SEVEN; row++) {
        const struct by_hand w = world_of(&seven_samples, row);
        const double volume = csv_number(&seven_samples, row, "volume");
        n_limited += volume * (1 + w.retries) > MOST_CALLS;
        same_loses += by_hand_build_usd(&w, volume) < by_hand_same_usd(&w, volume);
        wins += by_hand_build_usd(&w, volume) < by_hand_buy_usd(&w, volume);
    }
    answer_ck_near(&seven, "buy_limited_share", n_limited / N_SEVEN, 1e-12);
    snprintf(said[0], sizeof said[0],
             "The API cannot serve it as listed in %s (a rate limit below the busiest minute, "
             "or requests longer than its context); its bill stands.",
             percent_of(n_limited, share));
    snprintf(said[1], sizeof said[1], "Note: in %s of samples the API cannot serve it",
             percent_of(n_limited, share));
    snprintf(
        said[2], sizeof said[2],
        "Against buying the same weights by the token from host/tiny, this build is cheaper at "
        "your plan in %s of samples.",
        percent_of(same_loses, share));
    snprintf(said[3], sizeof said[3],
             "Too close to call at your plan (P10 to P90: 380 k to 1.82 M requests a month): this "
             "build (tiny on 1 x clock, bf16) is cheaper than acme/chat in %s of samples "
             "(standard error %.1f %%).",
             percent_of(wins, share), 100 * answer_number(&seven, "build_wins_standard_error"));
    for (int i = 0; i < 4; i++)
        answer_ck_says(&seven, said[i]);
    answer_ck_says(&seven, "1,000 samples of 6 inputs not known (Latin hypercubes) This");
    answer_ck_says(&seven, "The scenario's own values are not all in the middle: 0 % of draws lie "
                           "below that of workload.retries.");
    answer_ck_says(&seven, "build.step_scale * x");
    answer_ck_says(&seven, "* not typed: the catalog's own spread of a price, or the step time's "
                           "error");
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

enum { M = N_INPUTS + 1 }; /* and an output */

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

/* ---- a saving that is linear in two prices, and its closed forms ---- */

/* The saving at plan is m + U + V of two independent uniforms about 0: of the API's price over a
 * width of a million requests at 2.0005 cents, of the rent over one of six replicas. */
static const char two_prices[] = "samples = 3200\n"
                                 "[uncertain]\n"
                                 "build.rent = uniform(0, 4) USD/hour\n"
                                 "buy.price_scale = uniform(0.5, 1.5)\n"
                                 "build.step_scale = constant(1)\n";
static const double U = 1e6 * 0.020005 / 2, V = 4 * 1.1 * 6 * 730 / 2; /* half of each width */

static double middle(void)
{
    return by_hand_buy_usd(&as_typed, 1e6) - by_hand_build_usd(&as_typed, 1e6);
}

/* The second integral, up to s, of the density of U + V, which is that of four step functions; the
 * nth one of max(x, 0) is x^n / n!. Its first derivative is the share below s. */
static double corners(double s, int n)
{
    const double at[] = { s + U + V, s + U - V, s - U + V, s - U - V };
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (i == 0 || i == 3 ? 1 : -1) * pow(fmax(at[i], 0), n) / (n == 2 ? 2 : 6);
    return sum / (4 * U * V);
}

/* E[max(0, m + U + V)] and the share of samples where it is above 0. */
static double gain(double m)
{
    return corners(m, 3);
}
static double share_above(double m)
{
    return corners(m, 2);
}

/* Knowing one of them leaves the mean of the other: E[max(0, m + X)] of a uniform of half-width x
 * is (m + x)^2 / 4x, of which m is there already. */
static double worth_of(double x)
{
    return (middle() + x) * (middle() + x) / (4 * x) - middle();
}

static struct answer linear;
static struct csv linear_samples, linear_inputs;
enum { N_LINEAR = 1280, LINEAR_BASE = 640 }; /* five rows a point: A, B, A with each input of B */

static void ask_linear(void)
{
    linear = answer_of("sweep", ANALYTIC, two_prices, NULL);
    linear_samples = csv_of(&linear, "samples.csv");
    linear_inputs = csv_of(&linear, "sweep.csv");
}

static void drop_linear(void)
{
    csv_fini(&linear_samples);
    csv_fini(&linear_inputs);
    answer_fini(&linear);
}

/* Within the printed interval, twice as wide (four standard errors), and that one narrow. */
static void check_truth(const struct answer *a, const char *path, double right, double width)
{
    char lo[96], hi[96], mid[96];
    snprintf(mid, sizeof mid, "%s.estimate", path);
    snprintf(lo, sizeof lo, "%s.lo", path);
    snprintf(hi, sizeof hi, "%s.hi", path);
    const double found = answer_number(a, mid), wide = answer_number(a, hi) - answer_number(a, lo);
    ck_assert_msg(fabs(found - right) <= wide, "%s is %g, not %g", path, found, right);
    ck_assert_msg(wide > 0 && wide <= width, "%s is known to %g, not %g", path, wide, width);
}

START_TEST(a_linear_saving_has_the_answers_of_a_closed_form)
{
    const double m = middle(), tail = sqrt(0.05 * 2 * 4 * U * V);
    check_truth(&linear, "saving_mean_usd_month", m, 100);
    check_truth(&linear, "saving_p05_usd_month", m - U - V + tail, 1000); /* of a triangle's tip */
    check_truth(&linear, "saving_p50_usd_month", m, 500);
    check_truth(&linear, "saving_p95_usd_month", m + U + V - tail, 1000);
    check_truth(&linear, "build_wins_share", share_above(m), 0.015);
    check_truth(&linear, "regret_of_buying_usd_month", gain(m), 150);
    check_truth(&linear, "regret_of_building_usd_month", gain(m) - m, 150);
    check_truth(&linear, "worth_of_knowing_all_usd_month", gain(m) - m, 150);
    answer_ck_near(&linear, "outputs.saving.variance", (U * U + V * V) / 3, 0.03);
    answer_ck_near(&linear, "outputs.build_wins.variance", share_above(m) * (1 - share_above(m)),
                   0.01);
}
END_TEST

static void check_cell(int input, const char *column, double right, double tolerance)
{
    ck_near(csv_number(&linear_inputs, input, column), right, tolerance, "%s of %s", column,
            csv_text(&linear_inputs, input, "input"));
}

/* Shares of a sum's variance are those of its terms: first-order and total alike. */
START_TEST(shares_of_variance_and_worths_are_those_of_the_terms)
{
    const double rent = V * V / (U * U + V * V);
    check_cell(0, "saving_first", rent, 0.03);
    check_cell(0, "saving_total", rent, 0.03);
    check_cell(1, "saving_first", 1 - rent, 0.03);
    check_cell(1, "saving_total", 1 - rent, 0.03);
    check_cell(0, "worth_knowing_usd_month", worth_of(V), 0.2);
    check_cell(1, "worth_knowing_usd_month", worth_of(U), 0.2);
    /* What is always 1 moves nothing, and has no rank to correlate. */
    static const char *const nil[] = { "saving_first", "saving_total", "build_wins_total",
                                       "log10_crossover_total", "worth_knowing_usd_month" };
    static const char *const none[] = {
        "prcc_saving",    "prcc_saving_lo",    "prcc_saving_hi",
        "prcc_crossover", "prcc_crossover_lo", "prcc_crossover_hi"
    };
    for (size_t i = 0; i < sizeof nil / sizeof nil[0]; i++)
        check_cell(2, nil[i], 0, 1e-12);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        check_cell(2, none[i], NAN, 0);
}
END_TEST

/* Knowing an input, one builds on its side of the value where the mean saving is 0: what that rule
 * yields over the samples, less what building always does (or never), with its jackknife. The
 * program's fit puts that value nearly there. */
START_TEST(a_worth_is_what_its_rule_yields_over_the_samples)
{
    static const char *const keys[] = { "build.rent", "buy.price_scale" };
    const double at[] = { 2 + middle() / (2 * V / 4), 1 - middle() / (2 * U) };
    double *x = column_of(&linear_samples, keys[_i]);
    double *saving = column_of(&linear_samples, "saving_usd"), without[10];
    double all = 0;
    for (int out = -1; out < 10; out++) {
        double n = 0, gain = 0, sum = 0;
        for (int i = 0; i < N_LINEAR; i++) {
            if (i / (N_LINEAR / 10) == out)
                continue;
            n++;
            sum += saving[i];
            gain += (_i == 0 ? x[i] < at[0] : x[i] > at[1]) ? saving[i] : 0;
        }
        *(out < 0 ? &all : &without[out]) = (gain - fmax(sum, 0)) / n;
    }
    const struct interval right = of_jackknife(all, without, 10);
    check_cell(_i, "worth_knowing_usd_month", right.mid, 0.04);
    check_cell(_i, "worth_knowing_usd_month_lo", right.lo, 0.1);
    check_cell(_i, "worth_knowing_usd_month_hi", right.hi, 0.1);
    free(x);
    free(saving);
}
END_TEST

/* ---- pick-freeze, by its definition ---- */

/* y of row `which` (0: A, 1: B, 2 + i: A with input i of B) of each point, for output o. */
static double *rows_of(int which, int output)
{
    double *y = malloc(LINEAR_BASE * sizeof *y);
    for (int j = 0; j < LINEAR_BASE; j++) {
        const int row = 5 * j + which;
        const double saving = csv_number(&linear_samples, row, "saving_usd"),
                     crossover = csv_number(&linear_samples, row, "crossover");
        y[j] = output == 0   ? saving
               : output == 1 ? (saving > 0)
                             : log10(fmin(fmax(crossover, MIN_VOLUME), MAX_VOLUME));
    }
    return y;
}

/* Of all points but those of one group: first order and total of an input by Saltelli et al.,
 * Comput. Phys. Commun. 181, 2010, eq. (b) and (f) of table 2; f about its mean over all points. */
static void indices_of(const double *const y[3], double mean, int out, double *first, double *total)
{
    double products = 0, squares = 0, sum = 0, sum2 = 0, n = 0;
    for (int j = 0; j < LINEAR_BASE; j++) {
        if (j / (LINEAR_BASE / 10) == out)
            continue;
        const double a = y[0][j] - mean, b = y[1][j] - mean, frozen = y[2][j] - mean;
        n++;
        products += b * (frozen - a);
        squares += (a - frozen) * (a - frozen);
        sum += a + b;
        sum2 += a * a + b * b;
    }
    const double variance = sum2 / (2 * n) - sum / (2 * n) * (sum / (2 * n));
    *first = products / n / variance;
    *total = squares / n / 2 / variance;
}

/* _i: output + 3 input. */
START_TEST(indices_are_those_of_rows_a_b_and_a_with_one_of_b)
{
    static const char *const outputs[] = { "saving", "build_wins", "log10_crossover" };
    const int output = _i % 3, input = _i / 3;
    double *const y[3] = { rows_of(0, output), rows_of(1, output), rows_of(2 + input, output) };
    const double mean = (mean_of(y[0], LINEAR_BASE) + mean_of(y[1], LINEAR_BASE)) / 2;
    double first, total, firsts[10], totals[10];
    const double *const read[3] = { y[0], y[1], y[2] };
    for (int g = 0; g < 10; g++)
        indices_of(read, mean, g, &firsts[g], &totals[g]);
    indices_of(read, mean, -1, &first, &total);
    const struct interval right[2] = { of_jackknife(first, firsts, 10),
                                       of_jackknife(total, totals, 10) };
    for (int k = 0; k < 2; k++) {
        char column[64];
        snprintf(column, sizeof column, "%s_%s", outputs[output], k == 0 ? "first" : "total");
        check_cell(input, column, right[k].mid, 1e-6);
        strcat(column, "_lo");
        check_cell(input, column, right[k].lo, 1e-6);
        strcpy(strrchr(column, '_'), "_hi");
        check_cell(input, column, right[k].hi, 1e-6);
    }
    for (int k = 0; k < 3; k++)
        free(y[k]);
}
END_TEST

START_TEST(a_frozen_row_says_what_it_is)
{
    static const char *const rows[] = { "A", "B", "A with build.rent of B",
                                        "A with buy.price_scale of B",
                                        "A with build.step_scale of B" };
    static const char *const keys[] = { "build.rent", "buy.price_scale", "build.step_scale" };
    ck_assert_int_eq(linear_samples.n_rows, 5 * LINEAR_BASE);
    for (int row = 0; row < linear_samples.n_rows; row++) {
        const int which = row % 5, a = row - which;
        if (strcmp(csv_text(&linear_samples, row, "row"), rows[which]) != 0)
            ck_abort_msg("row %d is %s", row, csv_text(&linear_samples, row, "row"));
        ck_near(csv_number(&linear_samples, row, "base_point"), row / 5, 0, "point of %d", row);
        for (int k = 0; k < 3 && which != 1; k++)
            ck_near(csv_number(&linear_samples, row, keys[k]),
                    csv_number(&linear_samples, which == 2 + k ? a + 1 : a, keys[k]), 0,
                    "%s of row %d", keys[k], row);
        if (csv_number(&linear_samples, a, "build.rent") ==
            csv_number(&linear_samples, a + 1, "build.rent"))
            ck_abort_msg("rows A and B of point %d are alike", row / 5);
    }
}
END_TEST

START_TEST(the_design_is_told_as_it_is)
{
    static const struct {
        const char *path;
        double right;
    } figures[] = { { "samples", 5 * LINEAR_BASE },
                    { "base_points", LINEAR_BASE },
                    { "samples_of_the_distribution", N_LINEAR },
                    { "randomizations", 10 },
                    { "min_requests_month", 0.1e6 },
                    { "max_requests_month", 6e6 } };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "design.%s", figures[i].path);
        answer_ck_near(&linear, path, figures[i].right, 1e-12);
    }
    ck_assert_str_eq(answer_string(&linear, "design.sampling"), "sobol");
    ck_assert_str_eq(answer_string(&linear, "design.indices"), "pick-freeze");
    ck_assert(!answer_is(&linear, "design.stopped_early"));
    answer_ck_near(&linear, "effort.samples_that_reused_them", 5 * LINEAR_BASE, 0);
    answer_ck_near(&linear, "effort.capacities_simulated_in_full", 0, 0);
    ck_assert_int_eq(answer_count(&linear, "effort.surrogates"), 0);
    ck_assert_int_eq(answer_count(&linear, "verdict.notes"), 0);
}
END_TEST

/* The table of indices has two digits of those in sweep.csv, which are held to their definition. */
START_TEST(shares_of_variance_stand_in_a_table)
{
    char said[200];
    for (int i = 0; i < 2; i++) {
        const struct csv *t = &linear_inputs;
        snprintf(said, sizeof said, "%s %.2f (%.2f to %.2f) %.2f (%.2f to %.2f) %.2f ",
                 csv_text(t, i, "input"), csv_number(t, i, "saving_first"),
                 csv_number(t, i, "saving_first_lo"), csv_number(t, i, "saving_first_hi"),
                 csv_number(t, i, "saving_total"), csv_number(t, i, "saving_total_lo"),
                 csv_number(t, i, "saving_total_hi"), csv_number(t, i, "prcc_saving"));
        answer_ck_says(&linear, said);
    }
    answer_ck_says(&linear, "build.step_scale 0.00 (0.00 to 0.00) 0.00 (0.00 to 0.00) - ");
}
END_TEST

/* A saving's own total index decides the order: the API's price, with the wider half. Sentences
 * have figures of two digits, those of the closed form. */
START_TEST(a_sweep_is_told_in_figures_of_the_closed_form)
{
    static const char *const sentences[] = {
        "1,280 samples of 3 inputs not known (Sobol' points; 1,920 more for shares of variance)",
        "This build against acme/chat; same weights: host/tiny.",
        "buy.price_scale x0.6 x1.4 1.7 M 370 k",
        "build.rent $0.4/hour $3.6/hour 330 k 1.3 M",
        "build.step_scale x1 x1 601 k 601 k",
        "the scenario as it is 601 k",
        "Too close to call at 1 M requests a month: this build (tiny on 1 x clock, bf16) is "
        "cheaper than acme/chat in 71 % of samples",
        "This build is cheaper by $4,800 a month in the middle sample; 90 % of samples lie between "
        "$8,200 dearer and $18,000 cheaper.",
        "some volume from 100 k to 6 M requests a month in 94.2 % of samples",
        "buying costs $6,200 a month more on average and this build $1,400; knowing everything "
        "first is worth $1,400. What would settle it most: knowing buy.price_scale exactly is "
        "worth $650 a month.",
        "serve all 3,200 model runs. Of the saving's variance 100 % comes from inputs, 0 % from "
        "simulation and surrogate.",
    };
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        answer_ck_says(&linear, sentences[i]);
    answer_ck_silent(&linear, "The scenario's own value");
    answer_ck_silent(&linear, "largest of");
    answer_ck_silent(&linear, "Note:");
    ck_assert_str_eq(answer_string(&linear, "verdict.title"),
                     "Too close to call: this build is cheaper than acme/chat at 1 M requests a "
                     "month in 71 % of samples; it becomes cheaper at 600 k requests a month (P5 "
                     "260 k, P95 over 6 M)");
    ck_assert_str_eq(answer_string(&linear, "verdict.code"), "too_close");
    ck_assert_str_eq(answer_string(&linear, "verdict.moves_most[0]"), "buy.price_scale");
    ck_assert_str_eq(answer_string(&linear, "verdict.moves_most[1]"), "build.rent");
    ck_assert_str_eq(answer_string(&linear, "verdict.moves_most[2]"), "build.step_scale");
}
END_TEST

/* ---- plain Monte Carlo, where one side always wins ---- */

static const char one_rent[] = "samples = 4000\n"
                               "sampling = random\n"
                               "indices = given-data\n"
                               "[uncertain]\n"
                               "build.rent = uniform(2, 3) USD/hour\n"
                               "build.step_scale = constant(1)\n";

/* Of 0 of n, Wilson's bound is z^2 / (n + z^2) = 0.096 % for 4,000: the word "under" stands in the
 * share itself and in the sentence around it, and is said once. */
static const struct {
    const char *options, *odds, *crossing, *code, *title;
    double share, below, never, rent_scale;
} always[] = {
    { "--set 'build.one_off=$12M' --set study.max_volume=1.5x --set scenario.materiality=0.05%",
      "Cheaper at 1 M requests a month: BUY. This build (tiny on 1 x clock, bf16) is cheaper than "
      "acme/chat in no sample (95 % sure of under 0.1 %).",
      "in 0 % of samples (0 % to under 0.1 %); in 100 % it is cheaper at no volume up to there.",
      "buy",
      "This build is cheaper than acme/chat at 1 M requests a month in 0 % of samples; it does not "
      "become cheaper up to 1.5 M requests a month in 100 % of samples",
      0, 0, 1, 1 },
    { "--set 'build.staff=0 FTE' --set 'build.one_off=$0' --set build.rent_scale=0.01 "
      "--set study.max_volume=1.5x",
      "Cheaper at 1 M requests a month: BUILD. This build (tiny on 1 x clock, bf16) is cheaper "
      "than "
      "acme/chat in every sample (95 % sure of over 99.9 %).",
      "in 0 % of samples (0 % to under 0.1 %); in 100 % it is cheaper from below that on.", "build",
      "This build is cheaper than acme/chat at 1 M requests a month in 100 % of samples; it is "
      "cheaper from below 100 k requests a month on in 100 % of samples",
      1, 1, 0, 0.01 },
};

START_TEST(where_one_side_always_wins_the_bound_is_said_once)
{
    struct answer a = answer_of("sweep", ANALYTIC, one_rent, always[_i].options);
    const double bound = 1.959964 * 1.959964 / (4000 + 1.959964 * 1.959964);
    const double nil = always[_i].share == 0 ? 0 : 1 - bound;
    answer_ck_says(&a, always[_i].odds);
    answer_ck_says(&a, always[_i].crossing);
    ck_assert_str_eq(answer_string(&a, "verdict.code"), always[_i].code);
    check_interval(&a, "build_wins_share", (struct interval){ always[_i].share, nil, nil + bound },
                   1e-9);
    answer_ck_near(&a, "below_range_share.estimate", always[_i].below, 0);
    answer_ck_near(&a, "never_share.estimate", always[_i].never, 0);
    answer_ck_near(&a, "build_wins_standard_error", 0, 0);
    answer_ck_near(&a, "largest_samples.samples", 4000 / 200.0, 0);
    ck_assert_str_eq(answer_string(&a, "verdict.title"), always[_i].title);
    /* What no sample shows may happen in that share, and cost what savings differ by: six replicas'
     * rent, uniform over $1 an hour, has the standard deviation 1.1 x 6 x 730 / sqrt(12). */
    const double sd = always[_i].rent_scale * 1.1 * 6 * HOURS / sqrt(12);
    const char *nobody =
        always[_i].share == 0 ? "regret_of_buying_usd_month" : "regret_of_building_usd_month";
    const struct {
        const char *of;
        double right;
    } bounds[] = { { "estimate", 0 }, { "lo", 0 }, { "hi", bound * sd } };
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s.%s", nobody, bounds[i].of);
        answer_ck_near(&a, path, bounds[i].right, 0.02);
        snprintf(path, sizeof path, "worth_of_knowing_all_usd_month.%s", bounds[i].of);
        answer_ck_near(&a, path, bounds[i].right, 0.02);
    }
    answer_ck_near(&a, "inputs[1].worth_knowing_usd_month_hi", bound * sd, 0.02);
    ck_near(volume_at(&a, "crossover_requests_month.p50.estimate"),
            always[_i].never == 1 ? (double)INFINITY : 0, 0, "crossover");
    /* Indices given data have no total, and what does not exist has no interval either. */
    static const char *const none[] = {
        "saving_total",   "saving_total_lo",   "saving_total_hi",
        "prcc_crossover", "prcc_crossover_lo", "prcc_crossover_hi"
    };
    struct csv t = csv_of(&a, "sweep.csv");
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "inputs[0].%s", none[i]);
        ck_assert_str_eq(csv_text(&t, 0, none[i]), "");
        ck_assert_msg(json_is_null(answer_at(&a, path)), "%s is there", path);
    }
    csv_fini(&t);
    answer_fini(&a);
}
END_TEST

/* The rent moves nothing to speak of. Yet the mean saving is small, and so a fit of 9 terms to
 * 1,000 samples might hide a choice that depends on the rent: its standard error is that of the
 * saving times sqrt(9 / 1000), and with every fitted saving 1.96 of these nearer to a loss,
 * building loses that much less the mean saving (where all of them are losses then; the few that
 * are not make a few per cent). Some seeds' fits seem to show a choice, by chance: their interval
 * is another. */
static const char rent_moves_nothing[] = "samples = 1000\n"
                                         "sampling = latin\n"
                                         "indices = given-data\n"
                                         "[uncertain]\n"
                                         "build.rent = uniform(2, 2.000001) USD/hour\n"
                                         "buy.price_scale = uniform(0.522, 1.022)\n"
                                         "build.step_scale = constant(1)\n";

START_TEST(knowing_what_moves_nothing_is_worth_no_more_than_its_fit_may_hide)
{
    const struct by_hand middle_price = { 2, 0.772, 1, 0, 1 };
    const double mean = by_hand_buy_usd(&middle_price, 1e6) - by_hand_build_usd(&middle_price, 1e6);
    const double error = 0.5 * 20005 / sqrt(12) * sqrt(9 / 1000.0); /* of a uniform price */
    int n_checked = 0;
    for (int seed = 1; seed <= 4; seed++) {
        char options[40];
        snprintf(options, sizeof options, "--set scenario.seed=%d", seed);
        struct answer a = answer_of("sweep", ANALYTIC, rent_moves_nothing, options);
        answer_ck_near(&a, "saving_mean_usd_month.estimate", mean, 0.02);
        if (answer_number(&a, "inputs[0].worth_knowing_usd_month") == 0) {
            answer_ck_near(&a, "inputs[0].worth_knowing_usd_month_hi", 1.96 * error - mean, 0.08);
            n_checked++;
        }
        answer_fini(&a);
    }
    ck_assert_int_gt(n_checked, 0);
}
END_TEST

/* At $2.99 an hour building costs 1.1 (6 x 2.99 x 730 + 6000) = $21,006, buying $21,005. A share
 * that was typed is said so, not as "under under 0.1 %". */
START_TEST(materiality_is_told_as_it_was_typed)
{
    struct answer a =
        answer_of("sweep", ANALYTIC,
                  "samples = 39\nsampling = latin\nindices = given-data\n[uncertain]\n"
                  "buy.price_scale = uniform(0.999, 1.001)\n"
                  "build.step_scale = constant(1)\n",
                  "--set scenario.materiality=0.05% --set 'build.rent=$2.99/hour' "
                  "--set study.max_volume=1.5x");
    answer_ck_says(&a, "The middle sample's difference is under 0.05 % of the cheaper bill.");
    /* Ten hypercubes of three points; the nine points left over would be too few for more. */
    answer_ck_near(&a, "design.randomizations", 10, 0);
    answer_ck_near(&a, "design.base_points", 30, 0);
    answer_fini(&a);
}
END_TEST

/* ---- verdicts and remarks ---- */

/* With a one-off of $74,939 building costs $22,005, as buying does at 1.05 times the price. So of
 * prices that are uniform over 0.5 the share above 1.05 builds. From 20 to 80 % it is too close. */
static const struct {
    const char *prices, *code;
    double share;
} verdicts[] = {
    { "0.645, 1.145", "buy", 0.19 },
    { "0.655, 1.155", "too_close", 0.21 },
    { "0.945, 1.445", "too_close", 0.79 },
    { "0.955, 1.455", "build", 0.81 },
};

START_TEST(a_winner_wins_in_more_than_four_samples_of_five)
{
    char more[300];
    snprintf(more, sizeof more,
             "samples = 400\nsampling = latin\nindices = given-data\n[uncertain]\n"
             "buy.price_scale = uniform(%s)\nbuild.step_scale = constant(1)\n",
             verdicts[_i].prices);
    struct answer a = answer_of("sweep", ANALYTIC, more,
                                "--set 'build.one_off=$74939' --set study.max_volume=1.2x");
    ck_near(answer_number(&a, "build_wins_share.estimate"), verdicts[_i].share, 0.01,
            "share that builds");
    ck_assert_str_eq(answer_string(&a, "verdict.code"), verdicts[_i].code);
    answer_fini(&a);
}
END_TEST

/* Values of the scenario between P25 and P75 of their law are a middle; 400 points are few. Of an
 * interval the farther end is told, which is the upper one of a volume. */
START_TEST(what_is_no_middle_and_too_few_points_are_told)
{
    struct answer a = answer_of("sweep", ANALYTIC,
                                "samples = 2800\n"
                                "sampling = latin\n"
                                "[uncertain]\n"
                                "build.rent = uniform(1.48, 3.48) USD/hour\n"
                                "buy.price_scale = uniform(0.76, 1.76)\n"
                                "workload.volume = uniform(260k, 1260k) requests/month\n"
                                "build.staff_scale = uniform(0.24, 1.24)\n"
                                "build.step_scale = constant(1)\n",
                                "--set study.max_volume=1.5x --precision 0.01%");
    struct csv t = csv_of(&a, "samples.csv");
    double *y = column_of(&t, "crossover");
    const struct interval median = volume_interval(y, 800, 0.5, 40);
    char said[160];
    snprintf(said, sizeof said, "Note: the median crossover is known to within %.2g %%, not",
             100 * (median.hi / median.mid - 1));
    answer_ck_says(&a, said);
    free(y);
    csv_fini(&t);

    answer_ck_says(&a, "The scenario's own values are not all in the middle: 24 % of draws lie "
                       "below that of buy.price_scale, 76 % of draws lie below that of "
                       "build.staff_scale.");
    answer_ck_says(&a, "Note: Sobol' indices rest on 400 points (500 are advised): study.samples = "
                       "3500 gives them, or study.indices = given-data.");
    answer_fini(&a);
}
END_TEST

/* ---- a step time that no fleet meets the SLO with ---- */

/* A request takes 10 s times the step scale, so that above 1.1 the limit of 11 s is missed by any
 * fleet: of uniform(0.5, 1.5) in 40 % of samples. The surrogate of capacity and that of the margin
 * are linear in the logarithm of the scale, and so exact but for the width of a histogram's bin. */
static const char slow_steps[] = "samples = 1000\n"
                                 "sampling = latin\n"
                                 "indices = given-data\n"
                                 "[uncertain]\n"
                                 "build.step_scale = uniform(0.5, 1.5)\n"
                                 "build.rent = uniform(0, 4) USD/hour\n";
static struct answer slow;
static struct csv slow_samples;

static void ask_slow(void)
{
    slow = answer_of("sweep", ANALYTIC, slow_steps,
                     "--set workload.volume='300k requests/month' --set study.max_volume=2x");
    slow_samples = csv_of(&slow, "samples.csv");
}

static void drop_slow(void)
{
    csv_fini(&slow_samples);
    answer_fini(&slow);
}

static struct by_hand slow_world(int row)
{
    struct by_hand w = as_typed;
    w.rent_usd_hour = csv_number(&slow_samples, row, "build.rent");
    w.step_scale = csv_number(&slow_samples, row, "build.step_scale");
    return w;
}

START_TEST(above_the_limit_there_is_no_fleet_and_no_bill)
{
    for (int row = 0; row < slow_samples.n_rows; row++) {
        const struct by_hand w = slow_world(row);
        const struct by_hand_crossings c = by_hand_crossings(&w, 30e3, 600e3);
        const bool met = w.step_scale < 1.1, edge = fabs(w.step_scale - 1.1) < 0.005;
        const double buy = by_hand_buy_usd(&w, 300e3), build = by_hand_build_usd(&w, 300e3);
        const double replicas = by_hand_fleet(&w, 300e3) + 1;
        const struct {
            const char *column;
            double met, missed;
        } columns[] = { { "crossover", c.first, INFINITY },
                        { "stays_above", c.last, INFINITY },
                        { "n_crossings", c.n, 0 },
                        { "buy_usd", buy, buy },
                        { "build_usd", build, NAN },
                        { "saving_usd", buy - build, NAN },
                        { "replicas", replicas, NAN },
                        { "gpus", replicas, NAN },
                        { "option", 0, -1 },
                        { "idle_usd", by_hand_fleet_usd(&w, 3), by_hand_fleet_usd(&w, 3) } };
        for (size_t i = 0; i < sizeof columns / sizeof columns[0] && !edge; i++)
            ck_near(csv_number(&slow_samples, row, columns[i].column),
                    met ? columns[i].met : columns[i].missed, 2e-4, "%s of sample %d",
                    columns[i].column, row);
    }
}
END_TEST

/* The same by the error of the step time, of which [uncertain] says nothing: lognormal, so that of
 * samples the share 1 - cdf(ln 1.1 / 0.745) = 0.449 has no fleet. */
START_TEST(the_error_of_the_step_time_meets_the_limit_too)
{
    struct answer a = answer_of("sweep", ANALYTIC,
                                "samples = 1000\nsampling = latin\nindices = given-data\n"
                                "[uncertain]\nbuild.rent = uniform(0, 4) USD/hour",
                                NULL);
    struct csv samples = csv_of(&a, "samples.csv");
    ck_assert_int_eq(samples.n_rows, 1000);
    for (int row = 0; row < samples.n_rows; row++) {
        const double step = csv_number(&samples, row, "build.step_scale");
        if (fabs(step - 1.1) > 0.01) /* the width of a bin of the histogram */
            ck_assert_int_eq(csv_number(&samples, row, "option") < 0, step > 1.1);
    }
    answer_ck_about(&a, "infeasible_share", 0.449, 0.01);
    csv_fini(&samples);
    answer_fini(&a);
}
END_TEST

/* Who chose to build where no fleet serves has paid for the planned one, two replicas and a spare,
 * in vain; the saving leaves such samples out. */
START_TEST(regrets_count_what_was_paid_in_vain)
{
    const int n = slow_samples.n_rows;
    double buying[1000], building[1000], saved[1000], said_no = 0;
    int n_saved = 0;
    for (int row = 0; row < n; row++) {
        const double saving = csv_number(&slow_samples, row, "saving_usd");
        const struct by_hand w = slow_world(row);
        const double idle = by_hand_fleet_usd(&w, 3);
        const double chosen = isnan(saving) ? -idle : fmax(saving, -idle);
        buying[row] = fmax(chosen, 0);
        building[row] = fmax(-chosen, 0);
        said_no += isnan(saving);
        if (!isnan(saving))
            saved[n_saved++] = saving;
    }
    answer_ck_near(&slow, "infeasible_share", said_no / n, 1e-12);
    ck_near(said_no / n, 0.4, 0.005, "share of samples without a fleet");
    answer_ck_near(&slow, "saving_mean_usd_month.estimate", mean_of(saved, n_saved), 1e-9);
    answer_ck_near(&slow, "saving_p50_usd_month.estimate", quantile_of(saved, n_saved, 0.5), 1e-9);
    answer_ck_near(&slow, "saving_variance_of_inputs", variance_of(saved, n_saved), 1e-9);
    answer_ck_near(&slow, "regret_of_buying_usd_month.estimate", mean_of(buying, n), 1e-9);
    answer_ck_near(&slow, "regret_of_building_usd_month.estimate", mean_of(building, n), 1e-9);
    answer_ck_near(&slow, "worth_of_knowing_all_usd_month.estimate", mean_of(buying, n), 1e-9);
}
END_TEST

/* Of the bills of building, the samples that have one; where a replica is added, the surrogate is
 * off by a sample or two. */
START_TEST(the_fan_leaves_out_samples_without_a_fleet)
{
    for (int k = 0; k < 33; k += 8) {
        const double volume = 30e3 * pow(20, k / 32.0);
        double build[1000];
        int n = 0;
        for (int row = 0; row < slow_samples.n_rows; row++) {
            const struct by_hand w = slow_world(row);
            if (*csv_text(&slow_samples, row, "build_usd") != '\0')
                build[n++] = by_hand_build_usd(&w, volume);
        }
        for (int q = 5; q < 100; q += 45) {
            char at[64];
            snprintf(at, sizeof at, "cost_fan[%d].build_p%02d_usd_month", k, q);
            answer_ck_near(&slow, at, quantile_of(build, n, q / 100.0), 0.01);
            snprintf(at, sizeof at, "cost_fan[%d].buy_p%02d_usd_month", k, q);
            answer_ck_near(&slow, at, by_hand_buy_usd(&as_typed, volume), 1e-9);
        }
    }
}
END_TEST

START_TEST(the_surrogate_is_told_with_its_error_and_effort)
{
    char said[300];
    snprintf(said, sizeof said,
             "Note: in %.3g %% of samples no fleet meets the SLO: buying wins there. Savings leave "
             "these samples out; regrets of building count the fleet of the plan, which then costs "
             "its rent and serves nobody.",
             100 * answer_number(&slow, "infeasible_share"));
    answer_ck_says(&slow, said);
    snprintf(said, sizeof said, "No fleet meets the SLO in %.0f %% of samples.",
             100 * answer_number(&slow, "infeasible_share"));
    answer_ck_says(&slow, said);
    ck_assert_int_eq(answer_count(&slow, "effort.surrogates"), 1);
    ck_assert_str_eq(answer_string(&slow, "effort.surrogates[0].option"), "1 x clock, bf16");
    ck_assert_str_eq(answer_string(&slow, "inputs[0].reach"), "surrogate");
    ck_assert(answer_is(&slow, "effort.surrogates[0].precise"));
    answer_ck_near(&slow, "effort.surrogates[0].design_points", 24, 0);
    /* Points of the design lie by ratios from 0.5 to 1.5, those held out as values are drawn. */
    ck_near(answer_number(&slow, "effort.surrogates[0].infeasible_points"),
            24 * log(1.5 / 1.1) / log(3) + 16 * 0.4, 0.1, "points without a fleet");
    ck_near(answer_number(&slow, "effort.surrogates[0].held_out_points"), 0.6 * 16, 0.15,
            "points held out that have a fleet");
    ck_assert_double_lt(answer_number(&slow, "effort.surrogates[0].held_out_worst_log"), 1e-3);
    answer_ck_near(&slow, "effort.surrogates[0].simulation_sd_log", 0, 1e-6);
    answer_ck_says(&slow, "Surrogate of capacity for 1 x clock, bf16: off by 0.0 % (rms), 0.1 % at "
                          "worst on");
}
END_TEST

/* ---- inputs that move together ---- */

/* The share of the variance of own x + other y that x explains, of uniforms with Spearman's 0.6: of
 * the Gaussian copula with r = 2 sin(0.6 pi/6) (Kruskal, J. Am. Stat. Assoc. 53, 1958) the mean of
 * y where x is Phi(z) is Phi(r z / sqrt(2 - r^2)), and the covariance 0.6/12. */
static double first_order(double own, double other)
{
    const double r = 2 * sin(0.6 * acos(-1) / 6), step = 0.01;
    double mean = 0, square = 0;
    for (double z = -8; z < 8; z += step) {
        const double density = step * exp(-z * z / 2) / sqrt(2 * acos(-1));
        const double x = 0.5 * erfc(-z / sqrt(2)),
                     y = 0.5 * erfc(-r * z / sqrt(2 - r * r) / sqrt(2));
        mean += density * (own * x + other * y);
        square += density * (own * x + other * y) * (own * x + other * y);
    }
    return (square - mean * mean) / ((own * own + other * other + 2 * own * other * 0.6) / 12);
}

/* Spearman's rank correlation of the samples, beside the one asked for. */
START_TEST(correlated_inputs_are_told_as_asked_and_as_achieved)
{
    struct answer a = answer_of("sweep", ANALYTIC,
                                "samples = 2000\n"
                                "[uncertain]\n"
                                "build.rent = uniform(0, 4) USD/hour\n"
                                "buy.price_scale = uniform(0.5, 1.5)\n"
                                "build.step_scale = constant(1)\n"
                                "correlation = build.rent ~ buy.price_scale 0.6\n",
                                "--set study.max_volume=1.5x");
    struct csv t = csv_of(&a, "samples.csv");
    const int n = count_drawn(&t);
    double *x = ranks_of(column_of(&t, "build.rent"), n),
           *y = ranks_of(column_of(&t, "buy.price_scale"), n);
    double sum = 0;
    char said[120];
    for (int i = 0; i < n; i++)
        sum += (x[i] - y[i]) * (x[i] - y[i]);
    const double rho = 1 - 6 * sum / ((double)n * ((double)n * n - 1));
    answer_ck_near(&a, "rank_correlations[0].asked", 0.6, 1e-12);
    answer_ck_near(&a, "rank_correlations[0].achieved", rho, 1e-9);
    ck_near(rho, 0.6, 0.02, "the rank correlation of the samples");
    ck_assert_str_eq(answer_string(&a, "rank_correlations[0].a"), "build.rent");
    ck_assert_str_eq(answer_string(&a, "rank_correlations[0].b"), "buy.price_scale");
    snprintf(said, sizeof said,
             "Rank correlations asked for: build.rent ~ buy.price_scale 0.60 (%.2f achieved).",
             rho);
    answer_ck_says(&a, said);
    ck_near(answer_number(&a, "inputs[0].saving_first"), first_order(-2 * V, 2 * U), 0.02,
            "first order of the rent");
    ck_near(answer_number(&a, "inputs[1].saving_first"), first_order(2 * U, -2 * V), 0.02,
            "first order of the price");
    ck_assert_double_lt(answer_number(&a, "inputs[0].saving_first_hi") -
                            answer_number(&a, "inputs[0].saving_first_lo"),
                        0.1);
    ck_assert_str_eq(answer_string(&a, "design.indices"), "given-data");
    ck_assert_str_eq(answer_string(&a, "design.sampling"), "sobol");
    /* A tenth of 2,000 is 200; 128 is the largest power of two in that, and 15 of them go in. */
    answer_ck_near(&a, "design.randomizations", 15, 0);
    answer_ck_near(&a, "design.base_points", 15 * 128, 0);
    free(x);
    free(y);
    csv_fini(&t);
    answer_fini(&a);
}
END_TEST

/* ---- when it is enough ---- */

/* Of 40 hypercubes it looks at 10, at 20 and at all; it stops at the first look at which the median
 * is known to within the share asked for. */
static const char more_and_more[] = "samples = 1000\n"
                                    "sampling = latin\n"
                                    "indices = given-data\n"
                                    "[uncertain]\n"
                                    "buy.price_scale = uniform(0.9, 1.2)\n"
                                    "build.step_scale = constant(1)\n";

START_TEST(a_sweep_stops_at_the_first_look_that_is_precise_enough)
{
    static const int groups[] = { 10, 20, 40 };
    struct answer all = answer_of("sweep", ANALYTIC, more_and_more, "--precision 0.01%");
    struct csv t = csv_of(&all, "samples.csv");
    double *y = column_of(&t, "crossover"), width[3];
    ck_assert_int_eq(t.n_rows, N_SEVEN);
    for (int k = 0; k < 3; k++) {
        const struct interval i = volume_interval(y, 25 * groups[k], 0.5, groups[k]);
        width[k] = fmax(i.hi / i.mid - 1, 1 - i.lo / i.mid);
    }
    ck_assert_double_gt(width[0], 1.1 * width[1]);
    char options[40];
    snprintf(options, sizeof options, "--precision %.4f%%", 100 * sqrt(width[0] * width[1]));
    struct answer a = answer_of("sweep", ANALYTIC, more_and_more, options);
    answer_ck_near(&a, "design.samples", 500, 0);
    answer_ck_near(&a, "design.randomizations", 20, 0);
    ck_assert(answer_is(&a, "design.stopped_early"));
    check_interval(&a, "crossover_requests_month.p50", volume_interval(y, 500, 0.5, 20), 1e-6);
    answer_ck_says(&a, "Stopped early: the precision asked for was reached.");
    char said[200];
    snprintf(said, sizeof said,
             "Note: the median crossover is known to within %.2g %%, not the 0.01 %% of "
             "study.precision: that takes more samples.",
             100 * width[2]);
    answer_ck_says(&all, said);
    answer_ck_silent(&all, "Stopped early");
    /* One input that varies explains all that varies; of steps a polynomial misses a little. */
    answer_ck_near(&all, "inputs[0].saving_first", 1, 1e-3);
    answer_ck_near(&all, "inputs[0].log10_crossover_first", 1, 0.05);
    free(y);
    csv_fini(&t);
    answer_fini(&a);
    answer_fini(&all);
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
    tcase_add_test(tc, quantiles_stand_in_a_table);
    tcase_add_test(tc, a_sweep_is_told_in_figures_of_its_samples);
    tcase_add_loop_test(tc, rank_correlations_are_partial_ones_of_the_samples, 0, 2);
    suite_add_tcase(suite, tc);
    tc = tcase_create("linear");
    tcase_set_timeout(tc, 60);
    tcase_add_unchecked_fixture(tc, ask_linear, drop_linear);
    tcase_add_test(tc, a_linear_saving_has_the_answers_of_a_closed_form);
    tcase_add_test(tc, shares_of_variance_and_worths_are_those_of_the_terms);
    tcase_add_loop_test(tc, a_worth_is_what_its_rule_yields_over_the_samples, 0, 2);
    tcase_add_loop_test(tc, indices_are_those_of_rows_a_b_and_a_with_one_of_b, 0, 6);
    tcase_add_test(tc, a_frozen_row_says_what_it_is);
    tcase_add_test(tc, the_design_is_told_as_it_is);
    tcase_add_test(tc, shares_of_variance_stand_in_a_table);
    tcase_add_test(tc, a_sweep_is_told_in_figures_of_the_closed_form);
    suite_add_tcase(suite, tc);
    tc = tcase_create("one side");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, where_one_side_always_wins_the_bound_is_said_once, 0, 2);
    tcase_add_test(tc, knowing_what_moves_nothing_is_worth_no_more_than_its_fit_may_hide);
    tcase_add_test(tc, materiality_is_told_as_it_was_typed);
    tcase_add_loop_test(tc, a_winner_wins_in_more_than_four_samples_of_five, 0,
                        sizeof verdicts / sizeof verdicts[0]);
    tcase_add_test(tc, what_is_no_middle_and_too_few_points_are_told);
    tcase_add_test(tc, correlated_inputs_are_told_as_asked_and_as_achieved);
    tcase_add_test(tc, a_sweep_stops_at_the_first_look_that_is_precise_enough);
    suite_add_tcase(suite, tc);
    tc = tcase_create("slow steps");
    tcase_set_timeout(tc, 60);
    tcase_add_unchecked_fixture(tc, ask_slow, drop_slow);
    tcase_add_test(tc, above_the_limit_there_is_no_fleet_and_no_bill);
    tcase_add_test(tc, the_error_of_the_step_time_meets_the_limit_too);
    tcase_add_test(tc, regrets_count_what_was_paid_in_vain);
    tcase_add_test(tc, the_fan_leaves_out_samples_without_a_fleet);
    tcase_add_test(tc, the_surrogate_is_told_with_its_error_and_effort);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
