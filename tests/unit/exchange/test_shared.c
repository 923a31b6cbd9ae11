/* Kinds of contracts of one host share its limits; those of others do not. */
#include "mock.h"

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
                               false, 0, mock.clock.held_mono_ms + 1, &at_ms,
                               &why);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_budget_per_host),
        cmocka_unit_test(a_ban_is_the_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
