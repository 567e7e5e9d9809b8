/* mser.c - where a warm-up ends.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/stats.h"

#include <math.h>

enum { BATCH = 5 };

static double batch_mean(const double series[], size_t batch)
{
    double sum = 0;
    for (size_t i = 0; i < BATCH; i++)
        sum += series[batch * BATCH + i];
    return sum / BATCH;
}

/* MSER(d) = sum over the batches after d of (y - their mean)^2 / (their number)^2; the d of the
 * smallest wins, the earlier of two equal ones. Walked backwards, each d costs O(1). */
size_t xo_mser5(const double series[], size_t n)
{
    const size_t n_batches = n / BATCH;
    struct xo_moments rest;
    xo_moments_init(&rest);
    double smallest = INFINITY;
    size_t best = 0;
    for (size_t d = n_batches; d-- > 0;) {
        xo_moments_add(&rest, batch_mean(series, d));
        const double mser = rest.m2 / ((double)rest.n * (double)rest.n);
        if (2 * BATCH * d <= n && mser <= smallest) {
            smallest = mser;
            best = d;
        }
    }
    return best * BATCH;
}
