/* renewal.c - arrival times of a renewal process in unit time: mean gap 1, one sum, O(1) memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <math.h>

struct xo_arrivals xo_arrivals_more_users(const struct xo_arrivals *arrivals, double scale)
{
    struct xo_arrivals scaled = *arrivals;
    if (arrivals->kind == XO_ARRIVALS_POISSON)
        return scaled;
    const double cv = arrivals->kind == XO_ARRIVALS_DETERMINISTIC ? 0 : arrivals->cv;
    const double excess = (cv * cv - 1) * (scale > 1 ? 1 / scale : scale);
    scaled.cv = sqrt(1 + excess);
    if (arrivals->kind == XO_ARRIVALS_DETERMINISTIC && scaled.cv > 0)
        scaled.kind = XO_ARRIVALS_GAMMA;
    return scaled;
}

static bool set_gap(struct xo_dist *gap, const struct xo_arrivals *a, struct xo_error *err)
{
    switch (a->kind) {
    case XO_ARRIVALS_DETERMINISTIC:
        return xo_dist_constant(gap, 1, err);
    case XO_ARRIVALS_POISSON:
        return xo_dist_by_moments(gap, XO_DIST_EXPONENTIAL, 1, 1, err);
    case XO_ARRIVALS_GAMMA:
        return xo_dist_by_moments(gap, a->cv == 1 ? XO_DIST_EXPONENTIAL : XO_DIST_GAMMA, 1, a->cv,
                                  err);
    case XO_ARRIVALS_WEIBULL:
        return xo_dist_by_moments(gap, a->cv == 1 ? XO_DIST_EXPONENTIAL : XO_DIST_WEIBULL, 1, a->cv,
                                  err);
    }
    return xo_fail(err, XO_ERR_INPUT, "%d is no kind of arrival process", (int)a->kind);
}

/* The gap that covers a point of time taken at random is drawn with weight x f(x):
 * a gamma of shape a turns into shape a + 1; (x/scale)^c of a Weibull into a gamma of shape 1 +
 * 1/c. */
static double covering_gap(const struct xo_dist *gap, double u)
{
    switch (gap->kind) {
    case XO_DIST_EXPONENTIAL:
        return gap->p[0] * xo_gamma_quantile(2, u);
    case XO_DIST_GAMMA:
        return gap->p[1] * xo_gamma_quantile(gap->p[0] + 1, u);
    case XO_DIST_WEIBULL:
        return gap->p[1] * pow(xo_gamma_quantile(1 + gap->p[2], u), gap->p[2]);
    default:
        return gap->mean;
    }
}

/* A stream begins in the middle of a gap: the rest of it is a uniform part of the covering gap
 * (Cox, Renewal Theory, 1962, section 5.3), so that every window meets the full rate. */
static double first_gap(const struct xo_renewal *r)
{
    double u[2];
    xo_uniform2(&r->stream, 0, 1, u);
    return u[0] * covering_gap(&r->gap, u[1]);
}

bool xo_renewal_init(struct xo_renewal *r, const struct xo_arrivals *arrivals,
                     const struct xo_stream *stream, struct xo_error *err)
{
    struct xo_renewal made = { .stream = *stream };
    if (!set_gap(&made.gap, arrivals, err))
        return false;
    *r = made;
    return true;
}

void xo_renewal_fini(struct xo_renewal *r)
{
    xo_dist_fini(&r->gap);
}

/* Gap i, an even one, and those behind it. */
static void draw_gaps(struct xo_renewal *r, int64_t i)
{
    xo_uniforms(&r->stream, (uint64_t)i / 2, 0, XO_AHEAD / 2, r->gaps);
    xo_dist_quantiles(&r->gap, XO_AHEAD, r->gaps);
}

double xo_renewal_next(struct xo_renewal *r)
{
    const int64_t i = r->n_arrived++ - 1;
    if (i < 0)
        return r->unit_time = first_gap(r);
    if (i % XO_AHEAD == 0)
        draw_gaps(r, i);
    return r->unit_time += r->gaps[i % XO_AHEAD];
}
