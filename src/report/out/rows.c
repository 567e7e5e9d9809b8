/* rows.c - rows of cells as lines of CSV, as JSON objects, as rows of a page: one order, one name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/page.h"

#include <math.h>

static void put_csv(struct xo_buf *buf, const struct cell *cell)
{
    if (cell->kind == CELL_TEXT)
        xo_csv_text(buf, cell->text);
    else if (cell->kind == CELL_WORD)
        xo_put(buf, "%s", cell->text);
    else if (cell->kind == CELL_YES_NO)
        xo_put(buf, cell->number != 0 ? "yes" : "no");
    else if (cell->kind == CELL_VOLUME && isinf(cell->number))
        xo_put(buf, cell->number > 0 ? "inf" : "-inf");
    else
        xo_csv_number(buf, cell->number);
}

/* A line of the names, or of the values. */
static void csv_line(struct xo_buf *buf, const struct cell cells[], size_t n, bool names)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (cells[i].name == NULL || cells[i].json_alone)
            continue;
        xo_put(buf, "%s", any ? "," : "");
        any = true;
        if (names)
            xo_csv_text(buf, cells[i].name);
        else
            put_csv(buf, &cells[i]);
    }
    xo_put(buf, "\r\n");
}

static json_t *json_of(const struct cell *cell)
{
    if (cell->kind == CELL_JSON)
        return cell->json;
    if (cell->text != NULL)
        return xo_json_text(cell->text);
    if (cell->kind == CELL_VOLUME && isinf(cell->number) && cell->number > 0)
        return json_string("never");
    if ((cell->kind == CELL_FLAG || cell->kind == CELL_YES_NO) && isfinite(cell->number))
        return json_boolean(cell->number != 0);
    return xo_json_number(cell->number);
}

json_t *cells_json(struct xo_json *j, const struct cell cells[], size_t n)
{
    json_t *object = xo_json_object(j);
    for (size_t i = 0; i < n; i++) {
        const bool known = cells[i].text != NULL || isfinite(cells[i].number);
        if (cells[i].name != NULL && (known || !cells[i].if_known))
            xo_json_put(j, object, cells[i].name, json_of(&cells[i]));
    }
    return object;
}

void rows_put(struct rows *to, const struct cell cells[], size_t n)
{
    if (to->csv != NULL && !to->has_names)
        csv_line(to->csv, cells, n, true);
    to->has_names = true;
    if (to->names_alone)
        return;
    if (to->csv != NULL)
        csv_line(to->csv, cells, n, false);
    if (to->page != NULL)
        page_row(to->page, cells, n);
    if (to->json != NULL)
        xo_json_append(to->json, to->array, cells_json(to->json, cells, n));
}
