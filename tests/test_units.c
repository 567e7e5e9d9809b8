/* test_units.c - every kind of quantity in every spelling, its bounds from both sides, and every
 * distribution by its parameters.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenario_kit.h"

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

/* ---- spellings ---- */

/* One value in all its spellings, parted by bars. A month has 720 hours: 30 days, 30/7 weeks. */
static const struct {
    const char *key, *spellings;
    double value; /* in the base of its kind */
} spelled[] = {
    { "actual.requests", "2.5B | 2.5 B | 2500M | 2,500,000k | 2500000K | 0.0025T | 2.5e9 | 2.5E+9",
      2.5e9 },
    { "build.max_batch", "1500 | 1.5k | 1,500 | +1500", 1500 },
    { "build.rent_scale", "1.5 | 1.5x | 1.5 X", 1.5 },
    { "class easy.weight", "0.7 | 70% | 70 %", 0.7 },
    { "workload.shared_prefix",
      "1200 | 1200 tokens | 1200 token | 1200 tok | 1.2k | 1.2K tokens | 1,200 tokens | 0.0012M",
      1200 },
    { "unit.calls", "3.2 | 3.2 requests | 3.2 request | 3.2 calls | 3.2 call | 0.0032k", 3.2 },
    { "buy.discount", "12.5% | 12.5 % | 12.5 percent | 0.125 | 0.125e0", 0.125 },
    { "build.maintenance", "4% | 4%/year | 4 percent | 0.04 | 4 % per year", 0.04 },

    { "slo.e2e_p99",
      "0.25 s | 250 ms | 250000 us | 250000 \xc2\xb5s | 250000 \xce\xbcs | 0.25 sec | "
      "0.25 second | 0.25 seconds",
      0.25 },
    { "slo.e2e_p99",
      "5400 s | 90 min | 90 minute | 90 minutes | 1.5 h | 1.5 hour | 1.5 hours | 1.5 Hours", 5400 },
    { "slo.e2e_p99", "84 h | 3.5 d | 3.5 day | 3.5 days | 0.5 week | 0.5 weeks", 84 * 3600.0 },
    { "api acme/chat.cache_ttl", "720 h | 30 days | 1 month | 1 months", 30 * 86400.0 },
    { "api acme/chat.cache_ttl", "0.5 year | 0.5 years | 6 months | 180 days", 180 * 86400.0 },
    { "scenario.commit", "18 months | 18 month | 1.5 years | 1.5 year | 540 days | 540 day", 18 },
    { "scenario.commit", "6 weeks | 6 week | 42 days", 42 / 30.0 },
    { "build.life", "2.5 years | 2.5 year | 30 months | 30 month", 2.5 },
    { "scenario.hours_per_month", "700 | 700 h | 700 hour | 700 hours", 700 },

    { "build.one_off",
      "$1.25M | $1,250,000 | $1250k | $ 1250K | $0.00125B | 1.25 M USD | 1250000 USD | 1.25e6 usd",
      1.25e6 },
    { "buy.fixed",
      "$1,440/month | $1.44k/mo | $17,280/year | $17,280/yr | $336/week | $48/day | $2/hour | $2/h "
      "| "
      "1440 USD/month | $1,440 a month | $2 per hour",
      1440 },
    { "build.salary",
      "$240k/year | $240k/yr | $240k/FTE/year | $240k/FTE-year | $20k/month | $240,000 per year",
      240e3 },
    { "build.rent",
      "$3/hour | $3/h | $3/hr | $3/GPU-hour | $3/GPU-h | $3/GPU-hr | $3/GPU/hour | $3/GPU/h | "
      "$3/GPU/hr | $3/GPU hour | $3/GPUh | $3/hour/GPU | $3/h/GPU | $3/hr/GPU | $3/gpu/HOUR | "
      "3 USD/GPU-hour",
      3 },
    { "build.rent",
      "$72/day | $72/GPU/day | $2,160/month | $2,160/GPU/month | $2.16k/GPU-month | $2,160/mo | "
      "$2160/month/GPU | $25,920/year | $25,920/yr | $25.92k/GPU/year",
      3 },
    { "gpu card.rent", "$3/hour | $2,160/month | $72/GPU/day | $25,920/GPU/year", 3 },
    { "api acme/chat.input",
      "$2.50/Mtok | $2.50/Mtokens | $2.50/M | $2.50/1M | $2.50/1Mtok | $2.50/1M tokens | "
      "$2.50/million | $2.50/million tokens | $2.50 per million tokens | $0.0025/ktok | $0.0025/1k "
      "| "
      "$0.0025/1k tokens | $2.5e-6/token | $2.5e-6/tok | 2.5 USD/Mtok",
      2.5e-6 },
    { "build.power_price", "$0.09/kWh | $90/MWh | $0.09 per kWh", 0.09 },
    { "build.colocation", "$195/kW/month | $195/kW-month | $2,340/kW/year", 195 },
    { "build.software",
      "$54/GPU/month | $54/GPU-month | $648/GPU/year | $0.075/GPU-hour | $0.075/GPU/hour | "
      "$0.075/GPU hour",
      54 },

    { "gpu card.memory", "64 GB | 64000 MB | 64e6 kB | 64e6 KB | 0.064 TB | 64e9 B", 64e9 },
    { "gpu card.memory", "64 GiB | 65536 MiB | 67108864 KiB | 0.0625 TiB",
      64 * 1024.0 * 1024 * 1024 },
    { "gpu card.bandwidth", "3.25 TB/s | 3250 GB/s | 3.25e6 MB/s | 0.00325 PB/s", 3.25e12 },
    { "gpu card.bandwidth", "2 TiB/s | 2048 GiB/s", 2048 * 1024.0 * 1024 * 1024 },
    { "gpu card.bf16",
      "989 TFLOPS | 989 TFLOP/s | 0.989 PFLOPS | 0.989 PFLOP/s | 989000 GFLOPS | 989000 GFLOP/s",
      989e12 },
    { "gpu card.power_busy", "700 W | 0.7 kW | 0.0007 MW", 700 },
    { "build.server_gpus", "8 | 8 GPUs | 8 GPU | 8 gpus", 8 },

    { "api acme/chat.requests_per_minute",
      "600 | 0.6k | 600 requests/min | 10 requests/s | 36k requests/hour | 864k requests/day | "
      "25.92M requests/month | 600 rpm | 10 rps",
      600 },
    { "api acme/chat.tokens_per_minute",
      "3M | 3M tokens/min | 50k tokens/s | 180M tokens/hour | 3M tpm | 4.32B tpd", 3e6 },
    { "workload.growth", "busier | Busier | BUSIER", XO_BUSIER },
    { "workload.profile", "office-hours | office_hours | Office-Hours", 2 },
    { "spike show.start", "Tue 09:05 | tue 9:05 | Tuesday 9:05 | 1985 min",
      86400 + 9 * 3600 + 300 },
    { "spike show.start", "Sun 23:59 | SUNDAY 23:59 | 10079 min", 7 * 86400 - 60 },
};

