/* coverage_kit.h - scenarios with a few keys set and a seed, for programs that measure coverage.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TESTS_COVERAGE_KIT_H
#define XO_TESTS_COVERAGE_KIT_H

#include "xo/scenario.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_SETS = 4 };

/* The scenario FOLDER/FILE with sets[MOST_SETS] (NULL behind the last) and the seed; ends the
 * program where it cannot be read. */
static inline struct xo_scenario *read_seeded(const char *folder, const char *file,
                                              const char *const sets[MOST_SETS], int seed)
{
    char path[512], seed_set[64];
    const char *all[MOST_SETS + 1] = { seed_set };
    struct xo_scenario_options options = { .sets = all, .n_sets = 1 };
    struct xo_problems problems = { 0 };
    struct xo_scenario *s = NULL;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    snprintf(seed_set, sizeof seed_set, "scenario.seed=%d", seed);
    for (int i = 0; i < MOST_SETS && sets[i] != NULL; i++)
        all[options.n_sets++] = sets[i];
    if (!xo_scenario_read(&s, path, &options, &problems)) {
        fprintf(stderr, "%s: %s\n", path, problems.n > 0 ? problems.lines[0] : "cannot be read");
        exit(EXIT_FAILURE);
    }
    xo_problems_fini(&problems);
    return s;
}

#endif
