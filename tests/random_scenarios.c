/* random_scenarios.c - random scenarios over the full ranges of the table of keys: what `check`
 * takes, `run` and `curve` finish.
 *
 * A scenario starts from a plain one; a few keys, drawn from the table itself, get values from all
 * over their ranges, ends included. Each that `check` accepts is run in a process of its own, which
 * must end within a minute of one core, or have said that it takes longer, and a gigabyte, with
 * exit 0, or 1 or 2 and a message with file:line; no figure that it prints may be NaN or infinite.
 * A key that joins the table is drawn from then on.
 *
 * Usage: random_scenarios CROSSOVER FIRST N [FOLDER]; scenarios are numbered, and those that break
 * the promise stay in the folder.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenario/values.h"
#include "xo/random.h"
#include "xo/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CPU_S = 60, MAX_RSS_KB = 1000000, MAX_VIRTUAL_BYTES_LOG2 = 33, MAX_ENTRIES = 400 };

/* ---- drawing ---- */

struct dice {
    struct xo_stream stream;
    uint32_t slot;
};

static double draw(struct dice *dice)
{
    return xo_uniform(&dice->stream, 0, dice->slot++);
}

static int below(struct dice *dice, int n)
{
    return (int)(draw(dice) * n);
}

/* The ends of a range one time in five, else any of its powers of ten as likely as another. */
static double between(struct dice *dice, double min, double max)
{
    const double u = draw(dice), end = draw(dice);
    const double least = min > 0 ? min : fmin(max * 1e-9, 1e-3);
    if (end < 0.1)
        return min;
    return end < 0.2 ? max : fmin(fmax(least * pow(max / least, u), min), max);
}

struct scenario {
    char section[MAX_ENTRIES][XO_NAME_SIZE];
    int key[MAX_ENTRIES];
    char value[MAX_ENTRIES][XO_VALUE_SIZE];
    int n;
};

static void put(struct scenario *s, const char *section, int key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void put(struct scenario *s, const char *section, int key, const char *format, ...)
{
    int i = 0;
    while (i < s->n && (s->key[i] != key || strcmp(s->section[i], section) != 0))
        i++;
    if (i == MAX_ENTRIES)
        return;
    s->n += i == s->n;
    s->key[i] = key;
    xo_text_copy(s->section[i], sizeof s->section[i], section);
    va_list args;
    va_start(args, format);
    vsnprintf(s->value[i], sizeof s->value[i], format, args);
    va_end(args);
}

static bool has(const struct scenario *s, const char *section, int key)
{
    for (int i = 0; i < s->n; i++)
        if (s->key[i] == key && strcmp(s->section[i], section) == 0)
            return true;
    return false;
}

/* ---- one value of each type ---- */

static const char *quantity(struct dice *dice, const struct xo_key *k, char out[64])
{
    return quantity_exact(out, 64, k->unit, between(dice, k->min, k->max));
}

static void draw_distribution(struct dice *dice, const struct xo_key *k, char *out, size_t size)
{
    const double a = floor(between(dice, k->min, k->max)), b = floor(between(dice, k->min, k->max));
    const double lo = fmin(a, b), hi = fmax(a, b) + 1, cv = between(dice, 0.01, 50);
    switch (below(dice, 8)) {
    case 0:
        snprintf(out, size, "uniform(%.0f, %.0f) tokens", lo, hi);
        return;
    case 1:
        snprintf(out, size, "triangular(%.0f, %.0f, %.0f) tokens", lo, lo, hi);
        return;
    case 2:
        snprintf(out, size, "gamma(mean=%.0f, cv=%.4g) tokens", lo, cv);
        return;
    case 3:
        snprintf(out, size, "weibull(p50=%.0f, p95=%.0f) tokens", lo, hi);
        return;
    case 4:
        snprintf(out, size, "pareto(min=%.0f, alpha=%.3g, max=%.0f) tokens", lo,
                 between(dice, 0.5, 5), hi);
        return;
    case 5:
        snprintf(out, size, "discrete(%.0f:3, %.0f:1) tokens", lo, hi);
        return;
    case 6:
        snprintf(out, size, "lognormal(mean=%.0f, cv=%.4g) tokens", lo, cv);
        return;
    default:
        snprintf(out, size, "%.0f tokens", lo);
    }
}

static void draw_choice(struct dice *dice, const char *const *words, char *out, size_t size)
{
    int n = 0;
    while (words[n] != NULL)
        n++;
    xo_text_copy(out, size, words[below(dice, n)]);
}

/* A name of the catalog that a key of this name may take. */
static void draw_name(struct dice *dice, const char *key, char *out, size_t size)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    const char *name = strcmp(key, "gpu") == 0     ? c->gpus[below(dice, c->n_gpus)].gpu.name
                       : strcmp(key, "model") == 0 ? c->models[below(dice, c->n_models)].model.name
                                                   : c->apis[below(dice, c->n_apis)].tariff.name;
    xo_text_copy(out, size, name);
}

