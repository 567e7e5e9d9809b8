/* verdict_where.c - where the answer flips, or that it does not, and how far up that holds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sentences.h"
#include "verdict.h"

#include <math.h>
#include <string.h>

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
    double full = verdict_full_volume(t), within = NAN;
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

void tell_everywhere(struct telling *t)
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

void tell_end(struct telling *t, const struct xo_crossing *at, const struct xo_band *band)
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

void tell_ends(struct telling *t, const char *below)
{
    const struct xo_crossings *x = &t->c->crossings[XO_BUY_BUILD];
    const struct xo_crossing *first = &x->at[0], *last = &x->at[x->n - 1];
    const char *low = first->to_build ? "BUY" : "BUILD", *high = last->to_build ? "BUILD" : "BUY";
    const bool one_side = first->to_build != last->to_build;
    SAY("%s ", below);
    tell_end(t, first, &x->first);
    if (one_side)
        SAY(" and above ");
    else
        SAY(" tokens a month %s, above ", low);
    tell_end(t, last, &x->last);
    SAY("%s %s", one_side ? " tokens a month" : "", high);
}

static void say_several(struct telling *t)
{
    const struct xo_crossings *x = &t->c->crossings[XO_BUY_BUILD];
    const double first = x->at[0].volume, last = x->at[x->n - 1].volume;
    const double v = t->plan->volume;
    tell_ends(t, "Below");
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
    tell_everywhere(t);
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
    tell_everywhere(t);
    SAY(", already by %s at %s in the base case. ",
        usd(t, t->min->usd[XO_WAY_BUY] - t->min->usd[XO_WAY_BUILD]), tokens(t, t->min->volume));
    say_unusual(t);
}

void tell_where_it_flips(struct telling *t)
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
