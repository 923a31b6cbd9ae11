/* What each exchange would respond, as far as paging, order, units and limits
 * go: written from their documentation, not from our tables. */
#ifndef LIQMAP_TEST_EXCHANGE_SERVE_H
#define LIQMAP_TEST_EXCHANGE_SERVE_H

#include "unit/exchange/mock.h"

typedef void write_row_fn(struct liq_buf *out, int64_t t, int64_t step);

/* Rows that open in [from, to], the newest or the oldest `limit` of them, in
 * the order that the exchange has. */
static inline void serve_rows(struct liq_buf *out, int64_t step, int64_t from,
                              int64_t to, int64_t limit, bool newest,
                              bool descending, write_row_fn *row)
{
    int64_t first = from < mock.listed_ms ? mock.listed_ms : from, n, i;
    int64_t last = to < mock_now() ? to : mock_now();

    first = (first + step - 1) / step * step;
    last = last / step * step;
    n = last < first ? 0 : (last - first) / step + 1;
    if (n > limit && newest)
        first += (n - limit) * step;
    if (n > limit)
        n = limit;
    for (i = 0; i < n; i++) {
        if (i > 0)
            liq_buf_char(out, ',');
        row(out, first + (descending ? n - 1 - i : i) * step, step);
    }
    mock.n_row += (size_t)n;
}

static inline int64_t newest_slot(const char *q, const char *name)
{
    return query_number(q, name, mock_now()) / 300000 * 300000;
}

/* --- Binance -------------------------------------------------------------- */

static void binance_row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "[%" PRId64 ",\"100.5\",\"103\",\"99\",\"%d\",\"7\",%" PRId64
                   ",\"707\",3,\"1\",\"101\",\"0\"]",
                   t, 100 + (int)(t / step % 3), t + step - 1);
}

/* With a start: the oldest rows from there.  A limit above the maximum is a
 * mistake. */
static void binance_klines(struct liq_buf *out, const char *q, int64_t most)
{
    int64_t limit = query_number(q, "limit=", 500);
    char name[40];

    query_word(q, "interval=", name);
    assert_true(limit <= most);
    liq_buf_char(out, '[');
    serve_rows(out, liq_interval_ms(name), query_number(q, "startTime=", 0),
               query_number(q, "endTime=", INT64_MAX), limit, false, false,
               binance_row);
    liq_buf_char(out, ']');
}

static inline void serve_binance(struct liq_buf *out, const char *q)
{
    if (strstr(q, "/fapi/v1/klines"))
        binance_klines(out, q, 1500);
    else if (strstr(q, "/fapi/v1/time"))
        liq_buf_format(out, "{\"serverTime\":%" PRId64 "}", mock_now());
    else if (strstr(q, "/futures/data/"))
        liq_buf_format(
            out,
            "[{\"longAccount\":\"0.6\",\"sumOpenInterest\":\"1500\","
            "\"sumOpenInterestValue\":\"50000\",\"timestamp\":%" PRId64 "}]",
            newest_slot(q, "endTime="));
    else if (strstr(q, "/fundingInfo"))
        liq_buf_text(out,
                     "[{\"symbol\":\"ETHUSDT\",\"fundingIntervalHours\":4}]");
    else if (strstr(q, "/ticker"))
        liq_buf_text(out, "{\"lastPrice\":\"101\"}");
    else if (strstr(q, "/openInterest"))
        liq_buf_text(out, "{\"openInterest\":\"2000\"}");
    else
        liq_buf_text(out, "{\"markPrice\":\"102\",\"lastFundingRate\":\"0\"}");
}

static inline void serve_binance_spot(struct liq_buf *out, const char *q)
{
    if (strstr(q, "/api/v3/klines"))
        binance_klines(out, q, 1000);
    else if (strstr(q, "/api/v3/time"))
        liq_buf_format(out, "{\"serverTime\":%" PRId64 "}", mock_now());
    else
        liq_buf_text(out, "{\"lastPrice\":\"101\"}");
}

/* Volume counts contracts of 100 dollars. */
static void binance_coin_row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "[%" PRId64
                   ",\"100.5\",\"103\",\"99\",\"%d\",\"7.07\",%" PRId64
                   ",\"7\",3,\"1\",\"101\",\"0\"]",
                   t, 100 + (int)(t / step % 3), t + step - 1);
}

