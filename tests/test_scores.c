/* test_scores.c - `data validate` on rows whose errors are chosen: every figure that is made of
 * them is worked out beside.
 *
 * The program is asked twice: what it predicts of the rows below hangs on nothing that was measured
 * of them, so that the second file can measure each value as far off as it likes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "by_hand.h"
#include "xo/stats.h"

enum { OUTPUT, TTFT, TPOT, E2E, N_MEASURES };
static const struct {
    const char *name, *column; /* in results; in the file */
    double unit;               /* of the file */
} measures[N_MEASURES] = {
    { "output_tokens_per_s", "output_tok_s_total", 1 },
    { "ttft_s", "ttft_mean_ms", 1e-3 },
    { "tpot_s", "tpot_mean_ms", 1e-3 },
    { "e2e_s", "e2e_mean_ms", 1e-3 },
};

enum side { NEITHER, BELOW, SATURATED };
static const char *const side_names[] = { "", "below", "saturated" };

/* Short requests of 64 + 8 tokens. A closed loop gives no TTFT by its error but the TTFT itself, in
 * ms: where it leaves twice the least of its series is known then. 0: not measured. */
static const struct row {
    const char *id, *dataset, *quality, *engine, *model, *weights, *gpu;
    int n_gpus, tp;
    const char *load;
    double load_value, ttft_ms;
    double error[N_MEASURES]; /* predicted/measured - 1; NAN: not measured */
    const char *in_flight;    /* of each replica, as groups are called */
    enum side side;
} rows[] = {
#define HOPPER "vllm", "llama-3.1-8b", "fp8", "h100-sxm"
#define AMPERE "vllm", "qwen3-8b", "bf16", "a100-80gb-sxm"
    /* Four loads, two replicas: the third is above twice the least and stays so. */
    { "a1",
      "alpha",
      "A",
      HOPPER,
      2,
      1,
      "concurrency",
      2,
      20,
      { -0.30, 0, 0.05, 0.01 },
      "in flight 1",
      BELOW },
    { "a2",
      "alpha",
      "B",
      HOPPER,
      2,
      1,
      "concurrency",
      8,
      39,
      { 0.02, 0, -0.08, -0.35 },
      "in flight 2-4",
      BELOW },
    { "a3",
      "alpha",
      "A",
      HOPPER,
      2,
      1,
      "concurrency",
      32,
      41,
      { 0.07, 0, 0.12, 0.06 },
      "in flight 5-16",
      SATURATED },
    { "a4",
      "alpha",
      "A",
      HOPPER,
      2,
      1,
      "concurrency",
      128,
      90,
      { -0.15, 0, 0.40, 0.22 },
      "in flight 17-64",
      SATURATED },
    /* Quality C counts in no group but its own. */
    { "c1",
      "alpha",
      "C",
      HOPPER,
      2,
      1,
      "concurrency",
      4,
      20,
      { 5, 0, 6, 7 },
      "in flight 2-4",
      NEITHER },
    /* An open loop of vLLM; what it puts out is what was offered. */
    { "b1", "beta", "B", AMPERE, 1, 1, "rate", 2, 30, { 0.5, 0, -0.20, 0.03 }, "rate", BELOW },
    { "b2", "beta", "B", AMPERE, 1, 1, "rate", 4, 31, { 0.6, 0, 0.11, -0.10 }, "rate", BELOW },
    { "b3", "beta", "A", AMPERE, 1, 1, "rate", 8, 32, { 0.7, 0, -0.02, 0.07 }, "rate", BELOW },
    /* A closed loop by itself says nothing of saturation; another model. */
    { "g1",
      "gamma",
      "-",
      "sglang",
      "llama-3.1-8b",
      "bf16",
      "h100-sxm",
      2,
      2,
      "concurrency",
      300,
      25,
      { 0.09, 0, -0.45, 0.16 },
      "in flight 257+",
      NEITHER },
    /* All at once is saturated. */
    { "g2",
      "gamma",
      "A",
      "trtllm",
      "llama-3.1-8b",
      "fp8",
      "h100-sxm",
      1,
      1,
      "offline_max",
      0,
      0,
      { -0.21, (double)NAN, (double)NAN, (double)NAN },
      "offline_max",
      SATURATED },
};
enum { N_ROWS = sizeof rows / sizeof rows[0], N_REQUESTS = 400 };

