/* scenario_kit.h - one small scenario of made-up names, read with other lines and values: what it
 * becomes, or what is said of it. Nothing in it depends on the catalogs.
 *
 * Its month has 720 hours, 30 days, so that a figure that should follow the month and takes 730
 * hours is seen.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TESTS_SCENARIO_KIT_H
#define XO_TESTS_SCENARIO_KIT_H

#include "xo/scenario.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KIT_MAX_SETS = 16, KIT_SAID_SIZE = 8192 };

static const char kit_base[] =
    "[scenario]\nas_of = 2026-11-22\ncommit = 12 months\nparity = assumed\n"
    "hours_per_month = 720\n"
    "[workload]\nvolume = 9k requests/day\nprofile = steady\nprompt = 1500 tokens\n"
    "output = 300 tokens\n"
    "[slo]\nttft_p95 = 2 s\n"
    "[buy]\napi = acme/chat\nsame_model_api = none\nstaff = 0 FTE\n"
    "[build]\nmodel = tiny\ngpu = card\nrent = $2/hour\nstaff = 0 FTE\n"
    "[gpu card]\nlike = none\nmemory = 80 GB\nbandwidth = 3 TB/s\nbf16 = 900 TFLOPS\n"
    "[model tiny]\nlike = none\nlayers = 4\nhidden = 64\nheads = 8\nkv_heads = 8\nhead_dim = 8\n"
    "intermediate = 256\nvocab = 1000\nmax_context = 100000\n"
    "[api acme/chat]\nlike = none\ninput = $5/Mtok\noutput = $20/Mtok\n";

static char kit_path[64];
static const char *kit_rent = "$2/hour"; /* what stands for it in the base */

static inline void kit_write(const char *more)
{
    snprintf(kit_path, sizeof kit_path, "/tmp/xo-kit-%ld.ini", (long)getpid());
    FILE *out = fopen(kit_path, "w");
    ck_assert_ptr_nonnull(out);
    const char *rent = strstr(kit_base, "$2/hour");
    fprintf(out, "%.*s%s%s%s", (int)(rent - kit_base), kit_base, kit_rent, rent + strlen("$2/hour"),
            more);
    ck_assert_int_eq(fclose(out), 0);
}

/* The base with `more` behind it and the values of sets[] (up to a NULL) in it; NULL where it is
 * refused. Every line of what is said goes to `said`, without the file's name, each with a line
 * feed. */
static inline struct xo_scenario *kit_ask(const char *more, const char *const sets[],
                                          char said[KIT_SAID_SIZE])
{
    struct xo_scenario_options options = { .sets = sets };
    struct xo_scenario *s = NULL;
    struct xo_problems problems;
    while (sets != NULL && options.n_sets < KIT_MAX_SETS && sets[options.n_sets] != NULL)
        options.n_sets++;
    kit_write(more);
    const bool ok = xo_scenario_read(&s, kit_path, &options, &problems);
    size_t n = 0;
    said[0] = '\0';
    for (size_t i = 0; i < problems.n; i++) {
        const char *line = problems.lines[i];
        const size_t length = strlen(kit_path);
        line += strncmp(line, kit_path, length) == 0 ? length + 1 : 0;
        n += (size_t)snprintf(said + n, KIT_SAID_SIZE - n, "%s\n", line + strspn(line, " "));
        ck_assert_uint_lt(n, KIT_SAID_SIZE);
    }
    ck_assert_int_eq(ok, s != NULL);
    xo_problems_fini(&problems);
    unlink(kit_path);
    return s;
}

/* The same of one that must be read. */
static inline struct xo_scenario *kit_read(const char *more, const char *const sets[])
{
    char said[KIT_SAID_SIZE];
    struct xo_scenario *s = kit_ask(more, sets, said);
    ck_assert_msg(s != NULL, "%s", said);
    return s;
}

/* The number of a key, "build.rent" or "gpu card.memory", in its own base. */
static inline double kit_number(const struct xo_scenario *s, const char *dotted)
{
    const char *dot = strrchr(dotted, '.');
    for (int i = 0; i < s->n_entries; i++) {
        const struct xo_entry *e = &s->entries[i];
        if (strlen(e->section) == (size_t)(dot - dotted) &&
            strncmp(e->section, dotted, (size_t)(dot - dotted)) == 0 &&
            strcmp(e->name, dot + 1) == 0)
            return e->number;
    }
    return NAN;
}

/* RIGHT to 12 digits, absolutely where it is 0; `what` names the case. */
#define kit_ck_near(found, right, what)                                                            \
    do {                                                                                           \
        const double found_ = (found), right_ = (right);                                           \
        ck_assert_msg(fabs(found_ - right_) <= 1e-12 * (right_ == 0 ? 1 : fabs(right_)),           \
                      "%s is %.15g, not %.15g", what, found_, right_);                             \
    } while (0)

#endif
