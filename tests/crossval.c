/* crossval.c - what the constants of the step time are worth where they have not been.
 *
 *   crossval MEASURED.csv
 *
 * The constants are fitted again without each family or generation of GPUs, without each model or
 * kind of models, and without each engine; the rows left out are then simulated with what was
 * found. Prints Markdown: errors of models with and without experts, the targets reached, errors by
 * deployment (the classes of src/hardware/trust.c), and what each term of the step buys.
 *
 * A fit is robust least squares in the logarithms of constants. Each row's time is taken to be a
 * sum of parts that the constants stretch, with slopes read off the simulator once. Where kernels
 * say what a constant is (docs/model.md) it is held near; the others are held loosely (0.4) near
 * the defaults, which have seen all rows: a little too kind.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence/validate.h"
#include "xo/stats.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whose work between kernels a row paid for. */
enum host { VLLM, SGLANG, TRTLLM, VLLM_2024, TRTLLM_2024, N_HOSTS, ANY_HOST = N_HOSTS };

/* One number of a fit: it stretches the time that one or two constants stand for. */
struct parameter {
    const char *constants[2];
    enum host host;
    double mean, sd; /* of the constant as kernels have it; 0: the default, 0.4 */
};
static const struct parameter parameters[] = {
    { { "mbu_weights" }, ANY_HOST, 0.87, 0.04 },
    { { "mbu_4bit" }, ANY_HOST, 0, 0 },
    { { "mbu_kv" }, ANY_HOST, 0.9, 0.1 },
    { { "mfu_linear" }, ANY_HOST, 0, 0 },
    { { "mfu_4bit" }, ANY_HOST, 0, 0 },
    { { "mfu_experts" }, ANY_HOST, 0.47, 0.15 },
    { { "mfu_experts_4bit" }, ANY_HOST, 0.63, 0.2 },
    { { "mfu_attention" }, ANY_HOST, 0.6, 0.15 },
    { { "moe_decode" }, ANY_HOST, 0, 0 },
    { { "moe_decode_4bit" }, ANY_HOST, 0, 0 },
    { { "attention_floor" }, ANY_HOST, 0, 0 },
    { { "allreduce_latency" }, ANY_HOST, 0, 0 },
    { { "link_efficiency" }, ANY_HOST, 0.85, 0.05 },
    { { "step_overhead" }, VLLM, 0, 0 },
    { { "layer_decode", "layer_prefill" }, VLLM, 0, 0 },
    { { "sequence_overhead" }, VLLM, 0, 0 },
    { { "moe_prefill" }, VLLM, 0.25e-3, 0.2 },
    { { "mfu_8bit" }, VLLM, 0.62, 0.25 },
    { { "step_overhead" }, SGLANG, 0, 0 },
    { { "layer_decode" }, SGLANG, 0, 0 },
    { { "layer_prefill" }, SGLANG, 0, 0 },
    { { "sequence_overhead" }, SGLANG, 0, 0 },
    { { "moe_prefill" }, SGLANG, 0.25e-3, 0.2 },
    { { "mfu_8bit" }, SGLANG, 0.62, 0.25 },
    { { "step_overhead" }, TRTLLM, 0, 0 },
    { { "layer_decode", "layer_prefill" }, TRTLLM, 0, 0 },
    { { "sequence_overhead" }, TRTLLM, 0, 0 },
    { { "moe_prefill" }, TRTLLM, 0.5e-3, 0.2 },
    { { "mfu_8bit" }, TRTLLM, 0.62, 0.25 },
    { { "step_overhead" }, VLLM_2024, 0, 0 },
    { { "layer_decode", "layer_prefill" }, VLLM_2024, 0, 0 },
    { { "sequence_overhead" }, VLLM_2024, 0, 0 },
    { { "step_overhead" }, TRTLLM_2024, 0, 0 },
    { { "layer_decode", "layer_prefill" }, TRTLLM_2024, 0, 0 },
    { { "sequence_overhead" }, TRTLLM_2024, 0, 0 },
};
enum { N_PARAMETERS = sizeof parameters / sizeof *parameters };
static const double loose = 0.4, residual_sd = 0.1, most_share = 0.98, nothing = -14;

