/* raw.h - the bytes of a file, a pipe, a device or standard input, as they come.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SRC_BASE_RAW_H
#define XO_SRC_BASE_RAW_H

#include "xo/error.h"
#include <stddef.h>

/* What is no regular file is given up when nothing comes from it for so long; standard input is
 * waited for without end, since a person may be typing. */
enum { XO_RAW_SILENCE_S = 10 };

struct xo_raw {
    const char *name; /* borrowed; as messages say it */
    int fd;
    bool is_stdin;
};

/* Open `path` for reading; with dash_is_stdin "-" is standard input. Fails with XO_ERR_IO. */
XO_MUST_USE bool xo_raw_open(struct xo_raw *raw, const char *path, bool dash_is_stdin,
                             struct xo_error *err);
/* From one to `room` bytes, as many as there are by now; *n is 0 at the end. Fails with XO_ERR_IO.
 */
XO_MUST_USE bool xo_raw_read(struct xo_raw *raw, void *to, size_t room, size_t *n,
                             struct xo_error *err);
/* Standard input stays open. */
void xo_raw_close(struct xo_raw *raw);

#endif
