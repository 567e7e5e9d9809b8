/* run.c - one operating point: the fleet, its latencies, and the bills side by side.
 *
 * It reads a finished struct xo_run and makes a page for people and an object of JSON of it;
 * nothing is kept between calls. A way that has no bill is there all the same, with a word for why.
 *
 * The table of bills and JSON go through the list of ways, and cells carry their own name, value,
 * words and width. Tried before: to name buying and the same weights one by one, where a further
 * way had to be written into each; and rows of names beside rows of values, of which eighteen names
 * and fourteen commas for a side without a fleet had to agree by counting.
 *
 * Load and the time in which a batch runs are both shown, since either may be the higher
 * (put_load). Begin with run_page, put_fleet and xo_run_json.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/out.h"
#include "report/words/sentences.h"
#include "tables.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <string.h>

enum {
    LABEL = 62,
    MONEY = 16,
    LEAD = 16, /* of a row of all ways */
    SIDE = XO_N_WAYS <= 3 ? 20 : (80 - LEAD) / XO_N_WAYS,
    UNIT_LEAD = 26, /* the same where the row names a unit */
    UNIT_SIDE = (80 - UNIT_LEAD) / XO_N_WAYS
};

/* ---- the fleet ---- */

static void put_infeasible(struct page *page, const struct xo_run *run, int i)
{
    struct xo_buf text = { 0 };
    char label[128];
    if (run->infeasible[i].holds)
        xo_put_infeasible(&text, run->scenario, i, &run->infeasible[i], &run->unserved[i]);
    else
        xo_put(&text, "%s: the fleet does not carry this volume within the SLO.",
               xo_plain(label, sizeof label, run->scenario->options[i].label, 60));
    page_text(page, &text);
}

/* What the fleet hangs on, what each side refuses, and what the scenario cuts or lengthens. */
static void put_refusals(struct page *page, const struct xo_run *run)
{
    const struct xo_scenario *s = run->scenario;
    const bool buys = s->n_apis > 0;
    struct xo_buf text = { 0 };
    struct xo_words words = { 0 };
    if (run->best >= 0)
        xo_put_edge(&text, s, &run->edge[run->best]);
    if (run->best >= 0)
        xo_put_overwhelmed(&text, &run->capacity[run->best]);
    xo_put_refusals(&text, s, run->best >= 0 ? &run->unserved[run->best] : NULL,
                    buys ? &run->buy_unserved : NULL,
                    buys ? xo_say_buy(&words, s, s->apis[run->pick[XO_WAY_BUY]].tariff.name, false)
                         : "");
    page_text(page, &text);
}

static void put_capacity(struct page *page, const struct xo_capacity *c, const char *mark)
{
    struct xo_words words = { 0 }, *w = &words;
    if (c->n_replicas <= 0 || !isfinite(c->volume))
        return;
    page_item(page, "%d replica%s: %s requests a month (%s to %s)%s", c->n_replicas,
              c->n_replicas == 1 ? "" : "s", xo_say_count(w, c->volume),
              xo_say_count(w, c->volume_lo), xo_say_count(w, c->volume_hi), mark);
}

static void put_step_error(struct page *page, const struct xo_build_option *option)
{
    struct xo_words words = { 0 };
    page_say(page, "Step times are %s.", xo_say_step_error(&words, option));
}

/* "In the busiest hour": what the latencies are of. */
static const char *window_of(const struct xo_scenario *s)
{
    return s->workload.n_clients > 0       ? "With all waiting"
           : s->slo_window == XO_SLO_MONTH ? "In the month"
                                           : "In the busiest hour";
}

/* Load is work over what could be done; a batch that runs says nothing of its size. They may differ
 * either way: full batches carry more than small ones, and where the SLO gives way while replicas
 * still idle, what they could do within it is little. */
static void put_load(struct page *page, const struct xo_run *run, const struct xo_sized *z)
{
    struct xo_words words = { 0 };
    page_item(page, "load* %s; a batch runs %s of the week, %s %s",
              xo_say_percent(&words, z->load_frac), xo_say_percent(&words, z->week_busy_frac),
              xo_say_percent(&words, run->metrics.busy_frac),
              run->scenario->slo_window == XO_SLO_MONTH ? "of the month simulated"
                                                        : "of the busiest hour");
}

