/* usage_kit.h - bills of what people count: tokens in all and the parts that those contain,
 * replicas and their mean power.
 *
 * A usage holds tokens by what prices them, each once; an invoice says how many there were, how
 * many of those were cached, and how many of each belonged to long prompts.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TESTS_USAGE_KIT_H
#define XO_TESTS_USAGE_KIT_H

#include "xo/cost.h"

#include <math.h>

/* A month's tokens at one tariff. The long_ parts are contained in the totals; what is written to a
 * cache is contained in the prompt, beside what is cached. */
struct counted {
    double requests;
    double prompt_tokens, cached_tokens, output_tokens;
    double long_prompt_tokens, long_cached_tokens, long_output_tokens;
    double cache_write_tokens, long_cache_write_tokens;
    double extended_write_tokens, long_extended_write_tokens;
    double batch_frac;
    bool at_peak;
};

static inline double counted_rest(double all, double part)
{
    return fmax(0, all - part);
}

static inline void counted_add_row(struct xo_usage *u, int tariff, struct xo_price_cell cell,
                                   double share, const double tokens[XO_N_TOKEN_KINDS])
{
    double all = 0;
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
        all += tokens[kind] * share;
    if (all == 0)
        return;
    struct xo_token_use *row = xo_usage_add_tokens(u, 0, tariff, cell);
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
        row->tokens[kind] = tokens[kind] * share;
}

static inline void counted_add(struct xo_usage *u, int tariff, const struct counted *c)
{
    const double written[2] = { c->cache_write_tokens - c->long_cache_write_tokens,
                                c->long_cache_write_tokens };
    const double longer[2] = { c->extended_write_tokens - c->long_extended_write_tokens,
                               c->long_extended_write_tokens };
    const double cached[2] = { c->cached_tokens - c->long_cached_tokens, c->long_cached_tokens };
    const double prompt[2] = { c->prompt_tokens - c->long_prompt_tokens, c->long_prompt_tokens };
    const double output[2] = { c->output_tokens - c->long_output_tokens, c->long_output_tokens };
    struct xo_price_cell cell = { .window = c->at_peak ? XO_WINDOW_PEAK : XO_WINDOW_USUAL };
    for (int i = XO_CONTEXT_USUAL; i <= XO_CONTEXT_LONG; i++) {
        const double tokens[XO_N_TOKEN_KINDS] = {
            [XO_INPUT_UNCACHED] = counted_rest(prompt[i] - cached[i], written[i] + longer[i]),
            [XO_INPUT_WRITTEN] = written[i],
            [XO_INPUT_WRITTEN_LONGER] = longer[i],
            [XO_INPUT_CACHED] = cached[i],
            [XO_OUTPUT] = output[i],
        };
        cell.context = i;
        cell.service = XO_SERVICE_STANDARD;
        counted_add_row(u, tariff, cell, 1 - c->batch_frac, tokens);
        cell.service = XO_SERVICE_BATCH;
        counted_add_row(u, tariff, cell, c->batch_frac, tokens);
    }
}

/* uses[n] at tariffs[n]. */
struct counted_month {
    const struct xo_tariff *tariffs[XO_MAX_TARIFFS];
    struct xo_usage usage;
};

static inline void count_month(struct counted_month *m, const struct xo_tariff tariffs[],
                               const struct counted uses[], int n)
{
    xo_usage_clear(&m->usage);
    for (int i = 0; i < n; i++) {
        m->tariffs[i] = &tariffs[i];
        counted_add(&m->usage, i, &uses[i]);
    }
}

static inline void bill_of_tokens(const struct xo_tariff tariffs[], const struct counted uses[],
                                  int n, const struct xo_buy_terms *terms, struct xo_bill *bill)
{
    struct counted_month month;
    count_month(&month, tariffs, uses, n);
    xo_buy_bill(month.tariffs, &month.usage, terms, bill);
}

static inline double usd_of_tokens(const struct xo_tariff tariffs[], const struct counted uses[],
                                   int n, const struct xo_buy_terms *terms)
{
    struct counted_month month;
    count_month(&month, tariffs, uses, n);
    return xo_buy_usd(month.tariffs, &month.usage, terms);
}

/* Replicas, and the mean power of a GPU of those that share the load; spares idle. */
struct counted_fleet {
    int serving_replicas, spare_replicas, headroom_replicas, gpus_per_replica;
    double mean_w_per_gpu;
};

static inline struct xo_usage usage_of_fleet(const struct xo_build_terms *t,
                                             const struct counted_fleet *f)
{
    const double month_s = t->hours_per_month * 3600;
    const int gpus = f->gpus_per_replica;
    struct xo_usage u;
    xo_usage_clear(&u);
    xo_usage_add_replicas(&u, XO_GPU_SERVING, f->serving_replicas, gpus, f->mean_w_per_gpu,
                          month_s);
    xo_usage_add_replicas(&u, XO_GPU_HEADROOM, f->headroom_replicas, gpus, f->mean_w_per_gpu,
                          month_s);
    xo_usage_add_replicas(&u, XO_GPU_SPARE, f->spare_replicas, gpus, t->gpu_idle_w, month_s);
    return u;
}

static inline void bill_of_fleet(const struct xo_build_terms *t, const struct counted_fleet *f,
                                 struct xo_bill *bill)
{
    const struct xo_usage usage = usage_of_fleet(t, f);
    xo_build_bill(t, &usage, bill);
}

static inline double usd_of_fleet(const struct xo_build_terms *t, const struct counted_fleet *f)
{
    const struct xo_usage usage = usage_of_fleet(t, f);
    return xo_build_usd(t, &usage);
}

static inline int64_t gpus_of_fleet(const struct xo_build_terms *t, const struct counted_fleet *f)
{
    const struct xo_usage usage = usage_of_fleet(t, f);
    return xo_build_gpus(t, &usage);
}

static inline struct xo_obligation obligation_of_fleet(const struct xo_build_terms *t,
                                                       const struct counted_fleet *f)
{
    const struct xo_usage usage = usage_of_fleet(t, f);
    return xo_build_obligation(t, &usage);
}

#endif
