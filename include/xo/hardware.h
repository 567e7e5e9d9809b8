/* xo/hardware.h - GPUs, models, and how long one forward pass takes.
 *
 * A deployment (model, GPU, data types, parallelism, engine) is compiled once into a step model: a
 * few dozen numbers that give the time of a step as a straight line in the context it reads. This
 * room has never heard of queues or dollars.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_HARDWARE_H
#define XO_HARDWARE_H

#include "xo/error.h"
#include <stddef.h>
#include <stdint.h>

enum { XO_HW_NAME_SIZE = 64 };

/* Storage types. INT4 covers AWQ/GPTQ, FP4 covers NVFP4 and MXFP4 (scales included: docs/model.md,
 * "Step time and KV capacity"). */
enum xo_dtype { XO_FP16, XO_BF16, XO_FP8, XO_INT8, XO_INT4, XO_NVFP4, XO_MXFP4, XO_N_DTYPES };
double xo_dtype_bits(enum xo_dtype type); /* per parameter, scales included */
const char *xo_dtype_name(enum xo_dtype type);
extern const char *const xo_dtype_names[]; /* [XO_N_DTYPES], then NULL */

enum xo_gpu_generation {
    XO_GEN_TURING,
    XO_GEN_VOLTA,
    XO_GEN_AMPERE,
    XO_GEN_ADA,
    XO_GEN_HOPPER,
    XO_GEN_BLACKWELL,
    XO_GEN_CDNA2,
    XO_GEN_CDNA3,
    XO_GEN_CDNA4,
    XO_GEN_OTHER,
    XO_N_GENERATIONS
};
extern const char *const xo_generation_names[]; /* [XO_N_GENERATIONS], then NULL */

struct xo_gpu {
    char name[XO_HW_NAME_SIZE];
    enum xo_gpu_generation generation;
    double memory_bytes; /* what nvidia-smi or amd-smi shows: 81,559 MiB on an 80 GB H100 */
    double hbm_bytes_per_s;
    double bf16_flop_per_s, fp8_flop_per_s, fp4_flop_per_s; /* dense peaks; 0: not supported */
    double link_bytes_per_s;           /* GPU to GPU, one way; 0: PCIe unknown */
    bool link_is_switched;             /* NVLink/xGMI class rather than PCIe */
    double power_busy_w, power_idle_w; /* board: saturated, and up but idle */
};

/* What a layer without a KV cache is: a gated delta net (Qwen3-Next), Mamba-2 (Nemotron-H,
 * Granite 4), Kimi delta attention, or a short convolution with gates (LFM2). */
enum xo_linear_kind {
    XO_LINEAR_DELTA,
    XO_LINEAR_MAMBA2,
    XO_LINEAR_KDA,
    XO_LINEAR_CONV,
    XO_N_LINEAR_KINDS
};
extern const char *const xo_linear_kind_names[]; /* [XO_N_LINEAR_KINDS], then NULL */

/* What a checkpoint in fewer than 16 bits has quantized; the rest stays in 16. */
enum xo_quantized {
    XO_QUANTIZED_USUAL,            /* as most checkpoints of the type (xo_shard_init) */
    XO_QUANTIZED_MLP,              /* MLPs and experts */
    XO_QUANTIZED_EXPERTS,          /* routed experts alone */
    XO_QUANTIZED_EXPERTS_OVER_FP8, /* routed experts; attention and MLPs are in 8 bits (DeepSeek-V4)
                                    */
    XO_N_QUANTIZED
};
extern const char *const xo_quantized_names[]; /* [XO_N_QUANTIZED], then NULL */

