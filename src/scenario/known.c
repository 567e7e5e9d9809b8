/* known.c - a name that somebody wrote, found among the names of the catalogs; else what is near.
 *
 * Found: as it is written, spelled another way, or a checkpoint's by its model. Near: those that
 * begin so, all of them; else one of the same family (the provider of an API, the letters before
 * the first digit of the others), so that a slip in "llama-3.3-70b-x" does not end in another
 * maker's model.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "names.h"
#include "values.h"
#include "xo/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- found ---- */

bool model_base_name(enum section section, const char *name, char base[XO_VALUE_SIZE])
{
    struct precision p;
    if (section != S_MODEL || !precision_of_name(name, &p) || p.base_length >= XO_VALUE_SIZE)
        return false;
    xo_text_copy(base, p.base_length + 1, name);
    return true;
}

/* As it is written, else spelled another way. */
static const struct alias *find_spelled(enum section section, const char *name)
{
    size_t n;
    const struct alias *aliases = catalog_aliases(&n);
    for (size_t i = 0; i < n; i++)
        if (aliases[i].section == section && strcasecmp(aliases[i].name, name) == 0)
            return &aliases[i];
    for (size_t i = 0; i < n; i++)
        if (aliases[i].section == section && names_agree(section, aliases[i].name, name))
            return &aliases[i];
    return NULL;
}

const struct alias *find_alias(enum section section, const char *name)
{
    char base[XO_VALUE_SIZE];
    const struct alias *a = find_spelled(section, name);
    if (a == NULL && model_base_name(section, name, base))
        a = find_spelled(section, base);
    return a;
}

bool precision_of_model(const char *name, struct precision *p)
{
    const struct alias *a = find_spelled(S_MODEL, name);
    return precision_of_name(name, p) || (a != NULL && precision_of_name(a->name, p));
}

/* ---- APIs ---- */

static const struct alias *find_api(const char *spelled)
{
    size_t n;
    const struct alias *aliases = catalog_aliases(&n);
    char own[API_NAME_SIZE];
    for (size_t i = 0; i < n; i++) {
        if (aliases[i].section != S_API)
            continue;
        api_spell(aliases[i].name, API_WHOLE, own);
        if (strcmp(own, spelled) == 0)
            return &aliases[i];
    }
    return NULL;
}

int find_snapshot(const char *name, const struct alias *priced[2])
{
    char spelled[API_NAME_SIZE], dated[API_NAME_SIZE + 16], month[8];
    const bool has_month = api_month(name, month);
    int n = 0;
    for (int cut = API_UNDATED; cut < API_N_CUTS && n == 0; cut++) {
        api_spell(name, (enum api_cut)cut, spelled);
        const struct alias *plain = find_api(spelled), *then = NULL;
        if (has_month) {
            snprintf(dated, sizeof dated, "%s %s", spelled, month);
            then = find_api(dated);
        }
        if (plain != NULL)
            priced[n++] = plain;
        if (then != NULL)
            priced[n++] = then;
    }
    return n;
}

/* Up to `most` of names[n] in a row, and how many more there are. */
static const char *list_names(char *out, size_t size, const char *const names[], int n, int most)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < n && i < most && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    if (n > most && used < size)
        snprintf(out + used, size - used, " and %d more", n - most);
    return out;
}

enum { MOST_LISTED = 6, MOST_SELLERS = 3, MAX_FOUND = 256 };

/* The tariffs of other providers that sell the model of `name`; how many. */
static int find_sellers(const char *name, const char *sellers[MAX_FOUND])
{
    size_t n_aliases;
    const struct alias *aliases = catalog_aliases(&n_aliases);
    char spelled[API_NAME_SIZE], own[API_NAME_SIZE];
    int n = 0;
    for (int cut = API_WHOLE; cut < API_N_CUTS && n == 0; cut++) {
        api_spell(name, (enum api_cut)cut, spelled);
        for (size_t i = 0; i < n_aliases && n < MAX_FOUND; i++) {
            if (aliases[i].section != S_API)
                continue;
            api_spell(aliases[i].name, API_WHOLE, own);
            if (strcmp(strchr(own, '/'), strchr(spelled, '/')) == 0)
                sellers[n++] = aliases[i].name;
        }
    }
    return n;
}

