/* problems.h - what is wrong with a scenario, line by line, and who reads it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SCENARIO_PROBLEMS_H
#define XO_SCENARIO_PROBLEMS_H

#include "store.h"

enum { MAX_PROBLEMS_SHOWN = 20 };
struct problem {
    int line, order;
    bool warning;
    char *text; /* owned */
};
struct reader {
    struct xo_scenario *s; /* NULL for a catalog */
    struct xo_store *store;
    const char *file;     /* as shown in messages */
    const char *place;    /* while --set is read: what stands before a message; else NULL */
    const char *typed_as; /* likewise: the option that stands for it; NULL: --set itself */
    struct problem *problems;
    size_t n_problems, problems_room;
    int n_errors;
    bool out_of_memory;
    bool lost; /* a line or a section could not be read: what is missing may have stood there */
    const struct xo_scenario *donor; /* vary: the scenario before, whose trace need not be read */
};
/* A copy in the store's pool; "" when out of memory, which r then remembers. */
const char *keep_text(struct reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "file:line: text"; line 0: "file: text". */
void problem_at(struct reader *r, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static const char set_option[] = "--set"; /* where an entry is from */
/* At the place of an entry: "file:line: build.rent ..." or "--set build.rent ...". */
void problem_entry(struct reader *r, const struct xo_entry *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void warning_at(struct reader *r, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void warning_entry(struct reader *r, const struct xo_entry *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Did memory run out? Remembered by r, whose other problems no longer count. */
bool memory_ran_out(struct reader *r, const struct xo_error *err);
/* Take over what another reader of this scenario found; it shows below our own lines. */
void problems_adopt(struct reader *r, struct reader *from);
/* Sort, cap and hand over; frees the reader's own list. */
void problems_finish(struct reader *r, struct xo_problems *out);
/* "; did you mean \"x\"?" into out, or "" when nothing is near. */
const char *did_you_mean(char *out, size_t size, const char *nearest);
/* The same of the keys nearest to `name`, as section.key: those that are meant; NULL: all. */
const char *near_dotted_key(char *hint, size_t size, const char *name, bool (*is_meant)(int key));

#endif
