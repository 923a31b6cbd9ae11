/* Display candles out of engine candles; private to the model. */
#ifndef LIQMAP_MODEL_KLINES_H
#define LIQMAP_MODEL_KLINES_H

#include "liqmap/model.h"

static inline void kline_merge(struct liq_kline *into,
                               const struct liq_kline *next)
{
    into->high = next->high > into->high ? next->high : into->high;
    into->low = next->low < into->low ? next->low : into->low;
    into->close = next->close;
    into->volume += next->volume;
    into->quote_volume += next->quote_volume;
    into->taker_buy_volume += next->taker_buy_volume;
}

/* When the display candle that the time lies in opens. */
static inline int64_t kline_display_open(int64_t open_ms, int64_t display_ms)
{
    return open_ms - open_ms % display_ms;
}

/* How many display candles these make. */
size_t klines_count(const struct liq_kline *in, size_t n, int64_t display_ms);

#endif
