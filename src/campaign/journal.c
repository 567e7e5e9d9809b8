/* journal.c - finished work of a long study on disk; see xo/journal.h.
 *
 *   crossover journal 2
 *   version 0.1.0
 *   study sweep
 *   hash 0123456789abcdef
 *   samples 10000 from 0 to 10000 fields 14 one AAAAAAAA8D8=
 *   command crossover sweep my.ini
 *   resolved 5120            the scenario, so many bytes, begins on the next line
 *   ...
 *   end CHECK
 *   t ROUND TASK BYTES CHECK   a simulation
 *   s INDEX BYTES CHECK        a sample: its doubles
 *
 * CHECK is XXH64 of what stands before it: of the line, or of the head. BYTES are those in memory,
 * in base64 (RFC 4648, section 4): one process writes what a thousand compute, and decimal digits
 * would take it ten times as long. "one" is the number 1: a machine that orders bytes otherwise
 * does not read them as other numbers.
 *
 * Invariant: the head is whole or the file is not there; behind it whole lines follow, of which a
 * crash may tear the last; samples stand in order from the first on, and what is finished reaches
 * the disk within a few seconds. Resuming reads up to the first line that is not whole and cuts the
 * file there. It goes on only where version, study and scenario are the same; else it says which
 * key differs, those that somebody typed before those that a file brought in (same_study). Begin
 * with xo_journal_create, read_work and xo_journal_resume.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/journal.h"

#include "base/buffer.h"

#include "xo/clock.h"
#include "xo/file.h"
#include "xo/text.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

static const double SYNC_EVERY_S = 2;
enum { CHECK_DIGITS = 16, MOST_FIELDS = 64, MOST_HEAD_BYTES = 1 << 24 };
static const char magic[] = "crossover journal 2\n";
static const double one = 1;

struct xo_journal {
    FILE *stream; /* at its end */
    char path[4096];
    char *command; /* owned */
    int n_fields;

    double synced_s;
    struct xo_buf line;
};

static void put_base64(struct xo_buf *buf, const void *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *at = bytes;
    for (; n > 0; at += 3) {
        const unsigned three = (unsigned)at[0] << 16 | (n > 1 ? (unsigned)at[1] << 8 : 0) |
                               (n > 2 ? (unsigned)at[2] : 0);
        const char four[4] = { digits[three >> 18], digits[three >> 12 & 63],
                               n > 1 ? digits[three >> 6 & 63] : '=',
                               n > 2 ? digits[three & 63] : '=' };
        xo_put_bytes(buf, four, sizeof four);
        n -= n < 3 ? n : 3;
    }
}

static void put_check(struct xo_buf *buf, size_t from)
{
    xo_put(buf, "%016" PRIx64 "\n",
           buf->failed ? (uint64_t)0 : XXH64(buf->text + from, buf->length - from, 0));
}

static bool put_head(struct xo_buf *buf, const struct xo_journal_head *head, struct xo_error *err)
{
    char *resolved = xo_scenario_resolved_text(head->scenario, err);
    if (resolved == NULL)
        return false;
    char command[1024];
    xo_plain(command, sizeof command, head->command != NULL ? head->command : "", 1000);
    xo_put(buf,
           "%sversion " XO_VERSION "\nstudy %s\nhash %016" PRIx64 "\nsamples %" PRId64
           " from %" PRId64 " to %" PRId64 " fields %d one ",
           magic, head->study, head->hash, head->n_samples, head->from, head->to, head->n_fields);
    put_base64(buf, &one, sizeof one);
    xo_put(buf, "\ncommand %s\nresolved %zu\n%s\nend ", command, strlen(resolved), resolved);
    put_check(buf, 0);
    free(resolved);
    return !buf->failed || xo_fail(err, XO_ERR_MEMORY, "out of memory while writing the journal");
}

/* ---- reading ---- */

/* The next line without its end, NUL-terminated; NULL where none is whole. */
static char *next_line(FILE *in, char **line, size_t *room)
{
    const ssize_t n = getline(line, room, in);
    if (n <= 0 || (*line)[n - 1] != '\n' || strlen(*line) != (size_t)n)
        return NULL;
    (*line)[n - 1] = '\0';
    return *line;
}

