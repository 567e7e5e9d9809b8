/* map.c - `crossover map`: two keys vary, and who wins where.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "campaign.h"

#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double LOG_FROM_RATIO = 4, USUAL_FACTOR = 10;

/* Errors of an axis are gathered with those of the scenario, and told together. */
static void tell_of_axis(const struct cli_request *request, const char *option,
                         const struct xo_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        const char *line = problems->lines[i];
        const bool ours = strncmp(line, option, strlen(option)) == 0;
        cli_tell(request, ours ? CLI_ERROR : CLI_PLAIN, "%s", line);
    }
}

/* The number of key `key`, in its base, when the scenario says `text` there. False when that cannot
 * be, which is told. */
static bool number_with(const struct cli_request *request, const char *option, int key,
                        const char *text, double *number, int *status)
{
    char set[512];
    const size_t n = (size_t)request->n_sets;
    const char **sets = calloc(2 * (n + 1), sizeof *sets);
    struct xo_scenario *scenario = NULL;
    struct xo_problems problems = { 0 };
    if (sets == NULL) {
        cli_tell(request, CLI_ERROR, "out of memory");
        *status = CLI_FAILED;
        return false;
    }
    const char **typed_as = sets + n + 1;
    memcpy(sets, request->sets, n * sizeof *sets);
    memcpy(typed_as, request->typed_as, n * sizeof *typed_as);
    snprintf(set, sizeof set, "%s.%s=%s", xo_keys[key].section, xo_keys[key].name, text);
    sets[n] = set;
    typed_as[n] = option;
    const struct xo_scenario_options options = { sets, request->n_sets + 1, typed_as };
    const bool ok = xo_scenario_read(&scenario, request->operands[0], &options, &problems);
    *number = ok ? xo_scenario_number(scenario, key) : (double)NAN;
    if (problems.out_of_memory)
        *status = cli_tell_problems(request, request->operands[0], "", &problems);
    else if (!ok)
        tell_of_axis(request, option, &problems);
    else
        xo_scenario_free(scenario);
    xo_problems_fini(&problems);
    free(sets);
    return ok;
}

/* In "$1..$8/hour" and "1M..20M requests/month" the unit stands once. */
static void take_unit(char *from, size_t size, const char *to)
{
    const size_t n = strlen(from);
    if (strpbrk(from, " /") == NULL)
        xo_text_copy(from + n, size - n, to + strcspn(to, " /"));
}

/* A tenth and ten times the scenario's own value, within what the key takes. */
static bool usual_range(const struct cli_request *request, const struct xo_scenario *scenario,
                        const char *option, struct xo_map_axis *axis)
{
    const struct xo_key *key = &xo_keys[axis->key];
    const double own = xo_scenario_number(scenario, axis->key);
    axis->from = fmax(own / USUAL_FACTOR, key->min);
    axis->to = key->max > key->min ? fmin(own * USUAL_FACTOR, key->max) : own * USUAL_FACTOR;
    if (own > 0 && axis->from < axis->to)
        return true;
    cli_tell(request, CLI_ERROR,
             "%s: %s.%s is %s in this scenario, so it needs a range: %s.%s=FROM..TO", option,
             key->section, key->name, own == 0 ? "0" : "no one number", key->section, key->name);
    return false;
}

/* Both ends of an axis as typed. */
static bool typed_range(const struct cli_request *request, const char *option, const char *range,
                        struct xo_map_axis *axis, int *status)
{
    char from[320];
    const struct xo_key *key = &xo_keys[axis->key];
    const char *dots = strstr(range, "..");
    if (dots == NULL || (size_t)(dots - range) >= sizeof from / 2 || dots[2] == '\0') {
        cli_tell(request, CLI_ERROR, "%s: '%.80s' is no range; it takes FROM..TO, such as 0.5..2",
                 option, range);
        return false;
    }
    xo_text_copy(from, (size_t)(dots - range) + 1, range);
    take_unit(from, sizeof from, dots + 2);
    if (!number_with(request, option, axis->key, from, &axis->from, status) ||
        !number_with(request, option, axis->key, dots + 2, &axis->to, status))
        return false;
    if (axis->from < axis->to)
        return true;
    cli_tell(request, CLI_ERROR, "%s: %s.%s needs a range that rises, of numbers: %s.%s=FROM..TO",
             option, key->section, key->name, key->section, key->name);
    return false;
}

