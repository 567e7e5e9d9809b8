/* check.c - do the parts of a scenario go together? Problems stop a reading, warnings do not.
 *
 * It reads what resolve.c made, and the entries behind it, and changes neither. All checks run and
 * all problems are told in one go, each at the place of the entry that a user would change, with
 * what would do instead.
 *
 * One mistake is told once. Values that could not be read have been reported by then and count as
 * not there; and where a whole line or section was lost (r->lost), nothing is said to be missing,
 * for it may have stood there. What-ifs are checked by the same code (read.c), so that a value of a
 * sweep that cannot be is refused as one that is typed. Begin with check, at the end, and lacks.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolve.h"
#include "values.h"
#include "xo/table.h"
#include "xo/text.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct xo_entry *given(const struct reader *r, int section, int key)
{
    return store_given(r->store, section, key);
}

static bool has(const struct reader *r, int section)
{
    return r->store->groups[section].given;
}

/* [build] lacks "rent": ..., at the section's line. */
static void lacks(struct reader *r, int section, int key)
{
    const struct group *g = &r->store->groups[section];
    if (given(r, section, key) == NULL && (g->given || !r->lost))
        problem_at(r, g->line, "[%s] lacks \"%s\": %s", sections[section].name, xo_keys[key].name,
                   xo_keys[key].help);
}

/* ---- what must be there ---- */

static void check_sides(struct reader *r)
{
    const bool buy = has(r, S_BUY), build = has(r, S_BUILD);
    if (!has(r, S_WORKLOAD) && !r->lost)
        problem_at(r, 0, "there is no [workload]: who asks for what, when");
    if (!buy && !build && !r->lost)
        problem_at(r, 0, "there is neither [buy] nor [build]: nothing to compare");
    if (buy && build)
        lacks(r, S_SCENARIO, K_SCENARIO_PARITY);
    if (build || store_number(r->store, S_BUY, K_BUY_ONE_OFF) > 0)
        lacks(r, S_SCENARIO, K_SCENARIO_COMMIT);
    const struct xo_entry *parity = given(r, S_SCENARIO, K_SCENARIO_PARITY);
    if (parity != NULL && parity->number == XO_PARITY_MEASURED &&
        given(r, S_SCENARIO, K_SCENARIO_PARITY_EVIDENCE) == NULL)
        problem_entry(r, parity, ", which needs \"parity_evidence\": what measured it");
}

static bool is_axis(int key)
{
    return key >= 0 &&
           (xo_keys[key].effect == XO_KEY_SIMULATION || xo_keys[key].effect == XO_KEY_MONEY);
}

/* Axes are keys with numbers; their ranges are read when the map is drawn. */
static void check_map(struct reader *r)
{
    static const int axes[] = { K_MAP_X, K_MAP_Y };
    for (int i = 0; i < 2; i++) {
        const struct xo_entry *e = given(r, S_MAP, axes[i]);
        char name[XO_VALUE_SIZE], hint[120];
        if (e == NULL)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(e->value, "="), e->value);
        const char *axis = xo_text_trim(name);
        if (!is_axis(xo_key_find(axis)))
            problem_entry(r, e,
                          "; it takes a key that changes the simulation or the money, such as "
                          "workload.volume, and a range, such as build.rent=$1..$8/hour%s",
                          near_dotted_key(hint, sizeof hint, axis, is_axis));
    }
}

/* A key that another makes senseless. */
static void clashes(struct reader *r, int key, const char *with)
{
    const struct xo_entry *e = given(r, S_WORKLOAD, key);
    const char *usual = xo_keys[key].defaults;
    if (e != NULL && (usual == NULL || strcmp(e->value, usual) != 0))
        problem_entry(r, e, ", and there is %s; delete one of them", with);
}

static void check_traffic(struct reader *r)
{
    const bool trace = given(r, S_WORKLOAD, K_WORKLOAD_TRACE) != NULL;
    const bool closed = given(r, S_WORKLOAD, K_WORKLOAD_CLIENTS) != NULL;
    if (!has(r, S_WORKLOAD))
        return;
    if (!trace && !closed) {
        lacks(r, S_WORKLOAD, K_WORKLOAD_VOLUME);
        lacks(r, S_WORKLOAD, K_WORKLOAD_PROFILE);
    }
    if (closed) {
        clashes(r, K_WORKLOAD_VOLUME, "a closed loop of clients");
        clashes(r, K_WORKLOAD_PROFILE, "a closed loop of clients");
        clashes(r, K_WORKLOAD_TRACE, "a closed loop of clients");
    } else if (given(r, S_WORKLOAD, K_WORKLOAD_BENCHMARK_REQUESTS) != NULL) {
        problem_entry(r, given(r, S_WORKLOAD, K_WORKLOAD_BENCHMARK_REQUESTS),
                      ", which needs clients");
    }
    if (trace) {
        clashes(r, K_WORKLOAD_PROFILE, "a trace");
        clashes(r, K_WORKLOAD_PROMPT, "a trace");
        clashes(r, K_WORKLOAD_OUTPUT, "a trace");
        clashes(r, K_WORKLOAD_ARRIVALS, "a trace");
        clashes(r, K_WORKLOAD_BURST_FACTOR, "a trace");
        clashes(r, K_WORKLOAD_PROMPT_SCALE, "a trace");
        clashes(r, K_WORKLOAD_OUTPUT_SCALE, "a trace");
    }
}

