/* test_delimited.c - lines, fields and packed files from outside.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/delimited.h"
#include "packed.h"

#include <stdio.h>
#include <unistd.h>

static char path[64];

static void write_file(const void *bytes, size_t n)
{
    strcpy(path, "/tmp/xo_delimited_XXXXXX");
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

static struct xo_delimited table(void)
{
    return (struct xo_delimited){ .what = "a table", .is_bare = true };
}

/* Each line as its number and its fields in brackets, "2[a][b]"; what fails as "!line reason",
 * which ends it unless it is a field's. */
static void show(struct xo_delimited *d, char *out, size_t size)
{
    struct xo_error err = { 0 };
    bool is_end = false;
    size_t n = 0;
    out[0] = '\0';
    while (xo_delimited_next(d, &is_end, &err) && !is_end) {
        const bool ok = xo_delimited_split(d, &err);
        n += (size_t)snprintf(out + n, size - n, "%s%ld%s", ok ? "" : "!", d->line, ok ? "" : " ");
        if (!ok)
            n += (size_t)snprintf(out + n, size - n, "%s", err.text);
        for (int i = 0; ok && i < d->n_fields; i++)
            n += (size_t)snprintf(out + n, size - n, "[%s]", d->fields[i]);
        ck_assert_uint_lt(n, size - 600);
    }
    if (!is_end)
        snprintf(out + n, size - n, "!%ld %s", d->line, err.text);
}

static void show_file(const void *bytes, size_t n, char *out, size_t size)
{
    struct xo_delimited d = table();
    struct xo_error err = { 0 };
    write_file(bytes, n);
    if (xo_delimited_open(&d, path, &err)) {
        show(&d, out, size);
        xo_delimited_close(&d);
    } else
        snprintf(out, size, "!%ld %s", d.line, err.text);
    unlink(path);
}

/* ---- lines and fields ---- */

static const struct {
    const char *text, *fields;
} tables[] = {
    { "", "" },
    { "a,b\n1,2\n", "1[a][b]2[1][2]" },
    { "a,b\r\n1,2\r\n", "1[a][b]2[1][2]" },
    { "a,b\n1,2", "1[a][b]2[1][2]" },
    { "\xEF\xBB\xBF"
      "a,b\n1,2",
      "1[a][b]2[1][2]" },
    { " a\t, b c ,\t,d\n", "1[a][b c][][d]" },
    { "\n \t\na\n\r\n\n2\n\n", "3[a]6[2]" },
    { ",\n", "1[][]" },
    /* quotes: RFC 4180, sections 2.5 to 2.7 */
    { "\"a,b\",c\n", "1[a,b][c]" },
    { "\"a\"\"b\",\"\"\"\",\"\"\n", "1[a\"b][\"][]" },
    { " \"a \" ,\t\"b\"\t\n", "1[a ][b]" },
    { "5\" disk,a \"b\" c\n", "1[5\" disk][a \"b\" c]" },
    { "\"a\nb\",c\nd,e\n", "1[a\nb][c]3[d][e]" },
    { "1,\"a\r\n\r\nb, \"\"x\"\"\r\n\"\r\n2,\r\n", "1[1][a\r\n\r\nb, \"x\"\r\n]5[2][]" },
    { "\"a\nb\"", "1[a\nb]" },
    { "\"a\nb\",\"c\nd\"\n", "1[a\nb][c\nd]" },
    /* quotes that go wrong cost their own line alone */
    { "\"a,b\nc,d\n", "!1 field 1 begins with a quote and has no other2[c][d]" },
    { "a,\"b\nc,\"d\"\ne\n", "!1 field 2 begins with a quote and has no other2[c][d]3[e]" },
    { "\"a\"b,c\nd\n", "!1 text stands behind the quotes of field 12[d]" },
    { "a,\"", "!1 field 2 begins with a quote and has no other" },
    { "\"a\" \"b\"\n", "!1 text stands behind the quotes of field 1" },
    { "#a,b\n", "1[#a][b]" },
};

START_TEST(fields_are_those_of_rfc_4180)
{
    char out[2000];
    show_file(tables[_i].text, strlen(tables[_i].text), out, sizeof out);
    ck_assert_str_eq(out, tables[_i].fields);
}
END_TEST

