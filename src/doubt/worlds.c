/* worlds.c - what varies, and what is simulated for it: keys, coordinates, rounds of tasks.
 *
 * The state is a struct xo_worlds (worlds.h): the inputs that vary, the base case with a ladder for
 * each build option, the points at which capacities are searched, and what was found there. Round 0
 * has one task an option, its base case. Later rounds have one task a point: the first ones guess
 * where later searches begin, more are added, a few times at most, while the error on held-out
 * points is above 3 %, and the last are worlds simulated in full, where the owner picks some
 * (worlds_confirm.c). A round without tasks ends it.
 *
 * Invariant: a task is a function of the scenario, the inputs, what earlier rounds found, and its
 * number. So tasks of a round run in any order, on any thread or rank; the result that completes a
 * round fits the surrogates and plans the next. A round of points is handed to the crew of the
 * options where there is one (run_elsewhere). points[] and found[] are of one length, and task i
 * of a round after the first is point first_open + i.
 *
 * Results travel as bytes that name their worlds, round and task, since a journal or another rank
 * may bring them. Tried before: a design of 64 points at least; 24, and 12 for each further input,
 * do. Begin with plan_round, xo_worlds_task_run and xo_worlds_task_put.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/threads.h"
#include "worlds_parts.h"
#include "xo/clock.h"
#include "xo/text.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    FIRST_POINTS = 24,    /* of an option: they guess where the searches of the others begin */
    POINTS_AN_INPUT = 12, /* of the design, for each input above one */
    MORE_POINTS = 32,     /* while the held-out error is too large */
    MAX_ROUNDS = 6,       /* that add to a design */
};
static const double BOX_TAIL = 0.005; /* of each input left outside the design */

/* ---- keys ---- */

/* Keys that the engine alone reads: no bill and no token count depends on them. */
static bool is_of_engine(int key)
{
    const struct xo_key *k = &xo_keys[key];
    return k->effect == XO_KEY_SIMULATION &&
           (strcmp(k->section, "slo") == 0 ||
            (strcmp(k->section, "build") == 0 && k->type == XO_KEY_NUMBER) ||
            strncmp(k->name, "burst_", 6) == 0);
}

/* ---- coordinates ---- */

double coordinate_of(const struct varied *v, double value)
{
    const double at = v->log ? log(fmax(value, v->lo) / v->lo) / log(v->hi / v->lo)
                             : (value - v->lo) / (v->hi - v->lo);
    return 2 * fmin(fmax(at, 0), 1) - 1;
}

double value_of(const struct varied *v, double t)
{
    const double at = (t + 1) / 2;
    return key_whole(v->key,
                     v->log ? v->lo * pow(v->hi / v->lo, at) : v->lo + (v->hi - v->lo) * at);
}

int top_replicas(const struct xo_worlds *w, int option)
{
    const struct xo_ladder *l = &w->ladders[option];
    return l->rungs[l->n_rungs - 1].n_replicas;
}

int most_replicas(const struct xo_worlds *w, int option)
{
    const int top = top_replicas(w, option), reach = w->fits[option].reach;
    const int most = top > reach ? top : reach;
    int k = 0;
    while (k < N_SCALE_KNOTS - 1 && scaling_replicas(k) < most)
        k++;
    return scaling_replicas(k);
}

