/* words.c - figures as words, and the facts that several sentences need.
 *
 * The state is a struct xo_words: 40 slots that are used in turn, so that a text stays until 40
 * more have been said. Blanks inside a figure are glued, that no line breaks there.
 *
 * A verdict says two significant digits of what draws decide: more would claim what none supports.
 * A volume that is known (the plan, a crossing of the base case, a row of a table) has three, the
 * same in every sentence, table and picture: 19.7 B beside a crossing at 20.3 B is not "20 B". What
 * draws say carries its standard error where another set of draws would print another digit
 * (is_unsure). A volume outside the simulated range is said as "under" or "over" its end.
 *
 * A factor that flips an answer is rounded away from 1 (xo_say_flip), so that the one that is said
 * does flip it. Tried before: to round it to the nearest, which said x1.3 of 1.346. A share that is
 * nearly none or all is not said to be 0 or 100 %. Begin with say_tokens, xo_say_usd and
 * xo_say_drawn_share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/lines.h"
#include "report/page/page.h"
#include "sentences.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <string.h>
#include <time.h>

enum { VERDICT_DIGITS = 2, VOLUME_DIGITS = 3 };

char *xo_words_slot(struct xo_words *w)
{
    w->next = (w->next + 1) % (int)(sizeof w->slot / sizeof w->slot[0]);
    return w->slot[w->next];
}

static char *glued(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if (*c == ' ')
            *c = XO_GLUE;
    return text;
}

/* The arguments may be words of `w` themselves, which the next slot does not touch. */
#define SAY(w, slot, format)                                                                       \
    do {                                                                                           \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        vsnprintf(slot, sizeof w->slot[0], format, args);                                          \
        va_end(args);                                                                              \
    } while (0)

const char *xo_say(struct xo_words *w, const char *format, ...)
{
    char *slot = xo_words_slot(w);
    SAY(w, slot, format);
    return slot;
}

