/* xo/campaign.h - a long study from its first simulation to its last item, whoever does the work.
 *
 * A study comes in tasks, which are simulations, then in items, each a function of its number: the
 * rows of a sweep, the cells of a map. One process owns the campaign: it keeps the journal
 * (xo/journal.h), from which a killed study goes on, and asks its crew for tasks and items. The
 * crew is this process's threads, or other processes. A study may also be run in parts, or shards,
 * each with a journal of its own, which are joined later.
 *
 * Statistics of the items, files and pages are its owner's, who also holds the folder of the
 * journal (xo/folder.h). What is wrong is told by the names of the settings below as the command
 * line has them: --resume is .resume.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_CAMPAIGN_H
#define XO_CAMPAIGN_H

#include "xo/map.h"

/* ---- the work ---- */

/* How one kind of study is spread out. */
struct xo_campaign_kind {
    const char *name, *items; /* "sweep", "samples" */
    int n_fields;             /* an item is so many doubles */
    double bytes_per_item;    /* of memory at most, statistics and files included */
    bool (*run_range)(const void *study, int64_t from, int64_t to, void *items,
                      struct xo_error *err);
    /* Where the study may end early, and whether it does; NULL: never. */
    int64_t (*next_look)(const void *study, int64_t done);
    bool (*enough)(const void *study, const void *items, int64_t n);
};
struct xo_campaign_work { /* all borrowed */
    const struct xo_campaign_kind *kind;
    const struct xo_scenario *scenario;
    const void *study;        /* what the functions above work on */
    struct xo_worlds *worlds; /* whose tasks come first */
    int64_t n_items, unit;    /* shards hold whole units */
    const char *key;          /* "study.samples": a lower one makes fewer items */
    uint64_t hash;            /* of everything that items depend on */
};
/* That of a study of which nothing is simulated yet. Items are struct xo_sweep_row, xo_map_cell. */
struct xo_campaign_work xo_campaign_of_sweep(struct xo_sweep *sweep);
struct xo_campaign_work xo_campaign_of_map(struct xo_map *map);

/* ---- the crew ---- */

/* Called with each result as it comes, from one thread at a time; takes over bytes->at. */
typedef bool xo_campaign_take_task(void *self, int task, struct xo_bytes *bytes,
                                   struct xo_error *err);
typedef bool xo_campaign_take_items(void *self, int64_t from, int64_t to, const void *items,
                                    struct xo_error *err);
struct xo_campaign_crew {
    void *self;
    /* Run the open tasks wanted[n]. */
    bool (*tasks)(void *self, const struct xo_campaign_work *work, const int wanted[], int n,
                  xo_campaign_take_task *take, void *taker, struct xo_error *err);
    /* Let everybody know the results of all n tasks of the open round, in order; here by
     * xo_campaign_put. */
    bool (*put)(void *self, const struct xo_campaign_work *work, const struct xo_bytes results[],
                int n, struct xo_error *err);
    /* Run items from..to-1 and hand them over in order. */
    bool (*items)(void *self, const struct xo_campaign_work *work, int64_t from, int64_t to,
                  xo_campaign_take_items *take, void *taker, struct xo_error *err);
};
/* Put the results of a round in this process. */
XO_MUST_USE bool xo_campaign_put(const struct xo_campaign_work *work,
                                 const struct xo_bytes results[], int n, struct xo_error *err);

/* ---- the campaign ---- */

struct xo_campaign_settings {
    const char *folder;  /* of the journal, or of the shards; the owner holds it, and for a shard
                            shares it */
    const char *command; /* kept in a new journal; NULL: none */
    int shard, n_shards; /* part 2 of 8; 0 of 8: the simulations alone; n_shards 0: all of it */
    bool resume;         /* go on with the journal, if there is one */
    bool force;          /* begin anew where there is one */
    bool join;           /* read all shards in the folder; no shard, no resume */
    /* A sentence before something takes minutes; may be NULL. */
    void (*tell)(const void *self, const char *text);
    const void *tell_self;
};

/* What its owner may say of it, and of how to go on. Borrowed. */
struct xo_campaign_state {
    const char *journal; /* its path; NULL: none is open, as before the run and of joined shards */
    const char *command; /* by which it was begun */
    int64_t n_items, n_finished; /* of this part */
    int n_simulations;           /* tasks whose results are kept */
};

/* Nothing is run, and no file touched yet. `work`, `options` and the texts of `settings` are
 * borrowed. XO_ERR_INPUT where the items do not fit into memory. */
struct xo_campaign;
XO_MUST_USE bool xo_campaign_new(struct xo_campaign **campaign, const struct xo_campaign_work *work,
                                 const struct xo_campaign_settings *settings,
                                 const struct xo_study_options *options, struct xo_error *err);
/* Everything, once. On failure what is finished stays in the journal. XO_ERR_STOPPED;
 * _INPUT for a journal that is there without `resume` or `force`, or of another study, and for
 * shards that are missing or unfinished; _IO, also where another process writes the journal. */
XO_MUST_USE bool xo_campaign_run(struct xo_campaign *campaign,
                                 const struct xo_campaign_crew *crew, /* NULL: our threads */
                                 struct xo_error *err);
/* After a run, the items that count; *n of them, from the first of this part. Borrowed. */
const double *xo_campaign_items(const struct xo_campaign *campaign, int64_t *n);
struct xo_campaign_state xo_campaign_state(const struct xo_campaign *campaign);
/* Its results are on the disk: the journal goes. */
void xo_campaign_done(struct xo_campaign *campaign);
/* Put the journal on the disk and close it; false when something did not get there. */
bool xo_campaign_close(struct xo_campaign *campaign, struct xo_error *err);
void xo_campaign_free(struct xo_campaign *campaign); /* closes it too; NULL is fine */

#endif