/* Bursts and the time between them last long enough to be told apart. */
static void check_bursts(struct reader *r)
{
    const struct xo_bursts *b = &r->s->workload.arrivals.bursts;
    const struct xo_entry *share = given(r, S_WORKLOAD, K_WORKLOAD_BURST_SHARE);
    char gap[32], least[32];
    lacks(r, S_WORKLOAD, K_WORKLOAD_BURST_SHARE);
    lacks(r, S_WORKLOAD, K_WORKLOAD_BURST_LENGTH);
    const double gap_s = b->mean_s * (1 - b->share_frac) / b->share_frac;
    if (share != NULL && b->mean_s > 0 && gap_s < XO_MIN_STAY_S) /* 0: reported */
        problem_entry(r, share, "; it leaves %s between bursts in the mean, and takes %s or more",
                      xo_text_duration(gap, sizeof gap, gap_s),
                      xo_text_duration(least, sizeof least, XO_MIN_STAY_S));
}

static void check_shape(struct reader *r)
{
    const struct xo_workload *w = &r->s->workload;
    const struct xo_entry *profile = given(r, S_WORKLOAD, K_WORKLOAD_PROFILE);
    const struct xo_entry *factor = given(r, S_WORKLOAD, K_WORKLOAD_BURST_FACTOR);
    const bool custom = profile != NULL && profile->number == PROFILE_CUSTOM;
    const int only_custom[2] = { K_WORKLOAD_HOURS, K_WORKLOAD_DAYS };
    for (int i = 0; i < 2; i++) {
        const struct xo_entry *e = given(r, S_WORKLOAD, only_custom[i]);
        if (e != NULL && !custom)
            problem_entry(r, e, ", which needs profile = custom");
    }
    const int only_trace[2] = { K_WORKLOAD_TRACE_UNIT, K_WORKLOAD_TRACE_GAPS };
    for (int i = 0; i < 2; i++) {
        const struct xo_entry *e = given(r, S_WORKLOAD, only_trace[i]);
        if (e != NULL && given(r, S_WORKLOAD, K_WORKLOAD_TRACE) == NULL)
            problem_entry(r, e, ", which needs a trace");
    }
    if (factor != NULL && factor->number > 1)
        check_bursts(r);
    if (w->trace == NULL)
        return;
    for (size_t g = 0; g < r->store->n_groups; g++)
        if (r->store->groups[g].section == S_CLASS || r->store->groups[g].section == S_SPIKE)
            problem_at(r, r->store->groups[g].line, "[%s %s] and a trace; delete one of them",
                       sections[r->store->groups[g].section].name, r->store->groups[g].name);
    check_trace(r);
}

/* ---- lengths ---- */

static const struct xo_entry *class_prompt(const struct reader *r, int c)
{
    int i = 0;
    for (int g = 0; g < (int)r->store->n_groups; g++)
        if (r->store->groups[g].section == S_CLASS && i++ == c) {
            const struct xo_entry *e = store_given(r->store, g, K_CLASS_PROMPT);
            return e != NULL ? e : given(r, S_WORKLOAD, K_WORKLOAD_PROMPT);
        }
    return given(r, S_WORKLOAD, K_WORKLOAD_PROMPT);
}

/* Shares below one in a million are none that anybody would notice. */
static const double NOTICED = 1e-6;

/* "; 23.4 % of requests are longer than ...", of a trace or of one class among several. */
static void warn_share(struct reader *r, int c, double frac, const char *what)
{
    const struct xo_workload *w = &r->s->workload;
    const struct xo_entry *e =
        w->trace != NULL ? given(r, S_WORKLOAD, K_WORKLOAD_TRACE) : class_prompt(r, c);
    if (e != NULL && frac > NOTICED)
        warning_entry(r, e, "; %.3g %% of the requests%s%s %s", 100 * frac,
                      w->n_classes > 1 ? " of class " : "",
                      w->n_classes > 1 ? w->classes[c].name : "", what);
}

/* What each side refuses, class by class. */
static void warn_unserved(struct reader *r, const struct xo_unserved *u, const char *who,
                          const char *then)
{
    char what[512];
    for (int c = 0; c < r->s->workload.n_classes; c++) {
        if (u->longest_tokens[c] > 0)
            snprintf(what, sizeof what,
                     "are longer, prompt and output, than the %d tokens that %s: %s",
                     u->longest_tokens[c], who, then);
        else
            snprintf(what, sizeof what, "do not fit: %s", then);
        warn_share(r, c, u->class_frac[c], what);
    }
}

