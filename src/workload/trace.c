/* trace.c - recorded traces from CSV and JSON lines: untrusted text in, requests in order of time
 * out.
 *
 * The state is a struct reader: the lines, what is known of the columns, the rows so far with their
 * raw stamps, and notes of all that was found. The steps are those of trace_parts.h: rows first,
 * then the unit of the stamps, which only all of them together can tell, then strays and holes
 * among them (trace_gaps.c).
 *
 * Invariant: rows become a trace only when all are read; they are sorted by stamp, then by line,
 * and a trace has at least two, not all at one time. Its first request arrives at 0. Rows without
 * prompt or output tokens are counted and left out, for they say nothing of the traffic to serve.
 * Whatever is cut or doubtful is in trace->notes, with line and stamp, for `check` to say. A file
 * that is something else is refused by what it is (base/delimited.h, read_header). Begin with
 * xo_trace_read, set_trace and cut_trace.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/delimited.h"
#include "parts.h"
#include "trace_parts.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double max_raw = 1e19;      /* nanoseconds since 1970 are 1.8e18 */
static const double max_length_s = 1e12; /* 30,000 years */
enum { MAX_LINES = 50000000 };

struct reader {
    struct xo_delimited lines;
    bool knows_columns; /* of JSON */
    struct xo_trace_columns columns;
    int n_header_fields;
    bool has_numbers; /* of the stamps so far: some are numbers */
    int64_t origin_s; /* whole seconds since 1970 of the first date; -1: none yet */
    double last_raw;  /* of the row above */
    long n_backwards; /* rows that come before the one above them */
    double most_s;    /* the largest such step */
    long back_line;   /* its line */
    struct xo_trace_notes notes;

    struct xo_trace_row *rows; /* owned */
    size_t n, room;
};

static bool line_fail(const struct reader *r, struct xo_error *err, const char *what)
{
    return xo_delimited_fail(&r->lines, err, "%s", what);
}

/* ---- the header ---- */

static const char header_help[] =
    "a trace begins with a line that names its columns: arrival_s,prompt_tokens,output_tokens or "
    "TIMESTAMP,ContextTokens,GeneratedTokens or Timestamp,Request tokens,Response tokens; or every "
    "line is {\"timestamp\": n, \"input_length\": n, \"output_length\": n}";

/* Names as the line has them, in quotes, for a message. */
static const char *list_names(char *out, size_t size, const char *const names[], int n)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < n && used + 48 < size; i++)
        used +=
            (size_t)snprintf(out + used, size - used, "%s\"%.32s\"", i > 0 ? ", " : "", names[i]);
    return out;
}

static bool refuse_header(const struct reader *r, const struct xo_error *why, struct xo_error *err)
{
    char list[240];
    const char *const *names = (const char *const *)r->lines.fields;
    if (xo_trace_columns_count(names, r->lines.n_fields) == 0)
        return r->lines.parted_by != NULL ? xo_delimited_refuse_parting(&r->lines, err)
                                          : line_fail(r, err, header_help);
    return xo_delimited_fail(&r->lines, err, "%s; the columns are %s", why->text,
                             list_names(list, sizeof list, names, r->lines.n_fields));
}

static bool read_header(struct reader *r, struct xo_error *err)
{
    bool is_end;
    struct xo_error why;
    const char first = xo_delimited_peek(&r->lines);
    r->lines.is_json = first == '{' || first == '[';
    if (first == '{')
        return true; /* the first line is a row already */
    if (first == '[')
        return xo_delimited_next(&r->lines, &is_end, err) &&
               line_fail(r, err,
                         "it is a JSON array; a trace has one object a line (jq -c '.[]' makes "
                         "that of it)");
    if (!xo_delimited_header(&r->lines, &is_end, err))
        return false;
    r->n_header_fields = r->lines.n_fields;
    return xo_trace_columns_find(&r->columns, (const char *const *)r->lines.fields,
                                 r->lines.n_fields, &why) ||
           refuse_header(r, &why, err);
}

/* ---- stamps ---- */

static const char date_help[] = "a date such as 2023-11-16 18:17:03.9799600";

