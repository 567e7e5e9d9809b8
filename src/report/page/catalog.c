/* catalog.c - `crossover data gpus|models|apis`: what is built in, with source and date.
 *
 * One table of fields a kind (gpu_fields, model_fields, api_fields; placed_fields of models on a
 * GPU) serves the list, the page of one entry, CSV and JSON: a field has its name, its type, its
 * place in the entry's struct and its column in the list. So a field is added in one row, and all
 * four show it.
 *
 * The state is a struct listing: the entries of one kind, of whatever struct, and which of them are
 * kept for what was asked. A name finds its entry by alias, else all that begin with it. A list
 * leaves out columns that are empty, and where the terminal is too narrow the last that it can
 * spare. Begin with struct field, list_kind and xo_catalog_print.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/out.h"
#include "report/page/page.h"

#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 36, MAX_COLUMNS = 16, MAX_FIELDS = 64, MAX_KEPT = 1024, MAX_MARKS = 8 };

/* A SHARE is a NUMBER that lists show in percent, a COUNT an INTEGER that they show in k and M;
 * POSITIVE: 0 is not known. */
enum field_type {
    TEXT,
    DTYPE,
    LINEAR_KIND,
    QUANTIZED,
    NUMBER,
    POSITIVE,
    INTEGER,
    FLAG,
    SHARE,
    COUNT
};
struct field {
    const char *name; /* in CSV and JSON: base or customary unit at its end */
    const char *unit; /* of a number */
    enum field_type type;
    size_t offset;
    double scale;     /* of a NUMBER: from the struct's unit */
    const char *head; /* of its column in the list; NULL: only on the entry's own page */
    int columns;      /* its width; 0: as its longest cell needs */
};

#define GPU(field) offsetof(struct xo_gpu_entry, field)
/* Median, ends and number of the prices quoted for one kind of contract. */
#define QUOTES(name, quotes, end, unit)                                                            \
    { name "_median_" end, unit, NUMBER, GPU(quotes.median), 1, NULL, 0 },                         \
        { name "_low_" end, unit, NUMBER, GPU(quotes.low), 1, NULL, 0 },                           \
        { name "_high_" end, unit, NUMBER, GPU(quotes.high), 1, NULL, 0 },                         \
    {                                                                                              \
        name "_quotes", "", INTEGER, GPU(quotes.n), 1, NULL, 0                                     \
    }
static const struct field gpu_fields[] = {
    { "name", NULL, TEXT, GPU(gpu.name), 1, "GPU", 22 },
    { "title", NULL, TEXT, GPU(title), 1, NULL, 0 },
    { "memory_gb", "GB", NUMBER, GPU(gpu.memory_bytes), 1e-9, "GB", 7 },
    { "hbm_gb_per_s", "GB/s", NUMBER, GPU(gpu.hbm_bytes_per_s), 1e-9, "GB/s", 8 },
    { "bf16_tflops", "TFLOPS", NUMBER, GPU(gpu.bf16_flop_per_s), 1e-12, "bf16", 8 },
    { "fp8_tflops", "TFLOPS", NUMBER, GPU(gpu.fp8_flop_per_s), 1e-12, "fp8", 8 },
    { "fp4_tflops", "TFLOPS", NUMBER, GPU(gpu.fp4_flop_per_s), 1e-12, NULL, 0 },
    { "link_gb_per_s", "GB/s", NUMBER, GPU(gpu.link_bytes_per_s), 1e-9, NULL, 0 },
    { "link_is_switched", NULL, FLAG, GPU(gpu.link_is_switched), 1, NULL, 0 },
    { "power_busy_w", "W", NUMBER, GPU(gpu.power_busy_w), 1, "W", 7 },
    { "power_idle_w", "W", NUMBER, GPU(gpu.power_idle_w), 1, NULL, 0 },
    { "rent_median_usd_per_hour", "usd/hour", NUMBER, GPU(on_demand.median), 1, "$/hour", 8 },
    { "rent_low_usd_per_hour", "usd/hour", NUMBER, GPU(on_demand.low), 1, NULL, 0 },
    { "rent_high_usd_per_hour", "usd/hour", NUMBER, GPU(on_demand.high), 1, NULL, 0 },
    { "rent_quotes", "", INTEGER, GPU(on_demand.n), 1, "quotes", 7 },
    { "rent_as_of", NULL, TEXT, GPU(rent_as_of), 1, NULL, 0 },
    QUOTES("rent_reserved", reserved, "usd_per_hour", "usd/hour"),
    QUOTES("rent_reserved_3y", reserved_3y, "usd_per_hour", "usd/hour"),
    QUOTES("rent_spot", spot, "usd_per_hour", "usd/hour"),
    QUOTES("server", server, "usd", "usd"),
    { "aliases", NULL, TEXT, GPU(aliases), 1, NULL, 0 },
    { "source", NULL, TEXT, GPU(source), 1, NULL, 0 },
    { "as_of", NULL, TEXT, GPU(as_of), 1, NULL, 0 },
};

