/* world.h - what a month costs on each side in one possible world, as a function of volume. Private
 * to the library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_WAYS_WORLD_H
#define XO_WAYS_WORLD_H

#include "sizing/option_sizing.h"
#include "xo/ways.h"

/* ---- buying: tokens a request uses, for every tariff a class may be billed by ---- */

_Static_assert((int)XO_MAX_THRESHOLDS == (int)XO_N_CONTEXTS - 1,
               "each context of a tariff but the usual one has a threshold");
/* Of a level's requests, those that fall into each window of a tariff: shares that add up to 1. */
typedef double window_shares[XO_HOURS_PER_WEEK][XO_N_WINDOWS];
struct demand {
    const struct xo_scenario *scenario;            /* borrowed */
    struct xo_token_means offered[XO_MAX_CLASSES]; /* whoever serves them */
    struct xo_token_means api[XO_MAX_OPTIONS][XO_MAX_CLASSES];
    struct xo_token_means same[XO_MAX_OPTIONS][XO_MAX_CLASSES];     /* by host that may be bought */
    struct xo_length_limits limits[XO_MAX_OPTIONS][XO_MAX_CLASSES]; /* behind `api`, in tokens of
                                                                       the workload */
    bool api_refuses[XO_MAX_OPTIONS], same_refuses[XO_MAX_OPTIONS]; /* more requests than the SLO
                                                                       lets miss */
    double prompt, cached, output; /* tokens per request over all classes, as offered */
    double peak_factor;            /* the busiest hour over the mean */

    /* the week: hours of one rate are one level; a trace has one */
    int n_levels;
    double level_factor[XO_HOURS_PER_WEEK], level_frac[XO_HOURS_PER_WEEK]; /* rate; of requests */
    window_shares api_windows[XO_MAX_OPTIONS], class_windows[XO_MAX_CLASSES],
        same_windows[XO_MAX_OPTIONS]; /* by tariff; not set where a tariff has no windows */
    struct xo_gap_table gaps;         /* of a trace */
    bool volume_counts_calls;         /* retries are in the volume already, as in an invoice */

    /* of an invoice's input tokens, in place of what the cache's rules say */
    struct {
        bool given;
        double cached_frac, write_frac, extended_frac;
    } billed;
};
XO_MUST_USE bool demand_init(struct demand *demand, const struct xo_scenario *scenario,
                             struct xo_error *err);
/* Are its means those of this scenario, whose lengths are the same and whose prices may not be? */
bool demand_is_of(const struct demand *demand, const struct xo_scenario *scenario);

/* APIs are numbers of scenario->apis from 0 on; below 0, hosts of the same weights. */
static inline int api_of_host(int host)
{
    return -1 - host;
}
static inline int host_of_api(int api)
{
    return -1 - api;
}
/* What bills class `class_index` where `api` would: its own tariff, if it has one. */
const struct xo_api *class_api(const struct xo_scenario *s, int class_index, int api);
static inline const struct xo_token_means *means_of(const struct demand *b, int class_index,
                                                    int api)
{
    return api < 0 ? &b->same[host_of_api(api)][class_index] : &b->api[api][class_index];
}
/* Its thresholds, and the longest request that it takes, in tokens of the workload. */
struct xo_length_limits api_limits(const struct xo_scenario *s, const struct xo_api *api);
/* Levels, peak hours and gaps of demand->scenario; demand_init does it. */
void demand_read_week(struct demand *demand);
/* The shares of requests in the tariffs' windows alone, anew: of another day of theirs. */
void demand_read_windows(struct demand *demand);

/* ---- both, in one possible world ---- */

enum { MAX_SIZINGS = XO_MAX_OPTIONS * 4 }; /* of a scenario: one a build option */

/* What is changed against the scenario's own money and machines. 1 or NAN: as it is. */
struct overlay {
    double api_price;     /* times the price of the frontier API */
    double host_price;    /* times that of the same weights by the token */
    double discount_frac; /* negotiated off the API's list, in place of the scenario's */
    double rent;          /* times what a GPU costs */
    double energy;        /* times the price of a kWh */
    double staff;         /* times the people of both sides */
    double step;          /* times the step time: capacities follow */
    double capacity;      /* times what each replica serves */
};
extern const struct overlay NO_OVERLAY;