/* False: a key of this type is drawn by hand, or not at all. */
static bool draw_value(struct dice *dice, const struct xo_key *k, char *out, size_t size)
{
    char a[64], b[64];
    switch (k->type) {
    case XO_KEY_NUMBER:
    case XO_KEY_PRICES:
    case XO_KEY_VOLUME:
        xo_text_copy(out, size, quantity(dice, k, a));
        return true;
    case XO_KEY_INTEGER:
    case XO_KEY_INTEGERS:
        snprintf(out, size, "%.0f", floor(between(dice, k->min, k->max)));
        return true;
    case XO_KEY_CHOICE:
    case XO_KEY_CHOICES:
        draw_choice(dice, k->choices, out, size);
        return true;
    case XO_KEY_NAME:
    case XO_KEY_NAMES:
        draw_name(dice, k->name, out, size);
        return strcmp(k->name, "like") != 0 && strcmp(k->name, "aliases") != 0;
    case XO_KEY_DISTRIBUTION:
        draw_distribution(dice, k, out, size);
        return true;
    case XO_KEY_ARRIVALS:
        snprintf(out, size, "%s(cv=%.4g)", below(dice, 2) ? "gamma" : "weibull",
                 between(dice, 0.01, 100));
        return true;
    case XO_KEY_STAFF:
        snprintf(out, size, "%s, %s above %d GPUs", quantity(dice, k, a), quantity(dice, k, b),
                 1 + below(dice, 99));
        return true;
    case XO_KEY_WEEKTIME:
        snprintf(out, size, "%.6g h", between(dice, 0, 167.99));
        return true;
    case XO_KEY_TIMEZONE:
        snprintf(out, size, "UTC%+d", below(dice, 25) - 12);
        return true;
    case XO_KEY_TIERS:
        snprintf(out, size, "%d%% above $%d", below(dice, 100), 1 + below(dice, 100000));
        return true;
    case XO_KEY_STEPS:
        snprintf(out, size, "2027-%02d-01 %+d%%", 1 + below(dice, 12), below(dice, 150) - 60);
        return true;
    case XO_KEY_WINDOWS:
        snprintf(out, size, "%dx Mon-Fri 0%d:00-12:00, 0.5x Sat 00:00-24:00", 1 + below(dice, 3),
                 below(dice, 10));
        return true;
    case XO_KEY_LONG_TIERS:
        snprintf(out, size, "above %d: in 2x out 1.5x, above 40k: in $%d/Mtok",
                 1 + below(dice, 9999), 1 + below(dice, 20));
        return true;
    case XO_KEY_CHANGES:
        snprintf(out, size, "from 2026-0%d-01: %dx, from 2026-12-01: out $%d/Mtok",
                 1 + below(dice, 9), 1 + below(dice, 3), 1 + below(dice, 20));
        return true;
    case XO_KEY_SERVICE:
        snprintf(out, size, "0.%dx%s", 1 + below(dice, 9),
                 below(dice, 2) ? ", cached at list" : "");
        return true;
    case XO_KEY_HOURS:
        snprintf(out, size, "Mon-Fri %02d:00-%02d:00", below(dice, 12), 12 + below(dice, 12));
        return true;
    case XO_KEY_NUMBERS: {
        size_t at = 0;
        const int n = strcmp(k->name, "days") == 0 ? 7 : 24;
        for (int i = 0; i < n && at < size; i++)
            at += (size_t)snprintf(out + at, size - at, "%s%.2g", i == 0 ? "" : ", ",
                                   between(dice, k->min, k->max));
        return true;
    }
    default: /* texts, files and dates change nothing */
        return false;
    }
}

