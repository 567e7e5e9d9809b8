/* lifetime.c - how often a shared prefix is written again to a cache whose entries expire.
 *
 * Calls arrive at rate l. An entry lives T from the start of the last call that read or wrote it
 * (or from the last write alone), and can be read w after the start of its writer. The first call
 * after the entry has expired writes it, and so does every call that starts within w of that one.
 * Calls of one life of the entry, and those among them that write:
 *
 *   a read renews:    lives end where a gap exceeds T, so a share S(T) of the calls begins one, and
 *                     (1 + M(w)) calls write in each:         share = S(T) (1 + M(w))
 *   the write counts: a life lasts T from its last writer, u after its first, and the next call
 *                     begins another:        share = (1 + M(w)) / (1 + M(u + T)),
 *                                            u = w - (1 - exp(-l w))/l in the mean
 *
 * S(t) is the chance that a gap exceeds t and M(t) the mean number of calls within t of a call. For
 * Poisson arrivals S = exp(-l t) and M = l t, and both shares are exact for w <= T.
 *
 * Renewal gaps: S by their own distribution; M(t) = x + (c2 - 1)/2 (1 - exp(-2 x/c2)) with x = l t
 * and c2 = cv^2: the asymptote of Cox, Renewal Theory, 1962, 4.2, reached as by Erlang-2 gaps, for
 * which it is exact (c2 = 1/2), as it is for Poisson.
 * Bursts: calls are a Poisson process whose rate jumps between two values; S is exact (Fischer and
 * Meier-Hellstern, The MMPP cookbook, 1993: the interval density), M = l t at the mean rate of
 * calls, and where the write counts the share is the mean over the two rates, which overstates it
 * where bursts are short beside T. A trace: S is counted on its gaps, all of them shortened or
 * stretched in one ratio to the rate.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

/* ---- gaps of a trace ---- */

static const double least_unit_gap = 1e-4;

void xo_gap_table_fill(struct xo_gap_table *table, const struct xo_trace *trace)
{
    const double per_s = (double)trace->n / trace->period_s;
    int64_t count[XO_GAP_LEVELS] = { 0 }; /* gaps at or below the level and above the one before */
    for (size_t i = 0; i < trace->n; i++) {
        const double next_s =
            i + 1 < trace->n ? trace->arrival_s[i + 1] : trace->period_s + trace->arrival_s[0];
        const double gap = (next_s - trace->arrival_s[i]) * per_s;
        const double level = ceil(XO_GAP_LEVELS_PER_TEN * log10(gap / least_unit_gap));
        count[(int)fmax(0, fmin(level, XO_GAP_LEVELS - 1))]++;
    }
    int64_t above = (int64_t)trace->n;
    for (int k = 0; k < XO_GAP_LEVELS; k++) {
        above -= count[k];
        table->longer_frac[k] = (double)above / (double)trace->n;
    }
}

static double table_at(const struct xo_gap_table *table, double unit_gap)
{
    const double at = XO_GAP_LEVELS_PER_TEN * log10(unit_gap / least_unit_gap);
    if (!(at > 0))
        return table->longer_frac[0];
    if (at >= XO_GAP_LEVELS - 1)
        return 0;
    const int k = (int)at;
    return table->longer_frac[k] +
           (table->longer_frac[k + 1] - table->longer_frac[k]) * (at - (double)k);
}

/* ---- the law of gaps ---- */

bool xo_gap_law_init(struct xo_gap_law *law, const struct xo_arrivals *a, double kept_frac,
                     struct xo_error *err)
{
    assert(kept_frac >= 0 && kept_frac <= 1);
    const double cv = a->kind == XO_ARRIVALS_DETERMINISTIC ? 0
                      : a->kind == XO_ARRIVALS_POISSON     ? 1
                                                           : a->cv;
    *law = (struct xo_gap_law){ .kind = a->kind, .cv2 = 1 + (cv * cv - 1) * kept_frac };
    if (a->kind == XO_ARRIVALS_POISSON || law->cv2 == 1)
        law->kind = XO_ARRIVALS_POISSON;
    else if (a->kind == XO_ARRIVALS_DETERMINISTIC && law->cv2 > 0)
        law->kind = XO_ARRIVALS_GAMMA; /* as xo_arrivals_more_users */
    if (a->bursts.factor > 1)
        law->bursts = a->bursts;
    struct xo_dist gap;
    if (law->kind != XO_ARRIVALS_WEIBULL)
        return true;
    if (!xo_dist_by_moments(&gap, XO_DIST_WEIBULL, 1, sqrt(law->cv2), err))
        return false;
    law->weibull_scale = gap.p[1];
    law->weibull_power = 1 / gap.p[2];
    xo_dist_fini(&gap);
    return true;
}

/* exp(-x) is 0 from 745.2 on, and libm takes ten times as long to say so. */
static const double EXP_IS_ZERO = 746;

