/* worlds.h - every world that a sweep or a map may visit: what varies, the capacities simulated for
 * it, and the money in one of them. Private to the library.
 *
 * Simulation comes in rounds of independent tasks. Round 0 is the base case: a ladder, its load
 * curve, and the exponent of the step time, for each build option. Where inputs reach the
 * simulation, later rounds search the capacity at the points of a design over those inputs and the
 * number of replicas; a surrogate of log V_N over the base ladder's is fitted to them, and held
 * against points that it has not seen (docs/model.md, "Sweeps").
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_DOUBT_WORLDS_H
#define XO_DOUBT_WORLDS_H

#include "inputs.h"
#include "sizing/option_sizing.h"
#include "surrogate.h"
#include "ways/way.h"

enum point_kind { POINT_DESIGN, POINT_HELD_OUT, POINT_SEED, POINT_CONFIRMED };
struct point { /* a capacity to be searched */
    enum point_kind kind;
    int option, n_replicas, seed_offset;
    int of; /* POINT_SEED: the held-out point that it repeats */
    double value[XO_SWEEP_MAX_INPUTS], t[XO_SWEEP_MAX_INPUTS]; /* by coordinate */
    double step_scale; /* POINT_CONFIRMED: of the step time where its error varies; NAN */
};

/* Worlds that are worth simulating in full once the surrogates stand. */
struct candidates {
    double *values; /* [n][n_inputs], as visitor_go takes them; owned */
    size_t n, room;
};
XO_MUST_USE bool candidates_add(struct candidates *c, const struct xo_worlds *w,
                                const double values[], struct xo_error *err);
typedef bool pick_fn(const struct xo_worlds *w, const void *self, struct candidates *out,
                     struct xo_error *err);
struct found {          /* there */
    double log_ratio;   /* log V_N over the base ladder's; NAN: lone requests miss the SLO */
    double lone_margin; /* log of the worst lone quantile over its limit; above 0: they do */
    double n_simulated, n_searches;
};

/* The surrogate of one option. */
struct fit {
    struct surrogate capacity, margin;
    bool has_capacity, has_margin;
    bool has_headroom;             /* the margin is a coordinate of the capacity */
    double at_base[N_SCALE_KNOTS]; /* what the capacity's says of the base case, taken off */
    int reach; /* replicas of the largest fleets that worlds take at their volumes, but for one in
                  a hundred; 0: not known yet */
    struct xo_surrogate_report report;
};

struct xo_worlds {
    const struct xo_scenario *scenario;
    const struct xo_study_options *options;
    struct xo_study_options alone; /* of a task that runs beside others: without the crew */
    struct varied inputs[XO_SWEEP_MAX_INPUTS];
    int n_inputs, n_coordinates;
    double volume; /* the ladders reach it */
    bool measures_step;
    double step_share[MAX_SIZINGS];    /* an option's step error over that of the one known least */
    double progress_from, progress_to; /* of the owner's bar: 0 to 0.9, unless it says otherwise */

    struct xo_ladder *ladders; /* [n_sizings] */
    struct option_sizing *sizings;
    bool borrows_base; /* ladders and sizings are the owner's */
    int n_sizings;
    struct demand *demand;
    struct world base;
    struct fit *fits;        /* [n_sizings] */
    struct xo_sized planned; /* the base case's fleet at the planned volume, from round 1 on */
    bool has_planned;

    int round, n_tasks, n_done, first_open; /* of points, from round 1 on */
    bool *done;                             /* [n_tasks] */
    struct point *points;
    struct found *found;
    size_t n_points, points_room, found_room;
    int next_point[MAX_SIZINGS], next_drawn[MAX_SIZINGS]; /* of the option's design */
    int64_t n_simulated;
    int n_searches;

    int most_rounds;               /* that add points to a design; for the owner to lower */
    pick_fn *pick;                 /* NULL: none; for the owner of these worlds to set */
    const void *self;              /* the owner */
    int n_confirming, n_confirmed; /* rounds of them, and capacities */
    size_t first_confirmed;        /* of points */
};

