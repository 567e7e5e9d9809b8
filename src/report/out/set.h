/* set.h - NAME.set: what the data decide of a picture, as variables and arrays of gnuplot.
 *
 * plots/NAME.gp draws and styles; it reads the words, ranges, tics and places of labels from here.
 * User text goes into single quotes with quotes doubled, where gnuplot expands nothing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_SET_H
#define XO_REPORT_SET_H

#include "plot.h"

/* Rows of parallel arrays: "end_n = 2", "array end_text[2]", "end_text[1] = 'buy'; end_y[1] = 0.5".
 */
struct set_list {
    const char *role;        /* "end" */
    int n, n_columns, panel; /* panel: of the tics that are added, 0: none */
    const char *columns[12];
    struct xo_buf rows;
};
void set_row(struct set_list *list); /* begins one; its cells follow */
void set_cell(struct set_list *list, const char *column, double value);
void set_place(struct set_list *list, const char *column, double pixels, int page); /* of PAGE_W */
void set_cell_text(struct set_list *list, const char *column, const char *text, size_t columns);
/* A row of a text and where it stands, in pixels of the page. */
void set_label(struct set_list *list, const char *text, size_t columns, double x, double y);
void set_list_put(struct xo_buf *set, struct set_list *list); /* and empties it */

void set_open(struct xo_buf *set, const char *name);
void set_number(struct xo_buf *set, const char *name, double value); /* NaN where not finite */
void set_flag(struct xo_buf *set, const char *name, bool value);
/* Words `from` to `to`, that one left out, parted by blanks, as programs loop over them; of none
 * nothing is set. */
void set_words(struct xo_buf *set, const char *name, const char *const words[], int from, int to);
void set_text(struct xo_buf *set, const char *name, const char *text, size_t columns);

/* Title, subtitle and provenance of a page; returns the y (pixels) below them. */
double set_page(struct xo_buf *set, const char *title, const char *subtitle, const char *source);
/* The same for any study; `effort`: "200 draws, 1.2 M requests simulated". */
double set_study_page(struct xo_buf *set, const struct xo_scenario *s, const char *effort,
                      const char *title, const char *subtitle);
double set_curve_page(struct xo_buf *set, const struct xo_curve *c, const char *title,
                      const char *subtitle);
/* "panel_left = 0.08" and so on, parts of the page; `name` is "panel" where there is one alone. */
void set_panel(struct xo_buf *set, const char *name, const struct panel *p);
double set_sweep_page(struct xo_buf *set, const struct xo_sweep_report *r, const char *title,
                      const char *subtitle);
/* "y_lo", "y_hi" */
void set_range(struct xo_buf *set, const char *axis, double lo, double hi);
/* A row of a list of tics: "text", "at", "minor". gnuplot reads a tic's text as a format. */
void set_tic(struct set_list *tics, const char *text, double at, bool minor);
/* Tics of a logarithmic axis from lo to hi, both finite: "role_text", "role_at", "role_minor".
 * Where hi is hardly above lo they are even steps. */
void set_log_tics(struct xo_buf *set, const char *role, double lo, double hi, double scale,
                  const char *(*say)(char *, size_t, double));
/* The same added to a list that holds the tics of several panels, with "panel" the number of one.
 */
void set_panel_tics(struct set_list *tics, int panel, double lo, double hi,
                    const char *(*say)(char *, size_t, double));
/* x_lo, x_hi and tics of a volume axis: "xtic" in requests and, where asked, "x2tic" in tokens. */
void set_volume_axis(struct xo_buf *set, const struct xo_curve *c, bool tokens);
/* Names at the right end of lines, moved apart where they would touch: "end". */
void set_end_labels(struct xo_buf *set, const struct panel *p, struct end_label labels[], int n);
/* "your plan: 10 M": plan_volume, and its label "plan" where a clutter finds it a place. */
void set_plan(struct xo_buf *set, const struct panel *p, struct clutter *clutter,
              const struct xo_curve *c);
/* The grey band of the first crossing's range: "band", of no or one row. */
void set_crossing_band(struct xo_buf *set, const struct xo_curve *c);

/* The program that draws a picture, as it is compiled in; NULL: none has this name. "common": what
 * all share. */
const char *set_program(const char *name);
int set_n_programs(void);
const char *set_program_name(int i);

#endif
