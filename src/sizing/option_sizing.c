/* option_sizing.c - how busy a fleet is at every load, and what a tally says in numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "option_sizing.h"

#include <limits.h>
#include <math.h>
#include <string.h>

bool load_curve_measure(struct load_curve *l, struct option_sim *sim, const struct xo_capacity *at,
                        struct xo_error *err)
{
    /* Close together at light load, where busy time bends as 1 - exp(-load). */
    static const double load[N_LOAD_LEVELS] = { 0.004, 0.008, 0.016, 0.03, 0.06, 0.1,
                                                0.16,  0.25,  0.4,   0.6,  0.8,  1 };
    static const double REQUESTS = 4000;
    const struct xo_scenario *s = sim->scenario;
    struct observing of[N_LOAD_LEVELS];
    for (int i = 0; i < N_LOAD_LEVELS; i++)
        of[i] = (struct observing){ sim, at->n_replicas, at->volume, load[i], REQUESTS, NULL };
    if (!sim_observe_all(of, N_LOAD_LEVELS, sim->options, err))
        return false;
    for (int i = 0; i < N_LOAD_LEVELS; i++) {
        struct xo_point_metrics m;
        metrics_of(of[i].tally, sim, 1, &m);
        xo_tally_free(of[i].tally);
        l->load[i] = load[i];
        l->busy_frac[i] = m.busy_frac;
        l->w_per_gpu[i] = xo_gpu_power_w(&s->options[sim->option].deployment.gpu, m.busy_frac,
                                         m.mbu_frac, m.mfu_frac);
        if (i > 0) /* more work draws no less: what falls is noise */
            l->w_per_gpu[i] = fmax(l->w_per_gpu[i], l->w_per_gpu[i - 1]);
        for (int c = 0; c < XO_MAX_CLASSES; c++)
            for (int t = 0; t < XO_MAX_TARGETS; t++)
                l->attained_frac[c][t][i] = m.attained_frac[c][t];
    }
    /* A trace is read at its mean: its own hours are not the week's. */
    if (s->workload.trace == NULL)
        xo_profile_hour_factors(&s->workload.profile, l->hour_factor);
    else
        for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
            l->hour_factor[h] = 1;
    return true;
}

bool sizing_simulate(struct option_sizing *b, const struct xo_scenario *s, int option,
                     const struct xo_study_options *options, double volume,
                     ladder_progress_fn *progress, void *progress_self, struct xo_error *err)
{
    const int most = s->fixed_replicas > 0 ? s->fixed_replicas + 1 : INT_MAX;
    const double plan = s->requests_per_month, reserve_plan = plan * (1 + s->headroom_frac);
    if (!sim_init(&b->sim, s, option, options, err) || !sim_keep(&b->sim, err) ||
        !ladder_climb(b->ladder, &b->sim, volume * (1 + s->headroom_frac), most, progress,
                      progress_self, err) ||
        !ladder_settle(b->ladder, &b->sim, (double[]){ plan, reserve_plan }, 2, s->fixed_replicas,
                       err))
        return false;
    if (b->ladder->infeasible.holds)
        return true;
    struct stairs stairs = { .ladder = b->ladder };
    const double reserve = s->fixed_replicas > 0 ? 1 : 1 + s->headroom_frac;
    int n = stairs_replicas(&stairs, s->requests_per_month * reserve), rung = 0;
    while (rung + 1 < b->ladder->n_rungs && b->ladder->rungs[rung].n_replicas < n)
        rung++;
    return load_curve_measure(&b->load_curve, &b->sim, &b->ladder->rungs[rung], err);
}

bool sizing_is_too_slow(const struct option_sizing *b, double log_step)
{
    return log_step != 0 && b->sim.lone_margin + log_step > 0;
}

bool sizings_some_ran(const struct option_sizing sizings[], int n, struct xo_error *err)
{
    for (int o = 0; o < n; o++) {
        const struct xo_infeasible *why = &sizings[o].ladder->infeasible;
        if (!why->holds || why->cause != XO_CAUSE_FAILED)
            return true;
    }
    return n == 0 || xo_fail(err, XO_ERR_INPUT, "%s", sizings[0].ladder->infeasible.reason);
}

