/* test_journal.c - finished work on disk: read back to the bit, torn ends, other studies.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/journal.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

enum { N_FIELDS = 3, N_SAMPLES = 40 };
static char path[] = "/tmp/xo-journal-XXXXXX";
static struct xo_scenario *scenario;

static struct xo_scenario *read_with(const char *set)
{
    const char *const sets[] = { set };
    const struct xo_scenario_options options = { .sets = sets, .n_sets = set != NULL };
    struct xo_problems problems = { 0 };
    struct xo_scenario *s = NULL;
    ck_assert(xo_scenario_read(&s, XO_SOURCE_DIR "/scenarios/support.ini", &options, &problems));
    xo_problems_fini(&problems);
    return s;
}

static void begin(void)
{
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    scenario = read_with(NULL);
}

static void end(void)
{
    unlink(path);
    xo_scenario_free(scenario);
    strcpy(path, "/tmp/xo-journal-XXXXXX");
}

static struct xo_journal_head head(void)
{
    return (struct xo_journal_head){ .study = "sweep",
                                     .command = "crossover sweep 'a b.ini'",
                                     .scenario = scenario,
                                     .hash = 0xfeedfacecafebeef,
                                     .from = 5,
                                     .to = N_SAMPLES,
                                     .n_samples = N_SAMPLES + 3,
                                     .n_fields = N_FIELDS };
}

/* Awkward numbers: none, never, below, a third, the smallest. */
static double number(int64_t sample, int field)
{
    const double special[] = {
        NAN, INFINITY, 0.0, -0.0, 1.0 / 3, 4.9e-324, -1.7976931348623157e308
    };
    return (sample + field) % 3 == 0 ? special[sample % 7] : 1e6 / ((double)sample + 0.7 * field);
}

static void write_samples(struct xo_journal *j, int64_t from, int64_t to)
{
    double fields[N_SAMPLES * N_FIELDS];
    for (int64_t i = from; i < to; i++)
        for (int f = 0; f < N_FIELDS; f++)
            fields[(i - from) * N_FIELDS + f] = number(i, f);
    ck_assert(xo_journal_samples(j, from, to, fields, NULL));
}

struct seen {
    int n_tasks;
    int64_t next;
};

static bool see_task(void *self, int round, int task, const unsigned char *bytes, size_t n,
                     struct xo_error *err)
{
    struct seen *seen = self;
    (void)err;
    ck_assert_int_eq(round, 2);
    ck_assert_int_eq(task, seen->n_tasks);
    ck_assert_uint_eq(n, 4);
    ck_assert_int_eq(memcmp(bytes, "\0\xff\n ", 4), 0);
    seen->n_tasks++;
    return true;
}

static bool see_sample(void *self, int64_t index, const double fields[], struct xo_error *err)
{
    struct seen *seen = self;
    (void)err;
    ck_assert_int_eq(index, seen->next++);
    for (int f = 0; f < N_FIELDS; f++) {
        const double expected = number(index, f);
        ck_assert(isnan(expected) ? isnan(fields[f])
                                  : memcmp(&expected, &fields[f], sizeof expected) == 0);
    }
    return true;
}

static void write_all(void)
{
    const struct xo_journal_head h = head();
    struct xo_journal *j = NULL;
    ck_assert(xo_journal_create(&j, path, &h, NULL));
    for (int task = 0; task < 2; task++)
        ck_assert(xo_journal_task(j, 2, task, (const unsigned char *)"\0\xff\n ", 4, NULL));
    write_samples(j, 5, 17);
    write_samples(j, 17, N_SAMPLES);
    ck_assert(xo_journal_close(j, NULL));
}

START_TEST(what_was_written_reads_back_to_the_bit)
{
    struct xo_journal_head h = head();
    struct seen seen = { 0, 5 };
    const struct xo_journal_reader reader = { &seen, see_task, see_sample };
    int64_t next = 0;
    write_all();
    h.from = h.to = 0;
    ck_assert(xo_journal_read(path, &h, &reader, &next, NULL));
    ck_assert_int_eq(next, N_SAMPLES);
    ck_assert_int_eq(h.from, 5);
    ck_assert_int_eq(h.to, N_SAMPLES);
    ck_assert_int_eq(seen.n_tasks, 2);
}
END_TEST

/* The file's bytes, [*n]; the caller frees. */
static char *slurp(size_t *n)
{
    FILE *in = fopen(path, "r");
    ck_assert_ptr_nonnull(in);
    char *text = malloc(1 << 20);
    ck_assert_ptr_nonnull(text);
    *n = fread(text, 1, 1 << 20, in);
    fclose(in);
    return text;
}

