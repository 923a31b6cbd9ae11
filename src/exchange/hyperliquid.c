/*
 * Hyperliquid: everything is a POST to /info.  Perpetuals are margined in USDC;
 * BTC stands for BTCUSDT, and prices in dollars for prices in USDT.  Amounts in
 * base units; open interest is taken for one side's (one observer says it is
 * both, the exchange does not say).  No account ratio, no history of open
 * interest, no 24 h high and low (those of candles stand in), and no clock but
 * the Date header.
 */
#include "table.h"

#include <math.h>
#include <string.h>
#include "json.h"
#include "liqmap/interval.h"

/*
 * Only the 5000 newest candles of an interval exist, and the warm-up is up to
 * 1875 bars: engines are half the interval where that divides it, else the
 * interval itself.  A request costs 20 and 1 more per 60 rows, all 5000 come in
 * one: 3750 candles cost 83 of 1200 a minute.
 */
#define EXIST 4990 /* a few may open meanwhile */
static const struct liq_interval intervals[] = {
    {LIQ_MINUTE_MS, "1m", 0, 0, EXIST},
    {5 * LIQ_MINUTE_MS, "5m", 5 * LIQ_MINUTE_MS, 0, EXIST},
    {15 * LIQ_MINUTE_MS, "15m", 15 * LIQ_MINUTE_MS, 0, EXIST},
    {30 * LIQ_MINUTE_MS, "30m", 0, 0, EXIST},
    {LIQ_HOUR_MS, "1h", 30 * LIQ_MINUTE_MS, 0, EXIST},
    {2 * LIQ_HOUR_MS, "2h", 0, 0, EXIST},
    {4 * LIQ_HOUR_MS, "4h", 2 * LIQ_HOUR_MS, 0, EXIST},
    {12 * LIQ_HOUR_MS, "12h", 0, 0, EXIST},
    {LIQ_DAY_MS, "1d", 12 * LIQ_HOUR_MS, 0, EXIST},
    {0, NULL, 0, 0, 0},
};

/* The middle of the order book, or the mark price where a side is empty. */
static const struct liq_field state_fields[] = {
    {"markPx", LIQ_STATISTIC(mark_price), LIQ_PRICE, LIQ_REQUIRED, 0},
    {"midPx", LIQ_TICKER(last), LIQ_PRICE, 0, 0},
    {"markPx", LIQ_TICKER(last), LIQ_PRICE, LIQ_OTHERWISE, 0},
    {"prevDayPx", LIQ_TICKER(change_percent_24h), LIQ_OPEN_24H, 0, 0},
    {"dayBaseVlm", LIQ_TICKER(volume_24h), LIQ_BASE, 0, 0},
    {"dayNtlVlm", LIQ_TICKER(quote_volume_24h), LIQ_QUOTE, 0, 0},
    {"funding", LIQ_STATISTIC(funding_rate), LIQ_NUMBER, 0, 0},
    {"openInterest", LIQ_STATISTIC(open_interest), LIQ_BASE, LIQ_ABOVE_0, 0},
    {NULL, 0, 0, 0, 0},
};

/* [{"universe":[...]},[...]]: the coins and, in the same order, their state. */
static const struct cJSON *find_coin(const struct liq_reading *r,
                                     const struct cJSON **state)
{
    const struct cJSON *coin = liq_json_at(r->root, "0.universe.0");

    *state = liq_json_at(r->root, "1.0");
    while (coin != NULL && strcmp(liq_json_text(liq_json_at(coin, "name")),
                                  r->query->symbol) != 0) {
        coin = liq_json_next(coin);
        *state = liq_json_next(*state);
    }
    return coin;
}

static const struct cJSON *find_state(const struct liq_reading *r,
                                      struct liq_reason *why)
{
    const struct cJSON *item, *coin = find_coin(r, &item);

    if (!liq_json_is_array(liq_json_at(r->root, "0.universe")) ||
        !liq_json_is_array(liq_json_at(r->root, "1")))
        liq_fail(why, LIQ_EFORMAT, "no universe with its state in the body");
    else if (liq_json_at(r->root, "0.universe.0") == NULL)
        liq_fail(why, LIQ_EFORMAT, "the symbol list is empty");
    else if (coin == NULL ||
             liq_json_is(liq_json_at(coin, "isDelisted"), "true", 4))
        liq_fail(why, LIQ_ENOTFOUND, "%s is not listed", r->query->symbol);
    else if (item == NULL)
        liq_fail(why, LIQ_EFORMAT, "no state of %s in the body",
                 r->query->symbol);
    else
        return item;
    return NULL;
}

/* Maintenance margin is half the initial margin at maximum leverage.  Funding
 * is paid on the hour, every hour. */
static enum liq_err limits_and_funding(const struct liq_reading *r,
                                       const struct cJSON *item,
                                       struct liq_found *out,
                                       struct liq_reason *why)
{
    const struct cJSON *coin = find_coin(r, &item);
    double most = liq_json_number(liq_json_at(coin, "maxLeverage"));

    (void)why;
    if (most >= 1.0) {
        out->contract.max_leverage = most;
        out->contract.maintenance_margin_rate = 0.5 / most;
    }
    out->statistics.next_funding_ms =
        liq_interval_floor(r->now_ms, LIQ_HOUR_MS) + LIQ_HOUR_MS;
    return LIQ_OK;
}

