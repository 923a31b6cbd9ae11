#include "unit/market/venue_test.h"

#define ROW (&liq_row_bybit)

#define GOOD "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"list\":["

static void row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "[\"%" PRId64 "\",\"100.5\",\"103\",\"99\",\"%d\","
                   "\"7\",\"707\"]",
                   t, 100 + (int)(t / step % 3));
}

/* With a start and no end, a longer range gives its newest rows. */
static void klines(struct fake *f, const char *q, struct liq_buf *out)
{
    char name[40];
    int64_t step, limit = query_number(q, "limit=", 200);

    query_word(q, "interval=", name);
    step = strcmp(name, "D") == 0 ? LIQ_DAY_MS
                                  : strtoll(name, NULL, 10) * LIQ_MINUTE_MS;
    assert_true(step > 0 && limit <= 1000);
    fake_rows(f, out, step, query_number(q, "start=", 0),
              query_number(q, "end=", INT64_MAX), limit, true, true, row);
}

static void serve(struct fake *f, const char *q, struct liq_buf *out)
{
    int64_t to = query_number(q, "endTime=", fake_now(f)) / 300000 * 300000;

    liq_buf_text(out, GOOD);
    if (strstr(q, "/kline"))
        klines(f, q, out);
    else if (strstr(q, "/tickers"))
        liq_buf_text(out, "{\"lastPrice\":\"101\",\"markPrice\":\"102\","
                          "\"openInterest\":\"4000\",\"fundingRate\":"
                          "\"0.0001\",\"price24hPcnt\":\"0.01\"}");
    else if (strstr(q, "/account-ratio"))
        liq_buf_format(
            out, "{\"buyRatio\":\"0.6\",\"timestamp\":\"%" PRId64 "\"}", to);
    else if (strstr(q, "/open-interest"))
        liq_buf_format(
            out, "{\"openInterest\":\"3000\",\"timestamp\":\"%" PRId64 "\"}",
            to);
    liq_buf_format(out, "]},\"time\":%" PRId64 "}", fake_now(f));
}

static int setup(void **state)
{
    (void)state;
    return venue_setup(ROW, serve);
}

static void cold(void **state)
{
    static const struct cold_start cases[] = {
        {"5m", "1m", 9, false},  {"15m", "5m", 5, false},
        {"1h", "15m", 8, false}, {"4h", "1h", 8, false},
        {"1d", "4h", 10, false},
    };

    (void)state;
    check_cold_starts(cases, sizeof cases / sizeof cases[0]);
}

static void list_symbols(void **state)
{
    static const struct {
        const char *name, *base;
        double tick; /* 0: not said */
    } expected[] = {
        {"1000PEPEUSDT", "1000PEPE", 0.0},
        {"BTCUSDT", "BTC", 0.1},
        {"ETHUSDT", "ETH", 0.01},
    };
    struct liq_symbols list;
    struct liq_buf b = fixture(ROW->name, "symbols.json");
    size_t i, n = sizeof expected / sizeof expected[0];

    (void)state;
    fake_add(&fake, "/instruments-info?category=linear", 200, b.data, NULL, -1);
    must(market->symbols(market, DEADLINE, &list, &why));
    assert_int_equal(list.n, n);
    for (i = 0; i < n; i++) {
        assert_string_equal(list.at[i].name, expected[i].name);
        assert_string_equal(list.at[i].base, expected[i].base);
        if (expected[i].tick > 0.0)
            assert_near(list.at[i].tick, expected[i].tick);
        else
            assert_true(isnan(list.at[i].tick));
    }
    liq_symbols_free(&list);
    liq_buf_free(&b);
}

static void failures(void **state)
{
    static const struct failure cases[] = {
        {"symbol", "/kline", 200,
         "{\"retCode\":10001,\"retMsg\":\"Not supported symbols\"}", NULL,
         LIQ_ENOTFOUND, "HTTP 200: Not supported symbols", 0},
        {"our fault", "/kline", 200,
         "{\"retCode\":10001,\"retMsg\":\"params error\"}", NULL, LIQ_EFORMAT,
         "HTTP 200: params error", 0},
        {"rate", "/kline", 200,
         "{\"retCode\":10006,\"retMsg\":\"Too many visits!\"}", NULL, LIQ_ERATE,
         "HTTP 200: Too many visits!", 5000},
        {"rate, and until when", "/kline", 200,
         "{\"retCode\":10006,\"retMsg\":\"Too many visits!\"}",
         "x-bapi-limit-reset-timestamp: 1760132348678\n", LIQ_ERATE,
         "HTTP 200: Too many visits!", 3000},
        {"shut out for asking", "/kline", 403,
         "<html>403 access too frequent</html>", NULL, LIQ_ERATE,
         "HTTP 403: access too frequent", 600000},
        {"shut out for the place", "/kline", 403, "<html>CloudFront</html>",
         NULL, LIQ_EBLOCKED, "HTTP 403", 600000},
        {"region", "/kline", 200,
         "{\"retCode\":10024,\"retMsg\":\"Compliance rules\"}", NULL,
         LIQ_EBLOCKED, "HTTP 200: Compliance rules", 600000},
        {"protection", "/kline", 429, "", "retry-after: 7\n", LIQ_ERATE,
         "HTTP 429", 7000},
        {"restarting", "/kline", 200,
         "{\"retCode\":10016,\"retMsg\":\"Internal error\"}", NULL, LIQ_ENET,
         "HTTP 200: Internal error", 0},
        {"no list", "/kline", 200, "{\"retCode\":0,\"result\":{}}", NULL,
         LIQ_EFORMAT, "candles: no result.list", 0},
        {"html", "/kline", 200, "<html>", NULL, LIQ_EFORMAT,
         "candles: the answer", 0},
    };

    (void)state;
    CHECK_FAILURES(ROW, serve, cases);
}

