/* buying.c - what a month costs where requests are served by the token; see world.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <math.h>

static bool same_limits(const struct xo_length_limits *a, const struct xo_length_limits *b)
{
    bool same = a->most_tokens == b->most_tokens && a->n_thresholds == b->n_thresholds &&
                a->is_marginal == b->is_marginal;
    for (int i = 0; same && i < a->n_thresholds; i++)
        same = a->above_tokens[i] == b->above_tokens[i];
    return same;
}

/* Means of one class, and the limits that they were read with. */
struct known {
    const struct xo_token_means *means;
    struct xo_length_limits limits;
};

/* Most limits are one and the same, or above all requests of the class, which is as if there were
 * none: the means before are taken where they were of these. */
static bool read_means(const struct xo_scenario *s, int c, struct xo_length_limits limits,
                       struct xo_token_means *means, struct known *known, struct xo_error *err)
{
    if (xo_class_is_within(&s->workload, c, limits))
        limits = (struct xo_length_limits){ 0 };
    if (same_limits(&limits, &known->limits))
        *means = *known->means;
    else if (!xo_class_token_means(&s->workload, c, limits, means, err))
        return false;
    *known = (struct known){ means, limits };
    return true;
}

/* The tokens of class c by every tariff that may bill them. */
static bool read_class(struct demand *b, const struct xo_scenario *s, int c, struct xo_error *err)
{
    struct known known = { .means = &b->offered[c] };
    if (!xo_class_token_means(&s->workload, c, known.limits, &b->offered[c], err))
        return false;
    for (int i = 0; i < s->n_same_bought; i++) {
        const struct xo_length_limits l = api_limits(s, &s->same_model[i]);
        if (!read_means(s, c, l, &b->same[i][c], &known, err))
            return false;
    }
    for (int i = 0; i < s->n_apis; i++) {
        b->limits[i][c] = api_limits(s, class_api(s, c, i));
        if (!read_means(s, c, b->limits[i][c], &b->api[i][c], &known, err))
            return false;
    }
    return true;
}

bool demand_init(struct demand *b, const struct xo_scenario *s, struct xo_error *err)
{
    *b = (struct demand){ .scenario = s, .peak_factor = busiest_hour_factor(&s->workload) };
    for (int c = 0; c < s->workload.n_classes; c++) {
        if (!read_class(b, s, c, err))
            return false;
        b->prompt += s->workload.classes[c].weight * b->offered[c].prompt;
        b->cached += s->workload.classes[c].weight * b->offered[c].cached;
        b->output += s->workload.classes[c].weight * b->offered[c].output;
        for (int i = 0; i < s->n_apis; i++)
            b->api_refuses[i] |= b->api[i][c].refused_frac > xo_tolerated_misses(s, c);
        for (int i = 0; i < s->n_same_bought; i++)
            b->same_refuses[i] |= b->same[i][c].refused_frac > xo_tolerated_misses(s, c);
    }
    demand_read_week(b);
    return true;
}

/* Money keys move the means only by way of the limits of a tariff. */
bool demand_is_of(const struct demand *b, const struct xo_scenario *s)
{
    for (int c = 0; c < s->workload.n_classes; c++)
        for (int i = 0; i < s->n_apis; i++) {
            const struct xo_length_limits now = api_limits(s, class_api(s, c, i));
            if (!same_limits(&b->limits[i][c], &now))
                return false;
        }
    return true;
}

static struct xo_buy_terms buy_terms(const struct world *w)
{
    const struct overlay o = world_overlay(w);
    struct xo_buy_terms terms = w->scenario->buy;
    terms.price_scale *= o.api_price;
    terms.staff.scale *= w->without_people ? 0 : o.staff;
    terms.one_off_usd *= w->without_one_offs ? 0 : 1;
    if (!isnan(o.discount_frac))
        terms.discount_frac = o.discount_frac;
    return terms;
}

void purchase_tokens(const struct world *w, double volume, int api, struct purchase *p)
{
    const struct xo_scenario *s = w->scenario;
    xo_usage_clear(&p->usage);
    for (int c = 0; c < s->workload.n_classes; c++) {
        p->tariffs[c] = &class_api(s, c, api)->tariff;
        tokens_add(w, volume, c, api, c, &p->usage);
    }
    p->terms = buy_terms(w);
}

double purchase_usd(const struct purchase *p)
{
    return xo_buy_usd(p->tariffs, &p->usage, &p->terms);
}

void without_the_rest(struct xo_buy_terms *terms)
{
    terms->staff.n_steps = 0;
    terms->one_off_usd = terms->fixed_usd_month = terms->contingency_frac = 0;
}

double buying_one_off_usd(const struct world *w, int pick)
{
    (void)pick;
    return w->scenario->buy.one_off_usd * (1 + w->scenario->buy.contingency_frac);
}

static const char *asked_again_at(const struct xo_scenario *s, int api)
{
    return xo_has_class_apis(s) ? "the APIs of each class" : s->apis[api].tariff.name;
}

