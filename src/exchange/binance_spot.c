/* Binance spot: candles and a ticker; there is no open interest, no funding and
 * no account ratio to miss. */
#include "binance.h"

#include "liqmap/interval.h"

/* Pages of 1000 rows at weight 2 flat: a cold start costs 20 to 24 of 6000, so
 * every interval runs on the finest engine. */
static const struct liq_venue_interval intervals[] = {
    {LIQ_MINUTE_MS, NULL, 0, 0, 0},
    {5 * LIQ_MINUTE_MS, NULL, LIQ_MINUTE_MS, 0, 0},
    {15 * LIQ_MINUTE_MS, NULL, 5 * LIQ_MINUTE_MS, 0, 0},
    {LIQ_HOUR_MS, NULL, 15 * LIQ_MINUTE_MS, 0, 0},
    {4 * LIQ_HOUR_MS, NULL, LIQ_HOUR_MS, 0, 0},
    {LIQ_DAY_MS, NULL, 4 * LIQ_HOUR_MS, 0, 0},
    {0, NULL, 0, 0, 0},
};

static const struct liq_venue_part parts[] = {
    {.path = "/api/v3/time",
     .when = LIQ_VENUE_LIVE | LIQ_VENUE_PAST,
     .flags = LIQ_VENUE_CLOCK,
     .weight = 1},
    {.name = "ticker",
     .path = "/api/v3/ticker/24hr?symbol=<symbol>",
     .when = LIQ_VENUE_LIVE,
     .weight = 2,
     .read = liq_binance_ticker},
    {.path = NULL},
};

const struct liq_venue_row liq_row_binance_spot = {
    .name = "binance-spot",
    .kind = "spot",
    .base_url = "https://api.binance.com",
    .interval = intervals,
    .pool = {{6000, LIQ_MINUTE_MS}},
    .route = {{.path = "/api/v3/klines?symbol=<symbol>&interval=<interval>"
                       "&startTime=<start>[&endTime=<end>]&limit=<rows>",
               .size = {{1000, 2}}}},
    .open_end = true,
    .spell = liq_venue_spell_plain,
    .part = parts,
    .time = {.path = "/api/v3/time", .weight = 1},
    /* All pairs with all their permissions would be 17 MB. */
    .symbols = {.path = "/api/v3/exchangeInfo?symbolStatus=TRADING"
                        "&showPermissionSets=false",
                .weight = 20},
    .klines = liq_binance_klines,
    .read_symbols = liq_binance_parse_pairs,
    .read_time = liq_binance_time,
    .read_error = liq_binance_error,
    .used_header = "x-mbx-used-weight-1m",
    .rate_wait_ms = 60000,
    .ban_wait_ms = 120000,
    .blocked_wait_ms = 300000,
};
