/* check.c - `crossover check`: every value and its source, what is not known, which effect
 * counts for which side, and the real invoice rebuilt.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/out.h"
#include "report/words/sentences.h"
#include "tables.h"
#include "xo/random.h"
#include "xo/text.h"
#include <math.h>
#include <string.h>

enum { WIDTH = 80, KEY = 26, VALUE = 28, WHERE = KEY + 3 + VALUE + 2 };

/* ---- values ---- */

static bool is_named(const struct xo_entry *e) /* "class easy", "api openai/gpt-5" */
{
    return strchr(e->section, ' ') != NULL;
}

/* `text` between columns `at` and WIDTH, broken at blanks, further lines from `at` on; the line has
 * reached `at` already. A word longer than that is cut. */
static void put_indented(struct xo_buf *buf, const char *text, size_t at)
{
    char word[XO_VALUE_SIZE];
    size_t column = at;
    while (*text != '\0') {
        const size_t bytes = strcspn(text, " ");
        char raw[XO_VALUE_SIZE];
        snprintf(raw, sizeof raw, "%.*s", (int)bytes, text);
        xo_plain(word, sizeof word, raw, WIDTH - at);
        if (column > at && column + 1 + xo_columns(word) > WIDTH) {
            xo_put(buf, "\n%*s", (int)at, "");
            column = at;
        }
        xo_put(buf, "%s%s", column > at ? " " : "", word);
        column += (column > at) + xo_columns(word);
        text += bytes + strspn(text + bytes, " ");
    }
}

/* "support.ini:12" of a path: the file was named by whoever asks. */
static const char *short_place(const char *where)
{
    const char *slash = strrchr(where, '/');
    const bool is_place = strchr(where, ' ') == NULL && slash != NULL && slash[1] != '\0';
    return is_place ? slash + 1 : where;
}

/* One entry: what, a guess or not, value, where from; the last on a line of its own where it does
 * not fit, and left out where the heading said it. */
static void put_entry(struct xo_buf *buf, const struct xo_entry *e, const char *what,
                      bool with_where)
{
    char value[XO_VALUE_SIZE + 8], where[XO_VALUE_SIZE];
    xo_plain(value, sizeof value, e->value, sizeof value);
    xo_plain(where, sizeof where, short_place(e->where), sizeof where);
    xo_put(buf, "%s%*s %s ", what, xo_columns(what) < KEY ? (int)(KEY - xo_columns(what)) : 0, "",
           e->guess ? "?" : " ");
    const size_t key = xo_columns(what) > KEY ? xo_columns(what) : KEY;
    const size_t at = key + 3 + xo_columns(value), end = WIDTH - xo_columns(where);
    put_indented(buf, value, key + 3);
    if (with_where && at + 2 <= end && xo_columns(where) < WIDTH)
        xo_put(buf, "%*s%s",
               (int)((at + 2 > WHERE ? at + 2
                      : WHERE < end  ? WHERE
                                     : end) -
                     at),
               "", where);
    else if (with_where) {
        xo_put(buf, "\n%*s", KEY + 3, "");
        put_indented(buf, where, KEY + 3);
    }
    xo_put(buf, "\n");
}

/* The entries from `i` on that belong to one section with a name, under a heading; all of a catalog
 * entry come from one place. Returns the index after them. */
static int put_named(struct xo_buf *buf, const struct xo_scenario *s, int i)
{
    const struct xo_entry *first = &s->entries[i];
    char text[XO_SECTION_SIZE + 8], where[XO_VALUE_SIZE];
    bool one_place = true;
    int end = i;
    for (; end < s->n_entries && strcmp(s->entries[end].section, first->section) == 0; end++)
        one_place = one_place && strcmp(s->entries[end].where, first->where) == 0;
    xo_put(buf, "%s", xo_plain(text, sizeof text, first->section, XO_SECTION_SIZE));
    xo_plain(where, sizeof where, short_place(first->where), sizeof where);
    if (one_place) {
        const bool fits = xo_columns(text) + xo_columns(where) + 2 <= WIDTH;
        xo_put(buf, fits ? "  " : "\n  ");
        put_indented(buf, where, fits ? xo_columns(text) + 2 : 2);
    }
    xo_put(buf, "\n");
    for (; i < end; i++) {
        char name[XO_SECTION_SIZE + 8] = "  ";
        xo_plain(name + 2, sizeof name - 2, s->entries[i].name, KEY - 2);
        put_entry(buf, &s->entries[i], name, !one_place);
    }
    return end;
}

