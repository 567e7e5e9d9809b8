/* dimensions.c - what the dimensions of a model may be, by themselves and together.
 *
 * Three tables of rows, each named by the key of [model] that a user would change: limits (a number
 * and its range, which other keys may bound), clashes (two things of which a model has one at most)
 * and idle keys (what is said of a part that the model has not got). What cannot be described is
 * refused rather than approximated: a step tells two lengths of context apart, all of it and that
 * of one window or choice.
 *
 * Limits and clashes are refused wherever a deployment is cut (xo_model_check). Idle keys are not,
 * for no figure depends on them; whoever reads what somebody typed asks for all three
 * (xo_model_faults).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard.h"
#include "xo/table.h"
#include "xo/text.h"

#include <stdio.h>
#include <string.h>

/* What is gathered. */
struct faults {
    struct xo_model_fault *list;
    int n, most;
};

/* A key that has a fault already gets no other. */
static void add_fault(struct faults *f, struct xo_model_fault fault)
{
    for (int i = 0; i < f->n; i++)
        if (strcmp(f->list[i].key, fault.key) == 0)
            return;
    if (f->n < f->most)
        f->list[f->n++] = fault;
}

/* ---- limits ---- */

/* A dimension, what it may be, and the keys that ask for it and bound it, parted by blanks. */
struct limit {
    const char *key;
    int value, min, max;
    const char *asked_by, *bound_by;
};

static void find_beyond(struct faults *f, const struct limit rows[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const bool below = rows[i].value < rows[i].min;
        if (!below && rows[i].value <= rows[i].max)
            continue;
        struct xo_model_fault fault = { .kind = XO_FAULT_LIMIT,
                                        .key = rows[i].key,
                                        .with = below ? rows[i].asked_by : rows[i].bound_by,
                                        .value = rows[i].value,
                                        .min = rows[i].min,
                                        .max = rows[i].max };
        add_fault(f, fault);
    }
}

static int at_least_0(int n)
{
    return n > 0 ? n : 0;
}

/* One layer of a kind has KV for the others to attend to. */
static int most_sharing(struct xo_attention_layers kind)
{
    return at_least_0(kind.layers - 1);
}

static void find_dimensions_beyond(const struct xo_model *m, struct faults *f)
{
    const bool linear = m->linear_layers > 0;
    const bool has_keys = linear && m->linear_kind != XO_LINEAR_CONV;
    const bool mla = xo_model_is_mla(m), moe = m->experts > 0;
    const int dense = m->layers - m->bare_layers - xo_moe_layers(m);
    const struct limit rows[] = {
        { "layers", m->layers, 1, 100000, "", "" },
        { "hidden", m->hidden, 1, 10000000, "", "" },
        { "heads", m->heads, 1, 100000, "", "" },
        { "kv_heads", m->kv_heads, 1, m->heads, "", "heads" },
        { "head_dim", m->head_dim, mla ? 0 : 1, 100000, "", "" },
        { "vocab", m->vocab, 1, 100000000, "", "" },
        { "intermediate", m->intermediate, dense > 0 ? 1 : 0, 10000000, "", "" },
        { "experts", m->experts, 0, 100000, "", "" },
        { "experts_per_token", m->experts_per_token, moe ? 1 : 0, m->experts, "experts",
          "experts" },
        { "expert_intermediate", m->expert_intermediate, moe ? 1 : 0, 10000000, "experts", "" },
        { "shared_experts", m->shared_experts, 0, m->experts, "", "experts" },
        { "expert_matrices", m->expert_matrices, 0, 3, "", "" },
        { "expert_hidden", m->expert_hidden, 0, 10000000, "", "" },
        { "dense_layers", m->dense_layers, 0, m->layers, "", "layers" },
        { "bare_layers", m->bare_layers, 0, at_least_0(m->layers - m->dense_layers), "",
          "layers dense_layers" },
        { "linear_layers", m->linear_layers, 0, m->layers, "", "layers" },
        { "window_layers", m->window_layers, 0, at_least_0(m->layers - m->linear_layers), "",
          "layers linear_layers" },
        { "window_head_dim", m->window_head_dim, 0, 100000, "", "" },
        { "window_kv_heads", m->window_kv_heads, 0, m->heads, "", "heads" },
        { "kv_shared_layers", m->kv_shared_layers, 0, most_sharing(xo_full_layers(m)), "",
          "layers window_layers linear_layers" },
        { "kv_shared_window_layers", m->kv_shared_window_layers, 0,
          most_sharing(xo_window_layers(m)), "", "window_layers" },
        { "window", m->window_tokens, m->window_layers > 0 ? 1 : 0, INT32_MAX, "window_layers",
          "" },
        { "linear_key_heads", m->linear_key_heads, has_keys ? 1 : 0, 100000, "linear_layers", "" },
        { "linear_value_heads", m->linear_value_heads, linear ? 1 : 0, 100000, "linear_layers",
          "" },
        { "linear_key_dim", m->linear_key_dim, has_keys ? 1 : 0, 100000, "linear_layers", "" },
        { "linear_value_dim", m->linear_value_dim, linear ? 1 : 0, 100000, "linear_layers", "" },
        { "linear_conv", m->linear_conv, 0, 1000, "", "" },
        { "kv_lora_rank", m->kv_lora_rank, 0, 1000000, "", "" },
        { "v_head_dim", m->v_head_dim, mla ? 1 : 0, 100000, "kv_lora_rank", "" },
        { "nope_dim", m->nope_dim, 0, 100000, "", "" },
        { "rope_dim", m->rope_dim, mla && m->nope_dim == 0 ? 1 : 0, 100000, "kv_lora_rank", "" },
        { "q_lora_rank", m->q_lora_rank, 0, 1000000, "", "" },
    };
    find_beyond(f, rows, XO_ROWS(rows));
}

