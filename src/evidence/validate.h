/* validate.h - within the study: errors of predictions, grouped.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_EVIDENCE_VALIDATE_H
#define XO_EVIDENCE_VALIDATE_H

#include "xo/validate.h"

/* Simulate a row by p->plan: fills the predictions and the KV room of *p. */
XO_MUST_USE bool row_simulate(const struct xo_measured_row *row, const volatile int *stop,
                              struct xo_prediction *p, struct xo_error *err);

/* Fill the scores and the board from the rows. */
XO_MUST_USE bool score_all(struct xo_validation *v, struct xo_error *err);
/* The error of a row that a score may count: the throughput of an open loop is what was offered,
 * whatever the model says, and proves nothing: NAN. */
double scored_error(const struct xo_validation *v, size_t row, enum xo_measure measure);
/* Quality A, B or none. */
bool row_counts(const struct xo_measured_row *row);

/* Fill the series, and of the rows what they need of KV and their saturation. */
XO_MUST_USE bool find_saturation(struct xo_validation *v, struct xo_error *err);
/* Fill the targets, after that. */
XO_MUST_USE bool judge_targets(struct xo_validation *v, struct xo_error *err);

#endif
