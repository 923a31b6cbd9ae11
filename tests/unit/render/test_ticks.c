/* Round marks of both axes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <cmocka.h>
#include "liqmap/clock.h"
#include "liqmap/interval.h"
#include "render/ticks.h"

static void steps_are_round_and_wide_enough(void **state)
{
    static const struct {
        double span, step;
    } cases[] = {{1.0, 1.0},     {1.01, 2.0},  {2.1, 2.5},
                 {2.6, 4.0},     {4.5, 5.0},   {5.5, 10.0},
                 {1900, 2000.0}, {0.03, 0.04}, {2e-8, 2e-8}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(fabs(liq_tick_step(cases[i].span) / cases[i].step - 1.0) <
                    1e-9);
}

/* n candles up to and with the one that opens at the time. */
static void candles_to(struct liq_kline *k, size_t n, const char *newest,
                       int64_t interval_ms)
{
    for (size_t i = 0; i < n; i++)
        k[i] =
            (struct liq_kline){.open_ms = liq_time_parse(newest) -
                                          (int64_t)(n - 1 - i) * interval_ms};
}

static void expect_marks(const struct liq_kline *k, size_t n, size_t apart,
                         const char *const *want)
{
    struct liq_mark mark[LIQ_MARKS_MAX];
    size_t found = liq_time_marks(k, n, apart, mark), i;

    for (i = 0; want[i]; i++) {
        assert_true(i < found);
        assert_string_equal(mark[i].text, want[i]);
    }
    assert_int_equal(found, i);
    for (i = 1; i < found; i++)
        assert_true(mark[i].column >= mark[i - 1].column + apart);
}

static void marks_are_where_something_begins(void **state)
{
    static const char *const days[] = {"29", "30",    "Oct", "2",
                                       "3",  "21:00", NULL};
    static const char *const hours[] = {"12:00", "18:00", "10", "06:00",
                                        "12:00", "18:00", NULL};
    static const char *const years[] = {"Jun", "Sep", "2025", "Apr",
                                        "Jul", "Oct", "25",   NULL};
    static const char *const one[] = {"12:00", NULL};
    struct liq_kline k[1500];

    (void)state;
    candles_to(k, 120, "2025-10-03 23:00", LIQ_HOUR_MS);
    expect_marks(k, 120, 20, days);
    candles_to(k, 36, "2025-10-10 23:00", LIQ_HOUR_MS);
    expect_marks(k, 36, 6, hours);
    candles_to(k, 600, "2025-12-31", LIQ_DAY_MS);
    expect_marks(k, 600, 85, years);
    candles_to(k, 1, "2025-10-10 12:00", LIQ_HOUR_MS);
    expect_marks(k, 1, 1, one);
}

/* However many candles, there is room for the marks. */
static void marks_are_bounded(void **state)
{
    struct liq_mark mark[LIQ_MARKS_MAX];
    struct liq_kline k[LIQ_CANDLES_MAX];

    (void)state;
    candles_to(k, LIQ_CANDLES_MAX, "2025-10-10 12:00", LIQ_HOUR_MS);
    assert_int_equal(liq_time_marks(k, LIQ_CANDLES_MAX, 1, mark),
                     LIQ_MARKS_MAX);
    for (size_t i = 1; i < LIQ_MARKS_MAX; i++)
        assert_true(mark[i].column > mark[i - 1].column);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_round_and_wide_enough),
        cmocka_unit_test(marks_are_where_something_begins),
        cmocka_unit_test(marks_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
