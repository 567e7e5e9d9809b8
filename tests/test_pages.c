/* test_pages.c - whole pages as a terminal shows them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"
#include "report_fixture.h"
#include "xo/report.h"

#define COUNT(table) ((int)(sizeof table / sizeof table[0]))

typedef bool print_fn(FILE *out, const void *what, enum xo_format format, struct xo_error *err);

static bool print_curve(FILE *out, const void *curve, enum xo_format format, struct xo_error *err)
{
    return xo_curve_print(out, curve, format, err);
}

static bool print_run(FILE *out, const void *run, enum xo_format format, struct xo_error *err)
{
    return xo_run_print(out, run, format, err);
}

static char *printed(print_fn *print, const void *what, enum xo_format format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct xo_error err = { 0 };
    ck_assert_msg(print(out, what, format, &err), "%s", err.text);
    fclose(out);
    char *copy = strdup(text); /* GCC 12 takes memory of open_memstream for that of `text` itself */
    free(text);
    return copy;
}

/* The page begins so, to the letter. */
static void ck_begins(char *text, const char *expected)
{
    ck_assert_msg(strncmp(text, expected, strlen(expected)) == 0, "not as expected:\n%s", text);
    free(text);
}

/* ---- the table of a curve ---- */

static const double MILLION = 1e6;

/* Points at these volumes, all with one small fleet; the plan is the third. */
static struct fix fix_points_at(const double millions[], int n, int plan)
{
    struct fix f = fix_new(&fix_support);
    struct xo_curve *c = f.curve;
    c->n_points = n;
    c->n_corners = 0;
    c->plan = plan;
    for (int i = 0; i < n; i++) {
        struct xo_curve_point *p = &c->points[i];
        *p = (struct xo_curve_point){ .volume = millions[i] * MILLION,
                                      .tokens = millions[i] * 2.5e9,
                                      .usd = { 12345, 678.9, 4.25 },
                                      .is_plan = i == plan,
                                      .build = { .feasible = true,
                                                 .serving_replicas = 3,
                                                 .headroom_replicas = 2,
                                                 .spare_replicas = 4,
                                                 .load_frac = 0.314 } };
    }
    return f;
}

START_TEST(the_table_of_a_curve_to_the_letter)
{
    struct fix f = fix_points_at((double[]){ 1, 2, 31, 160, 500 }, 5, 1);
    struct xo_curve *c = f.curve;
    c->points[1].limited[XO_WAY_BUY] = true;
    memcpy(c->points[2].usd, (double[]){ NAN, 1e6, 99994 }, sizeof c->points[2].usd);
    c->points[2].is_crossing = c->points[3].is_crossing = true;
    c->points[2].build.load_frac = 0.0049;
    c->points[3].build.load_frac = 0.9951;
    c->points[4].build.feasible = false;
    c->crossings[XO_BUY_BUILD].at[0] = (struct xo_crossing){ .volume = 160 * MILLION };
    c->crossings[XO_BUY_BUILD].n = 1;
    ck_begins(printed(print_curve, c, XO_FORMAT_TABLE),
              "Support bot, 50,000 conversations a day         DRAFT: 11 values are guesses (?)\n"
              "A request: 2,000 tokens in (1,200 cached), 500 out. Prices of 2026-07-02 to\n"
              "2026-11-22.\n"
              "\n"
              "                 ----------- USD a month -----------\n"
              "requests  tokens      buy API   buy same     build:  replicas load*\n"
              "  /month  /month                 weights  GPUs+team    + more\n"
              "     1 M   2.5 B       12,300        679       4.25      3+6  31 %\n"
              "     2 M     5 B      12,300!        679       4.25      3+6  31 %  <- your plan\n"
              "    31 M  77.5 B            -  1,000,000    100,000      3+6  <1 %  <- crossing\n"
              "   160 M   400 B       12,300        679       4.25      3+6 >99 %  <- buy above\n"
              "   500 M  1.25 T       12,300        679       4.25        -     -\n"
              "+ more: headroom and spares. * work done / what these GPUs could do around\n"
              "the clock within the SLO\n"
              "! the API cannot serve this: its rate limits would have to be raised\n"
              "Buy API: openai/gpt-6.2-sol. Same weights:\n"
              "together/llama-3.3-70b-instruct-turbo.\n"
              "1.23 M requests simulated\n"
              "\n"
              "Cheaper at 2 M requests (5 B tokens) a month: BUILD. ");
    fix_fini(&f);
}
END_TEST

START_TEST(the_marks_of_a_row_follow_plan_crossings_and_verdict)
{
    static const struct {
        bool plan, crossing, no_winner;
        const char *end;
    } cases[] = { { true, false, false, "  <- your plan\n" },
                  { true, true, false, "  <- plan+flip\n" },
                  { true, true, true, "  <- your plan\n" },
                  { false, true, false, "  <- crossing\n" },
                  { false, true, true, "31 %\n" },
                  { false, false, false, "31 %\n" } };
    struct fix f = fix_points_at((double[]){ 1, 2, 3 }, 3, 1);
    f.curve->crossings[XO_BUY_BUILD].n = 0;
    for (int i = 0; i < COUNT(cases); i++) {
        f.curve->points[0].is_plan = cases[i].plan;
        f.curve->points[0].is_crossing = cases[i].crossing;
        f.curve->verdict = cases[i].no_winner ? XO_VERDICT_NO_WINNER : XO_VERDICT_CROSSING;
        char *text = printed(print_curve, f.curve, XO_FORMAT_TABLE);
        const char *row = strstr(text, "     1 M   2.5 B"), *end = strchr(row, '\n') + 1;
        ck_assert_int_eq(strncmp(end - strlen(cases[i].end), cases[i].end, strlen(cases[i].end)),
                         0);
        free(text);
    }
    fix_fini(&f);
}
END_TEST

/* The first column of the rows of a table, in requests. */
static void ck_rows(struct fix *f, const char *expected)
{
    char *text = printed(print_curve, f->curve, XO_FORMAT_TABLE), rows[256] = "";
    for (const char *line = strstr(text, "+ more\n") + strlen("+ more\n"); line[0] == ' ';
         line = strchr(line, '\n') + 1)
        snprintf(rows + strlen(rows), sizeof rows - strlen(rows), "%.*s,",
                 8 - (int)strspn(line, " "), line + strspn(line, " "));
    ck_assert_str_eq(rows, expected);
    free(text);
    fix_fini(f);
}

/* Between the ends and the plan the widest gap is split until there are eight rows, near its middle
 * in logarithms, where a digit more costs a tenth of half the gap: between 10 and 100 the middle is
 * 31.6, and 30 M is taken, 0.05 off with one digit, not 31 M, 0.02 off with two. */
