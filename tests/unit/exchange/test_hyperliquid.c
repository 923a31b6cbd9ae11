#include "unit/market/venue_test.h"

#include <time.h>

#define ROW (&liq_row_hyperliquid)

static void row(struct liq_buf *out, int64_t t, int64_t step)
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

/* Of the 5000 newest rows, 500 at most. */
static void klines(struct fake *f, const char *q, struct liq_buf *out)
{
    int64_t step, from = query_number(q, "\"startTime\":", 0), first;
    char name[40];

    assert_non_null(strstr(q, "\"coin\":\"BTC\""));
    query_word(q, "\"interval\":\"", name);
    step = liq_interval_ms(name);
    assert_true(step > 0);
    first = fake_now(f) / step * step - 4999 * step;
    fake_rows(f, out, step, from > first ? from : first,
              query_number(q, "\"endTime\":", 0), 500, false, false, row);
}

/* The clock is in the header alone. */
static void serve(struct fake *f, const char *q, struct liq_buf *out)
{
    static char date[64];
    time_t now = (time_t)(fake_now(f) / 1000);
    struct tm tm;

    strftime(date, sizeof date, "date: %a, %d %b %Y %H:%M:%S GMT\n",
             gmtime_r(&now, &tm));
    f->headers = date;
    assert_non_null(strstr(q, "http://x/info{"));
    if (strstr(q, "candleSnapshot")) {
        liq_buf_char(out, '[');
        klines(f, q, out);
        liq_buf_char(out, ']');
    } else if (strstr(q, "metaAndAssetCtxs")) {
        liq_buf_text(out, "[{\"universe\":[{\"name\":\"ETH\"},{\"name\":"
                          "\"BTC\"}]},[{\"markPx\":\"5\"},{\"markPx\":"
                          "\"102\",\"midPx\":\"101\",\"prevDayPx\":\"100\","
                          "\"openInterest\":\"2000\",\"funding\":"
                          "\"0.00001\"}]]");
    } else {
        assert_non_null(strstr(q, "exchangeStatus"));
        liq_buf_text(out, "{\"specialStatuses\":null}");
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
        {"5m", "5m", 5, false},  {"15m", "15m", 5, false},
        {"1h", "30m", 9, false}, {"4h", "2h", 9, false},
        {"1d", "12h", 8, false},
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
        {"1000PEPEUSDT", "1000PEPE", 1e-6},
        {"BTCUSDT", "BTC", 1.0},
        {"ETHUSDT", "ETH", 0.1},
        {"THINUSDT", "THIN", 1e-4},
    };
    struct liq_symbols list;
    struct liq_buf b = fixture(ROW->name, "everything.json");
    size_t i, n = sizeof expected / sizeof expected[0];

    (void)state;
    fake_add(&fake, "metaAndAssetCtxs", 200, b.data, NULL, -1);
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
        {"not listed", "metaAndAssetCtxs", 200,
         "[{\"universe\":[{\"name\":\"ETH\"}]},[{\"markPx\":\"5\"}]]", NULL,
         LIQ_ENOTFOUND, "BTC is not listed", 0},
        {"malformed", "interval\":\"1d", 422,
         "Failed to deserialize the JSON body into the target type", NULL,
         LIQ_EFORMAT, "HTTP 422: Failed to deserialize the JSON body", 0},
        {"rate", "interval\":\"1d", 429, "null", NULL, LIQ_ERATE, "HTTP 429",
         60000},
        {"rate, by a proxy", "interval\":\"1d", 429, "<html>429</html>",
         "retry-after: 11\n", LIQ_ERATE, "HTTP 429", 11000},
        {"unknown coin", "interval\":\"1d", 500, "null", NULL, LIQ_ENET,
         "HTTP 500", 0},
        {"blocked", "interval\":\"1d", 403, "", NULL, LIQ_EBLOCKED, "HTTP 403",
         300000},
        {"an object", "interval\":\"1d", 200, "{}", NULL, LIQ_EFORMAT,
         "candles: the answer", 0},
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

static void questions(void **state)
{
    (void)state;
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(
        fake_count(&fake, "http://x/info{\"type\":\"candleSnapshot\",\"req\":{"
                          "\"coin\":\"BTC\",\"interval\":\"1h\",\"startTime\":"
                          "1760126400000,\"endTime\":1760140799999}}"),
        1);
    assert_int_equal(fake.n_url, 1 + 3);
    liq_market_answer_free(&answer);
    /* What one answer told is told for a while, for every coin. */
    fake_clear(&fake);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(fake.n_url, 1);
    assert_true(answer.statistics.open_interest == 2000.0);
    assert_true(answer.ticker.high_24h == 108.0);
    liq_market_answer_free(&answer);
}

static void units(void **state)
{
    struct liq_buf b = fixture("hyperliquid", "everything.json");

    (void)state;
    fake_add(&fake, "metaAndAssetCtxs", 200, b.data, NULL, -1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(answer.n_warning, 0);
    assert_true(answer.ticker.last == 60620.5);
    assert_near(answer.ticker.change_percent_24h,
                (60620.5 / 61100.0 - 1.0) * 100.0);
    assert_true(answer.ticker.volume_24h == 41913.3);
    assert_true(answer.ticker.quote_volume_24h == 2554900000.1);
    assert_true(answer.statistics.open_interest == 30123.5);
    assert_near(answer.statistics.open_interest_usd, 30123.5 * 60615.0);
    assert_true(answer.statistics.funding_rate == -0.0000125);
    assert_true(answer.statistics.next_funding_ms == INT64_C(1760133600000));
    /* 24 hours: not the 999 of 25 hours ago. */
    assert_true(answer.ticker.high_24h == 108.0);
    assert_true(answer.ticker.low_24h == 99.0);
    /* A date cut to seconds. */
    assert_true(answer.server_ms >= INT64_C(1760132345000) &&
                answer.server_ms < INT64_C(1760132346000));
    liq_market_answer_free(&answer);
    liq_buf_free(&b);
}

static void spelling(void **state)
{
    static const char *const cases[][2] = {
        {"BTCUSDT", "BTC"}, {"1000PEPEUSDT", "kPEPE"}, {"1000USDT", "1000"},
        {"USDT", NULL},     {"BTCUSDC", NULL},         {"10000XUSDT", "10000X"},
    };
    char name[LIQ_VENUE_SYMBOL_SIZE];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(ROW->spell(cases[i][0], name) == (cases[i][1] != NULL));
        if (cases[i][1] != NULL)
            assert_string_equal(name, cases[i][1]);
    }
}

/* Beyond the 5000 newest there is nothing, and no question. */
static void the_past(void **state)
{
    struct liq_market_ask ask = {"BTCUSDT", LIQ_HOUR_MS, 0, 0, false};

    (void)state;
    ask.to_ms = fake_now(&fake) - 6000 * LIQ_HOUR_MS;
    ask.from_ms = liq_interval_floor(ask.to_ms, LIQ_HOUR_MS) - 9 * LIQ_HOUR_MS;
    assert_int_equal(market->fetch(market, &ask, DEADLINE, &answer, &why),
                     LIQ_ENOTFOUND);
    assert_int_equal(fake_count(&fake, "candle"), 0);
    ask.to_ms = fake_now(&fake) - 4000 * LIQ_HOUR_MS;
    ask.from_ms =
        liq_interval_floor(ask.to_ms, LIQ_HOUR_MS) - 1800 * LIQ_HOUR_MS;
    must(market->fetch(market, &ask, DEADLINE, &answer, &why));
    assert_true(answer.klines.n > 900 && answer.klines.n <= 1000);
    assert_true(answer.klines.at[0].open_ms % (90 * LIQ_HOUR_MS) == 0);
    assert_int_equal(answer.n_warning, 1);
    assert_true(isnan(answer.statistics.open_interest));
    assert_int_equal(fake_count(&fake, "metaAndAssetCtxs"), 0);
    liq_market_answer_free(&answer);
}

static void recorded(void **state)
{
    (void)state;
    if (!check_shared(ROW, "hyperliquid"))
        skip();
    assert_true(shared_klines(ROW, "hyperliquid", "info_candleSnapshot.json") >
                20);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, venue_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(cold),
        CASE(list_symbols),
        CASE(questions),
        CASE(units),
        CASE(the_past),
        cmocka_unit_test(failures),
        cmocka_unit_test(klines_of_fixtures),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(spelling),
        cmocka_unit_test(recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
