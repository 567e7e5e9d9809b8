/* tariff_words.c - the rows of a tariff: hours at a factor, prices by length, levels of service.
 *
 * A price stands behind the word of its kind (in, cached, out), as a price of tokens or as a factor
 * of another price; a lone factor is of all of them. Begin with prices_of_words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "values.h"
#include "xo/table.h"
#include "xo/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* NAN: not said. A price is in USD per token. */
struct worded {
    double usd, factor;
};
struct prices {
    struct worded kinds[XO_N_TOKEN_KINDS];
};
static const char *const kind_words[] = { "in", "write", "longer", "cached", "out" };
XO_TABLE_OF(kind_words, XO_N_TOKEN_KINDS);

static bool price_word(const char *word, struct worded *w)
{
    *w = (struct worded){ NAN, NAN };
    const size_t n = strlen(word);
    if (n > 0 && (word[n - 1] == 'x' || word[n - 1] == 'X'))
        return quantity_read("factor", word, NO_MONTHS, &w->factor, NULL) && w->factor >= 0 &&
               w->factor <= 100;
    return quantity_read("USD/Mtok", word, NO_MONTHS, &w->usd, NULL) && w->usd >= 0 &&
           w->usd <= 0.1;
}

static struct worded *kind_of_word(struct prices *p, const char *word)
{
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
        if (strcasecmp(kind_words[kind], word) == 0)
            return &p->kinds[kind];
    return NULL;
}

static bool is_said(const struct worded *w)
{
    return !isnan(w->usd) || !isnan(w->factor);
}

/* "in $2/Mtok cached 0.1x out $8/Mtok", each word once, or "2x". `text` is taken apart. */
static bool prices_of_words(char *text, struct prices *p)
{
    static const char blanks[] = " \t";
    char *rest = NULL, *word = strtok_r(text, blanks, &rest);
    struct worded all;
    const bool lone = word != NULL && price_word(word, &all) && !isnan(all.factor);
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++)
        p->kinds[kind] = lone ? all : (struct worded){ NAN, NAN };
    if (lone || word == NULL)
        return lone && strtok_r(NULL, blanks, &rest) == NULL;
    for (; word != NULL; word = strtok_r(NULL, blanks, &rest)) {
        struct worded *kind = kind_of_word(p, word);
        const char *price = strtok_r(NULL, blanks, &rest);
        if (kind == NULL || is_said(kind) || price == NULL || !price_word(price, kind))
            return false;
    }
    return true;
}

static double price_or(const struct worded *w, double base, double otherwise)
{
    return !isnan(w->usd) ? w->usd : !isnan(w->factor) ? w->factor * base : otherwise;
}

/* Writes to the cache go with input in long prompts and levels of service. */
static bool has_own_writes(const struct prices *p)
{
    const struct worded *input = &p->kinds[XO_INPUT_UNCACHED];
    for (int kind = XO_INPUT_WRITTEN; kind <= XO_INPUT_WRITTEN_LONGER; kind++)
        if (is_said(&p->kinds[kind]) && p->kinds[kind].factor != input->factor)
            return true;
    return false;
}

/* ---- levels of service ---- */

static bool bad_service(struct xo_error *why)
{
    return xo_fail(
        why, XO_ERR_INPUT,
        "; it takes a factor such as 0.5x, or prices such as in $1/Mtok cached "
        "$0.1/Mtok out $4/Mtok, none of them $0, then what does not stack: cached at list, any hour, any region");
}

/* A price as the rule holds it, where 0 is none; what is free cannot be said. */
static double own_price(const struct worded *w)
{
    return isnan(w->usd) ? 0 : w->usd;
}