struct file_head {
    char version[32], study[32], command[1024];
    uint64_t hash;
    int64_t n_samples, from, to;
    int n_fields;
    char one[16];
    char *resolved; /* owned */
};

/* The text after "NAME " in the next line; NULL where it is another. */
static const char *field(FILE *in, const char *name, char **line, size_t *room, XXH64_state_t *sum)
{
    const char *text = next_line(in, line, room);
    const size_t length = strlen(name);
    if (text == NULL)
        return NULL;
    XXH64_update(sum, text, strlen(text));
    XXH64_update(sum, "\n", 1);
    return strncmp(text, name, length) == 0 && text[length] == ' ' ? text + length + 1 : NULL;
}

static bool read_fields(FILE *in, struct file_head *h, char **line, size_t *room,
                        XXH64_state_t *sum)
{
    const char *text = next_line(in, line, room);
    size_t n_resolved = 0;
    if (text == NULL || strncmp(text, magic, sizeof magic - 2) != 0)
        return false;
    XXH64_update(sum, magic, sizeof magic - 1);
    if ((text = field(in, "version", line, room, sum)) == NULL)
        return false;
    xo_text_copy(h->version, sizeof h->version, text);
    if ((text = field(in, "study", line, room, sum)) == NULL)
        return false;
    xo_text_copy(h->study, sizeof h->study, text);
    if ((text = field(in, "hash", line, room, sum)) == NULL ||
        sscanf(text, "%" SCNx64, &h->hash) != 1)
        return false;
    if ((text = field(in, "samples", line, room, sum)) == NULL ||
        sscanf(text, "%" SCNd64 " from %" SCNd64 " to %" SCNd64 " fields %d one %15s",
               &h->n_samples, &h->from, &h->to, &h->n_fields, h->one) != 5)
        return false;
    if ((text = field(in, "command", line, room, sum)) == NULL)
        return false;
    xo_text_copy(h->command, sizeof h->command, text);
    if ((text = field(in, "resolved", line, room, sum)) == NULL ||
        sscanf(text, "%zu", &n_resolved) != 1 || n_resolved > MOST_HEAD_BYTES)
        return false;
    h->resolved = calloc(n_resolved + 1, 1);
    if (h->resolved == NULL || fread(h->resolved, 1, n_resolved, in) != n_resolved)
        return false;
    XXH64_update(sum, h->resolved, n_resolved);
    return true;
}

static bool read_head(FILE *in, const char *path, struct file_head *h, struct xo_error *err)
{
    char *line = NULL;
    size_t room = 0;
    uint64_t written = 0;
    XXH64_state_t *sum = XXH64_createState();
    *h = (struct file_head){ 0 };
    bool ok = sum != NULL && XXH64_reset(sum, 0) == XXH_OK && read_fields(in, h, &line, &room, sum);
    if (ok) {
        XXH64_update(sum, "\nend ", 5);
        const char *end = fgetc(in) == '\n' ? next_line(in, &line, &room) : NULL;
        ok = end != NULL && strlen(end) == strlen("end ") + CHECK_DIGITS &&
             sscanf(end, "end %" SCNx64, &written) == 1 && written == XXH64_digest(sum) &&
             h->n_fields > 0 && h->n_fields <= MOST_FIELDS && 0 <= h->from && h->from <= h->to &&
             h->to <= h->n_samples;
    }
    XXH64_freeState(sum);
    free(line);
    if (ok)
        return true;
    free(h->resolved);
    h->resolved = NULL;
    return xo_fail(
        err, XO_ERR_INPUT,
        "%.200s is not a journal that can be read: the command that wrote it begins anew "
        "with --force",
        path);
}

/* Whether the checksum at the end of `line` fits; cuts it and the blank before it off. */
static bool sealed(char *line)
{
    const size_t n = strlen(line);
    uint64_t written = 0;
    if (n < CHECK_DIGITS + 2 || line[n - CHECK_DIGITS - 1] != ' ' ||
        sscanf(line + n - CHECK_DIGITS, "%16" SCNx64, &written) != 1 ||
        written != XXH64(line, n - CHECK_DIGITS, 0))
        return false;
    line[n - CHECK_DIGITS - 1] = '\0';
    return true;
}

