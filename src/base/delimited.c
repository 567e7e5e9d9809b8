/* delimited.c - lines of text from outside and their fields: CSV, and JSON a line.
 *
 * The state is a window on the file, buffer[at .. at + n), that is moved to the front and filled
 * again when a line's end is not in it. A line is handed out where it stands, a NUL in place of its
 * end, and cut into fields there; so no byte is copied but those that a line had begun with when
 * the window was filled.
 *
 * Invariant: between calls the window begins with a line (or is empty), and the byte behind it is
 * the buffer's. The buffer holds one chunk and the longest line, so at most XO_MAX_LINE and a bit,
 * whatever the file unpacks to.
 *
 * A quoted field may hold line breaks. Its line is joined with those behind it only where the field
 * then ends as a field does; else the line stands alone and is refused for its open quote, and
 * reading can go on behind it. Joining whatever comes up to the next quote would make one stray
 * quote swallow rows in silence. Begin with xo_delimited_next, join and xo_delimited_split.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "delimited.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 16, MARKS_SIZE = 262 /* all of marks[] lie before */ };

bool xo_delimited_fail(const struct xo_delimited *d, struct xo_error *err, const char *format, ...)
{
    char text[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (d->is_bare)
        return xo_fail(err, XO_ERR_INPUT, "%s", text);
    return xo_fail(err, XO_ERR_INPUT, "%s:%ld: %s", d->path, d->line, text);
}

/* ---- files that are something else ---- */

/* How files begin that are no plain text, and what makes them so. gzip: RFC 1952; zstd: RFC 8878
 * (both come here from a build without their library alone); UTF-16: its byte-order marks; tar:
 * POSIX.1-2017, pax, ustar Interchange Format; others: their own specifications. */
static const struct {
    size_t at;
    const char *bytes, *what;
} marks[] = {
    { 0, "\x1f\x8b", "it is compressed by gzip; unpack it (gunzip)" },
    { 0, "\x28\xb5\x2f\xfd", "it is compressed by zstd; unpack it (unzstd)" },
    { 0, "\xfd\x37zXZ", "it is compressed by xz; unpack it (unxz)" },
    { 0, "BZh", "it is compressed by bzip2; unpack it (bunzip2)" },
    { 0, "\x04\x22\x4d\x18", "it is compressed by lz4; unpack it (unlz4)" },
    { 0, "PK\x03\x04", "it is a zip archive or a spreadsheet; unpack it, or save it as CSV" },
    { 0, "\xd0\xcf\x11\xe0\xa1\xb1", "it is a spreadsheet of an old Office; save it as CSV" },
    { 0, "PAR1", "it is a Parquet file; save it as CSV or JSON lines" },
    { 0, "ARROW1", "it is an Arrow file; save it as CSV or JSON lines" },
    { 0, "SQLite format 3", "it is a SQLite database; save the table as CSV" },
    { 0, "\xff\xfe", "it is text in UTF-16; save it as UTF-8" },
    { 0, "\xfe\xff", "it is text in UTF-16; save it as UTF-8" },
    { 257, "ustar", "it is a tar archive; unpack it (tar -xf)" },
};

/* What the n bytes that a file begins with are a mark of; NULL: of nothing. */
static const char *mark_of(const char *text, size_t n)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const size_t length = strlen(marks[i].bytes);
        if (n >= marks[i].at + length && memcmp(text + marks[i].at, marks[i].bytes, length) == 0)
            return marks[i].what;
    }
    if (n > 1 && (text[0] == '\0') != (text[1] == '\0'))
        return "it looks like text in UTF-16; save it as UTF-8";
    return NULL;
}

/* ---- the window ---- */

/* Make room for another chunk behind the window, and for a NUL behind that. */
static bool make_room(struct xo_delimited *d, struct xo_error *err)
{
    if (d->at > 0 && d->room - d->at - d->n <= CHUNK) {
        memmove(d->buffer, d->buffer + d->at, d->n);
        d->at = 0;
    }
    return xo_array_reserve((void **)&d->buffer, &d->room, d->at + d->n + CHUNK + 1, 1, err);
}

static bool fill(struct xo_delimited *d, struct xo_error *err)
{
    struct xo_error why;
    size_t got;
    if (!make_room(d, err))
        return false;
    char *to = d->buffer + d->at + d->n;
    if (!xo_unpacked_read(&d->source, to, CHUNK, &got, &why))
        return why.kind == XO_ERR_INPUT ? xo_delimited_fail(d, err, "%s", why.text)
                                        : xo_fail(err, why.kind, "%s", why.text);
    d->is_end = got == 0;
    d->has_zero |= memchr(to, '\0', got) != NULL;
    d->n += got;
    d->n_read += got;
    return d->max_bytes == 0 || d->n_read <= d->max_bytes ||
           xo_fail(err, XO_ERR_IO, "%s is larger than %zu bytes%s, the most that is read", d->path,
                   d->max_bytes, d->source.packing != NULL ? " unpacked" : "");
}

