/* Binance, USD-M futures: everything in base units. */
#include "binance.h"

#include <stdio.h>
#include <string.h>
#include "json.h"
#include "liqmap/interval.h"

/* Pages of 499 rows at weight 2: a cold start of 9375 candles costs 38 of 2400,
 * so every interval runs on the finest engine. */
static const struct liq_interval intervals[] = {
    {LIQ_MINUTE_MS, NULL, 0, 0, 0},
    {3 * LIQ_MINUTE_MS, NULL, 0, 0, 0},
    {5 * LIQ_MINUTE_MS, NULL, LIQ_MINUTE_MS, 0, 0},
    {15 * LIQ_MINUTE_MS, NULL, 5 * LIQ_MINUTE_MS, 0, 0},
    {30 * LIQ_MINUTE_MS, NULL, 0, 0, 0},
    {LIQ_HOUR_MS, NULL, 15 * LIQ_MINUTE_MS, 0, 0},
    {2 * LIQ_HOUR_MS, NULL, 0, 0, 0},
    {4 * LIQ_HOUR_MS, NULL, LIQ_HOUR_MS, 0, 0},
    {6 * LIQ_HOUR_MS, NULL, 0, 0, 0},
    {8 * LIQ_HOUR_MS, NULL, 0, 0, 0},
    {12 * LIQ_HOUR_MS, NULL, 0, 0, 0},
    {LIQ_DAY_MS, NULL, 4 * LIQ_HOUR_MS, 0, 0},
    {0, NULL, 0, 0, 0},
};

const struct liq_field liq_binance_ticker[] = {
    {"lastPrice", LIQ_TICKER(last), LIQ_PRICE, LIQ_REQUIRED, 0},
    {"highPrice", LIQ_TICKER(high_24h), LIQ_PRICE, 0, 0},
    {"lowPrice", LIQ_TICKER(low_24h), LIQ_PRICE, 0, 0},
    {"priceChangePercent", LIQ_TICKER(change_percent_24h), LIQ_NUMBER, 0, 0},
    {"volume", LIQ_TICKER(volume_24h), LIQ_BASE, 0, 0},
    {"quoteVolume", LIQ_TICKER(quote_volume_24h), LIQ_QUOTE, 0, 0},
    {"closeTime", LIQ_TICKER(time_ms), LIQ_TIME, 0, 0},
    {NULL, 0, 0, 0, 0},
};

/* A perpetual that trades has open interest: 0 means that it is not known. */
static const struct liq_field open_interest[] = {
    {"openInterest", LIQ_STATISTIC(open_interest), LIQ_BASE,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0},
    {NULL, 0, 0, 0, 0},
};

const struct liq_field liq_binance_premium[] = {
    {"markPrice", LIQ_STATISTIC(mark_price), LIQ_PRICE, 0, 0},
    {"lastFundingRate", LIQ_STATISTIC(funding_rate), LIQ_NUMBER, 0, 0},
    {"nextFundingTime", LIQ_STATISTIC(next_funding_ms), LIQ_TIME, 0, 0},
    {NULL, 0, 0, 0, 0},
};

/* The list holds those alone that are not paid every eight hours. */
static enum liq_err funding_interval(const struct liq_reading *r,
                                     const struct cJSON *list,
                                     struct liq_found *out,
                                     struct liq_reason *why)
{
    char path[80];
    double hours;

    if (!liq_json_is_array(list))
        return liq_fail(why, LIQ_EFORMAT, "the body is not an array");
    (void)snprintf(path, sizeof path, "symbol:%.40s.fundingIntervalHours",
                   r->query->symbol);
    hours = liq_json_number(liq_json_at(list, path));
    out->statistics.funding_interval_ms = hours >= 1.0 && hours <= 24.0
                                              ? (int64_t)hours * LIQ_HOUR_MS
                                              : 8 * LIQ_HOUR_MS;
    return LIQ_OK;
}

static const struct liq_field open_interest_then[] = {
    {"sumOpenInterest", LIQ_STATISTIC(open_interest), LIQ_BASE,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0},
    {"sumOpenInterestValue", LIQ_STATISTIC(open_interest_usd), LIQ_QUOTE,
     LIQ_ABOVE_0, 0},
    {NULL, 0, 0, 0, 0},
};

const struct liq_field liq_binance_ratio[] = {
    {"longAccount", LIQ_STATISTIC(long_account_share), LIQ_SHARE, 0, 0},
    {"longShortRatio", LIQ_STATISTIC(long_account_share), LIQ_RATIO,
     LIQ_OTHERWISE, 0},
    {NULL, 0, 0, 0, 0},
};

#define RATIO                                                                  \
    "/futures/data/globalLongShortAccountRatio?symbol=<symbol>&period=5m"

/* /futures/data has a limit of its own, and costs no weight.  With an end, a
 * few rows: whether a row stamped exactly then is in or out is the exchange's
 * choice, and slots can be missing. */
