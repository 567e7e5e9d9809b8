/* apis.c - which tariffs stand for buying, for each class, and for the weights of [build].
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "names.h"
#include "resolve.h"
#include "values.h"
#include "xo/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The value of a list that shows a range: the first host is the one in the middle, and is bought.
 */
static const char median_of[] = "median of ";

double blended_usd(const struct xo_tariff *t)
{
    return (3 * t->input + t->output) / 4;
}

/* An old name of one price of a tariff that changes by the hour says less than is billed. */
static void say_hours(struct reader *r, const struct xo_entry *e, const char *typed, int group)
{
    const char *name = r->store->groups[group].name;
    if (strcasecmp(name, typed) != 0 && store_text(r->store, group, K_API_PEAK_HOURS) != NULL)
        warning_entry(r, e, "; these are prices of one tariff, %s: the hour decides which is paid",
                      name);
}

/* Fill out[] from `names`, the value of entry `e` or its end, each tariff once; how many. */
static int read_apis(struct reader *r, const struct xo_entry *e, const char *names,
                     struct xo_api out[XO_MAX_OPTIONS])
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n_items = list_split(names, false, copy, items);
    int n = 0;
    if (n_items > XO_MAX_OPTIONS)
        problem_entry(r, e, ", %d names; %d are the most", n_items, XO_MAX_OPTIONS);
    for (int i = 0; i < n_items && i < XO_MAX_OPTIONS; i++) {
        const int group = inline_entry(r, e, S_API, items[i]);
        if (group < 0)
            continue;
        api_fill(r->store, group, &out[n]);
        int first = 0;
        while (strcmp(out[first].tariff.name, out[n].tariff.name) != 0)
            first++;
        if (first < n)
            continue;
        say_hours(r, e, items[i], group);
        n++;
    }
    return n;
}

static bool begins_median(const char *value)
{
    return strncasecmp(value, median_of, strlen(median_of)) == 0;
}

/* What is bought is named: "median of" shows a range of hosts of one model, and there is no such
 * range of what somebody would buy instead. */
static bool refuses_median(struct reader *r, const struct xo_entry *e, const char *takes)
{
    if (begins_median(e->value))
        problem_entry(r, e, "; \"median of\" is for buy.same_model_api, and %s", takes);
    return begins_median(e->value);
}

static void resolve_buy_api(struct reader *r)
{
    const struct xo_entry *e = store_given(r->store, S_BUY, K_BUY_API);
    if (e == NULL || e->value[0] == '\0')
        return;
    const struct xo_entry copy = *e; /* the store may move */
    if (refuses_median(r, &copy,
                       "api takes names parted by commas, of which the cheapest is bought"))
        return;
    r->s->n_apis = read_apis(r, &copy, copy.value, r->s->apis);
}

static void resolve_class_apis(struct reader *r)
{
    int c = 0;
    for (int g = 0; g < (int)r->store->n_groups && c < r->s->workload.n_classes; g++) {
        if (r->store->groups[g].section != S_CLASS)
            continue;
        const struct xo_entry *e = store_given(r->store, g, K_CLASS_API);
        if (e != NULL && e->value[0] != '\0') {
            const struct xo_entry copy = *e;
            const int group = refuses_median(r, &copy, "the api of a class is one name")
                                  ? -1
                                  : inline_entry(r, &copy, S_API, copy.value);
            if (group >= 0) {
                say_hours(r, &copy, copy.value, group);
                api_fill(r->store, group, &r->s->class_apis[c]);
            }
        }
        c++;
    }
}

/* ---- the same weights by the token ---- */

struct host {
    const char *name;
    double price;
};

static int by_price(const void *a, const void *b)
{
    const struct host *x = a, *y = b;
    if (x->price != y->price)
        return x->price < y->price ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Is `name` this model, by the catalog's names and aliases? */
static bool same_model(const char *name, const char *model)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    const struct xo_model_entry *a = xo_catalog_model(c, name, NULL);
    return strcasecmp(name, model) == 0 || (a != NULL && a == xo_catalog_model(c, model, NULL));
}

