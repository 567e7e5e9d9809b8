/* test_names.c - words as people, hubs and clouds write them: each is read, or refused with the
 * word that would do.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/scenario.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define ROWS(table) (int)(sizeof table / sizeof *table)

/* A GPU that holds every model of the catalog on its own, so that names alone decide. */
static const char base[] = "[scenario]\n"
                           "as_of = 2026-11-22\n"
                           "commit = 12 months\n"
                           "parity = assumed\n"
                           "[workload]\n"
                           "volume = 20k requests/day\n"
                           "profile = steady\n"
                           "prompt = 1500 tokens\n"
                           "output = 300 tokens\n"
                           "[slo]\n"
                           "ttft_p95 = 2 s\n"
                           "[buy]\n"
                           "api = openai/gpt-6.2-sol\n"
                           "same_model_api = none\n"
                           "staff = 0 FTE\n"
                           "[build]\n"
                           "model = llama-3.1-8b\n"
                           "gpu = huge\n"
                           "rent = $3.50/hour\n"
                           "staff = 0 FTE\n"
                           "[gpu huge]\n"
                           "like = b300\n"
                           "memory = 10000 GB\n";

enum { MAX_SETS = 8, TEXT_SIZE = 4096 };

/* The base, `more` after it, and sets[] up to NULL; NULL where it does not read. `said` holds every
 * problem and warning, a line each. */
static struct xo_scenario *read_said(const char *more, const char *const sets[MAX_SETS],
                                     char said[TEXT_SIZE])
{
    char path[] = "/tmp/xo_names_XXXXXX", text[TEXT_SIZE];
    struct xo_scenario_options options = { .sets = sets, .n_sets = 0 };
    struct xo_scenario *s;
    struct xo_problems problems;
    const int fd = mkstemp(path), length = snprintf(text, sizeof text, "%s%s", base, more);
    ck_assert_int_eq(write(fd, text, (size_t)length), length);
    close(fd);
    while (sets != NULL && options.n_sets < MAX_SETS && sets[options.n_sets] != NULL)
        options.n_sets++;
    if (!xo_scenario_read(&s, path, &options, &problems))
        s = NULL;
    said[0] = '\0';
    for (size_t i = 0, n = 0; i < problems.n && n + 1 < TEXT_SIZE; i++)
        n += (size_t)snprintf(said + n, TEXT_SIZE - n, "%s\n", problems.lines[i]);
    xo_problems_fini(&problems);
    unlink(path);
    return s;
}

static struct xo_scenario *read_sound(const char *more, const char *const sets[MAX_SETS])
{
    char said[TEXT_SIZE];
    struct xo_scenario *s = read_said(more, sets, said);
    ck_assert_msg(s != NULL, "%s", said);
    return s;
}

static const struct xo_entry *entry_of(const struct xo_scenario *s, const char *section,
                                       const char *name)
{
    for (int i = 0; i < s->n_entries; i++)
        if (strcmp(s->entries[i].section, section) == 0 && strcmp(s->entries[i].name, name) == 0)
            return &s->entries[i];
    ck_abort_msg("no %s.%s", section, name);
    return NULL;
}

/* ---- a checkpoint's type is in its name ---- */

/* The type that `model` runs in, with weights left out, and where that is said to come from. */
static enum xo_dtype type_by_name(const char *model, const char *more, char where[120])
{
    char set[160];
    snprintf(set, sizeof set, "build.model=%s", model);
    const char *sets[MAX_SETS] = { set };
    struct xo_scenario *s = read_sound(more, sets);
    ck_assert_int_eq(s->n_options, 1);
    const enum xo_dtype type = s->options[0].deployment.weights;
    const struct xo_entry *e = entry_of(s, "build", "weights");
    ck_assert_str_eq(e->value, xo_dtype_name(type));
    ck_assert_int_eq(e->origin, XO_FROM_DERIVED);
    snprintf(where, 120, "%s", e->where);
    xo_scenario_free(s);
    return type;
}

/* By hand: how the aliases of models.ini that name a type end. */
static const struct {
    const char *end;
    enum xo_dtype type;
    int n;
} endings[] = {
    { "-FP8", XO_FP8, 30 },  { "-FP8-dynamic", XO_FP8, 1 }, { "-NVFP4", XO_NVFP4, 5 },
    { "-BF16", XO_BF16, 3 }, { "-mxfp4", XO_MXFP4, 2 },
};

static bool ends_in(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n > m && strcasecmp(text + n - m, end) == 0;
}

