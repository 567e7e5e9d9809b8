/* crew.c - the threads of this process as the crew of a campaign.
 *
 * Items are handed over in chunks of about a second's third, so that Ctrl-C, the progress bar and
 * the journal never wait for long; what is in a chunk changes no item.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "crew.h"

#include "xo/clock.h"

#include <stdlib.h>

static const double CHUNK_S = 0.3;
enum { FIRST_CHUNK = 256, MOST_ITEMS = 65536 };

/* One task at a time where a task has threads of its own, else one on each thread. */
static bool run_tasks(void *self, const struct xo_campaign_work *work, const int wanted[], int n,
                      xo_campaign_take_task *take, void *taker, struct xo_error *err)
{
    const struct campaign_threads *local = self;
    const int all = local->options->n_threads > 0 ? local->options->n_threads : xo_usual_threads();
    const int n_threads = xo_worlds_round(work->worlds) == 0 ? 1 : all;
    bool ok = true;
#pragma omp parallel for num_threads(n_threads) schedule(dynamic, 1)
    for (int i = 0; i < n; i++) {
        struct xo_bytes bytes = { 0 };
        struct xo_error problem = { 0 };
        bool going;
#pragma omp critical(xo_campaign_crew)
        going = ok;
        if (!going)
            continue;
        const bool done = xo_worlds_task_run(work->worlds, wanted[i], &bytes, &problem);
#pragma omp critical(xo_campaign_crew)
        {
            if (done && !take(taker, wanted[i], &bytes, ok ? err : NULL))
                ok = false;
            else if (!done && ok)
                ok = xo_fail(err, problem.kind, "%s", problem.text);
        }
    }
    return ok;
}

bool xo_campaign_put(const struct xo_campaign_work *work, const struct xo_bytes results[], int n,
                     struct xo_error *err)
{
    for (int i = 0; i < n; i++)
        if (!xo_worlds_task_put(work->worlds, i, results[i].at, results[i].n, err))
            return false;
    return true;
}

static bool put(void *self, const struct xo_campaign_work *work, const struct xo_bytes results[],
                int n, struct xo_error *err)
{
    (void)self;
    return xo_campaign_put(work, results, n, err);
}

static bool run_items(void *self, const struct xo_campaign_work *work, int64_t from, int64_t to,
                      xo_campaign_take_items *take, void *taker, struct xo_error *err)
{
    const struct campaign_threads *local = self;
    const int64_t most = to - from < MOST_ITEMS ? to - from : MOST_ITEMS;
    const size_t size = (size_t)work->kind->n_fields * sizeof(double);
    void *items = malloc((size_t)(most > 0 ? most : 1) * size);
    int64_t chunk = FIRST_CHUNK;
    bool ok =
        items != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for %s", work->kind->items);
    while (ok && from < to) {
        if (local->options->stop != NULL && *local->options->stop != 0) {
            ok = xo_fail(err, XO_ERR_STOPPED, "interrupted");
            break;
        }
        chunk = chunk < most ? chunk : most;
        const int64_t end = from + chunk < to ? from + chunk : to;
        const double began_s = xo_now_s();
        ok = work->kind->run_range(work->study, from, end, items, err) &&
             take(taker, from, end, items, err);
        const double took_s = xo_now_s() - began_s;
        chunk = took_s < 0.5 * CHUNK_S ? 2 * chunk : took_s > 2 * CHUNK_S ? (chunk + 1) / 2 : chunk;
        from = end;
    }
    free(items);
    return ok;
}

struct xo_campaign_crew campaign_threads_crew(struct campaign_threads *local)
{
    return (struct xo_campaign_crew){
        .self = local, .tasks = run_tasks, .put = put, .items = run_items
    };
}
