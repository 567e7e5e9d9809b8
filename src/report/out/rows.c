/* rows.c - rows of cells as lines of CSV, as JSON objects, as rows of a page: one order, one name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csv.h"
#include "report/page/page.h"
#include "xo/table.h"

#include <assert.h>
#include <math.h>
#include <string.h>

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

/* ---- units ---- */

static bool begins_unit(const char *unit, const char *with)
{
    const size_t n = strlen(with);
    return strncmp(unit, with, n) == 0 && (unit[n] == '\0' || unit[n] == '/');
}

static bool ends(const char *name, size_t length, const char *with)
{
    const size_t n = strlen(with);
    return length >= n && memcmp(name + length - n, with, n) == 0;
}

/* The longest ending counts; behind it may stand which end of a range or whose error it is. An
 * error of a prediction and its ratio have no unit, whatever was measured. */
bool unit_suits(const char *name, const char *unit)
{
    static const char *const endings[][2] = {
        { "_usd_month", "usd/month" },
        { "tokens_month", "tokens/month" },
        { "_requests_month", "requests/month" },
        { "units_month", "units/month" },
        { "usd_per_1000_requests", "usd/1000 requests" },
        { "usd_per_unit", "usd/unit" },
        { "_usd_per_mtok", "usd/Mtok" },
        { "_usd_per_hour", "usd/hour" },
        { "_tokens_per_s", "tokens/s" },
        { "_gb_per_s", "GB/s" },
        { "_w_per_gpu", "W" },
        { "_per_s", "requests/s" },
        { "_usd", "usd" },
        { "_frac", "fraction" },
        { "_share", "fraction" },
        { "_tokens", "tokens" },
        { "_bytes", "bytes" },
        { "_gb", "GB" },
        { "_tflops", "TFLOPS" },
        { "_w", "W" },
        { "_s", "s" },
    };
    static const char *const behind[] = { "_lo", "_hi", "_se" };
    size_t length = strlen(name);
    if (strstr(name, "error_frac_") != NULL)
        return strcmp(unit, "fraction") == 0;
    if (strncmp(name, "ratio_", 6) == 0)
        return unit[0] == '\0';
    for (size_t i = 0; i < XO_ROWS(behind); i++)
        length -= ends(name, length, behind[i]) ? strlen(behind[i]) : 0;
    for (size_t i = 0; i < XO_ROWS(endings); i++)
        if (ends(name, length, endings[i][0]))
            return begins_unit(unit, endings[i][1]);
    return strncmp(name, "n_", 2) != 0 || unit[0] == '\0';
}

static bool is_text(const struct cell *cell)
{
    return cell->kind == CELL_TEXT || cell->kind == CELL_WORD;
}

static bool is_number(const struct cell *cell)
{
    return cell->kind == CELL_NUMBER || cell->kind == CELL_VOLUME;
}

/* What CSV has of a row is in units that its names agree with: else it is a bug. */
static void put_units(struct xo_buf *buf, const struct cell cells[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct cell *c = &cells[i];
        if (c->name == NULL || c->json_alone)
            continue;
        assert(!is_number(c) || (c->unit != NULL && unit_suits(c->name, c->unit)));
        if (buf != NULL)
            xo_put(buf, "%s %s\n", c->name, c->unit != NULL ? c->unit : "");
    }
}

/* ---- rows ---- */

/* A line of the names, or of the values. */
static void csv_line(struct xo_buf *buf, const struct cell cells[], size_t n, bool names)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (cells[i].name == NULL || cells[i].json_alone)
            continue;
        if (any)
            xo_put_bytes(buf, ",", 1);
        any = true;
        if (names)
            xo_csv_text(buf, cells[i].name);
        else
            put_csv(buf, &cells[i]);
    }
    xo_put_bytes(buf, "\r\n", 2);
}

static json_t *json_of(const struct cell *cell)
{
    if (cell->kind == CELL_JSON)
        return cell->json != NULL ? cell->json : json_null();
    if (is_text(cell))
        return cell->text != NULL ? xo_json_text(cell->text) : json_null();
    if (cell->kind == CELL_VOLUME && isinf(cell->number) && cell->number > 0)
        return json_string("never");
    if ((cell->kind == CELL_FLAG || cell->kind == CELL_YES_NO) && isfinite(cell->number))
        return json_boolean(cell->number != 0);
    return xo_json_number(cell->number);
}

static bool is_known(const struct cell *cell)
{
    return is_text(cell)             ? cell->text != NULL
           : cell->kind == CELL_JSON ? cell->json != NULL
                                     : isfinite(cell->number);
}

json_t *cells_json(struct xo_json *j, const struct cell cells[], size_t n)
{
    json_t *object = xo_json_object(j);
    for (size_t i = 0; i < n; i++) {
        const struct cell *c = &cells[i];
        if (c->name != NULL && !c->not_json && (is_known(c) || !c->if_known))
            xo_json_put(j, object, c->name, json_of(c));
    }
    return object;
}

void rows_fail(struct rows *to)
{
    if (to->page != NULL)
        to->page->text.failed = true;
    if (to->csv != NULL)
        to->csv->failed = true;
    if (to->json != NULL)
        to->json->failed = true;
}

void rows_put(struct rows *to, const struct cell cells[], size_t n)
{
    if ((to->csv != NULL || to->units != NULL) && !to->has_names)
        put_units(to->units, cells, n);
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
