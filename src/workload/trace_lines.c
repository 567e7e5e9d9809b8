/* trace_lines.c - lines of a trace and their fields: plain text of any sane length, and files that
 * are something else.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_parts.h"
#include "xo/file.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void xo_trace_lines_fini(struct xo_trace_lines *lines)
{
    free(lines->text);
    lines->text = NULL;
}

bool xo_trace_line_fail(const struct xo_trace_lines *lines, struct xo_error *err,
                        const char *format, ...)
{
    char text[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return xo_fail(err, XO_ERR_INPUT, "%s:%ld: %s", lines->path, lines->line, text);
}

/* How files begin that are no plain text, and what makes them so. gzip: RFC 1952; zstd: RFC 8878;
 * xz, bzip2, zip and Parquet: their own specifications; UTF-16: its byte-order marks. */
static const struct {
    const char *bytes, *what;
} marks[] = {
    { "\x1f\x8b", "it is compressed by gzip; unpack it (gunzip)" },
    { "\x28\xb5\x2f\xfd", "it is compressed by zstd; unpack it (unzstd)" },
    { "\xfd\x37zXZ", "it is compressed by xz; unpack it (unxz)" },
    { "BZh", "it is compressed by bzip2; unpack it (bunzip2)" },
    { "PK\x03\x04", "it is a zip archive or a spreadsheet; unpack it, or save it as CSV" },
    { "PAR1", "it is a Parquet file; save it as CSV or JSON lines" },
    { "\xff\xfe", "it is text in UTF-16; save it as UTF-8" },
    { "\xfe\xff", "it is text in UTF-16; save it as UTF-8" },
};

/* What the n bytes of the first line are a mark of; NULL: of nothing. */
static const char *mark_of(const char *text, size_t n)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const size_t length = strlen(marks[i].bytes);
        if (n >= length && memcmp(text, marks[i].bytes, length) == 0)
            return marks[i].what;
    }
    return NULL;
}

static bool refuse_zero(const struct xo_trace_lines *lines, size_t n, struct xo_error *err)
{
    const char *what = lines->line == 1 ? mark_of(lines->text, n) : NULL;
    if (what == NULL && lines->line == 1 && n == 1)
        what = "it looks like text in UTF-16; save it as UTF-8";
    return xo_trace_line_fail(lines, err, "%s",
                              what != NULL ? what : "there is a byte of 0; a trace is plain text");
}

static bool put_byte(struct xo_trace_lines *lines, size_t n, int c, struct xo_error *err)
{
    if (n == XO_TRACE_MAX_LINE)
        return xo_trace_line_fail(lines, err, "the line is longer than 16 MiB (%d bytes)",
                                  XO_TRACE_MAX_LINE);
    if (n + 1 >= lines->room &&
        !xo_array_reserve((void **)&lines->text, &lines->room, n + 256, 1, err))
        return false;
    lines->text[n] = (char)c;
    return true;
}

bool xo_trace_lines_next(struct xo_trace_lines *lines, bool *is_end, struct xo_error *err)
{
    size_t n = 0;
    int c;
    if (++lines->line > XO_TRACE_MAX_LINES)
        return xo_fail(
            err, XO_ERR_INPUT,
            "%s has more than %d lines, the most that is read of a trace; take a part of "
            "it",
            lines->path, XO_TRACE_MAX_LINES);
    while ((c = getc(lines->file)) != EOF && c != '\n') {
        if (c == '\0')
            return refuse_zero(lines, n, err);
        if (!put_byte(lines, n, c, err))
            return false;
        n++;
    }
    if (ferror(lines->file))
        return xo_file_unread(lines->path, err);
    *is_end = c == EOF && n == 0;
    if (n > 0 && lines->text[n - 1] == '\r')
        n--;
    if (!put_byte(lines, n, '\0', err))
        return false;
    const char *what = lines->line == 1 ? mark_of(lines->text, n) : NULL;
    return what == NULL || xo_trace_line_fail(lines, err, "%s", what);
}

/* The inside of the field in quotes that begins at `text`, in place; *end behind its last quote.
 * NULL: it does not end. */
static char *unquote(char *text, char **end)
{
    char *to = text;
    for (char *from = text + 1; *from != '\0'; from++) {
        if (*from == '"' && *++from != '"') {
            *to = '\0';
            *end = from;
            return text;
        }
        *to++ = *from;
    }
    return NULL;
}

bool xo_trace_lines_split(struct xo_trace_lines *lines, char delimiter, struct xo_error *err)
{
    lines->n_fields = 0;
    for (char *field = lines->text; field != NULL;) {
        field += strspn(field, " ");
        const bool quoted = *field == '"';
        char *end = field;
        if (lines->n_fields == XO_TRACE_MAX_FIELDS)
            return xo_trace_line_fail(lines, err, "the line has more than %d fields",
                                      XO_TRACE_MAX_FIELDS);
        if (quoted && unquote(field, &end) == NULL)
            return xo_trace_line_fail(lines, err, "field %d begins with a quote and has no other",
                                      lines->n_fields + 1);
        char *next = strchr(end, delimiter);
        if (next != NULL)
            *next++ = '\0';
        if (quoted && *xo_text_trim(end) != '\0')
            return xo_trace_line_fail(lines, err, "text stands behind the quotes of field %d",
                                      lines->n_fields + 1);
        lines->fields[lines->n_fields++] = quoted ? field : xo_text_trim(field);
        field = next;
    }
    return true;
}
