/* test_checks.c - what is said of a scenario, from just inside a limit to just outside, and what is
 * not known of it: ranges, spreads, errors of the model.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"
#include "resolved_text.h"
#include "scenario_kit.h"

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

/* ---- a unit ---- */

/* What is written down of it is read again as it was. */
START_TEST(a_unit_is_written_down_as_it_was_typed)
{
    static const char unit[] = "[unit]\nname = Vorgang\nplural = Vorg\xc3\xa4nge\n"
                               "calls = ? 3.2 requests\nprice = $1.25\n";
    struct xo_scenario *s = kit_read(unit, NULL);
    char *text = resolved_text(s);
    ck_assert_msg(strstr(text, unit) != NULL, "%s", text);
    free(text);
    xo_scenario_free(s);
    s = kit_read("", NULL);
    text = resolved_text(s);
    ck_assert_ptr_null(strstr(text, "[unit]"));
    free(text);
    xo_scenario_free(s);
}
END_TEST

/* ---- limits ---- */

static const char invoice[] = "[actual]\nmonth = 2026-10\ninvoice = $7\nrequests = 10k\n";

/* Each limit once within and once beyond. */
static const struct {
    const char *sets[5], *says;
    bool is_said;
} limits[] = {
    /* Bursts of 1 s at this share leave 1 s (1 - share)/share between them: 100.1 and 98.9 ms. */
    { { "workload.burst_factor=2", "workload.burst_length=1 s", "workload.burst_share=90.9%" },
      "between bursts in the mean",
      false },
    { { "workload.burst_factor=2", "workload.burst_length=1 s", "workload.burst_share=91%" },
      "it leaves 98.9 ms between bursts in the mean, and takes 100 ms or more",
      true },
    { { "workload.shared_prefix=1499" }, "is not more than the shared prefix", false },
    { { "workload.shared_prefix=1500" },
      "its mean of 1500 tokens is not more than the shared prefix of 1500",
      true },

    { { "actual.prompt_tokens=900", "actual.cached_tokens=900" }, "prompt_tokens", false },
    { { "actual.prompt_tokens=900", "actual.cached_tokens=901" },
      ", more than the \"900\" of prompt_tokens",
      true },
    { { "actual.prompt_tokens=900", "actual.cached_tokens=400", "actual.cache_write_tokens=500" },
      "prompt_tokens",
      false },
    { { "actual.prompt_tokens=900", "actual.cached_tokens=400", "actual.cache_write_tokens=501" },
      ", which with those cached is more than the \"900\" of prompt_tokens",
      true },
    { { "actual.cache_write_tokens=0", "actual.cached_tokens=0" }, "prompt_tokens", false },
    { { "actual.cache_write_tokens=1" }, ", which needs \"prompt_tokens\"", true },
    { { "actual.requests=0" }, "a month without any has nothing to compare", true },
    { { "actual.requests=1" }, "a month without any has nothing to compare", false },

    { { "unit.calls=3", "unit.name=abcdefghijklmnopqrstuvwx" }, "it takes a letter", false },
    { { "unit.calls=3", "unit.name=abcdefghijklmnopqrstuvwxy" },
      "--set unit.name: \"abcdefghijklmnopqrstuvwxy\"; it takes a letter, then letters, digits, "
      "blanks, dashes and underscores, at most 24 characters, such as ticket or active user",
      true },
    { { "unit.calls=3", "unit.name=\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                        "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4" },
      "it takes a letter",
      false },
    { { "unit.calls=3", "unit.name=round-2_of 9" }, "it takes a letter", false },
    { { "unit.calls=3", "unit.name=2nd round" }, "it takes a letter", true },
    { { "unit.calls=3", "unit.name=a,b" }, "it takes a letter", true },
    { { "unit.calls=3", "unit.name==SUM(A1)" }, "it takes a letter", true },
    { { "unit.calls=3", "unit.name=a\"b" }, "it takes a letter", true },
    { { "unit.calls=3", "unit.name=a`b" }, "it takes a letter", true },
    { { "unit.calls=3", "unit.name=ticket", "unit.plural=tick%ts" }, "it takes a letter", true },
    { { "unit.calls=3", "unit.name=a\nb" }, "the control character 0x0a", true },
    { { "unit.calls=3", "unit.name=a\x1b[31mb" }, "the control character 0x1b", true },
    { { "unit.calls=3", "unit.name=a\xe2\x80\xae"
                        "b" },
      "an invisible character, U+202E",
      true },
    { { "unit.calls=3" }, "[unit] lacks \"name\"", true },
    { { "unit.name=ticket", "unit.price=$1.20" }, "[unit] lacks \"calls\"", true },

    { { "api acme/chat.cache_ttl=5 min", "api acme/chat.cache_ready=300 s" },
      "longer than cache_ttl",
      false },
    { { "api acme/chat.cache_ttl=5 min", "api acme/chat.cache_ready=301 s" },
      "longer than cache_ttl",
      true },
    { { "api acme/chat.cache_ready=3 s" }, ", which needs \"cache_ttl\"", true },
    { { "api acme/chat.peak_hours=Mon 01:00-02:00" }, ", which needs \"peak_factor\"", true },
    { { "api acme/chat.peak_factor=2" }, ", which needs \"peak_hours\"", true },
    { { "api acme/chat.cache_write_extended=$9/Mtok" },
      ", which needs \"cache_ttl_extended\"",
      true },
    { { "api acme/chat.cache_ttl_extended=1 h" }, ", which needs \"cache_write_extended\"", true },
    { { "api acme/chat.cache_ttl_extended=1 h", "api acme/chat.cache_write_extended=$9/Mtok" },
      ", which needs \"cache_ttl\"",
      true },
    { { "api acme/chat.peak_hours=Mon 01:00-02:00", "api acme/chat.peak_factor=2",
        "api acme/chat.windows=3x Mon 02:00-03:00" },
      "it does not count beside \"windows\"",
      true },
    { { "api acme/chat.windows=2x Mon 01:00-03:00, 3x Mon 02:00-04:00" },
      ", of which two hold at once",
      true },
    { { "api acme/chat.windows=2x Mon 01:00-03:00 from 2026-11-01 to 2026-11-30, 3x Mon 02:00-04:00 "
        "from 2026-12-01" },
      "hold at once",
      false },
    { { "api acme/chat.windows=Mon 01:00-03:00" },
      "it takes hours of the week in UTC at a factor",
      true },
    { { "api acme/chat.long_tiers=above 20k: in 2x, above 10k: in 3x" },
      "it takes rising thresholds such as",
      true },
    { { "api acme/chat.long_tiers=above 20k: in 2" }, "it takes rising thresholds such as", true },
    { { "api acme/chat.long_tiers=above 20k: in 2x in 3x" },
      "it takes rising thresholds such as",
      true },
    { { "api acme/chat.flex=in $0/Mtok out $2/Mtok" }, ", none of them $0", true },
    { { "api acme/chat.provisioned_min=5" }, ", which needs \"provisioned_capacity\"", true },
    { { "api acme/chat.batch=0.5x", "api acme/chat.batch_discount=10%" },
      "it does not count beside \"batch\"",
      true },
    { { "api acme/chat.batch=0.5x", "api acme/chat.batch_discount=0%" }, "does not count", false },
    { { "api acme/chat.flex=half" }, "it takes a factor such as 0.5x, or prices", true },
    { { "api acme/chat.flex=0.5x, on Sundays" }, "then what does not stack", true },
    { { "buy.tier=flex" }, "acme/chat has no price for it: list prices are billed", true },
    { { "buy.tier=flex", "api acme/chat.flex=0.5x" }, "list prices are billed", false },
    { { "buy.residency=yes" }, "acme/chat states no surcharge for it", true },
    { { "buy.residency=yes", "api acme/chat.residency=1.1x" }, "no surcharge", false },
    { { "workload.tool_calls=2" }, "acme/chat has no price of a tool call", true },
    { { "api acme/chat.cache_storage=$1/Mtok/h", "api acme/chat.cache_ttl=1 h" },
      ", which needs cache_refresh = no",
      true },
    { { "api acme/chat.provisioned_capacity=1k tokens/min" },
      ", which needs \"provisioned_price\"",
      true },
    { { "buy.provisioned_units=2", "api acme/chat.provisioned_capacity=1k tokens/min",
        "api acme/chat.provisioned_price=$1/hour", "api acme/chat.provisioned_term=13 months" },
      "acme/chat signs for 13 months of them, longer than scenario.commit",
      true },
    { { "buy.provisioned_units=2", "api acme/chat.provisioned_capacity=1k tokens/min",
        "api acme/chat.provisioned_price=$1/hour", "api acme/chat.provisioned_term=12 months" },
      "longer than scenario.commit",
      false },
    { { "buy.provisioned_units=3", "api acme/chat.provisioned_capacity=1k tokens/min",
        "api acme/chat.provisioned_price=$1/hour", "api acme/chat.provisioned_min=5" },
      "acme/chat sells multiples of 1 units, at least 5",
      true },
    { { "buy.provisioned_units=8", "api acme/chat.provisioned_capacity=1k tokens/min",
        "api acme/chat.provisioned_price=$1/hour", "api acme/chat.provisioned_increment=5" },
      "acme/chat sells multiples of 5 units, at least 5",
      true },
    { { "buy.provisioned_units=2", "buy.provisioned=none",
        "api acme/chat.provisioned_capacity=1k tokens/min",
        "api acme/chat.provisioned_price=$1/hour" },
      "it counts, and buy.provisioned = none does not",
      true },
    { { "buy.provisioned=searched" }, "acme/chat states no provisioned_capacity", true },
    { { "buy.cache=extended" }, ", and no API of [buy] has a cache_ttl_extended", true },
    { { "buy.cache=short" }, "cache_ttl_extended", false },
    { { "buy.batch=5%" }, "acme/chat gives no discount for batch work", true },
    { { "buy.batch=0%" }, "gives no discount", false },
    { { "buy.batch=5%", "api acme/chat.batch_discount=1%" }, "gives no discount", false },

    /* From 26 May to 22 November are 31 + 30 + 31 + 31 + 30 + 27 = 180 days. */
    { { "api acme/chat.as_of=2026-05-26" }, "days before as_of", false },
    { { "api acme/chat.as_of=2026-05-25" },
      "the price of acme/chat is of 2026-05-25, 181 days before as_of",
      true },
    { { "build.rent=catalog", "gpu card.rent=$2/hour", "gpu card.rent_as_of=2026-05-26" },
      "days before as_of",
      false },
    { { "build.rent=catalog", "gpu card.rent=$2/hour", "gpu card.rent_as_of=2026-05-25" },
      "the price of card is of 2026-05-25, 181 days before as_of",
      true },
    { { "buy.same_model_api=acme/chat", "api acme/chat.as_of=2026-05-26" },
      "days before as_of",
      false },

    { { "study.replications=4" }, "the least behind an interval", false },
    { { "study.replications=3" }, "4 are made, the least behind an interval", true },
    { { "build.weights=fp8" }, "card has no fp8 arithmetic", true },
    { { "build.weights=fp8", "gpu card.fp8=1 PFLOPS" }, "fp8 arithmetic", false },
    { { "build.staff=0.1 FTE" }, "[build] lacks \"salary\"", true },
    { { "buy.staff=0.1 FTE" }, "[build] lacks \"salary\"", true },
    { { "buy.staff=0.1 FTE", "build.salary=$1/year" }, "salary", false },
    { { "build.replicas=2", "slo.timeout=5 s" }, "no target", false },

    /* A request has 1,500 + 300 tokens; of an API that counts two for one, 3,600. */
    { { "api acme/chat.context=1800" }, "are longer, prompt and output", false },
    { { "api acme/chat.context=1799" },
      "100 % of the requests are longer, prompt and output, than the 1799 tokens that acme/chat "
      "takes: they are not billed, and count as misses",
      true },
    { { "api acme/chat.context=3600", "api acme/chat.tokens_ratio_input=2" },
      "are longer, prompt and output",
      false },
    { { "api acme/chat.context=3599", "api acme/chat.tokens_ratio_input=2" },
      "than the 1799 tokens that acme/chat takes",
      true },
    { { "api acme/chat.context=3599", "buy.api_tokens_ratio_input=2" },
      "than the 1799 tokens that acme/chat takes",
      true },
    { { "model tiny.max_context=1800" }, "longer, prompt and output", false },
    { { "model tiny.max_context=1799" },
      "every request is longer, prompt and output, than the 1799 tokens that tiny takes",
      true },
    { { "workload.max_context=1800" }, "are cut to max_context", false },
    { { "workload.max_context=1799" },
      "100 % of the requests are cut to max_context = 1799",
      true },
    /* Of a million requests one is not noticed, two are. */
    { { "workload.prompt=discrete(1500:1000000, 2000:1)", "workload.max_context=1800" },
      "are cut to max_context",
      false },
    { { "workload.prompt=discrete(1500:999998, 2000:2)", "workload.max_context=1800" },
      "0.0002 % of the requests are cut to max_context = 1800 tokens",
      true },

    /* Prompts of 703 and 1,201 tokens, 952 in the mean, become 801 and 1,201: 49 more in the mean,
     * over the 152 that are not shared. */
    { { "workload.prompt=discrete(703:1, 1201:1)", "workload.shared_prefix=800" },
      "50 % of the requests have prompts no longer than the shared prefix of 800 tokens: they are "
      "lengthened to 801, which makes the mean 1001 tokens in place of 952, and the part that is "
      "not shared 32.2 % longer",
      true },
    { { "workload.prompt=discrete(801:1, 1201:1)", "workload.shared_prefix=800" },
      "lengthened",
      false },
    { { "build.tenure=owned", "build.opportunity=$1/hour", "build.power_price=$0.1/kWh" },
      ", which needs power_busy in [gpu card]",
      true },
    { { "build.rent=catalog" }, ", and the catalog has no such price for card; type one", true },
    { { "build.rent=catalog", "gpu card.rent=$2/hour" }, "no such price", false },
    { { "build.rent=$2/hour, $3/hour" }, ", 2 prices for 1 GPU; give one for each", true },
    { { "map.x=build.rent" }, "it takes a key", false },
    { { "map.x=study.draws" }, "it takes a key that changes the simulation or the money", true },
    { { "map.y=build.rent = $1..$3/hour" }, "it takes a key", false },
    { { "map.y=nothing=1..2" }, "it takes a key that changes", true },
    { { "workload.trace_unit=ms" }, ", which needs a trace", true },
    { { "workload.benchmark_requests=10" }, ", which needs clients", true },
    { { "buy.api=median of acme/chat" }, "\"median of\" is for buy.same_model_api", true },
    { { "buy.same_model_api=median of acme/chat" }, "\"median of\" is for", false },
    { { "buy.same_model_api=acme/chat" },
      "the catalog does not say that acme/chat serves tiny",
      true },
    { { "buy.same_model_api=acme/chat", "api acme/chat.model=tiny" }, "serves", false },
    { { "buy.same_model_api=acme/chat", "api acme/chat.model=llama-3.1-8b" },
      "acme/chat serves llama-3.1-8b, and build.model is tiny",
      true },
};

START_TEST(a_limit_is_told_beyond_it_and_not_within)
{
    char said[KIT_SAID_SIZE];
    struct xo_scenario *s = kit_ask(invoice, limits[_i].sets, said);
    ck_assert_msg((strstr(said, limits[_i].says) != NULL) == limits[_i].is_said, "%s %s: %s",
                  limits[_i].sets[0], limits[_i].is_said ? "does not say" : "says", said);
    ck_assert_msg(s != NULL || limits[_i].is_said, "%s", said);
    xo_scenario_free(s);
}
END_TEST

/* Ranges, each once within what the scenario can be and once beyond. A prompt of 1,500 tokens and
 * an output of 300 fill the model's 100,000 at a scale of 66.467 of the prompt, or of 60 and 33.3.
 */
static const struct {
    const char *sets[4], *says; /* NULL: nothing */
} ends[] = {
    { { "uncertain.workload.prompt_scale=uniform(0.5, 66.4)" }, NULL },
    { { "uncertain.workload.prompt_scale=uniform(0.5, 66.5)" },
      "--set uncertain.workload.prompt_scale: \"uniform(0.5, 66.5)\"; it goes up to 66.5, where "
      "workload.prompt is \"1500 tokens\"; every request is longer, prompt and output, than the "
      "100000 tokens that tiny takes\n" },
    { { "uncertain.workload.prompt_scale=triangular(0.5, 1, 66.5)" }, "it goes up to 66.5" },
    { { "uncertain.workload.prompt_scale=uniform(0.5, 60)",
        "uncertain.workload.output_scale=uniform(0.5, 33)" },
      NULL },
    { { "uncertain.workload.prompt_scale=uniform(0.5, 60)",
        "uncertain.workload.output_scale=uniform(0.5, 34)" },
      "--set uncertain.workload.output_scale: \"uniform(0.5, 34)\"; it goes to 34, with "
      "workload.prompt_scale at 60, where workload.prompt is \"1500 tokens\"; every request" },
    { { "uncertain.workload.shared_prefix=uniform(0, 1499) tokens" }, NULL },
    { { "uncertain.workload.shared_prefix=uniform(0, 1500) tokens" },
      "it goes up to 1.5 k tokens, where workload.prompt is \"1500 tokens\"; its mean of 1500 tokens "
      "is not more than the shared prefix of 1500" },
    { { "workload.shared_prefix=1000", "uncertain.workload.prompt_scale=uniform(0.67, 1)" }, NULL },
    { { "workload.shared_prefix=1000", "uncertain.workload.prompt_scale=uniform(0.66, 1)" },
      "it goes down to 0.66, where" },
    /* bursts of 1 s at 91 % of the time leave 98.9 ms */
    { { "workload.burst_factor=2", "workload.burst_length=1 s", "workload.burst_share=50%",
        "uncertain.workload.burst_share=uniform(10%, 91%)" },
      "; it goes up to 91%; it leaves 98.9 ms between bursts in the mean" },
    /* P99.9 of ratios is 3.09 / 1.645 times the logarithm of P95: 7.9 and 75 */
    { { "uncertain.workload.prompt_scale=lognormal(p50=1, p95=10)" },
      "it goes up to 75.6233, where" },
};

START_TEST(a_range_is_told_whose_ends_cannot_be)
{
    char said[KIT_SAID_SIZE];
    const char *sets[] = { ends[_i].sets[0], ends[_i].sets[1], ends[_i].sets[2], ends[_i].sets[3],
                           NULL };
    struct xo_scenario *s = kit_ask("", sets, said);
    if (ends[_i].says == NULL)
        ck_assert_str_eq(said, "");
    else
        ck_assert_msg(strstr(said, ends[_i].says) != NULL, "%s does not say: %s", said,
                      ends[_i].says);
    ck_assert((s == NULL) == (ends[_i].says != NULL));
    xo_scenario_free(s);
}
END_TEST

/* What lies beyond P99.9 = 7.9 is cut where it cannot be, at 66.467: no draw is longer than that,
 * and quantiles are what they were but for less than a billionth. */
START_TEST(a_tail_that_cannot_be_is_cut)
{
    char said[KIT_SAID_SIZE];
    const char *sets[] = { "uncertain.workload.prompt_scale=lognormal(p50=1, p95=3)", NULL };
    struct xo_scenario *s = kit_ask("", sets, said);
    ck_assert_msg(strstr(said, "warning: \"lognormal(p50=1, p95=3)\"; its tail above 66.4") != NULL,
                  "%s", said);
    ck_assert_ptr_nonnull(s);
    ck_assert_double_eq_tol(xo_uncertain_quantile(&s->uncertain[0], 0.95), 3, 1e-6);
    ck_assert_double_eq_tol(xo_uncertain_quantile(&s->uncertain[0], 1 - 1e-15), 66.467, 0.05);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_range_stands_in_its_line_or_in_its_option)
{
    char said[KIT_SAID_SIZE], place[XO_PLACE_SIZE], right[128];
    const char *sets[] = { "uncertain.workload.output_scale=uniform(1, 2)", NULL };
    struct xo_scenario *s =
        kit_ask("[uncertain]\nbuild.rent = uniform($1/hour, $3/hour)\n", sets, said);
    int lines = 0;
    for (const char *p = kit_base; *p != '\0'; p++)
        lines += *p == '\n';
    ck_assert_ptr_nonnull(s);
    snprintf(right, sizeof right, "%s:%d", kit_path, lines + 2);
    ck_assert_str_eq(xo_scenario_uncertain_place(s, xo_key_find("build.rent"), place), right);
    ck_assert_str_eq(xo_scenario_uncertain_place(s, xo_key_find("workload.output_scale"), place),
                     "--set");
    ck_assert_str_eq(xo_scenario_uncertain_place(s, xo_key_find("build.staff_scale"), place),
                     kit_path);
    xo_scenario_free(s);
}
END_TEST

/* A trace has the lengths that it has. */
START_TEST(a_length_does_not_vary_beside_a_trace)
{
    struct answer a =
        answer_of("check", XO_SOURCE_DIR "/scenarios/replay.ini", NULL,
                  "--set workload.trace='" XO_SOURCE_DIR "/scenarios/traces/synthetic_chat.csv' "
                  "--set uncertain.workload.output_scale='uniform(0.5, 2)'");
    ck_assert_int_eq(a.status, 2);
    ck_assert_msg(strstr(a.errors,
                         "--set uncertain.workload.output_scale: \"uniform(0.5, 2)\"; it goes "
                         "down to 0.5, and there is a trace; delete one of them") != NULL,
                  "%s", a.errors);
    answer_fini(&a);
}
END_TEST

/* Servers are written off after three years, or a month before the term of 36 months ends. */
START_TEST(servers_last_as_long_as_the_term_or_that_is_told)
{
    char said[KIT_SAID_SIZE];
    const char *sets[] = { "build.tenure=own",           "build.server_price=$100k",
                           "build.life=36 months",       "build.cost_of_capital=5%",
                           "build.power_price=$0.1/kWh", "gpu card.power_busy=500 W",
                           "scenario.commit=36 months",  NULL };
    xo_scenario_free(kit_ask("", sets, said));
    ck_assert_str_eq(said, "");
    sets[2] = "build.life=35 months";
    xo_scenario_free(kit_ask("", sets, said));
    ck_assert_ptr_nonnull(strstr(said, "the servers are written off before scenario.commit (36 "
                                       "months) ends"));
}
END_TEST

/* A figure more than ten times what the catalog knows, or less than a tenth, is told. */
START_TEST(a_price_ten_times_the_catalogs_is_told)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    const double rent = xo_catalog_gpu(c, "h100-sxm", NULL)->on_demand.median,
                 spot = xo_catalog_gpu(c, "h100-sxm", NULL)->spot.median,
                 input = xo_catalog_api(c, "openai/gpt-5", NULL)->tariff.input;
    static const struct {
        double factor;
        bool is_told;
    } rows[] = {
        { 9.99, false }, { 10.01, true }, { 0.1001, false }, { 0.0999, true }, { 0, false }
    };
    for (int i = 0; i < ROWS(rows); i++) {
        char said[KIT_SAID_SIZE], text[3][100];
        const char *rented[] = { text[0], "build.gpu=h100-sxm", NULL };
        const char *on_spot[] = { text[1], "build.gpu=h100-sxm", "build.rent_kind=spot", NULL };
        const char *bought[] = { text[2], "buy.api=openai/gpt-5", NULL };
        snprintf(text[0], sizeof text[0], "build.rent=$%.17g/hour", rent * rows[i].factor);
        snprintf(text[1], sizeof text[1], "build.rent=$%.17g/hour", spot * rows[i].factor);
        snprintf(text[2], sizeof text[2], "api openai/gpt-5.input=$%.17g/token",
                 input * rows[i].factor);
        const char *const *const sets[] = { rented, on_spot, bought };
        for (int k = 0; k < 3; k++) {
            xo_scenario_free(kit_ask("", sets[k], said));
            ck_assert_msg((strstr(said, "; the catalog") != NULL) == rows[i].is_told, "%s: %s",
                          sets[k][0], said);
        }
    }
}
END_TEST

