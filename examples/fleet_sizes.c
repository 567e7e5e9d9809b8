/* fleet_sizes.c - libcrossover from C: how many GPUs does a growing volume take, and is it cheaper
 * than buying?
 *
 * The program writes its scenario itself, as text with the keys of docs/scenario.md, and reads it
 * with xo_scenario_read_text, which says all that is wrong with it in one go. A copy of the
 * scenario is then moved from volume to volume, as what-ifs are, and xo_run_run simulates each: it
 * finds the smallest fleet that meets the latency target and prices both sides. Whatever the
 * program gets is freed by a function of the same name; results are the same bytes for any number
 * of threads.
 *
 *   cc fleet_sizes.c $(pkg-config --cflags --libs crossover) -o fleet_sizes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xo/scenario.h>
#include <xo/study.h>

static const char text[] = "[scenario]\n"
                           "as_of = 2026-11-22\n"
                           "commit = 12 months\n"
                           "parity = assumed\n"
                           "[workload]\n"
                           "volume = 3 requests/s\n"
                           "profile = steady\n"
                           "prompt = 730 tokens\n"
                           "output = 90 tokens\n"
                           "[slo]\n"
                           "ttft_p95 = 2 s\n"
                           "[buy]\n"
                           "api = example\n"
                           "staff = 0 FTE\n"
                           "[api example]\n" /* $0.00236 a request */
                           "input = $2/Mtok\n"
                           "output = $10/Mtok\n"
                           "source = made up for this example\n"
                           "as_of = 2026-11-22\n"
                           "[build]\n"
                           "model = llama-3.1-8b\n"
                           "gpu = h100-sxm\n"
                           "rent = $3.95/hour\n"
                           "staff = 0 FTE\n";

static struct xo_scenario *read_or_exit(void)
{
    const struct xo_scenario_options options = { .sets = NULL };
    struct xo_scenario *scenario = NULL;
    struct xo_problems problems;
    const bool ok =
        xo_scenario_read_text(&scenario, "fleet_sizes.c", text, strlen(text), &options, &problems);
    for (size_t i = 0; i < problems.n; i++) /* warnings too */
        fprintf(stderr, "%s\n", problems.lines[i]);
    if (!ok)
        exit(EXIT_FAILURE);
    xo_problems_fini(&problems);
    return scenario;
}

static void print_row(const struct xo_run *run)
{
    const struct xo_sized *fleet = run->best >= 0 ? &run->sized[run->best] : NULL;
    printf("%13.0f  %4d  %6.0f ms  $%11.2f  $%11.2f\n", run->requests,
           fleet != NULL ? fleet->n_gpus : 0, 1e3 * run->metrics.ttft_p95_s, run->usd[XO_WAY_BUILD],
           run->usd[XO_WAY_BUY]);
}

int main(void)
{
    static const double requests_per_s[] = { 3, 30, 300 };
    const struct xo_study_options threads = { .n_threads = 0 }; /* one a core */
    struct xo_scenario *scenario = read_or_exit();
    const int volume = xo_key_find("workload.volume");
    int status = EXIT_SUCCESS;
    printf("requests/month  GPUs   TTFT p95  this build    buying\n");
    for (size_t i = 0; i < sizeof requests_per_s / sizeof *requests_per_s; i++) {
        struct xo_scenario *what_if = xo_scenario_copy(scenario);
        struct xo_run *run = NULL;
        struct xo_error err = { .kind = XO_OK };
        const double requests_per_month = requests_per_s[i] * 3600 * scenario->hours_per_month;
        if (what_if == NULL || !xo_scenario_vary(what_if, volume, requests_per_month, &err) ||
            !xo_run_run(&run, what_if, &threads, &err)) {
            fprintf(stderr, "fleet_sizes: %s\n", what_if == NULL ? "out of memory" : err.text);
            status = EXIT_FAILURE;
        } else {
            print_row(run);
        }
        xo_run_free(run); /* before the scenario that it borrows */
        xo_scenario_free(what_if);
    }
    xo_scenario_free(scenario);
    return status;
}
