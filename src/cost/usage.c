/* usage.c - what a month uses, row by row.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/usage.h"

#include <assert.h>

void xo_usage_clear(struct xo_usage *usage)
{
    usage->n_tokens = 0;
    for (int state = 0; state < XO_N_GPU_STATES; state++)
        for (int contract = 0; contract < XO_N_CONTRACTS; contract++)
            usage->gpus[state][contract] = (struct xo_gpu_use){ 0 };
}

struct xo_token_use *xo_usage_add_tokens(struct xo_usage *usage, int class_index, int destination,
                                         struct xo_price_cell cell)
{
    assert(usage->n_tokens < XO_MAX_TOKEN_USES);
    struct xo_token_use *use = &usage->tokens[usage->n_tokens++];
    *use = (struct xo_token_use){ class_index, destination, cell, 0, 0, { 0 } };
    return use;
}

void xo_usage_add_replicas(struct xo_usage *usage, enum xo_gpu_state state, int64_t n_replicas,
                           int gpus_per_replica, double mean_w, double month_s)
{
    assert(n_replicas >= 0 && gpus_per_replica >= 0 && mean_w >= 0 && month_s >= 0);
    struct xo_gpu_use *use = &usage->gpus[state][XO_CONTRACT_RESERVED];
    const int64_t n_gpus = n_replicas * gpus_per_replica;
    const double gpu_s = (double)n_gpus * month_s;
    use->n_replicas += n_replicas;
    use->n_gpus += n_gpus;
    use->gpu_s += gpu_s;
    use->energy_j += gpu_s * mean_w;
}
