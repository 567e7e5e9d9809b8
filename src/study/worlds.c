/* worlds.c - every world that a sweep or a map may visit; see worlds.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "worlds.h"

#include "xo/memory.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    FIRST_POINTS = 24,  /* of an option: they guess where the searches of the others begin */
    DESIGN_POINTS = 64, /* at least (model.md 25) */
    HELD_OUT_POINTS = 16,
    MORE_POINTS = 32, /* while the held-out error is too large */
    MAX_ROUNDS = 6,
    REPEATED_POINTS = 5,
    REPEATED_SEEDS = 2, /* beside the scenario's own */
    MAX_DESIGN_REPLICAS = 16,
    DESIGN_STREAM = 1 << 20, /* replication numbers of streams: away from randomizations */
    HELD_OUT_STREAM,
};
static const double HELD_OUT_ERROR = 0.03;
static const double BOX_TAIL = 0.005; /* of each input left outside the design */

/* ---- keys ---- */

void key_name(int key, char *out, size_t size)
{
    snprintf(out, size, "%s.%s", xo_keys[key].section, xo_keys[key].name);
}

static bool is_key(int key, const char *dotted)
{
    char name[160];
    key_name(key, name, sizeof name);
    return strcmp(name, dotted) == 0;
}

/* Traffic whose pattern does not change with its rate: capacity in requests is what it is at any
 * planned volume. */
static bool is_memoryless(const struct xo_scenario *s)
{
    const struct xo_arrivals *a = &s->workload.arrivals;
    return s->workload.trace != NULL || s->growth == XO_BUSIER ||
           (a->kind == XO_ARRIVALS_POISSON && a->bursts.factor <= 1);
}

enum xo_reach reach_of(const struct xo_scenario *s, int key)
{
    if (xo_keys[key].effect == XO_KEY_MONEY || is_key(key, "build.replicas"))
        return XO_REACH_MONEY;
    if (is_key(key, "workload.retries") || (is_key(key, "workload.volume") && is_memoryless(s)))
        return XO_REACH_EXACT;
    return XO_REACH_SIMULATION;
}

/* Keys that the engine alone reads: no bill and no token count depends on them. */
static bool is_of_engine(int key)
{
    const struct xo_key *k = &xo_keys[key];
    return k->effect == XO_KEY_SIMULATION &&
           (strcmp(k->section, "slo") == 0 ||
            (strcmp(k->section, "build") == 0 && k->type == XO_KEY_NUMBER) ||
            strncmp(k->name, "burst_", 6) == 0);
}

double base_value(const struct xo_scenario *s, int key)
{
    if (is_key(key, "workload.volume"))
        return s->requests_per_month;
    for (int i = 0; i < s->n_entries; i++)
        if (s->entries[i].key == key && strcmp(s->entries[i].section, xo_keys[key].section) == 0)
            return s->entries[i].number;
    return NAN;
}

static double whole(int key, double value)
{
    return xo_keys[key].type == XO_KEY_INTEGER ? nearbyint(value) : value;
}

/* ---- coordinates ---- */

static double coordinate_of(const struct varied *v, double value)
{
    const double at = v->log ? log(fmax(value, v->lo) / v->lo) / log(v->hi / v->lo)
                             : (value - v->lo) / (v->hi - v->lo);
    return 2 * fmin(fmax(at, 0), 1) - 1;
}

static double value_of(const struct varied *v, double t)
{
    const double at = (t + 1) / 2;
    return whole(v->key, v->log ? v->lo * pow(v->hi / v->lo, at) : v->lo + (v->hi - v->lo) * at);
}

/* Where the last coordinate, the number of replicas, ends for an option. */
static int most_replicas(const struct worlds *w, int option)
{
    const struct xo_ladder *l = &w->ladders[option];
    const int top = l->rungs[l->n_rungs - 1].n_replicas;
    return top < MAX_DESIGN_REPLICAS ? top : MAX_DESIGN_REPLICAS;
}

static double replica_coordinate(const struct worlds *w, int option, int n)
{
    const int most = most_replicas(w, option);
    return most == 1 ? 0 : 2 * fmin(log(n) / log(most), 1) - 1;
}

/* The rung nearest, by ratio, to the share `at` of the way from 1 to the most. */
static int rung_at(const struct worlds *w, int option, double at)
{
    const struct xo_ladder *l = &w->ladders[option];
    const double wanted = at * log(most_replicas(w, option));
    int best = 1;
    for (int i = 0; i < l->n_rungs; i++) {
        const int n = l->rungs[i].n_replicas;
        if (n <= MAX_DESIGN_REPLICAS && fabs(log(n) - wanted) < fabs(log(best) - wanted))
            best = n;
    }
    return best;
}

/* ---- beginning and end ---- */

