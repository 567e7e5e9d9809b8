/* lines.c - a scenario's text to entries, on inih and around its traps.
 *
 * inih as Debian packages it (55-1) cuts lines at 199 bytes and reads on in the tail, joins an
 * indented key to the value above, gives no line numbers, flags no duplicates, cuts names at 49
 * bytes, puts keys below a broken [section in the section before, and says nothing of an empty
 * section. So it reads through our own line reader, which counts lines, looks at each one first,
 * and hands over an empty line where inih would misread it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"
#include "xo/text.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cursor {
    struct reader *r;
    const char *next, *end;
    int line;
    int group; /* of the section we are in; -1: none yet, or one that is not understood */
    bool before_sections;
    int n_keys; /* lines of this section that are not comments */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Where an inline comment starts, as inih sees it: a ';' after a blank; length when there is none.
 */
static size_t comment_start(const char *line, size_t length)
{
    for (size_t i = 1; i < length; i++)
        if (line[i] == ';' && is_blank(line[i - 1]))
            return i;
    return length;
}

/* Bytes of a line that are no comment. */
static size_t length_said(const char *line, size_t length)
{
    const size_t blanks = strspn(line, " \t");
    return blanks < length && (line[blanks] == ';' || line[blanks] == '#')
               ? 0
               : comment_start(line, length);
}

/* A character that may not stand at `column`, from 1; false. */
static bool refuse_character(struct reader *r, int at, uint32_t code, int column)
{
    if (code == 0)
        problem_at(r, at, "a NUL byte; save the file as UTF-8 text");
    else if (code == '\r')
        problem_at(r, at, "a carriage return inside a line; end lines with a line feed");
    else if (code == 0x2028 || code == 0x2029)
        problem_at(r, at, "a %s separator, U+%04X; end lines with a line feed",
                   code == 0x2028 ? "line" : "paragraph", (unsigned)code);
    else if (xo_text_is_control(code))
        problem_at(r, at, "the control character 0x%02x; a scenario is plain text", (unsigned)code);
    else
        problem_at(r, at, "an invisible character, U+%04X, at column %d; delete it", (unsigned)code,
                   column);
    return false;
}

bool bytes_are_text(struct reader *r, int at, const char *line, size_t length)
{
    const size_t n_said = length_said(line, length);
    int column = 0;
    for (size_t i = 0; i < length;) {
        uint32_t code = 0;
        const size_t n = xo_text_character(line + i, length - i, &code);
        const bool ends = code == '\r' && i + 1 == length;
        column++;
        if (n == 0) {
            problem_at(r, at, "the byte 0x%02x is not UTF-8; save the file as UTF-8",
                       (unsigned char)line[i]);
            return false;
        }
        if ((xo_text_is_control(code) && code != '\t' && !ends) ||
            (xo_text_is_invisible(code) && i < n_said))
            return refuse_character(r, at, code, column);
        i += n;
    }
    return true;
}

static void end_section(struct cursor *c)
{
    if (c->group < 0 || c->n_keys > 0)
        return;
    const struct group *g = &c->r->store->groups[c->group];
    if (g->section == S_UNCERTAIN)
        return; /* it says that nothing varies */
    warning_at(c->r, g->line, "[%s%s%s] is empty; delete it or give it keys",
               sections[g->section].name, g->name[0] == '\0' ? "" : " ", g->name);
}

/* Enter the section whose name stands between the brackets. */
static void open_section(struct cursor *c, const char *name)
{
    const size_t kind_length = strcspn(name, " ");
    const char *own = name + kind_length + strspn(name + kind_length, " ");
    const int group = find_group(c->r, c->line, name, kind_length, own);
    if (group < 0)
        return;
    struct group *g = &c->r->store->groups[group];
    if (g->given) {
        problem_at(c->r, c->line, "[%s] was opened on line %d already; put its keys there", name,
                   g->line);
        return;
    }
    g->line = c->line;
    g->given = true;
    c->group = group;
}

/* "[name] ; comment"; anything else after the bracket would vanish without a word. */
static void section_line(struct cursor *c, const char *line, size_t length)
{
    end_section(c);
    c->before_sections = false;
    c->group = -1;
    c->n_keys = 0;
    char text[LONGEST_LINE + 1];
    snprintf(text, sizeof text, "%.*s", (int)comment_start(line, length), line);
    char *close = strchr(text, ']');
    if (close == NULL) {
        problem_at(c->r, c->line, "\"%s\" lacks its closing ]", xo_text_trim(text));
        c->r->lost = true;
        return;
    }
    *close = '\0';
    const char *name = xo_text_trim(text + 1);
    if (*xo_text_trim(close + 1) != '\0')
        problem_at(c->r, c->line, "text after [%s]; give each key a line of its own", name);
    else if (strlen(name) > LONGEST_NAME)
        problem_at(c->r, c->line, "the section's name has %zu bytes; %d is the most", strlen(name),
                   LONGEST_NAME);
    else if (name[0] == '\0')
        problem_at(c->r, c->line, "a section without a name");
    else
        open_section(c, name);
    c->r->lost |= c->group < 0;
}

