/*
 * Bitget, USDT-FUTURES: volumes and open interest in base units.  Every body is
 * {"code":"00000","requestTime":ms,"data":...}.  No history of open interest.
 */
#include "table.h"

#include <math.h>
#include "json.h"
#include "liqmap/interval.h"

/*
 * How many of the newest candles come 1000 a page depends on their length (30
 * days of 5m, 52 of 15m, 62 of 30m, 83 of 1H, 240 of 4H, 300 of 1D); older ones
 * come 200 a page.  Every endpoint takes 20 requests a second, so a cold start
 * should be six or fewer of each: 5m would be ten pages of 1m, 1h is three of
 * 30m and four older ones, 4h would be six of 1H and 27 older ones.  No page
 * may span 90 days, so the map of days begins some 1000 days ago, where eight
 * older pages end.
 *
 * Whether a row stamped exactly with a bound is in is not said: a page is
 * requested with bounds beyond it and room for a row on either side.
 */
#define DAYS(n, per_day) (((n)-1) * (per_day))
static const struct liq_interval intervals[] = {
    {LIQ_MINUTE_MS, "1m", 0, DAYS(30, 1440), 0},
    {5 * LIQ_MINUTE_MS, "5m", 5 * LIQ_MINUTE_MS, DAYS(30, 288), 0},
    {15 * LIQ_MINUTE_MS, "15m", 5 * LIQ_MINUTE_MS, DAYS(52, 96), 0},
    {30 * LIQ_MINUTE_MS, "30m", 0, DAYS(62, 48), 0},
    {LIQ_HOUR_MS, "1H", 30 * LIQ_MINUTE_MS, DAYS(83, 24), 0},
    {4 * LIQ_HOUR_MS, "4H", 4 * LIQ_HOUR_MS, DAYS(240, 6), 0},
    {LIQ_DAY_MS, "1Dutc", LIQ_DAY_MS, DAYS(300, 1), 0},
    {0, NULL, 0, 0, 0},
};

enum {
    POOL_CANDLES,
    POOL_HISTORY,
    POOL_TICKER,
    POOL_FUNDING,
    POOL_RATIO,
    POOL_REST,
    POOL_LIMITS,
    POOL_DEPTH
};

static const struct liq_field ticker[] = {
    {"lastPr", LIQ_TICKER(last), LIQ_PRICE, LIQ_REQUIRED, 0},
    {"high24h", LIQ_TICKER(high_24h), LIQ_PRICE, 0, 0},
    {"low24h", LIQ_TICKER(low_24h), LIQ_PRICE, 0, 0},
    {"change24h", LIQ_TICKER(change_percent_24h), LIQ_NUMBER, 0, 100.0},
    {"baseVolume", LIQ_TICKER(volume_24h), LIQ_BASE, 0, 0},
    {"quoteVolume", LIQ_TICKER(quote_volume_24h), LIQ_QUOTE, 0, 0},
    {"ts", LIQ_TICKER(time_ms), LIQ_TIME, 0, 0},
    {"holdingAmount", LIQ_STATISTIC(open_interest), LIQ_BASE, LIQ_ABOVE_0, 0},
    {"markPrice", LIQ_STATISTIC(mark_price), LIQ_PRICE, 0, 0},
    {"fundingRate", LIQ_STATISTIC(funding_rate), LIQ_NUMBER, 0, 0},
    {NULL, 0, 0, 0, 0},
};

