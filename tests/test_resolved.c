/* test_resolved.c - the resolved text is the study: read again it gives the same results, and two
 * scenarios of different results have different hashes.
 *
 * Every scenario that ships is read with random --sets, a fixed number of times; what it resolves
 * to is written and read in another folder. Everything that a study asks of a
 * scenario is then compared, and of some of them what `run` and `curve` print.
 * XO_RESOLVED_SETS: so many variants of each scenario, in place of 12.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolved_text.h"
#include "scenario/values.h"
#include "usage_kit.h"
#include "xo/file.h"
#include "xo/report.h"
#include "xo/text.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define SHIPPED XO_SOURCE_DIR "/scenarios/"

enum { MAX_SETS = 4, SET_SIZE = 400, USUAL_VARIANTS = 12, MOST_VARIANTS = 4096 };

/* ---- random choices ---- */

/* A generator of its own (SplitMix64), so that one seed gives one list of sets for good. */
static uint64_t state;

static uint64_t next(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int below(int n)
{
    return (int)(next() % (uint64_t)n);
}

static double between(double lo, double hi)
{
    return lo + (hi - lo) * (double)(next() >> 11) / 9007199254740992.0;
}

/* ---- random values ---- */

static const char *pick(const char *const words[], int n)
{
    return words[below(n)];
}
#define PICK(words) pick(words, (int)(sizeof(words) / sizeof *(words)))

/* Near what the scenario has, or anywhere in the range. */
static double random_number(const struct xo_key *k, double base)
{
    const double lo = fmax(k->min, -1e15), hi = fmin(k->max, 1e15);
    double x = isnan(base) || base == 0 ? lo > 0 ? exp(between(log(lo), log(hi))) : between(lo, hi)
                                        : base * exp(between(-0.5, 0.5));
    x = fmin(fmax(x, lo), hi);
    return k->type == XO_KEY_INTEGER ? nearbyint(x) : x;
}

static void random_names(const struct xo_key *k, char *out, size_t size)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    const bool list = k->type == XO_KEY_NAMES && below(3) == 0;
    out[0] = '\0';
    for (int i = 0; i <= list; i++) {
        const char *name = strcmp(k->name, "gpu") == 0 ? c->gpus[below(c->n_gpus)].gpu.name
                           : strcmp(k->name, "model") == 0
                               ? c->models[below(c->n_models)].model.name
                               : c->apis[below(c->n_apis)].tariff.name;
        const size_t used = strlen(out);
        snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "", name);
    }
}

static void random_choices(const struct xo_key *k, char *out, size_t size)
{
    int n = 0;
    while (k->choices[n] != NULL)
        n++;
    snprintf(out, size, "%s", k->choices[below(n)]);
    if (k->type == XO_KEY_CHOICES && below(3) == 0)
        snprintf(out + strlen(out), size - strlen(out), ", %s", k->choices[below(n)]);
}

