/* catalog.c - GPUs, models and API tariffs: INI text compiled in, read by the same table of keys.
 *
 * The state is a struct builtin: the catalogs' own store, the structs made of it, and all names and
 * aliases. It is read on first use, never changed and never freed, so that scenarios may point to
 * its texts. Threads that come at once each read, and the first to be ready is kept. A fault in a
 * compiled-in text is a bug, and ends the program.
 *
 * A scenario copies the entries of what it uses (inline_entry), each with source and date, so that
 * its resolved text stands alone. A section that it writes itself is completed from the entry of
 * its name, or from the one that it is `like`; another entry's title and aliases stay behind. The
 * same three functions (gpu_fill, model_fill, api_fill) make structs of both. Begin with
 * catalog_read, inline_entry and complete.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "names.h"
#include "resolve.h"
#include "values.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- entries to structs ---- */

enum field_type { REAL, COUNT, TEXT };
struct field {
    int key;
    enum field_type type;
    size_t offset, size; /* size: of a text */
};
#define REAL_FIELD(key, type, field)                                                               \
    {                                                                                              \
        K_##key, REAL, offsetof(struct type, field), 0                                             \
    }
#define COUNT_FIELD(key, type, field)                                                              \
    {                                                                                              \
        K_##key, COUNT, offsetof(struct type, field), 0                                            \
    }
#define TEXT_FIELD(key, type, field)                                                               \
    {                                                                                              \
        K_##key, TEXT, offsetof(struct type, field), sizeof((struct type *)0)->field               \
    }

/* Fields whose entry is there; the others stay as they are. */
static void fill(const struct xo_store *store, int group, const struct field fields[], size_t n,
                 void *to)
{
    for (size_t i = 0; i < n; i++) {
        const struct xo_entry *e = store_given(store, group, fields[i].key);
        char *at = (char *)to + fields[i].offset;
        if (e == NULL || (fields[i].type != TEXT && isnan(e->number)))
            continue;
        if (fields[i].type == REAL)
            *(double *)(void *)at = e->number;
        else if (fields[i].type == COUNT)
            *(int *)(void *)at = (int)e->number;
        else
            xo_text_copy(at, fields[i].size, e->value);
    }
}

void gpu_fill(const struct xo_store *store, int group, struct xo_gpu_entry *gpu)
{
    static const struct field fields[] = {
        TEXT_FIELD(GPU_TITLE, xo_gpu_entry, title),
        TEXT_FIELD(GPU_ALIASES, xo_gpu_entry, aliases),
        REAL_FIELD(GPU_MEMORY, xo_gpu_entry, gpu.memory_bytes),
        REAL_FIELD(GPU_BANDWIDTH, xo_gpu_entry, gpu.hbm_bytes_per_s),
        REAL_FIELD(GPU_BF16, xo_gpu_entry, gpu.bf16_flop_per_s),
        REAL_FIELD(GPU_FP8, xo_gpu_entry, gpu.fp8_flop_per_s),
        REAL_FIELD(GPU_FP4, xo_gpu_entry, gpu.fp4_flop_per_s),
        REAL_FIELD(GPU_LINK, xo_gpu_entry, gpu.link_bytes_per_s),
        REAL_FIELD(GPU_POWER_BUSY, xo_gpu_entry, gpu.power_busy_w),
        REAL_FIELD(GPU_POWER_IDLE, xo_gpu_entry, gpu.power_idle_w),
        REAL_FIELD(GPU_RENT, xo_gpu_entry, on_demand.median),
        REAL_FIELD(GPU_RENT_LOW, xo_gpu_entry, on_demand.low),
        REAL_FIELD(GPU_RENT_HIGH, xo_gpu_entry, on_demand.high),
        COUNT_FIELD(GPU_RENT_QUOTES, xo_gpu_entry, on_demand.n),
        TEXT_FIELD(GPU_RENT_AS_OF, xo_gpu_entry, rent_as_of),
        REAL_FIELD(GPU_RENT_RESERVED, xo_gpu_entry, reserved.median),
        REAL_FIELD(GPU_RENT_RESERVED_LOW, xo_gpu_entry, reserved.low),
        REAL_FIELD(GPU_RENT_RESERVED_HIGH, xo_gpu_entry, reserved.high),
        COUNT_FIELD(GPU_RENT_RESERVED_QUOTES, xo_gpu_entry, reserved.n),
        REAL_FIELD(GPU_RENT_RESERVED_3Y, xo_gpu_entry, reserved_3y.median),
        REAL_FIELD(GPU_RENT_RESERVED_3Y_LOW, xo_gpu_entry, reserved_3y.low),
        REAL_FIELD(GPU_RENT_RESERVED_3Y_HIGH, xo_gpu_entry, reserved_3y.high),
        COUNT_FIELD(GPU_RENT_RESERVED_3Y_QUOTES, xo_gpu_entry, reserved_3y.n),
        REAL_FIELD(GPU_RENT_SPOT, xo_gpu_entry, spot.median),
        REAL_FIELD(GPU_RENT_SPOT_LOW, xo_gpu_entry, spot.low),
        REAL_FIELD(GPU_RENT_SPOT_HIGH, xo_gpu_entry, spot.high),
        COUNT_FIELD(GPU_RENT_SPOT_QUOTES, xo_gpu_entry, spot.n),
        REAL_FIELD(GPU_SERVER_PRICE, xo_gpu_entry, server.median),
        REAL_FIELD(GPU_SERVER_PRICE_LOW, xo_gpu_entry, server.low),
        REAL_FIELD(GPU_SERVER_PRICE_HIGH, xo_gpu_entry, server.high),
        COUNT_FIELD(GPU_SERVER_PRICE_QUOTES, xo_gpu_entry, server.n),
        TEXT_FIELD(GPU_SOURCE, xo_gpu_entry, source),
        TEXT_FIELD(GPU_AS_OF, xo_gpu_entry, as_of),
    };
    static const struct xo_quotes none = { NAN, NAN, NAN, 0 };
    *gpu = (struct xo_gpu_entry){
        .on_demand = none, .reserved = none, .reserved_3y = none, .spot = none, .server = none
    };
    xo_text_copy(gpu->gpu.name, sizeof gpu->gpu.name, store->groups[group].name);
    fill(store, group, fields, sizeof fields / sizeof *fields, gpu);
    gpu->gpu.generation = (enum xo_gpu_generation)store_integer(store, group, K_GPU_GENERATION);
    const enum link_kind link = (enum link_kind)store_integer(store, group, K_GPU_LINK_KIND);
    gpu->gpu.link_is_switched = link == LINK_NVLINK || link == LINK_XGMI || link == LINK_ICI;
}

