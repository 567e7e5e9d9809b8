/* keys.c - the table of keys, the words they take, the sections they stand in, and the reference
 * page made from them.
 *
 * Rows of keys.def become arrays here; each choice has one array of names, whose size the compiler
 * holds to its enum. Tried before: words in a text of the row, of which 27 keys were cast to enums
 * by place; and the first and last key of each section kept by hand. Begin with the tables and
 * key_default.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "values.h"
#include "xo/table.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- the words of choices, each array in the order of its enum ---- */

const char *const xo_parity_names[] = { "assumed", "measured", "unequal", NULL };
XO_NAMES_OF(xo_parity_names, XO_N_PARITIES);
const char *const xo_cache_choice_names[] = { "cheapest", "short", "extended", "none", NULL };
XO_NAMES_OF(xo_cache_choice_names, XO_N_CACHE_CHOICES);
static const char *const growth_names[] = { "more_users", "busier", NULL };
XO_NAMES_OF(growth_names, XO_N_GROWTHS);
static const char *const profile_names[] = { "steady", "diurnal", "office-hours",
                                             "spiky",  "custom",  NULL };
XO_NAMES_OF(profile_names, N_PROFILES);
static const char *const trace_unit_names[] = { "auto", "s", "ms", "us", "ns", NULL };
XO_TABLE_OF(trace_unit_names, XO_N_TRACE_UNITS); /* dates, the last of them, are found: no word */
static const char *const trace_gaps_names[] = { "cut", "keep", NULL };
XO_NAMES_OF(trace_gaps_names, N_TRACE_GAPS);
static const char *const slo_window_names[] = { "busiest-hour", "month", NULL };
XO_NAMES_OF(slo_window_names, XO_N_SLO_WINDOWS);
static const char *const router_names[] = { "random",       "round_robin",  "least_outstanding",
                                            "power_of_two", "shared_queue", NULL };
XO_NAMES_OF(router_names, XO_N_ROUTERS);
static const char *const kv_admission_names[] = { "prompt", "chunk", "reserve", NULL };
XO_NAMES_OF(kv_admission_names, XO_N_KV_ADMISSIONS);
static const char *const yes_no_names[] = { "no", "yes", NULL };
XO_NAMES_OF(yes_no_names, N_YES_NO);
static const char *const state_bits_names[] = { "16", "32", NULL };
XO_NAMES_OF(state_bits_names, N_STATE_BITS);
static const char *const tenure_names[] = { "rent", "own", "owned", NULL };
XO_NAMES_OF(tenure_names, XO_N_TENURES);
static const char *const rent_kind_names[] = { "on_demand", "reserved", "reserved_3y", "spot",
                                               NULL };
XO_NAMES_OF(rent_kind_names, N_RENT_KINDS);
static const char *const sampling_names[] = { "random", "latin", "sobol", NULL };
XO_NAMES_OF(sampling_names, XO_N_SAMPLINGS);
static const char *const indices_names[] = { "auto", "pick-freeze", "given-data", NULL };
XO_NAMES_OF(indices_names, XO_N_INDICES);
static const char *const map_scale_names[] = { "auto", "log", "linear", NULL };
XO_NAMES_OF(map_scale_names, XO_N_MAP_SCALES);
static const char *const basis_names[] = { "cash", "economic", NULL };
XO_NAMES_OF(basis_names, XO_N_BASES);
static const char *const link_kind_names[] = { "nvlink", "pcie", "xgmi", "ici", "none", NULL };
XO_NAMES_OF(link_kind_names, N_LINK_KINDS);
static const char *const caching_names[] = { "none", "unknown", NULL };
XO_NAMES_OF(caching_names, N_CACHINGS);
static const char *const batch_cached_names[] = { "discounted", "full-price", NULL };
XO_NAMES_OF(batch_cached_names, N_BATCH_CACHED);
static const char *const buy_tier_names[] = { "standard", "flex", "priority", "fast", NULL };
XO_NAMES_OF(buy_tier_names, N_BUY_TIERS);
static const char *const provisioned_names[] = { "none", "searched", NULL };
XO_NAMES_OF(provisioned_names, N_PROVISIONED);
static const char *const commit_period_names[] = { "month", "term", NULL };
XO_NAMES_OF(commit_period_names, N_COMMIT_PERIODS);
static const char *const long_pricing_names[] = { "whole", "marginal", NULL };
XO_NAMES_OF(long_pricing_names, N_LONG_PRICINGS);