static void put_load_note(struct page *page, const struct xo_sized *z)
{
    page_say(page,
             "* mean work / what these GPUs could do around the clock within the SLO. A batch "
             "runs: share of a serving replica's time.%s",
             z->load_frac > z->week_busy_frac
                 ? " Load is the higher of the two because the SLO is missed long before these "
                   "GPUs are busy all the time."
                 : "");
}

/* What a replica holds, and what a step of it takes at most. */
static void put_holding(struct page *page, const struct xo_scenario *s, int option)
{
    const struct xo_engine engine = xo_option_engine(s, &s->options[option].deployment);
    const struct xo_holding h = xo_option_holds(s, option);
    const bool both = h.chunk_from != NULL && h.batch_from != NULL;
    struct xo_words words = { 0 }, *w = &words;
    char room[32], longest[32], chunk[32], batch[32];
    page_item(page, "%.1f GB of weights a GPU; KV room %s tokens%s, requests up to %s",
              h.weight_bytes_per_gpu / 1e9, xo_text_amount(room, sizeof room, h.kv_room_tokens),
              s->options[option].deployment.attention_dp > 1 ? " a rank" : "",
              xo_text_amount(longest, sizeof longest, h.longest_tokens));
    page_item(page, "steps of up to %s tokens%s and %s sequences%s",
              xo_text_amount(chunk, sizeof chunk, (double)engine.chunk_tokens),
              h.chunk_from != NULL && !both ? xo_say(w, " (%s)", h.chunk_from) : "",
              xo_text_amount(batch, sizeof batch, engine.max_batch),
              h.batch_from != NULL ? xo_say(w, ": %s", h.batch_from) : "");
}

static void put_replicas(struct page *page, const struct xo_run *run, const struct xo_sized *z)
{
    char label[128];
    page_section(page, "This build: %s",
                 xo_plain(label, sizeof label, run->scenario->options[z->option].label, 66));
    page_item(page, "%d serving replica%s, %d headroom, %d spare: %d GPU%s", z->serving_replicas,
              z->serving_replicas == 1 ? "" : "s", z->headroom_replicas, z->spare_replicas,
              z->n_gpus, z->n_gpus == 1 ? "" : "s");
    put_holding(page, run->scenario, z->option);
}

static void put_fleet(struct page *page, const struct xo_run *run)
{
    const struct xo_sized *z = &run->sized[run->best];
    put_replicas(page, run, z);
    put_load(page, run, z);
    put_capacity(page, &run->capacity_below[run->best], "");
    put_capacity(page, &run->capacity[run->best],
                 z->settled ? "  <- this fleet" : "  <- not settled");
    put_capacity(page, &run->capacity_above[run->best], "");
    put_step_error(page, &run->scenario->options[z->option]);
}

/* ---- latencies ---- */

static void put_latency_row(struct page *page, const char *name, double p50, double p95, double p99)
{
    struct xo_words words = { 0 };
    const struct cell cells[] = {
        { NULL, WORD(name), .gap = 2, LEFT(6) },
        { NULL, NUMBER(p50), SHOWN(xo_say_time(&words, p50)), .head = "p50", RIGHT(10) },
        { NULL, NUMBER(p95), SHOWN(xo_say_time(&words, p95)), .head = "p95", RIGHT(10) },
        { NULL, NUMBER(p99), SHOWN(xo_say_time(&words, p99)), .head = "p99", RIGHT(10) },
    };
    PAGE_ROW(page, cells);
}

static void put_attained(struct page *page, const struct xo_run *run, int c, int k)
{
    const struct xo_scenario *s = run->scenario;
    struct xo_words words = { 0 }, *w = &words;
    const char *target = xo_say_target(w, &s->slo[c].targets[k]);
    char name[XO_NAME_SIZE];
    xo_plain(name, sizeof name, s->workload.classes[c].name, 30);
    if (!xo_slo_is_judged(s, c, k)) {
        page_item(page, "%s: not judged, %s is too rare", target, name);
        return;
    }
    const double met = run->metrics.attained_frac[c][k];
    const char *share = isnan(met) ? "- (no request has it)" /* the TPOT of answers of one token */
                        : met < 1 && met > 0.99995
                            ? "met by over 99.99 %"
                            : xo_say(w, "met by %.*f %%", met < 1 ? 2 : 0, 100 * met);
    const bool one_class = s->workload.n_classes == 1;
    page_item(page, "%s: %s%s%s", target, share, one_class ? "" : " of ", one_class ? "" : name);
}

