/* The series of one symbol at one display interval, kept up to date in the
 * cache: fetched whole once, then only its newest candles.  Every bar count of
 * that symbol and interval reads the same series. */
#ifndef LIQMAP_SERIES_STORE_H
#define LIQMAP_SERIES_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/cache.h"
#include "liqmap/context.h"
#include "liqmap/exchange.h"
#include "liqmap/history.h"
#include "liqmap/series.h"

/*
 * candles      engine candles, from start_ms (or the exchange's first) on; the
 *              newest may be forming; packed, see liq_series_candles
 * n            how many, 1 and more; n_display: the same as display candles
 * first_ms, newest_ms  when the first and the newest of them opened
 * close        of the newest one
 * gives_taker  at least one display candle says what takers bought
 * interest     [n_display] open interest in quote currency as it was last seen
 *              in each display candle, or recorded; NaN before that
 * data         all else that the exchange said; its klines are empty
 * recorded_ms  when the recorded open interest in data.statistics was; 0: it is
 *              the exchange's own
 * epoch        same epoch and same key: only the newest candle changed or newer
 *              ones were appended since; never repeats in a process
 * history      same value and exchange: so are its closed candles, in this
 *              process and after a restart, but for newer ones
 * fetched_ms   the machine's monotonic clock when the exchange had responded:
 *              age = now - fetched_ms
 * failures     of refreshes since; the refresh in flight alone changes it
 * refused      the model could not use these candles; whoever tried says so
 * refusals     of the series before this one, one after another
 * checked_ms   monotonic: when a page of its past was requested again last
 * check_from_ms  where the next of these pages begins; 0: at its start
 */
struct liq_series {
    struct liq_item item;          /* freshness; must be first */
    struct liq_exchange *exchange; /* borrowed */
    char symbol[LIQ_SYMBOL_SIZE];
    int64_t display_ms, engine_ms, start_ms, end_ms; /* end 0: live */
    uint64_t epoch, history, corrections; /* the last is part of history */
    struct liq_market_data data;
    struct liq_packed *candles;
    size_t n, n_display;
    int64_t first_ms, newest_ms;
    double close;
    bool gives_taker;
    double *interest;
    int64_t recorded_ms;
    int64_t fetched_ms;
    int failures;
    atomic_bool refused;
    int refusals;
    int64_t checked_ms, check_from_ms;
};

/* Its engine candles, and its display candles; free(out->at).  LIQ_OK, or
 * LIQ_ENOMEM with *out as it was. */
LIQ_MUST_CHECK enum liq_err liq_series_candles(const struct liq_series *s,
                                               struct liq_klines *out);
LIQ_MUST_CHECK enum liq_err liq_series_display(const struct liq_series *s,
                                               struct liq_klines *out);

/* To be kept while refreshes run. */
struct liq_series_options {
    const struct liq_clock *clock; /* borrowed */
    struct liq_cache *cache;       /* borrowed */
    _Atomic int64_t ttl_ms;        /* how long a series is fresh, 20 s */
    _Atomic int64_t stale_ms;      /* how old it may get when refreshes fail */
    int64_t error_ms;              /* pause after a failed refresh */
    struct liq_history *history;   /* borrowed; NULL: nothing is recorded */
};

/*
 * Ask for the series of a symbol and display interval on an exchange, fresh at
 * ctx->now_ms; returns and fills *w as liq_cache_ask does, with a struct
 * liq_series as the item.  end_ms > 0 asks for the past: candles closed by then
 * only, brought down to the exchange's engine interval.  w->deadline_ms is when
 * the caller stops to wait; the refresh itself goes on until ctx->deadline_ms.
 *
 * Errors: the exchange's; LIQ_EINVAL when it does not offer the interval or the
 * symbol is too long; LIQ_ENOTFOUND when it has no candles then; LIQ_ELIMIT
 * when the last good data has become too old to show.
 */
bool liq_series_ask(const struct liq_series_options *o, struct liq_exchange *x,
                    const char *symbol, int64_t display_ms, int64_t end_ms,
                    const struct liq_context *ctx, struct liq_waiter *w);

/* What lies in the cache for that and is usable, fresh or not: a reference for
 * liq_item_release(&s->item), or NULL. */
struct liq_series *liq_series_peek(const struct liq_series_options *o,
                                   struct liq_exchange *x, const char *symbol,
                                   int64_t display_ms, int64_t end_ms,
                                   int64_t now_ms);

#endif
