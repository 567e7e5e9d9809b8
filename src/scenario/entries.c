/* entries.c - names to groups and keys: what a line or a --set is about, and what is missing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "xo/text.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_PLACE = 120 };

static void unknown_section(struct reader *r, int line, const char *name)
{
    const char *names[S_N];
    char hint[120], kind[64];
    for (int i = 0; i < S_N; i++)
        names[i] = sections[i].name;
    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(name, " ."), name);
    const int known = section_find(kind, strlen(kind));
    if (known >= 0 && sections[known].named) {
        const char *own = name + strlen(kind);
        problem_at(r, line, "unknown section [%s]; a name stands after a blank: [%s %s]", name,
                   kind, *own == '\0' ? "NAME" : own + 1);
        return;
    }
    did_you_mean(hint, sizeof hint, xo_text_nearest(kind, names, S_N));
    problem_at(r, line, "unknown section [%s]%s", name,
               hint[0] == '\0' ? "; docs/scenario.md lists those there are" : hint);
}

int find_group(struct reader *r, int line, const char *whole, size_t kind_length, const char *own)
{
    const int section = section_find(whole, kind_length);
    if (section < 0 || (*own == '\0' && !sections[section].plain)) {
        unknown_section(r, line, whole);
        return -1;
    }
    if (*own != '\0' && !sections[section].named) {
        problem_at(r, line, "[%s] takes no name; write [%s]", whole, sections[section].name);
        return -1;
    }
    if (strpbrk(own, "[];#=,") != NULL) {
        problem_at(r, line, "the name \"%s\" holds one of [ ] ; # = and comma", own);
        return -1;
    }
    int group = store_group(r->store, (enum section)section, own);
    if (group < 0)
        group = store_add_group(r->store, (enum section)section, own, 0);
    r->out_of_memory |= group < 0;
    return group;
}

static int near_key(const struct group *g, const char *name)
{
    const struct section_info *info = &sections[g->section];
    const char *names[MAX_SECTION_KEYS];
    for (int i = 0; i < info->n_keys; i++)
        names[i] = xo_keys[info->first_key + i].name;
    const char *nearest = xo_text_nearest(name, names, (size_t)info->n_keys);
    return nearest == NULL ? -1 : key_in_section(g->section, nearest);
}

void note_key(struct reader *r, int group, const char *name)
{
    if (group < 0)
        return;
    const int key = near_key(&r->store->groups[group], name);
    if (key >= 0 && store_get(r->store, group, key) == NULL &&
        store_add(r->store, group, key) == NULL)
        r->out_of_memory = true;
}

static void unknown_key(struct reader *r, int line, int group, const char *key)
{
    const struct group *g = &r->store->groups[group];
    const struct section_info *info = &sections[g->section];
    const char *names[MAX_SECTION_KEYS];
    char hint[200] = "";
    for (int i = 0; i < info->n_keys; i++)
        names[i] = xo_keys[info->first_key + i].name;
    did_you_mean(hint, sizeof hint, xo_text_nearest(key, names, (size_t)info->n_keys));
    for (int i = 0; i < S_N && hint[0] == '\0'; i++)
        if (key_in_section((enum section)i, key) >= 0)
            snprintf(hint, sizeof hint, "; it stands in [%s%s]", sections[i].name,
                     sections[i].plain ? "" : " NAME");
    problem_at(r, line, "unknown key \"%.60s\" in [%s%s%s]%s", key, info->name,
               g->name[0] == '\0' ? "" : " ", g->name,
               hint[0] == '\0' ? "; docs/scenario.md lists its keys" : hint);
}

const char *near_dotted_key(char *hint, size_t size, const char *name, bool (*is_meant)(int key))
{
    char dotted[N_KEYS][64];
    const char *names[N_KEYS];
    size_t n = 0;
    for (int i = 0; i < N_KEYS; i++)
        if (is_meant == NULL || is_meant(i)) {
            snprintf(dotted[n], sizeof dotted[n], "%s.%s", xo_keys[i].section, xo_keys[i].name);
            names[n] = dotted[n];
            n++;
        }
    return did_you_mean(hint, size, xo_text_nearest(name, names, n));
}

static void unknown_uncertain(struct reader *r, int line, const char *name)
{
    char hint[120];
    near_dotted_key(hint, sizeof hint, name, NULL);
    problem_at(r, line, "unknown key \"%.60s\" in [uncertain]%s", name,
               hint[0] == '\0' ? "; it takes section.key, such as build.rent" : hint);
}

/* The entry that has this name in [uncertain]; NULL. */
static struct xo_entry *find_uncertain(struct xo_store *store, const char *name)
{
    for (size_t i = 0; i < store->n_entries; i++)
        if (is_uncertain(&store->entries[i]) && strcmp(store->entries[i].name, name) == 0)
            return &store->entries[i];
    return NULL;
}

