/* measured.c - measured operating points from CSV: untrusted text in, rows out.
 *
 * The state is a struct sheet: the lines and fields (base/delimited.h), where each column stands,
 * the names that were warned of, and why the present row cannot be used. The columns are one table;
 * results of a benchmark in JSON are made into the same CSV first (bench_json.c).
 *
 * Invariant: every line that is not blank becomes a row, also one that cannot be used; its first
 * problem stays with it (row_problem), so that a validation can count what it skips and say why. A
 * file of which no row can be read is an error. A name that nobody knows is warned of once.
 *
 * A row of a GPU or model without an entry is kept, since a scenario may have one of its own; types
 * of weights are read as checkpoints' names and catalogs have them. Begin with columns[], read_row
 * and read_rows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/measured.h"
#include "base/delimited.h"
#include "bench_json.h"
#include "values.h"
#include "xo/memory.h"
#include "xo/table.h"
#include "xo/text.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

const char *const xo_load_names[] = { "offline_max", "concurrency", "rate", "trace" };
XO_TABLE_OF(xo_load_names, XO_N_LOADS);

enum { MAX_FILE_BYTES = 1 << 28, MAX_ROWS = 1000000, MAX_UNKNOWN = 256 };
enum { MAX_UNREADABLE = 16 };

/* ---- columns ---- */

enum column {
    C_ID,
    C_DATASET,
    C_QUALITY,
    C_ENGINE,
    C_ENGINE_VERSION,
    C_MODEL,
    C_BASE_MODEL,
    C_GPU,
    C_WEIGHTS,
    C_KV,
    C_N_GPUS,
    C_TP,
    C_PP,
    C_EP,
    C_ISL,
    C_OSL,
    C_LOAD_KIND,
    C_LOAD_VALUE,
    C_N_REQUESTS,
    C_KV_ROOM,
    C_NOTES,
    C_REFUSED, /* of results in JSON alone */
    C_FIRST_MEASURE,
    N_COLUMNS = C_FIRST_MEASURE + XO_N_MEASURES
};
static const struct {
    const char *name;
    bool needed;
} columns[] = {
    { "id", false },
    { "dataset", false },
    { "quality", false },
    { "engine", true },
    { "engine_version", false },
    { "model", true },
    { "base_model", false },
    { "gpu", true },
    { "precision_weights", false },
    { "precision_kv", false },
    { "n_gpus", false },
    { "tp", false },
    { "pp", false },
    { "ep", false },
    { "isl", false },
    { "osl", false },
    { "load_kind", true },
    { "load_value", false },
    { "n_requests", false },
    { "kv_room_tokens", false },
    { "notes", false },
    { "refused", false },
    { "output_tok_s_total", false },
    { "ttft_mean_ms", false },
    { "tpot_mean_ms", false },
    { "e2e_mean_ms", false },
    { "ttft_p50_ms", false },
    { "ttft_p90_ms", false },
    { "ttft_p95_ms", false },
    { "ttft_p99_ms", false },
    { "tpot_p50_ms", false },
    { "tpot_p90_ms", false },
    { "tpot_p95_ms", false },
    { "tpot_p99_ms", false },
    { "e2e_p50_ms", false },
    { "e2e_p90_ms", false },
    { "e2e_p95_ms", false },
    { "e2e_p99_ms", false },
};
XO_TABLE_OF(columns, N_COLUMNS);

struct sheet {
    struct reader r; /* problems */
    struct xo_delimited d;
    int line; /* of the row that is being read */
    int n_header_fields;
    int at[N_COLUMNS]; /* field of each column; -1: not there */
    char folder[XO_PATH_SIZE];
    const struct xo_scenario
        *s;                 /* whose GPU and model are known, whatever the catalogs say; NULL */
    struct bench_json json; /* the results that the text was made from; n 0: it is CSV */
    const struct xo_catalog *catalog;
    char unknown[MAX_UNKNOWN][XO_MEASURED_NAME]; /* names already reported */
    int n_unknown;
    char why[XO_MEASURED_WHY]; /* the row that is being read cannot be used; "": it can */
    struct {
        int line;
        char why[XO_MEASURED_WHY];
    } unreadable[MAX_UNREADABLE]; /* the first rows with a wrong value */
    int n_unreadable;             /* all of them */
};