/* An axis of the scenario's [map], where --x and --y put theirs; *status changes where that fails
 * for another reason than what was typed. */
static bool take_axis(const struct cli_request *request, const struct xo_scenario *scenario,
                      int which, struct xo_map_axis *axis, int *status)
{
    static const char *const options[] = { "--x", "--y" }, *const keys[] = { "map.x", "map.y" };
    const char *option = request->axis_set[which][0] != '\0' ? options[which] : keys[which];
    const char *text = scenario->map_axis[which], *equals = strchr(text, '=');
    char name[XO_VALUE_SIZE];
    if (text[0] == '\0') {
        cli_tell(request, CLI_ERROR,
                 "map needs two keys that vary: --x KEY --y KEY, such as --x workload.volume --y "
                 "buy.price_scale, or x and y in a [map] of %s",
                 request->operands[0]);
        return false;
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(text, "="), text);
    *axis = (struct xo_map_axis){ .key = xo_key_find(xo_text_trim(name)),
                                  .n = scenario->map_cells[which] };
    if (!(equals != NULL ? typed_range(request, option, equals + 1, axis, status)
                         : usual_range(request, scenario, option, axis)))
        return false;
    const enum xo_map_scale scale = scenario->map_scale[which];
    axis->log = scale == XO_MAP_LOG ||
                (scale == XO_MAP_AUTO && axis->from > 0 && axis->to >= LOG_FROM_RATIO * axis->from);
    return true;
}

/* ---- what becomes of the cells ---- */

struct map_work {
    const struct cli_request *request;
    const struct xo_scenario *scenario;
    struct xo_map *map;           /* owned */
    struct xo_map_result *result; /* owned */
};

static bool finish(void *self, const void *cells, int64_t n, struct xo_error *err)
{
    struct map_work *w = self;
    (void)n;
    return xo_map_finish(w->map, cells, &w->result, err);
}

static int deliver(void *self, struct xo_output *output, bool *written)
{
    const struct map_work *w = self;
    struct xo_error err = { 0 }, late = { 0 };
    *written = xo_map_write(w->scenario, w->result, output, &err);
    if (!*written)
        cli_failed(w->request, &err);
    const bool printed = xo_map_print(stdout, w->scenario, w->result, w->request->format, &late);
    return cli_end_output(w->request, output, *written ? NULL : &err, printed ? NULL : &late);
}

static void free_work(void *self)
{
    struct map_work *w = self;
    if (w == NULL)
        return;
    xo_map_result_free(w->result);
    xo_map_free(w->map);
    free(w);
}

int cli_map_study(struct cli_study *study, const struct cli_request *request,
                  const struct xo_scenario *scenario, const struct xo_study_options *options)
{
    static const struct cli_ending ending = { finish, deliver, free_work };
    struct xo_map_settings settings;
    struct xo_error err = { 0 };
    int status = CLI_BAD;
    *study = (struct cli_study){ .request = request };
    if (!take_axis(request, scenario, 0, &settings.x, &status) ||
        !take_axis(request, scenario, 1, &settings.y, &status))
        return status;
    struct map_work *w = calloc(1, sizeof *w);
    study->ending = &ending;
    study->self = w;
    if (w == NULL)
        xo_fail(&err, XO_ERR_MEMORY, "out of memory for a map");
    if (w == NULL || !xo_map_new(&w->map, scenario, &settings, options, &err))
        return cli_failed(request, &err);
    w->request = request;
    w->scenario = scenario;
    study->work = xo_campaign_of_map(w->map);
    return CLI_OK;
}

int cli_map(const struct cli_request *request)
{
    if (strcmp(request->operands[0], "-") == 0) {
        cli_tell(request, CLI_ERROR, "map reads its scenario more than once: it takes a file");
        return CLI_BAD;
    }
    return cli_campaign_here(request, cli_map_study);
}