/* No row of a model that is in no catalog is simulated. */
static const char skipped[] = "s1,alpha,A,vllm,nobodys-9b,bf16,h100-sxm,1,1,64,8,rate,1,9,1,1,1,1\n"
                              "s2,beta,A,vllm,nobodys-9b,bf16,h100-sxm,1,1,64,8,rate,1,9,1,1,1,1\n";

static struct answer seen;
static double measured[N_ROWS][N_MEASURES], predicted[N_ROWS][N_MEASURES];

static struct answer validate(void)
{
    struct answer a = { .folder = "/tmp/xo-answer-XXXXXX" };
    char line[512], path[96];
    ck_assert_ptr_nonnull(mkdtemp(a.folder));
    snprintf(path, sizeof path, "%s/rows.csv", a.folder);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("id,dataset,quality,engine,model,precision_weights,gpu,n_gpus,tp,isl,osl,load_kind,"
          "load_value,n_requests",
          file);
    for (int m = 0; m < N_MEASURES; m++)
        fprintf(file, ",%s", measures[m].column);
    for (int i = 0; i < N_ROWS; i++) {
        const struct row *r = &rows[i];
        fprintf(file, "\n%s,%s,%s,%s,%s,%s,%s,%d,%d,64,8,%s,", r->id, r->dataset, r->quality,
                r->engine, r->model, r->weights, r->gpu, r->n_gpus, r->tp, r->load);
        if (r->load_value > 0)
            fprintf(file, "%g", r->load_value);
        fprintf(file, ",%d", N_REQUESTS);
        for (int m = 0; m < N_MEASURES; m++)
            if (isnan(measured[i][m]))
                fputc(',', file);
            else
                fprintf(file, ",%.17g", measured[i][m] / measures[m].unit);
    }
    fprintf(file, "\n%s", skipped);
    ck_assert_int_eq(fclose(file), 0);
    snprintf(line, sizeof line, "cd %s && '%s' data validate rows.csv --out . >stdout 2>stderr",
             a.folder, getenv("CROSSOVER"));
    const int status = system(line);
    ck_assert(WIFEXITED(status));
    a.status = WEXITSTATUS(status);
    char *text = answer_file(&a, "validate.json");
    a.json = json_loads(text, 0, NULL);
    free(text);
    a.text = answer_words(answer_file(&a, "stdout"));
    a.errors = answer_words(answer_file(&a, "stderr"));
    ck_assert_msg(a.status == 0, "%s", a.errors);
    return a;
}

static double number_of_row(const struct answer *a, int i, const char *kind, int m)
{
    char path[96];
    snprintf(path, sizeof path, "rows[%d].%s_%s", i, kind, measures[m].name);
    return answer_number(a, path);
}

static void ask(void)
{
    for (int i = 0; i < N_ROWS; i++)
        for (int m = 0; m < N_MEASURES; m++)
            measured[i][m] = isnan(rows[i].error[m]) ? (double)NAN : 1;
    struct answer first = validate();
    for (int i = 0; i < N_ROWS; i++)
        for (int m = 0; m < N_MEASURES; m++) {
            if (isnan(measured[i][m]))
                continue;
            predicted[i][m] = number_of_row(&first, i, "predicted", m);
            measured[i][m] =
                m == TTFT ? rows[i].ttft_ms * 1e-3 : predicted[i][m] / (1 + rows[i].error[m]);
        }
    answer_fini(&first);
    seen = validate();
}

static void drop(void)
{
    answer_fini(&seen);
}

/* ---- rows ---- */

static double error_of(int i, int m)
{
    return predicted[i][m] / measured[i][m] - 1;
}

