/* fitting.c - constants fitted to simulated rows; see calibrate.h.
 *
 * The state is a struct fitting: trials (rows with how each is simulated), observations of them,
 * parameters (a constant as the logarithm of a factor on its times, 0 where it was), and the planes
 * that stand for the simulation near their centre. Invariant: the planes are those of a simulation
 * at their centre, with slopes from simulations a step away; what fitting_run returns is the last
 * centre that a simulation confirmed to be better than the one before.
 *
 * The fit runs on planes, since a simulated time hardly bends in these factors and a simulation
 * takes long. Each parameter has a prior, the spread of its constant between deployments, so that
 * what rows cannot tell stays where it was; one that no observation feels is left out
 * (drop_unreached). Errors are Student's t: the loss of an outlier grows with its logarithm alone.
 * Begin with fitting_init, fitting_solve and fitting_run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibrate.h"
#include "sizing/option_sim.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far a row scatters around a deployment's own constants: medians of the published ones after
 * their fit (docs/validation.md). A TTFT has a few ms more that are not the engine's. */
static const double TPOT_SD = 0.03, OUTPUT_SD = 0.03, E2E_SD = 0.04, TTFT_SD = 0.12, TTFT_S = 5e-3;
static const double FRONTEND_SD_S = 0.05;

static const double STEP = 0.02;          /* of a slope */
static const double STEP_FRONTEND = 1e-3; /* s */
static const double REACH = 1e-3;         /* a constant with smaller slopes is not fitted */
static const double NU = 4;  /* Student's t: the loss of an outlier grows with its logarithm */
static const double NU0 = 8; /* rows that the expected scatter is worth against the seen one */

enum { MAX_ROUNDS = 4, MAX_REWEIGHTS = 12, MAX_ITERATIONS = 100, MAX_HALVINGS = 4 };

/* ---- simulating ---- */

void fitting_apply(const struct fitting *f, const double at[], struct xo_row_plan *plan)
{
    for (int i = 0; i < f->n_parameters; i++) {
        const struct parameter *p = &f->parameters[i];
        const double t = fmax(at[i], p->least);
        if (p->constant == FRONTEND) {
            plan->engine.frontend_s += t;
            continue;
        }
        const bool is_share = xo_constants[p->constant].is_share;
        double *x = xo_constant_at(&plan->deployment.efficiency, p->constant);
        *x = fmin(p->key->max, fmax(p->key->min, *x * exp(is_share ? -t : t)));
    }
}

static bool simulate_one(struct fitting *f, const double at[], int trial,
                         double predicted[XO_N_MEASURES], struct xo_error *err)
{
    struct xo_prediction p = { .plan = f->trials[trial].plan };
    fitting_apply(f, at, &p.plan);
    if (!row_simulate(f->trials[trial].row, f->options->stop, &p, err))
        return false;
    memcpy(predicted, p.predicted, sizeof p.predicted);
    return true;
}

bool fitting_simulate(struct fitting *f, const double at[], const bool which[],
                      double (*predicted)[XO_N_MEASURES], struct xo_error *err)
{
    const int n = f->n_trials;
    int failed_at = n;
#pragma omp parallel for schedule(dynamic, 1) num_threads(study_threads(f->options))
    for (int i = 0; i < n; i++) {
        struct xo_error own = { 0 };
        if ((which != NULL && !which[i]) || simulate_one(f, at, i, predicted[i], &own))
            continue;
#pragma omp critical(xo_fitting)
        if (i < failed_at) {
            failed_at = i;
            if (err != NULL)
                *err = own;
        }
    }
    for (int i = 0; i < n; i++)
        f->n_simulated += which == NULL || which[i];
    return failed_at == n;
}

/* A throughput counts as the time of a token. */
static double time_of(enum xo_measure measure, double value)
{
    return measure == XO_MEASURE_OUTPUT ? 1 / value : value;
}

static double time_seen(const struct observation *o, const double (*predicted)[XO_N_MEASURES])
{
    return time_of(o->measure, predicted[o->trial][o->measure]);
}

/* ---- what there is to fit ---- */

