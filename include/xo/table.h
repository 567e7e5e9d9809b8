/* xo/table.h - tables whose rows an enum numbers.
 *
 * Such a table is declared without a size, its rows stand in the order of the enum and without
 * designators, and XO_TABLE_OF follows it. A word that the enum gains then stops the compiler until
 * the table has a row for it; with a size or designators the missing row would be NULL.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TABLE_H
#define XO_TABLE_H

#define XO_ROWS(table) (sizeof(table) / sizeof *(table))
#define XO_TABLE_OF(table, n_words)                                                                \
    _Static_assert(XO_ROWS(table) == (n_words), #table " has one row for each word of its enum")
/* The same of the names of an enum's words with NULL behind them, so that they need no count. */
#define XO_NAMES_OF(names, n_words)                                                                \
    _Static_assert(XO_ROWS(names) == (n_words) + 1, #names " has one name for each word and NULL")

#endif
