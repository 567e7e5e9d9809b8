/* buffer.c - text that breaks into lines and cells, and leaves the program.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "xo/file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

void xo_put_wrapped(struct xo_buf *buf, const char *text, int width)
{
    size_t column = 0;
    while (*(text += strspn(text, " ")) != '\0') {
        const size_t bytes = strcspn(text, " "), columns = xo_columns_of(text, bytes);
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
