/* What the exchanges of a sum weigh, held until a display candle closes, so
 * that closed columns do not change with every tick of open interest. */
#ifndef LIQMAP_API_WEIGHTS_H
#define LIQMAP_API_WEIGHTS_H

#include <stdint.h>
#include "liqmap/market.h"

struct liq_weights;

struct liq_weights *liq_weights_new(void);
void liq_weights_free(struct liq_weights *w);

/*
 * The weight of a market on the map of symbol and display interval while the
 * display candle of open_ms forms: what it was when first asked for, `current`
 * if this is the first time.  Thread-safe.
 */
double liq_weights_hold(struct liq_weights *w, const char *symbol,
                        int64_t display_ms, int64_t open_ms,
                        const struct liq_market *m, double current);

#endif