bool service_read(const char *text, struct xo_service_rule *rule, struct xo_error *why)
{
    char copy[XO_VALUE_SIZE], first[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    struct prices p;
    const int n = list_split(text, false, copy, items);
    *rule = (struct xo_service_rule){ 0 };
    if (n < 1)
        return bad_service(why);
    xo_text_copy(first, sizeof first, items[0]);
    const bool lone = strpbrk(items[0], " \t") == NULL;
    if (!prices_of_words(first, &p))
        return bad_service(why);
    for (int kind = 0; kind < XO_N_TOKEN_KINDS && !lone; kind++)
        if (!isnan(p.kinds[kind].factor) || p.kinds[kind].usd == 0 || has_own_writes(&p))
            return bad_service(why);
    rule->off_frac = lone ? 1 - p.kinds[XO_INPUT_UNCACHED].factor : 0;
    rule->input = own_price(&p.kinds[XO_INPUT_UNCACHED]);
    rule->cached_input = own_price(&p.kinds[XO_INPUT_CACHED]);
    rule->output = own_price(&p.kinds[XO_OUTPUT]);
    for (int i = 1; i < n; i++) {
        bool *flag = strcasecmp(items[i], "cached at list") == 0 ? &rule->cached_at_list
                     : strcasecmp(items[i], "any hour") == 0     ? &rule->same_all_week
                     : strcasecmp(items[i], "any region") == 0   ? &rule->same_anywhere
                                                                 : NULL;
        if (flag == NULL)
            return bad_service(why);
        *flag = true;
    }
    return true;
}

/* ---- prices by length ---- */

static bool bad_tier(struct xo_error *why)
{
    return xo_fail(why, XO_ERR_INPUT,
                   "; it takes rising thresholds such as above 32k: in $0.86/Mtok out $3.4/Mtok, "
                   "above 128k: in 2x out 1.5x, at most %d",
                   XO_N_CONTEXTS - 1);
}

static bool tier_read(const char *item, const struct xo_tariff *t, struct xo_context_tier *tier)
{
    char copy[XO_VALUE_SIZE];
    struct prices p;
    double above;
    xo_text_copy(copy, sizeof copy, item);
    char *colon = strchr(copy, ':');
    if (strncasecmp(copy, "above ", 6) != 0 || colon == NULL)
        return false;
    *colon = '\0';
    if (!quantity_read("tokens", copy + 6, NO_MONTHS, &above, NULL) || !(above >= 1) ||
        above > 1e8 || !prices_of_words(colon + 1, &p) || has_own_writes(&p))
        return false;
    tier->above_tokens = (int32_t)above;
    tier->input = price_or(&p.kinds[XO_INPUT_UNCACHED], t->input, t->input);
    tier->output = price_or(&p.kinds[XO_OUTPUT], t->output, t->output);
    const double raised = t->input > 0 ? tier->input / t->input : 1;
    tier->cached_input =
        price_or(&p.kinds[XO_INPUT_CACHED], t->cached_input, t->cached_input * raised);
    return true;
}

bool long_tiers_read(const char *text, struct xo_tariff *t, struct xo_error *why)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n = list_split(text, false, copy, items);
    if (n < 1 || n > XO_N_CONTEXTS - 1)
        return bad_tier(why);
    for (int i = 0; i < n; i++)
        if (!tier_read(items[i], t, &t->contexts[i]) ||
            (i > 0 && t->contexts[i].above_tokens <= t->contexts[i - 1].above_tokens))
            return bad_tier(why);
    t->n_contexts = n;
    return true;
}

/* ---- prices from a date on ---- */

static bool bad_changes(struct xo_error *why)
{
    return xo_fail(
        why, XO_ERR_INPUT,
        "; it takes prices from rising dates on such as from 2027-01-01: in $1.50/Mtok out "
        "$7.50/Mtok, from 2027-07-01: 0.8x, at most %d",
        XO_MAX_CHANGES);
}

static bool change_read(const char *item, struct xo_price_change *c)
{
    char copy[XO_VALUE_SIZE];
    struct prices p;
    xo_text_copy(copy, sizeof copy, item);
    char *colon = strchr(copy, ':');
    if (strncasecmp(copy, "from ", 5) != 0 || colon == NULL)
        return false;
    *colon = '\0';
    if (!date_read(xo_text_trim(copy + 5), false, NULL) || !prices_of_words(colon + 1, &p))
        return false;
    c->from_day = (int32_t)date_days(xo_text_trim(copy + 5));
    for (int kind = 0; kind < XO_N_TOKEN_KINDS; kind++) {
        c->usd[kind] = p.kinds[kind].usd;
        c->factor[kind] = p.kinds[kind].factor;
    }
    return true;
}

