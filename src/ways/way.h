/* way.h - the ways to serve a month, each behind the same few questions, and where the cheaper of
 * two changes. Private to the library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_WAYS_WAY_H
#define XO_WAYS_WAY_H

#include "world.h"

/* Volumes that grow into a list; zeros: an empty one. */
struct edge_list {
    double *at; /* [n] owned: free() */
    size_t n, room;
};
/* `volume` too, where it lies inside (min, max). */
XO_MUST_USE bool edge_add(struct edge_list *edges, double volume, double min, double max,
                          struct xo_error *err);

/* A month of a way in a horizon: what is paid in it, and when. */
struct way_month {
    int pick;           /* that it is of; -1: none */
    double running_usd; /* at its end, without one-offs and without what the units below cost */
    double one_off_usd; /* at its start, if the way begins in it */
    struct xo_hold_month units; /* that it needs; of a way that holds none, 0 */
    int replicas, gpus_per_unit;
};

/* One way to serve a month, in one possible world. A new way is a file that answers these, and a
 * row of XO_WAYS. */
struct way_type {
    /* USD a month for `volume` requests; NAN: they cannot be served so. *pick: the cheapest of what
     * the scenario lists for this way (tariffs, hosts, build options); left alone where there is
     * none. */
    double (*usd)(const struct world *w, double volume, int *pick);
    /* The bill behind it, of one pick. */
    void (*bill)(const struct world *w, double volume, int pick, struct xo_bill *bill);
    /* Has it a bill for what it could not serve as listed? NULL: never. */
    bool (*limited)(const struct world *w, double volume, int pick);
    /* Add the volumes in (min, max) at which the bill jumps, in any order. NULL: it has no jumps.
     */
    bool (*edges)(const struct world *w, double min, double max, struct edge_list *edges,
                  struct xo_error *err);
    /* Does more never cost less? False also where it is not known. */
    bool (*rises)(const struct world *w);
    /* USD paid once when the way begins, contingency in. NULL: nothing. */
    double (*one_off_usd)(const struct world *w, int pick);
    /* A month of a horizon, of one pick that stays. running_usd NAN: it cannot be served so. NULL:
     * its bills with whatever pick is cheapest, for nothing is held. */
    void (*month)(const struct world *w, double volume, int pick, struct way_month *month);
    /* On what terms its units are held. NULL: it has none. */
    struct xo_hold_terms (*hold_terms)(const struct world *w, int pick);
    /* What the scenario calls a pick; "": there is none. */
    const char *(*name)(const struct xo_scenario *s, int pick);
};

/* Beside the ways that can be chosen: what a spreadsheet says that building costs, the tokens alone
 * that it holds against it, and what the units of the scenario bring in (NAN without a price). */
enum { WAY_NAPKIN = XO_N_WAYS, WAY_TOKENS, WAY_SALES, N_WAY_TYPES };
/* By enum xo_way, and by the three above. */
extern const struct way_type *const way_types[N_WAY_TYPES];

/* USD a month; `pick` may be NULL. */
double way_usd(const struct world *w, int way, double volume, int *pick);
/* Of every way that can be chosen. */
void ways_usd(const struct world *w, double volume, double usd[XO_N_WAYS]);
/* USD a month for a comparison: NAN also where the way could not serve this as listed, unless the
 * world's bills stand all the same. */
double way_contending_usd(const struct world *w, int way, double volume);
/* A month of a horizon; `pick` counts where the way holds units. */
void way_month_read(const struct world *w, int way, double volume, int pick,
                    struct way_month *month);
struct xo_hold_terms way_hold_terms(const struct world *w, int way, int pick);
/* Does it hold units from month to month? */
bool way_holds(int way);
bool way_is_limited(const struct world *w, int way, double volume, int pick);

/* Every volume in (min, max) at which the bill of a way jumps, rising. The caller frees *risers. */
XO_MUST_USE bool way_risers(const struct world *w, int way, double min, double max, double **risers,
                            size_t *n_risers, struct xo_error *err);

/* Every volume in [min, max] at which the cheaper of two ways changes, tread by tread. Where both
 * rise, so that what one end of a range says binds the other way at the other end, ranges in which
 * the sign cannot change are passed over. In *out `build` stands for way `to`. */
XO_MUST_USE bool ways_cross(const struct world *w, int from, int to, double min, double max,
                            struct xo_crossings *out, struct xo_error *err);
/* First crossing to build (0: building is cheaper below the range already; INFINITY: only above it,
 * if ever), and the volume above which building stays cheaper (likewise). */
void crossings_ends(const struct xo_crossings *c, double *first, double *stays_above);
/* Widen the noise of crossings by what they are where capacities are those of a noisy world. The
 * one that comes first, and the one from which on the answer stays, are asked for as such: there
 * another step of the staircase may be it. */
void crossings_add_noise(struct xo_crossings *c, const struct xo_crossings *noisy);

#endif
