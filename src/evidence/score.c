/* score.c - medians, 90 % points and bias of the errors, by group.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate.h"
#include "xo/memory.h"
#include "xo/stats.h"
#include "xo/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double xo_row_error(const struct xo_validation *v, size_t row, enum xo_measure measure)
{
    const double measured = v->measured->rows[row].measured[measure];
    return v->rows[row].simulated ? v->rows[row].predicted[measure] / measured - 1 : NAN;
}

/* ---- groups ---- */

static void name_dataset(const struct xo_measured_row *r, const struct xo_prediction *p, char *to,
                         size_t size)
{
    (void)p;
    xo_text_copy(to, size, r->dataset[0] != '\0' ? r->dataset : "(none)");
}

static void name_gpu(const struct xo_measured_row *r, const struct xo_prediction *p, char *to,
                     size_t size)
{
    (void)p;
    xo_text_copy(to, size, r->gpu->gpu.name);
}

static void name_model(const struct xo_measured_row *r, const struct xo_prediction *p, char *to,
                       size_t size)
{
    (void)p;
    xo_text_copy(to, size, r->model->model.name);
}

static void name_engine(const struct xo_measured_row *r, const struct xo_prediction *p, char *to,
                        size_t size)
{
    (void)p;
    xo_text_copy(to, size, xo_engine_name(r->engine));
}

static void name_weights(const struct xo_measured_row *r, const struct xo_prediction *p, char *to,
                         size_t size)
{
    (void)p;
    xo_text_copy(to, size, xo_dtype_name(r->weights));
}

static void name_parallel(const struct xo_measured_row *r, const struct xo_prediction *p, char *to,
                          size_t size)
{
    const struct xo_deployment *d = &p->plan.deployment;
    (void)r;
    if (d->attention_dp > 1)
        snprintf(to, size, "%d x dp%d", d->tensor_parallel, d->attention_dp);
    else if (d->pipeline_parallel > 1)
        snprintf(to, size, "%d x pp%d", d->tensor_parallel, d->pipeline_parallel);
    else
        snprintf(to, size, "%d", d->tensor_parallel);
}

/* Closed loops by requests in flight for each replica. */
static void name_load(const struct xo_measured_row *r, const struct xo_prediction *p, char *to,
                      size_t size)
{
    static const struct {
        double upto;
        const char *name;
    } steps[] = { { 1, "in flight 1" },        { 4, "in flight 2-4" },
                  { 16, "in flight 5-16" },    { 64, "in flight 17-64" },
                  { 256, "in flight 65-256" }, { INFINITY, "in flight 257+" } };
    if (r->load != XO_LOAD_CONCURRENCY) {
        xo_text_copy(to, size, xo_load_names[r->load]);
        return;
    }
    const double in_flight = r->load_value / p->plan.n_replicas;
    int i = 0;
    while (in_flight > steps[i].upto)
        i++;
    xo_text_copy(to, size, steps[i].name);
}

static void name_quality(const struct xo_measured_row *r, const struct xo_prediction *p, char *to,
                         size_t size)
{
    (void)p;
    snprintf(to, size, "%c", r->quality);
}

static const struct grouping {
    const char *by;
    void (*name)(const struct xo_measured_row *, const struct xo_prediction *, char *, size_t);
    bool any_quality;
} groupings[] = {
    { "dataset", name_dataset, false }, { "gpu", name_gpu, false },
    { "model", name_model, false },     { "engine", name_engine, false },
    { "weights", name_weights, false }, { "tensor_parallel", name_parallel, false },
    { "load", name_load, false },       { "quality", name_quality, true },
};
enum { N_GROUPINGS = sizeof groupings / sizeof groupings[0] };

/* ---- scores ---- */

struct member {
    char group[XO_MEASURED_NAME];
    size_t row;
};

