/* trace.c - the trace that a scenario names: read, its findings entered, and what is to be said of
 * it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolve.h"
#include "values.h"
#include "xo/clock.h"
#include "xo/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool trace_copy(const struct xo_trace *from, struct xo_trace *to)
{
    *to = *from;
    if (from->n == 0)
        return true;
    to->arrival_s = malloc(from->n * sizeof *to->arrival_s + 1);
    to->prompt_tokens = malloc(from->n * sizeof *to->prompt_tokens + 1);
    to->output_tokens = malloc(from->n * sizeof *to->output_tokens + 1);
    if (to->arrival_s == NULL || to->prompt_tokens == NULL || to->output_tokens == NULL) {
        xo_trace_fini(to);
        *to = (struct xo_trace){ 0 };
        return false;
    }
    memcpy(to->arrival_s, from->arrival_s, from->n * sizeof *to->arrival_s);
    memcpy(to->prompt_tokens, from->prompt_tokens, from->n * sizeof *to->prompt_tokens);
    memcpy(to->output_tokens, from->output_tokens, from->n * sizeof *to->output_tokens);
    return true;
}

/* ---- reading ---- */

static bool read_trace(struct reader *r, const struct xo_entry *e)
{
    const int unit = store_integer(r->store, S_WORKLOAD, K_WORKLOAD_TRACE_UNIT);
    const int gaps = store_integer(r->store, S_WORKLOAD, K_WORKLOAD_TRACE_GAPS);
    const struct xo_trace_options options = { .unit = (enum xo_trace_unit)unit,
                                              .keep_gaps = gaps == GAPS_KEEP,
                                              .month_s = XO_HOUR_S * r->store->hours_per_month };
    char folder[XO_PATH_SIZE], path[XO_PATH_SIZE + XO_VALUE_SIZE];
    struct xo_error err = { 0 };
    folder_of(r->s->path, folder);
    path_beside(path, sizeof path, folder, e->value);
    if (!xo_trace_read(&r->s->trace, path, &options, &err) && !memory_ran_out(r, &err))
        problem_entry(r, e, "; %s", err.text);
    return r->s->trace.n > 0;
}

/* Enter a finding where nobody gave the key, or in place of "auto". */
static void enter(struct reader *r, int key, const char *value, const char *where)
{
    struct xo_entry *e = (struct xo_entry *)store_given(r->store, S_WORKLOAD, key);
    if (e == NULL) {
        derive(r, S_WORKLOAD, key, value, where);
        return;
    }
    e->value = keep_text(r, "%s", value);
    e->where = keep_text(r, "%s", where);
    e->origin = XO_FROM_DERIVED;
    e->guess = false;
}

/* The unit as found, so that who reads the resolved scenario need not find it again. */
static void enter_findings(struct reader *r)
{
    const struct xo_trace_notes *notes = &r->s->trace.notes;
    const char *unit = xo_keys[K_WORKLOAD_TRACE_UNIT].choices[notes->unit]; /* of dates: NULL */
    if (notes->unit_from == XO_TRACE_UNIT_BY_NAME)
        enter(r, K_WORKLOAD_TRACE_UNIT, unit, notes->unit_why);
    else if (notes->unit_from == XO_TRACE_UNIT_INFERRED)
        enter(r, K_WORKLOAD_TRACE_UNIT, unit, "inferred from the stamps");
    if (store_given(r->store, S_WORKLOAD, K_WORKLOAD_TRACE_GAPS) == NULL)
        derive(r, S_WORKLOAD, K_WORKLOAD_TRACE_GAPS, key_default(K_WORKLOAD_TRACE_GAPS), "default");
}

void resolve_trace(struct reader *r)
{
    const struct xo_entry *e = store_given(r->store, S_WORKLOAD, K_WORKLOAD_TRACE);
    struct xo_scenario *s = r->s;
    if (e == NULL || e->value[0] == '\0')
        return;
    if (r->donor != NULL)
        r->out_of_memory |= !trace_copy(&r->donor->trace, &s->trace);
    else if (!read_trace(r, e))
        return;
    if (s->trace.n == 0)
        return;
    s->workload.trace = &s->trace;
    enter_findings(r);
}

static double per_month(const struct reader *r, double n, double period_s)
{
    return n / period_s * XO_HOUR_S * r->store->hours_per_month;
}

void volume_of_trace(struct reader *r)
{
    const struct xo_scenario *s = r->s;
    char value[64];
    if (s->trace.n == 0 || store_given(r->store, S_WORKLOAD, K_WORKLOAD_VOLUME) != NULL)
        return;
    quantity_exact(value, sizeof value, "requests/month",
                   per_month(r, (double)s->trace.n, s->trace.period_s));
    derive(r, S_WORKLOAD, K_WORKLOAD_VOLUME, value, "the trace's own rate");
}

/* ---- what is to be said of it ---- */

struct subject {
    struct reader *r;
    const struct xo_entry *entry;
    const struct xo_trace *trace;
};

static const char *amount(char out[32], double value)
{
    return xo_text_amount(out, 32, value);
}

static const char *volume(const struct subject *s, char out[32], double n, double period_s)
{
    return amount(out, per_month(s->r, n, period_s));
}

static void say_unit(const struct subject *s)
{
    const struct xo_trace_notes *notes = &s->trace->notes;
    if (notes->unit_from == XO_TRACE_UNIT_INFERRED)
        warning_entry(s->r, s->entry, "; %s; trace_unit settles it", notes->unit_why);
    if (notes->unit_from == XO_TRACE_UNIT_GIVEN && notes->unit_why[0] != '\0')
        warning_entry(s->r, store_given(s->r->store, S_WORKLOAD, K_WORKLOAD_TRACE_UNIT),
                      ", and the name of the column \"%s\" says otherwise", notes->unit_why);
}