bool sold_elsewhere(const char *name, char *out, size_t size)
{
    const char *slash = strchr(name, '/'), *sellers[MAX_FOUND];
    char list[160];
    if (slash == NULL || slash == name || slash[1] == '\0')
        return false;
    const int n = find_sellers(name, sellers);
    if (n == 0)
        return false;
    snprintf(
        out, size,
        "its price at %.*s is not in the catalog; %s %s, or [api %.90s] with like = %s where the "
        "price is the same",
        (int)(slash - name), name, list_names(list, sizeof list, sellers, n, MOST_SELLERS),
        n == 1 ? "is: write that" : "are: write one", name, sellers[0]);
    return true;
}

/* ---- counted ---- */

/* What stands behind "8x " or "8 x "; NULL: `name` does not begin so. */
static const char *behind_count(const char *name)
{
    const size_t digits = strspn(name, "0123456789");
    const char *times = name + digits + strspn(name + digits, " ");
    if (digits == 0 || *times == '\0' || strchr("xX*", *times) == NULL)
        return NULL;
    return times + 1 + strspn(times + 1, " ");
}

/* How many bytes stand before " x8" or " x 8"; 0: `name` does not end so. */
static size_t before_count(const char *name)
{
    size_t n = strlen(name), end = n;
    while (n > 0 && isdigit((unsigned char)name[n - 1]))
        n--;
    if (n == end)
        return 0;
    while (n > 0 && name[n - 1] == ' ')
        n--;
    return n > 2 && strchr("xX*", name[n - 1]) != NULL && name[n - 2] == ' ' ? n - 2 : 0;
}

bool counted_gpu(const char *name, char alone[XO_VALUE_SIZE])
{
    const char *behind = behind_count(name);
    const size_t before = before_count(name);
    if (behind == NULL && before == 0)
        return false;
    xo_text_copy(alone, behind == NULL && before + 1 < XO_VALUE_SIZE ? before + 1 : XO_VALUE_SIZE,
                 behind != NULL ? behind : name);
    return alone[0] != '\0';
}

/* ---- near ---- */

/* What follows the organisation of a model; an API keeps its provider. */
static const char *own_part(enum section section, const char *name)
{
    const char *slash = section == S_MODEL ? strrchr(name, '/') : NULL;
    return slash != NULL ? slash + 1 : name;
}

static size_t family_length(enum section section, const char *name)
{
    size_t n = 0;
    if (section == S_API)
        return strcspn(name, "/");
    while (isalpha((unsigned char)name[n]))
        n++;
    return n;
}

static bool same_family(enum section section, const char *a, const char *b)
{
    a = own_part(section, a);
    b = own_part(section, b);
    const size_t n = family_length(section, a);
    return n > 0 && n == family_length(section, b) && strncasecmp(a, b, n) == 0;
}

static size_t common_length(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] != '\0' && tolower((unsigned char)a[n]) == tolower((unsigned char)b[n]))
        n++;
    return n;
}

/* The longest of names[n] after which `name` goes on with another word; NULL. */
static const char *longest_begin(const char *name, const char *const names[], size_t n)
{
    const char *best = NULL;
    for (size_t i = 0; i < n; i++) {
        const size_t length = strlen(names[i]);
        if (common_length(names[i], name) == length && strchr("-_ .:", name[length]) != NULL &&
            (best == NULL || length > strlen(best)))
            best = names[i];
    }
    return best;
}