/* Published parameters a tenth above or below those that the dimensions give. */
START_TEST(a_model_of_another_size_than_published_is_told)
{
    static const char big[] = "[model big]\nlike = none\nlayers = 2\nhidden = 512\nheads = 8\n"
                              "kv_heads = 8\nhead_dim = 64\nintermediate = 1024\nvocab = 1000\n"
                              "max_context = 9000\n";
    /* Attention 4 x 512 x 512, a gated MLP of 3 x 512 x 1,024 and two norms of 512 in each of two
     * layers; two embeddings of 1,000 x 512 and a last norm. */
    const double counted =
        2 * (4 * 512.0 * 512 + 3 * 512.0 * 1024 + 2 * 512) + 2 * 1000 * 512.0 + 512;
    static const struct {
        double factor;
        bool is_told;
    } rows[] = {
        { 1 / 1.095, false }, { 1 / 1.105, true }, { 1 / 0.905, false }, { 1 / 0.895, true }
    };
    for (int i = 0; i < ROWS(rows); i++) {
        char said[KIT_SAID_SIZE], set[100];
        const char *sets[] = { "build.model=big", set, NULL };
        snprintf(set, sizeof set, "model big.params=%.17g", counted * rows[i].factor);
        xo_scenario_free(kit_ask(big, sets, said));
        ck_assert_msg((strstr(said, "its dimensions give 0.0 B parameters") != NULL) ==
                          rows[i].is_told,
                      "%s: %s", set, said);
        ck_assert_int_eq(strstr(said, "--set model.big.params: warning: ") != NULL,
                         rows[i].is_told);
    }
}
END_TEST

