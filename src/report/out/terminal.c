/* terminal.c - a page as lines of 80 columns.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "report/out/out.h"

#include <string.h>

enum { WIDTH = 80, INDENT = 2 };

static void put_title(struct xo_buf *buf, const char *title, const char *more)
{
    char name[XO_TITLE_SIZE];
    const size_t taken = xo_columns(more) + (*more != '\0' ? 2 : 0);
    xo_plain(name, sizeof name, title, WIDTH - taken);
    xo_put(buf, "%s", name);
    if (*more != '\0')
        xo_put(buf, "%*s%s", (int)(WIDTH - xo_columns(more) - xo_columns(name)), "", more);
    xo_put(buf, "\n");
}

/* The end of a line, without the blanks before it. */
static void end_line(struct xo_buf *buf)
{
    while (buf->length > 0 && buf->text[buf->length - 1] == ' ')
        buf->length--;
    xo_put(buf, "\n");
}

/* The line that is being written. */
struct line {
    size_t start; /* in the buffer */
    size_t spare; /* columns of empty cells, which a cell at the right of its own takes */
    size_t under; /* where the last cell of any width began, below which the next one may stand */
};

static size_t column_of(const struct xo_buf *buf, const struct line *line)
{
    return buf->failed || buf->length == line->start ? 0 : xo_columns(buf->text + line->start);
}

/* A cell as wide as its text, in the next line where this one has no room. */
static void put_open_cell(struct xo_buf *buf, struct line *line, int gap, const char *text)
{
    char plain[1024];
    xo_plain(plain, sizeof plain, text, sizeof plain);
    const size_t end = column_of(buf, line) + (size_t)gap + xo_columns(plain);
    if (line->under > 0 && end > WIDTH) {
        end_line(buf);
        line->start = buf->length;
        xo_put(buf, "%*s", (int)line->under, "");
    } else
        xo_put(buf, "%*s", gap, "");
    line->under = column_of(buf, line);
    xo_put(buf, "%s", plain);
}

static void put_cell(struct xo_buf *buf, struct line *line, const struct page_cell *column,
                     const char *text)
{
    const size_t spare = line->spare;
    if (column->right && *text == '\0') {
        line->spare += (size_t)(column->gap + column->width);
        return;
    }
    line->spare = 0;
    if (column->width == 0) {
        put_open_cell(buf, line, column->gap + (int)spare, text);
        return;
    }
    xo_put(buf, "%*s", column->gap + (column->right ? 0 : (int)spare), "");
    if (column->breaks)
        xo_put_label(buf, text, (size_t)column->width);
    else
        xo_put_cell(buf, text, (size_t)column->width + (column->right ? spare : 0), column->right);
}

/* Line `line` of a head of several, the last of which is line 0: "USD a\nmonth". */
static const char *head_line(char out[XO_TITLE_SIZE], const char *head, int line)
{
    int below = 0;
    for (const char *c = head; *c != '\0'; c++)
        below += *c == '\n';
    out[0] = '\0';
    if (line > below)
        return out;
    for (; below > line; below--)
        head = strchr(head, '\n') + 1;
    snprintf(out, XO_TITLE_SIZE, "%.*s", (int)strcspn(head, "\n"), head);
    return out;
}

static int head_lines(const struct page *page, const struct page_cell columns[], int n)
{
    int most = 0;
    for (int i = 0; i < n; i++) {
        const char *head = page_at(page, columns[i].head);
        int lines = *head != '\0';
        for (; *head != '\0'; head++)
            lines += *head == '\n';
        most = lines > most ? lines : most;
    }
    return most;
}

static void put_heads(struct xo_buf *buf, const struct page *page, const struct page_cell columns[],
                      int n)
{
    char text[XO_TITLE_SIZE];
    for (int line = head_lines(page, columns, n) - 1; line >= 0; line--) {
        struct line out = { .start = buf->length };
        for (int i = 0; i < n; i++)
            put_cell(buf, &out, &columns[i], head_line(text, page_at(page, columns[i].head), line));
        end_line(buf);
    }
}

static void put_table(struct xo_buf *buf, const struct page *page, const struct block *table)
{
    const struct page_cell *columns = &page->cells[table->first_cell];
    const char *head = page_at(page, table->text);
    if (*head != '\0')
        xo_put(buf, "%s\n", head);
    else if (table->n_rows > 0)
        put_heads(buf, page, columns, table->n_columns);
    for (int r = 0; r < table->n_rows; r++) {
        const struct page_cell *row = &columns[r * table->n_columns];
        struct line out = { .start = buf->length };
        for (int i = 0; i < table->n_columns; i++)
            put_cell(buf, &out, &columns[i], page_at(page, row[i].shown));
        end_line(buf);
    }
}

static void put_line(struct xo_buf *buf, const char *text, int indent)
{
    const size_t at = buf->length;
    xo_put(buf, "%*s%s\n", indent, "", text);
    if (!buf->failed)
        xo_unglue(buf->text + at);
}

void page_put_terminal(struct xo_buf *buf, const struct page *page)
{
    buf->failed = buf->failed || page->text.failed;
    for (size_t i = 0; i < page->n_blocks && !buf->failed; i++) {
        const struct block *b = &page->blocks[i];
        const char *text = page_at(page, b->text);
        xo_put(buf, "%s", b->gap ? "\n" : "");
        switch (b->kind) {
        case BLOCK_TITLE:
            put_title(buf, text, page_at(page, b->more));
            break;
        case BLOCK_TEXT:
            xo_put_wrapped(buf, text, WIDTH);
            break;
        case BLOCK_SECTION:
        case BLOCK_LINE:
            put_line(buf, text, 0);
            break;
        case BLOCK_ITEM:
            put_line(buf, text, INDENT);
            break;
        case BLOCK_PICTURE:
            xo_put(buf, "%s", text);
            break;
        case BLOCK_TABLE:
            put_table(buf, page, b);
            break;
        }
    }
}

void page_finish(struct page *page, struct xo_buf *buf,
                 void (*put)(struct xo_buf *buf, const struct page *page))
{
    put(buf, page);
    page_fini(page);
}

bool page_print(struct page *page, struct xo_buf *buf, FILE *out, struct xo_error *err)
{
    page_finish(page, buf, page_put_terminal);
    return xo_buf_print(buf, out, err);
}
