/* sweep.c - a sweep: its inputs, its simulations, its rows.
 *
 * The state is a struct xo_sweep: the inputs that vary, a design that says where each row lies in
 * them, and the worlds that rows are priced in. Invariant: row i is a function of scenario,
 * settings, simulations and i alone. So threads, ranges, shards and resuming cannot change it, and
 * xo_sweep_run is but one way to make the rows; the command line spreads them by ranges.
 *
 * Some rows are visited before anything is simulated (try_rows), so that a combination that cannot
 * be is told at once, with the input at fault. Where a few samples make much of what building costs
 * more, these are simulated in full (pick_tail): near an SLO's cliff the surrogate knows least, and
 * means hang on it. A sweep that may stop early looks at numbers of rows that are fixed before
 * anything is seen (xo_sweep_next_look).
 *
 * The noise of a row (noise_of) leaves out what all rows share, for that stands in their intervals
 * (sweep_shared.c). Begin with xo_sweep_new, sweep_row and xo_sweep_run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep_stats.h"
#include "xo/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { ROWS_A_BLOCK = 8192 }; /* between two looks at the stop flag and two calls of the taker */

#define USD_OF(NAME, name, ...) { #name "_usd", "usd/month" },
/* clang-format off */
const struct xo_field xo_sweep_fields[] = {
    { "crossover", "requests/month" },
    { "stays_above", "requests/month" },
    { "n_crossings", "" },
    { "volume", "requests/month" },
    XO_WAYS(USD_OF)
    { "saving_usd", "usd/month" },
    { "replicas", "" },
    { "gpus", "" },
    { "option", "" },
    { "api", "" },
    { "buy_limited", "" },
    { "noise_usd", "usd/month" },
    { "idle_usd", "usd/month" },
};
/* clang-format on */
#undef USD_OF
XO_TABLE_OF(xo_sweep_fields, XO_SWEEP_ROW_FIELDS);
_Static_assert(sizeof(struct xo_sweep_row) == XO_SWEEP_ROW_FIELDS * sizeof(double),
               "a row is as many doubles as it has names");

struct xo_sweep_settings xo_sweep_settings_of(const struct xo_scenario *s)
{
    return (struct xo_sweep_settings){ .n_samples = s->n_samples,
                                       .sampling = s->sampling,
                                       .indices = s->indices,
                                       .precision_frac = s->sweep_precision_frac };
}

/* ---- inputs ---- */

/* The share of u below and at `value`, half of what is at it counted: where between the quantiles
 * just below and just above it lies. */
static double share_below(const struct xo_uncertain *u, double value)
{
    enum { HALVINGS = 40 };
    double edge[2];
    for (int at = 0; at < 2; at++) {
        double lo = 0, hi = 1;
        for (int i = 0; i < HALVINGS; i++) {
            const double mid = (lo + hi) / 2, q = input_quantile(u, mid);
            if (at == 0 ? q < value : q <= value)
                lo = mid;
            else
                hi = mid;
        }
        edge[at] = (lo + hi) / 2;
    }
    return isnan(value) ? NAN : (edge[0] + edge[1]) / 2;
}

static struct xo_sweep_input describe(const struct xo_scenario *s, const struct varied *varied)
{
    const struct xo_uncertain *u = varied->drawn;
    struct xo_sweep_input in = { .key = u->key,
                                 .reach = varied->reach,
                                 .implied = u->implied || varied->reach == XO_REACH_STEP,
                                 .base = xo_scenario_number(s, u->key),
                                 .p05 = input_quantile(u, 0.05),
                                 .p10 = input_quantile(u, 0.1),
                                 .p50 = input_quantile(u, 0.5),
                                 .p90 = input_quantile(u, 0.9),
                                 .p95 = input_quantile(u, 0.95) };
    in.base_frac = share_below(u, in.base);
    key_name(u->key, in.name, sizeof in.name);
    return in;
}