#define MODEL(field) offsetof(struct xo_model_entry, field)
static const struct field model_fields[] = {
    { "name", NULL, TEXT, MODEL(model.name), 1, "model", 26 },
    { "title", NULL, TEXT, MODEL(title), 1, NULL, 0 },
    { "params_total", "", NUMBER, MODEL(model.params_total), 1, NULL, 0 },
    { "params_active", "", NUMBER, MODEL(model.params_active), 1, NULL, 0 },
    { "params_b", "billion", NUMBER, MODEL(model.params_total), 1e-9, "params B", 9 },
    { "active_b", "billion", NUMBER, MODEL(model.params_active), 1e-9, "active B", 9 },
    { "layers", "", INTEGER, MODEL(model.layers), 1, "layers", 7 },
    { "hidden", "", INTEGER, MODEL(model.hidden), 1, NULL, 0 },
    { "heads", "", INTEGER, MODEL(model.heads), 1, NULL, 0 },
    { "kv_heads", "", INTEGER, MODEL(model.kv_heads), 1, "kv heads", 9 },
    { "head_dim", "", INTEGER, MODEL(model.head_dim), 1, NULL, 0 },
    { "intermediate", "", INTEGER, MODEL(model.intermediate), 1, NULL, 0 },
    { "mlp_matrices", "", INTEGER, MODEL(model.mlp_matrices), 1, NULL, 0 },
    { "vocab", "", INTEGER, MODEL(model.vocab), 1, NULL, 0 },
    { "tied_embeddings", NULL, FLAG, MODEL(model.tied_embeddings), 1, NULL, 0 },
    { "experts", "", INTEGER, MODEL(model.experts), 1, "experts", 8 },
    { "experts_per_token", "", INTEGER, MODEL(model.experts_per_token), 1, NULL, 0 },
    { "shared_experts", "", INTEGER, MODEL(model.shared_experts), 1, NULL, 0 },
    { "expert_intermediate", "", INTEGER, MODEL(model.expert_intermediate), 1, NULL, 0 },
    { "expert_matrices", "", INTEGER, MODEL(model.expert_matrices), 1, NULL, 0 },
    { "expert_hidden", "", INTEGER, MODEL(model.expert_hidden), 1, NULL, 0 },
    { "dense_layers", "", INTEGER, MODEL(model.dense_layers), 1, NULL, 0 },
    { "bare_layers", "", INTEGER, MODEL(model.bare_layers), 1, NULL, 0 },
    { "kv_lora_rank", "", INTEGER, MODEL(model.kv_lora_rank), 1, NULL, 0 },
    { "rope_dim", "", INTEGER, MODEL(model.rope_dim), 1, NULL, 0 },
    { "nope_dim", "", INTEGER, MODEL(model.nope_dim), 1, NULL, 0 },
    { "v_head_dim", "", INTEGER, MODEL(model.v_head_dim), 1, NULL, 0 },
    { "q_lora_rank", "", INTEGER, MODEL(model.q_lora_rank), 1, NULL, 0 },
    { "o_lora_rank", "", INTEGER, MODEL(model.o_lora_rank), 1, NULL, 0 },
    { "o_groups", "", INTEGER, MODEL(model.o_groups), 1, NULL, 0 },
    { "compress_layers", "", INTEGER, MODEL(model.compress_layers), 1, NULL, 0 },
    { "compress_by", "", INTEGER, MODEL(model.compress_by), 1, NULL, 0 },
    { "window_tokens", "tokens", INTEGER, MODEL(model.window_tokens), 1, NULL, 0 },
    { "window_layers", "", INTEGER, MODEL(model.window_layers), 1, NULL, 0 },
    { "window_head_dim", "", INTEGER, MODEL(model.window_head_dim), 1, NULL, 0 },
    { "window_kv_heads", "", INTEGER, MODEL(model.window_kv_heads), 1, NULL, 0 },
    { "keys_as_values", NULL, FLAG, MODEL(model.keys_as_values), 1, NULL, 0 },
    { "kv_shared_layers", "", INTEGER, MODEL(model.kv_shared_layers), 1, NULL, 0 },
    { "kv_shared_window_layers", "", INTEGER, MODEL(model.kv_shared_window_layers), 1, NULL, 0 },
    { "index_top_k", "", INTEGER, MODEL(model.index_top_k), 1, NULL, 0 },
    { "index_heads", "", INTEGER, MODEL(model.index_heads), 1, NULL, 0 },
    { "index_dim", "", INTEGER, MODEL(model.index_dim), 1, NULL, 0 },
    { "index_layers", "", INTEGER, MODEL(model.index_layers), 1, NULL, 0 },
    { "index_shared_layers", "", INTEGER, MODEL(model.index_shared_layers), 1, NULL, 0 },
    { "index_by", "", INTEGER, MODEL(model.index_by), 1, NULL, 0 },
    { "residual_streams", "", INTEGER, MODEL(model.residual_streams), 1, NULL, 0 },
    { "attention_gate", NULL, FLAG, MODEL(model.attention_gate), 1, NULL, 0 },
    { "linear_layers", "", INTEGER, MODEL(model.linear_layers), 1, NULL, 0 },
    { "linear_kind", NULL, LINEAR_KIND, MODEL(model.linear_kind), 1, NULL, 0 },
    { "linear_key_heads", "", INTEGER, MODEL(model.linear_key_heads), 1, NULL, 0 },
    { "linear_value_heads", "", INTEGER, MODEL(model.linear_value_heads), 1, NULL, 0 },
    { "linear_key_dim", "", INTEGER, MODEL(model.linear_key_dim), 1, NULL, 0 },
    { "linear_value_dim", "", INTEGER, MODEL(model.linear_value_dim), 1, NULL, 0 },
    { "linear_conv", "", INTEGER, MODEL(model.linear_conv), 1, NULL, 0 },
    { "linear_state_bits", "", INTEGER, MODEL(model.linear_state_bits), 1, NULL, 0 },
    { "tower_params", "", NUMBER, MODEL(model.tower_params), 1, NULL, 0 },
    { "quantized", NULL, QUANTIZED, MODEL(model.quantized), 1, NULL, 0 },
    { "max_context_tokens", "tokens", INTEGER, MODEL(model.max_context_tokens), 1, "context", 9 },
    { "weights", NULL, DTYPE, MODEL(model.native_weights), 1, NULL, 0 },
    { "licence", NULL, TEXT, MODEL(licence), 1, NULL, 0 },
    { "aliases", NULL, TEXT, MODEL(aliases), 1, NULL, 0 },
    { "source", NULL, TEXT, MODEL(source), 1, NULL, 0 },
    { "as_of", NULL, TEXT, MODEL(as_of), 1, NULL, 0 },
};