static void random_value(const struct xo_key *k, double base, char *out, size_t size)
{
    static const char *const arrivals[] = { "poisson", "deterministic", "gamma(cv=1.5)",
                                            "weibull(cv=0.7)" };
    static const char *const lengths[] = { "700 tokens", "lognormal(mean=900, cv=0.8) tokens",
                                           "uniform(100, 900) tokens",
                                           "gamma(p50=300, p95=800) tokens",
                                           "shared_prefix + lognormal(mean=640, cv=1.1) tokens" };
    static const char *const staff[] = { "0 FTE", "0.35 FTE", "1 FTE, 1.5 FTE above 16 GPUs" };
    static const char *const days[] = { "2026-02-28", "2025-12-01", "2027-06-15" };
    static const char *const weeks[] = { "Mon-Fri 01:00-04:00", "Sat 22:00-02:00" };
    static const char *const times[] = { "Mon 09:00", "33 h" };
    static const char *const zones[] = { "UTC", "UTC+2", "UTC-5:30" };
    static const char *const titles[] = { "A title, with 50% \"quotes\"", "x", "=1+2 (really)" };
    static const char *const counts[] = { "1", "2", "4", "1, 2", "2, 4, 8" };
    static const char *const tiers[] = { "5% above $10k", "5% above $10k, 10% above $50,000" };
    static const char *const steps[] = { "2028-06-01 -20%", "2028-06-15 +5%, 2030-01-01 -10%" };
    static const char *const windows[] = { "2x Mon-Fri 01:00-04:00, 0.5x Sat-Sun 00:00-24:00",
                                           "1.25x 06:00-07:30 from 2026-10-01 to 2027-01-31" };
    static const char *const lengths_at[] = { "above 32k: in 2x out 1.5x",
                                              "above 1k: in $2/Mtok, above 128k: out 3x" };
    static const char *const services[] = { "0.5x", "in $1/Mtok out $4/Mtok, any hour",
                                            "1.75x, cached at list, any region" };
    static const char *const changes[] = { "from 2026-01-01: in $1.50/Mtok out 2x",
                                           "from 2027-01-01: 2x, from 2027-07-01: cached 0.5x" };
    switch (k->type) {
    case XO_KEY_NUMBER:
    case XO_KEY_INTEGER:
    case XO_KEY_VOLUME:
        quantity_exact(out, size, number_unit(k), random_number(k, base));
        break;
    case XO_KEY_PRICES:
        quantity_exact(out, size, k->unit, isnan(base) ? between(1, 6) : base * between(0.5, 2));
        if (below(5) == 0)
            snprintf(out, size, "catalog");
        break;
    case XO_KEY_CHOICE:
    case XO_KEY_CHOICES:
        random_choices(k, out, size);
        break;
    case XO_KEY_NAME:
    case XO_KEY_NAMES:
        random_names(k, out, size);
        break;
    default:
        snprintf(out, size, "%s",
                 k->type == XO_KEY_ARRIVALS       ? PICK(arrivals)
                 : k->type == XO_KEY_DISTRIBUTION ? PICK(lengths)
                 : k->type == XO_KEY_STAFF        ? PICK(staff)
                 : k->type == XO_KEY_DATE         ? PICK(days)
                 : k->type == XO_KEY_MONTH        ? "2026-10"
                 : k->type == XO_KEY_HOURS        ? PICK(weeks)
                 : k->type == XO_KEY_CHANGES      ? PICK(changes)
                 : k->type == XO_KEY_WINDOWS      ? PICK(windows)
                 : k->type == XO_KEY_LONG_TIERS   ? PICK(lengths_at)
                 : k->type == XO_KEY_SERVICE      ? PICK(services)
                 : k->type == XO_KEY_WEEKTIME     ? PICK(times)
                 : k->type == XO_KEY_TIMEZONE     ? PICK(zones)
                 : k->type == XO_KEY_INTEGERS     ? PICK(counts)
                 : k->type == XO_KEY_TIERS        ? PICK(tiers)
                 : k->type == XO_KEY_STEPS        ? PICK(steps)
                                                  : PICK(titles));
    }
}

/* ---- random sets ---- */

/* The section as --set names it: one that the scenario has, or a GPU, model or API that it uses. */
static const char *random_section(const struct xo_scenario *s, int section, char *out, size_t size)
{
    const char *kind = sections[section].name, *own = "";
    int n = 0;
    for (int i = 0; i < s->n_entries; i++) {
        const char *label = s->entries[i].section;
        const size_t length = strlen(kind);
        if (strncmp(label, kind, length) == 0 && label[length] == ' ' && below(++n) == 0)
            own = label + length + 1;
    }
    if (n == 0 && !sections[section].plain)
        own = section == S_GPU     ? "h100-sxm"
              : section == S_MODEL ? "llama-3.1-8b"
              : section == S_API   ? "openai/gpt-6.2-sol"
                                   : "easy";
    const bool named = sections[section].named && (!sections[section].plain || (n > 0 && below(2)));
    snprintf(out, size, "%s%s%s", kind, named ? "." : "", named ? own : "");
    return out;
}

static double base_of(const struct xo_scenario *s, const char *section, const struct xo_key *k)
{
    char label[XO_SECTION_SIZE];
    snprintf(label, sizeof label, "%s", section);
    if (strchr(label, '.') != NULL)
        *strchr(label, '.') = ' ';
    for (int i = 0; i < s->n_entries; i++)
        if (strcasecmp(s->entries[i].section, label) == 0 &&
            strcmp(s->entries[i].name, k->name) == 0)
            return s->entries[i].number;
    return NAN;
}

