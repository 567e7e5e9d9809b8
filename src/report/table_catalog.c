/* table_catalog.c - `crossover data gpus|models|apis`: what is built in, with source and date.
 *
 * One table of fields a kind serves the list, the page of one entry, CSV and JSON.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include "xo/text.h"
#include <math.h>
#include <string.h>

enum { WIDTH = 80, NAME = 30 };

enum field_type { TEXT, NUMBER, INTEGER, FLAG };
struct field {
    const char *name; /* in CSV and JSON: base or customary unit at its end */
    enum field_type type;
    size_t offset;
    double scale;     /* of a NUMBER: from the struct's unit */
    const char *head; /* of its column in the list; NULL: only on the entry's own page */
    int columns;
};

#define GPU(field) offsetof(struct xo_gpu_entry, field)
static const struct field gpu_fields[] = {
    { "name", TEXT, GPU(gpu.name), 1, "GPU", 22 },
    { "title", TEXT, GPU(title), 1, NULL, 0 },
    { "memory_gb", NUMBER, GPU(gpu.memory_bytes), 1e-9, "GB", 7 },
    { "hbm_gb_per_s", NUMBER, GPU(gpu.hbm_bytes_per_s), 1e-9, "GB/s", 8 },
    { "bf16_tflops", NUMBER, GPU(gpu.bf16_flop_per_s), 1e-12, "bf16", 8 },
    { "fp8_tflops", NUMBER, GPU(gpu.fp8_flop_per_s), 1e-12, "fp8", 8 },
    { "fp4_tflops", NUMBER, GPU(gpu.fp4_flop_per_s), 1e-12, NULL, 0 },
    { "link_gb_per_s", NUMBER, GPU(gpu.link_bytes_per_s), 1e-9, NULL, 0 },
    { "link_is_switched", FLAG, GPU(gpu.link_is_switched), 1, NULL, 0 },
    { "power_busy_w", NUMBER, GPU(gpu.power_busy_w), 1, "W", 7 },
    { "power_idle_w", NUMBER, GPU(gpu.power_idle_w), 1, NULL, 0 },
    { "rent_median_usd_per_hour", NUMBER, GPU(rent_median_usd_per_hour), 1, "$/hour", 8 },
    { "rent_low_usd_per_hour", NUMBER, GPU(rent_low_usd_per_hour), 1, NULL, 0 },
    { "rent_high_usd_per_hour", NUMBER, GPU(rent_high_usd_per_hour), 1, NULL, 0 },
    { "rent_quotes", INTEGER, GPU(rent_quotes), 1, "quotes", 7 },
    { "rent_as_of", TEXT, GPU(rent_as_of), 1, NULL, 0 },
    { "server_usd", NUMBER, GPU(server_usd), 1, NULL, 0 },
    { "aliases", TEXT, GPU(aliases), 1, NULL, 0 },
    { "source", TEXT, GPU(source), 1, NULL, 0 },
    { "as_of", TEXT, GPU(as_of), 1, NULL, 0 },
};

#define MODEL(field) offsetof(struct xo_model_entry, field)
static const struct field model_fields[] = {
    { "name", TEXT, MODEL(model.name), 1, "model", 26 },
    { "title", TEXT, MODEL(title), 1, NULL, 0 },
    { "params_total", NUMBER, MODEL(model.params_total), 1, NULL, 0 },
    { "params_active", NUMBER, MODEL(model.params_active), 1, NULL, 0 },
    { "params_b", NUMBER, MODEL(model.params_total), 1e-9, "params B", 9 },
    { "active_b", NUMBER, MODEL(model.params_active), 1e-9, "active B", 9 },
    { "layers", INTEGER, MODEL(model.layers), 1, "layers", 7 },
    { "hidden", INTEGER, MODEL(model.hidden), 1, NULL, 0 },
    { "heads", INTEGER, MODEL(model.heads), 1, NULL, 0 },
    { "kv_heads", INTEGER, MODEL(model.kv_heads), 1, "kv heads", 9 },
    { "head_dim", INTEGER, MODEL(model.head_dim), 1, NULL, 0 },
    { "intermediate", INTEGER, MODEL(model.intermediate), 1, NULL, 0 },
    { "vocab", INTEGER, MODEL(model.vocab), 1, NULL, 0 },
    { "experts", INTEGER, MODEL(model.experts), 1, "experts", 8 },
    { "experts_per_token", INTEGER, MODEL(model.experts_per_token), 1, NULL, 0 },
    { "shared_experts", INTEGER, MODEL(model.shared_experts), 1, NULL, 0 },
    { "expert_intermediate", INTEGER, MODEL(model.expert_intermediate), 1, NULL, 0 },
    { "dense_layers", INTEGER, MODEL(model.dense_layers), 1, NULL, 0 },
    { "kv_lora_rank", INTEGER, MODEL(model.kv_lora_rank), 1, NULL, 0 },
    { "rope_dim", INTEGER, MODEL(model.rope_dim), 1, NULL, 0 },
    { "window_tokens", INTEGER, MODEL(model.window_tokens), 1, NULL, 0 },
    { "window_layers", INTEGER, MODEL(model.window_layers), 1, NULL, 0 },
    { "linear_layers", INTEGER, MODEL(model.linear_layers), 1, NULL, 0 },
    { "max_context_tokens", INTEGER, MODEL(model.max_context_tokens), 1, "context", 9 },
    { "licence", TEXT, MODEL(licence), 1, NULL, 0 },
    { "aliases", TEXT, MODEL(aliases), 1, NULL, 0 },
    { "source", TEXT, MODEL(source), 1, NULL, 0 },
    { "as_of", TEXT, MODEL(as_of), 1, NULL, 0 },
};

