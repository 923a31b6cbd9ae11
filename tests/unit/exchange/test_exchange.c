#include "unit/exchange/mock.h"

#include <stdatomic.h>

#define BUDGET 2000

/* --- the exchange: Binance ------------------------------------------------ */

/* Open times of [start, end], at most limit. */
static void serve_klines(struct liq_buf *out, const char *url)
{
    int64_t step, t, end, limit, rows = 0;
    char name[40];

    query_word(url, "interval=", name);
    step = liq_interval_ms(name);
    t = query_number(url, "startTime=", 0);
    end = query_number(url, "endTime=", INT64_MAX);
    limit = query_number(url, "limit=", 500);
    if (t < mock.listed_ms)
        t = mock.listed_ms;
    t = (t + step - 1) / step * step;
    liq_buf_char(out, '[');
    for (; t <= end && t <= mock_now() && rows < limit; t += step) {
        liq_buf_format(out,
                       "%s[%" PRId64 ",\"100.5\",\"103\",\"99\",\"%d\",\"7\","
                       "%" PRId64 ",\"707\",3,\"1\",\"101\",\"0\"]",
                       rows > 0 ? "," : "", t, 100 + (int)(t / step % 3),
                       t + step - 1);
        rows++;
    }
    liq_buf_char(out, ']');
    mock.n_row += (size_t)rows;
}

/* Five-minute rows up to endTime, the newest last. */
static void serve_history(struct liq_buf *out, const char *url)
{
    int64_t end = query_number(url, "endTime=", mock_now());
    int64_t n = query_number(url, "limit=", 30), i;

    end = end / 300000 * 300000;
    liq_buf_char(out, '[');
    for (i = n - 1; i >= 0; i--)
        liq_buf_format(
            out,
            "{\"longAccount\":\"0.6\",\"sumOpenInterest\":\"5%02d\","
            "\"sumOpenInterestValue\":\"50000\",\"timestamp\":%" PRId64 "}%s",
            (int)i, end - i * 300000, i > 0 ? "," : "");
    liq_buf_char(out, ']');
}

static void serve(struct liq_buf *out, const char *url)
{
    if (strstr(url, "/fapi/v1/klines"))
        serve_klines(out, url);
    else if (strstr(url, "/futures/data/"))
        serve_history(out, url);
    else if (strstr(url, "/fapi/v1/time"))
        liq_buf_format(out, "{\"serverTime\":%" PRId64 "}", mock_now());
    else if (strstr(url, "/fapi/v1/ticker/24hr"))
        liq_buf_text(out,
                     "{\"lastPrice\":\"101\",\"priceChangePercent\":\"1\"}");
    else if (strstr(url, "/fapi/v1/fundingInfo"))
        liq_buf_text(out,
                     "[{\"symbol\":\"ETHUSDT\",\"fundingIntervalHours\":4}]");
    else if (strstr(url, "/fapi/v1/openInterest"))
        liq_buf_text(out, "{\"openInterest\":\"2000\"}");
    else if (strstr(url, "/fapi/v1/premiumIndex"))
        liq_buf_text(out,
                     "{\"markPrice\":\"102\",\"lastFundingRate\":\"0.0001\","
                     "\"nextFundingTime\":1760140800000}");
    else
        liq_buf_text(out,
                     "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"contractType\":"
                     "\"PERPETUAL\",\"status\":\"TRADING\",\"baseAsset\":"
                     "\"BTC\",\"quoteAsset\":\"USDT\"}]}");
}

/* What the exchange would count for the requests so far, from its own price
 * list. */
static int weight(void)
{
    int sum = 0;
    size_t i;

    for (i = 0; i < mock.n_url; i++) {
        int64_t limit = query_number(mock.url[i], "limit=", 500);

        if (strstr(mock.url[i], "/futures/data/") ||
            strstr(mock.url[i], "/fundingInfo"))
            continue;
        if (!strstr(mock.url[i], "/klines"))
            sum += 1;
        else
            sum += limit < 100 ? 1 : limit < 500 ? 2 : limit <= 1000 ? 5 : 10;
    }
    return sum;
}

static int setup(void **state)
{
    (void)state;
    mock_setup("binance", serve, BUDGET);
    return 0;
}

static void again(int budget)
{
    mock_teardown(NULL);
    mock_setup("binance", serve, budget);
}