static void put_entries(struct xo_buf *buf, const struct xo_scenario *s)
{
    for (int i = 0; i < s->n_entries;) {
        struct xo_words words = { 0 };
        if (is_named(&s->entries[i])) {
            i = put_named(buf, s, i);
            continue;
        }
        const struct xo_entry *e = &s->entries[i++];
        if (e->value[0] != '\0' || strcmp(e->section, "uncertain") != 0) /* --set replaced it */
            put_entry(buf, e, xo_key_text(&words, e), true);
    }
}

static void put_uncertain_rows(struct rows *to, const struct xo_scenario *s)
{
    static const double at[] = { 0.05, 0.5, 0.95 };
    for (int i = 0; i < s->n_uncertain; i++) {
        const struct xo_uncertain *u = &s->uncertain[i];
        const char *unit = xo_keys[u->key].unit;
        struct xo_words words = { 0 };
        double value[3];
        char shown[3][64];
        for (int q = 0; q < 3; q++) {
            value[q] = xo_uncertain_quantile(u, at[q]);
            xo_show_quantity(shown[q], sizeof shown[q], unit, value[q]);
        }
        const struct cell cells[] = {
            { "key", TEXT(xo_uncertain_text(&words, u)), .head = "not known", LEFT(KEY) },
            { "unit", WORD(unit), .hidden = true },
            { "p05", "by unit", NUMBER(value[0]), SHOWN(shown[0]), .head = "5 %", RIGHT(14) },
            { "p50", "by unit", NUMBER(value[1]), SHOWN(shown[1]), .head = "50 %", RIGHT(14) },
            { "p95", "by unit", NUMBER(value[2]), SHOWN(shown[2]), .head = "95 %", RIGHT(14) },
            { "reaches_simulation", FLAG(u->reaches_simulation),
              SHOWN(u->reaches_simulation ? "  simulated" : "") },
        };
        ROW_PUT(to, cells);
    }
}

static void put_uncertain(struct page *page, const struct xo_scenario *s)
{
    if (s->n_uncertain == 0)
        return;
    page_gap(page);
    page_table(page, "Not known                        5 %          50 %          95 %");
    put_uncertain_rows(&(struct rows){ .page = page }, s);
}

static void put_ledger(struct page *page, const struct xo_scenario *s)
{
    page_gap(page);
    page_table(page, "Effect        counts for   buying / this build");
    xo_put_ledger(&(struct rows){ .page = page }, s);
}

/* What each option holds, and what a step of it takes at most. */
static void put_option_rows(struct rows *to, const struct xo_scenario *s)
{
    for (int i = 0; i < s->n_options; i++) {
        const struct xo_engine engine = xo_option_engine(s, &s->options[i].deployment);
        const struct xo_holding h = xo_option_holds(s, i);
        struct xo_words words = { 0 }, *w = &words;
        char label[160], room[32], longest[32], chunk[32], batch[32];
        const double gb = h.weight_bytes_per_gpu / 1e9, tokens = (double)engine.chunk_tokens;
        const struct cell cells[] = {
            { "option", TEXT(xo_plain(label, sizeof label, s->options[i].label, 26)), .gap = 2,
              LEFT(26), .head = "Build options\nthat fit in memory" },
            { "weight_bytes_per_gpu", "bytes", NUMBER(h.weight_bytes_per_gpu),
              SHOWN(xo_say(w, "%.1f GB", gb)), .head = "weights\na GPU", RIGHT(10) },
            { "kv_room_tokens", "tokens", NUMBER(h.kv_room_tokens),
              SHOWN(xo_text_amount(room, sizeof room, h.kv_room_tokens)),
              .head = "KV room,\ntokens", RIGHT(10) },
            { "longest_request_tokens", "tokens", NUMBER(h.longest_tokens),
              SHOWN(xo_text_amount(longest, sizeof longest, h.longest_tokens)),
              .head = "longest\nrequest", RIGHT(10) },
            { "chunk_tokens", "tokens", NUMBER(tokens),
              SHOWN(xo_text_amount(chunk, sizeof chunk, tokens)), .head = "tokens\na step",
              RIGHT(9) },
            { "max_batch", "", NUMBER(engine.max_batch),
              SHOWN(xo_text_amount(batch, sizeof batch, engine.max_batch)),
              .head = "sequences\na step", RIGHT(11) },
        };
        ROW_PUT(to, cells);
    }
}

static void put_options(struct page *page, const struct xo_scenario *s)
{
    if (s->n_options == 0)
        return;
    page_gap(page);
    page_table(page, NULL);
    put_option_rows(&(struct rows){ .page = page }, s);
}

static void put_per_request(struct page *page, const char *what, double then, double planned)
{
    char was[32], plan[32];
    if (isfinite(then) && isfinite(planned))
        page_item(page, "%s a request: %s in that month, %s planned", what,
                  xo_text_exact(was, xo_round_significant(then, 4)),
                  xo_text_exact(plan, xo_round_significant(planned, 4)));
}

