/* parse.c - argv to a request, in three passes: split, find the verb, apply each option to it.
 *
 * Options may stand before or after the verb; one that the verb does not take is an error, because
 * a wish that is silently ignored is worse than none. The tables of table.c say what there is:
 * getopt's are made from them, and messages and hints too.
 *
 * The state is the struct cli_request that is filled. Its texts are those of argv or its own. An
 * option that stands for a key of the scenario becomes a --set, and keeps the name it was typed as,
 * for messages. The command for the manifest leaves out --threads, which changes no result. Begin
 * with cli_parse, split and apply.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "xo/table.h"
#include "xo/text.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_OPTIONS = 64, MAX_THREADS = 4096, MOST_SEQUENCES = 10000000 };
static const int64_t MOST_TOKENS = INT64_C(1000000000000);

/* One option as it was met on the command line. */
struct met {
    const char *name, *value; /* value NULL: none given */
};

const char *cli_did_you_mean(char hint[CLI_HINT_SIZE], const char *word, const char *const *names,
                             size_t n)
{
    const char *near = xo_text_nearest(word, names, n);
    if (near != NULL) {
        snprintf(hint, CLI_HINT_SIZE, "; did you mean %s?", near);
        return hint;
    }
    size_t used = (size_t)snprintf(hint, CLI_HINT_SIZE, "; there are ");
    for (size_t i = 0; i < n && used < CLI_HINT_SIZE; i++)
        used += (size_t)snprintf(hint + used, CLI_HINT_SIZE - used, "%s%s", i > 0 ? ", " : "",
                                 names[i]);
    return hint;
}

size_t cli_verb_names(const char *names[CLI_MAX_WORDS])
{
    size_t n = 0;
    for (int i = 0; i < cli_n_verbs && n < CLI_MAX_WORDS; i++)
        if (!cli_verb_is_under(&cli_verbs[i]))
            names[n++] = cli_verbs[i].name;
    return n;
}

/* ---- the splitting, by getopt_long ---- */

/* The tables of options in the form of getopt. Each name stands once; `val` is the index of its row
 * + 1, past all letters. */
enum { FIRST_LONG = 256 };
static void getopt_tables(struct option longs[MAX_OPTIONS], char shorts[3 * MAX_OPTIONS])
{
    int n = 0;
    strcpy(shorts, "-:"); /* operands come in their order; a missing value is told apart */
    for (int i = 0; i < cli_n_options && n < MAX_OPTIONS - 1; i++) {
        const struct cli_option *o = &cli_options[i];
        bool again = false;
        for (int k = 0; k < n; k++)
            again = again || strcmp(longs[k].name, o->name) == 0;
        if (again)
            continue;
        const int has_value = o->value != CLI_NOTHING;
        longs[n++] = (struct option){ o->name, has_value, NULL, FIRST_LONG + i };
        if (o->letter != 0)
            strcat(shorts, (char[]){ o->letter, has_value ? ':' : '\0', '\0' });
    }
    longs[n] = (struct option){ 0 };
}

static const struct cli_option *row_of(int code)
{
    if (code >= FIRST_LONG)
        return &cli_options[code - FIRST_LONG];
    for (int i = 0; i < cli_n_options; i++)
        if (cli_options[i].letter != 0 && cli_options[i].letter == code)
            return &cli_options[i];
    return NULL;
}

/* What is wrong with an option that getopt refused: `typed` is the word, `verb` may be NULL. */
static bool refuse_option(const struct cli_verb *verb, const char *typed, struct xo_error *err)
{
    const unsigned bit = verb != NULL ? verb->bit : ~0u;
    const char *names[MAX_OPTIONS];
    size_t n = 0;
    for (int i = 0; i < cli_n_options && n < MAX_OPTIONS; i++)
        if ((cli_options[i].verbs & bit) != 0)
            names[n++] = cli_options[i].name;
    char word[64];
    xo_text_copy(word, sizeof word, typed + strspn(typed, "-"));
    word[strcspn(word, "=")] = '\0';
    const char *near = xo_text_nearest(word, names, n);
    return xo_fail(err, XO_ERR_INPUT, "unknown option '%.80s'%s%s%s", typed,
                   near != NULL ? "; did you mean --" : "", near != NULL ? near : "",
                   near != NULL ? "?" : "");
}

