/* judge.c - who costs less, and whether that can be said: the one judge of all studies.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/ways.h"

#include <math.h>

/* From one to four to four to one, the odds say no more than that nobody knows. */
static const double TOO_CLOSE_LO = 0.2, TOO_CLOSE_HI = 0.8;

bool xo_is_immaterial(double saving_usd, double cheaper_usd, double materiality_frac)
{
    return fabs(saving_usd) < materiality_frac * cheaper_usd;
}

enum xo_call xo_judge(const struct xo_comparison *c)
{
    const double share = c->build_wins_share;
    const bool drawn = !isnan(share);
    if (isnan(c->saving_usd) || c->buy_limited)
        return XO_CALL_INFEASIBLE;
    if (c->parity == XO_PARITY_UNEQUAL)
        return XO_CALL_NO_WINNER;
    if ((drawn && share >= TOO_CLOSE_LO && share <= TOO_CLOSE_HI) ||
        xo_is_immaterial(c->saving_usd, c->cheaper_usd, c->materiality_frac))
        return XO_CALL_TOO_CLOSE;
    return (drawn ? share > TOO_CLOSE_HI : c->saving_usd > 0) ? XO_CALL_BUILD : XO_CALL_BUY;
}