/* What is wrong with a value as such; NULL: nothing. */
static const char *value_trouble(const char *text, bool guess, enum xo_key_type type)
{
    if (text[0] == '\0')
        return guess ? "has no value after the ?" : "has no value; give it one or delete the line";
    if (text[0] == '"' || text[0] == '\'')
        return "has quotes around its value; write it without";
    if (type != XO_KEY_TEXT && strstr(text, " #") != NULL)
        return "has a # in its value; a comment after a value starts with a blank and ;";
    return NULL;
}

static void unknown(struct reader *r, int line, int group, const char *name)
{
    if (r->store->groups[group].section == S_UNCERTAIN) {
        unknown_uncertain(r, line, name);
        return;
    }
    unknown_key(r, line, group, name);
    note_key(r, group, name);
}

/* Text, place and origin of an entry; line 0: from --set, or an option that stands for it. */
static void fill_entry(struct reader *r, struct xo_entry *e, const char *text, int line)
{
    const size_t length = strlen(r->file);
    e->value = keep_text(r, "%s", text);
    e->origin = line == 0 ? XO_FROM_SET : XO_FROM_FILE;
    e->line = line;
    if (line == 0)
        e->where = r->typed_as != NULL ? r->typed_as : set_option;
    else if (r->s != NULL) /* nobody asks a catalog */
        e->where = keep_text(r, "%s%s:%d", length > LONGEST_PLACE ? "..." : "",
                             r->file + (length > LONGEST_PLACE ? length - LONGEST_PLACE : 0), line);
}

/* The entry that a line of this name changes; NULL: a new one. Lines of correlation add up, and
 * --set takes the place of all of them. */
static struct xo_entry *entry_of(struct xo_store *store, int group, int key, const char *name,
                                 bool set)
{
    if (key == K_UNCERTAIN_CORRELATION && !set)
        return NULL;
    if (key == K_UNCERTAIN_CORRELATION)
        for (size_t i = 0; i < store->n_entries; i++)
            if (store->entries[i].key == key) {
                store->entries[i].value = "";
                store->entries[i].guess = false;
            }
    return store->groups[group].section == S_UNCERTAIN
               ? find_uncertain(store, name)
               : (struct xo_entry *)store_get(store, group, key);
}

void enter_pair(struct reader *r, int group, const char *name, const char *value, int line)
{
    struct xo_store *store = r->store;
    const bool uncertain = store->groups[group].section == S_UNCERTAIN, set = line == 0;
    const int key = uncertain && strchr(name, '.') != NULL
                        ? xo_key_find(name)
                        : key_in_section(store->groups[group].section, name);
    if (key < 0) {
        unknown(r, line, group, name);
        return;
    }
    struct xo_entry *e = entry_of(store, group, key, name, set);
    if (e != NULL && !set && e->line > 0) {
        problem_at(r, line, "\"%s\" was given on line %d already", name, e->line);
        return;
    }
    const bool guess = value[0] == '?';
    const char *text = value + guess + strspn(value + guess, " \t");
    const char *trouble = value_trouble(text, guess, xo_keys[key].type);
    if (trouble != NULL)
        problem_at(r, line, "\"%s\" %s", name, trouble);
    if (e == NULL)
        e = store_add(store, group, key);
    if (e == NULL) {
        r->out_of_memory = true;
        return;
    }
    if (uncertain)
        e->name = keep_text(r, "%s", name);
    e->guess = guess && !set;
    fill_entry(r, e, trouble == NULL ? text : "", line);
}

/* "class.easy.weight" or "class easy.weight" into group and key, or "build.rent". */
static void set_path(struct reader *r, char *path, const char *value)
{
    char *dot = strchr(path, '.'), *blank = strpbrk(path, " \t");
    if (blank != NULL && blank < dot) { /* "class easy.weight", as the section is written */
        *blank = '.';
        dot = blank;
    }
    const size_t kind_length = (size_t)(dot - path);
    const int section = section_find(path, kind_length);
    char *last = section >= 0 && sections[section].named ? strrchr(path, '.') : dot;
    *last = '\0';
    const char *own = last > dot ? dot + 1 : "";
    const int group = find_group(r, 0, path, kind_length, own);
    if (group < 0)
        return;
    r->store->groups[group].given = true;
    enter_pair(r, group, last + 1, value, 0);
}