/* ---- [model NAME] ---- */

/* Its header stands on line 41 of what is read, `heads` on line 45. */
#define MINE                                                                                       \
    "[model mine]\nlike = none\nlayers = 4\nhidden = 64\nheads = 8\nkv_heads = 4\nhead_dim = 8\n"  \
    "intermediate = 256\nvocab = 1000\nmax_context = 100000\n"
/* 24 layers, twelve with a window of 128; 32 experts, four a token. */
#define LIKE_OSS "[model mine]\nlike = gpt-oss-20b\n"
#define COMPRESSED                                                                                 \
    "the model has compressed attention (o_lora_rank): it takes kv_heads = 1, a q_lora_rank, "     \
    "o_groups that divide heads and a rope_dim within head_dim; no latent, windowed or linear "    \
    "layers, shared KV or choices, or gate\n"

/* A fault is told where it would be mended: whole messages. */
static const struct {
    const char *section, *set, *says;
} faults[] = {
    { MINE, NULL, "" },
    { MINE "kv_shared_layers = 4\n", NULL,
      "51: model.mine.kv_shared_layers is \"4\"; it takes 0 to 3 where layers is 4\n" },
    { MINE "linear_layers = 3\nwindow_layers = 2\nwindow = 64\nlinear_value_heads = 2\n"
           "linear_value_dim = 8\nlinear_kind = conv\n",
      NULL,
      "52: model.mine.window_layers is \"2\"; it takes 0 to 1 where layers is 4 and linear_layers "
      "is 3\n" },
    { MINE, "model mine.kv_heads=16",
      "--set model.mine.kv_heads: \"16\"; it takes 1 to 8 where heads is 8\n" },
    { MINE "kv_lora_rank = 16\nv_head_dim = 8\n", NULL,
      "41: [model mine] lacks \"rope_dim\": MLA and compressed attention: rotary part of a key\n" },
    { MINE, "model.mine.kv_heads=3",
      "--set model.mine.kv_heads: \"3\"; it takes a number that divides heads where heads is 8\n" },
    { MINE, "model.mine.intermediate=0",
      "--set model.mine.intermediate: \"0\"; it takes 1 to 10000000\n" },
    { MINE "experts = 8\nexpert_intermediate = 32\n", NULL,
      "41: [model mine] lacks \"experts_per_token\": routed experts a token uses\n" },
    { MINE "expert_intermediate = 32\nexperts_per_token = 0\n", "model.mine.experts=8",
      "52: model.mine.experts_per_token is \"0\"; it takes 1 to 8 where experts is 8\n" },
    { MINE "experts_per_token = 2\n", "model.mine.experts=8",
      "--set model.mine.experts: \"8\", which needs \"expert_intermediate\": width of an expert\n" },
    { MINE "window_layers = 2\nwindow = 0\n", NULL,
      "52: model.mine.window is \"0\"; it takes 1 to 100000000 where window_layers is 2\n" },
    /* what the catalog has and what is typed do not go together */
    { LIKE_OSS "experts = 2\n", NULL,
      "43: model.mine.experts is \"2\"; experts_per_token is 4 in the catalog, and then it takes 1 "
      "to 2\n" },
    { LIKE_OSS, "model.mine.heads=4",
      "--set model.mine.heads: \"4\"; kv_heads is 8 in the catalog, and then it takes 1 to 4\n" },
    { LIKE_OSS "index_top_k = 64\nindex_heads = 2\nindex_dim = 32\n", NULL,
      "43: model.mine.index_top_k is \"64\"; the model has an indexer (index_top_k) and windowed "
      "layers; only one of the two is simulated\n" },
    { MINE "kv_lora_rank = 16\nv_head_dim = 8\nrope_dim = 8\nkeys_as_values = yes\n", NULL,
      "54: model.mine.keys_as_values is \"yes\"; the model has a latent (kv_lora_rank), so "
      "window_head_dim, window_kv_heads, keys_as_values and shared KV mean nothing\n" },
    { "[model mine]\nlike = deepseek-v4-flash\nheads = 12\n", NULL,
      "43: model.mine.heads is \"12\"; " COMPRESSED },
    { "[model mine]\nlike = deepseek-v4-flash\n", "model.mine.head_dim=16",
      "--set model.mine.head_dim: \"16\"; " COMPRESSED },
    /* several of one kind at one line are one */
    { "[model mine]\nlike = llama-3.1-8b\no_lora_rank = 64\no_groups = 8\n", NULL,
      "43: model.mine.o_lora_rank is \"64\"; " COMPRESSED },
    /* all of them, line by line */
    { MINE "window = 64\nexpert_hidden = 32\nlinear_state_bits = 16\n", "model.mine.q_lora_rank=8",
      "51: model.mine.window is \"64\", which needs window_layers or o_lora_rank\n"
      "52: model.mine.expert_hidden is \"32\", which needs experts\n"
      "53: model.mine.linear_state_bits is \"16\", which needs linear_layers\n"
      "--set model.mine.q_lora_rank: \"8\", which needs kv_lora_rank, o_lora_rank or index_top_k\n" },
    /* a value that cannot be read is told once */
    { MINE, "model.mine.heads=lots",
      "--set model.mine.heads: \"lots\"; it takes a count such as 950, 2.5k, 1M or 3B\n" },
};