static bool set_inputs(struct xo_sweep *sweep, struct xo_error *err)
{
    const struct xo_scenario *s = sweep->scenario;
    if (!inputs_init(&sweep->varied, s, sweep->settings.without_step_error, err))
        return false;
    sweep->n_inputs = sweep->varied.n;
    for (int i = 0; i < sweep->n_inputs; i++)
        sweep->inputs[i] = describe(s, &sweep->varied.at[i]);
    return sweep->n_inputs > 0 ||
           xo_fail(err, XO_ERR_INPUT,
                   "%s: nothing is uncertain; give [uncertain] a key and a distribution, such as "
                   "build.rent = triangular($2.20/hour, $3.95/hour, $5.40/hour)",
                   s->path);
}

/* ---- a new sweep ---- */

static bool can_be_swept(const struct xo_scenario *s, struct xo_error *err)
{
    const int clients = xo_key_find("workload.clients");
    if (s->workload.n_clients > 0 || key_is_drawn(s, clients))
        return xo_fail(err, XO_ERR_INPUT,
                       "%s: a closed loop of clients has no volume and no crossover; give "
                       "workload.volume in place of workload.clients",
                       s->path);
    if (s->n_apis == 0 || s->n_options == 0)
        return xo_fail(err, XO_ERR_INPUT, "%s: there is no [%s] to compare with", s->path,
                       s->n_apis == 0 ? "buy" : "build");
    return true;
}

static bool make_design(struct xo_sweep *sweep, struct xo_error *err)
{
    const struct xo_scenario *s = sweep->scenario;
    uint32_t slots[XO_SWEEP_MAX_INPUTS];
    struct xo_copula *copula;
    inputs_slots(&sweep->varied, slots);
    return xo_scenario_copula(s, sweep->varied.n_implied, &copula, err) &&
           design_init(&sweep->design, &sweep->settings, sweep->n_inputs, slots, copula, s->seed,
                       &sweep->note, err);
}

/* ---- samples that are simulated in full ---- */

enum { SCREENED = 2000, MOST_PICKED = 16 };
static const double HEAVY_TAIL = 0.2; /* of what building costs more over the screened samples */

struct screened {
    double regret_usd; /* of building, not capped by the idle fleet's bill; 0: it costs no more */
    int64_t number;    /* of the distribution's rows */
};
struct screening {
    const struct xo_sweep *sweep;
    struct screened *at;
};

static bool screen_row(struct visitor *v, int64_t i, void *self, struct xo_error *err)
{
    const struct screening *s = self;
    double values[XO_SWEEP_MAX_INPUTS];
    xo_sweep_values(s->sweep, distribution_row(s->sweep, i), values);
    if (!visitor_go(v, values, err))
        return false;
    const struct quote q = quote_at(&v->world, v->own->requests_per_month);
    const double regret = q.usd[XO_WAY_BUILD] - q.usd[XO_WAY_BUY];
    s->at[i] = (struct screened){ regret > 0 ? regret : 0, i };
    return true;
}

static int by_regret(const void *a, const void *b)
{
    const struct screened *x = a, *y = b;
    return x->regret_usd != y->regret_usd
               ? (x->regret_usd < y->regret_usd) - (x->regret_usd > y->regret_usd)
               : (x->number > y->number) - (x->number < y->number);
}

/* The worst samples for who builds, where few of them make much of what building costs more: near
 * an SLO's cliff the surrogate knows least, and means hang on it. */
static bool pick_tail(const struct xo_worlds *w, const void *self, struct candidates *out,
                      struct xo_error *err)
{
    const struct xo_sweep *sweep = self;
    const int64_t all = distribution_rows(sweep, sweep->design.n_base);
    const int64_t n = all < SCREENED ? all : SCREENED;
    struct screening s = { sweep, malloc((size_t)n * sizeof *s.at) };
    double sum = 0, tail = 0, values[XO_SWEEP_MAX_INPUTS];
    bool ok = s.at != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for samples");
    ok = ok && visitors_run(w, 0, n, screen_row, &s, err);
    if (ok)
        qsort(s.at, (size_t)n, sizeof *s.at, by_regret);
    for (int64_t i = 0; ok && i < n; i++) {
        sum += s.at[i].regret_usd;
        tail += i < MOST_PICKED ? s.at[i].regret_usd : 0;
    }
    for (int i = 0; ok && i < MOST_PICKED && i < n && tail >= HEAVY_TAIL * sum; i++) {
        xo_sweep_values(sweep, distribution_row(sweep, s.at[i].number), values);
        ok = s.at[i].regret_usd == 0 || candidates_add(out, w, values, err);
    }
    free(s.at);
    return ok;
}

