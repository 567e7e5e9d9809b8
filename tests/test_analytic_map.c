/* test_analytic_map.c - `map` of a deployment whose every bill can be worked out by hand:
 * tests/data/analytic.ini says why.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "by_hand.h"

static const double MATERIALITY = 0.05;

/* ---- volume against rent: cells, shares, the frontier, the picture ---- */

enum { NX = 7, NY = 5 };
static struct answer map;
static struct csv cells, frontier;

static void ask_map(void)
{
    map = answer_of("map", ANALYTIC, NULL,
                    "--x 'workload.volume=100k..1.9M requests/month' "
                    "--y 'build.rent=$0..$4/hour' --cells 7x5");
    cells = csv_of(&map, "map.csv");
    frontier = csv_of(&map, "frontier.csv");
}

static void drop_map(void)
{
    csv_fini(&cells);
    csv_fini(&frontier);
    answer_fini(&map);
}

/* Volumes rise by equal ratios, since the last is more than four times the first; rents, which
 * begin at 0, by equal steps. */
static double volume_at(int i)
{
    return 100e3 * pow(19, i / (NX - 1.0));
}
static struct by_hand world_at(int j)
{
    struct by_hand w = as_typed;
    w.rent_usd_hour = j;
    return w;
}

static double saving_usd(const struct by_hand *w, double volume)
{
    return by_hand_buy_usd(w, volume) - by_hand_build_usd(w, volume);
}

static const char *winner_of(const struct by_hand *w, double volume)
{
    const double buy = by_hand_buy_usd(w, volume), build = by_hand_build_usd(w, volume);
    return fabs(buy - build) < MATERIALITY * fmin(buy, build) ? "too_close"
           : build < buy                                      ? "build"
                                                              : "buy";
}

START_TEST(every_cell_is_what_its_keys_give)
{
    ck_assert_int_eq(cells.n_rows, NX * NY);
    ck_assert_int_eq(answer_count(&map, "cells"), NX * NY);
    for (int row = 0; row < NX * NY; row++) {
        const double volume = volume_at(row % NX);
        const struct by_hand w = world_at(row / NX);
        const double replicas = by_hand_fleet(&w, volume) + 1;
        const struct {
            const char *column;
            double right;
        } columns[] = { { "x", volume },
                        { "y", w.rent_usd_hour },
                        { "volume", volume },
                        { "buy_usd", by_hand_buy_usd(&w, volume) },
                        { "same_usd", by_hand_same_usd(&w, volume) },
                        { "build_usd", by_hand_build_usd(&w, volume) },
                        { "saving_usd", saving_usd(&w, volume) },
                        { "replicas", replicas },
                        { "gpus", replicas },
                        { "option", 0 },
                        { "api", 0 },
                        { "buy_limited", 0 } };
        char path[64];
        for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
            snprintf(path, sizeof path, "cells[%d].%s", row, columns[c].column);
            ck_near(csv_number(&cells, row, columns[c].column), columns[c].right, 1e-8, "%s", path);
            ck_near(answer_number(&map, path), columns[c].right, 1e-8, "%s", path);
        }
        ck_assert_str_eq(csv_text(&cells, row, "winner"), winner_of(&w, volume));
        snprintf(path, sizeof path, "cells[%d].winner", row);
        ck_assert_str_eq(answer_string(&map, path), winner_of(&w, volume));
    }
}
END_TEST

