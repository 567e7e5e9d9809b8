/* unpacked.h - the bytes of a file as they were before gzip or zstd packed them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SRC_BASE_UNPACKED_H
#define XO_SRC_BASE_UNPACKED_H

#include "raw.h"

struct xo_span {
    unsigned char *at;
    size_t n;
};

struct xo_unpacked {
    struct xo_raw raw;
    const struct xo_packing *packing; /* NULL: bytes are as they are */
    void *state;                      /* owned; the library's */

    unsigned char *buffer; /* owned */
    struct xo_span in;     /* of it, bytes that are still to be looked at */
    bool is_end;           /* no more bytes follow those */
    bool is_whole;         /* what was packed has come to an end; more may follow */
    int failed;            /* how, once it has */
};

/* Open `path` as xo_raw_open does. What gzip or zstd packed is known by its first bytes, whatever
 * its name; in a build without zlib or libzstd such bytes come as they are. Fails with XO_ERR_IO or
 * _MEMORY, and then needs no close. */
XO_MUST_USE bool xo_unpacked_open(struct xo_unpacked *unpacked, const char *path,
                                  bool dash_is_stdin, struct xo_error *err);
/* From one to `room` bytes; *n is 0 at the end. Memory does not grow with what was packed. Fails
 * with XO_ERR_IO, with XO_ERR_MEMORY, and with XO_ERR_INPUT where the packed bytes are cut short or
 * damaged: a sentence without the name of the file. */
XO_MUST_USE bool xo_unpacked_read(struct xo_unpacked *unpacked, void *to, size_t room, size_t *n,
                                  struct xo_error *err);
void xo_unpacked_close(struct xo_unpacked *unpacked);

#endif