bool changes_read(const char *text, struct xo_tariff *t, struct xo_error *why)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n = list_split(text, false, copy, items);
    if (n < 1 || n > XO_MAX_CHANGES)
        return bad_changes(why);
    for (int i = 0; i < n; i++)
        if (!change_read(items[i], &t->changes[i]) ||
            (i > 0 && t->changes[i].from_day <= t->changes[i - 1].from_day))
            return bad_changes(why);
    t->n_changes = n;
    return true;
}

/* ---- hours of the week ---- */

static bool bad_windows(struct xo_error *why, const char *trouble)
{
    return xo_fail(why, XO_ERR_INPUT,
                   "%s; it takes hours of the week in UTC at a factor such as 2x Mon-Fri "
                   "01:00-04:00, 0.5x Sat-Sun 00:00-24:00 from 2026-12-01 to 2027-01-31, at most "
                   "%d factors",
                   trouble, XO_N_WINDOWS - 1);
}

/* Cut " from DATE" or " to DATE" off the end of an item; the day, 0 where it has none, -1 where it
 * is no date. */
static int32_t cut_date(char *item, const char *word)
{
    char *at = strstr(item, word);
    if (at == NULL)
        return 0;
    *at = '\0';
    const char *date = at + strlen(word);
    return date_read(date, false, NULL) ? (int32_t)date_days(date) : -1;
}

/* The window of a factor, a new one if need be; -1: there are too many. */
static int window_of(struct xo_tariff *t, double factor)
{
    for (int i = 1; i <= t->n_windows; i++)
        if (t->window_factor[i] == factor)
            return i;
    if (t->n_windows == XO_N_WINDOWS - 1)
        return -1;
    t->window_factor[++t->n_windows] = factor;
    return t->n_windows;
}

static bool window_read(const char *text, struct xo_tariff *t)
{
    char item[XO_VALUE_SIZE];
    struct xo_week_minutes hours[XO_MAX_PEAKS];
    xo_text_copy(item, sizeof item, text);
    const int32_t to_day = cut_date(item, " to "), from_day = cut_date(item, " from ");
    char *blank = strpbrk(item, " \t");
    double factor;
    if (to_day < 0 || from_day < 0 || (to_day > 0 && to_day < from_day) || blank == NULL)
        return false;
    *blank = '\0';
    if (!quantity_read("factor", item, NO_MONTHS, &factor, NULL) || factor < 0 || factor > 100)
        return false;
    const int n = week_hours_read(xo_text_trim(blank + 1), hours, NULL);
    const int window = window_of(t, factor);
    if (n < 1 || window < 0 || t->n_peaks + n > XO_MAX_PEAKS)
        return false;
    for (int i = 0; i < n; i++)
        t->peaks[t->n_peaks++] = (struct xo_week_minutes){ hours[i].from_min, hours[i].to_min,
                                                           (int16_t)window, from_day, to_day };
    return true;
}

static bool meet(const struct xo_week_minutes *a, const struct xo_week_minutes *b)
{
    const bool dates = (a->to_day == 0 || b->from_day <= a->to_day) &&
                       (b->to_day == 0 || a->from_day <= b->to_day);
    return dates && a->from_min < b->to_min && b->from_min < a->to_min;
}

bool windows_read(const char *text, struct xo_tariff *t, struct xo_error *why)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n = list_split(text, false, copy, items);
    t->n_windows = t->n_peaks = 0;
    if (n < 1)
        return bad_windows(why, "");
    for (int i = 0; i < n; i++)
        if (!window_read(items[i], t))
            return bad_windows(why, "");
    for (int i = 0; i < t->n_peaks; i++)
        for (int k = 0; k < i; k++)
            if (meet(&t->peaks[i], &t->peaks[k]))
                return bad_windows(why, ", of which two hold at once");
    return true;
}