static void set_box(struct varied *v)
{
    if (v->drawn != NULL) {
        v->lo = xo_uncertain_quantile(v->drawn, BOX_TAIL);
        v->hi = xo_uncertain_quantile(v->drawn, 1 - BOX_TAIL);
    }
    if (!(v->hi > v->lo)) /* a constant: any box around it */
        v->hi = v->lo + (v->lo != 0 ? fabs(v->lo) : 1);
    v->log = v->lo > 0;
}

static bool set_inputs(struct worlds *w, const struct varied inputs[], struct xo_error *err)
{
    for (int i = 0; i < w->n_inputs; i++) {
        struct varied *v = &w->inputs[i];
        *v = inputs[i];
        v->base = base_value(w->scenario, v->key);
        if (v->reach != XO_REACH_STEP)
            v->reach = reach_of(w->scenario, v->key);
        w->measures_step |= v->reach == XO_REACH_STEP;
        v->priced = v->reach != XO_REACH_STEP && !is_of_engine(v->key);
        v->coordinate = v->reach == XO_REACH_SIMULATION ? w->n_coordinates++ : -1;
        set_box(v);
    }
    return w->n_coordinates < XO_SOBOL_MAX_DIMS ||
           xo_fail(err, XO_ERR_INPUT,
                   "%d inputs reach the simulation; the design of the surrogate takes %d at most",
                   w->n_coordinates, XO_SOBOL_MAX_DIMS - 1);
}

static bool begin_round(struct worlds *w, int n_tasks, struct xo_error *err)
{
    free(w->done);
    w->n_tasks = n_tasks;
    w->n_done = 0;
    w->done = calloc((size_t)n_tasks + 1, sizeof *w->done);
    return w->done != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for %d tasks", n_tasks);
}