static void check_options(struct reader *r)
{
    const struct xo_scenario *s = r->s;
    bool said = false; /* of the model's context, which is the same for all options */
    const struct xo_entry *e =
        s->workload.trace != NULL ? given(r, S_WORKLOAD, K_WORKLOAD_TRACE) : class_prompt(r, 0);
    for (int o = 0; o < s->n_options; o++) {
        struct xo_unserved u;
        struct xo_error why = { 0 };
        char who[XO_HW_NAME_SIZE + 160];
        if (!xo_option_unserved(s, o, &u, &why)) {
            memory_ran_out(r, &why);
            continue;
        }
        if (u.by_context && said)
            continue;
        const struct xo_entry *room = given(r, S_BUILD, K_BUILD_KV_ROOM);
        if (u.frac > 1 - NOTICED && !u.by_context && room != NULL) {
            problem_entry(r, room,
                          "; hardly a request is as short as the %d tokens, prompt and output, "
                          "that fit into it",
                          u.longest_tokens[u.worst_class]);
            return;
        }
        if (u.frac > 1 - NOTICED && u.by_context && e != NULL) {
            problem_entry(r, e,
                          "; every request is longer, prompt and output, than the %d tokens "
                          "that %s takes",
                          u.longest_tokens[u.worst_class], s->options[o].deployment.model.name);
            return;
        }
        const char *takes = u.by_context ? "%s takes"
                            : s->options[o].deployment.kv_room_tokens > 0
                                ? "build.kv_room gives %s"
                                : "the KV cache of %s holds";
        snprintf(who, sizeof who, takes,
                 u.by_context ? s->options[o].deployment.model.name : s->options[o].label);
        warn_unserved(r, &u, who, "this build refuses them, and they count as misses");
        said |= u.by_context;
    }
}

static void check_api_contexts(struct reader *r)
{
    const struct xo_scenario *s = r->s;
    for (int i = 0; i < s->n_apis; i++) {
        struct xo_unserved u;
        struct xo_error why = { 0 };
        char who[XO_COST_NAME_SIZE + 32];
        if (!xo_api_unserved(s, i, &u, &why)) {
            memory_ran_out(r, &why);
            continue;
        }
        snprintf(who, sizeof who, "%s takes", s->apis[i].tariff.name);
        warn_unserved(r, &u, who, "they are not billed, and count as misses");
    }
}

/* What the scenario itself does to lengths: cut to max_context, lengthened to hold the prefix. */
static void check_fit(struct reader *r, int c)
{
    const struct xo_class *k = &r->s->workload.classes[c];
    struct xo_token_means m;
    struct xo_error why = { 0 };
    char what[400];
    if (!xo_class_token_means(&r->s->workload, c, (struct xo_length_limits){ 0 }, &m, &why)) {
        memory_ran_out(r, &why);
        return;
    }
    const double own_tokens = m.prompt - m.lengthened_tokens - m.cached;
    snprintf(what, sizeof what, "are cut to max_context = %d tokens", k->max_context_tokens);
    warn_share(r, c, m.cut_frac, what);
    snprintf(
        what, sizeof what,
        "have prompts no longer than the shared prefix of %d tokens: they are lengthened to %d, "
        "which makes the mean %.0f tokens in place of %.0f, and the part that is not shared "
        "%.3g %% longer; shared_prefix + lognormal(...) gives that part lengths of its own",
        k->shared_prefix_tokens, k->shared_prefix_tokens + 1, m.prompt,
        m.prompt - m.lengthened_tokens, 100 * m.lengthened_tokens / own_tokens);
    const struct xo_reshaped reshaped = {
        .lengthened_frac = m.lengthened_frac,
        .lengthened_share = m.lengthened_tokens / own_tokens,
    };
    if (xo_is_lengthened(&reshaped))
        warn_share(r, c, m.lengthened_frac, what);
}

static void check_lengths(struct reader *r)
{
    const struct xo_scenario *s = r->s;
    for (int c = 0; c < s->workload.n_classes; c++) {
        const struct xo_class *k = &s->workload.classes[c];
        const bool known = k->prompt.mean > 0 && k->output.mean > 0;
        if (s->workload.trace == NULL && !known)
            return; /* reported */
        if (known && k->shared_prefix_tokens >= k->prompt.mean && class_prompt(r, c) != NULL) {
            problem_entry(r, class_prompt(r, c),
                          "; its mean of %.0f tokens is not more than the shared prefix of %d",
                          k->prompt.mean, k->shared_prefix_tokens);
            return;
        }
    }
    const bool is_read = r->donor == NULL; /* nobody reads the warnings of a what-if */
    for (int c = 0; is_read && c < s->workload.n_classes; c++)
        check_fit(r, c);
    check_options(r);
    if (is_read)
        check_api_contexts(r);
}

