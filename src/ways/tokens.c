/* tokens.c - the tokens that a month of requests buys, by what they cost; see world.h.
 *
 * A tariff may price one token in several ways: read from the provider's prefix cache, written to
 * it, neither; in peak hours or not. How many there are of each follows from the volume and from
 * the hours of the week: hours of one rate are one level, each with the share of its requests that
 * falls into a tariff's peak hours. At a level the calls of a class that carry its prefix arrive
 * steadily, so the share that finds no living entry is a closed form (workload/lifetime.c). Means
 * over the week weight levels by their requests.
 *
 * The state is a struct demand. demand_read_week fills what does not depend on volume, once, and
 * nothing here changes it afterwards; what depends on volume is worked out on each call. Prompt
 * tokens count all of them, and those read and written are a part. An invoice (demand->billed) says
 * itself what was read and written, and the rules of the cache are then left aside. Begin with
 * prefix_read and tokens_add.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"
#include "xo/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the week, read once ---- */

const struct xo_api *class_api(const struct xo_scenario *s, int class_index, int api)
{
    if (api < 0)
        return &s->same_model[host_of_api(api)];
    return xo_class_api(s, class_index, api);
}

const window_shares *demand_windows(const struct world *w, int class_index, int api)
{
    const struct demand *b = w->demand;
    if (api < 0)
        return &b->same_windows[host_of_api(api)];
    return w->scenario->class_apis[class_index].tariff.name[0] != '\0'
               ? &b->class_windows[class_index]
               : &b->api_windows[api];
}

/* Minutes of hour h of the week, where it lies in UTC, by window. An hour may run over the week's
 * end, into its first windows. */
static void window_minutes(const struct xo_tariff *t, int h, int timezone_min,
                           int minutes[XO_N_WINDOWS])
{
    enum { WEEK_MIN = 60 * XO_HOURS_PER_WEEK };
    const int from = ((60 * h - timezone_min) % WEEK_MIN + WEEK_MIN) % WEEK_MIN, to = from + 60;
    for (int i = 0; i < t->n_peaks; i++)
        for (int lap = 0; lap <= WEEK_MIN; lap += WEEK_MIN) {
            if (!xo_window_holds(&t->peaks[i], t->day))
                continue;
            const int lo = t->peaks[i].from_min + lap > from ? t->peaks[i].from_min + lap : from;
            const int hi = t->peaks[i].to_min + lap < to ? t->peaks[i].to_min + lap : to;
            minutes[t->peaks[i].window] += hi > lo ? hi - lo : 0;
        }
}

static void read_windows(const struct demand *b, const int level[XO_HOURS_PER_WEEK],
                         const struct xo_tariff *t, window_shares shares)
{
    int n_hours[XO_HOURS_PER_WEEK] = { 0 };
    if (t->n_windows == 0)
        return;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        n_hours[level[h]]++;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++) {
        int minutes[XO_N_WINDOWS] = { 0 };
        window_minutes(t, h, b->scenario->timezone_min, minutes);
        for (int w = 1; w <= t->n_windows; w++)
            shares[level[h]][w] += minutes[w] / (60.0 * n_hours[level[h]]);
    }
    for (int k = 0; k < b->n_levels; k++) {
        shares[k][XO_WINDOW_USUAL] = 1;
        for (int w = 1; w <= t->n_windows; w++)
            shares[k][XO_WINDOW_USUAL] -= shares[k][w];
    }
}

/* Which level each hour is of; hours of one rate are one, and new ones are added. */
static void read_levels(struct demand *b, int level[XO_HOURS_PER_WEEK])
{
    const struct xo_scenario *s = b->scenario;
    double factor[XO_HOURS_PER_WEEK];
    b->n_levels = 0;
    memset(b->level_frac, 0, sizeof b->level_frac);
    if (s->workload.trace == NULL)
        xo_profile_hour_factors(&s->workload.profile, factor);
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++) {
        const double f = s->workload.trace == NULL ? factor[h] : 1;
        int k = 0;
        while (k < b->n_levels && b->level_factor[k] != f)
            k++;
        if (k == b->n_levels)
            b->level_factor[b->n_levels++] = f;
        b->level_frac[k] += f / XO_HOURS_PER_WEEK;
        level[h] = k;
    }
}