/* Layers whose attention may see the choice of an indexer. */
static int choosing_layers(const struct xo_model *m)
{
    return at_least_0(xo_full_layers(m).layers - m->compress_layers);
}

/* Indexers and compressed attention, whose entries may be ranked by one. */
static void find_entries_beyond(const struct xo_model *m, struct faults *f)
{
    const bool compressed = xo_model_is_compressed(m), has_index = m->index_top_k > 0;
    const int indexed = has_index ? choosing_layers(m) : 0;
    const struct limit rows[] = {
        { "index_top_k", m->index_top_k, 0, m->index_by > 1 ? INT32_MAX / m->index_by : INT32_MAX,
          "", "index_by" },
        { "index_heads", m->index_heads, has_index ? 1 : 0, 100000, "index_top_k", "" },
        { "index_dim", m->index_dim, has_index ? 1 : 0, 100000, "index_top_k", "" },
        { "o_lora_rank", m->o_lora_rank, 0, 1000000, "", "" },
        { "o_groups", m->o_groups, compressed ? 1 : 0, compressed ? m->heads : 0, "o_lora_rank",
          "heads" },
        { "compress_layers", m->compress_layers, 0, compressed ? m->layers : 0, "", "layers" },
        { "compress_by", m->compress_by, m->compress_layers > 0 ? 1 : 0, 1000000, "compress_layers",
          "" },
        { "index_by", m->index_by, compressed && has_index ? 2 : 0, compressed ? 1000000 : 0,
          "index_top_k", "" },
        { "residual_streams", m->residual_streams, 0, 1000, "", "" },
        { "index_layers", m->index_layers, compressed && indexed > 0 ? 1 : 0, indexed,
          "o_lora_rank", "layers compress_layers linear_layers" },
        { "index_shared_layers", m->index_shared_layers, 0,
          indexed > 0 ? at_least_0(indexed - (m->index_layers > 0 ? m->index_layers : 1)) : 0, "",
          "layers index_layers linear_layers" },
    };
    find_beyond(f, rows, XO_ROWS(rows));
}

/* Of what is no count of layers, heads or columns, and of what must divide. */
static void find_sizes_beyond(const struct xo_model *m, struct faults *f)
{
    if (m->kv_heads > 0 && m->heads % m->kv_heads != 0)
        add_fault(f, (struct xo_model_fault){ .kind = XO_FAULT_LIMIT,
                                              .key = "kv_heads",
                                              .with = "heads",
                                              .value = m->kv_heads,
                                              .says = "a number that divides heads" });
    const int bits = m->linear_state_bits;
    if (bits != 0 && bits != 16 && bits != 32)
        add_fault(f, (struct xo_model_fault){ .kind = XO_FAULT_LIMIT,
                                              .key = "linear_state_bits",
                                              .with = "",
                                              .value = bits,
                                              .says = "16 or 32" });
    if (!(m->tower_params >= 0 && m->tower_params <= 1e12))
        add_fault(f, (struct xo_model_fault){ .kind = XO_FAULT_LIMIT,
                                              .key = "tower_params",
                                              .with = "",
                                              .value = m->tower_params,
                                              .max = 1e12 });
}

/* ---- clashes ---- */

/* Two keys of which both may not be said, and what the model then has. */
struct clash {
    const char *key, *with;
    bool holds;
    const char *says;
};

