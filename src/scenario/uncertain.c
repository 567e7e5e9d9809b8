/* uncertain.c - what is not known: a distribution for a key, truncated to its range, and how such
 * keys hang together.
 *
 * It fills s->uncertain[] and s->correlations[] from [uncertain]; without that section, prices that
 * vary are implied.c's. Invariant of a key there: its distribution lies in the range of the key and
 * holds the base case. One with ends of its own must keep to the range; one without is truncated,
 * which is to say rescaled between u_lo and u_hi, and not heaped up at the ends.
 *
 * A range that leaves the base case out would contradict it: every figure of the verdict would
 * stand beside a range that it is not in. Correlations are ranks, joined by a Gaussian copula; a
 * set that no inputs can have at once is refused. A key that --set gives is fixed: its range and
 * its pairs are taken out of the entries (leave_out_fixed), so that the resolved text reruns to the
 * same results. A what-if takes all of it over from the scenario before (take_over). Begin with
 * resolve_uncertain, fit_range and read_correlation.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolve.h"
#include "values.h"
#include "xo/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- one key ---- */

/* The kind of quantity with which a key varies; NULL with a problem when it cannot vary. */
static const char *uncertain_unit(struct reader *r, const struct xo_entry *e)
{
    const struct xo_key *k = &xo_keys[e->key];
    const int section = section_of(e->key);
    const bool effect = k->effect == XO_KEY_SIMULATION || k->effect == XO_KEY_MONEY;
    const bool number = number_unit(k) != NULL;
    if (k->type == XO_KEY_DISTRIBUTION)
        problem_entry(r, e, "; lengths vary by workload.%s_scale", k->name);
    else if (!sections[section].plain)
        problem_entry(r, e, "; only keys of sections without a name can vary");
    else if (!effect || !number)
        problem_entry(r, e, "; %s is no number that changes the simulation or the money", e->name);
    else if (!r->store->groups[section].given && section != S_WORKLOAD && section != S_SCENARIO)
        problem_entry(r, e, "; there is no [%s]", k->section);
    else if (k->type == XO_KEY_PRICES && is_price_list(store_text(r->store, section, e->key)))
        problem_entry(r, e, "; %s is a list; vary build.rent_scale", e->name);
    else
        return number_unit(k);
    return NULL;
}

/* Uniforms u_lo..u_hi give what lies between the ends: the distribution truncated, not heaped up at
 * them. The mass of a clipped distribution at its upper end is above u_hi. */
static void truncate(struct xo_uncertain *u)
{
    const struct xo_dist *d = &u->dist;
    u->u_lo = isfinite(d->lo) ? xo_dist_cdf(d, d->lo) : 0;
    u->u_hi = isfinite(d->hi) ? xo_dist_cdf(d, nextafter(d->hi, -INFINITY)) : 1;
}

bool is_endless(const struct xo_dist *dist)
{
    enum {
        ENDLESS = 1 << XO_DIST_NORMAL | 1 << XO_DIST_LOGNORMAL | 1 << XO_DIST_GAMMA |
                  1 << XO_DIST_WEIBULL | 1 << XO_DIST_EXPONENTIAL
    };
    return 1 << dist->kind & ENDLESS;
}

/* A distribution with ends must keep them in the key's range; one without is truncated to it. */
static bool fit_range(struct reader *r, const struct xo_entry *e, const char *unit,
                      struct xo_uncertain *u)
{
    const struct xo_key *k = &xo_keys[e->key];
    struct xo_dist *dist = &u->dist;
    const bool endless = is_endless(dist);
    char lo[64], hi[64];
    struct xo_error err;
    const bool outside = endless ? dist->mean < k->min || dist->mean > k->max
                                 : dist->lo < k->min || dist->hi > k->max;
    u->u_lo = 0;
    u->u_hi = 1;
    if (!outside && !endless)
        return true;
    if (!outside && xo_dist_clip(dist, k->min, k->max, &err)) {
        truncate(u);
        if (u->u_hi - u->u_lo > 1e-6)
            return true;
    }
    problem_entry(r, e, ", which leaves the range of %s: %s to %s", e->name,
                  quantity_show(lo, sizeof lo, unit, k->min),
                  quantity_show(hi, sizeof hi, unit, k->max));
    return false;
}

