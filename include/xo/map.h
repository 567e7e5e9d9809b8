/* xo/map.h - two things vary: who wins, and by how much, over a grid of them.
 *
 * Like a sweep (xo/sweep.h), a map simulates in tasks, then fills cells that are functions of their
 * index alone, then finds the frontier, where buying and building cost the same: every edge of the
 * grid whose ends disagree is bisected, and the roots are joined within each square of four nodes.
 * Keys that reach the simulation go through the same surrogate as in a sweep.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_MAP_H
#define XO_MAP_H

#include "xo/sweep.h"

/* An axis: a numeric key that may vary, at n values from..to, evenly or by equal ratios. */
struct xo_map_axis {
    int key;         /* index into xo_keys; effect SIMULATION or MONEY */
    double from, to; /* in the key's base unit, from < to; log needs from > 0 */
    int n;           /* 2 to 500 */
    bool log;
};
struct xo_map_settings {
    struct xo_map_axis x, y; /* of different keys */
};

enum xo_map_winner {
    XO_MAP_BUY,
    XO_MAP_BUILD,
    XO_MAP_NONE /* one side has no bill */,
    XO_MAP_CLOSE,
    XO_N_MAP_WINNERS
};

/* Node (x index i, y index j) is cell j * x.n + i. All doubles, as in a row of a sweep. */
struct xo_map_cell {
    double x, y;           /* values of the keys; a whole-number key's are rounded */
    double volume;         /* requests a month that the bills are for */
    double usd[XO_N_WAYS]; /* a month; NAN: no such way, or no fleet meets the SLO */
    double saving_usd;     /* buy - build; above 0: build wins */
    double replicas, gpus, option, api, buy_limited; /* as in xo_sweep_row */
};
enum { XO_MAP_CELL_FIELDS = 9 + XO_N_WAYS };
extern const struct xo_field xo_map_fields[]; /* [XO_MAP_CELL_FIELDS] in the struct's order */
/* Who costs less, by however little: the frontier lies where that changes. */
enum xo_map_winner xo_map_winner_of(const struct xo_map_cell *cell);
/* The same by the rule of verdicts: too close to call under materiality_frac of the cheaper bill.
 */
enum xo_map_winner xo_map_verdict_of(const struct xo_map_cell *cell, double materiality_frac);

/* A point of the frontier. Points of one line follow each other; lines are numbered from 0. */
struct xo_map_point {
    double x, y;
    int line;
};
struct xo_map_result {
    struct xo_map_settings settings;
    struct xo_map_cell *cells; /* [n_cells] owned */
    int n_cells;
    struct xo_map_point *frontier; /* [n_frontier] owned; bills jump where a replica is added, so a
                                      point is where the sign changes, to 1e-6 of an edge */
    int n_frontier, n_lines;
    struct xo_map_cell plan; /* the scenario as it is; plan.x and plan.y are its own values */
    bool plan_inside;        /* the grid */
    double build_share, close_share; /* of cells with both bills, by the rule of verdicts; NAN */
    enum xo_reach reach_x, reach_y;
    int n_surrogates;
    struct xo_surrogate_report surrogates[XO_MAX_SURROGATES];
    int n_confirmed; /* capacities simulated for cells at the frontier; they are used as found */
    int n_searches;
    int64_t n_simulated;
    int n_notes;
    char notes[XO_MAX_SWEEP_NOTES][XO_SWEEP_NOTE_SIZE]; /* one sentence each, for people */
};

/* Everything, on this process's threads. Errors as of xo_sweep_run. */
struct xo_map;
XO_MUST_USE bool xo_map_run(struct xo_map *map, struct xo_map_result **result,
                            struct xo_error *err);
void xo_map_result_free(struct xo_map_result *result);

/* Step by step: as the functions of xo/sweep.h that are named alike. */
XO_MUST_USE bool xo_map_new(struct xo_map **map, const struct xo_scenario *scenario,
                            const struct xo_map_settings *settings,
                            const struct xo_study_options *options, struct xo_error *err);
void xo_map_free(struct xo_map *map);
struct xo_worlds *xo_map_worlds(struct xo_map *map);                     /* owned by the map */
const struct xo_map_settings *xo_map_settings(const struct xo_map *map); /* likewise */
int xo_map_n_cells(const struct xo_map *map);
uint64_t xo_map_hash(const struct xo_map *map);
XO_MUST_USE bool xo_map_run_range(const struct xo_map *map, int from, int to,
                                  struct xo_map_cell cells[], struct xo_error *err);
/* The result with a copy of cells[n_cells]. */
XO_MUST_USE bool xo_map_finish(const struct xo_map *map, const struct xo_map_cell cells[],
                               struct xo_map_result **result, struct xo_error *err);

#endif
