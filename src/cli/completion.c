/* completion.c - what the Tab key offers in bash, zsh and fish: the tables once more.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"
#include "pages.h"

#include <string.h>

static const char made[] = "# made from crossover's tables of verbs and options; do not edit";

/* `text` inside single quotes; what would end them is escaped as that shell wants it. */
static void put_quoted(FILE *out, const char *text, const char *escaped_quote, const char *escape)
{
    for (; *text != '\0'; text++)
        if (*text == '\'')
            fputs(escaped_quote, out);
        else
            fprintf(out, "%s%c", strchr(escape, *text) != NULL ? "\\" : "", *text);
}

static void put_words(FILE *out, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++)
        fprintf(out, "%s%s", i > 0 ? " " : "", words[i]);
}

static void put_verbs(FILE *out, const char *between)
{
    const char *before = "";
    for (int i = 0; i < cli_n_verbs; i++)
        if (!cli_verb_is_under(&cli_verbs[i])) {
            fprintf(out, "%s%s", before, cli_verbs[i].name);
            before = between;
        }
}

/* "build.gpu= build.rent= ...": what --set begins with. */
static void put_keys(FILE *out)
{
    const char *between = "";
    for (int i = 0; i < xo_n_keys; i++) {
        if (xo_section_is_named(xo_keys[i].section))
            continue;
        fprintf(out, "%s%s.%s=", between, xo_keys[i].section, xo_keys[i].name);
        between = " ";
    }
}

static bool reads_scenario(const struct cli_verb *verb)
{
    return cli_option_find("set", verb->bit) != NULL;
}

/* The ending of the files that an option takes; "" where endings differ, NULL where it takes no
 * file. */
static const char *ending_of_files(const struct cli_verb *verb)
{
    return verb->max_operands > 1 && verb->words == NULL ? ""
           : reads_scenario(verb)                        ? ".ini"
           : verb->bit == CLI_VALIDATE                   ? ".csv"
                                                         : NULL;
}

/* ---- bash ---- */

/* Where a second word makes another verb of the first. */
static void bash_verbs_under(FILE *out)
{
    for (int i = 0; i < cli_n_verbs; i++)
        if (cli_verb_is_under(&cli_verbs[i])) {
            const char *name = cli_verbs[i].name, *word = cli_verb_word(&cli_verbs[i]);
            fprintf(out, "            %s) [[ $verb == %.*s ]] && verb=$word ;;\n", word,
                    (int)(word - name - 1), name);
        }
}

static void bash_values(FILE *out, const struct cli_verb *verb)
{
    for (int i = 0; i < cli_n_options; i++) {
        const struct cli_option *o = &cli_options[i];
        if ((o->verbs & verb->bit) == 0 || o->value == CLI_NOTHING)
            continue;
        fprintf(out, "        %s:--%s", cli_verb_word(verb), o->name);
        if (o->letter != 0)
            fprintf(out, " | %s:-%c", cli_verb_word(verb), o->letter);
        fputs(")\n            ", out);
        if (o->value == CLI_WORD) {
            fputs("_crossover_offer -W \"", out);
            put_words(out, o->words);
            fputs("\"", out);
        } else if (o->value == CLI_KEY) {
            fputs("compopt -o nospace\n            _crossover_offer -W \"$keys\"", out);
        } else {
            fputs(o->value == CLI_FOLDER ? "_crossover_offer -d"
                  : o->value == CLI_FILE ? "_crossover_offer -f"
                                         : ":",
                  out);
        }
        fputs("\n            return\n            ;;\n", out);
    }
}

static void bash_options(FILE *out, const char *name, unsigned bit)
{
    fprintf(out, "            %s) _crossover_offer -W \"", name);
    const char *between = "";
    for (int i = 0; i < cli_n_options; i++)
        if ((cli_options[i].verbs & bit) != 0) {
            fprintf(out, "%s--%s", between, cli_options[i].name);
            between = " ";
        }
    fputs("\" ;;\n", out);
}

static void bash_operands(FILE *out, const struct cli_verb *verb)
{
    fprintf(out, "            %s) ", cli_verb_word(verb));
    if (ending_of_files(verb) != NULL) {
        fprintf(out, "_crossover_offer -f -X '!*%s'\n               compopt -o plusdirs ;;\n",
                ending_of_files(verb));
        return;
    }
    fputs("_crossover_offer -W \"", out);
    if (verb->words != NULL)
        put_words(out, verb->words);
    else if (verb->max_operands > 0) { /* help */
        put_verbs(out, " ");
        fputs(" scenario", out);
    }
    fputs("\" ;;\n", out);
}

