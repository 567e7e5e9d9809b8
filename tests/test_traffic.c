/* test_traffic.c - what a workload becomes in `run`: lengths, the busiest hour, calls, and how long
 * they take where a step takes 100 ms and a replica serves one request at a time, as
 * tests/data/analytic.ini says. Every figure below is a sum by hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"

#define BASE XO_SOURCE_DIR "/tests/data/analytic.ini"

static const double MONTH_S = 730 * 3600;

static const struct traffic {
    const char *options;
    double prompt, cached, output; /* tokens of a request in the mean */
    double cut, longer, longer_by; /* shares cut to the context, lengthened by the prefix; tokens */
    double peak;                   /* the busiest hour over the mean one */
    double calls;                  /* of a million useful requests */
    double steps;                  /* of a call in the mean */
    int replicas, headroom;        /* calls * peak * steps / 10 a second; and 20 % more */
} traffic[] = {
    { "", 1, 0, 100, 0, 0, 0, 1, 1, 100, 4, 1 },
    /* Uniform over 1 to 4, to the nearest whole: 1 and 4 a sixth each, 2 and 3 a third. Of 102
     * tokens 99 and 98 are left for an answer behind 3 and 4. */
    { "--set 'workload.prompt=uniform(1, 4) tokens' --set workload.max_context='102 tokens'", 2.5,
      0, 100 - 1 / 3.0 - 2 / 6.0, 0.5, 0, 0, 1, 1, 100 - 1 / 3.0 - 2 / 6.0, 4, 1 },
    /* A prompt of 2 is shorter than its prefix of 5: it becomes 6 tokens, half of the requests 4
     * longer. A prompt of 10 stays. */
    { "--set 'workload.prompt=discrete(2:1, 10:1) tokens' --set workload.shared_prefix='5 tokens'",
      8, 5, 100, 0, 0.5, 2, 1, 1, 100, 4, 1 },
    /* A quarter of the useful requests is called again. */
    { "--set workload.retries=25%", 1, 0, 100, 0, 0, 0, 1, 1.25, 100, 5, 1 },
    /* The second half of a day is three times as busy, Monday to Friday twice: 3 * 2 over the mean
     * weights of 2 and 12/7. */
    { "--set workload.profile=custom --set workload.hours='1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, "
      "3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3' --set workload.days='2, 2, 2, 2, 2, 1, 1'",
      1, 0, 100, 0, 0, 0, 3 * 2 / (2 * 12 / 7.0), 1, 100, 7, 1 },
    /* 75 M tokens are a million requests of 1 + 74; a scale multiplies its own length alone. */
    { "--set workload.volume='75M tokens/month' --set workload.output_scale=0.74", 1, 0, 74, 0, 0,
      0, 1, 1, 74, 3, 1 },
};