/* The first measure of each line that a row has is taken: the others say the same again. */
static int observe(const struct trial *t, int index, struct observation out[3])
{
    static const struct {
        enum xo_measure choices[4];
        int n;
    } lines[] = {
        { { XO_MEASURE_TPOT, XO_MEASURE_TPOT_P50, XO_MEASURE_OUTPUT, XO_MEASURE_E2E }, 4 },
        { { XO_MEASURE_TTFT, XO_MEASURE_TTFT_P50 }, 2 },
    };
    int n = 0;
    for (size_t line = 0; line < sizeof lines / sizeof *lines; line++)
        for (int i = 0; i < lines[line].n; i++) {
            const enum xo_measure m = lines[line].choices[i];
            const double measured = t->row->measured[m], predicted = t->before[m];
            if (!(measured > 0 && predicted > 0 && isfinite(predicted)))
                continue;
            const double sd = m == XO_MEASURE_OUTPUT ? OUTPUT_SD
                              : m == XO_MEASURE_E2E  ? E2E_SD
                              : line == 0            ? TPOT_SD
                                                     : hypot(TTFT_SD, TTFT_S / measured);
            out[n++] = (struct observation){ index, m, time_of(m, measured), sd };
            break;
        }
    return n;
}

/* The key of [build] that the scenario gives a constant by. */
static const struct xo_key *key_of(int constant)
{
    char dotted[64];
    snprintf(dotted, sizeof dotted, "build.%s",
             constant == FRONTEND ? "frontend" : xo_constants[constant].name);
    return &xo_keys[xo_key_find(dotted)];
}

static void add_parameter(struct fitting *f, int constant)
{
    struct parameter *p = &f->parameters[f->n_parameters++];
    struct xo_efficiency e = f->trials[0].plan.deployment.efficiency;
    const struct xo_key *key = key_of(constant);
    *p = (struct parameter){ constant, key, FRONTEND_SD_S, -f->trials[0].plan.engine.frontend_s };
    if (constant == FRONTEND)
        return;
    const struct xo_constant *c = &xo_constants[constant];
    const double x = *xo_constant_at(&e, constant);
    p->sd = c->spread;
    p->least = c->is_share ? -log(key->max / x) : key->min > 0 ? log(key->min / x) : -5;
}

/* ---- planes ---- */

static double slope_of(const struct parameter *p, double at, double moved, double step)
{
    return p->constant == FRONTEND ? (moved - at) / step : log(moved / at) / step;
}

/* Simulate one parameter's column of slopes; false: as fitting_simulate. */
static bool take_column(struct fitting *f, int i, double (*moved)[XO_N_MEASURES],
                        struct xo_error *err)
{
    const struct parameter *p = &f->parameters[i];
    const double step = p->constant == FRONTEND ? STEP_FRONTEND : STEP;
    double at[MAX_PARAMETERS];
    memcpy(at, f->planes.centre, sizeof at);
    at[i] = fmax(at[i], p->least) + step;
    if (!fitting_simulate(f, at, NULL, moved, err))
        return false;
    for (int k = 0; k < f->n_observations; k++) {
        const double y = time_seen(&f->observations[k], (const double(*)[XO_N_MEASURES])moved);
        const double slope = slope_of(p, f->planes.at[k], y, step);
        f->planes.slopes[k * f->n_parameters + i] = isfinite(slope) ? slope : 0;
    }
    return true;
}

