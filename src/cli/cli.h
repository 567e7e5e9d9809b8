/* cli.h - argv in, exit status out: what the files of this room share.
 *
 * Two tables, of verbs and of options, are the only place that knows the words of the command line:
 * parsing, --help, the manual page and the completions all read them. Results go to stdout and to
 * files; progress, warnings and notes to stderr.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_CLI_H
#define XO_CLI_H

#include "xo/error.h"
#include "xo/file.h"
#include "xo/map.h"
#include "xo/report.h"
#include "xo/scenario.h"
#include "xo/study.h"
#include "xo/sweep.h"
#include <stddef.h>
#include <stdio.h>

/* ---- exit status ---- */
enum {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_BAD = 2,       /* bad usage or bad scenario */
    CLI_CONDITION = 4, /* a --fail-on condition holds */
    CLI_INTERRUPTED = 130
};

/* ---- the tables ---- */
enum cli_verb_bit {
    CLI_INIT = 1,
    CLI_CHECK = 2,
    CLI_DATA = 4,
    CLI_RUN = 8,
    CLI_CURVE = 16,
    CLI_HELP = 32,
    CLI_NO_VERB = 64,
    CLI_VALIDATE = 128,
    CLI_CALIBRATE = 256,
    CLI_SWEEP = 512,
    CLI_MAP = 1024,
    CLI_STEP = 2048,
    CLI_HORIZON = 4096,
};

struct cli_request;
struct cli_example {
    const char *command, *what;
};
struct cli_verb {
    const char *name, *operands; /* "run", "SCENARIO"; "data validate" stands under data */
    enum cli_verb_bit bit;
    const char *stage, *summary; /* of the overview: "Decide", "the bills at your volume" */
    int min_operands, max_operands;
    const char *const *words; /* what the first operand may be; NULL: a scenario file, or nothing */
    const char *sentence;     /* the first line of --help */
    struct cli_example examples[3];
    const char *story; /* paragraphs after the examples, lines at most 80 columns */
    int (*run)(const struct cli_request *request);
};
extern const struct cli_verb cli_verbs[];
extern const int cli_n_verbs;

/* What the value of an option is: for checking and for completion. */
enum cli_value { CLI_NOTHING, CLI_WORD, CLI_TEXT, CLI_KEY, CLI_FILE, CLI_FOLDER };
enum cli_option_id {
    CLI_OUT,
    CLI_FORCE,
    CLI_FORMAT,
    CLI_NO_PLOTS,
    CLI_RESOLVED,
    CLI_SET,
    CLI_SEED,
    CLI_THREADS,
    CLI_FAIL_ON,
    CLI_SAMPLES,
    CLI_METHOD,
    CLI_PRECISION,
    CLI_RESUME,
    CLI_SHARD,
    CLI_JOIN,
    CLI_X,
    CLI_Y,
    CLI_X_AXIS,
    CLI_Y_AXIS,
    CLI_CELLS,
    CLI_GPU,
    CLI_BATCH,
    CLI_KV,
    CLI_PREFILL,
    CLI_REREAD,
    CLI_QUIET,
    CLI_COLOR,
    CLI_SHOW_HELP,
    CLI_SHOW_VERSION
};
struct cli_option {
    enum cli_option_id id;
    const char *name;
    char letter; /* 0: none */
    enum cli_value value;
    const char *value_name;   /* "DIR"; NULL with CLI_NOTHING */
    const char *const *words; /* CLI_WORD: all that it may be, NULL-ended */
    unsigned verbs;           /* of enum cli_verb_bit; one name may stand in several rows */
    const char *group, *help;
};
extern const struct cli_option cli_options[];
extern const int cli_n_options;

const struct cli_verb *cli_verb_find(const char *name); /* NULL: no such verb */
/* The verb that `word` makes of `verb`: "data" and "validate"; NULL: none. */
const struct cli_verb *cli_verb_under(const struct cli_verb *verb, const char *word);
/* The last word of its name: what is typed, or follows the verb it stands under. */
const char *cli_verb_word(const struct cli_verb *verb);
bool cli_verb_is_under(const struct cli_verb *verb); /* its name has two words */
/* The row of option `name` for the verbs of `bit`; NULL: that verb does not take it. */
const struct cli_option *cli_option_find(const char *name, unsigned bit);

