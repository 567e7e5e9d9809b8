/* horizon.c - the months as a table of a terminal, as rows for programs, and all of it as JSON.
 *
 * It reads a finished struct xo_horizon. Columns loop over the ways, so that one added later is in
 * every table. The terminal shows some ten months: the ends, even steps, the payback and the month
 * in which switching is worth most (choose_rows). Begin with put_month and horizon_page.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/folder.h"
#include "report/out/lines.h"
#include "report/out/out.h"
#include "report/words/sentences.h"
#include "tables.h"
#include "xo/text.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows for CSV and JSON ---- */

enum { BASE_CELLS = 8, WAY_CELLS = 23 };

#define BAND_USD(w, key, what, suffix, unit, band)                                                 \
    { xo_say(w, "%s_%s_p10_usd" suffix, key, what), unit, NUMBER((band)->p10) },                   \
        { xo_say(w, "%s_%s_p50_usd" suffix, key, what), unit, NUMBER((band)->p50) },               \
    {                                                                                              \
        xo_say(w, "%s_%s_p90_usd" suffix, key, what), unit, NUMBER((band)->p90)                    \
    }

/* The cells of a way: its bills, the sums of its plan, and switching to it in this month. */
static size_t cells_of_way(struct cell out[WAY_CELLS], struct xo_words *w,
                           const struct xo_horizon *h, const struct xo_horizon_month *m, int way)
{
    const char *key = xo_way_words[way].key;
    const struct cell cells[] = {
        { xo_say(w, "%s_economic_usd_month", key), "usd/month", NUMBER(m->economic_usd[way]) },
        { xo_say(w, "%s_cash_usd_month", key), "usd/month", NUMBER(m->cash_usd[way]) },
        BAND_USD(w, key, "bill", "_month", "usd/month", &m->bill_band[way]),
        { xo_say(w, "%s_cumulative_usd", key), "usd", NUMBER(m->cumulative_usd[way]) },
        BAND_USD(w, key, "cumulative", "", "usd", &m->cumulative_band[way]),
        { xo_say(w, "%s_ahead_share", key), "fraction", NUMBER(m->ahead_share[way]) },
        { xo_say(w, "%s_switch_npv_usd", key), "usd", NUMBER(m->switch_npv_usd[way]) },
        BAND_USD(w, key, "switch_npv", "", "usd", &m->switch_band[way]),
        { xo_say(w, "%s_limited", key), FLAG(m->limited[way]) },
        { xo_say(w, "%s_replicas", key), "", NUMBER(m->replicas[way]) },
        { xo_say(w, "%s_gpus", key), "", NUMBER(m->gpus[way]) },
        { xo_say(w, "%s_name", key),
          TEXT(xo_way_name(h->scenario, (enum xo_way)way, m->pick[way])) },
    };
    _Static_assert(XO_ROWS(cells) <= WAY_CELLS, "room for the cells of a way");
    memcpy(out, cells, sizeof cells);
    return XO_ROWS(cells);
}

static void put_month(struct rows *to, const struct xo_horizon *h, int month)
{
    const struct xo_horizon_month *m = &h->months[month];
    struct xo_words words[XO_N_WAYS + 1] = { 0 };
    struct cell cells[BASE_CELLS + XO_N_WAYS * WAY_CELLS] = {
        { "month", WORD(xo_say_month(&words[XO_N_WAYS], h, month)) },
        { "number", "", NUMBER(month) },
        { "volume_requests_month", "requests/month", NUMBER(m->volume) },
        { "tokens_month", "tokens/month", NUMBER(m->tokens) },
        { "api_factor", "", NUMBER(m->api_factor) },
        { "rent_factor", "", NUMBER(m->rent_factor) },
        { "power_factor", "", NUMBER(m->power_factor) },
        { "capacity_factor", "", NUMBER(m->capacity_factor) },
    };
    size_t n = BASE_CELLS;
    for (int way = 0; way < XO_N_WAYS; way++)
        n += cells_of_way(cells + n, &words[way], h, m, way);
    rows_put(to, cells, n);
}

void xo_put_months(struct rows *to, const struct xo_horizon *h)
{
    for (int m = 0; m < h->n_months; m++)
        put_month(to, h, m);
}

/* ---- JSON ---- */

