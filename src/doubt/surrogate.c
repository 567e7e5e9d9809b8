/* surrogate.c - a smooth function through scattered simulations; see surrogate.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "surrogate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double RIDGE = 1e-6; /* of the number of points: keeps the quadratic solvable */

/* ---- small dense algebra ---- */

/* Cholesky of the lower triangle of a[n][n], in place; false when it is not positive definite. */
static bool cholesky(double *a, int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double sum = a[i * n + j];
            for (int k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            if (i == j && !(sum > 0))
                return false;
            a[i * n + j] = i == j ? sqrt(sum) : sum / a[j * n + j];
        }
    return true;
}

/* Solve L L' x = b in place of b. */
static void solve(const double *l, int n, double *b)
{
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++)
            b[i] -= l[i * n + k] * b[k];
        b[i] /= l[i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            b[i] -= l[k * n + i] * b[k];
        b[i] /= l[i * n + i];
    }
}

/* ---- the quadratic ---- */

static int count_terms(int n_dims, bool products)
{
    return 1 + 2 * n_dims + (products ? n_dims * (n_dims - 1) / 2 : 0);
}

static void terms(const struct surrogate *s, const double t[], double x[])
{
    int n = 0;
    x[n++] = 1;
    for (int i = 0; i < s->n_dims; i++) {
        x[n++] = t[i];
        x[n++] = t[i] * t[i];
        for (int j = 0; s->has_products && j < i; j++)
            x[n++] = t[i] * t[j];
    }
}

static double trend_at(const struct surrogate *s, const double t[])
{
    const double *c = s->trend;
    double sum = *c++;
    for (int i = 0; i < s->n_dims; i++) {
        sum += *c++ * t[i];
        sum += *c++ * t[i] * t[i];
        for (int j = 0; s->has_products && j < i; j++)
            sum += *c++ * t[i] * t[j];
    }
    return sum;
}

static bool fit_trend(struct surrogate *s, const double y[], double *scratch)
{
    const int k = s->n_terms;
    double *a = scratch, *x = scratch + k * k;
    memset(a, 0, (size_t)(k * k) * sizeof *a);
    memset(s->trend, 0, (size_t)k * sizeof *s->trend);
    for (int p = 0; p < s->n; p++) {
        terms(s, s->t + p * s->n_dims, x);
        for (int i = 0; i < k; i++) {
            s->trend[i] += x[i] * y[p];
            for (int j = 0; j <= i; j++)
                a[i * k + j] += x[i] * x[j];
        }
    }
    for (int i = 0; i < k; i++)
        a[i * k + i] += RIDGE * s->n;
    if (!cholesky(a, k))
        return false;
    solve(a, k, s->trend);
    return true;
}

/* ---- the process ---- */

static double matern(const struct surrogate *s, const double a[], const double b[])
{
    double r2 = 0;
    for (int i = 0; i < s->n_dims; i++) {
        const double d = (a[i] - b[i]) * s->inverse_length[i];
        r2 += d * d;
    }
    const double r = sqrt(5 * r2);
    return (1 + r + r * r / 3) * exp(-r);
}

/* Log likelihood of the residuals r[n], the process's variance at its best; leaves the weights in
 * alpha. -INFINITY where the matrix cannot be factored. k[n][n] is scratch. */
static double likelihood(struct surrogate *s, const double r[], double nugget, double *k)
{
    const int n = s->n;
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            k[i * n + j] = matern(s, s->t + i * s->n_dims, s->t + j * s->n_dims) +
                           (i == j ? nugget + 1e-10 : 0);
    if (!cholesky(k, n))
        return -INFINITY;
    memcpy(s->alpha, r, (size_t)n * sizeof *r);
    solve(k, n, s->alpha);
    double fit = 0, log_det = 0;
    for (int i = 0; i < n; i++) {
        fit += r[i] * s->alpha[i];
        log_det += 2 * log(k[i * n + i]);
    }
    return -0.5 * n * log(fit / n) - 0.5 * log_det;
}

struct choice {
    double log_likelihood, nugget;
};

/* The best nugget of a grid for the lengths as they are. */
static struct choice best_nugget(struct surrogate *s, const double r[], double *k)
{
    static const double nuggets[] = { 0.001, 0.01, 0.03, 0.1, 0.3, 1, 3 };
    struct choice best = { -INFINITY, 0 };
    for (size_t i = 0; i < sizeof nuggets / sizeof *nuggets; i++) {
        const double l = likelihood(s, r, nuggets[i], k);
        if (l > best.log_likelihood)
            best = (struct choice){ l, nuggets[i] };
    }
    return best;
}