/* "; did you mean run?", or, when no name is near, "; there are init, check, ...". */
enum { CLI_HINT_SIZE = 160, CLI_MAX_WORDS = 16 };
const char *cli_did_you_mean(char hint[CLI_HINT_SIZE], const char *word, const char *const *names,
                             size_t n);
size_t cli_verb_names(const char *names[CLI_MAX_WORDS]); /* how many there are */

/* ---- what was asked for ---- */
enum cli_color { CLI_COLOR_AUTO, CLI_COLOR_ALWAYS, CLI_COLOR_NEVER, CLI_N_COLORS };
/* The words of --fail-on, in this order. */
enum cli_condition {
    CLI_IF_BUY = 1,
    CLI_IF_BUILD = 2,
    CLI_IF_INFEASIBLE = 4,
    CLI_IF_TOO_CLOSE = 8,
    CLI_IF_NO_CROSSOVER = 16
};
enum { CLI_N_CONDITIONS = 5 };
extern const char *const cli_conditions[]; /* NULL-ended; the last one is for the curve alone */

enum { CLI_SLOT_SIZE = XO_VALUE_SIZE };

struct cli_request {
    const struct cli_verb *verb; /* NULL: none given */
    const char **operands;       /* [n_operands] after the verb; the array is owned */
    int n_operands;

    const char *out;       /* NULL: not given */
    const char *gpu;       /* of data models; NULL */
    const char **sets;     /* [n_sets] "section.key=value"; the array is owned */
    const char **typed_as; /* [n_sets] "--precision"; NULL: --set; the array is owned */
    int n_sets;
    /* The --set that --seed, --samples, --method and --precision stand for; --x and --y, --x-axis
     * and --y-axis, both numbers of --cells. "": not given. */
    char seed_set[CLI_SLOT_SIZE], samples_set[CLI_SLOT_SIZE], method_set[CLI_SLOT_SIZE],
        precision_set[CLI_SLOT_SIZE];
    char axis_set[2][CLI_SLOT_SIZE], scale_set[2][CLI_SLOT_SIZE], cells_set[2][CLI_SLOT_SIZE];
    int shard, n_shards;          /* --shard 2/8; n_shards 0: not given */
    struct xo_step_question step; /* --batch, --kv, --prefill, --reread */
    enum xo_format format;
    enum cli_color color;
    int n_threads;    /* 0: as the scenario says, else one a core */
    unsigned fail_on; /* of enum cli_condition */
    bool resume, join;
    bool format_given, force, no_plots, resolved, quiet, show_help, show_version;
    bool mute; /* nothing at all is told: another rank tells it */

    char *command; /* as typed, quoted for a shell; owned */
};

/* Read argv into a zeroed *request. On failure err->text is one sentence about what was typed, and
 * request->verb is the verb as far as it is known. Free the request in both cases. */
XO_MUST_USE bool cli_parse(struct cli_request *request, int argc, char *const argv[],
                           struct xo_error *err);
void cli_request_fini(struct cli_request *request);

/* ---- help ---- */
void cli_print_overview(FILE *out);
void cli_print_help(FILE *out, const struct cli_verb *verb); /* NULL: of the program */
void cli_print_version(FILE *out);

/* ---- the verbs; each returns the exit status ---- */
int cli_init(const struct cli_request *request);
int cli_check(const struct cli_request *request);
int cli_data(const struct cli_request *request);
int cli_validate(const struct cli_request *request);
int cli_calibrate(const struct cli_request *request);
int cli_step(const struct cli_request *request);
int cli_run(const struct cli_request *request);
int cli_curve(const struct cli_request *request);
int cli_sweep(const struct cli_request *request);
int cli_map(const struct cli_request *request);
int cli_horizon(const struct cli_request *request);
int cli_help(const struct cli_request *request);

/* ---- talking on stderr ---- */
/* --quiet silences notes alone. */
enum cli_tone { CLI_ERROR, CLI_WARNING, CLI_PLAIN, CLI_NOTE, CLI_N_TONES };
/* One line; control characters in it become '?' and invisible ones their number, so that no file
 * can steer a terminal. */
