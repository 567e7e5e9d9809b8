/* store.c - entries in groups: what the text said, key by key, before anybody made sense of it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool store_init(struct xo_store *store)
{
    *store = (struct xo_store){ .hours_per_month = xo_key_default(K_SCENARIO_HOURS_PER_MONTH) };
    for (int i = 0; i < S_N_SINGLE; i++)
        if (store_add_group(store, (enum section)i, "", 0) < 0)
            return false;
    return true;
}

enum { CHUNK_SIZE = 8192 };
struct chunk {
    struct chunk *next;
    size_t used, size;
    char text[];
};

char *store_room(struct xo_store *store, size_t size)
{
    struct chunk *c = store->pool;
    if (c == NULL || c->size - c->used < size) {
        const size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
        c = malloc(sizeof *c + room);
        if (c == NULL)
            return NULL;
        *c = (struct chunk){ .next = store->pool, .size = room };
        store->pool = c;
    }
    c->used += size;
    return c->text + c->used - size;
}

const char *store_keep(struct xo_store *store, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *kept = store_room(store, size);
    return kept == NULL ? NULL : memcpy(kept, text, size);
}

void store_fini(struct xo_store *store)
{
    while (store->pool != NULL) {
        struct chunk *next = store->pool->next;
        free(store->pool);
        store->pool = next;
    }
    free(store->entries);
    free(store->groups);
    *store = (struct xo_store){ 0 };
}

int store_group(const struct xo_store *store, enum section section, const char *name)
{
    for (size_t i = 0; i < store->n_groups; i++)
        if (store->groups[i].section == section && strcasecmp(store->groups[i].name, name) == 0)
            return (int)i;
    return -1;
}

int store_add_group(struct xo_store *store, enum section section, const char *name, int line)
{
    if (!xo_array_reserve((void **)&store->groups, &store->groups_room, store->n_groups + 1,
                          sizeof *store->groups, NULL))
        return -1;
    char label[XO_SECTION_SIZE];
    snprintf(label, sizeof label, "%s%s%.60s", sections[section].name, name[0] == '\0' ? "" : " ",
             name);
    struct group *g = &store->groups[store->n_groups];
    *g = (struct group){ .section = section, .line = line, .label = store_keep(store, label) };
    if (g->label == NULL)
        return -1;
    xo_text_copy(g->name, sizeof g->name, name);
    for (int k = 0; k < MAX_SECTION_KEYS; k++)
        g->at[k] = -1;
    return (int)store->n_groups++;
}

/* Where the group remembers its entry of `key`; NULL: a key of another section ([uncertain]), or no
 * group at all (a section that the file does not have). */
static int *slot_of(const struct xo_store *store, int group, int key)
{
    if (group < 0 || (size_t)group >= store->n_groups)
        return NULL;
    struct group *g = &store->groups[group];
    const struct section_info *info = &sections[g->section];
    const int i = key - info->first_key;
    return i >= 0 && i < info->n_keys ? &g->at[i] : NULL;
}

struct xo_entry *store_add(struct xo_store *store, int group, int key)
{
    if (!xo_array_reserve((void **)&store->entries, &store->entries_room, store->n_entries + 1,
                          sizeof *store->entries, NULL))
        return NULL;
    struct xo_entry *e = &store->entries[store->n_entries];
    *e = (struct xo_entry){ .key = key,
                            .section = store->groups[group].label,
                            .name = xo_keys[key].name,
                            .value = "",
                            .where = "",
                            .number = NAN };
    int *slot = slot_of(store, group, key);
    if (slot != NULL)
        *slot = (int)store->n_entries;
    store->n_entries++;
    return e;
}

const struct xo_entry *store_get(const struct xo_store *store, int group, int key)
{
    const int *slot = group < 0 ? NULL : slot_of(store, group, key);
    return slot == NULL || *slot < 0 ? NULL : &store->entries[*slot];
}

const struct xo_entry *store_given(const struct xo_store *store, int group, int key)
{
    const struct xo_entry *e = store_get(store, group, key);
    return e == NULL || e->origin == XO_FROM_DERIVED ? NULL : e;
}

const char *store_text(const struct xo_store *store, int group, int key)
{
    const struct xo_entry *e = store_given(store, group, key);
    return e == NULL || e->value[0] == '\0' ? NULL : e->value;
}

double store_number(const struct xo_store *store, int group, int key)
{
    const struct xo_entry *e = store_given(store, group, key);
    return e == NULL ? NAN : e->number;
}

double store_value(const struct xo_store *store, int group, int key)
{
    const double x = store_number(store, group, key);
    return isnan(x) ? xo_key_default(key) : x;
}

int store_integer(const struct xo_store *store, int group, int key)
{
    return (int)store_value(store, group, key);
}

double store_number_or(const struct xo_store *store, int group, int key, double otherwise)
{
    const double x = store_number(store, group, key);
    return isnan(x) ? otherwise : x;
}

/* Every text of the store, one after the other; NULL after the last. */
static const char **text_at(struct xo_store *store, size_t i)
{
    if (i < store->n_groups)
        return &store->groups[i].label;
    i -= store->n_groups;
    struct xo_entry *e = &store->entries[i / 4];
    const char **texts[4] = { &e->section, &e->name, &e->value, &e->where };
    return i / 4 < store->n_entries ? texts[i % 4] : NULL;
}

/* Move all texts, which are another store's, into a pool of our own. */
static bool own_texts(struct xo_store *store)
{
    for (size_t i = 0; text_at(store, i) != NULL; i++) {
        const char **text = text_at(store, i);
        *text = store_keep(store, *text);
        if (*text == NULL)
            return false;
    }
    return true;
}

bool store_copy(struct xo_store *to, const struct xo_store *from)
{
    *to = *from;
    to->pool = NULL;
    to->entries = malloc(from->n_entries * sizeof *to->entries + 1);
    to->groups = malloc(from->n_groups * sizeof *to->groups + 1);
    to->entries_room = from->n_entries;
    to->groups_room = from->n_groups;
    bool ok = to->entries != NULL && to->groups != NULL;
    if (ok) {
        memcpy(to->entries, from->entries, from->n_entries * sizeof *to->entries);
        memcpy(to->groups, from->groups, from->n_groups * sizeof *to->groups);
        ok = own_texts(to);
    }
    if (!ok)
        store_fini(to);
    return ok;
}

bool is_uncertain(const struct xo_entry *e)
{
    return strcmp(e->section, "uncertain") == 0;
}

const struct xo_entry *store_uncertain(const struct xo_store *store, int key)
{
    for (size_t i = 0; i < store->n_entries; i++)
        if (store->entries[i].key == key && is_uncertain(&store->entries[i]))
            return &store->entries[i];
    return NULL;
}

bool is_derived(const struct xo_store *store, const struct xo_entry *e)
{
    (void)store;
    return e->origin == XO_FROM_DERIVED;
}

void store_drop(struct xo_store *store, drop_fn *drop)
{
    size_t n = 0, n_read = 0;
    for (size_t i = 0; i < store->n_entries; i++) {
        const bool keep = !drop(store, &store->entries[i]);
        n_read += keep && i < store->n_read;
        for (size_t g = 0; g < store->n_groups; g++)
            for (int k = 0; k < sections[store->groups[g].section].n_keys; k++)
                if (store->groups[g].at[k] == (int)i)
                    store->groups[g].at[k] = keep ? (int)n : -1;
        if (keep)
            store->entries[n++] = store->entries[i];
    }
    store->n_entries = n;
    store->n_read = n_read;
}
