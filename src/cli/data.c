/* data.c - `crossover data gpus|models|apis [NAME]`: what the catalogs know.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* Columns of the terminal that the page goes to; 0: to a file or a pipe, which take any width. */
static int page_width(FILE *page)
{
    struct winsize size;
    const int fd = fileno(page);
    return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int cli_data(const struct cli_request *request)
{
    struct cli_target target;
    struct xo_error err = { 0 };
    const char *name = request->n_operands > 1 ? request->operands[1] : NULL;
    if (!xo_catalog_load(&err) || !cli_target_open(&target, request, &err))
        return cli_failed(request, &err);
    const bool printed =
        xo_catalog_print(target.stream, xo_catalog_builtin(), request->operands[0][0], name,
                         request->gpu, request->format, page_width(target.stream), &err);
    return cli_target_close(&target, request, printed, &err);
}