START_TEST(a_workload_is_what_it_is_by_hand)
{
    const struct traffic *w = &traffic[_i];
    const double calls = 1e6 * w->calls, rate = calls / MONTH_S * w->peak;
    const int n = w->replicas + w->headroom;
    struct answer a = answer_of("run", BASE, NULL, w->options);
    ck_assert_msg(a.status == 0, "%s", a.errors);
    answer_ck_near(&a, "requests_month", 1e6, 1e-12);
    answer_ck_near(&a, "prompt_per_request", w->prompt, 1e-12);
    answer_ck_near(&a, "cached_per_request", w->cached, 1e-12);
    answer_ck_near(&a, "output_per_request", w->output, 1e-12);
    answer_ck_near(&a, "tokens_per_request", w->prompt + w->output, 1e-12);
    answer_ck_near(&a, "reshaped.cut_frac", w->cut, 1e-12);
    answer_ck_near(&a, "reshaped.lengthened_frac", w->longer, 1e-12);
    answer_ck_near(&a, "reshaped.lengthened_tokens_per_request", w->longer_by, 1e-12);
    answer_ck_near(&a, "peak_factor", w->peak, 1e-9);
    answer_ck_near(&a, "busiest_minute_requests", 60 * rate, 1e-9);
    answer_ck_near(&a, "busiest_minute_tokens", 60 * rate * (w->prompt + w->output), 1e-9);
    /* $5 and $200 a million tokens, no price of cached ones; a tenth of $120k a year */
    answer_ck_near(&a, "buy.usd_month", calls * (w->prompt * 5e-6 + w->output * 200e-6) + 1000,
                   1e-9);
    answer_ck_near(&a, "options[0].serving_replicas", w->replicas, 0);
    answer_ck_near(&a, "options[0].headroom_replicas", w->headroom, 0);
    answer_ck_near(&a, "metrics.goodput_per_s", rate, 1e-8);
    answer_ck_near(&a, "metrics.busy_frac", rate * w->steps / 10 / n, 3e-4);
    answer_ck_near(&a, "metrics.prefill_frac", rate / 10 / n, 1e-6);
    answer_ck_near(&a, "metrics.idle_frac", 1 - rate * w->steps / 10 / n, 1e-3);
    answer_ck_near(&a, "options[0].week_busy_frac", rate / w->peak * w->steps / 10 / n, 3e-4);
    answer_ck_near(&a, "options[0].load_frac", rate / w->peak * w->steps / 10 / (n + 1), 3e-4);
    answer_ck_near(&a, "classes[0].ttft_s.mean", 0.1, 1e-6);
    answer_ck_near(&a, "classes[0].tpot_s.mean", 0.1, 1e-6);
    answer_ck_near(&a, "classes[0].e2e_s.mean", w->steps / 10, 3e-4);
    answer_fini(&a);
}
END_TEST

/* A prompt of 40 tokens takes 3 steps of 16, 16 and 8 tokens, the last of which emits the first of
 * 31; 30 more follow: 3.3 s, and 12 ms outside of the GPU. All latencies lie in one bin of their
 * histogram, of which each power of two has 128; a quantile is a share of its width. */
START_TEST(latencies_of_a_chunked_prompt)
{
    static const struct {
        const char *of;
        double low, width; /* the bin: low = 2^k (1 + i / 128), width = 2^k / 128 */
    } rows[] = { { "ttft", 0.25 + 31 / 512.0, 1 / 512.0 },     /* 0.312: 2^-2 (1 + 31.7 / 128) */
                 { "tpot", 0.0625 + 76 / 2048.0, 1 / 2048.0 }, /* 0.1: 2^-4 (1 + 76.8 / 128) */
                 { "e2e", 2 + 83 / 64.0, 1 / 64.0 } };         /* 3.312: 2 (1 + 83.97 / 128) */
    static const struct {
        const char *name;
        double q;
    } quantiles[] = { { "p50", 0.5 }, { "p95", 0.95 }, { "p99", 0.99 } };
    struct answer a =
        answer_of("run", BASE, NULL,
                  "--set 'workload.prompt=40 tokens' --set 'workload.output=31 "
                  "tokens' --set 'build.chunk=16 tokens' --set build.frontend='12 ms'");
    ck_assert_msg(a.status == 0, "%s", a.errors);
    answer_ck_near(&a, "classes[0].ttft_s.mean", 3 * 0.1 + 0.012, 1e-6);
    answer_ck_near(&a, "classes[0].tpot_s.mean", 0.1, 1e-6);
    answer_ck_near(&a, "classes[0].e2e_s.mean", (3 + 30) * 0.1 + 0.012, 1e-6);
    const double rate = 1e6 / MONTH_S;
    answer_ck_near(&a, "metrics.prefill_frac", rate * 3 * 0.1 / 2, 1e-6); /* of two replicas */
    answer_ck_near(&a, "metrics.decode_frac", rate * 30 * 0.1 / 2, 1e-6);
    for (size_t m = 0; m < sizeof rows / sizeof *rows; m++)
        for (size_t q = 0; q < sizeof quantiles / sizeof *quantiles; q++) {
            char path[64];
            snprintf(path, sizeof path, "metrics.%s_%s_s", rows[m].of, quantiles[q].name);
            answer_ck_near(&a, path, rows[m].low + quantiles[q].q * rows[m].width, 1e-12);
            snprintf(path, sizeof path, "classes[0].%s_s.%s", rows[m].of, quantiles[q].name);
            answer_ck_near(&a, path, rows[m].low + quantiles[q].q * rows[m].width, 1e-12);
        }
    answer_fini(&a);
}
END_TEST

