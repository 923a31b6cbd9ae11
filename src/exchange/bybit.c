/*
 * Bybit, USDT perpetuals ("linear"): volumes and open interest in base units,
 * open interest of both sides.  Every body is {"retCode":0,"result":{...},
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
static const struct liq_field ticker[] = {
    {"lastPrice", LIQ_TICKER(last), LIQ_PRICE, LIQ_REQUIRED, 0},
    {"highPrice24h", LIQ_TICKER(high_24h), LIQ_PRICE, 0, 0},
    {"lowPrice24h", LIQ_TICKER(low_24h), LIQ_PRICE, 0, 0},
    {"price24hPcnt", LIQ_TICKER(change_percent_24h), LIQ_NUMBER, 0, 100.0},
    {"volume24h", LIQ_TICKER(volume_24h), LIQ_BASE, 0, 0},
    {"turnover24h", LIQ_TICKER(quote_volume_24h), LIQ_QUOTE, 0, 0},
    {"/time", LIQ_TICKER(time_ms), LIQ_TIME, 0, 0},
    {"singleOpenInterest", LIQ_STATISTIC(open_interest), LIQ_BASE, LIQ_ABOVE_0,
     0},
    {"openInterest", LIQ_STATISTIC(open_interest), LIQ_BASE,
     LIQ_ABOVE_0 | LIQ_OTHERWISE, 0.5},
    {"singleOpenInterestValue", LIQ_STATISTIC(open_interest_usd), LIQ_QUOTE,
     LIQ_ABOVE_0, 0},
    {"openInterestValue", LIQ_STATISTIC(open_interest_usd), LIQ_QUOTE,
     LIQ_ABOVE_0 | LIQ_OTHERWISE, 0.5},
    {"markPrice", LIQ_STATISTIC(mark_price), LIQ_PRICE, 0, 0},
    {"fundingRate", LIQ_STATISTIC(funding_rate), LIQ_NUMBER, 0, 0},
    {"nextFundingTime", LIQ_STATISTIC(next_funding_ms), LIQ_TIME, 0, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field open_interest_then[] = {
    {"singleOpenInterest", LIQ_STATISTIC(open_interest), LIQ_BASE, LIQ_ABOVE_0,
     0},
    {"openInterest", LIQ_STATISTIC(open_interest), LIQ_BASE,
     LIQ_ABOVE_0 | LIQ_OTHERWISE, 0.5},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field ratio[] = {
    {"buyRatio", LIQ_STATISTIC(long_account_share), LIQ_SHARE, 0, 0},
    {NULL, 0, 0, 0, 0},
};

#define RATIO                                                                  \
    "/v5/market/account-ratio?category=linear&symbol=<symbol>&period=5min"

static const struct liq_endpoint endpoints[] = {
    {"ticker, open interest and funding",
     "/v5/market/tickers?category=linear&symbol=<symbol>", .when = LIQ_LIVE,
     .weight = 1, .data = "0", .clock = "time", .field = ticker},
    {"long/short ratio", RATIO "&limit=1", .when = LIQ_LIVE, .weight = 1,
     .keep_ms = LIQ_MINUTE_MS, .time = "timestamp", .field = ratio},
    {"open interest",
     "/v5/market/open-interest?category=linear&symbol=<symbol>"
     "&intervalTime=5min&startTime=<since>&endTime=<to>&limit=24",
     .when = LIQ_PAST, .weight = 1, .time = "timestamp", .clock = "time",
     .field = open_interest_then},
    {"long/short ratio", RATIO "&startTime=<since>&endTime=<to>&limit=24",
     .when = LIQ_PAST, .weight = 1, .time = "timestamp", .field = ratio},
    {.path = NULL},
};

static const struct liq_error_rule errors[] = {
    {NULL, "access too frequent", LIQ_ERATE, FORBIDDEN_MS},
    {"10006", NULL, LIQ_ERATE, 0},
    {"10018", NULL, LIQ_ERATE, 0},
    {"10429", NULL, LIQ_ERATE, 0},
    {"10009", NULL, LIQ_EBLOCKED, 0},
    {"10024", NULL, LIQ_EBLOCKED, 0},
    {"10029", NULL, LIQ_ENOTFOUND, 0},
    {"10001", "ymbol", LIQ_ENOTFOUND, 0},
    {"10000", NULL, LIQ_ENET, 0},
    {"10016", NULL, LIQ_ENET, 0},
    {NULL, NULL, LIQ_OK, 0},
};

const struct liq_exchange_row liq_row_bybit = {
    .info = {"bybit", "https://api.bybit.com", 600, 5000},
    .kind = "usdt-perpetual",
    .spelling = "<base>USDT",
    .interval = intervals,
    .candles = {{"/v5/market/kline?category=linear&symbol=<symbol>"
                 "&interval=<interval>&start=<start>[&end=<end>]&limit=<rows>",
                 .size = {{1000, 1}}}},
    .open_end = true,
    .column = {"0", "1", "2", "3", "4", "5", "6"},
    .endpoint = endpoints,
    .clock = {.path = "/v5/market/time", .weight = 1, .clock = "time"},
    .symbols = {{.path = "/v5/market/instruments-info?category=linear"
                         "&limit=1000[&cursor=<cursor>]",
                 .weight = 1},
                {{"contractType", "LinearPerpetual"},
                 {"quoteCoin", "USDT"},
                 {"status", "Trading"}},
                .name = "symbol",
                .tick = "priceFilter.tickSize",
                .cursor = "result.nextPageCursor"},
    .envelope = {"retCode", "0", "retMsg", "result.list"},
    .error = errors,
    .header = {.remain = "x-bapi-limit-status",
               .limit = "x-bapi-limit",
               .reset = "x-bapi-limit-reset-timestamp",
               .reset_is = LIQ_RESET_AT_MS},
    .rate_wait_ms = 5000,
    .ban_wait_ms = FORBIDDEN_MS,
    .blocked_wait_ms = FORBIDDEN_MS,
    .past = "mark price and funding: not known for the past",
};