#define PLACED(field) offsetof(struct xo_placed, field)
static const struct field placed_fields[] = {
    { "name", NULL, TEXT, MODEL(model.name), 1, "model", 26 },
    { "title", NULL, TEXT, MODEL(title), 1, NULL, 0 },
    { "weights", NULL, DTYPE, MODEL(model.native_weights), 1, "weights", 9 },
    { "gpu", NULL, TEXT, PLACED(gpu), 1, NULL, 0 },
    { "n_gpus", "", INTEGER, PLACED(n_gpus), 1, "GPUs", 6 },
    { "weight_gb_per_gpu", "GB", POSITIVE, PLACED(weight_bytes_per_gpu), 1e-9, "GB a GPU", 10 },
    { "kv_room_tokens", "tokens", INTEGER, PLACED(kv_room_tokens), 1, "KV tokens", 11 },
    { "longest_request_tokens", "tokens", INTEGER, PLACED(longest_tokens), 1, "longest", 9 },
    { "max_context_tokens", "tokens", INTEGER, MODEL(model.max_context_tokens), 1, "context", 9 },
    { "aliases", NULL, TEXT, MODEL(aliases), 1, NULL, 0 },
    { "why_not", NULL, TEXT, PLACED(why_not), 1, NULL, 0 },
};