static void put_latencies(struct page *page, const struct xo_run *run)
{
    const struct xo_point_metrics *m = &run->metrics;
    const struct xo_scenario *s = run->scenario;
    struct xo_words words = { 0 }, *w = &words;
    page_table(page, xo_say(w, "%-20s   p50       p95       p99", xo_say(w, "%s:", window_of(s))));
    put_latency_row(page, "TTFT", m->ttft_p50_s, m->ttft_p95_s, m->ttft_p99_s);
    put_latency_row(page, "TPOT", m->tpot_p50_s, m->tpot_p95_s, m->tpot_p99_s);
    put_latency_row(page, "E2E", m->e2e_p50_s, m->e2e_p95_s, m->e2e_p99_s);
    for (int c = 0; c < s->workload.n_classes; c++)
        for (int k = 0; k < s->slo[c].n_targets; k++)
            put_attained(page, run, c, k);
    page_item(page, "while a batch runs: %.1f requests in it, KV %s (peak %s), preempted %.3f",
              m->batch_mean, xo_say_percent(w, m->kv_mean_frac), xo_say_percent(w, m->kv_peak_frac),
              m->preemptions_per_request);
    page_item(page, "of all time: prompts in the step %s, decoding alone %s, idle %s",
              xo_say_percent(w, m->prefill_frac), xo_say_percent(w, m->decode_frac),
              xo_say_percent(w, m->idle_frac));
    page_item(page, "over all time: MBU %s, MFU %s", xo_say_percent(w, m->mbu_frac),
              xo_say_percent(w, m->mfu_frac));
}

/* A fixed fleet that misses the SLO: what it carries, and what it does with this volume. */
static void put_late_fleet(struct page *page, const struct xo_run *run)
{
    const struct xo_sized *z = &run->sized[run->observed];
    struct xo_words words = { 0 };
    put_replicas(page, run, z);
    put_capacity(page, &run->capacity_below[z->option], "");
    put_capacity(page, &run->capacity[z->option], "  <- this fleet");
    put_capacity(page, &run->capacity_above[z->option], "");
    put_step_error(page, &run->scenario->options[z->option]);
    if (run->tally != NULL)
        put_latencies(page, run);
    else
        page_say(page,
                 "In the busiest hour requests arrive at %s of the rate that this fleet can serve "
                 "at most, with full batches and however late: the queue and the latencies grow as "
                 "long as that hour lasts.",
                 xo_say_percent(&words, run->offered_frac));
}

/* ---- bills ---- */

struct side {
    const char *title;
    char name[XO_TITLE_SIZE];
    const struct xo_bill *bill; /* NULL: there is none */
};

/* A tariff's provider stands in a line of its own: "openai/" over "gpt-6.2-sol". */
static const char *head_of(struct xo_words *w, const struct side *side, bool parted)
{
    const char *name = side->name, *slash = strchr(name, '/');
    const int provider = slash != NULL ? (int)(slash - name) + 1 : 0;
    return xo_say(w, parted ? "%s\n%.*s\n%s" : "%s%.*s\n%s", side->title, provider, name,
                  name + provider);
}

static void put_group_row(struct page *page, const char *label, const struct side sides[],
                          int group)
{
    struct xo_words words = { 0 }, *w = &words;
    struct cell cells[XO_N_WAYS + 1] = { { NULL, WORD(xo_say(w, "  %s", label)), LEFT(LEAD) } };
    bool any = group < 0, parted = false;
    for (int i = 0; i < XO_N_WAYS; i++)
        parted = parted || strchr(sides[i].name, '/') != NULL;
    cells[0].head = parted ? "USD a month\n\n" : "USD a month\n";
    for (int i = 0; i < XO_N_WAYS; i++) {
        const struct xo_bill *bill = sides[i].bill;
        const double usd = bill == NULL ? (double)NAN
                           : group < 0  ? xo_bill_usd(bill)
                                        : xo_bill_group_usd(bill, (enum xo_bill_group)group);
        any = any || (bill != NULL && usd != 0);
        cells[i + 1] = (struct cell){ NULL,
                                      NUMBER(usd),
                                      .gap = 1,
                                      RIGHT(SIDE - 1),
                                      SHOWN(usd == 0 ? "-" : xo_say_dollars(w, usd)),
                                      .head = head_of(w, &sides[i], parted) };
    }
    if (any)
        PAGE_ROW(page, cells);
}

