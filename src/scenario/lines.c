/* lines.c - a scenario's text to entries, on inih and around its traps.
 *
 * inih as Debian packages it (55-1) cuts lines at 199 bytes and reads on in the tail, joins an
 * indented key to the value above, gives no line numbers, flags no duplicates, cuts names at 49
 * bytes, puts keys below a broken [section in the section before, and says nothing of an empty
 * section. So it reads through our own line reader, which counts lines, looks at each one first,
 * and hands over an empty line where inih would misread it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "room.h"
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

/* Length of the UTF-8 character at s[0..n), 0 when it is none. Source: RFC 3629, section 4. */
static size_t utf8_length(const unsigned char *s, size_t n)
{
    if (s[0] < 0x80)
        return 1;
    const size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return length;
}

/* Plain UTF-8, and no control characters that a terminal, a CSV or a script would take as orders.
 */
static bool bytes_are_text(struct reader *r, int at, const char *line, size_t length)
{
    const unsigned char *s = (const unsigned char *)line;
    for (size_t i = 0; i < length;) {
        const bool ends = s[i] == '\r' && i + 1 == length;
        if ((s[i] < 0x20 && s[i] != '\t' && !ends) || s[i] == 0x7f) {
            problem_at(r, at,
                       s[i] == 0 ? "a NUL byte; save the file as UTF-8 text"
                       : s[i] == '\r'
                           ? "a carriage return inside a line; end lines with a line feed"
                           : "the control character 0x%02x; a scenario is plain text",
                       s[i]);
            return false;
        }
        const size_t n = utf8_length(s + i, length - i);
        if (n == 0) {
            problem_at(r, at, "the byte 0x%02x is not UTF-8; save the file as UTF-8", s[i]);
            return false;
        }
        i += n;
    }
    return true;
}

static void end_section(struct cursor *c)
{
    if (c->group < 0 || c->n_keys > 0)
        return;
    const struct group *g = &c->r->store->groups[c->group];
    warning_at(c->r, g->line, "[%s%s%s] is empty; delete it or give it keys",
               sections[g->section].name, g->name[0] == '\0' ? "" : " ", g->name);
}

static void unknown_section(struct reader *r, int line, const char *name)
{
    const char *names[S_N];
    char hint[120], kind[64];
    for (int i = 0; i < S_N; i++)
        names[i] = sections[i].name;
    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(name, " ."), name);
    const int known = section_find(kind, strlen(kind));
    if (known >= 0 && sections[known].named) {
        const char *own = name + strlen(kind);
        problem_at(r, line, "unknown section [%s]; a name stands after a blank: [%s %s]", name,
                   kind, *own == '\0' ? "NAME" : own + 1);
        return;
    }
    did_you_mean(hint, sizeof hint, xo_text_nearest(kind, names, S_N));
    problem_at(r, line, "unknown section [%s]%s", name,
               hint[0] == '\0' ? "; docs/scenario.md lists those there are" : hint);
}

/* The group of section `kind` (kind_length bytes of it) named `own`, made where there is none; -1
 * with a problem when there can be none. */
