/* resolve.c - entries to structs: the scenario, its workload, its service level, its uncertainty.
 *
 * It reads the store, whose values have been read (values.c), and fills the struct xo_scenario.
 * What follows from elsewhere (the name from the file, a volume from a trace) is derived: it is
 * entered into the store with where it is from, so that the resolved text has it. A value that
 * could not be read has been reported by then; the rest is resolved all the same, so that all
 * problems are told in one go.
 *
 * Defaults stand in the table of keys alone. Tried before: a value beside each use of a key, some
 * 80 of them, not all of which agreed with the table. The order in resolve() matters: lengths and
 * the trace come before a volume in tokens, and options before money. Build options, money and what
 * is uncertain have files of their own (build.c, money.c, uncertain.c). Begin with resolve, at the
 * end.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolve.h"
#include "values.h"
#include "xo/text.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void derive(struct reader *r, int group, int key, const char *value, const char *where)
{
    struct xo_entry *e = store_add(r->store, group, key);
    if (e == NULL) {
        r->out_of_memory = true;
        return;
    }
    e->value = keep_text(r, "%s", value);
    e->where = keep_text(r, "%s", where);
    e->origin = XO_FROM_DERIVED;
    r->store->n_read = r->store->n_entries;
}

void folder_of(const char *path, char folder[XO_PATH_SIZE])
{
    xo_text_copy(folder, XO_PATH_SIZE, path);
    char *slash = strrchr(folder, '/');
    if (slash == folder && slash != NULL)
        slash++;
    if (slash != NULL)
        *slash = '\0';
    else
        folder[0] = '\0';
}

static void copy_text(const struct xo_store *store, int group, int key, char *to, size_t size)
{
    const char *text = store_text(store, group, key);
    xo_text_copy(to, size, text == NULL ? "" : text);
}

/* Could a line of a scenario hold this name, which is not empty, as it is? */
static bool is_plain_name(const char *name)
{
    bool plain = strchr("?\"' ", name[0]) == NULL && name[strlen(name) - 1] != ' ';
    for (size_t left = strlen(name), n; plain && left > 0; name += n, left -= n) {
        uint32_t code = 0;
        n = xo_text_character(name, left, &code);
        plain = n > 0 && code != ';' && code != '#' && !xo_text_is_control(code) &&
                !xo_text_is_invisible(code) && strncmp(name, "  ", 2) != 0;
    }
    return plain;
}

/* "support" of "scenarios/support.ini". It is entered, so that what is resolved keeps the title
 * under another file's name; but for one that no line of a scenario could hold. */
static void name_from_path(struct reader *r)
{
    struct xo_scenario *s = r->s;
    const char *slash = strrchr(s->path, '/');
    const char *file = slash == NULL ? s->path : slash + 1;
    snprintf(s->name, sizeof s->name, "%.*s", (int)strcspn(file, "."), file);
    if (s->name[0] == '\0' || strcmp(s->path, "-") == 0)
        xo_text_copy(s->name, sizeof s->name, "Scenario");
    if (is_plain_name(s->name))
        derive(r, S_SCENARIO, K_SCENARIO_NAME, s->name, "the file's name");
}

