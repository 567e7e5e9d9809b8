/* xo/sweep.h - Monte Carlo over what is not known: how sure is the crossover, and what moves it.
 *
 * A sweep goes in three steps, each of which may be spread over processes:
 *
 *   tasks    simulations: the capacities of the base case and, for inputs that reach the
 *            simulation, a design from which a surrogate of capacity is fitted. Open tasks of a
 *            round are independent; when all results of a round are in, the next opens.
 *   rows     samples: a value for every input, and the money. Row i is a function of the scenario,
 *            the settings, the simulations and i alone: never of threads, ranges or order.
 *   finish   statistics, from all rows and their indices alone.
 *
 * docs/model.md, "Sweeps", has the statistics. xo_sweep_run does the three in this process. Rows
 * come in designs: row i belongs to base point i / rows_per_base; with pick-freeze its d + 2 rows
 * are A, B and A with one input from B, else there is one. Rows A and B carry every statistic but
 * Sobol' indices. Randomization r holds base_per_randomization consecutive base points.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SWEEP_H
#define XO_SWEEP_H

#include "xo/doubt.h"

/* ---- what is asked ---- */

/* Those of the scenario's [study]: samples, sampling, indices, precision. */
struct xo_sweep_settings xo_sweep_settings_of(const struct xo_scenario *scenario);

/* ---- what varies ---- */

struct xo_sweep_input {
    int key;       /* index into xo_keys */
    char name[80]; /* "build.rent" */
    enum xo_reach reach;
    bool implied; /* not typed: the step time's error; the catalog's own spread of a guess */
    double base;  /* the scenario's own value, in the key's base unit */
    double p05, p10, p50, p90, p95;
    double base_frac; /* of the distribution below the scenario's own value; NAN: it has none */
};

/* ---- one row ---- */

/* All doubles, so that a file of them with 17 digits brings a row back to the bit. */
struct xo_sweep_row {
    double crossover;   /* requests a month at which building becomes cheaper first; 0: it is below
                           the range already; INFINITY: not within it */
    double stays_above; /* build is cheaper at every volume of the range above; 0 and INFINITY as
                           above */
    double n_crossings; /* of either direction, in the range */
    double volume;      /* planned, requests a month; of the columns below */
    double usd[XO_N_WAYS]; /* a month; NAN: there is no such way, or no fleet meets the SLO */
    double saving_usd;     /* buy - build; NAN where build is */
    double replicas, gpus; /* serving + headroom + spare; NAN where build is */
    double option, api;    /* the cheapest; -1: none */
    double buy_limited; /* 1: the API's rate limit is below the busiest minute; its bill stands */
    double noise_usd;   /* what one draw of simulation and surrogate error changes the saving by */
    double idle_usd; /* the scenario's own fleet standing idle in this world: the most that having
                        chosen to build can cost beyond buying after all; NAN: it has none */
};
enum { XO_SWEEP_ROW_FIELDS = 12 + XO_N_WAYS };
/* What a double of such a row is called, and its unit; NULL: that of a key. */
struct xo_field {
    const char *name, *unit;
};
extern const struct xo_field xo_sweep_fields[]; /* [XO_SWEEP_ROW_FIELDS] in the struct's order */

/* ---- the answer ---- */

/* 95 % intervals. Random: order statistics (quantiles), Wilson (shares), Student's t (means),
 * bootstrap over base points (indices). Latin and Sobol': t over randomizations (indices: t of the
 * delete-one jackknife over them). lo and hi are NAN where there is none. All but those of
 * `convergence` are widened by the error of the capacities, which all samples share. */
struct xo_sweep_volumes { /* 0: below the range; INFINITY: above it, if ever */
    struct xo_interval p05, p50, p95;
};
enum xo_sweep_output { XO_OUTPUT_SAVING, XO_OUTPUT_BUILD_WINS, XO_OUTPUT_CROSSOVER, XO_N_OUTPUTS };
struct xo_sweep_output_stats {
    bool exists; /* in every row: else no indices. The saving is that of choosing to build (see
                    xo_sweep_chosen_usd); the crossover is log10, censored to the range */
    double mean, variance;
    double censored_share; /* of the crossover */
};
struct xo_tornado {   /* one input at P10 and P90, the others at base */
    double low, high; /* values of the input */
    double saving_low_usd, saving_high_usd;
    double crossover_low, crossover_high; /* as in a row */
};
struct xo_sweep_answer { /* of one input */
    struct xo_sweep_indices indices[XO_N_OUTPUTS];
    struct xo_interval prcc_saving, prcc_crossover; /* partial rank correlation */
    struct xo_interval evppi_usd; /* a month: what knowing this input exactly is worth */
    struct xo_tornado tornado;
};
struct xo_convergence {
    int64_t n_rows;
    double median, lo, hi; /* of the crossover */
    double build_wins, build_wins_lo, build_wins_hi;
};
struct xo_fan { /* a cost line over volume */
    double volume;
    double p05[XO_N_WAYS], p50[XO_N_WAYS], p95[XO_N_WAYS]; /* NAN where no row has it */
};
enum { XO_MAX_CONVERGENCE = 64, XO_N_FAN = 33 };
enum { XO_MAX_SWEEP_NOTES = 12 };
struct xo_sweep_correlation { /* Spearman's, of two inputs */
    int a, b;
    double asked, achieved; /* ties of discrete inputs take some of it away */
};
struct xo_sweep_result {
    int64_t n_rows, n_base, n_distribution; /* rows run; base points; rows A and B */
    int n_randomizations;                   /* 1: plain Monte Carlo */
    enum xo_sampling sampling;              /* as used; a note says why where it was changed */
    enum xo_indices indices;                /* PICK_FREEZE or GIVEN_DATA */
    bool stopped_early;                     /* `precision` was reached */
    double min_volume, max_volume;          /* the range */