START_TEST(every_row_has_its_errors_and_its_side_of_saturation)
{
    struct csv t = csv_of(&seen, "validate.csv");
    ck_assert_int_eq(t.n_rows, N_ROWS + 2);
    for (int i = 0; i < N_ROWS; i++) {
        ck_assert_str_eq(csv_text(&t, i, "id"), rows[i].id);
        ck_assert_str_eq(csv_text(&t, i, "status"), "simulated");
        ck_assert_str_eq(csv_text(&t, i, "dataset"), rows[i].dataset);
        /* A cell that a spreadsheet would take for a formula begins with an apostrophe. */
        ck_assert_str_eq(csv_text(&t, i, "quality") + (rows[i].quality[0] == '-'), rows[i].quality);
        ck_assert_str_eq(csv_text(&t, i, "gpu"), rows[i].gpu);
        ck_assert_str_eq(csv_text(&t, i, "model"), rows[i].model);
        ck_assert_str_eq(csv_text(&t, i, "engine"), rows[i].engine);
        ck_assert_str_eq(csv_text(&t, i, "weights"), rows[i].weights);
        ck_assert_msg(strcmp(csv_text(&t, i, "saturation"), side_names[rows[i].side]) == 0,
                      "%s is %s", rows[i].id, csv_text(&t, i, "saturation"));
        ck_near(csv_number(&t, i, "line"), i + 2, 0, "line");
        ck_near(csv_number(&t, i, "n_replicas"), rows[i].n_gpus / rows[i].tp, 0, "replicas");
        ck_near(csv_number(&t, i, "tensor_parallel"), rows[i].tp, 0, "tp");
        for (int m = 0; m < N_MEASURES; m++) {
            const struct {
                const char *kind;
                double right;
            } cells[] = { { "measured", measured[i][m] },
                          { "error_frac", error_of(i, m) },
                          { "abs_error_frac", fabs(error_of(i, m)) } };
            for (int k = 0; k < 3; k++) {
                char column[64];
                snprintf(column, sizeof column, "%s_%s", cells[k].kind, measures[m].name);
                ck_near(csv_number(&t, i, column), cells[k].right, 1e-9, "%s of %s", column,
                        rows[i].id);
                if (!isnan(cells[k].right)) /* validate.json says the same */
                    ck_near(number_of_row(&seen, i, cells[k].kind, m), cells[k].right, 1e-9, "%s",
                            column);
            }
        }
    }
    for (int i = N_ROWS; i < N_ROWS + 2; i++) {
        ck_assert_str_eq(csv_text(&t, i, "status"), "skipped");
        ck_assert_str_eq(csv_text(&t, i, "model"), "nobodys-9b");
    }
    csv_fini(&t);
    answer_ck_says(&seen, "10 of 12 rows of rows.csv simulated, 4 k requests.");
    answer_ck_says(&seen, "skipped 2 ");
}
END_TEST

/* ---- groups ---- */

static bool counts(int i)
{
    return strchr("AB-", rows[i].quality[0]) != NULL;
}

/* What an open loop puts out was offered to it. */
static bool has_error(int i, int m)
{
    return !isnan(measured[i][m]) && !(m == OUTPUT && strcmp(rows[i].load, "rate") == 0);
}

/* h = (n - 1) q, between the values on either side of it. */
static double quantile(double y[], int n, double q)
{
    xo_sort(y, (size_t)n);
    const double h = (n - 1) * q;
    const int below = (int)floor(h);
    return below + 1 < n ? y[below] + (h - below) * (y[below + 1] - y[below]) : y[n - 1];
}

static const char *dataset(int i)
{
    return rows[i].dataset;
}
static const char *gpu(int i)
{
    return rows[i].gpu;
}
static const char *model(int i)
{
    return rows[i].model;
}
static const char *engine(int i)
{
    return rows[i].engine;
}
static const char *weights(int i)
{
    return rows[i].weights;
}
static const char *tensor_parallel(int i)
{
    return rows[i].tp == 2 ? "2" : "1";
}
static const char *load(int i)
{
    return rows[i].in_flight;
}
static const char *quality(int i)
{
    return rows[i].quality;
}
static const struct {
    const char *by;
    const char *(*of)(int row);
} groupings[] = { { "dataset", dataset }, { "gpu", gpu },
                  { "model", model },     { "engine", engine },
                  { "weights", weights }, { "tensor_parallel", tensor_parallel },
                  { "load", load },       { "quality", quality } };
enum { N_GROUPINGS = sizeof groupings / sizeof groupings[0] };

struct score {
    int n;
    double median_abs, p90_abs, bias, median_off; /* the last in the unit of the measure */
};