struct world {
    const struct xo_scenario *scenario; /* whose money keys count: the base or a draw's copy */
    const struct demand *demand;
    const struct option_sizing *sizings; /* [n_sizings], one an option */
    int n_sizings;
    const struct scaling *scaling; /* [n_sizings] of capacity, from inputs that reach the
                                      simulation; NULL: none */
    const int *where;              /* [n_sizings] of scenario->options; NULL: in the same order */
    const bool *infeasible;      /* [n_sizings] lone requests miss the SLO in this world, if not in
                              the base case; NULL: none */
    const struct treads *treads; /* [n_sizings] to look capacities up in where they are of this
                                    world; NULL: none */
    double noise_z;              /* of every capacity, in standard errors */
    bool without_people, without_one_offs;
    bool bills_stand; /* a way that cannot serve as listed competes all the same, by its bill */
    /* Borrowed; NULL: none. The month that this is, which has prices and machines of its own, so
     * that a horizon is a loop over months; and a question asked of it, as flips do. */
    const struct overlay *month, *what_if;
};
/* Both of them, one on the other. */
struct overlay world_overlay(const struct world *w);

/* Shares by level, of the tariff that bills a class; not set where it has no windows. */
const window_shares *demand_windows(const struct world *w, int class_index, int api);
/* Room for a world on a later day. */
struct dated {
    struct xo_scenario *scenario; /* owned; its lists are those of the world's own */
    struct demand *demand;        /* owned */
};
XO_MUST_USE bool dated_init(struct dated *dated, struct xo_error *err);
void dated_fini(struct dated *dated);
/* The world with the prices that its tariffs have announced for `day`, which is not before theirs.
 * *out borrows from both. */
void world_on(const struct world *w, int32_t day, struct dated *dated, struct world *out);

/* What the rules of a tariff's cache make of a class's shared prefix at a volume. */
struct prefix_reading {
    enum xo_cache_choice choice;    /* SHORT, EXTENDED or NONE: not marked, since that costs less */
    double cacheable_frac;          /* of the prefix; 0: it is too short, or there is none */
    double miss_frac[XO_N_WINDOWS]; /* of its calls, by window of the tariff */
    double window_frac[XO_N_WINDOWS]; /* of the requests */
    double usd_per_token[2];          /* of the prefix, by the shorter and the longer lifetime */
    double uncached_usd_per_token;
};
void prefix_read(const struct world *w, double volume, int class_index, int api,
                 struct prefix_reading *reading);
/* Add the tokens of a class to a usage, where tariff `destination` of its list prices them. */
void tokens_add(const struct world *w, double volume, int class_index, int api, int destination,
                struct xo_usage *usage);
/* USD a month for one request more on full replicas with the headroom asked for: the cheapest
 * option. */
double world_marginal_usd(const struct world *w, double volume);
/* What `fleet` costs at another volume when no replica of it can be handed back, and more of its
 * option are added where the volume needs them; NAN when that option cannot serve it. */
double world_kept_usd(const struct world *w, double volume, const struct xo_sized *fleet);
/* What `fleet` costs a month in this world while it stands idle, whatever it could carry. */
double world_idle_usd(const struct world *w, const struct xo_sized *fleet);
/* All replicas' GPUs of a fleet, and what fills the last server. */
int gpus_paid_for(const struct xo_build_option *option, const struct xo_sized *sized);
/* The fleet of an option, without its week and bill; false when it cannot serve the volume. */
bool world_fleet(const struct world *w, double volume, int option, struct xo_sized *sized);
/* Work out the capacities of every option up to what `volume` needs: treads[n_sizings]. */
XO_MUST_USE bool world_treads(const struct world *w, double volume, struct treads treads[],
                              struct xo_error *err);
/* What the API's own invoice would say for `volume` calls: tokens, discounts and commitment alone.
 */
void world_token_bill(const struct world *w, double volume, int api, struct xo_bill *bill);
/* Fleet, week and bill of an option. */
void world_sized(const struct world *w, double volume, int option, struct xo_sized *sized);
/* What the fleet binds to, in cash. */
struct xo_obligation world_obligation(const struct world *w, const struct xo_sized *sized);

/* The single changes that would flip the winner at `volume`, where buying costs saving_usd more
 * than building: flips[XO_N_FLIPS], zeroed. Other volumes are looked for from min to max, at
 * crossings. */
void flips_find(struct xo_flip flips[], const struct world *base, double volume, double saving_usd,
                const struct xo_crossings *crossings, double min, double max);

/* Can the API not do this work: is its context too short for more requests than the SLO lets miss,
 * or its rate limit below what the busiest minute asks for? */
bool buy_limited(const struct world *w, double volume, int api, double *requests_per_minute,
                 double *tokens_per_minute);

#endif
