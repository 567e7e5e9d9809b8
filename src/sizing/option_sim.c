/* option_sim.c - how far from the SLO is a fleet of n replicas at a volume? see option_sim.h.
 *
 * The state is a struct option_sim: a scenario and one of its build options made ready to simulate,
 * the levels of load that its SLO window is read through, and what one replica can do at its best
 * (limits.c), from which follow how long windows are and what load may make miss.
 *
 * Invariant: the weights of the levels add up to 1. A replication reads the option_sim and writes
 * into rows of its own, so that replications run on any thread or rank, and merge by number.
 *
 * A probe counts misses by class and target, pools them over replications, and compares their share
 * with what load may cause (docs/model.md, "Sizing a fleet"): percentiles of replications are never
 * averaged. Bursts that are long, or rare, become levels of their own (split_bursts). Tried before:
 * to take them as they come, which made the fleet a matter of the seed, 3 to 8 replicas; and to
 * follow a burst for a number of requests, which large fleets had served within seconds. Begin with
 * set_window, run_trial, count_replication and judge.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "option_sim.h"
#include "base/threads.h"

#include "capacity.h"
#include "jobs.h"

#include "xo/clock.h"
#include "xo/stats.h"
#include "xo/text.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* docs/model.md, "Sizing a fleet": a sizing replication measures at least 6,000 requests, and a
 * third as long as its lead-in of 7 stays; what that leaves too wide takes more looks. An
 * observation lasts 30 mean E2E times. The E2E of a loaded replica is taken as twice that of a lone
 * request. */
static const double SIZING_REQUESTS = 6000, SIZING_LEAD_INS = 1.0 / 3;
static const double OBSERVED_E2E = 30, LEAD_IN_STAYS = 7, LOADED_OVER_LONE_E2E = 2;
static const double SATURATED_EXCESS = 0.25; /* at least, of a probe that ended early */

/* OMP_NUM_THREADS may ask for any number of threads; more than one a core would only cost
 * memory. */
int xo_usual_threads(void)
{
    const int wanted = omp_get_max_threads(), cores = omp_get_num_procs();
    return wanted < cores ? wanted : cores;
}

int study_threads(const struct xo_study_options *options)
{
    return options->n_threads > 0 ? options->n_threads : xo_usual_threads();
}

int cells_of(int n_replicas)
{
    int k = 1;
    while ((n_replicas + k - 1) / k > CELL_MAX_REPLICAS)
        k *= 2;
    return k;
}

int cell_replicas(int n_replicas)
{
    int k = cells_of(n_replicas);
    return (n_replicas + k / 2) / k;
}

double point_requests(int n_replicas)
{
    static const double AT_LEAST = 10000, PER_REPLICA = 2000;
    return fmax(AT_LEAST, PER_REPLICA * cell_replicas(n_replicas));
}

double sim_cell_parts(const struct option_sim *sim, int n_replicas)
{
    const int cell = cell_replicas(n_replicas);
    const double parts = (double)n_replicas / cell;
    return parts * exp(pooling_log_gain(sim->limits.pooling, cell, n_replicas));
}

/* ---- the SLO window ---- */

/* The week's 168 hourly rates as at most eight levels of equally many hours, busiest last. */
static void set_month_levels(struct option_sim *sim, const struct xo_profile *profile)
{
    double factor[XO_HOURS_PER_WEEK], total = 0;
    xo_profile_hour_factors(profile, factor);
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        total += factor[h];
    xo_sort(factor, XO_HOURS_PER_WEEK);
    const int hours = XO_HOURS_PER_WEEK / MONTH_LEVELS;
    sim->n_levels = 0;
    for (int level = 0; level < MONTH_LEVELS; level++) {
        double sum = 0, work = 0;
        for (int h = level * hours; h < (level + 1) * hours; h++) {
            sum += factor[h];
            work += factor[h] * factor[h];
        }
        if (sum <= 0)
            continue;
        /* Requests meet the rate of their own hour: the level's factor is weighted by requests. */
        double mean = work / sum;
        bool same = sim->n_levels > 0 && fabs(mean - sim->levels[sim->n_levels - 1].factor) < 1e-9;
        if (!same)
            sim->levels[sim->n_levels++] = (struct slo_level){ .factor = mean };
        sim->levels[sim->n_levels - 1].weight += sum / total;
    }
}

/* The busiest clock hour of a recording, as a start time and its rate over the mean. */
static void busiest_hour_of_trace(const struct xo_trace *trace, double *start_s, double *factor)
{
    size_t n_hours = (size_t)(trace->period_s / XO_HOUR_S);
    size_t best = 0, best_count = 0, i = 0;
    for (size_t h = 0; h < n_hours; h++) {
        size_t count = 0;
        for (; i < trace->n && trace->arrival_s[i] < (double)(h + 1) * XO_HOUR_S; i++)
            count++;
        if (count > best_count) {
            best = h;
            best_count = count;
        }
    }
    *start_s = (double)best * XO_HOUR_S;
    *factor = (double)best_count * trace->period_s / (XO_HOUR_S * (double)trace->n);
}

