#include "merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"

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

size_t liq_klines_missing(const struct liq_klines *k, int64_t from_ms,
                          int64_t step_ms, int64_t *first_ms)
{
    size_t missing = 0;

    for (size_t i = first_from(k, from_ms) + 1; i < k->n; i++) {
        int64_t before_ms = k->at[i - 1].open_ms;
        int64_t steps = (k->at[i].open_ms - before_ms) / step_ms;

        if (steps > 1 && missing == 0)
            *first_ms = before_ms + step_ms;
        if (steps > 1)
            missing += (size_t)(steps - 1);
    }
    return missing;
}

enum liq_err liq_klines_replace(struct liq_klines *k,
                                const struct liq_klines *page, bool *changed)
{
    size_t from = first_from(k, page->at[0].open_ms);
    size_t to = first_from(k, page->at[page->n - 1].open_ms + 1);
    size_t after = k->n - to, n = from + page->n + after;
    struct liq_kline *all;

    *changed = to - from != page->n;
    for (size_t i = 0; !*changed && i < page->n; i++)
        *changed = k->at[from + i].open_ms != page->at[i].open_ms ||
                   !liq_kline_same(&k->at[from + i], &page->at[i]);
    if (!*changed)
        return LIQ_OK;
    all = malloc(n * sizeof *all);
    if (!all)
        return LIQ_ENOMEM;
    memcpy(all, k->at, from * sizeof *all);
    memcpy(all + from, page->at, page->n * sizeof *all);
    memcpy(all + from + page->n, k->at + to, after * sizeof *all);
    free(k->at);
    k->at = all;
    k->n = n;
    return LIQ_OK;
}

bool liq_klines_continue(const struct liq_klines *old,
                         const struct liq_klines *now)
{
    size_t i = 0;

    while (i < old->n && old->at[i].open_ms < now->at[0].open_ms)
        i++;
    for (size_t j = 0; i + 1 < old->n; i++, j++) {
        if (j == now->n || old->at[i].open_ms != now->at[j].open_ms ||
            !liq_kline_same(&old->at[i], &now->at[j]))
            return false;
    }
    return true;
}

uint64_t liq_mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

/* The bits of a double. */
static uint64_t mix_number(uint64_t hash, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return liq_mix(hash, bits);
}

uint64_t liq_klines_mix(const struct liq_klines *k, int64_t end_ms,
                        uint64_t hash)
{
    for (size_t i = 0; i < k->n && k->at[i].open_ms < end_ms; i++) {
        const struct liq_kline *at = &k->at[i];

        hash = liq_mix(hash, (uint64_t)at->open_ms);
        hash = mix_number(mix_number(hash, at->high), at->low);
        hash = mix_number(mix_number(hash, at->close), at->quote_volume);
    }
    return hash;
}

void liq_series_warn_if_late(struct liq_market_data *d, int64_t engine_ms)
{
    int64_t age_ms = d->server_ms - d->klines.at[d->klines.n - 1].open_ms;

    if (age_ms <= 2 * engine_ms + LIQ_MINUTE_MS || d->n_warning == LIQ_WARNINGS)
        return;
    snprintf(d->warning[d->n_warning++], sizeof d->warning[0],
             "newest candle is %lld minutes old",
             (long long)(age_ms / LIQ_MINUTE_MS));
}

void liq_series_warn_of_holes(struct liq_market_data *d, int64_t engine_ms)
{
    int64_t first_ms = 0;
    size_t missing = liq_klines_missing(&d->klines, 0, engine_ms, &first_ms);
    char time[32];

    if (missing == 0 || d->n_warning == LIQ_WARNINGS)
        return;
    liq_time_format(first_ms, time, sizeof time);
    snprintf(d->warning[d->n_warning++], sizeof d->warning[0],
             "candles: %zu of %zu are missing at the exchange, the first at %s",
             missing, missing + d->klines.n, time);
}
