/* verdict.c - the plain verdict: what the figures of a curve say, and not a word more.
 *
 * It reads a finished curve and changes nothing of it. The state is a struct telling: the curve,
 * the points at plan and at the ends of the range, names, and the text so far, in which blanks that
 * belong to a figure are glued and '\n' ends a paragraph.
 *
 * Statements keep one order: the cheaper option at plan; where it flips; the same weights by the
 * token; the single change that would flip it; what was not compared; ranges, date of prices and
 * guesses. Each code of a verdict has a row in patterns[], which says how the first two are said,
 * and a title; tables keep both complete. Words that claim more than a simulation can are left out
 * by rule, and tests look for them.
 *
 * Every statement is made only where it holds: a range that leaves out the base case stands with
 * its reason, for it looks like an error; a claim about all volumes ends where a fixed fleet is
 * full or the API's rate limit lies. A title is made of the same pieces as the text, so that both
 * say one figure. Begin with tell, patterns[] and say_where_it_flips.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/parts.h"

#include "xo/table.h"
#include "xo/text.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct telling {
    const struct xo_curve *c;
    const struct xo_scenario *s;
    const struct xo_curve_point *plan, *min, *max;
    const char *api;       /* what would otherwise be bought at plan */
    const char *build;     /* "llama-3.3-70b on 2 x h100-sxm, fp8" */
    const char *model;     /* the weights of [build] */
    struct xo_words words; /* short texts; api, build and model live apart */
    char names[3][XO_TITLE_SIZE];
    struct xo_buf out; /* blanks inside figures are glued; '\n' ends a paragraph */
};

#define SAY(...) xo_put(&t->out, __VA_ARGS__)

static const char *tokens(struct telling *t, double requests)
{
    return xo_say_tokens(&t->words, t->c, requests);
}

static const char *usd(struct telling *t, double value)
{
    return xo_say_usd(&t->words, value);
}

/* A share of draws. */
static const char *share(struct telling *t, double value, double se)
{
    return xo_say_drawn_share(&t->words, value, se);
}

/* The share of draws in which this build is cheaper at plan. */
static const char *wins(struct telling *t)
{
    return share(t, t->c->wins_share[XO_BUY_BUILD], t->c->wins_se[XO_BUY_BUILD]);
}

/* " ($7,600 to $15,000)", or nothing when no draw has it and when all have the same. */
static void say_usd_band(struct telling *t, const struct xo_band *band)
{
    if (xo_band_is(band) && strcmp(usd(t, band->p10), usd(t, band->p90)) != 0)
        SAY(" (%s)", xo_say_usd_band(&t->words, band));
}

/* Are there several APIs, one a class? */
static bool buys_several(const struct telling *t)
{
    return strstr(t->api, " + ") != NULL;
}

static void say_bill(struct telling *t, enum xo_way way)
{
    SAY("%s", usd(t, t->plan->usd[way]));
    say_usd_band(t, &t->c->plan_band[way]);
}

static void say_bills(struct telling *t)
{
    SAY("%s %s ", t->api, buys_several(t) ? "cost" : "costs");
    say_bill(t, XO_WAY_BUY);
    SAY(", this build (%s) ", t->build);
    say_bill(t, XO_WAY_BUILD);
}

/* The range of buy - build, from the build's side. */
static void say_difference(struct telling *t)
{
    const struct xo_band *saving = &t->c->saving, costs = xo_band_negated(saving);
    if (saving->p90 <= 0)
        SAY("dearer by %s", xo_say_usd_band(&t->words, &costs));
    else if (saving->p10 >= 0)
        SAY("cheaper by %s", xo_say_usd_band(&t->words, saving));
    else
        SAY("from %s dearer to %s cheaper", xo_say_drawn_usd(&t->words, costs.p90, costs.p90_se),
            xo_say_drawn_usd(&t->words, saving->p90, saving->p90_se));
}

static bool build_wins_base(const struct telling *t)
{
    return t->plan->usd[XO_WAY_BUILD] < t->plan->usd[XO_WAY_BUY];
}

static void say_volume(struct telling *t, double requests)
{
    SAY("%s requests (%s tokens) a month", xo_say_count(&t->words, requests), tokens(t, requests));
}

/* ---- 1: the cheaper option at the planned volume ---- */

static void lead_cheaper(struct telling *t)
{
    SAY("Cheaper at ");
    say_volume(t, t->plan->volume);
    SAY(": %s. ", build_wins_base(t) ? "BUILD" : "BUY");
    say_bills(t);
    SAY(": ");
    if (xo_band_is(&t->c->saving)) {
        say_difference(t);
        SAY(", ");
    }
    SAY("cheaper in %s of draws. ", wins(t));
}

static int by_nearness(const void *a, const void *b)
{
    const struct xo_flip *const *x = a, *const *y = b;
    const double dx = fabs(log((*x)->factor)), dy = fabs(log((*y)->factor));
    return (dx > dy) - (dx < dy);
}

static const char *const flip_words[] = { "volume",   "API price", "discount",
                                          "GPU rent", "staff",     "step time" };
XO_TABLE_OF(flip_words, XO_N_FLIPS);

/* The keys to which the answer at plan is closest to changing sides, nearest first. */
static void say_what_would_settle(struct telling *t)
{
    const struct xo_flip *near[XO_N_FLIPS];
    size_t n = 0;
    for (int k = 0; k < XO_N_FLIPS; k++)
        if (k != XO_FLIP_DISCOUNT && t->c->flips[k].possible && t->c->flips[k].factor > 0)
            near[n++] = &t->c->flips[k];
    qsort(near, n, sizeof near[0], by_nearness);
    SAY("What would settle it: ");
    if (n == 0)
        SAY("narrower ranges for the uncertain inputs");
    for (size_t i = 0; i < n && i < 3; i++)
        SAY("%s%s (x%s flips it)",
            i == 0                 ? "a firm figure for "
            : i + 1 == n || i == 2 ? " or "
                                   : ", ",
            flip_words[near[i] - t->c->flips], xo_say_flip(&t->words, near[i]->factor));
    if (xo_band_is(&t->c->crossings[XO_BUY_BUILD].first))
        SAY(", or a volume outside %s tokens a month",
            xo_say_token_band(&t->words, t->c, t->plan->volume,
                              &t->c->crossings[XO_BUY_BUILD].first));
    SAY(". ");
}

/* Draws in which no fleet meets the SLO count for buying, and have no bill to take a range of. */
static void say_fleetless(struct telling *t)
{
    if (t->c->infeasible_share > 0 && t->c->infeasible_share < 1)
        SAY("In %s of draws no fleet meets the SLO: buying wins there, and ranges leave them out. ",
            share(t, t->c->infeasible_share, t->c->infeasible_se));
}

