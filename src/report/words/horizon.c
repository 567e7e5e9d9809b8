/* horizon.c - what the months of a horizon say, in words: the cheaper plan, when a switch pays
 * back, what waiting costs, what would change it and when.
 *
 * Statements keep one order (xo_horizon_paragraphs). Each saving names what it is held against,
 * each figure of the draws its range, and all money is cash before tax; words that claim more than
 * a simulation can are left out, as in a verdict of a curve, whose last statements are said here
 * too.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/lines.h"
#include "sentences.h"
#include "verdict.h"

#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <string.h>

static const char *const code_names[] = { "infeasible", "no_winner",  "switch_later",
                                          "too_close",  "switch_now", "stay" };
XO_TABLE_OF(code_names, XO_N_HORIZON_CODES);

const char *xo_horizon_code_name(enum xo_horizon_code code)
{
    return code_names[code];
}

const char *xo_tripwire_name(enum xo_tripwire_key key)
{
    static const char *const names[] = { "volume", "rent", "api_price" };
    XO_TABLE_OF(names, XO_N_TRIPWIRES);
    return names[key];
}

/* ---- short texts ---- */

const char *xo_say_month(struct xo_words *w, const struct xo_horizon *h, int month)
{
    char text[XO_MONTH_SIZE];
    return xo_say(w, "%s", xo_horizon_month(&h->scenario->horizon, month, text));
}

static const char *say_months(struct xo_words *w, double months)
{
    char text[32];
    return xo_say(w, "%s",
                  xo_text_exact(text, months < 10 ? round(10 * months) / 10 : round(months)));
}

const char *xo_say_payback(struct xo_words *w, double months)
{
    return isinf(months) ? "never"
           : months == 0 ? "at once"
                         : xo_say(w, "%s months", say_months(w, months));
}

/* "6.1 to 12 months", "6.1 months to never". */
static const char *say_payback_band(struct xo_words *w, const struct xo_band *band)
{
    if (isinf(band->p10))
        return "never";
    if (isinf(band->p90))
        return xo_say(w, "%s to never", xo_say_payback(w, band->p10));
    const char *lo = say_months(w, band->p10), *hi = say_months(w, band->p90);
    return strcmp(lo, hi) == 0 ? xo_say_payback(w, band->p10)
                               : xo_say(w, "%s to %s months", lo, hi);
}

const char *xo_say_way(struct xo_words *w, const struct xo_horizon *h, enum xo_way way)
{
    const struct xo_scenario *s = h->scenario;
    if (way == XO_WAY_BUY)
        return xo_say_buy(w, s, xo_way_name(s, way, h->months[0].pick[way]), false);
    if (way == XO_WAY_BUILD && h->option >= 0) {
        char label[64];
        return xo_say(w, "%.60s on %s", s->options[h->option].deployment.model.name,
                      xo_plain(label, sizeof label, s->options[h->option].label, 48));
    }
    return xo_say_api(w, xo_way_name(s, way, h->months[0].pick[way]));
}

/* A rate of a hundred percent and more by its factor of ten thousand at most. */
static const char *say_rate(struct xo_words *w, double per_year)
{
    const int64_t percent = (int64_t)round(100 * fmin(per_year, 100));
    return per_year > 100 ? "over 10,000 %"
                          : xo_say(w, "%s%s %%", percent < 0 ? "-" : "",
                                   xo_say_exact(w, percent < 0 ? -percent : percent));
}

/* ---- statements ---- */

struct months_told {
    const struct xo_horizon *h;
    const struct xo_switch *to; /* this build */
    struct telling telling;     /* of the curve, whose text this goes to */
};

#undef SAY
#define SAY(...) xo_put(&t->telling.out, __VA_ARGS__)

static const char *month_of(struct months_told *t, int month)
{
    return xo_say_month(&t->telling.words, t->h, month);
}

static void say_cost(struct months_told *t, enum xo_way way)
{
    SAY("%s", usd(&t->telling, t->h->cost_usd[way]));
    tell_usd_band(&t->telling, &t->h->cost[way]);
}

static void say_costs(struct months_told *t)
{
    SAY("%s costs ", t->telling.api);
    say_cost(t, XO_WAY_BUY);
    SAY(", this build ");
    say_cost(t, XO_WAY_BUILD);
}

static void say_span(struct months_told *t)
{
    SAY("over %d month%s from %s", t->h->n_months, t->h->n_months == 1 ? "" : "s", month_of(t, 0));
}

