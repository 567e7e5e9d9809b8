/* room.h - what the files of this room share: sections, keys, the store of entries, problems.
 *
 * Reading goes: lines.c (text to entries) - values.c (each entry by its key's type) - resolve.c
 * (entries to structs) - check.c (do they go together). Catalogs take the same path.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SCENARIO_ROOM_H
#define XO_SCENARIO_ROOM_H

#include "xo/scenario.h"
#include <math.h>

/* ---- keys ---- */
enum section {
    S_SCENARIO,
    S_WORKLOAD,
    S_SLO, /* [slo] and [slo NAME] */
    S_BUY,
    S_BUILD,
    S_STUDY,
    S_MAP,
    S_ACTUAL,
    S_CALIBRATION,
    S_UNCERTAIN, /* its keys are those of other sections */
    S_N_SINGLE,
    S_CLASS = S_N_SINGLE,
    S_SPIKE,
    S_GPU,
    S_MODEL,
    S_API,
    S_N
};
/* K_BUILD_RENT is the index of a key; FIRST_BUILD and AFTER_BUILD bound those of a section. */
#define BEGIN(id, name, named, plain, help) FIRST_##id, BEFORE_##id = FIRST_##id - 1,

#define KEY(id, section, name, type, unit, defaults, min, max, choices, effect, help) K_##id,

#define END(id) AFTER_##id, LAST_##id = AFTER_##id - 1,

enum {
#include "keys.def"
    N_KEYS
};
enum { MAX_SECTION_KEYS = 96, MAX_LIST = 32 };

struct section_info {
    const char *name;
    bool named, plain; /* may stand as [class NAME]; may stand as [slo] */
    int first_key, n_keys;
    const char *help;
};
extern const struct section_info sections[];                /* [S_N] */
bool is_catalogued(enum section section);                   /* GPUs, models, APIs */
int section_find(const char *name, size_t length);          /* -1: unknown */
int section_of(int key);                                    /* of the key, 0 .. xo_n_keys - 1 */
int key_in_section(enum section section, const char *name); /* index into xo_keys; -1 */
const char *key_default(int key); /* as typed, shown or not; NULL: it has none */

/* ---- the words of choices that no other room has an enum for ---- */
enum yes_no { NO, YES, N_YES_NO };
enum profile {
    PROFILE_STEADY,
    PROFILE_DIURNAL,
    PROFILE_OFFICE_HOURS,
    PROFILE_SPIKY,
    PROFILE_CUSTOM,
    N_PROFILES
};
enum trace_gaps { GAPS_CUT, GAPS_KEEP, N_TRACE_GAPS };
enum rent_kind { RENT_ON_DEMAND, RENT_RESERVED, RENT_RESERVED_3Y, RENT_SPOT, N_RENT_KINDS };
enum link_kind { LINK_NVLINK, LINK_PCIE, LINK_XGMI, LINK_ICI, LINK_NONE, N_LINK_KINDS };
enum caching { CACHING_NONE, CACHING_UNKNOWN, N_CACHINGS };
enum batch_cached { BATCH_DISCOUNTED, BATCH_FULL_PRICE, N_BATCH_CACHED };

/* ---- the store: entries in groups ---- */
struct group { /* one section as it stands: [build], [class easy] */
    enum section section;
    char name[XO_COST_NAME_SIZE]; /* "" for [build] */
    const char *label;            /* "build", "class easy"; in the store's pool */
    int line;                     /* of its header; 0: not in the file */
    bool given;
    bool complete;            /* a GPU, model or API whose missing keys came from the catalog */
    int at[MAX_SECTION_KEYS]; /* index into entries of each key of the section; -1: not there */
};
struct chunk; /* of text; never moves */
struct xo_store {
    struct chunk *pool;
    struct xo_entry *entries;
    size_t n_entries, entries_room;
    struct group *groups; /* the first S_N_SINGLE are the sections without a name */
    size_t n_groups, groups_room;
    size_t n_read; /* entries whose values have been read */
    double hours_per_month;

