/* trace.c - recorded traces from CSV and JSON lines: untrusted text in, requests in order of time
 * out. SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 4096, MAX_FIELDS = 64, N_COLUMNS = 3 };
enum { COLUMN_TIME, COLUMN_PROMPT, COLUMN_OUTPUT };

/* A format is known by the three columns that its header names. */
static const struct format {
    const char *columns[N_COLUMNS]; /* of the time, the prompt and the output */
    bool has_dates;                 /* time is 2023-11-16 18:17:03.9799600; else seconds */
} formats[] = {
    { { "arrival_s", "prompt_tokens", "output_tokens" }, false },
    { { "arrival_s", "input_tokens", "output_tokens" }, false },     /* logs of vLLM's benchmark */
    { { "TIMESTAMP", "ContextTokens", "GeneratedTokens" }, true },   /* Azure/AzurePublicDataset */
    { { "Timestamp", "Request tokens", "Response tokens" }, false }, /* HPMLL/BurstGPT */
};
enum { N_FORMATS = sizeof formats / sizeof formats[0] };

/* ---- lines and fields ---- */

struct reader {
    FILE *file;
    const char *path;
    long line;
    char text[LINE_SIZE];
    char *fields[MAX_FIELDS];
    int n_fields;

    bool is_json; /* JSON lines; else CSV of the format below */
    const struct format *format;
    int column[N_COLUMNS]; /* where in a line */
    int n_header_fields;
    int64_t origin_s; /* whole seconds since 1970 of the first date; -1: none yet */
};

static bool line_fail(const struct reader *r, struct xo_error *err, const char *what)
{
    return xo_fail(err, XO_ERR_INPUT, "%s:%ld: %s", r->path, r->line, what);
}

/* The next line without its end; *is_end after the last. */
static bool next_line(struct reader *r, bool *is_end, struct xo_error *err)
{
    size_t n = 0;
    int c;
    r->line++;
    while ((c = getc(r->file)) != EOF && c != '\n') {
        if (c == '\0')
            return line_fail(r, err, "there is a byte of 0; a trace is plain text");
        if (n == LINE_SIZE - 1)
            return line_fail(r, err, "the line is longer than 4,095 bytes");
        r->text[n++] = (char)c;
    }
    if (ferror(r->file))
        return xo_fail(err, XO_ERR_IO, "cannot read %s: %s", r->path, strerror(errno));
    if (n > 0 && r->text[n - 1] == '\r')
        n--;
    r->text[n] = '\0';
    *is_end = c == EOF && n == 0;
    return true;
}

static bool split(struct reader *r, char *text, struct xo_error *err)
{
    r->n_fields = 0;
    for (char *field = text; field != NULL;) {
        char *comma = strchr(field, ',');
        if (comma != NULL)
            *comma++ = '\0';
        if (r->n_fields == MAX_FIELDS)
            return line_fail(r, err, "the line has more than 64 fields");
        r->fields[r->n_fields++] = xo_text_trim(field);
        field = comma;
    }
    return true;
}

/* ---- the header ---- */

static int field_named(const struct reader *r, const char *name)
{
    for (int i = 0; i < r->n_fields; i++)
        if (strcmp(r->fields[i], name) == 0)
            return i;
    return -1;
}

static bool match_format(struct reader *r, const struct format *format)
{
    for (int c = 0; c < N_COLUMNS; c++)
        if ((r->column[c] = field_named(r, format->columns[c])) < 0)
            return false;
    r->format = format;
    r->n_header_fields = r->n_fields;
    return true;
}

static bool read_header(struct reader *r, struct xo_error *err)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    bool is_end;
    if (!next_line(r, &is_end, err))
        return false;
    if (strncmp(r->text, byte_order_mark, 3) == 0)
        memmove(r->text, r->text + 3, strlen(r->text + 3) + 1);
    r->is_json = r->text[0] == '{';
    if (r->is_json)
        return true;
    if (!split(r, r->text, err))
        return false;
    for (int f = 0; f < N_FORMATS; f++)
        if (match_format(r, &formats[f]))
            return true;
    return line_fail(r, err,
                     "a trace begins with a line that names its columns: "
                     "arrival_s,prompt_tokens,output_tokens or "
                     "TIMESTAMP,ContextTokens,GeneratedTokens or "
                     "Timestamp,Request tokens,Response tokens; or every line is "
                     "{\"timestamp\": ms, \"input_length\": n, \"output_length\": n}");
}

/* ---- dates ---- */

/* n digits as a number in [min, max]; NULL when they are not there. */
static const char *digits(const char *text, int n, int min, int max, int *value)
{
    int v = 0;
    for (int i = 0; i < n; i++, text++) {
        if (*text < '0' || *text > '9')
            return NULL;
        v = v * 10 + (*text - '0');
    }
    *value = v;
    return v >= min && v <= max ? text : NULL;
}

