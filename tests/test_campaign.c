/* test_campaign.c - a sweep as a campaign of a program: with a journal, in shards, with a crew of
 * its own, and what is left when its disk is full or its crew dies.
 *
 * Every campaign has to end with the rows of xo_sweep_run, to the bit.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/campaign.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { N_ROWS = 3000 };
static const struct xo_study_options alone = { .n_threads = 1 };
static char folder[64], journal[96];
static struct xo_scenario *scenario;
static struct xo_sweep_row *expected; /* [N_ROWS] */

static struct xo_sweep *new_sweep(void)
{
    struct xo_sweep_settings settings = xo_sweep_settings_of(scenario);
    struct xo_sweep *sweep = NULL;
    ck_assert(xo_sweep_new(&sweep, scenario, &settings, &alone, NULL));
    return sweep;
}

static void begin(void)
{
    static const char *const sets[] = { "workload.prompt=100",
                                        "workload.output=9",
                                        "study.replications=4",
                                        "study.capacity_precision=30%",
                                        "study.max_volume=2x",
                                        "study.sampling=random",
                                        "study.indices=given-data",
                                        "study.samples=3000",
                                        "uncertain.build.rent=uniform($3/hour, $4.50/hour)" };
    const struct xo_scenario_options options = { .sets = sets,
                                                 .n_sets = sizeof sets / sizeof *sets };
    struct xo_problems problems = { 0 };
    struct xo_sweep_result *result = NULL;
    const bool ok =
        xo_scenario_read(&scenario, XO_SOURCE_DIR "/tests/cli/small.ini", &options, &problems);
    ck_assert_msg(ok, "%s", problems.n > 0 ? problems.lines[0] : "");
    xo_problems_fini(&problems);
    strcpy(folder, "/tmp/xo-campaign-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(journal, sizeof journal, "%s/sweep.journal", folder);
    struct xo_sweep *sweep = new_sweep();
    ck_assert_int_eq(xo_sweep_n_rows(sweep), N_ROWS);
    ck_assert(xo_sweep_run(sweep, &expected, &result, NULL, NULL, NULL));
    free(result);
    xo_sweep_free(sweep);
}

static void end(void)
{
    free(expected);
    xo_scenario_free(scenario);
    unlink(journal);
    for (int shard = 0; shard <= 3; shard++) {
        char path[96];
        snprintf(path, sizeof path, "%s/shard-%d-of-3.journal", folder, shard);
        unlink(path);
    }
    rmdir(folder);
}

/* ---- a crew that works backwards, and may die ---- */

struct crew {
    int n_tasks;
    int64_t n_items, dies_at; /* dies_at 0: never */
};

static bool run_tasks(void *self, const struct xo_campaign_work *work, const int wanted[], int n,
                      xo_campaign_take_task *take, void *taker, struct xo_error *err)
{
    struct crew *crew = self;
    for (int i = n - 1; i >= 0; i--) {
        struct xo_bytes bytes = { 0 };
        crew->n_tasks++;
        if (!xo_worlds_task_run(work->worlds, wanted[i], &bytes, err) ||
            !take(taker, wanted[i], &bytes, err))
            return false;
    }
    return true;
}

static bool put(void *self, const struct xo_campaign_work *work, const struct xo_bytes results[],
                int n, struct xo_error *err)
{
    (void)self;
    return xo_campaign_put(work, results, n, err);
}

/* A hundred at a time. */
static bool run_items(void *self, const struct xo_campaign_work *work, int64_t from, int64_t to,
                      xo_campaign_take_items *take, void *taker, struct xo_error *err)
{
    struct crew *crew = self;
    struct xo_sweep_row rows[100];
    for (int64_t i = from; i < to; i += 100) {
        const int64_t next = i + 100 < to ? i + 100 : to;
        if (crew->dies_at > 0 && i >= crew->dies_at)
            return xo_fail(err, XO_ERR_NUMERIC, "a worker died");
        crew->n_items += next - i;
        if (!work->kind->run_range(work->study, i, next, rows, err) ||
            !take(taker, i, next, rows, err))
            return false;
    }
    return true;
}

/* ---- one campaign ---- */

/* What it is asked, and what became of it. */
struct asked {
    struct xo_campaign_settings as;
    struct crew crew;
    bool on_threads;

    bool ok;
    struct xo_error err;
    int64_t n_finished;
    int n_simulations;
    bool has_journal;
};

/* Where it is whole, its items are those of the sweep from `from` on. */
static void run(struct asked *a, int64_t from)
{
    const struct xo_campaign_crew crew = { &a->crew, run_tasks, put, run_items };
    struct xo_sweep *sweep = new_sweep();
    const struct xo_campaign_work work = xo_campaign_of_sweep(sweep);
    struct xo_campaign *campaign = NULL;
    int64_t n = 0;
    a->as.folder = folder;
    ck_assert(xo_campaign_new(&campaign, &work, &a->as, &alone, &a->err));
    a->ok = xo_campaign_run(campaign, a->on_threads ? NULL : &crew, &a->err);
    const struct xo_campaign_state at = xo_campaign_state(campaign);
    a->n_finished = at.n_finished;
    a->n_simulations = at.n_simulations;
    a->has_journal = at.journal != NULL;
    if (a->ok) {
        const double *items = xo_campaign_items(campaign, &n);
        ck_assert_int_eq(n, at.n_items);
        ck_assert(memcmp(items, expected + from, (size_t)n * sizeof *expected) == 0);
    }
    if (a->ok && a->as.n_shards == 0)
        xo_campaign_done(campaign);
    xo_campaign_free(campaign);
    xo_sweep_free(sweep);
}

START_TEST(a_crew_of_ones_own_and_threads_end_with_the_rows_of_a_sweep)
{
    struct asked a = { .on_threads = _i == 1 };
    run(&a, 0);
    ck_assert_msg(a.ok, "%s", a.err.text);
    ck_assert_int_eq(a.n_finished, N_ROWS);
    ck_assert_int_eq(a.n_simulations, 1); /* the base case of one build option */
    ck_assert_int_eq(a.crew.n_tasks, _i == 1 ? 0 : 1);
    ck_assert_int_ne(access(journal, F_OK), 0);
}
END_TEST

START_TEST(a_crew_that_dies_leaves_its_rows_and_nothing_is_done_twice)
{
    struct asked dead = { .crew.dies_at = 1200 }, again = { .as.resume = true }, other = { 0 };
    run(&dead, 0);
    ck_assert(!dead.ok);
    ck_assert_str_eq(dead.err.text, "a worker died");
    ck_assert_int_eq(dead.n_finished, 1200);
    run(&other, 0);
    ck_assert_int_eq(other.err.kind, XO_ERR_INPUT);
    ck_assert_ptr_nonnull(strstr(other.err.text, "holds an unfinished sweep"));
    run(&again, 0);
    ck_assert_msg(again.ok, "%s", again.err.text);
    ck_assert_int_eq(again.crew.n_tasks, 0);
    ck_assert_int_eq(again.crew.n_items, N_ROWS - 1200);
}
END_TEST

START_TEST(a_full_disk_ends_it_and_with_room_it_goes_on)
{
    struct asked full = { .on_threads = true }, again = { .as.resume = true };
    struct rlimit before, little;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    little = before;
    little.rlim_cur = 100000; /* a row takes 220 bytes: some 400 of them, and the head */
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
    run(&full, 0);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert(!full.ok);
    ck_assert_int_eq(full.err.kind, XO_ERR_IO);
    ck_assert_ptr_nonnull(strstr(full.err.text, "make room, then --resume"));
    ck_assert(full.n_finished < N_ROWS);
    run(&again, 0);
    ck_assert_msg(again.ok, "%s", again.err.text);
    ck_assert_int_eq(again.crew.n_tasks, 0);
    ck_assert_int_ge(again.crew.n_items, N_ROWS - 500);
    ck_assert_int_lt(again.crew.n_items, N_ROWS);
}
END_TEST

START_TEST(shards_take_the_simulations_of_part_0_and_join_to_the_rows)
{
    struct asked early = { .as.join = true }, joined = early;
    for (int shard = 0; shard <= 3; shard++) {
        struct asked part = { .as.shard = shard, .as.n_shards = 3 };
        run(&part, shard == 0 ? 0 : (shard - 1) * 1000);
        ck_assert_msg(part.ok, "%s", part.err.text);
        ck_assert(part.has_journal);
        ck_assert_int_eq(part.n_finished, shard == 0 ? 0 : 1000);
        ck_assert_int_eq(part.crew.n_tasks, shard == 0 ? 1 : 0);
        if (shard == 2)
            run(&early, 0);
    }
    ck_assert(!early.ok);
    ck_assert_ptr_nonnull(strstr(early.err.text, "shard-3-of-3.journal is missing"));
    run(&joined, 0);
    ck_assert_msg(joined.ok, "%s", joined.err.text);
    ck_assert(!joined.has_journal);
    ck_assert_int_eq(joined.crew.n_tasks + joined.crew.n_items, 0);
}
END_TEST

START_TEST(what_does_not_fit_into_memory_is_refused_with_the_key_that_makes_it_fewer)
{
    struct xo_sweep *sweep = new_sweep();
    struct xo_campaign_work work = xo_campaign_of_sweep(sweep);
    struct xo_campaign_kind large = *work.kind;
    const struct xo_campaign_settings settings = { .folder = folder };
    struct xo_campaign *campaign = NULL;
    struct xo_error err = { 0 };
    large.bytes_per_item = 1e18; /* 3000 of them: 3e12 GB */
    work.kind = &large;
    ck_assert(!xo_campaign_new(&campaign, &work, &settings, &alone, &err));
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    ck_assert_ptr_nonnull(strstr(err.text, "3000 samples take 3e+12 GB of memory"));
    ck_assert_ptr_nonnull(strstr(err.text, "lower study.samples"));
    xo_sweep_free(sweep);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("campaign");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_loop_test(all, a_crew_of_ones_own_and_threads_end_with_the_rows_of_a_sweep, 0, 2);
    tcase_add_test(all, a_crew_that_dies_leaves_its_rows_and_nothing_is_done_twice);
    tcase_add_test(all, a_full_disk_ends_it_and_with_room_it_goes_on);
    tcase_add_test(all, shards_take_the_simulations_of_part_0_and_join_to_the_rows);
    tcase_add_test(all, what_does_not_fit_into_memory_is_refused_with_the_key_that_makes_it_fewer);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
