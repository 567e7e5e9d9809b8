/* kept.c - simulations kept by what they are a function of; see kept.h.
 *
 * The state is a hash table (uthash) whose entries stand in the order in which they were last asked
 * for: the first ones go when all together take more than their owner grants.
 *
 * Tallies are mostly empty bins. Results are therefore packed: words of 64 bits, each run of zeros
 * and each run of others behind its length.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kept.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static void note_no_memory(bool *full)
{
    *full = true;
}
#define HASH_NONFATAL_OOM          1
#define uthash_nonfatal_oom(entry) note_no_memory(&no_memory)
#include <uthash.h>

struct entry {
    struct xo_digest key;
    size_t size;      /* of the result, unpacked */
    uint64_t *packed; /* [n_packed] owned */
    size_t n_packed;
    UT_hash_handle hh;
};
enum { MOST_NUMBERS = 128 }; /* of a question */
struct xo_kept {
    struct entry *entries; /* those asked for last at the end */
    size_t bytes, most_bytes;
    int64_t n_put;
};

/* ---- packing ---- */

static uint64_t word_at(const unsigned char *bytes, size_t size, size_t i)
{
    uint64_t word = 0;
    const size_t left = size - 8 * i;
    memcpy(&word, bytes + 8 * i, left < 8 ? left : 8);
    return word;
}

/* Into packed[], which holds twice the words and one more; how many there are. */
static size_t pack(const unsigned char *bytes, size_t size, uint64_t packed[])
{
    const size_t n_words = (size + 7) / 8;
    size_t n = 0;
    for (size_t i = 0; i < n_words;) {
        const size_t zeros_at = n++, others_at = n++;
        size_t zeros = 0;
        for (; i < n_words && word_at(bytes, size, i) == 0; i++)
            zeros++;
        for (; i < n_words && word_at(bytes, size, i) != 0; i++)
            packed[n++] = word_at(bytes, size, i);
        packed[zeros_at] = zeros;
        packed[others_at] = n - others_at - 1;
    }
    return n;
}

static void unpack(const struct entry *e, unsigned char *bytes)
{
    memset(bytes, 0, e->size);
    size_t word = 0;
    for (size_t i = 0; i < e->n_packed;) {
        const uint64_t zeros = e->packed[i], others = e->packed[i + 1];
        i += 2;
        word += zeros;
        for (uint64_t k = 0; k < others; k++, i++, word++) {
            const size_t left = e->size - 8 * word;
            memcpy(bytes + 8 * word, &e->packed[i], left < 8 ? left : 8);
        }
    }
}

/* ---- entries ---- */

static size_t bytes_of(const struct entry *e)
{
    return sizeof *e + e->n_packed * sizeof *e->packed;
}

static void free_entry(struct entry *e)
{
    if (e != NULL)
        free(e->packed);
    free(e);
}

static struct entry *new_entry(const struct xo_digest *key, const void *bytes, size_t size)
{
    struct entry *e = calloc(1, sizeof *e);
    uint64_t *packed = malloc((3 * (size / 8 + 1) + 2) * sizeof *packed);
    if (e != NULL && packed != NULL) {
        e->key = *key;
        e->size = size;
        e->n_packed = pack(bytes, size, packed);
        e->packed = malloc((e->n_packed + 1) * sizeof *packed);
    }
    if (e == NULL || e->packed == NULL) {
        free(packed);
        free_entry(e);
        return NULL;
    }
    memcpy(e->packed, packed, e->n_packed * sizeof *packed);
    free(packed);
    return e;
}

static void drop(struct xo_kept *kept, struct entry *e)
{
    kept->bytes -= bytes_of(e);
    HASH_DEL(kept->entries, e);
    free_entry(e);
}

/* To the end of the order; without memory for that it is dropped. */
static void add(struct xo_kept *kept, struct entry *e)
{
    bool no_memory = false;
    HASH_ADD(hh, kept->entries, key, sizeof e->key, e);
    if (no_memory) {
        free_entry(e);
        return;
    }
    kept->bytes += bytes_of(e);
}

static struct entry *find(struct xo_kept *kept, const struct xo_digest *key)
{
    struct entry *e = NULL;
    HASH_FIND(hh, kept->entries, key, sizeof *key, e);
    return e;
}

/* ---- the front door ---- */

struct xo_kept *xo_kept_new(size_t most_bytes)
{
    struct xo_kept *kept = calloc(1, sizeof *kept);
    if (kept != NULL)
        kept->most_bytes = most_bytes;
    return kept;
}

void xo_kept_free(struct xo_kept *kept)
{
    while (kept != NULL && kept->entries != NULL)
        drop(kept, kept->entries);
    free(kept);
}

struct kept_place kept_at(struct xo_kept *kept, const struct xo_digest *digest, enum kept_kind kind,
                          const double numbers[], int n)
{
    struct kept_place place = { .kept = kept };
    struct {
        struct xo_digest digest;
        int64_t kind;
        double numbers[MOST_NUMBERS];
    } question = { *digest, kind, { 0 } };
    assert(n <= MOST_NUMBERS);
    if (kept == NULL)
        return place;
    if (n > 0)
        memcpy(question.numbers, numbers, (size_t)n * sizeof *numbers);
    const XXH128_hash_t hash = XXH3_128bits(&question, sizeof question);
    place.key = (struct xo_digest){ hash.low64, hash.high64 };
    return place;
}

bool kept_find(const struct kept_place *place, void *out, size_t size)
{
    struct xo_kept *kept = place->kept;
    bool found = false;
    if (kept == NULL)
        return false;
#pragma omp critical(xo_kept)
    {
        struct entry *e = find(kept, &place->key);
        found = e != NULL && e->size == size;
        if (found) {
            unpack(e, out);
            HASH_DEL(kept->entries, e);
            kept->bytes -= bytes_of(e);
            add(kept, e);
        }
    }
    return found;
}

void kept_put(const struct kept_place *place, const void *bytes, size_t size)
{
    struct xo_kept *kept = place->kept;
    if (kept == NULL)
        return;
    struct entry *fresh = new_entry(&place->key, bytes, size);
#pragma omp critical(xo_kept)
    {
        struct entry *before = find(kept, &place->key);
        kept->n_put++;
        if (before != NULL)
            drop(kept, before);
        if (fresh != NULL)
            add(kept, fresh);
        while (kept->bytes > kept->most_bytes && kept->entries != NULL)
            drop(kept, kept->entries);
    }
}

int64_t xo_kept_n_simulated(const struct xo_kept *kept)
{
    return kept->n_put;
}