/* ---- the tables ---- */

const struct xo_key xo_keys[] = {
#define KEY(id, section, name, type, unit, defaults, min, max, choices, effect, help)              \
    [K_##id] = { section, name,    XO_KEY_##type,   unit, defaults, min,                           \
                 max,     choices, XO_KEY_##effect, help },
#include "keys.def"
};
const int xo_n_keys = N_KEYS;

const struct section_info sections[] = {
#define BEGIN(id, name, named, plain, help)                                                        \
    [S_##id] = { name, named, plain, FIRST_##id, AFTER_##id - FIRST_##id, help },
#include "keys.def"
};

/* One section of keys.def for each word of the enum, and room for its keys. */
enum {
    N_SECTIONS = 0
#define BEGIN(id, name, named, plain, help) +1
#include "keys.def"
};
_Static_assert((int)N_SECTIONS == (int)S_N, "keys.def has the sections of keys.h");
#define END(id) _Static_assert(AFTER_##id - FIRST_##id <= MAX_SECTION_KEYS, "raise it");
#include "keys.def"

/* The defaults of keys that do not show them. */
static const char *const left_out[N_KEYS] = {
#define LEFT_OUT(id, value) [K_##id] = value,
#include "keys.def"
};

/* The keys that came after draws had got their addresses, in the order in which they came. */
static const int added[] = {
#define ADDED(id) K_##id,
#include "keys.def"
};

int xo_key_slot(int key)
{
    enum { FIRST_ADDED = 1 << 12 };
    int before = 0;
    for (int i = 0; i < (int)XO_ROWS(added); i++) {
        if (added[i] == key)
            return FIRST_ADDED + i;
        before += added[i] < key;
    }
    return key - before;
}

const char *key_default(int key)
{
    const char *shown = xo_keys[key].defaults;
    return shown != NULL && shown[0] != '\0' ? shown : left_out[key];
}

double xo_key_default(int key)
{
    const char *text = key_default(key), *unit = number_unit(&xo_keys[key]);
    double x;
    if (text == NULL)
        return 0;
    if (xo_keys[key].choices != NULL)
        return choice_of(key, text);
    return unit != NULL && quantity_read(unit, text, NO_MONTHS, &x, NULL) ? x : 0;
}

const char *xo_key_choices(const struct xo_key *key, char out[XO_CHOICES_SIZE])
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; key->choices != NULL && key->choices[i] != NULL && used < XO_CHOICES_SIZE; i++)
        used += (size_t)snprintf(out + used, XO_CHOICES_SIZE - used, "%s%s", i == 0 ? "" : " | ",
                                 key->choices[i]);
    return out;
}

int section_of(int key)
{
    int i = 0;
    while (key < sections[i].first_key || key >= sections[i].first_key + sections[i].n_keys)
        i++;
    return i;
}

bool is_catalogued(enum section section)
{
    return section == S_GPU || section == S_MODEL || section == S_API;
}

int section_find(const char *name, size_t length)
{
    for (int i = 0; i < S_N; i++)
        if (strlen(sections[i].name) == length && strncmp(sections[i].name, name, length) == 0)
            return i;
    return -1;
}

int key_in_section(enum section section, const char *name)
{
    const struct section_info *info = &sections[section];
    for (int k = info->first_key; k < info->first_key + info->n_keys; k++)
        if (xo_keys[k].name[0] == name[0] && strcmp(xo_keys[k].name, name) == 0)
            return k;
    return -1;
}

bool xo_section_is_named(const char *section)
{
    const int i = section_find(section, strlen(section));
    return i >= 0 && !sections[i].plain;
}

int xo_key_find(const char *dotted)
{
    const char *dot = strchr(dotted, '.');
    if (dot == NULL)
        return -1;
    const int section = section_find(dotted, (size_t)(dot - dotted));
    return section < 0 ? -1 : key_in_section((enum section)section, dot + 1);
}

