/* sweep_table.c - what a sweep says to a person: the verdict, the distribution, what moves it.
 *
 * It reads the report of a finished sweep (struct xo_sweep_report) and makes blocks of a page of
 * it; nothing is kept between calls. The same rules as for every verdict: the cheaper side with its
 * odds first, no point without its range, nothing outside the volumes simulated.
 *
 * Inputs are ordered by one measure for all of them (xo_sweep_order): total indices where all
 * inputs have one, else first-order indices, else the swing of the tornado. Tables, JSON and the
 * picture of indices take that order. Who wins is decided by xo_judge, as in the verdict of a
 * curve, and a share or a worth that no sample shows is said by its bound, not as 0. Begin with
 * xo_sweep_page, put_verdict and xo_sweep_order.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/lines.h"
#include "report/words/sentences.h"
#include "sweep.h"
#include "xo/stats.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 23, N_SHOWN = 12 };

/* ---- facts ---- */

double xo_swing(const struct xo_tornado *t)
{
    return fabs(t->saving_high_usd - t->saving_low_usd);
}

void xo_order_down(const double key[], int n, int order[])
{
    for (int i = 0; i < n; i++) {
        int at = i;
        for (; at > 0; at--) {
            const double other = key[order[at - 1]];
            if (!(key[i] > other || (isfinite(key[i]) && !isfinite(other))))
                break;
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
}

/* How much an input moves the saving: by its total index where that exists, else by its first-order
 * index, else by its tornado. One measure for all inputs of a sweep. */
static double strength(const struct xo_sweep_answer *a, int measure)
{
    const struct xo_sweep_indices *saving = &a->indices[XO_OUTPUT_SAVING];
    const double of[] = { saving->total.mean, saving->first.mean, xo_swing(&a->tornado) };
    return of[measure];
}

void xo_sweep_order(const struct xo_sweep_report *r, int order[XO_SWEEP_MAX_INPUTS])
{
    const struct xo_sweep_result *s = r->result;
    double key[XO_SWEEP_MAX_INPUTS];
    int measure = 0;
    for (; measure < 2; measure++) {
        bool all = true;
        for (int i = 0; i < s->n_inputs; i++)
            all = all && isfinite(strength(&s->inputs[i], measure));
        if (all)
            break;
    }
    for (int i = 0; i < s->n_inputs; i++)
        key[i] = strength(&s->inputs[i], measure);
    xo_order_down(key, s->n_inputs, order);
}

bool xo_sweep_is_sample(const struct xo_sweep_result *result, int64_t row)
{
    const int64_t rows_per_base = result->n_base > 0 ? result->n_rows / result->n_base : 1;
    return row % rows_per_base < 2;
}

/* The median of the cheaper bill of each sample; NAN where no sample has two. */
static double cheaper_bill(const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    double *bills = malloc((size_t)(s->n_rows > 0 ? s->n_rows : 1) * sizeof *bills), median = NAN;
    size_t n = 0;
    for (int64_t i = 0; bills != NULL && i < s->n_rows; i++)
        if (xo_sweep_is_sample(s, i) && isfinite(r->rows[i].saving_usd))
            bills[n++] = fmin(r->rows[i].usd[XO_WAY_BUY], r->rows[i].usd[XO_WAY_BUILD]);
    if (n > 0) {
        xo_sort(bills, n);
        median = xo_sorted_quantile(bills, n, 0.5);
    }
    free(bills);
    return median;
}

/* The requests that a unit takes in a sample: its own where they vary. */
static double calls_of(const struct xo_sweep_report *r, int64_t row)
{
    double values[XO_SWEEP_MAX_INPUTS];
    for (int i = 0; i < r->result->n_inputs; i++)
        if (strcmp(r->inputs[i].name, "unit.calls") == 0) {
            xo_sweep_values(r->sweep, row, values);
            return values[i];
        }
    return r->scenario->unit.calls;
}

bool xo_sweep_unit_saving(const struct xo_sweep_report *r, double usd[3])
{
    static const double at[3] = { 0.05, 0.5, 0.95 };
    const struct xo_sweep_result *s = r->result;
    double *saving = malloc((size_t)(s->n_rows > 0 ? s->n_rows : 1) * sizeof *saving);
    const bool ok = saving != NULL;
    size_t n = 0;
    for (int64_t i = 0; ok && i < s->n_rows; i++) {
        const struct xo_sweep_row *row = &r->rows[i];
        if (xo_sweep_is_sample(s, i) && isfinite(row->saving_usd))
            saving[n++] = row->saving_usd / row->volume * calls_of(r, i);
    }
    if (n > 0)
        xo_sort(saving, n);
    for (int q = 0; q < 3; q++)
        usd[q] = n > 0 ? xo_sorted_quantile(saving, n, at[q]) : (double)NAN;
    free(saving);
    return ok;
}

bool xo_sweep_is_immaterial(const struct xo_sweep_report *r)
{
    return xo_is_immaterial(r->result->saving_p50.mean, cheaper_bill(r),
                            r->scenario->materiality_frac);
}

enum xo_call xo_sweep_call(const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    return xo_judge(&(struct xo_comparison){
        .saving_usd = s->infeasible_share >= 1 ? (double)NAN : s->saving_p50.mean,
        .cheaper_usd = cheaper_bill(r),
        .materiality_frac = r->scenario->materiality_frac,
        .build_wins_share = s->build_wins.mean,
        .parity = r->scenario->parity });
}

const char *xo_call_name(enum xo_call call)
{
    static const char *const names[] = { "infeasible", "no_winner", "too_close", "buy", "build" };
    XO_TABLE_OF(names, XO_N_CALLS);
    return names[call];
}

const char *xo_say_volume(struct xo_words *w, const struct xo_sweep_result *result, double volume)
{
    enum { DRAWN = 2, KNOWN = 3 }; /* digits: as in words.c */
    const bool below = volume<result->min_volume, above = volume> result->max_volume;
    const bool known = volume <= result->min_volume || volume >= result->max_volume ||
                       volume == result->base_crossover;
    char text[32], *slot = xo_words_slot(w);
    xo_text_count(text, sizeof text,
                  below   ? result->min_volume
                  : above ? result->max_volume
                          : volume,
                  known ? KNOWN : DRAWN);
    snprintf(slot, sizeof w->slot[0], "%s%s", below ? "under " : above ? "over " : "", text);
    for (char *c = slot; *c != '\0'; c++)
        if (*c == ' ')
            *c = XO_GLUE;
    return slot;
}

/* What arithmetic leaves beside 0 and 1. */
static const double NEAR = 1e-9;

/* "3.1 %": shares of samples, which are counted, not guessed. */
static const char *say_share(struct xo_words *w, double share)
{
    return isnan(share)                        ? "-"
           : share > NEAR && share < 0.001     ? xo_say(w, "under%c0.1%c%%", XO_GLUE, XO_GLUE)
           : share < 1 - NEAR && share > 0.999 ? xo_say(w, "over%c99.9%c%%", XO_GLUE, XO_GLUE)
           : (share > NEAR && share < 0.0995) || (share < 1 - NEAR && share > 0.9005)
               ? xo_say(w, "%.1f%c%%", 100 * share, XO_GLUE)
               : xo_say(w, "%.0f%c%%", fabs(100 * share), XO_GLUE);
}

/* "under 0.1 %", "under 4.6 %": a share that is a bound, whose own words may say so already. */
static const char *say_bound(struct xo_words *w, const char *side, double share)
{
    const char *said = say_share(w, share);
    return strncmp(said, side, strlen(side)) == 0 ? said : xo_say(w, "%s %s", side, said);
}

/* "in 12 % of samples (standard error 0.3 %)"; of none or all, what that says of the share. */
static const char *say_odds(struct xo_words *w, const struct xo_sweep_result *s)
{
    const struct xo_interval *p = &s->build_wins;
    return p->mean > 0 && p->mean < 1
               ? xo_say(w, "in %s of samples (standard error %s)", say_share(w, p->mean),
                        say_share(w, s->build_wins_se))
           : p->mean > 0
               ? xo_say(w, "in every sample (95 %% sure of %s)", say_bound(w, "over", p->lo))
               : xo_say(w, "in no sample (95 %% sure of %s)", say_bound(w, "under", p->hi));
}

/* "at 1.5 M requests a month"; where the plan itself is not known, over which range of it. */
static const char *say_plan(struct xo_words *w, const struct xo_sweep_report *r)
{
    for (int i = 0; i < r->result->n_inputs; i++)
        if (strcmp(r->inputs[i].name, "workload.volume") == 0)
            return xo_say(w, "at your plan (P10 to P90: %s to %s requests a month)",
                          xo_say_count(w, r->inputs[i].p10), xo_say_count(w, r->inputs[i].p90));
    return xo_say(w, "at %s requests a month", xo_say_count(w, r->scenario->requests_per_month));
}

const char *xo_say_crossing(struct xo_words *w, const struct xo_sweep_result *s)
{
    const double median = s->crossover.p50.mean;
    if (isinf(median))
        return xo_say(w, "does not become cheaper up to %s requests a month in %s of samples",
                      xo_say_volume(w, s, s->max_volume), say_share(w, s->never.mean));
    if (median == 0)
        return xo_say(w, "is cheaper from below %s requests a month on in %s of samples",
                      xo_say_volume(w, s, s->min_volume), say_share(w, s->below.mean));
    return xo_say(w, "becomes cheaper at %s requests a month (P5 %s, P95 %s)",
                  xo_say_volume(w, s, median), xo_say_volume(w, s, s->crossover.p05.mean),
                  xo_say_volume(w, s, s->crossover.p95.mean));
}

/* " (92 % to 94 %)", or nothing where there is no interval. */
static const char *say_share_interval(struct xo_words *w, const struct xo_interval *i)
{
    if (isnan(i->lo) || isnan(i->hi))
        return "";
    const char *lo = say_share(w, fmax(0, i->lo)), *hi = say_share(w, fmin(1, i->hi));
    return strcmp(lo, hi) != 0 ? xo_say(w, " (%s to %s)", lo, hi) : "";
}

/* ---- the verdict ---- */

static const char *say_build(struct xo_words *w, const struct xo_scenario *s, const char *word)
{
    char label[96], model[64];
    return s->n_options != 1
               ? word
               : xo_say(w, "%s (%s on %s)", word,
                        xo_plain(model, sizeof model, s->options[0].deployment.model.name, 32),
                        xo_plain(label, sizeof label, s->options[0].label, 48));
}

static void say_saving(struct xo_buf *b, struct xo_words *w, const struct xo_sweep_result *s)
{
    const double lo = s->saving_p05.mean, mid = s->saving_p50.mean, hi = s->saving_p95.mean;
    if (isnan(mid))
        return;
    const char *word = mid < 0 ? "dearer" : "cheaper";
    if (hi < 0 || lo > 0)
        xo_put(b, "This build is %s by %s a month, in 90%c%% of samples by %s. ", word,
               xo_say_usd(w, fabs(mid)), XO_GLUE,
               xo_say_usd_range(w, fmin(fabs(lo), fabs(hi)), fmax(fabs(lo), fabs(hi))));
    else
        xo_put(b,
               "This build is %s by %s a month in the middle sample; 90%c%% of samples lie between "
               "%s dearer and %s cheaper. ",
               word, xo_say_usd(w, fabs(mid)), XO_GLUE, xo_say_usd(w, -lo), xo_say_usd(w, hi));
}

static void say_winner(struct xo_buf *b, struct xo_words *w, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    const char *odds = say_odds(w, s), *plan = say_plan(w, r);
    switch (xo_sweep_call(r)) {
    case XO_CALL_INFEASIBLE:
        xo_put(b, "No fleet meets the SLO in any sample: no cost is given for this build. ");
        return;
    case XO_CALL_NO_WINNER:
        xo_put(
            b, "No winner is named: parity is unequal. Bills alone: %s %s costs less than %s %s. ",
            plan, say_build(w, r->scenario, "this build"), xo_say_baseline(w, r->scenario), odds);
        break;
    case XO_CALL_TOO_CLOSE:
        xo_put(b, "Too close to call %s: %s is cheaper than %s %s. ", plan,
               say_build(w, r->scenario, "this build"), xo_say_baseline(w, r->scenario), odds);
        if (xo_sweep_is_immaterial(r))
            xo_put(b, "The middle sample's difference is under %s of the cheaper bill. ",
                   xo_say_typed_share(w, r->scenario->materiality_frac));
        break;
    case XO_CALL_BUY:
    case XO_CALL_BUILD:
        xo_put(b, "Cheaper %s: %s. %s is cheaper than %s %s. ", plan,
               xo_sweep_call(r) == XO_CALL_BUILD ? "BUILD" : "BUY",
               say_build(w, r->scenario, "This build"), xo_say_baseline(w, r->scenario), odds);
        break;
    case XO_N_CALLS:
        break;
    }
    say_saving(b, w, s);
}

/* The same weights by the token, where a host is known: the other half of the question. */
static void say_same(struct xo_buf *b, struct xo_words *w, const struct xo_sweep_report *r)
{
    int64_t n = 0, wins = 0;
    for (int64_t i = 0; i < r->result->n_rows; i++) {
        const struct xo_sweep_row *row = &r->rows[i];
        if (!xo_sweep_is_sample(r->result, i) || isnan(row->usd[XO_WAY_SAME]))
            continue;
        n++;
        wins += row->usd[XO_WAY_BUILD] < row->usd[XO_WAY_SAME];
    }
    if (n > 0)
        xo_put(b,
               "Against buying the same weights by the token from %s, this build is cheaper at "
               "your plan in %s of samples. ",
               xo_say_host(w, r->scenario), say_share(w, (double)wins / (double)n));
}

/* In how many samples the answer changes with the volume; each of the others has one side that is
 * cheaper throughout. */
static void say_where(struct xo_buf *b, struct xo_words *w, const struct xo_sweep_result *s)
{
    xo_put(b,
           "This build becomes cheaper at some volume from %s to %s requests a month in %s of "
           "samples%s",
           xo_say_volume(w, s, s->min_volume), xo_say_volume(w, s, s->max_volume),
           say_share(w, s->exists.mean), say_share_interval(w, &s->exists));
    if (s->below.mean > 0)
        xo_put(b, "; in %s it is cheaper from below that on", say_share(w, s->below.mean));
    if (s->never.mean > 0)
        xo_put(b, "; in %s it is cheaper at no volume up to there", say_share(w, s->never.mean));
    xo_put(b, ". ");
}

static void say_crossing(struct xo_buf *b, struct xo_words *w, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    say_where(b, w, s);
    if (s->infeasible_share > 0)
        xo_put(b, "No fleet meets the SLO in %s of samples. ", say_share(w, s->infeasible_share));
    if (s->buy_limited_share > 0)
        xo_put(b,
               "The API cannot serve it as listed in %s (a rate limit below the busiest minute, or "
               "requests longer than its context); its bill stands. ",
               say_share(w, s->buy_limited_share));
    say_same(b, w, r);
}

/* "$1,400"; where no sample shows any, what it is under. */
static const char *say_worth(struct xo_words *w, const struct xo_interval *i, const char *under)
{
    const double mean = fmax(0, i->mean);
    return mean < 0.5 && i->hi >= 0.5 ? xo_say(w, "%s%s", under, xo_say_usd(w, i->hi))
                                      : xo_say_usd(w, mean);
}

/* Where few samples make much of a mean, it hangs on what the model says of extremes. */
static void say_tail(struct xo_buf *b, struct xo_words *w, const struct xo_sweep_result *s)
{
    static const double TOLD_FROM = 0.2;
    const struct {
        double share;
        const char *of;
    } tails[] = { { s->tail_of_regret_buy, "what buying costs more" },
                  { s->tail_of_regret_build, "what this build costs more" },
                  { s->tail_of_saving, "what bills differ by" } };
    char n[32], all[32];
    xo_text_whole(n, sizeof n, (double)s->n_tail);
    xo_text_whole(all, sizeof all, (double)s->n_distribution);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0] && s->n_tail > 1; i++)
        if (tails[i].share >= TOLD_FROM)
            xo_put(b, "The %s largest of %s samples make %s of %s. ", n, all,
                   say_share(w, tails[i].share), tails[i].of);
}

