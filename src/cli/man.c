/* man.c - the tables of verbs, options and keys as parts of the manual, in mdoc(7).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"
#include "pages.h"

#include <string.h>

/* Text that roff would read as orders or as typographic signs, made plain; a new sentence begins on
 * a new line, as mdoc wants it. */
static void put_text(FILE *out, const char *text)
{
    static const struct {
        char c;
        const char *roff;
    } signs[] = { { '\\', "\\e" },  { '-', "\\-" },   { '`', "\\(ga" }, { '\'', "\\(aq" },
                  { '"', "\\(dq" }, { '~', "\\(ti" }, { '^', "\\(ha" } };
    const size_t n_signs = sizeof signs / sizeof *signs;
    for (const char *c = text; *c != '\0'; c++) {
        size_t i = 0;
        while (i < n_signs && signs[i].c != *c)
            i++;
        const bool begins_line = c == text || c[-1] == '\n';
        const bool ends_sentence = *c == ' ' && c > text && c[-1] == '.';
        if (*c == '.' && begins_line)
            fputs("\\&.", out);
        else if (i < n_signs)
            fputs(signs[i].roff, out);
        else
            fputc(ends_sentence ? '\n' : *c, out);
    }
}

/* One word or phrase as an argument of a macro: quoted, so that nothing in it is a macro too. */
static void put_argument(FILE *out, const char *text)
{
    fputs(" \"", out);
    put_text(out, text);
    fputc('"', out);
}

static void put_line(FILE *out, const char *text)
{
    put_text(out, text);
    fputc('\n', out);
}

void pages_man_commands(FILE *out)
{
    fputs(".Bl -tag -width Ds\n", out);
    for (int i = 0; i < cli_n_verbs; i++) {
        const struct cli_verb *v = &cli_verbs[i];
        fprintf(out, ".It Nm Cm %s", v->name);
        if (v->operands[0] != '\0') {
            fputs(" Ar", out);
            put_argument(out, v->operands);
        }
        fputc('\n', out);
        put_line(out, v->sentence);
        put_text(out, v->story);
    }
    fputs(".El\n", out);
}

static void put_takers(FILE *out, unsigned verbs)
{
    if ((verbs & CLI_NO_VERB) != 0) {
        fputs("(all commands)\n", out);
        return;
    }
    const char *before = "(";
    for (int i = 0; i < cli_n_verbs; i++)
        if ((verbs & cli_verbs[i].bit) != 0) {
            fprintf(out, "%s%s", before, cli_verbs[i].name);
            before = ", ";
        }
    fputs(")\n", out);
}

void pages_man_options(FILE *out)
{
    fputs(".Bl -tag -width Ds\n", out);
    for (int i = 0; i < cli_n_options; i++) {
        const struct cli_option *o = &cli_options[i];
        fputs(".It ", out);
        if (o->letter != 0)
            fprintf(out, "Fl %c , ", o->letter);
        fputs("Fl \\-", out);
        put_text(out, o->name);
        if (o->value_name != NULL) {
            fputs(" Ar", out);
            put_argument(out, o->value_name);
        }
        fputc('\n', out);
        put_line(out, o->help);
        put_takers(out, o->verbs);
    }
    fputs(".El\n", out);
}

void pages_man_examples(FILE *out)
{
    for (int i = 0; i < cli_n_verbs; i++)
        for (int k = 0; k < 3; k++) {
            const struct cli_example *e = &cli_verbs[i].examples[k];
            put_text(out, e->what);
            fputs(":\n.Dl ", out);
            put_line(out, e->command);
            fputs(".Pp\n", out);
        }
}

static void put_key(FILE *out, const struct xo_key *key)
{
    fputs(".It Cm", out);
    put_argument(out, key->name);
    if (key->unit != NULL && key->unit[0] != '\0') {
        fputs(" Pq Ar", out);
        put_argument(out, key->unit);
    }
    fputc('\n', out);
    put_text(out, key->help);
    fputs(".\n", out);
    if (key->choices != NULL) {
        char choices[XO_CHOICES_SIZE];
        fputs("One of: ", out);
        put_text(out, xo_key_choices(key, choices));
        fputs(".\n", out);
    }
    if (key->defaults == NULL) {
        fputs("No default: required.\n", out);
    } else if (key->defaults[0] != '\0') {
        fputs("Default: ", out);
        put_text(out, key->defaults);
        fputs(".\n", out);
    }
}

/* The keys of one section stand together in the table. */
void pages_man_keys(FILE *out)
{
    const char *section = "";
    for (int i = 0; i < xo_n_keys; i++) {
        if (strcmp(section, xo_keys[i].section) != 0) {
            if (section[0] != '\0')
                fputs(".El\n", out);
            section = xo_keys[i].section;
            fputs(".Ss", out);
            char title[96];
            snprintf(title, sizeof title, "[%s%s]", section,
                     xo_section_is_named(section) ? " NAME" : "");
            put_argument(out, title);
            fputs("\n.Bl -tag -width Ds\n", out);
        }
        put_key(out, &xo_keys[i]);
    }
    fputs(".El\n", out);
}