void demand_read_windows(struct demand *b)
{
    const struct xo_scenario *s = b->scenario;
    int level[XO_HOURS_PER_WEEK];
    read_levels(b, level);
    memset(b->api_windows, 0, sizeof b->api_windows);
    memset(b->class_windows, 0, sizeof b->class_windows);
    memset(b->same_windows, 0, sizeof b->same_windows);
    for (int i = 0; i < s->n_apis; i++)
        read_windows(b, level, &s->apis[i].tariff, b->api_windows[i]);
    for (int c = 0; c < s->workload.n_classes; c++)
        read_windows(b, level, &s->class_apis[c].tariff, b->class_windows[c]);
    for (int i = 0; i < s->n_same_bought; i++)
        read_windows(b, level, &s->same_model[i].tariff, b->same_windows[i]);
}

void demand_read_week(struct demand *b)
{
    demand_read_windows(b);
    if (b->scenario->workload.trace != NULL)
        xo_gap_table_fill(&b->gaps, b->scenario->workload.trace);
}

/* ---- equal work ---- */

struct xo_length_limits api_limits(const struct xo_scenario *s, const struct xo_api *api)
{
    const struct xo_tariff *t = &api->tariff;
    const double input = xo_api_ratios(s, api).input;
    struct xo_length_limits l = { .most_tokens = xo_api_longest(s, api),
                                  .n_thresholds = t->n_contexts,
                                  .is_marginal = t->is_marginal };
    for (int i = 0; i < t->n_contexts; i++) {
        const double above = floor(t->contexts[i].above_tokens / input);
        l.above_tokens[i] = (int32_t)fmin(above, INT32_MAX - 1);
    }
    return l;
}

/* ---- a shared prefix ---- */

/* Share of the prefix that can be cached. */
static double cacheable_frac(const struct xo_class *k, const struct xo_cache_rules *cache,
                             double ratio)
{
    const double prefix = k->shared_prefix_tokens * ratio, step = cache->step_tokens;
    const double whole = step > 1 ? floor(prefix / step) * step : prefix;
    return whole > 0 && whole >= cache->min_tokens ? whole / prefix : 0;
}

/* How calls with the prefix of class c follow each other at a volume. */
static bool law_at(const struct world *w, int c, double volume, double carry_frac,
                   struct xo_gap_law *law)
{
    const struct xo_scenario *s = w->scenario;
    struct xo_arrivals a = s->workload.arrivals;
    if (s->workload.trace != NULL)
        a = (struct xo_arrivals){ .kind = XO_ARRIVALS_POISSON, .cv = 1 };
    else if (s->growth == XO_MORE_USERS && s->requests_per_month > 0)
        a = xo_arrivals_more_users(&a, volume / s->requests_per_month);
    if (!xo_gap_law_init(law, &a, fmin(1, s->workload.classes[c].weight * carry_frac), NULL))
        return false;
    law->table = s->workload.trace != NULL ? &w->demand->gaps : NULL;
    return true;
}

/* Misses of one lifetime over the week, by window. */
struct life_reading {
    double miss_frac[XO_N_WINDOWS];
    double usd; /* of a token of the prefix, over the week */
};

struct offer {
    const struct xo_tariff *tariff;
    const window_shares *shares; /* by level; not read where the tariff has no windows */
    double usd[XO_N_WINDOWS][XO_N_TOKEN_KINDS]; /* of a usual prompt */
    struct xo_gap_law law;
    double calls_per_s; /* of the class with its prefix, over the week */
};

/* Of the week's requests, those of level k in a window. */
static double share_of(const struct demand *b, const struct offer *o, int k, int window)
{
    return b->level_frac[k] * (o->tariff->n_windows > 0 ? (*o->shares)[k][window] : 1);
}

/* Is a prefix that was not found written to the cache at a price? */
static bool sells_writes(const struct xo_tariff *t)
{
    return !isnan(t->cache_write) || t->cache.storage_usd_per_token_s > 0;
}

