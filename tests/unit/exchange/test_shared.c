/* What is shared: the limits of one host by its kinds of contracts, and one
 * request by fetches that need the same at once, limits by who knows them. */
#include "serve.h"

static struct liq_exchange *second;

static void make(const char *first, const char *name, int budget)
{
    struct liq_exchange_options o = {.http = &mock.http,
                                     .clock = &mock.clock,
                                     .base_url = "http://y",
                                     .made = &mock.exchange,
                                     .n_made = 1};

    mock_setup(first, NULL, budget);
    o.cache = mock.cache;
    o.work = mock.work;
    second = liq_exchange_new(name, &o);
    assert_non_null(second);
}

static int end(void **state)
{
    second->free(second);
    return mock_teardown(state);
}

static enum liq_err take(struct liq_exchange *x, int weight)
{
    int cost[LIQ_POOLS] = {weight};
    struct liq_reason why;
    int64_t at_ms;

    return liq_limiter_reserve(((struct liq_live_exchange *)x)->limiter, cost,
                               LIQ_CLAIM_LIVE, 0, mock.clock.held_mono_ms + 1,
                               &at_ms, &why);
}

static const struct {
    const char *first, *second;
    bool shared;
} pairs[] = {
    {"bybit", "bybit-coin", true},
    {"okx-coin", "okx", true},
    {"binance", "binance-coin", false},
    {"bybit", "okx", false},
};

static void one_budget_per_host(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        print_message("%s and %s\n", pairs[i].first, pairs[i].second);
        make(pairs[i].first, pairs[i].second, 10);
        assert_int_equal(take(mock.exchange, 8), LIQ_OK);
        assert_int_equal(take(second, 3), pairs[i].shared ? LIQ_ERATE : LIQ_OK);
        end(NULL);
    }
}

static void a_ban_is_the_hosts(void **state)
{
    struct liq_reason why = {0};

    (void)state;
    make("okx", "okx-coin", 0);
    liq_fail(&why, LIQ_ERATE, "HTTP 429");
    liq_limiter_shut(((struct liq_live_exchange *)mock.exchange)->limiter,
                     60000, &why);
    assert_int_equal(take(second, 1), LIQ_ERATE);
    pass(60001);
    assert_int_equal(take(second, 1), LIQ_OK);
    end(NULL);
}

/* --- one request for several fetches -------------------------------------- */

#define FETCHES 5
static struct liq_fetch several[FETCHES];
static int n_ended;

static void count_ended(struct liq_fetch *f)
{
    assert_true(f >= several && f < several + FETCHES);
    n_ended++;
}

/* Five intervals of one symbol at once; what was fetched before is freed. */
static void fetch_several(int64_t deadline_ms)
{
    static const int64_t interval[FETCHES] = {LIQ_MINUTE_MS, 5 * LIQ_MINUTE_MS,
                                              15 * LIQ_MINUTE_MS, LIQ_HOUR_MS,
                                              4 * LIQ_HOUR_MS};
    int64_t now_ms = mock_now();
    size_t i;

    n_ended = 0;
    for (i = 0; i < FETCHES; i++) {
        struct liq_fetch *f = &several[i];

        liq_market_data_free(&f->data);
        memset(f, 0, sizeof *f);
        f->kind = LIQ_FETCH_SERIES;
        snprintf(f->symbol, sizeof f->symbol, "BTCUSDT");
        f->interval_ms = interval[i];
        f->from_ms = liq_interval_floor(now_ms, interval[i]) - 9 * interval[i];
        f->deadline_ms = mock.clock.held_mono_ms + deadline_ms;
        f->done = count_ended;
    }
    for (i = 0; i < FETCHES; i++)
        mock.exchange->fetch(mock.exchange, &several[i]);
    run_all();
}

static void forget_data(struct liq_fetch *f, size_t n)
{
    for (; n > 0; n--, f++)
        liq_market_data_free(&f->data);
}

static void free_several(void)
{
    forget_data(several, FETCHES);
}

static void one_request_for_all(void **state)
{
    size_t i;

    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    fetch_several(DEADLINE_MS);
    assert_int_equal(n_ended, FETCHES);
    for (i = 0; i < FETCHES; i++) {
        must(several[i].why.code);
        assert_int_equal(several[i].data.klines.n, 10);
        assert_true(several[i].data.ticker.last > 0.0);
        assert_true(several[i].data.statistics.open_interest > 0.0);
        assert_int_equal(several[i].data.n_warning, 0);
    }
    assert_int_equal(mock_count("/v5/market/kline"), FETCHES);
    assert_int_equal(mock_count("/v5/market/time"), 1);
    assert_int_equal(mock_count("/v5/market/tickers"), 1);
    assert_int_equal(mock_count("/v5/market/risk-limit"), 1);
    assert_int_equal(mock_count("/v5/market/account-ratio"), 1);
    /* The next round requests the ticker anew. */
    fetch_several(DEADLINE_MS);
    assert_int_equal(mock_count("/v5/market/tickers"), 2);
    free_several();
    mock_teardown(NULL);
}