/* "12 requests without prompt tokens, 3 without output tokens" */
static void say_skipped(const struct subject *s)
{
    const struct xo_trace_notes *notes = &s->trace->notes;
    const struct {
        int64_t n;
        const char *what;
    } kinds[] = { { notes->n_no_prompt, "prompt tokens" },
                  { notes->n_no_output, "output tokens" },
                  { notes->n_no_tokens, "any tokens" } };
    char text[160] = "", n_text[32];
    size_t used = 0;
    int64_t n = 0;
    for (int i = 0; i < 3; i++) {
        if (kinds[i].n == 0)
            continue;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s without %s",
                                 n > 0 ? " and " : "", amount(n_text, (double)kinds[i].n),
                                 n > 0             ? ""
                                 : kinds[i].n == 1 ? " row"
                                                   : " rows",
                                 kinds[i].what);
        n += kinds[i].n;
    }
    if (n > 0)
        warning_entry(s->r, s->entry, "; %s %s left out", text, n == 1 ? "is" : "are");
}

static void say_strays(const struct subject *s)
{
    const struct xo_trace_notes *notes = &s->trace->notes;
    char lines[200] = "", away[32], with[32], without[32];
    size_t used = 0, n = notes->n_strays;
    if (n == 0)
        return;
    for (size_t i = 0; i < n && i < XO_TRACE_MAX_NAMED; i++)
        used += (size_t)snprintf(lines + used, sizeof lines - used, "%s%ld (%s)", i > 0 ? ", " : "",
                                 notes->strays[i].line, notes->strays[i].stamp);
    if (n > XO_TRACE_MAX_NAMED)
        snprintf(lines + used, sizeof lines - used, " and %zu more", n - XO_TRACE_MAX_NAMED);
    warning_entry(s->r, s->entry,
                  "; its line%s %s %s far from all others, by %s, and %s left out: %s requests a "
                  "month without, %s with; trace_gaps = keep would keep %s",
                  n == 1 ? "" : "s", lines, n == 1 ? "lies" : "lie",
                  xo_text_duration(away, sizeof away, notes->stray_away_s), n == 1 ? "is" : "are",
                  volume(s, without, (double)s->trace->n, s->trace->period_s),
                  volume(s, with, (double)notes->n_rows, notes->as_is_s), n == 1 ? "it" : "them");
}

static void say_holes(const struct subject *s)
{
    const struct xo_trace_notes *notes = &s->trace->notes;
    const double n = (double)s->trace->n, period_s = s->trace->period_s;
    char hole[32], cut[32], is[32], other[32];
    if (notes->n_holes == 0)
        return;
    xo_text_duration(hole, sizeof hole, notes->hole_s);
    if (notes->is_scheduled)
        warning_entry(s->r, s->entry,
                      "; nothing comes for up to %s, %d times, and since that looks like a "
                      "schedule it stays: %s requests a month, or %s if these were parts not "
                      "recorded",
                      hole, notes->n_holes, volume(s, is, n, period_s),
                      volume(s, other, n, notes->open_period_s));
    else
        warning_entry(s->r, s->entry,
                      "; nothing comes for %s from line %ld (%s) to line %ld (%s)%s, so %s is "
                      "taken for not recorded: %s requests a month without, %s with; trace_gaps = "
                      "keep would keep it",
                      hole, notes->hole_from.line, notes->hole_from.stamp, notes->hole_to.line,
                      notes->hole_to.stamp, notes->n_holes > 1 ? " and in other places" : "",
                      xo_text_duration(cut, sizeof cut, notes->cut_s), volume(s, is, n, period_s),
                      volume(s, other, n, period_s + notes->cut_s));
}

static void say_dates(const struct subject *s)
{
    const struct xo_trace_notes *notes = &s->trace->notes;
    char zoned[32], unzoned[32];
    if (notes->n_zoned > 0 && notes->n_unzoned > 0)
        warning_entry(s->r, s->entry,
                      "; it has dates with a time zone (%s) and without (%s); the latter are read "
                      "as universal time",
                      amount(zoned, (double)notes->n_zoned),
                      amount(unzoned, (double)notes->n_unzoned));
    if (notes->clock_back_line > 0)
        warning_entry(s->r, s->entry,
                      "; the clock goes back in its line %ld, as where summer time ends, so that "
                      "hour counts twice; dates with a time zone (or in universal time) do not",
                      notes->clock_back_line);
}

void check_trace(struct reader *r)
{
    const struct subject s = { r, store_given(r->store, S_WORKLOAD, K_WORKLOAD_TRACE),
                               &r->s->trace };
    char length[32], twins[32];
    if (s.trace->period_s < 86400)
        warning_entry(r, s.entry,
                      "; it is %s long, so it does not show the shape of a day or a week",
                      xo_text_duration(length, sizeof length, s.trace->period_s));
    say_unit(&s);
    say_skipped(&s);
    say_strays(&s);
    say_holes(&s);
    say_dates(&s);
    if ((double)s.trace->notes.n_twins > fmax(10, 0.2 * (double)s.trace->n))
        warning_entry(r, s.entry,
                      "; %s of its rows repeat the row before, stamp and lengths; was a log put "
                      "in twice? They count",
                      amount(twins, (double)s.trace->notes.n_twins));
    if (s.trace->notes.has_hash_ids)
        warning_entry(r, s.entry,
                      "; its hash_ids are not used: what requests share beyond shared_prefix is "
                      "not in the model");
}
