/* pages.h - the pages made from the tables when the program is built: manual and completions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_CLI_PAGES_H
#define XO_CLI_PAGES_H

#include <stdio.h>

/* Parts of the manual, in mdoc(7); each stands where a template says @NAME@ on a line of its own.
 */
void pages_man_commands(FILE *out);
void pages_man_options(FILE *out);
void pages_man_examples(FILE *out);
void pages_man_keys(FILE *out);

/* Completion of verbs, options, their values, keys and scenario files. */
void pages_bash(FILE *out);
void pages_zsh(FILE *out);
void pages_fish(FILE *out);

#endif
