/* jobs.c - simulations that stand alone; see jobs.h and struct xo_crew in xo/sizing.h.
 *
 * A job is a struct as it lies in memory: it goes to another process of the same program, on a
 * machine of the same kind, and never into a file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs.h"
#include "base/threads.h"
#include "kept.h"

#include <stdlib.h>
#include <string.h>

enum job_kind { JOB_REPLICATION = 1, JOB_RUNG, JOB_CHANGE, JOB_SEARCH };
enum { N_COUNTS = XO_MAX_CLASSES * XO_MAX_TARGETS };

struct job {
    int64_t kind;
    struct change change;
    struct search search;
    struct rung rung;
    struct {
        int n_replicas, number, pooled;
        double volume, load_factor, n_requests;
    } replication;
    /* Of a replication and a rung: the option, and what its option_sim has measured. */
    int option;
    struct replica_limits limits;
};
struct counts { /* the result of a replication that counts */
    double counted[N_COUNTS], missed[N_COUNTS], surplus;
    int64_t n_simulated;
    bool saturated;
};

/* ---- tallies as bytes: the tally, then its classes ---- */

static size_t classes_size(int n_classes)
{
    return (size_t)n_classes * sizeof(struct xo_class_tally);
}

static bool pack_tally(const struct xo_tally *t, struct xo_bytes *out, struct xo_error *err)
{
    out->n = sizeof *t + classes_size(t->n_classes);
    out->at = malloc(out->n);
    if (out->at == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for the result of a simulation");
    memcpy(out->at, t, sizeof *t);
    memcpy(out->at + sizeof *t, t->classes, classes_size(t->n_classes));
    return true;
}

static bool unpack_tally(const struct xo_bytes *bytes, int n_classes, struct xo_tally **out,
                         struct xo_error *err)
{
    struct xo_tally *t = xo_tally_new(n_classes, err);
    if (t == NULL)
        return false;
    struct xo_class_tally *classes = t->classes;
    if (bytes->n == sizeof *t + classes_size(n_classes)) {
        memcpy(t, bytes->at, sizeof *t);
        memcpy(classes, bytes->at + sizeof *t, classes_size(n_classes));
    }
    t->classes = classes;
    *out = t;
    if (bytes->n == sizeof *t + classes_size(n_classes) && t->n_classes == n_classes)
        return true;
    t->n_classes = n_classes;
    xo_tally_free(t);
    *out = NULL;
    return xo_fail(err, XO_ERR_INPUT, "another process sent what is no tally");
}

/* ---- in the process that works ---- */

static bool pack_counts(const struct counts *c, struct xo_bytes *out, struct xo_error *err)
{
    *out = (struct xo_bytes){ malloc(sizeof *c), sizeof *c };
    if (out->at == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for the result of a simulation");
    memcpy(out->at, c, sizeof *c);
    return true;
}

static bool work_on_replication(const struct option_sim *sim, const struct job *job,
                                struct xo_bytes *result, struct xo_error *err)
{
    struct counts c = { 0 };
    struct replication r = { .sim = sim,
                             .n_replicas = job->replication.n_replicas,
                             .number = job->replication.number,
                             .volume = job->replication.volume,
                             .pooled = job->replication.pooled,
                             .load_factor = job->replication.load_factor,
                             .n_requests = job->replication.n_requests,
                             .counted = c.counted,
                             .missed = c.missed };
    bool ok = replication_run(&r, err);
    if (ok && r.tally != NULL) {
        ok = pack_tally(r.tally, result, err);
    } else if (ok) {
        c.surplus = r.surplus;
        c.saturated = r.saturated;
        c.n_simulated = r.n_simulated;
        ok = pack_counts(&c, result, err);
    }
    xo_tally_free(r.tally);
    return ok;
}

static bool find_rung(struct option_sim *sim, struct rung *rung, struct xo_error *err)
{
    return capacity_find(sim, rung->n_replicas, &rung->hint, &rung->found, err);
}

/* Make ready what the asking process has, with what it measured. */
static bool sim_of_job(struct option_sim *sim, const struct xo_scenario *s,
                       const struct xo_study_options *options, const struct job *job,
                       struct xo_error *err)
{
    if (!sim_init(sim, s, job->option, options, err))
        return false;
    sim_take_limits(sim, &job->limits);
    return true;
}

/* The part of a job that goes out with its question and comes back with its answer. */
struct answered {
    void *at;
    size_t n;
};
static struct answered answered_of(struct job *job)
{
    return job->kind == JOB_CHANGE ? (struct answered){ &job->change, sizeof job->change }
           : job->kind == JOB_RUNG ? (struct answered){ &job->rung, sizeof job->rung }
                                   : (struct answered){ &job->search, sizeof job->search };
}

static bool answer(const struct xo_scenario *s, const struct xo_study_options *options,
                   struct job *job, struct xo_error *err)
{
    if (job->kind == JOB_CHANGE)
        return change_run(s, options, &job->change, err);
    if (job->kind == JOB_SEARCH)
        return search_run(s, options, &job->search, err);
    struct option_sim sim;
    if (!sim_of_job(&sim, s, options, job, err))
        return false;
    const bool ok = find_rung(&sim, &job->rung, err);
    sim_fini(&sim);
    return ok;
}

bool xo_study_job_run(const struct xo_scenario *s, const struct xo_study_options *options,
                      const void *bytes, size_t n, struct xo_bytes *result, struct xo_error *err)
{
    struct job job;
    if (n != sizeof job)
        return xo_fail(err, XO_ERR_INPUT, "another process sent what is no job");
    memcpy(&job, bytes, sizeof job);
    if (job.kind == JOB_REPLICATION) {
        struct option_sim sim;
        if (!sim_of_job(&sim, s, options, &job, err))
            return false;
        const bool ok = work_on_replication(&sim, &job, result, err);
        sim_fini(&sim);
        return ok;
    }
    if (!answer(s, options, &job, err))
        return false;
    const struct answered a = answered_of(&job);
    *result = (struct xo_bytes){ malloc(a.n), a.n };
    if (result->at == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for the result of a simulation");
    memcpy(result->at, a.at, a.n);
    return true;
}

/* ---- in the process that asks ---- */

/* Jobs out, results back; `results` [n] are the caller's to free where it succeeds. */
static bool send_jobs(const struct xo_crew *crew, struct job jobs[], int n,
                      struct xo_bytes results[], struct xo_error *err)
{
    struct xo_bytes *out = calloc((size_t)n + 1, sizeof *out);
    if (out == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %d simulations", n);
    for (int i = 0; i < n; i++) {
        out[i] = (struct xo_bytes){ (unsigned char *)&jobs[i], sizeof jobs[i] };
        results[i] = (struct xo_bytes){ 0 };
    }
    const bool ok = crew->run(crew->self, out, results, n, err);
    free(out);
    for (int i = 0; !ok && i < n; i++)
        free(results[i].at);
    return ok;
}

static struct job job_of(const struct replication *r)
{
    struct job job = { .kind = JOB_REPLICATION,
                       .option = r->sim->option,
                       .limits = r->sim->limits };
    job.replication.n_replicas = r->n_replicas;
    job.replication.number = r->number;
    job.replication.pooled = r->pooled;
    job.replication.volume = r->volume;
    job.replication.load_factor = r->load_factor;
    job.replication.n_requests = r->n_requests;
    return job;
}

static bool take_replication(struct replication *r, const struct xo_bytes *result,
                             struct xo_error *err)
{
    const int n_classes = r->sim->scenario->workload.n_classes;
    const size_t size = (size_t)n_classes * XO_MAX_TARGETS * sizeof *r->counted;
    struct counts c;
    if (r->pooled == 0)
        return unpack_tally(result, n_classes, &r->tally, err);
    if (result->n != sizeof c)
        return xo_fail(err, XO_ERR_INPUT, "another process sent what are no counts");
    memcpy(&c, result->at, sizeof c);
    memcpy(r->counted, c.counted, size);
    memcpy(r->missed, c.missed, size);
    r->surplus = c.surplus;
    r->saturated = c.saturated;
    r->n_simulated = c.n_simulated;
    return true;
}

static bool replications_elsewhere(struct replication runs[], int n, const struct xo_crew *crew,
                                   struct xo_error *err)
{
    struct job *jobs = malloc((size_t)n * sizeof *jobs);
    struct xo_bytes *results = malloc((size_t)n * sizeof *results);
    bool ok = (jobs != NULL && results != NULL) ||
              xo_fail(err, XO_ERR_MEMORY, "out of memory for %d simulations", n);
    for (int i = 0; ok && i < n; i++)
        jobs[n - 1 - i] = job_of(&runs[i]); /* the longest first */
    if (ok && send_jobs(crew, jobs, n, results, err))
        for (int i = 0; i < n; i++) {
            ok = ok && take_replication(&runs[i], &results[n - 1 - i], err);
            free(results[n - 1 - i].at);
        }
    else
        ok = false;
    free(jobs);
    free(results);
    return ok;
}

/* Where several jobs failed, the one of the lowest number is reported, in whatever order threads
 * ran them. */
struct failure {
    int at; /* as many as there are jobs: none has */
    struct xo_error *err;
};

static void note_failure(struct failure *f, int at, const struct xo_error *own)
{
#pragma omp critical(xo_study_error)
    if (at < f->at) {
        f->at = at;
        if (f->err != NULL)
            *f->err = *own;
    }
}

/* Piece i of some work, which does not wait for another. */
typedef bool piece_fn(void *self, int i, struct xo_error *err);

static void do_piece(piece_fn *piece, void *self, int i, struct failure *f)
{
    struct xo_error own = { 0 };
    if (!piece(self, i, &own))
        note_failure(f, i, &own);
}

static void offer_pieces(piece_fn *piece, void *self, int n, struct failure *f)
{
    for (int i = n - 1; i >= 0; i--) {
#pragma omp task firstprivate(i)
        do_piece(piece, self, i, f);
    }
#pragma omp taskwait
}

/* All n pieces, the last first: later ones should be the longer ones. Where pieces of a piece come
 * here again, each is a task for whichever thread has nothing else to do. */
static bool side_by_side(piece_fn *piece, void *self, int n, const struct xo_study_options *options,
                         struct xo_error *err)
{
    struct failure f = { n, err };
    if (omp_in_parallel()) {
        offer_pieces(piece, self, n, &f);
        return f.at == n;
    }
#pragma omp parallel num_threads(study_threads(options)) if (n > 1)
#pragma omp single
    offer_pieces(piece, self, n, &f);
    return f.at == n;
}

/* ---- what was simulated before ---- */

/* Observations are kept; replications that count are a part of a capacity, which is. */
static struct kept_place place_of_replication(const struct replication *r)
{
    const struct option_sim *sim = r->sim;
    const double numbers[] = { r->n_replicas, r->number,           r->volume,       r->load_factor,
                               r->n_requests, sim->limits.pooling, sim->terminating };
    return kept_at(r->pooled == 0 ? sim->kept : NULL, &sim->digest, KEPT_OBSERVED, numbers,
                   sizeof numbers / sizeof *numbers);
}

static bool recall_tally(const struct kept_place *place, struct replication *r)
{
    const int n_classes = r->sim->scenario->workload.n_classes;
    struct xo_bytes bytes = { .n = sizeof *r->tally + classes_size(n_classes) };
    bytes.at = place->kept != NULL ? malloc(bytes.n) : NULL;
    const bool found = bytes.at != NULL && kept_find(place, bytes.at, bytes.n) &&
                       unpack_tally(&bytes, n_classes, &r->tally, NULL);
    free(bytes.at);
    return found;
}

static void keep_tally(const struct kept_place *place, const struct replication *r)
{
    struct xo_bytes bytes = { 0 };
    if (place->kept != NULL && pack_tally(r->tally, &bytes, NULL))
        kept_put(place, bytes.at, bytes.n);
    free(bytes.at);
}

static bool run_replication(void *runs, int i, struct xo_error *err)
{
    struct replication *r = (struct replication *)runs + i;
    const struct kept_place place = place_of_replication(r);
    if (recall_tally(&place, r))
        return true;
    if (!replication_run(r, err))
        return false;
    keep_tally(&place, r);
    return true;
}

static struct kept_place place_of_rung(const struct option_sim *sim, const struct rung *rung)
{
    const double numbers[] = { rung->n_replicas, rung->hint.volume, rung->hint.slope,
                               rung->hint.noise };
    return kept_at(sim->kept, &sim->digest, KEPT_RUNG, numbers, sizeof numbers / sizeof *numbers);
}

/* A scenario is changed in its fields, so that what is simulated of it is kept as a whole. */
static bool place_of_change(const struct xo_scenario *s, struct xo_kept *kept,
                            const struct change *c, struct kept_place *place, struct xo_error *err)
{
    struct xo_digest digest = { 0 };
    if (kept != NULL && !xo_scenario_simulated(s, c->option, &digest, err))
        return false;
    double numbers[9] = { c->step_scale };
    for (int i = 0; i < 2; i++) {
        const double of[4] = { c->n_replicas[i], c->base[i].volume, c->base[i].slope,
                               c->base[i].noise };
        memcpy(numbers + 1 + 4 * i, of, sizeof of);
    }
    *place = kept_at(kept, &digest, KEPT_CHANGE, numbers, sizeof numbers / sizeof *numbers);
    return true;
}

static bool place_of_search(const struct xo_scenario *s, struct xo_kept *kept,
                            const struct search *q, struct kept_place *place, struct xo_error *err)
{
    struct xo_digest digest = { 0 };
    if (kept != NULL && !xo_scenario_simulated(s, q->option, &digest, err))
        return false;
    double numbers[6 + 2 * SEARCH_KEYS] = { q->seed_offset, q->one_look,   q->n_replicas,
                                            q->hint.volume, q->hint.slope, q->hint.noise };
    for (int i = 0; i < q->n_keys; i++) {
        numbers[6 + 2 * i] = q->keys[i];
        numbers[7 + 2 * i] = q->values[i];
    }
    *place = kept_at(kept, &digest, KEPT_SEARCH, numbers, 6 + 2 * q->n_keys);
    return true;
}

bool search_recalled(const struct xo_scenario *base, const struct xo_study_options *options,
                     struct search *q, struct xo_error *err)
{
    struct kept_place place;
    struct { /* what is found */
        double volume, lone_margin;
        int64_t n_searches, n_simulated;
    } found;
    if (!place_of_search(base, options->kept, q, &place, err))
        return false;
    if (!kept_find(&place, &found, sizeof found)) {
        if (!search_run(base, options, q, err))
            return false;
        found.volume = q->volume;
        found.lone_margin = q->lone_margin;
        found.n_searches = q->n_searches;
        found.n_simulated = q->n_simulated;
        kept_put(&place, &found, sizeof found);
    }
    q->volume = found.volume;
    q->lone_margin = found.lone_margin;
    q->n_searches = (int)found.n_searches;
    q->n_simulated = found.n_simulated;
    return true;
}

bool replications_run(struct replication runs[], int n, const struct xo_study_options *options,
                      struct xo_error *err)
{
    if (options->crew != NULL ? replications_elsewhere(runs, n, options->crew, err)
                              : side_by_side(run_replication, runs, n, options, err))
        return true;
    for (int i = 0; i < n; i++) {
        xo_tally_free(runs[i].tally);
        runs[i].tally = NULL;
    }
    return false;
}

static size_t question_size(enum job_kind kind)
{
    struct job job = { .kind = kind };
    return answered_of(&job).n;
}

/* Questions [n] of one kind, answered in place. `sim`: whose rungs they are; else NULL. */
static bool answered_elsewhere(const struct xo_crew *crew, enum job_kind kind,
                               const struct option_sim *sim, void *questions, int n,
                               struct xo_error *err)
{
    struct job *jobs = calloc((size_t)n, sizeof *jobs);
    struct xo_bytes *results = malloc((size_t)n * sizeof *results);
    const size_t size = question_size(kind);
    unsigned char *at = questions;
    bool ok = (jobs != NULL && results != NULL) ||
              xo_fail(err, XO_ERR_MEMORY, "out of memory for %d simulations", n);
    for (int i = 0; ok && i < n; i++) {
        jobs[i].kind = kind;
        if (sim != NULL) {
            jobs[i].option = sim->option;
            jobs[i].limits = sim->limits;
        }
        memcpy(answered_of(&jobs[i]).at, at + (size_t)i * size, size);
    }
    if (ok && send_jobs(crew, jobs, n, results, err))
        for (int i = 0; i < n; i++) {
            if (results[i].n == size)
                memcpy(at + (size_t)i * size, results[i].at, size);
            else
                ok = xo_fail(err, XO_ERR_INPUT, "another process sent what is no capacity");
            free(results[i].at);
        }
    else
        ok = false;
    free(jobs);
    free(results);
    return ok;
}

bool searches_elsewhere(const struct xo_study_options *options, struct search searches[], int n,
                        struct xo_error *err)
{
    return answered_elsewhere(options->crew, JOB_SEARCH, NULL, searches, n, err);
}

/* Changes of one scenario. */
struct changing {
    const struct xo_scenario *scenario;
    const struct xo_study_options *options;
    struct change *changes;
};

static bool run_change(void *self, int i, struct xo_error *err)
{
    const struct changing *all = self;
    struct change *c = &all->changes[i];
    struct kept_place place;
    struct { /* what is found */
        double log_scale[2];
        int64_t n_simulated;
    } found;
    if (!place_of_change(all->scenario, all->options->kept, c, &place, err))
        return false;
    if (!kept_find(&place, &found, sizeof found)) {
        if (!change_run(all->scenario, all->options, c, err))
            return false;
        memcpy(found.log_scale, c->log_scale, sizeof found.log_scale);
        found.n_simulated = c->n_simulated;
        kept_put(&place, &found, sizeof found);
    }
    memcpy(c->log_scale, found.log_scale, sizeof c->log_scale);
    c->n_simulated = found.n_simulated;
    return true;
}

bool changes_run(const struct xo_scenario *scenario, const struct xo_study_options *options,
                 struct change changes[], int n, struct xo_error *err)
{
    struct changing here = { scenario, options, changes };
    if (n == 0)
        return true;
    return options->crew != NULL
               ? answered_elsewhere(options->crew, JOB_CHANGE, NULL, changes, n, err)
               : side_by_side(run_change, &here, n, options, err);
}

/* Rungs of one option. */
struct climbing {
    const struct option_sim *sim;
    struct rung *rungs;
};

static bool run_rung(void *self, int i, struct xo_error *err)
{
    const struct climbing *c = self;
    struct option_sim alone = *c->sim; /* a search counts what it simulates */
    struct rung *rung = &c->rungs[i];
    const struct kept_place place = place_of_rung(c->sim, rung);
    if (kept_find(&place, &rung->found, sizeof rung->found))
        return true;
    if (!find_rung(&alone, rung, err))
        return false;
    kept_put(&place, &rung->found, sizeof rung->found);
    return true;
}

bool rungs_run(const struct option_sim *sim, struct rung rungs[], int n, struct xo_error *err)
{
    struct climbing here = { sim, rungs };
    if (n == 0)
        return true;
    return sim->options->crew != NULL
               ? answered_elsewhere(sim->options->crew, JOB_RUNG, sim, rungs, n, err)
               : side_by_side(run_rung, &here, n, sim->options, err);
}
