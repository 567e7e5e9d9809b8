/* option_sim.h - one build option made ready to simulate, and the smallest question one can ask of
 * it: how far from the SLO is a fleet of n replicas at this volume? Private to the library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SIZING_OPTION_SIM_H
#define XO_SIZING_OPTION_SIM_H

#include "xo/sizing.h"

/* Larger fleets are observed as one of k equal parts, of 21 to 40 replicas (docs/model.md, "Sizing
 * a fleet"). */
enum { CELL_MAX_REPLICAS = XO_MOST_SIMULATED, MONTH_LEVELS = 8, MAX_SLO_LEVELS = 2 * MONTH_LEVELS };

/* One level of load of the SLO window: `factor` times the week's mean rate, which carries `weight`
 * of its requests. The busiest hour is one level; the month is read through up to eight; long
 * or rare bursts double them. */
struct slo_level {
    double factor, weight;
    double burst_share_frac; /* where this option's bursts are levels: 0: none in this one */
    double lasts_s;          /* of a level that is one burst: how long; 0: it goes on */
};

/* What one replica can do at its best. Plain data: it goes to other processes as it is. */
struct replica_limits {
    double lone_ttft_s, lone_tpot_s, lone_e2e_s; /* means in an empty replica */
    double lone_stay_s; /* of those that a moment finds there: E[s^2]/E[s] of their E2E times */
    double saturation_rate_per_s, saturation_se_frac; /* the best throughput it sustains, of calls,
                                                         and its relative standard error */
    double overwhelmed_rate_per_s; /* what it still serves of a queue without end, where that is
                                      less: its KV cache is thrashed; 0: no less */
    /* By class and target: the share of requests that miss in an empty replica, which all fleets
     * miss, and which of them show it by their lengths. */
    double missed_frac[XO_MAX_CLASSES][XO_MAX_TARGETS];
    double resolution_frac; /* how exactly that share is known */
    struct xo_control control[XO_MAX_CLASSES][XO_MAX_TARGETS];
    double control_frac[XO_MAX_CLASSES][XO_MAX_TARGETS]; /* their share */
    /* What a prompt token and an output token, and the mean request, take of a full replica; 0: not
     * measured. */
    double work_s_per_prompt_token, work_s_per_output_token, work_s_per_request;
    double pooling; /* of struct xo_ladder, once a ladder has been climbed so far */
};

/* A scenario and one of its options, compiled. */
struct option_sim {
    const struct xo_scenario *scenario; /* borrowed */
    const struct xo_study_options *options;
    int option;
    struct xo_kept *kept;       /* where simulations of it are kept; NULL: nowhere ... */
    struct xo_digest digest;    /* ... and by what */
    struct xo_step_model *step; /* owned */
    struct xo_engine engine;
    struct xo_kv_room kv;
    struct slo_level levels[MAX_SLO_LEVELS];
    int n_levels;
    bool bursts_are_levels; /* long or rare bursts: two loads, each in its steady state */
    double least_requests;  /* of a sizing window: more for the sake of rare classes */
    double window_scale;    /* of steady windows: 1; longer ones are references for tests */
    bool judged[XO_MAX_CLASSES][XO_MAX_TARGETS];
    double peak_factor; /* of the window's busiest hour over the week's mean */
    bool terminating; /* the window is a stretch of clock time (trace, spike), not a steady state */
    double from_s, to_s; /* terminating: the window */

    struct replica_limits limits;
    double lone_margin; /* log of the worst lone quantile over its limit; above 0: infeasible */
    struct xo_unserved unserved;
    struct xo_edge edge;
    struct xo_infeasible infeasible;
    int64_t n_simulated;
    bool told; /* how long it takes */
};

/* Rate of the week's (or the recording's) busiest hour over the mean. */
double busiest_hour_factor(const struct xo_workload *workload);

/* Compile option `option`; measures nothing yet. */
XO_MUST_USE bool sim_init(struct option_sim *sim, const struct xo_scenario *scenario, int option,
                          const struct xo_study_options *options, struct xo_error *err);
/* Have what is simulated of it kept in options->kept. For a scenario as it was read: not one whose
 * fields were written. */
XO_MUST_USE bool sim_keep(struct option_sim *sim, struct xo_error *err);
/* The same with a step model (owned from here on) and KV room of the caller's: for tests against
 * theory. */
void sim_init_step(struct option_sim *sim, const struct xo_scenario *scenario, int option,
                   const struct xo_study_options *options, struct xo_step_model *step,
                   const struct xo_kv_room *kv);
void sim_fini(struct option_sim *sim);

/* Whether a study can go on without an option that failed with `why`: then *infeasible says so.
 * What stops the whole study (memory, files, being stopped) is passed on to err. */
