/* campaign.h - a sweep or map of the command line: a campaign (xo/campaign.h), and what becomes of
 * its items.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_CLI_CAMPAIGN_H
#define XO_CLI_CAMPAIGN_H

#include "cli.h"

#include "xo/campaign.h"

struct cli_ending {
    /* Statistics, or the frontier, of the first n items; then the files and stdout: the exit
     * status, and whether the files are whole. */
    bool (*finish)(void *self, const void *items, int64_t n, struct xo_error *err);
    int (*deliver)(void *self, struct xo_output *output, bool *written);
    void (*free)(void *self);
};
struct cli_study {
    struct xo_campaign_work work;
    const struct cli_request *request;
    const struct cli_ending *ending;
    const struct xo_crew *lines; /* of struct xo_output; NULL: our threads */
    void *self;                  /* of the ending; owned */
};
/* All that is asked for but the work: nothing is simulated yet. What is wrong is told; an exit
 * status. Free it in any case. */
typedef int cli_study_fn(struct cli_study *study, const struct cli_request *request,
                         const struct xo_scenario *scenario,
                         const struct xo_study_options *options);
cli_study_fn cli_sweep_study, cli_map_study;
void cli_study_free(struct cli_study *study);

/* From the journal to the files; returns the exit status. crew NULL: this process's threads.
 * `ended_by` says what set the stop flag: "interrupted". */
int cli_campaign(const struct cli_study *study, const struct xo_study_options *options,
                 struct cli_progress *progress, const struct xo_campaign_crew *crew,
                 const char *(*ended_by)(void));
/* The whole of a verb in this process: scenario, study, campaign. */
int cli_campaign_here(const struct cli_request *request, cli_study_fn *make);
/* Once, before the first item is run. */
void cli_keep_freed_memory(void);

#endif
