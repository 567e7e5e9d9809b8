/* plot.c - pages, axes, labels that keep clear of lines, and the staircase as it really is.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot.h"
#include "lines.h"
#include "xo/memory.h"
#include "xo/text.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

double panel_x(const struct panel *p, double x)
{
    return p->left + (x - p->x_lo) / (p->x_hi - p->x_lo) * (p->right - p->left);
}

double panel_y(const struct panel *p, double y)
{
    return p->bottom + (y - p->y_lo) / (p->y_hi - p->y_lo) * (p->top - p->bottom);
}

/* ---- places for labels ---- */

void clutter_add_line(struct clutter *c, double x0, double y0, double x1, double y1)
{
    enum { STEP = 6 };
    const double length = hypot(x1 - x0, y1 - y0);
    if (!isfinite(length))
        return;
    const int n = 1 + (int)(length / STEP);
    void *spots = c->spots;
    if (!xo_array_reserve(&spots, &c->spots_room, c->n_spots + (size_t)n + 1, sizeof *c->spots,
                          NULL))
        return; /* labels then keep clear of less */
    c->spots = spots;
    for (int i = 0; i <= n; i++)
        c->spots[c->n_spots++] = (struct spot){ x0 + (x1 - x0) * i / n, y0 + (y1 - y0) * i / n };
}

void clutter_add_box(struct clutter *c, struct box box)
{
    if (c->n_boxes < (int)(sizeof c->boxes / sizeof c->boxes[0]))
        c->boxes[c->n_boxes++] = box;
}

void clutter_fini(struct clutter *c)
{
    free(c->spots);
    *c = (struct clutter){ 0 };
}