/* ---- service level ---- */

static void check_slo(struct reader *r)
{
    const struct xo_scenario *s = r->s;
    for (size_t g = 0; g < r->store->n_groups; g++) {
        const struct group *group = &r->store->groups[g];
        const char *names[XO_MAX_CLASSES];
        char hint[100];
        bool known = group->section != S_SLO || group->name[0] == '\0';
        for (int c = 0; c < s->workload.n_classes; c++) {
            names[c] = s->workload.classes[c].name;
            known |= strcasecmp(names[c], group->name) == 0;
        }
        did_you_mean(hint, sizeof hint,
                     xo_text_nearest(group->name, names, (size_t)s->workload.n_classes));
        if (!known)
            problem_at(r, group->line, "[slo %s], but no [class %s]%s", group->name, group->name,
                       hint);
        const struct xo_entry *window =
            group->section == S_SLO && !known ? NULL : store_given(r->store, (int)g, K_SLO_WINDOW);
        if (window != NULL && group->section == S_SLO && group->name[0] != '\0')
            problem_entry(r, window, "; the window is the same for all classes: put it in [slo]");
    }
    bool said = given(r, S_BUILD, K_BUILD_REPLICAS) != NULL || r->lost; /* or tried to */
    for (int key = K_SLO_TTFT_P50; key <= K_SLO_E2E_P99; key++)
        said |= given(r, S_SLO, key) != NULL;
    for (int c = 0; c < s->workload.n_classes && has(r, S_BUILD) && !said; c++)
        if (s->slo[c].n_targets == 0) {
            problem_at(r, r->store->groups[S_SLO].line,
                       "no target for %s%s: [slo] needs one such as ttft_p95 = 2 s, or [build] a "
                       "fixed number of replicas",
                       s->workload.n_classes == 1 ? "the requests" : "class ",
                       s->workload.n_classes == 1 ? "" : s->workload.classes[c].name);
            break;
        }
}

/* ---- money ---- */

static void check_people(struct reader *r)
{
    const struct xo_entry *buy = given(r, S_BUY, K_BUY_STAFF);
    struct xo_staff staff = { 0 };
    if (buy != NULL && staff_read(buy->value, &staff, NULL) && staff.n_steps > 1)
        problem_entry(r, buy, ", in steps; buying has no GPUs to count");
    bool people = false;
    const struct xo_entry *entries[2] = { buy, given(r, S_BUILD, K_BUILD_STAFF) };
    for (int i = 0; i < 2; i++)
        if (entries[i] != NULL && staff_read(entries[i]->value, &staff, NULL))
            for (int k = 0; k < staff.n_steps; k++)
                people |= staff.steps[k].fte > 0;
    if (!people || given(r, S_BUILD, K_BUILD_SALARY) != NULL)
        return;
    if (has(r, S_BUILD))
        lacks(r, S_BUILD, K_BUILD_SALARY);
    else if (given(r, S_BUY, K_BUY_SALARY) == NULL)
        problem_at(r, r->store->groups[S_BUY].line,
                   "[buy] lacks \"salary\": loaded cost of one FTE, since there is no [build]");
}

/* Were all prices of a list read? Those that were not have been told. */
static bool prices_are_read(const struct reader *r, int key, const char *const items[], int n)
{
    double usd;
    for (int i = 0; i < n; i++)
        if (strcasecmp(items[i], "catalog") != 0 &&
            !price_read(r->store, key, items[i], &usd, NULL))
            return false;
    return true;
}

/* A rent or a server price is one price, or one for each GPU; "catalog" will do only where the
 * GPU's entry has one. */
static void check_prices(struct reader *r, int key, int catalog_key)
{
    const struct xo_entry *e = given(r, S_BUILD, key), *gpu = given(r, S_BUILD, K_BUILD_GPU);
    char copy[XO_VALUE_SIZE], gpu_copy[XO_VALUE_SIZE];
    const char *items[MAX_LIST], *gpus[MAX_LIST];
    if (e == NULL || gpu == NULL || e->value[0] == '\0' || gpu->value[0] == '\0')
        return;
    const int n = prices_split(e->value, copy, items);
    const int n_gpus = list_split(gpu->value, false, gpu_copy, gpus);
    const bool one_catalog = n == 1 && strcasecmp(items[0], "catalog") == 0;
    if (!prices_are_read(r, key, items, n))
        return;
    if (n != n_gpus && !one_catalog) {
        problem_entry(r, e, ", %d price%s for %d GPU%s; give one for each, in their order", n,
                      n == 1 ? "" : "s", n_gpus, n_gpus == 1 ? "" : "s");
        return;
    }
    int said = -1; /* the GPU, of the options that share it */
    for (int i = 0; i < r->s->n_options; i++) {
        const int list = r->store->option_list[i], group = r->store->option_group[i];
        const char *item = items[one_catalog ? 0 : list];
        const double known = catalog_key < 0 ? NAN : store_number(r->store, group, catalog_key);
        if (list != said && strcasecmp(item, "catalog") == 0 && isnan(known))
            problem_entry(r, e, ", and the catalog has no such price for %s; type one", gpus[list]);
        said = list;
    }
}

