/* curve.c - the terminal's table of a curve: some seven rows that tell the story.
 *
 * It reads a finished struct xo_curve and makes a page of it; nothing is kept between calls. Rows
 * are the ends, the plan and crossings, and then what splits the widest gaps at round volumes
 * (choose_rows). Columns are requests and a bill a way, and what else 80 columns of a terminal have
 * room for: which of them is known when the program is built (HAS_TOKENS and so on), so that with
 * three ways nothing is left out. The head of the table is made of the same widths as its rows.
 * Begin with curve_page, put_row and put_head.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/lines.h"
#include "report/out/out.h"
#include "report/words/sentences.h"
#include "tables.h"
#include "xo/table.h"
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

/* Columns of a terminal. A further way takes the room of what can be spared: tokens, which are
 * requests times the tokens of one; then the replicas; then their load. */
enum {
    TERMINAL = 80,
    VOLUME = 8,
    TOKENS = 8,
    BUY = 13,
    BILL = 11,
    REPLICAS = 9,
    LOAD = 6,
    MARK = 14,
    BILLS = BUY + (XO_N_WAYS - 1) * BILL,
    WITHOUT_LOAD = VOLUME + BILLS + MARK,
    HAS_TOKENS = WITHOUT_LOAD + LOAD + REPLICAS + TOKENS <= TERMINAL,
    HAS_REPLICAS = WITHOUT_LOAD + LOAD + REPLICAS <= TERMINAL,
    HAS_LOAD = WITHOUT_LOAD + LOAD <= TERMINAL
};

static void put_row(struct page *page, const struct xo_curve *c, int row)
{
    const struct xo_curve_point *p = &c->points[row];
    const struct xo_sized *build = &p->build;
    const double load = build->feasible ? build->load_frac : (double)NAN;
    struct xo_words words = { 0 }, *w = &words;
    const char *replicas = !build->feasible
                               ? "-"
                               : xo_say(w, "%d+%d", build->serving_replicas,
                                        build->headroom_replicas + build->spare_replicas);
    struct cell cells[5 + XO_N_WAYS] = {
        { NULL, WORD(xo_say_count(w, p->volume)), .head = "requests a month", RIGHT(VOLUME) },
        { NULL, WORD(xo_say_count(w, p->tokens)), .head = "tokens", RIGHT(TOKENS),
          .hidden = !HAS_TOKENS },
    };
    struct cell *cell = cells + 2;
    for (int way = 0; way < XO_N_WAYS; way++, cell++) {
        const bool buys = way == XO_WAY_BUY;
        *cell = (struct cell){ NULL, WORD(say_usd(w, p->usd[way], buys && p->limited[way])),
                               .head = buys ? "buy API, USD" : xo_way_words[way].title,
                               RIGHT(buys ? BUY : BILL) };
    }
    *cell++ = (struct cell){ NULL, WORD(replicas), .head = "replicas + more", RIGHT(REPLICAS),
                             .hidden = !HAS_REPLICAS };
    *cell++ = (struct cell){ NULL, WORD(xo_say_percent(w, load)), .head = "load*", RIGHT(LOAD),
                             .hidden = !HAS_LOAD };
    *cell = (struct cell){ NULL, WORD(mark_of(c, row)) };
    PAGE_ROW(page, cells);
}

/* A way's name above its bills, in two lines. */
static void way_heads(enum xo_way way, char above[BILL], char below[BILL])
{
    static const char *const first[][2] = { { "buy API", "" },
                                            { "buy same", "weights" },
                                            { "build:", "GPUs+team" } };
    XO_TABLE_OF(first, XO_N_FIRST_WAYS);
    if ((int)way < XO_N_FIRST_WAYS) {
        xo_text_copy(above, BILL, first[way][0]);
        xo_text_copy(below, BILL, first[way][1]);
        return;
    }
    struct xo_buf lines = { 0 };
    xo_put_wrapped(&lines, xo_way_words[way].label, BILL - 1);
    const char *text = lines.text != NULL ? lines.text : "", *end = text + strcspn(text, "\n");
    snprintf(above, BILL, "%.*s", (int)(end - text), text);
    snprintf(below, BILL, "%.*s", (int)strcspn(end + (*end != '\0'), "\n"), end + (*end != '\0'));
    xo_buf_fini(&lines);
}

