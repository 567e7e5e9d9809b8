/* horizon.c - the section [horizon]: which months, how volume and prices go over them, and on what
 * terms machines are held.
 *
 * Months are numbered from 0. A date counts from the first month that begins on it or after it, for
 * changes of prices, for the end of a model and for the start alike. What may vary is worked out
 * with the money (resolve_drifts); a file of volumes is read once, and a what-if takes over what
 * its scenario read (resolve_horizon).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/delimited.h"
#include "resolve.h"
#include "values.h"
#include "xo/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MONTHS_A_YEAR = 12, LONG_AGO = -100000 };

/* ---- months ---- */

/* Months since the year 0 until the first that begins on this date or after it. */
static int month_from(const char *date)
{
    int year = 0, month = 1, day = 1;
    sscanf(date, "%4d-%2d-%2d", &year, &month, &day);
    return MONTHS_A_YEAR * year + month - 1 + (day > 1);
}

/* Of the horizon; below 0: before it. */
static int month_of(const struct xo_horizon_terms *t, const char *date)
{
    return month_from(date) - (MONTHS_A_YEAR * t->first_year + t->first_month - 1);
}

const char *xo_horizon_month(const struct xo_horizon_terms *t, int month, char out[XO_MONTH_SIZE])
{
    const int all = MONTHS_A_YEAR * t->first_year + t->first_month - 1 + month;
    snprintf(out, XO_MONTH_SIZE, "%04d-%02d", all / MONTHS_A_YEAR, all % MONTHS_A_YEAR + 1);
    return out;
}

int32_t xo_horizon_day(const struct xo_horizon_terms *t, int month)
{
    char first[XO_MONTH_SIZE + 4];
    xo_horizon_month(t, month, first);
    return (int32_t)date_days(strcat(first, "-01"));
}

static const char *horizon_text(const struct reader *r, int key)
{
    return store_text(r->store, S_HORIZON, key);
}

static double number(const struct reader *r, int key)
{
    return store_value(r->store, S_HORIZON, key);
}

static void resolve_start(struct reader *r)
{
    struct xo_horizon_terms *t = &r->s->horizon;
    const char *start = horizon_text(r, K_HORIZON_START);
    if (start == NULL || !date_read(start, true, NULL))
        start = date_read(r->s->as_of, false, NULL) ? r->s->as_of : "2000-01";
    const int first = month_from(start);
    t->first_year = first / MONTHS_A_YEAR;
    t->first_month = first % MONTHS_A_YEAR + 1;
}

/* ---- what changes ---- */

double xo_drift_factor(const struct xo_drift *d, int month)
{
    double factor = d->per_year == 0 ? 1 : pow(1 + d->per_year, (double)month / MONTHS_A_YEAR);
    for (int i = 0; i < d->n_changes && d->changes[i].month <= month; i++)
        factor *= d->changes[i].factor;
    return factor;
}

static void resolve_drift(const struct reader *r, int steps_key, int trend_key, struct xo_drift *d)
{
    struct dated_factors changes = { 0 };
    const char *text = horizon_text(r, steps_key);
    d->per_year = number(r, trend_key);
    d->n_changes = 0;
    if (text == NULL || !dated_read(text, &changes, NULL)) /* reported */
        return;
    d->n_changes = changes.n;
    for (int i = 0; i < changes.n; i++) {
        d->changes[i].month = month_of(&r->s->horizon, changes.at[i].date);
        d->changes[i].factor = changes.at[i].factor;
    }
}

/* The month of a day within the horizon; -1: it has none. */
static int event_month(const struct reader *r, int key)
{
    const char *date = horizon_text(r, key);
    if (date == NULL || !date_read(date, false, NULL))
        return -1;
    const int month = month_of(&r->s->horizon, date);
    return month < 0 || month >= r->s->horizon.n_months ? -1 : month;
}

static int whole(const struct reader *r, int key)
{
    return (int)nearbyint(number(r, key));
}