/* A term is taken out by holding its parameters where they do nothing, the others fitted again. */
struct ablation {
    const char *what;
    const char *constants[3];
    double to; /* the constant's value; 0: no time */
};
static const struct ablation ablations[] = {
    { "nothing", { NULL }, 0 },
    { "fixed time of a layer", { "layer_decode" }, 0 },
    { "fixed time of a step", { "step_overhead" }, 0 },
    { "time of each sequence", { "sequence_overhead" }, 0 },
    { "fixed time of a MoE layer", { "moe_decode", "moe_decode_4bit", "moe_prefill" }, 0 },
    { "experts below the data sheet's", { "mfu_experts", "mfu_experts_4bit" }, 0.98 },
    { "latency of all-reduces", { "allreduce_latency" }, 0 },
    { "bandwidth below the data sheet's", { "mbu_weights", "mbu_4bit", "mbu_kv" }, 0.98 },
    { "compute below the data sheet's", { "mfu_linear", "mfu_8bit", "mfu_4bit" }, 0.98 },
};
enum { N_ABLATIONS = sizeof ablations / sizeof *ablations };

/* What a fit sees of a row: the logarithm of one predicted time over the measured one. */
struct observation {
    size_t row;
    enum xo_measure measure;
    double error, weight, slopes[N_PARAMETERS];
};

struct crossval {
    struct xo_validation *v; /* as the defaults have it */
    enum host *hosts;        /* [v->measured->n] */
    struct observation *observations;
    size_t n;
    double (*predicted)[XO_N_MEASURES]; /* [v->measured->n] of the fit at hand */
    double step[N_PARAMETERS];
};

/* ---- rows ---- */

static const struct xo_measured_row *row_at(const struct crossval *c, size_t i)
{
    return &c->v->measured->rows[i];
}

/* GPUs that share a die or nearly so are left out together. */
static const char *family_of(const struct xo_measured_row *row)
{
    static const char *const families[] = { "a100", "b200", "h100", "rtx-pro-6000" };
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strstr(row->gpu->gpu.name, families[i]) != NULL)
            return families[i];
    return row->gpu->gpu.name;
}

static bool is_usable(const struct crossval *c, size_t i)
{
    return c->v->rows[i].simulated && row_at(c, i)->quality != 'X' &&
           xo_gpu_make_was_fitted(&c->v->rows[i].plan.deployment.gpu);
}

static enum host host_of(const struct xo_row_plan *plan)
{
    static const enum host today[] = { VLLM, SGLANG, TRTLLM };
    static const enum host of_2024[] = { VLLM_2024, SGLANG, TRTLLM_2024 };
    const int engine = (int)plan->deployment.engine;
    return plan->engine.schedule_ahead ? today[engine] : of_2024[engine];
}

/* ---- constants ---- */

static bool concerns(const struct parameter *p, enum host host)
{
    return p->host == ANY_HOST || p->host == host;
}

/* Stretch by e^t the time that a parameter stands for. */
static void stretch(struct xo_efficiency *e, const struct parameter *p, double t)
{
    for (int k = 0; k < 2 && p->constants[k] != NULL; k++) {
        const int constant = xo_constant_find(p->constants[k]);
        double *x = xo_constant_at(e, constant);
        *x = xo_constants[constant].is_share ? fmin(*x * exp(-t), most_share) : *x * exp(t);
    }
}

static double value_of(const struct parameter *p, enum host host)
{
    static const enum xo_engine_family engines[N_HOSTS] = { XO_ENGINE_VLLM, XO_ENGINE_SGLANG,
                                                            XO_ENGINE_TRTLLM, XO_ENGINE_VLLM,
                                                            XO_ENGINE_TRTLLM };
    const enum host h = host == ANY_HOST ? VLLM : host;
    struct xo_efficiency e =
        h >= VLLM_2024 ? xo_efficiency_of_2024(engines[h]) : xo_efficiency_default(engines[h]);
    return *xo_constant_at(&e, xo_constant_find(p->constants[0]));
}

/* Least t of a parameter, and the prior of it. */
static double least_of(const struct parameter *p)
{
    const bool share = xo_constants[xo_constant_find(p->constants[0])].is_share;
    return share ? log(value_of(p, p->host) / most_share) : -3;
}
static double mean_of(const struct parameter *p)
{
    const bool share = xo_constants[xo_constant_find(p->constants[0])].is_share;
    const double stretch = p->mean > 0 ? log(p->mean / value_of(p, p->host)) : 0;
    return share ? -stretch : stretch;
}
static double sd_of(const struct parameter *p)
{
    return p->sd > 0 ? p->sd : loose;
}

