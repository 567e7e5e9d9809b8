/* campaign.h - a long study from its scenario to its files, whoever does the work.
 *
 * A study comes in tasks, which are simulations, then in items, each a function of its number: the
 * rows of a sweep, the cells of a map. One process owns the campaign: it keeps the journal, asks
 * its crew for tasks and items, and writes the results. The crew is this process's threads, or the
 * ranks of an MPI run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_CLI_CAMPAIGN_H
#define XO_CLI_CAMPAIGN_H

#include "cli.h"

/* ---- the work ---- */

/* How one kind of study is spread out. The functions are those of xo/sweep.h and xo/map.h. */
struct cli_kind {
    const char *name, *items; /* "sweep", "samples" */
    int n_fields;             /* an item is so many doubles */
    bool (*run_range)(const void *study, int64_t from, int64_t to, void *items,
                      struct xo_error *err);
    double bytes_per_item; /* of memory at most, statistics and files included */
    /* Where the study may end early, and whether it does; NULL: never. */
    int64_t (*next_look)(const void *study, int64_t done);
    bool (*enough)(const void *study, const void *items, int64_t n);
    /* Statistics, or the frontier, of the first n items; then the files and stdout: the exit
     * status, and whether the files are whole. */
    bool (*finish)(void *self, const void *items, int64_t n, struct xo_error *err);
    int (*deliver)(void *self, struct xo_output *output, bool *written);
    void (*free)(void *self);
};
struct cli_work {
    const struct cli_kind *kind;
    const struct cli_request *request;
    const struct xo_scenario *scenario;
    void *self;               /* of the kind; owned */
    void *study;              /* what the functions above work on; owned by self */
    struct xo_worlds *worlds; /* whose tasks come first; owned by self */
    int64_t n_items, unit;    /* shards hold whole units */
    const char *key;          /* "study.samples": a lower one makes fewer items */
    uint64_t hash;            /* of everything that items depend on */
};
/* All that is asked for but the work: nothing is simulated yet. What is wrong is told. Free it in
 * both cases. */
int cli_sweep_work(struct cli_work *work, const struct cli_request *request,
                   const struct xo_scenario *scenario, const struct xo_study_options *options);
int cli_map_work(struct cli_work *work, const struct cli_request *request,
                 const struct xo_scenario *scenario, const struct xo_study_options *options);
void cli_work_free(struct cli_work *work);

/* ---- the crew ---- */

/* Called with each result as it comes, from one thread at a time; takes over bytes->at. */
typedef bool cli_take_task(void *self, int task, struct xo_bytes *bytes, struct xo_error *err);
typedef bool cli_take_items(void *self, int64_t from, int64_t to, const void *items,
                            struct xo_error *err);
struct cli_crew {
    void *self;
    /* Run the open tasks wanted[n]. */
    bool (*tasks)(void *self, const struct cli_work *work, const int wanted[], int n,
                  cli_take_task *take, void *taker, struct xo_error *err);
    /* Let everybody know the results of all n tasks of the open round, in order. */
    bool (*put)(void *self, const struct cli_work *work, const struct xo_bytes results[], int n,
                struct xo_error *err);
    /* Run items from..to-1 and hand them over in order. */
    bool (*items)(void *self, const struct cli_work *work, int64_t from, int64_t to,
                  cli_take_items *take, void *taker, struct xo_error *err);
};
/* Once, before the first item is run. */
void cli_keep_freed_memory(void);
/* This process's threads. */
struct cli_local {
    const struct xo_study_options *options;
};
struct cli_crew cli_local_crew(struct cli_local *local);
/* Put the results of a round in this process. */
bool cli_put_round(const struct cli_work *work, const struct xo_bytes results[], int n,
                   struct xo_error *err);

/* ---- the campaign ---- */

/* From the journal to the files; returns the exit status. `ended_by` says what set the stop flag:
 * "interrupted". */
int cli_campaign(const struct cli_work *work, const struct xo_study_options *options,
                 struct cli_progress *progress, const struct cli_crew *crew,
                 const char *(*ended_by)(void));
/* The whole of a verb in this process: scenario, work, campaign. */
typedef int cli_work_fn(struct cli_work *work, const struct cli_request *request,
                        const struct xo_scenario *scenario, const struct xo_study_options *options);
int cli_campaign_here(const struct cli_request *request, cli_work_fn *make);

#endif
