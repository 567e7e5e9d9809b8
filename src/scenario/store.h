/* store.h - a scenario as text: entries of key and value, in groups, one a section.
 *
 * Reading goes: lines.c (text to entries) - values.c (each entry by its key's type) - resolve.c
 * (entries to structs) - check.c (do they go together). Catalogs take the same path.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SCENARIO_STORE_H
#define XO_SCENARIO_STORE_H

#include "keys.h"
#include <xxhash.h>

struct group { /* one section as it stands: [build], [class easy] */
    enum section section;
    char name[XO_COST_NAME_SIZE]; /* "" for [build] */
    const char *label;            /* "build", "class easy"; in the store's pool */
    int line;                     /* of its header; 0: not in the file */
    bool given;
    bool complete;            /* a GPU, model or API whose missing keys came from the catalog */
    int at[MAX_SECTION_KEYS]; /* index into entries of each key of the section; -1: not there */
};
struct chunk; /* of text; never moves */
struct xo_store {
    struct chunk *pool;
    struct xo_entry *entries;
    size_t n_entries, entries_room;
    struct group *groups; /* the first S_N_SINGLE are the sections without a name */
    size_t n_groups, groups_room;
    size_t n_read; /* entries whose values have been read */
    double hours_per_month;

    /* what resolving found out and money needs again */
    double tokens_per_request;
    int option_list[XO_MAX_OPTIONS * 4];  /* position of the option's GPU in build.gpu */
    int option_group[XO_MAX_OPTIONS * 4]; /* its [gpu] */
};
XO_MUST_USE bool store_init(struct xo_store *store);
void store_fini(struct xo_store *store);
/* Text that lives as long as the store: `size` bytes to write to, or a copy; NULL: out of memory.
 */
char *store_room(struct xo_store *store, size_t size);
const char *store_keep(struct xo_store *store, const char *text);
int store_group(const struct xo_store *store, enum section section, const char *name); /* -1 */
int store_add_group(struct xo_store *store, enum section section, const char *name, int line);
/* The new entry, zeroed but for its key and section; NULL when out of memory. */
struct xo_entry *store_add(struct xo_store *store, int group, int key);
/* Entry of `key` in `group`; NULL when it is not there. */
const struct xo_entry *store_get(const struct xo_store *store, int group, int key);
/* Its text; NULL when it is not there, or empty because it was reported. */
const char *store_text(const struct xo_store *store, int group, int key);
/* As store_get, but only what somebody wrote: not derived. */
const struct xo_entry *store_given(const struct xo_store *store, int group, int key);
/* Its number; NAN when it is not there or could not be read. */
double store_number(const struct xo_store *store, int group, int key);
/* The same, or what the table has for a key that is not there; 0: it has nothing. */
double store_value(const struct xo_store *store, int group, int key);
int store_integer(const struct xo_store *store, int group, int key); /* a choice: of its enum */
/* The same, but for an entry that is not there something that depends on other keys. */
double store_number_or(const struct xo_store *store, int group, int key, double otherwise);
XO_MUST_USE bool store_copy(struct xo_store *to, const struct xo_store *from);
bool is_uncertain(const struct xo_entry *e);   /* a line of [uncertain] */
bool entry_is_typed(const struct xo_entry *e); /* in the file or by --set; not NULL */
/* The line of [uncertain] behind an input; NULL: the catalog's spread of a price, which nobody
 * typed. */
const struct xo_entry *store_uncertain(const struct xo_store *store, int key);
/* Take out the entries of which `drop` is true: those that resolving derived, for one. */
typedef bool drop_fn(const struct xo_store *store, const struct xo_entry *e);
void store_drop(struct xo_store *store, drop_fn *drop);
bool is_derived(const struct xo_store *store, const struct xo_entry *e);
/* Put the entries into the order in which they are written (write.c), so that a scenario and its
 * resolved text list them alike; false when out of memory. */
XO_MUST_USE bool store_sort(struct xo_store *store);
/* The groups in that order, [n_groups] on the heap; NULL when out of memory. */
const struct group **store_in_order(const struct xo_store *store);
/* What the files that requests are read from brought in. */
void hash_request_files(const struct xo_scenario *scenario, XXH64_state_t *state);

#endif