static void say_regret(struct xo_buf *b, struct xo_words *w, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    int best = -1;
    if (isnan(s->regret_buy.mean) || isnan(s->regret_build.mean))
        return;
    xo_put(b,
           "Against the cheaper side of each sample, buying costs %s a month more on average "
           "and this build %s; knowing everything first is worth %s. ",
           say_worth(w, &s->regret_buy, "under "), say_worth(w, &s->regret_build, "under "),
           say_worth(w, &s->evpi, "under "));
    for (int i = 0; i < s->n_inputs; i++)
        if (s->inputs[i].evppi_usd.mean > (best < 0 ? 0.5 : s->inputs[best].evppi_usd.mean))
            best = i;
    if (best >= 0)
        xo_put(b, "What would settle it most: knowing %s exactly is worth %s a month. ",
               r->inputs[best].name, xo_say_usd(w, s->inputs[best].evppi_usd.mean));
    say_tail(b, w, s);
}

static void say_not_compared(struct xo_buf *b, const struct xo_scenario *s)
{
    struct xo_words words = { 0 };
    xo_put(b, "Not compared: %sAPI latency (not measured), exit costs. Prices of %s. ",
           s->parity == XO_PARITY_ASSUMED ? "quality (parity assumed), " : "",
           xo_say_price_days(&words, s));
    xo_put_price_notes(b, s);
    xo_put_reconciliation(b, s);
}

