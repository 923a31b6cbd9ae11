#include "unit/market/venue_test.h"

#define ROW (&liq_row_gate)

static void row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "{\"t\":%" PRId64 ",\"o\":\"100.5\",\"h\":\"103\",\"l\":"
                   "\"99\",\"c\":\"%d\",\"v\":70000,\"sum\":\"707\"}",
                   t / 1000, 100 + (int)(t / step % 3));
}

/* Seconds; 2000 rows at most, of the 10000 newest. */
static void klines(struct fake *f, const char *q, struct liq_buf *out)
{
    int64_t step, from = query_number(q, "from=", 0) * 1000, to;
    char name[40];

    query_word(q, "interval=", name);
    step = liq_interval_ms(name);
    to = query_number(q, "&to=", fake_now(f) / 1000) * 1000;
    assert_true(step > 0 && (to - from) / step < 2000);
    assert_true(fake_now(f) - from < 10000 * step);
    fake_rows(f, out, step, from, to, 2000, false, false, row);
}

static void serve(struct fake *f, const char *q, struct liq_buf *out)
{
    int64_t from = query_number(q, "from=", fake_now(f) / 1000 - 600);

    if (strstr(q, "/candlesticks")) {
        liq_buf_char(out, '[');
        klines(f, q, out);
        liq_buf_char(out, ']');
    } else if (strstr(q, "/spot/time")) {
        liq_buf_format(out, "{\"server_time\":%" PRId64 "}", fake_now(f));
    } else if (strstr(q, "/contracts/BTC_USDT")) {
        liq_buf_text(out, "{\"quanto_multiplier\":\"0.0001\","
                          "\"funding_next_apply\":1760140800}");
    } else if (strstr(q, "/tickers")) {
        liq_buf_text(out, "[{\"last\":\"101\",\"total_size\":\"20000000\","
                          "\"mark_price\":\"102\"}]");
    } else {
        liq_buf_format(out,
                       "[{\"time\":%" PRId64 ",\"lsr_account\":1.5,"
                       "\"open_interest\":15000000},{\"time\":%" PRId64
                       ",\"lsr_account\":4,\"open_interest\":16000000}]",
                       from / 300 * 300 + 300, from / 300 * 300 + 7200);
    }
}

static int setup(void **state)
{
    (void)state;
    return venue_setup(ROW, serve);
}

static void cold(void **state)
{
    static const struct cold_start cases[] = {
        {"5m", "1m", 5, false},  {"15m", "5m", 3, false},
        {"1h", "15m", 4, false}, {"4h", "1h", 4, false},
        {"1d", "8h", 3, false},
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
        {"BTCUSDT", "BTC", 0.1},
        {"ETHUSDT", "ETH", 0.01},
        {"SOLUSDT", "SOL", 0.0},
    };
    struct liq_symbols list;
    struct liq_buf b = fixture(ROW->name, "symbols.json");
    size_t i, n = sizeof expected / sizeof expected[0];

    (void)state;
    fake_add(&fake, "/futures/usdt/contracts", 200, b.data, NULL, -1);
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
        {"symbol", "/contracts/", 400,
         "{\"label\":\"CONTRACT_NOT_FOUND\",\"message\":\"\"}", NULL,
         LIQ_ENOTFOUND, "HTTP 400: CONTRACT_NOT_FOUND", 0},
        {"our fault", "/candlesticks", 400,
         "{\"label\":\"INVALID_PARAM_VALUE\",\"message\":\"Bad\"}", NULL,
         LIQ_EFORMAT, "HTTP 400: Bad", 0},
        {"rate", "/candlesticks", 429,
         "{\"label\":\"TOO_MANY_REQUESTS\",\"message\":\"Slow\"}", NULL,
         LIQ_ERATE, "HTTP 429: Slow", 10000},
        {"rate, and until when", "/candlesticks", 429, "",
         "x-gate-ratelimit-reset-timestamp: 1760132349\n", LIQ_ERATE,
         "HTTP 429", 3322},
        {"busy", "/candlesticks", 503,
         "{\"label\":\"TOO_BUSY\",\"message\":\"Busy\"}", NULL, LIQ_ENET,
         "HTTP 503: Busy", 0},
        {"blocked", "/candlesticks", 403, "<html>", NULL, LIQ_EBLOCKED,
         "HTTP 403", 300000},
        {"an object", "/candlesticks", 200, "{}", NULL, LIQ_EFORMAT,
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
    assert_int_equal(
        fake_count(&fake, "http://x/futures/usdt/candlesticks?contract=BTC_USDT"
                          "&interval=1h&from=1760126400"),
        1);
    /* The exchange takes no limit with a range. */
    assert_int_equal(fake_count(&fake, "/candlesticks") -
                         fake_count(&fake, "from=1760126400"),
                     0);
    liq_market_answer_free(&answer);
}

static void units(void **state)
{
    static const char *const names[][2] = {
        {"/tickers", "ticker.json"},
        {"/contracts/", "contract.json"},
        {"/contract_stats", "stats.json"},
    };
    struct liq_buf b[3];
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++) {
        b[i] = fixture("gate", names[i][1]);
        fake_add(&fake, names[i][0], 200, b[i].data, NULL, -1);
    }
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(answer.n_warning, 0);
    assert_true(answer.ticker.last == 60620.3);
    assert_true(answer.ticker.change_percent_24h == -0.786);
    assert_true(answer.ticker.volume_24h == 118913.3);
    assert_true(answer.ticker.quote_volume_24h == 7254900000.1);
    assert_near(answer.statistics.open_interest, 52000.25);
    assert_near(answer.statistics.open_interest_usd, 52000.25 * 60615.0);
    assert_true(answer.statistics.funding_rate == -0.000125);
    assert_true(answer.statistics.next_funding_ms == INT64_C(1760140800000));
    assert_near(answer.statistics.long_account_share, 0.6);
    assert_near(answer.klines.at[0].volume, 7.0);
    assert_true(answer.klines.at[0].quote_volume == 707.0);
    liq_market_answer_free(&answer);
    for (i = 0; i < 3; i++)
        liq_buf_free(&b[i]);
}

