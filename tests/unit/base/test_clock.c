#include "liqmap/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void system_clock(void **state)
{
    const struct liq_clock *c = &liq_clock_system;
    int64_t before = (int64_t)time(NULL) * 1000, wall = c->wall_ms(c);
    int64_t mono = c->mono_ms(c);

    (void)state;
    /* time() reads a coarser clock, which may be a tick behind. */
    assert_true(wall >= before);
    assert_true(wall <= (int64_t)time(NULL) * 1000 + 2000);
    assert_true(c->mono_ms(c) >= mono);
}

static void held_clock(void **state)
{
    struct liq_clock c = liq_clock_held(7, 8);

    (void)state;
    assert_int_equal(c.wall_ms(&c), 7);
    assert_int_equal(c.mono_ms(&c), 8);
    c.held_mono_ms += 1000;
    assert_int_equal(c.wall_ms(&c), 7);
    assert_int_equal(c.mono_ms(&c), 1008);
}

/* The numbers are from `date -u -d TEXT +%s`. */
static const struct {
    const char *text;
    int64_t second;
} times[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1970-12-31T23:59:59Z", 31535999},
    {"1972-02-29T12:00:00Z", 68212800},
    {"2000-02-29T00:00:00Z", 951782400},
    {"2000-12-31T23:59:59Z", 978307199},
    {"2024-02-29T23:59:59Z", 1709251199},
    {"2024-03-01T00:00:00Z", 1709251200},
    {"2025-10-10T21:15:00Z", 1760130900},
    {"2100-02-28T23:59:59Z", 4107542399},
    {"2100-03-01T00:00:00Z", 4107542400},
    {"9999-12-31T23:59:59Z", 253402300799},
};

#define N_TIMES (sizeof times / sizeof *times)

static void format(void **state)
{
    char text[21];

    (void)state;
    for (size_t i = 0; i < N_TIMES; i++) {
        liq_time_format(times[i].second * 1000 + 999, text, sizeof text);
        assert_string_equal(text, times[i].text);
    }
    liq_time_format(-1, text, sizeof text);
    assert_string_equal(text, "1969-12-31T23:59:59Z");
    liq_time_format(-62135596800000, text, sizeof text);
    assert_string_equal(text, "0001-01-01T00:00:00Z");
}

static void format_at_its_edges(void **state)
{
    char text[21];

    (void)state;
    liq_time_format(INT64_MAX, text, sizeof text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
    liq_time_format(INT64_MIN, text, sizeof text);
    assert_string_equal(text, "0001-01-01T00:00:00Z");
    memset(text, 'x', sizeof text);
    liq_time_format(0, text, 11);
    assert_string_equal(text, "1970-01-01");
    liq_time_format(0, text, 0);
    assert_string_equal(text, "1970-01-01");
}

static void parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_TIMES; i++)
        assert_int_equal(liq_time_parse(times[i].text), times[i].second * 1000);
}

static void parse_other_forms(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"2025-10-10 21:15:00", 1760130900000},
        {"2025-10-10 21:15", 1760130900000},
        {"2025-10-10", 1760054400000},
        {"1760130900123", 1760130900123},
        {"0", 0},
        {"253402300799999", 253402300799999},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(liq_time_parse(cases[i].text), cases[i].ms);
}

static void parse_refuses(void **state)
{
    static const char *const cases[] = {
        "",
        " ",
        "now",
        "-1",
        "+1",
        "1.5",
        "12 ",
        " 12",
        "253402300800000",
        "99999999999999999999999",
        "2025-1-1",
        "2025-13-01",
        "2025-00-01",
        "2025-01-00",
        "2025-04-31",
        "2025-02-29",
        "2100-02-29",
        "1969-12-31",
        "2025-01-01T",
        "2025-01-01T00:00",
        "2025-01-01T00:00:00",
        "2025-01-01T00:00:00+00:00",
        "2025-01-01 24:00",
        "2025-01-01 23:60",
        "2025-01-01T23:59:60Z",
        "2025-01-01T00:00:00Zx",
        "2025/01/01",
        "2025-01-0a",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (liq_time_parse(cases[i]) != -1)
            fail_msg("accepted '%s'", cases[i]);
    }
}

#define STEP_DAYS (TEST_DIVISOR > 1 ? 19 : 1)

/* Every day of 8000 years, or one of 19 where each costs more: it comes after
 * the one before, and reads back. */
static void every_day(void **state)
{
    char text[21], before[21] = "";

    (void)state;
    for (int64_t day = 0; day < INT64_C(2932897); day += STEP_DAYS) {
        liq_time_format(day * 86400000, text, sizeof text);
        if (liq_time_parse(text) != day * 86400000)
            fail_msg("%s does not read back", text);
        if (strcmp(before, text) >= 0)
            fail_msg("%s does not come after %s", text, before);
        memcpy(before, text, sizeof text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(system_clock),
        cmocka_unit_test(held_clock),
        cmocka_unit_test(format),
        cmocka_unit_test(parse),
        cmocka_unit_test(parse_other_forms),
        cmocka_unit_test(parse_refuses),
        cmocka_unit_test(every_day),
        cmocka_unit_test(format_at_its_edges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
