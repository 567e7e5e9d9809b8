/* trace_unit.c - seconds, milliseconds, microseconds or nanoseconds? What the stamps themselves
 * say.
 *
 * Each clue weighs against the units that it makes unlikely; the unit with the least against it is
 * taken where the next one has at least two more, and the sentence says why. Otherwise the user is
 * asked: a factor of 1,000 in the volume is worse than a question. A weight of IMPOSSIBLE decides
 * alone. The weights are judgement; the facts behind them stand beside each clue, and the test of
 * the recorded traces holds them to what is published.
 *
 * The state is a struct look: the stamps, sorted by time, and what they look like, worked out once
 * and not changed by clues. Dates have no unit to settle; what the user says goes before all clues,
 * and then the column's name, unless the stamps are times since 1970 in another unit. A new clue is
 * a function in clues[]. Begin with xo_trace_unit_settle, look_at_length and clues[].
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_parts.h"
#include "xo/clock.h"
#include "xo/stats.h"
#include "xo/table.h"
#include "xo/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_UNITS = XO_TRACE_NS + 1, IMPOSSIBLE = 10, CLEAR = 2, CLUE_SIZE = 128 };

static const struct {
    const char *name, *suffix;
    double per_s;
} units[] = {
    { "", "", 1 },
    { "seconds", "s", 1 },
    { "milliseconds", "ms", 1e3 },
    { "microseconds", "us", 1e6 },
    { "nanoseconds", "ns", 1e9 },
    { "dates", "", 1 },
};
XO_TABLE_OF(units, XO_N_TRACE_UNITS);

double xo_trace_unit_per_s(enum xo_trace_unit unit)
{
    return units[unit].per_s;
}

const char *xo_trace_unit_name(enum xo_trace_unit unit)
{
    return units[unit].name;
}

/* ---- what the stamps look like ---- */

struct look {
    const struct xo_trace_stamps *in;
    double length;    /* raw, without the twentieth at each end, scaled up: strays do not count */
    double low, high; /* raw: the quartiles */
    double output_tokens; /* of all rows */
    size_t n_fractions;
    bool all_thousands;
    double rows_per_stamp, step; /* rows with one stamp; raw median from one stamp to the next */
    double daily; /* mean length of the vector sum of stamps round a clock of 86,400: 0 even, 1 all
                     at one hour */
    size_t n_turns, n_early[N_UNITS]; /* chat turns; those before their parent's answer */
    enum xo_trace_unit epoch;         /* in which the stamps are dates from 2000 to 2099; AUTO */
};

static double raw_at(const struct xo_trace_stamps *in, size_t i)
{
    return in->rows[i].raw;
}

static void look_at_length(struct look *k)
{
    const struct xo_trace_stamps *in = k->in;
    const double last = (double)(in->n - 1);
    const size_t from = (size_t)floor(0.05 * last), to = (size_t)ceil(0.95 * last);
    k->length = (raw_at(in, to) - raw_at(in, from)) * last / (double)(to - from);
    k->low = raw_at(in, (size_t)floor(0.25 * last));
    k->high = raw_at(in, (size_t)ceil(0.75 * last));
}

static void look_at_numbers(struct look *k)
{
    double x = 0, y = 0;
    size_t n_zero = 0;
    for (size_t i = 0; i < k->in->n; i++) {
        const double raw = raw_at(k->in, i), turn = 2 * M_PI * fmod(raw, 86400) / 86400;
        k->n_fractions += fabs(raw - nearbyint(raw)) > 1e-4;
        k->all_thousands &= fmod(raw, 1000) == 0;
        n_zero += raw == 0;
        k->output_tokens += k->in->rows[i].output_tokens;
        x += cos(turn);
        y += sin(turn);
    }
    k->all_thousands &= n_zero < k->in->n;
    k->daily = hypot(x, y) / (double)k->in->n;
}

