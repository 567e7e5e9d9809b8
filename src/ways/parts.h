/* parts.h - what the files of ways share. Private to ways.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_WAYS_PARTS_H
#define XO_WAYS_PARTS_H

#include "way.h"

#define DECLARE(NAME, name, ...) extern const struct way_type way_##name;
XO_WAYS(DECLARE)
#undef DECLARE
extern const struct way_type way_napkin, way_tokens, way_sales;

/* ---- buying (buying.c) ---- */

/* What one bill of tokens is made of: tariffs by class, borrowed from the scenario. */
struct purchase {
    const struct xo_tariff *tariffs[XO_MAX_CLASSES];
    struct xo_buy_terms terms;
    struct xo_usage usage; /* last: most of its room is never touched */
};
/* Every class's tokens where `api` bills them, by the terms of the scenario. */
void purchase_tokens(const struct world *w, double volume, int api, struct purchase *p);
double purchase_usd(const struct purchase *p);
/* Paid once where one buys by the token. */
double buying_one_off_usd(const struct world *w, int pick);
/* Take what provisioned units carry out of the usage, and enter them, by terms that are final
 * (provisioned.c). Requests asked again elsewhere are bought without any. */
void purchase_units(const struct world *w, int api, struct purchase *p);
/* Leave tokens alone, and what is off their price. */
void without_the_rest(struct xo_buy_terms *terms);
/* Requests that the model of [build] answers and that are asked again at the API: by the cheapest
 * of the list, with its discount; a commitment is signed by who buys all of it there. */
struct xo_escalation escalation(const struct world *w, double volume);
/* Does buying by the token never cost less for more? Not where a cache that expires is hit so much
 * more often by more calls; false also where it is not known (tokens.c). */
bool buying_rises(const struct world *w);

/* ---- building (building.c) ---- */

/* An option of the world's own scenario. */
const struct xo_build_option *option_of(const struct world *w, int option);
/* What it costs, with this world's what-ifs. */
struct xo_build_terms build_terms(const struct world *w, int option,
                                  const struct xo_escalation *escalated);
/* Its staircase of capacities. */
struct stairs world_stairs(const struct world *w, int option);
/* No fleet of the option meets the SLO. */
bool is_out(const struct world *w, int option);
/* Does building never cost less for more? Not where people become fewer. */
bool building_rises(const struct world *w);

/* ---- treads ---- */

/* Rounding may put V_N itself, times the headroom, above V_N: an edge lies a hair below it, still
 * on the tread that it ends. */
static const double JUST_BELOW = 1 - 1e-12;
/* From n replicas to the next edge. Above 500 replicas treads of a fifth of a percent: a whole step
 * of many replicas is taken at once, and a root on it is bisected all the same. */
static inline int tread_step(int n)
{
    return 1 + n / 500;
}

#endif
