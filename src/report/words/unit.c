/* unit.c - what a planner counts in beside requests: its name, its money, and the sentences on it
 * that several pages have. Words that stand without an article go with every name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/lines.h"
#include "sentences.h"
#include "xo/text.h"

#include <math.h>

bool xo_has_unit(const struct xo_scenario *s)
{
    return s->unit.name[0] != '\0' && s->unit.calls > 0;
}

const char *xo_say_unit(struct xo_words *w, const struct xo_scenario *s)
{
    return xo_plain(xo_words_slot(w), sizeof w->slot[0], s->unit.name, XO_UNIT_MAX_CHARACTERS);
}

const char *xo_say_units(struct xo_words *w, const struct xo_scenario *s)
{
    return xo_plain(xo_words_slot(w), sizeof w->slot[0], s->unit.plural,
                    XO_UNIT_MAX_CHARACTERS + 2);
}

const char *xo_say_each(struct xo_words *w, double usd)
{
    const double size = fabs(usd);
    char *slot = xo_words_slot(w);
    if (size >= 1 && size < 1000)
        return xo_say(w, "%s$%.2f", usd < 0 ? "-" : "", size);
    return xo_text_usd(slot, sizeof w->slot[0], usd, size < 1 ? 3 : 0);
}

const char *xo_say_margin(struct xo_words *w, double frac, int digits)
{
    const double percent = xo_round_significant(100 * frac, fabs(frac) < 1 ? digits : 3);
    const double size = fabs(percent), least = 0.005;
    char whole[32];
    if (!isfinite(frac))
        return "-";
    if (size < least)
        return xo_say(w, "0%c%%", XO_GLUE);
    if (percent >= 100 && frac < 1)
        return xo_say(w, "over%c99%c%%", XO_GLUE, XO_GLUE);
    if (size >= 1000)
        return xo_say(w, "%s%s%c%%", percent < 0 ? "-" : "",
                      xo_text_whole(whole, sizeof whole, size), XO_GLUE);
    const int decimals = digits - 1 - (int)floor(log10(size));
    return xo_say(w, "%.*f%c%%", decimals < 0 ? 0 : decimals > 2 ? 2 : decimals, percent, XO_GLUE);
}

/* $0.05, $1.20, $0.0125: as it was typed. */
static const char *say_price(struct xo_words *w, double usd)
{
    char exact[32];
    const double cents = round(100 * usd);
    return usd >= 1000 ? xo_say_dollars(w, usd)
           : fabs(100 * usd / cents - 1) < 1e-9
               ? xo_say(w, "$%.2f", usd)
               : xo_say(w, "$%s", xo_text_exact(exact, xo_round_significant(usd, 6)));
}

void xo_put_unit(struct xo_buf *buf, const struct xo_scenario *s, double requests)
{
    struct xo_words words = { 0 }, *w = &words;
    char calls[32];
    xo_put(buf, "Each %s takes %s%crequest%s: %s %s a month at your plan", xo_say_unit(w, s),
           xo_text_exact(calls, xo_round_significant(s->unit.calls, 6)), XO_GLUE,
           s->unit.calls == 1 ? "" : "s", xo_say_count(w, requests / s->unit.calls),
           xo_say_units(w, s));
    if (s->unit.price_usd > 0)
        xo_put(buf, ", sold at %s each", say_price(w, s->unit.price_usd));
    xo_put(buf, ". ");
}

void xo_put_unit_losses(struct xo_buf *buf, const struct xo_scenario *s, const double usd[],
                        double requests)
{
    struct xo_words words = { 0 }, *w = &words;
    int said = 0;
    for (int way = 0; way < XO_N_WAYS; way++) {
        const struct xo_unit_figures f = xo_unit_figures(&s->unit, usd[way], requests);
        if (!(f.margin_usd < 0))
            continue;
        xo_put(buf, "%s%s by %s",
               said++ == 0 ? "At this price each is sold below cost: it loses " : ", ",
               xo_say_each(w, -f.margin_usd), xo_way_words[way].subject);
    }
    xo_put(buf, said > 0 ? ". " : "");
}

void xo_put_unit_costs(struct xo_buf *buf, const struct xo_scenario *s, const double usd[],
                       double requests)
{
    struct xo_words words = { 0 }, *w = &words;
    int said = 0;
    for (int way = 0; way < XO_N_WAYS && xo_has_unit(s); way++) {
        const struct xo_unit_figures f = xo_unit_figures(&s->unit, usd[way], requests);
        if (!isfinite(f.usd))
            continue;
        xo_put(buf, said++ == 0 ? "Per %s: " : ", ", xo_say_unit(w, s));
        xo_put(buf, "%s %s", xo_way_words[way].subject, xo_say_usd(w, f.usd));
        if (isfinite(f.margin_frac))
            xo_put(buf, " (gross margin %s)", xo_say_margin(w, f.margin_frac, 2));
    }
    xo_put(buf, said > 0 ? ". " : "");
}
