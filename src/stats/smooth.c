/* smooth.c - what one input says about an output: regression on orthogonal polynomials.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/random.h"
#include "xo/stats.h"

#include <math.h>

enum { LEGENDRE_TERMS = 6 };

/* Legendre polynomials of 2u - 1 by Bonnet's recursion, (k + 1) P_(k+1) = (2k + 1) x P_k - k
 * P_(k-1), then Hermite's of the normal score z: z, z^2 - 1, z^3 - 3 z; each scaled to mean square
 * 1 over 0 < u < 1. */
static void basis(double u, double p[XO_SMOOTH_TERMS])
{
    const double x = 2 * u - 1, z = xo_normal_quantile(u);
    double before = 1, here = x;
    p[0] = 1;
    for (int k = 1; k < LEGENDRE_TERMS; k++) {
        p[k] = here * sqrt(2 * k + 1);
        const double next = ((2 * k + 1) * x * here - k * before) / (k + 1);
        before = here;
        here = next;
    }
    p[LEGENDRE_TERMS] = z;
    p[LEGENDRE_TERMS + 1] = (z * z - 1) / sqrt(2);
    p[LEGENDRE_TERMS + 2] = (z * z * z - 3 * z) / sqrt(6);
}

void xo_smooth_add(struct xo_smooth *s, double u, double y)
{
    double p[XO_SMOOTH_TERMS];
    basis(u, p);
    s->n++;
    s->yy += y * y;
    for (int i = 0; i < XO_SMOOTH_TERMS; i++) {
        s->xy[i] += p[i] * y;
        for (int j = 0; j <= i; j++)
            s->xx[i][j] += p[i] * p[j];
    }
}

void xo_smooth_merge(struct xo_smooth *s, const struct xo_smooth *other, int sign)
{
    s->n += sign * other->n;
    s->yy += sign * other->yy;
    for (int i = 0; i < XO_SMOOTH_TERMS; i++) {
        s->xy[i] += sign * other->xy[i];
        for (int j = 0; j <= i; j++)
            s->xx[i][j] += sign * other->xx[i][j];
    }
}

/* Cholesky's decomposition. A term that is a combination of those before it, as a discrete input
 * has some, is left out. */
bool xo_smooth_solve(const struct xo_smooth *s, double coefficient[XO_SMOOTH_TERMS])
{
    const double n = (double)s->n;
    double l[XO_SMOOTH_TERMS][XO_SMOOTH_TERMS], w[XO_SMOOTH_TERMS];
    for (int i = 0; i < XO_SMOOTH_TERMS; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = s->xx[i][j];
            for (int k = 0; k < j; k++)
                sum -= l[i][k] * l[j][k];
            if (i == j)
                l[i][i] = sum > 1e-6 * n ? sqrt(sum) : 0;
            else
                l[i][j] = l[j][j] > 0 ? sum / l[j][j] : 0;
        }
        w[i] = s->xy[i];
        for (int k = 0; k < i; k++)
            w[i] -= l[i][k] * w[k];
        w[i] = l[i][i] > 0 ? w[i] / l[i][i] : 0;
    }
    for (int i = XO_SMOOTH_TERMS - 1; i >= 0; i--) {
        double sum = w[i];
        for (int k = i + 1; k < XO_SMOOTH_TERMS; k++)
            sum -= l[k][i] * coefficient[k];
        coefficient[i] = l[i][i] > 0 ? sum / l[i][i] : 0;
    }
    return s->n > XO_SMOOTH_TERMS;
}

double xo_smooth_at(const double coefficient[XO_SMOOTH_TERMS], double u)
{
    double p[XO_SMOOTH_TERMS], sum = 0;
    basis(u, p);
    for (int k = 0; k < XO_SMOOTH_TERMS; k++)
        sum += coefficient[k] * p[k];
    return sum;
}

double xo_smooth_share(const struct xo_smooth *s)
{
    double c[XO_SMOOTH_TERMS], explained = 0;
    const double n = (double)s->n, mean = s->n > 0 ? s->xy[0] / n : NAN;
    const double total = s->yy - n * mean * mean;
    if (!xo_smooth_solve(s, c) || !(total > 1e-12 * s->yy))
        return NAN;
    int terms = 0;
    for (int k = 0; k < XO_SMOOTH_TERMS; k++) {
        explained += c[k] * s->xy[k];
        terms += c[k] != 0;
    }
    const double residual = fmax(s->yy - explained, 0);
    return 1 - residual / (n - terms) / (total / (n - 1));
}
