/* coverage_studies.c - do the 95 % intervals of crossings and of sweeps hold what they say?
 *
 *   coverage_studies SCENARIOS [SEEDS [NAME]]
 *
 * `curve` and `sweep` answer each scenario, or those with NAME in theirs, under SEEDS seeds (30). A
 * figure's interval under one seed ought to hold the mean of the others in 95 % of seeds:
 * coverage.c says how far such means are from longer runs. Crossings are those of the base case,
 * the first to this build; one inside a tread hangs on bills alone and is the same to the bit under
 * every seed, until another stair is the first. So crossings jump from stair to stair, between
 * which no mean is an answer: theirs is the median of the others. Sweeps vary what the scenario's
 * [uncertain] names, with lengths through the surrogate where MORE_INPUTS says so. Prints Markdown.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "coverage_kit.h"
#include "xo/stats.h"
#include "xo/study.h"
#include "xo/sweep.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SEEDS = 1000 };

struct studied {
    const char *name, *file;
    const char *sets[MOST_SETS];
};

static const struct studied curves[] = {
    { "support", "support.ini", { NULL } },
    { "support at 1.8 times its rent", "support.ini", { "build.rent_scale=1.8" } },
    { "batch", "batch.ini", { NULL } },
    { "bursts", "bursts.ini", { NULL } },
    { "batch at 0.9 times its rent", "batch.ini", { "build.rent_scale=0.9" } },
    { "prompts", "prompts.ini", { NULL } },
};

#define MORE_INPUTS                                                                                \
    "uncertain.workload.prompt_scale=triangular(0.7, 1, 1.5)",                                     \
        "uncertain.workload.output_scale=lognormal(p50=1, p95=1.5)",                               \
        "uncertain.build.step_scale=lognormal(p50=1, p95=1.28)"

static const struct studied sweeps[] = {
    { "support", "support.ini", { NULL } },
    { "support, with lengths", "support.ini", { MORE_INPUTS } },
    { "rag", "rag.ini", { NULL } },
    { "rag, with lengths",
      "rag.ini",
      { "uncertain.workload.output_scale=lognormal(p50=1, p95=1.5)",
        "uncertain.build.step_scale=lognormal(p50=1, p95=1.28)" } },
    { "batch, with lengths", "batch.ini", { MORE_INPUTS } },
};

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "coverage_studies: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static const struct xo_study_options one_thread = { .n_threads = 1 };

/* The first crossing to this build; NAN: there is none. */
static struct xo_interval first_crossing(const struct studied *m, const char *folder, int seed)
{
    struct xo_scenario *s = read_seeded(folder, m->file, m->sets, seed);
    struct xo_curve *curve = NULL;
    struct xo_error err = { 0 };
    struct xo_interval found = { NAN, NAN, NAN };
    s->n_draws = 200; /* crossings of the base case have nothing to do with them */
    if (!xo_curve_run(&curve, s, &one_thread, &err))
        fail(m->name, err.text);
    const struct xo_crossings *c = &curve->crossings[XO_BUY_BUILD];
    for (int i = 0; i < c->n && isnan(found.mean); i++)
        if (c->at[i].to_build)
            found = (struct xo_interval){ c->at[i].volume, c->at[i].noise_lo, c->at[i].noise_hi };
    xo_curve_free(curve);
    xo_scenario_free(s);
    return found;
}

enum { FIGURES = 5 };
static const char *const figures[FIGURES] = { "mean saving", "P5 of the saving", "median saving",
                                              "P95 of the saving",
                                              "share in which this build wins" };