/* A prefix that is stored at a price is paid for all its lifetime when it is written. */
static struct life_reading read_life(const struct demand *b, const struct offer *o, double ttl_s,
                                     enum xo_token_kind written)
{
    const struct xo_tariff *t = o->tariff;
    const struct xo_entry_life life = { ttl_s, t->cache.ready_s, t->cache.fixed_life };
    struct life_reading r = { 0 };
    double miss[XO_HOURS_PER_WEEK] = { 0 };
    for (int k = 0; k < b->n_levels; k++)
        if (b->level_frac[k] > 0)
            miss[k] = fmax(xo_cache_write_frac(&o->law, o->calls_per_s * b->level_factor[k], &life),
                           t->cache.least_miss_frac);
    for (int p = 0; p <= t->n_windows; p++) {
        double weight = 0, missed = 0;
        for (int k = 0; k < b->n_levels; k++) {
            const double at = share_of(b, o, k, p);
            weight += at;
            missed += at * miss[k];
        }
        r.miss_frac[p] = weight > 0 ? missed / weight : 0;
        r.usd += missed * (o->usd[p][written] + t->cache.storage_usd_per_token_s * ttl_s) +
                 (weight - missed) * o->usd[p][XO_INPUT_CACHED];
    }
    return r;
}

/* The cheapest lifetime, or the one asked for; where nothing is written, the one that would come
 * nearest to paying. An implicit cache leaves nothing to choose. */
static void choose_life(const struct world *w, const struct offer *o, struct prefix_reading *r)
{
    const struct demand *b = w->demand;
    const struct xo_tariff *t = o->tariff;
    const enum xo_cache_choice asked = w->scenario->cache_choice;
    const bool is_sold = sells_writes(t), extended = t->cache.extended_ttl_s > 0;
    const struct life_reading lives[2] = {
        read_life(b, o, t->cache.ttl_s, XO_INPUT_WRITTEN),
        extended ? read_life(b, o, t->cache.extended_ttl_s, XO_INPUT_WRITTEN_LONGER)
                 : (struct life_reading){ .usd = INFINITY },
    };
    double none_usd = 0;
    for (int k = 0; k < b->n_levels; k++)
        for (int p = 0; p <= t->n_windows; p++)
            none_usd += share_of(b, o, k, p) * o->usd[p][XO_INPUT_UNCACHED];
    const bool longer =
        asked == XO_CACHE_EXTENDED || (asked != XO_CACHE_SHORT && lives[1].usd < lives[0].usd);
    const int life = extended && longer;
    const bool none =
        asked == XO_CACHE_NONE || (asked == XO_CACHE_CHEAPEST && none_usd < lives[life].usd);
    r->choice = (is_sold || extended) && none ? XO_CACHE_NONE
                : life == 1                   ? XO_CACHE_EXTENDED
                                              : XO_CACHE_SHORT;
    memcpy(r->miss_frac, lives[life].miss_frac, sizeof r->miss_frac);
    for (int i = 0; i < 2; i++)
        r->usd_per_token[i] = lives[i].usd;
    r->uncached_usd_per_token = none_usd;
}

static bool has_rules(const struct xo_tariff *t, enum xo_cache_choice asked)
{
    return t->cache.ttl_s > 0 || t->cache.extended_ttl_s > 0 || t->cache.least_miss_frac > 0 ||
           (asked == XO_CACHE_NONE && sells_writes(t));
}

void prefix_read(const struct world *w, double volume, int c, int api, struct prefix_reading *r)
{
    const struct demand *b = w->demand;
    const struct xo_scenario *s = w->scenario;
    const struct xo_class *k = &s->workload.classes[c];
    const struct xo_tariff *t = &class_api(s, c, api)->tariff;
    const double ratio = xo_api_ratios(s, class_api(s, c, api)).input;
    struct offer o; /* whole only where it is asked */
    o.tariff = t;
    o.shares = demand_windows(w, c, api);
    *r = (struct prefix_reading){ .choice = XO_CACHE_SHORT, .window_frac = { 1 } };
    for (int p = 1; p <= t->n_windows; p++) {
        for (int level = 0; level < b->n_levels; level++)
            r->window_frac[p] += share_of(b, &o, level, p);
        r->window_frac[XO_WINDOW_USUAL] -= r->window_frac[p];
    }
    if (k->shared_prefix_tokens > 0)
        r->cacheable_frac = cacheable_frac(k, &t->cache, ratio);
    if (!(r->cacheable_frac > 0) || !has_rules(t, s->cache_choice))
        return;
    const double carry = fmin(1, means_of(b, c, api)->cached / k->shared_prefix_tokens);
    const double calls = volume * (b->volume_counts_calls ? 1 : 1 + s->retries_frac);
    o.calls_per_s = calls / (s->hours_per_month * XO_HOUR_S) * k->weight * carry;
    for (int p = 0; p <= t->n_windows; p++)
        xo_tariff_prices(t, (struct xo_price_cell){ .window = p }, o.usd[p]);
    if (law_at(w, c, volume, carry, &o.law))
        choose_life(w, &o, r);
}

