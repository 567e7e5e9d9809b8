/* ledger.c - the symmetry ledger: which effect counts for which side (docs/bills.md, "Both sides").
 *
 * An effect that only one side has is not wrong, but whoever reads the answer must be told.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/tables.h"
#include "sentences.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <string.h>

static const char *sides_name(enum xo_sides sides)
{
    static const char *const names[] = { "neither", "both", "buy only", "build only" };
    XO_TABLE_OF(names, XO_N_SIDES);
    return names[sides];
}

static enum xo_sides sides(bool buy, bool build)
{
    return buy ? (build ? XO_SIDES_BOTH : XO_SIDES_BUY)
               : (build ? XO_SIDES_BUILD : XO_SIDES_NEITHER);
}

static void say(char text[XO_TITLE_SIZE], bool on, const char *yes, const char *no)
{
    xo_text_copy(text, XO_TITLE_SIZE, on ? yes : no);
}

static void percent(char text[XO_TITLE_SIZE], double frac, const char *what)
{
    if (frac > 0)
        snprintf(text, XO_TITLE_SIZE, "%.4g %% %s", 100 * frac, what);
    else
        say(text, false, "", "none");
}

static bool every_class_is_bound(const struct xo_scenario *s)
{
    for (int c = 0; c < s->workload.n_classes; c++)
        if (s->slo[c].n_targets == 0)
            return false;
    return s->workload.n_classes > 0;
}

/* The API's latency is not simulated: a target binds this build alone. */
static void slo_row(const struct xo_scenario *s, struct xo_ledger_row *row)
{
    const bool bound = every_class_is_bound(s);
    say(row->buy, bound, "taken as met: API latency is not measured", "no target");
    say(row->build, bound,
        s->slo_window == XO_SLO_MONTH ? "simulated, whole month" : "simulated, busiest hour",
        "not every class has a target");
    row->sides = sides(false, bound);
}

static void prefix_row(const struct xo_scenario *s, struct xo_ledger_row *row)
{
    bool shared = false;
    for (int c = 0; c < s->workload.n_classes; c++)
        shared = shared || s->workload.classes[c].shared_prefix_tokens > 0;
    const bool priced = s->n_apis > 0 && isfinite(s->apis[0].tariff.cached_input);
    static const struct xo_cache_rules no_rules = { 0 };
    const struct xo_cache_rules *rules = s->n_apis > 0 ? &s->apis[0].tariff.cache : &no_rules;
    char life[24], longer[24];
    say(row->buy, shared,
        priced                                        ? "cached input at its own price"
        : s->n_apis > 0 && s->apis[0].caching_unknown ? "cached price not known: full price"
                                                      : "no cached price in the tariff",
        "no shared prefix");
    if (shared && priced && rules->ttl_s > 0)
        snprintf(row->buy, XO_TITLE_SIZE, "cached input at its own price, kept %s%s%s",
                 xo_text_duration(life, sizeof life, rules->ttl_s),
                 rules->extended_ttl_s > 0 ? " or " : "",
                 rules->extended_ttl_s > 0
                     ? xo_text_duration(longer, sizeof longer, rules->extended_ttl_s)
                     : "");
    say(row->build, shared, "resident, prefill skipped", "no shared prefix");
    row->sides = sides(shared && priced, shared);
}

static void retries_row(const struct xo_scenario *s, struct xo_ledger_row *row)
{
    percent(row->buy, s->retries_frac, "more calls billed");
    percent(row->build, s->retries_frac, "more calls served");
    row->sides = sides(s->retries_frac > 0, s->retries_frac > 0);
}

static void batch_row(const struct xo_scenario *s, struct xo_ledger_row *row)
{
    bool any = false;
    for (int c = 0; c < s->workload.n_classes; c++)
        any = any || s->class_batch_frac[c] > 0;
    const double discount =
        s->n_apis > 0 ? s->apis[0].tariff.services[XO_SERVICE_BATCH].off_frac : 0;
    if (any)
        percent(row->buy, discount, "off the batch share");
    else
        say(row->buy, false, "", "no batch work");
    say(row->build, any, "served when it arrives, not moved to idle hours", "no batch work");
    row->sides = sides(any && discount > 0, false);
}

static void redundancy_row(const struct xo_scenario *s, struct xo_ledger_row *row)
{
    const bool on = s->spare_replicas > 0 || s->headroom_frac > 0;
    xo_text_copy(row->buy, XO_TITLE_SIZE, "the provider's, inside its price");
    snprintf(row->build, XO_TITLE_SIZE, "%d spare, %.4g %% headroom", s->spare_replicas,
             100 * s->headroom_frac);
    row->sides = on ? XO_SIDES_BOTH : XO_SIDES_BUY;
}

static bool has_staff(const struct xo_staff *staff)
{
    for (int i = 0; i < staff->n_steps; i++)
        if (staff->steps[i].fte * staff->scale > 0)
            return true;
    return false;
}

