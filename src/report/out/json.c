/* json.c - results as JSON: base units in the names, null for what does not exist.
 *
 * The state is a struct xo_json, whose mark of failure sticks: out of memory anywhere, and the dump
 * fails, so that callers check once. Objects are jansson's; a value that is put into one is taken.
 * Pieces that several studies share (bills, prices, the scenario, traces) are made here, and the
 * rest beside each study's page.
 *
 * A schema's name changes its number when a field goes or changes its meaning; new fields may come.
 * Nothing here depends on wall time or on the number of threads. Numbers are the shortest text that
 * reads back the same (put_shortened), where jansson writes 17 digits: 0.2, and not
 * 0.20000000000000001. Begin with xo_json_number, put_shortened and xo_json_scenario.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page/page.h"

#include "xo/clock.h"
#include "xo/table.h"
#include "xo/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *xo_json_object(struct xo_json *j)
{
    json_t *object = json_object();
    j->failed = j->failed || object == NULL;
    return object;
}

json_t *xo_json_array(struct xo_json *j)
{
    json_t *array = json_array();
    j->failed = j->failed || array == NULL;
    return array;
}

void xo_json_put(struct xo_json *j, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        j->failed = true;
}

void xo_json_append(struct xo_json *j, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        j->failed = true;
}

json_t *xo_json_number(double value)
{
    if (!isfinite(value))
        return json_null();
    if (fabs(value) < 9007199254740992.0 && value == nearbyint(value)) /* 2^53 */
        return json_integer((json_int_t)value);
    return json_real(value);
}

json_t *xo_json_text(const char *text)
{
    json_t *string = json_string(text);
    if (string != NULL)
        return string;
    const size_t size = 4 * strlen(text) + 8; /* not UTF-8; "<U+00AD>" stands for two bytes */
    char *plain = malloc(size);
    if (plain != NULL)
        string = json_string(xo_plain(plain, size, text, size));
    free(plain);
    return string;
}

void xo_json_put_number(struct xo_json *j, json_t *object, const char *key, double value)
{
    xo_json_put(j, object, key, xo_json_number(value));
}

void xo_json_put_text(struct xo_json *j, json_t *object, const char *key, const char *text)
{
    xo_json_put(j, object, key, xo_json_text(text));
}

void xo_json_put_bool(struct xo_json *j, json_t *object, const char *key, bool value)
{
    xo_json_put(j, object, key, json_boolean(value));
}

/* A character of a string: an order, or one that nobody sees, by its number, which reads back as
 * the same. Returns how many bytes of `json` that were. */
static size_t put_character(struct xo_buf *buf, const char *json)
{
    uint32_t code = 0;
    const size_t bytes = xo_text_character(json, strnlen(json, 4), &code);
    if (!xo_text_is_control(code) && !xo_text_is_invisible(code))
        xo_put_bytes(buf, json, bytes);
    else if (code < 0x10000)
        xo_put(buf, "\\u%04X", (unsigned)code);
    else
        xo_put(buf, "\\u%04X\\u%04X", (unsigned)(0xD800 + ((code - 0x10000) >> 10)),
               (unsigned)(0xDC00 + (code & 0x3FF)));
    return bytes;
}

/* jansson writes reals with 17 digits; the shortest text that reads back the same is 0.2, not
 * 0.20000000000000001. A real is known by its '.' or 'e'. */
static void put_shortened(struct xo_buf *buf, const char *json)
{
    bool in_string = false;
    while (*json != '\0') {
        const bool number = !in_string && (*json == '-' || (*json >= '0' && *json <= '9'));
        size_t bytes = number ? strspn(json, "+-.0123456789eE") : 1;
        double value = 0;
        const char *rest = NULL;
        char exact[32];
        if (number && strcspn(json, ".eE") < bytes && xo_text_number(json, &value, &rest))
            xo_put(buf, "%s", xo_text_exact(exact, value));
        else if (in_string && *json == '\\') {
            xo_put_bytes(buf, json, 2);
            json += 2;
            continue;
        } else if (in_string)
            bytes = put_character(buf, json);
        else
            xo_put_bytes(buf, json, bytes);
        in_string = in_string != (*json == '"');
        json += bytes;
    }
}

/* A json_dump_callback_t. Jansson 2.14 goes on where a name could not be written, so that the
 * buffer's own mark counts, not what it returns. */
static int append(const char *bytes, size_t n, void *buf)
{
    xo_put_bytes(buf, bytes, n);
    return ((struct xo_buf *)buf)->failed ? -1 : 0;
}

