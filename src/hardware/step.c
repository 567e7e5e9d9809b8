/* step.c - how long one forward pass takes (docs/model.md, "Step time and KV capacity").
 *
 *   step = fixed + head(sampled rows) + linear(tokens) + decode attention + prompt attention
 *
 * All that depends on the number of tokens alone (weights, distinct experts, exchanges, flops) is
 * tabulated once; what is left is a straight line in the context. With p pipeline stages a step is
 * one round: p micro-batches one behind the other, so p times as long as the busiest of them takes
 * on the slowest stage with a hop. Whole sequences are dealt out to them; a prompt's chunk is cut
 * only where it stands for the chunks that follow one another through the stages (spread_over
 * below). Attention ranks run in lock-step: what each does by itself lasts as long as the busiest
 * takes with the whole sequences and chunks that it has. Left out: padding of CUDA graphs.
 *
 * The state is a struct xo_step_model: the tables and the slopes and floors of the lines. It does
 * not change once it is made, so threads share it. xo_step_parts_at works the same step out part by
 * part, for people. Constants and exponents are fitted, each with its evidence beside it. Begin
 * with xo_step_model_new, linear and xo_step_at.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { MAX_ROWS = 32769 };
static const double pcie_bytes_per_s = 25e9; /* PCIe 4.0 x16 in practice, where no link is stated */

/* The part of a step that its number of tokens decides. */
struct row {
    double seconds, weight_bytes;
};

/* By tokens of a rank, what it does by itself; by those of all, what they do together; or both. */
struct table {
    bool has_own, has_all;
    int64_t n_rows; /* rows[n_rows]: 0 .. n_rows-1 tokens; beyond, each token adds growth_s */
    struct row *rows;
    double growth_s;
};

struct xo_step_model {
    struct xo_work_rates rates;
    int stages, ranks;
    bool prompts_gather;
    struct table all; /* has both where there is one rank */
    struct table own; /* of several ranks, else empty */

    double decode_s, prefill_s, sequence_s; /* fixed, without and with prompt chunks */
    double head_read_s, head_row_s;         /* LM head: its weights; flops of a sampled row */
    double full_floor_s, full_kv_s;         /* decode attention: max(floor_s, kv_s * K) */
    double window_floor_s, window_kv_s;
    double full_pair_s, window_pair_s, reread_s; /* prompt attention: max(flops, bytes) */
};

/* ---- what depends on the number of tokens ---- */

/* Seconds of one exchange in which `bytes` pass each of `n_gpus` links:
 *
 *   latency + ideal/link_frac + c*sqrt(ideal),  ideal = bytes / link,  c = 3.5e-3 sqrt(s)
 *
 * The root is the passage from latency to bandwidth: fitted on 252 measured all-reduces of five
 * GPUs (docs/model.md). Over PCIe messages cross the root complex GPU by GPU: on 2, 4 and 8 RTX PRO
 * 6000 an all-reduce takes 7, 13 and 24 us at least, and reaches 0.6, 0.4 and 0.4 of the link; 3 to
 * 6 us and 0.7 behind NVSwitch whatever their number. */
static double exchange_s(const struct xo_deployment *d, double n_gpus, double bytes)
{
    const struct xo_efficiency *e = &d->efficiency;
    const double link = d->gpu.link_bytes_per_s > 0 ? d->gpu.link_bytes_per_s : pcie_bytes_per_s;
    const double ideal = bytes / link;
    const double frac = e->link_frac * (d->gpu.link_is_switched ? 1 : 0.6);
    const double latency = e->allreduce_latency_s * (d->gpu.link_is_switched ? 1 : n_gpus / 2);
    return latency + ideal / frac + 3.5e-3 * sqrt(ideal);
}

/* Seconds in which a stage passes the activations of its `own` tokens (of one rank) and of `tokens`
 * (of all) between its GPUs, in 16 bits; 0: leaves out what goes with those. Two all-reduces a
 * layer (one where it has no MLP) within tensor_parallel, which send 2(n-1)/n of the bytes over
 * each link (Patarasuk and Yuan, JPDC 69(2), 2009); with attention_dp a dispatch and a combine a
 * MoE layer, which send the other ranks' tokens, as wide as routed experts see them (LatentMoE
 * projects before: routed_input_transform of vllm's MoERunner); with stages a hop. */
static double all_exchanges_s(const struct xo_deployment *d, const struct xo_shard *s, double own,
                              double tokens, struct xo_part_time parts[XO_N_STEP_PARTS])
{
    const double bytes = 2 * own * d->model.hidden, n = d->tensor_parallel;
    const double routed_bytes = 2 * ceil(tokens / s->ranks) * xo_expert_hidden(&d->model);
    double reduces = 0, dispatches = 0, hops = 0;
    if (own > 0 && d->tensor_parallel > 1)
        reduces = (2 * s->layers - s->bare_layers) * exchange_s(d, n, 2 * (n - 1) / n * bytes);
    if (tokens > 0 && s->ranks > 1)
        dispatches =
            2 * s->moe_layers * exchange_s(d, s->stage_gpus, (s->ranks - 1) * routed_bytes / n);
    if (own > 0 && s->stages > 1)
        hops = exchange_s(d, 2, bytes / n);
    parts[XO_PART_ALL_REDUCES].seconds = reduces;
    parts[XO_PART_DISPATCHES].seconds = dispatches;
    parts[XO_PART_HOPS].seconds = hops;
    return reduces + dispatches + hops;
}

/* Bytes and flops of one kernel overlap, but not wholly: cbrt(bytes_s^3 + flops_s^3) in place of
 * the larger of the two. At the ridge a GEMM then takes 26 % longer than its roofline; GEMMs of 256
 * rows measured on an H100 take 23 to 31 % longer (docs/model.md). */
