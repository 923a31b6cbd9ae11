/* The series of one symbol at one display interval, kept up to date: fetched
 * whole once, then only its newest candles.  Everyone who shows that symbol and
 * interval, whatever the bar count, reads the same one. */
#ifndef LIQMAP_FEED_H
#define LIQMAP_FEED_H

#include <stdbool.h>
#include <stdint.h>
#include "liqmap/cache.h"
#include "liqmap/market.h"
#include "liqmap/series.h"

/*
 * klines      engine candles, from start_ms (or the exchange's first) on; the
 *             newest may be forming
 * epoch       same epoch and same feed: only the newest candle changed or newer
 *             ones were appended since; never repeats in a process
 * server_ms   the exchange's clock when it answered
 * fetched_ms  the machine's monotonic clock then: age = now - fetched_ms
 */
struct liq_view {
    struct liq_item item;      /* freshness; must be first */
    struct liq_market *market; /* borrowed */
    char symbol[LIQ_SYMBOL_SIZE];
    int64_t display_ms, engine_ms, start_ms, end_ms; /* end 0: live */
    uint64_t epoch;
    struct liq_market_answer answer; /* klines, ticker, statistics, warnings */
    int64_t fetched_ms;
};

struct liq_feeds;

struct liq_feeds_options {
    const struct liq_clock *clock; /* borrowed */
    int64_t ttl_ms;                /* how long a view is fresh, 20 s */
    int64_t stale_ms;              /* how old it may get when refreshes fail */
    int64_t deadline_ms;           /* for one refresh */
    int64_t error_ms;              /* pause after a failed one */
    size_t max_feeds;
};

struct liq_feeds *liq_feeds_new(const struct liq_feeds_options *o);
void liq_feeds_free(struct liq_feeds *f);

/*
 * The view of a symbol and display interval on a market, fresh at now_ms.
 * end_ms > 0 asks for the past: candles closed by then only (never refreshed).
 *
 * background: nobody waits for it, so its fetch leaves the last of a request
 * budget to others (market.h).
 *
 * *out goes to liq_view_release.  LIQ_OK; or an error with *out still set: the
 * last good view, *why saying what failed; or an error and *out NULL.
 */
LIQ_MUST_CHECK enum liq_err
liq_feeds_get(struct liq_feeds *f, struct liq_market *m, const char *symbol,
              int64_t display_ms, int64_t end_ms, int64_t now_ms,
              bool background, const struct liq_view **out,
              struct liq_reason *why);
void liq_view_release(const struct liq_view *v);

/* The cache inside, for counts and health. */
struct liq_cache *liq_feeds_cache(struct liq_feeds *f);

#endif