/* ---- simulation ---- */

/* Simulate the rows i with in[i] at t[]; a row that cannot be run so has NANs. */
static void simulate(struct crossval *c, const bool in[], const double t[])
{
    const size_t n = c->v->measured->n;
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < n; i++) {
        if (!in[i])
            continue;
        struct xo_prediction p = { .plan = c->v->rows[i].plan };
        for (int k = 0; k < N_PARAMETERS; k++)
            if (concerns(&parameters[k], c->hosts[i]))
                stretch(&p.plan.deployment.efficiency, &parameters[k], t[k]);
        const bool ok = row_simulate(row_at(c, i), NULL, &p, NULL);
        for (int m = 0; m < XO_N_MEASURES; m++)
            c->predicted[i][m] = ok ? p.predicted[m] : NAN;
    }
}

/* log(predicted/measured) of a time; a throughput is one over a time. */
static double log_error(const struct xo_measured_row *row, const double predicted[],
                        enum xo_measure m)
{
    const double e = log(predicted[m] / row->measured[m]);
    return m == XO_MEASURE_OUTPUT ? -e : e;
}

/* ---- what a fit sees ---- */

static void observe(struct crossval *c, size_t i, enum xo_measure m, double weight)
{
    const double e = log_error(row_at(c, i), c->v->rows[i].predicted, m);
    if (isfinite(e))
        c->observations[c->n++] =
            (struct observation){ .row = i, .measure = m, .error = e, .weight = weight };
}

/* TPOT, else throughput; TTFT beside it at a fifth of the weight where it was taken in a loop. */
static void observe_all(struct crossval *c)
{
    for (size_t i = 0; i < c->v->measured->n; i++) {
        const struct xo_measured_row *row = row_at(c, i);
        if (!is_usable(c, i) || row->load == XO_LOAD_TRACE)
            continue;
        const bool tpot = row->measured[XO_MEASURE_TPOT] > 0;
        observe(c, i, tpot ? XO_MEASURE_TPOT : XO_MEASURE_OUTPUT, 1);
        if (strcmp(row->dataset, "inferencex") == 0 || strncmp(row->dataset, "infsim", 6) == 0)
            observe(c, i, XO_MEASURE_TTFT, 0.2);
    }
}

/* Datasets weigh the same, below 60 rows less, and the engines of 2024 less; rows of quality C
 * half. */
static void weigh(struct crossval *c)
{
    double sum = 0;
    for (size_t k = 0; k < c->n; k++) {
        size_t same = 0;
        const struct observation *a = &c->observations[k];
        for (size_t l = 0; l < c->n; l++) {
            const struct observation *b = &c->observations[l];
            same += (a->measure == XO_MEASURE_TTFT) == (b->measure == XO_MEASURE_TTFT) &&
                    strcmp(row_at(c, a->row)->dataset, row_at(c, b->row)->dataset) == 0;
        }
        c->observations[k].weight /= sqrt((double)(same < 60 ? 60 : same));
        if (c->hosts[a->row] >= VLLM_2024)
            c->observations[k].weight *= 0.4;
        if (row_at(c, a->row)->quality == 'C')
            c->observations[k].weight *= 0.5;
        if (a->measure != XO_MEASURE_TTFT)
            sum += a->weight * a->weight;
    }
    for (size_t k = 0; k < c->n; k++)
        c->observations[k].weight *= sqrt(1000 / sum);
}

/* Can a constant show in a row's times? Saves simulations whose slope is nothing. */
static bool shows_in(const struct crossval *c, size_t i, const char *constant)
{
    const struct xo_deployment *d = &c->v->rows[i].plan.deployment;
    const double bits = xo_dtype_bits(d->weights);
    const bool of_experts = strncmp(constant, "moe", 3) == 0 || strstr(constant, "experts") != NULL;
    const bool of_links =
        strcmp(constant, "link_efficiency") == 0 || strcmp(constant, "allreduce_latency") == 0;
    return (d->model.experts > 0 || !of_experts) && (xo_deployment_gpus(d) > 1 || !of_links) &&
           (bits < 8 || strstr(constant, "4bit") == NULL) &&
           (bits < 16 || strstr(constant, "8bit") == NULL);
}