START_TEST(rows_split_the_widest_gaps_at_round_volumes)
{
    const double volumes[] = { 1, 2, 3, 5, 7, 10, 20, 30, 31, 32, 50, 70, 100 };
    struct fix f = fix_points_at(volumes, COUNT(volumes), 5);
    ck_rows(&f, "1 M,2 M,3 M,5 M,10 M,30 M,50 M,100 M,");
}
END_TEST

/* Between 1 and 10 the middle is 3.16. 3.003 is within a thousandth of 3, which has one
 * digit; 3.004 needs four, and 3.1, which has two, is taken. */
START_TEST(a_volume_within_a_thousandth_of_a_round_one_is_round)
{
    static const struct {
        double millions;
        const char *rows;
    } cases[] = { { 3.003, "1 M,3 M,10 M,11 M,12 M,13 M,100 M,1 B," },
                  { 3.004, "1 M,3.1 M,10 M,11 M,12 M,13 M,100 M,1 B," } };
    for (int k = 0; k < COUNT(cases); k++) {
        const double volumes[] = { 1, cases[k].millions, 3.1, 10, 11, 12, 13, 100, 1000 };
        struct fix f = fix_points_at(volumes, COUNT(volumes), 3);
        for (int i = 4; i < 7; i++)
            f.curve->points[i].is_crossing = true;
        ck_rows(&f, cases[k].rows);
    }
}
END_TEST

/* Of five crossings the first two and the last have rows of their own. */
START_TEST(the_first_two_crossings_and_the_last_have_rows)
{
    const double volumes[] = { 1, 2, 3, 4, 5, 6, 10, 14, 15, 16, 17, 18, 1000 };
    struct fix f = fix_points_at(volumes, COUNT(volumes), 6);
    for (int i = 7; i < 12; i++)
        f.curve->points[i].is_crossing = true;
    ck_rows(&f, "1 M,3 M,5 M,10 M,14 M,15 M,18 M,1 B,");
}
END_TEST

START_TEST(what_stands_below_the_table_of_a_curve)
{
    static const char *const apis[] = { "acme/a", "acme/b", "acme/c" };
    struct fix f = fix_points_at((double[]){ 1, 2, 3, 4, 5, 6 }, 6, 0);
    struct xo_scenario *s = f.scenario;
    struct xo_curve *c = f.curve;
    for (int i = 0; i < 3; i++) {
        s->apis[i] = s->apis[0];
        xo_text_copy(s->apis[i].tariff.name, XO_COST_NAME_SIZE, apis[i]);
        s->options[i] = s->options[0];
        snprintf(s->options[i].label, sizeof s->options[i].label, "option %d", i);
    }
    s->n_apis = s->n_options = 3;
    s->same_model_low_usd_per_mtok = 0.123;
    s->same_model_high_usd_per_mtok = 1.37;
    for (int i = 0; i < 6; i++) {
        c->points[i].pick[XO_WAY_BUY] = i / 2;
        c->points[i].build.option = i / 3;
    }
    c->n_simulated = 45678;
    char *text = answer_words(printed(print_curve, c, XO_FORMAT_TABLE));
    ck_assert_ptr_nonnull(strstr(text, "Buy API: acme/a, acme/b from 7.5 B tokens, acme/c from "
                                       "12.5 B tokens. Same weights: "
                                       "together/llama-3.3-70b-instruct-turbo; hosts ask $0.12 to "
                                       "$1.40 per million tokens, 3 in to 1 out. This build: "
                                       "option 0; option 1 from 10 B tokens. 45.7 k requests "
                                       "simulated "));
    free(text);
    for (int i = 0; i < 6; i++) {
        c->points[i].pick[XO_WAY_BUY] = i % 2;
        c->points[i].build.option = i % 3;
    }
    s->same_model_low_usd_per_mtok = 1.37;
    text = answer_words(printed(print_curve, c, XO_FORMAT_TABLE));
    ck_assert_ptr_nonnull(strstr(text, "Buy API: acme/a, acme/b from 5 B tokens, acme/a from 7.5 B "
                                       "tokens, acme/b from 10 B tokens, and so on (curve.csv). "
                                       "Same weights: together/llama-3.3-70b-instruct-turbo. This "
                                       "build: option 0; option 1 from 5 B tokens; option 2 from "
                                       "7.5 B tokens; option 0 from 10 B tokens, and so on "
                                       "(curve.csv). 45.7 k"));
    free(text);
    fix_fini(&f);
}
END_TEST

/* c = 0.214 and its error 0.031 over the root of 40, in percent: 3.38, and 1.96 times 0.49. */
START_TEST(fleets_that_are_not_simulated_are_told_with_the_square_root_law)
{
    struct fix f = fix_points_at((double[]){ 1, 2, 3 }, 3, 1);
    struct xo_ladder *l = f.curve->ladders;
    for (int i = 0; i < 2; i++) {
        l->pooling = 0.214;
        l->pooling_se = 0.031;
        l->rungs[l->n_rungs - 1].interpolated = i == 1;
        char *text = answer_words(printed(print_curve, f.curve, XO_FORMAT_TABLE));
        ck_assert((strstr(text, "Fleets above 40 replicas are not simulated: by the square-root "
                                "law each replica of theirs serves up to 3.4 % more than one of 40 "
                                "(+- 1.0). ") != NULL) == (i == 1));
        free(text);
    }
    fix_fini(&f);
}
END_TEST

/* ---- the page of a run ---- */

