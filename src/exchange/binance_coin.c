/*
 * Binance COIN-M: contracts of 100 or 10 dollars, margined in the coin.  Its
 * weight counts together with that of the USD-M futures, so we take a quarter
 * of their limit for ours.
 */
#include "binance.h"

#include <stdio.h>
#include "json.h"
#include "liqmap/interval.h"

/* As on the other market; start and end are at most 200 days apart. */
static const struct liq_interval intervals[] = {
    {LIQ_MINUTE_MS, NULL, 0, 0, 0},
    {5 * LIQ_MINUTE_MS, NULL, LIQ_MINUTE_MS, 0, 0},
    {15 * LIQ_MINUTE_MS, NULL, 5 * LIQ_MINUTE_MS, 0, 0},
    {LIQ_HOUR_MS, NULL, 15 * LIQ_MINUTE_MS, 0, 0},
    {4 * LIQ_HOUR_MS, NULL, LIQ_HOUR_MS, 0, 0},
    {LIQ_DAY_MS, NULL, 4 * LIQ_HOUR_MS, 0, 0},
    {0, NULL, 0, 0, 0},
};

/* Volume counts contracts. */
static const struct liq_field ticker[] = {
    {"lastPrice", LIQ_TICKER(last), LIQ_PRICE, LIQ_REQUIRED, 0},
    {"highPrice", LIQ_TICKER(high_24h), LIQ_PRICE, 0, 0},
    {"lowPrice", LIQ_TICKER(low_24h), LIQ_PRICE, 0, 0},
    {"priceChangePercent", LIQ_TICKER(change_percent_24h), LIQ_NUMBER, 0, 0},
    {"baseVolume", LIQ_TICKER(volume_24h), LIQ_BASE, 0, 0},
    {"volume", LIQ_TICKER(quote_volume_24h), LIQ_QUOTE, LIQ_CONTRACTS, 0},
    {"closeTime", LIQ_TICKER(time_ms), LIQ_TIME, 0, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field open_interest[] = {
    {"openInterest", LIQ_STATISTIC(open_interest_usd), LIQ_QUOTE,
     LIQ_REQUIRED | LIQ_CONTRACTS | LIQ_ABOVE_0, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field open_interest_then[] = {
    {"sumOpenInterest", LIQ_STATISTIC(open_interest_usd), LIQ_QUOTE,
     LIQ_REQUIRED | LIQ_CONTRACTS | LIQ_ABOVE_0, 0},
    {"sumOpenInterestValue", LIQ_STATISTIC(open_interest), LIQ_BASE,
     LIQ_ABOVE_0, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field contract[] = {
    {"contractSize", LIQ_CONTRACT_SIZE, LIQ_NUMBER, LIQ_REQUIRED | LIQ_ABOVE_0,
     0},
    {NULL, 0, 0, 0, 0},
};

static const struct cJSON *find_contract(const struct liq_reading *r,
                                         struct liq_reason *why)
{
    const struct cJSON *item;
    char path[64];

    (void)snprintf(path, sizeof path, "symbols.symbol:%.40s", r->query->symbol);
    item = liq_json_at(r->root, path);
    if (liq_json_at(r->root, "symbols.0") == NULL)
        liq_fail(why, LIQ_EFORMAT, "the symbol list is empty");
    else if (item == NULL)
        liq_fail(why, LIQ_ENOTFOUND, "%s is not listed", r->query->symbol);
    return item;
}

#define DATA(what)                                                             \
    "/futures/data/" what "?pair=<base>USD&contractType=PERPETUAL&period=5m"
#define RATIO                                                                  \
    "/futures/data/globalLongShortAccountRatio?pair=<base>USD&period=5m"

static const struct liq_endpoint endpoints[] = {
    {NULL, "/dapi/v1/time", .when = LIQ_LIVE | LIQ_PAST, .weight = 1,
     .clock = "serverTime"},
    {"contract", "/dapi/v1/exchangeInfo", .when = LIQ_LIVE | LIQ_PAST,
     .flags = LIQ_LISTING, .weight = 1, .max_bytes = 4 * 1024 * 1024,
     .keep_ms = LIQ_DAY_MS, .stale_ms = 2 * LIQ_DAY_MS, .field = contract,
     .find = find_contract},
    {"ticker", "/dapi/v1/ticker/24hr?symbol=<symbol>", .when = LIQ_LIVE,
     .weight = 1, .data = "0", .field = ticker},
    {"open interest", "/dapi/v1/openInterest?symbol=<symbol>", .when = LIQ_LIVE,
     .weight = 1, .field = open_interest},
    {"mark price and funding", "/dapi/v1/premiumIndex?symbol=<symbol>",
     .when = LIQ_LIVE, .weight = 10, .data = "0", .field = liq_binance_premium},
    {"open interest", DATA("openInterestHist") "&endTime=<to>&limit=12",
     .when = LIQ_PAST, .pool = 1, .weight = 1, .time = "timestamp",
     .field = open_interest_then},
    {"long/short ratio", RATIO "&limit=1", .when = LIQ_LIVE, .flags = LIQ_SPARE,
     .pool = 1, .weight = 1, .time = "timestamp", .field = liq_binance_ratio},
    {"long/short ratio", RATIO "&endTime=<to>&limit=12", .when = LIQ_PAST,
     .pool = 1, .weight = 1, .time = "timestamp", .field = liq_binance_ratio},
    {.path = NULL},
};

static const struct liq_alias sizes[] = {
    {"BTC", NULL, 100}, {"ETH", NULL, 10}, {"SOL", NULL, 10}, {NULL, NULL, 0}};

static const struct liq_lender lenders[] = {
    {"bybit-coin", "borrowed from bybit-coin"},
    {"okx-coin", "borrowed from okx-coin"},
    {NULL, NULL},
};

const struct liq_exchange_row liq_row_binance_coin = {
    .info = {"binance-coin", "https://dapi.binance.com", 600, LIQ_MINUTE_MS},
    .kind = "coin-perpetual",
    .pool = {{250, 5 * LIQ_MINUTE_MS}},
    .spelling = "<base>USD_PERP",
    .interval = intervals,
    .candles = {{"/dapi/v1/klines?symbol=<symbol>&interval=<interval>"
                 "&startTime=<start>[&endTime=<end>]&limit=<rows>",
                 .span_ms = 199 * LIQ_DAY_MS, .size = {{99, 1}, {499, 2}}}},
    .open_end = true,
    /* Row: 5 contracts, 7 base volume. */
    .column = {"0", "1", "2", "3", "4", "7", "5", "10"},
    .contracts = true,
    .inverse = true,
    .size = sizes,
    .lender = lenders,
    .endpoint = endpoints,
    .clock = {.path = "/dapi/v1/time", .weight = 1, .clock = "serverTime"},
    .symbols = {{.path = "/dapi/v1/exchangeInfo",
                 .weight = 1,
                 .data = "symbols"},
                {{"contractType", "PERPETUAL"}, {"contractStatus", "TRADING"}},
                .name = "symbol",
                .tick = LIQ_BINANCE_TICK},
    .envelope = LIQ_BINANCE_ENVELOPE,
    .error = liq_binance_errors,
    .read_error = liq_binance_read_error,
    .rate_wait_ms = 60000,
    .ban_wait_ms = 120000,
    .blocked_wait_ms = 300000,
    .funding_ms = 8 * LIQ_HOUR_MS,
    .history_ms = 30 * LIQ_DAY_MS,
    .history_end = "open interest and long/short ratio: the exchange keeps "
                   "them for 30 days only",
    .past = "mark price and funding: not known for the past",
};