static const char sections[] = "[class easy]\nweight = 1\n[spike show]\nstart = Mon 00:00\n"
                               "length = 1 h\nfactor = 2\n"
                               "[actual]\nmonth = 2026-10\ninvoice = $100\n"
                               "[unit]\nname = ticket\ncalls = 1\n"
                               "[currency EUR]\nrate = $1.25\nas_of = 2026-11-20\n";

/* The spelling that begins at *next, trimmed, into out; false at the end. */
static bool next_spelling(const char **next, char out[64])
{
    *next += strspn(*next, " |");
    size_t n = strcspn(*next, "|");
    const char *from = *next;
    *next += n;
    while (n > 0 && from[n - 1] == ' ')
        n--;
    snprintf(out, 64, "%.*s", (int)n, from);
    return n > 0;
}

START_TEST(a_value_is_the_same_in_all_its_spellings)
{
    const char *next = spelled[_i].spellings;
    char text[64], set[200];
    for (int n = 0; next_spelling(&next, text); n++) {
        const char *sets[] = { set, NULL };
        snprintf(set, sizeof set, "%s=%s", spelled[_i].key, text);
        struct xo_scenario *s = kit_read(sections, sets);
        kit_ck_near(kit_number(s, spelled[_i].key), spelled[_i].value, set);
        xo_scenario_free(s);
    }
}
END_TEST

/* One request a second is 60 a minute, 3,600 an hour, 86,400 a day, 604,800 a week, 2,592,000 in a
 * month of 30 days, 31,104,000 in twelve of them; each takes 1,500 + 300 tokens. */
static const char one_a_second[] =
    "1 requests/s | 1 request/sec | 1 req/second | 60 reqs/min | 60 calls/minute | 3600 call/h | "
    "3.6k queries/hour | 86.4k query/d | 86,400 completions/day | 604.8k completion/week | "
    "2,592,000 prompts/month | 2.592M prompt/mo | 31.104M inferences/year | 1 generations/s | "
    "1 rps | 1 QPS | 60 rpm | 60 qpm | 3600 rph | 3600 qph | 86.4k rpd | 86.4k qpd | "
    "60 API calls/min | 60 LLM calls per minute | 3,600 model requests an hour | "
    "1800 tokens/s | 1800 token/s | 108k tok/min | 108k tpm | 155.52M tpd | "
    "4.6656B tokens/month | 55,987.2M tokens/year";

START_TEST(a_volume_is_the_same_in_all_its_spellings)
{
    const char *next = one_a_second;
    char text[64], set[200];
    while (next_spelling(&next, text)) {
        const char *sets[] = { set, NULL };
        snprintf(set, sizeof set, "workload.volume=%s", text);
        struct xo_scenario *s = kit_read("", sets);
        kit_ck_near(s->requests_per_month, 30 * 86400.0, set);
        xo_scenario_free(s);
    }
}
END_TEST

/* Two classes, three quarters and one quarter of the requests: 0.75 (1,500 + 300) + 0.25 (500 +
 * 300) = 1,550 tokens a request. */
START_TEST(a_volume_in_tokens_is_shared_by_the_mean_request_of_all_classes)
{
    const char *sets[] = { "workload.volume=15.5M tokens/month", NULL };
    struct xo_scenario *s = kit_read("[class long]\nweight = 3\n"
                                     "[class short]\nweight = 1\nprompt = 500 tokens\n",
                                     sets);
    kit_ck_near(s->requests_per_month, 1e4, "volume");
    xo_scenario_free(s);
}
END_TEST