void xo_json_dump(struct xo_json *j, json_t *root, struct xo_buf *buf)
{
    struct xo_buf text = { .failed = j->failed };
    if (json_dump_callback(root, append, &text, JSON_INDENT(1)) == 0 && !text.failed)
        put_shortened(buf, text.text);
    else
        buf->failed = true;
    xo_put(buf, "\n");
    xo_buf_fini(&text);
    json_decref(root);
}

/* ---- pieces ---- */

void xo_json_step_error(struct xo_json *j, json_t *object, const struct xo_build_option *option)
{
    xo_json_put_text(j, object, "step_class", xo_step_errors[option->step_class].name);
    xo_json_put_number(j, object, "step_error_frac", option->step_sigma);
    xo_json_put_number(j, object, "step_typical_frac", xo_step_typical_frac(option));
}

/* Whole numbers as such where a double holds each of them. */
static json_t *micro_json(double micro_usd)
{
    return fabs(micro_usd) < 0x1p53 ? json_integer((json_int_t)micro_usd)
                                    : xo_json_number(micro_usd);
}

json_t *xo_json_bill(struct xo_json *j, const struct xo_bill *bill)
{
    json_t *object = xo_json_object(j), *items = xo_json_array(j);
    for (int i = 0; i < bill->n_items; i++) {
        json_t *item = xo_json_object(j);
        xo_json_put_text(j, item, "group", xo_group_name(bill->items[i].group));
        xo_json_put_text(j, item, "label", bill->items[i].label);
        xo_json_put(j, item, "micro_usd", micro_json(bill->items[i].micro_usd));
        xo_json_append(j, items, item);
    }
    xo_json_put(j, object, "total_micro_usd", micro_json(xo_bill_micro_usd(bill)));
    xo_json_put(j, object, "items", items);
    return object;
}

json_t *xo_json_metrics(struct xo_json *j, const struct xo_point_metrics *m,
                        const struct xo_scenario *s)
{
    struct rows slo = { .json = j, .array = xo_json_array(j) };
    for (int c = 0; c < s->workload.n_classes; c++)
        for (int k = 0; k < s->slo[c].n_targets; k++) {
            const struct xo_slo_target *target = &s->slo[c].targets[k];
            const struct cell cells[] = {
                { "class", TEXT(s->workload.classes[c].name) },
                { "metric", WORD(xo_metric_name(target->metric)) },
                { "quantile", NUMBER(target->quantile) },
                { "limit_s", NUMBER(target->limit_s) },
                { "attained_frac", NUMBER(m->attained_frac[c][k]) },
            };
            ROW_PUT(&slo, cells);
        }
#define METRIC(metric, unit) { #metric, unit, NUMBER(m->metric) },
    const struct cell cells[] = {
        XO_METRICS(METRIC) /* with its comma */
        { "n_measured", NUMBER(m->n_measured) },
        { "n_simulated", NUMBER(m->n_simulated) },
        { "slo", JSON(slo.array) },
    };
    return CELLS_JSON(j, cells);
}

/* Why an option meets no SLO, and what would; what was not found is null, and also what was not
 * looked for (searched false). */
json_t *xo_json_infeasible(struct xo_json *j, const struct xo_scenario *s, int option,
                           const struct xo_infeasible *why)
{
    static const char *const causes[] = { "target", "timeout", "refused", "failed" };
    XO_TABLE_OF(causes, XO_N_CAUSES);
    const struct xo_slo_target *target = &s->slo[why->class_index].targets[why->target];
    json_t *row = xo_json_object(j);
    xo_json_put_text(j, row, "option", s->options[option].label);
    xo_json_put_text(j, row, "cause", causes[why->cause]);
    if (why->cause == XO_CAUSE_FAILED) {
        xo_json_put_text(j, row, "reason", why->reason);
        return row;
    }
    xo_json_put_text(j, row, "class", s->workload.classes[why->class_index].name);
    xo_json_put_text(j, row, "metric", xo_metric_name(target->metric));
    xo_json_put_number(j, row, "quantile", target->quantile);
    xo_json_put_number(j, row, "limit_s", target->limit_s);
    xo_json_put_bool(j, row, "by_timeout", why->cause == XO_CAUSE_TIMEOUT);
    xo_json_put_number(j, row, "lone_s", why->lone_s);
    xo_json_put_number(j, row, "targets_missed", why->n_missed);
    xo_json_put_bool(j, row, "searched", why->searched);
    xo_json_put_number(j, row, "would_tensor_parallel",
                       why->tensor_parallel > 0 ? why->tensor_parallel : (double)NAN);
    xo_json_put(j, row, "would_gpu", why->gpu[0] != '\0' ? xo_json_text(why->gpu) : json_null());
    xo_json_put_number(j, row, "would_limit_s", xo_round_up(why->lone_s));
    return row;
}

