/* answer.h - a scenario through the front door: the program is run as its user runs it, and what it
 * printed and wrote is read back. A test that uses it is bound to no file of the source.
 *
 * The program is $CROSSOVER, which CTest sets.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TESTS_ANSWER_H
#define XO_TESTS_ANSWER_H

#include <check.h>
#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct answer {
    char folder[64]; /* of --out, beside scenario.ini, stdout and stderr */
    int status;      /* of the program */
    json_t *json;    /* COMMAND.json of the folder, owned; NULL: there is none */
    char *text;      /* what was printed on stdout, each run of white space one blank; owned */
    char *errors;    /* the same of stderr */
};

/* A whole file, on the heap; "" where there is none. */
static inline char *answer_file(const struct answer *a, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", a->folder, name);
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (file == NULL || getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = strdup("");
    }
    if (file != NULL)
        fclose(file);
    ck_assert_ptr_nonnull(text);
    return text;
}

static inline char *answer_words(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++)
        if (!isspace((unsigned char)*from))
            *to++ = *from;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    *to = '\0';
    return text;
}

/* What pictures a study leaves: none; their data and scripts, as where there is no gnuplot. */
/* Of tests/data/analytic.ini: steps that take a tenth longer end its fleets, since a lone request
 * then takes more than 11 s. Of this limit they never do, and fleets are the same: who waits, waits
 * for longer than 2 s. */
#define PATIENT "--set slo.e2e_p95='1 h' --set slo.ttft_p95='2 s' "

enum answer_pictures { ANSWER_NO_PICTURES, ANSWER_UNDRAWN };

/* Runs COMMAND (curve, run, sweep, map, check) on the scenario of the file BASE with MORE, further
 * sections, behind it. OPTIONS: the rest of the command line as a shell reads it, such as "--set
 * build.rent='$3/hour'"; NULL: nothing. */
static inline struct answer answer_with(enum answer_pictures pictures, const char *command,
                                        const char *base, const char *more, const char *options)
{
    struct answer a = { .folder = "/tmp/xo-answer-XXXXXX" };
    const char *program = getenv("CROSSOVER");
    ck_assert_msg(program != NULL, "CROSSOVER, the path of the program, is not set");
    ck_assert_ptr_nonnull(mkdtemp(a.folder));
    char line[2048];
    const bool draws = strcmp(command, "run") != 0 && strcmp(command, "check") != 0;
    int n = snprintf(line, sizeof line,
                     "cd %s && { cat '%s' && cat <<'XO_END'\n%s\nXO_END\n} > scenario.ini && "
                     "%s'%s' %s scenario.ini %s %s %s > stdout 2> stderr",
                     a.folder, base, more != NULL ? more : "",
                     pictures == ANSWER_UNDRAWN ? "PATH=/nowhere " : "", program, command,
                     strcmp(command, "check") == 0 ? "" : "--out . --quiet",
                     draws && pictures == ANSWER_NO_PICTURES ? "--no-plots" : "",
                     options != NULL ? options : "");
    ck_assert_int_lt(n, (int)sizeof line);
    const int status = system(line);
    ck_assert(WIFEXITED(status));
    a.status = WEXITSTATUS(status);
    char name[32];
    snprintf(name, sizeof name, "%s.json", command);
    char *text = answer_file(&a, name);
    a.json = json_loads(text, 0, NULL);
    free(text);
    a.text = answer_words(answer_file(&a, "stdout"));
    a.errors = answer_words(answer_file(&a, "stderr"));
    return a;
}

static inline struct answer answer_of(const char *command, const char *base, const char *more,
                                      const char *options)
{
    return answer_with(ANSWER_NO_PICTURES, command, base, more, options);
}

static inline void answer_fini(struct answer *a)
{
    char line[96];
    snprintf(line, sizeof line, "rm -r %s", a->folder);
    ck_assert_int_eq(system(line), 0);
    json_decref(a->json);
    free(a->text);
    free(a->errors);
    *a = (struct answer){ 0 };
}

/* What stands at a path such as "verdict.build_against_buy.crossings[0].usd_month"; borrowed. */
static inline const json_t *answer_at(const struct answer *a, const char *path)
{
    const json_t *at = a->json;
    ck_assert_msg(at != NULL, "exit %d, no JSON: %s", a->status, a->errors);
    for (const char *p = path; *p != '\0';) {
        char key[64];
        const size_t length = strcspn(p, ".[]");
        snprintf(key, sizeof key, "%.*s", (int)length, p);
        at = isdigit((unsigned char)*key) ? json_array_get(at, (size_t)atol(key))
                                          : json_object_get(at, key);
        ck_assert_msg(at != NULL, "%s: there is no \"%s\"", path, key);
        p += length;
        p += strspn(p, ".[]");
    }
    return at;
}