static bool refuse(int code, const struct cli_verb *verb, const char *typed, struct xo_error *err)
{
    const struct cli_option *row = row_of(optopt);
    if (code == ':' && row != NULL)
        return xo_fail(err, XO_ERR_INPUT, "--%s needs a value: --%s %s", row->name, row->name,
                       row->value_name);
    if (optopt >= FIRST_LONG && row != NULL)
        return xo_fail(err, XO_ERR_INPUT, "--%s takes no value", row->name);
    if (optopt != 0 && optopt < FIRST_LONG)
        return refuse_option(verb, (char[]){ '-', (char)optopt, '\0' }, err);
    return refuse_option(verb, typed, err);
}

/* ---- the verb ---- */

/* A word that means a file, not a verb: "-", a path, anything with a dot, or a file that is there.
 */
static bool names_a_scenario(const char *word)
{
    struct stat there;
    return strcmp(word, "-") == 0 || strpbrk(word, "./") != NULL || stat(word, &there) == 0;
}

static bool take_operand(struct cli_request *request, const char *word, struct xo_error *err)
{
    if (request->verb == NULL) {
        request->verb = cli_verb_find(word);
        if (request->verb == NULL) /* "validate" for "data validate" */
            request->verb = cli_verb_under(cli_verb_find("data"), word);
        if (request->verb != NULL)
            return true;
        if (!names_a_scenario(word)) {
            const char *names[CLI_MAX_WORDS];
            char hint[CLI_HINT_SIZE];
            return xo_fail(err, XO_ERR_INPUT, "'%.80s' is neither a command nor a scenario file%s",
                           word, cli_did_you_mean(hint, word, names, cli_verb_names(names)));
        }
        request->verb = cli_verb_find("curve");
    } else if (request->n_operands == 0 && cli_verb_under(request->verb, word) != NULL) {
        request->verb = cli_verb_under(request->verb, word);
        return true;
    }
    request->operands[request->n_operands++] = word;
    return true;
}

static bool split(struct cli_request *request, struct met met[], int *n_met, int argc,
                  char *const argv[], struct xo_error *err)
{
    struct option longs[MAX_OPTIONS];
    char shorts[3 * MAX_OPTIONS];
    getopt_tables(longs, shorts);
    optind = 0; /* glibc: begin anew */
    opterr = 0;
    for (;;) {
        const int at = optind > 0 ? optind : 1;
        const int code = getopt_long(argc, argv, shorts, longs, NULL);
        if (code == -1)
            break;
        if (code == 1) {
            if (!take_operand(request, optarg, err))
                return false;
        } else if (code == '?' || code == ':') {
            return refuse(code, request->verb, argv[at], err);
        } else {
            met[(*n_met)++] = (struct met){ row_of(code)->name, optarg };
        }
    }
    while (optind < argc) /* after "--" */
        if (!take_operand(request, argv[optind++], err))
            return false;
    return true;
}

/* ---- the options ---- */

/* An option that exists, but not for this verb. */
static bool refuse_row(const struct cli_verb *verb, const char *name, struct xo_error *err)
{
    char takers[80] = "";
    size_t used = 0;
    for (int i = 0; i < cli_n_verbs && used < sizeof takers; i++)
        if (cli_option_find(name, cli_verbs[i].bit) != NULL)
            used += (size_t)snprintf(takers + used, sizeof takers - used, "%s%s",
                                     used > 0 ? ", " : "", cli_verbs[i].name);
    if (verb == NULL)
        return xo_fail(err, XO_ERR_INPUT, "no command: --%s belongs to %s", name, takers);
    return xo_fail(err, XO_ERR_INPUT, "%s does not take --%s; these commands do: %s", verb->name,
                   name, takers);
}

/* The index of `value` among the words; -1 where it is none of them. *n is how many words there
 * are. */
static int word_index(const char *const *words, const char *value, size_t *n)
{
    for (*n = 0; words[*n] != NULL; (*n)++)
        if (strcmp(words[*n], value) == 0)
            return (int)*n;
    return -1;
}

static bool choose(const struct cli_option *option, const char *value, int *index,
                   struct xo_error *err)
{
    char hint[CLI_HINT_SIZE];
    size_t n = 0;
    *index = word_index(option->words, value, &n);
    return *index >= 0 || xo_fail(err, XO_ERR_INPUT, "--%s cannot be '%.80s'%s", option->name,
                                  value, cli_did_you_mean(hint, value, option->words, n));
}

