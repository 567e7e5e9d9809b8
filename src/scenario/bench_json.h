/* bench_json.h - benchmark results in JSON, turned into CSV (bench_json.c).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SCENARIO_BENCH_JSON_H
#define XO_SCENARIO_BENCH_JSON_H

#include "xo/scenario.h"

struct bench_json {
    char *csv;  /* a header and a row for each result; owned */
    int *lines; /* [n] of the JSON, where each begins; owned */
    size_t n;
    int line; /* where reading stands, or has failed */
};
/* Read `text`, which is changed. What results do not say is taken from the first option of `s`,
 * which may be NULL. A result that was loaded in a way that is not simulated has its reason in the
 * column "refused". Fails with XO_ERR_INPUT (out->line) or _MEMORY. */
XO_MUST_USE bool bench_json_read(struct bench_json *out, char *text, const struct xo_scenario *s,
                                 struct xo_error *err);
void bench_json_fini(struct bench_json *b);

#endif