/* What makes a --set impossible to write down as a line of a scenario; NULL: nothing. */
static const char *set_trouble(const char *path, const char *value)
{
    if (strchr(path, '.') == NULL)
        return "it takes section.key=value, such as build.rent=$2.50/hour";
    if (strlen(path) > 2 * LONGEST_NAME || strlen(path) + strlen(value) > LONGEST_LINE - 6)
        return "longer than a line of a scenario may be";
    const char *text = value + strspn(value, "? \t");
    if (*text == ';' || strstr(value, " ;") != NULL || strstr(value, "\t;") != NULL)
        return "a blank and ; would start a comment";
    return NULL;
}

static void set_one(struct reader *r, const char *set, const char *typed_as)
{
    char place[XO_VALUE_SIZE + 64], copy[XO_VALUE_SIZE];
    const size_t path_length = strcspn(set, "=");
    snprintf(place, sizeof place, "%.40s%s%.*s", typed_as != NULL ? typed_as : set_option,
             typed_as != NULL ? ": " : " ", (int)(path_length < 200 ? path_length : 200), set);
    r->place = place;
    r->typed_as = typed_as;
    xo_text_copy(copy, sizeof copy, set);
    char *equals = strchr(copy, '=');
    if (equals != NULL)
        *equals = '\0';
    char *path = xo_text_trim(copy), *value = equals == NULL ? NULL : xo_text_trim(equals + 1);
    const char *trouble = strlen(set) >= sizeof copy
                              ? "longer than a line of a scenario may be"
                              : set_trouble(value == NULL ? "" : path, value == NULL ? "" : value);
    if (trouble != NULL)
        problem_at(r, 0, "%s", trouble);
    else if (bytes_are_text(r, 0, set, strlen(set)))
        set_path(r, path, value);
    r->place = r->typed_as = NULL;
}

void read_sets(struct reader *r, const struct xo_scenario_options *options)
{
    for (int i = 0; options != NULL && i < options->n_sets; i++)
        set_one(r, options->sets[i], options->typed_as != NULL ? options->typed_as[i] : NULL);
}

void add_group_defaults(struct reader *r, int group)
{
    const struct section_info *info = &sections[r->store->groups[group].section];
    for (int k = info->first_key; k < info->first_key + info->n_keys; k++) {
        const char *value = xo_keys[k].defaults;
        if (value == NULL || value[0] == '\0' || store_get(r->store, group, k) != NULL)
            continue;
        struct xo_entry *e = store_add(r->store, group, k);
        if (e == NULL) {
            r->out_of_memory = true;
            return;
        }
        e->value = value;
        e->where = "default";
        e->origin = XO_FROM_DEFAULT;
    }
}

void add_defaults(struct reader *r)
{
    const struct xo_store *store = r->store;
    for (int g = 0; g < (int)store->n_groups; g++) {
        const struct group *group = &store->groups[g];
        const bool always = group->section == S_SCENARIO || group->section == S_WORKLOAD ||
                            group->section == S_STUDY || group->section == S_SLO;
        const bool one_of_many = group->section == S_SLO && group->name[0] != '\0';
        if ((group->given || always) && !one_of_many && !is_catalogued(group->section))
            add_group_defaults(r, g);
    }
}

void require_keys(struct reader *r, int group)
{
    const struct group *g = &r->store->groups[group];
    const struct section_info *info = &sections[g->section];
    for (int k = info->first_key; k < info->first_key + info->n_keys; k++)
        if (xo_keys[k].defaults == NULL && store_get(r->store, group, k) == NULL)
            problem_at(r, g->line, "[%s] lacks \"%s\": %s", g->label, xo_keys[k].name,
                       xo_keys[k].help);
}

bool entry_is_typed(const struct xo_entry *e)
{
    return e != NULL && (e->origin == XO_FROM_FILE || e->origin == XO_FROM_SET);
}

bool xo_scenario_is_typed(const struct xo_scenario *s, int key)
{
    return entry_is_typed(store_given(s->store, section_of(key), key));
}

static const char *place_of(const struct xo_scenario *s, const struct xo_entry *e,
                            char place[XO_PLACE_SIZE])
{
    if (e == NULL || e->origin == XO_FROM_DEFAULT)
        snprintf(place, XO_PLACE_SIZE, "%s", s->path);
    else if (e->line > 0)
        snprintf(place, XO_PLACE_SIZE, "%s:%d", s->path, e->line);
    else
        snprintf(place, XO_PLACE_SIZE, "%s", e->where);
    return place;
}

const char *xo_scenario_place(const struct xo_scenario *s, int key, char place[XO_PLACE_SIZE])
{
    return place_of(s, store_given(s->store, section_of(key), key), place);
}

const char *xo_scenario_uncertain_place(const struct xo_scenario *s, int key,
                                        char place[XO_PLACE_SIZE])
{
    return place_of(s, store_uncertain(s->store, key), place);
}
