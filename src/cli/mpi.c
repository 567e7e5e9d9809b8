/* mpi.c - `crossover-mpi`: the ranks of an MPI run as the crew of one sweep, map or curve.
 *
 * Rank 0 owns the study. Of a campaign (campaign.h) it hands out simulations and ranges of items as
 * ranks ask for them, puts what comes back in order, keeps the journal and writes the files. A
 * curve, and the base case of a campaign with few build options, it runs itself and hands out their
 * replications (struct xo_crew). The others read the scenario themselves and work until they are
 * told to stop. Whatever is handed out is a function of its number alone, so the bytes are those of
 * one process. Started with one rank, it works alone.
 *
 * Before anything is handed out, all ranks have to have read the same study (all_agree). When a
 * rank dies, mpirun ends the others; rank 0 is told by SIGTERM, says how to go on and closes its
 * journal. Ranks wait in naps, not in MPI, which would burn a core (wait_for). Begin with run, work
 * and manage.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "campaign.h"

#include <gsl/gsl_errno.h>
#include <limits.h>
#include <mpi.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ORDER_TAG = 1, RESULT_TAG, BODY_TAG };
enum order { DO_JOB, DO_TASK, DO_ITEMS, DO_PUT, DO_STOP };
enum { ORDER_FIELDS = 4, RANGES_A_RANK = 16, MOST_ITEMS_A_RANGE = 16384 };

/* A round of base cases with fewer options than this is run by rank 0, its replications handed out:
 * four of them are in hand at a time. With more, each option goes to a rank of its own. */
enum { OPTIONS_APART = 4 };

/* An order is {what, a, b, bytes that follow}; a result {a, b, bytes that follow, error kind}. */
typedef int64_t message[ORDER_FIELDS];

/* Wait for a message without burning the core that a worker could use. False: told to stop, which
 * counts even while messages keep coming. */
static bool wait_for(int from, int tag, MPI_Status *status, const volatile int *stop)
{
    const struct timespec nap = { .tv_nsec = 500000 };
    for (int there = 0; stop == NULL || *stop == 0; nanosleep(&nap, NULL)) {
        MPI_Iprobe(from, tag, MPI_COMM_WORLD, &there, status);
        if (there)
            return true;
    }
    return false;
}

static size_t item_size(const struct cli_work *of)
{
    return (size_t)of->kind->n_fields * sizeof(double);
}

/* ---- the other ranks ---- */

static void answer(int64_t a, int64_t b, const void *body, size_t n, const struct xo_error *err)
{
    const bool failed = err->kind != XO_OK;
    const message result = { a, b, (int64_t)(failed ? sizeof err->text : n), (int64_t)err->kind };
    MPI_Send(result, ORDER_FIELDS, MPI_INT64_T, 0, RESULT_TAG, MPI_COMM_WORLD);
    MPI_Send(failed ? err->text : body, (int)result[2], MPI_BYTE, 0, BODY_TAG, MPI_COMM_WORLD);
}

/* What a rank works on. */
struct duty {
    const struct xo_scenario *scenario;
    const struct xo_study_options *options;
    const struct cli_work *work; /* NULL: a curve, which comes in jobs alone */
};