/* One candle of a minute, for tests about all else. */
static enum liq_err fetch_one(void)
{
    return fetch_n(LIQ_MINUTE_MS, 1);
}

static void learn_clock(void)
{
    must(fetch_clock());
    assert_true(clock_says() == mock_now());
    mock_clear();
}

static void assert_whole(size_t n, int64_t interval_ms)
{
    const struct liq_klines *k = &got.data.klines;
    size_t i;

    assert_int_equal(k->n, n);
    for (i = 1; i < n; i++)
        assert_true(k->at[i].open_ms == k->at[i - 1].open_ms + interval_ms);
    assert_true(k->at[n - 1].open_ms ==
                liq_interval_floor(mock_now(), interval_ms));
}

/* --- what it costs ------------------------------------------------------ */

/* 1500 + 375 candles of 5m, from 1m: one round trip, cheap, no row twice. */
static void cold_start(void **state)
{
    (void)state;
    learn_clock();
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 9375), LIQ_OK);
    assert_whole(9375, LIQ_MINUTE_MS);
    assert_int_equal(mock.n_batch, 1);
    assert_int_equal(mock.n_widest, 19 + 6);
    assert_int_equal(mock_count("/fapi/v1/klines"), 19);
    assert_int_equal(mock.n_row, 9375);
    assert_int_equal(weight(), 19 * 2 + 4);
    assert_int_equal(got.data.n_warning, 0);
}

static void refresh(void **state)
{
    (void)state;
    learn_clock();
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 2), LIQ_OK);
    assert_whole(2, LIQ_MINUTE_MS);
    assert_int_equal(mock.n_batch, 1);
    assert_int_equal(weight(), 1 + 4);
}

/* The clock is requested once, and never after any response said it. */
static void clock_is_requested_once(void **state)
{
    (void)state;
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(mock.n_batch, 2);
    mock_clear();
    pass(1234);
    must(fetch_clock());
    assert_true(clock_says() == mock_now());
    assert_int_equal(mock.n_batch, 0);
}

/* A body is parsed once, whatever is read from it. */
static void one_parse_per_body(void **state)
{
    uint64_t before;

    (void)state;
    learn_clock();
    before = liq_json_parses();
    mock_add("/premium", 500, "{}", NULL, -1);
    must(fetch_n(LIQ_MINUTE_MS, 3000));
    assert_int_equal(mock.n_body, 7 + 6);
    assert_int_equal(liq_json_parses() - before, mock.n_body);
}

static void pages(void **state)
{
    static const struct {
        int64_t rows;
        bool open;
        size_t n;
        int weight;
    } cases[] = {
        {1, true, 1, 1},
        {97, true, 1, 1},
        {98, true, 1, 2},
        {99, false, 1, 1},
        {100, false, 1, 2},
        {499, false, 1, 2},
        {500, false, 2, 3},
        {497, true, 1, 2},
        {498, true, 2, 3},
        {9375, true, 19, 38},
        {11250, true, 23, 46},
        {LIQ_PAGES_MAX * 499, false, 128, 256},
        {LIQ_PAGES_MAX * 499 + 1, false, 0, 0},
    };
    struct liq_page page[LIQ_PAGES_MAX];
    const struct liq_exchange_row *row = liq_exchange_row("binance");
    const struct liq_interval *minute = liq_row_interval(row, LIQ_MINUTE_MS);
    size_t i, j;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t from = 6000000, last = from + (cases[i].rows - 1) * 60000;
        size_t n = liq_plan_pages(row, minute, from, last, last, cases[i].open,
                                  false, page);
        int weight = 0;

        assert_int_equal(n, cases[i].n);
        for (j = 0; j < n; j++) {
            assert_true(page[j].start_ms == from);
            from = page[j].end_ms + 1;
            weight += page[j].weight;
        }
        assert_int_equal(weight, cases[i].weight);
        if (n > 0 && cases[i].open)
            assert_true(page[n - 1].end_ms == 0);
        else if (n > 0)
            assert_true(page[n - 1].end_ms == last + 60000 - 1);
    }
}

/* --- what comes out ----------------------------------------------------- */

