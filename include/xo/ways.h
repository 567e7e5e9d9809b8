/* xo/ways.h - the ways to serve a volume, what each costs, and where the cheaper one changes.
 *
 * Buying, the same weights by the token, and building are priced in one possible world each; bills
 * reuse the simulations of sizing. This room has never heard of argv or of file formats.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_WAYS_H
#define XO_WAYS_H

#include "xo/cost.h"
#include "xo/sizing.h"

/* ---- a fleet and its bill ---- */

/* Fleet and bill of one option at one volume. */
struct xo_sized {
    int option;
    bool feasible;
    int serving_replicas, headroom_replicas,
        spare_replicas; /* serving: smallest that meets the SLO */
    int n_gpus;         /* paid for: what fills the last server too */
    bool settled;       /* false: another N lies inside the 95 % interval of its capacity */
    double load_frac; /* mean work / what all these GPUs could do around the clock within the SLO */
    double
        shared_load_frac; /* the same of the replicas that share the load: serving and headroom */
    double week_busy_frac, week_mean_w_per_gpu; /* of those, over the week's hours */
    struct xo_bill bill;
};

/* ---- the ways ---- */

/* One row a way, in the order in which outputs list them: its name in C; its word in columns, JSON
 * and file formats; its title over a bill, its name at a line and in a sentence. Columns of the
 * later ones come behind all others, since readers of our files count. */
#define XO_FIRST_WAYS(WAY)                                                                         \
    WAY(BUY, buy, "buy API", "buy", "buying")                                                      \
    WAY(SAME, same, "buy same weights", "same weights", "the same weights")                        \
    WAY(BUILD, build, "this build", "this build", "this build")
#define XO_LATER_WAYS(WAY)
#define XO_WAYS(WAY) XO_FIRST_WAYS(WAY) XO_LATER_WAYS(WAY)

#define XO_WAY_ENUM(NAME, name, ...)  XO_WAY_##NAME,
#define XO_WAY_COUNT(NAME, name, ...) +1
enum xo_way { XO_WAYS(XO_WAY_ENUM) XO_N_WAYS };
enum { XO_N_FIRST_WAYS = 0 XO_FIRST_WAYS(XO_WAY_COUNT) };
#undef XO_WAY_ENUM
#undef XO_WAY_COUNT

struct xo_way_words {
    const char *key, *title, *label, *subject;
};
extern const struct xo_way_words xo_way_words[XO_N_WAYS];
/* What the scenario calls one of the tariffs, hosts or build options of a way; "": there is none.
 * Borrowed. */
const char *xo_way_name(const struct xo_scenario *scenario, enum xo_way way, int pick);

/* Ways that are compared in every draw: from one, to another; the word for the share of draws in
 * which that other is cheaper, and the one for where it becomes so. Later ones as above. */
#define XO_FIRST_PAIRS(PAIR)                                                                       \
    PAIR(BUY, BUILD, "build_wins_share", "build_against_buy")                                      \
    PAIR(SAME, BUILD, "build_beats_same_share", "build_against_same")
#define XO_LATER_PAIRS(PAIR)
#define XO_PAIRS(PAIR) XO_FIRST_PAIRS(PAIR) XO_LATER_PAIRS(PAIR)

#define XO_PAIR_ENUM(FROM, TO, share, ...) XO_##FROM##_##TO,
enum xo_pair_index { XO_PAIRS(XO_PAIR_ENUM) XO_N_PAIRS };
#undef XO_PAIR_ENUM

struct xo_pair {
    int from, to; /* of enum xo_way */
    const char *share, *crossings;
};
extern const struct xo_pair xo_pairs[XO_N_PAIRS];

/* ---- where they cross ---- */

/* Quantiles over the draws, and the standard error that the number of draws leaves in each; NAN
 * when none of them has the value, the errors also where a volume lies outside the range. */
struct xo_band {
    double p10, p50, p90;
    double p10_se, p50_se, p90_se;
};

/* A volume at which the cheaper side changes. */
struct xo_crossing {
    double volume, usd;
    /* 95 %: simulation noise alone. Of the first one and of the last they hold what may be the
     * first and the last instead: 0 where the answer is so at the lower end of the range, INFINITY
     * where it never is. */
    double noise_lo, noise_hi;
    bool to_build; /* building is cheaper just above it; false: buying is */
    bool at_riser; /* it happens where one more replica is added, not inside a tread */
};
enum { XO_MAX_CROSSINGS = 64 };
struct xo_crossings {
    struct xo_crossing at[XO_MAX_CROSSINGS];
    int n; /* all of them in the range, rising; of more than XO_MAX_CROSSINGS the first ones and
              the last are kept */
    bool build_cheaper_at_min, build_cheaper_at_max;
    double stays_above; /* build is cheaper at every simulated volume above this; NAN: not at the
                           top */
    struct xo_band first,
        last;            /* over all draws: first crossing to build; stays_above. 0: building is
                           cheaper below the range already; INFINITY: only above it, if ever */
    double exists_share; /* of draws with a crossing in the range */
    double even_odds;    /* volume at which build is cheaper in half of the draws; NAN: none */
    double exists_se, even_odds_se; /* standard errors; NAN: of none */
    double largest_gap_usd,
        largest_gap_frac; /* between first and last: the most that the answer changes by */
};