void model_fill(const struct xo_store *store, int group, struct xo_model_entry *model)
{
    static const struct field fields[] = {
        TEXT_FIELD(MODEL_TITLE, xo_model_entry, title),
        TEXT_FIELD(MODEL_ALIASES, xo_model_entry, aliases),
        REAL_FIELD(MODEL_PARAMS, xo_model_entry, model.params_total),
        REAL_FIELD(MODEL_ACTIVE, xo_model_entry, model.params_active),
        COUNT_FIELD(MODEL_LAYERS, xo_model_entry, model.layers),
        COUNT_FIELD(MODEL_HIDDEN, xo_model_entry, model.hidden),
        COUNT_FIELD(MODEL_HEADS, xo_model_entry, model.heads),
        COUNT_FIELD(MODEL_KV_HEADS, xo_model_entry, model.kv_heads),
        COUNT_FIELD(MODEL_HEAD_DIM, xo_model_entry, model.head_dim),
        COUNT_FIELD(MODEL_INTERMEDIATE, xo_model_entry, model.intermediate),
        COUNT_FIELD(MODEL_MLP_MATRICES, xo_model_entry, model.mlp_matrices),
        COUNT_FIELD(MODEL_VOCAB, xo_model_entry, model.vocab),
        COUNT_FIELD(MODEL_EXPERTS, xo_model_entry, model.experts),
        COUNT_FIELD(MODEL_EXPERTS_PER_TOKEN, xo_model_entry, model.experts_per_token),
        COUNT_FIELD(MODEL_SHARED_EXPERTS, xo_model_entry, model.shared_experts),
        COUNT_FIELD(MODEL_EXPERT_INTERMEDIATE, xo_model_entry, model.expert_intermediate),
        COUNT_FIELD(MODEL_EXPERT_MATRICES, xo_model_entry, model.expert_matrices),
        COUNT_FIELD(MODEL_EXPERT_HIDDEN, xo_model_entry, model.expert_hidden),
        COUNT_FIELD(MODEL_DENSE_LAYERS, xo_model_entry, model.dense_layers),
        COUNT_FIELD(MODEL_BARE_LAYERS, xo_model_entry, model.bare_layers),
        COUNT_FIELD(MODEL_KV_LORA_RANK, xo_model_entry, model.kv_lora_rank),
        COUNT_FIELD(MODEL_ROPE_DIM, xo_model_entry, model.rope_dim),
        COUNT_FIELD(MODEL_NOPE_DIM, xo_model_entry, model.nope_dim),
        COUNT_FIELD(MODEL_V_HEAD_DIM, xo_model_entry, model.v_head_dim),
        COUNT_FIELD(MODEL_Q_LORA_RANK, xo_model_entry, model.q_lora_rank),
        COUNT_FIELD(MODEL_O_LORA_RANK, xo_model_entry, model.o_lora_rank),
        COUNT_FIELD(MODEL_O_GROUPS, xo_model_entry, model.o_groups),
        COUNT_FIELD(MODEL_COMPRESS_LAYERS, xo_model_entry, model.compress_layers),
        COUNT_FIELD(MODEL_COMPRESS_BY, xo_model_entry, model.compress_by),
        COUNT_FIELD(MODEL_INDEX_BY, xo_model_entry, model.index_by),
        COUNT_FIELD(MODEL_RESIDUAL_STREAMS, xo_model_entry, model.residual_streams),
        COUNT_FIELD(MODEL_WINDOW, xo_model_entry, model.window_tokens),
        COUNT_FIELD(MODEL_WINDOW_LAYERS, xo_model_entry, model.window_layers),
        COUNT_FIELD(MODEL_WINDOW_HEAD_DIM, xo_model_entry, model.window_head_dim),
        COUNT_FIELD(MODEL_WINDOW_KV_HEADS, xo_model_entry, model.window_kv_heads),
        COUNT_FIELD(MODEL_KV_SHARED_LAYERS, xo_model_entry, model.kv_shared_layers),
        COUNT_FIELD(MODEL_KV_SHARED_WINDOW_LAYERS, xo_model_entry, model.kv_shared_window_layers),
        COUNT_FIELD(MODEL_INDEX_TOP_K, xo_model_entry, model.index_top_k),
        COUNT_FIELD(MODEL_INDEX_HEADS, xo_model_entry, model.index_heads),
        COUNT_FIELD(MODEL_INDEX_DIM, xo_model_entry, model.index_dim),
        COUNT_FIELD(MODEL_INDEX_LAYERS, xo_model_entry, model.index_layers),
        COUNT_FIELD(MODEL_INDEX_SHARED_LAYERS, xo_model_entry, model.index_shared_layers),
        COUNT_FIELD(MODEL_LINEAR_LAYERS, xo_model_entry, model.linear_layers),
        COUNT_FIELD(MODEL_LINEAR_KEY_HEADS, xo_model_entry, model.linear_key_heads),
        COUNT_FIELD(MODEL_LINEAR_VALUE_HEADS, xo_model_entry, model.linear_value_heads),
        COUNT_FIELD(MODEL_LINEAR_KEY_DIM, xo_model_entry, model.linear_key_dim),
        COUNT_FIELD(MODEL_LINEAR_VALUE_DIM, xo_model_entry, model.linear_value_dim),
        COUNT_FIELD(MODEL_LINEAR_CONV, xo_model_entry, model.linear_conv),
        REAL_FIELD(MODEL_TOWER_PARAMS, xo_model_entry, model.tower_params),
        COUNT_FIELD(MODEL_MAX_CONTEXT, xo_model_entry, model.max_context_tokens),
        TEXT_FIELD(MODEL_LICENCE, xo_model_entry, licence),
        TEXT_FIELD(MODEL_SOURCE, xo_model_entry, source),
        TEXT_FIELD(MODEL_AS_OF, xo_model_entry, as_of),
    };
    *model = (struct xo_model_entry){ 0 };
    xo_text_copy(model->model.name, sizeof model->model.name, store->groups[group].name);
    fill(store, group, fields, sizeof fields / sizeof *fields, model);
    model->model.tied_embeddings = store_integer(store, group, K_MODEL_TIED_EMBEDDINGS) == YES;
    model->model.attention_gate = store_integer(store, group, K_MODEL_ATTENTION_GATE) == YES;
    model->model.keys_as_values = store_integer(store, group, K_MODEL_KEYS_AS_VALUES) == YES;
    model->model.linear_kind =
        (enum xo_linear_kind)store_integer(store, group, K_MODEL_LINEAR_KIND);
    const int bits = store_integer(store, group, K_MODEL_LINEAR_STATE_BITS);
    model->model.linear_state_bits = bits == STATE_BITS_16 ? 16 : 32;
    model->model.quantized = (enum xo_quantized)store_integer(store, group, K_MODEL_QUANTIZED);
    model->model.native_weights = (enum xo_dtype)store_integer(store, group, K_MODEL_WEIGHTS);
}