static inline void serve_binance_coin(struct liq_buf *out, const char *q)
{
    int64_t from = query_number(q, "startTime=", 0);
    char name[40];

    if (strstr(q, "/dapi/v1/klines")) {
        query_word(q, "interval=", name);
        assert_true(query_number(q, "endTime=", mock_now()) - from <=
                    200 * LIQ_DAY_MS);
        liq_buf_char(out, '[');
        serve_rows(out, liq_interval_ms(name), from,
                   query_number(q, "endTime=", INT64_MAX),
                   query_number(q, "limit=", 500), false, false,
                   binance_coin_row);
        liq_buf_char(out, ']');
    } else if (strstr(q, "/time")) {
        liq_buf_format(out, "{\"serverTime\":%" PRId64 "}", mock_now());
    } else if (strstr(q, "/futures/data/")) {
        assert_non_null(strstr(q, "pair=BTCUSD&"));
        liq_buf_format(
            out,
            "[{\"longAccount\":\"0.6\",\"sumOpenInterest\":\"1500\","
            "\"sumOpenInterestValue\":\"1480\",\"timestamp\":%" PRId64 "}]",
            newest_slot(q, "endTime="));
    } else if (strstr(q, "/exchangeInfo")) {
        liq_buf_text(out, "{\"symbols\":[{\"symbol\":\"BTCUSD_PERP\","
                          "\"contractSize\":100}]}");
    } else if (strstr(q, "/ticker")) {
        liq_buf_text(out, "[{\"lastPrice\":\"101\"}]");
    } else if (strstr(q, "/openInterest")) {
        liq_buf_text(out, "{\"openInterest\":\"2040\"}");
    } else {
        liq_buf_text(out,
                     "[{\"markPrice\":\"102\",\"lastFundingRate\":\"0\"}]");
    }
}

/* --- Bybit ---------------------------------------------------------------- */

static void bybit_row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "[\"%" PRId64 "\",\"100.5\",\"103\",\"99\",\"%d\","
                   "\"7\",\"707\"]",
                   t, 100 + (int)(t / step % 3));
}

/* The inverse ones: dollars, and what they are in coins. */
static void bybit_inverse_row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "[\"%" PRId64 "\",\"100.5\",\"103\",\"99\",\"%d\","
                   "\"707\",\"7\"]",
                   t, 100 + (int)(t / step % 3));
}

/* With a start and no end, a longer range gives its newest rows. */
static void bybit_klines(struct liq_buf *out, const char *q)
{
    char name[40];
    int64_t step, limit = query_number(q, "limit=", 200);

    query_word(q, "interval=", name);
    step = strcmp(name, "D") == 0 ? LIQ_DAY_MS
                                  : strtoll(name, NULL, 10) * LIQ_MINUTE_MS;
    assert_true(step > 0 && limit <= 1000);
    serve_rows(out, step, query_number(q, "start=", 0),
               query_number(q, "end=", INT64_MAX), limit, true, true,
               strstr(q, "inverse") ? bybit_inverse_row : bybit_row);
}

static inline void serve_bybit(struct liq_buf *out, const char *q)
{
    int64_t to = newest_slot(q, "endTime=");

    liq_buf_text(out,
                 "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"list\":[");
    if (strstr(q, "/kline"))
        bybit_klines(out, q);
    else if (strstr(q, "/tickers?category=inverse"))
        liq_buf_text(out, "{\"lastPrice\":\"101\",\"markPrice\":\"102\","
                          "\"openInterest\":\"408000\"}");
    else if (strstr(q, "/open-interest?category=inverse"))
        liq_buf_format(
            out, "{\"openInterest\":\"300000\",\"timestamp\":\"%" PRId64 "\"}",
            to);
    else if (strstr(q, "/tickers"))
        liq_buf_text(out, "{\"lastPrice\":\"101\",\"markPrice\":\"102\","
                          "\"openInterest\":\"4000\",\"fundingRate\":"
                          "\"0.0001\",\"price24hPcnt\":\"0.01\"}");
    else if (strstr(q, "/risk-limit"))
        liq_buf_text(out, "{\"isLowestRisk\":1,\"maxLeverage\":\"100.00\","
                          "\"maintenanceMargin\":\"0.005\"}");
    else if (strstr(q, "/account-ratio"))
        liq_buf_format(
            out, "{\"buyRatio\":\"0.6\",\"timestamp\":\"%" PRId64 "\"}", to);
    else if (strstr(q, "/open-interest"))
        liq_buf_format(
            out, "{\"openInterest\":\"3000\",\"timestamp\":\"%" PRId64 "\"}",
            to);
    liq_buf_format(out, "]},\"time\":%" PRId64 "}", mock_now());
}

/* --- OKX ------------------------------------------------------------------ */

static void okx_row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "[\"%" PRId64 "\",\"100.5\",\"103\",\"99\",\"%d\","
                   "\"700\",\"7\",\"707\",\"1\"]",
                   t, 100 + (int)(t / step % 3));
}

