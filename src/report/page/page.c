/* page.c - blocks and cells, kept with their texts until they are written.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/page.h"
#include "report/words/sentences.h"
#include "xo/memory.h"
#include "xo/text.h"
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *page_at(const struct page *page, size_t place)
{
    return page->text.text + place;
}

void page_fini(struct page *page)
{
    xo_buf_fini(&page->text);
    free(page->blocks);
    free(page->cells);
    *page = (struct page){ 0 };
}

/* The place of a copy; that of "" and NULL is the blank text at the start. */
static size_t keep(struct page *page, const char *text)
{
    if (page->text.length == 0)
        xo_put_bytes(&page->text, "", 1);
    const size_t place = page->text.length;
    if (text == NULL || *text == '\0')
        return 0;
    xo_put_bytes(&page->text, text, strlen(text) + 1);
    return place;
}

static void add(struct page *page, enum block_kind kind, const char *text, const char *more)
{
    void *items = page->blocks;
    const struct block block = { .kind = kind,
                                 .gap = page->gap,
                                 .text = keep(page, text),
                                 .more = keep(page, more),
                                 .first_cell = page->n_cells };
    if (page->text.failed || !xo_array_reserve(&items, &page->blocks_room, page->n_blocks + 1,
                                               sizeof *page->blocks, NULL)) {
        page->text.failed = true;
        return;
    }
    page->blocks = items;
    page->blocks[page->n_blocks++] = block;
    page->gap = false;
}

static void add_formatted(struct page *page, enum block_kind kind, const char *format, va_list args)
{
    struct xo_buf text = { 0 };
    xo_put_list(&text, format, args);
    page->text.failed = page->text.failed || text.failed;
    add(page, kind, text.text, NULL);
    xo_buf_fini(&text);
}

void page_gap(struct page *page)
{
    page->gap = true;
}

void page_title(struct page *page, const char *title, const char *more)
{
    add(page, BLOCK_TITLE, title, more);
}

void page_scenario(struct page *page, const struct xo_scenario *s)
{
    char draft[64] = "";
    if (s->n_guesses > 0)
        snprintf(draft, sizeof draft, "DRAFT: %d value%s (?)", s->n_guesses,
                 s->n_guesses == 1 ? " is a guess" : "s are guesses");
    page_title(page, s->name, draft);
}

void page_request(struct page *page, const struct xo_scenario *s, double prompt, double cached,
                  double output)
{
    char in[32], hit[32], out[32];
    struct xo_words words = { 0 };
    struct xo_buf text = { 0 };
    xo_put(&text, "A request: %s tokens in", xo_text_whole(in, sizeof in, prompt));
    if (cached > 0)
        xo_put(&text, " (%s cached)", xo_text_whole(hit, sizeof hit, cached));
    xo_put(&text, ", %s out. Prices of %s.", xo_text_whole(out, sizeof out, output),
           xo_say_price_days(&words, s));
    page_text(page, &text);
}

#define ADD_FORMATTED(page, kind, format)                                                          \
    do {                                                                                           \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        add_formatted(page, kind, format, args);                                                   \
        va_end(args);                                                                              \
    } while (0)

void page_section(struct page *page, const char *format, ...)
{
    ADD_FORMATTED(page, BLOCK_SECTION, format);
}

void page_line(struct page *page, const char *format, ...)
{
    ADD_FORMATTED(page, BLOCK_LINE, format);
}

void page_item(struct page *page, const char *format, ...)
{
    ADD_FORMATTED(page, BLOCK_ITEM, format);
}

void page_say(struct page *page, const char *format, ...)
{
    ADD_FORMATTED(page, BLOCK_TEXT, format);
}

void page_notes(struct page *page, int n, const char notes[][XO_SWEEP_NOTE_SIZE])
{
    for (int i = 0; i < n; i++) {
        char plain[2 * XO_SWEEP_NOTE_SIZE];
        page_say(page, "Note: %s.", xo_plain(plain, sizeof plain, notes[i], XO_SWEEP_NOTE_SIZE));
    }
}

void page_take(struct page *page, enum block_kind kind, struct xo_buf *text)
{
    page->text.failed = page->text.failed || text->failed;
    if (text->length > 0)
        add(page, kind, text->text, NULL);
    xo_buf_fini(text);
}

void page_text(struct page *page, struct xo_buf *text)
{
    page_take(page, BLOCK_TEXT, text);
}

void page_table(struct page *page, const char *head)
{
    add(page, BLOCK_TABLE, head, NULL);
}

/* What people read of it. */
static const char *shown(const struct cell *cell, char exact[32])
{
    return cell->shown != NULL         ? cell->shown
           : cell->text != NULL        ? cell->text
           : cell->kind == CELL_YES_NO ? (cell->number != 0 ? "yes" : "no")
                                       : xo_text_exact(exact, cell->number);
}

void page_row(struct page *page, const struct cell cells[], size_t n)
{
    void *items = page->cells;
    if (page->text.failed || !xo_array_reserve(&items, &page->cells_room, page->n_cells + n,
                                               sizeof *page->cells, NULL)) {
        page->text.failed = true;
        return;
    }
    assert(page->n_blocks > 0);
    struct block *table = &page->blocks[page->n_blocks - 1];
    assert(table->kind == BLOCK_TABLE);
    page->cells = items;
    const size_t first = page->n_cells;
    for (size_t i = 0; i < n; i++) {
        const struct cell *c = &cells[i];
        char exact[32];
        if (c->hidden)
            continue;
        page->cells[page->n_cells++] = (struct page_cell){ .shown = keep(page, shown(c, exact)),
                                                           .head = keep(page, c->head),
                                                           .gap = c->gap,
                                                           .width = c->width,
                                                           .right = c->right,
                                                           .breaks = c->breaks,
                                                           .strong = c->strong };
    }
    assert(table->n_rows == 0 || table->n_columns == (int)(page->n_cells - first));
    table->n_columns = (int)(page->n_cells - first);
    table->n_rows++;
}
