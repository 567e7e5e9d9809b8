/* calibrate.h - rows of one deployment and the fit of its constants to them. Private to evidence.
 *
 * A simulated time hardly bends in the factors of the constants' times, so between simulations it
 * is a plane: y = y_c * pace * (1 + sum_i s_i (exp(t_i - c_i) - 1)) + front end, with slopes s_i
 * from simulations of the same traffic 2 % away from the centre c (docs/validation.md,
 * "Calibration"). The fit runs on the plane, is confirmed by simulating where it ends, and starts
 * again from there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_EVIDENCE_CALIBRATE_H
#define XO_EVIDENCE_CALIBRATE_H

#include "validate.h"
#include "xo/calibrate.h"

enum { MAX_PARAMETERS = XO_MAX_FITTED, FRONTEND = XO_N_CONSTANTS };

/* One row and how it is simulated with the constants as they are. */
struct trial {
    const struct xo_measured_row *row; /* borrowed */
    struct xo_row_plan plan;
    double before[XO_N_MEASURES];
};

/* What a constant is fitted as: the logarithm of the factor on the times it stands for; the front
 * end: seconds. 0 is where it was. */
struct parameter {
    int constant;             /* index into xo_constants, or FRONTEND */
    const struct xo_key *key; /* of [build], with its name, its unit and its range */
    double sd;                /* prior */
    double least;             /* where the constant leaves its range */
};

struct observation {
    int trial;
    enum xo_measure measure;
    double measured, sd; /* a time, or the inverse of a throughput; of its logarithm */
};

/* The planes of all observations at a centre. */
struct planes {
    double centre[MAX_PARAMETERS];
    double *at;     /* [n_observations] */
    double *slopes; /* [n_observations][n_parameters]; of the front end: of seconds */
};

struct fitting {
    struct trial *trials; /* [n_trials] borrowed */
    int n_trials;
    struct parameter parameters[MAX_PARAMETERS];
    int n_parameters;
    struct observation *observations; /* [n_observations] owned */
    int n_observations;
    struct planes planes;
    const struct xo_study_options *options;
    int64_t n_simulated;
};

/* What a fit found. */
struct estimate {
    double at[MAX_PARAMETERS], sd[MAX_PARAMETERS];
    double scale; /* of the observations' noise: 1 as expected */
};

/* Observations of the trials, whose `before` is filled here; parameters that they reach. False with
 * XO_ERR_MEMORY, _STOPPED or, when a row cannot be simulated, _INPUT. */
XO_MUST_USE bool fitting_init(struct fitting *f, struct trial *trials, int n_trials,
                              const struct xo_study_options *options, struct xo_error *err);
void fitting_fini(struct fitting *f);

/* Fit to the trials with left_out[trial] == false (NULL: all), on the planes as they are. */
XO_MUST_USE bool fitting_solve(const struct fitting *f, const bool left_out[],
                               struct estimate *estimate, struct xo_error *err);
/* Fit to all trials, moving the planes until a simulation confirms them. */
XO_MUST_USE bool fitting_run(struct fitting *f, struct estimate *estimate, struct xo_error *err);
/* Simulate the trials of which[] (NULL: all) at `at`: predicted[n_trials][XO_N_MEASURES]. */
XO_MUST_USE bool fitting_simulate(struct fitting *f, const double at[], const bool which[],
                                  double (*predicted)[XO_N_MEASURES], struct xo_error *err);
/* Minus the log of the likelihood of the trials of which[] (NULL: all) under those predictions. */
double fitting_misfit(const struct fitting *f, const bool which[],
                      const double (*predicted)[XO_N_MEASURES], double scale);
/* The same of all trials, their TTFT left out. */
double fitting_pace_misfit(const struct fitting *f, const double (*predicted)[XO_N_MEASURES]);
/* The plan's constants with the parameters at `at`. */
void fitting_apply(const struct fitting *f, const double at[], struct xo_row_plan *plan);

/* All of it: fit, leave out, decide. `calibration` is filled but for measured and what was skipped.
 */
XO_MUST_USE bool calibrate_trials(struct xo_calibration *calibration, struct trial *trials,
                                  int n_trials, const struct xo_study_options *options,
                                  struct xo_error *err);

#endif
