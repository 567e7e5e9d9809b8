/* verdict_unit.c - what a planner's unit costs on each way at plan, what is left of its price, and
 * from which volume on.
 *
 * A way is spoken of where it has a bill and can serve the plan as listed: else the lead says why
 * not. Ranges are over the draws, P10 to P90, as in the rest of a verdict.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sentences.h"
#include "verdict.h"

#include <math.h>
#include <string.h>

static bool serves_plan(const struct telling *t, int way)
{
    return isfinite(t->plan->usd[way]) && !t->plan->limited[way];
}

static struct xo_unit_figures figures_at_plan(const struct telling *t, int way)
{
    return xo_unit_figures(&t->s->unit, t->plan->usd[way], t->plan->volume);
}

/* What stands before the one at `i` of `n` things. */
static const char *between(int i, int n)
{
    return i == 0 ? "" : i + 1 < n ? ", " : " and ";
}

static void say_costs(struct telling *t, int n)
{
    int said = 0;
    SAY("Per %s that is ", xo_say_unit(&t->words, t->s));
    for (int way = 0; way < XO_N_WAYS; way++) {
        if (!serves_plan(t, way))
            continue;
        SAY("%s%s", between(said++, n), usd(t, figures_at_plan(t, way).usd));
        tell_usd_band(t, &t->c->unit_band[way]);
        SAY(" by %s", xo_way_words[way].subject);
    }
    SAY("; per 1,000 requests ");
    said = 0;
    for (int way = 0; way < XO_N_WAYS; way++)
        if (serves_plan(t, way))
            SAY("%s%s", between(said++, n), usd(t, figures_at_plan(t, way).usd_per_1000_requests));
    SAY(". ");
}

static void say_margins(struct telling *t, int n)
{
    int said = 0;
    SAY("Gross margin: ");
    for (int way = 0; way < XO_N_WAYS; way++) {
        const struct xo_band *band = &t->c->margin_band[way];
        if (!serves_plan(t, way))
            continue;
        const char *lo = xo_say_margin(&t->words, band->p10, 2);
        const char *hi = xo_say_margin(&t->words, band->p90, 2);
        SAY("%s%s", between(said++, n),
            xo_say_margin(&t->words, figures_at_plan(t, way).margin_frac, 2));
        if (xo_band_is(band) && strcmp(lo, hi) != 0)
            SAY(" (%s to %s)", lo, hi);
        SAY(" by %s", xo_way_words[way].subject);
    }
    SAY(". ");
}

/* "5.3 B (4.8 B to 6.2 B) tokens a month (700 k tickets)" */
static void say_turn(struct telling *t, const struct xo_crossing *at, const struct xo_band *band)
{
    tell_end(t, at, band);
    SAY(" tokens a month (%s %s)", xo_say_count(&t->words, at->volume / t->s->unit.calls),
        xo_say_units(&t->words, t->s));
}

/* At which volumes a way leaves a margin: above the first and below the last change of sign it may
 * be either. */
static void say_where_it_pays(struct telling *t, int way)
{
    const struct xo_crossings *x = &t->c->margin[way];
    const bool ends = t->max->limited[way] || !isfinite(t->max->usd[way]);
    if (x->n == 0) {
        SAY("at %s volume simulated%s", x->build_cheaper_at_min ? "every" : "no",
            ends ? " that it serves" : "");
        return;
    }
    const struct xo_crossing *first = &x->at[0], *last = &x->at[x->n - 1];
    SAY("%s ", !first->to_build ? "below" : x->n > 1 ? "first above" : "above");
    say_turn(t, first, &x->first);
    if (x->n > 1) {
        SAY(" and at %s volume simulated above ", last->to_build ? "every" : "no");
        say_turn(t, last, &x->last);
    }
    SAY("%s", ends ? ", as far as it serves" : "");
}

static void say_where(struct telling *t)
{
    int said = 0;
    for (int way = 0; way < XO_N_WAYS; way++) {
        if (!serves_plan(t, way))
            continue;
        SAY("%sby %s ", said++ == 0 ? "A margin is left " : "; ", xo_way_words[way].subject);
        say_where_it_pays(t, way);
    }
    SAY(". ");
}

void tell_unit(struct telling *t)
{
    double usd[XO_N_WAYS];
    int n = 0;
    for (int way = 0; way < XO_N_WAYS; way++) {
        usd[way] = serves_plan(t, way) ? t->plan->usd[way] : (double)NAN;
        n += serves_plan(t, way);
    }
    if (!xo_has_unit(t->s) || n == 0)
        return;
    SAY("\n");
    xo_put_unit(&t->out, t->s, t->plan->volume);
    say_costs(t, n);
    if (!(t->s->unit.price_usd > 0))
        return;
    SAY("\n");
    say_margins(t, n);
    xo_put_unit_losses(&t->out, t->s, usd, t->plan->volume);
    say_where(t);
}
