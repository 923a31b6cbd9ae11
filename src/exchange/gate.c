/*
 * Gate, USDT-settled perpetuals.  Sizes are contracts, of which the contract's
 * quanto_multiplier says how many coins they are; times are seconds.  Bodies
 * are bare, errors have a label and a status of their own.
 */
#include "table.h"

#include "liqmap/interval.h"

/*
 * Pages of 2000 rows, 200 requests in 10 s to each endpoint: the finest
 * engines, but only the 10000 newest candles of an interval are given.  The
 * warm-up of days would be 11250 candles of 4h, so they run on 8h.
 */
#define GIVEN 9990
static const struct liq_interval intervals[] = {
    {LIQ_MINUTE_MS, "1m", 0, 0, GIVEN},
    {5 * LIQ_MINUTE_MS, "5m", LIQ_MINUTE_MS, 0, GIVEN},
    {15 * LIQ_MINUTE_MS, "15m", 5 * LIQ_MINUTE_MS, 0, GIVEN},
    {LIQ_HOUR_MS, "1h", 15 * LIQ_MINUTE_MS, 0, GIVEN},
    {4 * LIQ_HOUR_MS, "4h", LIQ_HOUR_MS, 0, GIVEN},
    {8 * LIQ_HOUR_MS, "8h", 0, 0, GIVEN},
    {LIQ_DAY_MS, "1d", 8 * LIQ_HOUR_MS, 0, GIVEN},
    {0, NULL, 0, 0, 0},
};

enum {
    POOL_CANDLES,
    POOL_CONTRACT,
    POOL_TICKER,
    POOL_STATS,
    POOL_REST,
    POOL_DEPTH
};

