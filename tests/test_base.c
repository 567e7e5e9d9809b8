/* test_base.c - errors, growing arrays, text, files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/error.h"
#include "xo/file.h"
#include "xo/folder.h"
#include "xo/memory.h"
#include "xo/text.h"

#include <check.h>
#include <dirent.h>
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_OF(a) ((int)(sizeof(a) / sizeof((a)[0])))

START_TEST(a_failure_is_false_and_carries_its_text)
{
    struct xo_error err = { 0 };
    ck_assert(!xo_fail(&err, XO_ERR_IO, "cannot open %s", "x.ini"));
    ck_assert_int_eq(err.kind, XO_ERR_IO);
    ck_assert_str_eq(err.text, "cannot open x.ini");
    ck_assert(!xo_fail(NULL, XO_ERR_IO, "nobody listens"));
}
END_TEST

START_TEST(an_array_grows_and_keeps_what_it_holds)
{
    int *items = NULL;
    size_t room = 0;
    for (int i = 0; i < 1000; i++) {
        ck_assert(xo_array_reserve((void **)&items, &room, (size_t)i + 1, sizeof *items, NULL));
        items[i] = 3 * i + 7;
    }
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(items[i], 3 * i + 7);
    struct xo_error err = { 0 };
    ck_assert(!xo_array_reserve((void **)&items, &room, SIZE_MAX / 2, sizeof *items, &err));
    ck_assert_int_eq(err.kind, XO_ERR_MEMORY);
    ck_assert_int_eq(items[999], 3004);
    free(items);
}
END_TEST

static const struct number_row {
    const char *text;
    bool ok;
    double value;
    const char *rest;
} number_rows[] = {
    { "12", true, 12, "" },
    { "-1.5", true, -1.5, "" },
    { "+.25k", true, 0.25, "k" },
    { "5.", true, 5, "" },
    { "2.5e-6", true, 2.5e-6, "" },
    { "2.5e", true, 2.5, "e" },
    { "3B tokens", true, 3, "B tokens" },
    { "3E8", true, 3e8, "" },
    { "50,000", true, 50000, "" },
    { "1,234,567.5 x", true, 1234567.5, " x" },
    { "1,23", true, 1, ",23" },
    { "1,2345", true, 1, ",2345" },
    { "1234,567", true, 1234, ",567" },
    { "0,500", true, 0, ",500" },
    { "1e-999", true, 0, "" },
    { "70%", true, 70, "%" },
    { "", false, 0, "" },
    { " 5", false, 0, "" },
    { ".", false, 0, "" },
    { "-", false, 0, "" },
    { "-e5", false, 0, "" },
    { "nan", false, 0, "" },
    { "inf", false, 0, "" },
    { "-infinity", false, 0, "" },
    { "0x1p3", false, 0, "" },
    { "1e999", false, 0, "" },
};

START_TEST(a_number_is_read_up_to_its_unit)
{
    const struct number_row *row = &number_rows[_i];
    double value = -99.5;
    const char *rest = "untouched";
    ck_assert_msg(xo_text_number(row->text, &value, &rest) == row->ok, "\"%s\"", row->text);
    ck_assert_double_eq(value, row->ok ? row->value : -99.5);
    ck_assert_str_eq(rest, row->ok ? row->rest : "untouched");
}
END_TEST

START_TEST(an_endless_number_is_refused)
{
    char text[5000];
    memset(text, '7', sizeof text);
    text[sizeof text - 1] = '\0';
    double value;
    const char *rest;
    ck_assert(!xo_text_number(text, &value, &rest));
    text[511] = '\0'; /* 511 digits overflow all the same */
    ck_assert(!xo_text_number(text, &value, &rest));
    text[300] = '\0';
    ck_assert(xo_text_number(text, &value, &rest));
    ck_assert_double_eq_tol(value / 7.777777777777778e299, 1, 1e-12);
}
END_TEST

START_TEST(integers_are_whole_texts)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } rows[] = {
        { "0", true, 0 },
        { " -42\t", true, -42 },
        { "+7", true, 7 },
        { "9223372036854775807", true, INT64_MAX },
        { "9223372036854775808", false, 0 },
        { "1.0", false, 0 },
        { "12a", false, 0 },
        { "", false, 0 },
        { "- 3", false, 0 },
    };
    for (int i = 0; i < N_OF(rows); i++) {
        int64_t value = -5;
        ck_assert_msg(xo_text_integer(rows[i].text, &value) == rows[i].ok, "%s", rows[i].text);
        ck_assert_int_eq(value, rows[i].ok ? rows[i].value : -5);
    }
}
END_TEST

