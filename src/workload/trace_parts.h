/* trace_parts.h - what reading a trace is made of: lines, columns, stamps, their unit, what lies
 * out of place.
 *
 * Lines (base/delimited.h) become rows with a raw stamp (trace_columns.c, trace_date.c); when all
 * are there, their unit is settled (trace_unit.c), then strays and holes (trace_gaps.c). trace.c
 * goes through these steps. None of them is seen outside this room.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SRC_WORKLOAD_TRACE_PARTS_H
#define XO_SRC_WORKLOAD_TRACE_PARTS_H

#include "xo/workload.h"

/* ---- trace_date.c ---- */

struct xo_trace_date {
    int64_t whole_s; /* since 1970-01-01 in universal time */
    double frac_s;
    bool has_zone;
};
/* The whole of "2023-11-16 18:17:03.9799600", "T" for the blank, Z, +01:00, +0100 or +01 behind it.
 */
XO_MUST_USE bool xo_trace_date_read(const char *text, struct xo_trace_date *date);
/* The same back as text, to the millisecond: "2023-11-16 18:17:03.980". */
void xo_trace_date_text(char out[XO_TRACE_STAMP_SIZE], int64_t whole_s, double frac_s);

/* ---- trace_columns.c ---- */

enum { XO_TRACE_TIME, XO_TRACE_PROMPT, XO_TRACE_OUTPUT, XO_TRACE_N_COLUMNS };
/* Whose names the columns have: of two sets the unit is documented. */
enum xo_trace_family { XO_TRACE_PLAIN, XO_TRACE_MOONCAKE, XO_TRACE_BAILIAN };
struct xo_trace_columns {
    char names[XO_TRACE_N_COLUMNS][48]; /* as the file has them */
    int at[XO_TRACE_N_COLUMNS];         /* where in a line */
    enum xo_trace_unit unit;            /* that the name or the format says; AUTO: none */
    enum xo_trace_family family;
};
/* Find the three columns among names[n], by the formats of xo_trace_read or by synonyms. False:
 * *why says which column is missing or is there twice, as the end of a sentence. */
XO_MUST_USE bool xo_trace_columns_find(struct xo_trace_columns *columns, const char *const names[],
                                       int n, struct xo_error *why);
/* How many of the three are among names[n]. */
int xo_trace_columns_count(const char *const names[], int n);

/* ---- rows ---- */

/* Stamps as the file has them, dates as seconds from the first date. */
struct xo_trace_row {
    double raw;
    long line;
    int64_t chat, parent; /* of a chat turn; -1: not said */
    int32_t prompt_tokens, output_tokens;
};

/* ---- trace_gaps.c ---- */

/* A stretch of rows between two gaps that are out of place. */
struct xo_trace_segment {
    size_t first, n;
    bool is_stray;
    double shift_s; /* how much earlier its rows come once holes are taken out */
};
struct xo_trace_cuts {
    struct xo_trace_segment *segments; /* [n_segments] owned; one when nothing is out of place */
    size_t n_segments, room;
    size_t n_kept;
    double period_s; /* of what is kept; one mean gap longer than from the first to the last */
    size_t n_strays; /* rows */
    int n_holes;
    double cut_s;         /* taken out in all */
    bool is_scheduled;    /* the holes come back like a schedule, so they stay: shifts are 0 */
    double open_period_s; /* the period if scheduled holes were taken out; else period_s */
};
/* What lies out of place in when_s[n], ascending, n >= 2; with keep_gaps nothing does, and all rows
 * are one segment. */
XO_MUST_USE bool xo_trace_cuts_find(struct xo_trace_cuts *cuts, const double when_s[], size_t n,
                                    bool keep_gaps, struct xo_error *err);
void xo_trace_cuts_fini(struct xo_trace_cuts *cuts);

/* ---- trace_unit.c ---- */

/* Raw stamps in one second. */
double xo_trace_unit_per_s(enum xo_trace_unit unit);

struct xo_trace_stamps {
    const struct xo_trace_row *rows; /* [n] in order of time */
    size_t n;
    const struct xo_trace_columns *columns;
    const struct xo_trace_options *options;
    const char *path;
};
/* The unit of the stamps, from options, the column's name or the stamps themselves; notes->unit and
 * what goes with it. Fails with XO_ERR_INPUT where it is not clear. */
XO_MUST_USE bool xo_trace_unit_settle(const struct xo_trace_stamps *stamps,
                                      struct xo_trace_notes *notes, struct xo_error *err);

#endif