/* One threshold, or several. */
static void fill_contexts(const struct xo_store *store, int group, struct xo_tariff *t)
{
    const char *tiers = store_text(store, group, K_API_LONG_TIERS);
    struct xo_context_tier *first = &t->contexts[0];
    first->input = store_number_or(store, group, K_API_LONG_INPUT, t->input);
    first->output = store_number_or(store, group, K_API_LONG_OUTPUT, t->output);
    first->cached_input = store_number_or(store, group, K_API_LONG_CACHED_INPUT, t->cached_input);
    t->n_contexts = first->above_tokens < INT32_MAX;
    t->is_marginal = store_integer(store, group, K_API_LONG_PRICING) == LONG_MARGINAL;
    if (tiers != NULL && !long_tiers_read(tiers, t, NULL))
        t->n_contexts = 0; /* reported when the value was read */
}

/* A level of service that cannot be read was reported, and is none. */
static void fill_services(const struct xo_store *store, int group, struct xo_tariff *t)
{
    static const struct {
        int key;
        enum xo_price_service service;
    } rows[] = { { K_API_BATCH, XO_SERVICE_BATCH },
                 { K_API_FLEX, XO_SERVICE_FLEX },
                 { K_API_PRIORITY, XO_SERVICE_PRIORITY },
                 { K_API_FAST, XO_SERVICE_FAST } };
    t->services[XO_SERVICE_BATCH].cached_at_list =
        store_integer(store, group, K_API_BATCH_CACHED) == BATCH_FULL_PRICE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = store_text(store, group, rows[i].key);
        struct xo_service_rule rule;
        if (text != NULL && service_read(text, &rule, NULL))
            t->services[rows[i].service] = rule;
    }
}