static struct score score_of(int g, const char *group, int m)
{
    double e[N_ROWS], size[N_ROWS], off[N_ROWS];
    struct score s = { 0 };
    for (int i = 0; i < N_ROWS; i++)
        if (strcmp(groupings[g].of(i), group) == 0 && has_error(i, m) &&
            (counts(i) || strcmp(groupings[g].by, "quality") == 0)) {
            e[s.n] = error_of(i, m);
            size[s.n] = fabs(e[s.n]);
            off[s.n++] = fabs(predicted[i][m] - measured[i][m]);
        }
    if (s.n == 0)
        return s;
    s.median_abs = quantile(size, s.n, 0.5);
    s.p90_abs = quantile(size, s.n, 0.9);
    s.bias = quantile(e, s.n, 0.5);
    s.median_off = quantile(off, s.n, 0.5);
    return s;
}

/* The row of a table of scores; -1: there is none. */
static int find_score(const struct csv *t, const char *by, const char *group, const char *measure)
{
    for (int row = 0; row < t->n_rows; row++)
        if (strcmp(csv_text(t, row, "by"), by) == 0 &&
            strcmp(csv_text(t, row, "group") + (group[0] == '-'), group) == 0 &&
            strcmp(csv_text(t, row, "measure"), measure) == 0)
            return row;
    return -1;
}

START_TEST(every_group_has_the_medians_of_its_rows)
{
    struct csv t = csv_of(&seen, "validate_summary.csv");
    int n_scores = 0, n_board = 0;
    for (int g = 0; g < N_GROUPINGS; g++)
        for (int i = 0; i < N_ROWS; i++) {
            const char *group = groupings[g].of(i);
            bool first = true;
            for (int k = 0; k < i; k++)
                first &= strcmp(groupings[g].of(k), group) != 0;
            for (int m = 0; first && m < N_MEASURES; m++) {
                const struct score s = score_of(g, group, m);
                const int row = find_score(&t, groupings[g].by, group, measures[m].name);
                ck_assert_msg((row >= 0) == (s.n > 0), "%s %s of %s", groupings[g].by, group,
                              measures[m].name);
                if (s.n == 0)
                    continue;
                n_scores++;
                ck_near(csv_number(&t, row, "n"), s.n, 0, "rows of %s", group);
                ck_near(csv_number(&t, row, "median_abs_error_frac"), s.median_abs, 1e-9,
                        "median of %s of %s", measures[m].name, group);
                ck_near(csv_number(&t, row, "p90_abs_error_frac"), s.p90_abs, 1e-9,
                        "90 %% point of %s of %s", measures[m].name, group);
                ck_near(csv_number(&t, row, "bias_frac"), s.bias, 1e-9, "bias of %s of %s",
                        measures[m].name, group);
                ck_near(csv_number(&t, row, "median_abs_error"), s.median_off, 1e-9,
                        "absolute error of %s of %s", measures[m].name, group);
            }
        }
    for (int row = 0; row < t.n_rows; row++)
        n_board += strcmp(csv_text(&t, row, "by"), "scoreboard") == 0;
    ck_assert_int_eq(n_board, N_MEASURES);
    ck_assert_int_eq(t.n_rows, n_board + n_scores);
    ck_assert_int_eq(answer_count(&seen, "scores"), n_scores);
    for (int k = 0; k < n_scores; k++) { /* validate.json has them in the same order */
        static const char *const words[] = { "by", "group", "measure" };
        char path[64];
        for (int w = 0; w < 3; w++) {
            snprintf(path, sizeof path, "scores[%d].%s", k, words[w]);
            const char *word = answer_string(&seen, path);
            ck_assert_str_eq(word, csv_text(&t, n_board + k, words[w]) + (word[0] == '-'));
        }
        for (int c = 3; c < t.n_columns; c++) {
            snprintf(path, sizeof path, "scores[%d].%s", k, t.cell[c]);
            ck_near(answer_number(&seen, path), csv_number(&t, n_board + k, t.cell[c]), 1e-12, "%s",
                    path);
        }
    }
    csv_fini(&t);
}
END_TEST

static const char *const datasets[] = { "alpha", "beta", "gamma" };

/* Of each measure over the datasets that have it. */
static struct score board_of(int m)
{
    struct score mean = { 0 };
    for (int d = 0; d < 3; d++) {
        const struct score s = score_of(0, datasets[d], m);
        mean.n += s.n > 0;
        mean.median_abs += s.median_abs;
        mean.p90_abs += s.p90_abs;
    }
    mean.median_abs /= mean.n;
    mean.p90_abs /= mean.n;
    return mean;
}

