/* twice.c - the page of `crossover twice`.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/out.h"

static void put_rows(struct rows *to, const struct xo_twice *t)
{
    struct xo_words words = { 0 };
    for (int i = 0; i < 2; i++) {
        const struct cell cells[] = {
            { "requests_month", "requests/month", NUMBER((1 + i) * t->scenario->requests_per_month),
              LEFT(16) },
            { "usd_month", "usd/month", NUMBER(t->usd[i]), SHOWN(xo_say_usd(&words, t->usd[i])),
              RIGHT(12) },
        };
        ROW_PUT(to, cells);
    }
}

bool xo_twice_print(FILE *out, const struct xo_twice *t, enum xo_format format,
                    struct xo_error *err)
{
    struct xo_buf buf = { 0 };
    struct page page = { 0 };
    struct xo_json json = { 0 };
    if (format == XO_FORMAT_JSON) {
        json_t *root = xo_json_object(&json), *rows = xo_json_array(&json);
        put_rows(&(struct rows){ .json = &json, .array = rows }, t);
        xo_json_put(&json, root, "bills", rows);
        xo_json_dump(&json, root, &buf);
    } else if (format == XO_FORMAT_CSV) {
        put_rows(&(struct rows){ .csv = &buf }, t);
    } else {
        page_scenario(&page, t->scenario);
        page_table(&page, "requests a month   USD a month");
        put_rows(&(struct rows){ .page = &page }, t);
    }
    return page_print(&page, &buf, out, err);
}