double load_curve_at(const struct load_curve *l, const double value[N_LOAD_LEVELS], double load,
                     double at_zero)
{
    double x0 = 0, y0 = at_zero;
    for (int i = 0; i < N_LOAD_LEVELS; i++) {
        if (load <= l->load[i])
            return y0 + (value[i] - y0) * (load - x0) / (l->load[i] - x0);
        x0 = l->load[i];
        y0 = value[i];
    }
    return y0;
}

/* Pointwise-stationary approximation: each hour of the week at its own load (docs/model.md, "A week
 * from its hours"). */
static double week_mean(const struct load_curve *l, const double value[], double mean_load,
                        double at_zero)
{
    double sum = 0;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        sum += load_curve_at(l, value, mean_load * l->hour_factor[h], at_zero);
    return sum / XO_HOURS_PER_WEEK;
}

void load_curve_week(const struct load_curve *l, double mean_load, double idle_w, double *busy_frac,
                     double *mean_w_per_gpu)
{
    *busy_frac = week_mean(l, l->busy_frac, mean_load, 0);
    *mean_w_per_gpu = week_mean(l, l->w_per_gpu, mean_load, idle_w);
}

void metrics_of(const struct xo_tally *t, const struct option_sim *sim, double parts,
                struct xo_point_metrics *m)
{
    *m = (struct xo_point_metrics){ 0 };
    static _Thread_local struct xo_hist ttft, tpot, e2e;
    memset(&ttft, 0, sizeof ttft);
    memset(&tpot, 0, sizeof tpot);
    memset(&e2e, 0, sizeof e2e);
    int64_t good = 0;
    for (int c = 0; c < XO_MAX_CLASSES; c++)
        for (int k = 0; k < XO_MAX_TARGETS; k++)
            m->attained_frac[c][k] = NAN;
    for (int c = 0; c < t->n_classes; c++) {
        const struct xo_class_tally *k = &t->classes[c];
        xo_hist_merge(&ttft, &k->ttft_hist);
        xo_hist_merge(&tpot, &k->tpot_hist);
        xo_hist_merge(&e2e, &k->e2e_hist);
        good += k->n_good;
        m->n_measured += k->n_arrived;
        for (int i = 0; i < sim->scenario->slo[c].n_targets; i++)
            if (k->n_counted[i] > 0)
                m->attained_frac[c][i] = (double)k->n_met[i] / (double)k->n_counted[i];
    }
    m->ttft_p50_s = xo_hist_quantile(&ttft, 0.5);
    m->ttft_p95_s = xo_hist_quantile(&ttft, 0.95);
    m->ttft_p99_s = xo_hist_quantile(&ttft, 0.99);
    m->tpot_p50_s = xo_hist_quantile(&tpot, 0.5);
    m->tpot_p95_s = xo_hist_quantile(&tpot, 0.95);
    m->tpot_p99_s = xo_hist_quantile(&tpot, 0.99);
    m->e2e_p50_s = xo_hist_quantile(&e2e, 0.5);
    m->e2e_p95_s = xo_hist_quantile(&e2e, 0.95);
    m->e2e_p99_s = xo_hist_quantile(&e2e, 0.99);
    m->itl_p50_s = xo_hist_quantile(&t->itl_hist, 0.5);
    m->itl_p99_s = xo_hist_quantile(&t->itl_hist, 0.99);
    m->n_simulated = t->n_simulated;
    const double replica_s = t->window_s * t->n_replicas;
    const struct xo_work_rates *rates = xo_step_work_rates(sim->step);
    m->goodput_per_s = (double)good / t->window_s * parts;
    m->busy_frac = t->busy_s / replica_s;
    m->prefill_frac = t->prefill_s / replica_s;
    m->decode_frac = t->decode_s / replica_s;
    m->idle_frac = fmax(0, 1 - m->busy_frac); /* rounding may make a busy replica's -1e-16 */
    m->batch_mean = t->busy_s > 0 ? t->batch_integral_s / t->busy_s : 0;
    m->kv_mean_frac =
        t->busy_s > 0 ? t->kv_bytes_integral / (t->busy_s * (double)sim->kv.room_bytes) : 0;
    m->kv_peak_frac = t->kv_peak_frac;
    m->mbu_frac = t->bytes / (replica_s * rates->peak_bytes_per_s);
    m->mfu_frac = t->flops / (replica_s * rates->peak_flop_per_s);
    m->preemptions_per_request =
        m->n_measured > 0 ? (double)t->n_preemptions / (double)m->n_measured : 0;
}
