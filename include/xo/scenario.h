/* xo/scenario.h - one INI file in, plain structs in our units out.
 *
 * One table of keys (section, key, unit, default, range, help) is the source for parsing, checking,
 * `crossover check`, the reference page and which keys may vary. A scenario is untrusted text:
 * every problem becomes one line "file:line: ..." and all of them are reported in one go. A value
 * that starts with '?' is a guess: used, and counted. Knows units and files; has never heard how it
 * will be run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SCENARIO_H
#define XO_SCENARIO_H

#include "xo/cost.h"
#include "xo/error.h"
#include "xo/hardware.h"
#include "xo/random.h"
#include "xo/serving.h"
#include "xo/workload.h"
#include <stdio.h>

enum xo_parity { XO_PARITY_ASSUMED, XO_PARITY_MEASURED, XO_PARITY_UNEQUAL, XO_N_PARITIES };
enum xo_slo_window { XO_SLO_BUSIEST_HOUR, XO_SLO_MONTH, XO_N_SLO_WINDOWS };
enum xo_growth { XO_MORE_USERS, XO_BUSIER, XO_N_GROWTHS };
enum xo_cache_choice {
    XO_CACHE_CHEAPEST,
    XO_CACHE_SHORT,
    XO_CACHE_EXTENDED,
    XO_CACHE_NONE,
    XO_N_CACHE_CHOICES
};
enum xo_sampling {
    XO_SAMPLING_RANDOM, /* plain Monte Carlo */
    XO_SAMPLING_LATIN,  /* Latin hypercubes, at least 10 */
    XO_SAMPLING_SOBOL,  /* Sobol' points with at least 10 random shifts; to 40 dimensions */
    XO_N_SAMPLINGS
};
enum xo_indices {
    XO_INDICES_AUTO,        /* pick-freeze where inputs are independent, else given-data */
    XO_INDICES_PICK_FREEZE, /* first-order and total; refused for correlated inputs */
    XO_INDICES_GIVEN_DATA,  /* first-order alone, from rows that are all independent */
    XO_N_INDICES
};
/* How an axis of a map is cut: auto takes ratios where its end is at least 4 times its begin. */
enum xo_map_scale { XO_MAP_AUTO, XO_MAP_LOG, XO_MAP_LINEAR, XO_N_MAP_SCALES };
extern const char *const xo_parity_names[];       /* [XO_N_PARITIES], as in scenarios, then NULL */
extern const char *const xo_cache_choice_names[]; /* [XO_N_CACHE_CHOICES], then NULL */
enum { XO_MAX_OPTIONS = 8, XO_MAX_UNCERTAIN = 40 };
enum { XO_SECTION_SIZE = 80, XO_TITLE_SIZE = 160, XO_VALUE_SIZE = 256, XO_PATH_SIZE = 1024 };

/* One thing that is not known: a key of the table and its distribution, in the key's SI unit. */
struct xo_uncertain {
    int key;                 /* index into xo_keys */
    struct xo_dist dist;     /* owned; drawn by xo_uncertain_quantile */
    double u_lo, u_hi;       /* its uniforms, where it is truncated to the key's range; 0, 1 */
    bool reaches_simulation; /* else only money changes */
    bool implied;            /* the catalog's own spread, of the word "catalog" or around a guess */
};

/* Spearman's rank correlation of two of them. */
struct xo_correlation {
    int a, b; /* of scenario->uncertain */
    double rank;
};
enum { XO_MAX_CORRELATIONS = XO_MAX_UNCERTAIN * (XO_MAX_UNCERTAIN - 1) / 2 };

/* An API tariff as catalogued, with what the verdict needs to say about it. */
struct xo_api {
    struct xo_tariff tariff;
    double tokens_ratio_input,
        tokens_ratio_output;     /* its tokens over those of the workload; 0: 1 */
    char model[XO_HW_NAME_SIZE]; /* catalog model whose weights it serves; "" : closed */
    bool is_same_weights;        /* those of [build], so that it takes the same tokens */
    bool caching_unknown;        /* without a cached price: it may have one */
    char aliases[256], source[256], as_of[16];
    int32_t context_tokens; /* 0: unknown */
};

/* What one build option is made of; lists in the scenario (gpu, weights, tensor_parallel) multiply.
 */
