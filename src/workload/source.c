/* source.c - a stream of requests: when, of which class, how long.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const double latest_start_s =
    1e10; /* 300 years: a clock in doubles still has microseconds */

enum mode {
    MODE_PROCESS, /* arrivals by renewal and rate, lengths by class */
    MODE_REPLAY,  /* arrivals and lengths of a trace */
    MODE_CLIENTS, /* arrivals when a client sends */
};

/* Slots of a request's draws. */
enum { SLOT_LENGTHS, SLOT_CLASS, SLOTS_PER_TURN };

struct xo_source {
    const struct xo_workload *workload; /* borrowed */
    enum mode mode;
    struct xo_stream lengths, turns;
    double class_upto[XO_MAX_CLASSES]; /* cumulative share */

    int64_t n_made;
    struct xo_request ahead[XO_AHEAD]; /* MODE_PROCESS: class and lengths of request i at i %
                                          XO_AHEAD, drawn with its neighbours */
    struct xo_renewal renewal;
    struct xo_rate rate;
    struct xo_replay replay;
    uint32_t *n_turns; /* [n_clients] owned; turns begun by each client */
    int64_t spread;
};

/* ---- making one ---- */

static bool check_classes(const struct xo_workload *w, struct xo_error *err)
{
    double sum = 0;
    if (w->n_classes < 1 || w->n_classes > XO_MAX_CLASSES)
        return xo_fail(err, XO_ERR_INPUT, "%d request classes; it takes 1 to %d", w->n_classes,
                       XO_MAX_CLASSES);
    for (int c = 0; c < w->n_classes; c++) {
        if (!xo_class_check(&w->classes[c], w->trace == NULL, err))
            return false;
        sum += w->classes[c].weight;
    }
    return (sum > 0 && isfinite(sum)) ||
           xo_fail(err, XO_ERR_INPUT, "the weights of the classes add up to %g", sum);
}

static void set_shares(struct xo_source *s)
{
    const struct xo_workload *w = s->workload;
    double total = 0, sum = 0;
    for (int c = 0; c < w->n_classes; c++)
        total += w->classes[c].weight;
    for (int c = 0; c < w->n_classes; c++)
        s->class_upto[c] = (sum += w->classes[c].weight) / total;
}

static struct xo_stream stream_for(const struct xo_source_options *o, enum xo_purpose purpose)
{
    return (struct xo_stream){ o->seed, o->replication, purpose };
}

static bool init_process(struct xo_source *s, const struct xo_source_options *o,
                         struct xo_error *err)
{
    const struct xo_workload *w = s->workload;
    const struct xo_stream arrival = stream_for(o, XO_PURPOSE_ARRIVAL),
                           burst = stream_for(o, XO_PURPOSE_BURST);
    return xo_renewal_init(&s->renewal, &w->arrivals, &arrival, err) &&
           xo_rate_init(&s->rate, o->stationary ? NULL : &w->profile, &w->arrivals.bursts, &burst,
                        o->requests_per_s, o->start_s, err);
}

static bool init_clients(struct xo_source *s, struct xo_error *err)
{
    s->n_turns = calloc((size_t)s->workload->n_clients, sizeof *s->n_turns);
    return s->n_turns != NULL ||
           xo_fail(err, XO_ERR_MEMORY, "out of memory for %d clients", s->workload->n_clients);
}

static bool init_mode(struct xo_source *s, const struct xo_source_options *o, struct xo_error *err)
{
    const struct xo_stream trace = stream_for(o, XO_PURPOSE_TRACE);
    switch (s->mode) {
    case MODE_PROCESS:
        return init_process(s, o, err);
    case MODE_REPLAY:
        return xo_replay_init(&s->replay, s->workload->trace, &trace, o->requests_per_s, o->start_s,
                              err);
    case MODE_CLIENTS:
        return init_clients(s, err);
    }
    return false;
}

static bool check(const struct xo_workload *w, const struct xo_source_options *o,
                  struct xo_error *err)
{
    if (!(o->start_s >= 0 && o->start_s <= latest_start_s))
        return xo_fail(err, XO_ERR_INPUT, "a stream starts at %g s; it takes 0 to %g", o->start_s,
                       latest_start_s);
    if (w->trace != NULL && w->trace->n == 0)
        return xo_fail(err, XO_ERR_INPUT, "an empty trace cannot be replayed");
    return check_classes(w, err);
}