/* One window, or several. */
static void fill_windows(const struct xo_store *store, int group, struct xo_tariff *t)
{
    const char *peaks = store_text(store, group, K_API_PEAK_HOURS);
    const char *windows = store_text(store, group, K_API_WINDOWS);
    struct xo_error ignored;
    const int n = peaks == NULL ? 0 : week_hours_read(peaks, t->peaks, &ignored);
    t->n_peaks = n > 0 ? n : 0;
    t->n_windows = n > 0;
    if (windows != NULL && !windows_read(windows, t, NULL))
        t->n_windows = t->n_peaks = 0;
}

void api_fill(const struct xo_store *store, int group, struct xo_api *api)
{
    static const struct field fields[] = {
        REAL_FIELD(API_INPUT, xo_api, tariff.input),
        REAL_FIELD(API_CACHED_INPUT, xo_api, tariff.cached_input),
        REAL_FIELD(API_CACHE_WRITE, xo_api, tariff.cache_write),
        REAL_FIELD(API_CACHE_TTL, xo_api, tariff.cache.ttl_s),
        REAL_FIELD(API_CACHE_READY, xo_api, tariff.cache.ready_s),
        REAL_FIELD(API_CACHE_WRITE_EXTENDED, xo_api, tariff.cache.extended_write),
        REAL_FIELD(API_CACHE_TTL_EXTENDED, xo_api, tariff.cache.extended_ttl_s),
        REAL_FIELD(API_CACHE_STORAGE, xo_api, tariff.cache.storage_usd_per_token_s),
        REAL_FIELD(API_PROVISIONED_CAPACITY, xo_api, tariff.provisioned.tokens_per_minute),
        REAL_FIELD(API_PROVISIONED_PRICE, xo_api, tariff.provisioned.usd_per_hour),
        REAL_FIELD(API_PROVISIONED_INCREMENT, xo_api, tariff.provisioned.increment),
        REAL_FIELD(API_PROVISIONED_TERM, xo_api, tariff.provisioned.term_months),
        REAL_FIELD(API_PROVISIONED_MIN, xo_api, tariff.provisioned.least),
        REAL_FIELD(API_CACHE_MIN, xo_api, tariff.cache.min_tokens),
        REAL_FIELD(API_CACHE_STEP, xo_api, tariff.cache.step_tokens),
        REAL_FIELD(API_OUTPUT, xo_api, tariff.output),
        REAL_FIELD(API_BATCH_DISCOUNT, xo_api, tariff.services[XO_SERVICE_BATCH].off_frac),
        COUNT_FIELD(API_LONG_THRESHOLD, xo_api, tariff.contexts[0].above_tokens),
        REAL_FIELD(API_REQUESTS_PER_MINUTE, xo_api, tariff.requests_per_minute),
        REAL_FIELD(API_TOKENS_PER_MINUTE, xo_api, tariff.tokens_per_minute),
        REAL_FIELD(API_PEAK_FACTOR, xo_api, tariff.window_factor[XO_WINDOW_PEAK]),
        REAL_FIELD(API_REQUEST, xo_api, tariff.usd_per_request),
        REAL_FIELD(API_TOOL_CALL, xo_api, tariff.usd_per_tool_call),
        REAL_FIELD(API_TOKENS_RATIO_INPUT, xo_api, tokens_ratio_input),
        REAL_FIELD(API_TOKENS_RATIO_OUTPUT, xo_api, tokens_ratio_output),
        TEXT_FIELD(API_ALIASES, xo_api, aliases),
        TEXT_FIELD(API_MODEL, xo_api, model),
        COUNT_FIELD(API_CONTEXT, xo_api, context_tokens),
        TEXT_FIELD(API_SOURCE, xo_api, source),
        TEXT_FIELD(API_AS_OF, xo_api, as_of),
    };
    *api = (struct xo_api){ .tariff = { .cached_input = NAN,
                                        .cache_write = NAN,
                                        .contexts = { { .above_tokens = INT32_MAX } },
                                        .requests_per_minute = INFINITY,
                                        .tokens_per_minute = INFINITY } };
    struct xo_tariff *t = &api->tariff;
    xo_text_copy(t->name, sizeof t->name, store->groups[group].name);
    fill(store, group, fields, sizeof fields / sizeof *fields, api);
    t->residency_frac = store_number_or(store, group, K_API_RESIDENCY, 1) - 1;
    t->cache.fixed_life = store_integer(store, group, K_API_CACHE_REFRESH) == NO;
    t->cache.least_miss_frac = 1 - store_value(store, group, K_API_CACHE_HIT_MAX);
    api->caching_unknown = store_integer(store, group, K_API_CACHING) == CACHING_UNKNOWN;
    const char *tiers = store_text(store, group, K_API_TIERS);
    if (tiers != NULL && !tiers_read(tiers, t, NULL))
        t->n_tiers = 0; /* reported when the value was read */
    fill_contexts(store, group, t);
    fill_services(store, group, t);
    fill_windows(store, group, t);
    t->provisioned.output_weight =
        store_number_or(store, group, K_API_PROVISIONED_OUTPUT_WEIGHT, 1);
    t->free_usd_month = store_number_or(store, group, K_API_FREE, 0);
    t->minimum_usd_month = store_number_or(store, group, K_API_MINIMUM, 0);
    const char *changes = store_text(store, group, K_API_CHANGES);
    if (changes != NULL && !changes_read(changes, t, NULL))
        t->n_changes = 0; /* reported when the value was read */
}

