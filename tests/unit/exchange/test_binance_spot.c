#include "unit/market/venue_test.h"

#define ROW (&liq_row_binance_spot)

static void row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "[%" PRId64 ",\"100.5\",\"103\",\"99\",\"%d\",\"7\","
                   "%" PRId64 ",\"707\",3,\"1\",\"101\",\"0\"]",
                   t, 100 + (int)(t / step % 3), t + step - 1);
}

/* With a start, the oldest rows from there on. */
static void serve(struct fake *f, const char *q, struct liq_buf *out)
{
    int64_t limit = query_number(q, "limit=", 500);
    char name[40];

    if (strstr(q, "/api/v3/klines")) {
        query_word(q, "interval=", name);
        assert_true(limit <= 1000);
        liq_buf_char(out, '[');
        fake_rows(
            f, out, liq_interval_ms(name), query_number(q, "startTime=", 0),
            query_number(q, "endTime=", INT64_MAX), limit, false, false, row);
        liq_buf_char(out, ']');
    } else if (strstr(q, "/api/v3/time")) {
        liq_buf_format(out, "{\"serverTime\":%" PRId64 "}", fake_now(f));
    } else {
        assert_non_null(strstr(q, "/api/v3/ticker/24hr?symbol="));
        liq_buf_text(out, "{\"lastPrice\":\"101\"}");
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
        {"BTCUSDT", "BTC", 0.01},
        {"ETHUSDT", "ETH", 0.01},
    };
    struct liq_symbols list;
    struct liq_buf b = fixture(ROW->name, "symbols.json");
    size_t i, n = sizeof expected / sizeof expected[0];

    (void)state;
    fake_add(&fake,
             "/exchangeInfo?symbolStatus=TRADING&showPermissionSets=false", 200,
             b.data, NULL, -1);
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
        {"symbol", "/klines", 400,
         "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", NULL, LIQ_ENOTFOUND,
         "HTTP 400: Invalid symbol.", 0},
        {"region", "/klines", 451, "{\"code\":0,\"msg\":\"Not here\"}", NULL,
         LIQ_EBLOCKED, "HTTP 451: Not here", 300000},
        {"ban", "/klines", 418, "", "retry-after: 300\n", LIQ_ERATE, "HTTP 418",
         300000},
        {"rate", "/klines", 429, "", NULL, LIQ_ERATE, "HTTP 429", 60000},
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

static void units(void **state)
{
    struct liq_buf b = fixture("binance-spot", "ticker.json");

    (void)state;
    fake_add(&fake, "/ticker", 200, b.data, NULL, -1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_true(answer.ticker.last == 60620.3);
    assert_true(answer.ticker.volume_24h == 18913.3);
    /* There is nothing else to know, and nothing to warn of. */
    assert_int_equal(answer.n_warning, 0);
    assert_true(isnan(answer.statistics.open_interest));
    assert_true(isnan(answer.statistics.open_interest_usd));
    assert_int_equal(fake.n_url, 1 + 3);
    assert_string_equal(market->kind, "spot");
    liq_market_answer_free(&answer);
    liq_buf_free(&b);
}

static void the_past(void **state)
{
    struct liq_market_ask ask = {"BTCUSDT", LIQ_HOUR_MS, 0, 0, false};

    (void)state;
    ask.to_ms = fake_now(&fake) - 400 * LIQ_DAY_MS;
    ask.from_ms = liq_interval_floor(ask.to_ms, LIQ_HOUR_MS) - 9 * LIQ_HOUR_MS;
    must(market->fetch(market, &ask, DEADLINE, &answer, &why));
    assert_int_equal(answer.klines.n, 9);
    assert_int_equal(answer.n_warning, 0);
    liq_market_answer_free(&answer);
}

static void recorded(void **state)
{
    (void)state;
    if (!check_shared(ROW, "binance"))
        skip();
    assert_int_equal(
        shared_klines(ROW, "binance", "api_v3_klines_BTCUSDT_1h_1500.json"),
        1500);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, venue_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(cold),
        CASE(list_symbols),
        CASE(units),
        CASE(the_past),
        cmocka_unit_test(failures),
        cmocka_unit_test(klines_of_fixtures),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