struct xo_model {
    char name[XO_HW_NAME_SIZE];
    int layers, hidden, heads, kv_heads, head_dim, intermediate, vocab;
    bool tied_embeddings;
    int experts, experts_per_token, shared_experts, expert_intermediate,
        dense_layers;    /* 0: dense model */
    int expert_matrices; /* of an expert: 3 with a gate (also when 0), 2 without */
    int expert_hidden;   /* what routed experts see in place of `hidden`: a projection; 0: hidden */
    int bare_layers;     /* attention or linear attention alone, no MLP behind (Nemotron-H) */
    int kv_lora_rank, rope_dim, nope_dim, v_head_dim, q_lora_rank; /* MLA; 0: none */
    int o_groups, o_lora_rank;        /* compressed attention (DeepSeek-V4): outputs leave by a rank
                                         a group, keys and values are one vector; 0: none */
    int compress_by, compress_layers; /* its layers that see all entries, of so many tokens each */
    int index_by;                     /* tokens of an entry that an indexer ranks; 0: 1 */
    int residual_streams;             /* hyper-connections: streams of the residual; 0: one */
    int window_tokens, window_layers; /* sliding-window layers among `layers`; 0: none. All layers
                                         of compressed attention see a window besides */
    int window_head_dim, window_kv_heads; /* of those; 0: as the others */
    bool keys_as_values; /* layers with the whole context project keys and values as one */
    int kv_shared_layers, kv_shared_window_layers; /* of each kind, those that attend to the KV of a
                                                      layer before and have none of their own */
    int index_heads, index_dim, index_top_k;       /* sparse attention: an indexer ranks the whole
                                                      context, attention sees its best; 0: none */
    int index_layers, index_shared_layers; /* with an indexer (0: all others), and with the choice
                                              of one before; the rest attend to all */
    bool attention_gate; /* queries come with a gate of their size (Qwen3-Next, Qwen3.5) */
    int linear_layers; /* linear-attention layers among `layers`: a state per sequence, no KV; 0 */
    enum xo_linear_kind linear_kind;
    int linear_key_heads, linear_value_heads, linear_key_dim, linear_value_dim; /* of one of them */
    int linear_conv;       /* taps of the convolution before it; 0: none */
    int linear_state_bits; /* of a number of its state: 32 (also when 0) or 16 */
    int mlp_matrices;      /* of a dense MLP: 3 with a gate (also when 0), 2 without */
    double tower_params;   /* held in 16 bits and read by no step with text: an image or audio
                              encoder, embeddings of layers; not part of params_total */
    enum xo_quantized quantized;
    int max_context_tokens;
    double params_total,
        params_active; /* published, for the check against the dimensions; 0: unknown */
    enum xo_dtype native_weights;
};

/* What is wrong with a key of [model], of the dimensions of a model: it is beyond its limits,
 * clashes with another, or is idle, which changes nothing: it speaks of a part that the model has
 * not got. */
enum xo_fault_kind { XO_FAULT_LIMIT, XO_FAULT_CLASH, XO_FAULT_IDLE };
struct xo_model_fault {
    enum xo_fault_kind kind;
    const char *key;        /* "kv_heads" */
    const char *with;       /* keys that bound it, ask for it or clash with it, parted by blanks */
    double value, min, max; /* of a limit */
    char says[240]; /* of a limit what it takes where that is no range, of a clash what the model
                       has, of an idle key what it needs: "window_layers" */
};
enum { XO_MAX_MODEL_FAULTS = 64 };
/* All of them, one a key at most; how many. No deployment is made with any but idle keys. */
int xo_model_faults(const struct xo_model *model,
                    struct xo_model_fault faults[XO_MAX_MODEL_FAULTS]);

/* Tokens that the attention which does not see the whole context sees: of the windowed layers, or
 * those that an indexer picks; 0: there is none such. */
int xo_model_window(const struct xo_model *model);
/* Parameters from the dimensions, in all and touched by one token (embedding rows left out of
 * neither). */
double xo_model_params(const struct xo_model *model);
double xo_model_active_params(const struct xo_model *model);
/* Bytes of KV cache one token adds over all layers, on all GPUs together without replication. */
double xo_model_kv_bytes_per_token(const struct xo_model *model, enum xo_dtype kv);
/* Bytes of state a sequence has in the linear-attention layers, however long it is: 32-bit states,
 * 16-bit inputs of the convolutions. */
