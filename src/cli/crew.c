/* crew.c - the threads of this process as the crew of a sweep.
 *
 * Samples are handed over in chunks of about a second's third, so that Ctrl-C, the progress bar and
 * the journal never wait for long; what is in a chunk changes no sample.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "campaign.h"

#include <omp.h>
#include <stdlib.h>
#include <time.h>

static const double CHUNK_S = 0.3;
enum { FIRST_CHUNK = 256, MOST_ROWS = 65536 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* One task at a time where a task has threads of its own, else one on each thread. */
static bool run_tasks(void *self, const struct xo_sweep *sweep, const int wanted[], int n,
                      cli_take_task *take, void *taker, struct xo_error *err)
{
    const struct cli_local *local = self;
    const int all =
        local->options->n_threads > 0 ? local->options->n_threads : omp_get_max_threads();
    const int n_threads = xo_sweep_round(sweep) == 0 ? 1 : all;
    bool ok = true;
#pragma omp parallel for num_threads(n_threads) schedule(dynamic, 1)
    for (int i = 0; i < n; i++) {
        struct xo_bytes bytes = { 0 };
        struct xo_error problem = { 0 };
        bool going;
#pragma omp critical(cli_crew)
        going = ok;
        if (!going)
            continue;
        const bool done = xo_sweep_task_run(sweep, wanted[i], &bytes, &problem);
#pragma omp critical(cli_crew)
        {
            if (done && !take(taker, wanted[i], &bytes, ok ? err : NULL))
                ok = false;
            else if (!done && ok)
                ok = xo_fail(err, problem.kind, "%s", problem.text);
        }
    }
    return ok;
}

static bool put(void *self, struct xo_sweep *sweep, int task, const struct xo_bytes *bytes,
                struct xo_error *err)
{
    (void)self;
    return xo_sweep_task_put(sweep, task, bytes->at, bytes->n, err);
}

static bool run_rows(void *self, const struct xo_sweep *sweep, int64_t from, int64_t to,
                     cli_take_rows *take, void *taker, struct xo_error *err)
{
    const struct cli_local *local = self;
    const int64_t most = to - from < MOST_ROWS ? to - from : MOST_ROWS;
    struct xo_sweep_row *rows = malloc((size_t)(most > 0 ? most : 1) * sizeof *rows);
    int64_t chunk = FIRST_CHUNK;
    bool ok = rows != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for samples");
    while (ok && from < to) {
        if (local->options->stop != NULL && *local->options->stop != 0) {
            ok = xo_fail(err, XO_ERR_STOPPED, "interrupted");
            break;
        }
        chunk = chunk < most ? chunk : most;
        const int64_t end = from + chunk < to ? from + chunk : to;
        const double began_s = now_s();
        ok = xo_sweep_run_range(sweep, from, end, rows, err) && take(taker, from, end, rows, err);
        const double took_s = now_s() - began_s;
        chunk = took_s < 0.5 * CHUNK_S ? 2 * chunk : took_s > 2 * CHUNK_S ? (chunk + 1) / 2 : chunk;
        from = end;
    }
    free(rows);
    return ok;
}

struct cli_crew cli_local_crew(struct cli_local *local)
{
    return (struct cli_crew){ .self = local, .tasks = run_tasks, .put = put, .rows = run_rows };
}
