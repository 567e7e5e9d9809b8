/* verdict_ranges.c - what was not compared; what ranges are over; prices and guesses.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sentences.h"
#include "verdict.h"

#include <math.h>

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
    const bool builds = !verdict_build_fails(t);
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

void tell_not_compared(struct telling *t)
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

void tell_ranges(struct telling *t)
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
        tell_fleetless(t);
    say_surrogates(t);
    say_one_sided_ranges(t);
    if (isfinite(t->c->napkin_crossing))
        SAY("Napkin (full batches, no SLO, no spares; people and one-offs on neither side): %s. ",
            tokens(t, t->c->napkin_crossing));
    else
        SAY("Napkin (full batches, no SLO, no spares; people and one-offs on neither side): no "
            "crossing. ");
}

void tell_guesses(struct telling *t)
{
    enum { SHOWN = 16 };
    int said = 0;
    SAY("\nPrices of %s. ", xo_say_price_days(&t->words, t->s));
    xo_put_price_notes(&t->out, t->s);
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