static void resolve_labels(struct reader *r)
{
    struct xo_scenario *s = r->s;
    const struct xo_store *store = r->store;
    copy_text(store, S_SCENARIO, K_SCENARIO_NAME, s->name, sizeof s->name);
    if (s->name[0] == '\0')
        name_from_path(r);
    copy_text(store, S_SCENARIO, K_SCENARIO_AS_OF, s->as_of, sizeof s->as_of);
    copy_text(store, S_SCENARIO, K_SCENARIO_PARITY_EVIDENCE, s->parity_evidence,
              sizeof s->parity_evidence);
    s->parity = (enum xo_parity)store_integer(store, S_SCENARIO, K_SCENARIO_PARITY);
    const char *timezone = store_text(store, S_SCENARIO, K_SCENARIO_TIMEZONE);
    if (timezone != NULL && !timezone_read(timezone, &s->timezone_min, NULL))
        s->timezone_min = 0; /* reported when the value was read */
    s->seed = (uint64_t)store_value(store, S_SCENARIO, K_SCENARIO_SEED);
    s->materiality_frac = store_value(store, S_SCENARIO, K_SCENARIO_MATERIALITY);
    s->min_volume_factor = store_value(store, S_STUDY, K_STUDY_MIN_VOLUME);
    s->max_volume_factor = store_value(store, S_STUDY, K_STUDY_MAX_VOLUME);
    const double replications = store_value(store, S_STUDY, K_STUDY_REPLICATIONS);
    s->n_replications = (int)fmax(replications, XO_LEAST_REPLICATIONS);
    s->n_draws = store_integer(store, S_STUDY, K_STUDY_DRAWS);
    s->capacity_precision_frac = store_value(store, S_STUDY, K_STUDY_CAPACITY_PRECISION);
    s->n_samples = (int64_t)store_value(store, S_STUDY, K_STUDY_SAMPLES);
    s->sampling = (enum xo_sampling)store_integer(store, S_STUDY, K_STUDY_SAMPLING);
    s->indices = (enum xo_indices)store_integer(store, S_STUDY, K_STUDY_INDICES);
    s->sweep_precision_frac = store_value(store, S_STUDY, K_STUDY_PRECISION);
    s->n_threads = store_integer(store, S_STUDY, K_STUDY_THREADS);
    copy_text(store, S_MAP, K_MAP_X, s->map_axis[0], sizeof s->map_axis[0]);
    copy_text(store, S_MAP, K_MAP_Y, s->map_axis[1], sizeof s->map_axis[1]);
    s->map_cells[0] = store_integer(store, S_MAP, K_MAP_COLUMNS);
    s->map_cells[1] = store_integer(store, S_MAP, K_MAP_ROWS);
    s->map_scale[0] = (enum xo_map_scale)store_integer(store, S_MAP, K_MAP_X_AXIS);
    s->map_scale[1] = (enum xo_map_scale)store_integer(store, S_MAP, K_MAP_Y_AXIS);
}

/* ---- what a planner counts in ---- */

/* Several of them as English has it: tickets, queries, batches. */
static void make_plural(const char *name, char plural[XO_UNIT_NAME_SIZE])
{
    const size_t n = strlen(name);
    const char last = n > 0 ? name[n - 1] : '\0', before = n > 1 ? name[n - 2] : '\0';
    const bool hisses =
        strchr("sxz", last) != NULL || (last == 'h' && (before == 'c' || before == 's'));
    const bool changes = last == 'y' && strchr("aeiou", before) == NULL;
    snprintf(plural, XO_UNIT_NAME_SIZE, "%.*s%s", (int)(changes ? n - 1 : n), name,
             changes  ? "ies"
             : hisses ? "es"
                      : "s");
}

/* Its words; its numbers are money (money.c). */
static void resolve_unit_names(struct reader *r)
{
    struct xo_unit *u = &r->s->unit;
    copy_text(r->store, S_UNIT, K_UNIT_NAME, u->name, sizeof u->name);
    copy_text(r->store, S_UNIT, K_UNIT_PLURAL, u->plural, sizeof u->plural);
    if (u->plural[0] == '\0' && u->name[0] != '\0')
        make_plural(u->name, u->plural);
}

/* ---- workload ---- */

/* A length distribution of `e`; false with a problem. Scales apply to every quantity in it but the
 * shared prefix. */
static bool read_lengths(struct reader *r, const struct xo_entry *e, double scale,
                         double shared_prefix, struct xo_dist *dist)
{
    char folder[XO_PATH_SIZE];
    folder_of(r->s->path, folder);
    const struct dist_context in = { "tokens", folder, r->store->hours_per_month, scale,
                                     shared_prefix };
    const struct xo_key *k = &xo_keys[e->key];
    struct xo_error why = { 0 };
    if (!dist_read(e->value, &in, dist, &why)) {
        if (!memory_ran_out(r, &why))
            problem_entry(r, e, "%s", why.text);
        return false;
    }
    if (dist->mean >= k->min && dist->mean <= k->max)
        return true;
    problem_entry(r, e, ", with a mean of %g tokens; it takes a mean from 1 to 100 M", dist->mean);
    xo_dist_fini(dist);
    return false;
}

/* The entry of a class, or of [workload] in its stead. */
static const struct xo_entry *class_entry(const struct xo_store *store, int group, int own,
                                          int shared)
{
    const struct xo_entry *e = group == S_WORKLOAD ? NULL : store_given(store, group, own);
    return e != NULL ? e : store_given(store, S_WORKLOAD, shared);
}