START_TEST(shares_are_those_of_the_cells)
{
    double build = 0, close = 0, same = 0;
    for (int row = 0; row < NX * NY; row++) {
        const struct by_hand w = world_at(row / NX);
        const double volume = volume_at(row % NX);
        build += strcmp(winner_of(&w, volume), "build") == 0;
        close += strcmp(winner_of(&w, volume), "too_close") == 0;
        same += by_hand_same_usd(&w, volume) < by_hand_build_usd(&w, volume);
    }
    char said[400];
    answer_ck_near(&map, "build_share", build / (NX * NY), 1e-12);
    answer_ck_near(&map, "too_close_share", close / (NX * NY), 1e-12);
    snprintf(said, sizeof said,
             "Of the cells with both bills this build is cheaper in %.0f %%, and %.0f %% are too "
             "close to call (under 5 %% of the cheaper bill, ~); the frontier, where both cost the "
             "same, has 1 line. The same weights by the token cost less than this build in %.0f %% "
             "of cells.",
             100 * build / (NX * NY), 100 * close / (NX * NY), 100 * same / (NX * NY));
    answer_ck_says(&map, said);
    answer_ck_silent(&map, "as listed");
}
END_TEST

/* Does the winner change between two points that are 2e-6 of an edge apart, POINT in their middle?
 * The edge of `x` is a sixth of the ratio 19, that of `y` $1. */
static bool is_change(double x, double y)
{
    const bool along_x = y == round(y);
    bool builds[2];
    for (int k = 0; k < 2; k++) {
        const double off = k == 0 ? -1e-6 : 1e-6;
        struct by_hand w = as_typed;
        w.rent_usd_hour = along_x ? y : y + off;
        builds[k] = saving_usd(&w, along_x ? x * pow(19, off / 6) : x) > 0;
    }
    return builds[0] != builds[1];
}

/* Each edge whose ends have different winners has one point, where the bills are equal or, where a
 * replica more turns the winner, jump; one line joins them all, from the lowest volume up. */
START_TEST(the_frontier_is_where_the_winner_changes)
{
    int n = 0;
    for (int row = 0; row < NX * NY; row++) {
        const int i = row % NX, j = row / NX;
        const struct by_hand w = world_at(j), above = world_at(j + 1);
        const bool builds = saving_usd(&w, volume_at(i)) > 0;
        n += i < NX - 1 && builds != (saving_usd(&w, volume_at(i + 1)) > 0);
        n += j < NY - 1 && builds != (saving_usd(&above, volume_at(i)) > 0);
    }
    ck_assert_int_eq(frontier.n_rows, n);
    ck_assert_int_eq(answer_count(&map, "frontier"), n);
    for (int row = 0; row < n; row++) {
        const double x = csv_number(&frontier, row, "x"), y = csv_number(&frontier, row, "y");
        char path[64];
        ck_assert_str_eq(csv_text(&frontier, row, "line"), "0");
        ck_assert_msg(is_change(x, y), "the winner does not change at %.9g, %.9g", x, y);
        if (row > 0)
            ck_assert_double_gt(x, csv_number(&frontier, row - 1, "x"));
        snprintf(path, sizeof path, "frontier[%d].x", row);
        answer_ck_near(&map, path, x, 0);
        snprintf(path, sizeof path, "frontier[%d].y", row);
        answer_ck_near(&map, path, y, 0);
        snprintf(path, sizeof path, "frontier[%d].line", row);
        answer_ck_near(&map, path, 0, 0);
    }
}
END_TEST

/* At a node's volume the bills are equal where 1.1 (730 r (n + 1) + 6000) is what buying costs. */
START_TEST(between_two_rents_the_frontier_is_the_rent_of_equal_bills)
{
    int n = 0;
    for (int row = 0; row < frontier.n_rows; row++) {
        const double x = csv_number(&frontier, row, "x"), y = csv_number(&frontier, row, "y");
        if (y == round(y))
            continue;
        const double replicas = by_hand_fleet(&as_typed, x) + 1;
        const double equal = (by_hand_buy_usd(&as_typed, x) / 1.1 - 6000) / (HOURS * replicas);
        ck_near(y, equal, 1e-6, "rent of equal bills at %.6g", x);
        n++;
    }
    ck_assert_int_eq(n, 3);
}
END_TEST

/* Up is more: the first line is the dearest rent. The plan, at ln 10 / ln 19 = 78 % of the way
 * right, stands in the column nearest to it, five of six. */
