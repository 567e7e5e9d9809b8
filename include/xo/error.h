/* xo/error.h - how a function says that the world would not let it do its work.
 *
 * A function that can fail returns bool, takes a `struct xo_error *` last and leaves its outputs
 * alone on failure. A broken promise between two pieces of our own code is a bug instead, and
 * asserted.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_ERROR_H
#define XO_ERROR_H

#include <stdbool.h>

#define XO_MUST_USE __attribute__((warn_unused_result))

enum xo_error_kind {
    XO_OK,
    XO_ERR_INPUT,   /* a scenario, trace, catalog or argument says something impossible */
    XO_ERR_IO,      /* a file could not be read or written, a program not run */
    XO_ERR_MEMORY,  /* allocation failed */
    XO_ERR_NUMERIC, /* a solver did not converge, a statistic does not exist */
    XO_ERR_STOPPED, /* the user pressed Ctrl-C */
};

struct xo_error {
    enum xo_error_kind kind;
    char text[480]; /* one sentence for a person: where, what was found, what would do */
};

/* Fill *err (NULL is fine) with kind and the formatted text, cut to fit; returns false always. */
bool xo_fail(struct xo_error *err, enum xo_error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
