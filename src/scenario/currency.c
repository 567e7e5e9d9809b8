/* currency.c - money of other countries, at a rate that the scenario states.
 *
 * [currency EUR] gives the rate and its day. Before any value is read, each amount of that
 * currency, "EUR 0.50", "0.50 EUR" or with the currency's sign, becomes dollars in the text of its
 * entry, so that every grammar that takes money takes it. Bills, ranges and resolved text are then
 * in dollars. An amount whose currency has no section is left as it is, and refused where it is
 * read (units.c).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolve.h"
#include "values.h"
#include "xo/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A yen and a yuan have one sign, which is that of whichever of them has a section. */
static const struct {
    const char *code, *sign;
} signs[] = { { "EUR", "\xe2\x82\xac" },
              { "GBP", "\xc2\xa3" },
              { "JPY", "\xc2\xa5" },
              { "CNY", "\xc2\xa5" },
              { "INR", "\xe2\x82\xb9" } };

struct currency {
    const char *code, *sign; /* sign NULL: none of its own */
    double rate;             /* USD of one */
};

static bool is_word(const char *text, const char *at, size_t n)
{
    return (at == text || !isalpha((unsigned char)at[-1])) && !isalpha((unsigned char)at[n]);
}

/* Where the currency is named in a text; its bytes, 0: nowhere. */
static size_t find_name(const char *text, const struct currency *c, const char **at)
{
    for (*at = strcasestr(text, c->code); *at != NULL; *at = strcasestr(*at + 1, c->code))
        if (is_word(text, *at, strlen(c->code)))
            return strlen(c->code);
    *at = c->sign == NULL ? NULL : strstr(text, c->sign);
    return *at == NULL ? 0 : strlen(c->sign);
}

static bool is_of_number(char c)
{
    return isdigit((unsigned char)c) || c == '.' || c == ',';
}

/* The number before a name, with a magnitude such as k behind it: "0.50 EUR", "60k EUR". */
static const char *number_before(const char *text, const char *name)
{
    const char *end = name;
    while (end > text && end[-1] == ' ')
        end--;
    if (end > text && strchr("kKMBT", end[-1]) != NULL)
        end--;
    const char *from = end;
    while (from > text && is_of_number(from[-1]))
        from--;
    return from < end ? from : NULL;
}

/* Put dollars in the place of one amount; false: there is none that could be read. */
static bool convert_one(char text[XO_VALUE_SIZE], const struct currency *c)
{
    const char *name, *rest;
    const size_t n = find_name(text, c, &name);
    double amount;
    if (n == 0)
        return false;
    const char *behind = name + n + strspn(name + n, " ");
    const bool leads = xo_text_number(behind, &amount, &rest);
    const char *number = leads ? behind : number_before(text, name);
    if (!leads && (number == NULL || !xo_text_number(number, &amount, &rest)))
        return false;
    char dollars[40], out[XO_VALUE_SIZE];
    const char *begin = leads ? name : number;
    const char *after = leads ? rest : name + n;
    const int kept = leads ? 0 : (int)(name - rest) - (int)strspn(rest, " ");
    const int length = snprintf(out, sizeof out, "%.*s$%s%.*s%s", (int)(begin - text), text,
                                xo_text_exact(dollars, amount * c->rate), kept > 0 ? 1 : 0,
                                kept > 0 ? rest : "", after);
    if (length < 0 || (size_t)length >= sizeof out)
        return false;
    xo_text_copy(text, XO_VALUE_SIZE, out);
    return true;
}

static struct currency currency_of(const struct reader *r, int group)
{
    struct currency c = { .code = r->store->groups[group].name };
    const struct xo_entry *e = store_given(r->store, group, K_CURRENCY_RATE);
    if (e == NULL || !quantity_read("USD", e->value, NO_MONTHS, &c.rate, NULL))
        c.rate = 0; /* reported when the value is read */
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strcasecmp(signs[i].code, c.code) == 0)
            c.sign = signs[i].sign;
    return c;
}

/* Names, files and lengths have words and numbers in them that are no money. */
static bool takes_money(int key)
{
    const enum xo_key_type type = xo_keys[key].type;
    return strncmp(xo_keys[key].unit, "USD", 3) == 0 || type == XO_KEY_TIERS ||
           type == XO_KEY_LONG_TIERS || type == XO_KEY_SERVICE || type == XO_KEY_CHANGES ||
           type == XO_KEY_PRICES;
}

static void convert_entry(struct reader *r, struct xo_entry *e, const struct currency *c)
{
    char text[XO_VALUE_SIZE];
    int n = 0;
    if (e->key < 0 || e->key == K_CURRENCY_RATE || !takes_money(e->key))
        return;
    xo_text_copy(text, sizeof text, e->value);
    while (n < MAX_LIST && convert_one(text, c))
        n++;
    if (n > 0)
        e->value = keep_text(r, "%s", text);
}

/* A code is three capital letters; that of dollars has no rate. */
static bool is_code(const char *name)
{
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 && name[3] == '\0' &&
           strcmp(name, "USD") != 0;
}

void check_currencies(struct reader *r)
{
    for (int g = 0; g < (int)r->store->n_groups; g++) {
        const struct group *group = &r->store->groups[g];
        if (group->section == S_CURRENCY && !is_code(group->name))
            problem_at(r, group->line,
                       "[currency %s]: it takes a code of three capital letters such as "
                       "[currency EUR], and not USD",
                       group->name);
    }
}

void convert_currencies(struct reader *r)
{
    for (int g = 0; g < (int)r->store->n_groups; g++) {
        if (r->store->groups[g].section != S_CURRENCY)
            continue;
        if (!is_code(r->store->groups[g].name))
            continue;
        const struct currency c = currency_of(r, g);
        for (size_t i = 0; i < r->store->n_entries && c.rate > 0; i++)
            convert_entry(r, &r->store->entries[i], &c);
    }
}
