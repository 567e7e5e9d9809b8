/* buffer.c - text that grows, and text that stays on its line; see buffer.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buffer.h"

#include "xo/memory.h"
#include "xo/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct xo_buf *buf, size_t more)
{
    void *items = buf->text;
    if (!buf->failed && xo_array_reserve(&items, &buf->room, buf->length + more + 1, 1, NULL))
        buf->text = items;
    else
        buf->failed = true;
    return !buf->failed;
}

void xo_put_bytes(struct xo_buf *buf, const char *bytes, size_t n)
{
    if (!reserve(buf, n))
        return;
    memcpy(buf->text + buf->length, bytes, n);
    buf->length += n;
    buf->text[buf->length] = '\0';
}

void xo_put_list(struct xo_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, format, args);
    if (n < 0 || !reserve(buf, (size_t)n))
        buf->failed = true;
    else {
        vsnprintf(buf->text + buf->length, (size_t)n + 1, format, again);
        buf->length += (size_t)n;
    }
    va_end(again);
}

void xo_put(struct xo_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    xo_put_list(buf, format, args);
    va_end(args);
}

char *xo_buf_take(struct xo_buf *buf)
{
    if (buf->text == NULL)
        xo_put_bytes(buf, "", 0);
    char *text = buf->failed ? NULL : buf->text;
    if (text == NULL)
        free(buf->text);
    *buf = (struct xo_buf){ 0 };
    return text;
}

void xo_buf_fini(struct xo_buf *buf)
{
    free(buf->text);
    *buf = (struct xo_buf){ 0 };
}

static bool continues(char byte) /* a byte of a UTF-8 character that is not its first */
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

size_t xo_columns_of(const char *utf8, size_t bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < bytes; i++)
        n += !continues(utf8[i]);
    return n;
}

size_t xo_columns(const char *utf8)
{
    return xo_columns_of(utf8, strlen(utf8));
}

const char *xo_plain(char *to, size_t size, const char *from, size_t columns)
{
    static const char ellipsis[] = "\xE2\x80\xA6";
    size_t n = 0, column = 0, cut = 0; /* cut: where an ellipsis still fits */
    while (*from != '\0') {
        char shown[XO_SHOWN_SIZE];
        const size_t taken = xo_text_show(from, shown), bytes = strlen(shown),
                     width = xo_columns(shown);
        if (column + width > columns || n + bytes >= size) {
            n = cut;
            memcpy(to + n, ellipsis, sizeof ellipsis - 1);
            n += sizeof ellipsis - 1;
            break;
        }
        if (n + sizeof ellipsis <= size)
            cut = n;
        memcpy(to + n, shown, bytes);
        n += bytes;
        column += width;
        from += taken;
    }
    to[n] = '\0';
    return to;
}
