/* power.c - board power at a mean activity.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/hardware.h"

#include <math.h>

/* Power = idle + (busy - idle) * f,  f = 0.45*busy_frac + 0.6*mbu + 0.4*mfu, at most busy_frac.
 *
 * The means are over all time, so an idle GPU has f = 0; a GPU that runs a batch all the time draws
 * nearly half of its range from clocks and launch alone. The three numbers meet an H100 measured
 * under vLLM: 403 W with one user, 494 W with 16, 628 W with 48, 665 W saturated, of 700 W
 * (docs/model.md, "Step time and KV capacity"). */
double xo_gpu_power_w(const struct xo_gpu *gpu, double busy_frac, double mbu_frac, double mfu_frac)
{
    const double busy = fmin(fmax(busy_frac, 0), 1);
    const double f = 0.45 * busy + 0.6 * fmax(mbu_frac, 0) + 0.4 * fmax(mfu_frac, 0);
    return gpu->power_idle_w + (gpu->power_busy_w - gpu->power_idle_w) * fmin(f, busy);
}
