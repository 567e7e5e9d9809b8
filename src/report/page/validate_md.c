/* validate_md.c - a validation in Markdown: validate.md, of which docs/validation_tables.md is
 * made.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/out.h"
#include "validate.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <string.h>

static const enum xo_measure shown[] = { XO_MEASURE_TPOT, XO_MEASURE_OUTPUT, XO_MEASURE_E2E,
                                         XO_MEASURE_TTFT };
enum { N_SHOWN = XO_ROWS(shown) };

static int digits_of(double frac)
{
    return fabs(frac) < 0.0995 ? 1 : 0;
}

/* A row of the errors of one group; "" where there is none. */
static void put_errors(struct page *page, const char *by, const char *group, const char *rows,
                       const char *errors[N_SHOWN], bool strong)
{
    struct xo_words words = { 0 };
    struct cell cells[2 + N_SHOWN] = {
        { NULL, TEXT(group), .head = xo_say(&words, "by %s", by), .strong = strong },
        { NULL, WORD(rows), .head = "rows" },
    };
    for (int k = 0; k < N_SHOWN; k++)
        cells[2 + k] = (struct cell){ NULL, WORD(errors[k]), .head = xo_measure_head(shown[k]) };
    PAGE_ROW(page, cells);
}

/* The scores first .. first+n-1, which are of one group: "8.2 (19, -3.1)". */
static void put_group(struct page *page, const struct xo_validation *v, size_t first, size_t n)
{
    struct xo_words words = { 0 }, *w = &words;
    const char *errors[N_SHOWN];
    char name[XO_MEASURED_NAME * 2];
    int rows = 0;
    for (size_t i = first; i < first + n; i++)
        rows = v->scores[i].n > rows ? v->scores[i].n : rows;
    for (int k = 0; k < N_SHOWN; k++) {
        const struct xo_score *s =
            xo_score_find(v, v->scores[first].by, v->scores[first].group, shown[k]);
        errors[k] = s == NULL ? ""
                              : xo_say(w, "%.*f (%.0f, %+.*f)", digits_of(s->median_abs_frac),
                                       100 * s->median_abs_frac, 100 * s->p90_abs_frac,
                                       digits_of(s->bias_frac), 100 * s->bias_frac);
    }
    put_errors(page, v->scores[first].by, xo_plain(name, sizeof name, v->scores[first].group, 60),
               xo_say(w, "%d", rows), errors, false);
}

static void put_mean(struct page *page, const struct xo_validation *v)
{
    struct xo_words words = { 0 }, *w = &words;
    const char *errors[N_SHOWN];
    for (int k = 0; k < N_SHOWN; k++) {
        const struct xo_scoreboard *b = &v->board[shown[k]];
        errors[k] = b->n_datasets == 0 ? ""
                                       : xo_say(w, "%.*f (%.0f)", digits_of(b->median_abs_frac),
                                                100 * b->median_abs_frac, 100 * b->p90_abs_frac);
    }
    put_errors(page, "dataset", "mean over datasets", "", errors, true);
}

static bool same_group(const struct xo_score *a, const struct xo_score *b)
{
    return strcmp(a->by, b->by) == 0 && strcmp(a->group, b->group) == 0;
}

static void put_groups(struct page *page, const struct xo_validation *v)
{
    const char *by = "";
    for (size_t first = 0, end; first < v->n_scores; first = end) {
        for (end = first + 1; end < v->n_scores; end++)
            if (!same_group(&v->scores[first], &v->scores[end]))
                break;
        if (strcmp(by, v->scores[first].by) != 0)
            page_table(page, NULL);
        by = v->scores[first].by;
        put_group(page, v, first, end - first);
        if (strcmp(by, "dataset") == 0 &&
            (end == v->n_scores || strcmp(v->scores[end].by, by) != 0))
            put_mean(page, v);
    }
}

static const char *say_load(struct xo_words *w, double load)
{
    return isnan(load) ? "beyond" : xo_say(w, "%g", load);
}

/* Series that run out of KV, and those whose knees lie more than one step apart. */
static void put_knees(struct page *page, const struct xo_validation *v)
{
    int n, near, n_kv, near_kv;
    xo_count_knees(v, false, &n, &near);
    xo_count_knees(v, true, &n_kv, &near_kv);
    if (n == 0)
        return;
    page_say(page,
             "%d of %d series of loads have their knee within one step of the grid, %d of the %d "
             "that run out of KV. Those %d, and all that are farther off:",
             near, n, near_kv, n_kv, n_kv);
    page_table(page, NULL);
    for (size_t i = 0; i < v->n_series; i++) {
        const struct xo_series *s = &v->series[i];
        struct xo_words words = { 0 }, *w = &words;
        char id[160];
        const struct cell cells[] = {
            { NULL, TEXT(xo_plain(id, sizeof id, v->measured->rows[s->row].id, 80)),
              .head = "series, by its first row" },
            { NULL, NUMBER(s->n_loads), .head = "loads" },
            { NULL, WORD(say_load(w, s->measured_knee)), .head = "knee measured" },
            { NULL, WORD(say_load(w, s->predicted_knee)), .head = "predicted" },
            { NULL, NUMBER(s->steps), .head = "steps" },
            { NULL, WORD(s->kv_limited ? "KV" : "") },
        };
        if (s->kv_limited || s->steps > 1)
            PAGE_ROW(page, cells);
    }
}

static void put_targets(struct page *page, const struct xo_validation *v)
{
    page_table(page, NULL);
    for (int i = 0; i < v->n_targets; i++) {
        const struct xo_target *t = &v->targets[i];
        char asked[64], reached[64], of[64];
        const struct cell cells[] = {
            { NULL, WORD(t->name), .head = "target" },
            { NULL, WORD(xo_target_asked(asked, t)), .head = "asked" },
            { NULL, WORD(xo_target_reached(reached, t)), .head = "reached" },
            { NULL, WORD(xo_target_of(of, t)), .head = "of" },
            { NULL, WORD(xo_target_verdict(t)) },
        };
        PAGE_ROW(page, cells);
    }
}

void xo_put_validation_md(struct xo_buf *buf, const struct xo_validation *v)
{
    struct page page = { 0 };
    char requests[32], path[XO_PATH_SIZE];
    const char *slash = strrchr(v->measured->path, '/');
    page_say(&page, "%zu of %zu rows of %s simulated, %s requests.", v->n_simulated, v->measured->n,
             xo_plain(path, sizeof path, slash != NULL ? slash + 1 : v->measured->path, 200),
             xo_text_count(requests, sizeof requests, (double)v->n_requests, 3));
    page_section(&page, "Targets");
    put_targets(&page, v);
    page_section(&page, "Errors");
    page_say(&page, "Percent of predicted/measured − 1: median of its size, in brackets its 90 %% "
                    "point and its median with sign. Rows of quality A, B or none.");
    put_groups(&page, v);
    page_section(&page, "Knees");
    put_knees(&page, v);
    if (xo_has_logs(v)) {
        page_section(&page, "Request logs");
        xo_put_logs(&page, v, "request log", "%+.1f %%");
    }
    page_finish(&page, buf, page_put_markdown);
}