static struct xo_part_time overlapped(double bytes_s, double flops_s)
{
    return (struct xo_part_time){ bytes_s, flops_s,
                                  cbrt(bytes_s * bytes_s * bytes_s + flops_s * flops_s * flops_s) };
}

/* A GPU whose data sheet promises more flops a watt than an H100 SXM (989 Tflop/s in 700 W) runs
 * out of power before it gets there: MFU falls as the watts a flop do, to this power, fitted
 * (docs/model.md). */
static const double h100_w_per_flop_per_s = 700 / 989.4e12, power_exponent = 0.7;

static double power_limit(const struct xo_gpu *gpu)
{
    const double share = gpu->power_busy_w / gpu->bf16_flop_per_s / h100_w_per_flop_per_s;
    return share > 0 && share < 1 ? pow(share, power_exponent) : 1;
}

static bool is_4bit(enum xo_dtype weights)
{
    return xo_dtype_bits(weights) < 8; /* scales included */
}

/* Do fp4 units multiply the weights (NVFP4, MXFP4 on Blackwell)? Other 4-bit weights are unpacked.
 */
static bool computes_in_4bit(const struct xo_deployment *d)
{
    return is_4bit(d->weights) &&
           xo_compute_flop_per_s(&d->gpu, d->weights) > d->gpu.bf16_flop_per_s;
}

/* Seconds per byte and per flop of linear layers whose weights are kept in `weights`. */
struct pace {
    double s_per_byte, s_per_flop;
};
static struct pace pace_of(const struct xo_deployment *d, enum xo_dtype weights)
{
    const struct xo_efficiency *e = &d->efficiency;
    const double peak = xo_compute_flop_per_s(&d->gpu, weights);
    const double mbu = is_4bit(weights) ? e->mbu_4bit_frac : e->mbu_weights_frac;
    const double mfu = peak <= d->gpu.bf16_flop_per_s ? e->mfu_linear_frac
                       : weights == XO_NVFP4          ? e->mfu_4bit_frac
                                                      : e->mfu_8bit_frac;
    return (struct pace){ 1 / (d->gpu.hbm_bytes_per_s * mbu),
                          1 / (peak * mfu * power_limit(&d->gpu)) };
}

/* Grouped GEMMs of routed experts reach `share` of the peak: an expert's rows are rounded up to
 * tiles, `pad_rows` more in the mean, and its slice of `width` columns on a GPU fills the
 * multiprocessors to width/(width + half_width). The faster the arithmetic, the wider a slice has
 * to be: half_width is 80 columns for each Pflop/s of the peak. The numbers are those of 4,736
 * kernels of A100, H100 and B200 in 16, 8 and 4 bits (docs/model.md, "Experts"); 8 bits, most of
 * them scaled by blocks, reach less. Where 4-bit weights are unpacked and met by 16-bit arithmetic
 * (Marlin, Triton), so little of the peak is left that no width shows. */
struct grouped {
    double share, half_width, pad_rows;
};
static struct grouped grouped_of(const struct xo_deployment *d)
{
    static const double share_8bit = 0.77, share_unpacked = 0.25, pad = 48;
    static const double columns_per_flop_per_s = 80e-15;
    const struct xo_efficiency *e = &d->efficiency;
    const double half_width = columns_per_flop_per_s * xo_compute_flop_per_s(&d->gpu, d->weights);
    if (computes_in_4bit(d))
        return (struct grouped){ e->mfu_experts_4bit_frac, half_width, pad };
    if (is_4bit(d->weights))
        return (struct grouped){ share_unpacked * e->mfu_experts_frac, 0, 33 };
    const bool half = xo_dtype_bits(d->weights) >= 16;
    return (struct grouped){ (half ? 1 : share_8bit) * e->mfu_experts_frac, half_width, pad };
}

/* The routed experts of a micro-batch of `tokens`, which hit `distinct` of them. The busiest GPU
 * has more than its share of experts and of their tokens where whole experts are spread. */
static struct xo_part_time experts_time(const struct xo_deployment *d, const struct xo_shard *s,
                                        double tokens, double distinct)
{
    const struct grouped g = grouped_of(d);
    const double skew = d->expert_parallel > 1 ? d->efficiency.expert_imbalance : 1;
    const double hit = fmin(s->experts_held, distinct / d->expert_parallel * skew);
    const double rows = tokens * d->model.experts_per_token / d->expert_parallel * skew;
    const double flop_per_s = xo_compute_flop_per_s(&d->gpu, d->weights) * power_limit(&d->gpu) *
                              g.share * s->expert_width / (s->expert_width + g.half_width);
    return overlapped(hit * s->one_expert_bytes * pace_of(d, d->weights).s_per_byte,
                      (rows + hit * g.pad_rows) * s->expert_flop / flop_per_s);
}

/* Reading and writing a value once more, where arithmetic in fewer bits than 16 wants it quantized.
 */
static double again(const struct xo_deployment *d, enum xo_dtype weights)
{
    return xo_compute_flop_per_s(&d->gpu, weights) > d->gpu.bf16_flop_per_s ? 1.5 : 0;
}

/* Seconds of the kernels between the GEMMs, which move activations alone; `own` tokens of a
 * rank, `tokens` of all. In values of 16 bits a token and layer: two norms with their residuals, 4
 * hidden sizes each, half of which an all-reduce passes on the way where there is one; rotation and
 * attention's output, 4 hidden sizes over tensor_parallel; an MLP's gate, 3 widths. Activations
 * that are quantized are read and written again at half the size. Of each routed token its expert
 * gathers and sums 4 hidden sizes. Hyper-connections read n streams before each attention and MLP,
 * and read and write them behind it. Counted, not fitted (docs/model.md, "Kernels between the
 * GEMMs"). */
