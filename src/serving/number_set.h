/* number_set.h - a set of numbers below n, from which the next one comes in order.
 *
 * One bit a number, and one bit for each word of bits that has any, and so on up to a single word:
 * what is asked for is found in O(log n), 64 at a step, however few there are.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SERVING_NUMBER_SET_H
#define XO_SERVING_NUMBER_SET_H

#include "base/holds.h"
#include "xo/error.h"

#include <stdint.h>
#include <stdlib.h>

enum { NUMBER_SET_LEVELS = 6 }; /* 64^6 is more than an int counts */

struct number_set {
    uint64_t *levels[NUMBER_SET_LEVELS]; /* [n_levels] in one block, which levels[0] owns; the last
                                            is one word */
    int n_levels;
};

/* For numbers from 0 to n - 1; none is in it. */
static inline bool number_set_init(struct number_set *set, int n, struct xo_error *err)
{
    int begin[NUMBER_SET_LEVELS], n_words = 0, n_bits = n;
    *set = (struct number_set){ 0 };
    do { /* with a bit to spare: number_set_next may be asked from n on */
        begin[set->n_levels++] = n_words;
        n_bits = n_bits / 64 + 1;
        n_words += n_bits;
    } while (n_bits > 1);
    uint64_t *words = calloc((size_t)n_words, sizeof *words);
    if (words == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a set of %d numbers", n);
    for (int level = 0; level < set->n_levels; level++)
        set->levels[level] = words + begin[level];
    return true;
}

static inline void number_set_fini(struct number_set *set)
{
    free(set->levels[0]);
}

static inline bool number_set_has(const struct number_set *set, int number)
{
    return (set->levels[0][number / 64] >> number % 64 & 1) != 0;
}

static inline void number_set_add(struct number_set *set, int number)
{
    for (int level = 0; level < set->n_levels; level++, number /= 64)
        set->levels[level][number / 64] |= (uint64_t)1 << number % 64;
}

static inline void number_set_remove(struct number_set *set, int number)
{
    for (int level = 0; level < set->n_levels; level++, number /= 64) {
        set->levels[level][number / 64] &= ~((uint64_t)1 << number % 64);
        if (set->levels[level][number / 64] != 0)
            break;
    }
}

/* The smallest that is not below `from`, which is at most n; -1: there is none. */
static inline int number_set_next(const struct number_set *set, int from)
{
    for (int level = 0; level < set->n_levels; level++, from = from / 64 + 1) {
        const uint64_t bits = set->levels[level][from / 64] >> from % 64;
        if (bits == 0)
            continue;
        int found = from + __builtin_ctzll(bits);
        while (level > 0)
            found = 64 * found + __builtin_ctzll(set->levels[--level][found]);
        return found;
    }
    return -1;
}

/* Assert that a bit is set where the word below it has any, and nowhere else. */
static inline void number_set_check(const struct number_set *set)
{
    for (int level = 0; level + 1 < set->n_levels; level++)
        for (int i = 0; set->levels[level] + i < set->levels[level + 1]; i++)
            HOLDS((set->levels[level][i] != 0) ==
                  ((set->levels[level + 1][i / 64] >> i % 64 & 1) != 0));
}

#endif
