/* test_keys.c - the table of keys holds together: its sections, the words of its choices, its
 * defaults, and the ranges of fitted constants.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenario/values.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_row_stands_in_the_section_that_it_names)
{
    int n = 0;
    for (int i = 0; i < S_N; i++)
        for (int k = 0; k < sections[i].n_keys; k++, n++) {
            const int key = sections[i].first_key + k;
            ck_assert_str_eq(xo_keys[key].section, sections[i].name);
            ck_assert_int_eq(section_of(key), i);
            ck_assert_int_eq(key_in_section((enum section)i, xo_keys[key].name), key);
        }
    ck_assert_int_eq(n, xo_n_keys); /* each in one section, and no name twice in it */
}
END_TEST

START_TEST(a_section_is_found_by_its_name)
{
    for (int i = 0; i < S_N; i++) {
        ck_assert_int_eq(section_find(sections[i].name, strlen(sections[i].name)), i);
        ck_assert(sections[i].named || sections[i].plain);
        ck_assert_int_eq(sections[i].plain, i < S_N_SINGLE);
        ck_assert_int_eq(xo_section_is_named(sections[i].name), i >= S_N_SINGLE);
    }
    ck_assert(!xo_section_is_named("classes"));
}
END_TEST

/* ---- choices ---- */

/* Each word and the enum's value of that name, typed here once more. */
static const struct word {
    const char *text;
    int value;
} parities[] = { { "assumed", XO_PARITY_ASSUMED },
                 { "measured", XO_PARITY_MEASURED },
                 { "unequal", XO_PARITY_UNEQUAL } },
  growths[] = { { "more_users", XO_MORE_USERS }, { "busier", XO_BUSIER } },
  profiles[] = { { "steady", PROFILE_STEADY },
                 { "diurnal", PROFILE_DIURNAL },
                 { "office-hours", PROFILE_OFFICE_HOURS },
                 { "spiky", PROFILE_SPIKY },
                 { "custom", PROFILE_CUSTOM } },
  trace_units[] = { { "auto", XO_TRACE_AUTO },
                    { "s", XO_TRACE_S },
                    { "ms", XO_TRACE_MS },
                    { "us", XO_TRACE_US },
                    { "ns", XO_TRACE_NS } },
  trace_gaps[] = { { "cut", GAPS_CUT }, { "keep", GAPS_KEEP } },
  slo_windows[] = { { "busiest-hour", XO_SLO_BUSIEST_HOUR }, { "month", XO_SLO_MONTH } },
  caches[] = { { "cheapest", XO_CACHE_CHEAPEST },
               { "short", XO_CACHE_SHORT },
               { "extended", XO_CACHE_EXTENDED },
               { "none", XO_CACHE_NONE } },
  dtypes[] = { { "fp16", XO_FP16 },  { "bf16", XO_BF16 }, { "fp8", XO_FP8 },
               { "int8", XO_INT8 },  { "int4", XO_INT4 }, { "nvfp4", XO_NVFP4 },
               { "mxfp4", XO_MXFP4 } },
  engines[] = { { "vllm", XO_ENGINE_VLLM },
                { "sglang", XO_ENGINE_SGLANG },
                { "trtllm", XO_ENGINE_TRTLLM } },
  routers[] = { { "random", XO_ROUTE_RANDOM },
                { "round_robin", XO_ROUTE_ROUND_ROBIN },
                { "least_outstanding", XO_ROUTE_LEAST_OUTSTANDING },
                { "power_of_two", XO_ROUTE_POWER_OF_TWO },
                { "shared_queue", XO_ROUTE_SHARED_QUEUE } },
  admissions[] = { { "prompt", XO_ADMIT_PROMPT },
                   { "chunk", XO_ADMIT_CHUNK },
                   { "reserve", XO_ADMIT_RESERVE } },
  yes_no[] = { { "no", false }, { "yes", true } },
  state_bits[] = { { "16", STATE_BITS_16 }, { "32", STATE_BITS_32 } },
  tenures[] = { { "rent", XO_RENT }, { "own", XO_OWN }, { "owned", XO_ALREADY_OWNED } },
  rent_kinds[] = { { "on_demand", RENT_ON_DEMAND },
                   { "reserved", RENT_RESERVED },
                   { "reserved_3y", RENT_RESERVED_3Y },
                   { "spot", RENT_SPOT } },
  samplings[] = { { "random", XO_SAMPLING_RANDOM },
                  { "latin", XO_SAMPLING_LATIN },
                  { "sobol", XO_SAMPLING_SOBOL } },
  indices[] = { { "auto", XO_INDICES_AUTO },
                { "pick-freeze", XO_INDICES_PICK_FREEZE },
                { "given-data", XO_INDICES_GIVEN_DATA } },
  bases[] = { { "cash", XO_BASIS_CASH }, { "economic", XO_BASIS_ECONOMIC } },
  scales[] = { { "auto", XO_MAP_AUTO }, { "log", XO_MAP_LOG }, { "linear", XO_MAP_LINEAR } },
  generations[] = { { "turing", XO_GEN_TURING }, { "volta", XO_GEN_VOLTA },
                    { "ampere", XO_GEN_AMPERE }, { "ada", XO_GEN_ADA },
                    { "hopper", XO_GEN_HOPPER }, { "blackwell", XO_GEN_BLACKWELL },
                    { "cdna2", XO_GEN_CDNA2 },   { "cdna3", XO_GEN_CDNA3 },
                    { "cdna4", XO_GEN_CDNA4 },   { "other", XO_GEN_OTHER } },
  linear_kinds[] = { { "delta", XO_LINEAR_DELTA },
                     { "mamba2", XO_LINEAR_MAMBA2 },
                     { "kda", XO_LINEAR_KDA },
                     { "conv", XO_LINEAR_CONV } },
  quantized[] = { { "usual", XO_QUANTIZED_USUAL },
                  { "mlp", XO_QUANTIZED_MLP },
                  { "experts", XO_QUANTIZED_EXPERTS },
                  { "experts-over-fp8", XO_QUANTIZED_EXPERTS_OVER_FP8 } },
  links[] = { { "nvlink", LINK_NVLINK },
              { "pcie", LINK_PCIE },
              { "xgmi", LINK_XGMI },
              { "ici", LINK_ICI },
              { "none", LINK_NONE } },
  cachings[] = { { "none", CACHING_NONE }, { "unknown", CACHING_UNKNOWN } },
  batch_cached[] = { { "discounted", BATCH_DISCOUNTED }, { "full-price", BATCH_FULL_PRICE } },
  buy_tiers[] = { { "standard", TIER_STANDARD },
                  { "flex", TIER_FLEX },
                  { "priority", TIER_PRIORITY },
                  { "fast", TIER_FAST } },
  periods[] = { { "month", PERIOD_MONTH }, { "term", PERIOD_TERM } },
  provisioned[] = { { "none", UNITS_NONE }, { "searched", UNITS_SEARCHED } },
  long_pricings[] = { { "whole", LONG_WHOLE }, { "marginal", LONG_MARGINAL } };