/* A key that may vary, and a range that holds its base case; or what ties two of them. */
static void random_uncertain(const struct xo_scenario *s, char set[SET_SIZE])
{
    const struct xo_key *k;
    double base;
    char lo[64], hi[64];
    if (s->n_uncertain >= 2 && below(4) == 0) {
        const struct xo_key *a = &xo_keys[s->uncertain[0].key], *b = &xo_keys[s->uncertain[1].key];
        snprintf(set, SET_SIZE, "uncertain.correlation=%s.%s ~ %s.%s %.2f", a->section, a->name,
                 b->section, b->name, between(-0.6, 0.6));
        return;
    }
    do {
        k = &xo_keys[below(xo_n_keys)];
        base = base_of(s, k->section, k);
    } while (number_unit(k) == NULL || isnan(base) || base <= 0 ||
             (k->effect != XO_KEY_MONEY && k->effect != XO_KEY_SIMULATION));
    quantity_exact(lo, sizeof lo, number_unit(k), fmax(k->min, 0.8 * base));
    quantity_exact(hi, sizeof hi, number_unit(k), fmin(k->max, 1.3 * base));
    snprintf(set, SET_SIZE, "uncertain.%s.%s=uniform(%s, %s)", k->section, k->name, lo, hi);
}

static void random_set(const struct xo_scenario *s, char set[SET_SIZE])
{
    char section[XO_SECTION_SIZE], value[XO_VALUE_SIZE];
    const int which = below(S_N);
    if (which == S_UNCERTAIN) {
        random_uncertain(s, set);
        return;
    }
    /* a key that varies is fixed by --set */
    const bool fixes = s->n_uncertain > 0 && below(8) == 0;
    const int key = fixes ? s->uncertain[below(s->n_uncertain)].key
                          : sections[which].first_key + below(sections[which].n_keys);
    const struct xo_key *k = &xo_keys[key];
    if (fixes)
        snprintf(section, sizeof section, "%s", k->section);
    else
        random_section(s, which, section, sizeof section);
    random_value(k, base_of(s, section, k), value, sizeof value);
    snprintf(set, SET_SIZE, "%s.%s=%s", section, k->name, value);
}

/* ---- what a study asks of a scenario ---- */

static void add(XXH64_state_t *to, double x)
{
    const double same = isnan(x) ? NAN : x + 0.0;
    XXH64_update(to, &same, sizeof same);
}

static void add_bill(XXH64_state_t *to, const struct xo_scenario *s, int index, bool same)
{
    struct xo_bill bill;
    struct xo_error err;
    const double volume = isnan(s->requests_per_month) ? 1e6 : s->requests_per_month;
    if (!xo_buy_at(s, volume, index, same, &bill, &err)) {
        XXH64_update(to, err.text, strlen(err.text));
        return;
    }
    for (int i = 0; i < bill.n_items; i++) {
        XXH64_update(to, bill.items[i].label, strlen(bill.items[i].label));
        add(to, bill.items[i].micro_usd);
    }
}

static void add_step(XXH64_state_t *to, const struct xo_deployment *d)
{
    const struct xo_batch batch = { .n_decode = 5,
                                    .kv_tokens = 9000,
                                    .kv_window_tokens = 9000,
                                    .prefill_tokens = 700,
                                    .prefill_pairs = 245350,
                                    .prefill_window_pairs = 245350,
                                    .n_prompts_done = 1 };
    struct xo_step_model *m = xo_step_model_new(d, NULL);
    struct xo_kv_room room = { 0 };
    struct xo_step step = { 0 };
    if (m != NULL)
        xo_step_at(m, &batch, &step);
    add(to, step.first_s);
    add(to, xo_kv_room(d, &room, NULL) ? (double)room.room_bytes : -1);
    xo_step_model_free(m);
}