START_TEST(a_typing_error_finds_its_word)
{
    static const char *const names[] = { "rent", "retries", "requests", "h100-sxm", "discount" };
    static const struct {
        const char *word, *nearest;
    } rows[] = {
        { "retreis", "retries" }, /* two letters swapped: distance 1 */
        { "RENT", "rent" },         { "h10-sxm", "h100-sxm" },
        { "disconut", "discount" }, { "request", "requests" },
        { "rnt", "rent" },          { "x", NULL },
        { "colocation", NULL },     { "", NULL },
        { "rxxt", NULL },
    };
    for (int i = 0; i < N_OF(rows); i++) {
        const char *found = xo_text_nearest(rows[i].word, names, 5);
        ck_assert_msg((found == NULL) == (rows[i].nearest == NULL), "%s", rows[i].word);
        if (found != NULL)
            ck_assert_str_eq(found, rows[i].nearest);
    }
    char endless[4000];
    memset(endless, 'r', sizeof endless);
    endless[sizeof endless - 1] = '\0';
    ck_assert_ptr_null(xo_text_nearest(endless, names, 5));
    ck_assert_ptr_null(xo_text_nearest("rent", NULL, 0));
    ck_assert(xo_text_begins("RTX_PRO 6000", "rtx-pro"));
    ck_assert(xo_text_begins("Qwen/Qwen3-8B", "qwen3"));
    ck_assert(xo_text_begins("h100", ""));
    ck_assert(!xo_text_begins("h100", "h1000"));
    ck_assert(!xo_text_begins("codellama-7b", "llama"));
}
END_TEST

START_TEST(text_is_trimmed_and_cut)
{
    char text[] = " \t two words\r\n ", blank[] = " \n", copy[6];
    ck_assert_str_eq(xo_text_trim(text), "two words");
    ck_assert_str_eq(xo_text_trim(blank), "");
    xo_text_copy(copy, sizeof copy, "abcdefgh");
    ck_assert_str_eq(copy, "abcde");
    xo_text_copy(copy, sizeof copy, "ab");
    ck_assert_str_eq(copy, "ab");
}
END_TEST

START_TEST(counts_carry_a_planners_suffix)
{
    static const struct {
        double value;
        int digits;
        const char *text;
    } rows[] = {
        { 950, 3, "950" },         { 1500, 3, "1.5 k" },   { 3.75e6, 3, "3.75 M" },
        { 14e9, 3, "14 B" },       { 2e12, 3, "2 T" },     { 999600, 3, "1 M" },
        { 999600, 2, "1 M" },      { 123456, 2, "120 k" }, { 0, 3, "0" },
        { -0.0, 3, "0" },          { 0.0123, 2, "0.012" }, { -2345, 3, "-2.35 k" },
        { 1.25e16, 3, "12500 T" }, { 99.96, 3, "100" },    { 1e-12, 3, "1e-12" },
        { NAN, 3, "-" },           { -INFINITY, 3, "-" },
    };
    char out[32];
    for (int i = 0; i < N_OF(rows); i++)
        ck_assert_str_eq(xo_text_count(out, sizeof out, rows[i].value, rows[i].digits),
                         rows[i].text);
}
END_TEST

START_TEST(amounts_have_marks_below_a_million)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 87600, "87,600" },    { 43800.4, "43,800" },   { 999.6, "1,000" },   { 9.9726, "9.97" },
        { 1e6 - 1, "999,999" }, { 999999.7, "1 M" },     { 44.8e6, "44.8 M" }, { 0, "0" },
        { -43800, "-43.8 k" },  { 123456.5, "123,457" }, { NAN, "-" },
    };
    char out[32];
    for (int i = 0; i < N_OF(rows); i++)
        ck_assert_str_eq(xo_text_amount(out, sizeof out, rows[i].value), rows[i].text);
}
END_TEST

START_TEST(whole_numbers_keep_every_digit)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = { { 0, "0" },          { 8.4, "8" },         { 999.6, "1,000" },
                 { 32768, "32,768" }, { 1e6, "1,000,000" }, { 2147483647, "2,147,483,647" },
                 { -1, "-" },         { NAN, "-" },         { INFINITY, "-" } };
    char out[32];
    for (int i = 0; i < N_OF(rows); i++)
        ck_assert_str_eq(xo_text_whole(out, sizeof out, rows[i].value), rows[i].text);
}
END_TEST

START_TEST(a_short_buffer_is_filled_and_not_written_beyond)
{
    char out[8] = "........";
    xo_text_whole(out, 4, 1234567);
    ck_assert_str_eq(out, "1,2");
    ck_assert_int_eq(out[4], '.');
}
END_TEST