bool worlds_init(struct worlds *w, const struct xo_scenario *s,
                 const struct xo_study_options *options, const struct varied inputs[], int n_inputs,
                 double volume, struct xo_error *err)
{
    const size_t n = (size_t)s->n_options;
    *w = (struct worlds){ .scenario = s,
                          .options = options,
                          .n_inputs = n_inputs,
                          .volume = volume,
                          .n_builders = s->n_options };
    w->ladders = calloc(n, sizeof *w->ladders);
    w->builders = calloc(n, sizeof *w->builders);
    w->fits = calloc(n, sizeof *w->fits);
    w->buyer = malloc(sizeof *w->buyer);
    if (w->ladders == NULL || w->builders == NULL || w->fits == NULL || w->buyer == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu build options", n);
    for (size_t o = 0; o < n; o++)
        w->builders[o].ladder = &w->ladders[o];
    w->base = (struct world){ .scenario = s,
                              .buyer = w->buyer,
                              .builders = w->builders,
                              .n_builders = w->n_builders,
                              .tweak = NO_TWEAK };
    return buyer_init(w->buyer, s, err) && set_inputs(w, inputs, err) &&
           begin_round(w, w->n_builders, err);
}

static void fit_fini(struct fit *f)
{
    surrogate_fini(&f->capacity);
    surrogate_fini(&f->margin);
    f->has_capacity = f->has_margin = false;
}

void worlds_fini(struct worlds *w)
{
    for (int o = 0; o < w->n_builders && w->ladders != NULL && w->builders != NULL; o++) {
        arm_fini(&w->builders[o].arm);
        ladder_fini(&w->ladders[o]);
    }
    for (int o = 0; o < w->n_builders && w->fits != NULL; o++)
        fit_fini(&w->fits[o]);
    free(w->ladders);
    free(w->builders);
    free(w->fits);
    free(w->buyer);
    free(w->done);
    free(w->points);
    free(w->found);
    *w = (struct worlds){ 0 };
}

uint64_t worlds_hash(const struct worlds *w)
{
    uint64_t h = XXH64(XO_VERSION, sizeof XO_VERSION, xo_scenario_hash(w->scenario));
    h = XXH64(&w->volume, sizeof w->volume, h);
    for (int i = 0; i < w->n_inputs; i++) {
        const double of[4] = { w->inputs[i].key, (double)w->inputs[i].reach, w->inputs[i].lo,
                               w->inputs[i].hi };
        h = XXH64(of, sizeof of, h);
    }
    return h;
}

/* ---- results as bytes ---- */

struct label { /* stands before every result */
    uint64_t worlds, checksum;
    int64_t round, task;
};

static bool pack(const struct worlds *w, int task, const void *a, size_t n_a, const void *b,
                 size_t n_b, struct xo_bytes *out, struct xo_error *err)
{
    struct label label = { .worlds = worlds_hash(w), .round = w->round, .task = task };
    unsigned char *at = malloc(sizeof label + n_a + n_b);
    if (at == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for the result of a simulation");
    memcpy(at + sizeof label, a, n_a);
    if (n_b > 0)
        memcpy(at + sizeof label + n_a, b, n_b);
    label.checksum = XXH64(at + sizeof label, n_a + n_b, (uint64_t)task);
    memcpy(at, &label, sizeof label);
    *out = (struct xo_bytes){ at, sizeof label + n_a + n_b };
    return true;
}

/* The bytes behind the label; NULL when this is no result of the task. */
static const unsigned char *unpack(const struct worlds *w, int task, const void *bytes, size_t n,
                                   size_t *left)
{
    struct label label;
    if (task < 0 || task >= w->n_tasks || w->done[task] || n < sizeof label)
        return NULL;
    memcpy(&label, bytes, sizeof label);
    const unsigned char *rest = (const unsigned char *)bytes + sizeof label;
    *left = n - sizeof label;
    const bool ours = label.worlds == worlds_hash(w) && label.round == w->round &&
                      label.task == task && label.checksum == XXH64(rest, *left, (uint64_t)task);
    return ours ? rest : NULL;
}

/* ---- round 0: the base case ---- */

struct base_case { /* then the rungs */
    struct xo_ladder ladder;
    struct usage usage;
    double n_simulated, n_searches;
};

static bool run_base(const struct worlds *w, int option, struct xo_bytes *result,
                     struct xo_error *err)
{
    struct xo_ladder ladder = { 0 };
    struct builder b = { .ladder = &ladder };
    struct base_case c = { 0 };
    int64_t n_simulated = 0;
    bool ok = builder_simulate(&b, w->scenario, option, w->options, w->volume, NULL, NULL, err);
    if (ok && !ladder.infeasible.is && w->measures_step) {
        ok = builder_measure_step(&b, w->scenario, &n_simulated, err);
        c.n_searches += 4;
    }
    for (int i = 0; i < ladder.n_rungs; i++)
        c.n_searches += ladder.rungs[i].n_probes > 0;
    c.ladder = ladder;
    c.ladder.rungs = NULL;
    c.usage = b.usage;
    c.n_simulated = (double)(n_simulated + b.arm.n_simulated);
    ok = ok && pack(w, option, &c, sizeof c, ladder.rungs,
                    (size_t)ladder.n_rungs * sizeof *ladder.rungs, result, err);
    arm_fini(&b.arm);
    ladder_fini(&ladder);
    return ok;
}

static bool put_base(struct worlds *w, int option, const unsigned char *bytes, size_t n,
                     struct xo_error *err)
{
    struct base_case c;
    struct builder *b = &w->builders[option];
    if (n < sizeof c)
        return xo_fail(err, XO_ERR_INPUT, "the result of task %d is cut short", option);
    memcpy(&c, bytes, sizeof c);
    const size_t size = n - sizeof c;
    if (c.ladder.n_rungs < 0 || (size_t)c.ladder.n_rungs * sizeof *c.ladder.rungs != size)
        return xo_fail(err, XO_ERR_INPUT, "the result of task %d is cut short", option);
    if (!arm_init(&b->arm, w->scenario, option, w->options, err))
        return false;
    struct xo_capacity *rungs = malloc(size + 1);
    if (rungs == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a ladder");
    memcpy(rungs, bytes + sizeof c, size);
    w->ladders[option] = c.ladder;
    w->ladders[option].rungs = rungs;
    b->usage = c.usage;
    b->arm.infeasible = c.ladder.infeasible;
    b->arm.lone_ttft_s = c.ladder.lone_ttft_s;
    b->arm.lone_tpot_s = c.ladder.lone_tpot_s;
    b->arm.lone_e2e_s = c.ladder.lone_e2e_s;
    b->arm.saturation_rate_per_s = c.ladder.saturation_rate_per_s;
    w->n_simulated += (int64_t)c.n_simulated;
    w->n_searches += (int)c.n_searches;
    return true;
}

/* ---- later rounds: points of the design ---- */

static double base_volume(const struct worlds *w, int option, int n)
{
    const struct stairs stairs = { .ladder = &w->ladders[option] };
    return stairs_volume(&stairs, n);
}

/* How much of the tightest limit a lone request leaves, in logarithms: capacity falls with it, and
 * ever faster, so that it makes a better coordinate than the limit and the step time behind it. */
static double headroom_coordinate(double lone_margin)
{
    static const double LEAST = 0.02;
    const double left = fmax(1 - exp(fmin(lone_margin, 0)), LEAST);
    return 1 - 2 * log(left) / log(LEAST);
}

/* Coordinates that do not depend on the number of replicas are set once for a point: t[room_for_t]
 * with the inputs' first. */
enum { ROOM_FOR_T = XO_SWEEP_MAX_INPUTS + 2 };
static void complete(const struct worlds *w, int option, double t[])
{
    const struct fit *f = &w->fits[option];
    if (f->has_margin)
        t[w->n_coordinates + 1] = headroom_coordinate(surrogate_at(&f->margin, t));
}

/* log V_N over the base ladder's, as the surrogate has it, at a complete point. */
static double predict(const struct worlds *w, int option, double t[], int n)
{
    t[w->n_coordinates] = replica_coordinate(w, option, n);
    return surrogate_at(&w->fits[option].capacity, t);
}

static int option_labelled(const struct xo_scenario *s, const char *label)
{
    for (int o = 0; o < s->n_options; o++)
        if (strcmp(s->options[o].label, label) == 0)
            return o;
    return -1;
}

/* The scenario of a point; *option: where its option is in it, -1 when it does not fit any more. */
static struct xo_scenario *scenario_at(const struct worlds *w, const struct point *p, int *option,
                                       struct xo_error *err)
{
    struct xo_scenario *s = xo_scenario_copy(w->scenario);
    int keys[XO_SWEEP_MAX_INPUTS], n = 0;
    struct xo_error why = { 0 };
    if (s == NULL) {
        xo_fail(err, XO_ERR_MEMORY, "out of memory for a copy of the scenario");
        return NULL;
    }
    for (int i = 0; i < w->n_inputs; i++)
        if (w->inputs[i].coordinate >= 0)
            keys[n++] = w->inputs[i].key;
    const bool varied = xo_scenario_vary_all(s, n, keys, p->value, &why);
    if (!varied && why.kind != XO_ERR_INPUT) {
        *err = why;
        xo_scenario_free(s);
        return NULL;
    }
    *option = varied ? option_labelled(s, w->scenario->options[p->option].label) : -1;
    s->seed += (uint64_t)p->seed_offset;
    s->capacity_precision_frac = 1; /* one look: the surrogate averages over points */
    return s;
}

/* The capacity at the point, of an arm whose lone requests meet the SLO. */
static bool search_capacity(const struct worlds *w, const struct point *p, struct arm *arm,
                            struct found *f, struct xo_error *err)
{
    const double base = base_volume(w, p->option, p->n_replicas);
    double guess = base, slope = 0, t[ROOM_FOR_T];
    struct xo_capacity found;
    memcpy(t, p->t, sizeof p->t);
    complete(w, p->option, t);
    if (w->fits[p->option].has_capacity)
        guess *= exp(predict(w, p->option, t, p->n_replicas));
    f->n_searches = 1;
    if (!capacity_find(arm, p->n_replicas, guess, &slope, &found, err))
        return false;
    f->log_ratio = log(found.volume / base);
    return true;
}

/* A scenario that cannot be, or whose requests do not fit into a replica, is a point where the
 * option serves nobody; a search that does not settle says nothing. */
static bool search_point(const struct worlds *w, const struct point *p, struct found *f,
                         struct xo_error *err)
{
    int option = -1;
    struct xo_scenario *s = scenario_at(w, p, &option, err);
    struct arm arm = { 0 };
    struct xo_error why = { 0 };
    *f = (struct found){ .log_ratio = NAN, .lone_margin = 1 };
    if (s == NULL)
        return false;
    bool ok = true;
    if (option >= 0) {
        ok = arm_init(&arm, s, option, w->options, &why) && arm_measure_limits(&arm, &why);
        if (ok)
            f->lone_margin = fmin(fmax(arm.lone_margin, -5), 1);
        if (ok && !arm.infeasible.is)
            ok = search_capacity(w, p, &arm, f, &why);
        f->n_simulated = (double)arm.n_simulated;
        arm_fini(&arm);
    }
    xo_scenario_free(s);
    if (ok || why.kind == XO_ERR_INPUT || why.kind == XO_ERR_NUMERIC)
        return true;
    *err = why;
    return false;
}

/* Point `number` of an option's design (evenly over the box) or of those held out (as inputs are
 * drawn), by Sobol' points. */
static struct point point_of(const struct worlds *w, int option, enum point_kind kind, int number)
{
    static const uint32_t streams[] = {
        [POINT_DESIGN] = DESIGN_STREAM, [POINT_HELD_OUT] = HELD_OUT_STREAM
    };
    const struct xo_stream shift = { w->scenario->seed, streams[kind], XO_PURPOSE_SAMPLE };
    struct point p = { .kind = kind, .option = option, .of = -1 };
    struct xo_sobol_table table;
    double u[XO_SOBOL_MAX_DIMS];
    const bool ok = xo_sobol_table_init(&table, w->n_coordinates + 1, (uint64_t)number + 1, NULL);
    assert(ok);
    (void)ok;
    xo_sobol_at(&table, &shift, (uint64_t)number, u);
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *v = &w->inputs[i];
        const int c = v->coordinate;
        if (c < 0)
            continue;
        p.value[c] = kind == POINT_HELD_OUT && v->drawn != NULL
                         ? whole(v->key, xo_uncertain_quantile(v->drawn, u[c]))
                         : value_of(v, 2 * u[c] - 1);
        p.t[c] = coordinate_of(v, p.value[c]);
    }
    p.n_replicas = rung_at(w, option, u[w->n_coordinates]);
    return p;
}

static bool add_point(struct worlds *w, const struct point *p, struct xo_error *err)
{
    if (!xo_array_reserve((void **)&w->points, &w->points_room, w->n_points + 1, sizeof *w->points,
                          err) ||
        !xo_array_reserve((void **)&w->found, &w->found_room, w->n_points + 1, sizeof *w->found,
                          err))
        return false;
    w->points[w->n_points] = *p;
    w->found[w->n_points++] = (struct found){ .log_ratio = NAN, .lone_margin = NAN };
    return true;
}

static bool add_design(struct worlds *w, int option, int n, struct xo_error *err)
{
    for (int i = 0; i < n; i++) {
        const struct point p = point_of(w, option, POINT_DESIGN, w->next_point[option]++);
        if (!add_point(w, &p, err))
            return false;
    }
    return true;
}

/* Points held out, and some of them again under other seeds. */
static bool add_held_out(struct worlds *w, int option, struct xo_error *err)
{
    for (int i = 0; i < HELD_OUT_POINTS; i++) {
        struct point p = point_of(w, option, POINT_HELD_OUT, i);
        const int of = (int)w->n_points;
        if (!add_point(w, &p, err))
            return false;
        p.kind = POINT_SEED;
        p.of = of;
        for (p.seed_offset = 1; i < REPEATED_POINTS && p.seed_offset <= REPEATED_SEEDS;
             p.seed_offset++)
            if (!add_point(w, &p, err))
                return false;
    }
    return true;
}

/* ---- fitting ---- */

/* Coordinates of point i for the surrogate of margins or of capacity; how many. */
static int coordinates(const struct worlds *w, size_t i, bool margin, double t[])
{
    const struct point *p = &w->points[i];
    const int m = w->n_coordinates;
    memcpy(t, p->t, (size_t)m * sizeof *t);
    if (margin)
        return m;
    t[m] = replica_coordinate(w, p->option, p->n_replicas);
    if (!w->fits[p->option].has_margin)
        return m + 1;
    t[m + 1] = headroom_coordinate(w->found[i].lone_margin); /* as measured there */
    return m + 2;
}

/* Fit one of an option's surrogates to the design points that are done; false: too few, or out of
 * memory. */
static bool fit_points(const struct worlds *w, int option, bool margin, struct surrogate *out,
                       struct xo_error *err)
{
    double *t = malloc(w->n_points * (size_t)(w->n_coordinates + 2) * sizeof *t);
    double *y = malloc(w->n_points * sizeof *y);
    int n = 0, n_dims = 0;
    bool ok = t != NULL && y != NULL;
    for (size_t i = 0; ok && i < w->n_points; i++) {
        const struct point *p = &w->points[i];
        const double value = margin ? w->found[i].lone_margin : w->found[i].log_ratio;
        if (p->option != option || p->kind != POINT_DESIGN || isnan(value))
            continue;
        n_dims = coordinates(w, i, margin, t + (size_t)n * (size_t)n_dims);
        y[n++] = value;
    }
    ok = ok ? n >= 8 && surrogate_fit(out, n_dims, n, t, y, err)
            : xo_fail(err, XO_ERR_MEMORY, "out of memory for a surrogate");
    free(t);
    free(y);
    return ok;
}

/* The base case as a point; inputs without a number of their own at the middle of the box. */
static void base_point(const struct worlds *w, double t[])
{
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *v = &w->inputs[i];
        if (v->coordinate >= 0)
            t[v->coordinate] = isnan(v->base) ? 0 : coordinate_of(v, v->base);
    }
}

/* Does the box hold the base case? Then the surrogate is moved to be right there. */
static bool base_inside(const struct worlds *w)
{
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *v = &w->inputs[i];
        if (v->coordinate >= 0 && !(v->base >= v->lo && v->base <= v->hi))
            return false;
    }
    return true;
}

