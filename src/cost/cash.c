/* cash.c - money in time: present value, payback, internal rate, and the most that is laid out.
 *
 * Month m runs from moment m to moment m + 1. At a moment, what the month before brought falls due
 * first, then what is paid at once. Within a month the running sum goes straight from one moment to
 * the next, so a payback between them is found on that line.
 * Source: any text on engineering economics, e.g. Sullivan, Wicks and Koelling, Engineering
 * Economy.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/cost.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

double xo_monthly_rate(double rate_per_year)
{
    assert(rate_per_year > -1);
    return expm1(log1p(rate_per_year) / 12);
}

double xo_present_value(const struct xo_cash *cash, double rate_per_year)
{
    const double v = 1 / (1 + xo_monthly_rate(rate_per_year));
    double value = cash->at_usd[cash->n_months];
    for (int m = cash->n_months - 1; m >= 0; m--)
        value = cash->at_usd[m] + v * (cash->over_usd[m] + value);
    return value;
}

double xo_payback_months(const struct xo_cash *cash, double rate_per_year)
{
    const double v = 1 / (1 + xo_monthly_rate(rate_per_year));
    double sum = 0, discount = 1,
           since = INFINITY; /* above zero from then on; INFINITY: it is not */
    for (int m = 0; m <= cash->n_months; m++) {
        sum += discount * cash->at_usd[m];
        if (!(sum > 0))
            since = INFINITY;
        else if (isinf(since))
            since = m;
        if (m == cash->n_months)
            break;
        discount *= v;
        const double more = discount * cash->over_usd[m];
        if (sum + more > 0 && !(sum > 0))
            since = m - sum / more;
        else if (!(sum + more > 0))
            since = INFINITY;
        sum += more;
    }
    return since;
}

double xo_peak_exposure(const struct xo_cash *cash, int *month)
{
    double sum = 0, lowest = 0;
    int when = 0;
    for (int m = 0; m <= cash->n_months; m++) {
        sum += m > 0 ? cash->over_usd[m - 1] : 0;
        const double before = sum;
        sum += cash->at_usd[m];
        if (fmin(before, sum) < lowest) {
            lowest = fmin(before, sum);
            when = m;
        }
    }
    if (month != NULL)
        *month = when;
    return -lowest;
}

/* What flows at moment m in all. */
static double flow(const struct xo_cash *cash, int m)
{
    return cash->at_usd[m] + (m > 0 ? cash->over_usd[m - 1] : 0);
}

/* The present value at a monthly rate of exp(log_growth) - 1, divided by the largest power of the
 * growth where that is below 1, so that nothing overflows; only its sign is of use. */
static double value_at(const struct xo_cash *cash, double log_growth)
{
    const int n = cash->n_months;
    const bool grows = log_growth >= 0;
    const double v = exp(-fabs(log_growth));
    double value = 0;
    for (int k = 0; k <= n; k++)
        value = value * v + flow(cash, grows ? n - k : k);
    return value;
}

/* By Descartes' rule a polynomial whose coefficients change sign once has one positive root: one
 * growth factor, found by bisection of its logarithm. */
struct xo_irr xo_internal_rate(const struct xo_cash *cash)
{
    static const double FAR = 64; /* of the logarithm of a month's growth */
    int changes = 0;
    double first = 0, last = 0;
    for (int m = 0; m <= cash->n_months; m++) {
        const double x = flow(cash, m);
        changes += x != 0 && last != 0 && (x > 0) != (last > 0);
        first = first == 0 ? x : first;
        last = x != 0 ? x : last;
    }
    struct xo_irr irr = { changes == 0  ? XO_IRR_NONE
                          : changes > 1 ? XO_IRR_SEVERAL
                          : first < 0   ? XO_IRR_ONE
                                        : XO_IRR_LOAN,
                          NAN };
    if (changes != 1)
        return irr;
    double lo = -FAR, hi = FAR; /* at hi the first flow decides, at lo the last */
    for (int i = 0; i < 100; i++) {
        const double mid = (lo + hi) / 2;
        if ((value_at(cash, mid) > 0) == (first > 0))
            hi = mid;
        else
            lo = mid;
    }
    irr.per_year = expm1(12 * (lo + hi) / 2);
    return irr;
}
