/* curve.c - the terminal's table of a curve: some seven rows that tell the story.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/out.h"

#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 9, WANTED_ROWS = 8, MAX_MARKED = 3 };

/* Significant digits that a number needs to within 0.1 %: few are easy to read and to remember. */
static int digits_of(double value)
{
    int digits = 1;
    while (digits < 6 && fabs(xo_round_significant(value, digits) / value - 1) > 1e-3)
        digits++;
    return digits;
}

/* The point between rows `lo` and `hi` that splits the gap best: near its middle in logarithms, and
 * round. -1: there is none. */
static int best_between(const struct xo_curve *c, int lo, int hi)
{
    const double a = log(c->points[lo].volume), b = log(c->points[hi].volume);
    int best = -1;
    double best_score = INFINITY;
    for (int i = lo + 1; i < hi; i++) {
        const double off = fabs(2 * (log(c->points[i].volume) - a) / (b - a) - 1);
        const double score = off + 0.1 * digits_of(c->points[i].volume);
        if (score < best_score) {
            best_score = score;
            best = i;
        }
    }
    return best;
}

static int add_row(int rows[], int n, int row)
{
    int at = n;
    for (int i = 0; i < n; i++)
        if (rows[i] == row)
            return n;
    for (; at > 0 && rows[at - 1] > row; at--)
        rows[at] = rows[at - 1];
    rows[at] = row;
    return n + 1;
}

/* The ends, plan, the first two crossings and the last, then what splits the widest gaps. */
static int choose_rows(const struct xo_curve *c, int rows[MAX_ROWS])
{
    int n = 0, marked = 0, last = -1;
    n = add_row(rows, n, 0);
    n = add_row(rows, n, c->n_points - 1);
    n = add_row(rows, n, c->plan);
    for (int i = 0; i < c->n_points; i++) {
        if (!c->points[i].is_crossing)
            continue;
        if (marked++ < MAX_MARKED - 1)
            n = add_row(rows, n, i);
        last = i;
    }
    if (last >= 0)
        n = add_row(rows, n, last);
    while (n < WANTED_ROWS) {
        int gap = -1;
        double widest = 1;
        for (int i = 0; i + 1 < n; i++) {
            const double ratio = c->points[rows[i + 1]].volume / c->points[rows[i]].volume;
            if (ratio > widest && rows[i + 1] - rows[i] > 1) {
                widest = ratio;
                gap = i;
            }
        }
        if (gap < 0)
            return n;
        n = add_row(rows, n, best_between(c, rows[gap], rows[gap + 1]));
    }
    return n;
}

/* Cents, or three digits; what the API cannot serve is marked. */
static const char *say_usd(struct xo_words *w, double usd, bool limited)
{
    char text[64];
    xo_text_usd(text, sizeof text, usd, fabs(usd) < 10 ? 0 : 3);
    return xo_say(w, "%s%s", text[0] == '$' ? text + 1 : text, limited ? "!" : "");
}

static const char *mark_of(const struct xo_curve *c, int row)
{
    const struct xo_curve_point *p = &c->points[row];
    if (p->is_plan)
        return p->is_crossing && c->verdict != XO_VERDICT_NO_WINNER ? "  <- plan+flip"
                                                                    : "  <- your plan";
    if (!p->is_crossing || c->verdict == XO_VERDICT_NO_WINNER)
        return "";
    for (int i = 0; i < c->crossings[XO_BUY_BUILD].n; i++)
        if (fabs(c->crossings[XO_BUY_BUILD].at[i].volume / p->volume - 1) < 1e-6 &&
            !c->crossings[XO_BUY_BUILD].at[i].to_build)
            return "  <- buy above";
    return "  <- crossing";
}