static void statistics(void **state)
{
    (void)state;
    assert_int_equal(fetch_n(LIQ_HOUR_MS, 3), LIQ_OK);
    assert_whole(3, LIQ_HOUR_MS);
    assert_true(got.data.ticker.last == 101.0);
    assert_true(got.data.statistics.open_interest == 2000.0);
    assert_true(got.data.statistics.open_interest_usd == 204000.0);
    assert_true(got.data.statistics.mark_price == 102.0);
    assert_true(got.data.statistics.funding_rate == 0.0001);
    assert_true(got.data.statistics.next_funding_ms == INT64_C(1760140800000));
    assert_true(got.data.statistics.long_account_share == 0.6);
    assert_true(got.data.server_ms == mock_now());
}

/* Pages before the listing are empty and no fault. */
static void listed_lately(void **state)
{
    (void)state;
    mock.listed_ms =
        liq_interval_floor(mock_now(), LIQ_MINUTE_MS) - 699 * LIQ_MINUTE_MS;
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 3000), LIQ_OK);
    assert_whole(700, LIQ_MINUTE_MS);
}

static void nothing_listed(void **state)
{
    (void)state;
    mock.listed_ms = INT64_MAX / 2;
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 3), LIQ_ENOTFOUND);
    assert_non_null(strstr(got.why.text, "BTCUSDT"));
}

/* Candles that closed long ago are the same wherever they are given; nothing
 * that is to come is taken. */
static void contradictions(void **state)
{
    int64_t now = mock_now() / 60000 * 60000;
    char body[500];

    (void)state;
    learn_clock();
#define ROW "[%" PRId64 ",2,4,1,%d,10,0,25]"
    snprintf(body, sizeof body, "[" ROW "," ROW "," ROW "]", now - 300000, 3,
             now - 300000, 2, now, 3);
    mock_add("/klines", 200, body, NULL, 1);
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 10), LIQ_EFORMAT);
    assert_non_null(strstr(got.why.text, "two of one time"));
    /* The same twice, and one that was still forming. */
    snprintf(body, sizeof body, "[" ROW "," ROW "," ROW "," ROW "," ROW "]",
             now - 300000, 3, now - 300000, 3, now, 3, now, 2, now + 60000, 2);
    mock_add("/klines", 200, body, NULL, 1);
    must(fetch_n(LIQ_MINUTE_MS, 10));
    assert_int_equal(got.data.klines.n, 2);
    assert_true(got.data.klines.at[1].open_ms == now);
    assert_true(got.data.klines.at[1].close == 2.0);
}

/* All but the candles may fail: absent, with a sentence. */
static void partial(void **state)
{
    static const struct {
        const char *path;
        int status;
        const char *body, *warning;
    } cases[] = {
        {"/ticker/24hr", 500, "", "ticker: HTTP 500"},
        {"/openInterest", 500, "<html>", "open interest: HTTP 500"},
        {"/openInterest", 200, "{}", "open interest: no openInterest"},
        {"/openInterest", 200, "[", "open interest: the body is not JSON"},
        {"/premiumIndex", 400, "{\"code\":-1102,\"msg\":\"Bad.\"}",
         "mark price and funding: HTTP 400: Bad."},
        {"Ratio", 200, "[]", "long/short ratio: nothing known"},
        {"Ratio", 503, "{\"code\":-1,\"msg\":\"Service Unavailable.\"}",
         "long/short ratio: HTTP 503: Service Unavailable."},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool ticker = strstr(cases[i].path, "ticker") != NULL;
        bool interest = strstr(cases[i].path, "openI") != NULL;
        bool premium = strstr(cases[i].path, "premium") != NULL;
        bool ratio = strstr(cases[i].path, "Ratio") != NULL;
        struct liq_statistics *s = &got.data.statistics;

        mock_clear();
        mock_add(cases[i].path, cases[i].status, cases[i].body, NULL, -1);
        assert_int_equal(fetch_n(LIQ_MINUTE_MS, 3), LIQ_OK);
        assert_int_equal(got.data.n_warning, 1);
        if (strncmp(got.data.warning[0], cases[i].warning,
                    strlen(cases[i].warning)) != 0)
            fail_msg("'%s' is not '%s'", got.data.warning[0], cases[i].warning);
        assert_true(isnan(got.data.ticker.last) == ticker);
        assert_true(isnan(s->open_interest) == interest);
        assert_true(isnan(s->open_interest_usd) == interest);
        assert_true(isnan(s->mark_price) == premium);
        assert_true(isnan(s->funding_rate) == premium);
        assert_true((s->next_funding_ms == 0) == premium);
        assert_true(isnan(s->long_account_share) == ratio);
        if (premium) /* valued at the last price instead */
            assert_true(s->open_interest_usd == 202000.0);
    }
}

