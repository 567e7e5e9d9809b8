/* test_catalog.c - the facts compiled in: does each entry hang together, and agree with its source?
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/file.h"
#include "xo/scenario.h"

#include <check.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is published in few digits, or without a part. */
static const struct {
    const char *name;
    double within_frac;
} loosely_published[] = {
    { "deepseek-v4-pro", 0.031 },     /* "1.6T": 1.55 to 1.65 */
    { "kimi-linear-48b-a3b", 0.026 }, /* "48B": without 2 * 163840 * 2304 of embedding and head,
                                         47.5 to 48.5 */
};

static double within(const char *model)
{
    for (size_t i = 0; i < sizeof loosely_published / sizeof *loosely_published; i++)
        if (strcmp(loosely_published[i].name, model) == 0)
            return loosely_published[i].within_frac;
    return 0.01;
}

START_TEST(dimensions_give_the_published_parameters_within_one_percent)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    for (int i = 0; i < c->n_models; i++) {
        const struct xo_model *m = &c->models[i].model;
        ck_assert_msg(fabs(xo_model_params(m) / m->params_total - 1) < within(m->name),
                      "%s: %g, published %g", m->name, xo_model_params(m), m->params_total);
    }
}
END_TEST

/* Looser: publishers count embeddings, and the layers beyond the last, each in their own way. */
START_TEST(active_parameters_are_near_the_published_ones_and_never_above_all)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    for (int i = 0; i < c->n_models; i++) {
        const struct xo_model *m = &c->models[i].model;
        ck_assert_msg(fabs(xo_model_active_params(m) / m->params_active - 1) < 0.17,
                      "%s: %g, published %g", m->name, xo_model_active_params(m), m->params_active);
        ck_assert_msg(m->params_active <= m->params_total, "%s", m->name);
        ck_assert_msg((m->experts == 0) == (m->params_active == m->params_total), "%s", m->name);
    }
}
END_TEST

START_TEST(the_layers_of_a_model_are_enough_for_what_is_said_of_them)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    for (int i = 0; i < c->n_models; i++) {
        const struct xo_model *m = &c->models[i].model;
        struct xo_model_fault faults[XO_MAX_MODEL_FAULTS];
        ck_assert_msg(xo_model_faults(m, faults) == 0, "%s: %s", m->name, faults[0].key);
        ck_assert_msg(m->heads % m->kv_heads == 0, "%s", m->name);
        ck_assert_msg(m->dense_layers + (m->experts > 0) <= m->layers, "%s", m->name);
        ck_assert_msg(m->experts_per_token <= m->experts, "%s", m->name);
        ck_assert_msg(m->window_layers + m->linear_layers <= m->layers, "%s", m->name);
        ck_assert_msg((m->window_tokens > 0) == (m->window_layers > 0 || m->o_lora_rank > 0), "%s",
                      m->name);
        ck_assert_msg(m->kv_lora_rank == 0 || m->head_dim == m->nope_dim + m->rope_dim, "%s",
                      m->name);
    }
}
END_TEST

START_TEST(a_gpu_idles_below_its_limit_and_computes_faster_in_fewer_bits)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    for (int i = 0; i < c->n_gpus; i++) {
        const struct xo_gpu *g = &c->gpus[i].gpu;
        ck_assert_msg((g->power_busy_w == 0 && g->power_idle_w == 0) || /* not published */
                          (g->power_idle_w > 0 && g->power_idle_w < g->power_busy_w),
                      "%s", g->name);
        ck_assert_msg(g->fp8_flop_per_s == 0 || g->fp8_flop_per_s > g->bf16_flop_per_s, "%s",
                      g->name);
        ck_assert_msg(g->fp4_flop_per_s == 0 || g->fp4_flop_per_s > g->fp8_flop_per_s, "%s",
                      g->name);
        ck_assert_msg(g->link_bytes_per_s > 0, "%s", g->name);
    }
}
END_TEST

START_TEST(a_median_rent_lies_among_its_dated_quotes)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    int n_rented = 0;
    for (int i = 0; i < c->n_gpus; i++) {
        const struct xo_gpu_entry *e = &c->gpus[i];
        if (isnan(e->on_demand.median))
            continue;
        n_rented++;
        ck_assert_msg(e->on_demand.low > 0 && e->on_demand.low <= e->on_demand.median &&
                          e->on_demand.median <= e->on_demand.high,
                      "%s", e->gpu.name);
        ck_assert_msg(e->on_demand.n > 0 && strncmp(e->rent_as_of, "2026-", 5) == 0, "%s",
                      e->gpu.name);
    }
    ck_assert_int_ge(n_rented, 15);
}
END_TEST