static void put_groups(struct page *page, const struct side sides[])
{
    static const char *const labels[] = { "tokens",   "GPUs",        "power",
                                          "site",     "software",    "people",
                                          "one-offs", "contingency", "discounts" };
    XO_TABLE_OF(labels, XO_N_BILL_GROUPS);
    page_table(page, NULL);
    for (int g = 0; g < XO_N_BILL_GROUPS; g++)
        put_group_row(page, labels[g], sides, g);
    put_group_row(page, "total", sides, -1);
}

/* Money to the cent; of less than ten cents two digits. */
static const char *say_money(struct xo_words *w, double usd)
{
    const double cents = round(fabs(usd) * 100);
    const char *whole = xo_say_dollars(w, floor(cents / 100));
    if (cents >= 1000 && xo_columns(whole) + 4 < MONEY) /* else dollars are enough */
        return xo_say(w, "%s%s.%02d", usd < 0 ? "-" : "", whole, (int)fmod(cents, 100));
    return usd == 0 ? "$0.00" : xo_say_dollars(w, usd);
}

static double as_shown(double usd)
{
    return fabs(usd) < 0.1 ? usd : round(usd * 100) / 100;
}

static void put_item(struct page *page, const char *label, double usd)
{
    struct xo_words words = { 0 };
    const struct cell cells[] = {
        { NULL, TEXT(label), .gap = 2, LEFT(LABEL), .breaks = true },
        { NULL, NUMBER(usd), SHOWN(say_money(&words, usd)), RIGHT(MONEY) },
    };
    PAGE_ROW(page, cells);
}

static void put_items(struct page *page, const struct side *side)
{
    double shown_usd = 0;
    if (side->bill == NULL)
        return;
    page_gap(page);
    page_section(page, "%s: %s", side->title, side->name);
    page_table(page, NULL);
    for (int i = 0; i < side->bill->n_items; i++) {
        const double usd = side->bill->items[i].micro_usd / 1e6;
        put_item(page, side->bill->items[i].label, usd);
        shown_usd += as_shown(usd);
    }
    const bool adds_up = fabs(shown_usd - as_shown(xo_bill_usd(side->bill))) < 0.005;
    put_item(page, adds_up ? "total" : "total (items are rounded for display)",
             xo_bill_usd(side->bill));
}

/* Why a way has no bill, in a word or two. */
static const char *say_missing(const struct xo_scenario *s, enum xo_way way)
{
    const bool asked = s->n_options > 0 && !xo_same_is_left_out(s);
    return way == XO_WAY_SAME && asked               ? "no host known"
           : way == XO_WAY_BUILD && s->n_options > 0 ? "not feasible"
                                                     : "none";
}

static const char *say_pick(struct xo_words *w, const struct xo_scenario *s, enum xo_way way,
                            const char *name)
{
    return way == XO_WAY_BUY    ? xo_say_buy(w, s, name, true)
           : way == XO_WAY_SAME ? xo_say_api(w, name)
                                : name;
}

/* The bill of a way; NULL: there is none. */
static const struct xo_bill *bill_of(const struct xo_run *run, enum xo_way way, const char *name)
{
    if (way == XO_WAY_BUILD)
        return run->best >= 0 ? &run->sized[run->best].bill : NULL;
    return isfinite(run->usd[way]) && name[0] != '\0' ? &run->bills[way] : NULL;
}

