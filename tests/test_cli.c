/* test_cli.c - the tables of the command line, argv read into a request, and when --fail-on holds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the tables ---- */

static char *page; /* what a printer has printed last */
static size_t page_size;

static void print_help_of(const struct cli_verb *verb)
{
    free(page);
    FILE *out = open_memstream(&page, &page_size);
    ck_assert_ptr_nonnull(out);
    cli_print_help(out, verb);
    fclose(out);
}

START_TEST(the_help_of_a_verb_names_every_option_that_it_takes_and_no_other)
{
    const struct cli_verb *verb = &cli_verbs[_i];
    print_help_of(verb);
    for (int i = 0; i < cli_n_options; i++) {
        char word[64];
        snprintf(word, sizeof word, " --%s%s", cli_options[i].name,
                 cli_options[i].value_name != NULL ? " " : "");
        const bool taken = cli_option_find(cli_options[i].name, verb->bit) != NULL;
        const char *options = strstr(page, "\nGeneral\n") != NULL ? strstr(page, "Usage:") : page;
        ck_assert_msg((strstr(options, word) != NULL) == taken, "%s%s", verb->name, word);
    }
}
END_TEST

START_TEST(help_is_a_sentence_then_three_examples_within_eighty_columns)
{
    print_help_of(_i < cli_n_verbs ? &cli_verbs[_i] : NULL);
    int n_examples = 0, n = 0;
    for (char *line = strtok(page, "\n"); line != NULL; line = strtok(NULL, "\n"), n++) {
        ck_assert_msg(strlen(line) <= 80, "%s", line);
        ck_assert_msg(n > 0 || line[0] != ' ', "%s", line);
        n_examples += strncmp(line, "  crossover ", 12) == 0;
    }
    ck_assert_int_eq(n_examples, 3);
}
END_TEST

START_TEST(an_option_stands_in_one_row_at_most_for_each_verb)
{
    for (int i = 0; i < cli_n_options; i++)
        for (int k = i + 1; k < cli_n_options; k++) {
            const struct cli_option *a = &cli_options[i], *b = &cli_options[k];
            const bool same = strcmp(a->name, b->name) == 0;
            ck_assert_msg(!same || (a->verbs & b->verbs) == 0, "%s", a->name);
            ck_assert_msg(same == (a->id == b->id), "%s and %s", a->name, b->name);
            ck_assert_msg(same || a->letter == 0 || a->letter != b->letter, "-%c", a->letter);
        }
}
END_TEST

START_TEST(the_overview_is_thirteen_lines_and_names_every_verb)
{
    free(page);
    FILE *out = open_memstream(&page, &page_size);
    cli_print_overview(out);
    fclose(out);
    int n_lines = 0;
    for (const char *c = page; *c != '\0'; c++)
        n_lines += *c == '\n';
    ck_assert_int_eq(n_lines, 13);
    for (int i = 0; i < cli_n_verbs; i++)
        ck_assert_msg(cli_verb_is_under(&cli_verbs[i]) ||
                          strstr(page, cli_verbs[i].summary) != NULL,
                      "%s", cli_verbs[i].name);
}
END_TEST

/* ---- argv ---- */

enum { MAX_ARGV = 16 };
static struct cli_request request;
static struct xo_error err;

/* Parse "crossover" and the words of `line`, which are parted by single blanks. */
static bool parse(const char *line)
{
    static char words[256];
    static char *argv[MAX_ARGV + 1];
    int argc = 0;
    cli_request_fini(&request);
    err = (struct xo_error){ 0 };
    argv[argc++] = strdup("crossover");
    snprintf(words, sizeof words, "%s", line);
    for (char *rest = words, *word; (word = strsep(&rest, " ")) != NULL && argc < MAX_ARGV;)
        argv[argc++] = word;
    argv[argc] = NULL;
    const bool ok = cli_parse(&request, argc, argv, &err);
    free(argv[0]);
    return ok;
}

static void setup(void)
{
    request = (struct cli_request){ 0 };
}

static void teardown(void)
{
    cli_request_fini(&request);
    free(page);
    page = NULL;
}

