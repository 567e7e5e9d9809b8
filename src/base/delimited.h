/* delimited.h - lines of text from outside and their fields: CSV, and JSON a line.
 *
 * Whoever reads columns or lines of a file opens it here, takes the header, then line after line.
 * The columns are parted by commas, and a file whose columns are parted otherwise is refused by the
 * name of what parts them: semicolons mean decimal commas, and no reader may guess which numbers
 * "1,500" and "1.500" are. Fields are those of RFC 4180: one that begins with a double quote ends
 * with one, and may hold commas, line breaks, and quotes that are doubled.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SRC_BASE_DELIMITED_H
#define XO_SRC_BASE_DELIMITED_H

#include "unpacked.h"

enum { XO_MAX_FIELDS = 512, XO_MAX_LINE = 16 << 20 };

struct xo_delimited {
    const char *what;   /* is read, for messages: "a trace" */
    size_t max_bytes;   /* of the file, unpacked; 0: any */
    long max_lines;     /* 0: any */
    bool is_bare;       /* messages leave out the file and the line, which the caller says */
    bool dash_is_stdin; /* the path "-" is standard input */
    bool is_json;       /* a line is a line, quotes or not */

    const char *path; /* as messages name it */
    long line;        /* number of the line in `text`, from 1; of several, the first */
    char *text;       /* without its end, in the buffer: gone with the next line */
    size_t length;
    char *fields[XO_MAX_FIELDS]; /* into text */
    int n_fields;
    const char *parted_by; /* the header has more columns by this than by commas; NULL */

    struct xo_unpacked source;
    char *buffer; /* owned, unless is_text: it is the caller's */
    bool is_text;
    size_t room, at, n; /* bytes buffer[at .. at + n) are still to be read */
    long n_lines;       /* that `text` takes */
    size_t n_read;
    bool has_zero, is_end;
};

/* Open `path`, which is borrowed until xo_delimited_close, with the limits that *d already holds. A
 * byte-order mark is taken off, what gzip or zstd packed is unpacked, and a file that is something
 * else (another packing, a spreadsheet, UTF-16) is refused by its name. Fails with XO_ERR_IO,
 * _MEMORY or _INPUT, and then needs no close. */
XO_MUST_USE bool xo_delimited_open(struct xo_delimited *d, const char *path, struct xo_error *err);
/* The same of a text of n bytes with a NUL behind them, which is borrowed and changed. */
void xo_delimited_of_text(struct xo_delimited *d, char *text, size_t n);
void xo_delimited_close(struct xo_delimited *d);

/* The first character that is no blank; 0 where none is near. */
char xo_delimited_peek(const struct xo_delimited *d);
/* All that is left, as one text with a NUL behind it, borrowed from *d. */
XO_MUST_USE bool xo_delimited_rest(struct xo_delimited *d, char **text, size_t *n,
                                   struct xo_error *err);

/* The next line that is not blank; *is_end after the last. Fails with XO_ERR_INPUT for a line of
 * over XO_MAX_LINE bytes, a byte of 0, or packed data that is damaged, with XO_ERR_IO or _MEMORY.
 */
XO_MUST_USE bool xo_delimited_next(struct xo_delimited *d, bool *is_end, struct xo_error *err);
/* Cut the line into fields, in place, without the blanks around them. Fails with XO_ERR_INPUT; the
 * next line may be read all the same. */
XO_MUST_USE bool xo_delimited_split(struct xo_delimited *d, struct xo_error *err);
/* The first line, split; and parted_by. */
XO_MUST_USE bool xo_delimited_header(struct xo_delimited *d, bool *is_end, struct xo_error *err);
/* Fail because of parted_by, which is not NULL. */
bool xo_delimited_refuse_parting(const struct xo_delimited *d, struct xo_error *err);

/* Fail with XO_ERR_INPUT and "path:line: ..." */
bool xo_delimited_fail(const struct xo_delimited *d, struct xo_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
