/* twice.c - what buying costs at the plan, and at twice the plan.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/study.h"

bool xo_twice_run(struct xo_twice *twice, const struct xo_scenario *s, struct xo_error *err)
{
    for (int i = 0; i < 2; i++) {
        struct xo_bill bill;
        if (!xo_buy_at(s, (1 + i) * s->requests_per_month, 0, false, &bill, err))
            return false;
        twice->usd[i] = xo_bill_usd(&bill);
    }
    twice->scenario = s;
    return true;
}
