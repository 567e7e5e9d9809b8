/* verdict_flips.c - what single change would flip the answer at plan.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "verdict.h"

#include "xo/table.h"
#include <math.h>

static const char *const flip_words[] = { "volume",   "API price", "discount",
                                          "GPU rent", "staff",     "step time" };
XO_TABLE_OF(flip_words, XO_N_FLIPS);

const char *verdict_flip_word(enum xo_flip_key key)
{
    return flip_words[key];
}

/* In whole percent, away from today's discount, so that what is said flips it too. */
static double flipping_discount(const struct telling *t, double frac)
{
    return (frac > t->s->buy.discount_frac ? ceil(100 * frac - 1e-9) : floor(100 * frac + 1e-9)) /
           100;
}

static void say_flip(struct telling *t, enum xo_flip_key key)
{
    const struct xo_flip *flip = &t->c->flips[key];
    if (key == XO_FLIP_DISCOUNT)
        SAY("a discount of %s", xo_say_share(&t->words, flipping_discount(t, flip->factor)));
    else
        SAY("%s x%s", flip_words[key], xo_say_flip(&t->words, flip->factor));
}

static void say_no_flip(struct telling *t, enum xo_flip_key key)
{
    const double limit = t->c->flips[key].limit;
    static const char *const none[XO_N_FLIPS] = { [XO_FLIP_API_PRICE] = "free tokens",
                                                  [XO_FLIP_RENT] = "free GPUs",
                                                  [XO_FLIP_STAFF] = "no staff" };
    if (limit < 0.01 && none[key] != NULL) /* a bisection in logarithms does not reach 0 */
        SAY("%s", none[key]);
    else if (key == XO_FLIP_DISCOUNT)
        SAY("a discount of up to %s", xo_say_share(&t->words, limit));
    else
        SAY("%s %s to x%s", flip_words[key], limit < 1 ? "down" : "up",
            xo_say_factor(&t->words, limit));
}

/* A discount is the API price said another way: left out where nothing was tried. */
static bool was_tried(const struct telling *t, int key)
{
    const struct xo_flip *flip = &t->c->flips[key];
    return flip->possible || (isfinite(flip->limit) && flip->limit != 1 &&
                              !(key == XO_FLIP_DISCOUNT && flip->limit <= 0));
}

void tell_flips(struct telling *t)
{
    int possible = 0, said = 0;
    for (int k = 0; k < XO_N_FLIPS; k++)
        possible += t->c->flips[k].possible;
    SAY(possible > 0 ? "\nFlips at your plan, base case, each alone: "
                     : "\nNo single change that was tried flips it at your plan");
    for (int k = 0; k < XO_N_FLIPS; k++) {
        if (!t->c->flips[k].possible)
            continue;
        SAY("%s", said == 0 ? "" : said + 1 == possible ? " or " : ", ");
        say_flip(t, (enum xo_flip_key)k);
        said++;
    }
    SAY(". ");
    int not_said = 0;
    for (int k = 0; k < XO_N_FLIPS; k++) {
        if (t->c->flips[k].possible || !was_tried(t, k))
            continue;
        SAY("%s", not_said++ == 0 ? "Not enough alone: " : ", ");
        say_no_flip(t, (enum xo_flip_key)k);
    }
    SAY("%s", not_said > 0 ? ". " : "");
}