static bool refuse_stamp(const struct reader *r, const char *text, struct xo_error *err)
{
    const enum xo_trace_unit unit = r->columns.unit;
    const bool named = unit != XO_TRACE_AUTO && unit != XO_TRACE_DATES;
    return xo_delimited_fail(
        &r->lines, err, "%s is \"%.60s\"; it takes %s%s", r->columns.names[XO_TRACE_TIME], text,
        named            ? xo_trace_unit_name(unit)
        : r->has_numbers ? "a number"
                         : date_help,
        named || r->has_numbers || unit == XO_TRACE_DATES ? "" : ", or a number");
}

static bool take_number(struct reader *r, double value, double *raw)
{
    if (!(fabs(value) <= max_raw) || r->columns.unit == XO_TRACE_DATES)
        return false;
    r->has_numbers = true;
    *raw = value;
    return true;
}

static bool take_date(struct reader *r, const char *text, double *raw)
{
    struct xo_trace_date date;
    if (r->has_numbers || !xo_trace_date_read(text, &date))
        return false;
    if (r->origin_s < 0)
        r->origin_s = date.whole_s;
    r->columns.unit = XO_TRACE_DATES;
    *(date.has_zone ? &r->notes.n_zoned : &r->notes.n_unzoned) += 1;
    *raw = (double)(date.whole_s - r->origin_s) + date.frac_s;
    return true;
}

static bool take_stamp(struct reader *r, const char *text, double *raw, struct xo_error *err)
{
    const char *rest;
    double value;
    if (xo_text_number(text, &value, &rest) && *rest == '\0' ? take_number(r, value, raw)
                                                             : take_date(r, text, raw))
        return true;
    return refuse_stamp(r, text, err);
}

/* ---- rows ---- */

static bool are_tokens(double value)
{
    return value >= 0 && value <= XO_MAX_TOKENS && value == floor(value);
}

static bool refuse_tokens(const struct reader *r, int column, const char *text,
                          struct xo_error *err)
{
    return xo_delimited_fail(&r->lines, err,
                             "%s is \"%.60s\"; it takes a whole number from 0 to %d",
                             r->columns.names[column], text, XO_MAX_TOKENS);
}

static bool read_tokens(const struct reader *r, int column, int32_t *tokens, struct xo_error *err)
{
    const char *text = r->lines.fields[r->columns.at[column]], *rest;
    double value;
    if (!xo_text_number(text, &value, &rest) || *rest != '\0' || !are_tokens(value))
        return refuse_tokens(r, column, text, err);
    *tokens = (int32_t)value;
    return true;
}

static bool read_fields(struct reader *r, struct xo_trace_row *row, struct xo_error *err)
{
    if (!xo_delimited_split(&r->lines, err))
        return false;
    if (r->lines.n_fields != r->n_header_fields)
        return xo_delimited_fail(&r->lines, err, "the line has %d fields, the header %d",
                                 r->lines.n_fields, r->n_header_fields);
    return take_stamp(r, r->lines.fields[r->columns.at[XO_TRACE_TIME]], &row->raw, err) &&
           read_tokens(r, XO_TRACE_PROMPT, &row->prompt_tokens, err) &&
           read_tokens(r, XO_TRACE_OUTPUT, &row->output_tokens, err);
}

/* The names of the first object are those of all. */
static bool learn_names(struct reader *r, json_t *object, struct xo_error *err)
{
    const char *names[XO_MAX_FIELDS], *name;
    char list[240];
    json_t *value;
    int n = 0;
    struct xo_error why = { 0 };
    json_object_foreach(object, name, value) if (n < XO_MAX_FIELDS) names[n++] = name;
    if (!xo_trace_columns_find(&r->columns, names, n, &why))
        return xo_delimited_fail(&r->lines, err, "%s; the line has %s", why.text,
                                 list_names(list, sizeof list, names, n));
    r->knows_columns = true;
    return true;
}

/* A value as JSON, for a message. */
static void show_value(const json_t *value, char out[80])
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    xo_text_copy(out, 80, text == NULL ? "" : text);
    free(text);
}

static const json_t *value_of(const struct reader *r, const json_t *object, int column,
                              struct xo_error *err)
{
    const json_t *value = json_object_get(object, r->columns.names[column]);
    if (value == NULL)
        xo_delimited_fail(&r->lines, err, "there is no \"%s\" in it", r->columns.names[column]);
    return value;
}

