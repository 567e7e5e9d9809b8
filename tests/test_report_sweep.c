/* test_report_sweep.c - what a sweep and a map say, checked on their text.
 *
 * Figures are made up, not computed, so that a test knows what must come out; inputs and their
 * draws are those of a real sweep that was never simulated.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/pictures.h"
#include "report/page/sweep.h"
#include "xo/file.h"
#include "xo/text.h"
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_INPUTS = 4, N_BASE = 20, N_ROWS = N_BASE * (N_INPUTS + 2) };
static const double MIN = 15208.333333333334, MAX = 152083333.33333334;
static const struct xo_study_options one_thread = { .n_threads = 1 };

struct told {
    struct xo_scenario *scenario;
    struct xo_sweep *sweep;
    struct xo_sweep_row rows[N_ROWS];
    struct xo_sweep_result result;
    struct xo_sweep_report report;
};

static struct xo_interval about(double x)
{
    return (struct xo_interval){ x, x * 0.9, x * 1.1 };
}

/* Crossings that are all at `crossover`: 0 is below the range, INFINITY never. */
static void fill_result(struct xo_sweep_result *r, double crossover)
{
    const struct xo_interval none = { NAN, NAN, NAN };
    *r = (struct xo_sweep_result){
        .n_rows = N_ROWS,
        .n_base = N_BASE,
        .n_distribution = 2 * N_BASE,
        .n_randomizations = 10,
        .sampling = XO_SAMPLING_SOBOL,
        .indices = XO_INDICES_PICK_FREEZE,
        .min_volume = MIN,
        .max_volume = MAX,
        .crossover = { about(crossover / 1.5), about(crossover), about(crossover * 1.5) },
        .stays_above = { about(crossover / 1.4), about(crossover), about(crossover * 1.6) },
        .exists = { crossover > 0 && isfinite(crossover) ? 1 : 0, NAN, NAN },
        .below = { crossover == 0 ? 1 : 0, NAN, NAN },
        .never = { isinf(crossover) ? 1 : 0, NAN, NAN },
        .build_wins = { 0.3125, 0.25, 0.375 },
        .build_wins_se = 0.0321,
        .saving_mean = about(-4000),
        .saving_p05 = about(-21250),
        .saving_p50 = about(-4125),
        .saving_p95 = about(8750),
        .regret_buy = about(1375),
        .regret_build = about(5375),
        .evpi = about(1375),
        .input_variance = 9e7,
        .noise_variance = 1e6,
        .n_inputs = N_INPUTS,
        .base_saving_usd = -2250,
        .base_crossover = crossover,
        .n_searches = 18,
        .n_simulated = 6125000,
        .n_reused = N_ROWS,
    };
    for (int i = 0; i < N_INPUTS; i++) {
        struct xo_sweep_answer *a = &r->inputs[i];
        for (int o = 0; o < XO_N_OUTPUTS; o++)
            a->indices[o] = (struct xo_sweep_indices){ about(0.5 / (i + 1)), about(0.6 / (i + 1)) };
        a->prcc_saving = a->prcc_crossover = about(0.75 - 0.5 * i);
        a->evppi_usd = about(i == 1 ? 625 : 0);
        a->tornado = (struct xo_tornado){
            0.8125 + i,       1.1875 + i,      -2250 - 5000 / (i + 1.0), -2250 + 4000 / (i + 1.0),
            crossover / 1.25, crossover * 1.25
        };
    }
    r->inputs[3].indices[XO_OUTPUT_BUILD_WINS] = (struct xo_sweep_indices){ none, none };
    for (int o = 0; o < XO_N_OUTPUTS; o++)
        r->outputs[o] = (struct xo_sweep_output_stats){ .exists = true, .mean = 1, .variance = 2 };
    for (int i = 0; i < 5; i++)
        r->convergence[r->n_convergence++] = (struct xo_convergence){
            .n_rows = (i + 1) * N_ROWS / 5,
            .median = crossover,
            .lo = crossover * 0.9,
            .hi = crossover * 1.1,
            .build_wins = 0.3,
            .build_wins_lo = 0.2,
            .build_wins_hi = 0.4,
        };
    for (int i = 0; i < XO_N_FAN; i++) {
        r->fan[i].volume = MIN * pow(MAX / MIN, i / (XO_N_FAN - 1.0));
        for (int l = 0; l < XO_N_WAYS; l++) {
            r->fan[i].p05[l] = 1000.0 * (l + 1);
            r->fan[i].p50[l] = l == XO_WAY_SAME ? (double)NAN : 2000.0 * (l + 1);
            r->fan[i].p95[l] = 3000.0 * (l + 1);
        }
    }
    r->n_fan_rows = 2 * N_BASE;
}