struct xo_build_option {
    struct xo_deployment deployment;
    struct xo_build_terms terms; /* rent of this GPU among them */
    char label[128];             /* "2 x h100-sxm, fp8" */
    char price_as_of[16];        /* of its rent or server price; "": typed, of scenario.as_of */
    enum xo_step_class step_class;
    double step_sigma; /* one standard deviation of its log step time: what the model may be off */
};

/* Where fitted constants of [build] come from. */
struct xo_calibration_record {
    char deployment[XO_TITLE_SIZE]; /* as xo_deployment_label says it; "": not given */
    int rows;                       /* 0: not given */
    double error_frac;              /* median error of rows left out of the fit; NAN: not given */
    char date[16];
};

/* Independent runs behind an interval: no study makes fewer. */
enum { XO_LEAST_REPLICATIONS = 4 };

/* What a planner counts in beside requests. */
enum { XO_UNIT_MAX_CHARACTERS = 24, XO_UNIT_NAME_SIZE = 4 * XO_UNIT_MAX_CHARACTERS + 8 };
struct xo_unit {
    char name[XO_UNIT_NAME_SIZE], plural[XO_UNIT_NAME_SIZE]; /* "ticket", "tickets"; "": none */
    double calls;                                            /* useful requests that one takes */
    double price_usd; /* that one brings in; NAN: not given */
};

/* The invoice to reproduce. months 0: not given. */
struct xo_actual {
    char month[16];
    double requests, prompt_tokens, cached_tokens, output_tokens, invoice_usd; /* NAN: not given */
    double cache_write_tokens, cache_write_extended_tokens;                    /* likewise */
};

/* ---- how things change over the months of a horizon ---- */

enum xo_basis { XO_BASIS_CASH, XO_BASIS_ECONOMIC, XO_N_BASES };
enum { XO_MOST_MONTHS = 240, XO_MAX_DRIFT_STEPS = 12 };

/* A factor over months: by a rate a year, evenly, and at once from some months on. */
struct xo_drift {
    double per_year; /* -0.2: a fifth less after a year */
    int n_changes;
    struct {
        int month; /* from which it holds; 0 or less: from the first */
        double factor;
    } changes[XO_MAX_DRIFT_STEPS];
};
double xo_drift_factor(const struct xo_drift *drift, int month);

/* Section [horizon]. Months are numbered from 0. */
struct xo_horizon_terms {
    int n_months, first_year, first_month; /* of them January is 1 */
    enum xo_basis basis;
    double discount_per_year;

    double growth_per_month;
    double ceiling_factor; /* of the planned volume; INFINITY: none */
    bool has_path;
    double path[XO_MOST_MONTHS]; /* requests a month as a file has them, beside growth */
    double path_plan;            /* the planned volume that they belong to */

    struct xo_drift api, rent, power, capacity;
    int lead_months, parallel_months;
    int reserve_months; /* 1: rented GPUs go back in any month */
    double reserve_frac, early_exit_frac;
    int retire_month, api_retire_month; /* -1: not within the horizon */
    double retire_usd, api_retire_usd;
};
enum { XO_MONTH_SIZE = 16 };
/* "2027-01": the month that has this number. Returns `out`. */
const char *xo_horizon_month(const struct xo_horizon_terms *terms, int month,
                             char out[XO_MONTH_SIZE]);
/* The first day of that month, since 1970-01-01. */
int32_t xo_horizon_day(const struct xo_horizon_terms *terms, int month);

struct xo_scenario {
    char path[XO_PATH_SIZE];
    char name[XO_TITLE_SIZE], as_of[16];
    uint64_t seed;
    double commitment_months, hours_per_month, materiality_frac;
    enum xo_parity parity;
    char parity_evidence[XO_TITLE_SIZE];

    struct xo_workload workload; /* owned; its trace points at `trace` */
    struct xo_trace trace;
    double requests_per_month; /* planned volume, useful first attempts; NAN in a closed loop */
    enum xo_growth growth;
    double retries_frac;
    double class_batch_frac[XO_MAX_CLASSES];
    enum xo_price_service class_service[XO_MAX_CLASSES]; /* of what is not batch work */
    double class_tool_calls[XO_MAX_CLASSES];             /* paid calls a request, in the mean */

    struct xo_slo slo[XO_MAX_CLASSES]; /* by class; a class's own [slo NAME] over [slo] */
    enum xo_slo_window slo_window;

