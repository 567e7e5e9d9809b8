/* dist.c - the grammar of distributions: lognormal(mean=2000, cv=0.6) tokens, empirical(a.csv:B),
 * 1200 + gamma(mean=300, cv=1) tokens.
 *
 * A form is a name and the parameters it takes; some go by name, some also by position. Text
 * becomes a struct call, the first form that fits its arguments exactly is made, and min and max
 * cut it. A new form is a row of forms[], and a maker where none of those there will do.
 *
 * Nothing is kept between calls, and *dist is the caller's to free only where reading succeeded.
 * Order, signs and sizes are refused here (sensible), in words of a scenario. A unit behind the
 * parentheses holds for all parameters but cv and alpha. Files are untrusted text. Begin with
 * forms[], read_one and dist_read.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/delimited.h"
#include "values.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_ARGS = 32, NAME_SIZE = 32, MAX_FILE_BYTES = 1 << 28 };

struct arg {
    char name[NAME_SIZE]; /* "": by position */
    char text[XO_VALUE_SIZE];
};
struct call {
    char name[NAME_SIZE], unit[64], inside[XO_VALUE_SIZE];
    struct arg args[MAX_ARGS];
    int n_args;
};

enum maker { BY_VALUE, BY_MOMENTS, BY_SD, BY_QUANTILES, BY_RANGE, BY_PARETO };
static const struct form {
    const char *name;
    enum xo_dist_kind kind;
    enum maker maker;
    bool positional;
    const char *params[3];
} forms[] = {
    { "constant", XO_DIST_CONSTANT, BY_VALUE, true, { "value" } },
    { "exponential", XO_DIST_EXPONENTIAL, BY_MOMENTS, false, { "mean" } },
    { "lognormal", XO_DIST_LOGNORMAL, BY_MOMENTS, false, { "mean", "cv" } },
    { "lognormal", XO_DIST_LOGNORMAL, BY_QUANTILES, false, { "p50", "p95" } },
    { "gamma", XO_DIST_GAMMA, BY_MOMENTS, false, { "mean", "cv" } },
    { "gamma", XO_DIST_GAMMA, BY_QUANTILES, false, { "p50", "p95" } },
    { "weibull", XO_DIST_WEIBULL, BY_MOMENTS, false, { "mean", "cv" } },
    { "weibull", XO_DIST_WEIBULL, BY_QUANTILES, false, { "p50", "p95" } },
    { "normal", XO_DIST_NORMAL, BY_MOMENTS, false, { "mean", "cv" } },
    { "normal", XO_DIST_NORMAL, BY_SD, false, { "mean", "sd" } },
    { "normal", XO_DIST_NORMAL, BY_QUANTILES, false, { "p50", "p95" } },
    { "uniform", XO_DIST_UNIFORM, BY_RANGE, true, { "lo", "hi" } },
    { "triangular", XO_DIST_TRIANGULAR, BY_RANGE, true, { "lo", "mode", "hi" } },
    { "pert", XO_DIST_PERT, BY_RANGE, true, { "lo", "mode", "hi" } },
    { "pareto", XO_DIST_PARETO, BY_PARETO, false, { "min", "alpha", "max" } },
};
enum { N_FORMS = sizeof forms / sizeof *forms };

static int n_params(const struct form *f)
{
    int n = 0;
    while (n < 3 && f->params[n] != NULL)
        n++;
    return n;
}

/* "name(inside) unit" into its parts; false when it has no such shape. */
static bool parse_call(const char *text, struct call *call)
{
    const char *open = strchr(text, '('), *close = strrchr(text, ')');
    if (open == NULL || close == NULL || close < open)
        return false;
    char buffer[XO_VALUE_SIZE];
    snprintf(buffer, sizeof buffer, "%.*s", (int)(open - text), text);
    xo_text_copy(call->name, sizeof call->name, xo_text_trim(buffer));
    snprintf(buffer, sizeof buffer, "%.*s", (int)(close - open - 1), open + 1);
    xo_text_copy(call->inside, sizeof call->inside, xo_text_trim(buffer));
    xo_text_copy(buffer, sizeof buffer, close + 1);
    xo_text_copy(call->unit, sizeof call->unit, xo_text_trim(buffer));
    return call->name[0] != '\0';
}

