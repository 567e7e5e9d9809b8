/* table_curve.c - the terminal's table of a curve: some seven rows that tell the story.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, MAX_ROWS = 9, WANTED_ROWS = 8, MAX_MARKED = 3 };

void xo_put_heading(struct xo_buf *buf, const struct xo_scenario *s)
{
    char draft[64] = "", name[XO_TITLE_SIZE];
    if (s->n_guesses > 0)
        snprintf(draft, sizeof draft, "DRAFT: %d value%s (?)", s->n_guesses,
                 s->n_guesses == 1 ? " is a guess" : "s are guesses");
    const size_t room = WIDTH - strlen(draft) - (draft[0] != '\0' ? 2 : 0);
    xo_plain(name, sizeof name, s->name, room);
    xo_put(buf, "%s", name);
    if (draft[0] != '\0')
        xo_put(buf, "%*s%s", (int)(WIDTH - strlen(draft) - xo_columns(name)), "", draft);
    xo_put(buf, "\n");
}

void xo_put_request_line(struct xo_buf *buf, const struct xo_scenario *s, double prompt,
                         double cached, double output)
{
    char in[32], hit[32], out[32];
    struct xo_words words = { 0 };
    struct xo_buf line = { 0 };
    xo_put(&line, "A request: %s tokens in", xo_text_whole(in, sizeof in, prompt));
    if (cached > 0)
        xo_put(&line, " (%s cached)", xo_text_whole(hit, sizeof hit, cached));
    xo_put(&line, ", %s out. Prices of %s.", xo_text_whole(out, sizeof out, output),
           xo_say_price_days(&words, s));
    xo_put_text(buf, &line);
}

void xo_put_text(struct xo_buf *buf, struct xo_buf *text)
{
    buf->failed = buf->failed || text->failed;
    if (!text->failed && text->length > 0)
        xo_put_wrapped(buf, text->text, WIDTH);
    xo_buf_fini(text);
}

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

static void put_usd(struct xo_buf *buf, double usd, bool dimmed, size_t columns)
{
    char text[64], marked[72];
    xo_text_usd(text, sizeof text, usd, fabs(usd) < 10 ? 0 : 3); /* cents, or three digits */
    snprintf(marked, sizeof marked, "%s%s", text[0] == '$' ? text + 1 : text, dimmed ? "!" : "");
    xo_put_cell(buf, marked, columns, true);
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

static void put_row(struct xo_buf *buf, const struct xo_curve *c, int row)
{
    enum { DIGITS = 3 }; /* as in the verdict */
    const struct xo_curve_point *p = &c->points[row];
    struct xo_words words = { 0 };
    char text[64];
    xo_put_cell(buf, xo_text_count(text, sizeof text, p->volume, DIGITS), 8, true);
    xo_put_cell(buf, xo_text_count(text, sizeof text, p->tokens, DIGITS), 8, true);
    put_usd(buf, p->usd[XO_WAY_BUY], p->limited[XO_WAY_BUY], 13);
    put_usd(buf, p->usd[XO_WAY_SAME], false, 11);
    put_usd(buf, p->usd[XO_WAY_BUILD], false, 11);
    if (p->build.feasible)
        snprintf(text, sizeof text, "%d+%d", p->build.serving_replicas,
                 p->build.headroom_replicas + p->build.spare_replicas);
    else
        snprintf(text, sizeof text, "-");
    xo_put_cell(buf, text, 9, true);
    xo_text_copy(text, sizeof text,
                 p->build.feasible ? xo_say_percent(&words, p->build.load_frac) : "-");
    xo_unglue(text);
    xo_put_cell(buf, text, 6, true);
    xo_put(buf, "%s\n", mark_of(c, row));
}

static void put_head(struct xo_buf *buf)
{
    xo_put(buf, "\n                 ----------- USD a month -----------\n"
                "requests  tokens      buy API   buy same     build:  replicas load*\n"
                "  /month  /month                 weights  GPUs+team    + more\n");
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
static void put_sellers(struct xo_buf *buf, const struct xo_curve *c)
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
    xo_put_text(buf, &line);
}

/* Of several options the cheapest is drawn; which one it is, from volume to volume. */
static void put_options(struct xo_buf *buf, const struct xo_curve *c)
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
    xo_put_text(buf, &line);
}

/* How large fleets that were not simulated go on from those that were. */
static void put_large_fleets(struct xo_buf *buf, const struct xo_curve *c)
{
    for (int i = 0; i < c->n_ladders; i++) {
        const struct xo_ladder *l = &c->ladders[i];
        if (l->n_rungs == 0 || !l->rungs[l->n_rungs - 1].interpolated)
            continue;
        struct xo_buf line = { 0 };
        const double percent = 100 / sqrt(XO_MOST_SIMULATED);
        xo_put(&line,
               "Fleets above %d replicas are not simulated: by the square-root law each replica of "
               "theirs serves up to %.1f %% more than one of %d (+- %.1f).",
               XO_MOST_SIMULATED, percent * l->pooling, XO_MOST_SIMULATED,
               1.96 * percent * l->pooling_se);
        xo_put_text(buf, &line);
        return;
    }
}

static void put_counts(struct xo_buf *buf, const struct xo_curve *c)
{
    char count[32];
    xo_put(buf, "%s requests simulated\n",
           xo_text_count(count, sizeof count, (double)c->n_simulated, 3));
}

static void put_curve_table(struct xo_buf *buf, const struct xo_curve *c)
{
    int rows[MAX_ROWS];
    bool limited = false;
    const int n = choose_rows(c, rows);
    xo_put_heading(buf, c->scenario);
    xo_put_request_line(buf, c->scenario, c->prompt_per_request, c->cached_per_request,
                        c->output_per_request);
    put_head(buf);
    for (int i = 0; i < n; i++) {
        put_row(buf, c, rows[i]);
        limited = limited || c->points[rows[i]].limited[XO_WAY_BUY];
    }
    xo_put(buf, "+ more: headroom and spares. "
                "* work done / what these GPUs could do around\n"
                "the clock within the SLO\n");
    if (limited)
        xo_put(buf, "! the API cannot serve this: %s\n",
               xo_unserved_is_tolerated(c->scenario, &c->buy_unserved)
                   ? "its rate limits would have to be raised"
                   : "it refuses more requests than the SLO lets miss");
    put_sellers(buf, c);
    put_options(buf, c);
    put_large_fleets(buf, c);
    put_counts(buf, c);
}

bool xo_curve_print(FILE *out, const struct xo_curve *curve, enum xo_format format,
                    struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    if (format == XO_FORMAT_CSV)
        xo_curve_csv(&buf, curve);
    else if (format == XO_FORMAT_JSON)
        xo_curve_json(&buf, curve);
    else {
        char *verdict = xo_verdict_text(curve, WIDTH);
        put_curve_table(&buf, curve);
        if (verdict == NULL)
            buf.failed = true;
        else
            xo_put(&buf, "\n%s", verdict);
        free(verdict);
    }
    return xo_buf_print(&buf, out, err);
}