/* Three quarters of answers have 50 tokens, one 120. Who meets both targets had 50 and hardly
 * waited; what the tokens add up to says how many had 120. */
START_TEST(good_requests_met_every_target)
{
    struct answer a = answer_of("run", BASE, NULL,
                                "--set 'workload.output=discrete(50:3, 120:1) tokens' --set "
                                "slo.e2e_p50='10 s' --set slo.e2e_p95='100 s'");
    ck_assert_msg(a.status == 0, "%s", a.errors);
    const double n = answer_number(&a, "classes[0].n_arrived");
    const double n_long = (answer_number(&a, "classes[0].output_tokens") - 50 * n) / 70;
    answer_ck_near(&a, "classes[0].n_finished", n, 0);
    answer_ck_near(&a, "classes[0].n_timed_out", 0, 0);
    answer_ck_near(&a, "classes[0].prompt_tokens", n, 0);
    ck_assert_double_eq(n_long, floor(n_long));
    ck_assert_double_le(fabs(n_long / n - 0.25), 4 * sqrt(0.25 * 0.75 / n));
    const double n_good = answer_number(&a, "classes[0].n_good");
    ck_assert_double_le(n_good, n - n_long); /* 12 s are over 10 s */
    ck_assert_double_ge(n_good, 0.9 * (n - n_long));
    answer_ck_near(&a, "metrics.slo[0].attained_frac", n_good / n, 1e-12);
    answer_ck_near(&a, "metrics.slo[1].attained_frac", 1, 0);
    answer_ck_near(&a, "metrics.goodput_per_s", 1e6 / MONTH_S * n_good / n, 1e-3);
    answer_fini(&a);
}
END_TEST

/* `run` where the traffic is the recording that the shell command WRITE prints. */
static struct answer run_of_trace(const char *write)
{
    char folder[] = "/tmp/xo-traffic-XXXXXX", line[1024], base[64], options[96];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(base, sizeof base, "%s/base.ini", folder);
    snprintf(options, sizeof options, "--set workload.trace=%s/calls.csv", folder);
    snprintf(line, sizeof line,
             "cd %s && grep -v '^volume\\|^arrivals\\|^profile\\|^prompt\\|^output = 100' %s >"
             "base.ini && %s > calls.csv",
             folder, BASE, write);
    ck_assert_int_eq(system(line), 0);
    struct answer a = answer_of("run", base, NULL, options);
    ck_assert_msg(a.status == 0, "%s", a.errors);
    snprintf(line, sizeof line, "rm -r %s", folder);
    ck_assert_int_eq(system(line), 0);
    return a;
}

/* Five calls 30 s apart, in milliseconds, and a row without a prompt, which is left out: 150 s of a
 * recording, in which a call takes 10.5 s at most. One replica serves them at their own rate; how
 * few come in 150 s says nothing against it. */
START_TEST(a_recording_of_minutes_is_replayed_by_one_replica)
{
    const double per_s = 5 / 150.0, prompt = (1 + 3 + 1 + 1 + 4) / 5.0,
                 output = (100 + 50 + 105 + 95 + 100) / 5.0;
    struct answer a = run_of_trace("printf 'timestamp_ms,prompt_tokens,output_tokens\\n5000,1,100"
                                   "\\n35000,3,50\\n65000,1,105\\n65000,0,9\\n95000,1,95"
                                   "\\n125000,4,100\\n'");
    answer_ck_near(&a, "requests_month", per_s * MONTH_S, 1e-12);
    answer_ck_near(&a, "prompt_per_request", prompt, 1e-12);
    answer_ck_near(&a, "output_per_request", output, 1e-12);
    answer_ck_near(&a, "buy.usd_month", per_s * MONTH_S * (prompt * 5e-6 + output * 200e-6) + 1000,
                   1e-9);
    answer_ck_near(&a, "options[0].serving_replicas", 1, 0);
    const double n = 1 + answer_number(&a, "options[0].headroom_replicas");
    answer_ck_near(&a, "metrics.busy_frac", per_s * output * 0.1 / n, 1e-9);
    answer_ck_near(&a, "metrics.goodput_per_s", per_s, 1e-9);
    answer_ck_near(&a, "classes[0].e2e_s.mean", output * 0.1, 1e-9);
    answer_fini(&a);
}
END_TEST