double xo_uncertain_quantile(const struct xo_uncertain *u, double p)
{
    return xo_dist_quantile(&u->dist, u->u_lo + (u->u_hi - u->u_lo) * p);
}

/* A range that leaves the base case out would contradict it: every figure of the verdict would
 * stand beside a range it is not in. */
static bool holds_base(struct reader *r, const struct xo_entry *e, const char *unit,
                       const struct xo_uncertain *u)
{
    const int section = section_of(e->key);
    const double base = store_number(r->store, section, e->key);
    const bool endless = is_endless(&u->dist);
    const double lo = endless ? xo_uncertain_quantile(u, 0.001) : u->dist.lo;
    const double hi = endless ? xo_uncertain_quantile(u, 0.999) : u->dist.hi;
    const bool at_end = base == u->dist.lo || base == u->dist.hi;
    char text[3][64];
    if (isnan(base) || at_end || (base >= lo && base <= hi))
        return true;
    problem_entry(r, e, ", %s to %s, and %s itself is %s: the range must hold the base case",
                  quantity_show(text[0], sizeof text[0], unit, lo),
                  quantity_show(text[1], sizeof text[1], unit, hi), e->name,
                  quantity_show(text[2], sizeof text[2], unit, base));
    return false;
}

/* "model-error": the validated error of deployments like ours, the least known of them, around the
 * step_scale that [build] has. */
static bool model_error(const struct reader *r, const struct xo_entry *e, struct xo_dist *dist,
                        struct xo_error *why)
{
    const struct xo_scenario *s = r->s;
    double sigma = 0;
    if (e->key != K_BUILD_STEP_SCALE)
        return xo_fail(why, XO_ERR_INPUT, "; model-error is a distribution of build.step_scale");
    for (int i = 0; i < s->n_options; i++)
        sigma = fmax(sigma, s->options[i].step_sigma);
    const double median = store_value(r->store, S_BUILD, K_BUILD_STEP_SCALE);
    const double z95 = 1.6448536269514722;
    return sigma == 0 ? xo_dist_constant(dist, median, why)
                      : xo_dist_by_quantiles(dist, XO_DIST_LOGNORMAL, median,
                                             median * exp(z95 * sigma), why);
}

static void resolve_uncertain_one(struct reader *r, const struct xo_entry *e)
{
    struct xo_scenario *s = r->s;
    const char *unit = uncertain_unit(r, e);
    if (unit == NULL || e->value[0] == '\0')
        return;
    if (s->n_uncertain == XO_MAX_UNCERTAIN) {
        problem_entry(r, e, ", one too many; %d uncertain inputs are the most", XO_MAX_UNCERTAIN);
        return;
    }
    char folder[XO_PATH_SIZE];
    folder_of(s->path, folder);
    const struct dist_context in = { unit, folder, r->store->hours_per_month, 1, NAN };
    struct xo_uncertain *u = &s->uncertain[s->n_uncertain];
    struct xo_error why = { 0 };
    *u = (struct xo_uncertain){ .key = e->key };
    u->implied = is_spread(e->value);
    if (!(u->implied                                 ? spread_read(r, e->key, &u->dist, &why)
          : strcasecmp(e->value, "model-error") == 0 ? model_error(r, e, &u->dist, &why)
                                                     : dist_read(e->value, &in, &u->dist, &why))) {
        if (!memory_ran_out(r, &why))
            problem_entry(r, e, "%s", why.text);
        return;
    }
    u->reaches_simulation = xo_keys[e->key].effect == XO_KEY_SIMULATION;
    if (fit_range(r, e, unit, u) && holds_base(r, e, unit, u))
        s->n_uncertain++;
    else
        xo_dist_fini(&u->dist);
}

/* ---- how they hang together ---- */

/* The uncertain input of this name; -1. *listed: [uncertain] has such a line, if a faulty one. */
static int find_input(const struct reader *r, const char *name, bool *listed)
{
    const int key = xo_key_find(name);
    *listed = false;
    for (size_t i = 0; i < r->store->n_entries; i++)
        *listed |=
            is_uncertain(&r->store->entries[i]) && strcmp(r->store->entries[i].name, name) == 0;
    for (int i = 0; i < r->s->n_uncertain; i++)
        if (r->s->uncertain[i].key == key)
            return i;
    return -1;
}