    /* what resolving found out and money needs again */
    double tokens_per_request;
    int option_list[XO_MAX_OPTIONS * 4];  /* position of the option's GPU in build.gpu */
    int option_group[XO_MAX_OPTIONS * 4]; /* its [gpu] */
};
XO_MUST_USE bool store_init(struct xo_store *store);
void store_fini(struct xo_store *store);
/* Text that lives as long as the store: `size` bytes to write to, or a copy; NULL: out of memory.
 */
char *store_room(struct xo_store *store, size_t size);
const char *store_keep(struct xo_store *store, const char *text);
int store_group(const struct xo_store *store, enum section section, const char *name); /* -1 */
int store_add_group(struct xo_store *store, enum section section, const char *name, int line);
/* The new entry, zeroed but for its key and section; NULL when out of memory. */
struct xo_entry *store_add(struct xo_store *store, int group, int key);
/* Entry of `key` in `group`; NULL when it is not there. */
const struct xo_entry *store_get(const struct xo_store *store, int group, int key);
/* Its text; NULL when it is not there, or empty because it was reported. */
const char *store_text(const struct xo_store *store, int group, int key);
/* As store_get, but only what somebody wrote: not derived. */
const struct xo_entry *store_given(const struct xo_store *store, int group, int key);
/* Its number; NAN when it is not there or could not be read. */
double store_number(const struct xo_store *store, int group, int key);
/* The same, or what the table has for a key that is not there; 0: it has nothing. */
double store_value(const struct xo_store *store, int group, int key);
int store_integer(const struct xo_store *store, int group, int key); /* a choice: of its enum */
/* The same, but for an entry that is not there something that depends on other keys. */
double store_number_or(const struct xo_store *store, int group, int key, double otherwise);
XO_MUST_USE bool store_copy(struct xo_store *to, const struct xo_store *from);
bool is_uncertain(const struct xo_entry *e); /* a line of [uncertain] */
/* Take out the entries of which `drop` is true: those that resolving derived, for one. */
typedef bool drop_fn(const struct xo_store *store, const struct xo_entry *e);
void store_drop(struct xo_store *store, drop_fn *drop);
bool is_derived(const struct xo_store *store, const struct xo_entry *e);
/* Put the entries into the order in which they are written (write.c), so that a scenario and its
 * resolved text list them alike; false when out of memory. */
XO_MUST_USE bool store_sort(struct xo_store *store);

