/* hold.c - machines that stay for a term once they are taken: reserved, or bought.
 *
 * Units taken in one month are a cohort: they share their rent, their price and the month in which
 * their term ends. Those alive stand between `first` and the month itself, since all terms are
 * alike. With a term of one month there is never more than one cohort.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/cost.h"

#include <assert.h>
#include <stddef.h>

/* What a unit of cohort `taken` brings at the start of `month`, as its age says. */
static double worth(const struct xo_hold_terms *t, const struct xo_hold_month months[], int taken,
                    int month)
{
    const double age = (double)(month - taken) / t->term_months;
    return months[taken].value_usd * (1 - (1 - t->residual_frac) * age);
}

/* The most that a month from `from` to `to` - 1 needs. */
static int64_t most_needed(const struct xo_hold_month months[], int from, int to)
{
    int64_t most = 0;
    for (int m = from; m < to; m++)
        most = months[m].needed > most ? months[m].needed : most;
    return most;
}

/* Hand back rented units that no month of the rest of their term needs, the newest first; returns
 * how many are left. */
static int64_t hand_back(const struct xo_hold_terms *t, const struct xo_hold_month months[], int n,
                         int first, int month, int64_t cohort[], int64_t held, double at_usd[])
{
    for (int c = month - 1; c >= first && held > months[month].needed; c--) {
        const int end = c + t->term_months;
        const int64_t spare = held - most_needed(months, month, end < n ? end : n);
        const int64_t back = spare < cohort[c] ? spare : cohort[c];
        if (back <= 0)
            continue;
        cohort[c] -= back;
        held -= back;
        at_usd[month] -= (double)back * months[c].rent_usd * (end - month) * t->early_exit_frac;
    }
    return held;
}

void xo_hold(const struct xo_hold_terms *t, const struct xo_hold_month months[], int n, int from,
             double at_usd[], double over_usd[], int64_t held_units[])
{
    assert(t->term_months >= 1 && n <= XO_MOST_HELD);
    int64_t cohort[XO_MOST_HELD], held = 0; /* of [first, m] */
    int first = from;
    for (int m = from; m < n; m++) {
        const struct xo_hold_month *now = &months[m];
        for (; first + t->term_months <= m; first++) {
            held -= cohort[first];
            if (t->is_bought)
                at_usd[m] += (double)cohort[first] * worth(t, months, first, m);
        }
        cohort[m] = now->needed > held ? now->needed - held : 0;
        held += cohort[m];
        at_usd[m] -= (double)cohort[m] * now->price_usd;
        if (!t->is_bought && t->early_exit_frac < 1 && held > now->needed)
            held = hand_back(t, months, n, first, m, cohort, held, at_usd);
        for (int c = first; c <= m; c++)
            over_usd[m] -= (double)cohort[c] * months[c].rent_usd;
        over_usd[m] -= (double)(held - now->needed) * now->idle_usd;
        if (held_units != NULL)
            held_units[m] = held;
    }
    for (int c = first; c < n && t->is_bought; c++)
        at_usd[n] += (double)cohort[c] * worth(t, months, c, n);
}