#define API(field) offsetof(struct xo_api, field)
static const struct field api_fields[] = {
    { "name", NULL, TEXT, API(tariff.name), 1, "API: $/Mtok", 0 },
    { "input_usd_per_mtok", "usd/Mtok", NUMBER, API(tariff.input), 1e6, "in", 7 },
    { "cached_input_usd_per_mtok", "usd/Mtok", NUMBER, API(tariff.cached_input), 1e6, "cached", 8 },
    { "cached_price_unknown", NULL, FLAG, API(caching_unknown), 1, NULL, 0 },
    { "cache_write_usd_per_mtok", "usd/Mtok", NUMBER, API(tariff.cache_write), 1e6, "write", 7 },
    { "cache_ttl_s", "s", POSITIVE, API(tariff.cache.ttl_s), 1, NULL, 0 },
    { "extended_write_usd_per_mtok", "usd/Mtok", POSITIVE, API(tariff.cache.extended_write), 1e6,
      NULL, 0 },
    { "cache_ttl_extended_s", "s", POSITIVE, API(tariff.cache.extended_ttl_s), 1, NULL, 0 },
    { "cache_min_tokens", "tokens", POSITIVE, API(tariff.cache.min_tokens), 1, NULL, 0 },
    { "cache_step_tokens", "tokens", POSITIVE, API(tariff.cache.step_tokens), 1, NULL, 0 },
    { "output_usd_per_mtok", "usd/Mtok", NUMBER, API(tariff.output), 1e6, "out", 7 },
    { "batch_discount_frac", "fraction", SHARE, API(tariff.services[XO_SERVICE_BATCH].off_frac), 1,
      "batch", 6 },
    { "long_threshold_tokens", "tokens", COUNT, API(tariff.contexts[0].above_tokens), 1, "long",
      6 },
    { "long_input_usd_per_mtok", "usd/Mtok", NUMBER, API(tariff.contexts[0].input), 1e6, NULL, 0 },
    { "long_cached_input_usd_per_mtok", "usd/Mtok", NUMBER, API(tariff.contexts[0].cached_input),
      1e6, NULL, 0 },
    { "long_output_usd_per_mtok", "usd/Mtok", NUMBER, API(tariff.contexts[0].output), 1e6, NULL,
      0 },
    { "request_usd", "usd", POSITIVE, API(tariff.usd_per_request), 1, NULL, 0 },
    { "tool_call_usd", "usd", POSITIVE, API(tariff.usd_per_tool_call), 1, NULL, 0 },
    { "residency_frac", "fraction", POSITIVE, API(tariff.residency_frac), 1, NULL, 0 },
    { "peak_factor", "", POSITIVE, API(tariff.window_factor[XO_WINDOW_PEAK]), 1, NULL, 0 },
    { "requests_per_minute", "requests/min", NUMBER, API(tariff.requests_per_minute), 1, NULL, 0 },
    { "tokens_per_minute", "tokens/min", NUMBER, API(tariff.tokens_per_minute), 1, NULL, 0 },
    { "model", NULL, TEXT, API(model), 1, "model", 0 },
    { "context_tokens", "tokens", INTEGER, API(context_tokens), 1, NULL, 0 },
    { "aliases", NULL, TEXT, API(aliases), 1, NULL, 0 },
    { "source", NULL, TEXT, API(source), 1, NULL, 0 },
    { "as_of", NULL, TEXT, API(as_of), 1, "as of", 12 },
};

/* Columns that a list can do without: empty ones, and the first of these in a narrow terminal. */
static const char *const spare_columns[] = { "as_of", "model", "long_threshold_tokens",
                                             "batch_discount_frac", "cache_write_usd_per_mtok" };
enum { N_SPARE = sizeof spare_columns / sizeof spare_columns[0] };

struct listing {
    const char *what;
    const struct field *fields;
    size_t n_fields, item_bytes;
    const char *items;        /* [n_items] of item_bytes */
    struct xo_placed *placed; /* the items, where they are models on a GPU: owned; NULL */
    int n_items;
    int kept[MAX_KEPT], n_kept; /* those to print */
};

