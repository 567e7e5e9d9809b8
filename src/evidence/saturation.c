/* saturation.c - series of loads, their knees, and on which side of them a row stands.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate.h"
#include "xo/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SIZE = 512, LEAST_LOADS = 3 };
static const double KNEE = 2; /* times the least TTFT of a series */

struct member {
    char key[KEY_SIZE];
    double load;
    size_t row;
};

static bool is_loop(const struct xo_measured_row *r)
{
    return r->load == XO_LOAD_CONCURRENCY || r->load == XO_LOAD_RATE;
}

/* A batch that is served once, with nobody waiting: it has no saturation. */
static bool is_static(const struct xo_prediction *p)
{
    return p->plan.n_clients > 0 && p->plan.n_clients == p->plan.n_requests;
}

/* All but the load: rows of one key are a series. */
static void name_series(const struct xo_measured_row *r, const struct xo_prediction *p, char *key)
{
    const struct xo_deployment *d = &p->plan.deployment;
    snprintf(key, KEY_SIZE, "%s %d %s %s %d %s %d %d %d %d %d %d %d %.6g %.6g", r->dataset,
             (int)r->load, r->gpu->gpu.name, r->model->model.name, (int)r->engine,
             r->engine_version, (int)d->weights, (int)d->kv, d->tensor_parallel, d->attention_dp,
             d->expert_parallel, d->pipeline_parallel, p->plan.n_replicas, r->isl, r->osl);
}

static int by_key_and_load(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    const int order = strcmp(x->key, y->key);
    if (order != 0)
        return order;
    if (x->load != y->load)
        return x->load > y->load ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The tokens that the requests in flight hold in the mean over the KV room of their replica: a
 * prompt and half of its answer. Above 1 they wait for KV. NAN where the load does not say how many
 * are in flight. */
static double kv_need(const struct xo_measured_row *r, const struct xo_prediction *p)
{
    const bool closed = p->plan.n_clients > 0;
    const double each = (double)p->plan.n_clients / p->plan.n_replicas;
    const double running = fmin(each, p->plan.engine.max_batch);
    return closed ? running * (r->isl + r->osl / 2) / p->kv_room_tokens : NAN;
}

/* ---- knees ---- */

/* The first of members[n] from which on TTFT stays above KNEE times its least; n: none does. */
static size_t knee_of(const struct xo_validation *v, const struct member *members, size_t n,
                      bool measured)
{
    double least = INFINITY;
    size_t knee = n;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = n; i-- > 0;) {
            const double *m = measured ? v->measured->rows[members[i].row].measured
                                       : v->rows[members[i].row].predicted;
            if (pass == 0)
                least = fmin(least, m[XO_MEASURE_TTFT]);
            else if (m[XO_MEASURE_TTFT] > KNEE * least && knee == i + 1)
                knee = i;
        }
    return knee;
}

/* Rows at one load count as one step of the grid. */
static int steps_between(const struct member *members, size_t n, size_t a, size_t b)
{
    int steps = 0;
    for (size_t i = a < b ? a : b; i < (a < b ? b : a); i++)
        steps += i + 1 == n || members[i + 1].load != members[i].load;
    return steps;
}

/* A lone closed loop says nothing about its saturation; a lone open loop was meant to be served. */
static void place_rows(struct xo_validation *v, const struct member *members, size_t n, size_t knee)
{
    const bool closed = v->measured->rows[members[0].row].load == XO_LOAD_CONCURRENCY;
    if (n == 1 && closed)
        return;
    for (size_t i = 0; i < n; i++)
        v->rows[members[i].row].saturation = i < knee ? XO_BELOW_SATURATION : XO_SATURATED;
}

static bool add_series(struct xo_validation *v, size_t *room, const struct member *members,
                       size_t n, struct xo_error *err)
{
    const size_t measured = knee_of(v, members, n, true), predicted = knee_of(v, members, n, false);
    place_rows(v, members, n, measured);
    struct xo_series s = { .row = members[0].row,
                           .measured_knee = measured < n ? members[measured].load : NAN,
                           .predicted_knee = predicted < n ? members[predicted].load : NAN,
                           .steps = steps_between(members, n, measured, predicted) };
    s.n_loads = steps_between(members, n, 0, n);
    for (size_t i = 0; i < n; i++)
        s.kv_limited |= v->rows[members[i].row].kv_need_frac > 1;
    if (s.n_loads < LEAST_LOADS)
        return true;
    if (!xo_array_reserve((void **)&v->series, room, v->n_series + 1, sizeof s, err))
        return false;
    v->series[v->n_series++] = s;
    return true;
}

bool find_saturation(struct xo_validation *v, struct xo_error *err)
{
    const size_t n_rows = v->measured->n > 0 ? v->measured->n : 1;
    struct member *members = malloc(n_rows * sizeof *members);
    size_t n = 0, room = 0;
    if (members == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for the loads of %zu rows", n_rows);
    for (size_t i = 0; i < v->measured->n; i++) {
        const struct xo_measured_row *r = &v->measured->rows[i];
        struct xo_prediction *p = &v->rows[i];
        if (!p->simulated)
            continue;
        p->kv_need_frac = kv_need(r, p);
        p->saturation = r->load == XO_LOAD_OFFLINE ? XO_SATURATED : XO_NO_SATURATION;
        if (!is_loop(r) || is_static(p) || !row_counts(r) ||
            !isfinite(xo_row_error(v, i, XO_MEASURE_TTFT)))
            continue;
        name_series(r, p, members[n].key);
        members[n].load = r->load_value;
        members[n++].row = i;
    }
    qsort(members, n, sizeof *members, by_key_and_load);
    bool ok = true;
    for (size_t first = 0, end; ok && first < n; first = end) {
        for (end = first + 1; end < n; end++)
            if (strcmp(members[end].key, members[first].key) != 0)
                break;
        ok = add_series(v, &room, members + first, end - first, err);
    }
    free(members);
    return ok;
}
