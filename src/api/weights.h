/* The weight of each exchange in a sum: held while a display candle forms, and
 * on until it has moved by more than 5 %, since a closed column must not change
 * with every tick of open interest. */
#ifndef LIQMAP_API_WEIGHTS_H
#define LIQMAP_API_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>
#include "internal.h"

/*
 * Replace weight[i] of exchange[i], i < n, by the weight held for the display
 * candle that opens at open_ms; a weight that was not held is held from now on.
 * In a later candle those held go on if all of them are known and have moved by
 * at most 5 % against one another, and at most twofold together.
 * An older series never replaces the weights of a later candle; it is weighed
 * with those.
 */
void liq_weights_hold(struct liq_api *a, const char *symbol, int64_t display_ms,
                      int64_t open_ms, struct liq_exchange *const *exchange,
                      double *weight, size_t n);

/* All that is held, a line for each symbol and interval. */
void liq_weights_write(struct liq_api *a, struct liq_buf *out);
/* One such line, without its end, into what is held (take) or only checked.
 * Exchanges that are not served any more are passed over.  False when it is
 * malformed. */
bool liq_weights_read(struct liq_api *a, const char *line, bool take);

#endif