START_TEST(the_picture_shows_the_winner_of_each_cell)
{
    static const char *const rents[NY] = { "$0/hour ", "", "$2/hour ", "", "$4/hour " };
    char wanted[400] = "";
    for (int j = NY - 1; j >= 0; j--) {
        const struct by_hand w = world_at(j);
        char line[NX + 1] = "";
        for (int i = 0; i < NX; i++) {
            const char *winner = winner_of(&w, volume_at(i));
            line[i] = strcmp(winner, "build") == 0 ? '#' : strcmp(winner, "buy") == 0 ? '.' : '~';
        }
        if (j == 2)
            line[5] = '@';
        snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%s|%s ", rents[j], line);
    }
    strcat(wanted, "100k/month 1.9M/month ");
    answer_ck_says(&map, wanted);
    answer_ck_says(&map, "Up: build.rent (equal steps). Right: workload.volume (equal ratios). # "
                         "this build is cheaper . buying is ~ too close to call @ your plan ? no "
                         "fleet meets the SLO");
}
END_TEST

START_TEST(the_plan_has_a_cell_of_its_own)
{
    const double buy = by_hand_buy_usd(&as_typed, 1e6), build = by_hand_build_usd(&as_typed, 1e6);
    const struct {
        const char *path;
        double right;
    } figures[] = { { "plan.x", 1e6 },
                    { "plan.y", 2 },
                    { "plan.volume", 1e6 },
                    { "plan.buy_usd", buy },
                    { "plan.same_usd", by_hand_same_usd(&as_typed, 1e6) },
                    { "plan.build_usd", build },
                    { "plan.saving_usd", buy - build },
                    { "plan.replicas", 6 },
                    { "x.from", 100e3 },
                    { "x.to", 1.9e6 },
                    { "x.n", NX },
                    { "y.from", 0 },
                    { "y.to", 4 },
                    { "y.n", NY },
                    { "capacities_simulated_in_full", 0 } };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        answer_ck_near(&map, figures[i].path, figures[i].right, 1e-9);
    ck_assert_str_eq(answer_string(&map, "plan.winner"), "build");
    ck_assert(answer_is(&map, "plan_inside"));
    ck_assert_str_eq(answer_string(&map, "x.key"), "workload.volume");
    ck_assert_str_eq(answer_string(&map, "x.unit"), "requests/month");
    ck_assert_str_eq(answer_string(&map, "x.reach"), "exact");
    ck_assert(answer_is(&map, "x.log"));
    ck_assert_str_eq(answer_string(&map, "y.key"), "build.rent");
    ck_assert_str_eq(answer_string(&map, "y.unit"), "USD/hour");
    ck_assert_str_eq(answer_string(&map, "y.reach"), "money");
    ck_assert(!answer_is(&map, "y.log"));
    /* 16,236 is 22.7 % below 21,005. */
    answer_ck_says(&map, "At the plan (1M/month, $2/hour), inside the map: this build is cheaper. "
                         "acme/chat costs $21,000 a month, this build $16,000: the lower bill is "
                         "23 % below the other. The same weights by the token from host/tiny cost "
                         "$7,000.");
}
END_TEST

/* ---- saddles and closed lines ---- */

/* A fleet carries calls and their repetitions: volume (1 + retries) = d. With a rent of $2, n + 1
 * replicas cost 1606 n + 8206, buying 0.020005 d + 1000, and a replica is added at each 219,000. So
 * building is cheaper from d = (1606 x 3 + 7206)/0.020005 on to 657,000, where the fourth replica
 * comes, and again from (1606 x 4 + 7206)/0.020005 = 681,330 on. Retries begin at 0 %. */
static const double THREE = (1606 * 3 + 7206) / 0.020005, FOURTH = 3 * 219e3,
                    FOUR = (1606 * 4 + 7206) / 0.020005;

struct place {
    int line;
    double x, d; /* y is d / x - 1 */
};

