/* What other hosts got: how old it may be and what its age changes; and a
 * budget that is divided among hosts. */
#include "serve.h"

/* --- a divided budget ------------------------------------------------------
 */

static struct liq_clock held;
static struct liq_limiter limiter;

static void open_limiter(int budget)
{
    held = liq_clock_held(0, 0);
    assert_int_equal(
        liq_limiter_init(&limiter, &held, liq_exchange_row("okx"), budget),
        LIQ_OK);
}

static void divide(int hosts)
{
    liq_limiter_divide(&limiter, liq_exchange_row("okx"), hosts);
}

static enum liq_err spend(int pool, int weight)
{
    int cost[LIQ_POOLS] = {0};
    struct liq_reason why;
    int64_t at_ms;

    cost[pool] = weight;
    return liq_limiter_reserve(&limiter, cost, LIQ_CLAIM_LIVE, 0,
                               held.held_mono_ms + 1, &at_ms, &why);
}

/* What is left of a pool in the window of now, by spending it. */
static int left_of(int pool)
{
    int n = 0;

    while (spend(pool, 1) == LIQ_OK)
        n++;
    return n;
}

static void next_window(void)
{
    held.held_mono_ms += 2000;
}

/* OKX: 40 and 20 requests in 2 s, of which we allow ourselves half. */
static void hosts_share_a_budget(void **state)
{
    static const struct {
        int hosts, first, second;
    } cases[] = {
        {0, 20, 10}, {1, 20, 10}, {2, 10, 5}, {3, 6, 3}, {4, 5, 2}, {10, 2, 1},
    };

    (void)state;
    open_limiter(0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        divide(cases[i].hosts);
        assert_int_equal(left_of(0), cases[i].first);
        assert_int_equal(left_of(1), cases[i].second);
        next_window();
    }
    liq_limiter_free(&limiter);
}

static void a_new_host_takes_nothing_back(void **state)
{
    (void)state;
    open_limiter(0);
    assert_int_equal(spend(0, 12), LIQ_OK);
    divide(2); /* 12 of 10 */
    assert_int_equal(spend(0, 1), LIQ_ERATE);
    divide(1);
    assert_int_equal(left_of(0), 8);
    next_window();
    divide(2);
    assert_int_equal(left_of(0), 10);
    liq_limiter_free(&limiter);
}

/* SIGHUP changes the budget, Redis the number of hosts. */
static void another_budget_is_divided_too(void **state)
{
    (void)state;
    open_limiter(10);
    divide(2);
    assert_int_equal(left_of(0), 5);
    next_window();
    liq_limiter_set_budget(&limiter, liq_exchange_row("okx"), 30);
    assert_int_equal(left_of(0), 15);
    liq_limiter_free(&limiter);
}

/* Less than one request in a window is one in every second window. */
static void many_hosts_leave_a_window_between(void **state)
{
    (void)state;
    open_limiter(0);
    divide(1000);
    held.held_mono_ms += 1500;
    assert_int_equal(spend(0, 1), LIQ_OK);
    held.held_mono_ms += 1999;
    assert_int_equal(spend(0, 1), LIQ_ERATE);
    held.held_mono_ms += 2001;
    assert_int_equal(spend(0, 1), LIQ_OK);
    liq_limiter_free(&limiter);
}

/* --- how old it may be ------------------------------------------------------
 */

static int64_t age_allowed(const char *text)
{
    for (size_t i = 0; i < mock.n_url; i++)
        if (strstr(mock.url[i], text) != NULL)
            return mock.max_age_ms[i];
    fail_msg("no request of %s", text);
    return -1;
}

static void what_is_live_is_of_now(void **state)
{
    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    must(fetch_n(LIQ_HOUR_MS, 20));
    assert_int_equal(age_allowed("/v5/market/kline"), 0);
    assert_int_equal(age_allowed("/v5/market/tickers"), 0);
    assert_int_equal(age_allowed("/v5/market/time"), 10000);
    assert_int_equal(age_allowed("/v5/market/account-ratio"), LIQ_MINUTE_MS);
    assert_int_equal(age_allowed("/v5/market/risk-limit"), LIQ_DAY_MS);
    mock_teardown(NULL);
}

