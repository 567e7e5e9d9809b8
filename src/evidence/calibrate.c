/* calibrate.c - which rows belong to a deployment, the fit, and whether it is worth having.
 *
 * The state is a struct bench, the scenario's one deployment with constants that nobody has
 * calibrated yet and the trials made of the rows, and the struct xo_calibration that is filled. A
 * row of another deployment, or one that cannot be simulated, is skipped with its reason. A request
 * log counts as several rows, its parts in order of arrival, so that one log is enough.
 *
 * Invariant: rows are left out by turns (folds in the order of the file, so that each takes its
 * share of a sweep over loads), and the fit is kept only where rows that it has not seen gain by
 * more than chance would give, and not in TTFT at the cost of TPOT (is_better). Else the constants
 * stay. Tried before: fits to three rows were kept that did harm. Begin with xo_calibrate,
 * calibrate_trials and judge.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibrate.h"

#include "sizing/option_sim.h"
#include "xo/memory.h"
#include "xo/stats.h"
#include "xo/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_FOLDS = 10 };
static const double Z975 = 1.959963984540054;

/* ---- leaving out ---- */

/* Folds by turns in the order of the file, so that each takes its share of a sweep over loads. */
struct folds {
    int n, size;
};
static struct folds folds_of(int n_trials)
{
    const int n = n_trials < MAX_FOLDS ? n_trials : MAX_FOLDS;
    return (struct folds){ n, (n_trials + n - 1) / n };
}

/* Predict every trial by a fit that has not seen its fold: predicted[n_trials]. */
static bool leave_out(struct fitting *f, const struct folds *folds,
                      double (*predicted)[XO_N_MEASURES], struct xo_error *err)
{
    bool *out = calloc((size_t)f->n_trials, sizeof *out);
    bool ok = out != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for a calibration");
    for (int fold = 0; ok && fold < folds->n; fold++) {
        struct estimate e;
        for (int t = 0; t < f->n_trials; t++)
            out[t] = t % folds->n == fold;
        ok = fitting_solve(f, out, &e, err) && fitting_simulate(f, e.at, out, predicted, err);
    }
    free(out);
    return ok;
}

/* ---- what came of it ---- */

static double median_error(const struct trial *trials, const struct xo_calibrated_row *rows, int n,
                           size_t offset, enum xo_measure m, double *work)
{
    size_t k = 0;
    for (int i = 0; i < n; i++) {
        const double *predicted = (const double *)(const void *)((const char *)&rows[i] + offset);
        const double e = predicted[m] / trials[i].row->measured[m] - 1;
        if (isfinite(e))
            work[k++] = fabs(e);
    }
    xo_sort(work, k);
    return xo_sorted_quantile(work, k, 0.5);
}

