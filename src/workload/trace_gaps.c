/* trace_gaps.c - strays and holes of a recording: gaps that are no part of its traffic.
 *
 * A stray is a few rows far from all others (a stamp of another year); a hole parts two recordings
 * in one file. Either stretches the period, and the volume shrinks. Nights, weekends and holidays
 * are traffic: a gap is out of place only if it is long against the usual gap, against the clock
 * and against the recording, and does not come back like a schedule. The rules are ours; what each
 * lets pass stands beside it.
 *
 * Rows before a gap that stays keep their place. Where a hole is taken out, later rows come earlier
 * by whole days if the rest lasts a day or more, so that hours of the day stay where they are.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_parts.h"
#include "xo/clock.h"
#include "xo/memory.h"
#include "xo/stats.h"

#include <math.h>
#include <stdlib.h>

enum { MIN_ROWS = 10, MAX_STRAYS = 10, SCHEDULE_HOLES = 3 };
static const double usual_factor = 20;         /* times the usual gap: chance alone gives e^-20 */
static const double long_gap_s = 5 * XO_DAY_S; /* over a long weekend: Thursday 17:00 to Tuesday
                                               9:00 are 4.7 days */
static const double short_gap_s = 16 * XO_HOUR_S;       /* over a night: 17:00 to 9:00 */
static const double office_stretch_s = 2 * XO_HOUR_S;   /* an office records for longer a day */
static const double nonstop_stretch_s = 20 * XO_HOUR_S; /* what runs so long has no nights */
static const double material_frac = 0.1;                /* of the rest: below it, little changes */
static const double stray_frac = 0.05;                  /* of the rows, at most */

void xo_trace_cuts_fini(struct xo_trace_cuts *cuts)
{
    free(cuts->segments);
    *cuts = (struct xo_trace_cuts){ 0 };
}

static bool add_segment(struct xo_trace_cuts *cuts, size_t first, size_t end, struct xo_error *err)
{
    if (!xo_array_reserve((void **)&cuts->segments, &cuts->room, cuts->n_segments + 1,
                          sizeof *cuts->segments, err))
        return false;
    cuts->segments[cuts->n_segments++] =
        (struct xo_trace_segment){ .first = first, .n = end - first };
    return true;
}

static double period(double length_s, size_t n)
{
    return n < 2 ? 0 : length_s * (double)n / (double)(n - 1);
}

static bool cut_nothing(struct xo_trace_cuts *cuts, const double when_s[], size_t n,
                        struct xo_error *err)
{
    *cuts = (struct xo_trace_cuts){ .n_kept = n };
    cuts->period_s = cuts->open_period_s = period(when_s[n - 1] - when_s[0], n);
    return add_segment(cuts, 0, n, err);
}

/* ---- which gaps are out of place ---- */

struct scale {
    const double *when_s; /* [n] */
    size_t n, few;        /* so few rows may be strays */
    double pause_s;       /* a gap over this is no part of one stretch of traffic */
    double stretch_s;     /* the longest stretch without a pause */
    double core_s;        /* length without the few rows at either end */
    double rest_s;        /* length without the gaps that are too long */
};

static double gap(const struct scale *k, size_t i) /* before row i */
{
    return k->when_s[i] - k->when_s[i - 1];
}

