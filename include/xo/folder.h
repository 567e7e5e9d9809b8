/* xo/folder.h - a folder whose files change together, and that one study at a time writes to.
 *
 * New files are written into a hidden folder inside (the stage). When the last of them is on the
 * disk, one rename makes them the new results; then each takes its place. A program that is killed
 * before that rename changes nothing. The next lock on the folder clears its stage away, or, after
 * that rename, puts the rest in place. XO_FOLDER_SEAL is taken out first and put in last: a folder
 * that holds one is whole.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_FOLDER_H
#define XO_FOLDER_H

#include "xo/error.h"
#include <stdio.h>

enum { XO_FOLDER_PATH_SIZE = 4096 };
#define XO_FOLDER_SEAL "manifest.json"

/* ---- who may write ---- */

enum xo_folder_use {
    XO_FOLDER_ALONE,  /* results: nobody else writes */
    XO_FOLDER_SHARED, /* parts of one study, each with a file of its own, but no results */
};
struct xo_folder_lock {
    char folder[XO_FOLDER_PATH_SIZE];
    int fd;    /* -1: not locked */
    bool made; /* the folder was not there before */
};
/* Lock the folder `path`, which is made where it is missing. Fails with XO_ERR_IO where another
 * process holds it, or where results of a killed one cannot be put in place. A folder that cannot
 * be made, or lies on a file system without locks, is not locked and no failure: writing tells. */
XO_MUST_USE bool xo_folder_lock(struct xo_folder_lock *lock, const char *path,
                                enum xo_folder_use use, struct xo_error *err);
/* A folder that was made by the lock and is still empty goes again. Harmless when done twice, or
 * after a failed lock. */
void xo_folder_unlock(struct xo_folder_lock *lock);

/* ---- files that change together ---- */

/* The caller holds the lock. */
struct xo_stage {
    char folder[XO_FOLDER_PATH_SIZE]; /* "": not begun */
    char path[XO_FOLDER_PATH_SIZE];   /* the files are written here */
};
XO_MUST_USE bool xo_stage_begin(struct xo_stage *stage, const char *folder, struct xo_error *err);
/* Write the file `name`, which is not empty; NULL fills err. */
FILE *xo_stage_open(struct xo_stage *stage, const char *name, struct xo_error *err);
/* All of it is on the disk; fails with XO_ERR_IO where it is not (full disk), for the reason in
 * errno, so call it at once where a write fails. Closes in any case. */
XO_MUST_USE bool xo_stage_close(struct xo_stage *stage, const char *name, FILE *stream,
                                struct xo_error *err);
/* The file `name` of earlier results is to go; one that is not there is fine. */
XO_MUST_USE bool xo_stage_drop(struct xo_stage *stage, const char *name, struct xo_error *err);
/* Everything takes its place. */
XO_MUST_USE bool xo_stage_commit(struct xo_stage *stage, struct xo_error *err);
/* Give up: the folder is as it was. Harmless after commit. */
void xo_stage_discard(struct xo_stage *stage);

#endif