/* A node of 8 at $24 an hour, 576 a day, 17,280 in a month of 720 hours and 207,360 a year is $3 a
 * GPU-hour. */
START_TEST(the_price_of_a_node_is_that_of_a_gpu_times_its_gpus)
{
    static const char nodes[] = "$24/node/hour | $24/server-hour | $24/hour/instance | $24/box/h | "
                                "$24/host-hour | $24 per machine per hour | $576/node/day | "
                                "$17,280/node/month | $207,360/node/year | 24 USD/node/hour";
    const char *next = nodes;
    char text[64], set[200];
    while (next_spelling(&next, text)) {
        const char *sets[] = { set, "build.server_gpus=8", NULL };
        snprintf(set, sizeof set, "build.rent=%s", text);
        struct xo_scenario *s = kit_read("", sets);
        kit_ck_near(s->options[0].terms.rent_usd_per_gpu_hour, 3, set);
        xo_scenario_free(s);
    }
}
END_TEST

START_TEST(people_are_counted_in_steps)
{
    const char *sets[] = { "build.staff=0.5 FTE, 1.25 FTEs above 8 GPUs, 3 FTE above 24 GPU",
                           "build.salary=$100k/year", NULL };
    struct xo_scenario *s = kit_read("", sets);
    const struct xo_staff *staff = &s->options[0].terms.staff;
    static const struct {
        int gpus;
        double fte;
    } at[] = { { 1, 0.5 }, { 8, 0.5 }, { 9, 1.25 }, { 24, 1.25 }, { 25, 3 } };
    ck_assert_int_eq(staff->n_steps, 3);
    for (int i = 0; i < ROWS(at); i++)
        ck_assert_double_eq(xo_staff_fte(staff, at[i].gpus), at[i].fte);
    xo_scenario_free(s);
}
END_TEST

/* ---- what is no quantity ---- */