static void find_clashes(const struct xo_model *m, struct faults *f)
{
    static const char windows[] = "an indexer (index_top_k) and windowed layers; only one of the "
                                  "two is simulated";
    static const char sharing[] = "an indexer (index_top_k) and kv_shared_layers; only one of the "
                                  "two is simulated";
    static const char compressed[] =
        "compressed attention (o_lora_rank): it takes kv_heads = 1, a q_lora_rank, o_groups that "
        "divide heads and a rope_dim within head_dim; no latent, windowed or linear layers, shared "
        "KV or choices, or gate";
    static const char latent[] =
        "a latent (kv_lora_rank), so window_head_dim, window_kv_heads, keys_as_values and shared "
        "KV mean nothing";
    const bool index = m->index_top_k > 0, entries = xo_model_is_compressed(m);
    const bool mla = xo_model_is_mla(m), uneven = m->o_groups > 0 && m->heads % m->o_groups != 0;
    const struct clash rows[] = {
        { "window_layers", "index_top_k", index && m->window_layers > 0, windows },
        { "kv_shared_layers", "index_top_k", index && m->kv_shared_layers > 0, sharing },
        { "kv_lora_rank", "o_lora_rank", entries && mla, compressed },
        { "kv_heads", "o_lora_rank", entries && m->kv_heads != 1, compressed },
        { "window_layers", "o_lora_rank", entries && m->window_layers > 0, compressed },
        { "linear_layers", "o_lora_rank", entries && m->linear_layers > 0, compressed },
        { "kv_shared_layers", "o_lora_rank", entries && m->kv_shared_layers > 0, compressed },
        { "index_shared_layers", "o_lora_rank", entries && m->index_shared_layers > 0, compressed },
        { "attention_gate", "o_lora_rank", entries && m->attention_gate, compressed },
        { "keys_as_values", "o_lora_rank", entries && m->keys_as_values, compressed },
        { "rope_dim", "head_dim o_lora_rank", entries && m->rope_dim > m->head_dim, compressed },
        { "q_lora_rank", "o_lora_rank", entries && m->q_lora_rank == 0, compressed },
        { "o_groups", "heads o_lora_rank", entries && uneven, compressed },
        { "window_head_dim", "kv_lora_rank", mla && m->window_head_dim > 0, latent },
        { "window_kv_heads", "kv_lora_rank", mla && m->window_kv_heads > 0, latent },
        { "keys_as_values", "kv_lora_rank", mla && m->keys_as_values, latent },
        { "kv_shared_layers", "kv_lora_rank", mla && m->kv_shared_layers > 0, latent },
        { "kv_shared_window_layers", "kv_lora_rank", mla && m->kv_shared_window_layers > 0,
          latent },
    };
    for (size_t i = 0; i < XO_ROWS(rows); i++) {
        struct xo_model_fault fault = { .kind = XO_FAULT_CLASH,
                                        .key = rows[i].key,
                                        .with = rows[i].with };
        xo_text_copy(fault.says, sizeof fault.says, rows[i].says);
        if (rows[i].holds)
            add_fault(f, fault);
    }
}

bool xo_model_check(const struct xo_model *m, struct xo_error *err)
{
    struct xo_model_fault first;
    struct faults f = { &first, 0, 1 };
    find_dimensions_beyond(m, &f);
    find_entries_beyond(m, &f);
    find_sizes_beyond(m, &f);
    find_clashes(m, &f);
    if (f.n == 0)
        return true;
    if (first.kind == XO_FAULT_CLASH)
        return xo_fail(err, XO_ERR_INPUT, "model %s has %s", m->name, first.says);
    if (first.says[0] != '\0')
        return xo_fail(err, XO_ERR_INPUT, "model %s: %s is %.10g; it takes %s", m->name, first.key,
                       first.value, first.says);
    return xo_fail(err, XO_ERR_INPUT, "model %s: %s is %.10g; it takes %.10g to %.10g", m->name,
                   first.key, first.value, first.min, first.max);
}

/* ---- idle keys ---- */

/* What is said of a part, whether the model has that part, and the keys that would give it one. */
struct idle {
    const char *key;
    bool is_said, is_there;
    const char *needs;
};

static void add_idle(struct faults *f, const struct idle rows[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct xo_model_fault fault = { .kind = XO_FAULT_IDLE, .key = rows[i].key, .with = "" };
        xo_text_copy(fault.says, sizeof fault.says, rows[i].needs);
        if (rows[i].is_said && !rows[i].is_there)
            add_fault(f, fault);
    }
}

