/* parts.h - what the files of this room share: text in lines, words for figures, JSON, the folder.
 *
 * Nothing here is seen by another room. Text that came from a scenario passes xo_plain first: valid
 * UTF-8, no control characters, cut to a number of columns.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_PARTS_H
#define XO_REPORT_PARTS_H

#include "base/buffer.h"
#include "xo/report.h"
#include <jansson.h>
#include <stddef.h>

struct page; /* page/page.h */
struct rows;

/* ---- text in lines and cells (out/buffer.c) ---- */

/* A blank that no line may break at: written as a blank by xo_put_wrapped and xo_unglue. */
enum { XO_GLUE = 1 };
void xo_unglue(char *text);
/* `text` broken at blanks into lines of at most `width` columns, '\n'-ended. */
void xo_put_wrapped(struct xo_buf *buf, const char *text, int width);
/* Write the buffer to `out` and free it; fails with XO_ERR_IO or _MEMORY. */
XO_MUST_USE bool xo_buf_print(struct xo_buf *buf, FILE *out, struct xo_error *err);

/* `text` cut to `columns` and padded to them: at the right, or at the left with right = true. */
void xo_put_cell(struct xo_buf *buf, const char *text, size_t columns, bool right);
/* The label of a row that itself begins after two blanks: padded to `columns`; one that is longer
 * is broken over lines, so that the numbers in it are read. */
void xo_put_label(struct xo_buf *buf, const char *text, size_t columns);

/* ---- words for figures (words/words.c) ---- */

