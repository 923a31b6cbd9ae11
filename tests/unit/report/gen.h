/* Candles of a random walk with clustered volatility, and liquidations whose
 * cause is known. */
#ifndef LIQMAP_TEST_REPORT_GEN_H
#define LIQMAP_TEST_REPORT_GEN_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include "liqmap/report.h"

#define GEN_ENGINE_MS INT64_C(900000)
#define GEN_START_MS INT64_C(1751328000000) /* 2025-07-01 00:00 UTC */

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

/* Near a normal deviate: the sum of twelve. */
static inline double gen_normal(uint64_t *state)
{
    double sum = -6.0;

    for (int i = 0; i < 12; i++)
        sum += gen_unit(state);
    return sum;
}

static inline void gen_candles(uint64_t seed, struct liq_kline *k, size_t n)
{
    double price = 100000.0, heat = 0.0;

    for (size_t i = 0; i < n; i++) {
        double deviation, quote;

        heat = 0.97 * heat + 0.25 * gen_normal(&seed);
        deviation = 0.0025 * exp(0.5 * heat);
        quote = 4e7 * exp(0.5 * heat + 0.5 * gen_normal(&seed));
        k[i] = (struct liq_kline){.open_ms =
                                      GEN_START_MS + (int64_t)i * GEN_ENGINE_MS,
                                  .open = price,
                                  .taker_buy_volume = NAN};
        /* Pulled back a little, so that the price stays where it is. */
        price *=
            exp(deviation * gen_normal(&seed) - 0.0005 * log(price / 100000.0));
        k[i].close = price;
        k[i].high =
            fmax(k[i].open, price) * (1.0 + 0.5 * deviation * gen_unit(&seed));
        k[i].low =
            fmin(k[i].open, price) * (1.0 - 0.5 * deviation * gen_unit(&seed));
        k[i].quote_volume = quote;
        k[i].volume = quote / price;
    }
}

#endif
