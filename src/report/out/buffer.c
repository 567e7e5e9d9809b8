/* buffer.c - text that grows, breaks into lines and stays on its line.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/parts.h"

#include "xo/file.h"
#include "xo/memory.h"
#include "xo/text.h"
#include <errno.h>
#include <stdarg.h>
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

bool xo_buf_print(struct xo_buf *buf, FILE *out, struct xo_error *err)
{
    const bool failed = buf->failed;
    errno = 0;
    const bool written =
        !failed && fwrite(buf->text, 1, buf->length, out) == buf->length && fflush(out) == 0;
    const int why = errno;
    xo_buf_fini(buf);
    if (failed)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory while writing the results");
    return written || xo_fail(err, XO_ERR_IO, "cannot write the results%s: %s",
                              out == stdout ? " to standard output" : "", xo_file_why(why));
}

void xo_unglue(char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        if (*text == XO_GLUE)
            *text = ' ';
}

static bool continues(char byte) /* a byte of a UTF-8 character that is not its first */
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

size_t xo_columns(const char *utf8)
{
    size_t n = 0;
    for (; *utf8 != '\0'; utf8++)
        n += !continues(*utf8);
    return n;
}

void xo_put_wrapped(struct xo_buf *buf, const char *text, int width)
{
    size_t column = 0;
    while (*(text += strspn(text, " ")) != '\0') {
        const size_t bytes = strcspn(text, " ");
        size_t columns = 0;
        for (size_t i = 0; i < bytes; i++)
            columns += !continues(text[i]);
        if (column > 0 && column + 1 + columns > (size_t)width) {
            xo_put_bytes(buf, "\n", 1);
            column = 0;
        } else if (column > 0) {
            xo_put_bytes(buf, " ", 1);
            column++;
        }
        const size_t at = buf->length;
        xo_put_bytes(buf, text, bytes);
        if (!buf->failed)
            xo_unglue(buf->text + at);
        column += columns;
        text += bytes;
    }
    xo_put_bytes(buf, "\n", 1);
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

void xo_put_cell(struct xo_buf *buf, const char *text, size_t columns, bool right)
{
    char cell[512];
    xo_plain(cell, sizeof cell, text, columns);
    const int pad = (int)(columns - xo_columns(cell));
    xo_put(buf, "%*s%s%*s", right ? pad : 0, "", cell, right ? 0 : pad, "");
}

void xo_put_label(struct xo_buf *buf, const char *text, size_t columns)
{
    enum { INDENT = 2 };
    char safe[512];
    struct xo_buf lines = { 0 };
    xo_plain(safe, sizeof safe, text, sizeof safe);
    if (xo_columns(safe) <= columns) {
        xo_put_cell(buf, safe, columns, false);
        return;
    }
    for (char *at = safe + 1; *at != '\0'; at++)
        if (*at == ' ' && at[-1] != ':' && at[-1] != ',')
            *at = XO_GLUE;
    xo_put_wrapped(&lines, safe, (int)columns - 2 * INDENT);
    char *line = lines.text, *end;
    int indent = 0;
    while (line != NULL && (end = strchr(line, '\n')) != NULL && end[1] != '\0') {
        xo_put(buf, "%*s%.*s\n  ", indent, "", (int)(end - line), line);
        line = end + 1;
        indent = INDENT;
    }
    if (line != NULL) {
        line[strcspn(line, "\n")] = '\0';
        xo_put(buf, "%*s", indent, "");
        xo_put_cell(buf, line, columns - (size_t)indent, false);
    }
    xo_buf_fini(&lines);
}
