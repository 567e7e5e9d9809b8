/* parts.h - what the files of ways share. Private to ways.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_WAYS_PARTS_H
#define XO_WAYS_PARTS_H

#include "world.h"

/* Requests that the model of [build] answers and that are asked again at the API: by the cheapest
 * of the list, with its discount; a commitment is signed by who buys all of it there. */
struct xo_escalation escalation(const struct world *w, double volume);

/* An option of the world's own scenario. */
const struct xo_build_option *option_of(const struct world *w, int option);
/* Its staircase of capacities. */
struct stairs world_stairs(const struct world *w, int option);
/* No fleet of the option meets the SLO. */
bool is_out(const struct world *w, int option);

#endif