static bool take_set(struct cli_request *request, const char *value, struct xo_error *err)
{
    const char *equals = strchr(value, '=');
    const char *dot = strchr(value, '.');
    if (equals == NULL || dot == NULL || dot > equals || dot == value || dot + 1 == equals)
        return xo_fail(
            err, XO_ERR_INPUT,
            "--set cannot be '%.80s'; it takes SECTION.KEY=VALUE, such as build.gpu=h200", value);
    request->sets[request->n_sets++] = value;
    return true;
}

static bool take_number(const char *name, const char *value, int64_t lowest, int64_t highest,
                        int64_t *number, struct xo_error *err)
{
    if (xo_text_integer(value, number) && *number >= lowest && *number <= highest)
        return true;
    return xo_fail(err, XO_ERR_INPUT,
                   "--%s cannot be '%.80s'; it takes a whole number from %lld to %lld", name, value,
                   (long long)lowest, (long long)highest);
}

/* An option that stands for a --set of a key. Of several the last one counts. */
static bool take_as_set(struct cli_request *request, const char *option, char slot[CLI_SLOT_SIZE],
                        const char *key, const char *value, struct xo_error *err)
{
    if (strlen(key) + strlen(value) + 2 > CLI_SLOT_SIZE)
        return xo_fail(err, XO_ERR_INPUT, "%s cannot be '%.80s': it is too long", option, value);
    if (slot[0] == '\0') {
        request->typed_as[request->n_sets] = option;
        request->sets[request->n_sets++] = slot;
    }
    snprintf(slot, CLI_SLOT_SIZE, "%s=%s", key, value);
    return true;
}

static bool take_count(struct cli_request *request, const char *option, char slot[CLI_SLOT_SIZE],
                       const char *key, int64_t count, struct xo_error *err)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)count);
    return take_as_set(request, option, slot, key, digits, err);
}

static bool take_seed(struct cli_request *request, const char *value, struct xo_error *err)
{
    int64_t seed = 0;
    return take_number("seed", value, 0, INT64_C(9007199254740992), &seed, err) &&
           take_count(request, "--seed", request->seed_set, "scenario.seed", seed, err);
}

static bool take_samples(struct cli_request *request, const char *value, struct xo_error *err)
{
    int64_t n = 0;
    return take_number("samples", value, 20, 100000000, &n, err) &&
           take_count(request, "--samples", request->samples_set, "study.samples", n, err);
}

static bool take_method(struct cli_request *request, int word, struct xo_error *err)
{
    static const char *const names[] = { "random", "latin", "sobol" }; /* of study.sampling */
    XO_TABLE_OF(names, XO_N_SAMPLINGS);
    return take_as_set(request, "--method", request->method_set, "study.sampling", names[word],
                       err);
}

/* Two whole numbers with a mark between them: "3/20", "41x31". */
static bool take_pair(const char *name, const char *value, char mark, int64_t lowest,
                      int64_t highest, int pair[2], struct xo_error *err)
{
    char first[24];
    const char *at = strchr(value, mark);
    int64_t numbers[2] = { 0, 0 };
    const bool short_enough = at != NULL && (size_t)(at - value) < sizeof first;
    xo_text_copy(first, short_enough ? (size_t)(at - value) + 1 : 1, value);
    if (!short_enough || !xo_text_integer(first, &numbers[0]) ||
        !xo_text_integer(at + 1, &numbers[1]) || numbers[0] < lowest || numbers[1] < lowest ||
        numbers[0] > highest || numbers[1] > highest)
        return xo_fail(err, XO_ERR_INPUT,
                       "--%s cannot be '%.80s'; it takes two whole numbers from %lld to %lld with "
                       "%c between them",
                       name, value, (long long)lowest, (long long)highest, mark);
    pair[0] = (int)numbers[0];
    pair[1] = (int)numbers[1];
    return true;
}

static bool take_cells(struct cli_request *request, const char *value, struct xo_error *err)
{
    int pair[2];
    return take_pair("cells", value, 'x', 2, 500, pair, err) &&
           take_count(request, "--cells", request->cells_set[0], "map.columns", pair[0], err) &&
           take_count(request, "--cells", request->cells_set[1], "map.rows", pair[1], err);
}