void resolve_drifts(struct reader *r)
{
    struct xo_horizon_terms *t = &r->s->horizon;
    const struct xo_store *store = r->store;
    const double capital = store_value(store, S_BUILD, K_BUILD_COST_OF_CAPITAL);
    const double yearly = store_number(store, S_HORIZON, K_HORIZON_YEARLY_GROWTH);
    resolve_start(r);
    t->n_months = whole(r, K_HORIZON_MONTHS);
    t->basis = (enum xo_basis)store_integer(store, S_HORIZON, K_HORIZON_BASIS);
    t->discount_per_year = store_number_or(store, S_HORIZON, K_HORIZON_DISCOUNT_RATE, capital);
    t->growth_per_month =
        isnan(yearly) ? number(r, K_HORIZON_GROWTH) : expm1(log1p(yearly) / MONTHS_A_YEAR);
    t->ceiling_factor = store_number_or(store, S_HORIZON, K_HORIZON_CEILING, INFINITY);
    resolve_drift(r, K_HORIZON_API_STEPS, K_HORIZON_API_TREND, &t->api);
    resolve_drift(r, K_HORIZON_RENT_STEPS, K_HORIZON_RENT_TREND, &t->rent);
    resolve_drift(r, K_HORIZON_POWER_STEPS, K_HORIZON_POWER_TREND, &t->power);
    resolve_drift(r, K_HORIZON_CAPACITY_STEPS, K_HORIZON_CAPACITY_TREND, &t->capacity);
    t->lead_months = whole(r, K_HORIZON_LEAD_TIME);
    t->parallel_months = whole(r, K_HORIZON_PARALLEL_RUN);
    t->reserve_months = whole(r, K_HORIZON_RESERVE_TERM);
    t->reserve_frac = number(r, K_HORIZON_RESERVE_PRICE);
    t->early_exit_frac = number(r, K_HORIZON_EARLY_EXIT);
    t->retire_month = event_month(r, K_HORIZON_RETIRE);
    t->retire_usd = store_number_or(store, S_HORIZON, K_HORIZON_RETIRE_ONE_OFF,
                                    store_value(store, S_BUILD, K_BUILD_ONE_OFF));
    t->api_retire_month = event_month(r, K_HORIZON_API_RETIRE);
    t->api_retire_usd = store_number_or(store, S_HORIZON, K_HORIZON_API_RETIRE_ONE_OFF,
                                        store_value(store, S_BUY, K_BUY_ONE_OFF));
}

/* ---- volume ---- */

/* The odds of the ceiling, V/(L - V), grow by the rate each month: far below it that is V's own
 * growth. The logistic curve: V(m) = L / (1 + (L/V(0) - 1) (1 + g)^-m). */
static double growth_factor(const struct xo_horizon_terms *t, int month)
{
    const double grown = pow(1 + t->growth_per_month, month), ceiling = t->ceiling_factor;
    return isinf(ceiling) ? grown : ceiling / (1 + (ceiling - 1) / grown);
}

double xo_horizon_volume(const struct xo_scenario *s, int month)
{
    const struct xo_horizon_terms *t = &s->horizon;
    const double volume =
        t->has_path
            ? t->path[month] *
                  (s->requests_per_month == t->path_plan ? 1 : s->requests_per_month / t->path_plan)
            : s->requests_per_month * growth_factor(t, month);
    return fmin(volume, XO_MOST_REQUESTS);
}

const char *xo_growth_key(const struct xo_scenario *s)
{
    return s->horizon.has_path                                ? "horizon.path"
           : xo_scenario_is_typed(s, K_HORIZON_YEARLY_GROWTH) ? "horizon.yearly_growth"
                                                              : "horizon.growth";
}

/* ---- a file of volumes ---- */

/* A row of the file: month of the horizon, and its volume. */
struct path_row {
    int month;
    double volume;
};

/* "2027-01" and a number of requests. */
static bool read_row(const struct xo_delimited *d, const int columns[2],
                     const struct xo_horizon_terms *t, struct path_row *row, struct xo_error *why)
{
    const char *month = d->fields[columns[0]], *text = d->fields[columns[1]], *rest;
    if (!date_read(month, true, NULL))
        return xo_delimited_fail(d, why, "month is \"%.40s\"; it takes a month such as 2027-01",
                                 month);
    row->month = month_of(t, month);
    if (!xo_text_number(text, &row->volume, &rest) || *rest != '\0' ||
        !(row->volume >= 1 && row->volume <= XO_MOST_REQUESTS))
        return xo_delimited_fail(
            d, why, "volume is \"%.40s\"; it takes requests a month from 1 to 10 T", text);
    return true;
}

static bool find_columns(const struct xo_delimited *d, int columns[2], struct xo_error *why)
{
    static const char *const names[2] = { "month", "volume" };
    for (int k = 0; k < 2; k++) {
        columns[k] = -1;
        for (int i = 0; i < d->n_fields; i++)
            if (strcmp(d->fields[i], names[k]) == 0)
                columns[k] = i;
        if (columns[k] < 0 && d->parted_by != NULL)
            return xo_delimited_refuse_parting(d, why);
        if (columns[k] < 0)
            return xo_delimited_fail(d, why, "there is no column \"%s\"; it takes month and volume",
                                     names[k]);
    }
    return true;
}

/* The volumes from one row to the next, on a straight line between them. */
static void draw_line(struct xo_horizon_terms *t, struct path_row from, struct path_row to)
{
    for (int m = from.month < 0 ? 0 : from.month; m <= to.month && m < t->n_months; m++) {
        const double part =
            to.month == from.month ? 1 : (double)(m - from.month) / (to.month - from.month);
        t->path[m] = from.volume + part * (to.volume - from.volume);
    }
}

