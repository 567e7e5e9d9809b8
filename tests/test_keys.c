/* test_keys.c - the table of keys holds together: its sections.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenario/room.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_row_stands_in_the_section_that_it_names)
{
    int n = 0;
    for (int i = 0; i < S_N; i++)
        for (int k = 0; k < sections[i].n_keys; k++, n++) {
            const int key = sections[i].first_key + k;
            ck_assert_str_eq(xo_keys[key].section, sections[i].name);
            ck_assert_int_eq(section_of(key), i);
            ck_assert_int_eq(key_in_section((enum section)i, xo_keys[key].name), key);
        }
    ck_assert_int_eq(n, xo_n_keys); /* each in one section, and no name twice in it */
}
END_TEST

START_TEST(a_section_is_found_by_its_name)
{
    for (int i = 0; i < S_N; i++) {
        ck_assert_int_eq(section_find(sections[i].name, strlen(sections[i].name)), i);
        ck_assert(sections[i].named || sections[i].plain);
        ck_assert_int_eq(sections[i].plain, i < S_N_SINGLE);
        ck_assert_int_eq(xo_section_is_named(sections[i].name), i >= S_N_SINGLE);
    }
    ck_assert(!xo_section_is_named("classes"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keys");
    TCase *c = tcase_create("keys");
    tcase_add_test(c, a_row_stands_in_the_section_that_it_names);
    tcase_add_test(c, a_section_is_found_by_its_name);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
