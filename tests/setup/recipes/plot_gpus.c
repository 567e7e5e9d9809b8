/* plot_gpus.c - how many GPUs a volume takes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "set.h"

void xo_plot_gpus(struct xo_plot *plot, const struct xo_curve *c)
{
    xo_put(&plot->data, "requests_month,n_gpus\r\n");
    for (int i = 0; i < c->n_points; i++)
        xo_put(&plot->data, "%.0f,%d\r\n", c->points[i].volume, c->points[i].build.n_gpus);
    set_open(&plot->set, plot->name);
    set_curve_page(&plot->set, c, "GPUs by volume", "of the cheapest fleet");
    set_volume_axis(&plot->set, c, false);
}