START_TEST(a_text_reads_as_its_file_does)
{
    char out[2000], text[200];
    struct xo_delimited d = table();
    strcpy(text, tables[_i].text);
    xo_delimited_of_text(&d, text, strlen(text));
    show(&d, out, sizeof out);
    xo_delimited_close(&d);
    ck_assert_str_eq(out, tables[_i].fields);
}
END_TEST

static const struct {
    const char *bytes;
    size_t n;
    const char *says;
} strangers[] = {
    { "\xfd\x37zXZ", 5, "!1 it is compressed by xz; unpack it (unxz)" },
    { "BZh91AY", 7, "!1 it is compressed by bzip2; unpack it (bunzip2)" },
    { "\x04\x22\x4d\x18", 4, "!1 it is compressed by lz4; unpack it (unlz4)" },
    { "PK\x03\x04", 4, "!1 it is a zip archive or a spreadsheet; unpack it, or save it as CSV" },
    { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8,
      "!1 it is a spreadsheet of an old Office; save it as CSV" },
    { "PAR1\x15", 5, "!1 it is a Parquet file; save it as CSV or JSON lines" },
    { "ARROW1\0", 7, "!1 it is an Arrow file; save it as CSV or JSON lines" },
    { "SQLite format 3\0", 16, "!1 it is a SQLite database; save the table as CSV" },
    { "\xff\xfe"
      "a\0",
      4, "!1 it is text in UTF-16; save it as UTF-8" },
    { "\xfe\xff\0a", 4, "!1 it is text in UTF-16; save it as UTF-8" },
    { "a\0,\0", 4, "!1 it looks like text in UTF-16; save it as UTF-8" },
    { "\0a\0,", 4, "!1 it looks like text in UTF-16; save it as UTF-8" },
    { "ab\0c\n", 5, "!1 there is a byte of 0; a table is plain text" },
    { "a\nb\"\n\"\0\"\n", 9, "1[a]2[b\"]!3 there is a byte of 0; a table is plain text" },
};

START_TEST(files_that_are_something_else_are_told_by_what_they_are)
{
    char out[2000];
    show_file(strangers[_i].bytes, strangers[_i].n, out, sizeof out);
    ck_assert_str_eq(out, strangers[_i].says);
}
END_TEST

START_TEST(a_tar_archive_is_known_by_its_257th_byte)
{
    char archive[1024] = "trace.csv", out[2000];
    strcpy(archive + 257, "ustar");
    show_file(archive, sizeof archive, out, sizeof out);
    ck_assert_str_eq(out, "!1 it is a tar archive; unpack it (tar -xf)");
}
END_TEST

/* Lines of 1, 2, 3, ... bytes, in quotes and over two lines each, pass every place of a chunk of 64
 * KiB; the longest has 3,000. */
START_TEST(lines_are_whole_wherever_the_buffer_ends)
{
    enum { MOST = 3000 };
    struct xo_delimited d = table();
    char *text = malloc((size_t)MOST * MOST);
    size_t n = 0;
    bool is_end = false;
    for (int i = 1; i <= MOST; i++) {
        text[n++] = '"';
        memset(text + n, 'a' + i % 26, (size_t)i);
        text[n + (size_t)i / 2] = '\n';
        n += (size_t)i;
        text[n++] = '"';
        text[n++] = '\n';
    }
    write_file(text, n);
    ck_assert(xo_delimited_open(&d, path, NULL));
    for (int i = 1; i <= MOST; i++) {
        ck_assert(xo_delimited_next(&d, &is_end, NULL) && !is_end);
        ck_assert(xo_delimited_split(&d, NULL));
        ck_assert_int_eq(d.line, 2 * i - 1);
        ck_assert_int_eq(d.n_fields, 1);
        ck_assert_uint_eq(strlen(d.fields[0]), (size_t)i);
        ck_assert_int_eq(d.fields[0][i / 2], '\n');
        ck_assert_int_eq(d.fields[0][i / 2 == i - 1 ? 0 : i - 1], i == 1 ? '\n' : 'a' + i % 26);
    }
    ck_assert(xo_delimited_next(&d, &is_end, NULL) && is_end);
    xo_delimited_close(&d);
    unlink(path);
    free(text);
}
END_TEST

