/* campaign.c - a sweep from its scenario to its files; see campaign.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "campaign.h"

#include "xo/journal.h"
#include "xo/text.h"
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_FIELDS = XO_SWEEP_ROW_FIELDS };
_Static_assert(sizeof(struct xo_sweep_row) == N_FIELDS * sizeof(double), "a row is its fields");

/* The result of a task, kept until its round is complete. */
struct kept {
    int round, task;
    struct xo_bytes bytes; /* owned */
};

struct campaign {
    const struct cli_request *request;
    const struct xo_scenario *scenario;
    struct xo_sweep *sweep;
    const struct xo_study_options *options;
    const struct cli_crew *crew;
    const char *folder;
    char path[4096];  /* of the journal */
    int64_t from, to; /* the part that is ours */

    struct xo_journal *journal; /* NULL in a joining */
    struct kept *kept;          /* [n_kept] owned */
    int n_kept;
    struct xo_sweep_row *rows; /* [to - from] owned */
    int64_t next;              /* the first that is not finished */
};

static const char *folder_of(const struct cli_request *request)
{
    return request->out != NULL ? request->out : "out";
}

/* ---- what the journal gives back ---- */

static bool keep(struct campaign *c, int round, int task, struct xo_bytes bytes,
                 struct xo_error *err)
{
    struct kept *more = realloc(c->kept, (size_t)(c->n_kept + 1) * sizeof *more);
    if (more == NULL) {
        free(bytes.at);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for simulations");
    }
    c->kept = more;
    c->kept[c->n_kept++] = (struct kept){ round, task, bytes };
    return true;
}

static struct kept *find_kept(const struct campaign *c, int round, int task)
{
    for (int i = 0; i < c->n_kept; i++)
        if (c->kept[i].round == round && c->kept[i].task == task)
            return &c->kept[i];
    return NULL;
}

