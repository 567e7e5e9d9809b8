/* text.c - text to number, number to text, the nearest known word.
 *
 * There is no state. Numbers are read and written with a decimal point whatever the locale, and
 * commas part thousands alone: "0,500" is read up to the comma, for it is somebody's decimal comma,
 * not five hundred. What xo_text_exact writes reads back as the same double; the others round for
 * people. Buffers are the caller's, and always end in a NUL. Begin with xo_text_number,
 * xo_text_count and xo_text_exact.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/text.h"

#include "digits.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_SIZE = 512, /* characters of one number; a longer one is refused */
    WORD_SIZE = 128,   /* letters compared by xo_text_nearest */
    PLAIN_SIZE = 512,  /* digits of the largest double, with its thousands marks */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* glibc hands out one static object for "C", so this neither allocates nor needs freelocale. */
static locale_t plain_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* snprintf of one double with a decimal point whatever the locale; format takes (int, double). */
__attribute__((format(printf, 3, 0))) static void
print_double(char *out, size_t size, const char *format, int precision, double value)
{
    const locale_t before = uselocale(plain_locale());
    snprintf(out, size, format, precision, value);
    uselocale(before);
}

static const char *skip_digits(const char *s)
{
    while (is_digit(*s))
        s++;
    return s;
}

static bool is_group(const char *s) /* ",ddd" and no fourth digit */
{
    return s[0] == ',' && is_digit(s[1]) && is_digit(s[2]) && is_digit(s[3]) && !is_digit(s[4]);
}

/* The end of the digits before the point; groups of three when the first has one to three digits
 * and no leading zero ("0,500" is somebody's decimal comma, not five hundred). */
static const char *skip_whole(const char *s)
{
    const char *end = skip_digits(s);
    if (end - s < 1 || end - s > 3 || *s == '0')
        return end;
    while (is_group(end))
        end += 4;
    return end;
}

static const char *skip_exponent(const char *s)
{
    if (*s != 'e' && *s != 'E')
        return s;
    const char *digits = s + 1 + (s[1] == '+' || s[1] == '-');
    return is_digit(*digits) ? skip_digits(digits) : s;
}

/* The end of the number that starts at s; s itself when there is none. */
static const char *number_end(const char *s)
{
    const char *whole = s + (*s == '+' || *s == '-');
    const char *end = skip_whole(whole);
    ptrdiff_t n_digits = end - whole;
    if (n_digits == 1 && *whole == '0' && (*end == 'x' || *end == 'X'))
        return s;
    if (*end == '.') {
        const char *fraction = end + 1;
        end = skip_digits(fraction);
        n_digits += end - fraction;
    }
    return n_digits == 0 ? s : skip_exponent(end);
}

bool xo_text_number(const char *text, double *value, const char **rest)
{
    const char *end = number_end(text);
    if (end == text || end - text >= NUMBER_SIZE)
        return false;
    char digits[NUMBER_SIZE];
    size_t n = 0;
    for (const char *s = text; s < end; s++)
        if (*s != ',')
            digits[n++] = *s;
    digits[n] = '\0';
    const double read = strtod_l(digits, NULL, plain_locale());
    if (!isfinite(read))
        return false;
    *value = read;
    *rest = end;
    return true;
}

