/* flips.c - which single change would flip the winner at the planned volume.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "way.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* One decision key: what of the world a factor changes, and how far it is tried. */
struct change {
    enum xo_flip_key key;
    size_t field;                    /* of struct overlay, in bytes */
    double toward_build, toward_buy; /* the most extreme factor in each direction */
};

static const struct change changes[] = {
    { XO_FLIP_API_PRICE, offsetof(struct overlay, api_price), 10, 0.01 },
    { XO_FLIP_DISCOUNT, offsetof(struct overlay, discount_frac), 0, 0.99 },
    { XO_FLIP_RENT, offsetof(struct overlay, rent), 0.001, 10 },
    { XO_FLIP_STAFF, offsetof(struct overlay, staff), 0.001, 20 },
    { XO_FLIP_STEP_TIME, offsetof(struct overlay, step), 0.1, 10 },
};

static double saving_with(const struct world *base, double volume, const struct change *c, double x)
{
    struct world w = *base;
    struct overlay o = NO_OVERLAY;
    memcpy((char *)&o + c->field, &x, sizeof x);
    w.what_if = &o;
    return way_usd(&w, XO_WAY_BUY, volume, NULL) - way_usd(&w, XO_WAY_BUILD, volume, NULL);
}

/* The nearest crossing, by ratio, on either side of plan. */
static struct xo_flip flip_volume(const struct xo_crossings *crossings, double plan, double limit)
{
    struct xo_flip flip = { .limit = limit / plan };
    for (int i = 0; i < crossings->n; i++) {
        double factor = crossings->at[i].volume / plan;
        if (flip.possible && fabs(log(factor)) >= fabs(log(flip.factor)))
            continue;
        flip.possible = true;
        flip.factor = factor;
    }
    return flip;
}

static struct xo_flip bisect(const struct world *base, double volume, const struct change *c,
                             bool build_wins, double discount_now)
{
    const bool share = c->key == XO_FLIP_DISCOUNT;
    double near = share ? discount_now : 1;
    double far = build_wins ? c->toward_buy : c->toward_build;
    struct xo_flip flip = { .limit = far };
    if (share && fabs(far - near) < 1e-9)
        return flip;
    const double moved = saving_with(base, volume, c, far);
    if (moved == saving_with(base, volume, c, near))
        flip.limit = NAN; /* nobody to pay, nothing to scale: not a change at all */
    if ((moved > 0) == build_wins)
        return flip;
    for (int i = 0; i < 50; i++) {
        double mid = share ? (near + far) / 2 : sqrt(near * far);
        if ((saving_with(base, volume, c, mid) > 0) == build_wins)
            near = mid;
        else
            far = mid;
    }
    flip.possible = true;
    flip.factor = far;
    return flip;
}

void flips_find(struct xo_flip flips[], const struct world *base, double volume, double saving_usd,
                const struct xo_crossings *crossings, double min, double max)
{
    const bool build_wins = saving_usd > 0;
    if (isnan(saving_usd))
        return;
    flips[XO_FLIP_VOLUME] = flip_volume(crossings, volume, build_wins ? min : max);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        flips[changes[i].key] =
            bisect(base, volume, &changes[i], build_wins, base->scenario->buy.discount_frac);
}