double xo_model_linear_state_bytes(const struct xo_model *model);

enum xo_engine_family { XO_ENGINE_VLLM, XO_ENGINE_SGLANG, XO_ENGINE_TRTLLM, XO_N_ENGINES };
const char *xo_engine_name(enum xo_engine_family engine); /* "vllm", as in scenarios */
extern const char *const xo_engine_names[];               /* [XO_N_ENGINES], then NULL */

/* What fitted constants a step time has; shared by all GPUs and models. Defaults:
 * xo_efficiency_default(engine). Each field's source and error: docs/model.md. */
struct xo_efficiency {
    double mbu_weights_frac, mbu_kv_frac;       /* of the data-sheet bandwidth */
    double mfu_linear_frac, mfu_attention_frac; /* of the data-sheet peak of 16-bit arithmetic */
    double mfu_8bit_frac, mfu_4bit_frac;        /* of the peaks of 8 and 4 bits */
    double mbu_4bit_frac;                       /* as mbu_weights, where weights take 4 bits */
    double mfu_experts_frac, mfu_experts_4bit_frac; /* of the peaks of 16 and 4 bits, by wide slices
                                                       of routed experts; 4 bits: by fp4 units */
    double step_s;                                  /* per step: scheduler, sampling, launch */
    double layer_decode_s, layer_prefill_s; /* per layer: CUDA graph, and with prompt chunks */
    double moe_decode_s, moe_prefill_s;     /* more per MoE layer: routing, permutation, launches */
    double moe_decode_4bit_s;               /* as moe_decode, where fp4 units compute experts */
    double attention_floor_s;               /* per layer: least time of a decode attention */
    double sequence_s;                      /* per sequence in the step */
    double allreduce_latency_s;             /* per all-reduce */
    double link_frac;                       /* of the link's bandwidth */
    double expert_imbalance;                /* busiest EP rank over the mean */
    double step_scale; /* multiplies every step time: 1; the model-error draw and what-ifs */
};

/* A replica is pipeline_parallel stages of tensor_parallel * attention_dp GPUs. attention_dp ranks
 * of tensor_parallel GPUs each hold their own sequences and their own copy of all but the routed
 * experts; those are spread over all GPUs of a stage, whole ones over expert_parallel of them
 * (which divides a stage), each cut into equal parts beyond that. */
struct xo_deployment {
    struct xo_gpu gpu;
    struct xo_model model;
    enum xo_engine_family engine;
    enum xo_dtype weights, kv;
    int tensor_parallel, expert_parallel, pipeline_parallel, attention_dp; /* 1: off */
    bool window_kv_whole;  /* windowed layers keep the whole context: an engine without a hybrid KV
                              cache */
    bool sorts_logits;     /* vLLM before 0.17: its sampler sorts the logits of all rows */
    bool no_prefix_cache;  /* SGLang --disable-radix-cache: a running request needs one state */
    bool prompts_gather;   /* TensorRT-LLM attention_dp_config enable_balance: prompts wait until
                              each attention rank has one */
    double memory_frac;    /* of GPU memory the engine may use: 0.9 */
    int64_t chunk_tokens;  /* tokens a step may process: the chunked-prefill budget */
    int max_batch;         /* sequences in a step */
    double kv_room_tokens; /* as the engine printed it, in place of what we work out; 0: none */
    struct xo_efficiency efficiency;
};
/* No GPU or model has constants of its own: what sets them apart is in their data. On AMD's CDNA2
 * and CDNA3 all step times are multiplied by what their software takes more. */
struct xo_efficiency xo_efficiency_default(enum xo_engine_family engine);
/* The same for engines of 2024 (vLLM before V1), which benchmarks of that time were run with. Of
 * SGLang none were measured: as today. */
struct xo_efficiency xo_efficiency_of_2024(enum xo_engine_family engine);
/* What an engine takes by itself on such a GPU (defaults.c says from where): of one attention rank.
 */