static int64_t step_of(const char *name)
{
    if (strcmp(name, "1Dutc") == 0)
        return LIQ_DAY_MS;
    return strtoll(name, NULL, 10) *
           (strchr(name, 'H') ? LIQ_HOUR_MS : LIQ_MINUTE_MS);
}

/* Bounds are exclusive; one endpoint knows the newest 1440 rows, the other
 * gives 300 at most, or on some servers 100. */
static int64_t okx_history_rows = 300;

static void okx_klines(struct liq_buf *out, const char *q)
{
    bool history = strstr(q, "history-candles") != NULL;
    int64_t step, from, limit = query_number(q, "limit=", 100);
    char name[40];

    query_word(q, "bar=", name);
    step = step_of(name);
    assert_true(step > 0 && limit <= 300);
    from = query_number(q, "before=", 0) + 1;
    if (!history && from < mock_now() / step * step - 1439 * step)
        from = mock_now() / step * step - 1439 * step;
    if (history && limit > okx_history_rows)
        limit = okx_history_rows;
    serve_rows(out, step, from, query_number(q, "after=", INT64_MAX) - 1, limit,
               true, true, okx_row);
}

static inline void serve_okx(struct liq_buf *out, const char *q)
{
    int64_t to = newest_slot(q, "&end=");

    liq_buf_text(out, "{\"code\":\"0\",\"msg\":\"\",\"data\":[");
    if (strstr(q, "andles"))
        okx_klines(out, q);
    else if (strstr(q, "/time"))
        liq_buf_format(out, "{\"ts\":\"%" PRId64 "\"}", mock_now());
    else if (strstr(q, "/market/ticker"))
        liq_buf_text(out, "{\"last\":\"101\",\"open24h\":\"100\"}");
    else if (strstr(q, "/public/open-interest"))
        liq_buf_text(out, "{\"oi\":\"200000\",\"oiCcy\":\"2000\"}");
    else if (strstr(q, "/position-tiers"))
        liq_buf_text(out, "{\"tier\":\"1\",\"mmr\":\"0.004\",\"maxLever\":"
                          "\"100\"}");
    else if (strstr(q, "/mark-price"))
        liq_buf_text(out, "{\"markPx\":\"102\"}");
    else if (strstr(q, "/funding-rate"))
        liq_buf_text(out, "{\"fundingRate\":\"0.0001\",\"fundingTime\":"
                          "\"1760140800000\"}");
    else if (strstr(q, "/long-short"))
        liq_buf_format(out, "[\"%" PRId64 "\",\"1.5\"]", to);
    else if (strstr(q, "/open-interest-history"))
        liq_buf_format(out, "[\"%" PRId64 "\",\"1\",\"1500\",\"150000\"]", to);
    liq_buf_text(out, "]}");
}

/* --- Bitget --------------------------------------------------------------- */

static int64_t bitget_days(int64_t step)
{
    return step < 15 * LIQ_MINUTE_MS    ? 30
           : step == 15 * LIQ_MINUTE_MS ? 52
           : step == 30 * LIQ_MINUTE_MS ? 62
           : step == LIQ_HOUR_MS        ? 83
           : step == 4 * LIQ_HOUR_MS    ? 240
                                        : 300;
}

/* Whether bounds are in is not known: here the first never is, and the last
 * is or is not. */
static bool bitget_last_is_in;

static void bitget_klines(struct liq_buf *out, const char *q)
{
    bool history = strstr(q, "history-candles") != NULL;
    int64_t step, from, to, limit = query_number(q, "limit=", 100);
    char name[40];

    query_word(q, "granularity=", name);
    step = step_of(name);
    from = query_number(q, "startTime=", 0) + 1;
    to = query_number(q, "endTime=", 0) - (bitget_last_is_in ? 0 : 1);
    assert_true(step > 0 && limit <= (history ? 200 : 1000));
    assert_true(to - from <= 90 * LIQ_DAY_MS);
    if (!history && from < mock_now() - bitget_days(step) * LIQ_DAY_MS)
        from = mock_now() - bitget_days(step) * LIQ_DAY_MS;
    serve_rows(out, step, from, to, limit, true, false, bybit_row);
}

