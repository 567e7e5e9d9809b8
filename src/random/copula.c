/* copula.c - uniforms with given rank correlations.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/random.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

struct xo_copula {
    int n;
    bool *alone; /* [n] correlated with nothing: its uniform stays to the bit */
    double *l;   /* [n][n] lower triangle of Cholesky's factor of the normal scores' correlations */
};

void xo_copula_free(struct xo_copula *copula)
{
    if (copula == NULL)
        return;
    free(copula->alone);
    free(copula->l);
    free(copula);
}

/* Cholesky in place of the lower triangle; false when not positive definite by a margin that
 * rounding cannot fill. */
static bool factor(double *l, int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double sum = l[i * n + j];
            for (int k = 0; k < j; k++)
                sum -= l[i * n + k] * l[j * n + k];
            if (i == j && sum < 1e-9)
                return false;
            l[i * n + j] = i == j ? sqrt(sum) : sum / l[j * n + j];
        }
    return true;
}

struct xo_copula *xo_copula_new(int n, const double rank[], struct xo_error *err)
{
    struct xo_copula *c = calloc(1, sizeof *c);
    if (c != NULL) {
        c->n = n;
        c->alone = calloc((size_t)n, sizeof *c->alone);
        c->l = calloc((size_t)n * (size_t)n, sizeof *c->l);
    }
    if (c == NULL || c->alone == NULL || c->l == NULL) {
        xo_fail(err, XO_ERR_MEMORY, "out of memory for correlations of %d inputs", n);
        xo_copula_free(c);
        return NULL;
    }
    for (int i = 0; i < n; i++) {
        c->alone[i] = true;
        for (int j = 0; j < n; j++) {
            c->alone[i] &= i == j || rank[i * n + j] == 0;
            c->l[i * n + j] = i == j ? 1 : 2 * sin(M_PI / 6 * rank[i * n + j]);
        }
    }
    if (!factor(c->l, n)) {
        xo_fail(err, XO_ERR_INPUT, "these correlations contradict each other");
        xo_copula_free(c);
        return NULL;
    }
    return c;
}

void xo_copula_apply(const struct xo_copula *c, double u[])
{
    for (int i = c->n - 1; i >= 0; i--) { /* from the last, which needs those before it as given */
        if (c->alone[i])
            continue;
        double z = 0;
        for (int j = 0; j <= i; j++)
            if (c->l[i * c->n + j] != 0)
                z += c->l[i * c->n + j] * xo_normal_quantile(u[j]);
        u[i] = fmin(fmax(gsl_cdf_ugaussian_P(z), 0x1p-53), 1 - 0x1p-53);
    }
}
