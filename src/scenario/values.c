/* values.c - one entry's text by the type of its key: choices, lists, dates, steps, ranges.
 *
 * It works on the entries of a store, one after the other. Invariant: the first n_read of them have
 * been read: their text was found to be of the key's type and in its range, and where it is one
 * number, e->number has it; else a problem was reported and the number stays NAN. How long a month
 * is has to be known before (read.c).
 *
 * Staff, tiers, arrivals, hours and lists are read here to be checked, and once more where they are
 * used (resolve.c, money.c, catalog.c); there an error is passed over, for it was reported here.
 * Distributions wait for resolve.c, which knows the folder that their files lie in, and lines of
 * [uncertain] for uncertain.c. Prices may hold thousands marks, so a list of them parts at a comma
 * and a blank. Begin with read_value and read_values.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "values.h"
#include "xo/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- choices ---- */

static char folded(char c)
{
    return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_word(const char *a, const char *b)
{
    while (*a != '\0' && folded(*a) == folded(*b)) {
        a++;
        b++;
    }
    return folded(*a) == folded(*b);
}

static bool is_storage_type(int key)
{
    return key == K_BUILD_WEIGHTS || key == K_BUILD_KV || key == K_MODEL_WEIGHTS;
}

int choice_of(int key, const char *text)
{
    const char *const *words = xo_keys[key].choices;
    struct precision p;
    for (int i = 0; words[i] != NULL; i++)
        if (same_word(words[i], text))
            return i;
    return is_storage_type(key) && precision_read(text, &p) ? p.type : -1;
}

static void bad_choice(struct reader *r, const struct xo_entry *e, const char *item)
{
    const struct xo_key *k = &xo_keys[e->key];
    char words[XO_CHOICES_SIZE], hint[80], what[100] = "";
    const char *names[MAX_LIST];
    size_t n = 0;
    for (; k->choices[n] != NULL && n < MAX_LIST; n++)
        names[n] = k->choices[n];
    did_you_mean(hint, sizeof hint, xo_text_nearest(item, names, n));
    struct precision p;
    if (strcmp(item, e->value) != 0)
        snprintf(what, sizeof what, " with \"%.60s\"", item);
    if (is_storage_type(e->key) && precision_read(item, &p))
        problem_entry(r, e, "%s, %s", what, p.why);
    else if (is_storage_type(e->key) && strcasecmp(item, "auto") == 0)
        problem_entry(r, e, "%s; leave the key out: %s", what, k->help);
    else
        problem_entry(r, e, "%s; it takes %s%s", what, xo_key_choices(k, words), hint);
}

/* ---- lists ---- */

int list_split(const char *text, bool blanks_too, char copy[XO_VALUE_SIZE],
               const char *items[MAX_LIST])
{
    xo_text_copy(copy, XO_VALUE_SIZE, text);
    int n = 0;
    for (char *next = copy; next != NULL;) {
        char *item = blanks_too ? next + strspn(next, ", \t") : next;
        if (blanks_too && *item == '\0' && n > 0)
            break;
        next = strpbrk(item, blanks_too ? ", \t" : ",");
        if (next != NULL)
            *next++ = '\0';
        item = xo_text_trim(item);
        if (*item == '\0' || n == MAX_LIST)
            return -1;
        items[n++] = item;
    }
    return n;
}

/* Prices may hold thousands marks, so a list of them parts at a comma and a blank. */
int prices_split(const char *text, char copy[XO_VALUE_SIZE], const char *items[MAX_LIST])
{
    xo_text_copy(copy, XO_VALUE_SIZE, text);
    int n = 0;
    for (char *item = copy; item != NULL;) {
        char *next = strstr(item, ", ");
        if (next != NULL) {
            *next = '\0';
            next += 2;
        }
        item = xo_text_trim(item);
        if (*item == '\0' || n == MAX_LIST)
            return -1;
        items[n++] = item;
        item = next;
    }
    return n;
}

bool is_price_list(const char *text)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    return text != NULL && prices_split(text, copy, items) > 1;
}

/* ---- dates and times of the week ---- */

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool digits(const char *text, int n, int *value)
{
    *value = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = 10 * *value + text[i] - '0';
    }
    return true;
}

