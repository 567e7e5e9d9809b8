/* trace_date.c - dates of a trace: text to seconds since 1970 and back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

/* Nothing, Z, or +hh:mm (+hhmm, +hh) ahead of universal time. */
static const char *read_zone(const char *text, int *seconds)
{
    int hour, minute = 0;
    *seconds = 0;
    if (*text == 'Z')
        return text + 1;
    if (*text != '+' && *text != '-')
        return text;
    const int sign = *text == '+' ? 1 : -1;
    if ((text = digits(text + 1, 2, 0, 23, &hour)) == NULL)
        return NULL;
    if (*text != '\0' && (text = digits(text + (*text == ':'), 2, 0, 59, &minute)) == NULL)
        return NULL;
    *seconds = sign * (hour * 3600 + minute * 60);
    return text;
}

bool xo_trace_date_read(const char *text, struct xo_trace_date *date)
{
    int64_t day;
    int clock, zone;
    double frac_s;
    if ((text = literal(read_day(text, &day), " T")) == NULL ||
        (text = read_clock(text, &clock, &frac_s)) == NULL)
        return false;
    const bool has_zone = *text != '\0';
    if ((text = read_zone(text, &zone)) == NULL || *text != '\0')
        return false;
    *date = (struct xo_trace_date){ day * 86400 + clock - zone, frac_s, has_zone };
    return true;
}

/* The inverse of days_from_civil, from the same source. */
static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const int64_t of_era = days - era * 146097;
    const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

void xo_trace_date_text(char out[XO_TRACE_STAMP_SIZE], int64_t whole_s, double frac_s)
{
    int year, month, day;
    const int64_t all_ms = whole_s * 1000 + (int64_t)floor(frac_s * 1000 + 0.5);
    int64_t days = all_ms / 86400000, ms = all_ms % 86400000;
    if (ms < 0) {
        ms += 86400000;
        days--;
    }
    civil_from_days(days, &year, &month, &day);
    const int n = snprintf(out, XO_TRACE_STAMP_SIZE, "%04d-%02d-%02d %02d:%02d:%02d", year, month,
                           day, (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60));
    if (ms % 1000 != 0 && n > 0 && n < XO_TRACE_STAMP_SIZE)
        snprintf(out + n, XO_TRACE_STAMP_SIZE - (size_t)n, ".%03d", (int)(ms % 1000));
}
