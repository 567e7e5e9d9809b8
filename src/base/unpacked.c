/* unpacked.c - the bytes of a file as they were before gzip or zstd packed them.
 *
 * A packing is a row of packings[]: how its bytes begin, and three functions on the library's
 * state. Bytes go from the file into a buffer of 64 KiB, from there through a step of the library
 * into the caller's memory, so that a file that unpacks to a terabyte takes no more memory than
 * another; how much of it is read is the caller's to say.
 *
 * Files may hold several packed parts one after another, as `cat a.gz b.gz` makes them. The end of
 * the file is an end only between them: else it is cut short. What a step gave before it failed is
 * delivered first, so that a failure is told at its place.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unpacked.h"

#include <stdlib.h>
#include <string.h>
#ifdef XO_ZLIB
#include <zlib.h>
#endif
#ifdef XO_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif

enum { CHUNK = 1 << 16, MARK_SIZE = 4 };

/* What a step came to. */
enum { MORE, WHOLE, DAMAGED, TOO_LARGE, NO_MEMORY };

struct xo_packing {
    const char *name;
    bool (*is)(const unsigned char *bytes); /* of the first MARK_SIZE */
    void *(*start)(void);                   /* NULL: out of memory */
    int (*step)(void *state, struct xo_span *in, struct xo_span *out);
    void (*stop)(void *state);
};

static void advance(struct xo_span *span, size_t n)
{
    span->at += n;
    span->n -= n;
}

#ifdef XO_ZLIB
/* Source: RFC 1952, section 2.3.1. */
static bool is_gzip(const unsigned char *bytes)
{
    return bytes[0] == 0x1f && bytes[1] == 0x8b;
}

static void *gzip_start(void)
{
    enum { LARGEST_WINDOW = 15, GZIP_ALONE = 16 };
    z_stream *z = calloc(1, sizeof *z);
    if (z != NULL && inflateInit2(z, LARGEST_WINDOW + GZIP_ALONE) != Z_OK) {
        free(z);
        return NULL;
    }
    return z;
}

static int gzip_step(void *state, struct xo_span *in, struct xo_span *out)
{
    z_stream *z = state;
    z->next_in = in->at;
    z->avail_in = (uInt)in->n;
    z->next_out = out->at;
    z->avail_out = (uInt)out->n;
    const int came = inflate(z, Z_NO_FLUSH);
    advance(in, in->n - z->avail_in);
    advance(out, out->n - z->avail_out);
    if (came == Z_STREAM_END)
        return inflateReset(z) == Z_OK ? WHOLE : DAMAGED;
    return came == Z_OK || came == Z_BUF_ERROR ? MORE : came == Z_MEM_ERROR ? NO_MEMORY : DAMAGED;
}

static void gzip_stop(void *state)
{
    inflateEnd(state);
    free(state);
}
#endif

#ifdef XO_ZSTD
/* A frame, or one to be skipped, with which pzstd begins.
 * Source: RFC 8878, sections 3.1.1 and 3.1.2. */
static bool is_zstd(const unsigned char *bytes)
{
    return memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0 ||
           ((bytes[0] & 0xf0) == 0x50 && memcmp(bytes + 1, "\x2a\x4d\x18", 3) == 0);
}

static void *zstd_start(void)
{
    return ZSTD_createDStream();
}

static int zstd_step(void *state, struct xo_span *in, struct xo_span *out)
{
    ZSTD_inBuffer from = { in->at, in->n, 0 };
    ZSTD_outBuffer to = { out->at, out->n, 0 };
    const size_t left = ZSTD_decompressStream(state, &to, &from);
    advance(in, from.pos);
    advance(out, to.pos);
    if (!ZSTD_isError(left))
        return left == 0 ? WHOLE : MORE;
    const ZSTD_ErrorCode code = ZSTD_getErrorCode(left);
    return code == ZSTD_error_memory_allocation               ? NO_MEMORY
           : code == ZSTD_error_frameParameter_windowTooLarge ? TOO_LARGE
                                                              : DAMAGED;
}

static void zstd_stop(void *state)
{
    ZSTD_freeDStream(state);
}
#endif

static const struct xo_packing packings[] = {
#ifdef XO_ZLIB
    { "gzip", is_gzip, gzip_start, gzip_step, gzip_stop },
#endif
#ifdef XO_ZSTD
    { "zstd", is_zstd, zstd_start, zstd_step, zstd_stop },
#endif
    { NULL, NULL, NULL, NULL, NULL },
};