START_TEST(the_scoreboard_is_the_mean_over_datasets)
{
    struct csv t = csv_of(&seen, "validate_summary.csv");
    for (int m = 0; m < N_MEASURES; m++) {
        const struct score mean = board_of(m);
        const int row = find_score(&t, "scoreboard", "mean over datasets", measures[m].name);
        const struct {
            const char *column;
            double right;
        } cells[] = { { "n", mean.n },
                      { "median_abs_error_frac", mean.median_abs },
                      { "p90_abs_error_frac", mean.p90_abs } };
        for (int k = 0; k < 3; k++) {
            char path[96];
            snprintf(path, sizeof path, "scoreboard.%s.%s", measures[m].name,
                     k == 0 ? "n_datasets" : cells[k].column);
            ck_near(csv_number(&t, row, cells[k].column), cells[k].right, 1e-9, "%s", path);
            ck_near(answer_number(&seen, path), cells[k].right, 1e-9, "%s", path);
        }
    }
    csv_fini(&t);
}
END_TEST

/* "9.7", "35" */
static const char *percent(char out[16], double frac, bool sign)
{
    snprintf(out, 16, sign ? "%+.*f" : "%.*f", fabs(frac) < 0.0995 ? 1 : 0, 100 * frac);
    return out;
}

START_TEST(groups_stand_in_a_table_on_the_terminal_and_in_markdown)
{
    static const int shown[] = { TPOT, OUTPUT, E2E, TTFT };
    char *md = answer_words(answer_file(&seen, "validate.md"));
    for (int g = 0; g < N_GROUPINGS; g++)
        for (int i = 0; i < N_ROWS; i++) {
            char line[200], mark[200], a[16], b[16], c[16];
            const char *group = groupings[g].of(i);
            int n = 0, n_md = 0, n_rows = 0;
            for (int k = 0; k < 4; k++)
                n_rows = (int)fmax(n_rows, score_of(g, group, shown[k]).n);
            if (n_rows == 0)
                continue;
            n += snprintf(line, sizeof line, " %s %d", group, n_rows);
            n_md += snprintf(mark, sizeof mark, "| %s | %d |", group, n_rows);
            for (int k = 0; k < 4; k++) {
                const struct score s = score_of(g, group, shown[k]);
                const bool is = s.n > 0;
                percent(a, s.median_abs, false);
                percent(b, s.p90_abs, false);
                percent(c, s.bias, true);
                n += snprintf(line + n, sizeof line - (size_t)n, is ? " %s %s %s" : " - - -", a, b,
                              c);
                if (is) /* the 90 % point is whole there */
                    n_md += snprintf(mark + n_md, sizeof mark - (size_t)n_md, " %s (%.0f, %s)", a,
                                     100 * s.p90_abs, c);
                n_md += snprintf(mark + n_md, sizeof mark - (size_t)n_md, " |");
            }
            answer_ck_says(&seen, line);
            ck_assert_msg(strstr(md, mark) != NULL, "not in validate.md: %s", mark);
        }
    char line[200], mark[200], a[16], b[16];
    int n = snprintf(line, sizeof line, "mean over datasets");
    int n_md = snprintf(mark, sizeof mark, "| **mean over datasets** | |");
    for (int k = 0; k < 4; k++) {
        const struct score s = board_of(shown[k]);
        percent(a, s.median_abs, false);
        n += snprintf(line + n, sizeof line - (size_t)n, " %s %s", a, percent(b, s.p90_abs, false));
        n_md +=
            snprintf(mark + n_md, sizeof mark - (size_t)n_md, " %s (%.0f) |", a, 100 * s.p90_abs);
    }
    answer_ck_says(&seen, line);
    ck_assert_msg(strstr(md, mark) != NULL, "not in validate.md: %s", mark);
    free(md);
}
END_TEST

