/* lines.h - text to entries: lines, --set, included constants, defaults.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SCENARIO_LINES_H
#define XO_SCENARIO_LINES_H

#include "problems.h"

enum {
    LONGEST_LINE = 198, /* bytes; inih holds 200 with the line's end and the final 0 */
    LONGEST_NAME = 49,
};
void read_lines(struct reader *r, const char *text, size_t size);
/* Plain UTF-8, and no control characters that a terminal, a CSV or a script would take as orders;
 * a problem at the line when not. */
bool bytes_are_text(struct reader *r, int at, const char *text, size_t length);
/* The group of section kind (kind_length bytes of `whole`) named `own`, made where there is none;
 * -1 with a problem when there can be none. */
int find_group(struct reader *r, int line, const char *whole, size_t kind_length, const char *own);
/* A pair of the group, from a line of the file or (line 0) from --set, which replaces. */
void enter_pair(struct reader *r, int group, const char *name, const char *value, int line);
/* A line that was reported still says which key it meant: nobody shall call that one missing. */
void note_key(struct reader *r, int group, const char *name);
void read_sets(struct reader *r, const struct xo_scenario_options *options);
/* The constants in the file that build.include names, where the scenario does not give them. */
void read_include(struct reader *r);
void add_defaults(struct reader *r);
/* The defaults of one group, for keys that nobody gave. */
void add_group_defaults(struct reader *r, int group);
/* Say which keys the group must have and lacks. */
void require_keys(struct reader *r, int group);

#endif