/* ---- tokens by what they cost ---- */

/* Differences of equal sums may end just below zero. */
static double above_zero(double x)
{
    return x > 0 ? x : 0;
}

/* Part of a class's tokens: those of its ordinary prompts, or of its long ones. */
struct portion {
    double requests, prompt, prefix, output; /* prefix: what of the prompt may be cached */
};

/* What is read of a prompt, and what is written; an invoice says it itself. */
static void split_prompt(const struct world *w, const struct prefix_reading *r,
                         const struct xo_tariff *t, int window, const struct portion *p,
                         double tokens[XO_N_TOKEN_KINDS])
{
    const struct demand *b = w->demand;
    const double miss = r->choice == XO_CACHE_NONE ? 1 : r->miss_frac[window];
    const double missed = p->prefix * miss;
    double read = p->prefix * (1 - miss), written = 0, longer = 0;
    if (b->billed.given) {
        read = p->prompt * b->billed.cached_frac;
        written = p->prompt * b->billed.write_frac;
        longer = p->prompt * b->billed.extended_frac;
    } else if (r->choice == XO_CACHE_SHORT && sells_writes(t)) {
        written = missed;
    } else if (r->choice == XO_CACHE_EXTENDED) {
        longer = missed;
    }
    tokens[XO_INPUT_CACHED] = read;
    tokens[XO_INPUT_WRITTEN] = written;
    tokens[XO_INPUT_WRITTEN_LONGER] = longer;
    tokens[XO_INPUT_UNCACHED] = above_zero(p->prompt - read - (written + longer));
    tokens[XO_OUTPUT] = p->output;
}

/* A row for each service that has a share of them: that of [buy], and batch work. */
static void add_portion(const struct xo_scenario *s, struct xo_usage *usage, int c, int destination,
                        struct xo_price_cell cell, const struct portion *p,
                        const double tokens[XO_N_TOKEN_KINDS])
{
    const double batch_frac = s->class_batch_frac[c], share[2] = { 1 - batch_frac, batch_frac };
    const enum xo_price_service services[2] = { s->class_service[c], XO_SERVICE_BATCH };
    for (int i = 0; i < 2; i++) {
        if (share[i] == 0)
            continue;
        cell.service = services[i];
        struct xo_token_use *use = xo_usage_add_tokens(usage, c, destination, cell);
        use->requests = p->requests * share[i];
        use->tool_calls = use->requests * s->class_tool_calls[c];
        for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
            use->tokens[kind] = tokens[kind] * share[i];
    }
}

/* Of one call of the class, whoever serves it: what is over no threshold, and over each. */
static struct portion portion_of(const struct xo_token_means *m, int n_contexts, int context)
{
    if (context > XO_CONTEXT_USUAL) {
        const struct xo_token_part *a = &m->above[context - 1];
        return (struct portion){ a->requests_frac, a->prompt, a->cached, a->output };
    }
    struct portion p = { 1 - m->refused_frac, m->prompt, m->cached, m->output };
    for (int i = 0; i < n_contexts; i++) {
        p.requests -= m->above[i].requests_frac;
        p.prompt -= m->above[i].prompt;
        p.prefix -= m->above[i].cached;
        p.output -= m->above[i].output;
    }
    p.requests = above_zero(p.requests);
    return p;
}