static void tell(struct told *t, double crossover)
{
    struct xo_problems problems;
    struct xo_error err;
    int n;
    const struct xo_sweep_settings settings = { .n_samples = N_ROWS };
    ck_assert(
        xo_scenario_read(&t->scenario, XO_SOURCE_DIR "/scenarios/support.ini", NULL, &problems));
    xo_problems_fini(&problems);
    const bool made = xo_sweep_new(&t->sweep, t->scenario, &settings, &one_thread, &err);
    ck_assert_msg(made, "%s", made ? "" : err.text);
    ck_assert_int_eq(xo_sweep_n_rows(t->sweep), N_ROWS);
    fill_result(&t->result, crossover);
    for (int i = 0; i < N_ROWS; i++)
        t->rows[i] = (struct xo_sweep_row){ .crossover = crossover,
                                            .stays_above = crossover,
                                            .n_crossings = 1,
                                            .volume = 1.5e6,
                                            .usd[XO_WAY_BUY] = 9000.25,
                                            .usd[XO_WAY_SAME] = 4000.5,
                                            .usd[XO_WAY_BUILD] = 8000.75 + 100 * i,
                                            .saving_usd = 999.5 - 100 * i,
                                            .replicas = 2,
                                            .gpus = 4 };
    t->rows[7].usd[XO_WAY_BUILD] = t->rows[7].saving_usd = t->rows[7].gpus = NAN;
    t->report = (struct xo_sweep_report){ t->scenario, t->sweep, xo_sweep_inputs(t->sweep, &n),
                                          t->rows, &t->result };
    ck_assert_int_eq(n, N_INPUTS);
}

static void untell(struct told *t)
{
    xo_sweep_free(t->sweep);
    xo_scenario_free(t->scenario);
}

static char *printed(const struct xo_sweep_report *r, enum xo_format format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(xo_sweep_print(out, r, format, NULL));
    fclose(out);
    return text;
}

static void check_width(const char *text, size_t width)
{
    for (const char *line = text; *line != '\0';) {
        const char *end = strchr(line, '\n');
        char copy[400];
        ck_assert_ptr_nonnull(end);
        xo_text_copy(
            copy, (size_t)(end - line) + 1 < sizeof copy ? (size_t)(end - line) + 1 : sizeof copy,
            line);
        ck_assert_msg(xo_columns(copy) <= width, "too wide: %s", copy);
        line = end + 1;
    }
}

/* ---- the table ---- */

/* clang-format off: as it is printed */
static const char table[] =
    "Support bot, 50,000 conversations a day         DRAFT: 11 values are guesses (?)\n"
    "40 samples of 4 inputs not known (Sobol' points; 80 more for shares of variance)\n"
    "This build against openai/gpt-6.2-sol; same weights:\n"
    "together/llama-3.3-70b-instruct-turbo.\n"
    "\n"
    "                                              P5             P50             P95\n"
    "crossover, requests a month                4.2 M          6.25 M           9.4 M\n"
    "stays cheaper above                        4.5 M          6.25 M            10 M\n"
    "  95 % interval of its median                     5.6 M to 6.9 M\n"
    "saved by this build, a month            -$21,000         -$4,100          $8,800\n"
    "\n"
    "What moves it                   P10         P90      at P10      at P90    worth\n"
    "the saving, most first     value of the input                crossing    knowing\n"
    "the scenario as it is                                            6.25 M\n"
    "build.rent              $0.812/hour  $1.19/hour         5 M       7.8 M       $0\n"
    "build.staff_scale             x1.81       x2.19         5 M       7.8 M     $620\n"
    "buy.price_scale               x2.81       x3.19         5 M       7.8 M       $0\n"
    "build.step_scale *            x3.81       x4.19         5 M       7.8 M       $0\n"
    "* not typed: the catalog's own spread of a price, or the step time's error\n"
    "\n"
    "                                                                         partial\n"
    "The saving's variance      alone (first-order)    with others (total) rank corr.\n"
    "build.rent                 0.50 (0.45 to 0.55)    0.60 (0.54 to 0.66)       0.75\n"
    "build.staff_scale          0.25 (0.23 to 0.28)    0.30 (0.27 to 0.33)       0.25\n"
    "buy.price_scale            0.17 (0.15 to 0.18)    0.20 (0.18 to 0.22)      -0.25\n"
    "build.step_scale *         0.13 (0.11 to 0.14)    0.15 (0.14 to 0.17)      -0.75\n"
    "\n"
    "Too close to call at 1.52 M requests a month: this build (llama-3.3-70b on 2 x\n"
    "h100-sxm, fp8) is cheaper than openai/gpt-6.2-sol in 31 % of samples (standard\n"
    "error 3.2 %). This build is dearer by $4,100 a month in the middle sample; 90 %\n"
    "of samples lie between $21,000 dearer and $8,800 cheaper.\n"
    "This build becomes cheaper at some volume from 15.2 k to 152 M requests a month\n"
    "in 100 % of samples. Against buying the same weights by the token from\n"
    "together/llama-3.3-70b-instruct-turbo, this build is cheaper at your plan in 0 %\n"
    "of samples.\n"
    "Against the cheaper side of each sample, buying costs $1,400 a month more on\n"
    "average and this build $5,400; knowing everything first is worth $1,400. What\n"
    "would settle it most: knowing build.staff_scale exactly is worth $620 a month.\n"
    "Not compared: quality (parity assumed), API latency (not measured), exit costs.\n"
    "Prices of 2026-07-02 to 2026-11-22.\n"
    "\n"
    "18 simulated capacities (6.12 M requests) serve all 120 model runs. Of the\n"
    "saving's variance 98.9 % comes from inputs, 1.1 % from simulation and surrogate.\n";