static void add_options(XXH64_state_t *to, const struct xo_scenario *s)
{
    for (int i = 0; i < s->n_options; i++) {
        const struct xo_build_option *o = &s->options[i];
        const struct counted_fleet use = { .serving_replicas = 3,
                                           .headroom_replicas = 1,
                                           .spare_replicas = s->spare_replicas,
                                           .gpus_per_replica = xo_deployment_gpus(&o->deployment),
                                           .mean_w_per_gpu = 411 };
        struct xo_unserved u = { 0 };
        XXH64_update(to, o->label, strlen(o->label));
        XXH64_update(to, o->price_as_of, strlen(o->price_as_of));
        add(to, usd_of_fleet(&o->terms, &use));
        add(to, o->step_sigma);
        add(to, xo_option_unserved(s, i, &u, NULL) ? u.frac : -1);
        add_step(to, &o->deployment);
    }
}

static void add_workload(XXH64_state_t *to, const struct xo_scenario *s)
{
    const struct xo_workload *w = &s->workload;
    for (int c = 0; c < w->n_classes; c++) {
        const struct xo_class *k = &w->classes[c];
        XXH64_update(to, k->name, strlen(k->name));
        add(to, k->weight);
        for (int q = 1; q < 8; q++) {
            add(to, xo_dist_quantile(&k->prompt, q / 8.0));
            add(to, xo_dist_quantile(&k->output, q / 8.0));
        }
        for (int t = 0; t < s->slo[c].n_targets; t++)
            add(to, s->slo[c].targets[t].limit_s * s->slo[c].targets[t].quantile);
        add(to, s->class_batch_frac[c]);
    }
    for (int h = 0; h < 168; h++)
        add(to, xo_profile_hour_factor(&w->profile, h));
    XXH64_update(to, s->trace.arrival_s, s->trace.n * sizeof *s->trace.arrival_s);
}

static void add_money(XXH64_state_t *to, const struct xo_scenario *s)
{
    add(to, s->requests_per_month);
    for (int i = 0; i < s->n_apis; i++)
        add_bill(to, s, i, false);
    for (int i = 0; i < s->n_same_bought; i++)
        add_bill(to, s, i, true);
    add_options(to, s);
}

/* The inputs that vary, and what the study would be with each at one of its values. */
static void add_uncertain(XXH64_state_t *to, const struct xo_scenario *s)
{
    double rank[XO_MAX_UNCERTAIN * XO_MAX_UNCERTAIN];
    xo_scenario_correlations(s, rank);
    for (int i = 0; i < s->n_uncertain * s->n_uncertain; i++)
        add(to, rank[i]);
    for (int i = 0; i < s->n_uncertain; i++) {
        const struct xo_uncertain *u = &s->uncertain[i];
        struct xo_scenario *varied = xo_scenario_copy(s);
        struct xo_error err = { 0 };
        add(to, u->key);
        add(to, u->implied);
        for (int q = 1; q < 8; q++)
            add(to, xo_uncertain_quantile(u, q / 8.0));
        if (xo_scenario_vary(varied, u->key, xo_uncertain_quantile(u, 0.9), &err))
            add_money(to, varied);
        xo_scenario_free(varied);
    }
}

/* The same for a GPU's memory and the lengths, on which defaults depend. */
static void add_what_ifs(XXH64_state_t *to, const struct xo_scenario *s)
{
    static const struct {
        const char *key;
        double factor;
    } what_ifs[] = { { "workload.prompt_scale", 1.37 },
                     { "build.memory_fraction", 0.8 },
                     { "workload.volume", 1.9 },
                     { "buy.price_scale", 0.7 } };
    for (size_t i = 0; i < sizeof what_ifs / sizeof *what_ifs; i++) {
        const int key = xo_key_find(what_ifs[i].key);
        ck_assert_int_ge(key, 0);
        struct xo_scenario *varied = xo_scenario_copy(s);
        const double base = xo_scenario_number(s, key);
        if (!isnan(base) && xo_scenario_vary(varied, key, what_ifs[i].factor * base, NULL)) {
            add_money(to, varied);
            add_workload(to, varied);
        }
        xo_scenario_free(varied);
    }
}

