/* resolved_text.h - the resolved text of a scenario, for tests that read it again.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TESTS_RESOLVED_TEXT_H
#define XO_TESTS_RESOLVED_TEXT_H

#include "xo/scenario.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* On the heap. */
static inline char *resolved_text(const struct xo_scenario *s)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(xo_scenario_write_resolved(s, out, NULL));
    fclose(out);
    char *copy = strdup(text); /* GCC 12 takes memory of open_memstream for that of `text` itself */
    free(text);
    return copy;
}

#endif