/* clang-format on */

START_TEST(a_sweep_is_told_in_this_table)
{
    struct told t;
    tell(&t, 6.25e6);
    char *text = printed(&t.report, XO_FORMAT_TABLE);
    ck_assert_str_eq(text, table);
    free(text);
    untell(&t);
}
END_TEST

START_TEST(what_is_no_piece_of_samples_is_refused)
{
    struct told t;
    struct xo_bytes lines = { 0 };
    struct xo_error err = { 0 };
    tell(&t, 6.25e6);
    ck_assert(!xo_sweep_lines(t.sweep, "short", 5, &lines, &err));
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    ck_assert_str_eq(err.text, "another process sent what are no samples");
    ck_assert_ptr_null(lines.at);
    untell(&t);
}
END_TEST

static const struct {
    struct xo_interval exists;
    double below, never;
    const char *said;
} wheres[] = {
    { { 0, 0, 0.046 },
      0,
      1,
      "This build becomes cheaper at some volume from 15.2 k to 152 M requests a month in 0 % of "
      "samples (0 % to 4.6 %); in 100 % it is cheaper at no volume up to there. " },
    { { 0.75, 0.7, 0.8 },
      0.15,
      0.1,
      "in 75 % of samples (70 % to 80 %); in 15 % it is cheaper from below that on; in 10 % it is "
      "cheaper at no volume up to there. " },
    { { 1 - 1e-15, 1 - 1e-15, 1 }, 1e-15, 0, "requests a month in 100 % of samples; in 0 % " },
};

START_TEST(what_few_samples_make_and_what_none_shows_is_told)
{
    struct told t;
    tell(&t, 6.25e6);
    t.result.regret_build = (struct xo_interval){ 0, 0, 163.5 };
    t.result.inputs[1].evppi_usd = (struct xo_interval){ 0, 0, 163.5 };
    t.result.n_tail = 20;
    t.result.tail_of_regret_buy = 0.431;
    t.result.tail_of_saving = 0.19;
    t.result.outputs[XO_OUTPUT_SAVING].exists = false;
    for (int i = 0; i < N_INPUTS; i++)
        ((struct xo_sweep_input *)t.report.inputs)[i].base_frac = i == 2 ? 0.111 : 0.5;
    char *text = printed(&t.report, XO_FORMAT_TABLE);
    check_width(text, 80);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
    static const char *const said[] = {
        " and this build under $160; knowing",
        " The 20 largest of 40 samples make 43 % of what buying costs more. Not compared",
        " <$160 ",
        "The scenario's own values are not all in the middle: 11 % of draws lie below that of "
        "buy.price_scale. ",
        "How much each input makes of the saving's variance is not said: some samples have no "
        "saving, since no fleet meets the SLO there. ",
    };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        ck_assert_msg(strstr(text, said[i]) != NULL, "no \"%s\" in: %.1800s", said[i], text + 900);
    ck_assert_ptr_null(strstr(text, "what bills differ by"));
    free(text);
    untell(&t);
}
END_TEST

