/* file.c - files read whole, and files that are either whole or not there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/file.h"
#include "raw.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading ---- */

enum xo_error_kind xo_file_kind(int why)
{
    return why == ENOMEM ? XO_ERR_MEMORY : XO_ERR_IO;
}

const char *xo_file_why(int why)
{
    return why == EBADF ? "it is closed" : why == 0 ? "an earlier write failed" : strerror(why);
}

enum { READ_CHUNK = 65536, MAX_LEFTOVERS = 100 };

/* Append all of `raw` to *text; one byte of room is always kept for the final NUL. */
static bool read_all(struct xo_raw *raw, size_t max_bytes, char **text, size_t *size,
                     struct xo_error *err)
{
    size_t room = 0, n = 0, got;
    do {
        if (!xo_array_reserve((void **)text, &room, n + READ_CHUNK + 1, 1, err) ||
            !xo_raw_read(raw, *text + n, READ_CHUNK, &got, err))
            return false;
        n += got;
        if (n > max_bytes)
            return xo_fail(err, XO_ERR_IO, "%s is larger than %zu bytes, the most that is read",
                           raw->name, max_bytes);
    } while (got > 0);
    (*text)[n] = '\0';
    *size = n;
    return true;
}

bool xo_file_read(const char *path, size_t max_bytes, char **text, size_t *size,
                  struct xo_error *err)
{
    struct xo_raw raw;
    char *read = NULL;
    size_t n = 0;
    if (!xo_raw_open(&raw, path, true, err))
        return false;
    const bool ok = read_all(&raw, max_bytes, &read, &n, err);
    xo_raw_close(&raw);
    if (!ok) {
        free(read);
        return false;
    }
    *text = read;
    *size = n;
    return true;
}

/* ---- writing ---- */

/* Create a file of its own beside file->path. A name that a killed run has left is skipped. */
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

/* Is all that was written on the disk? EINVAL and the like come from a device that has nothing to
 * sync. */
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