static uint64_t answers(const struct xo_scenario *s)
{
    XXH64_state_t *to = XXH64_createState();
    struct xo_reconciliation actual = { 0 };
    struct xo_dated_price prices[XO_MAX_PRICES];
    ck_assert_ptr_nonnull(to);
    XXH64_reset(to, 0);
    XXH64_update(to, s->name, strlen(s->name));
    XXH64_update(to, s->as_of, strlen(s->as_of));
    XXH64_update(to, s->parity_evidence, strlen(s->parity_evidence));
    XXH64_update(to, s->map_axis, sizeof s->map_axis);
    XXH64_update(to, s->map_scale, sizeof s->map_scale);
    const int threads = xo_key_find("study.threads"); /* no result depends on it */
    for (int k = 0; k < xo_n_keys; k++)
        if (k != threads && number_unit(&xo_keys[k]) != NULL &&
            sections[section_find(xo_keys[k].section, strlen(xo_keys[k].section))].plain)
            add(to, xo_scenario_number(s, k));
    add(to, (double)s->seed);
    add(to, (double)s->n_guesses);
    add(to, (double)s->parity);
    add(to, (double)s->router);
    add(to, (double)s->cache_choice);
    add(to, s->same_model_low_usd_per_mtok);
    add(to, s->same_model_high_usd_per_mtok);
    add(to, s->escalated_frac);
    if (xo_reconcile(s, &actual, NULL))
        add(to, actual.ours_usd);
    const int n = xo_scenario_prices(s, prices);
    for (int i = 0; i < n; i++)
        XXH64_update(to, prices[i].as_of, strlen(prices[i].as_of));
    add_workload(to, s);
    add_money(to, s);
    add_uncertain(to, s);
    add_what_ifs(to, s);
    const uint64_t hash = XXH64_digest(to);
    XXH64_freeState(to);
    return hash;
}

/* ---- read, written, read again ---- */

static char root[] = "/tmp/xo-resolved-XXXXXX";

static void enter(const char *which) /* "a": of the scenario, "b": of what it resolves to */
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", root, which);
    ck_assert_int_eq(chdir(path), 0);
}

static struct xo_scenario *read_here(const char *file, const char *const sets[], int n_sets,
                                     bool must)
{
    const struct xo_scenario_options options = { .sets = sets, .n_sets = n_sets };
    struct xo_scenario *s = NULL;
    struct xo_problems problems;
    const bool ok = xo_scenario_read(&s, file, &options, &problems);
    for (size_t i = 0; i < problems.n && !ok && must; i++)
        fprintf(stderr, "%s\n", problems.lines[i]);
    xo_problems_fini(&problems);
    return ok ? s : NULL;
}

static void put_here(const char *name, const char *text)
{
    FILE *out = fopen(name, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs(text, out), 0);
    ck_assert_int_eq(fclose(out), 0);
}

struct variant {
    uint64_t hash, answers;
    char sets[MAX_SETS * SET_SIZE];
};

static void say_sets(struct variant *v, const char *const sets[], int n)
{
    v->sets[0] = '\0';
    for (int i = 0; i < n; i++) {
        const size_t used = strlen(v->sets);
        snprintf(v->sets + used, sizeof v->sets - used, " --set '%s'", sets[i]);
    }
}

/* What `run` and `curve` print, of the scenario that was read in this folder. */
static char *studied(const struct xo_scenario *s)
{
    const struct xo_study_options options = { .n_threads = 2 };
    struct xo_error err = { 0 };
    struct xo_run *run = NULL;
    struct xo_curve *curve = NULL;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!xo_run_run(&run, s, &options, &err) || !xo_run_print(out, run, XO_FORMAT_JSON, &err))
        fprintf(out, "%s\n", err.text);
    if (!xo_curve_run(&curve, s, &options, &err) ||
        !xo_curve_print(out, curve, XO_FORMAT_JSON, &err))
        fprintf(out, "%s\n", err.text);
    xo_run_free(run);
    xo_curve_free(curve);
    fclose(out);
    return text;
}

/* Two texts alike, or the first line in which they differ. */
static void check_same(const char *name, const struct variant *v, const char *one, const char *two)
{
    size_t n = strcspn(one, "\n");
    while (one[n] != '\0' && strncmp(one, two, n + 1) == 0) {
        one += n + 1;
        two += n + 1;
        n = strcspn(one, "\n");
    }
    ck_assert_msg(strcmp(one, two) == 0, "%s%s: \"%.*s\" and then \"%.*s\"", name, v->sets,
                  (int)strcspn(one, "\n"), one, (int)strcspn(two, "\n"), two);
}