void tokens_add(const struct world *w, double volume, int c, int api, int destination,
                struct xo_usage *usage)
{
    const struct xo_scenario *s = w->scenario;
    const struct xo_tariff *t = &class_api(s, c, api)->tariff;
    const struct xo_ratios ratio = xo_api_ratios(s, class_api(s, c, api));
    struct prefix_reading r;
    prefix_read(w, volume, c, api, &r);
    for (int window = 0; window <= t->n_windows; window++)
        for (int context = 0; context <= t->n_contexts; context++) {
            const struct xo_price_cell cell = { .window = window, .context = context };
            struct portion p = portion_of(means_of(w->demand, c, api), t->n_contexts, context);
            if (!(p.prompt > 0))
                continue;
            const double calls = volume * s->workload.classes[c].weight * r.window_frac[window];
            p.requests *= calls;
            p.prompt *= calls * ratio.input;
            p.prefix *= calls * ratio.input * r.cacheable_frac;
            p.output *= calls * ratio.output;
            double tokens[XO_N_TOKEN_KINDS];
            split_prompt(w, &r, t, window, &p, tokens);
            add_portion(s, usage, c, destination, cell, &p, tokens);
        }
}

/* ---- does more cost more? ---- */

/* What a class pays of a price at least, by the services that it may use, as a share of what it
 * pays at most; 0 where a service has prices of its own, so that nothing is known to rise. */
static double least_paid_frac(const struct xo_scenario *s, int c, const struct xo_tariff *t)
{
    const struct xo_service_rule *used[2] = { &t->services[s->class_service[c]],
                                              &t->services[XO_SERVICE_BATCH] };
    double least = 1, most = 1;
    for (int i = 0; i < 2; i++) {
        const bool own = used[i]->input > 0 || used[i]->cached_input > 0 || used[i]->output > 0;
        least = fmin(least, own ? 0 : 1 - used[i]->off_frac);
        most = fmax(most, 1 - used[i]->off_frac);
    }
    return least / most;
}

/* More calls find more of the prefix in the cache. With x = l T the tokens written grow as
 * x exp(-x)(1 + a x), a = ready/T <= 1, whose slope is at least -exp(-2) - a (x^2 - 2x) exp(-x) at
 * x = 2 + sqrt(2): -0.1354 - 0.1593 a. Where the write alone counts they never fall. Both hold for
 * Poisson arrivals and mixtures of them. */
static bool class_rises(const struct world *w, int c, int api)
{
    const struct xo_scenario *s = w->scenario;
    const struct xo_tariff *t = &class_api(s, c, api)->tariff;
    const struct xo_token_means *m = means_of(w->demand, c, api);
    const struct xo_cache_rules *cache = &t->cache;
    const struct xo_ratios ratio = xo_api_ratios(s, class_api(s, c, api));
    if (m->cached == 0 || !(cache->ttl_s > 0 || cache->extended_ttl_s > 0) ||
        !(cacheable_frac(&s->workload.classes[c], cache, ratio.input) > 0))
        return true;
    if (s->workload.trace != NULL || s->workload.arrivals.kind != XO_ARRIVALS_POISSON)
        return false;
    if (cache->fixed_life)
        return true;
    const double paid = least_paid_frac(s, c, t);
    const double ready = cache->ttl_s > 0 ? fmin(1, cache->ready_s / cache->ttl_s) : 0;
    const bool may_extend = cache->extended_ttl_s > 0 && s->cache_choice != XO_CACHE_SHORT;
    const struct xo_price_cell usual = { 0 };
    const double read_usd = xo_tariff_usd(t, XO_INPUT_CACHED, usual);
    const double write_usd =
        fmax(xo_tariff_usd(t, XO_INPUT_WRITTEN, usual), may_extend ? cache->extended_write : 0);
    const double rest = paid * (ratio.input * (m->prompt - m->cached) * t->input +
                                ratio.output * m->output * t->output);
    const double prefix =
        ratio.input * m->cached *
        (paid * read_usd - (0.1354 + 0.1593 * ready) * fmax(0, write_usd - read_usd));
    return rest + prefix >= 0;
}

bool buying_rises(const struct world *w)
{
    const struct xo_scenario *s = w->scenario;
    for (int c = 0; c < s->workload.n_classes; c++) {
        for (int i = 0; i < s->n_apis; i++)
            if (!class_rises(w, c, i))
                return false;
        for (int i = 0; i < s->n_same_bought; i++)
            if (!class_rises(w, c, api_of_host(i)))
                return false;
    }
    return true;
}

/* ---- for people ---- */