/* All of it in one line. */
static const char *say_glued(struct xo_words *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static const char *say_glued(struct xo_words *w, const char *format, ...)
{
    char *slot = xo_words_slot(w);
    SAY(w, slot, format);
    return glued(slot);
}

const char *xo_say_dollars(struct xo_words *w, double usd)
{
    return xo_text_usd(xo_words_slot(w), sizeof w->slot[0], usd, 0);
}

const char *xo_say_time(struct xo_words *w, double seconds)
{
    return xo_text_duration(xo_words_slot(w), sizeof w->slot[0], seconds);
}

const char *xo_say_count(struct xo_words *w, double value)
{
    char *slot = xo_words_slot(w);
    xo_text_count(slot, sizeof w->slot[0], value, VOLUME_DIGITS);
    return glued(slot);
}

/* Tokens of a volume; of one outside the simulated range, only on which side it lies. */
static const char *say_tokens(struct xo_words *w, const struct xo_curve *c, double requests,
                              int digits)
{
    const double min = c->points[0].volume, max = c->points[c->n_points - 1].volume;
    const bool below = requests<min *(1 - 1e-9), above = requests> max * (1 + 1e-9);
    const double shown = below ? min : above ? max : requests;
    char count[32];
    return say_glued(w, "%s%s",
                     below   ? "under "
                     : above ? "over "
                             : "",
                     xo_text_count(count, sizeof count, shown * c->tokens_per_request,
                                   below || above ? VOLUME_DIGITS : digits));
}

/* Would another set of draws print another digit here? */
static bool is_unsure(double value, double se, int digits)
{
    if (!(se > 0) || value == 0 || !isfinite(value))
        return false;
    const double shown = fabs(xo_round_significant(value, digits));
    return se >= 0.5 * pow(10, floor(log10(shown)) - digits + 1);
}

/* "$1,200 +- $200": an error has one digit. */
static const char *with_error(struct xo_words *w, const char *value, const char *error)
{
    return say_glued(w, "%s +- %s", value, error);
}

static const char *say_drawn_tokens(struct xo_words *w, const struct xo_curve *c, double requests,
                                    double se, int digits)
{
    char error[32];
    const char *value = say_tokens(w, c, requests, digits);
    if (!is_unsure(requests * c->tokens_per_request, se * c->tokens_per_request, digits))
        return value;
    xo_text_count(error, sizeof error, xo_round_significant(se * c->tokens_per_request, 1), 1);
    return with_error(w, value, error);
}

const char *xo_say_drawn_tokens(struct xo_words *w, const struct xo_curve *c, double requests,
                                double se)
{
    const bool sure =
        !is_unsure(requests * c->tokens_per_request, se * c->tokens_per_request, VOLUME_DIGITS);
    return say_drawn_tokens(w, c, requests, se, sure ? VOLUME_DIGITS : VERDICT_DIGITS);
}

const char *xo_say_tokens(struct xo_words *w, const struct xo_curve *c, double requests)
{
    return say_tokens(w, c, requests, VOLUME_DIGITS);
}

const char *xo_say_times(struct xo_words *w, int n)
{
    static const char *const few[] = { "never", "once", "twice" };
    return n >= 0 && n < 3
               ? few[n]
               : xo_say(w, "%s%d%ctimes", n >= XO_MAX_CROSSINGS ? "at least " : "", n, XO_GLUE);
}

const char *xo_say_usd(struct xo_words *w, double usd)
{
    char *slot = xo_words_slot(w);
    const bool whole_cents = fabs(usd) < 1 && fabs(100 * usd - round(100 * usd)) < 1e-6;
    xo_text_usd(slot, sizeof w->slot[0], usd, whole_cents ? 0 : VERDICT_DIGITS);
    return glued(slot);
}

const char *xo_say_drawn_usd(struct xo_words *w, double usd, double se)
{
    const char *value = xo_say_usd(w, usd);
    return is_unsure(usd, se, VERDICT_DIGITS)
               ? with_error(w, value, xo_say_usd(w, xo_round_significant(se, 1)))
               : value;
}

static const char *say_rounded(struct xo_words *w, double rounded)
{
    char exact[32];
    return fabs(rounded) >= 1e4 ? xo_say_count(w, rounded)
           : isfinite(rounded)
               ? xo_say(w, "%s", xo_text_exact(exact, xo_round_significant(rounded, 6)))
               : "-";
}

/* Of a factor near 1 it counts by how much it is not 1. */
static bool is_near_one(double factor)
{
    return fabs(factor - 1) < 0.1;
}

const char *xo_say_factor(struct xo_words *w, double factor)
{
    return say_rounded(w, is_near_one(factor) ? 1 + xo_round_significant(factor - 1, 1)
                                              : xo_round_significant(factor, VERDICT_DIGITS));
}

const char *xo_say_flip(struct xo_words *w, double factor)
{
    const double from = is_near_one(factor) ? 1 : 0, off = factor - from;
    const int digits = is_near_one(factor) ? 1 : VERDICT_DIGITS;
    if (off == 0 || !isfinite(off))
        return say_rounded(w, factor);
    const double step = pow(10, floor(log10(fabs(off))) - digits + 1), n = off / step;
    return say_rounded(w, from + step * (factor > 1 ? ceil(n - 1e-9) : floor(n + 1e-9)));
}

const char *xo_say_exact(struct xo_words *w, int64_t count)
{
    return xo_text_whole(xo_words_slot(w), sizeof w->slot[0], (double)count);
}

const char *xo_say_share(struct xo_words *w, double share)
{
    return !isfinite(share) ? say_glued(w, "an unknown share")
           : share < 0.01   ? say_glued(w, "under 1 %%")
           : share > 0.99   ? say_glued(w, "over 99 %%")
                            : say_glued(w, "%.0f %%", 100 * share);
}

const char *xo_say_drawn_share(struct xo_words *w, double share, double se)
{
    char error[32];
    const char *value = xo_say_share(w, share);
    snprintf(error, sizeof error, "%.0f %%", round(100 * se)); /* 0.5 is not 0 */
    return share >= 0.01 && share <= 0.99 && se >= 0.005 ? with_error(w, value, error) : value;
}

const char *xo_say_percent(struct xo_words *w, double share)
{
    const double near = 1e-9; /* what arithmetic leaves beside 0 and 1 */
    return !isfinite(share)                     ? "-"
           : share > near && share <= 0.005     ? say_glued(w, "<1 %%")
           : share >= 0.995 && share < 1 - near ? say_glued(w, ">99 %%")
                                                : say_glued(w, "%.0f %%", fabs(100 * share));
}

const char *xo_say_typed_share(struct xo_words *w, double share)
{
    char exact[32];
    return say_glued(w, "%s %%", xo_text_exact(exact, xo_round_significant(100 * share, 6)));
}

const char *xo_say_duration(struct xo_words *w, double seconds)
{
    char *slot = xo_words_slot(w);
    xo_text_duration(slot, sizeof w->slot[0], xo_round_significant(seconds, VERDICT_DIGITS));
    return glued(slot);
}

static const char *say_range(struct xo_words *w, const char *lo, const char *hi)
{
    return strcmp(lo, hi) == 0 ? lo : xo_say(w, "%s to %s", lo, hi);
}

const char *xo_say_usd_range(struct xo_words *w, double lo, double hi)
{
    return say_range(w, xo_say_usd(w, lo), xo_say_usd(w, hi));
}

const char *xo_say_usd_band(struct xo_words *w, const struct xo_band *band)
{
    return say_range(w, xo_say_drawn_usd(w, band->p10, band->p10_se),
                     xo_say_drawn_usd(w, band->p90, band->p90_se));
}

const char *xo_say_token_range(struct xo_words *w, const struct xo_curve *c, double lo, double hi)
{
    return say_range(w, xo_say_tokens(w, c, lo), xo_say_tokens(w, c, hi));
}

const char *xo_say_token_band(struct xo_words *w, const struct xo_curve *c, double base,
                              const struct xo_band *band)
{
    const double lo = band->p10, hi = band->p90;
    const double shown_lo = xo_round_significant(lo * c->tokens_per_request, VERDICT_DIGITS);
    const double shown_hi = xo_round_significant(hi * c->tokens_per_request, VERDICT_DIGITS);
    const double at = base * c->tokens_per_request;
    const bool hides =
        shown_lo >= shown_hi || (lo <= base && shown_lo > at) || (hi >= base && shown_hi < at);
    const int digits = hides ? VOLUME_DIGITS : VERDICT_DIGITS;
    return say_range(w, say_drawn_tokens(w, c, lo, band->p10_se, digits),
                     say_drawn_tokens(w, c, hi, band->p90_se, digits));
}

double xo_step_typical_frac(const struct xo_build_option *option)
{
    const double z90 = 1.2815515655446004;
    return expm1(z90 * option->step_sigma);
}

const char *xo_say_step_error(struct xo_words *w, const struct xo_build_option *option)
{
    const struct xo_step_error *e = xo_step_error_of(&option->deployment, option->step_class);
    const double frac = xo_step_typical_frac(option);
    return frac < 1 ? xo_say(w, "typically within %.2g%c%% (%s: %s)", 100 * frac, XO_GLUE, e->name,
                             e->why)
                    : xo_say(w, "within a factor of %.2g (%s: %s)", 1 + frac, e->name, e->why);
}

const char *xo_metric_name(enum xo_metric metric)
{
    static const char *const names[] = { "TTFT", "TPOT", "E2E" };
    XO_TABLE_OF(names, XO_N_METRICS);
    return names[metric];
}

const char *xo_flip_name(enum xo_flip_key key)
{
    static const char *const names[] = { "volume", "api_price", "discount",
                                         "rent",   "staff",     "step_time" };
    XO_TABLE_OF(names, XO_N_FLIPS);
    return names[key];
}

const char *xo_reach_name(enum xo_reach reach)
{
    static const char *const names[] = { "money", "exact", "step", "surrogate" };
    XO_TABLE_OF(names, XO_N_REACHES);
    return names[reach];
}

const char *xo_origin_name(enum xo_origin origin)
{
    static const char *const names[] = {
        "default", "file", "set", "catalog", "derived", "include"
    };
    XO_TABLE_OF(names, XO_N_ORIGINS);
    return names[origin];
}

const char *xo_group_name(enum xo_bill_group group)
{
    static const char *const names[] = { "tokens", "gpus",    "power",       "site",    "software",
                                         "people", "one_off", "contingency", "discount" };
    XO_TABLE_OF(names, XO_N_BILL_GROUPS);
    return names[group];
}

const char *xo_say_target(struct xo_words *w, const struct xo_slo_target *target)
{
    char percent[32], limit[32];
    return say_glued(w, "%s p%s <= %s", xo_metric_name(target->metric),
                     xo_text_exact(percent, xo_round_significant(100 * target->quantile, 6)),
                     xo_text_duration(limit, sizeof limit, target->limit_s));
}

const char *xo_say_api(struct xo_words *w, const char *tariff_name)
{
    return xo_plain(xo_words_slot(w), sizeof w->slot[0], tariff_name, 60);
}

const char *xo_api_at(const struct xo_curve *c, int point)
{
    const int api = c->points[point].pick[XO_WAY_BUY];
    return api >= 0 && api < c->scenario->n_apis ? c->scenario->apis[api].tariff.name : "the API";
}

const char *xo_way_at(const struct xo_curve *c, enum xo_way way, int point)
{
    const struct xo_curve_point *p = &c->points[point];
    const bool fails = way == XO_WAY_BUILD && !p->build.feasible;
    return fails ? "" : xo_way_name(c->scenario, way, p->pick[way]);
}

const char *xo_same_name(const struct xo_scenario *s, int host)
{
    return xo_way_name(s, XO_WAY_SAME, host);
}

bool xo_same_is_left_out(const struct xo_scenario *s)
{
    const int key = xo_key_find("buy.same_model_api");
    for (int i = 0; i < s->n_entries; i++)
        if (s->entries[i].key == key && strcmp(s->entries[i].section, "buy") == 0)
            return strcmp(s->entries[i].value, "none") == 0;
    return false;
}

bool xo_buys_same_weights(const struct xo_scenario *s, int api)
{
    for (int c = 0; c < s->workload.n_classes; c++)
        if (!xo_class_api(s, c, api)->is_same_weights)
            return false;
    return s->n_options > 0;
}

/* The tariffs that serve at least one class, each once; n of them. */
static int bought(const struct xo_scenario *s, const char *api, const char *names[XO_MAX_CLASSES])
{
    int n = 0;
    for (int c = 0; c < s->workload.n_classes; c++) {
        const char *own = s->class_apis[c].tariff.name;
        const char *name = own[0] != '\0' ? own : api;
        bool known = false;
        for (int i = 0; i < n; i++)
            known = known || strcmp(names[i], name) == 0;
        if (!known)
            names[n++] = name;
    }
    return n;
}

const char *xo_say_buy(struct xo_words *w, const struct xo_scenario *s, const char *api,
                       bool short_form)
{
    enum { SHOWN = 3 };
    const char *names[XO_MAX_CLASSES];
    const int n = bought(s, api, names);
    if (n <= 1)
        return xo_say_api(w, n == 1 ? names[0] : api);
    if (short_form)
        return xo_say(w, "%d APIs", n);
    char *slot = xo_words_slot(w);
    size_t used = 0;
    for (int i = 0; i < n && i < SHOWN; i++)
        used += (size_t)snprintf(slot + used, sizeof w->slot[0] - used, "%s%.46s",
                                 i == 0 ? "" : " + ", xo_say_api(w, names[i]));
    if (n > SHOWN)
        snprintf(slot + used, sizeof w->slot[0] - used, " + %d more", n - SHOWN);
    return slot;
}

const char *xo_say_baseline(struct xo_words *w, const struct xo_scenario *s)
{
    if (s->n_apis <= 1)
        return xo_say_buy(w, s, s->n_apis == 1 ? s->apis[0].tariff.name : "the API", false);
    return xo_say(w, "the cheapest of %d APIs", s->n_apis);
}

const char *xo_say_host(struct xo_words *w, const struct xo_scenario *s)
{
    if (s->n_same_bought <= 1)
        return xo_say_api(w, xo_same_name(s, 0));
    return xo_say(w, "the cheapest of %d hosts", s->n_same_bought);
}

/* "build.rent"; of a section with a name, "class easy: weight"; "uncertain build.rent". */
const char *xo_key_text(struct xo_words *w, const struct xo_entry *entry)
{
    char both[2 * XO_SECTION_SIZE + 4];
    const bool named = strchr(entry->section, ' ') != NULL;
    const bool range = strcmp(entry->section, "uncertain") == 0;
    snprintf(both, sizeof both, "%s%s%s", entry->section,
             named   ? ": "
             : range ? " "
                     : ".",
             entry->name);
    return xo_plain(xo_words_slot(w), sizeof w->slot[0], both, 120);
}

const char *xo_uncertain_text(struct xo_words *w, const struct xo_uncertain *u)
{
    return xo_say(w, "%s.%s", xo_keys[u->key].section, xo_keys[u->key].name);
}

const struct xo_curve_point *xo_plan_point(const struct xo_curve *c)
{
    return &c->points[c->plan];
}

const struct xo_crossing *xo_first_crossing(const struct xo_crossings *c)
{
    return c->n > 0 ? &c->at[0] : NULL;
}

const struct xo_crossing *xo_first_to_build(const struct xo_crossings *c)
{
    for (int i = 0; i < c->n; i++)
        if (c->at[i].to_build)
            return &c->at[i];
    return NULL;
}

const struct xo_ladder *xo_why_infeasible(const struct xo_curve *c)
{
    for (int i = 0; i < c->n_ladders; i++)
        if (!c->ladders[i].infeasible.holds)
            return NULL;
    return c->n_ladders > 0 ? &c->ladders[0] : NULL;
}

bool xo_band_is(const struct xo_band *band)
{
    return !isnan(band->p10) && !isnan(band->p90);
}

struct xo_band xo_band_negated(const struct xo_band *band)
{
    return (struct xo_band){ -band->p90,   -band->p50,   -band->p10,
                             band->p90_se, band->p50_se, band->p10_se };
}

double xo_round_up(double x)
{
    const double rounded = xo_round_significant(x, VERDICT_DIGITS);
    const double next = rounded + pow(10, floor(log10(x)) - (VERDICT_DIGITS - 1));
    return rounded >= x ? rounded : xo_round_significant(next, VERDICT_DIGITS);
}

/* What was looked for in vain; nothing where sweeps did not look. */
static void put_no_remedy(struct xo_buf *buf, const struct xo_scenario *s, int option,
                          const struct xo_infeasible *why)
{
    if (!why->searched)
        return;
    if (why->tensor_parallel == 0)
        xo_put(buf, "No larger tensor_parallel up to 8 helps%s",
               why->gpu[0] == '\0' ? ", and no " : ". ");
    if (why->gpu[0] != '\0')
        return;
    xo_put(buf, "%sGPU of the catalog whose kind was measured helps",
           why->tensor_parallel == 0 ? "" : "No ");
    if (xo_scenario_is_typed(s, xo_key_find("build.tensor_parallel")))
        xo_put(buf, " at tensor_parallel%c=%c%d", XO_GLUE, XO_GLUE,
               s->options[option].deployment.tensor_parallel);
    xo_put(buf, ". ");
}

/* The remedy that is always there: a wider limit, or shorter requests. */
static void put_last_remedy(struct xo_buf *buf, const struct xo_infeasible *why,
                            const struct xo_unserved *u)
{
    struct xo_words words = { 0 };
    if (why->cause == XO_CAUSE_REFUSED && u->by_context)
        xo_put(buf, "a model of longer context, or ");
    if (why->cause == XO_CAUSE_REFUSED)
        xo_put(buf, "workload.max_context%c=%c%d%ctokens, which cuts what is longer for both sides",
               XO_GLUE, XO_GLUE, u->longest_tokens[why->class_index], XO_GLUE);
    else
        xo_put(buf, "a %s of at least %s", why->cause == XO_CAUSE_TIMEOUT ? "timeout" : "limit",
               xo_say_duration(&words, xo_round_up(why->lone_s)));
}

void xo_put_remedies(struct xo_buf *buf, const struct xo_scenario *s, int option,
                     const struct xo_infeasible *why, const struct xo_unserved *u)
{
    const bool room = why->kv_room_tokens > 0, gpu = why->gpu[0] != '\0';
    const bool parallel = why->tensor_parallel > 0, larger = parallel || gpu;
    const char *gap = room + parallel + gpu > 1 ? ", " : " ";
    struct xo_words words = { 0 };
    xo_put(buf, "What would help: ");
    if (room)
        xo_put(buf, "build.kv_room corrected or left out (worked out, it is %s tokens)%s",
               xo_say_exact(&words, (int64_t)why->kv_room_tokens), gap);
    if (parallel)
        xo_put(buf, "tensor_parallel%c=%c%d%s", XO_GLUE, XO_GLUE, why->tensor_parallel, gap);
    if (gpu)
        xo_put(buf, "GPU %s%s", why->gpu, gap);
    xo_put(buf, "%s", room || larger ? "or " : "");
    put_last_remedy(buf, why, u);
    if (why->n_missed > 1 && why->cause != XO_CAUSE_REFUSED)
        xo_put(buf, " and wider ones for %d other target%s that lone requests miss",
               why->n_missed - 1, why->n_missed == 2 ? "" : "s");
    xo_put(buf, ". ");
    if (larger && s->options[option].deployment.kv_room_tokens > 0)
        xo_put(buf, "On another deployment build.kv_room has to be read again, or left out. ");
    put_no_remedy(buf, s, option, why);
}

void xo_put_unjudged(struct xo_buf *buf, const struct xo_scenario *s)
{
    struct xo_words words = { 0 };
    char name[XO_NAME_SIZE];
    for (int c = 0; c < s->workload.n_classes; c++) {
        int said = 0;
        for (int t = 0; t < s->slo[c].n_targets; t++) {
            if (xo_slo_is_judged(s, c, t))
                continue;
            if (said++ == 0)
                xo_put(buf, "Class %s, %.2g%c%% of requests, is too rare to be held to ",
                       xo_plain(name, sizeof name, s->workload.classes[c].name, 40),
                       100 * s->workload.classes[c].weight, XO_GLUE);
            else
                xo_put(buf, " and ");
            xo_put(buf, "%s", xo_say_target(&words, &s->slo[c].targets[t]));
        }
        xo_put(buf, said > 0 ? ": nothing here says that it is met. " : "");
    }
}

/* ---- prices and the invoice ---- */

int xo_price_days(const struct xo_scenario *s, const char **oldest, const char **newest)
{
    struct xo_dated_price prices[XO_MAX_PRICES];
    const int n = xo_scenario_prices(s, prices);
    int stale = 0;
    *oldest = *newest = "";
    for (int i = 0; i < n; i++) { /* ISO dates sort as text */
        const char *day = prices[i].as_of;
        stale += prices[i].age_days > XO_STALE_DAYS;
        if (day[0] != '\0' && (*oldest[0] == '\0' || strcmp(day, *oldest) < 0))
            *oldest = day;
        if (strcmp(day, *newest) > 0)
            *newest = day;
    }
    return stale;
}

const char *xo_say_price_days(struct xo_words *w, const struct xo_scenario *s)
{
    const char *oldest, *newest;
    char lo[16], hi[16];
    xo_price_days(s, &oldest, &newest);
    if (newest[0] == '\0')
        return "no stated date";
    xo_plain(lo, sizeof lo, oldest, 15);
    xo_plain(hi, sizeof hi, newest, 15);
    return xo_say(w, strcmp(lo, hi) == 0 ? "%s" : "%s to %s", lo, hi);
}

const char *xo_say_day(struct xo_words *w, int32_t day)
{
    const time_t at = (time_t)day * 86400;
    struct tm date;
    char text[16];
    strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&at, &date));
    return xo_say(w, "%s", text);
}