static const struct liq_endpoint endpoints[] = {
    {NULL, "/fapi/v1/time", .when = LIQ_LIVE | LIQ_PAST, .weight = 1,
     .clock = "serverTime"},
    {"ticker", "/fapi/v1/ticker/24hr?symbol=<symbol>", .when = LIQ_LIVE,
     .weight = 1, .field = liq_binance_ticker},
    {"open interest", "/fapi/v1/openInterest?symbol=<symbol>", .when = LIQ_LIVE,
     .weight = 1, .field = open_interest},
    {"mark price and funding", "/fapi/v1/premiumIndex?symbol=<symbol>",
     .when = LIQ_LIVE, .weight = 1, .field = liq_binance_premium},
    {"funding interval", "/fapi/v1/fundingInfo", .when = LIQ_LIVE, .pool = 2,
     .weight = 1, .max_bytes = 1024 * 1024, .keep_ms = LIQ_DAY_MS,
     .finish = funding_interval},
    {"open interest",
     "/futures/data/openInterestHist?symbol=<symbol>&period=5m&endTime=<to>"
     "&limit=12",
     .when = LIQ_PAST, .pool = 1, .weight = 1, .time = "timestamp",
     .field = open_interest_then},
    {"long/short ratio", RATIO "&limit=1", .when = LIQ_LIVE, .flags = LIQ_SPARE,
     .pool = 1, .weight = 1, .time = "timestamp", .field = liq_binance_ratio},
    {"long/short ratio", RATIO "&endTime=<to>&limit=12", .when = LIQ_PAST,
     .pool = 1, .weight = 1, .time = "timestamp", .field = liq_binance_ratio},
    {.path = NULL},
};

const struct liq_error_rule liq_binance_errors[] = {
    {"-1003", NULL, LIQ_ERATE, 0},
    {"-1121", NULL, LIQ_ENOTFOUND, 0},
    {"-1000|-1001|-1007|-1016", NULL, LIQ_ENET, 0},
    {NULL, "maintenance", LIQ_ENET, 0},
    {NULL, NULL, LIQ_OK, 0},
};

bool liq_binance_read_error(const struct cJSON *root, struct liq_error *out)
{
    static const char words[] = "banned until ";
    const char *other = liq_json_text(liq_json_at(root, "239999"));
    const char *ban = strstr(liq_json_text(liq_json_at(root, "msg")), words);
    int64_t t = 0;

    for (ban = ban ? ban + sizeof words - 1 : "";
         *ban >= '0' && *ban <= '9' && t < INT64_C(100000000000000); ban++)
        t = 10 * t + (*ban - '0');
    out->until_ms = t;
    if (*other == '\0')
        return false;
    out->kind = LIQ_ENET;
    liq_json_copy_printable(out->message, sizeof out->message, other);
    return true;
}

/* The first bracket; brackets are shown to customers only. */
static const struct liq_limits limits[] = {{"BTC", 150, 0.004}, {NULL, 0, 0}};

/* Order book by the documentation of USD-M futures, "Order Book": limits of 5
 * to 1000 levels a side, the largest at weight 20; [price, quantity] as
 * strings, quantity in base units.  A thousand levels of bitcoin reach a few
 * tenths of a percent. */
#define DEPTH                                                                  \
    {                                                                          \
        {"order book", "/fapi/v1/depth?symbol=<symbol>&limit=1000",            \
         .flags = LIQ_LISTING, .weight = 20, .max_bytes = 512 * 1024},         \
            "bids", "asks", "0", "1", .used_ms = LIQ_DEPTH_MS                  \
    }

const struct liq_exchange_row liq_row_binance = {
    .info = {"binance", "https://fapi.binance.com", 2400, LIQ_MINUTE_MS},
    .kind = "usdm-perpetual",
    .pool = {{1000, 5 * LIQ_MINUTE_MS}, {500, 5 * LIQ_MINUTE_MS}},
    .spelling = "<base>USDT",
    .usdc = "<base>USDC",
    .interval = intervals,
    .candles = {{"/fapi/v1/klines?symbol=<symbol>&interval=<interval>"
                 "&startTime=<start>[&endTime=<end>]&limit=<rows>",
                 .size = {{99, 1}, {499, 2}}}},
    .open_end = true,
    .column = LIQ_BINANCE_COLUMNS,
    .limits = limits,
    .lender = liq_lenders,
    .endpoint = endpoints,
    .clock = {.path = "/fapi/v1/time", .weight = 1, .clock = "serverTime"},
    .symbols = {{.path = "/fapi/v1/exchangeInfo",
                 .weight = 1,
                 .data = "symbols"},
                {{"contractType", "PERPETUAL|TRADIFI_PERPETUAL"},
                 {"quoteAsset", "USDT|USDC"},
                 {"status", "TRADING"}},
                .name = "symbol",
                .tick = LIQ_BINANCE_TICK},
    .depth = DEPTH,
    .envelope = LIQ_BINANCE_ENVELOPE,
    .error = liq_binance_errors,
    .read_error = liq_binance_read_error,
    .header = {.used = "x-mbx-used-weight-1m"},
    .rate_wait_ms = 60000,
    .ban_wait_ms = 120000,
    .blocked_wait_ms = 300000,
    .history_ms = 30 * LIQ_DAY_MS,
    .history_end = "open interest and long/short ratio: the exchange keeps "
                   "them for 30 days only",
    .past = "mark price and funding: not known for the past",
};