static void check_tenure(struct reader *r)
{
    const enum xo_tenure tenure = (enum xo_tenure)store_integer(r->store, S_BUILD, K_BUILD_TENURE);
    if (!has(r, S_BUILD))
        return;
    if (tenure == XO_RENT)
        lacks(r, S_BUILD, K_BUILD_RENT);
    if (tenure == XO_OWN) {
        lacks(r, S_BUILD, K_BUILD_SERVER_PRICE);
        lacks(r, S_BUILD, K_BUILD_LIFE);
        lacks(r, S_BUILD, K_BUILD_COST_OF_CAPITAL);
    }
    if (tenure == XO_ALREADY_OWNED)
        lacks(r, S_BUILD, K_BUILD_OPPORTUNITY);
    if (tenure != XO_RENT) {
        lacks(r, S_BUILD, K_BUILD_POWER_PRICE);
        for (int i = 0; i < r->s->n_options; i++)
            if (!(r->s->options[i].deployment.gpu.power_busy_w > 0))
                problem_entry(r, given(r, S_BUILD, K_BUILD_TENURE),
                              ", which needs power_busy in [gpu %s]",
                              r->s->options[i].deployment.gpu.name);
    }
    const struct xo_entry *life = given(r, S_BUILD, K_BUILD_LIFE);
    if (tenure == XO_OWN && life != NULL && life->number * 12 < r->s->commitment_months)
        warning_entry(
            r, life,
            "; the servers are written off before scenario.commit (%g months) ends: bills "
            "go on as if the same were bought again",
            r->s->commitment_months);
    check_prices(r, K_BUILD_RENT, rent_key(r));
    check_prices(r, K_BUILD_SERVER_PRICE, K_GPU_SERVER_PRICE);
    check_prices(r, K_BUILD_OPPORTUNITY, -1);
}

/* ---- plausibility ---- */

static bool far_from(double value, double known)
{
    return known > 0 && value > 0 && (value > 10 * known || value < known / 10);
}

static void check_rent(struct reader *r)
{
    const struct xo_entry *e = given(r, S_BUILD, K_BUILD_RENT);
    for (int i = 0; i < r->s->n_options && e != NULL; i++) {
        const struct xo_build_option *o = &r->s->options[i];
        const struct xo_gpu_entry *known =
            xo_catalog_gpu(xo_catalog_builtin(), o->deployment.gpu.name, NULL);
        if (known == NULL || o->terms.tenure != XO_RENT)
            continue;
        const struct xo_quotes q = rent_quotes(r, known);
        if (!far_from(o->terms.rent_usd_per_gpu_hour, q.median))
            continue;
        warning_entry(r, e, "; the catalog's %s for %s is $%.2f/hour, $%.2f to $%.2f",
                      q.n == 1 ? "only quote" : "median", known->gpu.name, q.median, q.low, q.high);
        return;
    }
}

static void check_api_price(struct reader *r, const struct xo_api *api)
{
    const int group = store_group(r->store, S_API, api->tariff.name);
    const struct xo_api *known = xo_catalog_api(xo_catalog_builtin(), api->tariff.name, NULL);
    const int keys[2] = { K_API_INPUT, K_API_OUTPUT };
    for (int i = 0; i < 2 && known != NULL && group >= 0; i++) {
        const struct xo_entry *e = store_given(r->store, group, keys[i]);
        const double ours = i == 0 ? api->tariff.input : api->tariff.output;
        const double theirs = i == 0 ? known->tariff.input : known->tariff.output;
        if (e != NULL && far_from(ours, theirs))
            warning_entry(r, e, "; the catalog has $%g/Mtok", theirs * 1e6);
    }
}

static void check_age(struct reader *r, const struct xo_entry *e, const char *name,
                      const char *as_of)
{
    const char *today = r->s->as_of;
    if (e == NULL || !date_read(as_of, false, NULL) || !date_read(today, false, NULL))
        return;
    const long days = date_days(today) - date_days(as_of);
    if (days > XO_STALE_DAYS)
        warning_entry(r, e, "; the price of %s is of %s, %ld days before as_of", name, as_of, days);
}

