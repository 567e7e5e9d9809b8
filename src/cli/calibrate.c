/* calibrate.c - `crossover data calibrate SCENARIO BENCH.csv`: constants from one's own benchmark.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "xo/calibrate.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Today in UTC, or the day of SOURCE_DATE_EPOCH (reproducible-builds.org), for files that must come
 * out the same. */
static void today(char date[16])
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    const time_t now = epoch != NULL ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) == NULL || strftime(date, 16, "%Y-%m-%d", &utc) == 0)
        strcpy(date, "1970-01-01");
}

static int write_include(const struct cli_request *request, const struct xo_calibration *c)
{
    struct xo_error err = { 0 };
    struct cli_target target;
    char date[16];
    today(date);
    if (!cli_target_open(&target, request, &err))
        return cli_failed(request, &err);
    const bool printed = xo_calibration_write(target.stream, c, date, &err);
    return cli_target_close(&target, request, printed, &err);
}

static int deliver(const struct cli_request *request, const struct xo_calibration *c)
{
    struct xo_error err = { 0 };
    if (!xo_calibration_print(stdout, c, request->format, &err))
        return cli_failed(request, &err);
    fflush(stdout);
    if (request->out == NULL) {
        cli_tell(request, CLI_NOTE,
                 "--out calibrated.ini writes the constants; [build] include = calibrated.ini "
                 "takes them into a scenario.");
        return CLI_OK;
    }
    return write_include(request, c);
}

/* Refuse before the work what cannot be written after it. */
static bool target_is_free(const struct cli_request *request, struct xo_error *err)
{
    struct cli_target target;
    if (request->out == NULL)
        return true;
    if (!cli_target_open(&target, request, err))
        return false;
    if (target.to_file)
        xo_file_discard(&target.file);
    return true;
}

static int calibrate(const struct cli_request *request, const struct xo_scenario *scenario)
{
    struct xo_measured measured;
    struct cli_progress progress;
    struct xo_error err = { 0 };
    struct xo_calibration *c = NULL;
    if (!target_is_free(request, &err))
        return cli_failed(request, &err);
    int status = cli_read_measured(request, request->operands[1], scenario, &measured);
    if (status != CLI_OK)
        return status;
    cli_catch_interrupts();
    cli_progress_begin(&progress, request);
    const struct xo_study_options options = cli_study_options(request, scenario, &progress);
    const bool ok = xo_calibrate(&c, scenario, &measured, &options, &err);
    cli_progress_end(&progress);
    status = ok ? deliver(request, c) : cli_failed(request, &err);
    xo_calibration_free(c);
    xo_measured_fini(&measured);
    return status;
}

int cli_calibrate(const struct cli_request *request)
{
    int status;
    struct xo_scenario *scenario = cli_read_scenario(request, &status);
    if (scenario == NULL)
        return status;
    status = calibrate(request, scenario);
    xo_scenario_free(scenario);
    return status;
}
