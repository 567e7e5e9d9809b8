/* read.c - from a file to a scenario; copies of it, and what-ifs on them.
 *
 * A reading goes through the steps of read_text, all of them also where one finds problems, so that
 * all problems of a file are told in one go; a scenario comes out only where there was no error.
 *
 * Invariant: a scenario owns its store; its entries are the store's, and workload.trace is NULL or
 * its own trace. So a copy (xo_scenario_copy) has all of these for itself, and each thread of a
 * study may have one to change.
 *
 * A what-if writes numbers into the store as if they had been read. Where money alone changes, or
 * the volume or the retries, bills are worked out again in place, with next to nothing allocated
 * (vary_money), since draws and sweeps do it for every sample; anything else is resolved and
 * checked anew beside the old scenario, which stays as it was where that fails (vary_any). Begin
 * with read_text and xo_scenario_vary_all.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "names.h"
#include "resolve.h"
#include "values.h"
#include "xo/file.h"
#include "xo/text.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SCENARIO_BYTES = 4 << 20 };

static void drop_structs(struct xo_scenario *s)
{
    for (int c = 0; c < s->workload.n_classes; c++) {
        xo_dist_fini(&s->workload.classes[c].prompt);
        xo_dist_fini(&s->workload.classes[c].output);
    }
    for (int i = 0; i < s->n_uncertain; i++)
        xo_dist_fini(&s->uncertain[i].dist);
    xo_trace_fini(&s->trace);
}

void xo_scenario_free(struct xo_scenario *scenario)
{
    if (scenario == NULL)
        return;
    drop_structs(scenario);
    if (scenario->store != NULL)
        store_fini(scenario->store);
    free(scenario->store);
    free(scenario);
}

/* A scenario with an empty store; NULL when out of memory. */
static struct xo_scenario *new_scenario(const char *path)
{
    struct xo_scenario *s = calloc(1, sizeof *s);
    struct xo_store *store = calloc(1, sizeof *store);
    if (s == NULL || store == NULL) {
        free(s);
        free(store);
        return NULL;
    }
    xo_text_copy(s->path, sizeof s->path, path);
    s->store = store;
    return s;
}

/* The convention by which months become hours has to be known before any value is read. */
static void read_hours_per_month(struct reader *r)
{
    const struct xo_entry *e = store_get(r->store, S_SCENARIO, K_SCENARIO_HOURS_PER_MONTH);
    const struct xo_key *k = &xo_keys[K_SCENARIO_HOURS_PER_MONTH];
    double hours;
    if (e != NULL && quantity_read(k->unit, e->value, NO_MONTHS, &hours, NULL) && hours >= k->min &&
        hours <= k->max)
        r->store->hours_per_month = hours;
}

static void require_all(struct reader *r)
{
    for (int g = 0; g < (int)r->store->n_groups; g++) {
        const struct group *group = &r->store->groups[g];
        if (!is_catalogued(group->section) &&
            (group->given || (group->section == S_SCENARIO && !r->lost)))
            require_keys(r, g);
    }
}

/* Sections for GPUs, models and APIs that nothing names are read and complained about too. */
static void complete_unused(struct reader *r)
{
    for (int g = 0; g < (int)r->store->n_groups; g++) {
        const struct group group = r->store->groups[g];
        if (!is_catalogued(group.section) || group.complete)
            continue;
        const struct xo_entry nobody = { .line = group.line };
        if (inline_entry(r, &nobody, group.section, group.name) >= 0)
            warning_at(r, group.line, "[%s %s] is not used by [buy], [build] or a class",
                       sections[group.section].name, group.name);
    }
}

static void read_text(struct reader *r, const char *text, size_t size,
                      const struct xo_scenario_options *options)
{
    read_lines(r, text, size);
    read_sets(r, options);
    read_include(r);
    leave_out_fixed(r);
    read_hours_per_month(r);
    convert_currencies(r);
    add_defaults(r);
    read_values(r);
    require_all(r);
    resolve(r);
    complete_unused(r);
    check(r);
    r->out_of_memory |= !store_sort(r->store);
    r->s->entries = r->store->entries;
    r->s->n_entries = (int)r->store->n_entries;
    if (r->n_errors == 0 && !r->out_of_memory)
        try_ends(r);
    if (r->n_errors == 0 && !r->out_of_memory)
        r->out_of_memory = (r->s->hash = xo_scenario_hash(r->s)) == 0;
}