static bool parse_args(struct call *call)
{
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    call->n_args = list_split(call->inside, false, copy, items);
    for (int i = 0; i < call->n_args; i++) {
        struct arg *a = &call->args[i];
        char item[XO_VALUE_SIZE];
        xo_text_copy(item, sizeof item, items[i]);
        char *equals = strchr(item, '=');
        if (equals != NULL)
            *equals = '\0';
        xo_text_copy(a->name, sizeof a->name, equals == NULL ? "" : xo_text_trim(item));
        xo_text_copy(a->text, sizeof a->text, xo_text_trim(equals == NULL ? item : equals + 1));
    }
    return call->n_args > 0;
}

static const struct arg *arg_named(const struct call *call, const char *name)
{
    for (int i = 0; i < call->n_args; i++)
        if (strcasecmp(call->args[i].name, name) == 0)
            return &call->args[i];
    return NULL;
}

/* True when the arguments are just the form's, in args[]; min and max may stand beside names. */
static bool fits(const struct form *f, const struct call *call, const struct arg *args[3])
{
    const int n = n_params(f);
    const bool by_position = f->positional && call->n_args == n && call->args[0].name[0] == '\0';
    int n_known = 0;
    for (int i = 0; i < n; i++) {
        args[i] = by_position ? &call->args[i] : arg_named(call, f->params[i]);
        if (args[i] == NULL || (by_position && args[i]->name[0] != '\0'))
            return false;
        n_known++;
    }
    if (!f->positional && f->maker != BY_PARETO)
        n_known += (arg_named(call, "min") != NULL) + (arg_named(call, "max") != NULL);
    return n_known == call->n_args;
}

/* "lognormal takes (mean, cv) or (p50, p95), by name" */
static bool wrong_args(const char *name, struct xo_error *why)
{
    char text[200] = "";
    int n = 0;
    bool positional = false;
    for (int i = 0; i < N_FORMS; i++) {
        if (strcasecmp(forms[i].name, name) != 0)
            continue;
        n += snprintf(text + n, sizeof text - (size_t)n, "%s(", n == 0 ? "" : " or ");
        for (int p = 0; p < n_params(&forms[i]); p++)
            n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", p == 0 ? "" : ", ",
                          forms[i].params[p]);
        n += snprintf(text + n, sizeof text - (size_t)n, ")");
        positional = forms[i].positional;
    }
    return xo_fail(why, XO_ERR_INPUT, "; %s takes %s%s; inside the parentheses commas part values",
                   name, text, positional ? "" : ", by name, as in mean=2000");
}

static bool unknown_form(const char *name, struct xo_error *why)
{
    const char *names[N_FORMS + 2];
    char hint[80];
    for (int i = 0; i < N_FORMS; i++)
        names[i] = forms[i].name;
    names[N_FORMS] = "empirical";
    names[N_FORMS + 1] = "discrete";
    did_you_mean(hint, sizeof hint, xo_text_nearest(name, names, N_FORMS + 2));
    return xo_fail(
        why, XO_ERR_INPUT,
        ", an unknown distribution; it takes constant, uniform, triangular, pert, "
        "normal, lognormal, gamma, weibull, exponential, pareto, discrete or empirical%s",
        hint);
}

/* The value of one parameter: cv and alpha are numbers, the others quantities of the key's unit,
 * which may stand once after the closing parenthesis. */
static bool arg_value(const struct call *call, const char *param, const struct arg *arg,
                      const struct dist_context *in, double *value, struct xo_error *why)
{
    if (strcmp(param, "cv") == 0 || strcmp(param, "alpha") == 0)
        return quantity_read("weight", arg->text, in->hours_per_month, value, why);
    char with_unit[XO_VALUE_SIZE + 64];
    snprintf(with_unit, sizeof with_unit, "%s %s", arg->text, call->unit);
    struct xo_error inner = { 0 };
    const bool read = (call->unit[0] != '\0' &&
                       quantity_read(in->unit, with_unit, in->hours_per_month, value, NULL)) ||
                      quantity_read(in->unit, arg->text, in->hours_per_month, value, &inner);
    if (!read)
        return xo_fail(why, XO_ERR_INPUT, ", with %s = \"%s\"%s", param, arg->text, inner.text);
    *value *= in->scale;
    return true;
}

