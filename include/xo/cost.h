/* xo/cost.h - usage in, dollars out: buying by the token, building by the GPU.
 *
 * A bill is a table of items in whole millionths of a dollar that add up to its total exactly; it
 * is rounded further for display only. Everything is a month (of hours_per_month hours). Nominal
 * USD before tax. Each convention with its formula and a worked figure: docs/bills.md. This room
 * has never heard of the clock.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_COST_H
#define XO_COST_H

#include "xo/error.h"
#include "xo/usage.h"

enum { XO_COST_NAME_SIZE = 96, XO_LABEL_SIZE = 128, XO_MAX_TIERS = 8, XO_MAX_STEPS = 8 };
enum { XO_MAX_PEAKS = 32, XO_MAX_CHANGES = 6 };
/* An account has a line for each kind of token in each of its windows and contexts, as far as
 * XO_MAX_TOKEN_LINES of all accounts, and a few for the rest. */
enum { XO_MAX_TOKEN_LINES = 20 * XO_MAX_TARIFFS };
enum { XO_MAX_BILL_ITEMS = XO_MAX_TOKEN_LINES + 12 * XO_MAX_TARIFFS + 16 };

/* ---- bills ---- */
enum xo_bill_group {
    XO_BILL_TOKENS,
    XO_BILL_GPUS,
    XO_BILL_POWER,
    XO_BILL_SITE,
    XO_BILL_SOFTWARE,
    XO_BILL_PEOPLE,
    XO_BILL_ONE_OFF,
    XO_BILL_CONTINGENCY,
    XO_BILL_DISCOUNT,
    XO_N_BILL_GROUPS
};
struct xo_bill_item {
    enum xo_bill_group group;
    char label[XO_LABEL_SIZE]; /* "input tokens, uncached: 60 M at $2.00/Mtok" */
    double micro_usd; /* a whole number, may be negative: discounts; cut at -+ $400 trillion. Sums
                         are exact up to $9 billion (2^53), beyond that to 16 digits */
};
struct xo_bill {
    struct xo_bill_item items[XO_MAX_BILL_ITEMS];
    int n_items;
};
double xo_bill_micro_usd(const struct xo_bill *bill); /* the sum of the items */
double xo_bill_usd(const struct xo_bill *bill);       /* the same in dollars */
double xo_bill_group_usd(const struct xo_bill *bill, enum xo_bill_group group);

/* ---- people: a staircase in the number of GPUs ---- */
struct xo_staff {
    int n_steps;
    struct {
        int above_gpus;
        double fte;
    } steps[XO_MAX_STEPS];          /* rising; steps[0].above_gpus = 0 or -1 */
    double usd_per_fte_year, scale; /* scale: what-ifs and draws; 1 */
};
/* FTEs at n_gpus, scale included: of the last step whose above_gpus is below n_gpus; 0 when none
 * is. Buying runs no GPUs and pays for steps[0], whatever its above_gpus. */
double xo_staff_fte(const struct xo_staff *staff, int n_gpus);

/* ---- buying ---- */

/* The rules of a provider's prefix cache. All zero: entries never expire, every token counts. */
struct xo_cache_rules {
    double ttl_s;          /* lifetime of an entry; 0: it never expires */
    bool fixed_life;       /* it runs from the write alone; else a read renews it */
    double ready_s;        /* from the start of its writer until an entry can be read */
    double extended_ttl_s; /* a second, longer lifetime on offer; 0: none */
    double extended_write; /* USD per token written with it */
    double
        storage_usd_per_token_s; /* of an entry, over the whole lifetime that it is written for */
    double min_tokens;           /* a prefix shorter than this is not cached */
    double step_tokens;     /* the cached part is rounded down to a multiple of this; 0, 1: not */
    double least_miss_frac; /* hits are promised to nobody: at least this share misses */
};
/* Minutes of a week in UTC from Monday 00:00, to_min excluded. */
struct xo_week_minutes {
    int16_t from_min, to_min;
    int16_t window;           /* of the tariff: 1 .. n_windows */
    int32_t from_day, to_day; /* that it holds on, since 1970-01-01; 0: no end on that side */
};
/* What a prompt over a threshold costs. NAN: the usual price, but cached input without one costs
 * this tier's input. A write to the cache costs cache_write * this input / usual input. */
struct xo_context_tier {
    int32_t above_tokens;
    double input, cached_input, output;
};
/* How much less or more a level of service costs: a share off every price, or prices of its own for
 * usual prompts in usual hours (0: none; that share is then off), which hours and long prompts
 * raise in the proportion of the list. */
struct xo_service_rule {
    double off_frac; /* below 0: a surcharge */
    double input, cached_input, output;
    bool cached_at_list; /* cached input costs the plain cached price */
    bool same_all_week;  /* the tariff's windows do not count */
    bool same_anywhere;  /* the residency surcharge does not count */
};

