/* capacity.h - the largest volume that n replicas serve within the SLO, and the ladder of them over
 * n. Private to study. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STUDY_CAPACITY_H
#define XO_STUDY_CAPACITY_H

#include "arm.h"

/* Capacity of n_replicas, searched from guess_volume (0: unknown; at most the saturation throughput
 * is tried). *slope, in and out, is d excess / d log volume near the root: it speeds the next
 * search up. */
XO_MUST_USE bool capacity_find(struct arm *arm, int n_replicas, double guess_volume, double *slope,
                               struct xo_capacity *out, struct xo_error *err);

/* Called as rungs are climbed. */
typedef void ladder_progress_fn(void *self, double volume_reached);

/* Climb rungs 1..8, then by a quarter, until one serves `volume` or has max_replicas. The rungs are
 * the caller's to free (ladder_fini). An option whose lone requests miss the SLO has no rungs. */
XO_MUST_USE bool ladder_climb(struct xo_ladder *ladder, struct arm *arm, double volume,
                              int max_replicas, ladder_progress_fn *progress, void *progress_self,
                              struct xo_error *err);
void ladder_fini(struct xo_ladder *ladder);

/* A ladder read as a staircase: capacity of any n (volume_N/N is interpolated in log N between
 * rungs and constant beyond the last), each multiplied by a scale, the effect of an input that
 * reaches the simulation, and shifted by noise_z of its standard errors. */
struct stairs {
    const struct xo_ladder *ladder;
    double log_scale_1, log_scale_8; /* log of the multiplier at 1 and at 8 replicas and beyond */
    double noise_z;                  /* 0: as estimated */
};
double stairs_volume(const struct stairs *stairs, int n_replicas);
/* min{N : capacity(N) >= volume}; 0 volume needs 1. */
int stairs_replicas(const struct stairs *stairs, double volume);

#endif
