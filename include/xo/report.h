/* xo/report.h - results for people and programs: verdict, tables, CSV, JSON, gnuplot, manifest.
 *
 * Knows percent, milliseconds and axes; has never heard how a number came to be. Text from a
 * scenario is escaped for each format here: a title cannot run a command, inject markup or start a
 * formula.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_H
#define XO_REPORT_H

#include "xo/calibrate.h"
#include "xo/error.h"
#include "xo/folder.h"
#include "xo/horizon.h"
#include "xo/map.h"
#include "xo/study.h"
#include "xo/sweep.h"
#include "xo/validate.h"
#include <stdio.h>

enum xo_format { XO_FORMAT_TABLE, XO_FORMAT_CSV, XO_FORMAT_JSON, XO_N_FORMATS };

/* The plain verdict: paragraphs of lines at most `width` columns wide, '\n'-ended;
 * heap, the caller frees; NULL when out of memory. */
char *xo_verdict_text(const struct xo_curve *curve, int width);
const char *xo_verdict_code_name(enum xo_verdict_code code);
/* The plot's title: the finding in one line, DRAFT in front while guesses are left. heap. */
char *xo_verdict_title(const struct xo_curve *curve);

/* stdout of a study. */
XO_MUST_USE bool xo_curve_print(FILE *out, const struct xo_curve *curve, enum xo_format format,
                                struct xo_error *err);
XO_MUST_USE bool xo_run_print(FILE *out, const struct xo_run *run, enum xo_format format,
                              struct xo_error *err);
/* `crossover check`: every key's resolved value and where it came from, the symmetry ledger (which
 * effect is on for which side), the reconciliation when [actual] is given. */
XO_MUST_USE bool xo_check_print(FILE *out, const struct xo_scenario *scenario,
                                const struct xo_reconciliation *actual, enum xo_format format,
                                struct xo_error *err);
/* `crossover data gpus|models|apis [NAME]`. kind: 'g', 'm' or 'a'; name NULL lists all, the
 * beginning of several names those. A list is at most `width` columns wide where that can be; 0: no
 * limit. With `gpu`, a name of the catalog: models as that GPU holds them; NULL: none. */
XO_MUST_USE bool xo_catalog_print(FILE *out, const struct xo_catalog *catalog, char kind,
                                  const char *name, const char *gpu, enum xo_format format,
                                  int width, struct xo_error *err);

/* What goes into the output folder. Its files are written together or not at all (xo/folder.h). */
struct xo_output {
    const char *folder;
    const char *command;               /* as typed, for the manifest */
    bool plots;                        /* false: CSV, JSON and manifest only */
    double picture_timeout_s;          /* one that takes longer is the last; 0: 20 s */
    const volatile int *stop;          /* not 0: no more pictures; may be NULL */
    int n_threads;                     /* that make lines of samples; 0: one */
    const struct xo_crew *lines;       /* who does in their place, by xo_sweep_lines; or NULL */
    const struct xo_folder_lock *lock; /* held on the folder; NULL: locked while it is written */
    char *notes; /* heap, after writing: one line a problem that did not lose results (no gnuplot);
                    caller frees */
    char *wrote; /* heap, after writing: "curve.csv, curve.json, 3 plots, manifest.json"; caller
                    frees */
};
/* Write curve.csv, curve.json, verdict.txt, manifest.json and the three plots (NAME.gp, NAME.csv
 * beside NAME.png and NAME.svg). gnuplot missing or failing becomes a note; only a file that cannot
 * be written is an error. */
XO_MUST_USE bool xo_curve_write(const struct xo_curve *curve, struct xo_output *output,
                                struct xo_error *err);
XO_MUST_USE bool xo_run_write(const struct xo_run *run, struct xo_output *output,
                              struct xo_error *err);

/* `crossover data step`: what one step of each build option takes, part by part, with the weights
 * of a GPU and the KV room of a replica. Fails with XO_ERR_INPUT for a step that an option never
 * takes.
 */