/* The tariff that announces other prices first; NULL: none does. */
static const struct xo_tariff *first_announced(const struct xo_scenario *s)
{
    const struct xo_tariff *all[XO_MAX_BOUGHT], *first = NULL;
    const int n = xo_scenario_tariffs(s, all);
    for (int i = 0; i < n; i++)
        if (all[i]->n_changes > 0 &&
            (first == NULL || all[i]->changes[0].from_day < first->changes[0].from_day))
            first = all[i];
    return first;
}

const char *xo_say_announced(struct xo_words *w, const struct xo_scenario *s)
{
    const struct xo_tariff *t = first_announced(s);
    return t != NULL ? xo_say_day(w, t->changes[0].from_day) : "";
}

static void put_announced(struct xo_buf *buf, const struct xo_scenario *s)
{
    const struct xo_tariff *t = first_announced(s);
    struct xo_words words = { 0 };
    if (t != NULL)
        xo_put(buf, "%s announces other prices from %s on: `crossover horizon` counts them. ",
               xo_say_api(&words, t->name), xo_say_announced(&words, s));
}

void xo_put_price_notes(struct xo_buf *buf, const struct xo_scenario *s)
{
    struct xo_dated_price prices[XO_MAX_PRICES];
    const int n = xo_scenario_prices(s, prices);
    const struct xo_dated_price *oldest = NULL;
    struct xo_words words = { 0 };
    char day[16];
    int stale = 0;
    put_announced(buf, s);
    for (int i = 0; i < n; i++) {
        if (prices[i].age_days <= XO_STALE_DAYS)
            continue;
        stale++;
        oldest = oldest == NULL || prices[i].age_days > oldest->age_days ? &prices[i] : oldest;
    }
    if (oldest == NULL)
        return;
    xo_put(buf, "STALE: the price of %s is of %s, %ld days before as_of",
           xo_say_api(&words, oldest->name), xo_plain(day, sizeof day, oldest->as_of, 15),
           oldest->age_days);
    if (stale > 1)
        xo_put(buf, ", and %d other%s over %d days old", stale - 1, stale == 2 ? " is" : "s are",
               XO_STALE_DAYS);
    xo_put(buf, ": look for today's. ");
}