static bool read_json_time(struct reader *r, const json_t *object, double *raw,
                           struct xo_error *err)
{
    char text[80];
    const json_t *value = value_of(r, object, XO_TRACE_TIME, err);
    if (value == NULL)
        return false;
    if (json_is_string(value))
        return take_stamp(r, json_string_value(value), raw, err);
    if (json_is_number(value) && take_number(r, json_number_value(value), raw))
        return true;
    show_value(value, text);
    return refuse_stamp(r, text, err);
}

static bool read_json_tokens(const struct reader *r, const json_t *object, int column,
                             int32_t *tokens, struct xo_error *err)
{
    char text[80];
    const json_t *value = value_of(r, object, column, err);
    if (value == NULL)
        return false;
    if (!json_is_number(value) || !are_tokens(json_number_value(value))) {
        show_value(value, text);
        return refuse_tokens(r, column, text, err);
    }
    *tokens = (int32_t)json_number_value(value);
    return true;
}

static int64_t id_of(const json_t *object, const char *name)
{
    const json_t *id = json_object_get(object, name);
    return json_is_integer(id) ? json_integer_value(id) : -1;
}

static bool read_json(struct reader *r, struct xo_trace_row *row, struct xo_error *err)
{
    json_t *object = json_loads(r->lines.text, JSON_REJECT_DUPLICATES, NULL);
    bool ok = json_is_object(object);
    if (!ok)
        line_fail(r, err,
                  "it takes a line such as {\"timestamp\": 3000, \"input_length\": 6758, "
                  "\"output_length\": 500}, all of an object on one line");
    ok = ok && (r->knows_columns || learn_names(r, object, err)) &&
         read_json_time(r, object, &row->raw, err) &&
         read_json_tokens(r, object, XO_TRACE_PROMPT, &row->prompt_tokens, err) &&
         read_json_tokens(r, object, XO_TRACE_OUTPUT, &row->output_tokens, err);
    row->chat = ok ? id_of(object, "chat_id") : -1;
    row->parent = ok ? id_of(object, "parent_chat_id") : -1;
    r->notes.has_hash_ids |= ok && json_object_get(object, "hash_ids") != NULL;
    json_decref(object);
    return ok;
}

/* Rows without tokens say nothing of the traffic to serve, but something of the log. */
static bool is_skipped(struct reader *r, const struct xo_trace_row *row)
{
    const bool no_prompt = row->prompt_tokens == 0, no_output = row->output_tokens == 0;
    r->notes.n_no_prompt += no_prompt && !no_output;
    r->notes.n_no_output += no_output && !no_prompt;
    r->notes.n_no_tokens += no_prompt && no_output;
    return no_prompt || no_output;
}

static void watch_order(struct reader *r, const struct xo_trace_row *row)
{
    if (r->n > 0 && row->raw < r->last_raw) {
        r->n_backwards++;
        if (r->last_raw - row->raw > r->most_s) {
            r->most_s = r->last_raw - row->raw;
            r->back_line = row->line;
        }
    }
    r->last_raw = row->raw;
}

static bool read_row(struct reader *r, struct xo_error *err)
{
    struct xo_trace_row row = { .line = r->lines.line, .chat = -1, .parent = -1 };
    if (!(r->lines.is_json ? read_json(r, &row, err) : read_fields(r, &row, err)))
        return false;
    if (is_skipped(r, &row))
        return true;
    if (!xo_array_reserve((void **)&r->rows, &r->room, r->n + 1, sizeof row, err))
        return false;
    watch_order(r, &row);
    r->rows[r->n++] = row;
    return true;
}

static bool read_rows(struct reader *r, struct xo_error *err)
{
    bool is_end;
    while (xo_delimited_next(&r->lines, &is_end, err)) {
        if (is_end)
            return true;
        if (!read_row(r, err))
            return false;
    }
    return false;
}

/* ---- what there is to say ---- */