static struct xo_run run_told(struct fix *f)
{
    struct xo_run r = fix_run(f);
    struct xo_bill *bills[] = { &r.bills[XO_WAY_BUY], &r.bills[XO_WAY_SAME], &r.sized->bill };
    for (int side = 0; side < 3; side++) {
        bills[side]->n_items = 0;
        fix_item(bills[side], XO_BILL_TOKENS, "tokens", side == 2 ? 0 : 1234.75 + side);
        fix_item(bills[side], XO_BILL_GPUS, "GPUs", side == 2 ? 7654.25 : 0);
        fix_item(bills[side], XO_BILL_PEOPLE, "people", 100 * (side + 1) + 0.126);
    }
    bills[2]->items[0].group = XO_BILL_POWER;
    *r.sized = (struct xo_sized){ .feasible = true,
                                  .serving_replicas = 3,
                                  .headroom_replicas = 1,
                                  .spare_replicas = 2,
                                  .n_gpus = 12,
                                  .settled = true,
                                  .load_frac = 0.314,
                                  .week_busy_frac = 0.42,
                                  .bill = *bills[2] };
    r.metrics = (struct xo_point_metrics){ .ttft_p50_s = 0.201,
                                           .ttft_p95_s = 0.302,
                                           .ttft_p99_s = 0.403,
                                           .tpot_p50_s = 0.0151,
                                           .tpot_p95_s = 0.0252,
                                           .tpot_p99_s = 0.0353,
                                           .e2e_p50_s = 5.11,
                                           .e2e_p95_s = 6.22,
                                           .e2e_p99_s = 7.33,
                                           .attained_frac = { { 0.9876, 1 } },
                                           .busy_frac = 0.77,
                                           .batch_mean = 12.34,
                                           .kv_mean_frac = 0.21,
                                           .kv_peak_frac = 0.43,
                                           .mbu_frac = 0.39,
                                           .mfu_frac = 0.07,
                                           .prefill_frac = 0.09,
                                           .decode_frac = 0.71,
                                           .idle_frac = 0.2,
                                           .preemptions_per_request = 0.0127 };
    r.capacity_below[0] = (struct xo_capacity){
        .n_replicas = 2, .volume = 2e6, .volume_lo = 1.9e6, .volume_hi = 2.2e6
    };
    r.capacity[0] = (struct xo_capacity){
        .n_replicas = 3, .volume = 3e6, .volume_lo = 2.8e6, .volume_hi = 3.3e6
    };
    r.capacity_above[0] = (struct xo_capacity){
        .n_replicas = 4, .volume = 4e6, .volume_lo = 3.7e6, .volume_hi = 4.4e6
    };
    xo_text_copy(f->scenario->same_model[0].tariff.name, XO_COST_NAME_SIZE, "host/tiny");
    return r;
}

START_TEST(the_page_of_a_run_to_the_letter)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    char *text = printed(print_run, &r, XO_FORMAT_TABLE);
    ck_assert_str_eq(
        text, "Support bot, 50,000 conversations a day         DRAFT: 11 values are guesses (?)\n"
              "A request: 2,000 tokens in (1,200 cached), 500 out. Prices of 2026-07-02 to\n"
              "2026-11-22.\n"
              "1.52 M requests, 3.8 B tokens a month; the busiest hour is 2.6 times the mean\n"
              "\n"
              "This build: 2 x h100-sxm, fp8\n"
              "  3 serving replicas, 1 headroom, 2 spare: 12 GPUs\n"
              "  36.3 GB of weights a GPU; KV room 229,744 tokens, requests up to 131,072\n"
              "  steps of up to 8,192 tokens and 1,024 sequences: vLLM's own from 70 GiB on\n"
              "  load* 31 %; a batch runs 42 % of the week, 77 % of the busiest hour\n"
              "  2 replicas: 2 M requests a month (1.9 M to 2.2 M)\n"
              "  3 replicas: 3 M requests a month (2.8 M to 3.3 M)  <- this fleet\n"
              "  4 replicas: 4 M requests a month (3.7 M to 4.4 M)\n"
              "Step times are typically within 10 % (in range: GPU, model and engine were\n"
              "measured).\n"
              "In the busiest hour:   p50       p95       p99\n"
              "  TTFT      201 ms    302 ms    403 ms\n"
              "  TPOT     15.1 ms   25.2 ms   35.3 ms\n"
              "  E2E       5.11 s    6.22 s    7.33 s\n"
              "  TTFT p95 <= 2 s: met by 98.76 %\n"
              "  TPOT p95 <= 50 ms: met by 100 %\n"
              "  while a batch runs: 12.3 requests in it, KV 21 % (peak 43 %), preempted 0.013\n"
              "  of all time: prompts in the step 9 %, decoding alone 71 %, idle 20 %\n"
              "  over all time: MBU 39 %, MFU 7 %\n"
              "* mean work / what these GPUs could do around the clock within the SLO. A batch\n"
              "runs: share of a serving replica's time.\n"
              "\n"
              "USD a month                  buy API    buy same weights          this build\n"
              "                             openai/               host/\n"
              "                         gpt-6.2-sol                tiny   2 x h100-sxm, fp8\n"
              "  tokens                      $1,235              $1,236                   -\n"
              "  GPUs                             -                   -              $7,654\n"
              "  people                        $100                $200                $300\n"
              "  total                       $1,335              $1,436              $7,954\n"
              "\n"
              "buy API: openai/gpt-6.2-sol\n"
              "  tokens                                                               $1,234.75\n"
              "  GPUs                                                                     $0.00\n"
              "  people                                                                 $100.13\n"
              "  total                                                                $1,334.88\n"
              "\n"
              "buy same weights: host/tiny\n"
              "  tokens                                                               $1,235.75\n"
              "  GPUs                                                                     $0.00\n"
              "  people                                                                 $200.13\n"
              "  total                                                                $1,435.88\n"
              "\n"
              "this build: 2 x h100-sxm, fp8\n"
              "  tokens                                                                   $0.00\n"
              "  GPUs                                                                 $7,654.25\n"
              "  people                                                                 $300.13\n"
              "  total                                                                $7,954.38\n");
    free(text);
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

static void ck_run_says(const struct xo_run *r, const char *words)
{
    char *text = answer_words(printed(print_run, r, XO_FORMAT_TABLE));
    ck_assert_msg(strstr(text, words) != NULL, "not said: %s\nin: %s", words, text);
    free(text);
}

static void ck_run_silent(const struct xo_run *r, const char *words)
{
    char *text = answer_words(printed(print_run, r, XO_FORMAT_TABLE));
    ck_assert_msg(strstr(text, words) == NULL, "said: %s\nin: %s", words, text);
    free(text);
}

START_TEST(a_fleet_of_one_is_told_in_the_singular)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    r.sized->serving_replicas = r.sized->n_gpus = 1;
    r.sized->settled = false;
    r.capacity_below[0].n_replicas = 0;
    r.capacity[0].n_replicas = 1;
    r.capacity_above[0].volume = NAN;
    ck_run_says(&r, "1 serving replica, 1 headroom, 2 spare: 1 GPU 36.3 GB of weights a GPU;");
    ck_run_says(&r, "busiest hour 1 replica: 3 M requests a month (2.8 M to 3.3 M) <- not settled "
                    "Step times");
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

START_TEST(how_even_the_hours_are_is_told)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    r.peak_factor = 1.0049;
    ck_run_says(&r, "3.8 B tokens a month; every hour is alike ");
    r.peak_factor = 1.0051;
    ck_run_silent(&r, "every hour is alike");
    r.peak_factor = 1.34;
    ck_run_says(&r, "3.8 B tokens a month; the busiest hour is 1.3 times the mean ");
    r.requests = NAN;
    ck_run_silent(&r, "tokens a month; ");
    f.scenario->slo_window = XO_SLO_MONTH;
    ck_run_says(&r, "77 % of the month simulated");
    ck_run_says(&r, "In the month: p50 p95 p99 TTFT");
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

