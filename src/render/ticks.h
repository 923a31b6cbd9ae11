/* The round marks of both axes, where the page's chart library has them. */
#ifndef LIQMAP_RENDER_TICKS_H
#define LIQMAP_RENDER_TICKS_H

#include <stddef.h>
#include <stdint.h>
#include "liqmap/err.h"
#include "liqmap/series.h"

/* The smallest of 1, 2, 2.5, 4 and 5 times a power of ten that is at least
 * span > 0. */
double liq_tick_step(double span);

#define LIQ_MARKS_MAX 128
#define LIQ_CANDLES_MAX 1500

/*
 * A mark of the time axis.
 *
 * rank  how much begins here: the higher, the more
 * text  "2025", "Nov", "14" or "08:00"
 */
struct liq_mark {
    size_t column;
    int rank;
    char text[16];
};

#define LIQ_RANK_DAY 50

/* The marks of n candles, 1 .. LIQ_CANDLES_MAX, at least `apart` >= 1 columns
 * apart; what begins a year before what begins a month, and so on.  How many,
 * at most LIQ_MARKS_MAX, in the order of time. */
size_t liq_time_marks(const struct liq_kline *candle, size_t n, size_t apart,
                      struct liq_mark out[LIQ_MARKS_MAX]);

#endif
