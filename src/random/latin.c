/* latin.c - permutations by number, for the columns of Latin hypercubes.
 *
 * A Feistel network over an even number of bits is a bijection whatever its round function is; it
 * is walked until the value falls below n, which takes at most four steps on average. Sources: Luby
 * and Rackoff, SIAM J. Comput. 17(2), 1988; cycle walking: Black and Rogaway, CT-RSA 2002.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/random.h"

#include <assert.h>

enum { N_ROUNDS = 6, MAX_HALF_BITS = 28 };

static uint64_t feistel(const struct xo_stream *stream, uint64_t entity, int half_bits, uint64_t x)
{
    const uint64_t mask = (UINT64_C(1) << half_bits) - 1;
    uint64_t left = x >> half_bits, right = x & mask;
    for (uint32_t round = 0; round < N_ROUNDS; round++) {
        const double u = xo_uniform(stream, entity, round << MAX_HALF_BITS | (uint32_t)right);
        const uint64_t mixed = left ^ ((uint64_t)(u * 0x1p52) & mask);
        left = right;
        right = mixed;
    }
    return left << half_bits | right;
}

uint64_t xo_permuted(const struct xo_stream *stream, uint64_t entity, uint64_t n, uint64_t i)
{
    assert(i < n && n <= UINT64_C(1) << 2 * MAX_HALF_BITS);
    int half_bits = 1;
    while (UINT64_C(1) << 2 * half_bits < n)
        half_bits++;
    do
        i = feistel(stream, entity, half_bits, i);
    while (i >= n);
    return i;
}
