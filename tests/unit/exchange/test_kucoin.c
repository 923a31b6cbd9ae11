#include "unit/market/venue_test.h"

#define ROW (&liq_row_kucoin)

static void row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out, "[%" PRId64 ",100.5,103,99,%d,7000]", t,
                   100 + (int)(t / step % 3));
}

/* 200 rows, as the servers that give least. */
static void klines(struct fake *f, const char *q, struct liq_buf *out)
{
    int64_t step = query_number(q, "granularity=", 0) * LIQ_MINUTE_MS;

    assert_true(step > 0);
    fake_rows(f, out, step, query_number(q, "&from=", 0),
              query_number(q, "&to=", 0), 200, false, false, row);
}

static void serve(struct fake *f, const char *q, struct liq_buf *out)
{
    int64_t to = query_number(q, "endAt=", 0) / 300000 * 300000;

    liq_buf_text(out, "{\"code\":\"200000\",\"data\":");
    if (strstr(q, "/kline/")) {
        liq_buf_char(out, '[');
        klines(f, q, out);
        liq_buf_char(out, ']');
    } else if (strstr(q, "/timestamp")) {
        liq_buf_format(out, "%" PRId64, fake_now(f));
    } else if (strstr(q, "/open-interest")) {
        liq_buf_format(
            out, "[{\"openInterest\":\"1500000\",\"ts\":%" PRId64 "}]", to);
    } else {
        liq_buf_text(out, "{\"multiplier\":0.001,\"lastTradePrice\":101,"
                          "\"markPrice\":102,\"openInterest\":\"2000000\"}");
    }
    liq_buf_char(out, '}');
}

static int setup(void **state)
{
    (void)state;
    return venue_setup(ROW, serve);
}

static void cold(void **state)
{
    static const struct cold_start cases[] = {
        {"5m", "1m", 44, false},  {"15m", "5m", 24, false},
        {"1h", "15m", 37, false}, {"4h", "1h", 38, false},
        {"1d", "4h", 49, false},
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
    fake_add(&fake, "/api/v1/contracts/active", 200, b.data, NULL, -1);
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
        {"symbol", "/contracts/", 200,
         "{\"code\":\"200003\",\"msg\":\"Symbol not exist.\"}", NULL,
         LIQ_ENOTFOUND, "HTTP 200: Symbol not exist.", 0},
        {"our fault", "/kline/", 400, "{\"code\":\"400100\",\"msg\":\"Bad\"}",
         NULL, LIQ_EFORMAT, "HTTP 400: Bad", 0},
        {"rate", "/kline/", 429,
         "{\"code\":\"429000\",\"msg\":\"Too many requests\"}", NULL, LIQ_ERATE,
         "HTTP 429: Too many requests", 30000},
        {"rate, and for how long", "/kline/", 429,
         "{\"code\":\"429000\",\"msg\":\"Too many requests\"}",
         "gw-ratelimit-reset: 12345\n", LIQ_ERATE,
         "HTTP 429: Too many requests", 12345},
        {"shut out", "/kline/", 403, "{\"code\":\"1015\",\"msg\":\"Slow\"}",
         NULL, LIQ_ERATE, "HTTP 403: Slow", 30000},
        {"shut out for less", "/kline/", 200,
         "{\"code\":\"200002\",\"msg\":\"Slow\"}", NULL, LIQ_ERATE,
         "HTTP 200: Slow", 10000},
        {"region", "/kline/", 200, "{\"code\":\"400500\",\"msg\":\"Not\"}",
         NULL, LIQ_EBLOCKED, "HTTP 200: Not", 300000},
        {"internal", "/kline/", 200, "{\"code\":\"500000\",\"msg\":\"Oh\"}",
         NULL, LIQ_ENET, "HTTP 200: Oh", 0},
        {"an object", "/kline/", 200, "{\"code\":\"200000\",\"data\":{}}", NULL,
         LIQ_EFORMAT, "candles: data is not", 0},
    };

    (void)state;
    CHECK_FAILURES(ROW, serve, cases);
}

static void klines_of_fixtures(void **state)
{
    (void)state;
    check_kline_fixtures(ROW, false);
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
    assert_int_equal(fake_count(&fake,
                                "http://x/api/v1/kline/query?symbol=XBTUSDTM"
                                "&granularity=60&from=1760126400000"
                                "&to=1760140799999"),
                     1);
    assert_int_equal(fake_count(&fake, "/api/v1/contracts/XBTUSDTM"), 1);
    assert_int_equal(fake.n_url, 1 + 3);
    liq_market_answer_free(&answer);
}