static void take_slopes(struct crossval *c)
{
    const double h = 0.02;
    const size_t n = c->v->measured->n;
    bool *in = calloc(n, sizeof *in);
    for (int p = 0; p < N_PARAMETERS; p++) {
        double t[N_PARAMETERS] = { 0 };
        t[p] = h; /* slower: never beyond a share's end */
        for (size_t i = 0; i < n; i++)
            in[i] = is_usable(c, i) && concerns(&parameters[p], c->hosts[i]) &&
                    shows_in(c, i, parameters[p].constants[0]);
        simulate(c, in, t);
        for (size_t k = 0; k < c->n; k++) {
            struct observation *o = &c->observations[k];
            if (!in[o->row])
                continue;
            const double e = log_error(row_at(c, o->row), c->predicted[o->row], o->measure);
            o->slopes[p] = isfinite(e) ? (e - o->error) / h : 0;
        }
    }
    free(in);
}

/* ---- fits ---- */

/* The error of an observation at t, and its derivatives. */
static double error_at(const struct observation *o, const double t[], double slopes[])
{
    double m = 1;
    for (int p = 0; p < N_PARAMETERS; p++)
        m += o->slopes[p] * expm1(t[p]);
    m = fmax(m, 0.05);
    for (int p = 0; p < N_PARAMETERS; p++)
        slopes[p] = o->slopes[p] * exp(t[p]) / m;
    return o->error + log(m);
}

/* One Gauss-Newton step with the weights of Student's t (4 degrees); held[] parameters stay. */
static void fit_step(const struct crossval *c, const bool out[], const bool held[], double t[])
{
    gsl_matrix *a = gsl_matrix_calloc(N_PARAMETERS, N_PARAMETERS);
    gsl_vector *b = gsl_vector_calloc(N_PARAMETERS);
    double slopes[N_PARAMETERS];
    gsl_vector_view s = gsl_vector_view_array(slopes, N_PARAMETERS);
    for (size_t k = 0; k < c->n; k++) {
        const struct observation *o = &c->observations[k];
        if (out[o->row])
            continue;
        const double r = error_at(o, t, slopes) / residual_sd;
        const double w = 5 / (4 + r * r) * o->weight * o->weight / (residual_sd * residual_sd);
        for (int p = 0; p < N_PARAMETERS; p++)
            if (held[p])
                slopes[p] = 0;
        gsl_blas_dsyr(CblasLower, w, &s.vector, a);
        gsl_blas_daxpy(w * r * residual_sd, &s.vector, b);
    }
    for (int p = 0; p < N_PARAMETERS; p++) {
        const size_t i = (size_t)p;
        const double tight = 1 / (sd_of(&parameters[p]) * sd_of(&parameters[p]));
        gsl_matrix_set(a, i, i, gsl_matrix_get(a, i, i) + tight);
        if (!held[p])
            gsl_vector_set(b, i, gsl_vector_get(b, i) + tight * (t[p] - mean_of(&parameters[p])));
    }
    gsl_linalg_cholesky_decomp1(a);
    gsl_linalg_cholesky_svx(a, b);
    for (int p = 0; p < N_PARAMETERS; p++) {
        const double by = fmax(-0.5, fmin(0.5, gsl_vector_get(b, (size_t)p)));
        if (!held[p])
            t[p] = fmax(least_of(&parameters[p]), fmin(2, t[p] - by));
    }
    gsl_matrix_free(a);
    gsl_vector_free(b);
}

static void fit(const struct crossval *c, const bool out[], const bool held[], double t[])
{
    for (int p = 0; p < N_PARAMETERS; p++)
        if (!held[p])
            t[p] = fmax(least_of(&parameters[p]), mean_of(&parameters[p]));
    for (int i = 0; i < 15; i++)
        fit_step(c, out, held, t);
}

/* ---- what is left out ---- */

enum leaving { NOTHING, GPU, GENERATION, MODEL, KIND, BOTH, ENGINE, N_LEAVINGS };
static const char *const leaving_names[N_LEAVINGS] = { "all rows seen",       "GPU left out",
                                                       "generation left out", "model left out",
                                                       "kind left out",       "kind and generation",
                                                       "engine left out" };

/* Kinds of models with experts, left out whole: nothing like the model is then in the fit. Dense
 * models are left out one by one. */
static const char *kind_of(const struct xo_measured_row *row)
{
    enum { WIDE = 4096 };
    const struct xo_model *m = &row->model->model;
    return m->experts == 0                  ? m->name
           : m->expert_intermediate >= WIDE ? "wide experts"
           : m->linear_layers > 0           ? "linear attention"
           : m->kv_lora_rank > 0            ? "MLA"
           : m->window_layers > 0           ? "windows"
                                            : "narrow experts";
}

