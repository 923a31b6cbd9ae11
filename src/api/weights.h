/* What each exchange's mass counts in a sum, held until a display candle
 * closes: the columns of one candle must not change with open interest. */
#ifndef LIQMAP_API_WEIGHTS_H
#define LIQMAP_API_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>
#include "internal.h"

/*
 * Replace weight[i] of exchange[i], i < n, by what was held for the display
 * candle that opens at open_ms; what was not held is held from now on.  Weights
 * of a later candle stay: a late, older series is weighed with those.
 */
void liq_weights_hold(struct liq_api *a, const char *symbol, int64_t display_ms,
                      int64_t open_ms, struct liq_exchange *const *exchange,
                      double *weight, size_t n);

#endif
