#include "liqmap/model.h"

#include <math.h>
#include <stdlib.h>

static void kline_merge(struct liq_kline *into, const struct liq_kline *next)
{
    into->high = fmax(into->high, next->high);
    into->low = fmin(into->low, next->low);
    into->close = next->close;
    into->volume += next->volume;
    into->quote_volume += next->quote_volume;
}

enum liq_err liq_klines_aggregate(const struct liq_kline *in, size_t n,
                                  int64_t display_ms, struct liq_klines *out)
{
    struct liq_kline *at, *fit;
    size_t count = 0;

    if (n > SIZE_MAX / sizeof *at)
        return LIQ_ENOMEM;
    at = malloc(n > 0 ? n * sizeof *at : 1);
    if (at == NULL)
        return LIQ_ENOMEM;

    for (size_t i = 0; i < n; i++) {
        int64_t open_ms = in[i].open_ms - in[i].open_ms % display_ms;

        if (count > 0 && at[count - 1].open_ms == open_ms) {
            kline_merge(&at[count - 1], &in[i]);
            continue;
        }
        at[count] = in[i];
        at[count].open_ms = open_ms;
        count++;
    }
    /* A display candle has several engine candles; give back their room. */
    fit = realloc(at, count > 0 ? count * sizeof *at : 1);
    out->at = fit != NULL ? fit : at;
    out->n = count;
    return LIQ_OK;
}