static const struct {
    const char *set, *says; /* says "": it is taken */
} refused[] = {
    { "gpu card.memory=80 gb", "in the unknown unit \"gb\"" }, /* bits, or a slip: not guessed at */
    { "gpu card.memory=80 gib", "in the unknown unit \"gib\"" },
    { "gpu card.bandwidth=3 tb/s", "in the unknown unit \"tb/s\"" },
    { "gpu card.power_busy=7 mw", "in the unknown unit \"mw\"" }, /* milliwatts */
    { "gpu card.power_busy=700", "a number without a unit" },
    { "gpu card.power_busy=0", "out of range" }, /* zero needs no unit, and is no power here */
    { "buy.discount=1", "a bare number that may mean 1% or 100%" },
    { "buy.discount=0.999", "" },
    { "buy.discount=0", "" },
    { "buy.discount=-0.1", "a bare number that may mean -0.1% or -10%" },
    { "buy.discount=$0.1", ", which is money" },
    { "buy.discount=12%%", "in the unknown unit \"%%\"" },
    { "buy.fixed=0", "" },
    { "buy.fixed=5", "a number without a unit" },
    { "buy.fixed=5/month", "without a currency" },
    { "buy.fixed=$5", "without what it is per" },
    { "buy.fixed=$5/parsec", "in the unknown unit \"/parsec\"" },
    { "buy.fixed=$-5/month", "it takes money a month" },
    { "buy.fixed=-$5/month", "out of range" },
    { "buy.fixed=$5 per  month", "" },
    { "build.one_off=$12 pa", "in the unknown unit \"pa\"" },
    { "build.one_off=2 AUD", "not in US dollars" },
    { "build.one_off=\xc2\xa5"
      "5000",
      "not in US dollars" },
    { "build.one_off=5000 \xe2\x82\xb9", "not in US dollars" },
    { "build.rent_scale=1.5k", "in the unknown unit \"k\"" },
    { "slo.e2e_p99=0", "out of range" },
    { "slo.e2e_p99=5", "a number without a unit" },
    { "scenario.commit=0", "a number without a unit" },
    { "unit.calls=4 tickets", "it takes a count of requests such as 3.2 or 4 requests" },
    { "unit.calls=$4", ", which is money" },
    { "actual.requests=12 apples", "in the unknown unit \"apples\"" },
    { "actual.requests=1e308T", "it takes a count" },
    { "scenario.commit=1e308 years", ", too large" },
    { "workload.volume=1e305 requests/s", ", too large" },
    { "workload.volume=$5 requests/s", "it takes a rate" },
    { "workload.volume=5/s", ", of what?" },
    { "workload.volume=5 requests/moon", ", per an unknown period" },
    { "workload.volume=7 clients", "workload.clients = 7" },
    { "workload.volume=7 docs/moon", "write requests/day or tokens/day" },
    { "workload.volume=7 docs/week", "write requests/week or tokens/week" },
    { "api acme/chat.requests_per_minute=5 tokens/s", "it takes a rate" },
    { "api acme/chat.tokens_per_minute=5 requests/s", "it takes a rate" },
    { "api acme/chat.tokens_per_minute=$5", "it takes a rate" },
    { "workload.hours=1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 -1", ", out of range" },
    { "workload.days=1 1 1 1 1 2 many", "it takes weights" },
    { "build.max_batch=12.5", "it takes a whole number" },
    { "build.tensor_parallel=1.5", "it takes a whole number" },
    { "build.staff=1 FTE, 2 FTE above 1.5 GPUs", "it takes people in steps" },
    { "build.staff=1 FTE, 2 FTE above 16 GPUs, 3 FTE above 16 GPUs", "whose steps do not rise" },
    { "build.staff=1 FTE above 2 GPUs", "whose first step has a condition" },
    { "build.staff=0 FTE, 0 FTE above 1 GPU, 0 FTE above 2 GPU, 0 FTE above 3 GPU, "
      "0 FTE above 4 GPU, 0 FTE above 5 GPU, 0 FTE above 6 GPU, 0 FTE above 7 GPU",
      "" },
    { "build.staff=0 FTE, 0 FTE above 1 GPU, 0 FTE above 2 GPU, 0 FTE above 3 GPU, "
      "0 FTE above 4 GPU, 0 FTE above 5 GPU, 0 FTE above 6 GPU, 0 FTE above 7 GPU, 0 FTE above 8 "
      "GPU",
      "which has more than 8 steps" },
    { "build.staff=0 FTE, 0 FTE above 1000000 GPUs", "" },
    { "build.staff=0 FTE, 0 FTE above 1000001 GPUs", "it takes people in steps" },
    { "build.staff=-1 FTE", ", out of range" },
    { "build.staff=100001 FTE", ", out of range" },
    { "api acme/chat.tiers=5% above $10k, 10% above $10k", "it takes rising steps" },
    { "api acme/chat.tiers=5% above -$1", "it takes rising steps" },
    { "api acme/chat.tiers=101% above $1", "it takes rising steps" },
    { "api acme/chat.tiers=100% above $0", "" },
    { "api acme/chat.tiers=1% above $1, 2% above $2, 3% above $3, 4% above $4, 5% above $5, "
      "6% above $6, 7% above $7, 8% above $8",
      "" },
    { "api acme/chat.tiers=1% above $1, 2% above $2, 3% above $3, 4% above $4, 5% above $5, "
      "6% above $6, 7% above $7, 8% above $8, 9% above $9",
      "it takes rising steps" },
    { "api acme/chat.tiers=5% over $10k", "it takes rising steps" },
    { "workload.arrivals=gamma(cv=0.01)", "" },
    { "workload.arrivals=gamma(cv=0.0099)", "it takes poisson" },
    { "workload.arrivals=weibull(cv=50)", "" },
    { "workload.arrivals=weibull(cv=50.1)", "it takes poisson" },
    { "workload.arrivals=poisson(cv=1)", "it takes poisson" },
    { "workload.arrivals=gamma(cv=1.5", "it takes poisson" },
    { "workload.arrivals=gamma(cv=1.5) x", "it takes poisson" },
    { "workload.arrivals=gamma(cv=1.5x)", "it takes poisson" },
    { "spike show.start=Mon 24:00", "it takes a time of the week" },
    { "spike show.start=Mon 23:60", "it takes a time of the week" },
    { "spike show.start=Mon 9:5", "it takes a time of the week" },
    { "spike show.start=Mon 123:00", "it takes a time of the week" },
    { "spike show.start=168 h", "" },
    { "spike show.start=169 h", "out of range" },
    { "scenario.timezone=UTC+14:59", "" },
    { "scenario.timezone=UTC+15", "it takes UTC" },
    { "scenario.timezone=UTC+2:60", "it takes UTC" },
    { "scenario.timezone=UTC+2:5", "it takes UTC" },
    { "scenario.timezone=UTC2", "it takes UTC" },
    { "scenario.timezone=UTC+123", "it takes UTC" },
    { "scenario.as_of=1999-12-31", "it takes a date" },
    { "scenario.as_of=2000-01-01", "" },
    { "scenario.as_of=2026-13-01", "it takes a date" },
    { "scenario.as_of=2026-00-01", "it takes a date" },
    { "scenario.as_of=2026-04-31", "it takes a date" },
    { "scenario.as_of=2026-04-30", "" },
    { "scenario.as_of=2026-04-00", "it takes a date" },
    { "scenario.as_of=2024-02-29", "" },
    { "scenario.as_of=2025-02-29", "it takes a date" },
    { "scenario.as_of=2000-02-29", "" },
    { "scenario.as_of=2100-02-29", "it takes a date" },
    { "scenario.as_of=2026-12", "it takes a date" },
    { "actual.month=2026-12", "" },
    { "actual.month=2026-13", "it takes a month" },
    { "actual.month=2026-00", "it takes a month" },
    { "actual.month=2026-12-01", "it takes a month" },
    { "actual.month=2026-1", "it takes a month" },
};

START_TEST(what_is_no_quantity_is_refused_and_what_is_one_is_not)
{
    char said[KIT_SAID_SIZE];
    const char *sets[] = { refused[_i].set, NULL };
    struct xo_scenario *s = kit_ask(sections, sets, said);
    if (refused[_i].says[0] == '\0')
        ck_assert_msg(s != NULL, "%s: %s", refused[_i].set, said);
    else
        ck_assert_msg(s == NULL && strstr(said, refused[_i].says) != NULL, "%s: %s",
                      refused[_i].set, said);
    xo_scenario_free(s);
}
END_TEST

/* ---- bounds ---- */

