/* xo/text.h - text to number, number to text, and the nearest known word.
 *
 * Everything here ignores the locale, so that a decimal comma can never get into a CSV.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TEXT_H
#define XO_TEXT_H

#include "xo/error.h"
#include <stddef.h>
#include <stdint.h>

/* Read a decimal number ("12", "-1.5", "2.5e-6", "50,000": commas between groups of three are taken
 * out) from the start of `text`. On success *value is finite and *rest points at the first
 * character after it. False, outputs untouched, when no number stands there, or when it overflows,
 * is "nan", "inf", hexadecimal or longer than 511 characters. */
XO_MUST_USE bool xo_text_number(const char *text, double *value, const char **rest);

/* The whole of `text`, blanks around it allowed, as an integer in base 10. */
XO_MUST_USE bool xo_text_integer(const char *text, int64_t *value);

/* The nearest of `names` to `word` by edit distance with transpositions (Damerau-Levenshtein,
 * optimal string alignment), ignoring case; NULL when none is near enough to be a plausible typing
 * error (more than a third of the longer word's letters differ). names[n_names]; borrowed. */
const char *xo_text_nearest(const char *word, const char *const *names, size_t n_names);

/* Does `name`, or what follows a slash in it, begin with `start`? Letter case does not count, nor
 * which of blank, dash and underscore parts words. Everything begins with "". */
bool xo_text_begins(const char *name, const char *start);

/* Trim blanks at both ends of `text`, in place; returns its first non-blank character. */
char *xo_text_trim(char *text);

/* Copy `from` into `to[size]`, cut to fit, always terminated. */
void xo_text_copy(char *to, size_t size, const char *from);

/* Count with a planner's suffix in three significant digits: 950, 1.5 k, 3.75 M, 14 B, 2 T.
 * `digits` significant digits (2 or 3); trailing zeros after the point are dropped. Writes at most
 * `size` bytes to `out` and returns it. NaN and infinities print as "-". */
const char *xo_text_count(char *out, size_t size, double value, int digits);

/* A whole number with thousands marks, every digit of it: 1,048,576. Rounded; of one that is
 * negative or not finite "-". */
const char *xo_text_whole(char *out, size_t size, double value);

/* Count for a sentence: thousands marks below a million (87,600), three significant digits below a
 * thousand and, with xo_text_count's suffix, from a million on. */
const char *xo_text_amount(char *out, size_t size, double value);

/* Whole dollars with thousands marks, rounded to `digits` significant digits (0: to the dollar):
 * -12,600 prints "-$12,600". Below $10 it keeps cents ($3.50), and more decimals where `digits`
 * asks for them ($0.062) or where cents would show one digit or none ($0.013, $0.0035): only 0
 * prints "$0". NaN and infinities print as "-". */
const char *xo_text_usd(char *out, size_t size, double usd, int digits);

/* Seconds as "850 us", "45 ms", "2 s", "1.5 h": three significant digits. Minutes begin at two,
 * days at two; NaN and infinities print as "-". */
const char *xo_text_duration(char *out, size_t size, double seconds);

/* value rounded to `digits` significant digits; 0, NaN and infinities are returned as they are. */
double xo_round_significant(double value, int digits);

/* The shortest decimal text that reads back as exactly `value` (at most 25 bytes with the final 0);
 * for CSV and JSON. NaN and infinities give "". */
const char *xo_text_exact(char out[32], double value);

/* ---- characters ---- */

/* Bytes of the UTF-8 character at `text`, of which n > 0 bytes are there, and its *code; 0 when it
 * is none (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
size_t xo_text_character(const char *text, size_t n, uint32_t *code);
/* A character that a terminal, a table or a script takes as an order: C0, DEL, C1, and the two that
 * end a line or paragraph. */
bool xo_text_is_control(uint32_t code);
/* One that nobody sees, or that turns the order of others around. */
bool xo_text_is_invisible(uint32_t code);
/* How the first character of `text`, which is not empty, is shown: as it is, "<U+202E>" where it is
 * invisible, a blank where it is a control character, U+FFFD where it is none. Returns how many
 * bytes of `text` that were. */
enum { XO_SHOWN_SIZE = 16 };
size_t xo_text_show(const char *text, char out[XO_SHOWN_SIZE]);

#endif
