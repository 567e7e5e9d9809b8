/* test_des.c - the calendar: a total order of events, one an entity.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/des.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static struct xo_calendar calendar_of(int32_t n_entities)
{
    struct xo_calendar c;
    ck_assert(xo_calendar_init(&c, n_entities, NULL));
    return c;
}

static void set(struct xo_calendar *c, int32_t entity, double when_s, int32_t kind)
{
    xo_calendar_set(c, &(struct xo_event){ when_s, kind, entity });
}

static int32_t next(struct xo_calendar *c)
{
    const struct xo_event *event = xo_calendar_peek(c);
    if (event == NULL)
        return -1;
    const int32_t entity = event->entity;
    xo_calendar_clear(c, entity);
    return entity;
}

START_TEST(an_empty_calendar_has_nothing_to_come)
{
    struct xo_calendar c = calendar_of(3);
    ck_assert_ptr_null(xo_calendar_peek(&c));
    xo_calendar_clear(&c, 1);
    ck_assert_ptr_null(xo_calendar_peek(&c));
    xo_calendar_fini(&c);
}
END_TEST

START_TEST(events_run_by_time_then_kind_then_entity)
{
    struct xo_calendar c = calendar_of(6);
    set(&c, 5, 1.25, 0);
    set(&c, 4, 1.25, 2);
    set(&c, 3, 1.25, 1);
    set(&c, 2, 1.25, 1);
    set(&c, 1, 0.75, 7);
    set(&c, 0, INFINITY, 0);
    const int32_t order[] = { 1, 5, 2, 3, 4, 0, -1 };
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(next(&c), order[i]);
    xo_calendar_fini(&c);
}
END_TEST

START_TEST(an_entity_has_one_event_and_setting_it_again_moves_it)
{
    struct xo_calendar c = calendar_of(3);
    set(&c, 0, 3.5, 0);
    set(&c, 1, 2.5, 0);
    set(&c, 2, 4.5, 0);
    set(&c, 2, 0.5, 0);
    ck_assert_int_eq(xo_calendar_peek(&c)->entity, 2);
    set(&c, 2, 9.5, 0);
    ck_assert_int_eq(next(&c), 1);
    ck_assert_int_eq(next(&c), 0);
    ck_assert_int_eq(next(&c), 2);
    ck_assert_int_eq(next(&c), -1);
    xo_calendar_fini(&c);
}
END_TEST

START_TEST(an_event_is_alone_when_no_other_shares_its_time)
{
    struct xo_calendar c = calendar_of(4);
    set(&c, 3, 1.25, 0);
    ck_assert(xo_calendar_is_alone(&c));
    set(&c, 0, 2.5, 0);
    set(&c, 1, 1.5, 0);
    ck_assert(xo_calendar_is_alone(&c));
    set(&c, 2, 1.25, 9);
    ck_assert(!xo_calendar_is_alone(&c));
    xo_calendar_fini(&c);
}
END_TEST

START_TEST(any_history_of_sets_and_clears_leaves_the_earliest_on_top)
{
    enum { N = 37 };
    struct xo_calendar c = calendar_of(N);
    double when_s[N];
    for (int i = 0; i < N; i++)
        when_s[i] = NAN;
    uint32_t x = 12345; /* xorshift32, Marsaglia 2003 */
    for (int round = 0; round < 20000; round++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        const int32_t entity = (int32_t)(x % N);
        if (x & 0x10000) {
            when_s[entity] = (x >> 20) / 64.0;
            set(&c, entity, when_s[entity], 0);
        } else {
            when_s[entity] = NAN;
            xo_calendar_clear(&c, entity);
        }
        xo_calendar_check(&c);
        int32_t best = -1;
        for (int32_t i = 0; i < N; i++)
            if (!isnan(when_s[i]) && (best < 0 || when_s[i] < when_s[best]))
                best = i;
        const struct xo_event *top = xo_calendar_peek(&c);
        ck_assert_int_eq(top == NULL ? -1 : top->entity, best);
    }
    xo_calendar_fini(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("des");
    TCase *calendar = tcase_create("calendar");
    tcase_add_test(calendar, an_empty_calendar_has_nothing_to_come);
    tcase_add_test(calendar, events_run_by_time_then_kind_then_entity);
    tcase_add_test(calendar, an_entity_has_one_event_and_setting_it_again_moves_it);
    tcase_add_test(calendar, an_event_is_alone_when_no_other_shares_its_time);
    tcase_add_test(calendar, any_history_of_sets_and_clears_leaves_the_earliest_on_top);
    suite_add_tcase(suite, calendar);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
