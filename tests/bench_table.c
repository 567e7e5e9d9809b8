/* bench_table.c - what simulated requests and whole studies cost, as Markdown tables of ratios.
 *
 * Everything is run ROUNDS times, the builds in turns, and the least of each counts: what else the
 * machine does only ever adds. CPU time is told in multiples of the floor (bench_floor.h), so that
 * tables of other machines and days compare; and where two builds are named, as NEW over OLD.
 * Requests are those of bench_serving. Studies are run by the command line, one process each,
 * without pictures, into a folder in /tmp.
 * Usage: bench_table [-n ROUNDS] [-m MILLIONS of requests] [-k PATTERN] [OLD] NEW
 *   OLD and NEW are folders of builds; of the cases those whose title matches PATTERN are run
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench_floor.h"

#include <fcntl.h>
#include <limits.h>
#include <regex.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const no_plots[] = { "--no-plots", NULL };
static const char *const prices_alone[] = { "--no-plots", "--samples=10000", NULL };
static const char *const ten_inputs[] = {
    "--no-plots",
    "--samples=1000",
    "--set=uncertain.build.one_off=uniform($30k, $120k)",
    "--set=uncertain.buy.discount=uniform(0%, 20%)",
    "--set=uncertain.scenario.commit=uniform(12, 36) months",
    "--set=uncertain.workload.volume=lognormal(p50=1.5M, p95=4M) requests/month",
    "--set=uncertain.workload.prompt_scale=triangular(0.7, 1, 1.5)",
    "--set=uncertain.workload.output_scale=lognormal(p50=1, p95=1.5)",
    "--set=uncertain.build.step_scale=lognormal(p50=1, p95=1.28)",
    NULL,
};

/* A case of bench_serving, by its name there, or a study. */
static const struct bench_case {
    const char *title;
    const char *name;
    const char *verb, *scenario;
    const char *const *words; /* of the command line, behind all others; NULL: none */
} cases[] = {
    { .title = "(i) one replica, 5 requests/s", .name = "(i)" },
    { .title = "(ii) one replica at 0.95 of what it carries", .name = "(ii)" },
    { .title = "(iii) 16 replicas, 5 requests/s each", .name = "(iii)" },
    { .title = "(iv) as (i), held to an SLO", .name = "(iv)" },
    { .title = "(v) one replica, two classes", .name = "(v)" },
    { "`run support.ini`", NULL, "run", "support.ini", NULL },
    { "`curve support.ini`", NULL, "curve", "support.ini", no_plots },
    { "`curve rag.ini`", NULL, "curve", "rag.ini", no_plots },
    { "`curve copilot.ini`", NULL, "curve", "copilot.ini", no_plots },
    { "`sweep support.ini`, prices alone, 10,000 samples", NULL, "sweep", "support.ini",
      prices_alone },
    { "`sweep support.ini`, 10 inputs, 1,000 samples", NULL, "sweep", "support.ini", ten_inputs },
    { "`map bursts.ini`", NULL, "map", "bursts.ini", no_plots },
};
enum { N_CASES = sizeof cases / sizeof *cases, MAX_BUILDS = 2 };

struct cost {
    double cpu_s, wall_s, peak_bytes; /* of a case of bench_serving: CPU a request alone */
};

struct bench {
    int n_rounds, n_builds;
    double millions;
    const char *builds[MAX_BUILDS]; /* the new one last */
    bool wanted[N_CASES];
    char folder[64];

    double floor_s;
    struct cost least[MAX_BUILDS][N_CASES]; /* INFINITY: could not be measured */
};

static void give_up(const char *text)
{
    fprintf(stderr, "bench_table: %s\n", text);
    exit(EXIT_FAILURE);
}

static void keep_least(struct cost *least, struct cost c)
{
    least->cpu_s = fmin(least->cpu_s, c.cpu_s);
    least->wall_s = fmin(least->wall_s, c.wall_s);
    least->peak_bytes = fmin(least->peak_bytes, c.peak_bytes);
}