static void put_verdict(struct page *page, const struct xo_sweep_report *r)
{
    static void (*const tell[3])(struct xo_buf *, struct xo_words *,
                                 const struct xo_sweep_report *) = { say_winner, NULL, say_regret };
    for (int i = 0; i < 4; i++) {
        struct xo_words words = { 0 };
        struct xo_buf text = { 0 };
        if (i == 1)
            say_crossing(&text, &words, r);
        else if (i == 3)
            say_not_compared(&text, r->scenario);
        else
            tell[i](&text, &words, r);
        page_text(page, &text);
    }
}

char *xo_sweep_title(const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    struct xo_words words = { 0 }, *w = &words;
    struct xo_buf text = { 0 };
    xo_put(&text, "%s", r->scenario->n_guesses > 0 ? "DRAFT: " : "");
    if (s->infeasible_share >= 1)
        xo_put(&text, "no fleet meets the SLO in any sample");
    else
        xo_put(&text, "%sthis build is cheaper than %s %s in %s of samples; it %s",
               xo_sweep_call(r) == XO_CALL_TOO_CLOSE   ? "too close to call: "
               : xo_sweep_call(r) == XO_CALL_NO_WINNER ? "bills only, parity is unequal: "
                                                       : "",
               xo_say_baseline(w, r->scenario), say_plan(w, r), say_share(w, s->build_wins.mean),
               xo_say_crossing(w, s));
    xo_unglue(text.text);
    const size_t first = r->scenario->n_guesses > 0 ? strlen("DRAFT: ") : 0;
    if (text.text != NULL && text.text[first] >= 'a' && text.text[first] <= 'z')
        text.text[first] = (char)(text.text[first] - 'a' + 'A');
    return xo_buf_take(&text);
}

