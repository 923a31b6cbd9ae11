#include "unit/market/venue_test.h"

#define ROW (&liq_row_bitget)

static void row(struct liq_buf *out, int64_t t, int64_t step)
{
    liq_buf_format(out,
                   "[\"%" PRId64 "\",\"100.5\",\"103\",\"99\",\"%d\","
                   "\"7\",\"707\"]",
                   t, 100 + (int)(t / step % 3));
}

static int64_t days_of(int64_t step)
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
static bool last_is_in;

static void klines(struct fake *f, const char *q, struct liq_buf *out)
{
    bool history = strstr(q, "history-candles") != NULL;
    int64_t step, from, to, limit = query_number(q, "limit=", 100);
    char name[40];

    query_word(q, "granularity=", name);
    if (strcmp(name, "1Dutc") == 0)
        step = LIQ_DAY_MS;
    else
        step = strtoll(name, NULL, 10) *
               (strchr(name, 'H') ? LIQ_HOUR_MS : LIQ_MINUTE_MS);
    from = query_number(q, "startTime=", 0) + 1;
    to = query_number(q, "endTime=", 0) - (last_is_in ? 0 : 1);
    assert_true(step > 0 && limit <= (history ? 200 : 1000));
    assert_true(to - from <= 90 * LIQ_DAY_MS);
    if (!history && from < fake_now(f) - days_of(step) * LIQ_DAY_MS)
        from = fake_now(f) - days_of(step) * LIQ_DAY_MS;
    fake_rows(f, out, step, from, to, limit, true, false, row);
}

static void serve(struct fake *f, const char *q, struct liq_buf *out)
{
    liq_buf_format(out,
                   "{\"code\":\"00000\",\"requestTime\":%" PRId64 ",\"data\":[",
                   fake_now(f));
    if (strstr(q, "candles"))
        klines(f, q, out);
    else if (strstr(q, "/ticker"))
        liq_buf_text(out, "{\"lastPr\":\"101\",\"markPrice\":\"102\","
                          "\"holdingAmount\":\"2000\",\"fundingRate\":"
                          "\"0.0001\"}");
    else if (strstr(q, "/current-fund-rate"))
        liq_buf_text(out, "{\"nextUpdate\":\"1760140800000\"}");
    else if (strstr(q, "/account-long-short"))
        liq_buf_format(out,
                       "{\"longAccountRatio\":\"0.6\",\"ts\":\"%" PRId64 "\"}",
                       fake_now(f));
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
        {"5m", "5m", 2, false},  {"15m", "5m", 5, false},
        {"1h", "30m", 7, false}, {"4h", "4h", 6, false},
        {"1d", "1d", 12, true},
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
        {"BTCUSDT", "BTC", 0.5},
        {"ETHUSDT", "ETH", 0.01},
        {"SOLUSDT", "SOL", 0.0},
    };
    struct liq_symbols list;
    struct liq_buf b = fixture(ROW->name, "symbols.json");
    size_t i, n = sizeof expected / sizeof expected[0];

    (void)state;
    fake_add(&fake, "/contracts?productType=USDT-FUTURES", 200, b.data, NULL,
             -1);
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
        {"symbol", "/candles", 400,
         "{\"code\":\"40034\",\"msg\":\"Parameter X does not exist\"}", NULL,
         LIQ_ENOTFOUND, "HTTP 400: Parameter X does not exist", 0},
        {"our fault", "/candles", 400,
         "{\"code\":\"40017\",\"msg\":\"Parameter wrong\"}", NULL, LIQ_EFORMAT,
         "HTTP 400: Parameter wrong", 0},
        {"rate", "/candles", 429,
         "{\"code\":\"429\",\"msg\":\"Too Many Requests\"}", NULL, LIQ_ERATE,
         "HTTP 429: Too Many Requests", 5000},
        {"region", "/candles", 200, "{\"code\":\"40104\",\"msg\":\"Not here\"}",
         NULL, LIQ_EBLOCKED, "HTTP 200: Not here", 300000},
        {"upgrade", "/candles", 200,
         "{\"code\":\"40200\",\"msg\":\"Server upgrade\"}", NULL, LIQ_ENET,
         "HTTP 200: Server upgrade", 0},
        {"null", "/candles", 200, "{\"code\":\"00000\",\"data\":null}", NULL,
         LIQ_EFORMAT, "candles: no data", 0},
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
        fake_count(&fake,
                   "http://x/api/v2/mix/market/candles?symbol=BTCUSDT"
                   "&productType=USDT-FUTURES&granularity=1Dutc"
                   "&startTime=1759967999999&endTime=1760313600000&limit=1000"),
        1);
    liq_market_answer_free(&answer);
}

/* Full pages, with both readings of their bounds. */
static void bounds(void **state)
{
    int in;

    (void)state;
    for (in = 0; in < 2; in++) {
        last_is_in = in;
        must(fetch_n(5 * LIQ_MINUTE_MS, 3000));
        assert_int_equal(answer.klines.n, 3000);
        liq_market_answer_free(&answer);
        pass(2000);
    }
    last_is_in = false;
}

static void units(void **state)
{
    static const char *const names[][2] = {
        {"/market/ticker", "ticker.json"},
        {"/current-fund-rate", "funding.json"},
        {"/account-long-short", "ratio.json"},
    };
    struct liq_buf b[3];
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++) {
        b[i] = fixture("bitget", names[i][1]);
        fake_add(&fake, names[i][0], 200, b[i].data, NULL, -1);
    }
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_int_equal(answer.n_warning, 0);
    assert_true(answer.ticker.last == 60620.3);
    assert_near(answer.ticker.change_percent_24h, -0.786);
    assert_true(answer.ticker.volume_24h == 118913.3);
    assert_true(answer.ticker.quote_volume_24h == 7254900000.1);
    assert_true(answer.statistics.open_interest == 34278.06);
    assert_near(answer.statistics.open_interest_usd, 34278.06 * 60615.0);
    assert_true(answer.statistics.funding_rate == -0.000125);
    assert_true(answer.statistics.next_funding_ms == INT64_C(1760140800000));
    assert_near(answer.statistics.long_account_share, 0.6);
    liq_market_answer_free(&answer);
    for (i = 0; i < 3; i++)
        liq_buf_free(&b[i]);
}

/* Older servers do not say when funding is paid. */
static void old_funding(void **state)
{
    struct liq_buf b = fixture("bitget", "funding_old.json");

    (void)state;
    fake_add(&fake, "/current-fund-rate", 200, b.data, NULL, -1);
    must(fetch_n(LIQ_HOUR_MS, 2));
    assert_true(answer.statistics.next_funding_ms == 0);
    assert_true(answer.statistics.funding_rate == 0.0001);
    assert_int_equal(answer.n_warning, 1);
    liq_market_answer_free(&answer);
    liq_buf_free(&b);
}

static void recorded(void **state)
{
    (void)state;
    if (!check_shared(ROW, "bitget"))
        skip();
    assert_int_equal(
        shared_klines(ROW, "bitget", "api_v2_mix_market_candles.json"), 2);
    assert_int_equal(
        shared_symbols(ROW, "bitget", "api_v2_mix_market_contracts.json"), 1);
    assert_near(shared_part(ROW, "/ticker", 0, "bitget",
                            "api_v2_mix_market_ticker.json")
                    .statistics.open_interest,
                9488.49);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, venue_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(cold),
        CASE(list_symbols),
        CASE(urls),
        CASE(bounds),
        CASE(units),
        CASE(old_funding),
        cmocka_unit_test(failures),
        cmocka_unit_test(klines_of_fixtures),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