/* "saves $900,000 ($500,000 to $1,300,000)", or what it costs more. */
static void say_gain(struct months_told *t, double npv_usd, const struct xo_band *band)
{
    const bool saves = npv_usd > 0;
    const struct xo_band costs = xo_band_negated(band);
    const struct xo_band *shown = saves ? band : &costs;
    SAY("%s %s%s", saves ? "saves" : "costs", usd(&t->telling, fabs(npv_usd)),
        saves ? "" : " more");
    if (xo_band_is(shown) && shown->p10 >= 0)
        tell_usd_band(&t->telling, shown);
    else if (xo_band_is(shown))
        SAY(" (from %s %s to %s %s)", usd(&t->telling, fabs(shown->p10)), saves ? "more" : "less",
            usd(&t->telling, fabs(shown->p90)), saves ? "less" : "more");
}

static const char *gains(struct months_told *t)
{
    return xo_say_drawn_share(&t->telling.words, t->to->gains_share, t->to->gains_se);
}

/* When a switch that is decided now takes place. */
static const char *now(struct months_told *t)
{
    return t->to->earliest == 0 ? "now"
                                : xo_say(&t->telling.words, "in %s", month_of(t, t->to->earliest));
}

static void say_worth_later(struct months_told *t)
{
    if (t->to->best_month < 0)
        SAY("In no month is switching worth it. ");
    else if (t->to->best_month > t->to->earliest)
        SAY("Worth most in %s: %s, in %s of draws. ", month_of(t, t->to->best_month),
            usd(&t->telling, t->to->best_npv_usd),
            xo_say_share(&t->telling.words, t->to->best_gains_share));
}

static void tell_now_or_stay(struct months_told *t)
{
    const bool build = t->h->verdict == XO_HORIZON_NOW;
    SAY("Cheaper ");
    say_span(t);
    SAY(": %s. ", build ? "BUILD" : "BUY");
    say_costs(t);
    SAY(": switching %s ", now(t));
    say_gain(t, t->to->npv_usd, &t->to->npv);
    SAY(t->to->npv_usd > 0 ? ", in %s of draws. " : ", and saves in %s of draws. ", gains(t));
    if (!build)
        say_worth_later(t);
}

static void tell_later(struct months_told *t)
{
    const int best = t->to->best_month;
    SAY("Cheaper ");
    say_span(t);
    SAY(": BUY, then BUILD from %s. Switching then ", month_of(t, best));
    say_gain(t, t->to->best_npv_usd, &t->h->months[best].switch_band[XO_WAY_BUILD]);
    SAY(" against %s all along, in %s of draws; switching %s ", t->telling.api,
        xo_say_share(&t->telling.words, t->to->best_gains_share), now(t));
    say_gain(t, t->to->npv_usd, &t->to->npv);
    SAY(". ");
}

static void tell_close(struct months_told *t)
{
    const struct xo_band *npv = &t->to->npv;
    SAY("Too close to call over %d month%s", t->h->n_months, t->h->n_months == 1 ? "" : "s");
    SAY(". This build from %s on saves in %s of draws",
        t->to->earliest == 0 ? "now" : month_of(t, t->to->earliest), gains(t));
    if (xo_band_is(npv) && npv->p10 < 0 && npv->p90 > 0)
        SAY(", from %s dearer to %s cheaper", usd(&t->telling, -npv->p10),
            usd(&t->telling, npv->p90));
    SAY(". ");
    say_costs(t);
    SAY(". ");
}

/* The first month that this build cannot serve; -1: it is none. */
static int first_unserved(const struct xo_horizon *h)
{
    for (int m = 0; m < h->n_months; m++)
        if (isnan(h->months[m].economic_usd[XO_WAY_BUILD]))
            return m;
    return -1;
}

static void tell_no_comparison(struct months_told *t)
{
    const struct xo_horizon *h = t->h;
    const int missing = first_unserved(h), limited = h->first_limited;
    SAY("No comparison ");
    say_span(t);
    SAY(": ");
    if (!t->to->exists && missing >= 0)
        SAY("no fleet of this build serves the %s requests of %s within the SLO. ",
            xo_say_count(&t->telling.words, h->months[missing].volume), month_of(t, missing));
    else if (!t->to->exists)
        SAY("no one option of this build serves all months within the SLO. ");
    if (limited >= 0)
        SAY("%s cannot serve this as listed from %s on, %s requests a month: above its rate limits "
            "or its context. ",
            t->telling.api, month_of(t, limited),
            xo_say_count(&t->telling.words, h->months[limited].volume));
    if (isfinite(h->cost_usd[XO_WAY_BUY])) {
        SAY("The bills of %s add up to ", t->telling.api);
        say_cost(t, XO_WAY_BUY);
        SAY(". ");
    }
    if (t->to->exists) {
        SAY("This build costs ");
        say_cost(t, XO_WAY_BUILD);
        SAY(". ");
    }
}