bool xo_scenario_read_text(struct xo_scenario **scenario, const char *path, const char *text,
                           size_t size, const struct xo_scenario_options *options,
                           struct xo_problems *problems)
{
    struct xo_error err = { 0 };
    struct reader r = { .file = strcmp(path, "-") == 0 ? "standard input" : path };
    *scenario = NULL;
    *problems = (struct xo_problems){ 0 };
    struct xo_scenario *s = xo_catalog_load(&err) ? new_scenario(path) : NULL;
    if (s == NULL || !store_init(s->store)) {
        r.out_of_memory = true;
    } else {
        r.s = s;
        r.store = s->store;
        read_text(&r, text, size, options);
    }
    problems_finish(&r, problems);
    const bool ok = r.n_errors == 0 && !r.out_of_memory;
    if (!ok) {
        xo_scenario_free(s);
        s = NULL;
    }
    *scenario = s;
    return ok;
}

bool xo_scenario_read(struct xo_scenario **scenario, const char *path,
                      const struct xo_scenario_options *options, struct xo_problems *problems)
{
    struct xo_error err = { 0 };
    char *text = NULL;
    size_t size = 0;
    if (!xo_file_read(path, MAX_SCENARIO_BYTES, &text, &size, &err)) {
        struct reader r = { .file = path, .place = "crossover" };
        *scenario = NULL;
        *problems = (struct xo_problems){ 0 };
        if (!memory_ran_out(&r, &err))
            problem_at(&r, 0, "%s", err.text);
        problems_finish(&r, problems);
        return false;
    }
    const bool ok = xo_scenario_read_text(scenario, path, text, size, options, problems);
    free(text);
    return ok;
}

/* ---- copies ---- */

static bool copy_dists(struct xo_scenario *to, const struct xo_scenario *from)
{
    bool ok = true;
    for (int c = 0; c < from->workload.n_classes; c++) {
        const struct xo_class *k = &from->workload.classes[c];
        to->workload.classes[c].prompt = to->workload.classes[c].output = (struct xo_dist){ 0 };
        ok &= xo_dist_copy(&to->workload.classes[c].prompt, &k->prompt, NULL);
        ok &= xo_dist_copy(&to->workload.classes[c].output, &k->output, NULL);
    }
    for (int i = 0; i < from->n_uncertain; i++) {
        to->uncertain[i].dist = (struct xo_dist){ 0 };
        ok &= xo_dist_copy(&to->uncertain[i].dist, &from->uncertain[i].dist, NULL);
    }
    return ok;
}

struct xo_scenario *xo_scenario_copy(const struct xo_scenario *scenario)
{
    struct xo_scenario *copy = malloc(sizeof *copy);
    struct xo_store *store = malloc(sizeof *store);
    if (copy == NULL || store == NULL || !store_copy(store, scenario->store)) {
        free(copy);
        free(store);
        return NULL;
    }
    *copy = *scenario;
    copy->store = store;
    copy->entries = store->entries;
    bool ok = copy_dists(copy, scenario);
    copy->trace = (struct xo_trace){ 0 };
    ok = ok && trace_copy(&scenario->trace, &copy->trace);
    if (scenario->workload.trace != NULL)
        copy->workload.trace = &copy->trace;
    if (ok)
        return copy;
    xo_scenario_free(copy);
    return NULL;
}

/* ---- what-ifs ---- */

const char *number_unit(const struct xo_key *k)
{
    switch (k->type) {
    case XO_KEY_INTEGER:
        return k->unit[0] == '\0' ? "count" : k->unit;
    case XO_KEY_VOLUME:
        return "requests/month";
    case XO_KEY_NUMBER:
    case XO_KEY_PRICES:
        return k->unit;
    default:
        return NULL;
    }
}

static bool may_vary(const struct xo_scenario *s, int key, double value, struct xo_error *err)
{
    const struct xo_key *k = &xo_keys[key];
    const int section = section_of(key);
    const char *unit = number_unit(k);
    char lo[64], hi[64];
    if (unit == NULL || (k->effect != XO_KEY_MONEY && k->effect != XO_KEY_SIMULATION) ||
        !sections[section].plain)
        return xo_fail(
            err, XO_ERR_INPUT,
            "%s.%s cannot vary: it is no number that changes the simulation or the money",
            k->section, k->name);
    const struct xo_entry *e = store_get(s->store, section, key);
    if (k->type == XO_KEY_PRICES && e != NULL && strchr(e->value, ' ') != NULL && isnan(e->number))
        return xo_fail(err, XO_ERR_INPUT, "%s.%s is a list; vary build.rent_scale", k->section,
                       k->name);
    if (!(value >= k->min && value <= k->max))
        return xo_fail(err, XO_ERR_INPUT, "%s.%s cannot be %g; it takes %s to %s", k->section,
                       k->name, value, quantity_show(lo, sizeof lo, unit, k->min),
                       quantity_show(hi, sizeof hi, unit, k->max));
    return true;
}