static const char *const type_words[] = {
    "", /* number: the unit says it */
    "whole number",
    "", /* choice: the words stand there */
    "text",
    "name",
    "file",
    "date",
    "month",
    "rate of requests or tokens",
    "time of the week",
    "arrival process",
    "or a distribution",
    "in steps",
    "discount steps",
    "dated changes",
    "time zone",
    "hours of the week",
    "hours of the week at a factor",
    "prices by length",
    "a factor or prices",
    "prices from a date on",
    "names, a list",
    "a list",
    "whole numbers, a list",
    "numbers, a list",
    "a list",
};
XO_TABLE_OF(type_words, XO_N_KEY_TYPES);

static void write_escaped(FILE *out, const char *text) /* for a cell of a Markdown table */
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void write_takes(FILE *out, const struct xo_key *k)
{
    const char *word = type_words[k->type];
    char choices[XO_CHOICES_SIZE];
    write_escaped(out, k->choices != NULL ? xo_key_choices(k, choices) : k->unit);
    if (word[0] != '\0')
        fprintf(out, "%s%s", k->choices != NULL || k->unit[0] != '\0' ? ", " : "", word);
}

static void write_range(FILE *out, const struct xo_key *k)
{
    char lo[64], hi[64];
    const bool counts = k->type == XO_KEY_INTEGER || k->type == XO_KEY_INTEGERS;
    const char *unit = k->type == XO_KEY_VOLUME ? "requests/month" : counts ? "count" : k->unit;
    if (k->max > 0)
        fprintf(out, "%s to %s", quantity_show(lo, sizeof lo, unit, k->min),
                quantity_show(hi, sizeof hi, unit, k->max));
}

static void write_row(FILE *out, const struct xo_key *k)
{
    static const char *const effects[] = {
        "simulation",
        "money",
        "study",
        "label",
    };
    XO_TABLE_OF(effects, XO_N_KEY_EFFECTS);
    fprintf(out, "| `%s` | ", k->name);
    write_takes(out, k);
    fputs(" | ", out);
    if (k->defaults == NULL)
        fputs("**required**", out);
    else if (k->defaults[0] != '\0')
        fprintf(out, "`%s`", k->defaults);
    fputs(" | ", out);
    write_range(out, k);
    fprintf(out, " | %s | ", effects[k->effect]);
    write_escaped(out, k->help);
    fputs(" |\n", out);
}

