/* test_scenario.c - one INI file in, plain structs out: traps, catalogs, problems, what-ifs.
 *
 * `test_scenario reference FILE` writes the reference page instead (target `reference`).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolved_text.h"
#include "xo/file.h"
#include "xo/scenario.h"
#include "xo/stats.h"
#include "xo/text.h"

#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BAD       XO_SOURCE_DIR "/tests/bad/"
#define SCENARIOS XO_SOURCE_DIR "/scenarios/"

/* A sound scenario; tests put things after it or replace values by --set. */
static const char base[] = "[scenario]\n"
                           "as_of = 2026-11-22\n"
                           "commit = 12 months\n"
                           "parity = assumed\n"
                           "[workload]\n"
                           "volume = 20k requests/day\n"
                           "profile = office-hours\n"
                           "prompt = 1500 tokens\n"
                           "output = 300 tokens\n"
                           "[slo]\n"
                           "ttft_p95 = 2 s\n"
                           "[buy]\n"
                           "api = openai/gpt-6.2-sol\n"
                           "staff = 0 FTE\n"
                           "[build]\n"
                           "model = llama-3.1-8b\n"
                           "weights = fp8\n"
                           "gpu = h100-sxm\n"
                           "rent = $3.50/hour\n"
                           "staff = 0.5 FTE\n"
                           "salary = $200k/year\n";

/* ---- helpers ---- */

static struct xo_scenario *read_sets(const char *path, const char *const sets[], int n_sets)
{
    const struct xo_scenario_options options = { .sets = sets, .n_sets = n_sets };
    struct xo_scenario *s;
    struct xo_problems problems;
    const bool ok = xo_scenario_read(&s, path, &options, &problems);
    for (size_t i = 0; i < problems.n && !ok; i++)
        fprintf(stderr, "%s\n", problems.lines[i]);
    xo_problems_fini(&problems);
    ck_assert_msg(ok, "%s does not read", path);
    return s;
}

static char folder[] = "/tmp/xo-scenario-XXXXXX";
static char scratch[sizeof folder + 16]; /* a scenario to write and read */

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(scratch, sizeof scratch, "%s/s.ini", folder);
}

static void remove_folder(void)
{
    unlink(scratch);
    rmdir(folder);
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
}

static void put_text(const char *text, size_t size)
{
    FILE *out = fopen(scratch, "wb");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(text, 1, size, out), size);
    ck_assert_int_eq(fclose(out), 0);
}

/* The base and what comes after it. */
static struct xo_scenario *read_more(const char *more, const char *const sets[], int n_sets)
{
    char text[8192];
    snprintf(text, sizeof text, "%s%s", base, more);
    put_text(text, strlen(text));
    return read_sets(scratch, sets, n_sets);
}

/* All lines of the reading of the scratch file, joined by '\n', without the file's name. */
static void problems_of(const char *path, const char *const sets[], int n_sets, char *out,
                        size_t size, bool *ok)
{
    const struct xo_scenario_options options = { .sets = sets, .n_sets = n_sets };
    struct xo_scenario *s;
    struct xo_problems problems;
    *ok = xo_scenario_read(&s, path, &options, &problems);
    ck_assert_int_eq(*ok, s != NULL);
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < problems.n; i++) {
        const char *line = problems.lines[i];
        const size_t length = strlen(path);
        if (strncmp(line, path, length) == 0 && line[length] == ':')
            line += length + 1;
        n += (size_t)snprintf(out + n, size - n, "%s%s", i == 0 ? "" : "\n",
                              line + strspn(line, " "));
        ck_assert_uint_lt(n, size);
    }
    xo_problems_fini(&problems);
    xo_scenario_free(s);
}

static const struct xo_entry *entry_of(const struct xo_scenario *s, const char *section,
                                       const char *name)
{
    for (int i = 0; i < s->n_entries; i++)
        if (strcmp(s->entries[i].section, section) == 0 && strcmp(s->entries[i].name, name) == 0)
            return &s->entries[i];
    return NULL;
}

/* ---- reading ---- */

START_TEST(the_support_bot_is_read_into_the_structs)
{
    struct xo_scenario *s = read_sets(SCENARIOS "support.ini", NULL, 0);
    ck_assert_str_eq(s->name, "Support bot, 50,000 conversations a day");
    ck_assert_double_eq_tol(s->requests_per_month, 50000 / 24.0 * 730, 1e-6);
    ck_assert_double_eq(s->commitment_months, 24);
    ck_assert_double_eq_tol(s->retries_frac, 0.03, 1e-15);
    ck_assert_int_eq(s->workload.n_classes, 1);
    ck_assert_int_eq(s->workload.classes[0].shared_prefix_tokens, 1200);
    ck_assert_double_eq_tol(s->workload.classes[0].prompt.mean, 2000, 1e-6);
    ck_assert_int_eq(s->slo[0].n_targets, 2);
    ck_assert_int_eq(s->slo[0].targets[1].metric, XO_METRIC_TPOT);
    ck_assert_double_eq_tol(s->slo[0].targets[1].limit_s, 0.05, 1e-15);
    ck_assert_int_eq(s->n_apis, 1);
    ck_assert_double_eq_tol(s->apis[0].tariff.output, 10e-6, 1e-18);
    ck_assert_int_eq(s->n_same_model, 1);
    ck_assert_int_eq(s->n_options, 1);
    ck_assert_str_eq(s->options[0].label, "2 x h100-sxm, fp8");
    ck_assert_double_eq(xo_staff_fte(&s->options[0].terms.staff, 17), 1.5);
    ck_assert_double_eq(s->options[0].terms.staff.usd_per_fte_year, 250000);
    ck_assert_double_eq(s->buy.staff.usd_per_fte_year, 250000);
    ck_assert_double_eq(s->buy.staff.steps[0].fte, 0.1);
    ck_assert_int_eq(s->n_uncertain, 3);
    ck_assert(!s->uncertain[0].reaches_simulation);
    ck_assert_int_eq(s->n_guesses, 11);
    xo_scenario_free(s);
}
END_TEST

static const char *const shipped[] = { "batch",  "classroom", "copilot", "rag",
                                       "replay", "spiky",     "support" };

START_TEST(every_shipped_scenario_reads_and_survives_being_written_out)
{
    char path[512], link[512], to[512];
    snprintf(path, sizeof path, SCENARIOS "%s.ini", shipped[_i]);
    snprintf(link, sizeof link, "%s/traces", folder);
    snprintf(to, sizeof to, SCENARIOS "traces");
    ck_assert_int_eq(symlink(to, link), 0);
    struct xo_scenario *s = read_sets(path, NULL, 0);
    FILE *out = fopen(scratch, "w");
    ck_assert(xo_scenario_write_resolved(s, out, NULL));
    fclose(out);
    struct xo_scenario *again = read_sets(scratch, NULL, 0);
    ck_assert_uint_eq(xo_scenario_hash(s), xo_scenario_hash(again));
    ck_assert_int_eq(s->n_guesses, again->n_guesses);
    ck_assert_int_eq(s->n_options, again->n_options);
    ck_assert_int_eq(s->n_same_model, again->n_same_model);
    ck_assert_double_eq(s->requests_per_month, again->requests_per_month);
    ck_assert_mem_eq(&s->options[0].terms, &again->options[0].terms, sizeof s->options[0].terms);
    ck_assert_mem_eq(&s->buy, &again->buy, sizeof s->buy);
    for (int i = 0; i < s->n_options; i++)
        ck_assert_str_eq(s->options[i].label, again->options[i].label);
    for (int i = 0; i < again->n_entries; i++) /* nothing is left to the catalogs */
        ck_assert_int_ne(again->entries[i].origin, XO_FROM_CATALOG);
    xo_scenario_free(again);
    xo_scenario_free(s);
    unlink(link);
}
END_TEST

/* A text is read as the same text in a file is, and what is wrong with it is told with its name. */
START_TEST(a_text_is_a_scenario_too)
{
    static const char path[] = XO_SOURCE_DIR "/scenarios/support.ini",
                      wrong[] = "[slo]\nttft_p59 = 1 s\n";
    const struct xo_scenario_options none = { .sets = NULL };
    struct xo_scenario *file = read_sets(path, NULL, 0), *text = NULL;
    struct xo_problems problems;
    struct xo_error err;
    char *bytes = NULL;
    size_t size = 0;
    ck_assert(xo_file_read(path, 1 << 20, &bytes, &size, &err));
    ck_assert(xo_scenario_read_text(&text, path, bytes, size, &none, &problems));
    ck_assert(xo_scenario_hash(text) == xo_scenario_hash(file));
    xo_problems_fini(&problems);
    xo_scenario_free(file);
    xo_scenario_free(text);
    free(bytes);
    ck_assert(!xo_scenario_read_text(&text, "own.c", wrong, sizeof wrong - 1, &none, &problems));
    ck_assert_ptr_null(text);
    ck_assert_uint_ge(problems.n, 1);
    ck_assert_int_eq(strncmp(problems.lines[0], "own.c:2: unknown key \"ttft_p59\"", 31), 0);
    xo_problems_fini(&problems);
}
END_TEST

START_TEST(a_different_value_has_a_different_hash)
{
    const char *sets[] = { "build.rent=$3.51/hour" };
    struct xo_scenario *a = read_more("", NULL, 0);
    struct xo_scenario *b = read_sets(scratch, sets, 1);
    ck_assert_uint_ne(xo_scenario_hash(a), xo_scenario_hash(b));
    xo_scenario_free(a);
    xo_scenario_free(b);
}
END_TEST

START_TEST(threads_are_no_part_of_the_hash)
{
    const char *sets[] = { "study.threads=3" };
    struct xo_scenario *a = read_more("", NULL, 0);
    struct xo_scenario *b = read_sets(scratch, sets, 1);
    ck_assert_uint_eq(xo_scenario_hash(a), xo_scenario_hash(b));
    xo_scenario_free(a);
    xo_scenario_free(b);
}
END_TEST

START_TEST(the_template_is_the_support_bot_and_reads_without_a_word)
{
    char *text, lines[4096];
    size_t size;
    bool ok;
    ck_assert(xo_file_read(SCENARIOS "support.ini", 1 << 20, &text, &size, NULL));
    ck_assert_str_eq(xo_scenario_template(), text);
    put_text(text, size);
    problems_of(scratch, NULL, 0, lines, sizeof lines, &ok);
    ck_assert(ok);
    ck_assert_str_eq(lines, "");
    free(text);
}
END_TEST

START_TEST(comments_bom_and_crlf_are_no_problem)
{
    char text[4096], more[1024], lines[1024];
    bool ok;
    size_t n = 0;
    memset(more, 'x', sizeof more);
    n += (size_t)snprintf(text + n, sizeof text - n, "\xef\xbb\xbf; %.300s\r\n   # %.250s\r\n",
                          more, more);
    for (const char *c = base; *c != '\0'; c++) {
        if (*c == '\n')
            text[n++] = '\r';
        text[n++] = *c;
    }
    n += (size_t)snprintf(text + n, sizeof text - n, "one_off = $7k ; %.400s", more);
    put_text(text, n);
    problems_of(scratch, NULL, 0, lines, sizeof lines, &ok);
    ck_assert_str_eq(lines, "");
    ck_assert(ok);
    struct xo_scenario *s = read_sets(scratch, NULL, 0);
    ck_assert_double_eq(s->options[0].terms.one_off_usd, 7000);
    ck_assert_int_eq(entry_of(s, "build", "one_off")->line,
                     24); /* two comments, 21 lines of base */
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_missing_file_is_one_problem)
{
    char lines[512];
    bool ok;
    problems_of("/nowhere/at/all.ini", NULL, 0, lines, sizeof lines, &ok);
    ck_assert(!ok);
    ck_assert_str_eq(lines,
                     "crossover: cannot open /nowhere/at/all.ini: No such file or directory");
}
END_TEST

/* ---- bad scenarios ---- */

/* The text after "[name]\n" in expected.txt up to the next blank line. */
static bool expected_of(const char *all, const char *name, char *out, size_t size)
{
    char head[300];
    snprintf(head, sizeof head, "\n[%s]\n", name);
    const char *at = strstr(all, head);
    if (at == NULL)
        return false;
    at += strlen(head);
    const char *end = strstr(at, "\n\n");
    size_t n = end == NULL ? strlen(at) : (size_t)(end - at);
    while (n > 0 && at[n - 1] == '\n')
        n--;
    snprintf(out, size, "%.*s", (int)n, at);
    return true;
}

/* Equal, where "[...]" at the end of a wanted line stands for at least ten characters. */
static bool matches(const char *got, const char *wanted)
{
    while (*wanted != '\0') {
        if (strncmp(wanted, "[...]", 5) == 0) {
            const size_t rest = strcspn(got, "\n");
            if (rest < 10)
                return false;
            got += rest;
            wanted += 5;
        } else if (*got++ != *wanted++) {
            return false;
        }
    }
    return *got == '\0';
}

/* Take the folder out of messages that name other files. */
static void strip_folder(char *text)
{
    for (char *at = strstr(text, BAD); at != NULL; at = strstr(at, BAD))
        memmove(at, at + strlen(BAD), strlen(at + strlen(BAD)) + 1);
}