static void list_kind(struct listing *l, const struct xo_catalog *c, char kind)
{
    _Static_assert(XO_ROWS(gpu_fields) <= MAX_FIELDS && XO_ROWS(model_fields) <= MAX_FIELDS &&
                       XO_ROWS(api_fields) <= MAX_FIELDS,
                   "a row of cells holds the fields of each kind");
    *l = kind == 'g'   ? (struct listing){ .what = "gpus",
                                           .fields = gpu_fields,
                                           .n_fields = XO_ROWS(gpu_fields),
                                           .item_bytes = sizeof *c->gpus,
                                           .items = (const char *)c->gpus,
                                           .n_items = c->n_gpus }
         : kind == 'm' ? (struct listing){ .what = "models",
                                           .fields = model_fields,
                                           .n_fields = XO_ROWS(model_fields),
                                           .item_bytes = sizeof *c->models,
                                           .items = (const char *)c->models,
                                           .n_items = c->n_models }
                       : (struct listing){ .what = "apis",
                                           .fields = api_fields,
                                           .n_fields = XO_ROWS(api_fields),
                                           .item_bytes = sizeof *c->apis,
                                           .items = (const char *)c->apis,
                                           .n_items = c->n_apis };
    l->n_kept = l->n_items < MAX_KEPT ? l->n_items : MAX_KEPT;
    for (int i = 0; i < l->n_kept; i++)
        l->kept[i] = i;
}

