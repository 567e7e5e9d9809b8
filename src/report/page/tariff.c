/* tariff.c - the whole of one tariff as a page: each price that a token may have, and the rules
 * beside them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/out.h"
#include "report/page/page.h"
#include "report/words/sentences.h"

#include "xo/text.h"
#include <math.h>
#include <string.h>

enum { LABEL = 44, PRICE = 10 };

static const char *const kind_heads[] = { "in", "write", "longer", "cached", "out" };
XO_TABLE_OF(kind_heads, XO_N_TOKEN_KINDS);

/* "batch, prompts over 272 k, hours at 2x" */
static void put_label(struct xo_buf *buf, const struct xo_tariff *t, struct xo_price_cell cell)
{
    char count[32], exact[32];
    xo_put(buf, "%s", xo_service_names[cell.service]);
    if (cell.context > XO_CONTEXT_USUAL)
        xo_put(buf, ", prompt%s over %s", t->is_marginal ? " tokens" : "s",
               xo_text_count(count, sizeof count, t->contexts[cell.context - 1].above_tokens, 3));
    if (cell.window > XO_WINDOW_USUAL)
        xo_put(buf, ", hours at %sx", xo_text_exact(exact, t->window_factor[cell.window]));
}

static bool is_kind_sold(const struct xo_tariff *t, int kind)
{
    return kind == XO_INPUT_WRITTEN          ? !isnan(t->cache_write)
           : kind == XO_INPUT_WRITTEN_LONGER ? t->cache.extended_ttl_s > 0
           : kind == XO_INPUT_CACHED         ? !isnan(t->cached_input)
                                             : true;
}

static void put_price_row(struct page *page, const struct xo_tariff *t, struct xo_price_cell cell)
{
    struct cell cells[1 + XO_N_TOKEN_KINDS];
    char text[XO_N_TOKEN_KINDS][32];
    struct xo_buf label = { 0 };
    size_t n = 1;
    put_label(&label, t, cell);
    cells[0] = (struct cell){ NULL, WORD(label.text), .head = "prices, $/Mtok", LEFT(LABEL) };
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++) {
        if (!is_kind_sold(t, kind))
            continue;
        const double usd = xo_tariff_usd(t, (enum xo_token_kind)kind, cell);
        xo_text_exact(text[kind], xo_round_significant(usd * 1e6, 6));
        cells[n++] =
            (struct cell){ NULL, WORD(text[kind]), .head = kind_heads[kind], RIGHT(PRICE) };
    }
    page_row(page, cells, n);
    xo_buf_fini(&label);
}

/* The same for programs. */
static void put_price_cells(struct rows *to, const struct xo_tariff *t, struct xo_price_cell cell)
{
    double usd[XO_N_TOKEN_KINDS];
    xo_tariff_prices(t, cell, usd);
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
        usd[kind] = is_kind_sold(t, kind) ? xo_round_significant(usd[kind] * 1e6, 12) : (double)NAN;
    const struct cell cells[] = {
        { "service", WORD(xo_service_names[cell.service]) },
        { "above_tokens", "tokens",
          NUMBER(cell.context > 0 ? t->contexts[cell.context - 1].above_tokens : 0) },
        { "window_factor", "", NUMBER(cell.window > 0 ? t->window_factor[cell.window] : 1) },
        { "input_usd_per_mtok", "usd/Mtok", NUMBER(usd[XO_INPUT_UNCACHED]) },
        { "cache_write_usd_per_mtok", "usd/Mtok", NUMBER(usd[XO_INPUT_WRITTEN]) },
        { "extended_write_usd_per_mtok", "usd/Mtok", NUMBER(usd[XO_INPUT_WRITTEN_LONGER]) },
        { "cached_input_usd_per_mtok", "usd/Mtok", NUMBER(usd[XO_INPUT_CACHED]) },
        { "output_usd_per_mtok", "usd/Mtok", NUMBER(usd[XO_OUTPUT]) },
    };
    ROW_PUT(to, cells);
}

/* "Mon 01:00-04:00" */
static void put_minutes(struct xo_buf *buf, const struct xo_week_minutes *m)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    const int from = m->from_min, length = m->to_min - from, to = (from % 1440 + length) % 1440;
    xo_put(buf, "%s %02d:%02d-%02d:%02d", days[from / 1440], from % 1440 / 60, from % 60,
           to == 0 ? 24 : to / 60, to % 60);
    if (length > 1440)
        xo_put(buf, " (%d h)", length / 60);
}