/* The scenario of this folder with the sets; false: it is none. */
static bool rerun(const char *name, const char *const sets[], int n, bool study, struct variant *v)
{
    enter("a");
    struct xo_scenario *s = read_here("s.ini", sets, n, n == 0);
    if (s == NULL)
        return false;
    say_sets(v, sets, n);
    char *text = resolved_text(s);
    enter("b");
    const char *file = study ? "s.ini" : "t.ini"; /* studies print the file's name */
    put_here(file, text);
    struct xo_scenario *again = read_here(file, NULL, 0, true);
    ck_assert_msg(again != NULL, "%s%s: its resolved text does not read", name, v->sets);
    char *text_again = resolved_text(again);
    check_same(name, v, text, text_again);
    v->hash = xo_scenario_hash(s);
    v->answers = answers(s);
    ck_assert_uint_eq(v->hash, xo_scenario_hash(again));
    ck_assert_msg(v->answers == answers(again), "%s%s: its resolved text answers otherwise", name,
                  v->sets);
    if (study) {
        char *one = studied(s), *two = studied(again);
        check_same(name, v, one, two);
        free(one);
        free(two);
    }
    xo_scenario_free(s);
    xo_scenario_free(again);
    free(text);
    free(text_again);
    return true;
}

static void compare(const char *name, const struct variant *v, int n)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++)
            ck_assert_msg(v[i].hash != v[k].hash || v[i].answers == v[k].answers,
                          "%s:%s and%s have one hash and other answers", name, v[i].sets,
                          v[k].sets);
}

/* ---- the tests ---- */

static int n_variants(void)
{
    const char *text = getenv("XO_RESOLVED_SETS");
    const int n = text == NULL ? USUAL_VARIANTS : atoi(text);
    return n < 1 ? 1 : n > MOST_VARIANTS ? MOST_VARIANTS : n;
}

static const struct {
    const char *name;
    bool quick; /* its study takes under a second */
} shipped[] = { { "batch", true },    { "bursts", false },  { "classroom", true },
                { "copilot", false }, { "prompts", false }, { "rag", false },
                { "replay", true },   { "spiky", false },   { "support", true } };

static void make_folders(const char *text)
{
    char path[64];
    ck_assert_ptr_nonnull(mkdtemp(root));
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", root, i == 0 ? "a" : "b");
        ck_assert_int_eq(mkdir(path, 0700), 0);
        ck_assert_int_eq(chdir(path), 0);
        ck_assert_int_eq(symlink(SHIPPED "traces", "traces"), 0);
    }
    enter("a");
    put_here("c.ini", "[build]\nmbu_weights = 61%\n[calibration]\nerror = 9%\n");
    put_here("s.ini", text);
}

static void remove_folders(void)
{
    static const char *const left[] = { "a/s.ini", "b/s.ini", "a/traces", "b/traces",
                                        "a/c.ini", "b/c.ini", "b/t.ini" };
    char path[64];
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        snprintf(path, sizeof path, "%s/%s", root, left[i]);
        unlink(path);
    }
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", root, i == 0 ? "a" : "b");
        rmdir(path);
    }
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(root);
    memcpy(root + strlen(root) - 6, "XXXXXX", 6);
}

/* Small enough for a study of it to take a second. */
#define SMALL "study.replications=4", "study.capacity_precision=30%", "study.max_volume=2x"

static void check_variants(const char *name, const char *text, uint64_t seed, bool study)
{
    static const char *const small[] = { SMALL };
    const int wanted = n_variants();
    struct variant *variants = calloc((size_t)wanted + 2, sizeof *variants);
    int n = 2, tries = 0;
    make_folders(text);
    ck_assert(rerun(name, NULL, 0, false, &variants[0]));
    ck_assert(rerun(name, small, 3, study || wanted > USUAL_VARIANTS, &variants[1]));
    enter("a");
    struct xo_scenario *s = read_here("s.ini", NULL, 0, true);
    for (state = seed; n < wanted + 2 && tries < 100 * wanted; tries++) {
        char sets[MAX_SETS][SET_SIZE];
        const char *given[MAX_SETS];
        const int n_sets = 1 + below(MAX_SETS);
        for (int i = 0; i < n_sets; i++) {
            random_set(s, sets[i]);
            given[i] = sets[i];
        }
        n += rerun(name, given, n_sets, false, &variants[n]);
    }
    ck_assert_msg(n == wanted + 2, "%s: only %d of %d sets were valid", name, n - 2, tries);
    compare(name, variants, n);
    xo_scenario_free(s);
    free(variants);
    remove_folders();
}