static int by_group(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    const int order = strverscmp(x->group, y->group); /* in flight 5-16 before 17-64 */
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

double scored_error(const struct xo_validation *v, size_t row, enum xo_measure measure)
{
    const bool offered =
        measure == XO_MEASURE_OUTPUT && v->measured->rows[row].load == XO_LOAD_RATE;
    return offered ? NAN : xo_row_error(v, row, measure);
}

bool row_counts(const struct xo_measured_row *row)
{
    return row->quality != '\0' && strchr("AB-", row->quality) != NULL;
}

/* One score of members[n] of one group, where any of them has the measure. work[2n] is scratch. */
static bool add_score(struct xo_validation *v, size_t *room, const char *by,
                      const struct member *members, size_t n, enum xo_measure measure, double *work,
                      struct xo_error *err)
{
    double *sorted = work, *size = work + n;
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        const double e = scored_error(v, members[i].row, measure);
        if (isfinite(e))
            sorted[k++] = e;
    }
    if (k == 0)
        return true;
    if (!xo_array_reserve((void **)&v->scores, room, v->n_scores + 1, sizeof *v->scores, err))
        return false;
    struct xo_score *score = &v->scores[v->n_scores++];
    *score = (struct xo_score){ .measure = measure, .n = (int)k };
    xo_text_copy(score->by, sizeof score->by, by);
    xo_text_copy(score->group, sizeof score->group, members[0].group);
    xo_sort(sorted, k);
    score->bias_frac = xo_sorted_quantile(sorted, k, 0.5);
    for (size_t i = 0; i < k; i++)
        size[i] = fabs(sorted[i]);
    xo_sort(size, k);
    score->median_abs_frac = xo_sorted_quantile(size, k, 0.5);
    score->p90_abs_frac = xo_sorted_quantile(size, k, 0.9);
    k = 0;
    for (size_t i = 0; i < n; i++) {
        const double e = scored_error(v, members[i].row, measure);
        if (isfinite(e))
            size[k++] = fabs(e) * v->measured->rows[members[i].row].measured[measure];
    }
    xo_sort(size, k);
    score->median_abs = xo_sorted_quantile(size, k, 0.5);
    return true;
}

static bool score_grouping(struct xo_validation *v, size_t *room, const struct grouping *g,
                           struct member *members, double *work, struct xo_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < v->measured->n; i++) {
        const struct xo_measured_row *row = &v->measured->rows[i];
        if (!v->rows[i].simulated || (!g->any_quality && !row_counts(row)))
            continue;
        g->name(row, &v->rows[i], members[n].group, sizeof members[n].group);
        members[n++].row = i;
    }
    qsort(members, n, sizeof *members, by_group);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n; end++)
            if (strcmp(members[end].group, members[first].group) != 0)
                break;
        for (int m = 0; m < XO_N_MEASURES; m++)
            if (!add_score(v, room, g->by, members + first, end - first, (enum xo_measure)m, work,
                           err))
                return false;
    }
    return true;
}

static void fill_board(struct xo_validation *v)
{
    for (int m = 0; m < XO_N_MEASURES; m++) {
        struct xo_scoreboard *b = &v->board[m];
        *b = (struct xo_scoreboard){ 0 };
        for (size_t i = 0; i < v->n_scores; i++) {
            const struct xo_score *s = &v->scores[i];
            if (strcmp(s->by, groupings[0].by) != 0 || (int)s->measure != m)
                continue;
            b->n_datasets++;
            b->median_abs_frac += s->median_abs_frac;
            b->p90_abs_frac += s->p90_abs_frac;
        }
        b->median_abs_frac = b->n_datasets > 0 ? b->median_abs_frac / b->n_datasets : NAN;
        b->p90_abs_frac = b->n_datasets > 0 ? b->p90_abs_frac / b->n_datasets : NAN;
    }
}

bool score_all(struct xo_validation *v, struct xo_error *err)
{
    const size_t n = v->measured->n > 0 ? v->measured->n : 1;
    struct member *members = malloc(n * sizeof *members);
    double *work = malloc(2 * n * sizeof *work);
    size_t room = 0;
    bool ok = members != NULL && work != NULL;
    if (!ok)
        xo_fail(err, XO_ERR_MEMORY, "out of memory for the errors of %zu rows", n);
    for (int g = 0; ok && g < N_GROUPINGS; g++)
        ok = score_grouping(v, &room, &groupings[g], members, work, err);
    if (ok)
        fill_board(v);
    free(members);
    free(work);
    return ok;
}