static void same_range(struct xo_scenario *s)
{
    s->same_model_low_usd_per_mtok = s->same_model_high_usd_per_mtok = NAN;
    for (int i = 0; i < s->n_same_model; i++) {
        const double usd = blended_usd(&s->same_model[i].tariff) * 1e6;
        s->same_model_low_usd_per_mtok = fmin(s->same_model_low_usd_per_mtok, usd);
        s->same_model_high_usd_per_mtok = fmax(s->same_model_high_usd_per_mtok, usd);
    }
}

/* The hosts of `model` in the catalog: the median one, then the cheapest and the dearest, so that
 * the line and its range can be written down and read again. */
static void derive_hosts(struct reader *r, const char *model)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    struct host *hosts = calloc((size_t)c->n_apis + 1, sizeof *hosts);
    char value[XO_VALUE_SIZE] = "", where[160];
    int n = 0;
    for (int i = 0; i < c->n_apis && hosts != NULL; i++)
        if (c->apis[i].model[0] != '\0' && same_model(c->apis[i].model, model))
            hosts[n++] = (struct host){ c->apis[i].tariff.name, blended_usd(&c->apis[i].tariff) };
    r->out_of_memory |= hosts == NULL;
    if (n > 0) {
        qsort(hosts, (size_t)n, sizeof *hosts, by_price);
        const int picks[3] = { (n - 1) / 2, 0, n - 1 };
        xo_text_copy(value, sizeof value, n > 1 ? median_of : "");
        for (int i = 0; i < (n < 3 ? n : 3); i++) {
            const int pick = n == 2 && i == 1 ? 1 : picks[i];
            const size_t used = strlen(value);
            snprintf(value + used, sizeof value - used, "%s%s", i == 0 ? "" : ", ",
                     hosts[pick].name);
        }
        snprintf(where, sizeof where, "median, cheapest and dearest of %d hosts in the catalog", n);
        derive(r, S_BUY, K_BUY_SAME_MODEL_API, value, where);
    }
    free(hosts);
}

static void check_hosts(struct reader *r, const struct xo_entry *e, const char *model)
{
    for (int i = 0; i < r->s->n_same_model; i++) {
        const struct xo_api *api = &r->s->same_model[i];
        if (api->model[0] == '\0')
            warning_entry(r, e, "; the catalog does not say that %s serves %s", api->tariff.name,
                          model);
        else if (!same_model(api->model, model))
            warning_entry(r, e, "; %s serves %s, and build.model is %s", api->tariff.name,
                          api->model, model);
    }
}

static int by_blend(const void *a, const void *b)
{
    const struct xo_api *x = a, *y = b;
    const struct host hosts[2] = { { x->tariff.name, blended_usd(&x->tariff) },
                                   { y->tariff.name, blended_usd(&y->tariff) } };
    return by_price(&hosts[0], &hosts[1]);
}

/* Fill same_model[] from a list: all of it is bought from, or, of "median of LIST", the host in the
 * middle, which then stands first. */
static void read_hosts(struct reader *r, const struct xo_entry *e)
{
    struct xo_scenario *s = r->s;
    const size_t prefix = strlen(median_of);
    const bool median = begins_median(e->value);
    s->n_same_model = read_apis(r, e, e->value + (median ? prefix : 0), s->same_model);
    s->n_same_bought = s->n_same_model;
    if (!median || s->n_same_model == 0)
        return;
    qsort(s->same_model, (size_t)s->n_same_model, sizeof *s->same_model, by_blend);
    const int middle = (s->n_same_model - 1) / 2;
    const struct xo_api host = s->same_model[middle];
    memmove(&s->same_model[1], &s->same_model[0], (size_t)middle * sizeof host);
    s->same_model[0] = host;
    s->n_same_bought = 1;
}

/* The catalog's name of the model of [build], or its own; NULL: there is none. */
static const char *model_of_build(const struct reader *r)
{
    const char *model = store_text(r->store, S_BUILD, K_BUILD_MODEL), *like = NULL;
    const int own = model == NULL ? -1 : store_group(r->store, S_MODEL, model);
    if (own >= 0)
        like = store_text(r->store, own, K_MODEL_LIKE);
    return like == NULL || strcasecmp(like, "none") == 0 ? model : like;
}

