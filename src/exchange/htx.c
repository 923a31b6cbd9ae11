/*
 * HTX, USDT-margined swaps; written from its documentation, which says of
 * volumes and of open interest that they are the "sum of both buy and sell
 * sides".  One side is what maps are made of, as of the others, so half of
 * each is taken: should the documentation be wrong, HTX has half the weight in
 * exchange=all that it should have, and not twice as much.  Every body is
 * {"status":"ok","data":...,"ts":ms}.  Its account ratio is of selected
 * accounts only, and it shows no mark price beside the ticker.
 */
#include "table.h"

#include "json.h"
#include "liqmap/interval.h"

/*
 * Pages of 2000 rows, 800 requests a second: the finest engines.  Candles of
 * two years are given.  Its days begin at 16:00 UTC, so no day is requested.
 */
#define TWO_YEARS_OF_4H 4300
static const struct liq_interval intervals[] = {
    {LIQ_MINUTE_MS, "1min", 0, 0, 0},
    {5 * LIQ_MINUTE_MS, "5min", LIQ_MINUTE_MS, 0, 0},
    {15 * LIQ_MINUTE_MS, "15min", 5 * LIQ_MINUTE_MS, 0, 0},
    {LIQ_HOUR_MS, "60min", 15 * LIQ_MINUTE_MS, 0, 0},
    {4 * LIQ_HOUR_MS, "4hour", LIQ_HOUR_MS, 0, TWO_YEARS_OF_4H},
    {LIQ_DAY_MS, "1day", 4 * LIQ_HOUR_MS, 0, 0},
    {0, NULL, 0, 0, 0},
};