static void all_else_fails(void **state)
{
    (void)state;
    learn_clock();
    mock_add("/ticker", 500, "", NULL, -1);
    mock_add("/premium", 500, "", NULL, -1);
    mock_add("/futures/data", 500, "", NULL, -1);
    mock_break("/time", LIQ_ENET, -1);
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 3), LIQ_OK);
    assert_int_equal(got.data.n_warning, 3);
    /* Valued at the newest close. */
    assert_true(got.data.statistics.open_interest_usd ==
                2000.0 * got.data.klines.at[2].close);
    assert_true(got.data.server_ms == mock_now());
}

/* --- the past ----------------------------------------------------------- */

static void the_past(void **state)
{
    int64_t to;

    (void)state;
    learn_clock();
    to = liq_interval_floor(mock_now(), LIQ_HOUR_MS) - 48 * LIQ_HOUR_MS +
         1800000;
    must(fetch_past(LIQ_HOUR_MS, 10, to));
    assert_int_equal(got.data.klines.n, 10);
    assert_true(got.data.klines.at[0].open_ms == got.from_ms);
    assert_true(got.data.klines.at[9].open_ms + LIQ_HOUR_MS <= to);
    assert_int_equal(mock_count("/ticker"), 0);
    assert_int_equal(mock_count("/premium"), 0);
    assert_int_equal(mock_count("/fapi/v1/openInterest"), 0);
    assert_true(isnan(got.data.ticker.last));
    assert_true(isnan(got.data.statistics.funding_rate));
    assert_true(got.data.statistics.open_interest == 500.0);
    assert_true(got.data.statistics.open_interest_usd == 50000.0);
    assert_true(got.data.statistics.long_account_share == 0.6);
    assert_true(got.data.server_ms == mock_now());
}

/* A candle that closes exactly then is in. */
static void the_past_on_a_close(void **state)
{
    int64_t to = liq_interval_floor(mock_now(), LIQ_HOUR_MS);

    (void)state;
    must(fetch_past(LIQ_HOUR_MS, 3, to));
    assert_int_equal(got.data.klines.n, 3);
    /* A moment to come does not bring the forming one. */
    must(fetch_of("BTCUSDT", LIQ_HOUR_MS, to - 3 * LIQ_HOUR_MS,
                  mock_now() + 10 * LIQ_HOUR_MS));
    assert_int_equal(got.data.klines.n, 3);
}

static void long_past(void **state)
{
    (void)state;
    learn_clock();
    must(fetch_past(LIQ_DAY_MS, 5, mock_now() - 31 * LIQ_DAY_MS));
    assert_int_equal(got.data.klines.n, 5);
    assert_int_equal(mock_count("/futures/data"), 0);
    assert_true(isnan(got.data.statistics.open_interest));
    assert_true(isnan(got.data.statistics.open_interest_usd));
    assert_non_null(strstr(got.data.warning[0], "30 days"));
}

/* --- failures ----------------------------------------------------------- */