START_TEST(wherever_a_kill_tears_the_file_going_on_ends_with_the_same_bytes)
{
    size_t n = 0, again_n = 0;
    write_all();
    char *whole = slurp(&n);
    const char *body = strstr(whole, "\nend ");
    ck_assert_ptr_nonnull(body);
    for (size_t cut = (size_t)(body - whole) + 22; cut <= n; cut += 37) {
        const struct xo_journal_head h = head();
        struct seen seen = { 0, 5 };
        const struct xo_journal_reader reader = { &seen, see_task, see_sample };
        struct xo_journal *j = NULL;
        int64_t next = 0;
        ck_assert_int_eq(truncate(path, (off_t)cut), 0);
        ck_assert(xo_journal_resume(&j, path, &h, &reader, &next, NULL));
        ck_assert_str_eq(xo_journal_command(j), "crossover sweep 'a b.ini'");
        for (int task = seen.n_tasks; task < 2; task++)
            ck_assert(xo_journal_task(j, 2, task, (const unsigned char *)"\0\xff\n ", 4, NULL));
        write_samples(j, next, N_SAMPLES);
        ck_assert(xo_journal_close(j, NULL));
        char *again = slurp(&again_n);
        ck_assert_uint_eq(again_n, n);
        ck_assert_int_eq(memcmp(again, whole, n), 0);
        free(again);
    }
    free(whole);
}
END_TEST

START_TEST(a_flipped_bit_ends_what_is_believed)
{
    struct xo_journal_head h = head();
    struct seen seen = { 0, 5 };
    const struct xo_journal_reader reader = { &seen, see_task, see_sample };
    int64_t next = 0;
    size_t n = 0;
    write_all();
    char *text = slurp(&n);
    char *line = strstr(text, "\ns 23 ");
    ck_assert_ptr_nonnull(line);
    line[8] ^= 1;
    FILE *out = fopen(path, "w");
    ck_assert_uint_eq(fwrite(text, 1, n, out), n);
    fclose(out);
    ck_assert(xo_journal_read(path, &h, &reader, &next, NULL));
    ck_assert_int_eq(next, 23);
    free(text);
}
END_TEST

/* Every 7th byte of the file takes a flipped bit, or a line's end. */
START_TEST(whatever_is_damaged_is_refused_or_cut_off)
{
    size_t n = 0;
    int n_refused = 0;
    write_all();
    char *text = slurp(&n);
    for (size_t at = (size_t)_i; at < n; at += 7) {
        struct xo_journal_head h = head();
        struct seen seen = { 0, 5 };
        const struct xo_journal_reader reader = { &seen, see_task, see_sample };
        struct xo_error err = { 0 };
        int64_t next = 0;
        const char was = text[at];
        text[at] = (char)(_i % 2 == 0 ? was ^ (1 << (at / 7 % 8)) : '\n');
        FILE *out = fopen(path, "w");
        ck_assert_uint_eq(fwrite(text, 1, n, out), n);
        fclose(out);
        if (!xo_journal_read(path, &h, &reader, &next, &err)) {
            ck_assert_int_eq(err.kind, XO_ERR_INPUT);
            n_refused++;
        }
        text[at] = was;
    }
    ck_assert_int_gt(n_refused, 100); /* the head is larger than that */
    free(text);
}
END_TEST

START_TEST(another_scenario_is_refused_by_the_name_of_the_key)
{
    struct xo_error err = { 0 };
    const struct xo_journal_reader reader = { 0 };
    int64_t next = 0;
    write_all();
    struct xo_scenario *other = read_with("build.rent=$4.10/hour");
    struct xo_journal_head h = head();
    h.scenario = other;
    struct xo_journal *j = NULL;
    ck_assert(!xo_journal_resume(&j, path, &h, &reader, &next, &err));
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    ck_assert_ptr_nonnull(strstr(err.text, "build.rent was ? $3.76/hour and is $4.10/hour"));
    xo_scenario_free(other);
    h = head();
    h.hash++;
    ck_assert(!xo_journal_resume(&j, path, &h, &reader, &next, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "a file that it names"));
}
END_TEST