static double elementwise_s(const struct xo_deployment *d, const struct xo_shard *s, double own,
                            double tokens)
{
    const struct xo_model *m = &d->model;
    const double tp = d->tensor_parallel, h = m->hidden, streams = m->residual_streams;
    const double norms = streams > 0 ? 2 * (3 * streams + 4) : tp > 1 ? 4 : 8;
    const double attention_again = again(d, s->attention_type), mlp_again = again(d, s->mlp_type);
    const double width = (s->layers - s->moe_layers - s->bare_layers) * m->intermediate +
                         s->moe_layers * m->shared_experts * m->expert_intermediate;
    const double each = s->layers * (norms + 4 / tp + attention_again + mlp_again) * h +
                        (3 + mlp_again) * width / tp - s->bare_layers * (norms / 2 + mlp_again) * h;
    const double routed = s->moe_layers * m->experts_per_token / d->expert_parallel *
                          ((4 + again(d, d->weights)) * xo_expert_hidden(m) + 3 * s->expert_width);
    return 2 * (own * each + tokens * routed) /
           (d->gpu.hbm_bytes_per_s * d->efficiency.mbu_weights_frac);
}

/* One micro-batch through a stage's linear layers and its exchanges: `own` tokens of a rank and
 * `tokens` of all; 0 leaves out what goes with those. Every weight is read once. Its parts go to
 * parts[]. */
static struct row linear(const struct xo_deployment *d, const struct xo_shard *s, double own,
                         double tokens, double distinct, struct xo_part_time parts[XO_N_STEP_PARTS])
{
    const struct pace half = pace_of(d, XO_BF16);
    const struct pace attention = pace_of(d, s->attention_type), mlp = pace_of(d, s->mlp_type);
    const bool moe = s->moe_layers > 0;
    double bytes = 0, moe_bytes = 0;
    for (int i = 0; i < XO_N_STEP_PARTS; i++)
        parts[i] = (struct xo_part_time){ 0 };
    if (own > 0) {
        parts[XO_PART_PROJECTIONS] = overlapped(s->attention_bytes * attention.s_per_byte,
                                                own * s->attention_flop * attention.s_per_flop);
        parts[XO_PART_MLP] =
            overlapped(s->mlp_bytes * mlp.s_per_byte, own * s->mlp_flop * mlp.s_per_flop);
        bytes = s->attention_bytes + s->mlp_bytes;
    }
    if (own > 0 && moe) {
        parts[XO_PART_ROUTER] =
            overlapped(s->router_bytes * half.s_per_byte, own * s->router_flop * half.s_per_flop);
        moe_bytes = s->router_bytes;
    }
    if (tokens > 0 && moe) {
        parts[XO_PART_EXPERTS] = experts_time(d, s, tokens, distinct);
        moe_bytes += distinct / d->expert_parallel * s->one_expert_bytes;
    }
    parts[XO_PART_ELEMENTWISE].memory_s = parts[XO_PART_ELEMENTWISE].seconds =
        elementwise_s(d, s, own, tokens);
    double seconds = parts[XO_PART_PROJECTIONS].seconds + parts[XO_PART_MLP].seconds;
    seconds += parts[XO_PART_ROUTER].seconds + parts[XO_PART_EXPERTS].seconds;
    seconds += parts[XO_PART_ELEMENTWISE].seconds;
    return (struct row){ seconds + all_exchanges_s(d, s, own, tokens, parts), bytes + moe_bytes };
}

/* Beyond its end a table goes on as it does over this many rows: whole micro-batches and ranks. */
static int64_t rows_back(const struct table *t, const struct xo_shard *s)
{
    const int64_t whole = (int64_t)s->stages * s->ranks;
    return t->n_rows - 1 > whole ? whole : 1;
}

/* The chance that a further token hits a given expert that was not hit yet. Routing is skewed, so
 * that fewer experts are hit than evenly spread tokens would hit: 0.85 of the even chance; kernels
 * on power-law routing take 0.8 to 1, decode steps of nine models 0.84. */
static double hit_chance(const struct xo_model *m)
{
    static const double skewed = 0.85;
    return m->experts > 0 ? skewed * m->experts_per_token / m->experts : 0;
}

/* Distinct experts that `tokens` hit: the first k of them, E - (E - k)*(1 - p)^(n - 1) all. */
static double distinct_experts(const struct xo_model *m, double tokens)
{
    const double missed = m->experts - m->experts_per_token;
    return tokens > 0 ? m->experts - missed * pow(1 - hit_chance(m), tokens - 1) : 0;
}

/* Distinct experts come by recurrence, since a table has many rows. */
static void tabulate(struct table *t, const struct xo_deployment *d, const struct xo_shard *s)
{
    const struct xo_model *m = &d->model;
    const double one_hit = hit_chance(m);
    struct xo_part_time unused[XO_N_STEP_PARTS];
    double distinct = 0;
    int64_t tokens = 0; /* of the micro-batch that `distinct` belongs to */
    for (int64_t i = 1; i < t->n_rows; i++) {
        const int64_t micro = (i + s->stages - 1) / s->stages;
        for (; tokens < micro; tokens++)
            distinct =
                tokens == 0 ? m->experts_per_token : distinct + (m->experts - distinct) * one_hit;
        const struct row r = linear(d, s, t->has_own ? (double)micro : 0,
                                    t->has_all ? (double)micro : 0, distinct, unused);
        const double head_bytes = t->has_all ? s->head_bytes : 0;
        const double bytes = (r.weight_bytes * s->stages + head_bytes) * s->stage_gpus;
        t->rows[i] = (struct row){ r.seconds * s->stages, bytes * s->stages };
    }
    const int64_t last = t->n_rows - 1, back = rows_back(t, s);
    t->growth_s = (t->rows[last].seconds - t->rows[last - back].seconds) / (double)back;
}