START_TEST(a_scenario_without_a_verb_means_curve)
{
    static const char *const lines[] = { "my.ini", "-", "dir/my", "--quiet my.ini" };
    ck_assert_msg(parse(lines[_i]), "%s", err.text);
    ck_assert_str_eq(request.verb->name, "curve");
    ck_assert_int_eq(request.n_operands, 1);
}
END_TEST

START_TEST(data_validate_is_a_verb_of_two_words_with_options_of_its_own)
{
    ck_assert_msg(parse("data -q validate measured.csv --out val --threads 2"), "%s", err.text);
    ck_assert_str_eq(request.verb->name, "data validate");
    ck_assert_int_eq(request.n_operands, 1);
    ck_assert_str_eq(request.operands[0], "measured.csv");
    ck_assert_int_eq(request.n_threads, 2);
    ck_assert(!parse("data gpus --threads 2")); /* which the verb above it does not take */
    ck_assert(parse("data models validate"));   /* a model of that name, should there be one */
    ck_assert_str_eq(request.verb->name, "data");
}
END_TEST

START_TEST(options_may_stand_before_or_after_the_verb_and_the_scenario)
{
    static const char *const lines[] = { "run my.ini -q --threads 3 --format json --set a.b=c",
                                         "--threads=3 --set a.b=c run --format=json my.ini --quiet",
                                         "-q --format json run --set=a.b=c --threads 3 -- my.ini" };
    ck_assert_msg(parse(lines[_i]), "%s", err.text);
    ck_assert_str_eq(request.verb->name, "run");
    ck_assert_str_eq(request.operands[0], "my.ini");
    ck_assert_int_eq(request.n_threads, 3);
    ck_assert_int_eq(request.format, XO_FORMAT_JSON);
    ck_assert_int_eq(request.n_sets, 1);
    ck_assert_str_eq(request.sets[0], "a.b=c");
    ck_assert(request.quiet && !request.no_plots && request.out == NULL);
}
END_TEST

START_TEST(the_last_seed_wins_and_becomes_one_set)
{
    ck_assert(parse("run x.ini --seed 7 --set a.b=1 --seed 9007199254740992"));
    ck_assert_int_eq(request.n_sets, 2);
    ck_assert_str_eq(request.sets[0], "scenario.seed=9007199254740992");
}
END_TEST

START_TEST(a_page_to_a_minus_goes_to_stdout)
{
    ck_assert(parse("init --out -"));
    ck_assert_ptr_null(request.out);
}
END_TEST

START_TEST(conditions_add_up)
{
    ck_assert(parse("curve x.ini --fail-on buy --fail-on no-crossover --fail-on too-close"));
    ck_assert_uint_eq(request.fail_on, CLI_IF_BUY | CLI_IF_NO_CROSSOVER | CLI_IF_TOO_CLOSE);
}
END_TEST

/* Each number at its bounds and just beyond. */
static const struct {
    const char *line;
    bool is_taken;
} bounds[] = {
    { "run x.ini --seed 0", true },
    { "run x.ini --seed 9007199254740992", true }, /* 2^53 */
    { "run x.ini --seed 9007199254740993", false },
    { "run x.ini --threads 1", true },
    { "run x.ini --threads 4096", true },
    { "run x.ini --threads 4097", false },
    { "sweep x.ini --samples 19", false },
    { "sweep x.ini --samples 20", true },
    { "sweep x.ini --samples 100000000", true },
    { "sweep x.ini --samples 100000001", false },
    { "sweep x.ini --shard 0/1", true },
    { "sweep x.ini --shard 1/1", true },
    { "sweep x.ini --shard 2/1", false },
    { "sweep x.ini --shard 0/0", false },
    { "sweep x.ini --shard -1/2", false },
    { "sweep x.ini --shard 1/100000", true },
    { "sweep x.ini --shard 1/100001", false },
    { "sweep x.ini --shard 3", false },
    { "sweep x.ini --shard 3x20", false },
    { "map x.ini --cells 1x2", false },
    { "map x.ini --cells 2x1", false },
    { "map x.ini --cells 2x2", true },
    { "map x.ini --cells 500x500", true },
    { "map x.ini --cells 501x500", false },
    { "map x.ini --cells 500x501", false },
    { "map x.ini --cells 000000000000000000000002x2", false }, /* longer than a number is */
    { "data step x.ini --batch 0", false },
    { "data step x.ini --batch 1", true },
    { "data step x.ini --batch 10000000", true },
    { "data step x.ini --batch 10000001", false },
    { "data step x.ini --kv 0", false },
    { "data step x.ini --kv 1000000000000", true },
    { "data step x.ini --kv 1000000000001", false },
    { "data step x.ini --prefill 0", false },
    { "data step x.ini --prefill 1", true },
    { "data step x.ini --reread -1", false },
    { "data step x.ini --reread 0", true },
    { "run x.ini --set a.b=", true },
    { "run x.ini --set a.=1", false },
    { "run x.ini --set .b=1", false },
    { "run x.ini --set a=1.5", false },
    { "sweep x.ini --join --resume", false },
    { "sweep x.ini --join --shard 1/2", false },
    { "sweep x.ini --resume --shard 1/2", true },
};

