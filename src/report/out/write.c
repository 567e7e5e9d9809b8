/* write.c - the output folder: all files of a study are there, or none of them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "folder.h"
#include "report/page/tables.h"
#include "set.h"
#include "xo/file.h"
#include "xo/text.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VERDICT_WIDTH = 80 };
static const double PICTURE_TIMEOUT_S = 20;

/* ---- files ---- */

bool xo_folder_begin(struct xo_folder *folder, struct xo_error *err)
{
    const struct xo_output *output = folder->output;
    folder->own.fd = -1;
    if (output->lock == NULL && !xo_folder_lock(&folder->own, output->folder, XO_FOLDER_ALONE, err))
        return false;
    return xo_folder_make(output->folder, err) &&
           xo_stage_begin(&folder->stage, output->folder, err);
}

bool xo_folder_put(struct xo_folder *folder, const char *name, struct xo_buf *text, bool listed,
                   struct xo_error *err)
{
    if (text->failed) {
        xo_buf_fini(text);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory while writing %s", name);
    }
    FILE *stream = xo_stage_open(&folder->stage, name, err);
    bool ok = stream != NULL;
    if (ok) {
        fwrite(text->text, 1, text->length, stream); /* the closing reports a full disk */
        ok = xo_stage_close(&folder->stage, name, stream, err);
    }
    xo_buf_fini(text);
    if (ok && listed)
        xo_put(&folder->wrote, "%s%s", folder->wrote.length > 0 ? ", " : "", name);
    return ok;
}

/* ---- the manifest ---- */

bool xo_folder_manifest(struct xo_folder *folder, const struct xo_scenario *s, const char *study,
                        int64_t n_simulated, int64_t n_draws, struct xo_error *err)
{
    char *resolved = xo_scenario_resolved_text(s, err);
    if (resolved == NULL)
        return false;
    struct xo_json json = { 0 }, *j = &json;
    struct xo_buf text = { 0 };
    const char *command = folder->output->command;
    const struct cell counts[] = {
        { "simulated_requests", NUMBER(n_simulated) },
        { "draws", NUMBER(n_draws) },
        { "uncertain_inputs", NUMBER(s->n_uncertain) },
        { "guesses", NUMBER(s->n_guesses) },
    };
    const struct cell cells[] = {
        { "schema", WORD("crossover.manifest/1") },
        { "version", WORD(XO_VERSION) },
        { "study", WORD(study) },
        { "command", TEXT(command != NULL ? command : "") },
        { "scenario", JSON(xo_json_scenario(j, s)) },
        { "counts", JSON(CELLS_JSON(j, counts)) },
        { "resolved", TEXT(resolved) },
    };
    xo_json_dump(j, CELLS_JSON(j, cells), &text);
    free(resolved);
    return xo_folder_put(folder, XO_FOLDER_SEAL, &text, true, err);
}

bool xo_folder_is_of_another(const char *folder, const struct xo_scenario *scenario,
                             char path[XO_PATH_SIZE])
{
    enum { MOST_BYTES = 1 << 26 };
    char file[XO_FOLDER_PATH_SIZE], mine[20], *text = NULL;
    size_t size = 0;
    if (snprintf(file, sizeof file, "%s/" XO_FOLDER_SEAL, folder) >= (int)sizeof file ||
        !xo_file_read(file, MOST_BYTES, &text, &size, NULL))
        return false;
    json_t *manifest = json_loadb(text, size, 0, NULL), *of = json_object_get(manifest, "scenario");
    const char *theirs = json_string_value(json_object_get(of, "path"));
    const char *hash = json_string_value(json_object_get(of, "hash"));
    snprintf(mine, sizeof mine, "%016llx", (unsigned long long)xo_scenario_hash(scenario));
    const char *name = json_string_value(json_object_get(of, "name"));
    const bool same_file = theirs != NULL && strcmp(theirs, scenario->path) == 0 &&
                           (strcmp(theirs, "-") != 0 || name == NULL ||
                            strcmp(name, scenario->name) == 0); /* "-": standard input */
    const bool another = theirs != NULL && hash != NULL && !same_file && strcmp(hash, mine) != 0;
    if (another)
        xo_plain(path, XO_PATH_SIZE, theirs, 200);
    json_decref(manifest);
    free(text);
    return another;
}