/* ---- tables ---- */

static void put_quantile_row(struct page *page, const char *name, const char *p05, const char *p50,
                             const char *p95)
{
    const struct cell cells[] = {
        { NULL, WORD(name), LEFT(32) },
        { NULL, WORD(p05), .head = "P5", RIGHT(16) },
        { NULL, WORD(p50), .head = "P50", RIGHT(16) },
        { NULL, WORD(p95), .head = "P95", RIGHT(16) },
    };
    PAGE_ROW(page, cells);
}

static void put_volumes(struct page *page, const struct xo_sweep_result *s, const char *name,
                        const struct xo_sweep_volumes *v)
{
    struct xo_words words = { 0 }, *w = &words;
    put_quantile_row(page, name, xo_say_volume(w, s, v->p05.mean), xo_say_volume(w, s, v->p50.mean),
                     xo_say_volume(w, s, v->p95.mean));
}

static void put_quantiles(struct page *page, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    struct xo_words words = { 0 }, *w = &words;
    double unit[3];
    const struct xo_interval *median = &s->crossover.p50;
    const char *lo = xo_say_volume(w, s, median->lo), *hi = xo_say_volume(w, s, median->hi);
    page_gap(page);
    page_table(page, NULL);
    put_volumes(page, s, "crossover, requests a month", &s->crossover);
    put_volumes(page, s, "stays cheaper above", &s->stays_above);
    if (!isnan(median->lo) && !isnan(median->hi) && strcmp(lo, hi) != 0)
        put_quantile_row(page, "  95 % interval of its median", "", xo_say(w, "%s to %s", lo, hi),
                         "");
    put_quantile_row(page, "saved by this build, a month", xo_say_usd(w, s->saving_p05.mean),
                     xo_say_usd(w, s->saving_p50.mean), xo_say_usd(w, s->saving_p95.mean));
    if (!xo_has_unit(r->scenario))
        return;
    page->text.failed = page->text.failed || !xo_sweep_unit_saving(r, unit);
    put_quantile_row(page, xo_say(w, "  per %s", xo_say_unit(w, r->scenario)),
                     xo_say_usd(w, unit[0]), xo_say_usd(w, unit[1]), xo_say_usd(w, unit[2]));
}

