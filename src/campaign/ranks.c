/* ranks.c - the ranks of an MPI run as the crew of a campaign or a curve; see ranks.h.
 *
 * Rank 0 sends an order and gets a result, each a head of four numbers and a body; the others work
 * until they are told to stop. Of a campaign it hands out simulations and ranges of items as ranks
 * ask for them and puts what comes back in order. The base case of one with few build options it
 * runs itself and hands out its jobs (struct xo_crew), as it does those of a curve, and pieces of
 * the lines of files. Whatever is handed out is a function of its number alone, so the bytes are
 * those of one process. While no result waits, rank 0 works at items itself, and of few ranks at
 * simulations.
 *
 * Ranks wait in naps, not in MPI, which would burn a core (wait_for). Begin with
 * campaign_rank_work, next_result and run_tasks.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ranks.h"

#include "xo/clock.h"

#include <limits.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ORDER_TAG = 1, RESULT_TAG, BODY_TAG };
enum order { DO_JOB, DO_TASK, DO_ITEMS, DO_PUT, DO_LINES, DO_STOP };
enum { ORDER_FIELDS = 4, RANGES_A_RANK = 16, MOST_ITEMS_A_RANGE = 16384 };

/* A round of base cases with fewer options than this is run by rank 0, its replications handed out:
 * four of them are in hand at a time. With more, each option goes to a rank of its own. */
enum { OPTIONS_APART = 4 };

/* While rank 0 is at work itself, results wait for about so long at most. */
static const double SLICE_S = 0.005;

/* Where there are so few ranks, rank 0 simulates too: others may wait for it as long as one takes.
 */
enum { FEW_RANKS = 4 };

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

static size_t item_size(const struct xo_campaign_work *of)
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

/* A job of a study, or one of lines of its files. */
static void work_on_job(const struct campaign_duty *duty, int64_t what, int64_t number, size_t n)
{
    struct xo_bytes result = { 0 };
    struct xo_error err = { 0 };
    unsigned char *job = malloc(n + 1);
    if (job == NULL)
        MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    MPI_Recv(job, (int)n, MPI_BYTE, 0, BODY_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    const bool done = what == DO_LINES
                          ? duty->lines(duty->work->study, job, n, &result, &err)
                          : xo_study_job_run(duty->scenario, duty->options, job, n, &result, &err);
    if (!done && err.kind == XO_OK)
        err.kind = XO_ERR_NUMERIC;
    answer(number, 0, result.at, result.n, &err);
    free(result.at);
    free(job);
}

static void work_on_task(const struct xo_campaign_work *of, int task)
{
    struct xo_bytes bytes = { 0 };
    struct xo_error err = { 0 };
    if (!xo_worlds_task_run(of->worlds, task, &bytes, &err) && err.kind == XO_OK)
        err.kind = XO_ERR_NUMERIC;
    answer(task, 0, bytes.at, bytes.n, &err);
    free(bytes.at);
}

static void work_on_items(const struct xo_campaign_work *of, int64_t from, int64_t to)
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
static bool take_round(const struct xo_campaign_work *of, int n, int64_t n_bytes,
                       struct xo_error *err)
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
        ok = xo_campaign_put(of, results, n, err);
    } else {
        xo_fail(err, XO_ERR_MEMORY, "out of memory for simulations");
    }
    free(length);
    free(bytes);
    free(results);
    return ok;
}

bool campaign_rank_work(const struct campaign_duty *duty, struct xo_error *err)
{
    MPI_Status status;
    message order;
    for (;;) {
        wait_for(0, ORDER_TAG, &status, NULL);
        MPI_Recv(order, ORDER_FIELDS, MPI_INT64_T, 0, ORDER_TAG, MPI_COMM_WORLD, &status);
        if (order[0] == DO_STOP)
            return true;
        if (order[0] == DO_JOB || order[0] == DO_LINES)
            work_on_job(duty, order[0], order[1], (size_t)order[3]);
        else if (order[0] == DO_TASK)
            work_on_task(duty->work, (int)order[1]);
        else if (order[0] == DO_ITEMS)
            work_on_items(duty->work, order[1], order[2]);
        else if (!take_round(duty->work, (int)order[1], order[3], err))
            return false;
    }
}

