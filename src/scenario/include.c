/* include.c - a file of fitted constants taken into a scenario.
 *
 * It is read into a store of its own by the same reader, so that every problem has its own file and
 * line; then what it may hold is copied over. What the scenario itself or --set says goes before.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "values.h"
#include "xo/file.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_INCLUDE_BYTES = 1 << 16 };

static bool may_stand(const struct xo_store *store, const struct xo_entry *e)
{
    const int key = e->key;
    if (section_of(key) == S_CALIBRATION)
        return true;
    for (int i = 0; i < XO_N_CONSTANTS; i++)
        if (key == key_in_section(S_BUILD, xo_constants[i].name))
            return store_get(store, S_BUILD, key) == e;
    return key == K_BUILD_FRONTEND && store_get(store, S_BUILD, key) == e;
}

static void take(struct reader *r, struct reader *in, const struct xo_entry *e)
{
    const int group = section_of(e->key); /* [build] or [calibration] */
    const struct xo_entry *own = store_get(r->store, group, e->key);
    if (own != NULL) {
        if (own->origin == XO_FROM_FILE)
            warning_entry(in, e, "; %s gives it too, and counts", own->where);
        return;
    }
    const struct xo_entry copy = *e; /* adding moves nothing of the inner store */
    struct xo_entry *added = store_add(r->store, group, copy.key);
    if (added == NULL) {
        r->out_of_memory = true;
        return;
    }
    added->value = keep_text(r, "%s", copy.value);
    added->where = keep_text(r, "%s", copy.where);
    added->origin = XO_FROM_INCLUDE;
    added->guess = copy.guess;
    r->store->groups[group].given = true;
}

static void take_all(struct reader *r, struct reader *in)
{
    const struct xo_store *store = in->store;
    for (size_t g = 0; g < store->n_groups; g++) {
        const struct group *group = &store->groups[g];
        if (group->given && group->section != S_BUILD && group->section != S_CALIBRATION)
            problem_at(in, group->line,
                       "[%s] cannot stand in an included file, which holds constants of [build] "
                       "and [calibration]",
                       group->label);
    }
    for (size_t i = 0; i < store->n_entries; i++) {
        const struct xo_entry *e = &store->entries[i];
        if (may_stand(store, e) && e->value[0] != '\0')
            take(r, in, e);
        else if (strcmp(e->section, "build") == 0 && e->value[0] != '\0')
            problem_at(in, e->line,
                       "\"%s\" cannot stand in an included file, which holds fitted constants "
                       "(mbu_weights, step_overhead, ...) and frontend",
                       e->name);
    }
}

/* Values that cannot be read are reported here, and not taken over. */
static void read_each(struct reader *in)
{
    for (size_t i = 0; i < in->store->n_entries; i++) {
        const int before = in->n_errors;
        if (!is_uncertain(&in->store->entries[i]))
            read_value(in, &in->store->entries[i]);
        if (in->n_errors > before)
            in->store->entries[i].value = "";
    }
}

void read_include(struct reader *r)
{
    const struct xo_entry *e = store_get(r->store, S_BUILD, K_BUILD_INCLUDE);
    char folder[XO_PATH_SIZE], path[XO_PATH_SIZE + XO_VALUE_SIZE], *text = NULL;
    size_t size = 0;
    struct xo_error err = { 0 };
    if (e == NULL || e->value[0] == '\0')
        return;
    if (strcmp(e->value, "-") == 0) {
        problem_entry(r, e, "; it takes the name of a file");
        return;
    }
    folder_of(r->s->path, folder);
    path_beside(path, sizeof path, folder, e->value);
    if (!xo_file_read(path, MAX_INCLUDE_BYTES, &text, &size, &err)) {
        if (!memory_ran_out(r, &err))
            problem_entry(r, e, "; %s", err.text);
        return;
    }
    struct xo_store store = { 0 };
    struct reader in = { .s = r->s, .store = &store, .file = path };
    if (store_init(&store)) {
        read_lines(&in, text, size);
        read_each(&in);
        take_all(r, &in);
    } else {
        r->out_of_memory = true;
    }
    problems_adopt(r, &in);
    store_fini(&store);
    free(text);
}