#define WORDS(words) words, sizeof(words) / sizeof *(words)
static const struct {
    int key;
    const struct word *words;
    size_t n;
} choices[] = {
    { K_SCENARIO_PARITY, WORDS(parities) },
    { K_WORKLOAD_GROWTH, WORDS(growths) },
    { K_WORKLOAD_PROFILE, WORDS(profiles) },
    { K_WORKLOAD_TRACE_UNIT, WORDS(trace_units) },
    { K_WORKLOAD_TRACE_GAPS, WORDS(trace_gaps) },
    { K_SLO_WINDOW, WORDS(slo_windows) },
    { K_BUY_CACHE, WORDS(caches) },
    { K_BUILD_WEIGHTS, WORDS(dtypes) },
    { K_BUILD_KV, WORDS(dtypes) },
    { K_BUILD_ENGINE, WORDS(engines) },
    { K_BUILD_ROUTER, WORDS(routers) },
    { K_BUILD_KV_ADMISSION, WORDS(admissions) },
    { K_BUILD_SCHEDULE_AHEAD, WORDS(yes_no) },
    { K_BUILD_TENURE, WORDS(tenures) },
    { K_BUILD_RENT_KIND, WORDS(rent_kinds) },
    { K_STUDY_SAMPLING, WORDS(samplings) },
    { K_STUDY_INDICES, WORDS(indices) },
    { K_MAP_X_AXIS, WORDS(scales) },
    { K_MAP_Y_AXIS, WORDS(scales) },
    { K_HORIZON_BASIS, WORDS(bases) },
    { K_GPU_GENERATION, WORDS(generations) },
    { K_GPU_LINK_KIND, WORDS(links) },
    { K_MODEL_TIED_EMBEDDINGS, WORDS(yes_no) },
    { K_MODEL_KEYS_AS_VALUES, WORDS(yes_no) },
    { K_MODEL_ATTENTION_GATE, WORDS(yes_no) },
    { K_MODEL_LINEAR_KIND, WORDS(linear_kinds) },
    { K_MODEL_LINEAR_STATE_BITS, WORDS(state_bits) },
    { K_MODEL_QUANTIZED, WORDS(quantized) },
    { K_MODEL_WEIGHTS, WORDS(dtypes) },
    { K_API_CACHING, WORDS(cachings) },
    { K_API_CACHE_REFRESH, WORDS(yes_no) },
    { K_API_BATCH_CACHED, WORDS(batch_cached) },
    { K_BUY_TIER, WORDS(buy_tiers) },
    { K_CLASS_TIER, WORDS(buy_tiers) },
    { K_BUY_RESIDENCY, WORDS(yes_no) },
    { K_API_LONG_PRICING, WORDS(long_pricings) },
    { K_BUY_PROVISIONED, WORDS(provisioned) },
    { K_BUY_COMMIT_PERIOD, WORDS(periods) },
};
enum { N_CHOICES = sizeof choices / sizeof *choices };

