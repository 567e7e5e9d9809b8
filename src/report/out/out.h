/* out.h - writers of pages: each loops over the blocks.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_OUT_H
#define XO_REPORT_OUT_H

#include "report/page/page.h"

/* For a terminal: lines of 80 columns, tables by the widths of their cells. */
void page_put_terminal(struct xo_buf *buf, const struct page *page);
/* GitHub's Markdown; what the page says cannot become markup. */
void page_put_markdown(struct xo_buf *buf, const struct page *page);
/* Put the page into `buf` by one of them, and free it. */
void page_finish(struct page *page, struct xo_buf *buf,
                 void (*put)(struct xo_buf *buf, const struct page *page));
/* What is in `buf` and on the page, which are freed, goes to `out`. */
XO_MUST_USE bool page_print(struct page *page, struct xo_buf *buf, FILE *out, struct xo_error *err);

#endif
