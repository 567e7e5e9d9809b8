/* plot.h - what the plots share: panels, places for labels, words of axes, the staircase.
 *
 * A page is 1400 x 900 pixels. Where labels stand is worked out here in pixels, so that they cover
 * neither a line nor each other nor the edge; the programs of plots/ only draw. User text goes into
 * single quotes with quotes doubled, where gnuplot expands nothing, and terminals are noenhanced.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_PLOT_H
#define XO_REPORT_PLOT_H

#include "pictures.h"
#include "report/words/words.h"

enum { PAGE_W = 1400, PAGE_H = 900 };

#define DOT "\xC2\xB7" /* a middle dot between the parts of a line */

/* A rectangle of the page that shows data: x is log10 of requests a month; y is whatever the plot
 * made of it (log10 of dollars, asinh). */
struct panel {
    double left, right, bottom, top; /* pixels, from the page's lower left corner */
    double x_lo, x_hi, y_lo, y_hi;
};
double panel_x(const struct panel *p, double x); /* pixels */
double panel_y(const struct panel *p, double y);

/* What labels must keep off. */
struct spot {
    double x, y;
};
struct box {
    double x, y, w, h; /* lower left corner, pixels */
};
struct clutter {
    struct spot *spots; /* owned: points along the lines */
    size_t n_spots, spots_room;
    struct box boxes[32];
    int n_boxes;
};
void clutter_add_line(struct clutter *c, double x0, double y0, double x1, double y1); /* pixels */
void clutter_add_box(struct clutter *c, struct box box);
void clutter_fini(struct clutter *c);
/* The best place of a w x h box inside the panel for a label of what stands at (x, y); it is added
 * to the clutter. */
struct box clutter_place(struct clutter *c, const struct panel *p, double x, double y, double w,
                         double h);

void gp_text(struct xo_buf *buf, const char *text, size_t columns); /* 'quoted' */
double text_width(const char *text, double points);                 /* pixels, DejaVu Sans */

/* Heap copies of at most `most` lines of a text wrapped at `columns`, the last one with all that is
 * left; how many, -1: out of memory. */
int gp_break(const char *text, size_t columns, int most, char *lines[]);
/* A volume outside the swept range (0, INFINITY) at its end; NAN stays. */
double within_range(const struct xo_sweep_result *s, double volume);
/* The step of even tics: 1, 2, 5 or 10 of the decade of `rough`, at least that. */
double gp_round_step(double rough);
const char *gp_say_count(char *out, size_t size, double value);
const char *gp_say_usd(char *out, size_t size, double value);
const char *gp_say_duration(char *out, size_t size, double value);
/* The x range of a curve in log10, widened by 1e-6 so that tics at the ends are drawn. */
void volume_range(const struct xo_curve *c, struct panel *p);

/* Names at the right end of lines, moved apart where they would touch. */
struct end_label {
    double y;       /* pixels: where its line ends */
    const char *of; /* "buy": whose colour it has */
    char name[64], note[64];
};
/* Sorts them from the lowest and says where each stands; at[n]. */
void gp_spread_ends(const struct panel *p, struct end_label labels[], double at[], int n);
/* Whether two sides are held against each other: crossings are drawn. */
bool curve_compares(const struct xo_curve *c);

/* The build's staircase: points of the curve and, between them, the two corners of each riser where
 * the ladder puts it. Other series are read between their neighbours (exact for a straight line).
 */
struct stair {
    double volume, usd[XO_N_WAYS], napkin_usd;
    struct xo_band band[XO_N_WAYS];
    bool limited[XO_N_WAYS], corner;
};
struct stairs_path {
    struct stair *at; /* owned */
    size_t n, room;
};
XO_MUST_USE bool stairs_read(struct stairs_path *path, const struct xo_curve *c);

#endif
