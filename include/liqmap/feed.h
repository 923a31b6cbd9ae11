/* Streams of executed liquidations: what to say to an exchange, and what it
 * says.  Nothing here opens a connection. */
#ifndef LIQMAP_FEED_H
#define LIQMAP_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "liqmap/buf.h"
#include "liqmap/err.h"
#include "liqmap/series.h"

/*
 * exchange   "binance"
 * url        wss://host/path
 * ping       text that keeps the connection; NULL: the protocol's own ping
 * ping_ms    how often
 * sampled    not all are reported
 */
struct liq_feed {
    const char *exchange, *url, *ping;
    int64_t ping_ms;
    bool sampled;
};

/* NULL beyond the last. */
const struct liq_feed *liq_feed_at(size_t i);

/* The text that subscribes to symbols, "BTCUSDT,ETHUSDT", appended to *out. */
LIQ_MUST_CHECK enum liq_err liq_feed_subscribe(const struct liq_feed *f,
                                               const char *symbols,
                                               struct liq_buf *out);

/* symbol: ours.  l: for the call. */
typedef void liq_feed_fn(void *arg, const char *symbol,
                         const struct liq_liquidation *l);

/*
 * Read one message.  LIQ_OK: a message of any kind; each was called for every
 * liquidation in it that is complete.  LIQ_EFORMAT: it is no JSON object of
 * theirs; LIQ_EINVAL: they refused what was subscribed to; *why says it.
 */
LIQ_MUST_CHECK enum liq_err liq_feed_read(const struct liq_feed *f,
                                          const char *text, size_t n,
                                          liq_feed_fn *each, void *arg,
                                          struct liq_reason *why);

#endif