/* The row of `choices` for a key; -1. */
static int row_of(int key)
{
    int i = N_CHOICES - 1;
    while (i >= 0 && choices[i].key != key)
        i--;
    return i;
}

START_TEST(each_word_of_a_choice_is_read_to_the_enums_value_of_that_name)
{
    int seen = 0;
    for (int key = 0; key < xo_n_keys; key++) {
        const struct xo_key *k = &xo_keys[key];
        const bool is_choice = k->type == XO_KEY_CHOICE || k->type == XO_KEY_CHOICES;
        const int row = row_of(key);
        size_t n = 0;
        ck_assert_msg(is_choice == (k->choices != NULL), "%s.%s", k->section, k->name);
        if (!is_choice)
            continue;
        ck_assert_msg(row >= 0, "%s.%s: give its words here", k->section, k->name);
        for (; k->choices[n] != NULL; n++) {
            const struct word *w = &choices[row].words[n];
            ck_assert_uint_lt(n, choices[row].n);
            ck_assert_str_eq(k->choices[n], w->text);
            ck_assert_int_eq(w->value, (int)n);
            ck_assert_int_eq(choice_of(key, w->text), w->value);
        }
        ck_assert_uint_eq(n, choices[row].n);
        ck_assert_int_eq(choice_of(key, "another"), -1);
        seen++;
    }
    ck_assert_int_eq(seen, N_CHOICES);
}
END_TEST

/* Draws of a key that was there before others came are those of before. */
START_TEST(a_key_has_a_place_of_its_own_that_no_later_key_moves)
{
    ck_assert_int_eq(xo_key_slot(K_SCENARIO_NAME), 0);
    ck_assert_int_eq(xo_key_slot(K_WORKLOAD_CLIENTS), K_WORKLOAD_CLIENTS - 1);
    ck_assert_int_eq(xo_key_slot(K_WORKLOAD_TOOL_CALLS), 4096);
    ck_assert_int_eq(xo_key_slot(K_CLASS_TIER), 4097);
    for (int a = 0; a < xo_n_keys; a++) {
        ck_assert_int_lt(xo_key_slot(a), 1 << 20);
        for (int b = 0; b < a; b++)
            ck_assert_int_ne(xo_key_slot(a), xo_key_slot(b));
    }
}
END_TEST

