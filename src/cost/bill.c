/* bill.c - items in millionths of a dollar, their sums and labels; what both sides pay.
 * A whole number of millionths in a double is exact up to 2^53 of them, $9 billion a month.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ledger.h"
#include "xo/text.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double max_item_micro_usd = 4e20; /* no item is ever infinite */

double xo_bill_micro_usd(const struct xo_bill *bill)
{
    double micro_usd = 0;
    for (int i = 0; i < bill->n_items; i++)
        micro_usd += bill->items[i].micro_usd;
    return micro_usd;
}

double xo_bill_usd(const struct xo_bill *bill)
{
    return xo_bill_micro_usd(bill) / 1e6;
}

double xo_bill_group_usd(const struct xo_bill *bill, enum xo_bill_group group)
{
    double micro_usd = 0;
    for (int i = 0; i < bill->n_items; i++)
        micro_usd += bill->items[i].group == group ? bill->items[i].micro_usd : 0;
    return micro_usd / 1e6;
}

double xo_staff_fte(const struct xo_staff *staff, int n_gpus)
{
    double fte = 0;
    for (int i = 0; i < staff->n_steps && n_gpus > staff->steps[i].above_gpus; i++)
        fte = staff->steps[i].fte;
    return fte * staff->scale;
}

double xo_napkin_breakeven(double fixed_usd_month, double usd_per_unit_buy,
                           double usd_per_unit_build)
{
    const double saved = usd_per_unit_buy - usd_per_unit_build;
    return saved > 0 ? fixed_usd_month / saved : INFINITY;
}

struct xo_bill_item *ledger_enter(struct ledger *l, enum xo_bill_group group, double usd)
{
    assert(!isnan(usd));
    assert(l->n_items < XO_MAX_BILL_ITEMS);
    const double cut = fmax(-max_item_micro_usd, fmin(max_item_micro_usd, usd * 1e6));
    const double micro_usd = round(cut) + 0.0; /* and never -0 */
    l->micro_usd += micro_usd;
    l->n_items++;
    if (l->bill == NULL)
        return NULL;
    l->bill->n_items = l->n_items;
    struct xo_bill_item *item = &l->bill->items[l->n_items - 1];
    item->group = group;
    item->micro_usd = micro_usd;
    item->label[0] = '\0';
    return item;
}

double ledger_usd(const struct ledger *l)
{
    return l->micro_usd / 1e6;
}

void ledger_label(struct xo_bill_item *item, const char *format, ...)
{
    if (item == NULL)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(item->label, sizeof item->label, format, args);
    va_end(args);
}

void ledger_fixed(struct ledger *l, enum xo_bill_group group, double usd_month, const char *label)
{
    if (usd_month == 0)
        return;
    struct xo_bill_item *item = ledger_enter(l, group, usd_month);
    ledger_label(item, "%s", label);
}

void ledger_escalation(struct ledger *l, const struct xo_escalation *e)
{
    if (e->usd_month == 0)
        return;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_TOKENS, e->usd_month);
    struct words w;
    if (item != NULL)
        ledger_label(item, "tokens of %.60s: %s of requests asked again there", e->api,
                     words_percent(&w, e->frac));
}

void ledger_people(struct ledger *l, const struct xo_staff *staff, double fte)
{
    if (staff->n_steps == 0)
        return;
    if (fte == 0) { /* then a salary need not be known */
        ledger_label(ledger_enter(l, XO_BILL_PEOPLE, 0), "people: none");
        return;
    }
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_PEOPLE, fte * staff->usd_per_fte_year / 12);
    struct words w[2];
    if (item != NULL)
        ledger_label(item, "people: %s FTE at %s a year", words_number(&w[0], fte),
                     words_usd(&w[1], staff->usd_per_fte_year));
}

void ledger_one_off(struct ledger *l, double usd, double commitment_months, double rate_per_year)
{
    if (usd == 0)
        return;
    const double months = commitment_months > 1 ? commitment_months : 1;
    struct xo_bill_item *item =
        ledger_enter(l, XO_BILL_ONE_OFF, usd * xo_monthly_payment(rate_per_year, months, 0));
    struct words w[2];
    char capital[72] = "";
    if (item == NULL)
        return;
    if (rate_per_year != 0)
        snprintf(capital, sizeof capital, ", capital at %s a year",
                 words_percent(&w[0], rate_per_year));
    ledger_label(item, "one-offs: %s over %s month%s%s", words_usd(&w[0], usd),
                 words_number(&w[1], months), months == 1 ? "" : "s", capital);
}

void ledger_contingency(struct ledger *l, double frac, double sunk_usd)
{
    if (frac == 0)
        return;
    struct xo_bill_item *item =
        ledger_enter(l, XO_BILL_CONTINGENCY, frac * (ledger_usd(l) - sunk_usd));
    struct words w;
    if (item != NULL)
        ledger_label(item, "contingency: %s of the above%s", words_percent(&w, frac),
                     sunk_usd == 0 ? "" : " but the hours forgone");
}

const char *words_number(struct words *w, double value)
{
    char text[32];
    xo_text_copy(w->text, sizeof w->text, xo_text_exact(text, xo_round_significant(value, 4)));
    return w->text;
}

const char *words_percent(struct words *w, double frac)
{
    words_number(w, 100 * frac);
    strcat(w->text, " %");
    return w->text;
}

const char *words_price(struct words *w, double usd)
{
    char text[32];
    xo_text_exact(text, xo_round_significant(usd, 5));
    const char *point = strchr(text, '.');
    const bool has_exponent = strchr(text, 'e') != NULL;
    const char *zeros = point == NULL ? ".00" : point[2] == '\0' ? "0" : "";
    snprintf(w->text, sizeof w->text, "$%s%s", text, has_exponent ? "" : zeros);
    return w->text;
}

const char *words_usd(struct words *w, double usd)
{
    return xo_text_usd(w->text, sizeof w->text, usd, 0);
}