START_TEST(every_malformed_scenario_gets_its_exact_messages)
{
    char *all, path[512], wanted[8192], got[8192];
    size_t size;
    int n = 0;
    ck_assert(xo_file_read(BAD "expected.txt", 1 << 20, &all, &size, NULL));
    DIR *dir = opendir(BAD);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
        const size_t length = strlen(d->d_name);
        if (length < 5 || strcmp(d->d_name + length - 4, ".ini") != 0)
            continue;
        char name[256];
        bool ok;
        snprintf(name, sizeof name, "%.*s", (int)length - 4, d->d_name);
        snprintf(path, sizeof path, BAD "%.200s", d->d_name);
        ck_assert_msg(expected_of(all, name, wanted, sizeof wanted), "nothing expected of %s",
                      name);
        problems_of(path, NULL, 0, got, sizeof got, &ok);
        strip_folder(got);
        ck_assert_msg(!ok, "%s passes", name);
        ck_assert_msg(matches(got, wanted), "%s\n  says:   %s\n  not:    %s", name, got, wanted);
        n++;
    }
    closedir(dir);
    free(all);
    ck_assert_int_ge(n, 60);
}
END_TEST

/* ---- --set ---- */

START_TEST(set_replaces_a_value_and_is_no_guess)
{
    const char *sets[] = { "build.rent= ? $2,900/month", "uncertain.build.rent_scale=uniform(1, 2)",
                           "buy.price_scale=0.5", "class.easy.weight=3" };
    struct xo_scenario *s =
        read_more("[uncertain]\nbuild.rent_scale = ? uniform(0.5, 1.5)\n", sets, 4);
    ck_assert_int_eq(s->n_guesses, 0);
    ck_assert_double_eq_tol(s->options[0].terms.rent_usd_per_gpu_hour, 2900 / 730.0, 1e-12);
    ck_assert_double_eq(s->buy.price_scale, 0.5);
    ck_assert_int_eq(s->n_uncertain, 1);
    ck_assert_double_eq(s->uncertain[0].dist.hi, 2);
    ck_assert_str_eq(s->workload.classes[0].name, "easy");
    ck_assert_str_eq(entry_of(s, "build", "rent")->where, "--set");
    ck_assert_int_eq(entry_of(s, "build", "rent")->origin, XO_FROM_SET);
    xo_scenario_free(s);
}
END_TEST

START_TEST(set_takes_a_named_section_as_it_is_written)
{
    const char *sets[] = { "class easy.weight=3", "class.hard.weight=1" };
    struct xo_scenario *s = read_more("", sets, 2);
    ck_assert_int_eq(s->workload.n_classes, 2);
    ck_assert_str_eq(s->workload.classes[0].name, "easy");
    ck_assert_double_eq(s->workload.classes[0].weight, 0.75);
    xo_scenario_free(s);
}
END_TEST

START_TEST(set_fixes_an_uncertain_key_and_says_so)
{
    static const char range[] = "[uncertain]\nbuild.rent = triangular($2/hour, $3/hour, $5/hour)\n";
    const char *sets[] = { "build.rent=$8/hour" };
    struct xo_scenario *s = read_more(range, sets, 1);
    ck_assert_int_eq(s->n_uncertain, 0);
    ck_assert_double_eq(s->options[0].terms.rent_usd_per_gpu_hour, 8);
    xo_scenario_free(s);
    const char *list[] = { "build.gpu=h100-sxm, h200-sxm", "build.rent=$3/hour, $4/hour" };
    s = read_more(range, list, 2); /* a list cannot vary, and need not */
    ck_assert_int_eq(s->n_uncertain, 0);
    ck_assert_double_eq(s->options[1].terms.rent_usd_per_gpu_hour, 4);
    xo_scenario_free(s);
}
END_TEST

START_TEST(what_set_fixes_leaves_the_resolved_text_and_nothing_takes_its_place)
{
    static const char ranges[] = "[uncertain]\n"
                                 "build.rent = triangular($2/hour, $3/hour, $5/hour)\n"
                                 "build.step_scale = uniform(0.9, 1.2)\n"
                                 "build.pue = uniform(1.1, 1.6)\n"
                                 "correlation = build.rent ~ build.pue 0.5, "
                                 "build.step_scale ~ build.pue 0.25\n";
    const char *sets[] = { "build.rent=$8/hour", "build.pue=1.3", "build.step_scale=1.1" };
    struct xo_scenario *s = read_more(ranges, sets, 1);
    char *text = resolved_text(s);
    ck_assert_int_eq(s->n_uncertain, 2);
    ck_assert_int_eq(s->n_correlations, 1);
    ck_assert_ptr_nonnull(strstr(text, "correlation = build.step_scale ~ build.pue 0.25\n"));
    ck_assert_ptr_null(strstr(text, "\nbuild.rent = "));
    free(text);
    xo_scenario_free(s);
    s = read_more("[uncertain]\nbuild.rent = uniform($3/hour, $4/hour)\n", sets, 1);
    text = resolved_text(s);
    ck_assert_ptr_nonnull(strstr(text, "\n[uncertain]\n"));
    free(text);
    xo_scenario_free(s);
    s = read_more(ranges, sets, 3);
    ck_assert_int_eq(s->n_uncertain, 0);
    ck_assert_int_eq(s->n_correlations, 0);
    xo_scenario_free(s);
}
END_TEST

START_TEST(an_empty_uncertain_section_says_that_guesses_do_not_vary)
{
    static const char guess[] = "[uncertain]\n";
    char text[4096];
    for (int empty = 0; empty < 2; empty++) {
        snprintf(text, sizeof text, "%s%s", base, empty ? guess : "");
        memcpy(strstr(text, "rent = $3.50"), "rent =? $3.5", 12);
        put_text(text, strlen(text));
        struct xo_scenario *s = read_sets(scratch, NULL, 0);
        ck_assert_int_eq(s->n_guesses, 1);
        ck_assert_int_eq(s->n_uncertain, empty ? 0 : 1);
        xo_scenario_free(s);
    }
}
END_TEST

static const struct {
    const char *set, *message;
} bad_sets[] = {
    { "uncertain.build.pue=uniform(1.1, 1.5)",
      "--set uncertain.build.pue: \"uniform(1.1, 1.5)\", 1.1 to 1.5, and build.pue itself is 1.58: "
      "the range must hold the base case" },
    { "build.rent=3.99",
      "--set build.rent: \"3.99\", a number without a unit; it takes a price per "
      "GPU-hour such as $3.99/hour or $2,900/month" },
    { "build.rant=$3/hour", "--set build.rant: unknown key \"rant\" in [build]; did you mean "
                            "\"rent\"?" },
    { "biuld.rent=$3/hour", "--set biuld.rent: unknown section [biuld]; did you mean \"build\"?" },
    { "rent=$3/hour", "--set rent: it takes section.key=value, such as build.rent=$2.50/hour" },
    { "build.rent", "--set build.rent: it takes section.key=value, such as build.rent=$2.50/hour" },
    { "=5", "--set : it takes section.key=value, such as build.rent=$2.50/hour" },
    { "build.rent=", "--set build.rent: \"rent\" has no value; give it one or delete the line" },
    { "build.gpu=h100-smx", "--set build.gpu: \"h100-smx\", no GPU in the catalog; did you mean "
                            "\"h100-sxm\"? (crossover data gpus lists them; [gpu NAME] adds one)" },
    { "build.gpu=8x H100",
      "--set build.gpu: \"8x H100\": name the GPU alone (h100-sxm); how many is tensor_parallel, "
      "and server_gpus" },
    { "build.gpu=mi300x x 8",
      "--set build.gpu: \"mi300x x 8\": name the GPU alone (mi300x); how many is "
      "tensor_parallel, and server_gpus" },
    { "buy.api=median of openai/gpt-5, openai/gpt-6.2-sol",
      "--set buy.api: \"median of openai/gpt-5, openai/gpt-6.2-sol\"; \"median of\" is for "
      "buy.same_model_api, and api takes names parted by commas, of which the cheapest is bought" },
    { "scenario.name=a\u200Bb",
      "--set scenario.name: an invisible character, U+200B, at column 16; "
      "delete it" },
    { "scenario.name=a\U000E0041b", "--set scenario.name: an invisible character, U+E0041, at "
                                    "column 16; delete it" },
    { "scenario.name=a\xC2\x9B"
      "b",
      "--set scenario.name: the control character 0x9b; a scenario is "
      "plain text" },
    { "scenario.name=a\xE2\x80\xA8"
      "b",
      "--set scenario.name: a line separator, U+2028; end lines with a line feed" },
    { "scenario.name=a\xE2\x80\xA9",
      "--set scenario.name: a paragraph separator, U+2029; end lines with a line feed" },
    { "scenario.name=a\nb", "--set scenario.name: the control character 0x0a; a scenario is plain "
                            "text" },
    { "scenario.name=a ;b", "--set scenario.name: a blank and ; would start a comment" },
    { "scenario.name=?;b", "--set scenario.name: a blank and ; would start a comment" },
    { "class.a]b.weight=1",
      "--set class.a]b.weight: the name \"a]b\" holds one of [ ] ; # = and comma" },
    { "uncertain.build.gpu=uniform(1, 2)",
      "--set uncertain.build.gpu: \"uniform(1, 2)\"; build.gpu is no number that changes the "
      "simulation or the money" },
    { "slo.ttft_p95=0 s", "--set slo.ttft_p95: \"0 s\", out of range; it takes 1 us to 24 h" },
};

START_TEST(a_bad_set_is_told_at_its_place)
{
    char got[2048];
    bool ok;
    put_text(base, strlen(base));
    problems_of(scratch, &bad_sets[_i].set, 1, got, sizeof got, &ok);
    ck_assert(!ok);
    ck_assert_str_eq(got, bad_sets[_i].message);
}
END_TEST

/* What only follows from a value that was refused is no second error. */
START_TEST(one_fault_is_told_once)
{
    static const struct {
        const char *sets[2], *message;
    } faults[] = {
        { { "build.gpu=h100-sxm, l40s", "build.rent=€2/hour" },
          "--set build.rent: \"€2/hour\", not in US dollars; convert it at a rate that you "
          "write down beside it, into a price per GPU-hour such as $3.99/hour or $2,900/month, or "
          "give its rate in a section such as [currency EUR]" },
        { { "build.escalated=5%", "buy.api=nope/nope" },
          "--set buy.api: \"nope/nope\", no API in the catalog (crossover data apis lists them; "
          "[api provider/model] adds one)" },
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        char got[2000];
        bool ok;
        put_text(base, strlen(base));
        problems_of(scratch, faults[i].sets, 2, got, sizeof got, &ok);
        ck_assert(!ok);
        ck_assert_str_eq(got, faults[i].message);
    }
}
END_TEST

START_TEST(a_set_longer_than_a_line_is_refused)
{
    char set[600], got[2048];
    const char *sets[] = { set };
    bool ok;
    memset(set, 'x', sizeof set - 1);
    set[sizeof set - 1] = '\0';
    memcpy(set, "scenario.name=", 14);
    put_text(base, strlen(base));
    problems_of(scratch, sets, 1, got, sizeof got, &ok);
    ck_assert(!ok);
    ck_assert_str_eq(got, "--set scenario.name: longer than a line of a scenario may be");
}
END_TEST

/* ---- distributions ---- */

static const struct {
    const char *text;
    enum xo_dist_kind kind;
    double mean, tolerance;
} dists[] = {
    { "1250 tokens", XO_DIST_CONSTANT, 1250, 0 },
    { "constant(1.25k)", XO_DIST_CONSTANT, 1250, 0 },
    { "uniform(500, 2000) tokens", XO_DIST_UNIFORM, 1250, 1e-9 },
    { "uniform(lo=500, hi=2k)", XO_DIST_UNIFORM, 1250, 1e-9 },
    { "triangular(300 tokens, 600 tokens, 1500 tokens)", XO_DIST_TRIANGULAR, 800, 1e-9 },
    { "pert(300, 600, 1500) tokens", XO_DIST_PERT, 700, 1e-6 },
    { "lognormal(mean=1250, cv=0.6) tokens", XO_DIST_LOGNORMAL, 1250, 1e-6 },
    { "lognormal(cv=60%, mean=1250)", XO_DIST_LOGNORMAL, 1250, 1e-6 },
    { "1200 + lognormal(mean=810, cv=1.5) tokens", XO_DIST_LOGNORMAL, 2010, 1e-6 },
    { "1.2k tokens + gamma(mean=810, cv=0.5)", XO_DIST_GAMMA, 2010, 1e-6 },
    { "1e+3 tokens + discrete(10:1, 30:3)", XO_DIST_DISCRETE, 1025, 1e-9 },
    { "shared_prefix + uniform(10, 50) tokens", XO_DIST_UNIFORM, 30, 1e-9 }, /* there is none */
    { "gamma(mean=1250, cv=0.5) tokens", XO_DIST_GAMMA, 1250, 1e-3 },
    { "weibull(mean=1250, cv=0.5) tokens", XO_DIST_WEIBULL, 1250, 1e-3 },
    { "normal(mean=1250, sd=125) tokens", XO_DIST_NORMAL, 1250, 1e-3 },
    { "normal(mean=1250, cv=0.1) tokens", XO_DIST_NORMAL, 1250, 1e-3 },
    { "exponential(mean=1250) tokens", XO_DIST_EXPONENTIAL, 1250, 1e-3 },
    /* alpha 2, 100 to 400: (alpha/(alpha-1)) (L^-1 - H^-1)/(L^-2 - H^-2) = 2 * 0.0075/0.00009375 */
    { "pareto(min=100, alpha=2, max=400) tokens", XO_DIST_PARETO, 160, 1e-6 },
    { "discrete(100:3, 2k:1) tokens", XO_DIST_DISCRETE, 575, 1e-9 },
    { "empirical(lengths.csv:prompt)", XO_DIST_EMPIRICAL, 1000, 1e-9 },
};