/* "build.rent"; a star marks what the scenario does not list. */
static const char *say_name(struct xo_words *w, const struct xo_sweep_input *in)
{
    return xo_say(w, "%s%s", in->name, in->implied ? " *" : "");
}

static void put_moved(struct page *page, const char *name, const char *low, const char *high,
                      const char *at_low, const char *at_high, const char *worth)
{
    const struct cell cells[] = {
        { NULL, TEXT(name), .head = "What moves it\nthe saving, most first", LEFT(NAME) },
        { NULL, WORD(low), .head = "P10\n", RIGHT(12) },
        { NULL, WORD(high), .head = "P90\nvalue of the input  ", RIGHT(12) },
        { NULL, WORD(at_low), .head = "at P10\n", RIGHT(12) },
        { NULL, WORD(at_high), .head = "at P90\ncrossing  ", RIGHT(12) },
        { NULL, WORD(worth), .head = "worth\nknowing", RIGHT(9) },
    };
    PAGE_ROW(page, cells);
}

static void put_tornado_row(struct page *page, const struct xo_sweep_report *r, int input)
{
    const struct xo_sweep_result *s = r->result;
    const struct xo_tornado *t = &s->inputs[input].tornado;
    const char *unit = xo_keys[r->inputs[input].key].unit;
    struct xo_words words = { 0 }, *w = &words;
    char low[64], high[64];
    put_moved(page, say_name(w, &r->inputs[input]), xo_show_quantity(low, sizeof low, unit, t->low),
              xo_show_quantity(high, sizeof high, unit, t->high),
              xo_say_volume(w, s, t->crossover_low), xo_say_volume(w, s, t->crossover_high),
              say_worth(w, &s->inputs[input].evppi_usd, "<"));
}