void pages_bash(FILE *out)
{
    fprintf(out, "# bash completion for crossover\n%s\n", made);
    fputs("# shellcheck shell=bash\n"
          "_crossover_offer() { mapfile -t COMPREPLY < <(compgen \"$@\" -- \"$current\"); }\n"
          "_crossover()\n{\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local verb='' word keys\n"
          "    COMPREPLY=()\n"
          "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
          "        case $word in\n            ",
          out);
    put_verbs(out, " | ");
    fputs(") [[ -z $verb ]] && verb=$word ;;\n", out);
    bash_verbs_under(out);
    fputs("            *.ini) [[ -z $verb ]] && verb=curve ;;\n"
          "        esac\n    done\n    keys=\"",
          out);
    put_keys(out);
    fputs("\"\n    case $verb:$before in\n", out);
    for (int i = 0; i < cli_n_verbs; i++)
        bash_values(out, &cli_verbs[i]);
    fputs("    esac\n    if [[ $current == -* ]]; then\n        case $verb in\n", out);
    for (int i = 0; i < cli_n_verbs; i++)
        bash_options(out, cli_verb_word(&cli_verbs[i]), cli_verbs[i].bit);
    bash_options(out, "*", CLI_NO_VERB);
    fputs("        esac\n    else\n        case $verb in\n", out);
    for (int i = 0; i < cli_n_verbs; i++)
        bash_operands(out, &cli_verbs[i]);
    fputs("            *)\n                _crossover_offer -W \"", out);
    put_verbs(out, " ");
    fputs("\"\n                mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < "
          "<(compgen -f -X '!*.ini' -- \"$current\")\n"
          "                ;;\n        esac\n    fi\n}\n"
          "complete -o filenames -F _crossover crossover\n",
          out);
}

/* ---- zsh ---- */

static void zsh_value(FILE *out, const struct cli_option *o)
{
    fprintf(out, ":%s:", o->value_name);
    if (o->value == CLI_WORD) {
        fputc('(', out);
        put_words(out, o->words);
        fputc(')', out);
    } else if (o->value == CLI_KEY) {
        fputs("compadd -S \"\" -a keys", out);
    } else if (o->value != CLI_TEXT) {
        fputs(o->value == CLI_FOLDER ? "_files -/" : "_files", out);
    }
}

static void zsh_option(FILE *out, const struct cli_option *o)
{
    const char *repeat = o->id == CLI_SET || o->id == CLI_FAIL_ON ? "*" : "";
    fprintf(out, "                '%s", repeat);
    if (o->letter != 0)
        fprintf(out, "(-%c --%s)'{-%c,--%s}'", o->letter, o->name, o->letter, o->name);
    else
        fprintf(out, "--%s", o->name);
    fputc('[', out);
    put_quoted(out, o->help, "'\\''", "[]:\\");
    fputc(']', out);
    if (o->value != CLI_NOTHING)
        zsh_value(out, o);
    fputs("' \\\n", out);
}

static void zsh_operands(FILE *out, const struct cli_verb *verb)
{
    if (ending_of_files(verb) != NULL) {
        fprintf(out, "                '%s:file:_files -g \"*%s\"'\n",
                verb->max_operands > 1 ? "*" : "1", ending_of_files(verb));
    } else if (verb->words != NULL) {
        fputs("                '1:kind:(", out);
        put_words(out, verb->words);
        fputs(")' '2:name:'\n", out);
    } else if (verb->max_operands > 0) {
        fputs("                '1:topic:(", out);
        put_verbs(out, " ");
        fputs(" scenario)'\n", out);
    } else {
        fputs("                '*:: :'\n", out);
    }
}

/* "data validate": once both words stand, the second is the verb. */
static void zsh_verbs_under(FILE *out)
{
    for (int i = 0; i < cli_n_verbs; i++)
        if (cli_verb_is_under(&cli_verbs[i]))
            fprintf(out,
                    "    if (( CURRENT > 2 )) && [[ \"$words[1] $words[2]\" == \"%s\" ]]; then\n"
                    "        verb=%s\n        shift words\n        (( CURRENT-- ))\n    fi\n",
                    cli_verbs[i].name, cli_verb_word(&cli_verbs[i]));
}

