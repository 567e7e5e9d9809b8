/* serving_kit.h - what the tests of the serving room share: requests given one by one, a constant
 * step, and a log of every request.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TESTS_SERVING_KIT_H
#define XO_TESTS_SERVING_KIT_H

#include "xo/memory.h"
#include "xo/serving.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Every request that left, by id. */
struct journal {
    struct xo_request_log *logs; /* [n] of [room], owned; request.id -1: has not left */
    size_t n, room;
    int64_t n_logged;
};

static inline void journal_write(void *self, const struct xo_request_log *log)
{
    struct journal *j = self;
    const size_t id = (size_t)log->request.id;
    ck_assert(xo_array_reserve((void **)&j->logs, &j->room, id + 1, sizeof *j->logs, NULL));
    for (; j->n <= id; j->n++)
        j->logs[j->n] = (struct xo_request_log){ .request.id = -1 };
    ck_assert_int_eq(j->logs[id].request.id, -1); /* nobody leaves twice */
    j->logs[id] = *log;
    j->n_logged++;
}

static inline void journal_fini(struct journal *j)
{
    free(j->logs);
    *j = (struct journal){ 0 };
}

/* A window that measures everything that arrives in [0, to_s) and never stops early. */
static inline struct xo_window window_until(double to_s)
{
    struct xo_window window = { .from_s = 0, .to_s = to_s };
    for (int c = 0; c < XO_MAX_CLASSES; c++)
        for (int i = 0; i < XO_MAX_TARGETS; i++)
            window.max_misses[c][i] = INT64_MAX;
    return window;
}

/* One replica without limits to speak of: blocks of 16 tokens of one byte each. */
static inline struct xo_fleet fleet_of(const struct xo_step_model *step)
{
    return (struct xo_fleet){
        .step = step,
        .kv = { .room_bytes = (int64_t)1 << 50, .full_block_bytes = 16, .block_tokens = 16 },
        .engine = { .admission = XO_ADMIT_PROMPT,
                    .chunk_tokens = 1 << 30,
                    .max_batch = 1 << 20,
                    .fast_forward = true },
        .router = XO_ROUTE_LEAST_OUTSTANDING,
        .n_replicas = 1,
        .seed = 71,
    };
}

static inline struct xo_tally *run_fleet(const struct xo_fleet *fleet,
                                         const struct xo_workload *workload,
                                         const struct xo_source_options *options,
                                         const struct xo_window *window)
{
    struct xo_error err = { 0 };
    struct xo_source *source = xo_source_new(workload, options, &err);
    ck_assert_msg(source != NULL, "%s", err.text);
    struct xo_tally *tally = xo_tally_new(workload->n_classes, &err);
    ck_assert_msg(tally != NULL, "%s", err.text);
    ck_assert_msg(xo_fleet_run(fleet, workload, source, window, tally, &err), "%s", err.text);
    xo_source_free(source);
    return tally;
}

/* One class of requests, Poisson arrivals, a flat week. The caller frees with workload_fini. */
static inline struct xo_workload workload_of(enum xo_dist_kind kind, double prompt_mean,
                                             double output_mean, double cv)
{
    struct xo_workload w = {
        .arrivals = { .kind = XO_ARRIVALS_POISSON, .cv = 1, .bursts = { .factor = 1 } },
        .n_classes = 1,
    };
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        w.profile.hour_weight[h] = 1;
    strcpy(w.classes[0].name, "all");
    w.classes[0].weight = 1;
    ck_assert(xo_dist_constant(&w.classes[0].prompt, prompt_mean, NULL));
    ck_assert(kind == XO_DIST_CONSTANT
                  ? xo_dist_constant(&w.classes[0].output, output_mean, NULL)
                  : xo_dist_by_moments(&w.classes[0].output, kind, output_mean, cv, NULL));
    return w;
}

static inline void workload_fini(struct xo_workload *w)
{
    xo_dist_fini(&w->classes[0].prompt);
    xo_dist_fini(&w->classes[0].output);
}

/* The fleet serves requests[n] (arrivals in order of time) and nothing else, from 0 to to_s. */
struct given {
    double arrival_s;
    int32_t prompt_tokens, output_tokens;
};
static inline struct xo_tally *serve_given(const struct xo_fleet *fleet, const struct given given[],
                                           int n, int32_t prefix_tokens,
                                           const struct xo_window *window)
{
    enum { MOST = 128 };
    ck_assert_int_le(n, MOST);
    double arrival_s[MOST];
    int32_t prompt_tokens[MOST], output_tokens[MOST];
    for (int i = 0; i < n; i++) {
        arrival_s[i] = given[i].arrival_s;
        prompt_tokens[i] = given[i].prompt_tokens;
        output_tokens[i] = given[i].output_tokens;
    }
    /* the recording starts again far beyond the window */
    const double period_s = (double)n * 1048576;
    const struct xo_trace trace = { .n = (size_t)n,
                                    .arrival_s = arrival_s,
                                    .prompt_tokens = prompt_tokens,
                                    .output_tokens = output_tokens,
                                    .period_s = period_s };
    struct xo_workload workload = { .n_classes = 1, .trace = &trace };
    strcpy(workload.classes[0].name, "given");
    workload.classes[0].weight = 1;
    workload.classes[0].shared_prefix_tokens = prefix_tokens;
    workload.classes[0].max_context_tokens = INT32_MAX;
    const struct xo_source_options options = { .requests_per_s = n / period_s, .seed = 5 };
    return run_fleet(fleet, &workload, &options, window);
}

#endif