struct xo_engine_defaults {
    int64_t chunk_tokens;
    int max_batch;
    const char *why; /* for people: "vLLM's own from 70 GiB on" */
};
const struct xo_engine_defaults *xo_engine_defaults(enum xo_engine_family engine,
                                                    const struct xo_gpu *gpu);
/* TensorRT-LLM keeps the cache in 8 bits for 8- and 4-bit checkpoints; vLLM and SGLang keep it in
 * the type of the activations unless told otherwise. Compressed attention is kept in 8 bits where
 * defaults.c says so. */
enum xo_dtype xo_engine_kv(enum xo_engine_family engine, const struct xo_gpu *gpu,
                           const struct xo_model *model, enum xo_dtype weights);
int xo_deployment_gpus(const struct xo_deployment *d); /* GPUs of one replica */
/* "llama-3.3-70b fp8 on 2 x h100-sxm vllm": what a calibration belongs to. */
const char *xo_deployment_label(const struct xo_deployment *d, char *out, size_t size);

/* One row for each constant of struct xo_efficiency: its name in files, where the table of keys has
 * its range ([build]), and how far deployments differ in it. `spread` is one standard deviation of
 * the logarithm between the deployments of the published measurements, each fitted on its own
 * (docs/validation.md): how much is not known of it before anything was measured. */
struct xo_constant {
    const char *name; /* key of [build]: "mbu_weights" */
    size_t offset;    /* in struct xo_efficiency */
    bool is_share;    /* more of it is faster; else it is a time or a factor of one */
    double spread;
};
enum { XO_N_CONSTANTS = 21 };
extern const struct xo_constant xo_constants[]; /* [XO_N_CONSTANTS] */
int xo_constant_find(const char *name);         /* index into xo_constants; -1: unknown */
double *xo_constant_at(struct xo_efficiency *efficiency, int constant);

/* ---- how far step times can be trusted ---- */

/* What is known of a deployment like this one. A model is known by its dimensions, so that
 * fine-tunes are too. */
enum xo_step_class {
    XO_STEP_CALIBRATED, /* constants fitted to its own benchmark */
    XO_STEP_IN_RANGE,   /* GPU, model and engine are among those of the fit */
    XO_STEP_NEW_MODEL,
    XO_STEP_NEW_GPU, /* or an engine that was not measured on that generation */
    XO_STEP_NEW_BOTH,
    XO_STEP_CDNA4, /* AMD: few runs were measured, and the constants are those of NVIDIA's */
    XO_STEP_CDNA2,
    XO_STEP_CDNA3,
    XO_STEP_NO_DATA, /* a family of GPUs that the constants have never seen */
    XO_N_STEP_CLASSES
};
/* The validated error of a class: of the medians, by deployment, of log(predicted/measured). */
struct xo_step_error {
    const char *name;              /* "new GPU" */
    double median_frac, most_frac; /* half and 80 % of deployments lie within these */
    double sigma; /* of the log-normal distribution with that 80 %: most / 1.2816, of logarithms */
    int n;        /* deployments behind it; 0: set by hand, see docs/validation.md */
    const char *why; /* what is known, for people */
};
/* [XO_N_STEP_CLASSES]: of dense models, and of models with experts. */
extern const struct xo_step_error xo_step_errors[], xo_step_errors_of_experts[];
const struct xo_step_error *xo_step_error_of(const struct xo_deployment *d,
                                             enum xo_step_class step_class);
/* The class of a deployment that nobody calibrated. */
enum xo_step_class xo_step_class_of(const struct xo_deployment *d);
/* Are the constants fitted to GPUs of this make? Not to AMD's, nor to those of no known make. */
bool xo_gpu_make_was_fitted(const struct xo_gpu *gpu);

/* KV room of one replica. Blocks hold block_tokens tokens; a sequence of c tokens holds
 * ceil(c/block) full blocks, with windowed layers at most window_blocks window blocks, and with
 * linear-attention layers its state, from admission on; SGLang sets memory for states aside. Sizes
 * count all GPUs of a replica as one pool (the tightest GPU decides). */
