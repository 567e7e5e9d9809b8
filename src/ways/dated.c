/* dated.c - a world on a later day: what its tariffs cost by then; see world.h.
 *
 * Of the scenario a plain copy is made, whose lists belong to the first one still; its tariffs lie
 * in it whole, so that moving them to another day changes nothing of the world they are of.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <stdlib.h>

bool dated_init(struct dated *d, struct xo_error *err)
{
    d->scenario = malloc(sizeof *d->scenario);
    d->demand = malloc(sizeof *d->demand);
    if (d->scenario != NULL && d->demand != NULL)
        return true;
    dated_fini(d);
    return xo_fail(err, XO_ERR_MEMORY, "out of memory for the prices of later days");
}

void dated_fini(struct dated *d)
{
    free(d->scenario);
    free(d->demand);
    *d = (struct dated){ NULL, NULL };
}

void world_on(const struct world *w, int32_t day, struct dated *d, struct world *out)
{
    *d->scenario = *w->scenario;
    xo_scenario_set_day(d->scenario, day);
    *out = *w;
    out->scenario = d->scenario;
    if (!xo_scenario_has_dated_windows(w->scenario))
        return;
    *d->demand = *w->demand;
    d->demand->scenario = d->scenario;
    demand_read_windows(d->demand);
    out->demand = d->demand;
}