/* The one change at plan that would flip the winner there. */
enum xo_flip_key {
    XO_FLIP_VOLUME,
    XO_FLIP_API_PRICE,
    XO_FLIP_DISCOUNT,
    XO_FLIP_RENT,
    XO_FLIP_STAFF,
    XO_FLIP_STEP_TIME,
    XO_N_FLIPS
};
struct xo_flip {
    bool possible;
    double factor; /* of the key's base value; discount: the share off the list price */
    double limit;  /* the most extreme factor tried; NAN: it changes nothing here */
};

/* ---- who wins ---- */

/* Buying beside building at one volume, in one world or in the middle of many. */
struct xo_comparison {
    double saving_usd;  /* what buying costs more, a month; NAN: a side has no bill */
    double cheaper_usd; /* the smaller bill */
    double materiality_frac;
    double build_wins_share; /* of draws or samples; NAN: there are none */
    bool buy_limited;        /* the API cannot do this work as listed */
    enum xo_parity parity;
};
enum xo_call {
    XO_CALL_INFEASIBLE, /* a side cannot be done */
    XO_CALL_NO_WINNER,  /* their quality differs */
    XO_CALL_TOO_CLOSE,  /* 20 to 80 % of draws, or a difference that is immaterial */
    XO_CALL_BUY,
    XO_CALL_BUILD,
    XO_N_CALLS
};
enum xo_call xo_judge(const struct xo_comparison *comparison);
/* Is a difference too small beside the cheaper bill to decide by? */
bool xo_is_immaterial(double saving_usd, double cheaper_usd, double materiality_frac);

/* ---- by the unit that a planner counts in ---- */

/* Of a bill for so many requests a month: what a thousand requests and what one unit cost, and what
 * of its price that leaves. NAN: no bill; no unit (all but the first); no price (the margins). */
struct xo_unit_figures {
    double usd_per_1000_requests, usd;
    double margin_usd, margin_frac; /* negative: it costs more than it brings in */
};
struct xo_unit_figures xo_unit_figures(const struct xo_unit *unit, double usd_month,
                                       double requests_month);

/* ---- buying, in pieces ---- */

/* What the cache of an API makes of the shared prefix of one class, at one volume. */
struct xo_cache_reading {
    int class_index;
    const char *api;             /* the tariff that bills the class; borrowed from the scenario */
    enum xo_cache_choice choice; /* SHORT, EXTENDED, or NONE: writing is not paid for */
    bool too_short;              /* for the API to cache any of it; the fields below are NAN */
    double ttl_s;          /* lifetime of an entry: the one chosen, or the one that pays best */
    double hit_frac;       /* of calls that find the prefix with that lifetime */
    double pays_from_frac; /* hits from which writing pays: (w - 1)/(w - r), prices of writing
                              and reading as multiples of input; NAN: writing costs no more */
    bool price_unknown;    /* the API may have a cached price, or none: only what follows holds */
    double saves_at_most_usd, /* a month, were that price 0 */
        saves_at_most_frac;   /* of what the tokens of the class cost; both 0: it is known */
};
enum { XO_MAX_CACHE_READINGS = 2 * XO_MAX_CLASSES };
/* Classes whose prefix does not simply stay cached, and those whose cached price is not known,
 * there or at the cheapest host of the same weights, into out[XO_MAX_CACHE_READINGS]; *n of them.
 */
XO_MUST_USE bool xo_cache_read(const struct xo_scenario *s, double volume, int api,
                               struct xo_cache_reading out[], int *n, struct xo_error *err);

/* Monthly bill of buying `volume` requests from api `index`; same = true: the same weights from
 * host `index`, one of the first n_same_bought. */
XO_MUST_USE bool xo_buy_at(const struct xo_scenario *s, double volume, int index, bool same,
                           struct xo_bill *bill, struct xo_error *err);

/* What `volume` requests cost by one tariff of the scenario's list, all of it in one price, and
 * why: its tiers, allowance and minimum counted; what is negotiated, signed for or repeated left
 * out. */
struct xo_effective_price {
    const char *api;      /* borrowed from the scenario */
    bool is_same_weights; /* a host of those of [build] */
    double usd_per_mtok;  /* a million tokens as the workload counts them */
    double
        plain_usd_per_mtok; /* were all input uncached, all prompts and hours usual, no service */
    double cached_frac;     /* of input tokens, at a price of their own */
    double long_frac, peak_frac,
        service_frac; /* of all tokens: in prompts over a threshold, in
                         other hours than the usual, at a service's price */
};
enum { XO_MAX_EFFECTIVE = 2 * XO_MAX_OPTIONS };
/* Every API of [buy] and every host that may be bought from, the cheapest first; *n of them. */
XO_MUST_USE bool xo_effective_prices(const struct xo_scenario *s, double volume,
                                     struct xo_effective_price out[XO_MAX_EFFECTIVE], int *n,
                                     struct xo_error *err);

/* The real bill rebuilt from [actual]: what our tariff says those tokens cost, beside the invoice.
 */
struct xo_reconciliation {
    bool given;
    struct xo_bill ours;
    double ours_usd, invoice_usd, difference_frac; /* (ours - invoice)/invoice */
    double prompt_per_request, output_per_request; /* of the invoice month; NAN: not given */
    double planned_prompt_per_request, planned_output_per_request;
    double all_written_usd; /* ours, had all input that was not cached been written to the cache;
                               NAN: writing is free, or the invoice says how much was */
};
XO_MUST_USE bool xo_reconcile(const struct xo_scenario *s, struct xo_reconciliation *r,
                              struct xo_error *err);

#endif
