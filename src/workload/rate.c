/* rate.c - Lambda^-1: arrivals in unit time put on the clock.
 *
 * The rate is constant between two ends of a stretch of the week or of a stay of the bursts, so
 * Lambda is a polygon and its inverse exact.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <math.h>

/* Below this, as below XO_MIN_STAY_S, an arrival could take minutes of walking through silent weeks
 * or vanishing stays. */
static const double min_requests_per_s = 1e-8;

static bool has_no_bursts(const struct xo_bursts *b)
{
    return b->factor == 1 || b->factor == 0;
}

static bool bursts_check(const struct xo_bursts *b, struct xo_error *err)
{
    if (has_no_bursts(b))
        return true;
    if (!(b->factor > 1))
        return xo_fail(err, XO_ERR_INPUT, "bursts have a factor of %g; it takes 1 or more",
                       b->factor);
    if (!(b->share_frac > 0 && b->share_frac < 1))
        return xo_fail(err, XO_ERR_INPUT,
                       "bursts take a share of %g of the time; it must be between 0 and 1",
                       b->share_frac);
    const double low_s = b->mean_s * (1 - b->share_frac) / b->share_frac;
    if (!(b->mean_s >= XO_MIN_STAY_S && low_s >= XO_MIN_STAY_S) || !isfinite(low_s))
        return xo_fail(err, XO_ERR_INPUT,
                       "bursts last %g s and the time between them %g s; both take %g s or more",
                       b->mean_s, low_s, XO_MIN_STAY_S);
    return true;
}

/* share * high + (1 - share) * low = 1 and high = factor * low; the factor may be infinite. */
static double high_rate_of(const struct xo_bursts *b)
{
    return 1 / (b->share_frac + (1 - b->share_frac) / b->factor);
}

bool xo_bursts_are_felt(const struct xo_bursts *b, double requests_per_s)
{
    static const double LEAST_REQUESTS = 0.01;
    return !has_no_bursts(b) && requests_per_s * high_rate_of(b) * b->mean_s >= LEAST_REQUESTS;
}

static void set_bursts(struct xo_rate *rate, const struct xo_bursts *b)
{
    rate->high_rate = rate->low_rate = 1;
    if (!xo_bursts_are_felt(b, rate->requests_per_s))
        return;
    rate->high_rate = high_rate_of(b);
    rate->low_rate = rate->high_rate / b->factor;
    rate->high_s = b->mean_s;
    rate->low_s = b->mean_s * (1 - b->share_frac) / b->share_frac;
}

/* Stay k lasts an exponential time by draw k of the stream. */
static void begin_stay(struct xo_rate *rate, double now_s)
{
    const double u = xo_uniform(&rate->stream, rate->n_stays++, 0);
    rate->stay_to_s = now_s - log(1 - u) * (rate->is_high ? rate->high_s : rate->low_s);
}

static double stretch_to_s(const struct xo_rate *rate)
{
    return rate->week_from_s + rate->week.from_s[rate->stretch + 1];
}

/* A piece of constant rate ends with its stretch of the week or with its stay of the bursts,
 * whichever ends first. */
static void set_piece(struct xo_rate *rate)
{
    const double per_s = rate->requests_per_s * rate->week.rate[rate->stretch] *
                         (rate->is_high ? rate->high_rate : rate->low_rate);
    rate->to_s = fmax(rate->from_s, fmin(stretch_to_s(rate), rate->stay_to_s));
    rate->to_unit = rate->from_unit + per_s * (rate->to_s - rate->from_s);
    rate->s_per_unit = 1 / per_s;
}

static void next_piece(struct xo_rate *rate)
{
    rate->from_s = rate->to_s;
    rate->from_unit = rate->to_unit;
    if (rate->from_s >= rate->stay_to_s) {
        rate->is_high = !rate->is_high;
        begin_stay(rate, rate->from_s);
    }
    while (rate->from_s >= stretch_to_s(rate)) {
        if (++rate->stretch == rate->week.n) {
            rate->stretch = 0;
            rate->week_from_s += xo_week_s;
        }
    }
    set_piece(rate);
}

static void begin(struct xo_rate *rate, double start_s)
{
    rate->week_from_s = floor(start_s / xo_week_s) * xo_week_s;
    rate->from_s = start_s;
    while (rate->stretch + 1 < rate->week.n && start_s >= stretch_to_s(rate))
        rate->stretch++;
    rate->stay_to_s = INFINITY;
    if (rate->high_s > 0) { /* in the stationary state, where what is left of a stay is a stay */
        const double share = rate->high_s / (rate->high_s + rate->low_s);
        rate->is_high = xo_uniform(&rate->stream, 0, 1) < share;
        begin_stay(rate, start_s);
    }
    set_piece(rate);
}

bool xo_rate_init(struct xo_rate *rate, const struct xo_profile *profile,
                  const struct xo_bursts *bursts, const struct xo_stream *stream,
                  double requests_per_s, double start_s, struct xo_error *err)
{
    struct xo_rate made = { .stream = *stream, .requests_per_s = requests_per_s };
    if (!(requests_per_s >= min_requests_per_s) || !isfinite(requests_per_s))
        return xo_fail(err, XO_ERR_INPUT, "a rate of %g requests a second; it takes %g or more",
                       requests_per_s, min_requests_per_s);
    if (!bursts_check(bursts, err) || !xo_week_init(&made.week, profile, err))
        return false;
    set_bursts(&made, bursts);
    begin(&made, start_s);
    *rate = made;
    return true;
}

void xo_rate_fini(struct xo_rate *rate)
{
    xo_week_fini(&rate->week);
}

double xo_rate_when(struct xo_rate *rate, double unit_time)
{
    while (unit_time >= rate->to_unit)
        next_piece(rate);
    return fmin(rate->from_s + (unit_time - rate->from_unit) * rate->s_per_unit, rate->to_s);
}