/* A tornado is drawn about the scenario's own values: which of them are no middle. */
static void put_off_middle(struct page *page, const struct xo_sweep_report *r)
{
    static const double LOW = 0.25, HIGH = 0.75;
    struct xo_buf text = { 0 };
    for (int i = 0; i < r->result->n_inputs; i++) {
        const double at = r->inputs[i].base_frac;
        if (at < LOW || at > HIGH)
            xo_put(&text, "%s%.0f %% of draws lie below that of %s",
                   text.length > 0 ? ", " : "The scenario's own values are not all in the middle: ",
                   100 * at, r->inputs[i].name);
    }
    if (text.length > 0)
        xo_put(&text, ".");
    page_text(page, &text);
}

/* A correlation that the samples do not show as asked, for ties of a discrete input, say. */
static void put_correlations(struct page *page, const struct xo_sweep_report *r)
{
    struct xo_buf text = { 0 };
    for (int i = 0; i < r->result->n_correlations && i < N_SHOWN; i++) {
        const struct xo_sweep_correlation *c = &r->result->correlations[i];
        xo_put(&text, "%s%s ~ %s %.2f (%.2f achieved)",
               i == 0 ? "Rank correlations asked for: " : ", ", r->inputs[c->a].name,
               r->inputs[c->b].name, c->asked, c->achieved);
    }
    if (r->result->n_correlations > N_SHOWN)
        xo_put(&text, " and %d more, in sweep.json", r->result->n_correlations - N_SHOWN);
    if (text.length > 0)
        xo_put(&text, ".");
    page_text(page, &text);
}