/* One length for all, then each in turn halved or doubled while that helps. */
static struct choice choose_lengths(struct surrogate *s, const double r[], double *k)
{
    static const double lengths[] = { 0.3, 0.6, 1.2, 2.4, 4.8 };
    struct choice best = { -INFINITY, 0 };
    double kept = 1;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (int d = 0; d < s->n_dims; d++)
            s->inverse_length[d] = 1 / lengths[i];
        const struct choice now = best_nugget(s, r, k);
        if (now.log_likelihood > best.log_likelihood) {
            best = now;
            kept = 1 / lengths[i];
        }
    }
    for (int d = 0; d < s->n_dims; d++)
        s->inverse_length[d] = kept;
    for (int pass = 0; pass < 3; pass++)
        for (int d = 0; d < s->n_dims; d++)
            for (int up = 0; up < 2; up++) {
                const double before = s->inverse_length[d];
                s->inverse_length[d] = before * (up ? 2 : 0.5);
                const double l = likelihood(s, r, best.nugget, k);
                if (l > best.log_likelihood + 0.1)
                    best.log_likelihood = l;
                else
                    s->inverse_length[d] = before;
            }
    return best;
}

/* Log likelihood of residuals that are nothing but noise, counted as the process's is. */
static double noise_likelihood(const double r[], int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += r[i] * r[i];
    return -0.5 * n * log(sum / n);
}

static void fit_process(struct surrogate *s, const double y[], double *r, double *k)
{
    double largest = 0;
    for (int p = 0; p < s->n; p++) {
        r[p] = y[p] - trend_at(s, s->t + p * s->n_dims);
        largest = fmax(largest, fabs(r[p]));
    }
    s->has_process = false;
    if (largest < 1e-9)
        return;
    struct choice best = choose_lengths(s, r, k);
    best.nugget = best_nugget(s, r, k).nugget;
    s->has_process = likelihood(s, r, best.nugget, k) > noise_likelihood(r, s->n) + 1;
}

static bool surrogate_alloc(struct surrogate *s, int n_dims, int n)
{
    const bool products = n >= 2 * count_terms(n_dims, true);
    *s = (struct surrogate){ .n_dims = n_dims, .n = n, .has_products = products };
    s->n_terms = count_terms(n_dims, products);
    s->t = malloc((size_t)(n * n_dims) * sizeof *s->t);
    s->alpha = malloc((size_t)n * sizeof *s->alpha);
    s->trend = malloc((size_t)s->n_terms * sizeof *s->trend);
    s->inverse_length = malloc((size_t)n_dims * sizeof *s->inverse_length);
    return s->t != NULL && s->alpha != NULL && s->trend != NULL && s->inverse_length != NULL;
}

bool surrogate_fit(struct surrogate *s, int n_dims, int n, const double t[], const double y[],
                   struct xo_error *err)
{
    const bool ok = surrogate_alloc(s, n_dims, n);
    const int larger = s->n_terms > n ? s->n_terms : n;
    double *scratch =
        malloc(((size_t)larger * (size_t)larger + 2 * (size_t)larger) * sizeof *scratch);
    bool fitted = false;
    if (ok && scratch != NULL) {
        memcpy(s->t, t, (size_t)(n * n_dims) * sizeof *t);
        fitted = fit_trend(s, y, scratch);
        if (fitted)
            fit_process(s, y, scratch + (size_t)larger * (size_t)larger, scratch);
    }
    const bool memory = !ok || scratch == NULL;
    free(scratch);
    if (fitted)
        return true;
    surrogate_fini(s);
    return memory ? xo_fail(err, XO_ERR_MEMORY, "out of memory for a surrogate of %d points", n)
                  : xo_fail(err, XO_ERR_NUMERIC, "no surrogate fits the simulated capacities");
}

double surrogate_at(const struct surrogate *s, const double t[])
{
    double y = trend_at(s, t);
    for (int p = 0; s->has_process && p < s->n; p++)
        y += s->alpha[p] * matern(s, t, s->t + p * s->n_dims);
    return y;
}

void surrogate_fini(struct surrogate *s)
{
    free(s->t);
    free(s->alpha);
    free(s->trend);
    free(s->inverse_length);
    *s = (struct surrogate){ 0 };
}