START_TEST(dollars_are_whole_and_marked)
{
    static const struct {
        double usd;
        int digits;
        const char *text;
    } rows[] = {
        { -12600, 0, "-$12,600" },
        { 1234567.5, 0, "$1,234,568" },
        { 1234567, 2, "$1,200,000" },
        { 999.6, 0, "$1,000" },
        { 3.5, 0, "$3.50" },
        { 9.999, 0, "$10" },
        { 0, 0, "$0" },
        { -0.0, 2, "$0" },
        { 0.0623, 2, "$0.062" },
        { 0.0035, 0, "$0.0035" },
        { 3.47, 2, "$3.50" },
        { 10.4, 0, "$10" },
        { NAN, 0, "-" },
        { INFINITY, 2, "-" },
        { 999999.5, 2, "$1,000,000" },
        { -0.5, 0, "-$0.50" },
        { 12.34, 2, "$12" },
        { 0.013212, 0, "$0.013" }, /* cents would show one digit of it */
        { -0.0962, 0, "-$0.096" },
        { 0.05, 0, "$0.05" },
        { 0.1049, 0, "$0.10" },
        { 1e-6, 0, "$0.0000010" },
    };
    char out[64];
    for (int i = 0; i < N_OF(rows); i++)
        ck_assert_str_eq(xo_text_usd(out, sizeof out, rows[i].usd, rows[i].digits), rows[i].text);
    ck_assert_uint_lt(strlen(xo_text_usd(out, sizeof out, 1.7e308, 0)), sizeof out);
}
END_TEST

START_TEST(durations_pick_their_unit)
{
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {
        { 850e-6, "850 us" },  { 0.045, "45 ms" },    { 2, "2 s" },          { 5400, "1.5 h" },
        { 0, "0 s" },          { 0.9999e-3, "1 ms" }, { 90, "90 s" },        { 150, "2.5 min" },
        { 172800, "2 days" },  { 1.23456, "1.23 s" }, { 2.5e-7, "0.25 us" }, { NAN, "-" },
        { 0.00015, "150 us" },
    };
    char out[32];
    for (int i = 0; i < N_OF(rows); i++)
        ck_assert_str_eq(xo_text_duration(out, sizeof out, rows[i].seconds), rows[i].text);
}
END_TEST

START_TEST(rounding_is_decimal)
{
    ck_assert_double_eq(xo_round_significant(1234.5, 2), 1200);
    ck_assert_double_eq(xo_round_significant(-0.0019951, 3), -0.002);
    ck_assert_double_eq(xo_round_significant(9.96e22, 2), 1e23);
    ck_assert_double_eq(xo_round_significant(0, 2), 0);
    ck_assert_double_nan(xo_round_significant(NAN, 2));
    ck_assert_double_infinite(xo_round_significant(-INFINITY, 2));
}
END_TEST

START_TEST(exact_text_reads_back_and_is_short)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 0.1, "0.1" },
        { 1.0 / 3, "0.3333333333333333" },
        { 5e-324, "5e-324" },
        { 1e23, "1e+23" },
        { 123456789, "123456789" },
        { -2.5, "-2.5" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { NAN, "" },
        { INFINITY, "" },
    };
    char out[32];
    for (int i = 0; i < N_OF(rows); i++)
        ck_assert_str_eq(xo_text_exact(out, rows[i].value), rows[i].text);
    for (int i = 0; i < 1000; i++) {
        const double value = sin(i * 1.7) * pow(10, i % 600 - 300);
        ck_assert_double_eq(strtod(xo_text_exact(out, value), NULL), value);
        ck_assert_uint_lt(strlen(out), 25);
    }
}
END_TEST

/* The fewest digits from `precision` on by which printf's text reads back. */
static const char *by_printf(char out[32], double value)
{
    int precision = fabs(value) < DBL_MIN ? 1 : 15;
    do
        snprintf(out, 32, "%.*g", precision, value);
    while (strtod(out, NULL) != value && precision++ < 17);
    return isfinite(value) ? out : strcpy(out, "");
}

static void same_as_printf(double value)
{
    char ours[32], theirs[32];
    if (strcmp(xo_text_exact(ours, value), by_printf(theirs, value)) != 0)
        ck_abort_msg("%a is \"%s\", not \"%s\"", value, theirs, ours);
}

static uint64_t next_bits(uint64_t *state) /* SplitMix64, Steele, Lea and Flood, OOPSLA 2014 */
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

