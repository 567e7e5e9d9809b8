/* verdict_commitment.c - which limit a fleet hangs on, what this build signs for, and what that
 * costs against buying when the volume turns out otherwise.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sentences.h"
#include "verdict.h"
#include "xo/text.h"
#include <math.h>
#include <string.h>

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

void tell_edge(struct telling *t)
{
    if (verdict_build_fails(t))
        return;
    const struct xo_sized *z = &t->plan->build;
    const struct xo_ladder *l = &t->c->ladders[z->option];
    const struct xo_capacity *c = capacity_at_plan(l, z->serving_replicas);
    xo_put_edge(&t->out, t->s, &l->edge);
    if (c != NULL)
        xo_put_overwhelmed(&t->out, c);
}

void tell_commitment(struct telling *t)
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
