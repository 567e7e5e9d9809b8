/* coverage.c - do the 95 % intervals of capacities hold what they say?
 *
 *   coverage SCENARIOS [SEEDS [FIRST]]
 *
 * Each case, from number FIRST (1) on, is sized under SEEDS seeds (30), as `run` and `curve` do it.
 * The reference is the mean of four other seeds whose windows are ten times as long, or ten times
 * as many where they are hours of the clock or hold one burst. Prints Markdown: what binds, the
 * reference and its standard error, how far seeds spread, the mean half-width, and how many
 * intervals hold the reference.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coverage_kit.h"
#include "sizing/capacity.h"
#include "xo/stats.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCES = 4, FIRST_REFERENCE = 1001 };
static const double LONGER = 10;

struct measured_case {
    const char *name, *file;
    int option, n_replicas;
    const char *sets[MOST_SETS];
};
static const struct measured_case cases[] = {
    { "support", "support.ini", 0, 1, { NULL } },
    { "support", "support.ini", 0, 4, { NULL } },
    { "support", "support.ini", 0, 8, { NULL } },
    { "support", "support.ini", 0, 16, { NULL } },
    { "support", "support.ini", 0, 40, { NULL } },
    { "support, TTFT within 300 ms", "support.ini", 0, 1, { "slo.ttft_p95=300 ms" } },
    { "support, TTFT within 300 ms", "support.ini", 0, 8, { "slo.ttft_p95=300 ms" } },
    { "support, answers with a cv of 3",
      "support.ini",
      0,
      8,
      { "workload.output=lognormal(mean=500, cv=3) tokens" } },
    { "rag", "rag.ini", 0, 1, { NULL } },
    { "rag", "rag.ini", 0, 8, { NULL } },
    { "support on one H100 each", "support.ini", 0, 4, { "build.tensor_parallel=1" } },
    { "copilot", "copilot.ini", 0, 1, { NULL } },
    { "copilot", "copilot.ini", 0, 4, { NULL } },
    { "copilot, lengthened prompts",
      "copilot.ini",
      0,
      1,
      { "workload.prompt=lognormal(mean=3000, cv=0.8) tokens" } },
    { "batch", "batch.ini", 0, 1, { NULL } },
    { "batch", "batch.ini", 0, 40, { NULL } },
    { "batch, chunk by chunk", "batch.ini", 0, 4, { "build.kv_admission=chunk" } },
    { "classroom", "classroom.ini", 0, 1, { NULL } },
    { "replay", "replay.ini", 0, 4, { NULL } },
    { "bursts", "bursts.ini", 0, 4, { NULL } },
    { "spiky", "spiky.ini", 0, 8, { NULL } },
};

static struct xo_capacity size_case(const struct measured_case *m, const char *folder, int seed,
                                    double window_scale)
{
    static const struct xo_study_options options = { .n_threads = 1 };
    struct xo_scenario *s = read_seeded(folder, m->file, m->sets, seed);
    struct xo_capacity c = { 0 };
    struct xo_error err = { 0 };
    struct option_sim sim;
    bool ok = sim_init(&sim, s, m->option, &options, &err) && sim_measure_limits(&sim, &err);
    if (sim.terminating || sim.bursts_are_levels)
        s->n_replications = (int)(s->n_replications * window_scale);
    sim_fini(&sim); /* a climb measures limits of its own */
    ok = ok && sim_init(&sim, s, m->option, &options, &err);
    sim.window_scale = window_scale;
    struct xo_ladder ladder = { 0 };
    ok = ok && ladder_climb(&ladder, &sim, INFINITY, m->n_replicas, NULL, NULL, &err) &&
         !sim.infeasible.holds;
    if (ok)
        c = ladder_capacity(&ladder, &sim, m->n_replicas);
    ladder_fini(&ladder);
    if (!ok) {
        fprintf(stderr, "coverage: %s: %s\n", m->name,
                sim.infeasible.holds ? "no fleet meets the SLO" : err.text);
        exit(1);
    }
    sim_fini(&sim);
    xo_scenario_free(s);
    return c;
}

/* Of which target gives way first. */
static const char *binding(const struct measured_case *m, const struct xo_capacity *c,
                           const char *folder)
{
    static const char *const metrics[] = {
        [XO_METRIC_TTFT] = "TTFT", [XO_METRIC_TPOT] = "TPOT", [XO_METRIC_E2E] = "E2E"
    };
    _Static_assert(sizeof metrics / sizeof *metrics == XO_N_METRICS, "a name for every metric");
    if (c->binding_target < 0)
        return "saturation";
    struct xo_scenario *s = read_seeded(folder, m->file, m->sets, 1);
    const char *name = metrics[s->slo[c->binding_class].targets[c->binding_target].metric];
    xo_scenario_free(s);
    return name;
}

static int print_case(const struct measured_case *m, const char *folder, int n_seeds)
{
    struct xo_capacity *found = calloc((size_t)(n_seeds + REFERENCES), sizeof *found);
    struct xo_moments reference, volume, half_width;
    int n_covered = 0;
    if (found == NULL)
        exit(1);
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n_seeds + REFERENCES; i++)
        found[i] = i < REFERENCES ? size_case(m, folder, FIRST_REFERENCE + i, LONGER)
                                  : size_case(m, folder, 1 + i - REFERENCES, 1);
    xo_moments_init(&reference);
    xo_moments_init(&volume);
    xo_moments_init(&half_width);
    for (int i = 0; i < REFERENCES; i++)
        xo_moments_add(&reference, log(found[i].volume));
    const double right = exp(reference.mean);
    for (int i = REFERENCES; i < n_seeds + REFERENCES; i++) {
        const struct xo_capacity *c = &found[i];
        xo_moments_add(&volume, log(c->volume));
        xo_moments_add(&half_width, c->log_half_width);
        n_covered += c->volume_lo <= right && right <= c->volume_hi;
    }
    printf("| %s | %d | %s | %.4g ± %.2f %% | %+.2f %% | %.2f %% | ± %.2f %% | %d of %d |\n",
           m->name, m->n_replicas, binding(m, &found[0], folder), right,
           100 * sqrt(xo_moments_variance(&reference) / REFERENCES),
           100 * (volume.mean - reference.mean), 100 * sqrt(xo_moments_variance(&volume)),
           100 * half_width.mean, n_covered, n_seeds);
    fflush(stdout);
    free(found);
    return n_covered;
}

int main(int argc, char **argv)
{
    const int n_seeds = argc > 2 ? atoi(argv[2]) : 30;
    const int n_cases = (int)(sizeof cases / sizeof *cases);
    const int first = argc > 3 ? atoi(argv[3]) : 1;
    int n_covered = 0;
    if (argc < 2 || n_seeds < 2 || first < 1 || first > n_cases) {
        fprintf(stderr, "usage: coverage SCENARIOS [SEEDS [FIRST]]\n");
        return 2;
    }
    gsl_set_error_handler_off();
    printf("| case | replicas | bound by | reference, requests a month | seeds off it | sd over "
           "seeds | mean interval | cover |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (int i = first - 1; i < n_cases; i++)
        n_covered += print_case(&cases[i], argv[1], n_seeds);
    const int n = (n_cases - first + 1) * n_seeds;
    printf("\n%d of %d intervals hold their reference: %.1f %%\n", n_covered, n,
           100.0 * n_covered / n);
    return 0;
}