/* A contract's size: as answered, as remembered, as it was of old, or not. */
static void contract_sizes(void **state)
{
    struct liq_market_ask ask = {"SOLUSDT", LIQ_HOUR_MS, 0, 0, false};

    (void)state;
    ask.from_ms = liq_interval_floor(fake_now(&fake), LIQ_HOUR_MS);
    fake_add(&fake, "/contracts/", 200, "{\"quanto_multiplier\":\"0.001\"}",
             NULL, 1);
    fake_add(&fake, "/contracts/", 500, "", NULL, -1);
    must(fetch_n(LIQ_HOUR_MS, 1));
    assert_near(answer.klines.at[0].volume, 70.0);
    liq_market_answer_free(&answer);
    pass(6 * LIQ_HOUR_MS);
    must(fetch_n(LIQ_HOUR_MS, 1));
    assert_near(answer.klines.at[0].volume, 70.0);
    assert_int_equal(answer.n_warning, 1);
    assert_string_equal(answer.warning[0], "contract: HTTP 500");
    liq_market_answer_free(&answer);
    pass(7 * LIQ_HOUR_MS);
    must(fetch_n(LIQ_HOUR_MS, 1));
    assert_near(answer.klines.at[0].volume, 7.0);
    assert_int_equal(answer.n_warning, 2);
    assert_non_null(strstr(answer.warning[1], "contract size"));
    liq_market_answer_free(&answer);
    assert_int_equal(market->fetch(market, &ask, DEADLINE, &answer, &why),
                     LIQ_EFORMAT);
    assert_non_null(strstr(why.text, "size of a contract of SOLUSDT"));
}

static void the_past(void **state)
{
    struct liq_market_ask ask = {"BTCUSDT", LIQ_HOUR_MS, 0, 0, false};

    (void)state;
    ask.to_ms = fake_now(&fake) / LIQ_HOUR_MS * LIQ_HOUR_MS - 40 * LIQ_DAY_MS;
    ask.from_ms = ask.to_ms - 9 * LIQ_HOUR_MS;
    must(market->fetch(market, &ask, DEADLINE, &answer, &why));
    assert_int_equal(answer.klines.n, 9);
    /* The row of after then is not taken. */
    assert_near(answer.statistics.open_interest, 1500.0);
    assert_near(answer.statistics.long_account_share, 0.6);
    assert_true(isnan(answer.ticker.last));
    assert_true(answer.statistics.next_funding_ms == 0);
    assert_int_equal(fake_count(&fake, "/tickers"), 0);
    liq_market_answer_free(&answer);
    /* Not before the 10000 newest. */
    ask.from_ms -= 9990 * LIQ_HOUR_MS;
    must(market->fetch(market, &ask, DEADLINE, &answer, &why));
    assert_true(answer.klines.n > 8900 && answer.klines.n < 9100);
    liq_market_answer_free(&answer);
}

static void recorded(void **state)
{
    (void)state;
    if (!check_shared(ROW, "gate"))
        skip();
    assert_int_equal(
        shared_klines(ROW, "gate", "api_v4_futures_usdt_candlesticks.json"), 1);
    assert_true(
        shared_symbols(ROW, "gate", "api_v4_futures_usdt_contracts_2023.json") >
        100);
    assert_near(shared_part(ROW, "/tickers", 0, "gate",
                            "api_v4_futures_usdt_tickers.json")
                    .statistics.open_interest,
                3232.3904);
    assert_near(shared_part(ROW, "/contract_stats", 0, "gate",
                            "api_v4_futures_usdt_contract_stats.json")
                    .statistics.long_account_share,
                1.0 / 3.0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, venue_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(cold),
        CASE(list_symbols),
        CASE(urls),
        CASE(units),
        CASE(contract_sizes),
        CASE(the_past),
        cmocka_unit_test(failures),
        cmocka_unit_test(klines_of_fixtures),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
