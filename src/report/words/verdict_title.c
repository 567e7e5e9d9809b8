/* verdict_title.c - the finding in one line, above a plot; made of the pieces of the text, so that
 * both say one figure.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sentences.h"
#include "verdict.h"

#include <stdio.h>

void title_crossing(struct telling *t)
{
    const struct xo_crossing *at = xo_first_crossing(&t->c->crossings[XO_BUY_BUILD]);
    if (at == NULL)
        return;
    SAY("This build is cheaper than %s %s ", t->api, at->to_build ? "above" : "below");
    tell_end(t, at, &t->c->crossings[XO_BUY_BUILD].first);
    SAY(" tokens a month");
}

void title_several(struct telling *t)
{
    if (t->c->crossings[XO_BUY_BUILD].n > 0)
        tell_ends(t, "Below");
}

static const char *say_is(struct telling *t)
{
    char *slot = xo_words_slot(&t->words);
    snprintf(slot, XO_TITLE_SIZE, "%.140s %s", t->api, verdict_buys_several(t) ? "are" : "is");
    return slot;
}

void title_always(struct telling *t)
{
    const bool build = t->c->verdict == XO_VERDICT_BUILD_ALWAYS;
    SAY("%s cheaper than %s at ", build ? "This build is" : say_is(t),
        build ? t->api : "this build");
    tell_everywhere(t);
}

void title_too_close(struct telling *t)
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

void title_infeasible(struct telling *t)
{
    const struct xo_ladder *ladder = xo_why_infeasible(t->c);
    const struct xo_infeasible *why = ladder == NULL ? NULL : &ladder->infeasible;
    char label[64];
    if (!verdict_build_fails(t)) {
        SAY(verdict_api_refuses(t) ? "%s does not take the longest requests of the plan"
                                   : "%s does not carry the busiest minute of the plan",
            verdict_api_refuses(t) ? t->api
                                   : xo_say_api(&t->words, verdict_limited_tariff(t)->name));
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

void title_no_winner(struct telling *t)
{
    SAY(t->plan->limited[XO_WAY_BUY] && verdict_build_fails(t)
            ? "No winner: neither side serves the plan"
            : "Bills only, no winner: the quality of the two sides is declared unequal");
}