/* High and low of the quarters of an hour since 24 to 25 h ago. */
static enum liq_err day(const struct liq_reading *r, const struct cJSON *list,
                        struct liq_found *out, struct liq_reason *why)
{
    int64_t since_ms = r->now_ms - LIQ_DAY_MS - 15 * LIQ_MINUTE_MS;
    double high = NAN, low = NAN, x;
    const struct cJSON *row;

    for (row = liq_json_first(list); row != NULL; row = liq_json_next(row)) {
        if (liq_json_time(liq_json_at(row, "t")) <= since_ms)
            continue;
        x = liq_json_number(liq_json_at(row, "h"));
        high = x > 0.0 ? fmax(high, x * r->query->scale) : high;
        x = liq_json_number(liq_json_at(row, "l"));
        low = x > 0.0 ? fmin(low, x * r->query->scale) : low;
    }
    if (!isfinite(high) || isnan(low))
        return liq_fail(why, LIQ_EFORMAT, "no candles in the body");
    out->ticker.high_24h = high;
    out->ticker.low_24h = low;
    return LIQ_OK;
}

/* Prices have five significant digits at most and 6 - szDecimals decimals at
 * most; whole numbers are always allowed. */
static double tick(const struct cJSON *root, const struct cJSON *item,
                   size_t index)
{
    const struct cJSON *of = liq_json_at(root, "1.0");
    double decimals = 6.0 - liq_json_number(liq_json_at(item, "szDecimals"));
    double mark, digits;

    while (of != NULL && index-- > 0)
        of = liq_json_next(of);
    mark = liq_json_number(liq_json_at(of, "markPx"));
    digits = 4.0 - floor(log10(mark));
    if (!(decimals >= 0.0 && decimals <= 6.0) || !(mark > 0.0))
        return NAN;
    return 1.0 / pow(10.0, fmax(fmin(digits, decimals), 0.0));
}

#define EVERYTHING "{\"type\":\"metaAndAssetCtxs\"}"
#define CANDLES                                                                \
    "{\"type\":\"candleSnapshot\",\"req\":{\"coin\":\"<symbol>\","             \
    "\"interval\":"

/* One body has the state of every coin, so all symbols share it. */
static const struct liq_endpoint endpoints[] = {
    {"ticker, open interest and funding", "/info", EVERYTHING,
     .when = LIQ_LIVE | LIQ_PAST, .flags = LIQ_LISTING, .weight = 20,
     .max_bytes = 1024 * 1024, .keep_ms = 15000, .stale_ms = LIQ_DAY_MS,
     .field = state_fields, .find = find_state, .finish = limits_and_funding},
    {"24 h high and low", "/info",
     CANDLES "\"15m\",\"startTime\":<day>,\"endTime\":<day_end>}}",
     .when = LIQ_LIVE, .weight = 22, .keep_ms = LIQ_MINUTE_MS, .finish = day},
    {.path = NULL},
};

/* kPEPE is a thousand PEPE, which others call 1000PEPE. */
static const struct liq_alias names[] = {{"1000*", "k*", 1}, {NULL, NULL, 0}};

/* Order book by the documentation, "L2 book snapshot": 20 levels a side at
 * weight 2, {"px": price, "sz": base units}; five significant figures in steps
 * of 2 reach farthest of those that are no coarser than the bins of the api. */
#define DEPTH                                                                  \
    {                                                                          \
        {"order book", "/info",                                                \
         "{\"type\":\"l2Book\",\"coin\":\"<symbol>\",\"nSigFigs\":5,"          \
         "\"mantissa\":2}",                                                    \
         .flags = LIQ_LISTING, .weight = 2},                                   \
            "levels.0", "levels.1", "px", "sz", .used_ms = LIQ_DEPTH_MS        \
    }

/* Errors are plain text, or a page of a proxy; the status says what they mean.
 */
const struct liq_exchange_row liq_row_hyperliquid = {
    .info = {"hyperliquid", "https://api.hyperliquid.xyz", 1200, LIQ_MINUTE_MS},
    .kind = "usdc-perpetual",
    .spelling = "<base>",
    .alias = names,
    .interval = intervals,
    .candles =
        {{"/info",
          CANDLES "\"<interval>\",\"startTime\":<start>,"
                  "\"endTime\":<end>}}",
          .size = {{60, 21}, {480, 28}, {2000, 54}, {4000, 87}, {5000, 104}}}},
    .column = {"t", "o", "h", "l", "c", "v"},
    .endpoint = endpoints,
    .clock = {.path = "/info",
              .post = "{\"type\":\"exchangeStatus\"}",
              .weight = 2},
    .symbols = {{.path = "/info",
                 .post = EVERYTHING,
                 .weight = 20,
                 .data = "0.universe"},
                {{"isDelisted", "false|"}},
                .name = "name",
                .compute_tick = tick},
    .depth = DEPTH,
    .rate_wait_ms = 60000,
    .ban_wait_ms = 60000,
    .blocked_wait_ms = 300000,
    .funding_ms = LIQ_HOUR_MS,
    .note = "open interest: taken for one side's; the exchange does not say "
            "whether it counts one side or both",
    .past = "open interest, mark price and funding: not known for the past",
};