/* Half a dollar a month is not worth a name. */
START_TEST(an_input_worth_more_than_half_a_dollar_is_named)
{
    static const struct {
        double worth_usd;
        const char *said;
    } cases[] = { { 0.49, NULL },
                  { 0.52, "knowing build.staff_scale exactly is worth $0.52 a month." } };
    struct told t;
    tell(&t, 6.25e6);
    t.result.inputs[1].evppi_usd = about(cases[_i].worth_usd);
    char *text = printed(&t.report, XO_FORMAT_TABLE);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
    ck_assert_int_eq(strstr(text, "What would settle it most") != NULL, cases[_i].said != NULL);
    if (cases[_i].said != NULL)
        ck_assert_msg(strstr(text, cases[_i].said) != NULL, "%s", text);
    free(text);
    untell(&t);
}
END_TEST

START_TEST(where_a_build_becomes_cheaper_is_a_whole_sentence)
{
    struct told t;
    tell(&t, 6.25e6);
    t.result.exists = wheres[_i].exists;
    t.result.below = (struct xo_interval){ wheres[_i].below, NAN, NAN };
    t.result.never = (struct xo_interval){ wheres[_i].never, NAN, NAN };
    char *text = printed(&t.report, XO_FORMAT_TABLE);
    check_width(text, 80);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    ck_assert_msg(strstr(text, wheres[_i].said) != NULL, "%s", text);
    free(text);
    untell(&t);
}
END_TEST

static const struct {
    double crossover;
    const char *table, *title, *json;
} ends[] = {
    { 0, "under 15.2 k", "it is cheaper from below 15.2 k requests a month on in 100 %", "0" },
    { INFINITY, "over 152 M", "it does not become cheaper up to 152 M requests a month in 100 %",
      "\"never\"" },
};

/* A crossing outside the range has no volume in any table, title, file or plot. */
START_TEST(a_crossing_outside_the_range_is_told_as_that)
{
    struct told t;
    tell(&t, ends[_i].crossover);
    char *text = printed(&t.report, XO_FORMAT_TABLE), *title = xo_sweep_title(&t.report);
    char *json = printed(&t.report, XO_FORMAT_JSON), wanted[80];
    ck_assert_ptr_nonnull(strstr(text, ends[_i].table));
    check_width(text, 80);
    ck_assert_msg(strstr(title, ends[_i].title) != NULL, "%s", title);
    snprintf(wanted, sizeof wanted, "\"crossover_of_the_scenario_requests_month\": %s",
             ends[_i].json);
    ck_assert_msg(strstr(json, wanted) != NULL, "%s", json);
    free(text);
    free(title);
    free(json);
    untell(&t);
}
END_TEST

/* Every sample has bills of $20,000 and $19,500: 2.6 % of the cheaper one. That this build wins in
 * all of them makes it no winner; at 6.4 % it is one. */
START_TEST(a_difference_that_is_immaterial_is_too_close_to_call)
{
    struct told t;
    tell(&t, 6.25e6);
    t.result.build_wins = (struct xo_interval){ 1, 0.98, 1 };
    for (int i = 0; i < N_ROWS; i++) {
        t.rows[i].usd[XO_WAY_BUY] = 20000;
        t.rows[i].usd[XO_WAY_BUILD] = 19500;
        t.rows[i].saving_usd = 500;
    }
    t.result.saving_p05 = about(450);
    t.result.saving_p50 = about(500);
    t.result.saving_p95 = about(550);
    ck_assert_int_eq(xo_sweep_call(&t.report), XO_CALL_TOO_CLOSE);
    char *text = printed(&t.report, XO_FORMAT_TABLE), *title = xo_sweep_title(&t.report);
    ck_assert_ptr_nonnull(strstr(text, "\nToo close to call at 1.52 M requests a month: this"));
    ck_assert_ptr_nonnull(strstr(text, "The middle"));
    ck_assert_ptr_nonnull(strstr(title, "DRAFT: Too close to call: this build is cheaper than "
                                        "openai/gpt-6.2-sol at 1.52 M requests a month in 100 %"));
    check_width(text, 80);
    free(text);
    free(title);
    t.result.saving_p50 = about(1250);
    ck_assert_int_eq(xo_sweep_call(&t.report), XO_CALL_BUILD);
    text = printed(&t.report, XO_FORMAT_TABLE);
    ck_assert_ptr_nonnull(strstr(text, "\nCheaper at 1.52 M requests a month: BUILD. This build"));
    free(text);
    untell(&t);
}
END_TEST

/* ---- files ---- */

static int cells(const char *line)
{
    int n = 1;
    for (; *line != '\0' && *line != '\n'; line++)
        n += *line == ',';
    return n;
}

