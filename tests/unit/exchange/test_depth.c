/* Order books: each exchange's shape, contract sizes, what they cost, and what
 * is wrong with them. */
#include "mock.h"

#define DEPTH_URLS 8

static enum liq_err fetch_depth(const char *symbol)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_DEPTH, .first = true};

    snprintf(f.symbol, sizeof f.symbol, "%s", symbol);
    return run(&f);
}

static void never(struct liq_buf *out, const char *request)
{
    (void)out;
    fail_msg("unexpected request %s", request);
}

/* A fixture for all requests that contain match. */
static struct liq_buf served[DEPTH_URLS];
static size_t n_served;

static void serve_fixture(const char *exchange, const char *name,
                          const char *match)
{
    served[n_served] = fixture(exchange, name);
    mock_add(match, 200, served[n_served++].data, NULL, -1);
}

static int end(void **state)
{
    while (n_served > 0)
        liq_buf_free(&served[--n_served]);
    return mock_teardown(state);
}

/* request, body: of the order book.  contract: what says the size of one, NULL
 * where sizes are base units.  All books say the same. */
static const struct {
    const char *name, *request, *body, *contract;
    int weight, contract_weight; /* of pool 0; 0: another pool's */
} rows[] = {
    {"binance", "http://x/fapi/v1/depth?symbol=BTCUSDT&limit=1000", "", NULL,
     20, 0},
    {"bybit",
     "http://x/v5/market/orderbook?category=linear&symbol=BTCUSDT&limit=500",
     "", NULL, 1, 0},
    {"okx", "http://x/api/v5/market/books-full?instId=BTC-USDT-SWAP&sz=5000",
     "", "/public/instruments?instType=SWAP&instId=BTC-USDT-SWAP", 0, 0},
    {"bitget",
     "http://x/api/v2/mix/market/merge-depth?symbol=BTCUSDT"
     "&productType=USDT-FUTURES&precision=scale0&limit=max",
     "", NULL, 0, 0},
    {"gate",
     "http://x/futures/usdt/order_book?contract=BTC_USDT&interval=0&limit=100",
     "", "/futures/usdt/contracts/BTC_USDT", 0, 0},
    {"kucoin", "http://x/api/v1/level2/snapshot?symbol=XBTUSDTM", "",
     "/api/v1/contracts/XBTUSDTM", 3, 3},
    {"hyperliquid", "http://x/info",
     "{\"type\":\"l2Book\",\"coin\":\"BTC\",\"nSigFigs\":5,\"mantissa\":2}",
     NULL, 2, 0},
    {"htx",
     "http://x/linear-swap-ex/market/depth?contract_code=BTC-USDT&type=step0",
     "", "/swap_contract_info?contract_code=BTC-USDT", 1, 0},
};
#define ROWS (sizeof rows / sizeof *rows)

static int64_t spent(void)
{
    struct liq_exchange_counts n;

    mock.exchange->count(mock.exchange, &n);
    return n.spent;
}

static void setup(size_t i)
{
    print_message("%s\n", rows[i].name);
    mock_setup(rows[i].name, never, 0);
    if (rows[i].contract != NULL)
        serve_fixture(rows[i].name, "contract.json", rows[i].contract);
    serve_fixture(rows[i].name, "depth.json",
                  rows[i].body[0] != '\0' ? rows[i].body : rows[i].request);
}

static void check_side(const struct liq_depth_level *at, size_t n,
                       const double expected[3][2])
{
    size_t i;

    assert_int_equal(n, 3);
    for (i = 0; i < n; i++) {
        assert_near(at[i].price, expected[i][0]);
        assert_near(at[i].base, expected[i][1]);
    }
}

static void test_each_exchange(void **state)
{
    static const double bid[3][2] = {
        {60614.9, 2.5}, {60614, 0.01}, {60600, 40}};
    static const double ask[3][2] = {{60615, 1.2}, {60620.5, 0.3}, {60630, 15}};
    char request[MOCK_REQUEST];
    size_t i;

    for (i = 0; i < ROWS; i++) {
        setup(i);
        must(fetch_depth("BTCUSDT"));
        check_side(got.depth.bid, got.depth.n_bid, bid);
        check_side(got.depth.ask, got.depth.n_ask, ask);
        snprintf(request, sizeof request, "%s%s", rows[i].request,
                 rows[i].body);
        assert_string_equal(mock.url[mock.n_url - 1], request);
        assert_true(mock.exchange->depth_ms >= 5000);
        end(state);
    }
}

/* One request of its weight; the size of a contract is asked for once. */
static void test_cost(void **state)
{
    size_t i;

    for (i = 0; i < ROWS; i++) {
        bool sized = rows[i].contract != NULL;

        setup(i);
        must(fetch_depth("BTCUSDT"));
        assert_int_equal(mock.n_url, sized ? 2 : 1);
        assert_int_equal(spent(), rows[i].weight + rows[i].contract_weight);
        pass(5000);
        mock.n_url = 0;
        must(fetch_depth("BTCUSDT"));
        assert_int_equal(mock.n_url, 1);
        pass(6 * LIQ_HOUR_MS);
        mock.n_url = 0;
        must(fetch_depth("BTCUSDT"));
        assert_int_equal(mock.n_url, 1);
        assert_int_equal(spent(), rows[i].weight);
        end(state);
    }
}

