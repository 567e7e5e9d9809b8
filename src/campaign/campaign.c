/* campaign.c - a long study from its first simulation to its last item; see xo/campaign.h.
 *
 * The state is a struct xo_campaign: the part of the items that is ours, the items so far, results
 * of tasks that are kept until their round is complete, and the journal. Invariant: items
 * from..next are finished and in the journal, in order (a join has none); a task is in it as soon
 * as it is done. Whoever did the work, results are put in order of number, so that the bytes of the
 * files are the same.
 *
 * A round first takes what the journal gives back, and has its crew do the rest, the longest first.
 * What does not fit into memory is refused before anything is simulated, and the first items tell
 * how long all take. A shard ends with its journal; a join only reads shards and does no items of
 * its own. The journal stays open when a run has failed: its owner says how to go on before the
 * disk is waited for, since who ended us may not wait. Begin with xo_campaign_run, run_round and
 * run_items.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/campaign.h"

#include "crew.h"
#include "shards.h"

#include "xo/clock.h"
#include "xo/file.h"
#include "xo/text.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The result of a task, kept until its round is complete. */
struct kept {
    int round, task;
    struct xo_bytes bytes; /* owned */
};

struct xo_campaign {
    const struct xo_campaign_work *work;
    struct xo_campaign_settings settings;
    const struct xo_study_options *options;
    struct campaign_threads threads;
    struct xo_campaign_crew crew;
    char path[CAMPAIGN_PATH_SIZE]; /* of the journal */
    int64_t from, to;              /* the part that is ours */
    bool is_shard;

    struct xo_journal *journal; /* NULL in a joining */
    struct kept *kept;          /* [n_kept] owned */
    int n_kept;
    double *items;   /* [to - from][n_fields] owned */
    int64_t next;    /* the first that is not finished */
    int64_t n_count; /* items that count */

    double bar;        /* where the progress bar stood when the round, or the items, began */
    int n_open, n_put; /* tasks of the round that were to be run, and that have been */
};

static double *item_at(const struct xo_campaign *c, int64_t i)
{
    return c->items + (i - c->from) * c->work->kind->n_fields;
}

static size_t items_size(const struct xo_campaign *c, int64_t n)
{
    return (size_t)n * (size_t)c->work->kind->n_fields * sizeof *c->items;
}

/* ---- what the journal gives back ---- */

static bool keep(struct xo_campaign *c, int round, int task, struct xo_bytes bytes,
                 struct xo_error *err)
{
    struct kept *more = realloc(c->kept, (size_t)(c->n_kept + 1) * sizeof *more);
    if (more == NULL) {
        free(bytes.at);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for simulations");
    }
    c->kept = more;
    c->kept[c->n_kept++] = (struct kept){ round, task, bytes };
    return true;
}

static struct kept *find_kept(const struct xo_campaign *c, int round, int task)
{
    for (int i = 0; i < c->n_kept; i++)
        if (c->kept[i].round == round && c->kept[i].task == task)
            return &c->kept[i];
    return NULL;
}

