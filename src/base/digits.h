/* digits.h - the shortest digits of a double without printf. Private to base.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_BASE_DIGITS_H
#define XO_BASE_DIGITS_H

#include <stdbool.h>

/* The text of xo_text_exact, or false for a double that is left to printf: one that is not finite,
 * is too large or too near to 0, and any where the compiler has no integers of 128 bits. */
bool digits_shortest(char out[32], double value);

#endif