START_TEST(every_distribution_has_the_mean_it_says)
{
    char set[200], text[4096], path[512], other[512];
    const char *sets[] = { set };
    snprintf(set, sizeof set, "workload.prompt=%s", dists[_i].text);
    snprintf(path, sizeof path, "%s/lengths.csv", folder);
    snprintf(other, sizeof other, BAD "lengths.csv");
    ck_assert_int_eq(symlink(other, path), 0);
    snprintf(text, sizeof text, "%s", base);
    put_text(text, strlen(text));
    struct xo_scenario *s = read_sets(scratch, sets, 1);
    const struct xo_dist *d = &s->workload.classes[0].prompt;
    ck_assert_int_eq(d->kind, dists[_i].kind);
    ck_assert_double_eq_tol(d->mean, dists[_i].mean, 1e-9 + dists[_i].tolerance * dists[_i].mean);
    xo_scenario_free(s);
    const char *scaled[] = { set, "workload.prompt_scale=1.25" };
    s = read_sets(scratch, scaled, 2);
    ck_assert_double_eq_tol(s->workload.classes[0].prompt.mean, 1.25 * dists[_i].mean,
                            1e-9 + dists[_i].tolerance * 1.25 * dists[_i].mean);
    xo_scenario_free(s);
    unlink(path);
}
END_TEST

START_TEST(quantiles_and_cuts_are_kept)
{
    const char *sets[] = { "workload.prompt=lognormal(p50=1020, p95=4083) tokens",
                           "workload.output=lognormal(mean=400, cv=1, min=32, max=1k) tokens" };
    struct xo_scenario *s = read_more("", sets, 2);
    const struct xo_class *c = &s->workload.classes[0];
    ck_assert_double_eq_tol(xo_dist_quantile(&c->prompt, 0.5), 1020, 1e-6);
    ck_assert_double_eq_tol(xo_dist_quantile(&c->prompt, 0.95), 4083, 1e-3);
    ck_assert_double_eq(c->output.lo, 32);
    ck_assert_double_eq(c->output.hi, 1000);
    xo_scenario_free(s);
}
END_TEST

START_TEST(an_endless_uncertainty_is_cut_to_the_range_of_its_key)
{
    const char *sets[] = { "uncertain.buy.discount=normal(mean=0.1, sd=0.2)",
                           "uncertain.build.rent=triangular(2.2, 3.99, 5.4) USD/hour",
                           "uncertain.workload.volume=uniform(0.5M, 2M) requests/month",
                           "uncertain.build.spare_replicas=uniform(0, 3)" };
    struct xo_scenario *s = read_more("[uncertain]\n", sets, 4);
    ck_assert_int_eq(s->n_uncertain, 4);
    ck_assert_double_eq(s->uncertain[0].dist.lo, 0);
    ck_assert_double_eq(s->uncertain[0].dist.hi, 1);
    ck_assert_double_eq(s->uncertain[1].dist.hi, 5.4);
    ck_assert_str_eq(xo_keys[s->uncertain[1].key].name, "rent");
    ck_assert_double_eq(s->uncertain[2].dist.hi, 2e6);
    ck_assert(s->uncertain[2].reaches_simulation);
    ck_assert(!s->uncertain[3].reaches_simulation);
    xo_scenario_free(s);
}
END_TEST

/* What is left of a normal cut at 0 has no heap there: its median is at Phi^-1((1 + Phi(-0.1))/2),
 * not at the mean. */
START_TEST(an_uncertainty_is_truncated_and_not_heaped_up_at_the_end)
{
    const char *sets[] = { "uncertain.buy.discount=normal(mean=0.01, sd=0.1)",
                           "uncertain.buy.price_scale=lognormal(p50=1, p95=2, max=1)" };
    struct xo_scenario *s = read_more("[uncertain]\n", sets, 2);
    ck_assert_double_eq_tol(xo_uncertain_quantile(&s->uncertain[0], 0.5), 0.0713073, 1e-6);
    ck_assert_double_gt(xo_uncertain_quantile(&s->uncertain[0], 0.01), 0.001);
    const double sigma = log(2) / 1.6448536;
    ck_assert_double_eq_tol(xo_uncertain_quantile(&s->uncertain[1], 0.5), exp(-0.674490 * sigma),
                            1e-5);
    ck_assert_double_le(xo_uncertain_quantile(&s->uncertain[1], 0.9999), 1);
    xo_scenario_free(s);
}
END_TEST

START_TEST(rank_correlations_are_read_kept_and_written)
{
    const char *sets[] = { "uncertain.build.rent=triangular(2.2, 3.99, 5.4) USD/hour",
                           "uncertain.buy.price_scale=pert(0.6, 1, 1.2)",
                           "uncertain.workload.output_scale=discrete(0.5:1, 1:2, 2:1)",
                           ("uncertain.correlation=build.rent ~ buy.price_scale 0.5, "
                            "buy.price_scale ~ workload.output_scale -0.25") };
    struct xo_scenario *s = read_more("[uncertain]\n", sets, 4);
    ck_assert_int_eq(s->n_uncertain, 3);
    ck_assert_int_eq(s->n_correlations, 2);
    double rank[9];
    const double expected[9] = { 1, 0.5, 0, 0.5, 1, -0.25, 0, -0.25, 1 };
    ck_assert(xo_scenario_vary(s, xo_key_find("build.step_scale"), 1.25, NULL));
    xo_scenario_correlations(s, rank); /* a what-if knows them too */
    for (int i = 0; i < 9; i++)
        ck_assert_double_eq(rank[i], expected[i]);
    char *text = resolved_text(s);
    const char *once = strstr(text, "correlation = build.rent ~ buy.price_scale 0.5, ");
    ck_assert_ptr_nonnull(once);
    ck_assert_ptr_null(strstr(once + 1, "\ncorrelation"));
    free(text);
    xo_scenario_free(s);
}
END_TEST

/* Lines of correlation add up, are written out as they stand, and give way to one of --set. */
START_TEST(correlations_take_as_many_lines_as_they_need)
{
    static const char lines[] =
        "[uncertain]\nbuild.rent = triangular(2.2, 3.99, 5.4) USD/hour\n"
        "buy.price_scale = pert(0.6, 1, 1.2)\nbuild.pue = uniform(1.1, 1.7)\n"
        "correlation = build.rent ~ buy.price_scale 0.5\n"
        "correlation = build.rent ~ build.pue -0.25, build.pue ~ buy.price_scale 0.125\n";
    struct xo_scenario *s = read_more(lines, NULL, 0);
    ck_assert_int_eq(s->n_correlations, 3);
    ck_assert_double_eq(s->correlations[0].rank, 0.5);
    ck_assert_double_eq(s->correlations[2].rank, 0.125);
    char *text = resolved_text(s);
    const char *once = strstr(text, "\ncorrelation = build.rent ~ buy.price_scale 0.5\n");
    ck_assert_ptr_nonnull(once);
    ck_assert_ptr_nonnull(strstr(
        once, "\ncorrelation = build.rent ~ build.pue -0.25, build.pue ~ buy.price_scale 0.125\n"));
    free(text);
    xo_scenario_free(s);
    const char *set = "uncertain.correlation=build.rent ~ build.pue 0.375";
    s = read_more(lines, &set, 1);
    ck_assert_int_eq(s->n_correlations, 1);
    ck_assert_double_eq(s->correlations[0].rank, 0.375);
    text = resolved_text(s);
    once = strstr(text, "\ncorrelation = ");
    ck_assert_ptr_nonnull(once);
    ck_assert_ptr_null(strstr(once + 1, "\ncorrelation"));
    free(text);
    xo_scenario_free(s);
}
END_TEST

static const struct {
    const char *correlation, *problem;
} bad_correlations[] = {
    { "build.rent buy.price_scale 0.5",
      "; it takes pairs such as build.rent ~ buy.price_scale 0.5" },
    { "build.rent ~ buy.price_scale", "; it takes pairs such as build.rent ~ buy.price_scale 0.5" },
    { "build.rent ~ buy.discount 0.5", "; buy.discount is no key of [uncertain]" },
    { "build.rent ~ build.rent 0.5", "; build.rent is correlated with itself" },
    { "build.rent ~ buy.price_scale 1", ", with 1; a rank correlation goes from -0.99 to 0.99" },
    { "build.rent ~ buy.price_scale 0.5, buy.price_scale ~ build.rent 0.5",
      "; buy.price_scale and build.rent stand in it twice" },
    { "build.rent ~ buy.price_scale 0.9, buy.price_scale ~ build.pue 0.9, build.rent ~ build.pue "
      "-0.9",
      ": these correlations contradict each other; no inputs can have them all at once" },
};

START_TEST(a_bad_correlation_is_told)
{
    char set[300], got[2048];
    snprintf(set, sizeof set, "uncertain.correlation=%s", bad_correlations[_i].correlation);
    const char *sets[] = { "uncertain.build.rent=triangular(2.2, 3.99, 5.4) USD/hour",
                           "uncertain.buy.price_scale=pert(0.6, 1, 1.2)",
                           "uncertain.build.pue=uniform(1.1, 1.7)", set };
    bool ok;
    char text[1000];
    snprintf(text, sizeof text, "%s[uncertain]\n", base);
    put_text(text, strlen(text));
    problems_of(scratch, sets, 4, got, sizeof got, &ok);
    ck_assert(!ok);
    ck_assert_msg(strstr(got, bad_correlations[_i].problem) != NULL, "%s", got);
}
END_TEST

/* ---- workload ---- */

static const struct {
    const char *set;
    double peak;
    int busiest;
} profiles[] = { { "workload.profile=steady", 1, 0 },
                 { "workload.profile=diurnal", 1.6, 5 * 24 + 20 },
                 { "workload.profile=office-hours", 2.6, 10 },
                 { "workload.profile=spiky", 5, 5 * 24 + 20 } };

START_TEST(a_named_week_has_the_peak_it_says)
{
    struct xo_scenario *s = read_more("", &profiles[_i].set, 1);
    const struct xo_profile *p = &s->workload.profile;
    double sum = 0;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        sum += p->hour_weight[h];
    ck_assert_double_eq_tol(sum, XO_HOURS_PER_WEEK, 1e-9);
    ck_assert_int_eq(xo_profile_busiest_hour(p), profiles[_i].busiest);
    ck_assert_double_eq_tol(p->hour_weight[profiles[_i].busiest], profiles[_i].peak, 0.005);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_week_of_ones_own_is_hours_times_days)
{
    const char *sets[] = { "workload.profile=custom",
                           "workload.hours=1 1 1 1 1 1 1 1 1 1 1 1 3 1 1 1 1 1 1 1 1 1 1 1",
                           "workload.days=2, 1, 1, 1, 1, 0, 0" };
    struct xo_scenario *s = read_more("", sets, 3);
    const double *w = s->workload.profile.hour_weight;
    ck_assert_double_eq_tol(w[12] / w[0], 3, 1e-12); /* Monday noon to midnight */
    ck_assert_double_eq_tol(w[0] / w[24], 2, 1e-12); /* Monday to Tuesday */
    ck_assert_double_eq(w[6 * 24 + 12], 0);          /* Sunday */
    ck_assert_double_eq_tol(w[0], 2 * 168 / (26 * 6.0), 1e-12);
    xo_scenario_free(s);
}
END_TEST

static const char classes[] = "[class easy]\nweight = 3\nprompt = 400 tokens\nbatch = 25%\n"
                              "api = openai/gpt-5-nano\n"
                              "[class hard]\nweight = 1\nshared_prefix = 100 tokens\n"
                              "[slo hard]\nttft_p95 = 5 s\ne2e_p50 = 30 s\ntimeout = 2 min\n"
                              "[spike show]\nstart = Sun 20:00\nlength = 90 min\nfactor = 4\n"
                              "decay = 30 min\n";

START_TEST(classes_inherit_what_they_do_not_say)
{
    const char *sets[] = { "buy.batch=10%", "workload.arrivals=gamma(cv=1.5)",
                           "workload.burst_factor=4", "workload.burst_share=10%",
                           "workload.burst_length=2 min" };
    struct xo_scenario *s = read_more(classes, sets, 5);
    const struct xo_workload *w = &s->workload;
    ck_assert_int_eq(w->n_classes, 2);
    ck_assert_double_eq(w->classes[0].weight, 0.75);
    ck_assert_double_eq(w->classes[0].prompt.mean, 400);
    ck_assert_double_eq(w->classes[1].prompt.mean, 1500);
    ck_assert_int_eq(w->classes[1].shared_prefix_tokens, 100);
    ck_assert_int_eq(w->classes[0].max_context_tokens, 0);  /* none typed: nothing is cut */
    ck_assert_int_eq(s->engine.max_context_tokens, 131072); /* the model's: longer is refused */
    ck_assert_double_eq(s->class_batch_frac[0], 0.25);
    ck_assert_double_eq(s->class_batch_frac[1], 0.10);
    ck_assert_str_eq(s->class_apis[0].tariff.name, "openai/gpt-5-nano");
    ck_assert_str_eq(s->class_apis[1].tariff.name, "");
    ck_assert_int_eq(s->slo[0].n_targets, 1);
    ck_assert_int_eq(s->slo[1].n_targets, 2);
    ck_assert_double_eq(s->slo[1].targets[0].limit_s, 5);
    ck_assert_int_eq(s->slo[1].targets[1].metric, XO_METRIC_E2E);
    ck_assert_double_eq(s->slo[1].targets[1].quantile, 0.5);
    ck_assert_double_eq(s->slo[0].timeout_s, 600);
    ck_assert_double_eq(s->slo[1].timeout_s, 120);
    ck_assert_int_eq(w->arrivals.kind, XO_ARRIVALS_GAMMA);
    ck_assert_double_eq(w->arrivals.cv, 1.5);
    ck_assert_double_eq(w->arrivals.bursts.mean_s, 120);
    ck_assert_int_eq(w->profile.n_spikes, 1);
    ck_assert_double_eq(w->profile.spikes[0].start_s, (6 * 24 + 20) * 3600);
    ck_assert_double_eq(w->profile.spikes[0].decay_s, 1800);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_closed_loop_has_no_volume)
{
    char text[4096];
    const char *workload = strstr(base, "volume"), *rest = strstr(base, "prompt");
    snprintf(text, sizeof text, "%.*sclients = 64\nclient_gap = 5 ms\nbenchmark_requests = 640\n%s",
             (int)(workload - base), base, rest);
    put_text(text, strlen(text));
    struct xo_scenario *s = read_sets(scratch, NULL, 0);
    ck_assert_int_eq(s->workload.n_clients, 64);
    ck_assert_double_eq(s->workload.client_gap_s, 0.005);
    ck_assert_int_eq(s->benchmark_requests, 640);
    ck_assert(isnan(s->requests_per_month));
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_trace_brings_its_own_rate)
{
    struct xo_scenario *s = read_sets(SCENARIOS "replay.ini", NULL, 0);
    ck_assert_ptr_eq(s->workload.trace, &s->trace);
    ck_assert_double_eq_tol(s->requests_per_month,
                            (double)s->trace.n / s->trace.period_s * 3600 * 730,
                            1e-6 * s->requests_per_month);
    ck_assert_int_eq(entry_of(s, "workload", "volume")->origin, XO_FROM_DERIVED);
    xo_scenario_free(s);
}
END_TEST

