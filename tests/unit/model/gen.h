/* Seeded series for the model's property tests: the same seed gives the same
 * candles everywhere. */
#ifndef LIQMAP_TEST_GEN_H
#define LIQMAP_TEST_GEN_H

#include <math.h>
#include <stdint.h>
#include "liqmap/model.h"

#define GEN_ENGINE_MS INT64_C(900000)
#define GEN_DISPLAY_MS INT64_C(3600000)
/* A display boundary: 2025-10-10 00:00 UTC. */
#define GEN_START_MS INT64_C(1760054400000)

/* How many of n random series this variant runs, at least one: see DIVISOR in
 * the Makefile. */
#define GEN_SEEDS(n) (1 + ((n)-1) / TEST_DIVISOR)

static inline uint64_t gen_next(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static inline double gen_unit(uint64_t *state)
{
    return (double)(gen_next(state) >> 11) * 0x1p-53;
}

static inline double gen_between(uint64_t *state, double a, double b)
{
    return a + (b - a) * gen_unit(state);
}

/*
 * Fill k[n] with the series of this seed.  Its bits choose the price level
 * (1e-8 .. 1e8), volatility (0 .. 8 % a candle), drift, gaps in time, candles
 * without volume, flat candles and crashes.
 */
static inline void gen_series(uint64_t seed, struct liq_kline *k, size_t n)
{
    uint64_t rng = seed * 2 + 1;
    double price = pow(10.0, gen_between(&rng, -8.0, 8.0));
    double volatility =
        gen_next(&rng) % 4 == 0 ? 0.0 : gen_between(&rng, 0.0, 0.08);
    double drift = gen_between(&rng, -0.5, 0.5) * volatility;
    double quiet = gen_next(&rng) % 3 == 0 ? 0.3 : 0.0;
    double flat = gen_next(&rng) % 3 == 0 ? 0.3 : 0.0;
    double gap = gen_next(&rng) % 3 == 0 ? 0.1 : 0.0;
    int64_t open_ms = GEN_START_MS;

    for (size_t i = 0; i < n; i++) {
        double move = volatility * gen_between(&rng, -1.0, 1.0) + drift;
        double wick = volatility * gen_unit(&rng);

        if (gen_next(&rng) % 97 == 0)
            move = -0.5 * gen_unit(&rng);
        if (gen_unit(&rng) < flat)
            move = wick = 0.0;
        if (price < 1e-9 || price > 1e9)
            move = price < 1.0 ? 0.5 : -0.5;
        k[i].open_ms = open_ms;
        k[i].open = price;
        price *= 1.0 + move;
        k[i].close = price;
        k[i].high = fmax(k[i].open, k[i].close) * (1.0 + wick);
        k[i].low = fmin(k[i].open, k[i].close) * (1.0 - 0.9 * wick);
        k[i].volume = gen_unit(&rng) < quiet ? 0.0 : 1e3 * gen_unit(&rng);
        k[i].quote_volume =
            k[i].volume * (k[i].high + k[i].low + k[i].close) / 3.0;
        k[i].taker_buy_volume = 0.5 * k[i].volume;
        open_ms += GEN_ENGINE_MS;
        if (gen_unit(&rng) < gap)
            open_ms += GEN_ENGINE_MS * (int64_t)(gen_next(&rng) % 40);
    }
}

/* A run over k[n] with everything shown on the axis that fits. */
static inline struct liq_run gen_run(const struct liq_kline *k, size_t n,
                                     size_t bars, int rows)
{
    struct liq_run run = {.params = &liq_params_gauss7,
                          .contract = liq_contract_default,
                          .kline = k,
                          .n = n,
                          .epoch = 1,
                          .display_ms = GEN_DISPLAY_MS,
                          .bars = bars,
                          .tiers = LIQ_ALL_TIERS,
                          .sides = LIQ_BOTH_SIDES};
    struct liq_klines shown;

    if (liq_klines_aggregate(k, n, GEN_DISPLAY_MS, &shown))
        abort();
    if (bars > shown.n)
        bars = shown.n;
    if (liq_axis_fit(shown.at + shown.n - bars, bars, rows, &run.axis))
        abort();
    free(shown.at);
    return run;
}

#endif
