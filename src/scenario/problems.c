/* problems.c - everything that is wrong with a file, gathered, put in order, and capped.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "problems.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_SIZE = XO_PATH_SIZE + 512, PROBLEM_SIZE = PLACE_SIZE + 1024 };

const char *keep_text(struct reader *r, const char *format, ...)
{
    char text[XO_VALUE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *kept = store_keep(r->store, text);
    r->out_of_memory |= kept == NULL;
    return kept == NULL ? "" : kept;
}

static void keep(struct reader *r, int line, bool warning, const char *place, const char *text)
{
    char whole[PROBLEM_SIZE + 64];
    if (r->out_of_memory)
        return; /* what is missing now was there */
    snprintf(whole, sizeof whole, "%s%s%s", place, warning ? "warning: " : "", text);
    char *kept = strdup(whole);
    if (kept == NULL || !xo_array_reserve((void **)&r->problems, &r->problems_room,
                                          r->n_problems + 1, sizeof *r->problems, NULL)) {
        free(kept);
        r->out_of_memory = true;
        return;
    }
    r->problems[r->n_problems] =
        (struct problem){ line > 0 ? line : INT_MAX, (int)r->n_problems, warning, kept };
    r->n_problems++;
    r->n_errors += !warning;
}

static void add_at(struct reader *r, int line, bool warning, const char *format, va_list args)
{
    char place[PLACE_SIZE], text[PROBLEM_SIZE - PLACE_SIZE];
    vsnprintf(text, sizeof text, format, args);
    if (line > 0)
        snprintf(place, sizeof place, "%s:%d: ", r->file, line);
    else
        snprintf(place, sizeof place, "%s: ", r->place != NULL ? r->place : r->file);
    keep(r, line, warning, place, text);
}

void problem_at(struct reader *r, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_at(r, line, false, format, args);
    va_end(args);
}

void warning_at(struct reader *r, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_at(r, line, true, format, args);
    va_end(args);
}

/* In a file: support.ini:12: build.rent is "3.99", ...; else: --set build.rent: "3.99", ..., or
 * --precision: study.precision is "3x", ... */
static void add_entry(struct reader *r, const struct xo_entry *e, bool warning, const char *format,
                      va_list args)
{
    char place[PLACE_SIZE], text[PROBLEM_SIZE - PLACE_SIZE], section[XO_SECTION_SIZE];
    xo_text_copy(section, sizeof section, e->section);
    char *blank = strchr(section, ' ');
    if (blank != NULL)
        *blank = '.';
    const bool set = e->origin == XO_FROM_SET && strcmp(e->where, set_option) == 0;
    const int head =
        set ? snprintf(text, sizeof text, "\"%s\"", e->value)
            : snprintf(text, sizeof text, "%s.%s is \"%s\"", section, e->name, e->value);
    vsnprintf(text + head, sizeof text - (size_t)head, format, args);
    if (set)
        snprintf(place, sizeof place, "--set %s.%s: ", section, e->name);
    else if (e->origin == XO_FROM_INCLUDE || e->origin == XO_FROM_SET)
        snprintf(place, sizeof place, "%s: ", e->where);
    else if (e->line > 0)
        snprintf(place, sizeof place, "%s:%d: ", r->file, e->line);
    else
        snprintf(place, sizeof place, "%s: ", r->file);
    keep(r, e->origin == XO_FROM_SET ? 0 : e->line, warning, place, text);
}

void problem_entry(struct reader *r, const struct xo_entry *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_entry(r, e, false, format, args);
    va_end(args);
}

void warning_entry(struct reader *r, const struct xo_entry *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_entry(r, e, true, format, args);
    va_end(args);
}

bool memory_ran_out(struct reader *r, const struct xo_error *err)
{
    r->out_of_memory |= err->kind == XO_ERR_MEMORY;
    return r->out_of_memory;
}

const char *did_you_mean(char *out, size_t size, const char *nearest)
{
    if (nearest == NULL)
        out[0] = '\0';
    else
        snprintf(out, size, "; did you mean \"%s\"?", nearest);
    return out;
}

static int by_line(const void *a, const void *b)
{
    const struct problem *p = a, *q = b;
    if (p->line != q->line)
        return p->line < q->line ? -1 : 1;
    return p->order < q->order ? -1 : 1;
}

void problems_adopt(struct reader *r, struct reader *from)
{
    if (from->n_problems > 0)
        qsort(from->problems, from->n_problems, sizeof *from->problems, by_line);
    for (size_t i = 0; i < from->n_problems; i++) {
        struct problem *p = &from->problems[i];
        if (xo_array_reserve((void **)&r->problems, &r->problems_room, r->n_problems + 1,
                             sizeof *r->problems, NULL)) {
            r->problems[r->n_problems] =
                (struct problem){ INT_MAX, (int)r->n_problems, p->warning, p->text };
            r->n_problems++;
            r->n_errors += !p->warning;
        } else {
            free(p->text);
            r->out_of_memory = true;
        }
    }
    r->out_of_memory |= from->out_of_memory;
    free(from->problems);
    from->problems = NULL;
    from->n_problems = from->problems_room = 0;
}

static void append(struct reader *r, struct xo_problems *out, char *text)
{
    if (text == NULL ||
        !xo_array_reserve((void **)&out->lines, &out->room, out->n + 1, sizeof *out->lines, NULL)) {
        free(text);
        r->out_of_memory = true;
        return;
    }
    out->lines[out->n++] = text;
}

/* "and 5 more" in place of what is over the cap. */
static void append_rest(struct reader *r, struct xo_problems *out, int n_more, const char *what)
{
    char text[80];
    snprintf(text, sizeof text, "and %d more %s%s", n_more, what, n_more == 1 ? "" : "s");
    if (n_more > 0)
        append(r, out, strdup(text));
}

void problems_finish(struct reader *r, struct xo_problems *out)
{
    if (r->n_problems > 0)
        qsort(r->problems, r->n_problems, sizeof *r->problems, by_line);
    int n_shown[2] = { 0, 0 }, n_more[2] = { 0, 0 };
    for (size_t i = 0; i < r->n_problems; i++) {
        struct problem *p = &r->problems[i];
        if (n_shown[p->warning]++ < MAX_PROBLEMS_SHOWN) {
            append(r, out, p->text);
            out->n_warnings += p->warning;
        } else {
            n_more[p->warning]++;
            free(p->text);
        }
    }
    append_rest(r, out, n_more[0], "problem");
    append_rest(r, out, n_more[1], "warning");
    out->n_warnings += n_more[1] > 0;
    free(r->problems);
    r->problems = NULL;
    r->n_problems = r->problems_room = 0;
    if (r->out_of_memory) {
        xo_problems_fini(out);
        out->out_of_memory = true;
    }
}

void xo_problems_fini(struct xo_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++)
        free(problems->lines[i]);
    free(problems->lines);
    *problems = (struct xo_problems){ 0 };
}
