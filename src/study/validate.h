/* validate.h - within the study: errors of predictions, grouped.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STUDY_VALIDATE_H
#define XO_STUDY_VALIDATE_H

#include "xo/validate.h"

/* Fill the scores and the board from the rows. */
XO_MUST_USE bool score_all(struct xo_validation *v, struct xo_error *err);

#endif