static void check_csv(const char *text, int n_lines)
{
    const int n = cells(text);
    int lines = 0;
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        ck_assert_int_eq(cells(line), n);
        lines++;
    }
    ck_assert_int_eq(lines, n_lines);
    ck_assert_ptr_null(strstr(text, "nan"));
}

START_TEST(files_of_a_sweep_have_a_cell_for_every_column)
{
    static const char *const files[] = { "samples.csv", "sweep.csv", "sweep.json", "sweep.txt",
                                         "manifest.json" };
    static const int lines[] = { N_ROWS + 1, N_INPUTS + 1 };
    struct told t;
    char folder[] = "/tmp/xo-told-XXXXXX", path[80];
    struct xo_error err;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    struct xo_output output = { .folder = folder, .command = "crossover sweep my.ini" };
    tell(&t, 6.25e6);
    const bool written = xo_sweep_write(&t.report, &output, &err);
    ck_assert_msg(written, "%s", written ? "" : err.text);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *text;
        size_t size;
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        ck_assert(xo_file_read(path, 1 << 20, &text, &size, NULL));
        if (i < 2)
            check_csv(text, lines[i]);
        if (i == 0) {
            ck_assert_ptr_nonnull(strstr(text, "\n1,0,B,"));
            ck_assert_ptr_nonnull(strstr(text, "\n8,1,A with build.rent of B,"));
        }
        free(text);
        ck_assert_int_eq(unlink(path), 0);
    }
    ck_assert_int_eq(rmdir(folder), 0);
    free(output.notes);
    free(output.wrote);
    untell(&t);
}
END_TEST

/* Twelve inputs are shown; a file has the others. */
START_TEST(a_table_of_many_inputs_says_where_the_rest_are)
{
    enum { MANY = 14 };
    struct told t;
    tell(&t, 6.25e6);
    struct xo_sweep_input inputs[MANY];
    for (int i = 0; i < MANY; i++) {
        inputs[i] = t.report.inputs[i % N_INPUTS];
        t.result.inputs[i] = t.result.inputs[i % N_INPUTS];
    }
    t.report.inputs = inputs;
    t.result.n_inputs = MANY;
    char *text = printed(&t.report, XO_FORMAT_TABLE);
    ck_assert_ptr_nonnull(strstr(text, "\nand 2 more, in sweep.csv\n"));
    check_width(text, 80);
    free(text);
    untell(&t);
}
END_TEST

/* Each panel of a picture lies on the page, the right way up. */
static void ck_panels(const char *set)
{
    static const char *const sides[] = { "_left", "_right", "_bottom", "_top" };
    for (const char *at = set; (at = strstr(at, "_left")) != NULL; at++) {
        const char *number = at;
        double side[4];
        if (strchr("[; ", at[5]) == NULL || strcspn(at, "=") > 9)
            continue; /* an array is declared */
        for (int i = 0; i < 4; i++) {
            number = strstr(number, sides[i]);
            ck_assert_ptr_nonnull(number);
            side[i] = atof(strchr(number, '=') + 1);
        }
        ck_assert_msg(0 < side[0] && side[0] < side[1] && side[1] < 1, "%.60s", at);
        ck_assert_msg(0 < side[2] && side[2] < side[3] && side[3] < 1, "%.120s", at);
    }
}

/* Whatever a sweep finds, a plot is a script of some pages, gnuplot meets no infinity in it, all
 * words are of a size to be read, and panels lie on the page the right way up. */
START_TEST(every_plot_is_drawn_wherever_the_crossing_lies)
{
    static void (*const draw[])(struct xo_plot *, const struct xo_sweep_report *) = {
        xo_plot_crossover, xo_plot_tornado, xo_plot_indices,
        xo_plot_fan,       xo_plot_inputs,  xo_plot_convergence
    };
    static const double crossings[] = { 0, 6.25e6, INFINITY };
    struct told t;
    tell(&t, crossings[_i / 6]);
    struct xo_plot plot = { .name = "plot" };
    draw[_i % 6](&plot, &t.report);
    if (plot.none[0] != '\0') { /* no picture, for a reason */
        ck_assert_uint_eq(plot.set.length + plot.data.length, 0);
        untell(&t);
        return;
    }
    ck_assert(!plot.set.failed && !plot.data.failed);
    ck_assert_uint_lt(plot.set.length, 20000);
    ck_assert_ptr_null(strstr(plot.set.text, "inf"));
    ck_assert_ptr_null(strstr(plot.set.text, "nan"));
    ck_assert_ptr_null(strstr(plot.data.text, "inf"));
    ck_panels(plot.set.text);
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    untell(&t);
}
END_TEST