/* ---- what cannot be ---- */

/* The first input whose value cannot be, the others being as the scenario has them; -1: only
 * together do they fail. */
static int guilty_input(const struct xo_sweep *sweep, const double values[])
{
    double alone[XO_SWEEP_MAX_INPUTS];
    int guilty = -1;
    for (int i = 0; i < sweep->n_inputs; i++)
        alone[i] = NAN;
    for (int i = 0; i < sweep->n_inputs && guilty < 0; i++) {
        struct visitor v;
        struct xo_error why = { 0 };
        alone[i] = values[i];
        if (visitor_init(&v, &sweep->worlds, &why) && !visitor_go(&v, alone, &why) &&
            why.kind == XO_ERR_INPUT)
            guilty = i;
        visitor_fini(&v);
        alone[i] = NAN;
    }
    return guilty;
}

/* Some rows are visited before anything is simulated: a combination of inputs that cannot be is
 * told at once. */
static bool try_rows(const struct xo_sweep *sweep, struct xo_error *err)
{
    enum { N_TRIED = 200 };
    const int64_t n = design_rows(&sweep->design);
    struct visitor v;
    struct xo_error why = { 0 };
    double values[XO_SWEEP_MAX_INPUTS];
    bool ok = visitor_init(&v, &sweep->worlds, &why);
    for (int i = 0; ok && i < N_TRIED; i++) {
        xo_sweep_values(sweep, i * (n / N_TRIED), values);
        ok = visitor_go(&v, values, &why);
    }
    visitor_fini(&v);
    if (ok)
        return true;
    const int guilty = guilty_input(sweep, values);
    if (guilty < 0)
        return xo_fail(err, why.kind, "a sample that cannot be: %.440s", why.text);
    return xo_fail(err, why.kind, "a sample that cannot be, with %s = %.4g: %.360s",
                   sweep->inputs[guilty].name, values[guilty], why.text);
}