/* The base with a trace beside it in place of its traffic. */
static void put_trace_scenario(const char *more)
{
    char text[4096];
    const char *workload = strstr(base, "volume"), *rest = strstr(base, "[slo]");
    const size_t n = (size_t)snprintf(text, sizeof text, "%.*strace = t.csv\n%s%s",
                                      (int)(workload - base), base, more, rest);
    put_text(text, n);
}

static void put_trace(const char *header, const char *format, int n)
{
    char name[sizeof folder + 16];
    snprintf(name, sizeof name, "%s/t.csv", folder);
    FILE *out = fopen(name, "w");
    ck_assert_ptr_nonnull(out);
    fputs(header, out);
    for (int i = 0; i < n; i++)
        fprintf(out, format, 60 * i);
    ck_assert_int_eq(fclose(out), 0);
}

static void remove_trace(void)
{
    char name[sizeof folder + 16];
    snprintf(name, sizeof name, "%s/t.csv", folder);
    unlink(name);
}

/* 120 requests a minute apart: 120 / 7,200 s * 730 h = 43,800 a month. */
START_TEST(a_traces_unit_is_resolved_so_that_nobody_infers_it_again)
{
    char lines[4096];
    bool ok;
    put_trace("timestamp,prompt_tokens,completion_tokens\n", "%d.25,1000,100\n", 120);
    put_trace_scenario("trace_unit = auto\n");
    problems_of(scratch, NULL, 0, lines, sizeof lines, &ok);
    ck_assert_msg(ok, "%s", lines);
    ck_assert_ptr_nonnull(strstr(
        lines, "6: warning: workload.trace is \"t.csv\"; the stamps are read as seconds: 120 "
               "requests in 2 h, 43,800 a month; not as milliseconds (120 requests in 7.2 s, "
               "43.8 M a month), since 120 of 120 stamps have fractions; trace_unit settles "
               "it"));
    struct xo_scenario *s = read_sets(scratch, NULL, 0);
    ck_assert_double_eq_tol(s->requests_per_month, 43800, 1e-6);
    ck_assert_str_eq(entry_of(s, "workload", "trace_unit")->value, "s");
    ck_assert_int_eq(entry_of(s, "workload", "trace_unit")->origin, XO_FROM_DERIVED);
    ck_assert_str_eq(entry_of(s, "workload", "trace_gaps")->value, "cut");
    ck_assert(xo_scenario_vary(s, xo_key_find("build.step_scale"), 1.5, NULL));
    ck_assert_str_eq(entry_of(s, "workload", "trace_unit")->value, "s");
    ck_assert_double_eq_tol(s->requests_per_month, 43800, 1e-6);
    FILE *out = fopen(scratch, "w");
    ck_assert(xo_scenario_write_resolved(s, out, NULL));
    fclose(out);
    problems_of(scratch, NULL, 0, lines, sizeof lines, &ok);
    ck_assert(ok);
    ck_assert_ptr_null(strstr(lines, "the stamps are read"));
    struct xo_scenario *again = read_sets(scratch, NULL, 0);
    ck_assert_uint_eq(xo_scenario_hash(s), xo_scenario_hash(again));
    ck_assert_int_eq(again->trace.notes.unit_from, XO_TRACE_UNIT_GIVEN);
    xo_scenario_free(again);
    xo_scenario_free(s);
    remove_trace();
}
END_TEST

static const struct {
    const char *header, *format, *more, *line;
} trace_words[] = {
    { "timestamp,prompt_tokens,output_tokens\n", "%d000,9,9\n", "",
      "warning: workload.trace is \"t.csv\"; the stamps are read as milliseconds: 120 requests in "
      "2 "
      "h, 43,800 a month; not as seconds (120 requests in 83.3 days, 43.8 a month), since every "
      "stamp is a multiple of 1,000; trace_unit settles it" },
    { "timestamp,prompt_tokens,output_tokens\n", "%d07,9,9\n", "",
      "t.csv: the unit of \"timestamp\" is not clear: 120 requests in 8.33 days, 438 a month as "
      "seconds; 120 requests in 12 min, 438,000 a month as milliseconds; say trace_unit = s or "
      "ms" },
    { "arrival_s,prompt_tokens,output_tokens\n", "%d000,9,9\n", "trace_unit = ms\n",
      "7: warning: workload.trace_unit is \"ms\", and the name of the column \"arrival_s\" says "
      "otherwise" },
    { "arrival_s,prompt_tokens,output_tokens\n", "%d,9,9\n", "trace_unit = minutes\n",
      "7: workload.trace_unit is \"minutes\"" },
    { "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-05-10 00:00:00,7,7\n",
      "2024-05-10 00:00:00.%07d,7,7\n", "trace_unit = s\n",
      "t.csv: \"TIMESTAMP\" holds dates, which have no trace_unit" },
    { "arrival_s,prompt_tokens,output_tokens\n1,0,3\n2,0,3\n3,4,0\n4,0,0\n", "%d,9,9\n", "",
      "warning: workload.trace is \"t.csv\"; 2 rows without prompt tokens and 1 without output "
      "tokens and 1 without any tokens are left out" },
    { "arrival_s,prompt_tokens,output_tokens\n1,4,0\n", "%d,9,9\n", "",
      "warning: workload.trace is \"t.csv\"; 1 row without output tokens is left out" },
    { "arrival_s,prompt_tokens,output_tokens\n-31536000,5,5\n", "%d,9,9\n", "",
      "warning: workload.trace is \"t.csv\"; its line 2 (-31536000) lies far from all others, by "
      "365 days, and is left out: 43,800 requests a month without, 10 with; trace_gaps = keep "
      "would keep it" },
    { "arrival_s,prompt_tokens,output_tokens\n-31536000,5,5\n", "%d,9,9\n", "trace_gaps = keep\n",
      "" },
};

START_TEST(what_a_trace_is_read_as_is_said)
{
    char lines[4096];
    bool ok;
    put_trace(trace_words[_i].header, trace_words[_i].format, 120);
    put_trace_scenario(trace_words[_i].more);
    problems_of(scratch, NULL, 0, lines, sizeof lines, &ok);
    ck_assert_msg(strstr(lines, trace_words[_i].line) != NULL, "%s", lines);
    ck_assert_msg(
        ok == (strstr(trace_words[_i].line, "warning") != NULL || trace_words[_i].line[0] == '\0'),
        "%s", lines);
    ck_assert(trace_words[_i].line[0] != '\0' || strstr(lines, "far from") == NULL);
    remove_trace();
}
END_TEST

START_TEST(what_is_for_traces_or_clients_needs_them)
{
    char lines[4096];
    bool ok;
    const char *sets[] = { "workload.trace_unit=ms", "workload.trace_gaps=keep",
                           "workload.benchmark_requests=640" };
    put_text(base, strlen(base));
    problems_of(scratch, sets, 3, lines, sizeof lines, &ok);
    ck_assert(!ok);
    ck_assert_str_eq(lines, "--set workload.benchmark_requests: \"640\", which needs clients\n"
                            "--set workload.trace_unit: \"ms\", which needs a trace\n"
                            "--set workload.trace_gaps: \"keep\", which needs a trace");
}
END_TEST

START_TEST(a_real_trace_reads_where_the_facts_lie_beside_the_tree)
{
    const char *path = XO_SOURCE_DIR "/../shared/data/traces/azure_conv_2023.csv";
    if (access(path, R_OK) != 0) {
        fprintf(stderr, "skipped: %s is not there\n", path);
        return;
    }
    char text[4096];
    const char *workload = strstr(base, "volume"), *rest = strstr(base, "[slo]");
    const size_t n = (size_t)snprintf(text, sizeof text, "%.*strace = %s\n%s",
                                      (int)(workload - base), base, path, rest);
    put_text(text, n);
    struct xo_scenario *s = read_sets(scratch, NULL, 0);
    ck_assert_uint_eq(s->trace.n, 19366);
    xo_scenario_free(s);
}
END_TEST

/* ---- building ---- */

START_TEST(lists_multiply_and_each_gpu_has_its_rent)
{
    const char *sets[] = { "build.gpu=l40s, h100-sxm", "build.rent=$1.09/hour, $1,460/month",
                           "build.weights=fp8, bf16", "build.tensor_parallel=1, 2" };
    struct xo_scenario *s = read_more("", sets, 4);
    ck_assert_int_eq(s->n_options, 8);
    ck_assert_str_eq(s->options[0].label, "1 x l40s, fp8");
    ck_assert_str_eq(s->options[7].label, "2 x h100-sxm, bf16");
    ck_assert_double_eq(s->options[3].terms.rent_usd_per_gpu_hour, 1.09);
    ck_assert_double_eq_tol(s->options[4].terms.rent_usd_per_gpu_hour, 2, 1e-12);
    xo_scenario_free(s);
}
END_TEST

START_TEST(combinations_that_do_not_fit_are_left_out_with_a_warning)
{
    const char *sets[] = { "build.model=llama-3.3-70b", "build.tensor_parallel=1, 2, 4",
                           "build.weights=bf16" };
    char got[2048];
    bool ok;
    put_text(base, strlen(base));
    problems_of(scratch, sets, 3, got, sizeof got, &ok);
    ck_assert(ok);
    ck_assert_ptr_nonnull(strstr(got, "18: warning: build.gpu is \"h100-sxm\"; 1 combination left "
                                      "out: llama-3.3-70b in bf16 does not fit"));
    struct xo_scenario *s = read_sets(scratch, sets, 3);
    ck_assert_int_eq(s->n_options, 2);
    ck_assert_int_eq(s->options[0].deployment.tensor_parallel, 2);
    xo_scenario_free(s);
}
END_TEST

/* The states of 256 sequences, 64 MB each, do not fit beside 35 GB of weights on 48 GB: the option
 * stays, and what limits it is said once, unless max_batch is within it. */
START_TEST(a_hybrid_model_says_how_many_sequences_fit)
{
    const char *sets[] = { "build.model=qwen3.5-35b-a3b", "build.gpu=l40s", "build.weights=fp8",
                           "build.tensor_parallel=1", "build.max_batch=90" };
    char got[2048];
    bool ok;
    put_text(base, strlen(base));
    problems_of(scratch, sets, 4, got, sizeof got, &ok);
    ck_assert_msg(ok, "%s", got);
    const char *said = strstr(got, "warning: \"l40s\"; 1 x l40s in fp8: room for 96 sequences "
                                   "of qwen3.5-35b-a3b, whose states take 64 MB each, and "
                                   "build.max_batch asks for 256: as many run as fit");
    ck_assert_msg(said != NULL, "%s", got);
    ck_assert_ptr_null(strstr(strstr(said, "as many run"), "room for 96")); /* once */
    problems_of(scratch, sets, 5, got, sizeof got, &ok);
    ck_assert_msg(ok && strstr(got, "as many run as fit") == NULL, "%s", got);
}
END_TEST

START_TEST(without_tensor_parallel_the_fewest_gpus_that_hold_the_model_are_taken)
{
    const char *sets[] = { "build.model=llama-3.3-70b", "build.weights=bf16" };
    struct xo_scenario *s = read_more("", sets, 2);
    ck_assert_int_eq(s->n_options, 1);
    ck_assert_int_eq(s->options[0].deployment.tensor_parallel, 2); /* 141 GB on 2 x 77 GB */
    ck_assert_str_eq(entry_of(s, "build", "tensor_parallel")->value, "2");
    ck_assert_int_eq(entry_of(s, "build", "tensor_parallel")->origin, XO_FROM_DERIVED);
    xo_scenario_free(s);
}
END_TEST

START_TEST(owning_takes_its_terms)
{
    const char *sets[] = { "build.tenure=own",
                           "build.server_price=$310k",
                           "build.life=4 years",
                           "build.cost_of_capital=8%",
                           "build.power_price=$90/MWh",
                           "build.residual=15%",
                           "build.pue=1.3",
                           "build.server_overhead=2.5 kW",
                           "build.maintenance=4%/year",
                           "build.server_gpus=8" };
    struct xo_scenario *s = read_more("", sets, 10);
    const struct xo_build_terms *t = &s->options[0].terms;
    ck_assert_int_eq(t->tenure, XO_OWN);
    ck_assert_double_eq(t->server_usd, 310000);
    ck_assert_double_eq(t->life_years, 4);
    ck_assert_double_eq_tol(t->usd_per_kwh, 0.09, 1e-15);
    ck_assert_double_eq_tol(t->residual_frac, 0.15, 1e-15);
    ck_assert_double_eq(t->server_overhead_w, 2500);
    ck_assert_int_eq(t->server_gpus, 8);
    ck_assert(t->pays_power);
    ck_assert_double_gt(t->gpu_idle_w, 50);
    xo_scenario_free(s);
}
END_TEST

