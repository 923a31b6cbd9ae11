/* What the markets of Binance have in common. */
#ifndef LIQMAP_EXCHANGE_BINANCE_H
#define LIQMAP_EXCHANGE_BINANCE_H

#include "table.h"

/* Row: 0 open time, 1 open, 2 high, 3 low, 4 close, 5 base volume, 6 close
 * time, 7 quote volume, 8 trades, 9 base volume that takers bought, and more
 * that is not needed. */
#define LIQ_BINANCE_COLUMNS                                                    \
    {                                                                          \
        "0", "1", "2", "3", "4", "5", "7", "9"                                 \
    }
#define LIQ_BINANCE_ENVELOPE                                                   \
    {                                                                          \
        .code = "code", .good = "", .message = "msg"                           \
    }
#define LIQ_BINANCE_TICK "filters.filterType:PRICE_FILTER.tickSize"

extern const struct liq_field liq_binance_ticker[];
extern const struct liq_field liq_binance_premium[];
extern const struct liq_field liq_binance_ratio[];
extern const struct liq_error_rule liq_binance_errors[];
/* When a ban ends, and maintenance, which has a body without a code. */
bool liq_binance_read_error(const struct cJSON *root, struct liq_error *out);

#endif