XO_MUST_USE bool option_is_left_out(const struct xo_error *why, struct xo_infeasible *infeasible,
                                    struct xo_error *err);

/* Lone requests in an empty replica: their means, what is refused, and whether they meet the SLO.
 */
XO_MUST_USE bool sim_measure_lone(struct option_sim *sim, struct xo_error *err);
/* The same, and the throughput of a replica that is always full. */
XO_MUST_USE bool sim_measure_limits(struct option_sim *sim, struct xo_error *err);

/* The same of one that another process has measured. */
void sim_take_limits(struct option_sim *sim, const struct replica_limits *limits);

/* A closed loop of the workload's clients for as long as `span` says, under the scenario's targets
 * and no time-outs; `spread` as in struct xo_source_options. */
XO_MUST_USE bool sim_run_closed(struct option_sim *sim, const struct xo_workload *workload,
                                int n_replicas, int64_t spread, const struct xo_window *span,
                                struct xo_tally *tally, struct xo_error *err);
/* The scenario's requests from n_clients clients that wait for nothing but their answers. */
struct xo_workload sim_closed_workload(const struct option_sim *sim, int n_clients);

/* What would meet the SLO where lone requests of this option do not, into sim->infeasible
 * (remedy.c).
 */
XO_MUST_USE bool sim_find_remedies(struct option_sim *sim, struct xo_error *err);

/* Calls a second in the busiest level at `volume` useful requests a month, and back. */
double sim_rate(const struct option_sim *sim, double volume);
double sim_volume(const struct option_sim *sim, double rate_per_s);

/* The level of the highest rate: the busiest hour, or a burst. */
const struct slo_level *sim_busiest_level(const struct option_sim *sim);

/* The share of a class's requests that load may make miss a target: what the SLO allows, less what
 * misses in an empty replica. */
double sim_allowed_frac(const struct option_sim *sim, int class_index, int target);

/* How n_replicas do at `volume`. */
struct probe {
    double volume;
    double excess; /* log(share of misses that load causes / share allowed it) of the worst target;
                      <= 0: the SLO is met */
    double excess_se;  /* standard error over the replications */
    double allowed_se; /* of the share allowed, relative: lone misses are known so exactly */
    int class_index, target;
    bool saturated; /* stopped early: far too many misses to be worth counting */
};
/* Sums over replications that accumulate from look to look. */
struct probe_counts {
    int n;                        /* replications so far */
    double *n_counted, *n_missed; /* [n][n_classes][XO_MAX_TARGETS], weighted over levels; owned */
    double *surplus;              /* [n] work that came over what was expected, relative; owned */
};
void probe_counts_fini(struct probe_counts *counts);
/* From n_replications more than *counts has, and those it has. `slope`, d log misses / d log
 * volume, takes out what chance made of the work of a window. */
XO_MUST_USE bool sim_probe(struct option_sim *sim, int n_replicas, double volume,
                           int n_replications, double slope, struct probe_counts *counts,
                           struct probe *probe, struct xo_error *err);

/* The workload as 1/cells of the traffic of `volume` meets it. */
struct xo_workload sim_workload(const struct option_sim *sim, double volume, int cells);

/* Cells a fleet of n is observed as, and the replicas of one. */
int cells_of(int n_replicas);
int cell_replicas(int n_replicas);
/* Requests that an observation of n replicas measures at one volume. */
double point_requests(int n_replicas);
/* How many cells' work is the fleet's. A cell alone serves a little less than its part within the
 * SLO, so its share of the load is taken as much lighter: then its latencies are the fleet's. */
double sim_cell_parts(const struct option_sim *sim, int n_replicas);

/* The merged tally of `n_replications` runs of n_replicas at `volume` whose level of load is
 * `load_factor` times that of the busiest level (1: the SLO window itself). *tally is fresh. */
XO_MUST_USE bool sim_observe(struct option_sim *sim, int n_replicas, double volume,
                             double load_factor, double n_requests, int n_replications,
                             struct xo_tally **tally, struct xo_error *err);

/* Several of one replication each, maybe of several options. */
struct observing {
    struct option_sim *sim;
    int n_replicas;
    double volume, load_factor, n_requests;

    struct xo_tally *tally; /* fresh, for the caller to free */
};
XO_MUST_USE bool sim_observe_all(struct observing of[], int n,
                                 const struct xo_study_options *options, struct xo_error *err);

/* The scenario's own closed loop of clients on n_replicas: its steady state, or the requests of a
 * benchmark. */
XO_MUST_USE bool sim_observe_clients(struct option_sim *sim, int n_replicas, struct xo_tally *tally,
                                     struct xo_error *err);

/* Threads to run replications and draws on; results do not depend on it. */
int study_threads(const struct xo_study_options *options);

#endif