/* Move the planes to `centre`, where the simulation said `predicted`. */
static bool take_planes(struct fitting *f, const double centre[],
                        const double (*predicted)[XO_N_MEASURES], struct xo_error *err)
{
    double(*moved)[XO_N_MEASURES] = malloc((size_t)f->n_trials * sizeof *moved);
    if (moved == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a calibration");
    memcpy(f->planes.centre, centre, (size_t)f->n_parameters * sizeof *centre);
    for (int k = 0; k < f->n_observations; k++)
        f->planes.at[k] = time_seen(&f->observations[k], predicted);
    bool ok = true;
    for (int i = 0; ok && i < f->n_parameters; i++)
        ok = take_column(f, i, moved, err);
    free(moved);
    return ok;
}

static bool is_pace(const struct parameter *p)
{
    return p->constant < XO_N_CONSTANTS &&
           xo_constants[p->constant].offset == offsetof(struct xo_efficiency, step_scale);
}

/* The logarithm of observation k's plane at `at`, and its derivatives when slopes != NULL. */
static double plane_at(const struct fitting *f, int k, const double at[], double slopes[])
{
    const double *s = &f->planes.slopes[k * f->n_parameters];
    double sum = 1, pace = 0, added = 0;
    for (int i = 0; i < f->n_parameters; i++) {
        const struct parameter *p = &f->parameters[i];
        const double d = fmax(at[i], p->least) - f->planes.centre[i];
        if (p->constant == FRONTEND)
            added += s[i] * d;
        else if (is_pace(p))
            pace += s[i] * d;
        else
            sum += s[i] * expm1(d);
    }
    const double own = f->planes.at[k] * exp(pace) * fmax(sum, 0.05);
    const double y = fmax(own + added, 0.05 * f->planes.at[k]);
    for (int i = 0; slopes != NULL && i < f->n_parameters; i++) {
        const struct parameter *p = &f->parameters[i];
        const double d = at[i] - f->planes.centre[i];
        slopes[i] = at[i] < p->least          ? 0
                    : p->constant == FRONTEND ? s[i] / y
                    : is_pace(p)              ? s[i] * own / y
                                              : s[i] * exp(d) * own / fmax(sum, 0.05) / y;
    }
    return log(y);
}

/* ---- the fit on the planes ---- */

/* Residuals: observations, each over its sd and times the root of its weight, then parameters over
 * theirs, which is the prior. */
struct problem {
    const struct fitting *f;
    const double *weights; /* [n_observations] robust weight over the scale squared; 0: left out */
};

static int residuals(const gsl_vector *x, void *data, gsl_vector *r)
{
    const struct problem *p = data;
    const struct fitting *f = p->f;
    for (int k = 0; k < f->n_observations; k++) {
        const struct observation *o = &f->observations[k];
        const double off = plane_at(f, k, x->data, NULL) - log(o->measured);
        gsl_vector_set(r, (size_t)k, sqrt(p->weights[k]) * off / o->sd);
    }
    for (int i = 0; i < f->n_parameters; i++)
        gsl_vector_set(r, (size_t)(f->n_observations + i), x->data[i] / f->parameters[i].sd);
    return GSL_SUCCESS;
}

static int derivatives(const gsl_vector *x, void *data, gsl_matrix *j)
{
    const struct problem *p = data;
    const struct fitting *f = p->f;
    double slopes[MAX_PARAMETERS];
    gsl_matrix_set_zero(j);
    for (int k = 0; k < f->n_observations; k++) {
        plane_at(f, k, x->data, slopes);
        for (int i = 0; i < f->n_parameters; i++)
            gsl_matrix_set(j, (size_t)k, (size_t)i,
                           sqrt(p->weights[k]) * slopes[i] / f->observations[k].sd);
    }
    for (int i = 0; i < f->n_parameters; i++)
        gsl_matrix_set(j, (size_t)(f->n_observations + i), (size_t)i, 1 / f->parameters[i].sd);
    return GSL_SUCCESS;
}

/* Weights for the next pass: (nu + 1)/(nu + r^2) of a Student-t error (Lange, Little and Taylor,
 * JASA 84, 1989), and the scale of the noise, held near 1 by NU0 rows' worth of belief. Returns
 * the largest change. */
static double reweigh(const struct fitting *f, const gsl_vector *x, const bool left_out[],
                      double weights[], double *scale)
{
    double sum = NU0, n = NU0, change = 0;
    for (int k = 0; k < f->n_observations; k++) {
        const struct observation *o = &f->observations[k];
        if (left_out != NULL && left_out[o->trial])
            continue;
        const double r = (plane_at(f, k, x->data, NULL) - log(o->measured)) / o->sd;
        sum += (NU + 1) / (NU + r * r / (*scale * *scale)) * r * r;
        n++;
    }
    *scale = sqrt(sum / n);
    for (int k = 0; k < f->n_observations; k++) {
        const struct observation *o = &f->observations[k];
        double w = 0;
        if (left_out == NULL || !left_out[o->trial]) {
            const double r = (plane_at(f, k, x->data, NULL) - log(o->measured)) / (o->sd * *scale);
            w = (NU + 1) / (NU + r * r) / (*scale * *scale);
        }
        change = fmax(change, fabs(w - weights[k]));
        weights[k] = w;
    }
    return change;
}

static void take_estimate(const struct fitting *f, gsl_multifit_nlinear_workspace *w,
                          gsl_matrix *covariance, struct estimate *e)
{
    const gsl_vector *x = gsl_multifit_nlinear_position(w);
    gsl_multifit_nlinear_covar(gsl_multifit_nlinear_jac(w), 0, covariance);
    for (int i = 0; i < f->n_parameters; i++) {
        e->at[i] = fmax(x->data[i], f->parameters[i].least);
        e->sd[i] = sqrt(gsl_matrix_get(covariance, (size_t)i, (size_t)i));
    }
}

bool fitting_solve(const struct fitting *f, const bool left_out[], struct estimate *e,
                   struct xo_error *err)
{
    const size_t n = (size_t)(f->n_observations + f->n_parameters), p = (size_t)f->n_parameters;
    const gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_workspace *w =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, n, p);
    gsl_matrix *covariance = gsl_matrix_alloc(p, p);
    gsl_vector *x = gsl_vector_calloc(p);
    double *weights = calloc((size_t)f->n_observations, sizeof *weights);
    bool ok = w != NULL && covariance != NULL && x != NULL && weights != NULL;
    struct problem problem = { f, weights };
    gsl_multifit_nlinear_fdf fdf = {
        .f = residuals, .df = derivatives, .n = n, .p = p, .params = &problem
    };
    e->scale = 1;
    if (!ok)
        xo_fail(err, XO_ERR_MEMORY, "out of memory for a fit of %zu constants", p);
    else
        reweigh(f, x, left_out, weights, &e->scale);
    for (int pass = 0; ok && pass < MAX_REWEIGHTS; pass++) {
        int why;
        gsl_multifit_nlinear_init(x, &fdf, w);
        const int status =
            gsl_multifit_nlinear_driver(MAX_ITERATIONS, 1e-6, 1e-8, 0, NULL, NULL, &why, w);
        if (status != GSL_SUCCESS && status != GSL_ENOPROG && status != GSL_EMAXITER)
            ok = xo_fail(err, XO_ERR_NUMERIC, "the fit of the constants failed: %s",
                         gsl_strerror(status));
        gsl_vector_memcpy(x, gsl_multifit_nlinear_position(w));
        if (reweigh(f, x, left_out, weights, &e->scale) < 0.01)
            break;
    }
    if (ok)
        take_estimate(f, w, covariance, e);
    free(weights);
    gsl_vector_free(x);
    gsl_matrix_free(covariance);
    gsl_multifit_nlinear_free(w);
    return ok;
}