static const struct island {
    const char *x, *y, *cells;
    struct place at[6];
    int n;
} islands[] = {
    /* Corners 640,000 and 696,800 build, the other two, 670,000 and 665,600, buy; so does the
     * middle, 655,000 x 1.02, and parts the two that build. */
    { "640k..670k",
      "0..4%",
      "2x2",
      { { 0, FOURTH, FOURTH }, { 0, 640e3, FOURTH }, { 1, FOUR / 1.04, FOUR }, { 1, 670e3, FOUR } },
      4 },
    /* Here the middle, 641,250 x 1.065, builds, and parts 680,500 and 680,260, which buy. */
    { "602k..680.5k",
      "0..13%",
      "2x2",
      { { 0, FOURTH, FOURTH },
        { 0, 680.5e3, FOUR },
        { 1, FOUR / 1.13, FOUR },
        { 1, 602e3, FOURTH } },
      4 },
    /* The middle of nine, 658,000, buys, and so does the first corner, 593,845; all others build,
     * and so does the place between those two: a line around the middle, one off the corner. */
    { "593845..656355",
      "0..10.526%",
      "3x3",
      { { 0, THREE, THREE },
        { 0, 593845, THREE },
        { 1, FOURTH / 1.05263, FOURTH },
        { 1, 625100, FOURTH },
        { 1, FOUR / 1.05263, FOUR },
        { 1, 625100, FOUR } },
      6 },
};

START_TEST(lines_part_at_saddles_as_the_middle_says_and_may_close)
{
    const struct island *m = &islands[_i];
    char options[200];
    snprintf(options, sizeof options,
             "--x 'workload.volume=%s requests/month' --y 'workload.retries=%s' --cells %s", m->x,
             m->y, m->cells);
    struct answer a = answer_of("map", ANALYTIC, NULL, options);
    struct csv t = csv_of(&a, "frontier.csv");
    ck_assert_int_eq(t.n_rows, m->n);
    for (int row = 0; row < m->n; row++) {
        const struct place *p = &m->at[row];
        ck_near(csv_number(&t, row, "line"), p->line, 0, "line of point %d", row);
        ck_near(csv_number(&t, row, "x"), p->x, 1e-6, "x of point %d", row);
        ck_near(csv_number(&t, row, "y"), p->d / p->x - 1, 2e-7, "y of point %d", row);
    }
    answer_ck_says(&a, "the frontier, where both cost the same, has 2 lines.");
    ck_assert_str_eq(answer_string(&a, "y.reach"), "exact");
    csv_fini(&t);
    answer_fini(&a);
}
END_TEST

/* ---- axes of the scenario, whole numbers, a plan outside ---- */

static const char own_axes[] = "[map]\n"
                               "x = build.spare_replicas=2..6\n"
                               "y = buy.price_scale=0.5..2\n"
                               "columns = 9\n"
                               "rows = 3\n";

/* Nine places from 2 to 6 replicas are whole numbers, halves to the even one; three prices from a
 * half to four times that go by ratios. _i: 1, as options say, both by equal steps. */
START_TEST(axes_stand_in_the_scenario_and_options_come_before)
{
    static const double spares[9] = { 2, 2, 3, 4, 4, 4, 5, 6, 6 };
    static const double prices[2][3] = { { 0.5, 1, 2 }, { 0.5, 1.25, 2 } };
    struct answer a = answer_of("map", ANALYTIC, own_axes, _i == 1 ? "--y-axis linear" : NULL);
    struct csv t = csv_of(&a, "map.csv");
    ck_assert_int_eq(t.n_rows, 27);
    for (int row = 0; row < 27; row++) {
        struct by_hand w = as_typed;
        w.spare_replicas = spares[row % 9];
        w.price_scale = prices[_i][row / 9];
        ck_near(csv_number(&t, row, "x"), w.spare_replicas, 0, "x of cell %d", row);
        ck_near(csv_number(&t, row, "y"), w.price_scale, 1e-12, "y of cell %d", row);
        ck_near(csv_number(&t, row, "volume"), 1e6, 0, "volume of cell %d", row);
        ck_near(csv_number(&t, row, "saving_usd"), saving_usd(&w, 1e6), 1e-9, "saving of cell %d",
                row);
    }
    ck_assert(!answer_is(&a, "plan_inside"));
    ck_assert_int_eq(answer_is(&a, "y.log"), _i == 0);
    ck_assert(!answer_is(&a, "x.log"));
    answer_ck_near(&a, "plan.x", 1, 0);
    answer_ck_says(&a, "At the plan (1, x1), outside it: this build is cheaper.");
    answer_ck_silent(&a, "@#");
    csv_fini(&t);
    answer_fini(&a);
}
END_TEST