static void staff_text(char text[XO_TITLE_SIZE], const struct xo_staff *staff)
{
    char steps[XO_MAX_STEPS * 48] = "";
    for (int i = 0; i < staff->n_steps; i++) {
        char above[32] = "";
        if (staff->steps[i].above_gpus > 0)
            snprintf(above, sizeof above, " above %d GPUs", staff->steps[i].above_gpus);
        const size_t n = strlen(steps);
        snprintf(steps + n, sizeof steps - n, "%s%.4g FTE%s", i == 0 ? "" : ", ",
                 staff->steps[i].fte * staff->scale, above);
    }
    say(text, has_staff(staff), steps, "nobody");
}

static void staff_row(const struct xo_scenario *s, struct xo_ledger_row *row)
{
    static const struct xo_staff none = { 0 };
    const struct xo_staff *build = s->n_options > 0 ? &s->options[0].terms.staff : &none;
    staff_text(row->buy, &s->buy.staff);
    staff_text(row->build, build);
    row->sides = sides(has_staff(&s->buy.staff), has_staff(build));
}

static void one_off_row(const struct xo_scenario *s, struct xo_ledger_row *row)
{
    const double build = s->n_options > 0 ? s->options[0].terms.one_off_usd : 0;
    xo_text_usd(row->buy, XO_TITLE_SIZE, s->buy.one_off_usd, 0);
    xo_text_usd(row->build, XO_TITLE_SIZE, build, 0);
    row->sides = sides(s->buy.one_off_usd > 0, build > 0);
}

static void contingency_row(const struct xo_scenario *s, struct xo_ledger_row *row)
{
    const double build = s->n_options > 0 ? s->options[0].terms.contingency_frac : 0;
    percent(row->buy, s->buy.contingency_frac, "on the bill");
    percent(row->build, build, "on the bill");
    row->sides = sides(s->buy.contingency_frac > 0, build > 0);
}

/* A negotiated price of GPUs is typed as the rent itself, so only the tariff has a discount key. */
static void discount_row(const struct xo_scenario *s, struct xo_ledger_row *row)
{
    const double tiers = s->n_apis > 0 && s->apis[0].tariff.n_tiers > 0 ? 1 : 0;
    percent(row->buy, s->buy.discount_frac, "off the list");
    if (!(s->buy.discount_frac > 0) && tiers > 0)
        xo_text_copy(row->buy, XO_TITLE_SIZE, "volume tiers of the tariff");
    xo_text_copy(row->build, XO_TITLE_SIZE, "whatever build.rent says");
    row->sides = sides(s->buy.discount_frac > 0 || tiers > 0, false);
}

static void price_change_row(const struct xo_scenario *s, struct xo_ledger_row *row)
{
    struct xo_words words = { 0 };
    const char *from = xo_say_announced(&words, s);
    snprintf(row->buy, XO_TITLE_SIZE, "prices stay as typed%s%s", from[0] != '\0' ? ", until " : "",
             from);
    xo_text_copy(row->build, XO_TITLE_SIZE, "prices stay as typed");
    row->sides = XO_SIDES_NEITHER;
}

/* A side that the scenario does not have takes no part in any effect. */
static void leave_out(struct xo_ledger_row *row, bool has_buy, bool has_build)
{
    const bool buy = row->sides == XO_SIDES_BOTH || row->sides == XO_SIDES_BUY;
    const bool build = row->sides == XO_SIDES_BOTH || row->sides == XO_SIDES_BUILD;
    if (!has_buy)
        xo_text_copy(row->buy, XO_TITLE_SIZE, "not in this scenario");
    if (!has_build)
        xo_text_copy(row->build, XO_TITLE_SIZE, "not in this scenario");
    row->sides = sides(has_buy && buy, has_build && build);
}

void xo_ledger(const struct xo_scenario *s, struct xo_ledger_row rows[XO_LEDGER_ROWS])
{
    static const struct {
        const char *effect;
        void (*fill)(const struct xo_scenario *, struct xo_ledger_row *);
    } effects[] = {
        { "SLO", slo_row },
        { "prefix cache", prefix_row },
        { "retries", retries_row },
        { "batch work", batch_row },
        { "redundancy", redundancy_row },
        { "staff", staff_row },
        { "one-off cost", one_off_row },
        { "contingency", contingency_row },
        { "discount", discount_row },
        { "price change", price_change_row },
    };
    XO_TABLE_OF(effects, XO_LEDGER_ROWS);
    for (int i = 0; i < XO_LEDGER_ROWS; i++) {
        rows[i].effect = effects[i].effect;
        effects[i].fill(s, &rows[i]);
        leave_out(&rows[i], s->n_apis > 0, s->n_options > 0);
    }
}

void xo_put_ledger(struct rows *to, const struct xo_scenario *s)
{
    struct xo_ledger_row rows[XO_LEDGER_ROWS];
    xo_ledger(s, rows);
    for (int i = 0; i < XO_LEDGER_ROWS; i++) {
        struct xo_words words = { 0 };
        const struct cell cells[] = {
            { "effect", WORD(rows[i].effect), .head = "effect", LEFT(13) },
            { "sides", WORD(sides_name(rows[i].sides)), .head = "counts for", .gap = 1, LEFT(12) },
            { "buy", WORD(rows[i].buy), SHOWN(xo_say(&words, "%s /", rows[i].buy)),
              .head = "buying /", .gap = 1 },
            { "build", WORD(rows[i].build), .head = "this build", .gap = 1 },
        };
        ROW_PUT(to, cells);
    }
}