/* ---- one scenario ---- */

static const char *const plain[][2] = {
    { "scenario.as_of", "2026-11-22" }, { "scenario.commit", "12 months" },
    { "scenario.parity", "assumed" },   { "workload.volume", "3 requests/s" },
    { "workload.profile", "steady" },   { "workload.prompt", "730 tokens" },
    { "workload.output", "90 tokens" }, { "slo.ttft_p95", "2 s" },
    { "slo.tpot_p95", "60 ms" },        { "buy.api", "openai/gpt-6.2-sol" },
    { "buy.staff", "0 FTE" },           { "build.model", "llama-3.1-8b" },
    { "build.gpu", "h100-sxm" },        { "build.rent", "$3.95/hour" },
    { "build.staff", "0.25 FTE" },      { "build.salary", "$250k/year" },
    { "unit.name", "ticket" },          { "unit.calls", "3.2" },
    { "study.min_volume", "0.25x" },    { "study.max_volume", "4x" },
    { "study.replications", "4" },      { "study.capacity_precision", "30%" },
};

/* Keys that one of them asks for. */
static const struct {
    const char *key, *value; /* value NULL: any */
    const char *needs[5];
} needed[] = {
    { "workload.burst_factor", NULL, { "workload.burst_share", "workload.burst_length" } },
    { "workload.burst_share", NULL, { "workload.burst_factor", "workload.burst_length" } },
    { "workload.burst_length", NULL, { "workload.burst_factor", "workload.burst_share" } },
    { "workload.profile", "custom", { "workload.hours" } },
    { "build.tenure",
      "own",
      { "build.server_price", "build.life", "build.cost_of_capital", "build.power_price" } },
    { "build.tenure", "owned", { "build.opportunity", "build.power_price" } },
};

static void draw_key(struct dice *dice, struct scenario *s, const char *section, int key);

static void draw_needed(struct dice *dice, struct scenario *s, const char *section, int key,
                        const char *value)
{
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (xo_key_find(needed[i].key) != key ||
            (needed[i].value != NULL && strcmp(needed[i].value, value) != 0))
            continue;
        for (int n = 0; n < 5 && needed[i].needs[n] != NULL; n++) {
            const int need = xo_key_find(needed[i].needs[n]);
            if (!has(s, section, need))
                draw_key(dice, s, section, need);
        }
    }
}

static void draw_key(struct dice *dice, struct scenario *s, const char *section, int key)
{
    char value[XO_VALUE_SIZE];
    if (!draw_value(dice, &xo_keys[key], value, sizeof value))
        return;
    put(s, section, key, "%s", value);
    draw_needed(dice, s, section, key, value);
}

/* Any of the table's rows, but for the sections that may come several times. */
static int any_key(struct dice *dice)
{
    for (;;) {
        const int key = below(dice, xo_n_keys);
        const int section = section_find(xo_keys[key].section, strlen(xo_keys[key].section));
        if (!sections[section].named || sections[section].plain)
            return key;
    }
}

static void draw_section(struct dice *dice, struct scenario *s, const char *kind, const char *name,
                         double share)
{
    char section[XO_NAME_SIZE];
    snprintf(section, sizeof section, "%s %s", kind, name);
    for (int k = 0; k < xo_n_keys; k++)
        if (strcmp(xo_keys[k].section, kind) == 0 &&
            ((xo_keys[k].defaults == NULL &&
              !is_catalogued((enum section)section_find(kind, strlen(kind)))) ||
             draw(dice) < share))
            draw_key(dice, s, section, k);
}