static void a_failure_is_shared_too(void **state)
{
    size_t i;

    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    mock_add("/v5/market/tickers", 500, "", NULL, 1);
    fetch_several(DEADLINE_MS);
    for (i = 0; i < FETCHES; i++) {
        must(several[i].why.code);
        assert_int_equal(several[i].data.n_warning, 1);
        assert_true(isnan(several[i].data.ticker.last));
    }
    assert_int_equal(mock_count("/v5/market/tickers"), 1);
    free_several();
    mock_teardown(NULL);
}

/* One whose candles find no room is done when what it follows is there. */
static void one_that_fails_waits(void **state)
{
    struct liq_fetch *f = several;

    (void)state;
    mock_setup("bybit", serve_bybit, 10);
    fetch_several(DEADLINE_MS);
    mock_clear();
    pass(60000);
    forget_data(f, 2);
    f[1].from_ms -= 5 * LIQ_MINUTE_MS * 20000;
    f[0].deadline_ms = f[1].deadline_ms = mock.clock.held_mono_ms + DEADLINE_MS;
    n_ended = 0;
    mock.exchange->fetch(mock.exchange, &f[0]);
    mock.exchange->fetch(mock.exchange, &f[1]);
    assert_int_equal(n_ended, 0);
    run_all();
    assert_int_equal(n_ended, 2);
    must(f[0].why.code);
    assert_int_equal(f[1].why.code, LIQ_ELIMIT);
    assert_int_equal(mock_count("/v5/market/tickers"), 1);
    free_several();
    mock_teardown(NULL);
}

/* Nobody follows a request that may end after his own deadline. */
static void not_beyond_a_deadline(void **state)
{
    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    fetch_several(DEADLINE_MS);
    mock_clear();
    forget_data(several, 2);
    several[0].deadline_ms = mock.clock.held_mono_ms + DEADLINE_MS;
    several[1].deadline_ms = several[0].deadline_ms - 1;
    mock.exchange->fetch(mock.exchange, &several[0]);
    mock.exchange->fetch(mock.exchange, &several[1]);
    run_all();
    assert_int_equal(mock_count("/v5/market/tickers"), 2);
    free_several();
    mock_teardown(NULL);
}

/* --- borrowed limits ------------------------------------------------------ */

static void serve_both(struct liq_buf *out, const char *request)
{
    if (strstr(request, "http://x") != NULL)
        serve_binance(out, request);
    else
        serve_bybit(out, request);
}

/* mock.exchange borrows from second. */
static void lend(void)
{
    static struct liq_exchange *lenders[2];
    struct liq_exchange_options o = {
        .http = &mock.http, .clock = &mock.clock, .base_url = "http://y"};

    mock_setup("binance", serve_both, 0);
    o.cache = mock.cache;
    o.work = mock.work;
    second = liq_exchange_new("bybit", &o);
    o.base_url = "http://x";
    o.lenders = lenders;
    lenders[0] = second;
    mock.exchange->free(mock.exchange);
    mock.exchange = liq_exchange_new("binance", &o);
}

static const struct liq_contract *fetch_contract(const char *symbol)
{
    must(fetch_of(symbol, LIQ_HOUR_MS,
                  liq_interval_floor(mock_now(), LIQ_HOUR_MS) - LIQ_HOUR_MS,
                  0));
    return &got.data.contract;
}

static void limits_are_borrowed_for_a_day(void **state)
{
    const struct liq_contract *c;

    (void)state;
    lend();
    c = fetch_contract("BTCUSDT");
    assert_string_equal(c->source, "documented");
    assert_int_equal(mock_count("risk-limit"), 0);
    c = fetch_contract("ETHUSDT");
    assert_string_equal(c->source, "borrowed from bybit");
    assert_true(c->max_leverage > 1.0 && c->maintenance_margin_rate > 0.0);
    assert_false(c->inverse);
    pass(LIQ_DAY_MS - 1);
    c = fetch_contract("ETHUSDT");
    assert_string_equal(c->source, "borrowed from bybit");
    assert_int_equal(mock_count("risk-limit"), 1);
    pass(2);
    (void)fetch_contract("ETHUSDT");
    assert_int_equal(mock_count("risk-limit"), 2);
    end(NULL);
}

static void a_lender_that_fails_is_left_alone(void **state)
{
    (void)state;
    lend();
    mock_add("risk-limit", 500, "", NULL, 1);
    assert_null(fetch_contract("ETHUSDT")->source);
    assert_null(fetch_contract("ETHUSDT")->source);
    assert_int_equal(mock_count("risk-limit"), 1);
    assert_int_equal(got.data.n_warning, 0);
    pass(LIQ_MINUTE_MS + 1);
    assert_string_equal(fetch_contract("ETHUSDT")->source,
                        "borrowed from bybit");
    end(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_budget_per_host),
        cmocka_unit_test(a_ban_is_the_hosts),
        cmocka_unit_test(one_request_for_all),
        cmocka_unit_test(a_failure_is_shared_too),
        cmocka_unit_test(one_that_fails_waits),
        cmocka_unit_test(not_beyond_a_deadline),
        cmocka_unit_test(limits_are_borrowed_for_a_day),
        cmocka_unit_test(a_lender_that_fails_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