/* A time or a rate that is not there is null; one beyond the horizon a word. */
static json_t *band_json(struct xo_json *j, const struct xo_band *band)
{
    const struct cell cells[] = {
        { "p10", VOLUME(band->p10) },       { "p50", VOLUME(band->p50) },
        { "p90", VOLUME(band->p90) },       { "p10_se", NUMBER(band->p10_se) },
        { "p50_se", NUMBER(band->p50_se) }, { "p90_se", NUMBER(band->p90_se) },
    };
    return CELLS_JSON(j, cells);
}

static json_t *tripwires_json(struct xo_json *j, const struct xo_horizon *h,
                              const struct xo_switch *to)
{
    json_t *object = xo_json_object(j);
    for (int key = 0; key < XO_N_TRIPWIRES; key++) {
        const struct xo_tripwire *t = &to->tripwires[key];
        struct xo_words words = { 0 };
        const bool reached = t->possible && t->month >= 0;
        const struct cell cells[] = {
            { "possible", FLAG(t->possible) },
            { "factor", NUMBER(t->possible ? t->factor : (double)NAN) },
            { "limit", NUMBER(t->limit > 0 ? t->limit : (double)NAN) },
            { "month", WORD(reached ? xo_say_month(&words, h, t->month) : NULL) },
        };
        xo_json_put(j, object, xo_tripwire_name((enum xo_tripwire_key)key), CELLS_JSON(j, cells));
    }
    return object;
}

static json_t *switch_json(struct xo_json *j, const struct xo_horizon *h, int way)
{
    static const char *const irr_kinds[] = { "none", "one", "loan", "several" };
    XO_TABLE_OF(irr_kinds, XO_N_IRR_KINDS);
    const struct xo_switch *to = &h->to[way];
    struct xo_words words = { 0 }, *w = &words;
    if (!to->exists)
        return NULL;
    const struct cell cells[] = {
        { "earliest_month", WORD(xo_say_month(w, h, to->earliest)) },
        { "npv_usd", NUMBER(to->npv_usd) },
        { "npv_range_usd", JSON(band_json(j, &to->npv)) },
        { "saves_share", NUMBER(to->gains_share) },
        { "saves_share_se", NUMBER(to->gains_se) },
        { "payback_months", VOLUME(to->payback_months) },
        { "payback_range_months", JSON(band_json(j, &to->payback)) },
        { "discounted_payback_months", VOLUME(to->discounted_payback_months) },
        { "discounted_payback_range_months", JSON(band_json(j, &to->discounted_payback)) },
        { "pays_back_share", NUMBER(to->pays_back_share) },
        { "internal_rates", WORD(irr_kinds[to->irr.kind]) },
        { "internal_rate_frac_year", NUMBER(to->irr.per_year) },
        { "internal_rate_range_frac_year", JSON(band_json(j, &to->irr_per_year)) },
        { "peak_exposure_usd", NUMBER(to->peak_usd) },
        { "peak_exposure_range_usd", JSON(band_json(j, &to->peak)) },
        { "peak_exposure_month", NUMBER(to->peak_month) },
        { "best_month", WORD(to->best_month < 0 ? NULL : xo_say_month(w, h, to->best_month)) },
        { "best_npv_usd", NUMBER(to->best_npv_usd) },
        { "best_saves_share", NUMBER(to->best_gains_share) },
        { "best_number_range", JSON(band_json(j, &to->best)) },
        { "waiting_6_months_costs_usd", NUMBER(to->wait_usd[XO_WAITS_6]) },
        { "waiting_6_months_range_usd", JSON(band_json(j, &to->wait[XO_WAITS_6])) },
        { "waiting_12_months_costs_usd", NUMBER(to->wait_usd[XO_WAITS_12]) },
        { "waiting_12_months_range_usd", JSON(band_json(j, &to->wait[XO_WAITS_12])) },
        { "without_share", NUMBER(to->without_share) },
        { "tripwires", JSON(tripwires_json(j, h, to)) },
    };
    return CELLS_JSON(j, cells);
}

static json_t *ways_json(struct xo_json *j, const struct xo_horizon *h)
{
    json_t *object = xo_json_object(j);
    for (int way = 0; way < XO_N_WAYS; way++) {
        const struct cell cells[] = {
            { "name", TEXT(xo_way_name(h->scenario, (enum xo_way)way, h->months[0].pick[way])) },
            { "cost_usd", NUMBER(h->cost_usd[way]) },
            { "cost_range_usd", JSON(band_json(j, &h->cost[way])) },
            { "switch_from_buying", JSON(switch_json(j, h, way)) },
        };
        xo_json_put(j, object, xo_way_words[way].key, CELLS_JSON(j, cells));
    }
    return object;
}