/* One of a family: the nearest by letters, unless a name that begins this one shares more. */
static const char *nearest_relative(const char *name, const char *const names[], size_t n)
{
    const char *near = xo_text_nearest(name, names, n), *begin = longest_begin(name, names, n);
    if (near == NULL || begin == NULL)
        return near != NULL ? near : begin;
    return common_length(near, name) <= strlen(begin) ? begin : near;
}

/* Names of the catalog and of the store's own sections, of this kind: names[], how many. */
static size_t gather(const struct xo_store *store, enum section section, const char *names[])
{
    size_t n_aliases, n = 0;
    const struct alias *aliases = catalog_aliases(&n_aliases);
    for (size_t i = 0; i < n_aliases; i++)
        if (aliases[i].section == section)
            names[n++] = aliases[i].name;
    for (size_t g = 0; store != NULL && g < store->n_groups; g++)
        if (store->groups[g].section == section)
            names[n++] = store->groups[g].name;
    return n;
}

/* Room for the names that gather() finds; NULL when out of memory. */
static const char **room_for_names(const struct xo_store *store)
{
    size_t n;
    (void)catalog_aliases(&n);
    return calloc(n + (store == NULL ? 0 : store->n_groups) + 1, sizeof(const char *));
}

const char *nearest_name(const struct xo_store *store, enum section section, const char *name)
{
    const char **names = room_for_names(store), **family = room_for_names(store);
    const char *found = NULL, *sellers[MAX_FOUND];
    const size_t n = names == NULL ? 0 : gather(store, section, names);
    size_t n_family = 0;
    for (size_t i = 0; i < n && family != NULL; i++)
        if (same_family(section, name, names[i]))
            family[n_family++] = names[i];
    if (n_family > 0)
        found = nearest_relative(name, family, n_family);
    else if (n > 0)
        found = xo_text_nearest(name, names, n);
    if (found == NULL && section == S_API && find_sellers(name, sellers) > 0)
        found = sellers[0];
    free(names);
    free(family);
    return found;
}

/* Names of entries that begin with `name`, or whose alias or model (after the slash) does. */
static int find_beginners(const struct xo_store *store, enum section section, const char *name,
                          const char *found[MAX_FOUND])
{
    size_t n_aliases;
    const struct alias *aliases = catalog_aliases(&n_aliases);
    const char *own = NULL;
    int n = 0, last = -1;
    for (size_t i = 0; i < n_aliases && n < MAX_FOUND; i++) {
        if (aliases[i].section != section)
            continue;
        if (aliases[i].index != last)
            own = NULL;
        last = aliases[i].index;
        if (own == NULL && xo_text_begins(aliases[i].name, name)) {
            while (i > 0 && aliases[i - 1].section == section && aliases[i - 1].index == last)
                i--; /* to the entry's own name, which stands first */
            own = found[n++] = aliases[i].name;
        }
    }
    for (size_t g = 0; store != NULL && g < store->n_groups && n < MAX_FOUND; g++)
        if (store->groups[g].section == section &&
            find_spelled(section, store->groups[g].name) == NULL &&
            xo_text_begins(store->groups[g].name, name))
            found[n++] = store->groups[g].name;
    return n;
}

const char *suggest(char *out, size_t size, const struct xo_store *store, enum section section,
                    const char *name)
{
    const char *found[MAX_FOUND];
    char list[200];
    const bool bare = section == S_API && strchr(name, '/') == NULL;
    int n = bare ? find_sellers(name, found) : 0;
    if (n > 1) {
        snprintf(out, size, "; %d sell it: %s", n,
                 list_names(list, sizeof list, found, n, MOST_LISTED));
        return out;
    }
    if (n == 0)
        n = find_beginners(store, section, name, found);
    if (n < 2)
        return did_you_mean(out, size, n == 1 ? found[0] : nearest_name(store, section, name));
    snprintf(out, size, "; %d begin so: %s", n,
             list_names(list, sizeof list, found, n, MOST_LISTED));
    return out;
}