static void failures(void **state)
{
    static const struct {
        const char *name;
        int status;
        const char *body;
        enum liq_err err;
        const char *says;
        int64_t retry_after_ms;
    } cases[] = {
        {"symbol", 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}",
         LIQ_ENOTFOUND, "binance: HTTP 400: Invalid symbol.", 0},
        {"our fault", 400, "{\"code\":-1130,\"msg\":\"Bad limit.\"}",
         LIQ_EFORMAT, "binance: HTTP 400: Bad limit.", 0},
        {"gateway", 502, "<html>502</html>", LIQ_ENET, "binance: HTTP 502", 0},
        {"backend", 408, "", LIQ_ENET, "binance: HTTP 408", 0},
        {"shutting down", 400, "{\"code\":-1016,\"msg\":\"Closed.\"}", LIQ_ENET,
         "binance: HTTP 400: Closed.", 0},
        {"maintenance", 200, "{\"239999\":\"under maintenance\"}", LIQ_ENET,
         "binance: HTTP 200: under maintenance", 0},
        {"region", 451,
         "{\"code\":0,\"msg\":\"Service unavailable from a "
         "restricted location\"}",
         LIQ_EBLOCKED,
         "binance: HTTP 451: Service unavailable from a restricted location",
         300000},
        {"firewall", 403, "<html>", LIQ_EBLOCKED, "binance: HTTP 403", 300000},
        {"rate", 429, "{\"code\":-1003,\"msg\":\"Too many requests.\"}",
         LIQ_ERATE, "binance: HTTP 429: Too many requests.", 60000},
        {"rate by its code", 400, "{\"code\":-1003,\"msg\":\"Slow down.\"}",
         LIQ_ERATE, "binance: HTTP 400: Slow down.", 60000},
        {"ban", 418, "", LIQ_ERATE, "binance: HTTP 418", 120000},
        {"an object", 200, "{}", LIQ_EFORMAT,
         "binance: candles: the body is not an array", 0},
        {"broken row", 200, "[[1,2,3,4,5,6]]", LIQ_EFORMAT,
         "binance: candles: row 0", 0},
        {"off the interval", 200, "[[60001,2,4,1,3,10,0,25]]", LIQ_EFORMAT,
         "binance: candles: row 0: does not open", 0},
        {"moved", 302, "", LIQ_EFORMAT, "binance: HTTP 302", 0},
        {"empty", 200, "", LIQ_EFORMAT, "binance: the body is not JSON", 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum liq_err err;

        again(BUDGET);
        learn_clock();
        mock_add("/klines", cases[i].status, cases[i].body, NULL, -1);
        err = fetch_n(LIQ_MINUTE_MS, 3);
        if (err != cases[i].err || got.why.code != err ||
            strncmp(got.why.text, cases[i].says, strlen(cases[i].says)) != 0 ||
            got.why.retry_after_ms != cases[i].retry_after_ms)
            fail_msg("%s: %s '%s' %lld", cases[i].name, liq_err_name(err),
                     got.why.text, (long long)got.why.retry_after_ms);
        assert_null(got.data.klines.at);
    }
}

/* A page lost to the network is requested once more, alone; a second loss
 * fails it all: the series has no holes. */
static void lost_page(void **state)
{
    (void)state;
    learn_clock();
    mock_break("/klines", LIQ_ENET, 1);
    must(fetch_n(LIQ_MINUTE_MS, 2000));
    assert_whole(2000, LIQ_MINUTE_MS);
    assert_int_equal(mock.n_batch, 2);
    assert_int_equal(mock_count("/klines"), 6);
    mock_clear();
    mock_add("/klines", 503, "", NULL, 2);
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 2000), LIQ_OK);
    assert_int_equal(mock_count("/klines"), 7);
    mock_clear();
    mock_break("limit=99", LIQ_ENET, -1);
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 2), LIQ_ENET);
    assert_string_equal(got.why.text, "binance: broken on purpose");
    assert_int_equal(mock.n_batch, 2);
    mock_clear();
    mock_break("/klines", LIQ_ETIMEOUT, 1);
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 2), LIQ_ETIMEOUT);
    assert_int_equal(mock.n_batch, 1);
}

