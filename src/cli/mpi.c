/* mpi.c - `crossover-mpi sweep`: the ranks of an MPI run as the crew of one sweep.
 *
 * Rank 0 owns the campaign (campaign.h): it hands out simulations and ranges of samples as ranks
 * ask for them, puts what comes back in order, keeps the journal and writes the files. The others
 * read the scenario themselves and work until they are told to stop. A sample is a function of its
 * number alone, so the bytes are those of one process. Started with one rank, it works alone.
 *
 * When a rank dies, mpirun ends the others; rank 0 is told by SIGTERM, closes its journal and says
 * how to go on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "campaign.h"

#include <gsl/gsl_errno.h>
#include <mpi.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ORDER_TAG = 1, RESULT_TAG, BODY_TAG };
enum order { DO_TASK, DO_ROWS, DO_PUT, DO_STOP };
enum { ORDER_FIELDS = 4, RANGES_A_RANK = 16, MOST_ROWS_A_RANGE = 16384 };

/* An order is {what, a, b, bytes that follow}; a result {a, b, bytes that follow, error kind}. */
typedef int64_t message[ORDER_FIELDS];

/* Wait for a message without burning the core that a worker could use. */
static bool wait_for(int from, int tag, MPI_Status *status, const volatile int *stop)
{
    const struct timespec nap = { .tv_nsec = 500000 };
    int there = 0;
    while (!there) {
        MPI_Iprobe(from, tag, MPI_COMM_WORLD, &there, status);
        if (!there && stop != NULL && *stop != 0)
            return false;
        if (!there)
            nanosleep(&nap, NULL);
    }
    return true;
}

/* ---- the other ranks ---- */

static void answer(int64_t a, int64_t b, const void *body, size_t n, const struct xo_error *err)
{
    const bool failed = err->kind != XO_OK;
    const message result = { a, b, (int64_t)(failed ? sizeof err->text : n), (int64_t)err->kind };
    MPI_Send(result, ORDER_FIELDS, MPI_INT64_T, 0, RESULT_TAG, MPI_COMM_WORLD);
    MPI_Send(failed ? err->text : body, (int)result[2], MPI_BYTE, 0, BODY_TAG, MPI_COMM_WORLD);
}

static void work_on_task(const struct xo_sweep *sweep, int task)
{
    struct xo_bytes bytes = { 0 };
    struct xo_error err = { 0 };
    if (!xo_sweep_task_run(sweep, task, &bytes, &err) && err.kind == XO_OK)
        err.kind = XO_ERR_NUMERIC;
    answer(task, 0, bytes.at, bytes.n, &err);
    free(bytes.at);
}

static void work_on_rows(const struct xo_sweep *sweep, int64_t from, int64_t to)
{
    struct xo_error err = { 0 };
    struct xo_sweep_row *rows = malloc((size_t)(to - from) * sizeof *rows);
    if (rows == NULL)
        xo_fail(&err, XO_ERR_MEMORY, "out of memory for samples");
    else if (!xo_sweep_run_range(sweep, from, to, rows, &err) && err.kind == XO_OK)
        err.kind = XO_ERR_NUMERIC;
    answer(from, to, rows, (size_t)(to - from) * sizeof *rows, &err);
    free(rows);
}