static void draw_scenario(struct scenario *s, uint32_t number)
{
    struct dice dice = { .stream = { 20261122, number, XO_PURPOSE_SAMPLE } };
    s->n = 0;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        const int key = xo_key_find(plain[i][0]);
        put(s, xo_keys[key].section, key, "%s", plain[i][1]);
    }
    for (int n = 1 + below(&dice, 8); n > 0; n--) {
        const int key = any_key(&dice);
        draw_key(&dice, s, xo_keys[key].section, key);
    }
    if (draw(&dice) < 0.4) { /* what is simulated, in the half of what matters most */
        draw_key(&dice, s, "workload", xo_key_find("workload.prompt"));
        draw_key(&dice, s, "workload", xo_key_find("workload.volume"));
    }
    if (draw(&dice) < 0.2)
        for (int n = 1 + below(&dice, 3); n > 0; n--)
            draw_section(&dice, s, "class", (const char *[]){ "a", "b", "c" }[n - 1], 0.4);
    if (draw(&dice) < 0.15)
        for (int n = 1 + below(&dice, 2); n > 0; n--)
            draw_section(&dice, s, "spike", n == 1 ? "one" : "two", 0.4);
    if (draw(&dice) < 0.15)
        draw_section(&dice, s, "gpu", "h100-sxm", 0.15);
    if (draw(&dice) < 0.15)
        draw_section(&dice, s, "model", "llama-3.1-8b", 0.1);
    if (draw(&dice) < 0.15)
        draw_section(&dice, s, "api", "openai/gpt-6.2-sol", 0.2);
}

static bool write_scenario(const struct scenario *s, const char *path)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return false;
    bool done[MAX_ENTRIES] = { false };
    for (int i = 0; i < s->n; i++) {
        if (done[i])
            continue;
        fprintf(out, "[%s]\n", s->section[i]);
        for (int j = i; j < s->n; j++)
            if (strcmp(s->section[j], s->section[i]) == 0) {
                fprintf(out, "%s = %s\n", xo_keys[s->key[j]].name, s->value[j]);
                done[j] = true;
            }
    }
    return fclose(out) == 0;
}

/* ---- running it ---- */

struct outcome {
    int status, rss_kb;
    double cpu_s;
    char *text; /* owned */
};

static void become(const char *const argv[], const char *output)
{
    const int to = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const struct rlimit cpu = { MAX_CPU_S, MAX_CPU_S + 5 };
    const struct rlimit memory = { (rlim_t)1 << MAX_VIRTUAL_BYTES_LOG2,
                                   (rlim_t)1 << MAX_VIRTUAL_BYTES_LOG2 };
    if (to < 0 || setrlimit(RLIMIT_CPU, &cpu) != 0 || setrlimit(RLIMIT_AS, &memory) != 0)
        _exit(126);
    dup2(to, STDOUT_FILENO);
    dup2(to, STDERR_FILENO);
    execv(argv[0], (char *const *)argv);
    _exit(127);
}

static char *file_text(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;
    size_t n = 0;
    if (in == NULL || getdelim(&text, &n, '\0', in) < 0) {
        free(text);
        text = strdup("");
    }
    if (in != NULL)
        fclose(in);
    return text;
}

static void run(const char *const argv[], const char *output, struct outcome *o)
{
    struct rusage usage;
    const pid_t child = fork();
    if (child == 0)
        become(argv, output);
    while (wait4(child, &o->status, 0, &usage) < 0 && errno == EINTR) {
    }
    o->rss_kb = (int)usage.ru_maxrss;
    o->cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    o->text = file_text(output);
}

/* "nan" or "inf" as a word of its own, as printf writes them. */
static bool has_no_number(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        const bool begins = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');
        if (begins && (strncmp(at, "nan", 3) == 0 || strncmp(at, "inf", 3) == 0) &&
            !isalnum((unsigned char)at[3]) && at[3] != '_')
            return true;
    }
    return false;
}

/* Whether a message names the file and a line of it. */
static bool has_place(const char *text, const char *path)
{
    const char *name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    for (const char *at = text; (at = strstr(at, name)) != NULL; at++) {
        const char *behind = at + strlen(name);
        const char *end = strchr(behind, '\n');
        if (*behind == ':' && isdigit((unsigned char)behind[1]) &&
            (end == NULL || memmem(behind, (size_t)(end - behind), "warning", 7) == NULL))
            return true;
    }
    return false;
}

/* Whether it said beforehand, with file:line, how long it takes and what takes less. */
static bool has_warned(const char *text, const char *path)
{
    const char *at = strstr(text, "each fleet takes about "),
               *draws = strstr(text, " draws take about ");
    at = at != NULL ? at : draws;
    const char *line = at;
    while (line != NULL && line > text && line[-1] != '\n')
        line--;
    return line != NULL && memmem(line, (size_t)(at - line), path, strlen(path)) != NULL;
}

