/* moe_kernels.c - the step's routed experts against measured kernels of MoE layers.
 *
 *   moe_kernels KERNELS.csv
 *
 * Columns: gpu, engine, engine_version, kernel, dtype, tokens, hidden, expert_intermediate,
 * experts_per_token, experts, moe_tp, moe_ep, routing, latency_ms, source. A row is a layer of its
 * own: what the step model takes for its experts, and for the activations they gather, is held
 * against the kernel's time less the fixed time of its kind (docs/model.md, "Experts"). Kernels on
 * evenly spread tokens and on more than 8 ranks are left out. Prints medians in Markdown, by type
 * of weights and by the width of an expert's slice.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plain_deployment.h"
#include "xo/scenario.h"
#include "xo/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RANKS = 8, MAX_ROWS = 20000, N_WIDTHS = 4 };
static const double busiest_rank = 1.6; /* of power-law routing, by the same kernels */

static const struct {
    const char *name;
    enum xo_dtype weights;
    double fixed_s, packed; /* packed: values that quantized activations add, in hidden sizes */
} types[] = {
    { "bfloat16", XO_BF16, 49e-6, 0 },   { "fp8", XO_FP8, 42e-6, 1.5 },
    { "fp8_block", XO_FP8, 42e-6, 1.5 }, { "nvfp4", XO_NVFP4, 29e-6, 1.5 },
    { "int4_wo", XO_INT4, 36e-6, 0 },    { "w4a16_mxfp4", XO_MXFP4, 36e-6, 0 },
};
enum { N_TYPES = sizeof types / sizeof *types };
static const int widths[N_WIDTHS] = { 300, 1100, 3000, 1000000 }; /* a slice is narrower */

struct kernel {
    int type, tokens, hidden, width, per_token, experts, tp, ep;
    const struct xo_gpu *gpu;
    double seconds;
};

/* One line; false where it is left out. */
static bool read_kernel(char *line, struct kernel *k)
{
    static const char *const gpus[][2] = { { "A100 SXM", "a100-80gb-sxm" },
                                           { "H100 SXM", "h100-sxm" },
                                           { "B200", "b200-sxm" } };
    char gpu[32], dtype[32], kernel[64], routing[32];
    double ms;
    *k = (struct kernel){ .type = -1 };
    if (sscanf(line, "%31[^,],%*[^,],%*[^,],%63[^,],%31[^,],%d,%d,%d,%d,%d,%d,%d,%31[^,],%lf", gpu,
               kernel, dtype, &k->tokens, &k->hidden, &k->width, &k->per_token, &k->experts, &k->tp,
               &k->ep, routing, &ms) != 12)
        return false;
    for (int i = 0; i < N_TYPES; i++)
        if (strcmp(types[i].name, dtype) == 0)
            k->type = i;
    for (size_t i = 0; i < sizeof gpus / sizeof *gpus; i++)
        if (strcmp(gpus[i][0], gpu) == 0)
            k->gpu = &xo_catalog_gpu(xo_catalog_builtin(), gpus[i][1], NULL)->gpu;
    k->seconds = ms * 1e-3;
    return k->type >= 0 && k->gpu != NULL && k->ep <= MOST_RANKS &&
           strcmp(routing, "balanced") != 0 && strstr(kernel, "nongated") == NULL;
}

/* log(predicted/measured) of a kernel; NAN where the step model refuses the layer. */
static double error_of(const struct kernel *k)
{
    const int ranks = k->tp * k->ep;
    const double slice = (double)k->width / k->tp;
    const struct xo_model layer = { .name = "layer",
                                    .layers = 1,
                                    .hidden = k->hidden,
                                    .heads = ranks,
                                    .kv_heads = 1,
                                    .head_dim = 1,
                                    .vocab = 1,
                                    .experts = k->experts,
                                    .experts_per_token = k->per_token,
                                    .expert_intermediate = k->width };
    struct xo_deployment d = plain_deployment(k->gpu, &layer);
    d.weights = types[k->type].weights;
    d.tensor_parallel = ranks;
    d.expert_parallel = k->ep;
    d.chunk_tokens = k->tokens;
    d.efficiency = xo_efficiency_default(XO_ENGINE_VLLM);
    d.efficiency.expert_imbalance = k->ep > 1 ? busiest_rank : 1;
    const struct xo_batch batch = { .prefill_tokens = k->tokens };
    struct xo_step_parts parts;
    if (!xo_step_parts_at(&d, &batch, &parts, NULL))
        return NAN;
    const double gathered = (double)k->tokens * k->per_token / k->ep *
                            ((4 + types[k->type].packed) * k->hidden + 3 * slice);
    const double moves_s = 2 * gathered / (k->gpu->hbm_bytes_per_s * d.efficiency.mbu_weights_frac);
    return log((types[k->type].fixed_s + parts.parts[XO_PART_EXPERTS].seconds + moves_s) /
               k->seconds);
}

static void put_line(const char *type, const char *slices, double errors[], size_t n)
{
    if (n == 0)
        return;
    xo_sort(errors, n);
    const double bias = xo_sorted_quantile(errors, n, 0.5);
    for (size_t i = 0; i < n; i++)
        errors[i] = fabs(errors[i]);
    xo_sort(errors, n);
    printf("| %s | %s | %zu | %+.0f %% | %.0f %% | %.0f %% |\n", type, slices, n, 100 * expm1(bias),
           100 * expm1(xo_sorted_quantile(errors, n, 0.5)),
           100 * expm1(xo_sorted_quantile(errors, n, 0.8)));
}

int main(int argc, char *argv[])
{
    FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
    static double errors[N_TYPES][N_WIDTHS][MAX_ROWS], all[MAX_ROWS];
    static size_t n[N_TYPES][N_WIDTHS];
    char line[1024];
    size_t n_all = 0;
    if (f == NULL)
        return 1;
    while (fgets(line, sizeof line, f) != NULL && n_all < MAX_ROWS) {
        struct kernel k;
        const double e = read_kernel(line, &k) ? error_of(&k) : NAN;
        int w = 0;
        if (isnan(e))
            continue;
        while (k.width / k.tp >= widths[w])
            w++;
        errors[k.type][w][n[k.type][w]++] = all[n_all++] = e;
    }
    fclose(f);
    puts(
        "| weights | columns | kernels | bias | median | 80 % within |\n|---|---|---|---|---|---|");
    for (int t = 0; t < N_TYPES; t++)
        for (int w = 0; w < N_WIDTHS; w++) {
            char slices[40];
            snprintf(slices, sizeof slices, w + 1 < N_WIDTHS ? "under %d" : "more", widths[w]);
            put_line(types[t].name, slices, errors[t][w], n[t][w]);
        }
    put_line("all", "", all, n_all);
    return n_all == 0;
}