/* Look at how the file begins. Packed data that is damaged is told where it is, later. */
static bool begin(struct xo_delimited *d, struct xo_error *err)
{
    struct xo_error why = { 0 };
    d->line = 1;
    while (d->n < MARKS_SIZE && !d->is_end && why.kind == XO_OK)
        if (!fill(d, &why) && why.kind != XO_ERR_INPUT)
            return xo_fail(err, why.kind, "%s", why.text);
    const char *what = mark_of(d->buffer + d->at, d->n);
    return what == NULL || xo_delimited_fail(d, err, "%s", what);
}

static void start(struct xo_delimited *d)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    d->line = 0;
    d->n_lines = 1;
    if (d->n < 3 || memcmp(d->buffer, byte_order_mark, 3) != 0)
        return;
    d->at += 3;
    d->n -= 3;
}

bool xo_delimited_open(struct xo_delimited *d, const char *path, struct xo_error *err)
{
    if (!xo_unpacked_open(&d->source, path, d->dash_is_stdin, err))
        return false;
    d->path = d->source.raw.name;
    d->buffer = NULL;
    d->room = d->at = d->n = d->n_read = 0;
    d->is_text = d->has_zero = d->is_end = false;
    if (!begin(d, err)) {
        xo_delimited_close(d);
        return false;
    }
    start(d);
    return true;
}

void xo_delimited_of_text(struct xo_delimited *d, char *text, size_t n)
{
    d->buffer = text;
    d->at = 0;
    d->n = n;
    d->has_zero = false;
    d->is_text = d->is_end = true;
    start(d);
}

void xo_delimited_close(struct xo_delimited *d)
{
    if (d->is_text)
        return;
    free(d->buffer);
    xo_unpacked_close(&d->source);
}

char xo_delimited_peek(const struct xo_delimited *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (strchr(" \t\r\n", d->buffer[d->at + i]) == NULL)
            return d->buffer[d->at + i];
    return '\0';
}

bool xo_delimited_rest(struct xo_delimited *d, char **text, size_t *n, struct xo_error *err)
{
    while (!d->is_end)
        if (!fill(d, err))
            return false;
    if (d->has_zero)
        return xo_delimited_fail(d, err, "there is a byte of 0; %s is plain text", d->what);
    *text = d->buffer + d->at;
    *n = d->n;
    (*text)[*n] = '\0';
    return true;
}

/* ---- lines ---- */

/* Where the line ends that begins `from` bytes behind the window's start: at a line feed, at the
 * end of the file, or once it is too long. */
static bool find_end(struct xo_delimited *d, size_t from, size_t *end, struct xo_error *err)
{
    size_t seen = from;
    const char *feed = NULL;
    for (;;) {
        const char *text = d->buffer + d->at;
        feed = seen < d->n ? memchr(text + seen, '\n', d->n - seen) : NULL;
        const size_t till = feed != NULL ? (size_t)(feed - text) : d->n;
        if (d->has_zero && memchr(text + seen, '\0', till - seen) != NULL)
            return xo_delimited_fail(d, err, "there is a byte of 0; %s is plain text", d->what);
        *end = seen = till;
        if (feed != NULL || d->is_end || seen > XO_MAX_LINE)
            return true;
        if (!fill(d, err))
            return false;
    }
}

/* Where in a field a character stands. */
enum place { BEFORE, INSIDE, QUOTED, AT_QUOTE, BEHIND, BROKEN };

static enum place next_place(enum place place, char c)
{
    const bool is_blank = c == ' ' || c == '\t' || c == '\r';
    switch (place) {
    case BEFORE:
        return c == ',' || is_blank ? BEFORE : c == '"' ? QUOTED : INSIDE;
    case INSIDE:
        return c == ',' ? BEFORE : INSIDE;
    case QUOTED:
        return c == '"' ? AT_QUOTE : QUOTED;
    case AT_QUOTE: /* the field's end, or the first of two */
        if (c == '"')
            return QUOTED;
        return c == ',' ? BEFORE : is_blank ? BEHIND : BROKEN;
    case BEHIND:
        return c == ',' ? BEFORE : is_blank ? BEHIND : BROKEN;
    case BROKEN:
        break;
    }
    return BROKEN;
}

static enum place walk(enum place place, const char *text, size_t n)
{
    for (size_t i = 0; i < n && place != BROKEN; i++)
        place = next_place(place, text[i]);
    return place;
}

/* The line ends at *end within quotes: take in the lines behind it up to the one in which the
 * quotes end, if they end as a field does. */
static bool join(struct xo_delimited *d, size_t *end, struct xo_error *err)
{
    enum place place = walk(BEFORE, d->buffer + d->at, *end);
    const long line = d->line;
    size_t till = *end;
    while (place == QUOTED && till < d->n && till <= XO_MAX_LINE) {
        const size_t from = till + 1;
        d->line++; /* for messages */
        if (!find_end(d, from, &till, err))
            return false;
        place = walk(place, d->buffer + d->at + from, till - from);
    }
    if (place != QUOTED && place != BROKEN && till <= XO_MAX_LINE) {
        *end = till;
        d->n_lines += d->line - line;
    }
    d->line = line;
    return true;
}

