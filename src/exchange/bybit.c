/*
 * Bybit.  "linear": USDT and USDC perpetuals, volumes and open interest in base
 * units.  "inverse": contracts of one dollar, margined in the coin, volumes and
 * open interest in dollars, their values in coins.  Open interest is of both
 * sides.  Every body is {"retCode":0,"result":{...},
 * "time":ms}; lists are newest first.
 */
#include "table.h"

#include "liqmap/interval.h"

/* 403 is a rate ban or a blocked region.  Bans lift after ten minutes; regional
 * blocks do not. */
#define FORBIDDEN_MS INT64_C(600000)

/* Pages of 1000 rows, 600 requests in 5 s: a cold start is 10 to 12 of them, so
 * every interval runs on the finest engine. */
static const struct liq_interval intervals[] = {
    {LIQ_MINUTE_MS, "1", 0, 0, 0},
    {5 * LIQ_MINUTE_MS, "5", LIQ_MINUTE_MS, 0, 0},
    {15 * LIQ_MINUTE_MS, "15", 5 * LIQ_MINUTE_MS, 0, 0},
    {LIQ_HOUR_MS, "60", 15 * LIQ_MINUTE_MS, 0, 0},
    {4 * LIQ_HOUR_MS, "240", LIQ_HOUR_MS, 0, 0},
    {LIQ_DAY_MS, "D", 4 * LIQ_HOUR_MS, 0, 0},
    {0, NULL, 0, 0, 0},
};

/* One side: given since June 2026; before, half of both. */
#define ONE_SIDE(name, target, unit)                                           \
    {"singleOpenInterest" name, LIQ_STATISTIC(target), unit, LIQ_ABOVE_0, 0},  \
    {                                                                          \
        "openInterest" name, LIQ_STATISTIC(target), unit,                      \
            LIQ_ABOVE_0 | LIQ_OTHERWISE, 0.5                                   \
    }

#define TICKER                                                                 \
    {"lastPrice", LIQ_TICKER(last), LIQ_PRICE, LIQ_REQUIRED, 0},               \
        {"highPrice24h", LIQ_TICKER(high_24h), LIQ_PRICE, 0, 0},               \
        {"lowPrice24h", LIQ_TICKER(low_24h), LIQ_PRICE, 0, 0},                 \
        {"price24hPcnt", LIQ_TICKER(change_percent_24h), LIQ_NUMBER, 0,        \
         100.0},                                                               \
        {"/time", LIQ_TICKER(time_ms), LIQ_TIME, 0, 0},                        \
        {"markPrice", LIQ_STATISTIC(mark_price), LIQ_PRICE, 0, 0},             \
        {"fundingRate", LIQ_STATISTIC(funding_rate), LIQ_NUMBER, 0, 0},        \
        {"fundingIntervalHour", LIQ_STATISTIC(funding_interval_ms),            \
         LIQ_DURATION, 0, 3600000},                                            \
    {                                                                          \
        "nextFundingTime", LIQ_STATISTIC(next_funding_ms), LIQ_TIME, 0, 0      \
    }

