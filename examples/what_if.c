/* what_if.c - libcrossover from C: move one thing, and look again.
 *
 * A session keeps what it has simulated, so that the second question costs less than the first, and
 * one about money next to nothing. The program reads a scenario, says what its plan costs, then
 * where the answer flips, and then both again at other rents; behind each line stands how many
 * simulations it took. At the end come longer answers, twice: as a preview, read off a surrogate
 * that was prepared for them, and simulated.
 *
 *   cc what_if.c $(pkg-config --cflags --libs crossover) -o what_if
 *   ./what_if ../scenarios/support.ini
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <xo/session.h>

static struct xo_scenario *read_or_exit(const char *path)
{
    const struct xo_scenario_options options = { .sets = NULL };
    struct xo_scenario *scenario = NULL;
    struct xo_problems problems;
    const bool ok = xo_scenario_read(&scenario, path, &options, &problems);
    for (size_t i = 0; i < problems.n; i++) /* warnings too */
        fprintf(stderr, "%s\n", problems.lines[i]);
    if (!ok)
        exit(EXIT_FAILURE);
    xo_problems_fini(&problems);
    return scenario;
}

static void must(bool ok, const struct xo_error *err)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(EXIT_FAILURE);
}

static void print_answer(const char *what, const struct xo_curve *c)
{
    const double *usd = c->points[c->plan].usd;
    printf("%-28s buy $%-10.2f build $%-10.2f", what, usd[XO_WAY_BUY], usd[XO_WAY_BUILD]);
    if (c->depth >= XO_LINES && c->crossings[XO_BUY_BUILD].n > 0)
        printf(" flips at %.2f M a month", c->crossings[XO_BUY_BUILD].at[0].volume / 1e6);
    else if (c->depth >= XO_LINES)
        printf(" does not flip");
}

static void answer(struct xo_session *session, const struct xo_scenario *scenario,
                   enum xo_depth depth, const char *what)
{
    struct xo_error err = { 0 };
    struct xo_curve *curve = NULL;
    const long before = (long)xo_session_n_simulations(session);
    must(xo_session_answer(session, scenario, depth, &curve, &err), &err);
    print_answer(what, curve);
    printf(" (%ld simulations)\n", (long)xo_session_n_simulations(session) - before);
    xo_curve_free(curve);
}

static void preview(struct xo_session *session, const struct xo_scenario *scenario, int key,
                    double value)
{
    const struct xo_moving moving = { key, value / 2, value * 2 };
    struct xo_error err = { 0 };
    struct xo_curve *curve = NULL;
    must(xo_session_prepare(session, scenario, &moving, 1, &err), &err);
    must(xo_session_preview(session, &value, &curve, &err), &err);
    print_answer("longer answers, previewed", curve);
    printf("\n");
    xo_curve_free(curve);
}

int main(int argc, char **argv)
{
    const struct xo_study_options options = { .n_threads = 0 };
    const int rent = xo_key_find("build.rent"), output = xo_key_find("workload.output_scale");
    struct xo_error err = { 0 };
    if (argc != 2) {
        fprintf(stderr, "usage: what_if SCENARIO\n");
        return 2;
    }
    struct xo_scenario *scenario = read_or_exit(argv[1]);
    struct xo_session *session = xo_session_new(&options);
    if (session == NULL)
        return EXIT_FAILURE;
    answer(session, scenario, XO_AT_PLAN, "at plan");
    answer(session, scenario, XO_LINES, "over volume");
    const double usd_per_hour = xo_scenario_number(scenario, rent);
    for (int percent = 75; percent <= 125; percent += 25) {
        char what[40];
        snprintf(what, sizeof what, "rent at %d %%", percent);
        must(xo_scenario_vary(scenario, rent, usd_per_hour * percent / 100, &err), &err);
        answer(session, scenario, XO_LINES, what);
    }
    must(xo_scenario_vary(scenario, rent, usd_per_hour, &err), &err);
    preview(session, scenario, output, 1.3);
    must(xo_scenario_vary(scenario, output, 1.3, &err), &err);
    answer(session, scenario, XO_LINES, "longer answers, simulated");
    xo_session_free(session);
    xo_scenario_free(scenario);
    return EXIT_SUCCESS;
}
