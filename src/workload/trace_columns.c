/* trace_columns.c - which columns of a trace are its time, prompt and output tokens, and what their
 * names say of the unit.
 *
 * Names are compared without case and separators, so that ContextTokens, context_tokens and
 * "Context tokens" are one; a last word such as ms is the unit of a time. The sets of names that
 * have always been read go first, so that no other column can come between them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/delimited.h"
#include "trace_parts.h"
#include "xo/table.h"
#include "xo/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { NAME_SIZE = 48, MAX_SYNONYMS = 20 };

static const struct {
    const char *names[XO_TRACE_N_COLUMNS];
    enum xo_trace_unit unit;
    enum xo_trace_family family;
} formats[] = {
    { { "arrival_s", "prompt_tokens", "output_tokens" }, XO_TRACE_S, XO_TRACE_PLAIN },
    /* logs of vLLM's benchmark */
    { { "arrival_s", "input_tokens", "output_tokens" }, XO_TRACE_S, XO_TRACE_PLAIN },
    /* Azure/AzurePublicDataset */
    { { "TIMESTAMP", "ContextTokens", "GeneratedTokens" }, XO_TRACE_AUTO, XO_TRACE_PLAIN },
    /* HPMLL/BurstGPT: seconds by its README */
    { { "Timestamp", "Request tokens", "Response tokens" }, XO_TRACE_S, XO_TRACE_PLAIN },
    /* kvcache-ai/Mooncake, FAST25-release/traces; others use its names with other units */
    { { "timestamp", "input_length", "output_length" }, XO_TRACE_AUTO, XO_TRACE_MOONCAKE },
};
enum { N_FORMATS = sizeof formats / sizeof formats[0] };

/* Written as normalise() leaves them. */
static const char *const synonyms[][MAX_SYNONYMS] = {
    { "arrival", "arrivaltime", "arrivaltimestamp", "arrivedat", "timestamp", "time", "ts",
      "datetime", "requesttime", "requesttimestamp", "requestedat", "starttime", "startedat",
      "created", "createdat", "createdtime", "unixtime", "unixtimestamp", "epoch" },
    { "prompttokens", "inputtokens", "contexttokens", "requesttokens", "promptlength",
      "inputlength", "promptlen", "inputlen", "numprompttokens", "numinputtokens",
      "numprefilltokens", "prompttokencount", "inputtokencount", "isl" },
    { "outputtokens", "generatedtokens", "responsetokens", "completiontokens", "outputlength",
      "generatedlength", "responselength", "outputlen", "responselen", "numoutputtokens",
      "numdecodetokens", "numcompletiontokens", "outputtokencount", "completiontokencount", "osl" },
};
XO_TABLE_OF(synonyms, XO_TRACE_N_COLUMNS);

static const struct {
    const char *word;
    enum xo_trace_unit unit;
} unit_words[] = {
    { "s", XO_TRACE_S },
    { "sec", XO_TRACE_S },
    { "secs", XO_TRACE_S },
    { "second", XO_TRACE_S },
    { "seconds", XO_TRACE_S },
    { "ms", XO_TRACE_MS },
    { "msec", XO_TRACE_MS },
    { "millis", XO_TRACE_MS },
    { "millisecond", XO_TRACE_MS },
    { "milliseconds", XO_TRACE_MS },
    { "us", XO_TRACE_US },
    { "usec", XO_TRACE_US },
    { "micros", XO_TRACE_US },
    { "microsecond", XO_TRACE_US },
    { "microseconds", XO_TRACE_US },
    { "ns", XO_TRACE_NS },
    { "nsec", XO_TRACE_NS },
    { "nano", XO_TRACE_NS },
    { "nanos", XO_TRACE_NS },
    { "nanosecond", XO_TRACE_NS },
    { "nanoseconds", XO_TRACE_NS },
};

/* Letters and digits of `name` in lower case; *last_word where its last word begins in `out`: words
 * are parted by anything else, and by a capital behind a small letter. False: too long. */
static bool normalise(const char *name, char out[NAME_SIZE], size_t *last_word)
{
    size_t n = 0;
    bool is_new = false;
    *last_word = 0;
    for (const char *c = name; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c)) {
            is_new = true;
            continue;
        }
        if (n == NAME_SIZE - 1)
            return false;
        if (n > 0 && (is_new || (isupper((unsigned char)*c) && islower((unsigned char)c[-1]))))
            *last_word = n;
        is_new = false;
        out[n++] = (char)tolower((unsigned char)*c);
    }
    out[n] = '\0';
    return n > 0;
}

static bool is_synonym(const char *word, int column)
{
    for (int i = 0; i < MAX_SYNONYMS && synonyms[column][i] != NULL; i++)
        if (strcmp(word, synonyms[column][i]) == 0)
            return true;
    return false;
}

/* Whether `name` is that of `column`; *unit what it says of the unit. */
static bool names_column(const char *name, int column, enum xo_trace_unit *unit)
{
    char word[NAME_SIZE];
    size_t last;
    *unit = XO_TRACE_AUTO;
    if (!normalise(name, word, &last))
        return false;
    if (is_synonym(word, column))
        return true;
    if (column != XO_TRACE_TIME || last == 0)
        return false;
    for (size_t i = 0; i < sizeof unit_words / sizeof *unit_words; i++)
        if (strcmp(word + last, unit_words[i].word) == 0)
            *unit = unit_words[i].unit;
    word[last] = '\0';
    return *unit != XO_TRACE_AUTO && is_synonym(word, column);
}