/* Three lines: whose columns are dollars, and two of names. */
static void put_head(struct xo_buf *head)
{
    static const char money[] = " USD a month ";
    const int dashes = BILLS - (int)strlen(money);
    struct xo_buf below = { 0 };
    xo_put(head, "%*s", VOLUME + HAS_TOKENS * TOKENS + 1, "");
    for (int i = 0; i < dashes; i++)
        xo_put(head, "%s-", i == dashes / 2 ? money : "");
    xo_put(head, "\n%*s%*s", VOLUME, "requests", HAS_TOKENS * TOKENS, HAS_TOKENS ? "tokens" : "");
    xo_put(&below, "\n%*s%*s", VOLUME, "/month", HAS_TOKENS * TOKENS, HAS_TOKENS ? "/month" : "");
    for (int way = 0; way < XO_N_WAYS; way++) {
        const int width = way == XO_WAY_BUY ? BUY : BILL;
        char names[2][BILL];
        way_heads((enum xo_way)way, names[0], names[1]);
        xo_put(head, "%*s", width, names[0]);
        xo_put(&below, "%*s", width, names[1]);
    }
    xo_put(head, "%s%s", HAS_REPLICAS ? "  replicas" : "", HAS_LOAD ? " load*" : "");
    xo_put(&below, "%s", HAS_REPLICAS ? "    + more" : "");
    xo_put(head, "%s", below.text != NULL ? below.text : "");
    head->failed = head->failed || below.failed;
    xo_buf_fini(&below);
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

/* Of several tariffs, hosts or options the cheapest is drawn; which one it is, from volume to
 * volume. `at` gives the one of a point, NULL: there is none. */
static void put_cheapest(struct xo_buf *line, const struct xo_curve *c,
                         const char *(*at)(const struct xo_curve *, int point), const char *between)
{
    enum { SHOWN = 4 };
    struct xo_words words = { 0 };
    const char *now = "";
    int shown = 0;
    for (int i = 0; i < c->n_points; i++) {
        const char *name = at(c, i);
        if (name == NULL || strcmp(name, now) == 0)
            continue;
        now = name;
        if (shown == SHOWN)
            xo_put(line, ", and so on (curve.csv)");
        if (shown++ >= SHOWN)
            continue;
        xo_put(line, "%s%s", shown == 1 ? "" : between, xo_say_api(&words, name));
        if (shown > 1)
            xo_put(line, " from %s tokens", xo_say_tokens(&words, c, c->points[i].volume));
    }
}

static const char *same_at(const struct xo_curve *c, int point)
{
    return xo_same_name(c->scenario, c->points[point].pick[XO_WAY_SAME]);
}

static const char *option_at(const struct xo_curve *c, int point)
{
    const struct xo_sized *build = &c->points[point].build;
    return build->feasible ? c->scenario->options[build->option].label : NULL;
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
        put_cheapest(&line, c, xo_api_at, ", ");
    xo_put(&line, ". ");
    if (s->n_same_model > 0) {
        xo_put(&line, "Same weights: ");
        put_cheapest(&line, c, same_at, ", ");
        if (high > low)
            xo_put(&line, "; hosts ask %s to %s per million tokens, 3 in to 1 out",
                   xo_text_usd(lo, sizeof lo, low, 2), xo_text_usd(hi, sizeof hi, high, 2));
        xo_put(&line, ".");
    }
    page_text(page, &line);
}

static void put_options(struct page *page, const struct xo_curve *c)
{
    struct xo_buf line = { 0 };
    if (c->scenario->n_options > 1)
        put_cheapest(&line, c, option_at, "; ");
    if (line.length > 0)
        page_say(page, "This build: %s.", line.text);
    page->text.failed = page->text.failed || line.failed;
    xo_buf_fini(&line);
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
    struct xo_buf head = { 0 };
    page_gap(page);
    put_head(&head);
    page_table(page, head.text);
    page->text.failed = page->text.failed || head.failed;
    xo_buf_fini(&head);
    for (int i = 0; i < n; i++) {
        put_row(page, c, rows[i]);
        limited = limited || c->points[rows[i]].limited[XO_WAY_BUY];
    }
    if (HAS_LOAD)
        page_line(page, "%s* work done / what these GPUs could do around\nthe clock within the SLO",
                  HAS_REPLICAS ? "+ more: headroom and spares. " : "");
    if (limited)
        page_line(page, "! the API cannot serve this: %s",
                  xo_unserved_is_tolerated(c->scenario, &c->buy_unserved)
                      ? "its rate limits would have to be raised"
                      : "it refuses more requests than the SLO lets miss");
}

/* ---- by the unit that a planner counts in ---- */

/* Columns of the second table: a cost and a margin a way. */
enum {
    UNITS = 8,
    EACH = 11,
    EACH_ALONE = 14,
    MARGIN = 10,
    UNIT_MARK = 9,
    HAS_MARGINS = UNITS + XO_N_WAYS * (EACH + MARGIN) + UNIT_MARK <= TERMINAL
};

/* The same row by the unit: its cost on each way, and the share of its price that is left. */
static void put_unit_row(struct page *page, const struct xo_curve *c, int row, bool margins)
{
    const struct xo_unit *unit = &c->scenario->unit;
    const struct xo_curve_point *p = &c->points[row];
    struct xo_words words = { 0 }, *w = &words;
    struct cell cells[2 + 2 * XO_N_WAYS] = {
        { NULL, WORD(xo_say_count(w, p->volume / unit->calls)), .head = "units\na month",
          RIGHT(UNITS) },
    };
    struct cell *cell = cells + 1;
    for (int way = 0; way < XO_N_WAYS; way++) {
        const struct xo_unit_figures f = xo_unit_figures(unit, p->usd[way], p->volume);
        const char *each = xo_say_each(w, f.usd), *name = xo_way_words[way].label;
        const char *shown = xo_say(w, "%s%s", each + (*each == '$'), p->limited[way] ? "!" : "");
        *cell++ = (struct cell){ NULL, WORD(shown),
                                 .head = margins ? "\nUSD" : xo_say(w, "%s\nUSD", name),
                                 RIGHT(margins ? EACH : EACH_ALONE) };
        *cell++ = (struct cell){ NULL, WORD(xo_say_margin(w, f.margin_frac, 3)),
                                 .head = xo_say(w, "%s\nmargin", name), RIGHT(MARGIN),
                                 .hidden = !margins };
    }
    *cell = (struct cell){ NULL, WORD(p->is_plan ? "  <- plan" : "") };
    PAGE_ROW(page, cells);
}

static void put_units(struct page *page, const struct xo_curve *c)
{
    const struct xo_scenario *s = c->scenario;
    const bool margins = HAS_MARGINS && s->unit.price_usd > 0;
    struct xo_words words = { 0 };
    int rows[MAX_ROWS];
    if (!xo_has_unit(s))
        return;
    page_gap(page);
    page_line(page, "Per %s%s:", xo_say_unit(&words, s),
              margins ? ", and the gross margin on each way" : "");
    page_table(page, NULL);
    for (int i = 0, n = choose_rows(c, rows); i < n; i++)
        put_unit_row(page, c, rows[i], margins);
    page_gap(page);
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
    put_units(page, c);
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
