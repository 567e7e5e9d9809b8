/* json.h - JSON whose failures stick, and the objects that several studies have.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_OUT_JSON_H
#define XO_REPORT_OUT_JSON_H

#include "base/buffer.h"
#include "xo/report.h"
#include <jansson.h>

/* A failed allocation or insertion sticks. */
struct xo_json {
    bool failed;
};
json_t *xo_json_object(struct xo_json *j);
json_t *xo_json_array(struct xo_json *j);
void xo_json_put(struct xo_json *j, json_t *object, const char *key, json_t *value); /* steals */
void xo_json_append(struct xo_json *j, json_t *array, json_t *value);                /* steals */
json_t *xo_json_number(double value); /* null when not finite; an integer when it is one */
json_t *xo_json_text(const char *text);
/* Put the text of *root, every number in its shortest exact form, into buf, and free root. */
void xo_json_dump(struct xo_json *j, json_t *root, struct xo_buf *buf);

json_t *xo_json_bill(struct xo_json *j, const struct xo_bill *bill);
json_t *xo_json_metrics(struct xo_json *j, const struct xo_point_metrics *m,
                        const struct xo_scenario *s);
json_t *xo_json_infeasible(struct xo_json *j, const struct xo_scenario *s, int option,
                           const struct xo_infeasible *why);
json_t *xo_json_edge(struct xo_json *j, const struct xo_scenario *s, const struct xo_edge *edge);
/* What is known of surrogates of capacity: an array. */
json_t *xo_json_surrogates(struct xo_json *j, const struct xo_scenario *s,
                           const struct xo_surrogate_report reports[], int n);
json_t *xo_json_notes(struct xo_json *j, int n, const char notes[][XO_SWEEP_NOTE_SIZE]);
json_t *xo_json_unserved(struct xo_json *j, const struct xo_unserved *unserved);
json_t *xo_json_reshaped(struct xo_json *j, const struct xo_scenario *s);
json_t *xo_json_scenario(struct xo_json *j, const struct xo_scenario *s);
json_t *xo_json_ledger(struct xo_json *j, const struct xo_scenario *s);
/* Classes whose shared prefix does not simply stay in the cache of the API: an array. */
json_t *xo_json_cache(struct xo_json *j, const struct xo_scenario *s, double volume, int api);

#endif