static bool known_pair(const struct xo_scenario *s, int a, int b)
{
    for (int i = 0; i < s->n_correlations; i++) {
        const struct xo_correlation *c = &s->correlations[i];
        if ((c->a == a && c->b == b) || (c->a == b && c->b == a))
            return true;
    }
    return false;
}

/* "build.rent ~ buy.price_scale 0.5" cut into its two names; what stands behind them, or NULL. */
static char *cut_pair(char *item, const char *names[2])
{
    char *tilde = strchr(item, '~');
    if (tilde == NULL)
        return NULL;
    *tilde = '\0';
    names[0] = xo_text_trim(item);
    char *second = xo_text_trim(tilde + 1), *number = second + strcspn(second, " \t");
    names[1] = second;
    if (*number == '\0')
        return NULL;
    *number = '\0';
    return xo_text_trim(number + 1);
}

static void read_correlation(struct reader *r, const struct xo_entry *e, char *item)
{
    struct xo_scenario *s = r->s;
    const char *names[2], *rest = "";
    const char *number = cut_pair(item, names);
    double rank = 0;
    if (number == NULL || !xo_text_number(number, &rank, &rest) || *rest != '\0') {
        problem_entry(r, e, "; it takes pairs such as build.rent ~ buy.price_scale 0.5");
        return;
    }
    bool listed[2];
    const int a = find_input(r, names[0], &listed[0]), b = find_input(r, names[1], &listed[1]);
    if (!listed[0] || !listed[1])
        problem_entry(r, e, "; %.60s is no key of [uncertain]", names[listed[0]]);
    else if (a == b && a >= 0)
        problem_entry(r, e, "; %.60s is correlated with itself", names[0]);
    else if (!(rank >= -0.99 && rank <= 0.99))
        problem_entry(r, e, ", with %g; a rank correlation goes from -0.99 to 0.99", rank);
    else if (a >= 0 && b >= 0 && known_pair(s, a, b))
        problem_entry(r, e, "; %.60s and %.60s stand in it twice", names[0], names[1]);
    else if (a >= 0 && b >= 0 && s->n_correlations < XO_MAX_CORRELATIONS)
        s->correlations[s->n_correlations++] = (struct xo_correlation){ a, b, rank };
}

/* rank[n][n], n_uncertain or more; what comes after the uncertain inputs depends on nothing. */
static void fill_ranks(const struct xo_scenario *s, int n, double rank[])
{
    for (int i = 0; i < n * n; i++)
        rank[i] = i % (n + 1) == 0;
    for (int i = 0; i < s->n_correlations; i++) {
        const struct xo_correlation *c = &s->correlations[i];
        rank[c->a * n + c->b] = rank[c->b * n + c->a] = c->rank;
    }
}

void xo_scenario_correlations(const struct xo_scenario *s, double rank[])
{
    fill_ranks(s, s->n_uncertain, rank);
}

bool xo_scenario_copula(const struct xo_scenario *s, int n_more, struct xo_copula **copula,
                        struct xo_error *err)
{
    const int n = s->n_uncertain + n_more;
    *copula = NULL;
    if (s->n_correlations == 0)
        return true;
    double *rank = malloc((size_t)(n * n) * sizeof *rank);
    if (rank == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for correlations of %d inputs", n);
    fill_ranks(s, n, rank);
    *copula = xo_copula_new(n, rank, err);
    free(rank);
    return *copula != NULL;
}

static void read_correlations(struct reader *r, const struct xo_entry *e)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    const int n = list_split(e->value, false, copy, items);
    if (n < 1)
        problem_entry(r, e,
                      "; it takes pairs such as build.rent ~ buy.price_scale 0.5, parted by "
                      "commas");
    for (int i = 0; i < n; i++) {
        char item[XO_VALUE_SIZE];
        xo_text_copy(item, sizeof item, items[i]);
        read_correlation(r, e, item);
    }
}