void xo_put_reconciliation(struct xo_buf *buf, const struct xo_scenario *s)
{
    struct xo_words words = { 0 };
    struct xo_reconciliation r = { 0 };
    struct xo_error err = { 0 };
    const bool known = s->actual.month[0] != '\0' && xo_reconcile(s, &r, &err) && r.given;
    buf->failed |= err.kind == XO_ERR_MEMORY;
    if (!known || !(fabs(r.difference_frac) > 0.15))
        return;
    xo_put(buf, "This tariff puts your invoice of %.15s at %s, ", s->actual.month,
           xo_say_usd(&words, r.ours_usd));
    if (r.difference_frac >= 1)
        xo_put(buf, "%s times ", xo_say_factor(&words, 1 + r.difference_frac));
    else
        xo_put(buf, "%s %s than ", xo_say_share(&words, fabs(r.difference_frac)),
               r.difference_frac > 0 ? "more" : "less");
    xo_put(buf, "the %s that it says: find out why before using the buy side. ",
           xo_say_usd(&words, r.invoice_usd));
}

/* ---- a value of a key ---- */

/* How a number in a key's base is shown: value * scale between prefix and suffix; what that base is
 * called in tables for programs. */
static const struct unit {
    const char *name, *base;
    double scale;
    const char *prefix, *suffix;
} units[] = {
    { "share", "fraction", 100, "", " %" },
    { "share/year", "fraction/year", 100, "", " %/year" },
    { "time", "s", 1, "", " s" },
    { "tokens", "tokens", 1, "", " tokens" },
    { "requests", "requests", 1, "", "" },
    { "months", "months", 1, "", " months" },
    { "years", "years", 1, "", " years" },
    { "hours", "h", 1, "", " h" },
    { "USD", "usd", 1, "$", "" },
    { "USD/month", "usd/month", 1, "$", "/month" },
    { "USD/year", "usd/year", 1, "$", "/year" },
    { "USD/hour", "usd/hour", 1, "$", "/hour" },
    { "USD/Mtok", "usd/token", 1e6, "$", "/Mtok" },
    { "USD/kWh", "usd/kWh", 1, "$", "/kWh" },
    { "USD/kW/month", "usd/kW/month", 1, "$", "/kW/month" },
    { "USD/GPU/month", "usd/GPU/month", 1, "$", "/GPU/month" },
    { "requests/month", "requests/month", 1, "", "/month" },
    { "requests/min", "requests/min", 1, "", "/min" },
    { "tokens/min", "tokens/min", 1, "", " tokens/min" },
    { "bytes", "bytes", 1e-9, "", " GB" },
    { "bytes/s", "bytes/s", 1e-9, "", " GB/s" },
    { "FLOPS", "FLOP/s", 1e-12, "", " TFLOPS" },
    { "W", "W", 1, "", " W" },
    { "FTE", "FTE", 1, "", " FTE" },
    { "factor", "", 1, "x", "" },
};

