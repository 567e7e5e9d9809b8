/* xo/usage.h - what a month of serving uses: tokens by what prices them, and the time and energy of
 * GPUs.
 *
 * A usage is all that simulation hands to money: no bill asks a tally or a fleet again, and a
 * change of price never looks at a request. Rows add up, so that the usage of two classes, of two
 * fleets or of the hours of a week is the sum of theirs. This header has never heard of a dollar.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_USAGE_H
#define XO_USAGE_H

#include <stdint.h>

/* ---- tokens ---- */

/* Prompt tokens are of one of the first four kinds: read from the provider's prefix cache, written
 * to it for the shorter or the longer of its lifetimes, or neither. */
enum xo_token_kind {
    XO_INPUT_UNCACHED,
    XO_INPUT_WRITTEN,
    XO_INPUT_WRITTEN_LONGER,
    XO_INPUT_CACHED,
    XO_OUTPUT,
    XO_N_TOKEN_KINDS
};

/* What decides the price of a token besides its kind: the hours of its call, how long the prompt
 * is, and how urgent the answer. Windows and contexts are numbered by the tariff, 0 the usual one:
 * XO_WINDOW_PEAK is the first of its other windows, XO_CONTEXT_LONG the prompts over the lowest of
 * its thresholds. */
enum { XO_WINDOW_USUAL, XO_WINDOW_PEAK, XO_N_WINDOWS = 4 };
enum { XO_CONTEXT_USUAL, XO_CONTEXT_LONG, XO_N_CONTEXTS = 4 };
enum xo_price_service {
    XO_SERVICE_STANDARD,
    XO_SERVICE_BATCH,
    XO_SERVICE_FLEX,
    XO_SERVICE_PRIORITY,
    XO_SERVICE_FAST,
    XO_N_SERVICES
};
struct xo_price_cell {
    int window, context;
    enum xo_price_service service;
};

enum { XO_AT_HOME = -1 }; /* the destination of tokens that our own GPUs serve */

/* The tokens of one class in one price cell. */
struct xo_token_use {
    int class_index;
    int destination; /* the tariff that prices them, in a list that goes with the usage; XO_AT_HOME
                      */
    struct xo_price_cell cell;
    double requests, tool_calls;     /* a month; not negative */
    double tokens[XO_N_TOKEN_KINDS]; /* likewise */
};

/* ---- GPUs ---- */

/* What replicas are there for: the smallest fleet within the SLO; what stands by for failures; and
 * the reserve over the planned volume, which shares the load. */
enum xo_gpu_state { XO_GPU_SERVING, XO_GPU_SPARE, XO_GPU_HEADROOM, XO_N_GPU_STATES };
/* What is paid for: every second of the month, whatever the GPU does. */
enum xo_contract { XO_CONTRACT_RESERVED, XO_N_CONTRACTS };

struct xo_gpu_use {
    int64_t n_replicas, n_gpus; /* that there are */
    double gpu_s;               /* GPU-seconds of the month that the contract bills */
    double energy_j;            /* that those GPUs draw over them, without their servers */
};

/* ---- both ---- */

enum { XO_MAX_TARIFFS = 16 };
/* A class's requests are batch work, or of one other service. */
enum { XO_N_PRICE_CELLS = XO_N_WINDOWS * XO_N_CONTEXTS * 2 };
enum { XO_MAX_TOKEN_USES = XO_MAX_TARIFFS * XO_N_PRICE_CELLS };
struct xo_usage {
    struct xo_gpu_use gpus[XO_N_GPU_STATES][XO_N_CONTRACTS];
    int n_tokens;
    struct xo_token_use tokens[XO_MAX_TOKEN_USES]; /* [n_tokens] the rest is not set */
};
/* Nothing is used. */
void xo_usage_clear(struct xo_usage *usage);
/* One row more, which the caller fills; it has no tokens yet. */
struct xo_token_use *xo_usage_add_tokens(struct xo_usage *usage, int class_index, int destination,
                                         struct xo_price_cell cell);
/* n_replicas more that are there all month, of month_s seconds, and draw mean_w a GPU. */
void xo_usage_add_replicas(struct xo_usage *usage, enum xo_gpu_state state, int64_t n_replicas,
                           int gpus_per_replica, double mean_w, double month_s);

#endif