START_TEST(a_fault_of_a_model_is_told_where_it_would_be_mended)
{
    char said[KIT_SAID_SIZE];
    const char *sets[] = { "build.model=mine", faults[_i].set, NULL };
    struct xo_scenario *s = kit_ask(faults[_i].section, sets, said);
    const char *unused = strstr(said, "warning: [model tiny] is not used");
    ck_assert_ptr_nonnull(unused);
    const char *after = strchr(unused, '\n') + 1;
    ck_assert_msg(strcmp(after, faults[_i].says) == 0, "says \"%s\", not \"%s\"", after,
                  faults[_i].says);
    ck_assert_int_eq(s != NULL, *faults[_i].says == '\0');
    xo_scenario_free(s);
}
END_TEST

/* What a deployment holds and takes: whatever a key of its model may change. */
struct figures {
    struct xo_gpu_weights weights;
    double params, active, kv_bytes, state_bytes, room_bytes, first_s, slope_s;
};
static struct figures figures_of(const struct xo_scenario *s)
{
    const struct xo_deployment *d = &s->options[0].deployment;
    struct figures f;
    struct xo_kv_room room;
    struct xo_step step;
    memset(&f, 0, sizeof f);
    ck_assert(xo_gpu_weights(d, &f.weights, NULL) && xo_kv_room(d, &room, NULL));
    f.params = xo_model_params(&d->model);
    f.active = xo_model_active_params(&d->model);
    f.kv_bytes = xo_model_kv_bytes_per_token(&d->model, d->kv);
    f.state_bytes = xo_model_linear_state_bytes(&d->model);
    f.room_bytes = (double)room.room_bytes;
    struct xo_step_model *m = xo_step_model_new(d, NULL);
    ck_assert_ptr_nonnull(m);
    const struct xo_batch batch = { .n_decode = 4, .kv_tokens = 40000, .kv_window_tokens = 40000 };
    xo_step_at(m, &batch, &step);
    f.first_s = step.first_s;
    f.slope_s = step.slope_s;
    xo_step_model_free(m);
    return f;
}

