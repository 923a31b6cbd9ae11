/* Binance spot: candles and a ticker; there is no open interest, no funding and
 * no account ratio. */
#include "binance.h"

#include "liqmap/interval.h"

/* Pages of 1000 rows at weight 2 flat: a cold start costs 20 to 24 of 6000, so
 * every interval runs on the finest engine. */
static const struct liq_interval intervals[] = {
    {LIQ_MINUTE_MS, NULL, 0, 0, 0},
    {5 * LIQ_MINUTE_MS, NULL, LIQ_MINUTE_MS, 0, 0},
    {15 * LIQ_MINUTE_MS, NULL, 5 * LIQ_MINUTE_MS, 0, 0},
    {LIQ_HOUR_MS, NULL, 15 * LIQ_MINUTE_MS, 0, 0},
    {4 * LIQ_HOUR_MS, NULL, LIQ_HOUR_MS, 0, 0},
    {LIQ_DAY_MS, NULL, 4 * LIQ_HOUR_MS, 0, 0},
    {0, NULL, 0, 0, 0},
};

static const struct liq_endpoint endpoints[] = {
    {NULL, "/api/v3/time", .when = LIQ_LIVE | LIQ_PAST, .weight = 1,
     .clock = "serverTime"},
    {"ticker", "/api/v3/ticker/24hr?symbol=<symbol>", .when = LIQ_LIVE,
     .weight = 2, .field = liq_binance_ticker},
    {.path = NULL},
};

const struct liq_exchange_row liq_row_binance_spot = {
    .info = {"binance-spot", "https://api.binance.com", 6000, LIQ_MINUTE_MS},
    .kind = "spot",
    .spelling = "<base>USDT",
    .interval = intervals,
    .candles = {{"/api/v3/klines?symbol=<symbol>&interval=<interval>"
                 "&startTime=<start>[&endTime=<end>]&limit=<rows>",
                 .size = {{1000, 2}}}},
    .open_end = true,
    .column = LIQ_BINANCE_COLUMNS,
    .endpoint = endpoints,
    .clock = {.path = "/api/v3/time", .weight = 1, .clock = "serverTime"},
    /* All pairs with all their permissions would be 17 MB. */
    .symbols = {{.path = "/api/v3/exchangeInfo?symbolStatus=TRADING"
                         "&showPermissionSets=false",
                 .weight = 20,
                 .data = "symbols"},
                {{"isSpotTradingAllowed", "true"},
                 {"quoteAsset", "USDT"},
                 {"status", "TRADING"}},
                .name = "symbol",
                .tick = LIQ_BINANCE_TICK},
    .envelope = LIQ_BINANCE_ENVELOPE,
    .error = liq_binance_errors,
    .read_error = liq_binance_read_error,
    .header = {.used = "x-mbx-used-weight-1m"},
    .rate_wait_ms = 60000,
    .ban_wait_ms = 120000,
    .blocked_wait_ms = 300000,
};
