/* memory.c - arrays that grow.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/memory.h"

#include <stdint.h>
#include <stdlib.h>

bool xo_array_reserve(void **items, size_t *room, size_t need, size_t item_bytes,
                      struct xo_error *err)
{
    if (need <= *room)
        return true;
    size_t grown = *room + *room / 2 + 8;
    if (grown < need)
        grown = need;
    if (grown > SIZE_MAX / item_bytes)
        return xo_fail(err, XO_ERR_MEMORY, "%zu items of %zu bytes do not fit in memory", grown,
                       item_bytes);
    void *moved = realloc(*items, grown * item_bytes);
    if (moved == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory at %zu bytes", grown * item_bytes);
    *items = moved;
    *room = grown;
    return true;
}