/* ---- one run ---- */

static bool is_serving(const struct bench_case *c)
{
    return c->name != NULL;
}

/* All cases of bench_serving at once, of whose lines ("(i) 5.00 2.32 M 431 ...") the nanoseconds a
 * request are read. */
static void run_serving(struct bench *b, int build)
{
    char command[PATH_MAX + 64], line[256], name[16];
    double each_ns[N_CASES], ns;
    for (int i = 0; i < N_CASES; i++)
        each_ns[i] = INFINITY;
    snprintf(command, sizeof command, "'%s/tests/bench_serving' %g", b->builds[build], b->millions);
    FILE *f = popen(command, "r");
    if (f == NULL)
        give_up("cannot start a program");
    while (fgets(line, sizeof line, f) != NULL)
        for (int i = 0; i < N_CASES; i++)
            if (is_serving(&cases[i]) && sscanf(line, "%15s %*f %*f M %lf", name, &ns) == 2 &&
                strcmp(name, cases[i].name) == 0)
                each_ns[i] = ns;
    if (pclose(f) != 0)
        return;
    for (int i = 0; i < N_CASES; i++)
        keep_least(&b->least[build][i], (struct cost){ 1e-9 * each_ns[i], INFINITY, INFINITY });
}

/* In the child, silently. */
static void become_study(const struct bench *b, int build, const struct bench_case *c)
{
    char program[PATH_MAX], scenario[PATH_MAX];
    const char *args[64] = { program, c->verb, scenario, "--quiet", "--force", "--out", b->folder };
    int n = 7;
    snprintf(program, sizeof program, "%s/crossover", b->builds[build]);
    snprintf(scenario, sizeof scenario, "%s/scenarios/%s", XO_SOURCE_DIR, c->scenario);
    for (const char *const *word = c->words; word != NULL && *word != NULL; word++)
        args[n++] = *word;
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    execv(program, (char *const *)args);
    _exit(EXIT_FAILURE);
}

static double wall_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

static void run_study(struct bench *b, int build, int index)
{
    int status = -1;
    struct rusage usage;
    const double start_s = wall_now_s();
    const pid_t child = fork();
    if (child == 0)
        become_study(b, build, &cases[index]);
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        give_up("cannot start a program");
    if (status == 0)
        keep_least(&b->least[build][index],
                   (struct cost){ seconds(usage.ru_utime) + seconds(usage.ru_stime),
                                  wall_now_s() - start_s, 1024.0 * (double)usage.ru_maxrss });
}

/* ---- all of them ---- */

static void run_round(struct bench *b)
{
    bool serves = false;
    for (int i = 0; i < N_CASES; i++)
        serves |= b->wanted[i] && is_serving(&cases[i]);
    b->floor_s = fmin(b->floor_s, floor_per_request_s((int64_t)(1e6 * b->millions)));
    for (int build = 0; serves && build < b->n_builds; build++)
        run_serving(b, build);
    for (int i = 0; i < N_CASES; i++)
        for (int build = 0; b->wanted[i] && !is_serving(&cases[i]) && build < b->n_builds; build++)
            run_study(b, build, i);
}

static void put_cell(double value, int n_decimals)
{
    if (isfinite(value))
        printf(" %.*f |", n_decimals, value);
    else
        printf(" - |");
}

/* Of two builds; the older one may not have the case. */
static void put_ratio(double new_s, double old_s)
{
    put_cell(isfinite(old_s) ? new_s / old_s : (double)NAN, 2);
}

