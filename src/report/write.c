/* write.c - the output folder: each file is there whole or not at all.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include "xo/file.h"
#include "xo/text.h"
#include <stdlib.h>
#include <string.h>

enum { VERDICT_WIDTH = 80 };
static const double GNUPLOT_TIMEOUT_S = 20;

bool xo_folder_put(struct xo_folder *folder, const char *name, struct xo_buf *text, bool listed,
                   struct xo_error *err)
{
    char path[4096];
    struct xo_file file;
    if (text->failed) {
        xo_buf_fini(text);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory while writing %s", name);
    }
    if (snprintf(path, sizeof path, "%s/%s", folder->output->folder, name) >= (int)sizeof path) {
        xo_buf_fini(text);
        return xo_fail(err, XO_ERR_IO, "the name of the folder for the results is too long");
    }
    bool ok = xo_file_create(&file, path, err);
    if (ok) {
        fwrite(text->text, 1, text->length, file.stream); /* commit reports a full disk */
        ok = xo_file_commit(&file, err);
    }
    xo_buf_fini(text);
    if (ok && listed)
        xo_put(&folder->wrote, "%s%s", folder->wrote.length > 0 ? ", " : "", name);
    return ok;
}

/* ---- the manifest ---- */

/* The resolved scenario as text; NULL with a sentence in err. */
static char *resolved_text(const struct xo_scenario *s, struct xo_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    bool ok = stream != NULL && xo_scenario_write_resolved(s, stream, err);
    if (stream == NULL || fclose(stream) != 0)
        ok = xo_fail(err, XO_ERR_MEMORY, "out of memory while writing manifest.json");
    if (ok)
        return text;
    free(text);
    return NULL;
}

bool xo_folder_manifest(struct xo_folder *folder, const struct xo_scenario *s, const char *study,
                        int64_t n_simulated, int64_t n_draws, struct xo_error *err)
{
    char *resolved = resolved_text(s, err);
    if (resolved == NULL)
        return false;
    struct xo_json json = { 0 }, *j = &json;
    struct xo_buf text = { 0 };
    json_t *root = xo_json_object(j), *counts = xo_json_object(j);
    const char *command = folder->output->command;
    xo_json_put(j, counts, "simulated_requests", json_integer(n_simulated));
    xo_json_put(j, counts, "draws", json_integer(n_draws));
    xo_json_put(j, counts, "uncertain_inputs", json_integer(s->n_uncertain));
    xo_json_put(j, counts, "guesses", json_integer(s->n_guesses));
    xo_json_put_text(j, root, "schema", "crossover.manifest/1");
    xo_json_put_text(j, root, "version", XO_VERSION);
    xo_json_put_text(j, root, "study", study);
    xo_json_put_text(j, root, "command", command != NULL ? command : "");
    xo_json_put(j, root, "scenario", xo_json_scenario(j, s));
    xo_json_put(j, root, "counts", counts);
    xo_json_put_text(j, root, "resolved", resolved);
    xo_json_dump(j, root, &text);
    free(resolved);
    return xo_folder_put(folder, "manifest.json", &text, true, err);
}

bool xo_folder_is_of_another(const char *folder, const struct xo_scenario *scenario,
                             char path[XO_PATH_SIZE])
{
    char file[4096], mine[20];
    if (snprintf(file, sizeof file, "%s/manifest.json", folder) >= (int)sizeof file)
        return false;
    json_t *manifest = json_load_file(file, 0, NULL), *of = json_object_get(manifest, "scenario");
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
    return ok;
}

/* The script and its data, and the pictures; *drawn counts them. */
static bool put_plot(struct xo_folder *folder, struct xo_plot *plot, int *drawn,
                     struct xo_error *err)
{
    char gp[32], csv[32];
    struct xo_error problem;
    snprintf(gp, sizeof gp, "%s.gp", plot->name);
    snprintf(csv, sizeof csv, "%s.csv", plot->name);
    if (!xo_folder_put(folder, gp, &plot->script, false, err)) {
        xo_buf_fini(&plot->data);
        return false;
    }
    if (!xo_folder_put(folder, csv, &plot->data, false, err))
        return false;
    if (xo_gnuplot_run("gnuplot", folder->output->folder, plot->name, GNUPLOT_TIMEOUT_S, &problem))
        ++*drawn;
    else
        xo_put(&folder->notes, "%s\n", problem.text);
    return true;
}

bool xo_folder_draw(struct xo_folder *folder, struct xo_plot plots[], int n, struct xo_error *err)
{
    int drawn = 0;
    bool ok = true;
    for (int i = 0; i < n; i++)
        if (ok) {
            ok = put_plot(folder, &plots[i], &drawn, err);
        } else {
            xo_buf_fini(&plots[i].script);
            xo_buf_fini(&plots[i].data);
        }
    if (drawn == n)
        xo_put(&folder->wrote, ", %d plot%s", n, n == 1 ? "" : "s");
    else
        xo_put(&folder->wrote, ", %d plots and %d plot scripts", drawn, n);
    return ok;
}

static bool put_plots(struct xo_folder *folder, const struct xo_curve *curve, struct xo_error *err)
{
    struct xo_plot plots[] = { { .name = "cost" }, { .name = "saving" }, { .name = "load" } };
    xo_plot_cost(&plots[0], curve);
    xo_plot_saving(&plots[1], curve);
    xo_plot_load(&plots[2], curve);
    return xo_folder_draw(folder, plots, 3, err);
}

bool xo_curve_write(const struct xo_curve *curve, struct xo_output *output, struct xo_error *err)
{
    struct xo_folder folder = { .output = output };
    struct xo_buf text = { 0 };
    char *verdict = xo_verdict_text(curve, VERDICT_WIDTH);
    bool ok = xo_folder_make(output->folder, err);
    if (ok) {
        xo_curve_csv(&text, curve);
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
    ok = ok && (!output->plots || put_plots(&folder, curve, err));
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
        void (*put)(struct xo_buf *, const struct xo_run *);
    } files[] = { { "run.csv", xo_run_csv },
                  { "bills.csv", xo_bills_csv },
                  { "hours.csv", xo_hours_csv },
                  { "run.json", xo_run_json } };
    bool ok = xo_folder_make(output->folder, err);
    for (size_t i = 0; ok && i < sizeof files / sizeof files[0]; i++) {
        files[i].put(&text, run);
        ok = xo_folder_put(&folder, files[i].name, &text, true, err);
    }
    ok = ok && xo_folder_manifest(&folder, run->scenario, "run", run->n_simulated, 0, err);
    return xo_folder_finish(&folder, ok, err);
}