static char *verdict_text(const struct xo_horizon *h, int width)
{
    struct xo_buf wrapped = { 0 };
    char *told = xo_horizon_paragraphs(h), *rest = NULL;
    wrapped.failed = told == NULL;
    for (char *p = told == NULL ? NULL : strtok_r(told, "\n", &rest); p != NULL;
         p = strtok_r(NULL, "\n", &rest))
        xo_put_wrapped(&wrapped, p, width);
    free(told);
    return xo_buf_take(&wrapped);
}

static json_t *verdict_json(struct xo_json *j, const struct xo_horizon *h)
{
    static const char *const winners[] = { NULL, NULL, "later", NULL, "build", "buy" };
    XO_TABLE_OF(winners, XO_N_HORIZON_CODES);
    char *title = xo_horizon_title(h), *text = verdict_text(h, INT_MAX);
    struct xo_words words = { 0 };
    const struct cell cells[] = {
        { "code", WORD(xo_horizon_code_name(h->verdict)) },
        { "title", TEXT(title) },
        { "text", TEXT(text) },
        { "draft", FLAG(h->scenario->n_guesses > 0) },
        { "cheaper", WORD(winners[h->verdict]) },
        { "buy_limited_from",
          WORD(h->first_limited < 0 ? NULL : xo_say_month(&words, h, h->first_limited)) },
    };
    j->failed = j->failed || title == NULL || text == NULL;
    json_t *verdict = CELLS_JSON(j, cells);
    free(title);
    free(text);
    return verdict;
}

static void horizon_json(struct xo_buf *buf, const struct xo_horizon *h)
{
    const struct xo_horizon_terms *t = &h->scenario->horizon;
    struct xo_json json = { 0 }, *j = &json;
    struct xo_words words = { 0 };
    struct rows months = { .json = j, .array = xo_json_array(j) };
    xo_put_months(&months, h);
    const struct cell cells[] = {
        { "schema", WORD("crossover.horizon/1") },
        { "version", WORD(XO_VERSION) },
        { "scenario", JSON(xo_json_scenario(j, h->scenario)) },
        { "first_month", WORD(xo_say_month(&words, h, 0)) },
        { "n_months", NUMBER(h->n_months) },
        { "basis", WORD(t->basis == XO_BASIS_CASH ? "cash" : "economic") },
        { "discount_frac_year", NUMBER(t->discount_per_year) },
        { "before_tax", FLAG(true) },
        { "verdict", JSON(verdict_json(j, h)) },
        { "ways", JSON(ways_json(j, h)) },
        { "n_draws", NUMBER(h->scenario->n_draws) },
        { "n_uncertain", NUMBER(h->scenario->n_uncertain) },
        { "n_simulated", NUMBER(h->n_simulated) },
        { "months", JSON(months.array) },
    };
    xo_json_dump(j, CELLS_JSON(j, cells), buf);
}

/* ---- the terminal ---- */

/* Columns of 80: a further way takes the room of the GPUs, then of the requests. */
enum {
    TERMINAL = 80,
    MONTH = 8,
    REQUESTS = 8,
    BUY = 11,
    BILL = 13,
    GPUS = 6,
    SAVED = 12,
    MARK = 9,
    WITHOUT_GPUS = MONTH + BUY + (XO_N_WAYS - 1) * BILL + SAVED + MARK,
    HAS_REQUESTS = WITHOUT_GPUS + REQUESTS <= TERMINAL,
    HAS_GPUS = WITHOUT_GPUS + REQUESTS + GPUS <= TERMINAL
};

/* Which months are shown. */
static bool is_shown(const struct xo_horizon *h, int month)
{
    static const int steps[] = { 1, 2, 3, 6, 12, 24, 48 };
    enum { WANTED = 8 };
    const struct xo_switch *to = &h->to[XO_WAY_BUILD];
    size_t i = 0;
    while (i + 1 < XO_ROWS(steps) && h->n_months > WANTED * steps[i])
        i++;
    const bool pays =
        to->exists && isfinite(to->payback_months) && month == (int)ceil(to->payback_months) - 1;
    return month % steps[i] == 0 || month == h->n_months - 1 || pays ||
           (to->exists && month == to->best_month);
}