START_TEST(a_shipped_scenario_with_random_sets_is_what_it_resolves_to)
{
    char path[512], *text;
    size_t size;
    snprintf(path, sizeof path, SHIPPED "%s.ini", shipped[_i].name);
    ck_assert(xo_file_read(path, 1 << 20, &text, &size, NULL));
    check_variants(shipped[_i].name, text, (uint64_t)_i + 1, shipped[_i].quick);
    free(text);
}
END_TEST

/* What the shipped ones lack: no name; sections of one's own, of every kind, in another order than
 * that of the table; a file that is included; keys that hang together; guesses. */
static const char all_sections[] = "[uncertain]\n"
                                   "build.rent = triangular($2/hour, $3.5/hour, $6/hour)\n"
                                   "buy.price_scale = uniform(0.7, 1.1)\n"
                                   "workload.prompt_scale = uniform(0.8, 1.2)\n"
                                   "correlation = build.rent ~ buy.price_scale 0.4, "
                                   "buy.price_scale ~ workload.prompt_scale -0.2\n"
                                   "[actual]\n"
                                   "month = 2026-10\n"
                                   "requests = 500k\n"
                                   "prompt_tokens = 700M\n"
                                   "output_tokens = 150M\n"
                                   "invoice = $3,100\n"
                                   "[api own/small]\n"
                                   "like = openai/gpt-6.2-sol\n"
                                   "output = $7/Mtok\n"
                                   "[gpu mine]\n"
                                   "like = h100-sxm\n"
                                   "memory = 96 GB\n"
                                   "[model small]\n"
                                   "like = llama-3.1-8b\n"
                                   "layers = 28\n"
                                   "[build]\n"
                                   "include = c.ini\n"
                                   "gpu = mine\n"
                                   "model = small\n"
                                   "tensor_parallel = 1, 2\n"
                                   "rent = $3.50/hour\n"
                                   "staff = ? 0.5 FTE\n"
                                   "salary = $200k/year\n"
                                   "[buy]\n"
                                   "api = ? own/small, openai/gpt-6.2-sol\n"
                                   "staff = 0 FTE\n"
                                   "[slo hard]\n"
                                   "tpot_p95 = 40 ms\n"
                                   "[slo]\n"
                                   "ttft_p95 = 2 s\n"
                                   "[class hard]\n"
                                   "weight = 2\n"
                                   "output = lognormal(mean=600, cv=1) tokens\n"
                                   "[spike noon]\n"
                                   "start = Tue 12:00\n"
                                   "length = 1 h\n"
                                   "factor = 1.7\n"
                                   "[class easy]\n"
                                   "weight = 5\n"
                                   "api = deepseek/deepseek-v4-pro\n"
                                   "[map]\n"
                                   "x = build.rent=$1..$8/hour\n"
                                   "y = buy.price_scale\n"
                                   "[workload]\n"
                                   "volume = 20k requests/day\n"
                                   "profile = office-hours\n"
                                   "prompt = 1500 tokens\n"
                                   "output = 300 tokens\n"
                                   "[scenario]\n"
                                   "as_of = 2026-11-22\n"
                                   "commit = 12 months\n"
                                   "parity = assumed\n";

START_TEST(so_is_a_scenario_with_every_section)
{
    check_variants("all sections", all_sections, 77, false);
}
END_TEST

int main(void)
{
    xo_catalog_builtin(); /* once, before the tests fork */
    Suite *suite = suite_create("resolved");
    TCase *c = tcase_create("resolved");
    tcase_set_timeout(c, 3600);
    tcase_add_loop_test(c, a_shipped_scenario_with_random_sets_is_what_it_resolves_to, 0,
                        (int)(sizeof shipped / sizeof *shipped));
    tcase_add_test(c, so_is_a_scenario_with_every_section);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