/* ---- the built-in catalogs ---- */

struct builtin {
    struct xo_store store;
    struct xo_catalog catalog;
    struct alias *aliases;
    size_t n_aliases, aliases_room;
};
static _Atomic(struct builtin *) loaded; /* NULL: not read yet */

void catalog_read(struct reader *r, const char *text)
{
    const size_t first = r->store->n_groups;
    read_lines(r, text, strlen(text));
    for (size_t g = first; g < r->store->n_groups; g++)
        add_group_defaults(r, (int)g);
    read_values(r);
    for (size_t g = first; g < r->store->n_groups; g++)
        require_keys(r, (int)g);
}

static bool add_alias(struct builtin *b, int group, int index, const char *name)
{
    if (!xo_array_reserve((void **)&b->aliases, &b->aliases_room, b->n_aliases + 1,
                          sizeof *b->aliases, NULL))
        return false;
    struct alias *a = &b->aliases[b->n_aliases++];
    a->section = b->store.groups[group].section;
    a->group = group;
    a->index = index;
    xo_text_copy(a->name, sizeof a->name, name);
    return true;
}

static int aliases_key(enum section section)
{
    return section == S_GPU     ? K_GPU_ALIASES
           : section == S_MODEL ? K_MODEL_ALIASES
           : section == S_API   ? K_API_ALIASES
                                : -1;
}