/* True when inih may see the line; else it has been reported. */
static bool key_line(struct cursor *c, const char *line, size_t length)
{
    const size_t equals = strcspn(line, "=:\n");
    size_t name_length = equals;
    while (name_length > 0 && is_blank(line[name_length - 1]))
        name_length--;
    if (equals >= length || equals >= comment_start(line, length))
        problem_at(c->r, c->line, "neither [section] nor key = value; a comment starts with ;");
    else if (line[equals] == ':')
        problem_at(c->r, c->line, "a colon after the key; write key = value");
    else if (name_length == 0)
        problem_at(c->r, c->line, "a value without a key");
    else if (name_length > LONGEST_NAME)
        problem_at(c->r, c->line, "the key's name has %zu bytes; %d is the most", name_length,
                   LONGEST_NAME);
    else if (c->before_sections)
        problem_at(c->r, c->line, "a key before the first [section]");
    else
        return true;
    return false;
}

/* note_key for a whole line; a section that was not opened loses the keys below it. */
static void note_line(struct cursor *c, const char *line, size_t length)
{
    char text[LONGEST_LINE + 1];
    snprintf(text, sizeof text, "%.*s", (int)length, line);
    char *start = xo_text_trim(text);
    if (*start == '[') {
        end_section(c);
        c->before_sections = false;
        c->group = -1;
        c->r->lost = true;
        return;
    }
    start[strcspn(start, "=: \t")] = '\0';
    note_key(c->r, c->group, start);
}

/* Look at a line before inih does. True: hand over its first *length bytes. */
static bool look_at(struct cursor *c, const char *line, size_t *length)
{
    if (!bytes_are_text(c->r, c->line, line, *length)) {
        c->r->lost = true;
        return false;
    }
    size_t blanks = 0;
    while (blanks < *length && (is_blank(line[blanks]) || line[blanks] == '\r'))
        blanks++;
    if (blanks == *length || line[blanks] == ';' || line[blanks] == '#')
        return false;
    c->n_keys += line[0] != '[';
    if (*length > LONGEST_LINE)
        *length = comment_start(line, *length);
    if (*length > LONGEST_LINE) {
        problem_at(
            c->r, c->line,
            "the line has %zu bytes; %d before a comment is the most, the rest would be lost",
            *length, LONGEST_LINE);
        note_line(c, line, *length);
        return false;
    }
    if (blanks > 0) {
        problem_at(c->r, c->line,
                   "the line is indented and would be taken as part of the value above; start it "
                   "in the first column");
        note_line(c, line, *length);
        return false;
    }
    if (line[0] == '[') {
        section_line(c, line, *length);
        return false; /* we keep the section ourselves */
    }
    if (key_line(c, line, *length))
        return true;
    note_line(c, line, *length);
    return false;
}

/* An ini_reader: the next line into str[size], never more than it holds. */
static char *read_line(char *str, int size, void *stream)
{
    struct cursor *c = stream;
    if (c->next >= c->end)
        return NULL;
    const char *line = c->next;
    const char *newline = memchr(line, '\n', (size_t)(c->end - line));
    size_t length = (size_t)((newline == NULL ? c->end : newline) - line);
    c->next = newline == NULL ? c->end : newline + 1;
    c->line++;
    if (!look_at(c, line, &length))
        length = 0;
    if (length > (size_t)size - 1)
        length = (size_t)size - 1;
    memcpy(str, line, length);
    str[length] = '\0';
    return str;
}

/* An ini_handler. The section is the one that we saw: inih's own is never used. */
static int take_pair(void *user, const char *section, const char *name, const char *value)
{
    struct cursor *c = user;
    (void)section;
    if (c->group >= 0) /* else the section was reported */
        enter_pair(c->r, c->group, name, value, c->line);
    return 1;
}

void read_lines(struct reader *r, const char *text, size_t size)
{
    struct cursor c = {
        .r = r, .next = text, .end = text + size, .group = -1, .before_sections = true
    };
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        c.next += 3; /* byte-order mark */
    if (size >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        problem_at(r, 1, "UTF-16 text; save the file as UTF-8");
        r->lost = true;
        return;
    }
    if (ini_parse_stream(read_line, &c, take_pair, &c) != 0)
        problem_at(r, 0, "the INI reader stopped"); /* our reader lets no such line through */
    end_section(&c);
    if (c.before_sections && r->n_errors == 0) {
        problem_at(r, 0,
                   "there is no [section] in it; crossover init prints a scenario to start from");
        r->lost = true;
    }
}
