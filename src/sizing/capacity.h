/* capacity.h - the largest volume that n replicas serve within the SLO, and the ladder of them over
 * n. Private to the library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SIZING_CAPACITY_H
#define XO_SIZING_CAPACITY_H

#include "option_sim.h"

/* What is known of a capacity before it is searched, from a fleet like it; 0 each: nothing. */
struct hint {
    double volume;       /* where the search begins; at most the saturation throughput is tried */
    double slope, noise; /* as in struct xo_capacity */
};
struct hint capacity_hint(const struct xo_capacity *found);
XO_MUST_USE bool capacity_find(struct option_sim *sim, int n_replicas, const struct hint *hint,
                               struct xo_capacity *out, struct xo_error *err);

/* The rung of a ladder above n (0: the first): 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40; above these
 * 24, 32 and 40 doubled, so that a fleet is a whole number of equal cells. */
int next_rung(int n);

/* Larger fleets are not looked for. */
enum { MOST_REPLICAS = 1000000 };

/* Called as rungs are climbed. */
typedef void ladder_progress_fn(void *self, double volume_reached);

/* Climb the rungs, those above CELL_MAX_REPLICAS by the square-root law, until one serves `volume`
 * or has max_replicas. The rungs are the caller's to free (ladder_fini). An option whose lone
 * requests miss the SLO has no rungs. */
XO_MUST_USE bool ladder_climb(struct xo_ladder *ladder, struct option_sim *sim, double volume,
                              int max_replicas, ladder_progress_fn *progress, void *progress_self,
                              struct xo_error *err);
/* How much more of log V/N a fleet of `to` replicas serves than one of `from`. */
double pooling_log_gain(double pooling, int from, int to);
/* Find the rungs that the climb stepped over at the fleets that `volumes` take, and at those of one
 * replica less and more; fixed_replicas (0: none) in place of theirs. Any ladder that reaches these
 * volumes comes to the same, however far it was climbed. */
XO_MUST_USE bool ladder_settle(struct xo_ladder *ladder, struct option_sim *sim,
                               const double volumes[], int n_volumes, int fixed_replicas,
                               struct xo_error *err);
/* n replicas were seen to miss the SLO at `volume`: they, and smaller fleets, serve less. */
XO_MUST_USE bool ladder_lower(struct xo_ladder *ladder, const struct option_sim *sim,
                              int n_replicas, double volume, struct xo_error *err);
/* The largest rung of at most n replicas; the first where none is so small. */
const struct xo_capacity *ladder_at_most(const struct xo_ladder *ladder, int n_replicas);
/* The rung of n, or what the law of large fleets says. */
struct xo_capacity ladder_capacity(const struct xo_ladder *ladder, const struct option_sim *sim,
                                   int n);
void ladder_fini(struct xo_ladder *ladder);

/* Log of what inputs that reach the simulation do to capacity, at 1, 2, 4, 8, 16 and 40 replicas:
 * straight in log N between, constant beyond. All zero: nothing. */
enum { N_SCALE_KNOTS = 6 };
enum { MAX_FIXED = 6 };
struct scaling {
    double log_at[N_SCALE_KNOTS];
    /* Added where capacities were simulated for this very world: straight in log N between these
     * replicas, which rise, and constant beyond. */
    int n_fixed, fixed_n[MAX_FIXED];
    double fixed_log[MAX_FIXED];
};
int scaling_replicas(int knot);
/* Add what is straight in log N between 1 and 8 replicas, and constant beyond. */
void scaling_add(struct scaling *s, double at_1, double at_8);
double scaling_at(const struct scaling *s, int n_replicas);
/* Have log_at n_replicas be `log_scale` there; nothing happens when there is no room. */
void scaling_fix(struct scaling *s, int n_replicas, double log_scale);

/* A ladder read as a staircase: capacity of any n (volume_N/N is interpolated in log N between
 * rungs and constant beyond the last), scaled, and shifted by noise_z of its standard errors. */
struct stairs {
    const struct xo_ladder *ladder;
    struct scaling scaling;
    double noise_z;              /* 0: as estimated */
    const struct treads *treads; /* of these very stairs, worked out; NULL: as needed */
};
double stairs_volume(const struct stairs *stairs, int n_replicas);
/* min{N : capacity(N) >= volume}; 0 volume needs 1. Above MOST_REPLICAS: none of so many does. */
int stairs_replicas(const struct stairs *stairs, double volume);

/* The capacities of 1, 2, ... n replicas, so that reading them is a look-up. All zero is empty. */
struct treads {
    double *volume; /* [n] never falling; owned */
    int n;
    size_t room;
    struct scaling scaling; /* whose they are */
    double noise_z;
};
/* As many as reach `volume`. */
XO_MUST_USE bool treads_fill(struct treads *treads, const struct stairs *stairs, double volume,
                             struct xo_error *err);
/* Are they of these stairs? */
bool treads_are_of(const struct treads *treads, const struct stairs *stairs);
void treads_fini(struct treads *treads);

#endif