/* The second word of a choice, else a number that is not what the key counts as. */
static const char *another_value(const struct xo_key *k)
{
    return k->choices == NULL                                       ? "2"
           : strcmp(k->choices[1], k->defaults) == 0 /* 16 or 32 */ ? k->choices[0]
                                                                    : k->choices[1];
}

/* No key is taken in silence that does nothing by itself. */
START_TEST(a_key_of_a_model_changes_something_or_needs_another)
{
    const char *plain[] = { "build.model=mine", "build.weights=fp8", NULL };
    struct xo_scenario *s = kit_read(MINE, plain);
    const struct figures base = figures_of(s);
    int n_changed = 0, n_told = 0;
    xo_scenario_free(s);
    for (int key = 0; key < xo_n_keys; key++) {
        const struct xo_key *k = &xo_keys[key];
        char set[120], said[KIT_SAID_SIZE];
        const char *sets[] = { plain[0], plain[1], set, NULL };
        if (strcmp(k->section, "model") != 0 || k->effect != XO_KEY_SIMULATION ||
            k->defaults == NULL || strcmp(k->name, "weights") == 0) /* build.weights is typed */
            continue;
        snprintf(set, sizeof set, "model.mine.%s=%s", k->name, another_value(k));
        s = kit_ask(MINE, sets, said);
        if (s == NULL) {
            snprintf(set, sizeof set, "--set model.mine.%s: \"%s\", which needs ", k->name,
                     another_value(k));
            ck_assert_msg(strstr(said, set) != NULL, "%s: %s", k->name, said);
            n_told++;
            continue;
        }
        const struct figures now = figures_of(s);
        ck_assert_msg(memcmp(&now, &base, sizeof now) != 0, "%s changes nothing", set);
        n_changed++;
        xo_scenario_free(s);
    }
    ck_assert_int_eq(n_changed, 10);
    ck_assert_int_eq(n_told, 35);
}
END_TEST

/* Without windowed layers the window of the model that it is like is left behind, also in the text
 * that is frozen. */
START_TEST(what_is_taken_from_a_model_leaves_behind_what_it_describes)
{
    const char *sets[] = { "build.model=mine", NULL };
    struct xo_scenario *s = kit_read(LIKE_OSS "window_layers = 0\nexperts = 0\n", sets);
    for (int again = 0; again < 2; again++) {
        const struct xo_model *m = &s->options[0].deployment.model;
        ck_assert_int_eq(m->window_tokens, 0);
        ck_assert_int_eq(m->experts_per_token, 0);
        ck_assert_int_eq(m->expert_intermediate, 0);
        ck_assert_int_eq(m->heads, 64);
        char *text = resolved_text(s);
        ck_assert_ptr_nonnull(strstr(text, "\nwindow = 0\n"));
        struct xo_problems problems;
        xo_scenario_free(s);
        ck_assert(xo_scenario_read_text(&s, "frozen.ini", text, strlen(text), NULL, &problems));
        xo_problems_fini(&problems);
        free(text);
    }
    xo_scenario_free(s);
}
END_TEST

/* ---- [build] ---- */

/* Of the one deployment that is asked for, the key that is in the way is told: [build] begins on
 * line 17, its gpu stands on line 19. Two in the way, or several deployments, are told there. */
static const struct {
    const char *sets[3], *says;
} impossible[] = {
    { { "build.tensor_parallel=3" },
      "--set build.tensor_parallel: \"3\"; tensor_parallel = 3 does not divide the 8 heads of tiny; "
      "one of 1, 2, 4, 8 would do\n" },
    { { "build.expert_parallel=2" },
      "--set build.expert_parallel: \"2\"; tiny has no experts, so expert_parallel = 2 means "
      "nothing; use more replicas or tensor_parallel instead\n" },
    { { "build.pipeline_parallel=5" },
      "--set build.pipeline_parallel: \"5\"; pipeline_parallel is 5; it takes 1 to 4\n" },
    { { "build.kv=nvfp4" },
      "--set build.kv: \"nvfp4\"; a KV cache in nvfp4 does not exist for this engine on card "
      "(other); fp16, bf16 or fp8 would do\n" },
    { { "build.weights=nvfp4" },
      "--set build.weights: \"nvfp4\"; card (other) cannot run nvfp4 weights; bf16, fp8, int4 or "
      "mxfp4 would do\n" },
    { { "build.engine=trtllm", "gpu card.generation=cdna3" },
      "--set build.engine: \"trtllm\"; trtllm runs on NVIDIA GPUs alone, and card is none; vllm "
      "would do\n" },
    { { "build.tensor_parallel=3", "build.kv=nvfp4" },
      "19: build.gpu is \"card\"; tensor_parallel = 3 does not divide the 8 heads of tiny; one of 1, "
      "2, 4, 8 would do\n" },
    { { "build.tensor_parallel=3, 5" },
      "19: build.gpu is \"card\"; tensor_parallel = 3 does not divide the 8 heads of tiny; one of 1, "
      "2, 4, 8 would do\n" },
    { { "gpu card.generation=turing" },
      "19: build.gpu is \"card\"; card (turing) cannot run bf16 weights; fp16, int8 or int4 would "
      "do\n" },
};

START_TEST(a_key_that_no_deployment_can_have_is_told_at_its_own_place)
{
    char said[KIT_SAID_SIZE];
    ck_assert_ptr_null(kit_ask("", impossible[_i].sets, said));
    ck_assert_str_eq(said, impossible[_i].says);
}
END_TEST

/* ---- build.kv_room ---- */

/* A request has 1,800 tokens. What is worked out holds them, on any number of GPUs; so the typed
 * room is what is wrong. 30 GB of weights on a GPU of 20 GB are not for any room to mend. */
START_TEST(a_room_without_a_request_is_to_be_corrected_or_left_out)
{
    char said[KIT_SAID_SIZE], wanted[400];
    const char *alone[] = { "build.tensor_parallel=2", NULL };
    struct xo_scenario *s = kit_read("", alone);
    const double room = xo_option_holds(s, 0).kv_room_tokens;
    xo_scenario_free(s);
    const char *sets[] = { alone[0], "build.kv_room=1792 tokens", NULL };
    ck_assert_ptr_null(kit_ask("", sets, said));
    snprintf(wanted, sizeof wanted,
             "--set build.kv_room: \"1792 tokens\"; not one of the requests fits into it; correct "
             "it, or leave it out: worked out, tiny in bf16 on 2 x card has room for %.0f tokens\n",
             room);
    ck_assert_str_eq(said, wanted);
    const char *some[] = { alone[0], "build.kv_room=1792 tokens",
                           "workload.prompt=discrete(1000:3, 1500:1)", NULL };
    xo_scenario_free(kit_ask("", some, said));
    ck_assert_str_eq(said, "--set workload.prompt: warning: \"discrete(1000:3, 1500:1)\"; 25 % of "
                           "the requests are longer, prompt and output, than the 1793 tokens that "
                           "build.kv_room gives 2 x card, bf16: this build refuses them, and they "
                           "count as misses\n");
    const char *hardly[] = { alone[0], "build.kv_room=1792 tokens",
                             "workload.prompt=discrete(1000:1, 1500:9999999)", NULL };
    ck_assert_ptr_null(kit_ask("", hardly, said));
    ck_assert_str_eq(said, "--set build.kv_room: \"1792 tokens\"; hardly a request is as short as "
                           "the 1793 tokens, prompt and output, that fit into it\n");
    const char *heavy[] = { "build.tensor_parallel=1", "build.kv_room=1792 tokens",
                            "gpu.card.memory=20 GB", "model.tiny.tower_params=15B", NULL };
    ck_assert_ptr_null(kit_ask("", heavy, said));
    ck_assert_msg(strstr(said, "; tiny in bf16 does not fit: 30.0 GB of weights") != NULL &&
                      strstr(said, "tensor_parallel = 2 would do; build.kv_room is then to be read "
                                   "again, or left out\n") != NULL,
                  "%s", said);
}
END_TEST

