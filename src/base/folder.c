/* folder.c - files that change together, in a folder that one study at a time writes to.
 *
 * Inside FOLDER stand
 *
 *   .crossover-lock   empty; whoever writes holds an flock on it
 *   .crossover-new    results being written
 *   .crossover-done   results that are whole, on their way to their places
 *
 * Invariant: whoever holds the lock alone finds neither of the latter two. Renaming "new" to "done"
 * is the one moment at which old results become new ones: a kill before it leaves the old ones, a
 * kill after it leaves work that the next lock finishes. An empty file stands for one that goes.
 *
 * Exchanging the whole folder for another was given up: a folder can be a mount point or somebody's
 * working directory, and it holds files that are none of ours.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/folder.h"

#include "xo/file.h"
#include "xo/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char lock_name[] = ".crossover-lock", new_name[] = ".crossover-new",
                  done_name[] = ".crossover-done";

static bool join(char path[XO_FOLDER_PATH_SIZE], const char *folder, const char *name)
{
    return snprintf(path, XO_FOLDER_PATH_SIZE, "%s/%s", folder, name) < XO_FOLDER_PATH_SIZE;
}

static bool too_long(const char *folder, struct xo_error *err)
{
    return xo_fail(err, XO_ERR_IO, "the folder name %.80s... is too long", folder);
}

/* ---- from done to their places ---- */

/* One file; true where it is not there. */
static bool put_in_place(const char *folder, const char *done, const char *name,
                         struct xo_error *err)
{
    char from[XO_FOLDER_PATH_SIZE], to[XO_FOLDER_PATH_SIZE];
    struct stat about;
    if (!join(from, done, name) || !join(to, folder, name) || lstat(from, &about) != 0)
        return true;
    const bool goes = about.st_size == 0;
    const int failed = goes ? unlink(to) : rename(from, to);
    if (failed != 0 && !(goes && errno == ENOENT))
        return xo_fail(err, XO_ERR_IO,
                       "cannot put %s in place: %s; it lies in %s, and the next study that writes "
                       "to %s tries again",
                       to, strerror(errno), done, folder);
    if (goes)
        unlink(from);
    return true;
}

/* The entries of a folder that are ours to move: hidden ones are what gnuplot left. */
static const char *next_name(DIR *dir)
{
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, XO_FOLDER_SEAL) != 0)
            return entry->d_name;
    return NULL;
}

/* The folder `path` with its files; nothing where there is none. */
static void remove_folder(const char *path)
{
    char file[XO_FOLDER_PATH_SIZE];
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
        if (join(file, path, entry->d_name))
            unlink(file); /* of "." and ".." that fails */
    if (dir != NULL)
        closedir(dir);
    rmdir(path); /* also one that memory does not suffice to read: it may be empty */
}

static bool finish(const char *folder, struct xo_error *err)
{
    char done[XO_FOLDER_PATH_SIZE], seal[XO_FOLDER_PATH_SIZE], sealed[XO_FOLDER_PATH_SIZE];
    if (!join(done, folder, done_name))
        return too_long(folder, err);
    DIR *dir = opendir(done);
    if (dir == NULL && errno == ENOENT)
        return true;
    if (dir == NULL)
        return xo_fail(err, xo_file_kind(errno),
                       "cannot read %s: %s; results lie there, and the next study that writes to "
                       "%s puts them in place",
                       done, strerror(errno), folder);
    if (join(seal, folder, XO_FOLDER_SEAL) && join(sealed, done, XO_FOLDER_SEAL) &&
        access(sealed, F_OK) == 0)
        unlink(seal);
    bool ok = true;
    for (const char *name; ok && (name = next_name(dir)) != NULL;)
        ok = put_in_place(folder, done, name, err);
    closedir(dir);
    ok = ok && put_in_place(folder, done, XO_FOLDER_SEAL, err);
    if (ok)
        remove_folder(done);
    return ok;
}

/* ---- who may write ---- */

/* Take an flock on the lock file, which its last holder may be removing just now. *fd is -1 where
 * the file system has no locks. False: another process holds the lock. */
