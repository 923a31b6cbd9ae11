/* Executed liquidations that exchanges tell when asked. */
#include "mock.h"

static enum liq_err fetch_them(const char *symbol)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_LIQUIDATIONS, .background = true};

    snprintf(f.symbol, sizeof f.symbol, "%s", symbol);
    return run(&f);
}

static void never(struct liq_buf *out, const char *request)
{
    (void)out;
    fail_msg("unexpected request %s", request);
}

#define CLOCK_BODY "{\"server_time\":1548658800000}"
#define CONTRACT "{\"name\":\"BTC_USDT\",\"quanto_multiplier\":\"0.0001\"}"

static void setup_gate(const char *body)
{
    mock_setup("gate", never, 0);
    mock_add("/spot/time", 200, CLOCK_BODY, NULL, -1);
    mock_add("/contracts/", 200, CONTRACT, NULL, -1);
    mock_add("/liq_orders", 200, body, NULL, -1);
}

static void test_gate(void **state)
{
    const struct liq_liquidation *l;
    const char *last;

    (void)state;
    setup_gate("[{\"time\":1548654951,\"contract\":\"BTC_USDT\",\"size\":600,"
               "\"order_price\":\"3405\",\"fill_price\":\"3424\",\"left\":0},"
               "{\"time\":1548654952,\"size\":\"-50\",\"fill_price\":3400},"
               "{\"time\":1548654953,\"size\":1},{},null,5]");
    must(fetch_them("BTCUSDT"));
    last = mock.url[mock.n_url - 1];
    assert_non_null(
        strstr(last, "/futures/usdt/liq_orders?contract=BTC_USDT&from="));
    assert_non_null(strstr(last, "&limit=1000"));
    l = got.liquidations.at;
    assert_int_equal(got.liquidations.n, 2);
    assert_int_equal(l[0].time_ms, INT64_C(1548654951000));
    assert_true(l[0].is_long && !l[0].sampled);
    assert_near(l[0].price, 3424.0);
    assert_near(l[0].quantity, 0.06);
    assert_near(l[0].usd, 205.44);
    assert_false(l[1].is_long);
    assert_near(l[1].usd, 17.0);
    assert_true(mock.exchange->liquidations);
    (void)mock_teardown(state);
}

static void test_bitget(void **state)
{
    const struct liq_liquidation *l;

    mock_setup("bitget", never, 0);
    mock_add("/public/time", 200,
             "{\"code\":\"00000\",\"requestTime\":1700000000000,\"data\":{}}",
             NULL, -1);
    mock_add("/api/v3/market/liquidations?category=USDT-FUTURES"
             "&symbol=BTCUSDT&limit=100",
             200,
             "{\"code\":\"00000\",\"data\":{\"list\":[{\"symbol\":\"BTCUSDT\","
             "\"side\":\"buy\",\"price\":\"50000\",\"amount\":\"2500\","
             "\"ts\":\"1700000000000\"},{\"side\":\"sell\",\"price\":\"1\","
             "\"amount\":\"2\",\"ts\":1700000000001},"
             "{\"side\":\"BUY\",\"price\":\"3\",\"amount\":\"4\","
             "\"ts\":1700000000002},"
             "{\"price\":\"1\",\"amount\":\"2\",\"ts\":1700000000003},"
             "{\"side\":null,\"price\":\"1\",\"amount\":\"2\",\"ts\":17},"
             "{\"side\":\"both\",\"price\":\"1\",\"amount\":\"2\","
             "\"ts\":1700000000004}],\"cursor\":\"5\"}}",
             NULL, -1);
    must(fetch_them("BTCUSDT"));
    l = got.liquidations.at;
    /* Of those that do not say whose position it was, none. */
    assert_int_equal(got.liquidations.n, 3);
    assert_true(l[0].is_long && l[2].is_long);
    assert_near(l[0].usd, 2500.0);
    assert_near(l[0].quantity, 0.05);
    assert_int_equal(l[0].time_ms, INT64_C(1700000000000));
    assert_false(l[1].is_long);
    (void)mock_teardown(state);
}

#define HTX_CLOCK "{\"status\":\"ok\",\"ts\":1700000000000}"

static void setup_htx(const char *body)
{
    mock_setup("htx", never, 0);
    mock_add("/timestamp", 200, HTX_CLOCK, NULL, -1);
    mock_add("/v3/swap_liquidation_orders", 200, body, NULL, -1);
}

