/* sobol.c - Sobol' points with a random shift.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/random.h"

#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdlib.h>

struct xo_sobol {
    gsl_qrng *points;
    int n_dims;
    bool started;
    double shift[XO_SOBOL_MAX_DIMS];
};

static bool check_dims(int n_dims, struct xo_error *err)
{
    return (n_dims >= 1 && n_dims <= XO_SOBOL_MAX_DIMS) ||
           xo_fail(err, XO_ERR_INPUT, "Sobol' points have 1 to %d dimensions, not %d",
                   XO_SOBOL_MAX_DIMS, n_dims);
}

struct xo_sobol *xo_sobol_new(int n_dims, const struct xo_stream *shift, struct xo_error *err)
{
    if (!check_dims(n_dims, err))
        return NULL;
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

/* x + shift modulo 1, in (0, 1). */
static double shifted(double x, double shift)
{
    const double sum = x + shift;
    const double y = sum < 1 ? sum : sum - 1;
    return y > 0 ? y : 0x1p-53; /* a shift and a point that add up to exactly 1 */
}

/* GSL leaves out the first point, the origin, without which 2^m points are not balanced. */
void xo_sobol_next(struct xo_sobol *sobol, double x[])
{
    double point[XO_SOBOL_MAX_DIMS] = { 0 };
    if (sobol->started)
        gsl_qrng_get(sobol->points, point);
    sobol->started = true;
    for (int i = 0; i < sobol->n_dims; i++)
        x[i] = shifted(point[i], sobol->shift[i]);
}

void xo_sobol_free(struct xo_sobol *sobol)
{
    if (sobol == NULL)
        return;
    gsl_qrng_free(sobol->points);
    free(sobol);
}

/* Point number n is the exclusive or of the direction numbers at the bits of n's Gray code
 * (Antonov and Saleev, USSR Comput. Math. Math. Phys. 19, 1979), so that points 1, 2, 4, ... give
 * them back: gray(2^k) has bits k and k - 1. */
bool xo_sobol_table_init(struct xo_sobol_table *table, int n_dims, uint64_t n_points,
                         struct xo_error *err)
{
    if (!check_dims(n_dims, err))
        return false;
    if (n_points > UINT64_C(1) << XO_SOBOL_BITS)
        return xo_fail(err, XO_ERR_INPUT, "%llu Sobol' points; 2^%d are the most",
                       (unsigned long long)n_points, XO_SOBOL_BITS);
    gsl_qrng *points = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)n_dims);
    if (points == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for Sobol' points");
    *table = (struct xo_sobol_table){ .n_dims = n_dims };
    double x[XO_SOBOL_MAX_DIMS];
    for (uint64_t n = 1; n < n_points; n++) {
        gsl_qrng_get(points, x);
        if (n != UINT64_C(1) << table->n_bits)
            continue;
        const int k = table->n_bits++;
        for (int i = 0; i < n_dims; i++)
            table->direction[k][i] =
                (uint32_t)ldexp(x[i], XO_SOBOL_BITS) ^ (k > 0 ? table->direction[k - 1][i] : 0);
    }
    gsl_qrng_free(points);
    return true;
}

void xo_sobol_at(const struct xo_sobol_table *table, const struct xo_stream *shift, uint64_t index,
                 double x[])
{
    const uint64_t gray = index ^ index >> 1;
    for (int i = 0; i < table->n_dims; i++) {
        uint32_t bits = 0;
        for (int k = 0; k < table->n_bits; k++)
            if (gray >> k & 1)
                bits ^= table->direction[k][i];
        x[i] = shifted(ldexp(bits, -XO_SOBOL_BITS), xo_uniform(shift, 0, (uint32_t)i));
    }
}