static int find_group(struct reader *r, int line, const char *whole, size_t kind_length,
                      const char *own)
{
    const int section = section_find(whole, kind_length);
    if (section < 0 || (*own == '\0' && !sections[section].plain)) {
        unknown_section(r, line, whole);
        return -1;
    }
    if (*own != '\0' && !sections[section].named) {
        problem_at(r, line, "[%s] takes no name; write [%s]", whole, sections[section].name);
        return -1;
    }
    if (strpbrk(own, "[];#=,") != NULL) {
        problem_at(r, line, "the name \"%s\" holds one of [ ] ; # = and comma", own);
        return -1;
    }
    int group = store_group(r->store, (enum section)section, own);
    if (group < 0)
        group = store_add_group(r->store, (enum section)section, own, 0);
    r->out_of_memory |= group < 0;
    return group;
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

static int near_key(const struct group *g, const char *name)
{
    const struct section_info *info = &sections[g->section];
    const char *names[MAX_SECTION_KEYS];
    for (int i = 0; i < info->n_keys; i++)
        names[i] = xo_keys[info->first_key + i].name;
    const char *nearest = xo_text_nearest(name, names, (size_t)info->n_keys);
    return nearest == NULL ? -1 : key_in_section(g->section, nearest);
}

/* A line that was reported still says which key it meant: nobody shall call that one missing. */
static void note_key(struct reader *r, int group, const char *name)
{
    if (group < 0)
        return;
    const int key = near_key(&r->store->groups[group], name);
    if (key >= 0 && store_get(r->store, group, key) == NULL &&
        store_add(r->store, group, key) == NULL)
        r->out_of_memory = true;
}

/* The same for a whole line; a section that was not opened loses the keys below it. */
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

static void unknown_key(struct reader *r, int line, int group, const char *key)
{
    const struct group *g = &r->store->groups[group];
    const struct section_info *info = &sections[g->section];
    const char *names[MAX_SECTION_KEYS];
    char hint[200] = "";
    for (int i = 0; i < info->n_keys; i++)
        names[i] = xo_keys[info->first_key + i].name;
    did_you_mean(hint, sizeof hint, xo_text_nearest(key, names, (size_t)info->n_keys));
    for (int i = 0; i < S_N && hint[0] == '\0'; i++)
        if (key_in_section((enum section)i, key) >= 0)
            snprintf(hint, sizeof hint, "; it stands in [%s%s]", sections[i].name,
                     sections[i].plain ? "" : " NAME");
    problem_at(r, line, "unknown key \"%.60s\" in [%s%s%s]%s", key, info->name,
               g->name[0] == '\0' ? "" : " ", g->name,
               hint[0] == '\0' ? "; docs/scenario.md lists its keys" : hint);
}

static void unknown_uncertain(struct reader *r, int line, const char *name)
{
    char hint[120], dotted[N_KEYS][64];
    const char *names[N_KEYS];
    for (int i = 0; i < N_KEYS; i++) {
        snprintf(dotted[i], sizeof dotted[i], "%s.%s", xo_keys[i].section, xo_keys[i].name);
        names[i] = dotted[i];
    }
    did_you_mean(hint, sizeof hint, xo_text_nearest(name, names, N_KEYS));
    problem_at(r, line, "unknown key \"%.60s\" in [uncertain]%s", name,
               hint[0] == '\0' ? "; it takes section.key, such as build.rent" : hint);
}

/* The entry that has this name in [uncertain]; NULL. */
static struct xo_entry *find_uncertain(struct xo_store *store, const char *name)
{
    for (size_t i = 0; i < store->n_entries; i++)
        if (strcmp(store->entries[i].section, "uncertain") == 0 &&
            strcmp(store->entries[i].name, name) == 0)
            return &store->entries[i];
    return NULL;
}

/* What is wrong with a value as such; NULL: nothing. */
static const char *value_trouble(const char *text, bool guess, enum xo_key_type type)
{
    if (text[0] == '\0')
        return guess ? "has no value after the ?" : "has no value; give it one or delete the line";
    if (text[0] == '"' || text[0] == '\'')
        return "has quotes around its value; write it without";
    if (type != XO_KEY_TEXT && strstr(text, " #") != NULL)
        return "has a # in its value; a comment after a value starts with a blank and ;";
    return NULL;
}

/* A pair of the group, from the file or from --set (which replaces). */
static void enter(struct reader *r, int group, const char *name, const char *value, int line)
{
    struct xo_store *store = r->store;
    const bool uncertain = store->groups[group].section == S_UNCERTAIN, set = line == 0;
    const int key =
        uncertain ? xo_key_find(name) : key_in_section(store->groups[group].section, name);
    if (key < 0) {
        if (uncertain)
            unknown_uncertain(r, line, name);
        else
            unknown_key(r, line, group, name);
        if (!uncertain)
            note_key(r, group, name);
        return;
    }
    struct xo_entry *e =
        uncertain ? find_uncertain(store, name) : (struct xo_entry *)store_get(store, group, key);
    if (e != NULL && !set) {
        problem_at(r, line, "\"%s\" was given on line %d already", name, e->line);
        return;
    }
    const bool guess = value[0] == '?';
    const char *text = value + guess + strspn(value + guess, " \t");
    const char *trouble = value_trouble(text, guess, xo_keys[key].type);
    if (trouble != NULL)
        problem_at(r, line, "\"%s\" %s", name, trouble);
    if (e == NULL)
        e = store_add(store, group, key);
    if (e == NULL) {
        r->out_of_memory = true;
        return;
    }
    e->name = uncertain ? keep_text(r, "%s", name) : xo_keys[key].name;
    e->value = trouble == NULL ? keep_text(r, "%s", text) : "";
    e->origin = set ? XO_FROM_SET : XO_FROM_FILE;
    e->line = line;
    e->guess = guess && !set;
    if (set)
        e->where = "--set";
    else if (r->s != NULL) /* nobody asks a catalog */
        e->where = keep_text(r, "%.140s:%d", r->file, line);
}

/* An ini_handler. The section is the one that we saw: inih's own is never used. */
static int take_pair(void *user, const char *section, const char *name, const char *value)
{
    struct cursor *c = user;
    (void)section;
    if (c->group >= 0) /* else the section was reported */
        enter(c->r, c->group, name, value, c->line);
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

/* "class.easy.weight" into group and key, or "build.rent". */
static void set_path(struct reader *r, char *path, const char *value)
{
    char *dot = strchr(path, '.');
    const size_t kind_length = (size_t)(dot - path);
    const int section = section_find(path, kind_length);
    char *last = section >= 0 && sections[section].named ? strrchr(path, '.') : dot;
    *last = '\0';
    const char *own = last > dot ? dot + 1 : "";
    const int group = find_group(r, 0, path, kind_length, own);
    if (group < 0)
        return;
    r->store->groups[group].given = true;
    enter(r, group, last + 1, value, 0);
}

/* What makes a --set impossible to write down as a line of a scenario; NULL: nothing. */
static const char *set_trouble(const char *path, const char *value)
{
    if (strchr(path, '.') == NULL)
        return "it takes section.key=value, such as build.rent=$2.50/hour";
    if (strlen(path) > 2 * LONGEST_NAME || strlen(path) + strlen(value) > LONGEST_LINE - 6)
        return "longer than a line of a scenario may be";
    if (strstr(value, " ;") != NULL || strstr(value, "\t;") != NULL)
        return "a blank and ; would start a comment";
    return NULL;
}

static void set_one(struct reader *r, const char *set)
{
    char place[XO_VALUE_SIZE + 16], copy[XO_VALUE_SIZE];
    const size_t path_length = strcspn(set, "=");
    snprintf(place, sizeof place, "--set %.*s", (int)(path_length < 200 ? path_length : 200), set);
    r->place = place;
    xo_text_copy(copy, sizeof copy, set);
    char *equals = strchr(copy, '=');
    if (equals != NULL)
        *equals = '\0';
    char *path = xo_text_trim(copy), *value = equals == NULL ? NULL : xo_text_trim(equals + 1);
    const char *trouble = strlen(set) >= sizeof copy
                              ? "longer than a line of a scenario may be"
                              : set_trouble(value == NULL ? "" : path, value == NULL ? "" : value);
    if (trouble != NULL)
        problem_at(r, 0, "%s", trouble);
    else if (bytes_are_text(r, 0, set, strlen(set)))
        set_path(r, path, value);
    r->place = NULL;
}

void read_sets(struct reader *r, const struct xo_scenario_options *options)
{
    for (int i = 0; options != NULL && i < options->n_sets; i++)
        set_one(r, options->sets[i]);
}

void add_group_defaults(struct reader *r, int group)
{
    const struct section_info *info = &sections[r->store->groups[group].section];
    for (int k = info->first_key; k < info->first_key + info->n_keys; k++) {
        const char *value = xo_keys[k].defaults;
        if (value == NULL || value[0] == '\0' || store_get(r->store, group, k) != NULL)
            continue;
        struct xo_entry *e = store_add(r->store, group, k);
        if (e == NULL) {
            r->out_of_memory = true;
            return;
        }
        e->value = value;
        e->where = "default";
        e->origin = XO_FROM_DEFAULT;
    }
}

void add_defaults(struct reader *r)
{
    const struct xo_store *store = r->store;
    for (int g = 0; g < (int)store->n_groups; g++) {
        const struct group *group = &store->groups[g];
        const bool always = group->section == S_SCENARIO || group->section == S_WORKLOAD ||
                            group->section == S_STUDY || group->section == S_SLO;
        const bool one_of_many = group->section == S_SLO && group->name[0] != '\0';
        if ((group->given || always) && !one_of_many && !is_catalogued(group->section))
            add_group_defaults(r, g);
    }
}

void require_keys(struct reader *r, int group)
{
    const struct group *g = &r->store->groups[group];
    const struct section_info *info = &sections[g->section];
    for (int k = info->first_key; k < info->first_key + info->n_keys; k++)
        if (xo_keys[k].defaults == NULL && store_get(r->store, group, k) == NULL)
            problem_at(r, g->line, "[%s] lacks \"%s\": %s", g->label, xo_keys[k].name,
                       xo_keys[k].help);
}