/* Four hours with a call every 10 s, in the second every 5 s: 720 of 1,800 calls. The recording
 * ends a mean gap after its last call. The busiest hour is what the fleet is for; the week, whose
 * own hours nobody knows, is as busy as the mean of the recording, to within what the loads
 * between which it is read have of chance. */
START_TEST(a_recording_of_hours_is_sized_by_its_busiest_and_paid_at_its_mean)
{
    const double last_s = 4 * 3600 - 10, period_s = last_s + last_s / 1799;
    struct answer a = run_of_trace("awk 'BEGIN { print \"arrival_s,prompt_tokens,output_tokens\"; "
                                   "for (t = 0; t < 14400; t += t >= 3600 && t < 7200 ? 5 : 10) "
                                   "print t \",1,100\" }'");
    answer_ck_near(&a, "requests_month", 1800 / period_s * MONTH_S, 1e-9);
    answer_ck_near(&a, "peak_factor", 720 / 1800.0 * period_s / 3600, 1e-9);
    const double n = answer_number(&a, "options[0].serving_replicas") +
                     answer_number(&a, "options[0].headroom_replicas");
    answer_ck_near(&a, "metrics.goodput_per_s", 0.2, 2e-3);
    answer_ck_near(&a, "metrics.busy_frac", 0.2 * 10 / n, 2e-3);
    answer_ck_near(&a, "options[0].week_busy_frac", 1800 / period_s * 10 / n, 0.03);
    answer_fini(&a);
}
END_TEST

/* A call takes 998 steps of 0.6 s, ten minutes: six an hour a replica. Twenty minutes a week are
 * twice as busy: 4/3 in that hour, over a mean of 1 + 1/504. In the mean 3 replicas are enough, in
 * the spike 5 are. */
START_TEST(few_slow_calls_in_a_spike_need_few_replicas)
{
    const double mean = 1 + 1 / 504.0, busy = 10e3 / MONTH_S / mean * 998 * 0.6;
    struct answer a =
        answer_of("run", BASE, "[spike launch]\nstart = Mon 10:30\nlength = 20 min\nfactor = 2",
                  "--set build.step_overhead='600 ms' --set workload.output='998 "
                  "tokens' --set slo.e2e_p95='11 min' --set slo.timeout='1 h' --set "
                  "workload.volume='10k requests/month'");
    ck_assert_msg(a.status == 0, "%s", a.errors);
    answer_ck_near(&a, "peak_factor", 4 / 3.0 / mean, 1e-9);
    const double n = answer_number(&a, "options[0].serving_replicas");
    ck_assert_double_ge(n, ceil(busy));
    ck_assert_double_le(n, ceil(2 * busy));
    answer_ck_near(&a, "classes[0].e2e_s.mean", 998 * 0.6, 0.05);
    answer_fini(&a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("traffic");
    TCase *tc = tcase_create("run");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_workload_is_what_it_is_by_hand, 0, sizeof traffic / sizeof *traffic);
    tcase_add_test(tc, latencies_of_a_chunked_prompt);
    tcase_add_test(tc, good_requests_met_every_target);
    tcase_add_test(tc, a_recording_of_minutes_is_replayed_by_one_replica);
    tcase_add_test(tc, a_recording_of_hours_is_sized_by_its_busiest_and_paid_at_its_mean);
    tcase_add_test(tc, few_slow_calls_in_a_spike_need_few_replicas);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