START_TEST(the_share_that_met_a_target_is_never_rounded_to_all)
{
    static const struct {
        double met;
        const char *said;
    } cases[] = { { 1, "<= 2 s: met by 100 % TPOT" },
                  { 0.99996, "<= 2 s: met by over 99.99 % TPOT" },
                  { 0.99994, "<= 2 s: met by 99.99 % TPOT" },
                  { 0.5, "<= 2 s: met by 50.00 % TPOT" },
                  { NAN, "<= 2 s: - (no request has it) TPOT" } };
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    for (int i = 0; i < COUNT(cases); i++) {
        r.metrics.attained_frac[0][0] = cases[i].met;
        ck_run_says(&r, cases[i].said);
    }
    f.scenario->workload.n_classes = 2;
    f.scenario->workload.classes[1] = f.scenario->workload.classes[0];
    f.scenario->slo[1] = f.scenario->slo[0];
    xo_text_copy(f.scenario->workload.classes[1].name, XO_NAME_SIZE, "hard");
    r.metrics.attained_frac[0][0] = 0.97;
    r.metrics.attained_frac[1][0] = 0.98;
    r.metrics.attained_frac[1][1] = 0.99;
    ck_run_says(&r, "TTFT p95 <= 2 s: met by 97.00 % of easy TPOT p95 <= 50 ms: met by 100 % of "
                    "easy TTFT p95 <= 2 s: met by 98.00 % of hard TPOT p95 <= 50 ms: met by 99.00 "
                    "% of hard while");
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

/* A load is said to the percent; none that is more than nothing is 0 %, none below all is 100 %. */
START_TEST(a_load_is_said_to_the_percent)
{
    static const struct {
        double load;
        const char *said;
    } cases[] = { { 0, " load* 0 %; " },        { 0.0049, " load* <1 %; " },
                  { 0.005, " load* <1 %; " },   { 0.0051, " load* 1 %; " },
                  { 0.0949, " load* 9 %; " },   { 0.0951, " load* 10 %; " },
                  { 0.9949, " load* 99 %; " },  { 0.995, " load* >99 %; " },
                  { 0.9999, " load* >99 %; " }, { 1, " load* 100 %; " },
                  { NAN, " load* -; " } };
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    for (int i = 0; i < COUNT(cases); i++) {
        r.sized->load_frac = cases[i].load;
        ck_run_says(&r, cases[i].said);
    }
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

START_TEST(load_above_busy_time_is_explained)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    r.sized->load_frac = r.sized->week_busy_frac;
    ck_run_silent(&r, "Load is the higher");
    r.sized->load_frac = 0.4201;
    ck_run_says(&r, "Load is the higher of the two because the SLO is missed long before these "
                    "GPUs are busy all the time.");
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

START_TEST(the_busiest_minute_above_the_limits_has_its_figures)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    ck_run_silent(&r, "The busiest minute");
    r.limited[XO_WAY_BUY] = true;
    r.busiest_minute_requests = 6120;
    r.busiest_minute_tokens = 1.53e6;
    ck_run_says(&r, "The busiest minute (6.1 k requests, 1.5 M tokens) is above the API's rate "
                    "limits; its bill takes a higher limit for granted.");
    r.buy_unserved = (struct xo_unserved){ .frac = 0.0731, .class_frac = { 0.0731 } };
    ck_run_silent(&r, "The busiest minute");
    ck_run_says(&r, "openai/gpt-6.2-sol refuses 7.31 % of the requests, longer than all that it "
                    "takes: ");
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

START_TEST(a_fixed_fleet_that_is_late_shows_what_it_does)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    r.sized->feasible = false;
    r.best = -1;
    r.offered_frac = 0.8;
    ck_run_says(&r, "2 x h100-sxm, fp8: the fleet does not carry this volume within the SLO. This "
                    "build: 2 x h100-sxm, fp8 3 serving replicas, 1 headroom, 2 spare: 12 GPUs "
                    "36.3 GB of weights a GPU; KV room 229,744 tokens, requests up to 131,072 "
                    "steps of up to 8,192 tokens and 1,024 sequences: vLLM's own from 70 GiB on 2 "
                    "replicas: 2 M requests a month (1.9 M to 2.2 M) 3 replicas: 3 M requests a "
                    "month (2.8 M to 3.3 M) <- this fleet 4 replicas: 4 M requests a month (3.7 M "
                    "to 4.4 M) Step times");
    ck_run_says(&r, "In the busiest hour: p50 p95 p99 TTFT 201 ms");
    ck_run_says(&r, "openai/ host/ gpt-6.2-sol tiny not feasible");
    struct xo_tally *tally = r.tally;
    r.tally = NULL;
    r.offered_frac = 1.26;
    ck_run_says(&r, "In the busiest hour requests arrive at 126 % of the rate that this fleet can "
                    "serve at most, with full batches and however late: the queue and the "
                    "latencies grow as long as that hour lasts.");
    ck_run_silent(&r, "In the busiest hour: p50");
    r.observed = -1;
    ck_run_says(&r, "within the SLO. 3 replicas: 3 M requests a month (2.8 M to 3.3 M) USD");
    r.infeasible[0] = (struct xo_infeasible){ .holds = true, .lone_s = 3.41, .n_missed = 1 };
    ck_run_says(&r, "No fleet of 2 x h100-sxm, fp8 meets TTFT p95 <= 2 s: a lone request already "
                    "takes 3.4 s");
    r.tally = tally;
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

/* 60 requests and 12,300 tokens finished in 40 s over both classes. */
START_TEST(a_closed_loop_is_told_by_its_throughput)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    free(r.tally->classes);
    r.tally->classes = calloc(2, sizeof *r.tally->classes);
    r.tally->n_classes = 2;
    r.tally->classes[0].n_finished = 20;
    r.tally->classes[1].n_finished = 40;
    r.tally->classes[0].output_tokens = 2300;
    r.tally->classes[1].output_tokens = 10000;
    r.tally->window_s = 40;
    r.requests = NAN;
    f.scenario->workload.n_clients = 7;
    ck_run_says(&r,
                "This build: 2 x h100-sxm, fp8; 3 replicas, 12 GPUs, 7 clients in a closed "
                "loop 1.5 requests/s, 308 output tokens/s over 60 requests, steady state "
                "36.3 GB of weights a GPU; KV room 229,744 tokens, requests up to 131,072 "
                "steps of up to 8,192 tokens and 1,024 sequences: vLLM's own from 70 GiB on With "
                "all waiting: p50 p95 p99 TTFT 201 ms");
    ck_run_says(&r, "A closed loop has no volume: no bills. Give workload.volume for those.");
    ck_run_silent(&r, "USD a month");
    f.scenario->workload.n_clients = r.sized->serving_replicas = r.sized->n_gpus = 1;
    f.scenario->benchmark_requests = 60;
    ck_run_says(&r, "fp8; 1 replica, 1 GPU, 1 client in a closed loop");
    ck_run_says(&r, "over 60 requests, benchmark 36.3 GB of weights");
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

/* To the cent; less than ten cents with two digits; sums that items as shown miss say so: 0.334 and
 * 0.334 are 0.33 and 0.33, and 0.67. */
START_TEST(the_items_of_a_bill_are_shown_to_the_cent)
{
    static const struct {
        double usd;
        const char *shown;
    } cases[] = { { 0, " a $0.00 " },
                  { 0.0042, " a $0.0042 " },
                  { 0.126, " a $0.13 " },
                  { 9.994, " a $9.99 " },
                  { 9.996, " a $10.00 " },
                  { 1234.567, " a $1,234.57 " },
                  { -1234.567, " a -$1,234.57 " },
                  { 123456789012.3, " a $123,456,789,012 " } };
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    for (int i = 0; i < COUNT(cases); i++) {
        r.bills[XO_WAY_BUY].n_items = 0;
        fix_item(&r.bills[XO_WAY_BUY], XO_BILL_TOKENS, "a", cases[i].usd);
        ck_run_says(&r, cases[i].shown);
        ck_run_silent(&r, "rounded for display");
    }
    r.bills[XO_WAY_BUY].n_items = 0;
    fix_item(&r.bills[XO_WAY_BUY], XO_BILL_TOKENS, "a", 0.334);
    fix_item(&r.bills[XO_WAY_BUY], XO_BILL_TOKENS, "b", 0.334);
    ck_run_says(&r, " a $0.33 b $0.33 total (items are rounded for display) $0.67 ");
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

START_TEST(a_side_that_is_not_there_has_no_column)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    r.usd[XO_WAY_BUY] = r.usd[XO_WAY_SAME] = NAN;
    ck_run_says(&r, "this build none no host known 2 x h100-sxm, fp8 GPUs - - $7,654 people - - "
                    "$300 total - - $7,954 this build: 2 x h100-sxm, fp8");
    r.usd[XO_WAY_BUY] = 1; /* the one provider's name is parted all the same */
    ck_run_says(&r, "this build openai/ gpt-6.2-sol no host known 2 x h100-sxm, fp8 tokens");
    f.scenario->n_options = r.n_options = 0;
    r.usd[XO_WAY_BUY] = NAN;
    r.best = r.observed = -1;
    ck_run_says(&r, "this build none none none total - - -");
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

/* 59 characters of a label and an ellipsis. */
START_TEST(a_long_label_of_a_side_is_cut)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    char *label = f.scenario->options[0].label;
    memset(label, 'x', 70);
    label[70] = '\0';
    char *text = printed(print_run, &r, XO_FORMAT_TABLE);
    const char *items = strstr(text, "\nthis build: ") + strlen("\nthis build: ");
    ck_assert_uint_eq(strspn(items, "x"), 59);
    ck_assert_int_eq(strncmp(items + 59, "\xE2\x80\xA6\n", 4), 0);
    free(text);
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

/* A label wider than its 62 columns is broken behind a colon or a comma alone. */
START_TEST(a_long_label_of_an_item_is_broken_between_its_parts)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = run_told(&f);
    r.bills[XO_WAY_BUY].n_items = 0;
    fix_item(&r.bills[XO_WAY_BUY], XO_BILL_TOKENS,
             "cached input, kept for five minutes: 123 M tokens at $0.10 a million", 12.34);
    char *text = printed(print_run, &r, XO_FORMAT_TABLE);
    ck_assert_ptr_nonnull(strstr(text, "\n  cached input, kept for five minutes:\n"
                                       "    123 M tokens at $0.10 a million  "));
    free(text);
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

/* ---- the ledger: which effect counts for which side ---- */

static void ck_ledger(const struct fix *f, const char *effect, const char *sides, const char *buy,
                      const char *build)
{
    char *text = printed(print_curve, f->curve, XO_FORMAT_JSON);
    json_t *root = json_loads(text, 0, NULL), *row = NULL;
    const json_t *ledger = json_object_get(root, "ledger");
    for (size_t i = 0; i < json_array_size(ledger); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(ledger, i), "effect")),
                   effect) == 0)
            row = json_array_get(ledger, i);
    ck_assert_ptr_nonnull(row);
    ck_assert_str_eq(json_string_value(json_object_get(row, "sides")), sides);
    ck_assert_str_eq(json_string_value(json_object_get(row, "buy")), buy);
    ck_assert_str_eq(json_string_value(json_object_get(row, "build")), build);
    json_decref(root);
    free(text);
}