static bool take(const char *path, enum xo_folder_use use, int *fd)
{
    enum { TRIES = 100 };
    struct stat ours, there;
    for (int i = 0; i < TRIES; i++) {
        *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (*fd < 0)
            return true;
        if (flock(*fd, (use == XO_FOLDER_ALONE ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
            const bool held = errno == EWOULDBLOCK;
            close(*fd);
            *fd = -1;
            return !held;
        }
        if (fstat(*fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino)
            return true;
        close(*fd);
        *fd = -1;
    }
    return false;
}

bool xo_folder_lock(struct xo_folder_lock *lock, const char *path, enum xo_folder_use use,
                    struct xo_error *err)
{
    char file[XO_FOLDER_PATH_SIZE];
    struct stat about;
    *lock = (struct xo_folder_lock){ .fd = -1, .made = stat(path, &about) != 0 };
    if (!join(file, path, lock_name))
        return too_long(path, err);
    if (!xo_folder_make(path, NULL))
        return true;
    xo_text_copy(lock->folder, sizeof lock->folder, path);
    if (!take(file, use, &lock->fd))
        return xo_fail(err, XO_ERR_IO,
                       "%.200s is being written by another crossover: wait until it has ended, or "
                       "write to another folder",
                       path);
    if (lock->fd < 0 || use == XO_FOLDER_SHARED)
        return true;
    if (finish(path, err)) {
        char left[XO_FOLDER_PATH_SIZE];
        if (join(left, path, new_name))
            remove_folder(left);
        return true;
    }
    xo_folder_unlock(lock);
    return false;
}

void xo_folder_unlock(struct xo_folder_lock *lock)
{
    char file[XO_FOLDER_PATH_SIZE];
    if (lock->fd >= 0) {
        /* The lock file goes with its last holder. */
        if (flock(lock->fd, LOCK_EX | LOCK_NB) == 0 && join(file, lock->folder, lock_name))
            unlink(file);
        close(lock->fd);
    }
    if (lock->made && lock->folder[0] != '\0')
        rmdir(lock->folder); /* only where it is empty */
    *lock = (struct xo_folder_lock){ .fd = -1 };
}

/* ---- files that change together ---- */

bool xo_stage_begin(struct xo_stage *stage, const char *folder, struct xo_error *err)
{
    stage->folder[0] = '\0';
    if (!join(stage->path, folder, new_name))
        return too_long(folder, err);
    if (mkdir(stage->path, 0777) == 0) {
        xo_text_copy(stage->folder, sizeof stage->folder, folder);
        return true;
    }
    if (errno != EEXIST)
        return xo_fail(err, xo_file_kind(errno), "cannot write to %s: %s", folder, strerror(errno));
    return xo_fail(err, XO_ERR_IO,
                   "another crossover writes to %s, or was killed there: if none does, remove %s",
                   folder, stage->path);
}

static bool lost(const struct xo_stage *stage, const char *name, int why, struct xo_error *err)
{
    return xo_fail(err, xo_file_kind(why), "cannot write %s/%s: %s; nothing in %s was changed",
                   stage->folder, name, strerror(why != 0 ? why : EIO), stage->folder);
}

FILE *xo_stage_open(struct xo_stage *stage, const char *name, struct xo_error *err)
{
    char path[XO_FOLDER_PATH_SIZE], there[XO_FOLDER_PATH_SIZE];
    struct stat about;
    int why = ENAMETOOLONG;
    FILE *stream = NULL;
    if (join(path, stage->path, name) && join(there, stage->folder, name)) {
        const bool taken = lstat(there, &about) == 0 && S_ISDIR(about.st_mode);
        errno = EISDIR;
        stream = taken ? NULL : fopen(path, "we");
        why = errno;
    }
    if (stream == NULL)
        lost(stage, name, why, err);
    return stream;
}

bool xo_stage_close(struct xo_stage *stage, const char *name, FILE *stream, struct xo_error *err)
{
    bool ok = ferror(stream) == 0 && fflush(stream) == 0; /* errno: of the write that failed */
    ok = ok && (fsync(fileno(stream)) == 0 || errno == EINVAL); /* some file systems cannot sync */
    int why = errno;
    if (fclose(stream) != 0 && ok) {
        ok = false;
        why = errno;
    }
    return ok || lost(stage, name, why, err);
}

bool xo_stage_drop(struct xo_stage *stage, const char *name, struct xo_error *err)
{
    char there[XO_FOLDER_PATH_SIZE];
    if (!join(there, stage->folder, name) || access(there, F_OK) != 0)
        return true;
    FILE *stream = xo_stage_open(stage, name, err);
    return stream != NULL && xo_stage_close(stage, name, stream, err);
}

/* Make what was written into the folder so far survive a power cut. Not every file system can. */
static void sync_folder(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

bool xo_stage_commit(struct xo_stage *stage, struct xo_error *err)
{
    char done[XO_FOLDER_PATH_SIZE];
    sync_folder(stage->path);
    if (!join(done, stage->folder, done_name) || rename(stage->path, done) != 0)
        return lost(stage, "", errno, err);
    sync_folder(stage->folder);
    const bool ok = finish(stage->folder, err);
    stage->folder[0] = '\0';
    return ok;
}

void xo_stage_discard(struct xo_stage *stage)
{
    if (stage->folder[0] != '\0')
        remove_folder(stage->path);
    stage->folder[0] = '\0';
}