static void work_on_job(const struct duty *duty, int64_t number, size_t n)
{
    struct xo_bytes result = { 0 };
    struct xo_error err = { 0 };
    unsigned char *job = malloc(n + 1);
    if (job == NULL)
        MPI_Abort(MPI_COMM_WORLD, CLI_FAILED);
    MPI_Recv(job, (int)n, MPI_BYTE, 0, BODY_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (!xo_study_job_run(duty->scenario, duty->options, job, n, &result, &err) &&
        err.kind == XO_OK)
        err.kind = XO_ERR_NUMERIC;
    answer(number, 0, result.at, result.n, &err);
    free(result.at);
    free(job);
}

static void work_on_task(const struct cli_work *of, int task)
{
    struct xo_bytes bytes = { 0 };
    struct xo_error err = { 0 };
    if (!xo_worlds_task_run(of->worlds, task, &bytes, &err) && err.kind == XO_OK)
        err.kind = XO_ERR_NUMERIC;
    answer(task, 0, bytes.at, bytes.n, &err);
    free(bytes.at);
}

static void work_on_items(const struct cli_work *of, int64_t from, int64_t to)
{
    struct xo_error err = { 0 };
    const size_t size = (size_t)(to - from) * item_size(of);
    void *items = malloc(size);
    if (items == NULL)
        xo_fail(&err, XO_ERR_MEMORY, "out of memory for %s", of->kind->items);
    else if (!of->kind->run_range(of->study, from, to, items, &err) && err.kind == XO_OK)
        err.kind = XO_ERR_NUMERIC;
    answer(from, to, items, size, &err);
    free(items);
}

/* The results of a round come to all ranks at once: their lengths, then their bytes one after the
 * other. */
static bool take_round(const struct cli_work *of, int n, int64_t n_bytes, struct xo_error *err)
{
    int64_t *length = malloc((size_t)n * sizeof *length);
    unsigned char *bytes = malloc((size_t)n_bytes + 1), *at = bytes;
    struct xo_bytes *results = malloc((size_t)n * sizeof *results);
    bool ok = length != NULL && bytes != NULL && results != NULL;
    if (ok) {
        MPI_Bcast(length, n, MPI_INT64_T, 0, MPI_COMM_WORLD);
        MPI_Bcast(bytes, (int)n_bytes, MPI_BYTE, 0, MPI_COMM_WORLD);
        for (int i = 0; i < n; at += length[i++])
            results[i] = (struct xo_bytes){ at, (size_t)length[i] };
        ok = cli_put_round(of, results, n, err);
    } else {
        xo_fail(err, XO_ERR_MEMORY, "out of memory for simulations");
    }
    free(length);
    free(bytes);
    free(results);
    return ok;
}

static void work(const struct duty *duty)
{
    struct xo_error err = { 0 };
    MPI_Status status;
    message order;
    for (;;) {
        wait_for(0, ORDER_TAG, &status, NULL);
        MPI_Recv(order, ORDER_FIELDS, MPI_INT64_T, 0, ORDER_TAG, MPI_COMM_WORLD, &status);
        if (order[0] == DO_STOP)
            return;
        if (order[0] == DO_JOB)
            work_on_job(duty, order[1], (size_t)order[3]);
        else if (order[0] == DO_TASK)
            work_on_task(duty->work, (int)order[1]);
        else if (order[0] == DO_ITEMS)
            work_on_items(duty->work, order[1], order[2]);
        else if (!take_round(duty->work, (int)order[1], order[3], &err)) {
            fprintf(stderr, "crossover-mpi: %s\n", err.text);
            MPI_Abort(MPI_COMM_WORLD, CLI_FAILED);
        }
    }
}

/* ---- rank 0 ---- */

struct manager {
    int n_ranks;
    const struct xo_study_options *options;

    int n_busy; /* ranks whose result is still to come */
};

static void send_order(int rank, enum order what, int64_t a, int64_t b, int64_t n)
{
    const message order = { what, a, b, n };
    MPI_Send(order, ORDER_FIELDS, MPI_INT64_T, rank, ORDER_TAG, MPI_COMM_WORLD);
}

static void send_work(struct manager *m, int rank, enum order what, int64_t a, int64_t b)
{
    send_order(rank, what, a, b, 0);
    m->n_busy++;
}

/* The next result of any rank: its head, and its body, which the caller frees. */
static bool next_result(struct manager *m, int *rank, message head, unsigned char **body,
                        struct xo_error *err)
{
    MPI_Status status;
    if (!wait_for(MPI_ANY_SOURCE, RESULT_TAG, &status, m->options->stop))
        return xo_fail(err, XO_ERR_STOPPED, "interrupted");
    *rank = status.MPI_SOURCE;
    m->n_busy--;
    MPI_Recv(head, ORDER_FIELDS, MPI_INT64_T, *rank, RESULT_TAG, MPI_COMM_WORLD, &status);
    *body = malloc((size_t)head[2] + 1);
    if (*body == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for the results of rank %d", *rank);
    MPI_Recv(*body, (int)head[2], MPI_BYTE, *rank, BODY_TAG, MPI_COMM_WORLD, &status);
    if (head[3] == XO_OK)
        return true;
    (*body)[head[2]] = '\0';
    xo_fail(err, (enum xo_error_kind)head[3], "rank %d: %s", *rank, (const char *)*body);
    free(*body);
    return false;
}

static void send_job(struct manager *m, int rank, const struct xo_bytes jobs[], int i)
{
    send_order(rank, DO_JOB, i, 0, (int64_t)jobs[i].n);
    MPI_Send(jobs[i].at, (int)jobs[i].n, MPI_BYTE, rank, BODY_TAG, MPI_COMM_WORLD);
    m->n_busy++;
}

static bool run_jobs(void *self, const struct xo_bytes jobs[], struct xo_bytes results[], int n,
                     struct xo_error *err)
{
    struct manager *m = self;
    int next = 0;
    for (int rank = 1; rank < m->n_ranks && next < n; rank++)
        send_job(m, rank, jobs, next++);
    for (int done = 0; done < n; done++) {
        message head;
        unsigned char *body = NULL;
        int rank;
        if (!next_result(m, &rank, head, &body, err))
            return false;
        results[head[0]] = (struct xo_bytes){ body, (size_t)head[2] };
        if (next < n)
            send_job(m, rank, jobs, next++);
    }
    return true;
}

/* Base cases run on rank 0, whose options have a crew. */
static bool run_base_cases(const struct cli_work *of, const int wanted[], int n,
                           cli_take_task *take, void *taker, struct xo_error *err)
{
    for (int i = 0; i < n; i++) {
        struct xo_bytes bytes = { 0 };
        if (!xo_worlds_task_run(of->worlds, wanted[i], &bytes, err) ||
            !take(taker, wanted[i], &bytes, err))
            return false;
    }
    return true;
}

static bool run_tasks(void *self, const struct cli_work *of, const int wanted[], int n,
                      cli_take_task *take, void *taker, struct xo_error *err)
{
    struct manager *m = self;
    int next = 0;
    if (xo_worlds_round(of->worlds) == 0 && n < OPTIONS_APART)
        return run_base_cases(of, wanted, n, take, taker, err);
    for (int rank = 1; rank < m->n_ranks && next < n; rank++)
        send_work(m, rank, DO_TASK, wanted[next++], 0);
    for (int done = 0; done < n; done++) {
        message head;
        struct xo_bytes bytes = { 0 };
        int rank;
        if (!next_result(m, &rank, head, &bytes.at, err))
            return false;
        bytes.n = (size_t)head[2];
        if (!take(taker, (int)head[0], &bytes, err))
            return false;
        if (next < n)
            send_work(m, rank, DO_TASK, wanted[next++], 0);
    }
    return true;
}

/* Nobody is at work when a round ends, so that all ranks can be told in one broadcast. */
static bool put(void *self, const struct cli_work *of, const struct xo_bytes results[], int n,
                struct xo_error *err)
{
    struct manager *m = self;
    int64_t *length = malloc((size_t)n * sizeof *length), n_bytes = 0;
    for (int i = 0; length != NULL && i < n; i++)
        n_bytes += length[i] = (int64_t)results[i].n;
    unsigned char *bytes = malloc((size_t)n_bytes + 1), *at = bytes;
    const bool ok = length != NULL && bytes != NULL && n_bytes <= INT_MAX;
    for (int i = 0; ok && i < n; at += length[i++])
        memcpy(at, results[i].at, results[i].n);
    for (int rank = 1; ok && rank < m->n_ranks; rank++)
        send_order(rank, DO_PUT, n, 0, n_bytes);
    if (ok) {
        MPI_Bcast(length, n, MPI_INT64_T, 0, MPI_COMM_WORLD);
        MPI_Bcast(bytes, (int)n_bytes, MPI_BYTE, 0, MPI_COMM_WORLD);
    }
    free(length);
    free(bytes);
    return ok ? cli_put_round(of, results, n, err)
              : xo_fail(err, XO_ERR_MEMORY, "out of memory for simulations");
}

/* Ranges of one call: handed out in order, back in any, given on in order. */
struct ranges {
    int64_t from, to, size;
    int n, given, taken;
    unsigned char **body; /* [n] owned; NULL: not back yet */
};

static int64_t range_begin(const struct ranges *r, int i)
{
    const int64_t begin = r->from + i * r->size;
    return begin < r->to ? begin : r->to;
}

static void give_range(struct manager *m, struct ranges *r, int rank)
{
    if (r->given == r->n)
        return;
    send_work(m, rank, DO_ITEMS, range_begin(r, r->given), range_begin(r, r->given + 1));
    r->given++;
}

static bool collect(struct manager *m, struct ranges *r, cli_take_items *take, void *taker,
                    struct xo_error *err)
{
    for (int rank = 1; rank < m->n_ranks; rank++)
        give_range(m, r, rank);
    for (int back = 0; back < r->n; back++) {
        message head;
        unsigned char *body = NULL;
        int rank;
        if (!next_result(m, &rank, head, &body, err))
            return false;
        r->body[(head[0] - r->from) / r->size] = body;
        give_range(m, r, rank);
        for (; r->taken < r->n && r->body[r->taken] != NULL; r->taken++) {
            if (!take(taker, range_begin(r, r->taken), range_begin(r, r->taken + 1),
                      r->body[r->taken], err))
                return false;
            free(r->body[r->taken]);
            r->body[r->taken] = NULL;
        }
    }
    return true;
}

static bool run_items(void *self, const struct cli_work *of, int64_t from, int64_t to,
                      cli_take_items *take, void *taker, struct xo_error *err)
{
    struct manager *m = self;
    const int64_t pieces = (int64_t)(m->n_ranks - 1) * RANGES_A_RANK;
    struct ranges r = { .from = from, .to = to, .size = 1 + (to - from - 1) / pieces };
    if (r.size > MOST_ITEMS_A_RANGE)
        r.size = MOST_ITEMS_A_RANGE;
    r.n = (int)((to - from + r.size - 1) / r.size);
    r.body = calloc((size_t)r.n + 1, sizeof *r.body);
    if (r.body == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %s", of->kind->items);
    const bool ok = collect(m, &r, take, taker, err);
    for (int i = 0; i < r.n; i++)
        free(r.body[i]);
    free(r.body);
    return ok;
}

/* ---- the run ---- */

/* SIGTERM is what mpirun sends when a rank has died, and SIGKILL a second later: rank 0 may be
 * waiting for the disk for longer, so a thread of its own waits for the signal and tells. The other
 * ranks just end. */
static volatile sig_atomic_t told_to_end;

static void mask_sigterm(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(how, &set, NULL);
}

static void *wait_for_sigterm(void *advice)
{
    sigset_t set;
    int signal_number;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    if (sigwait(&set, &signal_number) != 0)
        return NULL;
    told_to_end = 1;
    cli_stop = 1;
    fprintf(stderr, "crossover: told to end (a rank died, or the job was cancelled): %s\n",
            (const char *)advice);
    return NULL;
}

static void watch_for_sigterm(bool is_campaign)
{
    static char kept[] = "what is finished is on disk, and the same command with --resume goes on",
                lost[] = "a curve keeps nothing; begin again";
    pthread_t thread;
    if (pthread_create(&thread, NULL, wait_for_sigterm, is_campaign ? kept : lost) == 0)
        pthread_detach(thread);
    else
        mask_sigterm(SIG_UNBLOCK);
}

static const char *ended_by(void)
{
    return told_to_end ? "told to end" : "interrupted";
}

/* Whether every rank has the same work; rank 0 says which has not. `mine` 0: there is none. */
static bool all_agree(const struct cli_request *request, uint64_t mine, int n_ranks)
{
    uint64_t *all = calloc((size_t)n_ranks, sizeof *all);
    bool agree = all != NULL;
    if (agree)
        MPI_Allgather(&mine, 1, MPI_UINT64_T, all, 1, MPI_UINT64_T, MPI_COMM_WORLD);
    for (int i = 0; agree && i < n_ranks; i++)
        if (all[i] != all[0]) {
            agree = false;
            if (mine != 0)
                cli_tell(request, CLI_ERROR,
                         "rank %d does not read the scenario that rank 0 reads: are the files on "
                         "all machines the same?",
                         i);
        }
    free(all);
    return agree && mine != 0;
}

/* How a verb is run. */
struct verb {
    enum cli_verb_bit bit;
    cli_work_fn *make; /* NULL: a curve */
};

static int manage(const struct cli_request *request, const struct duty *duty,
                  struct cli_progress *progress, struct manager *manager)
{
    struct cli_local local = { duty->options };
    const struct cli_crew ranks = {
        .self = manager, .tasks = run_tasks, .put = put, .items = run_items
    };
    const struct cli_crew crew = manager->n_ranks > 1 ? ranks : cli_local_crew(&local);
    int status;
    if (duty->work != NULL)
        status = cli_campaign(duty->work, duty->options, progress, &crew, ended_by);
    else
        status = cli_curve_of(request, duty->scenario, duty->options, progress);
    fflush(stdout);
    if (manager->n_busy > 0)
        MPI_Abort(MPI_COMM_WORLD, status); /* nobody is going to take what they send */
    for (int rank = 1; rank < manager->n_ranks; rank++)
        send_order(rank, DO_STOP, 0, 0, 0);
    return status;
}

static uint64_t hash_of(const struct duty *duty)
{
    return duty->work != NULL ? duty->work->hash : xo_scenario_hash(duty->scenario);
}

static int run(const struct cli_request *request, const struct verb *verb, int rank, int n_ranks)
{
    struct cli_progress progress;
    struct cli_work of = { 0 };
    int status;
    struct xo_scenario *scenario = cli_read_scenario(request, &status);
    cli_keep_freed_memory();
    if (rank == 0) {
        cli_catch_interrupts();
        watch_for_sigterm(verb->make != NULL);
    }
    cli_progress_begin(&progress, request);
    struct xo_study_options options = cli_study_options(request, scenario, &progress);
    struct manager manager = { .n_ranks = n_ranks, .options = &options };
    const struct xo_crew crew = { &manager, run_jobs };
    options.n_threads = request->n_threads > 0 ? request->n_threads : 1;
    options.crew = rank == 0 && n_ranks > 1 ? &crew : NULL;
    if (rank > 0)
        options.progress = NULL;
    if (status == CLI_OK && verb->make != NULL)
        status = verb->make(&of, request, scenario, &options);
    const struct duty duty = { scenario, &options, verb->make != NULL ? &of : NULL };
    if (!all_agree(request, status == CLI_OK ? hash_of(&duty) : 0, n_ranks))
        status = status != CLI_OK ? status : CLI_BAD;
    else if (rank == 0)
        status = manage(request, &duty, &progress, &manager);
    else
        work(&duty);
    cli_progress_end(&progress);
    cli_work_free(&of);
    xo_scenario_free(scenario);
    return status;
}

/* ---- what is asked ---- */

static const struct verb verbs[] = { { CLI_SWEEP, cli_sweep_work },
                                     { CLI_MAP, cli_map_work },
                                     { CLI_CURVE, NULL } };

static const char help[] =
    "Run `crossover sweep`, `map` or `curve` on the ranks of an MPI run.\n\n"
    "  mpirun -n 64 crossover-mpi sweep my.ini --out big --resume\n\n"
    "The options are those of the commands; --threads are those of one rank, 1 unless given.\n"
    "Rank 0 hands out the work and writes the files, the same to the byte as those of one\n"
    "process.\n";

static int start(const struct cli_request *request, int rank, int n_ranks)
{
    if (request->show_version || request->show_help || request->verb == NULL) {
        if (rank == 0 && request->show_version)
            cli_print_version(stdout);
        else if (rank == 0)
            fputs(help, stdout);
        return CLI_OK;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (request->verb->bit == verbs[i].bit && strcmp(request->operands[0], "-") != 0)
            return run(request, &verbs[i], rank, n_ranks);
    cli_tell(request, CLI_ERROR, "crossover-mpi runs sweep, map and curve, on a scenario file");
    return CLI_BAD;
}

int main(int argc, char *argv[])
{
    struct cli_request request = { 0 };
    struct xo_error err = { 0 };
    int provided = 0, rank = 0, n_ranks = 1, status = CLI_BAD;
    mask_sigterm(SIG_BLOCK); /* for the threads of MPI too */
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    gsl_set_error_handler_off();
    signal(SIGXFSZ, SIG_IGN); /* as main.c has it */
    if (rank > 0)
        mask_sigterm(SIG_UNBLOCK);
    const bool parsed = cli_parse(&request, argc, argv, &err);
    request.mute = rank > 0; /* rank 0 tells the problems, which all ranks have */
    if (parsed)
        status = start(&request, rank, n_ranks);
    else
        cli_tell(&request, CLI_ERROR, "%s", err.text);
    cli_request_fini(&request);
    MPI_Finalize();
    return rank == 0 ? status : CLI_OK;
}
