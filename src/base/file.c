/* file.c - files read whole, and files that are either whole or not there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/file.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading ---- */

enum xo_error_kind xo_file_kind(int why)
{
    return why == ENOMEM ? XO_ERR_MEMORY : XO_ERR_IO;
}

/* A pipe or device under a stream: opened without waiting, read as things come. */
static ssize_t read_patiently(void *cookie, char *bytes, size_t n)
{
    struct pollfd ready = { .fd = *(int *)cookie, .events = POLLIN };
    for (;;) {
        const int n_ready = poll(&ready, 1, 1000 * XO_FILE_SILENCE_S);
        if (n_ready == 0)
            errno = ETIMEDOUT;
        if (n_ready == 0 || (n_ready < 0 && errno != EINTR))
            return -1;
        const ssize_t got = n_ready > 0 ? read(ready.fd, bytes, n) : -1;
        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return got;
    }
}

static int close_cookie(void *cookie)
{
    const int failed = close(*(int *)cookie);
    free(cookie);
    return failed;
}

static FILE *patient_stream(int fd)
{
    static const cookie_io_functions_t how = { .read = read_patiently, .close = close_cookie };
    int *cookie = malloc(sizeof *cookie);
    if (cookie == NULL)
        return NULL;
    *cookie = fd;
    FILE *stream = fopencookie(cookie, "r", how);
    if (stream == NULL)
        free(cookie);
    return stream;
}

FILE *xo_file_open(const char *path, struct xo_error *err)
{
    struct stat info;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        xo_fail(err, xo_file_kind(errno), "cannot open %s: %s", path, strerror(errno));
        return NULL;
    }
    const bool ends = fstat(fd, &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode);
    FILE *stream = ends ? fdopen(fd, "r") : patient_stream(fd);
    if (stream == NULL) {
        close(fd);
        xo_fail(err, XO_ERR_MEMORY, "out of memory for a buffer of %s", path);
    }
    return stream;
}

const char *xo_file_why(int why)
{
    return why == EBADF ? "it is closed" : why == 0 ? "an earlier write failed" : strerror(why);
}

bool xo_file_unread(const char *path, struct xo_error *err)
{
    if (errno == ETIMEDOUT)
        return xo_fail(
            err, XO_ERR_IO,
            "cannot read %s: it is no file, and nothing came from it for %d s; save as a "
            "file what it is to give",
            path, XO_FILE_SILENCE_S);
    return xo_fail(err, xo_file_kind(errno), "cannot read %s: %s", path, strerror(errno));
}

enum { READ_CHUNK = 65536, MAX_LEFTOVERS = 100 };

/* Append the rest of `stream` to *text; one byte of room is always kept for the final NUL. */
static bool read_rest(FILE *stream, const char *path, size_t max_bytes, char **text, size_t *size,
                      struct xo_error *err)
{
    size_t room = 0, n = 0, got;
    do {
        if (!xo_array_reserve((void **)text, &room, n + READ_CHUNK + 1, 1, err))
            return false;
        got = fread(*text + n, 1, READ_CHUNK, stream);
        n += got;
        if (n > max_bytes)
            return xo_fail(err, XO_ERR_IO, "%s is larger than %zu bytes, the most that is read",
                           path, max_bytes);
    } while (got > 0);
    if (ferror(stream))
        return xo_file_unread(path, err);
    (*text)[n] = '\0';
    *size = n;
    return true;
}

bool xo_file_read(const char *path, size_t max_bytes, char **text, size_t *size,
                  struct xo_error *err)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    FILE *stream = is_stdin ? stdin : xo_file_open(path, err);
    if (stream == NULL)
        return false;
    char *read = NULL;
    size_t n = 0;
    const bool ok =
        read_rest(stream, is_stdin ? "standard input" : path, max_bytes, &read, &n, err);
    if (!is_stdin)
        fclose(stream);
    if (!ok) {
        free(read);
        return false;
    }
    *text = read;
    *size = n;
    return true;
}

/* ---- writing ---- */

