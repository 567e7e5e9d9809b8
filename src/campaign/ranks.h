/* ranks.h - the ranks of an MPI run as the crew of a campaign or a curve. Private to crossover-mpi.
 *
 * Rank 0 owns the study and gives orders; the others have read the same scenario and made the same
 * study, and work until they are told to stop.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_CAMPAIGN_RANKS_H
#define XO_CAMPAIGN_RANKS_H

#include "xo/campaign.h"

/* ---- rank 0 ---- */

struct campaign_ranks {
    int n_ranks; /* 2 at least, to have anybody to give orders to */
    const struct xo_study_options *options;

    int n_busy; /* ranks whose result is still to come */
};
struct xo_campaign_crew campaign_ranks_crew(struct campaign_ranks *ranks);
/* For the options of the study: a base case or a curve hands out its simulations. */
struct xo_crew campaign_ranks_jobs(struct campaign_ranks *ranks);
/* Its jobs are what `lines` of a duty makes lines of files of. */
struct xo_crew campaign_ranks_lines(struct campaign_ranks *ranks);
/* The others are to end; where one of them is still at work, all end with this exit status. */
void campaign_ranks_stop(struct campaign_ranks *ranks, int status);

/* ---- the other ranks ---- */

struct campaign_duty {
    const struct xo_scenario *scenario;
    const struct xo_study_options *options;
    const struct xo_campaign_work *work; /* NULL: a curve, which comes in jobs alone */
    bool (*lines)(const void *study, const void *job, size_t n, struct xo_bytes *lines,
                  struct xo_error *err); /* NULL: the study's files have none */
};
/* Until rank 0 says stop. False where this rank cannot go on: then all have to be ended. */
XO_MUST_USE bool campaign_rank_work(const struct campaign_duty *duty, struct xo_error *err);

/* ---- all of them ---- */

/* Called by all ranks, each with a number of what it works on: are they the same? If not, *other is
 * the first rank whose number is not rank 0's; -1: out of memory. */
XO_MUST_USE bool campaign_ranks_agree(uint64_t mine, int n_ranks, int *other);

#endif