static bool look_at_steps(struct look *k, struct xo_error *err)
{
    const struct xo_trace_stamps *in = k->in;
    double *steps = malloc(in->n * sizeof *steps);
    size_t n = 0;
    if (steps == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu stamps", in->n);
    for (size_t i = 1; i < in->n; i++)
        if (raw_at(in, i) > raw_at(in, i - 1))
            steps[n++] = raw_at(in, i) - raw_at(in, i - 1);
    xo_sort(steps, n);
    k->step = n > 0 ? xo_sorted_quantile(steps, n, 0.5) : 0;
    k->rows_per_stamp = (double)in->n / (double)(n + 1);
    free(steps);
    return true;
}

/* Times are since 1970 if the middle half of the stamps lies in this century in one unit, and close
 * together for its distance from 0. */
static enum xo_trace_unit epoch_of(const struct look *k)
{
    static const double year_2000_s = 946684800, year_2100_s = 4102444800;
    for (int u = XO_TRACE_S; u < N_UNITS; u++)
        if (k->low >= year_2000_s * units[u].per_s && k->high < year_2100_s * units[u].per_s &&
            k->high - k->low < 0.5 * k->low)
            return (enum xo_trace_unit)u;
    return XO_TRACE_AUTO;
}

/* ---- chat turns ---- */

/* Nobody's answer comes faster: twice the 2,500 tokens a second to one user that Cerebras published
 * in May 2025, the fastest known. */
static const double least_s_per_token = 1 / 5000.0;

static int by_chat(const void *a, const void *b)
{
    const struct xo_trace_row *const *x = a, *const *y = b;
    return ((*x)->chat > (*y)->chat) - ((*x)->chat < (*y)->chat);
}

static void count_turn(struct look *k, const struct xo_trace_row *child,
                       const struct xo_trace_row *parent)
{
    k->n_turns++;
    for (int u = XO_TRACE_S; u < N_UNITS; u++)
        k->n_early[u] +=
            (child->raw - parent->raw) / units[u].per_s < parent->output_tokens * least_s_per_token;
}

static bool look_at_turns(struct look *k, struct xo_error *err)
{
    const struct xo_trace_stamps *in = k->in;
    bool any = false;
    for (size_t i = 0; i < in->n && !any; i++)
        any = in->rows[i].parent >= 0;
    if (!any)
        return true;
    const struct xo_trace_row **chats = malloc(in->n * sizeof *chats);
    if (chats == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu chats", in->n);
    for (size_t i = 0; i < in->n; i++)
        chats[i] = &in->rows[i];
    qsort(chats, in->n, sizeof *chats, by_chat);
    for (size_t i = 0; i < in->n; i++) {
        const struct xo_trace_row key = { .chat = in->rows[i].parent }, *wanted = &key;
        const struct xo_trace_row *const *parent =
            key.chat < 0 ? NULL : bsearch(&wanted, chats, in->n, sizeof *chats, by_chat);
        if (parent != NULL)
            count_turn(k, &in->rows[i], *parent);
    }
    free(chats);
    return true;
}

/* ---- clues: each weighs against a unit, and says why ---- */

static const char *count(char out[32], size_t n)
{
    return xo_text_amount(out, 32, (double)n);
}

static int against_epoch(const struct look *k, enum xo_trace_unit u, char text[CLUE_SIZE])
{
    char low[XO_TRACE_STAMP_SIZE], high[XO_TRACE_STAMP_SIZE];
    if (k->epoch == XO_TRACE_AUTO || k->epoch == u)
        return 0;
    xo_trace_date_text(low, (int64_t)(k->low / units[k->epoch].per_s), 0);
    xo_trace_date_text(high, (int64_t)(k->high / units[k->epoch].per_s), 0);
    const bool one_day = strncmp(low, high, 10) == 0;
    snprintf(text, CLUE_SIZE, "half of them lie %s%.10s%s%.10s as %s since 1970",
             one_day ? "on " : "from ", low, one_day ? "" : " to ", one_day ? "" : high,
             units[k->epoch].name);
    return IMPOSSIBLE;
}

static int against_turns(const struct look *k, enum xo_trace_unit u, char text[CLUE_SIZE])
{
    char n_early[32], n_turns[32];
    if (k->n_turns < 3 || (double)k->n_early[u] < 0.1 * (double)k->n_turns)
        return 0;
    snprintf(text, CLUE_SIZE, "%s of %s chat turns would begin before the answer to the one before",
             count(n_early, k->n_early[u]), count(n_turns, k->n_turns));
    return IMPOSSIBLE;
}

/* Clocks count whole milliseconds, microseconds and nanoseconds; a fraction of one is rare. */
static int against_fractions(const struct look *k, enum xo_trace_unit u, char text[CLUE_SIZE])
{
    char n_fractions[32], n[32];
    if (u == XO_TRACE_S || (double)k->n_fractions < 0.1 * (double)k->in->n)
        return 0;
    snprintf(text, CLUE_SIZE, "%s of %s stamps have fractions", count(n_fractions, k->n_fractions),
             count(n, k->in->n));
    return u == XO_TRACE_MS ? 4 : IMPOSSIBLE;
}

static int against_thousands(const struct look *k, enum xo_trace_unit u, char text[CLUE_SIZE])
{
    if (u != XO_TRACE_S || !k->all_thousands)
        return 0;
    snprintf(text, CLUE_SIZE, "every stamp is a multiple of 1,000");
    return 4;
}

/* Mooncake's traces are in milliseconds (its README and AIPerf's), Qwen's Bailian traces, with the
 * same names and chats, in seconds (the README of qwen-bailian-usagetraces-anon). */
static int against_names(const struct look *k, enum xo_trace_unit u, char text[CLUE_SIZE])
{
    const enum xo_trace_family family = k->in->columns->family;
    const enum xo_trace_unit theirs = family == XO_TRACE_MOONCAKE ? XO_TRACE_MS : XO_TRACE_S;
    if (family == XO_TRACE_PLAIN || u == theirs)
        return 0;
    snprintf(text, CLUE_SIZE, "the names are those of %s traces, in %s",
             family == XO_TRACE_MOONCAKE ? "Mooncake's" : "Qwen's Bailian", units[theirs].name);
    return 2;
}

/* Requests that arrive together were recorded by a slow clock; in seconds, one of minutes. */
static int against_clumps(const struct look *k, enum xo_trace_unit u, char text[CLUE_SIZE])
{
    char step[32];
    const double step_s = k->step / units[u].per_s;
    if (k->rows_per_stamp < 2 || step_s < 60)
        return 0;
    snprintf(text, CLUE_SIZE, "%.1f requests come at one moment and none for %s after it",
             k->rows_per_stamp, xo_text_duration(step, sizeof step, step_s));
    return 2;
}

/* A recording of days in seconds shows them; in other units it would be a coincidence. */
static int against_daily(const struct look *k, enum xo_trace_unit u, char text[CLUE_SIZE])
{
    if (u == XO_TRACE_S || k->length < 2 * 86400.0 || k->in->n < 100 || k->daily < 0.2)
        return 0;
    snprintf(text, CLUE_SIZE, "requests come and go every 86,400, as days do in seconds");
    return 4;
}

/* The recorded traces of Azure (2023) and Mooncake have some 1,000 a second. All of OpenAI's API
 * had 6 billion tokens a minute, in and out, in October 2025 (DevDay). */
static int against_rate(const struct look *k, enum xo_trace_unit u, char text[CLUE_SIZE])
{
    char rate_text[32];
    const double rate = k->output_tokens * units[u].per_s / k->length;
    if (!(rate > 1e5))
        return 0;
    snprintf(text, CLUE_SIZE, "%s output tokens a second",
             xo_text_amount(rate_text, sizeof rate_text, rate));
    return rate > 1e8 ? IMPOSSIBLE : 2;
}

/* People record minutes to months. BurstGPT, the longest published, has 121 days. */
static int against_length(const struct look *k, enum xo_trace_unit u, char text[CLUE_SIZE])
{
    static const struct {
        double below_s;
        int weight;
    } steps[] = { { 1, 4 },
                  { 10, 2 },
                  { 60, 1 },
                  { 14 * 86400.0, 0 },
                  { 60 * 86400.0, 1 },
                  { 3650 * 86400.0, 2 } };
    const double length_s = k->length / units[u].per_s;
    text[0] = '\0'; /* the figures say it */
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (length_s < steps[i].below_s)
            return steps[i].weight;
    return IMPOSSIBLE;
}

/* Few programs write them without saying so in the name. */
static int against_rare(const struct look *k, enum xo_trace_unit u, char text[CLUE_SIZE])
{
    (void)k;
    text[0] = '\0';
    return u == XO_TRACE_US || u == XO_TRACE_NS ? 1 : 0;
}

typedef int clue_fn(const struct look *k, enum xo_trace_unit unit, char text[CLUE_SIZE]);
static clue_fn *const clues[] = { against_epoch,     against_turns, against_fractions,
                                  against_thousands, against_names, against_clumps,
                                  against_daily,     against_rate,  against_length,
                                  against_rare };
enum { N_CLUES = sizeof clues / sizeof clues[0] };

static int weigh(const struct look *k, enum xo_trace_unit unit)
{
    char text[CLUE_SIZE];
    int sum = 0;
    for (int c = 0; c < N_CLUES; c++)
        sum += clues[c](k, unit, text);
    return sum;
}

/* ---- what it would be in a unit ---- */

enum { FIGURES_SIZE = 96 };

/* "120 requests in 1.95 h, 43,800 a month" */
static bool figures(const struct xo_trace_stamps *in, enum xo_trace_unit unit,
                    char out[FIGURES_SIZE], struct xo_error *err)
{
    char n[32], length[32], volume[32];
    struct xo_trace_cuts cuts = { 0 };
    const double month_s = in->options->month_s > 0 ? in->options->month_s : 730 * XO_HOUR_S;
    double *when_s = malloc(in->n * sizeof *when_s);
    if (when_s == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu stamps", in->n);
    for (size_t i = 0; i < in->n; i++)
        when_s[i] = raw_at(in, i) / units[unit].per_s;
    const bool ok = xo_trace_cuts_find(&cuts, when_s, in->n, in->options->keep_gaps, err);
    if (ok)
        snprintf(
            out, FIGURES_SIZE, "%s requests in %s, %s a month",
            xo_text_amount(n, sizeof n, (double)cuts.n_kept),
            xo_text_duration(length, sizeof length, cuts.period_s),
            xo_text_amount(volume, sizeof volume, (double)cuts.n_kept / cuts.period_s * month_s));
    xo_trace_cuts_fini(&cuts);
    free(when_s);
    return ok;
}

/* Text at the end of what is there, cut to fit. */
static void add(char out[], size_t size, const char *before, const char *text)
{
    const size_t n = strlen(out);
    snprintf(out + n, size - n, "%s%s", before, text);
}

static bool explain(const struct look *k, enum xo_trace_unit best, enum xo_trace_unit next,
                    char why[XO_TRACE_WHY_SIZE], struct xo_error *err)
{
    char is[FIGURES_SIZE], would_be[FIGURES_SIZE], text[CLUE_SIZE];
    if (!figures(k->in, best, is, err) || !figures(k->in, next, would_be, err))
        return false;
    snprintf(why, XO_TRACE_WHY_SIZE, "the stamps are read as %s: %s; not as %s (%s)",
             units[best].name, is, units[next].name, would_be);
    const char *before = ", since ";
    for (int c = 0; c < N_CLUES; c++)
        if (clues[c](k, next, text) > 0 && text[0] != '\0') {
            add(why, XO_TRACE_WHY_SIZE, before, text);
            before = ", and ";
        }
    return true;
}

static bool ask(const struct look *k, const int weights[N_UNITS], int least, struct xo_error *err)
{
    char text[sizeof err->text] = "", which[32] = "", one[FIGURES_SIZE];
    for (int u = XO_TRACE_S; u < N_UNITS; u++) {
        if (weights[u] >= least + CLEAR)
            continue;
        if (!figures(k->in, (enum xo_trace_unit)u, one, err))
            return false;
        add(text, sizeof text, text[0] == '\0' ? "" : "; ", one);
        add(text, sizeof text, " as ", units[u].name);
        add(which, sizeof which, which[0] == '\0' ? "" : " or ", units[u].suffix);
    }
    return xo_fail(err, XO_ERR_INPUT,
                   "%s: the unit of \"%s\" is not clear: %s; say trace_unit = %s", k->in->path,
                   k->in->columns->names[XO_TRACE_TIME], text, which);
}

static bool infer(struct look *k, struct xo_trace_notes *notes, struct xo_error *err)
{
    int weights[N_UNITS], best = XO_TRACE_S;
    look_at_numbers(k);
    if (!look_at_steps(k, err) || !look_at_turns(k, err))
        return false;
    for (int u = XO_TRACE_S; u < N_UNITS; u++)
        weights[u] = weigh(k, (enum xo_trace_unit)u);
    for (int u = XO_TRACE_MS; u < N_UNITS; u++)
        if (weights[u] < weights[best])
            best = u;
    int next = best == XO_TRACE_S ? XO_TRACE_MS : XO_TRACE_S;
    for (int u = XO_TRACE_S; u < N_UNITS; u++)
        if (u != best && weights[u] < weights[next])
            next = u;
    if (weights[next] < weights[best] + CLEAR)
        return ask(k, weights, weights[best], err);
    notes->unit = (enum xo_trace_unit)best;
    notes->unit_from = XO_TRACE_UNIT_INFERRED;
    /* Seconds and milliseconds are what is confused, whatever comes next. */
    next = best == XO_TRACE_S ? XO_TRACE_MS : best == XO_TRACE_MS ? XO_TRACE_S : next;
    return explain(k, notes->unit, (enum xo_trace_unit)next, notes->unit_why, err);
}

/* The name says the unit, unless the stamps are dates in another one. */
static bool take_name(const struct look *k, struct xo_trace_notes *notes, struct xo_error *err)
{
    const struct xo_trace_columns *columns = k->in->columns;
    const char *name = columns->names[XO_TRACE_TIME];
    char text[CLUE_SIZE];
    if (against_epoch(k, columns->unit, text) > 0)
        return xo_fail(
            err, XO_ERR_INPUT,
            "%s: the stamps of \"%s\" are %s by its name, but %s; say trace_unit = %s or %s",
            k->in->path, name, units[columns->unit].name, text, units[k->epoch].suffix,
            units[columns->unit].suffix);
    notes->unit = columns->unit;
    notes->unit_from = XO_TRACE_UNIT_BY_NAME;
    snprintf(notes->unit_why, sizeof notes->unit_why, "the column %s", name);
    return true;
}

bool xo_trace_unit_settle(const struct xo_trace_stamps *stamps, struct xo_trace_notes *notes,
                          struct xo_error *err)
{
    const struct xo_trace_columns *columns = stamps->columns;
    const enum xo_trace_unit given = stamps->options->unit;
    struct look k = { .in = stamps, .all_thousands = true };
    if (columns->unit == XO_TRACE_DATES && given != XO_TRACE_AUTO)
        return xo_fail(err, XO_ERR_INPUT, "%s: \"%s\" holds dates, which have no trace_unit",
                       stamps->path, columns->names[XO_TRACE_TIME]);
    if (columns->unit == XO_TRACE_DATES || given != XO_TRACE_AUTO) {
        notes->unit = given != XO_TRACE_AUTO ? given : XO_TRACE_DATES;
        notes->unit_from = given != XO_TRACE_AUTO ? XO_TRACE_UNIT_GIVEN : XO_TRACE_UNIT_OF_DATES;
        if (given != XO_TRACE_AUTO && columns->unit != XO_TRACE_AUTO && columns->unit != given)
            xo_text_copy(notes->unit_why, sizeof notes->unit_why, columns->names[XO_TRACE_TIME]);
        return true;
    }
    look_at_length(&k);
    k.epoch = epoch_of(&k);
    return columns->unit != XO_TRACE_AUTO ? take_name(&k, notes, err) : infer(&k, notes, err);
}