static const struct unit *unit_named(const char *name)
{
    static const struct unit plain = { "", "", 1, "", "" };
    for (size_t i = 0; i < XO_ROWS(units); i++)
        if (strcmp(units[i].name, name) == 0)
            return &units[i];
    return &plain;
}

const char *xo_unit_of_key(int key)
{
    return unit_named(xo_keys[key].unit)->base;
}

/* 0.774, 4.72, 2048, 206k: three digits that count, four below ten thousand. */
static void show_number(char *out, size_t size, double value)
{
    if (value < 1e4) {
        snprintf(out, size, "%.*g", value < 1000 ? 3 : 4, value);
        return;
    }
    char count[32];
    size_t n = 0;
    xo_text_count(count, sizeof count, value, 3);
    for (const char *c = count; *c != '\0' && n + 1 < size; c++)
        if (*c != ' ')
            out[n++] = *c;
    out[n] = '\0';
}

const char *xo_show_quantity(char *out, size_t size, const char *unit, double value)
{
    const struct unit *u = unit_named(unit);
    char number[40];
    const double shown = value * u->scale;
    show_number(number, sizeof number, fabs(shown));
    snprintf(out, size, "%s%s%s%s", shown < 0 ? "-" : "", u->prefix, number, u->suffix);
    return out;
}