static void lead_too_close(struct telling *t)
{
    SAY("Too close to call at ");
    say_volume(t, t->plan->volume);
    SAY(". This build is cheaper in %s of draws", wins(t));
    if (xo_band_is(&t->c->saving)) {
        const bool both_ways = t->c->saving.p10 < 0 && t->c->saving.p90 > 0;
        SAY("%s", both_ways ? "; the difference runs " : "; P10 to P90: ");
        say_difference(t);
        SAY(" a month");
    }
    SAY(". ");
    say_fleetless(t);
    say_bills(t);
    SAY(". The base case leans to %s by %s: do not quote it alone. ",
        build_wins_base(t) ? "BUILD" : "BUY", usd(t, fabs(t->c->saving_base_usd)));
    say_what_would_settle(t);
}

/* Where a fixed fleet is full; NAN where it carries all. */
static double full_volume(const struct telling *t)
{
    double full = NAN;
    for (int i = 0; i < t->c->n_corners; i++)
        if (!isnan(t->c->corners[i].usd[XO_WAY_BUILD]))
            full = t->c->corners[i].volume;
    return t->s->fixed_replicas > 0 && isnan(t->max->usd[XO_WAY_BUILD]) ? full : (double)NAN;
}

static void say_fixed_fleet_is_late(struct telling *t)
{
    const double full = full_volume(t);
    SAY("build.replicas = %d does not carry %s tokens a month within the SLO, ",
        t->s->fixed_replicas, tokens(t, t->plan->volume));
    if (isfinite(full))
        SAY("only up to %s, ", tokens(t, full));
    SAY("so no cost is given for this build there. `crossover run` shows how it fares there. "
        "Leave build.replicas out to have the fleet sized. ");
}

static void say_build_infeasible(struct telling *t)
{
    enum { SHOWN = 3 };
    int n = 0;
    for (int i = 0; i < t->c->n_ladders; i++)
        if (t->c->ladders[i].infeasible.holds && n++ < SHOWN)
            xo_put_infeasible(&t->out, t->s, t->c->ladders[i].option, &t->c->ladders[i].infeasible,
                              &t->c->ladders[i].unserved);
    if (n > SHOWN)
        SAY(n == SHOWN + 1 ? "%d more option was tried and fails likewise. "
                           : "%d more options were tried and fail likewise. ",
            n - SHOWN);
    if (n > 0 && n == t->c->n_ladders)
        SAY("No cost is given for this build. ");
    else if (t->s->fixed_replicas > 0)
        say_fixed_fleet_is_late(t);
    else
        SAY("No fleet that was simulated carries %s tokens a month within the SLO, so no cost is "
            "given for this build there. ",
            tokens(t, t->plan->volume));
}

static void say_limit(struct telling *t, double limit, const char *unit, const char *before)
{
    if (isfinite(limit))
        SAY("%s%s %s", before, xo_say_count(&t->words, limit), unit);
}

/* Of the tariffs that are bought, the first with a limit: all of them count their own traffic. */
static const struct xo_tariff *limited_tariff(const struct telling *t)
{
    for (int k = -1; k < t->s->workload.n_classes; k++) {
        const struct xo_tariff *tariff =
            k < 0 ? &t->s->apis[t->plan->pick[XO_WAY_BUY]].tariff : &t->s->class_apis[k].tariff;
        if (tariff->name[0] != '\0' &&
            (isfinite(tariff->requests_per_minute) || isfinite(tariff->tokens_per_minute)))
            return tariff;
    }
    return &t->s->apis[t->plan->pick[XO_WAY_BUY]].tariff;
}

/* Requests too long for the API, more than the SLO lets miss. */
static bool api_refuses(const struct telling *t)
{
    return !xo_unserved_is_tolerated(t->s, &t->c->buy_unserved);
}

static void say_api_refuses(struct telling *t)
{
    xo_put_refusal(&t->out, &t->c->buy_unserved, t->api, "it takes");
    SAY("That is more than the SLO lets miss. What would help: an API with a longer context, or "
        "workload.max_context, which cuts them for both sides. No cost is given for buying. ");
}

static void say_rate_limited(struct telling *t)
{
    const struct xo_tariff *tariff = limited_tariff(t);
    const bool both = isfinite(tariff->requests_per_minute) && isfinite(tariff->tokens_per_minute);
    SAY("%s does not carry the busiest minute of ", xo_say_api(&t->words, tariff->name));
    say_volume(t, t->plan->volume);
    SAY(": that minute is above the rate limit of the tariff (");
    say_limit(t, tariff->requests_per_minute, "requests", "");
    say_limit(t, tariff->tokens_per_minute, "tokens", both ? ", " : "");
    SAY(" a minute). What would help: a higher limit from the provider. Bills of buying marked ! "
        "take one for granted. ");
}

static void say_buy_limited(struct telling *t)
{
    if (api_refuses(t))
        say_api_refuses(t);
    else
        say_rate_limited(t);
}

static bool build_fails(const struct telling *t)
{
    return !t->plan->build.feasible || !isfinite(t->plan->usd[XO_WAY_BUILD]);
}

static void lead_infeasible(struct telling *t)
{
    if (build_fails(t)) {
        say_build_infeasible(t);
        SAY("At ");
        say_volume(t, t->plan->volume);
        SAY(" %s %s ", t->api, buys_several(t) ? "cost" : "costs");
        say_bill(t, XO_WAY_BUY);
    } else {
        say_buy_limited(t);
        SAY("This build (%s) costs ", t->build);
        say_bill(t, XO_WAY_BUILD);
    }
    SAY("; with one side missing there is no comparison. ");
}

static void lead_no_winner(struct telling *t)
{
    if (t->plan->limited[XO_WAY_BUY] && build_fails(t)) {
        SAY("No winner: neither side serves the plan. ");
        say_build_infeasible(t);
        say_buy_limited(t);
        return;
    }
    SAY("No winner: the quality of the two sides is declared unequal, so these are bills, not a "
        "comparison. At ");
    say_volume(t, t->plan->volume);
    SAY(": ");
    say_bills(t);
    SAY(". ");
}

struct pattern {
    const char *name;
    void (*lead)(struct telling *);
    bool compares; /* both sides have a bill to hold against the other */
};
static const struct pattern patterns[] = {
    { "infeasible", lead_infeasible, false }, { "too_close", lead_too_close, true },
    { "several", lead_cheaper, true },        { "crossing", lead_cheaper, true },
    { "buy_always", lead_cheaper, true },     { "build_always", lead_cheaper, true },
    { "no_winner", lead_no_winner, false },
};
XO_TABLE_OF(patterns, XO_N_VERDICTS);