static bool make(const struct form *f, const double v[3], struct xo_dist *dist,
                 struct xo_error *err)
{
    switch (f->maker) {
    case BY_VALUE:
        return xo_dist_constant(dist, v[0], err);
    case BY_MOMENTS:
        return xo_dist_by_moments(dist, f->kind, v[0], f->params[1] == NULL ? 1 : v[1], err);
    case BY_SD:
        return xo_dist_by_moments(dist, f->kind, v[0], v[1] / v[0], err);
    case BY_QUANTILES:
        return xo_dist_by_quantiles(dist, f->kind, v[0], v[1], err);
    case BY_RANGE:
        return f->params[2] == NULL ? xo_dist_by_range(dist, f->kind, v[0], v[0], v[1], err)
                                    : xo_dist_by_range(dist, f->kind, v[0], v[1], v[2], err);
    case BY_PARETO:
        return xo_dist_pareto(dist, v[0], v[1], v[2], err);
    }
    return false;
}

/* What the makers would refuse, and in our words: order, signs, sizes. */
static bool sensible(const struct form *f, const double v[3], struct xo_error *why)
{
    const bool two = f->params[1] != NULL, three = f->params[2] != NULL;
    if (f->maker == BY_RANGE && (three ? v[0] > v[1] || v[1] > v[2] || v[0] == v[2] : v[0] >= v[1]))
        return xo_fail(why, XO_ERR_INPUT, "; its values must rise from lo to hi");
    if (f->maker == BY_PARETO && (v[0] <= 0 || v[2] <= v[0] || v[1] < 0.01 || v[1] > 100))
        return xo_fail(why, XO_ERR_INPUT,
                       "; pareto needs 0 < min < max and alpha from 0.01 to 100");
    if ((f->maker == BY_MOMENTS || f->maker == BY_SD) && v[0] <= 0)
        return xo_fail(why, XO_ERR_INPUT, "; its mean must be above 0");
    if ((f->maker == BY_MOMENTS || f->maker == BY_SD) && two) {
        const double cv = f->maker == BY_SD ? v[1] / v[0] : v[1];
        if (cv < 0 || cv > 20)
            return xo_fail(why, XO_ERR_INPUT, "; its cv (sd / mean) must be from 0 to 20");
    }
    if (f->maker == BY_QUANTILES && (v[0] <= 0 || v[1] < v[0] || v[1] > 1e4 * v[0]))
        return xo_fail(why, XO_ERR_INPUT, "; it needs 0 < p50 <= p95 <= 10000 x p50");
    return true;
}

static bool clip(const struct call *call, const struct dist_context *in, struct xo_dist *dist,
                 struct xo_error *why)
{
    const struct arg *min = arg_named(call, "min"), *max = arg_named(call, "max");
    double lo = dist->lo, hi = dist->hi;
    if (min != NULL && !arg_value(call, "min", min, in, &lo, why))
        return false;
    if (max != NULL && !arg_value(call, "max", max, in, &hi, why))
        return false;
    if (lo >= hi)
        return xo_fail(why, XO_ERR_INPUT, "; its min must be below its max");
    struct xo_error err;
    return xo_dist_clip(dist, lo, hi, &err) || xo_fail(why, err.kind, "; %s", err.text);
}

static bool make_form(const struct form *f, const struct call *call, const struct arg *args[3],
                      const struct dist_context *in, struct xo_dist *dist, struct xo_error *why)
{
    double v[3] = { 0, 0, 0 };
    for (int i = 0; i < n_params(f); i++)
        if (!arg_value(call, f->params[i], args[i], in, &v[i], why))
            return false;
    struct xo_error err;
    if (!sensible(f, v, why))
        return false;
    if (!make(f, v, dist, &err))
        return xo_fail(why, err.kind, "; %s", err.text);
    const bool cut = f->maker != BY_PARETO && !f->positional &&
                     (arg_named(call, "min") != NULL || arg_named(call, "max") != NULL);
    if (cut && !clip(call, in, dist, why)) {
        xo_dist_fini(dist);
        return false;
    }
    return true;
}