bool date_read(const char *text, bool month_only, struct xo_error *why)
{
    int year, month, day = 1;
    const size_t length = strlen(text);
    const bool shape = length >= 7 && digits(text, 4, &year) && text[4] == '-' &&
                       digits(text + 5, 2, &month) && year >= 2000 && month >= 1 && month <= 12;
    const bool has_day = shape && length == 10 && text[7] == '-' && digits(text + 8, 2, &day) &&
                         day >= 1 && day <= days_in_month(year, month);
    if (shape && (has_day ? !month_only : month_only && length == 7))
        return true;
    return xo_fail(why, XO_ERR_INPUT, "; it takes a %s",
                   month_only ? "month such as 2026-10" : "date such as 2026-11-22");
}

long date_days(const char *date)
{
    int year, month, day = 1;
    if (!digits(date, 4, &year) || !digits(date + 5, 2, &month))
        return 0;
    if (strlen(date) >= 10 && !digits(date + 8, 2, &day))
        return 0;
    long days = day - 1;
    for (int y = 1970; y < year; y++)
        days += 337 + days_in_month(y, 2);
    for (int m = 1; m < month; m++)
        days += days_in_month(year, m);
    return days;
}

/* "Mon" or "monday": 0; -1: none. */
static int day_read(const char *text, size_t length)
{
    static const char *const days[] = { "monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday" };
    for (int d = 0; d < 7; d++)
        if ((length == 3 || length == strlen(days[d])) && strncasecmp(text, days[d], length) == 0)
            return d;
    return -1;
}

bool weektime_read(const char *text, double hours_per_month, double *seconds, struct xo_error *why)
{
    const size_t word = strcspn(text, " ");
    const char *clock = text + word + strspn(text + word, " ");
    const int day = day_read(text, word);
    const size_t colon = strcspn(clock, ":");
    int hour, minute;
    if (day >= 0 && colon >= 1 && colon <= 2 && strlen(clock) == colon + 3 &&
        digits(clock, (int)colon, &hour) && digits(clock + colon + 1, 2, &minute) && hour < 24 &&
        minute < 60) {
        *seconds = 86400.0 * day + 3600.0 * hour + 60.0 * minute;
        return true;
    }
    if (quantity_read("time", text, hours_per_month, seconds, NULL))
        return true;
    return xo_fail(why, XO_ERR_INPUT,
                   "; it takes a time of the week such as Mon 09:00 or 33 h (since Monday 00:00)");
}

bool timezone_read(const char *text, int *minutes, struct xo_error *why)
{
    int hour = 0, minute = 0;
    const bool named = strncasecmp(text, "utc", 3) == 0;
    const char *rest = named ? text + 3 : text;
    const size_t n = strspn(rest, "+-0123456789:"), colon = strcspn(rest, ":");
    const size_t whole = colon < n ? colon : n; /* a sign and the hours */
    const bool sign = rest[0] == '+' || rest[0] == '-';
    const bool hours =
        sign && (whole == 2 || whole == 3) && digits(rest + 1, (int)whole - 1, &hour);
    const bool minutes_too = colon < n && n == colon + 3 && digits(rest + colon + 1, 2, &minute);
    *minutes = rest[0] == '-' ? -(60 * hour + minute) : 60 * hour + minute;
    if ((named && *rest == '\0') ||
        (hours && rest[n] == '\0' && (colon >= n || minutes_too) && hour <= 14 && minute < 60))
        return true;
    return xo_fail(why, XO_ERR_INPUT,
                   "; it takes UTC, or hours ahead of it or behind such as UTC+2 or UTC-5:30");
}

/* ---- hours of the week ---- */

enum { DAY_MIN = 1440, WEEK_MIN = 7 * DAY_MIN };

/* "01:00" or "24:00"; the character behind it, or NULL. */
static const char *clock_read(const char *text, int *minutes)
{
    int hour, minute;
    const size_t colon = strcspn(text, ":");
    if (colon < 1 || colon > 2 || !digits(text, (int)colon, &hour) || text[colon] != ':' ||
        !digits(text + colon + 1, 2, &minute))
        return NULL;
    *minutes = 60 * hour + minute;
    return minute < 60 && *minutes <= DAY_MIN ? text + colon + 3 : NULL;
}

