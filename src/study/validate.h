/* validate.h - within the study: errors of predictions, grouped.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STUDY_VALIDATE_H
#define XO_STUDY_VALIDATE_H

#include "xo/validate.h"

/* Simulate a row by p->plan: fills the predictions and the KV room of *p. */
XO_MUST_USE bool row_simulate(const struct xo_measured_row *row, const volatile int *stop,
                              struct xo_prediction *p, struct xo_error *err);

/* Fill the scores and the board from the rows. */
XO_MUST_USE bool score_all(struct xo_validation *v, struct xo_error *err);

#endif