/* The share of requests a side may leave out is that of its strictest target; without one 5 %. */
START_TEST(what_a_side_may_leave_out_is_what_its_strictest_target_lets_miss)
{
    const char *sets[] = { "slo.e2e_p99=9 s", "slo.tpot_p50=1 s", NULL };
    struct xo_scenario *s = kit_read("", sets);
    kit_ck_near(xo_tolerated_misses(s, 0), 1 - 0.99, "p99");
    struct xo_unserved u = { .class_frac = { 0.01 } };
    u.class_frac[0] = xo_tolerated_misses(s, 0);
    ck_assert(xo_unserved_is_tolerated(s, &u));
    u.class_frac[0] = 0.0101;
    ck_assert(!xo_unserved_is_tolerated(s, &u));
    s->slo[0].n_targets = 0;
    kit_ck_near(xo_tolerated_misses(s, 0), 0.05, "no target");
    xo_scenario_free(s);
}
END_TEST

/* ---- which hosts ---- */

/* Blended three to one: a (3 + 9)/4 = 3, b (3 x 2 + 2)/4 = 2, c and d (3 x 4 + 8)/4 = 5 $/Mtok. */
static const char hosts[] =
    "[api a/m]\nlike = none\nmodel = tiny\ninput = $1/Mtok\noutput = $9/Mtok\n"
    "[api b/m]\nlike = none\nmodel = tiny\ninput = $2/Mtok\noutput = $2/Mtok\n"
    "[api d/m]\nlike = none\nmodel = tiny\ninput = $4/Mtok\noutput = $8/Mtok\n"
    "[api c/m]\nlike = none\nmodel = tiny\ninput = $4/Mtok\noutput = $8/Mtok\n";

START_TEST(the_host_in_the_middle_is_bought_and_the_others_are_its_range)
{
    static const struct {
        const char *set, *order[4];
        int n, n_bought;
        double low, high;
    } rows[] = {
        { "buy.same_model_api=d/m, a/m, b/m", { "d/m", "a/m", "b/m" }, 3, 3, 2, 5 },
        { "buy.same_model_api=median of d/m, a/m, b/m", { "a/m", "b/m", "d/m" }, 3, 1, 2, 5 },
        { "buy.same_model_api=median of d/m, c/m, b/m, a/m",
          { "a/m", "b/m", "c/m", "d/m" },
          4,
          1,
          2,
          5 },
        { "buy.same_model_api=median of d/m, c/m, c/m", { "c/m", "d/m" }, 2, 1, 5, 5 },
        { "buy.same_model_api=b/m, b/m, a/m", { "b/m", "a/m" }, 2, 2, 2, 3 },
    };
    for (int i = 0; i < ROWS(rows); i++) {
        const char *sets[] = { rows[i].set, NULL };
        struct xo_scenario *s = kit_read(hosts, sets);
        ck_assert_int_eq(s->n_same_model, rows[i].n);
        ck_assert_int_eq(s->n_same_bought, rows[i].n_bought);
        for (int k = 0; k < s->n_same_model; k++) {
            ck_assert_str_eq(s->same_model[k].tariff.name, rows[i].order[k]);
            ck_assert(s->same_model[k].is_same_weights);
        }
        kit_ck_near(s->same_model_low_usd_per_mtok, rows[i].low, "cheapest");
        kit_ck_near(s->same_model_high_usd_per_mtok, rows[i].high, "dearest");
        xo_scenario_free(s);
    }
}
END_TEST

/* Tokens of an API over those of the workload: its own ratio, times that of [buy] where it serves
 * other weights than [build]. */
START_TEST(an_apis_tokens_are_its_own_ratio_times_that_of_other_weights)
{
    const char *sets[] = { "buy.api=acme/chat, a/m",
                           "buy.api_tokens_ratio_input=1.25",
                           "buy.api_tokens_ratio_output=1.5",
                           "api acme/chat.tokens_ratio_input=1.2",
                           "api acme/chat.tokens_ratio_output=0.5",
                           "api a/m.tokens_ratio_output=0.9",
                           NULL };
    struct xo_scenario *s = kit_read(hosts, sets);
    const struct xo_ratios other = xo_api_ratios(s, &s->apis[0]),
                           same = xo_api_ratios(s, &s->apis[1]);
    kit_ck_near(other.input, 1.25 * 1.2, "input");
    kit_ck_near(other.output, 1.5 * 0.5, "output");
    kit_ck_near(same.input, 1, "input, same weights");
    kit_ck_near(same.output, 0.9, "output, same weights");
    xo_scenario_free(s);
}
END_TEST

/* ---- what is not known ---- */

static const char quoted[] =
    "[gpu q]\nlike = none\nmemory = 80 GB\nbandwidth = 3 TB/s\nbf16 = 900 TFLOPS\n"
    "power_busy = 500 W\nrent = $2.50/hour\nrent_low = $1.50/hour\nrent_high = $6/hour\n"
    "rent_reserved_low = $1.25/hour\nrent_reserved_high = $5/hour\n"
    "rent_reserved_3y_low = $1.1/hour\nrent_reserved_3y_high = $4/hour\n"
    "rent_spot_low = $0.70/hour\nrent_spot_high = $2/hour\n"
    "server_price = $160k\nserver_gpus = 8\nserver_price_low = $120k\nserver_price_high = $240k\n"
    "[gpu half]\nlike = none\nmemory = 40 GB\nbandwidth = 1 TB/s\nbf16 = 300 TFLOPS\n"
    "rent_low = $1/hour\nrent_high = $1.75/hour\n";

/* 401 equal parts of two triangles of one half each, one falling from the base to lo, one to hi:
 * the middle of part i, at u = (i + 1/2)/401, is lo + (base - lo) sqrt(2 u) below the base and
 * hi - (hi - base) sqrt(2 (1 - u)) above. */
static void check_triangles(const struct xo_uncertain *u, double lo, double base, double hi,
                            const char *what)
{
    ck_assert_msg(u->dist.n == 401, "%s", what);
    kit_ck_near(u->dist.values[0], lo + (base - lo) * sqrt(1 / 401.0), what);
    kit_ck_near(u->dist.values[100], lo + (base - lo) * sqrt(201 / 401.0), what);
    kit_ck_near(u->dist.values[200], base, what);
    kit_ck_near(u->dist.values[300], hi - (hi - base) * sqrt(201 / 401.0), what);
    kit_ck_near(u->dist.values[400], hi - (hi - base) * sqrt(1 / 401.0), what);
}

