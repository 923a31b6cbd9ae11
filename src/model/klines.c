#include "klines.h"

#include <stdlib.h>

size_t klines_count(const struct liq_kline *in, size_t n, int64_t display_ms)
{
    int64_t end_ms = INT64_MIN;
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        if (in[i].open_ms < end_ms)
            continue;
        end_ms = kline_display_open(in[i].open_ms, display_ms) + display_ms;
        count++;
    }
    return count;
}

enum liq_err liq_klines_aggregate(const struct liq_kline *in, size_t n,
                                  int64_t display_ms, struct liq_klines *out)
{
    size_t room = klines_count(in, n, display_ms), count = 0;
    struct liq_kline *at;

    if (room > SIZE_MAX / sizeof *at)
        return LIQ_ENOMEM;
    at = malloc(room > 0 ? room * sizeof *at : 1);
    if (at == NULL)
        return LIQ_ENOMEM;

    for (size_t i = 0; i < n; i++) {
        if (count > 0 && in[i].open_ms < at[count - 1].open_ms + display_ms) {
            kline_merge(&at[count - 1], &in[i]);
            continue;
        }
        at[count] = in[i];
        at[count].open_ms = kline_display_open(in[i].open_ms, display_ms);
        count++;
    }
    out->at = at;
    out->n = count;
    return LIQ_OK;
}