static void put_tornado(struct page *page, const struct xo_sweep_report *r, const int order[])
{
    const struct xo_sweep_result *s = r->result;
    struct xo_words words = { 0 };
    bool implied = false;
    page_gap(page);
    page_table(page, NULL);
    put_moved(page, "the scenario as it is", "", "", "",
              xo_say_volume(&words, s, s->base_crossover), "");
    for (int k = 0; k < s->n_inputs && k < N_SHOWN; k++) {
        put_tornado_row(page, r, order[k]);
        implied |= r->inputs[order[k]].implied;
    }
    if (s->n_inputs > N_SHOWN)
        page_line(page, "and %d more, in sweep.csv", s->n_inputs - N_SHOWN);
    if (implied)
        page_line(page,
                  "* not typed: the catalog's own spread of a price, or the step time's error");
    put_off_middle(page, r);
    put_correlations(page, r);
}

static double hundredths(double value)
{
    return round(100 * value) / 100 + 0.0; /* never -0.00 */
}

/* "0.42 (0.38 to 0.46)" */
static const char *say_interval(struct xo_words *w, const struct xo_interval *i)
{
    return !isfinite(i->mean) ? "-"
           : !isfinite(i->lo) || !isfinite(i->hi)
               ? xo_say(w, "%.2f", hundredths(i->mean))
               : xo_say(w, "%.2f (%.2f to %.2f)", hundredths(i->mean), hundredths(i->lo),
                        hundredths(i->hi));
}

static void put_index_row(struct page *page, const struct xo_sweep_input *in,
                          const struct xo_sweep_answer *a)
{
    const struct xo_sweep_indices *saving = &a->indices[XO_OUTPUT_SAVING];
    const struct xo_interval rank = { a->prcc_saving.mean, NAN, NAN };
    struct xo_words words = { 0 }, *w = &words;
    const struct cell cells[] = {
        { NULL, TEXT(say_name(w, in)), .head = "The saving's variance", LEFT(NAME) },
        { NULL, WORD(say_interval(w, &saving->first)), .head = "alone (first-order)", RIGHT(23) },
        { NULL, WORD(say_interval(w, &saving->total)), .head = "with others (total)", RIGHT(23) },
        { NULL, WORD(say_interval(w, &rank)), .head = "partial\nrank corr.", RIGHT(11) },
    };
    PAGE_ROW(page, cells);
}

static void put_indices(struct page *page, const struct xo_sweep_report *r, const int order[])
{
    const struct xo_sweep_result *s = r->result;
    page_gap(page);
    if (!s->outputs[XO_OUTPUT_SAVING].exists) {
        page_say(page, "How much each input makes of the saving's variance is not said: some "
                       "samples have no saving, since no fleet meets the SLO there.");
        return;
    }
    page_table(page, NULL);
    for (int k = 0; k < s->n_inputs && k < N_SHOWN; k++)
        put_index_row(page, &r->inputs[order[k]], &s->inputs[order[k]]);
}