START_TEST(lines_and_files_of_any_length_are_refused_in_bounded_memory)
{
    struct xo_error err = { 0 };
    bool is_end;
    struct xo_delimited d = table();
    ck_assert(xo_delimited_open(&d, "/dev/zero", NULL));
    ck_assert(!xo_delimited_next(&d, &is_end, &err));
    ck_assert_str_eq(err.text, "there is a byte of 0; a table is plain text");
    xo_delimited_close(&d);
    d.max_bytes = 5;
    write_file("a\nb\nc\n", 6);
    ck_assert(!xo_delimited_open(&d, path, &err));
    ck_assert_int_eq(err.kind, XO_ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.text, " is larger than 5 bytes, the most that is read"));
    d.max_bytes = 0;
    d.max_lines = 2;
    ck_assert(xo_delimited_open(&d, path, NULL));
    for (int i = 0; i < 2; i++)
        ck_assert(xo_delimited_next(&d, &is_end, NULL) && !is_end);
    ck_assert(!xo_delimited_next(&d, &is_end, &err));
    ck_assert_ptr_nonnull(strstr(err.text, " has more than 2 lines, the most that is read of a "
                                           "table; take a part of it"));
    xo_delimited_close(&d);
    unlink(path);
}
END_TEST

static const struct {
    const char *text, *parted_by, *says;
} partings[] = {
    { "a,b\n", NULL, NULL },
    { "a\n", NULL, NULL },
    { "a,b;c\n", NULL, NULL },
    { "a;\"b,,,c\"\n1;2\n", "semicolons",
      "its columns are parted by semicolons; they take commas" },
    { "a;b, c;d\n", "semicolons", "its columns are parted by semicolons; they take commas" },
    { "a\tb\n1,000\t2\n", "tabs",
      "its columns are parted by tabs, and its numbers have decimal commas; columns take commas, "
      "and numbers decimal points" },
    { "a|b\nx,y|1\n3,4|5\n", "vertical bars",
      "its columns are parted by vertical bars; they take commas" },
    { "a;b\n0,5;200", "semicolons",
      "its columns are parted by semicolons, and its numbers have decimal commas; columns take "
      "commas, and numbers decimal points" },
};

START_TEST(what_parts_the_columns_is_named_where_it_is_no_comma)
{
    struct xo_delimited d = table();
    struct xo_error err = { 0 };
    bool is_end;
    write_file(partings[_i].text, strlen(partings[_i].text));
    ck_assert(xo_delimited_open(&d, path, NULL));
    ck_assert(xo_delimited_header(&d, &is_end, NULL));
    ck_assert_pstr_eq(d.parted_by, partings[_i].parted_by);
    if (d.parted_by != NULL) {
        ck_assert(!xo_delimited_refuse_parting(&d, &err));
        ck_assert_str_eq(err.text, partings[_i].says);
    }
    xo_delimited_close(&d);
    unlink(path);
}
END_TEST

START_TEST(a_message_names_the_file_and_the_line_unless_it_is_bare)
{
    struct xo_delimited d = { .what = "a table" };
    struct xo_error err = { 0 };
    char expected[200];
    bool is_end;
    write_file("\n\na\n\"b\n", 7);
    ck_assert(xo_delimited_open(&d, path, NULL));
    ck_assert(xo_delimited_next(&d, &is_end, NULL) && xo_delimited_next(&d, &is_end, NULL));
    ck_assert(!xo_delimited_split(&d, &err));
    snprintf(expected, sizeof expected, "%s:4: field 1 begins with a quote and has no other", path);
    ck_assert_str_eq(err.text, expected);
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    xo_delimited_close(&d);
    unlink(path);
}
END_TEST

/* ---- packed files ---- */

static const char small[] = "a,b\n\"1,\n2\",3\n\n4,5\n";
static const char small_fields[] = "1[a][b]2[1,\n2][3]5[4][5]";

START_TEST(packed_files_are_read_as_what_is_in_them)
{
    char out[2000];
    size_t n;
    unsigned char *bytes = packed((enum packing)_i, small, strlen(small), &n);
    show_file(bytes, n, out, sizeof out);
    ck_assert_str_eq(out, is_read((enum packing)_i) ? small_fields
                          : _i == GZIP ? "!1 it is compressed by gzip; unpack it (gunzip)"
                                       : "!1 it is compressed by zstd; unpack it (unzstd)");
    free(bytes);
}
END_TEST