/* The mean of the smaller nine tenths of the gaps: nights and holes are among the others. */
static bool usual_gap(const double when_s[], size_t n, double *usual_s, struct xo_error *err)
{
    const size_t n_usual = (n - 1) * 9 / 10;
    double sum = 0, *gaps = malloc((n - 1) * sizeof *gaps);
    if (gaps == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu gaps", n - 1);
    for (size_t i = 1; i < n; i++)
        gaps[i - 1] = when_s[i] - when_s[i - 1];
    xo_sort(gaps, n - 1);
    for (size_t i = 0; i < n_usual; i++)
        sum += gaps[i];
    free(gaps);
    *usual_s = sum / (double)n_usual;
    return true;
}

/* Few rows before or behind it, and the gap alone is longer than twice all between: a stamp that is
 * off by hours or a day. Offices have single requests at night, so theirs stay. */
static bool cuts_off_few(const struct scale *k, size_t i)
{
    const bool at_end = i <= k->few || k->n - i <= k->few;
    const bool no_office = k->stretch_s < office_stretch_s || k->stretch_s >= nonstop_stretch_s;
    return at_end && no_office && gap(k, i) > 2 * k->core_s;
}

static bool is_too_long(const struct scale *k, size_t i)
{
    const double g = gap(k, i);
    return g > k->pause_s &&
           (g > long_gap_s || (g > short_gap_s && k->stretch_s < office_stretch_s) ||
            cuts_off_few(k, i));
}

static bool is_out_of_place(const struct scale *k, size_t i)
{
    return is_too_long(k, i) && gap(k, i) > material_frac * k->rest_s;
}

static bool set_scale(struct scale *k, struct xo_error *err)
{
    double usual_s = 0, from_s = k->when_s[0];
    if (!usual_gap(k->when_s, k->n, &usual_s, err))
        return false;
    k->few = (size_t)fmin(MAX_STRAYS, fmax(1, floor(stray_frac * (double)k->n)));
    k->pause_s = fmax(XO_HOUR_S, usual_factor * usual_s);
    k->core_s = k->when_s[k->n - 1 - k->few] - k->when_s[k->few];
    k->stretch_s = k->rest_s = 0;
    for (size_t i = 1; i < k->n; i++) {
        const bool is_pause = gap(k, i) > k->pause_s;
        from_s = is_pause ? k->when_s[i] : from_s;
        k->stretch_s = fmax(k->stretch_s, k->when_s[i] - from_s);
    }
    for (size_t i = 1; i < k->n; i++)
        k->rest_s += is_too_long(k, i) ? 0 : gap(k, i);
    return true;
}

/* ---- what they part ---- */

static bool split(struct xo_trace_cuts *cuts, const struct scale *k, struct xo_error *err)
{
    size_t first = 0;
    for (size_t i = 1; i < k->n; i++)
        if (is_out_of_place(k, i)) {
            if (!add_segment(cuts, first, i, err))
                return false;
            first = i;
        }
    return add_segment(cuts, first, k->n, err);
}

/* Segments of few rows, unless so many of them that they are the recording. */
static void mark_strays(struct xo_trace_cuts *cuts, const struct scale *k)
{
    size_t n_strays = 0;
    for (size_t s = 0; s < cuts->n_segments; s++)
        n_strays += cuts->segments[s].n <= k->few ? cuts->segments[s].n : 0;
    if ((double)n_strays > fmax(2, stray_frac * (double)k->n))
        return;
    for (size_t s = 0; s < cuts->n_segments; s++)
        cuts->segments[s].is_stray = cuts->segments[s].n <= k->few;
    cuts->n_strays = n_strays;
}

/* How much of a hole goes. The rest is a day or more: whole days; else all but the mean gap. */
static double cut_of(double hole_s, double rest_s, double mean_s)
{
    return rest_s >= XO_DAY_S ? fmax(0, floor((hole_s - mean_s) / XO_DAY_S)) * XO_DAY_S
                              : hole_s - mean_s;
}

struct holes {
    int n;
    double shortest_s, longest_s;
    double rest_s, mean_s; /* length without them, and its mean gap */
    double length_s;       /* of what is kept, with them */
};

static struct holes find_holes(const struct xo_trace_cuts *cuts, const double when_s[])
{
    struct holes h = { .shortest_s = INFINITY };
    double end_s = NAN;
    for (size_t s = 0; s < cuts->n_segments; s++) {
        const struct xo_trace_segment *segment = &cuts->segments[s];
        const double first_s = when_s[segment->first];
        const double last_s = when_s[segment->first + segment->n - 1];
        if (segment->is_stray)
            continue;
        if (!isnan(end_s)) {
            h.n++;
            h.shortest_s = fmin(h.shortest_s, first_s - end_s);
            h.longest_s = fmax(h.longest_s, first_s - end_s);
            h.length_s += first_s - end_s;
        }
        h.rest_s += last_s - first_s;
        end_s = last_s;
    }
    h.length_s += h.rest_s;
    h.mean_s = h.rest_s / fmax(1, (double)cuts->n_kept - 1 - h.n);
    return h;
}

/* Shift what comes after each hole; returns how much is taken out in all. */
static double close_holes(struct xo_trace_cuts *cuts, const double when_s[], const struct holes *h,
                          bool for_real)
{
    double shift_s = 0, end_s = NAN;
    for (size_t s = 0; s < cuts->n_segments; s++) {
        struct xo_trace_segment *segment = &cuts->segments[s];
        if (segment->is_stray)
            continue;
        if (!isnan(end_s))
            shift_s += cut_of(when_s[segment->first] - end_s, h->rest_s, h->mean_s);
        segment->shift_s = for_real ? shift_s : 0;
        end_s = when_s[segment->first + segment->n - 1];
    }
    return shift_s;
}

bool xo_trace_cuts_find(struct xo_trace_cuts *cuts, const double when_s[], size_t n, bool keep_gaps,
                        struct xo_error *err)
{
    struct scale k = { .when_s = when_s, .n = n };
    if (keep_gaps || n < MIN_ROWS)
        return cut_nothing(cuts, when_s, n, err);
    *cuts = (struct xo_trace_cuts){ 0 };
    if (!set_scale(&k, err) || !split(cuts, &k, err)) {
        xo_trace_cuts_fini(cuts);
        return false;
    }
    mark_strays(cuts, &k);
    cuts->n_kept = n - cuts->n_strays;
    const struct holes h = find_holes(cuts, when_s);
    cuts->is_scheduled = h.n >= SCHEDULE_HOLES && h.shortest_s > 0.5 * h.longest_s;
    const double cut_s = close_holes(cuts, when_s, &h, !cuts->is_scheduled);
    if (!(h.length_s - cut_s > 0)) { /* all of the rest is at one time */
        xo_trace_cuts_fini(cuts);
        return cut_nothing(cuts, when_s, n, err);
    }
    cuts->n_holes = h.n;
    cuts->cut_s = cuts->is_scheduled ? 0 : cut_s;
    cuts->period_s = period(h.length_s - cuts->cut_s, cuts->n_kept);
    cuts->open_period_s = period(h.length_s - cut_s, cuts->n_kept);
    return true;
}
