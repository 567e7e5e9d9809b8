/* jobs.h - simulations that stand alone, and so may run on another thread or in another process:
 * one replication of a fleet, or capacities under one change of the scenario. Private to the
 * library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SIZING_JOBS_H
#define XO_SIZING_JOBS_H

#include "option_sim.h"

/* One replication of n_replicas at `volume`, of a large fleet one of its cells. */
struct replication {
    const struct option_sim *sim;
    int n_replicas, number;
    double volume;
    int pooled;         /* of so many replications misses are counted, and pooled; 0: observed */
    double load_factor; /* observed: times the load of the busiest level; 1: the SLO window */
    double n_requests;  /* observed: to be measured at least */

    /* Counted: weighted over levels, [n_classes][XO_MAX_TARGETS], the caller's, zeroed. */
    double *counted, *missed;
    bool saturated;
    int64_t n_simulated;
    struct xo_tally *tally; /* observed: fresh, for the caller to free */
};
/* On this thread. */
XO_MUST_USE bool replication_run(struct replication *r, struct xo_error *err);
/* All of them: on options->crew where there is one, else on options->n_threads. Later ones should
 * be the longer ones. Without tallies where it fails. */
XO_MUST_USE bool replications_run(struct replication runs[], int n,
                                  const struct xo_study_options *options, struct xo_error *err);

/* What a change of the step time does to the capacity of an option. */
struct change {
    int option;
    double step_scale; /* so many times as long */
    int n_replicas[2]; /* two rungs of the base ladder */
    double volume[2];  /* their capacities */

    double log_scale[2]; /* log of the capacities over those; NAN: no fleet meets the SLO */
    int64_t n_simulated;
};
XO_MUST_USE bool changes_run(const struct xo_scenario *scenario,
                             const struct xo_study_options *options, struct change changes[], int n,
                             struct xo_error *err);

#endif
