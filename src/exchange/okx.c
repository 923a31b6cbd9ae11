/*
 * OKX swaps, margined in USDT or USDC, and in the coin.  Contracts have their
 * amounts of coins and dollars beside them everywhere we read but in the order
 * book, so no contract size is needed but there.  Every body is
 * {"code":"0","data":[...]}, all values strings, newest first.
 */
#include "table.h"

#include <math.h>
#include "json.h"
#include "liqmap/interval.h"

/*
 * The newest 1440 candles come 300 a page; older ones from another endpoint,
 * which takes 20 requests in 2 s, and gives 300 a page since August 2025, 100
 * before.  A finer engine for the warm-up of 1500 to 1875 bars would take 24 or
 * more of those, so each interval runs on its own candles: 5 pages of the one
 * and 2 of the other.  Days begin at
 * midnight UTC only where the spelling says so.
 */
#define NEWEST 1430 /* a few may open meanwhile */
static const struct liq_interval intervals[] = {
    {LIQ_MINUTE_MS, "1m", 0, NEWEST, 0},
    {5 * LIQ_MINUTE_MS, "5m", 5 * LIQ_MINUTE_MS, NEWEST, 0},
    {15 * LIQ_MINUTE_MS, "15m", 15 * LIQ_MINUTE_MS, NEWEST, 0},
    {LIQ_HOUR_MS, "1H", LIQ_HOUR_MS, NEWEST, 0},
    {4 * LIQ_HOUR_MS, "4H", 4 * LIQ_HOUR_MS, NEWEST, 0},
    {LIQ_DAY_MS, "1Dutc", LIQ_DAY_MS, NEWEST, 0},
    {0, NULL, 0, 0, 0},
};

enum {
    POOL_CANDLES,
    POOL_HISTORY,
    POOL_TICKER,
    POOL_INTEREST,
    POOL_FUNDING,
    POOL_MARK,
    POOL_RATIO,
    POOL_TIME,
    POOL_INTEREST_HIST,
    POOL_INSTRUMENTS,
    POOL_TIERS,
    POOL_DEPTH
};