/* discrete(100:3, 2000:1) */
static bool make_discrete(const struct call *call, const struct dist_context *in,
                          struct xo_dist *dist, struct xo_error *why)
{
    double values[MAX_ARGS], weights[MAX_ARGS];
    for (int i = 0; i < call->n_args; i++) {
        struct arg a = call->args[i];
        char *colon = strchr(a.text, ':');
        if (colon == NULL || a.name[0] != '\0')
            return xo_fail(why, XO_ERR_INPUT,
                           "; discrete takes value:weight pairs, as in discrete(100:3, 2000:1)");
        *colon = '\0';
        if (!quantity_read("weight", xo_text_trim(colon + 1), in->hours_per_month, &weights[i],
                           why) ||
            !arg_value(call, "value", &a, in, &values[i], why))
            return false;
        if (weights[i] <= 0)
            return xo_fail(why, XO_ERR_INPUT, "; the weights of discrete must be above 0");
    }
    struct xo_error err;
    return xo_dist_of_values(dist, XO_DIST_DISCRETE, values, weights, (size_t)call->n_args, &err) ||
           xo_fail(why, err.kind, "; %s", err.text);
}

/* ---- empirical(file.csv:Column) ---- */

/* Where `column` stands in the header; -1 with *why. */
static int find_column(const struct xo_delimited *d, const char *column, struct xo_error *why)
{
    char hint[100];
    const char *const *names = (const char *const *)d->fields;
    for (int i = 0; i < d->n_fields; i++)
        if (strcmp(names[i], column) == 0)
            return i;
    if (d->parted_by != NULL) {
        xo_delimited_refuse_parting(d, why);
        return -1;
    }
    did_you_mean(hint, sizeof hint, xo_text_nearest(column, names, (size_t)d->n_fields));
    xo_fail(why, XO_ERR_INPUT, "%.200s has no column \"%.60s\"%s%.60s", d->path, column,
            hint[0] != '\0' ? hint : "; its first is ", hint[0] != '\0' ? "" : names[0]);
    return -1;
}

static bool read_number(const struct xo_delimited *d, const char *field, const char *column,
                        double *x, struct xo_error *why)
{
    const char *rest;
    return (xo_text_number(field, x, &rest) && *rest == '\0') ||
           xo_fail(why, XO_ERR_INPUT, "%.200s:%ld has no number in column \"%.60s\"", d->path,
                   d->line, column);
}

static bool read_column(struct xo_delimited *d, const char *column, double **values, size_t *n,
                        struct xo_error *why)
{
    bool is_end;
    size_t room = 0;
    if (!xo_delimited_header(d, &is_end, why))
        return false;
    const int index = find_column(d, column, why), n_columns = d->n_fields;
    if (index < 0)
        return false;
    while (xo_delimited_next(d, &is_end, why)) {
        double x;
        if (is_end)
            return *n > 0 || xo_fail(why, XO_ERR_INPUT, "%.200s has no rows", d->path);
        if (!xo_delimited_split(d, why))
            return false;
        if (d->n_fields != n_columns)
            return xo_delimited_fail(d, why, "the line has %d fields, the header %d", d->n_fields,
                                     n_columns);
        if (!read_number(d, d->fields[index], column, &x, why) ||
            !xo_array_reserve((void **)values, &room, *n + 1, sizeof **values, why))
            return false;
        (*values)[(*n)++] = x;
    }
    return false;
}

void path_beside(char *out, size_t size, const char *folder, const char *name)
{
    snprintf(out, size, "%s%s%s", name[0] == '/' ? "" : folder,
             name[0] == '/' || folder[0] == '\0' ? "" : "/", name);
}