static void bad_fetches(void **state)
{
    static const struct {
        const char *symbol;
        int64_t interval_ms, from_ms;
    } cases[] = {
        {"BTC/USDT", 60000, 60000},  {"btcusdt", 60000, 60000},
        {"", 60000, 60000},          {"B", 60000, 60000},
        {"BTCUSDT&x", 60000, 60000}, {"BTCUSDT", 61000, 61000},
        {"BTCUSDT", 60000, 60001},   {"BTCUSDT", 60000, 0},
        {"BTCUSDT", 60000, -60000},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(fetch_of(cases[i].symbol, cases[i].interval_ms,
                                  cases[i].from_ms, 0),
                         LIQ_EINVAL);
    assert_int_equal(mock.n_url, 0);
    /* Too far back for so small candles. */
    assert_int_equal(fetch_n(LIQ_MINUTE_MS, 1000000), LIQ_EINVAL);
    assert_int_equal(mock_count("/klines"), 0);
}

/* --- left alone ----------------------------------------------------------- */

/* While we are to wait, nothing at all is sent; then all is well again. */
static void left_alone(void **state)
{
    static const struct {
        const char *name, *path;
        int status;
        const char *body, *headers;
        enum liq_err first, later;
        int64_t wait_ms;
    } cases[] = {
        {"429 says how long", "/klines", 429, "", "retry-after: 17\n",
         LIQ_ERATE, LIQ_ERATE, 17000},
        {"418 says until when", "/klines", 418,
         "{\"code\":-1003,\"msg\":\"IP(1.2.3.4) banned until 1760132445678.\"}",
         NULL, LIQ_ERATE, LIQ_ERATE, 100000},
        {"header before text", "/klines", 418,
         "{\"code\":-1003,\"msg\":\"banned until 1760132445678.\"}",
         "retry-after: 5\n", LIQ_ERATE, LIQ_ERATE, 5000},
        {"418 says nothing", "/klines", 418, "", NULL, LIQ_ERATE, LIQ_ERATE,
         120000},
        {"nonsense", "/klines", 429, "", "retry-after: soon\n", LIQ_ERATE,
         LIQ_ERATE, 60000},
        {"at once", "/klines", 429, "", "retry-after: 0\n", LIQ_ERATE,
         LIQ_ERATE, 1000},
        {"for ever", "/klines", 418, "", "retry-after: 99999999\n", LIQ_ERATE,
         LIQ_ERATE, 3 * 86400000},
        {"no ban, for ever", "/klines", 429, "", "retry-after: 99999999\n",
         LIQ_ERATE, LIQ_ERATE, 600000},
        {"blocked", "/klines", 451, "", NULL, LIQ_EBLOCKED, LIQ_EBLOCKED,
         300000},
        {"candles came, all the same", "/ticker", 429, "", NULL, LIQ_OK,
         LIQ_ERATE, 60000},
        {"so does a ratio", "/futures/data", 429, "", "retry-after: 30\n",
         LIQ_OK, LIQ_ERATE, 30000},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        again(BUDGET);
        learn_clock();
        mock_add(cases[i].path, cases[i].status, cases[i].body,
                 cases[i].headers, 1);
        assert_int_equal(fetch_one(), cases[i].first);
        mock_clear();
        pass(cases[i].wait_ms - 1);
        assert_int_equal(fetch_one(), cases[i].later);
        if (got.why.retry_after_ms != 1)
            fail_msg("%s: %lld more", cases[i].name,
                     (long long)got.why.retry_after_ms);
        assert_non_null(strstr(got.why.text, "HTTP 4"));
        assert_int_equal(fetch_symbols(), cases[i].later);
        assert_int_equal(mock.n_batch, 0);
        pass(1);
        assert_int_equal(fetch_one(), LIQ_OK);
    }
}

/* A block met by the very first request is reported as such. */
static void blocked_from_the_start(void **state)
{
    (void)state;
    mock_add("/", 451, "{\"code\":0,\"msg\":\"Not here.\"}", NULL, -1);
    mock.rule[0].date_ms = INT64_C(1760132345000);
    assert_int_equal(fetch_clock(), LIQ_EBLOCKED);
    assert_string_equal(got.why.text, "binance: HTTP 451: Not here.");
    assert_int_equal(fetch_one(), LIQ_EBLOCKED);
    assert_int_equal(mock.n_batch, 1);
}

/* --- the budget --------------------------------------------------------- */

static void budget(void **state)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_SERIES,
                          .symbol = "BTCUSDT",
                          .interval_ms = LIQ_MINUTE_MS};
    int64_t wait_ms;

    (void)state;
    again(11);
    learn_clock();                         /* 1 */
    assert_int_equal(fetch_one(), LIQ_OK); /* 6 */
    assert_int_equal(fetch_one(), LIQ_OK); /* 11 */
    mock_clear();
    /* There is no place before its deadline. */
    assert_int_equal(fetch_one(), LIQ_ERATE);
    assert_int_equal(mock.n_batch, 0);
    assert_non_null(strstr(got.why.text, "request budget"));
    wait_ms = 60000 - mock_now() % 60000;
    assert_true(got.why.retry_after_ms == wait_ms);
    /* With a later one it waits for its place, and no thread with it. */
    f.from_ms = liq_interval_floor(mock_now(), LIQ_MINUTE_MS);
    f.deadline_ms = mock.clock.held_mono_ms + wait_ms + 1000;
    begin(&f);
    assert_int_equal(n_done, 0);
    pass(wait_ms - 1);
    run_all();
    assert_int_equal(n_done, 0);
    assert_int_equal(mock.n_batch, 0);
    pass(1);
    run_all();
    assert_int_equal(n_done, 1);
    must(got.why.code);
    assert_int_equal(mock.n_batch, 1);
    assert_int_equal(got.data.n_warning, 0);
}