/* An announced change of prices: by kind, the new price in USD per token, else a factor of the old.
 */
struct xo_price_change {
    int32_t from_day;                                       /* since 1970-01-01 */
    double usd[XO_N_TOKEN_KINDS], factor[XO_N_TOKEN_KINDS]; /* NAN: not by this one */
};

/* Units of capacity by the hour, which take traffic before it is paid for by the token. */
struct xo_provisioned {
    double
        tokens_per_minute; /* of one: input that is not cached, and output with a weight; 0: none */
    double output_weight, usd_per_hour;
    double term_months;      /* signed for at least so long; 0: by the hour */
    double increment, least; /* sold in multiples of this, and at least so many; 0: singly */
};

/* Prices in USD per token. NAN: not offered (cached input then costs input; a cache write costs
 * input). */
struct xo_tariff {
    char name[XO_COST_NAME_SIZE];
    double input, cached_input, cache_write, output;
    double usd_per_request, usd_per_tool_call; /* beside the tokens; whatever the service or hour */
    struct xo_cache_rules cache;
    struct xo_service_rule services[XO_N_SERVICES];     /* [XO_SERVICE_STANDARD] is all zero */
    struct xo_context_tier contexts[XO_N_CONTEXTS - 1]; /* rising */
    int n_contexts;
    bool is_marginal; /* only the part of a prompt over a threshold pays the tier's prices, and the
                         output those of the tier in which the prompt ends; else all of the request
                       */
    double window_factor[XO_N_WINDOWS]; /* of every price; [XO_WINDOW_USUAL] is not read */
    int n_windows;                      /* besides the usual one; 0: one price around the clock */
    struct xo_week_minutes peaks[XO_MAX_PEAKS]; /* the hours of those windows; apart on any day */
    int n_peaks;
    int32_t day;           /* that the tariff is read for: xo_tariff_at; 0: no dated window holds */
    double residency_frac; /* on top of the tokens' price where data stay in one region */
    struct {
        double above_usd, discount_frac;
    } tiers[XO_MAX_TIERS]; /* marginal discounts on the month's list spend */
    int n_tiers;
    double free_usd_month;                          /* of spend, tiers off, that is not billed */
    double minimum_usd_month;                       /* billed at least, discounts off */
    struct xo_price_change changes[XO_MAX_CHANGES]; /* rising; those up to `day` hold */
    int n_changes;
    struct xo_provisioned provisioned;
    double requests_per_minute, tokens_per_minute; /* rate limits; INFINITY: none stated */
};

/* THE prices: USD a token of each kind in this cell, before any residency surcharge; of one kind.
 */
void xo_tariff_prices(const struct xo_tariff *tariff, struct xo_price_cell cell,
                      double usd[XO_N_TOKEN_KINDS]);
double xo_tariff_usd(const struct xo_tariff *tariff, enum xo_token_kind kind,
                     struct xo_price_cell cell);
/* Is there a price for this level of service other than the list's? */
bool xo_tariff_offers(const struct xo_tariff *tariff, enum xo_price_service service);
/* Move a tariff on to a day, not before its own: changes announced for it hold, and dated windows
 * do where it lies among their dates. Long prices, a service's own and cache writes go with their
 * kind (writes with input) in proportion, unless the change has a price for them. */
void xo_tariff_at(struct xo_tariff *tariff, int32_t day);
/* Does it hold on the day that its tariff is read for? */
bool xo_window_holds(const struct xo_week_minutes *hours, int32_t day);
extern const char *const xo_service_names[]; /* [XO_N_SERVICES], then NULL */

/* Requests that the other side's model asks again at the frontier API, paid on top. */
struct xo_escalation {
    double frac, usd_month; /* share of requests; what its tokens cost there; 0: none */
    const char *api;        /* where; borrowed */
};

/* Provisioned units that were bought: how many, for how much, and the share of requests they take,
 * which are in no usage. */
struct xo_units {
    double n, usd_month, taken_frac;
};

/* What is the same for every tariff: whether list prices are discounted, what is committed. */
struct xo_buy_terms {
    double price_scale;         /* 1; what-ifs and draws */
    double discount_frac;       /* negotiated, off the list */
    double committed_usd_month; /* paid whether used or not; 0 */
    bool commits_term;   /* the commitment is of the whole term: in a steady month the same */
    double retries_frac; /* calls repeated: bills, not volume */
    bool is_resident;    /* data stay in one region, at the tariff's surcharge */
    struct xo_units units;
    double fixed_usd_month; /* gateway, software, support on the buying side */
    double one_off_usd, commitment_months;
    double capital_rate_per_year; /* of one-offs, effective; 0: none */
    double contingency_frac;
    struct xo_staff staff;
    struct xo_escalation escalation; /* of the same weights; none for the frontier API itself */
};
/* What a commitment of committed_usd a month exceeds the spend of n months by: month by month, or
 * for a term as a whole, where good months make up for bad ones and the rest is due at its end. */