static bool table_init(struct table *t, const struct xo_deployment *d, const struct xo_shard *s,
                       bool has_own, bool has_all, struct xo_error *err)
{
    const int64_t of_a_rank = s->stages * d->chunk_tokens + d->max_batch;
    const int64_t want = of_a_rank * (has_all ? s->ranks : 1) + s->stages + 1;
    *t = (struct table){ has_own, has_all, .n_rows = want > MAX_ROWS ? MAX_ROWS : want };
    t->rows = calloc((size_t)t->n_rows, sizeof t->rows[0]);
    if (t->rows == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a step table of %lld rows",
                       (long long)t->n_rows);
    tabulate(t, d, s);
    return true;
}

/* ---- the rest ---- */

/* A GPU reads KV at h/(h + 1) of its best rate where it holds h KV heads: a decode attention has a
 * block of threads for each sequence and KV head, and few of them leave memory idle. Fitted: the
 * time a byte takes is 1.9, 1.4, 1.1 and 1.0 times that of 8 heads with 1, 2, 4 and 16 of them, on
 * tp of 1 to 8 alike (docs/model.md). MLA's latent is one head. */
static const double kv_heads_half = 1;

/* Seconds a layer of one GPU: a token of KV read, and a (query, key) pair's flops. */
struct attention_pace {
    double kv_s, decode_flop_s, prefill_flop_s;
};
static struct attention_pace attention_pace_of(const struct xo_deployment *d,
                                               const struct xo_attention *a, double peak_flop_per_s)
{
    const struct xo_efficiency *e = &d->efficiency;
    const double flop_per_s = peak_flop_per_s * e->mfu_attention_frac;
    return (struct attention_pace){ a->kv_layer_bytes / (d->gpu.hbm_bytes_per_s * e->mbu_kv_frac) *
                                        (1 + kv_heads_half / a->kv_heads),
                                    a->decode_pair_flop / flop_per_s,
                                    a->prefill_pair_flop / flop_per_s };
}

/* All layers that see a context of one length: how many, and on one rank their seconds and work by
 * token or pair. */
struct all_layers {
    double layers, kv_s, decode_flop_s, prefill_flop_s, kv_bytes, pair_flop;
};
static void add_layers(struct all_layers *sum, const struct xo_deployment *d,
                       const struct xo_attention *a, double peak_flop_per_s)
{
    const struct attention_pace pace = attention_pace_of(d, a, peak_flop_per_s);
    sum->layers += a->layers;
    sum->kv_s += pace.kv_s / d->attention_dp * a->layers;
    sum->decode_flop_s += pace.decode_flop_s / d->attention_dp * a->layers;
    sum->prefill_flop_s += pace.prefill_flop_s / d->attention_dp * a->layers;
    sum->kv_bytes += a->kv_layer_bytes * a->layers;
    sum->pair_flop += a->decode_pair_flop * a->layers;
}

/* A step tells two lengths of context apart: all of it, and what a window or an indexer leaves.
 * With sparse attention the indexers, which compute in 8 bits, read all of it, as do layers without
 * a choice; the others are cut to the choice. */
static struct all_layers whole_context(const struct xo_deployment *d, const struct xo_shard *s)
{
    struct all_layers sum = { 0 };
    add_layers(&sum, d, &s->full, d->gpu.bf16_flop_per_s);
    add_layers(&sum, d, &s->index, xo_compute_flop_per_s(&d->gpu, XO_FP8));
    return sum;
}
static struct all_layers cut_context(const struct xo_deployment *d, const struct xo_shard *s)
{
    struct all_layers sum = { 0 };
    add_layers(&sum, d, &s->window, d->gpu.bf16_flop_per_s);
    add_layers(&sum, d, &s->picked, d->gpu.bf16_flop_per_s);
    return sum;
}

/* The window that layers of compressed attention have besides, full: so much each sampled sequence.
 */
static double beside_s(const struct xo_deployment *d, const struct xo_shard *s)
{
    const double kv_s = attention_pace_of(d, &s->window, d->gpu.bf16_flop_per_s).kv_s;
    return s->beside_layers > 0 ? d->model.window_tokens * kv_s * s->beside_layers / s->ranks : 0;
}

/* Linear attention reads and writes the state of a sequence, of the layers of a stage: of p
 * micro-batches, p steps of a stage with 1/p of the sequences. */
static double states_s(const struct xo_deployment *d, const struct xo_shard *s)
{
    const double bytes = xo_model_linear_state_bytes(&d->model) * s->layers / d->model.layers;
    return 2 * bytes /
           (d->tensor_parallel * s->ranks * d->gpu.hbm_bytes_per_s * d->efficiency.mbu_kv_frac);
}

static void set_attention(struct xo_step_model *t, const struct xo_deployment *d,
                          const struct xo_shard *s)
{
    const struct all_layers whole = whole_context(d, s), cut = cut_context(d, s);
    const double floor_s = d->efficiency.attention_floor_s * s->stages;
    /* p micro-batches of 1/p of the tokens: the work of a stage is that of the whole batch */
    t->full_floor_s = floor_s * whole.layers;
    t->window_floor_s = floor_s * cut.layers;
    t->full_kv_s = fmax(whole.kv_s, whole.decode_flop_s);
    t->window_kv_s = fmax(cut.kv_s, cut.decode_flop_s);
    t->full_pair_s = whole.prefill_flop_s;
    t->window_pair_s = cut.prefill_flop_s;
    t->reread_s = whole.kv_s + cut.kv_s;
}

