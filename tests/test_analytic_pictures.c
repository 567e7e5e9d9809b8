/* test_analytic_pictures.c - the pictures of a sweep: what stands in the data and beside them is
 * what its samples say. tests/data/analytic.ini says why every sample is known.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "by_hand.h"
#include "xo/stats.h"

enum { N = 400, N_INPUTS = 6 };
static const double MIN_VOLUME = 0.1e6, MAX_VOLUME = 6e6, PLAN = 1e6;
static const char uncertain[] = "samples = 400\n"
                                "sampling = latin\n"
                                "indices = given-data\n" BY_HAND_UNCERTAIN;

static struct answer sweep;
static struct csv samples;

static void ask(void)
{
    sweep = answer_with(ANSWER_UNDRAWN, "sweep", ANALYTIC, uncertain, PATIENT);
    samples = csv_of(&sweep, "samples.csv");
    ck_assert_int_eq(samples.n_rows, N);
}

static void drop(void)
{
    csv_fini(&samples);
    answer_fini(&sweep);
}

/* ---- what a .set file says ---- */

static char *set_of(const char *picture)
{
    char name[64];
    snprintf(name, sizeof name, "%s.set", picture);
    return answer_file(&sweep, name);
}

/* What stands behind "NAME = "; "" where there is none. */
static const char *behind(const char *set, const char *name)
{
    char key[64];
    const size_t length = (size_t)snprintf(key, sizeof key, "%s = ", name);
    for (const char *at = set; (at = strstr(at, key)) != NULL; at++)
        if (at == set || at[-1] == '\n' || at[-1] == ' ')
            return at + length;
    return "";
}

static double number_in(const char *set, const char *name)
{
    const char *text = behind(set, name);
    char *end;
    const double value = strtod(text, &end);
    return end > text ? value : (double)NAN;
}

/* The number of row I (from 1) of a list. */
static double listed(const char *set, const char *list, int i, const char *what)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%s[%d]", list, what, i);
    return number_in(set, name);
}

#define ck_text(set, name, right)                                                                  \
    do {                                                                                           \
        const char *found_ = behind(set, name);                                                    \
        ck_assert_msg(strncmp(found_, "'" right "'", sizeof "'" right "'" - 1) == 0,               \
                      "%s is %.80s", name, found_);                                                \
    } while (0)
#define ck_starts(set, name, right)                                                                \
    do {                                                                                           \
        const char *found_ = behind(set, name);                                                    \
        ck_assert_msg(strncmp(found_, right, strlen(right)) == 0, "%s is %.80s, not %s", name,     \
                      found_, right);                                                              \
    } while (0)

/* Where a share of the way from one side of a panel to the other lies: places are parts of the page
 * with four digits. */
static double across(const char *set, const char *panel, const char *from, const char *to,
                     double share)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%s", panel, from);
    const double a = number_in(set, name);
    snprintf(name, sizeof name, "%s_%s", panel, to);
    return a + share * (number_in(set, name) - a);
}
static const double PLACE = 1e-4;

static double way_of(double volume)
{
    return log(volume / MIN_VOLUME) / log(MAX_VOLUME / MIN_VOLUME);
}

static double clipped(double volume)
{
    return fmin(fmax(volume, MIN_VOLUME), MAX_VOLUME);
}

/* A figure of sweep.json; INFINITY for "never". */
static double figure(const char *path)
{
    const json_t *at = answer_at(&sweep, path);
    return json_is_string(at) ? (double)INFINITY : answer_number(&sweep, path);
}

/* ---- the crossings ---- */