static double class_number(const struct xo_store *store, int group, int own, int shared)
{
    const struct xo_entry *e = class_entry(store, group, own, shared);
    return e == NULL || isnan(e->number) ? xo_key_default(shared) : e->number;
}

static void class_lengths(struct reader *r, int group, int own, int shared, int scale_key,
                          double shared_prefix, struct xo_dist *dist)
{
    const struct xo_entry *e = class_entry(r->store, group, own, shared);
    const double scale = store_value(r->store, S_WORKLOAD, scale_key);
    if (e == NULL) {
        const struct group *g = &r->store->groups[group];
        if (g->given)
            problem_at(r, g->line, "[%s] lacks \"%s\": %s", g->label, xo_keys[shared].name,
                       xo_keys[shared].help);
        return;
    }
    if (e->value[0] != '\0' && !read_lengths(r, e, scale, shared_prefix, dist))
        *dist = (struct xo_dist){ 0 };
}

static void resolve_class(struct reader *r, int group, const char *name)
{
    struct xo_workload *w = &r->s->workload;
    struct xo_class *c = &w->classes[w->n_classes];
    *c = (struct xo_class){ .weight = 1 };
    xo_text_copy(c->name, sizeof c->name, name);
    if (group != S_WORKLOAD)
        c->weight = store_number_or(r->store, group, K_CLASS_WEIGHT, 1); /* or it was reported */
    c->shared_prefix_tokens =
        (int32_t)class_number(r->store, group, K_CLASS_SHARED_PREFIX, K_WORKLOAD_SHARED_PREFIX);
    c->max_context_tokens =
        (int32_t)class_number(r->store, group, K_CLASS_MAX_CONTEXT, K_WORKLOAD_MAX_CONTEXT);
    if (r->s->trace.n == 0 && store_text(r->store, S_WORKLOAD, K_WORKLOAD_TRACE) == NULL) {
        class_lengths(r, group, K_CLASS_PROMPT, K_WORKLOAD_PROMPT, K_WORKLOAD_PROMPT_SCALE,
                      c->shared_prefix_tokens, &c->prompt);
        class_lengths(r, group, K_CLASS_OUTPUT, K_WORKLOAD_OUTPUT, K_WORKLOAD_OUTPUT_SCALE, NAN,
                      &c->output);
    }
    w->n_classes++;
}

static void resolve_classes(struct reader *r)
{
    struct xo_workload *w = &r->s->workload;
    double sum = 0;
    for (int g = 0; g < (int)r->store->n_groups; g++) {
        const struct group *group = &r->store->groups[g];
        if (group->section != S_CLASS)
            continue;
        if (w->n_classes == XO_MAX_CLASSES) {
            problem_at(r, group->line, "[class %s] is one too many; %d classes are the most",
                       group->name, XO_MAX_CLASSES);
            break;
        }
        resolve_class(r, g, group->name);
        sum += w->classes[w->n_classes - 1].weight;
    }
    for (int c = 0; c < w->n_classes; c++)
        w->classes[c].weight /= sum;
    if (w->n_classes == 0)
        resolve_class(r, S_WORKLOAD, "all");
}

static bool read_weights(struct reader *r, int key, int n_wanted, const char *what, double out[])
{
    const char *text = store_text(r->store, S_WORKLOAD, key);
    char copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST];
    double sum = 0;
    const int n = list_split(text, true, copy, items);
    for (int i = 0; i < n && i < n_wanted; i++) {
        if (!quantity_read("weights", items[i], r->store->hours_per_month, &out[i], NULL))
            return false; /* reported when the value was read */
        sum += out[i];
    }
    const struct xo_entry *e = store_given(r->store, S_WORKLOAD, key);
    if (n != n_wanted)
        problem_entry(r, e, ", %d numbers; it takes %d, one for each %s", n, n_wanted, what);
    else if (!(sum > 0))
        problem_entry(r, e, "; at least one weight must be above 0");
    return n == n_wanted && sum > 0;
}

static void custom_profile(struct reader *r, double hours[24], double days[7])
{
    const struct xo_store *store = r->store;
    const struct xo_entry *e = store_given(store, S_WORKLOAD, K_WORKLOAD_PROFILE);
    if (store_text(store, S_WORKLOAD, K_WORKLOAD_HOURS) == NULL)
        problem_entry(r, e, ", which needs \"hours\": %s", xo_keys[K_WORKLOAD_HOURS].help);
    else if (!read_weights(r, K_WORKLOAD_HOURS, 24, "hour from midnight", hours))
        profile_preset(PROFILE_STEADY, hours, days);
    if (store_text(store, S_WORKLOAD, K_WORKLOAD_DAYS) != NULL &&
        !read_weights(r, K_WORKLOAD_DAYS, 7, "day from Monday", days))
        profile_preset(PROFILE_STEADY, hours, days);
}