/* What a cached price, if there is one, could save at most: the tokens' bill less that of cached
 * tokens that cost nothing. Discounts by spend and commitments are left out, as they save less. */
static bool read_unknown(const struct world *w, double volume, int c, int api,
                         struct xo_cache_reading *out)
{
    const struct xo_api *a = class_api(w->scenario, c, api);
    if (!a->caching_unknown || !isnan(a->tariff.cached_input) ||
        !(means_of(w->demand, c, api)->cached > 0))
        return false;
    const struct xo_buy_terms *agreed = &w->scenario->buy;
    const struct xo_buy_terms terms = { .price_scale = agreed->price_scale,
                                        .discount_frac = api < 0 ? 0 : agreed->discount_frac,
                                        .retries_frac = agreed->retries_frac,
                                        .contingency_frac = agreed->contingency_frac,
                                        .commitment_months = agreed->commitment_months };
    struct xo_tariff full = a->tariff;
    full.n_tiers = 0;
    struct xo_tariff least = full;
    least.cached_input = 0;
    for (int i = 0; i < least.n_contexts; i++)
        least.contexts[i].cached_input = 0;
    const struct xo_tariff *const whole = &full, *const free_reads = &least;
    struct xo_usage usage;
    xo_usage_clear(&usage);
    tokens_add(w, volume, c, api, 0, &usage);
    const double usd = xo_buy_usd(&whole, &usage, &terms);
    const double saves_usd = usd - xo_buy_usd(&free_reads, &usage, &terms);
    *out = (struct xo_cache_reading){ .class_index = c,
                                      .api = a->tariff.name,
                                      .ttl_s = NAN,
                                      .hit_frac = NAN,
                                      .pays_from_frac = NAN,
                                      .price_unknown = true,
                                      .saves_at_most_usd = saves_usd,
                                      .saves_at_most_frac = saves_usd / usd };
    return saves_usd > 0;
}

static bool read_class(const struct world *w, double volume, int c, int api,
                       struct xo_cache_reading *out)
{
    const struct xo_scenario *s = w->scenario;
    const struct xo_api *a = class_api(s, c, api);
    const struct xo_tariff *t = &a->tariff;
    struct prefix_reading r;
    if (!(means_of(w->demand, c, api)->cached > 0) || isnan(t->cached_input))
        return false;
    prefix_read(w, volume, c, api, &r);
    const bool longer = r.choice == XO_CACHE_EXTENDED ||
                        (r.choice == XO_CACHE_NONE && r.usd_per_token[1] < r.usd_per_token[0]);
    const double write = longer ? t->cache.extended_write : t->cache_write;
    double miss = 0;
    for (int p = 0; p <= t->n_windows; p++)
        miss += r.miss_frac[p] * r.window_frac[p];
    *out = (struct xo_cache_reading){
        .class_index = c,
        .api = t->name,
        .choice = r.choice,
        .too_short = !(r.cacheable_frac > 0),
        .ttl_s = longer ? t->cache.extended_ttl_s : t->cache.ttl_s,
        .hit_frac = r.cacheable_frac > 0 ? 1 - miss : NAN,
        .pays_from_frac = write > t->input ? (write - t->input) / (write - t->cached_input) : NAN,
    };
    return out->too_short || (has_rules(t, s->cache_choice) && miss > 0);
}

bool xo_cache_read(const struct xo_scenario *s, double volume, int api,
                   struct xo_cache_reading out[], int *n, struct xo_error *err)
{
    struct demand *demand = malloc(sizeof *demand);
    *n = 0;
    if (demand == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a reading of caches");
    const bool ok = demand_init(demand, s, err);
    const struct world w = { .scenario = s, .demand = demand };
    int host = -1;
    if (ok)
        way_usd(&w, XO_WAY_SAME, volume, &host);
    for (int c = 0; ok && c < s->workload.n_classes; c++) {
        *n +=
            read_class(&w, volume, c, api, &out[*n]) || read_unknown(&w, volume, c, api, &out[*n]);
        *n += host >= 0 &&
              strcmp(s->same_model[host].tariff.name, class_api(s, c, api)->tariff.name) != 0 &&
              read_unknown(&w, volume, c, api_of_host(host), &out[*n]);
    }
    free(demand);
    return ok;
}
