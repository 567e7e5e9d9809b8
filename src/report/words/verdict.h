/* verdict.h - what the statements of a verdict share: whom they speak of, and the text so far.
 *
 * A tell_ puts its statement into the text and a title_ its title; nothing is kept between calls.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_VERDICT_H
#define XO_REPORT_VERDICT_H

#include "words.h"

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

static inline const char *tokens(struct telling *t, double requests)
{
    return xo_say_tokens(&t->words, t->c, requests);
}

static inline const char *usd(struct telling *t, double value)
{
    return xo_say_usd(&t->words, value);
}

/* A share of draws. */
static inline const char *share(struct telling *t, double value, double se)
{
    return xo_say_drawn_share(&t->words, value, se);
}

/* The share of draws in which this build is cheaper at plan. */
static inline const char *wins(struct telling *t)
{
    return share(t, t->c->wins_share[XO_BUY_BUILD], t->c->wins_se[XO_BUY_BUILD]);
}

/* ---- facts (verdict.c) ---- */

/* A telling of this curve, with nothing said yet. */
void verdict_begin(struct telling *t, const struct xo_curve *c);
/* Does this code of a verdict hold two bills against each other? */
bool verdict_compares(const struct telling *t);
/* Are there several APIs, one a class? */
bool verdict_buys_several(const struct telling *t);
bool verdict_build_fails(const struct telling *t);
/* Requests too long for the API, more than the SLO lets miss. */
bool verdict_api_refuses(const struct telling *t);
/* Where a fixed fleet is full; NAN where it carries all. */
double verdict_full_volume(const struct telling *t);
/* Of the tariffs that are bought, the first with a limit: all of them count their own traffic. */
const struct xo_tariff *verdict_limited_tariff(const struct telling *t);
const char *verdict_flip_word(enum xo_flip_key key); /* "API price" (verdict_flips.c) */

/* ---- pieces ---- */

/* " ($7,600 to $15,000)", or nothing when no draw has it and when all have the same. */
void tell_usd_band(struct telling *t, const struct xo_band *band);
void tell_bill(struct telling *t, enum xo_way way);
/* Draws in which no fleet meets the SLO count for buying, and have no bill to take a range of. */
void tell_fleetless(struct telling *t);
/* "every volume simulated, 38 M to 380 B tokens a month" */
void tell_everywhere(struct telling *t);
/* "19.7 B (14 B to 26 B)" */
void tell_end(struct telling *t, const struct xo_crossing *at, const struct xo_band *band);
/* "below 18.3 B (14 B to 26 B) tokens a month BUY, above 20.4 B (16 B to 32 B) BUILD"; where both
 * ends fall to one side, "below 18.3 B (..) and above 20.4 B (..) tokens a month BUY". */
void tell_ends(struct telling *t, const char *below);

/* ---- statements, in their order ---- */

/* The first, by the code of the verdict. */
void tell_cheaper(struct telling *t);
void tell_too_close(struct telling *t);
void tell_infeasible(struct telling *t);
void tell_no_winner(struct telling *t);
void tell_where_it_flips(struct telling *t);
void tell_same_weights(struct telling *t);
/* What the other ways cost at plan, and how often each beats what it is compared with. */
void tell_later_ways(struct telling *t);
/* What a unit costs and leaves on each way; nothing where the scenario has none. */
void tell_unit(struct telling *t);
void tell_flips(struct telling *t);
/* Which limit the size of the fleet hangs on, and whether its capacity holds. */
void tell_edge(struct telling *t);
/* What this build commits, and what that costs against buying when the volume turns out otherwise.
 */
void tell_commitment(struct telling *t);
void tell_not_compared(struct telling *t);
void tell_ranges(struct telling *t);
void tell_guesses(struct telling *t);

/* ---- titles, by the code of the verdict ---- */

void title_infeasible(struct telling *t);
void title_too_close(struct telling *t);
void title_several(struct telling *t);
void title_crossing(struct telling *t);
void title_always(struct telling *t);
void title_no_winner(struct telling *t);

#endif