static bool read_task(void *self, int round, int task, const unsigned char *bytes, size_t n,
                      struct xo_error *err)
{
    struct campaign *c = self;
    if (find_kept(c, round, task) != NULL)
        return true; /* another shard's */
    struct xo_bytes copy = { .at = malloc(n > 0 ? n : 1), .n = n };
    if (copy.at == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for simulations");
    memcpy(copy.at, bytes, n);
    return keep(c, round, task, copy, err);
}

static bool read_sample(void *self, int64_t index, const double fields[], struct xo_error *err)
{
    struct campaign *c = self;
    (void)err;
    if (index >= c->from && index < c->to)
        memcpy(&c->rows[index - c->from], fields, sizeof *c->rows);
    return true;
}

static struct xo_journal_head head_of(const struct campaign *c)
{
    return (struct xo_journal_head){ .study = "sweep",
                                     .command = c->request->command,
                                     .scenario = c->scenario,
                                     .hash = xo_sweep_hash(c->sweep),
                                     .from = c->from,
                                     .to = c->to,
                                     .n_samples = xo_sweep_n_rows(c->sweep),
                                     .n_fields = N_FIELDS };
}

/* Begin or go on. */
static bool open_journal(struct campaign *c, struct xo_error *err)
{
    const struct cli_request *request = c->request;
    const struct xo_journal_head head = head_of(c);
    const struct xo_journal_reader reader = { c, read_task, read_sample };
    const bool there = access(c->path, F_OK) == 0;
    c->next = c->from;
    if (!xo_folder_make(c->folder, err))
        return false;
    if (there && request->resume)
        return xo_journal_resume(&c->journal, c->path, &head, &reader, &c->next, err);
    if (there && !request->force)
        return xo_fail(err, XO_ERR_INPUT,
                       "%.200s holds an unfinished sweep: --resume goes on with it, --force begins "
                       "anew, --out names another folder",
                       c->path);
    return xo_journal_create(&c->journal, c->path, &head, err);
}

/* ---- shards ---- */

static void shard_path(char path[4096], const char *folder, int shard, int n_shards)
{
    snprintf(path, 4096, "%.4000s/shard-%d-of-%d.journal", folder, shard, n_shards);
}

/* Of how many the shards in the folder are parts: the largest number met; 0: there are none. */
static int count_shards(const char *folder)
{
    DIR *dir = opendir(folder);
    int n_shards = 0;
    for (const struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        int shard = 0, n = 0, end = 0;
        if (sscanf(e->d_name, "shard-%d-of-%d.journal%n", &shard, &n, &end) == 2 && end > 0 &&
            e->d_name[end] == '\0' && n > n_shards)
            n_shards = n;
    }
    if (dir != NULL)
        closedir(dir);
    return n_shards;
}

/* Base points are dealt out, so that no design is torn. */
static int64_t shard_begin(const struct xo_sweep *sweep, int shard, int n_shards)
{
    const int64_t per_base = xo_sweep_rows_per_base(sweep);
    const int64_t n_base = xo_sweep_n_rows(sweep) / per_base;
    return n_base / n_shards * shard * per_base + (n_base % n_shards * shard / n_shards) * per_base;
}

static bool read_shards(struct campaign *c, struct xo_error *err)
{
    const struct xo_journal_reader reader = { c, read_task, read_sample };
    const int n_shards = count_shards(c->folder);
    char path[4096];
    if (n_shards == 0)
        return xo_fail(err, XO_ERR_INPUT, "there are no shards in %.200s: run --shard 1/N to N/N",
                       c->folder);
    for (int i = 1; i <= n_shards; i++) {
        struct xo_journal_head head = head_of(c);
        int64_t next = 0;
        shard_path(path, c->folder, i, n_shards);
        if (access(path, F_OK) != 0)
            return xo_fail(err, XO_ERR_INPUT, "%.200s is missing: run --shard %d/%d", path, i,
                           n_shards);
        if (!xo_journal_read(path, &head, &reader, &next, err))
            return false;
        if (next < head.to || head.from != shard_begin(c->sweep, i - 1, n_shards) ||
            head.to != shard_begin(c->sweep, i, n_shards))
            return xo_fail(err, XO_ERR_INPUT,
                           "%.200s has %" PRId64 " of %" PRId64 " samples: run --shard %d/%d "
                           "--resume first",
                           path, next - head.from, head.to - head.from, i, n_shards);
    }
    c->next = c->to;
    return true;
}

/* ---- the work ---- */

static void show_progress(const struct campaign *c, double frac, const char *what)
{
    if (c->options->progress != NULL)
        c->options->progress(c->options->progress_self, frac, what);
}

static bool take_task(void *self, int task, struct xo_bytes *bytes, struct xo_error *err)
{
    struct campaign *c = self;
    const int round = xo_sweep_round(c->sweep);
    if (c->journal != NULL && !xo_journal_task(c->journal, round, task, bytes->at, bytes->n, err)) {
        free(bytes->at);
        return false;
    }
    return keep(c, round, task, *bytes, err);
}

/* One round: what the journal lacks is simulated, then all of it is put in order. */
static bool run_round(struct campaign *c, struct xo_error *err)
{
    const int n = xo_sweep_n_tasks(c->sweep), round = xo_sweep_round(c->sweep);
    int *wanted = malloc((size_t)n * sizeof *wanted);
    int n_wanted = 0;
    if (wanted == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for simulations");
    for (int i = 0; i < n; i++)
        if (find_kept(c, round, i) == NULL)
            wanted[n_wanted++] = i;
    bool ok = n_wanted == 0 ||
              c->crew->tasks(c->crew->self, c->sweep, wanted, n_wanted, take_task, c, err);
    free(wanted);
    for (int i = 0; ok && i < n; i++)
        ok = c->crew->put(c->crew->self, c->sweep, i, &find_kept(c, round, i)->bytes, err);
    return ok;
}

static bool take_rows(void *self, int64_t from, int64_t to, const struct xo_sweep_row rows[],
                      struct xo_error *err)
{
    struct campaign *c = self;
    double fields[N_FIELDS * 64];
    memcpy(&c->rows[from - c->from], rows, (size_t)(to - from) * sizeof *rows);
    for (int64_t i = from; i < to; i += 64) {
        const int64_t end = i + 64 < to ? i + 64 : to;
        memcpy(fields, &c->rows[i - c->from], (size_t)(end - i) * sizeof *rows);
        if (!xo_journal_samples(c->journal, i, end, fields, err))
            return false;
    }
    c->next = to;
    show_progress(c, (double)(to - c->from) / (double)(c->to - c->from), "samples");
    return true;
}

/* All samples of our part; of a whole sweep only as many as its precision asks for. *n_rows is how
 * many count. */
static bool run_rows(struct campaign *c, int64_t *n_rows, struct xo_error *err)
{
    const bool whole = c->from == 0 && c->to == xo_sweep_n_rows(c->sweep);
    int64_t looked = 0;
    *n_rows = c->to;
    while (whole) {
        const int64_t look = xo_sweep_next_look(c->sweep, looked);
        if (look > c->next &&
            !c->crew->rows(c->crew->self, c->sweep, c->next, look, take_rows, c, err))
            return false;
        if (look >= c->to || xo_sweep_enough(c->sweep, c->rows, look)) {
            *n_rows = look;
            return true;
        }
        looked = look;
    }
    return c->next >= c->to ||
           c->crew->rows(c->crew->self, c->sweep, c->next, c->to, take_rows, c, err);
}

/* ---- the results ---- */

static int deliver(struct campaign *c, const struct xo_sweep_result *result)
{
    const struct cli_request *request = c->request;
    int n_inputs = 0;
    const struct xo_sweep_report report = { .scenario = c->scenario,
                                            .sweep = c->sweep,
                                            .inputs = xo_sweep_inputs(c->sweep, &n_inputs),
                                            .rows = c->rows,
                                            .result = result };
    struct xo_error err = { 0 };
    struct xo_output output = { .folder = c->folder,
                                .command = c->journal != NULL ? xo_journal_command(c->journal)
                                                              : request->command,
                                .plots = !request->no_plots };
    const bool written = xo_sweep_write(&report, &output, &err);
    int status = written ? CLI_OK : cli_failed(request, &err);
    if (!xo_sweep_print(stdout, &report, request->format, &err))
        status = cli_failed(request, &err);
    fflush(stdout);
    cli_tell_output(request, &output, written);
    if (written && c->journal != NULL)
        unlink(c->path);
    if (status == CLI_OK && cli_stop != 0)
        return CLI_INTERRUPTED;
    return status != CLI_OK ? status : cli_judge(request, cli_sweep_conditions(&report));
}

static int end_of_shard(const struct campaign *c)
{
    cli_tell(c->request, CLI_NOTE,
             "Shard %d of %d is finished: %s. When all are: crossover sweep %s --join --out %s",
             c->request->shard, c->request->n_shards, c->path, c->request->operands[0], c->folder);
    return CLI_OK;
}

/* Why it ended early, and how to go on. */
static int end_early(struct campaign *c, const struct xo_error *err)
{
    struct xo_error late = { 0 };
    const int64_t n = c->next - c->from;
    const bool stopped = err->kind == XO_ERR_STOPPED;
    int status = CLI_INTERRUPTED;
    if (!stopped)
        status = cli_failed(c->request, err);
    const bool begun = c->journal != NULL;
    if (!xo_journal_close(c->journal, &late))
        cli_tell(c->request, CLI_ERROR, "%s", late.text);
    c->journal = NULL;
    if (begun && (stopped || err->kind != XO_ERR_INPUT))
        cli_tell(c->request, CLI_ERROR,
                 "%s: %" PRId64 " of %" PRId64 " samples and %d simulations are finished and kept "
                 "in %s; the same command with --resume goes on",
                 stopped ? "interrupted" : "ended early", n, c->to - c->from, c->n_kept, c->path);
    else if (stopped)
        cli_tell(c->request, CLI_ERROR, "interrupted before anything was finished");
    return status;
}

static bool work(struct campaign *c, struct xo_sweep_result **result, struct xo_error *err)
{
    const bool shard = c->request->shard > 0;
    int64_t n_rows = 0;
    if (c->request->join ? !read_shards(c, err) : !open_journal(c, err))
        return false;
    while (xo_sweep_n_tasks(c->sweep) > 0)
        if (!run_round(c, err))
            return false;
    if (!run_rows(c, &n_rows, err))
        return false;
    return shard || xo_sweep_finish(c->sweep, c->rows, n_rows, result, err);
}

int cli_campaign(const struct cli_request *request, const struct xo_scenario *scenario,
                 struct xo_sweep *sweep, const struct xo_study_options *options,
                 struct cli_progress *progress, const struct cli_crew *crew)
{
    struct campaign c = { .request = request,
                          .scenario = scenario,
                          .sweep = sweep,
                          .options = options,
                          .crew = crew,
                          .folder = folder_of(request),
                          .to = xo_sweep_n_rows(sweep) };
    struct xo_error err = { 0 };
    struct xo_sweep_result *result = NULL;
    if (request->shard > 0) {
        c.from = shard_begin(sweep, request->shard - 1, request->n_shards);
        c.to = shard_begin(sweep, request->shard, request->n_shards);
        shard_path(c.path, c.folder, request->shard, request->n_shards);
    } else {
        snprintf(c.path, sizeof c.path, "%.4000s/sweep.journal", c.folder);
    }
    c.rows = calloc((size_t)(c.to - c.from) + 1, sizeof *c.rows);
    const bool ok = c.rows != NULL ? work(&c, &result, &err)
                                   : xo_fail(&err, XO_ERR_MEMORY, "out of memory for the samples");
    cli_progress_end(progress);
    int status = !ok                  ? end_early(&c, &err)
                 : request->shard > 0 ? end_of_shard(&c)
                                      : deliver(&c, result);
    if (!xo_journal_close(c.journal, &err) && request->shard > 0)
        status = cli_failed(request, &err);
    for (int i = 0; i < c.n_kept; i++)
        free(c.kept[i].bytes.at);
    free(c.kept);
    free(c.rows);
    free(result);
    return status;
}