/* A contract whose size is neither said nor documented gives no numbers. */
static void test_no_size(void **state)
{
    mock_setup("kucoin", never, 0);
    mock_add("/contracts/", 200, "{\"code\":\"200000\",\"data\":{}}", NULL, -1);
    serve_fixture("kucoin", "depth.json", "/level2/");
    assert_int_equal(fetch_depth("XRPUSDT"), LIQ_EFORMAT);
    assert_non_null(strstr(got.why.text, "multiplier"));
    must(fetch_depth("ETHUSDT"));
    assert_near(got.depth.bid[0].base, 25.0);
    end(state);
}

/* 1000PEPE of ours is PEPE there: a thousand times the price, a thousandth of
 * the amount. */
static void test_scale(void **state)
{
    mock_setup("gate", never, 0);
    serve_fixture("gate", "contract.json", "/contracts/PEPE_USDT");
    serve_fixture("gate", "depth.json", "contract=PEPE_USDT");
    must(fetch_depth("1000PEPEUSDT"));
    assert_near(got.depth.bid[0].price, 60614900);
    assert_near(got.depth.bid[0].base, 0.0025);
    end(state);
}

static const struct {
    const char *name, *body;
    enum liq_err err;
} wrong[] = {
    {"no sides", "{}", LIQ_EFORMAT},
    {"a side is missing", "{\"bids\":[[\"1\",\"1\"]]}", LIQ_EFORMAT},
    {"a side is empty", "{\"bids\":[[\"1\",\"1\"]],\"asks\":[]}", LIQ_EFORMAT},
    {"nothing waits", "{\"bids\":[[\"1\",\"1\"]],\"asks\":[[\"2\",\"0\"]]}",
     LIQ_EFORMAT},
    {"crossed", "{\"bids\":[[\"3\",\"1\"]],\"asks\":[[\"2\",\"1\"]]}",
     LIQ_EFORMAT},
    {"no price", "{\"bids\":[[null,\"1\"]],\"asks\":[[\"2\",\"1\"]]}",
     LIQ_EFORMAT},
    {"price 0", "{\"bids\":[[\"0\",\"1\"]],\"asks\":[[\"2\",\"1\"]]}",
     LIQ_EFORMAT},
    {"price without a step",
     "{\"bids\":[[\"1e-320\",\"1\"]],\"asks\":[[\"2\",\"1\"]]}", LIQ_EFORMAT},
    {"price beyond any",
     "{\"bids\":[[\"1\",\"1\"]],\"asks\":[[\"2e12\",\"1\"]]}", LIQ_EFORMAT},
    {"negative size", "{\"bids\":[[\"1\",\"-1\"]],\"asks\":[[\"2\",\"1\"]]}",
     LIQ_EFORMAT},
    {"words", "{\"bids\":[[\"1\",\"x\"]],\"asks\":[[\"2\",\"1\"]]}",
     LIQ_EFORMAT},
    {"no JSON", "<html>", LIQ_EFORMAT},
    {"in any order",
     "{\"bids\":[[\"1\",\"1\"],[\"2\",\"5\"]],\"asks\":[[\"4\",\"1\"],[\"3\","
     "\"7\"]"
     "]}",
     LIQ_OK},
};

static void test_wrong_bodies(void **state)
{
    size_t i;

    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        print_message("%s\n", wrong[i].name);
        mock_setup("binance", never, 0);
        mock_add("/depth", 200, wrong[i].body, NULL, -1);
        assert_int_equal(fetch_depth("BTCUSDT"), wrong[i].err);
        if (wrong[i].err != LIQ_OK) {
            assert_null(got.depth.bid);
            assert_null(got.depth.ask);
        } else {
            assert_near(got.depth.bid[0].base, 5);
            assert_near(got.depth.ask[0].base, 7);
        }
        end(state);
    }
}

static void test_failures(void **state)
{
    mock_setup("binance", never, 0);
    mock_add("symbol=NOUSDT", 400,
             "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", NULL, -1);
    assert_int_equal(fetch_depth("NOUSDT"), LIQ_ENOTFOUND);
    assert_int_equal(fetch_depth("x"), LIQ_EINVAL);
    mock_add("/depth", 429, "{\"code\":-1003}", "Retry-After: 7\r\n", 1);
    assert_int_equal(fetch_depth("BTCUSDT"), LIQ_ERATE);
    mock.n_url = 0;
    assert_int_equal(fetch_depth("BTCUSDT"), LIQ_ERATE);
    assert_int_equal(mock.n_url, 0);
    end(state);
    mock_setup("okx-coin", never, 0);
    assert_int_equal(mock.exchange->depth_ms, 0);
    assert_int_equal(fetch_depth("BTCUSDT"), LIQ_ENOTFOUND);
    end(state);
}

/* Maps come first: order books leave the last quarter of a budget. */
static void test_budget(void **state)
{
    size_t n = 0;

    mock_setup("binance", never, 100);
    serve_fixture("binance", "depth.json", "/depth");
    begin(&(struct liq_fetch){
        .kind = LIQ_FETCH_DEPTH, .symbol = "BTCUSDT", .first = true});
    while (n_done == 1 && n < 10) {
        n++;
        begin(
            &(struct liq_fetch){.kind = LIQ_FETCH_DEPTH,
                                .symbol = "BTCUSDT",
                                .first = true,
                                .deadline_ms = mock.clock.held_mono_ms + 1000});
        if (got.why.code != LIQ_OK)
            break;
    }
    assert_int_equal(got.why.code, LIQ_ERATE);
    assert_true(got.why.own_budget);
    assert_int_equal(n, 3);
    end(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_exchange), cmocka_unit_test(test_cost),
        cmocka_unit_test(test_no_size),       cmocka_unit_test(test_scale),
        cmocka_unit_test(test_wrong_bodies),  cmocka_unit_test(test_failures),
        cmocka_unit_test(test_budget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