static const char *mark_of(const struct xo_horizon *h, int month)
{
    const struct xo_switch *to = &h->to[XO_WAY_BUILD];
    if (!to->exists)
        return "";
    if (isfinite(to->payback_months) && to->payback_months > 0 &&
        month == (int)ceil(to->payback_months) - 1)
        return "  payback";
    return month == to->best_month ? "  switch" : "";
}

static double shown_bill(const struct xo_horizon *h, const struct xo_horizon_month *m, int way)
{
    return h->scenario->horizon.basis == XO_BASIS_CASH ? m->cash_usd[way] : m->economic_usd[way];
}

/* Without its dollar sign, which the head has. */
static const char *bare_usd(struct xo_words *w, double usd)
{
    char text[64];
    if (!isfinite(usd))
        return "-";
    if (fabs(usd) >= 1e8)
        return xo_say(w, "%s%s", usd < 0 ? "-" : "", xo_say_count(w, fabs(usd)));
    xo_text_usd(text, sizeof text, usd, fabs(usd) < 10 ? 0 : 3);
    return xo_say(w, "%s%s", usd < 0 ? "-" : "", text + (usd < 0) + 1);
}

static const char *say_gpus(struct xo_words *w, int64_t gpus)
{
    return gpus == 0      ? "-"
           : gpus < 10000 ? xo_say(w, "%d", (int)gpus)
                          : xo_say_count(w, xo_round_significant((double)gpus, 2));
}

static void put_row(struct page *page, const struct xo_horizon *h, int month)
{
    const struct xo_horizon_month *m = &h->months[month];
    struct xo_words words = { 0 }, *w = &words;
    const double saved = m->cumulative_usd[XO_WAY_BUY] - m->cumulative_usd[XO_WAY_BUILD];
    struct cell cells[5 + XO_N_WAYS] = {
        { NULL, WORD(xo_say_month(w, h, month)), .head = "month", LEFT(MONTH) },
        { NULL, WORD(xo_say_count(w, m->volume)), .head = "requests", RIGHT(REQUESTS),
          .hidden = !HAS_REQUESTS },
    };
    struct cell *cell = cells + 2;
    for (int way = 0; way < XO_N_WAYS; way++, cell++)
        *cell =
            (struct cell){ NULL, WORD(bare_usd(w, shown_bill(h, m, way))),
                           .head = xo_way_words[way].title, RIGHT(way == XO_WAY_BUY ? BUY : BILL) };
    *cell++ = (struct cell){ NULL, WORD(say_gpus(w, m->gpus[XO_WAY_BUILD])), .head = "GPUs",
                             RIGHT(GPUS), .hidden = !HAS_GPUS };
    *cell++ =
        (struct cell){ NULL, WORD(bare_usd(w, saved)), .head = "saved so far, USD", RIGHT(SAVED) };
    *cell = (struct cell){ NULL, WORD(mark_of(h, month)) };
    PAGE_ROW(page, cells);
}

static void put_head(struct xo_buf *head, const struct xo_horizon *h)
{
    const bool cash = h->scenario->horizon.basis == XO_BASIS_CASH;
    xo_put(head, "%*sUSD in the month, %s; before tax\n", MONTH + HAS_REQUESTS * REQUESTS + 2, "",
           cash ? "as it is paid" : "capital and one-offs spread");
    xo_put(head, "%-*s%*s", MONTH, "month", HAS_REQUESTS * REQUESTS,
           HAS_REQUESTS ? "requests" : "");
    for (int way = 0; way < XO_N_WAYS; way++)
        xo_put(head, "%*.*s", way == XO_WAY_BUY ? BUY : BILL, BILL - 1,
               way == XO_WAY_BUY ? "buy API" : xo_way_words[way].label);
    xo_put(head, "%*s%*s", HAS_GPUS * GPUS, HAS_GPUS ? "GPUs" : "", SAVED, "saved*");
}

static void put_months_table(struct page *page, const struct xo_horizon *h)
{
    struct xo_buf head = { 0 };
    page_gap(page);
    put_head(&head, h);
    page_table(page, head.text);
    page->text.failed = page->text.failed || head.failed;
    xo_buf_fini(&head);
    for (int m = 0; m < h->n_months; m++)
        if (is_shown(h, m))
            put_row(page, h, m);
    page_line(page, "* by this build against buying, up to the end of the month, in cash");
}