/* `inputs` with key, drawn or lo and hi; the rest is filled in. Nothing is simulated yet. */
XO_MUST_USE bool worlds_init(struct xo_worlds *w, const struct xo_scenario *scenario,
                             const struct xo_study_options *options, const struct varied inputs[],
                             int n_inputs, double volume, struct xo_error *err);
/* The same over a base case that its owner has simulated: sizings[n_options] with
 * ladders[n_options] and their step exponents, all borrowed. Rounds begin with 1. */
XO_MUST_USE bool worlds_init_on(struct xo_worlds *w, const struct xo_scenario *scenario,
                                const struct xo_study_options *options,
                                const struct varied inputs[], int n_inputs, double volume,
                                struct option_sizing sizings[], struct xo_ladder ladders[],
                                struct xo_error *err);
void worlds_fini(struct xo_worlds *w);
/* The surrogates of options that have one, into out[XO_MAX_SURROGATES]; how many. */
int worlds_surrogates(const struct xo_worlds *w, struct xo_surrogate_report out[]);
uint64_t worlds_hash(const struct xo_worlds *w);

/* Why an option whose base case misses the SLO, and which so has no ladder to scale, is left out of
 * every `piece` ("sample", "cell"). */
const char *worlds_say_infeasible(const struct xo_worlds *w, int option, const char *piece,
                                  char out[XO_SWEEP_NOTE_SIZE]);

/* What a study says once the first capacities of its inputs are there, where the others take long
 * at search_s each: how many, how long and for which input; NULL: they do not. */
enum { WAIT_SIZE = XO_PLACE_SIZE + 300 };
const char *worlds_say_wait(const struct xo_worlds *w, double search_s, char out[WAIT_SIZE]);

/* One thread's own world, moved from sample to sample. It holds pointers into itself: it must not
 * be copied. */
struct visitor {
    const struct xo_worlds *worlds;
    struct xo_scenario *own;
    struct demand *demand;
    double last[XO_SWEEP_MAX_INPUTS];
    bool varied[XO_SWEEP_MAX_INPUTS];
    struct scaling scaling[MAX_SIZINGS];
    bool infeasible[MAX_SIZINGS], missing[MAX_SIZINGS];
    int where[MAX_SIZINGS];
    struct treads treads[MAX_SIZINGS];

    struct world world;
};
XO_MUST_USE bool visitor_init(struct visitor *v, const struct xo_worlds *w, struct xo_error *err);
void visitor_fini(struct visitor *v);
/* Move to values[n_inputs]; NAN: as the scenario has it. */
XO_MUST_USE bool visitor_go(struct visitor *v, const double values[], struct xo_error *err);
/* Every crossing of buy and build between two volumes. */
XO_MUST_USE bool visitor_crossings(struct visitor *v, double min, double max,
                                   struct xo_crossings *out, struct xo_error *err);

/* Pieces from..to-1 of some work, each a function of its number, on options->n_threads with a
 * visitor each. *err is that of the first piece that fails; XO_ERR_STOPPED when told to stop. */
typedef bool visit_fn(struct visitor *v, int64_t piece, void *self, struct xo_error *err);
XO_MUST_USE bool visitors_run(const struct xo_worlds *w, int64_t from, int64_t to, visit_fn *visit,
                              void *self, struct xo_error *err);

/* The bills at one volume. */
struct quote {
    double usd[XO_N_WAYS]; /* NAN: there is no such way, or it is not feasible */
    int pick[XO_N_WAYS];   /* -1: none */
    bool limited[XO_N_WAYS];
    int replicas, gpus; /* serving, headroom and spare; 0: none */
};
struct quote quote_at(const struct world *w, double volume);
/* The capacities are off by z standard errors: of the ladder, of the surrogate at one point, and of
 * what the surrogate is off by everywhere. Holds until the visitor goes on. */
struct capacity_error {
    double z_ladder, z_surrogate, z_shared;
};
/* As sample `index` draws them. */
struct capacity_error capacity_error_of(const struct xo_worlds *w, int64_t index);
void visitor_shift(struct visitor *v, const struct capacity_error *error);
/* The scenario's own fleet, idle, at the prices of the visitor's world; NAN: it has none. */
double visitor_idle_usd(const struct visitor *v);

#endif
