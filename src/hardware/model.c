/* model.c - what the dimensions of a transformer imply: parameters and KV bytes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard.h"

bool xo_model_is_mla(const struct xo_model *m)
{
    return m->kv_lora_rank > 0;
}

/* Attention matrices of one layer: those that tensor parallelism cuts by query heads, those that it
 * cuts by KV heads, and those that each GPU holds whole. Plain: q, its gate, o | k, v | -. MLA
 * (DeepSeek-V2, arXiv:2405.04434, eqs. 9-19): q_b, kv_b, o | - | q_a, kv_a. */
struct xo_attention_params xo_attention_params(const struct xo_model *m)
{
    const double h = m->hidden, heads = m->heads;
    if (!xo_model_is_mla(m))
        return (struct xo_attention_params){ .by_head = (m->attention_gate ? 3 : 2) * h * heads *
                                                        m->head_dim,
                                             .by_kv_head = 2 * h * m->kv_heads * m->head_dim };
    const double qk = m->nope_dim + m->rope_dim;
    const double q_in = m->q_lora_rank > 0 ? m->q_lora_rank : h;
    const double kv_b = (double)m->kv_lora_rank * heads * (m->nope_dim + m->v_head_dim);
    return (struct xo_attention_params){
        .by_head = q_in * heads * qk + kv_b + heads * m->v_head_dim * h,
        .whole = h * (m->kv_lora_rank + m->rope_dim) + (m->q_lora_rank > 0 ? h * q_in : 0),
    };
}

/* Widths of the keys (queries have the same) and values of a linear-attention layer. */
static double linear_keys(const struct xo_model *m)
{
    return (double)m->linear_key_heads * m->linear_key_dim;
}
static double linear_values(const struct xo_model *m)
{
    return (double)m->linear_value_heads * m->linear_value_dim;
}

/* A gated delta net: in, q, k, v, the output's gate and two scalars a value head; a convolution
 * over q, k, v; out (Yang et al., arXiv:2412.06464; modeling_qwen3_next.py of transformers 4.57).
 * All of it is cut by heads. */
double xo_linear_params(const struct xo_model *m)
{
    const double h = m->hidden, keys = linear_keys(m), values = linear_values(m);
    return h * (2 * keys + 2 * values + 2.0 * m->linear_value_heads) +
           (2 * keys + values) * m->linear_conv + values * h;
}

double xo_mlp_params(const struct xo_model *m)
{
    const int matrices = m->mlp_matrices > 0 ? m->mlp_matrices : 3;
    return (double)matrices * m->hidden * m->intermediate;
}

double xo_expert_params(const struct xo_model *m)
{
    return 3.0 * m->hidden * m->expert_intermediate;
}

int xo_moe_layers(const struct xo_model *m)
{
    return m->experts > 0 ? m->layers - m->dense_layers : 0;
}

/* All parameters when every MoE layer counts `experts` routed experts. Norms (two a layer and the
 * last) count, biases do not. */
static double params(const struct xo_model *m, double experts)
{
    const struct xo_attention_params a = xo_attention_params(m);
    const double h = m->hidden, n_moe = xo_moe_layers(m);
    const double layer = a.by_head + a.by_kv_head + a.whole + 2 * h;
    const double moe = h * m->experts + (experts + m->shared_experts) * xo_expert_params(m);
    const double embedding = (m->tied_embeddings ? 1 : 2) * h * m->vocab;
    const double linear = m->linear_layers * (xo_linear_params(m) + 2 * h);
    return linear + (m->layers - m->linear_layers) * layer +
           (m->layers - n_moe) * xo_mlp_params(m) + n_moe * moe + embedding + h;
}

double xo_model_params(const struct xo_model *model)
{
    return params(model, model->experts);
}

double xo_model_active_params(const struct xo_model *model)
{
    return params(model, model->experts_per_token);
}

double xo_model_kv_bytes_per_token(const struct xo_model *m, enum xo_dtype kv)
{
    const double values =
        xo_model_is_mla(m) ? m->kv_lora_rank + m->rope_dim : 2.0 * m->kv_heads * m->head_dim;
    return (m->layers - m->linear_layers) * values * xo_dtype_bits(kv) / 8;
}

double xo_model_linear_state_bytes(const struct xo_model *m)
{
    const double state = (double)m->linear_value_heads * m->linear_key_dim * m->linear_value_dim;
    const int taps = m->linear_conv > 0 ? m->linear_conv - 1 : 0;
    const double inputs = (2 * linear_keys(m) + linear_values(m)) * taps;
    return m->linear_layers * (4 * state + 2 * inputs);
}