static const struct liq_field ticker[] = {
    TICKER,
    {"volume24h", LIQ_TICKER(volume_24h), LIQ_BASE, 0, 0},
    {"turnover24h", LIQ_TICKER(quote_volume_24h), LIQ_QUOTE, 0, 0},
    ONE_SIDE("", open_interest, LIQ_BASE),
    ONE_SIDE("Value", open_interest_usd, LIQ_QUOTE),
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field ticker_inverse[] = {
    TICKER,
    {"volume24h", LIQ_TICKER(quote_volume_24h), LIQ_QUOTE, 0, 0},
    {"turnover24h", LIQ_TICKER(volume_24h), LIQ_BASE, 0, 0},
    ONE_SIDE("", open_interest_usd, LIQ_QUOTE),
    ONE_SIDE("Value", open_interest, LIQ_BASE),
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field then[] = {
    ONE_SIDE("", open_interest, LIQ_BASE),
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field then_inverse[] = {
    ONE_SIDE("", open_interest_usd, LIQ_QUOTE),
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field ratio[] = {
    {"buyRatio", LIQ_STATISTIC(long_account_share), LIQ_SHARE, 0, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field limits[] = {
    {"maxLeverage", LIQ_CONTRACT(max_leverage), LIQ_NUMBER,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0},
    {"maintenanceMargin", LIQ_CONTRACT(maintenance_margin_rate), LIQ_NUMBER,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0},
    {NULL, 0, 0, 0, 0},
};

/* Documented as a fraction, seen as a percentage too. */
static enum liq_err as_fraction(const struct liq_reading *r,
                                const struct cJSON *item, struct liq_found *out,
                                struct liq_reason *why)
{
    struct liq_contract *c = &out->contract;

    (void)r;
    (void)item;
    (void)why;
    if (c->maintenance_margin_rate >= 0.1 && c->max_leverage >= 50.0)
        c->maintenance_margin_rate /= 100.0;
    return LIQ_OK;
}

#define OF "?category=<category>&symbol=<symbol>"
#define RATIO "/v5/market/account-ratio" OF "&period=5min"

#define ENDPOINTS(ticker_fields, then_fields)                                   \
    {                                                                           \
        {"ticker, open interest and funding",                                   \
         "/v5/market/tickers" OF,                                               \
         .when = LIQ_LIVE,                                                      \
         .weight = 1,                                                           \
         .data = "0",                                                           \
         .clock = "time",                                                       \
         .field = (ticker_fields)},                                             \
            {"long/short ratio", RATIO "&limit=1",         .when = LIQ_LIVE,    \
             .weight = 1,        .keep_ms = LIQ_MINUTE_MS, .time = "timestamp", \
             .field = ratio},                                                   \
            {"open interest",                                                   \
             "/v5/market/open-interest" OF                                      \
             "&intervalTime=5min&startTime=<since>&endTime=<to>&limit=24",      \
             .when = LIQ_PAST,                                                  \
             .weight = 1,                                                       \
             .time = "timestamp",                                               \
             .clock = "time",                                                   \
             .field = (then_fields)},                                           \
            {"long/short ratio",                                                \
             RATIO "&startTime=<since>&endTime=<to>&limit=24",                  \
             .when = LIQ_PAST,                                                  \
             .weight = 1,                                                       \
             .time = "timestamp",                                               \
             .field = ratio},                                                   \
            {"contract limits",                                                 \
             "/v5/market/risk-limit" OF,                                        \
             .when = LIQ_LIVE | LIQ_PAST,                                       \
             .flags = LIQ_LENT,                                                 \
             .weight = 1,                                                       \
             .keep_ms = LIQ_DAY_MS,                                             \
             .stale_ms = 7 * LIQ_DAY_MS,                                        \
             .data = "isLowestRisk:1",                                          \
             .field = limits,                                                   \
             .finish = as_fraction},                                            \
        {                                                                       \
            .path = NULL                                                        \
        }                                                                       \
    }

static const struct liq_endpoint endpoints[] = ENDPOINTS(ticker, then);
static const struct liq_endpoint endpoints_inverse[] =
    ENDPOINTS(ticker_inverse, then_inverse);

static const struct liq_alias names[] = {{"1000SHIB", "SHIB1000", 1},
                                         {NULL, NULL, 0}};

static const struct liq_error_rule errors[] = {
    {NULL, "access too frequent", LIQ_ERATE, FORBIDDEN_MS},
    {"10006|10018|10429", NULL, LIQ_ERATE, 0},
    {"10009|10024", NULL, LIQ_EBLOCKED, 0},
    {"10029", NULL, LIQ_ENOTFOUND, 0},
    {"10001", "ymbol", LIQ_ENOTFOUND, 0},
    {"10000|10016", NULL, LIQ_ENET, 0},
    {NULL, NULL, LIQ_OK, 0},
};

#define BOTH                                                                   \
    .interval = intervals,                                                     \
    .candles = {{"/v5/market/kline" OF "&interval=<interval>&start=<start>"    \
                 "[&end=<end>]&limit=<rows>",                                  \
                 .size = {{1000, 1}}}},                                        \
    .open_end = true,                                                          \
    .clock = {.path = "/v5/market/time", .weight = 1, .clock = "time"},        \
    .envelope = {.code = "retCode",                                            \
                 .good = "0",                                                  \
                 .message = "retMsg",                                          \
                 .data = "result.list"},                                       \
    .error = errors,                                                           \
    .header = {.remain = "x-bapi-limit-status",                                \
               .limit = "x-bapi-limit",                                        \
               .reset = "x-bapi-limit-reset-timestamp",                        \
               .reset_is = LIQ_RESET_AT_MS},                                   \
    .rate_wait_ms = 5000, .ban_wait_ms = FORBIDDEN_MS,                         \
    .blocked_wait_ms = FORBIDDEN_MS,                                           \
    .past = "mark price and funding: not known for the past"

/* One limit for both kinds of contracts. */
#define HOST "https://api.bybit.com", 600, 5000

#define SYMBOLS(type, quotes)                                                  \
    {                                                                          \
        {.path = "/v5/market/instruments-info?category=<category>&limit=1000"  \
                 "[&cursor=<cursor>]",                                         \
         .weight = 1},                                                         \
            {{"contractType", type},                                           \
             {"quoteCoin", quotes},                                            \
             {"status", "Trading"}},                                           \
            .name = "symbol", .tick = "priceFilter.tickSize",                  \
            .cursor = "result.nextPageCursor"                                  \
    }

/* Order book by the documentation of v5, "Get Orderbook": linear contracts give
 * up to 500 levels a side (1000 by later versions of that page), "b" and "a"
 * of [price, size] as strings, size in base units.  That of inverse contracts
 * is in dollars and not read. */
#define DEPTH                                                                  \
    {                                                                          \
        {"order book",                                                         \
         "/v5/market/orderbook?category=linear&symbol=<symbol>&limit=500",     \
         .flags = LIQ_LISTING,                                                 \
         .weight = 1,                                                          \
         .max_bytes = 512 * 1024,                                              \
         .data = "/result",                                                    \
         .clock = "time"},                                                     \
            "b", "a", "0", "1", .used_ms = LIQ_DEPTH_MS                        \
    }

const struct liq_exchange_row liq_row_bybit = {
    .info = {"bybit", HOST},
    .kind = "usdt-perpetual",
    .spelling = "<base>USDT",
    .usdc = "<base>PERP",
    .alias = names,
    .column = {"0", "1", "2", "3", "4", "5", "6"},
    .endpoint = endpoints,
    .depth = DEPTH,
    .symbols = SYMBOLS("LinearPerpetual", "USDT|USDC"),
    BOTH,
};

const struct liq_exchange_row liq_row_bybit_coin = {
    .info = {"bybit-coin", HOST},
    .kind = "coin-perpetual",
    .spelling = "<base>USD",
    .inverse = true,
    .column = {"0", "1", "2", "3", "4", "6", "5"},
    .endpoint = endpoints_inverse,
    .symbols = SYMBOLS("InversePerpetual", "USD"),
    BOTH,
};
