/* csv.c - RFC 4180 tables that a spreadsheet cannot be tricked by.
 *
 * Base units stand in the column names, numbers are exact and without marks, what does not exist is
 * an empty cell, lines end in CRLF as the RFC has it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csv.h"
#include "xo/text.h"
#include <string.h>

void xo_csv_text(struct xo_buf *buf, const char *text)
{
    char plain[1024];
    xo_plain(plain, sizeof plain, text, sizeof plain);
    const bool formula = plain[0] != '\0' && strchr("=+-@", plain[0]) != NULL;
    const bool quoted = strpbrk(plain, "\",;'") != NULL || plain[0] == ' ';
    xo_put(buf, "%s%s", quoted ? "\"" : "", formula ? "'" : "");
    for (const char *c = plain; *c != '\0'; c++)
        xo_put_bytes(buf, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    xo_put(buf, "%s", quoted ? "\"" : "");
}

void xo_csv_number(struct xo_buf *buf, double value)
{
    char exact[32];
    xo_text_exact(exact, value);
    xo_put_bytes(buf, exact, strlen(exact));
}