static void klines_of_fixtures(void **state)
{
    (void)state;
    check_kline_fixtures(ROW, true);
}

static void prefixes(void **state)
{
    (void)state;
    check_prefixes(ROW);
}

static void urls(void **state)
{
    (void)state;
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(fake.n_url, 1 + 3);
    assert_int_equal(
        fake_count(&fake, "http://x/v5/market/kline?category=linear&symbol="
                          "BTCUSDT&interval=60&start=1760126400000&limit=1000"),
        1);
    assert_int_equal(fake_count(&fake, "endTime"), 0);
    liq_market_answer_free(&answer);
    /* The ratio is good for a minute, the ticker is not. */
    fake_clear(&fake);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(fake_count(&fake, "/account-ratio"), 0);
    assert_int_equal(fake_count(&fake, "/tickers"), 1);
    assert_true(answer.statistics.long_account_share == 0.6);
    liq_market_answer_free(&answer);
    pass(LIQ_MINUTE_MS + 1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(fake_count(&fake, "/account-ratio"), 1);
    liq_market_answer_free(&answer);
}

static void units(void **state)
{
    struct liq_buf b = fixture("bybit", "ticker.json");
    struct liq_buf old = fixture("bybit", "ticker_old.json");

    (void)state;
    fake_add(&fake, "/tickers", 200, b.data, NULL, 1);
    fake_add(&fake, "/tickers", 200, old.data, NULL, -1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_true(answer.ticker.last == 60620.3);
    assert_true(answer.ticker.high_24h == 61900.0);
    assert_true(answer.ticker.low_24h == 60500.0);
    assert_near(answer.ticker.change_percent_24h, -0.786);
    assert_true(answer.ticker.volume_24h == 118913.3);
    assert_true(answer.ticker.quote_volume_24h == 7254900000.1);
    assert_true(answer.statistics.open_interest == 52000.25);
    assert_true(answer.statistics.open_interest_usd == 3152000000.125);
    assert_true(answer.statistics.mark_price == 60615.0);
    assert_true(answer.statistics.funding_rate == -0.000125);
    assert_true(answer.statistics.next_funding_ms == INT64_C(1760140800000));
    liq_market_answer_free(&answer);
    /* Before they told one side, both: half of that. */
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_true(answer.statistics.open_interest == 52000.25);
    liq_market_answer_free(&answer);
    liq_buf_free(&b);
    liq_buf_free(&old);
}

static void the_past(void **state)
{
    struct liq_market_ask ask = {"BTCUSDT", LIQ_HOUR_MS, 0, 0, false};

    (void)state;
    ask.to_ms = INT64_C(1750000000000);
    ask.from_ms = liq_interval_floor(ask.to_ms, LIQ_HOUR_MS) - 10 * LIQ_HOUR_MS;
    must(market->fetch(market, &ask, DEADLINE, &answer, &why));
    assert_int_equal(answer.klines.n, 10);
    assert_true(isnan(answer.ticker.last));
    assert_true(answer.statistics.open_interest == 1500.0);
    assert_true(answer.statistics.long_account_share == 0.6);
    assert_int_equal(fake_count(&fake, "/tickers"), 0);
    assert_int_equal(fake_count(&fake, "endTime=1750000000000"), 2);
    assert_int_equal(fake_count(&fake, "&end="), 1);
    liq_market_answer_free(&answer);
}

static void a_part_fails(void **state)
{
    (void)state;
    fake_add(&fake, "/tickers", 500, "", NULL, -1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(answer.n_warning, 1);
    assert_string_equal(answer.warning[0],
                        "ticker, open interest and funding: HTTP 500");
    assert_true(isnan(answer.statistics.open_interest));
    assert_true(answer.statistics.long_account_share == 0.6);
    liq_market_answer_free(&answer);
}

/* Our half of 600 questions in 5 s; then nothing more is sent. */
static void budget(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < 400 && fetch_n(LIQ_HOUR_MS, 2) == LIQ_OK; i++)
        liq_market_answer_free(&answer);
    assert_int_equal(why.code, LIQ_ERATE);
    assert_true(why.retry_after_ms > 0 && why.retry_after_ms <= 5000);
    assert_true(fake.n_url <= 300 && fake.n_url >= 298);
    pass(why.retry_after_ms);
    /* What others behind our address spend counts too. */
    fake.headers = "x-bapi-limit: 100\nx-bapi-limit-status: 40\n";
    must(fetch_n(LIQ_HOUR_MS, 2));
    liq_market_answer_free(&answer);
    assert_int_equal(fetch_n(LIQ_HOUR_MS, 2), LIQ_ERATE);
}

static void recorded(void **state)
{
    (void)state;
    if (!check_shared(ROW, "bybit"))
        skip();
    assert_true(shared_klines(ROW, "bybit", "v5_market_kline.json") > 1);
    assert_int_equal(
        shared_symbols(ROW, "bybit", "v5_market_instruments-info_linear.json"),
        1);
    assert_near(shared_part(ROW, "/tickers", 0, "bybit",
                            "v5_market_tickers_linear.json")
                    .ticker.last,
                16597.0);
    assert_near(shared_part(ROW, "/open-interest", INT64_C(1669571400000),
                            "bybit", "v5_market_open-interest.json")
                    .statistics.open_interest,
                461134384.0 / 2.0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, venue_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(cold),
        CASE(list_symbols),
        CASE(urls),
        CASE(units),
        CASE(the_past),
        CASE(a_part_fails),
        CASE(budget),
        cmocka_unit_test(failures),
        cmocka_unit_test(klines_of_fixtures),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