static const char introduction[] =
    "# The scenario file\n\n"
    "Generated from the table of keys in `src/scenario/keys.def`; a test keeps the two alike.\n\n"
    "A scenario is an INI file: `[section]` lines, `key = value` lines, and comments, which start "
    "with `;` (after a value: with a blank and `;`). Keys and sections start in column 1; a line "
    "has at most 198 bytes before its comment; a section or a key stands once. Keys carry no "
    "units, values do. A value that starts with `?` is a guess: it is used, counted, and listed "
    "with every verdict. `--set section.key=value` replaces a value, and does not count as a "
    "guess; for a section with a name, `--set class.easy.weight=2`. All problems of a file are "
    "reported in one go.\n\n"
    "## Quantities\n\n"
    "| kind | examples |\n"
    "|---|---|\n"
    "| counts | `950`, `50,000`, `2.5k`, `1M`, `3B` |\n"
    "| tokens | `2000 tokens`, `1.5k`; the bare number is tokens |\n"
    "| share | `70%` or `0.7`; a bare 1 or more is refused, because 1 may mean 1 % |\n"
    "| time | `250 us`, `45 ms`, `2 s`, `10 min`, `3 h`, `2 days`, `1 week`, `6 months`, `1 year` "
    "|\n"
    "| money | `$60k`, `60000 USD`, `$1.2M`; `EUR 60k` where a section `[currency EUR]` has the rate and its day |\n"
    "| prices | `$2.50/Mtok`, `$10/1M`, `$2.5e-6/token`, `$0.0025/1k tokens`; `$3.99/hour`, `$2,900/month`, "
    "`$2 per GPU hour`, `$16/node/hour` with `server_gpus`; "
    "`$0.09/kWh`; `$195/kW/month` |\n"
    "| bytes | `80 GB` (10^9), `80 GiB` (2^30); `3.35 TB/s` |\n"
    "| speed and power | `989 TFLOPS`, `2.5 PFLOPS`; `700 W`, `10.2 kW` |\n"
    "| dated changes | `2027-06-01 -20%, 2028-01-01 +5%`; growth: `3%/month`, `40%/year` |\n"
    "| volume | `50k requests/day`, `1M calls per month`, `20 requests/s`, `12 rps`, "
    "`3B tokens/month` |\n\n"
    "A month is `hours_per_month` long wherever one is turned into days or hours.\n\n"
    "## Names\n\n"
    "GPUs, models and APIs go by the names of the catalogs (`crossover data`), their aliases, or "
    "those spelled another way. A checkpoint's name may end in the type of its weights "
    "(`...-FP8`, `...-NVFP4`, `...-AWQ`, `...-GPTQ-Int4`, `...-quantized.w8a8`): it is its model, "
    "in that type where `weights` is left out; a name that leaves the type open (`...-GPTQ`) asks "
    "for `weights`. A dated snapshot of an API's model, or a cloud's id of it, is priced as the "
    "entry of that provider, with a warning; where the month of its date has an entry too, one of "
    "the two has to be written. A model resold by a provider that the catalog has no price of is "
    "refused: `[api azure/gpt-4o]` with `like = openai/gpt-4o` says that the price is the same.\n\n"
    "## Distributions\n\n"
    "`lognormal(mean=2000, cv=0.6) tokens` or `lognormal(p50=1020, p95=4083) tokens`; so too "
    "`gamma`, `weibull` and `normal` (which also takes `mean, sd`); `exponential(mean=...)`; "
    "`uniform(lo, hi)`; `triangular(lo, mode, hi)`; `pert(lo, mode, hi)`; "
    "`pareto(min=100, alpha=1.5, max=32000)`; `constant(x)` or just a quantity; "
    "`discrete(100:3, 2000:1)`, each value with a weight; `empirical(file.csv:Column)`, the "
    "numbers of a column, the path relative to the scenario. `min=` and `max=` cut any of those "
    "with named parameters: a value beyond becomes the bound itself, so that the mean moves away "
    "from `mean=`; run and curve print the mean that is billed. `1200 + lognormal(...)` adds a "
    "fixed part, and of a prompt "
    "`shared_prefix + lognormal(...)` the shared prefix, which `prompt_scale` does not change. "
    "Inside the parentheses a comma parts values, so `2,000` is written "
    "`2000` or `2k`. A unit after the closing parenthesis holds for all of them.\n\n"
    "An effect of *simulation* means that the key changes what is simulated; *money*, only the "
    "bills; both may stand in `[uncertain]`. *study* and *label* change neither side.\n";

static const char traces[] =
    "\nA `trace` is CSV with commas or JSON lines, one request a line; rows may stand in any "
    "order. "
    "One column each gives the time, the prompt tokens (all input, cached part included) and the "
    "output tokens; others are ignored. Case, blanks and underscores in names do not count.\n\n"
    "| column | names |\n|---|---|\n"
    "| time | `arrival`, `arrival_time`, `arrived_at`, `timestamp`, `time`, `ts`, `datetime`, "
    "`request_time`, `start_time`, `created`, `created_at`, `unix_time`, `epoch`; with a unit "
    "behind "
    "it: `arrival_s`, `timestamp_ms`, `time_us`, `Timestamp (ns)` |\n"
    "| prompt | `prompt_tokens`, `input_tokens`, `context_tokens`, `request_tokens`, "
    "`prompt_length`, `input_length`, `prompt_len`, `input_len`, `num_prompt_tokens`, "
    "`num_input_tokens`, `num_prefill_tokens`, `prompt_token_count`, `input_token_count`, `isl` |\n"
    "| output | `output_tokens`, `generated_tokens`, `response_tokens`, `completion_tokens`, "
    "`output_length`, `generated_length`, `response_length`, `output_len`, `response_len`, "
    "`num_output_tokens`, `num_decode_tokens`, `num_completion_tokens`, `output_token_count`, "
    "`completion_token_count`, `osl` |\n\n"
    "This holds for all files of columns, for `empirical(file.csv:Column)`, measurements and "
    "request logs as well: the first line names the columns, which commas part, and numbers have "
    "decimal points. Semicolons, tabs and bars are refused by name, since numbers beside them may "
    "have decimal commas. A field may stand in double quotes and then hold commas, line breaks and "
    "quotes written twice (RFC 4180); one that does not end costs its line. A file may be packed "
    "by gzip or zstd, whatever its name, where crossover was built with zlib and libzstd "
    "(`crossover --version`); one that is cut short or damaged is refused as a whole. The hash of "
    "a scenario takes in the rows that were read and the name of the file, so that packing "
    "a file without renaming it changes nothing.\n\n"
    "The traces of Azure, BurstGPT, Mooncake and Qwen's Bailian are read as published. Times are "
    "dates (`2023-11-16 18:17:03.98`, `T` for the blank, `Z` or `+01:00` behind it; without a "
    "zone: "
    "universal time) or numbers from any origin. The unit of numbers is `trace_unit`, else what "
    "the "
    "column's name says (BurstGPT: seconds), else inferred: from dates since 1970, fractions, the "
    "output tokens a second, the length of the recording, chat turns (`parent_chat_id`) that would "
    "come before the answer, the rhythm of days. `check` tells the evidence; where it is not "
    "clear, "
    "you are asked. Rows without prompt or output tokens are left out and counted.\n\n"
    "A few rows far from all others (a stamp of another year) and holes between recordings in one "
    "file stretch the period, and the volume shrinks; `trace_gaps = cut` leaves them out and names "
    "them, with the volume without and with them. A gap counts when it is over 20 usual gaps (the "
    "mean of the smaller nine tenths), over a tenth of the rest, and over 5 days; over 16 hours if "
    "nothing in the recording goes on for 2 hours; for at most 10 rows, and 5 % of them, at either "
    "end also if it is over twice what lies between, of a recording that is short or goes round "
    "the clock. "
    "Nights, weekends, long weekends and pauses that come back (three or more of about one length) "
    "stay. Later rows move up by whole days where the rest lasts a day or more; else the hole "
    "shrinks to the mean gap.\n\n"
    "`hash_ids` are not used: what requests share beyond `shared_prefix` is not in the model.\n";