/* As `cat a.gz b.gz` makes them; and pzstd begins with a frame to be skipped. */
START_TEST(several_packed_parts_are_one_text)
{
    enum { CUT = 9 };
    char out[2000];
    unsigned char bytes[400] = "\x50\x2a\x4d\x18\x02\0\0\0xy";
    size_t n_first, n_second, at = _i == ZSTD ? 10 : 0;
    if (!is_read((enum packing)_i))
        return;
    unsigned char *first = packed((enum packing)_i, small, CUT, &n_first);
    unsigned char *second = packed((enum packing)_i, small + CUT, strlen(small + CUT), &n_second);
    memcpy(bytes + at, first, n_first);
    memcpy(bytes + at + n_first, second, n_second);
    show_file(bytes, at + n_first + n_second, out, sizeof out);
    ck_assert_str_eq(out, small_fields);
    free(first);
    free(second);
}
END_TEST

static bool fails(const char *out, const char *how)
{
    const char *last = strrchr(out, '!');
    return last != NULL && strstr(last, how) != NULL;
}

/* The check sums alone tell that nothing is missing. */
START_TEST(a_packed_file_that_is_cut_short_is_never_half_an_answer)
{
    const char *how =
        _i == GZIP ? "its gzip-compressed data ends here, in the middle: the file is cut short"
                   : "its zstd-compressed data ends here, in the middle: the file is cut short";
    char out[2000];
    size_t n;
    if (!is_read((enum packing)_i))
        return;
    unsigned char *bytes = packed((enum packing)_i, small, strlen(small), &n);
    for (size_t cut = 4; cut < n; cut++) {
        show_file(bytes, cut, out, sizeof out);
        ck_assert_msg(fails(out, how), "%zu of %zu: %s", cut, n, out);
    }
    free(bytes);
}
END_TEST