    struct xo_api apis[XO_MAX_OPTIONS]; /* candidates of buy.api; the cheapest is drawn */
    int n_apis;
    struct xo_api class_apis[XO_MAX_CLASSES]; /* a class's own tariff; tariff.name "" : as [buy] */
    struct xo_api same_model[XO_MAX_OPTIONS]; /* hosts of the weights of [build] */
    int n_same_model;                         /* 0: none known; the verdict says so */
    int n_same_bought; /* the cheapest of the first so many is drawn; the others are a range */
    double same_model_low_usd_per_mtok,
        same_model_high_usd_per_mtok; /* range of hosts, blended 3:1; NAN */
    struct xo_buy_terms buy;
    enum xo_cache_choice cache_choice;
    double n_units;                           /* provisioned, where the API sells them; 0: none */
    bool units_searched;                      /* or the number that costs least */
    double api_ratio_input, api_ratio_output; /* on top of an API's own, where it serves other
                                                 weights than [build]; 0: 1 */
    double escalated_frac;                    /* of requests, asked again at buy.api */
    int timezone_min;                         /* of the profile's hours, ahead of UTC */

    struct xo_build_option options[XO_MAX_OPTIONS * 4]; /* every combination that fits in memory */
    int n_options;
    struct xo_engine engine; /* chunk_tokens and max_batch as typed, else 0: xo_option_engine */
    enum xo_router router;
    int spare_replicas, fixed_replicas; /* fixed 0: size to the SLO */
    int64_t benchmark_requests; /* of a closed loop, as benchmarks count them; 0: steady state */
    double headroom_frac;       /* over the planned volume: 0.2 */

    double min_volume_factor,
        max_volume_factor; /* of the planned volume: the curve's range, 0.01 and 100 */
    int n_replications, n_draws;
    double capacity_precision_frac; /* relative half-width of V_N: 0.03 */
    int n_threads;                  /* 0: as many as there are */

    struct xo_uncertain uncertain[XO_MAX_UNCERTAIN];
    int n_uncertain;
    struct xo_correlation correlations[XO_MAX_CORRELATIONS];
    int n_correlations;
    int64_t n_samples; /* of a sweep: [study] samples, sampling, indices, precision; 0: none */
    enum xo_sampling sampling;
    enum xo_indices indices;
    double sweep_precision_frac;
    char map_axis[2][XO_VALUE_SIZE]; /* [map] x and y, as typed: "build.rent=$1..$8/hour"; "" */
    int map_cells[2];                /* columns, rows */
    enum xo_map_scale map_scale[2];  /* x_axis, y_axis */
    struct xo_unit unit;
    struct xo_actual actual;
    struct xo_calibration_record calibration;
    struct xo_horizon_terms horizon;

    int n_guesses;
    uint64_t hash;            /* of what was read; 0: a what-if has changed it since */
    struct xo_entry *entries; /* every key as resolved; [n_entries], owned */
    int n_entries;
    struct xo_store *store; /* the reader's own view of the entries; owned */
};

/* Where a resolved value came from. */
enum xo_origin {
    XO_FROM_DEFAULT,
    XO_FROM_FILE,
    XO_FROM_SET,
    XO_FROM_CATALOG,
    XO_FROM_DERIVED,
    XO_FROM_INCLUDE,
    XO_N_ORIGINS
};
struct xo_entry {
    int key;             /* index into xo_keys; in [uncertain]: the key that varies */
    const char *section; /* as written: "workload", "class easy", "api openai/gpt-5" */
    const char *name;    /* of the key; in [uncertain]: "build.rent" */
    const char *value;   /* as written, without the '?' */
    double number; /* the value in the key's unit (units.c); a choice's index; NAN: not a number */
    enum xo_origin origin;
    const char *where; /* "support.ini:12", "--set", "default", "catalog (source, date)" */
    int line;          /* of the file; 0: not from the file */
    bool guess;
};

