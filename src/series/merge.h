/* Laying newly fetched candles over those already known. */
#ifndef LIQMAP_SERIES_MERGE_H
#define LIQMAP_SERIES_MERGE_H

#include <stdbool.h>
#include <stdint.h>
#include "liqmap/err.h"
#include "liqmap/exchange.h"
#include "liqmap/series.h"

enum liq_merge {
    LIQ_MERGE_APPENDED, /* only old's newest candle changed or newer ones came
                         */
    LIQ_MERGE_REVISED,  /* an older candle changed or appeared */
    LIQ_MERGE_BROKEN /* a candle of the overlap is missing: fetch all again */
};

/*
 * Make *fresh the whole series: old's candles before from_ms, then its own.
 *
 * old      [n >= 1], ascending; not changed
 * fresh    ascending, everything the exchange has from from_ms on; owned array,
 *          replaced by a longer one unless the result is LIQ_MERGE_BROKEN
 * from_ms  where fresh was asked to begin, not after old's newest candle
 *
 * LIQ_OK or LIQ_ENOMEM, and then nothing has changed.
 */
LIQ_MUST_CHECK enum liq_err liq_klines_merge(const struct liq_klines *old,
                                             int64_t from_ms,
                                             struct liq_klines *fresh,
                                             enum liq_merge *out);

/* Every number of two candles is the same. */
bool liq_kline_same(const struct liq_kline *a, const struct liq_kline *b);

/* Drop candles that open before start_ms; true when there were any. */
bool liq_klines_trim(struct liq_klines *k, int64_t start_ms);

/* Whether now has the closed candles of old, as far as it goes back, unchanged
 * and with none between them. */
bool liq_klines_continue(const struct liq_klines *old,
                         const struct liq_klines *now);

/* How many candles are missing between those from from_ms on; *first_ms is the
 * open time of the first missing one. */
size_t liq_klines_missing(const struct liq_klines *k, int64_t from_ms,
                          int64_t step_ms, int64_t *first_ms);

/*
 * Put page's candles in place of those that k has from the first to the last of
 * them.  *changed: k was not the same there.  LIQ_OK or LIQ_ENOMEM, and then k
 * is as it was.
 */
LIQ_MUST_CHECK enum liq_err liq_klines_replace(struct liq_klines *k,
                                               const struct liq_klines *page,
                                               bool *changed);

/* A hash of what it was and a value. */
uint64_t liq_mix(uint64_t hash, uint64_t value);
/* The same with what the model reads of the candles that open before end_ms. */
uint64_t liq_klines_mix(const struct liq_klines *k, int64_t end_ms,
                        uint64_t hash);

/* Warn when the newest candle is older than it should be. */
void liq_series_warn_if_late(struct liq_market_data *d, int64_t engine_ms);
/* Warn of candles that are missing. */
void liq_series_warn_of_holes(struct liq_market_data *d, int64_t engine_ms);

#endif