static bool read_rows(struct xo_delimited *d, struct xo_horizon_terms *t, struct path_row *last,
                      struct xo_error *why)
{
    int columns[2];
    bool is_end;
    *last = (struct path_row){ LONG_AGO, NAN };
    if (!xo_delimited_header(d, &is_end, why))
        return false;
    if (is_end || !find_columns(d, columns, why))
        return !is_end ? false : xo_delimited_fail(d, why, "the file is empty");
    const int n_columns = d->n_fields;
    while (xo_delimited_next(d, &is_end, why)) {
        struct path_row row;
        if (is_end)
            return last->month != LONG_AGO || xo_delimited_fail(d, why, "there are no rows");
        if (!xo_delimited_split(d, why))
            return false;
        if (d->n_fields != n_columns)
            return xo_delimited_fail(d, why, "the line has %d fields, the header %d", d->n_fields,
                                     n_columns);
        if (!read_row(d, columns, t, &row, why))
            return false;
        if (row.month <= last->month)
            return xo_delimited_fail(d, why, "month is \"%.40s\"; months have to rise",
                                     d->fields[columns[0]]);
        if (last->month == LONG_AGO && row.month > 0) {
            char first[XO_MONTH_SIZE];
            return xo_delimited_fail(d, why,
                                     "the first month is \"%.40s\"; the horizon begins in %s",
                                     d->fields[columns[0]], xo_horizon_month(t, 0, first));
        }
        draw_line(t, last->month == LONG_AGO ? row : *last, row);
        *last = row;
    }
    return false;
}

static void read_path(struct reader *r, const struct xo_entry *e)
{
    enum { MOST_BYTES = 1 << 20 };
    struct xo_horizon_terms *t = &r->s->horizon;
    char folder[XO_PATH_SIZE], path[XO_PATH_SIZE + XO_VALUE_SIZE];
    struct path_row last;
    struct xo_error why = { 0 };
    folder_of(r->s->path, folder);
    path_beside(path, sizeof path, folder, e->value);
    struct xo_delimited d = { .what = "a path of volumes", .max_bytes = MOST_BYTES };
    bool ok = xo_delimited_open(&d, path, &why);
    if (ok) {
        ok = read_rows(&d, t, &last, &why);
        xo_delimited_close(&d);
    }
    if (!ok) {
        if (!memory_ran_out(r, &why))
            problem_entry(r, e, ": %s", why.text);
        return;
    }
    draw_line(t, last, (struct path_row){ t->n_months - 1, last.volume });
    char end[XO_MONTH_SIZE], till[XO_MONTH_SIZE];
    if (last.month < t->n_months - 1)
        warning_entry(r, e, ", which ends in %s; its last volume is taken to hold until %s",
                      xo_horizon_month(t, last.month, end),
                      xo_horizon_month(t, t->n_months - 1, till));
    t->has_path = true;
    t->path_plan = r->s->requests_per_month;
}

void resolve_horizon(struct reader *r)
{
    struct xo_horizon_terms *t = &r->s->horizon;
    const struct xo_entry *e = store_given(r->store, S_HORIZON, K_HORIZON_PATH);
    t->has_path = false;
    if (r->donor != NULL) {
        t->has_path = r->donor->horizon.has_path;
        t->path_plan = r->donor->horizon.path_plan;
        memcpy(t->path, r->donor->horizon.path, sizeof t->path);
    } else if (e != NULL && e->value[0] != '\0') {
        read_path(r, e);
    }
}

/* ---- what goes together ---- */

static const struct xo_entry *given(const struct reader *r, int key)
{
    return store_given(r->store, S_HORIZON, key);
}

static void check_whole(struct reader *r)
{
    static const int keys[] = { K_HORIZON_MONTHS, K_HORIZON_LEAD_TIME, K_HORIZON_PARALLEL_RUN,
                                K_HORIZON_RESERVE_TERM };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct xo_entry *e = given(r, keys[i]);
        if (e != NULL && !isnan(e->number) && e->number != nearbyint(e->number))
            problem_entry(r, e, ", %.4g months; it takes whole months", e->number);
    }
    const struct xo_horizon_terms *t = &r->s->horizon;
    const struct xo_entry *lead = given(r, K_HORIZON_LEAD_TIME);
    if (lead != NULL && t->lead_months >= t->n_months)
        problem_entry(r, lead, ", which no month of a horizon of %d is left after", t->n_months);
}