START_TEST(cached_tokens_cost_no_more_and_long_requests_no_less)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    for (int i = 0; i < c->n_apis; i++) {
        const struct xo_tariff *t = &c->apis[i].tariff;
        ck_assert_msg(isnan(t->cached_input) || t->cached_input <= t->input, "%s", t->name);
        ck_assert_msg(isnan(t->cache_write) || t->cache_write >= t->input, "%s", t->name);
        ck_assert_msg(t->output >= t->input, "%s", t->name);
        ck_assert_msg(t->services[XO_SERVICE_BATCH].off_frac == 0 ||
                          t->services[XO_SERVICE_BATCH].off_frac == 0.5,
                      "%s", t->name);
        if (t->contexts[0].above_tokens < INT32_MAX)
            ck_assert_msg(t->contexts[0].input >= t->input && t->contexts[0].output >= t->output,
                          "%s", t->name);
    }
}
END_TEST

/* A tariff without a cached price says that there is none, or that nobody knows. */
START_TEST(every_tariff_says_what_cached_input_costs)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    static const struct {
        const char *api;
        double usd_per_mtok; /* 0: none, -1: unknown */
    } known[] = { { "google/gemini-3.8-flash", 0.075 },
                  { "google/gemini-3.8-flash-2027-01", 0.15 },
                  { "xai/grok-4", 0.75 },
                  { "mistral/mistral-large-3", 0.05 },
                  { "mistral/mistral-medium-3.5", 0.15 },
                  { "bedrock/nova-micro", 0.00875 },
                  { "bedrock/nova-pro", 0.20 },
                  { "together/qwen3.5-397b-a17b", 0.35 },
                  { "fireworks/deepseek-v3.2", 0.28 },
                  { "openai/gpt-4", 0 },
                  { "groq/llama-3.3-70b-versatile", 0 },
                  { "together/llama-3.1-8b-instruct-turbo", -1 } };
    int n_priced = 0, n_unknown = 0;
    for (int i = 0; i < c->n_apis; i++) {
        n_priced += isfinite(c->apis[i].tariff.cached_input);
        n_unknown += c->apis[i].caching_unknown;
        ck_assert_msg(isnan(c->apis[i].tariff.cached_input) || !c->apis[i].caching_unknown, "%s",
                      c->apis[i].tariff.name);
    }
    ck_assert_int_eq(c->n_apis, 171);
    ck_assert_int_eq(n_priced, 113);
    ck_assert_int_eq(n_unknown, 15);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct xo_api *api = xo_catalog_api(c, known[i].api, NULL);
        const double usd = known[i].usd_per_mtok;
        ck_assert_msg(api->caching_unknown == (usd < 0), "%s", known[i].api);
        if (usd > 0)
            ck_assert_double_eq_tol(api->tariff.cached_input, usd * 1e-6, 1e-18);
        else
            ck_assert_msg(isnan(api->tariff.cached_input), "%s", known[i].api);
    }
}
END_TEST

/* Priced by hand from OpenAI's page: 2.00, 0.10 and 10.00 dollars per million tokens. */
START_TEST(the_exemplars_entries_carry_the_published_prices)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    const struct xo_tariff *sol = &xo_catalog_api(c, "openai/gpt-6.2-sol", NULL)->tariff;
    ck_assert_double_eq_tol(sol->input, 2.00e-6, 1e-18);
    ck_assert_double_eq_tol(sol->cached_input, 0.10e-6, 1e-18);
    ck_assert_double_eq_tol(sol->output, 10.00e-6, 1e-18);
    const struct xo_api *host = xo_catalog_api(c, "together/llama-3.3-70b-instruct-turbo", NULL);
    ck_assert_double_eq_tol(host->tariff.input, 1.04e-6, 1e-18);
    ck_assert_str_eq(host->model, "llama-3.3-70b");
}
END_TEST

START_TEST(no_name_or_alias_means_two_things)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    for (int i = 0; i < c->n_gpus; i++) {
        char text[256], *rest = text;
        snprintf(text, sizeof text, "%s", c->gpus[i].aliases);
        for (char *alias; (alias = strsep(&rest, ",")) != NULL;) {
            alias += strspn(alias, " ");
            for (char *p = alias; *p != '\0'; p++) /* spelled another way it is still this one */
                *p = *p == '-' ? '_' : *p == ' ' ? '-' : *p;
            if (*alias != '\0')
                ck_assert_msg(xo_catalog_gpu(c, alias, NULL) == &c->gpus[i], "%s", alias);
        }
        ck_assert(xo_catalog_gpu(c, c->gpus[i].gpu.name, NULL) == &c->gpus[i]);
    }
    for (int i = 0; i < c->n_models; i++) {
        char text[512], *rest = text;
        snprintf(text, sizeof text, "%s", c->models[i].aliases);
        for (char *alias; (alias = strsep(&rest, ",")) != NULL;) {
            alias += strspn(alias, " ");
            for (char *p = alias; *p != '\0'; p++)
                *p = *p == '-' ? '_' : *p;
            if (*alias != '\0')
                ck_assert_msg(xo_catalog_model(c, alias, NULL) == &c->models[i], "%s", alias);
        }
        ck_assert(xo_catalog_model(c, c->models[i].model.name, NULL) == &c->models[i]);
    }
}
END_TEST