static void sides_of(struct side sides[XO_N_WAYS], const struct xo_run *run)
{
    for (int i = 0; i < XO_N_WAYS; i++) {
        const enum xo_way way = (enum xo_way)i;
        struct xo_words words = { 0 };
        const char *name = xo_way_name(run->scenario, way, run->pick[way]);
        const struct xo_bill *bill = bill_of(run, way, name);
        sides[i] = (struct side){ .title = xo_way_words[way].title, .bill = bill };
        xo_plain(sides[i].name, sizeof sides[i].name,
                 bill != NULL ? say_pick(&words, run->scenario, way, name)
                              : say_missing(run->scenario, way),
                 way == XO_WAY_BUILD ? 60 : XO_TITLE_SIZE);
    }
}

/* A closed loop has no volume and so no bill: what its fleet does for so many clients. */
static void put_closed_loop(struct page *page, const struct xo_run *run)
{
    const struct xo_scenario *s = run->scenario;
    const struct xo_sized *z = &run->sized[run->best];
    struct xo_words words = { 0 };
    char label[128];
    int64_t finished = 0, output = 0;
    for (int c = 0; run->tally != NULL && c < run->tally->n_classes; c++) {
        finished += run->tally->classes[c].n_finished;
        output += run->tally->classes[c].output_tokens;
    }
    const double seconds = run->tally != NULL ? run->tally->window_s : NAN;
    page_section(page, "This build: %s; %d replica%s, %d GPU%s, %d client%s in a closed loop",
                 xo_plain(label, sizeof label, s->options[z->option].label, 40),
                 z->serving_replicas, z->serving_replicas == 1 ? "" : "s", z->n_gpus,
                 z->n_gpus == 1 ? "" : "s", s->workload.n_clients,
                 s->workload.n_clients == 1 ? "" : "s");
    page_item(page, "%.3g requests/s, %s output tokens/s over %lld requests, %s",
              (double)finished / seconds, xo_say_count(&words, (double)output / seconds),
              (long long)finished, s->benchmark_requests > 0 ? "benchmark" : "steady state");
    put_holding(page, s, z->option);
    put_latencies(page, run);
    put_step_error(page, &s->options[z->option]);
    page_line(page, "A closed loop has no volume: no bills. Give workload.volume for those.");
}

static void put_build(struct page *page, const struct xo_run *run)
{
    for (int i = 0; i < run->n_options; i++)
        if (!run->sized[i].feasible) {
            put_infeasible(page, run, i);
            if (i != run->observed)
                put_capacity(page, &run->capacity[i], "");
        }
    if (run->best >= 0) {
        put_fleet(page, run);
        put_latencies(page, run);
        put_load_note(page, &run->sized[run->best]);
    } else if (run->observed >= 0)
        put_late_fleet(page, run);
}

/* What is asked of both sides. */
static void put_asked(struct page *page, const struct xo_run *run)
{
    struct xo_words words = { 0 }, *w = &words;
    struct xo_buf text = { 0 };
    page_scenario(page, run->scenario);
    page_request(page, run->scenario, run->prompt_per_request, run->cached_per_request,
                 run->output_per_request);
    if (isfinite(run->requests))
        page_line(page, "%s requests, %s tokens a month; %s", xo_say_count(w, run->requests),
                  xo_say_count(w, run->requests * run->tokens_per_request),
                  run->peak_factor < 1.005
                      ? "every hour is alike"
                      : xo_say(w, "the busiest hour is %.2g times the mean", run->peak_factor));
    xo_put_price_notes(&text, run->scenario);
    xo_put_reconciliation(&text, run->scenario);
    page_text(page, &text);
}

/* ---- by the unit that a planner counts in ---- */

/* A row over the ways; what none of them has is left out. */
static void put_unit_row(struct page *page, const char *label, const struct side sides[],
                         const double of[XO_N_WAYS],
                         const char *(*say)(struct xo_words *w, double value))
{
    struct xo_words words = { 0 }, *w = &words;
    struct cell cells[XO_N_WAYS + 1] = { { NULL, WORD(label), .head = "", .gap = 2, .breaks = true,
                                           LEFT(UNIT_LEAD - 2) } };
    bool any = false;
    for (int i = 0; i < XO_N_WAYS; i++) {
        any = any || isfinite(of[i]);
        cells[i + 1] = (struct cell){ NULL,
                                      NUMBER(of[i]),
                                      .gap = 1,
                                      RIGHT(UNIT_SIDE - 1),
                                      SHOWN(isfinite(of[i]) ? say(w, of[i]) : "-"),
                                      .head = sides[i].title };
    }
    if (any)
        PAGE_ROW(page, cells);
}