/* The row that is being read cannot be used; its first problem is the one that is kept. */
__attribute__((format(printf, 2, 3))) static void row_problem(struct sheet *s, const char *format,
                                                              ...)
{
    va_list args;
    if (s->why[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(s->why, sizeof s->why, format, args);
    va_end(args);
    if (s->n_unreadable < MAX_UNREADABLE) {
        s->unreadable[s->n_unreadable].line = s->line;
        strcpy(s->unreadable[s->n_unreadable].why, s->why);
    }
    s->n_unreadable++;
}

/* One row that cannot be read is left out with a warning; where none can, that is an error. */
static void tell_unreadable(struct sheet *s, bool all)
{
    for (int i = 0; i < s->n_unreadable && i < MAX_UNREADABLE; i++)
        if (all)
            problem_at(&s->r, s->unreadable[i].line, "%s", s->unreadable[i].why);
        else
            warning_at(&s->r, s->unreadable[i].line, "%s; the row is skipped",
                       s->unreadable[i].why);
    const int more = s->n_unreadable - MAX_UNREADABLE;
    if (more > 0)
        warning_at(&s->r, 0, "%d more row%s cannot be read", more, more == 1 ? "" : "s");
}

/* The file as a whole cannot be read, at the present line or at all. */
static void refuse_file(struct sheet *s, const struct xo_error *err)
{
    if (!memory_ran_out(&s->r, err))
        problem_at(&s->r, err->kind == XO_ERR_INPUT ? (int)s->d.line : 0, "%s", err->text);
}

/* The next line; false after the last. One that cannot be split has a problem, and no fields. */
static bool next_line(struct sheet *s)
{
    struct xo_error err = { 0 };
    bool is_end;
    s->why[0] = '\0';
    if (!xo_delimited_next(&s->d, &is_end, &err)) {
        refuse_file(s, &err);
        return false;
    }
    s->line = (int)s->d.line;
    if (!is_end && !xo_delimited_split(&s->d, &err)) {
        s->d.n_fields = 0;
        row_problem(s, "%s", err.text);
    }
    return !is_end;
}

/* What people write where there is nothing to write. */
static bool says_nothing(const char *text)
{
    static const char *const words[] = { "-", "na", "n/a", "nan", "none", "null" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

static const char *field(const struct sheet *s, enum column column)
{
    const char *text = s->at[column] < 0 ? "" : xo_text_trim(s->d.fields[s->at[column]]);
    return says_nothing(text) ? "" : text;
}

/* Find the column's field; false: there is none. */
static bool find_column(struct sheet *s, enum column column)
{
    s->at[column] = -1;
    for (int i = 0; i < s->d.n_fields; i++)
        if (strcasecmp(xo_text_trim(s->d.fields[i]), columns[column].name) == 0)
            s->at[column] = i;
    return s->at[column] >= 0;
}

static bool read_header(struct sheet *s)
{
    struct xo_error err = { 0 };
    bool is_end, whole = true;
    if (!xo_delimited_header(&s->d, &is_end, &err)) {
        refuse_file(s, &err);
        return false;
    }
    if (is_end) {
        problem_at(&s->r, 0, "the file is empty; it takes a first line that names its columns");
        return false;
    }
    s->n_header_fields = s->d.n_fields;
    int n_found = 0;
    for (int c = 0; c < N_COLUMNS; c++)
        n_found += find_column(s, (enum column)c);
    if (n_found == 0 && s->d.parted_by != NULL) {
        xo_delimited_refuse_parting(&s->d, &err);
        refuse_file(s, &err);
        return false;
    }
    for (int c = 0; c < N_COLUMNS; c++)
        if (columns[c].needed && s->at[c] < 0) {
            problem_at(&s->r, (int)s->d.line,
                       "there is no column \"%s\"; model, gpu, engine and load_kind are needed",
                       columns[c].name);
            whole = false;
        }
    return whole;
}

/* ---- values ---- */

/* The number in `column`; `otherwise` when it is empty; a problem when it is not in [min, max]. */
static double number(struct sheet *s, enum column column, double min, double max, double otherwise)
{
    const char *text = field(s, column), *rest;
    double value;
    if (*text == '\0')
        return otherwise;
    if (xo_text_number(text, &value, &rest) && *rest == '\0' && value >= min && value <= max)
        return value;
    row_problem(s, "%s is \"%.60s\"; it takes a number from %g to %g, or nothing",
                columns[column].name, text, min, max);
    return otherwise;
}

/* The whole number in `column`; 0 where it is empty or 0. */
static int64_t whole_number(struct sheet *s, enum column column, int64_t max)
{
    const double value = number(s, column, 0, (double)max, 0);
    if (value == floor(value))
        return (int64_t)value;
    row_problem(s, "%s is %g; it takes a whole number", columns[column].name, value);
    return 0;
}

static void copy_field(const struct sheet *s, enum column column, char *to, size_t size)
{
    xo_text_copy(to, size, field(s, column));
}

/* The row has a name that nobody knows: warn of it the first time that it comes. A row of a GPU or
 * model without an entry may still be used by who has one. */
static void say_unknown(struct sheet *s, const char *what, const char *name, const char *hint)
{
    const bool catalogued = strcmp(what, "GPU") == 0 || strcmp(what, "model") == 0;
    char why[XO_MEASURED_WHY];
    snprintf(why, sizeof why, "%s \"%.90s\" is %s", what, name,
             catalogued ? "in no catalog" : "not simulated");
    if (!catalogued && s->why[0] == '\0')
        strcpy(s->why, why);
    for (int i = 0; i < s->n_unknown; i++)
        if (strncmp(s->unknown[i], name, XO_MEASURED_NAME - 1) == 0)
            return;
    if (s->n_unknown == MAX_UNKNOWN)
        return;
    xo_text_copy(s->unknown[s->n_unknown++], XO_MEASURED_NAME, name);
    warning_at(&s->r, s->line, "%s; its rows are skipped%s", why, hint);
}

/* fp4 is MXFP4 on AMD's GPUs, and NVFP4 on others. */
static enum xo_dtype type_on(const struct precision *p, const struct xo_gpu_entry *gpu)
{
    const bool amd =
        gpu != NULL && gpu->gpu.generation >= XO_GEN_CDNA2 && gpu->gpu.generation <= XO_GEN_CDNA4;
    if (strcmp(p->word, "fp4") == 0)
        return amd ? XO_MXFP4 : XO_NVFP4;
    return (enum xo_dtype)p->type;
}

/* "auto" is what the engine takes by default, as where nothing is said. */
static bool type_is_given(const struct sheet *s, enum column column)
{
    const char *text = field(s, column);
    return *text != '\0' && strcasecmp(text, "auto") != 0;
}

static enum xo_dtype data_type(struct sheet *s, enum column column, const struct xo_gpu_entry *gpu)
{
    const char *text = field(s, column);
    struct precision p;
    char hint[160];
    const bool known = precision_read(text, &p);
    if (known && (p.type >= 0 || strcmp(p.word, "fp4") == 0))
        return type_on(&p, gpu);
    snprintf(hint, sizeof hint, "; %s",
             known ? p.why : "fp16, bf16, fp8, int8, int4, nvfp4, mxfp4 and fp4 are known");
    say_unknown(s, columns[column].name, text, hint);
    return XO_BF16;
}

/* The type of the weights: where no column says it, as the checkpoint's name does, else as its
 * model was released. */
static enum xo_dtype weights_of(struct sheet *s, const struct xo_measured_row *row)
{
    struct precision p;
    if (type_is_given(s, C_WEIGHTS))
        return data_type(s, C_WEIGHTS, row->gpu);
    if (precision_of_model(row->model_name, &p)) {
        if (p.type >= 0)
            return type_on(&p, row->gpu);
        row_problem(s, "precision_weights is empty, and \"%s\" in the model's name is %s", p.word,
                    p.why);
    }
    return row->model != NULL ? row->model->model.native_weights : XO_BF16;
}

/* A word of a column and what it stands for. */
struct word {
    const char *name;
    int value;
};

/* What `column` says by words[n]; 0 and a warning when it is none of them. */
static int choice(struct sheet *s, enum column column, const struct word words[], size_t n,
                  const char *hint)
{
    const char *text = field(s, column);
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(text, words[i].name) == 0)
            return words[i].value;
    say_unknown(s, columns[column].name, text, hint);
    return 0;
}

/* A GPU or model of the scenario's own needs no entry in a catalog. */
static bool is_own(const struct sheet *s, const char *gpu, const char *model)
{
    for (int i = 0; s->s != NULL && i < s->s->n_options; i++) {
        const struct xo_deployment *d = &s->s->options[i].deployment;
        if (strcasecmp(gpu, d->gpu.name) == 0 || strcasecmp(model, d->model.name) == 0)
            return true;
    }
    return false;
}

static void find_gpu(struct sheet *s, struct xo_measured_row *row)
{
    const char *nearest = NULL;
    char near[160];
    copy_field(s, C_GPU, row->gpu_name, sizeof row->gpu_name);
    row->gpu = xo_catalog_gpu(s->catalog, row->gpu_name, &nearest);
    if (row->gpu == NULL && !is_own(s, row->gpu_name, ""))
        say_unknown(s, "GPU", row->gpu_name, did_you_mean(near, sizeof near, nearest));
}

/* Find the model of a row by its own name, else by that of the model it was made from. */
static void find_model(struct sheet *s, struct xo_measured_row *row)
{
    const char *nearest = NULL, *unused = NULL;
    char near[160];
    copy_field(s, C_MODEL, row->model_name, sizeof row->model_name);
    row->model = xo_catalog_model(s->catalog, row->model_name, &nearest);
    if (row->model == NULL && *field(s, C_BASE_MODEL) != '\0')
        row->model = xo_catalog_model(s->catalog, field(s, C_BASE_MODEL), &unused);
    if (row->model == NULL && !is_own(s, "", row->model_name))
        say_unknown(s, "model", row->model_name, did_you_mean(near, sizeof near, nearest));
}

/* ---- notes ---- */

/* What follows a word that does not begin within another; NULL. A word that ends with "=" may be
 * written as options and JSON have it: "dp=2", "dp = 2", "\"dp\": 2". */
static const char *text_after(const char *notes, const char *word)
{
    const size_t n = strlen(word);
    const bool is_key = word[n - 1] == '=';
    for (const char *at = notes; (at = strchr(at, word[0])) != NULL; at++) {
        const char *end = at + n - is_key;
        const bool within = at > notes && (isalnum((unsigned char)at[-1]) || at[-1] == '_');
        if (within || strncmp(at, word, n - is_key) != 0)
            continue;
        end += is_key ? strspn(end, "\"' ") : 0;
        if (is_key && *end != '=' && *end != ':')
            continue;
        return is_key ? end + 1 + strspn(end + 1, " ") : end;
    }
    return NULL;
}

/* The number after any of the words[]; `otherwise` when there is none in [min, max]. */
static double number_after(const char *notes, const char *const words[], double min, double max,
                           double otherwise)
{
    for (; *words != NULL; words++) {
        const char *at = text_after(notes, *words), *rest;
        double value;
        if (at != NULL && xo_text_number(at, &value, &rest) && value >= min && value <= max)
            return value;
    }
    return otherwise;
}

/* The day behind "measured", which other words may follow too. */
static void read_day(const char *notes, char day[11])
{
    int year, month, date;
    for (const char *at = notes; (at = strstr(at, "easured ")) != NULL; at++)
        if (sscanf(at, "easured %4d-%2d-%2d", &year, &month, &date) == 3) {
            snprintf(day, 11, "%.10s", at + strlen("easured "));
            return;
        }
}

static void read_notes(struct sheet *s, struct xo_measured_notes *notes)
{
    static const char *const batch[] = { "max_num_seqs=", "max_batch=", NULL };
    static const char *const chunk[] = { "max_num_batched_tokens=", "max_num_tokens=", NULL };
    static const char *const memory[] = { "KV fraction ", "kv fraction ", NULL };
    static const char *const ranks[] = { "attention data-parallel over ", "dp=", NULL };
    static const char *const draft[] = { "num_speculative_tokens=", NULL };
    static const char *const e2e[] = { "e2e mean ", NULL };
    const char *text = field(s, C_NOTES);
    *notes = (struct xo_measured_notes){
        .max_batch = (int)number_after(text, batch, 1, 65536, 0),
        .chunk_tokens = (int64_t)number_after(text, chunk, 1, 1e6, 0),
        .memory_frac = number_after(text, memory, 0.1, 1, 0),
        .attention_dp = (int)number_after(text, ranks, 1, 1024, 0),
        .moe_is_dp = strstr(text, "sets enable_attention_dp") != NULL,
        .constant_rate =
            strstr(text, "constant-rate") != NULL || strstr(text, ": constant ") != NULL,
        .few_prompts = strstr(text, "small fixed set of prompts") != NULL,
        .draft_tokens = (int)number_after(text, draft, 1, 1024, 0),
        .e2e_mean_s = number_after(text, e2e, 0, 1e9, NAN) * 1e-3,
    };
    read_day(text, notes->day);
}

/* ---- rows ---- */

/* A log knows better than the means that were published of it. */
static bool take_served(const struct xo_served *served, double measured[XO_N_MEASURES],
                        struct xo_error *err)
{
    if (served->n == 0)
        return true;
    if (isnan(measured[XO_MEASURE_OUTPUT]))
        measured[XO_MEASURE_OUTPUT] = served->output_per_s;
    return xo_served_measure(served, 0, served->n, measured, err);
}

/* The log that load_value names: its last part, beside the file or one folder below. */
static void find_trace(struct sheet *s, struct xo_measured_row *row)
{
    static const char *const folders[] = { "", "traces/", "served/" };
    static const struct xo_trace_options as_logged = { .keep_gaps = true };
    const char *name = field(s, C_LOAD_VALUE), *slash = strrchr(name, '/');
    char path[XO_PATH_SIZE + 600];
    struct xo_error err;
    if (slash != NULL)
        name = slash + 1;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && *name != '\0'; i++) {
        snprintf(path, sizeof path, "%s%s%.500s", s->folder, folders[i], name);
        if (access(path, R_OK) != 0)
            continue;
        const char *what = NULL;
        if (!xo_trace_read(&row->trace, path, &as_logged, &err))
            what = "its request log";
        else if (!xo_served_read(&row->served, path, row->trace.n, &err) ||
                 !take_served(&row->served, row->measured, &err))
            what = "the times in its request log";
        if (what != NULL && !memory_ran_out(&s->r, &err))
            warning_at(&s->r, s->line, "%s cannot be used: %s", what, err.text);
        return;
    }
}

static void read_measures(struct sheet *s, struct xo_measured_row *row)
{
    double *m = row->measured;
    for (int i = 0; i < XO_N_MEASURES; i++) {
        const double unit = i == XO_MEASURE_OUTPUT ? 1 : 1e-3;
        m[i] = number(s, (enum column)(C_FIRST_MEASURE + i), 0, 1e12, NAN) * unit;
        if (!(m[i] > 0))
            m[i] = NAN;
    }
    if (isnan(m[XO_MEASURE_E2E]))
        m[XO_MEASURE_E2E] = row->notes.e2e_mean_s;
    if (isnan(m[XO_MEASURE_E2E]))
        m[XO_MEASURE_E2E] = m[XO_MEASURE_TTFT] + m[XO_MEASURE_TPOT] * (row->osl - 1);
}

static void read_deployment_of(struct sheet *s, struct xo_measured_row *row)
{
    static const struct word engines[] = {
        { "vllm", XO_ENGINE_VLLM },           { "sglang", XO_ENGINE_SGLANG },
        { "trtllm", XO_ENGINE_TRTLLM },       { "trt-llm", XO_ENGINE_TRTLLM },
        { "tensorrt-llm", XO_ENGINE_TRTLLM }, { "tensorrt_llm", XO_ENGINE_TRTLLM },
    };
    find_gpu(s, row);
    find_model(s, row);
    row->engine = (enum xo_engine_family)choice(
        s, C_ENGINE, engines, sizeof engines / sizeof *engines, "; vllm, sglang and trtllm are");
    row->weights = weights_of(s, row);
    row->kv_given = type_is_given(s, C_KV);
    row->kv = row->kv_given ? data_type(s, C_KV, row->gpu) : XO_BF16;
    row->n_gpus = (int)whole_number(s, C_N_GPUS, 100000);
    row->tp = (int)whole_number(s, C_TP, 1024);
    row->pp = (int)whole_number(s, C_PP, 1024);
    row->ep = (int)whole_number(s, C_EP, 1024);
    row->kv_room_tokens = number(s, C_KV_ROOM, 16, 1e12, 0);
}

/* A rate without limit is everything at once (vLLM's --request-rate inf). */
static void read_load(struct sheet *s, struct xo_measured_row *row)
{
    const struct word kinds[] = { { xo_load_names[XO_LOAD_OFFLINE], XO_LOAD_OFFLINE },
                                  { xo_load_names[XO_LOAD_CONCURRENCY], XO_LOAD_CONCURRENCY },
                                  { xo_load_names[XO_LOAD_RATE], XO_LOAD_RATE },
                                  { xo_load_names[XO_LOAD_TRACE], XO_LOAD_TRACE } };
    row->load = (enum xo_load)choice(s, C_LOAD_KIND, kinds, sizeof kinds / sizeof *kinds,
                                     "; offline_max, concurrency, rate and trace are");
    row->load_value = NAN;
    if (row->load == XO_LOAD_RATE && strcasecmp(field(s, C_LOAD_VALUE), "inf") == 0)
        row->load = XO_LOAD_OFFLINE;
    else if (row->load != XO_LOAD_TRACE)
        row->load_value = number(s, C_LOAD_VALUE, 1e-6, 1e6, NAN);
}

/* A row of which nothing is known but its line. */
static struct xo_measured_row empty_row(int line)
{
    struct xo_measured_row row = {
        .line = line, .quality = '-', .isl = NAN, .osl = NAN, .load_value = NAN
    };
    for (int i = 0; i < XO_N_MEASURES; i++)
        row.measured[i] = NAN;
    return row;
}

static void read_row(struct sheet *s, struct xo_measured_row *row)
{
    if (s->json.n > 0 && *field(s, C_REFUSED) != '\0') {
        row_problem(s, "%s", field(s, C_REFUSED));
        return;
    }
    copy_field(s, C_ID, row->id, sizeof row->id);
    copy_field(s, C_DATASET, row->dataset, sizeof row->dataset);
    copy_field(s, C_ENGINE_VERSION, row->engine_version, sizeof row->engine_version);
    row->quality = *field(s, C_QUALITY) != '\0' ? *field(s, C_QUALITY) : '-';
    read_deployment_of(s, row);
    row->isl = number(s, C_ISL, 1, 1 << 24, NAN);
    row->osl = number(s, C_OSL, 1, 1 << 24, NAN);
    read_load(s, row);
    row->n_requests = whole_number(s, C_N_REQUESTS, 1000000000);
    read_notes(s, &row->notes);
    read_measures(s, row);
    if (row->load == XO_LOAD_TRACE)
        find_trace(s, row);
}

/* Is a line empty, or commas alone, as spreadsheets leave below a table? */
static bool is_blank(const struct sheet *s)
{
    for (int i = 0; i < s->d.n_fields; i++)
        if (*s->d.fields[i] != '\0')
            return false;
    return s->why[0] == '\0';
}

static void read_rows(struct sheet *s, struct xo_measured *measured)
{
    size_t room = 0;
    while (next_line(s)) {
        if (is_blank(s))
            continue;
        if (measured->n < s->json.n)
            s->line = s->json.lines[measured->n];
        if (s->why[0] == '\0' && s->d.n_fields != s->n_header_fields)
            row_problem(s, "the line has %d fields, the header %d", s->d.n_fields,
                        s->n_header_fields);
        if (measured->n == MAX_ROWS) {
            problem_at(&s->r, s->line, "more than %d rows", MAX_ROWS);
            return;
        }
        if (!xo_array_reserve((void **)&measured->rows, &room, measured->n + 1,
                              sizeof *measured->rows, NULL)) {
            s->r.out_of_memory = true;
            return;
        }
        struct xo_measured_row *row = &measured->rows[measured->n++];
        *row = empty_row(s->line);
        if (s->why[0] == '\0')
            read_row(s, row);
        strcpy(row->why, s->why);
        measured->n_unknown += s->why[0] != '\0' || row->gpu == NULL || row->model == NULL;
    }
    tell_unreadable(s, (size_t)s->n_unreadable == measured->n);
    if (measured->n == 0 && s->r.n_errors == 0)
        problem_at(&s->r, 0, "there are no rows below the line of column names");
}

static void read_table(struct sheet *s, struct xo_measured *measured)
{
    if (read_header(s))
        read_rows(s, measured);
}

/* Results of a benchmark in JSON, made into CSV. */
static void read_json(struct sheet *s, struct xo_measured *measured)
{
    struct xo_error err = { 0 };
    char *text;
    size_t n;
    if (!xo_delimited_rest(&s->d, &text, &n, &err)) {
        refuse_file(s, &err);
        return;
    }
    if (!bench_json_read(&s->json, text, s->s, &err)) {
        if (!memory_ran_out(&s->r, &err))
            problem_at(&s->r, s->json.line, "%s", err.text);
        return;
    }
    measured->is_json = true;
    if (s->s != NULL && s->s->n_options > 0)
        warning_at(&s->r, 0,
                   "results in JSON do not say how they were served; what is missing is taken "
                   "from [build]: %s",
                   s->s->options[0].label);
    xo_delimited_close(&s->d);
    xo_delimited_of_text(&s->d, s->json.csv, strlen(s->json.csv));
    read_table(s, measured);
    bench_json_fini(&s->json);
}

static void read_file(struct sheet *s, const char *path, struct xo_measured *measured)
{
    struct xo_error err = { 0 };
    s->d = (struct xo_delimited){ .what = "a table of measurements",
                                  .max_bytes = MAX_FILE_BYTES,
                                  .is_bare = true,
                                  .dash_is_stdin = true };
    if (!xo_delimited_open(&s->d, path, &err)) {
        refuse_file(s, &err);
        return;
    }
    const char first = xo_delimited_peek(&s->d);
    if (first == '{' || first == '[')
        read_json(s, measured);
    else
        read_table(s, measured);
    xo_delimited_close(&s->d);
}

bool xo_measured_read(struct xo_measured *measured, const char *path, struct xo_problems *problems)
{
    return xo_measured_read_for(measured, path, NULL, problems);
}

bool xo_measured_read_for(struct xo_measured *measured, const char *path,
                          const struct xo_scenario *scenario, struct xo_problems *problems)
{
    *measured = (struct xo_measured){ 0 };
    *problems = (struct xo_problems){ 0 };
    xo_text_copy(measured->path, sizeof measured->path, path);
    struct sheet *s = calloc(1, sizeof *s);
    struct xo_error err = { .text = "out of memory" };
    struct reader nothing = { .file = path, .out_of_memory = true };
    if (s == NULL || !xo_catalog_load(&err)) {
        free(s);
        problems_finish(&nothing, problems);
        return false;
    }
    s->r.file = strcmp(path, "-") == 0 ? "standard input" : path;
    s->catalog = xo_catalog_builtin();
    s->s = scenario;
    const char *slash = strrchr(path, '/');
    if (slash != NULL)
        snprintf(s->folder, sizeof s->folder, "%.*s", (int)(slash + 1 - path), path);
    read_file(s, path, measured);
    problems_finish(&s->r, problems);
    const bool ok = s->r.n_errors == 0 && !s->r.out_of_memory;
    free(s);
    if (!ok)
        xo_measured_fini(measured);
    return ok;
}

void xo_measured_fini(struct xo_measured *measured)
{
    for (size_t i = 0; i < measured->n; i++) {
        xo_trace_fini(&measured->rows[i].trace);
        xo_served_fini(&measured->rows[i].served);
    }
    free(measured->rows);
    measured->rows = NULL;
    measured->n = measured->n_unknown = 0;
}
