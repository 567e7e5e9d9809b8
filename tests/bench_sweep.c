/* bench_sweep.c - what a sweep costs: the support bot with ten uncertain inputs, three of which
 * reach the simulation, and with prices alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/sweep.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static const char *const ten_inputs[] = {
    "uncertain.build.one_off=uniform($30k, $120k)",
    "uncertain.buy.discount=uniform(0%, 20%)",
    "uncertain.scenario.commit=uniform(12, 36) months",
    "uncertain.workload.volume=lognormal(p50=1.5M, p95=4M) requests/month",
    "uncertain.workload.prompt_scale=triangular(0.7, 1, 1.5)",
    "uncertain.workload.output_scale=lognormal(p50=1, p95=1.5)",
    "uncertain.build.step_scale=lognormal(p50=1, p95=1.28)",
    "study.samples=1000",
};
static const char *const prices_alone[] = { "study.samples=10000" };

struct clocks {
    double wall_s, cpu_s;
};

static struct clocks now(void)
{
    struct timespec wall, cpu;
    clock_gettime(CLOCK_MONOTONIC, &wall);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (struct clocks){ (double)wall.tv_sec + 1e-9 * (double)wall.tv_nsec,
                            (double)cpu.tv_sec + 1e-9 * (double)cpu.tv_nsec };
}

static int fail(const char *text)
{
    fprintf(stderr, "%s\n", text);
    return EXIT_FAILURE;
}

static void report(const char *what, struct clocks from, struct clocks to, int threads)
{
    const double wall_s = to.wall_s - from.wall_s, cpu_s = to.cpu_s - from.cpu_s;
    printf("  %-12s %7.2f s wall %7.2f s CPU  %3.0f %% of %d threads\n", what, wall_s, cpu_s,
           100 * cpu_s / (wall_s * threads), threads);
}

static int run(const char *title, const char *const sets[], int n_sets)
{
    const struct xo_scenario_options sets_of = { .sets = sets, .n_sets = n_sets };
    const struct xo_study_options options = { 0 };
    struct xo_scenario *s;
    struct xo_problems problems;
    struct xo_error err;
    struct xo_sweep *sweep;
    struct xo_sweep_result *r;
    if (!xo_scenario_read(&s, XO_SOURCE_DIR "/scenarios/support.ini", &sets_of, &problems))
        return fail(problems.n > 0 ? problems.lines[0] : "out of memory");
    const struct xo_sweep_settings settings = xo_sweep_settings_of(s);
    const struct clocks start = now();
    if (!xo_sweep_new(&sweep, s, &settings, &options, &err) ||
        !xo_worlds_simulate(xo_sweep_worlds(sweep), &err))
        return fail(err.text);
    const struct clocks simulated = now();
    const int64_t n = xo_sweep_n_rows(sweep);
    struct xo_sweep_row *rows = malloc((size_t)n * sizeof *rows);
    if (rows == NULL || !xo_sweep_run_range(sweep, 0, n, rows, &err))
        return fail(rows == NULL ? "out of memory" : err.text);
    const struct clocks sampled = now();
    if (!xo_sweep_finish(sweep, rows, n, &r, &err))
        return fail(err.text);
    const struct clocks end = now();
    const int threads = xo_usual_threads();
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%s: %lld rows (%d inputs), %d searches, %.1f M requests\n", title, (long long)n,
           r->n_inputs, r->n_searches, (double)r->n_simulated / 1e6);
    report("simulations", start, simulated, threads);
    report("rows", simulated, sampled, threads);
    report("statistics", sampled, end, threads);
    report("in all", start, end, threads);
    printf("  %.1f us a row of one core; %ld MB at most\n",
           1e6 * (sampled.cpu_s - simulated.cpu_s) / (double)n, usage.ru_maxrss / 1024);
    for (int i = 0; i < r->n_surrogates; i++)
        printf("  surrogate: %.2f %% on %d points held out, %.2f %% between seeds\n",
               100 * r->surrogates[i].held_out_rms, r->surrogates[i].n_held_out,
               100 * r->surrogates[i].simulation_sd);
    free(r);
    free(rows);
    xo_sweep_free(sweep);
    xo_scenario_free(s);
    xo_problems_fini(&problems);
    return EXIT_SUCCESS;
}

int main(void)
{
    mallopt(M_TRIM_THRESHOLD, 16 << 20); /* as the command line does */
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    const int n_ten = sizeof ten_inputs / sizeof *ten_inputs;
    return run("ten inputs, three simulated", ten_inputs, n_ten) | run("prices", prices_alone, 1);
}
