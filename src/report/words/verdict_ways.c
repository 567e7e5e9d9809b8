/* verdict_ways.c - the same weights by the token, and the ways beyond the first three.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sentences.h"
#include "verdict.h"

#include <math.h>
#include <string.h>

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
    const double full = verdict_full_volume(t);
    const char *end = tokens(t, isfinite(full) ? full : t->max->volume);
    if (x->build_cheaper_at_min && x->n > 0)
        SAY("dearer than this build up to %s, then ", tokens(t, x->at[0].volume));
    if (first == NULL) {
        SAY("less than this build %s%s", x->n > 0 ? "up to " : "at every volume simulated, up to ",
            end);
        return;
    }
    SAY("less than this build up to ");
    tell_end(t, first, &x->first);
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

void tell_same_weights(struct telling *t)
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
        build_beats           ? "At your plan the"
        : verdict_compares(t) ? "But the"
                              : "The",
        t->model, xo_say_api(&t->words, xo_same_name(t->s, t->plan->pick[XO_WAY_SAME])),
        host_note(t), usd(t, t->plan->usd[XO_WAY_SAME]));
    tell_usd_band(t, &t->c->plan_band[XO_WAY_SAME]);
    if (verdict_build_fails(t))
        SAY(" at your plan");
    else if (build_beats)
        SAY(", and this build is cheaper than that in %s of draws",
            share(t, t->c->wins_share[XO_SAME_BUILD], t->c->wins_se[XO_SAME_BUILD]));
    else {
        SAY(" at your plan, ");
        say_same_until(t);
    }
    SAY(". ");
    if (!verdict_compares(t))
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

void tell_later_ways(struct telling *t)
{
    for (int way = XO_N_FIRST_WAYS; way < XO_N_WAYS; way++) {
        if (!isfinite(t->plan->usd[way]))
            continue;
        SAY("\nAt your plan %s costs ", xo_way_words[way].subject);
        tell_bill(t, (enum xo_way)way);
        for (int i = 0; i < XO_N_PAIRS; i++)
            if (xo_pairs[i].to == way)
                SAY(", less than %s in %s of draws", xo_way_words[xo_pairs[i].from].subject,
                    share(t, t->c->wins_share[i], t->c->wins_se[i]));
        SAY(". ");
    }
}