/* Keys of a tariff that need one another. */
static void check_tariff(struct reader *r, const struct xo_api *api)
{
    static const int either[][2] = { { K_API_LONG_TIERS, K_API_LONG_THRESHOLD },
                                     { K_API_WINDOWS, K_API_PEAK_HOURS },
                                     { K_API_BATCH, K_API_BATCH_DISCOUNT } };
    static const struct {
        int key, needs;
    } pairs[] = { { K_API_PEAK_HOURS, K_API_PEAK_FACTOR },
                  { K_API_PEAK_FACTOR, K_API_PEAK_HOURS },
                  { K_API_CACHE_WRITE_EXTENDED, K_API_CACHE_TTL_EXTENDED },
                  { K_API_CACHE_TTL_EXTENDED, K_API_CACHE_WRITE_EXTENDED },
                  { K_API_CACHE_TTL_EXTENDED, K_API_CACHE_TTL },
                  { K_API_CACHE_READY, K_API_CACHE_TTL },
                  { K_API_CACHE_STORAGE, K_API_CACHE_TTL },
                  { K_API_PROVISIONED_CAPACITY, K_API_PROVISIONED_PRICE },
                  { K_API_PROVISIONED_PRICE, K_API_PROVISIONED_CAPACITY },
                  { K_API_PROVISIONED_OUTPUT_WEIGHT, K_API_PROVISIONED_CAPACITY },
                  { K_API_PROVISIONED_INCREMENT, K_API_PROVISIONED_CAPACITY },
                  { K_API_PROVISIONED_MIN, K_API_PROVISIONED_CAPACITY } };
    const int group = store_group(r->store, S_API, api->tariff.name);
    for (size_t i = 0; group >= 0 && i < sizeof pairs / sizeof *pairs; i++) {
        const struct xo_entry *e = store_given(r->store, group, pairs[i].key);
        if (e != NULL && store_given(r->store, group, pairs[i].needs) == NULL)
            problem_entry(r, e, ", which needs \"%s\": %s", xo_keys[pairs[i].needs].name,
                          xo_keys[pairs[i].needs].help);
    }
    for (size_t i = 0; group >= 0 && i < XO_ROWS(either); i++) {
        const struct xo_entry *e = store_given(r->store, group, either[i][0]);
        const struct xo_entry *old = store_given(r->store, group, either[i][1]);
        const bool is_nothing = old != NULL && old->key == K_API_BATCH_DISCOUNT && old->number == 0;
        if (e != NULL && old != NULL && entry_is_typed(old) && !is_nothing)
            warning_entry(r, old, "; it does not count beside \"%s\"", xo_keys[either[i][0]].name);
    }
    const struct xo_entry *storage =
        group < 0 ? NULL : store_given(r->store, group, K_API_CACHE_STORAGE);
    if (storage != NULL && storage->number > 0 && !api->tariff.cache.fixed_life)
        problem_entry(r, storage, ", which needs cache_refresh = no: a lifetime that is paid for");
    const struct xo_entry *ready =
        group < 0 ? NULL : store_given(r->store, group, K_API_CACHE_READY);
    if (ready != NULL && api->tariff.cache.ready_s > api->tariff.cache.ttl_s)
        problem_entry(r, ready, ", longer than cache_ttl: nobody would ever read what was written");
}

/* Keys that ask for what no API of [buy] offers. */
static void check_wishes(struct reader *r)
{
    const struct xo_entry *cache = given(r, S_BUY, K_BUY_CACHE);
    const struct xo_entry *escalated = given(r, S_BUILD, K_BUILD_ESCALATED);
    bool offered = false;
    for (int i = 0; i < r->s->n_apis; i++)
        offered |= r->s->apis[i].tariff.cache.extended_ttl_s > 0;
    for (int c = 0; c < r->s->workload.n_classes; c++)
        offered |= r->s->class_apis[c].tariff.cache.extended_ttl_s > 0;
    if (cache != NULL && cache->number == XO_CACHE_EXTENDED && !offered)
        problem_entry(r, cache, ", and no API of [buy] has a cache_ttl_extended");
    if (escalated != NULL && escalated->number > 0 && !has(r, S_BUY) && !r->lost)
        problem_entry(r, escalated, ", which needs [buy]: its api is what is asked again");
}

/* What is asked for and has no price is billed without it. */
/* A number of units that nobody sells, which would be billed all the same. */
static void check_number_of_units(struct reader *r, const struct xo_entry *e,
                                  const struct xo_tariff *t)
{
    const double step = fmax(t->provisioned.increment, 1);
    const double least = fmax(t->provisioned.least, step), n = r->s->n_units;
    if (n < least || fmod(n, step) != 0)
        problem_entry(r, e, "; %s sells multiples of %g units, at least %g", t->name, step, least);
    if (given(r, S_BUY, K_BUY_PROVISIONED) != NULL && !r->s->units_searched)
        warning_entry(r, e, "; it counts, and buy.provisioned = none does not");
}

static void check_units(struct reader *r, const struct xo_tariff *t)
{
    const struct xo_entry *number = given(r, S_BUY, K_BUY_PROVISIONED_UNITS);
    const struct xo_entry *e = number != NULL ? number : given(r, S_BUY, K_BUY_PROVISIONED);
    if (e == NULL || !(r->s->n_units > 0 || r->s->units_searched))
        return;
    if (!(t->provisioned.tokens_per_minute > 0)) {
        warning_entry(r, e, "; %s states no provisioned_capacity", t->name);
        return;
    }
    if (r->s->n_units > 0)
        check_number_of_units(r, number, t);
    if (t->provisioned.term_months > r->s->commitment_months)
        warning_entry(r, e, "; %s signs for %g months of them, longer than scenario.commit",
                      t->name, t->provisioned.term_months);
}