/* Days "Mon" or "Mon-Fri" (may wrap: Sat-Mon; left out: every day), from and to within a day; to at
 * or before from: on the next day. Sets the minutes of the week that they cover. */
static bool window_mark(const char *item, bool covered[WEEK_MIN])
{
    const bool daily = item[0] >= '0' && item[0] <= '9';
    const size_t word = daily ? 0 : strcspn(item, " "), dash = strcspn(item, "-");
    const char *clock = item + word + strspn(item + word, " ");
    const int first = daily ? 0 : day_read(item, dash < word ? dash : word);
    const int last = daily ? 6 : dash < word ? day_read(item + dash + 1, word - dash - 1) : first;
    int from, to;
    clock = clock_read(clock, &from);
    if (first < 0 || last < 0 || clock == NULL || *clock != '-' ||
        (clock = clock_read(clock + 1, &to)) == NULL || *clock != '\0' || from == DAY_MIN)
        return false;
    for (int day = first;; day = (day + 1) % 7) {
        for (int m = from; m < (to > from ? to : to + DAY_MIN); m++)
            covered[(day * DAY_MIN + m) % WEEK_MIN] = true;
        if (day == last)
            return true;
    }
}

int week_hours_read(const char *text, struct xo_week_minutes out[XO_MAX_PEAKS],
                    struct xo_error *why)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    bool covered[WEEK_MIN] = { false };
    const int n_items = list_split(text, false, copy, items);
    int n = 0;
    bool ok = n_items > 0;
    for (int i = 0; i < n_items; i++)
        ok = ok && window_mark(items[i], covered);
    for (int m = 0; ok && m < WEEK_MIN;) {
        const int from = m;
        while (m < WEEK_MIN && covered[m] == covered[from])
            m++;
        if (covered[from] && n < XO_MAX_PEAKS)
            out[n] = (struct xo_week_minutes){ .from_min = (int16_t)from,
                                               .to_min = (int16_t)m,
                                               .window = XO_WINDOW_PEAK };
        n += covered[from];
    }
    if (ok && n <= XO_MAX_PEAKS)
        return n;
    xo_fail(why, XO_ERR_INPUT,
            "; it takes hours of the week in UTC such as Mon-Fri 01:00-04:00, Sat 22:00-02:00, at "
            "most %d a week",
            XO_MAX_PEAKS);
    return -1;
}

/* ---- arrivals, staff, discount tiers ---- */

bool arrivals_read(const char *text, struct xo_arrivals *arrivals, struct xo_error *why)
{
    static const struct {
        const char *name;
        enum xo_arrival_kind kind;
        double cv; /* NAN: given in parentheses */
    } forms[] = {
        { "poisson", XO_ARRIVALS_POISSON, 1 },
        { "deterministic", XO_ARRIVALS_DETERMINISTIC, 0 },
        { "gamma", XO_ARRIVALS_GAMMA, NAN },
        { "weibull", XO_ARRIVALS_WEIBULL, NAN },
    };
    char name[16], number[32], rest[4], more;
    double cv = NAN;
    name[0] = '\0';
    const int n = sscanf(text, "%15[A-Za-z] ( cv = %31[^) ] %3s %c", name, number, rest, &more);
    const char *after;
    if (n >= 2 && (!xo_text_number(number, &cv, &after) || *after != '\0' || n != 3 ||
                   strcmp(rest, ")") != 0))
        cv = -1;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (strcasecmp(forms[i].name, name) != 0)
            continue;
        const bool takes_cv = isnan(forms[i].cv);
        const bool plain = strlen(text) == strlen(name);
        if (takes_cv ? cv < 0.01 || cv > XO_MAX_CV || isnan(cv) : !plain)
            break;
        arrivals->kind = forms[i].kind;
        arrivals->cv = takes_cv ? cv : forms[i].cv;
        return true;
    }
    return xo_fail(
        why, XO_ERR_INPUT,
        "; it takes poisson, deterministic, gamma(cv=1.5) or weibull(cv=2), cv from 0.01 "
        "to %d",
        XO_MAX_CV);
}

static bool bad_staff(struct xo_error *why, const char *trouble)
{
    return xo_fail(why, XO_ERR_INPUT,
                   "%s; it takes people in steps such as 1 FTE, 1.5 FTE above 16 "
                   "GPUs (0 FTE: nobody)",
                   trouble);
}

