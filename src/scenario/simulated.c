/* simulated.c - what the engine reads of a scenario, as a digest.
 *
 * Two scenarios of one digest give the same simulations, bit by bit, whatever else sets them apart:
 * prices, people, volumes, what is uncertain. A study that stays keeps simulations by it, so a key
 * that is missing here would give a wrong number. Therefore all keys with effect SIMULATION count,
 * new ones too, but for the few that reach the engine as arguments (reaches_engine).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keys.h"
#include "store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool xo_scenario_is_memoryless(const struct xo_scenario *s)
{
    const struct xo_arrivals *a = &s->workload.arrivals;
    return s->workload.trace != NULL || s->growth == XO_BUSIER ||
           (a->kind == XO_ARRIVALS_POISSON && a->bursts.factor <= 1);
}

/* Volumes, fleets, and which options there are, are arguments of a simulation: the digest is of one
 * option, and what is simulated of it is kept by its volume and its replicas too. */
static bool reaches_engine(int key)
{
    switch (key) {
    case K_SCENARIO_SEED:
    case K_SCENARIO_HOURS_PER_MONTH:
    case K_STUDY_REPLICATIONS:
    case K_STUDY_CAPACITY_PRECISION:
        return true;
    case K_WORKLOAD_VOLUME:
    case K_BUILD_GPU:
    case K_BUILD_WEIGHTS:
    case K_BUILD_TENSOR_PARALLEL:
    case K_BUILD_REPLICAS:
        return false;
    default:
        return xo_keys[key].effect == XO_KEY_SIMULATION;
    }
}

/* A number is what it is, however it was typed. */
static void hash_entry(const struct xo_entry *e, XXH3_state_t *state)
{
    const int32_t key = e->key;
    XXH3_128bits_update(state, &key, sizeof key);
    if (isnan(e->number))
        XXH3_128bits_update(state, e->value, strlen(e->value) + 1);
    else
        XXH3_128bits_update(state, &e->number, sizeof e->number);
}

/* Sections of other GPUs say nothing about the option's own. */
static void hash_group(const struct xo_store *store, const struct group *g, int option,
                       XXH3_state_t *state)
{
    const struct section_info *info = &sections[g->section];
    const bool is_other_gpu =
        g->section == S_GPU && g - store->groups != store->option_group[option];
    bool any = false;
    if (g->section == S_UNCERTAIN || is_other_gpu)
        return;
    for (int k = 0; k < info->n_keys; k++) {
        if (g->at[k] < 0 || !reaches_engine(info->first_key + k))
            continue;
        if (!any)
            XXH3_128bits_update(state, g->label, strlen(g->label) + 1);
        any = true;
        hash_entry(&store->entries[g->at[k]], state);
    }
}

static uint64_t files_hash(const struct xo_scenario *s, XXH64_state_t *state)
{
    XXH64_reset(state, 0);
    hash_request_files(s, state);
    return XXH64_digest(state);
}

static struct xo_digest digest_of(const struct xo_scenario *s, int option,
                                  const struct group *const groups[], uint64_t files,
                                  XXH3_state_t *state)
{
    const char *label = s->options[option].label;
    const double planned = xo_scenario_is_memoryless(s) ? 0 : s->requests_per_month;
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, &planned, sizeof planned);
    XXH3_128bits_update(state, &files, sizeof files);
    XXH3_128bits_update(state, label, strlen(label) + 1);
    for (size_t i = 0; i < s->store->n_groups; i++)
        hash_group(s->store, groups[i], option, state);
    const XXH128_hash_t hash = XXH3_128bits_digest(state);
    return (struct xo_digest){ hash.low64, hash.high64 };
}

bool xo_scenario_simulated(const struct xo_scenario *s, int option, struct xo_digest *digest,
                           struct xo_error *err)
{
    const struct group **groups = store_in_order(s->store);
    XXH64_state_t *of_files = XXH64_createState();
    XXH3_state_t *state = XXH3_createState();
    const bool ok = (groups != NULL && of_files != NULL && state != NULL) ||
                    xo_fail(err, XO_ERR_MEMORY, "out of memory for the digest of a scenario");
    if (ok)
        *digest = digest_of(s, option, groups, files_hash(s, of_files), state);
    XXH3_freeState(state);
    XXH64_freeState(of_files);
    free(groups);
    return ok;
}
