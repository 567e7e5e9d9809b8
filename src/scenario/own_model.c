/* own_model.c - do the keys of a [model NAME] go together? Told at the line of the key to change.
 *
 * What a model may be the hardware room knows (xo_model_faults); here each fault meets the entry
 * that somebody typed: the key's own, else that of the key which makes it a fault. A key that is
 * lacking has no line, so its section's is named. What the catalog says of a part that the section
 * takes away (`window` where window_layers = 0 was typed) is left behind, as if nobody had said it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolve.h"
#include "values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct xo_entry *entry_of_key(const struct reader *r, int group, const char *key)
{
    return store_get(r->store, group, key_in_section(S_MODEL, key));
}

/* The keys that a fault comes with. */
struct others {
    const struct xo_entry *entries[MAX_LIST];
    int n;
};

static struct others others_of(const struct reader *r, int group, const struct xo_model_fault *f)
{
    struct others o = { .n = 0 };
    char copy[XO_VALUE_SIZE];
    const char *keys[MAX_LIST];
    const int n = *f->with == '\0' ? 0 : list_split(f->with, true, copy, keys);
    for (int i = 0; i < n; i++) {
        const struct xo_entry *e = entry_of_key(r, group, keys[i]);
        if (e != NULL)
            o.entries[o.n++] = e;
    }
    return o;
}

/* The first of them that somebody typed; NULL. */
static const struct xo_entry *typed_of(const struct others *o)
{
    for (int i = 0; i < o->n; i++)
        if (entry_is_typed(o->entries[i]))
            return o->entries[i];
    return NULL;
}

/* Could every number be read? One that could not is 0 by now, and has been reported. */
static bool is_read(const struct reader *r, int group)
{
    for (int key = FIRST_MODEL; key < AFTER_MODEL; key++) {
        const struct xo_entry *e = store_get(r->store, group, key);
        const bool is_number = number_unit(&xo_keys[key]) != NULL;
        if (e != NULL && (is_number || xo_keys[key].type == XO_KEY_CHOICE) && isnan(e->number))
            return false;
    }
    return true;
}

static int find_faults(const struct reader *r, int group,
                       struct xo_model_fault faults[XO_MAX_MODEL_FAULTS])
{
    struct xo_model_entry entry;
    model_fill(r->store, group, &entry);
    return xo_model_faults(&entry.model, faults);
}

/* Of the keys that are idle, those of the catalog are as nobody said them. */
static bool leave_behind(struct reader *r, int group, const struct xo_model_fault faults[], int n)
{
    bool any = false;
    for (int i = 0; i < n; i++) {
        struct xo_entry *e = (struct xo_entry *)entry_of_key(r, group, faults[i].key);
        if (faults[i].kind != XO_FAULT_IDLE || e == NULL || e->origin != XO_FROM_CATALOG)
            continue;
        e->value = xo_keys[e->key].defaults;
        e->number = xo_key_default(e->key);
        e->where = "default";
        e->origin = XO_FROM_DEFAULT;
        any = true;
    }
    return any;
}

/* "it takes 1 to 8", within what the key may be at all. */
static const char *say_limit(char out[80], const struct xo_model_fault *f)
{
    const double most = xo_keys[key_in_section(S_MODEL, f->key)].max;
    if (f->says[0] != '\0')
        snprintf(out, 80, "it takes %.60s", f->says);
    else
        snprintf(out, 80, "it takes %.10g to %.10g", f->min, fmin(f->max, most));
    return out;
}

/* At the key's own line: "; it takes 0 to 22 where layers is 32 and linear_layers is 10". */
static void tell_beyond(struct reader *r, const struct xo_entry *own,
                        const struct xo_model_fault *f, const struct others *o)
{
    char takes[80], where[240] = "";
    size_t used = 0;
    for (int i = 0; i < o->n; i++)
        if (o->entries[i]->number != 0 && used < sizeof where)
            used += (size_t)snprintf(where + used, sizeof where - used, "%s %s is %.40s",
                                     used == 0 ? " where" : " and", o->entries[i]->name,
                                     o->entries[i]->value);
    problem_entry(r, own, "; %s%s", say_limit(takes, f), where);
}

/* A key that is lacking is told at its section, or at the option that asks for it. */
static void tell_lacking(struct reader *r, int group, const struct xo_model_fault *f,
                         const struct xo_entry *typed)
{
    const struct group *g = &r->store->groups[group];
    const char *help = xo_keys[key_in_section(S_MODEL, f->key)].help;
    if (typed != NULL && (typed->origin == XO_FROM_SET || g->line == 0))
        problem_entry(r, typed, ", which needs \"%s\": %s", f->key, help);
    else
        problem_at(r, g->line, "[%s] lacks \"%s\": %s", g->label, f->key, help);
}

/* A number of the catalog that others no longer allow. */
static void tell_inherited(struct reader *r, int group, const struct xo_model_fault *f,
                           const struct xo_entry *typed)
{
    const struct group *g = &r->store->groups[group];
    char takes[80];
    if (typed != NULL)
        problem_entry(r, typed, "; %s is %.10g in the catalog, and then %s", f->key, f->value,
                      say_limit(takes, f));
    else
        problem_at(r, g->line, "[%s]: %s is %.10g in the catalog, and %s", g->label, f->key,
                   f->value, say_limit(takes, f));
}

/* The entry at which a clash is told: the key's own, or the first typed one that it comes with. */
static const struct xo_entry *blamed(const struct reader *r, int group,
                                     const struct xo_model_fault *f)
{
    const struct others others = others_of(r, group, f);
    const struct xo_entry *own = entry_of_key(r, group, f->key), *typed = typed_of(&others);
    return entry_is_typed(own) || typed == NULL ? own : typed;
}

/* Was the same said at the same entry of one of the faults before? */
static bool is_said(const struct reader *r, int group, const struct xo_model_fault faults[], int i)
{
    for (int k = 0; k < i; k++)
        if (faults[k].kind == XO_FAULT_CLASH && faults[i].kind == XO_FAULT_CLASH &&
            strcmp(faults[k].says, faults[i].says) == 0 &&
            blamed(r, group, &faults[k]) == blamed(r, group, &faults[i]))
            return true;
    return false;
}

static void tell(struct reader *r, int group, const struct xo_model_fault *f)
{
    const struct others others = others_of(r, group, f);
    const struct xo_entry *own = entry_of_key(r, group, f->key), *typed = typed_of(&others);
    if (f->kind == XO_FAULT_CLASH)
        problem_entry(r, blamed(r, group, f), "; the model has %s", f->says);
    else if (f->kind == XO_FAULT_IDLE)
        problem_entry(r, own, ", which needs %s", f->says);
    else if (entry_is_typed(own))
        tell_beyond(r, own, f, &others);
    else if (own == NULL || f->value == 0)
        tell_lacking(r, group, f, typed);
    else
        tell_inherited(r, group, f, typed);
}

void check_own_model(struct reader *r, int group)
{
    struct xo_model_fault faults[XO_MAX_MODEL_FAULTS];
    if (!is_read(r, group))
        return;
    int n = find_faults(r, group, faults);
    while (leave_behind(r, group, faults, n))
        n = find_faults(r, group, faults);
    for (int i = 0; i < n; i++)
        if (!is_said(r, group, faults, i))
            tell(r, group, &faults[i]);
}

bool model_has_fault(const struct xo_model *m)
{
    struct xo_model_fault faults[XO_MAX_MODEL_FAULTS];
    return xo_model_faults(m, faults) > 0;
}