static const char *say_margin(struct xo_words *w, double frac)
{
    return xo_say_margin(w, frac, 3);
}

static void put_units(struct page *page, const struct xo_run *run, const struct side sides[])
{
    const struct xo_scenario *s = run->scenario;
    struct xo_words words = { 0 };
    struct xo_buf text = { 0 };
    double thousand[XO_N_WAYS], unit[XO_N_WAYS], margin[XO_N_WAYS], frac[XO_N_WAYS];
    if (!xo_has_unit(s))
        return;
    for (int i = 0; i < XO_N_WAYS; i++) {
        const double usd = sides[i].bill != NULL ? xo_bill_usd(sides[i].bill) : (double)NAN;
        const struct xo_unit_figures f = xo_unit_figures(&s->unit, usd, run->requests);
        thousand[i] = f.usd_per_1000_requests;
        unit[i] = f.usd;
        margin[i] = f.margin_usd;
        frac[i] = f.margin_frac;
    }
    xo_put_unit(&text, s, run->requests);
    xo_put_unit_losses(&text, s, run->usd, run->requests);
    page_gap(page);
    page_text(page, &text);
    page_table(page, NULL);
    put_unit_row(page, "per 1,000 requests", sides, thousand, xo_say_each);
    put_unit_row(page, xo_say(&words, "per %s", xo_say_unit(&words, s)), sides, unit, xo_say_each);
    put_unit_row(page, "gross margin", sides, margin, xo_say_each);
    put_unit_row(page, "share of the price", sides, frac, say_margin);
}

static void put_bills(struct page *page, const struct xo_run *run)
{
    struct side sides[XO_N_WAYS];
    struct xo_buf text = { 0 };
    sides_of(sides, run);
    put_groups(page, sides);
    put_units(page, run, sides);
    for (int i = 0; i < XO_N_WAYS; i++)
        put_items(page, &sides[i]);
    xo_put_cache(&text, run->scenario, run->requests, run->pick[XO_WAY_BUY]);
    page_gap(page);
    page_text(page, &text);
}

static void run_page(struct page *page, const struct xo_run *run)
{
    char requests[32], tokens[32];
    put_asked(page, run);
    page_gap(page);
    if (run->scenario->workload.n_clients > 0) {
        put_closed_loop(page, run);
        return;
    }
    put_build(page, run);
    put_refusals(page, run);
    if (run->limited[XO_WAY_BUY] && xo_unserved_is_tolerated(run->scenario, &run->buy_unserved))
        page_line(page,
                  "The busiest minute (%s requests, %s tokens) is above the API's rate limits;\n"
                  "its bill takes a higher limit for granted.",
                  xo_text_count(requests, sizeof requests, run->busiest_minute_requests, 2),
                  xo_text_count(tokens, sizeof tokens, run->busiest_minute_tokens, 2));
    if (run->n_options > 0 || run->limited[XO_WAY_BUY])
        page_gap(page);
    put_bills(page, run);
}

/* ---- JSON ---- */

static json_t *capacity_json(struct xo_json *j, const struct xo_capacity *c)
{
    const double overwhelmed = c->overwhelmed_volume > 0 ? c->overwhelmed_volume : (double)NAN;
    const struct cell cells[] = {
        { "n_replicas", NUMBER(c->n_replicas) },
        { "requests_month", NUMBER(c->volume) },
        { "requests_month_lo", NUMBER(c->volume_lo) },
        { "requests_month_hi", NUMBER(c->volume_hi) },
        { "requests_month_overwhelmed", NUMBER(overwhelmed) },
        { "rate_per_s", NUMBER(c->rate_per_s) },
    };
    return CELLS_JSON(j, cells);
}