json_t *xo_json_guesses(struct xo_json *j, const struct xo_scenario *s)
{
    struct xo_words words = { 0 };
    json_t *array = xo_json_array(j);
    for (int i = 0; i < s->n_entries; i++) {
        if (!s->entries[i].guess)
            continue;
        json_t *row = xo_json_object(j);
        xo_json_put_text(j, row, "key", xo_key_text(&words, &s->entries[i]));
        xo_json_put_text(j, row, "value", s->entries[i].value);
        xo_json_append(j, array, row);
    }
    return array;
}

/* What an API charges, and its role; class_name: the class whose own API it is, NULL: of none. */
static json_t *price(struct xo_json *j, const char *role, const char *class_name,
                     const struct xo_api *api)
{
    json_t *row = xo_json_object(j);
    xo_json_put_text(j, row, "role", role);
    xo_json_put(j, row, "class", class_name != NULL ? xo_json_text(class_name) : json_null());
    xo_json_put_text(j, row, "name", api->tariff.name);
    xo_json_put_text(j, row, "as_of", api->as_of);
    xo_json_put_text(j, row, "source", api->source);
    return row;
}

json_t *xo_json_prices(struct xo_json *j, const struct xo_scenario *s)
{
    json_t *array = xo_json_array(j);
    for (int i = 0; i < s->n_apis; i++)
        xo_json_append(j, array, price(j, "buy", NULL, &s->apis[i]));
    for (int i = 0; i < s->n_same_model; i++)
        xo_json_append(j, array, price(j, "same", NULL, &s->same_model[i]));
    for (int c = 0; c < s->workload.n_classes; c++)
        if (s->class_apis[c].tariff.name[0] != '\0')
            xo_json_append(j, array,
                           price(j, "class", s->workload.classes[c].name, &s->class_apis[c]));
    return array;
}

json_t *xo_json_ledger(struct xo_json *j, const struct xo_scenario *s)
{
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    xo_put_ledger(&rows, s);
    return rows.array;
}

/* Targets of classes too rare for them to be judged. */
static json_t *unjudged_json(struct xo_json *j, const struct xo_scenario *s)
{
    json_t *array = xo_json_array(j);
    for (int c = 0; c < s->workload.n_classes; c++)
        for (int t = 0; t < s->slo[c].n_targets; t++) {
            if (xo_slo_is_judged(s, c, t))
                continue;
            json_t *row = xo_json_object(j);
            xo_json_put_text(j, row, "class", s->workload.classes[c].name);
            xo_json_put_number(j, row, "share_of_requests", s->workload.classes[c].weight);
            xo_json_put_text(j, row, "metric", xo_metric_name(s->slo[c].targets[t].metric));
            xo_json_put_number(j, row, "quantile", s->slo[c].targets[t].quantile);
            xo_json_append(j, array, row);
        }
    return array;
}

/* What reading the trace found, and the volume without and with what was cut. */
static json_t *trace_json(struct xo_json *j, const struct xo_scenario *s)
{
    static const char *const from[] = { "dates", "given", "name", "inferred" };
    XO_TABLE_OF(from, XO_N_TRACE_UNIT_ORIGINS);
    const struct xo_trace_notes *n = &s->trace.notes;
    const double month_s = XO_HOUR_S * s->hours_per_month;
    json_t *object = xo_json_object(j), *strays = xo_json_array(j);
    for (size_t i = 0; i < n->n_strays && i < XO_TRACE_MAX_NAMED; i++) {
        json_t *row = xo_json_object(j);
        xo_json_put_number(j, row, "line", (double)n->strays[i].line);
        xo_json_put_text(j, row, "stamp", n->strays[i].stamp);
        xo_json_append(j, strays, row);
    }
    xo_json_put_number(j, object, "n_requests", (double)s->trace.n);
    xo_json_put_number(j, object, "length_s", s->trace.period_s);
    xo_json_put_text(j, object, "unit", xo_trace_unit_name(n->unit));
    xo_json_put_text(j, object, "unit_from", from[n->unit_from]);
    xo_json_put_text(j, object, "unit_why", n->unit_why);
    xo_json_put_number(j, object, "requests_month",
                       (double)s->trace.n / s->trace.period_s * month_s);
    xo_json_put_number(j, object, "requests_month_uncut", (double)n->n_rows / n->as_is_s * month_s);
    xo_json_put_number(j, object, "n_without_prompt", (double)n->n_no_prompt);
    xo_json_put_number(j, object, "n_without_output", (double)n->n_no_output);
    xo_json_put_number(j, object, "n_without_tokens", (double)n->n_no_tokens);
    xo_json_put_number(j, object, "n_strays", (double)n->n_strays);
    xo_json_put(j, object, "strays", strays);
    xo_json_put_number(j, object, "n_holes", n->n_holes);
    xo_json_put_number(j, object, "cut_s", n->cut_s);
    xo_json_put_number(j, object, "n_repeated", (double)n->n_twins);
    xo_json_put(j, object, "hash_ids_unused", json_boolean(n->has_hash_ids));
    return object;
}

