/* means.c - expected tokens of a request, without simulation.
 *
 * A length becomes a row of atoms: each whole number up to 1024 by itself, beyond that blocks of a
 * 512th of their length, each with its exact probability from the CDF and set in its middle. What
 * the class does to a prompt and an output (prefix, context) is then a sum over atoms.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SINGLE_UP_TO = 1024, BLOCKS_PER_LENGTH = 512, MAX_BREAKS = 8 };

struct atoms {
    size_t n;
    double *tokens, *mass;    /* [n] owned; tokens rise */
    double *mass_to, *sum_to; /* [n] owned; of mass and of mass * tokens up to and with this one */
};

static void atoms_fini(struct atoms *a)
{
    free(a->tokens);
    free(a->mass);
    free(a->mass_to);
    free(a->sum_to);
}

static bool atoms_alloc(struct atoms *a, size_t room, struct xo_error *err)
{
    *a = (struct atoms){ .tokens = malloc(room * sizeof(double)),
                         .mass = malloc(room * sizeof(double)),
                         .mass_to = malloc(room * sizeof(double)),
                         .sum_to = malloc(room * sizeof(double)) };
    if (a->tokens != NULL && a->mass != NULL && a->mass_to != NULL && a->sum_to != NULL)
        return true;
    atoms_fini(a);
    return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu lengths", room);
}

static void atoms_add(struct atoms *a, double tokens, double mass)
{
    if (!(mass > 0))
        return;
    const double mass_before = a->n == 0 ? 0 : a->mass_to[a->n - 1];
    const double sum_before = a->n == 0 ? 0 : a->sum_to[a->n - 1];
    a->tokens[a->n] = tokens;
    a->mass[a->n] = mass;
    a->mass_to[a->n] = mass_before + mass;
    a->sum_to[a->n++] = sum_before + mass * tokens;
}