/* Sixty bins by equal ratios over the simulated volumes; below them building is cheaper already. */
START_TEST(bars_and_line_count_the_crossings_of_the_samples)
{
    enum { BINS = 60 };
    struct csv t = csv_of(&sweep, "crossover.csv");
    char *set = set_of("crossover"), said[80];
    double in[BINS] = { 0 }, below = 0, above = 0, highest = 0;
    for (int row = 0; row < N; row++) {
        const double x = csv_number(&samples, row, "crossover");
        if (x < MIN_VOLUME)
            below++;
        else if (x > MAX_VOLUME)
            above++;
        else
            in[(int)fmin(BINS * way_of(x), BINS - 1)]++;
    }
    double all = below / N;
    ck_assert_int_eq(t.n_rows, BINS);
    for (int b = 0; b < BINS; b++) {
        all += in[b] / N;
        highest = fmax(highest, in[b] / N);
        ck_near(csv_number(&t, b, "from_requests_month"),
                MIN_VOLUME * pow(MAX_VOLUME / MIN_VOLUME, b / 60.0), 1e-9, "left of bar %d", b);
        ck_near(csv_number(&t, b, "to_requests_month"),
                MIN_VOLUME * pow(MAX_VOLUME / MIN_VOLUME, (b + 1) / 60.0), 1e-9, "right of bar %d",
                b);
        ck_near(csv_number(&t, b, "share"), in[b] / N, 1e-9, "bar %d", b);
        ck_near(csv_number(&t, b, "cumulative_share"), all, 1e-9, "line at bar %d", b);
    }
    ck_near(all + above / N, 1, 1e-9, "all samples");
    ck_near(number_in(set, "x_lo"), MIN_VOLUME * (1 - 1e-6), 1e-9, "left end");
    ck_near(number_in(set, "x_hi"), MAX_VOLUME * (1 + 1e-6), 1e-9, "right end");
    ck_near(number_in(set, "share_hi"), 118 * highest, 1e-6, "upper end");
    ck_near(number_in(set, "below_n"), below > 0, 0, "below");
    snprintf(said, sizeof said, "'not within these volumes: %.1f %%", 100 * above / N);
    ck_assert(above > 0);
    ck_starts(set, "above_text[1]", said);
    csv_fini(&t);
    free(set);
}
END_TEST

START_TEST(quantiles_of_the_crossing_and_the_plan_are_marked)
{
    static const char *const names[] = { "P5", "median", "P95" };
    static const char *const paths[] = { "p05", "p50", "p95" };
    char *set = set_of("crossover");
    int i = 1;
    for (int q = 0; q < 3; q++) {
        char path[64], said[40], name[32];
        snprintf(path, sizeof path, "crossover_requests_month.%s.estimate", paths[q]);
        const double volume = figure(path);
        if (isinf(volume)) /* in more than a twentieth of the samples it does not come */
            continue;
        ck_near(listed(set, "mark", i, "line"),
                across(set, "panel", "left", "right", way_of(volume)), PLACE, "%s", names[q]);
        snprintf(said, sizeof said, "'%s %.0f k'", names[q], 10 * round(volume / 1e4));
        snprintf(name, sizeof name, "mark_text[%d]", i++);
        ck_starts(set, name, said);
    }
    ck_assert_int_eq(i, 3);
    ck_text(set, "mark_text[3]", "your plan");
    ck_near(listed(set, "mark", 3, "line"), across(set, "panel", "left", "right", way_of(PLAN)),
            PLACE, "plan");
    ck_near(number_in(set, "mark_n"), 3, 0, "marks");
    /* Names stand beside their lines, but for those in the middle: P5 at the left of its line. */
    ck_text(set, "mark_align[1]", "right");
    ck_text(set, "mark_align[2]", "center");
    ck_near(listed(set, "mark", 1, "x") - listed(set, "mark", 1, "line"), 4 / 1400.0, PLACE,
            "beside");
    ck_near(listed(set, "mark", 2, "x"), listed(set, "mark", 2, "line"), PLACE, "above");
    free(set);
}
END_TEST

/* ---- the fan ---- */

