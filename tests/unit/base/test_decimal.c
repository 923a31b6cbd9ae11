#include "base/decimal.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"

#define ROUNDS 100000

static uint64_t next_random(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void parse(void **state)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0.0},
        {"61234.50", 61234.5},
        {"-0.004", -0.004},
        {"1e-7", 1e-7},
        {"1E+2", 100.0},
        {"00012.500", 12.5},
        {"0.1", 0.1},
        {"9007199254740993", 9007199254740992.0}, /* half to even */
        {"1.7976931348623157e308", DBL_MAX},
        {"5e-324", 4.9406564584124654e-324},
        {"1e-99999", 0.0},
        {"0e99999", 0.0},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct guard g = guard_new(cases[i].text, strlen(cases[i].text));
        double value = -77.0;

        if (!liq_decimal_parse(g.bytes, strlen(cases[i].text), &value))
            fail_msg("refused '%s'", cases[i].text);
        if (value != cases[i].value)
            fail_msg("'%s' gave %.17g", cases[i].text, value);
        guard_free(&g);
    }
}

static void parse_refuses(void **state)
{
    static const char *const cases[] = {
        "",     "-",    "+1",    ".",      ".5",       "5.",    "1e",
        "1e+",  "e5",   " 1",    "1 ",     "1\n",      "0x10",  "inf",
        "-inf", "nan",  "NaN",   "1,5",    "1.5.2",    "1e5.0", "--1",
        "1e--", "1f",   "1_000", "1e999",  "-1.8e308", "\"1\"", "null",
        "1-",   "0x1p", "１",    "1e9999", "Infinity", "1..0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct guard g = guard_new(cases[i], strlen(cases[i]));
        double value = -77.0;

        if (liq_decimal_parse(g.bytes, strlen(cases[i]), &value))
            fail_msg("accepted '%s'", cases[i]);
        assert_true(value == -77.0);
        guard_free(&g);
    }
}

/* The length counts, not a NUL: neither more nor less is read. */
static void parse_uses_the_length(void **state)
{
    double value = 0.0;

    (void)state;
    assert_true(liq_decimal_parse("12345", 3, &value));
    assert_true(value == 123.0);
    assert_false(liq_decimal_parse("12\0", 3, &value));
    assert_false(liq_decimal_parse(NULL, 0, &value));
}

static void parse_long(void **state)
{
    char text[402];
    double value = 0.0;

    (void)state;
    memset(text, '0', sizeof text);
    text[399] = '7';
    assert_true(liq_decimal_parse(text, 400, &value));
    assert_true(value == 7.0);
    assert_false(liq_decimal_parse(text, 401, &value));
}

static void format(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {-42.0, "-42"},
        {61234.5, "61234.5"},
        {0.0001, "0.0001"},
        {0.00005, "5e-05"},
        {-12.25, "-12.25"},
        {-0.25, "-0.25"},
        {0.05, "0.05"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e-7, "1e-07"},
        {1e22, "1e+22"},
        {9007199254740991.0, "9007199254740991"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {4.9406564584124654e-324, "5e-324"},
        {-DBL_MIN, "-2.2250738585072014e-308"},
        {0.00001234, "1.234e-05"},
        {-0.0000000125, "-1.25e-08"},
        {0.00009999, "9.999e-05"},
        {0.000123456789012345, "0.000123456789012345"},
        {1.0 / 3.0, "0.3333333333333333"},
        {-2.0 / 3.0, "-0.6666666666666666"},
        {1000.0 / 97.0, "10.309278350515465"},
        {4503599627370495.5, "4503599627370495.5"},  /* below 2^52 */
        {1125899906842624.25, "1125899906842624.2"}, /* half to even */
        {1125899906842624.75, "1125899906842624.8"},
        {9.5367431640625e-07, "9.5367431640625e-07"}, /* 2^-20 */
    };
    char text[LIQ_DECIMAL_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = liq_decimal_format(cases[i].value, text);

        assert_string_equal(text, cases[i].text);
        assert_int_equal(n, strlen(text));
    }
}

