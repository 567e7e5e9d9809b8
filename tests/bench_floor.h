/* bench_floor.h - the yardstick of the benchmarks: what about the least is that a simulated request
 * can cost, on the machine and at the hour of the measurement.
 *
 * The kernel calls nothing of crossover, and its definition never changes with the project: a floor
 * that shared our code would fall as our code gets faster, and nothing would seem to be gained.
 * Each request takes three uniforms, an exponential gap, two lognormal lengths (mean 2000 and 500,
 * cv 1), one hold on a heap of 64 events, and one more in a bin of a histogram. A hold is what
 * queues of events are compared by: the earliest event is taken out and comes back a random time
 * later, so that as many are pending as before.
 *
 * Sources: the hold model, Jones, CACM 29(4), 1986; the generator (SplitMix64), Steele, Lea and
 * Flood, OOPSLA 2014; normals in pairs, Box and Muller, Ann. Math. Stat. 29(2), 1958.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TESTS_BENCH_FLOOR_H
#define XO_TESTS_BENCH_FLOOR_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FLOOR_PENDING = 64, FLOOR_BINS = 4096 };

struct floor_event {
    double when_s;
    int64_t request;
};

struct floor_state {
    uint64_t counter;                       /* of the generator */
    struct floor_event heap[FLOOR_PENDING]; /* no parent later than a child */

    double gaps_s, prompt_tokens, output_tokens; /* sums */
    int64_t bins[FLOOR_BINS];                    /* increments of holds, by 10 ms */
};

/* Above 0 and at most 1. */
static inline double floor_uniform(struct floor_state *f)
{
    uint64_t x = f->counter += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    x ^= x >> 31;
    return (double)((x >> 11) + 1) * 0x1p-53;
}

/* The earliest event leaves, and `later` takes its place and sinks. */
static inline void floor_hold(struct floor_event heap[], struct floor_event later)
{
    int at = 0;
    for (int child = 1; child < FLOOR_PENDING; child = 2 * at + 1) {
        child += child + 1 < FLOOR_PENDING && heap[child + 1].when_s < heap[child].when_s;
        if (later.when_s <= heap[child].when_s)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = later;
}

static inline void floor_request(struct floor_state *f, int64_t request)
{
    static const double requests_per_s = 5, s_per_token = 0.01, two_pi = 6.283185307179586;
    const double sigma = 0.8325546111576977; /* sqrt(log(1 + cv^2)) */
    const double gap_s = -log(floor_uniform(f)) / requests_per_s;
    const double radius = sqrt(-2 * log(floor_uniform(f)));
    const double angle = two_pi * floor_uniform(f);
    const double prompt = 2000 * exp(sigma * radius * cos(angle) - sigma * sigma / 2);
    const double output = 500 * exp(sigma * radius * sin(angle) - sigma * sigma / 2);
    const double increment_s = s_per_token * output;
    floor_hold(f->heap, (struct floor_event){ f->heap[0].when_s + increment_s, request });
    f->bins[(int)fmin(increment_s / 0.01, FLOOR_BINS - 1)]++;
    f->gaps_s += gap_s;
    f->prompt_tokens += prompt;
    f->output_tokens += output;
}

/* Whether the kernel did its work: means within five standard errors, which are mean / sqrt(n) at a
 * cv of 1; as many in the histogram as there were; a heap that is one. */
static inline bool floor_is_right(const struct floor_state *f, int64_t n)
{
    const double off = 5 / sqrt((double)n);
    int64_t counted = 0;
    bool right = fabs(f->gaps_s / (double)n * 5 - 1) < off &&
                 fabs(f->prompt_tokens / (double)n / 2000 - 1) < off &&
                 fabs(f->output_tokens / (double)n / 500 - 1) < off;
    for (int i = 0; i < FLOOR_BINS; i++)
        counted += f->bins[i];
    for (int i = 1; i < FLOOR_PENDING; i++)
        right &= f->heap[(i - 1) / 2].when_s <= f->heap[i].when_s;
    return right && counted == n;
}

/* Seconds of CPU time of this process. */
static inline double cpu_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* CPU seconds a request, over n of them; ends the program where the kernel went wrong. */
static inline double floor_per_request_s(int64_t n)
{
    struct floor_state f = { .counter = 1 };
    const double start_s = cpu_now_s();
    for (int64_t i = 0; i < n; i++)
        floor_request(&f, i);
    const double spent_s = cpu_now_s() - start_s;
    if (!floor_is_right(&f, n)) {
        fprintf(stderr, "bench: the floor's kernel is wrong\n");
        exit(EXIT_FAILURE);
    }
    return spent_s / (double)n;
}

#endif
