/* raw.c - the bytes of a file, a pipe, a device or standard input, as they come.
 *
 * Files are opened without waiting: a pipe to which nobody writes must not stop a program that was
 * given its name by mistake. Reading then waits for what comes, for a while.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "raw.h"
#include "xo/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

bool xo_raw_open(struct xo_raw *raw, const char *path, bool dash_is_stdin, struct xo_error *err)
{
    if (dash_is_stdin && strcmp(path, "-") == 0) {
        *raw = (struct xo_raw){ "standard input", STDIN_FILENO, true };
        return true;
    }
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return xo_fail(err, xo_file_kind(errno), "cannot open %s: %s", path, strerror(errno));
    *raw = (struct xo_raw){ path, fd, false };
    return true;
}

/* read(), once there is something to read; -1 with ETIMEDOUT when nothing came. */
static ssize_t read_patiently(int fd, void *to, size_t room)
{
    struct pollfd ready = { .fd = fd, .events = POLLIN };
    for (;;) {
        const int n_ready = poll(&ready, 1, 1000 * XO_RAW_SILENCE_S);
        if (n_ready == 0)
            errno = ETIMEDOUT;
        if (n_ready == 0 || (n_ready < 0 && errno != EINTR))
            return -1;
        const ssize_t got = n_ready > 0 ? read(fd, to, room) : -1;
        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return got;
    }
}

bool xo_raw_read(struct xo_raw *raw, void *to, size_t room, size_t *n, struct xo_error *err)
{
    const ssize_t got = raw->is_stdin ? read(raw->fd, to, room) : read_patiently(raw->fd, to, room);
    if (got >= 0) {
        *n = (size_t)got;
        return true;
    }
    if (errno == ETIMEDOUT)
        return xo_fail(
            err, XO_ERR_IO,
            "cannot read %s: it is no file, and nothing came from it for %d s; save as a "
            "file what it is to give",
            raw->name, XO_RAW_SILENCE_S);
    return xo_fail(err, xo_file_kind(errno), "cannot read %s: %s", raw->name, strerror(errno));
}

void xo_raw_close(struct xo_raw *raw)
{
    if (!raw->is_stdin)
        close(raw->fd);
}
