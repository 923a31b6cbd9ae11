/*
 * KuCoin futures.  Sizes are lots, of which the contract's multiplier says how
 * many coins they are; numbers are bare.  Every body is
 * {"code":"200000","data":...}.  The contract says everything of now in one
 * body; the history of open interest is on another host.  No account ratio.
 */
#include "table.h"

#include "liqmap/interval.h"

/*
 * 500 rows a page are documented, but servers have given longer ranges 200 rows
 * or none, and candles without trades are left out, so that a cut page cannot
 * be distinguished from a quiet one.  Pages of 200 rows at weight 3: a cold
 * start is 47 to 57 of them, 141 to 171 of 2000 in 30 s, so every interval runs
 * on the finest engine.
 */
static const struct liq_interval intervals[] = {
    {LIQ_MINUTE_MS, "1", 0, 0, 0},
    {5 * LIQ_MINUTE_MS, "5", LIQ_MINUTE_MS, 0, 0},
    {15 * LIQ_MINUTE_MS, "15", 5 * LIQ_MINUTE_MS, 0, 0},
    {LIQ_HOUR_MS, "60", 15 * LIQ_MINUTE_MS, 0, 0},
    {4 * LIQ_HOUR_MS, "240", LIQ_HOUR_MS, 0, 0},
    {LIQ_DAY_MS, "1440", 4 * LIQ_HOUR_MS, 0, 0},
    {0, NULL, 0, 0, 0},
};

static const struct liq_field contract[] = {
    {"multiplier", LIQ_CONTRACT_SIZE, LIQ_NUMBER, LIQ_REQUIRED | LIQ_ABOVE_0,
     0},
    {"maxLeverage", LIQ_CONTRACT(max_leverage), LIQ_NUMBER, LIQ_ABOVE_0, 0},
    {"maintainMargin", LIQ_CONTRACT(maintenance_margin_rate), LIQ_NUMBER,
     LIQ_ABOVE_0, 0},
    {"lastTradePrice", LIQ_TICKER(last), LIQ_PRICE, 0, 0},
    {"highPrice", LIQ_TICKER(high_24h), LIQ_PRICE, 0, 0},
    {"lowPrice", LIQ_TICKER(low_24h), LIQ_PRICE, 0, 0},
    {"priceChgPct", LIQ_TICKER(change_percent_24h), LIQ_NUMBER, 0, 100.0},
    {"volumeOf24h", LIQ_TICKER(volume_24h), LIQ_BASE, 0, 0},
    {"turnoverOf24h", LIQ_TICKER(quote_volume_24h), LIQ_QUOTE, 0, 0},
    {"openInterest", LIQ_STATISTIC(open_interest), LIQ_BASE,
     LIQ_CONTRACTS | LIQ_ABOVE_0, 0},
    {"markPrice", LIQ_STATISTIC(mark_price), LIQ_PRICE, 0, 0},
    {"fundingFeeRate", LIQ_STATISTIC(funding_rate), LIQ_NUMBER, 0, 0},
    {"fundingRateGranularity", LIQ_STATISTIC(funding_interval_ms), LIQ_DURATION,
     0, 0},
    {"nextFundingRateTime", LIQ_STATISTIC(next_funding_ms), LIQ_TIME_LEFT, 0,
     0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field open_interest_then[] = {
    {"openInterest", LIQ_STATISTIC(open_interest), LIQ_BASE,
     LIQ_CONTRACTS | LIQ_ABOVE_0, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_endpoint endpoints[] = {
    {NULL, "/api/v1/timestamp", .when = LIQ_LIVE | LIQ_PAST, .weight = 2,
     .clock = "data"},
    {"contract, open interest and funding", "/api/v1/contracts/<symbol>",
     .when = LIQ_LIVE | LIQ_PAST, .flags = LIQ_LISTING | LIQ_SIZING,
     .weight = 3, .stale_ms = 12 * LIQ_HOUR_MS, .field = contract},
    {"open interest",
     "/api/ua/v1/market/open-interest?symbol=<symbol>&interval=5min"
     "&startAt=<since>&endAt=<to>&pageSize=24",
     .when = LIQ_PAST, .flags = LIQ_OTHER_HOST, .pool = 1, .weight = 10,
     .time = "ts", .field = open_interest_then},
    {.path = NULL},
};

/* Bitcoin is XBT here. */
static const struct liq_alias names[] = {{"BTC", "XBT", 1}, {NULL, NULL, 0}};

static const struct liq_alias sizes[] = {{"BTC", NULL, 0.001},
                                         {"ETH", NULL, 0.01},
                                         {"SOL", NULL, 0.1},
                                         {NULL, NULL, 0}};

static const struct liq_error_rule errors[] = {
    {"429000", NULL, LIQ_ERATE, 0},
    {"1015", NULL, LIQ_ERATE, 30000},
    {"200002", NULL, LIQ_ERATE, 10000},
    {"100003|200003", NULL, LIQ_ENOTFOUND, 0},
    {"40010|400500", NULL, LIQ_EBLOCKED, 0},
    {"500000", NULL, LIQ_ENET, 0},
    {NULL, NULL, LIQ_OK, 0},
};

/* Order book by the documentation of futures, "Get Full OrderBook": all levels
 * at weight 3, [price, lots].  The page asks to keep requests few, so it is
 * used longer; the part of 100 levels costs 5 and reaches almost nowhere. */
#define DEPTH                                                                  \
    {                                                                          \
        {"order book", "/api/v1/level2/snapshot?symbol=<symbol>",              \
         .flags = LIQ_LISTING, .weight = 3, .max_bytes = 4 * 1024 * 1024},     \
            "bids", "asks", "0", "1", .contracts = true, .used_ms = 15000      \
    }

const struct liq_exchange_row liq_row_kucoin = {
    .info = {"kucoin", "https://api-futures.kucoin.com", 2000, 30000},
    .kind = "usdt-perpetual",
    .pool = {{2000, 30000}},
    .spelling = "<base>USDTM",
    .alias = names,
    .interval = intervals,
    .candles = {{"/api/v1/kline/query?symbol=<symbol>&granularity=<interval>"
                 "&from=<start>&to=<end>",
                 .size = {{200, 3}}}},
    .column = {"0", "1", "2", "3", "4", "5"},
    .contracts = true,
    .size = sizes,
    .other_host = {"://api-futures.", "://api."},
    .endpoint = endpoints,
    .clock = {.path = "/api/v1/timestamp", .weight = 2, .clock = "data"},
    /* Perpetuals are of type FFWCSX. */
    .symbols = {{.path = "/api/v1/contracts/active", .weight = 3},
                {{"type", "FFWCSX"},
                 {"quoteCurrency", "USDT"},
                 {"status", "Open"}},
                .name = "symbol",
                .tick = "tickSize"},
    .depth = DEPTH,
    .envelope = {.code = "code",
                 .good = "200000",
                 .message = "msg",
                 .data = "data"},
    .error = errors,
    .header = {.remain = "gw-ratelimit-remaining",
               .limit = "gw-ratelimit-limit",
               .reset = "gw-ratelimit-reset",
               .reset_is = LIQ_RESET_AFTER_MS},
    .rate_wait_ms = 30000,
    .ban_wait_ms = 60000,
    .blocked_wait_ms = 300000,
    .past = "mark price and funding: not known for the past",
};