/* "1.5 FTE above 16 GPUs" */
static bool staff_step(char *item, int *above, double *fte, struct xo_error *why)
{
    char *split = strstr(item, " above ");
    double gpus = -1;
    if (split != NULL) {
        *split = '\0';
        if (!quantity_read("GPUs", split + 7, NO_MONTHS, &gpus, NULL) || gpus != floor(gpus) ||
            gpus < 0 || gpus > 1e6)
            return bad_staff(why, "");
    }
    if (!quantity_read("FTE", item, NO_MONTHS, fte, NULL))
        return bad_staff(why, "");
    if (*fte < 0 || *fte > 1e5)
        return bad_staff(why, ", out of range");
    *above = (int)gpus;
    return true;
}

bool staff_read(const char *text, struct xo_staff *staff, struct xo_error *why)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n = list_split(text, false, copy, items);
    if (n < 1 || n > XO_MAX_STEPS)
        return bad_staff(why, n > XO_MAX_STEPS ? ", which has more than 8 steps" : "");
    staff->n_steps = n;
    for (int i = 0; i < n; i++) {
        char item[XO_VALUE_SIZE];
        xo_text_copy(item, sizeof item, items[i]);
        if (!staff_step(item, &staff->steps[i].above_gpus, &staff->steps[i].fte, why))
            return false;
        if ((i == 0) != (staff->steps[i].above_gpus < 0))
            return bad_staff(why, i == 0 ? ", whose first step has a condition"
                                         : ", where a later step has no \"above N GPUs\"");
        if (i > 0 && staff->steps[i].above_gpus <= staff->steps[i - 1].above_gpus)
            return bad_staff(why, ", whose steps do not rise");
    }
    return true;
}

static bool bad_tiers(struct xo_error *why)
{
    return xo_fail(why, XO_ERR_INPUT,
                   "; it takes rising steps such as 5%% above $10k, 10%% above "
                   "$50k, at most 8");
}

bool tiers_read(const char *text, struct xo_tariff *tariff, struct xo_error *why)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n = prices_split(text, copy, items);
    if (n < 1 || n > XO_MAX_TIERS)
        return bad_tiers(why);
    for (int i = 0; i < n; i++) {
        char item[XO_VALUE_SIZE];
        xo_text_copy(item, sizeof item, items[i]);
        char *split = strstr(item, " above ");
        double share, usd;
        if (split == NULL)
            return bad_tiers(why);
        *split = '\0';
        if (!quantity_read("share", item, NO_MONTHS, &share, NULL) || share < 0 || share > 1 ||
            !quantity_read("USD", split + 7, NO_MONTHS, &usd, NULL) || usd < 0 ||
            (i > 0 && usd <= tariff->tiers[i - 1].above_usd))
            return bad_tiers(why);
        tariff->tiers[i].above_usd = usd;
        tariff->tiers[i].discount_frac = share;
    }
    tariff->n_tiers = n;
    return true;
}

/* ---- dated changes ---- */

static bool bad_changes(struct xo_error *why, const char *trouble)
{
    return xo_fail(why, XO_ERR_INPUT,
                   "%s; it takes dated changes such as 2027-06-01 -20%%, 2028-01-01 +5%%, at most "
                   "%d",
                   trouble, XO_MAX_DRIFT_STEPS);
}

/* "-20%" or "+5%"; a change without a sign might be a factor. */
static bool change_read(const char *text, double *factor)
{
    double share;
    const bool plus = *text == '+';
    if ((!plus && *text != '-') || !quantity_read("share", text + plus, NO_MONTHS, &share, NULL))
        return false;
    *factor = 1 + share;
    return !(plus && share < 0);
}