/* The larger error of one kind a row, as a factor: TPOT where it was measured, else the output. */
START_TEST(the_worst_rows_come_first)
{
    bool told[N_ROWS] = { false };
    char list[600] = "worst rows";
    for (int place = 0; place < 8; place++) {
        int worst = -1;
        double most = -1;
        for (int i = 0; i < N_ROWS; i++) {
            const double e = error_of(i, isnan(measured[i][TPOT]) ? OUTPUT : TPOT);
            if (counts(i) && !told[i] && fabs(log1p(e)) > most) {
                worst = i;
                most = fabs(log1p(e));
            }
        }
        const int m = isnan(measured[worst][TPOT]) ? OUTPUT : TPOT;
        char number[16];
        const size_t n = strlen(list);
        told[worst] = true;
        snprintf(list + n, sizeof list - n, " %s %s %s", rows[worst].id,
                 m == TPOT ? "TPOT" : "output", percent(number, error_of(worst, m), true));
    }
    strcat(list, " skipped");
    answer_ck_says(&seen, list);
}
END_TEST

/* ---- targets ---- */

static bool is_any(int i)
{
    (void)i;
    return true;
}
static bool is_saturated(int i)
{
    return rows[i].side == SATURATED;
}
static bool is_below(int i)
{
    return rows[i].side == BELOW;
}
static bool is_open_vllm(int i)
{
    return strcmp(rows[i].load, "rate") == 0 && strcmp(rows[i].engine, "vllm") == 0;
}

/* Of docs/validation.md. limit_ms 0: none. */
static const struct {
    const char *name, *asked;
    double limit, limit_ms, quantile;
    int measure;
    bool (*means)(int row);
} targets[] = {
    { "TPOT", "at most 10 %", 0.10, 0, 0.5, TPOT, is_any },
    { "TPOT, 90 % point", "at most 25 %", 0.25, 0, 0.9, TPOT, is_any },
    { "output at saturation", "at most 12 %", 0.12, 0, 0.5, OUTPUT, is_saturated },
    { "TTFT below saturation", "at most 15 % or 20 ms", 0.15, 20, 0.5, TTFT, is_below },
    { "E2E, open-loop vLLM", "at most 8 %", 0.08, 0, 0.5, E2E, is_open_vllm },
};
enum { N_TARGETS = sizeof targets / sizeof targets[0] };

struct reached {
    double frac, off_s, near_frac;
    int n, n_datasets;
    bool met;
};

static struct reached reached_of(int t)
{
    struct reached r = { 0 };
    for (int d = 0; d < 3; d++) {
        double size[N_ROWS], off[N_ROWS];
        int n = 0, near = 0;
        for (int i = 0; i < N_ROWS; i++) {
            const int m = targets[t].measure;
            if (strcmp(rows[i].dataset, datasets[d]) != 0 || !counts(i) || !has_error(i, m) ||
                !targets[t].means(i))
                continue;
            size[n] = fabs(error_of(i, m));
            off[n] = fabs(predicted[i][m] - measured[i][m]);
            near += size[n] <= targets[t].limit || off[n] <= targets[t].limit_ms * 1e-3;
            n++;
        }
        if (n == 0)
            continue;
        r.n += n;
        r.n_datasets++;
        r.frac += quantile(size, n, targets[t].quantile);
        r.off_s += quantile(off, n, targets[t].quantile);
        r.near_frac += (double)near / n;
    }
    r.frac /= r.n_datasets;
    r.off_s /= r.n_datasets;
    r.near_frac /= r.n_datasets;
    r.met = r.frac <= targets[t].limit || r.off_s <= targets[t].limit_ms * 1e-3;
    return r;
}