static void check_service(struct reader *r, const struct xo_api *api)
{
    const struct xo_entry *tier = given(r, S_BUY, K_BUY_TIER);
    const struct xo_entry *residency = given(r, S_BUY, K_BUY_RESIDENCY);
    const struct xo_entry *tools = given(r, S_WORKLOAD, K_WORKLOAD_TOOL_CALLS);
    if (tier != NULL && !xo_tariff_offers(&api->tariff, r->s->class_service[0]))
        warning_entry(r, tier, "; %s has no price for it: list prices are billed",
                      api->tariff.name);
    if (residency != NULL && residency->number == YES && !(api->tariff.residency_frac > 0))
        warning_entry(r, residency, "; %s states no surcharge for it", api->tariff.name);
    check_units(r, &api->tariff);
    if (tools != NULL && tools->number > 0 && !(api->tariff.usd_per_tool_call > 0))
        warning_entry(r, tools, "; %s has no price of a tool call", api->tariff.name);
}

static void check_apis(struct reader *r)
{
    const struct xo_scenario *s = r->s;
    const struct xo_entry *e = given(r, S_BUY, K_BUY_API);
    const struct xo_entry *batch = given(r, S_BUY, K_BUY_BATCH);
    for (int i = 0; i < s->n_apis; i++) {
        const struct xo_api *api = &s->apis[i];
        check_api_price(r, api);
        check_tariff(r, api);
        check_age(r, e, api->tariff.name, api->as_of);
        if (batch != NULL && batch->number > 0 && !xo_tariff_offers(&api->tariff, XO_SERVICE_BATCH))
            warning_entry(r, batch, "; %s gives no discount for batch work", api->tariff.name);
        check_service(r, api);
    }
    for (int c = 0; c < s->workload.n_classes; c++)
        if (s->class_apis[c].tariff.name[0] != '\0')
            check_tariff(r, &s->class_apis[c]);
    for (int i = 0; i < s->n_same_model; i++) {
        check_api_price(r, &s->same_model[i]);
        check_tariff(r, &s->same_model[i]);
    }
    check_wishes(r);
    const struct xo_entry *same = store_get(r->store, S_BUY, K_BUY_SAME_MODEL_API);
    for (int i = 0; i < s->n_same_bought; i++)
        check_age(r, same, s->same_model[i].tariff.name, s->same_model[i].as_of);
}

static void check_catalog_rent(struct reader *r)
{
    const struct xo_entry *e = given(r, S_BUILD, K_BUILD_RENT);
    if (e == NULL || strcasestr(e->value, "catalog") == NULL)
        return;
    for (int i = 0; i < r->s->n_options; i++) {
        const int group = r->store->option_group[i];
        const char *as_of = store_text(r->store, group, K_GPU_RENT_AS_OF);
        check_age(r, e, r->store->groups[group].name, as_of == NULL ? "" : as_of);
    }
}

static void check_model(struct reader *r)
{
    if (r->s->n_options == 0)
        return;
    const struct xo_model *m = &r->s->options[0].deployment.model;
    const int group = store_group(r->store, S_MODEL, m->name);
    const struct xo_entry *params = given(r, group, K_MODEL_PARAMS);
    const struct xo_entry *e = entry_is_typed(params) ? params : given(r, S_BUILD, K_BUILD_MODEL);
    const double counted = xo_model_params(m);
    if (m->params_total > 0 && fabs(counted - m->params_total) > 0.1 * m->params_total)
        warning_entry(r, e, "; its dimensions give %.1f B parameters, published are %.1f B",
                      counted / 1e9, m->params_total / 1e9);
    for (int i = 0; i < r->s->n_options; i++) {
        const struct xo_deployment *d = &r->s->options[i].deployment;
        if (d->weights == XO_FP8 && d->gpu.fp8_flop_per_s <= 0) {
            warning_entry(r, given(r, S_BUILD, K_BUILD_GPU),
                          "; %s has no fp8 arithmetic: fp8 weights save memory there, not compute",
                          d->gpu.name);
            break;
        }
    }
}

/* Fewer replications would leave the interval of a capacity no more than a guess. */
static void check_replications(struct reader *r)
{
    const struct xo_entry *e = given(r, S_STUDY, K_STUDY_REPLICATIONS);
    if (e != NULL && e->number < XO_LEAST_REPLICATIONS)
        warning_entry(r, e, "; %d are made, the least behind an interval", XO_LEAST_REPLICATIONS);
}