/* ---- the fit on simulations ---- */

static double loss(const struct fitting *f, int k, const double (*predicted)[XO_N_MEASURES],
                   double scale)
{
    const struct observation *o = &f->observations[k];
    const double r = log(time_seen(o, predicted) / o->measured) / (o->sd * scale);
    return (NU + 1) / 2 * log1p((isfinite(r) ? r * r : 1e6) / NU);
}

double fitting_misfit(const struct fitting *f, const bool which[],
                      const double (*predicted)[XO_N_MEASURES], double scale)
{
    double sum = 0;
    for (int k = 0; k < f->n_observations; k++)
        if (which == NULL || which[f->observations[k].trial])
            sum += loss(f, k, predicted, scale);
    return sum;
}

double fitting_pace_misfit(const struct fitting *f, const double (*predicted)[XO_N_MEASURES])
{
    double sum = 0;
    for (int k = 0; k < f->n_observations; k++) {
        const enum xo_measure m = f->observations[k].measure;
        if (m != XO_MEASURE_TTFT && m != XO_MEASURE_TTFT_P50)
            sum += loss(f, k, predicted, 1);
    }
    return sum;
}

static double prior_of(const struct fitting *f, const double at[])
{
    double sum = 0;
    for (int i = 0; i < f->n_parameters; i++)
        sum += 0.5 * pow(at[i] / f->parameters[i].sd, 2);
    return sum;
}

/* Simulate at the estimate, or part of the way there where that is no better than the centre. */
static bool confirm(struct fitting *f, struct estimate *e, double (*predicted)[XO_N_MEASURES],
                    double best, bool *better, struct xo_error *err)
{
    *better = false;
    for (int i = 0; i <= MAX_HALVINGS && !*better; i++) {
        if (!fitting_simulate(f, e->at, NULL, predicted, err))
            return false;
        *better = fitting_misfit(f, NULL, (const double(*)[XO_N_MEASURES])predicted, 1) +
                      prior_of(f, e->at) <
                  best;
        for (int k = 0; k < f->n_parameters && !*better; k++)
            e->at[k] = (e->at[k] + f->planes.centre[k]) / 2;
    }
    return true;
}

static double largest_move(const struct fitting *f, const double at[])
{
    double move = 0;
    for (int i = 0; i < f->n_parameters; i++)
        move = fmax(move, fabs(at[i] - f->planes.centre[i]) / f->parameters[i].sd);
    return move;
}