/* Dates that lie before what they change, or behind the last month. */
static void check_dates(struct reader *r)
{
    static const int steps[] = { K_HORIZON_API_STEPS, K_HORIZON_RENT_STEPS, K_HORIZON_POWER_STEPS,
                                 K_HORIZON_CAPACITY_STEPS };
    static const int days[] = { K_HORIZON_RETIRE, K_HORIZON_API_RETIRE };
    const struct xo_scenario *s = r->s;
    const struct xo_entry *start = given(r, K_HORIZON_START);
    if (s->as_of[0] == '\0')
        return;
    if (start != NULL && date_read(start->value, true, NULL) &&
        strncmp(start->value, s->as_of, 7) < 0)
        problem_entry(r, start, ", before scenario.as_of (%s), the day of its prices", s->as_of);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const struct xo_entry *e = given(r, steps[i]);
        struct dated_factors changes;
        if (e == NULL || !dated_read(e->value, &changes, NULL))
            continue;
        if (strcmp(changes.at[0].date, s->as_of) <= 0)
            problem_entry(r, e, "; %s is not after scenario.as_of (%s), whose prices have it",
                          changes.at[0].date, s->as_of);
        if (month_of(&s->horizon, changes.at[changes.n - 1].date) >= s->horizon.n_months)
            warning_entry(r, e, "; %s is after the last month, and changes nothing",
                          changes.at[changes.n - 1].date);
    }
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        const struct xo_entry *e = given(r, days[i]);
        if (e == NULL || !date_read(e->value, false, NULL))
            continue;
        if (month_of(&s->horizon, e->value) < 0)
            problem_entry(r, e, ", before the first month of the horizon");
        else if (month_of(&s->horizon, e->value) >= s->horizon.n_months)
            warning_entry(r, e, ", after the last month, and changes nothing");
    }
}

static void needs(struct reader *r, int key, int needed)
{
    const struct xo_entry *e = given(r, key);
    if (e != NULL && given(r, needed) == NULL)
        problem_entry(r, e, ", which needs \"%s\": %s", xo_keys[needed].name, xo_keys[needed].help);
}

static void excludes(struct reader *r, int key, int other)
{
    const struct xo_entry *e = given(r, key), *o = given(r, other);
    if (e != NULL && o != NULL)
        problem_entry(r, e, ", and there is %s; delete one of them", xo_keys[other].name);
}

/* A volume that grows beyond anything that is served. */
static void check_growth(struct reader *r)
{
    const struct xo_scenario *s = r->s;
    const struct xo_entry *e = given(r, K_HORIZON_YEARLY_GROWTH) != NULL
                                   ? given(r, K_HORIZON_YEARLY_GROWTH)
                                   : given(r, K_HORIZON_GROWTH);
    char month[XO_MONTH_SIZE];
    if (e == NULL || s->horizon.has_path || isnan(s->requests_per_month)) /* of clients */
        return;
    for (int m = 0; m < s->horizon.n_months; m++)
        if (xo_horizon_volume(s, m) >= XO_MOST_REQUESTS) {
            problem_entry(r, e, ", which reaches 10 T requests a month in %s; it takes less",
                          xo_horizon_month(&s->horizon, m, month));
            return;
        }
}

void check_horizon(struct reader *r)
{
    static const int growths[] = { K_HORIZON_GROWTH, K_HORIZON_YEARLY_GROWTH, K_HORIZON_CEILING };
    const struct xo_entry *ceiling = given(r, K_HORIZON_CEILING);
    const struct xo_entry *term = given(r, K_HORIZON_RESERVE_TERM);
    const struct xo_entry *tenure = store_given(r->store, S_BUILD, K_BUILD_TENURE);
    if (!r->store->groups[S_HORIZON].given)
        return;
    check_whole(r);
    check_dates(r);
    for (size_t i = 0; i < sizeof growths / sizeof *growths; i++)
        excludes(r, growths[i], K_HORIZON_PATH);
    excludes(r, K_HORIZON_GROWTH, K_HORIZON_YEARLY_GROWTH);
    if (ceiling != NULL && given(r, K_HORIZON_GROWTH) == NULL &&
        given(r, K_HORIZON_YEARLY_GROWTH) == NULL && given(r, K_HORIZON_PATH) == NULL)
        problem_entry(r, ceiling, ", which needs \"growth\": %s", xo_keys[K_HORIZON_GROWTH].help);
    needs(r, K_HORIZON_RESERVE_PRICE, K_HORIZON_RESERVE_TERM);
    needs(r, K_HORIZON_EARLY_EXIT, K_HORIZON_RESERVE_TERM);
    needs(r, K_HORIZON_RETIRE_ONE_OFF, K_HORIZON_RETIRE);
    needs(r, K_HORIZON_API_RETIRE_ONE_OFF, K_HORIZON_API_RETIRE);
    if (term != NULL && tenure != NULL && tenure->number > XO_RENT)
        problem_entry(r, term, ", and build.tenure is %s: what is rented is reserved",
                      tenure->value);
    check_growth(r);
}
