#include "unit/market/venue_test.h"

#define ROW (&liq_row_okx)

static void row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "[\"%" PRId64 "\",\"100.5\",\"103\",\"99\",\"%d\","
                   "\"700\",\"7\",\"707\",\"1\"]",
                   t, 100 + (int)(t / step % 3));
}

/* Bounds are exclusive; one route knows the newest 1440 rows, the other gives
 * 100 at most. */
static void klines(struct fake *f, const char *q, struct liq_buf *out)
{
    bool history = strstr(q, "history-candles") != NULL;
    int64_t step, from, limit = query_number(q, "limit=", 100);
    char name[40];

    query_word(q, "bar=", name);
    if (strcmp(name, "1Dutc") == 0)
        step = LIQ_DAY_MS;
    else
        step = strtoll(name, NULL, 10) *
               (strchr(name, 'H') ? LIQ_HOUR_MS : LIQ_MINUTE_MS);
    assert_true(step > 0 && limit <= (history ? 100 : 300));
    from = query_number(q, "before=", 0) + 1;
    if (!history && from < fake_now(f) / step * step - 1439 * step)
        from = fake_now(f) / step * step - 1439 * step;
    fake_rows(f, out, step, from, query_number(q, "after=", INT64_MAX) - 1,
              limit, true, true, row);
}