START_TEST(words_are_shown_in_one_line_and_read_in_any_case)
{
    char out[XO_CHOICES_SIZE];
    size_t longest = 0;
    ck_assert_str_eq(xo_key_choices(&xo_keys[K_STUDY_INDICES], out),
                     "auto | pick-freeze | given-data");
    ck_assert_str_eq(xo_key_choices(&xo_keys[K_BUILD_RENT], out), "");
    for (int key = 0; key < xo_n_keys; key++)
        if (strlen(xo_key_choices(&xo_keys[key], out)) > longest)
            longest = strlen(out);
    ck_assert_uint_lt(longest, sizeof out - 1); /* none is cut off */
    ck_assert_int_eq(choice_of(K_STUDY_INDICES, "Pick_Freeze"), XO_INDICES_PICK_FREEZE);
    ck_assert_int_eq(choice_of(K_BUILD_ROUTER, "round-robin"), XO_ROUTE_ROUND_ROBIN);
    ck_assert_int_eq(choice_of(K_BUILD_ROUTER, "round"), -1);
    ck_assert_int_eq(choice_of(K_BUILD_ROUTER, "round_robins"), -1);
    ck_assert_int_eq(choice_of(K_BUILD_KV, "e4m3"), XO_FP8);
}
END_TEST

/* ---- defaults ---- */

START_TEST(a_default_reads_to_one_number_in_range_whatever_the_month)
{
    for (int key = 0; key < xo_n_keys; key++) {
        const struct xo_key *k = &xo_keys[key];
        const char *text = key_default(key), *unit = number_unit(k);
        double x[2] = { NAN, NAN };
        if (text != NULL && k->choices != NULL) {
            ck_assert_msg(choice_of(key, text) >= 0, "%s.%s", k->section, k->name);
            ck_assert(xo_key_default(key) == choice_of(key, text));
        }
        if (text == NULL || unit == NULL)
            continue;
        ck_assert(quantity_read(unit, text, 672, &x[0], NULL));
        ck_assert(quantity_read(unit, text, 744, &x[1], NULL));
        ck_assert_msg(x[0] == x[1] && x[0] == xo_key_default(key), "%s.%s", k->section, k->name);
        ck_assert_msg(x[0] >= k->min && x[0] <= k->max, "%s.%s", k->section, k->name);
    }
}
END_TEST

/* What a key counts as where no page shows it, typed here once more. */
static const struct {
    int key;
    double value;
} unshown[] = {
    { K_SCENARIO_COMMIT, 1 },
    { K_SCENARIO_PARITY, XO_PARITY_ASSUMED },
    { K_WORKLOAD_PROFILE, PROFILE_STEADY },
    { K_WORKLOAD_TRACE_UNIT, XO_TRACE_AUTO },
    { K_WORKLOAD_TRACE_GAPS, GAPS_CUT },
    { K_BUY_CACHE, XO_CACHE_CHEAPEST },
    { K_HORIZON_MONTHS, 36 },
    { K_HORIZON_BASIS, XO_BASIS_CASH },
    { K_HORIZON_RESERVE_TERM, 1 },
    { K_HORIZON_RESERVE_PRICE, 1 },
    { K_HORIZON_EARLY_EXIT, 1 },
    { K_API_CACHING, CACHING_NONE },
    { K_API_CACHE_REFRESH, YES },
    { K_API_CACHE_HIT_MAX, 1 },
    { K_API_BATCH_CACHED, BATCH_DISCOUNTED },
    { K_BUY_TIER, TIER_STANDARD },
    { K_BUY_RESIDENCY, NO },
    { K_API_LONG_PRICING, LONG_WHOLE },
    { K_BUY_PROVISIONED, UNITS_NONE },
    { K_BUY_COMMIT_PERIOD, PERIOD_MONTH },
};
enum { N_UNSHOWN = sizeof unshown / sizeof *unshown };

START_TEST(a_default_is_shown_or_left_out_and_not_both)
{
    int n = 0;
    for (int key = 0; key < xo_n_keys; key++) {
        const char *shown = xo_keys[key].defaults;
        if (shown != NULL && shown[0] != '\0')
            ck_assert_ptr_eq(key_default(key), shown);
        else
            n += key_default(key) != NULL;
    }
    ck_assert_int_eq(n, N_UNSHOWN);
    for (int i = 0; i < N_UNSHOWN; i++) {
        ck_assert_str_eq(xo_keys[unshown[i].key].defaults, "");
        ck_assert_double_eq(xo_key_default(unshown[i].key), unshown[i].value);
    }
}
END_TEST