/* An invoice above ours that cache writes, which it does not state, would explain. */
static void put_written(struct page *page, const struct xo_reconciliation *r)
{
    struct xo_words words = { 0 };
    if (r->difference_frac <= -0.005 && r->invoice_usd <= r->all_written_usd)
        page_item(page,
                  "may be cache writes: %s if all input not cached was written to live as\n"
                  "  long as is sold; see what the invoice says and give it as\n"
                  "  cache_write_tokens (or cache_write_extended_tokens)",
                  xo_say_dollars(&words, r->all_written_usd));
}

/* Above 5 % it warns, above 15 % verdicts say so. */
static void put_actual(struct page *page, const struct xo_scenario *s,
                       const struct xo_reconciliation *r)
{
    struct xo_words words = { 0 }, *w = &words;
    page_gap(page);
    page_section(page, "Your invoice of %.15s rebuilt from the tariff", s->actual.month);
    page_table(page, NULL);
    for (int i = 0; i < r->ours.n_items; i++) {
        const double usd = r->ours.items[i].micro_usd / 1e6;
        const struct cell cells[] = {
            { NULL, TEXT(r->ours.items[i].label), .gap = 2, LEFT(62), .breaks = true },
            { NULL, NUMBER(usd), SHOWN(xo_say_dollars(w, usd)), RIGHT(16) },
        };
        PAGE_ROW(page, cells);
    }
    page_item(page, "tariff %s, invoice %s: %+.1f %%", xo_say_dollars(w, r->ours_usd),
              xo_say_dollars(w, r->invoice_usd), 100 * r->difference_frac);
    put_written(page, r);
    put_per_request(page, "input tokens", r->prompt_per_request, r->planned_prompt_per_request);
    put_per_request(page, "output tokens", r->output_per_request, r->planned_output_per_request);
    if (fabs(r->difference_frac) > 0.15)
        page_item(page, "warning: more than 15 %% apart; verdicts say so until it is explained");
    else if (fabs(r->difference_frac) > 0.05)
        page_item(page, "warning: more than 5 %% apart");
}

static void put_rare(struct page *page, const struct xo_scenario *s)
{
    struct xo_buf text = { 0 };
    xo_put_unjudged(&text, s);
    xo_put_cache(&text, s, s->requests_per_month, 0);
    page_gap(page);
    page_text(page, &text);
}

static void put_prices(struct page *page, const struct xo_scenario *s)
{
    struct xo_words words = { 0 };
    struct xo_buf text = { 0 };
    xo_put(&text, "Prices of %s. ", xo_say_price_days(&words, s));
    xo_put_price_notes(&text, s);
    page_gap(page);
    page_text(page, &text);
}

/* To a tenth of a percent. */
static const char *say_share(struct xo_words *w, double frac)
{
    return xo_say(w, "%.4g %%", round(1000 * frac) / 10);
}

/* What this traffic costs by each tariff; nothing where the volume is not known beforehand. */
static void put_effective_rows(struct rows *to, const struct xo_scenario *s)
{
    struct xo_effective_price prices[XO_MAX_EFFECTIVE];
    struct xo_error why; /* of memory: the writer says so */
    int n = 0;
    if (!isnan(s->requests_per_month) &&
        !xo_effective_prices(s, s->requests_per_month, prices, &n, &why))
        rows_fail(to);
    for (int i = 0; i < n; i++) {
        const struct xo_effective_price *p = &prices[i];
        struct xo_words words = { 0 }, *w = &words;
        char name[64];
        const struct cell cells[] = {
            { "api", TEXT(xo_plain(name, sizeof name, p->api, 33)), LEFT(34) },
            { "same_weights", FLAG(p->is_same_weights), .hidden = true },
            { "usd_per_mtok", "usd/Mtok", NUMBER(p->usd_per_mtok),
              SHOWN(xo_say(w, "$%.4g", p->usd_per_mtok)), RIGHT(9) },
            { "plain_usd_per_mtok", "usd/Mtok", NUMBER(p->plain_usd_per_mtok),
              SHOWN(xo_say(w, "$%.4g", p->plain_usd_per_mtok)), RIGHT(9) },
            { "cached_frac", "fraction", NUMBER(p->cached_frac),
              SHOWN(say_share(w, p->cached_frac)), RIGHT(8) },
            { "long_frac", "fraction", NUMBER(p->long_frac), SHOWN(say_share(w, p->long_frac)),
              RIGHT(7) },
            { "peak_frac", "fraction", NUMBER(p->peak_frac), SHOWN(say_share(w, p->peak_frac)),
              RIGHT(7) },
            { "service_frac", "fraction", NUMBER(p->service_frac),
              SHOWN(say_share(w, p->service_frac)), RIGHT(6) },
        };
        ROW_PUT(to, cells);
    }
}