struct xo_source *xo_source_new(const struct xo_workload *workload,
                                const struct xo_source_options *options, struct xo_error *err)
{
    if (!check(workload, options, err))
        return NULL;
    struct xo_source *s = calloc(1, sizeof *s);
    if (s == NULL) {
        xo_fail(err, XO_ERR_MEMORY, "out of memory for a stream of requests");
        return NULL;
    }
    s->workload = workload;
    s->mode = workload->n_clients > 0                           ? MODE_CLIENTS
              : workload->trace != NULL && !options->stationary ? MODE_REPLAY
                                                                : MODE_PROCESS;
    s->lengths = stream_for(options, XO_PURPOSE_REQUEST);
    s->turns = stream_for(options, XO_PURPOSE_CLIENT);
    s->spread = options->spread;
    assert(s->spread == 0 || workload->n_clients == 1);
    set_shares(s);
    if (!init_mode(s, options, err)) {
        xo_source_free(s);
        return NULL;
    }
    return s;
}

void xo_source_free(struct xo_source *source)
{
    if (source == NULL)
        return;
    xo_renewal_fini(&source->renewal);
    xo_rate_fini(&source->rate);
    xo_replay_fini(&source->replay);
    free(source->n_turns);
    free(source);
}

/* ---- drawing requests ---- */

static int draw_class(const struct xo_source *s, const struct xo_stream *stream, uint64_t entity,
                      uint32_t slot)
{
    const int last = s->workload->n_classes - 1;
    if (last == 0 || s->workload->trace != NULL)
        return 0;
    const double u = xo_uniform(stream, entity, slot);
    int c = 0;
    while (c < last && s->class_upto[c] < u)
        c++;
    return c;
}

/* Lengths by two uniforms: of the class's distributions, or of a row of the trace. */
static void draw_lengths(const struct xo_source *s, const double u[2], struct xo_request *r)
{
    const struct xo_class *class = &s->workload->classes[r->class_index];
    const struct xo_trace *trace = s->workload->trace;
    if (trace != NULL) {
        const size_t row = (size_t)(u[0] * (double)trace->n);
        xo_class_fit(class, trace->prompt_tokens[row], trace->output_tokens[row], r);
        return;
    }
    xo_class_fit(class, xo_whole_tokens(xo_dist_quantile(&class->prompt, u[0])),
                 xo_whole_tokens(xo_dist_quantile(&class->output, u[1])), r);
}

static void draw_request(const struct xo_source *s, const struct xo_stream *stream, uint64_t entity,
                         uint32_t slot, struct xo_request *r)
{
    double u[2];
    r->class_index = draw_class(s, stream, entity, slot + SLOT_CLASS);
    xo_uniform2(stream, entity, slot + SLOT_LENGTHS, u);
    draw_lengths(s, u, r);
}

/* The bits of i in reverse order, behind the binary point: van der Corput's sequence, in (0, 1). */
static double reversed(uint64_t i)
{
    double u = 0, half = 0.5;
    for (; i > 0; i >>= 1, half /= 2)
        u += half * (double)(i & 1);
    return u;
}

/* Number `turn` of requests that are spread. Point i of n is (i / n, i reversed), half a cell on
 * (Hammersley, Annals of the New York Academy of Sciences 86, 1960): in either coordinate, each nth
 * part of the law holds one. */
static void spread_request(const struct xo_source *s, uint32_t turn, struct xo_request *r)
{
    const double n = (double)s->spread, half_cell = 0.5 / n;
    const uint64_t i = turn / (uint32_t)s->workload->n_classes % (uint64_t)s->spread;
    const double u[2] = { (double)i / n + half_cell, reversed(i) + half_cell };
    r->class_index = (int)(turn % (uint32_t)s->workload->n_classes);
    draw_lengths(s, u, r);
}