static void tell_unequal(struct months_told *t)
{
    SAY("No winner: the quality of the two sides is declared unequal, so these are bills, not a "
        "comparison. Added up ");
    say_span(t);
    SAY(": ");
    say_costs(t);
    SAY(". ");
}

static void say_irr(struct months_told *t)
{
    const struct xo_irr *irr = &t->to->irr;
    const struct xo_band *band = &t->to->irr_per_year;
    SAY("internal rate ");
    if (irr->kind == XO_IRR_ONE) {
        SAY("%s a year", say_rate(&t->telling.words, irr->per_year));
        if (xo_band_is(band) && band->p90 > band->p10)
            SAY(" (%s to %s)", say_rate(&t->telling.words, band->p10),
                say_rate(&t->telling.words, band->p90));
    } else if (irr->kind == XO_IRR_LOAN)
        SAY("none: money comes first and is paid later");
    else
        SAY(irr->kind == XO_IRR_NONE ? "none: what flows never changes sign"
                                     : "not one: what flows changes sign more than once");
}

/* Payback, internal rate and peak of switching as soon as it can be done. */
static void tell_payback(struct months_told *t)
{
    const struct xo_switch *to = t->to;
    const char *payback = xo_say_payback(&t->telling.words, to->payback_months);
    const char *band = say_payback_band(&t->telling.words, &to->payback);
    SAY("\n");
    if (t->h->verdict == XO_HORIZON_LATER) { /* whose lead has no room for it */
        say_costs(t);
        SAY(" from %s on. ", month_of(t, to->earliest));
    }
    if (t->h->verdict == XO_HORIZON_TOO_CLOSE)
        SAY("The base case leans to %s by %s: do not quote it alone. ",
            to->npv_usd > 0 ? "BUILD" : "BUY", usd(&t->telling, fabs(to->npv_usd)));
    SAY("Switching %s to this build, against %s: payback %s", now(t), t->telling.api, payback);
    if (strcmp(payback, band) != 0)
        SAY(" (%s)", band);
    if (to->earliest > 0)
        SAY(" from %s on", month_of(t, 0));
    if (t->h->scenario->horizon.discount_per_year > 0 && isfinite(to->payback_months))
        SAY(", discounted %s", xo_say_payback(&t->telling.words, to->discounted_payback_months));
    SAY(", within the horizon in %s of draws; ",
        xo_say_share(&t->telling.words, to->pays_back_share));
    say_irr(t);
    SAY("; at most %s", usd(&t->telling, to->peak_usd));
    tell_usd_band(&t->telling, &to->peak);
    SAY(" paid out ahead of buying");
    if (to->peak_usd > 0 && to->peak_month < t->h->n_months)
        SAY(", at the start of %s", month_of(t, to->peak_month));
    else if (to->peak_usd > 0)
        SAY(", at the end");
    SAY(". ");
}

static void tell_same(struct months_told *t)
{
    const struct xo_switch *same = &t->h->to[XO_WAY_SAME];
    const double owning = t->to->npv_usd - same->npv_usd;
    if (!same->exists)
        return;
    SAY("\n%she same weights, %s by the token from %s: going there now ",
        same->npv_usd > t->to->npv_usd ? "But t" : "T", t->telling.model,
        xo_say_way(&t->telling.words, t->h, XO_WAY_SAME));
    say_gain(t, same->npv_usd, &same->npv);
    SAY(" %s %s; changing the model so %s %s, owning the GPUs %s %s. ",
        same->npv_usd > 0 ? "against" : "than", t->telling.api,
        same->npv_usd > 0 ? "saves" : "costs", usd(&t->telling, fabs(same->npv_usd)),
        owning > 0 ? "saves" : "costs", usd(&t->telling, fabs(owning)));
}

/* The ways that this page does not know by name. */
static void tell_others(struct months_told *t)
{
    for (int way = XO_N_FIRST_WAYS; way < XO_N_WAYS; way++) {
        const struct xo_switch *to = &t->h->to[way];
        if (!to->exists)
            continue;
        SAY("\nGoing to %s now ", xo_way_words[way].subject);
        say_gain(t, to->npv_usd, &to->npv);
        SAY(" %s %s, payback %s (%s). ", to->npv_usd > 0 ? "against" : "than", t->telling.api,
            xo_say_payback(&t->telling.words, to->payback_months),
            say_payback_band(&t->telling.words, &to->payback));
    }
}