static bool add_aliases(struct builtin *b, int group, int index)
{
    const struct group *g = &b->store.groups[group];
    const int key = aliases_key(g->section);
    const char *text = key < 0 ? NULL : store_text(&b->store, group, key);
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n = text == NULL ? 0 : list_split(text, false, copy, items);
    bool ok = add_alias(b, group, index, g->name);
    for (int i = 0; i < n && ok; i++)
        ok = add_alias(b, group, index, items[i]);
    return ok;
}

static bool make_room(struct builtin *b)
{
    struct xo_catalog *c = &b->catalog;
    size_t n[S_N] = { 0 };
    for (size_t g = 0; g < b->store.n_groups; g++)
        n[b->store.groups[g].section]++;
    c->gpus = calloc(n[S_GPU] + 1, sizeof *c->gpus);
    c->models = calloc(n[S_MODEL] + 1, sizeof *c->models);
    c->apis = calloc(n[S_API] + 1, sizeof *c->apis);
    return c->gpus != NULL && c->models != NULL && c->apis != NULL;
}

static bool fill_catalog(struct builtin *b)
{
    struct xo_catalog *c = &b->catalog;
    bool ok = make_room(b);
    for (int g = 0; ok && g < (int)b->store.n_groups; g++) {
        const enum section section = b->store.groups[g].section;
        int *count = section == S_GPU     ? &c->n_gpus
                     : section == S_MODEL ? &c->n_models
                     : section == S_API   ? &c->n_apis
                                          : NULL;
        if (count == NULL)
            continue;
        if (section == S_GPU)
            gpu_fill(&b->store, g, &c->gpus[*count]);
        else if (section == S_MODEL)
            model_fill(&b->store, g, &c->models[*count]);
        else
            api_fill(&b->store, g, &c->apis[*count]);
        ok = add_aliases(b, g, *count);
        ++*count;
    }
    return ok;
}

static void free_builtin(struct builtin *b)
{
    if (b == NULL)
        return;
    store_fini(&b->store);
    free(b->catalog.gpus);
    free(b->catalog.models);
    free(b->catalog.apis);
    free(b->aliases);
    free(b);
}

static bool read_texts(struct builtin *b)
{
    static const struct {
        const char *file;
        const unsigned char *text;
    } files[] = { { "catalog/gpus.ini", xo_text_gpus },
                  { "catalog/models.ini", xo_text_models },
                  { "catalog/apis.ini", xo_text_apis } };
    if (!store_init(&b->store))
        return false;
    for (int i = 0; i < 3; i++) {
        struct reader r = { .store = &b->store, .file = files[i].file };
        struct xo_problems problems = { 0 };
        catalog_read(&r, (const char *)files[i].text);
        problems_finish(&r, &problems);
        if (problems.out_of_memory)
            return false;
        for (size_t p = 0; p < problems.n; p++)
            fprintf(stderr, "%s\n", problems.lines[p]);
        if (problems.n > 0)
            abort(); /* a fault in a compiled-in catalog is a bug; test_scenario.c looks for it */
        xo_problems_fini(&problems);
    }
    return true;
}

/* Threads that come at once each read, and the first to be ready is kept. */
bool xo_catalog_load(struct xo_error *err)
{
    struct builtin *none = NULL;
    if (atomic_load(&loaded) != NULL)
        return true;
    struct builtin *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL || !read_texts(fresh) || !fill_catalog(fresh)) {
        free_builtin(fresh);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory while reading the catalogs");
    }
    if (!atomic_compare_exchange_strong(&loaded, &none, fresh))
        free_builtin(fresh);
    return true;
}

static const struct builtin *builtin(void)
{
    struct xo_error err;
    if (!xo_catalog_load(&err)) {
        fprintf(stderr, "crossover: %s\n", err.text);
        exit(EXIT_FAILURE);
    }
    return atomic_load(&loaded);
}

const struct xo_catalog *xo_catalog_builtin(void)
{
    return &builtin()->catalog;
}

const struct alias *catalog_aliases(size_t *n)
{
    const struct builtin *b = builtin();
    *n = b->n_aliases;
    return b->aliases;
}

static int find_index(enum section section, const char *name, const char **nearest)
{
    const struct alias *a = find_alias(section, name), *priced[2];
    if (a == NULL && section == S_API && find_snapshot(name, priced) == 1)
        a = priced[0];
    if (a == NULL && nearest != NULL)
        *nearest = nearest_name(NULL, section, name);
    return a == NULL ? -1 : a->index;
}

const struct xo_gpu_entry *xo_catalog_gpu(const struct xo_catalog *c, const char *name,
                                          const char **nearest)
{
    const int i = find_index(S_GPU, name, nearest);
    return i < 0 ? NULL : &c->gpus[i];
}