/* Older servers do not say it. */
static const struct liq_field funding[] = {
    {"nextUpdate", LIQ_STATISTIC(next_funding_ms), LIQ_TIME, LIQ_REQUIRED, 0},
    {"fundingRateInterval", LIQ_STATISTIC(funding_interval_ms), LIQ_DURATION, 0,
     3600000},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field ratio[] = {
    {"longAccountRatio", LIQ_STATISTIC(long_account_share), LIQ_SHARE, 0, 0},
    {"longShortAccountRatio", LIQ_STATISTIC(long_account_share), LIQ_RATIO,
     LIQ_OTHERWISE, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field limits[] = {
    {"leverage", LIQ_CONTRACT(max_leverage), LIQ_NUMBER,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0},
    {"keepMarginRate", LIQ_CONTRACT(maintenance_margin_rate), LIQ_NUMBER,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0},
    {NULL, 0, 0, 0, 0},
};

#define PRODUCT "productType=USDT-FUTURES"

static const struct liq_endpoint endpoints[] = {
    {"ticker, open interest and funding",
     "/api/v2/mix/market/ticker?symbol=<symbol>&" PRODUCT, .when = LIQ_LIVE,
     .pool = POOL_TICKER, .weight = 1, .data = "0", .clock = "requestTime",
     .field = ticker},
    {"time of the next funding",
     "/api/v2/mix/market/current-fund-rate?symbol=<symbol>&" PRODUCT,
     .when = LIQ_LIVE, .flags = LIQ_SPARE, .pool = POOL_FUNDING, .weight = 1,
     .keep_ms = LIQ_MINUTE_MS, .data = "0", .field = funding},
    {"long/short ratio",
     "/api/v2/mix/market/account-long-short?symbol=<symbol>&period=5m",
     .when = LIQ_LIVE, .flags = LIQ_SPARE, .pool = POOL_RATIO, .weight = 1,
     .keep_ms = LIQ_MINUTE_MS, .time = "ts", .field = ratio},
    {NULL, "/api/v2/public/time", .when = LIQ_PAST, .flags = LIQ_SPARE,
     .pool = POOL_REST, .weight = 1, .clock = "requestTime"},
    {"contract limits",
     "/api/v2/mix/market/query-position-lever?symbol=<symbol>&" PRODUCT,
     .when = LIQ_LIVE | LIQ_PAST, .flags = LIQ_LENT, .pool = POOL_LIMITS,
     .weight = 1, .keep_ms = LIQ_DAY_MS, .stale_ms = 7 * LIQ_DAY_MS,
     .data = "level:1", .field = limits},
    {.path = NULL},
};

/* "pricePlace":"1","priceEndStep":"5" is a tick of 0.5. */
static double tick(const struct cJSON *root, const struct cJSON *item,
                   size_t index)
{
    double place = liq_json_number(liq_json_at(item, "pricePlace"));
    double step = liq_json_number(liq_json_at(item, "priceEndStep"));

    (void)root;
    (void)index;
    return place >= 0.0 && place <= 15.0 ? step / pow(10.0, place) : NAN;
}

static const struct liq_error_rule errors[] = {
    {"429", NULL, LIQ_ERATE, 0},
    {"40000|40104", NULL, LIQ_EBLOCKED, 0},
    {"40034|40072|40102|40309", NULL, LIQ_ENOTFOUND, 0},
    {"40015|40200|40400", NULL, LIQ_ENET, 0},
    {NULL, NULL, LIQ_OK, 0},
};

#define RANGE                                                                  \
    "?symbol=<symbol>&" PRODUCT "&granularity=<interval>&startTime=<before>"   \
    "&endTime=<after>"

/* Order book by the documentation of v2, "Get Merge Market Depth": limit "max"
 * is all it gives (the number of levels is not said), scale0 merges no prices,
 * 20 requests a second; [price, size], size in base units. */
#define DEPTH                                                                  \
    {                                                                          \
        {"order book",                                                         \
         "/api/v2/mix/market/merge-depth?symbol=<symbol>&" PRODUCT             \
         "&precision=scale0&limit=max",                                        \
         .flags = LIQ_LISTING,                                                 \
         .pool = POOL_DEPTH,                                                   \
         .weight = 1,                                                          \
         .max_bytes = 1024 * 1024,                                             \
         .clock = "requestTime"},                                              \
            "bids", "asks", "0", "1", .used_ms = LIQ_DEPTH_MS                  \
    }

/* By the documentation of v3: side is that of the closed position; that the
 * amount is quote currency is measured by others. */
#define LIQUIDATIONS                                                           \
    {                                                                          \
        {"liquidations",                                                       \
         "/api/v3/market/liquidations?category=USDT-FUTURES&symbol=<symbol>"   \
         "&limit=100",                                                         \
         .flags = LIQ_LISTING,                                                 \
         .pool = POOL_REST,                                                    \
         .weight = 1,                                                          \
         .data = "list"},                                                      \
            .time = "ts", .price = "price", .size = "amount", .side = "side",  \
            .long_side = "buy", .quote = true                                  \
    }

const struct liq_exchange_row liq_row_bitget = {
    .info = {"bitget", "https://api.bitget.com", 20, 1000},
    .kind = "usdt-perpetual",
    .pool = {{20, 1000},
             {20, 1000},
             {20, 1000},
             {1, 1000},
             {20, 1000},
             {10, 1000},
             {20, 1000}},
    .spelling = "<base>USDT",
    .interval = intervals,
    .candles = {{"/api/v2/mix/market/candles" RANGE "&limit=1000",
                 .pool = POOL_CANDLES, .span_ms = 89 * LIQ_DAY_MS,
                 .size = {{998, 1}}},
                {"/api/v2/mix/market/history-candles" RANGE "&limit=200",
                 .pool = POOL_HISTORY, .most_pages = 8,
                 .span_ms = 89 * LIQ_DAY_MS, .size = {{198, 1}}}},
    .column = {"0", "1", "2", "3", "4", "5", "6"},
    .endpoint = endpoints,
    .clock = {.path = "/api/v2/public/time",
              .pool = POOL_REST,
              .weight = 1,
              .clock = "requestTime"},
    .symbols = {{.path = "/api/v2/mix/market/contracts?" PRODUCT,
                 .pool = POOL_REST,
                 .weight = 1},
                {{"quoteCoin", "USDT"},
                 {"symbolType", "perpetual|"},
                 {"symbolStatus", "normal"}},
                .name = "symbol",
                .compute_tick = tick},
    .depth = DEPTH,
    .liquidations = LIQUIDATIONS,
    .envelope = {.code = "code",
                 .good = "00000",
                 .message = "msg",
                 .data = "data"},
    .error = errors,
    .rate_wait_ms = 5000,
    .ban_wait_ms = 60000,
    .blocked_wait_ms = 300000,
    .past = "open interest, mark price and funding: not known for the past",
};