static bool count_errors(struct xo_calibration *c, const struct trial *trials, int n,
                         struct xo_error *err)
{
    double *work = malloc((size_t)n * sizeof *work);
    if (work == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a calibration");
    for (int m = 0; m < XO_N_MEASURES; m++) {
        struct xo_calibration_error *e = &c->errors[m];
        *e = (struct xo_calibration_error){ 0 };
        for (int i = 0; i < n; i++)
            e->n += isfinite(c->rows[i].before[m] / trials[i].row->measured[m]);
        const enum xo_measure measure = (enum xo_measure)m;
        e->before_frac = median_error(trials, c->rows, n,
                                      offsetof(struct xo_calibrated_row, before), measure, work);
        e->after_frac = median_error(trials, c->rows, n, offsetof(struct xo_calibrated_row, after),
                                     measure, work);
        e->left_out_frac = median_error(
            trials, c->rows, n, offsetof(struct xo_calibrated_row, left_out), measure, work);
    }
    free(work);
    return true;
}

/* The mean of measure m over the parts of a log, which are the trials first .. end-1; as
 * median_error has it, of the predictions at `offset`. */
static double whole_error(const struct xo_calibration *c, size_t first, size_t end, size_t offset,
                          enum xo_measure m)
{
    double predicted = 0, measured = 0;
    for (size_t i = first; i < end; i++) {
        const char *row = (const char *)&c->rows[i];
        predicted += ((const double *)(const void *)(row + offset))[m];
        measured += c->rows[i].measured[m];
    }
    return predicted / measured - 1;
}

/* The means of request logs, put together from their parts (of equal size but for one request). */
static bool count_logs(struct xo_calibration *c, struct xo_error *err)
{
    static const struct {
        size_t from, to;
    } columns[] = {
        { offsetof(struct xo_calibrated_row, before),
          offsetof(struct xo_calibration_error, before_frac) },
        { offsetof(struct xo_calibrated_row, after),
          offsetof(struct xo_calibration_error, after_frac) },
        { offsetof(struct xo_calibrated_row, left_out),
          offsetof(struct xo_calibration_error, left_out_frac) },
    };
    double *work = malloc((c->n_rows + 1) * sizeof *work);
    if (work == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a calibration");
    for (int m = XO_MEASURE_TTFT; m <= XO_MEASURE_E2E; m++)
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
            size_t n = 0;
            for (size_t first = 0, end; first < c->n_rows; first = end) {
                for (end = first + 1; end < c->n_rows && c->rows[end].part > 1;)
                    end++;
                if (c->rows[first].part > 0)
                    work[n++] =
                        fabs(whole_error(c, first, end, columns[k].from, (enum xo_measure)m));
            }
            xo_sort(work, n);
            c->logs[m].n = (int)n;
            *(double *)(void *)((char *)&c->logs[m] + columns[k].to) =
                xo_sorted_quantile(work, n, 0.5);
        }
    free(work);
    return true;
}

static double constant_at(const struct fitting *f, int i, double t)
{
    struct xo_row_plan plan = f->trials[0].plan;
    double at[MAX_PARAMETERS] = { 0 };
    at[i] = t;
    fitting_apply(f, at, &plan);
    return f->parameters[i].constant == FRONTEND
               ? plan.engine.frontend_s
               : *xo_constant_at(&plan.deployment.efficiency, f->parameters[i].constant);
}

static void say_fitted(struct xo_calibration *c, const struct fitting *f, const struct estimate *e)
{
    c->n_fitted = f->n_parameters;
    for (int i = 0; i < f->n_parameters; i++) {
        const struct parameter *p = &f->parameters[i];
        const double a = constant_at(f, i, e->at[i] - Z975 * e->sd[i]);
        const double b = constant_at(f, i, e->at[i] + Z975 * e->sd[i]);
        const double fit = constant_at(f, i, e->at[i]), before = constant_at(f, i, 0);
        c->fitted[i] = (struct xo_fitted){
            .name = p->key->name,
            .is_time = strcmp(p->key->unit, "time") == 0,
            .before = before,
            .after = c->kept ? before : fit,
            .fit = fit,
            .lo = fmin(a, b),
            .hi = fmax(a, b),
            .width_frac = e->sd[i] / p->sd,
        };
    }
}

/* Does leaving out show a gain? One by more than chance would give a constant that says nothing (a
 * factor e of likelihood), and not in TTFT at the cost of the tokens after it. */
static bool is_better(const struct fitting *f, const double (*before)[XO_N_MEASURES],
                      const double (*left_out)[XO_N_MEASURES])
{
    return fitting_misfit(f, NULL, left_out, 1) + 1 < fitting_misfit(f, NULL, before, 1) &&
           fitting_pace_misfit(f, left_out) <= fitting_pace_misfit(f, before);
}

static void copy_predictions(struct xo_calibration *c, const double (*before)[XO_N_MEASURES],
                             const double (*after)[XO_N_MEASURES],
                             const double (*left_out)[XO_N_MEASURES])
{
    for (size_t i = 0; i < c->n_rows; i++) {
        memcpy(c->rows[i].before, before[i], sizeof before[i]);
        memcpy(c->rows[i].after, c->kept ? before[i] : after[i], sizeof after[i]);
        memcpy(c->rows[i].left_out, left_out[i], sizeof left_out[i]);
    }
}

static bool judge(struct xo_calibration *c, struct fitting *f, const struct estimate *e,
                  struct xo_error *err)
{
    const size_t n = (size_t)f->n_trials;
    double(*work)[XO_N_MEASURES] = calloc(3 * n, sizeof *work);
    if (work == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a calibration");
    double(*before)[XO_N_MEASURES] = work, (*after)[XO_N_MEASURES] = work + n;
    double(*left_out)[XO_N_MEASURES] = work + 2 * n;
    const struct folds folds = folds_of(f->n_trials);
    for (size_t i = 0; i < n; i++)
        memcpy(before[i], f->trials[i].before, sizeof before[i]);
    const bool ok =
        fitting_simulate(f, e->at, NULL, after, err) && leave_out(f, &folds, left_out, err);
    if (ok) {
        c->kept = !is_better(f, (const double(*)[XO_N_MEASURES])before,
                             (const double(*)[XO_N_MEASURES])left_out);
        copy_predictions(c, (const double(*)[XO_N_MEASURES])before,
                         (const double(*)[XO_N_MEASURES])after,
                         (const double(*)[XO_N_MEASURES])left_out);
        c->n_folds = folds.n;
        c->fold_rows = folds.size;
        c->scatter_frac = e->scale * f->observations[0].sd;
    }
    free(work);
    return ok;
}

bool calibrate_trials(struct xo_calibration *c, struct trial *trials, int n_trials,
                      const struct xo_study_options *options, struct xo_error *err)
{
    struct fitting f;
    struct estimate e;
    if (!fitting_init(&f, trials, n_trials, options, err))
        return false;
    bool ok = fitting_run(&f, &e, err) && judge(c, &f, &e, err);
    if (ok) {
        say_fitted(c, &f, &e);
        c->n_simulated = f.n_simulated;
        ok = count_errors(c, trials, n_trials, err) && count_logs(c, err);
    }
    fitting_fini(&f);
    return ok;
}

/* ---- the rows of a deployment ---- */

/* Why a row is of another deployment; false with that in *why. */
static bool is_of(const struct xo_measured_row *row, const struct xo_deployment *d,
                  struct xo_error *why)
{
    const char *gpu = row->gpu != NULL ? row->gpu->gpu.name : row->gpu_name;
    const char *model = row->model != NULL ? row->model->model.name : row->model_name;
    const struct {
        const char *what, *here, *wanted;
    } names[] = {
        { "gpu", gpu, d->gpu.name },
        { "model", model, d->model.name },
        { "engine", xo_engine_name(row->engine), xo_engine_name(d->engine) },
        { "precision_weights", xo_dtype_name(row->weights), xo_dtype_name(d->weights) },
        { "precision_kv", row->kv_given ? xo_dtype_name(row->kv) : xo_dtype_name(d->kv),
          xo_dtype_name(d->kv) },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i].here, names[i].wanted) != 0)
            return xo_fail(why, XO_ERR_INPUT, "%s is %.60s, and [build] has %.60s", names[i].what,
                           names[i].here, names[i].wanted);
    const struct {
        const char *what;
        int here, wanted;
    } counts[] = {
        { "tp", row->tp, d->tensor_parallel },
        { "pp", row->pp, d->pipeline_parallel },
        { "ep", row->ep, d->expert_parallel },
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i].here > 0 && counts[i].here != counts[i].wanted)
            return xo_fail(why, XO_ERR_INPUT, "%s is %d, and [build] has %d", counts[i].what,
                           counts[i].here, counts[i].wanted);
    return true;
}