struct xo_step_question {
    int64_t n_decode, kv_tokens, prefill_tokens, reread_tokens; /* of xo_batch_of_alike */
};
XO_MUST_USE bool xo_step_print(FILE *out, const struct xo_scenario *scenario,
                               const struct xo_step_question *question, enum xo_format format,
                               struct xo_error *err);

/* `crossover data calibrate`: constants and errors (table), rows (csv), all figures (json); and the
 * file of constants that scenarios include, dated `date`. */
XO_MUST_USE bool xo_calibration_print(FILE *out, const struct xo_calibration *calibration,
                                      enum xo_format format, struct xo_error *err);
XO_MUST_USE bool xo_calibration_write(FILE *out, const struct xo_calibration *calibration,
                                      const char *date, struct xo_error *err);

/* `crossover data validate`: the errors by group and the worst rows (table), all rows (csv), both
 * (json). */
XO_MUST_USE bool xo_validation_print(FILE *out, const struct xo_validation *validation,
                                     enum xo_format format, struct xo_error *err);
/* Write validate.csv (rows), validate_summary.csv (groups), validate_targets.csv,
 * validate_series.csv (knees), validate.json, validate.md and the plots. */
XO_MUST_USE bool xo_validation_write(const struct xo_validation *validation,
                                     struct xo_output *output, struct xo_error *err);

/* Do results of another scenario lie in `folder`, by the manifest.json there? Its path then goes to
 * path[XO_PATH_SIZE]. The same file with other values is no other scenario, nor is the same text
 * under another name. */
bool xo_folder_is_of_another(const char *folder, const struct xo_scenario *scenario,
                             char path[XO_PATH_SIZE]);

/* A finished sweep with what it takes to tell it. All borrowed. */
struct xo_sweep_report {
    const struct xo_scenario *scenario;
    const struct xo_sweep *sweep;
    const struct xo_sweep_input *inputs; /* [result->n_inputs] */
    const struct xo_sweep_row *rows;     /* [result->n_rows] */
    const struct xo_sweep_result *result;
};
/* What its samples say of the planned volume. */
enum xo_call xo_sweep_call(const struct xo_sweep_report *report);
/* The summary (table), one line an input (csv), or everything but the samples (json). */
XO_MUST_USE bool xo_sweep_print(FILE *out, const struct xo_sweep_report *report,
                                enum xo_format format, struct xo_error *err);
/* A piece of samples.csv, for the job of a crew (struct xo_output) in another process that has the
 * same sweep, and the same build of the program. */
XO_MUST_USE bool xo_sweep_lines(const struct xo_sweep *sweep, const void *job, size_t n,
                                struct xo_bytes *lines, struct xo_error *err);
/* Write samples.csv, sweep.csv, sweep.json, sweep.txt, manifest.json and the plots. */
XO_MUST_USE bool xo_sweep_write(const struct xo_sweep_report *report, struct xo_output *output,
                                struct xo_error *err);

/* Who wins where: a small picture (table), one line a cell (csv), or everything (json). */
XO_MUST_USE bool xo_map_print(FILE *out, const struct xo_scenario *scenario,
                              const struct xo_map_result *map, enum xo_format format,
                              struct xo_error *err);
/* Write map.csv, frontier.csv, map.json, manifest.json and the plot. */
XO_MUST_USE bool xo_map_write(const struct xo_scenario *scenario, const struct xo_map_result *map,
                              struct xo_output *output, struct xo_error *err);

/* Month by month: a few of them and what they say (table), one line a month (csv), or everything
 * (json). */
XO_MUST_USE bool xo_horizon_print(FILE *out, const struct xo_horizon *horizon,
                                  enum xo_format format, struct xo_error *err);
/* Write horizon.csv, horizon.json, horizon.txt, manifest.json and the plots. */
XO_MUST_USE bool xo_horizon_write(const struct xo_horizon *horizon, struct xo_output *output,
                                  struct xo_error *err);
const char *xo_horizon_code_name(enum xo_horizon_code code);
/* The plot's title: the finding in one line, DRAFT in front while guesses are left. heap. */
char *xo_horizon_title(const struct xo_horizon *horizon);

#endif