/* ---- studies ---- */

bool xo_folder_finish(struct xo_folder *folder, bool ok, struct xo_error *err)
{
    struct xo_output *output = folder->output;
    output->notes = xo_buf_take(&folder->notes);
    output->wrote = xo_buf_take(&folder->wrote);
    if (ok && (output->notes == NULL || output->wrote == NULL))
        ok = xo_fail(err, XO_ERR_MEMORY, "out of memory while writing the results");
    ok = ok && xo_stage_commit(&folder->stage, err);
    xo_stage_discard(&folder->stage);
    xo_folder_unlock(&folder->own);
    return ok;
}

/* A picture that is not drawn now must not be taken for this study's. */
static bool drop(struct xo_folder *folder, const char *plot, const char *ending,
                 struct xo_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "%s.%s", plot, ending);
    return xo_stage_drop(&folder->stage, name, err);
}

static bool undraw_one(struct xo_folder *folder, const char *name, struct xo_error *err)
{
    static const char *const endings[] = { "gp", "set", "csv", "png", "svg" };
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof endings / sizeof endings[0]; i++)
        ok = drop(folder, name, endings[i], err);
    return ok;
}

/* Whether the folder has the program of a picture that is not among plots[n]. */
static bool has_others(const struct xo_folder *folder, const struct xo_plot plots[], int n)
{
    for (int i = 0; i < set_n_programs(); i++) {
        char path[XO_FOLDER_PATH_SIZE];
        bool other = strcmp(set_program_name(i), "common") != 0;
        for (int k = 0; k < n; k++)
            other = other && strcmp(set_program_name(i), plots[k].name) != 0;
        if (other &&
            snprintf(path, sizeof path, "%s/%s.gp", folder->output->folder, set_program_name(i)) <
                (int)sizeof path &&
            access(path, F_OK) == 0)
            return true;
    }
    return false;
}

/* Those of earlier results go; what other pictures read stays with them. */
static bool undraw(struct xo_folder *folder, const struct xo_plot plots[], int n,
                   struct xo_error *err)
{
    bool ok = true;
    for (int i = 0; ok && i < n; i++)
        ok = undraw_one(folder, plots[i].name, err);
    return ok && (has_others(folder, plots, n) || drop(folder, "common", "gp", err));
}

static bool put_program(struct xo_folder *folder, const char *name, struct xo_error *err)
{
    const char *text = set_program(name);
    struct xo_buf program = { 0 };
    char gp[32];
    snprintf(gp, sizeof gp, "%s.gp", name);
    xo_put(&program, "%s", text != NULL ? text : "");
    return xo_folder_put(folder, gp, &program, false, err);
}

/* Whether the pictures of a plot could be drawn, or a note why not; *going false ends the drawing.
 */
static bool draw(struct xo_folder *folder, const char *name, bool *going)
{
    const struct xo_output *output = folder->output;
    const struct xo_plotting how = { .timeout_s = output->picture_timeout_s > 0
                                                      ? output->picture_timeout_s
                                                      : PICTURE_TIMEOUT_S,
                                     .stop = output->stop };
    struct xo_error problem;
    if (!*going)
        return false;
    if (xo_gnuplot_run("gnuplot", folder->stage.path, name, &how, &problem))
        return true;
    *going = problem.kind != XO_ERR_STOPPED;
    xo_put(&folder->notes, "%s\n", problem.text);
    return false;
}

/* The program, what it reads, and the pictures; *drawn counts them. */
static bool put_plot(struct xo_folder *folder, struct xo_plot *plot, int *drawn, bool *going,
                     struct xo_error *err)
{
    char set[32], csv[32];
    snprintf(set, sizeof set, "%s.set", plot->name);
    snprintf(csv, sizeof csv, "%s.csv", plot->name);
    if (!put_program(folder, plot->name, err) ||
        !xo_folder_put(folder, set, &plot->set, false, err)) {
        xo_buf_fini(&plot->set);
        xo_buf_fini(&plot->data);
        return false;
    }
    if (!xo_folder_put(folder, csv, &plot->data, false, err))
        return false;
    if (draw(folder, plot->name, going)) {
        ++*drawn;
        return true;
    }
    return drop(folder, plot->name, "png", err) && drop(folder, plot->name, "svg", err);
}