/* One row of each kind; what has no default is 0, as is what is no number. */
START_TEST(a_key_that_is_not_there_is_what_the_table_says)
{
    struct xo_store store;
    ck_assert(store_init(&store));
    ck_assert_double_eq(store.hours_per_month, 730);
    ck_assert_double_eq(store_value(&store, S_BUILD, K_BUILD_CHUNK), 0); /* hangs on the GPU */
    ck_assert_double_eq(store_value(&store, S_BUILD, K_BUILD_HEADROOM), 0.2);
    ck_assert_double_eq(store_value(&store, S_BUILD, K_BUILD_FRONTEND), 0.007);
    ck_assert_double_eq(store_value(&store, S_BUILD, K_BUILD_PUE), 1.58);
    ck_assert_double_eq(store_value(&store, S_SLO, K_SLO_TIMEOUT), 600);
    ck_assert_int_eq(store_integer(&store, S_MAP, K_MAP_COLUMNS), 41);
    ck_assert_int_eq(store_integer(&store, S_STUDY, K_STUDY_SAMPLING), XO_SAMPLING_SOBOL);
    ck_assert_int_eq(store_integer(&store, S_BUILD, K_BUILD_ROUTER), XO_ROUTE_LEAST_OUTSTANDING);
    ck_assert_double_eq(store_value(&store, S_BUILD, K_BUILD_REPLICAS), 0);
    ck_assert_double_eq(store_value(&store, S_WORKLOAD, K_WORKLOAD_ARRIVALS), 0);
    ck_assert_double_eq(store_value(&store, -1, K_GPU_SERVER_GPUS), 8); /* no such group */
    ck_assert(isnan(store_number(&store, S_BUILD, K_BUILD_CHUNK)));
    ck_assert_double_eq(store_number_or(&store, S_BUY, K_BUY_SALARY, 7), 7);
    store_fini(&store);
}
END_TEST

/* ---- fitted constants ---- */

/* Shares from 0.01 on, times from 0 on, factors: typed here once more. */
static const struct {
    const char *unit;
    double min, max;
    const char *names[16];
} ranges[] = {
    { "share",
      0.01,
      1,
      { "mbu_weights", "mbu_4bit", "mbu_kv", "mfu_linear", "mfu_8bit", "mfu_4bit", "mfu_experts",
        "mfu_experts_4bit", "mfu_attention", "link_efficiency" } },
    { "time", 0, 1, { "step_overhead" } },
    { "time",
      0,
      0.1,
      { "layer_decode", "layer_prefill", "moe_decode", "moe_decode_4bit", "moe_prefill",
        "attention_floor", "sequence_overhead", "allreduce_latency" } },
    { "factor", 1, 100, { "expert_imbalance" } },
    { "factor", 0.01, 100, { "step_scale" } },
};

START_TEST(a_fitted_constant_has_its_range_in_the_table_of_keys)
{
    int n = 0;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (const char *const *name = ranges[i].names; *name != NULL; name++, n++) {
            const int key = key_in_section(S_BUILD, *name), constant = xo_constant_find(*name);
            ck_assert_msg(key >= 0 && constant >= 0, "%s", *name);
            ck_assert_str_eq(xo_keys[key].unit, ranges[i].unit);
            ck_assert_double_eq(xo_keys[key].min, ranges[i].min);
            ck_assert_double_eq(xo_keys[key].max, ranges[i].max);
            ck_assert_int_eq(xo_constants[constant].is_share, i == 0);
        }
    ck_assert_int_eq(n, XO_N_CONSTANTS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keys");
    TCase *c = tcase_create("keys");
    tcase_add_test(c, a_row_stands_in_the_section_that_it_names);
    tcase_add_test(c, a_section_is_found_by_its_name);
    tcase_add_test(c, each_word_of_a_choice_is_read_to_the_enums_value_of_that_name);
    tcase_add_test(c, a_key_has_a_place_of_its_own_that_no_later_key_moves);
    tcase_add_test(c, words_are_shown_in_one_line_and_read_in_any_case);
    tcase_add_test(c, a_default_reads_to_one_number_in_range_whatever_the_month);
    tcase_add_test(c, a_default_is_shown_or_left_out_and_not_both);
    tcase_add_test(c, a_key_that_is_not_there_is_what_the_table_says);
    tcase_add_test(c, a_fitted_constant_has_its_range_in_the_table_of_keys);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