static struct xo_trace_mark mark_of(const struct reader *r, size_t i)
{
    struct xo_trace_mark mark = { .line = r->rows[i].line };
    const double raw = r->rows[i].raw;
    char exact[32];
    if (r->columns.unit == XO_TRACE_DATES)
        xo_trace_date_text(mark.stamp, r->origin_s + (int64_t)floor(raw), raw - floor(raw));
    else
        xo_text_copy(mark.stamp, sizeof mark.stamp, xo_text_exact(exact, raw));
    return mark;
}

/* How far row i is from the nearest row that is kept. */
static double away(const struct xo_trace_cuts *cuts, const double when_s[], size_t i)
{
    double nearest_s = INFINITY;
    for (size_t s = 0; s < cuts->n_segments; s++) {
        const struct xo_trace_segment *segment = &cuts->segments[s];
        const double first_s = when_s[segment->first] - when_s[i];
        const double last_s = when_s[i] - when_s[segment->first + segment->n - 1];
        if (!segment->is_stray)
            nearest_s = fmin(nearest_s, fmax(first_s, last_s));
    }
    return nearest_s;
}

static void note_strays(struct reader *r, const struct xo_trace_cuts *cuts, const double when_s[])
{
    size_t n = 0;
    for (size_t s = 0; s < cuts->n_segments; s++)
        for (size_t i = 0; cuts->segments[s].is_stray && i < cuts->segments[s].n; i++, n++) {
            const size_t row = cuts->segments[s].first + i;
            if (n == 0)
                r->notes.stray_away_s = away(cuts, when_s, row);
            if (n < XO_TRACE_MAX_NAMED)
                r->notes.strays[n] = mark_of(r, row);
        }
    r->notes.n_strays = n;
}

static void note_holes(struct reader *r, const struct xo_trace_cuts *cuts, const double when_s[])
{
    size_t end = SIZE_MAX;
    r->notes.is_scheduled = cuts->is_scheduled;
    r->notes.n_holes = cuts->is_scheduled || cuts->cut_s > 0 ? cuts->n_holes : 0;
    r->notes.cut_s = cuts->cut_s;
    r->notes.open_period_s = cuts->open_period_s;
    for (size_t s = 0; s < cuts->n_segments; s++) {
        const size_t first = cuts->segments[s].first;
        if (cuts->segments[s].is_stray)
            continue;
        if (end != SIZE_MAX && when_s[first] - when_s[end] > r->notes.hole_s) {
            r->notes.hole_s = when_s[first] - when_s[end];
            r->notes.hole_from = mark_of(r, end);
            r->notes.hole_to = mark_of(r, first);
        }
        end = first + cuts->segments[s].n - 1;
    }
}

/* Rows are in order of time. */
static void note_rows(struct reader *r)
{
    struct xo_trace_notes *notes = &r->notes;
    for (size_t i = 1; i < r->n; i++) {
        const struct xo_trace_row *a = &r->rows[i - 1], *b = &r->rows[i];
        notes->n_twins += a->raw == b->raw && a->prompt_tokens == b->prompt_tokens &&
                          a->output_tokens == b->output_tokens;
    }
    const bool is_doubled = notes->n_twins > r->n / 5;
    if (r->n_backwards == 1 && !is_doubled && notes->n_zoned == 0 && notes->n_unzoned > 0 &&
        r->most_s >= 1800 && r->most_s <= 3600)
        notes->clock_back_line = r->back_line;
}

/* ---- the trace ---- */

static int by_time(const void *a, const void *b)
{
    const struct xo_trace_row *x = a, *y = b;
    if (x->raw != y->raw)
        return x->raw > y->raw ? 1 : -1;
    return (x->line > y->line) - (x->line < y->line);
}

static void copy_rows(struct xo_trace *trace, const struct reader *r,
                      const struct xo_trace_cuts *cuts, const double when_s[])
{
    size_t n = 0;
    double first_s = 0;
    for (size_t s = 0; s < cuts->n_segments; s++) {
        const struct xo_trace_segment *segment = &cuts->segments[s];
        for (size_t i = segment->first; !segment->is_stray && i < segment->first + segment->n;
             i++) {
            if (n == 0)
                first_s = when_s[i];
            trace->arrival_s[n] = when_s[i] - first_s - segment->shift_s;
            trace->prompt_tokens[n] = r->rows[i].prompt_tokens;
            trace->output_tokens[n++] = r->rows[i].output_tokens;
        }
    }
}