/* A recording of less than two hours is one hour with the shape it has. */
static bool is_short(const struct xo_trace *trace)
{
    return trace->period_s < 2 * XO_HOUR_S;
}

double busiest_hour_factor(const struct xo_workload *w)
{
    double start_s, factor = 1;
    if (w->trace == NULL)
        return xo_profile_hour_factor(&w->profile, xo_profile_busiest_hour(&w->profile));
    if (!is_short(w->trace))
        busiest_hour_of_trace(w->trace, &start_s, &factor);
    return factor;
}

/* A recording of less than two hours, or a window of a month, is taken whole; a longer one by its
 * busiest hour. */
static void set_trace_window(struct option_sim *sim, const struct xo_trace *trace)
{
    sim->terminating = true;
    sim->levels[0] = (struct slo_level){ .factor = 1, .weight = 1 };
    double start_s = 0, length_s = trace->period_s;
    if (!is_short(trace) && sim->scenario->slo_window != XO_SLO_MONTH) {
        busiest_hour_of_trace(trace, &start_s, &sim->levels[0].factor);
        length_s = XO_HOUR_S;
    }
    /* Move the window into later repeats of the recording, until the lead-in fits before it. */
    sim->from_s = start_s + ceil(XO_HOUR_S / trace->period_s) * trace->period_s;
    sim->to_s = sim->from_s + length_s;
}

static void set_window(struct option_sim *sim)
{
    const struct xo_workload *w = &sim->scenario->workload;
    sim->n_levels = 1;
    if (w->trace != NULL) {
        set_trace_window(sim, w->trace);
    } else if (sim->scenario->slo_window == XO_SLO_MONTH) {
        set_month_levels(sim, &w->profile);
    } else {
        int hour = xo_profile_busiest_hour(&w->profile);
        sim->levels[0] =
            (struct slo_level){ .factor = xo_profile_hour_factor(&w->profile, hour), .weight = 1 };
        sim->terminating = !xo_profile_hour_is_steady(&w->profile, hour);
        sim->from_s = (hour + XO_HOURS_PER_WEEK) * (double)XO_HOUR_S;
        sim->to_s = sim->from_s + XO_HOUR_S;
    }
    sim->peak_factor = sim->levels[sim->n_levels - 1].factor;
}

/* The share of the time that bursts take in the load that has them: all of it where they last much
 * longer than a request. Shorter ones that are rare come closer together there, a gap of thirty
 * bursts and twenty requests apart, in which their queue is gone. 0: they are simulated as they
 * come. */
static double dense_share(const struct option_sim *sim, const struct xo_bursts *b)
{
    static const double LONG_E2E = 20, GAP_BURSTS = 30, GAP_E2E = 20;
    const double e2e_s = LOADED_OVER_LONE_E2E * sim->limits.lone_e2e_s;
    if (b->mean_s >= LONG_E2E * e2e_s)
        return 1;
    const double gap_s = GAP_BURSTS * b->mean_s + GAP_E2E * e2e_s;
    const double share = b->mean_s / (b->mean_s + gap_s);
    return share > b->share_frac ? share : 0;
}

/* A moment of a burst of mean length b finds it b old in the mean, as a moment of a window of 2b
 * finds the window. */
static double burst_window_s(const struct xo_bursts *b)
{
    return 2 * b->mean_s;
}

/* Long bursts are no noise but two loads: without them, in its steady state, and within one. So are
 * rare ones, since a window that meets ten of them as they come would not end. The levels split in
 * two. What misses in a second of bursts or without is a matter of that load alone, so that both
 * are weighted by their share of the time, and of the requests. Others are simulated as they come.
 */
static void split_bursts(struct option_sim *sim)
{
    const struct xo_bursts *b = &sim->scenario->workload.arrivals.bursts;
    const double share =
        sim->scenario->workload.trace != NULL || b->factor <= 1 ? 0 : dense_share(sim, b);
    if (share == 0)
        return;
    const double outside = 1 / (1 + b->share_frac * (b->factor - 1)); /* of a mean rate of 1 */
    const double dense = share < 1 ? outside * (1 + share * (b->factor - 1)) : b->factor * outside;
    const double time_frac = b->share_frac / share; /* that is read off the dense load */
    const int n = sim->n_levels;
    for (int i = 0; i < n; i++) {
        const struct slo_level level = sim->levels[i];
        sim->levels[i].factor = level.factor * outside;
        sim->levels[i].weight = level.weight * outside * (1 - time_frac);
        sim->levels[n + i].factor = level.factor * dense;
        sim->levels[n + i].weight = level.weight * dense * time_frac;
        sim->levels[n + i].burst_share_frac = share < 1 ? share : 0;
        sim->levels[n + i].lasts_s = share < 1 ? 0 : burst_window_s(b);
    }
    sim->n_levels = 2 * n;
    sim->bursts_are_levels = true;
}

/* A target is judged by the misses that it allows: a look has to hold five of them. For rare
 * classes windows grow; a class that is too rare even for the longest is not judged. */
static const double MISSES_TO_JUDGE = 5, LONGEST_REQUESTS = 1e5;