/* A new file beside file->path that nobody else has; leftovers of killed runs are stepped over. */
static int open_temporary(struct xo_file *file)
{
    int fd = -1;
    for (int i = 0; i < MAX_LEFTOVERS && fd < 0; i++) {
        snprintf(file->temporary, sizeof file->temporary, "%s.%ld-%d.part", file->path,
                 (long)getpid(), i);
        fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    return fd;
}

/* The name that is replaced in the end: what a symbolic link points at, else path itself. */
static bool resolve(struct xo_file *file, const char *path, struct xo_error *err)
{
    char *real = realpath(path, NULL);
    const char *name = real == NULL ? path : real;
    const bool fits = strlen(name) < sizeof file->path;
    xo_text_copy(file->path, sizeof file->path, name);
    free(real);
    return fits || xo_fail(err, XO_ERR_IO, "the file name %.80s... is too long", path);
}

bool xo_file_create(struct xo_file *file, const char *path, struct xo_error *err)
{
    file->stream = NULL;
    file->temporary[0] = '\0';
    if (!resolve(file, path, err))
        return false;
    struct stat info;
    const bool exists = stat(file->path, &info) == 0;
    if (exists && S_ISDIR(info.st_mode))
        return xo_fail(err, XO_ERR_IO, "cannot write %s: it is a folder", path);
    /* A device or pipe (/dev/null) is written to, never replaced. */
    const bool is_special = exists && !S_ISREG(info.st_mode);
    const int fd = is_special ? open(file->path, O_WRONLY | O_CLOEXEC) : open_temporary(file);
    if (is_special)
        file->temporary[0] = '\0';
    if (fd < 0) {
        file->temporary[0] = '\0';
        return xo_fail(err, xo_file_kind(errno), "cannot write %s: %s", path, strerror(errno));
    }
    file->stream = fdopen(fd, "w");
    if (file->stream != NULL)
        return true;
    close(fd);
    xo_file_discard(file);
    return xo_fail(err, XO_ERR_MEMORY, "out of memory for a buffer of %s", path);
}

/* Everything written is on the disk. EINVAL and the like: a device that has nothing to sync. */
static bool flush(struct xo_file *file, struct xo_error *err)
{
    if (ferror(file->stream))
        return xo_fail(err, XO_ERR_IO, "cannot write %s: %s", file->path, xo_file_why(0));
    if (fflush(file->stream) != 0)
        return xo_fail(err, XO_ERR_IO, "cannot write %s: %s", file->path, strerror(errno));
    if (file->temporary[0] != '\0' && fsync(fileno(file->stream)) != 0)
        return xo_fail(err, XO_ERR_IO, "cannot write %s: %s", file->path, strerror(errno));
    return true;
}

bool xo_file_commit(struct xo_file *file, struct xo_error *err)
{
    bool ok = flush(file, err);
    if (ok) {
        ok = fclose(file->stream) == 0;
        file->stream = NULL;
        if (ok && file->temporary[0] != '\0')
            ok = rename(file->temporary, file->path) == 0;
        if (!ok)
            xo_fail(err, XO_ERR_IO, "cannot write %s: %s", file->path, strerror(errno));
    }
    if (ok)
        file->temporary[0] = '\0';
    xo_file_discard(file);
    return ok;
}

void xo_file_discard(struct xo_file *file)
{
    if (file->stream != NULL)
        fclose(file->stream);
    if (file->temporary[0] != '\0')
        unlink(file->temporary);
    file->stream = NULL;
    file->temporary[0] = '\0';
}

static bool make_one(const char *path, struct xo_error *err)
{
    if (mkdir(path, 0777) == 0)
        return true;
    const int why = errno;
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return true;
    return xo_fail(err, XO_ERR_IO, "cannot make the folder %s: %s", path, strerror(why));
}

bool xo_folder_make(const char *path, struct xo_error *err)
{
    char part[PATH_MAX];
    if (strlen(path) >= sizeof part)
        return xo_fail(err, XO_ERR_IO, "the folder name %.80s... is too long", path);
    xo_text_copy(part, sizeof part, path);
    for (char *slash = part + strspn(part, "/"); (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        if (!make_one(part, err))
            return false;
        *slash = '/';
    }
    return make_one(part, err);
}