static inline void serve_bitget(struct liq_buf *out, const char *q)
{
    liq_buf_format(out,
                   "{\"code\":\"00000\",\"requestTime\":%" PRId64 ",\"data\":[",
                   mock_now());
    if (strstr(q, "candles"))
        bitget_klines(out, q);
    else if (strstr(q, "/ticker"))
        liq_buf_text(out, "{\"lastPr\":\"101\",\"markPrice\":\"102\","
                          "\"holdingAmount\":\"2000\",\"fundingRate\":"
                          "\"0.0001\"}");
    else if (strstr(q, "/query-position-lever"))
        liq_buf_text(out, "{\"level\":\"1\",\"leverage\":\"125\","
                          "\"keepMarginRate\":\"0.004\"}");
    else if (strstr(q, "/current-fund-rate"))
        liq_buf_text(out, "{\"nextUpdate\":\"1760140800000\"}");
    else if (strstr(q, "/account-long-short"))
        liq_buf_format(out,
                       "{\"longAccountRatio\":\"0.6\",\"ts\":\"%" PRId64 "\"}",
                       mock_now());
    liq_buf_text(out, "]}");
}

/* --- Gate ----------------------------------------------------------------- */

static void gate_row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "{\"t\":%" PRId64 ",\"o\":\"100.5\",\"h\":\"103\",\"l\":"
                   "\"99\",\"c\":\"%d\",\"v\":70000,\"sum\":\"707\"}",
                   t / 1000, 100 + (int)(t / step % 3));
}

/* Seconds; 2000 rows at most, of the 10000 newest. */
static void gate_klines(struct liq_buf *out, const char *q)
{
    int64_t step, from = query_number(q, "from=", 0) * 1000, to;
    char name[40];

    query_word(q, "interval=", name);
    step = liq_interval_ms(name);
    to = query_number(q, "&to=", mock_now() / 1000) * 1000;
    assert_true(step > 0 && (to - from) / step < 2000);
    assert_true(mock_now() - from < 10000 * step);
    liq_buf_char(out, '[');
    serve_rows(out, step, from, to, 2000, false, false, gate_row);
    liq_buf_char(out, ']');
}

static inline void serve_gate(struct liq_buf *out, const char *q)
{
    int64_t from = query_number(q, "from=", mock_now() / 1000 - 600);

    if (strstr(q, "/candlesticks"))
        gate_klines(out, q);
    else if (strstr(q, "/spot/time"))
        liq_buf_format(out, "{\"server_time\":%" PRId64 "}", mock_now());
    else if (strstr(q, "/contracts/BTC_USDT"))
        liq_buf_text(out, "{\"quanto_multiplier\":\"0.0001\","
                          "\"funding_next_apply\":1760140800}");
    else if (strstr(q, "/tickers"))
        liq_buf_text(out, "[{\"last\":\"101\",\"total_size\":\"20000000\","
                          "\"mark_price\":\"102\"}]");
    else
        liq_buf_format(out,
                       "[{\"time\":%" PRId64 ",\"lsr_account\":1.5,"
                       "\"open_interest\":15000000},{\"time\":%" PRId64
                       ",\"lsr_account\":4,\"open_interest\":16000000}]",
                       from / 300 * 300 + 300, from / 300 * 300 + 7200);
}

/* --- KuCoin --------------------------------------------------------------- */

static void kucoin_row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out, "[%" PRId64 ",100.5,103,99,%d,7000]", t,
                   100 + (int)(t / step % 3));
}

/* 200 rows, as the servers that give least. */
static void kucoin_klines(struct liq_buf *out, const char *q)
{
    int64_t step = query_number(q, "granularity=", 0) * LIQ_MINUTE_MS;

    assert_true(step > 0);
    liq_buf_char(out, '[');
    serve_rows(out, step, query_number(q, "&from=", 0),
               query_number(q, "&to=", 0), 200, false, false, kucoin_row);
    liq_buf_char(out, ']');
}

static inline void serve_kucoin(struct liq_buf *out, const char *q)
{
    liq_buf_text(out, "{\"code\":\"200000\",\"data\":");
    if (strstr(q, "/kline/"))
        kucoin_klines(out, q);
    else if (strstr(q, "/timestamp"))
        liq_buf_format(out, "%" PRId64, mock_now());
    else if (strstr(q, "/open-interest"))
        liq_buf_format(out,
                       "[{\"openInterest\":\"1500000\",\"ts\":%" PRId64 "}]",
                       newest_slot(q, "endAt="));
    else
        liq_buf_text(out, "{\"multiplier\":0.001,\"lastTradePrice\":101,"
                          "\"markPrice\":102,\"openInterest\":\"2000000\"}");
    liq_buf_char(out, '}');
}

/* --- Hyperliquid ---------------------------------------------------------- */

/* The day's high is 108; 25 hours ago there was one of 999. */
static void hyperliquid_row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "{\"t\":%" PRId64 ",\"o\":\"100.5\",\"h\":\"%s\",\"l\":"
                   "\"99\",\"c\":\"%d\",\"v\":\"7\"}",
                   t,
                   t == INT64_C(1760043600000) - 900000   ? "999"
                   : t == INT64_C(1760047200000) + 900000 ? "108"
                                                          : "103",
                   100 + (int)(t / step % 3));
}