static void say_surrogates(struct xo_buf *text, const struct xo_sweep_report *r)
{
    for (int i = 0; i < r->result->n_surrogates; i++) {
        const struct xo_surrogate_report *u = &r->result->surrogates[i];
        char label[64];
        if (!isfinite(u->held_out_rms))
            continue;
        xo_put(text,
               "Surrogate of capacity for %s: off by %.1f %% (rms), %.1f %% at worst on %d "
               "points held out%s",
               xo_plain(label, sizeof label, r->scenario->options[u->option].label, 48),
               100 * u->held_out_rms, 100 * u->held_out_worst, u->n_held_out,
               u->precise ? ". " : ": over 3 %, take the spread as that much wider. ");
        if (isfinite(u->simulation_sd))
            xo_put(text, "Other seeds move capacity by %.1f %%. ", 100 * u->simulation_sd);
    }
}

static void put_effort(struct page *page, const struct xo_sweep_report *r)
{
    const struct xo_sweep_result *s = r->result;
    struct xo_words words = { 0 };
    struct xo_buf text = { 0 };
    char samples[32];
    const double all = s->input_variance + s->noise_variance;
    xo_text_whole(samples, sizeof samples, (double)s->n_reused);
    const bool one = s->n_searches == 1;
    xo_put(&text, "%d simulated capacit%s (%s requests) %s all %s model runs. ", s->n_searches,
           one ? "y" : "ies", xo_say_count(&words, (double)s->n_simulated),
           one ? "serves" : "serve", samples);
    say_surrogates(&text, r);
    if (s->n_confirmed > 0)
        xo_put(&text,
               "%d of the capacities were simulated for the samples that cost this build most. ",
               s->n_confirmed);
    if (all > 0)
        xo_put(&text,
               "Of the saving's variance %s comes from inputs, %s from simulation and "
               "surrogate. ",
               say_share(&words, s->input_variance / all),
               say_share(&words, s->noise_variance / all));
    if (s->stopped_early)
        xo_put(&text, "Stopped early: the precision asked for was reached. ");
    page_gap(page);
    page_text(page, &text);
    page_notes(page, s->n_notes, s->notes);
}

void xo_sweep_page(struct page *page, const struct xo_sweep_report *r)
{
    static const char *const samplings[] = { "plain Monte Carlo", "Latin hypercubes",
                                             "Sobol' points" };
    XO_TABLE_OF(samplings, XO_N_SAMPLINGS);
    const struct xo_sweep_result *s = r->result;
    struct xo_words words = { 0 };
    struct xo_buf what = { 0 }, who = { 0 };
    int order[XO_SWEEP_MAX_INPUTS];
    char samples[32];
    xo_sweep_order(r, order);
    page_scenario(page, r->scenario);
    xo_text_whole(samples, sizeof samples, (double)s->n_distribution);
    xo_put(&what, "%s samples of %d input%s not known (%s", samples, s->n_inputs,
           s->n_inputs == 1 ? "" : "s", samplings[s->sampling]);
    xo_text_whole(samples, sizeof samples, (double)(s->n_rows - s->n_distribution));
    if (s->n_rows > s->n_distribution)
        xo_put(&what, "; %s more for shares of variance", samples);
    xo_put(&what, ")");
    page_text(page, &what);
    xo_put(&who, "This build against %s", xo_say_baseline(&words, r->scenario));
    if (r->scenario->n_same_model > 0)
        xo_put(&who, "; same weights: %s", xo_say_host(&words, r->scenario));
    xo_put(&who, ".");
    page_text(page, &who);
    put_quantiles(page, r);
    put_tornado(page, r, order);
    put_indices(page, r, order);
    page_gap(page);
    put_verdict(page, r);
    put_effort(page, r);
}
