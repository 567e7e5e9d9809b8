/* buffer.h - text that grows, and text that stays on its line. Private to the library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_BASE_BUFFER_H
#define XO_BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A failed allocation sticks: later puts do nothing and xo_buf_take gives NULL. */
struct xo_buf {
    char *text; /* owned; NULL while empty */
    size_t length, room;
    bool failed;
};
void xo_put(struct xo_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void xo_put_list(struct xo_buf *buf, const char *format, va_list args);
void xo_put_bytes(struct xo_buf *buf, const char *bytes, size_t n);
char *xo_buf_take(struct xo_buf *buf); /* the caller frees; *buf is empty again */
void xo_buf_fini(struct xo_buf *buf);

size_t xo_columns(const char *utf8); /* characters, not bytes */
size_t xo_columns_of(const char *utf8, size_t bytes);
/* `from` as valid UTF-8 on one line, at most `columns` wide (a cut ends in an ellipsis). */
const char *xo_plain(char *to, size_t size, const char *from, size_t columns);

#endif