static void find_idle_experts(const struct xo_model *m, struct faults *f)
{
    const bool moe = m->experts > 0, some = m->quantized >= XO_QUANTIZED_EXPERTS;
    const int dense = m->layers - m->bare_layers - xo_moe_layers(m);
    const struct idle rows[] = {
        { "mlp_matrices", m->mlp_matrices == 2, dense > 0 && m->intermediate > 0,
          "intermediate, and layers without experts" },
        { "experts", moe, xo_moe_layers(m) > 0, "layers beside the dense and the bare ones" },
        { "experts_per_token", m->experts_per_token > 0, moe, "experts" },
        { "shared_experts", m->shared_experts > 0, moe, "experts" },
        { "expert_intermediate", m->expert_intermediate > 0, moe, "experts" },
        { "expert_matrices", m->expert_matrices == 2, moe, "experts" },
        { "expert_hidden", m->expert_hidden > 0, moe, "experts" },
        { "dense_layers", m->dense_layers > 0, moe, "experts; without, no layer has any" },
        { "quantized", some, moe, "experts" },
    };
    add_idle(f, rows, XO_ROWS(rows));
}

static void find_idle_attention(const struct xo_model *m, struct faults *f)
{
    const bool mla = xo_model_is_mla(m), entries = xo_model_is_compressed(m);
    const bool index = m->index_top_k > 0, windowed = m->window_layers > 0;
    const bool gated = m->layers > m->linear_layers || m->linear_kind == XO_LINEAR_KDA;
    static const char full[] = "layers with the whole context";
    const bool has_full = xo_full_layers(m).layers > 0;
    const struct idle rows[] = {
        { "rope_dim", m->rope_dim > 0, mla || entries, "kv_lora_rank or o_lora_rank" },
        { "nope_dim", m->nope_dim > 0, mla, "kv_lora_rank" },
        { "v_head_dim", m->v_head_dim > 0, mla, "kv_lora_rank" },
        { "q_lora_rank", m->q_lora_rank > 0, mla || entries || index,
          "kv_lora_rank, o_lora_rank or index_top_k" },
        { "o_groups", m->o_groups > 0, entries, "o_lora_rank" },
        { "compress_layers", m->compress_layers > 0, entries, "o_lora_rank" },
        { "compress_by", m->compress_by > 0, entries && m->compress_layers > 0, "compress_layers" },
        { "window", m->window_tokens > 0, windowed || entries, "window_layers or o_lora_rank" },
        { "window_head_dim", m->window_head_dim > 0, windowed, "window_layers" },
        { "window_kv_heads", m->window_kv_heads > 0, windowed, "window_layers" },
        { "kv_shared_window_layers", m->kv_shared_window_layers > 0, windowed, "window_layers" },
        { "kv_shared_layers", m->kv_shared_layers > 0, has_full, full },
        { "keys_as_values", m->keys_as_values, has_full, full },
        { "index_top_k", index, choosing_layers(m) > 0,
          entries ? "layers beside compress_layers" : full },
        { "index_heads", m->index_heads > 0, index, "index_top_k" },
        { "index_dim", m->index_dim > 0, index, "index_top_k" },
        { "index_layers", m->index_layers > 0, index, "index_top_k" },
        { "index_shared_layers", m->index_shared_layers > 0, index, "index_top_k" },
        { "index_by", m->index_by > 0, entries && index, "o_lora_rank and index_top_k" },
        { "attention_gate", m->attention_gate, gated, "layers with attention" },
    };
    add_idle(f, rows, XO_ROWS(rows));
}

static void find_idle_states(const struct xo_model *m, struct faults *f)
{
    const bool linear = m->linear_layers > 0, conv = m->linear_kind == XO_LINEAR_CONV;
    const bool keyed = linear && !conv;
    const char *const any = "linear_layers";
    const char *const with_keys = linear ? "another linear_kind: conv has values alone" : any;
    const struct idle rows[] = {
        { "linear_kind", m->linear_kind != XO_LINEAR_DELTA, linear, any },
        { "linear_key_heads", m->linear_key_heads > 0, keyed, with_keys },
        { "linear_value_heads", m->linear_value_heads > 0, linear, any },
        { "linear_key_dim", m->linear_key_dim > 0, keyed, with_keys },
        { "linear_value_dim", m->linear_value_dim > 0, linear, any },
        { "linear_conv", m->linear_conv > 0, linear, any },
        { "linear_state_bits", m->linear_state_bits == 16, keyed,
          linear ? "another linear_kind: conv has no state" : any },
    };
    add_idle(f, rows, XO_ROWS(rows));
}

int xo_model_faults(const struct xo_model *m, struct xo_model_fault faults[XO_MAX_MODEL_FAULTS])
{
    struct faults f = { faults, 0, XO_MAX_MODEL_FAULTS };
    find_idle_experts(m, &f);
    find_idle_attention(m, &f);
    find_idle_states(m, &f);
    find_dimensions_beyond(m, &f);
    find_entries_beyond(m, &f);
    find_sizes_beyond(m, &f);
    find_clashes(m, &f);
    return f.n;
}
