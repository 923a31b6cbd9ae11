/* Candle intervals by the names that exchanges use. */
#ifndef LIQMAP_INTERVAL_H
#define LIQMAP_INTERVAL_H

#include <stdint.h>

#define LIQ_MINUTE_MS INT64_C(60000)
#define LIQ_HOUR_MS INT64_C(3600000)
#define LIQ_DAY_MS INT64_C(86400000)

/* "1m" "3m" "5m" "15m" "30m" "1h" "2h" "4h" "6h" "8h" "12h" "1d" to
 * milliseconds; 0 for any other text. */
int64_t liq_interval_ms(const char *name);
/* The reverse; NULL when no name has that length. */
const char *liq_interval_name(int64_t ms);
/* The open time of the candle that holds time_ms (>= 0). */
int64_t liq_interval_floor(int64_t time_ms, int64_t interval_ms);

#endif