static void resolve_profile(struct reader *r)
{
    double hours[24], days[7], sum = 0;
    const enum profile profile =
        (enum profile)store_integer(r->store, S_WORKLOAD, K_WORKLOAD_PROFILE);
    profile_preset(profile == PROFILE_CUSTOM ? PROFILE_STEADY : profile, hours, days);
    if (profile == PROFILE_CUSTOM)
        custom_profile(r, hours, days);
    struct xo_profile *p = &r->s->workload.profile;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        sum += p->hour_weight[h] = hours[h % 24] * days[h / 24];
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        p->hour_weight[h] *= XO_HOURS_PER_WEEK / sum;
}

static void resolve_spikes(struct reader *r)
{
    struct xo_profile *p = &r->s->workload.profile;
    for (int g = 0; g < (int)r->store->n_groups; g++) {
        const struct group *group = &r->store->groups[g];
        if (group->section != S_SPIKE)
            continue;
        if (p->n_spikes == XO_MAX_SPIKES) {
            problem_at(r, group->line, "[spike %s] is one too many; %d spikes are the most",
                       group->name, XO_MAX_SPIKES);
            break;
        }
        struct xo_spike *spike = &p->spikes[p->n_spikes++];
        *spike = (struct xo_spike){
            .start_s = store_value(r->store, g, K_SPIKE_START),
            .length_s = store_value(r->store, g, K_SPIKE_LENGTH),
            .factor = store_value(r->store, g, K_SPIKE_FACTOR),
            .decay_s = store_value(r->store, g, K_SPIKE_DECAY),
        };
        xo_text_copy(spike->name, sizeof spike->name, group->name);
    }
}

static void resolve_arrivals(struct reader *r)
{
    struct xo_arrivals *a = &r->s->workload.arrivals;
    const char *text = store_text(r->store, S_WORKLOAD, K_WORKLOAD_ARRIVALS);
    if (text == NULL || !arrivals_read(text, a, NULL)) /* reported */
        (void)!arrivals_read(key_default(K_WORKLOAD_ARRIVALS), a, NULL);
    a->bursts = (struct xo_bursts){
        .factor = store_value(r->store, S_WORKLOAD, K_WORKLOAD_BURST_FACTOR),
        .share_frac = store_value(r->store, S_WORKLOAD, K_WORKLOAD_BURST_SHARE),
        .mean_s = store_value(r->store, S_WORKLOAD, K_WORKLOAD_BURST_LENGTH),
    };
    r->s->growth = (enum xo_growth)store_integer(r->store, S_WORKLOAD, K_WORKLOAD_GROWTH);
}

/* Mean prompt and output tokens of a useful request over the classes, for a volume in tokens; NAN
 * when it is in requests or the lengths are not known. */
static double tokens_per_request(struct reader *r)
{
    const struct xo_workload *w = &r->s->workload;
    const char *volume = store_text(r->store, S_WORKLOAD, K_WORKLOAD_VOLUME);
    double sum = 0, per_month;
    bool is_tokens;
    if (volume == NULL ||
        !volume_read(volume, r->store->hours_per_month, &per_month, &is_tokens, NULL) || !is_tokens)
        return NAN;
    for (int c = 0; c < w->n_classes; c++) {
        struct xo_token_means m;
        const bool known =
            w->trace != NULL || (w->classes[c].prompt.mean > 0 && w->classes[c].output.mean > 0);
        struct xo_error why = { 0 };
        if (!known || !xo_class_token_means(w, c, (struct xo_length_limits){ 0 }, &m, &why)) {
            memory_ran_out(r, &why);
            return NAN;
        }
        sum += w->classes[c].weight * (m.prompt + m.output);
    }
    return sum;
}

