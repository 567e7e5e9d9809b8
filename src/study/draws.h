/* draws.h - how sure: the curve's lines and crossings over what is not known. Private to study.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_STUDY_DRAWS_H
#define XO_STUDY_DRAWS_H

#include "doubt/sample.h"
#include "doubt/worlds.h"
#include "xo/study.h"

/* Fill in the bands, shares and odds of *curve, whose points and base-case crossings stand. */
XO_MUST_USE bool draws_run(struct xo_curve *curve, const struct xo_worlds *worlds,
                           const struct inputs *inputs, struct xo_error *err);

#endif