/* The row as it was run, on the scenario's deployment: its own notes go before [build]. */
static bool plan_trial(struct xo_measured_row *row, const struct xo_build_option *option,
                       const struct xo_engine *engine, struct xo_row_plan *plan,
                       struct xo_error *why)
{
    const struct xo_deployment *d = &option->deployment;
    row->tp = d->tensor_parallel;
    row->pp = d->pipeline_parallel;
    row->ep = d->expert_parallel;
    row->notes.attention_dp = 0;
    if (!xo_row_plan(row, plan, why))
        return false;
    const struct xo_deployment as_noted = plan->deployment;
    plan->deployment = *d;
    if (row->notes.memory_frac > 0)
        plan->deployment.memory_frac = as_noted.memory_frac;
    if (row->kv_room_tokens > 0)
        plan->deployment.kv_room_tokens = as_noted.kv_room_tokens;
    if (row->notes.chunk_tokens > 0)
        plan->deployment.chunk_tokens = as_noted.chunk_tokens;
    if (row->notes.max_batch > 0)
        plan->deployment.max_batch = as_noted.max_batch;
    plan->engine = *engine;
    plan->engine.chunk_tokens = plan->deployment.chunk_tokens * d->attention_dp;
    plan->engine.max_batch = plan->deployment.max_batch * d->attention_dp;
    const int gpus = xo_deployment_gpus(d);
    plan->n_replicas = row->n_gpus > gpus ? row->n_gpus / gpus : 1;
    return true;
}