const struct xo_model_entry *xo_catalog_model(const struct xo_catalog *c, const char *name,
                                              const char **nearest)
{
    const int i = find_index(S_MODEL, name, nearest);
    return i < 0 ? NULL : &c->models[i];
}

const struct xo_api *xo_catalog_api(const struct xo_catalog *c, const char *name,
                                    const char **nearest)
{
    const int i = find_index(S_API, name, nearest);
    return i < 0 ? NULL : &c->apis[i];
}

/* ---- a scenario's own sections, completed ---- */

static const struct {
    enum section section;
    const char *what, *list;
    int like, title, source, as_of;
} kinds[] = {
    { S_GPU, "GPU", "gpus", K_GPU_LIKE, K_GPU_TITLE, K_GPU_SOURCE, K_GPU_AS_OF },
    { S_MODEL, "model", "models", K_MODEL_LIKE, K_MODEL_TITLE, K_MODEL_SOURCE, K_MODEL_AS_OF },
    { S_API, "API", "apis", K_API_LIKE, -1, K_API_SOURCE, K_API_AS_OF },
};

static int kind_index(enum section section)
{
    return section == S_GPU ? 0 : section == S_MODEL ? 1 : 2;
}

/* A GPU with its number before or behind it, where the name alone is known or near one that is. */
static bool refuse_count(struct reader *r, const struct xo_entry *e, const char *what,
                         const char *name)
{
    char alone[XO_VALUE_SIZE];
    if (!counted_gpu(name, alone))
        return false;
    const struct alias *a = find_alias(S_GPU, alone);
    const char *known =
        a != NULL ? builtin()->store.groups[a->group].name : nearest_name(r->store, S_GPU, alone);
    if (known != NULL)
        problem_entry(r, e,
                      "%s: name the GPU alone (%s); how many is tensor_parallel, and server_gpus",
                      what, known);
    return known != NULL;
}

/* Families of models that the keys of [model] do not describe: what they lack. */
static const struct {
    const char *begins, *why;
} undescribed[] = {
    { "gemma-4-E", "each of its layers has embeddings of its own" },
    { "gemma-3n-E", "each of its layers has embeddings of its own" },
    { "MiMo-V2", "its values are narrower than its keys" },
    { "DeepSeek-V4.1", "its layers share compressed KV and look up a memory" },
};

/* Says why a model is not there, where that is known. */
static bool refuse_undescribed(struct reader *r, const struct xo_entry *e, const char *what,
                               const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *model = slash != NULL ? slash + 1 : name;
    for (size_t i = 0; i < sizeof undescribed / sizeof *undescribed; i++) {
        if (strncasecmp(model, undescribed[i].begins, strlen(undescribed[i].begins)) != 0)
            continue;
        problem_entry(r, e, "%s, which the keys of [model] cannot describe: %s", what,
                      undescribed[i].why);
        return true;
    }
    return false;
}

static int unknown_name(struct reader *r, const struct xo_entry *e, enum section section,
                        const char *name)
{
    char hint[XO_VALUE_SIZE], what[XO_COST_NAME_SIZE + 40] = "";
    const int k = kind_index(section);
    if (strcmp(name, e->value) != 0)
        snprintf(what, sizeof what, " with \"%.90s\"", name);
    if (section == S_GPU && refuse_count(r, e, what, name))
        return -1;
    if (section == S_MODEL && refuse_undescribed(r, e, what, name))
        return -1;
    if (section == S_API && sold_elsewhere(name, hint, sizeof hint))
        problem_entry(r, e, "%s; %s", what, hint);
    else
        problem_entry(
            r, e, "%s, no %s in the catalog%s (crossover data %s lists them; [%s %s] adds one)",
            what, kinds[k].what,
            suggest(hint, sizeof hint, e->key == kinds[k].like ? NULL : r->store, section, name),
            kinds[k].list, sections[section].name, section == S_API ? "provider/model" : "NAME");
    return -1;
}

/* The entry of the catalog that `name`, said by e, stands for: itself, or what a snapshot without a
 * price of its own is priced as, which is told. NULL with a problem. */
