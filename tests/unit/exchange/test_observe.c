/* What a diagnosis is told of pages and of missing values. */
#include "mock.h"

static const int64_t MINUTE = LIQ_MINUTE_MS;

/* Open times in minutes; -1 ends them. */
static const struct {
    const char *name;
    int open[8];
    int first, last;
    size_t repeated, missing;
} pages[] = {
    {"ascending", {3, 4, 5, -1}, 3, 5, 0, 0},
    {"descending", {5, 4, 3, -1}, 3, 5, 0, 0},
    {"one", {7, -1}, 7, 7, 0, 0},
    {"a gap of two", {3, 6, 7, -1}, 3, 7, 0, 2},
    {"two gaps", {9, 5, 3, -1}, 3, 9, 0, 4},
    {"one repeated twice", {3, 4, 4, 4, 5, -1}, 3, 5, 2, 0},
    {"repeated out of order", {4, 3, 4, 6, -1}, 3, 6, 1, 1},
};

static void test_pages(void **state)
{
    struct liq_kline k[8];
    size_t i, n;

    (void)state;
    for (i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        struct liq_request r = {.page = {.step_ms = MINUTE}};

        memset(k, 0, sizeof k);
        for (n = 0; pages[i].open[n] >= 0; n++)
            k[n].open_ms = pages[i].open[n] * MINUTE;
        liq_observe_page(&r, k, n);
        print_message("%s\n", pages[i].name);
        assert_int_equal(r.page.rows, n);
        assert_int_equal(r.page.first_ms, pages[i].first * MINUTE);
        assert_int_equal(r.page.last_ms, pages[i].last * MINUTE);
        assert_int_equal(r.page.repeated, pages[i].repeated);
        assert_int_equal(r.page.missing, pages[i].missing);
    }
}

static void test_absent(void **state)
{
    static const struct liq_field field[] = {
        {"last", LIQ_TICKER(last), LIQ_PRICE, 0, 0},
        {"mark", LIQ_STATISTIC(mark_price), LIQ_PRICE, 0, 0},
        {"next", LIQ_STATISTIC(next_funding_ms), LIQ_TIME, 0, 0},
        {"other", LIQ_TICKER(last), LIQ_PRICE, LIQ_OTHERWISE, 0},
        {NULL, 0, 0, 0, 0},
    };
    const struct liq_endpoint endpoint = {.field = field};
    struct liq_request r = {.endpoint = &endpoint};
    struct liq_found found = liq_found_nothing();

    (void)state;
    liq_observe_absent(&r, &found);
    assert_string_equal(r.absent, "last, mark, next, other");
    found.ticker.last = 1.0;
    found.statistics.next_funding_ms = 1;
    liq_observe_absent(&r, &found);
    assert_string_equal(r.absent, "mark");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