START_TEST(a_picture_of_crossings_names_what_they_are_against)
{
    struct told t;
    tell(&t, 6.25e6);
    struct xo_plot plot = { .name = "crossover" };
    xo_plot_crossover(&plot, &t.report);
    ck_assert_ptr_nonnull(strstr(plot.set.text, "DRAFT: Against openai/gpt-6.2-sol this build "));
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    untell(&t);
}
END_TEST

/* Of a plan that buying wins in every sample a picture of winners would be blue all over: they are
 * told at the median crossing, where every other sample has crossed. */
START_TEST(winners_are_told_at_the_crossing_where_the_plan_has_one_alone)
{
    struct told t;
    tell(&t, 6.25e6);
    for (int both = 1; both >= 0; both--) {
        struct xo_plot plot = { .name = "inputs" };
        for (int i = 0; i < N_ROWS; i++) {
            t.rows[i].saving_usd = both && i % 3 == 0 ? 1 : -1;
            t.rows[i].crossover = i / 2 % 2 == 0 ? 5e6 : 7e6;
        }
        xo_plot_inputs(&plot, &t.report);
        ck_assert_ptr_nonnull(strstr(plot.set.text, "winners = '0 1 '\n"));
        ck_assert_ptr_nonnull(
            strstr(plot.set.text, both ? "Who wins at your plan, by " : " requests a month, by "));
        ck_assert(both == (strstr(plot.set.text, "one side alone ever wins") == NULL));
        xo_buf_fini(&plot.set);
        xo_buf_fini(&plot.data);
    }
    for (int i = 0; i < N_ROWS; i++)
        t.rows[i].crossover = INFINITY;
    t.result.crossover.p50.mean = INFINITY; /* nor is there a crossing to tell it at */
    struct xo_plot plot = { .name = "inputs" };
    xo_plot_inputs(&plot, &t.report);
    ck_assert_str_eq(plot.none, "one side is cheaper at your plan in every sample, and no crossing "
                                "is in the median");
    untell(&t);
}
END_TEST

/* A picture holds 3,000 points: of 2,000 base points with two samples each every other sample is
 * one, and none of the rows that mix the two. */
START_TEST(a_cloud_of_many_samples_is_thinned_evenly)
{
    enum { MANY = 2000, PER_BASE = N_INPUTS + 2 };
    const struct xo_sweep_settings settings = { .n_samples = MANY * PER_BASE };
    struct told t;
    struct xo_plot plot = { .name = "inputs" };
    tell(&t, 6.25e6);
    xo_sweep_free(t.sweep);
    ck_assert(xo_sweep_new(&t.sweep, t.scenario, &settings, &one_thread, NULL));
    const int64_t n_rows = xo_sweep_n_rows(t.sweep);
    ck_assert_int_eq(n_rows, MANY * PER_BASE);
    struct xo_sweep_row *rows = calloc((size_t)n_rows, sizeof *rows);
    for (int64_t i = 0; i < n_rows;
         i++) /* rows of one base point follow each other, A and B first */
        rows[i].saving_usd = i % PER_BASE < 2 ? (double)(i % 4 == 0 ? i + 1 : -i) : NAN;
    int n;
    t.report.sweep = t.sweep;
    t.report.inputs = xo_sweep_inputs(t.sweep, &n);
    t.report.rows = rows;
    t.result.n_rows = n_rows;
    t.result.n_base = MANY;
    t.result.n_distribution = 2 * MANY;
    xo_plot_inputs(&plot, &t.report);
    const char *line = strchr(plot.data.text, '\n') + 1;
    for (int k = 0; k < MANY; k++, line = strchr(line, '\n') + 1) {
        const int64_t row = (int64_t)k * PER_BASE;
        double values[XO_SWEEP_MAX_INPUTS], x, saving;
        int winner;
        ck_assert_int_eq(sscanf(line, "%lf,%*f,%d,%lf", &x, &winner, &saving), 3);
        xo_sweep_values(t.sweep, row, values);
        ck_assert_double_eq(x, values[0]); /* the first input is the strongest */
        ck_assert_double_eq(saving, rows[row].saving_usd);
        ck_assert_int_eq(winner, saving > 0);
    }
    ck_assert_str_eq(line, "");
    ck_assert_ptr_nonnull(strstr(plot.set.text, "winners = '0 1 '\n"));
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    free(rows);
    untell(&t);
}
END_TEST

/* Of twenty base points, each with two samples, five cross at one volume and the others at another:
 * the axis of shares ends 18 % above 75 %. */