static bool take_line(struct xo_delimited *d, struct xo_error *err)
{
    size_t end;
    if (!find_end(d, 0, &end, err))
        return false;
    if (!d->is_json && end <= XO_MAX_LINE && memchr(d->buffer + d->at, '"', end) != NULL &&
        !join(d, &end, err))
        return false;
    if (end > XO_MAX_LINE)
        return xo_delimited_fail(d, err, "the line is longer than 16 MiB (%d bytes)", XO_MAX_LINE);
    const size_t taken = end < d->n ? end + 1 : end; /* with its end */
    d->text = d->buffer + d->at;
    d->length = end > 0 && d->text[end - 1] == '\r' ? end - 1 : end;
    d->text[d->length] = '\0';
    d->at += taken;
    d->n -= taken;
    return true;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r")] == '\0';
}

bool xo_delimited_next(struct xo_delimited *d, bool *is_end, struct xo_error *err)
{
    do {
        d->line += d->n_lines;
        d->n_lines = 1;
        if (d->max_lines > 0 && d->line > d->max_lines)
            return xo_fail(err, XO_ERR_INPUT,
                           "%s has more than %ld lines, the most that is read of %s; take a part "
                           "of it",
                           d->path, d->max_lines, d->what);
        *is_end = false;
        if (!take_line(d, err))
            return false;
        *is_end = d->length == 0 && d->n == 0 && d->is_end;
    } while (!*is_end && is_blank(d->text));
    return true;
}

/* ---- fields ---- */

/* The inside of the field in quotes that begins at `text`, in place; *end behind its last quote.
 * False: it does not end. */
static bool unquote(char *text, char **end)
{
    char *to = text;
    for (char *from = text + 1; *from != '\0'; from++) {
        if (*from == '"' && *++from != '"') {
            *to = '\0';
            *end = from;
            return true;
        }
        *to++ = *from;
    }
    return false;
}

bool xo_delimited_split(struct xo_delimited *d, struct xo_error *err)
{
    d->n_fields = 0;
    for (char *field = d->text; field != NULL;) {
        field += strspn(field, " \t");
        const bool quoted = *field == '"';
        char *end = field;
        if (d->n_fields == XO_MAX_FIELDS)
            return xo_delimited_fail(d, err, "the line has more than %d fields", XO_MAX_FIELDS);
        if (quoted && !unquote(field, &end))
            return xo_delimited_fail(d, err, "field %d begins with a quote and has no other",
                                     d->n_fields + 1);
        char *next = strchr(end, ',');
        if (next != NULL)
            *next++ = '\0';
        if (quoted && *xo_text_trim(end) != '\0')
            return xo_delimited_fail(d, err, "text stands behind the quotes of field %d",
                                     d->n_fields + 1);
        d->fields[d->n_fields++] = quoted ? field : xo_text_trim(field);
        field = next;
    }
    return true;
}

/* ---- what parts the columns ---- */

static const struct {
    char delimiter;
    const char *name;
} partings[] = {
    { ',', "commas" }, { ';', "semicolons" }, { '\t', "tabs" }, { '|', "vertical bars" }
};
enum { N_PARTINGS = sizeof partings / sizeof *partings };

/* What stands most often in the header, outside of quotes, where that is no comma. */
static const char *parting_of(const char *header)
{
    size_t n[N_PARTINGS] = { 0 };
    int most = 0;
    bool quoted = false;
    for (; *header != '\0'; header++) {
        quoted = quoted != (*header == '"');
        for (int i = 0; i < N_PARTINGS; i++)
            n[i] += !quoted && *header == partings[i].delimiter;
    }
    for (int i = 1; i < N_PARTINGS; i++)
        if (n[i] > n[most])
            most = i;
    return most > 0 ? partings[most].name : NULL;
}

bool xo_delimited_header(struct xo_delimited *d, bool *is_end, struct xo_error *err)
{
    if (!xo_delimited_next(d, is_end, err))
        return false;
    d->parted_by = parting_of(d->text);
    return xo_delimited_split(d, err);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Does a number with a comma stand in the next line, as far as that is here already? */
static bool has_decimal_comma(const struct xo_delimited *d)
{
    const char *text = d->buffer + d->at;
    for (size_t i = 1; i + 1 < d->n && text[i] != '\n'; i++)
        if (text[i] == ',' && is_digit(text[i - 1]) && is_digit(text[i + 1]))
            return true;
    return false;
}

bool xo_delimited_refuse_parting(const struct xo_delimited *d, struct xo_error *err)
{
    assert(d->parted_by != NULL);
    if (has_decimal_comma(d))
        return xo_delimited_fail(d, err,
                                 "its columns are parted by %s, and its numbers have decimal "
                                 "commas; columns take commas, and numbers decimal points",
                                 d->parted_by);
    return xo_delimited_fail(d, err, "its columns are parted by %s; they take commas",
                             d->parted_by);
}
