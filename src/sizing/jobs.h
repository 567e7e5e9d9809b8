/* jobs.h - simulations that stand alone, and so may run on another thread or in another process:
 * one replication of a fleet, or capacities in a scenario that differs from the base one. Private
 * to the library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SIZING_JOBS_H
#define XO_SIZING_JOBS_H

#include "capacity.h"

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
    double surplus; /* relative, of work that came over what was expected */
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

/* The capacity of n replicas, searched from a guess; as in capacity_find. */
struct rung {
    int n_replicas;
    struct hint hint;

    struct xo_capacity found;
};
/* All of them, each as if alone, of an option whose limits are measured. */
XO_MUST_USE bool rungs_run(const struct option_sim *sim, struct rung rungs[], int n,
                           struct xo_error *err);

/* What a change of the step time does to the capacity of an option. */
struct change {
    int option;
    double step_scale;   /* so many times as long */
    int n_replicas[2];   /* two rungs of the base ladder */
    struct hint base[2]; /* their capacities */

    double log_scale[2]; /* log of the capacities over those; NAN: no fleet meets the SLO */
    int64_t n_simulated;
};
/* On this thread. */
XO_MUST_USE bool change_run(const struct xo_scenario *scenario,
                            const struct xo_study_options *options, struct change *c,
                            struct xo_error *err);
XO_MUST_USE bool changes_run(const struct xo_scenario *scenario,
                             const struct xo_study_options *options, struct change changes[], int n,
                             struct xo_error *err);

/* The capacity of an option where keys of the scenario have other values. */
enum { SEARCH_KEYS = XO_MAX_UNCERTAIN + 2 };
struct search {
    int option; /* of the base scenario, found in the other one by its label */
    int n_keys, keys[SEARCH_KEYS];
    double values[SEARCH_KEYS];
    int seed_offset;
    int one_look; /* as precise as one look of so many replications, in place of
                     study.capacity_precision; 0: as precise as that */
    int n_replicas;
    struct hint hint;

    double volume;      /* NAN: none is served, or the search did not settle */
    double lone_margin; /* of option_sim; INFINITY: the option does not fit there */
    int n_searches;
    int64_t n_simulated;
};
/* On this thread. A scenario that cannot be is one where nobody is served. */
XO_MUST_USE bool search_run(const struct xo_scenario *base, const struct xo_study_options *options,
                            struct search *q, struct xo_error *err);
/* The same, or what options->kept has of it. */
XO_MUST_USE bool search_recalled(const struct xo_scenario *base,
                                 const struct xo_study_options *options, struct search *q,
                                 struct xo_error *err);
/* All of them on options->crew, which is there, the longest first as they come. */
XO_MUST_USE bool searches_elsewhere(const struct xo_study_options *options,
                                    struct search searches[], int n, struct xo_error *err);
/* Where the option of this label stands in another scenario; -1: it does not fit there. */
int option_labelled(const struct xo_scenario *s, const char *label);

#endif