static void tell_waiting(struct months_told *t)
{
    int said = 0;
    SAY("\n");
    for (int k = 0; k < 2; k++) {
        const double costs = t->to->wait_usd[k];
        const struct xo_band band = costs >= 0 ? t->to->wait[k] : xo_band_negated(&t->to->wait[k]);
        if (isnan(costs))
            continue;
        SAY("%s%d months %s %s", said++ == 0 ? "Waiting " : ", ", xo_horizon_waits[k],
            costs >= 0 ? "costs" : "saves", usd(&t->telling, fabs(costs)));
        tell_usd_band(&t->telling, &band);
    }
    if (said > 0)
        SAY(". ");
    if (t->h->verdict == XO_HORIZON_LATER || t->h->verdict == XO_HORIZON_STAY)
        return; /* said in the lead */
    if (t->to->best_month >= 0)
        SAY("Switching is worth most in %s: %s. ", month_of(t, t->to->best_month),
            usd(&t->telling, t->to->best_npv_usd));
}

static void say_drift(struct months_told *t, const char *what, double factor)
{
    if (fabs(factor - 1) < 5e-4)
        return;
    SAY(", %s %s%s", what, factor > 1 ? "+" : "-",
        xo_say_percent(&t->telling.words, fabs(factor - 1)));
}

/* What sums over time are of. */
static void say_basis(struct months_told *t)
{
    const double rate = t->h->scenario->horizon.discount_per_year;
    SAY("\nSums are cash before tax, one-offs and purchases at the start of their month, bills at its "
        "end");
    if (rate > 0)
        SAY(", counted back to %s at %s a year", month_of(t, 0),
            xo_say_typed_share(&t->telling.words, rate));
    else
        SAY(", later money counting as much as today's");
    SAY(". ");
}

/* Do tariffs announce other prices for some of the months? */
static bool announces(const struct xo_scenario *s)
{
    return xo_scenario_prices_move(s, xo_scenario_day(s),
                                   xo_horizon_day(&s->horizon, s->horizon.n_months - 1));
}

/* What the months take for granted. */
static void tell_path(struct months_told *t)
{
    const struct xo_horizon *h = t->h;
    const struct xo_horizon_terms *terms = &h->scenario->horizon;
    const struct xo_horizon_month *first = &h->months[0], *last = &h->months[h->n_months - 1];
    say_basis(t);
    SAY("Path: %s requests in %s, %s in %s", xo_say_count(&t->telling.words, first->volume),
        month_of(t, 0), xo_say_count(&t->telling.words, last->volume),
        month_of(t, h->n_months - 1));
    say_drift(t, "API prices", last->api_factor);
    say_drift(t, "rent", last->rent_factor);
    say_drift(t, "power", last->power_factor);
    say_drift(t, "capacity of a replica", last->capacity_factor);
    if (announces(h->scenario))
        SAY(", tariffs as they announce");
    else if (last->api_factor == 1 && last->rent_factor == 1)
        SAY(", prices as today's");
    SAY(". ");
    if (terms->lead_months > 0)
        SAY("GPUs serve %d month%s after they are ordered. ", terms->lead_months,
            terms->lead_months == 1 ? "" : "s");
    if (terms->parallel_months > 0)
        SAY("Both sides are paid for %d month%s after a switch. ", terms->parallel_months,
            terms->parallel_months == 1 ? "" : "s");
    if (terms->reserve_months > 1)
        SAY("GPUs are reserved for %d months at %s of the rent. ", terms->reserve_months,
            xo_say_percent(&t->telling.words, terms->reserve_frac));
}

static void tell_drawn(struct months_told *t)
{
    const struct xo_scenario *s = t->h->scenario;
    SAY("\nRanges: P10 to P90 of %s draws over %d uncertain input%s",
        xo_say_exact(&t->telling.words, s->n_draws), s->n_uncertain,
        s->n_uncertain == 1 ? "" : "s");
    if (t->telling.c->step_error_frac > 0 && t->h->option >= 0)
        SAY(" and step times %s", xo_say_step_error(&t->telling.words, &s->options[t->h->option]));
    SAY(". ");
    if (xo_band_is(&t->to->npv) &&
        (t->to->npv_usd < t->to->npv.p10 || t->to->npv_usd > t->to->npv.p90))
        SAY("The base case lies outside the range: what varies does so mostly to one side of the value "
            "typed. ");
    if (t->to->without_share > 0 && t->to->without_share < 1)
        SAY("In %s of draws this build cannot serve some month: buying wins there, and ranges "
            "leave them out. ",
            xo_say_drawn_share(&t->telling.words, t->to->without_share, t->to->without_se));
}

