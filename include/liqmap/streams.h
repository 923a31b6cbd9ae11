/* Connections to the exchanges' streams of executed liquidations, on one
 * thread; what they say goes to the recorder. */
#ifndef LIQMAP_STREAMS_H
#define LIQMAP_STREAMS_H

#include <stdbool.h>
#include <stdint.h>
#include "liqmap/clock.h"
#include "liqmap/config.h"
#include "liqmap/exchange.h"
#include "liqmap/recorder.h"

#define LIQ_STREAMS 3

/*
 * recorder, clock  borrowed
 * symbols    "BTCUSDT,ETHUSDT", borrowed; others are skipped
 * feed       [LIQ_STREAMS] by the number of liq_feed_at: whether it is wanted,
 *            and its URL (NULL: the exchange's own; borrowed)
 */
struct liq_streams_options {
    struct liq_recorder *recorder;
    const struct liq_clock *clock;
    const char *symbols;
    struct {
        bool wanted;
        const char *url;
    } feed[LIQ_STREAMS];
};

struct liq_streams;

/*
 * Connect, and stay connected: after an end of any kind again, with pauses from
 * 1 s to 1 min; what says nothing, not even to a ping, is closed.  A feed
 * covers the time from a subscription to the last thing heard; the rest is a
 * gap.  NULL: no memory or no thread.
 */
struct liq_streams *liq_streams_new(const struct liq_streams_options *o);
/* NULL is fine. */
void liq_streams_free(struct liq_streams *s);

/* Since the start; name is the exchange's, NULL: it is not wanted. */
struct liq_stream_counts {
    const char *name;
    bool connected;
    uint64_t connects, messages, liquidations, bad;
};
/* Thread-safe. */
void liq_streams_count(struct liq_streams *s,
                       struct liq_stream_counts out[LIQ_STREAMS]);

/*
 * Begin what the settings say: a recorder, and streams of those of exchange
 * (ended by NULL) that have one; both stay NULL where there is nothing to do.
 * c, clock and work are borrowed until both are freed.
 */
LIQ_MUST_CHECK enum liq_err
liq_recorder_begin(const struct liq_config *c, const struct liq_clock *clock,
                   struct liq_work *work, struct liq_exchange *const *exchange,
                   struct liq_recorder **recorder, struct liq_streams **streams,
                   struct liq_reason *why);

#endif