bool xo_sweep_new(struct xo_sweep **out, const struct xo_scenario *s,
                  const struct xo_sweep_settings *settings, const struct xo_study_options *options,
                  struct xo_error *err)
{
    if (!can_be_swept(s, err))
        return false;
    struct xo_sweep *sweep = calloc(1, sizeof *sweep);
    if (sweep == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a sweep");
    sweep->scenario = s;
    sweep->options = options;
    sweep->settings = *settings;
    sweep->min_volume = s->requests_per_month * s->min_volume_factor;
    sweep->max_volume = s->requests_per_month * s->max_volume_factor;
    if (set_inputs(sweep, err) && make_design(sweep, err) &&
        worlds_init(&sweep->worlds, s, options, sweep->varied.at, sweep->n_inputs,
                    sweep->max_volume, err) &&
        try_rows(sweep, err)) {
        sweep->worlds.pick = pick_tail;
        sweep->worlds.self = sweep;
        *out = sweep;
        return true;
    }
    xo_sweep_free(sweep);
    return false;
}

void xo_sweep_free(struct xo_sweep *sweep)
{
    if (sweep == NULL)
        return;
    inputs_fini(&sweep->varied);
    worlds_fini(&sweep->worlds);
    design_fini(&sweep->design);
    free(sweep);
}

struct xo_worlds *xo_sweep_worlds(struct xo_sweep *sweep)
{
    return &sweep->worlds;
}

/* ---- rows ---- */

int64_t xo_sweep_n_rows(const struct xo_sweep *sweep)
{
    return design_rows(&sweep->design);
}

int xo_sweep_rows_per_base(const struct xo_sweep *sweep)
{
    return sweep->design.rows_per_base;
}

int64_t xo_sweep_base_per_randomization(const struct xo_sweep *sweep)
{
    return sweep->design.base_per_randomization;
}

const struct xo_sweep_input *xo_sweep_inputs(const struct xo_sweep *sweep, int *n)
{
    *n = sweep->n_inputs;
    return sweep->inputs;
}

void xo_sweep_values(const struct xo_sweep *sweep, int64_t row, double values[])
{
    design_uniforms(&sweep->design, row, values);
    for (int i = 0; i < sweep->n_inputs; i++)
        values[i] = input_quantile(sweep->varied.at[i].drawn, values[i]);
}

uint64_t xo_sweep_hash(const struct xo_sweep *sweep)
{
    const struct xo_sweep_settings *s = &sweep->settings;
    const double of[5] = { (double)s->n_samples, (double)s->sampling, (double)s->indices,
                           s->precision_frac, s->without_step_error };
    return XXH64(of, sizeof of, worlds_hash(&sweep->worlds));
}

double xo_sweep_chosen_usd(const struct xo_sweep_row *row)
{
    return isnan(row->saving_usd) ? -row->idle_usd : fmax(row->saving_usd, -row->idle_usd);
}

bool sweep_price(const struct xo_sweep *sweep, struct visitor *v, struct xo_sweep_row *row,
                 struct xo_error *err)
{
    struct xo_crossings c;
    if (!visitor_crossings(v, sweep->min_volume, sweep->max_volume, &c, err))
        return false;
    const double volume = v->own->requests_per_month;
    const struct quote q = quote_at(&v->world, volume);
    const bool feasible = q.pick[XO_WAY_BUILD] >= 0;
    *row = (struct xo_sweep_row){ .n_crossings = c.n,
                                  .volume = volume,
                                  .saving_usd = q.usd[XO_WAY_BUY] - q.usd[XO_WAY_BUILD],
                                  .replicas = feasible ? (double)q.replicas : NAN,
                                  .gpus = feasible ? (double)q.gpus : NAN,
                                  .option = q.pick[XO_WAY_BUILD],
                                  .api = q.pick[XO_WAY_BUY],
                                  .buy_limited = q.limited[XO_WAY_BUY],
                                  .idle_usd = visitor_idle_usd(v) };
    memcpy(row->usd, q.usd, sizeof row->usd);
    crossings_ends(&c, &row->crossover, &row->stays_above);
    return true;
}

bool sweep_row(const struct xo_sweep *sweep, struct visitor *v, const double values[],
               struct xo_sweep_row *row, struct xo_error *err)
{
    return visitor_go(v, values, err) && sweep_price(sweep, v, row, err);
}

/* One draw of what the simulations do not know, at the planned volume. */
static double noise_of(const struct xo_sweep *sweep, struct visitor *v, int64_t index,
                       const struct xo_sweep_row *row)
{
    if (isnan(row->usd[XO_WAY_BUILD]))
        return 0;
    struct capacity_error error = capacity_error_of(&sweep->worlds, index);
    error.z_shared = 0; /* of all samples alike: it stands in their intervals */
    visitor_shift(v, &error);
    const double noisy = way_usd(&v->world, XO_WAY_BUILD, row->volume, NULL);
    return isnan(noisy) ? 0 : row->usd[XO_WAY_BUILD] - noisy;
}

struct rows {
    const struct xo_sweep *sweep;
    struct xo_sweep_row *at;
    int64_t from;
};

static bool run_row(struct visitor *v, int64_t index, void *self, struct xo_error *err)
{
    const struct rows *rows = self;
    struct xo_sweep_row *row = &rows->at[index - rows->from];
    double values[XO_SWEEP_MAX_INPUTS];
    struct xo_error why;
    xo_sweep_values(rows->sweep, index, values);
    if (!sweep_row(rows->sweep, v, values, row, &why))
        return xo_fail(err, why.kind, "sample %lld: %.400s", (long long)index, why.text);
    row->noise_usd = noise_of(rows->sweep, v, index, row);
    return true;
}

bool xo_sweep_run_range(const struct xo_sweep *sweep, int64_t from, int64_t to,
                        struct xo_sweep_row rows[], struct xo_error *err)
{
    struct rows of = { sweep, rows, from };
    return visitors_run(&sweep->worlds, from, to, run_row, &of, err);
}

/* ---- when to stop ---- */

/* Base points at the looks: a quarter, a half and all of the randomizations, of which 10 at least;
 * of plain Monte Carlo an eighth of the points first. */
static int64_t look_base(const struct design *g, int look)
{
    static const int parts[] = { 8, 4, 2, 1 };
    const bool random = g->sampling == XO_SAMPLING_RANDOM;
    const int64_t units = random ? g->n_base : g->n_randomizations;
    const int64_t least = random ? 100 : 10;
    int64_t n = units / parts[look];
    if (n < least)
        n = least < units ? least : units;
    return random ? n : n * g->base_per_randomization;
}

int64_t xo_sweep_next_look(const struct xo_sweep *sweep, int64_t done)
{
    const struct design *g = &sweep->design;
    for (int look = 0; sweep->settings.precision_frac > 0 && look < 4; look++)
        if (look_base(g, look) * g->rows_per_base > done)
            return look_base(g, look) * g->rows_per_base;
    return design_rows(g);
}

bool xo_sweep_enough(const struct xo_sweep *sweep, const struct xo_sweep_row rows[], int64_t n_rows)
{
    const double wanted = sweep->settings.precision_frac;
    const int64_t n_base = n_rows / sweep->design.rows_per_base;
    struct xo_interval median, wins;
    if (!(wanted > 0) || n_base < 1)
        return false;
    double *scratch = malloc(4 * (size_t)n_base * sizeof *scratch); /* values and their order */
    if (scratch == NULL)
        return false;
    sweep_centre(sweep, rows, n_base, scratch, &median, &wins);
    free(scratch);
    if (median.mean > 0 && isfinite(median.mean))
        return median.lo > 0 && median.hi / median.mean - 1 <= wanted &&
               1 - median.lo / median.mean <= wanted;
    return (wins.hi - wins.lo) / 2 <= wanted;
}

/* ---- in one go ---- */

static void report_progress(const struct xo_sweep *sweep, int64_t done)
{
    const struct xo_study_options *o = sweep->options;
    if (o->progress != NULL)
        o->progress(o->progress_self, 0.9 + 0.1 * (double)done / (double)xo_sweep_n_rows(sweep),
                    "samples");
}

static bool run_to(const struct xo_sweep *sweep, int64_t from, int64_t to,
                   struct xo_sweep_row rows[], xo_sweep_rows_fn *take, void *self,
                   struct xo_error *err)
{
    while (from < to) {
        const int64_t end = to - from > ROWS_A_BLOCK ? from + ROWS_A_BLOCK : to;
        if (!xo_sweep_run_range(sweep, from, end, rows + from, err) ||
            (take != NULL && !take(self, from, end, rows + from, err)))
            return false;
        report_progress(sweep, end);
        from = end;
    }
    return true;
}

bool xo_sweep_run(struct xo_sweep *sweep, struct xo_sweep_row **out,
                  struct xo_sweep_result **result, xo_sweep_rows_fn *take, void *self,
                  struct xo_error *err)
{
    const int64_t n = xo_sweep_n_rows(sweep);
    struct xo_sweep_row *rows = malloc((size_t)n * sizeof *rows);
    if (rows == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %lld samples", (long long)n);
    int64_t done = 0;
    bool ok = xo_worlds_simulate(&sweep->worlds, err);
    while (ok && done < n) {
        const int64_t look = xo_sweep_next_look(sweep, done);
        ok = run_to(sweep, done, look, rows, take, self, err);
        done = look;
        if (ok && xo_sweep_enough(sweep, rows, done))
            break;
    }
    if (ok && xo_sweep_finish(sweep, rows, done, result, err)) {
        *out = rows;
        return true;
    }
    free(rows);
    return false;
}
