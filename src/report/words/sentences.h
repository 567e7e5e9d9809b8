/* sentences.h - facts read off a scenario or a result, and the sentences that several pages have.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_WORDS_SENTENCES_H
#define XO_REPORT_WORDS_SENTENCES_H

#include "words.h"

/* ---- facts read off a scenario or a curve (words/words.c) ---- */
const struct xo_curve_point *xo_plan_point(const struct xo_curve *c);
/* The first crossing towards this build; NULL when there is none. */
const struct xo_crossing *xo_first_to_build(const struct xo_crossings *c);
const struct xo_crossing *xo_first_crossing(const struct xo_crossings *c);
/* Why no option is feasible: the first ladder that says so; NULL when one is feasible. */
const struct xo_ladder *xo_why_infeasible(const struct xo_curve *c);
bool xo_band_is(const struct xo_band *band);
struct xo_band xo_band_negated(const struct xo_band *band);
/* The next figure of two digits at or above x, so that a limit set to it is met. */
double xo_round_up(double x);
/* A sentence for each class whose SLO is not judged for being rare; nothing when all are. */
void xo_put_unjudged(struct xo_buf *buf, const struct xo_scenario *s);
/* How often calls find the shared prefix in the API's cache where they do not always, and whether
 * writing it there pays; that a trace has no hours of its own. "" otherwise. */
void xo_put_cache(struct xo_buf *buf, const struct xo_scenario *s, double volume, int api);
/* The oldest and the newest day of the prices that the bills rest on ("": none is stated), borrowed
 * from the scenario; how many are over XO_STALE_DAYS older than the scenario. */
int xo_price_days(const struct xo_scenario *s, const char **oldest, const char **newest);
/* "2026-08-01 to 2026-11-22": of the prices that the bills rest on. */
const char *xo_say_price_days(struct xo_words *w, const struct xo_scenario *s);
/* "2027-01-01", of a day since 1970-01-01. */
const char *xo_say_day(struct xo_words *w, int32_t day);
/* The day from which a tariff first announces other prices; "" where none does. */
const char *xo_say_announced(struct xo_words *w, const struct xo_scenario *s);
/* Sentences on prices that are announced for later, and on those that are too old; nothing when
 * there are none. */
void xo_put_price_notes(struct xo_buf *buf, const struct xo_scenario *s);
/* A sentence on an invoice that the tariff misses by more than 15 %; else nothing. */
void xo_put_reconciliation(struct xo_buf *buf, const struct xo_scenario *s);
/* "What would help: tensor_parallel = 4, GPU h200-sxm, or a limit of at least 3.5 s. " */
void xo_put_remedies(struct xo_buf *buf, const struct xo_scenario *s, int option,
                     const struct xo_infeasible *why, const struct xo_unserved *unserved);

/* ---- requests refused or reshaped (words/refusals.c) ---- */
/* Why no fleet of the option meets the SLO, and what would. */
void xo_put_infeasible(struct xo_buf *buf, const struct xo_scenario *s, int option,
                       const struct xo_infeasible *why, const struct xo_unserved *unserved);
/* What `side` refuses, its SLO met or not; `who` takes less, in words. */
void xo_put_refusal(struct xo_buf *buf, const struct xo_unserved *unserved, const char *side,
                    const char *who);
/* The target that the size of the fleet hangs on, and what would settle it; nothing where none is.
 */
void xo_put_edge(struct xo_buf *buf, const struct xo_scenario *s, const struct xo_edge *edge);
/* What a fleet still serves once its queue has no end; nothing where that is no less. */
void xo_put_overwhelmed(struct xo_buf *buf, const struct xo_capacity *capacity);
/* What each side refuses (NULL: not said), and what the scenario itself cuts and lengthens; nothing
 * where nothing is. */
void xo_put_refusals(struct xo_buf *buf, const struct xo_scenario *s,
                     const struct xo_unserved *build, const struct xo_unserved *buy,
                     const char *api);

/* ---- by the unit that a planner counts in (words/unit.c) ---- */
bool xo_has_unit(const struct xo_scenario *s);
const char *xo_say_unit(struct xo_words *w, const struct xo_scenario *s);  /* ticket */
const char *xo_say_units(struct xo_words *w, const struct xo_scenario *s); /* tickets */
/* $0.0252, $8.40, $1,260: of one unit or a thousand requests, for tables. */
const char *xo_say_each(struct xo_words *w, double usd);
/* 49.6 %, -40 %: with so many digits. */
const char *xo_say_margin(struct xo_words *w, double frac, int digits);
/* How many requests one takes, how many there are a month, and what they are sold at. */
void xo_put_unit(struct xo_buf *buf, const struct xo_scenario *s, double requests);
/* Which ways sell below cost, of bills usd[XO_N_WAYS] for so many requests a month; nothing where
 * none does, or nothing is sold. */
void xo_put_unit_losses(struct xo_buf *buf, const struct xo_scenario *s, const double usd[],
                        double requests);
/* What one costs and leaves of such bills; nothing where there is no unit. */
void xo_put_unit_costs(struct xo_buf *buf, const struct xo_scenario *s, const double usd[],
                       double requests);

/* ---- the symmetry ledger (words/ledger.c) ---- */
enum xo_sides { XO_SIDES_NEITHER, XO_SIDES_BOTH, XO_SIDES_BUY, XO_SIDES_BUILD, XO_N_SIDES };
struct xo_ledger_row {
    const char *effect;
    enum xo_sides sides;
    char buy[XO_TITLE_SIZE], build[XO_TITLE_SIZE];
};
enum { XO_LEDGER_ROWS = 10 };
void xo_ledger(const struct xo_scenario *s, struct xo_ledger_row rows[XO_LEDGER_ROWS]);

/* ---- the verdict of a curve (words/verdict.c) ---- */

/* A line a paragraph, with blanks that no line may break at; heap, NULL when out of memory. */
char *xo_verdict_paragraphs(const struct xo_curve *curve);

/* ---- the verdict of a horizon (words/horizon.c) ---- */

/* Likewise. Tripwires are not among them: they are lines. */
char *xo_horizon_paragraphs(const struct xo_horizon *h);
/* "2027-08  volume reaches 2.91 M requests a month (x1.9)" of a tripwire; "": there is none. */
const char *xo_say_tripwire(struct xo_words *w, const struct xo_horizon *h, enum xo_way way,
                            enum xo_tripwire_key key);
const char *xo_tripwire_name(enum xo_tripwire_key key); /* "api_price" */
const char *xo_say_month(struct xo_words *w, const struct xo_horizon *h, int month);
const char *xo_say_payback(struct xo_words *w, double months); /* "7.5 months"; "never" */
/* What the scenario calls a way over the horizon: the build option of the plan; buying by its
 * baseline. */
const char *xo_say_way(struct xo_words *w, const struct xo_horizon *h, enum xo_way way);

#endif
