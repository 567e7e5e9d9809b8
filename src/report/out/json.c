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
#include "report/page/tables.h"
#include "report/words/sentences.h"
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

static bool is_utf8(const char *text)
{
    uint32_t code;
    for (size_t n = strlen(text), bytes; n > 0; n -= bytes, text += bytes)
        if ((bytes = xo_text_character(text, n, &code)) == 0)
            return false;
    return true;
}

json_t *xo_json_text(const char *text)
{
    if (is_utf8(text))
        return json_string(text);
    json_t *string = NULL;
    const size_t size = 4 * strlen(text) + 8; /* "<U+00AD>" stands for two bytes */
    char *plain = malloc(size);
    if (plain != NULL)
        string = json_string(xo_plain(plain, size, text, size));
    free(plain);
    return string;
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

/* Whole numbers as such where a double holds each of them. */
static json_t *micro_json(double micro_usd)
{
    return fabs(micro_usd) < 0x1p53 ? json_integer((json_int_t)micro_usd)
                                    : xo_json_number(micro_usd);
}

json_t *xo_json_bill(struct xo_json *j, const struct xo_bill *bill)
{
    struct rows items = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < bill->n_items; i++) {
        const struct xo_bill_item *item = &bill->items[i];
        const struct cell cells[] = {
            { "group", WORD(xo_group_name(item->group)) },
            { "label", TEXT(item->label) },
            { "micro_usd", JSON(micro_json(item->micro_usd)) },
        };
        ROW_PUT(&items, cells);
    }
    const struct cell cells[] = {
        { "total_micro_usd", JSON(micro_json(xo_bill_micro_usd(bill))) },
        { "items", JSON(items.array) },
    };
    return CELLS_JSON(j, cells);
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
    if (why->cause == XO_CAUSE_FAILED) {
        const struct cell cells[] = { { "option", TEXT(s->options[option].label) },
                                      { "cause", WORD(causes[why->cause]) },
                                      { "reason", TEXT(why->reason) } };
        return CELLS_JSON(j, cells);
    }
    const struct cell cells[] = {
        { "option", TEXT(s->options[option].label) },
        { "cause", WORD(causes[why->cause]) },
        { "class", TEXT(s->workload.classes[why->class_index].name) },
        { "metric", WORD(xo_metric_name(target->metric)) },
        { "quantile", NUMBER(target->quantile) },
        { "limit_s", NUMBER(target->limit_s) },
        { "by_timeout", FLAG(why->cause == XO_CAUSE_TIMEOUT) },
        { "lone_s", NUMBER(why->lone_s) },
        { "targets_missed", NUMBER(why->n_missed) },
        { "searched", FLAG(why->searched) },
        { "would_kv_room_tokens",
          NUMBER(why->kv_room_tokens > 0 ? why->kv_room_tokens : (double)NAN) },
        { "would_tensor_parallel",
          NUMBER(why->tensor_parallel > 0 ? why->tensor_parallel : (double)NAN) },
        { "would_gpu", TEXT(why->gpu[0] != '\0' ? why->gpu : NULL) },
        { "would_limit_s", NUMBER(xo_round_up(why->lone_s)) },
    };
    return CELLS_JSON(j, cells);
}

static json_t *guesses_json(struct xo_json *j, const struct xo_scenario *s)
{
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < s->n_entries; i++) {
        struct xo_words words = { 0 };
        const struct cell cells[] = {
            { "key", TEXT(xo_key_text(&words, &s->entries[i])) },
            { "value", TEXT(s->entries[i].value) },
        };
        if (s->entries[i].guess)
            ROW_PUT(&rows, cells);
    }
    return rows.array;
}

/* What an API charges, and its role; class_name: the class whose own API it is, NULL: of none. */
static void put_price(struct rows *to, const char *role, const char *class_name,
                      const struct xo_api *api)
{
    const struct cell cells[] = {
        { "role", WORD(role) },
        { "class", TEXT(class_name) },
        { "name", TEXT(api->tariff.name) },
        { "as_of", TEXT(api->as_of) },
        { "source", TEXT(api->source) },
    };
    ROW_PUT(to, cells);
}

static json_t *prices_json(struct xo_json *j, const struct xo_scenario *s)
{
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < s->n_apis; i++)
        put_price(&rows, "buy", NULL, &s->apis[i]);
    for (int i = 0; i < s->n_same_model; i++)
        put_price(&rows, "same", NULL, &s->same_model[i]);
    for (int c = 0; c < s->workload.n_classes; c++)
        if (s->class_apis[c].tariff.name[0] != '\0')
            put_price(&rows, "class", s->workload.classes[c].name, &s->class_apis[c]);
    return rows.array;
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
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    for (int c = 0; c < s->workload.n_classes; c++)
        for (int t = 0; t < s->slo[c].n_targets; t++) {
            const struct cell cells[] = {
                { "class", TEXT(s->workload.classes[c].name) },
                { "share_of_requests", NUMBER(s->workload.classes[c].weight) },
                { "metric", WORD(xo_metric_name(s->slo[c].targets[t].metric)) },
                { "quantile", NUMBER(s->slo[c].targets[t].quantile) },
            };
            if (!xo_slo_is_judged(s, c, t))
                ROW_PUT(&rows, cells);
        }
    return rows.array;
}