/* One row of the table of keys. */
enum xo_key_type {
    XO_KEY_NUMBER,
    XO_KEY_INTEGER,
    XO_KEY_CHOICE,
    XO_KEY_TEXT,
    XO_KEY_NAME, /* of a catalog entry */
    XO_KEY_PATH,
    XO_KEY_DATE,
    XO_KEY_MONTH,
    XO_KEY_VOLUME,
    XO_KEY_WEEKTIME,
    XO_KEY_ARRIVALS,
    XO_KEY_DISTRIBUTION,
    XO_KEY_STAFF,
    XO_KEY_TIERS,
    XO_KEY_STEPS, /* dated changes */
    XO_KEY_TIMEZONE,
    XO_KEY_HOURS, /* windows of the week */
    XO_KEY_WINDOWS,
    XO_KEY_LONG_TIERS,
    XO_KEY_SERVICE,
    XO_KEY_CHANGES,
    XO_KEY_NAMES, /* from here on: lists, parted by commas */
    XO_KEY_CHOICES,
    XO_KEY_INTEGERS,
    XO_KEY_NUMBERS,
    XO_KEY_PRICES,
    XO_N_KEY_TYPES
};
enum xo_key_effect {
    XO_KEY_SIMULATION,
    XO_KEY_MONEY,
    XO_KEY_STUDY,
    XO_KEY_LABEL,
    XO_N_KEY_EFFECTS
};
struct xo_key {
    const char *section, *name;
    enum xo_key_type type;
    const char *unit;     /* a kind of quantity: "USD/hour", "tokens", "share", "time"; "" : none */
    const char *defaults; /* as one would type it; NULL: required; "" : optional */
    double min, max;      /* in the unit's own base, for numbers */
    const char *const *choices; /* the words it takes, by the enum they stand for, then NULL; or
                                   NULL */
    enum xo_key_effect effect;
    const char *help;
};
extern const struct xo_key xo_keys[];
extern const int xo_n_keys;
/* The number that a key has where nobody gives it, in its unit's base, of a choice that of the
 * enum; 0: none, or it depends on other keys. */
double xo_key_default(int key);
/* The words that a key takes, "assumed | measured | unequal", into out; "" where it takes none. */
enum { XO_CHOICES_SIZE = 128 };
const char *xo_key_choices(const struct xo_key *key, char out[XO_CHOICES_SIZE]);

/* The problems of a file, one line each, in order of line. */
struct xo_problems {
    char **lines; /* [n] owned */
    size_t n, room;
    int n_warnings;     /* of them, lines that begin "warning" after the place; they do not fail the
                           reading */
    bool out_of_memory; /* why reading failed; there are no lines then */
};
void xo_problems_fini(struct xo_problems *problems);

/* `--set section.key=value` given n_sets times. */
struct xo_scenario_options {
    const char *const *sets; /* [n_sets] borrowed */
    int n_sets;
    /* [n_sets] the option that each was typed as where it is another, such as "--precision", else
     * NULL; NULL: all are --set. Borrowed until the scenario is freed. */
    const char *const *typed_as;
};
/* Read `path` ("-": standard input) into a fresh *scenario. False when it has errors, all of which
 * are in *problems (warnings too, also on success). The caller frees both. */
XO_MUST_USE bool xo_scenario_read(struct xo_scenario **scenario, const char *path,
                                  const struct xo_scenario_options *options,
                                  struct xo_problems *problems);
/* The same of text[size], for a program that writes its scenario itself. Messages call it `path`,
 * from whose folder files that it names are read. */
XO_MUST_USE bool xo_scenario_read_text(struct xo_scenario **scenario, const char *path,
                                       const char *text, size_t size,
                                       const struct xo_scenario_options *options,
                                       struct xo_problems *problems);
void xo_scenario_free(struct xo_scenario *scenario);

/* The requests that a side does not take, since they are longer, prompt and output together, than
 * the context of the model it runs or sells, or than what the KV cache of one replica holds: they
 * are misses of that side, whose bill is without them. */
struct xo_unserved {
    double frac;                            /* of all requests */
    double class_frac[XO_MAX_CLASSES];      /* of each class's own */
    int32_t longest_tokens[XO_MAX_CLASSES]; /* the longest request of a class that is taken; 0: no
                                               limit is known, or none at all is (class_frac 1) */
    int worst_class;                        /* the class that loses the largest share */
    bool by_context; /* what that class loses the context refuses; else the KV cache */
};
/* Worked out from the lengths alone, some milliseconds a class. XO_ERR_INPUT where the model does
 * not fit; XO_ERR_MEMORY. Of replicas with this KV room; of a build option; and of buying from
 * s->apis[api] (a class with an API of its own from that). */