/* 2,500 candles are three pages; only the newest of a first fetch has a candle
 * that still forms. */
static void closed_candles_may_be_a_day_old(void **state)
{
    struct liq_fetch f = {.kind = LIQ_FETCH_SERIES,
                          .symbol = "BTCUSDT",
                          .interval_ms = LIQ_HOUR_MS,
                          .first = true};
    size_t closed = 0, live = 0;

    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    f.from_ms =
        liq_interval_floor(mock_now(), LIQ_HOUR_MS) - 2499 * LIQ_HOUR_MS;
    must(run(&f));
    for (size_t i = 0; i < mock.n_url; i++) {
        if (strstr(mock.url[i], "/kline") == NULL)
            continue;
        closed += mock.max_age_ms[i] == LIQ_DAY_MS;
        live += mock.max_age_ms[i] == 0;
    }
    assert_int_equal(closed, 2);
    assert_int_equal(live, 1);
    mock_teardown(NULL);
}

/* What looks for errors in the past must not find what was fetched before. */
static void a_check_uses_nothing_old(void **state)
{
    int64_t now_ms, allowed[2];

    (void)state;
    for (size_t check = 0; check < 2; check++) {
        struct liq_fetch f = {.kind = LIQ_FETCH_SERIES,
                              .symbol = "BTCUSDT",
                              .interval_ms = LIQ_HOUR_MS,
                              .check = check == 1};

        mock_setup("bybit", serve_bybit, 0);
        now_ms = liq_interval_floor(mock_now(), LIQ_HOUR_MS);
        f.to_ms = now_ms - 100 * LIQ_HOUR_MS;
        f.from_ms = f.to_ms - 480 * LIQ_HOUR_MS;
        must(run(&f));
        allowed[check] = age_allowed("/v5/market/kline");
        mock_teardown(NULL);
    }
    assert_int_equal(allowed[0], LIQ_DAY_MS);
    assert_int_equal(allowed[1], 0);
}

/* --- what an age changes ----------------------------------------------------
 */

static void others_had_it(int64_t age_ms, int64_t took_ms)
{
    mock.shared = true;
    mock.age_ms = age_ms;
    mock.took_ms = took_ms;
}

/* It was sent 3 s ago and its response came 200 ms later: the time it says was
 * 2.8 to 3 s ago. */
static void a_clock_goes_on(void **state)
{
    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    others_had_it(3000, 200);
    must(fetch_clock());
    assert_true(clock_says() >= mock_now() + 2800);
    assert_true(clock_says() <= mock_now() + 3000);
    mock_teardown(NULL);
}

static void an_old_clock_says_nothing(void **state)
{
    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    others_had_it(60001, 100);
    (void)fetch_clock();
    assert_true(clock_says() == 0);
    others_had_it(60000, 100);
    must(fetch_clock());
    assert_true(clock_says() > 0);
    mock_teardown(NULL);
}

/* Documents may be older than candles: only what is live counts. */
static void a_series_is_as_old_as_what_is_live(void **state)
{
    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    must(fetch_clock());
    others_had_it(1500, 0);
    must(fetch_n(LIQ_HOUR_MS, 20));
    assert_int_equal(got.data.age_ms, 1500);
    assert_true(got.data.server_ms == clock_says() - 1500);
    others_had_it(0, 0);
    must(fetch_n(LIQ_HOUR_MS, 20));
    assert_int_equal(got.data.age_ms, 0);
    assert_true(got.data.server_ms == clock_says());
    mock_teardown(NULL);
}

/* The ratio is good for a minute from when the other host asked for it. */
static void a_document_ends_by_its_age(void **state)
{
    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    must(fetch_clock());
    others_had_it(50000, 100);
    must(fetch_n(LIQ_HOUR_MS, 20));
    others_had_it(0, 0);
    pass(9999);
    must(fetch_n(LIQ_HOUR_MS, 20));
    assert_int_equal(mock_count("/account-ratio"), 1);
    pass(1);
    must(fetch_n(LIQ_HOUR_MS, 20));
    assert_int_equal(mock_count("/account-ratio"), 2);
    mock_teardown(NULL);
}

