/*
 * Processor time of a piece of work: the median of many runs, in ms and as a
 * multiple of a fixed loop that is timed next to each run, because the machine
 * may be busy.  The least time is close to what a quiet machine gives.  Each
 * program writes a line for each piece, for bench.mjs to read:
 *
 *   NAME <tab> median in ms <tab> median of the multiples <tab> least in ms
 */
#ifndef LIQMAP_BENCH_H
#define LIQMAP_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "unit/model/gen.h"

#define BENCH_RUNS_MAX 101
#define REFERENCE_STEPS 100000

static inline double bench_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static inline int bench_ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static inline double bench_median(double *value, size_t n)
{
    qsort(value, n, sizeof *value, bench_ascending);
    return value[n / 2];
}

/* A chain of divisions: 13 clocks or more each, on any compiler. */
static inline double bench_reference_ms(void)
{
    static volatile double sink;
    double start = bench_now_ms(), x = 1.0;

    for (int i = 0; i < REFERENCE_STEPS; i++)
        x = 1.0 + 1.0 / x;
    sink = x;
    return bench_now_ms() - start + 0.0 * sink;
}

/* Each run works `times` times, so that short work can be timed. */
static inline void bench(const char *name, int runs, int times,
                         void (*work)(void *), void *arg)
{
    double ms[BENCH_RUNS_MAX], multiple[BENCH_RUNS_MAX];

    for (int r = 0; r < runs; r++) {
        double reference = bench_reference_ms(), start = bench_now_ms();

        for (int i = 0; i < times; i++)
            work(arg);
        ms[r] = (bench_now_ms() - start) / times;
        multiple[r] = ms[r] / reference;
    }
    printf("%s\t%.6f\t%.6f\t", name, bench_median(ms, (size_t)runs),
           bench_median(multiple, (size_t)runs));
    printf("%.6f\n", ms[0]);
}

/* A walk like bitcoin's: 0.25 % a quarter of an hour. */
static inline void bench_walk(struct liq_kline *k, size_t n)
{
    uint64_t rng = 7;
    double price = 100000.0;

    for (size_t i = 0; i < n; i++) {
        double move = 0.005 * gen_between(&rng, -1.0, 1.0);
        double next = price * (1.0 + move);

        k[i] = (struct liq_kline){
            .open_ms = GEN_START_MS + (int64_t)i * GEN_ENGINE_MS,
            .open = price,
            .high = fmax(price, next) * (1.0 + 0.001 * gen_unit(&rng)),
            .low = fmin(price, next) * (1.0 - 0.001 * gen_unit(&rng)),
            .close = next,
            .volume = 1000.0,
            .quote_volume = 1e8 * gen_unit(&rng),
            .taker_buy_volume = 500.0,
        };
        price = next;
    }
}

/* Exactly this many rows, around the shown prices. */
static inline void bench_take_rows(struct liq_axis *axis, size_t rows)
{
    double span = axis->price_step * (double)axis->rows;

    axis->price_step = span / (double)rows;
    axis->rows = rows;
}

#endif