static bool take_put(struct xo_sweep *sweep, int task, size_t n, struct xo_error *err)
{
    unsigned char *bytes = malloc(n > 0 ? n : 1);
    if (bytes == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for simulations");
    MPI_Recv(bytes, (int)n, MPI_BYTE, 0, BODY_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    const bool ok = xo_sweep_task_put(sweep, task, bytes, n, err);
    free(bytes);
    return ok;
}

static void work(struct xo_sweep *sweep)
{
    struct xo_error err = { 0 };
    MPI_Status status;
    message order;
    for (;;) {
        wait_for(0, ORDER_TAG, &status, NULL);
        MPI_Recv(order, ORDER_FIELDS, MPI_INT64_T, 0, ORDER_TAG, MPI_COMM_WORLD, &status);
        if (order[0] == DO_STOP)
            return;
        if (order[0] == DO_TASK)
            work_on_task(sweep, (int)order[1]);
        else if (order[0] == DO_ROWS)
            work_on_rows(sweep, order[1], order[2]);
        else if (!take_put(sweep, (int)order[1], (size_t)order[3], &err)) {
            fprintf(stderr, "crossover-mpi: %s\n", err.text);
            MPI_Abort(MPI_COMM_WORLD, CLI_FAILED);
        }
    }
}

/* ---- rank 0 ---- */

struct manager {
    int n_ranks;
    const struct xo_study_options *options;
};

static void send_order(int rank, enum order what, int64_t a, int64_t b, int64_t n)
{
    const message order = { what, a, b, n };
    MPI_Send(order, ORDER_FIELDS, MPI_INT64_T, rank, ORDER_TAG, MPI_COMM_WORLD);
}

/* The next result of any rank: its head, and its body, which the caller frees. */
static bool next_result(const struct manager *m, int *rank, message head, unsigned char **body,
                        struct xo_error *err)
{
    MPI_Status status;
    if (!wait_for(MPI_ANY_SOURCE, RESULT_TAG, &status, m->options->stop))
        return xo_fail(err, XO_ERR_STOPPED, "interrupted");
    *rank = status.MPI_SOURCE;
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

static bool run_tasks(void *self, const struct xo_sweep *sweep, const int wanted[], int n,
                      cli_take_task *take, void *taker, struct xo_error *err)
{
    const struct manager *m = self;
    int next = 0;
    (void)sweep;
    for (int rank = 1; rank < m->n_ranks && next < n; rank++)
        send_order(rank, DO_TASK, wanted[next++], 0, 0);
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
            send_order(rank, DO_TASK, wanted[next++], 0, 0);
    }
    return true;
}

static bool put(void *self, struct xo_sweep *sweep, int task, const struct xo_bytes *bytes,
                struct xo_error *err)
{
    const struct manager *m = self;
    for (int rank = 1; rank < m->n_ranks; rank++) {
        send_order(rank, DO_PUT, task, 0, (int64_t)bytes->n);
        MPI_Send(bytes->at, (int)bytes->n, MPI_BYTE, rank, BODY_TAG, MPI_COMM_WORLD);
    }
    return xo_sweep_task_put(sweep, task, bytes->at, bytes->n, err);
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

static void give_range(struct ranges *r, int rank)
{
    if (r->given == r->n)
        return;
    send_order(rank, DO_ROWS, range_begin(r, r->given), range_begin(r, r->given + 1), 0);
    r->given++;
}

static bool collect(const struct manager *m, struct ranges *r, cli_take_rows *take, void *taker,
                    struct xo_error *err)
{
    for (int rank = 1; rank < m->n_ranks; rank++)
        give_range(r, rank);
    for (int back = 0; back < r->n; back++) {
        message head;
        unsigned char *body = NULL;
        int rank;
        if (!next_result(m, &rank, head, &body, err))
            return false;
        r->body[(head[0] - r->from) / r->size] = body;
        give_range(r, rank);
        for (; r->taken < r->n && r->body[r->taken] != NULL; r->taken++) {
            if (!take(taker, range_begin(r, r->taken), range_begin(r, r->taken + 1),
                      (const struct xo_sweep_row *)(const void *)r->body[r->taken], err))
                return false;
            free(r->body[r->taken]);
            r->body[r->taken] = NULL;
        }
    }
    return true;
}

static bool run_rows(void *self, const struct xo_sweep *sweep, int64_t from, int64_t to,
                     cli_take_rows *take, void *taker, struct xo_error *err)
{
    const struct manager *m = self;
    const int64_t pieces = (int64_t)(m->n_ranks - 1) * RANGES_A_RANK;
    struct ranges r = { .from = from, .to = to, .size = 1 + (to - from - 1) / pieces };
    (void)sweep;
    if (r.size > MOST_ROWS_A_RANGE)
        r.size = MOST_ROWS_A_RANGE;
    r.n = (int)((to - from + r.size - 1) / r.size);
    r.body = calloc((size_t)r.n + 1, sizeof *r.body);
    if (r.body == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for samples");
    const bool ok = collect(m, &r, take, taker, err);
    for (int i = 0; i < r.n; i++)
        free(r.body[i]);
    free(r.body);
    return ok;
}

/* ---- the run ---- */

static void on_terminate(int signal_number)
{
    (void)signal_number;
    cli_stop = 1;
}

/* Silently: rank 0 tells the problems. */
static struct xo_scenario *read_scenario(const struct cli_request *request, int rank)
{
    if (rank == 0)
        return cli_read_scenario(request);
    const struct xo_scenario_options options = { request->sets, request->n_sets };
    struct xo_problems problems = { 0 };
    struct xo_scenario *scenario = NULL;
    if (!xo_scenario_read(&scenario, request->operands[0], &options, &problems))
        scenario = NULL;
    xo_problems_fini(&problems);
    return scenario;
}

/* Whether every rank has the same sweep; rank 0 says which has not. */
static bool all_agree(const struct cli_request *request, const struct xo_sweep *sweep, int rank,
                      int n_ranks)
{
    const uint64_t mine = sweep != NULL ? xo_sweep_hash(sweep) : 0;
    uint64_t *all = calloc((size_t)n_ranks, sizeof *all);
    bool agree = all != NULL;
    if (agree)
        MPI_Allgather(&mine, 1, MPI_UINT64_T, all, 1, MPI_UINT64_T, MPI_COMM_WORLD);
    for (int i = 0; agree && i < n_ranks; i++)
        if (all[i] != all[0]) {
            agree = false;
            if (rank == 0 && sweep != NULL)
                cli_tell(request, CLI_ERROR,
                         "rank %d does not read the scenario that rank 0 reads: are the files on "
                         "all machines the same?",
                         i);
        }
    free(all);
    return agree && sweep != NULL;
}

static int manage(const struct cli_request *request, const struct xo_scenario *scenario,
                  struct xo_sweep *sweep, const struct xo_study_options *options,
                  struct cli_progress *progress, int n_ranks)
{
    struct manager manager = { n_ranks, options };
    struct cli_local local = { options };
    const struct cli_crew ranks = {
        .self = &manager, .tasks = run_tasks, .put = put, .rows = run_rows
    };
    const struct cli_crew crew = n_ranks > 1 ? ranks : cli_local_crew(&local);
    const int status = cli_campaign(request, scenario, sweep, options, progress, &crew);
    fflush(stdout);
    if (status != CLI_OK && status != CLI_CONDITION)
        MPI_Abort(MPI_COMM_WORLD, status); /* ranks may be in the middle of their work */
    for (int rank = 1; rank < n_ranks; rank++)
        send_order(rank, DO_STOP, 0, 0, 0);
    return status;
}

static int run(const struct cli_request *request, int rank, int n_ranks)
{
    struct cli_progress progress;
    struct xo_error err = { 0 };
    struct xo_sweep *sweep = NULL;
    struct xo_scenario *scenario = read_scenario(request, rank);
    int status = CLI_OK;
    cli_catch_interrupts();
    signal(SIGTERM, on_terminate);
    cli_progress_begin(&progress, request);
    struct xo_study_options options = cli_study_options(request, scenario, &progress);
    options.n_threads = request->n_threads > 0 ? request->n_threads : 1;
    if (rank > 0)
        options.progress = NULL;
    if (scenario != NULL) {
        const struct xo_sweep_settings settings = xo_sweep_settings_of(scenario);
        if (!xo_sweep_new(&sweep, scenario, &settings, &options, &err)) {
            sweep = NULL;
            status = rank == 0 ? cli_failed(request, &err) : CLI_BAD;
        }
    }
    if (!all_agree(request, sweep, rank, n_ranks))
        status = status != CLI_OK ? status : CLI_BAD;
    else if (rank == 0)
        status = manage(request, scenario, sweep, &options, &progress, n_ranks);
    else
        work(sweep);
    cli_progress_end(&progress);
    xo_sweep_free(sweep);
    xo_scenario_free(scenario);
    return status;
}

static int start(const struct cli_request *request, int rank, int n_ranks)
{
    if (request->show_version || request->show_help || request->verb == NULL) {
        if (rank == 0 && request->show_version)
            cli_print_version(stdout);
        else if (rank == 0)
            printf("Run `crossover sweep` on the ranks of an MPI run.\n\n"
                   "  mpirun -n 64 crossover-mpi sweep my.ini --out big --resume\n\n"
                   "The options are those of crossover sweep --help; --threads are those of one "
                   "rank, 1\nunless given. Rank 0 hands out the work and writes the files, the "
                   "same to the byte\nas those of one process.\n");
        return CLI_OK;
    }
    if (request->verb->bit != CLI_SWEEP || strcmp(request->operands[0], "-") == 0) {
        if (rank == 0)
            cli_tell(request, CLI_ERROR, "crossover-mpi runs sweep, on a scenario file");
        return CLI_BAD;
    }
    return run(request, rank, n_ranks);
}

int main(int argc, char *argv[])
{
    struct cli_request request = { 0 };
    struct xo_error err = { 0 };
    int provided = 0, rank = 0, n_ranks = 1, status;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    gsl_set_error_handler_off();
    if (cli_parse(&request, argc, argv, &err)) {
        status = start(&request, rank, n_ranks);
    } else {
        status = CLI_BAD;
        if (rank == 0)
            cli_tell(&request, CLI_ERROR, "%s", err.text);
    }
    cli_request_fini(&request);
    MPI_Finalize();
    return rank == 0 ? status : CLI_OK;
}