static const struct liq_field contract[] = {
    {"quanto_multiplier", LIQ_CONTRACT_SIZE, LIQ_NUMBER,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0},
    {"leverage_max", LIQ_CONTRACT(max_leverage), LIQ_NUMBER, LIQ_ABOVE_0, 0},
    {"maintenance_rate", LIQ_CONTRACT(maintenance_margin_rate), LIQ_NUMBER,
     LIQ_ABOVE_0, 0},
    {"funding_interval", LIQ_STATISTIC(funding_interval_ms), LIQ_DURATION, 0,
     1000},
    {"funding_next_apply", LIQ_STATISTIC(next_funding_ms), LIQ_TIME, 0, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field ticker[] = {
    {"last", LIQ_TICKER(last), LIQ_PRICE, LIQ_REQUIRED, 0},
    {"high_24h", LIQ_TICKER(high_24h), LIQ_PRICE, 0, 0},
    {"low_24h", LIQ_TICKER(low_24h), LIQ_PRICE, 0, 0},
    {"change_percentage", LIQ_TICKER(change_percent_24h), LIQ_NUMBER, 0, 0},
    {"volume_24h_base", LIQ_TICKER(volume_24h), LIQ_BASE, 0, 0},
    {"volume_24h_quote", LIQ_TICKER(quote_volume_24h), LIQ_QUOTE, 0, 0},
    {"total_size", LIQ_STATISTIC(open_interest), LIQ_BASE,
     LIQ_CONTRACTS | LIQ_ABOVE_0, 0},
    {"mark_price", LIQ_STATISTIC(mark_price), LIQ_PRICE, 0, 0},
    {"funding_rate", LIQ_STATISTIC(funding_rate), LIQ_NUMBER, 0, 0},
    {NULL, 0, 0, 0, 0},
};

/* Its open interest has been seen to differ from the ticker's a hundredfold. */
static const struct liq_field ratio[] = {
    {"open_interest_usd", LIQ_OTHER_USD, LIQ_QUOTE, LIQ_ABOVE_0, 0},
    {"lsr_account", LIQ_STATISTIC(long_account_share), LIQ_RATIO, 0, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field statistics_then[] = {
    {"open_interest", LIQ_STATISTIC(open_interest), LIQ_BASE,
     LIQ_REQUIRED | LIQ_CONTRACTS | LIQ_ABOVE_0, 0},
    {"open_interest_usd", LIQ_STATISTIC(open_interest_usd), LIQ_QUOTE,
     LIQ_ABOVE_0, 0},
    {"lsr_account", LIQ_STATISTIC(long_account_share), LIQ_RATIO, 0, 0},
    {NULL, 0, 0, 0, 0},
};

#define STATS "/futures/usdt/contract_stats?contract=<symbol>&interval=5m"

static const struct liq_endpoint endpoints[] = {
    {NULL, "/spot/time", .when = LIQ_LIVE | LIQ_PAST, .flags = LIQ_SPARE,
     .pool = POOL_REST, .weight = 1, .clock = "server_time"},
    {"contract", "/futures/usdt/contracts/<symbol>",
     .when = LIQ_LIVE | LIQ_PAST, .flags = LIQ_LISTING | LIQ_SIZING,
     .pool = POOL_CONTRACT, .weight = 1, .keep_ms = LIQ_MINUTE_MS,
     .stale_ms = 12 * LIQ_HOUR_MS, .field = contract},
    {"ticker, open interest and funding",
     "/futures/usdt/tickers?contract=<symbol>", .when = LIQ_LIVE,
     .pool = POOL_TICKER, .weight = 1, .data = "0", .field = ticker},
    {"long/short ratio", STATS "&limit=1", .when = LIQ_LIVE, .flags = LIQ_SPARE,
     .pool = POOL_STATS, .weight = 1, .keep_ms = LIQ_MINUTE_MS, .time = "time",
     .field = ratio},
    {"open interest and long/short ratio", STATS "&from=<since_s>&limit=24",
     .when = LIQ_PAST, .pool = POOL_STATS, .weight = 1, .time = "time",
     .field = statistics_then},
    {.path = NULL},
};

/* Sources disagree about SOL, so it is not here. */
static const struct liq_alias sizes[] = {
    {"BTC", NULL, 0.0001}, {"ETH", NULL, 0.01}, {NULL, NULL, 0}};

static const struct liq_alias names[] = {LIQ_PLAIN_NAMES};

static const struct liq_error_rule errors[] = {
    {"TOO_MANY_REQUESTS", NULL, LIQ_ERATE, 0},
    {"CONTRACT_NOT_FOUND", NULL, LIQ_ENOTFOUND, 0},
    {"TOO_BUSY|SERVER_ERROR|INTERNAL", NULL, LIQ_ENET, 0},
    {NULL, NULL, LIQ_OK, 0},
};

/* Order book by the documentation of API v4, "Futures order book": levels are
 * {"p": price, "s": contracts}.  The limit is not documented; its own examples
 * use 100, and a client measured that more than 300 are refused. */
#define DEPTH                                                                  \
    {                                                                          \
        {"order book",                                                         \
         "/futures/usdt/order_book?contract=<symbol>&interval=0&limit=100",    \
         .flags = LIQ_LISTING, .pool = POOL_DEPTH, .weight = 1},               \
            "bids", "asks", "p", "s", .contracts = true,                       \
                                      .used_ms = LIQ_DEPTH_MS                  \
    }

/* By the documentation of API v4, "Retrieve liquidation history": at most an
 * hour and 1000 rows; size is that of the closed position, above 0 of a long,
 * fill_price the average. */
#define LIQUIDATIONS                                                           \
    {                                                                          \
        {"liquidations",                                                       \
         "/futures/usdt/liq_orders?contract=<symbol>&from=<since_s>"           \
         "&to=<to_s>&limit=1000",                                              \
         .flags = LIQ_LISTING,                                                 \
         .pool = POOL_REST,                                                    \
         .weight = 1,                                                          \
         .max_bytes = 1024 * 1024},                                            \
            .time = "time", .price = "fill_price", .size = "size",             \
            .contracts = true                                                  \
    }

const struct liq_exchange_row liq_row_gate = {
    .info = {"gate", "https://api.gateio.ws/api/v4", 200, 10000},
    .kind = "usdt-perpetual",
    .pool =
        {{200, 10000}, {200, 10000}, {200, 10000}, {200, 10000}, {200, 10000}},
    .spelling = "<base>_USDT",
    .alias = names,
    .interval = intervals,
    /* One row below the limit, should both bounds count. */
    .candles = {{"/futures/usdt/candlesticks?contract=<symbol>"
                 "&interval=<interval>&from=<start_s>[&to=<end_s>]",
                 .pool = POOL_CANDLES, .size = {{1999, 1}}}},
    .open_end = true,
    .column = {"t", "o", "h", "l", "c", "v", "sum"},
    .contracts = true,
    .seconds = true,
    .size = sizes,
    .endpoint = endpoints,
    .clock = {.path = "/spot/time",
              .pool = POOL_REST,
              .weight = 1,
              .clock = "server_time"},
    .symbols = {{.path = "/futures/usdt/contracts",
                 .pool = POOL_REST,
                 .weight = 1},
                {{"in_delisting", "false|"}, {"status", "trading|"}},
                .name = "name",
                .tick = "order_price_round"},
    .depth = DEPTH,
    .liquidations = LIQUIDATIONS,
    .envelope = {.code = "label", .good = "", .message = "message"},
    .error = errors,
    .header = {.remain = "x-gate-ratelimit-requests-remain",
               .limit = "x-gate-ratelimit-limit",
               .reset = "x-gate-ratelimit-reset-timestamp",
               .reset_is = LIQ_RESET_AT_S},
    .rate_wait_ms = 10000,
    .ban_wait_ms = 60000,
    .blocked_wait_ms = 300000,
    .past = "mark price and funding: not known for the past",
};