void resolve_workload(struct reader *r)
{
    struct xo_workload *w = &r->s->workload;
    resolve_arrivals(r);
    resolve_profile(r);
    resolve_spikes(r);
    resolve_trace(r);
    resolve_classes(r);
    volume_of_trace(r);
    w->n_clients = store_integer(r->store, S_WORKLOAD, K_WORKLOAD_CLIENTS);
    w->client_gap_s = store_value(r->store, S_WORKLOAD, K_WORKLOAD_CLIENT_GAP);
    r->s->benchmark_requests =
        (int64_t)store_value(r->store, S_WORKLOAD, K_WORKLOAD_BENCHMARK_REQUESTS);
}

/* ---- service level ---- */

enum { N_QUANTILES = 5 };
static const double quantiles[N_QUANTILES] = { 0.50, 0.75, 0.90, 0.95, 0.99 };

void resolve_slo(struct reader *r)
{
    struct xo_scenario *s = r->s;
    for (int c = 0; c < s->workload.n_classes; c++) {
        struct xo_slo *slo = &s->slo[c];
        const int own = store_group(r->store, S_SLO, s->workload.classes[c].name);
        *slo = (struct xo_slo){ .n_targets = 0 };
        for (int key = K_SLO_TTFT_P50; key <= K_SLO_E2E_P99; key++) {
            const double general = store_number(r->store, S_SLO, key);
            const double limit = own < 0 ? general : store_number_or(r->store, own, key, general);
            const int i = key - K_SLO_TTFT_P50;
            if (isnan(limit) || slo->n_targets == XO_MAX_TARGETS)
                continue;
            slo->targets[slo->n_targets++] = (struct xo_slo_target){
                .metric = (enum xo_metric)(i / N_QUANTILES),
                .quantile = quantiles[i % N_QUANTILES],
                .limit_s = limit,
            };
        }
        const double general = store_value(r->store, S_SLO, K_SLO_TIMEOUT);
        slo->timeout_s = own < 0 ? general : store_number_or(r->store, own, K_SLO_TIMEOUT, general);
    }
    s->slo_window = (enum xo_slo_window)store_integer(r->store, S_SLO, K_SLO_WINDOW);
}

/* ---- what was paid ---- */

static void resolve_actual(struct reader *r)
{
    struct xo_actual *a = &r->s->actual;
    copy_text(r->store, S_ACTUAL, K_ACTUAL_MONTH, a->month, sizeof a->month);
    a->requests = store_number(r->store, S_ACTUAL, K_ACTUAL_REQUESTS);
    a->prompt_tokens = store_number(r->store, S_ACTUAL, K_ACTUAL_PROMPT_TOKENS);
    a->cached_tokens = store_number(r->store, S_ACTUAL, K_ACTUAL_CACHED_TOKENS);
    a->cache_write_tokens = store_number(r->store, S_ACTUAL, K_ACTUAL_CACHE_WRITE_TOKENS);
    a->cache_write_extended_tokens =
        store_number(r->store, S_ACTUAL, K_ACTUAL_CACHE_WRITE_EXTENDED_TOKENS);
    a->output_tokens = store_number(r->store, S_ACTUAL, K_ACTUAL_OUTPUT_TOKENS);
    a->invoice_usd = store_number(r->store, S_ACTUAL, K_ACTUAL_INVOICE);
}

static void resolve_calibration(struct reader *r)
{
    struct xo_calibration_record *c = &r->s->calibration;
    copy_text(r->store, S_CALIBRATION, K_CALIBRATION_DEPLOYMENT, c->deployment,
              sizeof c->deployment);
    copy_text(r->store, S_CALIBRATION, K_CALIBRATION_DATE, c->date, sizeof c->date);
    c->rows = store_integer(r->store, S_CALIBRATION, K_CALIBRATION_ROWS);
    c->error_frac = store_number(r->store, S_CALIBRATION, K_CALIBRATION_ERROR);
}

void resolve(struct reader *r)
{
    struct xo_scenario *s = r->s;
    resolve_labels(r);
    resolve_unit_names(r);
    resolve_calibration(r);
    resolve_workload(r);
    resolve_slo(r);
    resolve_apis(r);
    resolve_build(r);
    r->store->tokens_per_request = tokens_per_request(r);
    resolve_money(r);
    resolve_uncertain(r);
    resolve_actual(r);
    resolve_horizon(r);
    s->entries = r->store->entries;
    s->n_entries = (int)r->store->n_entries;
    s->n_guesses = 0;
    for (int i = 0; i < s->n_entries; i++)
        s->n_guesses += s->entries[i].guess;
}