void pages_zsh(FILE *out)
{
    fprintf(out, "#compdef crossover\n%s\n", made);
    fputs("_crossover() {\n    local -a verbs keys\n    local verb\n    verbs=(\n", out);
    for (int i = 0; i < cli_n_verbs; i++) {
        if (cli_verb_is_under(&cli_verbs[i]))
            continue;
        fprintf(out, "        '%s:", cli_verbs[i].name);
        put_quoted(out, cli_verbs[i].summary, "'\\''", ":\\");
        fputs("'\n", out);
    }
    fputs("    )\n    keys=(", out);
    put_keys(out);
    fputs(")\n    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
          "        _describe command verbs\n        _files -g '*.ini'\n        return\n    fi\n"
          "    verb=$words[2]\n"
          "    if [[ $verb == *.ini ]]; then\n        verb=curve\n"
          "    elif (( CURRENT > 2 )); then\n"
          "        shift words\n        (( CURRENT-- ))\n    fi\n",
          out);
    zsh_verbs_under(out);
    fputs("    case $verb in\n", out);
    for (int i = 0; i < cli_n_verbs; i++) {
        fprintf(out, "        %s)\n            _arguments \\\n", cli_verb_word(&cli_verbs[i]));
        for (int k = 0; k < cli_n_options; k++)
            if ((cli_options[k].verbs & cli_verbs[i].bit) != 0)
                zsh_option(out, &cli_options[k]);
        zsh_operands(out, &cli_verbs[i]);
        fputs("            ;;\n", out);
    }
    fputs("        *)\n            _arguments \\\n", out);
    for (int k = 0; k < cli_n_options; k++)
        if ((cli_options[k].verbs & CLI_NO_VERB) != 0)
            zsh_option(out, &cli_options[k]);
    fputs("                '*::command:'\n            ;;\n    esac\n}\n_crossover \"$@\"\n", out);
}

/* ---- fish ---- */

/* The verbs of one row of the table, as fish asks which has been typed. */
static void fish_condition(FILE *out, unsigned verbs)
{
    if ((verbs & CLI_NO_VERB) != 0)
        return;
    fputs(" -n '__fish_seen_subcommand_from", out);
    for (int i = 0; i < cli_n_verbs; i++)
        if ((verbs & cli_verbs[i].bit) != 0)
            fprintf(out, " %s", cli_verb_word(&cli_verbs[i]));
    fputc('\'', out);
}

static void fish_option(FILE *out, const struct cli_option *o)
{
    fputs("complete -c crossover", out);
    fish_condition(out, o->verbs);
    fprintf(out, " -l %s", o->name);
    if (o->letter != 0)
        fprintf(out, " -s %c", o->letter);
    if (o->value == CLI_FILE)
        fputs(" -r -F", out);
    else if (o->value == CLI_FOLDER)
        fputs(" -x -a '(__fish_complete_directories)'", out);
    else if (o->value != CLI_NOTHING)
        fputs(" -x", out);
    if (o->value == CLI_WORD || o->value == CLI_KEY) {
        fputs(" -a '", out);
        if (o->value == CLI_WORD)
            put_words(out, o->words);
        else
            put_keys(out);
        fputc('\'', out);
    }
    fputs(" -d '", out);
    put_quoted(out, o->help, "\\'", "\\");
    fputs("'\n", out);
}

static void fish_verb(FILE *out, const struct cli_verb *v)
{
    if (cli_verb_is_under(v)) {
        fprintf(out,
                "complete -c crossover -k -x -n '__fish_seen_subcommand_from %s' -a "
                "'(__fish_complete_suffix %s)'\n",
                cli_verb_word(v), ending_of_files(v));
        return;
    }
    fprintf(out, "complete -c crossover -n __fish_use_subcommand -a %s -d '", v->name);
    put_quoted(out, v->summary, "\\'", "\\");
    fputs("'\n", out);
    if (reads_scenario(v) || v->max_operands == 0)
        return;
    fprintf(out, "complete -c crossover -f -n '__fish_seen_subcommand_from %s' -a '", v->name);
    if (v->words != NULL) {
        put_words(out, v->words);
    } else {
        put_verbs(out, " ");
        fputs(" scenario", out);
    }
    fputs("'\n", out);
}

void pages_fish(FILE *out)
{
    fprintf(out, "# fish completion for crossover\n%s\n", made);
    fputs("complete -c crossover -k -x -n '__fish_use_subcommand; or "
          "__fish_seen_subcommand_from check run curve' -a '(__fish_complete_suffix .ini)'\n",
          out);
    for (int i = 0; i < cli_n_verbs; i++)
        fish_verb(out, &cli_verbs[i]);
    for (int i = 0; i < cli_n_options; i++)
        fish_option(out, &cli_options[i]);
}
