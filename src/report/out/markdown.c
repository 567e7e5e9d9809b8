/* markdown.c - a page in GitHub's Markdown.
 *
 * What would be markup stands behind a backslash, so that a scenario's name is read as it was
 * typed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/out.h"

#include "xo/text.h"
#include <ctype.h>
#include <string.h>

static bool is_word(char c)
{
    return isalnum((unsigned char)c) != 0;
}

/* A character that is markup where it stands: anywhere, at the start of a line or of a word. */
static bool is_markup(const char *text, size_t at)
{
    const char c = text[at];
    return strchr("\\`*[]<>|~&", c) != NULL ||
           (at == 0 && text[1] == ' ' && strchr("#+-", c) != NULL) ||
           (c == '_' && (at == 0 || !is_word(text[at - 1])));
}

/* Without the blanks at its ends, which part columns of a terminal. */
static void put(struct xo_buf *buf, const char *text)
{
    char shown[XO_SHOWN_SIZE];
    text += strspn(text, " ");
    for (size_t at = 0, taken; text[at] != '\0'; at += taken) {
        taken = xo_text_show(text + at, shown);
        if (text[at + strspn(text + at, " \n")] != '\0')
            xo_put(buf, "%s%s", is_markup(text, at) ? "\\" : "", shown);
    }
}

static void put_rule(struct xo_buf *buf, int n)
{
    xo_put(buf, "|");
    for (int i = 0; i < n; i++)
        xo_put(buf, " --- |");
    xo_put(buf, "\n");
}

static void put_cell(struct xo_buf *buf, const char *text, bool strong)
{
    const char *mark = strong && *text != '\0' ? "**" : "";
    if (*text != '\0')
        xo_put(buf, " %s", mark);
    put(buf, text);
    xo_put(buf, "%s |", mark);
}

static void put_table(struct xo_buf *buf, const struct page *page, const struct block *table)
{
    const struct page_cell *cells = &page->cells[table->first_cell];
    xo_put(buf, "|");
    for (int i = 0; i < table->n_columns; i++)
        put_cell(buf, page_at(page, cells[i].head), false);
    xo_put(buf, "\n");
    put_rule(buf, table->n_columns);
    for (int r = 0; r < table->n_rows; r++, cells += table->n_columns) {
        xo_put(buf, "|");
        for (int i = 0; i < table->n_columns; i++)
            put_cell(buf, page_at(page, cells[i].shown), cells[i].strong);
        xo_put(buf, "\n");
    }
}

static void put_paragraph(struct xo_buf *buf, const char *before, const char *text)
{
    xo_put(buf, "%s", before);
    put(buf, text);
    xo_put(buf, "\n");
}

void page_put_markdown(struct xo_buf *buf, const struct page *page)
{
    buf->failed = buf->failed || page->text.failed;
    for (size_t i = 0; i < page->n_blocks && !buf->failed; i++) {
        const struct block *b = &page->blocks[i];
        const char *text = page_at(page, b->text);
        const bool goes_on = b->kind == BLOCK_ITEM && i > 0 && b[-1].kind == BLOCK_ITEM && !b->gap;
        xo_put(buf, i == 0 || goes_on ? "" : "\n");
        switch (b->kind) {
        case BLOCK_TITLE:
            put_paragraph(buf, "## ", text);
            if (b->more != 0)
                put_paragraph(buf, "\n", page_at(page, b->more));
            break;
        case BLOCK_SECTION:
            put_paragraph(buf, "### ", text);
            break;
        case BLOCK_TEXT:
        case BLOCK_LINE:
            put_paragraph(buf, "", text);
            break;
        case BLOCK_ITEM:
            put_paragraph(buf, "- ", text);
            break;
        case BLOCK_PICTURE:
            xo_put(buf, "```\n%s```\n", text);
            break;
        case BLOCK_TABLE:
            put_table(buf, page, b);
            break;
        }
    }
}
