#include "merge.h"

#include <stdlib.h>
#include <string.h>

static size_t first_from(const struct liq_klines *k, int64_t from_ms)
{
    size_t n = k->n;

    while (n > 0 && k->at[n - 1].open_ms >= from_ms)
        n--;
    return n;
}

/* Exact: the exchange sends the same text for a closed candle, always. */
bool liq_kline_same(const struct liq_kline *a, const struct liq_kline *b)
{
    return a->open == b->open && a->high == b->high && a->low == b->low &&
           a->close == b->close && a->volume == b->volume &&
           a->quote_volume == b->quote_volume;
}

/* What fresh says about old's candles from index i on. */
static enum liq_merge compare(const struct liq_klines *old, size_t i,
                              const struct liq_klines *fresh)
{
    enum liq_merge result = LIQ_MERGE_APPENDED;
    size_t j = 0;

    for (; i < old->n; i++, j++) {
        const struct liq_kline *was = &old->at[i];

        for (; j < fresh->n && fresh->at[j].open_ms < was->open_ms; j++)
            result = LIQ_MERGE_REVISED;
        if (j == fresh->n || fresh->at[j].open_ms != was->open_ms)
            return LIQ_MERGE_BROKEN;
        if (i + 1 < old->n && !liq_kline_same(was, &fresh->at[j]))
            result = LIQ_MERGE_REVISED;
    }
    return result;
}

enum liq_err liq_klines_merge(const struct liq_klines *old, int64_t from_ms,
                              struct liq_klines *fresh, enum liq_merge *out)
{
    size_t keep = first_from(old, from_ms);
    enum liq_merge result = compare(old, keep, fresh);
    struct liq_kline *all;

    if (result != LIQ_MERGE_BROKEN && keep > 0) {
        if (keep + fresh->n > SIZE_MAX / sizeof *all)
            return LIQ_ENOMEM;
        all = malloc((keep + fresh->n) * sizeof *all);
        if (!all)
            return LIQ_ENOMEM;
        memcpy(all, old->at, keep * sizeof *all);
        memcpy(all + keep, fresh->at, fresh->n * sizeof *all);
        free(fresh->at);
        fresh->at = all;
        fresh->n += keep;
    }
    *out = result;
    return LIQ_OK;
}

bool liq_klines_trim(struct liq_klines *k, int64_t start_ms)
{
    size_t drop = first_from(k, start_ms);

    if (drop == 0)
        return false;
    k->n -= drop;
    memmove(k->at, k->at + drop, k->n * sizeof *k->at);
    return true;
}
