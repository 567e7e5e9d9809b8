/* ledger.h - items being written into a bill, private to the cost room.
 *
 * A ledger keeps the running total; without a bill it keeps nothing else, so that a total costs no
 * label.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_COST_LEDGER_H
#define XO_COST_LEDGER_H

#include "xo/cost.h"

struct ledger {
    struct xo_bill *bill; /* NULL: only the total is wanted */
    int n_items;
    double micro_usd; /* whole, as the items */
};

/* Enter `usd`, rounded to the millionth. Returns the item for its label, NULL when there is no
 * bill.
 */
struct xo_bill_item *ledger_enter(struct ledger *l, enum xo_bill_group group, double usd);
double ledger_usd(const struct ledger *l);

/* A label, cut to fit. `item` may be NULL: nothing is done. */
void ledger_label(struct xo_bill_item *item, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What both sides end with. */
void ledger_fixed(struct ledger *l, enum xo_bill_group group, double usd_month, const char *label);
void ledger_escalation(struct ledger *l, const struct xo_escalation *escalation);
void ledger_people(struct ledger *l, const struct xo_staff *staff, double fte);
void ledger_one_off(struct ledger *l, double usd, double commitment_months, double rate_per_year);
/* A share of the above but `sunk_usd` of them. */
void ledger_contingency(struct ledger *l, double frac, double sunk_usd);

/* Numbers for labels; each returns its buffer. */
struct words {
    char text[48];
};
const char *words_number(struct words *w, double value); /* four digits: "729.6", "0.25" */
const char *words_percent(struct words *w, double frac); /* "12.5 %" */
const char *words_price(struct words *w, double usd);    /* "$2.00", "$0.075" */
const char *words_usd(struct words *w, double usd);      /* "$250,000" */

#endif
