/* write.c - a scenario with everything it took from the catalogs written out, and its hash.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "names.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keys that name where others come from, which are all written out. */
static bool is_like(int key)
{
    return key == K_GPU_LIKE || key == K_MODEL_LIKE || key == K_API_LIKE || key == K_BUILD_INCLUDE;
}

/* key = value, or without the blanks where the line would get longer than the one that was read. */
static void write_entry(FILE *out, const struct xo_entry *e)
{
    if (e->value[0] == '\0' || is_like(e->key))
        return;
    const bool tight = strlen(e->name) + strlen(e->value) + 5 > LONGEST_LINE;
    fprintf(out, tight ? "%s=%s%s\n" : "%s = %s%s\n", e->name,
            !e->guess ? ""
            : tight   ? "?"
                      : "? ",
            e->value);
}

/* A line of [uncertain] that is a correlation, or one that is not. */
static bool is_of_kind(const struct xo_entry *e, bool correlation)
{
    return is_uncertain(e) && (e->key == K_UNCERTAIN_CORRELATION) == correlation;
}

/* But for what --set replaced. */
static void write_uncertain(FILE *out, const struct xo_store *store, bool correlations)
{
    for (size_t i = 0; i < store->n_entries; i++)
        if (is_of_kind(&store->entries[i], correlations) && store->entries[i].value[0] != '\0')
            write_entry(out, &store->entries[i]);
}

/* Whether key k of the group's section is written: it was given, and where the text is hashed it is
 * not study.threads, on which no result depends. */
static bool is_written(const struct group *g, int k, bool hashed)
{
    return g->at[k] >= 0 && !(hashed && sections[g->section].first_key + k == K_STUDY_THREADS);
}

/* The keys of a section in the order of the table, whatever order they were written in. */
static void write_group(FILE *out, const struct xo_store *store, int group, bool hashed)
{
    const struct group *g = &store->groups[group];
    const struct section_info *info = &sections[g->section];
    bool any = g->section == S_UNCERTAIN && g->given; /* without keys: nothing varies */
    for (int k = 0; k < info->n_keys; k++)
        any |= is_written(g, k, hashed);
    for (size_t i = 0; g->section == S_UNCERTAIN && i < store->n_entries; i++)
        any |= is_uncertain(&store->entries[i]);
    if (!any)
        return;
    fprintf(out, "\n[%s]\n", g->label);
    if (is_catalogued(g->section)) /* whole as it stands: a later catalog adds nothing */
        fputs("like = none\n", out);
    for (int k = 0; k < info->n_keys && g->section != S_UNCERTAIN; k++)
        if (is_written(g, k, hashed))
            write_entry(out, &store->entries[g->at[k]]);
    for (int correlations = 1; correlations >= 0 && g->section == S_UNCERTAIN; correlations--)
        write_uncertain(out, store, correlations == 1);
}

/* Sections by kind, and by name within a kind except for classes, whose order counts. */
static int by_section(const void *a, const void *b)
{
    const struct group *const *x = a, *const *y = b;
    if ((*x)->section != (*y)->section)
        return (*x)->section < (*y)->section ? -1 : 1;
    const int names = (*x)->section >= S_GPU ? strcmp((*x)->name, (*y)->name) : 0;
    return names != 0 ? names : *x < *y ? -1 : 1;
}

const struct group **store_in_order(const struct xo_store *store)
{
    const struct group **order = malloc((store->n_groups + 1) * sizeof *order);
    for (size_t g = 0; order != NULL && g < store->n_groups; g++)
        order[g] = &store->groups[g];
    if (order != NULL)
        qsort(order, store->n_groups, sizeof *order, by_section);
    return order;
}

/* [uncertain] to to[n] and on: correlations, of which there may be many lines, then ranges. */
static size_t move_uncertain(const struct xo_store *store, struct group *g, struct xo_entry *to,
                             size_t n)
{
    const int last = g->at[0]; /* the line that counts as the key's */
    for (int correlations = 1; correlations >= 0; correlations--)
        for (size_t i = 0; i < store->n_entries; i++) {
            if (!is_of_kind(&store->entries[i], correlations == 1))
                continue;
            if ((int)i == last)
                g->at[0] = (int)n;
            to[n++] = store->entries[i];
        }
    return n;
}