XO_MUST_USE bool xo_room_unserved(const struct xo_scenario *s, const struct xo_kv_room *room,
                                  struct xo_unserved *u, struct xo_error *err);
/* What a replica of an option holds; NAN each of -1, and of one that does not fit. */
struct xo_holding {
    double weight_bytes_per_gpu; /* on the fullest */
    double kv_room_tokens;       /* as its engine prints it: of one attention rank */
    double longest_tokens;       /* prompt and output of a request that it takes, of each class */
    const char *chunk_from; /* where the tokens of a step are from: "vLLM's own ..."; NULL: typed */
    const char *batch_from; /* and its sequences */
};
struct xo_holding xo_option_holds(const struct xo_scenario *s, int option);
/* The engine of a deployment: what was not typed is its own. */
struct xo_engine xo_option_engine(const struct xo_scenario *s, const struct xo_deployment *d);
/* The deployment of an option had build.gpu named this GPU in place of its own: what somebody typed
 * stays, but for build.kv_room, which is of the GPU that it was read on; the rest is as it is
 * worked out for this one. XO_ERR_INPUT where it is on a number of GPUs to be worked out, and none
 * holds a request; XO_ERR_MEMORY. */
XO_MUST_USE bool xo_option_on_gpu(const struct xo_scenario *s, int option, const struct xo_gpu *gpu,
                                  struct xo_deployment *d, struct xo_error *err);
XO_MUST_USE bool xo_option_unserved(const struct xo_scenario *s, int option, struct xo_unserved *u,
                                    struct xo_error *err);
XO_MUST_USE bool xo_api_unserved(const struct xo_scenario *s, int api, struct xo_unserved *u,
                                 struct xo_error *err);
/* Tokens of an API over those of the workload: its own ratios times, for other weights than those
 * of [build], those of [buy]. */
struct xo_ratios {
    double input, output;
};
struct xo_ratios xo_api_ratios(const struct xo_scenario *s, const struct xo_api *api);
/* The longest request that an API takes, in tokens of the workload; 0: not known. */
int32_t xo_api_longest(const struct xo_scenario *s, const struct xo_api *api);
/* The API that bills a class when s->apis[api] is bought; without such an API the class's own,
 * whose name may be "". */
const struct xo_api *xo_class_api(const struct xo_scenario *s, int class_index, int api);
/* Has any class an API of its own? */
bool xo_has_class_apis(const struct xo_scenario *s);
/* The share of a class's requests that its strictest target lets miss; 5 % where it has none. */
double xo_tolerated_misses(const struct xo_scenario *s, int class_index);
/* Whether that is so for every class: else the side cannot do this work at any price. */
bool xo_unserved_is_tolerated(const struct xo_scenario *s, const struct xo_unserved *u);

/* What the scenario's own limits do to its requests, for both sides alike. */
struct xo_reshaped {
    double cut_frac;        /* share cut to max_context */
    double lengthened_frac; /* share whose prompt was no longer than the shared prefix, and became a
                               token longer than it */
    double lengthened_tokens; /* prompt tokens this added, per request of all requests */
    double lengthened_share;  /* the same over the typed prompt tokens that are not shared */
};
XO_MUST_USE bool xo_requests_reshaped(const struct xo_scenario *s, struct xo_reshaped *r,
                                      struct xo_error *err);
/* Whether lengthening is worth a sentence: 1 % of the requests, or 0.1 % of those tokens. */
bool xo_is_lengthened(const struct xo_reshaped *r);

/* Requests in a month of the horizon: the planned volume as it grows, at most XO_MOST_REQUESTS. */
#define XO_MOST_REQUESTS 1e13
double xo_horizon_volume(const struct xo_scenario *scenario, int month);
/* The key that says how it grows: "horizon.growth", or what stands in its place. */
const char *xo_growth_key(const struct xo_scenario *scenario);

/* A deep copy, for a thread or a what-if; NULL when out of memory. */
XO_MUST_USE struct xo_scenario *xo_scenario_copy(const struct xo_scenario *scenario);