static void (*const leads[])(struct months_told *) = {
    tell_no_comparison, tell_unequal, tell_later, tell_close, tell_now_or_stay, tell_now_or_stay,
};
XO_TABLE_OF(leads, XO_N_HORIZON_CODES);

static void begin(struct months_told *t, const struct xo_horizon *h)
{
    t->h = h;
    t->to = &h->to[XO_WAY_BUILD];
    verdict_begin(&t->telling, h->curve);
}

char *xo_horizon_paragraphs(const struct xo_horizon *h)
{
    struct months_told told, *t = &told;
    begin(t, h);
    leads[h->verdict](t);
    if (h->verdict != XO_HORIZON_NO_WINNER && t->to->exists) {
        tell_payback(t);
        tell_same(t);
        tell_others(t);
        tell_waiting(t);
    }
    tell_path(t);
    tell_not_compared(&t->telling);
    tell_drawn(t);
    tell_guesses(&t->telling);
    xo_put_reconciliation(&t->telling.out, h->scenario);
    SAY("\n");
    return xo_buf_take(&t->telling.out);
}

/* ---- tripwires ---- */

/* What a tripwire asks of the first month, in its own unit. */
static const char *say_threshold(struct xo_words *w, const struct xo_horizon *h, int key,
                                 double factor)
{
    const struct xo_build_terms *terms =
        h->option >= 0 ? &h->scenario->options[h->option].terms : NULL;
    const double rent =
        terms != NULL && terms->tenure == XO_RENT ? terms->rent_usd_per_gpu_hour : 0;
    char text[48];
    if (key == XO_TRIP_VOLUME)
        return xo_say(w, "volume at %s requests a month, %.3g times today's",
                      xo_say_count(w, factor * h->months[0].volume), factor);
    if (key == XO_TRIP_RENT && rent > 0)
        return xo_say(w, "rent at %s a GPU-hour, %.3g times today's",
                      xo_text_usd(text, sizeof text, rent * factor, 3), factor);
    return xo_say(w, "%s at %.3g times today's", key == XO_TRIP_RENT ? "GPU prices" : "API prices",
                  factor);
}

const char *xo_say_tripwire(struct xo_words *w, const struct xo_horizon *h, enum xo_way way,
                            enum xo_tripwire_key key)
{
    const struct xo_tripwire *t = &h->to[way].tripwires[key];
    static const char *const nothing[] = { "any volume simulated", "any rent tried",
                                           "any API price tried" };
    XO_TABLE_OF(nothing, XO_N_TRIPWIRES);
    if (t->limit == 0)
        return ""; /* not asked */
    if (!t->possible)
        return xo_say(w, "never        %s leaves it as it is", nothing[key]);
    return xo_say(w, "%-11s  %s", t->month >= 0 ? xo_say_month(w, h, t->month) : "not reached",
                  say_threshold(w, h, (int)key, t->factor));
}

/* ---- the title of a picture ---- */

static void title(struct months_told *t)
{
    const struct xo_horizon *h = t->h;
    const char *api = t->telling.api;
    switch (h->verdict) {
    case XO_HORIZON_NOW:
        SAY("over %d months this build saves %s against %s; payback %s", h->n_months,
            usd(&t->telling, t->to->npv_usd), api,
            xo_say_payback(&t->telling.words, t->to->payback_months));
        break;
    case XO_HORIZON_STAY:
        SAY("over %d months this build costs %s more than %s", h->n_months,
            usd(&t->telling, -t->to->npv_usd), api);
        break;
    case XO_HORIZON_LATER:
        SAY("this build pays from %s on: it then saves %s against %s",
            month_of(t, t->to->best_month), usd(&t->telling, t->to->best_npv_usd), api);
        break;
    case XO_HORIZON_TOO_CLOSE:
        SAY("too close to call over %d months: this build is cheaper in %s of draws", h->n_months,
            gains(t));
        break;
    default:
        SAY("%d months, without a winner", h->n_months);
    }
}

char *xo_horizon_title(const struct xo_horizon *h)
{
    struct months_told told, *t = &told;
    begin(t, h);
    SAY("%s", h->scenario->n_guesses > 0 ? "DRAFT: " : "");
    title(t);
    char *text = xo_buf_take(&t->telling.out);
    if (text != NULL)
        xo_unglue(text);
    return text;
}