START_TEST(the_ledger_of_the_work_itself)
{
    struct fix f = fix_new(&fix_support);
    struct xo_scenario *s = f.scenario;
    struct xo_tariff *t = &s->apis[0].tariff;
    ck_ledger(&f, "SLO", "build only", "taken as met: API latency is not measured",
              "simulated, busiest hour");
    s->slo_window = XO_SLO_MONTH;
    ck_ledger(&f, "SLO", "build only", "taken as met: API latency is not measured",
              "simulated, whole month");
    s->slo[0].n_targets = 0;
    ck_ledger(&f, "SLO", "neither", "no target", "not every class has a target");
    t->cache = (struct xo_cache_rules){ .ttl_s = 300, .extended_ttl_s = 3600 };
    ck_ledger(&f, "prefix cache", "both", "cached input at its own price, kept 5 min or 1 h",
              "resident, prefill skipped");
    t->cache.extended_ttl_s = 0;
    ck_ledger(&f, "prefix cache", "both", "cached input at its own price, kept 5 min",
              "resident, prefill skipped");
    t->cache.ttl_s = 0;
    ck_ledger(&f, "prefix cache", "both", "cached input at its own price",
              "resident, prefill skipped");
    t->cached_input = NAN;
    ck_ledger(&f, "prefix cache", "build only", "no cached price in the tariff",
              "resident, prefill skipped");
    s->apis[0].caching_unknown = true;
    ck_ledger(&f, "prefix cache", "build only", "cached price not known: full price",
              "resident, prefill skipped");
    s->workload.classes[0].shared_prefix_tokens = 0;
    ck_ledger(&f, "prefix cache", "neither", "no shared prefix", "no shared prefix");
    ck_ledger(&f, "retries", "both", "3 % more calls billed", "3 % more calls served");
    s->retries_frac = 0;
    ck_ledger(&f, "retries", "neither", "none", "none");
    ck_ledger(&f, "batch work", "neither", "no batch work", "no batch work");
    s->class_batch_frac[0] = 0.25;
    t->services[XO_SERVICE_BATCH].off_frac = 0.5;
    ck_ledger(&f, "batch work", "buy only", "50 % off the batch share",
              "served when it arrives, not moved to idle hours");
    t->services[XO_SERVICE_BATCH].off_frac = 0;
    ck_ledger(&f, "batch work", "neither", "none",
              "served when it arrives, not moved to idle hours");
    fix_fini(&f);
}
END_TEST