/* What nobody waits for does not queue. */
static void budget_of_the_background(void **state)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_SERIES,
                          .symbol = "BTCUSDT",
                          .interval_ms = LIQ_MINUTE_MS,
                          .background = true};

    (void)state;
    again(11);
    f.from_ms = liq_interval_floor(mock_now(), LIQ_MINUTE_MS);
    must(run(&f)); /* 1 + 5 */
    f.deadline_ms = mock.clock.held_mono_ms + 2 * LIQ_MINUTE_MS;
    assert_int_equal(run(&f), LIQ_ERATE);
    f.background = false;
    must(run(&f));
}

/* Others behind our address spend from the same account. */
static void budget_of_the_exchange(void **state)
{
    (void)state;
    mock.headers = "x-mbx-used-weight-1m: 1990\n";
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(fetch_one(), LIQ_ERATE);
    pass(got.why.retry_after_ms);
    assert_int_equal(fetch_one(), LIQ_OK);
    /* What was counted in another minute is no news. */
    mock.headers = "x-mbx-used-weight-1m: 2400\n";
    mock.says_date = true;
    mock.date_ms = INT64_C(1760132339000);
    pass(LIQ_MINUTE_MS);
    mock.ahead_ms = INT64_C(1760132344000) - mock.clock.held_mono_ms;
    assert_int_equal(fetch_one(), LIQ_OK);
    assert_int_equal(fetch_one(), LIQ_OK);
}

/* A retry that the budget cannot pay is not sent. */
static void budget_of_a_retry(void **state)
{
    (void)state;
    again(6);
    learn_clock();
    mock_break("/klines", LIQ_ENET, 1);
    assert_int_equal(fetch_one(), LIQ_ENET);
    assert_int_equal(mock.n_batch, 1);
}

/* --- the clock ---------------------------------------------------------- */

static void another_year(void **state)
{
    (void)state;
    mock.ahead_ms = INT64_C(1940000000000); /* 2031 */
    must(fetch_n(LIQ_HOUR_MS, 5));
    assert_whole(5, LIQ_HOUR_MS);
    assert_true(got.data.server_ms == mock_now());
    /* It moves while we run: two responses that agree say so. */
    mock.ahead_ms -= 10 * LIQ_MINUTE_MS;
    must(fetch_one());
    assert_true(clock_says() == mock_now() + 10 * LIQ_MINUTE_MS);
    must(fetch_one());
    assert_true(clock_says() == mock_now());
    mock.ahead_ms += 30 * LIQ_MINUTE_MS;
    must(fetch_one());
    must(fetch_one());
    assert_true(clock_says() == mock_now());
    must(fetch_n(LIQ_HOUR_MS, 5));
    assert_whole(5, LIQ_HOUR_MS);
}

/* Without the time in a body, the Date of a good response. */
static void date_is_second(void **state)
{
    (void)state;
    mock_add("/time", 200, "{}", NULL, 1);
    mock.rule[0].date_ms = INT64_C(1760132345000);
    must(fetch_clock());
    assert_true(clock_says() == INT64_C(1760132345000));
    must(fetch_one());
    assert_true(clock_says() == mock_now());
    /* A proxy's Date a few seconds off does not make the clock jump about. */
    mock.says_date = true;
    mock.date_ms = INT64_C(1760132338000);
    must(fetch_one());
    assert_true(clock_says() == mock_now());
}

/* One response that is far off, or says what no clock says, moves nothing. */
static void wrong_clocks(void **state)
{
    static const char *const bodies[] = {
        "{\"serverTime\":1760132345678000}", "{\"serverTime\":1760132345}",
        "{\"serverTime\":1760000000000}", "{\"serverTime\":\"soon\"}"};
    size_t i;

    (void)state;
    for (i = 0; i < 4; i++) {
        must(fetch_one());
        mock_clear();
        mock_add("/time", 200, bodies[i], NULL, 1);
        must(fetch_one());
        assert_true(clock_says() == mock_now());
    }
    again(BUDGET);
    mock_add("/time", 200, bodies[0], NULL, -1);
    assert_int_equal(fetch_clock(), LIQ_EFORMAT);
}

