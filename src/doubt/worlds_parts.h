/* worlds_parts.h - what worlds.c, worlds_fit.c, worlds_confirm.c and visitor.c share. Private to
 * them.
 *
 * A point of the design has coordinates t[ROOM_FOR_T], each about -1 to 1: the inputs that reach
 * the simulation, the number of replicas, and the headroom that a lone request leaves.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_DOUBT_WORLDS_PARTS_H
#define XO_DOUBT_WORLDS_PARTS_H

#include "sizing/jobs.h"
#include "worlds.h"

enum { ROOM_FOR_T = XO_SWEEP_MAX_INPUTS + 2 };

/* ---- worlds.c: keys and coordinates ---- */
/* What an input of XO_REACH_EXACT does to log capacity. Volumes are useful requests, and a replica
 * serves calls: V is in proportion to 1/(1 + retries). */
double exact_scale(int key, double base, double value);
double coordinate_of(const struct varied *v, double value);
double value_of(const struct varied *v, double t);
/* The top rung of an option, and the knot where its design ends: where its ladder does, or the
 * fleets of the worlds. */
int top_replicas(const struct xo_worlds *w, int option);
int most_replicas(const struct xo_worlds *w, int option);
double replica_coordinate(int n);

/* ---- worlds_fit.c: points of the design, and what is fitted to them ---- */
XO_MUST_USE bool points_add_design(struct xo_worlds *w, int option, int n, struct xo_error *err);
/* The same where worlds are: inputs as they are drawn, and the fleet that the volume takes. */
XO_MUST_USE bool points_add_drawn(struct xo_worlds *w, int option, int n, struct xo_error *err);
/* fits[option].reach, by the first fit. */
void find_reach(struct xo_worlds *w, int option);
/* Points held out, and some of them again under other seeds. */
XO_MUST_USE bool points_add_held_out(struct xo_worlds *w, int option, struct xo_error *err);
/* The replications of a point: as few as tell its capacity to 1.5 %, by the noise of the base case,
 * since the surrogate averages over points; at most a whole look. */
int point_replications(const struct hint *base, int look);
XO_MUST_USE bool point_search(const struct xo_worlds *w, const struct point *p, struct found *f,
                              struct xo_error *err);
/* points[n] of w->points on options->crew, which is there, the longest first as they come. */
XO_MUST_USE bool points_search_elsewhere(const struct xo_worlds *w, const int points[], int n,
                                         struct found found[], struct xo_error *err);
XO_MUST_USE bool point_add(struct xo_worlds *w, const struct point *p, struct xo_error *err);
XO_MUST_USE bool fit_points_of(struct xo_worlds *w, int option, struct xo_error *err);
void fit_fini(struct fit *f);

/* ---- worlds_confirm.c: worlds simulated in full ---- */
/* Points of the next round of confirmations, if there is one. */
XO_MUST_USE bool points_add_confirmed(struct xo_worlds *w, struct xo_error *err);
/* Put what was simulated for this very world into the scaling, before anything that is exact; true
 * when that says that lone requests miss the SLO. */
bool confirmed_apply(const struct xo_worlds *w, int option, const double values[],
                     struct scaling *s);

/* The base case as a point; inputs without a number of their own at the middle of the box. */
void coordinates_of_base(const struct xo_worlds *w, double t[]);
/* The coordinate that follows from the inputs', set once for a point. */
void fit_complete(const struct xo_worlds *w, int option, double t[]);
/* log V_N over the base ladder's, as the surrogate has it, at a complete point. */
double fit_predict(const struct xo_worlds *w, int option, double t[], int n);
/* Added to the knots of a scaling: that over what it says of the base case, at a complete point. */
void fit_scale(const struct xo_worlds *w, int option, double t[], struct scaling *s);

#endif