/* The requests of a window that it takes to judge a target, in the least number of replications. */
static double requests_to_judge(const struct xo_scenario *s, int c, int t)
{
    return MISSES_TO_JUDGE / ((1 - s->slo[c].targets[t].quantile) * XO_LEAST_REPLICATIONS *
                              s->workload.classes[c].weight);
}

bool xo_slo_is_judged(const struct xo_scenario *s, int class_index, int target)
{
    return requests_to_judge(s, class_index, target) <= LONGEST_REQUESTS;
}

static void plan_rare_classes(struct option_sim *sim)
{
    const struct xo_scenario *s = sim->scenario;
    sim->least_requests = SIZING_REQUESTS;
    for (int c = 0; c < s->workload.n_classes; c++)
        for (int t = 0; t < s->slo[c].n_targets; t++) {
            sim->judged[c][t] = xo_slo_is_judged(s, c, t);
            if (sim->judged[c][t])
                sim->least_requests = fmax(sim->least_requests, requests_to_judge(s, c, t));
        }
}

void sim_init_step(struct option_sim *sim, const struct xo_scenario *scenario, int option,
                   const struct xo_study_options *options, struct xo_step_model *step,
                   const struct xo_kv_room *kv)
{
    *sim = (struct option_sim){
        .scenario = scenario,
        .options = options,
        .option = option,
        .step = step,
        .engine = xo_option_engine(scenario, &scenario->options[option].deployment),
        .kv = *kv,
        .window_scale = 1,
    };
    set_window(sim);
    plan_rare_classes(sim);
}

bool sim_init(struct option_sim *sim, const struct xo_scenario *scenario, int option,
              const struct xo_study_options *options, struct xo_error *err)
{
    *sim = (struct option_sim){ .scenario = scenario, .options = options, .option = option };
    const struct xo_deployment *d = &scenario->options[option].deployment;
    struct xo_kv_room kv;
    if (!xo_kv_room(d, &kv, err))
        return false;
    struct xo_step_model *step = xo_step_model_new(d, err);
    if (step == NULL)
        return false;
    sim_init_step(sim, scenario, option, options, step, &kv);
    return true;
}

bool sim_keep(struct option_sim *sim, struct xo_error *err)
{
    sim->kept = sim->options->kept;
    return sim->kept == NULL ||
           xo_scenario_simulated(sim->scenario, sim->option, &sim->digest, err);
}

void sim_fini(struct option_sim *sim)
{
    xo_step_model_free(sim->step);
    sim->step = NULL;
}

bool option_is_left_out(const struct xo_error *why, struct xo_infeasible *infeasible,
                        struct xo_error *err)
{
    if (why->kind != XO_ERR_INPUT && why->kind != XO_ERR_NUMERIC) {
        if (err != NULL)
            *err = *why;
        return false;
    }
    *infeasible = (struct xo_infeasible){ .holds = true, .cause = XO_CAUSE_FAILED, .lone_s = NAN };
    xo_text_copy(infeasible->reason, sizeof infeasible->reason, why->text);
    return true;
}

static double month_s(const struct option_sim *sim)
{
    return sim->scenario->hours_per_month * XO_HOUR_S;
}

double sim_rate(const struct option_sim *sim, double volume)
{
    return volume * (1 + sim->scenario->retries_frac) / month_s(sim) * sim->peak_factor;
}

double sim_volume(const struct option_sim *sim, double rate_per_s)
{
    return rate_per_s * month_s(sim) / (1 + sim->scenario->retries_frac) / sim->peak_factor;
}

/* ---- one replication ---- */

static struct xo_fleet fleet_of(const struct option_sim *sim, int n_replicas, int replication)
{
    const struct xo_scenario *s = sim->scenario;
    return (struct xo_fleet){ .step = sim->step,
                              .kv = sim->kv,
                              .engine = sim->engine,
                              .router = s->router,
                              .n_replicas = n_replicas,
                              .seed = s->seed,
                              .replication = (uint32_t)replication };
}

struct xo_workload sim_workload(const struct option_sim *sim, double volume, int cells)
{
    struct xo_workload w = sim->scenario->workload;
    double scale = volume / sim->scenario->requests_per_month;
    if (sim->scenario->growth == XO_MORE_USERS && scale > 0)
        w.arrivals = xo_arrivals_more_users(&w.arrivals, scale);
    if (cells > 1)
        w.arrivals = xo_arrivals_more_users(&w.arrivals, 1.0 / cells);
    if (sim->bursts_are_levels)
        w.arrivals.bursts.factor = 1;
    return w;
}

double sim_allowed_frac(const struct option_sim *sim, int c, int t)
{
    return 1 - sim->scenario->slo[c].targets[t].quantile - sim->limits.missed_frac[c][t];
}

/* What one replication of one level runs on. */
struct trial {
    const struct slo_level *level;
    int n_replicas, cells;
    double volume;     /* of the whole fleet */
    double level_rate; /* calls a second of one cell at this level */
    double n_requests; /* to measure at least, in a steady window */
    double least_s;    /* and to last at least */
    int replication;
    double pooled; /* how many such runs share the misses allowed: one that alone misses twice what
                      all of them may ends, since the probe has failed; 0: run to the end */
};

