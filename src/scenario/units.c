/* units.c - "45 ms", "$2.50/Mtok", "3B tokens/month": text to number and back, in each kind's base.
 *
 * A kind of quantity has a base (what the structs hold) and spellings; a spelling is worth factor *
 * hours_per_month^power of the base. A bare number passes only where it has one meaning. There is
 * no state but the tables kinds[] and spellings[]; a new unit is a row of each.
 *
 * What is refused is told with what would do: a share of 1 or more, since it may mean 1 %; users in
 * place of a rate; a price of a whole server; money of other countries, unless its rate is stated
 * (currency.c). What quantity_exact writes reads back as the same double, since resolved scenarios
 * are read again; factors whose inverse is whole are divided by, so that 35% is the double nearest
 * to 0.35.
 *
 * Volumes have nouns and periods of their own (volume_read), for only some nouns are a call of a
 * model. Begin with kinds[], split and quantity_read.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "values.h"
#include "xo/text.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum bare { NEVER, ALWAYS, ZERO_ONLY, BELOW_ONE };
static const struct kind {
    const char *name, *what, *examples;
    enum bare bare;
    bool money, magnitudes; /* needs a dollar sign; takes k, M, B, T */
    const char *shown;      /* spelling used for showing: factor 1 or the one in the table */
} kinds[] = {
    { "", "a number", "12", ALWAYS, false, true, "" },
    { "count", "a count", "950, 2.5k, 1M or 3B", ALWAYS, false, true, "" },
    { "factor", "a factor", "1.5 or 1.5x", ALWAYS, false, false, "" },
    { "weight", "a weight", "3 or 70%", ALWAYS, false, true, "" },
    { "weights", "weights", "1 or 0.25", ALWAYS, false, true, "" },
    { "tokens", "a count of tokens", "2000 tokens or 2k", ALWAYS, false, true, "tokens" },
    { "requests", "a count of requests", "3.2 or 4 requests", ALWAYS, false, true, "requests" },
    { "share", "a share", "70% or 0.7", BELOW_ONE, false, false, "%" },
    { "share/year", "a share a year", "8% or 0.08", BELOW_ONE, false, false, "%" },
    { "share/month", "a share a month", "3% or 0.03", BELOW_ONE, false, false, "%" },
    { "time", "a time", "45 ms, 2 s, 10 min, 3 h or 2 days", ZERO_ONLY, false, false, "s" },
    { "months", "a time", "24 months, 2 years or 6 weeks", NEVER, false, false, "months" },
    { "years", "a time", "4 years or 48 months", NEVER, false, false, "years" },
    { "hours", "hours", "730 or 730 h", ALWAYS, false, false, "h" },
    { "USD", "money", "$60k, $1.2M or 60000 USD", ZERO_ONLY, true, true, "" },
    { "USD/month", "money a month", "$500/month or $6k/year", ZERO_ONLY, true, true, "/month" },
    { "USD/year", "money a year", "$250k/year or $20k/month", ZERO_ONLY, true, true, "/year" },
    { "USD/hour", "a price per GPU-hour", "$3.99/hour or $2,900/month", ZERO_ONLY, true, true,
      "/hour" },
    { "USD/Mtok", "a price of tokens", "$2.50/Mtok, $10/1M or $2.5e-6/token", ZERO_ONLY, true, true,
      "/Mtok" },
    { "USD/Mtok/hour", "a price of keeping tokens", "$1/Mtok/hour", ZERO_ONLY, true, true,
      "/Mtok/hour" },
    { "USD/call", "a price of calls", "$5/1k calls or $0.005/call", ZERO_ONLY, true, true,
      "/call" },
    { "USD/kWh", "a price of electricity", "$0.09/kWh or $90/MWh", ZERO_ONLY, true, true, "/kWh" },
    { "USD/kW/month", "a price of rack space", "$195/kW/month", ZERO_ONLY, true, true,
      "/kW/month" },
    { "USD/GPU/month", "a price per GPU", "$50/GPU/month or $0.07/GPU-hour", ZERO_ONLY, true, true,
      "/GPU/month" },
    { "bytes", "a size", "80 GB or 80 GiB", NEVER, false, false, "GB" },
    { "bytes/s", "a bandwidth", "3.35 TB/s or 900 GB/s", NEVER, false, false, "GB/s" },
    { "FLOPS", "a speed", "989 TFLOPS or 2.5 PFLOPS", NEVER, false, false, "TFLOPS" },
    { "W", "a power", "700 W or 10.2 kW", ZERO_ONLY, false, false, "W" },
    { "FTE", "a number of people", "0.5 FTE", NEVER, false, false, "FTE" },
    { "GPUs", "a number of GPUs", "8", ALWAYS, false, false, "GPUs" },
    { "requests/month", "a rate", "50k requests/day, 20 requests/s or 3B tokens/month", NEVER,
      false, true, "requests/month" },
    { "requests/min", "a rate", "500 requests/min or 10k", ALWAYS, false, true, "requests/min" },
    { "tokens/min", "a rate", "2M tokens/min or 30k", ALWAYS, false, true, "tokens/min" },
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static const struct spelling {
    const char *kind, *text; /* blanks left out */
    double factor;
    int power; /* of hours_per_month */
} spellings[] = {
    { "factor", "x", 1, 0 },
    { "weight", "%", 0.01, 0 },
    { "tokens", "tokens", 1, 0 },
    { "tokens", "token", 1, 0 },
    { "tokens", "tok", 1, 0 },
    { "requests", "requests", 1, 0 },
    { "requests", "request", 1, 0 },
    { "requests", "calls", 1, 0 },
    { "requests", "call", 1, 0 },
    { "share", "%", 0.01, 0 },
    { "share", "percent", 0.01, 0 },
    { "share/year", "%", 0.01, 0 },
    { "share/year", "%/year", 0.01, 0 },
    { "share/year", "percent", 0.01, 0 },
    { "share/month", "%", 0.01, 0 },
    { "share/month", "%/month", 0.01, 0 },
    { "share/month", "percent", 0.01, 0 },
    { "time", "us", 1e-6, 0 },
    { "time", "\xc2\xb5s", 1e-6, 0 },
    { "time", "\xce\xbcs", 1e-6, 0 },
    { "time", "ms", 1e-3, 0 },
    { "time", "s", 1, 0 },
    { "time", "sec", 1, 0 },
    { "time", "second", 1, 0 },
    { "time", "seconds", 1, 0 },
    { "time", "min", 60, 0 },
    { "time", "minute", 60, 0 },
    { "time", "minutes", 60, 0 },
    { "time", "h", 3600, 0 },
    { "time", "hour", 3600, 0 },
    { "time", "hours", 3600, 0 },
    { "time", "d", 86400, 0 },
    { "time", "day", 86400, 0 },
    { "time", "days", 86400, 0 },
    { "time", "week", 604800, 0 },
    { "time", "weeks", 604800, 0 },
    { "time", "month", 3600, 1 },
    { "time", "months", 3600, 1 },
    { "time", "year", 12 * 3600, 1 },
    { "time", "years", 12 * 3600, 1 },
    { "months", "months", 1, 0 },
    { "months", "month", 1, 0 },
    { "months", "years", 12, 0 },
    { "months", "year", 12, 0 },
    { "months", "weeks", 168, -1 },
    { "months", "week", 168, -1 },
    { "months", "days", 24, -1 },
    { "months", "day", 24, -1 },
    { "years", "years", 1, 0 },
    { "years", "year", 1, 0 },
    { "years", "months", 1.0 / 12, 0 },
    { "years", "month", 1.0 / 12, 0 },
    { "hours", "h", 1, 0 },
    { "hours", "hour", 1, 0 },
    { "hours", "hours", 1, 0 },
    { "USD/month", "/month", 1, 0 },
    { "USD/month", "/mo", 1, 0 },
    { "USD/month", "/year", 1.0 / 12, 0 },
    { "USD/month", "/yr", 1.0 / 12, 0 },
    { "USD/month", "/week", 1.0 / 168, 1 },
    { "USD/month", "/day", 1.0 / 24, 1 },
    { "USD/month", "/hour", 1, 1 },
    { "USD/month", "/h", 1, 1 },
    { "USD/year", "/year", 1, 0 },
    { "USD/year", "/yr", 1, 0 },
    { "USD/year", "/FTE/year", 1, 0 },
    { "USD/year", "/FTE-year", 1, 0 },
    { "USD/year", "/month", 12, 0 },
    { "USD/hour", "/hour", 1, 0 },
    { "USD/hour", "/h", 1, 0 },
    { "USD/hour", "/hr", 1, 0 },
    { "USD/hour", "/GPU-hour", 1, 0 },
    { "USD/hour", "/GPU-h", 1, 0 },
    { "USD/hour", "/GPU/hour", 1, 0 },
    { "USD/hour", "/GPU/h", 1, 0 },
    { "USD/hour", "/GPUhour", 1, 0 },
    { "USD/hour", "/GPUh", 1, 0 },
    { "USD/hour", "/GPU-hr", 1, 0 },
    { "USD/hour", "/GPU/hr", 1, 0 },
    { "USD/hour", "/hour/GPU", 1, 0 },
    { "USD/hour", "/h/GPU", 1, 0 },
    { "USD/hour", "/hr/GPU", 1, 0 },
    { "USD/hour", "/day", 1.0 / 24, 0 },
    { "USD/hour", "/GPU/day", 1.0 / 24, 0 },
    { "USD/hour", "/month", 1, -1 },
    { "USD/hour", "/GPU/month", 1, -1 },
    { "USD/hour", "/GPU-month", 1, -1 },
    { "USD/hour", "/mo", 1, -1 },
    { "USD/hour", "/month/GPU", 1, -1 },
    { "USD/hour", "/year", 1.0 / 12, -1 },
    { "USD/hour", "/yr", 1.0 / 12, -1 },
    { "USD/hour", "/GPU/year", 1.0 / 12, -1 },
    { "USD/Mtok", "/Mtok", 1e-6, 0 },
    { "USD/Mtok", "/1M", 1e-6, 0 },
    { "USD/Mtok", "/M", 1e-6, 0 },
    { "USD/Mtok", "/Mtokens", 1e-6, 0 },
    { "USD/Mtok", "/1Mtok", 1e-6, 0 },
    { "USD/Mtok", "/1Mtokens", 1e-6, 0 },
    { "USD/Mtok", "/milliontokens", 1e-6, 0 },
    { "USD/Mtok", "/million", 1e-6, 0 },
    { "USD/Mtok", "/ktok", 1e-3, 0 },
    { "USD/Mtok", "/1k", 1e-3, 0 },
    { "USD/Mtok", "/1ktokens", 1e-3, 0 },
    { "USD/Mtok", "/ktokens", 1e-3, 0 },
    { "USD/Mtok", "/1ktok", 1e-3, 0 },
    { "USD/Mtok", "/1000tokens", 1e-3, 0 },
    { "USD/Mtok", "/token", 1, 0 },
    { "USD/Mtok", "/tok", 1, 0 },
    { "USD/Mtok/hour", "/Mtok/hour", 1e-6 / 3600, 0 },
    { "USD/Mtok/hour", "/Mtok/h", 1e-6 / 3600, 0 },
    { "USD/Mtok/hour", "/1M/hour", 1e-6 / 3600, 0 },
    { "USD/Mtok/hour", "/Mtok-hour", 1e-6 / 3600, 0 },
    { "USD/Mtok/hour", "/1Mtokens/hour", 1e-6 / 3600, 0 },
    { "USD/call", "/call", 1, 0 },
    { "USD/call", "/request", 1, 0 },
    { "USD/call", "/1k", 1e-3, 0 },
    { "USD/call", "/1kcalls", 1e-3, 0 },
    { "USD/call", "/1krequests", 1e-3, 0 },
    { "USD/call", "/1000calls", 1e-3, 0 },
    { "USD/call", "/1000requests", 1e-3, 0 },
    { "USD/call", "/1000", 1e-3, 0 },
    { "USD/kWh", "/kWh", 1, 0 },
    { "USD/kWh", "/MWh", 1e-3, 0 },
    { "USD/kW/month", "/kW/month", 1, 0 },
    { "USD/kW/month", "/kW-month", 1, 0 },
    { "USD/kW/month", "/kW/year", 1.0 / 12, 0 },
    { "USD/GPU/month", "/GPU/month", 1, 0 },
    { "USD/GPU/month", "/GPU-month", 1, 0 },
    { "USD/GPU/month", "/GPU/year", 1.0 / 12, 0 },
    { "USD/GPU/month", "/GPU-hour", 1, 1 },
    { "USD/GPU/month", "/GPU/hour", 1, 1 },
    { "USD/GPU/month", "/GPUhour", 1, 1 },
    { "bytes", "B", 1, 0 },
    { "bytes", "kB", 1e3, 0 },
    { "bytes", "KB", 1e3, 0 },
    { "bytes", "MB", 1e6, 0 },
    { "bytes", "GB", 1e9, 0 },
    { "bytes", "TB", 1e12, 0 },
    { "bytes", "KiB", 1024, 0 },
    { "bytes", "MiB", 1048576, 0 },
    { "bytes", "GiB", 1073741824, 0 },
    { "bytes", "TiB", 1099511627776, 0 },
    { "bytes/s", "MB/s", 1e6, 0 },
    { "bytes/s", "GB/s", 1e9, 0 },
    { "bytes/s", "TB/s", 1e12, 0 },
    { "bytes/s", "PB/s", 1e15, 0 },
    { "bytes/s", "GiB/s", 1073741824, 0 },
    { "bytes/s", "TiB/s", 1099511627776, 0 },
    { "FLOPS", "GFLOPS", 1e9, 0 },
    { "FLOPS", "TFLOPS", 1e12, 0 },
    { "FLOPS", "PFLOPS", 1e15, 0 },
    { "FLOPS", "GFLOP/s", 1e9, 0 },
    { "FLOPS", "TFLOP/s", 1e12, 0 },
    { "FLOPS", "PFLOP/s", 1e15, 0 },
    { "W", "W", 1, 0 },
    { "W", "kW", 1e3, 0 },
    { "W", "MW", 1e6, 0 },
    { "FTE", "FTE", 1, 0 },
    { "FTE", "FTEs", 1, 0 },
    { "GPUs", "GPUs", 1, 0 },
    { "GPUs", "GPU", 1, 0 },
};
enum { N_SPELLINGS = sizeof spellings / sizeof *spellings, WORD_SIZE = 64 };

static const struct kind *kind_of(const char *unit)
{
    int i = 0;
    while (i < N_KINDS && (kinds[i].name[0] != unit[0] || strcmp(kinds[i].name, unit) != 0))
        i++;
    assert(i < N_KINDS); /* else a key has a kind of quantity that nobody knows */
    return &kinds[i];
}

static bool takes(struct xo_error *why, const struct kind *kind, const char *trouble)
{
    return xo_fail(why, XO_ERR_INPUT, "%s; it takes %s such as %s", trouble, kind->what,
                   kind->examples);
}

/* The spelling of `word`; letter case counts only where two of them differ in nothing else, and for
 * bytes, where b is a bit. */
static const struct spelling *spelling_of(const char *kind, const char *word)
{
    const struct spelling *loose = NULL;
    for (int i = 0; i < N_SPELLINGS; i++) {
        if (spellings[i].text[0] != word[0] && (spellings[i].text[0] ^ word[0]) != 0x20)
            continue; /* most of them, at once */
        if (strcmp(spellings[i].kind, kind) != 0)
            continue;
        if (strcmp(spellings[i].text, word) == 0)
            return &spellings[i];
        if (strcasecmp(spellings[i].text, word) == 0)
            loose = &spellings[i];
    }
    return strncmp(kind, "bytes", 5) == 0 || strcmp(kind, "W") == 0 ? NULL : loose;
}

/* k, M, B and T after a number; *rest moves over it. A following letter makes it another word. */
static double magnitude(const char **rest)
{
    static const struct {
        char letter;
        double factor;
    } letters[] = { { 'k', 1e3 }, { 'K', 1e3 }, { 'M', 1e6 }, { 'B', 1e9 }, { 'T', 1e12 } };
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (**rest == letters[i].letter) {
            const char next = (*rest)[1];
            if ((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z'))
                return 1;
            (*rest)++;
            return letters[i].factor;
        }
    return 1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Bytes of a word between blanks that says "/": "per hour", "an hour"; 0. */
static size_t per_length(const char *s)
{
    static const char *const words[] = { "per", "a", "an" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t n = strlen(words[i]);
        if (strncasecmp(s, words[i], n) == 0 && is_blank(s[n]))
            return n;
    }
    return 0;
}

/* What is left after the number, without its blanks; " per " is a slash. */
static bool squeeze(const char *rest, char word[WORD_SIZE])
{
    size_t n = 0;
    for (bool begins = true; *rest != '\0'; rest++) {
        const size_t per = begins ? per_length(rest) : 0;
        begins = is_blank(*rest);
        if (begins)
            continue;
        if (per > 0) {
            if (n + 1 < WORD_SIZE)
                word[n++] = '/';
            rest += per - 1;
            continue;
        }
        if (n + 1 >= WORD_SIZE)
            return false;
        word[n++] = *rest;
    }
    word[n] = '\0';
    return true;
}

static const char *skip_blanks(const char *s)
{
    while (is_blank(*s))
        s++;
    return s;
}

/* [-][$] number [magnitude] [USD] [unit] into its parts. */
struct parts {
    double number;
    bool dollar;
    char unit[WORD_SIZE];
};
static bool split(const char *text, bool magnitudes, struct parts *p)
{
    text = skip_blanks(text);
    const bool minus = *text == '-';
    const char *s = skip_blanks(text + minus);
    p->dollar = *s == '$';
    s = skip_blanks(s + p->dollar);
    const char *rest;
    if (((minus || p->dollar) && (*s == '-' || *s == '+')) || !xo_text_number(s, &p->number, &rest))
        return false;
    const char *after = skip_blanks(rest);
    if (magnitudes) {
        const double m = magnitude(&after);
        p->number *= m;
    }
    if (minus)
        p->number = -p->number;
    if (!squeeze(after, p->unit))
        return false;
    if (!p->dollar && strncasecmp(p->unit, "USD", 3) == 0) {
        p->dollar = true;
        memmove(p->unit, p->unit + 3, strlen(p->unit + 3) + 1);
    }
    return isfinite(p->number);
}

static bool bare_passes(const struct kind *kind, double x)
{
    switch (kind->bare) {
    case ALWAYS:
        return true;
    case ZERO_ONLY:
        return x == 0;
    case BELOW_ONE:
        return x >= 0 && x < 1;
    case NEVER:
        break;
    }
    return false;
}

static bool bare_refused(struct xo_error *why, const struct kind *kind, double x)
{
    if (kind->bare != BELOW_ONE)
        return takes(why, kind, ", a number without a unit");
    return xo_fail(why, XO_ERR_INPUT,
                   ", a bare number that may mean %g%% or %g%%; it takes %s such as %s", x, 100 * x,
                   kind->what, kind->examples);
}

/* x times factor; by division where 1/factor is whole, so that 35% is the double nearest to 0.35.
 */
static double times(double x, double factor)
{
    const double inverse = nearbyint(1 / factor);
    return factor < 1 && fabs(inverse * factor - 1) < 1e-12 ? x / inverse : x * factor;
}

static double power_of(double x, int power)
{
    return power == 0 ? 1 : power > 0 ? x : 1 / x;
}

/* requests/min and tokens/min: a rate, or a bare number a minute. */
static bool per_minute_read(const struct kind *kind, const char *text, double hours_per_month,
                            double *value, struct xo_error *why)
{
    struct parts p;
    const bool tokens_kind = kind->name[0] == 't';
    if (split(text, true, &p) && !p.dollar && p.unit[0] == '\0') {
        *value = p.number;
        return true;
    }
    bool is_tokens;
    double per_month;
    if (!volume_read(text, hours_per_month, &per_month, &is_tokens, NULL) ||
        is_tokens != tokens_kind)
        return takes(why, kind, "");
    *value = per_month / (hours_per_month * 60);
    return true;
}

/* Money of other countries, by its sign or, as a word of its own, its code. */
static bool is_foreign(const char *text)
{
    static const char *const signs[] = { "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5", "\xe2\x82\xb9" };
    static const char *const codes[] = { "EUR", "GBP", "CHF", "JPY", "CNY",
                                         "INR", "CAD", "AUD", "SEK", "PLN" };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strstr(text, signs[i]) != NULL)
            return true;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const char *at = strcasestr(text, codes[i]);
        if (at != NULL && (at == text || !isalpha((unsigned char)at[-1])) &&
            !isalpha((unsigned char)at[3]))
            return true;
    }
    return false;
}

static bool foreign_refused(struct xo_error *why, const struct kind *kind)
{
    return xo_fail(why, XO_ERR_INPUT,
                   ", not in US dollars; convert it at a rate that you write down beside it, into "
                   "%s such as %s, or give its rate in a section such as [currency EUR]",
                   kind->what, kind->examples);
}

static bool per_month_read(const struct kind *kind, const char *text, double hours_per_month,
                           double *value, struct xo_error *why)
{
    bool is_tokens;
    double per_month;
    if (!volume_read(text, hours_per_month, &per_month, &is_tokens, why))
        return false;
    if (is_tokens)
        return takes(why, kind, ", in tokens, where only requests will do");
    *value = per_month;
    return true;
}

/* Take the word for a server out of "/node/hour", "/node-hour" or "/hour/node"; false: it has none.
 */
static bool drop_server(const char *unit, char without[WORD_SIZE])
{
    static const char *const words[] = { "/node",    "/server", "/instance",
                                         "/machine", "/host",   "/box" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at = strcasestr(unit, words[i]);
        if (at == NULL)
            continue;
        const char *rest = at + strlen(words[i]);
        rest += *rest == '/' || *rest == '-';
        snprintf(without, WORD_SIZE, "%.*s%s%s", (int)(at - unit), unit, *rest == '\0' ? "" : "/",
                 rest);
        return true;
    }
    return false;
}

bool server_hour_read(const char *text, double hours_per_month, double *usd)
{
    struct parts p;
    char unit[WORD_SIZE];
    if (!split(text, true, &p) || !p.dollar || !drop_server(p.unit, unit))
        return false;
    const struct spelling *s = spelling_of("USD/hour", unit);
    if (s == NULL || !isfinite(p.number))
        return false;
    *usd = times(p.number, s->factor) * power_of(hours_per_month, s->power);
    return true;
}

bool quantity_read(const char *unit, const char *text, double hours_per_month, double *value,
                   struct xo_error *why)
{
    const struct kind *kind = kind_of(unit);
    struct parts p;
    if (strcmp(unit, "requests/month") == 0)
        return per_month_read(kind, text, hours_per_month, value, why);
    if (strcmp(unit, "requests/min") == 0 || strcmp(unit, "tokens/min") == 0)
        return per_minute_read(kind, text, hours_per_month, value, why);
    if (!split(text, kind->magnitudes, &p))
        return kind->money && is_foreign(text) ? foreign_refused(why, kind) : takes(why, kind, "");
    if (p.dollar && !kind->money)
        return takes(why, kind, ", which is money");
    if (p.unit[0] == '\0' && !(kind->money && p.dollar)) {
        if (!bare_passes(kind, p.number))
            return bare_refused(why, kind, p.number);
        *value = p.number;
        return true;
    }
    if (kind->money && !p.dollar)
        return is_foreign(text) ? foreign_refused(why, kind)
                                : takes(why, kind, ", without a currency");
    const struct spelling *s = spelling_of(kind->name, p.unit);
    if (s == NULL && !(p.unit[0] == '\0' && strcmp(kind->name, "USD") == 0)) {
        char trouble[WORD_SIZE + 40], rest[WORD_SIZE];
        if (strcmp(kind->name, "USD/hour") == 0 && drop_server(p.unit, rest))
            return takes(why, kind, ", the price of a whole server: divide it by the GPUs of one");
        snprintf(trouble, sizeof trouble, ", in the unknown unit \"%s\"", p.unit);
        return takes(why, kind, p.unit[0] == '\0' ? ", without what it is per" : trouble);
    }
    const double x =
        s == NULL ? p.number : times(p.number, s->factor) * power_of(hours_per_month, s->power);
    if (!isfinite(x))
        return takes(why, kind, ", too large");
    *value = x;
    return true;
}

/* hours in a period as a multiple of hours_per_month^power */
static const struct {
    const char *text;
    double hours;
    int power;
} periods[] = {
    { "s", 1.0 / 3600, 0 },
    { "sec", 1.0 / 3600, 0 },
    { "second", 1.0 / 3600, 0 },
    { "min", 1.0 / 60, 0 },
    { "minute", 1.0 / 60, 0 },
    { "h", 1, 0 },
    { "hour", 1, 0 },
    { "d", 24, 0 },
    { "day", 24, 0 },
    { "week", 168, 0 },
    { "month", 1, 1 },
    { "mo", 1, 1 },
    { "year", 12, 1 },
};
/* What counts as a request: one call of a model. */
static const struct {
    const char *text;
    bool tokens;
} nouns[] = {
    { "requests", false },    { "request", false },     { "req", false },     { "reqs", false },
    { "calls", false },       { "call", false },        { "queries", false }, { "query", false },
    { "completions", false }, { "completion", false },  { "prompts", false }, { "prompt", false },
    { "inferences", false },  { "generations", false }, { "tokens", true },   { "token", true },
    { "tok", true },
};
enum { N_NOUNS = sizeof nouns / sizeof *nouns, N_PERIODS = sizeof periods / sizeof *periods };

/* Rates in a word of their own: noun and period. */
static const struct {
    const char *text, *spelled;
} rate_words[] = {
    { "rps", "requests/s" },   { "qps", "requests/s" },    { "rpm", "requests/min" },
    { "qpm", "requests/min" }, { "rph", "requests/hour" }, { "qph", "requests/hour" },
    { "rpd", "requests/day" }, { "qpd", "requests/day" },  { "tpm", "tokens/min" },
    { "tpd", "tokens/day" },
};

static const char *spell_out(const char *unit)
{
    for (size_t i = 0; i < sizeof rate_words / sizeof *rate_words; i++)
        if (strcasecmp(rate_words[i].text, unit) == 0)
            return rate_words[i].spelled;
    return unit;
}

/* "API calls" are calls; "support requests" are not requests. */
static int noun_of(const char *unit, size_t length)
{
    static const char *const whose[] = { "API", "LLM", "model" };
    for (size_t i = 0; i < sizeof whose / sizeof *whose; i++) {
        const size_t n = strlen(whose[i]);
        if (length > n && strncasecmp(unit, whose[i], n) == 0) {
            unit += n;
            length -= n;
            break;
        }
    }
    for (int i = 0; i < N_NOUNS; i++)
        if (strlen(nouns[i].text) == length && strncasecmp(nouns[i].text, unit, length) == 0)
            return i;
    return -1;
}

static int period_of(const char *text)
{
    for (int i = 0; i < N_PERIODS; i++)
        if (strcasecmp(periods[i].text, text) == 0)
            return i;
    return -1;
}

/* "users", "concurrentusers" */
static bool is_people(const char *unit)
{
    static const char *const words[] = {
        "users",    "user",   "people",    "clients", "seats",
        "sessions", "agents", "customers", "persons", "connections"
    };
    const size_t length = strlen(unit);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t n = strlen(words[i]);
        if (length >= n && strcasecmp(unit + length - n, words[i]) == 0)
            return true;
    }
    return false;
}

static bool no_rate(struct xo_error *why, const struct kind *kind, const struct parts *p)
{
    if (!is_people(p->unit))
        return takes(why, kind,
                     p->unit[0] == '\0' ? ", a number without a unit" : ", without \"per what\"");
    return xo_fail(
        why, XO_ERR_INPUT,
        ", which is no rate; it takes the requests that they send, such as 50k "
        "requests/day, or in place of volume and profile workload.clients = %g: a closed "
        "loop, where each sends its next request when the last is answered",
        p->number);
}

/* "docs/day": only who asks knows how many calls a document takes. */
static bool no_request(struct xo_error *why, const char *unit, size_t length, int period)
{
    const char *per = period < 0 ? "day" : periods[period].text;
    return xo_fail(why, XO_ERR_INPUT,
                   ", in %.*s; count the model calls that they take, and write requests/%s or "
                   "tokens/%s",
                   (int)length, unit, per, per);
}

bool volume_read(const char *text, double hours_per_month, double *per_month, bool *is_tokens,
                 struct xo_error *why)
{
    const struct kind *kind = kind_of("requests/month");
    struct parts p;
    if (!split(text, true, &p) || p.dollar)
        return takes(why, kind, "");
    const char *unit = spell_out(p.unit), *slash = strchr(unit, '/');
    if (slash == NULL)
        return no_rate(why, kind, &p);
    const size_t length = (size_t)(slash - unit);
    const int noun = noun_of(unit, length), period = period_of(slash + 1);
    if (noun < 0)
        return length == 0 ? takes(why, kind, ", of what?") : no_request(why, unit, length, period);
    if (period < 0)
        return takes(why, kind, ", per an unknown period");
    const double per_period = periods[period].power == 1 ? 1 / periods[period].hours
                                                         : hours_per_month / periods[period].hours;
    *is_tokens = nouns[noun].tokens;
    *per_month = p.number * per_period;
    if (!isfinite(*per_month))
        return takes(why, kind, ", too large");
    return true;
}

/* The spelling in which a kind is shown, and how many of its bases that is. */
static double shown_factor(const struct kind *kind)
{
    for (int i = 0; i < N_SPELLINGS; i++)
        if (strcmp(spellings[i].kind, kind->name) == 0 &&
            strcmp(spellings[i].text, kind->shown) == 0)
            return spellings[i].factor;
    return 1;
}

static const char *gap_before(const char *shown)
{
    return shown[0] == '\0' || shown[0] == '/' || shown[0] == '%' ? "" : " ";
}

const char *quantity_show(char *out, size_t size, const char *unit, double value)
{
    const struct kind *kind = kind_of(unit);
    char number[32];
    const double shown = value / shown_factor(kind);
    if (kind->magnitudes && !kind->money && fabs(shown) >= 1000)
        xo_text_count(number, sizeof number, shown, 3);
    else
        snprintf(number, sizeof number, "%.6g", shown);
    if (strcmp(kind->name, "time") == 0)
        return value == 0 ? (snprintf(out, size, "0 s"), out) : xo_text_duration(out, size, value);
    snprintf(out, size, "%s%s%s%s", kind->money ? "$" : "", number, gap_before(kind->shown),
             kind->shown);
    return out;
}

const char *quantity_exact(char *out, size_t size, const char *unit, double value)
{
    const struct kind *kind = kind_of(unit);
    char number[32];
    double shown = value / shown_factor(kind), back;
    const struct spelling *s = spelling_of(kind->name, kind->shown);
    back = s == NULL ? shown : times(shown, s->factor);
    for (int i = 0; i < 4 && back != value; i++) { /* the neighbour that reads back the same */
        shown = nextafter(shown, back < value ? INFINITY : -INFINITY);
        back = times(shown, s->factor);
    }
    snprintf(out, size, "%s%s%s%s", kind->money ? "$" : "", xo_text_exact(number, shown),
             gap_before(kind->shown), kind->shown);
    return out;
}