bool xo_text_integer(const char *text, int64_t *value)
{
    while (is_blank(*text))
        text++;
    if (!is_digit(text[0] == '-' || text[0] == '+' ? text[1] : text[0]))
        return false;
    char *end;
    errno = 0;
    const long long read = strtoll(text, &end, 10);
    while (is_blank(*end))
        end++;
    if (errno != 0 || *end != '\0')
        return false;
    *value = read;
    return true;
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, by the
 * table d[i][j] = distance of the first i letters of a from the first j of b, three rows at a time.
 * Source: Boytsov, ACM JEA 16, 2011, section 2.1. Both words shorter than WORD_SIZE. */
static int edit_distance(const char *a, int n_a, const char *b, int n_b)
{
    int rows[3][WORD_SIZE];
    int *older = rows[0], *old = rows[1], *now = rows[2];
    for (int j = 0; j <= n_b; j++)
        now[j] = j;
    for (int i = 1; i <= n_a; i++) {
        int *spare = older;
        older = old;
        old = now;
        now = spare;
        now[0] = i;
        for (int j = 1; j <= n_b; j++) {
            now[j] = min_int(old[j - 1] + !same_letter(a[i - 1], b[j - 1]),
                             min_int(old[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1]))
                now[j] = min_int(now[j], older[j - 2] + 1);
        }
    }
    return now[n_b];
}

const char *xo_text_nearest(const char *word, const char *const *names, size_t n_names)
{
    const char *best = NULL;
    int best_distance = INT_MAX;
    const size_t n_word = strlen(word);
    for (size_t i = 0; i < n_names && n_word < WORD_SIZE; i++) {
        const size_t n_name = strlen(names[i]);
        if (n_name >= WORD_SIZE)
            continue;
        const int distance = edit_distance(word, (int)n_word, names[i], (int)n_name);
        const int longer = (int)(n_word > n_name ? n_word : n_name);
        if (distance < best_distance && 3 * distance <= longer) {
            best = names[i];
            best_distance = distance;
        }
    }
    return best;
}

static char folded(char c)
{
    return c == '_' || c == ' ' ? '-' : (char)tolower((unsigned char)c);
}

static bool begins_here(const char *name, const char *start)
{
    while (*start != '\0' && folded(*name) == folded(*start)) {
        name++;
        start++;
    }
    return *start == '\0';
}

bool xo_text_begins(const char *name, const char *start)
{
    if (begins_here(name, start))
        return true;
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/'))
        if (begins_here(slash + 1, start))
            return true;
    return false;
}

char *xo_text_trim(char *text)
{
    while (is_blank(*text))
        text++;
    size_t n = strlen(text);
    while (n > 0 && is_blank(text[n - 1]))
        n--;
    text[n] = '\0';
    return text;
}

void xo_text_copy(char *to, size_t size, const char *from)
{
    assert(size > 0);
    const size_t n = strnlen(from, size - 1);
    memmove(to, from, n);
    to[n] = '\0';
}

/* Decimals that show `digits` significant digits of value. */
static int decimals_for(double value, int digits)
{
    if (value == 0)
        return 0;
    const int decimals = digits - 1 - (int)floor(log10(fabs(value)));
    return decimals > 0 ? decimals : 0;
}

/* value, already rounded, without an exponent where it is at least 1e-9 and without trailing zeros
 * after its point. */
static void print_plain(char *out, size_t size, double value, int digits)
{
    if (value != 0 && fabs(value) < 1e-9) {
        print_double(out, size, "%.*g", digits, value);
        return;
    }
    print_double(out, size, "%.*f", decimals_for(value, digits), value);
    if (strchr(out, '.') == NULL)
        return;
    size_t n = strlen(out);
    while (out[n - 1] == '0')
        n--;
    out[out[n - 1] == '.' ? n - 1 : n] = '\0';
}

struct scale {
    double from, size; /* used for values from `from` on, counted in units of `size` */
    const char *unit;
};

/* value in the last of scales[n] (ascending) that it reaches once rounded to `digits`. */
static const char *print_scaled(char *out, size_t size, double value, int digits,
                                const struct scale scales[], int n)
{
    char plain[PLAIN_SIZE];
    const double rounded = xo_round_significant(value, digits);
    int i = n - 1;
    while (i > 0 && fabs(rounded) < scales[i].from)
        i--;
    print_plain(plain, sizeof plain, xo_round_significant(value / scales[i].size, digits), digits);
    snprintf(out, size, "%s%s", plain, scales[i].unit);
    return out;
}

const char *xo_text_count(char *out, size_t size, double value, int digits)
{
    static const struct scale scales[] = {
        { 0, 1, "" },       { 1e3, 1e3, " k" },   { 1e6, 1e6, " M" },
        { 1e9, 1e9, " B" }, { 1e12, 1e12, " T" },
    };
    if (isfinite(value))
        return print_scaled(out, size, value == 0 ? 0 : value, digits, scales, 5);
    xo_text_copy(out, size, "-");
    return out;
}

/* Copy an unsigned decimal number, a comma before each group of three digits of its whole part. */
static void add_thousands(char *out, size_t size, const char *plain)
{
    const size_t n_whole = strcspn(plain, ".");
    size_t n = 0;
    for (size_t i = 0; plain[i] != '\0'; i++) {
        if (i > 0 && i < n_whole && (n_whole - i) % 3 == 0 && n + 1 < size)
            out[n++] = ',';
        if (n + 1 < size)
            out[n++] = plain[i];
    }
    out[n] = '\0';
}

const char *xo_text_whole(char *out, size_t size, double value)
{
    char plain[PLAIN_SIZE];
    if (!(value >= 0) || isinf(value)) {
        xo_text_copy(out, size, "-");
        return out;
    }
    print_double(plain, sizeof plain, "%.*f", 0, round(value));
    add_thousands(out, size, plain);
    return out;
}

const char *xo_text_amount(char *out, size_t size, double value)
{
    const double whole = round(value);
    return whole >= 1000 && whole < 1e6 ? xo_text_whole(out, size, whole)
                                        : xo_text_count(out, size, value, 3);
}

static bool is_whole_cents(double usd)
{
    const double cents = round(usd * 100);
    return cents > 0 && fabs(usd * 100 - cents) < 1e-6;
}

const char *xo_text_usd(char *out, size_t size, double usd, int digits)
{
    if (!isfinite(usd)) {
        xo_text_copy(out, size, "-");
        return out;
    }
    double value = fabs(usd);
    int decimals = 0;
    if (digits == 0 && value < 0.1 && !is_whole_cents(value))
        digits = 2; /* cents would show one digit of it, or nothing */
    if (digits > 0)
        value = xo_round_significant(value, digits);
    else if (value < 10)
        value = round(value * 100) / 100;
    if (value > 0 && value < 10) {
        decimals = decimals_for(value, digits);
        decimals = decimals > 2 ? decimals : 2;
    }
    char plain[2 * PLAIN_SIZE], marked[2 * PLAIN_SIZE];
    print_double(plain, sizeof plain, "%.*f", decimals, value);
    add_thousands(marked, sizeof marked, plain);
    const bool is_zero = strspn(plain, "0.") == strlen(plain);
    snprintf(out, size, "%s$%s", usd < 0 && !is_zero ? "-" : "", marked);
    return out;
}

const char *xo_text_duration(char *out, size_t size, double seconds)
{
    static const struct scale scales[] = {
        { 0, 1e-6, " us" },  { 1e-3, 1e-3, " ms" }, { 1, 1, " s" },
        { 120, 60, " min" }, { 3600, 3600, " h" },  { 172800, 86400, " days" },
    };
    if (!isfinite(seconds)) {
        xo_text_copy(out, size, "-");
        return out;
    }
    if (seconds == 0)
        return print_scaled(out, size, 0, 3, &scales[2], 1);
    return print_scaled(out, size, seconds, 3, scales, 6);
}

double xo_round_significant(double value, int digits)
{
    assert(digits >= 1);
    if (value == 0 || !isfinite(value))
        return value;
    char text[64];
    print_double(text, sizeof text, "%.*e", (digits > 17 ? 17 : digits) - 1, value);
    const double rounded = strtod_l(text, NULL, plain_locale());
    return isfinite(rounded) ? rounded : value;
}

const char *xo_text_exact(char out[32], double value)
{
    out[0] = '\0';
    if (!isfinite(value) || digits_shortest(out, value))
        return out;
    /* A normal number that has 15 digits or fewer comes back from %.15g with just those. */
    int precision = fabs(value) < DBL_MIN ? 1 : 15;
    do
        print_double(out, 32, "%.*g", precision, value);
    while (strtod_l(out, NULL, plain_locale()) != value && precision++ < 17);
    return out;
}

/* ---- characters ---- */

static bool continues(char byte) /* a byte of a UTF-8 character that is not its first */
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

size_t xo_text_character(const char *text, size_t n, uint32_t *code)
{
    const unsigned char *u = (const unsigned char *)text;
    static const struct {
        unsigned char lead_lo, lead_hi, next_lo, next_hi;
        size_t bytes;
    } forms[] = {
        { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 }, { 0xE1, 0xEC, 0x80, 0xBF, 3 },
        { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 },
        { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };
    *code = u[0];
    if (u[0] < 0x80)
        return 1;
    for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
        const size_t bytes = forms[f].bytes;
        if (u[0] < forms[f].lead_lo || u[0] > forms[f].lead_hi)
            continue;
        if (n < bytes || u[1] < forms[f].next_lo || u[1] > forms[f].next_hi)
            return 0;
        *code = u[0] & (0x7Fu >> bytes);
        for (size_t i = 1; i < bytes; i++) {
            if (!continues(text[i]))
                return 0;
            *code = *code << 6 | (u[i] & 0x3F);
        }
        return bytes;
    }
    return 0;
}

bool xo_text_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029;
}