static const char *literal(const char *text, const char *any_of)
{
    return text != NULL && *text != '\0' && strchr(any_of, *text) != NULL ? text + 1 : NULL;
}

/* Days from 1970-01-01 in the Gregorian calendar (Hinnant, chrono-compatible low-level date
 * algorithms, 2013): years begin in March, so that the leap day is the last. */
static int64_t days_from_civil(int year, int month, int day)
{
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = y / 400, year_of_era = y - era * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

static const char *read_day(const char *text, int64_t *day)
{
    int year, month, day_of_month;
    text = digits(text, 4, 1970, 9999, &year);
    text = literal(text, "-");
    if (text == NULL || (text = literal(digits(text, 2, 1, 12, &month), "-")) == NULL)
        return NULL;
    text = digits(text, 2, 1, days_in_month(year, month), &day_of_month);
    if (text != NULL)
        *day = days_from_civil(year, month, day_of_month);
    return text;
}

static const char *read_clock(const char *text, int *seconds, double *frac)
{
    int hour, minute, second;
    if ((text = literal(digits(text, 2, 0, 23, &hour), ":")) == NULL ||
        (text = literal(digits(text, 2, 0, 59, &minute), ":")) == NULL ||
        (text = digits(text, 2, 0, 60, &second)) == NULL)
        return NULL;
    *seconds = hour * 3600 + minute * 60 + second;
    *frac = 0;
    if (*text != '.')
        return text;
    double unit = 1;
    for (text++; *text >= '0' && *text <= '9'; text++)
        *frac += (unit /= 10) * (*text - '0');
    return text;
}

/* Nothing, Z, or +hh:mm ahead of universal time. */
static const char *read_zone(const char *text, int *seconds)
{
    int hour, minute;
    *seconds = 0;
    if (*text == 'Z')
        return text + 1;
    if (*text != '+' && *text != '-')
        return text;
    const int sign = *text == '+' ? 1 : -1;
    if ((text = literal(digits(text + 1, 2, 0, 23, &hour), ":")) == NULL ||
        (text = digits(text, 2, 0, 59, &minute)) == NULL)
        return NULL;
    *seconds = sign * (hour * 3600 + minute * 60);
    return text;
}

/* A date as whole seconds since 1970 and the rest. */
static bool read_date(const char *text, int64_t *whole_s, double *frac_s)
{
    int64_t day;
    int clock, zone;
    if ((text = literal(read_day(text, &day), " T")) == NULL ||
        (text = read_clock(text, &clock, frac_s)) == NULL ||
        (text = read_zone(text, &zone)) == NULL || *text != '\0')
        return false;
    *whole_s = day * 86400 + clock - zone;
    return true;
}

/* ---- rows ---- */

static bool read_time(struct reader *r, double *when_s, struct xo_error *err)
{
    const char *text = r->fields[r->column[COLUMN_TIME]], *rest;
    if (!r->format->has_dates) {
        double value;
        if (!xo_text_number(text, &value, &rest) || *rest != '\0' || fabs(value) > 1e12)
            return xo_fail(err, XO_ERR_INPUT, "%s:%ld: %s is \"%s\"; it takes seconds", r->path,
                           r->line, r->format->columns[COLUMN_TIME], text);
        *when_s = value;
        return true;
    }
    int64_t whole_s;
    double frac_s;
    if (!read_date(text, &whole_s, &frac_s))
        return xo_fail(err, XO_ERR_INPUT,
                       "%s:%ld: %s is \"%s\"; it takes a date such as 2023-11-16 18:17:03.9799600",
                       r->path, r->line, r->format->columns[COLUMN_TIME], text);
    if (r->origin_s < 0)
        r->origin_s = whole_s;
    *when_s = (double)(whole_s - r->origin_s) + frac_s;
    return true;
}

static bool read_tokens(const struct reader *r, int column, int32_t *tokens, struct xo_error *err)
{
    const char *text = r->fields[r->column[column]];
    int64_t value;
    if (!xo_text_integer(text, &value) || value < 0 || value > XO_MAX_TOKENS)
        return xo_fail(err, XO_ERR_INPUT,
                       "%s:%ld: %s is \"%s\"; it takes a whole number from 0 to "
                       "%d",
                       r->path, r->line, r->format->columns[column], text, XO_MAX_TOKENS);
    *tokens = (int32_t)value;
    return true;
}

struct row {
    double when_s;
    size_t number; /* in the file, to keep the order of equal times */
    int32_t prompt_tokens, output_tokens;
};
struct rows {
    struct row *items; /* owned */
    size_t n, room;
    int64_t n_skipped;
};

static bool read_fields(struct reader *r, struct row *row, struct xo_error *err)
{
    if (!split(r, r->text, err))
        return false;
    if (r->n_fields != r->n_header_fields)
        return xo_fail(err, XO_ERR_INPUT, "%s:%ld: the line has %d fields, the header %d", r->path,
                       r->line, r->n_fields, r->n_header_fields);
    return read_time(r, &row->when_s, err) &&
           read_tokens(r, COLUMN_PROMPT, &row->prompt_tokens, err) &&
           read_tokens(r, COLUMN_OUTPUT, &row->output_tokens, err);
}

/* One line of Mooncake (kvcache-ai/Mooncake, FAST25-release/traces): milliseconds and lengths; its
 * hash_ids are not used. */
static bool read_json(const struct reader *r, struct row *row, struct xo_error *err)
{
    double ms;
    json_int_t prompt, output;
    json_t *object = json_loads(r->text, JSON_REJECT_DUPLICATES, NULL);
    const bool ok = object != NULL &&
                    json_unpack(object, "{s:F, s:I, s:I}", "timestamp", &ms, "input_length",
                                &prompt, "output_length", &output) == 0 &&
                    fabs(ms) <= 1e15 && prompt >= 0 && prompt <= XO_MAX_TOKENS && output >= 0 &&
                    output <= XO_MAX_TOKENS;
    json_decref(object);
    if (!ok)
        return line_fail(r, err,
                         "it takes a line such as {\"timestamp\": 3000, \"input_length\": 6758, "
                         "\"output_length\": 500}, lengths from 0 to 1073741824");
    row->when_s = ms / 1000;
    row->prompt_tokens = (int32_t)prompt;
    row->output_tokens = (int32_t)output;
    return true;
}

static bool read_row(struct reader *r, struct rows *rows, struct xo_error *err)
{
    struct row row = { .number = rows->n };
    if (!(r->is_json ? read_json(r, &row, err) : read_fields(r, &row, err)))
        return false;
    if (row.prompt_tokens == 0 || row.output_tokens == 0) {
        rows->n_skipped++;
        return true;
    }
    if (!xo_array_reserve((void **)&rows->items, &rows->room, rows->n + 1, sizeof row, err))
        return false;
    rows->items[rows->n++] = row;
    return true;
}

static bool read_rows(struct reader *r, struct rows *rows, struct xo_error *err)
{
    bool is_end;
    if (r->is_json && !read_row(r, rows, err)) /* the first line is a row already */
        return false;
    while (next_line(r, &is_end, err)) {
        if (is_end)
            return true;
        if (r->text[0] != '\0' && !read_row(r, rows, err))
            return false;
    }
    return false;
}

/* ---- the trace ---- */

static int by_time(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->when_s != y->when_s)
        return x->when_s > y->when_s ? 1 : -1;
    return (x->number > y->number) - (x->number < y->number);
}

