/* error.c - filling a struct xo_error.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/error.h"

#include <stdarg.h>
#include <stdio.h>

bool xo_fail(struct xo_error *err, enum xo_error_kind kind, const char *format, ...)
{
    if (err == NULL)
        return false;
    va_list args;
    va_start(args, format);
    err->kind = kind;
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return false;
}