START_TEST(the_catalogs_rent_is_taken_only_when_asked_for)
{
    const char *sets[] = { "build.rent=catalog" };
    struct xo_scenario *s = read_more("", sets, 1);
    const struct xo_gpu_entry *g = xo_catalog_gpu(xo_catalog_builtin(), "h100-sxm", NULL);
    ck_assert_double_eq(s->options[0].terms.rent_usd_per_gpu_hour, g->on_demand.median);
    xo_scenario_free(s);
}
END_TEST

static double number_of(const struct xo_scenario *s, const char *key)
{
    return xo_scenario_number(s, xo_key_find(key));
}

/* What a map marks as the plan, and a surrogate is moved to. */
START_TEST(a_number_is_what_its_key_is_resolved_to)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    const struct xo_gpu_entry *g = xo_catalog_gpu(c, "h100-sxm", NULL);
    const struct xo_efficiency fitted = xo_efficiency_default(XO_ENGINE_VLLM);
    const char *sets[] = { "build.rent=catalog", "workload.volume=18M tokens/month",
                           "build.tenure=rent" };
    struct xo_scenario *s = read_more("", sets, 3);
    ck_assert_double_eq(number_of(s, "build.rent"), g->on_demand.median);
    ck_assert_double_eq_tol(number_of(s, "workload.volume"), 10e3, 1e-6);
    ck_assert_double_eq(number_of(s, "buy.salary"), 200e3);
    ck_assert_double_eq(number_of(s, "build.server_gpus"), 1);
    ck_assert_double_eq(number_of(s, "build.mbu_weights"), fitted.mbu_weights_frac);
    ck_assert_double_eq_tol(number_of(s, "build.headroom"), 0.2, 1e-15);
    ck_assert(isnan(number_of(s, "build.server_price")));
    ck_assert(isnan(number_of(s, "build.replicas")));
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_number_of_several_options_is_one_only_where_they_agree)
{
    const char *own[] = { "build.tenure=own", "build.server_price=catalog", "build.life=4 years",
                          "build.cost_of_capital=8%/year", "build.power_price=$0.09/kWh" };
    const char *two[] = { "build.gpu=h100-sxm, a100-80gb-sxm", "build.rent=catalog" };
    struct xo_scenario *s = read_more("", own, 5);
    ck_assert_double_eq(number_of(s, "build.server_price"), s->options[0].terms.server_usd);
    ck_assert_double_gt(s->options[0].terms.server_usd, 1e5);
    xo_scenario_free(s);
    s = read_more("", two, 2);
    ck_assert_int_eq(s->n_options, 2);
    ck_assert(isnan(number_of(s, "build.rent")));
    ck_assert_double_eq(number_of(s, "build.server_gpus"), 1);
    xo_scenario_free(s);
}
END_TEST

START_TEST(measured_efficiencies_replace_the_fitted_ones)
{
    const char *sets[] = { "build.mbu_weights=71%", "build.layer_decode=12 us",
                           "build.step_scale=1.25" };
    struct xo_scenario *s = read_more("", sets, 3);
    const struct xo_efficiency *e = &s->options[0].deployment.efficiency;
    const struct xo_efficiency fitted = xo_efficiency_default(XO_ENGINE_VLLM);
    ck_assert_double_eq_tol(e->mbu_weights_frac, 0.71, 1e-15);
    ck_assert_double_eq_tol(e->layer_decode_s, 12e-6, 1e-18);
    ck_assert_double_eq(e->step_scale, 1.25);
    ck_assert_double_eq(e->mfu_linear_frac, fitted.mfu_linear_frac);
    xo_scenario_free(s);
}
END_TEST

START_TEST(buying_alone_needs_no_build)
{
    char text[4096];
    const char *end = strstr(base, "[build]");
    snprintf(text, sizeof text, "%.*s", (int)(end - base), base);
    put_text(text, strlen(text));
    struct xo_scenario *s = read_sets(scratch, NULL, 0);
    ck_assert_int_eq(s->n_options, 0);
    ck_assert_int_eq(s->n_apis, 1);
    ck_assert_int_eq(s->n_same_model, 0);
    xo_scenario_free(s);
}
END_TEST

/* ---- catalogs ---- */

START_TEST(the_catalogs_are_large_enough_and_say_where_from_and_when)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    ck_assert_int_ge(c->n_gpus, 20);
    ck_assert_int_ge(c->n_models, 30);
    ck_assert_int_ge(c->n_apis, 60);
    for (int i = 0; i < c->n_gpus; i++) {
        ck_assert_msg(c->gpus[i].source[0] && c->gpus[i].as_of[0], "%s", c->gpus[i].gpu.name);
        ck_assert_double_gt(c->gpus[i].gpu.memory_bytes, 1e9);
    }
    for (int i = 0; i < c->n_models; i++) {
        const struct xo_model *m = &c->models[i].model;
        ck_assert_msg(c->models[i].source[0] && c->models[i].as_of[0], "%s", m->name);
        ck_assert(m->layers > 0 && m->heads > 0 && m->head_dim > 0 && m->vocab > 0);
        ck_assert_int_gt(m->max_context_tokens, 0);
    }
    for (int i = 0; i < c->n_apis; i++) {
        const struct xo_api *a = &c->apis[i];
        ck_assert_msg(a->source[0] && a->as_of[0], "%s", a->tariff.name);
        ck_assert_msg(a->tariff.input > 0 && a->tariff.output > 0, "%s", a->tariff.name);
        ck_assert_msg(a->model[0] == '\0' || xo_catalog_model(c, a->model, NULL) != NULL,
                      "%s serves %s", a->tariff.name, a->model);
    }
}
END_TEST

START_TEST(names_are_found_by_alias_whatever_their_case)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    const char *nearest = "";
    ck_assert_str_eq(xo_catalog_gpu(c, "H100", NULL)->gpu.name, "h100-sxm");
    ck_assert_str_eq(xo_catalog_model(c, "meta-llama/llama-3.1-8B", NULL)->model.name,
                     "llama-3.1-8b");
    ck_assert_str_eq(xo_catalog_api(c, "OpenAI/GPT-5", NULL)->tariff.name, "openai/gpt-5");
    ck_assert_ptr_null(xo_catalog_gpu(c, "h100-smx", &nearest));
    ck_assert_str_eq(nearest, "h100-sxm");
    ck_assert_ptr_null(xo_catalog_model(c, "qqqqqqqqqq", &nearest));
    ck_assert_ptr_null(nearest);
}
END_TEST

START_TEST(a_scenario_overrides_and_adds_catalog_entries)
{
    const char *sets[] = { "build.gpu=mine", "build.model=tiny", "buy.api=me/mine" };
    struct xo_scenario *s = read_more("[gpu mine]\nlike = h100\nmemory = 96 GB\n"
                                      "[model tiny]\nlike = llama-3.1-8b\nlayers = 16\n"
                                      "[api me/mine]\nlike = openai/gpt-6.2-sol\noutput = $9/Mtok\n"
                                      "tiers = 5% above $10k, 12.5% above $50k\n",
                                      sets, 3);
    const struct xo_gpu *g = &s->options[0].deployment.gpu;
    ck_assert_str_eq(g->name, "mine");
    ck_assert_double_eq(g->memory_bytes, 96e9);
    ck_assert_double_eq(g->hbm_bytes_per_s, 3.35e12);
    ck_assert(g->link_is_switched);
    ck_assert_int_eq(s->options[0].deployment.model.layers, 16);
    ck_assert_int_eq(s->options[0].deployment.model.hidden, 4096);
    ck_assert_double_eq_tol(s->apis[0].tariff.output, 9e-6, 1e-18);
    ck_assert_double_eq_tol(s->apis[0].tariff.input, 2e-6, 1e-18);
    ck_assert_int_eq(s->apis[0].tariff.n_tiers, 2);
    ck_assert_double_eq_tol(s->apis[0].tariff.tiers[1].discount_frac, 0.125, 1e-15);
    ck_assert_double_eq(s->apis[0].tariff.tiers[1].above_usd, 50000);
    ck_assert_int_eq(entry_of(s, "gpu mine", "bandwidth")->origin, XO_FROM_CATALOG);
    ck_assert_int_gt(s->n_same_model, 0); /* hosts of what it is like */
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_written_entry_takes_nothing_from_a_later_catalog)
{
    struct xo_scenario *s = read_more(
        "[api openai/gpt-6.2-sol]\nlike = groq/llama-3.1-8b-instant\nas_of = 2026-13-01x\n"
        "[gpu spare]\nlike = l40s\n",
        (const char *[]){ "api.openai/gpt-6.2-sol.as_of=2026-11-01" }, 1);
    ck_assert(isnan(s->apis[0].tariff.cached_input)); /* gpt-6.2-sol has one, groq has none */
    FILE *out = fopen(scratch, "w");
    ck_assert(xo_scenario_write_resolved(s, out, NULL));
    fclose(out);
    struct xo_scenario *again = read_sets(scratch, NULL, 0);
    ck_assert(isnan(again->apis[0].tariff.cached_input));
    ck_assert_uint_eq(xo_scenario_hash(s), xo_scenario_hash(again));
    xo_scenario_free(again);
    xo_scenario_free(s);
}
END_TEST

START_TEST(an_entry_like_another_does_not_answer_to_its_names)
{
    const char *sets[] = { "build.gpu=mine, h100", "build.rent=$1/hour, $2/hour" };
    struct xo_scenario *s = read_more("[gpu mine]\nlike = h100\nmemory = 96 GB\n", sets, 2);
    ck_assert_int_eq(s->n_options, 2);
    ck_assert_str_eq(s->options[0].deployment.gpu.name, "mine");
    ck_assert_str_eq(s->options[1].deployment.gpu.name, "h100-sxm");
    ck_assert_ptr_null(entry_of(s, "gpu mine", "aliases"));
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_tariff_without_extras_says_so)
{
    const char *sets[] = { "buy.api=me/mine" };
    struct xo_scenario *s =
        read_more("[api me/mine]\ninput = $1/Mtok\noutput = $3/Mtok\n", sets, 1);
    const struct xo_tariff *t = &s->apis[0].tariff;
    ck_assert(isnan(t->cached_input) && isnan(t->cache_write));
    ck_assert(isinf(t->requests_per_minute) && isinf(t->tokens_per_minute));
    ck_assert_int_eq(t->contexts[0].above_tokens, INT32_MAX);
    ck_assert_double_eq(t->contexts[0].output, t->output);
    ck_assert_int_eq(t->n_tiers, 0);
    xo_scenario_free(s);
}
END_TEST

START_TEST(the_same_weights_line_is_the_median_host)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    struct xo_scenario *s = read_more("", NULL, 0);
    double prices[64];
    size_t n = 0;
    for (int i = 0; i < c->n_apis; i++)
        if (strcmp(c->apis[i].model, "llama-3.1-8b") == 0)
            prices[n++] = (3 * c->apis[i].tariff.input + c->apis[i].tariff.output) / 4 * 1e6;
    ck_assert_uint_ge(n, 3);
    xo_sort(prices, n);
    const struct xo_tariff *t = &s->same_model[0].tariff;
    ck_assert_double_eq_tol((3 * t->input + t->output) / 4 * 1e6, prices[(n - 1) / 2], 1e-9);
    ck_assert_double_eq_tol(s->same_model_low_usd_per_mtok, prices[0], 1e-9);
    ck_assert_double_eq_tol(s->same_model_high_usd_per_mtok, prices[n - 1], 1e-9);
    xo_scenario_free(s);
    const char *sets[] = { "buy.same_model_api=none" };
    s = read_sets(scratch, sets, 1);
    ck_assert_int_eq(s->n_same_model, 0);
    ck_assert(isnan(s->same_model_low_usd_per_mtok));
    xo_scenario_free(s);
}
END_TEST

/* All hosts of a list are bought from; of "median of" a list, the middle one by blended price:
 * deepinfra 0.025, fireworks 0.10, bedrock 0.22 $/Mtok, three in to one out. */
START_TEST(a_list_of_hosts_is_one_to_choose_from)
{
    static const char list[] =
        "bedrock/llama-3.1-8b, deepinfra/llama-3.1-8b-instruct-turbo, fireworks/llama-3.1-8b";
    char typed[300], median[300];
    snprintf(typed, sizeof typed, "buy.same_model_api=%s", list);
    snprintf(median, sizeof median, "buy.same_model_api=median of %s", list);
    const char *sets[2] = { typed, median };
    struct xo_scenario *s = read_more("", &sets[0], 1);
    ck_assert_int_eq(s->n_same_model, 3);
    ck_assert_int_eq(s->n_same_bought, 3);
    ck_assert_str_eq(s->same_model[0].tariff.name, "bedrock/llama-3.1-8b");
    xo_scenario_free(s);
    s = read_sets(scratch, &sets[1], 1);
    ck_assert_int_eq(s->n_same_model, 3);
    ck_assert_int_eq(s->n_same_bought, 1);
    ck_assert_str_eq(s->same_model[0].tariff.name, "fireworks/llama-3.1-8b");
    ck_assert_double_eq_tol(s->same_model_low_usd_per_mtok, 0.025, 1e-12);
    ck_assert_double_eq_tol(s->same_model_high_usd_per_mtok, 0.22, 1e-12);
    xo_scenario_free(s);
}
END_TEST

