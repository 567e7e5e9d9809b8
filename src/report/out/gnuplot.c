/* gnuplot.c - run gnuplot on a script of ours, without a shell and without waiting for ever.
 *
 * "gnuplot" may be a script that starts others, so it gets a process group of its own and is ended
 * as a group. A terminal's Ctrl-C does not reach that group: the stop flag ends it.
 *
 * The script draws under a temporary name, so that a picture is there whole or not at all; a
 * picture of an earlier run does not survive a failure, lest it be taken for this run's.
 *
 * Where a system starts no programs (a browser), no picture is drawn: scripts and data are there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pictures.h"
#include "xo/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef XO_HAVE_SPAWN
#include <spawn.h>
extern char **environ;
#endif

enum { SAID = 512, PATH_BYTES = 4096, SMALLEST_PICTURE = 200 };

struct child {
    pid_t pid;
    int said_fd;
    char said[SAID]; /* the start of what it wrote to stderr */
    size_t n_said;
};

#ifdef XO_HAVE_SPAWN

/* What the child finds: its folder, no input, its complaints in said_fd. 0, or an errno. */
static int prepare(posix_spawn_file_actions_t *actions, const char *folder, int said_fd)
{
    int failed = posix_spawn_file_actions_addchdir_np(actions, folder);
    if (failed == 0)
        failed = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (failed == 0)
        failed = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
    return failed != 0 ? failed : posix_spawn_file_actions_adddup2(actions, said_fd, 2);
}

/* Likewise, for a program that becomes a process group. */
static int spawn(pid_t *pid, const char *program, char *const argv[], const char *folder,
                 int said_fd)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t group;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed != 0)
        return failed;
    failed = posix_spawnattr_init(&group);
    if (failed == 0) {
        failed = prepare(&actions, folder, said_fd);
        if (failed == 0)
            failed = posix_spawnattr_setflags(&group, POSIX_SPAWN_SETPGROUP);
        if (failed == 0)
            failed = posix_spawnp(pid, program, &actions, &group, argv, environ);
        posix_spawnattr_destroy(&group);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

#else

static int spawn(pid_t *pid, const char *program, char *const argv[], const char *folder,
                 int said_fd)
{
    (void)pid, (void)program, (void)argv, (void)folder, (void)said_fd;
    return ENOSYS;
}

#endif

/* 0, or the errno that says why nothing was started. */
static int start(struct child *child, const char *program, const char *folder, const char *name)
{
    char rename_to[64], script[64];
    int ends[2];
    snprintf(rename_to, sizeof rename_to, "name='.%s-part'", name);
    snprintf(script, sizeof script, "%s.gp", name);
    char *const argv[] = { (char *)program, "-d", "-e", rename_to, script, NULL };
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    const int failed = spawn(&child->pid, program, argv, folder, ends[1]);
    close(ends[1]);
    child->said_fd = ends[0];
    if (failed != 0)
        close(ends[0]);
    return failed;
}

static void listen_to(struct child *child, int wait_ms)
{
    struct pollfd ready = { .fd = child->said_fd, .events = POLLIN };
    char lost[SAID];
    if (poll(&ready, 1, wait_ms) <= 0)
        return;
    const bool full = child->n_said + 1 >= SAID;
    const ssize_t n = read(child->said_fd, full ? lost : child->said + child->n_said,
                           full ? SAID : SAID - 1 - child->n_said);
    if (n > 0 && !full)
        child->n_said += (size_t)n;
    else if (n <= 0)
        usleep((useconds_t)wait_ms * 1000); /* closed: only its end is awaited */
}

/* Its exit status as waitpid gives it; -1 when it had to be killed, with all that it started. */
static int await(struct child *child, double timeout_s, const volatile int *stop)
{
    enum { STEP_MS = 5 };
    const double deadline_s = xo_now_s() + timeout_s;
    int status = -1;
    pid_t ended;
    while ((ended = waitpid(child->pid, &status, WNOHANG)) == 0 && xo_now_s() < deadline_s &&
           (stop == NULL || *stop == 0))
        listen_to(child, STEP_MS);
    if (ended == 0) {
        kill(-child->pid, SIGKILL);
        while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
            continue;
        status = -1;
    }
    listen_to(child, 0);
    close(child->said_fd);
    return status;
}

/* The first line of gnuplot's complaint that says something. */
static const char *complaint(struct child *child, char out[SAID])
{
    char *line = child->said;
    child->said[child->n_said] = '\0';
    while (line != NULL && *line != '\0') {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end = '\0';
        if (strspn(line, " ^") < strlen(line) && strstr(line, "line ") != NULL)
            break;
        line = end != NULL ? end + 1 : NULL;
    }
    return xo_plain(out, SAID, line != NULL && *line != '\0' ? line : "it does not say why", 160);
}

static bool path_of(char path[PATH_BYTES], const char *folder, const char *before, const char *name,
                    const char *after)
{
    return snprintf(path, PATH_BYTES, "%s/%s%s%s", folder, before, name, after) < PATH_BYTES;
}

static bool put_in_place(const char *folder, const char *name, const char *ending)
{
    char part[PATH_BYTES], whole[PATH_BYTES], after[32];
    struct stat about;
    snprintf(after, sizeof after, "-part%s", ending);
    if (!path_of(part, folder, ".", name, after) || !path_of(whole, folder, "", name, ending))
        return false;
    if (stat(part, &about) == 0 && about.st_size >= SMALLEST_PICTURE && rename(part, whole) == 0)
        return true;
    unlink(part);
    return false;
}

static void remove_old(const char *folder, const char *name)
{
    static const char *const endings[] = { ".png", ".svg" };
    char path[PATH_BYTES];
    for (size_t i = 0; i < 2; i++)
        if (path_of(path, folder, "", name, endings[i]))
            unlink(path);
}

/* Why there are none of the pictures still to come either. */
static bool give_up(const char *why, const char *program, const char *detail, struct xo_error *err)
{
    return xo_fail(err, XO_ERR_STOPPED, "%s: %s %s; scripts and data are there", why, program,
                   detail);
}

bool xo_gnuplot_run(const char *program, const char *folder, const char *name,
                    const struct xo_plotting *how, struct xo_error *err)
{
    struct child child = { 0 };
    char why[SAID], detail[80];
    remove_old(folder, name);
    const int failed = start(&child, program, folder, name);
    if (failed == ENOENT)
        return give_up("no pictures", program, "is not installed", err);
    if (failed == ENOSYS)
        return give_up("no pictures", program, "cannot be started on this system", err);
    if (failed != 0)
        return xo_fail(err, XO_ERR_IO, "no picture of %s.gp: %s could not be started (%s)", name,
                       program, strerror(failed));
    const int status = await(&child, how->timeout_s, how->stop);
    const bool png = put_in_place(folder, name, ".png"), svg = put_in_place(folder, name, ".svg");
    if (status == 0 && png && svg)
        return true;
    remove_old(folder, name);
    if (status == -1 && how->stop != NULL && *how->stop != 0)
        return give_up("no more pictures", program, "was interrupted", err);
    snprintf(detail, sizeof detail, "took over %g s at %.30s.gp and was stopped", how->timeout_s,
             name);
    if (status == -1)
        return give_up("no more pictures", program, detail, err);
    if (status == 0)
        return xo_fail(err, XO_ERR_IO, "no picture of %s.gp: %s drew nothing", name, program);
    return xo_fail(err, XO_ERR_IO, "no picture of %s.gp: %s failed: %s", name, program,
                   complaint(&child, why));
}