static bool read_task(void *self, int round, int task, const unsigned char *bytes, size_t n,
                      struct xo_error *err)
{
    struct xo_campaign *c = self;
    if (find_kept(c, round, task) != NULL)
        return true; /* another shard's */
    struct xo_bytes copy = { .at = malloc(n > 0 ? n : 1), .n = n };
    if (copy.at == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for simulations");
    memcpy(copy.at, bytes, n);
    return keep(c, round, task, copy, err);
}

static bool read_item(void *self, int64_t index, const double fields[], struct xo_error *err)
{
    struct xo_campaign *c = self;
    (void)err;
    if (index >= c->from && index < c->to)
        memcpy(item_at(c, index), fields, items_size(c, 1));
    return true;
}

static struct xo_journal_head head_of(const struct xo_campaign *c)
{
    return (struct xo_journal_head){ .study = c->work->kind->name,
                                     .command = c->settings.command,
                                     .scenario = c->work->scenario,
                                     .hash = c->work->hash,
                                     .from = c->from,
                                     .to = c->to,
                                     .n_samples = c->work->n_items,
                                     .n_fields = c->work->kind->n_fields };
}

/* Begin or go on. */
static bool open_journal(struct xo_campaign *c, struct xo_error *err)
{
    const struct xo_campaign_settings *as = &c->settings;
    const struct xo_journal_head head = head_of(c);
    const struct xo_journal_reader reader = { c, read_task, read_item };
    c->next = c->from;
    if (!xo_folder_make(as->folder, err))
        return false;
    if (c->is_shard && as->shard > 0 &&
        !campaign_shards_read_tasks(as->folder, as->n_shards, &head, &reader, err))
        return false;
    const bool there = access(c->path, F_OK) == 0;
    if (there && as->resume)
        return xo_journal_resume(&c->journal, c->path, &head, &reader, &c->next, err);
    if (there && !as->force)
        return xo_fail(err, XO_ERR_INPUT,
                       "%.200s holds an unfinished %s: --resume goes on with it, --force begins "
                       "anew, --out names another folder",
                       c->path, c->work->kind->name);
    return xo_journal_create(&c->journal, c->path, &head, err);
}

static bool join_shards(struct xo_campaign *c, struct xo_error *err)
{
    const struct xo_journal_head head = head_of(c);
    const struct xo_journal_reader reader = { c, read_task, read_item };
    c->next = c->to;
    return campaign_shards_join(c->work, c->settings.folder, &head, &reader, err);
}

/* ---- the work ---- */

/* The number of rounds is not known beforehand: each takes a third of the bar that is left. */
static const double ROUND_SHARE = 1.0 / 3;

static void show_progress(const struct xo_campaign *c, double share, double frac, const char *what)
{
    if (c->options->progress != NULL)
        c->options->progress(c->options->progress_self, c->bar + (1 - c->bar) * share * frac, what);
}

static bool take_task(void *self, int task, struct xo_bytes *bytes, struct xo_error *err)
{
    struct xo_campaign *c = self;
    const int round = xo_worlds_round(c->work->worlds);
    if (c->journal != NULL && !xo_journal_task(c->journal, round, task, bytes->at, bytes->n, err)) {
        free(bytes->at);
        return false;
    }
    show_progress(c, ROUND_SHARE, (double)++c->n_put / c->n_open, "simulations");
    return keep(c, round, task, *bytes, err);
}

/* What the journal lacks of a round, the longest first; how many. */
static int find_wanted(const struct xo_campaign *c, int n, int round, int wanted[])
{
    const struct xo_campaign_work *w = c->work;
    int n_wanted = 0;
    for (int i = 0; i < n; i++) {
        int k = n_wanted;
        if (find_kept(c, round, i) != NULL)
            continue;
        const int cost = xo_worlds_task_cost(w->worlds, i);
        for (; k > 0 && xo_worlds_task_cost(w->worlds, wanted[k - 1]) < cost; k--)
            wanted[k] = wanted[k - 1];
        wanted[k] = i;
        n_wanted++;
    }
    return n_wanted;
}

/* One round: what the journal lacks is simulated, then all of it is put in order. */
static bool run_round(struct xo_campaign *c, struct xo_error *err)
{
    const struct xo_campaign_work *w = c->work;
    const int n = xo_worlds_n_tasks(w->worlds), round = xo_worlds_round(w->worlds);
    int *wanted = malloc((size_t)n * sizeof *wanted);
    struct xo_bytes *results = malloc((size_t)n * sizeof *results);
    bool ok = (wanted != NULL && results != NULL) ||
              xo_fail(err, XO_ERR_MEMORY, "out of memory for simulations");
    c->n_put = 0;
    c->n_open = ok ? find_wanted(c, n, round, wanted) : 0;
    ok = ok &&
         (c->n_open == 0 || c->crew.tasks(c->crew.self, w, wanted, c->n_open, take_task, c, err));
    c->bar += (1 - c->bar) * ROUND_SHARE;
    for (int i = 0; ok && i < n; i++)
        results[i] = find_kept(c, round, i)->bytes;
    ok = ok && c->crew.put(c->crew.self, w, results, n, err);
    free(wanted);
    free(results);
    return ok;
}

static bool take_items(void *self, int64_t from, int64_t to, const void *items,
                       struct xo_error *err)
{
    struct xo_campaign *c = self;
    memcpy(item_at(c, from), items, items_size(c, to - from));
    if (!xo_journal_samples(c->journal, from, to, item_at(c, from), err))
        return false;
    c->next = to;
    show_progress(c, 1, (double)(to - c->from) / (double)(c->to - c->from), c->work->kind->items);
    return true;
}

static bool run_to(struct xo_campaign *c, int64_t to, struct xo_error *err)
{
    return c->next >= to || c->crew.items(c->crew.self, c->work, c->next, to, take_items, c, err);
}

/* ---- what it takes, beforehand ---- */

static double memory_bytes(void)
{
    struct rlimit limit;
    const double all = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    const bool limited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return limited && (double)limit.rlim_cur < all ? (double)limit.rlim_cur : all;
}

/* Refused before anything is simulated, where it would end out of memory. */
static bool fits_memory(const struct xo_campaign *c, struct xo_error *err)
{
    const struct xo_campaign_kind *kind = c->work->kind;
    const double needed = (double)(c->to - c->from) * kind->bytes_per_item, there = memory_bytes();
    char place[XO_PLACE_SIZE];
    if (needed <= there)
        return true;
    return xo_fail(err, XO_ERR_INPUT,
                   "%s: %" PRId64 " %s take %.3g GB of memory, and this machine has %.3g GB, "
                   "enough for %.0f %s: lower %s",
                   xo_scenario_place(c->work->scenario, xo_key_find(c->work->key), place),
                   c->to - c->from, kind->items, needed / 1e9, there / 1e9,
                   floor(there / kind->bytes_per_item), kind->items, c->work->key);
}

/* What `left_s` seconds more are for, and the key that would shorten them. */
static void tell_of_time(const struct xo_campaign *c, double left_s)
{
    const struct xo_campaign_kind *kind = c->work->kind;
    char time[32], place[XO_PLACE_SIZE], text[2048];
    snprintf(text, sizeof text,
             "%" PRId64 " %s take %s more and up to %.2g GB of memory; %s (%s) makes them fewer",
             c->to - c->next, kind->items, xo_text_duration(time, sizeof time, left_s),
             (double)(c->to - c->from) * kind->bytes_per_item / 1e9, c->work->key,
             xo_scenario_place(c->work->scenario, xo_key_find(c->work->key), place));
    c->settings.tell(c->settings.tell_self, text);
}

/* The first items say how long all of them take; where that is long, so do we. Where precision may
 * end the study early, that is the most. */
static bool run_first(struct xo_campaign *c, struct xo_error *err)
{
    enum { FIRST = 2000 };
    static const double LONG_S = 120;
    const int64_t before = c->next, n = before + FIRST < c->to ? before + FIRST : c->to;
    const double start_s = xo_now_s();
    if (!run_to(c, n, err))
        return false;
    const double left_s = (xo_now_s() - start_s) / (double)(n - before) * (double)(c->to - c->next);
    if (left_s > LONG_S && c->settings.tell != NULL)
        tell_of_time(c, left_s);
    return true;
}

/* All items of our part; of a whole study only as many as it asks for. */
static bool run_items(struct xo_campaign *c, struct xo_error *err)
{
    const struct xo_campaign_work *w = c->work;
    int64_t *n = &c->n_count;
    *n = c->to - c->from;
    if (c->next < c->to && !run_first(c, err))
        return false;
    if (c->is_shard || w->kind->next_look == NULL)
        return run_to(c, c->to, err);
    for (int64_t looked = 0; looked < c->to; looked = *n) {
        *n = w->kind->next_look(w->study, looked);
        if (!run_to(c, *n, err))
            return false;
        if (w->kind->enough(w->study, c->items, *n))
            break;
    }
    return true;
}

/* ---- the campaign ---- */

static void place(struct xo_campaign *c)
{
    const struct xo_campaign_settings *as = &c->settings;
    c->to = c->work->n_items;
    c->is_shard = as->n_shards > 0;
    if (c->is_shard) {
        c->from = campaign_shard_begin(c->work, as->shard, as->n_shards);
        c->to = as->shard == 0 ? 0 : campaign_shard_begin(c->work, as->shard + 1, as->n_shards);
        campaign_shard_path(c->path, as->folder, as->shard, as->n_shards);
    } else {
        snprintf(c->path, sizeof c->path, "%.4000s/%s.journal", as->folder, c->work->kind->name);
    }
    c->next = c->from;
}

bool xo_campaign_new(struct xo_campaign **out, const struct xo_campaign_work *work,
                     const struct xo_campaign_settings *settings,
                     const struct xo_study_options *options, struct xo_error *err)
{
    assert(!settings->join || (!settings->resume && settings->n_shards == 0));
    struct xo_campaign *c = calloc(1, sizeof *c);
    if (c == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a %s", work->kind->name);
    c->work = work;
    c->settings = *settings;
    c->options = options;
    c->threads.options = options;
    place(c);
    bool ok = fits_memory(c, err);
    if (ok) {
        c->items = calloc((size_t)(c->to - c->from) + 1, items_size(c, 1));
        ok = c->items != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for %" PRId64 " %s",
                                         c->to - c->from, work->kind->items);
    }
    if (ok)
        *out = c;
    else
        xo_campaign_free(c);
    return ok;
}

bool xo_campaign_run(struct xo_campaign *c, const struct xo_campaign_crew *crew,
                     struct xo_error *err)
{
    c->crew = crew != NULL ? *crew : campaign_threads_crew(&c->threads);
    if (!(c->settings.join ? join_shards(c, err) : open_journal(c, err)))
        return false;
    while (xo_worlds_n_tasks(c->work->worlds) > 0)
        if (!run_round(c, err))
            return false;
    return run_items(c, err);
}

const double *xo_campaign_items(const struct xo_campaign *c, int64_t *n)
{
    *n = c->n_count;
    return c->items;
}

struct xo_campaign_state xo_campaign_state(const struct xo_campaign *c)
{
    const bool open = c->journal != NULL;
    return (struct xo_campaign_state){ .journal = open ? c->path : NULL,
                                       .command = open ? xo_journal_command(c->journal)
                                                       : c->settings.command,
                                       .n_items = c->to - c->from,
                                       .n_finished = c->next - c->from,
                                       .n_simulations = c->n_kept };
}

void xo_campaign_done(struct xo_campaign *c)
{
    if (c->journal != NULL)
        unlink(c->path);
}

bool xo_campaign_close(struct xo_campaign *c, struct xo_error *err)
{
    struct xo_journal *journal = c->journal;
    c->journal = NULL;
    return xo_journal_close(journal, err);
}

void xo_campaign_free(struct xo_campaign *c)
{
    if (c == NULL)
        return;
    xo_campaign_close(c, NULL);
    for (int i = 0; i < c->n_kept; i++)
        free(c->kept[i].bytes.at);
    free(c->kept);
    free(c->items);
    free(c);
}
