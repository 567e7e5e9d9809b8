/* lines.h - text in lines and cells of a terminal.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_OUT_LINES_H
#define XO_REPORT_OUT_LINES_H

#include "base/buffer.h"
#include "xo/error.h"

#include <stdio.h>

/* A blank that no line may break at: written as a blank by xo_put_wrapped and xo_unglue. */
enum { XO_GLUE = 1 };
void xo_unglue(char *text);
/* `text` broken at blanks into lines of at most `width` columns, '\n'-ended. */
void xo_put_wrapped(struct xo_buf *buf, const char *text, int width);
/* Write the buffer to `out` and free it; fails with XO_ERR_IO or _MEMORY. */
XO_MUST_USE bool xo_buf_print(struct xo_buf *buf, FILE *out, struct xo_error *err);

/* `text` cut to `columns` and padded to them: at the right, or at the left with right = true. */
void xo_put_cell(struct xo_buf *buf, const char *text, size_t columns, bool right);
/* The label of a row that itself begins after two blanks: padded to `columns`; one that is longer
 * is broken over lines, so that the numbers in it are read. */
void xo_put_label(struct xo_buf *buf, const char *text, size_t columns);

#endif