#define API(field) offsetof(struct xo_api, field)
static const struct field api_fields[] = {
    { "name", TEXT, API(tariff.name), 1, "API: $/Mtok", 42 },
    { "input_usd_per_mtok", NUMBER, API(tariff.input), 1e6, "in", 8 },
    { "cached_input_usd_per_mtok", NUMBER, API(tariff.cached_input), 1e6, "cached", 8 },
    { "cache_write_usd_per_mtok", NUMBER, API(tariff.cache_write), 1e6, NULL, 0 },
    { "output_usd_per_mtok", NUMBER, API(tariff.output), 1e6, "out", 8 },
    { "batch_discount_frac", NUMBER, API(tariff.batch_discount_frac), 1, NULL, 0 },
    { "long_threshold_tokens", INTEGER, API(tariff.long_threshold_tokens), 1, NULL, 0 },
    { "long_input_usd_per_mtok", NUMBER, API(tariff.long_input), 1e6, NULL, 0 },
    { "long_cached_input_usd_per_mtok", NUMBER, API(tariff.long_cached_input), 1e6, NULL, 0 },
    { "long_output_usd_per_mtok", NUMBER, API(tariff.long_output), 1e6, NULL, 0 },
    { "requests_per_minute", NUMBER, API(tariff.requests_per_minute), 1, NULL, 0 },
    { "tokens_per_minute", NUMBER, API(tariff.tokens_per_minute), 1, NULL, 0 },
    { "model", TEXT, API(model), 1, NULL, 0 },
    { "context_tokens", INTEGER, API(context_tokens), 1, NULL, 0 },
    { "source", TEXT, API(source), 1, NULL, 0 },
    { "as_of", TEXT, API(as_of), 1, "as of", 12 },
};

struct listing {
    const char *what;
    const struct field *fields;
    size_t n_fields, item_bytes;
    const char *items; /* [n_items] of item_bytes */
    int n_items;
};

static struct listing listing_of(const struct xo_catalog *c, char kind)
{
    enum { N_GPU = sizeof gpu_fields / sizeof gpu_fields[0] };
    enum { N_MODEL = sizeof model_fields / sizeof model_fields[0] };
    enum { N_API = sizeof api_fields / sizeof api_fields[0] };
    if (kind == 'g')
        return (struct listing){
            "gpus", gpu_fields, N_GPU, sizeof *c->gpus, (const char *)c->gpus, c->n_gpus
        };
    if (kind == 'm')
        return (struct listing){
            "models", model_fields, N_MODEL, sizeof *c->models, (const char *)c->models, c->n_models
        };
    return (struct listing){ "apis",   api_fields, N_API, sizeof *c->apis, (const char *)c->apis,
                             c->n_apis };
}

/* Keep the one entry that `name` finds. */
static bool narrow(struct listing *l, const struct xo_catalog *c, char kind, const char *name,
                   struct xo_error *err)
{
    const char *nearest = NULL;
    const void *found = kind == 'g'   ? (const void *)xo_catalog_gpu(c, name, &nearest)
                        : kind == 'm' ? (const void *)xo_catalog_model(c, name, &nearest)
                                      : (const void *)xo_catalog_api(c, name, &nearest);
    char plain[128];
    if (found == NULL)
        return xo_fail(err, XO_ERR_INPUT, "\"%s\" is not among the %d built-in %s%s%s%s",
                       xo_plain(plain, sizeof plain, name, 60), l->n_items, l->what,
                       nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
                       nearest != NULL ? "\"?" : "");
    l->items = found;
    l->n_items = 1;
    return true;
}

