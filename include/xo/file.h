/* xo/file.h - files read whole, and files that are either whole or not there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_FILE_H
#define XO_FILE_H

#include "xo/error.h"
#include <stddef.h>
#include <stdio.h>

/* What an errno of a failed write says to a person, and its kind: the C library's own buffers take
 * memory too. */
const char *xo_file_why(int why);
enum xo_error_kind xo_file_kind(int why);

/* Read the file `path` ("-": standard input, waited for without end) into a fresh NUL-terminated
 * buffer that the caller frees; *size leaves the NUL out. Fails with XO_ERR_IO (missing, a
 * directory, over max_bytes, silent) or _MEMORY. */
XO_MUST_USE bool xo_file_read(const char *path, size_t max_bytes, char **text, size_t *size,
                              struct xo_error *err);

/* A file being written under a temporary name beside its real one. */
struct xo_file {
    FILE *stream; /* write to this */
    char path[4096], temporary[4096 + 32];
};

/* Open `path` for writing; nothing appears under that name before xo_file_commit. */
XO_MUST_USE bool xo_file_create(struct xo_file *file, const char *path, struct xo_error *err);
/* Flush, check for write errors (full disk), sync and rename into place. Removes the temporary and
 * fails with XO_ERR_IO when any of it did not work. */
XO_MUST_USE bool xo_file_commit(struct xo_file *file, struct xo_error *err);
/* Give up: close and remove the temporary. Harmless after commit. */
void xo_file_discard(struct xo_file *file);

/* Make the folder `path` and those above it; existing ones are fine. */
XO_MUST_USE bool xo_folder_make(const char *path, struct xo_error *err);

#endif