/* Without a range an axis reaches from a tenth of the scenario's own value to ten times it. */
START_TEST(an_axis_without_a_range_reaches_ten_times_either_way)
{
    struct answer a = answer_of("map", ANALYTIC, own_axes,
                                "--x workload.volume --y build.rent --cells 3x2 "
                                "--set scenario.materiality=0.4%");
    answer_ck_near(&a, "x.from", 1e5, 1e-12);
    answer_ck_near(&a, "x.to", 1e7, 1e-12);
    answer_ck_near(&a, "y.from", 0.2, 1e-12);
    answer_ck_near(&a, "y.to", 20, 1e-12);
    answer_ck_near(&a, "cells[1].x", 1e6, 1e-12);
    answer_ck_near(&a, "cells[3].y", 20, 1e-12);
    answer_ck_says(&a, "are too close to call (under 0.4 % of the cheaper bill, ~)");
    answer_fini(&a);
}
END_TEST

/* ---- what a picture has no room for, limits of the API, steps too slow ---- */

/* Sixty of 121 columns and 21 of 41 lines are shown, evenly: the ends, and what lies nearest to
 * each place between. The plan's $2 lies in the middle line, its 1 M at 900/1,900 of 60 columns. */
START_TEST(a_picture_shows_evenly_many_of_more_cells_than_it_holds)
{
    struct answer a = answer_of("map", ANALYTIC, NULL,
                                "--x 'workload.volume=100k..2M requests/month' --x-axis linear "
                                "--y 'build.rent=$0..$4/hour' --cells 121x41");
    char wanted[2000] = "";
    for (int k = 20; k >= 0; k--) {
        struct by_hand w = as_typed;
        w.rent_usd_hour = 4 * round(k * 40 / 20.0) / 40;
        char line[61] = "";
        for (int i = 0; i < 60; i++) {
            const char *winner = winner_of(&w, 100e3 + 1900e3 * round(i * 120 / 59.0) / 120);
            line[i] = strcmp(winner, "build") == 0 ? '#' : strcmp(winner, "buy") == 0 ? '.' : '~';
        }
        if (k == 10)
            line[lround(900 / 1900.0 * 59)] = '@';
        snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%s|%s ",
                 k == 20   ? "$4/hour "
                 : k == 10 ? "$2/hour "
                 : k == 0  ? "$0/hour "
                           : "",
                 line);
    }
    answer_ck_says(&a, wanted);
    answer_fini(&a);
}
END_TEST

/* At 30 calls a minute, 1,314,000 a month: of volumes 0.2, 0.8, 1.4 and 2 M the last two. Bills
 * stand; with parity unequal no winner is named. */
START_TEST(what_the_api_cannot_serve_is_told_and_its_bill_stands)
{
    struct answer a = answer_of("map", ANALYTIC, NULL,
                                "--x 'workload.volume=200k..2M requests/month' --x-axis linear "
                                "--y 'build.rent=$1..$2/hour' --cells 4x2 "
                                "--set scenario.parity=unequal "
                                "--set 'api acme/chat.requests_per_minute=30 requests/min'");
    for (int i = 0; i < 8; i++) {
        char path[32];
        const double volume = 200e3 + 600e3 * (i % 4);
        snprintf(path, sizeof path, "cells[%d].buy_limited", i);
        answer_ck_near(&a, path, volume > 30 * 43800, 0);
        snprintf(path, sizeof path, "cells[%d].buy_usd", i);
        answer_ck_near(&a, path, by_hand_buy_usd(&as_typed, volume), 1e-9);
    }
    answer_ck_says(&a,
                   "In 50 % of cells the API cannot serve it as listed (rate limit or context): "
                   "its bill takes for granted that it can.");
    answer_ck_says(&a, "inside the map: the bill of this build is lower.");
    answer_ck_says(&a, "Parity is unequal, so this compares bills and names no winner.");
    answer_fini(&a);
}
END_TEST