static void set_slo(const struct option_sim *sim, const struct trial *trial, double n_expected,
                    struct xo_window *window)
{
    static const double HOPELESS = 2;
    const struct xo_scenario *s = sim->scenario;
    for (int c = 0; c < s->workload.n_classes; c++) {
        window->slo[c] = s->slo[c];
        for (int t = 0; t < XO_MAX_TARGETS; t++) {
            double n = n_expected * s->workload.classes[c].weight;
            bool counts = trial->pooled > 0 && t < s->slo[c].n_targets;
            double misses = counts ? HOPELESS * trial->pooled * sim_allowed_frac(sim, c, t) * n : 0;
            window->max_misses[c][t] = counts ? (int64_t)fmin(misses, 1e15) + 10 : INT64_MAX;
            if (counts)
                window->control[c][t] = sim->limits.control[c][t];
        }
    }
}

/* Until those who are there, from empty on, are those of any moment. A moment finds long requests
 * more often than they come: their mean stay, E[s^2]/E[s], is half as long again as a request's
 * with a coefficient of variation of 0.7, and ten times as long with one of 3. */
static double shortest_lead_in_s(const struct option_sim *sim)
{
    return LEAD_IN_STAYS * LOADED_OVER_LONE_E2E * sim->limits.lone_stay_s;
}

/* Before a window of clock time: a quarter of an hour, or that where it is longer; an hour at most.
 */
static double clock_lead_in_s(const struct option_sim *sim)
{
    return fmin(fmax(XO_HOUR_S / 4, shortest_lead_in_s(sim)), XO_HOUR_S);
}

/* A steady window meets at least ten bursts, where requests meet in them. */
static double burst_cycles_s(const struct xo_bursts *b, double rate_per_s)
{
    static const double CYCLES = 10;
    return xo_bursts_are_felt(b, rate_per_s) ? CYCLES * b->mean_s / b->share_frac : 0;
}

/* The rate at which a level is simulated: its own, within two bounds.
 *
 * Above eight times what full replicas serve, queues grow until they are left, whatever more comes:
 * who comes beyond it is counted as missed. Where under one request in a thousand is there when
 * another comes, fewer would meet nobody either: the window is that much shorter. A window of clock
 * time keeps its length, and 1e-8 a second leave it empty. */
static double simulated_rate(const struct option_sim *sim, const struct trial *trial)
{
    static const double OVERLOAD = 8, LONELY = 1e-3, SILENT_PER_S = 1e-8;
    const double e2e_s = LOADED_OVER_LONE_E2E * sim->limits.lone_e2e_s;
    const double least = sim->terminating || !(e2e_s > 0) ? SILENT_PER_S : LONELY / e2e_s;
    const double most = sim->limits.saturation_rate_per_s > 0
                            ? OVERLOAD * sim->limits.saturation_rate_per_s * trial->n_replicas
                            : INFINITY;
    return fmin(fmax(trial->level_rate, least), fmax(most, least));
}

/* How many windows of n_requests see a burst to its end: the queue of a load near saturation grows
 * for as long as the burst lasts. At most 400,000 requests over all levels; 1 where the level is
 * no burst, or a load of which the queue settles within hundreds of requests. */
static double windows_of_burst(const struct option_sim *sim, const struct slo_level *level,
                               int n_replicas, double rate_per_s, double n_requests)
{
    static const double NEAR = 0.9, MOST_REQUESTS = 4e5;
    if (rate_per_s < NEAR * n_replicas * sim->limits.saturation_rate_per_s)
        return 1;
    return fmax(fmin(level->lasts_s * rate_per_s, MOST_REQUESTS / sim->n_levels) / n_requests, 1);
}

static int64_t times(int64_t n, double factor)
{
    return (int64_t)fmin(round((double)n * factor), 9e15);
}

/* `factor` times as many requests came as were simulated (1 or more): the others were given up, and
 * missed all. */
static void count_turned_away(struct xo_tally *tally, double factor)
{
    for (int c = 0; c < tally->n_classes; c++) {
        struct xo_class_tally *k = &tally->classes[c];
        const int64_t arrived = times(k->n_arrived, factor);
        k->n_fates[XO_FATE_GIVEN_UP] += arrived - k->n_arrived;
        k->n_timed_out += arrived - k->n_arrived;
        k->n_arrived = arrived;
        for (int t = 0; t < XO_MAX_TARGETS; t++) {
            k->n_counted[t] = times(k->n_counted[t], factor);
            k->n_control[t] = times(k->n_control[t], factor);
        }
    }
}

/* Requests that a queue is given to settle in, at most. */
static double most_to_settle(int n_replicas)
{
    static const double AT_LEAST = 5000, EACH = 2500, OF_MANY = 20000, EACH_OF_MANY = 1250;
    return fmin(fmax(AT_LEAST, EACH * n_replicas), fmax(OF_MANY, EACH_OF_MANY * n_replicas));
}

