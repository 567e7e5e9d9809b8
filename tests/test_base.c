/* test_base.c - errors, growing arrays, text, files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/error.h"

#include <check.h>
#include <stdlib.h>

START_TEST(a_failure_is_false_and_carries_its_text)
{
    struct xo_error err = { 0 };
    ck_assert(!xo_fail(&err, XO_ERR_IO, "cannot open %s", "x.ini"));
    ck_assert_int_eq(err.kind, XO_ERR_IO);
    ck_assert_str_eq(err.text, "cannot open x.ini");
    ck_assert(!xo_fail(NULL, XO_ERR_IO, "nobody listens"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base");
    TCase *errors = tcase_create("errors");
    tcase_add_test(errors, a_failure_is_false_and_carries_its_text);
    suite_add_tcase(suite, errors);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