double replica_coordinate(int n)
{
    return 2 * fmin(log(n) / log(scaling_replicas(N_SCALE_KNOTS - 1)), 1) - 1;
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

/* Is an input drawn, but always at the scenario's own value? */
static bool is_fixed(const struct varied *v)
{
    return v->drawn != NULL && xo_uncertain_quantile(v->drawn, 1e-9) == v->base &&
           xo_uncertain_quantile(v->drawn, 1 - 1e-9) == v->base;
}

/* One draw moves the step times of all options, each by its own error. */
static void set_step_shares(struct xo_worlds *w)
{
    w->measures_step = true;
    for (int o = 0; o < w->n_sizings; o++)
        w->step_share[o] = step_sigma_of(w->scenario, o) / largest_step_sigma(w->scenario);
}

static bool set_inputs(struct xo_worlds *w, const struct varied inputs[], struct xo_error *err)
{
    for (int i = 0; i < w->n_inputs; i++) {
        struct varied *v = &w->inputs[i];
        *v = inputs[i];
        v->base = xo_scenario_number(w->scenario, v->key);
        if (v->reach != XO_REACH_STEP)
            v->reach = reach_of(w->scenario, v->key);
        if (v->reach == XO_REACH_STEP)
            set_step_shares(w);
        v->priced = v->reach != XO_REACH_STEP && !is_of_engine(v->key);
        const bool simulated = v->reach == XO_REACH_SIMULATION && !is_fixed(v);
        v->coordinate = simulated ? w->n_coordinates++ : -1;
        set_box(v);
    }
    return w->n_coordinates < XO_SOBOL_MAX_DIMS ||
           xo_fail(err, XO_ERR_INPUT,
                   "%d inputs reach the simulation; the design of the surrogate takes %d at most",
                   w->n_coordinates, XO_SOBOL_MAX_DIMS - 1);
}

static bool begin_round(struct xo_worlds *w, int n_tasks, struct xo_error *err)
{
    free(w->done);
    w->n_tasks = n_tasks;
    w->n_done = 0;
    w->done = calloc((size_t)n_tasks + 1, sizeof *w->done);
    return w->done != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for %d tasks", n_tasks);
}

static bool init_common(struct xo_worlds *w, const struct xo_scenario *s,
                        const struct xo_study_options *options, const struct varied inputs[],
                        int n_inputs, double volume, struct xo_error *err)
{
    *w = (struct xo_worlds){ .scenario = s,
                             .options = options,
                             .alone = *options,
                             .n_inputs = n_inputs,
                             .volume = volume,
                             .progress_to = 0.9, /* items come after */
                             .n_sizings = s->n_options,
                             .most_rounds = MAX_ROUNDS };
    w->alone.crew = NULL;
    w->fits = calloc((size_t)s->n_options, sizeof *w->fits);
    w->demand = malloc(sizeof *w->demand);
    if (w->fits == NULL || w->demand == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d build options", s->n_options);
    return demand_init(w->demand, s, err) && set_inputs(w, inputs, err);
}

static void set_base(struct xo_worlds *w, struct option_sizing sizings[],
                     struct xo_ladder ladders[])
{
    w->sizings = sizings;
    w->ladders = ladders;
    w->base = (struct world){
        .scenario = w->scenario, .demand = w->demand, .sizings = sizings, .n_sizings = w->n_sizings
    };
}

bool worlds_init(struct xo_worlds *w, const struct xo_scenario *s,
                 const struct xo_study_options *options, const struct varied inputs[], int n_inputs,
                 double volume, struct xo_error *err)
{
    const size_t n = (size_t)s->n_options;
    if (!init_common(w, s, options, inputs, n_inputs, volume, err))
        return false;
    set_base(w, calloc(n, sizeof *w->sizings), calloc(n, sizeof *w->ladders));
    if (w->ladders == NULL || w->sizings == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu build options", n);
    for (size_t o = 0; o < n; o++)
        w->sizings[o].ladder = &w->ladders[o];
    w->base.bills_stand = true; /* where the API cannot serve as listed: samples count it so */
    return begin_round(w, w->n_sizings, err);
}

void worlds_fini(struct xo_worlds *w)
{
    const bool owns = !w->borrows_base && w->ladders != NULL && w->sizings != NULL;
    for (int o = 0; owns && o < w->n_sizings; o++) {
        sim_fini(&w->sizings[o].sim);
        ladder_fini(&w->ladders[o]);
    }
    for (int o = 0; o < w->n_sizings && w->fits != NULL; o++)
        fit_fini(&w->fits[o]);
    if (!w->borrows_base) {
        free(w->ladders);
        free(w->sizings);
    }
    free(w->fits);
    free(w->demand);
    free(w->done);
    free(w->points);
    free(w->found);
    *w = (struct xo_worlds){ 0 };
}

uint64_t worlds_hash(const struct xo_worlds *w)
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

/* Why, in words that stand behind "misses the SLO in the scenario as it stands". */
static void say_cause(const struct xo_scenario *s, const struct xo_ladder *l, char *out,
                      size_t size)
{
    const struct xo_infeasible *why = &l->infeasible;
    const struct xo_slo *slo = &s->slo[why->class_index];
    const bool timeout = why->cause == XO_CAUSE_TIMEOUT;
    const double limit_s = timeout ? slo->timeout_s : slo->targets[why->target].limit_s;
    if (why->cause == XO_CAUSE_FAILED)
        snprintf(out, size, "cannot be simulated (%.120s)", why->reason);
    else if (why->cause == XO_CAUSE_REFUSED)
        snprintf(out, size, "refuses %.3g %% of the requests in the scenario as it stands",
                 100 * l->unserved.class_frac[why->class_index]);
    else
        snprintf(out, size,
                 "has lone requests that miss the SLO in the scenario as it stands, by %.0f %%",
                 100 * (why->lone_s / limit_s - 1));
}

const char *worlds_say_infeasible(const struct xo_worlds *w, int option, const char *piece,
                                  char out[XO_SWEEP_NOTE_SIZE])
{
    char cause[160];
    say_cause(w->scenario, &w->ladders[option], cause, sizeof cause);
    snprintf(
        out, XO_SWEEP_NOTE_SIZE,
        "%.100s %s, so that no fleet of it was sized; it is left out of every %s, also of those "
        "whose inputs might let it meet the SLO",
        w->scenario->options[option].label, cause, piece);
    return out;
}

/* ---- results as bytes ---- */

struct label { /* stands before every result */
    uint64_t worlds, checksum;
    int64_t round, task;
};

static bool pack(const struct xo_worlds *w, int task, const void *a, size_t n_a, const void *b,
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
static const unsigned char *unpack(const struct xo_worlds *w, int task, const void *bytes, size_t n,
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

struct base_case { /* as bytes; the rungs of its ladder follow */
    struct xo_ladder ladder;
    struct load_curve load_curve;
    double lone_margin, n_simulated, n_searches;
};

static bool run_base(const struct xo_worlds *w, int option, struct xo_bytes *result,
                     struct xo_error *err)
{
    struct xo_ladder ladder = { 0 };
    struct option_sizing b = { .ladder = &ladder };
    struct base_case c = { 0 };
    int64_t n_simulated = 0;
    struct xo_error why = { 0 };
    bool ok = sizing_simulate(&b, w->scenario, option, w->options, w->volume, NULL, NULL, &why) ||
              option_is_left_out(&why, &ladder.infeasible, err);
    if (ok && !ladder.infeasible.holds && w->measures_step) {
        ok = sizings_measure_step(&b, 1, w->scenario, &n_simulated, err);
        c.n_searches += 4;
    }
    for (int i = 0; i < ladder.n_rungs; i++)
        c.n_searches += ladder.rungs[i].n_probes > 0;
    c.ladder = ladder;
    c.ladder.rungs = NULL;
    c.load_curve = b.load_curve;
    c.lone_margin = b.sim.lone_margin;
    c.n_simulated = (double)(n_simulated + b.sim.n_simulated);
    ok = ok && pack(w, option, &c, sizeof c, ladder.rungs,
                    (size_t)ladder.n_rungs * sizeof *ladder.rungs, result, err);
    sim_fini(&b.sim);
    ladder_fini(&ladder);
    return ok;
}

static bool put_base(struct xo_worlds *w, int option, const unsigned char *bytes, size_t n,
                     struct xo_error *err)
{
    struct base_case c;
    struct option_sizing *b = &w->sizings[option];
    if (n < sizeof c)
        return xo_fail(err, XO_ERR_INPUT, "the result of task %d is cut short", option);
    memcpy(&c, bytes, sizeof c);
    const size_t size = n - sizeof c;
    if (c.ladder.n_rungs < 0 || (size_t)c.ladder.n_rungs * sizeof *c.ladder.rungs != size)
        return xo_fail(err, XO_ERR_INPUT, "the result of task %d is cut short", option);
    if (!sim_init(&b->sim, w->scenario, option, w->options, err))
        return false;
    struct xo_capacity *rungs = malloc(size + 1);
    if (rungs == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a ladder");
    memcpy(rungs, bytes + sizeof c, size);
    w->ladders[option] = c.ladder;
    w->ladders[option].rungs = rungs;
    b->load_curve = c.load_curve;
    b->sim.infeasible = c.ladder.infeasible;
    b->sim.lone_margin = c.lone_margin;
    b->sim.limits.lone_ttft_s = c.ladder.lone_ttft_s;
    b->sim.limits.lone_tpot_s = c.ladder.lone_tpot_s;
    b->sim.limits.lone_e2e_s = c.ladder.lone_e2e_s;
    b->sim.limits.saturation_rate_per_s = c.ladder.saturation_rate_per_s;
    w->n_simulated += (int64_t)c.n_simulated;
    w->n_searches += (int)c.n_searches;
    return true;
}

/* ---- rounds ---- */

static bool is_designed(const struct xo_worlds *w, int option)
{
    return w->n_coordinates > 0 && !w->ladders[option].infeasible.holds;
}

/* The points of the next round; none: it was the last. */
static bool plan_round(struct xo_worlds *w, struct xo_error *err)
{
    const int enough = FIRST_POINTS + POINTS_AN_INPUT * (w->n_coordinates - 1);
    w->first_open = (int)w->n_points;
    for (int o = 0; o < w->n_sizings; o++) {
        bool ok = true;
        if (!is_designed(w, o))
            continue;
        if (w->round == 1)
            ok = points_add_design(w, o, FIRST_POINTS, err);
        else if (w->round == 2) {
            find_reach(w, o);
            ok = points_add_design(w, o, enough - FIRST_POINTS, err) &&
                 points_add_held_out(w, o, err);
        } else if (w->round <= w->most_rounds && w->fits[o].has_capacity &&
                   !w->fits[o].report.precise)
            ok = points_add_design(w, o, MORE_POINTS / 2, err) &&
                 points_add_drawn(w, o, MORE_POINTS / 2, err);
        if (!ok)
            return false;
    }
    if (w->round > 2 && (int)w->n_points == w->first_open && !points_add_confirmed(w, err))
        return false;
    return begin_round(w, (int)w->n_points - w->first_open, err);
}

static void plan_fleet(struct xo_worlds *w)
{
    const double volume = w->scenario->requests_per_month;
    int option = -1;
    const double usd = way_usd(&w->base, XO_WAY_BUILD, volume, &option);
    w->has_planned = !isnan(usd) && world_fleet(&w->base, volume, option, &w->planned);
}

bool worlds_init_on(struct xo_worlds *w, const struct xo_scenario *s,
                    const struct xo_study_options *options, const struct varied inputs[],
                    int n_inputs, double volume, struct option_sizing sizings[],
                    struct xo_ladder ladders[], struct xo_error *err)
{
    if (!init_common(w, s, options, inputs, n_inputs, volume, err))
        return false;
    w->borrows_base = true;
    set_base(w, sizings, ladders);
    plan_fleet(w);
    w->round = 1;
    return plan_round(w, err);
}

int worlds_surrogates(const struct xo_worlds *w, struct xo_surrogate_report out[])
{
    int n = 0;
    for (int o = 0; o < w->n_sizings; o++)
        if (is_designed(w, o))
            out[n++] = w->fits[o].report;
    return n;
}

static bool end_round(struct xo_worlds *w, struct xo_error *err)
{
    if (w->round == 0 && !sizings_some_ran(w->sizings, w->n_sizings, err))
        return false;
    if (w->round == 0)
        plan_fleet(w);
    for (int o = 0; w->round > 0 && o < w->n_sizings; o++)
        if (is_designed(w, o) && !fit_points_of(w, o, err))
            return false;
    w->round++;
    return plan_round(w, err);
}

bool xo_worlds_task_run(const struct xo_worlds *w, int task, struct xo_bytes *result,
                        struct xo_error *err)
{
    assert(task >= 0 && task < w->n_tasks);
    if (w->options->stop != NULL && *w->options->stop != 0)
        return xo_fail(err, XO_ERR_STOPPED, "stopped");
    if (w->round == 0)
        return run_base(w, task, result, err);
    struct found f;
    return point_search(w, &w->points[w->first_open + task], &f, err) &&
           pack(w, task, &f, sizeof f, NULL, 0, result, err);
}

bool xo_worlds_task_put(struct xo_worlds *w, int task, const void *bytes, size_t n,
                        struct xo_error *err)
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

static void progress(const struct xo_worlds *w, double frac, const char *what)
{
    if (w->options->progress != NULL)
        w->options->progress(w->options->progress_self, frac, what);
}

int xo_worlds_round(const struct xo_worlds *w)
{
    return w->round;
}

int xo_worlds_n_tasks(const struct xo_worlds *w)
{
    return w->n_tasks;
}

/* Requests that a point's search simulates, roughly. */
int xo_worlds_task_cost(const struct xo_worlds *w, int task)
{
    const int n = w->round > 0 ? w->points[w->first_open + task].n_replicas : 1;
    return n < 8 ? 2 * n : n;
}

static int *costliest_first(const struct xo_worlds *w)
{
    int *order = malloc((size_t)w->n_tasks * sizeof *order);
    for (int i = 0; order != NULL && i < w->n_tasks; i++) {
        int k = i;
        for (; k > 0 && xo_worlds_task_cost(w, order[k - 1]) < xo_worlds_task_cost(w, i); k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    return order;
}

/* Tasks of a round that is open, and what they come to. */
struct batch {
    const int *order;         /* [n_tasks] the costliest first */
    struct xo_bytes *results; /* [n_tasks] by number */
    double from, to;          /* of the progress bar */
};

/* On our threads. Base cases run one after the other, each on all threads. */
static bool run_here(const struct xo_worlds *w, const struct batch *b, struct xo_error *err)
{
    const int n = w->n_tasks, round = w->round;
    const int threads = round == 0 ? 1 : study_threads(w->options);
    int failed_at = n, finished = 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) if (round > 0)
    for (int k = 0; k < n; k++) {
        const int i = b->order[k];
        struct xo_error mine = { 0 };
        if (w->done[i])
            continue;
        const bool ok = xo_worlds_task_run(w, i, &b->results[i], &mine);
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
            progress(w, b->from + (b->to - b->from) * finished / n,
                     round == 0 ? "sizing fleets" : "capacities for what is not known");
    }
    return failed_at == n;
}

/* Points on options->crew. */
static bool run_elsewhere(const struct xo_worlds *w, const struct batch *b, struct xo_error *err)
{
    int *points = malloc((size_t)w->n_tasks * sizeof *points), n = 0;
    struct found *found = malloc((size_t)w->n_tasks * sizeof *found);
    bool ok = (points != NULL && found != NULL) ||
              xo_fail(err, XO_ERR_MEMORY, "out of memory for %d tasks", w->n_tasks);
    for (int k = 0; ok && k < w->n_tasks; k++)
        if (!w->done[b->order[k]])
            points[n++] = w->first_open + b->order[k];
    progress(w, b->from, "capacities for what is not known");
    ok = ok && points_search_elsewhere(w, points, n, found, err);
    for (int k = 0; ok && k < n; k++) {
        const int task = points[k] - w->first_open;
        ok = pack(w, task, &found[k], sizeof found[k], NULL, 0, &b->results[task], err);
    }
    free(points);
    free(found);
    return ok;
}

/* The open tasks of one round, whose results are put in order of number, whoever did them. */
static bool run_round(struct xo_worlds *w, double from, double to, struct xo_error *err)
{
    const int n = w->n_tasks;
    int *order = costliest_first(w);
    const struct batch b = { order, calloc((size_t)n, sizeof *b.results), from, to };
    bool ok = (order != NULL && b.results != NULL) ||
              xo_fail(err, XO_ERR_MEMORY, "out of memory for %d tasks", n);
    ok = ok && (w->round > 0 && w->options->crew != NULL ? run_elsewhere(w, &b, err)
                                                         : run_here(w, &b, err));
    for (int i = 0; b.results != NULL && i < n; i++) {
        if (ok && b.results[i].at != NULL)
            ok = xo_worlds_task_put(w, i, b.results[i].at, b.results[i].n, err);
        free(b.results[i].at);
    }
    free(b.results);
    free(order);
    return ok;
}

const char *worlds_say_wait(const struct xo_worlds *w, double search_s, char out[WAIT_SIZE])
{
    static const double LONG_S = 10;
    char place[XO_PLACE_SIZE], name[160], least_s[32], most_s[32];
    int least = w->n_tasks, most = least, first = -1;
    for (int o = 0; o < w->n_sizings; o++)
        most += is_designed(w, o) ? MORE_POINTS * (w->most_rounds - 2) : 0;
    for (int i = w->n_inputs - 1; i >= 0; i--)
        first = w->inputs[i].coordinate >= 0 ? i : first;
    if (first < 0 || most * search_s < LONG_S)
        return NULL;
    xo_scenario_uncertain_place(w->scenario, w->inputs[first].key, place);
    key_name(w->inputs[first].key, name, sizeof name);
    snprintf(out, WAIT_SIZE,
             "%s: what %s%s does to capacities is simulated: %d to %d more, which take "
             "about %s to %s; a range of money alone takes none",
             place, name, w->n_coordinates > 1 ? " with others" : "", least, most,
             xo_text_duration(least_s, sizeof least_s, least * search_s),
             xo_text_duration(most_s, sizeof most_s, most * search_s));
    return out;
}

/* The first points tell how long the others take. */
static void say_wait(const struct xo_worlds *w, double search_s)
{
    char text[WAIT_SIZE];
    if (w->options->tell != NULL && worlds_say_wait(w, search_s, text) != NULL)
        w->options->tell(w->options->tell_self, text);
}

bool xo_worlds_simulate(struct xo_worlds *w, struct xo_error *err)
{
    const double end = w->progress_to;
    double from = w->progress_from;
    while (w->n_tasks > 0) {
        const double to = w->n_coordinates == 0 ? end : from + (end - from) / 3;
        const double start_s = xo_now_s();
        const int round = w->round, n = w->n_tasks;
        if (!run_round(w, from, to, err))
            return false;
        if (round == 1)
            say_wait(w, (xo_now_s() - start_s) / n);
        from = to;
    }
    return true;
}