/* What fails says nothing about the time. */
static void no_clock_at_all(void **state)
{
    (void)state;
    mock_add("/time", 500, "{\"serverTime\":1}", NULL, -1);
    mock.rule[0].date_ms = INT64_C(1760132345000);
    assert_int_equal(fetch_clock(), LIQ_ENET);
    assert_int_equal(fetch_one(), LIQ_ENET);
    assert_string_equal(got.why.text, "binance: HTTP 500");
    assert_int_equal(mock_count("/klines"), 0);
    assert_true(clock_says() == 0);
}

/* --- the rest ----------------------------------------------------------- */

static void list_symbols(void **state)
{
    (void)state;
    must(fetch_symbols());
    assert_int_equal(got.symbols.n, 1);
    assert_string_equal(got.symbols.at[0].name, "BTCUSDT");
    mock_add("/exchangeInfo", 200, "[]", NULL, 1);
    assert_int_equal(fetch_symbols(), LIQ_EFORMAT);
    /* An exchange that lists nothing is ill. */
    mock_add("/exchangeInfo", 200, "{\"symbols\":[]}", NULL, 1);
    assert_int_equal(fetch_symbols(), LIQ_EFORMAT);
    assert_int_equal(got.symbols.n, 0);
}

static void engines(void **state)
{
    static const char *const table[][2] = {
        {"5m", "1m"}, {"15m", "5m"}, {"1h", "15m"}, {"4h", "1h"}, {"1d", "4h"}};
    size_t i;

    (void)state;
    for (i = 0; i < 5; i++)
        assert_true(mock.exchange->engine_ms(mock.exchange,
                                             liq_interval_ms(table[i][0])) ==
                    liq_interval_ms(table[i][1]));
    assert_true(mock.exchange->engine_ms(mock.exchange, LIQ_MINUTE_MS) == 0);
    assert_true(mock.exchange->engine_ms(mock.exchange, 0) == 0);
}

#define FETCHES 40

static atomic_int good;

static void count_good(struct liq_fetch *f)
{
    good += f->why.code == LIQ_OK && f->data.klines.n == 601;
    liq_market_data_free(&f->data);
}

/* Many at a time, on several threads. */
static void threads(void **state)
{
    static struct liq_fetch f[FETCHES];
    size_t i;

    (void)state;
    mock_close();
    mock_open("binance", BUDGET, 4);
    good = 0;
    for (i = 0; i < FETCHES; i++) {
        memset(&f[i], 0, sizeof f[i]);
        memcpy(f[i].symbol, "BTCUSDT", 8);
        f[i].kind = LIQ_FETCH_SERIES;
        f[i].interval_ms = LIQ_MINUTE_MS;
        f[i].from_ms =
            liq_interval_floor(mock_now(), LIQ_MINUTE_MS) - 600 * LIQ_MINUTE_MS;
        f[i].deadline_ms = mock.clock.held_mono_ms + DEADLINE_MS;
        f[i].done = count_good;
        mock.exchange->fetch(mock.exchange, &f[i]);
    }
    liq_work_free(mock.work);
    mock.work = liq_work_new(0, 1, &mock.clock);
    assert_int_equal(good, FETCHES);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, mock_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(cold_start),
        CASE(refresh),
        CASE(clock_is_requested_once),
        CASE(one_parse_per_body),
        CASE(pages),
        CASE(statistics),
        CASE(listed_lately),
        CASE(nothing_listed),
        CASE(contradictions),
        CASE(partial),
        CASE(all_else_fails),
        CASE(the_past),
        CASE(the_past_on_a_close),
        CASE(long_past),
        CASE(failures),
        CASE(lost_page),
        CASE(bad_fetches),
        CASE(left_alone),
        CASE(blocked_from_the_start),
        CASE(budget),
        CASE(budget_of_the_background),
        CASE(budget_of_the_exchange),
        CASE(budget_of_a_retry),
        CASE(another_year),
        CASE(date_is_second),
        CASE(wrong_clocks),
        CASE(no_clock_at_all),
        CASE(list_symbols),
        CASE(engines),
        CASE(threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