START_TEST(the_ledger_of_what_is_paid_beside_it)
{
    struct fix f = fix_new(&fix_support);
    struct xo_scenario *s = f.scenario;
    struct xo_build_terms *terms = &s->options[0].terms;
    ck_ledger(&f, "redundancy", "both", "the provider's, inside its price",
              "1 spare, 20 % headroom");
    s->spare_replicas = 0;
    ck_ledger(&f, "redundancy", "both", "the provider's, inside its price",
              "0 spare, 20 % headroom");
    s->headroom_frac = 0;
    ck_ledger(&f, "redundancy", "buy only", "the provider's, inside its price",
              "0 spare, 0 % headroom");
    s->spare_replicas = 2;
    ck_ledger(&f, "redundancy", "both", "the provider's, inside its price",
              "2 spare, 0 % headroom");
    ck_ledger(&f, "staff", "both", "0.1 FTE", "1 FTE, 1.5 FTE above 16 GPUs, 3 FTE above 64 GPUs");
    terms->staff.scale = 2;
    s->buy.staff.scale = 0;
    ck_ledger(&f, "staff", "build only", "nobody",
              "2 FTE, 3 FTE above 16 GPUs, 6 FTE above 64 GPUs");
    terms->one_off_usd = 60000;
    ck_ledger(&f, "one-off cost", "build only", "$0", "$60,000");
    s->buy.one_off_usd = 123;
    terms->one_off_usd = 0;
    ck_ledger(&f, "one-off cost", "buy only", "$123", "$0");
    s->buy.contingency_frac = 0.05;
    terms->contingency_frac = 0.1;
    ck_ledger(&f, "contingency", "both", "5 % on the bill", "10 % on the bill");
    s->buy.contingency_frac = 0;
    ck_ledger(&f, "contingency", "build only", "none", "10 % on the bill");
    ck_ledger(&f, "discount", "neither", "none", "whatever build.rent says");
    s->apis[0].tariff.n_tiers = 1;
    ck_ledger(&f, "discount", "buy only", "volume tiers of the tariff", "whatever build.rent says");
    s->buy.discount_frac = 0.125;
    ck_ledger(&f, "discount", "buy only", "12.5 % off the list", "whatever build.rent says");
    ck_ledger(&f, "price change", "neither", "prices stay as typed", "prices stay as typed");
    fix_fini(&f);
}
END_TEST

/* ---- data step ---- */

/* The fields of a step of the scenario, read back as the rooms below say them. */
struct step {
    struct xo_scenario *scenario; /* owned */
    struct xo_step_question question;
    struct xo_step_parts parts;
    struct xo_gpu_weights weights;
    struct xo_kv_room kv;
};

static bool print_step(FILE *out, const void *what, enum xo_format format, struct xo_error *err)
{
    const struct step *s = what;
    return xo_step_print(out, s->scenario, &s->question, format, err);
}

static struct step step_of(int64_t n_decode, int64_t kv, int64_t prefill, int64_t reread)
{
    struct step s = { .question = { n_decode, kv, prefill, reread } };
    struct xo_problems problems = { 0 };
    ck_assert(xo_scenario_read(&s.scenario, XO_SOURCE_DIR "/scenarios/support.ini",
                               &(struct xo_scenario_options){ 0 }, &problems));
    xo_problems_fini(&problems);
    const struct xo_deployment *d = &s.scenario->options[0].deployment;
    const struct xo_batch batch = xo_batch_of_alike(&d->model, (int)n_decode, kv, prefill, reread);
    ck_assert(xo_kv_room(d, &s.kv, NULL) && xo_gpu_weights(d, &s.weights, NULL) &&
              xo_step_parts_at(d, &batch, &s.parts, NULL));
    return s;
}

static const char *const part_keys[] = {
    "step", "layers",           "moe_layers",       "sequences",       "head",        "projections",
    "mlp",  "router",           "experts",          "elementwise",     "all_reduces", "dispatches",
    "hops", "decode_attention", "window_attention", "prompt_attention"
};

START_TEST(each_part_of_a_step_stands_under_its_name)
{
    struct step s = step_of(7, 12345, 500, 100);
    char *text = printed(print_step, &s, XO_FORMAT_JSON), path[80];
    struct answer a = { .json = json_loads(text, 0, NULL), .errors = (char[]){ "" } };
    answer_ck_near(&a, "n_decode", 7, 0);
    answer_ck_near(&a, "kv_tokens", 12345, 0);
    answer_ck_near(&a, "prefill_tokens", 500, 0);
    answer_ck_near(&a, "reread_tokens", 100, 0);
    answer_ck_near(&a, "options[0].gpus", 2, 0);
    ck_assert_str_eq(answer_string(&a, "options[0].option"), "2 x h100-sxm, fp8");
    for (int i = 0; i < COUNT(part_keys); i++) {
        const struct xo_part_time *p = &s.parts.parts[i];
        snprintf(path, sizeof path, "options[0].parts[%d].part", i);
        ck_assert_str_eq(answer_string(&a, path), part_keys[i]);
        snprintf(path, sizeof path, "options[0].parts[%d].memory_s", i);
        answer_ck_near(&a, path, p->memory_s, 1e-15);
        snprintf(path, sizeof path, "options[0].parts[%d].compute_s", i);
        answer_ck_near(&a, path, p->compute_s, 1e-15);
        snprintf(path, sizeof path, "options[0].parts[%d].seconds", i);
        answer_ck_near(&a, path, p->seconds, 1e-15);
    }
    answer_ck_near(&a, "options[0].total_s", s.parts.total_s, 1e-15);
    answer_ck_near(&a, "options[0].gpu_weight_bytes.attention", s.weights.attention_bytes, 1e-15);
    answer_ck_near(&a, "options[0].gpu_weight_bytes.mlp", s.weights.mlp_bytes, 1e-15);
    answer_ck_near(&a, "options[0].gpu_weight_bytes.experts", s.weights.expert_bytes, 1e-15);
    answer_ck_near(&a, "options[0].gpu_weight_bytes.router", s.weights.router_bytes, 1e-15);
    answer_ck_near(&a, "options[0].gpu_weight_bytes.norms", s.weights.norm_bytes, 1e-15);
    answer_ck_near(&a, "options[0].gpu_weight_bytes.embedding", s.weights.embedding_bytes, 1e-15);
    answer_ck_near(&a, "options[0].gpu_weight_bytes.head", s.weights.head_bytes, 1e-15);
    answer_ck_near(&a, "options[0].gpu_weight_bytes.total", s.weights.total_bytes, 1e-15);
    answer_ck_near(&a, "options[0].kv.room_bytes", (double)s.kv.room_bytes, 1e-15);
    answer_ck_near(&a, "options[0].kv.block_tokens", 16, 0);
    answer_ck_near(&a, "options[0].kv.full_block_bytes", (double)s.kv.full_block_bytes, 0);
    answer_ck_near(&a, "options[0].kv.window_block_bytes", (double)s.kv.window_block_bytes, 0);
    answer_ck_near(&a, "options[0].kv.state_bytes", (double)s.kv.state_bytes, 0);
    json_decref(a.json);
    free(text);
    xo_scenario_free(s.scenario);
}
END_TEST