START_TEST(a_spread_of_the_catalog_lies_around_the_base)
{
    static const struct {
        const char *sets[KIT_MAX_SETS], *key;
        double lo, base, hi;
    } rows[] = {
        { { "build.rent=$3/hour", "uncertain.build.rent=catalog" }, "build.rent", 1.5, 3, 6 },
        { { "build.rent=catalog", "uncertain.build.rent=Catalog" }, "build.rent", 1.5, 2.5, 6 },
        { { "build.rent=$3/hour", "build.rent_kind=reserved", "uncertain.build.rent=catalog" },
          "build.rent",
          1.25,
          3,
          5 },
        { { "build.rent=$3/hour", "build.rent_kind=reserved_3y", "uncertain.build.rent=catalog" },
          "build.rent",
          1.1,
          3,
          4 },
        /* All quotes are below what is paid: nothing lies above it. */
        { { "build.rent=$3/hour", "build.rent_kind=spot", "uncertain.build.rent=catalog" },
          "build.rent",
          0.7,
          3,
          3 },
        { { "build.rent=$1/hour", "uncertain.build.rent=catalog" }, "build.rent", 1, 1, 6 },
        /* Of two GPUs the widest spread, each over its own rent: 1.5/3 to 6/3, and 1/1.25 to
         * 1.75/1.25; the scale is 1.2. */
        { { "build.gpu=q, half", "build.rent=$3/hour, $1.25/hour", "build.rent_scale=1.2",
            "uncertain.build.rent_scale=catalog" },
          "build.rent_scale",
          1.2 * 0.5,
          1.2,
          1.2 * 2 },
        { { "build.gpu=half, q", "build.rent=$2/hour, $3/hour",
            "uncertain.build.rent_scale=catalog" },
          "build.rent_scale",
          0.5,
          1,
          2 },
        /* Half of a server of 8. */
        { { "build.tenure=own", "build.server_price=$70k", "build.server_gpus=4",
            "build.life=3 years", "build.cost_of_capital=5%", "build.power_price=$0.1/kWh",
            "uncertain.build.server_price=catalog" },
          "build.server_price",
          60e3,
          70e3,
          120e3 },
        /* EIA, Electric Power Monthly, table 5.6.A, April 2025: 6.0 to 22.7 cents. */
        { { "build.power_price=$0.1/kWh", "uncertain.build.power_price=catalog" },
          "build.power_price",
          0.06,
          0.1,
          0.227 },
    };
    for (int i = 0; i < ROWS(rows); i++) {
        const char *sets[KIT_MAX_SETS + 1] = { "build.gpu=q" };
        for (int k = 0; k < KIT_MAX_SETS - 1; k++)
            sets[k + 1] = rows[i].sets[k];
        struct xo_scenario *s = kit_read(quoted, sets);
        ck_assert_int_eq(s->n_uncertain, 1);
        ck_assert_int_eq(s->uncertain[0].key, xo_key_find(rows[i].key));
        ck_assert(s->uncertain[0].implied && !s->uncertain[0].reaches_simulation);
        check_triangles(&s->uncertain[0], rows[i].lo, rows[i].base, rows[i].hi, rows[i].sets[0]);
        xo_scenario_free(s);
    }
}
END_TEST

/* Without [uncertain] a price that is a guess varies by what the catalog knows of it; a list of
 * rents varies together; what is firm, or nothing, does not vary. */
START_TEST(a_guess_varies_by_the_spread_of_its_price)
{
    static const struct {
        const char *rent, *sets[KIT_MAX_SETS], *key;
        double lo, base, hi;
    } rows[] = {
        { "? $3/hour", { NULL }, "build.rent", 1.5, 3, 6 },
        { "$3/hour\npower_price = ? $0.1/kWh", { NULL }, "build.power_price", 0.06, 0.1, 0.227 },
        { "? $3/hour, $1.25/hour", { "build.gpu=q, half" }, "build.rent_scale", 0.5, 1, 2 },
        { "$3/hour\nserver_price = ? $70k",
          { "build.tenure=own", "build.server_gpus=4", "build.life=3 years",
            "build.cost_of_capital=5%", "build.power_price=$0.1/kWh" },
          "build.server_price",
          60e3,
          70e3,
          120e3 },
        { "$3/hour", { NULL }, NULL, 0, 0, 0 },
        { "? $0/hour", { NULL }, NULL, 0, 0, 0 },
        { "? $3/hour", { "build.gpu=card" }, NULL, 0, 0, 0 }, /* no quotes are known of it */
    };
    for (int i = 0; i < ROWS(rows); i++) {
        const char *sets[KIT_MAX_SETS + 1] = { "build.gpu=q" };
        for (int k = 0; k < KIT_MAX_SETS - 1; k++)
            sets[k + 1] = rows[i].sets[k];
        kit_rent = rows[i].rent;
        struct xo_scenario *s = kit_read(quoted, sets);
        kit_rent = "$2/hour";
        ck_assert_int_eq(s->n_uncertain, rows[i].key != NULL);
        if (rows[i].key != NULL) {
            ck_assert_int_eq(s->uncertain[0].key, xo_key_find(rows[i].key));
            ck_assert(s->uncertain[0].implied);
            check_triangles(&s->uncertain[0], rows[i].lo, rows[i].base, rows[i].hi, rows[i].rent);
        }
        xo_scenario_free(s);
    }
}
END_TEST

/* "model-error" is lognormal about the step scale, with the sigma of what is known of deployments
 * like this one; of a calibrated one at least that of its own median error, which is 0.6745 sigma
 * of a normal. */
START_TEST(the_error_of_the_model_lies_around_the_step_scale)
{
    const char *sets[] = { "build.step_scale=1.2", "uncertain.build.step_scale=model-error", NULL };
    struct xo_scenario *s = kit_read("", sets);
    const double new_both = xo_step_errors[s->options[0].step_class].sigma;
    ck_assert_int_ne(s->options[0].step_class, XO_STEP_CALIBRATED);
    kit_ck_near(s->options[0].step_sigma, new_both, "sigma");
    ck_assert(s->uncertain[0].reaches_simulation && !s->uncertain[0].implied);
    ck_assert_double_eq_tol(xo_uncertain_quantile(&s->uncertain[0], 0.5), 1.2, 1e-6);
    ck_assert_double_eq_tol(xo_uncertain_quantile(&s->uncertain[0], 0.95),
                            1.2 * exp(1.6448536269514722 * new_both), 1e-4);
    char label[200], text[2][400];
    xo_deployment_label(&s->options[0].deployment, label, sizeof label);
    xo_scenario_free(s);
    for (int i = 0; i < 2; i++) { /* an error of 60 %, and one of 0.1 % */
        snprintf(text[i], sizeof text[i], "[calibration]\ndeployment = %s\nerror = %s\n", label,
                 i == 0 ? "60%" : "0.1%");
        s = kit_read(text[i], sets);
        ck_assert_int_eq(s->options[0].step_class, XO_STEP_CALIBRATED);
        kit_ck_near(s->options[0].step_sigma,
                    i == 0 ? log(1.6) / 0.6745 : xo_step_errors[XO_STEP_CALIBRATED].sigma, text[i]);
        xo_scenario_free(s);
    }
}
END_TEST

static const struct {
    const char *sets[3], *says; /* "": it is taken */
} ranges[] = {
    { { "uncertain.build.rent=uniform(2, 3) USD/hour" }, "" }, /* the base at an end */
    { { "uncertain.build.rent=uniform(1, 2) USD/hour" }, "" },
    { { "uncertain.build.rent=uniform(2.01, 3) USD/hour" },
      ", $2.01/hour to $3/hour, and build.rent itself is $2/hour: the range must hold the base" },
    { { "uncertain.build.rent=uniform(1, 1.99) USD/hour" }, "the range must hold the base case" },
    { { "uncertain.build.rent=uniform(0, 10000) USD/hour" }, "" },
    { { "uncertain.build.rent=uniform(0, 10001) USD/hour" },
      ", which leaves the range of build.rent: $0/hour to $10000/hour" },
    { { "uncertain.build.rent=uniform(-0.01, 9) USD/hour" }, ", which leaves the range" },
    /* Of a lognormal without ends 99.8 % are looked at: the base at z = -3 is in, at -3.2 out. */
    { { "uncertain.build.rent=lognormal(p50=3, p95=3.7491) USD/hour" }, "" },
    { { "uncertain.build.rent=lognormal(p50=3, p95=3.695) USD/hour" },
      "the range must hold the base" },
    { { "uncertain.buy.discount=normal(mean=110%, sd=50%)" }, ", which leaves the range" },
    { { "uncertain.buy.discount=normal(mean=10%, sd=50%)" }, "" },
    /* an sd of 3,039 for a range of 1: 0.013 % of the draws are in it, as good as evenly spread */
    { { "uncertain.buy.discount=normal(p50=50%, p95=500000%)", "buy.discount=40%" }, "" },
    { { "uncertain.build.headroom=model-error" },
      "model-error is a distribution of build.step_scale" },
    { { "uncertain.build.rent=catalog" }, "the catalog knows no spread of it" },
    { { "uncertain.build.pue=catalog" }, "catalog is a distribution of build.rent" },
    { { "uncertain.study.draws=uniform(300, 400)" }, "is no number that changes" },
    { { "uncertain.buy.rent=uniform(1, 2)" }, "unknown key \"buy.rent\"" },
    { { "uncertain.build.rent=uniform(1, 3) USD/hour", "build.gpu=card, card",
        "build.rent=$2/hour, $2/hour" },
      "build.rent is a list; vary build.rent_scale" },
};