/* What reading the trace found, and the volume without and with what was cut. */
static json_t *trace_json(struct xo_json *j, const struct xo_scenario *s)
{
    static const char *const from[] = { "dates", "given", "name", "inferred" };
    XO_TABLE_OF(from, XO_N_TRACE_UNIT_ORIGINS);
    const struct xo_trace_notes *n = &s->trace.notes;
    const double month_s = XO_HOUR_S * s->hours_per_month;
    struct rows strays = { .json = j, .array = xo_json_array(j) };
    for (size_t i = 0; i < n->n_strays && i < XO_TRACE_MAX_NAMED; i++) {
        const struct cell cells[] = { { "line", NUMBER(n->strays[i].line) },
                                      { "stamp", TEXT(n->strays[i].stamp) } };
        ROW_PUT(&strays, cells);
    }
    const struct cell cells[] = {
        { "n_requests", NUMBER(s->trace.n) },
        { "length_s", NUMBER(s->trace.period_s) },
        { "unit", WORD(xo_trace_unit_name(n->unit)) },
        { "unit_from", WORD(from[n->unit_from]) },
        { "unit_why", TEXT(n->unit_why) },
        { "requests_month", NUMBER((double)s->trace.n / s->trace.period_s * month_s) },
        { "requests_month_uncut", NUMBER((double)n->n_rows / n->as_is_s * month_s) },
        { "n_without_prompt", NUMBER(n->n_no_prompt) },
        { "n_without_output", NUMBER(n->n_no_output) },
        { "n_without_tokens", NUMBER(n->n_no_tokens) },
        { "n_strays", NUMBER(n->n_strays) },
        { "strays", JSON(strays.array) },
        { "n_holes", NUMBER(n->n_holes) },
        { "cut_s", NUMBER(n->cut_s) },
        { "n_repeated", NUMBER(n->n_twins) },
        { "hash_ids_unused", FLAG(n->has_hash_ids) },
    };
    return CELLS_JSON(j, cells);
}

static json_t *price_days_json(struct xo_json *j, const struct xo_scenario *s)
{
    const char *oldest, *newest;
    const int stale = xo_price_days(s, &oldest, &newest);
    const struct cell cells[] = {
        { "oldest", TEXT(oldest[0] != '\0' ? oldest : NULL) },
        { "newest", TEXT(newest[0] != '\0' ? newest : NULL) },
        { "n_stale", NUMBER(stale) },
    };
    return CELLS_JSON(j, cells);
}

/* What is counted in beside requests; NULL: nothing. */
static json_t *unit_json(struct xo_json *j, const struct xo_scenario *s)
{
    const struct cell cells[] = {
        { "name", TEXT(s->unit.name) },
        { "plural", TEXT(s->unit.plural) },
        { "requests_per_unit", NUMBER(s->unit.calls) },
        { "price_usd", NUMBER(s->unit.price_usd) },
        { "plan_units_month", NUMBER(s->requests_per_month / s->unit.calls) },
    };
    return xo_has_unit(s) ? CELLS_JSON(j, cells) : NULL;
}

json_t *xo_json_scenario(struct xo_json *j, const struct xo_scenario *s)
{
    struct xo_words words = { 0 };
    const unsigned long long hash = xo_scenario_hash(s);
    const struct cell cells[] = {
        { "name", TEXT(s->name) },
        { "path", TEXT(s->path) },
        { "hash", WORD(xo_say(&words, "%016llx", hash)) },
        { "as_of", TEXT(s->as_of) },
        { "seed", JSON(json_integer((json_int_t)s->seed)) },
        { "parity", WORD(xo_parity_names[s->parity]) },
        { "parity_evidence", TEXT(s->parity_evidence) },
        { "plan_requests_month", NUMBER(s->requests_per_month) },
        { "hours_month", NUMBER(s->hours_per_month) },
        { "commitment_months", NUMBER(s->commitment_months) },
        { "materiality_frac", NUMBER(s->materiality_frac) },
        { "n_guesses", NUMBER(s->n_guesses) },
        { "guesses", JSON(guesses_json(j, s)) },
        { "prices", JSON(prices_json(j, s)) },
        { "price_days", JSON(price_days_json(j, s)) },
        { "slo_not_judged", JSON(unjudged_json(j, s)) },
        { "trace", JSON(s->workload.trace != NULL ? trace_json(j, s) : NULL), .if_known = true },
        { "same_low_usd_per_mtok", NUMBER(s->same_model_low_usd_per_mtok) },
        { "same_high_usd_per_mtok", NUMBER(s->same_model_high_usd_per_mtok) },
        { "unit", JSON(unit_json(j, s)), .if_known = true },
    };
    return CELLS_JSON(j, cells);
}

json_t *xo_json_notes(struct xo_json *j, int n, const char notes[][XO_SWEEP_NOTE_SIZE])
{
    json_t *array = xo_json_array(j);
    for (int i = 0; i < n; i++)
        xo_json_append(j, array, xo_json_text(notes[i]));
    return array;
}

json_t *xo_json_surrogates(struct xo_json *j, const struct xo_scenario *s,
                           const struct xo_surrogate_report reports[], int n)
{
    struct rows rows = { .json = j, .array = xo_json_array(j) };
    for (int i = 0; i < n; i++) {
        const struct xo_surrogate_report *u = &reports[i];
        const bool known = u->option >= 0 && u->option < s->n_options;
        const struct cell cells[] = {
            { "option", TEXT(known ? s->options[u->option].label : "") },
            { "capacity_searches", NUMBER(u->n_searches) },
            { "design_points", NUMBER(u->n_design) },
            { "held_out_points", NUMBER(u->n_held_out) },
            { "infeasible_points", NUMBER(u->n_infeasible) },
            { "held_out_rms_log", NUMBER(u->held_out_rms) },
            { "held_out_worst_log", NUMBER(u->held_out_worst) },
            { "shared_sd_log", NUMBER(u->shared_sd) },
            { "simulation_sd_log", NUMBER(u->simulation_sd) },
            { "precise", FLAG(u->precise) },
        };
        ROW_PUT(&rows, cells);
    }
    return rows.array;
}