/* A request takes 10 s times the step scale, more than 11 s at 1.26 and above: of scales 0.5, 0.63,
 * ... 2 by equal ratios the last three of seven have no fleet, at any rent. */
START_TEST(cells_without_a_fleet_have_no_winner_and_no_frontier)
{
    struct answer a = answer_of("map", ANALYTIC, NULL,
                                "--x build.step_scale=0.5..2 --y 'build.rent=$1..$4/hour' "
                                "--cells 7x4 --y-axis linear "
                                "--set workload.volume='300k requests/month'");
    struct csv t = csv_of(&a, "map.csv");
    double build = 0, close = 0, same = 0;
    char wanted[200] = "";
    for (int j = 3; j >= 0; j--) {
        char line[8] = "";
        for (int i = 0; i < 7; i++) {
            struct by_hand w = as_typed;
            const int row = 7 * j + i;
            const bool met = i < 4;
            w.step_scale = 0.5 * pow(4, i / 6.0);
            w.rent_usd_hour = 1 + j;
            const char *winner = met ? winner_of(&w, 300e3) : "none";
            ck_assert_str_eq(csv_text(&t, row, "winner"), winner);
            ck_near(csv_number(&t, row, "x"), w.step_scale, 1e-9, "x of cell %d", row);
            ck_near(csv_number(&t, row, "build_usd"),
                    met ? by_hand_build_usd(&w, 300e3) : (double)NAN, 1e-9, "bill of cell %d", row);
            ck_near(csv_number(&t, row, "replicas"),
                    met ? by_hand_fleet(&w, 300e3) + 1 : (double)NAN, 0, "fleet of cell %d", row);
            ck_near(csv_number(&t, row, "option"), met ? 0 : -1, 0, "option of cell %d", row);
            build += strcmp(winner, "build") == 0;
            close += strcmp(winner, "too_close") == 0;
            same += met && by_hand_same_usd(&w, 300e3) < by_hand_build_usd(&w, 300e3);
            line[i] = !met                               ? '?'
                      : strcmp(winner, "build") == 0     ? '#'
                      : strcmp(winner, "too_close") == 0 ? '~'
                                                         : '.';
        }
        if (j == 1)
            line[3] = '@';
        snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%s|%s ",
                 j == 3   ? "$4/hour "
                 : j == 2 ? "$3/hour "
                 : j == 0 ? "$1/hour "
                          : "",
                 line);
    }
    answer_ck_says(&a, wanted);
    answer_ck_near(&a, "build_share", build / 16, 1e-12);
    answer_ck_near(&a, "too_close_share", close / 16, 1e-12);
    ck_assert_str_eq(answer_string(&a, "x.reach"), "surrogate");
    ck_assert_int_eq(answer_count(&a, "surrogates"), 1);
    ck_assert(answer_is(&a, "surrogates[0].precise"));
    const double rms = answer_number(&a, "surrogates[0].held_out_rms_log"),
                 worst = answer_number(&a, "surrogates[0].held_out_worst_log");
    ck_assert_double_lt(rms, worst);
    ck_assert_double_lt(worst, 0.01);
    char said[160];
    snprintf(
        said, sizeof said,
        "Surrogate of capacity: off by %.1f %% (rms), %.1f %% at worst on %.0f points held out",
        100 * rms, 100 * worst, answer_number(&a, "surrogates[0].held_out_points"));
    answer_ck_says(&a, said);
    snprintf(said, sizeof said,
             "The same weights by the token cost less than this build in %.0f %% of cells.",
             100 * same / 16);
    answer_ck_says(&a, said);
    csv_fini(&t);
    answer_fini(&a);
}
END_TEST