/* Before a steady window: seven stays in a loaded replica, or three relaxation times of the
 * queue where they are longer, within bounds. A queue at load rho relaxes in
 * 2 (ca2 + cs2) / (1 - rho)^2 service times (Abate and Whitt, Advances in Applied Probability 19,
 * 1987, in heavy traffic; lengths count as exponential, cs2 = 1), and one served by many as fast as
 * all of them together: in requests the load alone counts. */
static double steady_lead_in_s(const struct option_sim *sim, const struct trial *trial,
                               double rate_per_s, double arrivals_cv)
{
    static const double RELAXATIONS = 3;
    const double shortest_s = shortest_lead_in_s(sim);
    const double most = trial->n_replicas * sim->limits.saturation_rate_per_s;
    const double idle = 1 - rate_per_s / most;
    if (!(idle > 0))
        return shortest_s; /* it never settles */
    const double requests = RELAXATIONS * 2 * (arrivals_cv * arrivals_cv + 1) / (idle * idle);
    return fmax(shortest_s, fmin(requests, most_to_settle(trial->n_replicas)) / rate_per_s);
}

/* The window in which a level is measured: its stretch of the clock, the beginning of a burst, or
 * a steady state. In a steady state as many leave as come, and of the same kind: those who leave
 * are measured, so that the run ends with its window instead of waiting for its longest request. */
static void set_span(const struct option_sim *sim, const struct trial *trial,
                     const struct xo_arrivals *arrivals, double rate_per_s,
                     struct xo_window *window)
{
    if (sim->terminating) {
        window->from_s = sim->from_s;
        window->to_s = sim->to_s;
        return;
    }
    double length_s = fmax(trial->n_requests / rate_per_s, trial->least_s);
    if (trial->level->lasts_s > 0) {
        window->from_s = shortest_lead_in_s(sim);
    } else {
        length_s =
            sim->window_scale * fmax(length_s, burst_cycles_s(&arrivals->bursts, rate_per_s));
        window->from_s = steady_lead_in_s(sim, trial, rate_per_s, arrivals->cv);
        window->as_they_leave = rate_per_s < trial->n_replicas * sim->limits.saturation_rate_per_s;
    }
    window->to_s = window->from_s + length_s;
}

static bool run_trial(const struct option_sim *sim, const struct trial *trial,
                      struct xo_tally *tally, double *n_expected, struct xo_error *err)
{
    struct xo_workload w = sim_workload(sim, trial->volume, trial->cells);
    if (trial->level->burst_share_frac > 0) {
        w.arrivals.bursts = sim->scenario->workload.arrivals.bursts;
        w.arrivals.bursts.share_frac = trial->level->burst_share_frac;
    }
    const double rate = simulated_rate(sim, trial);
    double mean_rate = rate / sim->peak_factor;
    struct xo_source_options options = {
        .requests_per_s = sim->terminating ? mean_rate : rate,
        .start_s = sim->terminating ? sim->from_s - clock_lead_in_s(sim) : 0,
        .seed = sim->scenario->seed,
        .replication = (uint32_t)trial->replication,
        .stationary = !sim->terminating,
    };
    struct xo_window window = { .stop = sim->options->stop };
    set_span(sim, trial, &w.arrivals, rate, &window);
    *n_expected = rate * (window.to_s - window.from_s);
    set_slo(sim, trial, *n_expected, &window);
    struct xo_source *source = xo_source_new(&w, &options, err);
    if (source == NULL)
        return false;
    struct xo_fleet fleet = fleet_of(sim, trial->n_replicas, trial->replication);
    bool ok = xo_fleet_run(&fleet, &w, source, &window, tally, err);
    xo_source_free(source);
    if (!ok)
        return false;
    if (trial->level_rate > rate) {
        count_turned_away(tally, trial->level_rate / rate);
        *n_expected *= trial->level_rate / rate;
    } else if (!sim->terminating) {
        tally->window_s *= rate / trial->level_rate; /* as many requests take so much longer */
    }
    return true;
}

/* ---- probes ---- */

void probe_counts_fini(struct probe_counts *counts)
{
    free(counts->surplus);
    free(counts->n_counted);
    free(counts->n_missed);
    *counts = (struct probe_counts){ 0 };
}

/* The share of requests that load made miss: of all that missed, less those that would have missed
 * in an empty replica. How many of those came is known from their lengths (struct xo_control), and
 * what chance made of their number goes out with them. Its part of half a miss of a look is added,
 * so that there is one. */
static double caused_frac(const struct option_sim *sim, const struct xo_class_tally *k, int c,
                          int t, double n)
{
    const double misses = (double)(k->n_counted[t] - k->n_met[t] - k->n_control[t]);
    const double unshown = sim->limits.missed_frac[c][t] - sim->limits.control_frac[c][t];
    const double unseen = 0.5 / sim->scenario->n_replications;
    return fmax((misses + unseen) / n - unshown, unseen / n);
}

/* Counts of one replication into row[class][target]: shares of requests, weighted over the levels.
 * A tally that stopped early has seen a part of the window: its misses are set against what was
 * expected. */