/* A number of a kind as somebody would type it, to the last digit. */
static void typed(const char *unit, double value, char out[64])
{
    static const struct {
        const char *unit, *format;
    } forms[] = {
        { "share", "%.17g%%" },
        { "share/year", "%.17g%%" },
        { "share/month", "%.17g%%" },
        { "time", "%.17g s" },
        { "months", "%.17g months" },
        { "years", "%.17g years" },
        { "USD", "$%.17g" },
        { "USD/month", "$%.17g/month" },
        { "USD/year", "$%.17g/year" },
        { "USD/hour", "$%.17g/hour" },
        { "USD/Mtok", "$%.17g/token" },
        { "USD/Mtok/hour", "$%.17g/Mtok/hour" },
        { "USD/call", "$%.17g/call" },
        { "USD/kWh", "$%.17g/kWh" },
        { "USD/kW/month", "$%.17g/kW/month" },
        { "bytes", "%.17g B" },
        { "USD/GPU/month", "$%.17g/GPU/month" },
        { "bytes/s", "%.17g MB/s" },
        { "FLOPS", "%.17g GFLOPS" },
        { "W", "%.17g W" },
    };
    const bool percent = strncmp(unit, "share", 5) == 0;
    const double scale = percent                              ? 0.01
                         : strcmp(unit, "bytes/s") == 0       ? 1e6
                         : strcmp(unit, "FLOPS") == 0         ? 1e9
                         : strcmp(unit, "USD/Mtok/hour") == 0 ? 1e-6 / 3600
                                                              : 1;
    const char *sign = value < 0 && strncmp(unit, "USD", 3) == 0 ? "-" : "";
    for (int i = 0; i < ROWS(forms); i++)
        if (strcmp(forms[i].unit, unit) == 0) {
            char number[60];
            snprintf(number, sizeof number, forms[i].format,
                     (*sign == '-' ? -value : value) / scale);
            snprintf(out, 64, "%s%s", sign, number);
            return;
        }
    snprintf(out, 64, "%.17g", value);
}

/* A key as --set gives it, in a section of `sections` or of the base. */
static void typed_set(const struct xo_key *k, double value, char out[160])
{
    static const struct {
        const char *section, *named;
    } names[] = { { "class", "class easy" },      { "spike", "spike show" },
                  { "currency", "currency EUR" }, { "gpu", "gpu card" },
                  { "model", "model tiny" },      { "api", "api acme/chat" } };
    const char *section = k->section;
    char text[64];
    for (int i = 0; i < ROWS(names); i++)
        section = strcmp(names[i].section, section) == 0 ? names[i].named : section;
    typed(k->unit, value, text);
    snprintf(out, 160, "%s.%s=%s", section, k->name, text);
}

/* The four values of a key: at its bounds, and a millionth of them, or 1, beyond. */
enum bound { LEAST, MOST, BELOW, ABOVE, N_BOUNDS };
static double at_bound(const struct xo_key *k, enum bound bound)
{
    const bool whole = k->type == XO_KEY_INTEGER;
    const double values[] = { k->min, k->max, k->min - (whole ? 1 : 1e-6 * fmax(k->min, 1e-9)),
                              k->max + (whole ? 1 : 1e-6 * k->max) };
    return values[bound];
}

/* Reads keys with these sets, some at once since a reading takes a millisecond. */
static void check_bounds(char texts[][160], int n, enum bound bound)
{
    char said[KIT_SAID_SIZE], place[200];
    const char *sets[KIT_MAX_SETS + 1] = { NULL };
    for (int i = 0; i < n; i++)
        sets[i] = texts[i];
    xo_scenario_free(kit_ask(sections, sets, said));
    ck_assert_ptr_null(strstr(said, "more problems"));
    for (int i = 0; i < n; i++) {
        snprintf(place, sizeof place, "\"%s\", out of range", strchr(texts[i], '=') + 1);
        ck_assert_msg((strstr(said, place) != NULL) == (bound >= BELOW), "%s is %s: %s", texts[i],
                      bound >= BELOW ? "taken" : "not taken", said);
    }
}

START_TEST(every_number_is_taken_at_its_bounds_and_refused_beyond_them)
{
    char texts[10][160];
    int n = 0, n_all = 0;
    for (int i = 0; i < xo_n_keys; i++) {
        const struct xo_key *k = &xo_keys[i];
        const bool number = k->type == XO_KEY_NUMBER || k->type == XO_KEY_INTEGER;
        /* A whole number beyond 2^53 has no neighbours. */
        if (number && !(_i == ABOVE && k->max > 9e15))
            typed_set(k, at_bound(k, (enum bound)_i), texts[n++]);
        if (n == ROWS(texts) || i + 1 == xo_n_keys) {
            check_bounds(texts, n, (enum bound)_i);
            n_all += n;
            n = 0;
        }
    }
    ck_assert_int_gt(n_all, 150);
}
END_TEST