/* Is row b predicted with row a? *out: is it unseen by the fit that predicts them? */
static bool same_fold(enum leaving what, const struct xo_measured_row *a,
                      const struct xo_measured_row *b, bool *out)
{
    const bool generation = a->gpu->gpu.generation == b->gpu->gpu.generation;
    const bool kind = strcmp(kind_of(a), kind_of(b)) == 0;
    const bool same[N_LEAVINGS] = {
        [NOTHING] = true,
        [GPU] = strcmp(family_of(a), family_of(b)) == 0,
        [GENERATION] = generation,
        [MODEL] = strcmp(a->model->model.name, b->model->model.name) == 0,
        [KIND] = kind,
        [BOTH] = generation && kind,
        [ENGINE] = a->engine == b->engine,
    };
    *out = what == BOTH ? generation || kind : what != NOTHING && same[what];
    return same[what];
}

/* Of an engine that no row shows, its host takes what the others do in the mean (of logarithms). */
static void borrow_host(enum host unseen, double t[])
{
    for (int p = 0; p < N_PARAMETERS; p++) {
        double sum = 0;
        int n = 0;
        if (parameters[p].host != unseen)
            continue;
        for (int q = 0; q < N_PARAMETERS; q++)
            if (parameters[q].host != unseen && parameters[q].host < VLLM_2024 &&
                strcmp(parameters[q].constants[0], parameters[p].constants[0]) == 0) {
                const double value = value_of(&parameters[q], parameters[q].host);
                const bool share =
                    xo_constants[xo_constant_find(parameters[q].constants[0])].is_share;
                sum += share ? t[q] - log(value) : log(value) + t[q];
                n++;
            }
        const bool share = xo_constants[xo_constant_find(parameters[p].constants[0])].is_share;
        const double value = log(value_of(&parameters[p], unseen));
        if (n > 0)
            t[p] = share ? sum / n + value : sum / n - value;
    }
}

/* Predict every usable row by constants that have not seen its fold: predictions[n]. */
static void leave_out(struct crossval *c, enum leaving what, double (*predictions)[XO_N_MEASURES])
{
    const size_t n = c->v->measured->n;
    static const bool free_all[N_PARAMETERS];
    bool *done = calloc(n, sizeof *done), *in = calloc(n, sizeof *in),
         *out = calloc(n, sizeof *out);
    for (size_t first = 0; first < n; first++) {
        if (done[first] || !is_usable(c, first))
            continue;
        double t[N_PARAMETERS];
        for (size_t i = 0; i < n; i++) {
            in[i] = out[i] = false;
            if (is_usable(c, i))
                done[i] |= in[i] = same_fold(what, row_at(c, first), row_at(c, i), &out[i]);
        }
        fit(c, out, free_all, t);
        if (what == ENGINE && c->hosts[first] < VLLM_2024)
            borrow_host(c->hosts[first], t);
        simulate(c, in, t);
        for (size_t i = 0; i < n; i++)
            if (in[i])
                memcpy(predictions[i], c->predicted[i], sizeof predictions[i]);
    }
    free(done);
    free(in);
    free(out);
}

/* ---- tables ---- */

/* Put predictions in place of the defaults' and score them. */
static bool rescore(struct crossval *c, double (*predictions)[XO_N_MEASURES])
{
    struct xo_error err;
    for (size_t i = 0; i < c->v->measured->n; i++)
        if (is_usable(c, i))
            memcpy(c->v->rows[i].predicted, predictions[i], sizeof predictions[i]);
    free(c->v->scores);
    free(c->v->series);
    c->v->scores = NULL;
    c->v->series = NULL;
    c->v->n_scores = c->v->n_series = 0;
    c->v->n_targets = 0;
    return score_all(c->v, &err) && find_saturation(c->v, &err) && judge_targets(c->v, &err);
}