/* Constants as nobody has calibrated them yet: the defaults, and what the scenario itself says. */
static void forget_included(const struct xo_scenario *s, struct xo_deployment *d,
                            struct xo_engine *engine)
{
    struct xo_efficiency fresh = xo_efficiency_default(d->engine);
    for (int i = 0; i < s->n_entries; i++) {
        const struct xo_entry *e = &s->entries[i];
        if (e->origin != XO_FROM_INCLUDE)
            continue;
        if (strcmp(e->name, "frontend") == 0)
            engine->frontend_s = xo_key_default(e->key);
        const int c = xo_constant_find(e->name);
        if (c >= 0)
            *xo_constant_at(&d->efficiency, c) = *xo_constant_at(&fresh, c);
    }
}

/* What the rows of a scenario are turned into. */
struct bench {
    struct xo_build_option option;
    struct xo_engine engine;
    struct xo_gpu_entry gpu; /* the scenario's own, whatever the catalogs say */
    struct xo_model_entry model;
    struct xo_measured_row *rows; /* [n] copies that point at gpu and model; owned */
    struct trial *trials;         /* [n] owned */
    int n;
};

static void skip(struct xo_calibration *c, const struct xo_measured_row *row, const char *why)
{
    if (c->n_skipped++ == 0)
        snprintf(c->why_skipped, sizeof c->why_skipped, "line %d: %.360s", row->line, why);
}

/* Into how many rows a request log is cut: so that a part has a score of requests at least. */
static int parts_of(const struct xo_measured_row *row)
{
    enum { PARTS = 10, SCORE = 20 };
    const int most = (int)(row->served.n / SCORE);
    return most < PARTS ? most : PARTS;
}

/* The trials of row i, which *t is a plan for: one, or one for each part of its log. */
static bool add_trials(struct xo_calibration *c, struct bench *b, size_t i, const struct trial *t,
                       struct xo_error *err)
{
    const struct xo_measured_row *row = t->row;
    const int n = parts_of(row);
    for (int part = 0; part == 0 || part < n; part++, b->n++) {
        struct xo_measured_row *own = &b->rows[b->n];
        struct xo_calibrated_row *r = &c->rows[b->n];
        if (own != row)
            *own = *row;
        b->trials[b->n] = *t;
        b->trials[b->n].row = own;
        if (n > 0) {
            const size_t from = row->served.n * (size_t)part / (size_t)n;
            const size_t to = row->served.n * (size_t)(part + 1) / (size_t)n;
            b->trials[b->n].plan.from_request = (int64_t)from;
            b->trials[b->n].plan.to_request = (int64_t)to;
            if (!xo_served_measure(&row->served, from, to, own->measured, err))
                return false;
        }
        r->row = i;
        r->part = n > 0 ? part + 1 : 0;
        memcpy(r->measured, own->measured, sizeof r->measured);
    }
    return true;
}