/* The host in the middle stays it when the scenario is written out and read again. */
START_TEST(the_median_host_survives_being_written_out)
{
    struct xo_scenario *s = read_more("", NULL, 0);
    char name[XO_COST_NAME_SIZE];
    ck_assert_int_eq(s->n_same_model, 3);
    ck_assert_int_eq(s->n_same_bought, 1);
    xo_text_copy(name, sizeof name, s->same_model[0].tariff.name);
    FILE *out = fopen(scratch, "w");
    ck_assert(xo_scenario_write_resolved(s, out, NULL));
    fclose(out);
    xo_scenario_free(s);
    s = read_sets(scratch, NULL, 0);
    ck_assert_int_eq(s->n_same_bought, 1);
    ck_assert_str_eq(s->same_model[0].tariff.name, name);
    xo_scenario_free(s);
}
END_TEST

START_TEST(an_api_that_serves_the_weights_of_the_build_is_known)
{
    const char *sets[] = { "buy.api=bedrock/llama-3.1-8b, openai/gpt-6.2-sol, groq/qwen3-32b" };
    struct xo_scenario *s = read_more("", sets, 1);
    ck_assert(s->apis[0].is_same_weights);
    ck_assert(!s->apis[1].is_same_weights);
    ck_assert(!s->apis[2].is_same_weights);
    xo_scenario_free(s);
}
END_TEST

/* "2026-11-22 openai/gpt-6.2-sol 0" of every price, in their order. */
static void prices_of(const struct xo_scenario *s, char *out, size_t size)
{
    struct xo_dated_price prices[XO_MAX_PRICES];
    const int n = xo_scenario_prices(s, prices);
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < n; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s %s %ld", i == 0 ? "" : "; ",
                                 prices[i].as_of, prices[i].name, prices[i].age_days);
}

/* From 2026-08-01 to 2027-02-01: 30 + 30 + 31 + 30 + 31 + 31 + 1 = 184 days; from 2026-11-09: 84;
 * from 2026-11-22: 71. A rent that is typed is of the scenario's own day. */
