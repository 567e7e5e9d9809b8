/* stream.c - Philox4x32-10 by address, and behind GSL's interface.
 *
 * A block of Philox is a bijection of its 128-bit counter under a 64-bit key, so different
 * addresses never share bits. The address is injective for purposes below 256 and replications
 * below 2^24:
 *
 *   key = seed,  counter = (entity low, entity high, slot, purpose << 24 | replication)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/random.h"

#include <Random123/philox.h>
#include <assert.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { REPLICATION_BITS = 24, WORDS_PER_BLOCK = 4 };
static const uint32_t replication_mask = (1u << REPLICATION_BITS) - 1;

/* The bits of a replication above the 24th are mixed into the key. Two such streams differ, unless
 * their seeds differ by the same bits. */
static philox4x32_key_t key_of(const struct xo_stream *stream)
{
    return (philox4x32_key_t){ { (uint32_t)stream->seed,
                                 (uint32_t)(stream->seed >> 32) ^
                                     (stream->replication >> REPLICATION_BITS) } };
}

static philox4x32_ctr_t counter_of(const struct xo_stream *stream, uint64_t entity, uint32_t slot)
{
    return (philox4x32_ctr_t){ { (uint32_t)entity, (uint32_t)(entity >> 32), slot,
                                 stream->purpose << REPLICATION_BITS |
                                     (stream->replication & replication_mask) } };
}

static philox4x32_ctr_t block(const struct xo_stream *stream, uint64_t entity, uint32_t slot)
{
    return philox4x32(counter_of(stream, entity, slot), key_of(stream));
}

/* The middle of one of 2^52 equal cells of (0, 1): never 0 or 1, symmetric, exact, and 1 - u is
 * exact as well, so that log(1 - u) needs no log1p. */
static double unit_open(uint32_t low, uint32_t high)
{
    const uint64_t bits = (uint64_t)high << 32 | low;
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

void xo_uniform2(const struct xo_stream *stream, uint64_t entity, uint32_t slot, double u[2])
{
    const philox4x32_ctr_t bits = block(stream, entity, slot);
    u[0] = unit_open(bits.v[0], bits.v[1]);
    u[1] = unit_open(bits.v[2], bits.v[3]);
}

double xo_uniform(const struct xo_stream *stream, uint64_t entity, uint32_t slot)
{
    const philox4x32_ctr_t bits = block(stream, entity, slot);
    return unit_open(bits.v[0], bits.v[1]);
}

/* ---- a row of entities, four at a time where the processor has AVX2 ---- */

#if defined(__x86_64__)
enum { LANES = 4 };

/* A word of four blocks each, in the lower halves; what is in the upper ones never counts. */
typedef uint64_t words __attribute__((vector_size(LANES * sizeof(uint64_t))));

/* philox4x32 of Random123, lane by lane. */
__attribute__((target("avx2"))) static void uniforms_in_lanes(const struct xo_stream *stream,
                                                              uint64_t entity, uint32_t slot,
                                                              double u[2 * LANES])
{
    const words none = { 0 }, m0 = none + PHILOX_M4x32_0, m1 = none + PHILOX_M4x32_1;
    const philox4x32_key_t key = key_of(stream);
    const philox4x32_ctr_t counter = counter_of(stream, entity, slot);
    words k0 = none + key.v[0], k1 = none + key.v[1];
    words v0 = entity + (words){ 0, 1, 2, 3 }, v1 = v0 >> 32;
    words v2 = none + counter.v[2], v3 = none + counter.v[3];
    for (int i = 0; i < philox4x32_rounds; i++, k0 += PHILOX_W32_0, k1 += PHILOX_W32_1) {
        const words p0 = (words)_mm256_mul_epu32((__m256i)v0, (__m256i)m0);
        const words p1 = (words)_mm256_mul_epu32((__m256i)v2, (__m256i)m1);
        v0 = (p1 >> 32) ^ v1 ^ k0;
        v2 = (p0 >> 32) ^ v3 ^ k1;
        v1 = p1;
        v3 = p0;
    }
    for (int i = 0; i < LANES; i++) {
        u[2 * i] = unit_open((uint32_t)v0[i], (uint32_t)v1[i]);
        u[2 * i + 1] = unit_open((uint32_t)v2[i], (uint32_t)v3[i]);
    }
}
#endif

void xo_uniforms(const struct xo_stream *stream, uint64_t entity, uint32_t slot, size_t n,
                 double u[])
{
    size_t i = 0;
#if defined(__x86_64__)
    for (; __builtin_cpu_supports("avx2") && i + LANES <= n; i += LANES)
        uniforms_in_lanes(stream, entity + i, slot, &u[2 * i]);
#endif
    for (; i < n; i++)
        xo_uniform2(stream, entity + i, slot, &u[2 * i]);
}

/* ---- the same bits for gsl_ran_*: the words of slot 0, slot 1, ... one after the other ---- */

struct walk {
    struct xo_stream stream;
    uint64_t entity;
    uint64_t n_taken; /* 32-bit words; n_taken / 4 is the slot */
    philox4x32_ctr_t bits;
};

static uint32_t take_word(struct walk *walk)
{
    const unsigned word = (unsigned)(walk->n_taken % WORDS_PER_BLOCK);
    if (word == 0)
        walk->bits =
            block(&walk->stream, walk->entity, (uint32_t)(walk->n_taken / WORDS_PER_BLOCK));
    walk->n_taken++;
    return walk->bits.v[word];
}

static void walk_seed(void *state, unsigned long seed)
{
    struct walk *walk = state;
    *walk = (struct walk){ .stream = { .seed = seed } };
}

static unsigned long walk_word(void *state)
{
    return take_word(state);
}

static double walk_double(void *state)
{
    struct walk *walk = state;
    walk->n_taken += walk->n_taken % 2; /* a double is one aligned pair of words */
    const uint32_t low = take_word(walk);
    return unit_open(low, take_word(walk));
}

static const gsl_rng_type philox_type = {
    .name = "xo_philox4x32_10",
    .max = UINT32_MAX,
    .min = 0,
    .size = sizeof(struct walk),
    .set = walk_seed,
    .get = walk_word,
    .get_double = walk_double,
};
const gsl_rng_type *const xo_rng_philox = &philox_type;

void xo_rng_set(gsl_rng *rng, const struct xo_stream *stream, uint64_t entity)
{
    assert(rng->type == xo_rng_philox);
    struct walk *walk = rng->state;
    *walk = (struct walk){ .stream = *stream, .entity = entity };
}