/* ---- cells simulated in full ---- */

/* With 600 k a month, and 20 % more, two replicas carry the plan up to a step scale of
 * 2 x 262,800 / 720,000 = 0.73, and building on them and a spare is cheaper; on three it is not. Of
 * scales 0.5, 0.71 and 1 the last two lie beside the frontier, and are simulated at the fleet each
 * takes, once for all rents: none could do with a replica fewer. _i: whether the axes are swapped.
 */
START_TEST(cells_beside_the_frontier_are_simulated_in_full_and_no_others)
{
    static const char *const axes[2] = {
        "--x build.step_scale=0.5..1 --y 'build.rent=$2.2..$2.4/hour' --cells 3x2",
        "--y build.step_scale=0.5..1 --x 'build.rent=$2.2..$2.4/hour' --cells 2x3"
    };
    char options[200];
    snprintf(options, sizeof options, "%s --set workload.volume='600k requests/month'", axes[_i]);
    struct answer a = answer_of("map", ANALYTIC, NULL, options);
    struct csv t = csv_of(&a, "map.csv"), line = csv_of(&a, "frontier.csv");
    for (int row = 0; row < 6; row++) {
        const struct by_hand w = {
            .rent_usd_hour = csv_number(&t, row, _i == 0 ? "y" : "x"),
            .price_scale = 1,
            .step_scale = csv_number(&t, row, _i == 0 ? "x" : "y"),
            .spare_replicas = 1,
        };
        ck_assert_str_eq(csv_text(&t, row, "winner"), winner_of(&w, 600e3));
        ck_near(csv_number(&t, row, "build_usd"), by_hand_build_usd(&w, 600e3), 1e-9,
                "bill of cell %d", row);
    }
    ck_assert_int_eq(line.n_rows, 2);
    for (int row = 0; row < 2; row++)
        ck_near(csv_number(&line, row, _i == 0 ? "x" : "y"), 2 * REPLICA / (HEADROOM * 600e3), 2e-3,
                "frontier");
    answer_ck_near(&a, "capacities_simulated_in_full", 2, 0);
    csv_fini(&line);
    csv_fini(&t);
    answer_fini(&a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("analytic_map");
    TCase *tc = tcase_create("volume and rent");
    tcase_set_timeout(tc, 60);
    tcase_add_unchecked_fixture(tc, ask_map, drop_map);
    tcase_add_test(tc, every_cell_is_what_its_keys_give);
    tcase_add_test(tc, shares_are_those_of_the_cells);
    tcase_add_test(tc, the_frontier_is_where_the_winner_changes);
    tcase_add_test(tc, between_two_rents_the_frontier_is_the_rent_of_equal_bills);
    tcase_add_test(tc, the_picture_shows_the_winner_of_each_cell);
    tcase_add_test(tc, the_plan_has_a_cell_of_its_own);
    suite_add_tcase(suite, tc);
    tc = tcase_create("others");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, lines_part_at_saddles_as_the_middle_says_and_may_close, 0,
                        sizeof islands / sizeof islands[0]);
    tcase_add_loop_test(tc, axes_stand_in_the_scenario_and_options_come_before, 0, 2);
    tcase_add_test(tc, an_axis_without_a_range_reaches_ten_times_either_way);
    tcase_add_test(tc, a_picture_shows_evenly_many_of_more_cells_than_it_holds);
    tcase_add_test(tc, what_the_api_cannot_serve_is_told_and_its_bill_stands);
    tcase_add_test(tc, cells_without_a_fleet_have_no_winner_and_no_frontier);
    tcase_add_loop_test(tc, cells_beside_the_frontier_are_simulated_in_full_and_no_others, 0, 2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