bool fitting_run(struct fitting *f, struct estimate *e, struct xo_error *err)
{
    double(*predicted)[XO_N_MEASURES] = malloc((size_t)f->n_trials * sizeof *predicted);
    if (predicted == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a calibration");
    for (int t = 0; t < f->n_trials; t++)
        memcpy(predicted[t], f->trials[t].before, sizeof predicted[t]);
    double best = fitting_misfit(f, NULL, (const double(*)[XO_N_MEASURES])predicted, 1);
    bool ok = true, better = true;
    for (int round = 0; ok && better && round < MAX_ROUNDS; round++) {
        struct estimate next;
        ok = fitting_solve(f, NULL, &next, err) && confirm(f, &next, predicted, best, &better, err);
        if (!ok || !better)
            break;
        const bool settled = largest_move(f, next.at) < 0.1;
        best = fitting_misfit(f, NULL, (const double(*)[XO_N_MEASURES])predicted, 1) +
               prior_of(f, next.at);
        ok = take_planes(f, next.at, (const double(*)[XO_N_MEASURES])predicted, err);
        if (settled)
            break;
    }
    free(predicted);
    ok = ok && fitting_solve(f, NULL, e, err);
    memcpy(e->at, f->planes.centre, sizeof e->at); /* the last that a simulation confirmed */
    return ok;
}

/* ---- beginning and end ---- */

/* Leave out what no observation feels. */
static void drop_unreached(struct fitting *f)
{
    int kept = 0;
    const int n = f->n_parameters;
    bool reached[MAX_PARAMETERS] = { false };
    for (int k = 0; k < f->n_observations; k++)
        for (int i = 0; i < n; i++)
            reached[i] |= fabs(f->planes.slopes[k * n + i]) > REACH;
    for (int i = 0; i < n; i++)
        kept += reached[i];
    for (int k = 0; k < f->n_observations; k++)
        for (int i = 0, to = 0; i < n; i++)
            if (reached[i])
                f->planes.slopes[k * kept + to++] = f->planes.slopes[k * n + i];
    f->n_parameters = 0;
    for (int i = 0; i < n; i++)
        if (reached[i])
            f->parameters[f->n_parameters++] = f->parameters[i];
}

static bool take_before(struct fitting *f, struct xo_error *err)
{
    double(*predicted)[XO_N_MEASURES] = malloc((size_t)f->n_trials * sizeof *predicted);
    const double nothing[MAX_PARAMETERS] = { 0 };
    if (predicted == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a calibration");
    bool ok = fitting_simulate(f, nothing, NULL, predicted, err);
    for (int t = 0; ok && t < f->n_trials; t++) {
        memcpy(f->trials[t].before, predicted[t], sizeof predicted[t]);
        f->n_observations += observe(&f->trials[t], t, &f->observations[f->n_observations]);
    }
    if (ok && f->n_observations == 0)
        ok = xo_fail(err, XO_ERR_INPUT,
                     "no row has a TPOT, a TTFT, an E2E time or a throughput to fit to");
    const size_t n = (size_t)f->n_observations;
    f->planes.at = calloc(n + 1, sizeof *f->planes.at);
    f->planes.slopes = calloc(n * (size_t)f->n_parameters + 1, sizeof *f->planes.slopes);
    if (ok && (f->planes.at == NULL || f->planes.slopes == NULL))
        ok = xo_fail(err, XO_ERR_MEMORY, "out of memory for a calibration");
    ok = ok && take_planes(f, nothing, (const double(*)[XO_N_MEASURES])predicted, err);
    free(predicted);
    return ok;
}

bool fitting_init(struct fitting *f, struct trial *trials, int n_trials,
                  const struct xo_study_options *options, struct xo_error *err)
{
    *f = (struct fitting){ .trials = trials, .n_trials = n_trials, .options = options };
    f->observations = calloc(3 * (size_t)n_trials, sizeof *f->observations);
    for (int c = 0; c <= FRONTEND; c++)
        add_parameter(f, c);
    const bool ok = f->observations != NULL
                        ? take_before(f, err)
                        : xo_fail(err, XO_ERR_MEMORY, "out of memory for a calibration");
    if (ok)
        drop_unreached(f);
    else
        fitting_fini(f);
    return ok;
}

void fitting_fini(struct fitting *f)
{
    free(f->observations);
    free(f->planes.at);
    free(f->planes.slopes);
    *f = (struct fitting){ 0 };
}