static int digit_of(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

/* The bytes of `text`, over the text itself; false where it is not what put_base64 writes. */
static bool read_base64(char *text, size_t *n)
{
    const size_t length = strlen(text);
    unsigned char *out = (unsigned char *)text;
    *n = 0;
    for (size_t i = 0; i + 4 <= length; i += 4) {
        const bool last = i + 4 == length;
        const int pad = last && text[i + 3] == '=' ? 1 + (text[i + 2] == '=') : 0;
        unsigned three = 0;
        for (int k = 0; k < 4; k++) {
            const int digit = k < 4 - pad ? digit_of(text[i + (size_t)k]) : 0;
            if (digit < 0)
                return false;
            three = three << 6 | (unsigned)digit;
        }
        for (int k = 0; k < 3 - pad; k++)
            out[(*n)++] = (unsigned char)(three >> (16 - 8 * k));
    }
    return length % 4 == 0;
}

/* A sealed line that we wrote; false where it makes no sense, *failed where the reader refused. */
static bool give_task(char *line, const struct xo_journal_reader *reader, bool *failed,
                      struct xo_error *err)
{
    int round = 0, task = 0, at = 0;
    size_t n = 0;
    if (sscanf(line, "t %d %d %n", &round, &task, &at) != 2 || at == 0 ||
        !read_base64(line + at, &n))
        return false;
    const unsigned char *bytes = (const unsigned char *)line + at;
    *failed = reader->task != NULL && !reader->task(reader->self, round, task, bytes, n, err);
    return !*failed;
}

static bool give_sample(char *line, int64_t expected, int n_fields,
                        const struct xo_journal_reader *reader, bool *failed, struct xo_error *err)
{
    double fields[MOST_FIELDS];
    char *rest = NULL;
    size_t n = 0;
    if (strtoll(line + 2, &rest, 10) != expected || *rest != ' ' || !read_base64(rest + 1, &n) ||
        n != (size_t)n_fields * sizeof *fields)
        return false;
    memcpy(fields, rest + 1, n);
    *failed = reader->sample != NULL && !reader->sample(reader->self, expected, fields, err);
    return !*failed;
}

/* Everything whole behind the head; *end is where the first line that is not begins. */
static bool read_work(FILE *in, const struct file_head *h, const struct xo_journal_reader *reader,
                      int64_t *next, off_t *end, struct xo_error *err)
{
    char *line = NULL;
    size_t room = 0;
    bool failed = false, going = true;
    *next = h->from;
    *end = ftello(in);
    while (going && next_line(in, &line, &room) != NULL) {
        const off_t size = (off_t)strlen(line) + 1;
        if (!sealed(line))
            break;
        if (line[0] == 't')
            going = give_task(line, reader, &failed, err);
        else
            going = line[0] == 's' && *next < h->to &&
                    give_sample(line, *next, h->n_fields, reader, &failed, err);
        if (going) {
            *next += line[0] == 's';
            *end += size;
        }
    }
    free(line);
    return !failed;
}

/* ---- is it the same study? ---- */

/* The next "key = value" of a resolved scenario, its section kept in `section`. */
static const char *next_key(const char *text, char section[XO_SECTION_SIZE], char line[1024])
{
    while (*text != '\0') {
        const size_t n = strcspn(text, "\n");
        snprintf(line, 1024, "%.*s", (int)(n < 1000 ? n : 1000), text);
        text += n + (text[n] == '\n');
        if (line[0] == '[') {
            line[strcspn(line, "]")] = '\0';
            xo_text_copy(section, XO_SECTION_SIZE, line + 1);
        } else if (line[0] != ';' && strchr(line, '=') != NULL) {
            return text;
        }
    }
    return NULL;
}

/* Split at the '=': the key is left in `line`, its value returned. */
static const char *value_of(char line[1024])
{
    char *equals = strchr(line, '=');
    *equals = '\0';
    line[strcspn(line, " ")] = '\0';
    return xo_text_trim(equals + 1);
}

static bool find_key(const char *text, const char *section, const char *key, char value[1024])
{
    char where[XO_SECTION_SIZE] = "", line[1024];
    while ((text = next_key(text, where, line)) != NULL) {
        const char *found = value_of(line);
        if (strcmp(where, section) == 0 && strcmp(line, key) == 0) {
            xo_text_copy(value, 1024, found);
            return true;
        }
    }
    return false;
}

/* The entry of our scenario that a line of its resolved text is; NULL: it has none. */
static const struct xo_entry *entry_of(const struct xo_scenario *s, const char *section,
                                       const char *key)
{
    for (int i = 0; i < s->n_entries; i++)
        if (strcmp(s->entries[i].section, section) == 0 && strcmp(s->entries[i].name, key) == 0)
            return &s->entries[i];
    return NULL;
}

/* Nobody typed the value of this key: a file that the scenario names brought it in. */
static bool is_brought(const struct xo_scenario *s, const struct xo_entry *e)
{
    return e != NULL && (e->origin == XO_FROM_INCLUDE ||
                         (e->origin == XO_FROM_DERIVED && s->workload.trace != NULL &&
                          strcmp(e->section, "workload") == 0));
}

/* Where a value that is_brought is from, and what may have changed, as the end of a sentence. */
static void say_source(const struct xo_scenario *s, const struct xo_entry *e, char out[160])
{
    const struct xo_entry *trace = entry_of(s, "workload", "trace");
    if (e->origin == XO_FROM_INCLUDE || trace == NULL)
        snprintf(out, 160, ", from %.100s", e->where);
    else
        snprintf(out, 160, ", %.60s: has %.60s changed?", e->where, trace->value);
}

/* Results do not depend on how many threads there are. */
static bool is_threads(const char *section, const char *key)
{
    return strcmp(section, "study") == 0 && strcmp(key, "threads") == 0;
}

/* The first key of `ours` whose value is not that in `theirs`, as a sentence's middle; of those
 * that are `brought` in by files, or of the others. */
static bool differs(const struct xo_scenario *s, const char *ours, const char *theirs, bool brought,
                    char what[480])
{
    char section[XO_SECTION_SIZE] = "", line[1024], other[1024], source[160] = "";
    const char *text = ours;
    while ((text = next_key(text, section, line)) != NULL) {
        const char *value = value_of(line);
        const struct xo_entry *e = entry_of(s, section, line);
        if (is_threads(section, line) || is_brought(s, e) != brought)
            continue;
        const bool there = find_key(theirs, section, line, other);
        if (there && strcmp(value, other) == 0)
            continue;
        if (brought)
            say_source(s, e, source);
        if (there)
            snprintf(what, 480, "%.80s.%.60s was %.80s and is %.80s%s", section, line, other, value,
                     source);
        else
            snprintf(what, 480, "%.80s.%.60s = %.80s is new%s", section, line, value, source);
        return true;
    }
    return false;
}

/* The first key of `theirs` that `ours` lacks, likewise. */
static bool lacks(const char *ours, const char *theirs, char what[480])
{
    char section[XO_SECTION_SIZE] = "", line[1024], other[1024];
    const char *text = theirs;
    while ((text = next_key(text, section, line)) != NULL) {
        const char *value = value_of(line);
        if (is_threads(section, line) || find_key(ours, section, line, other))
            continue;
        snprintf(what, 480, "%.80s.%.60s = %.80s is gone", section, line, value);
        return true;
    }
    return false;
}

static bool same_bytes(const struct file_head *h)
{
    struct xo_buf ours = { 0 };
    put_base64(&ours, &one, sizeof one);
    const bool same = !ours.failed && strcmp(ours.text, h->one) == 0;
    xo_buf_fini(&ours);
    return same;
}

static bool same_study(const char *path, const struct file_head *h,
                       const struct xo_journal_head *head, bool whole, struct xo_error *err)
{
    char what[480] = "";
    if (strcmp(h->version, XO_VERSION) != 0)
        return xo_fail(err, XO_ERR_INPUT,
                       "%.200s was written by crossover %.20s, this is " XO_VERSION
                       ": only the same version gives the same samples",
                       path, h->version);
    if (strcmp(h->study, head->study) != 0)
        return xo_fail(err, XO_ERR_INPUT, "%.200s belongs to a %.20s, not to a %s", path, h->study,
                       head->study);
    if (!same_bytes(h))
        return xo_fail(err, XO_ERR_INPUT,
                       "%.200s was written on a machine of another kind, whose numbers this one "
                       "does not read",
                       path);
    char *resolved = xo_scenario_resolved_text(head->scenario, err);
    if (resolved == NULL)
        return false;
    const struct xo_scenario *s = head->scenario;
    const bool other = differs(s, resolved, h->resolved, false, what) ||
                       lacks(resolved, h->resolved, what) ||
                       differs(s, resolved, h->resolved, true, what);
    free(resolved);
    if (other)
        return xo_fail(err, XO_ERR_INPUT, "%.150s belongs to another scenario: %.300s", path, what);
    if (h->hash != head->hash || h->n_samples != head->n_samples || h->n_fields != head->n_fields)
        return xo_fail(err, XO_ERR_INPUT,
                       "%.200s belongs to another scenario: no key differs, but a file that it "
                       "names has changed",
                       path);
    if (whole && (h->from != head->from || h->to != head->to))
        return xo_fail(err, XO_ERR_INPUT,
                       "%.200s holds %" PRId64 " to %" PRId64 " of %" PRId64 ", not %" PRId64
                       " to %" PRId64 ": is it a copy of another? --force begins anew",
                       path, h->from, h->to, h->n_samples, head->from, head->to);
    return true;
}

/* ---- writing ---- */

static bool lost(const struct xo_journal *j, struct xo_error *err)
{
    return xo_fail(err, XO_ERR_IO,
                   "cannot write %.200s (%s); what it holds is kept: make room, then --resume",
                   j->path, strerror(errno != 0 ? errno : EIO));
}

static bool take_lock(const struct xo_journal *j, struct xo_error *err)
{
    if (flock(fileno(j->stream), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return true; /* a file system without locks is no reason to stop */
    return xo_fail(err, XO_ERR_IO,
                   "%.200s is being written by another crossover: wait until it has ended",
                   j->path);
}

static struct xo_journal *journal_new(const char *path, const struct xo_journal_head *head)
{
    struct xo_journal *j = calloc(1, sizeof *j);
    if (j == NULL)
        return NULL;
    xo_text_copy(j->path, sizeof j->path, path);
    j->command = strdup(head->command != NULL ? head->command : "");
    j->n_fields = head->n_fields;
    j->synced_s = xo_now_s();
    return j;
}

static void journal_free(struct xo_journal *j)
{
    if (j == NULL)
        return;
    if (j->stream != NULL)
        fclose(j->stream);
    xo_buf_fini(&j->line);
    free(j->command);
    free(j);
}

/* A pipe would be waited for without end. */
static bool is_file(const char *path, struct xo_error *err)
{
    struct stat info;
    return stat(path, &info) != 0 || S_ISREG(info.st_mode) ||
           xo_fail(err, XO_ERR_IO,
                   "%.200s is no file, as a journal is: remove it, or name another folder by --out",
                   path);
}

static FILE *open_file(const char *path, const char *mode, struct xo_error *err)
{
    if (!is_file(path, err))
        return NULL;
    FILE *stream = fopen(path, mode);
    if (stream == NULL)
        xo_fail(err, XO_ERR_IO,
                "cannot open %.200s: %s; let this user read and write it, or name another folder "
                "by --out",
                path, strerror(errno));
    return stream;
}

/* Nobody may be writing the journal that is about to be replaced. */
static bool is_free(const char *path, struct xo_error *err)
{
    struct xo_journal there = { .stream = fopen(path, "r") };
    if (there.stream == NULL)
        return true;
    xo_text_copy(there.path, sizeof there.path, path);
    const bool ok = take_lock(&there, err);
    fclose(there.stream);
    return ok;
}

bool xo_journal_create(struct xo_journal **journal, const char *path,
                       const struct xo_journal_head *head, struct xo_error *err)
{
    struct xo_buf text = { 0 };
    struct xo_file file;
    if (!is_file(path, err) || !is_free(path, err))
        return false;
    bool ok = put_head(&text, head, err) && xo_file_create(&file, path, err);
    if (ok) {
        fwrite(text.text, 1, text.length, file.stream); /* commit reports a full disk */
        ok = xo_file_commit(&file, err);
    }
    xo_buf_fini(&text);
    struct xo_journal *j = ok ? journal_new(path, head) : NULL;
    if (!ok)
        return false;
    if (j == NULL || j->command == NULL) {
        journal_free(j);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory while beginning a journal");
    }
    j->stream = fopen(path, "a");
    if (j->stream == NULL || !take_lock(j, err)) {
        if (j->stream == NULL)
            lost(j, err);
        journal_free(j);
        return false;
    }
    *journal = j;
    return true;
}

static bool open_at_end(struct xo_journal *j, off_t end, struct xo_error *err)
{
    errno = 0;
    if (ftruncate(fileno(j->stream), end) != 0 || fseeko(j->stream, end, SEEK_SET) != 0)
        return lost(j, err);
    return true;
}

bool xo_journal_resume(struct xo_journal **journal, const char *path,
                       const struct xo_journal_head *head, const struct xo_journal_reader *reader,
                       int64_t *next, struct xo_error *err)
{
    struct file_head h = { 0 };
    off_t end = 0;
    struct xo_journal *j = journal_new(path, head);
    if (j == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory while opening a journal");
    j->stream = open_file(path, "r+", err);
    bool ok = j->stream != NULL && take_lock(j, err) && read_head(j->stream, path, &h, err) &&
              same_study(path, &h, head, true, err) &&
              read_work(j->stream, &h, reader, next, &end, err) && open_at_end(j, end, err);
    if (ok) {
        free(j->command);
        j->command = strdup(h.command);
        ok = j->command != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory");
    }
    free(h.resolved);
    if (ok)
        *journal = j;
    else
        journal_free(j);
    return ok;
}

bool xo_journal_read(const char *path, struct xo_journal_head *head,
                     const struct xo_journal_reader *reader, int64_t *next, struct xo_error *err)
{
    struct file_head h = { 0 };
    off_t end = 0;
    FILE *in = open_file(path, "r", err);
    if (in == NULL)
        return false;
    const bool ok = read_head(in, path, &h, err) && same_study(path, &h, head, false, err) &&
                    read_work(in, &h, reader, next, &end, err);
    fclose(in);
    if (ok) {
        head->from = h.from;
        head->to = h.to;
    }
    free(h.resolved);
    return ok;
}

const char *xo_journal_command(const struct xo_journal *journal)
{
    return journal->command;
}

static bool write_line(struct xo_journal *j, struct xo_error *err)
{
    errno = 0;
    if (j->line.failed) {
        xo_buf_fini(&j->line);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory while writing %.200s", j->path);
    }
    const bool ok = fwrite(j->line.text, 1, j->line.length, j->stream) == j->line.length;
    j->line.length = 0;
    return ok || lost(j, err);
}

static bool sync_now(struct xo_journal *j, struct xo_error *err)
{
    errno = 0;
    j->synced_s = xo_now_s();
    if (fflush(j->stream) != 0 || (fsync(fileno(j->stream)) != 0 && errno != EINVAL))
        return lost(j, err);
    return true;
}

static bool sync_at_times(struct xo_journal *j, struct xo_error *err)
{
    errno = 0;
    if (fflush(j->stream) != 0)
        return lost(j, err);
    return xo_now_s() - j->synced_s < SYNC_EVERY_S || sync_now(j, err);
}

bool xo_journal_task(struct xo_journal *journal, int round, int task, const unsigned char *bytes,
                     size_t n, struct xo_error *err)
{
    struct xo_buf *line = &journal->line;
    xo_put(line, "t %d %d ", round, task);
    put_base64(line, bytes, n);
    xo_put_bytes(line, " ", 1);
    put_check(line, 0);
    return write_line(journal, err) && sync_at_times(journal, err);
}

bool xo_journal_samples(struct xo_journal *journal, int64_t from, int64_t to, const double fields[],
                        struct xo_error *err)
{
    struct xo_buf *line = &journal->line;
    for (int64_t i = from; i < to; i++) {
        xo_put(line, "s %" PRId64 " ", i);
        put_base64(line, fields + (i - from) * journal->n_fields,
                   (size_t)journal->n_fields * sizeof *fields);
        xo_put_bytes(line, " ", 1);
        put_check(line, 0);
        if (!write_line(journal, err))
            return false;
    }
    return sync_at_times(journal, err);
}

bool xo_journal_close(struct xo_journal *journal, struct xo_error *err)
{
    if (journal == NULL)
        return true;
    const bool ok = sync_now(journal, err);
    journal_free(journal);
    return ok;
}