static int knot_replicas(const struct worlds *w, int option, int knot)
{
    const int n = scaling_replicas(knot), most = most_replicas(w, option);
    return n < most ? n : most;
}

static void anchor(struct worlds *w, int option)
{
    struct fit *f = &w->fits[option];
    double t[ROOM_FOR_T];
    base_point(w, t);
    complete(w, option, t);
    for (int k = 0; k < N_SCALE_KNOTS; k++)
        f->at_base[k] = base_inside(w) ? predict(w, option, t, knot_replicas(w, option, k)) : 0;
}

/* log V_N over the base ladder's at a point, taken between knots as a world does. */
static double predict_anchored(const struct worlds *w, const struct point *p)
{
    struct scaling s;
    double t[ROOM_FOR_T];
    memcpy(t, p->t, sizeof p->t);
    complete(w, p->option, t);
    for (int k = 0; k < N_SCALE_KNOTS; k++)
        s.log_at[k] = predict(w, p->option, t, knot_replicas(w, p->option, k)) -
                      w->fits[p->option].at_base[k];
    return scaling_at(&s, p->n_replicas);
}

/* Pooled variance of log capacity within points that were simulated under several seeds. */
static double seed_sd(const struct worlds *w, int option)
{
    double sum = 0;
    int freedom = 0;
    for (size_t i = 0; i < w->n_points; i++) {
        struct xo_moments m;
        xo_moments_init(&m);
        if (w->points[i].kind != POINT_HELD_OUT || w->points[i].option != option)
            continue;
        for (size_t k = i; k < w->n_points; k++)
            if ((k == i || w->points[k].of == (int)i) && !isnan(w->found[k].log_ratio))
                xo_moments_add(&m, w->found[k].log_ratio);
        if (m.n > 1) {
            sum += m.m2;
            freedom += (int)m.n - 1;
        }
    }
    return freedom > 0 ? sqrt(sum / freedom) : NAN;
}