double xo_commit_shortfall_usd(const double spend_usd[], int n, double committed_usd,
                               bool commits_term);
/* The month's bill of the tokens in `usage`, whose rows name one of tariffs[]; rows at home have no
 * price. Tariffs of one name (not "") are one account, of which there are at most XO_MAX_TARIFFS:
 * their rows are added before volume tiers. In order:
 *   1. tokens of each kind at list price times price_scale, by window and context; requests and
 *      tool calls; what each level of service takes off or adds; the residency surcharge on that;
 *   2. retries: that sum again, times retries_frac;
 *   3. volume tiers: marginal discounts on an account's list spend, 1 and 2; its free allowance;
 *   4. the negotiated discount on what is left; what an account's minimum exceeds its part by;
 *   5. provisioned units; what a commitment exceeds 1 to 5 by: the month pays max(commitment,
 * spend);
 *   6. tokens bought elsewhere for requests asked again; fixed costs, people, one-offs in equal
 *      payments over commitment_months (at least one);
 *   7. contingency: a share of everything above.
 * Derived items are computed from the rounded items above them, as a reader with a pencil would. */
void xo_buy_bill(const struct xo_tariff *const tariffs[], const struct xo_usage *usage,
                 const struct xo_buy_terms *terms, struct xo_bill *bill);
/* xo_bill_usd of that bill without writing its labels: for draws and bisections. */
double xo_buy_usd(const struct xo_tariff *const tariffs[], const struct xo_usage *usage,
                  const struct xo_buy_terms *terms);

/* ---- building ---- */
enum xo_tenure { XO_RENT, XO_OWN, XO_ALREADY_OWNED, XO_N_TENURES };
struct xo_build_terms {
    enum xo_tenure tenure;
    /* rent: USD per GPU-hour, billed around the clock; whole servers of server_gpus where > 1 */
    double rent_usd_per_gpu_hour;
    const char *rent_kind; /* "spot", said beside it; static; NULL: on demand */
    int server_gpus;       /* GPUs come in multiples of this, whatever the tenure; 1: singly */
    /* own: a server's price over its life, annuity at the cost of capital (effective a year), which
       one-offs carry whatever the tenure */
    double server_usd, life_years, residual_frac, capital_rate_per_year;
    double server_overhead_w; /* of a server beyond its GPUs (CPUs, fans, NICs), running */
    double gpu_idle_w, gpu_busy_w, pue,
        usd_per_kwh;                    /* power: the usage says what the fleet draws */
    double colocation_usd_per_kw_month; /* of IT power with every GPU busy; not by a renter */
    double maintenance_frac_per_year;   /* of the server's price; not by a renter */
    /* already owned: what the GPU-hour would earn otherwise */
    double opportunity_usd_per_gpu_hour;
    bool pays_power; /* own, already owned: true; rent: false */
    bool is_paid;    /* own: the servers are paid for apart, and the bill has no capital */

    double rent_scale; /* 1; what-ifs and draws: scales rent, price or opportunity cost */
    double software_usd_per_gpu_month, fixed_usd_month, storage_usd_month, egress_usd_month;
    double one_off_usd, commitment_months, contingency_frac;
    double hours_per_month; /* 730 */
    struct xo_staff staff;
    struct xo_escalation escalation;
};
/* The month's bill of the fleet in `usage`. Every GPU costs the same whether busy or idle: serving,
 * spare, headroom, and those that fill the last server, each on its own line. Then power (if
 * pays_power; GPUs that fill a server idle), colocation, maintenance, software, storage, egress,
 * tokens for requests asked again, people, one-offs, and contingency: a share of everything above
 * but the hours forgone of GPUs already owned, which no invoice will overrun. */
void xo_build_bill(const struct xo_build_terms *terms, const struct xo_usage *usage,
                   struct xo_bill *bill);
double xo_build_usd(const struct xo_build_terms *terms, const struct xo_usage *usage);
/* GPUs that the bill pays for: all replicas, rounded up to whole servers. */
int64_t xo_build_gpus(const struct xo_build_terms *terms, const struct xo_usage *usage);

/* What a fleet binds its buyer to, in cash, undiscounted: servers bought are paid for at once and
 * cannot be handed back, whatever the commitment; rent is due for the commitment; GPUs already
 * owned bind to nothing. */
