/* The price axis and the quantum: MODEL.md 4 and 7. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "gen.h"
#include "model/decade.h"

static void test_the_axis_of_known_windows(void **state)
{
    static const struct {
        double low, high, close;
        int rows;
        double price_min, price_step;
        size_t n;
    } cases[] = {
        /* a = 90000, z = 130000: 40000 / 400 = 100, blocks of 2000 */
        {100000, 120000, 110000, 400, 90000, 100, 400},
        /* flat: pad is 2.5 % of the close; 5 / 400 = 0.0125 -> 0.02 */
        {100, 100, 100, 400, 97.2, 0.02, 280},
        /* a may not fall under 0.3 low */
        {10, 100, 50, 400, 0, 0.5, 300},
        {0.0002, 0.00025, 0.0002, 400, 0.000175, 2.5e-7, 400},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct liq_kline k = {
            0, cases[i].low, cases[i].high, cases[i].low, cases[i].close, 1,
            1, NAN};
        struct liq_axis a;

        assert_int_equal(liq_axis_fit(&k, 1, cases[i].rows, &a), LIQ_OK);
        if (a.price_min != cases[i].price_min ||
            a.price_step != cases[i].price_step || a.rows != cases[i].n)
            fail_msg("case %zu: %.17g %.17g %zu", i, a.price_min, a.price_step,
                     a.rows);
    }
}

static void test_every_axis_holds_its_candles(void **state)
{
    struct liq_kline k[100];

    (void)state;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        int rows = LIQ_ROWS_MIN + (int)(seed % 751);
        struct liq_axis a;

        gen_series(seed, k, 100);
        assert_int_equal(liq_axis_fit(k, 100, rows, &a), LIQ_OK);
        assert_int_equal(a.rows % 20, 0);
        assert_true(a.rows >= (size_t)rows / 2 && a.rows <= (size_t)rows + 60);
        for (size_t i = 0; i < 100; i++) {
            assert_in_range(liq_axis_row(&a, k[i].low), 0, a.rows - 1);
            assert_in_range(liq_axis_row(&a, k[i].high), 0, a.rows - 1);
        }
    }
}

static void test_an_edge_belongs_to_the_row_above(void **state)
{
    struct liq_axis a = {0.5, 0.0001, 2000};

    (void)state;
    for (int i = 0; i < 2000; i++) {
        double edge = (double)(5000 + i) / 10000.0;

        assert_int_equal(liq_axis_row(&a, edge), i);
        assert_int_equal(liq_axis_row(&a, edge + 0.00005), i);
    }
    assert_int_equal(liq_axis_row(&a, 0.4999), -1);
    assert_int_equal(liq_axis_row(&a, 0.7), 2000);
    assert_int_equal(liq_axis_row(&a, 1e9), 2000);
    assert_int_equal(liq_axis_row(&a, 0.0), -1);
}

static void test_a_range_around_a_price(void **state)
{
    struct liq_axis a;

    (void)state;
    assert_int_equal(liq_axis_around(100000, 5, 400, &a), LIQ_OK);
    assert_true(a.price_min == 95000 && a.price_step == 25 && a.rows == 400);
    /* 0.1 .. 0.3 in 400 rows: whole blocks in decimals, not in binary. */
    assert_int_equal(liq_axis_around(0.2, 50, 400, &a), LIQ_OK);
    assert_true(a.price_min == 0.1 && a.price_step == 0.0005 && a.rows == 400);
    assert_int_equal(liq_axis_around(100000, 0, 400, &a), LIQ_EINVAL);
    assert_int_equal(liq_axis_around(100000, 100, 400, &a), LIQ_EINVAL);
    assert_int_equal(liq_axis_around(NAN, 5, 400, &a), LIQ_EINVAL);
    assert_int_equal(liq_axis_around(100000, 5, LIQ_ROWS_MIN - 1, &a),
                     LIQ_EINVAL);
    assert_int_equal(liq_axis_around(100000, 5, LIQ_ROWS_MAX + 1, &a),
                     LIQ_EINVAL);
}

