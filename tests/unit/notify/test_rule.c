/* Which events a price makes: tables of readings, one after another. */
#include "notify/rule.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static struct liq_config_watch config;
static struct liq_follow follow;
static struct liq_reading reading;
static int64_t now_ms;

static int start(void **state)
{
    (void)state;
    memset(&config, 0, sizeof config);
    config.within_percent = 1.0;
    config.leave_factor = 1.5;
    config.min_density = 50.0;
    config.cooldown_ms = 30 * MINUTE;
    memset(&follow, 0, sizeof follow);
    memset(&reading, 0, sizeof reading);
    (void)snprintf(reading.exchange, sizeof reading.exchange, "binance");
    reading.whole = true;
    reading.candle_ms = HOUR;
    now_ms = 1000;
    return 0;
}

static void add_band(enum liq_notify_side side, double from, double to)
{
    reading.band[reading.n++] = (struct liq_band){
        side, 0.5 * (from + to), from, to, .density = 80.0, .usd = 60e6};
}

/* A reading at price whose candle has not been elsewhere; the events as "kind
 * from" with commas between them. */
static const char *look(double price)
{
    static char text[LIQ_HAPPENED_MAX * 32];
    struct liq_happened happened[LIQ_HAPPENED_MAX];
    size_t n, used = 0;

    reading.price = price;
    if (reading.high == 0.0 || price > reading.high)
        reading.high = price;
    if (reading.low == 0.0 || price < reading.low)
        reading.low = price;
    n = liq_rule_follow(&config, &follow, &reading, now_ms, happened);
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(
            text + used, sizeof text - used, "%s%s %.0f", i > 0 ? "," : "",
            liq_notify_kinds[happened[i].kind], happened[i].band.from);
    return text;
}

/* --- one approach --------------------------------------------------------- */

static void one_event_per_approach(void **state)
{
    /* A short level from 1010 to 1020: within 1 % from 1000 on, left below
     * 995.07 (1.5 %). */
    static const struct {
        const char *name;
        double price;
        int64_t minutes; /* after the one before */
        const char *events;
    } steps[] = {
        {"far", 980, 0, ""},
        {"near", 1001, 1, "approached 1010"},
        {"nearer", 1005, 1, ""},
        {"a little away: hysteresis", 997, 1, ""},
        {"near again", 1002, 1, ""},
        {"left", 990, 1, ""},
        {"back within the cool-down", 1003, 1, ""},
        {"still there when it has cooled down", 1003, 30, "approached 1010"},
        {"left again", 990, 1, ""},
        {"back after the cool-down", 1003, 31, "approached 1010"},
    };

    (void)state;
    add_band(LIQ_NOTIFY_SHORT, 1010, 1020);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const char *events;

        now_ms += steps[i].minutes * MINUTE;
        events = look(steps[i].price);
        if (strcmp(events, steps[i].events) != 0)
            fail_msg("%s: %s", steps[i].name, events);
    }
}

/* Without a cool-down only the distance tells one approach from the next. */
static void hysteresis(void **state)
{
    (void)state;
    config.cooldown_ms = 0;
    add_band(LIQ_NOTIFY_SHORT, 1010, 1020);
    assert_string_equal(look(1000), "approached 1010");
    assert_string_equal(look(995.1), "");
    assert_string_equal(look(1000), "");
    assert_string_equal(look(995.0), "");
    assert_string_equal(look(1000), "approached 1010");
}

/* Staying near is one approach, however long it lasts. */
static void staying_is_one_approach(void **state)
{
    (void)state;
    add_band(LIQ_NOTIFY_LONG, 980, 995);
    assert_string_equal(look(1000), "approached 980");
    for (int i = 0; i < 100; i++) {
        now_ms += HOUR;
        assert_string_equal(look(1000 + i % 3), "");
    }
}

static void touched_then_swept(void **state)
{
    (void)state;
    add_band(LIQ_NOTIFY_SHORT, 1010, 1020);
    assert_string_equal(look(1005), "approached 1010");
    assert_string_equal(look(1012), "touched 1010");
    assert_string_equal(look(1013), "");
    assert_string_equal(look(1005), "");
    reading.n = 0;
    assert_string_equal(look(1006), "swept 1010");
    assert_string_equal(look(1006), "");
    /* New positions at once at the same place wait for the cool-down. */
    add_band(LIQ_NOTIFY_SHORT, 1010, 1020);
    assert_string_equal(look(1006), "");
    now_ms += 31 * MINUTE;
    assert_string_equal(look(1006), "approached 1010");
}

static void faded_where_price_was_not(void **state)
{
    (void)state;
    add_band(LIQ_NOTIFY_LONG, 980, 995);
    assert_string_equal(look(1000), "approached 980");
    reading.n = 0;
    assert_string_equal(look(999), "faded 980");
    assert_string_equal(look(999), "");
}

/* A wick between two readings: price is back, the candle's extreme stays. */
static void a_wick_between_readings(void **state)
{
    (void)state;
    add_band(LIQ_NOTIFY_LONG, 980, 995);
    assert_string_equal(look(1000), "approached 980");
    reading.low = 990;
    assert_string_equal(look(1001), "touched 980");
    reading.n = 0;
    assert_string_equal(look(1001), "swept 980");
}