START_TEST(a_number_is_taken_at_its_bounds_and_refused_beyond_them)
{
    ck_assert_msg(parse(bounds[_i].line) == bounds[_i].is_taken, "%s: %s", bounds[_i].line,
                  err.text);
}
END_TEST

START_TEST(every_option_is_in_its_field)
{
    ck_assert_msg(parse("data step x.ini --batch 7 --kv 800 --prefill 90 --reread 11"), "%s",
                  err.text);
    ck_assert_int_eq(request.step.n_decode, 7);
    ck_assert_int_eq(request.step.kv_tokens, 800);
    ck_assert_int_eq(request.step.prefill_tokens, 90);
    ck_assert_int_eq(request.step.reread_tokens, 11);
    ck_assert(parse("map x.ini --cells 21x13 --x a.b --y c.d --y-axis log --x-axis linear -o f"));
    static const char *const sets[] = { "map.columns=21", "map.rows=13",    "map.x=a.b",
                                        "map.y=c.d",      "map.y_axis=log", "map.x_axis=linear" };
    ck_assert_int_eq(request.n_sets, 6);
    for (int i = 0; i < 6; i++)
        ck_assert_str_eq(request.sets[i], sets[i]);
    ck_assert_str_eq(request.out, "f");
    ck_assert(parse("sweep x.ini --shard 3/20 --resume --force --no-plots --color never"));
    ck_assert_int_eq(request.shard, 3);
    ck_assert_int_eq(request.n_shards, 20);
    ck_assert(request.resume && request.force && request.no_plots && !request.join);
    ck_assert_int_eq(request.color, 2);
    ck_assert(parse("sweep x.ini --samples 500 --method lhs --precision 2% --samples 600"));
    ck_assert_int_eq(request.n_sets, 3);
    ck_assert_str_eq(request.sets[0], "study.samples=600");
    ck_assert_str_eq(request.sets[1], "study.sampling=latin");
    ck_assert_str_eq(request.sets[2], "study.precision=2%");
    ck_assert_str_eq(request.typed_as[1], "--method");
}
END_TEST

START_TEST(the_command_is_kept_as_a_shell_would_read_it)
{
    char *argv[] = { "crossover", "run", "it's.ini", "--set", "a.b=$1 *", "" };
    ck_assert(!cli_parse(&request, 6, argv, &err)); /* "" is one operand too many */
    ck_assert_str_eq(request.command, "crossover run 'it'\\''s.ini' --set 'a.b=$1 *' ''");
}
END_TEST

/* Results do not depend on them, so neither do files. */
START_TEST(the_command_is_kept_without_threads)
{
    char *argv[] = { "crossover", "run", "--threads", "4", "x.ini", "--threads=2", "--quiet" };
    ck_assert_msg(cli_parse(&request, 7, argv, &err), "%s", err.text);
    ck_assert_str_eq(request.command, "crossover run x.ini --quiet");
}
END_TEST