static void put_effective(struct page *page, const struct xo_scenario *s)
{
    if (s->n_apis == 0 || isnan(s->requests_per_month))
        return;
    page_gap(page);
    page_table(page,
               "This traffic, $/Mtok                    all    plain  cached   long  hours  tier");
    put_effective_rows(&(struct rows){ .page = page }, s);
    page_say(page,
             "All: what the tariff bills for these tokens, the cheapest first. Plain: at its usual "
             "prices, none cached. Then the shares of input that is cached, and of tokens in "
             "prompts over a threshold, in hours at another price, as batch work or at the tier.");
}

static void check_page(struct page *page, const struct xo_scenario *s,
                       const struct xo_reconciliation *actual)
{
    struct xo_buf entries = { 0 };
    page_scenario(page, s);
    put_entries(&entries, s);
    page_take(page, BLOCK_PICTURE, &entries);
    put_options(page, s);
    put_uncertain(page, s);
    put_ledger(page, s);
    put_effective(page, s);
    put_rare(page, s);
    put_prices(page, s);
    if (actual != NULL && actual->given)
        put_actual(page, s, actual);
}

/* ---- CSV and JSON ---- */

static void put_entry_rows(struct rows *to, const struct xo_scenario *s)
{
    for (int i = 0; i < s->n_entries; i++) {
        const struct xo_entry *e = &s->entries[i];
        struct xo_words words = { 0 };
        const struct cell cells[] = {
            { "key", TEXT(xo_key_text(&words, e)) },
            { "value", TEXT(e->value) },
            { "unit", TEXT(xo_keys[e->key].unit), .json_alone = true },
            { "guess", FLAG(e->guess) },
            { "origin", WORD(xo_origin_name(e->origin)) },
            { "where", TEXT(e->where) },
        };
        ROW_PUT(to, cells);
    }
}

static json_t *actual_json(struct xo_json *j, const struct xo_scenario *s,
                           const struct xo_reconciliation *r)
{
    if (r == NULL || !r->given)
        return NULL;
    const struct cell cells[] = {
        { "month", TEXT(s->actual.month) },
        { "ours", JSON(xo_json_bill(j, &r->ours)) },
        { "ours_usd", NUMBER(r->ours_usd) },
        { "invoice_usd", NUMBER(r->invoice_usd) },
        { "difference_frac", NUMBER(r->difference_frac) },
        { "all_written_usd", NUMBER(r->all_written_usd) },
        { "prompt_per_request", NUMBER(r->prompt_per_request) },
        { "output_per_request", NUMBER(r->output_per_request) },
        { "planned_prompt_per_request", NUMBER(r->planned_prompt_per_request) },
        { "planned_output_per_request", NUMBER(r->planned_output_per_request) },
    };
    return CELLS_JSON(j, cells);
}

static void put_check_json(struct xo_buf *buf, const struct xo_scenario *s,
                           const struct xo_reconciliation *actual)
{
    struct xo_json json = { 0 }, *j = &json;
    json_t *options = xo_json_array(j);
    struct rows holdings = { .json = j, .array = xo_json_array(j) };
    struct rows entries = { .json = j, .array = xo_json_array(j) };
    struct rows uncertain = { .json = j, .array = xo_json_array(j) };
    struct rows effective = { .json = j, .array = xo_json_array(j) };
    put_entry_rows(&entries, s);
    put_uncertain_rows(&uncertain, s);
    put_option_rows(&holdings, s);
    put_effective_rows(&effective, s);
    for (int i = 0; i < s->n_options; i++)
        xo_json_append(j, options, xo_json_text(s->options[i].label));
    const struct cell cells[] = {
        { "schema", WORD("crossover.check/2") },
        { "version", WORD(XO_VERSION) },
        { "scenario", JSON(xo_json_scenario(j, s)) },
        { "entries", JSON(entries.array) },
        { "options", JSON(options) },
        { "holdings", JSON(holdings.array) },
        { "uncertain", JSON(uncertain.array) },
        { "effective_prices", JSON(effective.array) },
        { "ledger", JSON(xo_json_ledger(j, s)) },
        { "actual", JSON(actual_json(j, s, actual)) },
    };
    xo_json_dump(j, CELLS_JSON(j, cells), buf);
}

bool xo_check_print(FILE *out, const struct xo_scenario *scenario,
                    const struct xo_reconciliation *actual, enum xo_format format,
                    struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    struct page page = { 0 };
    if (format == XO_FORMAT_CSV)
        put_entry_rows(&(struct rows){ .csv = &buf }, scenario);
    else if (format == XO_FORMAT_JSON)
        put_check_json(&buf, scenario, actual);
    else
        check_page(&page, scenario, actual);
    return page_print(&page, &buf, out, err);
}