START_TEST(exact_text_is_that_of_printf_for_doubles_of_every_size)
{
    enum { N = 100000, HALVES = 1022 };
    uint64_t state = (uint64_t)_i << 32; /* ten runs: a million of each kind */
    for (int i = 0; i < N; i++) {
        const uint64_t bits = next_bits(&state);
        const double share = (double)(next_bits(&state) >> 11) * 0x1p-53;
        double any;
        memcpy(&any, &bits, sizeof any);
        same_as_printf(any);
        same_as_printf(share * pow(10, i % 30 - 13)); /* the sizes of what studies say */
        same_as_printf(floor(share * 1e6) / pow(10, i % 9));
    }
    for (int power = -HALVES; power <= HALVES; power++) /* neighbours at unequal distances */
        for (int sign = -1; sign <= 1; sign += 2) {
            const double two = ldexp(sign, power), ten = sign * pow(10, power % 300);
            same_as_printf(two);
            same_as_printf(nextafter(two, 0));
            same_as_printf(nextafter(two, INFINITY));
            same_as_printf(ten);
            same_as_printf(nextafter(ten, 0));
            same_as_printf(nextafter(ten, 2 * ten));
        }
    static const double edges[] = {
        0,       -0.0,      DBL_MIN,         DBL_MAX,  DBL_TRUE_MIN, DBL_EPSILON,
        0x1p-36, 0x1p53,    999999999999999, 1e15,     NAN,          -INFINITY,
        0.5,     0.0001,    0.00001,         0x1p-44,  5e-324,       9.5367431640625e-7,
        99999.5, 123456.75, 1e15 - 0.125,    9.995e-5, 1e-5 - 1e-20, 1234567890123456.5
    };
    for (int i = 0; i < N_OF(edges); i++) {
        same_as_printf(edges[i]);
        same_as_printf(-edges[i]);
    }
}
END_TEST

START_TEST(a_decimal_comma_never_gets_in)
{
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL)
        printf("note: no de_DE.UTF-8 here, the locale is not tried\n");
    char out[32];
    double value = 0;
    const char *rest;
    ck_assert_str_eq(xo_text_exact(out, 2.5), "2.5");
    ck_assert_str_eq(xo_text_usd(out, sizeof out, 3.25, 0), "$3.25");
    ck_assert(xo_text_number("2.5", &value, &rest));
    ck_assert_double_eq(value, 2.5);
    setlocale(LC_ALL, "C");
}
END_TEST