/* ---- problems ---- */
enum { MAX_PROBLEMS_SHOWN = 20 };
struct problem {
    int line, order;
    bool warning;
    char *text; /* owned */
};
struct reader {
    struct xo_scenario *s; /* NULL for a catalog */
    struct xo_store *store;
    const char *file;     /* as shown in messages */
    const char *place;    /* while --set is read: what stands before a message; else NULL */
    const char *typed_as; /* likewise: the option that stands for it; NULL: --set itself */
    struct problem *problems;
    size_t n_problems, problems_room;
    int n_errors;
    bool out_of_memory;
    bool lost; /* a line or a section could not be read: what is missing may have stood there */
    const struct xo_scenario *donor; /* vary: the scenario before, whose trace need not be read */
};
/* A copy in the store's pool; "" when out of memory, which r then remembers. */
const char *keep_text(struct reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "file:line: text"; line 0: "file: text". */
void problem_at(struct reader *r, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static const char set_option[] = "--set"; /* where an entry is from */
/* At the place of an entry: "file:line: build.rent ..." or "--set build.rent ...". */
void problem_entry(struct reader *r, const struct xo_entry *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void warning_at(struct reader *r, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void warning_entry(struct reader *r, const struct xo_entry *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Did memory run out? Remembered by r, whose other problems no longer count. */
bool memory_ran_out(struct reader *r, const struct xo_error *err);
/* Take over what another reader of this scenario found; it shows below our own lines. */
void problems_adopt(struct reader *r, struct reader *from);
/* Sort, cap and hand over; frees the reader's own list. */
void problems_finish(struct reader *r, struct xo_problems *out);
/* "; did you mean \"x\"?" into out, or "" when nothing is near. */
const char *did_you_mean(char *out, size_t size, const char *nearest);
/* The same of the keys nearest to `name`, as section.key: those that are meant; NULL: all. */
const char *near_dotted_key(char *hint, size_t size, const char *name, bool (*is_meant)(int key));

/* ---- text to entries ---- */
enum {
    LONGEST_LINE = 198, /* bytes; inih holds 200 with the line's end and the final 0 */
    LONGEST_NAME = 49,
};
void read_lines(struct reader *r, const char *text, size_t size);
/* Plain UTF-8, and no control characters that a terminal, a CSV or a script would take as orders;
 * a problem at the line when not. */
bool bytes_are_text(struct reader *r, int at, const char *text, size_t length);
/* The group of section kind (kind_length bytes of `whole`) named `own`, made where there is none;
 * -1 with a problem when there can be none. */
int find_group(struct reader *r, int line, const char *whole, size_t kind_length, const char *own);
/* A pair of the group, from a line of the file or (line 0) from --set, which replaces. */
void enter_pair(struct reader *r, int group, const char *name, const char *value, int line);
/* A line that was reported still says which key it meant: nobody shall call that one missing. */
void note_key(struct reader *r, int group, const char *name);
void read_sets(struct reader *r, const struct xo_scenario_options *options);
/* The constants in the file that build.include names, where the scenario does not give them. */
void read_include(struct reader *r);
void add_defaults(struct reader *r);
/* The defaults of one group, for keys that nobody gave. */
void add_group_defaults(struct reader *r, int group);
/* Say which keys the group must have and lacks. */
void require_keys(struct reader *r, int group);

/* ---- values ---- */
/* A quantity of kind `unit`; false: *why says what it takes ("has no unit; it takes ..."). */
XO_MUST_USE bool quantity_read(const char *unit, const char *text, double hours_per_month,
                               double *value, struct xo_error *why);
/* hours_per_month of a quantity that is the same in every month, as a count is. */
#define NO_MONTHS ((double)NAN)
/* The price of a whole server by the hour, "$16/node/hour"; false: it is no such price. */
bool server_hour_read(const char *text, double hours_per_month, double *usd);
/* One price of a list, of `key`: a quantity of its kind, or the price of a server with
 * build.server_gpus in it by the GPU. */
XO_MUST_USE bool price_read(const struct xo_store *store, int key, const char *text, double *value,
                            struct xo_error *why);
/* A rate of requests or tokens into "a month". */
XO_MUST_USE bool volume_read(const char *text, double hours_per_month, double *per_month,
                             bool *is_tokens, struct xo_error *why);
/* `value` as one would type it, short (for messages) or exact (for a file). */
const char *quantity_show(char *out, size_t size, const char *unit, double value);
const char *quantity_exact(char *out, size_t size, const char *unit, double value);

/* Read every entry by its key's type; problems go to r. */
void read_values(struct reader *r);
void read_value(struct reader *r, struct xo_entry *e);
/* Do two spellings name one GPU, or one model, where neither is the other's exactly (names.c)? */
bool names_agree(enum section section, const char *a, const char *b);

/* What a text says of how weights are stored (precision.c). */
struct precision {
    int type;           /* enum xo_dtype; -1: not settled, and `why` says what would do */
    size_t base_length; /* bytes of a checkpoint's name before the words for its type */
    char word[24], why[120];
};
/* Of the words at the end of a checkpoint's name; false: it ends in none. */
bool precision_of_name(const char *name, struct precision *p);
/* The same of a name of the catalog that is spelled another way ("Qwen3-8Bfp8"). */
bool precision_of_model(const char *name, struct precision *p);
/* Of a value; false: it is no such word. */
bool precision_read(const char *text, struct precision *p);
/* The word of the enum that `text` is among the choices of `key`, case, '-' and '_' alike, where a
 * storage type may be spelled as in precision_read; -1. */
int choice_of(int key, const char *text);

/* Split at commas (and blanks too for blank_separated) into at most MAX_LIST trimmed items, kept in
 * copy[XO_VALUE_SIZE]; -1: too many or an empty one. */
int list_split(const char *text, bool blanks_too, char copy[XO_VALUE_SIZE],
               const char *items[MAX_LIST]);
int prices_split(const char *text, char copy[XO_VALUE_SIZE], const char *items[MAX_LIST]);
bool is_price_list(const char *text); /* of more than one; NULL is none */
XO_MUST_USE bool staff_read(const char *text, struct xo_staff *staff, struct xo_error *why);
XO_MUST_USE bool tiers_read(const char *text, struct xo_tariff *tariff, struct xo_error *why);
XO_MUST_USE bool arrivals_read(const char *text, struct xo_arrivals *arrivals,
                               struct xo_error *why);
XO_MUST_USE bool weektime_read(const char *text, double hours_per_month, double *seconds,
                               struct xo_error *why);
/* "UTC", "UTC+2", "UTC-5:30": minutes ahead of UTC. */
XO_MUST_USE bool timezone_read(const char *text, int *minutes, struct xo_error *why);
/* "Mon-Fri 01:00-04:00, Sat 22:00-02:00" into windows in order, apart; how many, or -1. */
int week_hours_read(const char *text, struct xo_week_minutes out[XO_MAX_PEAKS],
                    struct xo_error *why);
XO_MUST_USE bool date_read(const char *text, bool month_only, struct xo_error *why);
long date_days(const char *date); /* since 1970-01-01; of a date that date_read took */
/* The distribution grammar: every quantity in `unit`, times scale; file names start at `folder`;
 * "shared_prefix + ..." adds shared_prefix, which no scale changes (NAN: there is none). */
struct dist_context {
    const char *unit, *folder;
    double hours_per_month, scale, shared_prefix;
};
XO_MUST_USE bool dist_read(const char *text, const struct dist_context *in, struct xo_dist *dist,
                           struct xo_error *why);
/* The folder of the scenario, "" for the current one. */
void folder_of(const char *path, char folder[XO_PATH_SIZE]);
/* `name` beside the scenario, unless it is absolute. */
void path_beside(char *out, size_t size, const char *folder, const char *name);

/* ---- catalogs ---- */
extern const unsigned char xo_text_gpus[], xo_text_models[], xo_text_apis[], xo_text_template[];
/* Read one catalog's text into a store; used for the built-in ones. */
void catalog_read(struct reader *r, const char *text);
/* Make the section of `name` (a GPU, model or API, said by entry e) complete in r's store, from its
 * own keys, the catalog, or the entry it is like; the group's index, or -1 with a problem at e. */
int inline_entry(struct reader *r, const struct xo_entry *e, enum section section,
                 const char *name);

/* ---- known names (known.c, api_names.c) ---- */
struct alias { /* a name or alias of the built-in catalogs, and whose it is */
    enum section section;
    char name[XO_COST_NAME_SIZE];
    int group, index; /* index into the array of its kind */
};
const struct alias *
catalog_aliases(size_t *n); /* those of one entry stand together, its name first */
/* As it is written, else spelled another way; a model without the words for its type. NULL. */
const struct alias *find_alias(enum section section, const char *name);
/* Is `name` a number of GPUs, "8x H100" or "h100-sxm x 8"? And of which. */
bool counted_gpu(const char *name, char alone[XO_VALUE_SIZE]);
/* The model behind a checkpoint's name, which ends in words for its type; false: it does not. */
bool model_base_name(enum section section, const char *name, char base[XO_VALUE_SIZE]);
/* What a dated snapshot or a cloud's id of an API's model ("openai/gpt-4o-2024-08-06",
 * "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0") is priced as: 0, 1, or 2 where the month of
 * its date has an entry of its own beside the plain one, which stands first. */
int find_snapshot(const char *name, const struct alias *priced[2]);
/* "its price at azure is not in the catalog: ..." into out; false: nobody else sells this model. */
bool sold_elsewhere(const char *name, char *out, size_t size);
/* The nearest of the catalog's names, aliases and the store's own sections of this kind; of the
 * same family, where there is one. NULL. */
const char *nearest_name(const struct xo_store *store, enum section section, const char *name);
/* "; did you mean ..." or "; these begin so: ..." into out, or "". */
const char *suggest(char *out, size_t size, const struct xo_store *store, enum section section,
                    const char *name);
/* An API's name in one spelling: "google/gemini 2 5 flash"; how much of its end and of a cloud's
 * prefixes is cut off. */
enum api_cut { API_WHOLE, API_UNDATED, API_UNTUNED, API_N_CUTS };
enum { API_NAME_SIZE = 256 };
void api_spell(const char *name, enum api_cut cut, char out[API_NAME_SIZE]);
/* The month of the snapshot, "2024 08"; false: it has no date. */
bool api_month(const char *name, char month[8]);

void gpu_fill(const struct xo_store *store, int group, struct xo_gpu_entry *gpu);
void model_fill(const struct xo_store *store, int group, struct xo_model_entry *model);
void api_fill(const struct xo_store *store, int group, struct xo_api *api);

/* ---- structs ---- */
/* All of the scenario from its store; problems go to r. */
void resolve(struct reader *r);
/* Its parts: who asks for what; which APIs; which build options. */
void resolve_workload(struct reader *r);
void resolve_slo(struct reader *r);
void resolve_apis(struct reader *r);
/* Three tokens of input to one of output, in USD a token. */
double blended_usd(const struct xo_tariff *tariff);
void resolve_build(struct reader *r);
void resolve_uncertain(struct reader *r);
/* A key that --set gives is fixed: what [uncertain] says of it goes, so that the text that is
 * written says what is studied. Before values are read. */
void leave_out_fixed(struct reader *r);
/* Without [uncertain]: entries of it, of the value "catalog", for the prices that are guesses. */
void resolve_implied(struct reader *r);
/* Is a value of [uncertain] the word for the catalog's own spread? And that spread, of this key. */
bool is_spread(const char *value);
XO_MUST_USE bool spread_read(const struct reader *r, int key, struct xo_dist *dist,
                             struct xo_error *why);
/* Only dollars: volume, terms, tariffs, staff. Cheap, and repeatable after a key has changed. */
void resolve_money(struct reader *r);
/* The key of [gpu] that build.rent = catalog takes: by build.rent_kind; and what the GPU's entry
 * has of that kind. */
int rent_key(const struct reader *r);
struct xo_quotes rent_quotes(const struct reader *r, const struct xo_gpu_entry *gpu);
/* Do the parts go together? Problems and warnings. */
void check(struct reader *r);
/* Weights of the hours and days of a profile that has a name: any but PROFILE_CUSTOM. */
void profile_preset(enum profile profile, double hours[24], double days[7]);
/* The trace that the scenario names, if any; its unit as found; its own rate where there is no
 * volume (trace.c). */
void resolve_trace(struct reader *r);
void volume_of_trace(struct reader *r);
/* What there is to say of a trace that was read. */
void check_trace(struct reader *r);
bool trace_copy(const struct xo_trace *from, struct xo_trace *to);
/* The kind of quantity that a key holds as one number; NULL: it holds something else. */
const char *number_unit(const struct xo_key *k);
/* An entry that says what was worked out. */
void derive(struct reader *r, int group, int key, const char *value, const char *where);

#endif
