/* The candles that a series holds: packed, and what is read off them. */
#ifndef LIQMAP_SERIES_CANDLES_H
#define LIQMAP_SERIES_CANDLES_H

#include "liqmap/series_store.h"

/*
 * Give s the candles of k, n >= 1, which stays the caller's, in place of those
 * it has; and to each display candle the open interest that before has for it
 * (NULL: nothing; may be s itself).  Everything of struct liq_series that is
 * said to be of its candles is set, and item.bytes.
 *
 * LIQ_OK or LIQ_ENOMEM, and then s is as it was.
 */
LIQ_MUST_CHECK enum liq_err
liq_series_set_candles(struct liq_series *s, const struct liq_klines *k,
                       const struct liq_series *before);

#endif