/* ---- 2: where it flips ---- */

static void say_without_people(struct telling *t)
{
    const struct xo_crossings *w = &t->c->without_people;
    const struct xo_crossing *first = xo_first_to_build(w);
    if (first != NULL)
        SAY("Without people on either side it flips at %s in the base case. ",
            tokens(t, first->volume));
    else if (w->build_cheaper_at_min && w->n == 0)
        SAY("Without people on either side this build is cheaper at every volume simulated. ");
    else if (w->n == 0)
        SAY("Without people on either side it does not flip either. ");
}

/* Where the comparison of the two sides ends. */
enum reach { TO_THE_TOP, UNTIL_FULL, WITHIN_LIMITS };

static double end_of_comparison(const struct telling *t, enum reach *why)
{
    double full = full_volume(t), within = NAN;
    *why = TO_THE_TOP;
    for (int i = 0; i < t->c->n_points && !t->c->points[i].limited[XO_WAY_BUY]; i++)
        within = t->c->points[i].volume;
    const bool is_limited = t->max->limited[XO_WAY_BUY] && isfinite(within);
    if (isfinite(full) && !(is_limited && within < full)) {
        *why = UNTIL_FULL;
        return full;
    }
    if (is_limited)
        *why = WITHIN_LIMITS;
    return is_limited ? within : t->max->volume;
}

/* How far up the comparison goes: to the largest volume simulated, to where a fixed fleet is full,
 * or to where the API's rate limit lies. */
static void say_up_to(struct telling *t)
{
    enum reach why;
    const double end = end_of_comparison(t, &why);
    SAY("up to %s, ", tokens(t, end));
    if (why == UNTIL_FULL)
        SAY("above which build.replicas = %d does not meet the SLO. ", t->s->fixed_replicas);
    else if (why == WITHIN_LIMITS)
        SAY("the largest volume simulated within the API's rate limits. ");
    else
        SAY("the largest volume simulated. ");
}

/* "every volume simulated, 38 M to 380 B tokens a month" */
static void say_everywhere(struct telling *t)
{
    enum reach why;
    const double end = end_of_comparison(t, &why);
    SAY("every volume simulated%s, %s tokens a month",
        why == UNTIL_FULL      ? " that build.replicas carries"
        : why == WITHIN_LIMITS ? " within the API's rate limits"
                               : "",
        xo_say_token_range(&t->words, t->c, t->min->volume, end));
}

/* " (14 B to 26 B; even odds at 20.1 B)": the draws' range where they know this crossing, else that
 * of simulation noise. */
static void say_spread(struct telling *t, const struct xo_crossing *at, const struct xo_band *band,
                       double even_odds, double even_odds_se)
{
    const struct xo_band noise = { .p10 = at->noise_lo, .p90 = at->noise_hi };
    const bool drawn = at->to_build && xo_band_is(band);
    if (!drawn && !xo_band_is(&noise))
        return;
    SAY(" (%s", xo_say_token_band(&t->words, t->c, at->volume, drawn ? band : &noise));
    if (!drawn)
        SAY(" by simulation noise alone");
    else if (isfinite(even_odds))
        SAY("; even odds at %s", xo_say_drawn_tokens(&t->words, t->c, even_odds, even_odds_se));
    SAY(")");
}

static void say_one_crossing(struct telling *t)
{
    const struct xo_crossings *x = &t->c->crossings[XO_BUY_BUILD];
    const struct xo_crossing *at = &x->at[0];
    SAY("It flips to %s at %s tokens a month", at->to_build ? "this build" : "buying",
        tokens(t, at->volume));
    say_spread(t, at, &x->first, x->even_odds, x->even_odds_se);
    SAY(", %s times your plan, and stays so ",
        xo_say_factor(&t->words, at->volume / t->plan->volume));
    say_up_to(t);
    if (x->exists_share < 0.99)
        SAY("Only %s of draws have a crossing in the range. ",
            share(t, x->exists_share, x->exists_se));
}

/* "19.7 B (14 B to 26 B)" */
static void say_end(struct telling *t, const struct xo_crossing *at, const struct xo_band *band)
{
    SAY("%s", tokens(t, at->volume));
    say_spread(t, at, band, NAN, NAN);
}

/* Does what is not known move the crossings further than the first and the last lie apart? */
static bool ends_are_blurred(const struct xo_crossings *x)
{
    const struct xo_crossing *first = &x->at[0], *last = &x->at[x->n - 1];
    return first->to_build && last->to_build && x->first.p10 <= first->volume &&
           x->last.p90 >= last->volume;
}

/* What to make of volumes between the first and the last crossing. */
static void say_between(struct telling *t)
{
    const struct xo_crossings *x = &t->c->crossings[XO_BUY_BUILD];
    const char *range =
        xo_say_token_range(&t->words, t->c, x->at[0].volume, x->at[x->n - 1].volume);
    if (x->largest_gap_frac <= t->s->materiality_frac)
        SAY("treat %s as equal, for that is too little to decide by. ", range);
    else if (ends_are_blurred(x))
        SAY("treat %s as equal, for what is not known moves these volumes further than they lie "
            "apart. ",
            range);
    else
        SAY("too much to treat as equal: there the last replica decides, by how full it is "
            "(curve.csv has each volume). ");
}

/* "below 18.3 B (14 B to 26 B) tokens a month BUY, above 20.4 B (16 B to 32 B) BUILD"; where both
 * ends fall to one side, "below 18.3 B (..) and above 20.4 B (..) tokens a month BUY". */
static void say_ends(struct telling *t, const char *below)
{
    const struct xo_crossings *x = &t->c->crossings[XO_BUY_BUILD];
    const struct xo_crossing *first = &x->at[0], *last = &x->at[x->n - 1];
    const char *low = first->to_build ? "BUY" : "BUILD", *high = last->to_build ? "BUILD" : "BUY";
    const bool one_side = first->to_build != last->to_build;
    SAY("%s ", below);
    say_end(t, first, &x->first);
    if (one_side)
        SAY(" and above ");
    else
        SAY(" tokens a month %s, above ", low);
    say_end(t, last, &x->last);
    SAY("%s %s", one_side ? " tokens a month" : "", high);
}

static void say_several(struct telling *t)
{
    const struct xo_crossings *x = &t->c->crossings[XO_BUY_BUILD];
    const double first = x->at[0].volume, last = x->at[x->n - 1].volume;
    const double v = t->plan->volume;
    say_ends(t, "Below");
    SAY(", ");
    say_up_to(t);
    SAY("Going up the answer changes %s there, as whole replicas and staff are added, by at most "
        "%s a month (%s): ",
        xo_say_times(&t->words, x->n), usd(t, x->largest_gap_usd),
        xo_say_share(&t->words, x->largest_gap_frac));
    say_between(t);
    SAY("Your plan lies %s. ", v < first   ? "below them"
                               : v <= last ? "between them"
                                           : "above them");
}