/* Seconds of the host a layer, and more of them a MoE layer. */
struct host_pace {
    double layer_s, moe_s;
};
/* Kernels of an indexer, each step and layer that has one: they quantize queries and keys, score,
 * pick the best and list them for the attention. 45 to 75 us on B200 (docs/model.md, "Sparse
 * attention"). */
static const double indexer_s = 60e-6;

/* A MoE layer with prompt chunks is launched kernel by kernel, and by each GPU of a stage, that all
 * wait for each other: this much more each time their number doubles. Fitted on the TTFT of 560
 * published runs (docs/model.md, "Prompts of MoE models"). */
static const double prefill_per_doubling = 0.3;

static struct host_pace host_pace_of(const struct xo_deployment *d, bool prefills)
{
    const struct xo_efficiency *e = &d->efficiency;
    const double gpus_factor =
        1 + prefill_per_doubling * log2(d->tensor_parallel * d->attention_dp);
    if (prefills)
        return (struct host_pace){ e->layer_prefill_s, e->moe_prefill_s * gpus_factor };
    return (struct host_pace){ e->layer_decode_s,
                               computes_in_4bit(d) ? e->moe_decode_4bit_s : e->moe_decode_s };
}

static void set_fixed(struct xo_step_model *t, const struct xo_deployment *d,
                      const struct xo_shard *s)
{
    const struct xo_efficiency *e = &d->efficiency;
    const struct host_pace decode = host_pace_of(d, false), prefill = host_pace_of(d, true);
    const double indexers = indexer_s * s->index.layers * s->stages;
    t->decode_s = e->step_s +
                  (decode.layer_s * s->layers + decode.moe_s * s->moe_layers) * s->stages +
                  indexers;
    t->prefill_s = e->step_s +
                   (prefill.layer_s * s->layers + prefill.moe_s * s->moe_layers) * s->stages +
                   indexers;
    t->sequence_s = e->sequence_s + beside_s(d, s) + states_s(d, s);
    t->head_read_s = s->head_bytes / (d->gpu.hbm_bytes_per_s * e->mbu_weights_frac);
    t->head_row_s = s->head_flop * pace_of(d, XO_BF16).s_per_flop / s->ranks;
}

static struct xo_work_rates work_rates(const struct xo_deployment *d, const struct xo_shard *s)
{
    const double tp = d->tensor_parallel, gpus = xo_deployment_gpus(d);
    const double stages = s->stages, g = s->stage_gpus;
    const double routed = (double)d->model.experts_per_token / d->expert_parallel;
    const struct all_layers whole = whole_context(d, s), cut = cut_context(d, s);
    return (struct xo_work_rates){
        .linear_flop_per_token = ((s->attention_flop + s->mlp_flop) * tp + s->router_flop +
                                  routed * s->expert_flop * g) *
                                 stages,
        .full_flop_per_pair = whole.pair_flop * tp * stages,
        .window_flop_per_pair = cut.pair_flop * tp * stages,
        .full_kv_bytes_per_token = whole.kv_bytes * tp * stages,
        .window_kv_bytes_per_token = cut.kv_bytes * tp * stages,
        .peak_flop_per_s = xo_compute_flop_per_s(&d->gpu, d->weights) * gpus,
        .peak_bytes_per_s = d->gpu.hbm_bytes_per_s * gpus,
        .window_tokens = xo_model_window(&d->model),
    };
}