START_TEST(each_price_has_its_own_day)
{
    static const struct {
        const char *sets[3];
        const char *prices;
    } cases[] = {
        { { "buy.same_model_api=bedrock/llama-3.1-8b", "build.rent=catalog",
            "scenario.as_of=2027-02-01" },
          "2026-11-22 openai/gpt-6.2-sol 71; 2026-08-01 bedrock/llama-3.1-8b 184; "
          "2026-11-09 h100-sxm 84" },
        { { "buy.same_model_api=none", "build.rent=$2.75/hour", "scenario.as_of=2026-12-01" },
          "2026-11-22 openai/gpt-6.2-sol 9; 2026-12-01 h100-sxm 0" },
        { { "buy.same_model_api=none", "api.openai/gpt-6.2-sol.as_of=2026-12-24",
            "scenario.as_of=2026-12-01" },
          "2026-12-24 openai/gpt-6.2-sol -23; 2026-12-01 h100-sxm 0" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct xo_scenario *s = read_more("", cases[i].sets, 3);
        char prices[400];
        prices_of(s, prices, sizeof prices);
        ck_assert_str_eq(prices, cases[i].prices);
        xo_scenario_free(s);
    }
}
END_TEST

/* ---- warnings ---- */

static const struct {
    const char *set, *warning;
} warnings[] = {
    { "scenario.as_of=2027-11-22", "the price of openai/gpt-6.2-sol is of 2026-11-22, 365 days "
                                   "before as_of" },
    { "build.rent=$45/hour", "warning: \"$45/hour\"; the catalog's median for h100-sxm is" },
    { "build.rent=$0.2/hour", "warning: \"$0.2/hour\"; the catalog's median for h100-sxm is" },
    { "api.openai/gpt-6.2-sol.output=$150/Mtok", "the catalog has $10/Mtok" },
    { "buy.same_model_api=openai/gpt-5",
      "the catalog does not say that openai/gpt-5 serves llama-3.1-8b" },
    { "buy.same_model_api=groq/qwen3-32b", "groq/qwen3-32b serves qwen3-32b, and build.model is "
                                           "llama-3.1-8b" },
    { "gpu.spare.like=l40s", "[gpu spare] is not used" },
    { "build.gpu=a100-80gb-sxm", "a100-80gb-sxm has no fp8 arithmetic" },
    { "workload.prompt=lognormal(mean=60000, cv=1) tokens",
      "8.82 % of the requests are longer, prompt and output, than the 131072 tokens that "
      "llama-3.1-8b takes: this build refuses them, and they count as misses" },
    { "model.llama-3.1-8b.params=80B",
      "its dimensions give 8.0 B parameters, published are 80.0 B" },
};

static const char *const bought[] = { "build.tenure=own",         "build.server_price=$9,750",
                                      "build.server_gpus=1",      "build.life=2.5 years",
                                      "build.cost_of_capital=8%", "build.power_price=$0.12/kWh",
                                      "scenario.commit=36 months" };

START_TEST(servers_written_off_before_the_term_ends_are_a_warning)
{
    char got[4096];
    bool ok;
    put_text(base, strlen(base));
    problems_of(scratch, bought, 7, got, sizeof got, &ok);
    ck_assert_msg(ok, "%s", got);
    ck_assert_msg(strstr(got,
                         "\"2.5 years\"; the servers are written off before scenario.commit "
                         "(36 months) ends: bills go on as if the same were bought again") != NULL,
                  "%s", got);
    problems_of(scratch, bought, 6, got, sizeof got, &ok); /* signed for less */
    ck_assert_msg(ok && strstr(got, "written off") == NULL, "%s", got);
}
END_TEST

START_TEST(one_offs_of_both_sides_carry_the_cost_of_capital)
{
    put_text(base, strlen(base));
    struct xo_scenario *s = read_sets(scratch, bought, 7);
    ck_assert_double_eq(s->options[0].terms.capital_rate_per_year, 0.08);
    ck_assert_double_eq(s->buy.capital_rate_per_year, 0.08);
    xo_scenario_free(s);
}
END_TEST

START_TEST(what_looks_wrong_is_a_warning_and_no_obstacle)
{
    char got[4096];
    bool ok;
    put_text(base, strlen(base));
    problems_of(scratch, &warnings[_i].set, 1, got, sizeof got, &ok);
    ck_assert_msg(ok, "%s", got);
    ck_assert_msg(strstr(got, warnings[_i].warning) != NULL, "%s", got);
    ck_assert_ptr_nonnull(strstr(got, "warning: "));
}
END_TEST

/* ---- what a guess may be ---- */

static const char guessed[] =
    "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\nparity = assumed\n"
    "[workload]\nvolume = 20k requests/day\nprofile = steady\n"
    "prompt = 1500 tokens\noutput = 300 tokens\n[slo]\nttft_p95 = 2 s\n"
    "[buy]\napi = ? openai/gpt-4o\nstaff = 0 FTE\n"
    "[build]\nmodel = llama-3.1-8b\ngpu = my\nrent = ? $4.2/hour\n"
    "staff = 0 FTE\n[gpu my]\nlike = h100-sxm\nrent_low = $2.6/hour\n"
    "rent_high = $9/hour\nrent_spot_low = $1/hour\n"
    "rent_spot_high = $3/hour\n";

static struct xo_scenario *read_guessed(const char *const sets[], int n_sets)
{
    put_text(guessed, strlen(guessed));
    return read_sets(scratch, sets, n_sets);
}

/* Half of the mass in the triangle from 2.6 up to the base of 4.2, half in that down to 9: the
 * quarter points lie at 2.6 + 1.6 sqrt(1/2) and 9 - 4.8 sqrt(1/2). gpt-4o cost $5 and $15 a million
 * once, $7.50 blended three to one, and costs $2.50 and $10, $4.375. */
START_TEST(a_guess_without_uncertain_varies_by_the_catalogs_spread_about_itself)
{
    struct xo_scenario *s = read_guessed(NULL, 0);
    ck_assert_int_eq(s->n_uncertain, 2);
    const struct xo_uncertain *rent = &s->uncertain[0], *price = &s->uncertain[1];
    ck_assert_int_eq(rent->key, xo_key_find("build.rent"));
    ck_assert_int_eq(price->key, xo_key_find("buy.price_scale"));
    ck_assert(rent->implied && price->implied && !rent->reaches_simulation);
    ck_assert_double_eq(xo_uncertain_quantile(rent, 0.5), 4.2);
    ck_assert_double_eq_tol(xo_uncertain_quantile(rent, 0.25), 2.6 + 1.6 * sqrt(0.5), 0.01);
    ck_assert_double_eq_tol(xo_uncertain_quantile(rent, 0.75), 9 - 4.8 * sqrt(0.5), 0.03);
    ck_assert_double_eq(xo_uncertain_quantile(price, 0.5), 1);
    ck_assert_double_eq(xo_uncertain_quantile(price, 0.1), 1); /* never cheaper on record */
    const double hi = 7.5 / 4.375;
    ck_assert_double_eq_tol(xo_uncertain_quantile(price, 0.75), hi - (hi - 1) * sqrt(0.5), 0.005);
    xo_scenario_free(s);
}
END_TEST

START_TEST(what_is_firm_does_not_vary)
{
    const char *firm[] = { "build.rent=$4.2/hour", "buy.api=openai/gpt-4o" };
    struct xo_scenario *s = read_guessed(firm, 2);
    ck_assert_int_eq(s->n_uncertain, 0);
    xo_scenario_free(s);
    s = read_guessed(firm, 1);
    ck_assert_int_eq(s->n_uncertain, 1);
    ck_assert_int_eq(s->uncertain[0].key, xo_key_find("buy.price_scale"));
    xo_scenario_free(s);
    const char *typed[] = { "uncertain.buy.staff_scale=uniform(0.5, 1.5)" };
    s = read_guessed(typed, 1); /* an [uncertain] of one's own is all of it */
    ck_assert_int_eq(s->n_uncertain, 1);
    ck_assert(!s->uncertain[0].implied);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_guess_at_another_kind_of_contract_has_its_quotes)
{
    const char *spot[] = { "build.rent_kind=spot", "uncertain.build.rent=catalog" };
    struct xo_scenario *s = read_guessed(spot, 1);
    ck_assert_double_eq_tol(xo_uncertain_quantile(&s->uncertain[0], 0.001), 1, 0.3);
    ck_assert_double_eq(xo_uncertain_quantile(&s->uncertain[0], 0.999), 4.2); /* none is dearer */
    xo_scenario_free(s);
    s = read_guessed(spot, 2); /* the word may be typed, of a firm value too */
    ck_assert_int_eq(s->n_uncertain, 1);
    ck_assert(s->uncertain[0].implied);
    xo_scenario_free(s);
}
END_TEST

/* An API whose price never changed may do what closed APIs did: cases are later over earlier price,
 * 1 for most. o3 and gpt-5.6-luna fell to a fifth. */
/* Of the catalog's 8-GPU server, a host of 4 costs half; a board is bought singly. The word takes
 * the quotes of the kind of contract that is typed. */
START_TEST(the_catalogs_server_and_rents_are_those_of_the_size_and_contract_typed)
{
    static const char own[] = "[gpu h100-sxm]\nserver_price = $285k\nserver_price_low = $250k\n"
                              "server_price_high = $320k\nrent_reserved_3y = $2.00/hour\n"
                              "[gpu rtx-5090]\nserver_price = $4.099k\nserver_gpus = 1\n";
    const char *sets[] = { "build.tenure=own",
                           "build.server_price=catalog",
                           "build.life=4 years",
                           "build.cost_of_capital=8%/year",
                           "build.power_price=$0.1/kWh",
                           "build.server_gpus=4",
                           "uncertain.build.server_price=catalog" };
    struct xo_scenario *s = read_more(own, sets, 7);
    ck_assert_double_eq(s->options[0].terms.server_usd, 142500);
    ck_assert_double_eq(xo_uncertain_quantile(&s->uncertain[0], 0.5), 142500);
    ck_assert_double_eq_tol(s->uncertain[0].dist.lo, 125000, 1000);
    xo_scenario_free(s);
    sets[5] = "build.gpu=rtx-5090";
    s = read_more(own, sets, 6);
    ck_assert_int_eq(s->options[0].terms.server_gpus, 1);
    ck_assert_double_eq(s->options[0].terms.server_usd, 4099);
    xo_scenario_free(s);
    const char *rented[] = { "build.rent=catalog", "build.rent_kind=reserved_3y" };
    s = read_more(own, rented, 2);
    ck_assert_double_eq(s->options[0].terms.rent_usd_per_gpu_hour, 2);
    xo_scenario_free(s);
}
END_TEST

START_TEST(an_api_without_a_change_on_record_may_do_as_others_did)
{
    const char *sets[] = { "buy.api=openai/gpt-4o", "uncertain.buy.price_scale=catalog",
                           "buy.api=openai/gpt-5" };
    struct xo_scenario *s = read_guessed(sets + 1, 2);
    const struct xo_uncertain *price = &s->uncertain[0];
    ck_assert_int_eq(s->n_uncertain, 1);
    ck_assert_double_eq_tol(price->dist.lo, 0.2, 1e-12);
    ck_assert_double_eq(xo_uncertain_quantile(price, 0.5), 1);
    int unchanged = 0;
    for (size_t i = 0; i < price->dist.n; i++)
        unchanged += price->dist.values[i] == 1;
    ck_assert_int_gt(unchanged, (int)price->dist.n * 3 / 4);
    ck_assert_int_lt(unchanged, (int)price->dist.n);
    xo_scenario_free(s);
}
END_TEST

/* ---- what is refused, cut, lengthened ---- */

/* Prompts 700, 900 or 8,200 tokens (weights 5, 3, 2), outputs of 300: llama-3-8b takes 8,192, gpt-4
 * as many. A prefix of 800 lengthens the first by 101 tokens. */
START_TEST(each_side_takes_what_it_can_and_the_scenario_says_the_rest)
{
    const char *sets[] = { "workload.prompt=discrete(700:5, 900:3, 8200:2) tokens",
                           "workload.shared_prefix=800 tokens", "build.model=llama-3-8b",
                           "buy.api=openai/gpt-4, openai/gpt-4o" };
    struct xo_scenario *s = read_more("", sets, 4);
    struct xo_unserved build, short_api, long_api;
    struct xo_reshaped reshaped;
    ck_assert(xo_option_unserved(s, 0, &build, NULL));
    ck_assert(xo_api_unserved(s, 0, &short_api, NULL) && xo_api_unserved(s, 1, &long_api, NULL));
    ck_assert_double_eq_tol(build.frac, 0.2, 1e-12);
    ck_assert_int_eq(build.longest_tokens[0], 8192);
    ck_assert(build.by_context && !xo_unserved_is_tolerated(s, &build));
    ck_assert_double_eq_tol(short_api.frac, 0.2, 1e-12);
    ck_assert_double_eq(long_api.frac, 0);
    ck_assert(xo_unserved_is_tolerated(s, &long_api));
    ck_assert(xo_requests_reshaped(s, &reshaped, NULL));
    ck_assert_double_eq_tol(reshaped.lengthened_frac, 0.5, 1e-12);
    ck_assert_double_eq_tol(reshaped.lengthened_tokens, 0.5 * 101, 1e-9);
    /* Typed, 2,260 tokens in the mean; 800 of them shared. */
    ck_assert_double_eq_tol(reshaped.lengthened_share, 50.5 / 1460, 1e-12);
    ck_assert_double_eq(reshaped.cut_frac, 0);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_context_that_is_typed_cuts_for_both_sides)
{
    const char *sets[] = { "workload.prompt=discrete(700:5, 900:3, 8200:2) tokens",
                           "workload.max_context=8192", "build.model=llama-3-8b",
                           "buy.api=openai/gpt-4" };
    struct xo_scenario *s = read_more("", sets, 4);
    struct xo_unserved build, api;
    struct xo_reshaped reshaped;
    ck_assert(xo_option_unserved(s, 0, &build, NULL) && xo_api_unserved(s, 0, &api, NULL));
    ck_assert_double_eq(build.frac, 0);
    ck_assert_double_eq(api.frac, 0);
    ck_assert(xo_requests_reshaped(s, &reshaped, NULL));
    ck_assert_double_eq_tol(reshaped.cut_frac, 0.2, 1e-12);
    xo_scenario_free(s);
}
END_TEST

/* 8 billion parameters in 16 bits leave an L4 room for 34,641 tokens: the length that fits is told
 * to the token. */
START_TEST(requests_beyond_the_kv_cache_are_refused_and_the_fewest_gpus_hold_nearly_all)
{
    const char *one[] = { "build.weights=bf16", "build.gpu=l4", "build.tensor_parallel=1",
                          "workload.prompt=discrete(1000:1997, 34341:2, 34342:1) tokens" };
    struct xo_scenario *s = read_more("", one, 4);
    struct xo_unserved u;
    ck_assert(xo_option_unserved(s, 0, &u, NULL));
    ck_assert_int_eq(u.longest_tokens[0], 34641);
    ck_assert_double_eq_tol(u.frac, 0.0005, 1e-12); /* 34,341 + 300 fit to the token */
    ck_assert(!u.by_context && xo_unserved_is_tolerated(s, &u));
    xo_scenario_free(s);

    /* Left out, tensor_parallel is 1 while 999 of 1,000 requests fit, and 2 above. */
    const char *fits[] = { one[0], one[1], one[3] };
    s = read_more("", fits, 3);
    ck_assert_int_eq(s->options[0].deployment.tensor_parallel, 1);
    xo_scenario_free(s);
    fits[2] = "workload.prompt=discrete(1000:998, 34342:2) tokens";
    s = read_more("", fits, 3);
    ck_assert_int_eq(s->options[0].deployment.tensor_parallel, 2);
    xo_scenario_free(s);
}
END_TEST

/* ---- what-ifs ---- */

/* Equal but for texts and pointers: what a study reads. */
static void assert_same(const struct xo_scenario *a, const struct xo_scenario *b)
{
    ck_assert_double_eq_tol(a->requests_per_month, b->requests_per_month,
                            1e-12 * b->requests_per_month);
    ck_assert_double_eq(a->commitment_months, b->commitment_months);
    ck_assert_double_eq(a->retries_frac, b->retries_frac);
    ck_assert_double_eq(a->headroom_frac, b->headroom_frac);
    ck_assert_int_eq(a->spare_replicas, b->spare_replicas);
    ck_assert_int_eq(a->n_guesses, b->n_guesses);
    ck_assert_mem_eq(&a->buy, &b->buy, sizeof a->buy);
    ck_assert_mem_eq(a->slo, b->slo, sizeof a->slo);
    ck_assert_int_eq(a->n_options, b->n_options);
    for (int i = 0; i < a->n_options; i++) {
        const struct xo_build_terms *t = &a->options[i].terms, *u = &b->options[i].terms;
        ck_assert_str_eq(a->options[i].label, b->options[i].label);
        ck_assert_double_eq(t->rent_usd_per_gpu_hour, u->rent_usd_per_gpu_hour);
        ck_assert_mem_eq(t, u, sizeof *t);
        ck_assert_mem_eq(&a->options[i].deployment.efficiency, &b->options[i].deployment.efficiency,
                         sizeof(struct xo_efficiency));
        ck_assert_double_eq(a->options[i].deployment.memory_frac,
                            b->options[i].deployment.memory_frac);
    }
    for (int c = 0; c < a->workload.n_classes; c++) {
        ck_assert_double_eq(a->workload.classes[c].prompt.mean, b->workload.classes[c].prompt.mean);
        ck_assert_double_eq(a->workload.classes[c].output.sd, b->workload.classes[c].output.sd);
    }
}

static const struct {
    const char *key;
    double value;
    const char *set;
} what_ifs[] = {
    { "build.rent", 2.7182, "build.rent=$2.7182/hour" },
    { "build.rent_scale", 0.7, "build.rent_scale=0.7" },
    { "build.staff_scale", 1.37, "build.staff_scale=1.37" },
    { "build.salary", 212345, "build.salary=$212345/year" },
    { "build.one_off", 31000, "build.one_off=$31k" },
    { "build.spare_replicas", 2.4, "build.spare_replicas=2" },
    { "build.headroom", 0.35, "build.headroom=35%" },
    { "buy.price_scale", 1.21, "buy.price_scale=1.21" },
    { "buy.discount", 0.17, "buy.discount=17%" },
    { "scenario.commit", 36, "scenario.commit=3 years" },
    { "workload.volume", 1234567, "workload.volume=1,234,567 requests/month" },
    { "workload.retries", 0.07, "workload.retries=7%" },
    { "workload.prompt_scale", 1.3, "workload.prompt_scale=1.3" },
    { "workload.output_scale", 0.8, "workload.output_scale=0.8" },
    { "build.step_scale", 1.12, "build.step_scale=1.12" },
    { "build.memory_fraction", 0.85, "build.memory_fraction=85%" },
    { "slo.ttft_p95", 1.75, "slo.ttft_p95=1750 ms" },
};

START_TEST(a_varied_scenario_equals_one_read_with_that_value)
{
    struct xo_error err = { 0 };
    struct xo_scenario *s = read_sets(SCENARIOS "support.ini", NULL, 0);
    struct xo_scenario *wanted = read_sets(SCENARIOS "support.ini", &what_ifs[_i].set, 1);
    struct xo_scenario *copy = xo_scenario_copy(s);
    const uint64_t before = xo_scenario_hash(s);
    const int key = xo_key_find(what_ifs[_i].key);
    ck_assert_int_ge(key, 0);
    const double detour =
        key == xo_key_find("build.spare_replicas") ? 5 : what_ifs[_i].value * 1.01;
    ck_assert(xo_scenario_vary(copy, key, detour, &err)); /* twice, as draws do */
    ck_assert_msg(xo_scenario_vary(copy, key, what_ifs[_i].value, &err), "%s", err.text);
    assert_same(copy, wanted);
    ck_assert_uint_ne(xo_scenario_hash(copy), before);
    ck_assert_uint_eq(xo_scenario_hash(s), before); /* the original knows nothing of it */
    xo_scenario_free(s);
    ck_assert_str_eq(copy->name, wanted->name);
    xo_scenario_free(copy);
    xo_scenario_free(wanted);
}
END_TEST

START_TEST(keys_varied_together_are_those_varied_one_by_one)
{
    const int keys[] = { xo_key_find("build.rent_scale"), xo_key_find("workload.output_scale"),
                         xo_key_find("buy.discount"), xo_key_find("workload.volume") };
    const double values[] = { 0.875, 1.3, 0.07, 2.5e6 };
    struct xo_scenario *one = read_sets(SCENARIOS "support.ini", NULL, 0);
    struct xo_scenario *all = xo_scenario_copy(one);
    for (int i = 0; i < 4; i++)
        ck_assert(xo_scenario_vary(one, keys[i], values[i], NULL));
    ck_assert(xo_scenario_vary_all(all, 4, keys, values, NULL));
    assert_same(one, all);
    struct xo_error err;
    const double outside[] = { 0.875, 1.3, 1.07, 2.5e6 };
    ck_assert(!xo_scenario_vary_all(all, 4, keys, outside, &err));
    assert_same(one, all); /* as it was */
    xo_scenario_free(one);
    xo_scenario_free(all);
}
END_TEST

START_TEST(a_varied_scenario_can_be_written_and_read)
{
    struct xo_scenario *s = read_sets(SCENARIOS "spiky.ini", NULL, 0);
    ck_assert(xo_scenario_vary(s, xo_key_find("build.rent_scale"), 0.123456789012345, NULL));
    ck_assert(xo_scenario_vary(s, xo_key_find("build.step_scale"), 1 / 3.0, NULL));
    FILE *out = fopen(scratch, "w");
    ck_assert(xo_scenario_write_resolved(s, out, NULL));
    fclose(out);
    struct xo_scenario *again = read_sets(scratch, NULL, 0);
    ck_assert_uint_eq(xo_scenario_hash(s), xo_scenario_hash(again));
    assert_same(s, again);
    xo_scenario_free(again);
    xo_scenario_free(s);
}
END_TEST

static const struct {
    const char *key;
    double value;
    const char *message;
} impossible[] = {
    { "build.rent", -1, "build.rent cannot be -1; it takes $0/hour to $10000/hour" },
    { "build.rent", NAN, "build.rent cannot be nan; it takes $0/hour to $10000/hour" },
    { "build.gpu", 1,
      "build.gpu cannot vary: it is no number that changes the simulation or the "
      "money" },
    { "study.draws", 500,
      "study.draws cannot vary: it is no number that changes the simulation or "
      "the money" },
    { "class.weight", 1,
      "class.weight cannot vary: it is no number that changes the simulation or "
      "the money" },
    { "build.memory_fraction", 0.1, NULL },
};

START_TEST(an_impossible_what_if_changes_nothing)
{
    struct xo_error err = { 0 };
    const char *sets[] = { "build.weights=bf16", "build.tensor_parallel=1" }; /* 16 GB */
    struct xo_scenario *s = read_more("", sets, 2);
    const uint64_t before = xo_scenario_hash(s);
    ck_assert(!xo_scenario_vary(s, xo_key_find(impossible[_i].key), impossible[_i].value, &err));
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    if (impossible[_i].message != NULL)
        ck_assert_str_eq(err.text, impossible[_i].message);
    else
        ck_assert_ptr_nonnull(strstr(err.text, "does not fit"));
    ck_assert_uint_eq(xo_scenario_hash(s), before);
    ck_assert_int_eq(s->n_options, 1);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_list_of_rents_varies_by_its_scale_alone)
{
    const char *sets[] = { "build.gpu=l40s, h100-sxm", "build.rent=$1.09/hour, $3.95/hour" };
    struct xo_error err = { 0 };
    struct xo_scenario *s = read_more("", sets, 2);
    ck_assert(!xo_scenario_vary(s, xo_key_find("build.rent"), 2, &err));
    ck_assert_str_eq(err.text, "build.rent is a list; vary build.rent_scale");
    ck_assert(xo_scenario_vary(s, xo_key_find("build.rent_scale"), 0.5, &err));
    ck_assert_double_eq(s->options[1].terms.rent_usd_per_gpu_hour, 3.95);
    ck_assert_double_eq(s->options[1].terms.rent_scale, 0.5);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_copy_of_a_trace_is_its_own)
{
    struct xo_scenario *s = read_sets(SCENARIOS "replay.ini", NULL, 0);
    struct xo_scenario *copy = xo_scenario_copy(s);
    ck_assert_ptr_eq(copy->workload.trace, &copy->trace);
    ck_assert_ptr_ne(copy->trace.arrival_s, s->trace.arrival_s);
    ck_assert_uint_eq(xo_scenario_hash(copy), xo_scenario_hash(s));
    xo_scenario_free(s);
    ck_assert(xo_scenario_vary(copy, xo_key_find("build.step_scale"), 1.5, NULL));
    ck_assert_ptr_eq(copy->workload.trace, &copy->trace);
    ck_assert_uint_gt(copy->trace.n, 0);
    xo_scenario_free(copy);
}
END_TEST

/* ---- the table ---- */

static const char everything[] =
    "[class easy]\nweight = 3\n[class hard]\nweight = 1\n"
    "[spike show]\nstart = Sun 20:00\nlength = 90 min\nfactor = 4\n"
    "[study]\ndraws = 300\n[map]\nx = workload.volume\n[actual]\nmonth = 2026-10\nrequests = "
    "600k\ninvoice = $9,000\n";

START_TEST(every_key_has_help_and_a_default_that_reads_and_is_in_range)
{
    struct xo_scenario *s = read_more(everything, NULL, 0);
    for (int k = 0; k < xo_n_keys; k++) {
        const struct xo_key *key = &xo_keys[k];
        ck_assert_msg(strlen(key->help) > 8, "%s.%s", key->section, key->name);
        ck_assert_msg((key->type == XO_KEY_CHOICE || key->type == XO_KEY_CHOICES) ==
                          (key->choices != NULL),
                      "%s.%s", key->section, key->name);
        ck_assert_msg(key->min <= key->max, "%s.%s", key->section, key->name);
        if (key->defaults == NULL || key->defaults[0] == '\0')
            continue;
        const struct xo_entry *found = NULL;
        for (int i = 0; i < s->n_entries && found == NULL; i++)
            if (s->entries[i].key == k)
                found = &s->entries[i];
        ck_assert_msg(found != NULL, "%s.%s has no entry", key->section, key->name);
        const bool numeric = key->type == XO_KEY_NUMBER || key->type == XO_KEY_INTEGER;
        ck_assert_msg(!numeric || (found->number >= key->min && found->number <= key->max), "%s.%s",
                      key->section, key->name);
    }
    xo_scenario_free(s);
}
END_TEST

START_TEST(keys_are_found_by_section_and_name)
{
    ck_assert_str_eq(xo_keys[xo_key_find("build.rent")].name, "rent");
    ck_assert_str_eq(xo_keys[xo_key_find("slo.tpot_p95")].section, "slo");
    ck_assert_int_eq(xo_key_find("build"), -1);
    ck_assert_int_eq(xo_key_find("build."), -1);
    ck_assert_int_eq(xo_key_find("build.rant"), -1);
    ck_assert_int_eq(xo_key_find(""), -1);
}
END_TEST

START_TEST(the_reference_page_is_the_one_in_docs)
{
    char *page = NULL, *docs;
    size_t n, size;
    FILE *out = open_memstream(&page, &n);
    xo_keys_write_reference(out);
    fclose(out);
    ck_assert(xo_file_read(XO_SOURCE_DIR "/docs/scenario.md", 1 << 20, &docs, &size, NULL));
    ck_assert_msg(strcmp(page, docs) == 0,
                  "docs/scenario.md is not what the table says: cmake --build build --target "
                  "reference");
    free(page);
    free(docs);
}
END_TEST

START_TEST(every_value_knows_where_it_came_from)
{
    const char *sets[] = { "build.headroom=10%" };
    struct xo_scenario *s = read_more("", sets, 1);
    char where[600];
    snprintf(where, sizeof where, "%s:19", scratch);
    ck_assert_str_eq(entry_of(s, "build", "rent")->where, where);
    ck_assert_str_eq(entry_of(s, "build", "router")->where, "default");
    ck_assert_str_eq(entry_of(s, "build", "headroom")->where, "--set");
    ck_assert_str_eq(entry_of(s, "build", "kv")->where, "as the engine keeps it");
    ck_assert_ptr_nonnull(strstr(entry_of(s, "gpu h100-sxm", "memory")->where, "catalog ("));
    ck_assert_ptr_nonnull(strstr(entry_of(s, "gpu h100-sxm", "memory")->where, ", 2026-"));
    xo_scenario_free(s);
}
END_TEST

/* ---- whatever the bytes ---- */

/* Flip, cut, double and insert bytes of text[n]; how many are left. */
static size_t damage(char *text, size_t n, size_t room, uint32_t seed)
{
    const struct xo_stream stream = { 20261122, seed, XO_PURPOSE_SAMPLE };
    static const char interesting[] = "=[]:;?#,.()%$\"'\n\r\t \xff\x80-+e9k";
    const int n_edits = 1 + (int)(8 * xo_uniform(&stream, 0, 0));
    for (int edit = 1; edit <= n_edits; edit++) {
        double u[2], v[2];
        xo_uniform2(&stream, (uint64_t)edit, 0, u);
        xo_uniform2(&stream, (uint64_t)edit, 1, v);
        const size_t at = (size_t)(u[0] * (double)n);
        const size_t length = 1 + (size_t)(v[0] * 40);
        const char c = interesting[(size_t)(v[1] * (sizeof interesting - 1))];
        if (u[1] < 0.4) {
            text[at] = c;
        } else if (u[1] < 0.6 && n > length + at) {
            memmove(text + at, text + at + length, n - at - length);
            n -= length;
        } else if (n + length < room) {
            memmove(text + at + length, text + at, n - at);
            if (u[1] < 0.8)
                memset(text + at, c, length);
            n += length;
        }
    }
    return n;
}

START_TEST(no_damage_to_a_file_stops_the_reader)
{
    char whole[2048];
    snprintf(whole, sizeof whole, "%s%s", classes, strstr(everything, "[study]"));
    xo_scenario_free(read_more(whole, NULL, 0)); /* sound before the damage */
    int n_read = 0;
    for (uint32_t seed = 0; seed < 40; seed++) {
        char text[4096];
        snprintf(text, sizeof text, "%s%s", base, whole);
        const size_t n = damage(text, strlen(text), sizeof text, seed + 40 * (uint32_t)_i);
        struct xo_scenario *s;
        struct xo_problems problems;
        put_text(text, n);
        const bool ok = xo_scenario_read(&s, scratch, NULL, &problems);
        ck_assert_int_eq(ok, s != NULL);
        ck_assert(ok || problems.n > 0);
        if (ok) {
            ck_assert(isnan(s->requests_per_month) || s->requests_per_month > 0);
            ck_assert(xo_scenario_hash(s) != 0);
            n_read++;
        }
        xo_scenario_free(s);
        xo_problems_fini(&problems);
    }
    ck_assert_int_lt(n_read, 40);
}
END_TEST

/* ---- suite ---- */

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *c = tcase_create(name);
    tcase_add_checked_fixture(c, make_folder, remove_folder);
    tcase_set_timeout(c, 120);
    suite_add_tcase(suite, c);
    return c;
}

