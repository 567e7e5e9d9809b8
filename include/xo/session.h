/* xo/session.h - answers to scenarios that follow one another, as somebody moves one thing and
 * looks again.
 *
 * A session keeps what it has simulated. An answer is what a study from nothing gives, to the bit,
 * and simulates only what no answer before it did: a move of money nothing at all, another GPU in
 * a list that GPU alone, a smaller or larger volume the fleets about the new plan. So ask at plan
 * first, and then for the rest: what the first found is not found again.
 *
 *     struct xo_session *session = xo_session_new(&options);
 *     xo_session_answer(session, scenario, XO_AT_PLAN, &answer, &err);   the bills, at once
 *     xo_session_answer(session, scenario, XO_WHOLE, &answer, &err);     the rest
 *     xo_scenario_vary(scenario, xo_key_find("build.rent"), 3.10, &err);
 *     xo_session_answer(session, scenario, XO_RANGES, &answer, &err);    nothing is simulated
 *
 * One thread at a time asks a session; it uses threads of its own. options->stop ends an answer
 * that is no longer wanted: what it had simulated until then stays.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SESSION_H
#define XO_SESSION_H

#include "xo/study.h"

struct xo_session;
/* `options` are copied, what they point at is borrowed until the session ends; a crew is not used.
 * NULL when out of memory. At most 64 MiB of simulations are kept, those asked for last. */
struct xo_session *xo_session_new(const struct xo_study_options *options);
void xo_session_free(struct xo_session *session); /* NULL is fine */
/* The options of the session, for xo_run_run, maps and sweeps that are to take what it keeps and
 * add to it. Borrowed. */
const struct xo_study_options *xo_session_options(const struct xo_session *session);
/* Simulations that the session has made so far. */
int64_t xo_session_n_simulations(const struct xo_session *session);

/* The curve of a scenario as far as `depth`, for xo_curve_free; it borrows the scenario. Its
 * n_simulated counts the requests behind the figures, whenever they were simulated. Fails as
 * xo_curve_run. */
XO_MUST_USE bool xo_session_answer(struct xo_session *session, const struct xo_scenario *scenario,
                                   enum xo_depth depth, struct xo_curve **answer,
                                   struct xo_error *err);

/* ---- previews of what the engine would take longer to say ---- */

enum { XO_MAX_MOVING = 8 };
struct xo_moving { /* a key that moves, in its unit's base */
    int key;
    double lo, hi; /* as far as it may go; lo < hi */
};
/* Simulate capacities over the ranges of n keys about a scenario, which is copied, so that previews
 * of it take no simulation. An option takes 50 searches for one key that reaches the engine, 12
 * more for each further one, and some again while they are off by more than 3 %; keys of money
 * alone take none. What was prepared before is gone. Fails as a map does: XO_ERR_INPUT where a
 * range cannot be. */
XO_MUST_USE bool xo_session_prepare(struct xo_session *session, const struct xo_scenario *scenario,
                                    const struct xo_moving moving[], int n, struct xo_error *err);
/* The lines of the prepared scenario with its moving keys at values[n], in the order in which they
 * were prepared (NAN: as it has them), for xo_curve_free. Capacities are read off the surrogates:
 * xo_session_surrogates says how far they are off. Depth XO_LINES, without ladders. The curve
 * borrows from the session: use it before the next preview. */
XO_MUST_USE bool xo_session_preview(struct xo_session *session, const double values[],
                                    struct xo_curve **answer, struct xo_error *err);
/* How well the surrogates behind previews did on points that they had not seen; how many. */
int xo_session_surrogates(const struct xo_session *session,
                          struct xo_surrogate_report reports[XO_MAX_SURROGATES]);

#endif