static void put_targets(struct xo_target (*targets)[XO_MAX_TARGETS_OF_MODEL], int n)
{
    printf("\n| target | asked |");
    for (int l = 0; l < N_LEAVINGS; l++)
        printf(" %s |", leaving_names[l]);
    printf("\n|---|---|---|---|---|---|---|---|---|\n");
    for (int i = 0; i < n; i++) {
        const struct xo_target *a = &targets[NOTHING][i];
        printf("| %s | %s %.0f %%", a->name, a->at_least ? "at least" : "at most", 100 * a->limit);
        if (a->limit_s > 0)
            printf(" or %.0f ms", 1e3 * a->limit_s);
        for (int l = 0; l < N_LEAVINGS; l++) {
            const struct xo_target *t = &targets[l][i];
            printf(" | %.1f %%", 100 * t->reached);
            if (t->limit_s > 0)
                printf(" or %.0f ms", 1e3 * t->reached_s);
            printf("%s", t->met ? "" : " (missed)");
        }
        printf(" |\n");
    }
}

/* Deployments of which errors are taken together. */
struct selection {
    bool moe;
    int engine; /* ANY_ENGINE */
};
enum { ANY_ENGINE = -1 };

static bool is_selected(const struct selection *of, const struct xo_measured_row *row)
{
    return of == NULL || (of->moe == (row->model->model.experts > 0) &&
                          (of->engine == ANY_ENGINE || of->engine == (int)row->engine));
}

/* The size of the median of a deployment's log errors of TPOT, else of throughput, and one of its
 * rows. */
struct deployment_error {
    double size;
    size_t row;
};

static size_t deployment_errors(const struct crossval *c, double (*predictions)[XO_N_MEASURES],
                                const struct selection *of, struct deployment_error errors[])
{
    const size_t n = c->v->measured->n;
    bool *done = calloc(n, sizeof *done);
    double *work = malloc(n * sizeof *work);
    size_t n_deployments = 0;
    for (size_t first = 0; first < n; first++) {
        const struct xo_measured_row *a = row_at(c, first);
        size_t k = 0;
        if (done[first] || !is_usable(c, first) || c->hosts[first] >= VLLM_2024 ||
            !is_selected(of, a))
            continue;
        for (size_t i = first; i < n; i++) {
            const struct xo_measured_row *b = row_at(c, i);
            if (!is_usable(c, i) || a->gpu != b->gpu || a->model != b->model || a->tp != b->tp ||
                a->ep != b->ep || a->engine != b->engine || a->weights != b->weights ||
                strcmp(a->dataset, b->dataset) != 0 || b->load == XO_LOAD_TRACE ||
                c->v->rows[first].plan.deployment.attention_dp !=
                    c->v->rows[i].plan.deployment.attention_dp)
                continue;
            done[i] = true;
            const bool tpot = b->measured[XO_MEASURE_TPOT] > 0;
            const double e =
                log_error(b, predictions[i], tpot ? XO_MEASURE_TPOT : XO_MEASURE_OUTPUT);
            if (isfinite(e))
                work[k++] = e;
        }
        xo_sort(work, k);
        if (k > 0)
            errors[n_deployments++] =
                (struct deployment_error){ fabs(xo_sorted_quantile(work, k, 0.5)), first };
    }
    free(done);
    free(work);
    return n_deployments;
}

/* Median over a dataset's rows, then mean over datasets: of rows with experts, or without. */
static double mean_error(const struct crossval *c, bool moe, enum xo_measure m,
                         enum xo_saturation saturation)
{
    const size_t n = c->v->measured->n;
    double *work = malloc((n + 1) * sizeof *work), sum = 0;
    bool *done = calloc(n + 1, sizeof *done);
    int n_datasets = 0;
    for (size_t first = 0; first < n; first++) {
        size_t k = 0;
        for (size_t i = first; i < n; i++) {
            const struct xo_measured_row *r = row_at(c, i);
            if (done[i] || !is_usable(c, i) || strcmp(r->dataset, row_at(c, first)->dataset) != 0)
                continue;
            done[i] = true;
            const double e = scored_error(c->v, i, m);
            if (isfinite(e) && row_counts(r) && (r->model->model.experts > 0) == moe &&
                (m == XO_MEASURE_TPOT || c->v->rows[i].saturation == saturation))
                work[k++] = fabs(e);
        }
        if (k == 0)
            continue;
        xo_sort(work, k);
        sum += xo_sorted_quantile(work, k, 0.5);
        n_datasets++;
    }
    free(work);
    free(done);
    return sum / n_datasets;
}