static bool take_shard(struct cli_request *request, const char *value, struct xo_error *err)
{
    int pair[2];
    if (!take_pair("shard", value, '/', 0, 100000, pair, err))
        return false;
    if (pair[0] > pair[1] || pair[1] == 0)
        return xo_fail(err, XO_ERR_INPUT, "--shard %d/%d: there is no part %d of %d", pair[0],
                       pair[1], pair[0], pair[1]);
    request->shard = pair[0];
    request->n_shards = pair[1];
    return true;
}

static bool take_threads(struct cli_request *request, const char *value, struct xo_error *err)
{
    int64_t n = 0;
    if (!take_number("threads", value, 1, MAX_THREADS, &n, err))
        return false;
    request->n_threads = (int)n;
    return true;
}

static bool take_out(struct cli_request *request, const struct cli_option *option,
                     const char *value, struct xo_error *err)
{
    if (value[0] == '\0')
        return xo_fail(err, XO_ERR_INPUT,
                       "--out cannot be empty; it takes the name of a file or folder");
    if (option->value == CLI_FOLDER && strcmp(value, "-") == 0)
        return xo_fail(
            err, XO_ERR_INPUT,
            "--out cannot be '-'; it takes a folder, and the answer goes to stdout anyway");
    request->out = strcmp(value, "-") == 0 ? NULL : value;
    return true;
}

static bool apply(struct cli_request *request, const struct cli_option *option, const char *value,
                  struct xo_error *err)
{
    int word = 0;
    if (option->value == CLI_WORD && !choose(option, value, &word, err))
        return false;
    switch (option->id) {
    case CLI_OUT:
        return take_out(request, option, value, err);
    case CLI_SET:
        return take_set(request, value, err);
    case CLI_SEED:
        return take_seed(request, value, err);
    case CLI_THREADS:
        return take_threads(request, value, err);
    case CLI_SAMPLES:
        return take_samples(request, value, err);
    case CLI_METHOD:
        return take_method(request, word, err);
    case CLI_PRECISION:
        return take_as_set(request, "--precision", request->precision_set, "study.precision", value,
                           err);
    case CLI_SHARD:
        return take_shard(request, value, err);
    case CLI_CELLS:
        return take_cells(request, value, err);
    case CLI_GPU:
        request->gpu = value;
        break;
    case CLI_BATCH:
        return take_number("batch", value, 1, MOST_SEQUENCES, &request->step.n_decode, err);
    case CLI_KV:
        return take_number("kv", value, 1, MOST_TOKENS, &request->step.kv_tokens, err);
    case CLI_PREFILL:
        return take_number("prefill", value, 1, MOST_TOKENS, &request->step.prefill_tokens, err);
    case CLI_REREAD:
        return take_number("reread", value, 0, MOST_TOKENS, &request->step.reread_tokens, err);
    case CLI_X:
        return take_as_set(request, "--x", request->axis_set[0], "map.x", value, err);
    case CLI_Y:
        return take_as_set(request, "--y", request->axis_set[1], "map.y", value, err);
    case CLI_X_AXIS:
        return take_as_set(request, "--x-axis", request->scale_set[0], "map.x_axis", value, err);
    case CLI_Y_AXIS:
        return take_as_set(request, "--y-axis", request->scale_set[1], "map.y_axis", value, err);
    case CLI_RESUME:
        request->resume = true;
        break;
    case CLI_JOIN:
        request->join = true;
        break;
    case CLI_FORMAT:
        request->format = (enum xo_format)word;
        request->format_given = true;
        break;
    case CLI_COLOR:
        request->color = (enum cli_color)word;
        break;
    case CLI_FAIL_ON:
        request->fail_on |= 1u << word;
        break;
    case CLI_FORCE:
        request->force = true;
        break;
    case CLI_NO_PLOTS:
        request->no_plots = true;
        break;
    case CLI_RESOLVED:
        request->resolved = true;
        break;
    case CLI_QUIET:
        request->quiet = true;
        break;
    case CLI_SHOW_HELP:
        request->show_help = true;
        break;
    case CLI_SHOW_VERSION:
        request->show_version = true;
        break;
    }
    return true;
}

