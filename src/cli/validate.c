/* validate.c - `crossover data validate MEASURED.csv`: the model against measurements of others.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "xo/text.h"
#include <string.h>

static int deliver(const struct cli_request *request, const struct xo_validation *v,
                   const struct xo_folder_lock *lock)
{
    struct xo_error err = { 0 }, late = { 0 };
    struct xo_output output = { .folder = request->out,
                                .command = request->command,
                                .plots = !request->no_plots,
                                .stop = &cli_stop,
                                .lock = lock };
    const bool written = request->out == NULL || xo_validation_write(v, &output, &err);
    if (!written)
        cli_failed(request, &err);
    const bool printed = xo_validation_print(stdout, v, request->format, &late);
    return cli_end_output(request, &output, written ? NULL : &err, printed ? NULL : &late);
}

int cli_validate(const struct cli_request *request)
{
    struct xo_measured measured;
    struct cli_progress progress;
    struct xo_error err = { 0 };
    struct xo_validation *v = NULL;
    struct xo_folder_lock lock = { .fd = -1 };
    int status = cli_read_measured(request, request->operands[0], NULL, &measured);
    if (status != CLI_OK)
        return status;
    cli_catch_interrupts();
    cli_progress_begin(&progress, request);
    const struct xo_study_options options = cli_study_options(request, NULL, &progress);
    const bool ok = (request->out == NULL ||
                     cli_folder_open(request, NULL, request->out, XO_FOLDER_ALONE, &lock, &err)) &&
                    xo_validate(&v, &measured, &options, &err);
    cli_progress_end(&progress);
    status = ok ? deliver(request, v, &lock) : cli_failed(request, &err);
    xo_folder_unlock(&lock);
    xo_validation_free(v);
    xo_measured_fini(&measured);
    return status;
}