/* What is known of an option that was tried; the rest where it has a fleet. */
static void put_option(struct rows *to, const struct xo_run *run, int i)
{
    struct xo_json *j = to->json;
    const struct xo_scenario *s = run->scenario;
    const struct xo_sized *z = &run->sized[i];
    const struct xo_infeasible *why = &run->infeasible[i];
    const bool fleet = z->n_gpus > 0, meets = z->feasible;
    const bool is_paid = meets && s->workload.n_clients == 0;
    const struct xo_holding held = xo_option_holds(s, i);
    const double usd = fleet && is_paid ? xo_bill_usd(&z->bill) : (double)NAN;
    const struct xo_unit_figures unit = xo_unit_figures(&s->unit, usd, run->requests);
#define IF_MEETS(value) NUMBER(meets ? (value) : (double)NAN)
#define FLEET(...)      __VA_ARGS__, .not_json = !fleet
    const struct cell cells[] = {
        { "option", TEXT(s->options[i].label) },
        { "feasible", FLAG(meets) },
        STEP_ERROR(&s->options[i]),
        { "lone_s", NUMBER(why->holds ? why->lone_s : (double)NAN) },
        { "unserved", JSON(xo_json_unserved(j, &run->unserved[i])) },
        { "kv_room_tokens", NUMBER(held.kv_room_tokens) },
        { "weight_bytes_per_gpu", NUMBER(held.weight_bytes_per_gpu) },
        { "longest_request_tokens", NUMBER(held.longest_tokens) },
        { "hangs_on", JSON(xo_json_edge(j, s, &run->edge[i])) },
        { "infeasible", JSON(why->holds ? xo_json_infeasible(j, s, i, why) : NULL) },
        { "usd_month", FLEET(NUMBER(usd)) },
        { "serving_replicas", FLEET(NUMBER(z->serving_replicas)) },
        { "headroom_replicas", FLEET(NUMBER(z->headroom_replicas)) },
        { "spare_replicas", FLEET(NUMBER(z->spare_replicas)) },
        { "n_gpus", FLEET(NUMBER(z->n_gpus)) },
        { "settled", FLEET(FLAG(z->settled)) },
        { "load_frac", FLEET(IF_MEETS(z->load_frac)) },
        { "week_busy_frac", FLEET(IF_MEETS(z->week_busy_frac)) },
        { "week_mean_w_per_gpu", FLEET(IF_MEETS(z->week_mean_w_per_gpu)) },
        { "capacity_below", FLEET(JSON(fleet ? capacity_json(j, &run->capacity_below[i]) : NULL)) },
        { "capacity", FLEET(JSON(fleet ? capacity_json(j, &run->capacity[i]) : NULL)) },
        { "capacity_above", FLEET(JSON(fleet ? capacity_json(j, &run->capacity_above[i]) : NULL)) },
        { "bill", FLEET(JSON(fleet && meets ? xo_json_bill(j, &z->bill) : NULL)) },
        UNIT_FIGURES("", s, unit)
    };
    ROW_PUT(to, cells);
}

static json_t *percentiles_json(struct xo_json *j, const struct xo_hist *hist, double mean)
{
    const struct cell cells[] = {
        { "mean", NUMBER(hist->n > 0 ? mean : (double)NAN) },
        { "p50", NUMBER(xo_hist_quantile(hist, 0.5)) },
        { "p90", NUMBER(xo_hist_quantile(hist, 0.9)) },
        { "p95", NUMBER(xo_hist_quantile(hist, 0.95)) },
        { "p99", NUMBER(xo_hist_quantile(hist, 0.99)) },
    };
    return CELLS_JSON(j, cells);
}

/* A class: its counts, tokens, and the percentiles that the merged histograms hold. */
static void put_class(struct rows *to, const struct xo_class_tally *t, const char *name)
{
    const struct cell cells[] = {
        { "class", TEXT(name) },
        { "n_arrived", NUMBER(t->n_arrived) },
        { "n_finished", NUMBER(t->n_finished) },
        { "n_rejected", NUMBER(t->n_fates[XO_FATE_REJECTED]) },
        { "n_timed_out", NUMBER(t->n_timed_out) },
        { "n_good", NUMBER(t->n_good) },
        { "prompt_tokens", NUMBER(t->prompt_tokens) },
        { "cached_tokens", NUMBER(t->cached_tokens) },
        { "output_tokens", NUMBER(t->output_tokens) },
        { "ttft_s", JSON(percentiles_json(to->json, &t->ttft_hist, t->ttft.mean)) },
        { "tpot_s", JSON(percentiles_json(to->json, &t->tpot_hist, t->tpot.mean)) },
        { "e2e_s", JSON(percentiles_json(to->json, &t->e2e_hist, t->e2e.mean)) },
    };
    ROW_PUT(to, cells);
}