static void every_double_reads_back(void **state)
{
    uint64_t seed = 1;
    char text[LIQ_DECIMAL_SIZE];

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t bits = next_random(&seed);
        double value, back = 0.0;
        size_t n;

        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        n = liq_decimal_format(value, text);
        if (n >= LIQ_DECIMAL_SIZE || !liq_decimal_parse(text, n, &back) ||
            memcmp(&back, &value, sizeof value) != 0)
            fail_msg("%.17g became %s", value, text);
    }
}

/* What a person typed with up to 15 digits comes back as it was typed. */
static void short_decimals_stay_short(void **state)
{
    uint64_t seed = 2;

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        long long digits = (long long)(next_random(&seed) % 100000000000000);
        int places = (int)(next_random(&seed) % 9) + 1;
        char typed[48], text[LIQ_DECIMAL_SIZE];
        double value = 0.0;
        long long scale = 1;
        int n;

        if (digits % 10 == 0)
            digits++; /* no zeros at the end, which would not come back */
        for (int p = 0; p < places; p++)
            scale *= 10;
        n = snprintf(typed, sizeof typed, "%lld.%0*lld", digits / scale, places,
                     digits % scale);
        assert_true(liq_decimal_parse(typed, (size_t)n, &value));
        (void)liq_decimal_format(value, text);
        if (value >= 1e-4)
            assert_string_equal(text, typed);
    }
}

/* The fast way and the plain one give the same text. */
static void fast_way_agrees(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        double scale = 1.0, value;
        char fast[LIQ_DECIMAL_SIZE], plain[LIQ_DECIMAL_SIZE];

        for (uint64_t p = next_random(&seed) % 20; p > 0; p--)
            scale *= 10.0;
        value = (double)(int64_t)next_random(&seed) / scale;
        if (i % 2) /* few digits */
            value = trunc(value * 100.0) / 1e4;
        (void)liq_decimal_format(value, fast);
        if (fabs(value) >= 1e15 && value == trunc(value))
            continue; /* whole numbers are written out */
        (void)format_any(value, plain);
        assert_string_equal(fast, plain);
    }
}

/* With all digits that a double has, and where the next double below is only
 * half as far. */
static void long_decimals_agree(void **state)
{
    uint64_t seed = 4;

    (void)state;
    for (int i = 0; i < 3 * ROUNDS; i++) {
        uint64_t bits = next_random(&seed);
        int power = (int)(bits % 70) - 16, near = (int)(bits >> 32 & 3);
        double value = ldexp(1.0 + (double)(bits >> 12) * 0x1p-52, power);
        char fast[LIQ_DECIMAL_SIZE], plain[LIQ_DECIMAL_SIZE];

        if (i % 8 == 0)
            value = ldexp(1.0, power) - near * ldexp(1.0, power - 53);
        if (i % 3 == 0)
            value = -value;
        if (fabs(value) >= 1e15 && value == trunc(value))
            continue; /* whole numbers are written out */
        (void)liq_decimal_format(value, fast);
        (void)format_any(value, plain);
        assert_string_equal(fast, plain);
    }
}

/* Decimals of up to 20 digits, with the point anywhere, read as strtod reads
 * them, to the last bit. */
static void parse_agrees_with_strtod(void **state)
{
    uint64_t seed = 5;

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        char text[32], digits[24];
        int n = snprintf(digits, sizeof digits, "%llu",
                         (unsigned long long)(next_random(&seed) >>
                                              next_random(&seed) % 64)),
            point = (int)(next_random(&seed) % (uint64_t)n);
        double value, expected;

        if (point == 0)
            (void)snprintf(text, sizeof text, "-%s", digits);
        else
            (void)snprintf(text, sizeof text, "%.*s.%s", point, digits,
                           digits + point);
        expected = strtod(text, NULL);
        assert_true(liq_decimal_parse(text, strlen(text), &value));
        assert_memory_equal(&value, &expected, sizeof value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse),
        cmocka_unit_test(parse_refuses),
        cmocka_unit_test(parse_uses_the_length),
        cmocka_unit_test(parse_long),
        cmocka_unit_test(format),
        cmocka_unit_test(every_double_reads_back),
        cmocka_unit_test(short_decimals_stay_short),
        cmocka_unit_test(fast_way_agrees),
        cmocka_unit_test(long_decimals_agree),
        cmocka_unit_test(parse_agrees_with_strtod),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