static const char *fault_of(const struct outcome *o, const char *path)
{
    const int code = WIFEXITED(o->status) ? WEXITSTATUS(o->status) : -1;
    if (WIFSIGNALED(o->status) &&
        (WTERMSIG(o->status) == SIGXCPU || WTERMSIG(o->status) == SIGKILL))
        return has_warned(o->text, path) ? NULL : "takes more than a minute unannounced";
    if (WIFSIGNALED(o->status))
        return "dies";
    if (o->rss_kb > MAX_RSS_KB && !has_warned(o->text, path))
        return "takes more than a gigabyte";
    if (has_no_number(o->text))
        return "prints what is no number";
    if (code != 0 && ((code != 1 && code != 2) || !has_place(o->text, path)))
        return "fails without file:line";
    return NULL;
}

struct totals {
    int n_accepted, n_refused, n_runs, n_faults;
    double cpu_s, most_cpu_s;
    int most_rss_kb;
};

static void tell(struct totals *t, const struct outcome *o, const char *verb, const char *path,
                 const char *fault)
{
    t->n_runs++;
    t->cpu_s += o->cpu_s;
    t->most_cpu_s = fmax(t->most_cpu_s, o->cpu_s);
    t->most_rss_kb = o->rss_kb > t->most_rss_kb ? o->rss_kb : t->most_rss_kb;
    if (fault == NULL)
        return;
    t->n_faults++;
    printf("crossover %s %s %s (%.1f s, %d MB, status %d): %.300s\n", verb, path, fault, o->cpu_s,
           o->rss_kb / 1000, o->status, o->text);
    fflush(stdout);
}

/* Runs it in every way that is asked; whether the promise held. */
static bool try_scenario(const char *crossover, const char *folder, uint32_t number,
                         struct totals *t)
{
    static struct scenario s;
    char path[512], output[520], out[520];
    snprintf(path, sizeof path, "%s/s%u.ini", folder, number);
    snprintf(output, sizeof output, "%s/s%u.txt", folder, number);
    snprintf(out, sizeof out, "%s/s%u", folder, number);
    draw_scenario(&s, number);
    if (!write_scenario(&s, path))
        return false;
    const char *const check[] = { crossover, "check", path, "--format", "json", NULL };
    struct outcome o;
    run(check, output, &o);
    const char *fault = fault_of(&o, path);
    const bool accepted = WIFEXITED(o.status) && WEXITSTATUS(o.status) == 0;
    if (fault != NULL)
        tell(t, &o, "check", path, fault);
    free(o.text);
    *(accepted ? &t->n_accepted : &t->n_refused) += 1;
    for (int i = 0; accepted && i < (number % 8 == 0 ? 2 : 1); i++) {
        const char *verb = i == 0 ? "run" : "curve";
        const char *const argv[] = {
            crossover, verb,    path, "--quiet",  "--threads",
            "1",       "--out", out,  "--format", number % 2 ? "json" : "table",
            NULL
        };
        run(argv, output, &o);
        const char *wrong = fault_of(&o, path);
        tell(t, &o, verb, path, wrong);
        fault = fault == NULL ? wrong : fault;
        free(o.text);
    }
    if (fault == NULL) {
        unlink(path);
        unlink(output);
        const char *const remove_results[] = { "/bin/rm", "-rf", out, NULL };
        run(remove_results, "/dev/null", &o);
        free(o.text);
    }
    return fault == NULL;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: random_scenarios CROSSOVER FIRST N [FOLDER]\n");
        return 2;
    }
    char made[] = "/tmp/random_scenarios.XXXXXX";
    const char *folder = argc > 4 ? argv[4] : mkdtemp(made);
    if (folder == NULL || (mkdir(folder, 0700) != 0 && errno != EEXIST))
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct totals t = { 0 };
    const uint32_t first = (uint32_t)atoi(argv[2]), n = (uint32_t)atoi(argv[3]);
    for (uint32_t i = first; i < first + n; i++)
        try_scenario(argv[1], folder, i, &t);
    printf(
        "%u scenarios: check took %d and refused %d; %d runs, %.0f s of one core, at most %.1f s "
        "and %d MB; %d broke the promise\n",
        n, t.n_accepted, t.n_refused, t.n_runs, t.cpu_s, t.most_cpu_s, t.most_rss_kb / 1000,
        t.n_faults);
    rmdir(folder);
    return t.n_faults > 0;
}