/* Give numeric key `key` the value `value` (in its unit's base) in place of its own: for draws,
 * what-ifs and maps, on a copy of one's own. The scenario is then what reading it with that value
 * would give. Only keys with effect SIMULATION or MONEY of sections without a name. On failure
 * (XO_ERR_INPUT: out of range, or a combination that cannot be; XO_ERR_MEMORY) it stays as it was.
 * Money keys cost some microseconds, the others a new reading. */
XO_MUST_USE bool xo_scenario_vary(struct xo_scenario *scenario, int key, double value,
                                  struct xo_error *err);
/* The same for n of them at once; the price of one. */
XO_MUST_USE bool xo_scenario_vary_all(struct xo_scenario *scenario, int n, const int keys[],
                                      const double values[], struct xo_error *err);

/* The value of a numeric key, in its unit's base, as bills and simulations have it: typed, of the
 * catalog (build.rent = catalog), of another key (buy.salary), fitted (build.mbu_weights); of
 * workload.volume the requests a month. NAN where there is no one number: no such limit, or another
 * for each build option. */
double xo_scenario_number(const struct xo_scenario *scenario, int key);

/* The value below which an uncertain input lies with probability 0 < p < 1: its distribution,
 * truncated (not heaped up) at the ends of the key's range. */
double xo_uncertain_quantile(const struct xo_uncertain *uncertain, double p);
/* Rank correlations of the uncertain inputs, rank[n_uncertain][n_uncertain], 1 on the diagonal. */
void xo_scenario_correlations(const struct xo_scenario *scenario, double rank[]);
/* The copula that joins them, and n_more inputs after them that depend on nothing; whatever draws
 * them all takes it from here. *copula, for xo_copula_free, is NULL where none are correlated. */
XO_MUST_USE bool xo_scenario_copula(const struct xo_scenario *scenario, int n_more,
                                    struct xo_copula **copula, struct xo_error *err);

/* The day of the prices, scenario.as_of, since 1970-01-01; 0: it is not given. */
int32_t xo_scenario_day(const struct xo_scenario *scenario);
/* Have every tariff cost what it has announced for a day, which is not before the one it is read
 * for. */
void xo_scenario_set_day(struct xo_scenario *scenario, int32_t day);
/* The tariffs that may be bought, those of classes (whose name may be "") and of the same weights
 * too; how many. */
enum { XO_MAX_BOUGHT = 2 * XO_MAX_OPTIONS + XO_MAX_CLASSES };
int xo_scenario_tariffs(const struct xo_scenario *scenario,
                        const struct xo_tariff *tariffs[XO_MAX_BOUGHT]);
/* Does any of them cost something else on a day behind `after` and up to `until`? */
bool xo_scenario_prices_move(const struct xo_scenario *scenario, int32_t after, int32_t until);
/* Has any of them hours that begin or end on a date? */
bool xo_scenario_has_dated_windows(const struct xo_scenario *scenario);

/* A price that a bill rests on. */
struct xo_dated_price {
    const char *name;  /* of the tariff or the GPU; borrowed from the scenario */
    const char *as_of; /* "2026-08-01"; "": not stated */
    long age_days;     /* before scenario.as_of; 0 where one of the two dates is not stated */
};
enum {
    XO_MAX_PRICES = 2 * XO_MAX_OPTIONS + XO_MAX_CLASSES + XO_MAX_OPTIONS * 4,
    XO_STALE_DAYS = 180
};
/* The tariffs that may be bought, of classes and of the same weights too, and what the GPUs of each
 * option cost; how many. */
int xo_scenario_prices(const struct xo_scenario *scenario,
                       struct xo_dated_price prices[XO_MAX_PRICES]);

/* The index in xo_keys of "build.rent"; -1 when there is none. */
int xo_key_find(const char *dotted);
/* Where the draws of a key are addressed, whatever other keys there are: below 2^20, its own. */
int xo_key_slot(int key);
/* Does every section of this kind have a name of its own, as [class NAME] has? */
bool xo_section_is_named(const char *section);

/* Was key `key` of a section without a name typed, in the file or by --set? */
bool xo_scenario_is_typed(const struct xo_scenario *scenario, int key);
/* Where key `key` of a section without a name was given: "chat.ini:12", "--set", or the file alone
 * where it was not. Returns `place`. */
enum { XO_PLACE_SIZE = 1100 };
const char *xo_scenario_place(const struct xo_scenario *scenario, int key,
                              char place[XO_PLACE_SIZE]);