static bool touch(const struct box *a, const struct box *b)
{
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

/* Covering a line costs most, then another label; then a short way to what is labelled. */
static double cost_of(const struct clutter *c, const struct box *box, double x, double y)
{
    enum { MARGIN = 7, SPOT_COST = 60, BOX_COST = 3000 };
    const struct box wide = { box->x - MARGIN, box->y - MARGIN, box->w + 2 * MARGIN,
                              box->h + 2 * MARGIN };
    const double dx = fmax(0, fmax(box->x - x, x - box->x - box->w));
    const double dy = fmax(0, fmax(box->y - y, y - box->y - box->h));
    double cost = hypot(dx, dy);
    for (size_t i = 0; i < c->n_spots; i++) {
        const struct box spot = { c->spots[i].x, c->spots[i].y, 0.01, 0.01 };
        cost += touch(&wide, &spot) ? SPOT_COST : 0;
    }
    for (int i = 0; i < c->n_boxes; i++)
        cost += touch(&wide, &c->boxes[i]) ? BOX_COST : 0;
    return cost;
}

struct box clutter_place(struct clutter *c, const struct panel *p, double x, double y, double w,
                         double h)
{
    enum { STEP = 12, EDGE = 8 };
    struct box best = { p->left + EDGE, p->top - h - EDGE, w, h };
    double best_cost = INFINITY;
    for (double bx = p->left + EDGE; bx + w + EDGE <= p->right; bx += STEP)
        for (double by = p->bottom + EDGE; by + h + EDGE <= p->top; by += STEP) {
            const struct box box = { bx, by, w, h };
            const double cost = cost_of(c, &box, x, y);
            if (cost < best_cost) {
                best_cost = cost;
                best = box;
            }
        }
    clutter_add_box(c, best);
    return best;
}

/* ---- text ---- */

void gp_text(struct xo_buf *buf, const char *text, size_t columns)
{
    char plain[1024];
    xo_plain(plain, sizeof plain, text, columns);
    xo_put_bytes(buf, "'", 1);
    for (const char *c = plain; *c != '\0'; c++)
        if (c[0] == '<' && c[1] == '=') {
            xo_put(buf, "\xE2\x89\xA4"); /* the sign for both */
            c++;
        } else
            xo_put_bytes(buf, *c == '\'' ? "''" : c, *c == '\'' ? 2 : 1);
    xo_put_bytes(buf, "'", 1);
}

/* Measured: DejaVu Sans takes 0.57 to 0.68 px a character and point in gnuplot's pngcairo. */
double text_width(const char *text, double points)
{
    return 0.70 * points * (double)xo_columns(text);
}

/* A dot between two parts ends a line and never begins one: glued to the part before it. */
static void put_glued(struct xo_buf *glued, const char *text)
{
    for (const char *dot; (dot = strstr(text, "  " DOT "  ")) != NULL;
         text = dot + strlen("  " DOT "  ")) {
        xo_put_bytes(glued, text, (size_t)(dot - text));
        xo_put(glued, "%c%c" DOT "  ", XO_GLUE, XO_GLUE);
    }
    xo_put(glued, "%s", text);
}

int gp_break(const char *text, size_t columns, int most, char *lines[])
{
    struct xo_buf wrapped = { 0 }, glued = { 0 };
    const size_t whole = xo_columns(text);
    int n = 0;
    put_glued(&glued, text);
    const bool two = whole > columns && whole < 2 * columns - 20; /* no word alone on its line */
    xo_put_wrapped(&wrapped, glued.text != NULL ? glued.text : "",
                   (int)(two ? whole / 2 + 10 : columns));
    bool failed = glued.failed || wrapped.failed;
    xo_buf_fini(&glued);
    char *line = wrapped.text;
    while (n < most && !failed && line != NULL && *line != '\0') {
        char *end = strchr(line, '\n');
        char *next = end != NULL ? end + 1 : NULL;
        if (end != NULL && (n + 1 < most || *next == '\0'))
            *end = '\0'; /* the last line shown takes the rest, and is cut with an ellipsis */
        lines[n] = strdup(line);
        failed = lines[n] == NULL;
        n += !failed;
        line = next;
    }
    xo_buf_fini(&wrapped);
    while (failed && n > 0)
        free(lines[--n]);
    return failed ? -1 : n;
}

/* ---- axes ---- */

const char *gp_say_count(char *out, size_t size, double value)
{
    return xo_text_count(out, size, value, 3);
}

const char *gp_say_usd(char *out, size_t size, double value)
{
    char count[32];
    if (fabs(value) < 1000)
        return xo_text_usd(out, size, value, 0);
    snprintf(out, size, "%s$%s", value < 0 ? "-" : "",
             xo_text_count(count, sizeof count, fabs(value), 3));
    return out;
}

const char *gp_say_duration(char *out, size_t size, double value)
{
    return xo_text_duration(out, size, value);
}

/* 1, 2 or 5 of a decade, at least `rough`. */
double gp_round_step(double rough)
{
    const double decade = pow(10, floor(log10(rough)));
    return rough <= decade       ? decade
           : rough <= 2 * decade ? 2 * decade
           : rough <= 5 * decade ? 5 * decade
                                 : 10 * decade;
}

void volume_range(const struct xo_curve *c, struct panel *p)
{
    p->x_lo = log10(c->points[0].volume * (1 - 1e-6));
    p->x_hi = log10(c->points[c->n_points - 1].volume * (1 + 1e-6));
    if (!(p->x_hi > p->x_lo + 1e-3)) { /* one point alone */
        p->x_lo -= 0.5;
        p->x_hi += 0.5;
    }
}

/* ---- labels at the ends of lines ---- */

static int by_height(const void *a, const void *b)
{
    const double x = ((const struct end_label *)a)->y, y = ((const struct end_label *)b)->y;
    return (x > y) - (x < y);
}

/* From the top down, each as near to its line as the one above it lets it; then up again from the
 * foot of the panel. */
static void spread(const struct panel *p, const struct end_label labels[], double at[], int n)
{
    enum { APART = 44, EDGE = 4 };
    double most = p->top - EDGE, least = p->bottom + EDGE;
    for (int i = n - 1; i >= 0; i--) {
        at[i] = fmin(labels[i].y, most);
        most = at[i] - APART;
    }
    for (int i = 0; i < n; i++) {
        at[i] = fmax(at[i], least);
        least = at[i] + APART;
    }
}

void gp_spread_ends(const struct panel *p, struct end_label labels[], double at[], int n)
{
    qsort(labels, (size_t)n, sizeof labels[0], by_height);
    spread(p, labels, at, n);
}

/* ---- plan and crossings ---- */

bool curve_compares(const struct xo_curve *c)
{
    return c->verdict != XO_VERDICT_INFEASIBLE && c->verdict != XO_VERDICT_NO_WINNER;
}

/* ---- the staircase ---- */

/* As gnuplot draws it on logarithmic axes: straight from a at x0 to b at x1. */
static double between(double a, double b, double t)
{
    return a > 0 && b > 0 ? a * pow(b / a, t) : a + (b - a) * t;
}

/* A corner between two points: its lines are its own. Bands are known at the points alone and go
 * straight from one to the next: widths that follow the risers of the base case would spike where a
 * draw has its own risers elsewhere. */
static struct stair stair_of(const struct xo_curve_corner *corner, const struct stair *a,
                             const struct stair *b)
{
    const double t = log(corner->volume / a->volume) / log(b->volume / a->volume);
    struct stair s = { .volume = corner->volume, .corner = true };
    memcpy(s.limited, b->limited, sizeof s.limited);
    memcpy(s.usd, corner->usd, sizeof s.usd);
    s.napkin_usd = corner->napkin_usd;
    for (int i = 0; i < XO_N_WAYS; i++) {
        s.band[i].p10 = between(a->band[i].p10, b->band[i].p10, t);
        s.band[i].p90 = between(a->band[i].p90, b->band[i].p90, t);
    }
    return s;
}

static bool add_stair(struct stairs_path *path, const struct stair *s)
{
    void *at = path->at;
    if (!xo_array_reserve(&at, &path->room, path->n + 1, sizeof *path->at, NULL))
        return false;
    path->at = at;
    path->at[path->n++] = *s;
    return true;
}

static struct stair stair_at(const struct xo_curve_point *p)
{
    struct stair s = { .volume = p->volume };
    memcpy(s.limited, p->limited, sizeof s.limited);
    memcpy(s.usd, p->usd, sizeof s.usd);
    memcpy(s.band, p->band, sizeof s.band);
    s.napkin_usd = p->napkin_usd;
    return s;
}

bool stairs_read(struct stairs_path *path, const struct xo_curve *c)
{
    *path = (struct stairs_path){ 0 };
    int corner = 0;
    for (int i = 0; i < c->n_points; i++) {
        const struct stair here = stair_at(&c->points[i]);
        while (corner < c->n_corners && c->corners[corner].volume <= here.volume)
            corner++; /* passed, or the point itself */
        if (!add_stair(path, &here))
            return false;
        if (i + 1 == c->n_points)
            break;
        const struct stair next = stair_at(&c->points[i + 1]);
        for (; corner < c->n_corners && c->corners[corner].volume < next.volume; corner++) {
            const struct stair s = stair_of(&c->corners[corner], &here, &next);
            if (!add_stair(path, &s))
                return false;
        }
    }
    return true;
}