START_TEST(every_alias_of_the_catalog_that_ends_in_a_type_runs_in_it)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    char where[120];
    int n = 0;
    for (int i = 0; i < c->n_models; i++) {
        char text[512], *rest = text;
        snprintf(text, sizeof text, "%s", c->models[i].aliases);
        for (char *alias; (alias = strsep(&rest, ",")) != NULL;) {
            alias += strspn(alias, " ");
            if (!ends_in(alias, endings[_i].end))
                continue;
            ck_assert_msg(type_by_name(alias, "", where) == endings[_i].type, "%s", alias);
            ck_assert_str_eq(where, "the checkpoint's name");
            n++;
        }
    }
    ck_assert_int_eq(n, endings[_i].n);
}
END_TEST

/* Every name and alias that ends in none of them runs in the type it was released in. */
START_TEST(every_other_name_of_the_catalog_runs_in_the_models_own_type)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    char where[120];
    for (int i = 0; i < c->n_models; i++) {
        char text[600], *rest = text;
        snprintf(text, sizeof text, "%s, %s", c->models[i].model.name, c->models[i].aliases);
        for (char *alias; (alias = strsep(&rest, ",")) != NULL;) {
            bool says = false;
            alias += strspn(alias, " ");
            for (size_t k = 0; k < sizeof endings / sizeof *endings; k++)
                says |= ends_in(alias, endings[k].end);
            if (says || *alias == '\0')
                continue;
            ck_assert_msg(type_by_name(alias, "", where) == c->models[i].model.native_weights, "%s",
                          alias);
            ck_assert_str_eq(where, "the model's own");
        }
    }
}
END_TEST

