/* naive_biller.h - an invoice as a patient clerk would make it: every request is priced by itself,
 * every token of its prompt by its place, and the prices are added up. Knows nothing of the
 * library.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TESTS_NAIVE_BILLER_H
#define XO_TESTS_NAIVE_BILLER_H

#include <stdbool.h>

enum naive_service {
    NAIVE_STANDARD,
    NAIVE_BATCH,
    NAIVE_FLEX,
    NAIVE_PRIORITY,
    NAIVE_FAST,
    NAIVE_N_SERVICES
};

/* In dollars a million tokens; below 0: there is none. */
struct naive_prices {
    double in, cached, out;
};
struct naive_tariff {
    struct naive_prices usual;
    int n_over; /* thresholds of the prompt, rising, each with its prices */
    double over[3];
    struct naive_prices over_prices[3];
    bool marginal;
    double hour_factor[168]; /* hours of the week in UTC from Monday 00:00 */
    struct {
        double factor; /* of all prices; or prices of its own */
        struct naive_prices own;
        bool has_own, cached_at_list, any_hour, any_region;
    } services[NAIVE_N_SERVICES];
    double residency_factor, request_usd, tool_usd;
    double free_usd, minimum_usd;
    int n_tiers;
    double tier_above_usd[3], tier_off[3];
};

struct naive_request {
    int prompt, prefix, output; /* tokens; the prefix is read from the cache */
    int hour;                   /* of the week, in UTC */
    enum naive_service service;
    double tools;
    bool resident;
};

struct naive_terms {
    double retries, discount, committed_usd;
};

/* One request. */
double naive_request_usd(const struct naive_tariff *t, const struct naive_request *r);
/* A month whose requests come to list_usd. */
double naive_invoice_usd(const struct naive_tariff *t, const struct naive_terms *terms,
                         double list_usd);

#endif
