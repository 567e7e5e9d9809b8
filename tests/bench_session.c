/* bench_session.c - what an answer takes that follows another: by what moved, and how far it goes.
 *
 *   bench_session SCENARIO.ini...
 *
 * Prints milliseconds, each the least of three moves of its kind; docs/performance.md has the
 * table.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/clock.h"
#include "xo/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { TRIES = 3 };

static void must(bool ok, const struct xo_error *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench_session: %s\n", err->text);
    exit(EXIT_FAILURE);
}

static double answer_s(struct xo_session *session, const struct xo_scenario *s, enum xo_depth depth)
{
    struct xo_error err = { 0 };
    struct xo_curve *curve;
    const double start_s = xo_now_s();
    must(xo_session_answer(session, s, depth, &curve, &err), &err);
    const double took_s = xo_now_s() - start_s;
    xo_curve_free(curve);
    return took_s;
}

static void print_row(const char *what, const double s[XO_N_DEPTHS])
{
    printf("| %s", what);
    for (int depth = 0; depth < XO_N_DEPTHS; depth++)
        printf(isnan(s[depth]) ? " | " : " | %.1f", 1000 * s[depth]);
    printf(" |\n");
}

/* Move `key` by a factor three times, and ask at every depth after each move: what one depth has
 * simulated the next does not simulate again. */
static void bench_move(struct xo_session *session, struct xo_scenario *s, const char *key,
                       double factor, const char *what)
{
    double least_s[XO_N_DEPTHS] = { INFINITY, INFINITY, INFINITY, INFINITY };
    for (int i = 0; i < TRIES; i++) {
        struct xo_error err = { 0 };
        const int at = xo_key_find(key);
        must(xo_scenario_vary(s, at, xo_scenario_number(s, at) * factor, &err), &err);
        for (int depth = 0; depth < XO_N_DEPTHS; depth++)
            least_s[depth] = fmin(least_s[depth], answer_s(session, s, depth));
    }
    print_row(what, least_s);
}

static void bench_preview(struct xo_session *session, const struct xo_scenario *s)
{
    const struct xo_moving moving = { xo_key_find("workload.output_scale"), 0.7, 1.4 };
    struct xo_error err = { 0 };
    double row[XO_N_DEPTHS] = { NAN, INFINITY, NAN, NAN };
    const double start_s = xo_now_s();
    must(xo_session_prepare(session, s, &moving, 1, &err), &err);
    const double prepared_s = xo_now_s() - start_s;
    for (int i = 0; i < TRIES; i++) {
        const double value = 1.1 + 0.05 * i;
        struct xo_curve *curve;
        const double from_s = xo_now_s();
        must(xo_session_preview(session, &value, &curve, &err), &err);
        row[XO_LINES] = fmin(row[XO_LINES], xo_now_s() - from_s);
        xo_curve_free(curve);
    }
    char what[80];
    snprintf(what, sizeof what, "the same, previewed (prepared in %.1f s)", prepared_s);
    print_row(what, row);
}

static void bench(const char *path)
{
    const struct xo_scenario_options options = { .sets = NULL };
    const struct xo_study_options study = { .n_threads = 0 };
    struct xo_problems problems;
    struct xo_scenario *s;
    if (!xo_scenario_read(&s, path, &options, &problems))
        exit(EXIT_FAILURE);
    xo_problems_fini(&problems);
    struct xo_session *session = xo_session_new(&study);
    double first_s[XO_N_DEPTHS];
    if (session == NULL)
        exit(EXIT_FAILURE);
    printf("%s, ms\n| what moved | at plan | and lines | and ranges | whole |\n"
           "| --- | ---: | ---: | ---: | ---: |\n",
           path);
    for (int depth = 0; depth < XO_N_DEPTHS; depth++)
        first_s[depth] = answer_s(session, s, depth);
    print_row("nothing yet: one after the other", first_s);
    bench_move(session, s, "build.rent", 1.03, "rent");
    bench_move(session, s, "workload.volume", 1.1, "volume");
    bench_move(session, s, "workload.output_scale", 1.03, "length of answers, simulated");
    bench_preview(session, s);
    xo_session_free(session);
    xo_scenario_free(s);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        bench(argv[i]);
    return EXIT_SUCCESS;
}