START_TEST(every_target_has_what_it_reaches_over_its_rows)
{
    struct csv t = csv_of(&seen, "validate_targets.csv");
    char *md = answer_words(answer_file(&seen, "validate.md"));
    int n_met = 0;
    for (int k = 0; k < N_TARGETS; k++) {
        const struct reached r = reached_of(k);
        const bool by_time = targets[k].limit_ms > 0;
        char path[64], number[16], line[200];
        ck_assert_str_eq(csv_text(&t, k, "verdict"), r.met ? "met" : "missed");
        const struct {
            const char *column, *path;
            double right;
        } cells[] = {
            { "asked", "limit_frac", targets[k].limit },
            { "asked_s", "limit_s", by_time ? targets[k].limit_ms * 1e-3 : (double)NAN },
            { "reached", "reached_frac", r.frac },
            { "reached_s", "reached_s", by_time ? r.off_s : (double)NAN },
            { "near_frac", NULL, by_time ? r.near_frac : (double)NAN },
            { "n", "n", r.n },
            { "n_datasets", "n_datasets", r.n_datasets },
        };
        for (size_t c = 0; c < sizeof cells / sizeof cells[0]; c++) {
            ck_near(csv_number(&t, k, cells[c].column), cells[c].right, 1e-9, "%s of %s",
                    cells[c].column, targets[k].name);
            snprintf(path, sizeof path, "targets[%d].%s", k, cells[c].path);
            if (cells[c].path != NULL)
                ck_near(answer_number(&seen, path), cells[c].right, 1e-9, "%s", path);
        }
        snprintf(path, sizeof path, "targets[%d].target", k);
        ck_assert_str_eq(answer_string(&seen, path), targets[k].name);
        int n = snprintf(line, sizeof line, "%s %s %s %%", targets[k].name, targets[k].asked,
                         percent(number, r.frac, false));
        if (by_time)
            n += snprintf(line + n, sizeof line - (size_t)n, " or %.0f ms", 1e3 * r.off_s);
        snprintf(line + n, sizeof line - (size_t)n, " %d%s", r.n, r.met ? "" : " missed");
        answer_ck_says(&seen, line);
        n = snprintf(line, sizeof line, "| %s | %s | %s %%", targets[k].name, targets[k].asked,
                     percent(number, r.frac, false));
        if (by_time)
            n += snprintf(line + n, sizeof line - (size_t)n, " or %.0f ms", 1e3 * r.off_s);
        n += snprintf(line + n, sizeof line - (size_t)n, " | %d rows", r.n);
        if (by_time)
            n += snprintf(line + n, sizeof line - (size_t)n, ", %.0f %% within", 100 * r.near_frac);
        snprintf(line + n, sizeof line - (size_t)n, " | %s |", r.met ? "met" : "missed");
        ck_assert_msg(strstr(md, line) != NULL, "not in validate.md: %s", line);
        if (by_time) {
            snprintf(line, sizeof line, "%s: %.0f %% of rows are off by %s.", targets[k].name,
                     100 * r.near_frac, targets[k].asked);
            answer_ck_says(&seen, line);
        }
        n_met += r.met;
    }
    ck_assert(n_met > 0 && n_met < N_TARGETS); /* the rows are worth their errors */
    csv_fini(&t);
    free(md);
}
END_TEST

/* ---- series ---- */

/* The loads of the first four rows: the knee is the first from which on TTFT stays above twice its
 * least. Measured, 41 of 20 ms is the third; predicted, as the program predicts. */
START_TEST(the_knees_of_a_series_and_the_steps_between_them)
{
    struct csv t = csv_of(&seen, "validate_series.csv");
    double least = INFINITY;
    int knee = 4;
    for (int i = 0; i < 4; i++)
        least = fmin(least, predicted[i][TTFT]);
    while (knee > 0 && predicted[knee - 1][TTFT] > 2 * least)
        knee--;
    ck_assert_int_eq(t.n_rows, 2); /* g1 stands alone, offline has no load */
    const int row = csv_row(&t, "first_id", "a1"), open = csv_row(&t, "first_id", "b1");
    ck_near(csv_number(&t, row, "n_loads"), 4, 0, "loads");
    ck_near(csv_number(&t, row, "measured_knee"), 32, 0, "measured knee");
    ck_near(csv_number(&t, row, "predicted_knee"), knee < 4 ? rows[knee].load_value : (double)NAN,
            0, "predicted knee");
    ck_near(csv_number(&t, row, "steps"), abs(knee - 2), 0, "steps");
    ck_assert_str_eq(csv_text(&t, row, "kv_limited"), "no");
    ck_near(csv_number(&t, open, "n_loads"), 3, 0, "loads");
    ck_near(csv_number(&t, open, "measured_knee"), (double)NAN, 0, "measured knee");
    csv_fini(&t);
}
END_TEST

/* ---- pictures ---- */

