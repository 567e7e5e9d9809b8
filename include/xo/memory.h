/* xo/memory.h - arrays that grow.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_MEMORY_H
#define XO_MEMORY_H

#include "xo/error.h"
#include <stddef.h>

/* Make room for at least `need` items of `item_bytes` in the heap array *items, which holds *room.
 * Grows by half as much again, so that appending one by one costs O(1) each. *items may move; on
 * failure (XO_ERR_MEMORY, also when the size would overflow) it and *room stay as they were. */
XO_MUST_USE bool xo_array_reserve(void **items, size_t *room, size_t need, size_t item_bytes,
                                  struct xo_error *err);

#endif
