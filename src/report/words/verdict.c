/* verdict.c - the plain verdict: what the figures of a curve say, and not a word more.
 *
 * It reads a finished curve and changes nothing of it. Statements keep one order (tell), and each
 * has a file: the cheaper option at plan (verdict_lead.c); where it flips (verdict_where.c); the
 * same weights by the token (verdict_ways.c); what a unit costs (verdict_unit.c); the single change
 * that would flip it (verdict_flips.c); what is signed for (verdict_commitment.c); what was not
 * compared, ranges, date of prices and guesses (verdict_ranges.c). Each code of a verdict has a row
 * in patterns[], which says how the first is said, whether two sides are held against each other,
 * and the title (verdict_title.c). Words that claim more than a simulation can are left out by
 * rule, and tests look for them.
 *
 * Every statement is made only where it holds: a range that leaves out the base case stands with
 * its reason, for it looks like an error; a claim about all volumes ends where a fixed fleet is
 * full or the API's rate limit lies.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "verdict.h"
#include "report/out/lines.h"
#include "sentences.h"
#include "xo/table.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- pieces that several statements share ---- */

bool verdict_buys_several(const struct telling *t)
{
    return strstr(t->api, " + ") != NULL;
}

bool verdict_build_fails(const struct telling *t)
{
    return !t->plan->build.feasible || !isfinite(t->plan->usd[XO_WAY_BUILD]);
}

bool verdict_api_refuses(const struct telling *t)
{
    return !xo_unserved_is_tolerated(t->s, &t->c->buy_unserved);
}

double verdict_full_volume(const struct telling *t)
{
    double full = NAN;
    for (int i = 0; i < t->c->n_corners; i++)
        if (!isnan(t->c->corners[i].usd[XO_WAY_BUILD]))
            full = t->c->corners[i].volume;
    return t->s->fixed_replicas > 0 && isnan(t->max->usd[XO_WAY_BUILD]) ? full : (double)NAN;
}

const struct xo_tariff *verdict_limited_tariff(const struct telling *t)
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

void tell_usd_band(struct telling *t, const struct xo_band *band)
{
    if (xo_band_is(band) && strcmp(usd(t, band->p10), usd(t, band->p90)) != 0)
        SAY(" (%s)", xo_say_usd_band(&t->words, band));
}

void tell_bill(struct telling *t, enum xo_way way)
{
    SAY("%s", usd(t, t->plan->usd[way]));
    tell_usd_band(t, &t->c->plan_band[way]);
}

/* ---- the whole ---- */

static const struct pattern {
    const char *name;
    void (*lead)(struct telling *), (*title)(struct telling *);
    bool compares; /* both sides have a bill to hold against the other */
} patterns[] = {
    { "infeasible", tell_infeasible, title_infeasible, false },
    { "too_close", tell_too_close, title_too_close, true },
    { "several", tell_cheaper, title_several, true },
    { "crossing", tell_cheaper, title_crossing, true },
    { "buy_always", tell_cheaper, title_always, true },
    { "build_always", tell_cheaper, title_always, true },
    { "no_winner", tell_no_winner, title_no_winner, false },
};
XO_TABLE_OF(patterns, XO_N_VERDICTS);

bool verdict_compares(const struct telling *t)
{
    return patterns[t->c->verdict].compares;
}

const char *xo_verdict_code_name(enum xo_verdict_code code)
{
    return patterns[code].name;
}

void verdict_begin(struct telling *t, const struct xo_curve *c)
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
    verdict_begin(t, curve);
    patterns[curve->verdict].lead(t);
    if (verdict_compares(t))
        tell_where_it_flips(t);
    tell_same_weights(t);
    tell_later_ways(t);
    tell_unit(t);
    if (verdict_compares(t)) {
        tell_flips(t);
        tell_edge(t);
        tell_commitment(t);
    }
    tell_not_compared(t);
    tell_ranges(t);
    tell_guesses(t);
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

char *xo_verdict_title(const struct xo_curve *curve)
{
    struct telling told, *t = &told;
    verdict_begin(t, curve);
    SAY("%s", curve->scenario->n_guesses > 0 ? "DRAFT: " : "");
    patterns[curve->verdict].title(t);
    char *title = xo_buf_take(&t->out);
    xo_unglue(title);
    return title;
}