static void put_windows(struct page *page, const struct xo_tariff *t)
{
    for (int window = 1; window <= t->n_windows; window++) {
        struct xo_buf line = { 0 };
        char exact[32];
        int n = 0;
        xo_put(&line, "Hours at %sx, in UTC: ", xo_text_exact(exact, t->window_factor[window]));
        for (int i = 0; i < t->n_peaks; i++) {
            if (t->peaks[i].window != window)
                continue;
            xo_put(&line, "%s", n++ > 0 ? ", " : "");
            put_minutes(&line, &t->peaks[i]);
        }
        xo_put(&line, ".");
        page_text(page, &line);
    }
}

static void put_rules(struct page *page, const struct xo_tariff *t)
{
    char exact[2][32];
    if (t->usd_per_request > 0 || t->usd_per_tool_call > 0)
        page_say(page, "A request costs $%s beside its tokens, a call of a tool $%s.",
                 xo_text_exact(exact[0], t->usd_per_request),
                 xo_text_exact(exact[1], t->usd_per_tool_call));
    if (t->residency_frac > 0)
        page_say(page, "Data in one region: %s %% more.",
                 xo_text_exact(exact[0], xo_round_significant(100 * t->residency_frac, 6)));
    if (t->free_usd_month > 0 || t->minimum_usd_month > 0)
        page_say(page, "Not billed are $%s of a month; billed at least $%s.",
                 xo_text_exact(exact[0], t->free_usd_month),
                 xo_text_exact(exact[1], t->minimum_usd_month));
    if (t->cache.storage_usd_per_token_s > 0)
        page_say(page, "Cached tokens are kept at $%s/Mtok/hour.",
                 xo_text_exact(exact[0],
                               xo_round_significant(t->cache.storage_usd_per_token_s * 3600e6, 6)));
    if (t->provisioned.tokens_per_minute > 0)
        page_say(page, "Provisioned units: $%s/hour for %s tokens a minute, output times %.4g.",
                 xo_text_exact(exact[0], t->provisioned.usd_per_hour),
                 xo_text_exact(exact[1], t->provisioned.tokens_per_minute),
                 t->provisioned.output_weight);
    if (t->provisioned.term_months > 0)
        page_say(page, "They are signed for %.4g months or more.", t->provisioned.term_months);
    for (int i = 0; i < t->n_tiers; i++)
        page_say(page, "Volume discount: %s %% off the list spend above $%s a month.",
                 xo_text_exact(exact[0], xo_round_significant(100 * t->tiers[i].discount_frac, 6)),
                 xo_text_exact(exact[1], t->tiers[i].above_usd));
}

/* "From 2027-01-01 on in 1.5, out 7.5" of the prices then. */
static void put_changes(struct page *page, const struct xo_tariff *t)
{
    struct xo_tariff then = *t;
    const struct xo_price_cell usual = { 0 };
    for (int i = 0; i < t->n_changes; i++) {
        struct xo_buf line = { 0 };
        struct xo_words words = { 0 };
        char exact[32];
        xo_put(&line, "From %s on, $/Mtok:", xo_say_day(&words, t->changes[i].from_day));
        xo_tariff_at(&then, t->changes[i].from_day);
        for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
            if (is_kind_sold(&then, kind)) {
                const double usd = xo_tariff_usd(&then, (enum xo_token_kind)kind, usual);
                xo_put(&line, "%s %s %s", kind > 0 ? "," : "", kind_heads[kind],
                       xo_text_exact(exact, xo_round_significant(usd * 1e6, 6)));
            }
        xo_put(&line, ".");
        page_text(page, &line);
    }
}

/* Every cell that the tariff has a price for; how many. */
enum { MAX_CELLS = XO_N_SERVICES * XO_N_WINDOWS * XO_N_CONTEXTS };
static int cells_of(const struct xo_tariff *t, struct xo_price_cell cells[MAX_CELLS])
{
    int n = 0;
    for (int service = 0; service < XO_N_SERVICES; service++)
        for (int window = 0; window <= t->n_windows; window++)
            for (int context = 0; context <= t->n_contexts; context++)
                if (xo_tariff_offers(t, (enum xo_price_service)service))
                    cells[n++] =
                        (struct xo_price_cell){ window, context, (enum xo_price_service)service };
    return n;
}

void tariff_rows(struct rows *to, const struct xo_tariff *t)
{
    struct xo_price_cell cells[MAX_CELLS];
    const int n = cells_of(t, cells);
    for (int i = 0; i < n; i++)
        put_price_cells(to, t, cells[i]);
}

void page_tariff(struct page *page, const struct xo_tariff *t)
{
    struct xo_price_cell cells[MAX_CELLS];
    const int n = cells_of(t, cells);
    page_gap(page);
    page_table(page, NULL);
    for (int i = 0; i < n; i++)
        put_price_row(page, t, cells[i]);
    put_windows(page, t);
    put_rules(page, t);
    put_changes(page, t);
}