static const struct {
    const char *name, *body, *headers;
    int status;
    int64_t age_ms, wait_ms;
} bans[] = {
    {"by its header", "", "retry-after: 60\n", 429, 20000, 40000},
    {"by its words", "access too frequent", "", 403, 200000, 400000},
    {"all but over", "", "retry-after: 60\n", 429, 59900, 1000},
    {"over", "", "retry-after: 60\n", 429, 70000, 1000},
};

static void a_ban_that_another_had_ends_with_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bans / sizeof *bans; i++) {
        print_message("%s\n", bans[i].name);
        mock_setup("bybit", serve_bybit, 0);
        must(fetch_clock());
        mock_add("/kline", bans[i].status, bans[i].body, bans[i].headers, 1);
        others_had_it(bans[i].age_ms, 100);
        assert_int_equal(fetch_n(LIQ_HOUR_MS, 20), LIQ_ERATE);
        assert_int_equal(got.why.retry_after_ms, bans[i].wait_ms);
        others_had_it(0, 0);
        pass(bans[i].wait_ms - 1);
        assert_int_equal(fetch_n(LIQ_HOUR_MS, 20), LIQ_ERATE);
        pass(1);
        must(fetch_n(LIQ_HOUR_MS, 20));
        mock_teardown(NULL);
    }
}

/* Another host has counted it. */
static void only_own_requests_are_counted(void **state)
{
    struct liq_exchange_counts n;

    (void)state;
    mock_setup("bybit", serve_bybit, 0);
    must(fetch_clock());
    others_had_it(100, 10);
    must(fetch_n(LIQ_HOUR_MS, 20));
    mock.exchange->count(mock.exchange, &n);
    assert_true(n.good == 1 && n.failed == 0);
    mock_teardown(NULL);
}

/* --- what others are told ---------------------------------------------------
 */

static struct {
    size_t n;
    int64_t keep_ms;
} told;

static void keep_what_is_told(struct liq_http *h,
                              const struct liq_http_request *r,
                              const struct liq_http_response *response,
                              int64_t keep_ms)
{
    (void)h;
    (void)r;
    (void)response;
    told.n++;
    if (keep_ms > told.keep_ms)
        told.keep_ms = keep_ms;
}

static const struct {
    const char *name, *body, *headers;
    int status;
    size_t n;
    int64_t keep_ms;
} refusals[] = {
    {"a ban", "", "retry-after: 60\n", 429, 1, 60000},
    {"no JSON", "what?", "", 200, 1, 0},
    {"an error", "", "", 500, 1, 0},
};

static void others_hear_of_what_is_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        print_message("%s\n", refusals[i].name);
        mock_setup("bybit", serve_bybit, 0);
        mock.http.refuse = keep_what_is_told;
        memset(&told, 0, sizeof told);
        must(fetch_n(LIQ_HOUR_MS, 20));
        assert_int_equal(told.n, 0);
        mock_add("/kline", refusals[i].status, refusals[i].body,
                 refusals[i].headers, 1);
        (void)fetch_n(LIQ_HOUR_MS, 20); /* one that failed is tried again */
        assert_int_equal(told.n, refusals[i].n);
        assert_true(told.keep_ms == refusals[i].keep_ms);
        mock_teardown(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_share_a_budget),
        cmocka_unit_test(a_new_host_takes_nothing_back),
        cmocka_unit_test(another_budget_is_divided_too),
        cmocka_unit_test(many_hosts_leave_a_window_between),
        cmocka_unit_test(what_is_live_is_of_now),
        cmocka_unit_test(closed_candles_may_be_a_day_old),
        cmocka_unit_test(a_check_uses_nothing_old),
        cmocka_unit_test(a_clock_goes_on),
        cmocka_unit_test(an_old_clock_says_nothing),
        cmocka_unit_test(a_series_is_as_old_as_what_is_live),
        cmocka_unit_test(a_document_ends_by_its_age),
        cmocka_unit_test(a_ban_that_another_had_ends_with_it),
        cmocka_unit_test(only_own_requests_are_counted),
        cmocka_unit_test(others_hear_of_what_is_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
