/* sobol.c - Sobol' points with a random shift.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/random.h"

#include <gsl/gsl_qrng.h>
#include <stdlib.h>

enum { SOBOL_MAX_DIMS = 40 }; /* of GSL; above it gives zeros without a word */

struct xo_sobol {
    gsl_qrng *points;
    int n_dims;
    bool started;
    double shift[SOBOL_MAX_DIMS];
};

struct xo_sobol *xo_sobol_new(int n_dims, const struct xo_stream *shift, struct xo_error *err)
{
    if (n_dims < 1 || n_dims > SOBOL_MAX_DIMS) {
        xo_fail(err, XO_ERR_INPUT, "Sobol' points have 1 to %d dimensions, not %d", SOBOL_MAX_DIMS,
                n_dims);
        return NULL;
    }
    struct xo_sobol *sobol = calloc(1, sizeof *sobol);
    gsl_qrng *points = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)n_dims);
    if (sobol == NULL || points == NULL) {
        if (points != NULL)
            gsl_qrng_free(points);
        free(sobol);
        xo_fail(err, XO_ERR_MEMORY, "out of memory for Sobol' points");
        return NULL;
    }
    sobol->points = points;
    sobol->n_dims = n_dims;
    for (int i = 0; i < n_dims; i++)
        sobol->shift[i] = xo_uniform(shift, 0, (uint32_t)i);
    return sobol;
}

/* GSL leaves out the first point, the origin, without which 2^m points are not balanced. */
void xo_sobol_next(struct xo_sobol *sobol, double x[])
{
    double point[SOBOL_MAX_DIMS] = { 0 };
    if (sobol->started)
        gsl_qrng_get(sobol->points, point);
    sobol->started = true;
    for (int i = 0; i < sobol->n_dims; i++) {
        const double sum = point[i] + sobol->shift[i];
        x[i] = sum < 1 ? sum : sum - 1;
        if (x[i] <= 0) /* a shift and a point that add up to exactly 1 */
            x[i] = 0x1p-53;
    }
}

void xo_sobol_free(struct xo_sobol *sobol)
{
    if (sobol == NULL)
        return;
    gsl_qrng_free(sobol->points);
    free(sobol);
}
