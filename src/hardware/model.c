/* model.c - what the dimensions of a transformer imply: parameters and KV bytes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard.h"
#include "xo/table.h"

#include <math.h>

bool xo_model_is_mla(const struct xo_model *m)
{
    return m->kv_lora_rank > 0;
}

bool xo_model_is_compressed(const struct xo_model *m)
{
    return m->o_lora_rank > 0;
}

struct xo_attention_layers xo_full_layers(const struct xo_model *m)
{
    const int layers = m->layers - m->linear_layers - m->window_layers;
    return (struct xo_attention_layers){ layers, layers - m->kv_shared_layers, m->kv_heads,
                                         m->head_dim, m->keys_as_values ? 1 : 2 };
}

struct xo_attention_layers xo_window_layers(const struct xo_model *m)
{
    const int layers = m->window_layers;
    return (struct xo_attention_layers){ layers, layers - m->kv_shared_window_layers,
                                         m->window_kv_heads > 0 ? m->window_kv_heads : m->kv_heads,
                                         m->window_head_dim > 0 ? m->window_head_dim : m->head_dim,
                                         2 };
}

int xo_model_window(const struct xo_model *m)
{
    if (m->index_top_k > 0)
        return m->index_top_k * (m->index_by > 0 ? m->index_by : 1);
    return m->window_layers > 0 ? m->window_tokens : 0;
}

/* Attention matrices of one layer: those that tensor parallelism cuts by query heads, those that it
 * cuts by KV heads, and those that each GPU holds whole. Plain: q, its gate, o | k, v | -. MLA
 * (DeepSeek-V2, arXiv:2405.04434, eqs. 9-19): q_b, kv_b, o | - | q_a, kv_a. Compressed
 * (modeling_deepseek_v4.py): q_b, o_a, o_b | - | q_a, kv. */
struct xo_attention_params xo_attention_params(const struct xo_model *m,
                                               const struct xo_attention_layers *kind)
{
    const double h = m->hidden, heads = m->heads;
    const double own = kind->layers > 0 ? (double)kind->own_kv / kind->layers : 1;
    if (xo_model_is_compressed(m))
        return (struct xo_attention_params){
            .by_head = (m->q_lora_rank + m->o_lora_rank) * heads * kind->head_dim +
                       h * m->o_groups * m->o_lora_rank,
            .whole = h * (m->q_lora_rank + kind->head_dim),
        };
    if (!xo_model_is_mla(m))
        return (struct xo_attention_params){
            .by_head = (m->attention_gate ? 3 : 2) * h * heads * kind->head_dim,
            .by_kv_head = kind->kv_matrices * h * kind->kv_heads * kind->head_dim * own
        };
    const double qk = m->nope_dim + m->rope_dim;
    const double q_in = m->q_lora_rank > 0 ? m->q_lora_rank : h;
    const double kv_b = (double)m->kv_lora_rank * heads * (m->nope_dim + m->v_head_dim);
    return (struct xo_attention_params){
        .by_head = (q_in * qk + (m->attention_gate ? h : 0) * m->v_head_dim) * heads + kv_b +
                   heads * m->v_head_dim * h,
        .whole = h * (m->kv_lora_rank + m->rope_dim) + (m->q_lora_rank > 0 ? h * q_in : 0),
    };
}

int xo_index_layers(const struct xo_model *m)
{
    if (m->index_top_k == 0)
        return 0;
    return m->index_layers > 0 ? m->index_layers
                               : xo_full_layers(m).layers - m->index_shared_layers;
}

int xo_sparse_layers(const struct xo_model *m)
{
    return xo_index_layers(m) + m->index_shared_layers;
}

/* DeepSeek's lightning indexer: queries from q_a's latent, one key, a weight a head; each GPU holds
 * it whole (DeepSeek-V3.2; ReplicatedLinear in vllm/model_executor/models/deepseek_v2.py). Where it
 * ranks entries of several tokens, its keys and the attention's each come from a compressor: a
 * value and a gate, twice as wide since neighbours overlap (modeling_deepseek_v4.py). Layers that
 * see all entries have one without overlap. */