static void say_gap(struct telling *t)
{
    SAY("the gap narrows but does not close ");
    say_up_to(t);
}

/* At the top of the range, where another API of the list may be the cheapest. */
static void say_marginal(struct telling *t, double build_usd, double buy_usd)
{
    char api[XO_TITLE_SIZE];
    xo_plain(api, sizeof api,
             xo_say_buy(&t->words, t->s, xo_api_at(t->c, t->c->n_points - 1), false), 130);
    SAY("one more million tokens costs this build %s even on full replicas, and %s %s %s. ",
        usd(t, build_usd), api, strstr(api, " + ") != NULL ? "charge" : "charges", usd(t, buy_usd));
}

static void say_buy_always(struct telling *t)
{
    const double mb = t->c->marginal_build_usd_per_mtok, ma = t->c->marginal_buy_usd_per_mtok;
    SAY("BUY is cheaper at ");
    say_everywhere(t);
    SAY(": ");
    if (mb >= ma)
        say_marginal(t, mb, ma);
    else if (mb < ma)
        say_gap(t);
    else
        SAY("the gap does not close before build.replicas = %d is full. ", t->s->fixed_replicas);
    if (t->c->crossings[XO_BUY_BUILD].exists_share >= 0.01)
        SAY("A crossing lies in the range in %s of draws. ",
            share(t, t->c->crossings[XO_BUY_BUILD].exists_share,
                  t->c->crossings[XO_BUY_BUILD].exists_se));
}

/* Causes that make a build look cheap from the first request, where the scenario has them. */
static void say_unusual(struct telling *t)
{
    const struct xo_build_terms *b = &t->s->options[t->plan->build.option].terms;
    const double people = xo_bill_group_usd(&t->plan->build.bill, XO_BILL_PEOPLE);
    const bool owned = b->tenure == XO_ALREADY_OWNED && !(b->opportunity_usd_per_gpu_hour > 0);
    const bool frontier =
        t->s->n_same_model > 0 && !xo_buys_same_weights(t->s, t->plan->pick[XO_WAY_BUY]);
    const struct {
        bool holds;
        const char *text;
    } causes[] = {
        { !(people > 0), "staff = 0" },
        { !(b->one_off_usd > 0), "one_off = 0" },
        { t->s->spare_replicas == 0, "spares = 0" },
        { owned, "owned GPUs at $0" },
        { frontier, "an API of another model as baseline" },
    };
    int n = 0;
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        n += causes[i].holds;
    SAY("That is unusual: check ");
    int said = 0;
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (n == 0 || causes[i].holds) {
            SAY("%s%s", said == 0 ? "" : said + 1 == n ? " and " : ", ", causes[i].text);
            said++;
        }
    SAY("%s. ", n == 0 ? " (none of them is so here) and the tariff" : "");
}

static void say_build_always(struct telling *t)
{
    SAY("BUILD is cheaper at ");
    say_everywhere(t);
    SAY(", already by %s at %s in the base case. ",
        usd(t, t->min->usd[XO_WAY_BUY] - t->min->usd[XO_WAY_BUILD]), tokens(t, t->min->volume));
    say_unusual(t);
}

static void say_where_it_flips(struct telling *t)
{
    const struct xo_crossings *x = &t->c->crossings[XO_BUY_BUILD];
    if (x->n > 1)
        say_several(t);
    else if (x->n == 1)
        say_one_crossing(t);
    else if (x->build_cheaper_at_min)
        say_build_always(t);
    else
        say_buy_always(t);
    if (x->n > 0 || !x->build_cheaper_at_min)
        say_without_people(t);
}

/* ---- 3: the same weights by the token ---- */

/* A point where this build beats the API and loses to its own weights, by what is material in both
 * comparisons, so that the example is no crossing: the plan, or else the smallest such volume.
 * NULL: there is none. */
static const struct xo_curve_point *point_of_irony(const struct telling *t)
{
    const struct xo_curve_point *found = NULL;
    for (int i = 0; i < t->c->n_points; i++) {
        const struct xo_curve_point *p = &t->c->points[i];
        const double build = p->usd[XO_WAY_BUILD], same = p->usd[XO_WAY_SAME];
        const bool is = p->usd[XO_WAY_BUY] - build > t->s->materiality_frac * build &&
                        build - same > t->s->materiality_frac * same &&
                        p->wins_share[XO_BUY_BUILD] > 0.5;
        if (is && (p->is_plan || found == NULL))
            found = p;
    }
    return found;
}

static void say_irony(struct telling *t)
{
    const struct xo_curve_point *p = point_of_irony(t);
    if (p == NULL)
        return;
    const int index = (int)(p - t->c->points);
    SAY("At %s tokens a month this build saves %s on %s (base case; cheaper in %s of draws), but "
        "the same weights by the token save %s. ",
        tokens(t, p->volume), usd(t, p->usd[XO_WAY_BUY] - p->usd[XO_WAY_BUILD]),
        xo_say_buy(&t->words, t->s, xo_api_at(t->c, index), false),
        p->is_plan ? wins(t) : share(t, p->wins_share[XO_BUY_BUILD], p->wins_se[XO_BUY_BUILD]),
        usd(t, p->usd[XO_WAY_BUY] - p->usd[XO_WAY_SAME]));
}

static void say_same_until(struct telling *t)
{
    const struct xo_crossings *x = &t->c->crossings[XO_SAME_BUILD];
    const struct xo_crossing *first = xo_first_to_build(x);
    const double full = full_volume(t);
    const char *end = tokens(t, isfinite(full) ? full : t->max->volume);
    if (x->build_cheaper_at_min && x->n > 0)
        SAY("dearer than this build up to %s, then ", tokens(t, x->at[0].volume));
    if (first == NULL) {
        SAY("less than this build %s%s", x->n > 0 ? "up to " : "at every volume simulated, up to ",
            end);
        return;
    }
    SAY("less than this build up to ");
    say_end(t, first, &x->first);
    if (x->exists_share < 0.99)
        SAY(", a crossing that %s of draws have", share(t, x->exists_share, x->exists_se));
    const struct xo_crossing *last = &x->at[x->n - 1];
    const int more = (int)(last - first);
    if (more == 1)
        SAY("; above %s this build is dearer again, up to %s", tokens(t, last->volume), end);
    else if (more > 1)
        SAY("; from there the answer changes %s up to %s, and above that this build is %s, up to "
            "%s",
            xo_say_times(&t->words, more), tokens(t, last->volume),
            last->to_build ? "cheaper" : "dearer", end);
}

