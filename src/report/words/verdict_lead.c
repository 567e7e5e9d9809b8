/* verdict_lead.c - the first statement of a verdict: the cheaper option at plan, or why there is
 * none.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sentences.h"
#include "verdict.h"

#include <math.h>
#include <stdlib.h>

static void say_bills(struct telling *t)
{
    SAY("%s %s ", t->api, verdict_buys_several(t) ? "cost" : "costs");
    tell_bill(t, XO_WAY_BUY);
    SAY(", this build (%s) ", t->build);
    tell_bill(t, XO_WAY_BUILD);
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

void tell_cheaper(struct telling *t)
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

enum { MOST_NAMED = 3 };

/* What stands before the one at `i` of `n` things of which a firm figure would help. */
static const char *before(size_t i, size_t n)
{
    return i == 0 ? "a firm figure for " : i + 1 == n || i + 1 == MOST_NAMED ? " or " : ", ";
}

static int by_nearness(const void *a, const void *b)
{
    const struct xo_flip *const *x = a, *const *y = b;
    const double dx = fabs(log((*x)->factor)), dy = fabs(log((*y)->factor));
    return (dx > dy) - (dx < dy);
}

/* The keys to which the answer at plan is closest to changing sides, nearest first. */
static void say_nearest_flips(struct telling *t)
{
    const struct xo_flip *near[XO_N_FLIPS];
    size_t n = 0;
    for (int k = 0; k < XO_N_FLIPS; k++)
        if (k != XO_FLIP_DISCOUNT && t->c->flips[k].possible && t->c->flips[k].factor > 0)
            near[n++] = &t->c->flips[k];
    qsort(near, n, sizeof near[0], by_nearness);
    if (n == 0)
        SAY("narrower ranges for the uncertain inputs");
    for (size_t i = 0; i < n && i < MOST_NAMED; i++)
        SAY("%s%s (x%s flips it)", before(i, n),
            verdict_flip_word((enum xo_flip_key)(near[i] - t->c->flips)),
            xo_say_flip(&t->words, near[i]->factor));
}

static double swing(const struct xo_effect *e)
{
    return fabs(e->saving_usd[1] - e->saving_usd[0]);
}

static int by_swing(const void *a, const void *b)
{
    const struct xo_effect *const *x = a, *const *y = b;
    const double dx = swing(*x), dy = swing(*y);
    return dx != dy ? (dx < dy) - (dx > dy) : (*x > *y) - (*x < *y);
}

static const char *say_saving(struct telling *t, double saving_usd)
{
    return xo_say(&t->words, "%s %s", usd(t, fabs(saving_usd)),
                  saving_usd < 0 ? "dearer" : "cheaper");
}

/* The inputs that the draws hang on: each alone moves the saving at plan by at least a fifth of
 * what the strongest does. False: none moves it. */
static bool say_strongest_inputs(struct telling *t)
{
    const struct xo_effect *far[XO_MAX_UNCERTAIN];
    size_t n = 0, strong = 0;
    for (int i = 0; i < t->c->n_uncertain; i++)
        if (swing(&t->c->effects[i]) > 0)
            far[n++] = &t->c->effects[i];
    qsort(far, n, sizeof far[0], by_swing);
    while (strong < n && swing(far[strong]) >= 0.2 * swing(far[0]))
        strong++;
    for (size_t i = 0; i < strong && i < MOST_NAMED; i++)
        SAY(i == 0 ? "%s%s (this build is %s at its P10, %s at its P90)" : "%s%s (%s, %s)",
            before(i, strong),
            xo_uncertain_text(&t->words, &(struct xo_uncertain){ .key = far[i]->key }),
            say_saving(t, far[i]->saving_usd[0]), say_saving(t, far[i]->saving_usd[1]));
    return n > 0;
}

static void say_what_would_settle(struct telling *t)
{
    SAY("What would settle it: ");
    if (!say_strongest_inputs(t))
        say_nearest_flips(t);
    if (xo_band_is(&t->c->crossings[XO_BUY_BUILD].first))
        SAY(", or a volume outside %s tokens a month",
            xo_say_token_band(&t->words, t->c, t->plan->volume,
                              &t->c->crossings[XO_BUY_BUILD].first));
    SAY(". ");
}

void tell_fleetless(struct telling *t)
{
    if (t->c->infeasible_share > 0 && t->c->infeasible_share < 1)
        SAY("In %s of draws no fleet meets the SLO: buying wins there, and ranges leave them out. ",
            share(t, t->c->infeasible_share, t->c->infeasible_se));
}

void tell_too_close(struct telling *t)
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
    tell_fleetless(t);
    say_bills(t);
    SAY(". The base case leans to %s by %s: do not quote it alone. ",
        build_wins_base(t) ? "BUILD" : "BUY", usd(t, fabs(t->c->saving_base_usd)));
    say_what_would_settle(t);
}

static void say_fixed_fleet_is_late(struct telling *t)
{
    const double full = verdict_full_volume(t);
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

static void say_api_refuses(struct telling *t)
{
    xo_put_refusal(&t->out, &t->c->buy_unserved, t->api, "it takes");
    SAY("That is more than the SLO lets miss. What would help: an API with a longer context, or "
        "workload.max_context, which cuts them for both sides. No cost is given for buying. ");
}

static void say_rate_limited(struct telling *t)
{
    const struct xo_tariff *tariff = verdict_limited_tariff(t);
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
    if (verdict_api_refuses(t))
        say_api_refuses(t);
    else
        say_rate_limited(t);
}

void tell_infeasible(struct telling *t)
{
    if (verdict_build_fails(t)) {
        say_build_infeasible(t);
        SAY("At ");
        say_volume(t, t->plan->volume);
        SAY(" %s %s ", t->api, verdict_buys_several(t) ? "cost" : "costs");
        tell_bill(t, XO_WAY_BUY);
    } else {
        say_buy_limited(t);
        SAY("This build (%s) costs ", t->build);
        tell_bill(t, XO_WAY_BUILD);
    }
    SAY("; with one side missing there is no comparison. ");
}

void tell_no_winner(struct telling *t)
{
    if (t->plan->limited[XO_WAY_BUY] && verdict_build_fails(t)) {
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
