/* shard.h - within the hardware room: what one GPU of a replica holds and does.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_HARDWARE_SHARD_H
#define XO_HARDWARE_SHARD_H

#include "xo/hardware.h"

bool xo_model_is_mla(const struct xo_model *m);
bool xo_model_is_compressed(const struct xo_model *m);
/* The layers that attend to KV, of a kind. Few models have two. */
struct xo_attention_layers {
    int layers, own_kv; /* own_kv of them hold KV, the others attend to that of one before */
    int kv_heads, head_dim, kv_matrices;
};
struct xo_attention_layers xo_full_layers(const struct xo_model *m);
struct xo_attention_layers xo_window_layers(const struct xo_model *m);

struct xo_attention_params {
    double by_head, by_kv_head, whole;
};
/* Of one layer of the kind, in the mean of those with KV of their own and without. */
struct xo_attention_params xo_attention_params(const struct xo_model *m,
                                               const struct xo_attention_layers *kind);
double xo_indexer_params(const struct xo_model *m);    /* of one indexer */
double xo_compressor_params(const struct xo_model *m); /* of a layer that sees all entries */
double xo_kv_vector_bytes(const struct xo_model *m, enum xo_dtype kv); /* compressed attention */
double xo_index_bytes(const struct xo_model *m);                       /* of its key of one token */
int xo_index_layers(const struct xo_model *m);
int xo_sparse_layers(const struct xo_model *m); /* that see a choice, of their own or another's */
double xo_linear_params(const struct xo_model *m); /* of one linear-attention layer */
double xo_mlp_params(const struct xo_model *m);    /* one dense MLP */
double xo_expert_params(const struct xo_model *m); /* one routed expert */
double xo_shared_params(const struct xo_model *m); /* one shared expert */
double xo_latent_params(const struct xo_model *m); /* the way to expert_hidden and back, a layer */
int xo_expert_hidden(const struct xo_model *m);    /* width that routed experts see */
int xo_moe_layers(const struct xo_model *m);

/* The first dimension that cannot be what it is. */
XO_MUST_USE bool xo_model_check(const struct xo_model *m, struct xo_error *err);
XO_MUST_USE bool xo_weights_check(const struct xo_deployment *d, struct xo_error *err);
XO_MUST_USE bool xo_kv_type_check(const struct xo_deployment *d, struct xo_error *err);
double xo_compute_flop_per_s(const struct xo_gpu *gpu, enum xo_dtype weights);

/* What reads the cache, by kind: layers with the whole context, windowed ones, indexers. Of entries
 * of several tokens, each token counts its share. */
struct xo_attention {
    double layers, held_layers;                 /* held: whose KV is in the cache */
    double kv_heads;                            /* on this GPU; 1 for MLA's latent and an index */
    double kv_layer_bytes;                      /* of KV per token and layer on this GPU */
    double decode_pair_flop, prefill_pair_flop; /* per (query, key) pair and layer on this GPU */
};

/* The busiest GPU of the slowest pipeline stage. Layers count those of that stage; `n_` of
 * parameters are the elements this GPU holds. */
struct xo_shard {
    int stage_gpus, ranks, stages; /* tensor_parallel * attention_dp, attention_dp, pp */
    double layers, moe_layers, bare_layers;

    double attention_bytes, mlp_bytes; /* weights on this GPU: dense MLPs and shared experts */
    double one_expert_bytes;           /* of its part of one routed expert, over its MoE layers */
    double experts_held;               /* per MoE layer */
    double expert_width;               /* columns of one expert on this GPU */
    double router_bytes, norm_bytes, embedding_bytes, head_bytes, tower_bytes;
    double weight_bytes; /* their sum, an untied input embedding included */

    double attention_flop, mlp_flop, expert_flop, router_flop; /* per token that this GPU handles */
    double head_flop;                                          /* per sampled row */
    enum xo_dtype attention_type, mlp_type; /* as a quantized checkpoint keeps them */

    struct xo_attention full, window, index; /* full: those that see all of the context */
    struct xo_attention picked;              /* that see the choice of an index */
    double beside_layers; /* with a window beside what they see else: compressed attention */
};
XO_MUST_USE bool xo_shard_init(struct xo_shard *s, const struct xo_deployment *d,
                               struct xo_error *err);

/* Bytes of a room of so many tokens, as xo_kv_room_tokens counts them, over all ranks. */
double xo_kv_room_bytes(const struct xo_deployment *d, const struct xo_kv_room *room,
                        double room_tokens);
/* What every step time is multiplied by: step_scale, and how much longer the software of the GPU's
 * generation takes than that of the fit. */
double xo_step_scale_of(const struct xo_deployment *d);

#endif
