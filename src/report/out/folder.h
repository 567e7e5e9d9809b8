/* folder.h - the folder of results, in which files appear together or not at all.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_OUT_FOLDER_H
#define XO_REPORT_OUT_FOLDER_H

#include "pictures.h"

struct xo_folder {
    struct xo_output *output;

    struct xo_folder_lock own; /* where the output brings none */
    struct xo_stage stage;
    struct xo_buf wrote, notes;
};
/* Nothing appears in the folder before xo_folder_finish, which is called in any case. */
XO_MUST_USE bool xo_folder_begin(struct xo_folder *folder, struct xo_error *err);
/* Write and empty `text`; `listed` adds its name to what was written. */
XO_MUST_USE bool xo_folder_put(struct xo_folder *folder, const char *name, struct xo_buf *text,
                               bool listed, struct xo_error *err);
/* Write plots[n] and draw them; empties them. A picture that fails becomes a note. Where the output
 * wants no plots only their names are read, and those of earlier results go. */
XO_MUST_USE bool xo_folder_draw(struct xo_folder *folder, struct xo_plot plots[], int n,
                                struct xo_error *err);
/* manifest.json: what it takes to run the study again. */
XO_MUST_USE bool xo_folder_manifest(struct xo_folder *folder, const struct xo_scenario *s,
                                    const char *study, int64_t n_simulated, int64_t n_draws,
                                    struct xo_error *err);
/* Where `ok`, the files take their places; hand notes and names over to the output. */
XO_MUST_USE bool xo_folder_finish(struct xo_folder *folder, bool ok, struct xo_error *err);

#endif
