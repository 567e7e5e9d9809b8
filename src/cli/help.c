/* help.c - the overview, --help of each verb, and --version: the tables as text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "xo/text.h"
#include <gsl/gsl_version.h>
#include <string.h>

static const char question[] = "buy LLM tokens from an API, or run the model on your own GPUs?";
enum { PAGE_WIDTH = 80, OPTION_COLUMN = 28 };

void cli_print_overview(FILE *out)
{
    fprintf(out, "crossover: %s\n", question);
    fprintf(out, "  crossover init > my.ini    a commented scenario to edit\n"
                 "  crossover my.ini           the answer: costs, the crossing, a verdict\n"
                 "                             (same as crossover curve my.ini)\n");
    const char *stage = "";
    for (int i = 0; i < cli_n_verbs; i++) {
        const struct cli_verb *v = &cli_verbs[i];
        if (cli_verb_is_under(v))
            continue;
        fprintf(out, "%-9s  %-7s  %s\n", strcmp(stage, v->stage) != 0 ? v->stage : "", v->name,
                v->summary);
        stage = v->stage;
    }
}

/* Print `text` from column `from` on, where the cursor stands, wrapped at PAGE_WIDTH; a new line in
 * it is but a blank. */
static void print_wrapped(FILE *out, const char *text, int from)
{
    int column = from;
    while (*text != '\0') {
        const int length = (int)strcspn(text, " \n");
        if (column > from && column + 1 + length > PAGE_WIDTH) {
            fprintf(out, "\n%*s", from, "");
            column = from;
        } else if (column > from) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", length, text);
        column += length;
        text += length;
        text += strspn(text, " \n");
    }
    fputc('\n', out);
}

static void print_option(FILE *out, const struct cli_option *option)
{
    char left[64];
    const char letter[] = { '-', option->letter, ',', '\0' };
    snprintf(left, sizeof left, "%3s --%s%s%s", option->letter != 0 ? letter : "", option->name,
             option->value_name != NULL ? " " : "",
             option->value_name != NULL ? option->value_name : "");
    fprintf(out, "  %-*s", OPTION_COLUMN - 2, left);
    if ((int)strlen(left) + 3 > OPTION_COLUMN)
        fprintf(out, "\n%*s", OPTION_COLUMN, "");
    print_wrapped(out, option->help, OPTION_COLUMN);
}

static void print_options(FILE *out, unsigned bit)
{
    const char *group = "";
    for (int i = 0; i < cli_n_options; i++) {
        const struct cli_option *o = &cli_options[i];
        if ((o->verbs & bit) == 0)
            continue;
        if (strcmp(group, o->group) != 0)
            fprintf(out, "\n%s\n", o->group);
        group = o->group;
        print_option(out, o);
    }
}

static void print_examples(FILE *out, const struct cli_example examples[3])
{
    fputc('\n', out);
    for (int i = 0; i < 3; i++)
        fprintf(out, "  %s\n      %s\n", examples[i].command, examples[i].what);
}

static void print_exit_status(FILE *out, unsigned bit)
{
    const bool judges = cli_option_find("fail-on", bit) != NULL;
    fprintf(out, "\nExit status: 0 done, 1 failed, 2 bad usage or scenario,%s 130 interrupted.\n",
            judges ? " 4 a --fail-on\ncondition holds," : "");
}

static void print_program_help(FILE *out)
{
    static const struct cli_example first_steps[3] = {
        { "crossover init > my.ini", "a commented scenario to edit" },
        { "crossover check my.ini", "what its values mean, and where they come from" },
        { "crossover my.ini", "the answer: costs, the crossing, a verdict" }
    };
    print_wrapped(out,
                  "Find out at what volume it becomes cheaper to run a model on your own GPUs than "
                  "to buy its tokens from an API.",
                  0);
    print_examples(out, first_steps);
    fprintf(out, "\nUsage: crossover COMMAND [OPTION]...   or   crossover SCENARIO [OPTION]...\n\n"
                 "Commands\n");
    for (int i = 0; i < cli_n_verbs; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", cli_verbs[i].name, cli_verbs[i].operands);
        fprintf(out, "  %-31s %s\n", left, cli_verbs[i].summary);
    }
    print_options(out, CLI_NO_VERB);
    fprintf(out, "\nEach command has options of its own: crossover COMMAND --help.\n"
                 "Every key of a scenario: crossover help scenario.\n");
    print_exit_status(out, CLI_CURVE);
}

void cli_print_help(FILE *out, const struct cli_verb *verb)
{
    if (verb == NULL) {
        print_program_help(out);
        return;
    }
    fprintf(out, "%s\n", verb->sentence);
    print_examples(out, verb->examples);
    fprintf(out, "\nUsage: crossover %s%s%s [OPTION]...\n", verb->name,
            verb->operands[0] != '\0' ? " " : "", verb->operands);
    if (verb->story[0] != '\0') {
        fputc('\n', out);
        print_wrapped(out, verb->story, 0);
    }
    print_options(out, verb->bit);
    print_exit_status(out, verb->bit);
}

/* ---- version ---- */

static const char *later(const char *a, const char *b)
{
    return strcmp(a, b) >= 0 ? a : b; /* ISO dates sort as text */
}

/* The date of the newest price in the catalogs: what a reader asks first of a cost tool. */
static const char *newest_price(const struct xo_catalog *c)
{
    const char *newest = "";
    for (int i = 0; i < c->n_apis; i++)
        newest = later(newest, c->apis[i].as_of);
    for (int i = 0; i < c->n_gpus; i++)
        newest = later(newest, c->gpus[i].rent_as_of);
    return newest;
}

void cli_print_version(FILE *out)
{
    const struct xo_catalog *c = xo_catalog_builtin();
    fprintf(out, "crossover %s\n", XO_VERSION);
    fprintf(out, "with GSL %s%s\n", gsl_version, XO_LIBRARIES);
    fprintf(out, "Catalogs: %d GPUs, %d models, %d API tariffs; newest price of %s\n", c->n_gpus,
            c->n_models, c->n_apis, newest_price(c));
    fprintf(out, "License GPL-3.0-or-later: free software, without any warranty.\n");
}

/* ---- the verb `help` ---- */

int cli_help(const struct cli_request *request)
{
    if (request->n_operands == 0) {
        cli_print_help(stdout, NULL);
        return CLI_OK;
    }
    const char *topic = request->operands[0];
    const struct cli_verb *verb = cli_verb_find(topic);
    if (verb != NULL) {
        cli_print_help(stdout, verb);
        return CLI_OK;
    }
    if (strcmp(topic, "scenario") == 0) {
        xo_keys_write_reference(stdout);
        return CLI_OK;
    }
    const char *names[CLI_MAX_WORDS + 1];
    size_t n = cli_verb_names(names);
    names[n++] = "scenario";
    char hint[CLI_HINT_SIZE];
    cli_tell(request, CLI_ERROR, "there is no help on '%.80s'%s", topic,
             cli_did_you_mean(hint, topic, names, n));
    fputs("Try: crossover help\n", stderr);
    return CLI_BAD;
}