/* Default_Ignorable_Code_Point, which holds all of Bidi_Control.
 * Source: Unicode 14.0.0, DerivedCoreProperties.txt: 4,174 code points in 17 ranges; and
 * PropList.txt: 12. */
bool xo_text_is_invisible(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        { 0x00AD, 0x00AD },   { 0x034F, 0x034F }, { 0x061C, 0x061C },   { 0x115F, 0x1160 },
        { 0x17B4, 0x17B5 },   { 0x180B, 0x180F }, { 0x200B, 0x200F },   { 0x202A, 0x202E },
        { 0x2060, 0x206F },   { 0x3164, 0x3164 }, { 0xFE00, 0xFE0F },   { 0xFEFF, 0xFEFF },
        { 0xFFA0, 0xFFA0 },   { 0xFFF0, 0xFFF8 }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
        { 0xE0000, 0xE0FFF },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0] && code >= ranges[i].first; i++)
        if (code <= ranges[i].last)
            return true;
    return false;
}

size_t xo_text_show(const char *text, char out[XO_SHOWN_SIZE])
{
    uint32_t code = 0;
    const size_t bytes = xo_text_character(text, strnlen(text, 4), &code);
    if (bytes == 0)
        strcpy(out, "\xEF\xBF\xBD");
    else if (xo_text_is_control(code))
        strcpy(out, " ");
    else if (xo_text_is_invisible(code))
        snprintf(out, XO_SHOWN_SIZE, "<U+%04X>", (unsigned)code);
    else
        xo_text_copy(out, bytes + 1, text);
    return bytes > 0 ? bytes : 1;
}