static void add_counts(const struct option_sim *sim, const struct xo_tally *tally, double weight,
                       double n_expected, double *counted, double *missed)
{
    for (int c = 0; c < tally->n_classes; c++)
        for (int t = 0; t < sim->scenario->slo[c].n_targets; t++) {
            double n = (double)tally->classes[c].n_counted[t];
            if (tally->stopped_early)
                n = fmax(n, n_expected * sim->scenario->workload.classes[c].weight);
            if (n <= 0)
                continue;
            counted[c * XO_MAX_TARGETS + t] += weight;
            missed[c * XO_MAX_TARGETS + t] +=
                weight * caused_frac(sim, &tally->classes[c], c, t, n);
        }
}

/* By how much more work came in the window than was expected, relative; 0 of a window of clock
 * time, whose traffic is what it is. */
static double surplus_work(const struct option_sim *sim, const struct xo_tally *tally,
                           double n_expected)
{
    const struct replica_limits *l = &sim->limits;
    if (sim->terminating || !(l->work_s_per_request > 0))
        return 0;
    const double work_s = l->work_s_per_prompt_token * tally->arrived_prompt_tokens +
                          l->work_s_per_output_token * tally->arrived_output_tokens;
    return work_s / (n_expected * l->work_s_per_request) - 1;
}

/* Far fewer left than came: the fleet has fallen behind, however those fared that it served. */
static bool fell_behind(const struct option_sim *sim, const struct xo_tally *tally,
                        double n_expected)
{
    static const double BEHIND = 0.5;
    int64_t n = 0;
    for (int c = 0; c < tally->n_classes; c++)
        n += tally->classes[c].n_arrived;
    return !sim->terminating && (double)n < BEHIND * n_expected;
}

const struct slo_level *sim_busiest_level(const struct option_sim *sim)
{
    const struct slo_level *busiest = &sim->levels[0];
    for (int i = 1; i < sim->n_levels; i++)
        if (sim->levels[i].factor > busiest->factor)
            busiest = &sim->levels[i];
    return busiest;
}

static bool count_level(struct replication *r, const struct slo_level *level, double n_requests,
                        struct xo_tally *tally, struct xo_error *err)
{
    const struct option_sim *sim = r->sim;
    const int cell = cell_replicas(r->n_replicas);
    const double cell_volume = r->volume * cell / r->n_replicas;
    const double rate = sim_rate(sim, cell_volume) * level->factor / sim->peak_factor;
    const struct trial trial = { .level = level,
                                 .n_replicas = cell,
                                 .cells = cells_of(r->n_replicas),
                                 .volume = r->volume,
                                 .level_rate = rate,
                                 .n_requests = n_requests *
                                               windows_of_burst(sim, level, cell, rate, n_requests),
                                 .least_s = SIZING_LEAD_INS * shortest_lead_in_s(sim),
                                 .replication = r->number,
                                 .pooled = r->pooled / level->weight };
    double n_expected;
    if (!run_trial(sim, &trial, tally, &n_expected, err))
        return false;
    add_counts(sim, tally, level->weight, n_expected, r->counted, r->missed);
    r->saturated |= tally->stopped_early || fell_behind(sim, tally, n_expected);
    r->n_simulated += tally->n_simulated;
    if (level == sim_busiest_level(sim))
        r->surplus = surplus_work(sim, tally, n_expected);
    return true;
}

/* Where an overrun replica serves less than it did, a window may be too short to see one overrun:
 * it is longer there. */
static double sizing_requests(const struct option_sim *sim)
{
    static const double WHERE_OVERRUN = 30000;
    return sim->limits.overwhelmed_rate_per_s > 0 ? fmax(sim->least_requests, WHERE_OVERRUN)
                                                  : sim->least_requests;
}

static bool count_replication(struct replication *r, struct xo_error *err)
{
    const struct option_sim *sim = r->sim;
    for (int i = 0; i < sim->n_levels; i++) {
        struct xo_tally *tally = xo_tally_new(sim->scenario->workload.n_classes, err);
        const bool ok =
            tally != NULL &&
            count_level(r, &sim->levels[i], sizing_requests(sim) / sim->n_levels, tally, err);
        xo_tally_free(tally);
        if (!ok)
            return false;
    }
    return true;
}

/* The share of requests that load made miss a target, over all replications so far.
 *
 * More work than was expected makes more miss, by as much as that much more volume would: what
 * chance made of the work of a window is taken out of its count, a control variate of mean 0. Its
 * coefficient is the slope of the search times the share, which near the root is the one allowed.
 */
static struct xo_moments caused_share(const struct probe_counts *counts, size_t row, size_t at,
                                      double slope, double allowed)
{
    static const double NEAR = 2;
    struct xo_moments plain, adjusted;
    xo_moments_init(&plain);
    xo_moments_init(&adjusted);
    for (size_t r = 0, i = at; r < (size_t)counts->n; r++, i += row) {
        if (!(counts->n_counted[i] > 0))
            continue;
        const double share = counts->n_missed[i] / counts->n_counted[i];
        xo_moments_add(&plain, share);
        xo_moments_add(&adjusted, share - slope * allowed * counts->surplus[r]);
    }
    const bool is_near = plain.mean < NEAR * allowed && plain.mean > allowed / NEAR;
    return is_near && adjusted.mean > allowed / 4 ? adjusted : plain;
}