struct xo_kv_room {
    int64_t room_bytes;
    int64_t full_block_bytes;   /* of the layers that see the whole context */
    int64_t window_block_bytes; /* of the windowed layers; 0: none */
    int64_t window_blocks;      /* most window blocks a sequence holds; 0: none */
    int64_t state_bytes;        /* of a sequence however long it is; 0: none, or set aside */
    int64_t most_sequences;     /* states set aside are for so many; 0: no limit */
    int block_tokens;           /* 16 */
    int n_ranks; /* attention ranks that have equal parts of it: a sequence is on one; 0: one */
};
/* Bytes that a sequence of `tokens` holds: whole blocks and its state. */
double xo_kv_sequence_bytes(const struct xo_kv_room *room, double tokens);
/* The room in tokens as engines print it: of one attention rank, in requests as long as the model's
 * context (kv_tokens.c). */
double xo_kv_room_tokens(const struct xo_deployment *d, const struct xo_kv_room *room);
/* Fails with XO_ERR_INPUT when the weights do not fit, or not with d->kv_room_tokens beside them:
 * says how many GB they need and what is there. */
XO_MUST_USE bool xo_kv_room(const struct xo_deployment *d, struct xo_kv_room *room,
                            struct xo_error *err);

/* ---- the step ---- */

/* What one forward pass works on. Decoding sequences each process one token. */
struct xo_batch {
    int n_decode;      /* B */
    int64_t kv_tokens; /* K: context the decoding sequences attend to, their new token included */
    int64_t
        kv_window_tokens; /* the same, each sequence cut to the window; = kv_tokens without one */
    int n_below_window; /* decoding sequences still shorter than the window; n_decode without one */
    int64_t prefill_tokens; /* P: prompt tokens in this step's chunks */
    double
        prefill_pairs; /* sum over chunks of c*(s + (c+1)/2): attention work of the full layers */
    double prefill_window_pairs;   /* the same with each query's context cut to the window */
    int64_t prefill_reread_tokens; /* sum over chunks of s: KV read again */
    int n_prompts_done;            /* chunks that complete a prompt: their last row is sampled */
    int n_chunks;                  /* of prompts in this step; >= 1 with prefill_tokens */
    int n_leading_chunks;    /* those with no prompt chunk right ahead of them in the pipeline, each
                                in one micro-batch; 0: this step's follow those of the step before */
    int64_t repeated_tokens; /* > 0: one prompt takes a chunk of this size in this step and in those
                                that follow, so that pairs and tokens read again grow by as much
                                from step to step; 0: the next step has other prompt work */
    double window_pairs_growth; /* of prefill_window_pairs, then: 0 beyond the window, else c*c */
};

/* Context pairs of the queries first+1 .. first+n, each of which sees at most `window` tokens. */
double xo_window_pairs(int64_t first, int64_t n, int64_t window);
/* n_decode sequences of one length that attend to kv_tokens in all, and the last chunk of a prompt,
 * of prefill_tokens (0: none) after reread_tokens in chunks before it, which it follows. */
struct xo_batch xo_batch_of_alike(const struct xo_model *model, int n_decode, int64_t kv_tokens,
                                  int64_t prefill_tokens, int64_t reread_tokens);

/* The time of this step and of the steps that follow if nothing joins or leaves the batch: step j
 * (0-based) takes first_s + j*slope_s for 0 <= j < n_valid, where each decoding sequence's context
 * grows by one a step. n_valid is cut where a max() switches (floor to bandwidth, bandwidth to
 * flops); the caller cuts further where a sequence reaches the window, or a prompt its end. With
 * prefill work that is not repeated n_valid is 1. */
struct xo_step {
    double first_s, slope_s;
    int64_t n_valid;     /* >= 1; INT64_MAX: for ever */
    double weight_bytes; /* read from memory in each such step, over all GPUs: for MBU */
};

