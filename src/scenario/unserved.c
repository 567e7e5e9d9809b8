/* unserved.c - the requests that a side does not take: longer than the context of its model, or
 * than what the KV cache of a replica holds. In closed form, from the lengths alone. What a replica
 * holds, and the engine it is held by, stand beside it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/scenario.h"

#include <math.h>

/* Count class c, of which `most` tokens are the longest request taken. */
static void add_class(const struct xo_scenario *s, int c, double refused_frac, int32_t most,
                      bool by_context, struct xo_unserved *u)
{
    u->class_frac[c] = refused_frac;
    u->longest_tokens[c] = most;
    u->frac += s->workload.classes[c].weight * refused_frac;
    if (c > 0 && refused_frac <= u->class_frac[u->worst_class])
        return;
    u->worst_class = c;
    u->by_context = by_context;
}

/* Of class c, the share longer than `most` tokens; 0 takes none of them. */
static bool read_share(const struct xo_scenario *s, int c, int32_t most, double *refused_frac,
                       struct xo_error *err)
{
    struct xo_token_means m = { .refused_frac = most > 0 ? 0 : 1 };
    const struct xo_length_limits limits = { .most_tokens = most };
    if (most > 0 && !xo_class_is_within(&s->workload, c, limits) &&
        !xo_class_token_means(&s->workload, c, limits, &m, err))
        return false;
    *refused_frac = m.refused_frac;
    return true;
}

bool xo_room_unserved(const struct xo_scenario *s, const struct xo_kv_room *room,
                      struct xo_unserved *u, struct xo_error *err)
{
    struct xo_unserved found = { 0 };
    for (int c = 0; c < s->workload.n_classes; c++) {
        bool by_context;
        double refused_frac;
        const int32_t most = xo_longest_request(room, &s->engine, &s->workload, c, &by_context);
        if (!read_share(s, c, most, &refused_frac, err))
            return false;
        add_class(s, c, refused_frac, most, by_context, &found);
    }
    *u = found;
    return true;
}

struct xo_engine xo_option_engine(const struct xo_scenario *s, const struct xo_deployment *d)
{
    struct xo_engine engine = s->engine;
    if (engine.chunk_tokens == 0)
        engine.chunk_tokens = d->chunk_tokens;
    if (engine.max_batch == 0)
        engine.max_batch = d->max_batch;
    engine.chunk_tokens *= d->attention_dp;
    engine.max_batch *= d->attention_dp;
    return engine;
}

bool xo_option_unserved(const struct xo_scenario *s, int option, struct xo_unserved *u,
                        struct xo_error *err)
{
    struct xo_kv_room room;
    return xo_kv_room(&s->options[option].deployment, &room, err) &&
           xo_room_unserved(s, &room, u, err);
}

struct xo_holding xo_option_holds(const struct xo_scenario *s, int option)
{
    const struct xo_deployment *d = &s->options[option < 0 ? 0 : option].deployment;
    struct xo_holding h = { NAN, NAN, NAN, NULL, NULL };
    struct xo_gpu_weights weights;
    struct xo_kv_room room;
    if (option < 0 || !xo_gpu_weights(d, &weights, NULL) || !xo_kv_room(d, &room, NULL))
        return h;
    h.weight_bytes_per_gpu = weights.total_bytes;
    h.kv_room_tokens = floor(xo_kv_room_tokens(d, &room));
    const char *own = xo_engine_defaults(d->engine, &d->gpu)->why;
    h.chunk_from = s->engine.chunk_tokens > 0 ? NULL : own;
    h.batch_from = s->engine.max_batch > 0 ? NULL : own;
    for (int c = 0; c < s->workload.n_classes; c++) {
        bool by_context;
        const double most = xo_longest_request(&room, &s->engine, &s->workload, c, &by_context);
        h.longest_tokens = fmin(h.longest_tokens, most); /* of a NAN and a number: the number */
    }
    return h;
}

