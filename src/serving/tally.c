/* tally.c - the counts of a run: new, free, merge.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/serving.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

struct xo_tally *xo_tally_new(int n_classes, struct xo_error *err)
{
    assert(n_classes >= 1 && n_classes <= XO_MAX_CLASSES);
    struct xo_tally *t = calloc(1, sizeof *t);
    struct xo_class_tally *classes = calloc((size_t)n_classes, sizeof *classes);
    if (t == NULL || classes == NULL) {
        free(t);
        free(classes);
        xo_fail(err, XO_ERR_MEMORY, "out of memory for the tallies of %d classes", n_classes);
        return NULL;
    }
    t->classes = classes;
    t->n_classes = n_classes;
    for (int i = 0; i < n_classes; i++) {
        xo_moments_init(&classes[i].ttft);
        xo_moments_init(&classes[i].tpot);
        xo_moments_init(&classes[i].e2e);
        xo_moments_init(&classes[i].queued);
    }
    return t;
}

void xo_tally_free(struct xo_tally *t)
{
    if (t == NULL)
        return;
    free(t->classes);
    free(t);
}

static void merge_class(struct xo_class_tally *t, const struct xo_class_tally *other)
{
    t->n_arrived += other->n_arrived;
    for (int i = 0; i < XO_N_FATES; i++)
        t->n_fates[i] += other->n_fates[i];
    t->n_finished += other->n_finished;
    t->n_timed_out += other->n_timed_out;
    t->n_good += other->n_good;
    for (int i = 0; i < XO_MAX_TARGETS; i++) {
        t->n_counted[i] += other->n_counted[i];
        t->n_met[i] += other->n_met[i];
        t->n_control[i] += other->n_control[i];
    }
    t->prompt_tokens += other->prompt_tokens;
    t->cached_tokens += other->cached_tokens;
    t->output_tokens += other->output_tokens;
    xo_moments_merge(&t->ttft, &other->ttft);
    xo_moments_merge(&t->tpot, &other->tpot);
    xo_moments_merge(&t->e2e, &other->e2e);
    xo_moments_merge(&t->queued, &other->queued);
    xo_hist_merge(&t->ttft_hist, &other->ttft_hist);
    xo_hist_merge(&t->tpot_hist, &other->tpot_hist);
    xo_hist_merge(&t->e2e_hist, &other->e2e_hist);
}

void xo_tally_merge(struct xo_tally *t, const struct xo_tally *other)
{
    assert(t->n_classes == other->n_classes);
    for (int i = 0; i < t->n_classes; i++)
        merge_class(&t->classes[i], &other->classes[i]);
    xo_hist_merge(&t->itl_hist, &other->itl_hist);
    t->n_replicas = other->n_replicas > t->n_replicas ? other->n_replicas : t->n_replicas;
    t->window_s += other->window_s;
    t->busy_s += other->busy_s;
    t->prefill_s += other->prefill_s;
    t->decode_s += other->decode_s;
    t->batch_integral_s += other->batch_integral_s;
    t->kv_bytes_integral += other->kv_bytes_integral;
    t->kv_peak_frac = fmax(t->kv_peak_frac, other->kv_peak_frac);
    t->in_system_integral_s += other->in_system_integral_s;
    t->n_steps += other->n_steps;
    t->n_events += other->n_events;
    t->n_preemptions += other->n_preemptions;
    t->recomputed_tokens += other->recomputed_tokens;
    t->steps_tokens += other->steps_tokens;
    t->flops += other->flops;
    t->bytes += other->bytes;
    t->queue_at_from += other->queue_at_from;
    t->queue_at_to += other->queue_at_to;
    t->arrived_prompt_tokens += other->arrived_prompt_tokens;
    t->arrived_output_tokens += other->arrived_output_tokens;
    t->n_simulated += other->n_simulated;
    t->stopped_early = t->stopped_early || other->stopped_early;
}
