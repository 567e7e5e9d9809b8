/* sweep_inputs.c - what each input of a sweep does to its outputs, and what knowing it is worth.
 *
 * It works on the rows of struct answers, and on a struct sample: the ranks of all inputs over the
 * rows that regressions read, at most 32 MB of them, and the column y that is looked at. Invariant:
 * ranks stand in the order of rows, so that a group (randomization) is a run of them, and y holds
 * the output that was put there last; rank_correlate leaves its ranks there.
 *
 * Indices are given for outputs that exist in every row: the saving of who chooses to build (at
 * worst the idle fleet's bill is lost), whether building wins, and the logarithm of the crossing,
 * cut to the range. They come from pick-freeze rows where the design has them, else, of first order
 * alone, from regressions on ranks. Intervals of correlations and of values are the delete-one
 * jackknife over groups.
 *
 * What an input is worth is decided for each row by the fit of the other groups (judge_group):
 * noise of the fit then earns nothing, and no input is worth more than all of them. Formulas and
 * sources stand in docs/model.md, "Sweeps". Begin with answer_inputs, sample_init and
 * evppi_interval.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep_stats.h"
#include "xo/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Regressions read no more numbers than these (32 MB): the first rows of a longer sweep. */
static const int64_t MOST_VALUES = 4000000;

/* ---- outputs ---- */

typedef double output_fn(const struct xo_sweep_result *r, const struct xo_sweep_row *row);

static double output_saving(const struct xo_sweep_result *r, const struct xo_sweep_row *row)
{
    (void)r;
    return xo_sweep_chosen_usd(row);
}

static double output_wins(const struct xo_sweep_result *r, const struct xo_sweep_row *row)
{
    (void)r;
    return row->saving_usd > 0;
}

static double output_crossover(const struct xo_sweep_result *r, const struct xo_sweep_row *row)
{
    return log10(fmin(fmax(row->crossover, r->min_volume), r->max_volume));
}

static output_fn *const outputs[] = {
    output_saving,
    output_wins,
    output_crossover,
};
XO_TABLE_OF(outputs, XO_N_OUTPUTS);

static void describe_output(const struct answers *a, enum xo_sweep_output o,
                            struct xo_sweep_result *r)
{
    struct xo_sweep_output_stats *s = &r->outputs[o];
    struct xo_moments m;
    xo_moments_init(&m);
    s->exists = true;
    for (int64_t i = 0; i < a->n; i++) {
        const struct xo_sweep_row *row = answer_row(a, i);
        const double y = outputs[o](r, row);
        s->exists &= !isnan(y);
        if (!isnan(y))
            xo_moments_add(&m, y);
        s->censored_share +=
            o == XO_OUTPUT_CROSSOVER && (row->crossover == 0 || isinf(row->crossover));
    }
    for (int64_t i = 0; a->step == 0 && i < r->n_rows && s->exists; i++)
        s->exists = !isnan(outputs[o](r, &a->rows[i]));
    s->censored_share /= (double)a->n;
    s->mean = m.n > 0 ? m.mean : NAN;
    s->variance = xo_moments_variance(&m);
}

/* ---- pick-freeze ---- */

static bool pick_freeze(const struct answers *a, struct xo_sweep_result *r, struct xo_error *err)
{
    const int d = r->n_inputs;
    const struct grouping g = design_groups(&a->sweep->design, r->n_base);
    double *y = malloc((size_t)r->n_rows * sizeof *y);
    struct xo_sweep_indices found[XO_SWEEP_MAX_INPUTS];
    bool ok = y != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for Sobol' indices");
    for (int o = 0; ok && o < XO_N_OUTPUTS; o++) {
        if (!r->outputs[o].exists)
            continue;
        for (int64_t i = 0; i < r->n_rows; i++)
            y[i] = outputs[o](r, &a->rows[i]);
        ok = indices_pick_freeze(y, d, &g, found, err);
        for (int i = 0; ok && i < d; i++)
            r->inputs[i].indices[o] = found[i];
    }
    free(y);
    return ok;
}

/* ---- regressions on ranks ---- */

