/* map.c - `crossover map`: two keys vary, and who wins where.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_X = 41, CELLS_Y = 31 };
static const double LOG_FROM_RATIO = 4, USUAL_FACTOR = 10;

/* The number of key `key`, in its base, when the scenario says `text` there; as it stands with
 * NULL. False when the scenario has errors then, which are told. */
static bool number_with(const struct cli_request *request, int key, const char *text,
                        double *number)
{
    char set[512];
    const char **sets = calloc((size_t)request->n_sets + 1, sizeof *sets);
    struct xo_scenario *scenario = NULL;
    struct xo_problems problems = { 0 };
    if (sets == NULL)
        return false;
    memcpy(sets, request->sets, (size_t)request->n_sets * sizeof *sets);
    snprintf(set, sizeof set, "%s.%s=%s", xo_keys[key].section, xo_keys[key].name,
             text != NULL ? text : "");
    sets[request->n_sets] = set;
    const struct xo_scenario_options options = { sets, request->n_sets + (text != NULL) };
    bool ok = xo_scenario_read(&scenario, request->operands[0], &options, &problems);
    *number = NAN;
    for (int i = 0; ok && i < scenario->n_entries; i++)
        if (scenario->entries[i].key == key &&
            strcmp(scenario->entries[i].section, "uncertain") != 0)
            *number = scenario->entries[i].number;
    if (!ok)
        cli_tell_problems(request, &problems);
    else
        xo_scenario_free(scenario);
    xo_problems_fini(&problems);
    free(sets);
    return ok;
}

static int find_key(const struct cli_request *request, const char *option, const char *name)
{
    const int key = xo_key_find(name);
    if (key >= 0)
        return key;
    enum { MOST = 512 };
    static char dotted[MOST][80];
    const char *names[MOST];
    size_t n = 0;
    for (int i = 0; i < xo_n_keys && n < MOST; i++) {
        if (xo_keys[i].effect != XO_KEY_SIMULATION && xo_keys[i].effect != XO_KEY_MONEY)
            continue;
        snprintf(dotted[n], sizeof dotted[n], "%s.%s", xo_keys[i].section, xo_keys[i].name);
        names[n] = dotted[n];
        n++;
    }
    const char *near = xo_text_nearest(name, names, n);
    cli_tell(request, CLI_ERROR, "--%s: there is no key %.80s%s%s%s", option, name,
             near != NULL ? "; did you mean " : "; crossover help scenario lists them",
             near != NULL ? near : "", near != NULL ? "?" : "");
    return -1;
}

/* Both ends of an axis: as typed, or a tenth and ten times the scenario's value. */
static bool take_range(const struct cli_request *request, const char *option, const char *range,
                       struct xo_map_axis *axis)
{
    char from[160];
    const struct xo_key *key = &xo_keys[axis->key];
    if (range == NULL) {
        double own;
        if (!number_with(request, axis->key, NULL, &own))
            return false;
        axis->from = own > 0 ? fmax(own / USUAL_FACTOR, key->min) : NAN;
        axis->to = key->max > key->min ? fmin(own * USUAL_FACTOR, key->max) : own * USUAL_FACTOR;
    } else {
        const char *dots = strstr(range, "..");
        if (dots == NULL || (size_t)(dots - range) >= sizeof from || dots[2] == '\0') {
            cli_tell(request, CLI_ERROR,
                     "--%s: '%.80s' is no range; it takes FROM..TO, such as 0.5..2", option, range);
            return false;
        }
        xo_text_copy(from, (size_t)(dots - range) + 1, range);
        if (!number_with(request, axis->key, from, &axis->from) ||
            !number_with(request, axis->key, dots + 2, &axis->to))
            return false;
    }
    if (axis->from < axis->to)
        return true;
    cli_tell(request, CLI_ERROR,
             "--%s %s.%s needs a range that rises, of numbers: --%s %s.%s=FROM..TO", option,
             key->section, key->name, option, key->section, key->name);
    return false;
}

static bool take_axis(const struct cli_request *request, int which, struct xo_map_axis *axis)
{
    static const char *const options[] = { "x", "y" };
    const char *text = request->axis_text[which], *equals = strchr(text, '=');
    char name[120];
    const size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);
    xo_text_copy(name, length + 1 < sizeof name ? length + 1 : sizeof name, text);
    *axis = (struct xo_map_axis){ .key = find_key(request, options[which], name) };
    if (axis->key < 0 ||
        !take_range(request, options[which], equals != NULL ? equals + 1 : NULL, axis))
        return false;
    const enum cli_axis scale = request->axis_scale[which];
    axis->log = scale == CLI_AXIS_LOG || (scale == CLI_AXIS_AUTO && axis->from > 0 &&
                                          axis->to >= LOG_FROM_RATIO * axis->from);
    const int usual = which == 0 ? CELLS_X : CELLS_Y;
    axis->n = request->n_cells[which] > 0 ? request->n_cells[which] : usual;
    return true;
}

static int deliver(const struct cli_request *request, const struct xo_scenario *scenario,
                   const struct xo_map_result *map)
{
    struct xo_error err = { 0 };
    struct xo_output output = { .folder = request->out != NULL ? request->out : "out",
                                .command = request->command,
                                .plots = !request->no_plots };
    const bool written = xo_map_write(scenario, map, &output, &err);
    int status = written ? CLI_OK : cli_failed(request, &err);
    if (!xo_map_print(stdout, scenario, map, request->format, &err))
        status = cli_failed(request, &err);
    fflush(stdout);
    cli_tell_output(request, &output, written);
    return status == CLI_OK && cli_stop != 0 ? CLI_INTERRUPTED : status;
}

static int draw(const struct cli_request *request, const struct xo_scenario *scenario)
{
    struct xo_map_settings settings;
    struct cli_progress progress;
    struct xo_error err = { 0 };
    struct xo_map *map = NULL;
    struct xo_map_result *result = NULL;
    if (!take_axis(request, 0, &settings.x) || !take_axis(request, 1, &settings.y))
        return CLI_BAD;
    cli_catch_interrupts();
    cli_progress_begin(&progress, request);
    const struct xo_study_options options = cli_study_options(request, scenario, &progress);
    const bool ok =
        xo_map_new(&map, scenario, &settings, &options, &err) && xo_map_run(map, &result, &err);
    cli_progress_end(&progress);
    const int status = ok ? deliver(request, scenario, result) : cli_failed(request, &err);
    xo_map_result_free(result);
    xo_map_free(map);
    return status;
}

int cli_map(const struct cli_request *request)
{
    if (strcmp(request->operands[0], "-") == 0) {
        cli_tell(request, CLI_ERROR, "map reads its scenario more than once: it takes a file");
        return CLI_BAD;
    }
    struct xo_scenario *scenario = cli_read_scenario(request);
    if (scenario == NULL)
        return CLI_BAD;
    const int status = draw(request, scenario);
    xo_scenario_free(scenario);
    return status;
}