static void sweep_figures(const struct studied *m, const char *folder, int seed,
                          struct xo_interval found[FIGURES])
{
    struct xo_scenario *s = read_seeded(folder, m->file, m->sets, seed);
    struct xo_sweep_settings settings = xo_sweep_settings_of(s);
    struct xo_sweep *sweep = NULL;
    struct xo_sweep_row *rows = NULL;
    struct xo_sweep_result *r = NULL;
    struct xo_error err = { 0 };
    settings.n_samples = 2000;
    if (!xo_sweep_new(&sweep, s, &settings, &one_thread, &err) ||
        !xo_sweep_run(sweep, &rows, &r, NULL, NULL, &err))
        fail(m->name, err.text);
    const struct xo_interval all[FIGURES] = { r->saving_mean, r->saving_p05, r->saving_p50,
                                              r->saving_p95, r->build_wins };
    for (int i = 0; i < FIGURES; i++)
        found[i] = all[i];
    free(rows);
    free(r);
    xo_sweep_free(sweep);
    xo_scenario_free(s);
}

/* What the others of found[n] say, every `step`-th of which is of this figure: their mean, or their
 * median where the figure jumps. Not finite where a figure does not exist. */
static double others_say(const struct xo_interval found[], int n, int step, int but, bool jumps)
{
    double values[MOST_SEEDS], sum = 0;
    size_t n_known = 0;
    for (int i = 0; i < n; i++)
        if (i != but && isfinite(found[i * step].mean))
            sum += values[n_known++] = found[i * step].mean;
    xo_sort(values, n_known);
    return jumps ? values[n_known / 2] : sum / (double)n_known;
}

/* One line of the table. */
static void print_line(const char *name, const char *figure, const struct xo_interval found[],
                       int n, int step, bool jumps)
{
    struct xo_moments all, half_widths;
    int n_held = 0;
    xo_moments_init(&all);
    xo_moments_init(&half_widths);
    for (int i = 0; i < n; i++) {
        const struct xo_interval *f = &found[i * step];
        if (!isfinite(f->mean))
            continue;
        const double others = others_say(found, n, step, i, jumps), slack = 1e-9 * fabs(others);
        xo_moments_add(&all, f->mean);
        xo_moments_add(&half_widths, (f->hi - f->lo) / 2);
        n_held += f->lo - slack <= others && others <= f->hi + slack;
    }
    printf("| %s | %s | %.4g | %.2g | ± %.2g | %d of %d |\n", name, figure, all.mean,
           sqrt(xo_moments_variance(&all)), half_widths.mean, n_held, (int)all.n);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const int n_seeds = argc > 2 ? atoi(argv[2]) : 30;
    const char *only = argc > 3 ? argv[3] : "";
    if (argc < 2 || n_seeds < 3 || n_seeds > MOST_SEEDS) {
        fprintf(stderr, "usage: coverage_studies SCENARIOS [SEEDS [NAME]]\n");
        return 2;
    }
    struct xo_interval *found = calloc((size_t)n_seeds * FIGURES, sizeof *found);
    if (found == NULL)
        return EXIT_FAILURE;
    gsl_set_error_handler_off();
    printf("| scenario | figure | mean over seeds | sd over seeds | mean interval | cover |\n"
           "| --- | --- | --- | --- | --- | --- |\n");
    for (size_t k = 0; k < sizeof curves / sizeof *curves; k++) {
        if (strstr(curves[k].name, only) == NULL)
            continue;
#pragma omp parallel for schedule(dynamic)
        for (int i = 0; i < n_seeds; i++)
            found[i] = first_crossing(&curves[k], argv[1], 1 + i);
        print_line(curves[k].name, "first crossing to this build", found, n_seeds, 1, true);
    }
    for (size_t k = 0; k < sizeof sweeps / sizeof *sweeps; k++) {
        if (strstr(sweeps[k].name, only) == NULL)
            continue;
#pragma omp parallel for schedule(dynamic)
        for (int i = 0; i < n_seeds; i++)
            sweep_figures(&sweeps[k], argv[1], 1 + i, found + (size_t)i * FIGURES);
        for (int f = 0; f < FIGURES; f++)
            print_line(sweeps[k].name, figures[f], found + f, n_seeds, FIGURES, false);
    }
    free(found);
    return EXIT_SUCCESS;
}