static void put_case(const struct bench *b, int index)
{
    const bool is_study = !is_serving(&cases[index]);
    const struct cost *c = &b->least[b->n_builds - 1][index], *old = &b->least[0][index];
    const double n_floors = c->cpu_s / b->floor_s;
    printf("| %s |", cases[index].title);
    put_cell(is_study ? n_floors / 1e6 : n_floors, is_study ? 1 : 2);
    if (is_study) {
        put_cell(c->cpu_s / c->wall_s, 2);
        put_cell(c->peak_bytes / 1e6, 0);
    }
    if (b->n_builds > 1) {
        put_ratio(c->cpu_s, old->cpu_s);
        if (is_study)
            put_ratio(c->wall_s, old->wall_s);
    }
    printf("\n");
}

/* The table of requests or that of studies, with its head; none where it has no rows. */
static void put_table(const struct bench *b, bool of_studies)
{
    const bool compares = b->n_builds > 1;
    int n = 0;
    for (int i = 0; i < N_CASES; i++) {
        if (!b->wanted[i] || is_serving(&cases[i]) == of_studies)
            continue;
        if (n++ == 0 && of_studies)
            printf("| study | CPU, millions of floors | cores | peak MB |%s\n"
                   "| --- | ---: | ---: | ---: |%s\n",
                   compares ? " CPU, new/old | wall, new/old |" : "",
                   compares ? " ---: | ---: |" : "");
        else if (n == 1)
            printf("| requests | CPU each, floors |%s\n| --- | ---: |%s\n",
                   compares ? " new/old |" : "", compares ? " ---: |" : "");
        put_case(b, i);
    }
    if (n > 0)
        printf("\n");
}

/* ---- the command line ---- */

static void choose(struct bench *b, const char *pattern)
{
    regex_t wanted;
    if (regcomp(&wanted, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        give_up("-k takes a regular expression");
    for (int i = 0; i < N_CASES; i++)
        b->wanted[i] = regexec(&wanted, cases[i].title, 0, NULL, 0) == 0;
    regfree(&wanted);
}

static void read_args(struct bench *b, int argc, char **argv)
{
    static const char usage[] = "[-n ROUNDS] [-m MILLIONS] [-k PATTERN] [OLD] NEW";
    const char *pattern = "";
    for (int option; (option = getopt(argc, argv, "n:m:k:")) != -1;) {
        if (option == 'n')
            b->n_rounds = atoi(optarg);
        else if (option == 'm')
            b->millions = atof(optarg);
        else if (option == 'k')
            pattern = optarg;
        else
            give_up(usage);
    }
    b->n_builds = argc - optind;
    if (b->n_builds < 1 || b->n_builds > MAX_BUILDS || b->n_rounds < 1 || !(b->millions > 0))
        give_up(usage);
    memcpy(b->builds, argv + optind, (size_t)b->n_builds * sizeof *argv);
    choose(b, pattern);
}

/* Whether the new build did all that was asked of it. */
static bool is_complete(const struct bench *b)
{
    bool complete = true;
    for (int i = 0; i < N_CASES; i++)
        complete &= !b->wanted[i] || isfinite(b->least[b->n_builds - 1][i].cpu_s);
    return complete;
}

int main(int argc, char **argv)
{
    struct bench b = {
        .n_rounds = 3, .millions = 2, .folder = "/tmp/bench_table.XXXXXX", .floor_s = INFINITY
    };
    char remove[128];
    read_args(&b, argc, argv);
    for (int i = 0; i < MAX_BUILDS * N_CASES; i++)
        b.least[i / N_CASES][i % N_CASES] = (struct cost){ INFINITY, INFINITY, INFINITY };
    if (mkdtemp(b.folder) == NULL)
        give_up("no folder in /tmp");
    for (int round = 1; round <= b.n_rounds; round++) {
        fprintf(stderr, "round %d of %d\n", round, b.n_rounds);
        run_round(&b);
    }
    snprintf(remove, sizeof remove, "rm -r '%s'", b.folder);
    put_table(&b, false);
    put_table(&b, true);
    return system(remove) == 0 && is_complete(&b) ? EXIT_SUCCESS : EXIT_FAILURE;
}