static const struct alias *look_up(struct reader *r, const struct xo_entry *e, enum section section,
                                   const char *name)
{
    const struct alias *a = find_alias(section, name), *priced[2];
    char what[XO_COST_NAME_SIZE + 40] = "";
    if (a != NULL)
        return a;
    const int n = section == S_API ? find_snapshot(name, priced) : 0;
    if (n == 0) {
        unknown_name(r, e, section, name);
        return NULL;
    }
    if (strcmp(name, e->value) != 0)
        snprintf(what, sizeof what, " with \"%.90s\"", name);
    if (n == 2) {
        problem_entry(r, e, "%s, which may be priced as %s is now or as %s was then; write one",
                      what, priced[0]->name, priced[1]->name);
        return NULL;
    }
    warning_entry(r, e, "%s, without a price of its own in the catalog; it is priced as %s", what,
                  priced[0]->name);
    return priced[0];
}

/* The store's group of this name or alias; -1. */
static int group_named(const struct xo_store *store, enum section section, const char *name)
{
    const int by_name = store_group(store, section, name), key = aliases_key(section);
    for (int g = 0; by_name < 0 && key >= 0 && g < (int)store->n_groups; g++) {
        const char *text = store->groups[g].section == section ? store_text(store, g, key) : NULL;
        char copy[XO_VALUE_SIZE];
        const char *items[MAX_LIST];
        const int n = text == NULL ? 0 : list_split(text, false, copy, items);
        for (int i = 0; i < n; i++)
            if (strcasecmp(items[i], name) == 0)
                return g;
    }
    return by_name;
}

static int own_group(const struct xo_store *store, enum section section, const char *name)
{
    char base[XO_VALUE_SIZE];
    const int group = group_named(store, section, name);
    return group < 0 && model_base_name(section, name, base) ? group_named(store, section, base)
                                                             : group;
}

/* Copy the keys of the catalog's group `from` that `group` has not got. Another entry's title and
 * aliases stay behind: they name that one. */
static void copy_missing(struct reader *r, int group, int from, bool another)
{
    struct xo_store *store = r->store;
    const struct section_info *info = &sections[store->groups[group].section];
    const int k = kind_index(store->groups[group].section);
    const char *source = store_text(&builtin()->store, from, kinds[k].source);
    const char *as_of = store_text(&builtin()->store, from, kinds[k].as_of);
    const char *where =
        keep_text(r, "catalog (%.110s, %.16s)", source == NULL ? "no source" : source,
                  as_of == NULL ? "no date" : as_of);
    for (int key = info->first_key; key < info->first_key + info->n_keys; key++) {
        const struct xo_entry *theirs = store_get(&builtin()->store, from, key);
        const bool names =
            key == aliases_key(store->groups[group].section) || key == kinds[k].title;
        if (theirs == NULL || store_get(store, group, key) != NULL || (another && names))
            continue;
        struct xo_entry *e = store_add(store, group, key);
        if (e == NULL) {
            r->out_of_memory = true;
            return;
        }
        e->value = theirs->value; /* the catalog is never freed */
        store->n_read++;          /* it has been read: its own entries stand before it, or follow */
        e->number = theirs->number;
        e->origin = XO_FROM_CATALOG;
        e->where = where;
    }
}

/* Complete a section that the scenario wrote. */
static void complete(struct reader *r, int group, enum section section)
{
    const int before = r->n_errors;
    const struct xo_entry *like = store_given(r->store, group, kinds[kind_index(section)].like);
    const char *base = like == NULL ? r->store->groups[group].name : like->value;
    const bool alone = like != NULL && strcasecmp(base, "none") == 0;
    const struct alias *a = alone          ? NULL
                            : like != NULL ? look_up(r, like, section, base)
                                           : find_alias(section, base);
    if (a != NULL)
        copy_missing(r, group, a->group, like != NULL);
    add_group_defaults(r, group);
    read_values(r);
    if (r->n_errors == before)
        require_keys(r, group);
    if (r->n_errors == before && section == S_MODEL)
        check_own_model(r, group);
}

int inline_entry(struct reader *r, const struct xo_entry *e, enum section section, const char *name)
{
    int group = own_group(r->store, section, name);
    if (group >= 0) {
        if (!r->store->groups[group].complete)
            complete(r, group, section);
        r->store->groups[group].complete = true;
        return group;
    }
    const struct alias *a = look_up(r, e, section, name);
    if (a == NULL)
        return -1;
    group = own_group(r->store, section, builtin()->store.groups[a->group].name);
    if (group < 0)
        group = store_add_group(r->store, section, builtin()->store.groups[a->group].name, 0);
    if (group < 0) {
        r->out_of_memory = true;
        return -1;
    }
    copy_missing(r, group, a->group, false);
    r->store->groups[group].complete = true;
    return group;
}
