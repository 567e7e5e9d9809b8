/* xo/validate.h - the step-time model and the engine held against measurements that others made.
 *
 * Every row is simulated the way it was run, with the constants of xo_efficiency_default and no
 * knowledge of the result. How each published collection was run (waves, lengths, engine settings)
 * is a table in src/evidence/validate.c; docs/validation.md gives sources.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_VALIDATE_H
#define XO_VALIDATE_H

#include "xo/measured.h"
#include "xo/sizing.h"

/* How a row is simulated. */
struct xo_row_plan {
    struct xo_deployment deployment; /* of one replica; chunk and batch of one attention rank */
    struct xo_engine engine;         /* of a replica: all ranks together */
    int n_replicas;
    int n_clients;      /* closed loop, or all requests at once; 0: open loop */
    int64_t n_requests; /* sent in all; then the engine runs empty */
    double requests_per_s;
    bool constant_rate;           /* else Poisson */
    double spread;                /* lengths uniform within mean*(1 -+ spread); 0: fixed */
    int32_t shared_prefix_tokens; /* of every prompt, in the cache from the start */
    double wait_steps;            /* decode steps that a request is held back before it may join */
    int stream_tokens;            /* tokens in the first piece that a client sees */
    int64_t from_request, to_request; /* of a log: those before `to` are measured; 0, 0: all */
};

/* On which side of saturation a row was measured: its series' TTFT has left its floor, or all was
 * sent at once. */
enum xo_saturation {
    XO_NO_SATURATION,
    XO_BELOW_SATURATION,
    XO_SATURATED,
    XO_N_SATURATIONS
}; /* NO_: cannot be said */

struct xo_prediction {
    bool simulated; /* false: only `why` is set */
    char why[400];  /* why it was skipped: one sentence */
    struct xo_row_plan plan;
    double predicted[XO_N_MEASURES]; /* NAN where the run gives none */
    double kv_room_tokens;           /* of one replica, for sequences of the row's mean length */
    double kv_need_frac; /* tokens of the requests in flight over that; NAN: open loop */
    enum xo_saturation saturation;
    int64_t n_preemptions, n_rejected;
};

/* Rows apart in their load alone, three loads or more. The knee is the first load from which on
 * mean TTFT stays above twice the least of the series, read alike from measured and predicted. */
struct xo_series {
    size_t row; /* the one of the least load */
    int n_loads;
    double measured_knee, predicted_knee; /* loads; NAN: beyond the last */
    int steps;                            /* of the grid of loads between the two */
    bool kv_limited;                      /* at its largest load KV runs out */
};

/* What is asked of the model, and what it reaches: a quantile of the errors of each dataset's rows,
 * then their mean over datasets; or the farthest of all request logs; or a share of series. */
struct xo_target {
    const char *name;
    double limit, limit_s; /* met by the one or by the other; limit_s 0: no other */
    double quantile;
    bool at_least; /* reached is to be at least `limit`; else at most */

    double reached, reached_s; /* NAN: no row says */
    double near_frac;          /* share of rows within limit or limit_s */
    int n, n_datasets;         /* rows, logs or series; 0 datasets: not by dataset */
    bool met;
};
enum { XO_MAX_TARGETS_OF_MODEL = 8 };

/* Signed errors predicted/measured - 1 of one measure over a group of rows. The throughput of an
 * open loop is left out: it is what was offered. */
struct xo_score {
    char by[24], group[XO_MEASURED_NAME]; /* "gpu", "H100 SXM" */
    enum xo_measure measure;
    int n;
    double median_abs_frac, p90_abs_frac, bias_frac; /* bias: median of the signed errors */
    double median_abs; /* of predicted - measured, in the measure's unit: for TTFT of a few ms */
};

/* What counts: rows of quality A and B (and '-': the file does not grade), by dataset; then the
 * mean over datasets. */
struct xo_scoreboard {
    int n_datasets;
    double median_abs_frac, p90_abs_frac;
};

struct xo_validation {
    const struct xo_measured *measured; /* borrowed */
    struct xo_prediction *rows;         /* [measured->n] owned */
    size_t n_simulated, n_skipped;
    int64_t n_requests;      /* simulated in all */
    struct xo_score *scores; /* owned: by dataset, gpu, model, engine, weights, tensor_parallel,
                                load, quality; in each, groups by name, measures in order */
    size_t n_scores;
    struct xo_scoreboard board[XO_N_MEASURES];
    struct xo_series *series; /* [n_series] owned: of the rows that count */
    size_t n_series;
    struct xo_target targets[XO_MAX_TARGETS_OF_MODEL];
    int n_targets;
};

/* The plan of a row; false with XO_ERR_INPUT, one sentence, when the row cannot be simulated. */
XO_MUST_USE bool xo_row_plan(const struct xo_measured_row *row, struct xo_row_plan *plan,
                             struct xo_error *err);

/* Simulate all rows, on options->n_threads threads; the result is the same for any number. The
 * caller frees it. */
XO_MUST_USE bool xo_validate(struct xo_validation **validation, const struct xo_measured *measured,
                             const struct xo_study_options *options, struct xo_error *err);
void xo_validation_free(struct xo_validation *validation);

/* predicted/measured - 1; NAN where one of them is not there. */
double xo_row_error(const struct xo_validation *v, size_t row, enum xo_measure measure);

#endif