/* The same of the line of [uncertain] that gives its range. */
const char *xo_scenario_uncertain_place(const struct xo_scenario *scenario, int key,
                                        char place[XO_PLACE_SIZE]);

/* The resolved scenario as an INI with every catalog value inlined, so that a memo reruns in a
 * year. */
XO_MUST_USE bool xo_scenario_write_resolved(const struct xo_scenario *scenario, FILE *out,
                                            struct xo_error *err);
/* The same as text on the heap; NULL, with a sentence in err, when out of memory. */
char *xo_scenario_resolved_text(const struct xo_scenario *scenario, struct xo_error *err);
/* 64-bit hash (xxHash) of the resolved text and of the files it names, for the manifest: worked out
 * when the scenario is read; of a what-if at each call, 0 when out of memory. */
uint64_t xo_scenario_hash(const struct xo_scenario *scenario);
/* Does a capacity not depend on the planned volume, since only the rate of requests does? */
bool xo_scenario_is_memoryless(const struct xo_scenario *scenario);
/* What is simulated of an option: scenarios of one digest give the same simulations, bit by bit, at
 * the same volumes and numbers of replicas, whatever their prices. 128 bits of xxHash, so that two
 * of one digest are alike. Of a scenario as it was read or varied: not where a caller wrote into
 * its fields. */
struct xo_digest {
    uint64_t lo, hi;
};
XO_MUST_USE bool xo_scenario_simulated(const struct xo_scenario *scenario, int option,
                                       struct xo_digest *digest, struct xo_error *err);
/* The commented starting scenario of `crossover init`, and the reference page in Markdown. */
const char *xo_scenario_template(void);
void xo_keys_write_reference(FILE *out);

/* ---- catalogs: INI files compiled into the program ---- */
struct xo_quotes {
    double median, low, high; /* NAN: none */
    int n;
};
struct xo_gpu_entry {
    struct xo_gpu gpu;
    char title[96], aliases[256], source[256], as_of[16];
    struct xo_quotes on_demand, reserved, reserved_3y, spot; /* USD per GPU-hour, by contract */
    char rent_as_of[16];
    struct xo_quotes server; /* USD for server_gpus of them */
};
struct xo_model_entry {
    struct xo_model model;
    char title[96], aliases[512], licence[64], source[256], as_of[16];
};
/* A model in the type of its weights on the fewest GPUs of 1, 2, 4, 8 that hold it, as vLLM runs it
 * that was told no more; where none do, n_gpus, kv_room_tokens and longest_tokens are INT32_MAX,
 * weight_bytes_per_gpu is 0, and why_not says what keeps it off the most of them. */
struct xo_placed {
    struct xo_model_entry entry; /* first: it is listed as an entry is */
    char gpu[XO_HW_NAME_SIZE];
    int n_gpus, kv_room_tokens, longest_tokens;
    double weight_bytes_per_gpu;
    int most_gpus;     /* of 1, 2, 4, 8 that share its heads evenly and can run it; 0: none can */
    char why_not[240]; /* "": it is held */
};
struct xo_placed xo_model_placed(const struct xo_model_entry *entry, const struct xo_gpu *gpu);
struct xo_catalog {
    struct xo_gpu_entry *gpus;
    struct xo_model_entry *models;
    struct xo_api *apis;
    int n_gpus, n_models, n_apis;
};
/* The catalogs as compiled in; read once, on first use, and kept. A fault in them is a bug. Reading
 * them takes memory: xo_catalog_load fails with XO_ERR_MEMORY, and without it xo_catalog_builtin
 * ends the program then. Whoever has read a scenario has them. */
XO_MUST_USE bool xo_catalog_load(struct xo_error *err);
const struct xo_catalog *xo_catalog_builtin(void);
/* By name or alias, ignoring case, and for GPUs and models how words are parted and ordered
 * ("H100-SXM5-80GB"); NULL when unknown (then *nearest, borrowed, may name a near one). */
const struct xo_gpu_entry *xo_catalog_gpu(const struct xo_catalog *c, const char *name,
                                          const char **nearest);
const struct xo_model_entry *xo_catalog_model(const struct xo_catalog *c, const char *name,
                                              const char **nearest);
const struct xo_api *xo_catalog_api(const struct xo_catalog *c, const char *name,
                                    const char **nearest);

#endif