/* How drivers, clouds and benchmark files spell them. */
static const struct {
    char kind;
    const char *spelled, *name;
} spellings[] = {
    { 'g', "H100-SXM5-80GB", "h100-sxm" },
    { 'g', "NVIDIA H100 80GB HBM3", "h100-sxm" },
    { 'g', "H100 SXM", "h100-sxm" },
    { 'g', "NVIDIA H100 PCIe", "h100-pcie" },
    { 'g', "NVIDIA H100 NVL", "h100-nvl" },
    { 'g', "H200", "h200-sxm" },
    { 'g', "h200_sxm_141gb", "h200-sxm" },
    { 'g', "A100-40GB", "a100-40gb-sxm" },
    { 'g', "NVIDIA A100-SXM4-80GB", "a100-80gb-sxm" },
    { 'g', "A100-PCIE-40GB", "a100-40gb-pcie" },
    { 'g', "NVIDIA A100 80GB PCIe", "a100-80gb-pcie" },
    { 'g', "NVIDIA L40S", "l40s" },
    { 'g', "L40", "l40" },
    { 'g', "Tesla T4", "t4" },
    { 'g', "Tesla V100-SXM2-16GB", "v100-sxm2-16gb" },
    { 'g', "RTX4090", "rtx-4090" },
    { 'g', "NVIDIA GeForce RTX 5090", "rtx-5090" },
    { 'g', "NVIDIA RTX PRO 6000 Blackwell Server Edition", "rtx-pro-6000" },
    { 'g', "NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada" },
    { 'g', "NVIDIA RTX A6000", "rtx-a6000" },
    { 'g', "AMD Instinct MI300X", "mi300x" },
    { 'g', "NVIDIA GH200 480GB", "gh200-96gb" },
    { 'g', "NVIDIA B200", "b200-sxm" },
    { 'g', "TPU v6e", "tpu-v6e" },
    { 'g', "GB200 GPU (one of two)", "gb200" },
    { 'g', "RTX PRO 6000 Blackwell Server/Workstation", "rtx-pro-6000" },
    { 'm', "Qwen3-32B", "qwen3-32b" },
    { 'm', "Meta-Llama-3.1-8B-Instruct", "llama-3.1-8b" },
    { 'm', "meta-llama/Llama-3.1-8B", "llama-3.1-8b" },
    { 'm', "Llama 3.1 8B Instruct", "llama-3.1-8b" },
    { 'm', "unsloth/Llama-3.3-70B-Instruct", "llama-3.3-70b" },
    { 'm', "llama2-70b-chat-hf", "llama-2-70b" },
    { 'm', "meta-llama/Llama-2-70b-chat-hf", "llama-2-70b" },
    { 'm', "Mixtral_8x7B", "mixtral-8x7b" },
    { 'm', "gpt-oss 120b", "gpt-oss-120b" },
    { 'm', "Qwen/Qwen2.5-0.5B-Instruct", "qwen2.5-0.5b" },
    { 'm', "DeepSeek-V3", "deepseek-v3" },
    { 'm', "GLM-4.6-FP8", "glm-4.6" },
    { 'm', "Kimi-K2-Instruct", "kimi-k2" },
    { 'm', "MiniMax-M2", "minimax-m2" },
    { 'm', "bloom", "bloom" },
};
enum { N_SPELLINGS = sizeof spellings / sizeof spellings[0] };

START_TEST(a_name_is_found_however_it_is_spelled)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    const char *spelled = spellings[_i].spelled, *found = NULL;
    if (spellings[_i].kind == 'g') {
        const struct xo_gpu_entry *e = xo_catalog_gpu(c, spelled, NULL);
        found = e != NULL ? e->gpu.name : NULL;
    } else {
        const struct xo_model_entry *e = xo_catalog_model(c, spelled, NULL);
        found = e != NULL ? e->model.name : NULL;
    }
    ck_assert_msg(found != NULL, "%s is not found", spelled);
    ck_assert_str_eq(found, spellings[_i].name);
}
END_TEST

START_TEST(names_that_only_look_alike_stay_apart)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    static const char *const gpus[] = { "H1000", "H100 40GB", "A100-60GB", "NVIDIA",       "",
                                        "RTX",   "6000",      "SXM",       "H100 PCIe SXM" };
    static const char *const models[] = { "Qwen3", "Qwen25-7B", "meta-llama/", "", "Llama-3.18B",
                                          "8B",    "-" };
    for (size_t i = 0; i < sizeof gpus / sizeof *gpus; i++)
        ck_assert_msg(xo_catalog_gpu(c, gpus[i], NULL) == NULL, "%s", gpus[i]);
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        ck_assert_msg(xo_catalog_model(c, models[i], NULL) == NULL, "%s", models[i]);
}
END_TEST