struct xo_obligation {
    double servers_usd,
        resale_usd;     /* own: the price of n_servers, and what they bring at the end */
    double rent_usd;    /* rent: of every GPU paid for, over commitment_months */
    double one_off_usd; /* all */
    int64_t n_servers;  /* own; 0 otherwise */
    double months;      /* bound for: commitment_months; own: their life where that is longer */
};
struct xo_obligation xo_build_obligation(const struct xo_build_terms *terms,
                                         const struct xo_usage *usage);
double xo_obligation_usd(const struct xo_obligation *o); /* paid less resale */

/* Capital recovery: the equal payment at the end of each of n months per dollar now, at
 * `rate_per_year` (effective), that leaves residual_frac at the end. rate 0: straight line. i =
 * (1 + rate)^(1/12) - 1,  crf = i / (1 - (1+i)^-n),  payment = (1 - residual/(1+i)^n) * crf.
 * Source: any engineering-economics text; e.g. Sullivan, Wicks and Koelling, Engineering Economy.
 */
double xo_monthly_payment(double rate_per_year, double months, double residual_frac);

/* ---- money in time ---- */

/* Effective interest of `rate_per_year` by the month: (1 + rate_per_year)^(1/12) - 1. */
double xo_monthly_rate(double rate_per_year);

/* What is gained (positive) or paid (negative) over n_months. Both arrays are the caller's. What is
 * over a month falls due at its end, and counts as coming evenly within it where only a time is
 * asked for. */
struct xo_cash {
    int n_months;
    const double *at_usd;   /* [n_months + 1] at once, at the start of each month; the last: at the
                               end of all */
    const double *over_usd; /* [n_months] */
};

/* at[m] (1+i)^-m summed, and over[m] (1+i)^-(m+1), i = xo_monthly_rate(rate_per_year). */
double xo_present_value(const struct xo_cash *cash, double rate_per_year);
/* Months until the sum of all so far, discounted at rate_per_year, is above zero and stays there to
 * the end; 0: always. INFINITY: it does not end above zero. */
double xo_payback_months(const struct xo_cash *cash, double rate_per_year);
/* The most that has been laid out at any time before more came back than went out: minus the lowest
 * sum so far; 0: never below zero. *month (may be NULL): when, at the start of this month. */
double xo_peak_exposure(const struct xo_cash *cash, int *month);

/* The rate a year at which the present value is nothing. There is one where the sign of what flows
 * changes once over time; without a change there is none, and with more there may be several. */
enum xo_irr_kind {
    XO_IRR_NONE,
    XO_IRR_ONE,  /* of an investment: paid first, gained later */
    XO_IRR_LOAN, /* gained first, paid later: what that credit costs */
    XO_IRR_SEVERAL,
    XO_N_IRR_KINDS
};
struct xo_irr {
    enum xo_irr_kind kind;
    double per_year; /* effective; NAN unless there is one */
};
struct xo_irr xo_internal_rate(const struct xo_cash *cash);

/* ---- machines that stay for a term ---- */

/* On what terms units (servers, or single GPUs) are held. What a month needs beyond what is there
 * is taken at its start, and stays for its term. */
struct xo_hold_terms {
    int term_months;      /* 1 at least: a reservation; of bought units their life */
    bool is_bought;       /* paid for at once, and worth by age the straight line to its residual */
    double residual_frac; /* of the value, at the end of the term */
    double early_exit_frac; /* rented: of the rent to come, due when one goes back before its term.
                               Those that no month of the rest of their term needs do, where that
                               is below 1 */
};
/* A month of one unit. */
struct xo_hold_month {
    int64_t needed;   /* units */
    double rent_usd;  /* a month, all through the term of what is taken in this month */
    double price_usd; /* at once, for what is taken in this month */
    double value_usd; /* of it what resale counts from */
    double idle_usd;  /* a month, beside the rent, of one that stands idle */
};
/* Add what units cost from month `from` to the end of months[n_months] to at_usd[n_months + 1] and
 * over_usd[n_months], negative as in struct xo_cash. Bought units that are left are sold at the
 * end. Rent due after the end is not counted: the fleet goes on serving. held[n_months]: how many
 * there are from `from` on; may be NULL. n_months <= XO_MOST_HELD. */
enum { XO_MOST_HELD = 240 };
void xo_hold(const struct xo_hold_terms *terms, const struct xo_hold_month months[], int n_months,
             int from, double at_usd[], double over_usd[], int64_t held[]);

/* ---- the napkin: what a spreadsheet says ---- */
/* Units (tokens, requests) a month at which fixed_usd_month + V*build equals V*buy; INFINITY when
 * buying a unit costs no more than building one. */
double xo_napkin_breakeven(double fixed_usd_month, double usd_per_unit_buy,
                           double usd_per_unit_build);

#endif