/* A row of the CSV: its four figures, NAN where a cell is empty. */
static void read_csv_row(const char *text, const char *kind, const char *name, double figures[4])
{
    char key[80];
    snprintf(key, sizeof key, "\"2 x h100-sxm, fp8\",%s,%s,", kind, name);
    const char *at = strstr(text, key);
    ck_assert_msg(at != NULL, "no row %s", key);
    at += strlen(key);
    for (int i = 0; i < 4; i++, at += strcspn(at, ",\r") + 1)
        figures[i] = *at == ',' || *at == '\r' ? (double)NAN : atof(at);
}

static void ck_csv_row(const char *text, const char *kind, const char *name, double memory,
                       double compute, double seconds, double bytes)
{
    const double right[4] = { memory, compute, seconds, bytes };
    double found[4];
    read_csv_row(text, kind, name, found);
    for (int i = 0; i < 4; i++)
        ck_assert_msg(isnan(right[i]) ? isnan(found[i])
                                      : fabs(found[i] - right[i]) <= 1e-14 * right[i],
                      "%s %s: figure %d is %g, not %g", kind, name, i, found[i], right[i]);
}

START_TEST(a_step_in_csv_has_a_row_a_part)
{
    struct step s = step_of(7, 12345, 500, 100);
    char *text = printed(print_step, &s, XO_FORMAT_CSV);
    ck_assert_int_eq(strncmp(text, "option,kind,name,memory_s,compute_s,seconds,bytes\r\n", 51), 0);
    for (int i = 0; i < COUNT(part_keys); i++) {
        const struct xo_part_time *p = &s.parts.parts[i];
        ck_csv_row(text, "time", part_keys[i], p->memory_s, p->compute_s, p->seconds, NAN);
    }
    ck_csv_row(text, "time", "total", NAN, NAN, s.parts.total_s, NAN);
    ck_csv_row(text, "weights", "attention", NAN, NAN, NAN, s.weights.attention_bytes);
    ck_csv_row(text, "weights", "mlp", NAN, NAN, NAN, s.weights.mlp_bytes);
    ck_csv_row(text, "weights", "norms", NAN, NAN, NAN, s.weights.norm_bytes);
    ck_csv_row(text, "weights", "embedding", NAN, NAN, NAN, s.weights.embedding_bytes);
    ck_csv_row(text, "weights", "head", NAN, NAN, NAN, s.weights.head_bytes);
    ck_csv_row(text, "weights", "total", NAN, NAN, NAN, s.weights.total_bytes);
    ck_csv_row(text, "kv", "room", NAN, NAN, NAN, (double)s.kv.room_bytes);
    ck_csv_row(text, "kv", "full_block", NAN, NAN, NAN, (double)s.kv.full_block_bytes);
    ck_csv_row(text, "kv", "window_block", NAN, NAN, NAN, (double)s.kv.window_block_bytes);
    ck_csv_row(text, "kv", "state", NAN, NAN, NAN, (double)s.kv.state_bytes);
    free(text);
    xo_scenario_free(s.scenario);
}
END_TEST

/* The last number of the line that begins with `name`. */
static double shown_at(const char *text, const char *name)
{
    const char *line = strstr(text, name), *end = strchr(line + 1, '\n');
    while (end[-1] != ' ')
        end--;
    return atof(end);
}

/* Microseconds and megabytes with three digits behind the point: rounded so that the parts that are
 * shown add up to the total that is shown. */
START_TEST(a_step_on_the_terminal_adds_up)
{
    static const char *const parts[] = { "\n  host, a step ",          "\n  host, a layer ",
                                         "\n  host, a sequence ",      "\n  LM head ",
                                         "\n  attention projections ", "\n  MLP ",
                                         "\n  elementwise kernels ",   "\n  all-reduces ",
                                         "\n  decode attention ",      "\n  prompt attention " };
    static const char *const weights[] = { "\n  attention  ", "\n  mlp ", "\n  norms ",
                                           "\n  embedding ", "\n  head " };
    struct step s = step_of(7, 12345, 500, 100);
    char *text = printed(print_step, &s, XO_FORMAT_TABLE);
    double us = 0, mb = 0;
    ck_assert_int_eq(strncmp(text,
                             "One step: 7 decoding sequences attending to 12,345 tokens in all and "
                             "500 prompt\ntokens after 100.\n\n2 x h100-sxm, fp8: 2 GPUs a "
                             "replica\n",
                             132),
                     0);
    for (int i = 0; i < COUNT(parts); i++)
        us += shown_at(text, parts[i]);
    for (int i = 0; i < COUNT(weights); i++)
        mb += shown_at(text, weights[i]);
    ck_assert_double_eq_tol(us, shown_at(text, "\n  step "), 1e-6);
    ck_assert_double_eq_tol(us, 1e6 * s.parts.total_s, 0.0006);
    ck_assert_double_eq_tol(mb, shown_at(text, "\n  total "), 1e-6);
    ck_assert_double_eq_tol(mb, s.weights.total_bytes / 1e6, 0.0006);
    ck_assert_double_eq_tol(shown_at(text, "\n  MLP "), 1e6 * s.parts.parts[6].seconds, 0.0011);
    ck_assert_double_eq_tol(shown_at(text, "\n  mlp "), s.weights.mlp_bytes / 1e6, 0.0011);
    double memory_us, compute_us, both_us;
    ck_assert_int_eq(sscanf(strstr(text, "\n  MLP ") + strlen("\n  MLP "), "%lf %lf %lf",
                            &memory_us, &compute_us, &both_us),
                     3);
    ck_assert_double_eq_tol(memory_us, 1e6 * s.parts.parts[6].memory_s, 0.0006);
    ck_assert_double_eq_tol(compute_us, 1e6 * s.parts.parts[6].compute_s, 0.0006);
    const char *line = strstr(text, "  microseconds"); /* columns of 24 and three times 15 */
    for (; strncmp(line, "  KV room", 9) != 0; line = strchr(line, '\n') + 1)
        if (strstr(line, "megabytes of") != line + 2)
            ck_assert_uint_eq(strcspn(line, "\n"), 24 + 3 * 15);
    char room[120];
    snprintf(room, sizeof room,
             "  KV room of a replica: %.4g GB in blocks of 16 tokens: %lld "
             "bytes\n",
             (double)s.kv.room_bytes / 1e9, (long long)s.kv.full_block_bytes);
    ck_assert_ptr_nonnull(strstr(text, room));
    free(text);
    s.question = (struct xo_step_question){ 0, 0, 500, 0 };
    text = printed(print_step, &s, XO_FORMAT_TABLE);
    ck_assert_int_eq(strncmp(text, "One step: 500 prompt tokens.\n", 29), 0);
    free(text);
    s.question = (struct xo_step_question){ 1, 30, 0, 0 };
    text = printed(print_step, &s, XO_FORMAT_TABLE);
    ck_assert_int_eq(
        strncmp(text, "One step: 1 decoding sequence attending to 30 tokens in all.\n", 61), 0);
    free(text);
    xo_scenario_free(s.scenario);
}
END_TEST