/* Find the worst target, by its misses over those it allows, of all replications so far. */
static void judge(const struct option_sim *sim, const struct probe_counts *counts, double slope,
                  struct probe *probe)
{
    const size_t row = (size_t)sim->scenario->workload.n_classes * XO_MAX_TARGETS;
    probe->excess = -INFINITY;
    probe->excess_se = 0;
    for (int c = 0; c < sim->scenario->workload.n_classes; c++)
        for (int t = 0; t < sim->scenario->slo[c].n_targets; t++) {
            const double allowed = sim_allowed_frac(sim, c, t);
            const struct xo_moments share =
                caused_share(counts, row, (size_t)(c * XO_MAX_TARGETS + t), slope, allowed);
            if (share.n == 0 || !sim->judged[c][t])
                continue;
            const double se =
                share.n < 2 ? 0 : sqrt(xo_moments_variance(&share) / (double)share.n) / share.mean;
            /* The logarithm of a mean is low by half its variance. */
            const double excess = log(share.mean / allowed) + 0.5 * fmin(se * se, 1);
            if (excess <= probe->excess)
                continue;
            probe->excess = excess;
            probe->excess_se = se;
            probe->allowed_se =
                sim->limits.missed_frac[c][t] > 0 ? sim->limits.resolution_frac / allowed : 0;
            probe->class_index = c;
            probe->target = t;
        }
}