bool xo_api_unserved(const struct xo_scenario *s, int api, struct xo_unserved *u,
                     struct xo_error *err)
{
    struct xo_unserved found = { 0 };
    for (int c = 0; c < s->workload.n_classes; c++) {
        double refused_frac = 0;
        const int32_t most = xo_api_longest(s, xo_class_api(s, c, api));
        if (most > 0 && !read_share(s, c, most, &refused_frac, err))
            return false;
        add_class(s, c, refused_frac, most, true, &found);
    }
    *u = found;
    return true;
}

const struct xo_api *xo_class_api(const struct xo_scenario *s, int class_index, int api)
{
    const struct xo_api *own = &s->class_apis[class_index];
    return own->tariff.name[0] != '\0' || api < 0 || api >= s->n_apis ? own : &s->apis[api];
}

bool xo_has_class_apis(const struct xo_scenario *s)
{
    for (int c = 0; c < s->workload.n_classes; c++)
        if (s->class_apis[c].tariff.name[0] != '\0')
            return true;
    return false;
}

static double or_one(double ratio)
{
    return ratio > 0 ? ratio : 1;
}

struct xo_ratios xo_api_ratios(const struct xo_scenario *s, const struct xo_api *api)
{
    struct xo_ratios r = { or_one(api->tokens_ratio_input), or_one(api->tokens_ratio_output) };
    if (!api->is_same_weights) {
        r.input *= or_one(s->api_ratio_input);
        r.output *= or_one(s->api_ratio_output);
    }
    return r;
}

/* Long requests are long by their prompts, so the ratio of these counts. */
int32_t xo_api_longest(const struct xo_scenario *s, const struct xo_api *api)
{
    const double input = xo_api_ratios(s, api).input;
    return input == 1 ? api->context_tokens
                      : (int32_t)fmin(floor(api->context_tokens / input), INT32_MAX - 1);
}

/* Without a target a side that leaves out more than this does not do the work. */
static const double TOLERATED_WITHOUT_SLO = 0.05;

double xo_tolerated_misses(const struct xo_scenario *s, int class_index)
{
    double strictest = 1;
    const struct xo_slo *slo = &s->slo[class_index];
    for (int t = 0; t < slo->n_targets; t++)
        strictest = fmin(strictest, 1 - slo->targets[t].quantile);
    return slo->n_targets > 0 ? strictest : TOLERATED_WITHOUT_SLO;
}

bool xo_unserved_is_tolerated(const struct xo_scenario *s, const struct xo_unserved *u)
{
    for (int c = 0; c < s->workload.n_classes; c++)
        if (u->class_frac[c] > xo_tolerated_misses(s, c))
            return false;
    return true;
}

bool xo_requests_reshaped(const struct xo_scenario *s, struct xo_reshaped *out,
                          struct xo_error *err)
{
    struct xo_reshaped r = { 0 };
    double own_tokens = 0; /* as typed, without the shared part */
    for (int c = 0; c < s->workload.n_classes; c++) {
        const double weight = s->workload.classes[c].weight;
        struct xo_token_means m;
        if (!xo_class_token_means(&s->workload, c, (struct xo_length_limits){ 0 }, &m, err))
            return false;
        r.cut_frac += weight * m.cut_frac;
        r.lengthened_frac += weight * m.lengthened_frac;
        r.lengthened_tokens += weight * m.lengthened_tokens;
        own_tokens += weight * (m.prompt - m.lengthened_tokens - m.cached);
    }
    r.lengthened_share = r.lengthened_tokens > 0 ? r.lengthened_tokens / own_tokens : 0;
    *out = r;
    return true;
}

bool xo_is_lengthened(const struct xo_reshaped *r)
{
    static const double FEW = 0.01, LITTLE = 0.001;
    return r->lengthened_frac >= FEW || r->lengthened_share >= LITTLE;
}