double xo_indexer_params(const struct xo_model *m)
{
    const double h = m->hidden, q_in = m->q_lora_rank > 0 ? m->q_lora_rank : h;
    const double queries = q_in * m->index_heads * m->index_dim + h * m->index_heads;
    if (m->index_by > 1)
        return queries + 4 * h * (m->index_dim + m->head_dim);
    return queries + h * m->index_dim;
}

double xo_compressor_params(const struct xo_model *m)
{
    return 2.0 * m->hidden * m->head_dim;
}

const char *const xo_linear_kind_names[] = { "delta", "mamba2", "kda", "conv", NULL };
XO_NAMES_OF(xo_linear_kind_names, XO_N_LINEAR_KINDS);

/* Widths of the keys (queries have the same) and values of a linear-attention layer. Mamba-2 is
 * linear attention whose keys and queries are B and C of its groups and whose values are x (Dao and
 * Gu, arXiv:2405.21060). A short convolution has values alone. */
static double linear_keys(const struct xo_model *m)
{
    return (double)m->linear_key_heads * m->linear_key_dim;
}
static double linear_values(const struct xo_model *m)
{
    return (double)m->linear_value_heads * m->linear_value_dim;
}

/* What follows from the hidden state beside q, k and v. A gated delta net: the output's gate and
 * two scalars a value head (Yang et al., arXiv:2412.06464; modeling_qwen3_next.py of transformers
 * 4.57). Mamba-2: the gate z and a step dt a head (modeling_nemotron_h.py). Kimi delta attention: a
 * scalar a head, decay and output gate by way of one head's width (arXiv:2510.26692, section 4). A
 * short convolution: two gates (modeling_lfm2.py). */
static double linear_side_params(const struct xo_model *m)
{
    const double h = m->hidden, keys = linear_keys(m), values = linear_values(m);
    switch (m->linear_kind) {
    case XO_LINEAR_MAMBA2:
        return h * (values + m->linear_value_heads);
    case XO_LINEAR_KDA:
        return h * m->linear_value_heads + (h + keys) * m->linear_key_dim +
               (m->attention_gate ? h * values : (h + values) * m->linear_value_dim);
    case XO_LINEAR_CONV:
        return h * 2 * values;
    default:
        return h * (values + 2.0 * m->linear_value_heads);
    }
}

/* In: q, k, v and the rest; a convolution over q, k, v; out. All of it is cut by heads. */
double xo_linear_params(const struct xo_model *m)
{
    const double h = m->hidden, keys = linear_keys(m), values = linear_values(m);
    return h * (2 * keys + values) + linear_side_params(m) + (2 * keys + values) * m->linear_conv +
           values * h;
}

double xo_mlp_params(const struct xo_model *m)
{
    const int matrices = m->mlp_matrices > 0 ? m->mlp_matrices : 3;
    return (double)matrices * m->hidden * m->intermediate;
}

int xo_expert_hidden(const struct xo_model *m)
{
    return m->expert_hidden > 0 ? m->expert_hidden : m->hidden;
}

static double expert_params(const struct xo_model *m, int hidden)
{
    const int matrices = m->expert_matrices > 0 ? m->expert_matrices : 3;
    return (double)matrices * hidden * m->expert_intermediate;
}

double xo_expert_params(const struct xo_model *m)
{
    return expert_params(m, xo_expert_hidden(m));
}

double xo_shared_params(const struct xo_model *m)
{
    return expert_params(m, m->hidden);
}

/* LatentMoE (Nemotron 3, arXiv:2512.20856): all routed experts of a layer share the two. */
double xo_latent_params(const struct xo_model *m)
{
    return 2.0 * m->hidden * m->expert_hidden;
}

int xo_moe_layers(const struct xo_model *m)
{
    return m->experts > 0 ? m->layers - m->dense_layers - m->bare_layers : 0;
}

