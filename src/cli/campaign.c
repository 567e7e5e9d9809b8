/* campaign.c - a sweep or map of the command line, from argv to the exit status; see campaign.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "campaign.h"

#include <inttypes.h>
#include <malloc.h>

static struct xo_campaign_settings settings_of(const struct cli_request *request)
{
    return (struct xo_campaign_settings){ .folder = cli_folder(request),
                                          .command = request->command,
                                          .shard = request->shard,
                                          .n_shards = request->n_shards,
                                          .resume = request->resume,
                                          .force = request->force,
                                          .join = request->join,
                                          .tell = cli_note,
                                          .tell_self = request };
}

static int deliver(const struct cli_study *study, const struct xo_study_options *options,
                   struct xo_campaign *campaign, const struct xo_folder_lock *lock)
{
    struct xo_output output = { .folder = cli_folder(study->request),
                                .command = xo_campaign_state(campaign).command,
                                .plots = !study->request->no_plots,
                                .stop = &cli_stop,
                                .n_threads = options->n_threads > 0 ? options->n_threads
                                                                    : xo_usual_threads(),
                                .lines = study->lines,
                                .lock = lock };
    bool written = false;
    const int status = study->ending->deliver(study->self, &output, &written);
    if (written)
        xo_campaign_done(campaign);
    return status == CLI_OK && cli_stop != 0 ? CLI_INTERRUPTED : status;
}

static int end_of_shard(const struct cli_study *study, const struct xo_campaign *campaign)
{
    const struct cli_request *request = study->request;
    cli_tell(request, CLI_NOTE,
             "Shard %d of %d is finished: %s. When all are: crossover %s %s --join --out %s",
             request->shard, request->n_shards, xo_campaign_state(campaign).journal,
             study->work.kind->name, request->operands[0], cli_folder(request));
    return CLI_OK;
}

/* Why it ended early, and how to go on. What is finished is in the file by now, and it is said
 * before the disk is waited for: who ended us may not wait. */
static int end_early(const struct cli_study *study, struct xo_campaign *campaign, const char *why,
                     const struct xo_error *err)
{
    const struct xo_campaign_state at = xo_campaign_state(campaign);
    const bool stopped = err->kind == XO_ERR_STOPPED;
    struct xo_error late = { 0 };
    int status = stopped ? CLI_INTERRUPTED : CLI_FAILED;
    if (at.journal != NULL && (stopped || err->kind != XO_ERR_INPUT))
        cli_tell(study->request, CLI_ERROR,
                 "%s%s %" PRId64 " of %" PRId64 " %s and %d simulations are finished and kept in "
                 "%s; the same command with --resume goes on",
                 stopped ? why : err->text, stopped ? ":" : ";", at.n_finished, at.n_items,
                 study->work.kind->items, at.n_simulations, at.journal);
    else if (stopped)
        cli_tell(study->request, CLI_ERROR, "%s before anything was finished", why);
    else
        status = cli_failed(study->request, err);
    if (!xo_campaign_close(campaign, &late))
        cli_tell(study->request, CLI_ERROR, "%s", late.text);
    return status;
}

/* Shards of one study are written at the same time. */
static bool run(const struct cli_study *study, struct xo_campaign *campaign,
                const struct xo_campaign_crew *crew, struct xo_folder_lock *lock,
                struct xo_error *err)
{
    const bool is_shard = study->request->n_shards > 0;
    int64_t n = 0;
    if (!cli_folder_open(study->request, study->work.scenario, cli_folder(study->request),
                         is_shard ? XO_FOLDER_SHARED : XO_FOLDER_ALONE, lock, err) ||
        !xo_campaign_run(campaign, crew, err))
        return false;
    const double *items = xo_campaign_items(campaign, &n);
    return is_shard || study->ending->finish(study->self, items, n, err);
}

int cli_campaign(const struct cli_study *study, const struct xo_study_options *options,
                 struct cli_progress *progress, const struct xo_campaign_crew *crew,
                 const char *(*ended_by)(void))
{
    const struct xo_campaign_settings settings = settings_of(study->request);
    const bool is_shard = settings.n_shards > 0;
    struct xo_campaign *campaign = NULL;
    struct xo_folder_lock lock = { .fd = -1 };
    struct xo_error err = { 0 };
    if (!xo_campaign_new(&campaign, &study->work, &settings, options, &err)) {
        cli_progress_end(progress);
        return cli_failed(study->request, &err);
    }
    const bool ok = run(study, campaign, crew, &lock, &err);
    cli_progress_end(progress);
    int status = !ok        ? end_early(study, campaign, ended_by(), &err)
                 : is_shard ? end_of_shard(study, campaign)
                            : deliver(study, options, campaign, &lock);
    if (ok && !xo_campaign_close(campaign, &err) && is_shard)
        status = cli_failed(study->request, &err);
    xo_folder_unlock(&lock);
    xo_campaign_free(campaign);
    return status;
}

/* ---- in this process ---- */

/* A sample asks for the same few hundred kilobytes as the one before it. Given back to the kernel
 * each time, as glibc does from 128 kB on, their pages took half of the time, and the more the
 * more threads had to hear of it. */
void cli_keep_freed_memory(void)
{
#ifdef M_TRIM_THRESHOLD /* glibc's; others keep what they like */
    enum { KEPT_BYTES = 16 << 20, LARGE_BYTES = 4 << 20 };
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
#endif
}

static const char *interrupted(void)
{
    return "interrupted";
}

void cli_study_free(struct cli_study *study)
{
    if (study->ending != NULL)
        study->ending->free(study->self);
    *study = (struct cli_study){ 0 };
}

int cli_campaign_here(const struct cli_request *request, cli_study_fn *make)
{
    int status;
    struct xo_scenario *scenario = cli_read_scenario(request, &status);
    if (scenario == NULL)
        return status;
    struct cli_progress progress;
    struct cli_study study = { 0 };
    cli_keep_freed_memory();
    cli_catch_interrupts();
    cli_progress_begin(&progress, request);
    const struct xo_study_options options = cli_study_options(request, scenario, &progress);
    status = make(&study, request, scenario, &options);
    if (status == CLI_OK)
        status = cli_campaign(&study, &options, &progress, NULL, interrupted);
    cli_progress_end(&progress);
    cli_study_free(&study);
    xo_scenario_free(scenario);
    return status;
}