/* The inputs of the rows that regressions read, and groups of those rows. */
struct sample {
    int64_t n;
    int d;
    struct grouping groups;
    double *rank;              /* [d][n] 1..n; owned */
    double *y;                 /* [n] owned */
    struct xo_ranked *scratch; /* [n] owned */
};

static void sample_fini(struct sample *s)
{
    free(s->rank);
    free(s->y);
    free(s->scratch);
}

static bool sample_init(struct sample *s, const struct answers *a, const struct xo_sweep_result *r,
                        struct xo_error *err)
{
    const struct design *g = &a->sweep->design;
    const int64_t unit = g->sampling == XO_SAMPLING_RANDOM ? 1 : g->base_per_randomization;
    const int64_t rows_a_base = distribution_rows(a->sweep, 1);
    int64_t n_base = r->n_base;
    if (n_base * rows_a_base * r->n_inputs > MOST_VALUES)
        n_base = (int64_t)fmax(1, (double)(MOST_VALUES / rows_a_base / r->n_inputs / unit)) * unit;
    n_base = n_base < r->n_base ? n_base : r->n_base;
    *s = (struct sample){ .n = n_base * rows_a_base,
                          .d = r->n_inputs,
                          .groups = design_groups(g, n_base) };
    if (a->step > 0) {
        s->n = a->n;
        s->groups = a->groups;
    }
    const size_t n = (size_t)s->n;
    s->rank = malloc(n * (size_t)s->d * sizeof *s->rank);
    s->y = malloc(n * sizeof *s->y);
    s->scratch = malloc(n * sizeof *s->scratch);
    if (s->rank == NULL || s->y == NULL || s->scratch == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for ranks of %zu samples", n);
    for (int64_t i = 0; i < s->n; i++) {
        double values[XO_SWEEP_MAX_INPUTS];
        xo_sweep_values(a->sweep, answer_number(a, i), values);
        for (int k = 0; k < s->d; k++)
            s->rank[(size_t)k * n + (size_t)i] = values[k];
    }
    for (int k = 0; k < s->d; k++)
        xo_ranks(s->rank + (size_t)k * n, n, s->rank + (size_t)k * n, s->scratch);
    return true;
}

static int64_t rows_per_group(const struct sample *s)
{
    return s->n / s->groups.n_base * s->groups.base_per_group;
}

static double u_of(const struct sample *s, int input, int64_t i)
{
    return (s->rank[(size_t)input * (size_t)s->n + (size_t)i] - 0.5) / (double)s->n;
}

static bool given_data(const struct answers *a, struct sample *s, struct xo_sweep_result *r,
                       struct xo_error *err)
{
    double *u = (double *)s->scratch; /* as long as it needs */
    for (int o = 0; o < XO_N_OUTPUTS; o++) {
        if (!r->outputs[o].exists)
            continue;
        for (int64_t i = 0; i < s->n; i++)
            s->y[i] = outputs[o](r, answer_row(a, i));
        for (int k = 0; k < s->d; k++) {
            for (int64_t i = 0; i < s->n; i++)
                u[i] = u_of(s, k, i);
            if (!index_given_data(u, s->y, s->n, &s->groups, &r->inputs[k].indices[o].first, err))
                return false;
        }
    }
    return true;
}

/* ---- partial rank correlation ---- */

/* Sums of a group of rows over the d inputs and the output: ranks about their mean. */
struct cross {
    double n, sum[XO_SWEEP_MAX_INPUTS + 1];
    double product[(XO_SWEEP_MAX_INPUTS + 1) * (XO_SWEEP_MAX_INPUTS + 1)];
};

static void cross_add(struct cross *c, const double x[], int m)
{
    c->n++;
    for (int i = 0; i < m; i++) {
        c->sum[i] += x[i];
        for (int j = 0; j <= i; j++)
            c->product[i * m + j] += x[i] * x[j];
    }
}

static void cross_merge(struct cross *c, const struct cross *other, int m, int sign)
{
    c->n += sign * other->n;
    for (int i = 0; i < m; i++)
        c->sum[i] += sign * other->sum[i];
    for (int i = 0; i < m * m; i++)
        c->product[i] += sign * other->product[i];
}

/* Keeps an output that is a function of one input from making the matrix singular. */
static const double RIDGE = 1e-9;

/* Partial correlations of the first m - 1 with the last; NAN for an input that is constant. */
static void cross_partial(const struct cross *c, int m, double partial[])
{
    double r[(XO_SWEEP_MAX_INPUTS + 1) * (XO_SWEEP_MAX_INPUTS + 1)], sd[XO_SWEEP_MAX_INPUTS + 1];
    int kept[XO_SWEEP_MAX_INPUTS + 1], n = 0;
    double of_kept[XO_SWEEP_MAX_INPUTS + 1];
    for (int i = 0; i < m; i++) {
        const double v = c->product[i * m + i] / c->n - c->sum[i] / c->n * (c->sum[i] / c->n);
        sd[i] = sqrt(fmax(v, 0));
        if (sd[i] > 0)
            kept[n++] = i;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const int a = kept[i > j ? i : j], b = kept[i > j ? j : i];
            const double covariance =
                c->product[a * m + b] / c->n - c->sum[a] / c->n * (c->sum[b] / c->n);
            r[i * n + j] = i == j ? 1 + RIDGE : covariance / (sd[a] * sd[b]);
        }
    for (int i = 0; i < m - 1; i++)
        partial[i] = NAN;
    if (n < 2 || kept[n - 1] != m - 1) /* the output is constant */
        return;
    if (!xo_partial_correlations(r, n, of_kept))
        return;
    for (int i = 0; i < n - 1; i++)
        partial[kept[i]] = of_kept[i];
}

/* PRCC of every input with s->y, which becomes its ranks; out[d]. */
static bool rank_correlate(struct sample *s, struct xo_interval out[], struct xo_error *err)
{
    const int m = s->d + 1, n_groups = s->groups.n_groups;
    const double middle = (double)(s->n + 1) / 2;
    struct cross *groups = calloc((size_t)n_groups + 1, sizeof *groups);
    double *runs = malloc((size_t)(n_groups + 1) * (size_t)m * sizeof *runs);
    double *without = malloc((size_t)n_groups * sizeof *without);
    const bool ok = groups != NULL && runs != NULL && without != NULL;
    if (ok) {
        struct cross *all = &groups[n_groups];
        xo_ranks(s->y, (size_t)s->n, s->y, s->scratch);
        for (int64_t i = 0; i < s->n; i++) {
            double x[XO_SWEEP_MAX_INPUTS + 1];
            for (int k = 0; k < s->d; k++)
                x[k] = (s->rank[(size_t)k * (size_t)s->n + (size_t)i] - middle) / middle;
            x[s->d] = (s->y[i] - middle) / middle;
            cross_add(&groups[i / rows_per_group(s)], x, m);
        }
        for (int g = 0; g < n_groups; g++)
            cross_merge(all, &groups[g], m, 1);
        cross_partial(all, m, runs + n_groups * m);
        for (int g = 0; g < n_groups; g++) {
            cross_merge(all, &groups[g], m, -1);
            cross_partial(all, m, runs + g * m);
            cross_merge(all, &groups[g], m, 1);
        }
        for (int k = 0; k < s->d; k++) {
            for (int g = 0; g < n_groups; g++)
                without[g] = runs[g * m + k];
            out[k] = jackknife_interval(runs[n_groups * m + k], without, n_groups);
            interval_clamp(&out[k], -1, 1);
        }
    }
    free(groups);
    free(runs);
    free(without);
    return ok || xo_fail(err, XO_ERR_MEMORY, "out of memory for rank correlations");
}

/* Where no fleet meets the SLO, building saves least of all. */
static bool correlate(const struct answers *a, struct sample *s, struct xo_sweep_result *r,
                      struct xo_error *err)
{
    struct xo_interval found[XO_SWEEP_MAX_INPUTS];
    for (int64_t i = 0; i < s->n; i++) {
        s->y[i] = answer_row(a, i)->saving_usd;
        if (isnan(s->y[i]))
            s->y[i] = -INFINITY;
    }
    if (!rank_correlate(s, found, err))
        return false;
    for (int k = 0; k < s->d; k++)
        r->inputs[k].prcc_saving = found[k];
    for (int64_t i = 0; i < s->n; i++)
        s->y[i] = answer_row(a, i)->crossover;
    if (!rank_correlate(s, found, err))
        return false;
    for (int k = 0; k < s->d; k++)
        r->inputs[k].prcc_crossover = found[k];
    return true;
}

/* ---- what knowing an input is worth ---- */

/* EVPPI_i = E[max(0, E[saving | x_i])] - max(0, E[saving]), the inner expectation by regression on
 * the input's rank, from one sample (Strong, Oakley and Brennan, Med. Decis. Making 34(3), 2014).
 * The regression of the other groups decides for a row, and the row's own saving is what that
 * yields: noise in the fit then earns nothing, and no input is worth more than all of them. */
struct policy {
    double n, saving, gain; /* sums over a group's rows: of the saving, and where the rule builds */
};

static double worth(const struct policy *p)
{
    return (p->gain - fmax(p->saving, 0)) / p->n;
}

static void judge_group(const struct sample *s, int input, int group, const struct xo_smooth *rest,
                        struct policy *p)
{
    const int64_t rows = rows_per_group(s),
                  end = (group + 1) * rows < s->n ? (group + 1) * rows : s->n;
    double c[XO_SMOOTH_TERMS];
    *p = (struct policy){ 0 };
    const bool known = xo_smooth_solve(rest, c);
    for (int64_t i = group * rows; i < end; i++) {
        if (isnan(s->y[i]))
            continue;
        p->n++;
        p->saving += s->y[i];
        if (known && xo_smooth_at(c, u_of(s, input, i)) > 0)
            p->gain += s->y[i];
    }
}

/* The most that knowing an input can plausibly be worth where no fit of it changes the choice: the
 * same mean with each fitted saving 1.96 of its standard errors nearer to changing it. */
static double worth_at_most(const struct sample *s, int input, const struct xo_smooth *all)
{
    double c[XO_SMOOTH_TERMS], sum = 0;
    struct xo_moments m;
    xo_moments_init(&m);
    for (int64_t i = 0; i < s->n; i++)
        if (!isnan(s->y[i]))
            xo_moments_add(&m, s->y[i]);
    if (m.n < 2 || !xo_smooth_solve(all, c))
        return 0;
    const double left = fmin(fmax(1 - xo_smooth_share(all), 0), 1); /* of the variance */
    const double se = sqrt(xo_moments_variance(&m) * left * XO_SMOOTH_TERMS / (double)m.n);
    const double sign = m.mean > 0 ? -1 : 1;
    for (int64_t i = 0; i < s->n; i++)
        if (!isnan(s->y[i]))
            sum += fmax(sign * xo_smooth_at(c, u_of(s, input, i)) + 1.96 * se, 0);
    return sum / (double)m.n;
}

static struct xo_interval evppi_interval(const struct sample *s, int input,
                                         struct xo_smooth groups[], struct policy policies[],
                                         double without[])
{
    const int n_groups = s->groups.n_groups;
    const int64_t rows = rows_per_group(s);
    struct xo_smooth all = { 0 };
    struct policy sum = { 0 };
    memset(groups, 0, (size_t)n_groups * sizeof *groups);
    for (int64_t i = 0; i < s->n; i++)
        if (!isnan(s->y[i]))
            xo_smooth_add(&groups[i / rows], u_of(s, input, i), s->y[i]);
    for (int g = 0; g < n_groups; g++)
        xo_smooth_merge(&all, &groups[g], 1);
    for (int g = 0; g < n_groups; g++) {
        struct xo_smooth rest = all;
        xo_smooth_merge(&rest, &groups[g], -1);
        judge_group(s, input, g, &rest, &policies[g]);
        sum.n += policies[g].n;
        sum.saving += policies[g].saving;
        sum.gain += policies[g].gain;
    }
    for (int g = 0; g < n_groups; g++) {
        const struct policy *p = &policies[g];
        without[g] =
            worth(&(struct policy){ sum.n - p->n, sum.saving - p->saving, sum.gain - p->gain });
    }
    struct xo_interval i = jackknife_interval(worth(&sum), without, n_groups);
    i.mean = fmax(i.mean, 0);
    i.lo = fmax(i.lo, 0);
    i.hi = fmax(i.hi, i.mean > 0 ? 0 : worth_at_most(s, input, &all));
    return i;
}

static bool value_inputs(const struct answers *a, struct sample *s, struct xo_sweep_result *r,
                         struct xo_error *err)
{
    const double nothing =
        r->input_variance > 0 ? xo_share_interval(0, s->n, 0.95).hi * sqrt(r->input_variance) : 0;
    bool ok = true;
    for (int64_t i = 0; i < s->n; i++)
        s->y[i] = xo_sweep_chosen_usd(answer_row(a, i));
#pragma omp parallel for schedule(dynamic, 1) num_threads(study_threads(a->sweep->options)) \
    reduction(&& : ok)
    for (int k = 0; k < s->d; k++) {
        struct xo_smooth *groups = malloc((size_t)s->groups.n_groups * sizeof *groups);
        struct policy *policies = malloc((size_t)s->groups.n_groups * sizeof *policies);
        double *without = malloc((size_t)s->groups.n_groups * sizeof *without);
        const bool room = groups != NULL && policies != NULL && without != NULL;
        ok = ok && room;
        if (room)
            r->inputs[k].evppi_usd = evppi_interval(s, k, groups, policies, without);
        if (room &&
            r->inputs[k].evppi_usd.mean <= 0) /* no more than knowing all, and not nothing */
            r->inputs[k].evppi_usd.hi =
                fmin(fmax(r->inputs[k].evppi_usd.hi, nothing), fmax(r->evpi.hi, nothing));
        free(groups);
        free(policies);
        free(without);
    }
    return ok || xo_fail(err, XO_ERR_MEMORY, "out of memory for the value of inputs");
}

/* ---- correlations of the inputs ---- */

/* Of the ranks of two inputs, ties at their middle; NAN when one is constant. */
static double rank_correlation(const struct sample *s, int a, int b)
{
    const double *x = s->rank + (size_t)a * (size_t)s->n, *y = s->rank + (size_t)b * (size_t)s->n;
    const double middle = (double)(s->n + 1) / 2;
    double xx = 0, xy = 0, yy = 0;
    for (int64_t i = 0; i < s->n; i++) {
        xx += (x[i] - middle) * (x[i] - middle);
        xy += (x[i] - middle) * (y[i] - middle);
        yy += (y[i] - middle) * (y[i] - middle);
    }
    return xy / sqrt(xx * yy);
}

static void correlate_inputs(const struct answers *a, const struct sample *s,
                             struct xo_sweep_result *r)
{
    const struct xo_scenario *scenario = a->sweep->scenario;
    r->n_correlations = scenario->n_correlations;
    for (int i = 0; i < r->n_correlations; i++) {
        const struct xo_correlation *c = &scenario->correlations[i];
        r->correlations[i] =
            (struct xo_sweep_correlation){ c->a, c->b, c->rank, rank_correlation(s, c->a, c->b) };
    }
}

/* ---- all of it ---- */

bool answer_inputs(const struct answers *a, struct xo_sweep_result *r, struct xo_error *err)
{
    const struct xo_interval none = { NAN, NAN, NAN };
    struct sample s;
    for (int o = 0; o < XO_N_OUTPUTS; o++) {
        describe_output(a, (enum xo_sweep_output)o, r);
        for (int k = 0; k < r->n_inputs; k++)
            r->inputs[k].indices[o] = (struct xo_sweep_indices){ none, none };
    }
    bool ok = sample_init(&s, a, r, err);
    ok = ok && (r->indices == XO_INDICES_PICK_FREEZE ? pick_freeze(a, r, err)
                                                     : given_data(a, &s, r, err));
    if (ok)
        correlate_inputs(a, &s, r);
    ok = ok && correlate(a, &s, r, err) && value_inputs(a, &s, r, err);
    sample_fini(&s);
    return ok;
}