/* A window and the choice of an indexer are cut contexts, on one line. */
START_TEST(a_step_has_a_line_for_attention_to_a_window_or_choice)
{
    struct step s = step_of(7, 12345, 0, 0);
    struct xo_deployment *d = &s.scenario->options[0].deployment;
    char *whole = printed(print_step, &s, XO_FORMAT_TABLE);
    ck_assert_ptr_null(strstr(whole, "of a window or choice"));
    free(whole);
    d->model.index_top_k = 512; /* in all layers */
    d->model.index_heads = d->model.index_dim = 64;
    const struct xo_batch batch = xo_batch_of_alike(&d->model, 7, 12345, 0, 0);
    ck_assert(xo_step_parts_at(d, &batch, &s.parts, NULL));
    char *text = printed(print_step, &s, XO_FORMAT_TABLE);
    ck_assert_double_eq_tol(shown_at(text, "\n  of a window or choice "),
                            1e6 * s.parts.parts[XO_PART_WINDOW_ATTENTION].seconds, 0.0011);
    free(text);
    xo_scenario_free(s.scenario);
}
END_TEST

/* build.chunk of 100 tokens and build.max_batch of 30 sequences. */
START_TEST(a_step_that_the_engine_never_takes_is_refused)
{
    static const struct {
        int64_t n_decode, prefill, chunk;
        int max_batch;
        bool is;
    } cases[] = { { 30, 70, 100, 30, true },   { 31, 0, 100, 30, false },
                  { 30, 71, 100, 30, false },  { 100, 0, 100, 200, true },
                  { 101, 0, 100, 200, false }, { 0, 100, 100, 30, true } };
    struct step s = step_of(1, 1, 0, 0);
    for (int i = 0; i < COUNT(cases); i++) {
        FILE *out = fopen("/dev/null", "w");
        struct xo_error err = { 0 };
        struct xo_deployment *d = &s.scenario->options[0].deployment;
        d->chunk_tokens = (int)cases[i].chunk;
        d->max_batch = cases[i].max_batch;
        s.question = (struct xo_step_question){ cases[i].n_decode, 10 * cases[i].n_decode,
                                                cases[i].prefill, 0 };
        ck_assert_msg(print_step(out, &s, XO_FORMAT_CSV, &err) == cases[i].is, "case %d: %s", i,
                      err.text);
        ck_assert_int_eq(err.kind, cases[i].is ? XO_OK : XO_ERR_INPUT);
        fclose(out);
    }
    xo_scenario_free(s.scenario);
}
END_TEST

int main(void)
{
    xo_catalog_builtin(); /* once, before the tests fork */
    Suite *suite = suite_create("pages");
    TCase *tc = tcase_create("tables");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_table_of_a_curve_to_the_letter);
    tcase_add_test(tc, the_marks_of_a_row_follow_plan_crossings_and_verdict);
    tcase_add_test(tc, rows_split_the_widest_gaps_at_round_volumes);
    tcase_add_test(tc, a_volume_within_a_thousandth_of_a_round_one_is_round);
    tcase_add_test(tc, the_first_two_crossings_and_the_last_have_rows);
    tcase_add_test(tc, what_stands_below_the_table_of_a_curve);
    tcase_add_test(tc, fleets_that_are_not_simulated_are_told_with_the_square_root_law);
    tcase_add_test(tc, the_page_of_a_run_to_the_letter);
    tcase_add_test(tc, a_fleet_of_one_is_told_in_the_singular);
    tcase_add_test(tc, how_even_the_hours_are_is_told);
    tcase_add_test(tc, the_share_that_met_a_target_is_never_rounded_to_all);
    tcase_add_test(tc, a_load_is_said_to_the_percent);
    tcase_add_test(tc, load_above_busy_time_is_explained);
    tcase_add_test(tc, the_busiest_minute_above_the_limits_has_its_figures);
    tcase_add_test(tc, a_fixed_fleet_that_is_late_shows_what_it_does);
    tcase_add_test(tc, a_closed_loop_is_told_by_its_throughput);
    tcase_add_test(tc, the_items_of_a_bill_are_shown_to_the_cent);
    tcase_add_test(tc, a_side_that_is_not_there_has_no_column);
    tcase_add_test(tc, a_long_label_of_a_side_is_cut);
    tcase_add_test(tc, a_long_label_of_an_item_is_broken_between_its_parts);
    tcase_add_test(tc, the_ledger_of_the_work_itself);
    tcase_add_test(tc, the_ledger_of_what_is_paid_beside_it);
    tcase_add_test(tc, each_part_of_a_step_stands_under_its_name);
    tcase_add_test(tc, a_step_in_csv_has_a_row_a_part);
    tcase_add_test(tc, a_step_on_the_terminal_adds_up);
    tcase_add_test(tc, a_step_has_a_line_for_attention_to_a_window_or_choice);
    tcase_add_test(tc, a_step_that_the_engine_never_takes_is_refused);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