static void resolve_same_model(struct reader *r)
{
    const char *model = model_of_build(r);
    const bool given = store_given(r->store, S_BUY, K_BUY_SAME_MODEL_API) != NULL;
    if (!r->store->groups[S_BUY].given)
        return;
    if (!given && model != NULL)
        derive_hosts(r, model);
    const struct xo_entry *e = store_get(r->store, S_BUY, K_BUY_SAME_MODEL_API);
    if (e == NULL || e->value[0] == '\0' || strcasecmp(e->value, "none") == 0)
        return;
    const struct xo_entry copy = *e;
    read_hosts(r, &copy);
    model = store_text(r->store, S_BUILD, K_BUILD_MODEL);
    if (given && model != NULL)
        check_hosts(r, &copy, model);
}

/* APIs that serve the weights of [build] take as many tokens as these. */
static void mark_same_weights(struct reader *r)
{
    struct xo_scenario *s = r->s;
    const char *model = model_of_build(r);
    for (int i = 0; model != NULL && i < s->n_apis; i++)
        s->apis[i].is_same_weights = same_model(s->apis[i].model, model);
    for (int c = 0; model != NULL && c < s->workload.n_classes; c++)
        s->class_apis[c].is_same_weights = same_model(s->class_apis[c].model, model);
    for (int i = 0; i < s->n_same_model; i++)
        s->same_model[i].is_same_weights = true;
}

/* ---- the day of the prices ---- */

int32_t xo_scenario_day(const struct xo_scenario *s)
{
    return date_read(s->as_of, false, NULL) ? (int32_t)date_days(s->as_of) : 0;
}

void xo_scenario_set_day(struct xo_scenario *s, int32_t day)
{
    for (int i = 0; i < s->n_apis; i++)
        xo_tariff_at(&s->apis[i].tariff, day);
    for (int c = 0; c < s->workload.n_classes; c++)
        xo_tariff_at(&s->class_apis[c].tariff, day);
    for (int i = 0; i < s->n_same_model; i++)
        xo_tariff_at(&s->same_model[i].tariff, day);
}

int xo_scenario_tariffs(const struct xo_scenario *s, const struct xo_tariff *all[XO_MAX_BOUGHT])
{
    int n = 0;
    for (int i = 0; i < s->n_apis; i++)
        all[n++] = &s->apis[i].tariff;
    for (int c = 0; c < s->workload.n_classes; c++)
        all[n++] = &s->class_apis[c].tariff;
    for (int i = 0; i < s->n_same_bought; i++)
        all[n++] = &s->same_model[i].tariff;
    return n;
}

static bool lies_in(int32_t day, int32_t after, int32_t until)
{
    return day > after && day <= until;
}

static bool tariff_moves(const struct xo_tariff *t, int32_t after, int32_t until)
{
    bool moves = false;
    for (int i = 0; i < t->n_changes; i++)
        moves |= lies_in(t->changes[i].from_day, after, until);
    for (int i = 0; i < t->n_peaks; i++)
        moves |= lies_in(t->peaks[i].from_day, after, until) ||
                 (t->peaks[i].to_day != 0 && lies_in(t->peaks[i].to_day + 1, after, until));
    return moves;
}

bool xo_scenario_prices_move(const struct xo_scenario *s, int32_t after, int32_t until)
{
    const struct xo_tariff *all[XO_MAX_BOUGHT];
    const int n = xo_scenario_tariffs(s, all);
    bool moves = false;
    for (int i = 0; i < n; i++)
        moves |= tariff_moves(all[i], after, until);
    return moves;
}

bool xo_scenario_has_dated_windows(const struct xo_scenario *s)
{
    const struct xo_tariff *all[XO_MAX_BOUGHT];
    const int n = xo_scenario_tariffs(s, all);
    bool has = false;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < all[i]->n_peaks; k++)
            has |= all[i]->peaks[k].from_day != 0 || all[i]->peaks[k].to_day != 0;
    return has;
}

void resolve_apis(struct reader *r)
{
    resolve_buy_api(r);
    resolve_class_apis(r);
    resolve_same_model(r);
    xo_scenario_set_day(r->s, xo_scenario_day(r->s));
    same_range(r->s);
    mark_same_weights(r);
}