START_TEST(the_fan_is_drawn_from_its_figures)
{
    static const char *const lines[] = { "buy", "same", "build" };
    struct csv t = csv_of(&sweep, "fan.csv");
    char *set = set_of("fan");
    double lo = INFINITY, hi = 0, end[3];
    ck_assert_int_eq(t.n_rows, answer_count(&sweep, "cost_fan"));
    for (int k = 0; k < t.n_rows; k++) {
        ck_near(csv_number(&t, k, "volume_requests_month"),
                MIN_VOLUME * pow(MAX_VOLUME / MIN_VOLUME, k / 32.0), 1e-9, "volume %d", k);
        for (int l = 0; l < 3; l++)
            for (int q = 5; q < 100; q += 45) {
                char path[64], column[64];
                snprintf(path, sizeof path, "cost_fan[%d].%s_p%02d_usd_month", k, lines[l], q);
                snprintf(column, sizeof column, "%s_p%02d_usd", lines[l], q);
                const double usd = figure(path);
                ck_near(csv_number(&t, k, column), usd, 1e-9, "%s", path);
                lo = fmin(lo, usd);
                hi = fmax(hi, usd);
                if (q == 50)
                    end[l] = usd; /* the last of them stays */
            }
    }
    lo *= 0.8;
    hi *= 1.25;
    ck_near(number_in(set, "y_lo"), lo, 1e-6, "lower end");
    ck_near(number_in(set, "y_hi"), hi, 1e-6, "upper end");
    ck_near(number_in(set, "end_n"), 3, 0, "names at the ends");
    for (int i = 1; i <= 3; i++) { /* each at its last median */
        char name[32];
        int l = 0;
        snprintf(name, sizeof name, "end_of[%d]", i);
        while (l < 2 && strncmp(behind(set, name) + 1, lines[l], strlen(lines[l])) != 0)
            l++;
        ck_near(listed(set, "end", i, "from"),
                across(set, "panel", "bottom", "top", log(end[l] / lo) / log(hi / lo)), PLACE,
                "end of %s", lines[l]);
    }
    ck_near(listed(set, "mark", 1, "line"), across(set, "panel", "left", "right", way_of(PLAN)),
            PLACE, "plan");
    ck_text(set, "sides", "buy same build ");
    ck_assert_ptr_nonnull(strstr(set, "band: P5 to P95 over 400 samples;"));
    csv_fini(&t);
    free(set);
}
END_TEST

/* ---- the tornado ---- */

/* The longest bar on top; what moves it less stands below. */
START_TEST(the_bars_of_the_tornado_are_ordered_and_placed)
{
    struct csv t = csv_of(&sweep, "tornado.csv"), all = csv_of(&sweep, "sweep.csv");
    char *set = set_of("tornado");
    double before = INFINITY, lo = INFINITY, hi = -INFINITY;
    const double base = figure("saving_of_the_scenario_usd_month");
    const double crossing = figure("crossover_of_the_scenario_requests_month");
    double left = log10(crossing), right = left;
    ck_assert_int_eq(t.n_rows, N_INPUTS);
    for (int k = 0; k < t.n_rows; k++) {
        static const struct {
            const char *column, *of;
            bool is_volume;
        } cells[] = { { "low", "tornado_low", false },
                      { "high", "tornado_high", false },
                      { "saving_at_low_usd", "saving_at_low_usd_month", false },
                      { "saving_at_high_usd", "saving_at_high_usd_month", false },
                      { "crossover_at_low", "crossover_at_low_requests_month", true },
                      { "crossover_at_high", "crossover_at_high_requests_month", true } };
        const char *input = csv_text(&t, k, "input");
        const int row = csv_row(&all, "input", input);
        double value[6];
        for (int c = 0; c < 6; c++) {
            value[c] = csv_number(&all, row, cells[c].of);
            value[c] = cells[c].is_volume ? clipped(value[c]) : value[c];
            ck_near(csv_number(&t, k, cells[c].column), value[c], 1e-12, "%s of %s",
                    cells[c].column, input);
        }
        ck_near(csv_number(&t, k, "row"), -k, 0, "row");
        ck_assert_double_le(fabs(value[3] - value[2]), before);
        before = fabs(value[3] - value[2]);
        lo = fmin(lo, fmin(value[2], value[3]));
        hi = fmax(hi, fmax(value[2], value[3]));
        left = fmin(left, log10(fmin(value[4], value[5])));
        right = fmax(right, log10(fmax(value[4], value[5])));
    }
    /* A third of the width is free at either side, of the crossings a quarter of a decade. */
    const double width = hi - lo, room = fmax(0.35 * (right - left), 0.25);
    lo -= 0.32 * width;
    hi += 0.32 * width;
    left -= room;
    right += room;
    ck_near(number_in(set, "saving_lo"), lo, 1e-6, "least saving");
    ck_near(number_in(set, "saving_hi"), hi, 1e-6, "largest saving");
    ck_near(number_in(set, "crossing_lo"), pow(10, left), 1e-6, "least crossing");
    ck_near(number_in(set, "crossing_hi"), pow(10, right), 1e-6, "largest crossing");
    ck_near(listed(set, "base", 1, "x"),
            across(set, "saving", "left", "right", (base - lo) / (hi - lo)), PLACE, "saving");
    ck_near(listed(set, "base", 2, "x"),
            across(set, "crossing", "left", "right", (log10(crossing) - left) / (right - left)),
            PLACE, "crossing");
    ck_near(listed(set, "zero", 1, "x"), across(set, "saving", "left", "right", -lo / (hi - lo)),
            PLACE, "no saving");
    csv_fini(&t);
    csv_fini(&all);
    free(set);
}
END_TEST