static const struct liq_field ticker[] = {
    {"/ts", LIQ_TICKER(time_ms), LIQ_TIME, 0, 0},
    {"close", LIQ_TICKER(last), LIQ_PRICE, LIQ_REQUIRED, 0},
    {"high", LIQ_TICKER(high_24h), LIQ_PRICE, 0, 0},
    {"low", LIQ_TICKER(low_24h), LIQ_PRICE, 0, 0},
    {"open", LIQ_TICKER(change_percent_24h), LIQ_OPEN_24H, 0, 0},
    {"amount", LIQ_TICKER(volume_24h), LIQ_BASE, 0, 0.5},
    {"trade_turnover", LIQ_TICKER(quote_volume_24h), LIQ_QUOTE, 0, 0.5},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field open_interest[] = {
    {"amount", LIQ_STATISTIC(open_interest), LIQ_BASE,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0.5},
    {"value", LIQ_STATISTIC(open_interest_usd), LIQ_QUOTE, LIQ_ABOVE_0, 0.5},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field open_interest_then[] = {
    {"value", LIQ_STATISTIC(open_interest_usd), LIQ_QUOTE,
     LIQ_REQUIRED | LIQ_ABOVE_0, 0.5},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field contract[] = {
    {"contract_size", LIQ_CONTRACT_SIZE, LIQ_NUMBER, LIQ_REQUIRED | LIQ_ABOVE_0,
     0},
    {NULL, 0, 0, 0, 0},
};

static const struct liq_field funding[] = {
    {"funding_rate", LIQ_STATISTIC(funding_rate), LIQ_NUMBER, LIQ_REQUIRED, 0},
    {"funding_time", LIQ_STATISTIC(next_funding_ms), LIQ_TIME, 0, 0},
    {NULL, 0, 0, 0, 0},
};

#define API "/linear-swap-api/v1/"
#define OF "?contract_code=<symbol>"
#define V3_GOOD "200"

static const struct liq_endpoint endpoints[] = {
    {"ticker", "/linear-swap-ex/market/detail/merged" OF, .when = LIQ_LIVE,
     .weight = 1, .data = "/tick", .clock = "ts", .field = ticker},
    {"open interest", API "swap_open_interest" OF, .when = LIQ_LIVE, .pool = 1,
     .weight = 1, .data = "0", .field = open_interest},
    {"funding", API "swap_funding_rate" OF, .when = LIQ_LIVE, .pool = 1,
     .weight = 1, .keep_ms = LIQ_MINUTE_MS, .field = funding},
    {"open interest",
     API "swap_his_open_interest" OF "&period=60min&amount_type=2&size=200",
     .when = LIQ_PAST, .weight = 1, .data = "tick", .time = "ts", .clock = "ts",
     .field = open_interest_then},
    {"contract size", API "swap_contract_info" OF,
     .flags = LIQ_LISTING | LIQ_SIZING, .pool = 1, .weight = 1,
     .keep_ms = LIQ_DAY_MS, .stale_ms = 7 * LIQ_DAY_MS, .data = "0",
     .field = contract},
    {.path = NULL},
};

/* Codes and messages come under names with a dash or with an underscore, and of
 * v3, whose codes are 200 where all is well, under short ones. */
static bool read_error(const struct cJSON *root, struct liq_error *out)
{
    static const char *const names_of[][2] = {
        {"err_code", "err_msg"}, {"err-code", "err-msg"}, {"code", "msg"}};
    const struct cJSON *code = NULL, *message = NULL;

    for (size_t i = 0; code == NULL && i < 3; i++) {
        code = liq_json_at(root, names_of[i][0]);
        message = liq_json_at(root, names_of[i][1]);
    }
    if (code == NULL || liq_json_is(code, V3_GOOD, sizeof V3_GOOD - 1))
        return false;
    liq_json_copy_printable(out->message, sizeof out->message,
                            liq_json_text(message));
    if (liq_json_is_one_of(code, "1032|too-many-request"))
        out->kind = LIQ_ERATE;
    else if (liq_json_is_one_of(code, "1013|1014|1332"))
        out->kind = LIQ_ENOTFOUND;
    else if (liq_json_is_one_of(code, "1000|1001|1002|1003|1077|1078"))
        out->kind = LIQ_ENET;
    return true;
}

static const struct liq_alias names[] = {LIQ_PLAIN_NAMES};

/* Order book by the documentation of USDT-margined swaps, "Get Market Depth":
 * step0 merges no prices and gives 150 levels a side, [price, contracts].  What
 * the merged steps are in prices is not said, so they are not used, and the
 * book of bitcoin is narrow. */
#define DEPTH                                                                  \
    {                                                                          \
        {                                                                      \
            "order book",                                                      \
            "/linear-swap-ex/market/depth" OF "&type=step0",                   \
            .flags = LIQ_LISTING,                                              \
            .weight = 1,                                                       \
            .data = "/tick",                                                   \
            .clock = "ts"},                                                    \
            "bids", "asks", "0", "1", .contracts = true,                       \
                                      .used_ms = LIQ_DEPTH_MS                  \
    }

/* By the documentation of USDT-margined swaps, "Query Liquidation Orders(New)":
 * trade_type 0 is both sides, direction that of the order, trade_turnover
 * quote currency, price that of bankruptcy; at most two hours.  How many rows a
 * body has at most is not documented, so some may be
 * missing. */
#define LIQUIDATIONS                                                           \
    {                                                                          \
        {"liquidations",                                                       \
         "/linear-swap-api/v3/swap_liquidation_orders?contract=<symbol>"       \
         "&trade_type=0&start_time=<since>&end_time=<to>&direct=prev",         \
         .flags = LIQ_LISTING,                                                 \
         .pool = 1,                                                            \
         .weight = 1,                                                          \
         .clock = "ts"},                                                       \
            .time = "created_at", .price = "price", .size = "trade_turnover",  \
            .side = "direction", .long_side = "sell", .quote = true,           \
            .sampled = true                                                    \
    }

const struct liq_exchange_row liq_row_htx = {
    .info = {"htx", "https://api.hbdm.com", 800, 1000},
    .kind = "usdt-perpetual",
    .pool = {{240, 3000}},
    .spelling = "<base>-USDT",
    .alias = names,
    .interval = intervals,
    .candles = {{"/linear-swap-ex/market/history/kline" OF
                 "&period=<interval>&from=<start_s>&to=<end_s>",
                 /* One row below the limit, should both bounds count. */
                 .size = {{1999, 1}}}},
    .column = {"id", "open", "high", "low", "close", "amount",
               "trade_turnover"},
    .seconds = true,
    .both_sides = true,
    .lender = liq_lenders,
    .endpoint = endpoints,
    .clock = {.path = "/api/v1/timestamp", .weight = 1, .clock = "ts"},
    .symbols = {{.path = API "swap_contract_info", .pool = 1, .weight = 1},
                {{"business_type", "swap|"}, {"contract_status", "1|5|7"}},
                .name = "contract_code",
                .tick = "price_tick"},
    .depth = DEPTH,
    .liquidations = LIQUIDATIONS,
    .envelope = {.code = "status",
                 .good = "ok",
                 .message = "err_msg",
                 .data = "data",
                 .other = {"code", V3_GOOD}},
    .read_error = read_error,
    .rate_wait_ms = 3000,
    .ban_wait_ms = 60000,
    .blocked_wait_ms = 300000,
    .history_ms = 8 * LIQ_DAY_MS,
    .history_end = "open interest: the exchange keeps 200 hours only",
    .past = "mark price, funding and long/short ratio: not known for the past",
};
