/* plot_gpus.c - how many GPUs a volume takes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/page.h"
#include "set.h"

void xo_plot_gpus(struct xo_plot *plot, const struct xo_curve *c)
{
    struct rows to = { .csv = &plot->data };
    for (int i = 0; i < c->n_points; i++) {
        const struct cell cells[] = {
            { "requests_month", "requests/month", NUMBER(c->points[i].volume) },
            { "n_gpus", "", NUMBER(c->points[i].build.n_gpus) },
        };
        ROW_PUT(&to, cells);
    }
    set_open(&plot->set, plot->name);
    set_curve_page(&plot->set, c, "GPUs by volume", "of the cheapest fleet");
    set_volume_axis(&plot->set, c, false);
}