void xo_keys_write_reference(FILE *out)
{
    fputs(introduction, out);
    for (int i = 0; i < S_N; i++) {
        const struct section_info *info = &sections[i];
        fprintf(out, "\n## [%s%s]\n\n%c%s.\n", info->name,
                !info->named  ? ""
                : info->plain ? "] and [slo NAME"
                              : " NAME",
                info->help[0] - 'a' + 'A', info->help + 1);
        if (i == S_UNCERTAIN)
            fputs(
                "\n```ini\n[uncertain]\nbuild.rent = triangular($2.20/hour, $3.99/hour, "
                "$5.40/hour)\nbuild.step_scale = model-error\ncorrelation = build.rent ~ "
                "buy.price_scale 0.5\n```\n\nA distribution without bounds is truncated to the "
                "key's range, and where the scenario cannot be with what it gives. `check` tries "
                "both ends of each range (P0.1 and P99.9 of one without bounds), alone and two at "
                "a time. `model-error`, of `build.step_scale`, is the validated error of "
                "deployments like this one (docs/validation.md), around the step_scale of [build]; "
                "a build.step_scale here replaces the step-time error that every curve draws. Rank "
                "correlations (Spearman's) join the inputs by a Gaussian copula. `--set` of a key "
                "fixes it: what this section of the file says of it, its range and its "
                "correlations, is left out, in the resolved text as well.\n\n"
                "`catalog`, of `build.rent`, `build.rent_scale` (a list of rents), "
                "`build.server_price`, `build.power_price` and `buy.price_scale`, is the catalog's "
                "own spread: the lowest to the highest quote for the kind of contract, US prices "
                "of "
                "power, the prices of this API on record or, where it never changed, what the "
                "closed APIs of the catalog did. The base case is its median: of quotes half "
                "of the draws lie below it and half above, denser towards it; of an API's price "
                "each draw "
                "is one of the ratios on record, most often 1. Without [uncertain] every price "
                "that is a guess (`?`) varies so, on both sides; a value without `?` is firm; an "
                "[uncertain] without keys says that nothing varies. `crossover check` lists what "
                "varies.\n",
                out);
        if (info->n_keys > 0)
            fputs("\n| key | takes | default | range | effect | what it is |\n|---|---|---|---|---|"
                  "---|\n",
                  out);
        for (int k = info->first_key; k < info->first_key + info->n_keys; k++)
            write_row(out, &xo_keys[k]);
        if (i == S_WORKLOAD)
            fputs(traces, out);
    }
}