/* The number there; NAN for null. */
static inline double answer_number(const struct answer *a, const char *path)
{
    const json_t *at = answer_at(a, path);
    ck_assert_msg(json_is_number(at) || json_is_null(at), "%s is no number", path);
    return json_is_null(at) ? (double)NAN : json_number_value(at);
}

static inline const char *answer_string(const struct answer *a, const char *path)
{
    const json_t *at = answer_at(a, path);
    ck_assert_msg(json_is_string(at), "%s is no text", path);
    return json_string_value(at);
}

static inline bool answer_is(const struct answer *a, const char *path)
{
    const json_t *at = answer_at(a, path);
    ck_assert_msg(json_is_boolean(at), "%s is neither true nor false", path);
    return json_is_true(at);
}

/* How many elements an array has. */
static inline int answer_count(const struct answer *a, const char *path)
{
    const json_t *at = answer_at(a, path);
    ck_assert_msg(json_is_array(at), "%s is no array", path);
    return (int)json_array_size(at);
}

/* RIGHT to TOLERANCE, relative (absolute where RIGHT is 0). */
#define answer_ck_near(a, path, right, tolerance)                                                  \
    do {                                                                                           \
        const double found_ = answer_number(a, path), right_ = (right);                            \
        ck_assert_msg(fabs(found_ - right_) <= (tolerance) * (right_ == 0 ? 1 : fabs(right_)),     \
                      "%s is %.12g, not %.12g", path, found_, right_);                             \
    } while (0)

/* SENTENCE stands in what was printed, whatever its line breaks. */
#define answer_ck_says(a, sentence)                                                                \
    ck_assert_msg(strstr((a)->text, sentence) != NULL, "not said: %s\nin: %s", sentence, (a)->text)
#define answer_ck_silent(a, sentence)                                                              \
    ck_assert_msg(strstr((a)->text, sentence) == NULL, "said: %s\nin: %s", sentence, (a)->text)

/* Characters of a cell of CSV, which may stand in quotes and hold commas there. */
static inline size_t answer_cell_length(const char *line)
{
    size_t n = 0;
    for (bool quoted = false; line[n] != '\0' && (quoted || strchr(",\r\n", line[n]) == NULL); n++)
        quoted ^= line[n] == '"';
    return n;
}

/* The cell of a CSV file in ROW (from 0, under the header) of COLUMN, as it stands in the file; ""
 * where it is empty. At most 63 characters. */
static inline const char *answer_cell(const struct answer *a, const char *file, int row,
                                      const char *column)
{
    static char cell[64];
    char *text = answer_file(a, file), *line = text;
    int wanted = -1, i = 0;
    for (const char *p = text; wanted < 0; i++) {
        const size_t length = strcspn(p, ",\r\n");
        if (strlen(column) == length && strncmp(p, column, length) == 0)
            wanted = i;
        ck_assert_msg(wanted >= 0 || p[length] == ',', "%s has no column \"%s\"", file, column);
        p += length + 1;
    }
    for (i = 0; i <= row; i++) {
        line = strchr(line, '\n');
        ck_assert_msg(line != NULL && line[1] != '\0', "%s has no row %d", file, row);
        line++;
    }
    for (i = 0; i < wanted; i++)
        line += answer_cell_length(line) + 1;
    snprintf(cell, sizeof cell, "%.*s", (int)answer_cell_length(line), line);
    free(text);
    return cell;
}

/* RIGHT, give or take MARGIN: for what is drawn or simulated. */
#define answer_ck_about(a, path, right, margin)                                                    \
    do {                                                                                           \
        const double found_ = answer_number(a, path), right_ = (right), margin_ = (margin);        \
        ck_assert_msg(fabs(found_ - right_) <= margin_, "%s is %.12g, not %.12g +- %.3g", path,    \
                      found_, right_, margin_);                                                    \
    } while (0)

/* No number where one would stand. */
#define answer_ck_null(a, path)                                                                    \
    ck_assert_msg(json_is_null(answer_at(a, path)), "%s is not null", path)

/* The path that FORMAT makes, such as "points[%d].buy_usd_month", until the next but three. */
static inline const char *answer_path(const char *format, ...)
{
    static char path[4][96];
    static int next;
    char *out = path[next++ % 4];
    va_list args;
    va_start(args, format);
    vsnprintf(out, sizeof path[0], format, args);
    va_end(args);
    return out;
}

#endif