/* ---- rank 0 ---- */

static void send_order(int rank, enum order what, int64_t a, int64_t b, int64_t n)
{
    const message order = { what, a, b, n };
    MPI_Send(order, ORDER_FIELDS, MPI_INT64_T, rank, ORDER_TAG, MPI_COMM_WORLD);
}

static void send_work(struct campaign_ranks *m, int rank, enum order what, int64_t a, int64_t b)
{
    send_order(rank, what, a, b, 0);
    m->n_busy++;
}

static bool is_result_there(void)
{
    int there = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, RESULT_TAG, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
    return there != 0;
}

static bool is_stopped(const struct campaign_ranks *m)
{
    return m->options->stop != NULL && *m->options->stop != 0;
}

/* The next result of any rank: its head, and its body, which the caller frees. */
static bool next_result(const volatile int *stop, struct campaign_ranks *m, int *rank, message head,
                        unsigned char **body, struct xo_error *err)
{
    MPI_Status status;
    if (!wait_for(MPI_ANY_SOURCE, RESULT_TAG, &status, stop))
        return xo_fail(err, XO_ERR_STOPPED, "interrupted");
    *rank = status.MPI_SOURCE;
    MPI_Recv(head, ORDER_FIELDS, MPI_INT64_T, *rank, RESULT_TAG, MPI_COMM_WORLD, &status);
    *body = malloc((size_t)head[2] + 1);
    if (*body == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for the results of rank %d", *rank);
    MPI_Recv(*body, (int)head[2], MPI_BYTE, *rank, BODY_TAG, MPI_COMM_WORLD, &status);
    m->n_busy--; /* not before: where it cannot be taken, its sender would wait for ever */
    if (head[3] == XO_OK)
        return true;
    (*body)[head[2]] = '\0';
    xo_fail(err, (enum xo_error_kind)head[3], "rank %d: %s", *rank, (const char *)*body);
    free(*body);
    return false;
}

/* Its bytes are taken when the rank gets to them: they stay, and *sent is waited for, until its
 * result is back. MPI_Send would burn a core until then. */
static void send_job(struct campaign_ranks *m, int rank, enum order what, int i,
                     const struct xo_bytes *job, MPI_Request *sent)
{
    send_order(rank, what, i, 0, (int64_t)job->n);
    MPI_Isend(job->at, (int)job->n, MPI_BYTE, rank, BODY_TAG, MPI_COMM_WORLD, sent);
    m->n_busy++;
}

static bool spread_jobs(struct campaign_ranks *m, enum order what, const struct xo_bytes jobs[],
                        struct xo_bytes results[], int n, const volatile int *stop,
                        struct xo_error *err)
{
    MPI_Request *sent = malloc((size_t)m->n_ranks * sizeof *sent);
    bool ok = sent != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for jobs");
    int next = 0;
    for (int rank = 1; ok && rank < m->n_ranks && next < n; rank++, next++)
        send_job(m, rank, what, next, &jobs[next], &sent[rank]);
    for (int done = 0; ok && done < n; done++) {
        message head;
        unsigned char *body = NULL;
        int rank;
        ok = next_result(stop, m, &rank, head, &body, err);
        if (!ok)
            break;
        MPI_Wait(&sent[rank], MPI_STATUS_IGNORE);
        results[head[0]] = (struct xo_bytes){ body, (size_t)head[2] };
        if (next < n) {
            send_job(m, rank, what, next, &jobs[next], &sent[rank]);
            next++;
        }
    }
    free(sent);
    return ok;
}

static bool run_jobs(void *self, const struct xo_bytes jobs[], struct xo_bytes results[], int n,
                     struct xo_error *err)
{
    struct campaign_ranks *m = self;
    return spread_jobs(m, DO_JOB, jobs, results, n, m->options->stop, err);
}

/* Files that are begun are written whole, whatever Ctrl-C says. */
static bool run_lines(void *self, const struct xo_bytes jobs[], struct xo_bytes results[], int n,
                      struct xo_error *err)
{
    return spread_jobs(self, DO_LINES, jobs, results, n, NULL, err);
}

static bool run_task_here(const struct xo_campaign_work *of, int task, xo_campaign_take_task *take,
                          void *taker, struct xo_error *err)
{
    struct xo_bytes bytes = { 0 };
    return xo_worlds_task_run(of->worlds, task, &bytes, err) && take(taker, task, &bytes, err);
}

/* Base cases run on rank 0, whose options have a crew. */
static bool run_base_cases(const struct xo_campaign_work *of, const int wanted[], int n,
                           xo_campaign_take_task *take, void *taker, struct xo_error *err)
{
    for (int i = 0; i < n; i++)
        if (!run_task_here(of, wanted[i], take, taker, err))
            return false;
    return true;
}

static bool receive_task(struct campaign_ranks *m, int *rank, xo_campaign_take_task *take,
                         void *taker, struct xo_error *err)
{
    message head;
    struct xo_bytes bytes = { 0 };
    if (!next_result(m->options->stop, m, rank, head, &bytes.at, err))
        return false;
    bytes.n = (size_t)head[2];
    return take(taker, (int)head[0], &bytes, err);
}

static bool run_tasks(void *self, const struct xo_campaign_work *of, const int wanted[], int n,
                      xo_campaign_take_task *take, void *taker, struct xo_error *err)
{
    struct campaign_ranks *m = self;
    const bool is_base = xo_worlds_round(of->worlds) == 0;
    int next = 0;
    if (is_base && n < OPTIONS_APART)
        return run_base_cases(of, wanted, n, take, taker, err);
    for (int rank = 1; rank < m->n_ranks && next < n; rank++)
        send_work(m, rank, DO_TASK, wanted[next++], 0);
    for (int done = 0; done < n; done++) {
        int rank;
        if (!is_base && m->n_ranks <= FEW_RANKS && next < n && !is_stopped(m) &&
            !is_result_there()) {
            if (!run_task_here(of, wanted[next++], take, taker, err))
                return false;
            continue;
        }
        if (!receive_task(m, &rank, take, taker, err))
            return false;
        if (next < n)
            send_work(m, rank, DO_TASK, wanted[next++], 0);
    }
    return true;
}

/* Nobody is at work when a round ends, so that all ranks can be told in one broadcast. */
static bool put(void *self, const struct xo_campaign_work *of, const struct xo_bytes results[],
                int n, struct xo_error *err)
{
    struct campaign_ranks *m = self;
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
    return ok ? xo_campaign_put(of, results, n, err)
              : xo_fail(err, XO_ERR_MEMORY, "out of memory for simulations");
}

/* Ranges of one call: handed out in order, back in any, given on in order. While no result waits,
 * rank 0 works at a range of its own, a slice at a time, so that nobody waits for it for long. */
struct ranges {
    int64_t from, to, size;
    int n, given, back, taken;
    unsigned char **body; /* [n] owned; NULL: not back yet */

    int own;                  /* of rank 0; n: it has none */
    unsigned char *own_items; /* owned; NULL while it has none */
    int64_t own_next, slice;  /* its next item; how many at a time */
};

static int64_t range_begin(const struct ranges *r, int i)
{
    const int64_t begin = r->from + i * r->size;
    return begin < r->to ? begin : r->to;
}

static void give_range(struct campaign_ranks *m, struct ranges *r, int rank)
{
    if (r->given == r->n)
        return;
    send_work(m, rank, DO_ITEMS, range_begin(r, r->given), range_begin(r, r->given + 1));
    r->given++;
}

static void put_back(struct ranges *r, int range, unsigned char *items)
{
    r->body[range] = items;
    r->back++;
}

/* Whether rank 0 has a range to work at, which it takes where any is left. */
static bool has_own(struct ranges *r, size_t bytes_an_item)
{
    if (r->own_items == NULL && r->given < r->n)
        r->own_items = malloc((size_t)r->size * bytes_an_item); /* NULL: the others do it */
    if (r->own_items != NULL && r->own == r->n) {
        r->own = r->given++;
        r->own_next = range_begin(r, r->own);
    }
    return r->own < r->n;
}

static bool run_slice(const struct xo_campaign_work *of, struct ranges *r, struct xo_error *err)
{
    const int64_t begin = range_begin(r, r->own), end = range_begin(r, r->own + 1),
                  to = r->own_next + r->slice < end ? r->own_next + r->slice : end;
    const double began_s = xo_now_s();
    if (!of->kind->run_range(of->study, r->own_next, to,
                             r->own_items + (size_t)(r->own_next - begin) * item_size(of), err))
        return false;
    const double took_s = xo_now_s() - began_s;
    if (took_s < SLICE_S / 2 && r->slice < r->size)
        r->slice *= 2;
    else if (took_s > 2 * SLICE_S)
        r->slice = (r->slice + 1) / 2;
    r->own_next = to;
    if (to < end)
        return true;
    put_back(r, r->own, r->own_items);
    r->own_items = NULL;
    r->own = r->n;
    return true;
}

static bool receive_range(struct campaign_ranks *m, struct ranges *r, struct xo_error *err)
{
    message head;
    unsigned char *body = NULL;
    int rank;
    if (!next_result(m->options->stop, m, &rank, head, &body, err))
        return false;
    put_back(r, (int)((head[0] - r->from) / r->size), body);
    give_range(m, r, rank);
    return true;
}

static bool collect(struct campaign_ranks *m, const struct xo_campaign_work *of, struct ranges *r,
                    xo_campaign_take_items *take, void *taker, struct xo_error *err)
{
    for (int rank = 1; rank < m->n_ranks; rank++)
        give_range(m, r, rank);
    while (r->back < r->n) {
        const bool idle = !is_stopped(m) && !is_result_there() && has_own(r, item_size(of));
        if (!(idle ? run_slice(of, r, err) : receive_range(m, r, err)))
            return false;
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

static bool run_items(void *self, const struct xo_campaign_work *of, int64_t from, int64_t to,
                      xo_campaign_take_items *take, void *taker, struct xo_error *err)
{
    struct campaign_ranks *m = self;
    const int64_t pieces = (int64_t)m->n_ranks * RANGES_A_RANK;
    struct ranges r = { .from = from, .to = to, .size = 1 + (to - from - 1) / pieces, .slice = 1 };
    if (r.size > MOST_ITEMS_A_RANGE)
        r.size = MOST_ITEMS_A_RANGE;
    r.own = r.n = (int)((to - from + r.size - 1) / r.size);
    r.body = calloc((size_t)r.n + 1, sizeof *r.body);
    if (r.body == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for %s", of->kind->items);
    const bool ok = collect(m, of, &r, take, taker, err);
    for (int i = 0; i < r.n; i++)
        free(r.body[i]);
    free(r.body);
    free(r.own_items);
    return ok;
}

struct xo_campaign_crew campaign_ranks_crew(struct campaign_ranks *ranks)
{
    return (struct xo_campaign_crew){
        .self = ranks, .tasks = run_tasks, .put = put, .items = run_items
    };
}

struct xo_crew campaign_ranks_jobs(struct campaign_ranks *ranks)
{
    return (struct xo_crew){ ranks, run_jobs };
}

struct xo_crew campaign_ranks_lines(struct campaign_ranks *ranks)
{
    return (struct xo_crew){ ranks, run_lines };
}

void campaign_ranks_stop(struct campaign_ranks *ranks, int status)
{
    if (ranks->n_busy > 0)
        MPI_Abort(MPI_COMM_WORLD, status); /* nobody is going to take what they send */
    for (int rank = 1; rank < ranks->n_ranks; rank++)
        send_order(rank, DO_STOP, 0, 0, 0);
}

/* ---- all of them ---- */

bool campaign_ranks_agree(uint64_t mine, int n_ranks, int *other)
{
    uint64_t *all = calloc((size_t)n_ranks, sizeof *all);
    *other = -1;
    if (all == NULL)
        return false;
    MPI_Allgather(&mine, 1, MPI_UINT64_T, all, 1, MPI_UINT64_T, MPI_COMM_WORLD);
    for (int i = 0; *other < 0 && i < n_ranks; i++)
        if (all[i] != all[0])
            *other = i;
    free(all);
    return *other < 0;
}