/* One way and its bill; null where the scenario has nothing of it. */
static json_t *way_json(struct xo_json *j, const struct xo_run *run, enum xo_way way)
{
    const char *name = xo_way_name(run->scenario, way, run->pick[way]);
    const double usd = run->usd[way];
    if (name[0] == '\0')
        return NULL;
    const struct xo_unit_figures unit = xo_unit_figures(&run->scenario->unit, usd, run->requests);
    const struct cell cells[] = { { "name", TEXT(name) },
                                  { "usd_month", NUMBER(usd) },
                                  { "bill", JSON(isfinite(usd) ? xo_json_bill(j, &run->bills[way])
                                                               : NULL) },
                                  UNIT_FIGURES("", run->scenario, unit) };
    return CELLS_JSON(j, cells);
}

#define WAY(NAME, way, ...) { #way, JSON(way_json(j, run, XO_WAY_##NAME)) },
#define INDEX(of)           NUMBER((of) >= 0 ? (of) : (double)NAN)
/* clang-format off */
void xo_run_json(struct xo_buf *buf, const struct xo_run *run)
{
    struct xo_json json = { 0 }, *j = &json;
    const struct xo_scenario *s = run->scenario;
    struct rows options = { .json = j, .array = xo_json_array(j) };
    struct rows classes = { .json = j, .array = xo_json_array(j) };
    const bool has_metrics = run->observed >= 0 && !(run->offered_frac >= 1);
    for (int i = 0; i < run->n_options; i++)
        put_option(&options, run, i);
    for (int c = 0; run->tally != NULL && c < run->tally->n_classes; c++)
        put_class(&classes, &run->tally->classes[c], s->workload.classes[c].name);
    const struct cell cells[] = {
        { "schema", WORD("crossover.run/2") },
        { "version", WORD(XO_VERSION) },
        { "scenario", JSON(xo_json_scenario(j, s)) },
        { "requests_month", NUMBER(run->requests) },
        { "tokens_per_request", NUMBER(run->tokens_per_request) },
        { "prompt_per_request", NUMBER(run->prompt_per_request) },
        { "cached_per_request", NUMBER(run->cached_per_request) },
        { "output_per_request", NUMBER(run->output_per_request) },
        { "peak_factor", NUMBER(run->peak_factor) },
        WAY(BUY, buy, )
        { "cache", JSON(xo_json_cache(j, s, run->requests, run->pick[XO_WAY_BUY])) },
        { "buy_limited", FLAG(run->limited[XO_WAY_BUY]) },
        { "buy_unserved", JSON(s->n_apis > 0 ? xo_json_unserved(j, &run->buy_unserved) : NULL) },
        { "reshaped", JSON(xo_json_reshaped(j, s)) },
        { "busiest_minute_requests", NUMBER(run->busiest_minute_requests) },
        { "busiest_minute_tokens", NUMBER(run->busiest_minute_tokens) },
        WAY(SAME, same, )
        XO_LATER_WAYS(WAY)
        { "options", JSON(options.array) },
        { "best", INDEX(run->best) },
        { "observed", INDEX(run->observed) },
        { "offered_frac", NUMBER(run->offered_frac) },
        { "metrics", JSON(has_metrics ? xo_json_metrics(j, &run->metrics, s) : NULL) },
        { "classes", JSON(classes.array) },
        { "ledger", JSON(xo_json_ledger(j, s)) },
        { "n_simulated", NUMBER(run->n_simulated) },
    };
    xo_json_dump(j, CELLS_JSON(j, cells), buf);
}
/* clang-format on */

bool xo_run_print(FILE *out, const struct xo_run *run, enum xo_format format, struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    struct page page = { 0 };
    if (format == XO_FORMAT_CSV)
        xo_put_bills(&(struct rows){ .csv = &buf }, run);
    else if (format == XO_FORMAT_JSON)
        xo_run_json(&buf, run);
    else
        run_page(&page, run);
    return page_print(&page, &buf, out, err);
}