bool dated_read(const char *text, struct dated_factors *changes, struct xo_error *why)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n = list_split(text, false, copy, items);
    if (n < 1 || n > XO_MAX_DRIFT_STEPS)
        return bad_changes(why, n > XO_MAX_DRIFT_STEPS ? ", which has more changes than that" : "");
    changes->n = n;
    for (int i = 0; i < n; i++) {
        const size_t word = strcspn(items[i], " \t");
        const char *change = items[i] + word + strspn(items[i] + word, " \t");
        snprintf(changes->at[i].date, sizeof changes->at[i].date, "%.*s", (int)word, items[i]);
        if (word > 10 || !date_read(changes->at[i].date, false, NULL) ||
            !change_read(change, &changes->at[i].factor))
            return bad_changes(why, "");
        if (!(changes->at[i].factor >= 0.01 && changes->at[i].factor <= 100))
            return bad_changes(why, ", which is out of range: a change goes from -99% to +9900%");
        if (i > 0 && strcmp(changes->at[i].date, changes->at[i - 1].date) <= 0)
            return bad_changes(why, ", whose dates do not rise");
    }
    return true;
}

/* ---- one entry ---- */

static bool in_range(struct reader *r, const struct xo_entry *e, const char *unit, double value)
{
    const struct xo_key *k = &xo_keys[e->key];
    char lo[64], hi[64];
    if (value >= k->min && value <= k->max)
        return true;
    problem_entry(r, e, ", out of range; it takes %s to %s",
                  quantity_show(lo, sizeof lo, unit, k->min),
                  quantity_show(hi, sizeof hi, unit, k->max));
    return false;
}

/* GPUs in a server, where somebody said so; NAN. */
static double server_gpus(const struct xo_store *store)
{
    const struct xo_entry *e = store_given(store, S_BUILD, K_BUILD_SERVER_GPUS);
    double n;
    return e != NULL && quantity_read("GPUs", e->value, NO_MONTHS, &n, NULL) && n >= 1
               ? n
               : (double)NAN;
}

bool price_read(const struct xo_store *store, int key, const char *text, double *value,
                struct xo_error *why)
{
    char by_eight[32];
    double usd;
    if (strcmp(xo_keys[key].unit, "USD/hour") != 0 ||
        !server_hour_read(text, store->hours_per_month, &usd))
        return quantity_read(xo_keys[key].unit, text, store->hours_per_month, value, why);
    const double n = server_gpus(store);
    if (isnan(n))
        return xo_fail(why, XO_ERR_INPUT,
                       ", the price of a whole server; divide it by the GPUs of one (by 8: %s), or "
                       "give build.server_gpus",
                       quantity_show(by_eight, sizeof by_eight, "USD/hour", usd / 8));
    *value = usd / n;
    return true;
}

static bool read_price(struct reader *r, const struct xo_entry *e, const char *text, double *value)
{
    struct xo_error why = { 0 };
    if (!price_read(r->store, e->key, text, value, &why)) {
        problem_entry(r, e, "%s", why.text);
        return false;
    }
    return in_range(r, e, xo_keys[e->key].unit, *value);
}

static bool read_quantity(struct reader *r, const struct xo_entry *e, const char *unit,
                          const char *text, double *value)
{
    struct xo_error why = { 0 };
    if (!quantity_read(unit, text, r->store->hours_per_month, value, &why)) {
        problem_entry(r, e, "%s", why.text);
        return false;
    }
    return in_range(r, e, unit, *value);
}

static bool read_integer(struct reader *r, const struct xo_entry *e, const char *text,
                         double *value)
{
    const struct xo_key *k = &xo_keys[e->key];
    const char *unit = k->unit[0] == '\0' ? "count" : k->unit;
    if (!read_quantity(r, e, unit, text, value))
        return false;
    if (*value == floor(*value))
        return true;
    problem_entry(r, e, "; it takes a whole number");
    return false;
}

static void read_list(struct reader *r, struct xo_entry *e)
{
    const struct xo_key *k = &xo_keys[e->key];
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const bool prices = k->type == XO_KEY_PRICES;
    const bool blanks = k->type == XO_KEY_INTEGERS || k->type == XO_KEY_NUMBERS;
    const int n =
        prices ? prices_split(e->value, copy, items) : list_split(e->value, blanks, copy, items);
    if (n < 1) {
        problem_entry(r, e, "; it takes a list parted by commas, at most %d items", MAX_LIST);
        return;
    }
    bool ok = true;
    double x = NAN;
    for (int i = 0; i < n && ok; i++) {
        if (k->type == XO_KEY_CHOICES && choice_of(e->key, items[i]) < 0) {
            bad_choice(r, e, items[i]);
            return;
        }
        if (k->type == XO_KEY_INTEGERS)
            ok = read_integer(r, e, items[i], &x);
        if (k->type == XO_KEY_NUMBERS)
            ok = read_quantity(r, e, k->unit, items[i], &x);
        if (prices && strcasecmp(items[i], "catalog") != 0)
            ok = read_price(r, e, items[i], &x);
    }
    if (ok && n == 1)
        e->number = x;
}