/* Room for the short texts of one sentence: slots are used in turn. */
struct xo_words {
    char slot[40][XO_TITLE_SIZE];
    int next;
};
char *xo_words_slot(struct xo_words *w);
/* Any short text; what it says may be other words of `w`. */
const char *xo_say(struct xo_words *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *xo_say_count(struct xo_words *w, double value); /* 14.2 B, glued */
const char *xo_say_tokens(struct xo_words *w, const struct xo_curve *c, double requests);
const char *xo_say_usd(struct xo_words *w, double usd);       /* $13,000 */
const char *xo_say_dollars(struct xo_words *w, double usd);   /* $13,125, for tables and bills */
const char *xo_say_time(struct xo_words *w, double seconds);  /* 45.3 ms, for tables */
const char *xo_say_exact(struct xo_words *w, int64_t count);  /* 25,377 */
const char *xo_say_factor(struct xo_words *w, double factor); /* 3.7 */
/* One that flips an answer: rounded away from 1, so that what is said flips it too. */
const char *xo_say_flip(struct xo_words *w, double factor);
const char *xo_say_share(struct xo_words *w, double share); /* under 1 %, 43 % */
/* What draws say, with its standard error where another set of draws would print another digit:
 * "43 % +- 1 %", "$1,200 +- $200"; of a volume as many of three digits as the error supports, and
 * the error with it where that is not even two. */
const char *xo_say_drawn_share(struct xo_words *w, double share, double se);
const char *xo_say_drawn_usd(struct xo_words *w, double usd, double se);
const char *xo_say_drawn_tokens(struct xo_words *w, const struct xo_curve *c, double requests,
                                double se);
const char *xo_say_usd_band(struct xo_words *w, const struct xo_band *band); /* P10 to P90 */
const char *xo_say_duration(struct xo_words *w, double seconds);             /* 45 ms */
const char *xo_say_usd_range(struct xo_words *w, double lo, double hi);      /* $7,600 to $15,000 */
/* From one known volume to another, such as the ends of the simulated range. */
const char *xo_say_token_range(struct xo_words *w, const struct xo_curve *c, double lo, double hi);
/* What draws or noise say about where `base` lies, P10 to P90: two digits, or three where two would
 * leave `base` outside or no range at all. */
const char *xo_say_token_band(struct xo_words *w, const struct xo_curve *c, double base,
                              const struct xo_band *band);
const char *xo_say_times(struct xo_words *w, int n); /* once, twice, 15 times */
/* "43 %", and "<1 %" or ">99 %" for what is neither nothing nor all; of a cell of a table. */
const char *xo_say_percent(struct xo_words *w, double share);
/* "5 %", "0.05 %": a share that was typed, to all its digits. */
const char *xo_say_typed_share(struct xo_words *w, double share);
const char *xo_say_target(struct xo_words *w,
                          const struct xo_slo_target *target); /* TTFT p95 <= 2 s */

/* typically within 21 % (in range: GPU, model and engine were measured) */
const char *xo_say_step_error(struct xo_words *w, const struct xo_build_option *option);
/* 80 % of deployments lie this close. */
double xo_step_typical_frac(const struct xo_build_option *option);

/* A number in the base of `unit`, as people write it: "$3.95/hour", "45 %". */
const char *xo_show_quantity(char *out, size_t size, const char *unit, double value);
/* The base unit of a key's values in tables for programs: "usd/token"; "": a number. */
const char *xo_unit_of_key(int key);
const char *xo_metric_name(enum xo_metric metric); /* "TTFT" */
const char *xo_flip_name(enum xo_flip_key key);    /* "api_price" */
const char *xo_reach_name(enum xo_reach reach);
const char *xo_origin_name(enum xo_origin origin);
const char *xo_group_name(enum xo_bill_group group); /* "people" */
/* A tariff's name with its provider, as plain text. */
const char *xo_say_api(struct xo_words *w, const char *tariff_name);
const char *xo_api_at(const struct xo_curve *c, int point); /* name of the tariff drawn there */
/* What the scenario calls what a way is drawn with there; "": nothing is. */
const char *xo_way_at(const struct xo_curve *c, enum xo_way way, int point);
/* The tariff of a host of the same weights; "" where there is none. */
const char *xo_same_name(const struct xo_scenario *s, int host);
/* Does buy.same_model_api = none say that no host is to be compared? */
bool xo_same_is_left_out(const struct xo_scenario *s);
/* Does buying from `api` buy the weights of [build], of every class? */
bool xo_buys_same_weights(const struct xo_scenario *s, int api);
/* What is bought where buy.api is `api`: "openai/gpt-6.2-sol", or "openai/gpt-6.2-sol +
 * openai/gpt-5-nano" where classes have APIs of their own; in `short_form` the number of them,
 * "2 APIs". */
const char *xo_say_buy(struct xo_words *w, const struct xo_scenario *s, const char *api,
                       bool short_form);
/* The same without a place that says which API is cheapest: of a list, "the cheapest of 3 APIs". */
const char *xo_say_baseline(struct xo_words *w, const struct xo_scenario *s);
const char *xo_say_host(struct xo_words *w, const struct xo_scenario *s);  /* likewise */
const char *xo_key_text(struct xo_words *w, const struct xo_entry *entry); /* "build.rent" */
const char *xo_uncertain_text(struct xo_words *w, const struct xo_uncertain *u);

/* ---- facts read off a scenario or a curve (words/words.c) ---- */
const struct xo_curve_point *xo_plan_point(const struct xo_curve *c);
/* The first crossing towards this build; NULL when there is none. */
const struct xo_crossing *xo_first_to_build(const struct xo_crossings *c);
const struct xo_crossing *xo_first_crossing(const struct xo_crossings *c);
/* Why no option is feasible: the first ladder that says so; NULL when one is feasible. */
const struct xo_ladder *xo_why_infeasible(const struct xo_curve *c);
bool xo_band_is(const struct xo_band *band);
struct xo_band xo_band_negated(const struct xo_band *band);
/* The next figure of two digits at or above x, so that a limit set to it is met. */
double xo_round_up(double x);
/* A sentence for each class whose SLO is not judged for being rare; nothing when all are. */
void xo_put_unjudged(struct xo_buf *buf, const struct xo_scenario *s);
/* How often calls find the shared prefix in the API's cache where they do not always, and whether
 * writing it there pays; that a trace has no hours of its own. "" otherwise. */
void xo_put_cache(struct xo_buf *buf, const struct xo_scenario *s, double volume, int api);
/* The oldest and the newest day of the prices that the bills rest on ("": none is stated), borrowed
 * from the scenario; how many are over XO_STALE_DAYS older than the scenario. */
int xo_price_days(const struct xo_scenario *s, const char **oldest, const char **newest);
/* "2026-08-01 to 2026-11-22": of the prices that the bills rest on. */
const char *xo_say_price_days(struct xo_words *w, const struct xo_scenario *s);
/* A sentence on prices that are too old; nothing when none is. */
void xo_put_stale(struct xo_buf *buf, const struct xo_scenario *s);
/* A sentence on an invoice that the tariff misses by more than 15 %; else nothing. */
void xo_put_reconciliation(struct xo_buf *buf, const struct xo_scenario *s);
/* "What would help: tensor_parallel = 4, GPU h200-sxm, or a limit of at least 3.5 s. " */
void xo_put_remedies(struct xo_buf *buf, const struct xo_scenario *s, int option,
                     const struct xo_infeasible *why, const struct xo_unserved *unserved);

/* ---- requests refused or reshaped (words/refusals.c) ---- */
/* Why no fleet of the option meets the SLO, and what would. */
void xo_put_infeasible(struct xo_buf *buf, const struct xo_scenario *s, int option,
                       const struct xo_infeasible *why, const struct xo_unserved *unserved);
/* What `side` refuses, its SLO met or not; `who` takes less, in words. */
void xo_put_refusal(struct xo_buf *buf, const struct xo_unserved *unserved, const char *side,
                    const char *who);
/* The target that the size of the fleet hangs on, and what would settle it; nothing where none is.
 */
void xo_put_edge(struct xo_buf *buf, const struct xo_scenario *s, const struct xo_edge *edge);
/* What a fleet still serves once its queue has no end; nothing where that is no less. */
void xo_put_overwhelmed(struct xo_buf *buf, const struct xo_capacity *capacity);
/* What each side refuses (NULL: not said), and what the scenario itself cuts and lengthens; nothing
 * where nothing is. */
void xo_put_refusals(struct xo_buf *buf, const struct xo_scenario *s,
                     const struct xo_unserved *build, const struct xo_unserved *buy,
                     const char *api);

/* ---- the symmetry ledger (words/ledger.c) ---- */
enum xo_sides { XO_SIDES_NEITHER, XO_SIDES_BOTH, XO_SIDES_BUY, XO_SIDES_BUILD, XO_N_SIDES };
struct xo_ledger_row {
    const char *effect;
    enum xo_sides sides;
    char buy[XO_TITLE_SIZE], build[XO_TITLE_SIZE];
};
enum { XO_LEDGER_ROWS = 10 };
void xo_ledger(const struct xo_scenario *s, struct xo_ledger_row rows[XO_LEDGER_ROWS]);
void xo_put_ledger(struct rows *to, const struct xo_scenario *s);

/* What is measured of a fleet, once: each is a column, a member in JSON and a row of
 * docs/outputs.md. */
/* clang-format off */
#define XO_METRICS(METRIC)                                                                         \
    METRIC(ttft_p50_s, "s") METRIC(ttft_p95_s, "s") METRIC(ttft_p99_s, "s")                        \
    METRIC(tpot_p50_s, "s") METRIC(tpot_p95_s, "s") METRIC(tpot_p99_s, "s")                        \
    METRIC(e2e_p50_s, "s") METRIC(e2e_p95_s, "s") METRIC(e2e_p99_s, "s")                           \
    METRIC(itl_p50_s, "s") METRIC(itl_p99_s, "s") METRIC(goodput_per_s, "requests/s")              \
    METRIC(busy_frac, "fraction") METRIC(batch_mean, "requests")                                   \
    METRIC(kv_mean_frac, "fraction") METRIC(kv_peak_frac, "fraction")                              \
    METRIC(mbu_frac, "fraction") METRIC(mfu_frac, "fraction") METRIC(prefill_frac, "fraction")     \
    METRIC(decode_frac, "fraction") METRIC(idle_frac, "fraction")                                  \
    METRIC(preemptions_per_request, "")
/* clang-format on */

/* ---- tables for programs: a file of CSV each, the rows of docs/outputs.md ---- */
void xo_put_points(struct rows *to, const struct xo_curve *c); /* curve.csv (page/columns.c) */
void xo_put_sides(struct rows *to, const struct xo_run *run);  /* run.csv (page/run_rows.c) */
void xo_put_bills(struct rows *to, const struct xo_run *run);  /* bills.csv */
void xo_put_hours(struct rows *to, const struct xo_run *run);  /* hours.csv */
void xo_put_sample(struct rows *to, const struct xo_sweep_report *r, int64_t row); /* samples.csv */
void xo_put_inputs(struct rows *to, const struct xo_sweep_report *r);              /* sweep.csv */
void xo_put_cells(struct rows *to, const struct xo_scenario *s,
                  const struct xo_map_result *m); /* map.csv */
void xo_put_frontier(struct rows *to, const struct xo_scenario *s,
                     const struct xo_map_result *m);                      /* frontier.csv */
void xo_put_predictions(struct rows *to, const struct xo_validation *v);  /* validate.csv */
void xo_put_summary(struct rows *to, const struct xo_validation *v);      /* validate_summary.csv */
void xo_put_targets_rows(struct rows *to, const struct xo_validation *v); /* validate_targets.csv */
void xo_put_series(struct rows *to, const struct xo_validation *v);       /* validate_series.csv */

/* ---- CSV (out/csv.c) ---- */

/* A cell by RFC 4180; one that a spreadsheet would run as a formula gets a leading apostrophe. */
void xo_csv_text(struct xo_buf *buf, const char *text);
void xo_csv_number(struct xo_buf *buf, double value); /* NaN and infinities: empty */

/* ---- JSON (out/json.c) ---- */

/* A failed allocation or insertion sticks. */
struct xo_json {
    bool failed;
};
json_t *xo_json_object(struct xo_json *j);
json_t *xo_json_array(struct xo_json *j);
void xo_json_put(struct xo_json *j, json_t *object, const char *key, json_t *value); /* steals */
void xo_json_append(struct xo_json *j, json_t *array, json_t *value);                /* steals */
json_t *xo_json_number(double value); /* null when not finite; an integer when it is one */
json_t *xo_json_text(const char *text);
/* Put the text of *root, every number in its shortest exact form, into buf, and free root. */
void xo_json_dump(struct xo_json *j, json_t *root, struct xo_buf *buf);

json_t *xo_json_bill(struct xo_json *j, const struct xo_bill *bill);
json_t *xo_json_metrics(struct xo_json *j, const struct xo_point_metrics *m,
                        const struct xo_scenario *s);
json_t *xo_json_infeasible(struct xo_json *j, const struct xo_scenario *s, int option,
                           const struct xo_infeasible *why);
json_t *xo_json_edge(struct xo_json *j, const struct xo_scenario *s, const struct xo_edge *edge);
/* What is known of surrogates of capacity: an array. */
json_t *xo_json_surrogates(struct xo_json *j, const struct xo_scenario *s,
                           const struct xo_surrogate_report reports[], int n);
json_t *xo_json_notes(struct xo_json *j, int n, const char notes[][XO_SWEEP_NOTE_SIZE]);
json_t *xo_json_unserved(struct xo_json *j, const struct xo_unserved *unserved);
json_t *xo_json_reshaped(struct xo_json *j, const struct xo_scenario *s);
json_t *xo_json_scenario(struct xo_json *j, const struct xo_scenario *s);
json_t *xo_json_ledger(struct xo_json *j, const struct xo_scenario *s);
/* Classes whose shared prefix does not simply stay in the cache of the API: an array. */
json_t *xo_json_cache(struct xo_json *j, const struct xo_scenario *s, double volume, int api);
void xo_curve_json(struct xo_buf *buf, const struct xo_curve *curve);
void xo_run_json(struct xo_buf *buf, const struct xo_run *run);

/* ---- the verdict of a curve (words/verdict.c) ---- */

/* A line a paragraph, with blanks that no line may break at; heap, NULL when out of memory. */
char *xo_verdict_paragraphs(const struct xo_curve *curve);

/* ---- sweeps (page/sweep.c, page/sweep_table.c) ---- */

/* Indices of key[n] from the largest down, NAN last; of equal ones the first comes first. */
void xo_order_down(const double key[], int n, int order[]);
double xo_swing(const struct xo_tornado *tornado); /* of the saving, from end to end */
/* Inputs in order of what they explain of the saving at plan, strongest first; order[n_inputs]. */
void xo_sweep_order(const struct xo_sweep_report *r, int order[XO_SWEEP_MAX_INPUTS]);
/* Whether row `row` is of the joint distribution (A and B of pick-freeze). */
bool xo_sweep_is_sample(const struct xo_sweep_result *result, int64_t row);
/* Is the middle sample's difference under [scenario] materiality, a share of the cheaper bill? */
bool xo_sweep_is_immaterial(const struct xo_sweep_report *r);
const char *xo_call_name(enum xo_call call);
/* "5.9 M", "under 15 k", "over 150 M", "-": a volume of a sweep, 0 and INFINITY outside it. */
const char *xo_say_volume(struct xo_words *w, const struct xo_sweep_result *result, double volume);
/* "becomes cheaper at 6.6 M requests a month (P5 4.1 M, P95 11 M)", or that it does not. */
const char *xo_say_crossing(struct xo_words *w, const struct xo_sweep_result *result);
/* Where a value stands on an axis of a map, in cells from 0 to n - 1. */
double xo_map_index(const struct xo_map_axis *axis, double value);
void xo_sweep_page(struct page *page, const struct xo_sweep_report *r);
char *xo_sweep_title(const struct xo_sweep_report *r); /* the finding in one line; heap */
char *xo_map_title(const struct xo_scenario *s, const struct xo_map_result *m); /* heap */

/* ---- plots ---- */

/* One plot, ready to be written: what plots/NAME.gp reads. */
struct xo_plot {
    const char *name; /* "cost": cost.set, cost.csv beside cost.gp, cost.png, cost.svg */
    char none[120];   /* not empty: why there is no picture, and no file either */
    struct xo_buf set, data;
};
void xo_plot_cost(struct xo_plot *plot, const struct xo_curve *curve);
void xo_plot_saving(struct xo_plot *plot, const struct xo_curve *curve);
void xo_plot_load(struct xo_plot *plot, const struct xo_curve *curve);
void xo_plot_scatter(struct xo_plot *plot, const struct xo_validation *validation);
void xo_plot_error_load(struct xo_plot *plot, const struct xo_validation *validation);
void xo_plot_crossover(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_tornado(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_indices(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_fan(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_inputs(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_convergence(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_map(struct xo_plot *plot, const struct xo_scenario *s, const struct xo_map_result *m);
struct xo_plotting {
    double timeout_s;         /* of one picture */
    const volatile int *stop; /* not 0: give up; may be NULL */
};
/* Run `program` on NAME.gp inside folder and put NAME.png and NAME.svg in place whole. False, with
 * a sentence in err, when the program fails or draws nothing, and with XO_ERR_STOPPED when the next
 * picture need not be tried: it is missing, took too long, or was told to stop. */
XO_MUST_USE bool xo_gnuplot_run(const char *program, const char *folder, const char *name,
                                const struct xo_plotting *how, struct xo_error *err);

/* ---- measures (page/validate.c) ---- */
/* NULL: the group has none of this measure. */
const struct xo_score *xo_score_find(const struct xo_validation *v, const char *by,
                                     const char *group, enum xo_measure measure);
const char *xo_measure_name(enum xo_measure measure); /* in files: "tpot_s" */
const char *xo_measure_unit(enum xo_measure measure); /* "s" */
const char *xo_measure_head(enum xo_measure measure); /* on paper: "TPOT" */

/* ---- targets, knees, request logs of a validation (page/targets.c, page/validate_md.c) ---- */
const char *xo_target_asked(char out[64], const struct xo_target *t);   /* at most 15 % or 20 ms */
const char *xo_target_reached(char out[64], const struct xo_target *t); /* 21 % or 24 ms */
const char *xo_target_of(char out[64], const struct xo_target *t);      /* 554 rows, 75 % within */
const char *xo_target_verdict(const struct xo_target *t);               /* met, missed, - */
/* Series, or those that KV limits alone, and how many have their knees one step apart at most. */
void xo_count_knees(const struct xo_validation *v, bool kv_limited, int *n, int *near);
void xo_put_targets(struct page *page, const struct xo_validation *v);
bool xo_has_logs(const struct xo_validation *v);
/* The table of errors in percent, each by `format`. */
void xo_put_logs(struct page *page, const struct xo_validation *v, const char *head,
                 const char *format);
json_t *xo_targets_json(struct xo_json *j, const struct xo_validation *v);
void xo_put_validation_md(struct xo_buf *buf, const struct xo_validation *v);

/* ---- the folder of results (out/write.c) ---- */
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