static const struct {
    const char *line, *text;
} refused[] = {
    { "crve x.ini", "'crve' is neither a command nor a scenario file; did you mean curve?" },
    { "xyzzy", "'xyzzy' is neither a command nor a scenario file; there are init, check, data, "
               "run, curve, map, horizon, sweep, help" },
    { "run", "run needs a scenario file: crossover run SCENARIO" },
    { "run a.ini b.ini", "'b.ini' is one too many for run, which takes SCENARIO" },
    { "a.ini b.ini", "'b.ini' is one too many for curve, which takes SCENARIO" },
    { "init x", "'x' is one too many for init, which takes no names" },
    { "data", "data needs to know what to show: crossover data gpus|models|apis [NAME]" },
    { "data gpu", "data knows no 'gpu'; did you mean gpus?" },
    { "data validat x.csv", "data knows no 'validat'; did you mean validate?" },
    { "data validate",
      "data validate needs a file of measurements: crossover data validate MEASURED.csv" },
    { "data validate a.csv b.csv",
      "'b.csv' is one too many for data validate, which takes MEASURED.csv" },
    { "run a.ini --treads 2", "unknown option '--treads'; did you mean --threads?" },
    { "run a.ini -x", "unknown option '-x'" },
    { "run a.ini --threads", "--threads needs a value: --threads N" },
    { "run a.ini -o", "--out needs a value: --out DIR" },
    { "run a.ini --threads 0", "--threads cannot be '0'; it takes a whole number from 1 to 4096" },
    { "run a.ini --threads 2.5",
      "--threads cannot be '2.5'; it takes a whole number from 1 to 4096" },
    { "run a.ini --seed -1",
      "--seed cannot be '-1'; it takes a whole number from 0 to 9007199254740992" },
    { "run a.ini --quiet=3", "--quiet takes no value" },
    { "run a.ini --format jsn", "--format cannot be 'jsn'; did you mean json?" },
    { "run a.ini --fail-on no-crossover",
      "--fail-on cannot be 'no-crossover'; there are buy, build, infeasible, too-close" },
    { "run a.ini --set gpu=h200",
      "--set cannot be 'gpu=h200'; it takes SECTION.KEY=VALUE, such as build.gpu=h200" },
    { "run a.ini --out ", "--out cannot be empty; it takes the name of a file or folder" },
    { "run a.ini --out -",
      "--out cannot be '-'; it takes a folder, and the answer goes to stdout anyway" },
    { "check a.ini --resolved --format json",
      "--resolved prints a scenario, which has one format; leave --format out" },
    { "init --threads 2", "init does not take --threads; these commands do: data validate, data "
                          "calibrate, run, curve, map, horizon, sweep" },
    { "--fail-on buy", "no command: --fail-on belongs to run, curve, horizon, sweep" },
};

START_TEST(what_cannot_be_read_is_refused_with_what_would_do)
{
    ck_assert(!parse(refused[_i].line));
    ck_assert_str_eq(err.text, refused[_i].text);
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
}
END_TEST

/* ---- --fail-on ---- */

static const struct {
    double buy_usd, build_usd;
    bool rate_limited;
    enum xo_parity parity;
    unsigned run, curve; /* of a curve whose verdict is a crossing */
} judged[] = {
    { 1000, 1249, false, XO_PARITY_ASSUMED, CLI_IF_BUY, CLI_IF_BUY },
    { 1249, 1000, false, XO_PARITY_MEASURED, CLI_IF_BUILD, CLI_IF_BUILD },
    { 1000, 1049, false, XO_PARITY_ASSUMED, CLI_IF_TOO_CLOSE, CLI_IF_BUY }, /* within 5 % */
    { 1000, 1051, false, XO_PARITY_ASSUMED, CLI_IF_BUY, CLI_IF_BUY },
    { 1000, 1249, true, XO_PARITY_ASSUMED, CLI_IF_INFEASIBLE, CLI_IF_INFEASIBLE },
    { 1000, NAN, false, XO_PARITY_ASSUMED, CLI_IF_INFEASIBLE, CLI_IF_INFEASIBLE },
    { 1000, 1249, false, XO_PARITY_UNEQUAL, 0, 0 },
};