/* The quote volume of 24 h is never said. */
static const struct liq_field ticker[] = {
    {"last", LIQ_TICKER(last), LIQ_PRICE, LIQ_REQUIRED, 0},
    {"high24h", LIQ_TICKER(high_24h), LIQ_PRICE, 0, 0},
    {"low24h", LIQ_TICKER(low_24h), LIQ_PRICE, 0, 0},
    {"open24h", LIQ_TICKER(change_percent_24h), LIQ_OPEN_24H, 0, 0},
    {"volCcy24h", LIQ_TICKER(volume_24h), LIQ_BASE, 0, 0},
    {"ts", LIQ_TICKER(time_ms), LIQ_TIME, 0, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field open_interest[] = {
    {"oiCcy", LIQ_STATISTIC(open_interest), LIQ_BASE,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0},
    {"oiUsd", LIQ_STATISTIC(open_interest_usd), LIQ_QUOTE, LIQ_ABOVE_0, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field mark[] = {
    {"markPx", LIQ_STATISTIC(mark_price), LIQ_PRICE, LIQ_REQUIRED, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field funding[] = {
    {"fundingRate", LIQ_STATISTIC(funding_rate), LIQ_NUMBER, LIQ_REQUIRED, 0},
    {"fundingTime", LIQ_STATISTIC(next_funding_ms), LIQ_TIME, 0, 0},
    {NULL, 0, 0, 0, 0},
};

static enum liq_err funding_interval(const struct liq_reading *r,
                                     const struct cJSON *item,
                                     struct liq_found *out,
                                     struct liq_reason *why)
{
    int64_t ms = liq_json_time(liq_json_at(item, "nextFundingTime")) -
                 out->statistics.next_funding_ms;

    (void)r;
    (void)why;
    if (ms > 0 && ms <= LIQ_DAY_MS)
        out->statistics.funding_interval_ms = ms;
    return LIQ_OK;
}

/* Row: 0 time, 1 long accounts per short one. */
static const struct liq_field ratio[] = {
    {"1", LIQ_STATISTIC(long_account_share), LIQ_RATIO, LIQ_REQUIRED, 0},
    {NULL, 0, 0, 0, 0},
};

/* Row: 0 time, 1 contracts, 2 coins, 3 dollars. */
static const struct liq_field open_interest_then[] = {
    {"2", LIQ_STATISTIC(open_interest), LIQ_BASE, LIQ_REQUIRED | LIQ_ABOVE_0,
     0},
    {"3", LIQ_STATISTIC(open_interest_usd), LIQ_QUOTE, LIQ_ABOVE_0, 0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field limits[] = {
    {"maxLever", LIQ_CONTRACT(max_leverage), LIQ_NUMBER,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0},
    {"mmr", LIQ_CONTRACT(maintenance_margin_rate), LIQ_NUMBER,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0},
    {NULL, 0, 0, 0, 0},
};

/* Of one contract: "ctVal" times "ctMult", in base units for those margined in
 * dollars. */
static enum liq_err contract_size(const struct liq_reading *r,
                                  const struct cJSON *item,
                                  struct liq_found *out, struct liq_reason *why)
{
    double value = liq_json_number(liq_json_at(item, "ctVal"));
    double multiple = liq_json_number(liq_json_at(item, "ctMult"));

    double size = value * multiple;

    (void)r;
    if (!(value > 0.0) || !(size > 0.0) || !isfinite(size))
        return liq_fail(why, LIQ_EFORMAT, "no ctVal and ctMult in the body");
    out->contract_size = size;
    return LIQ_OK;
}

#define STATISTICS "/api/v5/rubik/stat/contracts/"
#define RATIO                                                                  \
    STATISTICS "long-short-account-ratio-contract?instId=<symbol>&period="

static const struct liq_endpoint endpoints[] = {
    {NULL, "/api/v5/public/time", .when = LIQ_LIVE | LIQ_PAST,
     .flags = LIQ_SPARE, .pool = POOL_TIME, .weight = 1, .clock = "data.0.ts"},
    {"ticker", "/api/v5/market/ticker?instId=<symbol>", .when = LIQ_LIVE,
     .pool = POOL_TICKER, .weight = 1, .data = "0", .field = ticker},
    {"open interest",
     "/api/v5/public/open-interest?instType=SWAP&instId=<symbol>",
     .when = LIQ_LIVE, .pool = POOL_INTEREST, .weight = 1, .data = "0",
     .field = open_interest},
    {"mark price", "/api/v5/public/mark-price?instType=SWAP&instId=<symbol>",
     .when = LIQ_LIVE, .pool = POOL_MARK, .weight = 1, .keep_ms = 5000,
     .data = "0", .field = mark},
    {"funding", "/api/v5/public/funding-rate?instId=<symbol>", .when = LIQ_LIVE,
     .pool = POOL_FUNDING, .weight = 1, .keep_ms = LIQ_MINUTE_MS, .data = "0",
     .field = funding, .finish = funding_interval},
    {"long/short ratio", RATIO "5m&limit=1", .when = LIQ_LIVE,
     .flags = LIQ_SPARE, .pool = POOL_RATIO, .weight = 1,
     .keep_ms = LIQ_MINUTE_MS, .time = "0", .field = ratio},
    {"open interest",
     STATISTICS "open-interest-history?instId=<symbol>&period=1H&end=<to>"
                "&limit=12",
     .when = LIQ_PAST, .pool = POOL_INTEREST_HIST, .weight = 1, .time = "0",
     .field = open_interest_then},
    {"long/short ratio", RATIO "1H&end=<to>&limit=12", .when = LIQ_PAST,
     .pool = POOL_RATIO, .weight = 1, .time = "0", .field = ratio},
    {"contract limits",
     "/api/v5/public/position-tiers?instType=SWAP&tdMode=isolated"
     "&instFamily=<base>-<quote>",
     .when = LIQ_LIVE | LIQ_PAST, .flags = LIQ_LENT, .pool = POOL_TIERS,
     .weight = 1, .keep_ms = LIQ_DAY_MS, .stale_ms = 7 * LIQ_DAY_MS,
     .data = "tier:1", .field = limits},
    {"contract size",
     "/api/v5/public/instruments?instType=SWAP&instId=<symbol>",
     .flags = LIQ_LISTING | LIQ_SIZING, .pool = POOL_INSTRUMENTS, .weight = 1,
     .keep_ms = LIQ_DAY_MS, .stale_ms = 7 * LIQ_DAY_MS, .data = "0",
     .finish = contract_size},
    {.path = NULL},
};

static const struct liq_alias names[] = {LIQ_PLAIN_NAMES};

static const struct liq_error_rule errors[] = {
    {"50011|50040|50061", NULL, LIQ_ERATE, 0},
    {"50051|50052", NULL, LIQ_EBLOCKED, 0},
    {"50001|50004|50013|50026", NULL, LIQ_ENET, 0},
    {"51001", NULL, LIQ_ENOTFOUND, 0},
    {"51000", "instId", LIQ_ENOTFOUND, 0},
    {NULL, NULL, LIQ_OK, 0},
};

/* 1440 rows of an hour. */
#define HISTORY_MS (59 * LIQ_DAY_MS)

/* Row: 5 contracts, 6 base volume, 7 quote volume, 8 whether it closed. */
#define RANGE                                                                  \
    "?instId=<symbol>&bar=<interval>&before=<before>&after=<after>"            \
    "&limit=<rows>"

/* One limit for both kinds of contracts. */
#define HOST "https://www.okx.com", 40, 2000

#define BOTH                                                                   \
    .pool = {{20, 2000}, {20, 2000}, {20, 2000}, {20, 2000},                   \
             {10, 2000}, {5, 2000},  {10, 2000}, {10, 2000},                   \
             {20, 2000}, {10, 2000}, {10, 2000}},                              \
    .interval = intervals,                                                     \
    .candles = {{"/api/v5/market/candles" RANGE, .pool = POOL_CANDLES,         \
                 .size = {{300, 1}}},                                          \
                {"/api/v5/market/history-candles" RANGE, .pool = POOL_HISTORY, \
                 .most_pages = 8, .fallback_rows = 100, .size = {{300, 1}}}},  \
    .column = {"0", "1", "2", "3", "4", "6", "7"}, .endpoint = endpoints,      \
    .clock = {.path = "/api/v5/public/time",                                   \
              .pool = POOL_TIME,                                               \
              .weight = 1,                                                     \
              .clock = "data.0.ts"},                                           \
    .symbols = {{.path = "/api/v5/public/instruments?instType=SWAP",           \
                 .pool = POOL_INSTRUMENTS,                                     \
                 .weight = 1},                                                 \
                {{"state", "live"}},                                           \
                .name = "instId",                                              \
                .tick = "tickSz"},                                             \
    .envelope = {.code = "code",                                               \
                 .good = "0",                                                  \
                 .message = "msg",                                             \
                 .data = "data"},                                              \
    .error = errors, .rate_wait_ms = 2000, .ban_wait_ms = 60000,               \
    .blocked_wait_ms = 300000, .history_ms = HISTORY_MS,                       \
    .history_end = "open interest and long/short ratio: the exchange keeps "   \
                   "them for 60 days only",                                    \
    .past = "mark price and funding: not known for the past"

/* Order book by the documentation of v5, "GET / Full order book": up to 5000
 * levels a side, made anew once a second, 10 requests in 2 s; [price, size,
 * orders] as strings, size in contracts. */
#define DEPTH                                                                  \
    {                                                                          \
        {"order book",                                                         \
         "/api/v5/market/books-full?instId=<symbol>&sz=5000",                  \
         .flags = LIQ_LISTING,                                                 \
         .pool = POOL_DEPTH,                                                   \
         .weight = 1,                                                          \
         .max_bytes = 2 * 1024 * 1024,                                         \
         .data = "0"},                                                         \
            "bids", "asks", "0", "1", .contracts = true,                       \
                                      .used_ms = LIQ_DEPTH_MS                  \
    }

const struct liq_exchange_row liq_row_okx = {
    .info = {"okx", HOST},
    .kind = "usdt-perpetual",
    .spelling = "<base>-USDT-SWAP",
    .usdc = "<base>-USDC-SWAP",
    .alias = names,
    .depth = DEPTH,
    BOTH,
};

const struct liq_exchange_row liq_row_okx_coin = {
    .info = {"okx-coin", HOST},
    .kind = "coin-perpetual",
    .spelling = "<base>-USD-SWAP",
    .inverse = true,
    BOTH,
};