static void put_kinds(const struct crossval *c, enum leaving what)
{
    if (what == NOTHING)
        puts("\n| | | TPOT | output at saturation | TTFT below |\n|---|---|---|---|---|");
    for (int moe = 0; moe < 2; moe++)
        printf("| %s | %s | %.1f %% | %.1f %% | %.1f %% |\n", leaving_names[what],
               moe ? "with experts" : "dense",
               100 * mean_error(c, moe, XO_MEASURE_TPOT, XO_NO_SATURATION),
               100 * mean_error(c, moe, XO_MEASURE_OUTPUT, XO_SATURATED),
               100 * mean_error(c, moe, XO_MEASURE_TTFT, XO_BELOW_SATURATION));
    fflush(stdout);
}

static void put_ablations(struct crossval *c, double (*predictions)[XO_N_MEASURES])
{
    const size_t n = c->v->measured->n;
    bool *in = calloc(n, sizeof *in), *out = calloc(n, sizeof *out);
    for (size_t i = 0; i < n; i++)
        in[i] = is_usable(c, i);
    puts("\n| taken out | TPOT | its 90 % point | output | TTFT |\n|---|---|---|---|---|");
    for (int a = 0; a < N_ABLATIONS; a++) {
        bool held[N_PARAMETERS] = { false };
        double t[N_PARAMETERS] = { 0 };
        for (int p = 0; p < N_PARAMETERS; p++)
            for (int k = 0; k < 3 && ablations[a].constants[k] != NULL; k++)
                if (strcmp(parameters[p].constants[0], ablations[a].constants[k]) == 0) {
                    held[p] = true;
                    t[p] = ablations[a].to > 0 ? least_of(&parameters[p]) : nothing;
                }
        fit(c, out, held, t);
        simulate(c, in, t);
        memcpy(predictions, c->predicted, n * sizeof *predictions);
        if (!rescore(c, predictions))
            exit(1);
        const struct xo_scoreboard *board = c->v->board;
        printf("| %s | %.1f %% | %.0f %% | %.1f %% | %.0f %% |\n", ablations[a].what,
               100 * board[XO_MEASURE_TPOT].median_abs_frac,
               100 * board[XO_MEASURE_TPOT].p90_abs_frac,
               100 * board[XO_MEASURE_OUTPUT].median_abs_frac,
               100 * board[XO_MEASURE_TTFT].median_abs_frac);
        fflush(stdout);
    }
    free(in);
    free(out);
}

static void put_constants(const struct crossval *c)
{
    bool *out = calloc(c->v->measured->n, sizeof *out);
    static const bool free_all[N_PARAMETERS];
    static const char *const hosts[] = {
        " of vLLM", " of SGLang", " of TensorRT-LLM", " of vLLM, 2024", " of TensorRT-LLM, 2024", ""
    };
    double t[N_PARAMETERS];
    fit(c, out, free_all, t);
    puts("\n| constant | now | this fit |\n|---|---|---|");
    for (int p = 0; p < N_PARAMETERS; p++) {
        const struct parameter *at = &parameters[p];
        const double now = value_of(at, at->host);
        const bool share = xo_constants[xo_constant_find(at->constants[0])].is_share;
        printf("| %s%s | %.3g | %.3g |\n", at->constants[0], hosts[at->host], now,
               share ? now * exp(-t[p]) : now * exp(t[p]));
    }
    free(out);
}

/* Lines of the table of classes, kept until the others are printed. */
struct spread {
    const char *what, *of;
    size_t n;
    double median, most, covered;
};
enum { N_SELECTIONS = 2 + 2 * XO_N_ENGINES, MAX_SPREADS = N_LEAVINGS * N_SELECTIONS };

/* The q-quantile of errors[], without those of the fold of `but` (NULL: of all). */
static double quantile_without(const struct crossval *c, enum leaving what,
                               const struct deployment_error errors[], size_t n, double q,
                               const struct xo_measured_row *but)
{
    double *kept = malloc((n + 1) * sizeof *kept);
    size_t k = 0;
    bool unseen;
    for (size_t i = 0; i < n; i++)
        if (but == NULL || !same_fold(what, but, row_at(c, errors[i].row), &unseen))
            kept[k++] = errors[i].size;
    xo_sort(kept, k);
    const double quantile = k > 0 ? xo_sorted_quantile(kept, k, q) : NAN;
    free(kept);
    return quantile;
}

/* What share of deployments lie within the 80 % that the others say: those of other folds, and of
 * other models where nothing is left out. */