static const char *saves(double value)
{
    return value >= 0 ? "saves" : "costs";
}

static void say_no_host(struct telling *t)
{
    if (xo_buys_same_weights(t->s, t->plan->pick[XO_WAY_BUY]))
        SAY("\n%s serves the weights of this build, %s: the difference is owning the GPUs. ",
            t->api, t->model);
    else
        SAY("\n%s %s by the token, so the difference cannot be split into changing the model and "
            "owning the GPUs. ",
            xo_same_is_left_out(t->s) ? "buy.same_model_api = none leaves out who sells"
                                      : "No host is known that sells",
            t->model);
}

/* " (the cheapest of 3 hosts)" */
static const char *host_note(struct telling *t)
{
    char *slot = xo_words_slot(&t->words);
    slot[0] = '\0';
    if (t->s->n_same_bought > 1)
        snprintf(slot, XO_TITLE_SIZE, " (the cheapest of %d hosts at your plan)",
                 t->s->n_same_bought);
    else if (t->s->n_same_model > 1)
        snprintf(slot, XO_TITLE_SIZE, " (the host of median price)");
    return slot;
}

static bool api_is_the_host(const struct telling *t)
{
    return xo_buys_same_weights(t->s, t->plan->pick[XO_WAY_BUY]) &&
           strcmp(t->api, xo_same_name(t->s, t->plan->pick[XO_WAY_SAME])) == 0;
}

static void say_same_weights(struct telling *t)
{
    if (t->s->n_same_model == 0 || api_is_the_host(t)) {
        say_no_host(t);
        return;
    }
    if (!isfinite(t->plan->usd[XO_WAY_SAME]))
        return;
    const bool build_beats =
        t->plan->usd[XO_WAY_BUILD] < t->plan->usd[XO_WAY_SAME]; /* false when infeasible */
    SAY("\n%s same weights, %s by the token from %s%s, cost %s",
        build_beats                        ? "At your plan the"
        : patterns[t->c->verdict].compares ? "But the"
                                           : "The",
        t->model, xo_say_api(&t->words, xo_same_name(t->s, t->plan->pick[XO_WAY_SAME])),
        host_note(t), usd(t, t->plan->usd[XO_WAY_SAME]));
    say_usd_band(t, &t->c->plan_band[XO_WAY_SAME]);
    if (build_fails(t))
        SAY(" at your plan");
    else if (build_beats)
        SAY(", and this build is cheaper than that in %s of draws",
            share(t, t->c->wins_share[XO_SAME_BUILD], t->c->wins_se[XO_SAME_BUILD]));
    else {
        SAY(" at your plan, ");
        say_same_until(t);
    }
    SAY(". ");
    if (!patterns[t->c->verdict].compares)
        return;
    const bool host = xo_buys_same_weights(t->s, t->plan->pick[XO_WAY_BUY]);
    if (!host)
        say_irony(t);
    SAY("Going from %s to this build at your plan, base case: changing the %s %s %s, owning the "
        "GPUs %s %s. ",
        t->api, host ? "host" : "model", saves(t->c->saving_changing_model_usd),
        usd(t, fabs(t->c->saving_changing_model_usd)), saves(t->c->saving_owning_usd),
        usd(t, fabs(t->c->saving_owning_usd)));
}

/* What the other ways cost at plan, and how often each beats what it is compared with. */
static void say_later_ways(struct telling *t)
{
    for (int way = XO_N_FIRST_WAYS; way < XO_N_WAYS; way++) {
        if (!isfinite(t->plan->usd[way]))
            continue;
        SAY("\nAt your plan %s costs ", xo_way_words[way].subject);
        say_bill(t, (enum xo_way)way);
        for (int i = 0; i < XO_N_PAIRS; i++)
            if (xo_pairs[i].to == way)
                SAY(", less than %s in %s of draws", xo_way_words[xo_pairs[i].from].subject,
                    share(t, t->c->wins_share[i], t->c->wins_se[i]));
        SAY(". ");
    }
}

/* ---- 4: what single change would flip it ---- */

/* In whole percent, away from today's discount, so that what is said flips it too. */
static double flipping_discount(const struct telling *t, double frac)
{
    return (frac > t->s->buy.discount_frac ? ceil(100 * frac - 1e-9) : floor(100 * frac + 1e-9)) /
           100;
}

static void say_flip(struct telling *t, enum xo_flip_key key)
{
    const struct xo_flip *flip = &t->c->flips[key];
    if (key == XO_FLIP_DISCOUNT)
        SAY("a discount of %s", xo_say_share(&t->words, flipping_discount(t, flip->factor)));
    else
        SAY("%s x%s", flip_words[key], xo_say_flip(&t->words, flip->factor));
}

static void say_no_flip(struct telling *t, enum xo_flip_key key)
{
    const double limit = t->c->flips[key].limit;
    static const char *const none[XO_N_FLIPS] = { [XO_FLIP_API_PRICE] = "free tokens",
                                                  [XO_FLIP_RENT] = "free GPUs",
                                                  [XO_FLIP_STAFF] = "no staff" };
    if (limit < 0.01 && none[key] != NULL) /* a bisection in logarithms does not reach 0 */
        SAY("%s", none[key]);
    else if (key == XO_FLIP_DISCOUNT)
        SAY("a discount of up to %s", xo_say_share(&t->words, limit));
    else
        SAY("%s %s to x%s", flip_words[key], limit < 1 ? "down" : "up",
            xo_say_factor(&t->words, limit));
}

/* A discount is the API price said another way: left out where nothing was tried. */
static bool was_tried(const struct telling *t, int key)
{
    const struct xo_flip *flip = &t->c->flips[key];
    return flip->possible || (isfinite(flip->limit) && flip->limit != 1 &&
                              !(key == XO_FLIP_DISCOUNT && flip->limit <= 0));
}

static void say_flips(struct telling *t)
{
    int possible = 0, said = 0;
    for (int k = 0; k < XO_N_FLIPS; k++)
        possible += t->c->flips[k].possible;
    SAY(possible > 0 ? "\nFlips at your plan, base case, each alone: "
                     : "\nNo single change that was tried flips it at your plan");
    for (int k = 0; k < XO_N_FLIPS; k++) {
        if (!t->c->flips[k].possible)
            continue;
        SAY("%s", said == 0 ? "" : said + 1 == possible ? " or " : ", ");
        say_flip(t, (enum xo_flip_key)k);
        said++;
    }
    SAY(". ");
    int not_said = 0;
    for (int k = 0; k < XO_N_FLIPS; k++) {
        if (t->c->flips[k].possible || !was_tried(t, k))
            continue;
        SAY("%s", not_said++ == 0 ? "Not enough alone: " : ", ");
        say_no_flip(t, (enum xo_flip_key)k);
    }
    SAY("%s", not_said > 0 ? ". " : "");
}

