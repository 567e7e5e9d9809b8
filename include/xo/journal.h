/* xo/journal.h - what a long study has finished, on disk, so that a killed one goes on.
 *
 * A text file: a head that says what the study is (version, seed, the whole resolved scenario),
 * then one line for each finished simulation and each finished sample, in order, each closed by a
 * checksum. The head appears whole or not at all; a line that was torn by a crash is cut off when
 * the file is opened again. Numbers are written as their bytes, and so read back to the bit. Shards
 * of one study are journals too, and are joined from them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_JOURNAL_H
#define XO_JOURNAL_H

#include "xo/error.h"
#include "xo/scenario.h"
#include <stdint.h>

/* What the study is. A journal goes on only where all of it but `command` is the same. */
struct xo_journal_head {
    const char *study;   /* "sweep" */
    const char *command; /* as typed at first */
    const struct xo_scenario *scenario;
    uint64_t hash;     /* of everything that samples depend on */
    int64_t from, to;  /* the samples that belong in this file, of all */
    int64_t n_samples; /* of all */
    int n_fields;      /* numbers of a sample */
};

/* Finished work, in the order of the file. The callbacks may be NULL; false stops with *err. */
struct xo_journal_reader {
    void *self;
    bool (*task)(void *self, int round, int task, const unsigned char *bytes, size_t n,
                 struct xo_error *err);
    bool (*sample)(void *self, int64_t index, const double fields[], struct xo_error *err);
};

struct xo_journal;
/* Begin a journal at `path`, in place of one that may be there. Fails with XO_ERR_IO, also
 * where another process writes it. */
XO_MUST_USE bool xo_journal_create(struct xo_journal **journal, const char *path,
                                   const struct xo_journal_head *head, struct xo_error *err);
/* Read what is finished, cut off a torn end and go on writing behind it. XO_ERR_INPUT, naming what
 * differs, when it is of another study; *next is the first sample that is missing. */
XO_MUST_USE bool xo_journal_resume(struct xo_journal **journal, const char *path,
                                   const struct xo_journal_head *head,
                                   const struct xo_journal_reader *reader, int64_t *next,
                                   struct xo_error *err);
/* Only read it: a shard to join. head->from and to are taken from the file. */
XO_MUST_USE bool xo_journal_read(const char *path, struct xo_journal_head *head,
                                 const struct xo_journal_reader *reader, int64_t *next,
                                 struct xo_error *err);
/* The command that began it; borrowed. */
const char *xo_journal_command(const struct xo_journal *journal);
/* Add finished work; it is on the disk a few seconds later at most. */
XO_MUST_USE bool xo_journal_task(struct xo_journal *journal, int round, int task,
                                 const unsigned char *bytes, size_t n, struct xo_error *err);
XO_MUST_USE bool xo_journal_samples(struct xo_journal *journal, int64_t from, int64_t to,
                                    const double fields[], struct xo_error *err);
/* Put everything on the disk and close; NULL is fine. False when something did not get there. */
bool xo_journal_close(struct xo_journal *journal, struct xo_error *err);

#endif
