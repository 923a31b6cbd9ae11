/* The weight of each exchange in a sum, held until a display candle closes: a
 * closed column must not change with open interest. */
#ifndef LIQMAP_API_WEIGHTS_H
#define LIQMAP_API_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>
#include "internal.h"

/*
 * Replace weight[i] of exchange[i], i < n, by the weight held for the display
 * candle that opens at open_ms; a weight that was not held is held from now on.
 * An older series never replaces the weights of a later candle; it is weighed
 * with those.
 */
void liq_weights_hold(struct liq_api *a, const char *symbol, int64_t display_ms,
                      int64_t open_ms, struct liq_exchange *const *exchange,
                      double *weight, size_t n);

#endif