/* Constants fitted to one deployment say little of another. */
static void check_calibration(struct reader *r)
{
    const struct xo_scenario *s = r->s;
    const struct xo_entry *e = given(r, S_CALIBRATION, K_CALIBRATION_DEPLOYMENT);
    char label[XO_TITLE_SIZE];
    for (int i = 0; i < s->n_options && e != NULL; i++)
        if (s->options[i].step_class != XO_STEP_CALIBRATED) {
            warning_entry(r, e, "; its constants are used for %s too, without its error",
                          xo_deployment_label(&s->options[i].deployment, label, sizeof label));
            return;
        }
}

/* Tokens written to the cache are input that was not read from it. */
static void check_written(struct reader *r, const struct xo_entry *prompt, double taken)
{
    static const int keys[] = { K_ACTUAL_CACHE_WRITE_TOKENS, K_ACTUAL_CACHE_WRITE_EXTENDED_TOKENS };
    for (int i = 0; i < 2; i++) {
        const struct xo_entry *e = given(r, S_ACTUAL, keys[i]);
        if (e == NULL || !(e->number > 0))
            continue;
        taken += e->number;
        if (prompt == NULL)
            problem_entry(r, e, ", which needs \"prompt_tokens\": written tokens are among them");
        else if (taken > prompt->number)
            problem_entry(r, e,
                          ", which with those cached is more than the \"%s\" of prompt_tokens",
                          prompt->value);
    }
    const struct xo_entry *e = given(r, S_ACTUAL, K_ACTUAL_CACHE_WRITE_EXTENDED_TOKENS);
    if (e != NULL && e->number > 0 && r->s->n_apis > 0 &&
        !(r->s->apis[0].tariff.cache.extended_ttl_s > 0))
        problem_entry(r, e, ", and %s has no cache_write_extended", r->s->apis[0].tariff.name);
}

/* An invoice that can be rebuilt: some requests, some dollars, cached tokens among the prompts'. */
static void check_actual(struct reader *r)
{
    const struct xo_entry *prompt = given(r, S_ACTUAL, K_ACTUAL_PROMPT_TOKENS);
    const struct xo_entry *cached = given(r, S_ACTUAL, K_ACTUAL_CACHED_TOKENS);
    static const int positive[] = { K_ACTUAL_REQUESTS, K_ACTUAL_INVOICE };
    for (size_t i = 0; i < sizeof positive / sizeof *positive; i++) {
        const struct xo_entry *e = given(r, S_ACTUAL, positive[i]);
        if (e != NULL && e->number == 0)
            problem_entry(r, e, "; a month without any has nothing to compare, so delete [actual]");
    }
    if (cached != NULL && cached->number > 0 && prompt == NULL)
        problem_entry(r, cached, ", which needs \"prompt_tokens\": cached tokens are among them");
    else if (cached != NULL && prompt != NULL && cached->number > prompt->number)
        problem_entry(r, cached,
                      ", more than the \"%s\" of prompt_tokens, which count cached ones too",
                      prompt->value);
    check_written(r, prompt, cached == NULL ? 0 : cached->number);
}

/* ---- what a planner counts in ---- */

/* A word or a short phrase: its text goes into sentences and heads of tables. */
static bool is_unit_name(const char *text)
{
    int n = 0;
    bool ok = true;
    for (size_t left = strlen(text), bytes; ok && left > 0; text += bytes, left -= bytes, n++) {
        uint32_t code = 0;
        bytes = xo_text_character(text, left, &code);
        const bool letter =
            code >= 0x80 || (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z');
        const bool inside =
            (code >= '0' && code <= '9') || code == ' ' || code == '-' || code == '_';
        ok = bytes > 0 && (letter || (n > 0 && inside)) && n < XO_UNIT_MAX_CHARACTERS;
    }
    return ok;
}

static void check_unit(struct reader *r)
{
    static const int names[] = { K_UNIT_NAME, K_UNIT_PLURAL };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct xo_entry *e = given(r, S_UNIT, names[i]);
        if (e != NULL && !is_unit_name(e->value))
            problem_entry(r, e,
                          "; it takes a letter, then letters, digits, blanks, dashes and "
                          "underscores, at most %d characters, such as ticket or active user",
                          XO_UNIT_MAX_CHARACTERS);
    }
    const struct xo_entry *calls = given(r, S_UNIT, K_UNIT_CALLS);
    if (calls != NULL && r->s->workload.n_clients > 0)
        problem_entry(r, calls,
                      ", and there is a closed loop of clients, which has no volume and no bill to "
                      "divide; delete [unit] or give workload.volume in place of "
                      "workload.clients");
}

void check(struct reader *r)
{
    check_sides(r);
    check_currencies(r);
    check_map(r);
    check_traffic(r);
    check_shape(r);
    check_lengths(r);
    check_slo(r);
    check_people(r);
    check_tenure(r);
    check_rent(r);
    check_apis(r);
    check_catalog_rent(r);
    check_calibration(r);
    check_model(r);
    check_replications(r);
    check_actual(r);
    check_horizon(r);
    check_unit(r);
}