/* Its times are milliseconds here, although those of its candles are seconds,
 * and success is said in another way. */
static void test_htx(void **state)
{
    const struct liq_liquidation *l;
    const char *last;

    setup_htx("{\"code\":200,\"msg\":\"\",\"data\":[{\"query_id\":452057,"
              "\"contract_code\":\"BTC-USDT\",\"symbol\":\"BTC\","
              "\"direction\":\"sell\",\"offset\":\"close\",\"volume\":479,"
              "\"price\":51441.7,\"created_at\":1699999647864,"
              "\"amount\":0.479,\"trade_turnover\":24640.5743,"
              "\"business_type\":\"swap\",\"pair\":\"BTC-USDT\"},"
              "{\"direction\":\"buy\",\"offset\":\"close\",\"price\":\"50000\","
              "\"created_at\":1699999647865,\"trade_turnover\":\"5\"}],"
              "\"ts\":1700000000000}");
    must(fetch_them("BTCUSDT"));
    last = mock.url[mock.n_url - 1];
    assert_non_null(strstr(last, "contract=BTC-USDT&trade_type=0"
                                 "&start_time=16999"));
    assert_non_null(strstr(last, "&direct=prev"));
    l = got.liquidations.at;
    assert_int_equal(got.liquidations.n, 2);
    assert_int_equal(l[0].time_ms, INT64_C(1699999647864));
    assert_true(l[0].is_long && l[0].sampled);
    assert_near(l[0].usd, 24640.5743);
    assert_near(l[0].quantity, 0.479);
    assert_false(l[1].is_long);
    assert_near(l[1].usd, 5.0);
    (void)mock_teardown(state);
}

static const struct {
    const char *body;
    enum liq_err err;
} htx_bodies[] = {
    {"{\"code\":200,\"data\":[],\"ts\":1}", LIQ_OK},
    {"{\"code\":200,\"data\":null}", LIQ_EFORMAT},
    {"{\"code\":1032,\"msg\":\"too many\",\"data\":[]}", LIQ_ERATE},
    {"{\"code\":1332,\"msg\":\"no such contract\"}", LIQ_ENOTFOUND},
    {"{\"code\":1000,\"msg\":\"system\"}", LIQ_ENET},
    {"{\"status\":\"error\",\"err_code\":1032,\"err_msg\":\"\"}", LIQ_ERATE},
    {"{\"data\":[]}", LIQ_EFORMAT},
};

static void test_htx_bodies(void **state)
{
    for (size_t i = 0; i < sizeof htx_bodies / sizeof *htx_bodies; i++) {
        setup_htx(htx_bodies[i].body);
        assert_int_equal(fetch_them("BTCUSDT"), htx_bodies[i].err);
        assert_int_equal(got.liquidations.n, 0);
        (void)mock_teardown(state);
    }
}

static const struct {
    const char *body;
    enum liq_err err;
} bodies[] = {
    {"[]", LIQ_OK},
    {"{}", LIQ_EFORMAT},
    {"null", LIQ_EFORMAT},
    {"[{\"time\":1}]", LIQ_EFORMAT},
    {"[{\"time\":1548654951,\"size\":1e308,\"fill_price\":1e308}]",
     LIQ_EFORMAT},
    {"[{\"time\":-5,\"size\":1,\"fill_price\":1}]", LIQ_EFORMAT},
    {"[{\"time\":1548654951,\"size\":0,\"fill_price\":1}]", LIQ_EFORMAT},
    {"[{\"time\":15", LIQ_EFORMAT},
    {"{\"label\":\"TOO_MANY_REQUESTS\"}", LIQ_ERATE},
};

static void test_bodies(void **state)
{
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        setup_gate(bodies[i].body);
        assert_int_equal(fetch_them("BTCUSDT"), bodies[i].err);
        assert_int_equal(got.liquidations.n, 0);
        (void)mock_teardown(state);
    }
}

static void test_none(void **state)
{
    mock_setup("kucoin", never, 0);
    mock_add("/timestamp", 200, "{\"code\":\"200000\",\"data\":1700000000000}",
             NULL, -1);
    assert_int_equal(fetch_them("BTCUSDT"), LIQ_ENOTFOUND);
    assert_false(mock.exchange->liquidations);
    (void)mock_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate),   cmocka_unit_test(test_bitget),
        cmocka_unit_test(test_htx),    cmocka_unit_test(test_htx_bodies),
        cmocka_unit_test(test_bodies), cmocka_unit_test(test_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