static int by_number(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The last whole number of the block that begins at `from`; no block goes across a break. */
static int64_t block_end(int64_t from, const int64_t breaks[], int n_breaks)
{
    int64_t to = from <= SINGLE_UP_TO ? from : from + from / BLOCKS_PER_LENGTH - 1;
    for (int i = 0; i < n_breaks; i++)
        if (breaks[i] >= from && breaks[i] < to)
            return breaks[i];
    return to < XO_MAX_TOKENS ? to : XO_MAX_TOKENS;
}

/* P(tokens <= upto): a length below upto + 1/2 is rounded to at most upto. */
static double rounded_cdf(const struct xo_dist *dist, int64_t upto)
{
    return upto == XO_MAX_TOKENS ? 1 : xo_dist_cdf(dist, nextafter((double)upto + 0.5, -INFINITY));
}

static size_t count_blocks(int64_t from, const int64_t breaks[], int n_breaks)
{
    size_t n = 0;
    for (int64_t to; from <= XO_MAX_TOKENS; from = to + 1, n++)
        to = block_end(from, breaks, n_breaks);
    return n;
}

static bool atoms_of_curve(struct atoms *a, const struct xo_dist *dist, int64_t breaks[],
                           int n_breaks, struct xo_error *err)
{
    int64_t from = xo_whole_tokens(dist->lo);
    breaks[n_breaks++] = from;
    breaks[n_breaks++] = xo_whole_tokens(dist->hi);
    breaks[n_breaks++] = xo_whole_tokens(dist->hi) - 1;
    assert(n_breaks <= MAX_BREAKS);
    qsort(breaks, (size_t)n_breaks, sizeof breaks[0], by_number);
    if (!atoms_alloc(a, count_blocks(from, breaks, n_breaks), err))
        return false;
    double before = 0;
    for (int64_t to; from <= XO_MAX_TOKENS && before < 1; from = to + 1) {
        to = block_end(from, breaks, n_breaks);
        const double upto = rounded_cdf(dist, to);
        atoms_add(a, 0.5 * (double)(from + to), upto - before);
        before = upto;
    }
    return true;
}

static bool atoms_of_values(struct atoms *a, const struct xo_dist *dist, struct xo_error *err)
{
    if (!atoms_alloc(a, dist->n, err))
        return false;
    double before = 0;
    for (size_t i = 0; i < dist->n; i++) {
        const double upto =
            dist->cumulative != NULL ? dist->cumulative[i] : (double)(i + 1) / (double)dist->n;
        const double value = fmin(fmax(dist->values[i], dist->lo), dist->hi);
        atoms_add(a, xo_whole_tokens(value), upto - before);
        before = upto;
    }
    return true;
}

/* breaks[n_breaks] are borrowed as room: MAX_BREAKS in all. */
static bool atoms_init(struct atoms *a, const struct xo_dist *dist, int64_t breaks[], int n_breaks,
                       struct xo_error *err)
{
    return dist->kind == XO_DIST_DISCRETE || dist->kind == XO_DIST_EMPIRICAL
               ? atoms_of_values(a, dist, err)
               : atoms_of_curve(a, dist, breaks, n_breaks, err);
}

/* E[min(tokens, most)] */
static double mean_up_to(const struct atoms *a, double most)
{
    size_t first = 0, last = a->n; /* the first atom above `most` */
    while (first < last) {
        const size_t middle = first + (last - first) / 2;
        if (a->tokens[middle] > most)
            last = middle;
        else
            first = middle + 1;
    }
    if (first == a->n)
        return a->sum_to[a->n - 1];
    const double mass = first == 0 ? 0 : a->mass_to[first - 1];
    return (first == 0 ? 0 : a->sum_to[first - 1]) + most * (a->mass_to[a->n - 1] - mass);
}

static void add_mean(struct xo_token_means *m, double mass, bool is_long, double prompt,
                     double prefix, double output)
{
    m->prompt += mass * prompt;
    m->cached += mass * prefix;
    m->output += mass * output;
    if (!is_long)
        return;
    m->long_frac += mass;
    m->long_prompt += mass * prompt;
    m->long_cached += mass * prefix;
    m->long_output += mass * output;
}

static void sum_class(struct xo_token_means *m, const struct xo_class *class,
                      const struct atoms *prompts, const struct atoms *outputs, double threshold)
{
    const double prefix = class->shared_prefix_tokens, context = class->max_context_tokens;
    for (size_t i = 0; i < prompts->n; i++) {
        double prompt = fmax(prompts->tokens[i], prefix + 1), room = INFINITY;
        if (context > 0) {
            prompt = fmin(prompt, context - 1);
            room = context - prompt;
        }
        add_mean(m, prompts->mass[i], prompt > threshold, prompt, prefix,
                 mean_up_to(outputs, room));
    }
}

static bool means_of_lengths(struct xo_token_means *m, const struct xo_class *class,
                             int32_t threshold, struct xo_error *err)
{
    int64_t prompt_breaks[MAX_BREAKS] = { class->shared_prefix_tokens + 1, threshold,
                                          class->max_context_tokens - 1 };
    int64_t output_breaks[MAX_BREAKS];
    struct atoms prompts, outputs;
    if (!atoms_init(&prompts, &class->prompt, prompt_breaks, 3, err))
        return false;
    const bool ok = atoms_init(&outputs, &class->output, output_breaks, 0, err);
    if (ok) {
        sum_class(m, class, &prompts, &outputs, threshold);
        atoms_fini(&outputs);
    }
    atoms_fini(&prompts);
    return ok;
}

static void means_of_trace(struct xo_token_means *m, const struct xo_class *class,
                           const struct xo_trace *trace, int32_t threshold)
{
    for (size_t i = 0; i < trace->n; i++) {
        struct xo_request r;
        xo_class_fit(class, trace->prompt_tokens[i], trace->output_tokens[i], &r);
        add_mean(m, 1 / (double)trace->n, r.prompt_tokens > threshold, r.prompt_tokens,
                 r.prefix_tokens, r.output_tokens);
    }
}

bool xo_class_token_means(const struct xo_workload *workload, int class_index,
                          int32_t long_threshold, struct xo_token_means *means,
                          struct xo_error *err)
{
    assert(class_index >= 0 && class_index < workload->n_classes);
    const struct xo_class *class = &workload->classes[class_index];
    struct xo_token_means m = { 0 };
    if (!xo_class_check(class, workload->trace == NULL, err))
        return false;
    if (workload->trace != NULL && workload->trace->n == 0)
        return xo_fail(err, XO_ERR_INPUT, "an empty trace has no mean lengths");
    if (workload->trace != NULL)
        means_of_trace(&m, class, workload->trace, long_threshold);
    else if (!means_of_lengths(&m, class, long_threshold, err))
        return false;
    *means = m;
    return true;
}
