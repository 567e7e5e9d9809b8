/* power.c - board power at a mean activity.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/hardware.h"

#include <math.h>

/* Power = idle + (busy - idle) * f,  f = 0.94*mbu + 2.7*mfu, at least busy_frac/4 and at most
 * busy_frac.
 *
 * The means are over all time, so a GPU without work has f = 0. Bytes and flops are nearly all that
 * draws: fitted on 26 loads of an H100 SXM of 700 W, 122 W idle (Qwen3-8B in fp8 under vLLM; four
 * mixes of lengths, 1 to 512 users; silybench-data, perf_points.csv, 2026-09-24) with a median
 * error of 6 %. It gives 419, 441, 512, 589 and 606 W where 403, 433, 494, 628 and 662 W were
 * measured with 1, 4, 16, 48 and 64 users (docs/model.md). The quarter keeps the clocks up while
 * steps wait for launches. */
double xo_gpu_power_w(const struct xo_gpu *gpu, double busy_frac, double mbu_frac, double mfu_frac)
{
    const double busy = fmin(fmax(busy_frac, 0), 1);
    const double f = fmax(0.94 * mbu_frac + 2.7 * mfu_frac, busy / 4);
    return gpu->power_idle_w + (gpu->power_busy_w - gpu->power_idle_w) * fmin(f, busy);
}