static void put_row(struct page *page, const struct xo_curve *c, int row)
{
    const struct xo_curve_point *p = &c->points[row];
    const struct xo_sized *build = &p->build;
    const double *usd = p->usd, load = build->feasible ? build->load_frac : (double)NAN;
    struct xo_words words = { 0 }, *w = &words;
    const char *replicas = !build->feasible
                               ? "-"
                               : xo_say(w, "%d+%d", build->serving_replicas,
                                        build->headroom_replicas + build->spare_replicas);
    const struct cell cells[] = {
        { "volume_requests_month", NUMBER(p->volume), SHOWN(xo_say_count(w, p->volume)),
          .head = "requests a month", RIGHT(8) },
        { "tokens_month", NUMBER(p->tokens), SHOWN(xo_say_count(w, p->tokens)), .head = "tokens",
          RIGHT(8) },
        { "buy_usd_month", NUMBER(usd[XO_WAY_BUY]),
          SHOWN(say_usd(w, usd[XO_WAY_BUY], p->limited[XO_WAY_BUY])), .head = "buy API, USD",
          RIGHT(13) },
        { "same_usd_month", NUMBER(usd[XO_WAY_SAME]), SHOWN(say_usd(w, usd[XO_WAY_SAME], false)),
          .head = "buy same weights", RIGHT(11) },
        { "build_usd_month", NUMBER(usd[XO_WAY_BUILD]), SHOWN(say_usd(w, usd[XO_WAY_BUILD], false)),
          .head = "this build", RIGHT(11) },
        { "replicas", WORD(replicas), .head = "replicas + more", RIGHT(9) },
        { "load_frac", NUMBER(load), SHOWN(xo_say_percent(w, load)), .head = "load*", RIGHT(6) },
        { NULL, WORD(mark_of(c, row)) },
    };
    PAGE_ROW(page, cells);
}

/* Which class is bought where, when they differ. */
static bool put_class_apis(struct xo_buf *line, const struct xo_curve *c)
{
    const struct xo_scenario *s = c->scenario;
    struct xo_words words = { 0 };
    char name[XO_NAME_SIZE];
    const bool any = xo_has_class_apis(s);
    for (int k = 0; k < s->workload.n_classes && any; k++)
        xo_put(line, "%s%s for %s", k == 0 ? "" : ", ",
               xo_say_api(&words,
                          xo_class_api(s, k, c->points[c->plan].pick[XO_WAY_BUY])->tariff.name),
               xo_plain(name, sizeof name, s->workload.classes[k].name, 40));
    return any;
}

/* Of several tariffs the cheapest is drawn; which one it is, from volume to volume. `at` gives the
 * one of a point. */
static void put_cheapest(struct xo_buf *line, const struct xo_curve *c,
                         const char *(*at)(const struct xo_curve *, int point))
{
    enum { SHOWN = 4 };
    struct xo_words words = { 0 };
    const char *now = "";
    int shown = 0;
    for (int i = 0; i < c->n_points; i++) {
        const char *name = at(c, i);
        if (strcmp(name, now) == 0)
            continue;
        now = name;
        if (shown == SHOWN)
            xo_put(line, ", and so on (curve.csv)");
        if (shown++ >= SHOWN)
            continue;
        xo_put(line, "%s%s", shown == 1 ? "" : ", ", xo_say_api(&words, name));
        if (shown > 1)
            xo_put(line, " from %s tokens", xo_say_tokens(&words, c, c->points[i].volume));
    }
}

static const char *same_at(const struct xo_curve *c, int point)
{
    return xo_same_name(c->scenario, c->points[point].pick[XO_WAY_SAME]);
}

/* Who the two columns of buying are. */
static void put_sellers(struct page *page, const struct xo_curve *c)
{
    const struct xo_scenario *s = c->scenario;
    const double low = s->same_model_low_usd_per_mtok, high = s->same_model_high_usd_per_mtok;
    struct xo_buf line = { 0 };
    char lo[32], hi[32];
    xo_put(&line, "Buy API: ");
    if (!put_class_apis(&line, c))
        put_cheapest(&line, c, xo_api_at);
    xo_put(&line, ". ");
    if (s->n_same_model > 0) {
        xo_put(&line, "Same weights: ");
        put_cheapest(&line, c, same_at);
        if (high > low)
            xo_put(&line, "; hosts ask %s to %s per million tokens, 3 in to 1 out",
                   xo_text_usd(lo, sizeof lo, low, 2), xo_text_usd(hi, sizeof hi, high, 2));
        xo_put(&line, ".");
    }
    page_text(page, &line);
}

