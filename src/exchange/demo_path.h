/* The prices of the demo exchange: pure functions of time, made of nothing but
 * +, -, x and / on doubles and of integer hashes, so that every machine sees
 * the same. */
#ifndef LIQMAP_EXCHANGE_DEMO_PATH_H
#define LIQMAP_EXCHANGE_DEMO_PATH_H

#include <stdint.h>
#include "liqmap/series.h"

struct liq_demo_symbol {
    const char *name, *base;
    double price;         /* about which it wanders, quote per base */
    double ticks;         /* price steps in one unit of quote currency */
    double volatility;    /* 1: about 2.5 % a day */
    double volume;        /* base units in a plain minute */
    double open_interest; /* base units, about which it wanders */
    uint64_t seed;
};

extern const struct liq_demo_symbol liq_demo_symbols[];
extern const int liq_demo_n_symbols;

/* A minute's price moves in so many steps; step s has happened s sixths of a
 * minute after its open. */
#define LIQ_DEMO_STEPS 6

#define LIQ_DEMO_OCTAVES 19
#define LIQ_DEMO_BUSY 2  /* waves of how busy the market is */
#define LIQ_DEMO_MOVES 2 /* kinds of fast moves */

/* Noise whose corners are 2^shift minutes apart, with the last two corners
 * remembered: walking forward is cheap, and no order changes a value. */
struct liq_demo_wave {
    uint64_t seed;
    int shift;
    double per_minute; /* 2^-shift */
    int64_t phase, index;
    double left, right;
};

/* A fast move up or down and the slow way back, in minutes; size in log. */
struct liq_demo_move {
    double start, rise, fall, size;
};

struct liq_demo_walk {
    const struct liq_demo_symbol *symbol;
    struct liq_demo_wave octave[LIQ_DEMO_OCTAVES];
    struct liq_demo_wave busy[LIQ_DEMO_BUSY];
    /* Of the block that the minute lies in, and of the one before it. */
    struct liq_demo_move move[LIQ_DEMO_MOVES][2];
    int64_t move_index[LIQ_DEMO_MOVES];
    int64_t minute; /* that the two below belong to; -1 at first */
    double log_open, log_close, activity;
};

void liq_demo_walk_init(struct liq_demo_walk *w,
                        const struct liq_demo_symbol *symbol);

/*
 * The candle of a minute (counted from the epoch, >= 0) after `steps` of its
 * LIQ_DEMO_STEPS steps.  Each price is a whole number of ticks, volume one of
 * sixteenths and quote volume one of dollars, so sums of them are exact.
 */
void liq_demo_minute(struct liq_demo_walk *w, int64_t minute, int steps,
                     struct liq_kline *out);

/* Smooth noise of -1 .. 1 over time, with corners period_ms apart; time_ms >=
 * 0. Each `which` is another one. */
double liq_demo_noise(const struct liq_demo_symbol *symbol, uint64_t which,
                      int64_t period_ms, int64_t time_ms);

#endif