/* The attention of all layers of a kind. */
static double attention_params(const struct xo_model *m, struct xo_attention_layers kind)
{
    const struct xo_attention_params a = xo_attention_params(m, &kind);
    return kind.layers * (a.by_head + a.by_kv_head + a.whole);
}

/* All parameters when every MoE layer counts `experts` routed experts. Norms (one before each
 * attention and each MLP, and the last) count, biases do not. */
static double params(const struct xo_model *m, double experts)
{
    const double h = m->hidden, n_moe = xo_moe_layers(m);
    const double attention =
        m->compress_layers * xo_compressor_params(m) + attention_params(m, xo_full_layers(m)) +
        attention_params(m, xo_window_layers(m)) + xo_index_layers(m) * xo_indexer_params(m);
    const double moe = h * m->experts + experts * xo_expert_params(m) +
                       m->shared_experts * xo_shared_params(m) + xo_latent_params(m);
    const double dense = m->layers - m->bare_layers - n_moe;
    const double embedding = (m->tied_embeddings ? 1 : 2) * h * m->vocab;
    return attention + m->linear_layers * xo_linear_params(m) + dense * xo_mlp_params(m) +
           n_moe * moe + (2.0 * m->layers - m->bare_layers + 1) * h + embedding;
}

double xo_model_params(const struct xo_model *model)
{
    return params(model, model->experts);
}

double xo_model_active_params(const struct xo_model *model)
{
    return params(model, model->experts_per_token);
}

/* One vector, whose rotary part stays in 16 bits (vLLM's fp8_ds_mla has 8 bytes of scales more). */
double xo_kv_vector_bytes(const struct xo_model *m, enum xo_dtype kv)
{
    return m->rope_dim * 2 + (m->head_dim - m->rope_dim) * xo_dtype_bits(kv) / 8;
}

/* Of a token's share of all entries; the window that each layer has besides is no part of it. */
static double compressed_bytes(const struct xo_model *m, enum xo_dtype kv)
{
    const double entry = xo_kv_vector_bytes(m, kv), n_index = xo_index_layers(m);
    return (m->compress_layers > 0 ? m->compress_layers * entry / m->compress_by : 0) +
           (n_index > 0 ? n_index * (entry + xo_index_bytes(m)) / m->index_by : 0);
}

/* Numbers that a token of KV has in the layers of a kind. */
static double kv_values(const struct xo_model *m, struct xo_attention_layers kind)
{
    return kind.own_kv * (xo_model_is_mla(m) ? m->kv_lora_rank + m->rope_dim
                                             : 2.0 * kind.kv_heads * kind.head_dim);
}

/* An indexer keeps its key in 8 bits, with a 32-bit scale for every 128 numbers
 * (vllm/model_executor/models/deepseek_v2.py, DeepseekV32IndexerCache). */
double xo_index_bytes(const struct xo_model *m)
{
    return m->index_dim + 4 * ceil(m->index_dim / 128.0);
}

double xo_model_kv_bytes_per_token(const struct xo_model *m, enum xo_dtype kv)
{
    if (xo_model_is_compressed(m))
        return compressed_bytes(m, kv);
    return (kv_values(m, xo_full_layers(m)) + kv_values(m, xo_window_layers(m))) *
               xo_dtype_bits(kv) / 8 +
           xo_index_layers(m) * xo_index_bytes(m);
}

double xo_model_linear_state_bytes(const struct xo_model *m)
{
    const double state =
        m->linear_kind == XO_LINEAR_CONV
            ? 0
            : (double)m->linear_value_heads * m->linear_key_dim * m->linear_value_dim;
    const double bytes = m->linear_state_bits > 0 ? m->linear_state_bits / 8.0 : 4;
    const int taps = m->linear_conv > 0 ? m->linear_conv - 1 : 0;
    const double inputs = (2 * linear_keys(m) + linear_values(m)) * taps;
    return m->linear_layers * (bytes * state + 2 * inputs);
}