static void read_choice(struct reader *r, struct xo_entry *e)
{
    const int index = choice_of(e->key, e->value);
    if (index < 0)
        bad_choice(r, e, e->value);
    else
        e->number = index;
}

static void read_volume(struct reader *r, struct xo_entry *e)
{
    struct xo_error why = { 0 };
    bool is_tokens;
    double x;
    if (!volume_read(e->value, r->store->hours_per_month, &x, &is_tokens, &why))
        problem_entry(r, e, "%s", why.text);
    else if (in_range(r, e, "requests/month", x))
        e->number = x;
}

void read_value(struct reader *r, struct xo_entry *e)
{
    const struct xo_key *k = &xo_keys[e->key];
    struct xo_error why = { 0 };
    struct xo_staff staff;
    struct xo_tariff tariff;
    struct xo_arrivals arrivals;
    struct dated_factors changes;
    struct xo_service_rule rule;
    struct xo_week_minutes windows[XO_MAX_PEAKS];
    int minutes;
    double x = NAN;
    bool ok = true;
    if (e->value[0] == '\0')
        return; /* reported */
    switch (k->type) {
    case XO_KEY_NUMBER:
        if (read_quantity(r, e, k->unit, e->value, &x))
            e->number = x;
        break;
    case XO_KEY_INTEGER:
        if (read_integer(r, e, e->value, &x))
            e->number = x;
        break;
    case XO_KEY_CHOICE:
        read_choice(r, e);
        break;
    case XO_KEY_VOLUME:
        read_volume(r, e);
        break;
    case XO_KEY_DATE:
    case XO_KEY_MONTH:
        ok = date_read(e->value, k->type == XO_KEY_MONTH, &why);
        break;
    case XO_KEY_WEEKTIME:
        ok = weektime_read(e->value, r->store->hours_per_month, &x, &why);
        if (ok && in_range(r, e, "time", x))
            e->number = x;
        break;
    case XO_KEY_ARRIVALS:
        ok = arrivals_read(e->value, &arrivals, &why);
        break;
    case XO_KEY_STAFF:
        ok = staff_read(e->value, &staff, &why);
        break;
    case XO_KEY_TIERS:
        ok = tiers_read(e->value, &tariff, &why);
        break;
    case XO_KEY_STEPS:
        ok = dated_read(e->value, &changes, &why);
        break;
    case XO_KEY_TIMEZONE:
        ok = timezone_read(e->value, &minutes, &why);
        break;
    case XO_KEY_WINDOWS:
        ok = windows_read(e->value, &tariff, &why);
        break;
    case XO_KEY_LONG_TIERS:
        tariff = (struct xo_tariff){ 0 };
        ok = long_tiers_read(e->value, &tariff, &why);
        break;
    case XO_KEY_SERVICE:
        ok = service_read(e->value, &rule, &why);
        break;
    case XO_KEY_CHANGES:
        ok = changes_read(e->value, &tariff, &why);
        break;
    case XO_KEY_HOURS:
        ok = week_hours_read(e->value, windows, &why) > 0;
        break;
    case XO_KEY_NAMES:
    case XO_KEY_CHOICES:
    case XO_KEY_INTEGERS:
    case XO_KEY_NUMBERS:
    case XO_KEY_PRICES:
        read_list(r, e);
        break;
    case XO_KEY_TEXT:
    case XO_KEY_NAME:
    case XO_KEY_PATH:
    case XO_KEY_DISTRIBUTION: /* resolve.c */
    case XO_N_KEY_TYPES:
        break;
    }
    if (!ok)
        problem_entry(r, e, "%s", why.text);
}

void read_values(struct reader *r)
{
    struct xo_store *store = r->store;
    for (; store->n_read < store->n_entries; store->n_read++)
        if (strncmp(store->entries[store->n_read].section, "uncertain", 9) != 0)
            read_value(r, &store->entries[store->n_read]);
}