/* The models of the list as a GPU holds them. */
static bool place(struct listing *l, const struct xo_catalog *c, const char *name,
                  struct xo_error *err)
{
    const char *nearest = NULL;
    const struct xo_gpu_entry *gpu = xo_catalog_gpu(c, name, &nearest);
    char plain[128];
    if (l->fields != model_fields)
        return xo_fail(err, XO_ERR_INPUT, "--gpu goes with data models");
    if (gpu == NULL)
        return xo_fail(err, XO_ERR_INPUT, "--gpu \"%s\" is not among the %d built-in gpus%s%s%s",
                       xo_plain(plain, sizeof plain, name, 60), c->n_gpus,
                       nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
                       nearest != NULL ? "\"?" : "");
    l->placed = calloc((size_t)l->n_items, sizeof *l->placed);
    if (l->placed == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d models", l->n_items);
    for (int i = 0; i < l->n_kept; i++)
        l->placed[l->kept[i]] = xo_model_placed(&c->models[l->kept[i]], &gpu->gpu);
    l->fields = placed_fields;
    l->n_fields = XO_ROWS(placed_fields);
    l->item_bytes = sizeof *l->placed;
    l->items = (const char *)l->placed;
    return true;
}

static const char *item_at(const struct listing *l, int i)
{
    return l->items + (size_t)i * l->item_bytes;
}

/* Does the name of entry i, or one of its aliases, begin with `start`? */
static bool begins(const struct listing *l, int i, const char *start)
{
    const char *item = item_at(l, i);
    for (size_t f = 0; f < l->n_fields; f++) {
        const char *rest = item + l->fields[f].offset;
        const bool aliases = strcmp(l->fields[f].name, "aliases") == 0;
        if (f > 0 && !aliases)
            continue;
        for (; rest != NULL; rest = aliases ? strchr(rest, ',') : NULL) {
            rest += strspn(rest, ", ");
            if (xo_text_begins(rest, start))
                return true;
        }
    }
    return false;
}

/* Keep the entries that begin so; false: none does, and all are kept. */
static bool keep_begun(struct listing *l, const char *start)
{
    l->n_kept = 0;
    for (int i = 0; i < l->n_items && l->n_kept < MAX_KEPT; i++)
        if (begins(l, i, start))
            l->kept[l->n_kept++] = i;
    return l->n_kept > 0;
}

/* Keep the one entry that `name` finds, or all that begin with it. */
static bool narrow(struct listing *l, const struct xo_catalog *c, char kind, const char *name,
                   struct xo_error *err)
{
    const char *nearest = NULL;
    const void *found = kind == 'g'   ? (const void *)xo_catalog_gpu(c, name, &nearest)
                        : kind == 'm' ? (const void *)xo_catalog_model(c, name, &nearest)
                                      : (const void *)xo_catalog_api(c, name, &nearest);
    char plain[128];
    if (found != NULL) {
        l->n_kept = 1;
        l->kept[0] = (int)((size_t)((const char *)found - l->items) / l->item_bytes);
        return true;
    }
    if (*name != '\0' && keep_begun(l, name))
        return true;
    return xo_fail(err, XO_ERR_INPUT, "\"%s\" is not among the %d built-in %s%s%s%s",
                   xo_plain(plain, sizeof plain, name, 60), l->n_items, l->what,
                   nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
                   nearest != NULL ? "\"?" : "");
}

/* A text, or the word of a choice; NULL: it is a number. */
static const char *text_of(const struct field *f, const char *item)
{
    const void *at = item + f->offset;
    switch (f->type) {
    case TEXT:
        return at;
    case DTYPE:
        return xo_dtype_name(*(const enum xo_dtype *)at);
    case LINEAR_KIND:
        return xo_linear_kind_names[*(const enum xo_linear_kind *)at];
    case QUANTIZED:
        return xo_quantized_names[*(const enum xo_quantized *)at];
    default:
        return NULL;
    }
}

/* NAN for text, and for what is not known. */
static double number_of(const struct field *f, const char *item)
{
    int integer;
    double real;
    switch (f->type) {
    case NUMBER:
    case SHARE:
        return xo_round_significant(*(const double *)(item + f->offset) * f->scale, 12);
    case POSITIVE:
        real = *(const double *)(item + f->offset);
        return real > 0 ? xo_round_significant(real * f->scale, 12) : NAN;
    case INTEGER:
    case COUNT:
        integer = *(const int *)(item + f->offset);
        return integer == INT32_MAX ? (double)NAN : (double)integer;
    case FLAG:
        return *(const bool *)(item + f->offset);
    default:
        return NAN;
    }
}

static const char *shown(char out[512], const struct field *f, const char *item)
{
    char exact[32];
    const double value = number_of(f, item);
    const bool whole = f->type == INTEGER || f->type == COUNT;
    if (text_of(f, item) != NULL)
        return xo_plain(out, 512, text_of(f, item), 500);
    if (f->type == FLAG)
        return value != 0 ? "yes" : "no";
    xo_text_copy(out, 512,
                 isfinite(value)
                     ? xo_text_exact(exact, whole ? value : xo_round_significant(value, 5))
                     : "-");
    return out;
}

/* ---- the list ---- */

/* Why no number of GPUs holds a model, as its row has room for: ">8", or its type. */
static const char *mark_of(char out[512], const struct xo_placed *p)
{
    if (p->most_gpus > 0)
        snprintf(out, 512, ">%d", p->most_gpus);
    else
        xo_text_copy(out, 512, "type");
    return out;
}

/* A field as a cell of the list shows it: a discount in percent, tokens in k, "-" where there is
 * none. */
static const char *cell_of(char out[512], const struct field *f, const char *item)
{
    const double value = number_of(f, item);
    if (strcmp(f->name, "n_gpus") == 0 && isnan(value))
        return mark_of(out, (const struct xo_placed *)(const void *)item);
    if (f->type == SHARE && isfinite(value) && value > 0)
        snprintf(out, 512, "%.3g %%", value * 100);
    else if (f->type == COUNT && isfinite(value))
        xo_text_count(out, 512, value, 3);
    else if (f->type == SHARE || f->type == COUNT)
        xo_text_copy(out, 512, "-");
    else
        return shown(out, f, item);
    return out;
}

/* The place of a field in spare_columns; N_SPARE: every list has it. Only the list of APIs may be
 * too wide. */
static int spare_rank(const struct listing *l, const struct field *f)
{
    int i = l->fields == api_fields ? 0 : N_SPARE;
    while (i < N_SPARE && strcmp(spare_columns[i], f->name) != 0)
        i++;
    return i;
}

/* A column of the list. */
struct column {
    const struct field *field;
    size_t columns;
    bool empty;
};

/* How wide a column is, with a gap of two before it, and whether there is anything in it. */
static struct column measure_column(const struct listing *l, const struct field *f)
{
    struct column c = { f, xo_columns(f->head), true };
    char text[512];
    for (int i = 0; i < l->n_kept; i++) {
        const char *cell = cell_of(text, f, item_at(l, l->kept[i]));
        if (xo_columns(cell) > c.columns)
            c.columns = xo_columns(cell);
        c.empty &= *cell == '\0' || strcmp(cell, "-") == 0;
    }
    c.columns = f->columns > 0 ? (size_t)f->columns : c.columns + (f == l->fields ? 0 : 2);
    return c;
}

/* The columns to print, at most `width` wide in all; of the `left_out` for want of room. */
static int choose_columns(const struct listing *l, int width, struct column columns[MAX_COLUMNS],
                          struct xo_buf *left_out)
{
    int n = 0;
    size_t total = 0;
    for (size_t f = 0; f < l->n_fields && n < MAX_COLUMNS; f++) {
        if (l->fields[f].head == NULL)
            continue;
        columns[n] = measure_column(l, &l->fields[f]);
        if (columns[n].empty && spare_rank(l, columns[n].field) < N_SPARE)
            continue;
        total += columns[n++].columns;
    }
    while (width > 0 && total > (size_t)width) {
        int out = 0;
        for (int i = 1; i < n; i++)
            if (spare_rank(l, columns[i].field) < spare_rank(l, columns[out].field))
                out = i;
        if (out == 0)
            break;
        xo_put(left_out, "%s%s", left_out->length == 0 ? "" : ", ", columns[out].field->head);
        total -= columns[out].columns;
        memmove(&columns[out], &columns[out + 1], (size_t)(n - out - 1) * sizeof *columns);
        n--;
    }
    return n;
}

/* Texts at the left, but for the date at the end of a line. */
static struct cell cell_in(const struct column *c, const char *text, bool first)
{
    const bool is_text = c->field->type == TEXT, open = is_text && c->field->columns == 0 && !first;
    const int gap = open ? 2 : 0;
    return (struct cell){ NULL,
                          TEXT(text),
                          .head = c->field->head,
                          .gap = gap,
                          .width = (int)c->columns - gap,
                          .right = !is_text || (!first && !open) };
}

/* What a mark stands for: of a type, which models share, in full. */
static void say_mark(char out[512], const struct xo_placed *p)
{
    char mark[512];
    if (p->most_gpus == 0)
        snprintf(out, 512, "%.10s: %.240s", mark_of(mark, p), p->why_not);
    else
        snprintf(out, 512,
                 "%.10s: weights and a step leave no room for a request on so many; data models "
                 "NAME --gpu %s has figures",
                 mark_of(mark, p), p->gpu);
}

/* The marks in the list, each once. */
static void put_marks(struct page *page, const struct listing *l)
{
    char said[MAX_MARKS][512];
    int n_said = 0;
    for (int i = 0; i < l->n_kept && n_said < MAX_MARKS; i++) {
        const struct xo_placed *p = &l->placed[l->kept[i]];
        bool is_new = p->why_not[0] != '\0';
        say_mark(said[n_said], p);
        for (int k = 0; k < n_said; k++)
            is_new &= strcmp(said[k], said[n_said]) != 0;
        if (is_new)
            page_line(page, "%s.", said[n_said++]);
    }
}

static void put_list(struct page *page, const struct listing *l, int width)
{
    struct column columns[MAX_COLUMNS];
    struct xo_buf left_out = { 0 };
    const int n = choose_columns(l, width, columns, &left_out);
    page_table(page, NULL);
    for (int i = 0; i < l->n_kept; i++) {
        struct cell cells[MAX_COLUMNS];
        char text[MAX_COLUMNS][512];
        for (int c = 0; c < n; c++)
            cells[c] = cell_in(&columns[c],
                               cell_of(text[c], columns[c].field, item_at(l, l->kept[i])), c == 0);
        page_row(page, cells, (size_t)n);
    }
    if (left_out.length > 0)
        page_line(page, "No room for %s: a wider terminal, --format csv, or data %s NAME.",
                  left_out.text, l->what);
    xo_buf_fini(&left_out);
    if (l->placed != NULL)
        put_marks(page, l);
}

/* ---- one entry ---- */

/* What a model does not have is left out, and what would describe it. */
static bool has_model_field(const struct xo_model *m, const struct field *f, const char *item)
{
    const char *name = f->name;
    if ((strncmp(name, "linear_", 7) == 0 && m->linear_layers == 0) ||
        (strncmp(name, "expert_", 7) == 0 && m->experts == 0))
        return false;
    return text_of(f, item) != NULL || number_of(f, item) != 0;
}

/* The prices of long requests say nothing where no length counts as long. */
static bool says_something(const struct listing *l, const struct field *f, const char *item)
{
    return strncmp(f->name, "long_", 5) != 0 || l->fields != api_fields ||
           ((const struct xo_api *)(const void *)item)->tariff.n_contexts > 0;
}

static void put_entry(struct page *page, const struct listing *l)
{
    char text[512];
    const char *item = item_at(l, l->kept[0]);
    page_table(page, NULL);
    for (size_t f = 0; f < l->n_fields; f++) {
        if (l->fields == model_fields &&
            !has_model_field(&((const struct xo_model_entry *)(const void *)item)->model,
                             &l->fields[f], item))
            continue;
        const char *value =
            says_something(l, &l->fields[f], item) ? shown(text, &l->fields[f], item) : "-";
        const struct cell cells[] = { { NULL, WORD(l->fields[f].name), LEFT(NAME) },
                                      { NULL, TEXT(*value == '\0' ? "-" : value), .gap = 2 } };
        PAGE_ROW(page, cells);
    }
}

/* "h100" is one GPU by its alias, and the beginning of others. */
static void put_others(struct page *page, const struct listing *l, const char *name)
{
    enum { MOST = 6 };
    struct listing all = *l;
    struct xo_buf text = { 0 };
    int n = 0;
    (void)keep_begun(&all, name);
    for (int i = 0; i < all.n_kept; i++)
        if (all.kept[i] != l->kept[0] && n++ < MOST)
            xo_put(&text, "%s%s",
                   n > 1 ? ", " : "Others that begin so: ", item_at(&all, all.kept[i]));
    if (n > MOST)
        xo_put(&text, " and %d more", n - MOST);
    page_take(page, BLOCK_LINE, &text);
}

/* ---- for programs ---- */

static void put_entries(struct rows *to, const struct listing *l)
{
    struct cell cells[MAX_FIELDS];
    for (int i = 0; i < l->n_kept; i++) {
        const char *item = item_at(l, l->kept[i]);
        for (size_t k = 0; k < l->n_fields; k++) {
            const struct field *f = &l->fields[k];
            cells[k] = text_of(f, item) != NULL ? (struct cell){ f->name, TEXT(text_of(f, item)) }
                       : f->type == FLAG
                           ? (struct cell){ f->name, FLAG(number_of(f, item)) }
                           : (struct cell){ f->name, f->unit, NUMBER(number_of(f, item)) };
        }
        rows_put(to, cells, l->n_fields);
    }
}

static void put_catalog_json(struct xo_buf *buf, const struct listing *l)
{
    struct xo_json json = { 0 }, *j = &json;
    struct rows items = { .json = j, .array = xo_json_array(j) };
    struct rows prices = { .json = j };
    put_entries(&items, l);
    if (l->fields == api_fields && l->n_kept == 1) {
        prices.array = xo_json_array(j);
        tariff_rows(&prices, (const void *)(item_at(l, l->kept[0]) + API(tariff)));
    }
    const struct cell cells[] = {
        { "schema", WORD("crossover.catalog/1") },
        { "version", WORD(XO_VERSION) },
        { l->what, JSON(items.array) },
        { "prices", JSON(prices.array), .if_known = true },
    };
    xo_json_dump(j, CELLS_JSON(j, cells), buf);
}

bool xo_catalog_print(FILE *out, const struct xo_catalog *catalog, char kind, const char *name,
                      const char *gpu, enum xo_format format, int width, struct xo_error *err)
{
    struct listing l;
    struct xo_buf buf = { 0 };
    struct page page = { 0 };
    list_kind(&l, catalog, kind);
    if ((name != NULL && !narrow(&l, catalog, kind, name, err)) ||
        (gpu != NULL && !place(&l, catalog, gpu, err)))
        return false;
    if (format == XO_FORMAT_CSV)
        put_entries(&(struct rows){ .csv = &buf }, &l);
    else if (format == XO_FORMAT_JSON)
        put_catalog_json(&buf, &l);
    else if (name == NULL || l.n_kept > 1)
        put_list(&page, &l, width);
    else {
        put_entry(&page, &l);
        if (kind == 'a')
            page_tariff(&page, (const void *)(item_at(&l, l.kept[0]) + API(tariff)));
        put_others(&page, &l, name);
    }
    const bool printed = page_print(&page, &buf, out, err);
    free(l.placed);
    return printed;
}