/* ---- shares of variance ---- */

START_TEST(shares_of_variance_are_drawn_in_the_order_of_the_answer)
{
    static const struct {
        const char *column, *output;
    } outputs[] = { { "saving", "saving" },
                    { "build_wins", "build_wins" },
                    { "crossover", "log10_crossover" } };
    struct csv t = csv_of(&sweep, "indices.csv"), all = csv_of(&sweep, "sweep.csv");
    char *set = set_of("indices"), said[80];
    ck_assert_int_eq(t.n_rows, N_INPUTS);
    for (int k = 0; k < t.n_rows; k++) {
        char path[64];
        const char *input = csv_text(&t, k, "input");
        const int row = csv_row(&all, "input", input);
        snprintf(path, sizeof path, "verdict.moves_most[%d]", k);
        ck_assert_str_eq(input, answer_string(&sweep, path));
        for (int o = 0; o < 3; o++)
            for (int e = 0; e < 3; e++) {
                static const char *const ends[] = { "", "_lo", "_hi" };
                char column[64], of[64];
                snprintf(column, sizeof column, "%s_first%s", outputs[o].column, ends[e]);
                snprintf(of, sizeof of, "%s_first%s", outputs[o].output, ends[e]);
                ck_near(csv_number(&t, k, column), csv_number(&all, row, of), 1e-12, "%s of %s",
                        column, input);
            }
    }
    ck_near(number_in(set, "panel_n"), 3, 0, "panels");
    snprintf(said, sizeof said, "'%.3g %% of samples outside the range'",
             100 * figure("outputs.log10_crossover.censored_share"));
    ck_starts(set, "panel_note[3]", said);
    ck_near(number_in(set, "has_total"), 0, 0, "totals");
    csv_fini(&t);
    csv_fini(&all);
    free(set);
}
END_TEST

/* ---- the two strongest inputs ---- */

/* An axis of more than twenty to one goes by ratios, with a tenth to spare; others have 3 % of
 * their length at either end. */
static void check_axis(const char *set, const char *axis, double lo, double hi)
{
    const bool log = hi > 20 * lo;
    const double room = 0.03 * (hi - lo);
    char name[16];
    snprintf(name, sizeof name, "%s_log", axis);
    ck_near(number_in(set, name), log, 0, "%s", name);
    snprintf(name, sizeof name, "%s_lo", axis);
    ck_near(number_in(set, name), log ? lo / 1.1 : lo - room, 1e-6, "%s", name);
    snprintf(name, sizeof name, "%s_hi", axis);
    ck_near(number_in(set, name), log ? hi * 1.1 : hi + room, 1e-6, "%s", name);
}

