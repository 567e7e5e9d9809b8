/* page.h - what a study says before anybody decides how it looks: blocks, and rows of cells.
 *
 * A page is built once of a result; writers (out/out.h) loop over its blocks. Tables for programs
 * are rows of the same cells, put into a file of CSV or a JSON array as they come.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_PAGE_H
#define XO_REPORT_PAGE_H

#include "report/out/json.h"
#include "report/words/words.h"
#include "xo/table.h"

/* ---- cells: what a value is called, what it is, how it is read; all in one row ---- */

/* A TEXT is somebody's and escaped, a WORD is ours. A VOLUME may lie beyond those simulated:
 * infinity is "inf" in CSV and "never" in JSON. A FLAG is 0 or 1 in CSV, a YES_NO is yes or no
 * there; both are true or false in JSON. */
enum cell_kind {
    CELL_TEXT,
    CELL_WORD,
    CELL_JSON,
    CELL_NUMBER,
    CELL_VOLUME,
    CELL_FLAG,
    CELL_YES_NO
};
/* Everything is borrowed, and copied by who takes the cell. A number of a table for programs has a
 * unit: "usd/month", "s", "fraction"; "": it counts or numbers something; "by NAME": that which the
 * cell NAME of its row says. Other cells have none. */
struct cell {
    const char *name; /* to programs: its unit at its end; NULL: for people alone */
    const char *unit;
    enum cell_kind kind;
    const char *text;
    double number;
    json_t *json;      /* stolen */
    const char *shown; /* to people; NULL: the text, or every digit of the number */
    const char *head;  /* of its column, to people; NULL: none */
    int gap, width;    /* on a terminal: blanks before it, columns it fills; 0: as many as it has */
    bool right;        /* stands at the right of them */
    bool breaks;       /* one that is too long goes on in the next line; else it is cut */
    bool strong;       /* set apart, where a format can */
    bool hidden;       /* from people */
    bool json_alone;   /* left out of CSV */
    bool not_json;     /* left out of JSON */
    bool if_known;     /* in JSON left out where there is nothing of it; else null there */
};
#define TEXT(of)   .kind = CELL_TEXT, .text = (of)
#define WORD(of)   .kind = CELL_WORD, .text = (of)
#define NUMBER(of) .kind = CELL_NUMBER, .number = (double)(of)
#define VOLUME(of) .kind = CELL_VOLUME, .number = (of)
#define FLAG(of)   .kind = CELL_FLAG, .number = (of)
#define YES_NO(of) .kind = CELL_YES_NO, .number = (of)
/* An object or array within one, which is taken; NULL: null. For CELLS_JSON alone. */
#define JSON(of) .kind = CELL_JSON, .json = (of)
/* How far off the step times of an option are. */
#define STEP_ERROR(of)                                                                             \
    { "step_class", WORD(xo_step_errors[(of)->step_class].name) },                                 \
        { "step_error_frac", NUMBER((of)->step_sigma) },                                           \
    {                                                                                              \
        "step_typical_frac", NUMBER(xo_step_typical_frac(of))                                      \
    }
/* For people alone, and where it stands on a terminal. */
#define SHOWN(of)      .shown = (of)
#define LEFT(columns)  .width = (columns)
#define RIGHT(columns) .width = (columns), .right = true

/* ---- blocks ---- */

enum block_kind {
    BLOCK_TITLE,   /* of the page; `more` stands at the right edge */
    BLOCK_SECTION, /* a heading within it */
    BLOCK_TEXT,    /* a paragraph, broken into lines */
    BLOCK_LINE,    /* one that is short enough */
    BLOCK_ITEM,    /* a line of a list */
    BLOCK_PICTURE, /* of letters: lines that stay as they are */
    BLOCK_TABLE    /* `text`: its head on a terminal, "": the heads of its cells */
};
/* Texts are places in the page's own; columns are laid out as in the first row. */
struct block {
    enum block_kind kind;
    bool gap; /* a blank line before it, where a format has the choice */
    size_t text, more;
    size_t first_cell;
    int n_columns, n_rows;
};
struct page_cell {
    size_t shown, head;
    int gap, width;
    bool right, breaks, strong;
};
/* A failed allocation sticks: later blocks are dropped, and writers fail. {0} is empty. */
struct page {
    struct xo_buf text;
    struct block *blocks;
    struct page_cell *cells;
    size_t n_blocks, blocks_room, n_cells, cells_room;
    bool gap; /* before the next block */
};
const char *page_at(const struct page *page, size_t place);
void page_fini(struct page *page);

void page_gap(struct page *page); /* before the block that follows */
void page_title(struct page *page, const char *title, const char *more);
/* The scenario's name, and that it is a draft. */
void page_scenario(struct page *page, const struct xo_scenario *s);
/* A request's tokens, and of which days the prices are. */
void page_request(struct page *page, const struct xo_scenario *s, double prompt, double cached,
                  double output);
/* Each price that a token may have at a tariff, and the rules beside them (page/tariff.c). */
void page_tariff(struct page *page, const struct xo_tariff *tariff);
/* "Note: ..." each. */
void page_notes(struct page *page, int n, const char notes[][XO_SWEEP_NOTE_SIZE]);
void page_section(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_line(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_item(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A paragraph; *text is empty again. Without text there is none, and a gap waits for the next. */
void page_text(struct page *page, struct xo_buf *text);
void page_say(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_take(struct page *page, enum block_kind kind, struct xo_buf *text); /* of any kind */
/* Rows follow, each of as many cells. */
void page_table(struct page *page, const char *head);
void page_row(struct page *page, const struct cell cells[], size_t n);
#define PAGE_ROW(page, cells) page_row(page, cells, XO_ROWS(cells))

/* ---- rows ---- */

/* Where the rows of a table go: one of these. */
struct rows {
    struct page *page;
    struct xo_buf *csv;   /* the names go above the first row */
    struct xo_buf *units; /* "NAME UNIT" of each column, for who documents them */
    bool has_names;       /* they are there */
    bool names_alone;     /* there is no row: the cells that follow are nothing's */
    struct xo_json *json;
    json_t *array;
};
/* Does a name end as its unit asks, or say no unit at all? "limit_s" is in "s", never in "usd". */
bool unit_suits(const char *name, const char *unit);
void rows_put(struct rows *to, const struct cell cells[], size_t n);
/* They could not be worked out for lack of memory: whoever writes them fails. */
void rows_fail(struct rows *to);
/* The prices of page_tariff, for programs. */
void tariff_rows(struct rows *to, const struct xo_tariff *tariff);
#define ROW_PUT(to, cells) rows_put(to, cells, XO_ROWS(cells))
/* One row as an object. */
json_t *cells_json(struct xo_json *j, const struct cell cells[], size_t n);
#define CELLS_JSON(j, cells) cells_json(j, cells, XO_ROWS(cells))

#endif