/* The recording ends one mean gap after its last request, so that n requests make n gaps. */
static bool set_trace(struct xo_trace *trace, const struct rows *rows, const char *path,
                      struct xo_error *err)
{
    const size_t n = rows->n;
    if (n < 2)
        return xo_fail(err, XO_ERR_INPUT, "%s: %zu usable requests; a trace takes at least 2", path,
                       n);
    qsort(rows->items, n, sizeof rows->items[0], by_time);
    const double first_s = rows->items[0].when_s, length_s = rows->items[n - 1].when_s - first_s;
    if (!(length_s > 0))
        return xo_fail(err, XO_ERR_INPUT,
                       "%s: all requests arrive at one time; a trace needs a length", path);
    struct xo_trace made = { .n = n,
                             .arrival_s = malloc(n * sizeof(double)),
                             .prompt_tokens = malloc(n * sizeof(int32_t)),
                             .output_tokens = malloc(n * sizeof(int32_t)),
                             .period_s = length_s * (double)n / (double)(n - 1),
                             .n_skipped = rows->n_skipped };
    if (made.arrival_s == NULL || made.prompt_tokens == NULL || made.output_tokens == NULL) {
        xo_trace_fini(&made);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu requests of %s", n, path);
    }
    for (size_t i = 0; i < n; i++) {
        made.arrival_s[i] = rows->items[i].when_s - first_s;
        made.prompt_tokens[i] = rows->items[i].prompt_tokens;
        made.output_tokens[i] = rows->items[i].output_tokens;
    }
    *trace = made;
    return true;
}

bool xo_trace_read(struct xo_trace *trace, const char *path, struct xo_error *err)
{
    struct reader reader = { .file = fopen(path, "r"), .path = path, .origin_s = -1 };
    struct rows rows = { 0 };
    if (reader.file == NULL)
        return xo_fail(err, XO_ERR_IO, "cannot open %s: %s", path, strerror(errno));
    const bool ok = read_header(&reader, err) && read_rows(&reader, &rows, err) &&
                    set_trace(trace, &rows, path, err);
    free(rows.items);
    fclose(reader.file);
    return ok;
}

void xo_trace_fini(struct xo_trace *trace)
{
    free(trace->arrival_s);
    free(trace->prompt_tokens);
    free(trace->output_tokens);
    *trace = (struct xo_trace){ 0 };
}