/* Put the UTF-8 of a code point (RFC 3629, section 3) into out. */
static void encode(uint32_t code, char out[5])
{
    const int n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (int i = n - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(lead[n] | code);
    out[n] = '\0';
}

START_TEST(every_invisible_character_is_shown_by_its_number)
{
    static const uint32_t bidi_controls[] = { 0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C,
                                              0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069 };
    int n_invisible = 0;
    for (uint32_t code = 1; code <= 0x10FFFF; code++) {
        char text[5], shown[XO_SHOWN_SIZE], number[XO_SHOWN_SIZE];
        uint32_t read = 0;
        const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        encode(code, text);
        const size_t n = xo_text_character(text, strlen(text), &read);
        const size_t taken = xo_text_show(text, shown);
        n_invisible += xo_text_is_invisible(code);
        snprintf(number, sizeof number, "<U+%04X>", (unsigned)code & 0xFFFFFF);
        const char *expected = surrogate                    ? "\xEF\xBF\xBD"
                               : xo_text_is_invisible(code) ? number
                               : xo_text_is_control(code)   ? " "
                                                            : text;
        const bool right =
            surrogate ? n == 0 && taken == 1 : n == strlen(text) && read == code && taken == n;
        if (!right || strcmp(shown, expected) != 0) /* an assertion a character takes seconds */
            ck_abort_msg("U+%04X is shown as \"%s\"", (unsigned)code, shown);
    }
    ck_assert_int_eq(n_invisible, 4174); /* Unicode 14.0.0, DerivedCoreProperties.txt */
    for (int i = 0; i < N_OF(bidi_controls); i++)
        ck_assert(xo_text_is_invisible(bidi_controls[i]));
    ck_assert(!xo_text_is_invisible(0xE1000) && !xo_text_is_invisible(0x00A0));
}
END_TEST

START_TEST(bytes_that_are_no_character_are_told)
{
    static const char *const none[] = { "\x80",     "\xC1\xBF", "\xE0\x9F\xBF", "\xF4\x90\x80\x80",
                                        "\xE2\x80", "\xFF",     "\xF0\x9F\x98" };
    for (int i = 0; i < N_OF(none); i++) {
        uint32_t code;
        char shown[XO_SHOWN_SIZE];
        ck_assert_uint_eq(xo_text_character(none[i], strlen(none[i]), &code), 0);
        ck_assert_uint_eq(xo_text_show(none[i], shown), 1);
        ck_assert_str_eq(shown, "\xEF\xBF\xBD");
    }
}
END_TEST

/* ---- files: each test in a folder of its own ---- */

static char folder[64];

static void enter_folder(void)
{
    strcpy(folder, "/tmp/xo_test_base.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void leave_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static const char *in_folder(const char *name)
{
    static char path[4][128];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static int count(bool hidden)
{
    DIR *dir = opendir(folder);
    ck_assert_ptr_nonnull(dir);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        n += (hidden || entry->d_name[0] != '.') && strcmp(entry->d_name, ".") != 0 &&
             strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return n;
}

static int count_files(void)
{
    return count(false);
}

static int count_all(void)
{
    return count(true);
}

START_TEST(a_file_appears_whole_on_commit)
{
    struct xo_file file;
    struct xo_error err = { 0 };
    ck_assert_msg(xo_file_create(&file, in_folder("a.csv"), &err), "%s", err.text);
    fprintf(file.stream, "x,y\n%d\n", 7);
    ck_assert_int_eq(access(in_folder("a.csv"), F_OK), -1);
    ck_assert_msg(xo_file_commit(&file, &err), "%s", err.text);
    xo_file_discard(&file);
    char *text;
    size_t size;
    ck_assert_msg(xo_file_read(in_folder("a.csv"), 100, &text, &size, &err), "%s", err.text);
    ck_assert_str_eq(text, "x,y\n7\n");
    ck_assert_uint_eq(size, 6);
    ck_assert_int_eq(count_files(), 1);
    free(text);
}
END_TEST

START_TEST(a_discarded_file_leaves_the_old_one)
{
    struct xo_file file;
    for (int i = 0; i < 2; i++) {
        ck_assert(xo_file_create(&file, in_folder("a"), NULL));
        fprintf(file.stream, "%d", i);
        if (i == 0)
            ck_assert(xo_file_commit(&file, NULL));
        else
            xo_file_discard(&file);
    }
    char *text;
    size_t size;
    ck_assert(xo_file_read(in_folder("a"), 100, &text, &size, NULL));
    ck_assert_str_eq(text, "0");
    ck_assert_int_eq(count_files(), 1);
    free(text);
}
END_TEST

START_TEST(a_link_is_followed_and_a_device_stays_one)
{
    struct xo_file file;
    struct stat info;
    ck_assert(xo_file_create(&file, in_folder("real"), NULL));
    ck_assert(xo_file_commit(&file, NULL));
    ck_assert_int_eq(symlink("real", in_folder("link")), 0);
    ck_assert(xo_file_create(&file, in_folder("link"), NULL));
    fputs("through", file.stream);
    ck_assert(xo_file_commit(&file, NULL));
    ck_assert_int_eq(lstat(in_folder("link"), &info), 0);
    ck_assert(S_ISLNK(info.st_mode));
    ck_assert_int_eq(stat(in_folder("real"), &info), 0);
    ck_assert_int_eq(info.st_size, 7);
    ck_assert(xo_file_create(&file, "/dev/null", NULL));
    ck_assert(xo_file_commit(&file, NULL));
    ck_assert_int_eq(stat("/dev/null", &info), 0);
    ck_assert(S_ISCHR(info.st_mode));
}
END_TEST

START_TEST(a_full_disk_is_reported)
{
    struct xo_file file;
    struct xo_error err = { 0 };
    if (!xo_file_create(&file, "/dev/full", &err)) {
        printf("note: no /dev/full here, a full disk is not tried\n");
        return;
    }
    fputs("lost", file.stream);
    ck_assert(!xo_file_commit(&file, &err));
    ck_assert_int_eq(err.kind, XO_ERR_IO);
    ck_assert_str_eq(err.text, "cannot write /dev/full: No space left on device");
}
END_TEST

START_TEST(what_cannot_be_read_or_written_says_why)
{
    struct xo_error err = { 0 };
    struct xo_file file;
    char *text = NULL, expected[256];
    size_t size = 0;
    ck_assert(!xo_file_read(in_folder("none"), 10, &text, &size, &err));
    snprintf(expected, sizeof expected, "cannot open %s/none: No such file or directory", folder);
    ck_assert_str_eq(err.text, expected);
    ck_assert(!xo_file_read(folder, 10, &text, &size, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "Is a directory"));
    ck_assert(!xo_file_read("/proc/self/stat", 10, &text, &size, &err));
    ck_assert_str_eq(err.text, "/proc/self/stat is larger than 10 bytes, the most that is read");
    ck_assert(!xo_file_create(&file, folder, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "it is a folder"));
    ck_assert(!xo_file_create(&file, in_folder("no/such/x"), &err));
    ck_assert_ptr_nonnull(strstr(err.text, "No such file"));
    ck_assert_ptr_null(text);
    ck_assert_int_eq(count_files(), 0);
}
END_TEST

/* Whoever writes may take a while, here a tenth of a second, before and between the bytes. */
START_TEST(a_pipe_is_read_however_slowly_it_comes)
{
    struct xo_error err = { 0 };
    char *text = NULL;
    size_t size = 0;
    ck_assert_int_eq(mkfifo(in_folder("pipe"), 0600), 0);
    const pid_t child = fork();
    if (child == 0) {
        FILE *out = fopen(in_folder("pipe"), "w");
        for (const char *c = "ab"; *c != '\0'; c++) {
            usleep(100000);
            fputc(*c, out);
            fflush(out);
        }
        fclose(out);
        _exit(0);
    }
    ck_assert_msg(xo_file_read(in_folder("pipe"), 10, &text, &size, &err), "%s", err.text);
    ck_assert_str_eq(text, "ab");
    ck_assert_uint_eq(size, 2);
    free(text);
    waitpid(child, NULL, 0);
}
END_TEST

START_TEST(folders_are_made_with_those_above)
{
    struct xo_error err = { 0 };
    struct stat info;
    ck_assert_msg(xo_folder_make(in_folder("a/b//c/"), &err), "%s", err.text);
    ck_assert_msg(xo_folder_make(in_folder("a/b/c"), &err), "%s", err.text);
    ck_assert_int_eq(stat(in_folder("a/b/c"), &info), 0);
    ck_assert(S_ISDIR(info.st_mode));
    struct xo_file file;
    ck_assert(xo_file_create(&file, in_folder("f"), NULL));
    ck_assert(xo_file_commit(&file, NULL));
    ck_assert(!xo_folder_make(in_folder("f/g"), &err));
    ck_assert_int_eq(err.kind, XO_ERR_IO);
}
END_TEST

/* ---- files that change together ---- */

static const char *const set_names[] = { "a.csv", "b.csv", "c.json", XO_FOLDER_SEAL };
enum { SET = sizeof set_names / sizeof set_names[0] };

static void put_text(const char *name, const char *text)
{
    FILE *stream = fopen(in_folder(name), "w");
    ck_assert_ptr_nonnull(stream);
    fputs(text, stream);
    ck_assert_int_eq(fclose(stream), 0);
}

/* What stands in the file, or "" where there is none; good until the next call. */
static const char *text_of(const char *name)
{
    static char text[64];
    FILE *stream = fopen(in_folder(name), "r");
    const size_t n = stream != NULL ? fread(text, 1, sizeof text - 1, stream) : 0;
    text[n] = '\0';
    if (stream != NULL)
        fclose(stream);
    return text;
}

/* Stage a set of files that all say `text`. */
static void stage_set(struct xo_stage *stage, const char *text)
{
    ck_assert(xo_stage_begin(stage, folder, NULL));
    for (int i = 0; i < SET; i++) {
        FILE *stream = xo_stage_open(stage, set_names[i], NULL);
        ck_assert_ptr_nonnull(stream);
        fputs(text, stream);
        ck_assert(xo_stage_close(stage, set_names[i], stream, NULL));
    }
}

static void assert_set(const char *text)
{
    for (int i = 0; i < SET; i++)
        ck_assert_msg(strcmp(text_of(set_names[i]), text) == 0, "%s says \"%s\", not \"%s\"",
                      set_names[i], text_of(set_names[i]), text);
}

START_TEST(staged_files_appear_together_or_not_at_all)
{
    struct xo_folder_lock lock;
    struct xo_stage stage;
    ck_assert(xo_folder_lock(&lock, folder, XO_FOLDER_ALONE, NULL));
    stage_set(&stage, "first");
    ck_assert_int_eq(count_files(), 0);
    ck_assert(xo_stage_commit(&stage, NULL));
    assert_set("first");
    put_text("mine.txt", "kept");
    stage_set(&stage, "second");
    xo_stage_discard(&stage);
    assert_set("first");
    stage_set(&stage, "third");
    ck_assert(xo_stage_commit(&stage, NULL));
    assert_set("third");
    ck_assert_str_eq(text_of("mine.txt"), "kept");
    xo_folder_unlock(&lock);
    ck_assert_int_eq(count_all(), SET + 1);
}
END_TEST

START_TEST(a_dropped_file_goes_with_the_others)
{
    struct xo_folder_lock lock;
    struct xo_stage stage;
    put_text("old.png", "a picture");
    ck_assert(xo_folder_lock(&lock, folder, XO_FOLDER_ALONE, NULL));
    stage_set(&stage, "new");
    ck_assert(xo_stage_drop(&stage, "old.png", NULL));
    ck_assert(xo_stage_drop(&stage, "never.png", NULL));
    ck_assert_str_eq(text_of("old.png"), "a picture");
    ck_assert(xo_stage_commit(&stage, NULL));
    ck_assert_int_eq(count_files(), SET);
    xo_folder_unlock(&lock);
}
END_TEST

START_TEST(one_writes_alone_or_several_share)
{
    struct xo_folder_lock a, b;
    struct xo_error err = { 0 };
    char inner[128], expected[256];
    snprintf(inner, sizeof inner, "%s/made", folder);
    ck_assert(xo_folder_lock(&a, inner, XO_FOLDER_ALONE, NULL));
    for (int use = XO_FOLDER_ALONE; use <= XO_FOLDER_SHARED; use++)
        ck_assert(!xo_folder_lock(&b, inner, (enum xo_folder_use)use, &err));
    snprintf(expected, sizeof expected, "%s is being written by another crossover: ", inner);
    ck_assert_ptr_nonnull(strstr(err.text, expected));
    ck_assert_int_eq(err.kind, XO_ERR_IO);
    xo_folder_unlock(&b);
    ck_assert_int_eq(count_files(), 1);
    xo_folder_unlock(&a);
    ck_assert_int_eq(count_files(), 0); /* made for nothing */
    ck_assert(xo_folder_lock(&a, folder, XO_FOLDER_SHARED, NULL));
    ck_assert(xo_folder_lock(&b, folder, XO_FOLDER_SHARED, NULL));
    xo_folder_unlock(&a);
    ck_assert(!xo_folder_lock(&a, folder, XO_FOLDER_ALONE, NULL));
    xo_folder_unlock(&b);
    ck_assert_int_eq(count_all(), 0);
}
END_TEST

START_TEST(where_nothing_can_be_locked_the_writing_tells)
{
    struct xo_folder_lock lock;
    struct xo_stage stage;
    struct xo_error err = { 0 };
    ck_assert(xo_folder_lock(&lock, "/proc/xo_none", XO_FOLDER_ALONE, &err));
    ck_assert_int_eq(lock.fd, -1);
    ck_assert(!xo_stage_begin(&stage, "/proc/xo_none", &err));
    ck_assert_str_eq(err.text, "cannot write to /proc/xo_none: No such file or directory");
    xo_stage_discard(&stage);
    xo_folder_unlock(&lock);
}
END_TEST

START_TEST(a_folder_in_the_place_of_a_file_stops_the_writing)
{
    struct xo_stage stage;
    struct xo_error err = { 0 };
    char expected[256];
    ck_assert_int_eq(mkdir(in_folder("a.csv"), 0777), 0);
    ck_assert(xo_stage_begin(&stage, folder, NULL));
    ck_assert_ptr_null(xo_stage_open(&stage, "a.csv", &err));
    snprintf(expected, sizeof expected,
             "cannot write %s/a.csv: Is a directory; nothing in %s was changed", folder, folder);
    ck_assert_str_eq(err.text, expected);
    xo_stage_discard(&stage);
    ck_assert_int_eq(count_all(), 1);
}
END_TEST

START_TEST(the_next_lock_finishes_what_a_kill_left)
{
    struct xo_folder_lock lock;
    struct xo_stage stage;
    put_text("old.png", "a picture");
    put_text(XO_FOLDER_SEAL, "old");
    stage_set(&stage, "new");
    ck_assert(xo_stage_drop(&stage, "old.png", NULL));
    /* killed after the rename that decides, with one file in place */
    ck_assert_int_eq(rename(in_folder(".crossover-new"), in_folder(".crossover-done")), 0);
    ck_assert_int_eq(rename(in_folder(".crossover-done/b.csv"), in_folder("b.csv")), 0);
    ck_assert(xo_stage_begin(&stage, folder, NULL)); /* and of a later one, which ended early */
    ck_assert(xo_folder_lock(&lock, folder, XO_FOLDER_ALONE, NULL));
    assert_set("new");
    xo_folder_unlock(&lock);
    ck_assert_int_eq(count_all(), SET);
}
END_TEST

START_TEST(a_swap_that_is_stopped_takes_the_seal_and_goes_on_later)
{
    struct xo_folder_lock lock;
    struct xo_stage stage;
    struct xo_error err = { 0 };
    put_text(XO_FOLDER_SEAL, "old");
    ck_assert(xo_folder_lock(&lock, folder, XO_FOLDER_ALONE, NULL));
    stage_set(&stage, "new");
    ck_assert_int_eq(mkdir(in_folder("b.csv"), 0777), 0); /* by somebody, just now */
    ck_assert(!xo_stage_commit(&stage, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "b.csv in place: Is a directory; it lies in "));
    ck_assert_str_eq(text_of(XO_FOLDER_SEAL), "");
    xo_stage_discard(&stage);
    xo_folder_unlock(&lock);
    ck_assert(!xo_folder_lock(&lock, folder, XO_FOLDER_ALONE, NULL));
    ck_assert_int_eq(rmdir(in_folder("b.csv")), 0);
    ck_assert(xo_folder_lock(&lock, folder, XO_FOLDER_ALONE, NULL));
    assert_set("new");
    xo_folder_unlock(&lock);
}
END_TEST

/* It is not taken for one that is not there, or results would stay hidden in it. */
START_TEST(what_lies_between_and_cannot_be_read_is_told)
{
    struct xo_folder_lock lock;
    struct xo_error err = { 0 };
    put_text(".crossover-done", "no folder");
    ck_assert(!xo_folder_lock(&lock, folder, XO_FOLDER_ALONE, &err));
    ck_assert_int_eq(err.kind, XO_ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.text, ".crossover-done: Not a directory; results lie there"));
    ck_assert_int_eq(unlink(in_folder(".crossover-done")), 0);
    ck_assert(xo_folder_lock(&lock, folder, XO_FOLDER_ALONE, &err));
    xo_folder_unlock(&lock);
}
END_TEST

/* Write one set after the other, for ever. */
static void write_sets(void)
{
    struct xo_folder_lock lock;
    struct xo_stage stage;
    char text[16];
    for (int i = 0;; i++) {
        snprintf(text, sizeof text, "%d", i);
        ck_assert(xo_folder_lock(&lock, folder, XO_FOLDER_ALONE, NULL));
        stage_set(&stage, text);
        ck_assert(xo_stage_commit(&stage, NULL));
        xo_folder_unlock(&lock);
    }
}

START_TEST(a_kill_at_any_moment_leaves_one_whole_set)
{
    enum { KILLS = 60 };
    srand(7);
    for (int i = 0; i < KILLS; i++) {
        const pid_t child = fork();
        if (child == 0) {
            write_sets();
            _exit(0);
        }
        while (text_of(XO_FOLDER_SEAL)[0] == '\0')
            usleep(100);
        usleep((useconds_t)(rand() % 5000));
        kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        char seal[64];
        strcpy(seal, text_of(XO_FOLDER_SEAL));
        if (seal[0] != '\0')
            assert_set(seal); /* whole as it lies there */
        struct xo_folder_lock lock;
        ck_assert(xo_folder_lock(&lock, folder, XO_FOLDER_ALONE, NULL));
        strcpy(seal, text_of(XO_FOLDER_SEAL));
        ck_assert_str_ne(seal, "");
        assert_set(seal);
        xo_folder_unlock(&lock);
        ck_assert_int_eq(count_all(), SET);
    }
}
END_TEST

static Suite *base_suite(void)
{
    Suite *suite = suite_create("base");
    TCase *text = tcase_create("text");
    tcase_add_test(text, a_failure_is_false_and_carries_its_text);
    tcase_add_test(text, an_array_grows_and_keeps_what_it_holds);
    tcase_add_loop_test(text, a_number_is_read_up_to_its_unit, 0, N_OF(number_rows));
    tcase_add_test(text, an_endless_number_is_refused);
    tcase_add_test(text, integers_are_whole_texts);
    tcase_add_test(text, a_typing_error_finds_its_word);
    tcase_add_test(text, text_is_trimmed_and_cut);
    tcase_add_test(text, counts_carry_a_planners_suffix);
    tcase_add_test(text, amounts_have_marks_below_a_million);
    tcase_add_test(text, whole_numbers_keep_every_digit);
    tcase_add_test(text, a_short_buffer_is_filled_and_not_written_beyond);
    tcase_add_test(text, dollars_are_whole_and_marked);
    tcase_add_test(text, durations_pick_their_unit);
    tcase_add_test(text, rounding_is_decimal);
    tcase_add_test(text, exact_text_reads_back_and_is_short);
    tcase_add_loop_test(text, exact_text_is_that_of_printf_for_doubles_of_every_size, 0, 10);
    tcase_add_test(text, a_decimal_comma_never_gets_in);
    tcase_add_test(text, every_invisible_character_is_shown_by_its_number);
    tcase_add_test(text, bytes_that_are_no_character_are_told);
    suite_add_tcase(suite, text);
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, enter_folder, leave_folder);
    tcase_add_test(files, a_file_appears_whole_on_commit);
    tcase_add_test(files, a_discarded_file_leaves_the_old_one);
    tcase_add_test(files, a_link_is_followed_and_a_device_stays_one);
    tcase_add_test(files, a_full_disk_is_reported);
    tcase_add_test(files, a_pipe_is_read_however_slowly_it_comes);
    tcase_add_test(files, what_cannot_be_read_or_written_says_why);
    tcase_add_test(files, folders_are_made_with_those_above);
    tcase_add_test(files, staged_files_appear_together_or_not_at_all);
    tcase_add_test(files, a_dropped_file_goes_with_the_others);
    tcase_add_test(files, one_writes_alone_or_several_share);
    tcase_add_test(files, where_nothing_can_be_locked_the_writing_tells);
    tcase_add_test(files, a_folder_in_the_place_of_a_file_stops_the_writing);
    tcase_add_test(files, the_next_lock_finishes_what_a_kill_left);
    tcase_add_test(files, a_swap_that_is_stopped_takes_the_seal_and_goes_on_later);
    tcase_add_test(files, what_lies_between_and_cannot_be_read_is_told);
    tcase_add_test(files, a_kill_at_any_moment_leaves_one_whole_set);
    suite_add_tcase(suite, files);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(base_suite());
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