/* What draw_lengths does for each of XO_AHEAD requests, for those of class c. */
static void draw_lengths_of(struct xo_source *s, int c, const double u[2 * XO_AHEAD])
{
    const struct xo_class *class = &s->workload->classes[c];
    struct xo_request *member[XO_AHEAD];
    double prompt[XO_AHEAD], output[XO_AHEAD];
    size_t n = 0;
    for (int i = 0; i < XO_AHEAD; i++) {
        member[n] = &s->ahead[i];
        prompt[n] = u[2 * i];
        output[n] = u[2 * i + 1];
        n += s->ahead[i].class_index == c;
    }
    xo_dist_quantiles(&class->prompt, n, prompt);
    xo_dist_quantiles(&class->output, n, output);
    for (size_t k = 0; k < n; k++)
        xo_class_fit(class, xo_whole_tokens(prompt[k]), xo_whole_tokens(output[k]), member[k]);
}

/* What draw_request does, for request `first` and those behind it. */
static void draw_ahead(struct xo_source *s, uint64_t first)
{
    double u[2 * XO_AHEAD];
    for (uint64_t i = 0; i < XO_AHEAD; i++)
        s->ahead[i].class_index = draw_class(s, &s->lengths, first + i, SLOT_CLASS);
    xo_uniforms(&s->lengths, first, SLOT_LENGTHS, XO_AHEAD, u);
    for (int c = 0; s->workload->trace == NULL && c < s->workload->n_classes; c++)
        draw_lengths_of(s, c, u);
    for (int i = 0; s->workload->trace != NULL && i < XO_AHEAD; i++)
        draw_lengths(s, &u[2 * i], &s->ahead[i]);
}

static void next_of_process(struct xo_source *s, struct xo_request *r)
{
    const int64_t i = s->n_made++;
    if (i % XO_AHEAD == 0)
        draw_ahead(s, (uint64_t)i);
    *r = s->ahead[i % XO_AHEAD];
    r->id = i;
    r->arrival_s = xo_rate_when(&s->rate, xo_renewal_next(&s->renewal));
}

static void next_of_replay(struct xo_source *s, struct xo_request *r)
{
    const struct xo_trace *trace = s->workload->trace;
    const size_t row = xo_replay_next(&s->replay, &r->arrival_s);
    r->id = s->n_made++;
    r->class_index = 0;
    xo_class_fit(&s->workload->classes[0], trace->prompt_tokens[row], trace->output_tokens[row], r);
}

void xo_source_next(struct xo_source *source, struct xo_request *request)
{
    assert(source->mode != MODE_CLIENTS);
    if (source->mode == MODE_PROCESS)
        next_of_process(source, request);
    else
        next_of_replay(source, request);
}

void xo_source_client(struct xo_source *source, int client, double now_s,
                      struct xo_request *request)
{
    assert(source->mode == MODE_CLIENTS && client >= 0 && client < source->workload->n_clients);
    const uint32_t turn = source->n_turns[client]++;
    request->id = (int64_t)turn * source->workload->n_clients + client;
    request->arrival_s = now_s;
    if (source->spread > 0)
        spread_request(source, turn, request);
    else
        draw_request(source, &source->turns, (uint64_t)client, turn * SLOTS_PER_TURN, request);
}

/* ---- counting ---- */

/* The next arrival without its lengths. */
static double next_arrival(struct xo_source *s, int *class_index)
{
    double when_s;
    const int64_t id = s->n_made++;
    if (s->mode == MODE_PROCESS)
        when_s = xo_rate_when(&s->rate, xo_renewal_next(&s->renewal));
    else
        xo_replay_next(&s->replay, &when_s);
    *class_index = draw_class(s, &s->lengths, (uint64_t)id, SLOT_CLASS);
    return when_s;
}

bool xo_source_count(const struct xo_workload *workload, const struct xo_source_options *options,
                     double from_s, double to_s, int64_t *n_per_class, struct xo_error *err)
{
    assert(workload->n_clients == 0);
    struct xo_source *source = xo_source_new(workload, options, err);
    if (source == NULL)
        return false;
    for (int c = 0; c < workload->n_classes; c++)
        n_per_class[c] = 0;
    int class_index;
    for (double when_s; (when_s = next_arrival(source, &class_index)) < to_s;)
        if (when_s >= from_s)
            n_per_class[class_index]++;
    xo_source_free(source);
    return true;
}
