/* cache.c - what an API's prefix cache does with the shared prefix, in words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/page.h"
#include "sentences.h"

#include <math.h>
#include <stdlib.h>

/* "of chat ", where there are several classes. */
static void put_whose(struct xo_buf *buf, const struct xo_scenario *s, int c)
{
    char name[XO_NAME_SIZE];
    if (s->workload.n_classes > 1)
        xo_put(buf, "of %s ", xo_plain(name, sizeof name, s->workload.classes[c].name, 40));
}

static void put_too_short(struct xo_buf *buf, const struct xo_scenario *s,
                          const struct xo_cache_reading *r, const char *api)
{
    xo_put(buf, "The shared prefix ");
    put_whose(buf, s, r->class_index);
    xo_put(buf, "is shorter than %s caches, so it is billed as input. ", api);
}

/* "in the cache of acme/big (5 min), where writing pays from 22 %. " */
static void put_where(struct xo_buf *buf, const struct xo_cache_reading *r, const char *api)
{
    struct xo_words words = { 0 };
    xo_put(buf, "in the cache of %s", api);
    if (r->ttl_s > 0)
        xo_put(buf, " (%s)", xo_say_duration(&words, r->ttl_s));
    if (isfinite(r->pays_from_frac))
        xo_put(buf, ", where writing it pays from %s", xo_say_share(&words, r->pays_from_frac));
    xo_put(buf, ". ");
}

static void put_hits(struct xo_buf *buf, const struct xo_scenario *s,
                     const struct xo_cache_reading *r, const char *api)
{
    struct xo_words words = { 0 };
    xo_put(buf, "%s of calls ", xo_say_share(&words, r->hit_frac));
    put_whose(buf, s, r->class_index);
    xo_put(buf, "find the shared prefix ");
    put_where(buf, r, api);
}

static void put_unpaid(struct xo_buf *buf, const struct xo_scenario *s,
                       const struct xo_cache_reading *r, const char *api)
{
    struct xo_words words = { 0 };
    xo_put(buf, "The shared prefix ");
    put_whose(buf, s, r->class_index);
    xo_put(buf, "is billed as input: %s of calls would find it ",
           xo_say_share(&words, r->hit_frac));
    put_where(buf, r, api);
}

/* Not where it could change nothing that matters. */
static void put_unknown(struct xo_buf *buf, const struct xo_scenario *s,
                        const struct xo_cache_reading *r, const char *api)
{
    struct xo_words words = { 0 };
    if (r->saves_at_most_frac < s->materiality_frac)
        return;
    xo_put(buf,
           "Whether %s sells cached input for less is not known, so all of it is billed in full; a "
           "cached price could save at most %s a month, %s of what the tokens ",
           api, xo_say_usd(&words, r->saves_at_most_usd),
           xo_say_share(&words, r->saves_at_most_frac));
    put_whose(buf, s, r->class_index);
    xo_put(buf, "cost there. ");
}

static bool is_steady(const struct xo_workload *w)
{
    for (int h = 1; h < XO_HOURS_PER_WEEK; h++)
        if (w->profile.hour_weight[h] != w->profile.hour_weight[0])
            return false;
    return true;
}

static void put_hours(struct xo_buf *buf, const struct xo_scenario *s, int api)
{
    char name[XO_TITLE_SIZE];
    char zone[16] = "UTC";
    const int min = s->timezone_min;
    if (min != 0)
        snprintf(zone, sizeof zone, "UTC%c%d:%02d", min < 0 ? '-' : '+', abs(min) / 60,
                 abs(min) % 60);
    if (s->apis[api].tariff.n_windows > 0 && s->workload.trace == NULL && !is_steady(&s->workload))
        xo_put(buf,
               "The peak hours of %s are in UTC; those of the profile are taken as %s "
               "(scenario.timezone). ",
               xo_plain(name, sizeof name, s->apis[api].tariff.name, 60), zone);
    if (s->workload.trace != NULL && s->apis[api].tariff.n_windows > 0)
        xo_put(buf,
               "The trace is taken as even over the week: its share of the peak hours of %s is not "
               "known. ",
               xo_plain(name, sizeof name, s->apis[api].tariff.name, 60));
}

/* How many readings there are of buying `volume` requests from `api`; -1: there is no such thing.
 * *failed: out of memory. */
static int read_caches(const struct xo_scenario *s, double volume, int api,
                       struct xo_cache_reading readings[], bool *failed)
{
    int n;
    struct xo_error err = { 0 };
    const bool buys = s->n_apis > 0 && api >= 0 && volume > 0;
    if (buys && xo_cache_read(s, volume, api, readings, &n, &err))
        return n;
    *failed |= err.kind == XO_ERR_MEMORY;
    return -1;
}

void xo_put_cache(struct xo_buf *buf, const struct xo_scenario *s, double volume, int api)
{
    struct xo_cache_reading readings[XO_MAX_CACHE_READINGS];
    const int n = read_caches(s, volume, api, readings, &buf->failed);
    char name[XO_TITLE_SIZE];
    if (n < 0)
        return;
    put_hours(buf, s, api);
    for (int i = 0; i < n; i++) {
        const struct xo_cache_reading *r = &readings[i];
        xo_plain(name, sizeof name, r->api, 60);
        if (r->price_unknown)
            put_unknown(buf, s, r, name);
        else if (r->too_short)
            put_too_short(buf, s, r, name);
        else if (r->choice == XO_CACHE_NONE)
            put_unpaid(buf, s, r, name);
        else if (r->hit_frac < 0.995)
            put_hits(buf, s, r, name);
    }
}

json_t *xo_json_cache(struct xo_json *j, const struct xo_scenario *s, double volume, int api)
{
    struct xo_cache_reading readings[XO_MAX_CACHE_READINGS];
    const int n = read_caches(s, volume, api, readings, &j->failed);
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < n; i++) {
        const struct xo_cache_reading *r = &readings[i];
        const bool known = !r->price_unknown;
        const struct cell cells[] = {
            { "class", TEXT(s->workload.classes[r->class_index].name) },
            { "api", TEXT(r->api) },
            { "cache", WORD(known ? xo_cache_choice_names[r->choice] : "unknown") },
            { "too_short", FLAG(r->too_short) },
            { "ttl_s", NUMBER(r->ttl_s) },
            { "hit_frac", NUMBER(r->hit_frac) },
            { "pays_from_frac", NUMBER(r->pays_from_frac) },
            { "saves_at_most_usd", NUMBER(known ? (double)NAN : r->saves_at_most_usd) },
        };
        ROW_PUT(&rows, cells);
    }
    return rows.array;
}