/* Whole in every other respect: its head is sealed anew. */
START_TEST(a_journal_of_another_version_is_refused_by_both_their_names)
{
    const struct xo_journal_head h = head();
    const struct xo_journal_reader reader = { 0 };
    struct xo_journal *j = NULL;
    struct xo_error err = { 0 };
    char seal[17], expected[200];
    size_t n = 0;
    int64_t next = 0;
    write_all();
    char *text = slurp(&n), *version = strstr(text, "\nversion ") + strlen("\nversion "),
         *end = strstr(text, "\nend ") + strlen("\nend ");
    snprintf(expected, sizeof expected, "written by crossover 9%.*s, this is %.*s: only the same",
             (int)strcspn(version, "\n") - 1, version + 1, (int)strcspn(version, "\n"), version);
    version[0] = '9';
    snprintf(seal, sizeof seal, "%016llx",
             (unsigned long long)XXH64(text, (size_t)(end - text), 0));
    memcpy(end, seal, 16);
    FILE *out = fopen(path, "w");
    ck_assert_uint_eq(fwrite(text, 1, n, out), n);
    fclose(out);
    ck_assert(!xo_journal_resume(&j, path, &h, &reader, &next, &err));
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    ck_assert_msg(strstr(err.text, expected) != NULL, "%s", err.text);
    free(text);
}
END_TEST

START_TEST(threads_are_no_part_of_a_scenario_here)
{
    const struct xo_journal_reader reader = { 0 };
    struct xo_journal *j = NULL;
    int64_t next = 0;
    write_all();
    struct xo_scenario *other = read_with("study.threads=3");
    struct xo_journal_head h = head();
    h.scenario = other;
    ck_assert(xo_journal_resume(&j, path, &h, &reader, &next, NULL));
    ck_assert_int_eq(next, N_SAMPLES);
    ck_assert(xo_journal_close(j, NULL));
    xo_scenario_free(other);
}
END_TEST

START_TEST(threads_that_are_no_longer_given_are_none_either)
{
    const struct xo_journal_reader reader = { 0 };
    struct xo_journal *j = NULL;
    int64_t next = 0;
    struct xo_scenario *other = read_with("study.threads=3");
    struct xo_journal_head h = head();
    h.scenario = other;
    ck_assert(xo_journal_create(&j, path, &h, NULL));
    ck_assert(xo_journal_close(j, NULL));
    h = head();
    ck_assert(xo_journal_resume(&j, path, &h, &reader, &next, NULL));
    ck_assert(xo_journal_close(j, NULL));
    xo_scenario_free(other);
}
END_TEST

START_TEST(two_writers_are_one_too_many)
{
    const struct xo_journal_head h = head();
    const struct xo_journal_reader reader = { 0 };
    struct xo_error err = { 0 };
    struct xo_journal *j = NULL, *second = NULL;
    int64_t next = 0;
    ck_assert(xo_journal_create(&j, path, &h, NULL));
    ck_assert(!xo_journal_resume(&second, path, &h, &reader, &next, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "another crossover"));
    ck_assert(!xo_journal_create(&second, path, &h, &err));
    ck_assert(xo_journal_close(j, NULL));
}
END_TEST

static const char *const rubbish[] = { "", "crossover journal 2\n",
                                       "crossover journal 2\nversion 0\n",
                                       "crossover journal 2\nversion 0.1.0\nstudy sweep\nhash 1\n"
                                       "samples 4 from 9 to 2 fields 14 one AAAAAAAA8D8=\n"
                                       "command x\nresolved "
                                       "99999999999999\n" };

START_TEST(rubbish_is_refused)
{
    struct xo_journal_head h = head();
    const struct xo_journal_reader reader = { 0 };
    struct xo_error err = { 0 };
    int64_t next = 0;
    FILE *out = fopen(path, "w");
    fputs(rubbish[_i], out);
    fclose(out);
    ck_assert(!xo_journal_read(path, &h, &reader, &next, &err));
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60); /* a loaded machine is slow */
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, what_was_written_reads_back_to_the_bit);
    tcase_add_test(all, wherever_a_kill_tears_the_file_going_on_ends_with_the_same_bytes);
    tcase_add_test(all, a_flipped_bit_ends_what_is_believed);
    tcase_add_loop_test(all, whatever_is_damaged_is_refused_or_cut_off, 0, 2);
    tcase_add_test(all, another_scenario_is_refused_by_the_name_of_the_key);
    tcase_add_test(all, a_journal_of_another_version_is_refused_by_both_their_names);
    tcase_add_test(all, threads_are_no_part_of_a_scenario_here);
    tcase_add_test(all, threads_that_are_no_longer_given_are_none_either);
    tcase_add_test(all, two_writers_are_one_too_many);
    tcase_add_loop_test(all, rubbish_is_refused, 0, (int)(sizeof rubbish / sizeof rubbish[0]));
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