struct xo_escalation escalation(const struct world *w, double volume)
{
    const struct xo_scenario *s = w->scenario;
    struct xo_escalation e = { .frac = s->escalated_frac, .usd_month = INFINITY };
    if (!(e.frac > 0) || s->n_apis == 0)
        return (struct xo_escalation){ 0 };
    for (int i = 0; i < s->n_apis; i++) {
        struct purchase p;
        purchase_tokens(w, volume * e.frac, i, &p);
        without_the_rest(&p.terms);
        p.terms.committed_usd_month = 0;
        const double usd = purchase_usd(&p);
        if (usd < e.usd_month)
            e = (struct xo_escalation){ e.frac, usd, asked_again_at(s, i) };
    }
    return e;
}

static void bill(const struct world *w, double volume, int api, struct xo_bill *out)
{
    struct purchase p;
    purchase_tokens(w, volume, api, &p);
    purchase_units(w, api, &p);
    xo_buy_bill(p.tariffs, &p.usage, &p.terms, out);
}

/* Requests and tokens a minute that one account is asked for. */
struct minute {
    const struct xo_tariff *tariff;
    double requests, tokens;
};

/* The busiest minute of the week, by account: the mean of the busiest hour (inside a burst, where
 * there are bursts of a minute or more) and three standard deviations of a minute's count. */
static int busiest_minute(const struct world *w, double volume, int api,
                          struct minute accounts[XO_MAX_CLASSES])
{
    const struct xo_scenario *s = w->scenario;
    const struct xo_bursts *b = &s->workload.arrivals.bursts;
    const double cv = s->workload.trace != NULL ? 1 : s->workload.arrivals.cv;
    double peak = w->demand->peak_factor;
    if (s->workload.trace == NULL && b->factor > 1 && b->mean_s >= 60)
        peak *= b->factor / (1 + b->share_frac * (b->factor - 1));
    int n = 0;
    for (int c = 0; c < s->workload.n_classes; c++) {
        const struct xo_tariff *tariff = &class_api(s, c, api)->tariff;
        const struct xo_ratios ratio = xo_api_ratios(s, class_api(s, c, api));
        const struct xo_token_means *m = &w->demand->api[api][c];
        const double mean = volume * s->workload.classes[c].weight * (1 + s->retries_frac) /
                            (s->hours_per_month * 60) * peak * (1 - m->refused_frac);
        int k = 0;
        while (k < n && strcmp(accounts[k].tariff->name, tariff->name) != 0)
            k++;
        if (k == n)
            accounts[n++] = (struct minute){ .tariff = tariff };
        accounts[k].requests += mean;
        if (m->refused_frac < 1)
            accounts[k].tokens +=
                mean * (m->prompt * ratio.input + m->output * ratio.output) / (1 - m->refused_frac);
    }
    for (int k = 0; k < n; k++) {
        const double mean = accounts[k].requests;
        accounts[k].requests = mean + 3 * cv * sqrt(mean);
        accounts[k].tokens *= accounts[k].requests / fmax(mean, 1e-300);
    }
    return n;
}

bool buy_limited(const struct world *w, double volume, int api, double *requests, double *tokens)
{
    struct minute accounts[XO_MAX_CLASSES];
    const int n = busiest_minute(w, volume, api, accounts);
    bool limited = w->demand->api_refuses[api];
    *requests = *tokens = 0;
    for (int k = 0; k < n; k++) {
        *requests += accounts[k].requests;
        *tokens += accounts[k].tokens;
        limited |= accounts[k].requests > accounts[k].tariff->requests_per_minute ||
                   accounts[k].tokens > accounts[k].tariff->tokens_per_minute;
    }
    return limited;
}

/* The cheapest API that takes the requests and carries the busiest minute; where none does, the
 * cheapest. */
static double cheapest_usd(const struct world *w, double volume, int *api)
{
    double best = NAN, requests, tokens;
    bool best_limited = true;
    for (int i = 0; i < w->scenario->n_apis; i++) {
        struct purchase p;
        purchase_tokens(w, volume, i, &p);
        purchase_units(w, i, &p);
        double usd = purchase_usd(&p);
        bool limited = w->scenario->n_apis > 1 && buy_limited(w, volume, i, &requests, &tokens);
        if (!isnan(best) && (limited > best_limited || (limited == best_limited && usd >= best)))
            continue;
        best = usd;
        best_limited = limited;
        *api = i;
    }
    return best;
}

static bool limited(const struct world *w, double volume, int api)
{
    double requests, tokens;
    return api >= 0 && buy_limited(w, volume, api, &requests, &tokens);
}

static const char *name(const struct xo_scenario *s, int api)
{
    return api >= 0 && api < s->n_apis ? s->apis[api].tariff.name : "";
}

const struct way_type way_buy = {
    .usd = cheapest_usd,
    .bill = bill,
    .limited = limited,
    .rises = buying_rises,
    .one_off_usd = buying_one_off_usd,
    .name = name,
};