static void units(void **state)
{
    struct liq_buf b = fixture("kucoin", "contract.json");

    (void)state;
    fake_add(&fake, "/contracts/", 200, b.data, NULL, -1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(answer.n_warning, 0);
    assert_true(answer.ticker.last == 60620.3);
    assert_near(answer.ticker.change_percent_24h, -0.786);
    assert_true(answer.ticker.high_24h == 61900.0);
    assert_true(answer.ticker.volume_24h == 118913.3);
    assert_near(answer.statistics.open_interest, 6724.723);
    assert_near(answer.statistics.open_interest_usd, 6724.723 * 60615.0);
    assert_true(answer.statistics.funding_rate == -0.000125);
    assert_true(answer.statistics.next_funding_ms == INT64_C(1760140800000));
    assert_true(isnan(answer.statistics.long_account_share));
    assert_near(answer.klines.at[0].volume, 7.0);
    liq_market_answer_free(&answer);
    liq_buf_free(&b);
}

/* Without its size the last known one, or that of old. */
static void contract_sizes(void **state)
{
    (void)state;
    fake_add(&fake, "/contracts/", 500, "", NULL, 1);
    must(fetch_n(LIQ_HOUR_MS, 1));
    assert_near(answer.klines.at[0].volume, 7.0);
    assert_int_equal(answer.n_warning, 2);
    assert_true(isnan(answer.statistics.open_interest));
    liq_market_answer_free(&answer);
    must(fetch_n(LIQ_HOUR_MS, 1));
    assert_int_equal(answer.n_warning, 0);
    liq_market_answer_free(&answer);
}

static void the_past(void **state)
{
    struct liq_market_ask ask = {"BTCUSDT", LIQ_HOUR_MS, 0, 0, false};

    (void)state;
    ask.to_ms = fake_now(&fake) - 40 * LIQ_DAY_MS;
    ask.from_ms = liq_interval_floor(ask.to_ms, LIQ_HOUR_MS) - 9 * LIQ_HOUR_MS;
    must(market->fetch(market, &ask, DEADLINE, &answer, &why));
    assert_int_equal(answer.klines.n, 9);
    assert_near(answer.statistics.open_interest, 1500.0);
    assert_true(isnan(answer.ticker.last));
    assert_true(isnan(answer.statistics.mark_price));
    liq_market_answer_free(&answer);
}

static void other_host(void **state)
{
    char out[LIQ_VENUE_URL_SIZE];

    (void)state;
    ROW->elsewhere("https://api-futures.kucoin.com", out);
    assert_string_equal(out, "https://api.kucoin.com");
    ROW->elsewhere("http://127.0.0.1:9000", out);
    assert_string_equal(out, "http://127.0.0.1:9000");
}

/* What the exchange says is left counts, whatever its limit is called. */
static void budget(void **state)
{
    int64_t t;

    (void)state;
    must(market->now(market, DEADLINE, &t, &why));
    fake.headers = "gw-ratelimit-limit: 2000\ngw-ratelimit-remaining: 995\n"
                   "gw-ratelimit-reset: 9000\n";
    must(fetch_n(LIQ_HOUR_MS, 1));
    liq_market_answer_free(&answer);
    assert_int_equal(fetch_n(LIQ_HOUR_MS, 1), LIQ_ERATE);
    assert_true(why.retry_after_ms > 0 && why.retry_after_ms <= 30000);
    pass(why.retry_after_ms);
    must(fetch_n(LIQ_HOUR_MS, 1));
    liq_market_answer_free(&answer);
}

static void recorded(void **state)
{
    (void)state;
    if (!check_shared(ROW, "kucoin"))
        skip();
    assert_int_equal(shared_klines(ROW, "kucoin", "api_v1_kline_query.json"),
                     2);
    assert_true(shared_symbols(ROW, "kucoin", "api_v1_contracts_active.json") <=
                1);
    assert_near(shared_part(ROW, "/open-interest", INT64_C(1767004200000),
                            "kucoin", "api_ua_v1_market_open-interest.json")
                    .statistics.open_interest,
                4615.535);
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
        CASE(budget),
        cmocka_unit_test(failures),
        cmocka_unit_test(klines_of_fixtures),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(other_host),
        cmocka_unit_test(recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