/* The extreme that a candle had before the level was near says nothing. */
static void an_old_extreme_does_not_count(void **state)
{
    (void)state;
    reading.low = 970;
    reading.high = 1003;
    add_band(LIQ_NOTIFY_LONG, 980, 995);
    add_band(LIQ_NOTIFY_SHORT, 1001, 1004);
    assert_string_equal(look(1000), "approached 1001,approached 980");
    assert_string_equal(look(1000), "");
    /* The next candle's does. */
    reading.candle_ms += HOUR;
    reading.low = 994;
    reading.high = 1000;
    assert_string_equal(look(1000), "touched 980");
    reading.high = 1001;
    assert_string_equal(look(1000), "touched 1001");
}

/* Price has jumped over the level from one reading to the next. */
static void beyond_the_level(void **state)
{
    (void)state;
    add_band(LIQ_NOTIFY_SHORT, 1010, 1020);
    assert_string_equal(look(1005), "approached 1010");
    reading.candle_ms = 0;
    reading.n = 0;
    assert_string_equal(look(1100), "swept 1010");
}

/* --- what does not count -------------------------------------------------- */

static void weak_levels_do_not_count(void **state)
{
    static const struct {
        const char *name;
        double density, usd, min_usd;
        bool counts;
    } cases[] = {
        {"dense", 50.0, NAN, 0.0, true},
        {"not dense", 49.9, 1e12, 0.0, false},
        {"no density", NAN, 1e12, 0.0, false},
        {"enough dollars", 80.0, 50e6, 50e6, true},
        {"too few dollars", 80.0, 49e6, 50e6, false},
        {"dollars are not known", 80.0, NAN, 50e6, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool counts;

        start(state);
        add_band(LIQ_NOTIFY_SHORT, 1005, 1010);
        reading.band[0].density = cases[i].density;
        reading.band[0].usd = cases[i].usd;
        config.min_usd = cases[i].min_usd;
        counts = look(1000)[0] != '\0';
        if (counts != cases[i].counts)
            fail_msg("%s", cases[i].name);
    }
}

static void stale_readings_decide_nothing(void **state)
{
    (void)state;
    add_band(LIQ_NOTIFY_SHORT, 1010, 1020);
    reading.stale = true;
    assert_string_equal(look(1005), "");
    reading.stale = false;
    assert_string_equal(look(1005), "approached 1010");
    reading.stale = true;
    reading.n = 0;
    assert_string_equal(look(1015), "");
}

/* Another exchange (auto has changed over) has other levels, and so has a sum
 * that lacks one. */
static void another_source_says_nothing_of_it(void **state)
{
    (void)state;
    add_band(LIQ_NOTIFY_SHORT, 1010, 1020);
    assert_string_equal(look(1005), "approached 1010");
    reading.n = 0;
    (void)snprintf(reading.exchange, sizeof reading.exchange, "bybit");
    assert_string_equal(look(1005), "");
    (void)snprintf(reading.exchange, sizeof reading.exchange, "binance");
    reading.whole = false;
    assert_string_equal(look(1005), "");
    reading.whole = true;
    assert_string_equal(look(1005), "faded 1010");
}

/* --- several -------------------------------------------------------------- */

static void nearest_first(void **state)
{
    (void)state;
    add_band(LIQ_NOTIFY_SHORT, 1008, 1009);
    add_band(LIQ_NOTIFY_LONG, 990, 998);
    add_band(LIQ_NOTIFY_SHORT, 1005, 1006);
    add_band(LIQ_NOTIFY_SHORT, 1200, 1201);
    assert_string_equal(look(1000),
                        "approached 990,approached 1005,approached 1008");
}

/* Bands move a little as candles close: still the same level. */
static void a_level_that_moves_is_the_same(void **state)
{
    (void)state;
    add_band(LIQ_NOTIFY_SHORT, 1010, 1020);
    assert_string_equal(look(1005), "approached 1010");
    for (int i = 1; i <= 20; i++) {
        reading.n = 0;
        add_band(LIQ_NOTIFY_SHORT, 1010 + i, 1020 + i);
        assert_string_equal(look(1005 + i), "");
    }
    reading.n = 0;
    assert_string_equal(look(1025), "faded 1030");
}

/* Whatever comes, memory and events stay within their bounds. */
static void bounds_hold(void **state)
{
    (void)state;
    config.within_percent = 20.0;
    for (int round = 0; round < 20; round++) {
        reading.n = 0;
        for (int i = 0; i < LIQ_READING_BANDS; i++) {
            double from = 1000 + i + 0.01 * round;

            add_band(i % 2 ? LIQ_NOTIFY_LONG : LIQ_NOTIFY_SHORT, from,
                     from + 0.005);
        }
        reading.candle_ms += HOUR;
        reading.high = reading.low = 0.0;
        (void)look(1000 + round);
        assert_in_range(follow.n, 1, LIQ_FOLLOWED_MAX);
    }
}

#define RULE_TEST(f) cmocka_unit_test_setup(f, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE_TEST(one_event_per_approach),
        RULE_TEST(hysteresis),
        RULE_TEST(staying_is_one_approach),
        RULE_TEST(touched_then_swept),
        RULE_TEST(faded_where_price_was_not),
        RULE_TEST(a_wick_between_readings),
        RULE_TEST(an_old_extreme_does_not_count),
        RULE_TEST(beyond_the_level),
        RULE_TEST(weak_levels_do_not_count),
        RULE_TEST(stale_readings_decide_nothing),
        RULE_TEST(another_source_says_nothing_of_it),
        RULE_TEST(nearest_first),
        RULE_TEST(a_level_that_moves_is_the_same),
        RULE_TEST(bounds_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