static void serve(struct fake *f, const char *q, struct liq_buf *out)
{
    int64_t to = query_number(q, "&end=", fake_now(f)) / 300000 * 300000;

    liq_buf_text(out, "{\"code\":\"0\",\"msg\":\"\",\"data\":[");
    if (strstr(q, "andles"))
        klines(f, q, out);
    else if (strstr(q, "/time"))
        liq_buf_format(out, "{\"ts\":\"%" PRId64 "\"}", fake_now(f));
    else if (strstr(q, "/market/ticker"))
        liq_buf_text(out, "{\"last\":\"101\",\"open24h\":\"100\"}");
    else if (strstr(q, "/public/open-interest"))
        liq_buf_text(out, "{\"oi\":\"200000\",\"oiCcy\":\"2000\"}");
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

static int setup(void **state)
{
    (void)state;
    return venue_setup(ROW, serve);
}

static void cold(void **state)
{
    static const struct cold_start cases[] = {
        {"5m", "5m", 9, false}, {"15m", "15m", 7, false},
        {"1h", "1h", 9, false}, {"4h", "4h", 10, false},
        {"1d", "1d", 7, false},
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
        {"PEPEUSDT", "PEPE", 1e-9},
    };
    struct liq_symbols list;
    struct liq_buf b = fixture(ROW->name, "symbols.json");
    size_t i, n = sizeof expected / sizeof expected[0];

    (void)state;
    fake_add(&fake, "/instruments?instType=SWAP", 200, b.data, NULL, -1);
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
        {"symbol", "/candles", 200,
         "{\"code\":\"51001\",\"msg\":\"Instrument ID doesn't exist.\","
         "\"data\":[]}",
         NULL, LIQ_ENOTFOUND, "HTTP 200: Instrument ID doesn't exist.", 0},
        {"symbol, as a parameter", "/candles", 400,
         "{\"code\":\"51000\",\"msg\":\"Parameter instId error\"}", NULL,
         LIQ_ENOTFOUND, "HTTP 400: Parameter instId error", 0},
        {"our fault", "/candles", 400,
         "{\"code\":\"51000\",\"msg\":\"Parameter bar error\"}", NULL,
         LIQ_EFORMAT, "HTTP 400: Parameter bar error", 0},
        {"rate", "/candles", 429,
         "{\"code\":\"50011\",\"msg\":\"Too Many Requests\"}", NULL, LIQ_ERATE,
         "HTTP 429: Too Many Requests", 2000},
        {"rate with status 200", "/candles", 200,
         "{\"code\":\"50011\",\"msg\":\"Too Many Requests\"}", NULL, LIQ_ERATE,
         "HTTP 200: Too Many Requests", 2000},
        {"region", "/candles", 200, "{\"code\":\"50051\",\"msg\":\"Not here\"}",
         NULL, LIQ_EBLOCKED, "HTTP 200: Not here", 300000},
        {"busy", "/candles", 503, "{\"code\":\"50001\",\"msg\":\"Later\"}",
         NULL, LIQ_ENET, "HTTP 503: Later", 0},
        {"no data", "/candles", 200, "{\"code\":\"0\"}", NULL, LIQ_EFORMAT,
         "candles: no data", 0},
        {"nothing in range", "/candles", 200, "{\"code\":\"0\",\"data\":[]}",
         NULL, LIQ_ENOTFOUND, "no candles of BTCUSDT", 0},
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
    must(fetch_n(LIQ_DAY_MS, 2));
    assert_int_equal(
        fake_count(&fake, "http://x/api/v5/market/candles?instId=BTC-USDT-SWAP"
                          "&bar=1Dutc&before=1759967999999"
                          "&after=1760313600000&limit=300"),
        1);
    assert_int_equal(fake_count(&fake, "history-candles"), 0);
    liq_market_answer_free(&answer);
}

static void units(void **state)
{
    static const char *const names[][2] = {
        {"/market/ticker", "ticker.json"},
        {"/public/open-interest", "open_interest.json"},
        {"/mark-price", "mark.json"},
        {"/funding-rate", "funding.json"},
        {"/long-short", "ratio.json"},
    };
    struct liq_buf b[5];
    size_t i;

    (void)state;
    for (i = 0; i < 5; i++) {
        b[i] = fixture("okx", names[i][1]);
        fake_add(&fake, names[i][0], 200, b[i].data, NULL, -1);
    }
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(answer.n_warning, 0);
    assert_true(answer.ticker.last == 60620.3);
    assert_near(answer.ticker.change_percent_24h,
                (60620.3 / 61100.0 - 1.0) * 100.0);
    assert_true(answer.ticker.volume_24h == 118913.3);
    assert_true(isnan(answer.ticker.quote_volume_24h));
    assert_true(answer.statistics.open_interest == 31000.5);
    assert_true(answer.statistics.open_interest_usd == 1879000000.25);
    assert_true(answer.statistics.mark_price == 60615.0);
    assert_true(answer.statistics.funding_rate == -0.000125);
    assert_true(answer.statistics.next_funding_ms == INT64_C(1760140800000));
    assert_near(answer.statistics.long_account_share, 0.6);
    assert_true(answer.klines.at[0].volume == 7.0);
    assert_true(answer.klines.at[0].quote_volume == 707.0);
    liq_market_answer_free(&answer);
    for (i = 0; i < 5; i++)
        liq_buf_free(&b[i]);
}

static void the_past(void **state)
{
    struct liq_market_ask ask = {"BTCUSDT", LIQ_HOUR_MS, 0, 0, false};

    (void)state;
    ask.to_ms = fake_now(&fake) - 30 * LIQ_DAY_MS;
    ask.from_ms =
        liq_interval_floor(ask.to_ms, LIQ_HOUR_MS) - 1800 * LIQ_HOUR_MS;
    must(market->fetch(market, &ask, DEADLINE, &answer, &why));
    /* 720 hours ago: the newer route has 710 of them, and 8 pages of the other
     * have to do. */
    assert_int_equal(fake_count(&fake, "history-candles"), 8);
    assert_true(answer.klines.n > 700 + 700 && answer.klines.n < 1800);
    assert_true(answer.klines.at[answer.klines.n - 1].open_ms + LIQ_HOUR_MS <=
                ask.to_ms);
    assert_true(answer.statistics.open_interest == 1500.0);
    assert_true(answer.statistics.open_interest_usd == 150000.0);
    assert_near(answer.statistics.long_account_share, 0.6);
    assert_true(isnan(answer.ticker.last));
    liq_market_answer_free(&answer);
    pass(10000);
    ask.to_ms = fake_now(&fake) - 70 * LIQ_DAY_MS;
    ask.from_ms = liq_interval_floor(ask.to_ms, LIQ_HOUR_MS) - 9 * LIQ_HOUR_MS;
    must(market->fetch(market, &ask, DEADLINE, &answer, &why));
    assert_int_equal(answer.klines.n, 9);
    assert_true(isnan(answer.statistics.open_interest));
    assert_non_null(strstr(answer.warning[0], "60 days"));
    liq_market_answer_free(&answer);
}

/* A narrow limit of one route costs its part, not the candles. */
static void narrow_limits(void **state)
{
    struct liq_market_ask ask = {"BTCUSDT", LIQ_HOUR_MS, 0, 0, false};
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT", "SOLUSDT"};
    size_t i;

    (void)state;
    ask.from_ms = liq_interval_floor(fake_now(&fake), LIQ_HOUR_MS);
    for (i = 0; i < 3; i++) {
        ask.symbol = symbols[i];
        must(market->fetch(market, &ask, DEADLINE, &answer, &why));
        assert_int_equal(answer.n_warning, i < 2 ? 0 : 1);
        if (i == 2)
            assert_non_null(
                strstr(answer.warning[0], "long/short ratio: request budget"));
        assert_true(answer.ticker.last == 101.0);
        liq_market_answer_free(&answer);
    }
    assert_int_equal(fake_count(&fake, "/long-short"), 2);
    pass(2000);
    must(market->fetch(market, &ask, DEADLINE, &answer, &why));
    assert_int_equal(answer.n_warning, 0);
    liq_market_answer_free(&answer);
}

static void other_quotes(void **state)
{
    struct liq_market_ask ask = {"BTCUSDC", LIQ_HOUR_MS, LIQ_HOUR_MS, 0, false};

    (void)state;
    assert_int_equal(market->fetch(market, &ask, DEADLINE, &answer, &why),
                     LIQ_ENOTFOUND);
    assert_int_equal(fake_count(&fake, "andles"), 0);
}

static void recorded(void **state)
{
    (void)state;
    if (!check_shared(ROW, "okx"))
        skip();
    assert_true(
        shared_symbols(ROW, "okx", "api_v5_public_instruments_SWAP_2022.json") >
        50);
    assert_near(shared_part(ROW, "/market/ticker", 0, "okx",
                            "api_v5_market_ticker.json")
                    .ticker.last,
                9999.99);
    assert_near(shared_part(ROW, "/public/open-interest", 0, "okx",
                            "api_v5_public_open-interest.json")
                    .statistics.open_interest,
                555.55);
    assert_near(shared_part(ROW, "/funding-rate", 0, "okx",
                            "api_v5_public_funding-rate.json")
                    .statistics.funding_rate,
                0.000079238688534);
    assert_int_equal(shared_klines(ROW, "okx", "api_v5_market_candles.json"),
                     2);
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
        CASE(narrow_limits),
        CASE(other_quotes),
        cmocka_unit_test(failures),
        cmocka_unit_test(klines_of_fixtures),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