START_TEST(the_points_of_the_pictures_are_the_rows_that_count)
{
    static const char *const files[] = { "validate_scatter.csv", "validate_load.csv" };
    for (int f = 0; f < 2; f++) {
        struct csv t = csv_of(&seen, files[f]);
        int point = 0;
        for (int i = 0; i < N_ROWS; i++) {
            if (!counts(i))
                continue;
            int number = 0;
            while (strcmp(datasets[number], rows[i].dataset) != 0)
                number++;
            const bool closed = strcmp(rows[i].load, "concurrency") == 0;
            ck_assert_str_eq(csv_text(&t, point, "id"), rows[i].id);
            ck_assert_str_eq(csv_text(&t, point, "dataset"), rows[i].dataset);
            ck_near(csv_number(&t, point, "dataset_number"), number, 0, "number");
            ck_near(csv_number(&t, point, "in_flight"),
                    closed ? rows[i].load_value / (rows[i].n_gpus / rows[i].tp) : (double)NAN, 0,
                    "requests in flight of %s", rows[i].id);
            for (int m = 0; m < N_MEASURES; m++) {
                const bool is = !isnan(measured[i][m]);
                const struct {
                    const char *kind;
                    double right;
                } cells[] = { { "measured", measured[i][m] },
                              { "predicted", is ? predicted[i][m] : (double)NAN },
                              { "ratio", is ? predicted[i][m] / measured[i][m] : (double)NAN } };
                for (int k = 0; k < 3; k++) {
                    char column[64];
                    snprintf(column, sizeof column, "%s_%s", cells[k].kind, measures[m].name);
                    ck_near(csv_number(&t, point, column), cells[k].right, 1e-9, "%s of %s", column,
                            rows[i].id);
                }
            }
            point++;
        }
        ck_assert_int_eq(t.n_rows, point);
        csv_fini(&t);
    }
}
END_TEST

/* The number behind NAME[PANEL] of a .set file. */
static double panel_number(const char *set, const char *name, int panel)
{
    char key[32];
    snprintf(key, sizeof key, "panel_%s[%d] = ", name, panel);
    const char *at = strstr(set, key);
    return at != NULL ? atof(at + strlen(key)) : (double)NAN;
}

/* The axes reach a fifth below the least value and a quarter above the largest. */
START_TEST(the_panels_of_the_scatter_hold_their_points_and_say_how_far_off_they_are)
{
    static const int panels[] = { TPOT, OUTPUT, E2E, TTFT };
    char *set = answer_file(&seen, "validate_scatter.set");
    for (int p = 0; p < 4; p++) {
        const int m = panels[p];
        const struct score mean = board_of(m);
        double lo = INFINITY, hi = 0;
        for (int i = 0; i < N_ROWS; i++)
            if (counts(i) && !isnan(measured[i][m])) {
                lo = fmin(lo, fmin(measured[i][m], predicted[i][m]));
                hi = fmax(hi, fmax(measured[i][m], predicted[i][m]));
            }
        ck_near(panel_number(set, "lo", p + 1), 0.8 * lo, 1e-6, "lower end of %s",
                measures[m].name);
        ck_near(panel_number(set, "hi", p + 1), 1.25 * hi, 1e-6, "upper end of %s",
                measures[m].name);
        char note[160];
        snprintf(note, sizeof note,
                 "panel_note[%d] = 'off by %.1f %% in the median, %.0f %% at p90'", p + 1,
                 100 * mean.median_abs, 100 * mean.p90_abs);
        ck_assert_msg(strstr(set, note) != NULL, "not in validate_scatter.set: %s", note);
    }
    free(set);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scores");
    TCase *tc = tcase_create("rows");
    tcase_set_timeout(tc, 60);
    tcase_add_unchecked_fixture(tc, ask, drop);
    tcase_add_test(tc, every_row_has_its_errors_and_its_side_of_saturation);
    tcase_add_test(tc, every_group_has_the_medians_of_its_rows);
    tcase_add_test(tc, the_scoreboard_is_the_mean_over_datasets);
    tcase_add_test(tc, groups_stand_in_a_table_on_the_terminal_and_in_markdown);
    tcase_add_test(tc, the_worst_rows_come_first);
    tcase_add_test(tc, every_target_has_what_it_reaches_over_its_rows);
    tcase_add_test(tc, the_knees_of_a_series_and_the_steps_between_them);
    tcase_add_test(tc, the_points_of_the_pictures_are_the_rows_that_count);
    tcase_add_test(tc, the_panels_of_the_scatter_hold_their_points_and_say_how_far_off_they_are);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