static bool refill(struct xo_unpacked *u, struct xo_error *err)
{
    size_t got;
    memmove(u->buffer, u->in.at, u->in.n);
    u->in.at = u->buffer;
    if (!xo_raw_read(&u->raw, u->buffer + u->in.n, CHUNK - u->in.n, &got, err))
        return false;
    u->in.n += got;
    u->is_end = got == 0;
    return true;
}

/* Find out what packed it. */
static bool start(struct xo_unpacked *u, struct xo_error *err)
{
    while (u->in.n < MARK_SIZE && !u->is_end)
        if (!refill(u, err))
            return false;
    for (const struct xo_packing *p = packings; p->name != NULL && u->in.n >= MARK_SIZE; p++)
        if (p->is(u->in.at)) {
            u->packing = p;
            u->state = p->start();
            return u->state != NULL ||
                   xo_fail(err, XO_ERR_MEMORY, "out of memory to unpack %s", u->raw.name);
        }
    return true;
}

bool xo_unpacked_open(struct xo_unpacked *unpacked, const char *path, bool dash_is_stdin,
                      struct xo_error *err)
{
    struct xo_unpacked u = { .buffer = malloc(CHUNK) };
    u.in.at = u.buffer;
    if (u.buffer == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a buffer of %s", path);
    if (!xo_raw_open(&u.raw, path, dash_is_stdin, err)) {
        free(u.buffer);
        return false;
    }
    if (!start(&u, err)) {
        xo_unpacked_close(&u);
        return false;
    }
    *unpacked = u;
    return true;
}

static bool read_plain(struct xo_unpacked *u, void *to, size_t room, size_t *n,
                       struct xo_error *err)
{
    if (u->in.n == 0)
        return xo_raw_read(&u->raw, to, room, n, err);
    *n = u->in.n < room ? u->in.n : room;
    memcpy(to, u->in.at, *n);
    advance(&u->in, *n);
    return true;
}

static bool refuse(const struct xo_unpacked *u, struct xo_error *err)
{
    const char *name = u->packing->name;
    if (u->failed == NO_MEMORY)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory to unpack %s", u->raw.name);
    if (u->failed == TOO_LARGE)
        return xo_fail(
            err, XO_ERR_INPUT,
            "%s would need a window of over 128 MiB to unpack it; pack it without --long", name);
    if (u->is_whole)
        return xo_fail(err, XO_ERR_INPUT, "behind its %s-compressed data stands something else",
                       name);
    if (u->failed == MORE)
        return xo_fail(err, XO_ERR_INPUT,
                       "its %s-compressed data ends here, in the middle: the file is cut short",
                       name);
    return xo_fail(err, XO_ERR_INPUT, "its %s-compressed data is damaged here", name);
}

/* One step of the library; false where it fails, or nothing comes of it. */
static bool step(struct xo_unpacked *u, struct xo_span *out)
{
    const size_t n_in = u->in.n, n_out = out->n;
    if (n_in >= MARK_SIZE && u->packing->is(u->in.at))
        u->is_whole = false; /* another part begins */
    u->failed = u->packing->step(u->state, &u->in, out);
    if (u->failed > WHOLE)
        return false;
    const bool came = u->failed == WHOLE || u->in.n < n_in || out->n < n_out;
    u->is_whole = u->failed == WHOLE || (u->is_whole && u->in.n == n_in);
    if (!came && n_in > 0)
        u->failed = DAMAGED;
    return came;
}

bool xo_unpacked_read(struct xo_unpacked *u, void *to, size_t room, size_t *n, struct xo_error *err)
{
    struct xo_span out = { to, room };
    if (u->packing == NULL)
        return read_plain(u, to, room, n, err);
    while (out.n == room) {
        if (u->failed > WHOLE)
            return refuse(u, err);
        if (u->in.n == 0 && !u->is_end && !refill(u, err))
            return false;
        if (u->in.n == 0 && u->is_end && u->is_whole)
            break;
        if (!step(u, &out) && out.n == room)
            return refuse(u, err);
    }
    *n = room - out.n;
    return true;
}

void xo_unpacked_close(struct xo_unpacked *unpacked)
{
    if (unpacked->state != NULL)
        unpacked->packing->stop(unpacked->state);
    free(unpacked->buffer);
    xo_raw_close(&unpacked->raw);
}
