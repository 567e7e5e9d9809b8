/* sweep.h - what the pages, tables and pictures of a sweep or map share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_PAGE_SWEEP_H
#define XO_REPORT_PAGE_SWEEP_H

#include "page.h"

/* Indices of key[n] from the largest down, NAN last; of equal ones the first comes first. */
void xo_order_down(const double key[], int n, int order[]);
double xo_swing(const struct xo_tornado *tornado); /* of the saving, from end to end */
/* Inputs in order of what they explain of the saving at plan, strongest first; order[n_inputs]. */
void xo_sweep_order(const struct xo_sweep_report *r, int order[XO_SWEEP_MAX_INPUTS]);
/* Whether row `row` is of the joint distribution (A and B of pick-freeze). */
bool xo_sweep_is_sample(const struct xo_sweep_result *result, int64_t row);
/* P5, P50 and P95 over samples of what this build saves by unit; NAN where none has a saving. False
 * when out of memory. */
bool xo_sweep_unit_saving(const struct xo_sweep_report *r, double usd[3]);
/* Is the middle sample's difference under [scenario] materiality, a share of the cheaper bill? */
bool xo_sweep_is_immaterial(const struct xo_sweep_report *r);
const char *xo_call_name(enum xo_call call);
/* "5.9 M", "under 15 k", "over 150 M", "-": a volume of a sweep, 0 and INFINITY outside it. */
const char *xo_say_volume(struct xo_words *w, const struct xo_sweep_result *result, double volume);
/* "becomes cheaper at 6.6 M requests a month (P5 4.1 M, P95 11 M)", or that it does not. */
const char *xo_say_crossing(struct xo_words *w, const struct xo_sweep_result *result);
/* Where a value stands on an axis of a map, in cells from 0 to n - 1. */
double xo_map_index(const struct xo_map_axis *axis, double value);
void xo_sweep_page(struct page *page, const struct xo_sweep_report *r);
char *xo_sweep_title(const struct xo_sweep_report *r); /* the finding in one line; heap */
char *xo_map_title(const struct xo_scenario *s, const struct xo_map_result *m); /* heap */

#endif