static bool make_empirical(const struct call *call, const struct dist_context *in,
                           struct xo_dist *dist, struct xo_error *why)
{
    char name[XO_VALUE_SIZE], path[XO_PATH_SIZE + XO_VALUE_SIZE];
    xo_text_copy(name, sizeof name, call->inside);
    char *colon = strrchr(name, ':');
    if (colon == NULL || colon == name || colon[1] == '\0')
        return xo_fail(why, XO_ERR_INPUT, "; it takes empirical(file.csv:Column)");
    *colon = '\0';
    path_beside(path, sizeof path, in->folder, xo_text_trim(name));
    struct xo_delimited d = { .what = "a table of numbers",
                              .max_bytes = MAX_FILE_BYTES,
                              .dash_is_stdin = true };
    struct xo_error err = { 0 };
    size_t n = 0;
    double *values = NULL;
    if (!xo_delimited_open(&d, path, &err))
        return xo_fail(why, err.kind, "; %.400s", err.text);
    bool ok = read_column(&d, xo_text_trim(colon + 1), &values, &n, &err);
    xo_delimited_close(&d);
    for (size_t i = 0; i < n; i++)
        values[i] *= in->scale;
    ok = ok && xo_dist_of_values(dist, XO_DIST_EMPIRICAL, values, NULL, n, &err);
    free(values);
    return ok || xo_fail(why, err.kind, "; %.400s", err.text);
}

static bool read_one(const char *text, const struct dist_context *in, struct xo_dist *dist,
                     struct xo_error *why)
{
    struct call call = { .n_args = 0 };
    double x;
    if (strchr(text, '(') == NULL)
        return quantity_read(in->unit, text, in->hours_per_month, &x, why) &&
               xo_dist_constant(dist, x * in->scale, why);
    if (!parse_call(text, &call))
        return xo_fail(why, XO_ERR_INPUT, ", without a closing parenthesis");
    if (strcasecmp(call.name, "empirical") == 0)
        return make_empirical(&call, in, dist, why);
    if (!parse_args(&call))
        return xo_fail(why, XO_ERR_INPUT, ", without values in its parentheses");
    char one[80];
    snprintf(one, sizeof one, "1 %s", call.unit);
    if (call.unit[0] != '\0' && !quantity_read(in->unit, one, in->hours_per_month, &x, why))
        return false;
    if (strcasecmp(call.name, "discrete") == 0)
        return make_discrete(&call, in, dist, why);
    bool known = false;
    const struct arg *args[3];
    for (int i = 0; i < N_FORMS; i++) {
        if (strcasecmp(forms[i].name, call.name) != 0)
            continue;
        known = true;
        if (fits(&forms[i], &call, args))
            return make_form(&forms[i], &call, args, in, dist, why);
    }
    return known ? wrong_args(call.name, why) : unknown_form(call.name, why);
}

/* The plus between a quantity and a distribution: "1200 + lognormal(...)". Not that of an exponent.
 */
static const char *find_plus(const char *text)
{
    const char *open = strchr(text, '('), *plus = strchr(text, '+');
    while (plus != NULL && plus > text && strchr("eE", plus[-1]) != NULL)
        plus = strchr(plus + 1, '+');
    return open != NULL && plus != NULL && plus < open ? plus : NULL;
}

/* What stands before the plus, scaled: in its own unit, or in that behind the distribution. */
static bool read_shift(const char *text, const char *plus, const struct dist_context *in,
                       double *shift, struct xo_error *why)
{
    char before[XO_VALUE_SIZE], with_unit[2 * XO_VALUE_SIZE];
    const char *rest, *close = strrchr(plus, ')');
    double bare;
    snprintf(before, sizeof before, "%.*s", (int)(plus - text), text);
    const char *typed = xo_text_trim(before);
    if (strcasecmp(typed, "shared_prefix") == 0 && !isnan(in->shared_prefix)) {
        *shift = in->shared_prefix;
        return true;
    }
    const bool has_unit = !xo_text_number(typed, &bare, &rest) || *rest != '\0';
    snprintf(with_unit, sizeof with_unit, "%s %s", typed,
             has_unit || close == NULL ? "" : close + 1);
    if (!quantity_read(in->unit, xo_text_trim(with_unit), in->hours_per_month, shift, why))
        return false;
    *shift *= in->scale;
    return true;
}

bool dist_read(const char *text, const struct dist_context *in, struct xo_dist *dist,
               struct xo_error *why)
{
    const char *plus = find_plus(text);
    double shift = 0;
    if (plus == NULL)
        return read_one(text, in, dist, why);
    char behind[XO_VALUE_SIZE];
    xo_text_copy(behind, sizeof behind, plus + 1);
    if (!read_shift(text, plus, in, &shift, why) || !read_one(xo_text_trim(behind), in, dist, why))
        return false;
    xo_dist_shift(dist, shift);
    return true;
}