START_TEST(the_axis_of_shares_ends_above_the_highest_one)
{
    struct told t;
    tell(&t, 6.25e6);
    for (int i = 0; i < N_ROWS; i++)
        if (i / (N_INPUTS + 2) % 4 == 0)
            t.rows[i].crossover = 1e6;
    struct xo_plot plot = { .name = "crossover" };
    xo_plot_crossover(&plot, &t.report);
    ck_assert_msg(strstr(plot.set.text, "\nshare_hi = 88.5\n") != NULL, "%s", plot.set.text);
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    untell(&t);
}
END_TEST

/* ---- a map ---- */

enum { NX = 5, NY = 4 };
static struct xo_map_cell map_cells[NX * NY];
static struct xo_map_point frontier[] = { { 1e6, 2, 0 }, { 2.5e6, 1, 0 }, { 4e6, 0.5, 1 } };

static struct xo_map_result a_map(void)
{
    struct xo_map_result m = {
        .settings = { { xo_key_find("workload.volume"), 5e5, 8e6, NX, true },
                      { xo_key_find("buy.price_scale"), 0.25, 4, NY, true } },
        .cells = map_cells,
        .n_cells = NX * NY,
        .frontier = frontier,
        .n_frontier = 3,
        .n_lines = 2,
        .plan = { .x = 1.5e6,
                  .y = 1,
                  .usd[XO_WAY_BUY] = 9000,
                  .usd[XO_WAY_SAME] = 7250,
                  .usd[XO_WAY_BUILD] = 12000,
                  .saving_usd = -3000 },
        .plan_inside = true,
        .build_share = 0.4375,
        .close_share = 0.0625,
        .n_searches = 18,
        .n_simulated = 6125000,
        .n_notes = 1,
        .notes = { "4 x h100-sxm: something that a reader of the map has to know" },
    };
    for (int k = 0; k < NX * NY; k++) {
        const int i = k % NX, j = k / NX;
        const double buy = 1000.0 * (1 << (i + j)), build = 16300; /* 2 % above 16,000 */
        map_cells[k] = (struct xo_map_cell){ .x = 5e5 * (1 << i),
                                             .y = 0.25 * pow(2.519842, j),
                                             .volume = 5e5 * (1 << i),
                                             .usd[XO_WAY_BUY] = buy,
                                             .usd[XO_WAY_SAME] = i == 0 ? 20000 : 1250,
                                             .usd[XO_WAY_BUILD] = build,
                                             .saving_usd = buy - build };
    }
    map_cells[NX - 1].usd[XO_WAY_BUILD] = map_cells[NX - 1].saving_usd = NAN;
    return m;
}

static char *map_as(enum xo_format format, const struct xo_scenario *s,
                    const struct xo_map_result *m)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert(xo_map_print(out, s, m, format, NULL));
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

/* clang-format off */
static const char map_table[] =
    "Support bot, 50,000 conversations a day         DRAFT: 11 values are guesses (?)\n"
    "Up: buy.price_scale (equal ratios). Right: workload.volume (equal ratios).\n"
    "# this build is cheaper   . buying is   ~ too close to call   @ your plan\n"
    "? no fleet meets the SLO\n"
    "\n"
    "              x4 |.~###\n"
    "           x1.59 |..@##\n"
    "                 |...~#\n"
    "           x0.25 |....?\n"
    "                  500k/month 8M/month\n"
    "\n"
    "At the plan (1.5M/month, x1), inside the map: buying is cheaper.\n"
    "openai/gpt-6.2-sol costs $9,000 a month, this build $12,000: the lower bill is\n"
    "25 % below the other. The same weights by the token from\n"
    "together/llama-3.3-70b-instruct-turbo cost $7,200. Of the cells with both bills\n"
    "this build is cheaper in 44 %, and 6 % are too close to call (under 5 % of the\n"
    "cheaper bill, ~); the frontier, where both cost the same, has 2 lines. The same\n"
    "weights by the token cost less than this build in 79 % of cells. 18 simulated\n"
    "capacities (6.12 M requests) serve all 20 cells. Not compared: quality (parity\n"
    "assumed), API latency (not measured), exit costs. Prices of 2026-07-02 to\n"
    "2026-11-22.\n"
    "Note: 4 x h100-sxm: something that a reader of the map has to know.\n";
/* clang-format on */