static bool apply_all(struct cli_request *request, const struct met met[], int n_met,
                      struct xo_error *err)
{
    const unsigned bit = request->verb != NULL ? request->verb->bit : (unsigned)CLI_NO_VERB;
    for (int i = 0; i < n_met; i++) {
        const struct cli_option *row = cli_option_find(met[i].name, bit);
        if (row == NULL)
            return refuse_row(request->verb, met[i].name, err);
        if (!apply(request, row, met[i].value, err))
            return false;
    }
    if (request->resolved && request->format_given)
        return xo_fail(err, XO_ERR_INPUT,
                       "--resolved prints a scenario, which has one format; leave --format out");
    if (request->join && (request->resume || request->n_shards > 0))
        return xo_fail(err, XO_ERR_INPUT, "--join puts finished shards together; leave --%s out",
                       request->resume ? "resume" : "shard");
    return true;
}

static bool check_operands(const struct cli_request *request, struct xo_error *err)
{
    const struct cli_verb *verb = request->verb;
    if (verb == NULL || request->show_help || request->show_version)
        return true;
    if (request->n_operands < verb->min_operands)
        return xo_fail(err, XO_ERR_INPUT, "%s needs %s: crossover %s %s", verb->name,
                       verb->words != NULL          ? "to know what to show"
                       : verb->bit == CLI_VALIDATE  ? "a file of measurements"
                       : verb->bit == CLI_CALIBRATE ? "a scenario and a file of measurements"
                                                    : "a scenario file",
                       verb->name, verb->operands);
    if (request->n_operands > verb->max_operands)
        return xo_fail(err, XO_ERR_INPUT, "'%.80s' is one too many for %s%s%s",
                       request->operands[verb->max_operands], verb->name,
                       verb->max_operands > 0 ? ", which takes " : ", which takes no names",
                       verb->max_operands > 0 ? verb->operands : "");
    char hint[CLI_HINT_SIZE];
    size_t n = 0;
    if (verb->words == NULL || word_index(verb->words, request->operands[0], &n) >= 0)
        return true;
    return xo_fail(err, XO_ERR_INPUT, "%s knows no '%.80s'%s", verb->name, request->operands[0],
                   cli_did_you_mean(hint, request->operands[0], verb->words, n));
}

/* ---- the command as typed, for the manifest: without --threads, which changes no result ---- */

/* Append `word` quoted for a POSIX shell: plain where it needs no quotes, else in single ones. */
static char *append_quoted(char *to, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./=+,:@%";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0')
        return stpcpy(to, word);
    *to++ = '\'';
    for (; *word != '\0'; word++)
        if (*word == '\'')
            to = stpcpy(to, "'\\''");
        else
            *to++ = *word;
    return stpcpy(to, "'");
}

static char *command_text(int argc, char *const argv[])
{
    size_t size = sizeof "crossover";
    for (int i = 1; i < argc; i++)
        size += 4 * strlen(argv[i]) + 3; /* a blank, two quotes, and "'\''" at worst */
    char *text = malloc(size);
    if (text == NULL)
        return NULL;
    char *to = stpcpy(text, "crossover");
    for (int i = 1; i < argc; i++) {
        const bool alone = strcmp(argv[i], "--threads") == 0;
        if (alone || strncmp(argv[i], "--threads=", strlen("--threads=")) == 0) {
            i += alone;
            continue;
        }
        *to++ = ' ';
        to = append_quoted(to, argv[i]);
    }
    return text;
}

bool cli_parse(struct cli_request *request, int argc, char *const argv[], struct xo_error *err)
{
    const size_t room = (size_t)argc + 2; /* --cells=4x4 is one word and two sets */
    size_t n_letters = room; /* "-qV" holds two options in one word: at most one a letter */
    for (int i = 1; i < argc; i++)
        n_letters += strlen(argv[i]);
    struct met *met = calloc(n_letters, sizeof *met);
    request->operands = calloc(room, sizeof *request->operands);
    request->sets = calloc(room, sizeof *request->sets);
    request->typed_as = calloc(room, sizeof *request->typed_as);
    request->command = command_text(argc, argv);
    int n_met = 0;
    bool ok = false;
    if (met == NULL || request->operands == NULL || request->sets == NULL ||
        request->typed_as == NULL || request->command == NULL)
        xo_fail(err, XO_ERR_MEMORY, "out of memory while reading the command line");
    else
        ok = split(request, met, &n_met, argc, argv, err) && apply_all(request, met, n_met, err) &&
             check_operands(request, err);
    free(met);
    return ok;
}

void cli_request_fini(struct cli_request *request)
{
    free(request->operands);
    free(request->sets);
    free(request->typed_as);
    free(request->command);
    *request = (struct cli_request){ 0 };
}
