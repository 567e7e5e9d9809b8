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

enum { SINGLE_UP_TO = 1024, BLOCKS_PER_LENGTH = 512, MAX_BREAKS = 7 + XO_MAX_THRESHOLDS };

/* A length, or a block of them, with its probability. */
struct atom {
    double tokens, mass;
    double width; /* how many whole numbers it stands for */
};

/* All of one distribution, the shorter first. */
struct atoms {
    size_t n;
    double *tokens, *mass, *width; /* [n] of one allocation, which is owned */
    double *mass_to, *sum_to;      /* [n] of it; of mass and of mass * tokens up to this one */
};

static bool atoms_alloc(struct atoms *a, size_t room, struct xo_error *err)
{
    *a = (struct atoms){ .tokens = malloc(5 * room * sizeof(double)) };
    if (a->tokens == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu lengths", room);
    a->mass = a->tokens + room;
    a->width = a->mass + room;
    a->mass_to = a->width + room;
    a->sum_to = a->mass_to + room;
    return true;
}

static void atoms_add(struct atoms *a, const struct atom *next)
{
    const double mass_before = a->n == 0 ? 0 : a->mass_to[a->n - 1];
    const double sum_before = a->n == 0 ? 0 : a->sum_to[a->n - 1];
    a->tokens[a->n] = next->tokens;
    a->mass[a->n] = next->mass;
    a->width[a->n] = next->width;
    a->mass_to[a->n] = mass_before + next->mass;
    a->sum_to[a->n++] = sum_before + next->mass * next->tokens;
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

/* A walk over the atoms of a distribution, each once. */
struct walk {
    const struct xo_dist *dist;
    int64_t breaks[MAX_BREAKS]; /* at which blocks end; rising */
    int n_breaks;

    int64_t from, last; /* of a curve: the next block begins there; the longest length */
    size_t i;           /* of values: the next */
    double mass_before;
};

static bool has_values(const struct xo_dist *dist)
{
    return dist->kind == XO_DIST_DISCRETE || dist->kind == XO_DIST_EMPIRICAL;
}

static struct walk walk_of(const struct xo_dist *dist, const int64_t breaks[], int n_breaks)
{
    struct walk w = { .dist = dist, .n_breaks = n_breaks };
    assert(n_breaks + 3 <= MAX_BREAKS);
    for (int i = 0; i < n_breaks; i++)
        w.breaks[i] = breaks[i];
    w.from = xo_whole_tokens(dist->lo);
    w.last = xo_whole_tokens(dist->hi); /* the CDF is 1 there */
    w.breaks[w.n_breaks++] = w.from;
    w.breaks[w.n_breaks++] = w.last;
    w.breaks[w.n_breaks++] = w.last - 1;
    qsort(w.breaks, (size_t)w.n_breaks, sizeof w.breaks[0], by_number);
    return w;
}

static size_t walk_length(const struct walk *w) /* at most */
{
    size_t n = 0;
    if (has_values(w->dist))
        return w->dist->n;
    for (int64_t from = w->from; from <= w->last; n++)
        from = block_end(from, w->breaks, w->n_breaks) + 1;
    return n;
}

static struct atom next_block(struct walk *w)
{
    const int64_t from = w->from, to = block_end(from, w->breaks, w->n_breaks);
    const double upto = rounded_cdf(w->dist, to);
    const struct atom a = { 0.5 * (double)(from + to), upto - w->mass_before,
                            (double)(to - from + 1) };
    w->from = to + 1;
    w->mass_before = upto;
    return a;
}

static struct atom next_value(struct walk *w)
{
    const struct xo_dist *dist = w->dist;
    const size_t i = w->i++;
    const double upto =
        dist->cumulative != NULL ? dist->cumulative[i] : (double)(i + 1) / (double)dist->n;
    const double value = fmin(fmax(dist->values[i], dist->lo), dist->hi);
    const struct atom a = { xo_whole_tokens(value), upto - w->mass_before, 1 };
    w->mass_before = upto;
    return a;
}

/* The next atom that has any mass; false at the end. */
static bool walk_on(struct walk *w, struct atom *a)
{
    const bool values = has_values(w->dist);
    while (values ? w->i < w->dist->n : w->from <= w->last && w->mass_before < 1) {
        *a = values ? next_value(w) : next_block(w);
        if (a->mass > 0)
            return true;
    }
    return false;
}

static bool atoms_init(struct atoms *atoms, const struct xo_dist *dist, struct xo_error *err)
{
    struct walk w = walk_of(dist, NULL, 0);
    struct atom a;
    if (!atoms_alloc(atoms, walk_length(&w), err))
        return false;
    while (walk_on(&w, &a))
        atoms_add(atoms, &a);
    return true;
}

/* The first atom of more than `most` tokens; n when there is none. */
static size_t first_above(const struct atoms *a, double most)
{
    size_t first = 0, last = a->n;
    while (first < last) {
        const size_t middle = first + (last - first) / 2;
        if (a->tokens[middle] > most)
            last = middle;
        else
            first = middle + 1;
    }
    return first;
}

/* E[min(tokens, most)] */
static double mean_up_to(const struct atoms *a, double most)
{
    const size_t first = first_above(a, most);
    if (first == a->n)
        return a->sum_to[a->n - 1];
    const double mass = first == 0 ? 0 : a->mass_to[first - 1];
    return (first == 0 ? 0 : a->sum_to[first - 1]) + most * (a->mass_to[a->n - 1] - mass);
}

/* Lengths of at most `most` tokens: how probable they are, and E[tokens; tokens <= most]. */
struct part {
    double mass, sum;
};

/* The share of atom i whose lengths are at most `most`. Lengths within an atom count as equally
 * probable. */
static double share_at_most(const struct atoms *a, size_t i, double most)
{
    const double below = most - (a->tokens[i] - 0.5 * (a->width[i] + 1));
    return fmin(fmax(floor(below) / a->width[i], 0), 1);
}

static struct part part_at_most(const struct atoms *a, double most)
{
    size_t first = first_above(a, most);
    struct part p = { 0, 0 };
    /* The middle of the block around `most` may lie on either side of it. */
    if (first > 0 && share_at_most(a, first - 1, most) < 1)
        first--;
    if (first > 0)
        p = (struct part){ a->mass_to[first - 1], a->sum_to[first - 1] };
    const double share = first < a->n ? share_at_most(a, first, most) : 0;
    if (share > 0) {
        const double tokens = a->tokens[first] - 0.5 * a->width[first] * (1 - share);
        p.mass += share * a->mass[first];
        p.sum += share * a->mass[first] * tokens;
    }
    return p;
}

/* What becomes of the lengths of one class. Its prompts are first made to fit prefix and context;
 * then the limits of who serves them count. */
struct fitting {
    double prefix, context; /* context INFINITY: none */
    double most;            /* INFINITY: nobody is refused */
    struct xo_length_limits limits;
};

static struct fitting fitting_of(const struct xo_class *class, struct xo_length_limits limits)
{
    const int32_t most = limits.most_tokens;
    assert(limits.n_thresholds >= 0 && limits.n_thresholds <= XO_MAX_THRESHOLDS);
    return (struct fitting){
        .prefix = class->shared_prefix_tokens,
        .context =
            class->max_context_tokens > 0 ? (double)class->max_context_tokens : (double)INFINITY,
        .most = most > 0 ? (double)most : (double)INFINITY,
        .limits = limits,
    };
}

/* The tokens of the first `tokens` of a prompt that lie over threshold i, up to the next. */
static double between(const struct xo_length_limits *l, int i, double tokens)
{
    const double from = l->above_tokens[i];
    const double to = i + 1 < l->n_thresholds ? (double)l->above_tokens[i + 1] : (double)INFINITY;
    return fmax(0, fmin(tokens, to) - from);
}

static void add_mean(struct xo_token_means *m, const struct fitting *f, double mass, double prompt,
                     double prefix, double output)
{
    const struct xo_length_limits *l = &f->limits;
    int n = 0; /* thresholds that the prompt is over */
    m->prompt += mass * prompt;
    m->cached += mass * prefix;
    m->output += mass * output;
    while (n < l->n_thresholds && prompt > l->above_tokens[n])
        n++;
    if (n == 0)
        return;
    for (int i = l->is_marginal ? 0 : n - 1; i < n; i++) {
        m->above[i].prompt += mass * (l->is_marginal ? between(l, i, prompt) : prompt);
        m->above[i].cached += mass * (l->is_marginal ? between(l, i, prefix) : prefix);
    }
    m->above[n - 1].requests_frac += mass;
    m->above[n - 1].output += mass * output;
}

/* Requests with one prompt, whatever their output. */
static void sum_prompt(struct xo_token_means *m, const struct fitting *f, double typed, double mass,
                       const struct atoms *outputs)
{
    const double prompt = fmin(fmax(typed, f->prefix + 1), f->context - 1);
    const double room = f->context - prompt;
    const double all = outputs->mass_to[outputs->n - 1];
    if (typed < f->prefix + 1) {
        m->lengthened_frac += mass;
        m->lengthened_tokens += mass * (f->prefix + 1 - typed);
    }
    if (isfinite(room))
        m->cut_frac += mass * (typed > prompt ? all : all - part_at_most(outputs, room).mass);
    if (f->context <= f->most ||
        prompt + outputs->tokens[outputs->n - 1] + 0.5 * outputs->width[outputs->n - 1] <=
            f->most) {
        add_mean(m, f, mass, prompt, f->prefix, mean_up_to(outputs, room));
        return;
    }
    const struct part served = part_at_most(outputs, f->most - prompt);
    m->refused_frac += mass * fmax(all - served.mass, 0);
    if (served.mass > 0)
        add_mean(m, f, mass * served.mass, prompt, f->prefix, served.sum / served.mass);
}

static bool means_of_lengths(struct xo_token_means *m, const struct xo_class *class,
                             const struct fitting *f, struct xo_error *err)
{
    int64_t breaks[MAX_BREAKS] = { class->shared_prefix_tokens + 1 };
    int n_breaks = 1;
    struct atoms outputs;
    struct atom prompt;
    if (!atoms_init(&outputs, &class->output, err))
        return false;
    for (int i = 0; i < f->limits.n_thresholds; i++)
        breaks[n_breaks++] = f->limits.above_tokens[i];
    if (isfinite(f->context))
        breaks[n_breaks++] = (int64_t)f->context - 1;
    if (isfinite(f->most)) /* the longest prompt served, where all outputs are alike */
        breaks[n_breaks++] = (int64_t)(f->most - outputs.tokens[0]);
    for (struct walk w = walk_of(&class->prompt, breaks, n_breaks); walk_on(&w, &prompt);)
        sum_prompt(m, f, prompt.tokens, prompt.mass, &outputs);
    free(outputs.tokens);
    return true;
}

static void means_of_trace(struct xo_token_means *m, const struct xo_class *class,
                           const struct xo_trace *trace, const struct fitting *f)
{
    const double mass = 1 / (double)trace->n;
    for (size_t i = 0; i < trace->n; i++) {
        const int32_t typed = trace->prompt_tokens[i], output = trace->output_tokens[i];
        struct xo_request r;
        xo_class_fit(class, typed, output, &r);
        if (typed < r.prompt_tokens) {
            m->lengthened_frac += mass;
            m->lengthened_tokens += mass * (r.prompt_tokens - typed);
        }
        if (typed > r.prompt_tokens || output > r.output_tokens)
            m->cut_frac += mass;
        if ((double)r.prompt_tokens + r.output_tokens > f->most)
            m->refused_frac += mass;
        else
            add_mean(m, f, mass, r.prompt_tokens, r.prefix_tokens, r.output_tokens);
    }
}

bool xo_class_is_within(const struct xo_workload *workload, int class_index,
                        struct xo_length_limits limits)
{
    /* A third is far enough: where nothing is longer, no block of lengths reaches a limit, and
     * prompt and output together do not. */
    const struct xo_class *class = &workload->classes[class_index];
    const int64_t longest = limits.most_tokens > 0 ? limits.most_tokens / 3 : XO_MAX_TOKENS;
    const int64_t threshold = limits.n_thresholds > 0 ? limits.above_tokens[0] / 3 : XO_MAX_TOKENS;
    const int64_t prompt = longest < threshold ? longest : threshold;
    return workload->trace == NULL && xo_class_check(class, true, NULL) &&
           class->shared_prefix_tokens < prompt && rounded_cdf(&class->prompt, prompt) == 1 &&
           rounded_cdf(&class->output, longest) == 1;
}

bool xo_class_token_means(const struct xo_workload *workload, int class_index,
                          struct xo_length_limits limits, struct xo_token_means *means,
                          struct xo_error *err)
{
    assert(class_index >= 0 && class_index < workload->n_classes);
    const struct xo_class *class = &workload->classes[class_index];
    const struct fitting f = fitting_of(class, limits);
    struct xo_token_means m = { 0 };
    if (!xo_class_check(class, workload->trace == NULL, err))
        return false;
    if (workload->trace != NULL && workload->trace->n == 0)
        return xo_fail(err, XO_ERR_INPUT, "an empty trace has no mean lengths");
    if (workload->trace != NULL)
        means_of_trace(&m, class, workload->trace, &f);
    else if (!means_of_lengths(&m, class, &f, err))
        return false;
    *means = m;
    return true;
}