START_TEST(a_map_of_several_options_says_whose_surrogate_is_how_far_off)
{
    struct told t;
    struct xo_map_result m = a_map();
    tell(&t, 6.25e6);
    const int n = t.scenario->n_options;
    m.n_surrogates = 1;
    m.surrogates[0] = (struct xo_surrogate_report){ .option = 0,
                                                    .n_searches = 84,
                                                    .n_held_out = 16,
                                                    .n_infeasible = 3,
                                                    .held_out_rms = 0.002,
                                                    .held_out_worst = 0.057,
                                                    .precise = true };
    m.n_confirmed = 49;
    char *alone = map_as(XO_FORMAT_TABLE, t.scenario, &m);
    t.scenario->n_options = 2;
    t.scenario->options[1] = t.scenario->options[0];
    char *text = map_as(XO_FORMAT_TABLE, t.scenario, &m);
    t.scenario->n_options = n;
    ck_assert_int_eq(n, 1);
    for (char *c = alone; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
    ck_assert_msg(strstr(alone, "Surrogate of capacity: off by 0.2 % (rms), 5.7 % at worst on 16 "
                                "points held out. At the frontier 49 capacities were simulated in "
                                "full and stand as found;") != NULL,
                  "%s", alone);
    ck_assert_msg(strstr(text, "Surrogate of capacity for 2 x") != NULL, "%s", text);
    free(alone);
    free(text);
    text = map_as(XO_FORMAT_JSON, t.scenario, &m);
    ck_assert_ptr_nonnull(strstr(text, "\"capacity_searches\": 84,\n   \"design_points\": 0,\n"
                                       "   \"held_out_points\": 16,\n   "
                                       "\"infeasible_points\": 3,\n"));
    free(text);
    untell(&t);
}
END_TEST

START_TEST(a_map_is_told_in_this_picture)
{
    struct told t;
    const struct xo_map_result m = a_map();
    tell(&t, 6.25e6);
    char *text = map_as(XO_FORMAT_TABLE, t.scenario, &m);
    ck_assert_str_eq(text, map_table);
    free(text);
    text = map_as(XO_FORMAT_CSV, t.scenario, &m);
    check_csv(text, NX * NY + 1);
    free(text);
    text = map_as(XO_FORMAT_JSON, t.scenario, &m);
    ck_assert_ptr_nonnull(strstr(text, "\"winner\": \"none\""));
    free(text);
    char *title = xo_map_title(t.scenario, &m);
    ck_assert_str_eq(title,
                     "DRAFT: workload.volume and buy.price_scale: this build is cheaper than "
                     "openai/gpt-6.2-sol in 44 % of this map; at the plan buying is cheaper");
    free(title);
    t.scenario->parity = XO_PARITY_UNEQUAL;
    title = xo_map_title(t.scenario, &m);
    ck_assert_str_eq(title,
                     "DRAFT: workload.volume and buy.price_scale: this build has a lower bill "
                     "than openai/gpt-6.2-sol in 44 % of this map; at the plan the bill of "
                     "buying is lower");
    free(title);
    struct xo_plot plot = { .name = "map_plot" };
    xo_plot_map(&plot, t.scenario, &m);
    ck_assert(!plot.set.failed && !plot.data.failed);
    check_csv(plot.data.text, NX * NY + 1);
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    untell(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report_sweep");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, a_sweep_is_told_in_this_table);
    tcase_add_test(all, what_is_no_piece_of_samples_is_refused);
    tcase_add_test(all, what_few_samples_make_and_what_none_shows_is_told);
    tcase_add_test(all, a_difference_that_is_immaterial_is_too_close_to_call);
    tcase_add_loop_test(all, a_crossing_outside_the_range_is_told_as_that, 0,
                        sizeof ends / sizeof *ends);
    tcase_add_test(all, files_of_a_sweep_have_a_cell_for_every_column);
    tcase_add_loop_test(all, every_plot_is_drawn_wherever_the_crossing_lies, 0, 18);
    tcase_add_test(all, a_table_of_many_inputs_says_where_the_rest_are);
    tcase_add_test(all, a_picture_of_crossings_names_what_they_are_against);
    tcase_add_test(all, winners_are_told_at_the_crossing_where_the_plan_has_one_alone);
    tcase_add_test(all, a_cloud_of_many_samples_is_thinned_evenly);
    tcase_add_test(all, the_axis_of_shares_ends_above_the_highest_one);
    tcase_add_test(all, a_map_is_told_in_this_picture);
    tcase_add_test(all, a_map_of_several_options_says_whose_surrogate_is_how_far_off);
    tcase_add_loop_test(all, an_input_worth_more_than_half_a_dollar_is_named, 0, 2);
    tcase_add_loop_test(all, where_a_build_becomes_cheaper_is_a_whole_sentence, 0,
                        sizeof wheres / sizeof wheres[0]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