/* Move the group's entries to to[n] and on; its slots follow. Where the next group's begin. */
static size_t move_group(struct xo_store *store, const struct group *of, struct xo_entry *to,
                         size_t n)
{
    struct group *g = &store->groups[of - store->groups];
    if (g->section == S_UNCERTAIN)
        return move_uncertain(store, g, to, n);
    for (int k = 0; k < sections[g->section].n_keys; k++)
        if (g->at[k] >= 0) {
            to[n] = store->entries[g->at[k]];
            g->at[k] = (int)n++;
        }
    return n;
}

bool store_sort(struct xo_store *store)
{
    struct xo_entry *entries = malloc((store->n_entries + 1) * sizeof *entries);
    const struct group **order = store_in_order(store);
    if (entries == NULL || order == NULL) {
        free(entries);
        free(order);
        return false;
    }
    size_t n = 0;
    for (size_t i = 0; i < store->n_groups; i++)
        n = move_group(store, order[i], entries, n);
    assert(n == store->n_entries);
    free(order);
    free(store->entries);
    store->entries = entries;
    store->entries_room = store->n_entries + 1;
    return true;
}

static bool write_body(const struct xo_store *store, FILE *out, bool hashed)
{
    const struct group **order = store_in_order(store);
    if (order == NULL)
        return false;
    for (size_t i = 0; i < store->n_groups; i++)
        write_group(out, store, (int)(order[i] - store->groups), hashed);
    free(order);
    return true;
}

bool xo_scenario_write_resolved(const struct xo_scenario *scenario, FILE *out, struct xo_error *err)
{
    fprintf(out,
            "; Resolved by crossover %s: every default and every catalog value written out.\n"
            "; hash %016llx; files it names are looked for beside it.\n",
            XO_VERSION, (unsigned long long)xo_scenario_hash(scenario));
    if (!write_body(scenario->store, out, false))
        return xo_fail(err, XO_ERR_MEMORY, "out of memory");
    return !ferror(out) || xo_fail(err, XO_ERR_IO, "cannot write the resolved scenario");
}

char *xo_scenario_resolved_text(const struct xo_scenario *s, struct xo_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    const bool written = stream != NULL && xo_scenario_write_resolved(s, stream, err);
    if (stream == NULL || fclose(stream) != 0 || !written || /* glibc forgets a last failure: */
        text == NULL) {
        free(text);
        xo_fail(err, XO_ERR_MEMORY, "out of memory while writing down the scenario");
        return NULL;
    }
    return text;
}

void hash_request_files(const struct xo_scenario *s, XXH64_state_t *state)
{
    XXH64_update(state, s->trace.arrival_s, s->trace.n * sizeof *s->trace.arrival_s);
    XXH64_update(state, s->trace.prompt_tokens, s->trace.n * sizeof *s->trace.prompt_tokens);
    XXH64_update(state, s->trace.output_tokens, s->trace.n * sizeof *s->trace.output_tokens);
    for (int c = 0; c < s->workload.n_classes; c++) {
        const struct xo_dist *dists[2] = { &s->workload.classes[c].prompt,
                                           &s->workload.classes[c].output };
        for (int i = 0; i < 2; i++)
            if (dists[i]->kind == XO_DIST_EMPIRICAL)
                XXH64_update(state, dists[i]->values, dists[i]->n * sizeof *dists[i]->values);
    }
}

/* What files brought in: a hash of names alone would call two traces alike. */
static void hash_files(const struct xo_scenario *s, XXH64_state_t *state)
{
    for (int i = 0; i < s->n_uncertain; i++) {
        const struct xo_dist *dist = &s->uncertain[i].dist;
        if (dist->kind == XO_DIST_EMPIRICAL)
            XXH64_update(state, dist->values, dist->n * sizeof *dist->values);
    }
    if (s->horizon.has_path)
        XXH64_update(state, s->horizon.path, (size_t)s->horizon.n_months * sizeof(double));
    hash_request_files(s, state);
}

uint64_t xo_scenario_hash(const struct xo_scenario *scenario)
{
    if (scenario->hash != 0)
        return scenario->hash;
    char *text = NULL;
    size_t size = 0;
    uint64_t hash = 0;
    FILE *out = open_memstream(&text, &size);
    XXH64_state_t *state = XXH64_createState();
    bool written = out != NULL && write_body(scenario->store, out, true);
    if (out != NULL)
        written &= fclose(out) == 0 && text != NULL; /* glibc forgets a last failure */
    if (written && state != NULL) {
        XXH64_reset(state, 0);
        XXH64_update(state, text, size);
        hash_files(scenario, state);
        hash = XXH64_digest(state);
    }
    XXH64_freeState(state);
    free(text);
    return hash;
}

const char *xo_scenario_template(void)
{
    return (const char *)xo_text_template;
}
