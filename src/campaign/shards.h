/* shards.h - a study in parts, each a journal of its own, for batch systems.
 *
 * Part I of N is shard-I-of-N.journal in the folder of --out. Part 0 holds the simulations alone:
 * where it lies there, the others do not repeat them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_CAMPAIGN_SHARDS_H
#define XO_CAMPAIGN_SHARDS_H

#include "xo/campaign.h"
#include "xo/journal.h"

enum { CAMPAIGN_PATH_SIZE = 4096 };
void campaign_shard_path(char path[CAMPAIGN_PATH_SIZE], const char *folder, int shard,
                         int n_shards);
/* The first item of part `shard` of n_shards; that of part n_shards + 1 is the end. Part 0 is
 * empty. */
int64_t campaign_shard_begin(const struct xo_campaign_work *work, int shard, int n_shards);
/* The simulations that part 0 has finished, if it is there and whole. */
bool campaign_shards_read_tasks(const char *folder, int n_shards,
                                const struct xo_journal_head *head,
                                const struct xo_journal_reader *reader, struct xo_error *err);
/* All parts in the folder, which have to be finished; part 0 where it is there. */
bool campaign_shards_join(const struct xo_campaign_work *work, const char *folder,
                          const struct xo_journal_head *head,
                          const struct xo_journal_reader *reader, struct xo_error *err);

#endif