static void report_fit(struct worlds *w, int option)
{
    struct xo_surrogate_report *r = &w->fits[option].report;
    double squares = 0;
    *r = (struct xo_surrogate_report){ .option = option, .held_out_rms = NAN };
    for (size_t i = 0; i < w->n_points; i++) {
        const struct point *p = &w->points[i];
        if (p->option != option)
            continue;
        r->n_searches += (int)w->found[i].n_searches;
        r->n_design += p->kind == POINT_DESIGN;
        r->n_infeasible += p->kind != POINT_SEED && w->found[i].lone_margin > 0;
        if (p->kind != POINT_HELD_OUT || isnan(w->found[i].log_ratio) ||
            !w->fits[option].has_capacity)
            continue;
        const double error = predict_anchored(w, p) - w->found[i].log_ratio;
        r->n_held_out++;
        squares += error * error;
        r->held_out_worst = fmax(r->held_out_worst, fabs(error));
    }
    if (r->n_held_out > 0)
        r->held_out_rms = sqrt(squares / r->n_held_out);
    r->simulation_sd = seed_sd(w, option);
    r->precise = r->held_out_rms <= HELD_OUT_ERROR;
}

/* An option whose every point of the design misses the SLO has no surrogate and stays shut. */
static bool fit_option(struct worlds *w, int option, struct xo_error *err)
{
    struct fit *f = &w->fits[option];
    struct xo_error why = { 0 };
    double worst = -INFINITY;
    fit_fini(f);
    for (size_t i = 0; i < w->n_points; i++)
        if (w->points[i].option == option && w->points[i].kind == POINT_DESIGN)
            worst = fmax(worst, w->found[i].lone_margin);
    if (worst > -0.05)
        f->has_margin = fit_points(w, option, true, &f->margin, &why);
    if (why.kind == XO_OK)
        f->has_capacity = fit_points(w, option, false, &f->capacity, &why);
    if (f->has_capacity)
        anchor(w, option);
    report_fit(w, option);
    if (why.kind == XO_OK)
        return true;
    *err = why;
    return false;
}