/* Marks an entry whose value is room of VARIED_SIZE bytes, to be written over by the next what-if.
 */
static const char varied[] = "varied";
enum { VARIED_SIZE = 64 };

/* Write the value into the store as if it had been read. */
static bool set_number(struct xo_store *store, int key, double value, struct xo_error *err)
{
    const struct xo_key *k = &xo_keys[key];
    const int section = section_of(key);
    struct xo_entry *e = (struct xo_entry *)store_get(store, section, key);
    if (e == NULL)
        e = store_add(store, section, key);
    if (e == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory");
    if (k->type == XO_KEY_INTEGER)
        value = nearbyint(value);
    char *text = e->where == varied ? (char *)e->value : store_room(store, VARIED_SIZE);
    if (text == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory");
    e->value = quantity_exact(text, VARIED_SIZE, number_unit(k), value);
    e->number = value;
    e->origin = XO_FROM_SET;
    e->line = 0;
    e->guess = false;
    e->where = varied;
    store->n_read = store->n_entries;
    return true;
}

static void recount(struct xo_scenario *s)
{
    s->entries = s->store->entries;
    s->n_entries = (int)s->store->n_entries;
    s->n_guesses = 0;
    s->hash = 0;
    for (int i = 0; i < s->n_entries; i++)
        s->n_guesses += s->entries[i].guess;
}

static bool set_numbers(struct xo_store *store, int n, const int keys[], const double values[],
                        struct xo_error *err)
{
    for (int i = 0; i < n; i++)
        if (!set_number(store, keys[i], values[i], err))
            return false;
    return true;
}

/* Where only the money changes it is resolved in place, with nothing allocated but perhaps entries.
 * */
static bool vary_money(struct xo_scenario *s, int n, const int keys[], const double values[],
                       struct xo_error *err)
{
    struct reader r = { .s = s, .store = s->store, .file = s->path };
    if (!set_numbers(s->store, n, keys, values, err))
        return false;
    resolve_money(&r);
    recount(s);
    return true;
}

/* Where everything may change a new scenario is resolved beside the old one; then they change
 * places. */
static bool vary_any(struct xo_scenario *s, int n, const int keys[], const double values[],
                     struct xo_error *err)
{
    struct xo_scenario *fresh = new_scenario(s->path);
    if (fresh == NULL || !store_copy(fresh->store, s->store)) {
        xo_scenario_free(fresh);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory");
    }
    struct reader r = { .s = fresh, .store = fresh->store, .file = s->path, .donor = s };
    struct xo_problems problems = { 0 };
    store_drop(fresh->store, is_derived);
    bool ok = set_numbers(fresh->store, n, keys, values, err);
    if (ok) {
        resolve(&r);
        check(&r);
        ok = r.n_errors == 0 && !r.out_of_memory;
        problems_finish(&r, &problems);
        if (problems.out_of_memory)
            xo_fail(err, XO_ERR_MEMORY, "out of memory");
        for (size_t i = 0; !ok && i < problems.n; i++)
            if (strstr(problems.lines[i], ": warning: ") == NULL) {
                xo_fail(err, XO_ERR_INPUT, "%s", problems.lines[i]);
                break;
            }
        xo_problems_fini(&problems);
    }
    if (ok) {
        struct xo_scenario old = *s;
        *s = *fresh;
        *fresh = old;
        if (s->workload.trace != NULL)
            s->workload.trace = &s->trace;
        recount(s);
    }
    xo_scenario_free(fresh);
    return ok;
}

bool xo_scenario_vary_all(struct xo_scenario *scenario, int n, const int keys[],
                          const double values[], struct xo_error *err)
{
    bool cheap = true;
    for (int i = 0; i < n; i++) {
        if (!may_vary(scenario, keys[i], values[i], err))
            return false;
        cheap &= xo_keys[keys[i]].effect == XO_KEY_MONEY || keys[i] == K_WORKLOAD_VOLUME ||
                 keys[i] == K_WORKLOAD_RETRIES;
    }
    return cheap ? vary_money(scenario, n, keys, values, err)
                 : vary_any(scenario, n, keys, values, err);
}

bool xo_scenario_vary(struct xo_scenario *scenario, int key, double value, struct xo_error *err)
{
    return xo_scenario_vary_all(scenario, 1, &key, &value, err);
}