static void add_reading(Suite *suite)
{
    TCase *c = add_case(suite, "reading");
    tcase_add_test(c, the_support_bot_is_read_into_the_structs);
    tcase_add_loop_test(c, every_shipped_scenario_reads_and_survives_being_written_out, 0,
                        ROWS(shipped));
    tcase_add_test(c, a_text_is_a_scenario_too);
    tcase_add_test(c, a_different_value_has_a_different_hash);
    tcase_add_test(c, threads_are_no_part_of_the_hash);
    tcase_add_test(c, the_template_is_the_support_bot_and_reads_without_a_word);
    tcase_add_test(c, comments_bom_and_crlf_are_no_problem);
    tcase_add_test(c, a_missing_file_is_one_problem);
    tcase_add_test(c, every_malformed_scenario_gets_its_exact_messages);
    tcase_add_test(c, set_replaces_a_value_and_is_no_guess);
    tcase_add_test(c, set_fixes_an_uncertain_key_and_says_so);
    tcase_add_test(c, what_set_fixes_leaves_the_resolved_text_and_nothing_takes_its_place);
    tcase_add_test(c, an_empty_uncertain_section_says_that_guesses_do_not_vary);
    tcase_add_test(c, set_takes_a_named_section_as_it_is_written);
    tcase_add_loop_test(c, a_bad_set_is_told_at_its_place, 0, ROWS(bad_sets));
    tcase_add_test(c, one_fault_is_told_once);
    tcase_add_test(c, a_set_longer_than_a_line_is_refused);
    tcase_add_test(c, servers_written_off_before_the_term_ends_are_a_warning);
    tcase_add_test(c, one_offs_of_both_sides_carry_the_cost_of_capital);
    tcase_add_loop_test(c, what_looks_wrong_is_a_warning_and_no_obstacle, 0, ROWS(warnings));
    tcase_add_test(c, a_guess_without_uncertain_varies_by_the_catalogs_spread_about_itself);
    tcase_add_test(c, what_is_firm_does_not_vary);
    tcase_add_test(c, a_guess_at_another_kind_of_contract_has_its_quotes);
    tcase_add_test(c, an_api_without_a_change_on_record_may_do_as_others_did);
    tcase_add_test(c, the_catalogs_server_and_rents_are_those_of_the_size_and_contract_typed);
    tcase_add_test(c, each_side_takes_what_it_can_and_the_scenario_says_the_rest);
    tcase_add_test(c, a_context_that_is_typed_cuts_for_both_sides);
    tcase_add_test(c, requests_beyond_the_kv_cache_are_refused_and_the_fewest_gpus_hold_nearly_all);
    tcase_add_loop_test(c, no_damage_to_a_file_stops_the_reader, 0, 10);
}

static void add_values(Suite *suite)
{
    TCase *c = add_case(suite, "values");
    tcase_add_loop_test(c, every_distribution_has_the_mean_it_says, 0, ROWS(dists));
    tcase_add_test(c, quantiles_and_cuts_are_kept);
    tcase_add_test(c, an_endless_uncertainty_is_cut_to_the_range_of_its_key);
    tcase_add_test(c, an_uncertainty_is_truncated_and_not_heaped_up_at_the_end);
    tcase_add_test(c, correlations_take_as_many_lines_as_they_need);
    tcase_add_test(c, rank_correlations_are_read_kept_and_written);
    tcase_add_loop_test(c, a_bad_correlation_is_told, 0,
                        sizeof bad_correlations / sizeof *bad_correlations);
    tcase_add_loop_test(c, a_named_week_has_the_peak_it_says, 0, ROWS(profiles));
    tcase_add_test(c, a_week_of_ones_own_is_hours_times_days);
    tcase_add_test(c, classes_inherit_what_they_do_not_say);
    tcase_add_test(c, a_closed_loop_has_no_volume);
    tcase_add_test(c, a_trace_brings_its_own_rate);
    tcase_add_test(c, a_traces_unit_is_resolved_so_that_nobody_infers_it_again);
    tcase_add_loop_test(c, what_a_trace_is_read_as_is_said, 0,
                        sizeof trace_words / sizeof *trace_words);
    tcase_add_test(c, what_is_for_traces_or_clients_needs_them);
    tcase_add_test(c, a_real_trace_reads_where_the_facts_lie_beside_the_tree);
    tcase_add_test(c, lists_multiply_and_each_gpu_has_its_rent);
    tcase_add_test(c, combinations_that_do_not_fit_are_left_out_with_a_warning);
    tcase_add_test(c, a_hybrid_model_says_how_many_sequences_fit);
    tcase_add_test(c, without_tensor_parallel_the_fewest_gpus_that_hold_the_model_are_taken);
    tcase_add_test(c, owning_takes_its_terms);
    tcase_add_test(c, the_catalogs_rent_is_taken_only_when_asked_for);
    tcase_add_test(c, a_number_is_what_its_key_is_resolved_to);
    tcase_add_test(c, a_number_of_several_options_is_one_only_where_they_agree);
    tcase_add_test(c, measured_efficiencies_replace_the_fitted_ones);
    tcase_add_test(c, buying_alone_needs_no_build);
}

static void add_tables(Suite *suite)
{
    TCase *c = add_case(suite, "catalogs and keys");
    tcase_add_test(c, the_catalogs_are_large_enough_and_say_where_from_and_when);
    tcase_add_test(c, names_are_found_by_alias_whatever_their_case);
    tcase_add_test(c, a_scenario_overrides_and_adds_catalog_entries);
    tcase_add_test(c, a_written_entry_takes_nothing_from_a_later_catalog);
    tcase_add_test(c, an_entry_like_another_does_not_answer_to_its_names);
    tcase_add_test(c, a_tariff_without_extras_says_so);
    tcase_add_test(c, the_same_weights_line_is_the_median_host);
    tcase_add_test(c, a_list_of_hosts_is_one_to_choose_from);
    tcase_add_test(c, the_median_host_survives_being_written_out);
    tcase_add_test(c, an_api_that_serves_the_weights_of_the_build_is_known);
    tcase_add_test(c, each_price_has_its_own_day);
    tcase_add_test(c, every_key_has_help_and_a_default_that_reads_and_is_in_range);
    tcase_add_test(c, keys_are_found_by_section_and_name);
    tcase_add_test(c, the_reference_page_is_the_one_in_docs);
    tcase_add_test(c, every_value_knows_where_it_came_from);
}

static void add_what_ifs(Suite *suite)
{
    TCase *c = add_case(suite, "what-ifs");
    tcase_add_loop_test(c, a_varied_scenario_equals_one_read_with_that_value, 0, ROWS(what_ifs));
    tcase_add_test(c, keys_varied_together_are_those_varied_one_by_one);
    tcase_add_test(c, a_varied_scenario_can_be_written_and_read);
    tcase_add_loop_test(c, an_impossible_what_if_changes_nothing, 0, ROWS(impossible));
    tcase_add_test(c, a_list_of_rents_varies_by_its_scale_alone);
    tcase_add_test(c, a_copy_of_a_trace_is_its_own);
}

static int write_reference(const char *path)
{
    struct xo_error err = { 0 };
    struct xo_file file;
    if (!xo_file_create(&file, path, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    xo_keys_write_reference(file.stream);
    return xo_file_commit(&file, &err) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "reference") == 0)
        return write_reference(argv[2]);
    xo_catalog_builtin(); /* once, before the tests fork */
    Suite *suite = suite_create("scenario");
    add_reading(suite);
    add_values(suite);
    add_tables(suite);
    add_what_ifs(suite);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