/* A number that is known, not estimated: 126, not 130. */
static const char *exactly(struct telling *t, double value)
{
    char exact[32], *slot = xo_words_slot(&t->words);
    snprintf(slot, sizeof t->words.slot[0], "%s",
             xo_text_exact(exact, xo_round_significant(value, 6)));
    return slot;
}

/* Servers that are bought: cash now, some of it back at the end of their life. */
static void say_purchase(struct telling *t, double life_years)
{
    const struct xo_obligation *o = &t->c->obligation;
    const char *life = exactly(t, life_years), *years = life_years == 1 ? "year" : "years";
    SAY("\nThis build buys %lld server%s for %s, of which %s comes back after %s %s",
        (long long)o->n_servers, o->n_servers == 1 ? "" : "s", usd(t, o->servers_usd),
        o->resale_usd > 0 ? usd(t, o->resale_usd) : "nothing", life, years);
    if (o->one_off_usd > 0)
        SAY(", and pays %s once: %s in all", usd(t, o->one_off_usd), usd(t, t->c->obligation_usd));
    SAY(", however long you sign for, base case; over %s months", exactly(t, o->months));
    if (o->months > 12 * life_years)
        SAY(", the servers bought again after %s %s", life, years);
}

/* What is signed for. */
static void say_obligation(struct telling *t)
{
    const struct xo_build_terms *terms = &t->s->options[t->plan->build.option].terms;
    const char *months = exactly(t, t->s->commitment_months);
    if (terms->tenure == XO_RENT)
        SAY("\nSigning for %s month%s commits %s for GPUs and one-offs, base case; over that time",
            months, t->s->commitment_months == 1 ? "" : "s", usd(t, t->c->obligation_usd));
    else if (terms->tenure == XO_OWN)
        say_purchase(t, terms->life_years);
    else
        SAY("\nThis build commits %s for one-offs and nothing for GPUs, which are there already, "
            "base case; over %s months",
            usd(t, t->c->obligation_usd), months);
    SAY(", against buying, this build ");
}

/* The rung of the fleet at plan, or the next larger one. */
static const struct xo_capacity *capacity_at_plan(const struct xo_ladder *l, int n_replicas)
{
    for (int i = 0; i < l->n_rungs; i++)
        if (l->rungs[i].n_replicas >= n_replicas)
            return &l->rungs[i];
    return NULL;
}

/* Which limit the size of the fleet hangs on, and whether its capacity holds. */
static void say_edge(struct telling *t)
{
    if (build_fails(t))
        return;
    const struct xo_sized *z = &t->plan->build;
    const struct xo_ladder *l = &t->c->ladders[z->option];
    const struct xo_capacity *c = capacity_at_plan(l, z->serving_replicas);
    xo_put_edge(&t->out, t->s, &l->edge);
    if (c != NULL)
        xo_put_overwhelmed(&t->out, c);
}

/* What this build commits, and what that costs against buying when the volume turns out otherwise.
 */
static void say_commitment(struct telling *t)
{
    static const char *const when[3] = { "half your plan", "your plan", "twice your plan" };
    int known[3], n = 0;
    for (int i = 0; i < 3; i++)
        if (isfinite(t->c->loss_usd[i]))
            known[n++] = i;
    if (!isfinite(t->c->obligation_usd) || n == 0)
        return;
    say_obligation(t);
    for (int i = 0; i < n; i++) {
        const bool loses = t->c->loss_usd[known[i]] > 0;
        const bool again = i > 0 && loses == (t->c->loss_usd[known[i - 1]] > 0);
        const bool more = i + 1 < n && loses == (t->c->loss_usd[known[i + 1]] > 0);
        const bool last_verb = i + 1 == n || more;
        SAY("%s%s%s at %s",
            i == 0      ? ""
            : again     ? more ? ", " : " and "
            : last_verb ? ", and "
                        : ", ",
            again   ? ""
            : loses ? "loses "
                    : "saves ",
            usd(t, fabs(t->c->loss_usd[known[i]])), when[known[i]]);
    }
    SAY(". ");
    if (!isfinite(t->c->loss_usd[2]))
        SAY("At twice your plan this build does not meet the SLO. ");
    const char *kind = t->s->options[t->plan->build.option].terms.rent_kind;
    if (kind != NULL && strcmp(kind, "spot") == 0)
        SAY("Spot GPUs bind nobody and can be taken away at any time, which is not simulated. ");
}

/* ---- 5 and 6: what was not compared; ranges, prices, guesses ---- */

static void say_one_sided(struct telling *t)
{
    struct xo_ledger_row rows[XO_LEDGER_ROWS];
    xo_ledger(t->s, rows);
    int said = 0;
    for (int i = 0; i < XO_LEDGER_ROWS; i++) {
        if (rows[i].sides != XO_SIDES_BUY && rows[i].sides != XO_SIDES_BUILD)
            continue;
        SAY("%s%s (%s)", said++ == 0 ? "On one side only: " : ", ", rows[i].effect,
            rows[i].sides == XO_SIDES_BUY ? "buying" : "this build");
    }
    SAY("%s", said > 0 ? ". " : "");
}

/* What each side that has a bill refuses; where a side has none, the lead has said why. */
static void say_refusals(struct telling *t)
{
    const bool builds = !build_fails(t);
    xo_put_refusals(&t->out, t->s, builds ? &t->c->ladders[t->plan->build.option].unserved : NULL,
                    t->plan->limited[XO_WAY_BUY] ? NULL : &t->c->buy_unserved, t->api);
}

/* Is buy.api another model, whose tokens nobody has compared with those of this one? */
static bool counts_tokens_alike(const struct telling *t)
{
    const struct xo_scenario *s = t->s;
    const struct xo_api *api =
        t->plan->pick[XO_WAY_BUY] >= 0 && t->plan->pick[XO_WAY_BUY] < s->n_apis
            ? &s->apis[t->plan->pick[XO_WAY_BUY]]
            : NULL;
    return api != NULL && !api->is_same_weights && !(api->tokens_ratio_input > 0) &&
           !(api->tokens_ratio_output > 0) && s->api_ratio_input == 1 && s->api_ratio_output == 1;
}

static bool gpus_are_free(const struct telling *t)
{
    return xo_bill_group_usd(&t->plan->build.bill, XO_BILL_GPUS) == 0;
}

