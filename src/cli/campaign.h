/* campaign.h - a sweep from its scenario to its files, whoever does the work.
 *
 * One process owns the campaign: it keeps the journal, asks its crew for simulations and samples,
 * and writes the results. The crew is this process's threads, or the ranks of an MPI run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_CLI_CAMPAIGN_H
#define XO_CLI_CAMPAIGN_H

#include "cli.h"

/* Called with each result as it comes, from one thread at a time; takes over bytes->at. */
typedef bool cli_take_task(void *self, int task, struct xo_bytes *bytes, struct xo_error *err);
typedef bool cli_take_rows(void *self, int64_t from, int64_t to, const struct xo_sweep_row rows[],
                           struct xo_error *err);
struct cli_crew {
    void *self;
    /* Run the open tasks wanted[n]. */
    bool (*tasks)(void *self, const struct xo_sweep *sweep, const int wanted[], int n,
                  cli_take_task *take, void *taker, struct xo_error *err);
    /* Let everybody know the result of a task of the open round: each is put once, in order. */
    bool (*put)(void *self, struct xo_sweep *sweep, int task, const struct xo_bytes *bytes,
                struct xo_error *err);
    /* Run samples from..to-1 and hand them over in order. */
    bool (*rows)(void *self, const struct xo_sweep *sweep, int64_t from, int64_t to,
                 cli_take_rows *take, void *taker, struct xo_error *err);
};
/* This process's threads. */
struct cli_local {
    const struct xo_study_options *options;
};
struct cli_crew cli_local_crew(struct cli_local *local);

/* Everything after the scenario has been read; returns the exit status. */
int cli_campaign(const struct cli_request *request, const struct xo_scenario *scenario,
                 struct xo_sweep *sweep, const struct xo_study_options *options,
                 struct cli_progress *progress, const struct cli_crew *crew);

#endif
