/* failing_malloc.c - allocation number XO_FAIL_AT fails, and with XO_FAIL_ON=1 all later ones; for
 * LD_PRELOAD. How many were asked for goes to the file XO_ALLOCATIONS at exit.
 *
 * Allocations that libgomp and the dynamic loader ask for are granted and not counted: those end
 * the program by themselves.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The C library's own. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *at, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long asked;
static long fail_at;
static bool fail_on, ready;

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("XO_FAIL_AT"), *on = getenv("XO_FAIL_ON");
    fail_at = at == NULL ? 0 : atol(at);
    fail_on = on != NULL && on[0] == '1';
    ready = true;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("XO_ALLOCATIONS");
    ready = false;
    FILE *out = path == NULL ? NULL : fopen(path, "w");
    if (out == NULL)
        return;
    fprintf(out, "%ld\n", (long)asked);
    fclose(out);
}

static bool is_spared(void *caller)
{
    Dl_info info;
    return dladdr(caller, &info) != 0 && info.dli_fname != NULL &&
           (strstr(info.dli_fname, "libgomp") != NULL ||
            strstr(info.dli_fname, "ld-linux") != NULL);
}

static bool fails(void *caller)
{
    if (!ready || is_spared(caller))
        return false;
    const long n = ++asked;
    if (n != fail_at && !(fail_on && fail_at > 0 && n > fail_at))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *at, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(at, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **at, size_t alignment, size_t size)
{
    if (fails(__builtin_return_address(0)))
        return ENOMEM;
    *at = __libc_memalign(alignment, size);
    return *at == NULL ? ENOMEM : 0;
}