static void say_not_compared(struct telling *t)
{
    char evidence[XO_TITLE_SIZE];
    xo_plain(evidence, sizeof evidence, t->s->parity_evidence, 120);
    SAY("\nNot compared: ");
    if (t->s->parity == XO_PARITY_ASSUMED)
        SAY("quality (parity assumed), ");
    SAY("API latency (not measured), exit costs. ");
    if (counts_tokens_alike(t))
        SAY("Nor how many tokens each model takes (tokenizer, verbosity, reasoning: taken as "
            "alike). ");
    if (t->plan->build.feasible && gpus_are_free(t))
        SAY("The GPUs of this build count as free ($0). ");
    if (t->s->parity == XO_PARITY_MEASURED)
        SAY("Quality was measured: %s. ", evidence[0] != '\0' ? evidence : "no evidence given");
    say_one_sided(t);
    xo_put_unjudged(&t->out, t->s);
    say_refusals(t);
    xo_put_cache(&t->out, t->s, t->plan->volume, t->plan->pick[XO_WAY_BUY]);
}

/* The step error of the option that would be built at plan; [uncertain] may stand for it. */
static void say_step_error(struct telling *t)
{
    const struct xo_sized *build = &xo_plan_point(t->c)->build;
    if (t->s->n_options > 0 && t->c->step_error_frac > 0)
        SAY(" and step times %s. ",
            xo_say_step_error(&t->words, &t->s->options[build->feasible ? build->option : 0]));
    else
        SAY(". ");
}

/* Inputs that vary by the catalog's own spread, which nobody typed. */
static void say_implied(struct telling *t)
{
    int said = 0;
    for (int i = 0; i < t->s->n_uncertain; i++)
        if (t->s->uncertain[i].implied)
            SAY("%s%s", said++ == 0 ? " (by the catalog's spread: " : ", ",
                xo_uncertain_text(&t->words, &t->s->uncertain[i]));
    SAY("%s", said > 0 ? ")" : "");
}

/* Uncertain inputs that this scenario does not use: their ranges widen nothing. */
static void say_unmoving(struct telling *t)
{
    int n = 0, said = 0;
    for (int i = 0; i < t->c->n_uncertain; i++)
        n += !t->c->effects[i].moves;
    for (int i = 0; i < t->c->n_uncertain; i++) {
        const struct xo_uncertain input = { .key = t->c->effects[i].key };
        if (t->c->effects[i].moves)
            continue;
        SAY("%s%s",
            said == 0      ? "Of the uncertain inputs "
            : said + 1 < n ? ", "
                           : " and ",
            xo_uncertain_text(&t->words, &input));
        said++;
    }
    if (n > 0)
        SAY(" %s no bill here. ", n == 1 ? "changes" : "change");
}

/* Where inputs reach the simulation, draws take capacities from a fit to simulated ones: what it is
 * off by is said where that is much. */
static void say_surrogates(struct telling *t)
{
    for (int i = 0; i < t->c->n_surrogates; i++) {
        const struct xo_surrogate_report *u = &t->c->surrogates[i];
        char label[64];
        if (u->precise || !isfinite(u->held_out_rms))
            continue;
        SAY("In the draws capacities of %s come from a fit to %d simulated ones, which is %.2g %% "
            "off on others: ranges and shares are that much less sure. ",
            xo_plain(label, sizeof label, t->s->options[u->option].label, 48), u->n_design,
            100 * u->held_out_rms);
    }
}

/* Does the base case lie outside the range by more than the rounding of what is printed? */
static bool is_outside(double base, const struct xo_band *band)
{
    return isfinite(base) && xo_band_is(band) &&
           (base < 0.995 * band->p10 || base > 1.005 * band->p90);
}

/* A range that leaves out the base case looks like an error, so the reason stands with it. */
static void say_one_sided_ranges(struct telling *t)
{
    const char *outside[XO_N_WAYS + 1];
    int n = 0;
    for (int i = 0; i < XO_N_WAYS; i++)
        if (is_outside(t->plan->usd[i], &t->c->plan_band[i]))
            outside[n++] = xo_way_words[i].subject;
    if (t->c->crossings[XO_BUY_BUILD].n > 0 && t->c->crossings[XO_BUY_BUILD].at[0].to_build &&
        is_outside(t->c->crossings[XO_BUY_BUILD].at[0].volume,
                   &t->c->crossings[XO_BUY_BUILD].first))
        outside[n++] = "its crossing";
    for (int i = 0; i < n; i++)
        SAY("%s%s",
            i == 0      ? "The base case lies outside the range of "
            : i + 1 < n ? ", "
                        : " and ",
            outside[i]);
    if (n > 0)
        SAY(": what varies does so mostly to one side of the value typed. ");
}

/* An uncertain volume moves what is said at plan, and no volume at which the answer flips. */
static void say_planned_volumes(struct telling *t)
{
    const struct xo_band *volume = &t->c->plan_volume;
    if (xo_band_is(volume) && volume->p90 > volume->p10)
        SAY("What is said of your plan is over volumes of %s tokens a month; crossings and even "
            "odds are volumes themselves. ",
            xo_say_token_band(&t->words, t->c, t->plan->volume, volume));
}

static void say_ranges(struct telling *t)
{
    SAY("\nRanges: P10 to P90 of %s draws over ", xo_say_exact(&t->words, t->c->n_draws));
    if (t->c->n_uncertain > 0)
        SAY("%d uncertain input%s", t->c->n_uncertain, t->c->n_uncertain == 1 ? "" : "s");
    else
        SAY("simulation noise");
    say_implied(t);
    say_step_error(t);
    say_planned_volumes(t);
    say_unmoving(t);
    if (t->c->verdict != XO_VERDICT_TOO_CLOSE) /* which leads with it */
        say_fleetless(t);
    say_surrogates(t);
    say_one_sided_ranges(t);
    if (isfinite(t->c->napkin_crossing))
        SAY("Napkin (full batches, no SLO, no spares; people and one-offs on neither side): %s. ",
            tokens(t, t->c->napkin_crossing));
    else
        SAY("Napkin (full batches, no SLO, no spares; people and one-offs on neither side): no "
            "crossing. ");
}

static void say_guesses(struct telling *t)
{
    enum { SHOWN = 16 };
    int said = 0;
    SAY("\nPrices of %s. ", xo_say_price_days(&t->words, t->s));
    xo_put_stale(&t->out, t->s);
    if (t->s->n_guesses == 0) {
        SAY("No value is a guess. ");
        return;
    }
    SAY("DRAFT: %d value%s (?)", t->s->n_guesses,
        t->s->n_guesses == 1 ? " is a guess" : "s are guesses");
    for (int i = 0; i < t->s->n_entries; i++) {
        if (!t->s->entries[i].guess || said == SHOWN)
            continue;
        SAY("%s%s", said++ == 0 ? ": " : ", ", xo_key_text(&t->words, &t->s->entries[i]));
    }
    if (t->s->n_guesses > said)
        SAY(" and %d more", t->s->n_guesses - said);
    SAY(". ");
}

