/* validate.h - what the pages, tables and pictures of a validation share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_PAGE_VALIDATE_H
#define XO_REPORT_PAGE_VALIDATE_H

#include "page.h"

/* ---- measures (page/validate.c) ---- */
/* NULL: the group has none of this measure. */
const struct xo_score *xo_score_find(const struct xo_validation *v, const char *by,
                                     const char *group, enum xo_measure measure);
const char *xo_measure_name(enum xo_measure measure); /* in files: "tpot_s" */
const char *xo_measure_unit(enum xo_measure measure); /* "s" */
const char *xo_measure_head(enum xo_measure measure); /* on paper: "TPOT" */

/* ---- targets, knees, request logs of a validation (page/targets.c, page/validate_md.c) ---- */
const char *xo_target_asked(char out[64], const struct xo_target *t);   /* at most 15 % or 20 ms */
const char *xo_target_reached(char out[64], const struct xo_target *t); /* 21 % or 24 ms */
const char *xo_target_of(char out[64], const struct xo_target *t);      /* 554 rows, 75 % within */
const char *xo_target_verdict(const struct xo_target *t);               /* met, missed, - */
/* Series, or those that KV limits alone, and how many have their knees one step apart at most. */
void xo_count_knees(const struct xo_validation *v, bool kv_limited, int *n, int *near);
void xo_put_targets(struct page *page, const struct xo_validation *v);
bool xo_has_logs(const struct xo_validation *v);
/* The table of errors in percent, each by `format`. */
void xo_put_logs(struct page *page, const struct xo_validation *v, const char *head,
                 const char *format);
json_t *xo_targets_json(struct xo_json *j, const struct xo_validation *v);
void xo_put_validation_md(struct xo_buf *buf, const struct xo_validation *v);

#endif
