/* Texts as the page has them: tests/js/format.test.mjs has the same cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdint.h>
#include <cmocka.h>
#include "render/format.h"

static void prices(void **state)
{
    static const struct {
        double value;
        int decimals;
        const char *text;
    } cases[] = {
        {110420.5, 1, "110,420.5"},
        {999.0, 0, "999"},
        {1000.0, 0, "1,000"},
        {1234567.891, 2, "1,234,567.89"},
        {0.00001234, 8, "0.00001234"},
        {-1500.0, 0, "−1,500"},
        {NAN, 2, "–"},
        {1e300, 0, "–"},
    };
    char text[LIQ_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(
            liq_format_price(cases[i].value, cases[i].decimals, text),
            cases[i].text);
}

static void dollars(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {1.24e9, "$1.24 B"},  {999500, "$1.00 M"}, {999499, "$999 k"},
        {12.34e6, "$12.3 M"}, {12.0e6, "$12 M"},   {9.996e6, "$10 M"},
        {0.0, "$0"},          {0.0123, "$0.012"},  {2.5e13, "$25 T"},
        {-5e6, "−$5.00 M"},   {NAN, "–"},          {INFINITY, "–"},
        {100, "$100"},        {99.96, "$100"},     {1e300, "$–"},
    };
    char text[LIQ_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(liq_format_usd(cases[i].value, text),
                            cases[i].text);
}

static void shares(void **state)
{
    char text[LIQ_TEXT];

    (void)state;
    assert_string_equal(liq_format_percent(1.26, 1, text), "+1.3 %");
    assert_string_equal(liq_format_percent(-0.34, 1, text), "−0.3 %");
    assert_string_equal(liq_format_percent(-0.04, 1, text), "0.0 %");
    assert_string_equal(liq_format_percent(NAN, 1, text), "–");
    assert_string_equal(liq_format_density(0.0, text), "0");
    assert_string_equal(liq_format_density(0.05, text), "< 0.1");
    assert_string_equal(liq_format_density(7.13, text), "7.1");
    assert_string_equal(liq_format_density(71.3, text), "71");
    assert_string_equal(liq_format_density(NAN, text), "–");
}

static void moments(void **state)
{
    char text[LIQ_TEXT];

    (void)state;
    assert_string_equal(liq_format_moment(INT64_C(1760130900000), 1, text),
                        "10 Oct 2025 21:15 UTC");
    assert_string_equal(liq_format_moment(INT64_C(1760130900000), 0, text),
                        "10 Oct 2025 UTC");
    assert_string_equal(liq_format_moment(0, 1, text), "1 Jan 1970 00:00 UTC");
}

static void decimals(void **state)
{
    struct liq_kline k[60] = {{.close = 0.12345678}};

    (void)state;
    assert_int_equal(liq_decimals_of(110420.5), 1);
    assert_int_equal(liq_decimals_of(110420.0), 0);
    assert_int_equal(liq_decimals_of(0.00000001), 8);
    assert_int_equal(liq_decimals_of(-0.25), 2);
    assert_int_equal(liq_decimals_of(1e300), 0);
    assert_int_equal(liq_decimals_of(NAN), 0);
    /* The newest 50 count alone. */
    for (size_t i = 1; i < 60; i++)
        k[i].close = i == 30 ? 10.25 : 10.0;
    assert_int_equal(liq_price_decimals(k, 60), 2);
    assert_int_equal(liq_price_decimals(k, 1), 8);
}

static void expect_model(const struct liq_params *p, const char *text)
{
    struct liq_buf got;

    liq_buf_init(&got, 1000);
    liq_format_model(p, &got);
    assert_string_equal(got.data, text);
    liq_buf_free(&got);
}

static void model(void **state)
{
    struct liq_params p = liq_params_gauss7;

    (void)state;
    expect_model(&p, "gauss7 version 2");
    p.leverage_spread = 0.02;
    expect_model(&p, "gauss7 version 2 (changed: spread 0.02)");
    p.maintenance_margin_rate = 0.0;
    p.tier[6].half_life_hours = 6.5;
    expect_model(&p, "gauss7 version 2 (changed: spread 0.02, margin 0, "
                     "half-lives 1440/960/480/168/48/24/6.5 h)");
    p = liq_params_gauss7;
    p.tier[0].standing_share = 0.1;
    p.tier[6].standing_share = 0.09;
    p.round_number_share = 0.1;
    expect_model(&p, "gauss7 version 2 (changed: round-number share 0.1, "
                     "shares 0.1/0.15/0.2/0.25/0.15/0.06/0.09)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices),   cmocka_unit_test(dollars),
        cmocka_unit_test(shares),   cmocka_unit_test(moments),
        cmocka_unit_test(decimals), cmocka_unit_test(model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