    struct xo_sweep_volumes crossover, stays_above;
    struct xo_interval exists, below, never; /* shares: a crossing to build in the range, build
                                                cheaper below it already, neither */
    double infeasible_share, buy_limited_share;
    struct xo_interval build_wins; /* P(build is cheaper at the planned volume); infeasible: not */
    double build_wins_se;
    struct xo_interval saving_mean, saving_p05, saving_p50, saving_p95; /* feasible rows */

    /* USD a month over all rows, by xo_sweep_chosen_usd: what choosing without knowing costs on
       average */
    struct xo_interval regret_buy, regret_build, evpi; /* evpi: the smaller of the two */
    int64_t n_tail; /* samples: the one in 200 with the largest values; their shares of the sums */
    double tail_of_regret_buy, tail_of_regret_build, tail_of_saving; /* NAN: the sum is 0 */
    double input_variance, noise_variance; /* of the saving: inputs; simulation and surrogate */

    double base_saving_usd, base_crossover; /* of the scenario as it stands: a tornado's middle */
    int n_inputs;
    struct xo_sweep_answer inputs[XO_SWEEP_MAX_INPUTS];
    struct xo_sweep_output_stats outputs[XO_N_OUTPUTS];
    int n_correlations;
    struct xo_sweep_correlation correlations[XO_MAX_CORRELATIONS]; /* as [uncertain] lists them */
    int n_convergence;
    struct xo_convergence convergence[XO_MAX_CONVERGENCE];
    struct xo_fan fan[XO_N_FAN];
    int n_fan_rows; /* draws behind the fan */

    int n_surrogates;
    struct xo_surrogate_report surrogates[XO_MAX_SURROGATES];
    int n_confirmed; /* capacities simulated for samples that make much of a mean; used as found */
    int n_searches;  /* capacities simulated in all, the base ladders' rungs among them */
    int64_t n_simulated; /* requests */
    int64_t n_reused;    /* rows that ran no simulation of their own: all */
    int n_notes;
    char notes[XO_MAX_SWEEP_NOTES][XO_SWEEP_NOTE_SIZE]; /* one sentence each, for people */
};

/* What choosing to build saves in a row: its saving, but never less than minus the bill of the
 * scenario's own fleet standing idle, for whoever needs a larger one, or finds that none meets the
 * SLO, buys after all. NAN: there is neither. */
double xo_sweep_chosen_usd(const struct xo_sweep_row *row);

/* ---- in one go ---- */

/* Called with finished rows from..to-1, in order, from the calling thread: to write samples as they
 * come. False stops the sweep with *err. */
typedef bool xo_sweep_rows_fn(void *self, int64_t from, int64_t to,
                              const struct xo_sweep_row rows[], struct xo_error *err);

/* Everything, on this process's threads. *rows [result->n_rows] and *result are the caller's to
 * free(); `take` may be NULL. XO_ERR_INPUT for a closed loop, no [buy] or no [build], fewer samples
 * than a design needs, pick-freeze of correlated inputs; _MEMORY, _NUMERIC, _STOPPED. */
struct xo_sweep;
XO_MUST_USE bool xo_sweep_run(struct xo_sweep *sweep, struct xo_sweep_row **rows,
                              struct xo_sweep_result **result, xo_sweep_rows_fn *take, void *self,
                              struct xo_error *err);

/* ---- step by step ---- */

/* `scenario` and `options` are borrowed. Fails as xo_sweep_run does for what cannot be. */
XO_MUST_USE bool xo_sweep_new(struct xo_sweep **sweep, const struct xo_scenario *scenario,
                              const struct xo_sweep_settings *settings,
                              const struct xo_study_options *options, struct xo_error *err);
void xo_sweep_free(struct xo_sweep *sweep);

/* What it simulates; owned by the sweep. */
struct xo_worlds *xo_sweep_worlds(struct xo_sweep *sweep);

/* Rows of the whole design: settings.n_samples or a little less. */
int64_t xo_sweep_n_rows(const struct xo_sweep *sweep);
int xo_sweep_rows_per_base(const struct xo_sweep *sweep);
int64_t xo_sweep_base_per_randomization(const struct xo_sweep *sweep);
/* The inputs in order, [*n]; borrowed. */
const struct xo_sweep_input *xo_sweep_inputs(const struct xo_sweep *sweep, int *n);
/* Values of row `row`, [n_inputs], in the keys' base units; needs no simulation. */
void xo_sweep_values(const struct xo_sweep *sweep, int64_t row, double values[]);
/* The scenario, settings and inputs that rows depend on, hashed: rows of another one do not fit. */
uint64_t xo_sweep_hash(const struct xo_sweep *sweep);

/* Rows from..to-1 into rows[to - from], on options->n_threads. After all tasks. */
XO_MUST_USE bool xo_sweep_run_range(const struct xo_sweep *sweep, int64_t from, int64_t to,
                                    struct xo_sweep_row rows[], struct xo_error *err);

/* With `precision`, a sweep may end at fixed prefixes alone. The smallest of them above `done`
 * rows; the last is xo_sweep_n_rows. */
int64_t xo_sweep_next_look(const struct xo_sweep *sweep, int64_t done);
/* Are the first n_rows, a look, precise enough? Always false without `precision`. */
bool xo_sweep_enough(const struct xo_sweep *sweep, const struct xo_sweep_row rows[],
                     int64_t n_rows);

/* Statistics of the first n_rows, a look or all; *result is the caller's to free(). */
XO_MUST_USE bool xo_sweep_finish(const struct xo_sweep *sweep, const struct xo_sweep_row rows[],
                                 int64_t n_rows, struct xo_sweep_result **result,
                                 struct xo_error *err);

#endif