/* All lines of correlation; whether they can hold at once is told of the last. */
static void resolve_correlations(struct reader *r)
{
    const struct xo_entry *last = NULL;
    for (size_t i = 0; i < r->store->n_entries; i++) {
        const struct xo_entry *e = &r->store->entries[i];
        if (e->key != K_UNCERTAIN_CORRELATION || e->value[0] == '\0')
            continue;
        read_correlations(r, e);
        last = e;
    }
    struct xo_copula *copula = NULL;
    struct xo_error err;
    if (last == NULL)
        return;
    const bool possible = xo_scenario_copula(r->s, 0, &copula, &err);
    if (!possible && !memory_ran_out(r, &err))
        problem_entry(r, last, ": %s; no inputs can have them all at once", err.text);
    xo_copula_free(copula);
}

/* ---- what --set fixes ---- */

/* The --set, or the option that stands for one, that gives a key; NULL: none does. */
static const struct xo_entry *set_of(const struct xo_store *store, int key)
{
    const int section = key < 0 ? -1 : section_of(key);
    const struct xo_entry *base = store_given(store, section, key);
    return base != NULL && base->origin == XO_FROM_SET ? base : NULL;
}

/* A range of the file for a key of --set, or a correlation that has lost its pairs. */
static bool is_fixed(const struct xo_store *store, const struct xo_entry *e)
{
    if (!is_uncertain(e))
        return false;
    return e->key == K_UNCERTAIN_CORRELATION
               ? e->value[0] == '\0'
               : e->origin != XO_FROM_SET && set_of(store, e->key) != NULL;
}

static bool names_fixed(const struct reader *r, const char *item)
{
    char copy[XO_VALUE_SIZE];
    const char *names[2];
    xo_text_copy(copy, sizeof copy, item);
    if (cut_pair(copy, names) == NULL)
        return false;
    for (size_t i = 0; i < r->store->n_entries; i++) {
        const struct xo_entry *e = &r->store->entries[i];
        if (is_fixed(r->store, e) &&
            (strcmp(e->name, names[0]) == 0 || strcmp(e->name, names[1]) == 0))
            return true;
    }
    return false;
}

/* Keep only the pairs of which neither key is fixed; a value that is no list stays, to be reported.
 * */
static void keep_pairs(struct reader *r, struct xo_entry *e)
{
    char copy[XO_VALUE_SIZE], kept[XO_VALUE_SIZE] = "";
    const char *items[MAX_LIST];
    const int n = list_split(e->value, false, copy, items);
    int n_kept = 0;
    for (int i = 0; i < n; i++) {
        if (names_fixed(r, items[i]))
            continue;
        const size_t length = strlen(kept);
        snprintf(kept + length, sizeof kept - length, "%s%s", n_kept > 0 ? ", " : "", items[i]);
        n_kept++;
    }
    if (n_kept < n)
        e->value = keep_text(r, "%s", kept);
}

void leave_out_fixed(struct reader *r)
{
    for (size_t i = 0; i < r->store->n_entries; i++)
        if (r->store->entries[i].key == K_UNCERTAIN_CORRELATION)
            keep_pairs(r, &r->store->entries[i]);
    for (size_t i = 0; i < r->store->n_entries; i++) {
        const struct xo_entry *e = &r->store->entries[i];
        if (is_fixed(r->store, e) && e->key != K_UNCERTAIN_CORRELATION)
            warning_entry(r, e, "; %s fixes %s, so that its range is left out",
                          set_of(r->store, e->key)->where, e->name);
    }
    store_drop(r->store, is_fixed);
}

/* A what-if keeps what was not known as it was: files need not be read again. */
static bool take_over(struct reader *r)
{
    const struct xo_scenario *from = r->donor;
    memcpy(r->s->correlations, from->correlations, sizeof from->correlations);
    r->s->n_correlations = from->n_correlations;
    for (int i = 0; i < from->n_uncertain; i++) {
        r->s->uncertain[i] = from->uncertain[i];
        if (!xo_dist_copy(&r->s->uncertain[i].dist, &from->uncertain[i].dist, NULL))
            return false;
        r->s->n_uncertain++;
    }
    return true;
}

void resolve_uncertain(struct reader *r)
{
    resolve_implied(r);
    if (r->donor != NULL) {
        r->out_of_memory |= !take_over(r);
        return;
    }
    for (size_t i = 0; i < r->store->n_entries; i++)
        if (is_uncertain(&r->store->entries[i]) &&
            r->store->entries[i].key != K_UNCERTAIN_CORRELATION)
            resolve_uncertain_one(r, &r->store->entries[i]);
    resolve_correlations(r);
}
