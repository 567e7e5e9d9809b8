/* shards.c - a study in parts, each a journal of its own; see shards.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "shards.h"

#include <dirent.h>
#include <inttypes.h>
#include <unistd.h>

void campaign_shard_path(char path[CAMPAIGN_PATH_SIZE], const char *folder, int shard, int n_shards)
{
    snprintf(path, CAMPAIGN_PATH_SIZE, "%.4000s/shard-%d-of-%d.journal", folder, shard, n_shards);
}

/* Units are dealt out evenly. */
int64_t campaign_shard_begin(const struct xo_campaign_work *work, int shard, int n_shards)
{
    const int64_t n = work->n_items / work->unit, before = shard > 0 ? shard - 1 : 0;
    return (n / n_shards * before + n % n_shards * before / n_shards) * work->unit;
}

/* Of how many the shards in the folder are parts: the largest number met; 0: there are none. */
static int count_shards(const char *folder)
{
    DIR *dir = opendir(folder);
    int n_shards = 0;
    for (const struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        int shard = 0, n = 0, end = 0;
        if (sscanf(e->d_name, "shard-%d-of-%d.journal%n", &shard, &n, &end) == 2 && end > 0 &&
            e->d_name[end] == '\0' && n > n_shards)
            n_shards = n;
    }
    if (dir != NULL)
        closedir(dir);
    return n_shards;
}

bool campaign_shards_read_tasks(const char *folder, int n_shards,
                                const struct xo_journal_head *head,
                                const struct xo_journal_reader *reader, struct xo_error *err)
{
    char path[CAMPAIGN_PATH_SIZE];
    struct xo_journal_head of = *head;
    const struct xo_journal_reader tasks = { reader->self, reader->task, NULL };
    int64_t next = 0;
    campaign_shard_path(path, folder, 0, n_shards);
    return access(path, F_OK) != 0 || xo_journal_read(path, &of, &tasks, &next, err);
}

bool campaign_shards_join(const struct xo_campaign_work *work, const char *folder,
                          const struct xo_journal_head *head,
                          const struct xo_journal_reader *reader, struct xo_error *err)
{
    const int n_shards = count_shards(folder);
    char path[CAMPAIGN_PATH_SIZE];
    if (n_shards == 0)
        return xo_fail(err, XO_ERR_INPUT, "there are no shards in %.200s: run --shard 1/N to N/N",
                       folder);
    if (!campaign_shards_read_tasks(folder, n_shards, head, reader, err))
        return false;
    for (int i = 1; i <= n_shards; i++) {
        const int64_t from = campaign_shard_begin(work, i, n_shards),
                      to = campaign_shard_begin(work, i + 1, n_shards);
        struct xo_journal_head of = *head;
        int64_t next = 0;
        campaign_shard_path(path, folder, i, n_shards);
        if (access(path, F_OK) != 0)
            return xo_fail(err, XO_ERR_INPUT, "%.200s is missing: run --shard %d/%d", path, i,
                           n_shards);
        if (!xo_journal_read(path, &of, reader, &next, err))
            return false;
        if (of.from != from || of.to != to)
            return xo_fail(
                err, XO_ERR_INPUT,
                "%.200s holds %s %" PRId64 " to %" PRId64 ", but shard %d of %d has %" PRId64
                " to %" PRId64 ": it is a copy of another; run --shard %d/%d --force",
                path, work->kind->items, of.from, of.to, i, n_shards, from, to, i, n_shards);
        if (next < to)
            return xo_fail(err, XO_ERR_INPUT,
                           "%.200s has %" PRId64 " of %" PRId64 " %s: run --shard %d/%d "
                           "--resume first",
                           path, next - of.from, to - from, work->kind->items, i, n_shards);
    }
    return true;
}