/* The 5000 newest rows. */
static void hyperliquid_klines(struct liq_buf *out, const char *q)
{
    int64_t step, from = query_number(q, "\"startTime\":", 0), first;
    char name[40];

    assert_non_null(strstr(q, "\"coin\":\"BTC\""));
    query_word(q, "\"interval\":\"", name);
    step = liq_interval_ms(name);
    assert_true(step > 0);
    first = mock_now() / step * step - 4999 * step;
    liq_buf_char(out, '[');
    serve_rows(out, step, from > first ? from : first,
               query_number(q, "\"endTime\":", 0), 5000, false, false,
               hyperliquid_row);
    liq_buf_char(out, ']');
}

/* The clock is in the header alone. */
static inline void serve_hyperliquid(struct liq_buf *out, const char *q)
{
    mock.says_date = true;
    assert_non_null(strstr(q, "http://x/info{"));
    if (strstr(q, "candleSnapshot"))
        hyperliquid_klines(out, q);
    else if (strstr(q, "metaAndAssetCtxs"))
        liq_buf_text(
            out,
            "[{\"universe\":[{\"name\":\"ETH\"},{\"name\":"
            "\"BTC\",\"maxLeverage\":40}]},[{\"markPx\":\"5\"},{\"markPx\":"
            "\"102\",\"midPx\":\"101\",\"prevDayPx\":\"100\","
            "\"openInterest\":\"2000\",\"funding\":"
            "\"0.00001\"}]]");
    else
        liq_buf_text(out, "{\"specialStatuses\":null}");
}

/* --- HTX --------------------------------------------------------------------
 */

/* Of buyers and sellers. */
static void htx_row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "{\"id\":%" PRId64 ",\"open\":100.5,\"high\":103,\"low\":99,"
                   "\"close\":%d,\"vol\":14000,\"amount\":14,"
                   "\"trade_turnover\":1414}",
                   t / 1000, 100 + (int)(t / step % 3));
}

/* From and to in seconds; 2000 rows at most, of two years. */
static void htx_klines(struct liq_buf *out, const char *q)
{
    static const char *const names[] = {"1min",  "5min",  "15min",
                                        "60min", "4hour", "1day"};
    static const int64_t steps[] = {60000,   300000,   900000,
                                    3600000, 14400000, 86400000};
    int64_t from = query_number(q, "from=", 0) * 1000, step = 0;
    int64_t to = query_number(q, "&to=", 0) * 1000;
    char name[40];
    size_t i;

    query_word(q, "period=", name);
    for (i = 0; i < 6; i++)
        if (strcmp(names[i], name) == 0)
            step = steps[i];
    assert_true(step > 0 && to > from);
    if (from < mock_now() - 730 * LIQ_DAY_MS)
        from = mock_now() - 730 * LIQ_DAY_MS;
    serve_rows(out, step, from, to, 2000, false, false, htx_row);
}

static inline void serve_htx(struct liq_buf *out, const char *q)
{
    int64_t hour = mock_now() / LIQ_HOUR_MS * LIQ_HOUR_MS;
    int i;

    liq_buf_text(out, "{\"status\":\"ok\",");
    if (strstr(q, "/kline")) {
        liq_buf_text(out, "\"data\":[");
        htx_klines(out, q);
        liq_buf_text(out, "],");
    } else if (strstr(q, "/merged")) {
        liq_buf_text(out, "\"tick\":{\"close\":\"101\",\"open\":\"100\"},");
    } else if (strstr(q, "/swap_open_interest")) {
        liq_buf_text(out, "\"data\":[{\"amount\":4000,\"value\":404000}],");
    } else if (strstr(q, "/swap_funding_rate")) {
        liq_buf_text(out, "\"data\":{\"funding_rate\":\"0.0001\","
                          "\"funding_time\":\"1760140800000\"},");
    } else if (strstr(q, "/swap_his_open_interest")) {
        assert_non_null(strstr(q, "amount_type="));
        liq_buf_text(out, "\"data\":{\"tick\":[");
        for (i = 0; i < 200; i++)
            liq_buf_format(out, "%s{\"value\":300000,\"ts\":%" PRId64 "}",
                           i > 0 ? "," : "", hour - i * LIQ_HOUR_MS);
        liq_buf_text(out, "]},");
    }
    liq_buf_format(out, "\"ts\":%" PRId64 "}", mock_now());
}

#endif