const char *xo_verdict_code_name(enum xo_verdict_code code)
{
    return patterns[code].name;
}

static void telling_init(struct telling *t, const struct xo_curve *c)
{
    static const char unknown[] = "an unnamed model";
    *t = (struct telling){ .c = c, .s = c->scenario, .plan = xo_plan_point(c) };
    t->min = &c->points[0];
    t->max = &c->points[c->n_points - 1];
    const int option = t->plan->build.option;
    const bool has = t->s->n_options > 0;
    const struct xo_build_option *o =
        has ? &t->s->options[option >= 0 && option < t->s->n_options ? option : 0] : NULL;
    char label[128];
    t->api = xo_plain(t->names[0], sizeof t->names[0],
                      xo_say_buy(&t->words, t->s, xo_api_at(c, c->plan), false), 130);
    t->model =
        xo_plain(t->names[1], sizeof t->names[1], has ? o->deployment.model.name : unknown, 40);
    snprintf(t->names[2], sizeof t->names[2], "%.80s on %.70s", t->model,
             has ? xo_plain(label, sizeof label, o->label, 48) : "no GPU");
    t->build = t->names[2];
}

/* The sentences, paragraphs '\n'-ended; heap; NULL when out of memory. */
static char *tell(const struct xo_curve *curve)
{
    struct telling told, *t = &told;
    telling_init(t, curve);
    patterns[curve->verdict].lead(t);
    if (patterns[curve->verdict].compares)
        say_where_it_flips(t);
    say_same_weights(t);
    say_later_ways(t);
    if (patterns[curve->verdict].compares) {
        say_flips(t);
        say_edge(t);
        say_commitment(t);
    }
    say_not_compared(t);
    say_ranges(t);
    say_guesses(t);
    xo_put_reconciliation(&t->out, t->s);
    SAY("\n");
    return xo_buf_take(&t->out);
}

char *xo_verdict_text(const struct xo_curve *curve, int width)
{
    char *told = tell(curve);
    struct xo_buf wrapped = { 0 };
    char *at = told;
    while (at != NULL && *at != '\0') {
        char *end = strchr(at, '\n');
        *end = '\0';
        xo_put_wrapped(&wrapped, at, width);
        at = end + 1;
    }
    free(told);
    if (told == NULL)
        wrapped.failed = true;
    return xo_buf_take(&wrapped);
}

char *xo_verdict_paragraphs(const struct xo_curve *curve)
{
    return tell(curve);
}

/* ---- the title of a plot ---- */

static void title_crossing(struct telling *t)
{
    const struct xo_crossing *at = xo_first_crossing(&t->c->crossings[XO_BUY_BUILD]);
    if (at == NULL)
        return;
    SAY("This build is cheaper than %s %s ", t->api, at->to_build ? "above" : "below");
    say_end(t, at, &t->c->crossings[XO_BUY_BUILD].first);
    SAY(" tokens a month");
}

static void title_several(struct telling *t)
{
    if (t->c->crossings[XO_BUY_BUILD].n > 0)
        say_ends(t, "Below");
}

static const char *say_is(struct telling *t)
{
    char *slot = xo_words_slot(&t->words);
    snprintf(slot, XO_TITLE_SIZE, "%.140s %s", t->api, buys_several(t) ? "are" : "is");
    return slot;
}

static void title_always(struct telling *t)
{
    const bool build = t->c->verdict == XO_VERDICT_BUILD_ALWAYS;
    SAY("%s cheaper than %s at ", build ? "This build is" : say_is(t),
        build ? t->api : "this build");
    say_everywhere(t);
}

static void title_too_close(struct telling *t)
{
    SAY("Too close to call at %s tokens a month: this build is cheaper in %s of draws",
        tokens(t, t->plan->volume), wins(t));
}

/* "No fleet of 2 x h100-sxm, fp8 meets TTFT p95 <= 2 s: a lone request takes 3.4 s" */
static void title_lone(struct telling *t, const char *label, const struct xo_infeasible *why)
{
    const struct xo_slo *slo = &t->s->slo[why->class_index];
    SAY("No fleet of %s ", label);
    if (why->cause == XO_CAUSE_TIMEOUT)
        SAY("answers before slo.timeout (%s)", xo_say_duration(&t->words, slo->timeout_s));
    else
        SAY("meets %s", xo_say_target(&t->words, &slo->targets[why->target]));
    SAY(": a lone request takes %s", xo_say_duration(&t->words, why->lone_s));
}

static void title_infeasible(struct telling *t)
{
    const struct xo_ladder *ladder = xo_why_infeasible(t->c);
    const struct xo_infeasible *why = ladder == NULL ? NULL : &ladder->infeasible;
    char label[64];
    if (!build_fails(t)) {
        SAY(api_refuses(t) ? "%s does not take the longest requests of the plan"
                           : "%s does not carry the busiest minute of the plan",
            api_refuses(t) ? t->api : xo_say_api(&t->words, limited_tariff(t)->name));
        return;
    }
    if (why == NULL) {
        SAY("No fleet simulated carries %s tokens a month", tokens(t, t->plan->volume));
        return;
    }
    xo_plain(label, sizeof label, t->s->options[ladder->option].label, 40);
    if (why->cause == XO_CAUSE_FAILED)
        SAY("%s could not be simulated", label);
    else if (why->cause == XO_CAUSE_REFUSED)
        SAY("%s does not hold the longest requests", label);
    else
        title_lone(t, label, why);
}

static void title_no_winner(struct telling *t)
{
    SAY(t->plan->limited[XO_WAY_BUY] && build_fails(t)
            ? "No winner: neither side serves the plan"
            : "Bills only, no winner: the quality of the two sides is declared unequal");
}

char *xo_verdict_title(const struct xo_curve *curve)
{
    static void (*const titles[])(struct telling *) = {
        title_infeasible, title_too_close, title_several,   title_crossing,
        title_always,     title_always,    title_no_winner,
    };
    XO_TABLE_OF(titles, XO_N_VERDICTS);
    struct telling told, *t = &told;
    telling_init(t, curve);
    SAY("%s", curve->scenario->n_guesses > 0 ? "DRAFT: " : "");
    titles[curve->verdict](t);
    char *title = xo_buf_take(&t->out);
    xo_unglue(title);
    return title;
}