START_TEST(a_run_is_judged_by_its_bills)
{
    struct xo_scenario *scenario = calloc(1, sizeof *scenario);
    scenario->parity = judged[_i].parity;
    scenario->materiality_frac = 0.05;
    const struct xo_run run = { .scenario = scenario,
                                .usd[XO_WAY_BUY] = judged[_i].buy_usd,
                                .usd[XO_WAY_BUILD] = judged[_i].build_usd,
                                .limited[XO_WAY_BUY] = judged[_i].rate_limited };
    ck_assert_uint_eq(cli_run_conditions(&run), judged[_i].run);
    free(scenario);
}
END_TEST

START_TEST(a_curve_is_judged_at_plan_and_by_its_verdict)
{
    struct xo_scenario *scenario = calloc(1, sizeof *scenario);
    struct xo_curve *curve = calloc(1, sizeof *curve);
    struct xo_curve_point *points = calloc(2, sizeof *points);
    scenario->parity = judged[_i].parity;
    points[1].usd[XO_WAY_BUY] = judged[_i].buy_usd;
    points[1].usd[XO_WAY_BUILD] = judged[_i].build_usd;
    points[1].limited[XO_WAY_BUY] = judged[_i].rate_limited;
    curve->scenario = scenario;
    curve->points = points;
    curve->n_points = 2;
    curve->plan = 1;
    curve->crossings[XO_BUY_BUILD].n = 1;
    curve->verdict = XO_VERDICT_CROSSING;
    ck_assert_uint_eq(cli_curve_conditions(curve), judged[_i].curve);
    curve->crossings[XO_BUY_BUILD].n = 0;
    ck_assert_uint_eq(cli_curve_conditions(curve), judged[_i].curve | CLI_IF_NO_CROSSOVER);
    curve->verdict = XO_VERDICT_TOO_CLOSE;
    ck_assert_uint_eq(cli_curve_conditions(curve), CLI_IF_TOO_CLOSE | CLI_IF_NO_CROSSOVER);
    free(points);
    free(curve);
    free(scenario);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli");
    TCase *all = tcase_create("cli");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_loop_test(all, the_help_of_a_verb_names_every_option_that_it_takes_and_no_other, 0,
                        cli_n_verbs);
    tcase_add_loop_test(all, help_is_a_sentence_then_three_examples_within_eighty_columns, 0,
                        cli_n_verbs + 1);
    tcase_add_test(all, an_option_stands_in_one_row_at_most_for_each_verb);
    tcase_add_test(all, the_overview_is_thirteen_lines_and_names_every_verb);
    tcase_add_loop_test(all, a_scenario_without_a_verb_means_curve, 0, 4);
    tcase_add_test(all, data_validate_is_a_verb_of_two_words_with_options_of_its_own);
    tcase_add_loop_test(all, options_may_stand_before_or_after_the_verb_and_the_scenario, 0, 3);
    tcase_add_test(all, the_last_seed_wins_and_becomes_one_set);
    tcase_add_test(all, a_page_to_a_minus_goes_to_stdout);
    tcase_add_test(all, conditions_add_up);
    tcase_add_loop_test(all, a_number_is_taken_at_its_bounds_and_refused_beyond_them, 0,
                        (int)(sizeof bounds / sizeof *bounds));
    tcase_add_test(all, every_option_is_in_its_field);
    tcase_add_test(all, the_command_is_kept_as_a_shell_would_read_it);
    tcase_add_test(all, the_command_is_kept_without_threads);
    tcase_add_loop_test(all, what_cannot_be_read_is_refused_with_what_would_do, 0,
                        (int)(sizeof refused / sizeof *refused));
    const int n_judged = (int)(sizeof judged / sizeof *judged);
    tcase_add_loop_test(all, a_run_is_judged_by_its_bills, 0, n_judged);
    tcase_add_loop_test(all, a_curve_is_judged_at_plan_and_by_its_verdict, 0, n_judged);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