/* Of several options the cheapest is drawn; which one it is, from volume to volume. */
static void put_options(struct page *page, const struct xo_curve *c)
{
    enum { SHOWN = 4 };
    const struct xo_scenario *s = c->scenario;
    struct xo_words words = { 0 };
    struct xo_buf line = { 0 };
    char label[128];
    int now = -1, shown = 0;
    for (int i = 0; i < c->n_points && s->n_options > 1; i++) {
        const struct xo_sized *build = &c->points[i].build;
        if (!build->feasible || build->option == now)
            continue;
        now = build->option;
        if (shown == SHOWN)
            xo_put(&line, ", and so on (curve.csv)");
        if (shown++ >= SHOWN)
            continue;
        xo_put(&line, shown == 1 ? "This build: %s" : "; %s",
               xo_plain(label, sizeof label, s->options[now].label, 48));
        if (shown > 1)
            xo_put(&line, " from %s tokens", xo_say_tokens(&words, c, c->points[i].volume));
    }
    xo_put(&line, "%s", shown > 0 ? "." : "");
    page_text(page, &line);
}

/* How large fleets that were not simulated go on from those that were. */
static void put_large_fleets(struct page *page, const struct xo_curve *c)
{
    for (int i = 0; i < c->n_ladders; i++) {
        const struct xo_ladder *l = &c->ladders[i];
        if (l->n_rungs == 0 || !l->rungs[l->n_rungs - 1].interpolated)
            continue;
        const double percent = 100 / sqrt(XO_MOST_SIMULATED);
        page_say(page,
                 "Fleets above %d replicas are not simulated: by the square-root law each replica "
                 "of theirs serves up to %.1f %% more than one of %d (+- %.1f).",
                 XO_MOST_SIMULATED, percent * l->pooling, XO_MOST_SIMULATED,
                 1.96 * percent * l->pooling_se);
        return;
    }
}

static void put_points(struct page *page, const struct xo_curve *c)
{
    int rows[MAX_ROWS];
    bool limited = false;
    const int n = choose_rows(c, rows);
    page_gap(page);
    page_table(page, "                 ----------- USD a month -----------\n"
                     "requests  tokens      buy API   buy same     build:  replicas load*\n"
                     "  /month  /month                 weights  GPUs+team    + more");
    for (int i = 0; i < n; i++) {
        put_row(page, c, rows[i]);
        limited = limited || c->points[rows[i]].limited[XO_WAY_BUY];
    }
    page_line(page, "+ more: headroom and spares. "
                    "* work done / what these GPUs could do around\nthe clock within the SLO");
    if (limited)
        page_line(page, "! the API cannot serve this: %s",
                  xo_unserved_is_tolerated(c->scenario, &c->buy_unserved)
                      ? "its rate limits would have to be raised"
                      : "it refuses more requests than the SLO lets miss");
}

static void put_verdict(struct page *page, const struct xo_curve *c)
{
    char *told = xo_verdict_paragraphs(c), *rest = NULL;
    page->text.failed = page->text.failed || told == NULL;
    for (char *p = told == NULL ? NULL : strtok_r(told, "\n", &rest); p != NULL;
         p = strtok_r(NULL, "\n", &rest))
        page_say(page, "%s", p);
    free(told);
}

static void curve_page(struct page *page, const struct xo_curve *c)
{
    struct xo_words words = { 0 };
    page_scenario(page, c->scenario);
    page_request(page, c->scenario, c->prompt_per_request, c->cached_per_request,
                 c->output_per_request);
    put_points(page, c);
    put_sellers(page, c);
    put_options(page, c);
    put_large_fleets(page, c);
    page_line(page, "%s requests simulated", xo_say_count(&words, (double)c->n_simulated));
    page_gap(page);
    put_verdict(page, c);
}

bool xo_curve_print(FILE *out, const struct xo_curve *curve, enum xo_format format,
                    struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    struct page page = { 0 };
    if (format == XO_FORMAT_CSV)
        xo_put_points(&(struct rows){ .csv = &buf }, curve);
    else if (format == XO_FORMAT_JSON)
        xo_curve_json(&buf, curve);
    else
        curve_page(&page, curve);
    return page_print(&page, &buf, out, err);
}