static int index_of(const char *const names[], int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static void take(struct xo_trace_columns *columns, int column, const char *const names[], int at)
{
    columns->at[column] = at;
    xo_text_copy(columns->names[column], sizeof columns->names[column], names[at]);
}

static bool match_format(struct xo_trace_columns *columns, int format, const char *const names[],
                         int n)
{
    int at[XO_TRACE_N_COLUMNS];
    for (int c = 0; c < XO_TRACE_N_COLUMNS; c++)
        if ((at[c] = index_of(names, n, formats[format].names[c])) < 0)
            return false;
    for (int c = 0; c < XO_TRACE_N_COLUMNS; c++)
        take(columns, c, names, at[c]);
    columns->unit = formats[format].unit;
    columns->family = formats[format].family;
    /* alibaba-edu/qwen-bailian-usagetraces-anon: Mooncake's names, and chats */
    if (columns->family == XO_TRACE_MOONCAKE && index_of(names, n, "chat_id") >= 0 &&
        index_of(names, n, "parent_chat_id") >= 0)
        columns->family = XO_TRACE_BAILIAN;
    return true;
}

int xo_trace_columns_count(const char *const names[], int n)
{
    int count = 0;
    for (int c = 0; c < XO_TRACE_N_COLUMNS; c++) {
        enum xo_trace_unit unit;
        bool found = false;
        for (int i = 0; i < n; i++)
            found |= names_column(names[i], c, &unit);
        count += found;
    }
    return count;
}

static const char *const roles[] = { "time", "prompt tokens", "output tokens" };
XO_TABLE_OF(roles, XO_TRACE_N_COLUMNS);

/* The format that shares most columns with those found; in the same case counts double. */
static int nearest_format(const struct xo_trace_columns *columns)
{
    int best = 0, most = 0;
    for (int f = 0; f < N_FORMATS; f++) {
        int count = 0;
        for (int c = 0; c < XO_TRACE_N_COLUMNS; c++)
            count += columns->at[c] < 0                                        ? 0
                     : strcmp(columns->names[c], formats[f].names[c]) == 0     ? 2
                     : strcasecmp(columns->names[c], formats[f].names[c]) == 0 ? 1
                                                                               : 0;
        if (count > most) {
            most = count;
            best = f;
        }
    }
    return best;
}

/* The name like `wanted` among those that are no column yet; NULL. */
static const char *nearest_name(const struct xo_trace_columns *columns, const char *wanted,
                                const char *const names[], int n)
{
    const char *others[XO_MAX_FIELDS];
    size_t n_others = 0;
    for (int i = 0; i < n; i++) {
        bool taken = false;
        for (int c = 0; c < XO_TRACE_N_COLUMNS; c++)
            taken |= columns->at[c] == i;
        if (!taken && n_others < XO_MAX_FIELDS)
            others[n_others++] = names[i];
    }
    return xo_text_nearest(wanted, others, n_others);
}

static bool lacks(const struct xo_trace_columns *columns, const char *const names[], int n,
                  struct xo_error *why)
{
    const int format = nearest_format(columns);
    char text[sizeof why->text] = "";
    size_t used = 0;
    for (int c = 0; c < XO_TRACE_N_COLUMNS; c++) {
        if (columns->at[c] >= 0)
            continue;
        const char *wanted = formats[format].names[c];
        const char *near = nearest_name(columns, wanted, names, n);
        used += (size_t)snprintf(text + used, sizeof text - used, "%sno \"%s\" for the %s%s%.40s%s",
                                 used > 0 ? ", " : "there is ", wanted, roles[c],
                                 near != NULL ? " (is it \"" : "", near != NULL ? near : "",
                                 near != NULL ? "\"?)" : "");
    }
    return xo_fail(why, XO_ERR_INPUT, "%s", text);
}

static bool find_synonyms(struct xo_trace_columns *columns, const char *const names[], int n,
                          struct xo_error *why)
{
    bool complete = true;
    for (int c = 0; c < XO_TRACE_N_COLUMNS; c++) {
        columns->at[c] = -1;
        for (int i = 0; i < n; i++) {
            enum xo_trace_unit unit;
            if (!names_column(names[i], c, &unit))
                continue;
            if (columns->at[c] >= 0)
                return xo_fail(why, XO_ERR_INPUT,
                               "\"%.40s\" and \"%.40s\" may both be the %s; rename one of them",
                               names[columns->at[c]], names[i], roles[c]);
            take(columns, c, names, i);
            if (c == XO_TRACE_TIME)
                columns->unit = unit;
        }
        complete &= columns->at[c] >= 0;
    }
    return complete || lacks(columns, names, n, why);
}

bool xo_trace_columns_find(struct xo_trace_columns *columns, const char *const names[], int n,
                           struct xo_error *why)
{
    *columns = (struct xo_trace_columns){ .unit = XO_TRACE_AUTO };
    for (int f = 0; f < N_FORMATS; f++)
        if (match_format(columns, f, names, n))
            return true;
    return find_synonyms(columns, names, n, why);
}