/* Nothing to draw: files of earlier results go, and a line says why. */
static bool put_none(struct xo_folder *folder, struct xo_plot *plot, struct xo_error *err)
{
    xo_put(&folder->notes, "no picture of %s: %s\n", plot->name, plot->none);
    xo_buf_fini(&plot->set);
    xo_buf_fini(&plot->data);
    return undraw_one(folder, plot->name, err);
}

bool xo_folder_draw(struct xo_folder *folder, struct xo_plot plots[], int n, struct xo_error *err)
{
    int drawn = 0, wanted = 0;
    bool ok = true, going = true;
    if (!folder->output->plots)
        return undraw(folder, plots, n, err);
    ok = put_program(folder, "common", err);
    for (int i = 0; i < n; i++)
        if (ok && plots[i].none[0] != '\0') {
            ok = put_none(folder, &plots[i], err);
        } else if (ok) {
            wanted++;
            ok = put_plot(folder, &plots[i], &drawn, &going, err);
        } else {
            xo_buf_fini(&plots[i].set);
            xo_buf_fini(&plots[i].data);
        }
    if (wanted == 0)
        return ok;
    if (drawn == wanted)
        xo_put(&folder->wrote, ", %d plot%s", drawn, drawn == 1 ? "" : "s");
    else
        xo_put(&folder->wrote, ", %d plots and %d plot scripts", drawn, wanted);
    return ok;
}

static bool put_plots(struct xo_folder *folder, const struct xo_curve *curve, struct xo_error *err)
{
    static const struct {
        const char *name;
        void (*draw)(struct xo_plot *, const struct xo_curve *);
    } all[] = { { "cost", xo_plot_cost }, { "saving", xo_plot_saving }, { "load", xo_plot_load } };
    enum { N = sizeof all / sizeof all[0] };
    struct xo_plot plots[N] = { 0 };
    for (int i = 0; i < N; i++) {
        plots[i].name = all[i].name;
        if (folder->output->plots)
            all[i].draw(&plots[i], curve);
    }
    return xo_folder_draw(folder, plots, N, err);
}

bool xo_curve_write(const struct xo_curve *curve, struct xo_output *output, struct xo_error *err)
{
    struct xo_folder folder = { .output = output };
    struct xo_buf text = { 0 };
    char *verdict = xo_verdict_text(curve, VERDICT_WIDTH);
    bool ok = xo_folder_begin(&folder, err);
    if (ok) {
        xo_put_points(&(struct rows){ .csv = &text }, curve);
        ok = xo_folder_put(&folder, "curve.csv", &text, true, err);
    }
    if (ok) {
        xo_curve_json(&text, curve);
        ok = xo_folder_put(&folder, "curve.json", &text, true, err);
    }
    if (ok) {
        xo_put(&text, "%s", verdict != NULL ? verdict : "");
        text.failed = text.failed || verdict == NULL;
        ok = xo_folder_put(&folder, "verdict.txt", &text, true, err);
    }
    ok = ok && put_plots(&folder, curve, err);
    ok = ok && xo_folder_manifest(&folder, curve->scenario, "curve", curve->n_simulated,
                                  curve->n_draws, err);
    free(verdict);
    return xo_folder_finish(&folder, ok, err);
}

bool xo_run_write(const struct xo_run *run, struct xo_output *output, struct xo_error *err)
{
    struct xo_folder folder = { .output = output };
    struct xo_buf text = { 0 };
    static const struct {
        const char *name;
        void (*put)(struct rows *, const struct xo_run *);
    } tables[] = { { "run.csv", xo_put_sides },
                   { "bills.csv", xo_put_bills },
                   { "hours.csv", xo_put_hours } };
    bool ok = xo_folder_begin(&folder, err);
    for (size_t i = 0; ok && i < XO_ROWS(tables); i++) {
        tables[i].put(&(struct rows){ .csv = &text }, run);
        ok = xo_folder_put(&folder, tables[i].name, &text, true, err);
    }
    if (ok) {
        xo_run_json(&text, run);
        ok = xo_folder_put(&folder, "run.json", &text, true, err);
    }
    ok = ok && xo_folder_manifest(&folder, run->scenario, "run", run->n_simulated, 0, err);
    return xo_folder_finish(&folder, ok, err);
}
