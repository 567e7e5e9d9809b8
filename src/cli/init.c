/* init.c - `crossover init`: the commented scenario that everyone starts from.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

int cli_init(const struct cli_request *request)
{
    struct cli_target target;
    struct xo_error err = { 0 };
    if (!cli_target_open(&target, request, &err))
        return cli_failed(request, &err);
    fputs(xo_scenario_template(), target.stream);
    const int status = cli_target_close(&target, request, true, &err);
    if (status == CLI_OK && request->out != NULL)
        cli_tell(request, CLI_NOTE, "Next: edit it, then crossover check %s", request->out);
    return status;
}