static bool efficiency_check(const struct xo_efficiency *e, struct xo_error *err)
{
    const struct {
        const char *name;
        double value, min, max;
    } rows[] = {
        { "mbu_weights", e->mbu_weights_frac, 1e-3, 1 },
        { "mbu_kv", e->mbu_kv_frac, 1e-3, 1 },
        { "mfu_linear", e->mfu_linear_frac, 1e-3, 1 },
        { "mfu_attention", e->mfu_attention_frac, 1e-3, 1 },
        { "mfu_8bit", e->mfu_8bit_frac, 1e-3, 1 },
        { "mfu_4bit", e->mfu_4bit_frac, 1e-3, 1 },
        { "mfu_experts", e->mfu_experts_frac, 1e-3, 1 },
        { "mfu_experts_4bit", e->mfu_experts_4bit_frac, 1e-3, 1 },
        { "mbu_4bit", e->mbu_4bit_frac, 1e-3, 1 },
        { "link_frac", e->link_frac, 1e-3, 1 },
        { "step time", e->step_s, 0, 10 },
        { "layer time in decoding", e->layer_decode_s, 0, 1 },
        { "layer time in prefill", e->layer_prefill_s, 0, 1 },
        { "MoE layer time in decoding", e->moe_decode_s, 0, 1 },
        { "MoE layer time in decoding of 4 bits", e->moe_decode_4bit_s, 0, 1 },
        { "MoE layer time in prefill", e->moe_prefill_s, 0, 1 },
        { "attention floor", e->attention_floor_s, 0, 1 },
        { "sequence time", e->sequence_s, 0, 1 },
        { "all-reduce latency", e->allreduce_latency_s, 0, 1 },
        { "expert imbalance", e->expert_imbalance, 1, 1000 },
        { "step scale", e->step_scale, 1e-6, 1e6 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!(rows[i].value >= rows[i].min && rows[i].value <= rows[i].max))
            return xo_fail(err, XO_ERR_INPUT, "efficiency: %s is %g; it takes %g to %g",
                           rows[i].name, rows[i].value, rows[i].min, rows[i].max);
    return true;
}

/* Every time above times the scale of steps. */
static void scale(struct xo_step_model *t, double by)
{
    double *const times[] = { &t->all.growth_s,   &t->own.growth_s, &t->decode_s,
                              &t->prefill_s,      &t->sequence_s,   &t->head_read_s,
                              &t->head_row_s,     &t->full_floor_s, &t->full_kv_s,
                              &t->window_floor_s, &t->window_kv_s,  &t->full_pair_s,
                              &t->window_pair_s,  &t->reread_s };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        *times[i] *= by;
    for (int64_t i = 0; i < t->all.n_rows; i++)
        t->all.rows[i].seconds *= by;
    for (int64_t i = 0; i < t->own.n_rows; i++)
        t->own.rows[i].seconds *= by;
}

struct xo_step_model *xo_step_model_new(const struct xo_deployment *d, struct xo_error *err)
{
    struct xo_shard s;
    if (!efficiency_check(&d->efficiency, err) || !xo_shard_init(&s, d, err))
        return NULL;
    struct xo_step_model *t = calloc(1, sizeof *t);
    if (t == NULL) {
        xo_fail(err, XO_ERR_MEMORY, "out of memory for a step model");
        return NULL;
    }
    if (!table_init(&t->all, d, &s, s.ranks == 1, true, err) ||
        (s.ranks > 1 && !table_init(&t->own, d, &s, true, false, err))) {
        xo_step_model_free(t);
        return NULL;
    }
    set_attention(t, d, &s);
    set_fixed(t, d, &s);
    t->rates = work_rates(d, &s);
    t->stages = s.stages;
    t->ranks = s.ranks;
    t->prompts_gather = d->prompts_gather;
    scale(t, xo_step_scale_of(d));
    return t;
}

struct xo_step_model *xo_step_model_constant(double tau_s, struct xo_error *err)
{
    if (!(tau_s > 0 && isfinite(tau_s))) {
        xo_fail(err, XO_ERR_INPUT, "a constant step takes %g s; it must be positive", tau_s);
        return NULL;
    }
    struct xo_step_model *t = calloc(1, sizeof *t);
    struct row *rows = calloc(1, sizeof *rows);
    if (t == NULL || rows == NULL) {
        free(t);
        free(rows);
        xo_fail(err, XO_ERR_MEMORY, "out of memory for a step model");
        return NULL;
    }
    *t = (struct xo_step_model){ .stages = 1,
                                 .ranks = 1,
                                 .all = { .n_rows = 1, .rows = rows },
                                 .decode_s = tau_s,
                                 .prefill_s = tau_s };
    t->rates = (struct xo_work_rates){ .peak_flop_per_s = 1, .peak_bytes_per_s = 1 };
    return t;
}

void xo_step_model_free(struct xo_step_model *m)
{
    if (m == NULL)
        return;
    free(m->all.rows);
    free(m->own.rows);
    free(m);
}

const struct xo_work_rates *xo_step_work_rates(const struct xo_step_model *m)
{
    return &m->rates;
}

/* One decode-attention curve, max(floor, kv_s * context), from `context` on with `grows` more a
 * step: adds its first value and slope, and cuts n_valid where it leaves the floor. */
static inline void add_curve(struct xo_step *step, double floor_s, double kv_s, int64_t context,
                             int64_t grows)
{
    const double now = kv_s * (double)context;
    if (now >= floor_s) {
        step->first_s += now;
        step->slope_s += kv_s * (double)grows;
        return;
    }
    step->first_s += floor_s;
    const double growth = kv_s * (double)grows;
    if (growth <= 0)
        return;
    const double steps = (floor_s - now) / growth; /* > 0: as many steps stay on the floor */
    if (steps < (double)(step->n_valid - 1))
        step->n_valid = (int64_t)steps + 1;
}

/* ---- batches ---- */

double xo_window_pairs(int64_t first, int64_t n, int64_t window)
{
    const int64_t below = first >= window ? 0 : first + n <= window ? n : window - first;
    return (double)below * ((double)first + 0.5 * (double)(below + 1)) +
           (double)(n - below) * (double)window;
}

struct xo_batch xo_batch_of_alike(const struct xo_model *model, int n_decode, int64_t kv_tokens,
                                  int64_t prefill_tokens, int64_t reread_tokens)
{
    const int64_t window = xo_model_window(model) > 0 ? xo_model_window(model) : INT64_MAX;
    const bool below = n_decode > 0 && kv_tokens / n_decode < window;
    const bool prefills = prefill_tokens > 0;
    return (struct xo_batch){
        .n_decode = n_decode,
        .kv_tokens = kv_tokens,
        .kv_window_tokens = below ? kv_tokens : n_decode * window,
        .n_below_window = below ? n_decode : 0,
        .prefill_tokens = prefill_tokens,
        .prefill_pairs = xo_window_pairs(reread_tokens, prefill_tokens, INT64_MAX),
        .prefill_window_pairs = xo_window_pairs(reread_tokens, prefill_tokens, window),
        .prefill_reread_tokens = prefills ? reread_tokens : 0,
        .n_prompts_done = prefills,
        .n_chunks = prefills,
        .n_leading_chunks = prefills && reread_tokens == 0,
    };
}

/* How a step's work lies in the p micro-batches of a pipeline, and in each on its attention ranks.
 */
struct spread {
    int64_t tokens;        /* that p micro-batches as large as the busiest would have */
    int64_t own_tokens;    /* and its busiest rank's, p times */
    double decode, prompt; /* busiest rank of it over the mean: of decoding, of prompt work */
    double filled_frac;    /* of the p micro-batches there are, for the weights they read */
};

/* The busiest of `ranks` takes so many times its part of n chunks dealt out whole; chunks that wait
 * until each rank has one are even. */
static double busiest_of(int64_t ranks, int64_t n, bool even)
{
    return even || n < 1 ? 1 : (double)((n + ranks - 1) / ranks * ranks) / (double)n;
}

/* Decoding sequences are dealt out whole, and so are chunks that have none right ahead of them: a
 * lone prompt passes p stages while the others have nothing of it. Chunks behind other chunks
 * overlap with those, stage by stage: such a round takes 1/p of them in each micro-batch. Ranks
 * have whole sequences and whole chunks of what their micro-batch has. Where there are no prompts
 * a step is a CUDA graph, in which all have as many tokens as the busiest, and experts with them.
 */
static struct spread spread_over(const struct xo_step_model *m, const struct xo_batch *batch)
{
    const int64_t p = m->stages, ranks = m->ranks, b = batch->n_decode;
    const int64_t n = batch->n_leading_chunks, all = b + batch->prefill_tokens;
    const int64_t decodes = (b + p - 1) / p; /* in the busiest micro-batch */
    const int64_t own_decodes = (decodes + ranks - 1) / ranks;
    struct spread s = { all, 0, b > 0 ? (double)(p * ranks * own_decodes) / (double)b : 1, 1, 1 };
    if (batch->prefill_tokens == 0 || n > 0) {
        s.prompt = busiest_of(p, n, false);
        s.tokens =
            p * (decodes + (int64_t)ceil((double)batch->prefill_tokens * s.prompt / (double)p));
        s.filled_frac = fmin(1, (double)(b + n) / (double)p);
    }
    s.prompt *= busiest_of(ranks, (batch->n_chunks + p - 1) / p, m->prompts_gather);
    s.own_tokens =
        p * own_decodes + (int64_t)ceil((double)batch->prefill_tokens * s.prompt / (double)ranks);
    if (ranks > 1 && batch->prefill_tokens == 0)
        s.tokens = ranks * s.own_tokens;
    return s;
}

/* One micro-batch on one rank is all of it: most deployments. */
static inline struct spread spread_of(const struct xo_step_model *m, const struct xo_batch *batch)
{
    const int64_t all = batch->n_decode + batch->prefill_tokens;
    if (m->stages == 1 && m->ranks == 1)
        return (struct spread){ all, all, 1, 1, 1 };
    return spread_over(m, batch);
}

/* Every micro-batch that samples reads the head once, and each row costs its flops. */
static struct xo_part_time head_time(const struct xo_step_model *m, int n_sampled)
{
    const int readers = n_sampled < 1 ? 1 : n_sampled < m->stages ? n_sampled : m->stages;
    const double bytes = m->head_read_s * readers, flops = m->head_row_s * n_sampled;
    return (struct xo_part_time){ bytes, flops, bytes > flops ? bytes : flops };
}

/* Prompt attention: flops of the pairs, or the KV written and read again. */
static struct xo_part_time prompt_attention(const struct xo_step_model *m,
                                            const struct xo_batch *batch)
{
    const double flops =
        m->full_pair_s * batch->prefill_pairs + m->window_pair_s * batch->prefill_window_pairs;
    const double bytes =
        m->reread_s * (double)(batch->prefill_reread_tokens + batch->prefill_tokens);
    return (struct xo_part_time){ bytes, flops, bytes > flops ? bytes : flops };
}

/* Where the chunk is repeated, flops and reading are straight lines, and n_valid is cut where they
 * cross. */
static void add_prefill(const struct xo_step_model *m, const struct xo_batch *batch,
                        double busiest_over_mean, struct xo_step *step)
{
    const struct xo_part_time now = prompt_attention(m, batch);
    const bool by_flops = now.compute_s > now.memory_s;
    step->first_s += m->prefill_s + now.seconds * busiest_over_mean;
    if (batch->repeated_tokens == 0) {
        step->n_valid = 1;
        return;
    }
    const double chunk = (double)batch->repeated_tokens;
    const double flops_growth =
        m->full_pair_s * chunk * chunk + m->window_pair_s * batch->window_pairs_growth;
    const double bytes_growth = m->reread_s * chunk;
    step->slope_s += (by_flops ? flops_growth : bytes_growth) * busiest_over_mean;
    const double gap = fabs(now.compute_s - now.memory_s);
    const double closing = by_flops ? bytes_growth - flops_growth : flops_growth - bytes_growth;
    if (closing > 0 && gap < closing * (double)(step->n_valid - 1))
        step->n_valid = (int64_t)(gap / closing) + 1;
}

static struct row row_at(const struct table *t, int64_t tokens)
{
    const int64_t last = t->n_rows - 1;
    struct row row = t->rows[tokens < last ? tokens : last];
    if (tokens > last)
        row.seconds += t->growth_s * (double)(tokens - last);
    return row;
}

/* Summed in a variable of its own: for all the compiler knows *step is a part of *m. */
void xo_step_at(const struct xo_step_model *m, const struct xo_batch *batch, struct xo_step *step)
{
    assert(batch->n_decode + batch->prefill_tokens > 0);
    const struct spread spread = spread_of(m, batch);
    struct row row = row_at(&m->all, spread.tokens);
    if (m->ranks > 1) {
        const struct row own = row_at(&m->own, spread.own_tokens);
        row.seconds += own.seconds;
        row.weight_bytes += own.weight_bytes;
    }
    const int sampled = batch->n_decode + batch->n_prompts_done;
    struct xo_step sum = {
        .first_s = row.seconds + m->sequence_s * sampled + head_time(m, sampled).seconds,
        .n_valid = INT64_MAX,
        .weight_bytes = row.weight_bytes * spread.filled_frac,
    };
    if (batch->n_decode > 0) {
        add_curve(&sum, m->full_floor_s, m->full_kv_s * spread.decode, batch->kv_tokens,
                  batch->n_decode);
        add_curve(&sum, m->window_floor_s, m->window_kv_s * spread.decode, batch->kv_window_tokens,
                  batch->n_below_window);
    }
    if (batch->prefill_tokens > 0)
        add_prefill(m, batch, spread.prompt, &sum);
    else
        sum.first_s += m->decode_s;
    *step = sum;
}

/* ---- where the time goes ---- */

static void add_times(struct xo_part_time *sum, const struct xo_part_time *more, double by)
{
    sum->memory_s += more->memory_s * by;
    sum->compute_s += more->compute_s * by;
    sum->seconds += more->seconds * by;
}

/* What a row of a table has of linear layers and exchanges, `by` times, added to parts[]. */
static void add_row(const struct xo_deployment *d, const struct xo_shard *s, const struct table *t,
                    int64_t i, double by, struct xo_part_time parts[XO_N_STEP_PARTS])
{
    const double micro = (double)((i + s->stages - 1) / s->stages);
    struct xo_part_time row[XO_N_STEP_PARTS];
    linear(d, s, t->has_own ? micro : 0, t->has_all ? micro : 0, distinct_experts(&d->model, micro),
           row);
    for (int k = 0; k < XO_N_STEP_PARTS; k++)
        add_times(&parts[k], &row[k], by * s->stages * xo_step_scale_of(d));
}

/* Those of `tokens`, before which the table may end. */
static void add_rows(const struct xo_deployment *d, const struct xo_shard *s, const struct table *t,
                     int64_t tokens, struct xo_part_time parts[XO_N_STEP_PARTS])
{
    const int64_t last = t->n_rows - 1, back = rows_back(t, s);
    const int64_t row = tokens < last ? tokens : last;
    const double beyond = (double)(tokens - row) / (double)back;
    add_row(d, s, t, row, 1 + beyond, parts);
    if (beyond > 0)
        add_row(d, s, t, last - back, -beyond, parts);
}

static void add_host_parts(const struct xo_deployment *d, const struct xo_shard *s,
                           const struct xo_step_model *m, const struct xo_batch *batch,
                           struct xo_part_time parts[XO_N_STEP_PARTS])
{
    const struct xo_efficiency *e = &d->efficiency;
    const struct host_pace pace = host_pace_of(d, batch->prefill_tokens > 0);
    const int sampled = batch->n_decode + batch->n_prompts_done;
    const double scale = xo_step_scale_of(d);
    parts[XO_PART_STEP].seconds = e->step_s * scale;
    parts[XO_PART_LAYERS].seconds =
        (pace.layer_s * s->layers + indexer_s * s->index.layers) * s->stages * scale;
    parts[XO_PART_MOE_LAYERS].seconds = pace.moe_s * s->moe_layers * s->stages * scale;
    parts[XO_PART_SEQUENCES].seconds = m->sequence_s * sampled;
    parts[XO_PART_HEAD] = head_time(m, sampled);
}

/* One decode attention over `tokens` tokens of a context; `by`: the micro-batches' shares. */
static struct xo_part_time decode_attention(const struct all_layers *l, double by, int64_t tokens,
                                            double floor_s)
{
    const double bytes = l->kv_s * (double)tokens * by;
    const double flops = l->decode_flop_s * (double)tokens * by;
    return (struct xo_part_time){ bytes, flops, fmax(floor_s, fmax(bytes, flops)) };
}

static void add_attention_parts(const struct xo_deployment *d, const struct xo_shard *s,
                                const struct xo_step_model *m, const struct xo_batch *batch,
                                const struct spread *spread,
                                struct xo_part_time parts[XO_N_STEP_PARTS])
{
    const struct all_layers whole = whole_context(d, s), cut = cut_context(d, s);
    const double by = spread->decode * xo_step_scale_of(d);
    if (batch->n_decode > 0) {
        parts[XO_PART_FULL_ATTENTION] =
            decode_attention(&whole, by, batch->kv_tokens, m->full_floor_s);
        parts[XO_PART_WINDOW_ATTENTION] =
            decode_attention(&cut, by, batch->kv_window_tokens, m->window_floor_s);
    }
    if (batch->prefill_tokens > 0) {
        const struct xo_part_time prompt = prompt_attention(m, batch);
        add_times(&parts[XO_PART_PROMPT_ATTENTION], &prompt, spread->prompt);
    }
}

bool xo_step_parts_at(const struct xo_deployment *d, const struct xo_batch *batch,
                      struct xo_step_parts *parts, struct xo_error *err)
{
    struct xo_shard s;
    struct xo_step_model *m = xo_step_model_new(d, err);
    if (m == NULL || !xo_shard_init(&s, d, err)) {
        xo_step_model_free(m);
        return false;
    }
    struct xo_step step;
    const struct spread spread = spread_of(m, batch);
    *parts = (struct xo_step_parts){ 0 };
    add_rows(d, &s, &m->all, spread.tokens, parts->parts);
    if (s.ranks > 1)
        add_rows(d, &s, &m->own, spread.own_tokens, parts->parts);
    add_host_parts(d, &s, m, batch, parts->parts);
    add_attention_parts(d, &s, m, batch, &spread, parts->parts);
    xo_step_at(m, batch, &step);
    parts->total_s = step.first_s;
    xo_step_model_free(m);
    return true;
}
