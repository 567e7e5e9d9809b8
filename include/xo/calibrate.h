/* xo/calibrate.h - the fitted constants of one deployment, from a handful of its own benchmark
 * rows.
 *
 * A request log with times counts as several rows: its requests in order of arrival, cut into
 * parts, each measured while the whole is simulated.
 *
 * Constants are varied around their defaults, each with the spread that it has between deployments
 * (xo_constants), until the simulated rows agree with the measured ones; what the rows cannot tell
 * stays where it was. Then rows are left out by turns, and if a fit to the others does not predict
 * them better than the defaults did, the defaults stay.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_CALIBRATE_H
#define XO_CALIBRATE_H

#include "xo/measured.h"
#include "xo/validate.h"

enum { XO_MAX_FITTED = XO_N_CONSTANTS + 1, XO_LEAST_ROWS = 3 };

/* One constant that the rows reach. */
struct xo_fitted {
    const char *name;     /* key of [build]: "mbu_weights", "frontend" */
    bool is_time;         /* in s; else a share or a factor */
    double before, after; /* in its own unit; alike when the defaults are kept */
    double fit, lo, hi;   /* of the fit, with its 95 % interval */
    double width_frac;    /* how wide it is left, over what was not known of it before: 0 to 1 */
};
/* Above this width the rows do not say what a constant is; it may still have moved with others. */
#define XO_UNKNOWN_WIDTH 0.9

struct xo_calibrated_row {
    size_t row;                                         /* of measured->rows */
    int part;                                           /* of a request log, from 1; 0: not cut */
    double measured[XO_N_MEASURES];                     /* of that part */
    double before[XO_N_MEASURES], after[XO_N_MEASURES]; /* predicted */
    double left_out[XO_N_MEASURES]; /* by a fit that had not seen the row (nor its fold) */
};

/* Median absolute errors of one measure over the rows that have it. */
struct xo_calibration_error {
    int n;
    double before_frac, after_frac, left_out_frac; /* NAN where n is 0 */
};

struct xo_calibration {
    const struct xo_measured *measured; /* borrowed */
    char deployment[XO_TITLE_SIZE];     /* as xo_deployment_label says it */
    struct xo_calibrated_row *rows;     /* [n_rows] in the order of the file; owned */
    size_t n_rows, n_skipped;
    char why_skipped[400]; /* the first that was, with its line; "" : none */

    struct xo_fitted fitted[XO_MAX_FITTED];
    int n_fitted;
    bool kept; /* leaving rows out showed no gain: the constants stay as they were */
    struct xo_calibration_error errors[XO_N_MEASURES];
    struct xo_calibration_error logs[XO_N_MEASURES]; /* of the means of whole request logs */
    int n_folds, fold_rows;                          /* so often so many rows were left out */
    double scatter_frac; /* of a TPOT around the fit, one standard deviation */
    int64_t n_simulated; /* runs of a row */
};

/* Fit the only option of the scenario's [build] to its rows in `measured`; rows of other
 * deployments are skipped and counted. Constants start at their defaults, or where the scenario
 * itself sets them; an included file of constants counts as not there. XO_ERR_INPUT: no [build],
 * several options, or fewer than XO_LEAST_ROWS rows. Results do not depend on the threads. The
 * caller frees it. */
XO_MUST_USE bool xo_calibrate(struct xo_calibration **calibration,
                              const struct xo_scenario *scenario,
                              const struct xo_measured *measured,
                              const struct xo_study_options *options, struct xo_error *err);
void xo_calibration_free(struct xo_calibration *calibration);

#endif