START_TEST(a_range_lies_in_that_of_its_key_and_holds_the_base)
{
    char said[KIT_SAID_SIZE];
    const char *sets[4] = { ranges[_i].sets[0], ranges[_i].sets[1], ranges[_i].sets[2] };
    struct xo_scenario *s = kit_ask("", sets, said);
    if (ranges[_i].says[0] == '\0')
        ck_assert_msg(s != NULL, "%s: %s", sets[0], said);
    else
        ck_assert_msg(s == NULL && strstr(said, ranges[_i].says) != NULL, "%s: %s", sets[0], said);
    xo_scenario_free(s);
}
END_TEST

/* --set fixes the rent: its range goes, with the pair that names it; the other pairs stay. */
START_TEST(a_key_that_is_set_leaves_the_ranges_and_their_correlations)
{
    static const char text[] =
        "[uncertain]\nbuild.rent = uniform(1, 3) USD/hour\nbuild.pue = uniform(1.1, 1.9)\n"
        "buy.price_scale = uniform(0.5, 1.5)\nbuild.step_scale = uniform(0.5, 1.5)\n"
        "correlation = build.pue ~ buy.price_scale 0.25, build.rent ~ build.pue 0.5, "
        "buy.price_scale ~ build.step_scale -0.125\n";
    const char *sets[] = { "build.rent=$2.50/hour", NULL };
    struct xo_scenario *s = kit_read(text, sets);
    double rank[9];
    const double wanted[9] = { 1, 0.25, 0, 0.25, 1, -0.125, 0, -0.125, 1 };
    ck_assert_int_eq(s->n_uncertain, 3);
    ck_assert_int_eq(s->n_correlations, 2);
    xo_scenario_correlations(s, rank);
    for (int i = 0; i < 9; i++)
        kit_ck_near(rank[i], wanted[i], "rank");
    xo_scenario_free(s);
}
END_TEST

/* ---- the invoice ---- */

/* A million prompt tokens at $5/Mtok and 100,000 of output at $20/Mtok are $7: of an invoice of
 * $6.70 4.5 % too many, of $6.66 5.1 %, of $7.38 5.1 % too few. The table counts from 15 % on what
 * verdicts say. */
START_TEST(a_bill_more_than_five_percent_off_its_invoice_is_told)
{
    static const struct {
        const char *invoice, *says, *table; /* NULL: nothing */
    } rows[] = {
        { "$6.70", NULL, NULL },
        { "$6.66", "is 5 % above the invoice", "warning: more than 5 % apart" },
        { "$6.60", "is 6 % above the invoice", "warning: more than 5 % apart" },
        { "$6.092", "is 15 % above the invoice", "warning: more than 5 % apart" },
        { "$6.08", "is 15 % above the invoice", "warning: more than 15 % apart; verdicts say so" },
        { "$7.35", NULL, NULL },
        { "$7.38", "is 5 % below the invoice", "warning: more than 5 % apart" },
        { "$8.225", "is 15 % below the invoice", "warning: more than 5 % apart" },
        { "$8.25", "is 15 % below the invoice", "warning: more than 15 % apart; verdicts say so" },
    };
    for (int i = 0; i < ROWS(rows); i++) {
        char more[200];
        snprintf(more, sizeof more,
                 "[actual]\nmonth = 2026-10\nrequests = 1000\nprompt_tokens = 1M\n"
                 "output_tokens = 100k\ninvoice = %s",
                 rows[i].invoice);
        kit_write("");
        struct answer a = answer_of("check", kit_path, more, NULL);
        unlink(kit_path);
        ck_assert_msg(a.status == 0, "%s", a.errors);
        ck_assert_msg((strstr(a.errors, "the invoice") != NULL) == (rows[i].says != NULL), "%s: %s",
                      rows[i].invoice, a.errors);
        ck_assert(rows[i].says == NULL || strstr(a.errors, rows[i].says) != NULL);
        const char *apart = strstr(a.text, "% apart");
        ck_assert_msg((apart != NULL) == (rows[i].table != NULL), "%s: %.40s", rows[i].invoice,
                      apart != NULL ? apart : "nothing");
        ck_assert(rows[i].table == NULL || strstr(a.text, rows[i].table) != NULL);
        answer_fini(&a);
    }
}
END_TEST

/* Three kinds of sections: one of a kind, one with a name of its own, and ranges of other keys. */
START_TEST(a_key_is_written_with_its_section)
{
    kit_write("[uncertain]\nbuild.rent = uniform($1/hour, $3/hour)\n");
    struct answer rows = answer_of("check", kit_path, NULL, "--format csv");
    struct answer page = answer_of("check", kit_path, NULL, NULL);
    unlink(kit_path);
    ck_assert_ptr_nonnull(strstr(rows.text, " build.gpu,card,0,"));
    ck_assert_ptr_nonnull(strstr(rows.text, " model tiny: layers,4,0,"));
    ck_assert_ptr_nonnull(strstr(rows.text, " uncertain build.rent,"));
    char *text = answer_file(&page, "stdout"); /* what has a name is a heading over its keys */
    ck_assert_ptr_nonnull(strstr(text, "\nmodel tiny"));
    ck_assert_ptr_nonnull(strstr(text, "\n  layers "));
    free(text);
    answer_fini(&rows);
    answer_fini(&page);
}
END_TEST

int main(void)
{
    xo_catalog_builtin(); /* once, before the tests fork */
    Suite *suite = suite_create("checks");
    TCase *tc = tcase_create("checks");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_key_is_written_with_its_section);
    tcase_add_test(tc, a_unit_is_written_down_as_it_was_typed);
    tcase_add_loop_test(tc, a_limit_is_told_beyond_it_and_not_within, 0, ROWS(limits));
    tcase_add_loop_test(tc, a_range_is_told_whose_ends_cannot_be, 0, ROWS(ends));
    tcase_add_test(tc, a_tail_that_cannot_be_is_cut);
    tcase_add_test(tc, a_range_stands_in_its_line_or_in_its_option);
    tcase_add_test(tc, a_length_does_not_vary_beside_a_trace);
    tcase_add_test(tc, servers_last_as_long_as_the_term_or_that_is_told);
    tcase_add_test(tc, a_price_ten_times_the_catalogs_is_told);
    tcase_add_test(tc, a_model_of_another_size_than_published_is_told);
    tcase_add_loop_test(tc, a_fault_of_a_model_is_told_where_it_would_be_mended, 0, ROWS(faults));
    tcase_add_test(tc, a_key_of_a_model_changes_something_or_needs_another);
    tcase_add_test(tc, what_is_taken_from_a_model_leaves_behind_what_it_describes);
    tcase_add_loop_test(tc, a_key_that_no_deployment_can_have_is_told_at_its_own_place, 0,
                        ROWS(impossible));
    tcase_add_test(tc, a_room_without_a_request_is_to_be_corrected_or_left_out);
    tcase_add_test(tc, what_a_side_may_leave_out_is_what_its_strictest_target_lets_miss);
    tcase_add_test(tc, the_host_in_the_middle_is_bought_and_the_others_are_its_range);
    tcase_add_test(tc, an_apis_tokens_are_its_own_ratio_times_that_of_other_weights);
    tcase_add_test(tc, a_spread_of_the_catalog_lies_around_the_base);
    tcase_add_test(tc, a_guess_varies_by_the_spread_of_its_price);
    tcase_add_test(tc, the_error_of_the_model_lies_around_the_step_scale);
    tcase_add_loop_test(tc, a_range_lies_in_that_of_its_key_and_holds_the_base, 0, ROWS(ranges));
    tcase_add_test(tc, a_key_that_is_set_leaves_the_ranges_and_their_correlations);
    tcase_add_test(tc, a_bill_more_than_five_percent_off_its_invoice_is_told);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