/* ---- rounds ---- */

static bool is_designed(const struct worlds *w, int option)
{
    return w->n_coordinates > 0 && !w->ladders[option].infeasible.is;
}

/* The points of the next round; none: it was the last. */
static bool plan_round(struct worlds *w, struct xo_error *err)
{
    const int enough = DESIGN_POINTS + 8 * (w->n_coordinates > 4 ? w->n_coordinates - 4 : 0);
    w->first_open = (int)w->n_points;
    for (int o = 0; o < w->n_builders; o++) {
        bool ok = true;
        if (!is_designed(w, o))
            continue;
        if (w->round == 1)
            ok = add_design(w, o, FIRST_POINTS, err);
        else if (w->round == 2)
            ok = add_design(w, o, enough - FIRST_POINTS, err) && add_held_out(w, o, err);
        else if (w->round < MAX_ROUNDS + 1 && w->fits[o].has_capacity && !w->fits[o].report.precise)
            ok = add_design(w, o, MORE_POINTS, err);
        if (!ok)
            return false;
    }
    return begin_round(w, (int)w->n_points - w->first_open, err);
}

static bool end_round(struct worlds *w, struct xo_error *err)
{
    for (int o = 0; w->round > 0 && o < w->n_builders; o++)
        if (is_designed(w, o) && !fit_option(w, o, err))
            return false;
    w->round++;
    return plan_round(w, err);
}

bool worlds_task_run(const struct worlds *w, int task, struct xo_bytes *result,
                     struct xo_error *err)
{
    assert(task >= 0 && task < w->n_tasks);
    if (w->options->stop != NULL && *w->options->stop != 0)
        return xo_fail(err, XO_ERR_STOPPED, "stopped");
    if (w->round == 0)
        return run_base(w, task, result, err);
    struct found f;
    return search_point(w, &w->points[w->first_open + task], &f, err) &&
           pack(w, task, &f, sizeof f, NULL, 0, result, err);
}

