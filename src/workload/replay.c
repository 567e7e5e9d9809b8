/* replay.c - a trace at any volume: copies laid over one another, the last one thinned.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"
#include "xo/clock.h"

#include <math.h>
#include <stdlib.h>

static const double golden = 0.61803398874989485; /* its multiples mod 1 fill the circle evenly */
static const double max_copies = 100000, min_kept_frac = 1e-6;

/* How much later copy k runs. A recording of a day or more keeps its hours: copy k starts k whole
 * days on, and beyond that by a part of one hour; a shorter one is turned by a part of its length.
 * The parts are multiples of the golden section from a start of the replication's own. */
static double copy_shift_s(const struct xo_trace *trace, const struct xo_stream *stream, uint32_t k)
{
    if (k == 0)
        return 0;
    const double turn = xo_uniform(stream, UINT64_MAX, 0);
    if (trace->period_s < XO_DAY_S)
        return fmod(k * golden + turn, 1) * trace->period_s;
    const double n_days = floor(trace->period_s / XO_DAY_S), wraps = floor(k / n_days);
    const double part = wraps == 0 ? 0 : fmod(wraps * golden + turn, 1);
    return fmod(fmod(k, n_days) * XO_DAY_S + part * XO_HOUR_S, trace->period_s);
}

/* Is this row of the trace kept, in this copy and this round? Each has a uniform of its own, so
 * that a row that a smaller volume keeps is kept by a larger one too. */
static bool is_kept(const struct xo_replay *replay, const struct xo_replay_copy *copy)
{
    if (copy->kept_frac >= 1)
        return true;
    const uint64_t entity = (uint64_t)copy->round * replay->trace->n + copy->row;
    return xo_uniform(&replay->stream, entity, copy->number) < copy->kept_frac;
}

/* Move from the present row to the first one that is kept. */
static void settle(const struct xo_replay *replay, struct xo_replay_copy *copy)
{
    const struct xo_trace *trace = replay->trace;
    for (;; copy->row++) {
        if (copy->row == trace->n) {
            copy->row = 0;
            copy->round++;
            copy->row0_s += trace->period_s;
        }
        if (is_kept(replay, copy))
            break;
    }
    copy->when_s = copy->row0_s + trace->arrival_s[copy->row];
}

/* The first row at or after a time, counted from row 0; n where all rows are earlier. */
static size_t row_from(const struct xo_trace *trace, double since_s)
{
    size_t first = 0, last = trace->n;
    while (first < last) {
        const size_t middle = first + (last - first) / 2;
        if (trace->arrival_s[middle] < since_s)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

static struct xo_replay_copy first_of(const struct xo_replay *replay, uint32_t k, double kept_frac,
                                      double start_s)
{
    const struct xo_trace *trace = replay->trace;
    const double shift_s = copy_shift_s(trace, &replay->stream, k);
    const double round = floor((start_s - shift_s) / trace->period_s);
    struct xo_replay_copy copy = { .number = k,
                                   .round = (int64_t)round,
                                   .row0_s = shift_s + round * trace->period_s,
                                   .kept_frac = kept_frac };
    copy.row = row_from(trace, start_s - copy.row0_s);
    settle(replay, &copy);
    return copy;
}

static bool is_before(const struct xo_replay_copy *a, const struct xo_replay_copy *b)
{
    return a->when_s < b->when_s || (a->when_s == b->when_s && a->number < b->number);
}

static void sift_down(struct xo_replay *replay, size_t at)
{
    struct xo_replay_copy *heap = replay->heap;
    const struct xo_replay_copy moved = heap[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= replay->n_copies)
            break;
        if (child + 1 < replay->n_copies && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (!is_before(&heap[child], &moved))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

static bool trace_check(const struct xo_trace *trace, struct xo_error *err)
{
    if (trace->n == 0 || !(trace->period_s > 0) || !isfinite(trace->period_s))
        return xo_fail(err, XO_ERR_INPUT, "a trace of %zu requests over %g s cannot be replayed",
                       trace->n, trace->period_s);
    if (trace->arrival_s[0] < 0 || !(trace->arrival_s[trace->n - 1] <= trace->period_s))
        return xo_fail(err, XO_ERR_INPUT, "a trace of %g s has requests at %g and %g s",
                       trace->period_s, trace->arrival_s[0], trace->arrival_s[trace->n - 1]);
    return true;
}

bool xo_replay_init(struct xo_replay *replay, const struct xo_trace *trace,
                    const struct xo_stream *stream, double requests_per_s, double start_s,
                    struct xo_error *err)
{
    if (!trace_check(trace, err))
        return false;
    const double scale = requests_per_s * trace->period_s / (double)trace->n;
    if (!(scale >= min_kept_frac && scale <= max_copies))
        return xo_fail(err, XO_ERR_INPUT,
                       "%g requests a second are %g times the trace's; it takes %g to %g times",
                       requests_per_s, scale, min_kept_frac, max_copies);
    /* A scale that is a whole number but for rounding gets no last copy, of which next to nothing
     * would be kept. */
    const double n_copies = fmax(1, ceil(scale * (1 - 1e-12)));
    struct xo_replay made = { .trace = trace, .stream = *stream, .n_copies = (size_t)n_copies };
    made.heap = malloc(made.n_copies * sizeof *made.heap);
    if (made.heap == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu copies of a trace",
                       made.n_copies);
    for (uint32_t k = 0; k < made.n_copies; k++) {
        const double kept_frac = scale - k >= 1 - 1e-9 ? 1 : scale - k;
        made.heap[k] = first_of(&made, k, kept_frac, start_s);
    }
    for (size_t i = made.n_copies / 2; i-- > 0;)
        sift_down(&made, i);
    *replay = made;
    return true;
}

void xo_replay_fini(struct xo_replay *replay)
{
    free(replay->heap);
}

size_t xo_replay_next(struct xo_replay *replay, double *when_s)
{
    struct xo_replay_copy *next = &replay->heap[0];
    const size_t row = next->row;
    *when_s = next->when_s;
    next->row++;
    settle(replay, next);
    sift_down(replay, 0);
    return row;
}
