#include "liqmap/interval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *name;
    int minutes;
} cases[] = {
    {"1m", 1},   {"3m", 3},   {"5m", 5},    {"15m", 15},
    {"30m", 30}, {"1h", 60},  {"2h", 120},  {"4h", 240},
    {"6h", 360}, {"8h", 480}, {"12h", 720}, {"1d", 1440},
};

static void both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms = cases[i].minutes * LIQ_MINUTE_MS;

        assert_int_equal(liq_interval_ms(cases[i].name), ms);
        assert_string_equal(liq_interval_name(ms), cases[i].name);
    }
}

static void unknown(void **state)
{
    static const char *const names[] = {"",   "1",   "m",   "1M",    "1w",
                                        "7m", "60m", "1h ", "1hour", "01h"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(liq_interval_ms(names[i]), 0);
    assert_null(liq_interval_name(0));
    assert_null(liq_interval_name(-60000));
    assert_null(liq_interval_name(61000));
}

static void floor_is_the_open_time(void **state)
{
    (void)state;
    assert_int_equal(liq_interval_floor(0, LIQ_HOUR_MS), 0);
    assert_int_equal(liq_interval_floor(LIQ_HOUR_MS - 1, LIQ_HOUR_MS), 0);
    assert_int_equal(liq_interval_floor(LIQ_HOUR_MS, LIQ_HOUR_MS), LIQ_HOUR_MS);
    assert_int_equal(liq_interval_floor(1760130900123, 4 * LIQ_HOUR_MS),
                     1760126400000); /* 20:00 of that day */
    assert_int_equal(liq_interval_floor(1760130900123, LIQ_DAY_MS),
                     1760054400000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(unknown),
        cmocka_unit_test(floor_is_the_open_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