/* A range is told in the words that one would type. */
static const struct {
    const char *set, *range;
} ranges[] = {
    { "workload.volume=1 requests/year", "1 requests/month to 10 T requests/month" },
    { "workload.max_context=1", "2 tokens to 100 M tokens" },
    { "unit.calls=0", "0.001 requests to 1 B requests" },
    { "unit.calls=-3", "0.001 requests to 1 B requests" },
    { "unit.calls=1e300", "0.001 requests to 1 B requests" },
    { "unit.price=$0", "$1e-06 to $1e+09" },
    { "actual.requests=1e14", "0 to 10 T" },
    { "build.rent_scale=1001", "0 to 1000" },
    { "class easy.weight=0", "1e-09 to 1 T" },
    { "build.contingency=501%", "0% to 500%" },
    { "build.maintenance=101%", "0% to 100%" },
    { "horizon.growth=101%/month", "-50% to 100%" },
    { "slo.e2e_p99=0.5 us", "1 us to 7 days" },
    { "workload.client_gap=25 h", "0 s to 24 h" },
    { "scenario.commit=241 months", "0.25 months to 240 months" },
    { "build.life=21 years", "0.25 years to 20 years" },
    { "scenario.hours_per_month=745", "672 h to 744 h" },
    { "build.one_off=$2T", "$0 to $1e+12" },
    { "buy.fixed=$2T/month", "$0/month to $1e+12/month" },
    { "build.salary=$200M/year", "$0/year to $1e+08/year" },
    { "build.rent=$10001/hour", "$0/hour to $10000/hour" },
    { "api acme/chat.input=$0.2/token", "$0/Mtok to $100000/Mtok" },
    { "build.power_price=$11/kWh", "$0/kWh to $10/kWh" },
    { "build.colocation=$200k/kW/month", "$0/kW/month to $100000/kW/month" },
    { "build.software=$2M/GPU/month", "$0/GPU/month to $1e+06/GPU/month" },
    { "gpu card.memory=1 MB", "1 GB to 100000 GB" },
    { "gpu card.bandwidth=1 MB/s", "1 GB/s to 1e+06 GB/s" },
    { "gpu card.bf16=1 GFLOPS", "0.1 TFLOPS to 1e+06 TFLOPS" },
    { "gpu card.power_busy=1 MW", "1 W to 100000 W" },
    { "build.server_gpus=0", "1 GPUs to 1024 GPUs" },
    { "api acme/chat.requests_per_minute=0.5", "1 requests/min to 1 B requests/min" },
    { "api acme/chat.tokens_per_minute=0.5", "1 tokens/min to 10 T tokens/min" },
};

START_TEST(a_range_is_told_in_the_words_one_would_type)
{
    char said[KIT_SAID_SIZE], wanted[128];
    const char *sets[] = { ranges[_i].set, NULL };
    ck_assert_ptr_null(kit_ask(sections, sets, said));
    snprintf(wanted, sizeof wanted, "out of range; it takes %s\n", ranges[_i].range);
    ck_assert_msg(strstr(said, wanted) != NULL, "%s: %s", ranges[_i].set, said);
}
END_TEST

/* ---- distributions ---- */

/* z of 95 %, and the ratio of the 95th to the 50th percentile of an exponential: ln 20 / ln 2. */
#define Z95       1.6448536269514722
#define EXP_95_50 (log(20) / log(2))

static const struct {
    const char *text;
    enum xo_dist_kind kind;
    double p[3]; /* as xo/random.h says them; NAN: not looked at */
    double mean, sd;
} dists[] = {
    { "uniform(100, 400)", XO_DIST_UNIFORM, { 100, 400, NAN }, 250, 0 },
    { "triangular(100, 250, 700)", XO_DIST_TRIANGULAR, { 100, 250, 700 }, 350, 0 },
    /* A beta on 300 to 1,500 with shapes 1 + 4 (600 - 300)/1,200 = 2 and 4. */
    { "pert(300, 600, 1500)", XO_DIST_PERT, { 300, 1500, 2 }, 300 + 1200 / 3.0, 0 },
    { "exponential(mean=250)", XO_DIST_EXPONENTIAL, { 250, NAN, NAN }, 250, 250 },
    { "normal(mean=1000, cv=0.05)", XO_DIST_NORMAL, { 1000, 50, NAN }, 1000, 50 },
    { "normal(mean=1000, sd=50)", XO_DIST_NORMAL, { 1000, 50, NAN }, 1000, 50 },
    { "normal(p50=1000, p95=1050)", XO_DIST_NORMAL, { 1000, 50 / Z95, NAN }, 1000, 50 / Z95 },
    { "gamma(mean=1000, cv=0.5)", XO_DIST_GAMMA, { 4, 250, NAN }, 1000, 500 },
    { "weibull(mean=1000, cv=1)", XO_DIST_WEIBULL, { 1, 1000, 1 }, 1000, 1000 },
    { "pareto(min=100, alpha=2, max=400)", XO_DIST_PARETO, { 100, 2, 1 - 1 / 16.0 }, 160, 0 },
};

static struct xo_scenario *read_prompt(const char *text, const char *set)
{
    char prompt[200];
    snprintf(prompt, sizeof prompt, "workload.prompt=%s", text);
    const char *sets[] = { prompt, set, NULL };
    return kit_read("", sets);
}

START_TEST(a_distribution_has_the_parameters_that_it_says)
{
    struct xo_scenario *s = read_prompt(dists[_i].text, NULL);
    const struct xo_dist *d = &s->workload.classes[0].prompt;
    ck_assert_int_eq(d->kind, dists[_i].kind);
    for (int i = 0; i < 3; i++)
        if (!isnan(dists[_i].p[i]))
            ck_assert_double_eq_tol(d->p[i], dists[_i].p[i], 1e-9 * fabs(dists[_i].p[i]));
    ck_assert_double_eq_tol(d->mean, dists[_i].mean, 1e-3);
    if (dists[_i].sd > 0)
        ck_assert_double_eq_tol(d->sd, dists[_i].sd, 1e-3);
    xo_scenario_free(s);
}
END_TEST