/* S at a gap of `unit_gap` mean gaps. */
static double longer_frac(const struct xo_gap_law *law, double unit_gap)
{
    if (law->table != NULL)
        return table_at(law->table, unit_gap);
    switch (law->kind) {
    case XO_ARRIVALS_DETERMINISTIC:
        return unit_gap < 1;
    case XO_ARRIVALS_POISSON:
        return unit_gap < EXP_IS_ZERO ? exp(-unit_gap) : 0;
    case XO_ARRIVALS_GAMMA:
        return gsl_cdf_gamma_Q(unit_gap, 1 / law->cv2, law->cv2);
    case XO_ARRIVALS_WEIBULL:
        return exp(-pow(unit_gap / law->weibull_scale, law->weibull_power));
    }
    return 1;
}

/* M within `x` mean gaps. */
static double calls_within(const struct xo_gap_law *law, double x)
{
    if (x <= 0)
        return 0;
    const double c2 = law->table != NULL ? 1 : law->cv2;
    if (c2 == 1)
        return x;
    return fmax(0, x + (c2 - 1) / 2 * (1 - exp(-2 * x / c2)));
}

/* ---- bursts ---- */

struct burst_rates {
    double rate[2], leave[2]; /* inside a burst and outside, a second */
    double frac[2];           /* of the calls */
};

static struct burst_rates burst_rates(const struct xo_bursts *b, double rate_per_s)
{
    const double share = b->share_frac;
    const double high = isinf(b->factor) ? 1 / share : b->factor / (1 + share * (b->factor - 1));
    const double low = high / b->factor;
    return (struct burst_rates){
        .rate = { rate_per_s * high, rate_per_s * low },
        .leave = { 1 / b->mean_s, share / (b->mean_s * (1 - share)) },
        .frac = { share * high, (1 - share) * low },
    };
}

/* S after a call: rows of exp((Q - L) t) 1, weighted by where calls are. Q: jumps, L: rates. With
 * r1 > r2 the two roots of Q - L, row i is (exp(r1 t)(-L_i - r2) - exp(r2 t)(-L_i - r1))/(r1 - r2).
 */
static double burst_longer_frac(const struct burst_rates *b, double t)
{
    const double a = b->rate[0] + b->leave[0], d = b->rate[1] + b->leave[1];
    const double root = sqrt((a - d) * (a - d) + 4 * b->leave[0] * b->leave[1]);
    const double r1 = (-a - d + root) / 2, r2 = (-a - d - root) / 2;
    double sum = 0;
    for (int i = 0; i < 2; i++)
        sum += b->frac[i] * (exp(r1 * t) * (-b->rate[i] - r2) - exp(r2 * t) * (-b->rate[i] - r1)) /
               root;
    return sum;
}

static double renewed_life_frac(const struct xo_gap_law *law, double rate_per_s,
                                const struct xo_entry_life *life)
{
    const double begins = longer_frac(law, rate_per_s * life->ttl_s);
    return begins == 0 ? 0 : begins * (1 + calls_within(law, rate_per_s * life->ready_s));
}

static double fixed_life_frac(const struct xo_gap_law *law, double rate_per_s,
                              const struct xo_entry_life *life)
{
    const double x = rate_per_s * life->ready_s;
    const double last_writer = x + expm1(-x); /* l u */
    return (1 + calls_within(law, x)) /
           (1 + calls_within(law, last_writer + rate_per_s * life->ttl_s));
}

static double burst_write_frac(const struct xo_gap_law *law, double rate_per_s,
                               const struct xo_entry_life *life)
{
    const struct burst_rates b = burst_rates(&law->bursts, rate_per_s);
    const double call_rate = b.frac[0] * b.rate[0] + b.frac[1] * b.rate[1];
    if (!life->fixed)
        return burst_longer_frac(&b, life->ttl_s) * (1 + call_rate * life->ready_s);
    const struct xo_gap_law poisson = { .kind = XO_ARRIVALS_POISSON, .cv2 = 1 };
    return b.frac[0] * fixed_life_frac(&poisson, b.rate[0], life) +
           b.frac[1] * fixed_life_frac(&poisson, b.rate[1], life);
}

double xo_cache_write_frac(const struct xo_gap_law *law, double rate_per_s,
                           const struct xo_entry_life *life)
{
    double share;
    if (!(life->ttl_s > 0) || isinf(life->ttl_s))
        return 0;
    if (!(rate_per_s > 0))
        return 1;
    if (law->bursts.factor > 1)
        share = burst_write_frac(law, rate_per_s, life);
    else if (life->fixed)
        share = fixed_life_frac(law, rate_per_s, life);
    else
        share = renewed_life_frac(law, rate_per_s, life);
    return share < 0 ? 0 : share < 1 ? share : 1;
}