/* Checkpoints that no alias lists, named as they are on the hub. */
static const struct {
    const char *checkpoint, *model;
    enum xo_dtype type;
} checkpoints[] = {
    { "RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", "llama-3.3-70b", XO_FP8 },
    { "RedHatAI/Qwen3-32B-FP8-block", "qwen3-32b", XO_FP8 },
    { "amd/Llama-3.1-70B-Instruct-FP8-KV", "llama-3.1-70b", XO_FP8 },
    { "neuralmagic/Meta-Llama-3.1-8B-Instruct-quantized.w8a8", "llama-3.1-8b", XO_INT8 },
    { "neuralmagic/Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "llama-3.1-8b", XO_INT4 },
    { "Meta-Llama-3-8B-Instruct-W8A8-Dynamic-Per-Token", "llama-3-8b", XO_INT8 },
    { "nvidia/Llama-3.1-405B-Instruct-FP4", "llama-3.1-405b", XO_NVFP4 },
    { "nvidia/DeepSeek-R1-0528-NVFP4-v2", "deepseek-r1", XO_NVFP4 },
    { "nvidia/Qwen3-235B-A22B-NVFP4", "qwen3-235b-a22b", XO_NVFP4 },
    { "RedHatAI/Qwen3-8B-NVFP4A16", "qwen3-8b", XO_NVFP4 },
    { "amd/DeepSeek-R1-0528-MXFP4-Preview", "deepseek-r1", XO_MXFP4 },
    { "Qwen/Qwen2.5-72B-Instruct-AWQ", "qwen2.5-72b", XO_INT4 },
    { "Qwen/Qwen2.5-72B-Instruct-GPTQ-Int4", "qwen2.5-72b", XO_INT4 },
    { "Qwen/Qwen2.5-72B-Instruct-GPTQ-Int8", "qwen2.5-72b", XO_INT8 },
    { "cpatonn/Qwen3-30B-A3B-Instruct-2507-AWQ-8bit", "qwen3-30b-a3b-2507", XO_INT8 },
    { "unsloth/Llama-3.3-70B-Instruct-bnb-4bit", "llama-3.3-70b", XO_INT4 },
    { "unsloth/Meta-Llama-3.1-8B-Instruct-unsloth-bnb-4bit", "llama-3.1-8b", XO_INT4 },
    { "MiniMaxAI/MiniMax-M3-MXFP8", "minimax-m3", XO_FP8 },
    { "Qwen/Qwen3-Coder-Next-FP8", "qwen3-next-80b-a3b", XO_FP8 },
    { "TheBloke/Llama-2-70B-Chat-AWQ", "llama-2-70b", XO_INT4 },
    { "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-NVFP4", "nemotron-3-super-120b-a12b", XO_NVFP4 },
    { "RedHatAI/gemma-4-26B-A4B-it-FP8-Dynamic", "gemma-4-26b-a4b", XO_FP8 },
    { "mlx-community/Qwen3-8B-4bit", "qwen3-8b", XO_INT4 },
    { "mlx-community/Qwen3-8B-8bit", "qwen3-8b", XO_INT8 },
    { "Intel/Qwen3-8B-int4-AutoRound", "qwen3-8b", XO_INT4 },
    { "unsloth/gpt-oss-20b-BF16", "gpt-oss-20b", XO_BF16 },
    { "qwen3 8b fp8", "qwen3-8b", XO_FP8 },
    { "Qwen3_8B_FP_8", "qwen3-8b", XO_FP8 },
    { "Qwen3-8Bfp8", "qwen3-8b", XO_FP8 }, /* an alias, spelled another way */
    { "mistralai/Mixtral-8x7B-Instruct-v0.1-INT8", "mixtral-8x7b", XO_INT8 },
    { "deepseek-ai/DeepSeek-V2-FP8", "deepseek-v2", XO_FP8 }, /* V2 is no mark of a type */
    { "tencent/DeepSeek-V3.1-W4AFP8", "deepseek-v3.1", XO_INT4 },
};

START_TEST(a_checkpoint_that_no_alias_lists_is_its_model_in_the_type_of_its_name)
{
    char where[120], set[160];
    ck_assert_int_eq(type_by_name(checkpoints[_i].checkpoint, "", where), checkpoints[_i].type);
    ck_assert_str_eq(where, "the checkpoint's name");
    snprintf(set, sizeof set, "build.model=%s", checkpoints[_i].checkpoint);
    const char *sets[MAX_SETS] = { set };
    struct xo_scenario *s = read_sound("", sets);
    ck_assert_str_eq(s->options[0].deployment.model.name, checkpoints[_i].model);
    ck_assert_ptr_nonnull(xo_catalog_model(xo_catalog_builtin(), checkpoints[_i].checkpoint, NULL));
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_name_of_4_or_8_bits_asks_for_the_type_and_takes_it)
{
    char said[TEXT_SIZE];
    const char *open[MAX_SETS] = { "build.model=TheBloke/Qwen3-8B-GPTQ" };
    const char *typed[MAX_SETS] = { open[0], "build.weights=int8" };
    ck_assert_ptr_null(read_said("", open, said));
    ck_assert_str_eq(said, "--set build.model: \"TheBloke/Qwen3-8B-GPTQ\"; \"gptq\" in a name is "
                           "of 4 or 8 bits: int4 or int8 would do; give build.weights\n");
    struct xo_scenario *s = read_sound("", typed);
    ck_assert_int_eq(s->options[0].deployment.weights, XO_INT8);
    xo_scenario_free(s);
    const char *gguf[MAX_SETS] = { "build.model=unsloth/Qwen3-8B-Q4_K_M" };
    ck_assert_ptr_null(read_said("", gguf, said));
    ck_assert_ptr_nonnull(strstr(said, "\"q4\" in a name is a format of llama.cpp, which is not "
                                       "simulated: int4 is nearest to its Q4"));
    const char *both[MAX_SETS] = { "build.model=Qwen/Qwen3-8B-GPTQ-Int4-Int8Mix" };
    ck_assert_ptr_null(read_said("", both, said));
    ck_assert_ptr_nonnull(strstr(said, "two types at once: int4 or int8 would do"));
    const char *inside[MAX_SETS] = { "build.model=Qwen3-8Bint4" };
    ck_assert_ptr_null(read_said("", inside, said));
    ck_assert_ptr_nonnull(strstr(said, "no model in the catalog"));
}
END_TEST

START_TEST(a_model_that_no_keys_describe_is_refused_with_the_reason)
{
    static const char *const rows[][2] = {
        { "google/gemma-4-E4B-it", "each of its layers has embeddings of its own" },
        { "XiaomiMiMo/MiMo-V2-Flash-FP8", "its values are narrower than its keys" },
        { "DeepSeek-V4.1-Flash", "its layers share compressed KV and look up a memory" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char said[TEXT_SIZE], set[120], reason[160];
        snprintf(set, sizeof set, "build.model=%s", rows[i][0]);
        snprintf(reason, sizeof reason, ", which the keys of [model] cannot describe: %s",
                 rows[i][1]);
        const char *sets[MAX_SETS] = { set };
        ck_assert_ptr_null(read_said("", sets, said));
        ck_assert_msg(strstr(said, reason) != NULL, "%s", said);
    }
    /* but one that is described may have such a name */
    const char *sets[MAX_SETS] = { "build.model=deepseek-ai/DeepSeek-V4-Flash" };
    struct xo_scenario *s = read_sound("", sets);
    ck_assert_str_eq(s->options[0].deployment.model.name, "deepseek-v4-flash");
    xo_scenario_free(s);
}
END_TEST

START_TEST(typed_weights_win_over_the_name_with_a_warning)
{
    char said[TEXT_SIZE];
    const char *sets[MAX_SETS] = { "build.model=Qwen/Qwen3-8B-FP8", "build.weights=bf16" };
    struct xo_scenario *s = read_said("", sets, said);
    ck_assert_str_eq(said, "--set build.weights: warning: \"bf16\", and the name of "
                           "Qwen/Qwen3-8B-FP8 says fp8; bf16 is used\n");
    ck_assert_int_eq(s->options[0].deployment.weights, XO_BF16);
    xo_scenario_free(s);
    sets[1] = "build.weights=fp8_e4m3";
    s = read_said("", sets, said);
    ck_assert_str_eq(said, "");
    ck_assert_int_eq(s->options[0].deployment.weights, XO_FP8);
    xo_scenario_free(s);
    sets[1] = "build.weights=fp8, int4";
    s = read_said("", sets, said);
    ck_assert_ptr_nonnull(strstr(said, "says fp8; int4 is used"));
    ck_assert_int_eq(s->n_options, 2);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_model_like_a_checkpoint_runs_in_its_type_unless_it_says_its_own)
{
    char where[120], said[TEXT_SIZE];
    ck_assert_int_eq(type_by_name("ours", "[model ours]\nlike = Qwen/Qwen3-8B-FP8\n", where),
                     XO_FP8);
    ck_assert_str_eq(where, "the checkpoint's name");
    ck_assert_int_eq(type_by_name("ours-AWQ", "[model ours]\nlike = qwen3-8b\n", where), XO_INT4);
    ck_assert_int_eq(type_by_name("ours", "[model ours]\nlike = qwen3-8b\nweights = w8a8\n", where),
                     XO_INT8);
    ck_assert_str_eq(where, "the model's own");
    const char *sets[MAX_SETS] = { "build.model=ours" };
    struct xo_scenario *s =
        read_said("[model ours]\nlike = Qwen/Qwen3-8B-FP8\nweights = nvfp4\n", sets, said);
    ck_assert_ptr_nonnull(strstr(said, "warning: model.ours.weights is \"nvfp4\", and the name of "
                                       "Qwen/Qwen3-8B-FP8 says fp8; nvfp4 is used"));
    ck_assert_int_eq(s->options[0].deployment.weights, XO_NVFP4);
    xo_scenario_free(s);
}
END_TEST

START_TEST(the_cache_of_trtllm_follows_the_type_of_the_name)
{
    const char *sets[MAX_SETS] = { "build.model=Qwen/Qwen3-8B-FP8", "build.engine=trtllm" };
    struct xo_scenario *s = read_sound("", sets);
    ck_assert_int_eq(s->options[0].deployment.kv, XO_FP8);
    xo_scenario_free(s);
    sets[0] = "build.model=Qwen/Qwen3-8B";
    s = read_sound("", sets);
    ck_assert_int_eq(s->options[0].deployment.kv, XO_BF16);
    xo_scenario_free(s);
}
END_TEST

/* ---- types as people type them ---- */

static const struct {
    const char *typed;
    enum xo_dtype type;
} type_words[] = {
    { "awq", XO_INT4 },     { "int4-awq", XO_INT4 },   { "w4a16", XO_INT4 },
    { "4bit", XO_INT4 },    { "4-bit", XO_INT4 },      { "nf4", XO_INT4 },
    { "w8a8", XO_INT8 },    { "gptq-int8", XO_INT8 },  { "fp8_e4m3", XO_FP8 },
    { "fp8_e5m2", XO_FP8 }, { "e4m3", XO_FP8 },        { "fp8-e4m3", XO_FP8 },
    { "FP8", XO_FP8 },      { "fp8-dynamic", XO_FP8 }, { "fp8_block", XO_FP8 },
    { "float16", XO_FP16 }, { "half", XO_FP16 },       { "bfloat16", XO_BF16 },
    { "nvfp4", XO_NVFP4 },  { "MXFP4", XO_MXFP4 },     { "w8a8-fp8", XO_FP8 },
};

START_TEST(a_type_is_read_however_it_is_spelled)
{
    char set[64];
    snprintf(set, sizeof set, "build.weights=%s", type_words[_i].typed);
    const char *sets[MAX_SETS] = { set };
    struct xo_scenario *s = read_sound("", sets);
    ck_assert_int_eq(s->n_options, 1);
    ck_assert_int_eq(s->options[0].deployment.weights, type_words[_i].type);
    xo_scenario_free(s);
}
END_TEST

START_TEST(the_cache_takes_the_same_words)
{
    const char *sets[MAX_SETS] = { "build.kv=fp8_e5m2" };
    struct xo_scenario *s = read_sound("", sets);
    ck_assert_int_eq(s->options[0].deployment.kv, XO_FP8);
    xo_scenario_free(s);
    sets[0] = "build.kv=half";
    s = read_sound("", sets);
    ck_assert_int_eq(s->options[0].deployment.kv, XO_FP16);
    xo_scenario_free(s);
}
END_TEST

static const struct {
    const char *set, *says;
} refused[] = {
    { "build.weights=gptq", "\"gptq\", of 4 or 8 bits: int4 or int8 would do" },
    { "build.weights=bitsandbytes", "\"bitsandbytes\", of 4 or 8 bits: int4 or int8 would do" },
    { "build.weights=fp4", "\"fp4\", of two kinds: nvfp4 (NVIDIA) or mxfp4 would do" },
    { "build.weights=8bit", "\"8bit\", of two kinds: fp8 or int8 would do" },
    { "build.weights=q4_k_m",
      "\"q4_k_m\", a format of llama.cpp, which is not simulated: int4 is nearest to its Q4" },
    { "build.weights=gguf", "\"gguf\", a format of llama.cpp" },
    { "build.weights=fp8, fp32",
      "\"fp8, fp32\" with \"fp32\", which is not simulated: bf16 or fp16 would do" },
    { "build.weights=int4-fp8", "\"int4-fp8\", two types at once: int4 or fp8 would do" },
    { "build.weights=fp9", "\"fp9\"; it takes fp16 | bf16 | fp8" },
    { "build.kv=auto",
      "\"auto\"; leave the key out: storage type of the KV cache; left out: fp8 for" },
    { "build.kv=fp4", "\"fp4\", of two kinds: nvfp4 (NVIDIA) or mxfp4 would do" },
};

START_TEST(a_word_that_is_not_settled_is_refused_with_the_one_that_would_do)
{
    char said[TEXT_SIZE];
    const char *sets[MAX_SETS] = { refused[_i].set };
    ck_assert_ptr_null(read_said("", sets, said));
    ck_assert_msg(strstr(said, refused[_i].says) != NULL, "%s", said);
}
END_TEST

/* ---- volumes, rents, money ---- */

/* Requests a month of 730 h, by hand. */
static const struct {
    const char *typed;
    double per_month;
} volumes[] = {
    { "12 rps", 12 * 3600.0 * 730 },
    { "12rps", 12 * 3600.0 * 730 },
    { "1.5 qps", 1.5 * 3600 * 730 },
    { "90 rpm", 90 * 60.0 * 730 },
    { "1M calls/month", 1e6 },
    { "250k API calls/month", 2.5e5 },
    { "20k queries/day", 2e4 / 24 * 730 },
    { "7k prompts per day", 7e3 / 24 * 730 },
    { "3 requests a minute", 180 * 730.0 },
    { "1.2k requests an hour", 1200 * 730.0 },
    { "2k completions/week", 2e3 / 168 * 730 },
};

START_TEST(a_volume_counts_model_calls_whatever_they_are_called)
{
    char set[64];
    snprintf(set, sizeof set, "workload.volume=%s", volumes[_i].typed);
    const char *sets[MAX_SETS] = { set };
    struct xo_scenario *s = read_sound("", sets);
    ck_assert_double_eq_tol(s->requests_per_month, volumes[_i].per_month, 1e-6);
    xo_scenario_free(s);
}
END_TEST

/* $1,460 a month of 730 h are $2 an hour. */
static const struct {
    const char *typed, *server_gpus;
    double usd_per_hour;
} rents[] = {
    { "$2/gpu/hour", NULL, 2 },
    { "$2/h", NULL, 2 },
    { "$2 per hour", NULL, 2 },
    { "$2 an hour", NULL, 2 },
    { "$2 per GPU per hour", NULL, 2 },
    { "$2/GPU hour", NULL, 2 },
    { "$2.25/hr/GPU", NULL, 2.25 },
    { "$1,460/month", NULL, 2 },
    { "$1460 per GPU per month", NULL, 2 },
    { "2 USD per hour", NULL, 2 },
    { "$16/node/hour", "8", 2 },
    { "$18 per node per hour", "8", 2.25 },
    { "$17/hour/server", "8", 2.125 },
    { "$9/instance-hour", "4", 2.25 },
    { "$11,680/node/month", "8", 2 },
};

START_TEST(a_rent_is_a_price_per_gpu_however_it_is_spelled)
{
    char set[64], gpus[64] = "build.server_gpus=";
    snprintf(set, sizeof set, "build.rent=%s", rents[_i].typed);
    const char *sets[MAX_SETS] = { set };
    if (rents[_i].server_gpus != NULL)
        sets[1] = strcat(gpus, rents[_i].server_gpus);
    struct xo_scenario *s = read_sound("", sets);
    ck_assert_double_eq_tol(s->options[0].terms.rent_usd_per_gpu_hour, rents[_i].usd_per_hour,
                            1e-12);
    xo_scenario_free(s);
}
END_TEST

START_TEST(the_price_of_a_server_is_shared_by_its_gpus_where_they_stand_later_too)
{
    const char *sets[MAX_SETS] = { "build.rent=$20/node/hour, $3/hour", "build.gpu=b200, huge",
                                   "build.server_gpus=8" };
    struct xo_scenario *s = read_sound("", sets);
    ck_assert_int_eq(s->n_options, 2);
    ck_assert_double_eq(s->options[0].terms.rent_usd_per_gpu_hour, 2.5);
    ck_assert_double_eq(s->options[1].terms.rent_usd_per_gpu_hour, 3);
    xo_scenario_free(s);
}
END_TEST

static const struct {
    const char *set, *says;
} refused_rates[] = {
    { "workload.volume=50 users",
      "\"50 users\", which is no rate; it takes the requests that they send, such as 50k "
      "requests/day, or in place of volume and profile workload.clients = 50: a closed loop, where "
      "each sends its next request when the last is answered" },
    { "workload.volume=12 concurrent users", "workload.clients = 12: a closed loop" },
    { "workload.volume=20k docs/day",
      "in docs; count the model calls that they take, and write requests/day or tokens/day" },
    { "workload.volume=3k tickets/day", "in tickets; count the model calls that they take" },
    { "workload.volume=9k conversations per month",
      "in conversations; count the model calls that they take, and write requests/month" },
    { "workload.volume=400 support requests/day", "in supportrequests; count the model calls" },
    { "workload.volume=5 tps", "without \"per what\"" },
    { "build.rent=$16/node/hour",
      "the price of a whole server; divide it by the GPUs of one (by 8: $2/hour), or give "
      "build.server_gpus" },
    { "build.rent=$98.32/instance-hour", "(by 8: $12.29/hour)" },
    { "gpu.huge.rent=$16/node/hour", "the price of a whole server: divide it by the GPUs of one" },
    { "build.rent=\xe2\x82\xac"
      "2/hour",
      "not in US dollars; convert it at a rate that you write down beside it, into a price per "
      "GPU-hour such as $3.99/hour" },
    { "build.rent=\xc2\xa3"
      "2/hour",
      "not in US dollars" },
    { "build.rent=2 EUR/hour", "not in US dollars" },
    { "build.rent=EUR 2/hour", "not in US dollars" },
    { "build.rent=2 eur per hour", "not in US dollars" },
    { "build.rent=2/decade", "without a currency" }, /* no Canadian dollars */
    { "buy.fixed=CHF 200/month", "not in US dollars" },
};

START_TEST(a_rate_or_price_of_something_else_is_refused_with_what_to_write)
{
    char said[TEXT_SIZE];
    const char *sets[MAX_SETS] = { refused_rates[_i].set };
    ck_assert_ptr_null(read_said("", sets, said));
    ck_assert_msg(strstr(said, refused_rates[_i].says) != NULL, "%s", said);
}
END_TEST

/* ---- APIs ---- */

/* Spelled another way it is the same tariff, without a word. */
static const struct {
    const char *typed, *tariff;
} spelled_apis[] = {
    { "OpenAI/GPT-5", "openai/gpt-5" },
    { "anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4.5" },
    { "Anthropic/Claude Sonnet 4.5", "anthropic/claude-sonnet-4.5" },
    { "gemini/gemini-2.5-flash", "google/gemini-2.5-flash" },
    { "x-ai/grok-4", "xai/grok-4" },
    { "fireworks_ai/accounts/fireworks/models/gpt-oss-120b", "fireworks/gpt-oss-120b" },
    { "together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo",
      "together/llama-3.3-70b-instruct-turbo" },
    { "openrouter/qwen/qwen3-32b", "openrouter/qwen3-32b" },
    { "openai/gpt-4o-2024-05", "openai/gpt-4o-2024-05" },
};

START_TEST(an_api_is_found_however_it_is_spelled)
{
    char set[160], said[TEXT_SIZE];
    snprintf(set, sizeof set, "buy.api=%s", spelled_apis[_i].typed);
    const char *sets[MAX_SETS] = { set, "scenario.as_of=2026-08-01" };
    struct xo_scenario *s = read_said("", sets, said);
    ck_assert_msg(s != NULL && s->n_apis == 1, "%s", said);
    ck_assert_ptr_null(strstr(said, "priced as"));
    ck_assert_str_eq(s->apis[0].tariff.name, spelled_apis[_i].tariff);
    xo_scenario_free(s);
}
END_TEST

START_TEST(no_two_tariffs_are_spelled_alike)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    for (int i = 0; i < c->n_apis; i++)
        for (char part = '-'; part <= '.'; part++) {
            char name[XO_COST_NAME_SIZE];
            snprintf(name, sizeof name, "%s", c->apis[i].tariff.name);
            for (char *p = strchr(name, '/'); *p != '\0'; p++)
                *p = *p == '-' || *p == '.' ? (char)(part == '-' ? ' ' : '-') : *p;
            const struct xo_api *found = xo_catalog_api(c, name, NULL);
            ck_assert_msg(found == &c->apis[i], "%s is %s", name,
                          found == NULL ? "nothing" : found->tariff.name);
        }
}
END_TEST

/* A snapshot is priced as its model, which is told; by hand, dollars a million tokens in. */
static const struct {
    const char *typed, *tariff;
    double input_usd_per_mtok;
} snapshots[] = {
    { "openai/gpt-4o-2024-08-06", "openai/gpt-4o", 2.5 },
    { "openai/gpt-4o-2024-11-20", "openai/gpt-4o", 2.5 },
    { "openai/gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini", 0.15 },
    { "anthropic/claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5", 3 },
    { "anthropic/claude-3-7-sonnet-latest", "anthropic/claude-3.7-sonnet", 3 },
    { "google/gemini-2.0-flash-001", "google/gemini-2.0-flash", 0.1 },
    { "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock/claude-sonnet-4.5", 3 },
    { "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock/claude-sonnet-4.5", 3 },
    { "bedrock/meta.llama3-3-70b-instruct-v1:0", "bedrock/llama-3.3-70b", 0.72 },
    { "bedrock/openai.gpt-oss-120b-1:0", "bedrock/gpt-oss-120b", 0.15 },
    { "deepseek/deepseek-v3-2024-12-26", "deepseek/deepseek-v3-2024-12", 0.14 },
};

START_TEST(a_snapshot_is_priced_as_its_model_and_that_is_told)
{
    char set[160], said[TEXT_SIZE], wanted[200];
    snprintf(set, sizeof set, "buy.api=%s", snapshots[_i].typed);
    snprintf(wanted, sizeof wanted,
             "warning: \"%s\", without a price of its own in the catalog; it is priced as %s\n",
             snapshots[_i].typed, snapshots[_i].tariff);
    const char *sets[MAX_SETS] = { set };
    struct xo_scenario *s = read_said("", sets, said);
    ck_assert_msg(s != NULL && strstr(said, wanted) != NULL, "%s", said);
    ck_assert_str_eq(s->apis[0].tariff.name, snapshots[_i].tariff);
    ck_assert_double_eq_tol(s->apis[0].tariff.input * 1e6, snapshots[_i].input_usd_per_mtok, 1e-9);
    xo_scenario_free(s);
}
END_TEST

static const struct {
    const char *typed, *says;
} refused_apis[] = {
    /* its month has a price of its own, which may still be that of the snapshot, or not */
    { "openai/gpt-4o-2024-05-13", "which may be priced as openai/gpt-4o is now or as "
                                  "openai/gpt-4o-2024-05 was then; write one" },
    { "openai/o3-2025-04-16", "as openai/o3 is now or as openai/o3-2025-04 was then" },
    { "azure/gpt-4o", "its price at azure is not in the catalog; openai/gpt-4o is: write that, or "
                      "[api azure/gpt-4o] with like = openai/gpt-4o where the price is the same" },
    { "azure/gpt-4o-2024-08-06", "openai/gpt-4o is: write that" },
    { "vertex_ai/claude-sonnet-4-5@20250929",
      "its price at vertex_ai is not in the catalog; anthropic/claude-sonnet-4.5, "
      "bedrock/claude-sonnet-4.5 are: write one, or [api" },
    { "vertex_ai/gemini-2.5-pro", "google/gemini-2.5-pro is" },
    { "bedrock/anthropic.claude-opus-4-8-v1:0",
      "its price at bedrock is not in the catalog; anthropic/claude-opus-4.8 is" },
    { "openrouter/openai/gpt-4o-mini", "its price at openrouter is not in the catalog; "
                                       "openai/gpt-4o-mini is" },
    { "claude-sonnet-4-5",
      "; 2 sell it: anthropic/claude-sonnet-4.5, bedrock/claude-sonnet-4.5 (crossover data apis" },
    { "gpt-4o-mini", "; did you mean \"openai/gpt-4o-mini\"?" },
    { "openai/gpt-4o-minni", "; did you mean \"openai/gpt-4o-mini\"?" },
    { "openai/gpt-5.6", "; 5 begin so: openai/gpt-5.6-sol, openai/gpt-5.6-terra-2026-07, " },
    { "openai/gpt-4-0613", "; did you mean \"openai/gpt-4\"?" }, /* four digits: which year? */
    { "openrouter/gpt-oss-120b:free", "did you mean \"openrouter/gpt-oss-120b\"?" },
};

START_TEST(an_api_of_another_price_is_refused_with_the_name_that_would_do)
{
    char set[160], said[TEXT_SIZE];
    snprintf(set, sizeof set, "buy.api=%s", refused_apis[_i].typed);
    const char *sets[MAX_SETS] = { set };
    ck_assert_ptr_null(read_said("", sets, said));
    ck_assert_msg(strstr(said, refused_apis[_i].says) != NULL, "%s", said);
}
END_TEST

START_TEST(a_resold_model_is_priced_as_its_own_section_says)
{
    const char *sets[MAX_SETS] = { "buy.api=azure/gpt-4o" };
    struct xo_scenario *s = read_sound("[api azure/gpt-4o]\nlike = openai/gpt-4o\n", sets);
    ck_assert_str_eq(s->apis[0].tariff.name, "azure/gpt-4o");
    ck_assert_double_eq_tol(s->apis[0].tariff.input, 2.5e-6, 1e-18);
    xo_scenario_free(s);
}
END_TEST

/* ---- did you mean ---- */

static const struct {
    const char *set, *says;
} hints[] = {
    { "build.model=llama-3.3-70B-x", "; did you mean \"llama-3.3-70b\"?" },
    { "build.model=llama-3.3-70b-somebodys-long-finetune", "; did you mean \"llama-3.3-70b\"?" },
    { "build.model=qwen3-23b", "; did you mean \"qwen3-32b\"?" },
    { "build.model=lama-3.1-8b", "; did you mean \"llama-3.1-8b\"?" },
    { "build.model=llama-3.2", "; 2 begin so: llama-3.2-1b, llama-3.2-3b (crossover" },
    { "build.model=llama", "; 14 begin so: llama-3-8b, llama-3-70b, llama-3.1-8b, llama-3.1-70b, "
                           "llama-3.1-405b, llama-3.3-70b and 8 more (crossover" },
    { "build.gpu=h100-smx", "; did you mean \"h100-sxm\"?" },
    { "build.gpu=rtx", " begin so: rtx-" },
    { "gpu.huge.like=huge", "no GPU in the catalog (crossover" }, /* not itself */
};

START_TEST(a_hint_keeps_to_the_family_and_lists_all_that_begin_so)
{
    char said[TEXT_SIZE];
    const char *sets[MAX_SETS] = { hints[_i].set };
    ck_assert_ptr_null(read_said("", sets, said));
    ck_assert_msg(strstr(said, hints[_i].says) != NULL, "%s", said);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("names");
    TCase *c = tcase_create("types");
    tcase_set_timeout(c, 30); /* the whole catalog, on a machine that has other work too */
    tcase_add_loop_test(c, every_alias_of_the_catalog_that_ends_in_a_type_runs_in_it, 0,
                        ROWS(endings));
    tcase_add_test(c, every_other_name_of_the_catalog_runs_in_the_models_own_type);
    tcase_add_loop_test(c, a_checkpoint_that_no_alias_lists_is_its_model_in_the_type_of_its_name, 0,
                        ROWS(checkpoints));
    tcase_add_test(c, a_name_of_4_or_8_bits_asks_for_the_type_and_takes_it);
    tcase_add_test(c, a_model_that_no_keys_describe_is_refused_with_the_reason);
    tcase_add_test(c, typed_weights_win_over_the_name_with_a_warning);
    tcase_add_test(c, a_model_like_a_checkpoint_runs_in_its_type_unless_it_says_its_own);
    tcase_add_test(c, the_cache_of_trtllm_follows_the_type_of_the_name);
    tcase_add_loop_test(c, a_type_is_read_however_it_is_spelled, 0, ROWS(type_words));
    tcase_add_test(c, the_cache_takes_the_same_words);
    tcase_add_loop_test(c, a_word_that_is_not_settled_is_refused_with_the_one_that_would_do, 0,
                        ROWS(refused));
    suite_add_tcase(suite, c);
    c = tcase_create("rates");
    tcase_add_loop_test(c, a_volume_counts_model_calls_whatever_they_are_called, 0, ROWS(volumes));
    tcase_add_loop_test(c, a_rent_is_a_price_per_gpu_however_it_is_spelled, 0, ROWS(rents));
    tcase_add_test(c, the_price_of_a_server_is_shared_by_its_gpus_where_they_stand_later_too);
    tcase_add_loop_test(c, a_rate_or_price_of_something_else_is_refused_with_what_to_write, 0,
                        ROWS(refused_rates));
    suite_add_tcase(suite, c);
    c = tcase_create("apis");
    tcase_add_loop_test(c, an_api_is_found_however_it_is_spelled, 0, ROWS(spelled_apis));
    tcase_add_test(c, no_two_tariffs_are_spelled_alike);
    tcase_add_loop_test(c, a_snapshot_is_priced_as_its_model_and_that_is_told, 0, ROWS(snapshots));
    tcase_add_loop_test(c, an_api_of_another_price_is_refused_with_the_name_that_would_do, 0,
                        ROWS(refused_apis));
    tcase_add_test(c, a_resold_model_is_priced_as_its_own_section_says);
    tcase_add_loop_test(c, a_hint_keeps_to_the_family_and_lists_all_that_begin_so, 0, ROWS(hints));
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