/* Lognormal: mu = ln p50, sigma = ln(p95/p50)/z; from a mean and cv sigma^2 = ln(1 + cv^2) and
 * mu = ln mean - sigma^2/2. Gamma and Weibull of the ratio of an exponential are one. */
START_TEST(two_quantiles_or_a_mean_and_cv_settle_a_distribution)
{
    static const char *const texts[] = { "lognormal(p50=1000, p95=3000) tokens",
                                         "lognormal(mean=1000, cv=80%) tokens",
                                         "weibull(p50=1000, p95=4321.928094887363)",
                                         "gamma(p50=1000, p95=4321.928094887363)" };
    const double variance = log(1 + 0.8 * 0.8);
    const double p[][2] = { { log(1000), log(3) / Z95 },
                            { log(1000) - variance / 2, sqrt(variance) },
                            { 1, 1000 / log(2) },
                            { 1, 1000 / log(2) } };
    ck_assert_double_eq_tol(EXP_95_50, 4.321928094887363, 1e-12);
    for (int i = 0; i < ROWS(texts); i++) {
        struct xo_scenario *s = read_prompt(texts[i], NULL);
        const struct xo_dist *d = &s->workload.classes[0].prompt;
        ck_assert_double_eq_tol(d->p[0], p[i][0], 1e-6);
        ck_assert_double_eq_tol(d->p[1], p[i][1], 1e-6 * fabs(p[i][1]));
        xo_scenario_free(s);
    }
}
END_TEST

/* A normal cut at its mean has half of its mass there: the mean of what is left is mean + sd
 * phi(0), where phi(0) = 1/sqrt(2 pi); cut above it, mean - sd phi(0). */
START_TEST(a_distribution_is_cut_at_min_and_max)
{
    const double move = 100 / sqrt(2 * acos(-1));
    struct xo_scenario *s = read_prompt("normal(mean=1000, sd=100, min=1k) tokens", NULL);
    const struct xo_dist *d = &s->workload.classes[0].prompt;
    ck_assert_double_eq_tol(d->mean, 1000 + move, 1e-3);
    ck_assert_double_eq(d->lo, 1000);
    xo_scenario_free(s);
    s = read_prompt("normal(max=1000, mean=1000, sd=100)", NULL);
    d = &s->workload.classes[0].prompt;
    ck_assert_double_eq_tol(d->mean, 1000 - move, 1e-3);
    ck_assert_double_eq(d->hi, 1000);
    xo_scenario_free(s);
}
END_TEST

/* A scale multiplies what is drawn, both parts of a sum and its cuts, but not the shared prefix. */
START_TEST(a_scale_multiplies_every_length_but_the_shared_prefix)
{
    static const struct {
        const char *prompt;
        double mean, lo, hi;
    } rows[] = {
        { "shared_prefix + uniform(100, 300) tokens", 200 + 1.5 * 200, 200 + 150, 200 + 450 },
        { "200 + uniform(100, 300) tokens", 1.5 * 400, 1.5 * 300, 1.5 * 500 },
        { "0.2k tokens + uniform(100, 300)", 1.5 * 400, 1.5 * 300, 1.5 * 500 },
        { "uniform(0.1, 0.3) k", 1.5 * 200, 150, 450 },
        { "discrete(300:1, 0.5k:3)", 1.5 * 450, 450, 750 },
        { "constant(400)", 600, 600, 600 },
    };
    for (int i = 0; i < ROWS(rows); i++) {
        char prompt[200];
        snprintf(prompt, sizeof prompt, "workload.prompt=%s", rows[i].prompt);
        const char *sets[] = { prompt, "workload.prompt_scale=1.5",
                               "workload.shared_prefix=200 tokens", NULL };
        struct xo_scenario *s = kit_read("", sets);
        const struct xo_dist *d = &s->workload.classes[0].prompt;
        ck_assert_double_eq_tol(d->mean, rows[i].mean, 1e-9 * rows[i].mean);
        ck_assert_double_eq_tol(d->lo, rows[i].lo, 1e-9 * rows[i].lo);
        ck_assert_double_eq_tol(d->hi, rows[i].hi, 1e-9 * rows[i].hi);
        xo_scenario_free(s);
    }
}
END_TEST