/* A bit of the head (a time, a flag without effect) may change nothing; no bit changes a field. */
START_TEST(a_flipped_bit_of_a_packed_file_is_told_or_does_not_matter)
{
    char out[2000];
    size_t n, n_told = 0;
    if (!is_read((enum packing)_i))
        return;
    unsigned char *bytes = packed((enum packing)_i, small, strlen(small), &n);
    for (size_t bit = 32; bit < 8 * n; bit++) { /* the first four bytes say what packed it */
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        show_file(bytes, n, out, sizeof out);
        const bool told = fails(out, "-compressed data") || fails(out, "zstd would need a window");
        ck_assert_msg(told || strcmp(out, small_fields) == 0, "%zu: %s", bit, out);
        n_told += told;
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ck_assert_uint_gt(n_told, 8 * strlen(small));
    free(bytes);
}
END_TEST

START_TEST(what_stands_behind_packed_data_is_told)
{
    char out[2000];
    size_t n;
    if (!is_read((enum packing)_i))
        return;
    unsigned char *bytes = packed((enum packing)_i, small, strlen(small), &n);
    bytes = realloc(bytes, n + 10);
    memcpy(bytes + n, "6,7\n8,9\n\n\n", 10);
    show_file(bytes, n + 10, out, sizeof out);
    ck_assert_msg(fails(out, "-compressed data stands something else"), "%s", out);
    free(bytes);
}
END_TEST

START_TEST(what_is_packed_twice_or_packs_an_archive_is_told)
{
    char archive[1024] = "trace.csv", out[2000];
    size_t n, n_twice;
    if (!reads_gzip)
        return;
    strcpy(archive + 257, "ustar");
    unsigned char *bytes = packed(GZIP, archive, sizeof archive, &n);
    show_file(bytes, n, out, sizeof out);
    ck_assert_str_eq(out, "!1 it is a tar archive; unpack it (tar -xf)");
    unsigned char *twice = packed(GZIP, (const char *)bytes, n, &n_twice);
    show_file(twice, n_twice, out, sizeof out);
    ck_assert_str_eq(out, "!1 it is compressed by gzip; unpack it (gunzip)");
    free(bytes);
    free(twice);
}
END_TEST

/* A frame of n blocks of 128 KiB of one byte, four bytes each (RFC 8878, section 3.1.1.2.2). */
static size_t make_bomb(unsigned char *to, int window_log, char byte, size_t n)
{
    enum { LAST = 1, REPEATED = 1 << 1, BLOCK = 1 << 17 };
    size_t at = put_little(to, UINT32_C(0xFD2FB528), 4);
    to[at++] = 0;
    to[at++] = (unsigned char)((window_log - 10) << 3);
    for (size_t i = 0; i < n; i++) {
        const unsigned last = i + 1 == n ? LAST : 0;
        at += put_little(to + at, (unsigned)BLOCK << 3 | REPEATED | last, 3);
        to[at++] = (unsigned char)byte;
    }
    return at;
}

/* 40 kB that unpack to 1.3 GB: a line of them, and empty lines alone. */
START_TEST(a_bomb_takes_no_more_memory_than_the_longest_line)
{
    enum { N = 10000 };
    struct xo_delimited d = table();
    struct xo_error err = { 0 };
    bool is_end;
    if (!reads_zstd)
        return;
    unsigned char *bytes = malloc(4 * N + 10);
    write_file(bytes, make_bomb(bytes, 17, 'a', N));
    ck_assert(xo_delimited_open(&d, path, NULL));
    ck_assert(!xo_delimited_next(&d, &is_end, &err));
    ck_assert_str_eq(err.text, "the line is longer than 16 MiB (16777216 bytes)");
    ck_assert_uint_lt(d.room, 2 * XO_MAX_LINE);
    xo_delimited_close(&d);
    unlink(path);
    d.max_bytes = 1 << 24;
    write_file(bytes, make_bomb(bytes, 17, '\n', N));
    ck_assert(xo_delimited_open(&d, path, NULL));
    ck_assert(!xo_delimited_next(&d, &is_end, &err));
    ck_assert_ptr_nonnull(
        strstr(err.text, "is larger than 16777216 bytes unpacked, the most that is read"));
    ck_assert_uint_lt(d.room, 1 << 20);
    xo_delimited_close(&d);
    unlink(path);
    free(bytes);
}
END_TEST

START_TEST(a_window_that_takes_too_much_memory_is_told)
{
    unsigned char bytes[16];
    char out[2000];
    if (!reads_zstd)
        return;
    show_file(bytes, make_bomb(bytes, 28, 'a', 1), out, sizeof out);
    ck_assert_str_eq(out, "!1 zstd would need a window of over 128 MiB to unpack it; pack it "
                          "without --long");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("delimited");
    TCase *lines = tcase_create("lines"), *files = tcase_create("packed");
    const int n_tables = sizeof tables / sizeof tables[0];
    tcase_add_loop_test(lines, fields_are_those_of_rfc_4180, 0, n_tables);
    tcase_add_loop_test(lines, a_text_reads_as_its_file_does, 0, n_tables);
    tcase_add_loop_test(lines, files_that_are_something_else_are_told_by_what_they_are, 0,
                        sizeof strangers / sizeof strangers[0]);
    tcase_add_test(lines, a_tar_archive_is_known_by_its_257th_byte);
    tcase_add_test(lines, lines_are_whole_wherever_the_buffer_ends);
    tcase_add_test(lines, lines_and_files_of_any_length_are_refused_in_bounded_memory);
    tcase_add_loop_test(lines, what_parts_the_columns_is_named_where_it_is_no_comma, 0,
                        sizeof partings / sizeof partings[0]);
    tcase_add_test(lines, a_message_names_the_file_and_the_line_unless_it_is_bare);
    suite_add_tcase(s, lines);
    tcase_set_timeout(files, 60);
    tcase_add_loop_test(files, packed_files_are_read_as_what_is_in_them, PLAIN, N_PACKINGS);
    tcase_add_loop_test(files, several_packed_parts_are_one_text, GZIP, N_PACKINGS);
    tcase_add_loop_test(files, a_packed_file_that_is_cut_short_is_never_half_an_answer, GZIP,
                        N_PACKINGS);
    tcase_add_loop_test(files, a_flipped_bit_of_a_packed_file_is_told_or_does_not_matter, GZIP,
                        N_PACKINGS);
    tcase_add_loop_test(files, what_stands_behind_packed_data_is_told, GZIP, N_PACKINGS);
    tcase_add_test(files, what_is_packed_twice_or_packs_an_archive_is_told);
    tcase_add_test(files, a_bomb_takes_no_more_memory_than_the_longest_line);
    tcase_add_test(files, a_window_that_takes_too_much_memory_is_told);
    suite_add_tcase(s, files);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
