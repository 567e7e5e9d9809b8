/* packed.h - text as gzip and zstd pack what they cannot make smaller, byte by byte from their
 * RFCs, so that what unpacks it is held to the formats and not to the library that packed it.
 *
 * A program is built with XO_ZLIB and XO_ZSTD where the library reads them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TESTS_PACKED_H
#define XO_TESTS_PACKED_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#ifdef XO_ZLIB
static const bool reads_gzip = true;
#else
static const bool reads_gzip = false;
#endif
#ifdef XO_ZSTD
static const bool reads_zstd = true;
#else
static const bool reads_zstd = false;
#endif

enum packing { PLAIN, GZIP, ZSTD, N_PACKINGS };
enum { PACKED_MOST = 30 }; /* bytes that packing adds, at most */

static inline bool is_read(enum packing packing)
{
    return packing == PLAIN || (packing == GZIP ? reads_gzip : reads_zstd);
}

static inline size_t put_little(unsigned char *to, uint32_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++)
        to[i] = (unsigned char)(value >> (8 * i));
    return (size_t)n_bytes;
}

/* CRC-32 of RFC 1952, section 8, a bit at a time. */
static inline uint32_t crc32_of(const char *text, size_t n)
{
    uint32_t crc = ~UINT32_C(0);
    for (size_t i = 0; i < n; i++) {
        crc ^= (unsigned char)text[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
    }
    return ~crc;
}

/* One member (RFC 1952, section 2.3) of one stored block (RFC 1951, section 3.2.4); n < 65536. */
static inline size_t pack_gzip(unsigned char *to, const char *text, size_t n)
{
    static const unsigned char head[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1 };
    memcpy(to, head, sizeof head);
    size_t at = sizeof head;
    at += put_little(to + at, (uint32_t)n, 2);
    at += put_little(to + at, ~(uint32_t)n, 2);
    memcpy(to + at, text, n);
    at += n;
    at += put_little(to + at, crc32_of(text, n), 4);
    return at + put_little(to + at, (uint32_t)n, 4);
}

/* One frame (RFC 8878, section 3.1.1) of one raw block, with the size of what is in it in four
 * bytes and a checksum; n < 131072. */
static inline size_t pack_zstd(unsigned char *to, const char *text, size_t n)
{
    enum { SIZE_IN_4_BYTES = 2 << 6, SINGLE_SEGMENT = 1 << 5, CHECKSUM = 1 << 2, LAST = 1 };
    size_t at = put_little(to, UINT32_C(0xFD2FB528), 4);
    to[at++] = SIZE_IN_4_BYTES | SINGLE_SEGMENT | CHECKSUM;
    at += put_little(to + at, (uint32_t)n, 4);
    at += put_little(to + at, (uint32_t)n << 3 | LAST, 3);
    memcpy(to + at, text, n);
    at += n;
    return at + put_little(to + at, (uint32_t)XXH64(text, n, 0), 4);
}

/* `text` packed, on the heap. */
static inline unsigned char *packed(enum packing packing, const char *text, size_t n, size_t *size)
{
    unsigned char *to = malloc(n + PACKED_MOST);
    ck_assert_ptr_nonnull(to);
    if (packing == PLAIN)
        memcpy(to, text, n);
    *size = packing == GZIP ? pack_gzip(to, text, n) : packing == ZSTD ? pack_zstd(to, text, n) : n;
    return to;
}

#endif