static const struct {
    const char *prompt, *says; /* "": it is taken */
} odd_dists[] = {
    { "uniform(500, 500)", "its values must rise from lo to hi" },
    { "uniform(500, 501)", "" },
    { "triangular(500, 500, 500)", "its values must rise from lo to hi" },
    { "triangular(500, 500, 501)", "" },
    { "triangular(500, 501, 501)", "" },
    { "triangular(500, 502, 501)", "its values must rise from lo to hi" },
    { "triangular(502, 501, 503)", "its values must rise from lo to hi" },
    { "pareto(min=0, alpha=2, max=400)", "pareto needs 0 < min < max" },
    { "pareto(min=400, alpha=2, max=400)", "pareto needs 0 < min < max" },
    { "pareto(min=399, alpha=2, max=400)", "" },
    { "pareto(min=100, alpha=0.01, max=400)", "" },
    { "pareto(min=100, alpha=0.009, max=400)", "pareto needs 0 < min < max" },
    { "pareto(min=100, alpha=100, max=400)", "" },
    { "pareto(min=100, alpha=100.1, max=400)", "pareto needs 0 < min < max" },
    { "gamma(mean=0, cv=1)", "its mean must be above 0" },
    { "lognormal(mean=1000, cv=20)", "" },
    { "lognormal(mean=1000, cv=20.1)", "its cv (sd / mean) must be from 0 to 20" },
    { "lognormal(mean=1000, cv=-0.1)", "its cv (sd / mean) must be from 0 to 20" },
    { "normal(mean=1000, sd=20000)", "" },
    { "normal(mean=1000, sd=20001)", "its cv (sd / mean) must be from 0 to 20" },
    { "lognormal(p50=100, p95=99)", "it needs 0 < p50 <= p95 <= 10000 x p50" },
    { "lognormal(p50=100, p95=100)", "" },
    { "lognormal(p50=0, p95=100)", "it needs 0 < p50 <= p95 <= 10000 x p50" },
    { "lognormal(p50=1, p95=10001, max=100)", "it needs 0 < p50 <= p95 <= 10000 x p50" },
    { "lognormal(p50=1, p95=10000, max=100)", "" },
    { "lognormal(mean=100, cv=1, min=50, max=50)", "its min must be below its max" },
    { "lognormal(mean=100, cv=1, min=50, max=51)", "" },
    { "discrete(100:1, 200:0)", "the weights of discrete must be above 0" },
    { "discrete(100:1, 200)", "discrete takes value:weight pairs" },
    { "discrete(a=100:1)", "discrete takes value:weight pairs" },
    { "discrete(100:1, 200:50%)", "" },
    { "uniform(0.2, 0.4)", "with a mean of 0.3 tokens; it takes a mean from 1 to 100 M" },
    { "exponential(mean=1)", "" },
    { "200000001 tokens", "it takes a mean from 1 to 100 M" },
    { "uniform(lo=100, 200)", "uniform takes (lo, hi)" },
    { "uniform(100, hi=200)", "uniform takes (lo, hi)" },
    { "uniform(100, 200, min=150)", "uniform takes (lo, hi)" },
    { "lognormal(mean=100, cv=1, p50=90)", "lognormal takes (mean, cv) or (p50, p95)" },
    { "lognormal(mean=100, cv=1, min=50, min=60)", "lognormal takes (mean, cv) or (p50, p95)" },
    { "lognormal(mean=lots, cv=1)", ", with mean = \"lots\"" },
    { "lognormal(mean=$5, cv=1)", ", with mean = \"$5\", which is money" },
    { "constant(100, 200)", "constant takes (value)" },
    { "100 + 200 + uniform(1, 2)", ", an unknown distribution" },
    { "nothing + uniform(1, 2)", "it takes a count of tokens" },
};

START_TEST(a_distribution_that_cannot_be_is_refused)
{
    char said[KIT_SAID_SIZE], prompt[200];
    const char *sets[] = { prompt, NULL };
    snprintf(prompt, sizeof prompt, "workload.prompt=%s", odd_dists[_i].prompt);
    struct xo_scenario *s = kit_ask("", sets, said);
    if (odd_dists[_i].says[0] == '\0')
        ck_assert_msg(strstr(said, "--set workload.prompt") == NULL || s != NULL, "%s: %s", prompt,
                      said);
    else
        ck_assert_msg(s == NULL && strstr(said, odd_dists[_i].says) != NULL, "%s: %s", prompt,
                      said);
    xo_scenario_free(s);
}
END_TEST

int main(void)
{
    xo_catalog_builtin(); /* once, before the tests fork */
    Suite *suite = suite_create("units");
    TCase *tc = tcase_create("units");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_value_is_the_same_in_all_its_spellings, 0, ROWS(spelled));
    tcase_add_test(tc, a_volume_is_the_same_in_all_its_spellings);
    tcase_add_test(tc, a_volume_in_tokens_is_shared_by_the_mean_request_of_all_classes);
    tcase_add_test(tc, the_price_of_a_node_is_that_of_a_gpu_times_its_gpus);
    tcase_add_test(tc, people_are_counted_in_steps);
    tcase_add_loop_test(tc, what_is_no_quantity_is_refused_and_what_is_one_is_not, 0,
                        ROWS(refused));
    tcase_add_loop_test(tc, every_number_is_taken_at_its_bounds_and_refused_beyond_them, 0,
                        N_BOUNDS);
    tcase_add_loop_test(tc, a_range_is_told_in_the_words_one_would_type, 0, ROWS(ranges));
    tcase_add_loop_test(tc, a_distribution_has_the_parameters_that_it_says, 0, ROWS(dists));
    tcase_add_test(tc, two_quantiles_or_a_mean_and_cv_settle_a_distribution);
    tcase_add_test(tc, a_distribution_is_cut_at_min_and_max);
    tcase_add_test(tc, a_scale_multiplies_every_length_but_the_shared_prefix);
    tcase_add_loop_test(tc, a_distribution_that_cannot_be_is_refused, 0, ROWS(odd_dists));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