static bool take_row(struct xo_calibration *c, struct bench *b, size_t i, struct xo_error *err)
{
    struct xo_error why = { 0 };
    struct xo_measured_row *row = &b->rows[b->n];
    *row = c->measured->rows[i];
    if (!is_of(row, &b->option.deployment, &why)) {
        skip(c, row, why.text);
        return true;
    }
    row->gpu = &b->gpu;
    row->model = &b->model;
    struct trial t = { .row = row };
    /* run once beforehand: a row that cannot be simulated is not part of the fit */
    struct xo_prediction once = { 0 };
    if (row->quality == 'X')
        skip(c, row, "its quality is X: it breaks physics");
    else if (plan_trial(row, &b->option, &b->engine, &t.plan, &why) &&
             (once.plan = t.plan, row_simulate(row, NULL, &once, &why)))
        return add_trials(c, b, i, &t, err);
    else
        skip(c, row, why.text);
    return true;
}

static bool set_bench(struct bench *b, const struct xo_scenario *s, size_t n, struct xo_error *err)
{
    if (s->n_options == 0)
        return xo_fail(err, XO_ERR_INPUT,
                       "the scenario has no [build], and constants are those of one deployment");
    if (s->n_options > 1)
        return xo_fail(err, XO_ERR_INPUT,
                       "[build] lists %d deployments (%s, %s, ...) and one is calibrated at a "
                       "time; --set build.gpu, build.weights or build.tensor_parallel to one",
                       s->n_options, s->options[0].label, s->options[1].label);
    *b = (struct bench){ .option = s->options[0],
                         .engine = xo_option_engine(s, &s->options[0].deployment) };
    forget_included(s, &b->option.deployment, &b->engine);
    b->gpu.gpu = b->option.deployment.gpu;
    b->model.model = b->option.deployment.model;
    b->rows = calloc(n + 1, sizeof *b->rows);
    b->trials = calloc(n + 1, sizeof *b->trials);
    return (b->rows != NULL && b->trials != NULL) ||
           xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu rows", n);
}

static bool calibrate_bench(struct xo_calibration *c, struct bench *b,
                            const struct xo_study_options *options, struct xo_error *err)
{
    for (size_t i = 0; i < c->measured->n; i++)
        if (!take_row(c, b, i, err))
            return false;
    c->n_rows = (size_t)b->n;
    if (b->n < XO_LEAST_ROWS)
        return xo_fail(err, XO_ERR_INPUT,
                       "%.200s has %d row%s of %s; %d are the fewest to fit and to check%s%s%.200s",
                       c->measured->path, b->n, b->n == 1 ? "" : "s", c->deployment, XO_LEAST_ROWS,
                       c->measured->is_json ? " (results of other loads go into the same file, one "
                                              "after another)"
                                            : "",
                       c->n_skipped > 0 ? "; " : "", c->why_skipped);
    return calibrate_trials(c, b->trials, b->n, options, err);
}

bool xo_calibrate(struct xo_calibration **calibration, const struct xo_scenario *scenario,
                  const struct xo_measured *measured, const struct xo_study_options *options,
                  struct xo_error *err)
{
    struct bench b = { 0 };
    struct xo_calibration *c = calloc(1, sizeof *c);
    if (c == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a calibration");
    c->measured = measured;
    size_t n = 1;
    for (size_t i = 0; i < measured->n; i++)
        n += 1 + (size_t)parts_of(&measured->rows[i]);
    c->rows = calloc(n, sizeof *c->rows);
    bool ok = c->rows != NULL ? set_bench(&b, scenario, n, err)
                              : xo_fail(err, XO_ERR_MEMORY, "out of memory for a calibration");
    if (ok) {
        xo_deployment_label(&b.option.deployment, c->deployment, sizeof c->deployment);
        ok = calibrate_bench(c, &b, options, err);
    }
    free(b.rows);
    free(b.trials);
    if (ok)
        *calibration = c;
    else
        xo_calibration_free(c);
    return ok;
}

void xo_calibration_free(struct xo_calibration *c)
{
    if (c == NULL)
        return;
    free(c->rows);
    free(c);
}