void cli_tell(const struct cli_request *request, enum cli_tone tone, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The exit status that an error's kind stands for; the same, and the error told. */
int cli_status_of(const struct xo_error *err);
int cli_failed(const struct cli_request *request, const struct xo_error *err);
/* Tell each line of `text` (NULL: none) in this tone. */
void cli_tell_lines(const struct cli_request *request, enum cli_tone tone, const char *text);

/* ---- what several verbs do ---- */
/* Read the scenario of the first operand and tell its problems; NULL, and *status the exit status,
 * when it cannot be read. */
struct xo_scenario *cli_read_scenario(const struct cli_request *request, int *status);
/* Tell the problems of `path`, whose keys or columns `more` explains; the exit status. */
int cli_tell_problems(const struct cli_request *request, const char *path, const char *more,
                      const struct xo_problems *problems);

/* Read measured rows (of the scenario's deployment; NULL: of any) and tell the problems of the
 * file; an exit status, and nothing in *measured, when it cannot be read. */
XO_MUST_USE int cli_read_measured(const struct cli_request *request, const char *path,
                                  const struct xo_scenario *scenario, struct xo_measured *measured);

/* stdout, or the file of --out, which must not exist unless --force is given. */
struct cli_target {
    FILE *stream;
    struct xo_file file; /* used when `to_file` */
    bool to_file;
};
XO_MUST_USE bool cli_target_open(struct cli_target *target, const struct cli_request *request,
                                 struct xo_error *err);
/* Finish it when `printed`, else drop it; returns the exit status and tells what went wrong. */
int cli_target_close(struct cli_target *target, const struct cli_request *request, bool printed,
                     const struct xo_error *err);

/* From here on the first Ctrl-C raises the flag and the second ends the program at once; before it,
 * while a terminal may be typing the scenario, the first one does. */
void cli_catch_interrupts(void);
extern volatile int cli_stop;

/* The bar on a terminal's stderr while a study runs. */
struct cli_progress {
    bool wanted, drawn;
    int columns;
    double began_s, drawn_s;
};
void cli_progress_begin(struct cli_progress *progress, const struct cli_request *request);
void cli_progress_end(struct cli_progress *progress); /* wipes it away */
/* As the study wants it: threads, the progress bar, the stop flag. scenario NULL: there is none. */
struct xo_study_options cli_study_options(const struct cli_request *request,
                                          const struct xo_scenario *scenario,
                                          struct cli_progress *progress);
/* For what a study tells: self is the request. */
void cli_note(const void *request, const char *text);
void cli_warn(const void *request, const char *text);

/* A curve from its scenario to its files; ends the progress bar and returns the exit status. */
int cli_curve_of(const struct cli_request *request, const struct xo_scenario *scenario,
                 const struct xo_study_options *options, struct cli_progress *progress);

/* What a study found at the planned volume, for --fail-on. usd: NAN where it cannot be done. */
unsigned cli_curve_conditions(const struct xo_curve *curve);
unsigned cli_run_conditions(const struct xo_run *run);
unsigned cli_horizon_conditions(const struct xo_horizon *horizon);
unsigned cli_sweep_conditions(const struct xo_sweep_report *report);
/* The exit status of a study that went well: CLI_CONDITION, saying why, if one asked for holds; it
 * holds `where`, as "at the planned volume". */
int cli_judge(const struct cli_request *request, unsigned conditions, const char *where);
/* That of --out, or the default. */
const char *cli_folder(const struct cli_request *request);
/* Lock the folder of results for this study (xo/folder.h), before its work begins. Results of
 * another scenario (NULL: there is none) stay unless --force is given; in the default folder they
 * give way, and a note says so. False fills err. Unlock in both cases. */
bool cli_folder_open(const struct cli_request *request, const struct xo_scenario *scenario,
                     const char *folder, enum xo_folder_use use, struct xo_folder_lock *lock,
                     struct xo_error *err);
/* Ends a study whose files were written, else *unwritten was told (NULL: they were), and whose
 * answer was printed, else *unprinted is told now (NULL: it was): notes name the files. Where
 * memory ran out, that is the one line told. The exit status; the owned texts of *output are freed.
 */
int cli_end_output(const struct cli_request *request, struct xo_output *output,
                   const struct xo_error *unwritten, const struct xo_error *unprinted);

#endif