START_TEST(every_sample_is_a_point_of_its_winner)
{
    struct csv t = csv_of(&sweep, "inputs.csv");
    char *set = set_of("inputs");
    ck_assert_int_eq(t.n_rows, N);
    for (int axis = 0; axis < 2; axis++) {
        const char *input = answer_string(&sweep, answer_path("verdict.moves_most[%d]", axis));
        double lo = INFINITY, hi = -INFINITY;
        for (int row = 0; row < N; row++) {
            const double at = csv_number(&samples, row, input);
            ck_near(csv_number(&t, row, axis == 0 ? "x" : "y"), at, 1e-12, "%s", input);
            lo = fmin(lo, at);
            hi = fmax(hi, at);
        }
        check_axis(set, axis == 0 ? "x" : "y", lo, hi);
    }
    for (int row = 0; row < N; row++) {
        const double saving = csv_number(&samples, row, "saving_usd");
        ck_near(csv_number(&t, row, "winner"), saving > 0, 0, "winner of sample %d", row);
        ck_near(csv_number(&t, row, "saving_usd_month"), saving, 1e-12, "saving");
    }
    ck_text(set, "winners", "0 1 "); /* some fleet meets the SLO in every sample */
    csv_fini(&t);
    free(set);
}
END_TEST

/* ---- convergence ---- */

START_TEST(convergence_is_drawn_within_the_simulated_volumes)
{
    struct csv t = csv_of(&sweep, "convergence.csv");
    char *set = set_of("convergence");
    double lo = INFINITY, hi = 0, first = 0, last = 0;
    ck_assert_int_eq(t.n_rows, answer_count(&sweep, "convergence"));
    for (int k = 0; k < t.n_rows; k++) {
        static const struct {
            const char *column, *path;
            bool is_volume;
        } cells[] = { { "samples", "samples", false },
                      { "crossover_p50", "crossover_p50_requests_month", true },
                      { "crossover_p50_lo", "crossover_p50_lo", true },
                      { "crossover_p50_hi", "crossover_p50_hi", true },
                      { "build_wins_share", "build_wins_share", false },
                      { "build_wins_lo", "build_wins_lo", false },
                      { "build_wins_hi", "build_wins_hi", false } };
        for (int c = 0; c < 7; c++) {
            char path[64];
            snprintf(path, sizeof path, "convergence[%d].%s", k, cells[c].path);
            const double right = cells[c].is_volume ? clipped(figure(path)) : figure(path);
            ck_near(csv_number(&t, k, cells[c].column), right, 1e-12, "%s", path);
            if (cells[c].is_volume) {
                lo = fmin(lo, right);
                hi = fmax(hi, right);
            }
        }
        last = csv_number(&t, k, "samples");
        first = k == 0 ? last : first;
    }
    ck_near(number_in(set, "x_lo"), 0.98 * first, 1e-6, "left end");
    ck_near(number_in(set, "x_hi"), 1.02 * last, 1e-6, "right end");
    ck_near(number_in(set, "y_lo"), lo / 1.15, 1e-6, "lower end");
    ck_near(number_in(set, "y_hi"), hi * 1.15, 1e-6, "upper end");
    csv_fini(&t);
    free(set);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("analytic_pictures");
    TCase *tc = tcase_create("sweep");
    tcase_set_timeout(tc, 60);
    tcase_add_unchecked_fixture(tc, ask, drop);
    tcase_add_test(tc, bars_and_line_count_the_crossings_of_the_samples);
    tcase_add_test(tc, quantiles_of_the_crossing_and_the_plan_are_marked);
    tcase_add_test(tc, the_fan_is_drawn_from_its_figures);
    tcase_add_test(tc, the_bars_of_the_tornado_are_ordered_and_placed);
    tcase_add_test(tc, shares_of_variance_are_drawn_in_the_order_of_the_answer);
    tcase_add_test(tc, every_sample_is_a_point_of_its_winner);
    tcase_add_test(tc, convergence_is_drawn_within_the_simulated_volumes);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