/* Room for the counts of n more replications, zeroed. */
static bool make_room(const struct option_sim *sim, struct probe_counts *counts, int n,
                      struct xo_error *err)
{
    const size_t row = (size_t)sim->scenario->workload.n_classes * XO_MAX_TARGETS;
    const size_t rows = (size_t)(counts->n + n), first = (size_t)counts->n * row;
    double *surplus = realloc(counts->surplus, rows * sizeof *surplus);
    if (surplus != NULL)
        counts->surplus = surplus;
    double *counted = realloc(counts->n_counted, rows * row * sizeof *counted);
    if (counted != NULL)
        counts->n_counted = counted;
    double *missed = realloc(counts->n_missed, rows * row * sizeof *missed);
    if (missed != NULL)
        counts->n_missed = missed;
    if (surplus == NULL || counted == NULL || missed == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %zu replications", rows);
    memset(counted + first, 0, (size_t)n * row * sizeof *counted);
    memset(missed + first, 0, (size_t)n * row * sizeof *missed);
    return true;
}

/* What n more replications have found. */
static void conclude(struct option_sim *sim, const struct replication runs[], int n,
                     struct probe_counts *counts, double slope, struct probe *probe)
{
    bool saturated = false;
    for (int i = 0; i < n; i++) {
        counts->surplus[counts->n + i] = runs[i].surplus;
        saturated |= runs[i].saturated;
        sim->n_simulated += runs[i].n_simulated;
    }
    counts->n += n;
    *probe = (struct probe){ .volume = runs[0].volume, .saturated = saturated };
    judge(sim, counts, saturated ? 0 : slope, probe);
    /* A run may end because those who still wait are too old, before their misses are counted. It
     * has failed then, and by how much is not known. */
    if (saturated)
        probe->excess = fmax(probe->excess, SATURATED_EXCESS);
}

bool sim_probe(struct option_sim *sim, int n_replicas, double volume, int n_replications,
               double slope, struct probe_counts *counts, struct probe *probe, struct xo_error *err)
{
    const size_t row = (size_t)sim->scenario->workload.n_classes * XO_MAX_TARGETS;
    struct replication *runs = malloc((size_t)n_replications * sizeof *runs);
    if (runs == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d replications", n_replications);
    bool ok = make_room(sim, counts, n_replications, err);
    for (int i = 0; ok && i < n_replications; i++) {
        const size_t first = (size_t)(counts->n + i) * row;
        runs[i] = (struct replication){ .sim = sim,
                                        .n_replicas = n_replicas,
                                        .number = counts->n + i,
                                        .volume = volume,
                                        .pooled = counts->n + n_replications,
                                        .counted = counts->n_counted + first,
                                        .missed = counts->n_missed + first };
    }
    ok = ok && replications_run(runs, n_replications, sim->options, err);
    if (ok)
        conclude(sim, runs, n_replications, counts, slope, probe);
    free(runs);
    return ok;
}

/* ---- closed loops ---- */

bool sim_run_closed(struct option_sim *sim, const struct xo_workload *w, int n_replicas,
                    int64_t spread, const struct xo_window *span, struct xo_tally *tally,
                    struct xo_error *err)
{
    struct xo_source_options options = { .requests_per_s = 1,
                                         .seed = sim->scenario->seed,
                                         .spread = spread };
    struct xo_window window = *span;
    window.stop = sim->options->stop;
    for (int c = 0; c < w->n_classes; c++) {
        window.slo[c] = sim->scenario->slo[c];
        window.slo[c].timeout_s = INFINITY;
        for (int t = 0; t < XO_MAX_TARGETS; t++)
            window.max_misses[c][t] = INT64_MAX;
    }
    struct xo_source *source = xo_source_new(w, &options, err);
    if (source == NULL)
        return false;
    struct xo_fleet fleet = fleet_of(sim, n_replicas, 0);
    bool ok = xo_fleet_run(&fleet, w, source, &window, tally, err);
    sim->n_simulated += tally->n_simulated;
    xo_source_free(source);
    return ok;
}

struct xo_workload sim_closed_workload(const struct option_sim *sim, int n_clients)
{
    struct xo_workload w = sim->scenario->workload;
    w.n_clients = n_clients;
    w.client_gap_s = 1e-3;
    return w;
}

void sim_take_limits(struct option_sim *sim, const struct replica_limits *limits)
{
    sim->limits = *limits;
    split_bursts(sim);
}

/* ---- observations ---- */

/* All levels are lengthened alike, so that they keep their proportions. `rate` is that of the
 * busiest hour. */
static double observed_windows(const struct replication *r, double rate, int n_levels)
{
    double n_windows = 1;
    for (int i = 0; i < n_levels && n_levels > 1; i++) {
        const struct slo_level *l = &r->sim->levels[i];
        n_windows = fmax(n_windows, windows_of_burst(r->sim, l, cell_replicas(r->n_replicas),
                                                     rate * l->factor / r->sim->peak_factor,
                                                     r->n_requests * l->weight));
    }
    return n_windows;
}

/* All levels of the SLO window in the proportion of their requests, or one load of the load curve.
 */
static bool observe_replication(struct replication *r, struct xo_error *err)
{
    static const double SHORT_E2E = 10; /* a level of little weight may be short */
    const struct option_sim *sim = r->sim;
    const int k = cells_of(r->n_replicas), cell = cell_replicas(r->n_replicas);
    const double rate =
        sim_rate(sim, r->volume) / sim_cell_parts(sim, r->n_replicas) * r->load_factor;
    const int n_levels = r->load_factor == 1 ? sim->n_levels : 1;
    const double n_requests = r->n_requests * observed_windows(r, rate, n_levels);
    struct xo_tally *sum = NULL;
    for (int level = 0; level < n_levels; level++) {
        const struct slo_level whole = { .factor = sim->peak_factor, .weight = 1 };
        const struct slo_level *l = r->load_factor == 1 ? &sim->levels[level] : &whole;
        struct trial trial = { .level = l,
                               .n_replicas = cell,
                               .cells = k,
                               .volume = r->volume,
                               .level_rate = rate * l->factor / sim->peak_factor,
                               .n_requests = n_requests * l->weight,
                               .least_s = (n_levels > 1 ? SHORT_E2E : OBSERVED_E2E) *
                                          LOADED_OVER_LONE_E2E * sim->limits.lone_e2e_s,
                               .replication = r->number };
        double unused;
        struct xo_tally *own = xo_tally_new(sim->scenario->workload.n_classes, err);
        if (own == NULL || !run_trial(sim, &trial, own, &unused, err)) {
            xo_tally_free(own);
            xo_tally_free(sum);
            return false;
        }
        if (sum == NULL) {
            sum = own;
            continue;
        }
        xo_tally_merge(sum, own);
        xo_tally_free(own);
    }
    r->tally = sum;
    return true;
}

bool replication_run(struct replication *r, struct xo_error *err)
{
    return r->pooled > 0 ? count_replication(r, err) : observe_replication(r, err);
}

bool sim_observe(struct option_sim *sim, int n_replicas, double volume, double load_factor,
                 double n_requests, int n_replications, struct xo_tally **tally,
                 struct xo_error *err)
{
    struct replication *runs = malloc((size_t)n_replications * sizeof *runs);
    if (runs == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d replications", n_replications);
    for (int i = 0; i < n_replications; i++)
        runs[i] = (struct replication){ .sim = sim,
                                        .n_replicas = n_replicas,
                                        .number = i,
                                        .volume = volume,
                                        .load_factor = load_factor,
                                        .n_requests = n_requests };
    const bool ok = replications_run(runs, n_replications, sim->options, err);
    for (int i = 0; ok && i < n_replications; i++) {
        sim->n_simulated += runs[i].tally->n_simulated;
        if (i == 0)
            continue;
        xo_tally_merge(runs[0].tally, runs[i].tally);
        xo_tally_free(runs[i].tally);
    }
    if (ok)
        *tally = runs[0].tally;
    free(runs);
    return ok;
}

bool sim_observe_all(struct observing of[], int n, const struct xo_study_options *options,
                     struct xo_error *err)
{
    struct replication *runs = malloc((size_t)(n > 0 ? n : 1) * sizeof *runs);
    if (runs == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d replications", n);
    for (int i = 0; i < n; i++)
        runs[i] = (struct replication){ .sim = of[i].sim,
                                        .n_replicas = of[i].n_replicas,
                                        .volume = of[i].volume,
                                        .load_factor = of[i].load_factor,
                                        .n_requests = of[i].n_requests };
    const bool ok = replications_run(runs, n, options, err);
    for (int i = 0; ok && i < n; i++) {
        of[i].tally = runs[i].tally;
        of[i].sim->n_simulated += runs[i].tally->n_simulated;
    }
    free(runs);
    return ok;
}