static void test_the_quantum_keeps_1000_steps(void **state)
{
    static const struct {
        double max, quantum;
    } cases[] = {{0, 1},          {1000, 1},   {1001, 2},   {2001, 5},
                 {5001, 10},      {1e9, 1e6},  {0.3, 5e-4}, {1e-7, 1e-10},
                 {999.9999, 1.0}, {4e11, 5e8}, {1e-290, 1}, {5e-324, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true(liq_quantum(cases[i].max) == cases[i].quantum);
    for (uint64_t seed = 1; seed < 5000; seed++) {
        uint64_t rng = seed;
        double max = pow(10.0, gen_between(&rng, -20.0, 20.0));
        double steps = max / liq_quantum(max);

        assert_true(steps <= 1000.0 * (1 + 1e-12) && steps > 399.0);
    }
}

static void test_candles_aggregate(void **state)
{
    struct liq_kline k[5] = {
        {GEN_START_MS + 1 * GEN_ENGINE_MS, 10, 12, 9, 11, 1, 10, NAN},
        {GEN_START_MS + 3 * GEN_ENGINE_MS, 11, 15, 10, 14, 2, 20, NAN},
        /* a whole hour missing */
        {GEN_START_MS + 8 * GEN_ENGINE_MS, 14, 14, 13, 13, 4, 40, NAN},
        {GEN_START_MS + 9 * GEN_ENGINE_MS, 13, 13, 8, 9, 8, 80, NAN},
        {GEN_START_MS + 12 * GEN_ENGINE_MS, 9, 9, 9, 9, 0, 0, NAN},
    };
    struct liq_kline expected[3] = {
        {GEN_START_MS, 10, 15, 9, 14, 3, 30, NAN},
        {GEN_START_MS + 8 * GEN_ENGINE_MS, 14, 14, 8, 9, 12, 120, NAN},
        {GEN_START_MS + 12 * GEN_ENGINE_MS, 9, 9, 9, 9, 0, 0, NAN},
    };
    struct liq_klines out;

    (void)state;
    assert_int_equal(liq_klines_aggregate(k, 5, GEN_DISPLAY_MS, &out), LIQ_OK);
    assert_int_equal(out.n, 3);
    assert_memory_equal(out.at, expected, sizeof expected);
    free(out.at);
    assert_int_equal(liq_klines_aggregate(k, 0, GEN_DISPLAY_MS, &out), LIQ_OK);
    assert_int_equal(out.n, 0);
    free(out.at);
}

static void test_parameters(void **state)
{
    double share[LIQ_TIERS], sum = 0.0, standing = 0.0;

    (void)state;
    liq_inflow_shares(&liq_params_gauss7, share);
    for (size_t k = 0; k < LIQ_TIERS; k++) {
        const struct liq_tier *t = &liq_params_gauss7.tier[k];

        sum += share[k];
        standing += t->standing_share;
        /* Inflow x lifetime is what stands. */
        assert_true(fabs(share[k] * t->half_life_hours / t->standing_share -
                         share[0] * 1440 / 0.15) < 1e-9);
    }
    assert_true(fabs(sum - 1.0) < 1e-15 && fabs(standing - 1.0) < 1e-15);
    assert_int_equal(liq_engine_ms(3600000), 900000);
    assert_int_equal(liq_engine_ms(86400000), 14400000);
    assert_int_equal(liq_engine_ms(60000), 0);
}

static void test_floor_is_that_of_the_library(void **state)
{
    static const double edges[] = {0.0,     1.0,    -1.0,    0x1p51,  0x1p52,
                                   -0x1p51, 0x1p53, -0x1p60, 1e300,   -1e300,
                                   0.5,     -0.5,   1e-300,  -1e-300, 0x1p50};
    uint64_t rng = 3;

    (void)state;
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        for (int k = -1; k <= 1; k++) {
            double x =
                k == 0 ? edges[i] : nextafter(edges[i], (double)k * HUGE_VAL);

            assert_true(liq_floor(x) == floor(x));
        }
    }
    for (int i = 0; i < 100000; i++) {
        double x = ldexp(gen_between(&rng, -1.0, 1.0), (int)(i % 60));

        assert_true(liq_floor(x) == floor(x));
    }
    assert_true(isnan(liq_floor(NAN)));
    assert_true(liq_floor(INFINITY) == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_axis_of_known_windows),
        cmocka_unit_test(test_every_axis_holds_its_candles),
        cmocka_unit_test(test_an_edge_belongs_to_the_row_above),
        cmocka_unit_test(test_a_range_around_a_price),
        cmocka_unit_test(test_the_quantum_keeps_1000_steps),
        cmocka_unit_test(test_candles_aggregate),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_floor_is_that_of_the_library),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