/* ---- against the tables that the entries were typed from, where they are present ---- */

enum { MAX_COLUMNS = 32 };

/* Cuts the next line of *rest into fields; false at the end. The tables quote nothing. */
static bool next_row(char **rest, char *fields[MAX_COLUMNS])
{
    char *line = strsep(rest, "\n");
    if (line == NULL || *line == '\0')
        return false;
    for (int i = 0; i < MAX_COLUMNS; i++)
        fields[i] = line != NULL ? strsep(&line, ",") : NULL;
    return true;
}

/* The table without its header line; NULL, having said so, when it is not there. */
static char *table_text(const char *name, char **rows)
{
    char path[512], *text = NULL;
    size_t size;
    snprintf(path, sizeof path, "%s/../shared/data/%s", XO_SOURCE_DIR, name);
    if (!xo_file_read(path, 1 << 20, &text, &size, NULL)) {
        printf("skipped: %s is not there\n", path);
        return NULL;
    }
    *rows = text;
    strsep(rows, "\n");
    return text;
}

START_TEST(every_gpu_of_the_table_is_here_with_its_bandwidth_and_peak)
{
    char *rows, *text = table_text("gpus.csv", &rows), *f[MAX_COLUMNS];
    if (text == NULL)
        return;
    while (next_row(&rows, f)) {
        const struct xo_gpu_entry *e = xo_catalog_gpu(xo_catalog_builtin(), f[0], NULL);
        ck_assert_msg(e != NULL, "%s", f[0]);
        ck_assert_double_eq_tol(e->gpu.hbm_bytes_per_s, 1e9 * atof(f[5]), 1);
        ck_assert_double_eq_tol(e->gpu.bf16_flop_per_s, 1e12 * atof(f[6]), 1);
        ck_assert_double_eq_tol(e->gpu.power_busy_w, atof(f[12]), 1e-9); /* "": not stated */
        /* The driver reports a little less than the data sheet's GiB, never more. */
        ck_assert_msg(e->gpu.memory_bytes < 1.0738e9 * atof(f[3]) &&
                          e->gpu.memory_bytes > 0.99e9 * atof(f[3]),
                      "%s: %g", f[0], e->gpu.memory_bytes);
    }
    free(text);
}
END_TEST

START_TEST(every_model_of_the_table_is_here_with_its_dimensions)
{
    char *rows, *text = table_text("models.csv", &rows), *f[MAX_COLUMNS];
    if (text == NULL)
        return;
    while (next_row(&rows, f)) {
        const struct xo_model_entry *e = xo_catalog_model(xo_catalog_builtin(), f[0], NULL);
        ck_assert_msg(e != NULL, "%s", f[0]);
        const struct xo_model *m = &e->model;
        ck_assert_msg(m->layers == atoi(f[4]) && m->hidden == atoi(f[5]) &&
                          m->heads == atoi(f[6]) && m->kv_heads == atoi(f[7]) &&
                          m->intermediate == atoi(f[9]) && m->experts == atoi(f[10]) &&
                          m->vocab == atoi(f[15]) && m->max_context_tokens == atoi(f[24]),
                      "%s", f[0]);
    }
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("catalog");
    TCase *sense = tcase_create("sense"), *source = tcase_create("source");
    tcase_add_test(sense, dimensions_give_the_published_parameters_within_one_percent);
    tcase_add_test(sense, active_parameters_are_near_the_published_ones_and_never_above_all);
    tcase_add_test(sense, the_layers_of_a_model_are_enough_for_what_is_said_of_them);
    tcase_add_test(sense, a_gpu_idles_below_its_limit_and_computes_faster_in_fewer_bits);
    tcase_add_test(sense, a_median_rent_lies_among_its_dated_quotes);
    tcase_add_test(sense, cached_tokens_cost_no_more_and_long_requests_no_less);
    tcase_add_test(sense, every_tariff_says_what_cached_input_costs);
    tcase_add_test(sense, the_exemplars_entries_carry_the_published_prices);
    tcase_add_test(sense, no_name_or_alias_means_two_things);
    tcase_add_loop_test(sense, a_name_is_found_however_it_is_spelled, 0, N_SPELLINGS);
    tcase_add_test(sense, names_that_only_look_alike_stay_apart);
    tcase_add_test(source, every_gpu_of_the_table_is_here_with_its_bandwidth_and_peak);
    tcase_add_test(source, every_model_of_the_table_is_here_with_its_dimensions);
    suite_add_tcase(suite, sense);
    suite_add_tcase(suite, source);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