static bool make_trace(struct xo_trace *trace, struct reader *r, const struct xo_trace_cuts *cuts,
                       const double when_s[], struct xo_error *err)
{
    const size_t n = cuts->n_kept;
    note_strays(r, cuts, when_s);
    note_holes(r, cuts, when_s);
    note_rows(r);
    struct xo_trace made = { .n = n,
                             .arrival_s = malloc(n * sizeof(double)),
                             .prompt_tokens = malloc(n * sizeof(int32_t)),
                             .output_tokens = malloc(n * sizeof(int32_t)),
                             .period_s = cuts->period_s,
                             .notes = r->notes };
    if (made.arrival_s == NULL || made.prompt_tokens == NULL || made.output_tokens == NULL) {
        xo_trace_fini(&made);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu requests of %s", n,
                       r->lines.path);
    }
    copy_rows(&made, r, cuts, when_s);
    *trace = made;
    return true;
}

/* Find strays and holes in the stamps, in seconds now, and make the trace of the rest. */
static bool cut_trace(struct xo_trace *trace, struct reader *r, bool keep_gaps, double when_s[],
                      struct xo_error *err)
{
    struct xo_trace_cuts cuts = { 0 };
    const double per_s = xo_trace_unit_per_s(r->notes.unit);
    for (size_t i = 0; i < r->n; i++)
        when_s[i] = r->rows[i].raw / per_s;
    const double length_s = when_s[r->n - 1] - when_s[0];
    if (!(length_s > 0) || length_s > max_length_s)
        return xo_fail(
            err, XO_ERR_INPUT,
            "%s: its first and last request lie %.15g s apart; it takes more than 0 s and up "
            "to %g s",
            r->lines.path, length_s, max_length_s);
    r->notes.n_rows = r->n;
    r->notes.as_is_s = length_s * (double)r->n / (double)(r->n - 1);
    const bool ok = xo_trace_cuts_find(&cuts, when_s, r->n, keep_gaps, err) &&
                    make_trace(trace, r, &cuts, when_s, err);
    xo_trace_cuts_fini(&cuts);
    return ok;
}

static bool set_trace(struct xo_trace *trace, struct reader *r,
                      const struct xo_trace_options *options, struct xo_error *err)
{
    const struct xo_trace_stamps stamps = { r->rows, r->n, &r->columns, options, r->lines.path };
    if (r->n < 2)
        return xo_fail(err, XO_ERR_INPUT, "%s: %zu usable requests; a trace takes at least 2",
                       r->lines.path, r->n);
    qsort(r->rows, r->n, sizeof r->rows[0], by_time);
    if (!(r->rows[r->n - 1].raw > r->rows[0].raw))
        return xo_fail(err, XO_ERR_INPUT,
                       "%s: all requests arrive at one time; a trace needs a length",
                       r->lines.path);
    if (!xo_trace_unit_settle(&stamps, &r->notes, err))
        return false;
    double *when_s = malloc(r->n * sizeof *when_s);
    const bool ok = when_s != NULL
                        ? cut_trace(trace, r, options->keep_gaps, when_s, err)
                        : xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu requests", r->n);
    free(when_s);
    return ok;
}

bool xo_trace_read(struct xo_trace *trace, const char *path, const struct xo_trace_options *options,
                   struct xo_error *err)
{
    static const struct xo_trace_options usual = { .unit = XO_TRACE_AUTO };
    struct reader reader = { .lines = { .what = "a trace", .max_lines = MAX_LINES },
                             .origin_s = -1 };
    if (!xo_delimited_open(&reader.lines, path, err))
        return false;
    const bool ok = read_header(&reader, err) && read_rows(&reader, err) &&
                    set_trace(trace, &reader, options == NULL ? &usual : options, err);
    free(reader.rows);
    xo_delimited_close(&reader.lines);
    return ok;
}

void xo_trace_fini(struct xo_trace *trace)
{
    free(trace->arrival_s);
    free(trace->prompt_tokens);
    free(trace->output_tokens);
    *trace = (struct xo_trace){ 0 };
}