/* A deployment compiled for the hot loop. Opaque to nobody but written by xo_step_model_init alone.
 */
struct xo_step_model;
XO_MUST_USE struct xo_step_model *xo_step_model_new(const struct xo_deployment *d,
                                                    struct xo_error *err);
void xo_step_model_free(struct xo_step_model *m);
/* A step model whose every step takes tau_s, whatever is in it: for tests against queueing theory.
 */
XO_MUST_USE struct xo_step_model *xo_step_model_constant(double tau_s, struct xo_error *err);

/* Cannot fail: an empty batch (no decode, no prefill) is a bug, and asserted. Tens of ns. */
void xo_step_at(const struct xo_step_model *m, const struct xo_batch *batch, struct xo_step *step);

/* Where the time of a step goes. */
enum xo_step_part {
    XO_PART_STEP,       /* host: scheduler, sampling, launch */
    XO_PART_LAYERS,     /* the same a layer, and the kernels of indexers */
    XO_PART_MOE_LAYERS, /* and a MoE layer */
    XO_PART_SEQUENCES,  /* a sampled sequence, with its state in linear layers, the window beside
                           entries */
    XO_PART_HEAD,
    XO_PART_PROJECTIONS, /* linear layers: of attention, ... */
    XO_PART_MLP,         /* ... dense MLPs and shared experts, ... */
    XO_PART_ROUTER,
    XO_PART_EXPERTS,
    XO_PART_ELEMENTWISE, /* norms, residuals, gates, quantized activations, gathered tokens */
    XO_PART_ALL_REDUCES,
    XO_PART_DISPATCHES,       /* between attention ranks, and combines */
    XO_PART_HOPS,             /* between pipeline stages */
    XO_PART_FULL_ATTENTION,   /* of decoding: all of the context, which indexers read too */
    XO_PART_WINDOW_ATTENTION, /* of decoding: a window, or what an indexer picks */
    XO_PART_PROMPT_ATTENTION,
    XO_N_STEP_PARTS
};
struct xo_part_time {
    double memory_s, compute_s; /* of its bytes and of its flops alone; 0: it has none */
    double seconds;             /* what it takes */
};
struct xo_step_parts {
    struct xo_part_time parts[XO_N_STEP_PARTS];
    double total_s; /* first_s of xo_step_at: the sum of their seconds, to rounding */
};
/* Fails as xo_step_model_new does. The batch is as for xo_step_at. */
XO_MUST_USE bool xo_step_parts_at(const struct xo_deployment *d, const struct xo_batch *batch,
                                  struct xo_step_parts *parts, struct xo_error *err);

/* Bytes of weights on the fullest GPU, and their sum. Experts: all that it holds. */
struct xo_gpu_weights {
    double attention_bytes, mlp_bytes, expert_bytes, router_bytes, norm_bytes, embedding_bytes,
        head_bytes, tower_bytes, total_bytes;
};
XO_MUST_USE bool xo_gpu_weights(const struct xo_deployment *d, struct xo_gpu_weights *weights,
                                struct xo_error *err);

/* Constants for tallies of MFU and MBU: flops of the linear layers per token, of attention per
 * (query, key) pair in full and in windowed layers, bytes of KV read per context token in full and
 * windowed layers; peak flops and bytes/s of the whole replica. */
struct xo_work_rates {
    double linear_flop_per_token, full_flop_per_pair, window_flop_per_pair;
    double full_kv_bytes_per_token, window_kv_bytes_per_token;
    double peak_flop_per_s, peak_bytes_per_s;
    int window_tokens; /* or what an indexer picks; 0: neither */
};
const struct xo_work_rates *xo_step_work_rates(const struct xo_step_model *m);

/* Power of one GPU in W at a mean activity: idle + (busy - idle)*f(busy_frac, mfu, mbu). */
double xo_gpu_power_w(const struct xo_gpu *gpu, double busy_frac, double mbu_frac, double mfu_frac);

#endif