/* NAN for text, and for what is not known. */
static double number_of(const struct field *f, const char *item)
{
    int integer;
    switch (f->type) {
    case NUMBER:
        return xo_round_significant(*(const double *)(item + f->offset) * f->scale, 12);
    case INTEGER:
        integer = *(const int *)(item + f->offset);
        return integer == INT32_MAX ? (double)NAN : (double)integer;
    case FLAG:
        return *(const bool *)(item + f->offset);
    case TEXT:
        break;
    }
    return NAN;
}

static const char *shown(char out[512], const struct field *f, const char *item)
{
    char exact[32];
    const double value = number_of(f, item);
    if (f->type == TEXT)
        return xo_plain(out, 512, item + f->offset, 500);
    if (f->type == FLAG)
        return value != 0 ? "yes" : "no";
    xo_text_copy(
        out, 512,
        isfinite(value)
            ? xo_text_exact(exact, f->type == INTEGER ? value : xo_round_significant(value, 5))
            : "-");
    return out;
}

static void put_list(struct xo_buf *buf, const struct listing *l)
{
    char text[512];
    for (size_t f = 0; f < l->n_fields; f++)
        if (l->fields[f].head != NULL)
            xo_put_cell(buf, l->fields[f].head, (size_t)l->fields[f].columns,
                        l->fields[f].type != TEXT || f > 0);
    xo_put(buf, "\n");
    for (int i = 0; i < l->n_items; i++) {
        const char *item = l->items + (size_t)i * l->item_bytes;
        for (size_t f = 0; f < l->n_fields; f++)
            if (l->fields[f].head != NULL)
                xo_put_cell(buf, shown(text, &l->fields[f], item), (size_t)l->fields[f].columns,
                            l->fields[f].type != TEXT || f > 0);
        xo_put(buf, "\n");
    }
}

static void put_page(struct xo_buf *buf, const struct listing *l)
{
    char text[512];
    for (size_t f = 0; f < l->n_fields; f++)
        xo_put(buf, "%-*s  %s\n", NAME, l->fields[f].name, shown(text, &l->fields[f], l->items));
}

static void put_catalog_csv(struct xo_buf *buf, const struct listing *l)
{
    for (size_t f = 0; f < l->n_fields; f++)
        xo_put(buf, "%s%s", f == 0 ? "" : ",", l->fields[f].name);
    xo_put(buf, "\r\n");
    for (int i = 0; i < l->n_items; i++) {
        const char *item = l->items + (size_t)i * l->item_bytes;
        for (size_t f = 0; f < l->n_fields; f++) {
            xo_put(buf, "%s", f == 0 ? "" : ",");
            if (l->fields[f].type == TEXT)
                xo_csv_text(buf, item + l->fields[f].offset);
            else
                xo_csv_number(buf, number_of(&l->fields[f], item));
        }
        xo_put(buf, "\r\n");
    }
}

static void put_catalog_json(struct xo_buf *buf, const struct listing *l)
{
    struct xo_json json = { 0 }, *j = &json;
    json_t *root = xo_json_object(j), *items = xo_json_array(j);
    for (int i = 0; i < l->n_items; i++) {
        const char *item = l->items + (size_t)i * l->item_bytes;
        json_t *row = xo_json_object(j);
        for (size_t f = 0; f < l->n_fields; f++) {
            const struct field *field = &l->fields[f];
            const double value = number_of(field, item);
            xo_json_put(j, row, field->name,
                        field->type == TEXT   ? xo_json_text(item + field->offset)
                        : field->type == FLAG ? json_boolean(value != 0)
                                              : xo_json_number(value));
        }
        xo_json_append(j, items, row);
    }
    xo_json_put_text(j, root, "schema", "crossover.catalog/1");
    xo_json_put_text(j, root, "version", XO_VERSION);
    xo_json_put(j, root, l->what, items);
    xo_json_dump(j, root, buf);
}

bool xo_catalog_print(FILE *out, const struct xo_catalog *catalog, char kind, const char *name,
                      enum xo_format format, struct xo_error *err)
{
    struct listing l = listing_of(catalog, kind);
    struct xo_buf buf = { 0 };
    if (name != NULL && !narrow(&l, catalog, kind, name, err))
        return false;
    if (format == XO_FORMAT_CSV)
        put_catalog_csv(&buf, &l);
    else if (format == XO_FORMAT_JSON)
        put_catalog_json(&buf, &l);
    else if (name != NULL)
        put_page(&buf, &l);
    else
        put_list(&buf, &l);
    return xo_buf_print(&buf, out, err);
}