bool worlds_task_put(struct worlds *w, int task, const void *bytes, size_t n, struct xo_error *err)
{
    size_t left = 0;
    const unsigned char *rest = unpack(w, task, bytes, n, &left);
    if (rest == NULL || (w->round > 0 && left != sizeof *w->found))
        return xo_fail(err, XO_ERR_INPUT,
                       "this is not the result of task %d in round %d of this scenario", task,
                       w->round);
    if (w->round == 0 && !put_base(w, task, rest, left, err))
        return false;
    if (w->round > 0) {
        struct found *f = &w->found[w->first_open + task];
        memcpy(f, rest, sizeof *f);
        w->n_simulated += (int64_t)f->n_simulated;
        w->n_searches += (int)f->n_searches;
    }
    w->done[task] = true;
    return ++w->n_done < w->n_tasks || end_round(w, err);
}

static void progress(const struct worlds *w, double frac, const char *what)
{
    if (w->options->progress != NULL)
        w->options->progress(w->options->progress_self, frac, what);
}

/* Requests that a point's search simulates, roughly. */
int worlds_task_cost(const struct worlds *w, int task)
{
    const int n = w->round > 0 ? w->points[w->first_open + task].n_replicas : 1;
    return n < 8 ? 2 * n : n;
}

static int *costliest_first(const struct worlds *w)
{
    int *order = malloc((size_t)w->n_tasks * sizeof *order);
    for (int i = 0; order != NULL && i < w->n_tasks; i++) {
        int k = i;
        for (; k > 0 && worlds_task_cost(w, order[k - 1]) < worlds_task_cost(w, i); k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    return order;
}

/* The open tasks of one round. Base cases run one after the other, each on all threads. */
static bool run_round(struct worlds *w, double from, double to, struct xo_error *err)
{
    const int n = w->n_tasks, round = w->round;
    const int threads = round == 0 ? 1 : study_threads(w->options);
    struct xo_bytes *results = calloc((size_t)n, sizeof *results);
    int *order = costliest_first(w);
    int failed_at = n, finished = 0;
    if (results == NULL || order == NULL) {
        free(results);
        free(order);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d tasks", n);
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) if (round > 0)
    for (int k = 0; k < n; k++) {
        const int i = order[k];
        struct xo_error mine = { 0 };
        if (w->done[i])
            continue;
        const bool ok = worlds_task_run(w, i, &results[i], &mine);
#pragma omp critical(xo_study_error)
        {
            finished++;
            if (!ok && i < failed_at) {
                failed_at = i;
                if (err != NULL)
                    *err = mine;
            }
        }
        if (omp_get_thread_num() == 0)
            progress(w, from + (to - from) * finished / n,
                     round == 0 ? "sizing fleets" : "capacities for what is not known");
    }
    bool ok = failed_at == n;
    for (int i = 0; i < n; i++) { /* in order of number, whatever the threads did */
        if (ok && results[i].at != NULL)
            ok = worlds_task_put(w, i, results[i].at, results[i].n, err);
        free(results[i].at);
    }
    free(results);
    free(order);
    return ok;
}

bool worlds_simulate(struct worlds *w, double share, struct xo_error *err)
{
    double from = 0;
    while (w->n_tasks > 0) {
        const double to = w->n_coordinates == 0 ? share : from + (share - from) / 3;
        if (!run_round(w, from, to, err))
            return false;
        from = to;
    }
    return true;
}

/* ---- visitors ---- */

bool visitor_init(struct visitor *v, const struct worlds *w, struct xo_error *err)
{
    *v = (struct visitor){ .worlds = w };
    v->own = xo_scenario_copy(w->scenario);
    v->buyer = malloc(sizeof *v->buyer);
    if (v->own == NULL || v->buyer == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a copy of the scenario");
    *v->buyer = *w->buyer;
    for (int o = 0; o < w->n_builders; o++)
        v->where[o] = o;
    v->world = w->base;
    v->world.scenario = v->own;
    v->world.buyer = v->buyer;
    v->world.scaling = v->scaling;
    v->world.shut = v->shut;
    v->world.where = v->where;
    return true;
}

void visitor_fini(struct visitor *v)
{
    xo_scenario_free(v->own);
    free(v->buyer);
    for (int o = 0; o < MAX_BUILDERS; o++)
        treads_fini(&v->treads[o]);
    v->own = NULL;
    v->buyer = NULL;
}

/* Back to the scenario itself. */
static bool start_over(struct visitor *v, struct xo_error *err)
{
    struct xo_scenario *fresh = xo_scenario_copy(v->worlds->scenario);
    if (fresh == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a copy of the scenario");
    xo_scenario_free(v->own);
    v->own = fresh;
    v->world.scenario = fresh;
    *v->buyer = *v->worlds->buyer;
    memset(v->varied, 0, sizeof v->varied);
    return true;
}

/* The changed scenario's options may stand elsewhere than the base's, or not fit any more. */
static void find_options(struct visitor *v)
{
    const struct worlds *w = v->worlds;
    for (int o = 0; o < w->n_builders; o++) {
        const int at = option_labelled(v->own, w->scenario->options[o].label);
        v->missing[o] = at < 0;
        v->where[o] = at < 0 ? o : at;
    }
}

/* Vary what bills depend on, as far as it differs from where the visitor is. */
static bool vary_own(struct visitor *v, const double values[], struct xo_error *err)
{
    const struct worlds *w = v->worlds;
    int keys[XO_SWEEP_MAX_INPUTS], n = 0;
    double to[XO_SWEEP_MAX_INPUTS];
    bool over = false, tokens = false;
    for (int i = 0; i < w->n_inputs; i++)
        over |= isnan(values[i]) && v->varied[i];
    if (over && !start_over(v, err))
        return false;
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *in = &w->inputs[i];
        if (!in->priced || isnan(values[i]) || (v->varied[i] && v->last[i] == values[i]))
            continue;
        keys[n] = in->key;
        to[n++] = values[i];
        tokens |= in->reach == XO_REACH_SIMULATION;
        v->last[i] = values[i];
        v->varied[i] = true;
    }
    if (n > 0 && !xo_scenario_vary_all(v->own, n, keys, to, err)) {
        memset(v->varied, 0, sizeof v->varied);
        return false;
    }
    if (n > 0 || over)
        find_options(v);
    return !tokens || buyer_init(v->buyer, v->own, err);
}

/* Volumes are useful requests, and a replica serves calls: V is in proportion to 1/(1 + retries).
 */
static double exact_scale(const struct varied *in, double value)
{
    return is_key(in->key, "workload.retries") && !isnan(in->base)
               ? log((1 + in->base) / (1 + value))
               : 0;
}

static void scale_option(struct visitor *v, const double values[], int option)
{
    const struct worlds *w = v->worlds;
    struct scaling *s = &v->scaling[option];
    double t[ROOM_FOR_T];
    bool moved = false;
    *s = (struct scaling){ 0 };
    v->shut[option] = v->missing[option];
    base_point(w, t);
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *in = &w->inputs[i];
        const struct xo_ladder *l = &w->ladders[option];
        if (isnan(values[i]))
            continue;
        if (in->reach == XO_REACH_STEP)
            scaling_add(s, l->step_exponent_1 * log(values[i] / in->base),
                        l->step_exponent_8 * log(values[i] / in->base));
        else if (in->reach == XO_REACH_EXACT)
            scaling_add(s, exact_scale(in, values[i]), exact_scale(in, values[i]));
        if (in->coordinate >= 0) {
            t[in->coordinate] = coordinate_of(in, values[i]);
            moved = true;
        }
    }
    const struct fit *f = &w->fits[option];
    if (!moved || w->ladders[option].infeasible.is)
        return;
    complete(w, option, t);
    v->shut[option] |= !f->has_capacity || (f->has_margin && surrogate_at(&f->margin, t) > 0);
    for (int k = 0; f->has_capacity && k < N_SCALE_KNOTS; k++)
        s->log_at[k] += predict(w, option, t, knot_replicas(w, option, k)) - f->at_base[k];
}

bool visitor_go(struct visitor *v, const double values[], struct xo_error *err)
{
    if (!vary_own(v, values, err))
        return false;
    for (int o = 0; o < v->worlds->n_builders; o++)
        scale_option(v, values, o);
    return true;
}

bool visitor_crossings(struct visitor *v, double min, double max, struct xo_crossings *out,
                       struct xo_error *err)
{
    if (!world_treads(&v->world, max, v->treads, err))
        return false;
    v->world.treads = v->treads;
    const bool ok = world_crossings(&v->world, line_buy, line_build, min, max, out, err);
    v->world.treads = NULL;
    return ok;
}

struct quote quote_at(const struct world *w, double volume)
{
    struct quote q = { .api = -1, .option = -1 };
    struct xo_sized sized;
    double requests, tokens;
    q.buy_usd = world_buy_usd(w, volume, &q.api);
    q.same_usd = world_same_usd(w, volume);
    q.build_usd = world_build_usd(w, volume, &q.option);
    q.buy_limited = q.api >= 0 && buy_rate_limited(w, volume, q.api, &requests, &tokens);
    if (q.option >= 0 && world_fleet(w, volume, q.option, &sized)) {
        q.replicas = sized.serving_replicas + sized.headroom_replicas + sized.spare_replicas;
        q.gpus = sized.n_gpus;
    }
    return q;
}

double noisy_build_usd(const struct visitor *v, double volume, double z_ladder, double z_surrogate)
{
    const struct worlds *w = v->worlds;
    struct scaling scaling[MAX_BUILDERS];
    struct world noisy = v->world;
    for (int o = 0; o < w->n_builders; o++) {
        const double rms = w->fits[o].report.held_out_rms;
        const double shift = w->fits[o].has_capacity && rms > 0 ? z_surrogate * rms : 0;
        scaling[o] = v->scaling[o];
        scaling_add(&scaling[o], shift, shift);
    }
    noisy.scaling = scaling;
    noisy.noise_z = z_ladder;
    return world_build_usd(&noisy, volume, NULL);
}