static int by_month(const struct xo_horizon *h, int a, int b)
{
    const struct xo_tripwire *x = &h->to[XO_WAY_BUILD].tripwires[a],
                             *y = &h->to[XO_WAY_BUILD].tripwires[b];
    const int mx = x->possible && x->month >= 0 ? x->month : INT_MAX;
    const int my = y->possible && y->month >= 0 ? y->month : INT_MAX;
    return (mx > my) - (mx < my);
}

/* The earliest first, then those that the path does not reach. */
static void put_tripwires(struct page *page, const struct xo_horizon *h)
{
    int order[XO_N_TRIPWIRES];
    if (!h->to[XO_WAY_BUILD].exists || h->verdict == XO_HORIZON_NO_WINNER)
        return;
    for (int i = 0; i < XO_N_TRIPWIRES; i++) {
        int at = i;
        for (; at > 0 && by_month(h, i, order[at - 1]) < 0; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    page_gap(page);
    page_line(page,
              "What would flip switching now, for all months alike, each alone, base case; a\n"
              "date is where this path comes there by itself, and when to ask again:");
    for (int i = 0; i < XO_N_TRIPWIRES; i++) {
        struct xo_words words = { 0 };
        const char *said = xo_say_tripwire(&words, h, XO_WAY_BUILD, (enum xo_tripwire_key)order[i]);
        if (said[0] != '\0')
            page_line(page, "  %s", said);
    }
}

static void horizon_page(struct page *page, const struct xo_horizon *h)
{
    const struct xo_curve *c = h->curve;
    struct xo_words words = { 0 };
    char *told = xo_horizon_paragraphs(h), *rest = NULL;
    page_scenario(page, h->scenario);
    page_request(page, h->scenario, c->prompt_per_request, c->cached_per_request,
                 c->output_per_request);
    put_months_table(page, h);
    page_line(page, "%s requests simulated, as for a curve",
              xo_say_count(&words, (double)h->n_simulated));
    put_tripwires(page, h);
    page_gap(page);
    page->text.failed = page->text.failed || told == NULL;
    for (char *p = told == NULL ? NULL : strtok_r(told, "\n", &rest); p != NULL;
         p = strtok_r(NULL, "\n", &rest))
        page_say(page, "%s", p);
    free(told);
}

/* ---- the front door ---- */

static void put_text(struct xo_buf *buf, const struct xo_horizon *h)
{
    struct page page = { 0 };
    horizon_page(&page, h);
    page_finish(&page, buf, page_put_terminal);
}

bool xo_horizon_print(FILE *out, const struct xo_horizon *h, enum xo_format format,
                      struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    struct page page = { 0 };
    if (format == XO_FORMAT_CSV)
        xo_put_months(&(struct rows){ .csv = &buf }, h);
    else if (format == XO_FORMAT_JSON)
        horizon_json(&buf, h);
    else
        horizon_page(&page, h);
    return page_print(&page, &buf, out, err);
}

static bool put_plots(struct xo_folder *folder, const struct xo_horizon *h, struct xo_error *err)
{
    static const struct {
        const char *name;
        void (*draw)(struct xo_plot *, const struct xo_horizon *);
    } all[] = { { "cumulative", xo_plot_cumulative },
                { "monthly", xo_plot_monthly },
                { "switching", xo_plot_switching } };
    enum { N = sizeof all / sizeof all[0] };
    struct xo_plot plots[N] = { 0 };
    for (int i = 0; i < N; i++) {
        plots[i].name = all[i].name;
        if (folder->output->plots)
            all[i].draw(&plots[i], h);
    }
    return xo_folder_draw(folder, plots, N, err);
}

bool xo_horizon_write(const struct xo_horizon *h, struct xo_output *output, struct xo_error *err)
{
    struct xo_folder folder = { .output = output };
    struct xo_buf text = { 0 };
    bool ok = xo_folder_begin(&folder, err);
    if (ok) {
        xo_put_months(&(struct rows){ .csv = &text }, h);
        ok = xo_folder_put(&folder, "horizon.csv", &text, true, err);
    }
    if (ok) {
        horizon_json(&text, h);
        ok = xo_folder_put(&folder, "horizon.json", &text, true, err);
    }
    if (ok) {
        put_text(&text, h);
        ok = xo_folder_put(&folder, "horizon.txt", &text, true, err);
    }
    ok = ok && put_plots(&folder, h, err);
    ok = ok && xo_folder_manifest(&folder, h->scenario, "horizon", h->n_simulated,
                                  h->scenario->n_draws, err);
    return xo_folder_finish(&folder, ok, err);
}
