/* holds.h - what a structure says of itself when it is asked to recount.
 *
 * An assert() is for everyone, and gone in a build with NDEBUG. A recount is asked for, so that it
 * looks in every build.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_BASE_HOLDS_H
#define XO_BASE_HOLDS_H

#include <stdio.h>
#include <stdlib.h>

/* End the program where a condition does not hold. */
#define HOLDS(condition)                                                                           \
    ((condition) ? (void)0 : does_not_hold(#condition, __FILE__, __LINE__, __func__))

static inline _Noreturn void does_not_hold(const char *condition, const char *file, int line,
                                           const char *function)
{
    fprintf(stderr, "%s:%d: %s: does not hold: %s\n", file, line, function, condition);
    abort();
}

#endif