static json_t *price_days_json(struct xo_json *j, const struct xo_scenario *s)
{
    const char *oldest, *newest;
    const int stale = xo_price_days(s, &oldest, &newest);
    json_t *object = xo_json_object(j);
    xo_json_put(j, object, "oldest", oldest[0] != '\0' ? xo_json_text(oldest) : json_null());
    xo_json_put(j, object, "newest", newest[0] != '\0' ? xo_json_text(newest) : json_null());
    xo_json_put_number(j, object, "n_stale", stale);
    return object;
}

json_t *xo_json_scenario(struct xo_json *j, const struct xo_scenario *s)
{
    json_t *object = xo_json_object(j);
    char hash[20];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)xo_scenario_hash(s));
    xo_json_put_text(j, object, "name", s->name);
    xo_json_put_text(j, object, "path", s->path);
    xo_json_put_text(j, object, "hash", hash);
    xo_json_put_text(j, object, "as_of", s->as_of);
    xo_json_put(j, object, "seed", json_integer((json_int_t)s->seed));
    xo_json_put_text(j, object, "parity", xo_parity_names[s->parity]);
    xo_json_put_text(j, object, "parity_evidence", s->parity_evidence);
    xo_json_put_number(j, object, "plan_requests_month", s->requests_per_month);
    xo_json_put_number(j, object, "hours_month", s->hours_per_month);
    xo_json_put_number(j, object, "commitment_months", s->commitment_months);
    xo_json_put_number(j, object, "materiality_frac", s->materiality_frac);
    xo_json_put_number(j, object, "n_guesses", s->n_guesses);
    xo_json_put(j, object, "guesses", xo_json_guesses(j, s));
    xo_json_put(j, object, "prices", xo_json_prices(j, s));
    xo_json_put(j, object, "price_days", price_days_json(j, s));
    xo_json_put(j, object, "slo_not_judged", unjudged_json(j, s));
    if (s->workload.trace != NULL)
        xo_json_put(j, object, "trace", trace_json(j, s));
    xo_json_put_number(j, object, "same_low_usd_per_mtok", s->same_model_low_usd_per_mtok);
    xo_json_put_number(j, object, "same_high_usd_per_mtok", s->same_model_high_usd_per_mtok);
    return object;
}

json_t *xo_json_surrogates(struct xo_json *j, const struct xo_scenario *s,
                           const struct xo_surrogate_report reports[], int n)
{
    json_t *array = xo_json_array(j);
    for (int i = 0; i < n; i++) {
        const struct xo_surrogate_report *u = &reports[i];
        json_t *e = xo_json_object(j);
        const bool known = u->option >= 0 && u->option < s->n_options;
        xo_json_put_text(j, e, "option", known ? s->options[u->option].label : "");
        xo_json_put_number(j, e, "capacity_searches", u->n_searches);
        xo_json_put_number(j, e, "design_points", u->n_design);
        xo_json_put_number(j, e, "held_out_points", u->n_held_out);
        xo_json_put_number(j, e, "infeasible_points", u->n_infeasible);
        xo_json_put_number(j, e, "held_out_rms_log", u->held_out_rms);
        xo_json_put_number(j, e, "held_out_worst_log", u->held_out_worst);
        xo_json_put_number(j, e, "shared_sd_log", u->shared_sd);
        xo_json_put_number(j, e, "simulation_sd_log", u->simulation_sd);
        xo_json_put_bool(j, e, "precise", u->precise);
        xo_json_append(j, array, e);
    }
    return array;
}
