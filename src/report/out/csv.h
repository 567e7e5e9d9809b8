/* csv.h - cells of CSV by RFC 4180.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_OUT_CSV_H
#define XO_REPORT_OUT_CSV_H

#include "base/buffer.h"

/* A cell by RFC 4180; one that a spreadsheet would run as a formula gets a leading apostrophe. */
void xo_csv_text(struct xo_buf *buf, const char *text);
void xo_csv_number(struct xo_buf *buf, double value); /* NaN and infinities: empty */

#endif