static double covered(const struct crossval *c, enum leaving what,
                      const struct deployment_error errors[], size_t n)
{
    const enum leaving by = what == NOTHING ? MODEL : what;
    size_t inside = 0;
    for (size_t i = 0; i < n; i++)
        inside +=
            errors[i].size <= quantile_without(c, by, errors, n, 0.8, row_at(c, errors[i].row));
    return (double)inside / (double)n;
}

static int take_spreads(const struct crossval *c, enum leaving what,
                        double (*predictions)[XO_N_MEASURES], struct spread spreads[])
{
    static const struct {
        const char *name;
        struct selection of;
    } selections[N_SELECTIONS] = { { "dense", { false, ANY_ENGINE } },
                                   { "with experts", { true, ANY_ENGINE } },
                                   { "dense, vLLM", { false, XO_ENGINE_VLLM } },
                                   { "dense, SGLang", { false, XO_ENGINE_SGLANG } },
                                   { "dense, TensorRT-LLM", { false, XO_ENGINE_TRTLLM } },
                                   { "with experts, vLLM", { true, XO_ENGINE_VLLM } },
                                   { "with experts, SGLang", { true, XO_ENGINE_SGLANG } },
                                   { "with experts, TensorRT-LLM", { true, XO_ENGINE_TRTLLM } } };
    struct deployment_error *errors = malloc(c->v->measured->n * sizeof *errors);
    int n = 0;
    for (int i = 0; i < (what == KIND ? N_SELECTIONS : 2); i++) {
        const size_t k = deployment_errors(c, predictions, &selections[i].of, errors);
        if (k > 0)
            spreads[n++] = (struct spread){ leaving_names[what],
                                            selections[i].name,
                                            k,
                                            quantile_without(c, what, errors, k, 0.5, NULL),
                                            quantile_without(c, what, errors, k, 0.8, NULL),
                                            covered(c, what, errors, k) };
    }
    free(errors);
    return n;
}

static void put_all(struct crossval *c)
{
    const size_t n = c->v->measured->n;
    double(*predictions)[XO_N_MEASURES] = calloc(n, sizeof *predictions);
    static struct xo_target targets[N_LEAVINGS][XO_MAX_TARGETS_OF_MODEL];
    static struct spread spreads[MAX_SPREADS];
    int n_spreads = 0;
    for (int l = 0; l < N_LEAVINGS; l++) {
        leave_out(c, (enum leaving)l, predictions);
        n_spreads += take_spreads(c, (enum leaving)l, predictions, spreads + n_spreads);
        if (!rescore(c, predictions))
            exit(1);
        memcpy(targets[l], c->v->targets, sizeof targets[l]);
        put_kinds(c, (enum leaving)l);
    }
    put_targets(targets, c->v->n_targets);
    puts("\n| errors of deployments | | n | median | 80 % within | sigma | inside what other folds "
         "say |\n|---|---|---|---|---|---|---|");
    for (int i = 0; i < n_spreads; i++)
        printf("| %s | %s | %zu | %.1f %% | %.1f %% | %.3f | %.0f %% |\n", spreads[i].what,
               spreads[i].of, spreads[i].n, 100 * expm1(spreads[i].median),
               100 * expm1(spreads[i].most), spreads[i].most / 1.2816, 100 * spreads[i].covered);
    put_ablations(c, predictions);
    free(predictions);
}

int main(int argc, char *argv[])
{
    struct xo_measured measured;
    struct xo_problems problems;
    struct xo_error err;
    struct crossval c = { 0 };
    const struct xo_study_options options = { .n_threads = 0 };
    gsl_set_error_handler_off();
    if (argc != 2 || !xo_measured_read(&measured, argv[1], &problems) ||
        !xo_validate(&c.v, &measured, &options, &err))
        return 1;
    c.hosts = calloc(measured.n + 1, sizeof *c.hosts);
    c.predicted = calloc(measured.n + 1, sizeof *c.predicted);
    c.observations = calloc(2 * measured.n + 1, sizeof *c.observations);
    for (size_t i = 0; i < measured.n; i++)
        c.hosts[i] = host_of(&c.v->rows[i].plan);
    observe_all(&c);
    weigh(&c);
    take_slopes(&c);
    put_all(&c);
    put_constants(&c);
    free(c.hosts);
    free(c.predicted);
    free(c.observations);
    xo_validation_free(c.v);
    xo_problems_fini(&problems);
    xo_measured_fini(&measured);
    return 0;
}
